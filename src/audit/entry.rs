//! One entry of the log, and its reading back.

use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};

use super::canonical;
use super::{Actor, Clock, Hash, State, Word};
use crate::domain::{CaseNumber, LogId, Moment, RunId, SubjectId};

/// The version of the format that is written and read.
pub const VERSION: u64 = 1;

/// What a command did, before it has a place in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When, by the clock of the machine.
    pub at: Moment,
    /// What is known about that clock.
    pub clock: Clock,
    /// Who gave the command.
    pub actor: Actor,
    /// The command, e.g. `export` or `request.open`; never its arguments.
    pub command: Word,
    /// The case it belongs to.
    pub case: Option<CaseNumber>,
    /// The controller, where the command is for one.
    pub controller: Option<Word>,
    /// The person, by a number whose only link to them dies with them.
    pub subject: Option<SubjectId>,
    /// The run, for commands that work in batches.
    pub run: Option<RunId>,
    /// What was done.
    pub state: State,
    /// Of what how many, e.g. records by category. Below 2^53.
    pub counts: BTreeMap<Word, u64>,
    /// The rules that were applied.
    pub rules: BTreeSet<Word>,
    /// The files that were in force.
    pub files: Files,
    /// Root of a tree of their own over the records that one batch of a purge destroyed: one salted leaf
    /// each (RFC 6962), so that any single destruction can be proved from this entry.
    pub leaves: Option<Hash>,
    /// Digest of the file that was produced.
    pub output: Option<Hash>,
    /// Version of the program.
    pub program: Word,
}

/// Digests of the files that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The calendar.
    #[serde(default)]
    pub calendar: Option<Hash>,
    /// The officer's file.
    #[serde(default)]
    pub config: Option<Hash>,
    /// The data map of other systems.
    #[serde(default)]
    pub map: Option<Hash>,
    /// The controller's policy.
    #[serde(default)]
    pub policy: Option<Hash>,
    /// The law's layer.
    #[serde(default)]
    pub statute: Option<Hash>,
}

/// An act with its place in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The log.
    pub log: LogId,
    /// Its number in the log, from 1. It never depends on the time.
    pub seq: u64,
    /// The root over all entries before it; [`Hash::EMPTY`] for the first.
    pub prev: Hash,
    /// What was done.
    pub act: Act,
}

/// Bytes that are no entry. It says nothing of what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Not JSON of the format, or with a value that the format does not allow.
    Unreadable,
    /// An entry, but not in the one form that is hashed.
    NotCanonical,
}

impl Entry {
    /// The bytes that are kept and hashed: RFC 8785, strings and integers only.
    pub fn bytes(&self) -> Vec<u8> {
        canonical::bytes(self)
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// [`Malformed`], also for bytes that mean an entry but are not exactly its [`Self::bytes`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|_| Malformed::Unreadable)?;
        let entry = wire.entry().ok_or(Malformed::Unreadable)?;
        if entry.bytes() == bytes { Ok(entry) } else { Err(Malformed::NotCanonical) }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "the bytes are no entry of this format",
            Self::NotCanonical => "the entry is not in canonical form",
        })
    }
}

impl std::error::Error for Malformed {}

/// An entry as JSON. What serde lets through too much (a key in another order, `null`, capital
/// letters) the comparison of bytes refuses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    actor: WireActor,
    at: String,
    case: Option<Text<CaseNumber>>,
    clock: Text<Clock>,
    command: Word,
    controller: Option<Word>,
    counts: BTreeMap<Word, u64>,
    files: Files,
    leaves: Option<Hash>,
    log: Text<LogId>,
    output: Option<Hash>,
    prev: Hash,
    program: Word,
    rules: BTreeSet<Word>,
    run: Option<Text<RunId>>,
    seq: u64,
    state: Text<State>,
    subject: Option<Text<SubjectId>>,
    v: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireActor {
    name: String,
    uid: u32,
}

impl Wire {
    fn entry(self) -> Option<Entry> {
        let act = Act {
            at: Moment::parse(&self.at).ok()?,
            clock: self.clock.0,
            actor: Actor::new(&self.actor.name, self.actor.uid).ok()?,
            command: self.command,
            case: self.case.map(|case| case.0),
            controller: self.controller,
            subject: self.subject.map(|subject| subject.0),
            run: self.run.map(|run| run.0),
            state: self.state.0,
            counts: self.counts,
            rules: self.rules,
            files: self.files,
            leaves: self.leaves,
            output: self.output,
            program: self.program,
        };
        (self.v == VERSION).then_some(Entry { log: self.log.0, seq: self.seq, prev: self.prev, act })
    }
}

/// A value that is written as its text.
struct Text<T>(T);

impl<'de, T: FromStr<Err = String>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{act, log_id};
    use super::*;

    fn entry(n: u64) -> Entry {
        Entry { log: log_id(7), seq: n + 1, prev: Hash::of(b"before"), act: act(n) }
    }

    fn text(n: u64) -> String {
        String::from_utf8(entry(n).bytes()).unwrap_or_default()
    }

    #[test]
    fn the_bytes_of_an_entry() {
        let (policy, law) = (Hash::of(b"policy"), Hash::of(b"law"));
        let expected = [
            r#"{"actor":{"name":"Айгүл О'Хара-2","uid":1000},"at":"2026-03-20T09:46:43Z","clock":"drill","#,
            r#""command":"import","controller":"mycar","counts":{"contact":3,"service":2},"#,
            &format!(r#""files":{{"policy":"{policy}","statute":"{law}"}},"#),
            r#""log":"07070707070707070707070707070707","#,
            &format!(r#""prev":"{}","program":"0.1.0","rules":["KZ-25.8a","MC-8.5"],"#, Hash::of(b"before")),
            r#""seq":4,"state":"imported","v":1}"#,
        ];
        assert_eq!(text(3), expected.concat());
    }

    #[test]
    fn what_is_written_is_read() {
        for n in 0..12 {
            assert_eq!(Entry::parse(&entry(n).bytes()), Ok(entry(n)), "{n}");
        }
    }

    #[test]
    fn the_form_is_that_of_rfc_8785() {
        for n in 0..12 {
            let value: Option<serde_json::Value> = serde_json::from_slice(&entry(n).bytes()).ok();
            let canonical = value.and_then(|value| serde_json_canonicalizer::to_vec(&value).ok());
            assert_eq!(canonical, Some(entry(n).bytes()), "{n}");
        }
    }

    #[test]
    fn only_the_one_form_is_read() {
        use Malformed::{NotCanonical, Unreadable};
        for (about, from, to, fault) in [
            ("a space", ",\"at\"", ", \"at\"", NotCanonical),
            ("a newline after it", "\"v\":1}", "\"v\":1}\n", NotCanonical),
            (
                "another order",
                "\"seq\":2,\"state\":\"disclosed\"",
                "\"state\":\"disclosed\",\"seq\":2",
                NotCanonical,
            ),
            ("an escaped letter", "export", "\\u0065xport", NotCanonical),
            ("another zone", "Z\",\"case\"", "+00:00\",\"case\"", NotCanonical),
            ("a null", "\"seq\"", "\"run\":null,\"seq\"", NotCanonical),
            ("rules in another order", "\"KZ-25.8a\",\"MC-8.5\"", "\"MC-8.5\",\"KZ-25.8a\"", NotCanonical),
            ("a rule twice", "\"MC-8.5\"", "\"MC-8.5\",\"MC-8.5\"", NotCanonical),
            ("a key twice", "\"seq\":2", "\"seq\":2,\"seq\":2", Unreadable),
            ("an unknown key", "\"seq\":2", "\"note\":\"x\",\"seq\":2", Unreadable),
            ("a fraction", "\"seq\":2", "\"seq\":2.0", Unreadable),
            ("a number below nought", "\"seq\":2", "\"seq\":-2", Unreadable),
            ("another version", "\"v\":1", "\"v\":2", Unreadable),
            ("an unknown state", "disclosed", "published", Unreadable),
            ("an identifier as a word", "\"contact\":1", "\"900101399998\":1", Unreadable),
            ("cut off", "\"v\":1}", "\"v\":1", Unreadable),
        ] {
            let before = text(1);
            let after = before.replace(from, to);
            assert_ne!(before, after, "{about} changes nothing");
            assert_eq!(Entry::parse(after.as_bytes()), Err(fault), "{about}");
        }
        let (log, capital) = (log_id(0xab).to_string(), log_id(0xab).to_string().to_uppercase());
        let entry = Entry { log: log_id(0xab), ..entry(1) };
        let after = String::from_utf8(entry.bytes()).unwrap_or_default().replace(&log, &capital);
        assert_eq!(Entry::parse(after.as_bytes()), Err(NotCanonical), "capital hex");
    }
}

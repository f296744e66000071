//! The bytes of an entry: RFC 8785 for the one shape that there is.
//!
//! Written by hand because it cannot fail and is on the path of every purged record; a test compares it
//! with a general writer. Keys are in order here, and no value needs escaping (see `word`).

use std::fmt::{Display, Write};

use super::entry::{Entry, Files, VERSION};
use super::{Hash, Word};

/// The canonical bytes.
pub(super) fn bytes(entry: &Entry) -> Vec<u8> {
    let act = &entry.act;
    let mut json = Object(String::with_capacity(768));
    json.object("actor", |actor| {
        actor.text("name", act.actor.name());
        actor.number("uid", act.actor.uid().into());
    });
    json.text("at", act.at.utc());
    json.optional("case", act.case.as_ref());
    json.text("clock", act.clock);
    json.text("command", &act.command);
    json.optional("controller", act.controller.as_ref());
    json.object("counts", |counts| {
        act.counts.iter().for_each(|(of, count)| counts.number(of.as_str(), *count))
    });
    json.object("files", |files| digests(files, &act.files));
    json.optional("leaves", act.leaves.as_ref());
    json.text("log", entry.log);
    json.optional("output", act.output.as_ref());
    json.text("prev", entry.prev);
    json.text("program", &act.program);
    json.words("rules", act.rules.iter());
    json.optional("run", act.run.as_ref());
    json.number("seq", entry.seq);
    json.text("state", act.state);
    json.optional("subject", act.subject.as_ref());
    json.number("v", VERSION);
    json.close().into_bytes()
}

fn digests(json: &mut Object, files: &Files) {
    let Files { calendar, config, map, policy, statute } = files;
    let named =
        [("calendar", calendar), ("config", config), ("map", map), ("policy", policy), ("statute", statute)];
    named.into_iter().for_each(|(name, digest): (_, &Option<Hash>)| json.optional(name, digest.as_ref()));
}

/// An object being written. Writing into a string never fails.
struct Object(String);

impl Object {
    fn text(&mut self, key: &str, value: impl Display) {
        self.key(key);
        let _ = write!(self.0, "\"{value}\"");
    }

    fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        let _ = write!(self.0, "{value}");
    }

    fn optional(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn words<'a>(&mut self, key: &str, words: impl Iterator<Item = &'a Word>) {
        self.key(key);
        let before = self.0.len();
        words.for_each(|word| {
            let _ = write!(self.0, "{}\"{word}\"", if self.0.len() == before { '[' } else { ',' });
        });
        self.0.push_str(if self.0.len() == before { "[]" } else { "]" });
    }

    fn object(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        let mut inner = Self(String::new());
        fill(&mut inner);
        self.0.push_str(&inner.close());
    }

    fn key(&mut self, key: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        let _ = write!(self.0, "\"{key}\":");
    }

    fn close(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        self.0
    }
}

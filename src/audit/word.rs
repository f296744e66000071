//! The words an entry may hold. None of them can carry a person's identifier into the log.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};
use unicode_normalization::UnicodeNormalization;

use crate::domain::channel::words;

words! {
    /// What was done.
    State, "audit state" {
        /// A store was made.
        Created = "created",
        /// Data was imported.
        Imported = "imported",
        /// Masked candidates were shown.
        Searched = "searched",
        /// Values of one person were shown or written out.
        Disclosed = "disclosed",
        /// A case was opened.
        Opened = "opened",
        /// An identity was confirmed.
        Verified = "verified",
        /// An answer was sent.
        Answered = "answered",
        /// A reasoned refusal was sent.
        Refused = "refused",
        /// A case was cancelled.
        Cancelled = "cancelled",
        /// A case was opened again.
        Reopened = "reopened",
        /// A term was extended.
        Extended = "extended",
        /// The person or a recipient was told.
        Told = "told",
        /// A duty of a case was done by hand.
        Done = "done",
        /// A remark was filed.
        Noted = "noted",
        /// A second person agreed.
        Approved = "approved",
        /// Two records of one person were joined.
        Linked = "linked",
        /// They were parted again.
        Unlinked = "unlinked",
        /// A hold was placed.
        Held = "held",
        /// A hold was ended.
        Released = "released",
        /// A consent was recorded.
        Consented = "consented",
        /// A consent was withdrawn.
        Withdrawn = "withdrawn",
        /// Purposes were suppressed.
        Suppressed = "suppressed",
        /// A list was held against what people have stopped.
        Scrubbed = "scrubbed",
        /// A suppression was lifted.
        Unsuppressed = "unsuppressed",
        /// Data was blocked for a check.
        Blocked = "blocked",
        /// A block was lifted.
        Unblocked = "unblocked",
        /// Data was changed or annotated.
        Rectified = "rectified",
        /// Data is kept for the law alone.
        Archived = "archived",
        /// Rows are gone; their bytes may still lie in the file.
        DestroyedLogically = "destroyed_logically",
        /// The bytes are gone too.
        Destroyed = "destroyed",
        /// What was planned in other systems is done there.
        Elsewhere = "elsewhere",
        /// A step in another system is open.
        InPart = "in_part",
        /// Destruction of bytes is still owed.
        Pending = "pending",
        /// Steps on another system are about to begin.
        Intended = "intended",
        /// They ended.
        Executed = "executed",
        /// A step failed.
        Failed = "failed",
        /// A guard stopped a run.
        Stopped = "stopped",
        /// The purge was switched on.
        Enabled = "enabled",
        /// Policies, calendar or configuration changed.
        Configured = "configured",
        /// The store was brought to a newer version.
        Migrated = "migrated",
        /// A backup was made.
        BackedUp = "backed_up",
        /// A backup was brought back.
        Restored = "restored",
        /// A signing key was made or replaced.
        Keyed = "keyed",
        /// A write was denied.
        Denied = "denied",
    }
}

words! {
    /// What is known about the clock that gave the time.
    Clock, "clock" {
        /// Nothing odd.
        Ok = "ok",
        /// The time was given, in a drill store.
        Drill = "drill",
        /// The clock stands before the last entry.
        Regressed = "regressed",
    }
}

/// A word of the program or of a policy: a command, a category, a rule id, a version. At most 64 of
/// `A–Z a–z 0–9 . _ - / ,` with fewer than eight digits, so that no phone, IIN or card number is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(Box<str>);

impl Word {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Word {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._-/,".contains(&c);
        let sound = (1..=64).contains(&text.len()) && text.bytes().all(allowed) && digits(text) < 8;
        let wrong =
            || "a word of the audit log is at most 64 Latin letters, few digits and `. _ - / ,`".to_owned();
        sound.then(|| Self(text.into())).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// Who gave the command: the name that was shown, and the user id of the system, which cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    name: Box<str>,
    uid: u32,
}

impl Actor {
    /// An officer's name (normalised to NFC) and the user id beside it.
    ///
    /// # Errors
    /// A sentence, where the name is not 1 to 64 letters with single spaces, few digits and `. _ - '`:
    /// no e-mail address or phone may enter the log as an actor.
    pub fn new(name: &str, uid: u32) -> Result<Self, String> {
        let name: String = name.nfc().collect();
        let allowed = |c: char| c.is_alphanumeric() || " ._-'".contains(c);
        let single_spaces = name.split(' ').all(|part| !part.is_empty());
        let sound =
            name.chars().count() <= 64 && name.chars().all(allowed) && single_spaces && digits(&name) < 8;
        let wrong =
            || "an actor's name is at most 64 letters, with few digits and no signs but `.`, `_`, `-`, `'`";
        if sound { Ok(Self { name: name.into(), uid }) } else { Err(wrong().into()) }
    }

    /// The name that was shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user id of the operating system.
    pub fn uid(&self) -> u32 {
        self.uid
    }
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_carry_identifiers() {
        for (text, sound) in [
            ("export", true),
            ("identity_document", true),
            ("MC-8.10-revoke-deadline", true),
            ("promotion.sms", true),
            ("KZ-7.8/9", true),
            ("DC-48.1,3", true),
            ("900101399998", false),
            ("87010000001", false),
            ("a@b.example", false),
            ("two words", false),
            ("ключ", false),
            ("", false),
            (&"x".repeat(65), false),
        ] {
            assert_eq!(text.parse::<Word>().is_ok(), sound, "{text}");
        }
    }

    #[test]
    fn actors() {
        for (name, sound) in [
            ("Айгүл Садыкова", true),
            ("cron", true),
            ("o'hara-2", true),
            ("", false),
            (" cron", false),
            ("a  b", false),
            ("a\nb", false),
            ("a\"b", false),
            ("a\\b", false),
            ("a\u{202e}b", false),
            ("someone@mail.example", false),
            ("+7 701 000-00-01", false),
            ("8 701 000 00 01", false),
        ] {
            assert_eq!(Actor::new(name, 0).is_ok(), sound, "{name:?}");
        }
        let composed = Actor::new("Й", 0).map(|actor| actor.name().to_owned());
        assert_eq!(Actor::new("И\u{306}", 0).map(|actor| actor.name().to_owned()), composed);
    }
}

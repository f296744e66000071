//! The words of an explanation: as they stand in the rules, or in another language.

use crate::policy::model::Rule;

/// In which words a rule is explained: as they stand here, or in another language by who knows it.
pub trait Tongue {
    /// A sentence or a part of one.
    fn say(&self, english: &str) -> String;
    /// What a rule says, in a few words.
    fn gist(&self, rule: &Rule) -> String;
    /// The same of a rule of any version of a policy: in another language only where what is known of it was said of
    /// these words.
    fn quoted(&self, rule: &Rule) -> String;
    /// What a rule of any version names, likewise.
    fn called(&self, rule: &Rule, english: &str) -> String;
    /// How a rule is read here, where that is not plain.
    fn note(&self, rule: &Rule) -> Option<String>;
    /// What the text of a rule names in words of its own: a task, a recipient, what is defined.
    fn own(&self, rule: &Rule, english: &str) -> String;
    /// A word of a closed list: `category`, `right`, `purpose`, `scope`.
    fn word(&self, group: &str, word: &str) -> String;
}

/// As it stands here.
pub struct English;

impl Tongue for English {
    fn say(&self, english: &str) -> String {
        english.to_owned()
    }

    fn gist(&self, rule: &Rule) -> String {
        rule.says.clone()
    }

    fn quoted(&self, rule: &Rule) -> String {
        rule.says.clone()
    }

    fn called(&self, _: &Rule, english: &str) -> String {
        english.to_owned()
    }

    fn note(&self, rule: &Rule) -> Option<String> {
        rule.note.clone()
    }

    fn own(&self, _: &Rule, english: &str) -> String {
        english.to_owned()
    }

    fn word(&self, _: &str, word: &str) -> String {
        word.to_owned()
    }
}

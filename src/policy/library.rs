//! The policy files: those built in, and those that replace or join them.
//!
//! Deliberately absent: reading directories. The caller hands over names and texts.

use std::{borrow::Cow, collections::BTreeMap};

use super::{check, rulebook::Rulebook};
use crate::domain::{Error, Result, suggest};

/// One file: the path to show in complaints, and its text.
#[derive(Clone, Debug)]
struct File {
    shown: String,
    text: Cow<'static, str>,
}

/// All files by name, such as `mycar.yaml`.
#[derive(Clone, Debug)]
pub struct Library {
    files: BTreeMap<String, File>,
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../policies/", $name)))),*]
    };
}

/// The calendar of the country.
const CALENDAR: &str = "kz.calendar.yaml";

impl Library {
    /// The files built into the program.
    pub fn embedded() -> Self {
        let files = embedded![
            "kz.yaml",
            "kz.calendar.yaml",
            "kz.cases.yaml",
            "mycar.yaml",
            "mycar.cases.yaml",
            "automaster.yaml",
            "automaster.cases.yaml",
        ];
        let file = |(name, text): (&str, &'static str)| {
            (name.to_owned(), File { shown: format!("policies/{name}"), text: Cow::Borrowed(text) })
        };
        Self { files: files.into_iter().map(file).collect() }
    }

    /// Puts a file in place of the one with the same name, or beside the others. `shown_path` opens
    /// every complaint about it.
    pub fn replace(&mut self, file_name: &str, shown_path: &str, text: String) {
        let file = File { shown: shown_path.to_owned(), text: Cow::Owned(text) };
        self.files.insert(file_name.to_owned(), file);
    }

    /// Ids of all controllers: one a policy file.
    pub fn controllers(&self) -> Vec<String> {
        let policies = self.files.iter().filter(|(name, file)| is_policy(name, &file.text));
        policies.filter_map(|(name, _)| name.strip_suffix(".yaml")).map(str::to_owned).collect()
    }

    /// Reads and checks one controller's policy and the statute beneath it: nothing else is parsed.
    ///
    /// # Errors
    /// Exit 2 for an unknown controller, with the nearest; exit 6 for a file that is not valid.
    pub fn rulebook(&self, controller: &str) -> Result<Rulebook> {
        let name = format!("{controller}.yaml");
        let file = self.files.get(&name).filter(|file| is_policy(&name, &file.text));
        let file = file.ok_or_else(|| self.unknown_controller(controller))?;
        let law_name = format!("{}.yaml", law_of(&file.text).unwrap_or("kz"));
        let law = self.files.get(&law_name).ok_or_else(|| {
            Error::config(format!("{}: there is no statute `{law_name}`", file.shown))
                .hint("`law:` names a file beside the policy, such as `kz`")
        })?;
        // One after the other: on a busy machine, waiting for a second thread costs more than it saves.
        let statute = check::statute(&law.shown, &law.text)?;
        let raw = check::read(&file.shown, &file.text)?;
        let policy = check::policy(&file.shown, &file.text, raw, controller, &statute)?;
        Ok(Rulebook::new(policy, statute, &file.text, &law.text))
    }

    /// The calendar: shown path and text. Reading it is the calendar's business.
    ///
    /// # Errors
    /// Exit 6 where it is missing.
    pub fn calendar_file(&self) -> Result<(&str, &str)> {
        self.file(CALENDAR).ok_or_else(|| Error::config(format!("the calendar `{CALENDAR}` is missing")))
    }

    /// A file by name: shown path and text.
    pub fn file(&self, name: &str) -> Option<(&str, &str)> {
        self.files.get(name).map(|file| (file.shown.as_str(), &*file.text))
    }

    /// All case files: name, shown path, text.
    pub fn case_files(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let cases = self.files.iter().filter(|(name, _)| name.ends_with(".cases.yaml"));
        cases.map(|(name, file)| (name.as_str(), file.shown.as_str(), &*file.text))
    }

    fn unknown_controller(&self, typed: &str) -> Error {
        let known = self.controllers();
        let error = Error::usage(format!("no policy is called `{typed}`"));
        match suggest::nearest(typed, known.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `--controller {near}`?")),
            None => error.hint(format!("controllers are {}", known.join(", "))),
        }
    }
}

/// A statute, a calendar and a case file are no policies. A file that says nothing of what it is
/// counts as one, so that its fault is found when it is used.
fn is_policy(name: &str, text: &str) -> bool {
    let stem = name.strip_suffix(".yaml").unwrap_or_default();
    let plain = !stem.is_empty() && !stem.contains('.') && stem != "dsr";
    plain && !text.starts_with("statute:") && !text.contains("\nstatute:")
}

/// The statute a policy names, found without reading the whole file.
fn law_of(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.strip_prefix("law:"))?;
    let word = line.split('#').next()?.trim().trim_matches(['"', '\'']);
    (!word.is_empty()).then_some(word)
}

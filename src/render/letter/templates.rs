//! The templates and words of letters: those built in, and those an office puts in their place.
//!
//! A body is one file for all languages and both forms: sentences come from the words by key, and what a heading
//! or a table looks like from the blocks of the form.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use fluent_bundle::FluentValue;
use minijinja::{
    AutoEscape, Environment, ErrorKind, UndefinedBehavior,
    value::{Kwargs, Value},
};

use crate::{
    domain::{Error, Result},
    render::{Lang, Words, guard},
};

mod own;

/// What headings and tables look like; it only prints what bodies hand it.
const BLOCKS: &str = "blocks";

/// How a letter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// A self-contained page that prints on A4.
    Html,
    /// Plain text.
    Text,
}

impl Form {
    fn end(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "txt",
        }
    }
}

/// All files by name, such as `access.jinja`.
#[derive(Clone, Debug)]
pub struct Templates {
    files: BTreeMap<String, Cow<'static, str>>,
    replaced: BTreeMap<String, String>,
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../policies/letters/", $name)))),*]
    };
}

/// Every file built in.
const FILES: [(&str, &str); 24] = embedded![
    "access.jinja",
    "authority.jinja",
    "block.jinja",
    "blocks.html",
    "blocks.txt",
    "erasure.jinja",
    "minor.jinja",
    "nothing_held.jinja",
    "objection.jinja",
    "page.html",
    "page.txt",
    "part.html",
    "part.txt",
    "partial.jinja",
    "policy_change.jinja",
    "recipient.jinja",
    "rectification.jinja",
    "refusal.jinja",
    "results.jinja",
    "unblock.jinja",
    "withdrawal.jinja",
    "words.en.ftl",
    "words.kk.ftl",
    "words.ru.ftl",
];

impl Templates {
    /// The files built into the program.
    pub fn embedded() -> Self {
        let files = FILES.map(|(name, text)| (name.to_owned(), Cow::Borrowed(text)));
        Self { files: files.into(), replaced: BTreeMap::new() }
    }

    /// Puts a file in place of the one with the same name. Words join those built in, so that a file needs to
    /// hold only what differs.
    ///
    /// # Errors
    /// Configuration (exit 6) for a name that no letter uses, and for words that cannot be read, are in no letter or
    /// name a value that is not there: a letter would show a hole.
    pub fn replace(&mut self, name: &str, text: String) -> Result<()> {
        if !self.files.contains_key(name) {
            let known = FILES.map(|(known, _)| known);
            let near = crate::domain::suggest::nearest(name, known);
            let hint = near.map_or_else(|| known.join(", "), |near| format!("did you mean `{near}`?"));
            return Err(Error::config(format!("no letter uses a file `{name}`")).hint(hint));
        }
        if name.ends_with(".ftl") {
            let built_in = self.files.get(name).map(|text| &**text).unwrap_or_default();
            own::check(name, built_in, &text)?;
            self.replaced.insert(name.to_owned(), text);
        } else {
            self.files.insert(name.to_owned(), Cow::Owned(text));
        }
        Ok(())
    }

    /// The words of letters in one language.
    pub fn words(&self, lang: Lang) -> Arc<Words> {
        let name = format!("words.{}.ftl", lang.tag());
        let built_in = self.files.get(&name).map(|text| &**text);
        let own = self.replaced.get(&name).map(String::as_str);
        Arc::new(Words::with(lang, &built_in.into_iter().chain(own).collect::<Vec<_>>()))
    }

    /// Fills one file of a form: `part` or `page`.
    ///
    /// # Errors
    /// Configuration (exit 6): a replaced template that names what does not exist, with file and line.
    pub fn fill(&self, form: Form, name: &str, words: Arc<Words>, values: Value) -> Result<String> {
        let body = values.get_attr("body").ok().and_then(|body| body.as_str().map(str::to_owned));
        let broken = |error: minijinja::Error| self.broken(&error, form, body.as_deref());
        let engine = self.engine(form, words).map_err(broken)?;
        let page = engine.get_template(name).and_then(|template| template.render(values));
        // Here and not at each value: a template may name what no line of ours hands over guarded.
        page.map(|page| guard::page(&page)).map_err(broken)
    }

    /// The file of the fault, which is where something is used: what `blocks` was given is not its own mistake. The
    /// detail may quote values of the person: only kind and place are said.
    fn broken(&self, error: &minijinja::Error, form: Form, body: Option<&str>) -> Error {
        let causes = std::iter::successors(Some(error), |error| {
            std::error::Error::source(*error).and_then(|cause| cause.downcast_ref::<minijinja::Error>())
        });
        let causes: Vec<&minijinja::Error> = causes.collect();
        let own = causes.iter().rev().find(|cause| cause.name().is_some_and(|name| name != BLOCKS));
        // What includes the body is not at fault for what the body hands on.
        let handed_on = causes.last().is_some_and(|cause| cause.name() == Some(BLOCKS))
            && own.is_some_and(|cause| cause.name() == Some("part"));
        let place =
            own.or(causes.last()).and_then(|cause| Some((self.file(cause.name()?, form), cause.line()?)));
        let what = match causes.last().map(|cause| cause.kind()) {
            Some(ErrorKind::UndefinedError | ErrorKind::UnknownFunction | ErrorKind::UnknownMethod) => {
                "it names what is not there"
            }
            Some(ErrorKind::SyntaxError) => "it cannot be read",
            _ => "it cannot be filled in",
        };
        let error = match (place, body.filter(|_| handed_on)) {
            (_, Some(body)) => {
                let file = self.file(body, form);
                Error::config(format!("the template `{file}` of the letter does not work: {what}"))
            }
            (Some((file, line)), None) => Error::config(format!(
                "the template `{file}` of the letter does not work, line {line}: {what}"
            )),
            (None, None) => Error::config(format!("a template of the letter does not work: {what}")),
        };
        error.hint("mend the file of --templates, or leave it out: the built-in one is used then")
    }

    /// The file of a template by the name that others include it by.
    fn file(&self, name: &str, form: Form) -> String {
        let body = format!("{name}.jinja");
        if self.files.contains_key(&body) { body } else { format!("{name}.{}", form.end()) }
    }

    fn engine(&self, form: Form, words: Arc<Words>) -> Result<Environment<'_>, minijinja::Error> {
        let mut engine = Environment::new();
        engine.set_auto_escape_callback(move |_| match form {
            Form::Html => AutoEscape::Html,
            Form::Text => AutoEscape::None,
        });
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, text) in &self.files {
            match name.rsplit_once('.') {
                Some((stem, "jinja")) => engine.add_template(stem, text)?,
                Some((stem, end)) if end == form.end() => engine.add_template(stem, text)?,
                _ => {}
            }
        }
        engine.add_function("say", move |key: String, values: Kwargs| say(&words, &key, &values));
        Ok(engine)
    }
}

/// A sentence of the letters by its key without `letter-`; an unknown key is an error, not a hole.
fn say(words: &Words, key: &str, values: &Kwargs) -> Result<String, minijinja::Error> {
    let key = format!("letter-{key}");
    if !words.has(&key) {
        return Err(minijinja::Error::new(ErrorKind::UndefinedError, format!("there are no words `{key}`")));
    }
    let named = values.args().map(|name| Ok((name, fluent(&values.get::<Value>(name)?))));
    let named = named.collect::<Result<Vec<_>, minijinja::Error>>()?;
    Ok(words.say_with(&key, &named))
}

fn fluent(value: &Value) -> FluentValue<'static> {
    match i64::try_from(value.clone()) {
        Ok(n) => n.into(),
        Err(_) => value.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        domain::{CaseNumber, Kind, LetterKind, plan::Waiting},
        render::words::keys_of,
    };

    const SOURCES: [&str; 10] = [
        include_str!("head.rs"),
        include_str!("held.rs"),
        include_str!("told.rs"),
        include_str!("ground.rs"),
        include_str!("before.rs"),
        include_str!("corrected.rs"),
        include_str!("notice.rs"),
        include_str!("on_paper.rs"),
        include_str!("blocked.rs"),
        include_str!("policy.rs"),
    ];

    fn file(name: &str) -> &'static str {
        FILES.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
    }

    #[test]
    fn the_three_languages_say_the_same() {
        let keys = |name| keys_of(file(name)).collect::<Vec<_>>();
        for name in ["words.ru.ftl", "words.kk.ftl"] {
            assert_eq!(keys(name), keys("words.en.ftl"), "{name}");
        }
    }

    /// Keys made from a word (`letter-effect-3`, `letter-title-access`) count by their beginning.
    #[test]
    fn no_word_is_unused() {
        let templates = FILES.iter().filter(|(name, _)| !name.ends_with(".ftl")).map(|(_, text)| *text);
        let all: Vec<&str> = templates.chain(SOURCES).collect();
        let made = ["title-", "search-", "finding-", "wait-", "please-", "effect-", "asked-"];
        let unused: Vec<&str> = keys_of(file("words.en.ftl"))
            .filter_map(|key| key.strip_prefix("letter-"))
            .filter(|key| !made.iter().any(|start| key.starts_with(start)))
            .filter(|key| {
                let (said, named) = (format!("\"{key}\""), format!("\"letter-{key}\""));
                !all.iter().any(|text| text.contains(&said) || text.contains(&named))
            })
            .collect();
        assert_eq!(unused, [""; 0]);
    }

    /// Everything that may be waited for; a new kind does not compile until it stands here.
    fn waited_for() -> impl Iterator<Item = Waiting> {
        let case = || CaseNumber::new(2026, 1);
        std::iter::successors(Some(Waiting::Document), move |one| match one {
            Waiting::Document => Some(Waiting::Obligation("O-1".into())),
            Waiting::Obligation(_) => Some(Waiting::Block(case())),
            Waiting::Block(_) => Some(Waiting::Correction(case())),
            Waiting::Correction(_) => Some(Waiting::Answer(case())),
            Waiting::Answer(_) => Some(Waiting::Hold("H-1".into())),
            Waiting::Hold(_) => None,
        })
    }

    #[test]
    fn whatever_is_waited_for_has_its_words() {
        for (lang, on) in [Lang::En, Lang::Ru, Lang::Kk]
            .into_iter()
            .flat_map(|lang| waited_for().map(move |on| (lang, on.parts().0)))
        {
            let words = Templates::embedded().words(lang);
            assert!(words.has(&format!("letter-wait-{on}")), "{} {on}", lang.tag());
        }
    }

    #[test]
    fn every_file_is_valid_and_every_letter_has_a_body_and_a_title() {
        for (name, text) in FILES.iter().filter(|(name, _)| name.ends_with(".ftl")) {
            assert!(fluent_bundle::FluentResource::try_new((*text).to_owned()).is_ok(), "{name}");
        }
        let words = Templates::embedded().words(Lang::En);
        for kind in LetterKind::ALL {
            assert!(!file(&format!("{kind}.jinja")).is_empty(), "{kind}");
            assert!(words.has(&format!("letter-title-{kind}")), "{kind}");
        }
        for form in [Form::Html, Form::Text] {
            assert!(Templates::embedded().engine(form, Templates::embedded().words(Lang::Kk)).is_ok());
        }
    }

    #[test]
    fn every_file_of_the_directory_is_built_in() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/letters");
        let names =
            std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let names: BTreeSet<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        let built_in: BTreeSet<String> =
            FILES.iter().map(|(name, _)| (*name).to_owned()).chain(["README.md".to_owned()]).collect();
        assert_eq!(names, built_in);
    }

    #[test]
    fn an_office_replaces_what_it_likes() {
        let mut templates = Templates::embedded();
        assert!(templates.replace("words.ru.ftl", "letter-bin = ИНН".into()).is_ok());
        let words = templates.words(Lang::Ru);
        assert_eq!((words.say("letter-bin").as_str(), words.has("letter-court")), ("ИНН", false));
        assert!(words.has("letter-appeal-court"), "the rest stays");
        let error = templates.replace("acess.jinja", String::new());
        assert_eq!(
            error.err().and_then(|error| error.hint_text().map(str::to_owned)),
            Some("did you mean `access.jinja`?".into())
        );
        for (own, says, hint) in [
            ("letter-opening-block = { $dat } мы получили", "line 1", "date"),
            ("letter-bin = ИНН\nletter-binn = БИН", "line 2", "did you mean `letter-bin`?"),
            ("letter-bin = ИНН\nletter-bin { $x", "line 2", "="),
            ("letter-bin = { letter-no }", "line 1", ""),
        ] {
            let error = templates.replace("words.ru.ftl", own.into()).err();
            let found = error.map(|error| {
                (error.kind(), error.message().to_owned(), error.hint_text().map(str::to_owned))
            });
            let (kind, message, told) = found.unwrap_or((Kind::Usage, String::new(), None));
            assert!(kind == Kind::Config && message.contains(says), "{own}: {message}");
            assert!(told.unwrap_or_default().contains(hint), "{own}");
        }
        assert!(
            templates.replace("words.ru.ftl", "letter-opening-block = получили { $date }".into()).is_ok()
        );
        assert!(templates.replace("part.txt", "{{ say(\"no-such-key\") }}".into()).is_ok());
        let filled = templates.fill(Form::Text, "part", templates.words(Lang::En), Value::UNDEFINED);
        assert_eq!(filled.err().map(|error| error.kind()), Some(Kind::Config), "a hole is an error");
    }
}

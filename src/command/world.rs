//! What commands share: options resolved, files loaded, answers delivered.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{Env, cli::Global, systems::Read};
use crate::{
    audit::{Actor, Clock, Files, Hash},
    calendar::Calendar,
    domain::{Error, Kind, Moment, Result},
    execute::context::Context,
    policy::{self, Library, Rulebook, officer::Officer, places::Places},
    render::{self, Answer, Format, Head, Lang, Rows, Style, Words},
    store::Store,
};

/// One run of the program.
pub struct World<'w, 'e> {
    /// The options.
    pub global: Global,
    /// The world outside.
    pub env: &'w mut Env<'e>,
    style: Style,
    drill_now: Option<Moment>,
    /// Whether it was said that this is a drill store: once a run.
    pub(super) told_drill: bool,
    /// What was read of the officer's file.
    pub(super) read: Read,
}

/// Policy, law, calendar and the officer's file of one controller, with their digests.
pub struct Rules {
    /// Policy and statute.
    pub rulebook: Rulebook,
    /// The working-day calendar.
    pub calendar: Calendar,
    /// Systems that people keep, where personal data lies too.
    pub places: Places,
    /// Systems that are reached by a data map.
    pub systems: Places,
    /// The officer's file; empty where there is none.
    pub officer: Officer,
    /// SHA-256 of the officer's file.
    pub officer_sha256: Option<String>,
}

impl<'w, 'e> World<'w, 'e> {
    /// Resolves language, format and drill time.
    ///
    /// # Errors
    /// Usage (exit 2): an unreadable `DSR_NOW` or `DSR_LANG`.
    pub fn new(global: Global, env: &'w mut Env<'e>) -> Result<Self> {
        if env.is_garbled("DSR_NOW") {
            return Err(Error::usage("DSR_NOW is not UTF-8 text").hint("unset it, or give it a date"));
        }
        let drill_now = env
            .variable("DSR_NOW")
            .map(|text| Moment::parse(text).map_err(|message| Error::usage(format!("DSR_NOW is {message}"))));
        let style = Style {
            format: global.format.unwrap_or(Format::Table),
            lang: global.lang.or_else(|| language(env)).unwrap_or(Lang::En),
            sheets: global.lang.or_else(|| Lang::of_locale(env.variable("DSR_LANG")?)).unwrap_or(Lang::En),
            color: env.color(global.color, env.stdout_is_terminal),
            width: env.width(),
            drill: false,
        };
        let drill_now = drill_now.transpose()?;
        Ok(Self { drill_now, told_drill: false, global, env, style, read: Read::default() })
    }

    /// How this run speaks.
    pub fn style(&self) -> Style {
        self.style
    }

    /// The words of sentences: machine formats read English.
    pub fn spoken(&self) -> Words {
        let read_by_people = matches!(self.style.format, Format::Table | Format::Html);
        Words::new(if read_by_people { self.style.lang } else { Lang::En })
    }

    /// The format to use where the command line names none.
    pub fn prefer_format(&mut self, format: Option<Format>) {
        self.style.format = self.global.format.or(format).unwrap_or(self.style.format);
    }

    /// From here on every answer says so, if this is a drill store.
    pub fn mark_drill(&mut self, since: Option<Moment>) {
        self.style.drill = since.is_some();
    }

    /// The drill time, where `DSR_NOW` is set.
    pub fn drill_now(&self) -> Option<Moment> {
        self.drill_now
    }

    /// Now: the drill time where one is set. Only for commands without a store, or on a store that
    /// [`Self::open`] has accepted.
    pub fn now(&self) -> Moment {
        self.drill_now.unwrap_or(self.env.now)
    }

    /// Where the store is.
    ///
    /// # Errors
    /// Usage (exit 2) where neither option, variable nor home directory says.
    pub fn store_path(&self) -> Result<PathBuf> {
        let given = self.global.store.clone().or_else(|| self.env.default_store());
        let path = given.ok_or_else(|| Error::usage("no place for the store").hint("use --store PATH"))?;
        Ok(if path.is_dir() { path.join("dsr.sqlite") } else { path })
    }

    /// The policy files: the built-in ones, replaced by those of `--policies`.
    ///
    /// # Errors
    /// Configuration (exit 6): the directory is missing, unreadable, or holds no YAML.
    pub fn library(&self) -> Result<Library> {
        let directory = self.global.policies.as_deref();
        directory.map_or_else(|| Ok(Library::embedded()), library_of)
    }

    /// Which controller: option, variable, the store's default, or the only one there is.
    ///
    /// # Errors
    /// Usage (exit 2): several and none chosen, or an unknown one.
    pub fn controller(&self, library: &Library, store: Option<&Store>) -> Result<String> {
        let chosen = self.global.controller.clone().or_else(|| store?.meta().controller.clone());
        let all = library.controllers();
        match (chosen, all.as_slice()) {
            (Some(id), _) => known(library, &id).map(|()| id),
            (None, [only]) => Ok(only.clone()),
            (None, several) => Err(Error::usage("several controllers and none chosen")
                .hint(format!("add --controller {}", several.join("|")))),
        }
    }

    /// The controller that an option or variable names; `None`: all, as reports take them.
    ///
    /// # Errors
    /// Usage (exit 2) with the nearest name, where there is no such policy.
    pub fn named_controller(&self) -> Result<Option<String>> {
        let named = self.global.controller.clone();
        named.map(|id| known(&self.library()?, &id).map(|()| id)).transpose()
    }

    /// Loads what one controller's decisions need, and no more.
    ///
    /// # Errors
    /// Configuration (exit 6) with the place in the file.
    pub fn rules(&self, library: &Library, controller: &str) -> Result<Rules> {
        let (officer, officer_sha256) = self.officer()?;
        let rulebook = library.rulebook(controller)?;
        let (places, systems) = policy::places::apart(officer.systems(controller, &rulebook)?);
        let calendar = calendar(library)?;
        Ok(Rules { rulebook, calendar, places, systems, officer, officer_sha256 })
    }

    /// Who acts, when and by which files.
    ///
    /// # Errors
    /// Usage (exit 2): an `--actor` that does not fit into the log.
    pub fn context(&self, controller: &str, rules: &Rules) -> Result<Context> {
        let mut context = self.plain_context(Some(controller))?;
        context.files = rules.files();
        Ok(context)
    }

    /// The same for a command that no policy decides.
    ///
    /// # Errors
    /// As [`Self::context`].
    pub fn plain_context(&self, controller: Option<&str>) -> Result<Context> {
        let actor = match self.global.actor.as_deref() {
            Some(name) => Actor::new(name, self.env.user)
                .map_err(|message| Error::usage(format!("--actor: {message}")))?,
            None => self.login()?,
        };
        Ok(Context {
            now: self.now(),
            clock: if self.style.drill { Clock::Drill } else { Clock::Ok },
            actor,
            controller: controller.map(str::to_owned),
            files: Files::default(),
        })
    }

    /// The operating system's name of the user, where it fits into the log.
    fn login(&self) -> Result<Actor> {
        let name = ["USER", "LOGNAME"].iter().find_map(|name| self.env.variable(name));
        let actor = Actor::new(name.unwrap_or("unnamed"), self.env.user);
        actor.or_else(|_| Actor::new("unnamed", self.env.user)).map_err(Error::usage)
    }

    /// Begins a list on standard output.
    ///
    /// # Errors
    /// What the stream says, or a form that no list has.
    pub fn rows(&mut self, head: Head) -> Result<Rows<'_>> {
        Rows::begin(self.env.stdout, self.style, head)
    }

    /// Writes an answer to standard output, unless `--quiet`: for commands that change something, where
    /// silence means success.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn answer_unless_quiet(&mut self, answer: &dyn Answer) -> Result<()> {
        if self.global.quiet { Ok(()) } else { self.answer(answer) }
    }

    /// Writes an answer to standard output.
    ///
    /// # Errors
    /// What the stream says, or a form the answer does not have.
    pub fn answer(&mut self, answer: &dyn Answer) -> Result<()> {
        let bytes = render::bytes(answer, self.style)?;
        self.deliver(&bytes)
    }

    /// Shows an answer to the person at the terminal, beside the answer of the command.
    ///
    /// # Errors
    /// What the stream says.
    pub fn show(&mut self, answer: &dyn Answer) -> Result<()> {
        let style = Style { format: Format::Table, color: false, ..self.style };
        let bytes = render::bytes(answer, style)?;
        render::deliver(self.env.stderr, &bytes).map_err(Error::from)
    }

    /// Writes finished bytes to standard output.
    ///
    /// # Errors
    /// What the stream says.
    pub fn deliver(&mut self, bytes: &[u8]) -> Result<()> {
        render::deliver(self.env.stdout, bytes).map_err(|cause| match Error::from(cause) {
            error if error.kind() == Kind::ClosedPipe => error,
            error => Error::new(error.kind(), "the answer could not be written")
                .hint("see to the place that it goes to; what was done stays done: look before you repeat it")
                .because(error),
        })
    }

    /// Says something beside the answer, unless `--quiet`.
    ///
    /// # Errors
    /// What the stream says.
    pub fn note(&mut self, text: &str) -> Result<()> {
        if !self.global.quiet {
            let text = render::words::in_language(self.style.lang, text);
            writeln!(self.env.stderr, "{}", render::guard::terminal(&text))?;
        }
        Ok(())
    }
}

/// The language that the environment asks for.
pub fn language(env: &Env<'_>) -> Option<Lang> {
    ["DSR_LANG", "LC_ALL", "LANG"].iter().find_map(|name| Lang::of_locale(env.variable(name)?))
}

/// The calendar of a library.
///
/// # Errors
/// Configuration (exit 6) with the place in the file.
pub fn calendar(library: &Library) -> Result<Calendar> {
    let (shown, text) = library.calendar_file()?;
    Calendar::from_raw(policy::yaml::read(shown, text)?, Hash::of(text.as_bytes()).to_string())
}

/// Whether there is a policy of this name.
///
/// # Errors
/// Usage (exit 2) with the nearest name.
pub fn known(library: &Library, id: &str) -> Result<()> {
    let known = library.controllers();
    if known.iter().any(|one| one == id) {
        return Ok(());
    }
    let near = crate::domain::suggest::nearest(id, known.iter().map(String::as_str));
    let hint = near.map_or_else(
        || format!("controllers are {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Error::usage(format!("no policy is called `{id}`")).hint(hint))
}

fn library_of(directory: &Path) -> Result<Library> {
    let shown = directory.display();
    let unreadable = |error: std::io::Error| {
        Error::config(format!("the policy directory `{shown}` cannot be read"))
            .because(error)
            .hint("check --policies or DSR_POLICIES; without it the built-in policies are used")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    if let Some(path) = paths.iter().find(|path| is_misnamed(path)) {
        return Err(Error::config(format!("`{}` would be left out", path.display()))
            .hint("policy files end in `.yaml`: rename it, or take it out of the directory"));
    }
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    if paths.is_empty() {
        return Err(Error::config(format!("no policy (*.yaml) in `{shown}`"))
            .hint("an empty directory never means `no rules`: check --policies or DSR_POLICIES"));
    }
    let mut library = Library::embedded();
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        library.replace(&name, &path.display().to_string(), read(path)?);
    }
    Ok(library)
}

/// Almost `.yaml`: silently passed over, it would leave the built-in rules in force.
fn is_misnamed(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_lowercase();
    matches!(end.as_str(), "yml" | "yaml") && path.extension().is_some_and(|end| end != "yaml")
}

/// A file that was named as input of the command.
///
/// # Errors
/// Usage (exit 2): it cannot be read.
pub fn read_input(path: &Path) -> Result<String> {
    read(path).map_err(|error| match error.kind() {
        crate::domain::Kind::Config => {
            Error::usage(error.message().to_owned()).hint("name the right file; nothing was done")
        }
        _ => error,
    })
}

/// Reads a whole configuration file. A pipe or a device is not waited for, and never read without end.
///
/// # Errors
/// Configuration (exit 6): unreadable, no regular file, not UTF-8, or absurdly large.
pub fn read(path: &Path) -> Result<String> {
    let wrong = |what: &str| Error::config(format!("`{}` {what}", path.display()));
    let unreadable = |error: std::io::Error| wrong("cannot be read").because(error);
    let found = fs::metadata(path).map_err(unreadable)?;
    if found.is_dir() {
        return Err(wrong("is a directory").hint("name the file in it"));
    }
    if !found.is_file() {
        return Err(wrong("is no regular file").hint(crate::store::health::NO_FILE));
    }
    // One byte more than the parser takes: it has the sentence for what is too large.
    let most = policy::yaml::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(unreadable)?.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| Error::config(format!("`{}` is not UTF-8 text", path.display())))
}

//! Who may run which command, where `dsr.yaml` names roles. A command that was denied stands in the log.

use std::{io::ErrorKind, path::PathBuf};

use super::{
    audit::Audit, cli::Command, consent::Consent, hold::Hold, policy::Policy, request::Request,
    subject::Subject, suppress::Suppress, world::World,
};
use crate::{
    audit::State,
    domain::{Category, Error, Kind, Result},
    execute::context::Said,
    policy::roles::{Need, Roles},
    store::Mode,
};

impl World<'_, '_> {
    /// Who may do what. The file beside the store counts first: another --config is no way round it.
    ///
    /// # Errors
    /// Configuration (exit 6): the file cannot be read.
    pub fn roles(&self) -> Result<Option<Roles>> {
        if let Some(known) = self.read.roles.get() {
            return Ok(known.clone());
        }
        let beside = self.store_path().ok().map(|path| self.real(path)).transpose()?;
        let beside = beside.and_then(|path| Some(path.parent()?.join("dsr.yaml")));
        let beside = beside.filter(|path| path.exists());
        let own = beside.map(|path| self.officer_file(&path)).transpose()?;
        let own = own.and_then(|(officer, _)| officer.roles);
        let found = if own.is_some() { own } else { self.officer()?.0.roles };
        Ok(self.read.roles.get_or_init(|| found).clone())
    }

    /// Categories whose erasure needs a second person; none where no roles are named.
    ///
    /// # Errors
    /// As [`Self::roles`].
    pub fn second_person(&self) -> Result<Vec<Category>> {
        Ok(self.roles()?.map(|roles| roles.second_person()).unwrap_or_default())
    }
}

impl World<'_, '_> {
    /// Where the store really lies: a link elsewhere to it brings no roles of its own.
    fn real(&self, path: PathBuf) -> Result<PathBuf> {
        match path.canonicalize() {
            Err(cause) if cause.kind() == ErrorKind::PermissionDenied => {
                let (user, path) = (self.env.user, path.display());
                let sentence = format!("user {user} may not look at the store `{path}`");
                Err(Error::config(sentence)
                    .hint("one account owns the store; other people run its set-user-id copy of dsr: docs/roles.md")
                    .because(cause))
            }
            found => Ok(found.unwrap_or(path)),
        }
    }
}

/// Refuses a command that the roles of its user do not allow, and says so in the log.
///
/// # Errors
/// Refused (exit 4); configuration (exit 6) where the officer's file cannot be read.
pub fn admit(command: &Command, world: &mut World<'_, '_>) -> Result<()> {
    let (need, word) = needs(command);
    if need == Need::Nothing {
        return Ok(());
    }
    let roles = match world.roles() {
        Ok(roles) => roles,
        // It is there to say what is wrong with the file, and shows nobody's data.
        Err(_) if matches!(command, Command::Doctor(_)) => None,
        Err(error) => return Err(error),
    };
    let user = world.env.user;
    match roles {
        Some(roles) if !roles.allow(user, need) => Err(denied(&roles, word, world)),
        _ => Ok(()),
    }
}

fn denied(roles: &Roles, word: &str, world: &mut World<'_, '_>) -> Error {
    let user = world.env.user;
    let own: Vec<&str> = roles.of(user).iter().map(|role| role.as_str()).collect();
    let message = match own.as_slice() {
        [] => format!("user {user} has no role here, so `{word}` is not theirs to run"),
        own => format!("`{word}` is not for user {user}, who is {} here", own.join(", ")),
    };
    let error = Error::new(Kind::Refused, message);
    match record(word, world) {
        Ok(()) => {
            error.hint("roles stand in dsr.yaml beside the store; the log has kept that this was denied")
        }
        Err(_) => error.hint("roles stand in dsr.yaml beside the store"),
    }
}

/// The entry of a denied command. Who may not even open the store for writing leaves none; nor does anybody in a
/// store of an older version, which is brought to this one only by who may work in it.
fn record(word: &str, world: &mut World<'_, '_>) -> Result<()> {
    let quiet = std::mem::replace(&mut world.global.quiet, true);
    let opened = world.open(Mode::ReadOnly).and_then(|_| world.open(Mode::ReadWrite));
    world.global.quiet = quiet;
    let mut store = opened?;
    let context = world.plain_context(None)?;
    store.transact(|tx| context.log(tx, word, State::Denied, Said::default()).map(drop))
}

/// What a command needs, and its word in the log.
fn needs(command: &Command) -> (Need, &'static str) {
    use Command as C;
    match command {
        C::Demo(_) | C::Completions(_) | C::Man(_) | C::Version(_) | C::Deadline(_) => {
            (Need::Nothing, "help")
        }
        C::Policy(Policy::Publish(_) | Policy::Told(_)) => (Need::Work, "policy"),
        C::Policy(Policy::Versions(_)) => (Need::Look, "policy"),
        C::Policy(_) => (Need::Nothing, "policy"),
        C::Status(_) => (Need::Look, "status"),
        C::Doctor(_) => (Need::Look, "doctor"),
        C::Report(_) => (Need::Look, "report"),
        C::Audit(Audit::Key(key)) if !key.is_show() => (Need::Work, "audit.key"),
        C::Audit(_) => (Need::Look, "audit"),
        C::PurgeExpired(night) if night.enables() => (Need::Work, "purge-expired"),
        C::PurgeExpired(_) => (Need::Night, "purge-expired"),
        C::Sanitize(sanitize) if sanitize.gives_up() => (Need::Work, "sanitize"),
        C::Sanitize(_) => (Need::Night, "sanitize"),
        C::Backup(_) => (Need::Night, "backup"),
        C::Request(request) => of_request(request),
        C::Hold(Hold::List(_)) => (Need::Look, "hold.list"),
        C::Hold(_) => (Need::Work, "hold"),
        C::Consent(Consent::List(_)) => (Need::Look, "consent.list"),
        C::Consent(_) => (Need::Work, "consent"),
        C::Suppress(Suppress::List(_)) => (Need::Look, "suppress.list"),
        C::Suppress(_) => (Need::Work, "suppress"),
        C::Subject(Subject::Show(_)) => (Need::Work, "subject.show"),
        C::Subject(_) => (Need::Work, "subject"),
        C::Init(_) => (Need::Work, "init"),
        C::Import(_) => (Need::Work, "import"),
        C::Map(_) => (Need::Work, "map"),
        C::Find(_) => (Need::Work, "find"),
        C::Access(_) => (Need::Work, "access"),
        C::Export(_) => (Need::Work, "export"),
        C::Rectify(_) => (Need::Work, "rectify"),
        C::Erase(_) => (Need::Work, "erase"),
        C::Restrict(_) => (Need::Work, "restrict"),
        C::Object(_) => (Need::Work, "object"),
        C::Revoke(_) => (Need::Work, "revoke"),
        C::Apply(_) => (Need::Work, "apply"),
        C::Restore(_) => (Need::Work, "restore"),
    }
}

fn of_request(request: &Request) -> (Need, &'static str) {
    match request {
        Request::List(_) => (Need::Look, "request.list"),
        Request::Show(_) => (Need::Look, "request.show"),
        Request::Approve(_) => (Need::Approve, "request.approve"),
        _ => (Need::Work, "request"),
    }
}

//! `dsr init`: a store, and the officer's file beside it.

use std::path::Path;

use super::{Exit, Outcome, acting, world::World};
use crate::{
    audit::{Checkpoint, PrivateKey, State},
    domain::{Error, Kind, Result, quoted},
    execute::context::Said,
    policy::officer,
    render::file,
    store::{CreateOptions, KeyFile, Mode, Store, known, ledger},
};

/// Create the store
///
/// The store is one file of mode 0600. Beside it stands `dsr.yaml`, commented, for what the policies do not
/// say. A store created while DSR_NOW is set is a drill store: it accepts invented times and says so in every
/// answer; a real store refuses them. Running it again changes nothing.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr init --controller mycar\n  dsr --store /srv/dsr/store.sqlite init\n  dsr init --new-key\n"
)]
pub struct Init {
    /// The key file is lost for good: make a new one. Nobody who was destroyed before is recognised any more
    #[arg(long)]
    new_key: bool,
    /// Do not ask before that
    #[arg(long, requires = "new_key")]
    yes: bool,
}

impl Init {
    /// Creates what is missing.
    ///
    /// # Errors
    /// Usage (exit 2): unknown controller; failed (exit 1): the disk; the kinds of an existing store.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let path = world.store_path()?;
        let library = world.library()?;
        let controller = world.global.controller.clone();
        controller.as_deref().map_or(Ok(()), |id| super::world::known(&library, id))?;
        if self.new_key {
            return self.lost_key(world, &path);
        }
        if path.symlink_metadata().is_ok() {
            return already(world, &path, controller.as_deref());
        }
        let options = CreateOptions {
            controller: controller.clone(),
            drill_since: world.drill_now(),
            store_id: (world.env.random)(),
            now: world.now(),
        };
        not_lost(&path)?;
        let mut store = Store::create(&path, &options)?;
        world.mark_drill(store.meta().drill_since);
        let context = world.plain_context(controller.as_deref())?;
        let key = signing_key(world, &store);
        // The log speaks of the key that signs its heads from its first entry on.
        let said = Said { output: key.as_ref().map(|key| key.public().digest()), ..Said::default() };
        store.transact(|tx| context.log(tx, "init", State::Created, said).map(drop))?;
        key.as_ref().map_or(Ok(()), |key| store.signing().keep(key))?;
        store.transact(|tx| tx.begin_ledger(0))?;
        drop(store);
        world.note(&format!("created {}", path.display()))?;
        let signing =
            key.map(|_| format!("created {}.signing: it signs heads of the audit log", path.display()));
        signing.map_or(Ok(()), |said| world.note(&said))?;
        key_file(world, &path)?;
        officers_file(world, &path)?;
        next(world, controller.as_deref())
    }

    /// The store forgets the lost key first: cut short here, it takes any key, and this command goes on.
    fn lost_key(&self, world: &mut World<'_, '_>, path: &Path) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        if KeyFile::default_path(path).symlink_metadata().is_ok() {
            return Err(Error::usage("the key file is there: a new one would lose the marks made under it")
                .hint("if it is not this store's own and that one is lost for good, move it away first"));
        }
        acting::typed(world, self.yes, "new-key", "bring the key file back, or add --yes")?;
        let context = world.plain_context(None)?;
        let (people, purposes) = store.transact(|tx| {
            let (people, purposes) = tx.forget_key()?;
            let counts = [("tombstones".to_owned(), people), ("suppressions".to_owned(), purposes)].into();
            context.log(tx, "init", State::Configured, Said { counts, ..Said::default() })?;
            Ok((people, purposes))
        })?;
        key_file(world, path)?;
        world.note(&format!(
            "marks that nobody can tell any more: {people} of people, {purposes} of purposes"
        ))?;
        Ok(Exit::Done)
    }
}

/// A store that was here and is gone is brought back, not begun anew: with it its log would be gone unseen.
fn not_lost(path: &Path) -> Result<()> {
    match known::known_at(path)? {
        None if ledger::is_there(path) => {
            let at = ledger::path_of(path);
            Err(Error::new(Kind::Integrity, "a store was here and is gone: its ledger is left").hint(
                format!(
                    "bring it back: dsr restore BACKUP; or, if it is given up for good, move {} away first",
                    quoted(at.display())
                ),
            ))
        }
        None => Ok(()),
        Some(head) => {
            let at = known::path_of(path);
            let sentence = format!("a store with {} audit entries was here and is gone", head.size);
            Err(Error::new(Kind::Integrity, sentence).hint(format!(
                "bring it back: dsr restore BACKUP; or, if it is given up for good, move {} away first",
                quoted(at.display())
            )))
        }
    }
}

/// A new key that signs heads, unless a file for one is there.
fn signing_key(world: &mut World<'_, '_>, store: &Store) -> Option<PrivateKey> {
    let name = Checkpoint::origin(store.log_id());
    (!store.signing().has_key()).then(|| PrivateKey::new(&name, &super::audit::seed(world)))
}

fn already(world: &mut World<'_, '_>, path: &Path, wanted: Option<&str>) -> Outcome {
    let store = world.open(Mode::ReadOnly)?;
    match (wanted, store.meta().controller.as_deref()) {
        (Some(wanted), Some(set)) if wanted != set => {
            Err(Error::usage(format!("the store exists and its controller is `{set}`"))
                .hint("name another one per command: --controller ID"))
        }
        _ => {
            world.note(&format!("{} is a store already; nothing was changed", path.display()))?;
            Ok(Exit::Done)
        }
    }
}

/// The key under which destroyed people are remembered; without it nobody can test a number against the store.
fn key_file(world: &mut World<'_, '_>, store: &Path) -> Result<()> {
    let path = KeyFile::default_path(store);
    if path.symlink_metadata().is_ok() {
        return world.note(&format!("{} is there already and is used", path.display()));
    }
    let mut bytes = [0; 32];
    for half in bytes.chunks_exact_mut(16) {
        half.copy_from_slice(&(world.env.random)());
    }
    KeyFile::create(&path, bytes)?;
    world.note(&format!("created {}: keep a copy of it apart from the store and its backups", path.display()))
}

/// Never over a file that is there.
fn officers_file(world: &mut World<'_, '_>, store: &Path) -> Result<()> {
    let path = store.with_file_name("dsr.yaml");
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    match file::write(&path, officer::TEMPLATE.as_bytes(), (world.env.random)()) {
        Ok(()) => world.note(&format!("created {}: fill in what the policies do not say", path.display())),
        Err(error) if error.kind() == Kind::Usage => Ok(()),
        Err(error) => Err(error),
    }
}

fn next(world: &mut World<'_, '_>, controller: Option<&str>) -> Outcome {
    let import = match controller {
        Some(_) => "dsr import FILE.ndjson".to_owned(),
        None => "dsr import FILE.ndjson --controller ID".to_owned(),
    };
    world.note(&format!(
        "next: {import}, then `dsr status`; `dsr policy check` names what is not filled in"
    ))?;
    Ok(Exit::Done)
}

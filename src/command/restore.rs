//! `dsr restore`: the data of a backup, and everything that came after it.

use std::path::{Path, PathBuf};

use super::{Exit, Outcome, acting, world::World};
use crate::{
    domain::{Error, Kind, Result},
    execute::restore::{self, Ask, Plan, Way},
    render::{Cell, Head, Rows},
    store::{Mode, Signing, Store, UNANALYSE, backup::Carried},
};

/// Bring the data of a backup back, keeping what came after
///
/// Log, cases, holds, blocks, suppressions, consents and acts stay as they are; people, records and deals come
/// from the backup; what was destroyed, withdrawn, archived or rectified since is so again before anybody can read
/// it. Records that were imported since are gone: import them again. If the store is lost or older than its known
/// head, the backup becomes the store: then entries of the log are lost, and an entry and every `audit verify`
/// say so for ever, and the numbers of cases, acts, holds and letters leap over those that may stand on papers
/// that were sent. A store that is replaced is kept beside it.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr restore friday.sqlite --dry-run\n  dsr restore friday.sqlite --yes\n"
)]
pub struct Restore {
    /// The backup; its manifest lies in the same directory
    #[arg(value_name = "FILE")]
    backup: PathBuf,
    /// Show what would happen and change nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// The ledger is lost for good: nobody is destroyed again by one that is not whole
    #[arg(long)]
    without_ledger: bool,
}

impl Restore {
    /// Looks, asks, restores.
    ///
    /// # Errors
    /// Integrity (exit 9): the backup cannot be trusted or is of another store; partial (exit 8): destroyed bytes
    /// may remain; usage (exit 2): nobody can be asked.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let path = std::path::absolute(world.store_path()?)?;
        let mut current = self.current(world)?;
        let (random, now) = ((world.env.random)(), world.now());
        let ask =
            Ask { backup: &self.backup, store: &path, without_ledger: self.without_ledger, random, now };
        let plan = restore::plan(current.as_mut(), &ask)?;
        same_time(world, &plan)?;
        show(world, &plan)?;
        if self.dry_run {
            return Ok(Exit::Done);
        }
        acting::typed(world, self.yes, "restore", "look at the plan with --dry-run, then add --yes")?;
        let context = world.plain_context(None)?;
        let alone = matches!(plan.way, Way::Alone { .. });
        let carried = plan.carry_out(current, &context, &path)?;
        world.note(&format!("restored: {} records are there", carried.records))?;
        world.note(&format!(
            "again: {} records and {} people destroyed, {} consents withdrawn, {} payloads rectified, {} archived",
            carried.again.records, carried.again.people, carried.again.consents, carried.rectified, carried.archived
        ))?;
        if alone {
            world.note("what was entered since the backup is lost: holds, blocks, suppressions, cases, corrections; enter it again")?;
        }
        if carried.passed > 0 {
            world.note(&format!(
                "numbers of cases, acts, holds and letters go on after {}: lower ones may stand on papers that were sent",
                carried.passed
            ))?;
        }
        lost(world, &carried)?;
        if !Signing::beside(&path).has_key() {
            world.note("no signing key lies beside the store, so nothing is signed; bring it back, or make another: dsr audit key new")?;
        }
        world.note("next: dsr doctor, dsr audit verify, and a new backup")?;
        Ok(Exit::Done)
    }

    /// The store as it is, if there is one that can be opened at all.
    fn current(&self, world: &mut World<'_, '_>) -> Result<Option<Store>> {
        match world.open_as_it_is(Mode::ReadWrite) {
            Ok(store) => Ok(Some(store)),
            // With them taken away all that came after the backup can be kept.
            Err(error) if error.hint_text() == Some(UNANALYSE) => Err(error),
            Err(error) if error.kind() == Kind::Integrity || is_missing(&world.store_path()?) => {
                world.note(&format!("nothing can be kept of the present store: {}", error.message()))?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Nothing lies there. Whatever cannot be opened for another reason is left as it is: it may only need a `chmod`.
fn is_missing(store: &Path) -> bool {
    store.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// An invented time is for drill stores only.
fn same_time(world: &mut World<'_, '_>, plan: &Plan) -> Result<()> {
    world.mark_drill(plan.drill_since);
    if plan.drill_since.is_none() && world.drill_now().is_some() {
        return Err(
            Error::usage("DSR_NOW is set, but this is a backup of a real store").hint("unset DSR_NOW")
        );
    }
    Ok(())
}

/// What went because it came after the backup.
fn lost(world: &mut World<'_, '_>, carried: &Carried) -> Result<()> {
    if carried.dropped > 0 {
        world.note(&format!("records that came after the backup: {}; import them again", carried.dropped))?;
    }
    if carried.deals > 0 {
        let deals = carried.deals;
        world.note(&format!(
            "deals and contacts that came after the backup with their people: {deals}; import them again"
        ))?;
    }
    if carried.uncorrected > 0 {
        let many = carried.uncorrected;
        world.note(&format!(
            "corrections that went with records which came after the backup: {many}; make them again"
        ))?;
    }
    if carried.is_blind {
        world.note("warning: the ledger did not know everybody who was destroyed since: some may be back")?;
    }
    Ok(())
}

fn show(world: &mut World<'_, '_>, plan: &Plan) -> Result<()> {
    let (way, lost) = match plan.way {
        Way::Carry => ("data", None),
        Way::Alone { lost_to } => ("alone", Some(lost_to)),
    };
    let head = Head {
        schema: "dsr/restore/v1",
        list: "backups",
        title: match plan.way {
            Way::Carry => "The data comes from the backup; log and register stay".into(),
            Way::Alone { .. } => {
                "The backup becomes the store; what came after it is lost but for the ledger".into()
            }
        },
        columns: &["taken_at", "keep_until", "entries", "bytes"],
        members: vec![
            ("way", way.into()),
            ("lost_from", lost.map(|_| plan.head.size + 1).into()),
            ("lost_to", lost.flatten().into()),
            ("ledger", plan.has_ledger.into()),
        ],
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    rows.row(&[
        Cell::text(&plan.manifest.taken_at),
        Cell::text(&plan.manifest.keep_until),
        Cell::count(plan.head.size),
        Cell::count(plan.manifest.bytes),
    ])?;
    rows.finish(Vec::new())
}

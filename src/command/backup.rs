//! `dsr backup`: a copy that can be brought back.

use std::path::PathBuf;

use super::{Exit, Outcome, world::World};
use crate::{
    execute::backup,
    render::{Cell, Head, Rows},
    store::Mode,
};

/// Copy the store, verified, with a manifest that vouches for it
///
/// The copy is made through the database engine while other commands wait, read whole afterwards, and entered in
/// the log. Its manifest (FILE.manifest) carries digest and audit head; keep the two together, apart from the
/// store, and the key files apart from both. After the days of --keep delete it: the ledger of destroyed people
/// is kept as long as a backup may need it and no longer, and an older backup is not brought back.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr backup /mnt/backup --keep 30\n  dsr backup friday.sqlite\n")]
pub struct Backup {
    /// A new file, or a directory for one named by time
    #[arg(value_name = "DIR|FILE")]
    target: PathBuf,
    /// Days for which it is kept
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_660))]
    keep: u64,
}

impl Backup {
    /// Copies and enters the copy in the log.
    ///
    /// # Errors
    /// Usage (exit 2): the file exists; failed (exit 1): the disk; integrity (exit 9): the copy does not verify.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let context = world.plain_context(None)?;
        let target = self.place(&context.now.rfc3339());
        let random = (world.env.random)();
        let made = backup::back_up(&mut store, &context, &target, self.keep, random)?;
        if made.swept > 0 {
            world.note(&format!(
                "drafts that a kill had left where backups are, taken away: {}",
                made.swept
            ))?;
        }
        if made.pending > 0 {
            world.note(&format!(
                "warning: acts pending: {}, so the copy holds bytes that are to be destroyed: run dsr sanitize, \
                 back up again and delete this copy",
                made.pending
            ))?;
        }
        if world.global.quiet {
            return Ok(Exit::Done);
        }
        let head = Head {
            schema: "dsr/backup-made/v1",
            list: "backups",
            title: "Backed up and verified".into(),
            columns: &["file", "taken_at", "keep_until", "entries", "bytes", "sha256"],
            members: Vec::new(),
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        rows.row(&[
            Cell::text(target.display()),
            Cell::text(&made.manifest.taken_at),
            Cell::text(&made.manifest.keep_until),
            Cell::count(made.head.size),
            Cell::count(made.manifest.bytes),
            Cell::text(&made.manifest.sha256),
        ])?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }

    /// In a directory the name is the time, which says nothing of anybody.
    fn place(&self, now: &str) -> PathBuf {
        if !self.target.is_dir() {
            return self.target.clone();
        }
        let digits: String = now.chars().take(19).filter(|c| c.is_ascii_digit()).collect();
        self.target.join(format!("dsr-{digits}.sqlite"))
    }
}

//! `dsr sanitize`: the byte work of destruction, finished.

use std::path::PathBuf;

use super::{Exit, Outcome, world::World};
use crate::{
    domain::{CaseNumber, Duty, Halt, Result},
    execute::{act, drafts, halts, statistics, verify},
    render::{Cell, Head, Rows},
    store::{Mode, View},
};

/// Destroy the bytes of what was deleted, and prove it
///
/// Finishes every pending act: rebuilds the file, zeroes what no row uses, and shows that every unused byte is
/// zero. A draft that a kill left beside the store, or where a backup was begun, is taken away first, as are statistics that
/// ANALYZE made of the values in it, and open subtrees of the log that were damaged are made anew from its entries, if
/// everything else in it verifies. Nothing pending is fine: then the file is rebuilt and proved all the same. Exit 8:
/// bytes may remain.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr sanitize\n  dsr sanitize --gone /mnt/stick\n")]
pub struct Sanitize {
    /// A directory into which a backup was cut off is gone for good, or its disk: it is missed no more
    #[arg(long, value_name = "DIR")]
    gone: Option<PathBuf>,
}

/// Acts whose bytes are destroyed and which wait for people: the number, and for what.
fn waiting(view: &View<'_>) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for act in view.pending_destructions()? {
        let Some(case) = act.case.clone().filter(|_| act.finished.is_none()) else { continue };
        let duties = halts::shown(view, &view.case(&case)?, view.duties_of_act(&act)?)?;
        let open = duties.iter().filter(|duty| duty.bars()).min_by_key(|duty| duty.is_halted());
        found.extend(open.iter().map(|duty| (act.number.clone(), waits(&act.number, &case, duty))));
        if open.is_none() && view.is_in_part(&case)? {
            let number = &act.number;
            let says = format!(
                "the bytes are destroyed; act {number} is not finished: a step of case {case} in another system is open"
            );
            found.push((act.number.clone(), says));
        }
    }
    Ok(found)
}

fn waits(act: &str, case: &CaseNumber, duty: &Duty) -> String {
    let step = duty.step;
    match &duty.waits {
        None => {
            format!("the bytes are destroyed; act {act} is not finished: step {step} of case {case} is open")
        }
        Some(Halt::Hold(hold)) => format!(
            "the bytes are destroyed; act {act} is not finished: step {step} of case {case} waits for hold {hold}"
        ),
        Some(Halt::Block(block)) => format!(
            "the bytes are destroyed; act {act} is not finished: step {step} of case {case} waits for block {block}"
        ),
    }
}

impl Sanitize {
    /// Whether somebody says what no program can know.
    pub fn gives_up(&self) -> bool {
        self.gone.is_some()
    }

    /// Runs it.
    ///
    /// # Errors
    /// Exit 8, 9, 75 and those of the store.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let analysed = world.drop_statistics()?;
        let mut store = world.open(Mode::ReadWrite)?;
        let context = world.plain_context(None)?;
        if verify::mend_subtrees(&mut store, &context)? {
            world.note("the open subtrees of the log were made anew from its entries; the log says so")?;
        }
        if analysed {
            statistics::taken_away(&mut store, &context)?;
            world.note("statistics of the engine (ANALYZE) were taken away, with the values in them")?;
        }
        if let Some(directory) = &self.gone {
            let many = drafts::give_up(&mut store, &context, directory)?;
            world.note(&format!("backups that were cut off there, given up: {many}; the log says so"))?;
        }
        match drafts::sweep(&mut store, &context)? {
            0 => {}
            many => world.note(&format!("drafts that a kill had left, taken away: {many}"))?,
        }
        let done = act::destroy(&mut store, &context, None)?;
        if world.global.quiet {
            return Ok(Exit::Done);
        }
        let waiting = store.read(waiting)?;
        let report = &done.report;
        let head = Head {
            schema: "dsr/sanitize/v1",
            list: "acts",
            title: "Destroyed and proved".into(),
            columns: &["number", "state"],
            members: vec![
                ("files", report.files.into()),
                ("bytes", report.bytes.into()),
                ("pages", report.pages.into()),
                ("unallocated", report.unallocated.into()),
                ("nonzero", report.structural_nonzero.into()),
            ],
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        for number in &done.finished {
            rows.row(&[Cell::text(number), Cell::text("destroyed")])?;
        }
        for (act, _) in &waiting {
            rows.row(&[Cell::text(act), Cell::text("pending")])?;
        }
        rows.finish(Vec::new())?;
        for (_, says) in waiting {
            world.note(&says)?;
        }
        Ok(Exit::Done)
    }
}

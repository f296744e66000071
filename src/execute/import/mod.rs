//! Reading other people's files into the store.
//!
//! ```text
//! source ─ pieces of whole lines ─► json | sheet ─ raw lines ─► check ─ rows ─►│─► write ─► store::load
//!                        (one thread reads and checks)                          │   (the other writes)
//! ```
//!
//! All or nothing in one transaction, unless asked to leave wrong lines out. Memory does not grow with the
//! file. No complaint repeats a value: it names line, column and field. Deliberately absent: the clock and
//! randomness (arguments), and the words of the report (`render`).

pub mod check;
pub mod complaint;
pub mod encoding;
pub mod guard;
pub mod input;
pub mod json;
pub mod line;
pub mod place;
pub mod read;
pub mod report;
pub mod sheet;
pub mod source;
pub mod value;
pub mod vocabulary;
pub mod when;
pub mod write;

#[cfg(test)]
mod tests;

use std::{sync::mpsc, thread};

use crate::{
    domain::{Error, Moment, Result, SubjectId},
    store::{Store, Tx, load::Load},
};

pub use {
    complaint::{Complaint, Complaints},
    encoding::Encoding,
    guard::Guard,
    input::Input,
    report::{Counts, ImportReport, Progress},
    vocabulary::{FieldKind, Fields, Vocabulary},
    when::Dates,
};

use {
    check::Checker,
    read::{Batch, Reading, refusal},
    source::Pieces,
    write::Writing,
};

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose data it is.
    pub controller: String,
    /// What the file is written in.
    pub encoding: Encoding,
    /// How it writes dates.
    pub dates: Dates,
    /// Leave wrong lines out instead of refusing the file.
    pub keep_going: bool,
    /// Do everything, then undo it.
    pub dry_run: bool,
    /// Now.
    pub now: Moment,
}

/// The batches that may wait between the threads: a few megabytes.
const WAITING: usize = 4;

/// Imports a file in one transaction. `ids` draws the random ids of new people; `seal` runs inside the
/// transaction once all is written, for the audit entry (not in a dry run).
///
/// # Errors
/// Bad input: the complaints as a picture, `file:line:column: message`, and nothing was written. Else what
/// the store says.
pub fn import(
    input: Input,
    options: &Options,
    vocabulary: &Vocabulary,
    store: &mut Store,
    ids: &mut dyn FnMut() -> SubjectId,
    progress: &mut dyn FnMut(Progress),
    seal: impl FnOnce(&Tx<'_>, &ImportReport) -> Result<()>,
) -> Result<ImportReport> {
    let checker = Checker { vocabulary, dates: options.dates, now: options.now };
    let name = input.name().to_owned();
    let mut reading = Reading::new(&name, Pieces::new(input, options.encoding)?, checker);
    // The store is locked once there is something to write, not while a pipe is still silent.
    let first = reading.batch()?;
    let mut rehearsed = None;
    let done = store.load(|tx| {
        let begun = ImportReport { input: name.clone(), dry_run: options.dry_run, ..ImportReport::default() };
        let load = Load::begin(tx, &options.controller, options.now, ids)?;
        let guard = guard::Held::read(&load)?;
        let mut writing = Writing::new(load, &guard, checker, begun);
        stream(&mut reading, first, &mut writing, progress)?;
        let (mut report, faults) = writing.finish(options.keep_going)?;
        if !faults.is_empty() && !options.keep_going {
            let hint = "correct the file, or leave these lines out with `--keep-going`";
            return Err(refusal(&name, &faults).hint(hint));
        }
        report.left_out.append(faults);
        report.left_out.sort();
        if options.dry_run {
            rehearsed = Some(report);
            return Err(Error::usage("a dry run is undone"));
        }
        seal(tx, &report)?;
        Ok(report)
    });
    rehearsed.map_or(done, Ok)
}

/// One thread reads and checks, this one writes.
fn stream(
    reading: &mut Reading<'_>,
    first: Option<Batch>,
    writing: &mut Writing<'_, '_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<()> {
    let total = reading.size();
    let (send, receive) = mpsc::sync_channel::<Result<Batch>>(WAITING);
    // A piece of memory goes back to the thread that asked for it: two threads that free each other's
    // memory wait for each other all the time.
    let (give_back, spent) = mpsc::channel::<Batch>();
    thread::scope(|scope| {
        scope.spawn(move || {
            // Sending fails when the writer gave up: then nobody wants the rest.
            while let Some(batch) = reading.batch().transpose() {
                let failed = batch.is_err();
                if send.send(batch).is_err() || failed {
                    break;
                }
                spent.try_iter().for_each(drop);
            }
            drop(send);
            spent.iter().for_each(drop);
        });
        let batches = first.into_iter().map(Ok).chain(receive);
        drain(batches, give_back, total, writing, progress)
    })
}

/// Writes what comes. Owns its ends of the channels, so that the reader ends when this does.
fn drain(
    batches: impl Iterator<Item = Result<Batch>>,
    give_back: mpsc::Sender<Batch>,
    total: Option<u64>,
    writing: &mut Writing<'_, '_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<()> {
    let mut rows = 0;
    for batch in batches {
        let mut batch = batch?;
        rows += batch.read.total();
        writing.take(&mut batch)?;
        progress(Progress { bytes: batch.bytes, total, rows });
        // Where the reader is gone already the memory is simply freed here.
        drop(give_back.send(batch));
    }
    Ok(())
}

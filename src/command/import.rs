//! `dsr import`: other people's files into the store, all or nothing.

use std::path::{Path, PathBuf};

use super::{Exit, Outcome, acting, request, world::World};
use crate::{
    audit::State,
    domain::{CaseNumber, Result, SubjectId},
    execute::{
        cases,
        context::Said,
        import::{Complaint, Complaints, Dates, Encoding, ImportReport, Input, Options, import},
        vocabulary,
    },
    render::{
        answer::import::{ImportAnswer, KindLine, Remark, Remarks},
        bar::Bar,
    },
    store::{Mode, View},
};

const EXAMPLES: &str = "\
Examples:
  dsr import clients.ndjson
  dsr import record.csv --encoding windows-1251 --dates dd.mm.yyyy
  crm-export | dsr import - --controller automaster --dry-run
";

/// Bring data in from NDJSON or CSV
///
/// One file, one transaction: if a line is wrong nothing is taken, and every wrong line is named by line and
/// column without repeating its content. Importing the same file again changes nothing. CSV holds one kind a
/// file, named by the file (record.csv) or a column `kind`. The format is described in docs/import.md.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Import {
    /// The file, or `-` for standard input
    file: PathBuf,
    /// What the file is written in
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    /// How it writes dates: iso, dd.mm.yyyy
    #[arg(long, value_name = "FORM", default_value = "iso")]
    dates: Dates,
    /// Leave wrong lines out, and list them
    #[arg(long)]
    keep_going: bool,
    /// Check everything and write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
}

impl Import {
    /// Runs the import.
    ///
    /// # Errors
    /// Usage (exit 2) with every wrong line; the kinds of the store.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let input = self.input(world)?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let rules = world.rules(&library, &controller)?;
        let words = vocabulary::of(&rules.rulebook);
        let options = self.options(&controller, world);
        let bar = Bar::new(world.env.stderr_is_terminal && !world.global.quiet);
        let context = world.context(&controller, &rules)?;
        let key = acting::key_of(&store)?;
        let mut reopened = Vec::new();
        let report = import(
            input,
            &options,
            &words,
            (&mut store, key.as_ref()),
            &mut || SubjectId::from_bytes((world.env.random)()),
            &mut |progress| bar.at(progress.bytes, progress.total),
            |tx, report| {
                context.log(tx, "import", State::Imported, said(report))?;
                reopened = cases::reopen(tx, &context, (&rules.rulebook, &rules.calendar))?;
                Ok(())
            },
        );
        bar.finish();
        let report = report?;
        let today = context.now.day();
        let going_on =
            |view: &View<'_>| reopened.iter().map(|case| request::going_on(view, case, today)).collect();
        let next = if reopened.is_empty() { Vec::new() } else { store.read(going_on)? };
        world.answer_unless_quiet(&answer(controller, report, &reopened, next))?;
        Ok(Exit::Done)
    }

    fn input(&self, world: &mut World<'_, '_>) -> Result<Input> {
        if self.file != Path::new("-") {
            return Input::open(&self.file);
        }
        if world.env.stdin_is_terminal {
            world.note("reading standard input; end with Ctrl-D")?;
        }
        Ok(Input::stream("standard input", (world.env.stdin_stream)()))
    }

    fn options(&self, controller: &str, world: &World<'_, '_>) -> Options {
        Options {
            controller: controller.to_owned(),
            encoding: self.encoding,
            dates: self.dates,
            keep_going: self.keep_going,
            dry_run: self.dry_run,
            now: world.now(),
        }
    }
}

fn said(report: &ImportReport) -> Said {
    let mut counts = std::collections::BTreeMap::new();
    for (name, of) in
        [("added", &report.added), ("updated", &report.updated), ("unchanged", &report.unchanged)]
    {
        for (kind, n) in of.iter().filter(|(_, n)| *n > 0) {
            counts.insert(format!("{name}.{}", kind.as_str()), n);
        }
    }
    counts.insert("left_out".to_owned(), report.left_out.total());
    Said { counts, ..Said::default() }
}

fn answer(
    controller: String,
    report: ImportReport,
    reopened: &[CaseNumber],
    next: Vec<String>,
) -> ImportAnswer {
    let read = report.read.iter().filter(|(_, read)| *read > 0);
    let kinds = read.map(|(kind, read)| KindLine {
        kind: kind.as_str(),
        read,
        added: report.added.of(kind),
        updated: report.updated.of(kind),
        unchanged: report.unchanged.of(kind),
    });
    ImportAnswer {
        controller,
        dry_run: report.dry_run,
        kinds: kinds.collect(),
        left_out: remarks(&report.left_out),
        altered: remarks(&report.altered),
        warnings: remarks(&report.warnings),
        input: report.input,
        reopened: reopened.iter().map(ToString::to_string).collect(),
        next,
    }
}

fn remarks(complaints: &Complaints) -> Remarks {
    let remark = |complaint: &Complaint| Remark {
        line: complaint.line,
        column: (complaint.column > 0).then_some(complaint.column),
        field: Some(complaint.field.clone()).filter(|field| !field.is_empty()),
        message: complaint.message.clone(),
        hint: complaint.hint.clone(),
    };
    Remarks { count: complaints.total(), shown: complaints.shown().iter().map(remark).collect() }
}

//! `dsr audit export`: everything somebody needs to check the log without us.

use std::path::PathBuf;

use clap::CommandFactory;

use super::{
    super::{Exit, Outcome, cli::Cli, world::World},
    head::remember,
};
use crate::{
    domain::{Error, Kind, Result, hex},
    execute::{heads, verify},
    render::{Format, directory::Directory},
    store::{Mode, Store},
};

const README: &str = include_str!("bundle.txt");
const VERIFIER: &str = include_str!("../../../tests/verify_log.py");

/// Write the log for a regulator: entries, signed head, keys, reports, and how to check them
///
/// The directory is new and private, and appears whole or not at all. A log that does not verify is not
/// exported (exit 9). What is in it is checked by the Python file beside it, or by anybody who reads
/// docs/audit-format.md; it holds no value of a person.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr audit export --output log-for-the-regulator\n")]
pub struct Export {
    /// The directory to make
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

impl Export {
    /// Reads the store; writes only beside it.
    ///
    /// # Errors
    /// Integrity (exit 9), configuration (exit 6): no key; usage (exit 2): the name is taken.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut directory = Directory::begin(&self.output, (world.env.random)())?;
        let mut store = world.open(Mode::ReadOnly)?;
        sound(&mut store)?;
        let note = log(&mut store, &mut directory)?;
        remember(&store, &note, world)?;
        reports(world, &mut directory)?;
        directory.file("README.txt", |out| Ok(out.write_all(README.as_bytes())?))?;
        directory.file("verify_log.py", |out| Ok(out.write_all(VERIFIER.as_bytes())?))?;
        directory.finish()?;
        world
            .note(&format!("exported to {}; README.txt there says how to check it", self.output.display()))?;
        Ok(Exit::Done)
    }
}

fn sound(store: &mut Store) -> Result<()> {
    match verify::verify(store, Vec::new())?.faults().into_iter().next() {
        None => Ok(()),
        Some((_, fault)) => {
            Err(Error::new(Kind::Integrity, format!("the audit log does not verify: {fault}"))
                .hint("nothing was exported; look closer with: dsr audit verify"))
        }
    }
}

/// Entries, roots, head and keys, of one state of the store. Gives the head.
fn log(store: &mut Store, directory: &mut Directory) -> Result<crate::audit::Note> {
    let head = store.read(|view| {
        directory.file("entries.ndjson", |out| {
            view.for_each_entry(1, |_, bytes| {
                out.write_all(bytes)?;
                Ok(out.write_all(b"\n")?)
            })
        })?;
        directory.file("roots.txt", |out| {
            view.for_each_head(|_, root| Ok(writeln!(out, "{}", hex::text(root.as_bytes()))?))
        })?;
        view.audit_head()
    })?;
    let note = store.signed(head)?;
    if !note.is_signed() {
        return Err(heads::no_key());
    }
    let (keys, before) = (store.signing().keys()?, store.signing().heads()?);
    if keys.is_empty() {
        return Err(Error::config("no public key lies beside the store").hint(
            "bring the .vkeys file back from where its copies are kept; without it nobody can check heads",
        ));
    }
    directory.file("head.note", |out| Ok(write!(out, "{note}")?))?;
    directory.file("heads.note", |out| before.iter().try_for_each(|note| Ok(writeln!(out, "{note}")?)))?;
    directory.file("keys.txt", |out| keys.iter().try_for_each(|key| Ok(writeln!(out, "{key}")?)))?;
    Ok(note)
}

/// Every report that needs no further words, as CSV.
fn reports(world: &mut World<'_, '_>, directory: &mut Directory) -> Result<()> {
    let cli = Cli::command();
    let report = cli.find_subcommand("report").into_iter().flat_map(|report| report.get_subcommands());
    let named = report.filter(|one| !one.get_arguments().any(|argument| argument.is_required_set()));
    for name in named.map(|one| one.get_name().to_owned()) {
        let read = Cli::read(["dsr", "report", &name].map(Into::into).to_vec());
        let command = read.map_err(|_| Error::new(Kind::Failed, "a report cannot be asked for"))?.command;
        directory.file(&format!("report-{name}.csv"), |out| {
            world.elsewhere(out, Format::Csv, |world| command.run(world).map(drop))
        })?;
    }
    Ok(())
}

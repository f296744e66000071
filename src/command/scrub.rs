//! `dsr suppress scrub`: a mailing or call list without those who want to be left alone.

use std::path::{Path, PathBuf};

use super::{Exit, Outcome, acting, world::World};
use crate::{
    audit::{Hash, State},
    decide::purposes,
    domain::{Error, IdentifierType, Purpose, Result},
    execute::{
        context::Said,
        import::{Encoding, Input},
        scrub::{Ask, Scrubbed, scrub},
    },
    render::{answer::scrub::ScrubAnswer, file},
    store::Mode,
};

const EXAMPLES: &str = "\
Examples:
  dsr suppress scrub calls.csv --column phone > clean.csv
  dsr suppress scrub mailing.csv --column E-mail --output clean.csv
  dsr suppress scrub sms.csv --column тел --encoding windows-1251
";

/// Drop from a mailing or call list whoever has stopped it
///
/// By mark, so that people who were destroyed are met too; and whoever is blocked for a check. What stays is
/// handed back as it came, in UTF-8; how many were dropped is said on standard error. A line whose value cannot be
/// read cannot be checked and is left out. Without --purpose: everything that an opt-out from messages stops.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Scrub {
    /// The list, a CSV file with a header, or `-` for standard input
    list: PathBuf,
    /// The column with the phone, e-mail or other name to mail or call by
    #[arg(long, value_name = "NAME")]
    column: String,
    /// What the column holds: phone, email, iin, account, vin, plate [default: by the form of each value]
    #[arg(long, value_name = "KIND")]
    kind: Option<IdentifierType>,
    /// What the list is for
    #[arg(long, value_name = "P")]
    purpose: Vec<String>,
    /// What the list is written in
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    /// Write to a new file (mode 0600) instead of standard output
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

impl Scrub {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        self.output.as_deref().map_or(Ok(()), file::check)?;
        let input = self.input(world)?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let rules = world.rules(&library, &controller)?;
        let asked: Vec<Purpose> = self.purpose.iter().map(|word| Purpose::new(word)).collect();
        purposes::check(&rules.rulebook, &asked)?;
        let purposes = if asked.is_empty() { purposes::of_messages(&rules.rulebook) } else { asked };
        let key = acting::key_of(&store)?.ok_or_else(|| {
            Error::config("the key file of the store is missing").hint(
                "without it nobody who was destroyed is recognised: bring it back; `dsr doctor` says more",
            )
        })?;
        let context = world.context(&controller, &rules)?;
        let (column, kind) = (self.column.as_str(), self.kind);
        let ask =
            Ask { controller: &controller, column, kind, purposes: &purposes, key: &key, at: context.now };
        let done = store.transact(|tx| {
            let done = scrub(tx, input, self.encoding, &ask)?;
            context.log(tx, "suppress.scrub", State::Scrubbed, said(&done))?;
            Ok(done)
        })?;
        self.hand_out(done, world)
    }

    fn input(&self, world: &mut World<'_, '_>) -> Result<Input> {
        if self.list == Path::new("-") {
            return Ok(Input::stream("standard input", (world.env.stdin_stream)()));
        }
        Input::open(&self.list)
    }

    fn hand_out(&self, done: Scrubbed, world: &mut World<'_, '_>) -> Outcome {
        let answer = ScrubAnswer {
            kept: done.kept,
            stopped: done.stopped,
            blocked: done.blocked,
            unreadable: done.unreadable,
            output: self.output.as_ref().map(|path| path.display().to_string()),
        };
        match &self.output {
            Some(path) => {
                file::write(path, done.text.as_bytes(), (world.env.random)())?;
                world.answer_unless_quiet(&answer)?;
            }
            None => {
                world.deliver(done.text.as_bytes())?;
                if !world.global.quiet {
                    world.show(&answer)?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn said(done: &Scrubbed) -> Said {
    let counts = [("kept", done.kept), ("stopped", done.stopped), ("blocked", done.blocked)];
    let unreadable = ("unreadable", done.unreadable.len() as u64);
    let counts = counts.into_iter().chain([unreadable]).map(|(word, n)| (word.to_owned(), n)).collect();
    Said { counts, output: Some(Hash::of(done.text.as_bytes())), ..Said::default() }
}

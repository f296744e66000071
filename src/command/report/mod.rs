//! `dsr report`: what an auditor takes away. Reads only, streams, shows no value.

mod books;
mod compliance;
mod consents;
mod deadlines;
mod destruction;
mod disclosures;
mod inventory;
mod places;
mod register;
mod retention;
mod suppression;

pub(super) use books::Books;

use std::path::Path;

use chrono::{Days, NaiveDate};
use clap::Subcommand;

use super::{Exit, Outcome, intake, world::World};
use crate::{
    domain::{Error, Moment, Result},
    render::{Format, Head, Rows, file},
    store::{Period, Seal, Store},
};

const EXAMPLES: &str = "\
Examples:
  dsr report register --from 2026-01-01 --format csv > register.csv
  dsr report deadlines --check --quiet
  dsr report retention --controller mycar
";

/// Report to the auditor
///
/// Every number can be traced to a rule, a clause and a date. CSV: `--lang en` writes commas, `--lang ru|kk`
/// what Excel expects there.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Report {
    Register(register::Register),
    Deadlines(deadlines::Deadlines),
    Destruction(destruction::Destruction),
    Disclosures(disclosures::Disclosures),
    Consents(consents::Consents),
    Inventory(inventory::Inventory),
    Retention(retention::Retention),
    Suppression(suppression::Suppression),
    Compliance(compliance::Compliance),
}

/// Which rows.
#[derive(clap::Args)]
struct Span {
    /// From this day or time
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// To this day, included, or this time
    #[arg(long, value_name = "T")]
    to: Option<String>,
}

impl Report {
    /// Whether it can be drawn as a page; the others are lists.
    pub fn has_page(&self) -> bool {
        match self {
            Self::Compliance(_) => true,
            Self::Destruction(report) => report.is_one_act(),
            _ => false,
        }
    }

    /// Runs one of them.
    ///
    /// # Errors
    /// Usage (exit 2), the kinds of store and policy, a closed pipe (exit 141).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Register(report) => report.run(world),
            Self::Deadlines(report) => report.run(world),
            Self::Destruction(report) => report.run(world),
            Self::Disclosures(report) => report.run(world),
            Self::Consents(report) => report.run(world),
            Self::Inventory(report) => report.run(world),
            Self::Retention(report) => report.run(world),
            Self::Suppression(report) => report.run(world),
            Self::Compliance(report) => report.run(world),
        }
    }
}

impl Span {
    /// The days that were named, for the head of a page.
    fn days(&self) -> Result<(Option<NaiveDate>, Option<NaiveDate>)> {
        let day = |option, typed: &Option<String>| {
            typed.as_deref().map(|typed| intake::moment(option, typed).map(Moment::day)).transpose()
        };
        Ok((day("--from", &self.from)?, day("--to", &self.to)?))
    }

    /// The rows of a controller, or of all; a day alone is included whole.
    fn period<'c>(&self, controller: Option<&'c str>) -> Result<Period<'c>> {
        let at = |option, typed: &Option<String>| {
            typed.as_deref().map(|typed| intake::moment(option, typed)).transpose()
        };
        let (from, to) = (at("--from", &self.from)?, at("--to", &self.to)?);
        let whole_day = self.to.as_deref().is_some_and(|typed| !typed.contains(':'));
        let to = to.map(|to| if whole_day { Moment::start_of(to.day() + Days::new(1)) } else { to });
        in_order(from, to).map(|()| Period { controller, from, to })
    }
}

/// A period that ends before it begins is a slip, and no empty report.
fn in_order<T: PartialOrd>(from: Option<T>, to: Option<T>) -> Result<()> {
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Error::usage("--from lies after --to").hint("the earlier date comes first"));
    }
    Ok(())
}

/// An answer made whole: to standard output, or to a new file whose name may choose the format.
fn output(
    world: &mut World<'_, '_>,
    path: Option<&Path>,
    make: impl FnOnce(&mut World<'_, '_>) -> Result<Vec<u8>>,
) -> Outcome {
    let Some(path) = path else {
        let bytes = make(world)?;
        return world.deliver(&bytes).map(|()| Exit::Done);
    };
    file::check(path)?;
    world.prefer_format(path.extension().and_then(|end| end.to_str()).and_then(Format::of_extension));
    let bytes = make(world)?;
    file::write(path, &bytes, (world.env.random)())?;
    world.note(&format!("written to {}", path.display()))?;
    Ok(Exit::Done)
}

/// The head of the log as members of a list: the signed note and the key, or a line of it at a terminal. A CSV file
/// has no place for it, so it is said beside the answer.
fn seal(world: &mut World<'_, '_>, store: &mut Store) -> Result<Vec<(&'static str, serde_json::Value)>> {
    let seal = Seal::of(store)?;
    Ok(match world.style().format {
        Format::Csv => {
            let head = seal.short();
            world.note(&format!("head of the audit log: {head} (signed: dsr audit head --out FILE)"))?;
            Vec::new()
        }
        Format::Table => vec![("audit_head", seal.short().into()), ("public_key", seal.key.into())],
        _ => vec![("audit_head", seal.note.into()), ("public_key", seal.key.into())],
    })
}

/// The systems whose data a report of the own store leaves out, as a member of a list. A CSV file has no place for it.
fn not_counted(
    world: &mut World<'_, '_>,
    store: &mut Store,
    controller: Option<&String>,
) -> Result<(&'static str, serde_json::Value)> {
    let controllers = match controller {
        Some(one) => vec![one.clone()],
        None => store.read(|view| view.controllers())?,
    };
    let systems: Vec<String> = world.other_systems(&controllers)?.into_iter().collect();
    if world.style().format == Format::Csv && !systems.is_empty() {
        world.note(&format!("not counted: {}", systems.join(", ")))?;
    }
    Ok(("not_counted", systems.into()))
}

/// A report from its head to its end, as of today and with the head of the log.
fn written(
    world: &mut World<'_, '_>,
    store: &mut Store,
    mut head: Head,
    fill: impl FnOnce(&mut Store, &mut Rows<'_>) -> Result<()>,
) -> Outcome {
    head.members.push(("as_of", world.now().day().to_string().into()));
    head.members.extend(seal(world, store)?);
    let mut rows = world.rows(head)?;
    fill(store, &mut rows)?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

//! `dsr map check`: the maps against the databases as they stand.

use super::{Kept, Outcome, Rules, World, chosen};
use crate::{
    command::Exit,
    domain::{Error, Kind, Result},
    render::{Cell, Format, Head, Words, failure, words},
    store::Store,
    system::{
        check::{Finding, against, both_ways, probe},
        engine::is_same_database,
        learn::learn,
        open::Around,
        set::{System, Systems},
    },
};

/// Compare the maps with the databases as they stand
///
/// Every table and column has to be mapped or said to be not personal: a new one fails (exit 6). Types and lengths
/// have to fit what erasure writes, keys have to be single, references have to end somewhere. Values are looked at
/// for their form and never shown. Which database each system is, is recorded here and compared before anything is
/// destroyed; where it is another one than last time, say --accept once somebody has looked.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr map check\n  dsr map check crm --format json\n")]
pub struct Check {
    /// The systems to check [default: all]
    #[arg(value_name = "SYSTEM")]
    systems: Vec<String>,
    /// Take the catalogue's word: do not look into rows
    #[arg(long)]
    schema_only: bool,
    /// The database of a system is meant to be another one than last time
    #[arg(long)]
    accept: bool,
}

/// A finding with its system.
type Found = (String, Finding);

/// What a system said of itself.
type Identity = (String, String);

impl Check {
    pub(super) fn run(
        &self,
        world: &mut World<'_, '_>,
        rules: &Rules,
        controller: &str,
        store: Kept,
    ) -> Outcome {
        let names: Vec<String> = chosen(rules, &self.systems)?.into_iter().map(str::to_owned).collect();
        let systems = match world.systems(rules) {
            Err(error) if world.style().format == Format::Table => return told(world, error),
            read => read?,
        };
        let mut store = store;
        let (mut found, mut identities): (Vec<Found>, Vec<Identity>) = (Vec::new(), Vec::new());
        let mut failed = None;
        let variable = world.variable();
        let around = Around { directory: world.officer_directory(), variable: &variable };
        for system in systems.all.iter().filter(|system| names.contains(&system.name)) {
            // What is wrong with the others is said all the same.
            match self.one(system, &around) {
                Ok((findings, identity)) => {
                    found.extend(findings.into_iter().map(|finding| (system.name.clone(), finding)));
                    identities.push((system.name.clone(), identity));
                }
                Err(error) => {
                    found.push((system.name.clone(), unread(&error)));
                    failed = failed.or(Some(error.kind()));
                }
            }
        }
        let maps: Vec<_> = systems.all.iter().map(|one| (one.name.clone(), one.map.clone())).collect();
        found.extend(both_ways(&maps).into_iter().filter(|(system, _)| names.contains(system)));
        found.extend(self.others(store.as_mut(), &identities)?);
        let errors = found.iter().filter(|(_, one)| one.is_error).count();
        show(world, controller, &names, &found)?;
        notes(world, &systems)?;
        if errors == 0 {
            record(world, store.as_mut(), &identities)?;
        }
        let verdict = if errors == 0 { "the maps fit".to_owned() } else { format!("{errors} errors") };
        world.note(&format!("{}: {verdict}; {} warnings", names.join(", "), found.len() - errors))?;
        Ok(if errors == 0 { Exit::Done } else { Exit::With(failed.unwrap_or(Kind::Config)) })
    }

    fn one(&self, system: &System, around: &Around<'_>) -> Result<(Vec<Finding>, String)> {
        let mut engine = system.open(around)?;
        let mut live = engine.tables()?;
        engine.besides(&mut live)?;
        let mut map = system.map.clone();
        learn(&mut map, &live);
        let mut found = against(&map, &live);
        if !self.schema_only {
            found.extend(probe(&mut *engine, &map, &live)?);
        }
        Ok((found, engine.identity()?))
    }

    /// Systems that are another database than when they were last checked.
    fn others(&self, store: Option<&mut Store>, identities: &[Identity]) -> Result<Vec<Found>> {
        let Some(store) = store.filter(|_| !self.accept) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (system, identity) in identities {
            let before = store.read(|view| view.remote_identity(system))?;
            if before.is_some_and(|before| !is_same_database(&before, identity)) {
                found.push((system.clone(), other_database()));
            }
        }
        Ok(found)
    }
}

fn unread(error: &Error) -> Finding {
    Finding {
        is_error: true,
        code: "unread",
        collection: String::new(),
        field: None,
        message: error.message().to_owned(),
        hint: error.hint_text().unwrap_or_default().to_owned(),
    }
}

fn other_database() -> Finding {
    Finding {
        is_error: true,
        code: "other-database",
        collection: String::new(),
        field: None,
        message: "it is another database than at the last check".into(),
        hint: "see whether the connection leads where it should; if it does, add --accept".into(),
    }
}

fn record(world: &World<'_, '_>, store: Option<&mut Store>, identities: &[Identity]) -> Result<()> {
    let now = world.now();
    let Some(store) = store else { return Ok(()) };
    store.transact(|tx| {
        identities.iter().try_for_each(|(system, identity)| tx.know_identity(system, identity, now))
    })
}

/// Everything that is wrong with the maps by themselves.
fn told(world: &mut World<'_, '_>, error: Error) -> Outcome {
    let lang = world.style().lang;
    let color = world.env.color(world.global.color, world.env.stderr_is_terminal);
    let kind = error.kind();
    let (first, more) = error.apart();
    for one in std::iter::once(&first).chain(&more) {
        failure::write(world.env.stderr, one, Format::Table, lang, color);
    }
    Ok(Exit::With(kind))
}

/// What reading the maps had to guess.
fn notes(world: &mut World<'_, '_>, systems: &Systems) -> Result<()> {
    let words = Words::new(world.style().lang);
    systems.notes.iter().try_for_each(|note| world.note(&failure::place(note, &words)))
}

/// At a terminal as errors and warnings are shown everywhere; else as a list.
fn show(world: &mut World<'_, '_>, controller: &str, names: &[String], found: &[Found]) -> Result<()> {
    if world.style().format == Format::Table {
        found.iter().for_each(|(system, one)| at_terminal(world, system, one));
        return Ok(());
    }
    let errors = found.iter().filter(|(_, one)| one.is_error).count();
    let head = Head {
        schema: "dsr/map-check/v1",
        list: "findings",
        title: "Map check".into(),
        columns: &["severity", "code", "system", "collection", "field", "message", "hint"],
        members: vec![
            ("controller", controller.into()),
            ("systems", names.into()),
            ("valid", (errors == 0).into()),
            ("errors", errors.into()),
        ],
    };
    let mut rows = world.rows(head)?;
    for (system, one) in found {
        rows.row(&[
            Cell::Word(if one.is_error { "error" } else { "warning" }),
            Cell::Word(one.code),
            Cell::text(system),
            Cell::text(&one.collection),
            Cell::option(one.field.as_ref()),
            Cell::text(&one.message),
            Cell::text(&one.hint),
        ])?;
    }
    rows.finish(Vec::new())
}

fn at_terminal(world: &mut World<'_, '_>, system: &str, one: &Finding) {
    let lang = world.style().lang;
    let color = world.env.color(world.global.color, world.env.stderr_is_terminal);
    let place =
        if one.collection.is_empty() { system.to_owned() } else { format!("{system}.{}", one.collection) };
    let message = words::in_language(lang, &one.message);
    let error = Error::config(format!("{place}: {message}")).hint(one.hint.clone());
    match one.is_error {
        true => failure::write(world.env.stderr, &error, Format::Table, lang, color),
        false if world.global.quiet => {}
        false => failure::warn(world.env.stderr, &error, lang, color),
    }
}

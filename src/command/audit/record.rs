//! `dsr audit prove --record`: that a nightly run destroyed one record, from its leaf to the entry that says so.

use super::super::{Exit, Outcome, acting::key_of, world::World};
use crate::{
    audit::{Destroyed, Entry, proof},
    domain::{Error, Kind, Result, hex},
    render::{Cell, Head, Rows},
    store::{Mode, RECORD_REF, View, expire::Proved},
};

const COLUMNS: &[&str] =
    &["seq", "at", "controller", "category", "rule", "index", "size", "root", "salt", "mark", "path"];

/// Finds every destruction of the record that its source system called so, and proves it again: leaf, way
/// and root, and that the root is the one in the entry.
///
/// # Errors
/// Not found (exit 3): no nightly run destroyed such a record, or the act's own term is over; integrity
/// (exit 9): leaves and entry do not agree.
pub(super) fn prove(reference: &str, world: &mut World<'_, '_>) -> Outcome {
    let mut store = world.open(Mode::ReadOnly)?;
    let library = world.library()?;
    let controller = world.controller(&library, Some(&store))?;
    let key = key_of(&store)?.ok_or_else(|| Error::config("the key file of the store is missing"))?;
    let mark = key.mac(&controller, RECORD_REF, reference);
    let found = store.read(|view| {
        let found = view.prove_destroyed(&controller, &mark)?;
        found.into_iter().map(|proved| checked(view, &controller, &mark, proved)).collect::<Result<Vec<_>>>()
    })?;
    if found.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            "no proof is kept that a nightly run destroyed a record of this reference",
        )
        .hint(
            "a proof stays as long as the act of its run; what a request destroyed stands in its own act",
        ));
    }
    let head = Head {
        schema: "dsr/audit-prove-record/v1",
        list: "destructions",
        title: "Destroyed and proved".into(),
        columns: COLUMNS,
        members: vec![("controller", controller.clone().into())],
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    found.iter().try_for_each(|(entry, proved)| rows.row(&cells(&controller, &mark, entry, proved)))?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

/// The entry, if the leaf leads to the root that it names.
fn checked(view: &View<'_>, controller: &str, mark: &[u8; 32], proved: Proved) -> Result<(Entry, Proved)> {
    let entry = view.audit_entries(proved.seq.saturating_sub(1), 1)?;
    let entry =
        entry.first().filter(|(seq, _)| *seq == proved.seq).and_then(|(_, bytes)| Entry::parse(bytes).ok());
    let leaf =
        Destroyed { salt: &proved.salt, mark, controller, category: &proved.category, rule: &proved.rule };
    let leads = proof::includes(&proved.path, leaf.leaf(), proved.index, proved.size, proved.root);
    match entry.filter(|entry| leads && entry.act.leaves == Some(proved.root)) {
        Some(entry) => Ok((entry, proved)),
        None => Err(Error::new(
            Kind::Integrity,
            format!("the leaves of entry {} are not those it was written for", proved.seq),
        )
        .hint("keep the file as it is and compare it with a backup")),
    }
}

fn cells(controller: &str, mark: &[u8; 32], entry: &Entry, proved: &Proved) -> [Cell; 11] {
    [
        Cell::count(proved.seq),
        Cell::Moment(entry.act.at),
        Cell::text(controller),
        Cell::text(&proved.category),
        Cell::text(&proved.rule),
        Cell::count(proved.index),
        Cell::count(proved.size),
        Cell::text(proved.root),
        Cell::Text(hex::text(&proved.salt)),
        Cell::Text(hex::text(mark)),
        Cell::Words(proved.path.iter().map(ToString::to_string).collect()),
    ]
}

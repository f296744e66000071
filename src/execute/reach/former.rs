//! Whose number was corrected has two until every system has the new one. What stands under the old one cannot be found
//! by the new one: whoever asks for the person is told so, and whoever asks by the old one is not taken for a stranger.
//!
//! INVARIANT: the old number is kept as a mark alone; rows under it are nobody's to judge until the correction is made
//! everywhere, since they may be the person's as well as those of somebody whose number it always was.

use std::collections::BTreeSet;

use super::{Reach, Remote, intent::without_key};
use crate::{
    domain::{Action, CaseNumber, Error, Identifier, Kind, Plan, Result, Step, SubjectId},
    execute::order::NewValue,
    store::{
        KeyFile, Tx,
        destroy::Needles,
        effect::Person,
        remote::{Former, FormerMark, former_mark, former_value},
    },
    system::{map::Ownership, project::RowOf, traverse::graph::Graph},
};

/// What a correction replaces in rows elsewhere. Personal data: no `Debug`.
struct Replaced {
    /// What stood there.
    value: String,
    /// The same, where it names, and what takes its place.
    name: Option<(Identifier, Option<Identifier>)>,
}

/// A correction as it is carried out.
pub struct Correcting<'a> {
    /// What is known elsewhere; `None`: no other system was read.
    pub remote: Option<&'a Remote>,
    /// What is done.
    pub plan: &'a Plan,
    /// The new values.
    pub changes: &'a [NewValue],
    /// What the person went by here before it.
    pub before: &'a [Identifier],
}

impl Correcting<'_> {
    /// What the own store states as a row elsewhere did is corrected with that row; and what the person was found by and is
    /// not any more is kept as marks.
    ///
    /// # Errors
    /// As any write; configuration (exit 6): the key file is missing.
    pub fn carry_through(
        &self,
        tx: &Tx<'_>,
        case: &CaseNumber,
        (controller, subject, person): (&str, SubjectId, &Person),
        (key, needles): (Option<&KeyFile>, &mut Needles),
    ) -> Result<()> {
        let replaced = self.replaced();
        for (old, new) in replaced.iter().filter_map(|one| one.name.as_ref()) {
            new.as_ref().map_or(Ok(()), |new| tx.restate(person, old, new, needles))?;
        }
        let after = tx.facts(controller, subject)?.identifiers;
        let stood = replaced.iter().filter_map(|one| Some(&one.name.as_ref()?.0));
        let gone: Vec<&Identifier> =
            self.before.iter().chain(stood).filter(|name| !after.contains(name)).collect();
        let values = replaced.iter().filter(|one| one.name.is_none());
        let Some(key) = key else {
            return if self.remote.is_some() && !replaced.is_empty() { Err(without_key()) } else { Ok(()) };
        };
        let mut marks: BTreeSet<FormerMark> =
            gone.iter().map(|old| former_mark(key, controller, old)).collect();
        marks.extend(values.map(|one| former_value(key, controller, &one.value)));
        if marks.is_empty() {
            return Ok(());
        }
        tx.bind_key(key)?;
        tx.keep_former(case, &marks)
    }

    fn replaced(&self) -> Vec<Replaced> {
        let Some(remote) = self.remote else { return Vec::new() };
        let rows = remote.facts.rows.rows.iter();
        let theirs = rows.filter(|row| row.found.ownership == Ownership::Owner && !row.found.joint);
        theirs.flat_map(|row| self.of_row(&remote.graph, row)).collect()
    }

    /// What leads to a row or on from it, and becomes another value.
    fn of_row(&self, graph: &Graph, row: &RowOf) -> Vec<Replaced> {
        let node = &graph.nodes[row.found.node];
        let is_named = node.names.iter().any(|(_, kind)| kind.names_a_person());
        let mut all = Vec::new();
        for field in &node.collection.fields {
            let called = field.field.as_ref().unwrap_or(&field.name);
            let new = self.changes.iter().find(|new| {
                Some(new.category.as_str()) == field.category.as_ref().map(|one| one.as_str())
                    && new.field == *called
                    && self.plan.steps.iter().any(|step| corrects(step, new))
            });
            let (Some(new), Some(place)) = (new, node.place(&field.name)) else { continue };
            let held = row.found.cells[place].0.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let Some(value) = held.filter(|held| *held != new.value.trim()) else { continue };
            let kind = node.names.iter().find(|(at, _)| *at == place).map(|(_, kind)| *kind);
            let read = kind.and_then(|kind| Some((kind, Identifier::parse(kind, value).ok()?)));
            let leads = graph.into(row.found.node).any(|(_, edge)| edge.into == place)
                || graph.out_of(row.found.node).any(|(_, edge)| edge.out == place);
            let name = match read {
                // Who is named by a number besides is found by that, whatever their phone is.
                Some((kind, _)) if is_named && !kind.names_a_person() => continue,
                Some((kind, old)) => {
                    let new = Identifier::parse(kind, &new.value).ok();
                    if new.as_ref() == Some(&old) {
                        continue;
                    }
                    Some((old, new))
                }
                None if leads => None,
                None => continue,
            };
            all.push(Replaced { value: value.to_owned(), name });
        }
        all
    }
}

/// Whether a step makes this correction, or has people make it.
fn corrects(step: &Step, new: &NewValue) -> bool {
    let word = format!("{}.{}", new.category, new.field);
    let is_own = || step.category.as_ref().is_some_and(|one| one.as_str() == new.category);
    match step.action {
        Action::Rectify => step.meant.contains(&word) || is_own() && step.fields.contains(&new.field),
        Action::Manual => step.meant.contains(&word),
        _ => false,
    }
}

impl Reach {
    /// The systems where a person may have rows under what a case has yet to correct, each with the case.
    pub(super) fn uncorrected(
        &self,
        formers: &[Former],
        person: Option<SubjectId>,
    ) -> Vec<(String, CaseNumber)> {
        let known = |place: &&String| {
            self.without.contains_key(*place) || self.systems.iter().any(|system| system.name == **place)
        };
        let theirs = formers.iter().filter(|former| person.is_some() && former.subject == person);
        theirs
            .flat_map(|former| {
                former.places.iter().filter(known).map(|place| (place.clone(), former.case.clone()))
            })
            .collect()
    }
}

/// Whether rows were found by a number that a case corrects and has not corrected everywhere: whose they are is not sure.
///
/// # Errors
/// Configuration (exit 6): the key file is missing.
pub(super) fn unclear(
    formers: &[Former],
    (key, controller): (Option<&KeyFile>, &str),
    names: &[Identifier],
) -> Result<Option<Error>> {
    if formers.is_empty() {
        return Ok(None);
    }
    let key = key.ok_or_else(without_key)?;
    let marks: BTreeSet<FormerMark> = names.iter().map(|name| former_mark(key, controller, name)).collect();
    let former = formers.iter().find(|former| !former.marks.is_disjoint(&marks));
    Ok(former.map(|former| {
        let case = &former.case;
        let what = format!("case {case} corrects this number, and not every system has the new one");
        Error::new(Kind::Ambiguous, what).hint(format!(
            "nothing was done; see what is open there and end it: dsr request show {case}; its person is found by the new number"
        ))
    }))
}

//! Rows of several people whose term is over for all of them. Each alone leaves such a row to the others, who leave it
//! to them: so whoever has one is put off, and judged with the others once everybody else is done. Where all agree, the
//! row goes with one of them, in whatever order they were met.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::leave;
use crate::{
    domain::{Action, Identifier, Plan, Record},
    execute::reach::Remote,
    system::{
        engine::folded,
        map::Ownership,
        traverse::{Place, graph::End},
    },
};

/// A row of several of which all that is a person's is due. Personal data: no `Debug`.
#[derive(Clone)]
pub(super) struct Due {
    /// Where it lies.
    pub row: Place,
    /// Whether it is theirs; else they appear in it.
    pub owns: bool,
    /// Rows by which others have a part in it.
    pub others: Vec<Place>,
    /// Theirs by which they have.
    pub own: Vec<Place>,
}

/// The rows of several of which everything of a person is due, also those that only hang on such a row.
///
/// None to which another of theirs refers that stays: they live there still, and the row could not go.
pub(super) fn due(one: &Remote, plan: &Plan, records: &[Record], due: &[(Action, &Record)]) -> Vec<Due> {
    let rows = &one.facts.rows;
    let goes: HashSet<i64> = due
        .iter()
        .filter(|(action, _)| *action == Action::Destroy)
        .map(|(_, record)| record.key.id)
        .collect();
    let (mut over, mut stays) = (BTreeSet::new(), BTreeSet::new());
    for record in records {
        let Some((nth, _)) = rows.of_record(record.key) else { continue };
        let _ = if goes.contains(&record.key.id) { over.insert(nth) } else { stays.insert(nth) };
    }
    let shared = over.difference(&stays).filter(|nth| !rows.rows[**nth].found.others.is_empty());
    let deletes = plan.steps.iter().filter(|step| step.action == Action::Destroy && step.fields.is_empty());
    let deleted: HashSet<usize> =
        deletes.flat_map(|step| &step.keys).filter_map(|key| Some(rows.of_record(*key)?.0)).collect();
    let shared = shared.filter(|nth| !is_referred_to(one, **nth, &deleted));
    let of_row = |nth: &usize| {
        let found = &rows.rows[*nth].found;
        let (row, owns) = ((found.node, found.key.clone()), found.ownership == Ownership::Owner);
        Due { row, owns, others: found.others.clone(), own: own(one, *nth) }
    };
    shared.map(of_row).collect()
}

/// Theirs by which they have a part in a row, or in the rows of several that it hangs on.
fn own(one: &Remote, nth: usize) -> Vec<Place> {
    let rows = &one.facts.rows.rows;
    let (mut own, mut open, mut met) = (Vec::new(), vec![nth], BTreeSet::new());
    while let Some(nth) = open.pop() {
        if !met.insert(nth) {
            continue;
        }
        let near = leave::near(one, nth);
        own.extend(near.iter().map(|near| &rows[*near].found).map(|near| (near.node, near.key.clone())));
        open.extend(near.into_iter().filter(|near| rows[*near].found.joint));
    }
    own
}

/// The rows of several of a person, but for those that go with them.
pub(super) fn apart(one: &Remote, taken: &HashMap<Place, usize>, nth: usize) -> HashSet<Place> {
    let joint = one.facts.rows.rows.iter().map(|row| &row.found).filter(|found| found.joint);
    let places = joint.map(|found| (found.node, found.key.clone()));
    places.filter(|place| taken.get(place) != Some(&nth)).collect()
}

/// Whether a row of theirs refers to a row and stays. One that only links stays with everybody, and the row is masked.
fn is_referred_to(one: &Remote, nth: usize, deleted: &HashSet<usize>) -> bool {
    let (rows, graph) = (&one.facts.rows.rows, &*one.graph);
    let found = &rows[nth].found;
    let mut edges = graph.into(found.node).filter(|(_, edge)| edge.parent == Some(End::To));
    edges.any(|(_, edge)| {
        let value = found.cells[edge.into].0.as_deref().map(folded);
        let near = rows.iter().enumerate().filter(|(_, row)| row.found.node == edge.from);
        near.filter(|(_, row)| row.found.cells[edge.out].0.as_deref().map(folded) == value)
            .any(|(near, _)| !deleted.contains(&near) && graph.nodes[edge.from].personal().next().is_some())
    })
}

/// Who takes which row along, by their places among those of a page: the last of the owners for whom everybody else
/// agrees.
pub(super) fn taken<'d>(all: impl Iterator<Item = &'d [Due]> + Clone) -> HashMap<Place, usize> {
    let mut agree = HashMap::<&Place, HashSet<&Place>>::new();
    for due in all.clone().flatten() {
        agree.entry(&due.row).or_default().extend(&due.own);
    }
    let mut taken = HashMap::new();
    for (nth, due) in all.enumerate().flat_map(|(nth, all)| all.iter().map(move |due| (nth, due))) {
        let all_agree = agree.get(&due.row).is_some_and(|own| due.others.iter().all(|one| own.contains(one)));
        if due.owns && all_agree {
            let _ = taken.insert(due.row.clone(), nth);
        }
    }
    taken
}

/// Who is judged at the end of a night, and for which rows. Personal data: no `Debug`.
#[derive(Default)]
pub(super) struct PutOff(Vec<(Identifier, Vec<Place>)>);

impl PutOff {
    /// One more.
    pub fn push(&mut self, who: &Identifier, due: &[Due]) {
        self.0.push((who.clone(), due.iter().map(|due| due.row.clone()).collect()));
    }

    /// Those of another.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Pages of at least so many, but for the last; whoever shares a row stands on the same.
    pub fn pages(&self, size: usize) -> Vec<Vec<Identifier>> {
        let mut having = HashMap::<&Place, Vec<usize>>::new();
        for (nth, (_, rows)) in self.0.iter().enumerate() {
            rows.iter().for_each(|row| having.entry(row).or_default().push(nth));
        }
        let (mut met, mut pages, mut page) = (vec![false; self.0.len()], Vec::new(), Vec::new());
        for first in 0..self.0.len() {
            let mut open = vec![first];
            while let Some(nth) = open.pop() {
                if !std::mem::replace(&mut met[nth], true) {
                    page.push(self.0[nth].0.clone());
                    open.extend(self.0[nth].1.iter().flat_map(|row| &having[row]));
                }
            }
            if page.len() >= size {
                pages.push(std::mem::take(&mut page));
            }
        }
        pages.extend(Some(page).filter(|page| !page.is_empty()));
        pages
    }
}

#[test]
fn whoever_shares_a_row_stands_on_the_same_page() {
    let who = |n: u32| Identifier::parse(crate::domain::IdentifierType::Account, &format!("Z-{n}"));
    let mut put_off = PutOff::default();
    for (n, rows) in [(1, vec![7]), (2, vec![8]), (3, vec![7, 9]), (4, vec![9]), (5, vec![5])] {
        let rows = rows.into_iter().map(|row: u32| (0, vec![row.to_string()])).collect();
        put_off.0.extend(who(n).ok().map(|who| (who, rows)));
    }
    let sizes = |size| put_off.pages(size).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!((sizes(1), sizes(4), sizes(9)), (vec![3, 1, 1], vec![4, 1], vec![5]));
}

//! How much of each collection a night reads of the people whom it meets.
//!
//! INVARIANT: what is not read bears on nothing but itself, and is not due. So every other record gets the verdict
//! that it would get beside it; whether a row may go on which something could hang is for `judge` to see.

use crate::{
    decide::sieve::{Sieve, Sieves},
    system::{
        engine::Age,
        traverse::{
            graph::{Graph, Node},
            reading::{Reading, Readings},
        },
    },
};

/// Of each collection. `ages`: the rows that may be due, one a collection; none where no row is.
pub(in crate::execute::reach::night) fn readings(
    graph: &Graph,
    sieves: &Sieves,
    ages: &[Option<Vec<Age>>],
) -> Readings {
    let of = |(node, ages): (usize, &Option<Vec<Age>>)| match ages {
        _ if !stands_alone(graph, node, sieves) => Reading::Whole,
        Some(ages) if ages.is_empty() => Reading::Whole,
        Some(ages) => Reading::Of(ages.clone()),
        None => Reading::Nothing,
    };
    Readings::new((0..graph.nodes.len()).zip(ages).map(of).collect())
}

/// Whether rows of a collection tell nothing of anything else: nothing hangs on them, nobody is named in them, they
/// are no deal and no consent, and no date of theirs counts for another record.
fn stands_alone(graph: &Graph, at: usize, sieves: &Sieves) -> bool {
    let node = &graph.nodes[at];
    let meaning = &node.collection.meaning;
    let tells_of_contact = meaning.last_contact_at.is_some() || meaning.activity_at.is_some();
    let counts_contacts = sieves.of.values().any(|sieve| sieve.given_by_others);
    graph.out_of(at).next().is_none()
        && node.names.is_empty()
        && meaning.obligation.is_none()
        && meaning.consent.is_none()
        && !(tells_of_contact && counts_contacts)
        && is_dated(node, sieves)
}

/// Whether the dates of a row alone say that it is not due, whatever else is known of the person.
fn is_dated(node: &Node, sieves: &Sieves) -> bool {
    let held = node.collection.fields.iter().filter(|field| !field.not_personal);
    held.filter_map(|field| field.category.as_ref())
        .all(|category| sieves.outside.contains(category) || sieves.of.get(category).is_some_and(is_of_dates))
}

/// A category of which no rule speaks is counted whole, as a gap. Where no rule counts from a day that was, what cannot
/// be read as one is in no age, and it is a gap too.
fn is_of_dates(sieve: &Sieve) -> bool {
    let Sieve { before, reached: _, given_by_others, withdrawn, consents, unconsented, everything, gap } =
        sieve;
    let by_consents = !withdrawn.is_empty() || !consents.is_empty() || !unconsented.is_empty();
    before.is_some() && !given_by_others && !by_consents && !everything && !gap
}

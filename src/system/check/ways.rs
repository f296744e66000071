//! References without a direction that lead nowhere: whether a row at one end makes the other somebody else's cannot be told,
//! so that neither is followed.

use super::Finding;
use crate::system::map::{Collection, Direction, Map, link::reachable};

/// Findings with their systems; every map, since a reference may lead into another.
pub fn both_ways(maps: &[(String, Map)]) -> Vec<(String, Finding)> {
    let mut found = Vec::new();
    for (at, (system, map)) in maps.iter().enumerate() {
        for (nth, own) in map.collections.iter().enumerate().filter(|(_, own)| !own.skip) {
            for (field, link) in
                own.fields.iter().flat_map(|field| field.references.iter().map(move |r| (field, r)))
            {
                let other = maps.iter().find(|(_, map)| map.key == link.to.dataset);
                let other = other
                    .and_then(|(_, map)| map.collections.iter().find(|one| one.name == link.to.collection));
                let Some(other) = other.filter(|other| link.direction == Direction::Both && !other.skip)
                else {
                    continue;
                };
                if finds(own) && finds(other)
                    || !finds(other) && is_only_way(maps, (at, nth), &field.name, &link.to.collection)
                {
                    found.push((
                        system.clone(),
                        hidden(own, &field.name, &format!("{}.{}", other.name, link.to.field)),
                    ));
                }
            }
        }
    }
    found
}

/// Whether people are found in it by a number of their own.
fn finds(collection: &Collection) -> bool {
    use crate::domain::IdentifierType::{Email, Phone};
    let numbers =
        collection.fields.iter().filter(|field| !field.third_party).filter_map(|field| field.identity);
    numbers.into_iter().any(|kind| kind.names_a_person() || matches!(kind, Email | Phone))
}

/// Whether rows of a collection are found by this reference alone, and those that it refers to by another.
fn is_only_way(maps: &[(String, Map)], (at, nth): (usize, usize), column: &str, other: &str) -> bool {
    let mut without = maps.to_vec();
    let own = &mut without[at].1.collections[nth];
    let name = own.name.clone();
    let mut to = None;
    for field in own.fields.iter_mut().filter(|field| field.name == column) {
        to = field.references.iter().find(|link| link.to.collection == other).map(|link| link.to.clone());
        field.references.retain(|link| link.to.collection != other);
    }
    let key = without[at].1.key.clone();
    let reached = reachable(&without);
    to.is_some_and(|to| reached.contains(&(to.dataset, to.collection)) && !reached.contains(&(key, name)))
}

fn hidden(own: &Collection, column: &str, end: &str) -> Finding {
    let message = format!("`{column}` and `{end}` refer to each other, and nothing is found through them");
    let hint = format!(
        "say `direction: from` of `{column}` if rows of `{}` belong to those of `{end}`, `direction: to` if it is the other way round",
        own.name
    );
    Finding::error("both-ways", &own.name, Some(column), message, &hint)
}

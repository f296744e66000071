//! What several maps say together: references that cross systems, collections that nobody can be found in, and an
//! order of erasing that exists.

use std::collections::{BTreeMap, BTreeSet};

use super::{Address, Collection, Direction, Map};
use crate::domain::{Error, Result};

/// Makes the maps of all systems one. Systems are named as `dsr.yaml` names them.
///
/// # Errors
/// Configuration (exit 6), every fault beside the first: two datasets of one name, a reference that ends nowhere,
/// a personal collection that no identifier leads to, a circle in the order of erasing.
pub fn link(maps: &mut [(String, Map)]) -> Result<()> {
    let mut faults = twice(maps);
    faults.extend(resolve(maps));
    if faults.is_empty() {
        faults.extend(unreachable(maps));
        faults.extend(circle(maps));
    }
    let mut faults = faults.into_iter();
    faults.next().map_or(Ok(()), |first| Err(first.beside(faults).told_by("dsr map check")))
}

fn twice(maps: &[(String, Map)]) -> Vec<Error> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for (system, map) in maps {
        if let Some(first) = seen.insert(&map.key, system) {
            let message = format!("systems `{first}` and `{system}` have the same dataset `{}`", map.key);
            faults.push(Error::config(message).hint("give each dataset its own `fides_key`"));
        }
    }
    faults
}

/// Addresses in other datasets, written as those call them.
fn resolve(maps: &mut [(String, Map)]) -> Vec<Error> {
    let known: Vec<Map> = maps.iter().map(|(_, map)| map.clone()).collect();
    let mut faults = Vec::new();
    for (system, map) in maps {
        for collection in &mut map.collections {
            let name = collection.name.clone();
            let links =
                collection.fields.iter_mut().flat_map(|field| &mut field.references).map(|link| &mut link.to);
            for address in links.chain(&mut collection.after).chain(&mut collection.erase_after) {
                let map = known.iter().find(|one| one.key == address.dataset);
                match map.and_then(|map| Some((map, map.find(address)?))) {
                    Some((map, found)) if map.is_inside(&found) => faults.push(inside(system, &name, &found)),
                    Some((_, found)) => *address = found,
                    None => faults.push(dangling(system, &name, address)),
                }
            }
        }
    }
    faults
}

fn inside(system: &str, collection: &str, end: &Address) -> Error {
    let end = format!("{}.{}.{}", end.dataset, end.collection, end.field);
    Error::config(format!("system `{system}`: `{collection}` names `{end}`, which lies inside a column"))
        .hint("a reference ends at a column of the table")
}

fn dangling(system: &str, collection: &str, address: &Address) -> Error {
    let end = match address.field.as_str() {
        "" => format!("{}.{}", address.dataset, address.collection),
        field => format!("{}.{}.{field}", address.dataset, address.collection),
    };
    Error::config(format!("system `{system}`: `{collection}` names `{end}`, which no map has"))
        .hint("name the dataset by its `fides_key`, and a collection and field of it; the system has to stand in dsr.yaml")
}

/// Collections by dataset and name.
type Place = (String, String);

/// Both ways in which rows can be found: from the first place to the second.
fn ways(maps: &[(String, Map)]) -> Vec<(Place, Place)> {
    let mut ways = Vec::new();
    for (_, map) in maps {
        for collection in map.collections.iter().filter(|one| !one.skip) {
            let here = (map.key.clone(), collection.name.clone());
            for link in collection.fields.iter().flat_map(|field| &field.references) {
                let there = (link.to.dataset.clone(), link.to.collection.clone());
                if link.direction != Direction::To {
                    ways.push((there.clone(), here.clone()));
                }
                if link.direction != Direction::From {
                    ways.push((here.clone(), there));
                }
            }
        }
    }
    ways
}

/// The collections that a person's identifiers lead to.
pub fn reachable(maps: &[(String, Map)]) -> BTreeSet<Place> {
    let ways = ways(maps);
    let begins = |collection: &&Collection| {
        !collection.skip && collection.fields.iter().any(|field| field.identity.is_some())
    };
    let mut open: Vec<Place> = maps
        .iter()
        .flat_map(|(_, map)| {
            map.collections.iter().filter(begins).map(|one| (map.key.clone(), one.name.clone()))
        })
        .collect();
    let mut reached: BTreeSet<Place> = open.iter().cloned().collect();
    while let Some(place) = open.pop() {
        for (_, next) in ways.iter().filter(|(from, _)| *from == place) {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

fn unreachable(maps: &[(String, Map)]) -> Vec<Error> {
    let reached = reachable(maps);
    let mut faults = Vec::new();
    for (system, map) in maps {
        for collection in map.collections.iter().filter(|one| !one.skip && one.is_personal()) {
            if !reached.contains(&(map.key.clone(), collection.name.clone())) {
                faults.push(lost(system, collection));
            }
        }
    }
    faults
}

/// With the link that is missing, as far as the map shows it.
fn lost(system: &str, collection: &Collection) -> Error {
    let name = &collection.name;
    let into = collection.fields.iter().find_map(|field| Some((field, field.references.first()?)));
    let hint = match into {
        Some((field, link)) if link.direction == Direction::To => format!(
            "`{}` points away from it (`direction: to`); write `from`, if rows of `{name}` are found by `{}.{}`",
            field.name, link.to.collection, link.to.field
        ),
        Some((field, link)) => format!(
            "`{}` comes from `{}`, which no identifier leads to: add the link there",
            field.name, link.to.collection
        ),
        None => format!(
            "give a column of `{name}` an `identity`, or a reference `from` a collection that is found"
        ),
    };
    Error::config(format!(
        "system `{system}`: nobody's rows can be found in `{name}`: no identifier leads there"
    ))
    .hint(hint)
}

/// An order of erasing exists where nothing waits for itself.
fn circle(maps: &[(String, Map)]) -> Option<Error> {
    let mut waits: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (_, map) in maps {
        for collection in &map.collections {
            let first =
                collection.erase_after.iter().map(|one| (one.dataset.clone(), one.collection.clone()));
            waits.entry((map.key.clone(), collection.name.clone())).or_default().extend(first);
        }
    }
    loop {
        let free: Vec<Place> =
            waits.iter().filter(|(_, first)| first.is_empty()).map(|(place, _)| place.clone()).collect();
        if free.is_empty() {
            break;
        }
        waits.retain(|place, _| !free.contains(place));
        waits.values_mut().for_each(|first| first.retain(|place| !free.contains(place)));
    }
    let names: Vec<String> = waits.keys().map(|(dataset, name)| format!("{dataset}.{name}")).collect();
    (!names.is_empty()).then(|| {
        Error::config(format!("the order of erasing is a circle: {}", names.join(", ")))
            .hint("take one `erase_after` out of it")
    })
}

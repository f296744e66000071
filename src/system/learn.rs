//! What a map leaves to the database to say: the key of a row, what columns take and which are computed, and which rows
//! refer to which.
//!
//! A map made for another program names few keys, and no map names every tie. Nothing here overrules what a map says.

use super::{
    check::table_of,
    engine::Table,
    map::{Address, Field, Map},
};

/// Takes over what the database declares about the collections of a map.
pub fn learn(map: &mut Map, live: &[Table]) {
    keys(map, live);
    declared(map, live);
    order(map, live);
}

/// The table's own key, where the map names none. A column of it that no map names stays unmapped: it is read, and
/// nobody has said what it is.
fn keys(map: &mut Map, live: &[Table]) {
    for collection in map.collections.iter_mut().filter(|one| !one.skip && one.key().is_empty()) {
        let Some(table) = table_of(live, &collection.name) else { continue };
        for column in &table.key {
            match collection.fields.iter_mut().find(|field| field.name == *column && !field.is_inside()) {
                Some(field) => field.primary_key = true,
                None => collection.fields.push(of_key(column)),
            }
        }
    }
}

fn of_key(column: &str) -> Field {
    let (name, column) = (column.to_owned(), column.to_owned());
    Field { name, column, primary_key: true, learnt: true, ..Field::default() }
}

fn declared(map: &mut Map, live: &[Table]) {
    for collection in &mut map.collections {
        let Some(table) = table_of(live, &collection.name) else { continue };
        for field in &mut collection.fields {
            field.declared = table.columns.iter().find(|column| column.name == field.column).cloned();
            field.generated = field.declared.as_ref().is_some_and(|column| column.generated);
        }
    }
}

/// What refers to a row goes before it, whether or not the map knows of it; where the map says otherwise, it holds.
fn order(map: &mut Map, live: &[Table]) {
    let of_table = |name: &str| {
        let table = table_of(live, name)?;
        map.collections.iter().position(|one| table_of(live, &one.name) == Some(table))
    };
    let mut ties = Vec::new();
    for table in live {
        let Some(own) = of_table(&table.name) else { continue };
        let others = table.foreign.iter().filter_map(|(_, other, _)| of_table(other));
        ties.extend(others.filter(|other| *other != own).map(|other| (own, other)));
    }
    for (own, other) in ties {
        let address = |at: usize| Address {
            dataset: map.key.clone(),
            collection: map.collections[at].name.clone(),
            field: String::new(),
        };
        let (first, then) = (address(own), address(other));
        let says_otherwise = map.collections[own].erase_after.contains(&then);
        let first_known = map.collections[other].erase_after.contains(&first);
        if !says_otherwise && !first_known {
            map.collections[other].erase_after.push(first);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::system::{check::unmapped, engine::Column, map::sample::map};

    fn table(name: &str, columns: &[&str], key: &[&str], foreign: &[(&[&str], &str)]) -> Table {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let column = |name: &&str| Column {
            name: name.trim_end_matches('*').into(),
            kind: "text".into(),
            length: None,
            nullable: true,
            generated: name.ends_with('*'),
        };
        Table {
            name: name.into(),
            columns: columns.iter().map(column).collect(),
            key: own(key),
            foreign: foreign.iter().map(|(names, other)| (own(names), (*other).into(), own(names))).collect(),
            ..Table::default()
        }
    }

    const SHOP: &str = "
dataset: [{ fides_key: shop, collections: [
  { name: person, fields: [{ name: iin, dsr_meta: { identity: iin } }, { name: name }, { name: found }] },
  { name: address, fields: [{ name: iin, dsr_meta: { identity: iin } }, { name: kind }, { name: city }] },
  { name: parcel, fields: [{ name: nr }, { name: iin, dsr_meta: { identity: iin } }, { name: kind }] } ] }]";

    fn live() -> Vec<Table> {
        vec![
            table("person", &["iin", "name", "found*"], &["iin"], &[]),
            table("address", &["iin", "kind", "city"], &["iin", "kind"], &[(&["iin"], "person")]),
            table(
                "parcel",
                &["nr", "hidden", "iin", "kind"],
                &["nr", "hidden"],
                &[(&["iin", "kind"], "address")],
            ),
        ]
    }

    #[test]
    fn a_key_is_the_tables_where_the_map_names_none() {
        let mut map = map(SHOP);
        learn(&mut map, &live());
        let keys: Vec<Vec<&str>> = map.collections.iter().map(|one| one.key()).collect();
        // All of it, also what no map names: a part of a key would be another row's too.
        assert_eq!(keys, [vec!["iin"], vec!["iin", "kind"], vec!["nr", "hidden"]]);
        let unmapped: Vec<Vec<String>> =
            map.collections.iter().zip(&live()).map(|(one, table)| unmapped(one, table)).collect();
        assert_eq!(unmapped, [vec![], vec![], vec!["hidden".to_owned()]]);
        assert!(map.collections[0].field("found").unwrap().generated);
    }

    #[test]
    fn what_refers_goes_first_unless_the_map_says_otherwise() {
        let after = |map: &Map| -> Vec<Vec<String>> {
            let names = |all: &[Address]| all.iter().map(|one| one.collection.clone()).collect();
            map.collections.iter().map(|one| names(&one.erase_after)).collect()
        };
        let mut plain = map(SHOP);
        learn(&mut plain, &live());
        learn(&mut plain, &live());
        assert_eq!(after(&plain), [vec!["address"], vec!["parcel"], vec![]]);
        let text =
            SHOP.replace("{ name: parcel,", "{ name: parcel, fides_meta: { erase_after: [shop.address] },");
        let mut said = map(&text);
        learn(&mut said, &live());
        assert_eq!(after(&said), [vec!["address"], vec![], vec!["address"]]);
    }
}

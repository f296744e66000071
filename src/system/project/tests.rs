//! Rows as facts, over the two systems of the walk.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::{
    domain::IdentifierType,
    system::traverse::{Whose, cast},
};

fn facts(iin: &str) -> Facts {
    let mut world = cast::world();
    let graph = Graph::of(&world.systems).unwrap();
    let names = [Identifier::parse(IdentifierType::Iin, iin).unwrap()];
    let reached = cast::walk(&mut world.systems, &graph, &names, &mut |_| Ok(Whose::Nobody)).unwrap();
    project(&world.systems, &graph, reached, Moment::from_unix(1_700_000_000))
}

#[test]
fn what_others_put_into_a_row_is_masked_and_what_they_own_is_not_shown() {
    let facts = facts("900101399998");
    let held: Vec<(&str, &str)> =
        facts.records.iter().map(|r| (r.reference.as_str(), r.data.as_str())).collect();
    let of = |name: &str| held.iter().find(|(reference, _)| *reference == name).map(|(_, data)| *data);
    assert_eq!(
        of("crm deal 10"),
        Some(r#"{"buyer":"1","car":"100","id":"10","payer":"***","payer_name":"***"}"#)
    );
    assert_eq!(of("crm deal 11"), Some(r#"{"payer":"1","payer_name":"First"}"#));
    assert_eq!(of("site visit 3"), Some(r#"{"id":"3","login":"A-1","page":"/new"}"#));
    let shared: Vec<&str> =
        facts.records.iter().filter(|r| r.caveats.shared).map(|r| r.reference.as_str()).collect();
    assert_eq!(shared, ["crm deal 10", "crm deal 11", "crm car 102"]);
    assert!(facts.records.iter().all(|record| record.caveats.undated), "no column says when");
}

#[test]
fn the_way_back_leads_to_the_row() {
    let facts = facts("900101399998");
    for record in &facts.records {
        let (row, category) = facts.rows.of_record(record.key).unwrap();
        let row = &facts.rows.rows[row];
        assert!(record.reference.ends_with(&row.found.key.join("/")));
        assert_eq!((category, record.key.version), (&record.category, row.version));
    }
    for id in [0, 1, -1000, i64::MIN] {
        assert!(facts.rows.of_record(RecordKey { id, version: 0 }).is_none(), "{id}");
    }
}

#[test]
fn any_change_is_another_version() {
    let row = |cells: &[Option<&str>]| -> Row { cells.iter().map(|c| Cell(c.map(str::to_owned))).collect() };
    let known = version(&row(&[Some("ab"), None]));
    for other in [&[Some("a"), Some("b")][..], &[None, Some("ab")], &[Some("ab"), Some("")], &[Some("ab")]] {
        assert_ne!(known, version(&row(other)));
    }
}

#[test]
fn no_two_keys_run_into_one_text() {
    let text = |parts: &[&str]| key_text(&parts.iter().map(|&part| part.to_owned()).collect::<Vec<_>>());
    assert_eq!(text(&["a/b"]), "a/b");
    let several: [&[&str]; 4] = [&["1/2", "3"], &["1", "2/3"], &["1\\", "2/3"], &["1\\/2", "3"]];
    let all: std::collections::BTreeSet<String> = several.into_iter().map(text).collect();
    assert_eq!(all.len(), several.len(), "{all:?}");
}

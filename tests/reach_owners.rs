//! A row of another system that several people own: each leaves it to the others, and the last takes it along.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World,
    plan::{list, text},
};
use rusqlite::Connection;
use serde_json::Value;

const SYSTEMS: &str = "
controllers:
  automaster:
    systems:
      site: { kind: sqlite, owner: Web team, file: site.db, map: site.yaml }
";

/// A flat is reached over a table that says who lives where, and nothing else.
const LINKED: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at, last_contact_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: name, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: living
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: customer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
          - name: flat
            fides_meta: { references: [{ dataset: site, field: flat.number, direction: to }] }
      - name: flat
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: number, dsr_meta: { not_personal: true } }
          - { name: street, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

/// The same, where only the date of a contract is about the person who signed it and the one who is named in it.
const NAMED: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at, last_contact_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: name, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: deal
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: buyer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
          - name: payer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
            dsr_meta: { ownership: accessor, blank: [payer_name] }
          - { name: payer_name, dsr_meta: { category: usage } }
          - { name: page, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

/// Whoever leaves: `Z-1`, `Z-2` and so on, with the day of their data and how many live in flat 7.
fn flat(map: &str, people: &[&str]) -> World {
    let world = office(
        map,
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, login TEXT, name TEXT, at TEXT);
         CREATE TABLE living (id INTEGER PRIMARY KEY, customer INTEGER, flat INTEGER);
         CREATE TABLE flat (id INTEGER PRIMARY KEY, number INTEGER, street TEXT, at TEXT);
         INSERT INTO flat VALUES (7, 7, 'Invented street, 7', '2019-01-01');",
    );
    for (nth, day) in (1..).zip(people) {
        sql(
            &world,
            &format!(
                "INSERT INTO customer VALUES ({nth}, 'Z-{nth}', 'Name {nth}', '{day}');
                 INSERT INTO living VALUES ({nth}, {nth}, 7);"
            ),
        );
    }
    world
}

fn office(map: &str, tables: &str) -> World {
    let world = World::in_memory("automaster");
    let _ = (world.write("site.yaml", map), world.write("dsr.yaml", SYSTEMS));
    sql(&world, tables);
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn sql(world: &World, sql: &str) {
    Connection::open(world.path().join("site.db")).unwrap().execute_batch(sql).unwrap();
}

/// What a query finds, one text a row.
fn rows(world: &World, query: &str) -> Vec<String> {
    let conn = Connection::open(world.path().join("site.db")).unwrap();
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn streets(world: &World) -> Vec<String> {
    rows(world, "SELECT street FROM flat WHERE street IS NOT NULL")
}

fn logins(world: &World) -> Vec<String> {
    rows(world, "SELECT login FROM customer WHERE login IS NOT NULL ORDER BY 1")
}

fn night(world: &World, more: &str) -> Run {
    let args = ["purge-expired", "--max-share", "100", "--format", "json"];
    world.dsr(args.into_iter().chain(more.split_whitespace()))
}

/// `flat usage destroy 2`
fn lines(answer: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let word = |key: &str| text(&one[key]).to_owned();
        format!("{} {} {} {}", word("collection"), word("category"), word("action"), one["count"])
    };
    let mut all: Vec<String> = list(&answer["systems"]).iter().map(line).collect();
    all.sort();
    all
}

/// The records of somebody's copy, each as it is told.
/// A draft: what somebody confirmed asks on the day of an erasure is answered before anything goes.
fn copy(world: &World, who: &str) -> Vec<String> {
    let copy = world.types(&format!("export --subject {who} --controller automaster --format json")).ok();
    list(&copy.json()["records"]).iter().map(ToString::to_string).collect()
}

/// The categories that somebody is found to have; it opens no case, which would protect them.
fn found(world: &World, who: &str) -> Vec<String> {
    let plan = world.does(&format!("erase --subject {who} --dry-run")).ok().json();
    let all = list(&plan["steps"]).iter().chain(list(&plan["kept"]));
    all.filter_map(|step| step["category"].as_str()).map(str::to_owned).collect()
}

/// Every reference without a direction.
fn either_way(map: &str) -> String {
    map.replace(", direction: from", "").replace(", direction: to", "")
}

#[test]
fn owners_who_leave_in_one_night_take_the_row_along() {
    for map in [LINKED.to_owned(), either_way(LINKED)] {
        for (owners, batch) in [(1, 1), (2, 500), (2, 1), (3, 500), (3, 2), (5, 3)] {
            let world = flat(&map, &vec!["2019-01-01"; owners]);
            let about = format!("{owners} owners, pages of {batch}");
            let planned = night(&world, &format!("--dry-run --batch {batch}")).ok().json();
            let done = night(&world, &format!("--enable --batch {batch}")).ok();
            assert_eq!(streets(&world), [""; 0], "{about}");
            assert_eq!(logins(&world), [""; 0], "{about}");
            assert_eq!(lines(&done.json()), lines(&planned), "{about}: a rehearsal tells what is done");
            let after = night(&world, "").ok();
            assert_eq!(after.json()["gaps"], serde_json::json!({}), "{about}: nothing of anybody is left");
            assert!(!after.stderr.contains("assign by hand"), "{about}: {}", after.stderr);
        }
    }
}

#[test]
fn the_last_owner_takes_the_row_along_in_a_later_night() {
    for map in [LINKED.to_owned(), either_way(LINKED)] {
        let mut world = flat(&map, &["2019-01-01", "2024-06-01", "2025-06-01"]);
        sql(&world, "UPDATE flat SET at = '2025-11-30'");
        let _ = night(&world, "--enable").ok();
        assert_eq!(logins(&world), ["Z-2", "Z-3"]);
        assert_eq!(streets(&world).len(), 1, "two live there");
        let mut year = |day: &str| {
            let _ = world.at(&format!("{day}T10:00:00+05:00"));
            let _ = night(&world, &format!("--accept-clock {day}")).ok();
            (logins(&world), streets(&world).len())
        };
        assert_eq!(year("2027-11-01"), (vec!["Z-3".to_owned()], 1), "it is theirs alone");
        assert_eq!(year("2027-12-02"), (vec!["Z-3".to_owned()], 0), "and past its term");
    }
}

#[test]
fn what_stays_keeps_the_last_who_finds_it() {
    // The flat is younger than both who live there.
    let mut world = flat(LINKED, &["2019-01-01", "2019-01-01"]);
    sql(&world, "UPDATE flat SET at = '2026-05-01'");
    let planned = night(&world, "--dry-run").ok().json();
    let done = night(&world, "--enable").ok().json();
    assert_eq!(lines(&done), lines(&planned));
    let left = logins(&world);
    assert_eq!((left.len(), streets(&world).len()), (1, 1), "one leaves it to the other: {left:?}");
    assert!(found(&world, &format!("account:{}", left[0])).contains(&"usage".to_owned()));
    let _ = world.at("2032-02-01T10:00:00+05:00");
    let _ = night(&world, "--accept-clock 2032-02-01").ok();
    assert_eq!((logins(&world), streets(&world)), (Vec::new(), Vec::new()));
}

#[test]
fn whoever_asks_leaves_it_and_the_last_who_asks_ends_it() {
    for map in [LINKED.to_owned(), either_way(LINKED)] {
        for ask in ["erase", "revoke"] {
            for [first, last] in [["Z-1", "Z-2"], ["Z-2", "Z-1"]] {
                let world = flat(&map, &["2026-10-01", "2026-10-01"]);
                let before = copy(&world, &format!("account:{last}"));
                let plan = world.does(&format!("{ask} --subject account:{first}")).ok().json();
                assert!(list(&plan["kept"]).iter().any(|line| line["rule"] == "RF-OTHERS"), "{plan:#}");
                assert_eq!(copy(&world, &format!("account:{last}")), before, "{ask} by {first}");
                assert!(before.iter().any(|one| one.contains("Invented street")), "{before:?}");
                let plan = world.does(&format!("{ask} --subject account:{last}")).ok().json();
                assert!(!list(&plan["kept"]).iter().any(|line| line["rule"] == "RF-OTHERS"), "{plan:#}");
                assert_eq!((logins(&world), streets(&world)), (Vec::new(), Vec::new()), "{ask} by {last}");
            }
        }
    }
}

/// A deal of a buyer, in which a payer is named.
fn deal(map: &str) -> World {
    office(
        map,
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, login TEXT, name TEXT, at TEXT);
         CREATE TABLE deal (id INTEGER PRIMARY KEY, buyer INTEGER, payer INTEGER, payer_name TEXT, page TEXT, at TEXT);
         INSERT INTO customer VALUES (1, 'Z-1', 'Buyer', '2019-01-01'), (2, 'Z-2', 'Payer', '2019-01-01');
         INSERT INTO deal VALUES (1, 1, 2, 'Payer', '/deal', '2019-01-01');",
    )
}

fn told(world: &World) -> Vec<String> {
    rows(world, "SELECT ifnull(page, '-') || ' ' || ifnull(payer_name, '-') FROM deal")
}

#[test]
fn whoever_appears_leaves_before_the_owner_or_after() {
    for map in [NAMED.to_owned(), either_way(NAMED)] {
        let world = deal(&map);
        let before = copy(&world, "account:Z-1");
        let _ = world.does("erase --subject account:Z-2").ok();
        assert_eq!(told(&world), ["/deal -"], "what names them is blank");
        assert_eq!(copy(&world, "account:Z-1"), before);
        let _ = world.does("erase --subject account:Z-1").ok();
        assert_eq!(told(&world), [""; 0], "nobody else is in it any more");
        let world = deal(&map);
        let before = copy(&world, "account:Z-2");
        let _ = world.does("erase --subject account:Z-1").ok();
        assert_eq!(told(&world), ["/deal Payer"], "the payer's copy shows their name");
        assert_eq!(copy(&world, "account:Z-2"), before);
        let _ = world.does("erase --subject account:Z-2").ok();
        assert_eq!(told(&world), [""; 0], "the owner left before");
        for batch in ["1", "500"] {
            let world = deal(&map);
            let planned = night(&world, &format!("--dry-run --batch {batch}")).ok().json();
            let done = night(&world, &format!("--enable --batch {batch}")).ok().json();
            assert_eq!(told(&world), [""; 0], "both in one night, pages of {batch}");
            assert_eq!(lines(&done), lines(&planned));
        }
    }
}

#[test]
fn who_only_has_no_number_is_somebody() {
    let world = flat(LINKED, &["2019-01-01", "2019-01-01"]);
    sql(&world, "UPDATE customer SET login = NULL WHERE id = 2");
    let plan = world.does("erase --subject account:Z-1 --dry-run").ok().json();
    assert!(list(&plan["kept"]).iter().any(|line| line["rule"] == "RF-OTHERS"), "{plan:#}");
    let gaps: Vec<&str> = list(&plan["gaps"]).iter().map(|gap| text(&gap["missing"])).collect();
    assert!(
        gaps.contains(&"site: no identifier leads to what stays in flat any more: note where it is"),
        "{gaps:?}"
    );
    let _ = night(&world, "--enable").ok();
    assert_eq!((logins(&world), streets(&world).len()), (vec!["Z-1".to_owned()], 1), "the only way to it");
}

#[test]
fn what_nobody_is_found_by_any_more_is_told_by_name() {
    let world = flat(LINKED, &["2019-01-01"]);
    sql(&world, "DELETE FROM living");
    let says = "site: no identifier leads to what is past its term in flat (1): assign by hand";
    let _ = night(&world, "--dry-run").ok().says(says);
    let _ = night(&world, "--enable").ok().says(says);
    assert_eq!(streets(&world).len(), 1);
}

#[test]
fn a_reference_without_direction_hides_nothing() {
    let all = |map: &str| {
        let world = flat(map, &["2026-10-01", "2026-10-01"]);
        sql(
            &world,
            "INSERT INTO flat VALUES (8, 8, 'Other street, 8', '2019-01-01'); INSERT INTO living VALUES (3, 1, 8);",
        );
        (copy(&world, "account:Z-1"), copy(&world, "account:Z-2"))
    };
    let said = all(LINKED);
    assert!(said.0.iter().any(|one| one.contains("Other street")) && said.0.len() == 3, "{said:?}");
    assert!(!said.1.iter().any(|one| one.contains("Other street")) && said.1.len() == 2, "{said:?}");
    let by_key = LINKED.replace("flat.number", "flat.id");
    for map in [LINKED, &by_key] {
        for map in [either_way(map), map.replace(", direction: from", ""), map.replace(", direction: to", "")]
        {
            assert_eq!(all(&map), said, "{map}");
        }
    }
}

/// Everybody's term is over, and nobody leaves: the contact is young, the flat is not.
#[test]
fn what_is_past_its_term_for_everybody_goes_while_all_stay() {
    for map in [LINKED.to_owned(), either_way(LINKED)] {
        for (owners, batch) in [(2, 500), (2, 1), (3, 2), (5, 3)] {
            let world = flat(&map, &vec!["2026-10-01"; owners]);
            let about = format!("{owners} owners, pages of {batch}");
            let planned = night(&world, &format!("--dry-run --batch {batch}")).ok().json();
            let done = night(&world, &format!("--enable --batch {batch}")).ok().json();
            assert_eq!(streets(&world), [""; 0], "{about}: {done:#}");
            assert_eq!(logins(&world).len(), owners, "{about}");
            assert_eq!(lines(&done), ["flat usage destroy 1"], "{about}");
            assert_eq!(lines(&done), lines(&planned), "{about}: a rehearsal tells what is done");
            assert_eq!(done["held"], serde_json::json!({}), "{about}: nobody keeps it: {done:#}");
            assert_eq!(lines(&night(&world, "").ok().json()), [""; 0], "{about}");
        }
    }
}

/// One of them may not be taken anything from: the row stays for all.
#[test]
fn what_is_protected_for_one_stays_for_everybody() {
    for who in ["account:Z-1", "account:Z-2"] {
        let world = flat(LINKED, &["2026-10-01", "2026-10-01"]);
        let _ = world.asks(&format!("restrict --subject {who} --reason check")).ok();
        let done = night(&world, "--enable").ok().json();
        assert_eq!(streets(&world).len(), 1, "{who} is blocked: {done:#}");
        assert_eq!(done["held"]["usage"], 2, "{who}: {done:#}");
    }
}

/// One leaves and the other stays, whichever of them is met first.
#[test]
fn the_order_in_which_people_are_met_decides_nothing() {
    for days in [["2019-01-01", "2026-10-01"], ["2026-10-01", "2019-01-01"]] {
        for batch in [1, 500] {
            let world = flat(LINKED, &days);
            let planned = night(&world, &format!("--dry-run --batch {batch}")).ok().json();
            let done = night(&world, &format!("--enable --batch {batch}")).ok().json();
            assert_eq!((streets(&world).len(), logins(&world).len()), (0, 1), "{days:?} {batch}: {done:#}");
            assert_eq!(lines(&done), lines(&planned), "{days:?} {batch}");
        }
    }
}

/// The same where the row itself names both, and one of two such rows is young.
#[test]
fn what_is_past_its_term_for_both_goes_and_what_is_young_stays() {
    let both = NAMED.replace("            dsr_meta: { ownership: accessor, blank: [payer_name] }\n", "");
    for first in [1, 2] {
        let world = deal(&both);
        sql(
            &world,
            &format!(
                "UPDATE customer SET at = '2026-10-01';
                 INSERT INTO deal VALUES (2, {first}, {}, 'Payer', '/young', '2026-10-01');",
                3 - first
            ),
        );
        let planned = night(&world, "--dry-run").ok().json();
        let done = night(&world, "--enable").ok().json();
        assert_eq!(told(&world), ["/young Payer"], "{done:#}");
        assert_eq!(lines(&done), lines(&planned));
        assert_eq!(logins(&world).len(), 2);
    }
}

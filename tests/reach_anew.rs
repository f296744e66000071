//! What a database refuses for what it is, and is drawn anew once the map is mended: whatever else was done meanwhile, the
//! rows are still found, and nothing is called done that is not.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World,
    plan::{list, text},
};
use rusqlite::Connection;

const SYSTEMS: &str = "
controllers:
  mycar:
    systems:
      shop: { kind: sqlite, owner: IT, file: shop.db, map: shop.yaml }
      site: { kind: sqlite, owner: Web, file: site.db, map: site.yaml }
";

/// Two people whose terms are over; one of them has a row in the other system, found by the number here.
const SHOP: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, iin VARCHAR(12), blocked VARCHAR(5) CHECK (blocked IN ('Y', 'N')), at VARCHAR(20), done VARCHAR(20));
    INSERT INTO person VALUES (1, '900101499994', 'N', '2019-05-01', '2019-06-01'), (2, '900101399998', 'N', '2019-05-01', '2019-06-01');";

const SITE: &str = "
    CREATE TABLE account (id INTEGER PRIMARY KEY, person INTEGER, login VARCHAR(12) CHECK (login <> 'bad'), at VARCHAR(20), done VARCHAR(20));
    INSERT INTO account VALUES (7, 1, 'assel', '2019-05-01', '2019-06-01');";

const SHOP_MAP: &str = "
dataset:
  - fides_key: shop
    collections:
      - name: person
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: identity, purposes: [service], collected_at: at, purpose_reached_at: done, restriction: { column: blocked, blocked: \"yes\", free: \"no\" } }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin } }
          - { name: blocked, dsr_meta: { not_personal: true } }
          - { name: at, data_categories: [system.operations] }
          - { name: done, data_categories: [system.operations] }
";

const SITE_MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: account
        dsr_meta: { category: account, purposes: [service], collected_at: at, purpose_reached_at: done }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: person, fides_meta: { references: [ { dataset: shop, field: person.id, direction: from } ] } }
          - { name: login, dsr_meta: { category: account, field: login }, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: bad } } } }
          - { name: at, data_categories: [system.operations] }
          - { name: done, data_categories: [system.operations] }
";

const WHO: &str = "iin:900101499994";

fn office() -> World {
    let world = World::with_store("mycar");
    let _ = world.write("dsr.yaml", SYSTEMS);
    for (name, tables, map) in [("shop", SHOP, SHOP_MAP), ("site", SITE, SITE_MAP)] {
        Connection::open(world.path().join(format!("{name}.db"))).unwrap().execute_batch(tables).unwrap();
        let _ = world.write(&format!("{name}.yaml"), map);
    }
    let _ = run(&world, "map check").ok();
    world
}

fn run(world: &World, line: &str) -> Run {
    world.dsr(line.split(' ').chain(["--format", "json"]))
}

/// The map as it is mended.
fn mend(world: &World, name: &str, map: &str, (old, new): (&str, &str)) {
    assert!(map.contains(old));
    let _ = world.write(&format!("{name}.yaml"), map.replace(old, new));
    let _ = run(world, "map check").ok();
}

fn rows(world: &World, name: &str, query: &str) -> Vec<String> {
    let conn = Connection::open(world.path().join(format!("{name}.db"))).unwrap();
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn an_erasure_keeps_the_way_to_what_was_refused_in_another_system() {
    let world = office();
    let open = run(&world, &format!("erase --subject {WHO} --identity document --yes")).exits(8).json();
    let case = text(&open["outcome"]["case"]).to_owned();
    assert_eq!(
        rows(&world, "shop", "SELECT iin FROM person WHERE id = 1 AND iin IS NOT NULL"),
        ["900101499994"],
        "the way to the account"
    );
    mend(&world, "site", SITE_MAP, ("rewrite_value: bad", "rewrite_value: gone"));
    let ended = run(&world, &format!("erase --subject {WHO} --request {case} --yes")).ok().json();
    assert_eq!(text(&ended["outcome"]["state"]), "executed", "{ended:#}");
    assert_eq!(rows(&world, "site", "SELECT login FROM account"), ["gone"]);
    assert!(rows(&world, "shop", "SELECT iin FROM person WHERE id = 1 AND iin IS NOT NULL").is_empty());
}

/// The way is gone all the same, by another hand: what nobody finds is not called done.
#[test]
fn what_nobody_finds_any_more_is_not_done() {
    let world = office();
    let open = run(&world, &format!("erase --subject {WHO} --identity document --yes")).exits(8).json();
    let case = text(&open["outcome"]["case"]).to_owned();
    let shop = Connection::open(world.path().join("shop.db")).unwrap();
    shop.execute_batch("UPDATE person SET id = 77 WHERE id = 1").unwrap();
    mend(&world, "site", SITE_MAP, ("rewrite_value: bad", "rewrite_value: gone"));
    let again = format!("erase --subject {WHO} --request {case} --yes");
    let _ = run(&world, &again).exits(4).says("no search finds any more");
    assert_eq!(rows(&world, "site", "SELECT login FROM account"), ["assel"]);
    let people = run(&world, &format!("{again} --without site")).ok().json();
    let places: Vec<&str> =
        list(&people["outcome"]["duties"]).iter().map(|duty| text(&duty["place"])).collect();
    assert!(places.contains(&"site"), "{people:#}");
    let closed = run(&world, &format!("request answer {case} --channel email --number 1-1"));
    let _ = closed.exits(4);
}

#[test]
fn a_night_keeps_the_way_to_what_was_refused_in_another_system() {
    let mut world = office();
    let _ = run(&world, "purge-expired --enable --max-share 100").exits(8);
    let left = rows(&world, "shop", "SELECT iin FROM person WHERE iin IS NOT NULL");
    assert_eq!(left, ["900101499994"], "who has nothing that was refused goes");
    mend(&world, "site", SITE_MAP, ("rewrite_value: bad", "rewrite_value: gone"));
    let _ = world.at("2026-11-23T03:00:00+05:00");
    let _ = run(&world, "purge-expired --max-share 100").ok();
    assert_eq!(rows(&world, "site", "SELECT login FROM account"), ["gone"]);
    assert!(rows(&world, "shop", "SELECT iin FROM person WHERE iin IS NOT NULL").is_empty());
}

#[test]
fn a_flag_that_was_refused_is_set_and_cleared_when_the_right_is_exercised_again() {
    let flag = |world: &World| rows(world, "shop", "SELECT blocked FROM person WHERE id = 1");
    for same in [true, false] {
        let mut world = office();
        let block = format!("restrict --subject {WHO} --reason disputed --yes");
        let open = run(&world, &block).exits(8).json();
        let case = text(&open["outcome"]["case"]).to_owned();
        mend(&world, "shop", SHOP_MAP, ("blocked: \"yes\"", "blocked: \"Y\""));
        let again = if same { format!("{block} --request {case}") } else { block };
        let _ = world.at("2026-11-23T10:00:00+05:00");
        let _ = run(&world, &again).ok();
        assert_eq!(flag(&world), ["Y"], "in the same case: {same}");

        let lift = format!("restrict --subject {WHO} --lift --finding accurate --yes");
        let open = run(&world, &lift).exits(8).json();
        let case = text(&open["outcome"]["case"]).to_owned();
        let map = SHOP_MAP.replace("blocked: \"yes\"", "blocked: \"Y\"");
        mend(&world, "shop", &map, ("free: \"no\"", "free: \"N\""));
        let _ = run(&world, &format!("{lift} --request {case}")).ok();
        assert_eq!(flag(&world), ["N"], "in the same case: {same}");
    }
}

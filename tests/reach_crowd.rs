//! A night in which a page has more people and values than one statement of an engine holds: nobody's row is lost among
//! the others', and what protects it counts.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fmt::Write;

use common::{
    World, servers,
    site::{SYSTEMS, numbers as rows, sql},
};

/// People in one page.
const CROWD: u32 = 400;

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at, last_contact_at: at }
        fields:
          - { name: code, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: mail, dsr_meta: { identity: email, category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: flat
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: street, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: living
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: code, fides_meta: { primary_key: true } }
          - name: customer
            fides_meta: { references: [{ dataset: site, field: customer.code, direction: from }] }
          - name: flat
            fides_meta: { references: [{ dataset: site, field: flat.id, direction: to }] }
          - { name: kind, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: letter
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: mail
            fides_meta: { references: [{ dataset: site, field: customer.mail, direction: from }] }
          - { name: text, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

/// Everybody has two flats, an e-mail and a letter to it, and everything is old. SQLite lets a key of text be NULL,
/// and `letters` is where no key is declared.
fn crowd() -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    let mut rows = "CREATE TABLE customer (code TEXT PRIMARY KEY, login TEXT, mail TEXT, at TEXT);
        CREATE TABLE flat (id INTEGER PRIMARY KEY, street TEXT, at TEXT);
        CREATE TABLE living (code TEXT PRIMARY KEY, customer TEXT, flat INTEGER, kind TEXT, at TEXT);
        CREATE TABLE letter (id INTEGER, mail TEXT, text TEXT, at TEXT);
        BEGIN;"
        .to_owned();
    for n in 1..=CROWD {
        let other = n + CROWD;
        let _ = write!(
            rows,
            "INSERT INTO customer VALUES ('C{n}', 'Z-{n}', 'z{n}@mail.example', '2019-01-01');
             INSERT INTO flat VALUES ({n}, 'Invented street, {n}', '2019-01-01'), ({other}, 'Field road, {n}', '2019-01-01');
             INSERT INTO living VALUES ('L{n}', 'C{n}', {n}, 'owner', '2019-01-01'), ('M{n}', 'C{n}', {other}, 'owner', '2019-01-01');
             INSERT INTO letter VALUES ({n}, 'z{n}@mail.example', 'hello', '2019-01-01'), ({other}, 'z{n}@mail.example', 'hi', '2019-01-01');"
        );
    }
    sql(&world, &format!("{rows} COMMIT;"));
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn night(world: &World) -> common::Run {
    let batch = (2 * CROWD).to_string();
    world.dsr(["purge-expired", "--enable", "--max-share", "100", "--batch", &batch, "--format", "json"])
}

#[test]
fn a_row_without_a_key_protects_like_any_other() {
    let world = crowd();
    // Two who still come live in a flat of the first and one of the second; two relatives read their letters.
    sql(
        &world,
        "INSERT INTO customer VALUES ('D1', 'Y-1', NULL, '2026-11-01'), ('D2', 'Y-2', NULL, '2026-11-01'),
           (NULL, NULL, 'z1@mail.example', '2026-11-01'), (NULL, NULL, 'z2@mail.example', '2026-11-01');
         INSERT INTO living VALUES (NULL, 'D1', 1, 'tenant', '2026-11-01'), (NULL, 'D2', 2, 'tenant', '2026-11-01');",
    );
    let _ = night(&world).ok();
    assert_eq!(rows(&world, "SELECT id FROM flat ORDER BY id"), [1, 2], "others live there");
    assert_eq!(
        rows(&world, "SELECT DISTINCT id % 400 FROM letter ORDER BY 1"),
        [1, 2],
        "others have the address"
    );
}

#[test]
fn a_key_of_two_rows_stops_a_crowd_too() {
    let world = crowd();
    sql(&world, "INSERT INTO letter VALUES (7, 'z8@mail.example', 'mine', '2026-11-01')");
    let _ = night(&world).exits(6).says("the key of `letter` is not unique");
    assert_eq!(rows(&world, "SELECT count(*) FROM letter"), [i64::from(2 * CROWD) + 1]);
}

/// Two people whom only their case tells apart, in a database that holds both for one where visits refer to them: what
/// goes is the same whether they stand in one page or in two.
#[test]
fn two_writings_are_two_people_in_one_page_of_mariadb_too() {
    let Some(server) = servers::maria() else { return };
    let left = |batch: &str| {
        let name = server.database();
        let _ = server.sql(
            &name,
            "CREATE TABLE customer (code varchar(20) COLLATE utf8mb4_bin PRIMARY KEY, login varchar(20), mail varchar(40), at date);
             CREATE TABLE letter (id int PRIMARY KEY, mail varchar(40), text text, at date);
             CREATE TABLE flat (id int PRIMARY KEY, street text, at date);
             CREATE TABLE living (code varchar(20) PRIMARY KEY, customer varchar(20) COLLATE utf8mb4_general_ci, flat int, kind text, at date);
             INSERT INTO customer VALUES ('c1', 'Z-1', NULL, '2019-01-01'), ('C1', 'Z-2', NULL, '2019-01-01'), ('d1', 'Z-3', NULL, '2019-01-01');
             INSERT INTO flat VALUES (1, 'one', '2019-01-01'), (2, 'two', '2019-01-01'), (3, 'three', '2019-01-01');
             INSERT INTO living VALUES ('L1', 'c1', 1, 'owner', '2019-01-01'), ('L2', 'C1', 2, 'owner', '2019-01-01'),
               ('L3', 'C1', 3, 'tenant', '2026-11-01'), ('L4', 'd1', 3, 'owner', '2019-01-01');",
        );
        let world = World::with_store("automaster");
        let systems = SYSTEMS.replace(
            "kind: sqlite, owner: Web team, file: site.db",
            "kind: mysql, owner: Web team, env: SITE",
        );
        let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", systems));
        let run = |words: &str| {
            let mut command = world.command(words.split(' '));
            common::Run::of(&command.env("SITE", server.url(&name, None)).output().unwrap()).ok()
        };
        let _ = run("map check");
        let said =
            run(&format!("purge-expired --enable --max-share 100 --format json --batch {batch}")).json();
        let all = "SELECT CONCAT('customer ', code) FROM customer UNION ALL SELECT CONCAT('living ', code) FROM living
            UNION ALL SELECT CONCAT('flat ', id) FROM flat ORDER BY 1";
        (server.sql(&name, all), said["systems"].clone())
    };
    let (page, alone) = (left("500"), left("1"));
    assert_eq!(page.0, alone.0);
    assert!(page.0.contains("flat 3") && page.0.contains("living L3"), "somebody lives there: {}", page.0);
    assert!(!page.0.contains("flat 1") && !page.0.contains("living L4"), "the rest goes: {}", page.0);
}

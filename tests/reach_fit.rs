//! A correction that a column of another system does not take: it is put to people, and nothing is tried for ever.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;

use common::{
    Run, World,
    plan::{list, text},
    servers::{self, Server},
};
use serde_json::Value;

const WHO: &str = "iin:900101499994";

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: name, dsr_meta: { category: contact, field: given_name } }
          - { name: age, dsr_meta: { category: contact, field: patronymic } }
          - { name: at, data_categories: [system.operations] }
";

const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, iin VARCHAR(20), name VARCHAR(12) CHECK (name <> 'Nobody'), age INTEGER, at VARCHAR(20));
    INSERT INTO customer VALUES (1, '900101499994', 'Assel', 30, '2026-05-01');";

struct Office {
    server: Option<(Arc<Server>, String)>,
    world: World,
}

impl Office {
    fn of(kind: &str) -> Option<Self> {
        let server = match kind {
            "postgres" => Some(servers::postgres()?),
            "mysql" => Some(servers::maria()?),
            _ => None,
        };
        let server = server.map(|server| (server.clone(), server.database()));
        let world = World::with_store("mycar");
        let place = if server.is_some() { "env: SITE" } else { "file: site.db" };
        let of = format!("{{ kind: {kind}, owner: Web team, {place}, map: site.yaml }}");
        let _ = world.write("dsr.yaml", format!("controllers:\n  mycar:\n    systems:\n      site: {of}\n"));
        let _ = world.write("site.yaml", MAP);
        let office = Self { server, world };
        office.sql(TABLES);
        let _ = office.dsr(&["map", "check"]).ok();
        Some(office)
    }

    fn sql(&self, sql: &str) {
        match &self.server {
            Some((server, name)) => drop(server.sql(name, sql)),
            None => {
                let conn = rusqlite::Connection::open(self.world.path().join("site.db")).unwrap();
                conn.execute_batch(sql).unwrap();
            }
        }
    }

    /// The first column of what a query finds.
    fn rows(&self, sql: &str) -> Vec<String> {
        if let Some((server, name)) = &self.server {
            return server.sql(name, sql).split_whitespace().map(str::to_owned).collect();
        }
        let conn = rusqlite::Connection::open(self.world.path().join("site.db")).unwrap();
        let mut query = conn.prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn dsr(&self, words: &[&str]) -> Run {
        let mut command = self.world.command(words.iter().chain(&["--format", "json"]));
        command.envs(self.server.as_ref().map(|(server, name)| ("SITE", server.url(name, None))));
        Run::of(&command.output().unwrap())
    }

    fn rectify(&self, set: &str) -> Run {
        self.rectify_all(&[set])
    }

    fn rectify_all(&self, sets: &[&str]) -> Run {
        let words =
            ["rectify", "--subject", WHO, "--document", "passport", "--identity", "document", "--yes"];
        let sets = sets.iter().flat_map(|&set| ["--set", set]);
        self.dsr(&words.into_iter().chain(sets).collect::<Vec<_>>())
    }
}

fn tasks(answer: &Value) -> Vec<String> {
    list(&answer["outcome"]["duties"]).iter().map(|duty| text(&duty["task"]).to_owned()).collect()
}

fn story(kind: &str) {
    let Some(office) = Office::of(kind) else { return };
    let mut owed = Vec::new();
    for (set, column) in
        [("contact.given_name=Longer than twelve", "name"), ("contact.patronymic=many", "age")]
    {
        let put = office.rectify(set).ok();
        // Two corrections of one category are two steps.
        owed.push(format!(
            "rectify: contact in customer: the new value does not fit {column}: have people do it"
        ));
        assert_eq!(tasks(&put.json()), owed, "{kind} {set}: {}", put.stdout);
        assert_eq!(put.json()["outcome"]["systems"], serde_json::json!([]), "{kind}: nothing was sent");
    }
    // Length and type are well; that the database wants another value it alone knows.
    let put = office.rectify("contact.given_name=Nobody").ok();
    let answer = put.json();
    let task = "rectify: contact in customer: the database refuses the new value of name, \
                a constraint of the database stands against it: have people do it";
    assert_eq!(tasks(&answer)[2..], [task], "{kind}: {answer:#}");
    let case = text(&answer["outcome"]["case"]);
    let shown = office.dsr(&["request", "show", case]).ok();
    assert_eq!(shown.json()["state"], "executed", "{kind}");
    assert!(!shown.stdout.contains("Nobody"), "{kind}: {}", shown.stdout);
    let _ =
        office.dsr(&["request", "resume", case, "--yes"]).exits(2).says("holds nothing that can be resumed");
    let conn = rusqlite::Connection::open(office.world.store()).unwrap();
    let left: i64 = conn.query_row("SELECT count(*) FROM remote_step", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "{kind}: key and value are gone");
    let _ = office.dsr(&["request", "done", case, "--step", "2", "--evidence", "typed in"]).ok();
    let _ = office.dsr(&["audit", "verify"]).ok();
    // What it takes is written as before.
    let put = office.rectify("contact.given_name=Asel").ok().json();
    assert_eq!(put["outcome"]["systems"][0]["state"], "done", "{kind}: {put:#}");
}

/// What is corrected in one row: two categories, and a column that is nobody's to change.
const PARTS: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: name, dsr_meta: { category: contact, field: given_name } }
          - { name: surname, dsr_meta: { category: contact, field: family_name } }
          - { name: street, dsr_meta: { category: contact, field: address }, fides_meta: { read_only: true } }
          - { name: patronymic, dsr_meta: { category: contact } }
          - { name: sex, dsr_meta: { category: identity } }
          - { name: at, data_categories: [system.operations] }
";

const ROW: &str = "SELECT concat(name, '/', surname, '/', street, '/', patronymic, '/', sex) FROM customer";

/// What a database refuses of a correction is people's, and no more: the other columns of the row are corrected.
fn in_part(kind: &str) {
    let Some(office) = Office::of(kind) else { return };
    office.sql(
        "DROP TABLE customer;
         CREATE TABLE customer (id INTEGER PRIMARY KEY, iin VARCHAR(20), name VARCHAR(12), surname VARCHAR(12), street VARCHAR(12),
             patronymic VARCHAR(12), sex VARCHAR(2), at VARCHAR(20), CHECK (name <> 'Nobody'), CHECK (name <> surname));
         INSERT INTO customer VALUES (1, '900101499994', 'Assel', 'Om', 'Abay', 'A', 'm', '2026-05-01');",
    );
    let _ = office.world.write("site.yaml", PARTS);
    let _ = office.dsr(&["map", "check", "--accept"]).ok();
    let sets = [
        "contact.given_name=Nobody",
        "contact.family_name=Omar",
        "contact.address=Dostyk",
        "contact.patronymic=B",
        "identity.sex=f",
    ];
    let put = office.rectify_all(&sets).ok().json();
    assert_eq!(office.rows(ROW), ["Assel/Omar/Abay/B/f"], "{kind}: {put:#}");
    let told = [
        "rectify: contact in customer: the map lets nobody change street: have people do it",
        "rectify: contact in customer: the database refuses the new value of name, \
         a constraint of the database stands against it: have people do it",
    ];
    assert_eq!(tasks(&put), told, "{kind} {put:#}");
    assert_eq!(put["outcome"]["systems"][0]["state"], "done", "{kind}: {put:#}");
    let made: Vec<String> = list(&put["steps"])
        .iter()
        .flat_map(|step| list(&step["fields"]))
        .map(|field| text(field).to_owned())
        .collect();
    assert_eq!(made, ["surname", "patronymic", "sex"], "{kind}: {put:#}");
    let case = text(&put["outcome"]["case"]).to_owned();
    for step in ["1", "2"] {
        let _ = office.dsr(&["request", "done", &case, "--step", step, "--evidence", "typed in"]).ok();
    }
    let letter = office.world.dsr(["request", "letter", &case, "--lang", "en"]).ok().stdout;
    assert_eq!(letter.matches("(site); Field: ").count(), 5, "{kind}: {letter}");
    // Each is taken alone, and not both.
    let put = office.rectify_all(&["contact.given_name=Same", "contact.family_name=Same"]).ok().json();
    assert!(tasks(&put)[0].contains("the new value of name, surname, "), "{kind}: {put:#}");
    assert_eq!(office.rows(ROW), ["Assel/Omar/Abay/B/f"], "{kind}");
    let _ = office.dsr(&["audit", "verify"]).ok();
}

#[test]
fn a_correction_that_sqlite_takes_in_part_is_made_in_part() {
    in_part("sqlite");
}

#[test]
fn a_correction_that_postgres_takes_in_part_is_made_in_part() {
    in_part("postgres");
}

#[test]
fn a_correction_that_mariadb_takes_in_part_is_made_in_part() {
    in_part("mysql");
}

/// One row of two is kept by a law, so its other columns are masked.
const DEALS: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        dsr_meta: { category: contract, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: nick, dsr_meta: { category: usage }, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: gone } } } }
          - { name: amount, dsr_meta: { category: contract } }
          - { name: at, data_categories: [system.operations] }
      - name: deal
        dsr_meta: { category: contract, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [ { dataset: site, field: customer.id, direction: from } ] } }
          - { name: note, dsr_meta: { category: usage }, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: gone } } } }
          - { name: amount, dsr_meta: { category: contract } }
          - { name: at, data_categories: [system.operations] }
";

/// A mask that the database refuses is no dead end: another map draws another step, and what waited behind it comes too.
fn masked(kind: &str) {
    let Some(office) = Office::of(kind) else { return };
    office.sql(
        "DROP TABLE customer;
         CREATE TABLE customer (id INTEGER PRIMARY KEY, iin VARCHAR(20), nick VARCHAR(12), amount INTEGER, at VARCHAR(20));
         CREATE TABLE deal (id INTEGER PRIMARY KEY, customer INTEGER, note VARCHAR(12) CHECK (note <> 'gone'), amount INTEGER, at VARCHAR(20));
         INSERT INTO customer VALUES (1, '900101499994', 'ass', 5, '2026-05-01');
         INSERT INTO deal VALUES (7, 1, 'asks often', 30, '2026-05-01');",
    );
    let _ = office.world.write("site.yaml", DEALS);
    let _ = office.dsr(&["map", "check", "--accept"]).ok();
    let erase = ["erase", "--subject", WHO, "--identity", "document", "--yes"];
    let open = office.dsr(&erase).exits(8).json();
    let case = text(&open["outcome"]["case"]).to_owned();
    let trouble = |answer: &Value| -> Vec<String> {
        list(&answer["systems"]).iter().map(|part| text(&part["trouble"]).to_owned()).collect()
    };
    let waits = trouble(&open["outcome"]);
    let is_refused = |why: &String| why.contains("once the map is mended: exercise the right again");
    assert!(waits.iter().any(is_refused), "{kind}: {waits:?}");
    assert!(waits.iter().any(|why| why == "an earlier step of it is not done"), "{kind}: {waits:?}");
    let shown = office.dsr(&["request", "show", &case]).ok().json();
    let ways: Vec<&str> = list(&shown["ways"]).iter().map(text).collect();
    assert!(
        ways[0].starts_with("dsr request resume") && ways[1].starts_with("dsr erase"),
        "{kind}: {ways:?}"
    );
    let _ = office.dsr(&["request", "resume", &case, "--yes"]).exits(8);
    // Under the same map the same would be drawn, and refused.
    let _ = office.dsr(&[&erase[..], &["--request", &case]].concat()).exits(4).says("request resume");

    let _ = office.world.write("site.yaml", DEALS.replace("rewrite_value: gone", "rewrite_value: none"));
    let _ = office.dsr(&["map", "check"]).ok();
    let ended = office.dsr(&[&erase[..], &["--request", &case]].concat()).ok().json();
    assert_eq!(text(&ended["outcome"]["case"]), case, "{kind}");
    assert_eq!(trouble(&ended["outcome"]), ["", ""], "{kind}: {ended:#}");
    let masked = office.rows("SELECT nick FROM customer UNION ALL SELECT note FROM deal");
    assert_eq!(masked, ["none", "none"], "{kind}");
    let _ = office.dsr(&["sanitize"]).ok();
    let acts = office.dsr(&["report", "destruction"]).ok().json();
    assert!(list(&acts["acts"]).iter().all(|act| act["state"] == "destroyed"), "{kind}: {acts:#}");
}

#[test]
fn a_mask_that_sqlite_does_not_take_is_drawn_anew() {
    masked("sqlite");
}

#[test]
fn a_mask_that_postgres_does_not_take_is_drawn_anew() {
    masked("postgres");
}

#[test]
fn a_mask_that_mariadb_does_not_take_is_drawn_anew() {
    masked("mysql");
}

#[test]
fn a_value_that_sqlite_does_not_take_is_put_to_people() {
    story("sqlite");
}

#[test]
fn a_value_that_postgres_does_not_take_is_put_to_people() {
    story("postgres");
}

#[test]
fn a_value_that_mariadb_does_not_take_is_put_to_people() {
    story("mysql");
}

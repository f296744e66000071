//! A deal that is open in another system keeps what it needs, and first of all itself: without its row nobody would know
//! of it, and the next command would take what was kept for it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{process::Command, sync::Arc};

use common::{
    Run, World,
    plan::{list, text},
    servers::{self, Server},
};
use dsr::{
    policy::officer::Officer,
    system::{
        engine::{Cell, Scan},
        open::{Around, open},
    },
};
use rusqlite::Connection;
use serde_json::Value;

const WHO: &str = "iin:900101499994";

/// A warranty needs car, contract and contact: neither the wish that is written in it nor the IIN by which it is found.
const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: name, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: deal
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta:
          category: shopping
          collected_at: opened
          purpose_reached_at: reached
          obligation: { kind: { word: warranty }, opened_at: opened, closed_at: closed }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: wish, dsr_meta: { category: shopping } }
          - { name: opened, data_categories: [system.operations] }
          - { name: reached, data_categories: [system.operations] }
          - { name: closed, data_categories: [system.operations] }
      - name: car
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: vehicle, collected_at: at, purpose_reached_at: at, belongs_to_obligation: deal }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: deal, fides_meta: { references: [{ dataset: site, field: deal.id, direction: to }] } }
          - { name: make, dsr_meta: { category: vehicle } }
          - { name: at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: usage, collected_at: at, purpose_reached_at: at, purposes: [analytics] }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: page, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

const NAMES: [(&str, &str); 4] = [
    ("customer", "id INTEGER PRIMARY KEY, iin VARCHAR(20), name VARCHAR(40), at VARCHAR(20)"),
    (
        "deal",
        "id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, wish VARCHAR(40), opened VARCHAR(20), \
         reached VARCHAR(20), closed VARCHAR(20)",
    ),
    (
        "car",
        "id INTEGER PRIMARY KEY, customer INTEGER, deal INTEGER, make VARCHAR(40) NOT NULL, at VARCHAR(20)",
    ),
    ("visit", "id INTEGER PRIMARY KEY, customer INTEGER, page VARCHAR(40), at VARCHAR(20)"),
];

const ROWS: &str = "
    INSERT INTO customer VALUES (1, '900101499994', 'Assel', '2020-04-01'), (2, '900101399998', 'Daniyar', '2020-04-01');
    INSERT INTO deal VALUES (10, 1, 'a red one', '2020-04-02', '2020-04-02', NULL), (11, 2, 'a blue one', '2020-04-02', '2020-04-02', '2020-05-02');
    INSERT INTO car VALUES (100, 1, 10, 'Aurora', '2020-04-02');
    INSERT INTO visit VALUES (1, 1, '/red', '2020-04-02');";

/// What the own store keeps for the warranty.
const HERE: &str = r#"{"kind":"subject","ref":"P-1","identifiers":[{"type":"iin","value":"900101499994"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"vehicle","collected_at":"2026-04-02T10:00+05:00","source":"workshop","given_by":"self","purposes":["service"],"data":{"make":"Aurora"}}
"#;

/// Where the rows lie.
struct Office {
    kind: &'static str,
    server: Option<(Arc<Server>, String)>,
    world: World,
}

impl Office {
    fn of(kind: &'static str, map: &str) -> Option<Self> {
        let server = match kind {
            "postgres" => Some(servers::postgres()?),
            "mysql" => Some(servers::maria()?),
            _ => None,
        };
        let server = server.map(|server| (server.clone(), server.database()));
        let world = World::with_store("mycar");
        let place = match kind {
            "sqlite" => "file: site.db",
            "csv" => "file: site",
            _ => "env: SITE",
        };
        let _ = world.write(
            "dsr.yaml",
            format!(
                "controllers:\n  mycar:\n    systems:\n      site: {{ kind: {kind}, owner: Web team, {place}, map: site.yaml }}\n"
            ),
        );
        let _ = world.write("site.yaml", map);
        let here = world.write("here.ndjson", HERE);
        let office = Self { kind, server, world };
        if kind == "csv" {
            std::fs::create_dir(office.world.path().join("site")).unwrap();
        }
        let tables: String =
            NAMES.iter().map(|(name, columns)| format!("CREATE TABLE {name} ({columns});")).collect();
        office.sql(&format!("{tables}{ROWS}"));
        let _ = office.dsr("map check").ok();
        let _ = office.dsr(&format!("import {}", here.display())).ok();
        Some(office)
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.world.command(words.split(' ').chain(["--format", "json"]));
        command.envs(self.server.as_ref().map(|(server, name)| ("SITE", server.url(name, None))));
        command
    }

    fn dsr(&self, words: &str) -> Run {
        Run::of(&self.command(words).output().unwrap())
    }

    fn does(&self, words: &str) -> Value {
        self.dsr(&format!("{words} --identity document --yes")).ok().json()
    }

    /// Statements in the system; a folder is read as tables and written anew.
    fn sql(&self, sql: &str) {
        let folder = self.world.path().join("site");
        match &self.server {
            Some((server, name)) => drop(server.sql(name, sql)),
            None if self.kind == "sqlite" => {
                let conn = Connection::open(self.world.path().join("site.db")).unwrap();
                conn.execute_batch(sql).unwrap();
            }
            None => {
                let conn = Connection::open_in_memory().unwrap();
                for (table, columns) in NAMES {
                    let Ok(sheet) = std::fs::read_to_string(folder.join(format!("{table}.csv"))) else {
                        continue;
                    };
                    conn.execute_batch(&format!("CREATE TABLE {table} ({columns})")).unwrap();
                    for line in sheet.lines().skip(1) {
                        let cells = line.split(',').map(|cell| format!("nullif('{cell}', '')"));
                        let cells: Vec<String> = cells.collect();
                        conn.execute_batch(&format!("INSERT INTO {table} VALUES ({})", cells.join(",")))
                            .unwrap();
                    }
                }
                conn.execute_batch(sql).unwrap();
                for (table, _) in NAMES {
                    let cells: Vec<String> =
                        columns(table).iter().map(|name| format!("ifnull({name}, '')")).collect();
                    let mut query = conn
                        .prepare(&format!("SELECT {} FROM {table} ORDER BY id", cells.join("||','||")))
                        .unwrap();
                    let lines =
                        query.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
                    let lines: Vec<String> = std::iter::once(columns(table).join(",")).chain(lines).collect();
                    std::fs::write(folder.join(format!("{table}.csv")), lines.join("\n") + "\n").unwrap();
                }
            }
        }
    }

    /// The rows of a collection without their dates, as the engine gives them.
    fn rows(&self, table: &str) -> Vec<String> {
        let file = std::fs::read_to_string(self.world.path().join("dsr.yaml")).unwrap();
        let officer = Officer::read("dsr.yaml", &file).unwrap();
        let url = self.server.as_ref().map(|(server, name)| server.url(name, None));
        let variable = move |_: &str| url.clone();
        let around = Around { directory: self.world.path().to_owned(), variable: &variable };
        let mut engine = open("site", &officer.controllers["mycar"].systems["site"], &around).unwrap();
        let dates = ["at", "opened", "reached", "closed"];
        let mut columns = columns(table);
        columns.retain(|name| !dates.contains(name));
        let scan = Scan { table, columns: &columns, ages: &[], key: &["id"], after: None, limit: 100 };
        let mut all = Vec::new();
        let mut told = |row: dsr::system::engine::Row| {
            let cells: Vec<&str> = row.iter().map(|Cell(text)| text.as_deref().unwrap_or("-")).collect();
            all.push(cells.join(" "));
            Ok(())
        };
        engine.scan(&scan, &mut told).unwrap();
        all
    }
}

fn columns(table: &str) -> Vec<&'static str> {
    let found = NAMES.iter().find(|(name, _)| *name == table).unwrap();
    found.1.split(", ").map(|column| column.split(' ').next().unwrap()).collect()
}

/// What stays by the ground of an open deal, by system and category.
fn bound(plan: &Value) -> Vec<String> {
    let bound = list(&plan["kept"]).iter().filter(|kept| kept["rule"] == "RF-OBLIG");
    let mut all: Vec<String> =
        bound.map(|kept| format!("{} {}", text(&kept["system"]), text(&kept["category"]))).collect();
    all.sort();
    all
}

const BOUND: [&str; 5] = ["own vehicle", "site contact", "site identity", "site shopping", "site vehicle"];

fn story(kind: &'static str) {
    let Some(office) = Office::of(kind, MAP) else { return };
    let erased = office.dsr(&format!("erase --subject {WHO} --identity document --yes")).ok();
    let erased =
        erased.says("the end of a deal in site is not seen here: once it is closed, dsr request resume");
    let erased = erased.json();
    assert_eq!(bound(&erased), BOUND, "{kind}: {erased:#}");
    let says = list(&erased["kept"]).iter().all(|kept| {
        text(&kept["reason"]).ends_with("obligation site deal 10 (warranty) is open")
            && !text(&kept["law"]).is_empty()
            && !text(&kept["clause"]).is_empty()
    });
    assert!(says, "{kind}: {:#}", erased["kept"]);
    assert_eq!(office.rows("visit"), [""; 0], "{kind}: what nothing needs goes");
    assert_eq!(office.rows("deal")[0], "10 1 a red one", "{kind}: the deal itself stays whole");
    assert_eq!(office.rows("car"), ["100 1 10 Aurora"], "{kind}");
    assert_eq!(office.rows("customer")[0], "1 900101499994 Assel", "{kind}: it is found by this alone");

    let again = office.does(&format!("erase --subject {WHO}"));
    assert_eq!(bound(&again), BOUND, "{kind}: the next command knows of the deal: {again:#}");
    assert_eq!(office.rows("car"), ["100 1 10 Aurora"], "{kind}");

    office.sql("UPDATE deal SET closed = '2026-11-21' WHERE id = 10");
    let case = text(&erased["outcome"]["case"]);
    let rest = office.dsr(&format!("request resume {case} --yes")).ok().json();
    assert_eq!(bound(&rest), [""; 0], "{kind}: {rest:#}");
    assert_eq!(office.rows("deal"), ["11 2 a blue one"], "{kind}");
    assert_eq!(office.rows("car"), [""; 0], "{kind}");
    assert_eq!(office.rows("customer"), ["2 900101399998 Daniyar"], "{kind}");
    let _ = office.dsr("audit verify").ok();
}

#[test]
fn an_open_deal_keeps_itself_in_sqlite() {
    story("sqlite");
}

#[test]
fn an_open_deal_keeps_itself_in_csv() {
    story("csv");
}

#[test]
fn an_open_deal_keeps_itself_in_postgres() {
    story("postgres");
}

#[test]
fn an_open_deal_keeps_itself_in_mariadb() {
    story("mysql");
}

#[test]
fn a_night_takes_an_open_deal_when_it_is_closed() {
    let Some(office) = Office::of("sqlite", MAP) else { return };
    let night = || office.dsr("purge-expired --enable --max-share 100").ok().json();
    let first = night();
    assert_eq!(office.rows("visit"), [""; 0]);
    assert_eq!(office.rows("deal"), ["10 1 a red one"], "what is closed goes, the open one stays: {first:#}");
    assert_eq!(office.rows("car"), ["100 1 10 Aurora"]);
    assert_eq!(first["held"]["shopping"], 1, "{first:#}");
    let second = night();
    assert_eq!(second["held"], first["held"], "it is the same the next night");
    assert_eq!(office.rows("car"), ["100 1 10 Aurora"]);
    office.sql("UPDATE deal SET closed = '2026-11-21' WHERE id = 10");
    let _ = night();
    assert_eq!((office.rows("deal"), office.rows("car")), (vec![], vec![]));
}

/// Where the map masks, what the deal is known by stays, and the rest is masked.
#[test]
fn what_a_deal_does_not_need_is_masked() {
    let gone =
        "masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: gone } }";
    let whole =
        "      - name: deal\n        fides_meta: { masking_strategy_override: { strategy: delete } }\n";
    let wish = "{ name: wish, dsr_meta: { category: shopping } }";
    let masked = MAP
        .replace(whole, "      - name: deal\n")
        .replace(wish, &wish.replace("dsr_meta", &format!("fides_meta: {{ {gone} }}, dsr_meta")));
    let told = masked.replace(
        "{ name: opened, data_categories: [system.operations] }",
        "{ name: opened, dsr_meta: { category: usage } }",
    );
    for (map, kept) in [
        (&masked, vec!["own vehicle", "site contact", "site identity", "site vehicle"]),
        (&told, vec!["own vehicle", "site contact", "site identity", "site usage", "site vehicle"]),
    ] {
        let Some(office) = Office::of("sqlite", map) else { return };
        let erased = office.does(&format!("erase --subject {WHO}"));
        assert_eq!(bound(&erased), kept, "{erased:#}");
        assert_eq!(office.rows("deal")[0], "10 1 gone");
        let again = office.does(&format!("erase --subject {WHO}"));
        assert_eq!(bound(&again), kept, "{again:#}");
    }
}

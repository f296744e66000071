//! What hangs on a row of several people: it is theirs together, goes when it is over for all of them, and whatever leads
//! to it stays until then.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;

use common::{
    Run, World,
    plan::{list, text},
    servers::{self, Server},
};
use rusqlite::Connection;
use serde_json::{Value, json};

/// People, the flat that they share over a table which says who lives where, and what hangs on the flat.
const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: day, last_contact_at: day }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: day, data_categories: [system.operations] }
      - name: living
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: customer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
          - name: flat
            fides_meta: { references: [{ dataset: site, field: flat.id, direction: to }] }
      - name: flat
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: day }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: street, dsr_meta: { category: usage } }
          - { name: day, data_categories: [system.operations] }
      - name: reading
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: day }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: flat
            fides_meta: { references: [{ dataset: site, field: flat.id, direction: from }] }
          - { name: said, dsr_meta: { category: usage } }
          - { name: day, data_categories: [system.operations] }
      - name: answer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: day }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: reading
            fides_meta: { references: [{ dataset: site, field: reading.id, direction: from }] }
          - { name: said, dsr_meta: { category: usage } }
          - { name: day, data_categories: [system.operations] }
";

const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, login TEXT, day TEXT);
    CREATE TABLE flat (id INTEGER PRIMARY KEY, street TEXT, day TEXT);
    CREATE TABLE living (id INTEGER PRIMARY KEY, customer INTEGER, flat INTEGER);
    CREATE TABLE reading (id INTEGER PRIMARY KEY, flat INTEGER REFERENCES flat (id), said TEXT, day TEXT);
    CREATE TABLE answer (id INTEGER PRIMARY KEY, reading INTEGER REFERENCES reading (id), said TEXT, day TEXT);
    INSERT INTO customer VALUES (1, 'Z-1', '2026-10-01'), (2, 'Z-2', '2026-10-01');
    INSERT INTO flat VALUES (7, 'Invented street, 7', '2026-10-01');
    INSERT INTO living VALUES (1, 1, 7), (2, 2, 7);";

const OLD: &str = "2019-01-01";
const YOUNG: &str = "2026-10-01";

/// Where the rows lie.
struct Office {
    server: Option<(Arc<Server>, String)>,
    world: World,
}

impl Office {
    fn of(kind: &str, map: &str, tables: &str) -> Option<Self> {
        Self::at(kind, "automaster", map, tables)
    }

    fn at(kind: &str, controller: &str, map: &str, tables: &str) -> Option<Self> {
        let server = if kind == "postgres" { Some(servers::postgres()?) } else { None };
        let server = server.map(|server| (server.clone(), server.database()));
        let world = World::with_store(controller);
        let place = if kind == "postgres" { "env: SITE" } else { "file: site.db" };
        let system = format!("site: {{ kind: {kind}, owner: Web team, {place}, map: site.yaml }}");
        let _ =
            world.write("dsr.yaml", format!("controllers:\n  {controller}:\n    systems:\n      {system}\n"));
        let _ = world.write("site.yaml", map);
        let office = Self { server, world };
        office.sql(tables);
        let _ = office.dsr("map check").ok();
        Some(office)
    }

    fn dsr(&self, words: &str) -> Run {
        let mut command = self.world.command(words.split_whitespace().chain(["--format", "json"]));
        command.envs(self.server.as_ref().map(|(server, name)| ("SITE", server.url(name, None))));
        Run::of(&command.output().unwrap())
    }

    fn night(&self, more: &str) -> Value {
        self.dsr(&format!("purge-expired --max-share 100 {more}")).ok().json()
    }

    fn sql(&self, sql: &str) {
        match &self.server {
            Some((server, name)) => drop(server.sql(name, sql)),
            None => {
                Connection::open(self.world.path().join("site.db")).unwrap().execute_batch(sql).unwrap();
            }
        }
    }

    /// What a query finds, one text a row.
    fn rows(&self, query: &str) -> Vec<String> {
        if let Some((server, name)) = &self.server {
            return server.sql(name, query).lines().map(str::to_owned).collect();
        }
        let conn = Connection::open(self.world.path().join("site.db")).unwrap();
        let mut query = conn.prepare(query).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn said(&self, table: &str) -> Vec<String> {
        self.rows(&format!("SELECT said FROM {table} WHERE said IS NOT NULL ORDER BY 1"))
    }
}

/// `reading usage destroy 1`
fn lines(answer: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let word = |key: &str| text(&one[key]).to_owned();
        format!("{} {} {} {}", word("collection"), word("category"), word("action"), one["count"])
    };
    let mut all: Vec<String> = list(&answer["systems"]).iter().map(line).collect();
    all.sort();
    all
}

/// What stands: flats, readings and answers of which something is said; and whether the row of the flat stands.
fn left(office: &Office) -> (usize, usize, usize, usize) {
    let streets = office.rows("SELECT street FROM flat WHERE street IS NOT NULL").len();
    let flats = office.rows("SELECT 'one' FROM flat").len();
    (streets, office.said("reading").len(), office.said("answer").len(), flats)
}

fn what_hangs_goes_when_it_is_over_for_all(kind: &str) {
    let readings = "reading usage destroy 1";
    for (flat, reading, answers, done, stands) in [
        (YOUNG, OLD, "", vec![readings], (1, 0, 0, 1)),
        (YOUNG, OLD, OLD, vec!["answer usage destroy 1", readings], (1, 0, 0, 1)),
        // What hangs on it in turn is young: the row stays, and says nothing.
        (YOUNG, OLD, YOUNG, vec![readings], (1, 0, 1, 1)),
        (YOUNG, YOUNG, OLD, vec!["answer usage destroy 1"], (1, 1, 0, 1)),
        (YOUNG, YOUNG, YOUNG, vec![], (1, 1, 1, 1)),
        (OLD, YOUNG, "", vec!["flat usage destroy 1"], (0, 1, 0, 1)),
        (OLD, YOUNG, OLD, vec!["answer usage destroy 1", "flat usage destroy 1"], (0, 1, 0, 1)),
        (OLD, OLD, OLD, vec!["answer usage destroy 1", "flat usage destroy 1", readings], (0, 0, 0, 1)),
    ] {
        let Some(office) = Office::of(kind, MAP, TABLES) else { return };
        office.sql(&format!(
            "UPDATE flat SET day = '{flat}'; INSERT INTO reading VALUES (1, 7, 'much', '{reading}')"
        ));
        if !answers.is_empty() {
            office.sql(&format!("INSERT INTO answer VALUES (1, 1, 'less', '{answers}')"));
        }
        let about = format!("{kind}, flat of {flat}, reading of {reading}, answers of {answers:?}");
        let planned = office.night("--dry-run");
        let night = office.night("--enable");
        assert_eq!(lines(&planned), done, "{about}: {planned:#}");
        assert_eq!(lines(&night), done, "{about}: {night:#}");
        assert_eq!(left(&office), stands, "{about}");
        assert_eq!((&planned["held"], &night["held"]), (&json!({}), &json!({})), "{about}: {night:#}");
        let again = office.night("");
        assert_eq!((lines(&again), &again["held"]), (vec![], &json!({})), "{about}: {again:#}");
        assert_eq!(again["gaps"], json!({}), "{about}: {again:#}");
    }
}

#[test]
fn what_hangs_goes_when_it_is_over_for_all_in_sqlite() {
    what_hangs_goes_when_it_is_over_for_all("sqlite");
}

#[test]
fn what_hangs_goes_when_it_is_over_for_all_in_postgres() {
    what_hangs_goes_when_it_is_over_for_all("postgres");
}

/// The same while one or both of them leave: a rehearsal tells what is done.
#[test]
fn what_hangs_goes_with_the_last_who_leaves() {
    for (second, flat, reading) in
        [(OLD, OLD, OLD), (OLD, YOUNG, OLD), (OLD, OLD, YOUNG), (YOUNG, OLD, OLD), (YOUNG, YOUNG, OLD)]
    {
        let Some(office) = Office::of("sqlite", MAP, TABLES) else { return };
        office.sql(&format!(
            "UPDATE flat SET day = '{flat}'; INSERT INTO reading VALUES (1, 7, 'much', '{reading}');
             UPDATE customer SET day = '{OLD}' WHERE id = 1; UPDATE customer SET day = '{second}' WHERE id = 2;"
        ));
        let about = format!("second {second}, flat {flat}, reading {reading}");
        let planned = office.night("--dry-run");
        let night = office.night("--enable");
        assert_eq!(lines(&planned), lines(&night), "{about}: {planned:#}");
        assert_eq!(lines(&office.night("")), [""; 0], "{about}");
        let due = [flat, reading].iter().filter(|day| **day == OLD).count();
        let (streets, readings, ..) = left(&office);
        assert_eq!(2 - streets - readings, due, "{about}: {night:#}");
    }
}

/// One of them is blocked: what hangs on the flat stays for both, and the night says so.
fn what_is_protected_for_one_keeps_what_hangs(kind: &str) {
    let Some(office) = Office::of(kind, MAP, TABLES) else { return };
    office.sql(&format!("INSERT INTO reading VALUES (1, 7, 'much', '{OLD}')"));
    let _ = office.dsr("restrict --subject account:Z-2 --reason check --yes").ok();
    let night = office.night("--enable");
    assert_eq!(office.said("reading"), ["much"], "{kind}: {night:#}");
    assert_eq!(
        night["held"],
        json!({ "usage": 2 }),
        "{kind}: one is blocked, the other shares it: {night:#}"
    );
}

#[test]
fn what_is_protected_for_one_keeps_what_hangs_in_sqlite() {
    what_is_protected_for_one_keeps_what_hangs("sqlite");
}

#[test]
fn what_is_protected_for_one_keeps_what_hangs_in_postgres() {
    what_is_protected_for_one_keeps_what_hangs("postgres");
}

/// What hangs on the flat and is somebody's by itself is theirs: of those who live there it goes with that one, and of
/// anybody else it is held as long as they live there.
#[test]
fn what_is_somebodys_by_itself_is_nobody_elses() {
    for direct in [
        "          - { name: who, dsr_meta: { identity: account, category: contact } }\n",
        "          - name: who\n            fides_meta: { references: [{ dataset: site, field: customer.login, direction: from }] }\n",
    ] {
        let at = MAP.find("          - { name: said").unwrap();
        let map = format!("{}{direct}{}", &MAP[..at], &MAP[at..]);
        for (who, day) in [("Z-2", OLD), ("Z-3", OLD), ("Z-3", YOUNG)] {
            let tables = TABLES.replace(
                "said TEXT, day TEXT);\n    CREATE TABLE answer",
                "who TEXT, said TEXT, day TEXT);\n    CREATE TABLE answer",
            );
            let Some(office) = Office::of("sqlite", &map, &tables) else { return };
            office.sql(&format!(
                "INSERT INTO customer VALUES (3, 'Z-3', '{YOUNG}');
                 INSERT INTO reading VALUES (1, 7, '{who}', 'much', '{day}');"
            ));
            let night = office.night("--enable");
            let held = if (who, day) == ("Z-3", OLD) { json!({ "usage": 1 }) } else { json!({}) };
            let goes = (who, day) == ("Z-2", OLD);
            assert_eq!(office.said("reading").len(), usize::from(!goes), "{who} {day}: {night:#}");
            assert_eq!((&night["held"], &night["gaps"]), (&held, &json!({})), "{who} {day}: {night:#}");
        }
    }
}

/// Letters are found by a code that stands with the customer, and nothing may write into them.
const LETTERS: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contact, purposes: [service], collected_at: day, document_at: signed }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin } }
          - { name: code, dsr_meta: { category: contact } }
          - { name: name, dsr_meta: { category: contact } }
          - { name: signed, dsr_meta: { category: contract } }
          - { name: day, data_categories: [system.operations] }
      - name: letter
        dsr_meta: { category: contact, purposes: [service], collected_at: day }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: code
            fides_meta: { references: [{ dataset: site, field: customer.code, direction: from }] }
            dsr_meta: { not_personal: true }
          - { name: text, fides_meta: { read_only: true }, dsr_meta: { category: contact } }
          - { name: day, data_categories: [system.operations] }
";

/// What a plan leaves to people, in its words.
fn by_hand(plan: &Value) -> Vec<String> {
    let tasks = list(&plan["steps"]).iter().filter(|step| step["action"] == "manual");
    tasks.flat_map(|step| list(&step["about"])).map(|about| text(about).to_owned()).collect()
}

fn what_people_destroy_is_found_until_they_have(kind: &str) {
    for signed in ["NULL", "'2026-05-01'"] {
        let tables = format!(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, code TEXT, name TEXT, signed TEXT, day TEXT);
             CREATE TABLE letter (id INTEGER PRIMARY KEY, code TEXT, text TEXT, day TEXT);
             INSERT INTO customer VALUES (1, '900101499994', 'K-1', 'Assel', {signed}, '2024-05-01');
             INSERT INTO letter VALUES (1, 'K-1', 'Dear Assel', '2024-05-01');"
        );
        let Some(office) = Office::at(kind, "mycar", LETTERS, &tables) else { return };
        let about = format!("{kind}, signed {signed}");
        let erase = || {
            let words = "erase --subject iin:900101499994 --identity document --yes";
            office.dsr(words).ok().json()
        };
        let erased = erase();
        let task = "destroy: contact in letter: the map knows no way to destroy it: have people find it by \
                    code = customer.code and do it";
        assert_eq!(by_hand(&erased), [task], "{about}: {erased:#}");
        let customers = "SELECT iin || ' ' || code || ' ' || coalesce(name, '-') FROM customer";
        assert_eq!(office.rows(customers), ["900101499994 K-1 -"], "{about}: {erased:#}");
        assert_eq!(by_hand(&erase()), [task], "{about}: they are still found");
        office.sql("DELETE FROM letter");
        let case = text(&erased["outcome"]["case"]);
        let gone = office.dsr(&format!("request resume {case} --yes")).ok().json();
        assert_eq!(by_hand(&gone), [""; 0], "{about}: {gone:#}");
        let codes = office.rows("SELECT code FROM customer WHERE code IS NOT NULL");
        assert_eq!(codes, [""; 0], "{about}: nothing is found by it any more: {gone:#}");
    }
}

#[test]
fn what_people_destroy_is_found_until_they_have_in_sqlite() {
    what_people_destroy_is_found_until_they_have("sqlite");
}

#[test]
fn what_people_destroy_is_found_until_they_have_in_postgres() {
    what_people_destroy_is_found_until_they_have("postgres");
}

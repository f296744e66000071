//! The same story over every kind of database: access, correction, block, erasure with a kept row, a kill in the
//! middle, a connection that is lost, and the rest done later.
//!
//! The CRM lies in SQLite, in a folder of CSV files, in PostgreSQL and in MariaDB; the site beside it always in SQLite.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use common::{
    Run, World, fixture,
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
use serde_json::Value;

const ASSEL: &str = "iin:900101499994";
const NURLAN: &str = "iin:991231399924";

const TABLES: [(&str, &[&str]); 5] = [
    ("customer", &["id", "iin", "given_name", "phone", "account", "remark", "stopped"]),
    ("deal", &["id", "buyer", "payer", "payer_name", "number", "car"]),
    ("car", &["id", "make", "vin"]),
    ("keeping", &["id", "customer", "car"]),
    ("consent", &["id", "customer", "scope", "withdrawn_at"]),
];

/// Where the CRM lies.
struct Crm {
    kind: &'static str,
    server: Option<(Arc<Server>, String)>,
    world: World,
}

fn source(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reach").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The CRM's tables with real types of time.
fn typed(time: &str) -> String {
    let mut sql = source("crm.sql");
    for column in ["created_at", "given_at", "withdrawn_at"] {
        sql = sql.replace(&format!("{column} TEXT"), &format!("{column} {time}"));
    }
    for column in ["signed_on", "closed_on", "since", "made_on"] {
        sql = sql.replace(&format!("{column} TEXT"), &format!("{column} DATE"));
    }
    sql
}

fn as_sheets(world: &World) {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute_batch(&source("crm.sql")).unwrap();
    std::fs::create_dir(world.path().join("crm")).unwrap();
    for (table, _) in TABLES {
        let mut query = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = query.column_names().map(str::to_owned).collect();
        let mut sheet = names.join(",") + "\n";
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cell = |n: usize| match row.get_ref(n).unwrap() {
                rusqlite::types::ValueRef::Null => String::new(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap().to_owned(),
            };
            sheet += &((0..names.len()).map(cell).collect::<Vec<_>>().join(",") + "\n");
        }
        std::fs::write(world.path().join("crm").join(format!("{table}.csv")), sheet).unwrap();
    }
}

impl Crm {
    fn of(kind: &'static str) -> Option<Self> {
        let server = match kind {
            "postgres" => Some(servers::postgres()?),
            "mysql" => Some(servers::maria()?),
            _ => None,
        };
        let world = World::with_store("mycar");
        let _ = world.dsr(["import", fixture("mycar.ndjson").to_str().unwrap()]).ok();
        for name in ["crm.yaml", "site.yaml"] {
            let _ = world.write(name, source(name));
        }
        let site = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
        site.execute_batch(&source("site.sql")).unwrap();
        let crm = match kind {
            "sqlite" => "kind: sqlite, owner: Sales office, file: crm.db, map: crm.yaml",
            "csv" => "kind: csv, owner: Sales office, file: crm, map: crm.yaml",
            "postgres" => "kind: postgres, owner: Sales office, env: CRM_URL, map: crm.yaml",
            _ => "kind: mysql, owner: Sales office, env: CRM_URL, map: crm.yaml",
        };
        let _ = world.write(
            "dsr.yaml",
            source("dsr.yaml").replace("kind: sqlite, owner: Sales office, file: crm.db, map: crm.yaml", crm),
        );
        let server = server.map(|server| {
            let name = server.database();
            let _ = server.sql(&name, &typed(if kind == "postgres" { "TIMESTAMP" } else { "DATETIME" }));
            (server, name)
        });
        match kind {
            "sqlite" => rusqlite::Connection::open(world.path().join("crm.db"))
                .unwrap()
                .execute_batch(&source("crm.sql"))
                .unwrap(),
            "csv" => as_sheets(&world),
            _ => {}
        }
        Some(Self { kind, server, world })
    }

    fn url(&self) -> Option<String> {
        self.server.as_ref().map(|(server, name)| server.url(name, None))
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.world.command(words.split(' ').chain(["--format", "json"]));
        command.envs(self.url().map(|url| ("CRM_URL", url)));
        command
    }

    fn dsr(&self, words: &str) -> Run {
        Run::of(&self.command(words).output().unwrap())
    }

    fn does(&self, words: &str) -> Run {
        self.dsr(&format!("{words} --identity document --yes"))
    }

    /// Every row of the CRM as the engine gives it.
    fn dump(&self) -> Vec<String> {
        let file = std::fs::read_to_string(self.world.path().join("dsr.yaml")).unwrap();
        let officer = Officer::read("dsr.yaml", &file).unwrap();
        let url = self.url();
        let variable = move |_: &str| url.clone();
        let around = Around { directory: self.world.path().to_owned(), variable: &variable };
        let mut engine = open("crm", &officer.controllers["mycar"].systems["crm"], &around).unwrap();
        let mut all = Vec::new();
        for (table, columns) in TABLES {
            let scan = Scan { table, columns, ages: &[], key: &["id"], after: None, limit: 100 };
            engine
                .scan(&scan, &mut |row| {
                    let cells: Vec<&str> =
                        row.iter().map(|Cell(text)| text.as_deref().unwrap_or("-")).collect();
                    all.push(format!("{table} {}", cells.join(" ")));
                    Ok(())
                })
                .unwrap();
        }
        all
    }

    /// A draft: what somebody confirmed asks on the day of an erasure is answered before anything goes.
    fn copy(&self, who: &str) -> Vec<String> {
        let copy = self.dsr(&format!("export --subject {who}")).ok().json();
        let elsewhere = list(&copy["records"]).iter().filter(|record| record["system"] != "own");
        elsewhere.map(|r| format!("{}: {} {}", text(&r["id"]), r["data"], r["collected_at"])).collect()
    }

    /// Somebody else's session that keeps the rows of a table for a minute.
    fn hold(&self) -> Held {
        match &self.server {
            None if self.kind == "csv" => {
                let file = std::fs::File::open(self.world.path().join("crm/keeping.csv")).unwrap();
                file.lock().unwrap();
                Held(None, None, Some(file))
            }
            None => {
                let conn = rusqlite::Connection::open(self.world.path().join("crm.db")).unwrap();
                conn.execute_batch("BEGIN IMMEDIATE").unwrap();
                Held(None, Some(conn), None)
            }
            Some((server, name)) => {
                let sql = match self.kind {
                    "postgres" => "BEGIN; SELECT id FROM keeping FOR UPDATE; SELECT pg_sleep(60)",
                    _ => "BEGIN; SELECT id FROM keeping FOR UPDATE; SELECT SLEEP(60)",
                };
                let flag = if self.kind == "postgres" { "-c" } else { "-e" };
                let mut session = server.client(name);
                let session =
                    session.arg(flag).arg(sql).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                self.until("the rows are held", |crm| crm.sleepers() > 0);
                Held(Some((session, server.clone(), name.clone(), self.kind == "postgres")), None, None)
            }
        }
    }

    fn sleepers(&self) -> usize {
        let (server, name) = self.server.as_ref().unwrap();
        let sql = match self.kind {
            "postgres" => {
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND wait_event = 'PgSleep'"
            }
            _ => {
                "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%' AND state = 'User sleep'"
            }
        };
        server.sql(name, sql).trim().parse().unwrap()
    }

    /// Cuts the connection of whoever waits for the rows.
    fn cut(&self) {
        let (server, name) = self.server.as_ref().unwrap();
        if self.kind == "postgres" {
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
            return self.until("a session waits for the rows", |_| server.sql(name, sql).contains('t'));
        }
        let waits = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%FOR UPDATE%' AND info NOT LIKE '%processlist%'";
        self.until("a session waits for the rows", |_| {
            let found = server.sql(name, waits);
            found.lines().for_each(|id| drop(server.sql(name, &format!("KILL {id}"))));
            !found.is_empty()
        });
    }

    #[track_caller]
    fn until(&self, what: &str, ready: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !ready(self) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}: {what}", self.kind);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn open_steps(&self) -> i64 {
        let conn = rusqlite::Connection::open(self.world.store()).unwrap();
        conn.query_row("SELECT count(*) FROM remote_step WHERE state = 'open'", [], |row| row.get(0))
            .unwrap_or_default()
    }
}

/// What keeps rows, until it is dropped.
struct Held(Option<(Child, Arc<Server>, String, bool)>, Option<rusqlite::Connection>, Option<std::fs::File>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((session, server, name, postgres)) = &mut self.0 {
            // A server sleeps on for a client that is gone.
            let sql = if *postgres {
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND wait_event = 'PgSleep'".to_owned()
            } else {
                let sql = "SELECT id FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%' AND state = 'User sleep'";
                server.sql(name, sql).lines().map(|id| format!("KILL {id};")).collect()
            };
            let _ = server.sql(name, &sql);
            let _ = session.kill();
            let _ = session.wait();
        }
        drop((self.1.take(), self.2.take()));
    }
}

fn parts(answer: &Value) -> Vec<String> {
    let systems =
        if answer["systems"].is_array() { &answer["systems"] } else { &answer["outcome"]["systems"] };
    let line = |part: &Value| {
        let word = |key: &str| text(&part[key]).to_owned();
        format!(
            "{} {} {} {} {}",
            word("system"),
            word("collection"),
            word("action"),
            part["rows"],
            word("state")
        )
    };
    list(systems).iter().map(line).collect()
}

const ERASED: [&str; 5] = [
    "crm keeping delete 2 done",
    "site visit delete 2 done",
    "crm customer set 1 done",
    "crm car set 1 done",
    "site member delete 1 done",
];

/// The rows of everybody else are those of the beginning; what a law keeps of hers stays, without her name.
const AFTER: [&str; 12] = [
    "customer 1 - - - - - 0",
    "customer 2 900101399998 Daniyar +77010000002 - - 0",
    "customer 3 991231399924 Nurlan +77019990003 MC-9003 - 0",
    "deal 10 1 2 Daniyar D-10 100",
    "deal 11 2 1 Assel D-11 101",
    "deal 12 3 - - D-12 102",
    "car 100 - -",
    "car 101 Aurora LGWEF4A56NB990027",
    "car 102 Bora LGWEF4A56NB990044",
    "keeping 3 3 102",
    "keeping 4 2 101",
    "consent 2 3 promotion -",
];

fn story(kind: &'static str) {
    let Some(crm) = Crm::of(kind) else { return };
    let (hers, his) = (crm.copy(ASSEL), crm.copy(NURLAN));
    assert_eq!(hers.len(), 12, "{kind}: {hers:#?}");
    assert!(hers.contains(&r#"crm deal 10: {"number":"D-10","payer_name":"***","signed_at":"2024-04-02"} "2024-04-02T00:00:00+05:00""#.to_owned()), "{kind}: {hers:#?}");

    let set = format!("rectify --subject {ASSEL} --set contact.given_name=Асель --document passport");
    assert_eq!(parts(&crm.does(&set).ok().json()), ["crm customer set 1 done"], "{kind}");
    assert!(crm.dump()[0].contains("Асель"), "{kind}");

    let _ = crm.does(&format!("restrict --subject {ASSEL} --reason check")).ok();
    assert!(crm.dump()[0].ends_with(" 1"), "{kind}: the flag is set");
    let _ = crm.does(&format!("erase --subject {ASSEL}"));
    assert!(crm.dump()[0].contains("Асель"), "{kind}: a block stands before destruction");
    let _ = crm.does(&format!("restrict --subject {ASSEL} --lift --finding accurate")).ok();
    assert!(crm.dump()[0].ends_with(" 0"), "{kind}: the flag is cleared");

    let withdrawn = crm.does(&format!("revoke --subject {ASSEL} --purpose promotion")).ok().json();
    assert_eq!(parts(&withdrawn), ["crm consent set 1 done"], "{kind}");

    let erased = crm.does(&format!("erase --subject {ASSEL}")).ok().json();
    assert_eq!(parts(&erased), ERASED, "{kind}");
    let mut after: Vec<String> = crm.dump();
    after.retain(|row| !row.starts_with("consent 1 "));
    assert_eq!(after, AFTER, "{kind}");
    assert_eq!(crm.copy(NURLAN), his, "{kind}: nothing of his copy changed");
    let again = crm.does(&format!("erase --subject {ASSEL}")).ok().json();
    assert_eq!(again["already_done"], true, "{kind}: {:#}", again["steps"]);
    let _ = crm.dsr("audit verify").ok();
    purged(kind);
}

/// A night takes what is past its term, a row a transaction, and finds nothing more the night after.
fn purged(kind: &'static str) {
    let Some(crm) = Crm::of(kind) else { return };
    let dated = "document_at: signed_on\n          purpose_reached_at: closed_on";
    let _ = crm.world.write("crm.yaml", source("crm.yaml").replacen("document_at: signed_on", dated, 1));
    let _ = crm.dsr("map check").ok();
    let mut left = crm.dump();
    left.retain(|row| !row.starts_with("deal 12 "));
    let night = || -> Vec<String> {
        let done = crm.dsr("purge-expired --enable --max-share 100 --batch 1").ok().json();
        let line = |one: &Value| {
            let word = |key: &str| text(&one[key]).to_owned();
            format!("{} {} {} {}", word("collection"), word("category"), word("action"), one["count"])
        };
        let mut lines: Vec<String> = list(&done["systems"]).iter().map(line).collect();
        lines.sort();
        lines
    };
    assert_eq!(night(), ["deal contract archive 1", "deal contract destroy 1"], "{kind}");
    assert_eq!(crm.dump(), left, "{kind}: the deal of 2019 alone is past its term");
    assert_eq!(night(), [""; 0], "{kind}");
    assert_eq!(crm.dump(), left, "{kind}");
}

/// Killed after the steps were written down and before the first was done; then gone on with.
fn killed(kind: &'static str) {
    let Some(crm) = Crm::of(kind) else { return };
    let held = crm.hold();
    let mut erase = crm.command(&format!("erase --subject {ASSEL} --identity document --yes"));
    let mut erase = erase.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    crm.until("the steps are written down", |crm| crm.open_steps() > 0);
    erase.kill().unwrap();
    let _ = erase.wait();
    drop(held);
    assert!(crm.open_steps() > 0, "{kind}: they outlive the kill");
    let case = crm.dsr("request list").ok().json()["cases"][0]["number"].as_str().unwrap().to_owned();
    let ended = crm.dsr(&format!("request resume {case} --yes")).ok().json();
    // The system that was not held may have gone first.
    let (mut done, mut all) = (parts(&ended), ERASED.map(str::to_owned).to_vec());
    done.sort();
    all.sort();
    assert_eq!(done, all, "{kind}");
    assert_eq!(text(&ended["state"]), "executed", "{kind}");
    assert_eq!(
        crm.dump().iter().filter(|row| !row.starts_with("consent 1 ")).cloned().collect::<Vec<_>>(),
        AFTER,
        "{kind}"
    );
}

/// The connection is lost while a step waits: the rest is told, and done later.
fn lost(kind: &'static str) {
    let Some(crm) = Crm::of(kind) else { return };
    let held = crm.hold();
    let mut erase = crm.command(&format!("erase --subject {ASSEL} --identity document --yes"));
    let erase = erase.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    crm.cut();
    let run = Run::of(&erase.wait_with_output().unwrap()).exits(8);
    drop(held);
    let answer = run.json();
    assert!(parts(&answer).contains(&"site visit delete 2 done".to_owned()), "{kind}: {:?}", parts(&answer));
    assert!(parts(&answer).contains(&"crm keeping delete 2 open".to_owned()), "{kind}: {:?}", parts(&answer));
    let case = text(&answer["outcome"]["case"]).to_owned();
    let ended = crm.dsr(&format!("request resume {case} --yes")).ok().json();
    assert_eq!(parts(&ended), ERASED, "{kind}");
}

#[test]
fn the_story_in_sqlite() {
    story("sqlite");
    killed("sqlite");
}

#[test]
fn the_story_in_csv() {
    story("csv");
    killed("csv");
}

#[test]
fn the_story_in_postgres() {
    story("postgres");
    killed("postgres");
    lost("postgres");
}

#[test]
fn the_story_in_mariadb() {
    story("mysql");
    killed("mysql");
    lost("mysql");
}

//! What a night did in another system, as it stands afterwards: in the act of the run, in every report and in the log,
//! also where the night was cut off; and what keeps two nights apart.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    collections::BTreeMap,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use common::{
    World, fixture,
    plan::{list, text},
    servers,
    site::SYSTEMS,
};
use dsr::{
    audit::{Actor, Clock, Files},
    domain::{Moment, RunId},
    execute::{
        context::Context,
        purge::Company,
        reach::{
            Reach,
            night::{self as elsewhere_at_night, Terms},
        },
    },
    policy::{Library, officer::Officer, places::apart},
    store::{KeyFile, Mode, Store},
    system::{open::Around, set::Systems},
};
use rusqlite::Connection;
use serde_json::{Value, json};

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: member
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: joined_at, last_contact_at: seen_at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: joined_at, data_categories: [system.operations] }
          - { name: seen_at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - { name: page, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

/// Two people of the site, neither known here: the first has many visits past their term.
fn office(visits: u32) -> World {
    let world = World::with_store("automaster");
    let _ = world.dsr(["import", fixture("automaster.ndjson").to_str().unwrap()]).ok();
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(
        &world,
        &format!(
            "CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT, joined_at TEXT, seen_at TEXT);
             CREATE TABLE visit (id INTEGER PRIMARY KEY, member INTEGER REFERENCES member (id), page TEXT, at TEXT);
             INSERT INTO member VALUES (1, 'Z-1', '2020-01-01', '2026-11-01'), (2, 'Z-2', '2019-01-01', '2020-01-01');
             INSERT INTO visit VALUES (10001, 1, '/new', '2026-05-01 10:00:00'), (10002, 2, '/old', '2019-12-01 10:00:00');
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {visits})
               INSERT INTO visit SELECT i, 1, '/p' || i, '2021-01-01 00:00:00' FROM n"
        ),
    );
    let _ = world.dsr(["map", "check"]).ok();
    let _ = world.dsr(["purge-expired", "--enable", "--max-share", "100", "--max-count", "0"]);
    world
}

fn site(world: &World) -> Connection {
    let conn = Connection::open(world.path().join("site.db")).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    conn
}

fn sql(world: &World, sql: &str) {
    site(world).execute_batch(sql).unwrap();
}

fn count(world: &World, query: &str) -> i64 {
    site(world).query_row(query, [], |row| row.get(0)).unwrap()
}

/// The own store's number.
fn own(world: &World, query: &str) -> i64 {
    let conn = Connection::open(world.store()).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    conn.query_row(query, [], |row| row.get(0)).unwrap()
}

const NIGHT: [&str; 6] = ["purge-expired", "--enable", "--max-share", "100", "--format", "json"];

fn night(world: &World, more: &[&str]) -> common::Run {
    world.dsr(NIGHT.iter().chain(more))
}

/// A night that takes a second for each row.
fn slow(world: &World) -> Child {
    let mut command = world.command(NIGHT.iter().chain(&["--max-rate", "1"]));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn report(world: &World, what: &str) -> Value {
    world.dsr(what.split(' ').chain(["--format", "json"])).ok().json()
}

/// The acts of nights, as `report destruction` lists them.
fn acts(world: &World) -> Vec<Value> {
    list(&report(world, "report destruction")["acts"])
        .iter()
        .filter(|act| !act["run"].is_null())
        .cloned()
        .collect()
}

/// `visit delete 3`
fn elsewhere(world: &World, act: &Value) -> Vec<String> {
    let act = report(world, &format!("report destruction --act {}", text(&act["number"])));
    let line = |part: &Value| {
        assert!(text(&part["below"]).contains("free pages"), "{part:#}");
        format!("{} {} {}", text(&part["collection"]), text(&part["action"]), part["rows"])
    };
    list(&act["elsewhere"]).iter().map(line).collect()
}

/// What the log says was done elsewhere in all nights: `done.site.destroy.usage`.
fn logged(world: &World) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for entry in list(&report(world, "audit list")["entries"]) {
        for (word, n) in list(&entry["counts"]).iter().filter_map(|one| text(one).split_once(' ')) {
            if word.starts_with("done.") {
                *sums.entry(word.to_owned()).or_default() += n.parse::<u64>().unwrap();
            }
        }
    }
    sums
}

fn sums(words: &[(&str, u64)]) -> BTreeMap<String, u64> {
    words.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect()
}

#[test]
fn act_reports_and_log_of_a_night_elsewhere_agree() {
    let world = office(3);
    let done = night(&world, &["--reclaim"]).ok().json();
    let own: u64 = list(&done["lines"])
        .iter()
        .filter(|line| line["action"] == "destroy")
        .filter_map(|line| line["count"].as_u64())
        .sum();
    let all = acts(&world);
    assert_eq!(all.len(), 1, "{all:#?}");
    let act = &all[0];
    assert_eq!(done["acts"], json!([act["number"]]));
    assert_eq!(act["state"], "destroyed");
    assert_eq!(act["records"].as_u64(), Some(own + 5), "{act:#}");
    assert_eq!(elsewhere(&world, act), ["member delete 1", "visit delete 4"]);
    assert_eq!(logged(&world), sums(&[("done.site.destroy.contact", 1), ("done.site.destroy.usage", 4)]));
    let months = report(&world, "report compliance");
    let purged: u64 = list(&months["months"]).iter().filter_map(|month| month["purged"].as_u64()).sum();
    assert_eq!(Some(purged), act["records"].as_u64());
    assert!(text(&done["systems"][0]["below"]).contains("free pages"), "{:#}", done["systems"]);
    let total: u64 = done["destroyed"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(word, _)| !word.starts_with("register."))
        .filter_map(|(_, n)| n.as_u64())
        .sum();
    assert_eq!(total, own + 5, "told once: {:#}", done["destroyed"]);
    let _ = world.dsr(["audit", "verify"]).ok();
}

/// Killed between two rows: those that are gone are told by the next night, the others judged by what protects them then.
#[test]
fn a_night_that_was_cut_off_elsewhere_is_accounted_for() {
    let world = office(4);
    let mut child = slow(&world);
    until("a row went", || count(&world, "SELECT count(*) FROM visit") < 6);
    child.kill().unwrap();
    let _ = child.wait();
    let left = count(&world, "SELECT count(*) FROM visit WHERE at < '2022'");
    assert!((1..5).contains(&left), "{left} rows are left");
    assert_eq!(own(&world, "SELECT count(*) FROM night_page"), 1);
    let told = |world: &World| {
        let status = report(world, "status");
        let of = |line: &&Value| text(&line["about"]).contains("in other systems");
        list(&status["lines"]).iter().filter(of).count()
    };
    assert_eq!(told(&world), 1);
    let _ = world.dsr(["restrict", "--subject", "account:Z-2", "--reason", "check", "--yes"]).ok();
    let _ = night(&world, &[]).ok();
    let stands = count(&world, "SELECT count(*) FROM visit WHERE id = 10002");
    assert_eq!(count(&world, "SELECT count(*) FROM member"), 2, "blocked meanwhile");
    assert_eq!(count(&world, "SELECT count(*) FROM visit WHERE id < 10000"), 0);
    let gone = u64::try_from(5 - stands).unwrap();
    assert_eq!(logged(&world), sums(&[("done.site.destroy.usage", gone)]));
    let all = acts(&world);
    assert_eq!(all.len(), 1, "one act covers both: {all:#?}");
    assert_eq!(elsewhere(&world, &all[0]), [format!("visit delete {gone}")]);
    assert_eq!(own(&world, "SELECT count(*) FROM night_page"), 0);
    assert_eq!(told(&world), 0);
    let _ = world.dsr(["audit", "verify"]).ok();
}

/// A night over two systems is cut off, the next leaves one of them out, the third has both: each row is told once.
#[test]
fn what_one_system_keeps_open_is_told_apart_from_the_other() {
    let world = office(1);
    std::fs::copy(world.path().join("site.db"), world.path().join("desk.db")).unwrap();
    let _ = world.write("desk.yaml", MAP.replace("site", "desk"));
    let desk = "      desk: { kind: sqlite, owner: Desk, file: desk.db, map: desk.yaml }\n";
    let _ = world.write("dsr.yaml", format!("{}{desk}", SYSTEMS.trim_end_matches(' ')));
    for name in ["site.db", "desk.db"] {
        let conn = Connection::open(world.path().join(name)).unwrap();
        conn.execute_batch("INSERT INTO visit SELECT id + 20, member, page, at FROM visit WHERE id = 1")
            .unwrap();
        conn.execute_batch("INSERT INTO visit SELECT id + 40, member, page, at FROM visit WHERE id = 1")
            .unwrap();
    }
    let _ = world.dsr(["map", "check"]).ok();
    let left = |name: &str| -> u64 {
        let conn = Connection::open(world.path().join(name)).unwrap();
        conn.busy_timeout(Duration::from_secs(20)).unwrap();
        let sql = "SELECT (SELECT count(*) FROM visit) + (SELECT count(*) FROM member)";
        let rows: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        u64::try_from(rows).unwrap()
    };
    let all = left("site.db") + left("desk.db");
    let mut child = slow(&world);
    until("a row went", || left("site.db") + left("desk.db") < all);
    child.kill().unwrap();
    let _ = child.wait();
    let begun = if left("site.db") < all / 2 { "desk" } else { "site" };
    let _ = night(&world, &["--without", begun]).exits(8);
    assert_eq!(own(&world, "SELECT count(*) FROM night_page"), 1, "of `{begun}` nothing is known yet");
    let _ = night(&world, &[]).ok();
    let gone = all - left("site.db") - left("desk.db");
    let told: u64 = acts(&world)
        .iter()
        .flat_map(|act| {
            let act = report(&world, &format!("report destruction --act {}", text(&act["number"])));
            list(&act["elsewhere"]).iter().filter_map(|part| part["rows"].as_u64()).collect::<Vec<_>>()
        })
        .sum();
    assert_eq!((told, logged(&world).values().sum::<u64>()), (gone, gone));
    assert_eq!(own(&world, "SELECT count(*) FROM night_page"), 0);
}

#[test]
fn two_nights_at_once_are_one() {
    let world = office(2);
    let mut first = slow(&world);
    until("the first is in the other system", || own(&world, "SELECT count(*) FROM night_page") > 0);
    let _ = night(&world, &[]).exits(75).says("another purge-expired is running");
    assert!(first.wait().unwrap().success());
    assert_eq!(logged(&world), sums(&[("done.site.destroy.contact", 1), ("done.site.destroy.usage", 3)]));
}

/// How often a SQLite file was written: once a transaction that changes it.
fn writes(world: &World) -> u32 {
    let header = std::fs::read(world.path().join("site.db")).unwrap();
    u32::from_be_bytes(header[24..28].try_into().unwrap())
}

/// One person brings all their rows into a page; they go in bounded transactions all the same.
#[test]
fn rows_go_in_transactions_of_the_size_that_was_asked() {
    for (more, transactions) in
        [(&["--batch", "100"][..], 15), (&["--batch", "1000"], 4), (&[], 5), (&["--max-rate", "400"], 6)]
    {
        let world = office(1_299);
        let before = writes(&world);
        let _ = night(&world, more).ok();
        assert_eq!(count(&world, "SELECT count(*) FROM visit"), 1);
        assert_eq!(writes(&world) - before, transactions, "{more:?}");
    }
}

#[test]
fn what_could_not_be_reached_is_told_and_stays_told() {
    let world = office(1);
    let away = world.path().join("away.db");
    std::fs::rename(world.path().join("site.db"), &away).unwrap();
    let run = night(&world, &[]).exits(8).says("system `site`").says("nothing was done in other systems");
    assert!(!run.stderr.contains("--without"), "{}", run.stderr);
    let open =
        |world: &World| world.dsr(["status"]).ok().stdout.contains("did not come to an end in other systems");
    assert!(open(&world));
    std::fs::rename(&away, world.path().join("site.db")).unwrap();
    assert!(
        world.dsr(["purge-expired", "--dry-run"]).ok().stdout.contains("until"),
        "the lines differ by it"
    );
    let _ = night(&world, &[]).ok();
    assert!(!open(&world));
}

/// Whatever protects a person here protects their rows there.
#[test]
fn what_protects_here_protects_there() {
    let protects: [(&str, &[&str]); 4] = [
        ("hold", &["hold", "add", "--subject", "ref:S-2", "--basis", "court order"]),
        ("block", &["restrict", "--subject", "ref:S-2", "--reason", "check", "--yes"]),
        ("open_case", &["request", "open", "--right", "access", "--subject", "ref:S-2"]),
        ("obligation", &["import", "deal.ndjson"]),
    ];
    for (what, command) in protects {
        let world = office(1);
        let known = json!({"kind": "subject", "ref": "S-2", "born": null, "identifiers": [{"type": "account", "value": "Z-2"}]});
        let deal = json!({"kind": "obligation", "ref": "O-2", "subject": "S-2", "type": "purchase", "opened_at": "2019-06-01", "closed_at": null});
        let known = world.write("known.ndjson", known.to_string());
        let _ = world.write("deal.ndjson", deal.to_string());
        let _ = world.dsr(["import", known.to_str().unwrap()]).ok();
        let before = night(&world, &["--dry-run"]).ok().json()["held_by"][what].as_u64().unwrap_or_default();
        let _ = world.dsr(command).ok();
        let done = night(&world, &[]).ok().json();
        assert!(done["held_by"][what].as_u64() > Some(before), "{what}: {:#}", done["held_by"]);
        assert_eq!(count(&world, "SELECT count(*) FROM member WHERE id = 2"), 1, "{what}");
        assert_eq!(count(&world, "SELECT count(*) FROM visit WHERE id = 1"), 0, "{what}: the other's went");
        let kept = &acts(&world)[0]["kept"];
        assert!(list(kept).iter().any(|line| text(line).starts_with("contact ")), "{what}: {kept:#}");
    }
}

/// A hold that is committed when a page was judged and nothing of it is meant yet: the page is judged anew.
#[test]
fn what_is_committed_between_verdict_and_intent_counts() {
    let world = office(3);
    let (mut drawn, mut held) = (0, false);
    between(&world, &mut || {
        drawn += 1;
        // Of the page the first person is judged.
        if drawn == 2 {
            held = true;
            let _ = world.dsr(["hold", "add", "--subject", "account:Z-1", "--basis", "court order"]).ok();
        }
    });
    assert!(held, "{drawn} people were judged");
    assert_eq!(
        drawn, 5,
        "twice two, and her once more at the end: no guard could stop this night, and nobody was rehearsed"
    );
    assert_eq!(count(&world, "SELECT count(*) FROM visit WHERE member = 1"), 4, "hers are held");
    assert_eq!(count(&world, "SELECT count(*) FROM member WHERE id = 2"), 0, "his are not");
}

/// A night of the site alone, with something happening before each person is judged.
fn between(world: &World, before: &mut dyn FnMut()) {
    let library = Library::embedded();
    let rulebook = library.rulebook("automaster").unwrap();
    let places = Officer::read("dsr.yaml", SYSTEMS).unwrap().systems("automaster", &rulebook).unwrap();
    let directory = world.path().to_owned();
    let text_of = |path: &std::path::Path| Ok(std::fs::read_to_string(path)?);
    let systems = Systems::load(&apart(places).1, &directory, &rulebook, &text_of).unwrap();
    let mut reach = Reach::open(&systems, &Around { directory, variable: &|_| None }, &[]).unwrap();
    let now = Moment::parse("2026-11-22T12:00:00+05:00").unwrap();
    let context = Context {
        now,
        clock: Clock::Drill,
        actor: Actor::new("cron", 0).unwrap(),
        controller: Some("automaster".into()),
        files: Files::default(),
    };
    let company = Company { controller: "automaster".into(), rulebook: &rulebook, context };
    let key = KeyFile::load(&KeyFile::default_path(&world.store())).unwrap();
    let mut store = Store::open(&world.store(), Mode::ReadWrite, Duration::from_secs(10)).unwrap();
    let run = RunId::from_bytes([7; 16]);
    store.transact(|tx| tx.begin_run(run, now.day(), now)).unwrap();
    let mut nth = 0;
    let mut random = || {
        before();
        nth += 1;
        [nth; 16]
    };
    let mut terms = Terms {
        key: &key,
        dry_run: false,
        page: 500,
        batch: 500,
        max_rate: None,
        max_count: None,
        max_share: 100.0,
        run: Some(run),
        random: &mut random,
        pause: &|_| (),
    };
    let found = elsewhere_at_night::night(&mut store, &mut reach, &company, &mut terms).unwrap();
    assert!(found.broke.is_none() && found.troubles.is_empty(), "{:?}", found.troubles);
}

/// The same on a server: killed, gone on with, and reclaimed.
#[test]
fn a_night_on_a_server_is_accounted_for() {
    let kinds = [("postgres", servers::postgres as fn() -> _, "VACUUM"), ("mysql", servers::maria, "undo")];
    for (kind, server, below) in kinds {
        let Some(server) = server() else { continue };
        let world = World::with_store("automaster");
        let name = server.database();
        let _ = world.write("site.yaml", MAP);
        let _ = world.write(
            "dsr.yaml",
            SYSTEMS
                .replace("kind: sqlite", &format!("kind: {kind}"))
                .replace("file: site.db", "env: SITE_URL"),
        );
        let _ = server.sql(
            &name,
            "CREATE TABLE member (id INTEGER PRIMARY KEY, login VARCHAR(20), joined_at TIMESTAMP NULL, seen_at TIMESTAMP NULL);
             CREATE TABLE visit (id INTEGER PRIMARY KEY, member INTEGER REFERENCES member (id), page VARCHAR(20), at TIMESTAMP NULL);
             INSERT INTO member VALUES (1, 'Z-1', '2020-01-01', '2020-01-01');
             INSERT INTO visit VALUES (1, 1, '/a', '2020-01-01'), (2, 1, '/b', '2020-01-01'), (3, 1, '/c', '2020-01-01');",
        );
        let with = |args: &[&str]| {
            let mut command = world.command(args);
            command.env("SITE_URL", server.url(&name, None));
            command
        };
        let run = |args: &[&str]| common::Run::of(&with(args).output().unwrap());
        let visits = || -> u64 { server.sql(&name, "SELECT count(*) FROM visit").trim().parse().unwrap() };
        let _ = run(&["map", "check"]).ok();
        let args: Vec<&str> = NIGHT.into_iter().chain(["--max-rate", "1"]).collect();
        let mut child = with(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("a row went", || visits() < 3);
        child.kill().unwrap();
        let _ = child.wait();
        assert!(visits() > 0, "{kind}");
        let args: Vec<&str> = NIGHT.into_iter().chain(["--reclaim"]).collect();
        let done = run(&args).ok().json();
        let lines = list(&done["systems"]);
        assert!(
            lines.iter().all(|line| line["reclaimed"] == true && text(&line["below"]).contains(below)),
            "{kind}: {lines:#?}"
        );
        assert_eq!(
            (&done["destroyed"]["usage"], &done["destroyed"]["contact"]),
            (&3.into(), &1.into()),
            "{kind}"
        );
        let all = acts(&world);
        assert_eq!((all.len(), &all[0]["records"]), (1, &4.into()), "{kind}: {all:#?}");
        let act = report(&world, &format!("report destruction --act {}", text(&all[0]["number"])));
        assert!(list(&act["elsewhere"]).iter().all(|part| part["reclaimed"] == true), "{kind}: {act:#}");
        let _ = run(&["audit", "verify"]).ok();
    }
}

//! One person in three places: the own store, a CRM, a site. Each right is exercised over all of them, and nothing
//! that another person's copy shows may change.

mod common;

use common::{
    World, fixture,
    plan::{list, text},
};
use rusqlite::Connection;
use serde_json::Value;

const ASSEL: &str = "iin:900101499994";
/// Known to the CRM and the site alone.
const NURLAN: &str = "iin:991231399924";

struct Office {
    world: World,
}

impl Office {
    fn new() -> Self {
        let world = World::with_store("mycar");
        let _ = world.dsr(["import", fixture("mycar.ndjson").to_str().unwrap_or_default()]).ok();
        for name in ["dsr.yaml", "crm.yaml", "site.yaml"] {
            let _ = world.write(name, source(name));
        }
        for name in ["crm", "site"] {
            let sql = source(&format!("{name}.sql"));
            open(&world, name).execute_batch(&sql).unwrap_or_else(|error| panic!("{error}"));
        }
        Self { world }
    }

    fn rows(&self, system: &str, sql: &str) -> Vec<String> {
        let conn = open(&self.world, system);
        let mut query = conn.prepare(sql).unwrap_or_else(|error| panic!("{error}"));
        let rows =
            query.query_map([], |row| row.get::<_, String>(0)).unwrap_or_else(|error| panic!("{error}"));
        rows.map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    fn run(&self, system: &str, sql: &str) {
        open(&self.world, system).execute_batch(sql).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Everything that stands in a table, row by row.
    fn dump(&self, system: &str, table: &str) -> Vec<String> {
        let columns =
            self.rows(system, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"));
        let cells: Vec<String> = columns.iter().map(|name| format!("ifnull({name}, '-')")).collect();
        self.rows(system, &format!("SELECT {} FROM {table} ORDER BY 1", cells.join(" || ' ' || ")))
    }

    /// `crm customer 1: {…}` of every record that lies elsewhere.
    fn held(&self, who: &str) -> Vec<String> {
        let copy = self.world.copy(who, "mycar");
        let elsewhere = list(&copy["records"]).iter().filter(|record| record["system"] != "own");
        elsewhere.map(|r| format!("{}: {}", text(&r["id"]), r["data"])).collect()
    }

    /// What everybody but one person would be given as a copy.
    fn copies_of_others(&self, but: &str) -> Vec<(String, String)> {
        let others = ["iin:900101399998", "iin:850322499012", NURLAN].into_iter().filter(|who| *who != but);
        let plain = |mut copy: Value| {
            // The log grows, and so does each case; everything else has to stay.
            for key in ["audit", "cases", "request", "subject"] {
                copy[key] = Value::Null;
            }
            format!("{copy:#}")
        };
        others.map(|who| (who.to_owned(), plain(self.world.copy(who, "mycar")))).collect()
    }
}

fn source(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reach").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn open(world: &World, name: &str) -> Connection {
    Connection::open(world.path().join(format!("{name}.db"))).unwrap_or_else(|error| panic!("{error}"))
}

/// `crm deal delete 1 done`
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

/// Byte for byte; what differs is told by its line alone.
#[track_caller]
fn same(before: &[(String, String)], after: &[(String, String)]) {
    for ((who, before), (_, after)) in before.iter().zip(after) {
        let mut lines = before.lines().zip(after.lines());
        assert_eq!(lines.find(|(before, after)| before != after), None, "of {who}");
        assert_eq!(before.len(), after.len(), "of {who}");
    }
}

#[test]
fn a_copy_finds_everything_and_tells_of_nobody_else() {
    let office = Office::new();
    assert_eq!(
        office.held(ASSEL),
        [
            r#"crm customer 1: {"login":"MC-0001"}"#,
            r#"site member MC-0001: {"email":"assel@omarova.example","login":"MC-0001"}"#,
            r#"crm customer 1: {"given_name":"Assel","phone":"8 (701) 000-00-01","remark":"asked about a friend"}"#,
            r#"crm deal 10: {"number":"D-10","payer_name":"***","signed_at":"2024-04-02"}"#,
            r#"crm deal 11: {"payer_name":"Assel"}"#,
            r#"crm customer 1: {"iin":"900101499994"}"#,
            r#"site visit 1: {"page":"/new"}"#,
            r#"site visit 3: {"page":"/sale"}"#,
            r#"crm car 100: {"make":"Aurora","vin":"LGWEF4A56NB990001"}"#,
            r#"crm car 102: {"make":"Bora","vin":"LGWEF4A56NB990044"}"#,
            r#"crm keeping 1: {"since":"2024-04-19"}"#,
            r#"crm keeping 2: {"since":"2024-06-01"}"#,
        ]
    );
    let copy = office.world.copy(ASSEL, "mycar");
    assert_eq!(copy["searched"]["systems"], serde_json::json!(["own", "crm", "site"]));
    assert!(list(&copy["records"]).iter().any(|record| record["free_text"][0] == "remark"));
}

/// What tells of others, or may, stays: the friend of the remark and who paid are no part of the person's data.
#[test]
fn a_third_party_gets_what_lies_elsewhere_and_nothing_of_others() {
    for (who, number) in [(ASSEL, "D-10"), (NURLAN, "991231399924")] {
        let office = Office::new();
        let ask = "export --for third-party --recipient Court --demand 7/26 --format json --subject";
        let given = office.world.dsr(ask.split(' ').chain([who])).ok().stdout;
        let others = ["remark", "friend", "***"].into_iter().find(|word| given.contains(word));
        assert!(given.contains(number) && others.is_none(), "{others:?} {given}");
        let register = office.world.dsr(["report", "disclosures", "--format", "json"]).ok().stdout;
        assert!(register.contains("state_demand"), "{register}");
    }
    let office = Office::new();
    std::fs::remove_file(office.world.path().join("site.db")).unwrap_or_else(|error| panic!("{error}"));
    let ask = format!("export --for third-party --recipient Court --demand 7/26 --subject {ASSEL}");
    let _ = office.world.dsr(ask.split(' ')).exits(1);
}

/// Keys are numbers in every table: 7 is a closed deal and an open lease, 8 the other way round; payments are of leases.
#[test]
fn a_deal_is_the_one_that_the_reference_leads_to() {
    let office = Office::new();
    office.run(
        "crm",
        "CREATE TABLE lease (id INTEGER PRIMARY KEY, customer INTEGER, opened_on TEXT, closed_on TEXT);
         CREATE TABLE payment (id INTEGER PRIMARY KEY, customer INTEGER, lease INTEGER, iban TEXT, paid_on TEXT);
         INSERT INTO deal VALUES (7, 1, NULL, NULL, 'D-7', '2014-04-02', '2014-05-01', NULL),
           (8, 1, NULL, NULL, 'D-8', '2026-10-05', NULL, NULL);
         INSERT INTO lease VALUES (7, 1, '2014-04-02', NULL), (8, 1, '2014-04-02', '2014-05-01');
         INSERT INTO payment VALUES (1, 1, 7, 'KZ11', '2014-05-02'), (2, 1, 8, 'KZ22', '2014-05-02');",
    );
    let map = source("crm.yaml") + &source("lease.yaml");
    let _ = office.world.write("crm.yaml", &map);
    let _ = office.world.dsr(["erase", "--subject", ASSEL, "--identity", "document", "--yes"]).ok();
    assert_eq!(
        office.rows("crm", "SELECT iban FROM payment"),
        ["KZ11"],
        "lease 7 is open, and deal 8 is another thing"
    );
}

/// What cannot be meant by key is not passed over: it is told, and left to people.
#[test]
fn a_row_without_a_key_is_told_and_left() {
    let office = Office::new();
    office.run(
        "crm",
        "CREATE TABLE note (code TEXT PRIMARY KEY, customer INTEGER, remark TEXT, noted_on TEXT);
         INSERT INTO note VALUES ('N-1', 1, 'one', '2024-05-02'), (NULL, 1, 'two', '2024-05-03'), (NULL, 2, 'three', '2024-05-03');",
    );
    let _ = office.world.write("crm.yaml", &(source("crm.yaml") + &source("note.yaml")));
    let says = "crm: 1 row of note have no key: assign by hand";
    let export = ["export", "--subject", ASSEL, "--identity", "document", "--format", "json"];
    let _ = office.world.dsr(export).ok().says(says);
    let erase = ["erase", "--subject", ASSEL, "--identity", "document", "--yes", "--format", "json"];
    let erased = office.world.dsr(erase).ok().stdout;
    assert!(erased.contains(says), "{erased}");
    assert_eq!(office.rows("crm", "SELECT remark FROM note ORDER BY noted_on, remark"), ["three", "two"]);
}

#[test]
fn whom_only_other_systems_know_is_found_by_number() {
    let office = Office::new();
    let held = office.held(NURLAN);
    assert_eq!(held.len(), 8, "{held:#?}");
    let _ = office.world.does(&format!("restrict --subject {NURLAN} --reason check")).ok();
    let found = office.world.dsr(["find", "991231399924", "--format", "json"]).ok().json();
    let own = list(&found["candidates"]).iter().filter(|one| one["system"] == "own");
    assert_eq!(own.count(), 1, "enrolled once, by the first request");
    assert_eq!(office.held(NURLAN), held, "a block never stops the person's own access");
    assert_eq!(
        office.rows("crm", "SELECT CAST(id AS TEXT) FROM customer WHERE stopped = 1"),
        ["3"],
        "the flag column says so"
    );
    let lift = format!("restrict --subject {NURLAN} --lift --finding accurate");
    let _ = office.world.does(&lift).ok();
    assert_eq!(
        office.rows("crm", "SELECT CAST(id AS TEXT) FROM customer WHERE stopped = 1"),
        Vec::<String>::new()
    );
}

#[test]
fn an_erasure_goes_through_every_system_and_changes_nobody_elses_copy() {
    let office = Office::new();
    let before = office.copies_of_others(ASSEL);
    let erased = office.world.does(&format!("erase --subject {ASSEL}")).ok().json();
    assert_eq!(
        parts(&erased),
        [
            "crm keeping delete 2 done",
            "site visit delete 2 done",
            "crm customer set 1 done",
            "crm car set 1 done",
            "site member delete 1 done"
        ]
    );
    same(&before, &office.copies_of_others(ASSEL));
    assert_eq!(
        office.rows("crm", "SELECT id || ifnull(iin, '') || ifnull(given_name, '') || ifnull(phone, '') || ifnull(account, '') FROM customer WHERE id = 1"),
        ["1"],
        "a contract that a law keeps refers to it: only its values go"
    );
    assert_eq!(text(&erased["outcome"]["state"]), "executed");
    let again = office.world.does(&format!("erase --subject {ASSEL}")).ok().json();
    assert_eq!(again["already_done"], true, "{:#}", again["steps"]);
}

#[test]
fn a_withdrawal_a_correction_and_an_objection() {
    let office = Office::new();
    let before = office.copies_of_others(ASSEL);
    let set = format!("rectify --subject {ASSEL} --set contact.given_name=Асель --document passport");
    let corrected = office.world.does(&set).ok().json();
    assert_eq!(parts(&corrected), ["crm customer set 1 done"]);
    assert_eq!(office.rows("crm", "SELECT given_name FROM customer WHERE id = 1"), ["Асель"]);
    let withdrawn = office.world.does(&format!("revoke --subject {ASSEL} --purpose promotion")).ok().json();
    assert!(parts(&withdrawn).contains(&"crm consent set 1 done".to_owned()), "{:?}", parts(&withdrawn));
    assert_eq!(office.rows("crm", "SELECT withdrawn_at FROM consent WHERE id = 1"), ["2026-11-22 10:00:00"]);
    assert_eq!(office.dump("crm", "consent")[1], "2 3 promotion 2019-01-01 10:00:00 -");
    let stopped = office.world.does(&format!("object --subject {ASSEL} --purpose analytics")).ok().json();
    assert_eq!(parts(&stopped), ["site visit delete 2 done"]);
    same(&before, &office.copies_of_others(ASSEL));
}

#[test]
fn what_fails_stays_written_down_and_is_finished_later() {
    let office = Office::new();
    office.run("site", "CREATE TABLE guestbook (id INTEGER PRIMARY KEY, login TEXT REFERENCES member (login)); INSERT INTO guestbook VALUES (1, 'MC-0001')");
    let erased = office.world.does(&format!("erase --subject {ASSEL}")).exits(8).says("request resume");
    let case = text(&erased.json()["outcome"]["case"]).to_owned();
    assert!(
        parts(&erased.json()).contains(&"site member delete 1 open".to_owned()),
        "a table no map knows refers to it"
    );
    let outcome = erased.json()["outcome"].clone();
    assert_eq!((text(&outcome["state"]), text(&outcome["destruction"])), ("waiting", "pending"));
    assert_eq!(office.rows("site", "SELECT login FROM member").len(), 2);
    // Nobody is told, and nothing is signed, before it is done everywhere.
    let resume = format!("dsr request resume {case}");
    let answer = ["request", "answer", &case, "--channel", "email"];
    let _ = office.world.dsr(answer).exits(4).says(&resume);
    let _ = office.world.dsr(["request", "letter", &case]).exits(4).says(&resume);
    let shown = office.world.dsr(["request", "show", &case, "--format", "json"]).ok().json();
    assert_eq!(text(&shown["next"]), resume);
    let waits = &shown["waits"][0];
    assert_eq!(["on", "name", "next"].map(|key| text(&waits[key])), ["system", "site", resume.as_str()]);
    assert!(office.world.dsr(["status"]).ok().stdout.contains(&resume));
    let act =
        || office.world.dsr(["report", "destruction", "--format", "json"]).ok().json()["acts"][0].clone();
    let swept = office.world.dsr(["sanitize", "--format", "json"]).ok();
    let _ = swept.says("in another system is open");
    assert_eq!((text(&act()["state"]), act()["level"].is_null()), ("pending", true));
    let page = office.world.dsr(["report", "destruction", "--act", text(&outcome["act"])]).ok().stdout;
    assert!(page.contains("in another system is open") && !page.contains("SP 800-88 Clear"), "{page}");
    let again = office.world.dsr(["request", "resume", &case, "--yes", "--format", "json"]).exits(8);
    assert!(parts(&again.json()).contains(&"site member delete 1 open".to_owned()));
    office.run("site", "DELETE FROM guestbook");
    let ended = office.world.dsr(["request", "resume", &case, "--yes", "--format", "json"]).ok().json();
    assert!(parts(&ended).iter().all(|part| part.ends_with("done")), "{:?}", parts(&ended));
    assert_eq!(text(&ended["state"]), "executed");
    assert_eq!((text(&act()["state"]), text(&act()["level"])), ("destroyed", "NIST SP 800-88 Clear"));
    assert!(act()["not_reached"].to_string().contains("copies handed out"), "{}", act());
    assert_eq!(office.rows("site", "SELECT login FROM member"), ["MC-9003"]);
    let payloads = Connection::open(office.world.store()).and_then(|store| {
        store.query_row("SELECT count(*) FROM remote_step WHERE payload IS NOT NULL", [], |row| {
            row.get::<_, i64>(0)
        })
    });
    assert_eq!(payloads.ok(), Some(0), "no key lies here once the step is done");
    let _ = office.world.dsr(["audit", "verify"]).ok();
}

#[test]
fn a_row_changed_meanwhile_is_left_and_a_plan_that_changed_is_not_carried_out() {
    let office = Office::new();
    let plan = office.world.path().join("plan.json");
    let planned = [
        "erase",
        "--subject",
        ASSEL,
        "--identity",
        "document",
        "--plan-out",
        plan.to_str().unwrap_or_default(),
    ];
    let _ = office.world.dsr(planned).ok();
    office.run("crm", "UPDATE customer SET phone = '+77010000099' WHERE id = 1");
    let _ = office.world.dsr(["apply", plan.to_str().unwrap_or_default(), "--yes"]).exits(5);
    assert_eq!(office.rows("crm", "SELECT phone FROM customer WHERE id = 1"), ["+77010000099"]);
}

#[test]
fn without_a_system_nothing_is_told_or_done_unless_it_is_left_out_by_name() {
    let office = Office::new();
    std::fs::remove_file(office.world.path().join("site.db")).unwrap_or_else(|error| panic!("{error}"));
    for command in ["export", "erase", "revoke"] {
        let run = office.world.dsr([command, "--subject", ASSEL, "--identity", "document"]).exits(1);
        let _ = run.says("system `site`").says("--without site");
    }
    let args = [
        "erase",
        "--subject",
        ASSEL,
        "--identity",
        "document",
        "--without",
        "site",
        "--dry-run",
        "--format",
        "json",
    ];
    let plan = office.world.dsr(args).ok().json();
    let by_hand =
        list(&plan["steps"]).iter().find(|step| step["action"] == "manual" && step["system"] == "site");
    assert!(by_hand.is_some(), "{plan:#}");
    let args =
        ["export", "--subject", ASSEL, "--identity", "document", "--without", "site", "--format", "json"];
    let copy = office.world.dsr(args).ok().json();
    assert_eq!(copy["searched"]["by_hand"], serde_json::json!(["site"]));
    let _ = office.world.dsr(["export", "--subject", ASSEL, "--without", "nowhere"]).exits(2).says("nowhere");
    for intake in ["restrict --reason check", "object --purpose promotion"] {
        let args: Vec<&str> = intake.split(' ').chain(["--subject", ASSEL, "--yes"]).collect();
        let _ = office.world.dsr(args).ok().says("site");
    }
}

#[test]
fn what_others_changed_after_the_plan_is_left_to_a_new_one() {
    let office = Office::new();
    office.run("site", "CREATE TABLE guestbook (id INTEGER PRIMARY KEY, login TEXT REFERENCES member (login)); INSERT INTO guestbook VALUES (1, 'MC-0001')");
    let erased = office.world.does(&format!("erase --subject {ASSEL}")).exits(8).json();
    let case = text(&erased["outcome"]["case"]).to_owned();
    office.run(
        "site",
        "DELETE FROM guestbook; UPDATE member SET email = 'new@omarova.example' WHERE login = 'MC-0001'",
    );
    let again = office.world.dsr(["request", "resume", &case, "--yes", "--format", "json"]).exits(8).json();
    let open = list(&again["systems"]).iter().find(|part| part["state"] == "open");
    assert!(open.is_some_and(|part| text(&part["trouble"]).contains("changed by others")), "{again:#}");
    assert_eq!(office.rows("site", "SELECT login FROM member").len(), 2, "not by a plan that never saw it");
    let ended = office.world.does(&format!("erase --subject {ASSEL}")).ok().json();
    assert_eq!(text(&ended["outcome"]["case"]), case);
    assert!(parts(&ended).iter().all(|part| part.ends_with("done")), "{:?}", parts(&ended));
    assert_eq!(office.rows("site", "SELECT login FROM member"), ["MC-9003"]);
}

/// A table that lost its primary key, in which the third customer has the number of the first.
const TWICE: &str = "PRAGMA foreign_keys = OFF; CREATE TABLE loose AS SELECT * FROM customer; DROP TABLE customer; \
    ALTER TABLE loose RENAME TO customer; UPDATE customer SET id = 1 WHERE id = 3";

#[test]
fn a_key_that_two_people_have_changes_neither() {
    let office = Office::new();
    office.run("crm", TWICE);
    let before = office.dump("crm", "customer");
    let args = ["export", "--subject", ASSEL, "--identity", "document"];
    let _ = office.world.dsr(args).exits(6).says("not unique");
    for command in ["erase", "rectify --set contact.given_name=A --document passport"] {
        let _ = office.world.does(&format!("{command} --subject {ASSEL}")).exits(6).says("not unique");
    }
    assert_eq!(office.dump("crm", "customer"), before);
}

#[test]
fn a_key_that_two_people_have_by_now_stops_its_step() {
    let office = Office::new();
    let stop = "CREATE TRIGGER stop BEFORE UPDATE ON customer BEGIN SELECT RAISE(ABORT, 'locked'); END";
    office.run("crm", stop);
    let set = format!("rectify --subject {ASSEL} --set contact.given_name=A --document passport");
    let open = office.world.does(&set).exits(8).json();
    let case = text(&open["outcome"]["case"]).to_owned();
    office.run("crm", TWICE);
    let before = office.dump("crm", "customer");
    let again = office.world.dsr(["request", "resume", &case, "--yes", "--format", "json"]).exits(8).json();
    let open = list(&again["systems"]).iter().find(|part| part["state"] == "open");
    assert!(open.is_some_and(|part| text(&part["trouble"]).contains("one key")), "{again:#}");
    assert_eq!(office.dump("crm", "customer"), before);
}

#[test]
fn a_row_whose_key_changed_is_not_taken_for_deleted() {
    let office = Office::new();
    office.run("site", "CREATE TRIGGER stop BEFORE DELETE ON visit BEGIN SELECT RAISE(ABORT, 'locked'); END");
    let stopped = format!("object --subject {ASSEL} --purpose analytics");
    let open = office.world.does(&stopped).exits(8).json();
    let case = text(&open["outcome"]["case"]).to_owned();
    office.run("site", "DROP TRIGGER stop; UPDATE visit SET id = id + 50 WHERE login = 'MC-0001'");
    let again = office.world.dsr(["request", "resume", &case, "--yes", "--format", "json"]).exits(8).json();
    let open = list(&again["systems"]).iter().find(|part| part["state"] == "open");
    assert!(open.is_some_and(|part| text(&part["trouble"]).contains("under their keys")), "{again:#}");
    office.run("site", "DELETE FROM visit WHERE login = 'MC-0001'");
    let ended = office.world.dsr(["request", "resume", &case, "--yes", "--format", "json"]).ok().json();
    assert!(parts(&ended).iter().all(|part| part.ends_with("done")), "{:?}", parts(&ended));
}

#[test]
fn a_text_of_digits_is_corrected_to_the_letter() {
    let office = Office::new();
    office.run("crm", "UPDATE customer SET given_name = '901' WHERE id = 1");
    let set = format!("rectify --subject {ASSEL} --set contact.given_name=0901 --document passport");
    let _ = office.world.does(&set).ok();
    assert_eq!(office.rows("crm", "SELECT given_name FROM customer WHERE id = 1"), ["0901"]);
}

#[test]
fn what_a_row_belongs_to_waits_for_the_row() {
    for meanwhile in ["page = '/else'", "id = id + 50"] {
        let office = Office::new();
        let stop = "CREATE TRIGGER stop BEFORE DELETE ON visit BEGIN SELECT RAISE(ABORT, 'locked'); END";
        office.run("site", stop);
        let open = office.world.does(&format!("erase --subject {ASSEL}")).exits(8).json();
        let case = text(&open["outcome"]["case"]).to_owned();
        office
            .run("site", &format!("DROP TRIGGER stop; UPDATE visit SET {meanwhile} WHERE login = 'MC-0001'"));
        let resume = ["request", "resume", &case, "--yes", "--format", "json"];
        let again = office.world.dsr(resume).exits(8).json();
        assert!(parts(&again).contains(&"site member delete 1 open".to_owned()), "{meanwhile}: {again:#}");
        assert_eq!(office.rows("site", "SELECT login FROM member").len(), 2, "{meanwhile}");
    }
}

/// A key of bytes is found where the column takes bytes; where it only says to be text, the row is not taken for gone.
#[test]
fn a_row_whose_key_is_bytes_goes_or_is_told() {
    for (kind, code, left) in [("BLOB", 0, 0), ("TEXT", 8, 1)] {
        let office = Office::new();
        office.run(
            "crm",
            &format!(
                "CREATE TABLE note (code {kind} PRIMARY KEY, customer INTEGER, remark TEXT, noted_on TEXT);
                 INSERT INTO note VALUES (x'00ff', 1, 'one', '2024-05-02')"
            ),
        );
        let _ = office.world.write("crm.yaml", &(source("crm.yaml") + &source("note.yaml")));
        let erased = office.world.does(&format!("erase --subject {ASSEL}")).exits(code).json();
        assert_eq!(office.rows("crm", "SELECT remark FROM note").len(), left, "{kind}: {erased:#}");
    }
}

/// Whether a law alone keeps a row, and whether names may die, cannot be told without the key: nothing is guessed.
#[test]
fn without_its_key_file_the_store_says_nothing_of_other_systems() {
    let office = Office::new();
    let (key, away) = (office.world.path().join("store.sqlite.key"), office.world.path().join("away"));
    let lose = || std::fs::rename(&key, &away).unwrap_or_else(|error| panic!("{error}"));
    let find = || std::fs::rename(&away, &key).unwrap_or_else(|error| panic!("{error}"));
    let stop = "CREATE TRIGGER stop BEFORE DELETE ON visit BEGIN SELECT RAISE(ABORT, 'locked'); END";
    office.run("site", stop);
    let open = office.world.does(&format!("erase --subject {ASSEL}")).exits(8).json();
    let resume = ["request", "resume", text(&open["outcome"]["case"]), "--yes", "--format", "json"];
    office.run("site", "DROP TRIGGER stop");
    lose();
    let _ = office.world.dsr(resume).exits(6).says("key file of the store is missing");
    find();
    let ended = office.world.dsr(resume).ok().json();
    assert_eq!(text(&ended["state"]), "executed");
    lose();
    let export = ["export", "--subject", ASSEL, "--identity", "document"];
    let _ = office.world.dsr(export).exits(6).says("no key file");
    find();
    let _ = office.world.dsr(export).ok();
}

/// What a map does not let anybody change goes through people's hands, and its names live as long.
#[test]
fn a_column_that_may_not_be_changed_is_left_to_people() {
    for (column, meta) in
        [("phone", "read_only: true"), ("phone", "masking_strategy_override: { strategy: preserve }")]
    {
        let office = Office::new();
        let map = source("crm.yaml").replace(
            "fides_meta: { identity: phone_number }",
            &format!("fides_meta: {{ identity: phone_number, {meta} }}"),
        );
        let _ = office.world.write("crm.yaml", map);
        let erased = office.world.does(&format!("erase --subject {ASSEL}")).ok().json();
        assert_eq!(
            office.rows(
                "crm",
                &format!("SELECT {column} || ifnull(given_name, '-') FROM customer WHERE id = 1")
            ),
            ["8 (701) 000-00-01-"],
            "{meta}"
        );
        let by_hand =
            list(&erased["steps"]).iter().find(|step| step["action"] == "manual" && step["system"] == "crm");
        assert!(
            by_hand.is_some_and(|step| step.to_string().contains("contact in customer")),
            "{meta} {erased:#}"
        );
        let kept: Vec<i64> = Connection::open(office.world.store())
            .and_then(|store| {
                let mut query =
                    store.prepare("SELECT count(*) FROM identifier WHERE key LIKE '%7010000001'")?;
                query.query_map([], |row| row.get(0))?.collect()
            })
            .unwrap_or_default();
        assert_eq!(kept, [1], "{meta}");
    }
}

/// A refusal because of an open deal counts the deals that lie elsewhere, as an erasure does.
#[test]
fn a_refusal_for_an_open_deal_looks_for_it_everywhere() {
    let office = Office::new();
    for right in ["erase", "revoke"] {
        let _ = office.world.dsr(["request", "open", "--right", right, "--subject", ASSEL]).ok();
    }
    let refuse = |case: &str, more: &[&str]| {
        let line =
            ["request", "refuse", case, "--ground", "RF-OBLIG", "--facts", "a deal", "--signed-by", "A. B."];
        office.world.dsr(line.iter().chain(more))
    };
    let _ = refuse("2026-000001", &[]).exits(4).says("no obligation of the person is open");
    let without = refuse("2026-000002", &["--without", "crm"]).ok();
    assert!(without.stderr.contains("in other systems was not looked up"), "{}", without.stderr);
    office.run("crm", "UPDATE deal SET closed_on = NULL WHERE id = 10");
    let away = office.world.path().join("crm.away");
    std::fs::rename(office.world.path().join("crm.db"), &away).unwrap_or_else(|error| panic!("{error}"));
    let unreached = refuse("2026-000001", &[]);
    assert!(
        unreached.code != 0 && unreached.stderr.contains("crm"),
        "{} {}",
        unreached.code,
        unreached.stderr
    );
    std::fs::rename(&away, office.world.path().join("crm.db")).unwrap_or_else(|error| panic!("{error}"));
    let refused = refuse("2026-000001", &[]).ok();
    assert!(refused.stderr.contains("open in another system: crm deal 10"), "{}", refused.stderr);
    assert!(refused.stderr.contains("dsr request reopen 2026-000001"), "{}", refused.stderr);
}

//! What other systems know and a map could miss: marks that staff set, a family's phone, columns that came since,
//! values by which other rows are found, another file in the place of one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World,
    plan::{list, text},
    site::{SYSTEMS, rows, sql},
};

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta:
          category: contact
          collected_at: at
          restriction: { column: blocked, blocked: '1', free: '0' }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: contact } }
          - { name: note.text, dsr_meta: { category: contact } }
          - { name: blocked, dsr_meta: { not_personal: true } }
          - { name: at, data_categories: [system.operations] }
      - name: sms
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: usage, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: phone, fides_meta: { references: [{ dataset: site, field: customer.phone, direction: from }] } }
          - { name: page }
          - { name: at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: usage, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: page }
          - { name: at, data_categories: [system.operations] }
";

const TABLES: &str = "
    CREATE TABLE customer (id TEXT COLLATE NOCASE PRIMARY KEY, iin TEXT, phone TEXT, \"note.text\" TEXT, blocked INTEGER NOT NULL DEFAULT 0, at TEXT);
    CREATE TABLE sms (id INTEGER PRIMARY KEY, phone TEXT, page TEXT, at TEXT);
    CREATE TABLE visit (id INTEGER PRIMARY KEY, customer TEXT COLLATE NOCASE, page TEXT, at TEXT);";

/// Two people with one phone, each with a record here.
const FAMILY: &str = r#"{"kind":"subject","ref":"P-1","born":null,"identifiers":[{"type":"iin","value":"900101399998"},{"type":"phone","value":"+77010000001"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P1"}}
{"kind":"subject","ref":"P-2","born":null,"identifiers":[{"type":"iin","value":"900101499994"},{"type":"phone","value":"+77010000001"}]}
{"kind":"record","ref":"R-2","subject":"P-2","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P2"}}
"#;

/// Nobody is known here.
fn office(rows: &str) -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(&world, TABLES);
    sql(&world, rows);
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn night(world: &World) -> Run {
    world.dsr(["purge-expired", "--enable", "--max-share", "100", "--format", "json"])
}

fn copy(world: &World, who: &str) -> (Run, Vec<String>) {
    let run = world.dsr(["export", "--subject", who, "--format", "json"]).ok();
    let ids = list(&run.json()["records"]).iter().map(|record| text(&record["id"]).to_owned()).collect();
    (run, ids)
}

/// What an erasure would touch: collection and records. It opens no case.
fn touched(world: &World, who: &str) -> Vec<String> {
    let plan = world.does(&format!("erase --subject {who} --dry-run")).ok().json();
    let steps = list(&plan["steps"]).iter().filter(|step| step["system"] == "site");
    let mut all: Vec<String> =
        steps.map(|step| format!("{} {}", text(&step["collection"]), step["count"])).collect();
    all.sort();
    all
}

#[test]
fn a_mark_that_staff_set_is_a_block() {
    let world = office(
        "INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 1, '2015-01-01'), ('c2', '900101499994', NULL, 'old', 0, '2015-01-01');",
    );
    let who = "iin:900101399998";
    let told = world.dsr(["export", "--subject", who, "--format", "json"]).ok().json();
    assert_eq!(told["records"][0]["blocked"], true, "{told:#}");
    let kept = world.does(&format!("erase --subject {who}")).exits(4).json()["kept"][0].clone();
    assert!(text(&kept["reason"]).contains("marks it as out of use"), "{kept:#}");
    let run = night(&world).ok().json();
    assert_eq!(run["held"]["contact"], 1, "{run:#}");
    assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"]);
}

#[test]
fn a_mark_that_is_ours_ends_with_its_case() {
    let world = office("INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2026-01-01');");
    let who = "iin:900101399998";
    let _ = world.does(&format!("restrict --subject {who} --reason check")).ok();
    assert_eq!(rows(&world, "SELECT blocked || '' FROM customer"), ["1"]);
    let _ = world.does(&format!("restrict --subject {who} --lift --finding unlawful")).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0]);
}

#[test]
fn a_phone_that_a_family_shares_leads_to_nobodys_rows() {
    let world = office(
        "INSERT INTO customer VALUES ('c1', '900101399998', '+77010000001', 'x', 0, '2026-01-01');
        INSERT INTO sms VALUES (1, '+77010000001', '/', '2026-01-01');",
    );
    let file = world.write("family.ndjson", FAMILY);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    let (run, ids) = copy(&world, "ref:P-1");
    assert_eq!(ids, ["site customer c1", "R-1"], "it could be the other's");
    let _ = run.says("1 row of sms are tied by a phone, an e-mail or a VIN that several people have");
    let _ = world.does("erase --subject ref:P-1").ok();
    assert_eq!(rows(&world, "SELECT phone FROM sms"), ["+77010000001"]);
}

#[test]
fn a_value_by_which_what_stays_is_found_goes_with_it() {
    let mut world = office(
        "INSERT INTO customer VALUES ('c1', '900101399998', '+77010000001', 'old', 0, '2020-01-01'), ('c2', '900101499994', NULL, 'old', 0, '2020-01-01');
        INSERT INTO visit VALUES (1, 'c1', '/', '2026-05-01'), (2, 'c1', '/', '2020-05-01');
        INSERT INTO sms VALUES (1, '+77010000001', '/', '2026-06-01');",
    );
    let run = night(&world).ok().json();
    assert_eq!(run["held"]["contact"], 1, "{run:#}");
    let left = "SELECT id || ' ' || ifnull(iin, '-') || ' ' || ifnull(phone, '-') || ' ' || ifnull(\"note.text\", '-') FROM customer";
    assert_eq!(rows(&world, left), ["c1 900101399998 +77010000001 -"], "and nothing else of the row");
    assert_eq!(touched(&world, "iin:900101399998"), ["customer 1", "sms 1", "visit 1"], "and all is found");
    let _ = world.at("2036-11-22T10:00:00+05:00");
    let night = ["purge-expired", "--max-share", "100", "--accept-clock", "2036-11-22"];
    let _ = world.dsr(night).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0], "with the last of them it goes");
}

#[test]
fn beside_a_column_in_no_map_nothing_is_destroyed() {
    let world = office("INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2020-01-01');");
    sql(&world, "ALTER TABLE customer ADD nickname TEXT; UPDATE customer SET nickname = 'Masha';");
    let who = "iin:900101399998";
    let (run, _) = copy(&world, who);
    let _ = run.says("the column `nickname` of customer is in no map and was not read");
    for command in [format!("erase --subject {who}"), format!("erase --subject {who} --dry-run")] {
        let _ = world.does(&command).exits(6).says("the column `nickname` of `customer` is in no map");
    }
    let _ = night(&world).exits(6).says("nickname");
    assert_eq!(rows(&world, "SELECT \"note.text\" FROM customer"), ["old"]);
    let _ = world.does(&format!("restrict --subject {who} --reason check")).ok();
}

/// What the check of a map finds wrong, and would be called destroyed or goes along unseen.
#[test]
fn what_a_map_leaves_unsaid_stops_destruction() {
    let who = "iin:900101399998";
    let unsaid = MAP.replace(
        "dsr_meta: { not_personal: true } }\n",
        "dsr_meta: { not_personal: true } }\n          - { name: nickname }\n",
    );
    let unsaid = unsaid.replacen("          category: contact\n", "", 1);
    let nickname = "ALTER TABLE customer ADD nickname TEXT; UPDATE customer SET nickname = 'Masha';";
    let log =
        "CREATE TABLE log (id INTEGER PRIMARY KEY, visit INTEGER REFERENCES visit (id) ON DELETE CASCADE);
        INSERT INTO visit VALUES (1, 'c1', '/', '2019-05-01'); INSERT INTO log VALUES (1, 1);";
    let skipped =
        format!("{MAP}      - {{ name: log, fides_meta: {{ skip_processing: true }}, fields: [] }}\n");
    for (map, more, says) in [
        (unsaid.as_str(), nickname, "the map does not say what `nickname` of `customer` is"),
        (&skipped, log, "rows of `log`, which is not read, refer to `visit`, whose rows would be deleted"),
    ] {
        let world =
            office("INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2020-01-01');");
        sql(&world, more);
        let _ = world.write("site.yaml", map);
        let _ = world.dsr(["map", "check"]).exits(6);
        for command in [format!("erase --subject {who}"), format!("erase --subject {who} --dry-run")] {
            let _ = world.does(&command).exits(6).says(says).says("nothing was done");
        }
        let _ = night(&world).exits(6).says(says);
        assert_eq!(rows(&world, "SELECT \"note.text\" FROM customer"), ["old"]);
        let _ = world.does(&format!("restrict --subject {who} --reason check")).ok();
        let (run, _) = copy(&world, who);
        assert_eq!(
            run.stderr.contains("does not say what `nickname` of customer is, and it was not read"),
            more == nickname
        );
    }
}

#[test]
fn an_older_file_in_the_place_of_one_is_another() {
    let world = office("INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2020-01-01');");
    let (file, old) = (world.path().join("site.db"), world.path().join("old.db"));
    std::fs::copy(&file, &old).unwrap();
    sql(&world, "INSERT INTO customer VALUES ('c2', '900101499994', NULL, 'new', 0, '2026-01-01');");
    let _ = world.dsr(["map", "check"]).ok();
    std::fs::copy(&old, &file).unwrap();
    let _ = world.does("erase --subject iin:900101399998").exits(6).says("another database");
    let _ = night(&world).exits(6);
    assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"]);
    let _ = world.dsr(["map", "check"]).exits(6).says("another database");
    let _ = world.dsr(["map", "check", "--accept"]).ok();
    let _ = world.does("erase --subject iin:900101399998").ok();
}

/// A copy made at the check and put back after the erasure has the client again.
#[test]
fn a_file_as_it_was_before_a_step_is_another() {
    let world = office(
        "INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2019-01-01'), ('c2', '900101499994', NULL, 'new', 0, '2019-01-01');",
    );
    let (file, old) = (world.path().join("site.db"), world.path().join("old.db"));
    for (does, who, left) in [("erase", "iin:900101399998", 1), ("night", "iin:900101499994", 0)] {
        let _ = world.dsr(["map", "check", "--accept"]).ok();
        std::fs::copy(&file, &old).unwrap();
        match does {
            "erase" => drop(world.does(&format!("erase --subject {who}")).ok()),
            _ => drop(night(&world).ok()),
        }
        assert_eq!(rows(&world, "SELECT id FROM customer WHERE iin IS NOT NULL").len(), left, "{does}");
        std::fs::copy(&old, &file).unwrap();
        let _ = world.dsr(["map", "check"]).exits(6).says("another database");
        let _ = world.does(&format!("erase --subject {who}")).exits(6).says("another database");
        let _ = world.dsr(["map", "check", "--accept"]).ok();
        let _ = world.does(&format!("erase --subject {who}")).ok();
    }
}

#[test]
fn a_row_that_the_database_joins_is_joined_however_it_is_written() {
    let world = office(
        "INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'x', 0, '2020-01-01');
        INSERT INTO visit VALUES (1, 'C1', '/', '2015-01-01'), (2, 'c1', '/', '2015-01-01');",
    );
    assert_eq!(touched(&world, "iin:900101399998"), ["customer 1", "visit 2"]);
    let _ = night(&world).ok();
    assert_eq!(rows(&world, "SELECT id || '' FROM visit"), [""; 0], "the night finds whose it is");
}

#[test]
fn who_asks_is_told_what_no_identifier_leads_to() {
    let world = office(
        "INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2026-01-01');
        INSERT INTO visit VALUES (1, 'c1', '/', '2026-05-01');",
    );
    let plan = world.does("erase --subject iin:900101399998 --category contact").ok().json();
    let says = "site: no identifier leads to what stays in visit any more: note where it is";
    assert!(list(&plan["gaps"]).iter().any(|gap| gap["missing"] == says), "{plan:#}");
    assert_eq!(rows(&world, "SELECT id || ifnull(iin, '-') FROM customer"), ["c1-"]);
}

#[test]
fn a_dot_in_the_name_of_a_column_is_its_own() {
    let world = office("INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'old', 0, '2026-01-01');");
    let told = world.dsr(["export", "--subject", "iin:900101399998", "--format", "json"]).ok().json();
    assert_eq!(told["records"][0]["data"]["note.text"], "old", "{told:#}");
    let _ = world
        .write("dsr.yaml", SYSTEMS.replace("sqlite,", "postgres,").replace("file: site.db", "env: SITE"));
    let grants = world.dsr(["map", "grants", "site"]).ok().stdout;
    assert!(grants.contains(", \"note.text\", ") && !grants.contains("\"note\""), "{grants}");
}

#[test]
fn mariadb_joins_by_its_collation() {
    let Some(server) = common::servers::maria() else { return };
    let site = server.database();
    let _ = server.sql(
        &site,
        "CREATE TABLE customer (id varchar(20) PRIMARY KEY, iin varchar(12), phone varchar(20), `note.text` text, blocked int NOT NULL DEFAULT 0, at datetime) COLLATE utf8mb4_general_ci;
        CREATE TABLE sms (id int PRIMARY KEY, phone varchar(20), page text, at datetime);
        CREATE TABLE visit (id int PRIMARY KEY, customer varchar(20), page text, at datetime) COLLATE utf8mb4_general_ci;
        INSERT INTO customer VALUES ('c1', '900101399998', NULL, 'x', 0, '2020-01-01'), ('c2', '900101499994', NULL, 'x', 0, '2026-01-01');
        INSERT INTO visit VALUES (1, 'C1  ', '/', '2015-01-01'), (2, 'c1', '/', '2015-01-01'), (3, convert(unhex('C48731') using utf8mb4), '/', '2015-01-01'), (4, 'C2', '/', '2026-01-01');",
    );
    let world = World::with_store("automaster");
    let systems = SYSTEMS.replace("sqlite,", "mysql,").replace("file: site.db", "env: SITE");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", systems));
    let dsr = |args: &[&str]| {
        let mut command = world.command(args);
        Run::of(&command.env("SITE", server.url(&site, None)).output().unwrap())
    };
    let _ = dsr(&["map", "check"]).ok();
    let _ = dsr(&["purge-expired", "--enable", "--max-share", "100"]).ok();
    assert_eq!(server.sql(&site, "SELECT group_concat(id ORDER BY id) FROM visit"), "4");
    assert_eq!(server.sql(&site, "SELECT group_concat(id) FROM customer"), "c2");
}

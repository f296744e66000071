//! A phone of nobody known here: what other systems hold by it is found, or it is said that nobody has looked. And
//! whoever is known to other systems alone is left alone, and can ask.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    World,
    plan::{list, text},
};
use rusqlite::Connection;
use serde_json::Value;

const MAP: &str = "
dataset:
  - fides_key: crm
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: contact } }
          - { name: email, fides_meta: { identity: email }, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: call
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: correspondence, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: correspondence } }
          - { name: note, dsr_meta: { field: text } }
          - { name: at, data_categories: [system.operations] }
";

const SYSTEMS: &str = "
controllers:
  automaster:
    systems:
      crm: { kind: sqlite, owner: Sales, file: crm.db, map: crm.yaml }
";

/// 1 and 2 are known to the CRM alone, 3 here too by the IIN; 4 and 5 have one phone; nobody is said to have 6's.
const ROWS: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, phone TEXT, email TEXT, at TEXT);
    CREATE TABLE call (id INTEGER PRIMARY KEY, phone TEXT, note TEXT, at TEXT);
    INSERT INTO customer VALUES
      (1, '900101399998', '8 701 000 00 11', 'one@family.example', '2026-08-01'),
      (2, '991231399924', '+77010000012', NULL, '2026-08-01'),
      (3, '900101499994', '+77010000013', NULL, '2026-08-01'),
      (4, '850322499012', '+77010000014', NULL, '2026-08-01'),
      (5, '850322499994', '+77010000014', NULL, '2026-08-01');
    INSERT INTO call VALUES (1, '87010000011', 'asked', '2026-08-02'), (2, '87010000016', 'asked', '2026-08-02');";

const KNOWN: &str = r#"{"kind":"subject","ref":"P-3","born":null,"identifiers":[{"type":"iin","value":"900101499994"}]}
{"kind":"record","ref":"R-3","subject":"P-3","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P3"}}
"#;

fn office() -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("crm.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    Connection::open(world.path().join("crm.db")).unwrap().execute_batch(ROWS).unwrap();
    let file = world.write("known.ndjson", KNOWN);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    let _ = world.dsr(["map", "check"]).ok();
    world
}

/// What an answer tells, and the systems that were searched.
fn access(world: &World, who: &str) -> (Vec<String>, Value) {
    let run = world.dsr(["export", "--subject", who, "--identity", "document", "--format", "json"]).ok();
    let answer = run.json();
    let ids = list(&answer["records"]).iter().map(|record| text(&record["id"]).to_owned()).collect();
    (ids, answer["searched"].clone())
}

#[test]
fn a_phone_that_names_one_person_there_leads_to_them() {
    let world = office();
    let (ids, searched) = access(&world, "phone:+77010000011");
    assert_eq!(ids, ["crm customer 1"], "who called by their number is for people to say");
    assert_eq!(searched["systems"], serde_json::json!(["own", "crm"]));
    assert_eq!(searched["by_hand"], serde_json::json!(["crm"]));
    let by_iin = access(&world, "iin:900101399998");
    assert_eq!((by_iin.0, &by_iin.1["by_hand"]), (ids, &searched["by_hand"]), "the same by any number");
    let plan = world.does("erase --subject iin:900101399998 --dry-run").ok().json();
    assert!(plan["gaps"].to_string().contains("1 row of call"), "{plan:#}");
    let (ids, _) = access(&world, "email:one@family.example");
    assert_eq!(ids, ["crm customer 1"]);
    let (ids, _) = access(&world, "phone:+77010000013");
    assert_eq!(ids, ["crm customer 3", "R-3"], "whoever is known here by another number is meant");
    let (ids, searched) = access(&world, "phone:+77010000019");
    assert!(ids.is_empty() && searched["systems"][1] == "crm", "searched, and nowhere: {searched}");
    let _ = world.does("erase --subject phone:+77010000011").exits(5);
}

#[test]
fn a_phone_of_several_or_of_nobody_is_no_answer() {
    let world = office();
    let several = ["access", "--subject", "phone:+77010000014"];
    let said = world.dsr(several).exits(5).says("several people of other systems have the phone").stderr;
    assert!(said.contains("iin 8503") && !said.contains("850322499"), "masked: {said}");
    let (ids, searched) = access(&world, "phone:+77010000016");
    assert!(ids.is_empty());
    assert_eq!(searched["by_hand"], serde_json::json!(["crm"]));
    for lang in ["en", "ru", "kk"] {
        let args = ["export", "--subject", "phone:+77010000016", "--identity", "document", "--lang", lang];
        for end in [["--format", "table"], ["--format", "html"]] {
            let said = world.dsr(args.into_iter().chain(end)).ok().stdout;
            let none = ["is held under", "о вас не хранятся", "туралы дербес деректер сақталмайды"];
            assert!(none.iter().all(|none| !said.contains(none)), "{said}");
            let open = ["by hand in crm", "вручную: crm", "қолмен ізделуде: crm"];
            assert!(open.iter().any(|open| said.contains(open)), "{said}");
        }
    }
    let _ = world.dsr(["request", "letter", "2026-000001"]).exits(4);
    let sent = ["request", "answer", "2026-000001", "--channel", "email"];
    let _ = world.dsr(sent).exits(4).says("while step 1 by hand is open");
    let (_, searched) = access(&world, "ref:C-9");
    assert_eq!(
        searched["systems"],
        serde_json::json!(["own"]),
        "a number of our own stands in no other system"
    );
    assert_eq!(searched["by_hand"], serde_json::json!(["crm"]));
    let plan = world.does("erase --subject ref:C-9 --dry-run").ok().json();
    assert_eq!(plan["steps"][0]["system"], "crm", "{plan:#}");
}

#[test]
fn only_systems_with_such_a_column_were_searched() {
    let world = office();
    let nobody = |who: &str| access(&world, who).1["systems"].clone();
    assert_eq!(nobody("vin:LGWEF4A57NB990041"), serde_json::json!(["own"]));
    assert_eq!(nobody("email:nobody@family.example"), serde_json::json!(["own", "crm"]));
    assert_eq!(nobody("iin:800509399033"), serde_json::json!(["own", "crm"]));
}

#[test]
fn a_search_shows_where_somebody_is() {
    let world = office();
    let find = |text: &str| {
        let found = world.dsr(["find", text, "--format", "json"]).ok().json();
        let line = |one: &Value| format!("{} {} {}", one["identifiers"], one["system"], one["count"]);
        let lines: Vec<String> = list(&found["candidates"]).iter().map(line).collect();
        (lines, found["not_searched"].clone())
    };
    let (lines, left) = find("8 (701) 000-00-11");
    assert_eq!(lines, [r#"["iin 9001********"] "crm" 1"#, r#"[] "crm" 1"#], "and a call of who knows whom");
    assert_eq!(left, serde_json::json!([]));
    assert_eq!(find("phone:+77010000014").0.len(), 2);
    assert_eq!(find("991231399924").0, [r#"["iin 9912********"] "crm" 1"#]);
    let (lines, left) = find("name:Dana");
    assert!(lines.is_empty());
    assert_eq!(left, serde_json::json!(["crm"]), "a name is no exact identifier");
    std::fs::remove_file(world.path().join("crm.db")).unwrap();
    let run = world.dsr(["find", "900101499994", "--format", "json"]).ok().says("warning");
    assert_eq!(run.json()["not_searched"], serde_json::json!(["crm"]));
    assert_eq!(list(&run.json()["candidates"]).len(), 1);
}

#[test]
fn who_objects_is_left_alone_by_every_number_of_theirs() {
    let world = office();
    let _ = world.does("object --subject iin:900101399998").ok();
    let _ = world.does("object --subject ref:P-3").ok();
    let scrub = |column: &str, lines: &str| {
        let file = world.write("list.csv", format!("{column}\n{lines}"));
        world.dsr(["suppress", "scrub", file.to_str().unwrap(), "--column", column]).ok().stdout
    };
    let phones = "+7 701 000 00 11\n87010000013\n+77010000012\n";
    assert_eq!(scrub("phone", phones), "phone\n+77010000012\n");
    assert_eq!(scrub("email", "one@family.example\ntwo@family.example\n"), "email\ntwo@family.example\n");
    let store = String::from_utf8_lossy(&world.bytes()).into_owned();
    assert!(!store.contains("77010000011"), "a mark is kept, and no number");
    let _ = world.does("object --subject iin:900101399998 --lift").ok();
    assert_eq!(scrub("phone", "+7 701 000 00 11\n").lines().count(), 2, "lifted for it too");
}

#[test]
fn intake_knows_whom_other_systems_know_and_stops_for_nobody() {
    let world = office();
    let open = |who: &str| {
        world.dsr(["request", "open", "--right", "access", "--subject", who, "--format", "json"]).ok()
    };
    let case = open("iin:991231399924").json();
    assert!(case["subject"].is_string(), "{case:#}");
    let request = ["access", "--subject", "iin:991231399924", "--request", text(&case["number"])];
    let _ = world.dsr(request).ok();
    let case = open("iin:800509399033").says("registered without a person").json();
    assert_eq!(case["subject"], Value::Null);
    std::fs::remove_file(world.path().join("crm.db")).unwrap();
    let case = open("iin:850322499012").says("left to people").json();
    assert_eq!(case["subject"], Value::Null);
}

#[test]
fn reports_tell_what_they_count_and_what_not() {
    let world = office();
    let list_of = || world.dsr(["report", "inventory", "--format", "json"]).ok();
    let line = |answer: &Value, category: &str| {
        let all = list(&answer["categories"]).to_vec();
        all.into_iter().find(|line| line["category"] == category).unwrap()
    };
    let contact = line(&list_of().json(), "contact");
    assert_eq!((&contact["records"], &contact["systems"]), (&1.into(), &serde_json::json!(["own", "crm"])));
    assert_eq!(contact["elsewhere"], serde_json::json!(["crm.customer: 5"]));
    let calls = line(&list_of().json(), "correspondence");
    assert_eq!((&calls["records"], &calls["elsewhere"]), (&0.into(), &serde_json::json!(["crm.call: 2"])));
    let then = world.dsr(["report", "inventory", "--from", "2026-01-01", "--format", "json"]).ok().json();
    assert_eq!(line(&then, "contact")["elsewhere"], serde_json::json!(["crm.customer"]), "of no period");
    for report in ["report retention", "report retention --forecast", "report consents", "status"] {
        let answer = world.dsr(report.split(' ').chain(["--format", "json"])).ok().json();
        assert_eq!(answer["not_counted"], serde_json::json!(["crm"]), "{report}");
        let page = world.dsr(report.split(' ')).ok().stdout;
        assert!(page.contains("not counted"), "{report}: {page}");
    }
    let _ = world.dsr(["report", "consents", "--format", "csv"]).ok().says("not counted: crm");
    std::fs::remove_file(world.path().join("crm.db")).unwrap();
    let contact = line(&list_of().says("warning").json(), "contact");
    assert_eq!(contact["elsewhere"], serde_json::json!(["crm.customer"]), "out of reach");
}

#[test]
fn a_reference_by_one_column_of_a_key_of_several_is_not_walked() {
    let world = office();
    let more = "
      - name: t_order
        dsr_meta: { category: correspondence, collected_at: at }
        fields:
          - { name: shop, fides_meta: { primary_key: true }, dsr_meta: { not_personal: true } }
          - { name: no, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: correspondence } }
          - { name: at, data_categories: [system.operations] }
      - name: t_line
        dsr_meta: { category: correspondence, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: shop, dsr_meta: { not_personal: true } }
          - { name: order_no, fides_meta: { references: [{ dataset: crm, field: t_order.no, direction: from }] } }
          - { name: text, dsr_meta: { field: text, category: correspondence } }
          - { name: at, data_categories: [system.operations] }
";
    let _ = world.write("crm.yaml", format!("{MAP}{more}"));
    let tables = "
        CREATE TABLE t_order (shop TEXT, no TEXT, iin TEXT, at TEXT, PRIMARY KEY (shop, no));
        CREATE TABLE t_line (id INTEGER PRIMARY KEY, shop TEXT, order_no TEXT, text TEXT, at TEXT,
          FOREIGN KEY (shop, order_no) REFERENCES t_order (shop, no));
        INSERT INTO t_order VALUES ('A', '1', '900101399998', '2026-08-01'), ('B', '1', '991231399924', '2026-08-01');
        INSERT INTO t_line VALUES (1, 'A', '1', 'theirs', '2026-08-01'), (2, 'B', '1', 'another''s', '2026-08-01');";
    Connection::open(world.path().join("crm.db")).unwrap().execute_batch(tables).unwrap();
    let _ = world.dsr(["map", "check"]).exits(6);
    let run = world.dsr(["export", "--subject", "iin:900101399998"]).exits(6).says("map check");
    assert!(!run.stdout.contains("another"), "{}", run.stdout);
    let _ = world.dsr(["export", "--subject", "iin:900101399998", "--without", "crm"]).ok();
}

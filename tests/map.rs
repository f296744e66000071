//! `dsr map` on the invented dealership's four databases.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, dealership};

fn codes(run: &common::Run) -> Vec<String> {
    let json = run.json();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let findings = json["findings"].as_array().cloned().unwrap_or_default();
    let row = |one| {
        format!(
            "{} {} {}.{} {}",
            text(one, "severity"),
            text(one, "code"),
            text(one, "system"),
            text(one, "collection"),
            text(one, "field")
        )
    };
    findings.iter().map(row).map(|row| row.trim_end().to_owned()).collect()
}

#[test]
fn the_maps_fit_until_a_database_changes() {
    let world = World::with_store("mycar");
    let Some(all) = dealership::dealership(&world) else { return };
    let check = ["map", "check", "--format", "json"];
    let run = all.dsr(&world, &check).ok();
    assert_eq!(codes(&run), [""; 0], "{}", run.stdout);
    let _ = all.dsr(&world, &["map", "check"]).ok().says("analytics, crm, site, station: the maps fit");

    let _ = all.postgres.sql(&all.crm, "ALTER TABLE customer ADD mood text; CREATE TABLE spy (id int PRIMARY KEY); UPDATE customer SET iin = '900101 499994' WHERE id = 501;");
    let _ = all.maria.sql(&all.site, "ALTER TABLE account MODIFY login varchar(10)");
    std::fs::write(
        world.path().join("analytics/segment.csv"),
        "customer_id;segment;computed_at\n501;a;2024-04-20\n501;b;2024-04-20\n",
    )
    .unwrap();
    let run = all.dsr(&world, &check).exits(6);
    let expected = [
        "error key-not-single analytics.segment",
        "error unmapped-table crm.spy",
        "error unmapped-column crm.customer mood",
        "error not-exact crm.customer iin",
        "error length site.account login",
    ];
    assert_eq!(codes(&run), expected, "{}", run.stdout);
    assert!(!run.stdout.contains("900101"), "no value is shown");
    assert_eq!(codes(&all.dsr(&world, &["map", "check", "station", "--format", "json"]).ok()), [""; 0]);
}

#[test]
fn another_database_is_noticed() {
    let world = World::with_store("mycar");
    let Some(mut all) = dealership::dealership(&world) else { return };
    let _ = all.dsr(&world, &["map", "check", "crm"]).ok();
    let copy = all.postgres.database();
    let script = std::fs::read_to_string(common::fixture("dealership/crm.sql")).unwrap();
    let _ = all.postgres.sql(&copy, &script);
    all.crm_url = all.postgres.url(&copy, None);
    let _ =
        all.dsr(&world, &["map", "check", "crm"]).exits(6).says("another database than at the last check");
    let _ = all.dsr(&world, &["map", "check", "crm", "--accept"]).ok();
    let _ = all.dsr(&world, &["map", "check", "crm"]).ok();
}

#[test]
fn a_system_that_is_not_there_is_named_with_what_to_do() {
    let world = World::with_store("mycar");
    dealership::files(world.path());
    let mut unset = world.command(["map", "check", "crm"]);
    let _ = common::Run::of(&unset.output().unwrap())
        .exits(6)
        .says("system `crm`: the variable CRM_URL is not set");
    let mut nowhere = world.command(["map", "check", "crm"]);
    nowhere.env("CRM_URL", "postgresql://user:secret-word@127.0.0.1:1/crm");
    let run = common::Run::of(&nowhere.output().unwrap()).exits(1).says("system `crm`: it cannot be reached");
    assert!(!run.stderr.contains("secret-word"), "{}", run.stderr);
    let mut clear = world.command(["map", "check", "crm"]);
    clear.env("CRM_URL", "postgresql://user:secret-word@db.example/crm?sslmode=disable");
    let run = common::Run::of(&clear.output().unwrap()).exits(6).says("switches encryption off");
    assert!(!run.stderr.contains("secret-word"), "{}", run.stderr);
    let mut odd = world.command(["map", "check", "site"]);
    odd.env("SITE_URL", "secret-word");
    let run = common::Run::of(&odd.output().unwrap()).exits(6);
    assert!(!run.stderr.contains("secret-word"), "{}", run.stderr);
    let _ = world.dsr(["map", "check", "statoin"]).exits(2).says("did you mean `station`?");
}

/// A password cannot stand in the officer's file, and is not repeated when it does.
#[test]
fn connections_are_named_and_not_written_out() {
    let world = World::with_store("mycar");
    let place = |text: &str| {
        format!("controllers: {{mycar: {{systems: {{crm: {{owner: IT, map: crm.yaml, {text}}}}}}}}}\n")
    };
    for (text, says) in [
        ("kind: postgres, url: 'postgresql://u:secret-word@h/d'", "does not belong into dsr.yaml"),
        ("kind: postgres, env: CRM, password: secret-word", "does not belong into dsr.yaml"),
        ("kind: postgres, url_file: 'postgresql://u:secret-word@h/d'", "does not belong into dsr.yaml"),
        ("kind: postgres, env: 'postgresql://u:secret-word@h/d'", "the name of a variable"),
        ("kind: postgres", "by `env:` or by `url_file:`"),
        ("kind: postgres, env: A, url_file: b", "by `env:` or by `url_file:`"),
        ("kind: sqlite, env: A", "reached by `file:`"),
        ("kind: manual", "no connection and no map"),
        ("kind: csv, file: x, timeout: 0", "`timeout:` is seconds"),
        ("kind: oracle, env: A", "unknown word `oracle`"),
    ] {
        let _ = world.write("dsr.yaml", place(text));
        let run = world.dsr(["map", "check"]).exits(6).says(says);
        assert!(!run.stderr.contains("secret-word"), "{text}: {}", run.stderr);
    }
    let _ = world.write("dsr.yaml", place("kind: postgres, url_file: url"));
    let _ = world.write("crm.yaml", "dataset: [{ fides_key: crm, collections: [{ name: t, fields: [{ name: id, fides_meta: { primary_key: true } }] }] }]");
    let _ = world.write("url", "postgresql://u:secret-word@127.0.0.1:1/d\n");
    let _ = world.dsr(["map", "check"]).exits(6).says("chmod 600");
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(world.path().join("url"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let run = world.dsr(["map", "check"]).exits(1).says("cannot be reached");
    assert!(!run.stderr.contains("secret-word"), "{}", run.stderr);
}

/// What a draft says is a map that can be read, and holds no value.
#[test]
fn a_draft_is_a_map_without_values() {
    let world = World::with_store("mycar");
    let Some(all) = dealership::dealership(&world) else { return };
    for (system, lines) in [
        (
            "crm",
            vec![
                "- { name: iin, data_categories: [user.government_id.national_identification_number], fides_meta: { data_type: string }, dsr_meta: { identity: iin } }  # 100 % of 6 values",
                "- { name: phone, data_categories: [user.contact.phone_number], fides_meta: { identity: phone_number, data_type: string, length: 30 } }",
                "- { name: customer_id, fides_meta: { references: [{ dataset: crm, field: customer.id, direction: from }], data_type: integer } }",
                "- { name: blocked, fides_meta: { data_type: boolean } }  # look: boolean",
                "dsr_meta: { collected_at: created_at }",
            ],
        ),
        ("site", vec!["field: account.id, direction: from", "[user.device.ip_address]"]),
        (
            "station",
            vec!["- { name: vin, data_categories: [user.unique_id], fides_meta: { primary_key: true"],
        ),
        ("analytics", vec!["- name: event", "- { name: pages"].into_iter().take(1).collect()),
    ] {
        let run = all.dsr(&world, &["map", "scan", system]).ok();
        for line in lines {
            assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
        }
        for value in ["900101499994", "omarova", "Омарова", "LGWEF4A5", "MC-0001", "192.0.2"] {
            assert!(!run.stdout.contains(value), "{system}: {value}");
        }
        let _ = world.write(&format!("{system}.yaml"), &run.stdout);
    }
    // As it is, nobody has said what the rest is: the check names it.
    let run = all.dsr(&world, &["map", "check", "site", "--format", "json"]);
    assert!(run.code == 6, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_graph_shows_every_way() {
    let world = World::with_store("mycar");
    dealership::files(world.path());
    let drawn = world.dsr(["map", "graph"]).ok().stdout;
    for line in [
        "flowchart LR",
        "id_iin([iin])",
        "subgraph s__crm [\"crm (postgres)\"]",
        "id_iin -->|\"iin\"| crm__customer",
        "crm__customer -->|\"crm_id\"| station__client",
        "crm__customer -.->|\"co_buyer_id\"| crm__deal",
    ] {
        assert!(drawn.contains(line), "{line}\n{drawn}");
    }
    let drawn = world.dsr(["map", "graph", "--form", "dot"]).ok().stdout;
    assert!(drawn.contains("crm__customer -> station__client [label = \"crm_id\"];"), "{drawn}");
}

/// The rights that are printed are enough for everything, and too few for anything else.
#[test]
fn the_rights_are_enough_and_not_more() {
    let world = World::with_store("mycar");
    let Some(mut all) = dealership::dealership(&world) else { return };
    let crm = all.dsr(&world, &["map", "grants", "crm", "--role", "dsr_test"]).ok().stdout;
    let _ = all.postgres.sql(&all.crm, &crm);
    let site = all.dsr(&world, &["map", "grants", "site", "--role", "dsr_test"]).ok().stdout;
    let _ = all.maria.sql(&all.site, &site.replace("IDENTIFIED BY 'a long random password'", ""));
    let (crm, site) = (all.crm.clone(), all.site.clone());
    all.crm_url = all.postgres.url(&crm, Some("dsr_test"));
    all.site_url = all.maria.url(&site, Some("dsr_test"));
    let _ = all.dsr(&world, &["map", "check"]).ok();
    let query = |sql: &str| {
        let mut command = std::process::Command::new(common::servers::binary("psql").unwrap());
        command.args(["-X", "-c", sql]).arg(&all.crm_url).output().unwrap().status.success()
    };
    for (sql, may) in [
        (
            "BEGIN; SELECT id FROM customer WHERE id = 501 FOR UPDATE; DELETE FROM call WHERE id = 1; UPDATE customer SET blocked = true; ROLLBACK",
            true,
        ),
        ("BEGIN; SELECT id FROM call FOR UPDATE; UPDATE consent SET withdrawn_at = now(); ROLLBACK", true),
        ("UPDATE customer SET id = 1 WHERE id = 501", false),
        ("INSERT INTO call VALUES (99, '1', now())", false),
        ("TRUNCATE call", false),
        ("DROP TABLE call", false),
    ] {
        assert_eq!(query(sql), may, "{sql}");
    }
    let station = all.dsr(&world, &["map", "grants", "station"]).ok().stdout;
    assert!(station.contains("station.db"), "{station}");
}

/// Only a check writes into the store.
#[test]
fn what_only_reads_needs_no_right_to_write() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::with_store("mycar");
    let place = "controllers: { mycar: { systems: { crm: { kind: sqlite, owner: IT, file: crm.db, map: crm.yaml } } } }";
    let _ = (world.write("dsr.yaml", place), world.write("crm.yaml", "dataset: [{ fides_key: crm, collections: [{ name: t, fields: [{ name: id, fides_meta: { primary_key: true } }] }] }]"));
    let conn = rusqlite::Connection::open(world.path().join("crm.db")).unwrap();
    conn.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY)").unwrap();
    std::fs::set_permissions(world.store(), std::fs::Permissions::from_mode(0o400)).unwrap();
    for command in [&["map", "graph"][..], &["map", "grants", "crm"], &["map", "scan", "crm"]] {
        let _ = world.dsr(command.iter().copied()).ok();
    }
    let _ = world.dsr(["map", "check"]).exits(1);
}

/// One table with a key of text, which SQLite lets be empty.
const NOTES: &str = "
dataset:
  - fides_key: notes
    collections:
      - name: note
        fields:
          - { name: code, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin } }
";

fn notes(rows: &str) -> World {
    let world = World::with_store("mycar");
    let system = "notes: { kind: sqlite, owner: Desk, file: notes.db, map: notes.yaml }";
    let _ = world.write("dsr.yaml", format!("controllers: {{ mycar: {{ systems: {{ {system} }} }} }}\n"));
    let _ = world.write("notes.yaml", NOTES);
    let conn = rusqlite::Connection::open(world.path().join("notes.db")).unwrap();
    conn.execute_batch(&format!("CREATE TABLE note (code TEXT PRIMARY KEY, iin TEXT); {rows}")).unwrap();
    world
}

#[test]
fn a_declared_key_may_be_empty_all_the_same() {
    let empty = notes("INSERT INTO note VALUES (NULL, '900101499994'), (NULL, '900101399998')");
    let run = empty.dsr(["map", "check", "--format", "json"]).exits(6);
    assert_eq!(codes(&run), ["error key-not-single notes.note"], "{}", run.stdout);
    let _ = empty
        .dsr(["map", "check"])
        .exits(6)
        .says("the key is empty in 2 rows")
        .says("can be read and not changed");
    let full = notes("INSERT INTO note VALUES ('a', '900101499994'), ('b', '900101399998')");
    assert_eq!(codes(&full.dsr(["map", "check", "--format", "json"]).ok()), [""; 0]);
}

#[test]
fn a_list_of_known_words_is_sorted_and_names_each_once() {
    let world = notes("");
    let unknown = NOTES.replace("{ name: iin,", "{ name: iin, data_categories: [qqqqqqqqqqqqqqqq],");
    let _ = world.write("notes.yaml", unknown);
    let said = world.dsr(["map", "check"]).exits(6).stderr;
    let words = said.split("it is one of ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    let words: Vec<&str> = words.trim_end_matches('.').split(", ").collect();
    let mut sorted = words.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert!(words.len() > 10 && words == sorted, "{words:?}");
}

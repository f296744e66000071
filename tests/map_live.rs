//! What a database says of itself, and a map does not: keys, ties, computed columns, triggers, copies, history.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World, servers,
    site::{SYSTEMS, rows, sql},
};

const TABLES: &str = "
    CREATE TABLE client (id INTEGER PRIMARY KEY, iin TEXT, phone TEXT, name TEXT, search TEXT GENERATED ALWAYS AS (lower(name)) STORED,
      parent_id INTEGER REFERENCES client);
    CREATE TABLE address (client_id INTEGER REFERENCES client, kind TEXT, city TEXT, PRIMARY KEY (client_id, kind));
    CREATE TABLE delivery (id INTEGER PRIMARY KEY, client_id INTEGER, kind TEXT, courier TEXT,
      FOREIGN KEY (client_id, kind) REFERENCES address (client_id, kind));
    INSERT INTO client (id, iin, phone, name, parent_id) VALUES (1, '900101399998', '+77010000002', 'Given', NULL),
      (2, NULL, '+77010000003', 'Friend', 1), (3, '900101499994', NULL, 'Other', NULL);
    INSERT INTO address VALUES (1, 'home', 'Almaty'), (3, 'home', 'Astana');
    INSERT INTO delivery VALUES (1, 1, 'home', 'Courier'), (2, 3, 'home', 'Courier');";

/// As another program has it: no key of `address`, and no tie between an address and its deliveries.
const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: client
        dsr_meta: { category: contact }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: contact } }
          - { name: name, data_categories: [user.name] }
          - { name: search, data_categories: [user.name] }
          - { name: parent_id, fides_meta: { references: [{ dataset: site, field: client.id, direction: from }] } }
      - name: address
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contact }
        fields:
          - { name: client_id, fides_meta: { references: [{ dataset: site, field: client.id, direction: from }] } }
          - { name: kind, data_categories: [system.operations] }
          - { name: city, data_categories: [user.contact.address.city] }
      - name: delivery
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contact }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: client_id, fides_meta: { references: [{ dataset: site, field: client.id, direction: from }] } }
          - { name: kind, data_categories: [system.operations] }
          - { name: courier }
";

fn world(tables: &str, map: &str) -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", map), world.write("dsr.yaml", SYSTEMS));
    sql(&world, tables);
    world
}

const ERASE: [&str; 6] = ["erase", "--subject", "iin:900101399998", "--identity", "document", "--yes"];

/// Codes, collections and columns of a check.
fn codes(run: &Run) -> Vec<String> {
    let findings = run.json()["findings"].as_array().cloned().unwrap_or_default();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let line = |one| format!("{} {} {}", text(one, "code"), text(one, "collection"), text(one, "field"));
    findings.iter().map(line).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn keys_order_and_computed_columns_are_the_databases() {
    let world = world(TABLES, MAP);
    let run = world.dsr(["map", "check", "--format", "json"]).ok();
    assert_eq!(codes(&run), [""; 0], "{}", run.stdout);
    let _ = world.dsr(ERASE).ok();
    assert_eq!(rows(&world, "SELECT city FROM address"), ["Astana"]);
    assert_eq!(rows(&world, "SELECT CAST(id AS TEXT) FROM delivery"), ["2"]);
    assert_eq!(
        rows(&world, "SELECT COALESCE(name, '-') || COALESCE(search, '-') FROM client ORDER BY id"),
        ["--", "Friendfriend", "Otherother"]
    );
}

/// A column of the key that nobody explained is read to tell rows apart, and said to be in no map.
#[test]
fn a_key_is_whole_although_the_map_is_not() {
    let world = world(
        TABLES,
        &MAP.replacen("          - { name: kind, data_categories: [system.operations] }\n", "", 1),
    );
    let run = world.dsr(["map", "check", "--format", "json"]).exits(6);
    assert_eq!(codes(&run), ["unmapped-column address kind"], "{}", run.stdout);
    let export = world
        .dsr(["export", "--subject", "iin:900101399998", "--identity", "document", "--format", "json"])
        .ok();
    assert!(export.stdout.contains("Almaty") && !export.stdout.contains("Astana"), "{}", export.stdout);
    let _ = world.dsr(ERASE).exits(6).says("the column `kind` of `address` is in no map");
}

/// Somebody who was only brought along is not the person who brought them.
#[test]
fn a_row_of_its_own_table_is_not_theirs_by_that_alone() {
    let world = world(TABLES, MAP);
    let run = world
        .dsr(["export", "--subject", "iin:900101399998", "--identity", "document", "--format", "json"])
        .ok();
    assert!(run.stdout.contains("Given") && run.stdout.contains("Almaty"), "{}", run.stdout);
    assert!(!run.stdout.contains("Friend") && !run.stdout.contains("friend"), "{}", run.stdout);
    let run = world
        .dsr([
            "erase",
            "--subject",
            "iin:900101399998",
            "--identity",
            "document",
            "--dry-run",
            "--format",
            "json",
        ])
        .ok();
    assert!(run.stdout.contains("site: 1 row of client are tied by"), "{}", run.stdout);
}

/// A map that was mended meanwhile says the order of a step that is tried again.
#[test]
fn an_order_that_was_wrong_is_mended_by_the_map() {
    let tables = TABLES.replace(",\n      FOREIGN KEY (client_id, kind) REFERENCES address (client_id, kind)", "")
        + "CREATE TRIGGER tied BEFORE DELETE ON address WHEN EXISTS (SELECT 1 FROM delivery d WHERE d.client_id = OLD.client_id)
           BEGIN SELECT RAISE(ABORT, 'no'); END;";
    let world = world(&tables, MAP);
    let run = world.dsr(["map", "check", "--format", "json"]).ok();
    assert_eq!(codes(&run), ["trigger address"], "{}", run.stdout);
    let _ = world.dsr(ERASE).exits(8);
    assert_eq!(rows(&world, "SELECT CAST(id AS TEXT) FROM delivery"), ["1", "2"], "what waits is not done");
    let mended = MAP.replace(
        "      - name: address\n        fides_meta: {",
        "      - name: address\n        fides_meta: { erase_after: [site.delivery],",
    );
    let _ = world.write("site.yaml", mended);
    let _ = world.dsr(["request", "resume", "2026-000001", "--yes"]).ok();
    assert_eq!(rows(&world, "SELECT CAST(id AS TEXT) FROM delivery"), ["2"]);
    assert_eq!(rows(&world, "SELECT city FROM address"), ["Astana"]);
}

#[test]
fn a_draft_refers_by_what_leads_to_one_person() {
    let world = world(TABLES, MAP);
    let run = world.dsr(["map", "scan", "site"]).ok();
    for line in [
        "name: parent_id, fides_meta: { data_type: integer } }  # look: refers to another row of its own table (client.id)",
        "references: [{ dataset: site, field: client.id, direction: from }]",
        "name: kind, fides_meta: { data_type: string } }  # look: one column of a key of several (address: client_id, kind)",
    ] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
    let empty = world_of_nothing();
    let run = empty.dsr(["map", "scan", "site"]).exits(6).says("this user sees no table there");
    assert_eq!(run.stdout, "");
}

fn world_of_nothing() -> World {
    world("CREATE TABLE t (id); DROP TABLE t", MAP)
}

#[test]
fn every_fault_of_a_map_is_told() {
    let broken = MAP
        .replace("[user.name]", "[userx.name]")
        .replace("category: contact }\n        fields", "category: contakt }\n        fields");
    let world = world(TABLES, &broken);
    let run = world.dsr(["map", "check"]).exits(6);
    for part in [
        "the data category `userx.name` is not known",
        "did you mean `user.name`?",
        "the category `contakt` is not known",
    ] {
        assert!(run.stderr.contains(part), "{part}\n{}", run.stderr);
    }
    assert_eq!(run.stderr.matches("error:").count(), 5, "{}", run.stderr);
    let _ =
        world.dsr(["map", "graph"]).exits(6).says("and 4 more of the kind: `dsr map check` tells them all");
    std::fs::remove_file(world.path().join("site.yaml")).unwrap();
    let _ = world.dsr(["map", "check"]).exits(6).says("cannot be read").says("dsr map scan site > ");
}

const SERVER: &str =
    "controllers: { automaster: { systems: { crm: { kind: KIND, owner: IT, env: URL, map: crm.yaml } } } }";

const CRM: &str = "
dataset:
  - fides_key: crm
    collections:
      - name: client
        dsr_meta: { category: contact }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: name, data_categories: [user.name] }
          - { name: search, data_categories: [user.name] }
      - name: list
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: title, dsr_meta: { not_personal: true } }
";

fn on_server(kind: &'static str, url: String) -> impl Fn(&World, &[&str]) -> Run {
    move |world: &World, args: &[&str]| {
        let _ = (world.write("crm.yaml", CRM), world.write("dsr.yaml", SERVER.replace("KIND", kind)));
        let mut command = world.command(args.iter().copied());
        Run::of(&command.env("URL", &url).output().unwrap())
    }
}

#[test]
fn postgres_tells_what_it_does_beside() {
    let Some(server) = servers::postgres() else { return };
    let name = server.database();
    let _ = server.sql(
        &name,
        "CREATE TABLE client (id int PRIMARY KEY, iin text, name text, search text GENERATED ALWAYS AS (lower(name)) STORED);
         CREATE TABLE list (id int PRIMARY KEY, title text);
         CREATE VIEW seen AS SELECT id, name FROM client; CREATE MATERIALIZED VIEW copy AS SELECT name FROM seen;
         CREATE MATERIALIZED VIEW titles AS SELECT title FROM list;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
         CREATE TRIGGER born BEFORE INSERT ON client FOR EACH ROW EXECUTE FUNCTION f();
         CREATE TRIGGER kept BEFORE UPDATE ON client FOR EACH ROW EXECUTE FUNCTION f();
         CREATE TRIGGER listed BEFORE UPDATE ON list FOR EACH ROW EXECUTE FUNCTION f();
         INSERT INTO client VALUES (1, '900101399998', 'Given');",
    );
    let world = World::with_store("automaster");
    let dsr = on_server("postgres", server.url(&name, None));
    let run = dsr(&world, &["map", "check", "--format", "json"]).ok();
    assert_eq!(codes(&run), ["trigger client", "copy client"], "{}", run.stdout);
    assert!(run.stdout.contains("`kept`") && run.stdout.contains("`copy`"), "{}", run.stdout);
    let done = dsr(&world, &ERASE).ok();
    assert!(done.stdout.contains("in materialized views until"), "{}", done.stdout);
    assert_eq!(server.sql(&name, "SELECT count(*) FROM client WHERE name IS NULL AND search IS NULL"), "1");
}

#[test]
fn mariadb_tells_what_it_does_beside() {
    let Some(server) = servers::maria() else { return };
    let name = server.database();
    let _ = server.sql(
        &name,
        "CREATE TABLE client (id int PRIMARY KEY, iin char(12), name varchar(40), search varchar(40) AS (lower(name)) STORED) ENGINE = InnoDB WITH SYSTEM VERSIONING;
         CREATE TABLE list (id int PRIMARY KEY, title text) ENGINE = InnoDB;
         CREATE TRIGGER kept BEFORE UPDATE ON client FOR EACH ROW SET NEW.id = OLD.id;
         INSERT INTO client (id, iin, name) VALUES (1, '900101399998', 'Given');",
    );
    let world = World::with_store("automaster");
    let dsr = on_server("mysql", server.url(&name, None));
    let check = ["map", "check", "--format", "json"];
    let run = dsr(&world, &check).ok();
    assert_eq!(codes(&run), ["history client", "trigger client"], "{}", run.stdout);
    let done = dsr(&world, &ERASE).ok();
    assert!(done.stdout.contains("the history of versioned tables"), "{}", done.stdout);
    assert_eq!(
        server.sql(&name, "SELECT count(*) FROM client WHERE name IS NULL AND search IS NULL"),
        "1",
        "what is computed follows"
    );
    let _ = server.sql(&name, "DROP TABLE client; CREATE TABLE client (id int PRIMARY KEY, iin bigint, name text, search text) ENGINE = MyISAM");
    let run = dsr(&world, &check).exits(6);
    assert_eq!(codes(&run), ["number client iin", "no-transactions client"], "{}", run.stdout);
}

/// What came into one database since is said although the other is away.
#[test]
fn a_system_that_is_down_hides_nothing_of_the_others() {
    let world = world(TABLES, MAP);
    let shop = "shop: { kind: sqlite, owner: Shop, file: shop.db, map: shop.yaml }";
    let _ = world.write("dsr.yaml", SYSTEMS.replace("site: {", &format!("{shop}\n      site: {{")));
    let key = "- { name: id, fides_meta: { primary_key: true } }";
    let map = format!(
        "dataset: [{{ fides_key: shop, collections: [{{ name: list, fields: [\n{}] }}] }}]",
        &key[2..]
    );
    let _ = world.write("shop.yaml", map);
    sql(&world, "ALTER TABLE client ADD nickname TEXT");
    let run = world.dsr(["map", "check", "--format", "json"]).exits(1);
    assert_eq!(codes(&run), ["unread", "unmapped-column client nickname"], "{}", run.stdout);
    let _ = world.dsr(["map", "check"]).exits(1).says("nickname");
}

#[test]
fn a_tie_that_somebody_looked_at_is_not_told() {
    let tables = TABLES.replace("courier TEXT,", "courier TEXT, place INTEGER REFERENCES place (id),");
    let tables = format!(
        "CREATE TABLE place (id INTEGER PRIMARY KEY);\n{}",
        tables.replace("'Courier')", "'Courier', NULL)")
    );
    let place = |said: &str| {
        let field = format!("          - {{ name: courier }}\n          - {{ name: place, {said} }}\n");
        let map = MAP.replace("          - { name: courier }\n", &field);
        let world = world(
            &tables,
            &(map + "      - { name: place, fields: [{ name: id, fides_meta: { primary_key: true } }] }\n"),
        );
        codes(&world.dsr(["map", "check", "--format", "json"]).ok())
    };
    assert_eq!(place("data_categories: [system.operations]"), ["unmapped-reference delivery place"]);
    assert_eq!(place("dsr_meta: { not_personal: true }"), [""; 0]);
}

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
    let export = world.dsr(["export", "--subject", "iin:900101399998", "--format", "json"]).ok();
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

/// What is computed is drafted as never written, so that no right to write it is asked for.
#[test]
fn what_is_computed_is_drafted_as_read_only() {
    for (kind, server, type_) in
        [("mysql", servers::maria(), "int"), ("postgres", servers::postgres(), "integer")]
    {
        let Some(server) = server else { continue };
        let name = server.database();
        let tables = format!(
            "CREATE TABLE client (id int PRIMARY KEY, iin varchar(12), email varchar(40), phone_count int,
               email_len {type_} GENERATED ALWAYS AS (char_length(email)) STORED,
               name varchar(40), name_low varchar(40) GENERATED ALWAYS AS (lower(name)) STORED);"
        );
        let _ = server.sql(&name, &tables);
        let world = World::with_store("automaster");
        let dsr = on_server(kind, server.url(&name, None));
        let draft = dsr(&world, &["map", "scan", "crm"]).ok().stdout;
        let of = |name: &str| {
            let line = draft.lines().find(|line| line.contains(&format!("name: {name}, ")));
            line.unwrap_or_default().to_owned()
        };
        assert!(of("email").contains("identity: email"), "{draft}");
        assert!(!of("email").contains("read_only"), "{draft}");
        assert!(of("email_len").contains("read_only: true") && of("email_len").contains("# look"), "{draft}");
        assert!(!of("email_len").contains("identity") && !of("phone_count").contains("identity"), "{draft}");
        assert!(of("name_low").contains("read_only: true"), "{draft}");
        let said = CRM.replace("name: search, data", "name: search, fides_meta: { read_only: true }, data");
        let _ = (world.write("crm.yaml", said), world.write("dsr.yaml", SERVER.replace("KIND", kind)));
        let grants = world.dsr(["map", "grants", "crm"]).ok().stdout;
        let update = grants.lines().find(|line| line.contains("UPDATE")).unwrap_or_default();
        assert!(update.contains("name") && !update.contains("search"), "{grants}");
    }
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

/// Columns of truth, of lists and of days: `tags` is where MariaDB has a set.
const KINDS: &str = "
dataset:
  - fides_key: crm
    collections:
      - name: client
        dsr_meta: { category: contact, restriction: { column: blocked, blocked: 'true', free: 'false' } }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: blocked, dsr_meta: { not_personal: true } }
          - { name: news, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: 'false' } } } }
          - { name: vip, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: '0' } } } }
          - { name: mood, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: it's } } } }
          - { name: tags, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: TAGS } } } }
          - { name: born, fides_meta: { masking_strategy_override: { strategy: string_rewrite, configuration: { rewrite_value: '1900-01-01' } } } }
          - { name: gone, fides_meta: { masking_strategy_override: { strategy: null_rewrite } } }
";

const KINDS_MARIA: &str = "CREATE TABLE client (id int PRIMARY KEY, iin char(12), blocked tinyint(1) NOT NULL DEFAULT 0, news bool NOT NULL DEFAULT 1,
      vip tinyint(1) NOT NULL DEFAULT 1, mood enum('glad','it''s') NOT NULL DEFAULT 'glad', tags set('a','b','c') NOT NULL DEFAULT 'b',
      born date NOT NULL DEFAULT '1990-01-01', gone enum('x') DEFAULT 'x') ENGINE = InnoDB;
    INSERT INTO client (id, iin) VALUES (1, '900101399998'), (2, '900101499994');";

const KINDS_POSTGRES: &str = "CREATE TYPE \"Mood\" AS ENUM ('glad', 'it''s'); CREATE TYPE x AS ENUM ('x');
    CREATE TABLE client (id int PRIMARY KEY, iin text, blocked boolean NOT NULL DEFAULT false, news boolean NOT NULL DEFAULT true,
      vip boolean NOT NULL DEFAULT true, mood \"Mood\" NOT NULL DEFAULT 'glad', tags text NOT NULL DEFAULT 'b',
      born date NOT NULL DEFAULT '1990-01-01', gone x DEFAULT 'x');
    INSERT INTO client (id, iin) VALUES (1, '900101399998'), (2, '900101499994');";

/// Truth, members of lists and days are written as the map says them, and are known again.
#[test]
fn what_a_column_takes_is_written_and_nothing_else_passes_the_check() {
    for (kind, server, tables, tags) in [
        ("mysql", servers::maria(), KINDS_MARIA, "a,c"),
        ("postgres", servers::postgres(), KINDS_POSTGRES, "-"),
    ] {
        let Some(server) = server else { continue };
        let name = server.database();
        let _ = server.sql(&name, tables);
        let world = World::with_store("automaster");
        let _ = world.write("dsr.yaml", SERVER.replace("KIND", kind));
        let url = server.url(&name, None);
        let dsr = |map: &str, args: &[&str]| {
            let _ = world.write("crm.yaml", map);
            Run::of(&world.command(args.iter().copied()).env("URL", &url).output().unwrap())
        };
        let map = KINDS.replace("TAGS", &format!("'{tags}'"));
        let _ = dsr(&map, &["map", "check"]).ok();
        for (old, new, said) in [
            ("'false' } } }", "maybe } } }", "`news` (KIND): the text is neither true nor false"),
            ("it's } }", "Glad } }", "the text is no member of the column's list"),
            (
                "string_rewrite, configuration: { rewrite_value: it's }",
                "hmac",
                "what it writes is no member of the column's list",
            ),
            ("'1900-01-01'", "'0000-00-00'", "`born` (date): the text is no date"),
            ("null_rewrite", "random_string_rewrite", "what it writes is no member of the column's list"),
            ("blocked: 'true'", "blocked: stopped", "a block cannot write into `blocked`"),
            ("free: 'false'", "free: ''", "the end of a block cannot write into `blocked`"),
            (", free: 'false'", "", "it must not be empty"),
            (
                "column: blocked, blocked: 'true', free: 'false'",
                "column: born, blocked: '2099-13-01', free: '2000-01-01'",
                "a block cannot write into `born` (date): the text is no date",
            ),
            (
                "column: blocked, blocked: 'true', free: 'false'",
                "column: mood, blocked: sad, free: glad",
                "a block cannot write into `mood`",
            ),
        ] {
            assert!(map.contains(old), "{old}");
            let said = said.replace("KIND", if kind == "mysql" { "tinyint(1)" } else { "boolean" });
            let run = dsr(&map.replacen(old, new, 1), &["map", "check"]).exits(6);
            assert!(
                run.stderr.contains(&said) || run.stdout.contains(&said),
                "{kind} {new}: {}{}",
                run.stdout,
                run.stderr
            );
        }
        let second = "--subject iin:900101499994 --identity document";
        let ran = |line: &str| dsr(&map, &line.split_whitespace().collect::<Vec<_>>()).ok();
        let blocked = || server.sql(&name, "SELECT id FROM client WHERE blocked");
        let _ = ran(&format!("restrict {second} --reason disputed --yes"));
        assert_eq!(blocked(), "2", "{kind}");
        let _ = ran(&format!("restrict {second} --lift --finding accurate --yes"));
        assert_eq!(blocked(), "", "{kind}");
        let _ = server.sql(&name, "UPDATE client SET news = false, vip = false WHERE id = 2");
        let plan = ran(&format!("erase {second} --dry-run --format json")).stdout;
        assert!(plan.contains("\"mood\""), "{kind}\n{plan}");
        assert!(!plan.contains("\"news\"") && !plan.contains("\"vip\""), "{kind}: masked already\n{plan}");
        let _ = dsr(&map, &ERASE).ok();
        let masked = format!(
            "SELECT id FROM client WHERE NOT blocked AND NOT news AND NOT vip AND mood = 'it''s' AND tags = '{tags}'
               AND born = '1900-01-01' AND iin IS NULL AND gone IS NULL"
        );
        assert_eq!(server.sql(&name, &masked), "1", "{kind}");
    }
}

//! What an answer lists of other systems, its letter lists too: a letter that says it answers in full does.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Run, World};

const OFFICE: &str = include_str!("letters/dsr.yaml");

const PLACES: &str = "    systems:
      site: {kind: sqlite, owner: Web team, file: site.db, map: site.yaml}
";

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: visit
        dsr_meta: { category: usage, purposes: [analytics], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: url, dsr_meta: { category: usage, field: page } }
          - { name: tip, dsr_meta: { category: usage, field: seconds, third_party: true } }
          - { name: at, data_categories: [system.operations] }
";

/// Somebody whom the store knows too, and somebody whom the site alone knows.
const TABLES: &str = "
    CREATE TABLE visit (id INTEGER PRIMARY KEY, iin TEXT, url TEXT, tip TEXT, at TEXT);
    INSERT INTO visit VALUES (1, '900101499994', '/offers', 'by Dina', '2026-05-01'), (2, '000229599999', '/jobs', NULL, '2026-05-01');";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", format!("{OFFICE}{PLACES}"));
    world.write("site.yaml", MAP);
    let conn = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
    conn.execute_batch(TABLES).unwrap();
    drop(conn);
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn run(world: &World, line: &str) -> Run {
    world.dsr(line.split(' '))
}

fn text(run: Run) -> String {
    run.ok().stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_letter_tells_what_other_systems_hold() {
    for (who, page) in [("ref:C-1", "/offers"), ("iin:000229599999", "/jobs")] {
        for (right, lang, row) in [
            ("access", "ru", "Использование сайта; Данные: Страница"),
            ("export", "kk", "Сайтты пайдалану; Деректер: Бет"),
            ("export", "en", "Use of the site; Data: Page"),
        ] {
            let world = office();
            let _ = run(&world, &format!("{right} --subject {who} --identity document --lang {lang}")).ok();
            let letter = text(run(&world, "request letter 2026-000001"));
            assert!(letter.contains(row), "{who} {right}: {row:?} is not in\n{letter}");
            assert_eq!(letter.contains(page), right == "export", "{who}: {letter}");
            assert!(!letter.contains("Dina"), "what is another person's: {letter}");
            let _ = run(&world, "request answer 2026-000001 --channel email").ok();
        }
    }
}

/// A part of the answer that cannot be read makes no whole one; a refusal tells nothing of what is held.
#[test]
fn no_letter_says_what_is_held_where_a_system_cannot_be_asked() {
    let world = office();
    let _ = run(&world, "access --subject ref:C-1 --lang en").ok();
    std::fs::remove_file(world.path().join("site.db")).unwrap();
    let _ = run(&world, "request letter 2026-000001").exits(1).says("site");
    let shown = run(&world, "request show 2026-000001").ok().stdout;
    assert!(!shown.contains("lettered"), "{shown}");
    let _ = run(&world, "request letter 2026-000001 --ground RF-ID").ok();
}

/// A row in which nothing but a value about somebody else stands is a record all the same: it is told without the value, and
/// goes with the rest.
#[test]
fn a_row_of_which_only_anothers_value_stands_is_told_and_goes() {
    let world = office();
    let conn = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
    conn.execute_batch("UPDATE visit SET url = NULL, tip = 'by Dina' WHERE id = 2").unwrap();
    let held = run(&world, "access --subject iin:000229599999 --identity document --format json").ok().stdout;
    assert!(held.contains("\"usage\"") && !held.contains("Dina"), "{held}");
    let _ = run(&world, "request cancel 2026-000001 --reason told").ok();
    let _ = run(&world, "erase --subject iin:000229599999 --identity document --yes").ok();
    let left: i64 = conn
        .query_row("SELECT count(*) FROM visit WHERE tip IS NOT NULL AND id = 2", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

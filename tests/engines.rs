//! Every kind of database does the same: one list of expectations, run against each.
//!
//! PostgreSQL and MariaDB are real servers; SQLite and CSV need none.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{path::Path, sync::Arc};

use common::servers::{self, Server};
use dsr::{
    domain::{Identifier, IdentifierType, Kind},
    policy::officer::Officer,
    system::{
        engine::{Age, Cell, Engine, Fetch, Find, Keys, Row, Scan, instant, transact},
        open::{Around, open},
    },
};

/// Where the same three tables lie: what ends with it, and how to connect again.
struct Base {
    place: String,
    url: Option<String>,
    directory: std::path::PathBuf,
    _server: Option<Arc<Server>>,
    _dir: Option<tempfile::TempDir>,
}

const ROWS: &str = "
    INSERT INTO person (id, iin, tel, name, born, seen, sum) VALUES
      (1, '900101399998', '8 (701) 000-00-01', 'Асель', '1990-01-01', '2026-01-02 03:04:05', 10.50),
      (2, '010203699211', '+7 701 000 00 02', 'O''Brien \"x\"; --', NULL, '2025-06-07 08:09:10', NULL),
      (10, NULL, NULL, 'Тимур', '2008-11-22', NULL, -1);
    INSERT INTO deal (id, person_id) VALUES (100, 1), (101, 1), (102, 2);
    INSERT INTO visit (person_id, day, page) VALUES (1, '2026-01-01', 'a'), (1, '2026-01-02', 'b'), (2, '2026-01-01', 'c');";

fn tables(text: &str, decimal: &str, time: &str) -> String {
    format!(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, iin {text}, tel {text}, name {text}, born DATE, seen {time}, sum {decimal});
         CREATE TABLE deal (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES person (id));
         CREATE TABLE visit (person_id INTEGER NOT NULL, day {text} NOT NULL, page {text}, PRIMARY KEY (person_id, day));"
    )
}

fn on_server(kind: &str, server: Option<Arc<Server>>, schema: &str) -> Option<Base> {
    let server = server?;
    let name = server.database();
    let _ = server.sql(&name, &format!("{schema}{ROWS}"));
    Some(Base {
        place: format!("kind: {kind}, owner: IT, env: URL, map: m.yaml"),
        url: Some(server.url(&name, None)),
        directory: "/".into(),
        _server: Some(server),
        _dir: None,
    })
}

fn on_disk(kind: &str, file: &str, fill: impl Fn(&Path)) -> Base {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    Base {
        place: format!("kind: {kind}, owner: IT, file: {file}, map: m.yaml"),
        url: None,
        directory: dir.path().to_owned(),
        _server: None,
        _dir: Some(dir),
    }
}

/// Every kind that this machine has.
fn bases() -> Vec<(&'static str, Base)> {
    let postgres = tables("text", "numeric(10, 2)", "timestamptz") + "SET TimeZone = 'Asia/Almaty';";
    let mysql = tables("varchar(60)", "decimal(10, 2)", "datetime")
        .replace("REFERENCES person (id))", ", FOREIGN KEY (person_id) REFERENCES person (id))");
    let sqlite = tables("TEXT", "NUMERIC", "TEXT");
    let mut bases = vec![
        (
            "sqlite",
            on_disk("sqlite", "base.db", |dir| {
                let script = format!("{sqlite}{ROWS}");
                rusqlite::Connection::open(dir.join("base.db")).unwrap().execute_batch(&script).unwrap();
            }),
        ),
        (
            "csv",
            on_disk("csv", ".", |dir| {
                let person = "id;iin;tel;name;born;seen;sum\r\n\
                    10;;;Тимур;2008-11-22;;-1\r\n\
                    1;900101399998;8 (701) 000-00-01;Асель;1990-01-01;2026-01-02 03:04:05;10.50\r\n\
                    2;010203699211;+7 701 000 00 02;\"O'Brien \"\"x\"\"; --\";;2025-06-07 08:09:10;\r\n";
                std::fs::write(dir.join("person.csv"), person).unwrap();
                std::fs::write(dir.join("deal.csv"), "id,person_id\n100,1\n101,1\n102,2\n").unwrap();
                std::fs::write(
                    dir.join("visit.csv"),
                    "person_id,day,page\n1,2026-01-02,b\n1,2026-01-01,a\n2,2026-01-01,c",
                )
                .unwrap();
            }),
        ),
    ];
    bases.extend(on_server("postgres", servers::postgres(), &postgres).map(|base| ("postgres", base)));
    bases.extend(on_server("mysql", servers::maria(), &mysql).map(|base| ("mysql", base)));
    bases
}

impl Base {
    fn connect(&self) -> Box<dyn Engine> {
        let text = format!("controllers: {{x: {{systems: {{base: {{{}}}}}}}}}", self.place);
        let officer = Officer::read("dsr.yaml", &text).unwrap();
        let url = self.url.clone();
        let variable = move |_: &str| url.clone();
        let around = Around { directory: self.directory.clone(), variable: &variable };
        open("base", &officer.controllers["x"].systems["base"], &around).unwrap()
    }
}

fn show(row: &Row) -> String {
    row.iter().map(|Cell(text)| text.as_deref().unwrap_or("∅")).collect::<Vec<_>>().join("|")
}

fn fetched(
    engine: &mut dyn Engine,
    table: &str,
    columns: &[&str],
    any: &[(&str, &[&str])],
    order: &[&str],
) -> Vec<String> {
    let lists: Vec<(&str, Vec<String>)> = any
        .iter()
        .map(|(name, values)| (*name, values.iter().map(|&value| value.to_owned()).collect()))
        .collect();
    let any: Vec<(&str, &[String])> = lists.iter().map(|(name, values)| (*name, values.as_slice())).collect();
    let mut rows = Vec::new();
    let fetch = Fetch { table, columns, any: &any, order };
    engine
        .fetch(&fetch, &mut |row| {
            rows.push(show(&row));
            Ok(())
        })
        .unwrap();
    rows
}

fn keys(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|&value| value.to_owned()).collect()).collect()
}

#[test]
fn rows_are_found_by_value() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        for (about, any, expected) in [
            ("one", vec![("id", &["2"][..])], vec!["2"]),
            ("several, in order", vec![("id", &["10", "1", "2"][..])], vec!["1", "2", "10"]),
            ("either", vec![("iin", &["900101399998"][..]), ("id", &["1", "10"][..])], vec!["1", "10"]),
            ("none of them", vec![("id", &["77"][..])], vec![]),
            ("no values", vec![("id", &[][..])], vec![]),
            ("no number", vec![("id", &["abc", "1"][..])], vec!["1"]),
            ("no number at all", vec![("id", &["abc"][..])], vec![]),
            ("a leading zero stays", vec![("iin", &["10203699211", "010203699211"][..])], vec!["2"]),
            ("hostile", vec![("name", &["' OR 1=1 --", "O'Brien \"x\"; --"][..])], vec!["2"]),
        ] {
            assert_eq!(fetched(engine, "person", &["id"], &any, &["id"]), expected, "{kind}: {about}");
        }
        let all =
            fetched(engine, "person", &["name", "born", "sum", "iin"], &[("id", &["1", "2", "10"])], &["id"]);
        let sums = if kind == "sqlite" {
            ("10.5", "-1")
        } else if kind == "csv" {
            ("10.50", "-1")
        } else {
            ("10.50", "-1.00")
        };
        let expected = [
            format!("Асель|1990-01-01|{}|900101399998", sums.0),
            "O'Brien \"x\"; --|∅|∅|010203699211".to_owned(),
            format!("Тимур|2008-11-22|{}|∅", sums.1),
        ];
        assert_eq!(all, expected, "{kind}");
        let visits =
            fetched(engine, "visit", &["day", "page"], &[("person_id", &["1"])], &["person_id", "day"]);
        assert_eq!(visits, ["2026-01-01|a", "2026-01-02|b"], "{kind}");
    }
}

#[test]
fn long_lists_find_every_row_once() {
    let many: Vec<String> = (1..50_000).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (kind, base) in bases() {
        let mut rows =
            fetched(&mut *base.connect(), "deal", &["id"], &[("id", &many), ("person_id", &many)], &["id"]);
        rows.sort();
        assert_eq!(rows, ["100", "101", "102"], "{kind}");
    }
}

#[test]
fn times_are_read_as_instants() {
    for (kind, base) in bases() {
        let seen = fetched(&mut *base.connect(), "person", &["seen"], &[("id", &["1"])], &["id"]);
        // PostgreSQL has an instant, the others local time: both are five hours before Greenwich's.
        let expected = "2026-01-02T03:04:05+05:00";
        let read = instant(&seen[0]).unwrap_or_else(|| panic!("{kind}"));
        assert_eq!(read.utc(), dsr::domain::Moment::parse(expected).unwrap().utc(), "{kind}");
    }
}

#[test]
fn an_identifier_is_found_however_it_is_written() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        for (identifier, typed, expected) in [
            (IdentifierType::Phone, "+77010000001", vec!["1"]),
            (IdentifierType::Phone, "87010000002", vec!["2"]),
            (IdentifierType::Phone, "+77010000003", vec![]),
            (IdentifierType::Iin, "010203699211", vec!["2"]),
        ] {
            let wanted = [Identifier::parse(identifier, typed).unwrap()];
            let column = if identifier == IdentifierType::Phone { "tel" } else { "iin" };
            let find = Find { table: "person", columns: &["id"], column, wanted: &wanted, key: &["id"] };
            let mut rows = Vec::new();
            engine
                .find(&find, &mut |row| {
                    rows.push(show(&row));
                    Ok(())
                })
                .unwrap();
            assert_eq!(rows, expected, "{kind} {identifier}");
        }
    }
}

#[test]
fn old_rows_are_scanned_in_order_of_key() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        let mut scanned = |ages: &[Age], key: &[&str], after: Option<&[String]>, limit, table: &str| {
            let mut rows = Vec::new();
            let scan = Scan { table, columns: key, ages, key, after, limit };
            engine
                .scan(&scan, &mut |row| {
                    rows.push(show(&row));
                    Ok(())
                })
                .unwrap();
            rows
        };
        let before = |column: &str, time: &str| Age::Before(column.into(), time.into());
        let cut = [before("seen", "2025-12-31 00:00:00")];
        assert_eq!(scanned(&cut, &["id"], None, 10, "person"), ["2"], "{kind}: older");
        assert_eq!(
            scanned(&[before("seen", "2027-01-01 00:00:00")], &["id"], None, 10, "person"),
            ["1", "2"],
            "{kind}: NULL is no age"
        );
        assert_eq!(scanned(&[], &["id"], None, 2, "person"), ["1", "2"], "{kind}: at most");
        assert_eq!(scanned(&[], &["id"], Some(&["2".to_owned()]), 9, "person"), ["10"], "{kind}: after");
        let unknown = || Age::Unknown("seen".into());
        assert_eq!(scanned(&[unknown()], &["id"], None, 9, "person"), ["10"], "{kind}: none told");
        let either =
            [before("seen", "2025-12-31 00:00:00"), before("born", "1995-01-01 00:00:00"), unknown()];
        assert_eq!(scanned(&either, &["id"], None, 9, "person"), ["1", "2", "10"], "{kind}: any of several");
        assert_eq!(
            scanned(&either, &["id"], Some(&["1".to_owned()]), 1, "person"),
            ["2"],
            "{kind}: any of several, from a key on"
        );
        let after = ["1".to_owned(), "2026-01-01".to_owned()];
        let visits = scanned(&[], &["person_id", "day"], Some(&after), 9, "visit");
        assert_eq!(visits, ["1|2026-01-02", "2|2026-01-01"], "{kind}: a key of two");
    }
}

#[test]
fn rows_are_found_by_value_and_age_and_counted() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        let before = |time: &str| Age::Before("seen".into(), time.into());
        let unknown = || Age::Unknown("seen".into());
        for (about, ages, expected) in [
            ("of any age", vec![], vec!["1", "2", "10"]),
            ("older", vec![before("2025-12-31 00:00:00")], vec!["2"]),
            ("none told", vec![unknown()], vec!["10"]),
            ("either", vec![before("2025-12-31 00:00:00"), unknown()], vec!["2", "10"]),
            ("none so old", vec![before("1990-01-01 00:00:00")], vec![]),
        ] {
            let all = ["1", "2", "10"].map(str::to_owned);
            let (one, any) = ([("id", &all[1..2])], [("id", &all[..])]);
            let mut rows = |any: &[(&str, &[String])]| {
                let (mut rows, fetch) =
                    (Vec::new(), Fetch { table: "person", columns: &["id"], any, order: &["id"] });
                engine
                    .fetch_aged(&fetch, &ages, &mut |row| {
                        rows.push(show(&row));
                        Ok(())
                    })
                    .unwrap();
                rows
            };
            assert_eq!(rows(&any), expected, "{kind}: {about}");
            let alone: Vec<&str> = expected.iter().copied().filter(|id| *id == "2").collect();
            assert_eq!(rows(&one), alone, "{kind}: {about}, by value");
            let count = engine.count("person", &ages, &["id"]).unwrap();
            assert_eq!(count, expected.len() as u64, "{kind}: {about}, counted");
        }
    }
}

#[test]
fn rows_are_changed_by_key() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        let (one, two) =
            (keys(&[&["1"], &["2"], &["77"]]), keys(&[&["1", "2026-01-02"], &["2", "2026-01-01"]]));
        let people = Keys { table: "person", key: &["id"], rows: &one };
        let visits = Keys { table: "visit", key: &["person_id", "day"], rows: &two };
        let cell = |text: &str| Cell(Some(text.to_owned()));
        let new =
            [vec![cell("—'"), Cell(None)], vec![cell("Б"), cell("3.25")], vec![cell("nobody"), Cell(None)]];
        let changed = transact(engine, 3, |engine| {
            let mut locked = Vec::new();
            engine.lock(&people, &["name"], &mut |row| {
                locked.push(show(&row));
                Ok(())
            })?;
            assert_eq!(locked, ["Асель", "O'Brien \"x\"; --"], "{kind}");
            let changed = engine.update(&people, &["name", "sum"], &new)?;
            Ok((changed, engine.delete(&visits)?))
        });
        assert_eq!(changed.unwrap(), (2, 2), "{kind}");
        let again = transact(engine, 3, |engine| {
            Ok((engine.update(&people, &["name", "sum"], &new)?, engine.delete(&visits)?))
        });
        assert_eq!(again.unwrap(), (2, 0), "{kind}: done twice is done once");
        let engine = &mut *base.connect();
        let rows = fetched(engine, "person", &["id", "name", "sum"], &[("id", &["1", "2", "10"])], &["id"]);
        let last = if matches!(kind, "sqlite" | "csv") { "10|Тимур|-1" } else { "10|Тимур|-1.00" };
        assert_eq!(rows, ["1|—'|∅", "2|Б|3.25", last], "{kind}");
        assert_eq!(
            fetched(engine, "visit", &["page"], &[("person_id", &["1", "2"])], &["day"]),
            ["a"],
            "{kind}"
        );
    }
}

#[test]
fn what_is_undone_was_never_there() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        let all = keys(&[&["100"], &["101"], &["102"]]);
        let deals = Keys { table: "deal", key: &["id"], rows: &all };
        engine.begin().unwrap();
        assert_eq!(engine.delete(&deals).unwrap(), 3, "{kind}");
        assert!(
            fetched(engine, "deal", &["id"], &[("person_id", &["1", "2"])], &["id"]).is_empty(),
            "{kind}: seen within"
        );
        engine.rollback().unwrap();
        assert_eq!(
            fetched(engine, "deal", &["id"], &[("person_id", &["1", "2"])], &["id"]).len(),
            3,
            "{kind}"
        );
    }
}

#[test]
fn a_refusal_names_the_table_and_no_value() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        let one = keys(&[&["1"]]);
        if kind != "csv" {
            let error = transact(engine, 1, |engine| {
                engine.delete(&Keys { table: "person", key: &["id"], rows: &one })
            })
            .unwrap_err();
            assert_eq!(error.kind(), Kind::Failed, "{kind}: {error}");
            assert!(error.message().contains("base"), "{kind}: {error}");
        }
        for (table, column) in [("nowhere", "id"), ("person", "nothing")] {
            let fetch = Fetch { table, columns: &[column], any: &[("id", &one[0])], order: &[] };
            let error = engine.fetch(&fetch, &mut |_| Ok(())).unwrap_err();
            assert!(matches!(error.kind(), Kind::Config | Kind::Failed), "{kind}: {error}");
        }
        if matches!(kind, "postgres" | "mysql") {
            let long = vec![vec![Cell(Some("Сәуле 900101399998".repeat(10)))]];
            let update = transact(engine, 1, |engine| {
                engine.update(&Keys { table: "person", key: &["id"], rows: &one }, &["born"], &long)
            });
            let error = update.unwrap_err();
            let said = format!("{error} {:?} {:?}", error.hint_text(), error.causes().collect::<Vec<_>>());
            assert!(!said.contains("900101399998"), "{kind}: {said}");
        }
    }
}

#[test]
fn the_catalogue_is_read() {
    for (kind, base) in bases() {
        let engine = &mut *base.connect();
        let tables = engine.tables().unwrap();
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["deal", "person", "visit"], "{kind}");
        let columns: Vec<&str> = tables[1].columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(columns, ["id", "iin", "tel", "name", "born", "seen", "sum"], "{kind}");
        if kind != "csv" {
            assert_eq!(tables[2].key, ["person_id", "day"], "{kind}");
            let foreign = (vec!["person_id".to_owned()], "person".to_owned(), vec!["id".to_owned()]);
            assert_eq!(tables[0].foreign, [foreign], "{kind}");
        }
        let identity = engine.identity().unwrap();
        assert!(!identity.is_empty() && identity == base.connect().identity().unwrap(), "{kind}");
    }
}

/// A file that a spreadsheet keeps: what is not touched stays byte for byte.
#[test]
fn a_csv_file_keeps_its_form() {
    let (_, base) = bases().into_iter().find(|(kind, _)| *kind == "csv").unwrap();
    let path = base.directory.join("person.csv");
    let before = std::fs::read_to_string(&path).unwrap();
    let engine = &mut *base.connect();
    let one = keys(&[&["1"]]);
    transact(engine, 1, |engine| engine.delete(&Keys { table: "person", key: &["id"], rows: &one })).unwrap();
    let without: String = before.split_inclusive("\r\n").filter(|line| !line.starts_with("1;")).collect();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), without);
    let two = keys(&[&["2"]]);
    let new = [vec![Cell(Some("a;b".into()))]];
    transact(engine, 1, |engine| {
        engine.update(&Keys { table: "person", key: &["id"], rows: &two }, &["name"], &new)
    })
    .unwrap();
    let changed = without.replace("\"O'Brien \"\"x\"\"; --\"", "\"a;b\"");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), changed);
    // Written by another meanwhile: nothing is lost.
    engine.begin().unwrap();
    engine.delete(&Keys { table: "person", key: &["id"], rows: &two }).unwrap();
    std::fs::write(&path, format!("{changed}3;;;new;;;\r\n")).unwrap();
    assert_eq!(engine.commit().unwrap_err().kind(), Kind::Busy);
    assert!(std::fs::read_to_string(&path).unwrap().contains("new"));
}

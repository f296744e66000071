#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

fn station() -> (tempfile::TempDir, Sqlite) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("station.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE client (id INTEGER PRIMARY KEY, \"full name\" VARCHAR(40) NOT NULL, phone TEXT UNIQUE, loose);
         CREATE TABLE visit (client INTEGER REFERENCES client (id), nth INTEGER, at TEXT, PRIMARY KEY (client, nth));
         INSERT INTO client VALUES (2, 'B', '8701', 17), (10, 'C', NULL, '17'), (1, 'A', '8700', x'00ff');
         INSERT INTO visit VALUES (1, 1, '2024-01-01'), (1, 2, '2025-01-01'), (2, 1, '2026-01-01');",
    )
    .unwrap();
    let engine = Sqlite::open("station", &path).unwrap();
    (dir, engine)
}

fn text(rows: &[Row]) -> Vec<String> {
    let cell = |cell: &Cell| cell.0.clone().unwrap_or_else(|| "NULL".into());
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

fn fetched(engine: &mut Sqlite, any: &[(&str, &[String])]) -> Vec<String> {
    let fetch = Fetch { table: "client", columns: &["id", "full name"], any, order: &["id"] };
    let mut rows = Vec::new();
    engine
        .fetch(&fetch, &mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    text(&rows)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn rows_by_value() {
    let (_dir, mut engine) = station();
    let many: Vec<String> = (0..1200).map(|n| n.to_string()).collect();
    for (about, any, expected) in [
        ("by the number as text", vec![("id", owned(&["10", "2"]))], vec!["2 B", "10 C"]),
        ("one or the other", vec![("id", owned(&["10"])), ("phone", owned(&["8700"]))], vec!["1 A", "10 C"]),
        ("a column without a type", vec![("loose", owned(&["17"]))], vec!["2 B", "10 C"]),
        ("bytes", vec![("loose", owned(&["0x00ff"]))], vec!["1 A"]),
        ("more than one statement holds", vec![("id", many)], vec!["1 A", "2 B", "10 C"]),
        ("nothing asked is nothing found", vec![], vec![]),
        ("a value is never SQL", vec![("phone", owned(&["' OR 1=1 --"]))], vec![]),
    ] {
        let any: Vec<(&str, &[String])> = any.iter().map(|(c, v)| (*c, v.as_slice())).collect();
        assert_eq!(fetched(&mut engine, &any), expected, "{about}");
    }
}

#[test]
fn many_values_lose_no_row() {
    let (_dir, mut engine) = station();
    // SQLite lets this key be NULL, and nothing is declared of the other.
    let sql = "CREATE TABLE home (code TEXT PRIMARY KEY, flat INTEGER, letter TEXT COLLATE NOCASE);
        CREATE TABLE deal (id INTEGER, buyer TEXT);
        INSERT INTO home VALUES (NULL, 1, 'a'), (NULL, 599, 'A'), ('L', 599, 'b'), ('M', 700, 'c');
        INSERT INTO deal VALUES (5, '1'), (5, '599'), (5, '599');";
    engine.conn.execute_batch(sql).unwrap();
    let many: Vec<String> = (0..600).map(|n| n.to_string()).collect();
    let letters = owned(&["a", "A"]);
    let mut count = |table, any: &[(&str, &[String])], columns: &[&str], order: &[&str]| {
        let mut rows = Vec::new();
        let each = &mut |row| {
            rows.push(row);
            Ok(())
        };
        engine.fetch(&Fetch { table, columns, any, order }, each).unwrap();
        text(&rows)
    };
    let both = [("flat", many.as_slice()), ("letter", letters.as_slice())];
    assert_eq!(count("home", &both, &["code", "flat"], &["code"]), ["NULL 1", "NULL 599", "L 599"]);
    assert_eq!(count("deal", &[("buyer", &many)], &["buyer"], &["id"]).len(), 3, "one key, three rows");
}

#[test]
fn rows_by_age_from_key_to_key() {
    let (_dir, mut engine) = station();
    let mut page = |after: Option<&[String]>| {
        let scan = Scan {
            table: "visit",
            columns: &["client", "nth"],
            ages: &[Age::Before("at".into(), "2025-06-01".into())],
            key: &["client", "nth"],
            after,
            limit: 1,
        };
        let mut rows = Vec::new();
        engine
            .scan(&scan, &mut |row| {
                rows.push(row);
                Ok(())
            })
            .unwrap();
        text(&rows)
    };
    assert_eq!(page(None), ["1 1"]);
    assert_eq!(page(Some(&owned(&["1", "1"]))), ["1 2"]);
    assert_eq!(page(Some(&owned(&["1", "2"]))), Vec::<String>::new(), "the other is younger");
}

#[test]
fn effects_by_key() {
    let (_dir, mut engine) = station();
    let keys = [owned(&["1", "2"]), owned(&["2", "1"]), owned(&["9", "9"])];
    let by = Keys { table: "visit", key: &["client", "nth"], rows: &keys };
    engine.begin().unwrap();
    let new = vec![vec![Cell(None)], vec![Cell(Some("x".into()))], vec![Cell(None)]];
    assert_eq!(engine.update(&by, &["at"], &new).unwrap(), 2);
    assert_eq!(engine.delete(&by).unwrap(), 2);
    engine.rollback().unwrap();
    let mut rows = Vec::new();
    engine
        .lock(&by, &["at"], &mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    assert_eq!(text(&rows), ["2025-01-01", "2026-01-01"], "undone");
    let parent = [owned(&["1"])];
    let error = engine.delete(&Keys { table: "client", key: &["id"], rows: &parent }).unwrap_err();
    assert_eq!(error.message(), "system `station`: other rows refer to what should go (SQLite 787)");
}

#[test]
fn bytes_are_a_key_like_any_other() {
    for kind in ["BLOB", "", "BINARY(2)"] {
        let (_dir, mut engine) = station();
        let sql = format!("CREATE TABLE tag (id {kind}, at TEXT)");
        engine.conn.execute_batch(&sql).unwrap();
        let sql = "INSERT INTO tag VALUES (x'ff00', 'c'), (x'00ff', 'b'), ('x1', 'd'), (7, 'e'), (2.5, 'f'), (1e21, 'g')";
        engine.conn.execute_batch(sql).unwrap();
        let (mut met, mut last) = (Vec::new(), None::<Vec<String>>);
        for _ in 0..6 {
            let from = last.take();
            let after = from.as_deref();
            let scan = Scan { table: "tag", columns: &["id"], ages: &[], key: &["id"], after, limit: 1 };
            let each = &mut |row: Row| {
                last = row.iter().map(|cell| cell.0.clone()).collect();
                Ok(())
            };
            engine.scan(&scan, each).unwrap();
            met.extend(last.clone().into_iter().flatten());
        }
        assert_eq!(met, ["0x00ff", "0xff00", "1.0e+21", "2.5", "7", "x1"], "{kind}: page by page, each once");
        let keys: Vec<Vec<String>> = met.into_iter().map(|key| vec![key]).collect();
        let by = Keys { table: "tag", key: &["id"], rows: &keys };
        let (mut read, new) = (Vec::new(), vec![vec![Cell(None)]; 6]);
        let each = &mut |row: Row| {
            read.push(row);
            Ok(())
        };
        engine.lock(&by, &["at"], each).unwrap();
        read.sort();
        assert_eq!(text(&read), ["b", "c", "d", "e", "f", "g"], "{kind}");
        assert_eq!(engine.update(&by, &["at"], &new).unwrap(), 6, "{kind}");
        assert_eq!(engine.delete(&by).unwrap(), 6, "{kind}");
    }
}

#[test]
fn the_schema_as_it_stands() {
    let (_dir, mut engine) = station();
    let tables = engine.tables().unwrap();
    assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["client", "visit"]);
    assert_eq!((tables[0].columns[1].length, tables[0].columns[1].nullable), (Some(40), false));
    assert_eq!((&tables[0].unique, &tables[1].key), (&vec![owned(&["phone"])], &owned(&["client", "nth"])));
    assert_eq!(tables[1].foreign, [(owned(&["client"]), "client".to_owned(), owned(&["id"]))]);
    assert_eq!(engine.identity().unwrap(), engine.identity().unwrap());
    assert!(engine.reclaim("client").unwrap());
}

#[test]
fn an_older_file_is_another() {
    for (known, found, same) in [
        ("sqlite 0 ab 7", "sqlite 0 ab 7", true),
        ("sqlite 0 ab 7", "sqlite 0 ab 9", true),
        ("sqlite 0 ab 7", "sqlite 0 ab 6", false),
        ("sqlite 0 ab 7", "sqlite 0 cd 7", false),
        ("sqlite 0 ab 7", "sqlite 1 ab 7", false),
        ("sqlite 0 ab", "sqlite 0 ab 3", true),
        ("sqlite 0 ab 7", "postgres 1 ab", false),
    ] {
        assert_eq!(super::is_same(known, found), same, "{known} {found}");
    }
}

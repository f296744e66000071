//! Types that a driver may not know, partitions, waits and certificates: what only the real servers show.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::servers;
use dsr::{
    domain::Kind,
    policy::officer::Officer,
    system::{
        engine::{Age, Cell, Engine, Fetch, Keys, Row, Scan, transact},
        open::{Around, open},
    },
};

fn connect(kind: &str, more: &str, url: &str) -> dsr::domain::Result<Box<dyn Engine>> {
    let place = format!("kind: {kind}, owner: IT, env: URL, map: m.yaml{more}");
    let officer =
        Officer::read("dsr.yaml", &format!("controllers: {{x: {{systems: {{base: {{{place}}}}}}}}}"))
            .unwrap();
    let variable = |_: &str| Some(url.to_owned());
    let around = Around { directory: "/".into(), variable: &variable };
    open("base", &officer.controllers["x"].systems["base"], &around)
}

fn rows(
    engine: &mut dyn Engine,
    table: &str,
    columns: &[&str],
    any: &[(&str, &[String])],
    order: &[&str],
) -> Vec<Row> {
    let mut rows = Vec::new();
    let fetch = Fetch { table, columns, any, order };
    engine
        .fetch(&fetch, &mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    rows
}

fn text(row: &Row) -> Vec<String> {
    row.iter().map(|cell| cell.0.clone().unwrap_or("∅".into())).collect()
}

/// Whatever is read finds its row again, by itself and as part of a key, and can be written back.
fn round_trip(engine: &mut dyn Engine, table: &str, columns: &[&str], key: &[&str], id: &str) {
    let all = rows(engine, table, columns, &[("id", &[id.to_owned()])], key);
    assert_eq!(all.len(), 1, "{table}");
    for (column, cell) in columns.iter().zip(&all[0]) {
        let value = [cell.0.clone().unwrap()];
        let found = rows(engine, table, &["id"], &[(column, &value)], key);
        assert!(
            found.iter().any(|row| row[0].0.as_deref() == Some(id)),
            "{table}.{column}: {value:?} finds nothing"
        );
    }
    let place = |name: &&str| columns.iter().position(|column| column == name).unwrap();
    let exact: Vec<String> = key.iter().map(|name| all[0][place(name)].0.clone().unwrap()).collect();
    let by = Keys { table, key, rows: &[exact] };
    let rest: Vec<&str> = columns.iter().copied().filter(|name| !key.contains(name)).collect();
    let values: Row = rest.iter().map(|name| all[0][place(name)].clone()).collect();
    let changed =
        transact(engine, 1, |engine| engine.update(&by, &rest, std::slice::from_ref(&values))).unwrap();
    assert_eq!(changed, 1, "{table}");
    assert_eq!(
        text(&rows(engine, table, columns, &[("id", &[id.to_owned()])], key)[0]),
        text(&all[0]),
        "{table}"
    );
    let empty: Row = rest.iter().map(|_| Cell(None)).collect();
    assert_eq!(
        transact(engine, 1, |engine| engine.update(&by, &rest, std::slice::from_ref(&empty))).unwrap(),
        1
    );
    assert_eq!(transact(engine, 1, |engine| engine.delete(&by)).unwrap(), 1, "{table}");
}

#[test]
fn postgres_keeps_every_type() {
    let Some(server) = servers::postgres() else { return };
    let name = server.database();
    let _ = server.sql(
        &name,
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN iin AS text CHECK (length(value) = 12); CREATE SCHEMA \"Sales Dept\";
         CREATE TABLE \"Sales Dept\".odd (id uuid, at timestamptz, n numeric(30, 10), f float8, r real, small smallint, mood mood, iin iin,
           addr inet, bytes bytea, tags text[], span interval, day date, clock time, local timestamp, j jsonb, fixed char(10), money bool,
           PRIMARY KEY (id, at));
         INSERT INTO \"Sales Dept\".odd VALUES ('6f1c2d3e-0000-4000-8000-000000000001', '2026-01-02 03:04:05.678901+05', 12345678901234567890.0123456789,
           0.1, 1.5, -3, 'sad', '900101399998', '192.0.2.1/24', '\\x00ff', '{a,\"b c\"}', '1 day 02:03', '2026-01-02', '03:04:05', '2026-01-02 03:04:05.5',
           '{\"city\": \"Алматы\", \"in\": {\"deep\": 1}}', 'ab', true);",
    );
    let engine = &mut *connect("postgres", "", &server.url(&name, None)).unwrap();
    let columns = [
        "id", "at", "n", "f", "r", "small", "mood", "iin", "addr", "bytes", "tags", "span", "day", "clock",
        "local", "j", "fixed", "money",
    ];
    let id = "6f1c2d3e-0000-4000-8000-000000000001".to_owned();
    let table = "Sales Dept.odd";
    let read = text(&rows(engine, table, &["at", "local"], &[("id", std::slice::from_ref(&id))], &["id"])[0]);
    assert_eq!(read, ["2026-01-01T22:04:05.678901Z", "2026-01-02 03:04:05.5"]);
    round_trip(engine, table, &columns, &["id", "at"], &id);
}

#[test]
fn mysql_keeps_every_type() {
    let Some(server) = servers::maria() else { return };
    let name = server.database();
    let _ = server.sql(
        &name,
        "CREATE TABLE `odd one` (id binary(16), at timestamp(6) NOT NULL, big bigint unsigned, n decimal(30, 10), small tinyint, mood enum('glad', 'sad'),
           day date, local datetime(3), clock time, j json, fixed char(10), born year, letters varchar(20) COLLATE utf8mb4_general_ci, PRIMARY KEY (id, at));
         SET time_zone = '+05:00';
         INSERT INTO `odd one` VALUES (x'00ff00000000000000000000000000ff', '2026-01-02 03:04:05.678901', 18446744073709551615, 12345678901234567890.0123456789,
           -3, 'sad', '2026-01-02', '2026-01-02 03:04:05.250', '03:04:05', '{\"city\": \"Алматы\", \"none\": null}', 'ab', 1990, 'Әсел');",
    );
    let engine = &mut *connect("mysql", "", &server.url(&name, None)).unwrap();
    let columns =
        ["id", "at", "big", "n", "small", "mood", "day", "local", "clock", "j", "fixed", "born", "letters"];
    let id = "0x00FF00000000000000000000000000FF".to_owned();
    let table = "odd one";
    let read = text(&rows(engine, table, &["at", "big"], &[("id", std::slice::from_ref(&id))], &["id"])[0]);
    assert_eq!(read, ["2026-01-01T22:04:05.678901Z", "18446744073709551615"]);
    round_trip(engine, table, &columns, &["id", "at"], &id);
}

/// A table in parts is one table: in the catalogue, by age, and when rows go.
#[test]
fn partitions_are_one_table() {
    let Some(server) = servers::postgres() else { return };
    let name = server.database();
    let _ = server.sql(
        &name,
        "CREATE TABLE log (id bigint, at timestamptz NOT NULL, page text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE log_24 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
         CREATE TABLE log_26 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2027-01-01');
         INSERT INTO log SELECT n, '2024-06-01'::timestamptz + n * interval '1 day', 'p' FROM generate_series(1, 400) n;",
    );
    let engine = &mut *connect("postgres", "", &server.url(&name, None)).unwrap();
    let names: Vec<String> = engine.tables().unwrap().into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["log"]);
    let (mut seen, mut last, key): (usize, Option<Vec<String>>, _) = (0, None, ["id", "at"]);
    loop {
        let mut batch: Vec<Vec<String>> = Vec::new();
        let scan = Scan {
            table: "log",
            columns: &key,
            ages: &[Age::Before("at".into(), "2025-06-01 00:00:00".into())],
            key: &key,
            after: last.as_deref(),
            limit: 100,
        };
        engine
            .scan(&scan, &mut |row| {
                batch.push(row.into_iter().map(|cell| cell.0.unwrap()).collect());
                Ok(())
            })
            .unwrap();
        let Some(end) = batch.last().cloned() else { break };
        let gone =
            transact(engine, 3, |engine| engine.delete(&Keys { table: "log", key: &key, rows: &batch }))
                .unwrap();
        assert_eq!(gone, batch.len() as u64);
        (seen, last) = (seen + batch.len(), Some(end));
    }
    assert_eq!(seen, 364);
    assert_eq!(server.sql(&name, "SELECT count(*) FROM log"), "36");
}

/// A time may be a number or a text: what SQL cannot compare is given, so that it is read and judged.
#[test]
fn a_start_of_any_type_is_old_enough() {
    for (kind, server) in [("postgres", servers::postgres()), ("mysql", servers::maria())] {
        let Some(server) = server else { continue };
        let name = server.database();
        let _ = server.sql(
            &name,
            "CREATE TABLE one (id int PRIMARY KEY, seconds bigint, small int, at timestamp NULL, day date, words varchar(40));
             INSERT INTO one VALUES (1, 1577836800, 1577836800, '2020-01-01 00:00:00', '2020-01-01', '2020-01-01T00:00:00'),
               (2, 1893456000, 1893456000, '2030-01-01 00:00:00', '2030-01-01', '2030-01-01 00:00:00'),
               (3, NULL, NULL, NULL, NULL, NULL), (4, NULL, NULL, NULL, NULL, 'in spring'), (5, NULL, NULL, NULL, NULL, '1577836800');",
        );
        let engine = &mut *connect(kind, "", &server.url(&name, None)).unwrap();
        for (column, expected) in [
            ("seconds", &["1", "2"][..]),
            ("small", &["1", "2"]),
            ("at", &["1"]),
            ("day", &["1"]),
            ("words", &["1", "4", "5"]),
        ] {
            let ages = [Age::Before(column.into(), "2025-06-01 00:00:00".into())];
            let (key, mut found) = (["id"], Vec::new());
            let scan = Scan { table: "one", columns: &key, ages: &ages, key: &key, after: None, limit: 9 };
            engine
                .scan(&scan, &mut |row| {
                    found.extend(text(&row));
                    Ok(())
                })
                .unwrap();
            assert_eq!(found, expected, "{kind} {column}");
        }
    }
}

#[test]
fn what_takes_too_long_is_stopped() {
    for (kind, server) in [("postgres", servers::postgres()), ("mysql", servers::maria())] {
        let Some(server) = server else { continue };
        let name = server.database();
        let view = if kind == "postgres" { "pg_sleep(3)::text" } else { "SLEEP(3)" };
        let _ = server.sql(&name, &format!("CREATE TABLE one (id int PRIMARY KEY); INSERT INTO one VALUES (1); CREATE VIEW slow AS SELECT id, {view} AS wait FROM one;"));
        let engine = &mut *connect(kind, ", timeout: 1", &server.url(&name, None)).unwrap();
        let values = ["1".to_owned()];
        let fetch = Fetch { table: "slow", columns: &["wait"], any: &[("id", &values)], order: &[] };
        let error = engine.fetch(&fetch, &mut |_| Ok(())).unwrap_err();
        assert!(error.message().contains("took too long"), "{kind}: {error}");
        // The connection is still good for the next.
        assert!(engine.identity().is_ok(), "{kind}");
    }
}

/// Two that wait for each other: one is told to try again, and does.
#[test]
fn a_conflict_is_tried_again() {
    for (kind, server) in [("postgres", servers::postgres()), ("mysql", servers::maria())] {
        let Some(server) = server else { continue };
        let name = server.database();
        let _ =
            server.sql(&name, "CREATE TABLE one (id int PRIMARY KEY, n int); INSERT INTO one VALUES (1, 0);");
        let mut other = connect(kind, "", &server.url(&name, None)).unwrap();
        let engine = &mut *connect(kind, "", &server.url(&name, None)).unwrap();
        let key = vec![vec!["1".to_owned()]];
        let by = Keys { table: "one", key: &["id"], rows: &key };
        let (mut tries, n) = (0, [vec![Cell(Some("5".into()))]]);
        let done = transact(engine, 3, |engine| {
            tries += 1;
            let mut sum = 0;
            // A snapshot is taken, and then another changes the row under it.
            let read = rows(engine, "one", &["n"], &[("id", &key[0])], &["id"]);
            if tries == 1 {
                transact(&mut *other, 1, |other| other.update(&by, &["n"], &[vec![Cell(Some("1".into()))]]))?;
            }
            engine.lock(&by, &["n"], &mut |row| {
                sum += row[0].0.as_deref().unwrap_or_default().parse::<i64>().unwrap_or_default();
                Ok(())
            })?;
            engine.update(&by, &["n"], &n).map(|changed| (changed, read.len(), sum))
        });
        // MySQL reads the newest row when it locks; PostgreSQL refuses the old snapshot, and the second try sees it.
        assert_eq!(done.unwrap(), (1, 1, 1), "{kind}");
        assert_eq!(tries, if kind == "postgres" { 2 } else { 1 }, "{kind}");
        assert_eq!(server.sql(&name, "SELECT n FROM one"), "5", "{kind}");
    }
}

#[test]
fn a_server_that_is_killed_is_a_sentence() {
    // A server of its own: the others go on.
    let Some(server) = servers::alone(servers::Kind::Postgres) else { return };
    let name = server.database();
    let _ = server.sql(&name, "CREATE TABLE one (id int PRIMARY KEY)");
    let engine = &mut *connect("postgres", "", &server.url(&name, None)).unwrap();
    engine.begin().unwrap();
    server.kill();
    let values = ["1".to_owned()];
    let fetch = Fetch { table: "one", columns: &["id"], any: &[("id", &values)], order: &[] };
    let error = engine.fetch(&fetch, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.message().contains("cannot be reached"), "{error}");
    assert!(engine.commit().is_err());
}

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod effects_tests;
mod marks_tests;

use crate::{
    domain::{CaseNumber, Moment, Record, SubjectFacts},
    store::{
        KeyFile, Store, View,
        cast::{self, Home, furnish, uid},
    },
};

const NOW: Moment = Moment::from_unix(1_780_000_000);

/// The first case of person 1.
fn case() -> CaseNumber {
    CaseNumber::new(2026, 1)
}

/// Persons 1–3 of one controller, each with three records and one row of everything else.
fn furnished() -> Home {
    let mut store = cast::dealership();
    store.transact(|tx| [1, 2, 3].into_iter().try_for_each(|n| furnish(tx, n))).unwrap();
    store
}

fn key_file() -> (tempfile::TempDir, KeyFile) {
    let directory = tempfile::tempdir().unwrap();
    let key = KeyFile::create(&directory.path().join("k"), [5; 32]).unwrap();
    (directory, key)
}

fn facts(store: &mut Store) -> SubjectFacts {
    store.read(|view| view.facts("mycar", uid(1))).unwrap()
}

fn named<'f>(facts: &'f SubjectFacts, reference: &str) -> &'f Record {
    facts.records.iter().find(|record| record.reference == reference).unwrap()
}

/// Every row of every table as text, in the order of the table and of the rows.
fn everything(view: &View<'_>) -> Vec<(String, String)> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut tables = view.conn().prepare(sql).unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = Vec::new();
    for table in tables {
        let mut query = view.conn().prepare(&format!("SELECT * FROM \"{table}\" ORDER BY 1")).unwrap();
        let columns = query.column_count();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<String> =
                (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect();
            all.push((table.clone(), values.join("|")));
        }
    }
    all
}

/// The same without what is about person 1.
fn of_others(view: &View<'_>) -> Vec<(String, String)> {
    let mut query = view.conn().prepare("SELECT id FROM subject WHERE uid = ?1").unwrap();
    let id: i64 = query.query_row([uid(1).as_bytes()], |row| row.get(0)).unwrap();
    let mut all = everything(view);
    // The second column of these tables is the subject; a tombstone is of nobody.
    let about = [
        "identifier",
        "record",
        "consent",
        "obligation",
        "disclosure",
        "contact",
        "hold",
        "block",
        "suppression",
        "annotation",
    ];
    all.retain(|(table, row)| {
        let second = format!("Integer({id})");
        let own = match table.as_str() {
            "subject" => row.split('|').next() == Some(&second),
            "tombstone" | "rectified" | "category" | "case_wait" => true,
            "audit_entry" | "audit_head" | "audit_frontier" => true,
            // The number of the last group of the ledger, and its seal.
            "meta" => row.starts_with(format!("Text({:?}", b"ledger").trim_end_matches(']')),
            table => about.contains(&table) && row.split('|').nth(1) == Some(&second),
        };
        !own
    });
    all
}

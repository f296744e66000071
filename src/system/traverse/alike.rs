//! Whoever is walked in a page is reached as alone: maps, rows and people by dice, with values that engines mix up.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::{BTreeSet, HashSet},
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rusqlite::Connection;

use super::{
    cast::{collection, emptied, field, identity, refers},
    counted::{Counted, Statements},
    graph::Graph,
    reading::Readings,
    together::walk_at_most,
    *,
};
use crate::{
    domain::IdentifierType,
    system::{
        engine::{csv::Csv, sqlite::Sqlite},
        map::{Collection, Direction, Field},
    },
};

/// What stands in keys and references: few values, many writings.
const CELLS: [&str; 24] = [
    "1", "1", "1", "2", "2", "2", "3", "3", "01", "7", "7.0", "70", "A-1", "A-1", "a-1", "A1", "A-1 ", "B-2",
    "B-2", "A-01", "é", "e", "0x00ff", "",
];

/// What stands where a name may stand.
const WRITTEN: [&str; 24] = [
    "A-1",
    "A-1",
    "a-1",
    "A-01",
    "7",
    "07",
    "B-2",
    "12345e67",
    "+77010000001",
    "+77010000001",
    "8 (701) 000-00-01",
    "77010000001",
    "+77010000002",
    "a@x.example",
    "a@x.example",
    "A@x.example",
    "ä@x.example",
    "a+b@x.example",
    "900101399998",
    "900101399998",
    "900101 399998",
    "900101499994",
    "1",
    "",
];

/// What people are sought by.
const NAMES: [(IdentifierType, &str); 12] = [
    (IdentifierType::Account, "A-1"),
    (IdentifierType::Account, "a-1"),
    (IdentifierType::Account, "A-01"),
    (IdentifierType::Account, "7"),
    (IdentifierType::Account, "B-2"),
    (IdentifierType::Account, "12345e67"),
    (IdentifierType::Phone, "+77010000001"),
    (IdentifierType::Phone, "+77010000002"),
    (IdentifierType::Email, "a@x.example"),
    (IdentifierType::Email, "a+b@x.example"),
    (IdentifierType::Iin, "900101399998"),
    (IdentifierType::Iin, "900101499994"),
];

const COLUMNS: [&str; 5] = ["id", "nth", "a", "b", "who"];

/// Throws that a failing case shrinks to fewer and lower ones.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn under(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % sides
    }

    fn coin(&mut self) -> bool {
        self.under(2) == 1
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.under(all.len())]
    }
}

struct Place {
    _dir: tempfile::TempDir,
    systems: Vec<Connected>,
    statements: Statements,
}

fn place(dice: &mut Dice<'_>) -> Place {
    let (count, split) = (3 + dice.under(3), dice.under(4));
    let maps: Vec<Collection> = (0..count).map(|nth| mapped(dice, (nth, count, split))).collect();
    let (dir, statements) = (tempfile::tempdir().unwrap(), Statements::default());
    let mut systems = Vec::new();
    for (key, maps) in [("s0", &maps[..split.min(count)]), ("s1", &maps[split.min(count)..])] {
        let path = dir.path().join(key);
        let engine: Box<dyn super::Engine> = if key == "s0" && dice.coin() {
            sheets(dice, &path, maps);
            Box::new(Csv::open(key, &path).unwrap())
        } else {
            tables(dice, &path, maps);
            Box::new(Sqlite::open(key, &path).unwrap())
        };
        let map = Map { key: key.into(), collections: maps.to_vec() };
        systems.push(Connected { name: key.into(), map, engine: Counted::over(engine, &statements) });
    }
    Place { _dir: dir, systems, statements }
}

/// `who` names somebody by a coin; two columns refer to any column of any collection.
fn mapped(dice: &mut Dice<'_>, (nth, count, split): (usize, usize, usize)) -> Collection {
    use IdentifierType::{Account, Email, Iin, Phone};
    let mut fields = vec![field("id"), field("nth")];
    fields[1].primary_key = dice.under(4) == 0;
    for column in ["a", "b"] {
        let to = dice.under(count);
        let to = format!("s{}.c{to}.{}", usize::from(to >= split), dice.of(&["id", "id", "a", "b", "who"]));
        let direction = dice.of(&[Direction::From, Direction::To, Direction::Both]);
        let ownership = dice.of(&[Ownership::Owner, Ownership::Owner, Ownership::Accessor]);
        fields.push(if dice.under(4) == 0 {
            field(column)
        } else {
            refers(column, &to, direction, ownership, &[])
        });
    }
    let who = if dice.under(5) == 0 {
        field("who")
    } else {
        identity("who", dice.of(&[Account, Phone, Email, Iin]))
    };
    fields.push(Field { exact: dice.coin(), ..who });
    collection(&format!("c{nth}"), fields)
}

fn row(dice: &mut Dice<'_>) -> [&'static str; 5] {
    COLUMNS.map(|name| if name == "who" { dice.of(&WRITTEN) } else { dice.of(&CELLS) })
}

fn tables(dice: &mut Dice<'_>, path: &std::path::Path, maps: &[Collection]) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; CREATE TABLE other (x)")
        .unwrap();
    for map in maps {
        let kinds = ["TEXT", "TEXT COLLATE NOCASE", "INTEGER", "NUMERIC"];
        let kind = |dice: &mut Dice<'_>, more: &[&'static str]| dice.of(&[&kinds[..], more].concat());
        let key = if map.fields[1].primary_key { "id, nth" } else { "id" };
        let of: Vec<String> = COLUMNS
            .iter()
            .map(|&name| {
                format!("{name} {}", kind(dice, if key.contains(name) { &[] } else { &["", "BLOB"] }))
            })
            .collect();
        let sql = format!("CREATE TABLE {} ({}, PRIMARY KEY ({key}))", map.name, of.join(", "));
        conn.execute_batch(&sql).unwrap();
        for _ in 0..dice.under(16) {
            let row = row(dice).map(|text| (!text.is_empty()).then_some(text));
            // A key that is there already is no row.
            let _ = conn.execute(&format!("INSERT OR IGNORE INTO {} VALUES (?, ?, ?, ?, ?)", map.name), row);
        }
    }
}

fn sheets(dice: &mut Dice<'_>, path: &std::path::Path, maps: &[Collection]) {
    std::fs::create_dir(path).unwrap();
    for map in maps {
        let (mut sheet, mut met) = (COLUMNS.join(";") + "\n", BTreeSet::new());
        for _ in 0..dice.under(16) {
            let row = row(dice);
            let key = if map.fields[1].primary_key { (row[0], row[1]) } else { (row[0], "") };
            if met.insert(key) {
                sheet += &(row.join(";") + "\n");
            }
        }
        std::fs::write(path.join(format!("{}.csv", map.name)), sheet).unwrap();
    }
}

/// What the own store says, whatever the place of the person in the page.
fn said(person: &[Identifier], name: &Identifier) -> Whose {
    let all: usize = person.iter().chain([name]).flat_map(|one| one.expose().bytes()).map(usize::from).sum();
    [Whose::Nobody, Whose::Theirs, Whose::Nobody, Whose::Another][all % 4]
}

/// All that is told of a person, and what was asked about them.
type Told = (BTreeSet<String>, BTreeSet<String>);

fn told(reached: Reached, asked: BTreeSet<String>) -> Told {
    let row = |found: Found| {
        let cells: Vec<Option<String>> = found.cells.into_iter().map(|cell| cell.0).collect();
        let (node, key, via) = (found.node, found.key, found.via);
        let others = (found.others, found.in_sight, found.void, found.orphan);
        let marks = (found.ownership, found.named, found.shared, found.joint, others);
        format!("row {node} {key:?} {cells:?} {via:?} {marks:?}")
    };
    let rows = reached.rows.into_iter().map(row);
    let left = reached.left_out.iter().map(|left| format!("left {left:?}"));
    let names = reached.names.iter().map(|name| format!("name {} {}", name.kind(), name.expose()));
    let others = reached.others.iter().map(|one| format!("other {} {}", one.sure, one.name.expose()));
    (rows.chain(left).chain(names).chain(others).collect(), asked)
}

fn walked(
    place: &mut Place,
    people: &[Vec<Identifier>],
    (most, hanging): (usize, bool),
) -> (Vec<Told>, usize) {
    let graph = Graph::of(&place.systems).unwrap();
    let mut asked = vec![BTreeSet::new(); people.len()];
    let mut whose = |nth: usize, name: &Identifier| {
        asked[nth].insert(format!("{} {}", name.kind(), name.expose()));
        Ok(said(&people[nth], name))
    };
    let before = place.statements.load(Ordering::Relaxed);
    let sight = Sight { trace: &emptied, over: &HashSet::new(), hanging };
    let within = (&graph, &Readings::default());
    let all = walk_at_most(&mut place.systems, within, people, &mut whose, (&sight, most)).unwrap();
    let statements = place.statements.load(Ordering::Relaxed) - before;
    (all.into_iter().zip(asked).map(|(reached, asked)| told(reached, asked)).collect(), statements)
}

#[test]
fn whoever_is_walked_in_a_page_is_reached_as_alone() {
    let (pages, fewer, found) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let throws = proptest::collection::vec(any::<u8>(), 200..900);
    let outcome = runner.run(&throws, |throws| {
        let mut dice = Dice(throws.iter());
        let people: Vec<Vec<Identifier>> = (0..2 + dice.under(7))
            .map(|_| (0..1 + dice.under(3)).map(|_| dice.of(&NAMES)).collect::<Vec<_>>())
            .map(|all| all.into_iter().map(|(kind, text)| Identifier::parse(kind, text).unwrap()).collect())
            .collect();
        let (mut place, hanging) = (place(&mut dice), dice.under(2) == 0);
        let (mut alone, mut statements) = (Vec::new(), 0);
        for one in &people {
            let (told, asked) = walked(&mut place, std::slice::from_ref(one), (0, hanging));
            alone.extend(told);
            statements += asked;
        }
        for most in [3, 50, 20_000] {
            prop_assert_eq!(&walked(&mut place, &people, (most, hanging)).0, &alone, "at most {}", most);
        }
        let backwards: Vec<Vec<Identifier>> = people.iter().rev().cloned().collect();
        let (mut page, asked) = walked(&mut place, &backwards, (20_000, hanging));
        page.reverse();
        prop_assert_eq!(&page, &alone, "backwards");
        pages.fetch_add(1, Ordering::Relaxed);
        fewer.fetch_add(usize::from(asked < statements), Ordering::Relaxed);
        let rows = alone.iter().flat_map(|(told, _)| told).filter(|line| line.starts_with("row")).count();
        found.fetch_add(usize::from(rows > 2), Ordering::Relaxed);
        Ok(())
    });
    outcome.unwrap();
    let [pages, fewer, found] = [pages, fewer, found].map(AtomicUsize::into_inner);
    assert!(
        fewer * 3 > pages && found * 3 > pages,
        "of {pages} pages {fewer} asked together, {found} found rows"
    );
}

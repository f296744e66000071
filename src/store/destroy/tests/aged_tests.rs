//! Aged files of every page size: both proofs against a slow search that knows neither of them.

use std::{collections::HashSet, fs::File, path::PathBuf};

use proptest::prelude::*;
use rusqlite::Connection;

use crate::store::destroy::{
    Needles, ScanReport,
    sanitise::{look, roots, wipe},
    structure::{Stain, Structure, prove},
};

/// A small generator, so that a failure can be run again.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    pub(super) fn text(&mut self, least: u64, most: u64) -> String {
        (0..least + self.roll(most - least + 1))
            .map(|_| char::from(b'a' + u8::try_from(self.roll(26)).unwrap()))
            .collect()
    }
}

/// A database with a past.
struct Aged {
    conn: Connection,
    path: PathBuf,
    needles: Needles,
    gone: Vec<String>,
    _directory: tempfile::TempDir,
}

impl Aged {
    fn new(page_size: u32, settings: &str, seed: u64, people: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("aged.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(&format!(
            "PRAGMA page_size = {page_size}; PRAGMA secure_delete = ON; {settings}; PRAGMA journal_mode = TRUNCATE;
             PRAGMA synchronous = OFF;
             CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, iin TEXT, number INTEGER, card TEXT);
             CREATE INDEX by_name ON person (name); CREATE INDEX by_iin ON person (iin, name);
             CREATE TABLE note (k TEXT PRIMARY KEY, photo BLOB) WITHOUT ROWID;"
        ))
        .unwrap();
        let mut aged = Self { conn, path, needles: Needles::new(), gone: Vec::new(), _directory: directory };
        aged.live(&mut Dice(seed), people);
        aged
    }

    /// Inserts in no order, updates that move rows, then one in ten goes.
    fn live(&mut self, dice: &mut Dice, people: u64) {
        self.conn.execute_batch("BEGIN").unwrap();
        for _ in 0..people {
            let (id, name) = (i64::try_from(dice.roll(1_000_000)).unwrap(), dice.text(8, 30));
            let iin = format!("{:012}", 100_000_000_000 + dice.roll(800_000_000_000));
            let card = if dice.roll(30) == 0 { dice.text(3000, 9000) } else { dice.text(20, 200) };
            let number: i64 = iin.parse().unwrap();
            let put = "INSERT OR IGNORE INTO person VALUES (?1, ?2, ?3, ?4, ?5)";
            self.conn.prepare_cached(put).unwrap().execute((id, &name, &iin, number, card)).unwrap();
            if dice.roll(4) == 0 {
                let note = "INSERT OR IGNORE INTO note VALUES (?1, ?2)";
                let photo = dice.text(10, 1500).into_bytes();
                self.conn.prepare_cached(note).unwrap().execute((&name, photo)).unwrap();
            }
        }
        self.conn.execute_batch("UPDATE person SET card = card || card WHERE id % 13 = 5; COMMIT").unwrap();
        self.erase();
    }

    fn erase(&mut self) {
        let query = "SELECT p.name, p.iin, p.card, n.photo FROM person p LEFT JOIN note n ON n.k = p.name
             WHERE p.id % 10 = 3";
        let mut query = self.conn.prepare(query).unwrap();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let photo: Option<Vec<u8>> = row.get(3).unwrap();
            let values: [Option<String>; 3] = [row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()];
            for value in values.into_iter().chain([photo.map(|bytes| String::from_utf8(bytes).unwrap())]) {
                self.needles.add_some(value.as_deref());
                self.gone.extend(value);
            }
        }
        let delete = "DELETE FROM note WHERE k IN (SELECT name FROM person WHERE id % 10 = 3);
             DELETE FROM person WHERE id % 10 = 3;";
        self.conn.execute_batch(delete).unwrap();
    }

    fn prove(&self) -> (Structure, Vec<Stain>) {
        prove(&File::open(&self.path).unwrap(), &roots(&self.conn).unwrap()).unwrap()
    }

    fn scan(&self) -> ScanReport {
        let structural_nonzero = self.prove().0.nonzero;
        let mut report = ScanReport { structural_nonzero, ..ScanReport::default() };
        let file = File::open(&self.path).unwrap();
        look(&self.conn, &file, &self.path, Some(&self.needles), &mut report).unwrap();
        report
    }

    fn wipe(&self) {
        let file = File::options().read(true).write(true).open(&self.path).unwrap();
        wipe(&file, &self.prove().1).unwrap();
    }

    fn vacuum(&self) {
        self.conn.execute_batch("VACUUM").unwrap();
    }

    /// Windows of ten bytes that stand in the file and in no living row, found the slow way.
    fn residue(&self) -> usize {
        let mut windows = HashSet::new();
        for value in &self.gone {
            windows.extend(value.as_bytes().windows(10).map(<[u8]>::to_vec));
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let wide: Vec<u8> = value.encode_utf16().flat_map(bytes).collect();
                windows.extend(wide.windows(10).step_by(2).map(<[u8]>::to_vec));
            }
        }
        let sql = "SELECT name || '|' || iin || '|' || card FROM person UNION ALL SELECT k || '|' || photo FROM note";
        let mut query = self.conn.prepare(sql).unwrap();
        for text in query.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            for window in text.unwrap().as_bytes().windows(10) {
                windows.remove(window);
            }
        }
        let file = std::fs::read(&self.path).unwrap();
        file.windows(10).filter(|place| windows.contains(*place)).count()
    }

    /// Everything that living rows say.
    fn rows(&self) -> Vec<String> {
        let sql = "SELECT quote(id) || quote(name) || quote(iin) || quote(number) || quote(card) FROM person
            UNION ALL SELECT quote(k) || quote(photo) FROM note";
        let mut query = self.conn.prepare(sql).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn is_whole(&self) -> bool {
        let fresh = Connection::open(&self.path).unwrap();
        fresh.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
    }
}

#[test]
fn nothing_is_left_and_a_missing_step_shows() {
    let mut left = 0;
    for (page_size, seed) in [(512, 1), (1024, 2), (4096, 3), (65536, 5)] {
        let aged = Aged::new(page_size, "", seed, 500);
        let rows = aged.rows();
        let (structure, scan, slow) = (aged.prove().0, aged.scan(), aged.residue());
        assert!(structure.nonzero > 0, "{page_size}: the structural proof sees that VACUUM was left out");
        assert_eq!(slow > 0, scan.residue > 0, "{page_size}: so does the scan: {slow} {scan:?}");
        left += slow;

        aged.vacuum();
        assert_eq!((aged.scan().residue, aged.residue()), (0, 0), "{page_size}");
        aged.wipe();
        assert_eq!(aged.prove().0.nonzero, 0, "{page_size}");
        assert_eq!((aged.scan().residue, aged.residue()), (0, 0), "{page_size}");
        assert!(aged.is_whole() && aged.rows() == rows, "{page_size}: no living byte was touched");
    }
    assert!(left > 50, "deleting alone leaves whole names behind: {left}");
}

#[test]
fn without_overwriting_nearly_everything_remains() {
    let aged = Aged::new(4096, "PRAGMA secure_delete = OFF", 9, 600);
    let scan = aged.scan();
    assert!(scan.residue * 2 > scan.windows / 3, "one form of three: {scan:?}");
    assert!(aged.prove().0.nonzero > 10_000);
    aged.vacuum();
    assert_eq!(aged.scan().residue, 0);
}

/// The engine counts unused bytes by a parser of its own.
#[test]
fn the_engine_counts_as_we_do() {
    for (page_size, settings) in [(512, ""), (4096, ""), (65536, ""), (1024, "PRAGMA auto_vacuum = FULL")] {
        let aged = Aged::new(page_size, settings, 7, 400);
        aged.vacuum();
        let sum = |column: &str| -> u64 {
            let sql = format!("SELECT sum({column}) FROM dbstat");
            u64::try_from(aged.conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap()
        };
        let structure = aged.prove().0;
        // The four bytes that head a free block are unused to the engine and structure to us; the end of a
        // pointer map is unused to us only.
        let (ours, theirs) = (structure.unallocated, sum("unused"));
        if settings.is_empty() {
            assert!(
                theirs >= ours && (theirs - ours).is_multiple_of(4) && theirs - ours < 200,
                "{page_size}"
            );
        } else {
            assert!(ours < theirs + u64::from(page_size) && theirs < ours + 200, "{page_size}");
        }
        let pages: i64 = aged.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        assert_eq!(structure.pages, u64::try_from(pages).unwrap());
    }
}

#[test]
fn free_pages_and_the_end_of_the_file_are_seen() {
    let aged = Aged::new(1024, "PRAGMA secure_delete = OFF", 11, 400);
    aged.vacuum();
    aged.wipe();
    assert_eq!(aged.prove().0.nonzero, 0);
    aged.conn.execute_batch("DELETE FROM note").unwrap();
    let (structure, stains) = aged.prove();
    assert!(structure.nonzero > 20_000 && stains.len() > 20, "{structure:?}");
    aged.wipe();
    assert_eq!(aged.prove().0.nonzero, 0);
    assert!(aged.is_whole());

    use std::io::Write;
    File::options().append(true).open(&aged.path).unwrap().write_all(b"left behind").unwrap();
    assert_eq!(aged.prove().0.nonzero, 11);
}

#[test]
fn a_file_that_does_not_hold_together_is_no_proof() {
    let aged = Aged::new(1024, "", 12, 200);
    let roots = roots(&aged.conn).unwrap();
    let whole = std::fs::read(&aged.path).unwrap();
    let other = aged.path.with_extension("broken");
    let mut dice = Dice(1);
    let mut refused = 0;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        let at = usize::try_from(dice.roll(bytes.len() as u64)).unwrap();
        bytes[at] ^= 1 << dice.roll(8);
        std::fs::write(&other, &bytes).unwrap();
        // Whatever it says, it ends, and it does not panic.
        refused += usize::from(prove(&File::open(&other).unwrap(), &roots).is_err());
    }
    assert!(refused > 0);
    std::fs::write(&other, &whole[..whole.len() / 2]).unwrap();
    assert!(prove(&File::open(&other).unwrap(), &roots).is_err(), "cut off");
    std::fs::write(&other, b"something else").unwrap();
    assert!(prove(&File::open(&other).unwrap(), &roots).is_err(), "no database");
}

/// In an index the number of a row lies right behind its reference: row 48 of `ORD-1234-1` reads `ORD-1234-10`.
#[test]
fn neighbours_that_read_like_what_was_destroyed_are_no_residue() {
    let mut aged = Aged::new(4096, "", 13, 5);
    aged.conn.execute_batch("INSERT OR REPLACE INTO person (id, name) VALUES (48, 'ORD-1234-1')").unwrap();
    aged.vacuum();
    aged.wipe();
    (aged.needles, aged.gone) = (Needles::new(), Vec::new());
    aged.needles.add("ORD-1234-10");
    assert!(std::fs::read(&aged.path).unwrap().windows(11).any(|place| place == b"ORD-1234-10"));
    let scan = aged.scan();
    assert_eq!((scan.living, scan.residue), (2, 0), "one window is in a row, one across its end");

    // A copy in a page that no table of living rows has, and one in a file beside.
    let copied = "CREATE VIRTUAL TABLE words USING fts5(name); INSERT INTO words VALUES ('ord-1234-10')";
    aged.conn.execute_batch(copied).unwrap();
    aged.needles.add("ord-1234-10");
    aged.wipe();
    let scan = aged.scan();
    assert_eq!((scan.living, scan.residue), (2, 2), "{scan:?}");
    std::fs::write(aged.path.with_extension("db-wal"), "ORD-1234-10").unwrap();
    let scan = aged.scan();
    assert_eq!((scan.living, scan.residue), (1, 3), "a file beside it: {scan:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Zeroing alone, on a file that was never rebuilt: the hardest test of where cells lie.
    #[test]
    fn zeroing_touches_no_living_byte(
        size in prop::sample::select(vec![512_u32, 1024, 2048, 4096, 32768]),
        settings in prop::sample::select(vec!["", "PRAGMA secure_delete = OFF", "PRAGMA auto_vacuum = INCREMENTAL"]),
        seed in any::<u64>(),
        people in 1..300_u64,
    ) {
        let aged = Aged::new(size, settings, seed, people);
        let rows = aged.rows();
        aged.wipe();
        prop_assert_eq!(aged.prove().0.nonzero, 0);
        prop_assert!(aged.is_whole());
        prop_assert_eq!(aged.rows(), rows);
        prop_assert_eq!(aged.residue(), 0);
        prop_assert_eq!(aged.scan().residue, 0);
    }
}

//! Random histories: schemas with and without full-text tables and statistics, page sizes, orders, photos, readers,
//! kills and full disks. After the whole recipe no byte of what was erased is left; without any one step some is.
//!
//! `DSR_HISTORIES` says how many; the names of the steps are those of `docs/destruction.md`.

use std::{collections::HashSet, fs::File, path::PathBuf};

use rusqlite::Connection;

use super::aged_tests::Dice;
use crate::store::destroy::{
    Needles, ScanReport,
    sanitise::{forget_statistics, look, roots, wipe},
    structure::prove,
};

/// What the recipe is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Deleted bytes are overwritten at once.
    SecureDelete,
    /// Statistics are emptied.
    Statistics,
    /// Full-text tables are made anew. The store has none and refuses one; another program's file may.
    FullText,
    /// The file is built anew.
    Vacuum,
    /// The journal is cut to nothing.
    Journal,
    /// What no row uses is zeroed.
    Zeroing,
}

struct History {
    conn: Connection,
    path: PathBuf,
    has_text: bool,
    dice: Dice,
    needles: Needles,
    gone: Vec<String>,
    /// Readers, kills and full disks that were lived through.
    lived: [u32; 3],
    home: tempfile::TempDir,
}

impl History {
    fn new(seed: u64, without: Option<Step>) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9) ^ 0x5851_f42d);
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = home.path().join("h.db");
        let conn = Connection::open(&path).unwrap();
        let size = 512 << dice.roll(8);
        let rowid = if dice.roll(2) == 0 { "" } else { "WITHOUT ROWID" };
        let has_text = dice.roll(2) == 0;
        conn.execute_batch(&format!(
            "PRAGMA page_size = {size};
             CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, iin TEXT, number INTEGER, card TEXT);
             CREATE INDEX by_name ON person (name);
             CREATE INDEX by_number ON person (number, lower(name));
             CREATE TABLE photo (person TEXT PRIMARY KEY, bytes BLOB) {rowid};"
        ))
        .unwrap();
        if has_text {
            conn.execute_batch("CREATE VIRTUAL TABLE words USING fts5(name, card)").unwrap();
        }
        let (needles, gone) = (Needles::new(), Vec::new());
        let mut history = Self { conn, path, has_text, dice, needles, gone, lived: [0; 3], home };
        history.open(without);
        history.live(without);
        history
    }

    fn open(&mut self, without: Option<Step>) {
        let secure = if without == Some(Step::SecureDelete) { "OFF" } else { "ON" };
        let journal = if without == Some(Step::Journal) { "PERSIST" } else { "TRUNCATE" };
        self.conn
            .execute_batch(&format!(
                "PRAGMA secure_delete = {secure}; PRAGMA journal_mode = {journal}; PRAGMA synchronous = OFF;
                 PRAGMA cache_size = 20; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 0;"
            ))
            .unwrap();
    }

    fn live(&mut self, without: Option<Step>) {
        for year in 0..3_u8 {
            let people = 20 + self.dice.roll(60);
            self.arrive(people);
            if self.dice.roll(3) == 0 {
                self.conn.execute_batch("ANALYZE").unwrap();
            }
            match self.dice.roll(6) {
                0 => self.disk_is_full(),
                1 => self.is_killed(without),
                2 => self.aborts(),
                _ => {}
            }
            self.conn.execute_batch("UPDATE person SET card = card || name WHERE id % 13 = 5").unwrap();
            if year < 2 {
                self.leave(year);
            }
        }
        // Statistics as another program leaves them, with values of people who go right after.
        if self.dice.roll(2) == 0 {
            self.conn.execute_batch("ANALYZE").unwrap();
        }
        if self.dice.roll(4) == 0 {
            self.somebody_reads();
        }
        self.leave(7);
    }

    fn arrive(&mut self, people: u64) {
        self.conn.execute_batch("BEGIN").unwrap();
        let in_order = self.dice.roll(2) == 0;
        for _ in 0..people {
            self.one(in_order);
        }
        self.conn.execute_batch("COMMIT").unwrap();
    }

    fn one(&mut self, in_order: bool) {
        let dice = &mut self.dice;
        let id = (!in_order).then(|| i64::try_from(dice.roll(1_000_000)).unwrap());
        let name = dice.text(10, 30);
        let number = 100_000_000_000 + i64::try_from(dice.roll(800_000_000_000)).unwrap();
        let card = if dice.roll(25) == 0 { dice.text(2000, 6000) } else { dice.text(20, 200) };
        let put = "INSERT OR IGNORE INTO person VALUES (?1, ?2, ?3, ?4, ?5)";
        let new = self.conn.prepare_cached(put).unwrap();
        let new = { new }.execute((id, &name, number.to_string(), number, &card)).unwrap();
        if new == 1 && self.has_text {
            let id = self.conn.last_insert_rowid();
            let put = "INSERT INTO words (rowid, name, card) VALUES (?1, ?2, ?3)";
            self.conn.prepare_cached(put).unwrap().execute((id, &name, &card)).unwrap();
        }
        if self.dice.roll(5) == 0 {
            let photo = self.dice.text(10, 2000).into_bytes();
            let put = "INSERT OR IGNORE INTO photo VALUES (?1, ?2)";
            self.conn.prepare_cached(put).unwrap().execute((&name, photo)).unwrap();
        }
    }

    /// One in ten is erased, and remembered for the search.
    fn leave(&mut self, which: u8) {
        let sql = "SELECT p.id, p.name, p.iin, p.card, CAST(f.bytes AS TEXT) FROM person p
            LEFT JOIN photo f ON f.person = p.name WHERE p.id % 10 = ?1";
        let mut query = self.conn.prepare(sql).unwrap();
        let mut rows = query.query([which]).unwrap();
        let mut ids: Vec<i64> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            ids.push(row.get(0).unwrap());
            for column in 1..5 {
                let value: Option<String> = row.get(column).unwrap();
                self.needles.add_some(value.as_deref());
                self.gone.extend(value);
            }
        }
        drop(rows);
        drop(query);
        self.conn.execute_batch("BEGIN").unwrap();
        for id in ids {
            let words = if self.has_text { "DELETE FROM words WHERE rowid = ?1;" } else { "" };
            let photo = "DELETE FROM photo WHERE person = (SELECT name FROM person WHERE id = ?1);";
            for sql in [words, photo, "DELETE FROM person WHERE id = ?1;"] {
                if !sql.is_empty() {
                    self.conn.execute(sql, [id]).unwrap();
                }
            }
        }
        self.conn.execute_batch("COMMIT").unwrap();
    }

    /// What arrives and is undone was in the file for a while, with so small a cache.
    fn aborts(&mut self) {
        self.conn.execute_batch("BEGIN").unwrap();
        (0..60).for_each(|_| self.one(false));
        self.conn.execute_batch("ROLLBACK").unwrap();
    }

    fn disk_is_full(&mut self) {
        let pages: i64 = self.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        self.conn.execute_batch(&format!("PRAGMA max_page_count = {}; BEGIN", pages + 2)).unwrap();
        let big = "late".repeat(1 << 20);
        let full = self.conn.execute("INSERT INTO person (name, card) VALUES ('late', ?1)", [big]);
        assert!(full.is_err());
        let _ = self.conn.execute_batch("ROLLBACK");
        self.conn.execute_batch("PRAGMA max_page_count = 1073741823").unwrap();
        self.lived[2] += 1;
    }

    /// The files as a kill leaves them in the middle of a transaction, and a new process that goes on with them.
    fn is_killed(&mut self, without: Option<Step>) {
        self.conn.execute_batch("BEGIN").unwrap();
        (0..60).for_each(|_| self.one(false));
        let place = self.home.path().join(format!("after-{}", self.dice.roll(1 << 30)));
        std::fs::create_dir(&place).unwrap();
        let next = place.join("h.db");
        let journal = |path: &PathBuf| path.with_extension("db-journal");
        std::fs::copy(&self.path, &next).unwrap();
        std::fs::copy(journal(&self.path), journal(&next)).unwrap();
        self.conn = Connection::open(&next).unwrap();
        self.path = next;
        self.open(without);
        self.lived[1] += 1;
    }

    /// As long as somebody reads, nothing can be rebuilt: it is refused, not done by half.
    fn somebody_reads(&mut self) {
        let reader = Connection::open(&self.path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM person").unwrap();
        assert!(self.conn.execute_batch("VACUUM").is_err());
        self.lived[0] += 1;
    }

    /// The recipe of [`crate::store::Store::sanitise`], perhaps without one step.
    fn destroy(&self, without: Option<Step>) {
        let with = |step| without != Some(step);
        if with(Step::FullText) && self.has_text {
            self.conn.execute_batch("INSERT INTO words (words) VALUES ('rebuild')").unwrap();
        }
        if with(Step::Statistics) {
            forget_statistics(&self.conn).unwrap();
        }
        if with(Step::Vacuum) {
            self.conn.execute_batch("VACUUM").unwrap();
        }
        if with(Step::Zeroing) {
            let file = File::options().read(true).write(true).open(&self.path).unwrap();
            let (_, stains) = prove(&file, &roots(&self.conn).unwrap()).unwrap();
            wipe(&file, &stains).unwrap();
        }
    }

    /// What the program would see: the scan of all files and the bytes that no row uses.
    fn report(&self) -> ScanReport {
        let file = File::open(&self.path).unwrap();
        let (structure, _) = prove(&file, &roots(&self.conn).unwrap()).unwrap();
        let journal =
            std::fs::metadata(self.path.with_extension("db-journal")).map_or(0, |found| found.len());
        let mut report =
            ScanReport { structural_nonzero: structure.nonzero, journal, ..ScanReport::default() };
        look(&self.conn, &file, &self.path, Some(&self.needles), &mut report).unwrap();
        report
    }

    /// The same by a search that shares no code with the program: erased values, whole, in every file.
    fn residue(&self) -> usize {
        let living: HashSet<String> = {
            let sql = "SELECT name || ' ' || iin || ' ' || card FROM person";
            let mut query = self.conn.prepare(sql).unwrap();
            let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
            rows.flat_map(|row| row.unwrap().split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
        };
        let files = std::fs::read_dir(self.path.parent().unwrap()).unwrap();
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file).unwrap()).collect();
        let gone = self.gone.iter().filter(|value| value.len() >= 10 && !living.contains(*value));
        let starts: HashSet<&[u8]> = gone.map(|value| &value.as_bytes()[..10]).collect();
        // Most places are passed over by their first two bytes.
        let mut firsts = vec![false; 1 << 16];
        starts.iter().for_each(|start| firsts[usize::from(start[0]) << 8 | usize::from(start[1])] = true);
        let near = |place: &&[u8]| firsts[usize::from(place[0]) << 8 | usize::from(place[1])];
        bytes.windows(10).filter(near).filter(|place| starts.contains(place)).count()
    }

    /// What the program would say of it, and that a rebuilt file has no free page.
    fn is_destroyed(&self) -> bool {
        let free: i64 = self.conn.query_row("PRAGMA freelist_count", [], |row| row.get(0)).unwrap();
        self.report().is_clean() && free == 0
    }
}

fn how_many() -> u64 {
    std::env::var("DSR_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

#[test]
fn after_any_history_no_byte_is_left() {
    let mut lived = [0; 3];
    let mut values = 0;
    for seed in 0..how_many() {
        let history = History::new(seed, None);
        history.destroy(None);
        let report = history.report();
        assert!(report.is_clean() && history.is_destroyed(), "history {seed}: {report:?}");
        assert_eq!(history.residue(), 0, "history {seed}");
        let whole: String = history.conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok", "history {seed}");
        values += report.values;
        lived.iter_mut().zip(history.lived).for_each(|(all, one)| *all += one);
    }
    assert!(lived.iter().all(|times| *times > 0) && values > 1_000, "{lived:?} {values}");
}

/// Each step is needed: without it some history is not clean, and the program would say so.
#[test]
fn without_any_step_some_history_shows_it() {
    for step in [Step::Statistics, Step::FullText, Step::Vacuum, Step::Journal, Step::Zeroing] {
        let dirty = (0..24).filter(|seed| {
            let history = History::new(*seed, Some(step));
            history.destroy(Some(step));
            !history.is_destroyed()
        });
        let dirty = dirty.count();
        assert!(dirty > 0, "{step:?} is never missed");
    }
    // Overwriting is what there is until the file is rebuilt: without it nearly everything remains till then.
    let left = |without| (0..8).map(|seed| History::new(seed, without).residue()).sum::<usize>();
    let (with, without) = (left(None), left(Some(Step::SecureDelete)));
    assert!(without > 2 * with, "{without} values without overwriting, {with} with it");
}

//! What changes data, beside the shell doing the bare effect: a new person each run, on a copy a side.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use rusqlite::Connection;

use super::data::{Data, PRAGMAS, copy_store, forget_store, shell};
use super::pair::{Row, Side, output, pair};
use super::pairs::{LONG, SHORT, with_policy};

/// What every such command needs besides its own words; the byte work has its own pair.
const GOING_ON: [&str; 7] =
    ["--quiet", "--yes", "--defer-destruction", "--identity", "document", "--format", "json"];

/// The number that a correction sets.
const PHONE: &str = "+77990009991";

/// Erasure up to the durable commit.
pub fn erase(data: &Data) -> Result<Row> {
    acting(data, "erase (less policy load)", &["erase"], &delete, &|store, person| few_left(store, person))
}

/// Withdrawal of every consent up to the durable commit.
pub fn revoke(data: &Data) -> Result<Row> {
    acting(data, "revoke (less policy load)", &["revoke"], &delete, &|store, person| few_left(store, person))
}

/// One corrected field up to the durable commit.
pub fn rectify(data: &Data) -> Result<Row> {
    let set = format!("contact.phone={PHONE}");
    let words = ["rectify", "--set", &set, "--document", "ID card"];
    acting(data, "rectify (less policy load)", &words, &update, &|store, person| corrected(store, person))
}

/// Rebuild and proof, beside `VACUUM` and reading the file once.
pub fn destruction(data: &Data) -> Result<Row> {
    let (ours, theirs) = (copy(data, "ours.db")?, copy(data, "theirs.db")?);
    let person = Cell::new(0);
    let erased = || {
        person.set(person.get() + 1);
        let by_ref = format!("ref:P-{}", person.get());
        let words = [&["erase", "--subject", &by_ref], &GOING_ON[..]].concat();
        output(&mut data.dsr(&ours, &words))?;
        output(&mut shell(&theirs, &[], &delete(person.get()))).map(drop)
    };
    let dsr =
        Side::command(|| data.dsr(&ours, &["sanitize", "--format", "json"])).before(erased).check(|said| {
            ensure!(String::from_utf8_lossy(said).contains("\"destroyed\""), "nothing was proved destroyed");
            Ok(())
        });
    let bare = Side::new(|| {
        output(&mut shell(&theirs, &[], &format!("{PRAGMAS} VACUUM;")))?;
        io::copy(&mut File::open(&theirs)?, &mut io::sink())?;
        Ok(Vec::new())
    });
    let row = pair("destruction", 1.3, LONG, dsr, bare);
    forget_store(&ours)?;
    forget_store(&theirs)?;
    row
}

type Bare<'a> = &'a dyn Fn(u64) -> String;
type Effect<'a> = &'a dyn Fn(&Path, u64) -> Result<()>;

fn acting(data: &Data, name: &str, words: &[&str], bare: Bare<'_>, effect: Effect<'_>) -> Result<Row> {
    let (ours, theirs) = (copy(data, "ours.db")?, copy(data, "theirs.db")?);
    // Spread over the file, as people who write in are.
    let step = (data.people / (SHORT as u64 + 2)).max(1);
    let person = Cell::new(1);
    let next = || {
        person.set(person.get() + step);
        ensure!(person.get() <= data.people, "there are too few people: DSR_BENCH_RECORDS=10000 at least");
        Ok(())
    };
    let command = || -> Command {
        let by_ref = format!("ref:P-{}", person.get());
        data.dsr(&ours, &[words, &["--subject", &by_ref], &GOING_ON].concat())
    };
    let dsr = Side::command(command).before(next).check(|_| effect(&ours, person.get()));
    let shell =
        Side::command(|| shell(&theirs, &[], &bare(person.get()))).check(|_| effect(&theirs, person.get()));
    let row = pair(name, 1.2, SHORT, dsr, shell);
    forget_store(&ours)?;
    forget_store(&theirs)?;
    Ok(row?.less(with_policy(data)?.difference()?))
}

/// A copy of the whole store with its key beside it.
fn copy(data: &Data, name: &str) -> Result<PathBuf> {
    let (store, copy) = (data.store()?, data.file(name));
    copy_store(&store, &copy)?;
    Ok(copy)
}

/// One person of a data set.
fn who(person: u64) -> String {
    format!("(SELECT id FROM subject WHERE ref = 'P-{person}' AND controller = 1)")
}

/// All but what the tax law keeps.
fn delete(person: u64) -> String {
    let kept = "(SELECT id FROM category WHERE word = 'service')";
    format!("{PRAGMAS} DELETE FROM record WHERE subject = {} AND category <> {kept};", who(person))
}

fn update(person: u64) -> String {
    let whose = format!("subject = {} AND json_extract(data, '$.phone') IS NOT NULL", who(person));
    format!("{PRAGMAS} UPDATE record SET data = json_set(data, '$.phone', '{PHONE}') WHERE {whose};")
}

fn few_left(store: &Path, person: u64) -> Result<()> {
    let left = count(store, &format!("SELECT count(*) FROM record WHERE subject = {}", who(person)))?;
    ensure!(left <= 1, "{left} records of an erased person are left");
    Ok(())
}

fn corrected(store: &Path, person: u64) -> Result<()> {
    let with = format!("json_extract(data, '$.phone') = '{PHONE}'");
    let sql = format!("SELECT count(*) FROM record WHERE subject = {} AND {with}", who(person));
    ensure!(count(store, &sql)? == 1, "the number was not corrected");
    Ok(())
}

fn count(store: &Path, sql: &str) -> Result<i64> {
    Ok(Connection::open(store)?.query_row(sql, [], |row| row.get::<_, i64>(0))?)
}

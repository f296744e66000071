//! The nightly run up to its last durable commit, beside the shell deleting the same rows.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::data::{Data, PRAGMAS, copy_store, forget_store, shell};
use super::pair::{Row, Side, output, pair};
use super::pairs::LONG;

/// Beside a shell with its default cache of 2 MB.
pub fn by_default(data: &Data) -> Result<Row> {
    purge(data, "purge / DELETE", 1.0, "")
}

/// Beside a shell with a cache that holds the whole file.
pub fn tuned(data: &Data) -> Result<Row> {
    purge(data, "purge / tuned DELETE", 1.3, "PRAGMA cache_size=-262144;")
}

fn purge(data: &Data, name: &str, goal: f64, tuning: &str) -> Result<Row> {
    let (base, ours, theirs) = (data.store()?, data.file("night.db"), data.file("shell-night.db"));
    let list = gone(data, &base, &ours)?;
    // A command of the shell stands at the beginning of its line.
    let delete = format!(
        "{PRAGMAS} {tuning} CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY);\n.import --csv {} gone\n\
         DELETE FROM record WHERE id IN gone;\n",
        list.display()
    );
    let script = data.file("purge.sql");
    fs::write(&script, delete)?;
    let dsr =
        Side::command(|| night(data, &ours)).before(|| copy_store(&base, &ours)).check(|_| left(data, &ours));
    let bare = Side::command(|| shell(&theirs, &[], &format!(".read {}", script.display())))
        .before(|| copy_store(&base, &theirs))
        .check(|_| left(data, &theirs));
    let row = pair(name, goal, LONG, dsr, bare);
    forget_store(&ours)?;
    forget_store(&theirs)?;
    row
}

fn night(data: &Data, store: &Path) -> std::process::Command {
    data.dsr(store, &["purge-expired", "--enable", "--max-share", "100", "--defer-destruction", "--quiet"])
}

/// The rows that a night takes, as the shell will delete them: what is missing after one.
fn gone(data: &Data, base: &Path, ours: &Path) -> Result<std::path::PathBuf> {
    copy_store(base, ours)?;
    output(&mut night(data, ours))?;
    let list = data.file("gone.csv");
    let sql = format!(
        "ATTACH '{}' AS before; SELECT id FROM before.record EXCEPT SELECT id FROM main.record",
        base.display()
    );
    fs::write(&list, output(&mut shell(ours, &["-csv"], &sql))?)?;
    ensure!(fs::metadata(&list)?.len() > 0, "nothing was past its term");
    Ok(list)
}

fn left(data: &Data, store: &Path) -> Result<()> {
    let count = output(&mut shell(store, &[], "SELECT count(*) FROM record"))?;
    let count: u64 = String::from_utf8_lossy(&count).trim().parse().context("a count")?;
    ensure!(count > data.records / 2 && count < data.records, "{count} of {} records are left", data.records);
    Ok(())
}

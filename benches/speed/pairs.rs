//! The pairs of the design's table of speed, one function each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

use super::acting;
use super::cases;
use super::data::{Data, NOW, PRAGMAS, binary, remove, shell};
use super::log;
use super::pair::{Row, Side, output, pair};
use super::postgres;
use super::purge;
use super::roles;

type Measure = fn(&Data) -> Result<Row>;

/// Every pair under its name.
pub const ALL: &[(&str, Measure)] = &[
    ("version", version),
    ("policy load", policy_load),
    ("import", import),
    ("export", export),
    ("erase", acting::erase),
    ("rectify", acting::rectify),
    ("revoke", acting::revoke),
    ("destruction", acting::destruction),
    ("purge", purge::by_default),
    ("purge tuned", purge::tuned),
    ("verify / hashing", verify_by_hashing),
    ("verify / python", verify_by_python),
    ("csv report", csv_report),
    ("csv raw", csv_raw),
    ("postgres export", postgres::export),
    ("postgres purge", postgres::purge),
    ("role customer", roles::customer),
    ("role processor", roles::processor),
    ("role regulator", roles::regulator),
    ("role controller", roles::controller),
];

/// Runs of what takes milliseconds, and of what takes seconds.
pub const SHORT: usize = 60;
pub const LONG: usize = 5;

fn version(data: &Data) -> Result<Row> {
    let empty = data.file("empty");
    let source = data.file("empty.rs");
    std::fs::write(&source, "fn main() {}\n")?;
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "-Copt-level=3", "-Cpanic=abort", "-Cstrip=symbols", "-o"]);
    output(rustc.arg(&empty).arg(&source))?;
    let ours = Side::command(dsr_version).check(|said| says(said, "dsr"));
    pair("version", 1.3, SHORT, ours, Side::command(|| Command::new(&empty)))
}

fn dsr_version() -> Command {
    let mut dsr = Command::new(binary());
    dsr.arg("--version");
    dsr
}

/// What a command that needs policies takes longer than one that needs none; 2 ms are allowed.
fn policy_load(data: &Data) -> Result<Row> {
    Ok(with_policy(data)?.beside(Duration::from_millis(2)))
}

/// A deadline needs statute, calendar and one policy, and no store. The other side reads its command line
/// too, which a bare `--version` does not.
pub fn with_policy(data: &Data) -> Result<Row> {
    let nowhere = data.file("no-store.db");
    let arguments =
        ["deadline", "--right", "access", "--received", "2026-03-20", "--controller", "automaster"];
    let ours = Side::command(|| {
        let mut deadline = data.dsr(&nowhere, &arguments);
        deadline.args(["--format", "json"]);
        deadline
    });
    let theirs = Side::command(|| data.dsr(&nowhere, &["--quiet", "--version"]));
    pair("policy load / 2 ms", 1.0, SHORT, ours.check(|said| says(said, "2026-03")), theirs)
}

fn import(data: &Data) -> Result<Row> {
    let (ours, theirs) = (data.file("import.db"), data.file("shell.db"));
    let script = shell_import(data)?;
    let records = data.records.to_string();
    let counted = |path: &Path| {
        says(&output(&mut shell(path, &[], "SELECT 'records ' || count(*) FROM record"))?, &records)
    };
    let dsr = Side::command(|| data.import(&ours)).before(|| data.init(&ours)).check(|_| counted(&ours));
    let bare =
        Side::command(|| shell(&theirs, &[], &script)).before(|| remove(&theirs)).check(|_| counted(&theirs));
    let row = pair("import", 1.0, LONG, dsr, bare);
    remove(&ours)?;
    remove(&theirs)?;
    row
}

/// The bare effect in the shell: the same tables, loaded from CSV in one transaction, then the indexes.
fn shell_import(data: &Data) -> Result<String> {
    let store = Connection::open(data.store()?)?;
    let (mut create, mut load, mut index) = (String::new(), String::new(), String::new());
    for table in ["subject", "identifier", "record"] {
        let csv = data.file(&format!("{table}.csv"));
        std::fs::write(&csv, rows_as_csv(&store, data, table)?)?;
        let schema = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        let sql: String = store.query_row(schema, [table], |row| row.get(0))?;
        create += &format!("{};\n", plain(&sql));
        load += &format!(".import --csv {} {table}\n", csv.display());
        let indexes =
            "SELECT sql || ';' FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql NOT NULL";
        let mut query = store.prepare(indexes)?;
        for sql in query.query_map([table], |row| row.get::<_, String>(0))? {
            index += &format!("{}\n", sql?);
        }
    }
    let script = data.file("import.sql");
    std::fs::write(&script, format!("{PRAGMAS}\nBEGIN;\n{create}{load}{index}COMMIT;\n"))?;
    Ok(format!(".read {}", script.display()))
}

/// A table that the shell can fill: not strict, since it reads text only, and without computed columns.
fn plain(create: &str) -> String {
    let create = create.trim_end().trim_end_matches("STRICT");
    match (create.find("GENERATED"), create.find("VIRTUAL")) {
        (Some(from), Some(to)) => format!("{}{}", &create[..from], &create[to + "VIRTUAL".len()..]),
        _ => create.to_owned(),
    }
}

/// A table as CSV; 16 random bytes become 16 letters, since CSV has no bytes.
fn rows_as_csv(store: &Connection, data: &Data, table: &str) -> Result<Vec<u8>> {
    let columns = "SELECT group_concat(iif(type = 'BLOB', 'substr(hex(' || name || '), 1, 16)', name))
                   FROM pragma_table_xinfo(?1)";
    let columns: String = store.query_row(columns, [table], |row| row.get(0))?;
    output(&mut shell(&data.store()?, &["-csv"], &format!("SELECT {columns} FROM {table}")))
}

fn export(data: &Data) -> Result<Row> {
    let store = data.store()?;
    let copy = data.file("copy.db");
    super::data::copy_store(&store, &copy)?;
    let middle = format!("P-{}", data.people / 2 + 1);
    let by_ref = format!("ref:{middle}");
    let arguments = ["export", "--subject", &by_ref, "--format", "json"];
    let select = format!(
        "{PRAGMAS}
         SELECT category, ref, collected_at, source, purposes, data FROM record
         WHERE subject = (SELECT id FROM subject WHERE ref = '{middle}' AND controller = 1);
         INSERT INTO bench_log (at, what) VALUES (unixepoch(), 'export {middle}');"
    );
    output(&mut shell(&copy, &[], "CREATE TABLE bench_log (id INTEGER PRIMARY KEY, at, what)"))?;
    let ours = Side::command(|| data.dsr(&store, &arguments)).check(ten_records);
    let theirs = Side::command(|| shell(&copy, &["-json"], &select)).check(ten_records);
    let row = pair("export (less policy load)", 1.25, SHORT, ours, theirs)?;
    remove(&copy)?;
    Ok(row.less(with_policy(data)?.difference()?))
}

/// Each record of the data set has one of these ten sources of values, whatever surrounds it.
fn ten_records(json: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(json);
    let count = text.matches("collected_at").count();
    ensure!(count == 10, "the answer has {count} records of 10");
    Ok(())
}

/// The log to verify: as many entries as the data set has records.
fn long_log(data: &Data) -> Result<std::path::PathBuf> {
    let path = data.file("log.db");
    if !path.exists() {
        data.one_person(&path)?;
        log::grow(&path, data.records)?;
    }
    Ok(path)
}

fn verify<'a>(data: &'a Data, path: &'a Path) -> Side<'a> {
    // Exit 0 is the answer; the number of entries shows that none was left out.
    Side::command(|| data.dsr(path, &["audit", "verify", "--format", "json"]))
        .check(|said| says(said, &data.records.to_string()))
}

fn verify_by_hashing(data: &Data) -> Result<Row> {
    let path = long_log(data)?;
    let entries = log::read(&Connection::open(&path)?)?;
    pair("verify / hashing", 3.5, LONG, verify(data, &path), Side::new(|| log::hash_all(&entries)))
}

fn verify_by_python(data: &Data) -> Result<Row> {
    let path = long_log(data)?;
    let script = data.file("verify.py");
    std::fs::write(&script, log::PYTHON)?;
    // The interpreter's own file: a version manager's shim would cost it tens of milliseconds.
    let own_file = output(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]))?;
    let own_file = String::from_utf8(own_file)?;
    let python = || {
        let mut python = Command::new(own_file.trim());
        python.args(["-I", "-S"]).arg(&script).arg(&path);
        python
    };
    let entries = data.records.to_string();
    let theirs = Side::command(python).check(|said| says(said, &entries));
    pair("verify / python", 0.34, LONG, verify(data, &path), theirs)
}

/// The report with a row a case: the others sum up.
fn long_register(data: &Data) -> Result<std::path::PathBuf> {
    let path = data.file("register.db");
    if !path.exists() {
        data.one_person(&path)?;
        let open = ["--quiet", "request", "open", "--right", "access", "--subject", "ref:P-1", "--received"];
        let how = ["2026-11-20T09:30", "--channel", "registered_letter", "--tracking", "RR1"];
        output(data.dsr(&path, &open).args(how))?;
        cases::repeat(&path, data.records)?;
    }
    Ok(path)
}

/// Beside the shell that prints the same cells.
fn csv_report(data: &Data) -> Result<Row> {
    let store = long_register(data)?;
    let select = cases::as_report(NOW);
    let expected = cases::own_columns(&output(&mut shell(&store, &["-csv", "-header"], &select))?);
    let same = |said: &[u8]| {
        ensure!(cases::own_columns(said) == expected, "the two registers differ");
        Ok(())
    };
    let ours = Side::command(|| register(data, &store)).check(same);
    let theirs = Side::command(|| shell(&store, &["-csv", "-header"], &select)).check(same);
    pair("csv report", 1.0, LONG, ours, theirs)
}

/// Beside the shell that prints the columns as they are stored: less than the report says.
fn csv_raw(data: &Data) -> Result<Row> {
    let store = long_register(data)?;
    let rows = |said: &[u8]| {
        let count = said.iter().filter(|byte| **byte == b'\n').count() as u64;
        ensure!(count == data.records + 1, "{count} lines for {} cases", data.records);
        Ok(())
    };
    let ours = Side::command(|| register(data, &store)).check(rows);
    let theirs = Side::command(|| shell(&store, &["-csv", "-header"], cases::RAW)).check(rows);
    pair("csv report / raw columns", 1.0, LONG, ours, theirs)
}

fn register(data: &Data, store: &Path) -> Command {
    data.dsr(store, &["report", "register", "--controller", "automaster", "--lang", "en", "--format", "csv"])
}

fn says(said: &[u8], part: &str) -> Result<()> {
    let text = String::from_utf8_lossy(said);
    let first = text.lines().next().unwrap_or_default();
    text.contains(part).then_some(()).with_context(|| format!("`{part}` is not in the answer `{first}`"))
}

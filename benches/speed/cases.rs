//! A long register: one real case, repeated with another number, person and day.
//!
//! The rows are made in SQL, since opening a million cases one by one would measure something else. What the
//! shell prints of them is the report again, cell for cell, so that the two answers can be compared.

use std::path::Path;

use anyhow::{Result, ensure};
use rusqlite::Connection;

/// Repeats the only case of a store until there are this many, each a minute older than the one before: the
/// oldest of a million lies behind the last change of the clock in Kazakhstan (1 March 2024).
pub fn repeat(store: &Path, cases: u64) -> Result<()> {
    let store = Connection::open(store)?;
    let held: i64 = store.query_row("SELECT count(*) FROM case_file", [], |row| row.get(0))?;
    ensure!(held == 1, "{held} cases where one was opened");
    store.execute(REPEAT, [i64::try_from(cases)?])?;
    EVENTS.iter().try_for_each(|events| store.execute(events, []).map(drop))?;
    Ok(())
}

const REPEAT: &str = "
    WITH RECURSIVE step (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < ?1 - 1)
    INSERT INTO case_file
           (number, year, nth, controller, subject, asked, received_at, recorded_at, channel, tracking, language,
            representative, authority, identity, due, due_at, target, provisional, state, ended_at)
    SELECT printf('%d-%06d', 2010 + n / 100000, n % 100000 + 1), 2010 + n / 100000, n % 100000 + 1, controller,
           (SELECT uid FROM subject WHERE id = n % (SELECT count(*) FROM subject) + 1), asked,
           received_at - n * 60, recorded_at - n * 60, channel, tracking, language, representative, authority,
           identity, date(due, '-' || (n / 1440) || ' days'), due_at, target, provisional, state,
           iif(n % 3, recorded_at - n * 60 + 864000, NULL)
      FROM case_file, step WHERE case_file.year = 2026";

/// What happened to each: it came, was carried out, and two in three were answered.
const EVENTS: [&str; 3] = [
    "INSERT INTO case_event (case_id, at, actor, kind, payload)
     SELECT id, recorded_at, 'officer', 'received', '{\"channel\":\"email\",\"tracking\":null}' FROM case_file WHERE year <> 2026",
    "INSERT INTO case_event (case_id, at, actor, kind, payload)
     SELECT id, recorded_at + 60, 'officer', 'executed',
            '{\"ask\":null,\"command\":\"access\",\"decision\":\"grant\",\"waiting\":false}' FROM case_file WHERE year <> 2026",
    "INSERT INTO case_event (case_id, at, actor, kind, payload)
     SELECT id, ended_at, 'officer', 'answered', '{\"channel\":\"email\",\"number\":\"01-17\"}'
       FROM case_file WHERE year <> 2026 AND ended_at IS NOT NULL",
];

/// What `report register` says, in SQL: the same cells, before quoting, but for those that the rules give.
pub fn as_report(now: &str) -> String {
    let time =
        |column: &str| format!("strftime('%Y-%m-%dT%H:%M:%S', {column} + 18000, 'unixepoch') || '+05:00'");
    let (received, recorded, due_at, ended) =
        (time("received_at"), time("recorded_at"), time("due_at"), time("ended_at"));
    let flag = |condition: &str| format!("iif({condition}, 'true', 'false')");
    let today = now.get(..10).unwrap_or_default();
    let overdue = flag(&format!("due < ifnull(date(ended_at + 18000, 'unixepoch'), '{today}')"));
    let event = |kind: &str, value: &str| {
        format!(
            "(SELECT {value} FROM case_event e WHERE e.case_id = f.id AND e.kind = '{kind}' ORDER BY e.id DESC LIMIT 1)"
        )
    };
    let decision = event("executed", "payload ->> 'decision'");
    let refusal = event("refused", "payload ->> 'ground'");
    let answered = event("answered", &time("e.at"));
    let (letter, channel) =
        (event("answered", "payload ->> 'number'"), event("answered", "payload ->> 'channel'"));
    let executor = "(SELECT actor FROM case_event e WHERE e.case_id = f.id
                      AND e.kind IN ('executed', 'answered', 'refused') ORDER BY e.id DESC LIMIT 1)";
    let actions = "(SELECT group_concat(payload ->> 'command', '|') FROM case_event e
                     WHERE e.case_id = f.id AND e.kind = 'executed')";
    let blocked = format!("(SELECT {} FROM block b WHERE b.case_id = f.id)", time("min(b.since)"));
    let acts = "(SELECT group_concat(d.number, '|') FROM destruction d WHERE d.case_id = f.id)";
    format!(
        "SELECT number, code AS controller, asked AS right, {received} AS received, {recorded} AS recorded, channel, tracking,
                lower(hex(subject)) AS subject, {} AS representative, {} AS authority, identity, due,
                {due_at} AS due_at, target, {} AS provisional, state, {ended} AS ended, {overdue} AS overdue,
                {blocked} AS blocked, {decision} AS decision, {refusal} AS refusal, {actions} AS actions, {acts} AS acts,
                {answered} AS answered, {letter} AS answer_number, {channel} AS answer_channel, {executor} AS executor
           FROM case_file f JOIN controller c ON c.id = f.controller ORDER BY f.id",
        flag("representative IS NOT NULL"),
        flag("authority IS NOT NULL"),
        flag("provisional"),
    )
}

/// The bare columns: what the shell prints without being asked for readable times.
pub const RAW: &str = "
    SELECT number, code, asked, received_at, recorded_at, channel, tracking, hex(subject), representative,
           authority, identity, due, due_at, target, provisional, state, ended_at
      FROM case_file f JOIN controller c ON c.id = f.controller ORDER BY f.id";

/// How many columns are compared cell for cell: those of the case itself. The shell has no rules, so that the
/// others do not stand in the same order.
const COLUMNS: usize = 18;

/// The columns of a register that the shell prints too, without quotes and carriage returns.
pub fn own_columns(csv: &[u8]) -> Vec<u8> {
    let bare = bare(csv);
    let lines = bare.split_inclusive(|byte| *byte == b'\n');
    let line = |line: &[u8]| {
        let cells: Vec<&[u8]> = line.split(|byte| matches!(byte, b',' | b'\n')).take(COLUMNS).collect();
        [cells.join(&b","[..]), b"\n".to_vec()].concat()
    };
    lines.flat_map(line).collect()
}

/// A register without quotes and carriage returns: the same bytes, whoever wrote it.
pub fn bare(csv: &[u8]) -> Vec<u8> {
    csv.iter().copied().filter(|byte| !matches!(byte, b'"' | b'\r')).collect()
}

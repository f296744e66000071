//! A role on the own store: its file and its settings, and after each operation an entry of its log in the same
//! commit.

use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result, anyhow};
use dsr::{
    audit::{Act, Actor, Clock, Files, Frontier, Log, State},
    domain::{LogId, Moment},
};
use rusqlite::{Connection, Row, TransactionBehavior, params_from_iter};

use super::work::{Answer, INDEXES, LOGS, Operation, SCHEMA, STATEMENTS, record};
use crate::data::{NOW, PRAGMAS};

/// Everything that is written besides: what the store asks of each of its connections.
const SETTINGS: &str = "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA foreign_keys=ON;";

/// The store, opened.
pub struct Own {
    conn: Connection,
    log: Log,
    sql: HashMap<&'static str, String>,
}

/// Adds the table to a new store.
pub fn fill(store: &Path, records: u64) -> Result<()> {
    let mut conn = Connection::open(store)?;
    conn.execute_batch(&format!("{PRAGMAS}{SCHEMA}"))?;
    let transaction = conn.transaction()?;
    let mut insert = transaction.prepare(&placed(STATEMENTS[0].sql))?;
    for i in 0..records {
        insert.execute(params_from_iter(record(i, records / 10)))?;
    }
    drop(insert);
    transaction.execute_batch(INDEXES)?;
    Ok(transaction.commit()?)
}

/// Parameters as SQLite numbers them.
fn placed(sql: &str) -> String {
    sql.replace('$', "?")
}

impl Own {
    /// Opens a store and reads where its log ends.
    pub fn open(store: &Path) -> Result<Self> {
        let conn = Connection::open(store)?;
        conn.execute_batch(&format!("{PRAGMAS}{SETTINGS}"))?;
        conn.set_prepared_statement_cache_capacity(64);
        let id: [u8; 16] =
            conn.query_row("SELECT value FROM meta WHERE key = 'store_id'", [], |row| row.get(0))?;
        let frontier = {
            let mut query = conn.prepare("SELECT level, hash FROM audit_frontier ORDER BY level DESC")?;
            let levels = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Frontier::from_pairs(levels.collect::<rusqlite::Result<Vec<_>>>()?)
        };
        let log = Log::resume(LogId::from_bytes(id), frontier.context("the log has no end")?);
        let mut sql: HashMap<_, _> = STATEMENTS.iter().map(|one| (one.name, placed(one.sql))).collect();
        // What came before the first operation is the store's own.
        let logs = format!(
            "SELECT CAST(bytes AS text) FROM audit_entry WHERE seq > {} ORDER BY seq DESC LIMIT CAST(?1 AS bigint)",
            log.size()
        );
        sql.insert(LOGS, logs);
        Ok(Self { conn, log, sql })
    }

    /// One operation and its entry, committed.
    pub fn run(&mut self, operation: &Operation) -> Result<Answer> {
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let answer = answer(&transaction, &self.sql, operation)?;
        let appended = self.log.append(act(operation, answer)?);
        let mut entry = transaction.prepare_cached("INSERT INTO audit_entry (seq, bytes) VALUES (?1, ?2)")?;
        let seq = i64::try_from(appended.seq)?;
        entry.execute((seq, appended.bytes))?;
        let mut head = transaction.prepare_cached("INSERT INTO audit_head (size, root) VALUES (?1, ?2)")?;
        head.execute((seq, appended.root))?;
        // The larger subtrees stand, as the store's own writing leaves them.
        let changed = self.log.frontier().same_from(appended.seq - 1);
        transaction.prepare_cached("DELETE FROM audit_frontier WHERE level < ?1")?.execute([changed])?;
        let mut open =
            transaction.prepare_cached("INSERT INTO audit_frontier (level, hash) VALUES (?1, ?2)")?;
        for (level, hash) in self.log.frontier().pairs().filter(|(level, _)| *level < changed) {
            open.execute((level, hash))?;
        }
        drop((entry, head, open));
        transaction.commit()?;
        Ok(answer)
    }

    /// Takes the table away, so that what is left is a store like any other.
    pub fn end(self) -> Result<()> {
        Ok(self.conn.execute_batch("DROP TABLE datum")?)
    }
}

fn answer(conn: &Connection, sql: &HashMap<&'static str, String>, operation: &Operation) -> Result<Answer> {
    let mut query = conn.prepare_cached(sql.get(operation.name).context("a statement")?)?;
    let columns = query.column_count();
    if columns == 0 {
        return Ok(Answer::of(query.execute(params_from_iter(&operation.with))? as u64));
    }
    let mut rows = query.query(params_from_iter(&operation.with))?;
    let mut answer = Answer::default();
    while let Some(row) = rows.next()? {
        let cells: Vec<String> = cells(row, columns)?;
        // Two logs have the same lines, and each says it in its own way.
        if operation.name == LOGS { answer.rows += 1 } else { answer.add(&cells) }
    }
    Ok(answer)
}

fn cells(row: &Row<'_>, columns: usize) -> rusqlite::Result<Vec<String>> {
    (0..columns).map(|column| row.get(column)).collect()
}

fn act(operation: &Operation, answer: Answer) -> Result<Act> {
    let word = |text: &str| text.parse().map_err(|why: String| anyhow!(why));
    Ok(Act {
        at: Moment::parse(NOW).map_err(|why| anyhow!(why))?,
        clock: Clock::Drill,
        actor: Actor::new("bench", 0).map_err(|why| anyhow!(why))?,
        command: word(operation.name)?,
        case: None,
        controller: Some(word("automaster")?),
        subject: None,
        run: None,
        state: State::Done,
        counts: [(word("rows")?, answer.rows)].into(),
        rules: [].into(),
        files: Files::default(),
        leaves: None,
        output: None,
        program: word("bench")?,
    })
}

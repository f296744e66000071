//! The catalogue: what tables there are, and which database this is.

use mysql::{Conn, Row, prelude::Queryable};

use super::{
    super::{Beside, Column, Table, server},
    fault,
};
use crate::domain::Result;

const COLUMNS: &str = "\
    SELECT c.table_name, c.column_name, c.column_type, c.character_maximum_length, c.is_nullable = 'YES', \
           c.extra LIKE '%VIRTUAL GENERATED%' OR c.extra LIKE '%STORED GENERATED%' \
    FROM information_schema.columns c JOIN information_schema.tables t \
      ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
    WHERE c.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') \
    ORDER BY c.table_name, c.ordinal_position";

const UNIQUE: &str = "\
    SELECT table_name, index_name, column_name FROM information_schema.statistics \
    WHERE table_schema = DATABASE() AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index";

const FOREIGN: &str = "\
    SELECT table_name, constraint_name, column_name, \
           IF(referenced_table_schema = DATABASE(), referenced_table_name, CONCAT(referenced_table_schema, '.', referenced_table_name)), \
           referenced_column_name \
    FROM information_schema.key_column_usage \
    WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL \
    ORDER BY table_name, constraint_name, ordinal_position";

/// One row a table of which history stays, or that a storage engine without transactions keeps.
const KEPT: &str = "\
    SELECT t.table_name, t.table_type, t.engine, e.transactions = 'YES' \
    FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine \
    WHERE t.table_schema = DATABASE() AND (t.table_type = 'SYSTEM VERSIONED' OR e.transactions <> 'YES')";

/// Those alone that the role has the right to see.
const TRIGGERS: &str = "\
    SELECT DISTINCT event_object_table, trigger_name FROM information_schema.triggers \
    WHERE event_object_schema = DATABASE() AND event_manipulation IN ('UPDATE', 'DELETE') ORDER BY 1, 2";

/// Every table the role may see, sorted by name.
pub fn all(conn: &mut Conn, system: &str) -> Result<Vec<Table>> {
    let columns = ask(conn, system, COLUMNS)?;
    let mut tables = server::tables(columns.iter().map(|row| (text(row, 0), column(row))));
    keys(&ask(conn, system, UNIQUE)?, &mut tables);
    foreign(&ask(conn, system, FOREIGN)?, &mut tables);
    for row in ask(conn, system, KEPT)? {
        let history = (text(&row, 1) == "SYSTEM VERSIONED").then_some(Beside::History);
        let loose = (!flag(&row, 3)).then(|| Beside::Loose(text(&row, 2)));
        beside(&mut tables, &text(&row, 0), history.into_iter().chain(loose));
    }
    for row in ask(conn, system, TRIGGERS)? {
        beside(&mut tables, &text(&row, 0), [Beside::Trigger(text(&row, 1))]);
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tables)
}

fn beside(tables: &mut [Table], name: &str, all: impl IntoIterator<Item = Beside>) {
    if let Some(table) = tables.iter_mut().find(|table| table.name == name) {
        table.besides.extend(all);
    }
}

fn flag(row: &Row, at: usize) -> bool {
    row.get_opt(at).and_then(Result::ok).unwrap_or(false)
}

fn column(row: &Row) -> Column {
    let length: Option<u64> = row.get_opt(3).and_then(Result::ok).flatten();
    Column {
        name: text(row, 1),
        kind: text(row, 2),
        length: length.and_then(|length| u32::try_from(length).ok()),
        nullable: flag(row, 4),
        generated: flag(row, 5),
    }
}

fn ask(conn: &mut Conn, system: &str, sql: &str) -> Result<Vec<Row>> {
    conn.query(sql).map_err(|error| fault::of(system, "", &error))
}

fn text(row: &Row, at: usize) -> String {
    row.get_opt(at).and_then(Result::ok).unwrap_or_default()
}

fn keys(rows: &[Row], tables: &mut [Table]) {
    let mut last = (String::new(), String::new());
    for row in rows {
        let (name, index, column) = (text(row, 0), text(row, 1), text(row, 2));
        let Some(table) = tables.iter_mut().find(|table| table.name == name) else { continue };
        let same = last == (name, index.clone());
        match (index.as_str(), same) {
            ("PRIMARY", _) => table.key.push(column),
            (_, false) => table.unique.push(vec![column]),
            (_, true) => table.unique.last_mut().into_iter().for_each(|set| set.push(column.clone())),
        }
        last = (table.name.clone(), index);
    }
}

fn foreign(rows: &[Row], tables: &mut [Table]) {
    let mut last = (String::new(), String::new());
    for row in rows {
        let (name, constraint) = (text(row, 0), text(row, 1));
        let (own, other, there) = (text(row, 2), text(row, 3), text(row, 4));
        let Some(table) = tables.iter_mut().find(|table| table.name == name) else { continue };
        match table.foreign.last_mut() {
            Some((columns, _, theirs)) if last == (name.clone(), constraint.clone()) => {
                columns.push(own);
                theirs.push(there);
            }
            _ => table.foreign.push((vec![own], other, vec![there])),
        }
        last = (name, constraint);
    }
}

/// The server's own number, where it has one, and the database's name.
pub fn identity(conn: &mut Conn, system: &str) -> Result<String> {
    let failed = |error: mysql::Error| fault::of(system, "", &error);
    let name: Option<Option<String>> = conn.query_first("SELECT DATABASE()").map_err(failed)?;
    // MySQL has a number drawn at its birth; MariaDB only the one that replication gives it and where its files lie.
    let own = "SELECT @@global.server_uuid";
    let other = "SELECT CONCAT(@@global.server_id, ':', SHA2(@@global.datadir, 256))";
    let server: Option<String> = match conn.query_first(own) {
        Ok(found) => found,
        Err(mysql::Error::MySqlError(_)) => conn.query_first(other).map_err(failed)?,
        Err(error) => return Err(failed(error)),
    };
    Ok(format!("mysql:{}/{}", server.unwrap_or_default(), name.flatten().unwrap_or_default()))
}

//! The catalogue: what stands in the file's own schema.

use rusqlite::Connection;

use super::super::{Beside, Column, Table};

/// One table as it stands.
pub fn table(conn: &Connection, name: String) -> rusqlite::Result<Table> {
    let mut query =
        conn.prepare("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid")?;
    let mut rows = query.query([&name])?;
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (column, kind): (String, String) = (row.get(0)?, row.get(1)?);
        let nth: i64 = row.get(3)?;
        if nth > 0 {
            key.push((nth, column.clone()));
        }
        // A key is empty here unless that is said; only the number of the row itself, which has no index, never is.
        let numbers_rows = nth > 0 && !has_key_index(conn, &name)?;
        let nullable = !row.get::<_, bool>(2)? && !numbers_rows;
        let generated = row.get::<_, i64>(4)? > 1;
        columns.push(Column { length: length(&kind), name: column, kind, nullable, generated });
    }
    key.sort();
    let key = key.into_iter().map(|(_, column)| column).collect();
    let (unique, foreign, besides) = (unique(conn, &name)?, foreign(conn, &name)?, triggers(conn, &name)?);
    Ok(Table { columns, key, unique, foreign, besides, name })
}

fn has_key_index(conn: &Connection, table: &str) -> rusqlite::Result<bool> {
    conn.prepare("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'")?.exists([table])
}

/// `REFERENCES other` without columns means the other's key.
pub fn with_implied_keys(mut all: Vec<Table>) -> Vec<Table> {
    let keys: Vec<(String, Vec<String>)> =
        all.iter().map(|table| (table.name.clone(), table.key.clone())).collect();
    for (_, other, theirs) in all.iter_mut().flat_map(|table| &mut table.foreign) {
        let key = keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(other));
        if let Some((name, key)) = key {
            other.clone_from(name);
            if theirs.is_empty() {
                theirs.clone_from(key);
            }
        }
    }
    all
}

/// Triggers that run when a row is changed or deleted: what they run on stands before `ON`.
fn triggers(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Beside>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 ORDER BY name";
    let mut query = conn.prepare(sql)?;
    let mut rows = query.query([table])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, sql): (String, String) = (row.get(0)?, row.get(1)?);
        let mut head = sql.split_whitespace().take_while(|word| !word.eq_ignore_ascii_case("on"));
        if head.any(|word| ["update", "delete"].iter().any(|event| word.eq_ignore_ascii_case(event))) {
            found.push(Beside::Trigger(name));
        }
    }
    Ok(found)
}

/// `VARCHAR(20)` holds 20, though this engine does not mind.
fn length(kind: &str) -> Option<u32> {
    if !kind.to_ascii_uppercase().contains("CHAR") {
        return None;
    }
    kind.split_once('(')?.1.split_once(')')?.0.trim().parse().ok()
}

fn unique(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let sql = "SELECT l.name, i.name FROM pragma_index_list(?1) l JOIN pragma_index_info(l.name) i
                WHERE l.\"unique\" AND NOT l.partial AND l.origin <> 'pk' ORDER BY l.name, i.seqno";
    let mut query = conn.prepare(sql)?;
    let mut rows = query.query([table])?;
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (index, Some(column)): (String, Option<String>) = (row.get(0)?, row.get(1)?) else { continue };
        match all.last_mut().filter(|(known, _)| *known == index) {
            Some((_, columns)) => columns.push(column),
            None => all.push((index, vec![column])),
        }
    }
    Ok(all.into_iter().map(|(_, columns)| columns).collect())
}

/// Own columns, the other table, its columns.
type ForeignKey = (Vec<String>, String, Vec<String>);

fn foreign(conn: &Connection, table: &str) -> rusqlite::Result<Vec<ForeignKey>> {
    let sql = "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq";
    let mut query = conn.prepare(sql)?;
    let mut rows = query.query([table])?;
    let mut all: Vec<(i64, ForeignKey)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, other): (i64, String) = (row.get(0)?, row.get(1)?);
        let (from, to): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        if all.last().is_none_or(|(known, _)| *known != id) {
            all.push((id, (Vec::new(), other, Vec::new())));
        }
        if let Some((_, (own, _, theirs))) = all.last_mut() {
            own.push(from);
            theirs.extend(to);
        }
    }
    Ok(all.into_iter().map(|(_, key)| key).collect())
}

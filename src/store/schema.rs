//! Is the schema exactly ours? A store with a trigger, a view or a table that we did not make is refused:
//! a trigger that copies rows on delete would undo every erasure.

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::fault::damaged;
use crate::domain::{Error, Kind, Result, hex};

/// Digest of the schema at the newest version: a test computes it again from the SQL files.
const FINGERPRINT: &str = "d04e4b714e0f8706245c09fd2f280a6fa3e2084298aa23f01d1db070447c94ca";

const STATISTICS: &str = "statistics (ANALYZE copies values)";

/// The way out of a store that is refused for statistics alone, by which such an error is known.
pub const UNANALYSE: &str = "take them away, and the values in them: dsr sanitize";

/// Compares the schema with the one that the SQL files make.
///
/// # Errors
/// [`crate::domain::Kind::Integrity`], naming the first thing that should not be there.
pub(super) fn check(conn: &Connection) -> Result<()> {
    if fingerprint(conn)? == FINGERPRINT {
        return Ok(());
    }
    Err(damaged(match stranger(conn)? {
        Some(STATISTICS) => {
            return Err(Error::new(
                Kind::Integrity,
                format!("the store has {STATISTICS} that dsr did not make"),
            )
            .hint(UNANALYSE));
        }
        Some(what) => format!("the store has {what} that dsr did not make"),
        None => "the tables of the store are not those that dsr made".into(),
    }))
}

/// Digest over kind, name and text of everything in the schema, in an order of its own.
fn fingerprint(conn: &Connection) -> Result<String> {
    let mut query =
        conn.prepare("SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema ORDER BY type, name")?;
    let mut rows = query.query([])?;
    let mut digest = Sha256::new();
    while let Some(row) = rows.next()? {
        for column in 0..4 {
            digest.update(row.get_ref(column)?.as_str().unwrap_or_default());
            digest.update([0]);
        }
    }
    Ok(hex::text(&digest.finalize()))
}

/// What to name in the error: something that no version of ours has.
fn stranger(conn: &Connection) -> Result<Option<&'static str>> {
    for (what, condition) in [
        ("a trigger", "type = 'trigger'"),
        ("a view", "type = 'view'"),
        ("a virtual table", "sql LIKE 'CREATE VIRTUAL%'"),
        // Last: it alone has a way out.
        (STATISTICS, "name LIKE 'sqlite_stat%'"),
    ] {
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE {condition}");
        if conn.query_row(&sql, [], |row| row.get::<_, i64>(0))? > 0 {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// The tables that ANALYZE makes.
fn statistics(conn: &Connection) -> Result<Vec<String>> {
    let mut query = conn.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'sqlite_stat[0-9]' ORDER BY name",
    )?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether ANALYZE left statistics.
pub(super) fn has_statistics(conn: &Connection) -> Result<bool> {
    Ok(!statistics(conn)?.is_empty())
}

/// Drops them, with the values that were copied into them.
pub(super) fn drop_statistics(conn: &Connection) -> Result<()> {
    statistics(conn)?.iter().try_for_each(|name| Ok(conn.execute_batch(&format!("DROP TABLE {name}"))?))
}

/// Drops every index that was made by name, for a bulk load or a new version.
pub(super) fn drop_indexes(conn: &Connection) -> Result<()> {
    let mut query = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")?;
    let names: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for name in names {
        conn.execute_batch(&format!("DROP INDEX \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::migrate;

    fn fresh() -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate::up(&mut conn, 0, crate::domain::Moment::from_unix(0)).unwrap();
        conn
    }

    #[test]
    fn the_fingerprint_is_that_of_the_sql_files() {
        assert_eq!(fingerprint(&fresh()).unwrap(), FINGERPRINT, "put this digest into schema.rs");
    }

    #[test]
    fn anything_added_or_changed_is_noticed() {
        for (about, sql) in [
            (
                "a trigger",
                "CREATE TRIGGER t AFTER DELETE ON record BEGIN INSERT INTO meta VALUES ('x', old.data); END",
            ),
            ("a view", "CREATE VIEW v AS SELECT 1"),
            ("a virtual table", "CREATE VIRTUAL TABLE f USING fts5(x)"),
            ("statistics", "INSERT INTO category (word) VALUES ('a'); ANALYZE"),
            ("a table", "CREATE TABLE copy (x)"),
            ("a column", "ALTER TABLE record ADD COLUMN copy TEXT"),
            ("an index less", "DROP INDEX record_ref"),
        ] {
            let conn = fresh();
            conn.execute_batch(sql).unwrap();
            assert!(check(&conn).is_err(), "{about}");
        }
    }

    #[test]
    fn a_bulk_load_leaves_the_same_schema() {
        let conn = fresh();
        drop_indexes(&conn).unwrap();
        conn.execute_batch(migrate::INDEXES).unwrap();
        check(&conn).unwrap();
    }
}

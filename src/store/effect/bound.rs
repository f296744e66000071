//! Which key file belongs to a store: another one's would let the destroyed come back, and say nothing.

use rusqlite::OptionalExtension;

use crate::{
    domain::{Error, Result, hex},
    store::{KeyFile, Tx, View},
};

/// The row of `meta` with the mark of nobody, by which a key is known again.
const CHECK: &str = "key_check";

fn mark(key: &KeyFile) -> String {
    let digits = hex::digits(key.mac("", 0, CHECK).as_slice());
    String::from_utf8_lossy(&digits).into_owned()
}

impl View<'_> {
    /// Whether marks of this store were made under this key. Any key will do for a store without marks.
    ///
    /// # Errors
    /// Configuration (exit 6): it is the key of another store.
    pub fn check_key(&self, key: &KeyFile) -> Result<()> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let known: Option<String> = query.query_row([CHECK], |row| row.get(0)).optional()?;
        if known.is_none_or(|known| known == mark(key)) {
            return Ok(());
        }
        Err(Error::config("the key file is another store's: its marks are not those of this store")
            .hint("bring back the right one; nothing was done"))
    }
}

impl Tx<'_> {
    /// Takes leave of a key that is lost: from the next mark on the store knows another. Gives how many marks nobody
    /// can tell any more since then: people who were destroyed, and purposes that somebody stopped who is not held. Those of
    /// a key that was lost before were counted with it.
    ///
    /// # Errors
    /// As any write.
    pub fn forget_key(&self) -> Result<(u64, u64)> {
        self.prepare("DELETE FROM meta WHERE key = ?1")?.execute([CHECK])?;
        Ok((
            self.newly_lost("tombstones_lost", "FROM tombstone")?,
            self.newly_lost("suppressions_lost", "FROM suppression WHERE mac IS NOT NULL")?,
        ))
    }

    /// Counts rows after the last that was counted in this row of `meta`, and remembers the last one now.
    fn newly_lost(&self, row: &str, from: &str) -> Result<u64> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let counted: Option<i64> = query.query_row([row], |row| row.get(0)).optional()?;
        let mut query =
            self.prepare(&format!("SELECT ifnull(max(id), 0), count(*) FILTER (WHERE id > ?1) {from}"))?;
        let (last, many) = query.query_row([counted.unwrap_or(0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let last: i64 = last;
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((row, last.max(counted.unwrap_or(0))))?;
        let many: i64 = many;
        Ok(u64::try_from(many).unwrap_or_default())
    }

    /// From the first mark on, the store knows its key.
    ///
    /// # Errors
    /// Configuration (exit 6): it is the key of another store.
    pub fn bind_key(&self, key: &KeyFile) -> Result<()> {
        self.check_key(key)?;
        let mut insert =
            self.prepare("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
        insert.execute((CHECK, mark(key))).map(drop).map_err(Into::into)
    }
}

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
    /// can tell any more: people who were destroyed, and purposes that somebody stopped who is not held.
    ///
    /// # Errors
    /// As any write.
    pub fn forget_key(&self) -> Result<(u64, u64)> {
        let count = |sql: &str| -> Result<u64> {
            let many: i64 = self.prepare(sql)?.query_row([], |row| row.get(0))?;
            Ok(u64::try_from(many).unwrap_or_default())
        };
        self.prepare("DELETE FROM meta WHERE key = ?1")?.execute([CHECK])?;
        Ok((
            count("SELECT count(*) FROM tombstone")?,
            count("SELECT count(*) FROM suppression WHERE mac IS NOT NULL")?,
        ))
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

//! Which database a system was when it was last checked.

use rusqlite::OptionalExtension;

use crate::{
    domain::{Moment, Result},
    store::{Tx, View},
};

impl View<'_> {
    /// What the system said of itself when it was checked; `None`: it never was.
    ///
    /// # Errors
    /// As any read.
    pub fn remote_identity(&self, system: &str) -> Result<Option<String>> {
        let mut query = self.prepare("SELECT identity FROM remote_identity WHERE system = ?1")?;
        Ok(query.query_row([system], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Keeps what the system says of itself.
    ///
    /// # Errors
    /// As any write.
    pub fn know_identity(&self, system: &str, identity: &str, at: Moment) -> Result<()> {
        let sql = "INSERT INTO remote_identity (system, identity, checked_at) VALUES (?1, ?2, ?3)
                   ON CONFLICT (system) DO UPDATE SET identity = excluded.identity, checked_at = excluded.checked_at";
        self.prepare(sql)?.execute((system, identity, at.unix()))?;
        Ok(())
    }

    /// Keeps what it says of itself by now, without another look at it.
    ///
    /// # Errors
    /// As any write.
    pub fn identity_moved(&self, system: &str, identity: &str) -> Result<()> {
        let sql = "UPDATE remote_identity SET identity = ?2 WHERE system = ?1";
        self.prepare(sql)?.execute((system, identity))?;
        Ok(())
    }
}

//! Statistics that an administrator's ANALYZE left in the store: copies of values that no destruction reaches.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{Meta, Store, absolute, identify, look, lost, peek, private, read_meta};
use crate::{
    domain::Result,
    store::{
        View,
        known::{self, Standing},
        migrate, pragma, schema,
    },
};

impl Store {
    /// Takes the statistics out of a store, in one transaction, if they are all that is strange in it. Their bytes are
    /// overwritten as they are deleted. `false`: there are none.
    ///
    /// # Errors
    /// As [`Store::open`], and what `admits` says. Then the file is untouched.
    pub fn drop_statistics(
        path: &Path,
        lock_wait: Duration,
        admits: impl FnOnce(&Meta, &Standing) -> Result<()>,
    ) -> Result<bool> {
        let path = absolute(path)?;
        let permissions = look(&path).map_err(|error| lost(&path, error))?;
        peek(&path).map_err(|error| lost(&path, error))?;
        private(&path, &permissions)?;
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(&path, access)?;
        pragma::harden(&conn, lock_wait)?;
        if identify(&conn, &path)? != migrate::newest() || !schema::has_statistics(&conn)? {
            return Ok(false);
        }
        pragma::apply(&conn, true)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        schema::drop_statistics(&tx)?;
        schema::check(&tx)?;
        migrate::check(&tx)?;
        let meta = read_meta(&tx)?;
        admits(&meta, &known::standing(&View::of(&tx, &meta), &path)?)?;
        tx.commit()?;
        Ok(true)
    }
}

//! Transactions. Everything that is read or written lies in one; an error undoes all of it.
//!
//! `transact` begins IMMEDIATE, so that what was read cannot change before it is written: a read-modify-write
//! that begins DEFERRED loses updates or fails at once, however long it was told to wait.

use std::{
    cell::{Cell, RefCell},
    ops::Deref,
};

use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior};

use super::{
    append::LogEnd,
    known::{self, Standing},
    ledger::{Going, seal::Hand},
    log::AuditHead,
    open::{Meta, Mode, Store},
};
use crate::{
    audit::Checkpoint,
    domain::{Error, Kind, LogId, Result},
};

#[cfg(test)]
thread_local! {
    /// What was prepared, for the test that asks for query plans.
    pub(in crate::store) static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A consistent view of the store.
pub struct View<'s> {
    conn: &'s Connection,
    meta: &'s Meta,
}

/// A view that may also change the store. Nothing lasts until the closure of [`Store::transact`] is done.
pub struct Tx<'s> {
    view: View<'s>,
    pub(super) log: RefCell<Option<LogEnd>>,
    pub(super) going: Going,
    pub(super) ledger: Hand<'s>,
    went_back: &'s Cell<bool>,
}

impl<'s> Deref for Tx<'s> {
    type Target = View<'s>;

    fn deref(&self) -> &Self::Target {
        &self.view
    }
}

impl Store {
    /// Reads and changes: `BEGIN IMMEDIATE`, then `COMMIT` if `work` returns `Ok`, else nothing happened.
    ///
    /// # Errors
    /// Whatever `work` returns; exit 75 if another command holds the store too long; exit 1 if the store
    /// was opened for reading only.
    pub fn transact<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        if self.mode == Mode::ReadOnly {
            return Err(Error::new(Kind::Failed, "the store was opened for reading only"));
        }
        self.standing.check()?;
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tx = Tx {
            view: View { conn: &transaction, meta: &self.meta },
            log: RefCell::new(None),
            going: Going::default(),
            ledger: Hand {
                store: &self.path,
                seen: &self.ledger_seen,
                fits: matches!(self.standing, Standing::Fits(_)),
            },
            went_back: &self.went_back,
        };
        let done = work(&tx)?;
        let heads = tx.finish_log()?;
        // In the ledger first: what is gone must never come back, not even from a backup.
        tx.leave(heads.map(|(first, _)| first))?;
        drop(tx);
        if let Err(error) = transaction.commit() {
            return Err(self.uncommitted(heads.map(|(_, last)| last), error.into()));
        }
        if let Some((_, last)) = heads {
            self.known(last);
        }
        Ok(done)
    }

    /// Why a commit failed. The last thing that it syncs is a journal that is empty by then: where that fails, what was written
    /// stands for everybody who looks, and "nothing is half-done" would deny it.
    fn uncommitted(&mut self, last: Option<AuditHead>, error: Error) -> Error {
        let stands = last.is_some_and(|head| self.read(|view| view.has_head(&head)).unwrap_or(false));
        if !stands {
            return error;
        }
        Error::new(Kind::Partial, "what was written stands, but the disk has not confirmed that it lasts")
            .hint("see to the disk before anything is repeated; `dsr audit verify` and `dsr status` say what stands")
            .because(error)
    }

    /// Keeps the head beside the store. What was committed stays so, whatever becomes of this: a head that is
    /// behind is still true, and `doctor` says so.
    fn known(&mut self, head: AuditHead) {
        let log = LogId::from_bytes(self.meta.store_id);
        let head = Checkpoint { log, size: head.size, root: head.root };
        if known::raise(self.path(), &head).is_ok() {
            self.standing = Standing::Fits(head);
        }
    }

    /// [`Store::transact`] for a batch that takes many rows away with everything that hangs on them: the
    /// engine's cascades are off, because `work` does their part with one statement a table.
    ///
    /// # Errors
    /// As [`Store::transact`].
    pub fn sweep<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.conn.pragma_update(None, "foreign_keys", "OFF")?;
        let done = self.transact(work);
        let back = self.conn.pragma_update(None, "foreign_keys", "ON");
        let done = done?;
        back?;
        Ok(done)
    }

    /// A cache for a run over the whole store: it keeps the pages of the indexes from one batch to the next.
    ///
    /// # Errors
    /// As any read.
    pub fn widen(&self) -> Result<()> {
        Ok(self.conn.pragma_update(None, "cache_size", "-49152")?)
    }

    /// Reads one consistent state.
    ///
    /// # Errors
    /// Whatever `work` returns; exit 75 if another command is writing for too long.
    pub fn read<T>(&mut self, work: impl FnOnce(&View<'_>) -> Result<T>) -> Result<T> {
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Deferred)?;
        work(&View { conn: &transaction, meta: &self.meta })
    }

    /// [`Store::transact`] for a bulk load: sorting may spill into the store's own directory, so that
    /// making indexes over millions of rows stays in bounded memory.
    ///
    /// # Errors
    /// As [`Store::transact`].
    pub fn load<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        if let Some(directory) = self.path().parent().and_then(|path| path.to_str()) {
            self.conn.pragma_update(None, "temp_store_directory", directory)?;
            self.conn.pragma_update(None, "temp_store", "FILE")?;
        }
        self.conn.pragma_update(None, "cache_size", "-32768")?;
        let done = self.transact(work);
        // What was committed stays committed, whatever becomes of the settings.
        let _ = self.conn.pragma_update(None, "temp_store", "MEMORY");
        let _ = self.conn.pragma_update(None, "cache_size", "-16384");
        done
    }
}

impl<'s> View<'s> {
    /// Of a store that is being opened.
    pub(in crate::store) fn of(conn: &'s Connection, meta: &'s Meta) -> Self {
        Self { conn, meta }
    }

    /// The connection, for the modules of the store only.
    pub(in crate::store) fn conn(&self) -> &'s Connection {
        self.conn
    }

    /// A statement, prepared once a connection.
    pub(in crate::store) fn prepare(&self, sql: &str) -> Result<CachedStatement<'s>> {
        #[cfg(test)]
        SEEN.with_borrow_mut(|seen| seen.push(sql.to_owned()));
        Ok(self.conn.prepare_cached(sql)?)
    }

    /// What the store says about itself.
    pub fn meta(&self) -> &Meta {
        self.meta
    }

    /// The name of its log.
    pub fn log_id(&self) -> LogId {
        LogId::from_bytes(self.meta.store_id)
    }

    /// The codes of all controllers that have data or cases here, in order.
    ///
    /// # Errors
    /// As any read.
    pub fn controllers(&self) -> Result<Vec<String>> {
        let mut query = self.prepare("SELECT code FROM controller ORDER BY code")?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The code behind the key of a controller.
    pub(in crate::store) fn controller_code(&self, id: i64) -> Result<String> {
        let mut query = self.prepare("SELECT code FROM controller WHERE id = ?1")?;
        Ok(query.query_row([id], |row| row.get(0))?)
    }

    /// The key of a controller; `None` where the store never heard of it (so holds nothing of it).
    pub(in crate::store) fn controller(&self, code: &str) -> Result<Option<i64>> {
        let mut query = self.prepare("SELECT id FROM controller WHERE code = ?1")?;
        Ok(query.query_row([code], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Whether the clock went back, for an entry before which it did, and for all that one command says after it.
    pub fn stays_back(&self, back: bool) -> bool {
        let back = back || self.went_back.get();
        self.went_back.set(back);
        back
    }

    /// The key of a controller, made where it is new.
    pub(in crate::store) fn controller_or_new(&self, code: &str) -> Result<i64> {
        if let Some(known) = self.controller(code)? {
            return Ok(known);
        }
        self.conn().execute("INSERT INTO controller (code) VALUES (?1)", [code])?;
        Ok(self.conn().last_insert_rowid())
    }

    /// The key of a category, made where it is new.
    pub(in crate::store) fn category_or_new(&self, word: &str) -> Result<i64> {
        let mut query = self.prepare("SELECT id FROM category WHERE word = ?1")?;
        if let Some(known) = query.query_row([word], |row| row.get(0)).optional()? {
            return Ok(known);
        }
        self.conn().execute("INSERT INTO category (word) VALUES (?1)", [word])?;
        Ok(self.conn().last_insert_rowid())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::cast;

    #[test]
    fn an_error_undoes_everything() {
        let mut store = cast::empty();
        let undone: Result<()> = store.transact(|tx| {
            tx.controller_or_new("mycar")?;
            Err(Error::usage("no"))
        });
        assert!(undone.is_err());
        assert_eq!(store.read(|view| view.controllers()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_record_takes_its_search_keys_with_it_but_a_person_must_be_empty() {
        let mut store = cast::dealership();
        store.transact(|tx| cast::furnish(tx, 1)).unwrap();
        let run =
            |store: &mut Store, sql: &'static str| store.transact(|tx| Ok(tx.conn().execute(sql, [])?));
        let derived = "INSERT INTO identifier (subject, controller, type, key, record) SELECT subject, controller, 3, '+7', id FROM record LIMIT 1";
        assert_eq!(run(&mut store, derived).unwrap(), 1);
        assert!(run(&mut store, "DELETE FROM subject WHERE ref = 'C-1'").is_err());
        run(&mut store, "DELETE FROM record").unwrap();
        let left: i64 = store
            .conn
            .query_row("SELECT count(*) FROM identifier WHERE key = '+7'", [], |r| r.get(0))
            .unwrap();
        assert_eq!(left, 0);
    }
}

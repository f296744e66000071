//! Opening the store as nearly every command does.

use super::world::World;
use crate::{
    domain::Result,
    store::{Mode, Store, health},
};

impl World<'_, '_> {
    /// Opens the store, unless it is older than the head that is known of it or not the same log.
    ///
    /// # Errors
    /// As [`World::open_as_it_is`]; integrity (exit 9) where the store does not fit its known head;
    /// configuration (exit 6) where others may open a file beside it.
    pub fn open(&mut self, mode: Mode) -> Result<Store> {
        let store = self.open_as_it_is(mode)?;
        store.standing().check()?;
        health::private(store.path())?;
        Ok(store)
    }
}

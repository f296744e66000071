//! Opening the store as nearly every command does. Whoever is refused has changed nothing in it before.

use std::{path::Path, time::Duration};

use super::world::World;
use crate::{
    domain::{Error, Kind, Result},
    render::Format,
    store::{Meta, Mode, Standing, Store, health},
};

impl World<'_, '_> {
    /// Opens the store, unless it is older than the head that is known of it or not the same log.
    ///
    /// # Errors
    /// As [`World::open_as_it_is`]; integrity (exit 9) where the store does not fit its known head;
    /// configuration (exit 6) where others may open a file beside it.
    pub fn open(&mut self, mode: Mode) -> Result<Store> {
        let path = self.store_path()?;
        let store = self.opened(mode, |standing| fits(&path, standing))?;
        fits(store.path(), store.standing())?;
        Ok(store)
    }

    /// Opens the store, even older than its known head. A real one refuses `DSR_NOW`; a drill store says that it is one.
    ///
    /// # Errors
    /// The kinds of [`Store::open`]; usage (exit 2) for `DSR_NOW` on a real store.
    pub fn open_as_it_is(&mut self, mode: Mode) -> Result<Store> {
        self.opened(mode, |_| Ok(()))
    }

    /// Takes statistics of the engine out of the store, if there are any and [`World::open`] would not refuse it.
    ///
    /// # Errors
    /// As [`World::open`].
    pub fn drop_statistics(&self) -> Result<bool> {
        let path = self.store_path()?;
        let is_invented = self.drill_now().is_some();
        Store::drop_statistics(&path, self.lock_wait(), |meta, standing| {
            same_time(meta, is_invented).and_then(|()| fits(&path, standing))
        })
    }

    /// A store of an older version is brought to the present one by whoever may write, if `fits` does not refuse it.
    fn opened(&mut self, mode: Mode, fits: impl FnOnce(&Standing) -> Result<()>) -> Result<Store> {
        let (path, wait) = (self.store_path()?, self.lock_wait());
        let is_invented = self.drill_now().is_some();
        let opened = Store::open(&path, mode, wait);
        let older = opened.as_ref().is_err_and(|error| error.kind() == Kind::Config);
        let admits =
            |meta: &Meta, standing: &Standing| same_time(meta, is_invented).and_then(|()| fits(standing));
        let store = if older && mode == Mode::ReadWrite && Store::upgrade(&path, wait, self.now(), admits)? {
            self.note("the store was brought to the version of this program")?;
            Store::open(&path, mode, wait)?
        } else {
            opened?
        };
        if let Some(warning) = store.warning() {
            self.note(&format!("warning: {warning}"))?;
        }
        same_time(store.meta(), is_invented)?;
        if store.meta().drill_since.is_some() {
            self.tell_drill(&store)?;
        }
        Ok(store)
    }

    fn tell_drill(&mut self, store: &Store) -> Result<()> {
        self.mark_drill(store.meta().drill_since);
        let unsaid = !std::mem::replace(&mut self.told_drill, true);
        if unsaid && matches!(self.style().format, Format::Table | Format::Csv) {
            self.note("drill store: invented time, not for real requests")?;
        }
        Ok(())
    }

    fn lock_wait(&self) -> Duration {
        Duration::from_secs(self.global.lock_wait)
    }
}

/// A store and what lies beside it may be used.
fn fits(path: &Path, standing: &Standing) -> Result<()> {
    standing.check()?;
    health::private(path)
}

/// An invented time is for drill stores only.
fn same_time(meta: &Meta, is_invented: bool) -> Result<()> {
    if is_invented && meta.drill_since.is_none() {
        return Err(Error::usage("DSR_NOW is set, but this is a real store")
            .hint("unset DSR_NOW; only a store created under it accepts another time"));
    }
    Ok(())
}

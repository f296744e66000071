//! Statistics of the engine that were taken out of the store: the log says so.

use super::context::{Context, Said};
use crate::{audit::State, domain::Result, store::Store};

/// Says in the log that they were taken away ([`Store::drop_statistics`]).
///
/// # Errors
/// As any write.
pub fn taken_away(store: &mut Store, context: &Context) -> Result<()> {
    let said = Said { counts: [("statistics".to_owned(), 1)].into(), ..Said::default() };
    store.transact(|tx| context.log(tx, "sanitize", State::Executed, said).map(drop))
}

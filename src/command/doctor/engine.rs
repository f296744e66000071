//! The engine, the pages of the store, and what is written on them.

use super::Finding;
use crate::{
    domain::{Error, Kind, Result},
    store::{self, Store},
};

/// The engine, and whether its settings have their effect.
pub(super) fn engine(store: &Store) -> Result<Vec<Finding>> {
    let wrong = store.wrong_settings()?;
    let flags = store.compile_options()?;
    let named =
        |start: &str| flags.iter().filter(|flag| flag.starts_with(start)).cloned().collect::<Vec<_>>();
    let told =
        [named("SECURE_DELETE"), named("TEMP_STORE"), named("THREADSAFE"), named("ENABLE_STAT4")].concat();
    Ok(vec![
        ("dsr", true, format!("{}, store version {}", env!("CARGO_PKG_VERSION"), store::schema_version())),
        ("sqlite", true, store::engine_version().to_owned()),
        ("compile flags", true, format!("{}; nothing relies on them", told.join(" "))),
        match wrong.as_slice() {
            [] => ("settings", true, "each has its effect".into()),
            _ => (
                "settings",
                false,
                format!("without effect: {}: use the dsr that was shipped", wrong.join(", ")),
            ),
        },
    ])
}

/// What is on the pages, and whether the register says something.
pub(super) fn pages(store: &mut Store) -> [Finding; 2] {
    let ill = |what, error: &Error| (what, false, format!("{}: dsr restore BACKUP", error.message()));
    [
        match store.quick_check().and_then(|()| store.references_hold()) {
            Ok(()) => ("quick check", true, "every page is sound".into()),
            Err(error) => ill("quick check", &error),
        },
        match store.read(|view| view.register_is_legible()) {
            Ok(()) => ("register", true, "every case, act and consent can be read".into()),
            Err(error) => ill("register", &error),
        },
    ]
}

/// What the register says about it was told before.
pub(super) fn unread_act(error: Error) -> Result<Finding> {
    if error.kind() == Kind::Integrity { Ok(super::ill("destruction", &error)) } else { Err(error) }
}

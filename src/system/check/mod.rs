//! A map against the database as it stands: whatever is in the one and not in the other, and whatever the map means
//! to do that the database will not let it do.

mod besides;
mod columns;
mod fixed;
mod kind;
mod probe;
mod tables;
mod ways;

pub use columns::{unclassified, unmapped};
pub use fixed::refuses;
pub use kind::{Live, live};
pub use probe::probe;
pub use tables::{is_declared, tied};
pub use ways::both_ways;

use super::{
    engine::Table,
    map::{Collection, Map, Ownership, Strategy},
};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// It has to be mended (exit 6); else it is only worth knowing.
    pub is_error: bool,
    /// One word for scripts.
    pub code: &'static str,
    /// The collection.
    pub collection: String,
    /// The column, where it is about one.
    pub field: Option<String>,
    /// What is wrong. Never with a value in it.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Finding {
    fn error(
        code: &'static str,
        collection: &str,
        field: Option<&str>,
        message: impl Into<String>,
        hint: &str,
    ) -> Self {
        let (collection, field) = (collection.to_owned(), field.map(str::to_owned));
        Self { is_error: true, code, collection, field, message: message.into(), hint: hint.to_owned() }
    }

    fn warning(
        code: &'static str,
        collection: &str,
        field: Option<&str>,
        message: impl Into<String>,
        hint: &str,
    ) -> Self {
        Self { is_error: false, ..Self::error(code, collection, field, message, hint) }
    }
}

/// Everything that the catalogue shows, errors first.
pub fn against(map: &Map, live: &[Table]) -> Vec<Finding> {
    let mut found = tables::check(map, live);
    for collection in map.collections.iter().filter(|one| !one.skip) {
        if let Some(table) = table_of(live, &collection.name) {
            found.extend(columns::check(collection, (table, live), may_stay(map, collection)));
            found.extend(fixed::flags(collection, table));
            found.extend(tables::key(collection, table));
            found.extend(besides::check(collection, table));
        }
    }
    found.sort_by_key(|one| !one.is_error);
    found
}

/// A reference of the map by one column of a key of several: it would be walked to rows of other people.
pub fn split_key(map: &Map, live: &[Table]) -> Option<Finding> {
    tables::check(map, live).into_iter().find(|one| one.code == "split-key")
}

/// Whether a row can be kept when something in it is erased: it holds several categories, something refers to it,
/// somebody else appears in it, or it is never deleted at all.
fn may_stay(map: &Map, collection: &Collection) -> bool {
    let mut categories: Vec<_> =
        collection.fields.iter().filter_map(|field| field.category.as_ref()).collect();
    categories.sort();
    categories.dedup();
    let links = map.collections.iter().flat_map(|one| &one.fields).flat_map(|field| &field.references);
    let referred =
        links.clone().any(|link| link.to.dataset == map.key && link.to.collection == collection.name);
    let own = collection.fields.iter().flat_map(|field| &field.references);
    let shared = own.clone().any(|link| link.ownership == Ownership::Accessor);
    collection.erase != Some(Strategy::Delete) || categories.len() > 1 || referred || shared
}

/// The table of a collection: a map may name the schema that the database leaves out.
pub fn table_of<'t>(live: &'t [Table], collection: &str) -> Option<&'t Table> {
    let bare = collection.strip_prefix("public.").unwrap_or(collection);
    live.iter().find(|table| table.name == collection || table.name == bare)
}

#[cfg(test)]
mod tests;

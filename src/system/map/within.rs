//! What one map can be checked for by itself: names that stand once, columns that are meant and described,
//! references that end somewhere.

use std::collections::BTreeSet;

use super::{Address, Collection, Map, meaning, page::Page, raw};
use crate::policy::yaml::Spanned;

/// Checks a map against its file.
pub fn check(page: &Page<'_>, raw: &raw::Dataset, map: &Map) {
    once(page, "collection", raw.collections.iter().map(|one| &one.name));
    for (raw, collection) in raw.collections.iter().zip(&map.collections) {
        once(page, "field", raw.fields.iter().map(|one| &one.name));
        columns(page, raw, collection);
        if raw.fields.is_empty() && !collection.skip {
            page.wrong(
                &raw.name,
                "the collection has no fields",
                "name its columns, or take it out of the map",
            );
        }
        raw.fields.iter().for_each(|field| references(page, map, raw, field));
    }
}

/// Writes the addresses of the own dataset as its collections are called.
pub fn resolve(map: &mut Map) {
    let known = map.clone();
    for collection in &mut map.collections {
        let links =
            collection.fields.iter_mut().flat_map(|field| &mut field.references).map(|link| &mut link.to);
        let order = collection.after.iter_mut().chain(&mut collection.erase_after);
        for address in links.chain(order).filter(|address| address.dataset == known.key) {
            if let Some(found) = known.find(address) {
                *address = found;
            }
        }
    }
}

impl Map {
    /// An address as this map writes it: with the schema, and the dot in the right place. `None`: there is no such
    /// collection or field.
    pub fn find(&self, address: &Address) -> Option<Address> {
        let whole = match address.field.as_str() {
            "" => address.collection.clone(),
            field => format!("{}.{field}", address.collection),
        };
        let at = |collection: &Collection| {
            let bare = collection.name.rsplit_once('.').map(|(_, bare)| bare);
            [Some(collection.name.as_str()), bare].into_iter().flatten().find_map(|name| {
                let rest = whole.strip_prefix(name)?;
                let field = if rest.is_empty() { "" } else { rest.strip_prefix('.')? };
                let meant = address.field.is_empty() == field.is_empty();
                (meant && (field.is_empty() || collection.field(field).is_some())).then(|| field.to_owned())
            })
        };
        self.collections.iter().find_map(|collection| {
            let field = at(collection)?;
            Some(Address { dataset: self.key.clone(), collection: collection.name.clone(), field })
        })
    }

    /// Whether an address that was found lies inside a column.
    pub fn is_inside(&self, found: &Address) -> bool {
        let field = self.collection(&found.collection).and_then(|one| one.field(&found.field));
        field.is_some_and(super::Field::is_inside)
    }

    /// A collection by its name.
    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|one| one.name == name)
    }
}

impl Collection {
    /// A column by its name.
    pub fn field(&self, name: &str) -> Option<&super::Field> {
        self.fields.iter().find(|one| one.name == name)
    }

    /// The column of the table in which a field lies.
    pub fn column_of<'a>(&'a self, field: &'a str) -> &'a str {
        self.field(field).map_or(field, |field| field.column.as_str())
    }

    /// The columns of the key, in the order of the file; none = its rows can be read, never changed.
    pub fn key(&self) -> Vec<&str> {
        self.fields.iter().filter(|field| field.primary_key).map(|field| field.name.as_str()).collect()
    }

    /// Whether anything in it is about a person.
    pub fn is_personal(&self) -> bool {
        self.fields.iter().any(|field| field.category.is_some())
    }
}

impl super::Field {
    /// Whether it lies inside a column.
    pub fn is_inside(&self) -> bool {
        self.name != self.column
    }
}

fn once<'a>(page: &Page<'_>, what: &str, names: impl Iterator<Item = &'a Spanned<String>>) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.value.as_str()) {
            page.wrong(name, &format!("the {what} `{}` stands twice", name.value), "keep one of the two");
        }
    }
}

/// Columns that are meant have to be described.
fn columns(page: &Page<'_>, raw: &raw::Collection, collection: &Collection) {
    let meant = raw.dsr_meta.iter().flat_map(meaning::columns);
    let fields = raw.fields.iter().filter_map(|field| field.dsr_meta.as_ref());
    let blanked = fields.flat_map(|more| &more.blank);
    let known: Vec<&str> = collection.fields.iter().map(|field| field.name.as_str()).collect();
    let inside = nested(&raw.fields);
    for name in meant.chain(blanked) {
        if inside.contains(&name.value) {
            let message = format!(
                "`{}` lies inside a column, and only a whole column is read or written for this",
                name.value
            );
            page.wrong(name, &message, "name a column of the table");
        } else if !known.contains(&name.value.as_str()) {
            page.unknown(
                name,
                &format!("`{}` has other columns: the column `{}` is not known", collection.name, name.value),
                &known,
            );
        }
    }
}

/// The dotted names of what lies inside columns.
fn nested(raw: &[raw::Field]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for field in raw {
        for inner in field.fields.iter().flatten() {
            let below = nested(std::slice::from_ref(inner));
            names.extend(
                below
                    .into_iter()
                    .chain([inner.name.value.clone()])
                    .map(|name| format!("{}.{name}", field.name.value)),
            );
        }
    }
    names
}

/// A reference into the own dataset ends at a column, and not where it began.
fn references(page: &Page<'_>, map: &Map, own: &raw::Collection, field: &raw::Field) {
    let links = field.fides_meta.iter().filter_map(|meta| meta.references.as_deref()).flatten();
    for link in links.filter(|link| link.dataset == map.key) {
        let Some((collection, rest)) = link.field.value.split_once('.') else { continue };
        let address =
            Address { dataset: link.dataset.clone(), collection: collection.into(), field: rest.into() };
        match map.find(&address) {
            None => {
                let message = format!("there is no `{}` in the dataset `{}`", link.field.value, link.dataset);
                page.wrong(&link.field, &message, "a reference ends at a collection and a field of the map");
            }
            Some(found) if map.is_inside(&found) => {
                let message =
                    format!("no row is found by `{}`, which lies inside a column", link.field.value);
                page.wrong(&link.field, &message, "a reference ends at a column of the table");
            }
            Some(_) if link.field.value == format!("{}.{}", own.name.value, field.name.value) => {
                page.wrong(&link.field, "the field refers to itself", "take the reference away");
            }
            Some(_) => {}
        }
    }
    field.fields.iter().flatten().for_each(|inner| references(page, map, own, inner));
}

//! From the file to a checked map: what one file can say about itself.

use super::{
    Address, Collection, Map, Strategy, category::Words, field, meaning, page::Page, raw, strategy, within,
};
use crate::{
    domain::{Error, Result},
    policy::{
        Rulebook,
        yaml::{self, Spanned},
    },
};

/// A map and what its officer should know about it.
#[derive(Clone, Debug)]
pub struct Read {
    /// The map.
    pub map: Map,
    /// Sentences with their places: a category that was guessed, an identity that means nothing here.
    pub notes: Vec<String>,
}

/// Reads one dataset of a file. `shown` is the path as the user knows it; `dataset` says which, where the file
/// has several.
///
/// # Errors
/// Configuration (exit 6), with the place of every fault: words that are not known, columns that are meant but
/// not described, erasing that cannot work on a column.
pub fn read(shown: &str, text: &str, dataset: Option<&str>, rulebook: &Rulebook) -> Result<Read> {
    let file: raw::File = yaml::read(shown, text)?;
    let raw = pick(shown, file.dataset, dataset)?;
    let page = Page::new(shown, text);
    let words = Words::new(rulebook);
    let schema = raw.fides_meta.as_ref().and_then(|meta| meta.namespace.as_ref()?.schema.clone());
    let collections = raw.collections.iter().map(|one| collection(&page, &words, schema.as_deref(), one));
    let mut map = Map { key: raw.fides_key.value.clone(), collections: collections.collect() };
    within::check(&page, &raw, &map);
    within::resolve(&mut map);
    Ok(Read { map, notes: page.close()? })
}

fn pick(shown: &str, datasets: Vec<raw::Dataset>, wanted: Option<&str>) -> Result<raw::Dataset> {
    let keys: Vec<String> = datasets.iter().map(|one| one.fides_key.value.clone()).collect();
    let several = keys.len() > 1;
    let mut fit = datasets.into_iter().filter(|one| wanted.is_none_or(|key| one.fides_key.value == key));
    match (fit.next(), wanted) {
        (Some(one), Some(_)) => Ok(one),
        (Some(one), None) if !several => Ok(one),
        (Some(_), None) => Err(Error::config(format!("{shown} has several datasets"))
            .hint(format!("say which with `dataset:` in dsr.yaml: {}", keys.join(", ")))),
        (None, Some(key)) => Err(Error::config(format!("{shown} has no dataset `{key}`"))
            .hint(format!("it has {}", keys.join(", ")))),
        (None, None) => Err(Error::config(format!("{shown} has no dataset"))
            .hint("an empty map never means `nothing lies there`")),
    }
}

fn collection(page: &Page<'_>, words: &Words<'_>, schema: Option<&str>, raw: &raw::Collection) -> Collection {
    let nothing = raw::CollectionMeta::default();
    let meta = raw.fides_meta.as_ref().unwrap_or(&nothing);
    let name = match schema {
        Some(schema) if !raw.name.value.contains('.') => format!("{schema}.{}", raw.name.value),
        _ => raw.name.value.clone(),
    };
    let meaning = raw.dsr_meta.as_ref().map(|raw| meaning::read(page, words, raw)).unwrap_or_default();
    let own = words.of_collection(page, raw, &meaning);
    Collection {
        name,
        fields: field::all(page, words, own.as_ref(), &raw.fields),
        after: addresses(page, meta.after.as_deref()),
        erase_after: addresses(page, meta.erase_after.as_deref()),
        skip: meta.skip_processing.unwrap_or_default(),
        erase: meta.masking_strategy_override.as_ref().and_then(|raw| whole_row(page, raw)),
        meaning,
    }
}

/// A row as a whole is deleted or left; anything else is said of its columns.
fn whole_row(page: &Page<'_>, raw: &raw::Masking) -> Option<Strategy> {
    match raw.strategy.value.as_str() {
        "delete" => Some(Strategy::Delete),
        "preserve" => Some(Strategy::Preserve),
        word if strategy::WORDS.contains(&word) => {
            page.wrong(
                &raw.strategy,
                &format!("a row cannot be erased by `{word}`"),
                "say it of each column",
            );
            None
        }
        _ => {
            page.unknown(
                &raw.strategy,
                &format!("the strategy `{}` is not known", raw.strategy.value),
                &["delete", "preserve"],
            );
            None
        }
    }
}

/// `dataset.collection`, the collection with or without a schema.
fn addresses(page: &Page<'_>, raw: Option<&[Spanned<String>]>) -> Vec<Address> {
    let address = |text: &Spanned<String>| {
        let (dataset, collection) = text.value.split_once('.').or_else(|| {
            page.wrong(text, "this is no `dataset.collection`", "write both, with a dot between them");
            None
        })?;
        Some(Address { dataset: dataset.into(), collection: collection.into(), field: String::new() })
    };
    raw.unwrap_or_default().iter().filter_map(address).collect()
}

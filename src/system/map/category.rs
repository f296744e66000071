//! Which of the policy's categories a column belongs to, by the public data categories.
//!
//! A policy gives each of its fields a public key. A column's data category fits a field where it is that key or
//! stands under it, on a dot boundary: `user.name.first` fits `user.name`, `user.namespace` does not. The longest
//! key wins; among equals the collection's own category, else the one that the policy names first.

use super::{Meaning, page::Page, raw};
use crate::{
    domain::{Category, IdentifierType},
    policy::{Rulebook, model::FieldDef, yaml::Spanned},
};

/// What every public data category stands under.
const ROOTS: [&str; 2] = ["user", "system"];

/// The policy's words.
pub struct Words<'a> {
    rulebook: &'a Rulebook,
}

/// Where a column belongs.
pub struct Fit {
    /// The policy's category.
    pub category: Category,
    /// The policy's field, where the key is its own.
    pub field: Option<String>,
    /// Other categories fit as well.
    pub others: Vec<String>,
}

impl<'a> Words<'a> {
    /// The words of one policy.
    pub fn new(rulebook: &'a Rulebook) -> Self {
        Self { rulebook }
    }

    /// A category that the map names.
    pub fn category(&self, page: &Page<'_>, word: &Spanned<String>) -> Option<Category> {
        let category = Category::new(&word.value);
        if self.rulebook.category(&category).is_some() {
            return Some(category);
        }
        let known: Vec<&str> = self.rulebook.categories().iter().map(|def| def.id.as_str()).collect();
        page.unknown(word, &format!("the category `{}` is not known", word.value), &known);
        None
    }

    /// A field of a category that the map names.
    pub fn field(&self, page: &Page<'_>, category: &Category, word: &Spanned<String>) -> Option<String> {
        let def = self.rulebook.category(category)?;
        if def.open || def.field(&word.value).is_some() {
            return Some(word.value.clone());
        }
        let known: Vec<&str> = def.fields.iter().map(|field| field.name.as_str()).collect();
        page.unknown(
            word,
            &format!("`{category}` has other fields: the field `{}` is not known", word.value),
            &known,
        );
        None
    }

    /// Whether a category has a field of this name.
    pub fn has_field(&self, category: &Category, name: &str) -> bool {
        self.rulebook.category(category).is_some_and(|def| def.field(name).is_some())
    }

    /// The category that an identifier lies in.
    pub fn of_identity(&self, kind: IdentifierType) -> Option<Category> {
        self.rulebook.identifier_category(kind).cloned()
    }

    /// A collection's own: by `dsr_meta`, else by its data categories.
    pub fn of_collection(
        &self,
        page: &Page<'_>,
        raw: &raw::Collection,
        meaning: &Meaning,
    ) -> Option<Category> {
        let keys = self.keys(page, raw.data_categories.as_deref());
        let by_key = || Some(self.of_keys(&keys, None)?.category);
        let own = meaning.category.clone().or_else(by_key);
        if let (Some(category), None) = (&own, &meaning.category) {
            page.note(&raw.name, &format!("taken for `{category}` by its data categories"));
        }
        own
    }

    /// Data categories as written. One that stands under neither root would fit nothing and look classified.
    pub fn keys(&self, page: &Page<'_>, raw: Option<&[Spanned<String>]>) -> Vec<String> {
        let raw = raw.unwrap_or_default();
        for word in raw.iter().filter(|word| !ROOTS.iter().any(|root| is_under(&word.value, root))) {
            let fields = self.rulebook.categories().iter().flat_map(|def| &def.fields);
            let known: Vec<&str> = ROOTS.into_iter().chain(fields.map(|field| field.key.as_str())).collect();
            page.unknown(word, &format!("the data category `{}` is not known", word.value), &known);
        }
        raw.iter().map(|word| word.value.clone()).collect()
    }

    /// The category of a column by its data categories; what fits none of the policy's is held without a clause.
    pub fn of_keys(&self, keys: &[String], own: Option<&Category>) -> Option<Fit> {
        let personal: Vec<&String> = keys.iter().filter(|key| is_under(key, "user")).collect();
        if personal.is_empty() {
            return None;
        }
        let best = self.candidates(&personal);
        let names = |best: &[(usize, Category, Option<String>)]| {
            best.iter().map(|(_, category, _)| category.to_string()).collect::<Vec<_>>()
        };
        let all = names(&best);
        let chosen = best.iter().find(|(_, category, _)| Some(category) == own).or(best.first()).cloned();
        match chosen {
            Some((_, category, field)) => {
                let by_own = Some(&category) == own;
                let others = all.into_iter().filter(|name| !by_own && name != category.as_str()).collect();
                Some(Fit { category, field, others })
            }
            None => own.cloned().or_else(|| self.excess()).map(|category| Fit {
                category,
                field: None,
                others: Vec::new(),
            }),
        }
    }

    /// The category of what is held without a clause.
    fn excess(&self) -> Option<Category> {
        self.rulebook.categories().iter().find(|def| def.excess).map(|def| def.id.clone())
    }

    /// One entry a category, all with the longest key there is. A column is a field of the policy only where both have
    /// one key and the policy tells nothing apart under it: a full name is no patronymic, a city no address.
    fn candidates(&self, keys: &[&String]) -> Vec<(usize, Category, Option<String>)> {
        let mut found: Vec<(usize, Category, Option<String>)> = Vec::new();
        for def in self.rulebook.categories().iter().filter(|def| def.personal) {
            let fits = def.fields.iter().filter(|field| keys.iter().any(|key| is_under(key, &field.key)));
            let Some(longest) = fits.clone().map(|field| depth(&field.key)).max() else { continue };
            let is_whole = |field: &&FieldDef| {
                keys.iter().any(|key| **key == field.key)
                    && !def
                        .fields
                        .iter()
                        .any(|other| other.key != field.key && is_under(&other.key, &field.key))
            };
            let mut exact = fits.filter(|field| depth(&field.key) == longest).filter(is_whole);
            let name = exact.next().map(|field| field.name.clone());
            let field = if exact.next().is_some() { None } else { name };
            found.push((longest, def.id.clone(), field));
        }
        let longest = found.iter().map(|(depth, ..)| *depth).max();
        found.retain(|(depth, ..)| Some(*depth) == longest);
        found
    }
}

fn depth(key: &str) -> usize {
    key.split('.').count()
}

/// On a dot boundary.
fn is_under(key: &str, above: &str) -> bool {
    key.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_on_dot_boundaries() {
        for (key, above, expected) in [
            ("user.name", "user.name", true),
            ("user.name.first", "user.name", true),
            ("user.namespace", "user.name", false),
            ("user", "user.name", false),
        ] {
            assert_eq!(is_under(key, above), expected, "{key} {above}");
        }
    }
}

//! What the rules built into the program say: the words of other languages were said of these, and of no other version.

use std::{collections::BTreeMap, sync::OnceLock};

use crate::policy::{Library, body::Body, model::Rule};

/// The rules by id; none where one cannot be read, so that whatever reads otherwise is quoted.
fn rules() -> &'static BTreeMap<String, Rule> {
    static RULES: OnceLock<BTreeMap<String, Rule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let library = Library::embedded();
        let books = library.controllers().into_iter().filter_map(|id| library.rulebook(&id).ok());
        let rules = books.flat_map(|book| book.policy.rules.into_iter().chain(book.statute.rules));
        rules.map(|rule| (rule.id.clone(), rule)).collect()
    })
}

/// Whether a rule has the gist that was translated.
pub(super) fn says_the_same(rule: &Rule) -> bool {
    rules().get(&rule.id).is_some_and(|known| known.says == rule.says)
}

/// Whether a rule names what was translated: a recipient by who it is, anything else by all that it carries.
pub(super) fn names_the_same(rule: &Rule) -> bool {
    rules().get(&rule.id).is_some_and(|known| match (&known.body, &rule.body) {
        (Body::Recipient(known), Body::Recipient(one)) => known.who == one.who,
        (known, body) => known == body,
    })
}

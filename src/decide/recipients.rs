//! Who is told: recipients of what stops, changes or is gone, as the register of disclosures has them.

use std::collections::{BTreeMap, BTreeSet};

use super::purposes;
use crate::{
    domain::{Action, Category, Disclosure, Purpose, Reason, RecordKey, Scope, Step, SubjectFacts},
    policy::vocabulary::Exception,
};

/// What happened, as far as it concerns others.
#[derive(Debug, Default)]
pub(super) struct News<'a> {
    /// Categories that were changed or are gone.
    pub categories: BTreeSet<Category>,
    /// Purposes that stopped.
    pub purposes: &'a [Purpose],
    /// Scopes of which consent was withdrawn.
    pub scopes: Vec<Scope>,
    /// Where it is about everything of the person, what is held here or not: all but these categories, which stay.
    pub all_but: Option<BTreeSet<Category>>,
}

/// One step a recipient, by name. A state body that demanded the data by law is not told: no request
/// of a person ends its right (art. 19(1)).
pub(super) fn told(facts: &SubjectFacts, news: &News<'_>, why: &Reason) -> Vec<Step> {
    let mut by_name = BTreeMap::<(&str, &str), Vec<RecordKey>>::new();
    for one in facts.disclosures.iter().filter(|one| concerns(one, news)) {
        let key = RecordKey { id: one.id, version: 0 };
        by_name.entry((&one.recipient, &one.country)).or_default().push(key);
    }
    let step = |((name, country), keys): ((&str, &str), _)| Step {
        keys,
        about: vec![name.to_owned(), country.to_owned()],
        ..Step::new(Action::Notify, "disclosure", why.clone())
    };
    by_name.into_iter().map(step).collect()
}

fn concerns(one: &Disclosure, news: &News<'_>) -> bool {
    let data = one.categories.iter().any(|category| news.categories.contains(category));
    let purpose = purposes::covered(&one.purpose, news.purposes);
    let consent =
        one.basis == Exception::Consent.as_str() && news.scopes.iter().any(|scope| reaches(*scope, one));
    let whole = news.all_but.as_ref().is_some_and(|stays| {
        one.categories.is_empty() || one.categories.iter().any(|category| !stays.contains(category))
    });
    one.basis != Exception::StateDemand.as_str() && (data || purpose || consent || whole)
}

fn reaches(scope: Scope, one: &Disclosure) -> bool {
    scope == Scope::ThirdParty || scope == Scope::CrossBorder && one.country != "KZ"
}

//! What a new version of a policy changes for people, by class: more of what a company does, less of what a
//! person may.
//!
//! Significant, as AutoMaster's clause 11 leaves undefined, is read as: a new purpose, or one that rests on something
//! else; a new recipient, country, kind of data, a longer term of storage, a weaker ban, a right made less. All else
//! is told too.

use std::collections::BTreeSet;

use super::{
    body::Body,
    explain::{self, Tongue},
    model::{Policy, PurposeDef, Rule},
};
use crate::domain::{Right, channel::words};

mod asked;
mod bodies;
mod categories;
mod details;
mod retention;
mod rights;
mod way;

words! {
    /// The class of a change.
    Class, "class of change" {
        /// A purpose that the earlier text did not name.
        NewPurpose = "new_purpose",
        /// A purpose of another class, or resting on another basis.
        NewBasis = "new_basis",
        /// A recipient that it did not name.
        NewRecipient = "new_recipient",
        /// A recipient that may now lie abroad.
        NewCountry = "new_country",
        /// Data that it did not collect.
        NewData = "new_data",
        /// Data may stay longer.
        LongerRetention = "longer_retention",
        /// A ban is gone, or has one more exception.
        WeakerBan = "weaker_ban",
        /// A right is gone, slower, or gives or stops less.
        ShorterRight = "shorter_right",
        /// A purpose is gone.
        PurposeGone = "purpose_gone",
        /// A recipient is gone.
        RecipientGone = "recipient_gone",
        /// Data stays shorter.
        ShorterRetention = "shorter_retention",
        /// A right is new, faster, or gives or stops more.
        MoreRight = "more_right",
        /// Something else reads otherwise.
        Other = "other",
    }
}

impl Class {
    /// Whether people have to be told of it.
    pub fn is_significant(self) -> bool {
        self <= Self::ShorterRight
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its class.
    pub class: Class,
    /// What it is about: a purpose, a recipient, a right, a category, the kind of a rule.
    pub what: String,
    /// The list of words that this stands in.
    pub group: &'static str,
    /// The same as a person reads it, where no list of words has it: a recipient.
    pub name: Option<String>,
    /// The rule that changed, by its id in the new text where it stands there.
    pub rule: String,
    /// How it was.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
}

/// Every change from one version to another, the significant first.
pub fn diff(before: &Policy, after: &Policy) -> Vec<Change> {
    diff_in(before, after, &explain::English)
}

/// The same in the same order, with how it was and how it is in the words of a language.
pub fn diff_in(before: &Policy, after: &Policy, t: &dyn Tongue) -> Vec<Change> {
    let mut changes = Vec::new();
    purposes(before, after, t, &mut changes);
    bases(before, after, t, &mut changes);
    recipients(before, after, t, &mut changes);
    data(before, after, t, &mut changes);
    for (old, new) in pairs(before, after) {
        retention::change(old, new, after, t, &mut changes);
        ban(old, new, t, &mut changes);
    }
    for right in Right::ALL {
        rights::changed(before, after, right, t, &mut changes);
    }
    categories::changed(before, after, t, &mut changes);
    categories::identifiers(before, after, t, &mut changes);
    details::of_policy(before, after, &mut changes);
    others(before, after, t, &mut changes);
    changes.sort_by(|a, b| (a.class, &a.what).cmp(&(b.class, &b.what)));
    changes
}

fn change(class: Class, what: &str, rule: &str, before: Option<String>, after: Option<String>) -> Change {
    use Class as C;
    let group = match class {
        C::NewPurpose | C::NewBasis | C::PurposeGone => "purpose",
        C::NewRecipient | C::NewCountry | C::RecipientGone => "recipient",
        C::NewData => "field",
        C::LongerRetention | C::ShorterRetention => "category",
        C::ShorterRight | C::MoreRight => "right",
        C::WeakerBan | C::Other => "vocabulary",
    };
    Change { class, what: what.to_owned(), group, name: None, rule: rule.to_owned(), before, after }
}

/// Rules of one id in both texts, and those that stand in one only.
fn pairs<'p>(before: &'p Policy, after: &'p Policy) -> Vec<(Option<&'p Rule>, Option<&'p Rule>)> {
    let of = |policy: &'p Policy, id: &str| policy.rules.iter().find(|rule| rule.id == id);
    let mut all: Vec<_> = before.rules.iter().map(|old| (Some(old), of(after, &old.id))).collect();
    let fresh = after.rules.iter().filter(|new| of(before, &new.id).is_none());
    all.extend(fresh.map(|new| (None, Some(new))));
    all
}

fn purposes(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    for (class, from, to) in [(Class::NewPurpose, before, after), (Class::PurposeGone, after, before)] {
        let known = |word: &str| from.purposes.iter().any(|def| def.word.as_str() == word);
        for def in to.purposes.iter().filter(|def| !known(def.word.as_str())) {
            let (word, rule) = (def.word.as_str(), def.rule.clone().unwrap_or_default());
            let (spoken, basis) = (t.word("purpose", word), t.word("vocabulary", def.basis.as_str()));
            let said = Some(t.say(&format!("{spoken}, resting on {basis}")));
            let (old, new) = if class == Class::NewPurpose { (None, said) } else { (said, None) };
            changes.push(change(class, word, &rule, old, new));
        }
    }
}

/// A purpose that stays and is carried by something else: what a withdrawal of consent ends hangs on it.
fn bases(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    let words = |def: &PurposeDef| {
        let (class, basis) =
            (t.word("vocabulary", def.class.as_str()), t.word("vocabulary", def.basis.as_str()));
        Some(t.say(&format!("{class}, resting on {basis}")))
    };
    for new in &after.purposes {
        let old = before.purposes.iter().find(|old| old.word == new.word);
        if let Some(old) = old.filter(|old| (old.class, old.basis) != (new.class, new.basis)) {
            let rule = new.rule.clone().unwrap_or_default();
            changes.push(change(Class::NewBasis, new.word.as_str(), &rule, words(old), words(new)));
        }
    }
}

fn recipients(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    let (old, new) = (named(before, t), named(after, t));
    let about = |one: &Named<'_>, class, was, is| {
        let name = Some(one.name.clone());
        Change { name, ..change(class, &one.what, &one.rule.id, was, is) }
    };
    for one in &new {
        match old.iter().find(|known| known.what == one.what) {
            None => changes.push(about(one, Class::NewRecipient, None, Some(one.name.clone()))),
            Some(before) if one.abroad && !before.abroad => {
                let (was, is) = (t.say("in the country"), t.say("may lie abroad"));
                changes.push(about(one, Class::NewCountry, Some(was), Some(is)));
            }
            Some(_) => {}
        }
    }
    for one in old.iter().filter(|one| !new.iter().any(|known| known.what == one.what)) {
        changes.push(about(one, Class::RecipientGone, Some(one.name.clone()), None));
    }
}

/// A recipient on one of its grounds.
struct Named<'p> {
    rule: &'p Rule,
    what: String,
    name: String,
    abroad: bool,
}

fn named<'p>(policy: &'p Policy, t: &dyn Tongue) -> Vec<Named<'p>> {
    let mut all = Vec::new();
    for rule in &policy.rules {
        let Body::Recipient(one) = &rule.body else { continue };
        let called = t.called(rule, &one.who);
        all.extend(one.exceptions.iter().map(|ground| Named {
            rule,
            what: format!("{} ({ground})", one.who),
            name: format!("{called} ({})", t.word("vocabulary", ground.as_str())),
            abroad: one.abroad,
        }));
    }
    all
}

/// Fields by `category.field`.
fn data(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    let of = |policy: &Policy| -> BTreeSet<String> {
        let fields = |def: &super::model::CategoryDef| {
            let own = def.fields.iter().map(|field| format!("{}.{}", def.id, field.name));
            own.chain([def.id.to_string()]).collect::<Vec<_>>()
        };
        policy.categories.iter().flat_map(fields).collect()
    };
    let collector = |policy: &Policy, what: &str| {
        let by = policy.rules.iter().find(|rule| match &rule.body {
            Body::Collects(collects) => collects.categories.iter().any(|c| what.starts_with(c.as_str())),
            _ => false,
        });
        by.map(|rule| rule.id.clone()).unwrap_or_default()
    };
    for what in of(after).difference(&of(before)) {
        let rule = collector(after, what);
        changes.push(change(Class::NewData, what, &rule, None, Some(t.say("collected"))));
    }
    for what in of(before).difference(&of(after)) {
        let one = change(Class::Other, what, &collector(before, what), Some(t.say("collected")), None);
        changes.push(Change { group: "field", ..one });
    }
}

fn ban(old: Option<&Rule>, new: Option<&Rule>, t: &dyn Tongue, changes: &mut Vec<Change>) {
    let of = |rule: Option<&Rule>| match rule.map(|rule| &rule.body) {
        Some(Body::Ban(ban)) => Some(ban.clone()),
        _ => None,
    };
    let (before, after) = (of(old), of(new));
    let Some(was) = &before else { return };
    let weaker = after.as_ref().is_none_or(|now| {
        now.what != was.what || now.except.iter().any(|exception| !was.except.contains(exception))
    });
    if weaker {
        let words = |ban: &super::body::BanRule| {
            let each = ban.except.iter().map(|exception| t.word("vocabulary", exception.as_str()));
            let except = each.collect::<Vec<_>>().join(", ");
            let except = if except.is_empty() { t.say("nothing") } else { except };
            t.say(&format!("forbidden but for: {except}"))
        };
        let rule = new.or(old).map_or("", |rule| rule.id.as_str());
        let (before, is) = (Some(words(was)), after.as_ref().map(words));
        // Of another ban with the same exceptions its own words say what it forbids.
        let (before, is) = if before == is { details::both(old, new, t) } else { (before, is) };
        changes.push(change(Class::WeakerBan, was.what.as_str(), rule, before, is));
    }
}

/// Rules that read otherwise and are in no class above, or mean worse for people than what is told of them there.
fn others(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    for (old, new) in pairs(before, after) {
        let Some(rule) = new.or(old) else { continue };
        let same =
            matches!((old, new), (Some(old), Some(new)) if old.body == new.body && old.says == new.says);
        let class = bodies::class(old, new, (before, after));
        let told =
            |change: &Change| change.rule == rule.id && (change.class <= class || class == Class::Other);
        if same || changes.iter().any(told) {
            continue;
        }
        let (was, is) = details::both(old, new, t);
        let one = change(class, rule.body.kind(), &rule.id, was, is);
        changes.push(Change { group: "vocabulary", ..one });
    }
}

#[cfg(test)]
mod members;
#[cfg(test)]
mod tests;

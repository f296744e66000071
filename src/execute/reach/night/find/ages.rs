//! Which rows of a collection may be due, computed from the sieve.
//!
//! A necessary condition, like the sieve itself: whatever the night would touch is in one of the ages, or is of a
//! person of whom another row is. A property test holds the two together.

use chrono::NaiveDate;

use crate::{
    decide::sieve::{Sieve, Sieves},
    domain::Moment,
    system::{
        engine::Age,
        map::{Collection, Meaning},
    },
};

/// The rows to look at; no age = all of them, `None` = none of them.
pub fn ages(collection: &Collection, sieves: &Sieves) -> Option<Vec<Age>> {
    let meaning = &collection.meaning;
    let held = collection.fields.iter().filter(|field| !field.not_personal);
    let of: Vec<&Sieve> = held.filter_map(|field| sieves.of.get(field.category.as_ref()?)).collect();
    if of.iter().any(|sieve| is_whole(sieve, meaning)) || is_young(&of, meaning, sieves) {
        return Some(Vec::new());
    }
    let mut ages = of_records(&of, meaning, sieves.today);
    ages.extend(of_consents(meaning, sieves));
    (!ages.is_empty()).then_some(ages)
}

/// Whether a date cannot narrow it: a rule asks for something that a row may lack however fresh it is.
fn is_whole(sieve: &Sieve, meaning: &Meaning) -> bool {
    // Where no column says who gave it, it counts as given by the person.
    let by_others = sieve.given_by_others && meaning.given_by.is_some();
    let undated = !sieve.gap && meaning.collected_at.is_none();
    sieve.everything || !sieve.unconsented.is_empty() || by_others || undated
}

/// Whether rows may have been given by children: only where a column says that they themselves did.
fn is_young(of: &[&Sieve], meaning: &Meaning, sieves: &Sieves) -> bool {
    !of.is_empty() && sieves.under.is_some() && meaning.given_by.is_some()
}

/// As in the own store: by the earliest of all dates that a rule may count from. A row that does not tell when it was
/// collected is a gap, which has to be told.
fn of_records(of: &[&Sieve], meaning: &Meaning, today: NaiveDate) -> Vec<Age> {
    let judged = of.iter().any(|sieve| !sieve.gap);
    let mut ages: Vec<Age> =
        meaning.collected_at.iter().filter(|_| judged).cloned().map(Age::Unknown).collect();
    let starts = [
        &meaning.collected_at,
        &meaning.last_contact_at,
        &meaning.document_at,
        &meaning.purpose_reached_at,
        &meaning.activity_at,
    ];
    if let Some(before) = of.iter().filter_map(|sieve| sieve.before).max() {
        ages.extend(starts.into_iter().flatten().map(|column| age(column, before.day())));
    }
    if of.iter().any(|sieve| sieve.reached) {
        ages.extend(meaning.purpose_reached_at.iter().map(|column| age(column, today)));
    }
    ages
}

/// Consents that were withdrawn, are old or have ended: all that rests on them is judged with them.
fn of_consents(meaning: &Meaning, sieves: &Sieves) -> Vec<Age> {
    let Some(consent) = &meaning.consent else { return Vec::new() };
    let mut ages = Vec::new();
    if sieves.of.values().any(|sieve| !sieve.withdrawn.is_empty()) {
        ages.extend(consent.withdrawn_at.iter().map(|column| age(column, sieves.today)));
    }
    if let Some(given) = sieves.of.values().flat_map(|sieve| sieve.consents.values()).max() {
        ages.push(age(&consent.given_at, given.day()));
        ages.extend(consent.expires_at.iter().map(|column| age(column, sieves.today)));
    }
    ages
}

/// Two days more, since a column may tell the time of another zone.
fn age(column: &str, day: NaiveDate) -> Age {
    let later = day.checked_add_days(chrono::Days::new(2)).unwrap_or(day);
    Age::Before(column.to_owned(), Moment::start_of(later).civil())
}

#[cfg(test)]
mod tests;

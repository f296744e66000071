//! A disclosure to a third party: decided, written into the register of transfers and the log, then shown.
//!
//! An allowance and a refusal both leave an entry; neither is shown before it is committed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    context::{Context, Said},
    resolve::{self, Found},
};
use crate::{
    audit::{Hash, State},
    decide::hand_over::{HandOver, Parcel, hand_over},
    domain::{Category, Error, Kind, Purpose, Result, Selector},
    policy::Rulebook,
    store::{Store, effect::NewDisclosure},
};

/// What came out, and the bytes to show.
pub struct Handed {
    /// The answer.
    pub bytes: Vec<u8>,
    /// Whether anything went to the recipient.
    pub given: bool,
}

/// Decides on one disclosure and records what came out; the caller shows the bytes.
///
/// # Errors
/// Not found (exit 3); ambiguous (exit 5); whatever `make` returns: then nothing happened.
pub fn disclose(
    store: &mut Store,
    context: &Context,
    rulebook: &Rulebook,
    who: &Selector,
    order: &HandOver,
    make: impl FnOnce(&Parcel) -> Result<Vec<u8>>,
) -> Result<Handed> {
    store.transact(|tx| {
        let controller = context.controller.as_deref().unwrap_or_default();
        let Found::One(id) = resolve::for_answer(tx, controller, who)? else {
            return Err(Error::new(Kind::NotFound, "nobody of that description is held here")
                .hint("nothing can be handed over about somebody who is not held"));
        };
        let facts = tx.facts(controller, id)?;
        let parcel = hand_over(&facts, rulebook, order, context.now);
        let given = !parcel.records.is_empty();
        if given {
            let person = tx.person(controller, id)?;
            for row in rows(&parcel, order, context) {
                tx.add_disclosure(&person, &row)?;
            }
        }
        let bytes = make(&parcel)?;
        let said = Said {
            subject: Some(facts.subject),
            counts: counts(&parcel),
            rules: parcel.rules(),
            output: given.then(|| Hash::of(&bytes)),
            ..Said::default()
        };
        let state = if given { State::Disclosed } else { State::Refused };
        context.log(tx, "export.third-party", state, said)?;
        Ok(Handed { bytes, given })
    })
}

/// One row of the register a purpose: the one named, or what the records are held for.
fn rows(parcel: &Parcel, order: &HandOver, context: &Context) -> Vec<NewDisclosure> {
    let mut by_purpose = BTreeMap::<Purpose, BTreeSet<Category>>::new();
    for one in &parcel.records {
        let own = one.record.purposes.iter().map(root);
        let purposes: BTreeSet<Purpose> = match (&order.purpose, &order.demand) {
            (Some(purpose), _) => [purpose.clone()].into(),
            (None, Some(_)) => [Purpose::new("legal")].into(),
            (None, None) => own.collect(),
        };
        for purpose in purposes {
            by_purpose.entry(purpose).or_default().insert(one.record.category.clone());
        }
    }
    let row = |(purpose, categories): (Purpose, BTreeSet<Category>)| NewDisclosure {
        recipient: order.recipient.clone(),
        country: if order.country.is_empty() { "KZ".into() } else { order.country.clone() },
        categories: categories.into_iter().collect(),
        purpose,
        basis: order.ground().to_string(),
        at: context.now,
    };
    by_purpose.into_iter().map(row).collect()
}

fn root(purpose: &Purpose) -> Purpose {
    Purpose::new(purpose.as_str().split('.').next().unwrap_or_default())
}

fn counts(parcel: &Parcel) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for one in &parcel.records {
        *counts.entry(one.record.category.as_str().to_owned()).or_default() += 1;
    }
    counts
}

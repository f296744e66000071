//! A disclosure to a third party: decided, written into the register of transfers and the log, then shown.
//!
//! An allowance and a refusal both leave an entry; neither is shown before it is committed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cases,
    context::{Context, Said},
    disclose::held,
    reach::Remote,
};
use crate::{
    audit::{Hash, State},
    decide::hand_over::{HandOver, Parcel, hand_over},
    domain::{CaseNumber, Category, Error, Kind, Purpose, Result, Right, Selector, SubjectId},
    policy::Rulebook,
    store::{Store, Tx, effect::NewDisclosure},
};

/// What came out, and the bytes to show.
pub struct Handed {
    /// The answer.
    pub bytes: Vec<u8>,
    /// Whether anything went to the recipient.
    pub given: bool,
}

/// One disclosure that is asked for.
pub struct Ask<'a> {
    /// Whom it is about.
    pub who: &'a Selector,
    /// Who wants what, and why.
    pub order: &'a HandOver,
    /// The case it belongs to, where one was named.
    pub case: Option<&'a CaseNumber>,
}

/// Decides on one disclosure of what is held here and in other systems, and records what came out; the caller shows
/// the bytes.
///
/// # Errors
/// Not found (exit 3); ambiguous (exit 5); whatever `make` returns: then nothing happened.
pub fn disclose(
    store: &mut Store,
    context: &Context,
    rulebook: &Rulebook,
    ask: &Ask<'_>,
    remote: Option<&Remote>,
    make: impl FnOnce(&Parcel) -> Result<Vec<u8>>,
) -> Result<Handed> {
    store.transact(|tx| {
        let controller = context.controller.as_deref().unwrap_or_default();
        let Some(facts) = held(tx, controller, ask.who, remote, context.now)? else {
            return Err(Error::new(Kind::NotFound, "nobody of that description is held here")
                .hint("nothing can be handed over about somebody who is not held"));
        };
        let (id, order) = (facts.subject, ask.order);
        let case = ask.case.map(|number| case(tx, context, number, id)).transpose()?;
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
            case,
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

/// A case that a disclosure may belong to: of this person, about a copy or by a demand of an authority.
fn case(tx: &Tx<'_>, context: &Context, number: &CaseNumber, subject: SubjectId) -> Result<CaseNumber> {
    let file = tx.case(number)?;
    let right = if file.right == Right::Authority { Right::Authority } else { Right::Export };
    cases::fits(tx, context, &file, right, Some(subject))?;
    Ok(file.number)
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

//! A disclosure to a third party: decided, written into the register of transfers and the log, then shown.
//!
//! An allowance and a refusal both leave an entry; neither is shown before it is committed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    cases::{self, Receipt},
    context::{Context, Said},
    disclose::held,
    reach::Remote,
};
use crate::{
    audit::{Hash, State},
    calendar::Calendar,
    decide::hand_over::{HandOver, Parcel, hand_over},
    domain::{
        CaseEvent, CaseNumber, Category, Error, Kind, Purpose, Remark, Result, Right, Selector, SubjectId,
        case::Demand,
    },
    policy::{Rulebook, vocabulary::Exception},
    store::{Period, Store, Tx, effect::NewDisclosure},
};

/// What came out, and the bytes to show.
pub struct Handed {
    /// The answer.
    pub bytes: Vec<u8>,
    /// Whether anything went to the recipient.
    pub given: bool,
    /// The case it stands in.
    pub case: Option<CaseNumber>,
    /// Whether it goes by a demand of which nobody has said what law it names.
    pub unfounded: bool,
}

/// One disclosure that is asked for.
pub struct Ask<'a> {
    /// Whom it is about.
    pub who: &'a Selector,
    /// Who wants what, and why.
    pub order: &'a HandOver,
    /// The case it belongs to, where one was named.
    pub case: Option<&'a CaseNumber>,
    /// The law that a demand names.
    pub basis: Option<&'a Remark>,
}

/// Decides on one disclosure of what is held here and in other systems, and records what came out; the caller shows
/// the bytes.
///
/// # Errors
/// Not found (exit 3); ambiguous (exit 5); whatever `make` returns: then nothing happened.
pub fn disclose(
    store: &mut Store,
    context: &Context,
    rules: (&Rulebook, &Calendar),
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
        let case = case(tx, context, rules, ask, id)?;
        let parcel = hand_over(&facts, rules.0, order, context.now);
        let given = !parcel.records.is_empty();
        if given {
            let person = tx.person(controller, id)?;
            for row in rows(&parcel, order, context) {
                tx.add_disclosure(&person, &row)?;
            }
        }
        let bytes = make(&parcel)?;
        if let Some(number) = case.as_ref().filter(|_| given) {
            handed(tx, context, rules, number, (order, &parcel))?;
        }
        let unfounded = match &case {
            Some(number) if order.demand.is_some() => {
                demand_of(tx, number)?.is_some_and(|demand| demand.basis.is_none())
            }
            _ => false,
        };
        let said = Said {
            case: case.clone(),
            subject: Some(facts.subject),
            counts: counts(&parcel),
            rules: parcel.rules(),
            output: given.then(|| Hash::of(&bytes)),
            ..Said::default()
        };
        let state = if given { State::Disclosed } else { State::Refused };
        context.log(tx, "export.third-party", state, said)?;
        Ok(Handed { bytes, given, case, unfounded })
    })
}

/// The case that a disclosure belongs to: the one named; of a demand the open one with its number, or a new one.
fn case(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    ask: &Ask<'_>,
    subject: SubjectId,
) -> Result<Option<CaseNumber>> {
    let demand = ask.order.demand.as_deref().map(str::trim);
    let number = match (ask.case, demand) {
        (Some(number), demand) => named(tx, context, number, demand, subject)?,
        (None, Some(demand)) => match of_demand(tx, context, demand, subject)? {
            Some(number) => number,
            None => return open(tx, context, rules, (demand, ask.basis), subject).map(Some),
        },
        (None, None) => return Ok(None),
    };
    if let (Some(demand), Some(basis)) = (demand, ask.basis) {
        founded(tx, context, rules, &number, (demand, basis))?;
    }
    Ok(Some(number))
}

/// A case that a disclosure may belong to: of this person, about a copy or by this demand of an authority.
fn named(
    tx: &Tx<'_>,
    context: &Context,
    number: &CaseNumber,
    demand: Option<&str>,
    subject: SubjectId,
) -> Result<CaseNumber> {
    let file = tx.case(number)?;
    let right = if file.right == Right::Authority { Right::Authority } else { Right::Export };
    cases::fits(tx, context, &file, right, Some(subject))?;
    let other = |own: &Option<Demand>| own.as_ref().is_none_or(|own| Some(own.number.as_str()) != demand);
    if demand.is_some() && other(&demand_of(tx, number)?) {
        return Err(Error::usage(format!("case {number} is about no such demand"))
            .hint("give the number that stands in it, or leave --request out"));
    }
    Ok(file.number)
}

/// The open case of a demand: one may ask for several people.
fn of_demand(tx: &Tx<'_>, context: &Context, demand: &str, subject: SubjectId) -> Result<Option<CaseNumber>> {
    let (period, mut found) =
        (Period { controller: context.controller.as_deref(), ..Period::default() }, None);
    tx.for_each_open_case(&period, |case| {
        let fits = case.right == Right::Authority && case.is_open();
        if fits
            && found.is_none()
            && case.subject.is_none_or(|of| of == subject)
            && demand_of(tx, &case.number)?.is_some_and(|own| own.number == demand)
        {
            found = Some(case.number);
        }
        Ok(())
    })?;
    Ok(found)
}

fn open(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    (demand, basis): (&str, Option<&Remark>),
    subject: SubjectId,
) -> Result<CaseNumber> {
    let demand = Demand { number: demand.to_owned(), basis: basis.cloned() };
    let receipt = Receipt { demand: Some(demand), ..Receipt::default() };
    let number = cases::open(tx, context, rules, Right::Authority, &receipt, Some(subject))?;
    let said = Said { case: Some(number.clone()), subject: Some(subject), ..Said::default() };
    context.log(tx, "request.open", State::Opened, said)?;
    Ok(number)
}

/// The law of a demand whose case was opened without it.
fn founded(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    number: &CaseNumber,
    (demand, basis): (&str, &Remark),
) -> Result<()> {
    if demand_of(tx, number)?.is_none_or(|own| own.basis.is_some()) {
        return Ok(());
    }
    let event = CaseEvent::Received {
        channel: tx.case(number)?.channel,
        tracking: None,
        at: Some(context.now),
        late: None,
        demand: Some(Demand { number: demand.to_owned(), basis: Some(basis.clone()) }),
        letter: None,
    };
    cases::advance(tx, context.by(), rules, number, &event).map(drop)
}

/// What an authority demands in a case; of several letters the last.
fn demand_of(tx: &Tx<'_>, number: &CaseNumber) -> Result<Option<Demand>> {
    Ok(tx.case_history(number)?.into_iter().rev().find_map(|entry| match entry.event {
        CaseEvent::Received { demand, .. } => demand,
        _ => None,
    }))
}

/// A demand is carried out by it. In a case about the person's own copy it is a remark: that copy is still owed.
fn handed(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    number: &CaseNumber,
    (order, parcel): (&HandOver, &Parcel),
) -> Result<()> {
    let categories: BTreeSet<&str> = parcel.records.iter().map(|one| one.record.category.as_str()).collect();
    let (recipient, ground) = (&order.recipient, order.ground());
    let event = if tx.case(number)?.right == Right::Authority {
        let ask = json!({"handed_over": {"recipient": recipient, "ground": ground.as_str(), "categories": categories}});
        let command = "export.third-party".to_owned();
        CaseEvent::Executed { command, waiting: false, ask: Some(ask.to_string()), outcome: None }
    } else {
        let categories: Vec<&str> = categories.into_iter().collect();
        let text = format!("{recipient} ({ground}): {}", categories.join(", "));
        CaseEvent::Noted { text: Some(Remark::kept(&text)) }
    };
    cases::advance(tx, context.by(), rules, number, &event).map(drop)
}

/// One row of the register a purpose: the one named, or what the records are held for.
fn rows(parcel: &Parcel, order: &HandOver, context: &Context) -> Vec<NewDisclosure> {
    let mut by_purpose = BTreeMap::<Purpose, BTreeSet<Category>>::new();
    for one in &parcel.records {
        let own = one.record.purposes.iter().map(root);
        let purposes: BTreeSet<Purpose> = match (&order.purpose, &order.demand) {
            (Some(purpose), _) => [purpose.clone()].into(),
            (None, Some(_)) => [Purpose::new("legal")].into(),
            // Whoever defends a right uses the data for that, whatever it was collected for.
            (None, None) if order.ground() == Exception::Defence => [Purpose::new("legal")].into(),
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
        basis: order.ground(),
        document: order.support().map(str::to_owned),
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

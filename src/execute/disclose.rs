//! Access and export: facts, decision, case and audit entry in one transaction, then the bytes.
//!
//! The answer is made inside the transaction, so that its digest stands in the entry; it is handed
//! out only after the commit. No entry, no answer.

use std::collections::BTreeSet;

use super::{
    authority,
    cases::{self, Receipt},
    context::{Context, Said},
    reach::{
        Remote,
        merge::{enrol, merge, only_elsewhere},
    },
    record,
    resolve::{self, Found},
    timing,
};
use crate::{
    audit::{Hash, State},
    calendar::Calendar,
    decide::{
        access::{Dossier, access},
        by_hand, by_place, fee,
        recognised::{Standing, standing},
    },
    domain::{
        CaseEvent, Category, Duty, Moment, Outcome, Result, Right, Selector, SubjectFacts, outcome::Fee,
        secret,
    },
    policy::{Rulebook, places::Places},
    store::{AuditHead, CaseFile, Store, Tx},
};

/// What an answer is made of.
pub struct Material {
    /// What was found; `None`: nothing is held.
    pub dossier: Option<Dossier>,
    /// The case the answer belongs to.
    pub case: CaseFile,
    /// Why what was confirmed of who asks is too little for this data, where it is.
    pub too_little: Option<&'static str>,
    /// The audit log before this entry.
    pub head: AuditHead,
    /// The systems that were searched beside the own store.
    pub systems: Vec<String>,
    /// The systems that people keep and have looked through for this case.
    pub searched_by_hand: BTreeSet<String>,
    /// What they found there: system and words, without numbers of documents and cards.
    pub found_by_hand: Vec<(String, String)>,
}

/// One request for an answer.
pub struct Ask<'a> {
    /// Access or export.
    pub right: Right,
    /// Whom it is about.
    pub who: &'a Selector,
    /// How it came.
    pub receipt: Receipt,
}

/// Makes the answer and records it as given; the caller shows the bytes.
///
/// # Errors
/// Ambiguous (exit 5), the kinds of the register, and whatever `make` returns: then nothing happened.
pub fn disclose(
    store: &mut Store,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    places: &Places,
    ask: &Ask<'_>,
    make: impl FnOnce(Material) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    everywhere(store, context, rules, places, ask, None, make)
}

/// The same with what other systems were found to hold.
///
/// # Errors
/// As [`disclose`].
pub fn everywhere(
    store: &mut Store,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    places: &Places,
    ask: &Ask<'_>,
    remote: Option<&Remote>,
    make: impl FnOnce(Material) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    store.transact(|tx| {
        let controller = context.controller.as_deref().unwrap_or_default();
        let mut facts = held(tx, controller, ask.who, remote, context.now)?;
        // A damaged index hides people.
        facts.is_none().then(|| tx.sound()).transpose()?;
        let case = cases::open_or_join(tx, context, rules, ask.right, &ask.receipt, facts.as_ref(), None)?;
        let case = timing::present(tx, case, rules, context.now)?;
        facts.iter_mut().try_for_each(|facts| timing::of_person(tx, facts, rules, context.now))?;
        let mut owed = by_place::to_answer(ask.right, places, rules.0, context.now.day());
        owed.extend(remote.iter().flat_map(|remote| {
            let (right, day) = (ask.right, context.now.day());
            match &facts {
                Some(_) => by_place::to_assign(right, &remote.left_out(), rules.0, day),
                None => by_place::to_look(right, &remote.to_look(), rules.0, day),
            }
        }));
        if let Some(event) = record::owed(&owed, &case) {
            tx.move_case(&case.number, &event, context.now, context.actor.name())?;
        }
        let dossier = facts.map(|facts| access(facts, rules.0, ask.right, context.now.day()));
        let too_little = dossier.as_ref().and_then(|dossier| too_little(dossier, rules.0, &case));
        let case =
            too_little.map_or(Ok(case.clone()), |why| cases::unverified(tx, context, rules, &case, why))?;
        let case = carried_out(tx, context, &case, ask, dossier.as_ref(), fee::conflict(rules.0))?;
        let case = authority::seen(tx, case, ask.receipt.representative.is_some(), context.now)?;
        let case = timing::present(tx, case, rules, context.now)?;
        let said = said(dossier.as_ref(), &case);
        let duties = tx.duties(&case.number)?;
        let (searched_by_hand, found_by_hand) = (searched_by_hand(&duties), found_by_hand(&duties));
        let bytes = make(Material {
            dossier,
            case,
            too_little,
            head: tx.audit_head()?,
            systems: remote.map(Remote::read).unwrap_or_default(),
            searched_by_hand,
            found_by_hand,
        })?;
        let said = Said { output: Some(Hash::of(&bytes)), ..said };
        context.log(tx, ask.right.as_str(), State::Disclosed, said)?;
        Ok(bytes)
    })
}

/// What is held about somebody here and elsewhere; `None` where nobody fits. Whoever is known elsewhere alone is
/// enrolled.
pub(super) fn held(
    tx: &Tx<'_>,
    controller: &str,
    who: &Selector,
    remote: Option<&Remote>,
    now: Moment,
) -> Result<Option<SubjectFacts>> {
    let found = resolve::for_answer(tx, controller, who)?.or_elsewhere(remote);
    match (found, remote.filter(|remote| !remote.is_empty())) {
        (Found::One(id), remote) => {
            let mut facts = tx.facts(controller, id)?;
            remote.into_iter().for_each(|remote| merge(&mut facts, remote));
            Ok(Some(facts))
        }
        (Found::Nobody, Some(remote)) => {
            enrol(tx, controller, remote, now)?;
            Ok(Some(only_elsewhere(controller, remote)))
        }
        (Found::Nobody, None) => Ok(None),
    }
}

fn searched_by_hand(duties: &[Duty]) -> BTreeSet<String> {
    let looks = |fits: fn(&Duty) -> bool| {
        let fits = move |duty: &&Duty| by_hand::is_look_up(&duty.what.task) && fits(duty);
        duties.iter().filter(fits).map(|duty| duty.what.place.clone()).collect::<BTreeSet<_>>()
    };
    &looks(Duty::is_done) - &looks(Duty::is_open)
}

fn found_by_hand(duties: &[Duty]) -> Vec<(String, String)> {
    let found = duties.iter().filter(|duty| duty.found == Some(true));
    let says = |duty: &Duty| duty.evidence.as_ref().map(|words| secret::mask(words.as_str()));
    found.map(|duty| (duty.what.place.clone(), says(duty).unwrap_or_default())).collect()
}

/// Why the answer needs more than was confirmed.
fn too_little(dossier: &Dossier, rulebook: &Rulebook, case: &CaseFile) -> Option<&'static str> {
    let shown: Vec<Category> = dossier.held.iter().map(|held| held.record.category.clone()).collect();
    match standing(case.identity, &dossier.facts, rulebook, &shown, case.received) {
        Standing::TooLittle(why) => Some(why),
        Standing::Unknown | Standing::Enough => None,
    }
}

fn carried_out(
    tx: &Tx<'_>,
    context: &Context,
    case: &CaseFile,
    ask: &Ask<'_>,
    dossier: Option<&Dossier>,
    fee: Option<Fee>,
) -> Result<CaseFile> {
    let searched = ask.who.kind();
    let outcome = dossier.map(|dossier| Outcome::of(&dossier.plan, None, Some(searched)));
    let outcome = outcome.unwrap_or_else(|| Outcome::nothing(searched));
    let outcome = Some(Box::new(Outcome { fee, ..outcome }));
    let right = ask.right;
    let event =
        CaseEvent::Executed { command: right.as_str().to_owned(), waiting: false, ask: None, outcome };
    tx.move_case(&case.number, &event, context.now, context.actor.name())
}

fn said(dossier: Option<&Dossier>, case: &CaseFile) -> Said {
    let counts = dossier.map(Dossier::counts).unwrap_or_default();
    Said {
        case: Some(case.number.clone()),
        subject: dossier.map(|dossier| dossier.facts.subject),
        counts: counts.into_iter().map(|(category, n)| (category.to_owned(), n as u64)).collect(),
        rules: dossier.map(Dossier::rules).unwrap_or_default(),
        output: None,
        ..Said::default()
    }
}

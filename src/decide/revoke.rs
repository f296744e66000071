//! Withdrawal of consent (art. 8, art. 24(1)(5)), whole or in part.
//!
//! What rests on consent ends at once; what an open deal needs waits for its end and is named; what a
//! law demands is archived to its day. A policy may promise effects in an order of its own.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    by_hand::{REMOVE_PUBLIC, STOP_COLLECTION, manual, owed, suppress},
    draft::{Draft, Request},
    effects::Promise,
    guard::{Guard, guard},
    purposes::{self, Stop},
    reasons,
    recipients::{self, News},
    retention,
};
use crate::{
    domain::{
        Action, Consent, Moment, Plan, Purpose, Reason, Record, RecordKey, Right, Scope, Step, SubjectFacts,
        Waiting,
    },
    policy::{
        Rulebook,
        rulebook::Withdrawal as Rules,
        until::Until,
        vocabulary::{Class, Duty},
    },
};

/// What is withdrawn. Nothing named, or scope `processing` = everything.
#[derive(Clone, Debug, Default)]
pub struct Withdrawal {
    /// Purposes, with all that lies under them.
    pub purposes: Vec<Purpose>,
    /// Scopes of consent.
    pub scopes: Vec<Scope>,
    /// The last day the law leaves for the answer, shown beside what waits.
    pub statutory: Option<NaiveDate>,
    /// The day of receipt: its edition of the law grants it; `None` = today.
    pub received: Option<NaiveDate>,
}

impl Withdrawal {
    fn is_whole(&self) -> bool {
        self.purposes.is_empty() && self.scopes.is_empty() || self.scopes.contains(&Scope::Processing)
    }

    fn takes(&self, consent: &Consent) -> bool {
        let named = |purpose: &Purpose| purposes::covered(purpose, &self.purposes);
        let by_purpose = match &*consent.purposes {
            [] => named(&Purpose::new(consent.scope.as_str())),
            all => all.iter().all(named),
        };
        self.is_whole() || self.scopes.contains(&consent.scope) || by_purpose
    }
}

/// Decides a withdrawal.
pub fn revoke(facts: &SubjectFacts, rulebook: &Rulebook, ask: &Withdrawal, now: Moment) -> Plan {
    let draft = Draft::new(rulebook, Request::Withdrawal, ask.statutory);
    let received = ask.received.unwrap_or(now.day());
    let promise = Promise::of(rulebook, received).filter(|_| ask.is_whole());
    let mut run = Run { facts, rulebook, ask, now, rules: rulebook.withdrawal(), promise, draft };
    let taken: Vec<&Consent> = run.taken().collect();
    let stops = run.stops();
    let fresh = purposes::fresh(facts, &stops);
    let ids = |all: &mut dyn Iterator<Item = &&Consent>| all.map(|consent| consent.id).collect();
    let go: BTreeSet<i64> = ids(&mut taken.iter().filter(|consent| !run.waits(consent)));
    let asked =
        Stop { facts, rulebook, now, purposes: ask.purposes.clone(), consents: ids(&mut taken.iter()) };
    let stop = Stop { facts, rulebook, now, purposes: stops, consents: go };
    run.records(&stop, &asked);
    run.consents(&taken);
    run.suppress(&fresh);
    run.tell(&fresh, &taken);
    run.by_hand(&taken);
    run.fill();
    let before = fresh.is_empty() && (ask.is_whole() || !stop.purposes.is_empty());
    run.draft.finish(before)
}

struct Run<'a> {
    facts: &'a SubjectFacts,
    rulebook: &'a Rulebook,
    ask: &'a Withdrawal,
    now: Moment,
    rules: Option<Rules<'a>>,
    promise: Option<Promise<'a>>,
    draft: Draft<'a>,
}

impl<'a> Run<'a> {
    fn today(&self) -> NaiveDate {
        self.now.day()
    }

    /// Consents in force that the person takes back.
    fn taken(&self) -> impl Iterator<Item = &'a Consent> + use<'a> {
        let (ask, now) = (self.ask, self.now);
        let standing = self.facts.consents.iter().filter(move |c| purposes::in_force(c, now));
        standing.filter(move |consent| ask.takes(consent))
    }

    /// The purposes that stop: what rests on consent; what a contract carries only where none is open;
    /// never what a law demands.
    fn stops(&self) -> Vec<Purpose> {
        if self.ask.is_whole() {
            return purposes::of_classes(self.rulebook, &[Class::Consent]);
        }
        let scopes = self.ask.scopes.iter().map(|scope| Purpose::new(scope.as_str()));
        let known = scopes.filter(|word| self.rulebook.purpose(word).is_some());
        let asked = self.ask.purposes.iter().cloned().chain(known);
        let open = self.facts.open_obligations().next().is_some();
        purposes::widest(asked.filter(|word| match purposes::class(self.rulebook, word) {
            Class::Consent | Class::Fraud => true,
            Class::Contract => !open,
            Class::Legal => false,
        }))
    }

    /// What waits for a deal is judged as if it had stopped (`asked`), so that the deal is named.
    fn records(&mut self, stop: &Stop<'_>, asked: &Stop<'_>) {
        for record in &self.facts.records {
            let guard = guard(record, self.facts, self.rulebook, self.today());
            let deal = matches!(guard, Guard::Obligation(_)) && asked.leaves_nothing(record);
            if self.ask.is_whole() || deal || stop.leaves_nothing(record) {
                let effect = self.promise.as_ref().and_then(|promise| promise.destruction(&record.category));
                let why = self.why(record);
                self.draft.end(record, guard, effect, || why);
            } else {
                self.demanded(record);
            }
        }
    }

    /// A purpose that a law demands cannot be withdrawn (art. 8(2)).
    fn demanded(&mut self, record: &Record) {
        let legal = |purpose: &&Purpose| purposes::class(self.rulebook, purpose) == Class::Legal;
        let asked: Vec<Purpose> = self.ask.purposes.iter().filter(legal).cloned().collect();
        if record.purposes.iter().any(|purpose| purposes::covered(purpose, &asked)) {
            let why = reasons::refusal(self.rulebook, "RF-LAW", "a law demands it");
            self.draft.keep(Action::Withdraw, record, None, why);
        }
    }

    /// The policy's promise of effects, else the retention rule that withdrawal ends, else the right.
    fn why(&self, record: &Record) -> Reason {
        if let Some(promise) = &self.promise {
            return promise.why.clone();
        }
        let whole = self.ask.is_whole();
        let ended = |scope: Scope| whole || self.ask.scopes.contains(&scope);
        let seen = super::ends::Seen { record, facts: self.facts, today: self.today() };
        let mut keeps = self.rulebook.keeps(self.today());
        let rule = keeps.find(|(_, keep)| {
            let by_withdrawal = keep.at_most.as_ref().is_some_and(|until| ends_with_consent(until, &ended));
            by_withdrawal && retention::matches(keep, seen, self.rulebook)
        });
        rule.map_or_else(|| self.right(), |(rule, _)| self.rulebook.reason(rule))
    }

    fn right(&self) -> Reason {
        let received = self.ask.received.unwrap_or(self.today());
        let rule = self.rules.as_ref().and_then(|rules| self.rulebook.reason_on(rules.rule, received));
        rule.unwrap_or_else(|| reasons::granted(self.rulebook, Right::Revoke, received))
    }

    /// Consents are marked withdrawn; one that carries the data of an open deal waits with it, where
    /// the policy says that withdrawal does.
    fn consents(&mut self, taken: &[&Consent]) {
        let (wait, go): (Vec<&Consent>, Vec<&Consent>) = taken.iter().copied().partition(|c| self.waits(c));
        for consent in &wait {
            for deal in self.facts.open_obligations() {
                let on = Waiting::Obligation(deal.reference.clone());
                self.draft.wait(on, reasons::end_of(deal), &[], &[consent.id]);
            }
        }
        if go.is_empty() {
            return;
        }
        let promise = self.promise.as_ref().filter(|_| !self.waits_for_a_deal());
        let effect = promise.and_then(Promise::removal);
        let step = Step::new(Action::Withdraw, "consent", self.withdrawn_because());
        let keys = go.iter().map(|consent| RecordKey { id: consent.id, version: 0 }).collect();
        self.draft.step(Step { effect, keys, ..step });
    }

    /// Whoever has an open deal is a user still.
    fn waits_for_a_deal(&self) -> bool {
        self.draft.plan.waits.iter().any(|wait| matches!(wait.on, Waiting::Obligation(_)))
    }

    fn withdrawn_because(&self) -> Reason {
        self.promise.as_ref().map_or_else(|| self.right(), |promise| promise.why.clone())
    }

    fn waits(&self, consent: &Consent) -> bool {
        let Some(rules) = self.rules.as_ref().filter(|rules| rules.unless_open_obligation) else {
            return false;
        };
        let kept = |record: &Record| {
            let named = record.consent.as_deref() == Some(consent.reference.as_str());
            named && retention::open_obligation(record, self.facts, self.rulebook).is_some()
        };
        let contract = |purpose: &Purpose| purposes::class(self.rulebook, purpose) == Class::Contract;
        let footing = consent.scope == Scope::Processing
            && (consent.purposes.is_empty() || consent.purposes.iter().any(contract));
        let open = self.facts.open_obligations().next().is_some();
        open && !rules.always.contains(&consent.scope) && (footing || self.facts.records.iter().any(kept))
    }

    fn suppress(&mut self, fresh: &[Purpose]) {
        let why = self.right();
        suppress(&mut self.draft, fresh, &why);
    }

    fn tell(&mut self, fresh: &[Purpose], taken: &[&Consent]) {
        let scopes = taken.iter().filter(|consent| !self.waits(consent)).map(|consent| consent.scope);
        let (scopes, categories) = (scopes.collect::<Vec<_>>(), self.draft.destroyed());
        let anew = !(fresh.is_empty() && scopes.is_empty() && categories.is_empty());
        let all_but = (anew && self.ask.is_whole()).then(|| self.draft.staying());
        let news = News { categories, purposes: fresh, scopes, all_but };
        let why = reasons::meaning(&self.right(), "those who received the data are told of the withdrawal");
        recipients::told(self.facts, &news, &why).into_iter().for_each(|step| self.draft.step(step));
    }

    /// What no program can reach: forms, trackers, feeds, public pages, an answer still owed.
    fn by_hand(&mut self, taken: &[&Consent]) {
        if self.draft.is_idle() {
            return;
        }
        if self.ask.is_whole() {
            self.draft.step(manual(STOP_COLLECTION, self.withdrawn_because()));
        }
        if taken.iter().any(|consent| consent.scope == Scope::Publication) {
            let why = reasons::duty(self.rulebook, Duty::RemovePublic, self.today());
            let why = why.unwrap_or_else(|| self.right());
            self.draft.step(manual(REMOVE_PUBLIC, why));
        }
        for step in owed(self.facts, self.rulebook) {
            self.draft.step(step);
        }
    }

    fn fill(&mut self) {
        let Some(promise) = self.promise.as_ref().filter(|_| !self.draft.is_idle()) else { return };
        if self.draft.plan.waits.is_empty() {
            let unmet = promise.unmet(&self.draft.plan);
            unmet.into_iter().for_each(|step| self.draft.step(step));
        }
    }
}

fn ends_with_consent(until: &Until, ended: &impl Fn(Scope) -> bool) -> bool {
    match until {
        Until::EarliestOf(parts) | Until::LatestOf(parts) => {
            parts.iter().any(|part| ends_with_consent(part, ended))
        }
        Until::ConsentWithdrawn(scope) => ended(*scope),
        _ => false,
    }
}

//! The reason behind a step: found in the rules by what they say, never by whose they are.

use chrono::NaiveDate;

use crate::{
    domain::{Hold, Obligation, OwedAnswer, Reason, Right},
    policy::{
        Rulebook,
        body::{Body, Condition},
        model::Rule,
        vocabulary::{Ban, Duty, RefusalEffect},
    },
};

/// The rule that grants a right: the policy's own (of several the last, since the clause of rights
/// closes a policy), else the newest of the law in force, else one that only sets its term.
pub(super) fn granted(rulebook: &Rulebook, right: Right, day: NaiveDate) -> Reason {
    let grants = |rule: &&Rule| matches!(&rule.body, Body::Right(body) if body.grants.contains(&right));
    let own = rulebook.policy.rules.iter().rfind(grants);
    let law = || rulebook.statute.rules.iter().filter(|rule| rule.in_force(day)).filter(grants);
    let newest = || law().max_by_key(|rule| (rule.valid_from, std::cmp::Reverse(rule.at.line())));
    let rule = own.or_else(newest).and_then(|rule| rulebook.reason_on(rule, day));
    rule.or_else(|| term(rulebook, right, day)).unwrap_or_else(|| {
        let says = "asked for; neither policy nor law names it".into();
        Reason { rule: right.to_string(), clause: None, law: None, says }
    })
}

/// An answer is owed that goes to an address which is still held (art. 24(1)(1)).
pub(super) fn owed_answer(rulebook: &Rulebook, OwedAnswer { case, made }: &OwedAnswer) -> Reason {
    let granted = granted(rulebook, Right::Access, NaiveDate::MAX);
    let says = if *made {
        format!("the answer of case {case} goes to it, and is given first")
    } else {
        format!("the answer of case {case} has to tell it, and is made first")
    };
    meaning(&granted, &says)
}

/// The rule that sets the term of a right: the policy's before the law's.
pub(super) fn term(rulebook: &Rulebook, right: Right, day: NaiveDate) -> Option<Reason> {
    let (law, policy) = rulebook.terms(right, day);
    let mut all: Vec<_> = policy.into_iter().chain(law).collect();
    // A rule that grants the right without a term says less than one that sets it.
    all.sort_by_key(|rule| rule.limit.is_none() && rule.target.is_none());
    all.into_iter().next().map(|rule| rule.why)
}

/// The rule that sets the term of a duty nobody asks for.
pub(super) fn duty(rulebook: &Rulebook, duty: Duty, day: NaiveDate) -> Option<Reason> {
    let sets = |rule: &&Rule| matches!(&rule.body, Body::Deadline(items) if items.iter().any(|item| item.duty == Some(duty)));
    let mut law = rulebook.statute.rules.iter().filter(|rule| rule.in_force(day));
    rulebook.policy.rules.iter().find(sets).or_else(|| law.find(sets)).map(|rule| rulebook.reason(rule))
}

/// The rule that data goes when its ground is gone.
pub(super) fn ground_gone(rulebook: &Rulebook, day: NaiveDate) -> Option<Reason> {
    let destroys = |rule: &&Rule| matches!(&rule.body, Body::Duty(duty) if duty.right == Some(Right::Erase));
    let law = rulebook.statute.rules.iter().filter(|rule| rule.in_force(day));
    let found = rulebook.policy.rules.iter().chain(law).find(destroys);
    found.map(|rule| rulebook.reason(rule))
}

/// The rule against holding more than the purposes need.
pub(super) fn excess(rulebook: &Rulebook) -> Option<Reason> {
    let forbids = |rule: &&Rule| matches!(&rule.body, Body::Ban(ban) if ban.what == Ban::Excess);
    let found = rulebook.policy.rules.iter().chain(&rulebook.statute.rules).find(forbids);
    found.map(|rule| rulebook.reason(rule))
}

/// A ground of refusal by its code (law file 1.5).
pub(super) fn refusal(rulebook: &Rulebook, code: &str, says: &str) -> Reason {
    named(rulebook.rule(code).map(|rule| rulebook.reason(rule)), code, says)
}

/// A ground of refusal by its code, as it stood on the day of receipt.
pub(super) fn refusal_on(rulebook: &Rulebook, code: &str, received: NaiveDate, says: &str) -> Reason {
    named(rulebook.rule(code).and_then(|rule| rulebook.reason_on(rule, received)), code, says)
}

/// The reason of a block.
pub fn block(rulebook: &Rulebook) -> Reason {
    let rule = rulebook.block().map(|rule| rulebook.reason(rule));
    named(rule, "block", "blocked for the check of a request")
}

/// The reason of what the system it lies in keeps out of use.
pub(super) fn marked(rulebook: &Rulebook) -> Reason {
    meaning(&block(rulebook), "the system it lies in marks it as out of use")
}

/// The reason of a hold: the ground that its basis names by code, else the rule that lets holds be.
pub(super) fn hold(rulebook: &Rulebook, hold: &Hold) -> Reason {
    let words = hold.basis.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let ground = words.filter_map(|word| rulebook.rule(word)).find(|rule| keeps(rule));
    let rule = ground.or_else(|| rulebook.legal_hold()).map(|rule| rulebook.reason(rule));
    because(named(rule, "hold", "a legal hold is in force"), &format!("hold {}", hold.number))
}

fn keeps(rule: &Rule) -> bool {
    matches!(&rule.body, Body::Refusal(ground) if ground.effect == RefusalEffect::Keep)
}

/// The policy's condition that a withdrawal waits for an open obligation, else the ground of the law.
pub(super) fn open_deal(rulebook: &Rulebook, obligation: &Obligation) -> Reason {
    let rule = rulebook.open_obligations().map(|(rule, _)| rulebook.reason(rule));
    let why = rule.unwrap_or_else(|| refusal(rulebook, "RF-OBLIG", "an obligation is not fulfilled"));
    because(why, &deal(obligation))
}

/// The law's ground for what an open obligation needs, with the clause of the policy that lists it.
pub(super) fn open_deal_ground(rulebook: &Rulebook, obligation: &Obligation) -> Reason {
    let clause = rulebook.open_obligations().and_then(|(rule, _)| rule.clause.clone());
    let why = refusal(rulebook, "RF-OBLIG", "an obligation is not fulfilled");
    because(Reason { clause, ..why }, &deal(obligation))
}

/// The rule that storage demanded by a law stands instead of destruction.
pub(super) fn retained(rulebook: &Rulebook, law: &Reason) -> Reason {
    let why = refusal(rulebook, "RF-RETAIN", "a law demands storage");
    because(Reason { clause: law.clause.clone(), ..why }, &format!("{}, {}", law.rule, law.says))
}

/// The condition that documents confirm a change.
pub(super) fn documents(rulebook: &Rulebook) -> Reason {
    let found = rulebook.statute.rules.iter().find(|rule| rule.body == DOCUMENTS);
    let article = found.and_then(|rule| rule.article.clone());
    let why = refusal(rulebook, "RF-NODOC", "no documents confirm the change");
    Reason { law: why.law.clone().or(article), ..why }
}

const DOCUMENTS: Body = Body::Condition(Condition::Documents);

/// An obligation as an officer knows it: its reference and type.
pub(super) fn deal(obligation: &Obligation) -> String {
    format!("obligation {} ({}) is open", obligation.reference, obligation.kind)
}

/// What opens again that which waits for an obligation.
pub(super) fn end_of(obligation: &Obligation) -> String {
    format!("the end of obligation {}", obligation.reference)
}

/// The same reason with what makes it true here.
pub(super) fn because(why: Reason, here: &str) -> Reason {
    Reason { says: format!("{}: {here}", why.says), ..why }
}

/// The same rule, saying what it means for one step.
pub(super) fn meaning(why: &Reason, says: &str) -> Reason {
    Reason { says: says.into(), ..why.clone() }
}

/// A foreign policy may lack a rule; what it stands for holds all the same.
pub(super) fn named(found: Option<Reason>, id: &str, says: &str) -> Reason {
    found.unwrap_or_else(|| Reason { rule: id.into(), clause: None, law: None, says: says.into() })
}

//! What happens before it is known who asks (Digital Code art. 37(5)): what harms nobody, at once.
//!
//! A block and an end of advertising need no identity. All that shows, changes or destroys does; that
//! part is refused with reasons, what to do, and by when.

use chrono::NaiveDate;

use super::{purposes, reasons, recipients};
use crate::{
    domain::{Action, Decision, Kept, Plan, Purpose, Reason, Right, Step, SubjectFacts},
    policy::Rulebook,
};

/// Whether a right asks for a confirmed identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// It does not; an answer that shows data is a draft until then.
    NotNeeded,
    /// It does not, and only messages end by it, whoever asks.
    Messages,
    /// For all but the end of advertising.
    Partly,
    /// It does.
    Needed,
}

/// What a right asks for. The end of a block is a finding of the controller, not a wish of the person.
pub fn needs_identity(right: Right) -> Identity {
    match right {
        Right::Rectify | Right::Erase => Identity::Needed,
        Right::Revoke | Right::Object => Identity::Partly,
        Right::OptOut => Identity::Messages,
        Right::Access
        | Right::Export
        | Right::Restrict
        | Right::Unblock
        | Right::Complaint
        | Right::Minor
        | Right::Breach
        | Right::Question
        | Right::Authority => Identity::NotNeeded,
    }
}

/// A reasoned refusal, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The ground.
    pub why: Reason,
    /// What is not done, each once.
    pub rest: Vec<Action>,
    /// What to do next.
    pub todo: String,
    /// By when the answer is due all the same.
    pub by: Option<NaiveDate>,
}

/// A plan cut down to what needs no identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// What happens now.
    pub plan: Plan,
    /// The rest: exit 4. `None` = nothing is left out.
    pub refusal: Option<Refusal>,
}

/// Cuts the plan of a right down to what may be done for a person not yet confirmed, or confirmed by less than
/// the data needs: `more` then says why it needs more.
pub fn unverified(
    right: Right,
    plan: Plan,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    (received, by): (NaiveDate, Option<NaiveDate>),
    more: Option<&str>,
) -> Unverified {
    let needed = needs_identity(right);
    if needed == Identity::NotNeeded {
        return Unverified { plan, refusal: None };
    }
    let may = |step: &Step| needed != Identity::Needed && is_harmless(step, rulebook);
    let mut steps = plan.steps;
    steps.extend(narrowed(&steps, facts, rulebook));
    let plan = Plan { steps: Vec::new(), ..plan };
    let (now, mut later): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(may);
    if needed == Identity::Messages {
        later.retain(|step| step.action == Action::Notify);
    }
    // Notices follow what is done: alone they leave nothing to refuse. What is held, and why it stays, is nothing for
    // a stranger; nor does anything wait for one.
    let waits = needed == Identity::Partly && !plan.waits.is_empty();
    let silent = !waits && later.iter().all(|step| step.action == Action::Notify);
    if silent && needed != Identity::Needed {
        let steps = now.into_iter().chain(later).collect();
        return Unverified { plan: only(steps), refusal: None };
    }
    let (why, todo) = unproven(rulebook, received, more);
    let cut = cut(plan, (now, later), why, todo, by);
    let steps = with_notices(cut.plan.steps, facts);
    Unverified { plan: Plan { steps, ..cut.plan }, ..cut }
}

/// The same of somebody of whom nothing is held here, whom people look up in their places: `now` ends messages there,
/// `later` is the rest. Nobody is told to destroy anything for a person who may be anybody.
pub fn unknown(
    right: Right,
    (mut now, later): (Vec<Step>, Vec<Step>),
    rulebook: &Rulebook,
    (received, by): (NaiveDate, Option<NaiveDate>),
    more: Option<&str>,
) -> Unverified {
    let needed = needs_identity(right);
    if needed == Identity::NotNeeded {
        now.extend(later);
        return Unverified { plan: only(now), refusal: None };
    }
    if needed == Identity::Messages || later.is_empty() {
        return Unverified { plan: only(now), refusal: None };
    }
    let (why, todo) = unproven(rulebook, received, more);
    cut(only(Vec::new()), (now, later), why, todo, by)
}

/// What people would have to do in their places is left out: it says so, as of anything else that is.
pub fn left_out(
    plan: Plan,
    later: Vec<Step>,
    rulebook: &Rulebook,
    (received, by): (NaiveDate, Option<NaiveDate>),
    more: Option<&str>,
) -> Unverified {
    let (why, todo) = unproven(rulebook, received, more);
    let now = plan.steps.clone();
    cut(plan, (now, later), why, todo, by)
}

/// The ground, and what to type.
fn unproven(rulebook: &Rulebook, received: NaiveDate, more: Option<&str>) -> (Reason, &'static str) {
    let why = reasons::refusal_on(rulebook, "RF-ID", received, "the person is not confirmed");
    let why = more.map_or(why.clone(), |more| reasons::because(why, more));
    let todo = if more.is_some() {
        "a known contact is not enough: `dsr request verify NO --identity document`, then run the command again"
    } else {
        "confirm who asks with `dsr request verify NO`, then run the command again with --request NO"
    };
    (why, todo)
}

/// These steps and no word of anything else.
pub fn only(steps: Vec<Step>) -> Plan {
    Plan { decision: Decision::Grant, steps, kept: Vec::new(), gaps: Vec::new(), waits: Vec::new() }
}

/// Leaves a plan out until a second person agrees to it.
pub fn unagreed(mut plan: Plan, by: Option<NaiveDate>) -> Unverified {
    let later = std::mem::take(&mut plan.steps);
    let says = "a second person has to agree to this erasure";
    let why = Reason { rule: "second-person".into(), clause: None, law: None, says: says.into() };
    let todo = "somebody else agrees with `dsr request approve NO`, then go on with `dsr request resume NO`";
    cut(plan, (Vec::new(), later), why, todo, by)
}

fn cut(
    plan: Plan,
    (now, later): (Vec<Step>, Vec<Step>),
    why: Reason,
    todo: &str,
    by: Option<NaiveDate>,
) -> Unverified {
    let mut kept = plan.kept;
    kept.extend(later.iter().filter_map(|step| withheld(step, &why)));
    let decision = if now.is_empty() { Decision::Refuse } else { Decision::Partial };
    let refusal = Some(refusal(why, &later, todo, by));
    Unverified { plan: Plan { decision, steps: now, kept, gaps: plan.gaps, waits: plan.waits }, refusal }
}

/// A purpose of messages that stops; all else waits for the person.
pub(super) fn is_harmless(step: &Step, rulebook: &Rulebook) -> bool {
    let messages = purposes::messages(rulebook);
    let advertising = |word: &String| purposes::covered(&Purpose::new(word), messages);
    step.action == Action::Suppress && step.about.iter().all(advertising)
}

/// Messages under a wider purpose that waits for the person: they end for anybody all the same.
fn narrowed(steps: &[Step], facts: &SubjectFacts, rulebook: &Rulebook) -> Vec<Step> {
    let stops = || steps.iter().filter(|step| step.action == Action::Suppress);
    let messages = purposes::fresh(facts, purposes::messages(rulebook));
    let wider = |message: &Purpose| {
        let under = |step: &&Step| step.about.iter().any(|word| message.is_under(&Purpose::new(word)));
        let step = stops().find(under).filter(|step| !is_harmless(step, rulebook))?;
        Some(Step { about: vec![message.to_string()], ..step.clone() })
    };
    messages.iter().filter_map(wider).collect()
}

fn withheld(step: &Step, why: &Reason) -> Option<Kept> {
    let on_records = step.is_on_records() && !step.keys.is_empty();
    let category = step.category.clone().filter(|_| on_records)?;
    let (system, keys) = (step.system.clone(), step.keys.clone());
    Some(Kept { action: step.action, category, system, keys, until: None, why: why.clone() })
}

fn refusal(why: Reason, later: &[Step], todo: &str, by: Option<NaiveDate>) -> Refusal {
    let mut rest: Vec<Action> = later.iter().map(|step| step.action).collect();
    rest.sort();
    rest.dedup();
    Refusal { why, rest, todo: todo.into(), by }
}

/// Partners are told of the advertising that stopped, and of nothing else.
fn with_notices(mut now: Vec<Step>, facts: &SubjectFacts) -> Vec<Step> {
    let stopped: Vec<Purpose> =
        now.iter().flat_map(|step| &step.about).map(|word| Purpose::new(word)).collect();
    if let Some(why) = now.first().map(|step| step.why.clone()) {
        let news = recipients::News { purposes: &stopped, ..recipients::News::default() };
        let why = reasons::meaning(&why, "those who received the data are told that the purpose stopped");
        now.extend(recipients::told(facts, &news, &why));
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{
        cast::{now, person, rules, told},
        erase::{Erasure, erase},
        object::{Objection, object},
        restrict::{Restriction, restrict},
        revoke::{Withdrawal, revoke},
    };

    fn cut(right: Right, facts: &SubjectFacts) -> Unverified {
        let book = rules(facts);
        let promotion = Objection { purposes: vec!["promotion".into()], ..Objection::default() };
        let plan = match right {
            Right::Revoke => revoke(facts, book, &Withdrawal::default(), now()),
            Right::Erase => erase(facts, book, &Erasure::default(), now()),
            Right::Restrict => restrict(facts, book, &Restriction::default(), now(), now()),
            _ => object(facts, book, &promotion, now()),
        };
        unverified(right, plan, facts, book, (now().day(), "2026-11-23".parse().ok()), None)
    }

    #[test]
    fn of_a_withdrawal_only_advertising_stops() {
        let facts = person("C-26");
        let cut = cut(Right::Revoke, &facts);
        let lines = told(&facts, &cut.plan);
        let expected = [
            "suppress suppression [] (promotion) by MC-8.10-revoke",
            "suppress suppression [] (analytics.surveys) by MC-8.10-revoke",
            "notify disclosure [#] (Рекламная сеть «Пример Медиа») by MC-8.10-revoke",
            "keep contact [R-2601] by RF-ID",
            "keep technical [R-2603] by RF-ID",
            "keep identity [R-2602] by RF-ID",
            "keep vehicle [R-2604] by RF-ID",
        ];
        assert_eq!((lines, cut.plan.decision), (expected.map(str::to_owned).to_vec(), Decision::Partial));
        let refusal = cut.refusal.unwrap_or_else(|| panic!("no refusal"));
        assert_eq!((refusal.why.rule.as_str(), refusal.by), ("RF-ID", "2026-11-23".parse().ok()));
        assert!(refusal.rest.contains(&Action::Withdraw) && refusal.todo.contains("dsr request verify"));
    }

    #[test]
    fn before_the_digital_code_the_confirmation_is_read_from_the_right_itself() {
        let facts = person("C-26");
        for (received, law) in
            [("2026-07-11", "94-V art. 24(1)(1)"), ("2026-07-12", "Digital Code art. 37(5)")]
        {
            let day = received.parse().unwrap_or_default();
            let plan = erase(&facts, rules(&facts), &Erasure::default(), now());
            let refusal = unverified(Right::Erase, plan, &facts, rules(&facts), (day, None), None).refusal;
            let why = refusal.unwrap_or_else(|| panic!("no refusal")).why;
            assert_eq!((why.rule.as_str(), why.law.as_deref()), ("RF-ID", Some(law)), "{received}");
        }
    }

    #[test]
    fn which_right_is_cut_how_far() {
        for (right, reference, decision, refused) in [
            (Right::Erase, "C-1", Decision::Refuse, true),
            (Right::Restrict, "C-1", Decision::Grant, false),
            (Right::Object, "C-26", Decision::Grant, false),
            (Right::Object, "C-2", Decision::Partial, true), // the profile would be destroyed
            (Right::OptOut, "C-2", Decision::Grant, false),  // messages end, and the profile stays
        ] {
            let cut = cut(right, &person(reference));
            assert_eq!(
                (cut.plan.decision, cut.refusal.is_some()),
                (decision, refused),
                "{right} {reference}"
            );
            let destroys = cut.plan.steps.iter().any(|step| step.action == Action::Destroy);
            assert!(!destroys, "{right} {reference}");
        }
    }
}

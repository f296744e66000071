//! Whether a disclosure has a ground: found in the rules by what they say, never by whose they are.

use super::{consents, hand_over::HandOver, purposes, reasons};
use crate::{
    domain::{Consent, Moment, Purpose, Reason, Record, Right, Scope, SubjectFacts, iin},
    policy::{
        Rulebook,
        body::{Body, Condition},
        model::{CategoryDef, Rule},
        vocabulary::{Ban, Exception, Sensitivity},
    },
};

/// The rule that lets anything go to the recipient.
///
/// # Errors
/// The rule that forbids it.
pub(super) fn allowed(
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    order: &HandOver,
    now: Moment,
) -> Result<Reason, Reason> {
    let ground = order.ground();
    if let Some(why) = ban(rulebook, Ban::Transfer, ground) {
        return Err(missing(why, "a transfer needs one of its exceptions"));
    }
    let Some(rule) = recipient(rulebook, ground, &order.role) else {
        return Err(missing(consented(rulebook, Scope::ThirdParty), "the policy names no such recipient"));
    };
    let why = rulebook.reason(rule);
    let facts = &of_age(facts, rulebook);
    supported(facts, order, now).map_err(|what| missing(why.clone(), what))?;
    wanted(facts, rulebook, order, now)?;
    purpose(facts, rulebook, order, now)?;
    border(facts, rulebook, order, now)?;
    Ok(why)
}

/// Without consents that somebody gave alone before they were of age: they hand nothing over.
fn of_age(facts: &SubjectFacts, rulebook: &Rulebook) -> SubjectFacts {
    let mut known = facts.clone();
    let minors = rulebook.minors().and_then(|(_, minors)| i32::try_from(minors.under).ok());
    if let (Some(under), Some(born)) = (minors, facts.birth_date()) {
        let alone = |consent: &Consent| consent.given_by == "self";
        known.consents.retain(|consent| !alone(consent) || iin::age(born, consent.given_at.day()) >= under);
    }
    known
}

/// What is missing where a consent stands, for something else.
const OTHER_PURPOSES: &str = "the consent is for named purposes: name one of them (--purpose)";

/// What a ground needs beside its name.
fn supported(facts: &SubjectFacts, order: &HandOver, now: Moment) -> Result<(), &'static str> {
    let third: (_, fn(&Consent) -> bool) = (Scope::ThirdParty, |consent| consent.third_party);
    match order.ground() {
        Exception::Consent if consents::given_for(facts, third, order.purpose.as_ref(), now) => Ok(()),
        Exception::Consent if consents::given(facts, third.0, third.1, now) => Err(OTHER_PURPOSES),
        Exception::Consent => Err("no consent to transfer to third parties stands"),
        Exception::StateDemand if order.is_numbered() => Ok(()),
        Exception::StateDemand => Err("the number of the demand is missing"),
        Exception::Defence if order.approved_by.is_some() => Ok(()),
        Exception::Defence => Err("a lawyer has to approve it"),
        Exception::Provider if order.provider => Ok(()),
        Exception::Provider => Err("dsr.yaml names no recipient of role `processor` by this name"),
        Exception::Contract if facts.open_obligations().next().is_some() => Ok(()),
        Exception::Contract => Err("no obligation is open that would need it"),
        Exception::Affiliate if order.role == "affiliate" => Ok(()),
        Exception::Affiliate => Err("dsr.yaml names no such affiliate"),
        Exception::Staff if order.document.is_some() => Ok(()),
        Exception::Staff => Err("no document says that their work needs it"),
        Exception::Assignment if order.document.is_some() => Ok(()),
        Exception::Assignment => Err("no document says that the rights passed to them"),
        Exception::Purpose => Ok(()),
    }
}

/// What an officer should know of a disclosure for the policy's own purposes: it takes the request itself
/// as consent to a transfer, and the law asks for one that can be shown (art. 7(6), 25(2)(5)).
pub(super) fn without_consent(facts: &SubjectFacts, order: &HandOver, now: Moment) -> Option<String> {
    let shown = consents::given(facts, Scope::ThirdParty, |consent| consent.third_party, now);
    let rests_on_it =
        matches!(order.ground(), Exception::Purpose | Exception::Affiliate | Exception::Assignment);
    (rests_on_it && !shown).then(|| "no consent to transfer to third parties stands in the ledger".to_owned())
}

/// Whoever withdrew consent to processing is handed to nobody but by a lawful demand (art. 8).
fn wanted(facts: &SubjectFacts, rulebook: &Rulebook, order: &HandOver, now: Moment) -> Result<(), Reason> {
    if order.ground() == Exception::StateDemand || !consents::processing_ended(&facts.consents, now) {
        return Ok(());
    }
    let why = reasons::granted(rulebook, Right::Revoke, now.day());
    Err(missing(why, "the person has withdrawn consent to processing"))
}

/// What a demand or a defence is for.
const LEGAL: &str = "legal";

/// A named purpose is one of the policy's, and not one that the person has stopped; of a demand and of a defence it is what they
/// are for, whatever the data was collected for.
fn purpose(facts: &SubjectFacts, rulebook: &Rulebook, order: &HandOver, now: Moment) -> Result<(), Reason> {
    let Some(word) = &order.purpose else { return Ok(()) };
    if rulebook.purpose(word).is_none() {
        let why = forbids(rulebook, Ban::BeyondPurpose);
        return Err(missing(why, "the policy names no such purpose"));
    }
    let demanded = order.ground() == Exception::StateDemand;
    if (demanded || order.ground() == Exception::Defence) && !word.is_under(&Purpose::new(LEGAL)) {
        let why = forbids(rulebook, Ban::BeyondPurpose);
        return Err(missing(why, "a demand and a defence are for `legal`: leave --purpose out"));
    }
    if !demanded && purposes::covered(word, &consents::stopped(facts, now)) {
        let why = forbids(rulebook, Ban::BeyondPurpose);
        return Err(missing(why, "the person has stopped this purpose"));
    }
    Ok(())
}

/// Abroad only with a consent of its own; a foreign demand goes by the law or a treaty, not by its number.
fn border(facts: &SubjectFacts, rulebook: &Rulebook, order: &HandOver, now: Moment) -> Result<(), Reason> {
    let abroad: (_, fn(&Consent) -> bool) = (Scope::CrossBorder, |consent| consent.cross_border);
    if !order.is_abroad() || consents::given_for(facts, abroad, order.purpose.as_ref(), now) {
        return Ok(());
    }
    let law = rulebook.statute.rules.iter().find(
        |rule| matches!(&rule.body, Body::Ban(ban) if ban.what == Ban::Transfer && rule.in_force(now.day())),
    );
    let why = law.map_or_else(|| consented(rulebook, Scope::CrossBorder), |rule| rulebook.reason(rule));
    Err(missing(why, "no consent to transfer abroad stands"))
}

/// The policy's own ban of something where the ground is none of its exceptions.
pub(super) fn ban(rulebook: &Rulebook, what: Ban, ground: Exception) -> Option<Reason> {
    let forbids = |rule: &&Rule| match &rule.body {
        Body::Ban(ban) => ban.what == what && !ban.except.contains(&ground),
        _ => false,
    };
    rulebook.policy.rules.iter().find(forbids).map(|rule| rulebook.reason(rule))
}

/// The policy's clause that names recipients on a ground: that of the role, else the open one.
pub(super) fn recipient<'r>(rulebook: &'r Rulebook, ground: Exception, role: &str) -> Option<&'r Rule> {
    let of_ground = || {
        rulebook.policy.rules.iter().filter_map(|rule| match &rule.body {
            Body::Recipient(recipient) if recipient.exceptions.contains(&ground) => Some((rule, recipient)),
            _ => None,
        })
    };
    let by_role = of_ground().find(|(_, recipient)| recipient.roles.iter().any(|known| known == role));
    let any = || of_ground().find(|(_, recipient)| recipient.roles.is_empty());
    by_role.or_else(any).or_else(|| of_ground().next()).map(|(rule, _)| rule)
}

/// The rule that asks for consent of a scope: the policy's before the law's.
pub(super) fn consented(rulebook: &Rulebook, scope: Scope) -> Reason {
    let asks = |rule: &&Rule| matches!(&rule.body, Body::Basis(basis) if basis.scopes.contains(&scope));
    let found = rulebook.policy.rules.iter().chain(&rulebook.statute.rules).find(asks);
    let reason = found.map(|rule| rulebook.reason(rule));
    reasons::named(reason, "consent", "a transfer needs consent of its own")
}

/// The rule that forbids something: the policy's before the law's.
pub(super) fn forbids(rulebook: &Rulebook, what: Ban) -> Reason {
    let forbids = |rule: &&Rule| matches!(&rule.body, Body::Ban(ban) if ban.what == what);
    let found = rulebook.policy.rules.iter().chain(&rulebook.statute.rules).find(forbids);
    reasons::named(found.map(|rule| rulebook.reason(rule)), "ban", "forbidden")
}

/// The rule against use beyond the purposes.
pub(super) fn beyond_purpose(rulebook: &Rulebook) -> Reason {
    forbids(rulebook, Ban::BeyondPurpose)
}

/// The rule against holding, and so against spreading, what no clause lists.
pub(super) fn excess(rulebook: &Rulebook) -> Reason {
    reasons::named(reasons::excess(rulebook), "excess", "held without a clause")
}

/// The rule that blocks.
pub(super) fn block(rulebook: &Rulebook) -> Reason {
    reasons::block(rulebook)
}

/// The rule that what a law alone keeps is out of use.
pub(super) fn archived(rulebook: &Rulebook) -> Reason {
    let keeps = |rule: &&Rule| rule.body == Body::Condition(Condition::MandatoryStorage);
    let found = rulebook.statute.rules.iter().find(keeps).map(|rule| rulebook.reason(rule));
    reasons::named(found, "archive", "kept for the law alone")
}

/// Biometric data goes to nobody without a consent of its own (Digital Code art. 48).
pub(super) fn biometric(facts: &SubjectFacts, rulebook: &Rulebook, category: &CategoryDef) -> Option<Reason> {
    let standing = facts.consents.iter().any(|consent| {
        consent.scope == Scope::Biometric && consent.third_party && consent.withdrawn_at.is_none()
    });
    let stays = category.sensitivity == Sensitivity::Biometric && !standing;
    stays.then(|| consented(rulebook, Scope::Biometric))
}

/// Used for something else than what it is asked for, or for nothing that the person has not stopped.
pub(super) fn other_purpose(
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    order: &HandOver,
    record: &Record,
    now: Moment,
) -> Option<Reason> {
    let stopped = consents::stopped(facts, now);
    let defends = order.ground() == Exception::Defence;
    let asked = |purpose: &Purpose| {
        defends || order.purpose.as_ref().is_none_or(|word| purpose.is_under(word) || word.is_under(purpose))
    };
    let serves = |purpose: &Purpose| {
        asked(purpose) && rulebook.purpose(purpose).is_some() && !purposes::covered(purpose, &stopped)
    };
    if record.purposes.iter().any(serves) {
        return None;
    }
    Some(missing(forbids(rulebook, Ban::BeyondPurpose), "it is not held for that purpose"))
}

fn missing(why: Reason, what: &str) -> Reason {
    Reason { says: format!("{}: {what}", why.says), ..why }
}

//! Published versions of a policy and the notices they open, kept where nobody can edit them: in the log.
//!
//! A publication is an entry with the digest of the rules, that of the text, and the day it takes effect; a
//! delivered notice is an entry of its own. What is open is read off the entries. Deliberately absent: a
//! table. The log is the register, so a version cannot be backdated.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::context::{Context, Said};
use crate::{
    audit::{Act, Entry, Hash, State},
    domain::{Consent, Error, Kind, Moment, Purpose, Result, Scope, SubjectId},
    policy::{
        Rulebook,
        body::Body,
        vocabulary::{Basis, NoticeTo},
    },
    store::{Period, Store, View},
};

const PUBLISHED: &str = "policy.publish";
const TOLD: &str = "policy.told";

/// Before a new purpose among the counts of a publication.
const NEW: &str = "new.";

/// A version as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Number of its entry.
    pub seq: u64,
    /// When it was published.
    pub at: Moment,
    /// The day it takes effect.
    pub effective: Option<NaiveDate>,
    /// Digest of the rules.
    pub rules: Option<Hash>,
    /// Digest of the published text.
    pub text: Option<Hash>,
    /// The notices it opened: the rule, and when and to how many it was told.
    pub notices: Vec<Notice>,
    /// Purposes that it named first and that rest on consent.
    pub new_purposes: Vec<Purpose>,
}

/// One duty to tell of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The rule that promises it.
    pub rule: String,
    /// The deliveries: when, and to how many.
    pub told: Vec<(Moment, u64)>,
}

/// What is said of a publication.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The day it takes effect.
    pub effective: NaiveDate,
    /// Digest of the published text.
    pub text: Hash,
    /// How many changes of each class, where the earlier version was at hand.
    pub changes: Vec<(&'static str, u64)>,
    /// Purposes that it names first and that rest on consent, each with the people who have not given it.
    pub new_purposes: BTreeMap<Purpose, u64>,
}

/// The notices that a policy promises of its own changes: place and rule.
pub fn promised(rulebook: &Rulebook) -> Vec<(NoticeTo, String)> {
    let notices = rulebook.policy.rules.iter().filter_map(|rule| match &rule.body {
        Body::Notice(notice) => Some((rule, notice)),
        _ => None,
    });
    notices.flat_map(|(rule, notice)| notice.to.iter().map(|to| (*to, rule.id.clone()))).collect()
}

/// A notice of a published version that nobody has given yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Where it was promised.
    pub place: NoticeTo,
    /// The rule that promises it.
    pub rule: String,
    /// The day the version takes effect: by then it is to be told.
    pub by: NaiveDate,
}

/// The notices that are open, each once, by the earliest day on which a version that owes it takes effect.
pub fn owed(rulebook: &Rulebook, versions: &[Version]) -> Vec<Owed> {
    let one = |(place, rule): (NoticeTo, String)| {
        let is_open = |notice: &Notice| notice.rule == rule && notice.told.is_empty();
        let owing = versions.iter().filter(|version| version.notices.iter().any(is_open));
        let by = owing.map(|version| version.effective.unwrap_or(version.at.day())).min()?;
        Some(Owed { place, by, rule })
    };
    promised(rulebook).into_iter().filter_map(one).collect()
}

/// Records a publication; its notices are open from now on.
///
/// # Errors
/// As any write.
pub fn publish(store: &mut Store, context: &Context, rulebook: &Rulebook, what: &Publication) -> Result<()> {
    let day = what.effective;
    let number = u64::from(day.year_ce().1) * 10_000 + u64::from(day.month()) * 100 + u64::from(day.day());
    let changes = what.changes.iter().map(|(class, n)| ((*class).to_owned(), *n));
    let said = Said {
        counts: changes
            .chain([("effective".to_owned(), number)])
            .chain(what.new_purposes.iter().map(|(purpose, people)| (format!("{NEW}{purpose}"), *people)))
            .collect(),
        rules: promised(rulebook).into_iter().map(|(_, rule)| rule).collect(),
        output: Some(what.text),
        ..Said::default()
    };
    store.transact(|tx| context.log(tx, PUBLISHED, State::Configured, said).map(|_| ()))
}

/// Records that a notice of the last version was given.
///
/// # Errors
/// Usage (exit 2) where nothing was published, or the policy promises no such notice.
pub fn told(
    store: &mut Store,
    context: &Context,
    rulebook: &Rulebook,
    to: NoticeTo,
    count: u64,
) -> Result<()> {
    let controller = context.controller.as_deref().unwrap_or_default();
    let versions = store.read(|view| versions(view, controller))?;
    let rule = promised(rulebook).into_iter().find(|(place, _)| *place == to).map(|(_, rule)| rule);
    let open = |rule: &String| {
        versions.last().is_some_and(|last| last.notices.iter().any(|notice| notice.rule == *rule))
    };
    let Some(rule) = rule.filter(open) else {
        return Err(Error::usage(format!("no published version of `{controller}` owes a notice `{to}`"))
            .hint("`dsr policy versions` lists what was published and what is owed"));
    };
    let counts = [("people".to_owned(), count)].into();
    let said = Said { counts, rules: vec![rule], ..Said::default() };
    store.transact(|tx| context.log(tx, TOLD, State::Told, said).map(|_| ()))
}

/// Every published version of a controller's policy, oldest first, with what was told of each.
///
/// # Errors
/// Integrity (exit 9) for an entry that cannot be read.
pub fn versions(view: &View<'_>, controller: &str) -> Result<Vec<Version>> {
    Ok(all_versions(view)?.remove(controller).unwrap_or_default())
}

/// The same by controller, in one pass over the log.
///
/// # Errors
/// As [`versions`].
pub fn all_versions(view: &View<'_>) -> Result<BTreeMap<String, Vec<Version>>> {
    let mut all = BTreeMap::new();
    view.for_each_policy_entry(|seq, bytes| {
        let unreadable = |what| Error::new(Kind::Integrity, format!("entry {seq}: {what}"));
        let act = Entry::parse(bytes).map_err(unreadable)?.act;
        if let Some(controller) = &act.controller {
            add(all.entry(controller.to_string()).or_default(), seq, &act);
        }
        Ok(())
    })?;
    Ok(all)
}

/// The purposes of published versions that rest on consent and that somebody has not consented to since: how
/// many people each. A purpose that the policy does not name any more is past.
///
/// # Errors
/// As [`versions`].
pub fn without_consent(
    view: &View<'_>,
    rulebook: &Rulebook,
    versions: &[Version],
    now: Moment,
) -> Result<BTreeMap<Purpose, u64>> {
    let named = |purpose: &&Purpose| rests_on_consent(rulebook, purpose);
    let new = versions.iter().flat_map(|version| &version.new_purposes).filter(named);
    people_without(view, rulebook, new.cloned().collect(), now)
}

/// Whether a purpose of the policy rests on consent.
pub fn rests_on_consent(rulebook: &Rulebook, purpose: &Purpose) -> bool {
    rulebook.policy.purposes.iter().any(|def| def.word == *purpose && def.basis == Basis::Consent)
}

/// How many people who consented to something have not consented to each of these purposes under the present
/// version of the text.
///
/// # Errors
/// As any read.
pub fn people_without(
    view: &View<'_>,
    rulebook: &Rulebook,
    purposes: BTreeSet<Purpose>,
    now: Moment,
) -> Result<BTreeMap<Purpose, u64>> {
    if purposes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (policy, mut asked) = (&rulebook.policy, BTreeSet::new());
    let mut agreed: BTreeMap<Purpose, BTreeSet<SubjectId>> = BTreeMap::new();
    let period = Period { controller: Some(&policy.id), ..Period::default() };
    view.for_each_consent(&period, |_, who, consent| {
        if !stands(&consent, now) || consent.scope == Scope::Cookie {
            return Ok(());
        }
        asked.insert(who);
        let covers = |purpose: &&Purpose| {
            consent.purposes.is_empty() || consent.purposes.iter().any(|word| purpose.is_under(word))
        };
        for purpose in purposes.iter().filter(|_| consent.policy_version == policy.version).filter(covers) {
            agreed.entry(purpose.clone()).or_default().insert(who);
        }
        Ok(())
    })?;
    let left = |purpose: &Purpose| asked.len() - agreed.get(purpose).map_or(0, BTreeSet::len);
    Ok(purposes
        .iter()
        .map(|purpose| (purpose.clone(), left(purpose) as u64))
        .filter(|(_, n)| *n > 0)
        .collect())
}

fn stands(consent: &Consent, now: Moment) -> bool {
    let ended = |end: Option<Moment>| end.is_some_and(|end| end <= now);
    !ended(consent.withdrawn_at) && !ended(consent.expires_at)
}

fn add(versions: &mut Vec<Version>, seq: u64, act: &Act) {
    let count = |word: &str| act.counts.iter().find(|(key, _)| key.as_str() == word).map(|(_, n)| *n);
    match (act.command.as_str(), versions.last_mut()) {
        (PUBLISHED, _) => versions.push(Version {
            seq,
            at: act.at,
            effective: count("effective").and_then(day_of),
            rules: act.files.policy,
            text: act.output,
            notices: act
                .rules
                .iter()
                .map(|rule| Notice { rule: rule.to_string(), told: Vec::new() })
                .collect(),
            new_purposes: act
                .counts
                .keys()
                .filter_map(|key| key.as_str().strip_prefix(NEW))
                .map(Purpose::new)
                .collect(),
        }),
        // What is told is the text of today: it is told of every version published until then.
        (TOLD, Some(_)) => {
            let rules = |notice: &&mut Notice| act.rules.iter().any(|rule| rule.as_str() == notice.rule);
            let people = count("people").unwrap_or_default();
            let owed = versions.iter_mut().flat_map(|version| &mut version.notices).filter(rules);
            owed.for_each(|notice| notice.told.push((act.at, people)));
        }
        _ => {}
    }
}

fn day_of(number: u64) -> Option<NaiveDate> {
    let part = |n: u64| u32::try_from(n).ok();
    let year = i32::try_from(number / 10_000).ok()?;
    NaiveDate::from_ymd_opt(year, part(number / 100 % 100)?, part(number % 100)?)
}

/// Consents that stand: how many were given under this version of the text, and how many under another.
///
/// # Errors
/// As any read.
pub fn consents(store: &mut Store, controller: &str, version: &str, now: Moment) -> Result<(u64, u64)> {
    let (mut under, mut other) = (0, 0);
    let period = Period { controller: Some(controller), ..Period::default() };
    store.read(|view| {
        view.for_each_consent(&period, |_, _, consent| {
            if stands(&consent, now) && consent.scope != Scope::Cookie {
                *(if consent.policy_version == version { &mut under } else { &mut other }) += 1;
            }
            Ok(())
        })
    })?;
    Ok((under, other))
}

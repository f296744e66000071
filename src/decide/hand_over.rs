//! What a third party may be given about a person: a disclosure, and no right of anybody.
//!
//! Two questions, in this order. May anything go to this recipient at all: the ground, the purpose, the
//! border. And what of each record: what is blocked, archived, due to go, held in excess or used for
//! something else stays; an IP address goes to nobody but by a lawful demand. The person himself is no
//! third party and never gets here.

use std::collections::BTreeMap;

use super::{consents, ground, purposes, retention};
use crate::{
    domain::{
        Action, Category, Decision, Disclosure, Gap, Kept, Moment, Plan, Purpose, Reason, Record, RecordKey,
        Step, SubjectFacts, Verdict,
    },
    policy::{
        Rulebook,
        vocabulary::{Ban, Exception},
    },
};

/// Who wants what, and why they say they may have it.
#[derive(Clone, Debug, Default)]
pub struct HandOver {
    /// The recipient, as the register will name it.
    pub recipient: String,
    /// Its country, two letters; empty counts as Kazakhstan.
    pub country: String,
    /// Its role in `dsr.yaml`, such as `bank`; empty where the file does not name it.
    pub role: String,
    /// The ground; `None` = the purposes of the policy.
    pub ground: Option<Exception>,
    /// What for; `None` = what each record is held for.
    pub purpose: Option<Purpose>,
    /// Number of the lawful demand of a state body or court.
    pub demand: Option<String>,
    /// The lawyer who approved a disclosure in defence of rights.
    pub approved_by: Option<String>,
    /// The document by which staff needs it, or rights passed to the recipient.
    pub document: Option<String>,
    /// The officer's file names the recipient as a service provider.
    pub provider: bool,
    /// Only these categories; empty = all.
    pub categories: Vec<Category>,
    /// Single fields asked for, as `technical.ip`; empty = whole records.
    pub fields: Vec<(Category, String)>,
}

impl HandOver {
    /// The ground: a demand is its own.
    pub fn ground(&self) -> Exception {
        let by_default = if self.demand.is_some() { Exception::StateDemand } else { Exception::Purpose };
        self.ground.unwrap_or(by_default)
    }

    /// Whether the demand has a number: a letter of an authority without one is a case of its own, and hands nothing over.
    pub fn is_numbered(&self) -> bool {
        self.demand.as_ref().is_some_and(|number| number.chars().any(char::is_numeric))
    }

    /// What the ground rests on: the number of the demand, who approved, the document.
    pub fn support(&self) -> Option<&str> {
        let support = match self.ground() {
            Exception::StateDemand => &self.demand,
            Exception::Defence => &self.approved_by,
            _ => &self.document,
        };
        support.as_deref().map(str::trim)
    }

    /// Whether the recipient lies abroad.
    pub fn is_abroad(&self) -> bool {
        !matches!(self.country.as_str(), "" | "KZ")
    }

    fn asks(&self, record: &Record) -> bool {
        let category = |category: &Category| *category == record.category;
        let by_field = self.fields.iter().any(|(of, _)| category(of));
        let all = self.categories.is_empty() && self.fields.is_empty();
        all || by_field || self.categories.iter().any(category)
    }
}

/// One record as it goes out.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The record; its payload is personal data.
    pub record: Record,
    /// Fields that are left out of it.
    pub dropped: Vec<String>,
    /// The fields asked for; empty = all.
    pub only: Vec<String>,
}

/// What goes and what stays.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The records that go, in order of category and id.
    pub records: Vec<Handed>,
    /// The steps and what was kept back, each with its rule.
    pub plan: Plan,
    /// Why nothing goes at all.
    pub refused: Option<Reason>,
    /// The rule that lets it go; the refusing one where nothing does.
    pub why: Reason,
}

/// Decides on one disclosure.
pub fn hand_over(facts: &SubjectFacts, rulebook: &Rulebook, order: &HandOver, now: Moment) -> Parcel {
    let why = match ground::allowed(facts, rulebook, order, now) {
        Ok(why) => why,
        Err(why) => return Parcel::refused(why),
    };
    if let Some(why) = asks_for_address(rulebook, order) {
        return Parcel::refused(why);
    }
    let desk = Desk { facts, rulebook, order, now };
    let (mut records, mut kept) = (Vec::new(), BTreeMap::<(Category, Reason), Vec<RecordKey>>::new());
    for record in facts.records.iter().filter(|record| order.asks(record)) {
        match desk.stays(record) {
            Some(why) => kept.entry((record.category.clone(), why)).or_default().push(record.key),
            None => records.push(desk.handed(record)),
        }
    }
    records.sort_by(|a, b| (&a.record.category, a.record.key).cmp(&(&b.record.category, b.record.key)));
    let mut steps = desk.steps(&records, &why);
    steps.extend(desk.masks(&records));
    let decision = match (records.is_empty(), kept.is_empty()) {
        (true, false) => Decision::Refuse,
        (_, true) => Decision::Grant,
        (false, false) => Decision::Partial,
    };
    let kept = kept.into_iter().map(|((category, why), keys)| desk.kept(category, keys, why)).collect();
    let weak = ground::without_consent(facts, order, now).filter(|_| !records.is_empty());
    let gaps = weak.map(|missing| Gap { category: None, keys: Vec::new(), missing }).into_iter().collect();
    let plan = Plan { decision, steps, kept, gaps, waits: Vec::new() };
    Parcel { records, plan, refused: None, why }
}

impl Parcel {
    fn refused(why: Reason) -> Self {
        let plan = Plan {
            decision: Decision::Refuse,
            steps: Vec::new(),
            kept: Vec::new(),
            gaps: Vec::new(),
            waits: Vec::new(),
        };
        Self { records: Vec::new(), plan, refused: Some(why.clone()), why }
    }

    /// Every rule that decided something, each once.
    pub fn rules(&self) -> Vec<String> {
        let parts = self.plan.steps.iter().map(|step| &step.why);
        let all = parts.chain(self.plan.kept.iter().map(|kept| &kept.why)).chain([&self.why]);
        let distinct: std::collections::BTreeSet<String> = all.map(|why| why.rule.clone()).collect();
        distinct.into_iter().collect()
    }
}

/// Where the link of address and person is banned, whoever asks for the address itself is refused.
fn asks_for_address(rulebook: &Rulebook, order: &HandOver) -> Option<Reason> {
    let addresses = |(category, field): &(Category, String)| addresses(rulebook, category).contains(field);
    let asked = order.fields.iter().any(addresses);
    let why = ground::ban(rulebook, Ban::IpIdentity, order.ground())?;
    asked.then_some(why)
}

/// The fields of a category that hold an IP address, by the public key of the data map.
fn addresses(rulebook: &Rulebook, category: &Category) -> Vec<String> {
    const ADDRESS: &str = "user.device.ip_address";
    let fields = rulebook.category(category).map(|def| def.fields.as_slice()).unwrap_or_default();
    fields.iter().filter(|field| field.key == ADDRESS).map(|field| field.name.clone()).collect()
}

/// Whether somebody has of a person only what holds the address of a device, and the link to who it is is kept from
/// them: then no notice may make that link.
pub fn has_address_alone<'d>(received: impl Iterator<Item = &'d Disclosure>, rulebook: &Rulebook) -> bool {
    let banned = |one: &Disclosure| {
        let basis = one.basis.parse().unwrap_or(Exception::Consent);
        ground::ban(rulebook, Ban::IpIdentity, basis).is_some()
    };
    let alone = |one: &Disclosure| {
        !one.categories.is_empty() && one.categories.iter().all(|word| !addresses(rulebook, word).is_empty())
    };
    let (mut any, mut all) = (false, true);
    received.for_each(|one| (any, all) = (any || banned(one), all && alone(one)));
    any && all
}

struct Desk<'a> {
    facts: &'a SubjectFacts,
    rulebook: &'a Rulebook,
    order: &'a HandOver,
    now: Moment,
}

impl Desk<'_> {
    /// Why a record stays; `None` = it goes.
    fn stays(&self, record: &Record) -> Option<Reason> {
        let Some(category) = self.rulebook.category(&record.category) else {
            return Some(ground::excess(self.rulebook));
        };
        if !category.personal {
            return None;
        }
        if category.excess {
            return Some(ground::excess(self.rulebook));
        }
        if self.facts.stop(&record.category).is_some() || record.caveats.restricted {
            return Some(ground::block(self.rulebook));
        }
        if self.order.ground() == Exception::StateDemand {
            return None;
        }
        ground::biometric(self.facts, self.rulebook, category)
            .or_else(|| self.over(record))
            .or_else(|| ground::other_purpose(self.facts, self.rulebook, self.order, record, self.now))
    }

    /// What is archived is kept for the law alone; what is due to go is not spread before it goes.
    fn over(&self, record: &Record) -> Option<Reason> {
        match retention::verdict(record, self.facts, self.rulebook, self.now.day()) {
            Verdict::Archive { why, .. } | Verdict::Destroy { why, .. } => Some(why),
            _ if record.archived_until.is_some() => Some(ground::archived(self.rulebook)),
            _ => None,
        }
    }

    fn handed(&self, record: &Record) -> Handed {
        let banned = ground::ban(self.rulebook, Ban::IpIdentity, self.order.ground()).is_some();
        let mut dropped = if banned { addresses(self.rulebook, &record.category) } else { Vec::new() };
        // What tells of somebody else, or may, goes to nobody with this person's data.
        dropped.extend(record.caveats.masked.iter().chain(&record.caveats.free_text).cloned());
        let asked = self.order.fields.iter().filter(|(category, _)| *category == record.category);
        // Nothing goes, and nothing is registered, for a purpose that the person has stopped; one of the others let it go.
        let (mut record, stopped) = (record.clone(), consents::stopped(self.facts, self.now));
        if self.order.ground() != Exception::StateDemand {
            record.purposes.retain(|purpose| !purposes::covered(purpose, &stopped));
        }
        Handed { record, dropped, only: asked.map(|(_, field)| field.clone()).collect() }
    }

    fn steps(&self, records: &[Handed], why: &Reason) -> Vec<Step> {
        let step = |category: Category, keys| Step {
            category: Some(category),
            keys,
            about: vec![self.order.recipient.clone()],
            ..Step::new(Action::Disclose, "record", why.clone())
        };
        by_category(records.iter()).into_iter().map(|(category, keys)| step(category, keys)).collect()
    }

    fn masks(&self, records: &[Handed]) -> Vec<Step> {
        let Some(why) = ground::ban(self.rulebook, Ban::IpIdentity, self.order.ground()) else {
            return Vec::new();
        };
        let addressed = |one: &&Handed| {
            let addresses = addresses(self.rulebook, &one.record.category);
            one.dropped.iter().any(|field| addresses.contains(field))
        };
        let masked = by_category(records.iter().filter(addressed));
        let step = |(category, keys): (Category, Vec<RecordKey>)| Step {
            fields: addresses(self.rulebook, &category),
            category: Some(category),
            keys,
            ..Step::new(Action::Mask, "record", why.clone())
        };
        masked.into_iter().map(step).collect()
    }

    fn kept(&self, category: Category, keys: Vec<RecordKey>, why: Reason) -> Kept {
        Kept { action: Action::Disclose, category, system: "own".into(), keys, until: None, why }
    }
}

fn by_category<'a>(records: impl Iterator<Item = &'a Handed>) -> BTreeMap<Category, Vec<RecordKey>> {
    let mut all = BTreeMap::<Category, Vec<RecordKey>>::new();
    for one in records {
        all.entry(one.record.category.clone()).or_default().push(one.record.key);
    }
    all
}

#[cfg(test)]
mod tests;

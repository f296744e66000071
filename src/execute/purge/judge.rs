//! Everybody judged, before anything is done: what goes, what is archived, what is held, where no rule speaks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::Company;
use crate::{
    decide::{
        nightly::{Fate, Protector, fate},
        sieve::{Sieves, sieves},
    },
    domain::{Category, Error, Kind as ErrorKind, Reason, Record, Result},
    policy::Rulebook,
    store::{
        Store, View,
        expire::{Asked, Due, Kind, Links, Wanted},
    },
};

/// Records judged at a time: the facts of their people lie in memory together.
const CHUNK: usize = 4_096;

/// The verdict over a whole run.
pub struct Judged {
    /// One for each controller, in the order of the companies.
    pub companies: Vec<OfCompany>,
    /// The state of the store that was judged, as [`View::data_version`] tells it.
    pub version: i64,
}

/// The verdict over one controller.
pub struct OfCompany {
    /// What is done and why: records point at these.
    pub kinds: Kinds,
    /// What is done: record and number of its kind, in order of record.
    pub due: Vec<(u32, u16)>,
    /// What is told.
    pub told: Told,
    /// Which rows are one person.
    pub links: Links,
}

/// What is only told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Due, and protected: by category.
    pub held: BTreeMap<Category, u64>,
    /// The same, by what protects.
    pub held_by: BTreeMap<Protector, u64>,
    /// The same, by category and rule, for the act.
    pub kept: BTreeMap<(Category, String), u64>,
    /// No rule says.
    pub gaps: BTreeMap<Category, u64>,
}

/// Kinds of what is done, each once.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    /// As the store takes them.
    pub list: Vec<Kind>,
    /// The reason of each.
    pub why: Vec<Reason>,
    numbers: HashMap<(Category, String, Option<NaiveDate>), u16>,
}

impl Kinds {
    fn number(&mut self, category: &Category, why: Reason, until: Option<NaiveDate>) -> Result<u16> {
        let key = (category.clone(), why.rule.clone(), until);
        if let Some(known) = self.numbers.get(&key) {
            return Ok(*known);
        }
        let number = u16::try_from(self.list.len())
            .map_err(|_| Error::new(ErrorKind::Failed, "more kinds of destruction than a run can count"))?;
        self.list.push(Kind { category: key.0.clone(), rule: why.rule.clone(), until });
        self.why.push(why);
        self.numbers.insert(key, number);
        Ok(number)
    }
}

impl OfCompany {
    /// Records by category: destroyed, or archived.
    pub fn counts(&self, archived: bool) -> BTreeMap<Category, u64> {
        let mut counts = BTreeMap::new();
        for (_, kind) in &self.due {
            if let Some(kind) =
                self.kinds.list.get(usize::from(*kind)).filter(|kind| kind.until.is_some() == archived)
            {
                *counts.entry(kind.category.clone()).or_default() += 1;
            }
        }
        counts
    }
}

/// Judges every controller in one consistent view.
///
/// # Errors
/// As any read; a broken rule stops the whole run.
pub fn everybody(store: &mut Store, companies: &[Company<'_>], today: NaiveDate) -> Result<Judged> {
    store.read(|view| {
        let one = |company: &Company<'_>| of_company(view, &company.controller, company.rulebook, today);
        let companies = companies.iter().map(one).collect::<Result<_>>()?;
        Ok(Judged { companies, version: view.data_version()? })
    })
}

/// How many records the next nightly run would destroy or archive.
///
/// # Errors
/// As any read.
pub fn due_tonight(view: &View<'_>, controller: &str, rulebook: &Rulebook, today: NaiveDate) -> Result<u64> {
    let sieves = sieves(rulebook, today);
    let links = view.links()?;
    let found = view.due(controller, &sieves, &links)?;
    let by_contact = by_contact(&sieves);
    let asked = Asked { young: Some(&found.young), by_contact: &by_contact };
    let mut judge = Judge::of(view, (controller, rulebook), today, &links, asked)?;
    let (mut fated, mut count) = (Vec::new(), 0);
    for chunk in whole_people(&found.due) {
        judge.judge(chunk, &mut fated)?;
        count += fated.drain(..).len() as u64;
    }
    Ok(count)
}

fn of_company(view: &View<'_>, controller: &str, rulebook: &Rulebook, today: NaiveDate) -> Result<OfCompany> {
    let sieves = sieves(rulebook, today);
    let links = view.links()?;
    let found = view.due(controller, &sieves, &links)?;
    let by_contact = by_contact(&sieves);
    let asked = Asked { young: Some(&found.young), by_contact: &by_contact };
    let mut judge = Judge::of(view, (controller, rulebook), today, &links, asked)?;
    judge.told.gaps = view.gaps(controller, &sieves)?;
    judge.counted = judge.told.gaps.keys().cloned().collect();
    let mut fated = Vec::new();
    for chunk in whole_people(&found.due) {
        judge.judge(chunk, &mut fated)?;
    }
    fated.sort_unstable();
    let (kinds, told) = (judge.kinds, judge.told);
    Ok(OfCompany { kinds, due: fated, told, links })
}

/// Judges some records again, in the transaction that acts on them: what no longer goes is left out.
///
/// # Errors
/// As [`everybody`].
pub fn again(
    view: &View<'_>,
    company: &Company<'_>,
    records: &[(u32, u16)],
    kinds: &mut Kinds,
    today: NaiveDate,
) -> Result<Vec<(u32, u16)>> {
    let links = view.links()?;
    let due = view.owners(records.iter().map(|(record, _)| *record), &links)?;
    let by_contact = by_contact(&sieves(company.rulebook, today));
    let asked = Asked { young: None, by_contact: &by_contact };
    let of = (company.controller.as_str(), company.rulebook);
    let mut judge = Judge::of(view, of, today, &links, asked)?;
    judge.kinds = std::mem::take(kinds);
    let mut fated = Vec::new();
    let done = whole_people(&due).try_for_each(|chunk| judge.judge(chunk, &mut fated));
    *kinds = judge.kinds;
    done?;
    fated.sort_unstable();
    Ok(fated)
}

/// Categories that the last contact of a person judges.
fn by_contact(sieves: &Sieves) -> BTreeSet<Category> {
    let judged = sieves.of.iter().filter(|(_, sieve)| sieve.given_by_others);
    judged.map(|(category, _)| category.clone()).collect()
}

struct Judge<'a> {
    view: &'a View<'a>,
    controller: &'a str,
    rulebook: &'a Rulebook,
    today: NaiveDate,
    links: &'a Links,
    wanted: Wanted,
    asked: Asked<'a>,
    told: Told,
    counted: BTreeSet<Category>,
    kinds: Kinds,
}

impl<'a> Judge<'a> {
    /// One that has judged nothing yet.
    fn of(
        view: &'a View<'a>,
        (controller, rulebook): (&'a str, &'a Rulebook),
        today: NaiveDate,
        links: &'a Links,
        asked: Asked<'a>,
    ) -> Result<Self> {
        let (wanted, told, counted, kinds) =
            (view.wanted()?, Told::default(), BTreeSet::new(), Kinds::default());
        Ok(Self { view, controller, rulebook, today, links, wanted, asked, told, counted, kinds })
    }

    fn judge(&mut self, due: &[Due], fated: &mut Vec<(u32, u16)>) -> Result<()> {
        for person in self.view.people(self.controller, due, self.links, self.wanted, self.asked)? {
            for record in &person.facts.records {
                let category = &record.category;
                let fate = fate(record, &person.facts, self.rulebook, self.today);
                self.recount(record, &fate);
                let (why, until) = match fate {
                    Fate::Destroy(why) => (why, None),
                    Fate::Archive(until, why) => (why, Some(until)),
                    Fate::Held(by, why) => {
                        self.told.hold(category, by, why);
                        continue;
                    }
                    // A category that no rule can match was counted whole.
                    Fate::Gap(_) if self.counted.contains(category) => continue,
                    Fate::Gap(_) => {
                        *self.told.gaps.entry(category.clone()).or_default() += 1;
                        continue;
                    }
                    Fate::Stays => continue,
                };
                let kind = self.kinds.number(category, why, until)?;
                let row = u32::try_from(record.key.id)
                    .map_err(|_| Error::new(ErrorKind::Failed, "more records than a run can count"))?;
                fated.push((row, kind));
            }
        }
        Ok(())
    }

    /// A category that no rule can match was counted whole; what a child gave is decided all the same.
    fn recount(&mut self, record: &Record, fate: &Fate) {
        let decided = !matches!(fate, Fate::Gap(_) | Fate::Stays) && record.archived_until.is_none();
        if decided && self.counted.contains(&record.category) {
            self.told.gaps.entry(record.category.clone()).and_modify(|n| *n = n.saturating_sub(1));
        }
    }
}

impl Told {
    fn hold(&mut self, category: &Category, by: Protector, why: Reason) {
        *self.held.entry(category.clone()).or_default() += 1;
        *self.held_by.entry(by).or_default() += 1;
        *self.kept.entry((category.clone(), why.rule)).or_default() += 1;
    }
}

/// Parts of about [`CHUNK`] records that never divide a person.
fn whole_people(due: &[Due]) -> impl Iterator<Item = &[Due]> {
    let mut rest = due;
    std::iter::from_fn(move || {
        let last = rest.get(CHUNK.min(rest.len()).checked_sub(1)?)?.person;
        let end = rest.partition_point(|candidate| candidate.person <= last);
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

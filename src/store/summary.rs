//! What is held and what is stopped, summed up in one pass: as many lines as there are words, not rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Period, View, column as at};
use crate::domain::{Category, Moment, Purpose, Result};

/// What is held in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The controller.
    pub controller: String,
    /// The category.
    pub category: Category,
    /// Records, archived ones included.
    pub records: u64,
    /// Records out of use, kept for the law alone.
    pub archived: u64,
    /// People these are about, as they were imported: one who is held twice counts twice.
    pub people: u64,
    /// When the oldest was collected.
    pub oldest: Moment,
    /// When the newest was collected.
    pub newest: Moment,
    /// How they came.
    pub sources: BTreeSet<String>,
    /// What they are used for.
    pub purposes: BTreeSet<String>,
}

/// One purpose that people have stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedPurpose {
    /// The controller.
    pub controller: String,
    /// The purpose, with everything under it.
    pub purpose: Purpose,
    /// The first of them.
    pub since: Moment,
    /// The last of them.
    pub latest: Moment,
    /// In force.
    pub in_force: u64,
    /// Taken back.
    pub lifted: u64,
    /// In force for people who were destroyed and are known by a mark alone.
    pub destroyed: u64,
}

impl View<'_> {
    /// What is held of what was collected in the period, by controller and category.
    ///
    /// # Errors
    /// As any read.
    pub fn holdings(&self, period: &Period<'_>) -> Result<Vec<Holding>> {
        let (condition, values) = period.condition("r.collected_at");
        // By person, so that people are counted in one pass without a set of them.
        let sql = format!(
            "SELECT c.code, g.word, r.source, r.purposes, r.collected_at, r.archived_until IS NOT NULL,
                    r.subject
               FROM record r INDEXED BY record_subject CROSS JOIN controller c ON c.id = r.controller
              CROSS JOIN category g ON g.id = r.category
              WHERE {condition} ORDER BY r.subject"
        );
        let mut sums = Sums::default();
        self.stream(&sql, &values, |row| {
            let line = Line {
                key: (at::text(row, 0)?, at::text(row, 1)?),
                source: at::text(row, 2)?,
                purposes: at::text(row, 3)?,
                collected: at::moment(row, 4)?,
                archived: row.get(5)?,
                person: row.get(6)?,
            };
            sums.add(&line);
            Ok(())
        })?;
        Ok(sums.by_key.into_values().flat_map(BTreeMap::into_values).map(|sum| sum.holding).collect())
    }

    /// Purposes stopped in the period, by controller and word.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_stopped_purpose(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(StoppedPurpose) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("p.since");
        let sql = format!(
            "SELECT c.code, p.purpose, min(p.since), max(p.since), count(*) - count(p.lifted_at), count(p.lifted_at),
                    count(iif(p.lifted_at IS NULL AND p.subject IS NULL, 1, NULL))
               FROM suppression p JOIN controller c ON c.id = p.controller
              WHERE p.head = 1 AND {condition} GROUP BY c.code, p.purpose ORDER BY c.code, p.purpose"
        );
        self.stream(&sql, &values, |row| {
            let count = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or_default());
            each(StoppedPurpose {
                controller: row.get(0)?,
                purpose: Purpose::new(at::text(row, 1)?),
                since: at::moment(row, 2)?,
                latest: at::moment(row, 3)?,
                in_force: count(4)?,
                lifted: count(5)?,
                destroyed: count(6)?,
            })
        })
    }
}

/// One record on its way into the sums.
struct Line<'r> {
    key: (&'r str, &'r str),
    source: &'r str,
    purposes: &'r str,
    collected: Moment,
    archived: bool,
    person: i64,
}

#[derive(Default)]
struct Sums {
    by_key: BTreeMap<String, BTreeMap<String, Sum>>,
}

struct Sum {
    holding: Holding,
    last_person: Option<i64>,
}

impl Sums {
    fn add(&mut self, line: &Line<'_>) {
        let (controller, category) = line.key;
        if !self.by_key.contains_key(controller) {
            self.by_key.insert(controller.to_owned(), BTreeMap::new());
        }
        let Some(categories) = self.by_key.get_mut(controller) else { return };
        if !categories.contains_key(category) {
            categories.insert(category.to_owned(), Sum::new(line));
        }
        categories.get_mut(category).into_iter().for_each(|sum| sum.add(line));
    }
}

impl Sum {
    fn new(line: &Line<'_>) -> Self {
        let holding = Holding {
            controller: line.key.0.to_owned(),
            category: Category::new(line.key.1),
            records: 0,
            archived: 0,
            people: 0,
            oldest: line.collected,
            newest: line.collected,
            sources: BTreeSet::new(),
            purposes: BTreeSet::new(),
        };
        Self { holding, last_person: None }
    }

    fn add(&mut self, line: &Line<'_>) {
        let sum = &mut self.holding;
        sum.records += 1;
        sum.archived += u64::from(line.archived);
        sum.people += u64::from(self.last_person != Some(line.person));
        self.last_person = Some(line.person);
        sum.oldest = sum.oldest.min(line.collected);
        sum.newest = sum.newest.max(line.collected);
        let words = |list: &mut BTreeSet<String>, word: &str| {
            if !word.is_empty() && !list.contains(word) {
                list.insert(word.to_owned());
            }
        };
        words(&mut sum.sources, line.source);
        line.purposes.split(' ').for_each(|purpose| words(&mut sum.purposes, purpose));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::{
        cast::{self, furnish, uid},
        keys::KeyFile,
    };

    #[test]
    fn what_is_held_by_category() {
        let mut store = cast::dealership();
        store.transact(|tx| [1, 2].into_iter().try_for_each(|n| furnish(tx, n))).unwrap();
        let held = store.read(|view| view.holdings(&Period::default())).unwrap();
        let said: Vec<String> = held
            .iter()
            .map(|sum| {
                let purposes: Vec<&str> = sum.purposes.iter().map(String::as_str).collect();
                format!(
                    "{} {} {} {} {} {}",
                    sum.category,
                    sum.records,
                    sum.archived,
                    sum.people,
                    sum.newest.unix() - sum.oldest.unix(),
                    purposes.join(",")
                )
            })
            .collect();
        assert_eq!(said, ["contact 4 0 2 1 promotion,service", "vehicle 2 2 2 0 promotion,service"]);
        let none = Period { from: Some(Moment::from_unix(1_800_000_000)), ..Period::default() };
        assert_eq!(store.read(|view| view.holdings(&none)).unwrap(), []);
    }

    #[test]
    fn stopped_purposes_are_counted_not_named() {
        let mut store = cast::dealership();
        let directory = tempfile::tempdir().unwrap();
        let key = KeyFile::create(&directory.path().join("key"), [9; 32]).unwrap();
        let purposes = [Purpose::new("promotion"), Purpose::new("analytics")];
        store
            .transact(|tx| {
                for (n, at) in [(1, 100), (2, 200)] {
                    let person = tx.person("mycar", uid(n))?;
                    tx.suppress(&person, &purposes, &key, None, Moment::from_unix(at))?;
                }
                let person = tx.person("mycar", uid(2))?;
                tx.lift_suppressions(&person, &purposes[..1], Moment::from_unix(300)).map(drop)
            })
            .unwrap();
        let mut seen = Vec::new();
        store
            .read(|view| {
                view.for_each_stopped_purpose(&Period::default(), |line| {
                    let times = (line.since.unix(), line.latest.unix());
                    seen.push((line.purpose.to_string(), times, line.in_force, line.lifted, line.destroyed));
                    Ok(())
                })
            })
            .unwrap();
        let expected = [("analytics".into(), (100, 200), 2, 0, 0), ("promotion".into(), (100, 200), 1, 1, 0)];
        assert_eq!(seen, expected);
    }
}

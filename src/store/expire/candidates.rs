//! What may be due, by index: one question for each kind of date that a rule may count from.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use chrono::{Datelike, Days, Months, NaiveDate};
use rusqlite::{OptionalExtension, ToSql, types::Value, vtab::array};

use super::{Due, small};
use crate::{
    decide::sieve::{Sieve, Sieves},
    domain::{Category, Identifier, IdentifierType, Moment, Result, Scope},
    store::{View, column as at, key},
};

/// Rows of `subject` that are one person with another row, which stands for all of them.
#[derive(Clone, Debug, Default)]
pub struct Links {
    root: BTreeMap<u32, u32>,
    members: BTreeMap<u32, Vec<u32>>,
}

impl Links {
    /// The row that stands for a row.
    pub(super) fn root(&self, row: u32) -> u32 {
        self.root.get(&row).copied().unwrap_or(row)
    }

    /// All rows of the person that a row stands for, itself first.
    pub(super) fn rows(&self, root: u32) -> impl Iterator<Item = u32> {
        std::iter::once(root).chain(self.members.get(&root).into_iter().flatten().copied())
    }

    /// All rows of these people.
    pub(super) fn all(&self, roots: impl IntoIterator<Item = u32>) -> Vec<u32> {
        roots.into_iter().flat_map(|root| self.rows(root)).collect()
    }
}

/// What may be due.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// By person and record, each once.
    pub due: Vec<Due>,
    /// People who may have given data as children.
    pub young: BTreeSet<u32>,
}

/// Row numbers as one bound value (`rarray`).
pub(in crate::store) fn list(rows: impl IntoIterator<Item = u32>) -> array::Array {
    Rc::new(rows.into_iter().map(|row| Value::Integer(row.into())).collect())
}

/// The earliest day that any rule could count from, written as the index has it: by the name of the column, which
/// is the same, each record would be read in the order of its date, every page of the table many times over.
const START: &str = "min(collected_at, ifnull(last_contact_at, collected_at), ifnull(document_at, collected_at), \
    ifnull(purpose_reached_at, collected_at), ifnull(activity_at, collected_at))";

/// People asked for at a time.
pub(super) const CHUNK: usize = 1_000;

impl View<'_> {
    /// Which rows are one person.
    ///
    /// # Errors
    /// As any read; so for all of this file.
    pub fn links(&self) -> Result<Links> {
        let mut links = Links::default();
        self.stream("SELECT id, same_as FROM subject WHERE same_as IS NOT NULL ORDER BY id", &[], |row| {
            let (id, root) = (small(row.get(0)?)?, small(row.get(1)?)?);
            links.root.insert(id, root);
            links.members.entry(root).or_default().push(id);
            Ok(())
        })?;
        Ok(links)
    }

    /// Every record of a controller that passes the sieve, by person and record, each once.
    pub fn due(&self, controller: &str, sieves: &Sieves, links: &Links) -> Result<Candidates> {
        let Some(id) = self.controller(controller)? else { return Ok(Candidates::default()) };
        rusqlite::vtab::array::load_module(self.conn())?;
        let tomorrow = Moment::start_of(sieves.today + Days::new(1));
        let mut found = Found { view: self, controller: id, links, tomorrow, due: Vec::new() };
        for (category, sieve) in &sieves.of {
            found.of_category(category, sieve)?;
        }
        found.archived(sieves.today)?;
        let young = sieves.under.map(|under| found.given_young(under, sieves)).transpose()?;
        let mut due = found.due;
        due.sort_unstable();
        due.dedup();
        Ok(Candidates { due, young: young.unwrap_or_default() })
    }

    /// Records of categories that no rule can match: counted, since nothing can be decided. Of a category that
    /// the policy does not know, archived ones too: nobody can say any more why they were.
    pub fn gaps(&self, controller: &str, sieves: &Sieves) -> Result<BTreeMap<Category, u64>> {
        let Some(id) = self.controller(controller)? else { return Ok(BTreeMap::new()) };
        let mut gaps = BTreeMap::new();
        for category in self.categories()? {
            let known = sieves.of.get(&category);
            if sieves.outside.contains(&category) || known.is_some_and(|sieve| !sieve.gap) {
                continue;
            }
            let mut count = self.count_of(id, &category, "archived_until IS NULL")?;
            if known.is_none() {
                count += self.count_of(id, &category, "archived_until IS NOT NULL")?;
            }
            gaps.extend((count > 0).then_some((category, count)));
        }
        Ok(gaps)
    }

    pub(super) fn category_words(&self) -> Result<BTreeMap<u32, Category>> {
        let mut words = BTreeMap::new();
        self.stream("SELECT id, word FROM category", &[], |row| {
            words.insert(small(row.get(0)?)?, Category::new(at::text(row, 1)?));
            Ok(())
        })?;
        Ok(words)
    }

    fn categories(&self) -> Result<Vec<Category>> {
        let mut all = Vec::new();
        self.stream("SELECT word FROM category ORDER BY word", &[], |row| {
            all.push(Category::new(at::text(row, 0)?));
            Ok(())
        })?;
        Ok(all)
    }

    /// By the index over records in use, or by the one over archived ones.
    fn count_of(&self, controller: i64, category: &Category, state: &str) -> Result<u64> {
        let sql = format!(
            "SELECT count(*) FROM record WHERE controller = ?1 AND {state}
                AND category = (SELECT id FROM category WHERE word = ?2)"
        );
        let count: i64 = self.prepare(&sql)?.query_row((controller, category.as_str()), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many records a controller holds, counted no further than `most`.
    pub fn records_up_to(&self, controller: &str, most: u64) -> Result<u64> {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM record
            WHERE controller = (SELECT id FROM controller WHERE code = ?1) LIMIT ?2)";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let count: i64 = self.prepare(sql)?.query_row((controller, most), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

/// Candidates being gathered.
struct Found<'v, 'l> {
    view: &'v View<'v>,
    controller: i64,
    links: &'l Links,
    tomorrow: Moment,
    due: Vec<Due>,
}

impl Found<'_, '_> {
    fn of_category(&mut self, category: &Category, sieve: &Sieve) -> Result<()> {
        let before = if sieve.everything { Some(Moment::from_unix(i64::MAX)) } else { sieve.before };
        if let Some(before) = before {
            self.records(category, &format!("{START} < ?3"), Some(before))?;
        }
        if sieve.reached {
            self.records(category, "purpose_reached_at IS NOT NULL", None)?;
        }
        if sieve.given_by_others {
            self.records(category, "given_by <> 'self' AND last_contact_at IS NULL", None)?;
        }
        for scope in &sieve.unconsented {
            self.unconsented(category, *scope)?;
        }
        let mut people = BTreeSet::new();
        for scope in &sieve.withdrawn {
            self.consents(*scope, "withdrawn_at IS NOT NULL", None, &mut people)?;
        }
        for (scope, before) in &sieve.consents {
            self.consents(*scope, "given_at < ?3", Some(*before), &mut people)?;
            let expired = "expires_at IS NOT NULL AND expires_at < ?3";
            self.consents(*scope, expired, Some(self.tomorrow), &mut people)?;
        }
        self.of_people(&people, Some(category))
    }

    /// Records in use that a condition on the record itself picks.
    fn records(&mut self, category: &Category, condition: &str, before: Option<Moment>) -> Result<()> {
        let sql = format!(
            "SELECT subject, id FROM record WHERE controller = ?1 AND archived_until IS NULL
                AND category = (SELECT id FROM category WHERE word = ?2) AND {condition}"
        );
        let word = category.as_str();
        let before = before.map(Moment::unix);
        let mut values: Vec<Box<dyn ToSql + '_>> = vec![Box::new(self.controller), Box::new(word)];
        values.extend(before.map(|before| Box::new(before) as Box<dyn ToSql>));
        self.take(&sql, &values)
    }

    /// Records in use of rows without any consent of a scope; a linked row may have one, which the judge sees.
    fn unconsented(&mut self, category: &Category, scope: Scope) -> Result<()> {
        let sql = "SELECT subject, id FROM record r WHERE controller = ?1 AND archived_until IS NULL
            AND category = (SELECT id FROM category WHERE word = ?2)
            AND NOT EXISTS (SELECT 1 FROM consent WHERE subject = r.subject AND scope = ?3)";
        let (word, scope) = (category.as_str(), scope.as_str());
        self.take(sql, &[Box::new(self.controller), Box::new(word), Box::new(scope)])
    }

    /// What a law alone kept, and no longer does.
    fn archived(&mut self, today: NaiveDate) -> Result<()> {
        let sql = "SELECT subject, id FROM record WHERE controller = ?1 AND archived_until < ?2";
        self.take(sql, &[Box::new(self.controller), Box::new(today.to_string())])
    }

    fn take(&mut self, sql: &str, values: &[Box<dyn ToSql + '_>]) -> Result<()> {
        let (links, due) = (self.links, &mut self.due);
        self.view.stream(sql, values, |row| {
            let (subject, record) = (small(row.get(0)?)?, small(row.get(1)?)?);
            due.push(Due { person: links.root(subject), record });
            Ok(())
        })
    }

    /// People with a consent that a condition picks.
    fn consents(
        &self,
        scope: Scope,
        condition: &str,
        before: Option<Moment>,
        people: &mut BTreeSet<u32>,
    ) -> Result<()> {
        let sql = format!("SELECT subject FROM consent WHERE controller = ?1 AND scope = ?2 AND {condition}");
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(self.controller), Box::new(scope.as_str())];
        values.extend(before.map(|before| Box::new(before.unix()) as Box<dyn ToSql>));
        self.view.stream(&sql, &values, |row| {
            people.insert(self.links.root(small(row.get(0)?)?));
            Ok(())
        })
    }

    /// Records in use of these people: of one category, or of all.
    fn of_people(&mut self, people: &BTreeSet<u32>, category: Option<&Category>) -> Result<()> {
        let sql = "SELECT subject, id FROM record WHERE subject IN rarray(?1) AND archived_until IS NULL
            AND (?2 IS NULL OR category = (SELECT id FROM category WHERE word = ?2))";
        let roots: Vec<u32> = people.iter().copied().collect();
        let word = category.map(Category::as_str);
        for chunk in roots.chunks(CHUNK) {
            let rows = list(self.links.all(chunk.iter().copied()));
            self.take(sql, &[Box::new(rows), Box::new(word)])?;
        }
        Ok(())
    }

    /// Records of people who gave some before they came of age. Who was a child when the oldest record of
    /// the controller was made may be one of them; nobody older is looked at.
    fn given_young(&mut self, under: u32, sieves: &Sieves) -> Result<BTreeSet<u32>> {
        let Some(oldest) = self.oldest(sieves)? else { return Ok(BTreeSet::new()) };
        let first = oldest.checked_sub_months(Months::new((under + 1) * 12)).unwrap_or(NaiveDate::MIN);
        let mut born = self.born_by_statement(first)?;
        let by_number = self.born_by_number(first.year(), sieves.today.year())?;
        by_number.into_iter().for_each(|(root, day)| youngest(&mut born, root, day));
        let young = self.gave_before(&born, under)?;
        self.of_people(&young, None)?;
        Ok(young)
    }

    /// The earliest date any record in use counts from.
    fn oldest(&self, sieves: &Sieves) -> Result<Option<NaiveDate>> {
        let sql = format!(
            "SELECT {START} FROM record WHERE controller = ?1 AND archived_until IS NULL
                AND category = (SELECT id FROM category WHERE word = ?2) ORDER BY {START} LIMIT 1"
        );
        let mut query = self.view.prepare(&sql)?;
        let mut oldest = None;
        for category in sieves.of.keys() {
            let first: Option<i64> =
                query.query_row((self.controller, category.as_str()), |row| row.get(0)).optional()?;
            oldest = oldest.into_iter().chain(first.map(|at| Moment::from_unix(at).day())).min();
        }
        Ok(oldest)
    }

    fn born_by_statement(&self, first: NaiveDate) -> Result<BTreeMap<u32, NaiveDate>> {
        let sql = "SELECT id, born FROM subject WHERE controller = ?1 AND born IS NOT NULL AND born >= ?2";
        let mut born = BTreeMap::new();
        self.view.stream(sql, &[Box::new(self.controller), Box::new(first.to_string())], |row| {
            let root = self.links.root(small(row.get(0)?)?);
            at::day(row, 1)?.into_iter().for_each(|day| youngest(&mut born, root, day));
            Ok(())
        })?;
        Ok(born)
    }

    /// By IIN, whose first two digits are the year: only the years in question are read.
    fn born_by_number(&self, first: i32, last: i32) -> Result<BTreeMap<u32, NaiveDate>> {
        let sql = "SELECT subject, key FROM identifier WHERE controller = ?1 AND type = ?2 AND key >= ?3 AND key < ?4";
        let mut born = BTreeMap::new();
        for year in first..=last {
            let digits = year.rem_euclid(100);
            let (from, to) = (format!("{digits:02}"), format!("{digits:02}:"));
            let code = key::code(IdentifierType::Iin);
            self.view.stream(
                sql,
                &[Box::new(self.controller), Box::new(code), Box::new(from), Box::new(to)],
                |row| {
                    let iin = Identifier::parse(IdentifierType::Iin, at::text(row, 1)?).ok();
                    let day = iin.and_then(|iin| iin.birth_date()).filter(|day| day.year() == year);
                    let root = self.links.root(small(row.get(0)?)?);
                    day.into_iter().for_each(|day| youngest(&mut born, root, day));
                    Ok(())
                },
            )?;
        }
        Ok(born)
    }

    /// Those of them with a record collected before they came of age.
    fn gave_before(&self, born: &BTreeMap<u32, NaiveDate>, under: u32) -> Result<BTreeSet<u32>> {
        let sql =
            "SELECT subject, min(collected_at) FROM record WHERE subject IN rarray(?1) GROUP BY subject";
        let roots: Vec<u32> = born.keys().copied().collect();
        let mut young = BTreeSet::new();
        for chunk in roots.chunks(CHUNK) {
            let rows = list(self.links.all(chunk.iter().copied()));
            self.view.stream(sql, &[Box::new(rows)], |row| {
                let root = self.links.root(small(row.get(0)?)?);
                let adult =
                    born.get(&root).and_then(|day| day.checked_add_months(Months::new(under * 12 + 1)));
                let first = at::moment_or_none(row, 1)?.map(Moment::day);
                if first.zip(adult).is_some_and(|(first, adult)| first <= adult) {
                    young.insert(root);
                }
                Ok(())
            })?;
        }
        Ok(young)
    }
}

/// Rows of one person may tell several birth dates: which of them counts, the judge knows.
fn youngest(born: &mut BTreeMap<u32, NaiveDate>, root: u32, day: NaiveDate) {
    born.entry(root).and_modify(|known| *known = day.max(*known)).or_insert(day);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::{
        decide::sieve::sieves,
        policy::Library,
        store::{cast, tx::SEEN},
    };

    #[test]
    fn dates_are_answered_by_their_index_alone() {
        let mut store = cast::dealership();
        let rulebook = Library::embedded().rulebook("automaster").unwrap();
        let sieves = sieves(&rulebook, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
        SEEN.take();
        store
            .read(|view| {
                let links = view.links()?;
                view.due("automaster", &sieves, &links)
            })
            .unwrap();
        let seen: Vec<String> = SEEN.take().into_iter().filter(|sql| sql.contains(START)).collect();
        assert!(seen.len() >= 2, "{}", seen.len());
        for sql in seen {
            let mut plan = store.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps: Vec<String> =
                plan.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
            assert!(
                steps.iter().any(|step| step.contains("COVERING INDEX record_start")),
                "{steps:?}\n{sql}"
            );
        }
    }
}

//! One batch of the nightly run: records gone or archived by key, with what hangs on them, the marks that keep
//! them from coming back, and the leaves that prove it.
//!
//! The caller has judged every record of the batch in this transaction, or knows that nobody else has
//! written since it did.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Links, candidates::list, leaves::Leaves, small};
use crate::{
    audit::Hash,
    decide::{names, sieve},
    domain::{Category, Moment, Result, RunId, SubjectId},
    policy::Rulebook,
    store::{
        KeyFile, Tx, column as at,
        destroy::Needles,
        effect::{Leave, Person, RECORD_REF},
        ledger::Gone,
    },
};

/// What ends a record: every record of a batch points at one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The category.
    pub category: Category,
    /// The rule.
    pub rule: String,
    /// `Some`: the record is archived until this day; `None`: it is destroyed.
    pub until: Option<NaiveDate>,
}

/// A batch.
pub struct Batch<'a> {
    /// The controller.
    pub controller: &'a str,
    /// Records in order, each with the number of its kind.
    pub records: &'a [(u32, u16)],
    /// The kinds.
    pub kinds: &'a [Kind],
    /// Which rows are one person.
    pub links: &'a Links,
    /// The key under which marks are made.
    pub key: &'a KeyFile,
    /// Now.
    pub at: Moment,
    /// The run.
    pub run: RunId,
    /// Number of the audit entry that will say so.
    pub seq: u64,
    /// 32 random bytes for the salts of the leaves.
    pub seed: [u8; 32],
    /// The rules, for which names die with which categories.
    pub rulebook: &'a Rulebook,
}

impl Batch<'_> {
    /// Whether records of this kind are destroyed, not archived.
    fn destroys(&self, kind: u16) -> bool {
        self.kinds.get(usize::from(kind)).is_some_and(|kind| kind.until.is_none())
    }
}

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Records by kind.
    pub counts: Vec<u64>,
    /// Root over the leaves of the destroyed ones.
    pub leaves: Option<Hash>,
}

/// A person, and the categories of theirs that stay.
type Emptied = (Person, BTreeSet<Category>);

/// Records of people by category, before any goes.
type Held = BTreeMap<u32, BTreeMap<u32, u64>>;

/// The latest contact that any record of a person tells of, before any goes.
type Latest = BTreeMap<u32, Moment>;

/// What is known of a record before it goes.
struct Row {
    id: u32,
    kind: u16,
    subject: u32,
    category: u32,
    mark: [u8; 32],
    /// Whether the source system has a name for it: only then can an import bring it back.
    named: bool,
    /// The last contact that it tells of.
    contact: Option<Moment>,
}

impl Tx<'_> {
    /// Carries out a batch.
    ///
    /// # Errors
    /// As any write; then nothing of the batch happened.
    pub fn remove(&self, batch: &Batch<'_>, needles: &mut Needles) -> Result<Removed> {
        rusqlite::vtab::array::load_module(self.conn())?;
        let rows = self.rows_of_batch(batch, needles)?;
        let (people, latest) = self.emptied(batch, &rows)?;
        let mut removed = Removed { counts: vec![0; batch.kinds.len()], leaves: None };
        let mut leaves = Leaves::new(batch.controller, batch.kinds, batch.seed);
        self.detach(batch, &rows)?;
        let mut delete = self.prepare("DELETE FROM record WHERE id = ?1")?;
        let mut archive = self.prepare(
            "UPDATE record SET archived_until = ?2, archived_rule = ?3, version = version + 1 WHERE id = ?1",
        )?;
        for row in &rows {
            let Some(kind) = batch.kinds.get(usize::from(row.kind)) else { continue };
            match kind.until {
                Some(until) => drop(archive.execute((row.id, until.to_string(), &kind.rule))?),
                None => {
                    delete.execute([row.id])?;
                    self.gone(Gone::Record(row.id.into(), row.subject.into()));
                    leaves.add(&row.mark, row.kind);
                }
            }
            removed.counts.iter_mut().skip(row.kind.into()).take(1).for_each(|n| *n += 1);
        }
        self.bury_records(batch, &rows)?;
        self.contacts_that_last(batch, &rows, &latest)?;
        self.names_that_die(batch, people, needles)?;
        self.keep_leaves(&leaves, batch.run, batch.seq)?;
        removed.leaves = leaves.root();
        Ok(removed)
    }

    /// What hangs on the records that go: with the engine's own cascades switched off (see [`Store::sweep`])
    /// one statement a table instead of three look-ups a record.
    ///
    /// [`Store::sweep`]: crate::store::Store::sweep
    fn detach(&self, batch: &Batch<'_>, rows: &[Row]) -> Result<()> {
        let going = list(rows.iter().filter(|row| batch.destroys(row.kind)).map(|row| row.id));
        for table in ["identifier", "annotation", "rectified"] {
            if !self.prepare(&format!("SELECT 1 FROM {table} LIMIT 1"))?.exists([])? {
                continue;
            }
            self.prepare(&format!("DELETE FROM {table} WHERE record IN rarray(?1)"))?.execute([&going])?;
        }
        Ok(())
    }

    /// The rows as they are now; what their payload holds is remembered as long as there is room.
    fn rows_of_batch(&self, batch: &Batch<'_>, needles: &mut Needles) -> Result<Vec<Row>> {
        let mut slim = self.prepare(
            "SELECT subject, category, ref, last_contact_at, activity_at FROM record WHERE id = ?1",
        )?;
        let mut whole = self.prepare(
            "SELECT subject, category, ref, last_contact_at, activity_at, data FROM record WHERE id = ?1",
        )?;
        let mut all = Vec::with_capacity(batch.records.len());
        for (id, kind) in batch.records {
            let destroyed = batch.destroys(*kind);
            let remember = destroyed && !needles.is_full();
            let query = if remember { &mut whole } else { &mut slim };
            let mut rows = query.query([id])?;
            // Gone since it was judged by a run that is dead now: there is nothing to do.
            let Some(row) = rows.next()? else { continue };
            let reference = at::text_or_empty(row, 2)?;
            if remember {
                needles.add(&reference);
                needles.add_json(at::text(row, 5)?);
                self.needles_of_record((*id).into(), needles)?;
            } else if destroyed {
                needles.add_beyond();
            }
            let named = !reference.is_empty();
            let name = if named { reference } else { format!("row {id}") };
            all.push(Row {
                id: *id,
                kind: *kind,
                subject: small(row.get(0)?)?,
                category: small(row.get(1)?)?,
                mark: batch.key.mac(batch.controller, RECORD_REF, &name),
                named,
                contact: at::moment_or_none(row, 3)?.max(at::moment_or_none(row, 4)?),
            });
        }
        Ok(all)
    }

    /// The people who lose their last record of a category with names, or of all, each with the categories
    /// that stay, read before anything goes: some of their names go with the records.
    fn emptied(&self, batch: &Batch<'_>, rows: &[Row]) -> Result<(Vec<Emptied>, Latest)> {
        let going = rows.iter().filter(|row| batch.destroys(row.kind));
        let mut lost: BTreeMap<u32, BTreeMap<u32, u64>> = BTreeMap::new();
        for row in going {
            let root = batch.links.root(row.subject);
            *lost.entry(root).or_default().entry(row.category).or_default() += 1;
        }
        let words = self.category_words()?;
        let (mut left, latest) = self.held_by(batch.links, lost.keys().copied())?;
        let mut people = Vec::new();
        for (root, lost) in lost {
            let left = left.remove(&root).unwrap_or_default();
            let stays = |category: &u32, held: &u64| *held > lost.get(category).copied().unwrap_or(0);
            let kept: BTreeSet<u32> =
                left.iter().filter(|(category, held)| stays(category, held)).map(|(of, _)| *of).collect();
            let emptied = |of: &u32| {
                !kept.contains(of) && words.get(of).is_some_and(|word| names::has_names(batch.rulebook, word))
            };
            if kept.is_empty() || lost.keys().any(emptied) {
                let kept = kept.iter().filter_map(|of| words.get(of).cloned()).collect();
                people.push((self.person_of_row(batch.controller, root)?, kept));
            }
        }
        Ok((people, latest))
    }

    /// Other data of the person may count from a contact that only a destroyed record told of. Whoever has a
    /// later one in a record that stays is not asked about.
    fn contacts_that_last(&self, batch: &Batch<'_>, rows: &[Row], latest: &Latest) -> Result<()> {
        if !sieve::counts_contacts(batch.rulebook, batch.at.day()) {
            return Ok(());
        }
        let mut last = BTreeMap::<u32, Moment>::new();
        for row in rows.iter().filter(|row| batch.destroys(row.kind)) {
            let root = batch.links.root(row.subject);
            row.contact.into_iter().for_each(|at| {
                last.entry(root).and_modify(|known| *known = at.max(*known)).or_insert(at);
            });
        }
        last.retain(|root, at| latest.get(root).is_none_or(|known| known <= at));
        last.into_iter()
            .try_for_each(|(root, at)| self.last_contact_of(root.into(), list(batch.links.rows(root)), at))
    }

    /// How many records of each category these people hold, and the latest contact that any of them tells of,
    /// from the index alone.
    fn held_by(&self, links: &Links, roots: impl Iterator<Item = u32>) -> Result<(Held, Latest)> {
        let sql = "SELECT subject, category, count(*), max(last_contact_at), max(activity_at)
                     FROM record WHERE subject IN rarray(?1) GROUP BY 1, 2";
        let (mut held, mut latest) = (Held::new(), Latest::new());
        self.stream(sql, &[Box::new(list(links.all(roots)))], |row| {
            let (subject, category) = (small(row.get(0)?)?, small(row.get(1)?)?);
            let (root, count) = (links.root(subject), row.get::<_, i64>(2)?.unsigned_abs());
            *held.entry(root).or_default().entry(category).or_default() += count;
            let seen = at::moment_or_none(row, 3)?.max(at::moment_or_none(row, 4)?);
            seen.into_iter().for_each(|at| {
                latest.entry(root).and_modify(|known| *known = at.max(*known)).or_insert(at);
            });
            Ok(())
        })?;
        Ok((held, latest))
    }

    fn person_of_row(&self, controller: &str, root: u32) -> Result<Person> {
        let mut query = self.prepare("SELECT uid FROM subject WHERE id = ?1")?;
        let uid = query.query_row([root], |row| row.get(0))?;
        self.person(controller, SubjectId::from_bytes(uid))
    }

    /// An import may not bring back what was destroyed; in the order of the marks, as their index has them.
    fn bury_records(&self, batch: &Batch<'_>, rows: &[Row]) -> Result<()> {
        let gone = rows.iter().filter(|row| row.named && batch.destroys(row.kind));
        let mut marks: Vec<&[u8; 32]> = gone.map(|row| &row.mark).collect();
        marks.sort_unstable();
        let Some(controller) = self.controller(batch.controller)? else { return Ok(()) };
        marks
            .into_iter()
            .try_for_each(|mark| self.bury(controller, RECORD_REF, mark, batch.at, Some(batch.seq)))
    }

    fn names_that_die(&self, batch: &Batch<'_>, people: Vec<Emptied>, needles: &mut Needles) -> Result<()> {
        for (person, left) in people {
            self.let_names_die((&person, Leave::Night), batch.rulebook, &left, needles)?;
            if left.is_empty() {
                self.empty_subject((&person, Leave::Night), batch.key, batch.at, Some(batch.seq), needles)?;
            }
        }
        Ok(())
    }
}

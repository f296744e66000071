//! Everything about one person, by key: the input of every decision.
//!
//! The order is fixed, so that the same store gives the same plan, byte for byte. Linked rows are one person.

use rusqlite::{Row, ToSql};

use super::{
    View, column as at,
    fault::damaged,
    key,
    subject::{SubjectRow, not_held},
};
use crate::{
    decide::by_hand::is_block_first,
    domain::{
        Block, CaseNumber, CaseState, Category, Consent, Contact, Disclosure, Duty, Hold, Identifier, Moment,
        Obligation, Purpose, Record, RecordKey, Result, Right, SubjectFacts, SubjectId, Suppression,
        facts::CaseSummary,
    },
};

/// The name of `dsr`'s own store among the systems.
pub const OWN: &str = "own";

/// The columns of a record, in the order that [`record_of`] reads them.
pub(super) const RECORD: &str =
    "r.id, r.version, r.ref, c.word, r.source, r.given_by, r.purposes, r.collected_at,
    r.last_contact_at, r.document_at, r.purpose_reached_at, r.obligation, r.consent, r.archived_until,
    r.activity_at, r.data, r.contact_since";

/// The columns of a consent, in the order that [`consent_of`] reads them.
pub(super) const CONSENT: &str = "t.id, t.ref, t.scope, t.purposes, t.given_at, t.given_by, t.expires_at,
    t.withdrawn_at, t.method, t.evidence, t.policy_version, t.third_party, t.cross_border, t.publication";

/// The columns of a disclosure, in the order that [`disclosure_of`] reads them.
pub(super) const DISCLOSURE: &str =
    "t.id, t.ref, t.recipient, t.country, t.categories, t.purpose, t.basis, t.at";

/// The columns of an obligation, a hold, a block (`f` is its case) and a case, each in the order in which
/// it is read.
pub(super) const OBLIGATION: &str = "t.id, t.ref, t.kind, t.opened_at, t.closed_at";
pub(super) const HOLD: &str = "t.id, t.category, t.since, t.basis";
pub(super) const BLOCK: &str = "t.id, f.number, t.category, t.since";
pub(super) const CASE_SUMMARY: &str = "t.number, t.asked, t.received_at, t.state, t.due";

impl View<'_> {
    /// All facts about a person at a controller, over all rows linked to them.
    ///
    /// # Errors
    /// Exit 3 if the controller holds nobody of that id; exit 9 if a stored value cannot be read.
    pub fn facts(&self, controller: &str, subject: SubjectId) -> Result<SubjectFacts> {
        let rows = self.rows_of(controller, subject)?;
        let root = rows.first().ok_or_else(not_held)?;
        let born = rows.iter().find_map(|row| row.born);
        let mut facts = SubjectFacts { born, ..SubjectFacts::nobody(controller, root.uid) };
        for row in &rows {
            self.add(&mut facts, row)?;
        }
        order(&mut facts);
        facts.asked_blocks = self.asked_blocks(&facts.cases)?;
        Ok(facts)
    }

    /// The blocks that open cases ask for and that nobody has set: a letter that asks for one, a complaint whose block
    /// is still owed.
    pub(super) fn asked_blocks(&self, cases: &[CaseSummary]) -> Result<Vec<Block>> {
        let mut asked = Vec::new();
        for case in cases.iter().filter(|case| case.open) {
            let undone = [CaseState::Received, CaseState::Verified].iter().any(|s| s.as_str() == case.state);
            let asks = match case.right {
                Right::Restrict => undone,
                Right::Complaint => {
                    let first = |duty: &Duty| duty.is_open() && is_block_first(&duty.what.task);
                    self.duties(&case.number)?.iter().any(first)
                }
                _ => false,
            };
            let block = Block { id: 0, case: case.number.clone(), category: None, since: case.received };
            asked.extend(asks.then_some(block));
        }
        Ok(asked)
    }

    fn add(&self, facts: &mut SubjectFacts, row: &SubjectRow) -> Result<()> {
        let id = row.id;
        facts.identifiers.extend(self.all(IDENTIFIERS, id, identifier_of)?.into_iter().flatten());
        let mut records = self.all(&records(), id, record_of)?;
        self.annotate_facts(id, &mut records)?;
        facts.records.extend(records);
        facts.consents.extend(self.all(&ledger(CONSENT, "consent"), id, consent_of)?);
        facts.obligations.extend(self.all(&ledger(OBLIGATION, "obligation"), id, obligation_of)?);
        facts.disclosures.extend(self.all(&ledger(DISCLOSURE, "disclosure"), id, disclosure_of)?);
        facts.contacts.extend(self.all(CONTACTS, id, contact_of)?);
        facts.holds.extend(self.all(&(ledger(HOLD, "hold") + " AND t.released_at IS NULL"), id, hold_of)?);
        facts.blocks.extend(self.all(&blocks(), id, block_of)?);
        facts.suppressions.extend(self.all(SUPPRESSIONS, id, suppression_of)?);
        // A random id is of one controller only.
        facts.cases.extend(self.all(&ledger(CASE_SUMMARY, "case_file"), row.uid.as_bytes(), case_of)?);
        Ok(())
    }

    fn annotate_facts(&self, subject: i64, records: &mut [Record]) -> Result<()> {
        for (record, annotation) in self.all(ANNOTATIONS, subject, annotation_of)? {
            let annotated = records.iter_mut().find(|known| known.key.id == record);
            annotated.into_iter().for_each(|known| known.annotations.push(annotation.clone()));
        }
        Ok(())
    }

    /// The rows of one prepared query with one bound value.
    fn all<T>(&self, sql: &str, value: impl ToSql, read: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let mut query = self.prepare(sql)?;
        let mut rows = query.query([value])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}

const IDENTIFIERS: &str = "SELECT type, key FROM identifier WHERE subject = ?1";
const CONTACTS: &str = "SELECT at, inbound FROM contact WHERE subject = ?1";
const SUPPRESSIONS: &str =
    "SELECT id, purpose, since FROM suppression WHERE subject = ?1 AND lifted_at IS NULL ORDER BY id";
const ANNOTATIONS: &str = "SELECT record, field, note, at FROM annotation WHERE subject = ?1 ORDER BY id";

fn records() -> String {
    format!("SELECT {RECORD} FROM record r CROSS JOIN category c ON c.id = r.category WHERE r.subject = ?1")
}

fn blocks() -> String {
    format!(
        "SELECT {BLOCK} FROM block t CROSS JOIN case_file f ON f.id = t.case_id
          WHERE t.subject = ?1 AND t.lifted_at IS NULL"
    )
}

fn ledger(columns: &str, table: &str) -> String {
    format!("SELECT {columns} FROM {table} t WHERE t.subject = ?1")
}

/// Records by category and id, the rest oldest first; ties by row.
fn order(facts: &mut SubjectFacts) {
    facts.identifiers.sort_by(|a, b| (a.kind(), a.expose()).cmp(&(b.kind(), b.expose())));
    facts.identifiers.dedup();
    facts.records.sort_by(|a, b| (&a.category, a.key.id).cmp(&(&b.category, b.key.id)));
    facts.consents.sort_by_key(|consent| (consent.given_at, consent.id));
    facts.obligations.sort_by_key(|obligation| (obligation.opened_at, obligation.id));
    facts.disclosures.sort_by_key(|disclosure| (disclosure.at, disclosure.id));
    facts.contacts.sort_by_key(|contact| (contact.at, contact.inbound));
    facts.holds.sort_by_key(|hold| hold.id);
    facts.blocks.sort_by_key(|block| block.id);
    facts.suppressions.sort_by(|a, b| (&a.purpose, a.since, a.id).cmp(&(&b.purpose, b.since, b.id)));
    // One row for each identifier, and for each of the linked rows.
    facts.suppressions.dedup_by(|later, first| later.purpose == first.purpose);
    facts.suppressions.sort_by_key(|suppression| suppression.id);
    facts.cases.sort_by(|a, b| (a.received, &a.number).cmp(&(b.received, &b.number)));
}

/// `None` for a name, which is no identifier.
fn identifier_of(row: &Row<'_>) -> Result<Option<Identifier>> {
    let Some(kind) = key::kind(row.get(0)?) else { return Ok(None) };
    let read = Identifier::parse(kind, at::text(row, 1)?);
    read.map(Some).map_err(|_| damaged(format!("a stored {kind} is none")))
}

/// A record from the columns [`RECORD`].
pub(super) fn record_of(row: &Row<'_>) -> Result<Record> {
    Ok(Record {
        key: RecordKey { id: row.get(0)?, version: row.get(1)? },
        reference: at::text_or_empty(row, 2)?,
        category: Category::new(at::text(row, 3)?),
        system: OWN.to_owned(),
        source: row.get(4)?,
        given_by: row.get(5)?,
        purposes: at::words(row, 6, Purpose::new)?,
        collected_at: at::moment(row, 7)?,
        last_contact_at: at::moment_or_none(row, 8)?,
        document_at: at::moment_or_none(row, 9)?,
        purpose_reached_at: at::moment_or_none(row, 10)?,
        obligation: row.get(11)?,
        consent: row.get(12)?,
        archived_until: at::day(row, 13)?,
        activity_at: at::moment_or_none(row, 14)?,
        data: row.get(15)?,
        contact_since: at::moment_or_none(row, 16)?,
        annotations: Vec::new(),
        caveats: crate::domain::facts::Caveats::default(),
    })
}

/// A consent from the columns [`CONSENT`].
pub(super) fn consent_of(row: &Row<'_>) -> Result<Consent> {
    Ok(Consent {
        id: row.get(0)?,
        reference: at::text_or_empty(row, 1)?,
        scope: at::word(row, 2)?,
        purposes: at::words(row, 3, Purpose::new)?,
        given_at: at::moment(row, 4)?,
        given_by: row.get(5)?,
        expires_at: at::moment_or_none(row, 6)?,
        withdrawn_at: at::moment_or_none(row, 7)?,
        method: row.get(8)?,
        evidence: row.get(9)?,
        policy_version: row.get(10)?,
        third_party: row.get(11)?,
        cross_border: row.get(12)?,
        publication: row.get(13)?,
    })
}

fn annotation_of(row: &Row<'_>) -> Result<(i64, (String, String, Moment))> {
    Ok((row.get(0)?, (row.get(1)?, row.get(2)?, at::moment(row, 3)?)))
}

pub(super) fn obligation_of(row: &Row<'_>) -> Result<Obligation> {
    Ok(Obligation {
        id: row.get(0)?,
        reference: at::text_or_empty(row, 1)?,
        kind: row.get(2)?,
        opened_at: at::moment(row, 3)?,
        closed_at: at::moment_or_none(row, 4)?,
    })
}

/// A disclosure from the columns [`DISCLOSURE`].
pub(super) fn disclosure_of(row: &Row<'_>) -> Result<Disclosure> {
    let (basis, document) = super::effect::disclosure::parts(at::text(row, 6)?);
    Ok(Disclosure {
        id: row.get(0)?,
        reference: at::text_or_empty(row, 1)?,
        recipient: row.get(2)?,
        country: row.get(3)?,
        categories: at::words(row, 4, Category::new)?,
        purpose: Purpose::new(at::text(row, 5)?),
        basis,
        document,
        at: at::moment(row, 7)?,
    })
}

fn contact_of(row: &Row<'_>) -> Result<Contact> {
    Ok(Contact { at: at::moment(row, 0)?, inbound: row.get(1)? })
}

pub(super) fn hold_of(row: &Row<'_>) -> Result<Hold> {
    let id: i64 = row.get(0)?;
    let category = category(row, 1)?;
    Ok(Hold { id, number: format!("H-{id}"), category, since: at::moment(row, 2)?, basis: row.get(3)? })
}

pub(super) fn block_of(row: &Row<'_>) -> Result<Block> {
    let case: CaseNumber = at::word(row, 1)?;
    Ok(Block { id: row.get(0)?, case, category: category(row, 2)?, since: at::moment(row, 3)? })
}

pub(super) fn suppression_of(row: &Row<'_>) -> Result<Suppression> {
    let purpose = Purpose::new(at::text(row, 1)?);
    Ok(Suppression { id: row.get(0)?, purpose, since: at::moment(row, 2)? })
}

pub(super) fn case_of(row: &Row<'_>) -> Result<CaseSummary> {
    let state: crate::domain::CaseState = at::word(row, 3)?;
    Ok(CaseSummary {
        number: at::word(row, 0)?,
        right: at::word(row, 1)?,
        received: at::moment(row, 2)?,
        state: state.to_string(),
        due: at::day(row, 4)?,
        open: state.is_open(),
    })
}

fn category(row: &Row<'_>, column: usize) -> Result<Option<Category>> {
    Ok(row.get::<_, Option<String>>(column)?.map(|word| Category::new(&word)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        domain::{Kind, Moment},
        store::{
            cast::{self, furnish, uid},
            tx::SEEN,
        },
    };

    #[test]
    fn everything_about_one_person() {
        let mut store = cast::dealership();
        store.transact(|tx| furnish(tx, 1)).unwrap();
        let facts = store.read(|view| view.facts("mycar", uid(1))).unwrap();
        let records: Vec<_> =
            facts.records.iter().map(|r| (r.category.as_str(), r.reference.as_str())).collect();
        assert_eq!(
            records,
            [("contact", "R-12"), ("contact", "R-13"), ("vehicle", "R-11")],
            "by category and id"
        );
        let vehicle = &facts.records[2];
        assert_eq!(vehicle.archived_until, "2030-12-31".parse().ok());
        assert_eq!(vehicle.purposes, [Purpose::from("service"), Purpose::from("promotion")]);
        assert_eq!(vehicle.document_at, Some(Moment::from_unix(1_600_000_000)));
        assert_eq!((vehicle.key.version, vehicle.data.as_str()), (1, r#"{"phone":"+77010000001"}"#));
        assert_eq!(facts.identifiers.len(), 3, "a name is no identifier");
        assert_eq!(facts.consents[0].scope.as_str(), "promotion");
        assert_eq!(facts.disclosures[0].categories, [Category::from("contact"), Category::from("vehicle")]);
        assert_eq!((facts.obligations.len(), facts.contacts.len(), facts.suppressions.len()), (1, 1, 1));
        assert_eq!(facts.holds[0].number, "H-1");
        assert_eq!(facts.blocks[0].case, facts.cases[0].number);
        assert!(facts.cases[0].open && facts.open_obligations().count() == 1);
        assert_eq!(facts.last_contact(), Some(Moment::from_unix(7)));
    }

    #[test]
    fn of_linked_rows_together_and_of_nobody_else() {
        let mut store = cast::dealership();
        store.transact(|tx| [1, 2, 3].into_iter().try_for_each(|n| furnish(tx, n))).unwrap();
        let count = |store: &mut crate::store::Store, controller: &str, n| {
            let facts = store.read(|view| view.facts(controller, uid(n)));
            facts
                .map(|f| (f.subject, f.records.len(), f.identifiers.len(), f.cases.len()))
                .map_err(|e| e.kind())
        };
        assert_eq!(count(&mut store, "mycar", 2), Ok((uid(2), 3, 2, 1)));
        store.transact(|tx| tx.link("mycar", uid(2), uid(1))).unwrap();
        assert_eq!(count(&mut store, "mycar", 1), Ok((uid(2), 6, 4, 2)), "the shared phone once");
        assert_eq!(count(&mut store, "mycar", 3), Ok((uid(3), 3, 0, 1)));
        assert_eq!(count(&mut store, "automaster", 9), Ok((uid(9), 0, 1, 0)));
        assert_eq!(count(&mut store, "automaster", 1), Err(Kind::NotFound));
    }

    #[test]
    fn what_ended_is_not_in_force() {
        let mut store = cast::dealership();
        store.transact(|tx| furnish(tx, 1)).unwrap();
        let ended = "UPDATE hold SET released_at = 1; UPDATE block SET lifted_at = 1; UPDATE suppression SET lifted_at = 1";
        store.transact(|tx| Ok(tx.conn().execute_batch(ended)?)).unwrap();
        let facts = store.read(|view| view.facts("mycar", uid(1))).unwrap();
        assert!(facts.holds.is_empty() && facts.blocks.is_empty() && facts.suppressions.is_empty());
    }

    /// Every statement that facts and look-ups prepared is asked for its plan.
    #[test]
    fn nothing_about_a_person_is_scanned() {
        let mut store = cast::dealership();
        store.transact(|tx| furnish(tx, 1)).unwrap();
        SEEN.take();
        store
            .read(|view| {
                view.facts("mycar", uid(1))?;
                view.by_ref("mycar", "C-1")?;
                view.by_id("mycar", uid(1))?;
                view.by_own("mycar", "C-1")?;
                view.find("mycar", "87010000001")?;
                view.case_history(&CaseNumber::new(2026, 1))?;
                view.cases_by_tracking("mycar", "RR-1").map(drop)
            })
            .unwrap();
        let seen = SEEN.take();
        assert!(seen.len() > 15, "{}", seen.len());
        for sql in seen {
            let mut plan = store.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = plan.raw_query();
            while let Some(row) = rows.next().unwrap() {
                let step: String = row.get(3).unwrap();
                let bare =
                    step.starts_with("SCAN") && !step.contains("CONSTANT ROW") && !step.contains("(subquery");
                assert!(!bare, "{step}\n{sql}");
            }
        }
    }
}

//! The journal of requests, whole: each case with its decisions, its block and its acts of destruction.
//!
//! Four lists in the order of the cases, read side by side: a journal of a million requests needs no more
//! memory than its longest case, and no query a case.

use rusqlite::{Row, Rows};

use super::{
    CaseEntry, CaseFile, Period, View,
    case_file::{CASE, case_of},
    column as at, event,
};
use crate::domain::{Moment, Result};

/// One request as an auditor reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// The case.
    pub file: CaseFile,
    /// What was decided and sent, in order; everything else is left out.
    pub history: Vec<CaseEntry>,
    /// The first day and hour of a block for the check of this case.
    pub blocked_from: Option<Moment>,
    /// When the last such block ended; `None` while one is in force.
    pub blocked_to: Option<Moment>,
    /// Numbers of its acts of destruction.
    pub acts: Vec<String>,
}

const EVENTS: &str = "f.id, e.at, e.actor, e.kind, e.payload
    FROM case_file f CROSS JOIN controller c ON c.id = f.controller CROSS JOIN case_event e ON e.case_id = f.id
   WHERE e.kind IN ('executed', 'answered', 'refused')";

const BLOCKS: &str = "f.id, min(b.since), iif(count(*) = count(b.lifted_at), max(b.lifted_at), NULL)
    FROM case_file f CROSS JOIN controller c ON c.id = f.controller CROSS JOIN block b ON b.case_id = f.id
   WHERE 1";

const ACTS: &str = "f.id, d.number
    FROM destruction d CROSS JOIN case_file f ON f.id = d.case_id CROSS JOIN controller c ON c.id = f.controller
   WHERE 1";

impl View<'_> {
    /// Requests received in the period, in the order of their numbers.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_journal_line(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(JournalLine) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("f.received_at");
        let beside =
            |list: &str, order: &str| self.prepare(&format!("SELECT {list} AND {condition} {order}"));
        let mut events = beside(EVENTS, "ORDER BY f.id, e.id")?;
        let mut blocks = beside(BLOCKS, "GROUP BY f.id ORDER BY f.id")?;
        let mut acts = beside(ACTS, "ORDER BY f.id, d.id")?;
        let bound = || rusqlite::params_from_iter(&values);
        let mut events = Beside::new(events.query(bound())?, entry_of)?;
        let mut blocks = Beside::new(blocks.query(bound())?, block_of)?;
        let mut acts = Beside::new(acts.query(bound())?, act_of)?;
        let sql = format!("SELECT {CASE} WHERE {condition} ORDER BY f.id");
        self.stream(&sql, &values, |row| {
            let case: i64 = row.get("case_row")?;
            let block = blocks.of(case)?.pop();
            each(JournalLine {
                file: case_of(row)?,
                history: events.of(case)?,
                blocked_from: block.map(|(from, _)| from),
                blocked_to: block.and_then(|(_, to)| to),
                acts: acts.of(case)?,
            })
        })
    }
}

/// A list that follows the cases, each row with the case's row in front.
struct Beside<'q, T> {
    rows: Rows<'q>,
    read: fn(&Row<'_>) -> Result<T>,
    next: Option<(i64, T)>,
}

impl<'q, T> Beside<'q, T> {
    fn new(rows: Rows<'q>, read: fn(&Row<'_>) -> Result<T>) -> Result<Self> {
        let mut list = Self { rows, read, next: None };
        list.step()?;
        Ok(list)
    }

    fn step(&mut self) -> Result<Option<T>> {
        let next = match self.rows.next()? {
            None => None,
            Some(row) => Some((row.get(0)?, (self.read)(row)?)),
        };
        Ok(std::mem::replace(&mut self.next, next).map(|(_, value)| value))
    }

    /// The rows of a case. Both lists run over the same cases in the same order.
    fn of(&mut self, case: i64) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while self.next.as_ref().is_some_and(|(of, _)| *of == case) {
            all.extend(self.step()?);
        }
        Ok(all)
    }
}

fn entry_of(row: &Row<'_>) -> Result<CaseEntry> {
    let event = event::read(at::text(row, 3)?, at::text(row, 4)?)?;
    Ok(CaseEntry { at: at::moment(row, 1)?, actor: row.get(2)?, event })
}

fn block_of(row: &Row<'_>) -> Result<(Moment, Option<Moment>)> {
    Ok((at::moment(row, 1)?, at::moment_or_none(row, 2)?))
}

fn act_of(row: &Row<'_>) -> Result<String> {
    Ok(row.get(1)?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        domain::{CaseEvent, IdentityMethod},
        store::{
            NewCase,
            cast::{self, new_case, uid},
            destroy::NewDestruction,
        },
    };

    #[test]
    fn every_case_has_its_own_and_no_others() {
        let mut store = cast::dealership();
        let executed =
            CaseEvent::Executed { command: "erase".into(), waiting: false, ask: None, outcome: None };
        let verified = CaseEvent::Verified { method: IdentityMethod::Document };
        let at = Moment::parse("2026-03-05").unwrap();
        store
            .transact(|tx| {
                for (day, controller) in
                    [("2026-03-01", "mycar"), ("2026-03-02", "automaster"), ("2026-03-03", "mycar")]
                {
                    let new =
                        NewCase { controller: controller.into(), subject: Some(uid(1)), ..new_case(day) };
                    let number = tx.open_case(&new)?;
                    tx.move_case(&number, &verified, at, "officer")?;
                    tx.move_case(&number, &executed, at, "officer")?;
                    let person = tx.person("mycar", uid(1))?;
                    let block = tx.block(&person, None, &number, new.received)?;
                    if day == "2026-03-01" {
                        tx.lift_blocks(&person, &[block], "accurate", at)?;
                    }
                    let act = NewDestruction {
                        controller,
                        case: Some(&number),
                        run: None,
                        counts: std::collections::BTreeMap::new(),
                        rules: Vec::new(),
                        kept: Vec::new(),
                        at,
                        seq: None,
                    };
                    tx.open_destruction(&act)?;
                }
                Ok(())
            })
            .unwrap();
        for (controller, from, expected) in [
            (
                None,
                None,
                vec![
                    ("2026-000001", "A-2026-000001"),
                    ("2026-000002", "A-2026-000002"),
                    ("2026-000003", "A-2026-000003"),
                ],
            ),
            (Some("mycar"), None, vec![("2026-000001", "A-2026-000001"), ("2026-000003", "A-2026-000003")]),
            (
                None,
                Moment::parse("2026-03-02").ok(),
                vec![("2026-000002", "A-2026-000002"), ("2026-000003", "A-2026-000003")],
            ),
        ] {
            let period = Period { controller, from, to: None };
            let mut seen = Vec::new();
            let each = |line: JournalLine| {
                assert_eq!(line.history.len(), 1, "letters and identity are left out");
                assert_eq!(line.history[0].event, executed);
                assert_eq!(line.blocked_from, Some(line.file.received));
                assert_eq!(line.blocked_to.is_some(), line.file.number.as_str() == "2026-000001");
                seen.push((line.file.number.to_string(), line.acts.concat()));
                Ok(())
            };
            store.read(|view| view.for_each_journal_line(&period, each)).unwrap();
            let expected: Vec<_> = expected.iter().map(|(n, a)| ((*n).to_owned(), (*a).to_owned())).collect();
            assert_eq!(seen, expected);
        }
    }
}

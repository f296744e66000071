//! Rows for reports, one at a time: nothing here collects, so that ten million rows need no more memory than ten.

use rusqlite::{Row, ToSql};

use super::{
    CaseFile, View,
    case_file::{CASE, case_of},
    column as at,
    facts::{CONSENT, DISCLOSURE, consent_of, disclosure_of, suppression_of},
};
use crate::domain::{CaseNumber, Consent, Disclosure, Moment, Result, SubjectId, Suppression};

/// Which rows: of one controller or all, from an instant (included) to another (not included).
#[derive(Clone, Copy, Debug, Default)]
pub struct Period<'a> {
    /// `None`: all controllers.
    pub controller: Option<&'a str>,
    /// `None`: from the beginning.
    pub from: Option<Moment>,
    /// `None`: to the end.
    pub to: Option<Moment>,
}

impl Period<'_> {
    /// The condition over the controller's code and an instant, with the values it binds.
    pub(super) fn condition(&self, instant: &str) -> (String, [Box<dyn ToSql + '_>; 3]) {
        let sql = format!(
            "(?1 IS NULL OR c.code = ?1) AND (?2 IS NULL OR {instant} >= ?2) AND (?3 IS NULL OR {instant} < ?3)"
        );
        let (from, to) = (self.from.map(Moment::unix), self.to.map(Moment::unix));
        (sql, [Box::new(self.controller), Box::new(from), Box::new(to)])
    }
}

impl View<'_> {
    /// The register: cases received in the period, in the order of their numbers.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns; so for all of this file.
    pub fn for_each_case(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(CaseFile) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("f.received_at");
        let sql = format!("SELECT {CASE} WHERE {condition} ORDER BY f.id");
        self.stream(&sql, &values, |row| each(case_of(row)?))
    }

    /// Open cases received in the period, the most urgent first; those without a due date last.
    ///
    /// # Errors
    /// As [`View::for_each_case`].
    pub fn for_each_open_case(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(CaseFile) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("f.received_at");
        let sql = format!(
            "SELECT {CASE} WHERE f.ended_at IS NULL AND {condition} ORDER BY f.due IS NULL, f.due, f.due_at, f.id"
        );
        self.stream(&sql, &values, |row| each(case_of(row)?))
    }

    /// Whether the person of a case was ever asked for something: only then its clock may stand.
    ///
    /// # Errors
    /// As any read.
    pub fn was_asked(&self, case: &CaseNumber) -> Result<bool> {
        let mut query = self.prepare(
            "SELECT 1 FROM case_file f JOIN case_event e ON e.case_id = f.id WHERE f.number = ?1 AND e.kind = 'asked'",
        )?;
        Ok(query.exists([case.as_str()])?)
    }

    /// The same of any open case.
    ///
    /// # Errors
    /// As any read.
    pub fn is_anybody_asked(&self) -> Result<bool> {
        let mut query = self.prepare(
            "SELECT 1 FROM case_file f JOIN case_event e ON e.case_id = f.id WHERE f.ended_at IS NULL AND e.kind = 'asked'",
        )?;
        Ok(query.exists([])?)
    }

    /// The people of a controller, linked rows once, in the order in which they came.
    ///
    /// # Errors
    /// As [`View::for_each_case`].
    pub fn for_each_subject(
        &self,
        controller: &str,
        mut each: impl FnMut(SubjectId) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT uid FROM subject
                    WHERE controller = (SELECT id FROM controller WHERE code = ?1) AND same_as IS NULL ORDER BY id";
        self.stream(sql, &[Box::new(controller)], |row| each(SubjectId::from_bytes(row.get(0)?)))
    }

    /// Consents given in the period, in the order of their rows.
    ///
    /// # Errors
    /// As [`View::for_each_case`].
    pub fn for_each_consent(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(&str, SubjectId, Consent) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("t.given_at");
        let sql = format!(
            "SELECT {CONSENT}, c.code, s.uid FROM consent t CROSS JOIN controller c ON c.id = t.controller
               CROSS JOIN subject s ON s.id = t.subject WHERE {condition} ORDER BY t.id"
        );
        self.stream(&sql, &values, |row| {
            each(at::text(row, 14)?, SubjectId::from_bytes(row.get(15)?), consent_of(row)?)
        })
    }

    /// What a person who is still held has stopped, over all rows linked to them.
    ///
    /// # Errors
    /// As any read.
    pub fn stops_of(&self, subject: SubjectId) -> Result<Vec<Suppression>> {
        let sql = "SELECT p.id, p.purpose, p.since FROM subject s
              JOIN subject m ON m.id = ifnull(s.same_as, s.id) OR m.same_as = ifnull(s.same_as, s.id)
              JOIN suppression p ON p.subject = m.id AND p.lifted_at IS NULL WHERE s.uid = ?1 ORDER BY p.id";
        let mut all = Vec::new();
        self.stream(sql, &[Box::new(*subject.as_bytes())], |row| {
            all.push(suppression_of(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Disclosures of the period, in the order of their rows.
    ///
    /// # Errors
    /// As [`View::for_each_case`].
    pub fn for_each_disclosure(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(&str, SubjectId, Disclosure) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("t.at");
        let sql = format!(
            "SELECT {DISCLOSURE}, c.code, s.uid FROM disclosure t CROSS JOIN controller c ON c.id = t.controller
               CROSS JOIN subject s ON s.id = t.subject WHERE {condition} ORDER BY t.id"
        );
        self.stream(&sql, &values, |row| {
            each(at::text(row, 8)?, SubjectId::from_bytes(row.get(9)?), disclosure_of(row)?)
        })
    }

    pub(super) fn stream(
        &self,
        sql: &str,
        values: &[Box<dyn ToSql + '_>],
        mut take: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut query = self.prepare(sql)?;
        let mut rows = query.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::{
        NewCase,
        cast::{self, furnish, new_case, uid},
    };

    fn moment(text: &str) -> Option<Moment> {
        Moment::parse(text).ok()
    }

    #[test]
    fn the_register_of_a_period() {
        let mut store = cast::dealership();
        for (day, controller) in
            [("2026-03-01", "mycar"), ("2026-03-02", "automaster"), ("2026-03-03", "mycar")]
        {
            let new = NewCase { controller: controller.into(), ..new_case(day) };
            store.transact(|tx| tx.open_case(&new)).unwrap();
        }
        for (controller, from, to, expected) in [
            (None, None, None, vec![1, 2, 3]),
            (Some("mycar"), None, None, vec![1, 3]),
            (None, moment("2026-03-02"), None, vec![2, 3]),
            (None, None, moment("2026-03-02"), vec![1]),
            (Some("automaster"), moment("2026-03-03"), None, vec![]),
        ] {
            let period = Period { controller, from, to };
            let mut seen = Vec::new();
            store
                .read(|view| {
                    view.for_each_case(&period, |case| {
                        seen.push(case.number.to_string());
                        Ok(())
                    })
                })
                .unwrap();
            assert_eq!(
                seen,
                expected.iter().map(|n| format!("2026-00000{n}")).collect::<Vec<_>>(),
                "{period:?}"
            );
        }
    }

    #[test]
    fn open_cases_by_urgency() {
        let mut store = cast::dealership();
        for due in [Some("2026-04-02"), None, Some("2026-04-01"), Some("2026-04-03")] {
            let new = NewCase { due: due.and_then(|day| day.parse().ok()), ..new_case("2026-03-01") };
            let number = store.transact(|tx| tx.open_case(&new)).unwrap();
            if due == Some("2026-04-03") {
                let ended = crate::domain::CaseEvent::Cancelled { why: None };
                store.transact(|tx| tx.move_case(&number, &ended, new.recorded, "officer")).unwrap();
            }
        }
        let mut seen = Vec::new();
        let each = |case: CaseFile| {
            seen.push(case.number.to_string());
            Ok(())
        };
        store.read(|view| view.for_each_open_case(&Period::default(), each)).unwrap();
        assert_eq!(seen, ["2026-000003", "2026-000001", "2026-000002"]);
    }

    #[test]
    fn ledgers_and_people() {
        let mut store = cast::dealership();
        store.transact(|tx| [1, 2].into_iter().try_for_each(|n| furnish(tx, n))).unwrap();
        let (mut consents, mut handed, mut people) = (vec![], vec![], vec![]);
        store
            .read(|view| {
                let all = Period::default();
                view.for_each_consent(&all, |code, who, _| {
                    consents.push((code.to_owned(), who));
                    Ok(())
                })?;
                view.for_each_disclosure(&all, |_, who, row| {
                    handed.push((who, row.recipient));
                    Ok(())
                })?;
                view.for_each_subject("mycar", |who| {
                    people.push(who);
                    Ok(())
                })
            })
            .unwrap();
        assert_eq!(consents, [("mycar".to_owned(), uid(1)), ("mycar".to_owned(), uid(2))]);
        assert_eq!(handed, [(uid(1), "Bank".to_owned()), (uid(2), "Bank".to_owned())]);
        assert_eq!(people, [uid(1), uid(2), uid(3)]);
    }
}

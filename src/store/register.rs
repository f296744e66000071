//! The register of requests: numbered without gaps, moved by events only, never edited.
//!
//! A case outlives the person, so it names them by their random id and by nothing else.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rusqlite::OptionalExtension;

use super::{
    CaseEntry, CaseFile, NewCase, Tx, View,
    case_file::{CASE, case_of},
    column as at, event,
};
use crate::{
    decide::by_hand,
    domain::{
        Case, CaseEvent, CaseNumber, CaseState, Deadline, Error, IdentityMethod, Kind, Moment, Result,
        SubjectId,
        case::{self, Bar, IllegalMove},
    },
};

impl View<'_> {
    /// A case by its number.
    ///
    /// # Errors
    /// Exit 3 if there is none.
    pub fn case(&self, number: &CaseNumber) -> Result<CaseFile> {
        let mut query = self.prepare(&format!("SELECT {CASE} WHERE f.number = ?1"))?;
        let mut rows = query.query([number.as_str()])?;
        rows.next()?.map(case_of).transpose()?.ok_or_else(|| no_case(number))
    }

    /// Cases of a controller with a letter of this tracking number, oldest first.
    ///
    /// # Errors
    /// As any read.
    pub fn cases_by_tracking(&self, controller: &str, tracking: &str) -> Result<Vec<CaseFile>> {
        let sql = format!(
            "SELECT {CASE} WHERE c.code = ?2 AND f.id IN (
               SELECT id FROM case_file WHERE tracking = ?1
               UNION SELECT case_id FROM case_event
                      WHERE kind = 'received' AND json_extract(payload, '$.tracking') = ?1) ORDER BY f.id"
        );
        self.cases(&sql, (tracking, controller))
    }

    /// Cases of a controller received on a day, oldest first: the person may be known to nobody any more.
    ///
    /// # Errors
    /// As any read.
    pub fn cases_of_day(&self, controller: &str, day: NaiveDate) -> Result<Vec<CaseFile>> {
        let sql = format!(
            "SELECT {CASE} WHERE f.received_at >= ?1 AND f.received_at < ?2 AND c.code = ?3 ORDER BY f.id"
        );
        let end = day.succ_opt().unwrap_or(day);
        self.cases(&sql, (Moment::start_of(day).unix(), Moment::start_of(end).unix(), controller))
    }

    fn cases(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<CaseFile>> {
        let mut query = self.prepare(sql)?;
        let mut rows = query.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(case_of(row)?);
        }
        Ok(all)
    }

    /// Everything that happened to a case, in order.
    ///
    /// # Errors
    /// Exit 3 if there is no such case.
    pub fn case_history(&self, number: &CaseNumber) -> Result<Vec<CaseEntry>> {
        let id = self.case_row(number)?;
        let mut query =
            self.prepare("SELECT at, actor, kind, payload FROM case_event WHERE case_id = ?1 ORDER BY id")?;
        let mut rows = query.query([id])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let event = event::read(at::text(row, 2)?, at::text(row, 3)?)?;
            all.push(CaseEntry { at: at::moment(row, 0)?, actor: row.get(1)?, event });
        }
        Ok(all)
    }

    pub(super) fn case_row(&self, number: &CaseNumber) -> Result<i64> {
        let mut query = self.prepare("SELECT id FROM case_file WHERE number = ?1")?;
        query.query_row([number.as_str()], |row| row.get(0)).optional()?.ok_or_else(|| no_case(number))
    }
}

impl Tx<'_> {
    /// Registers a request under the next number of the year and writes its first event.
    ///
    /// # Errors
    /// As any write; the number is taken only if the transaction lasts.
    pub fn open_case(&self, new: &NewCase) -> Result<CaseNumber> {
        let year = new.recorded.day().year();
        let mut query =
            self.prepare("SELECT max(ifnull(max(nth), 0), ?2) + 1 FROM case_file WHERE year = ?1")?;
        let nth: u32 = query.query_row((year, self.passed(year)?), |row| row.get(0))?;
        let number = CaseNumber::new(year, nth);
        let mut insert = self.prepare(
            "INSERT INTO case_file (number, year, nth, controller, subject, asked, received_at, recorded_at, channel,
               tracking, language, representative, authority, due, due_at, target, provisional, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        insert.execute(rusqlite::params![
            number.as_str(),
            year,
            nth,
            self.controller_or_new(&new.controller)?,
            new.subject.as_ref().map(SubjectId::as_bytes),
            new.right.as_str(),
            new.received.unix(),
            new.recorded.unix(),
            new.channel.as_str(),
            new.tracking,
            new.language,
            new.representative,
            new.authority,
            new.due.map(|day| day.to_string()),
            new.due_at.map(Moment::unix),
            new.target.map(|day| day.to_string()),
            new.provisional,
            CaseState::Received.as_str(),
        ])?;
        let id = self.conn().last_insert_rowid();
        let first = CaseEvent::Received {
            channel: new.channel,
            tracking: new.tracking.clone(),
            at: Some(new.received),
            late: new.late.clone(),
            demand: new.demand.clone(),
            letter: new.letter.clone(),
        };
        self.write_event(id, new.recorded, &new.actor, &first)?;
        Ok(number)
    }

    /// Moves a case by one event and gives it as it then stands.
    ///
    /// # Errors
    /// Exit 3 if there is no such case; exit 2 if the event cannot happen in its state.
    pub fn move_case(
        &self,
        number: &CaseNumber,
        event: &CaseEvent,
        at: Moment,
        actor: &str,
    ) -> Result<CaseFile> {
        let mut file = self.case(number)?;
        let id = self.case_row(number)?;
        let before = Case {
            right: file.right,
            state: file.state,
            received: file.received,
            identity: file.identity,
            answered: file.answered,
            refusal_sent: file.state == CaseState::Refused && self.was_refusal_sent(number)?,
            ended: file.ended,
            duties: self.duties_of(id)?,
            settled: match event {
                CaseEvent::Decided { .. } => {
                    case::settled(self.case_history(number)?.iter().map(|entry| &entry.event))
                }
                _ => BTreeSet::new(),
            },
            put_off: file.state == CaseState::Waiting && self.is_put_off(&file)?,
        };
        let after = before.apply(at, event).map_err(|illegal| refused(&before, event, &illegal, number))?;
        (file.state, file.identity, file.received) = (after.state, after.identity, after.received);
        (file.answered, file.ended) = (after.answered, after.ended);
        if let CaseEvent::Language { tag } = event {
            file.language = Some(tag.clone());
        }
        if let CaseEvent::Received { channel, tracking, .. } = event {
            // The letter that counts says how it came; a number of any other finds the case all the same.
            if after.received < before.received {
                file.channel = *channel;
                file.tracking = tracking.clone().or(file.tracking);
            } else {
                file.tracking = file.tracking.or_else(|| tracking.clone());
            }
        }
        let mut update = self.prepare(
            "UPDATE case_file SET state = ?2, identity = ?3, received_at = ?4, answered_at = ?5, ended_at = ?6,
               language = ?7, channel = ?8, tracking = ?9
              WHERE id = ?1",
        )?;
        let identity = file.identity.map(IdentityMethod::as_str);
        let (answered, ended) = (file.answered.map(Moment::unix), file.ended.map(Moment::unix));
        let (received, language) = (file.received.unix(), &file.language);
        let (state, channel) = (file.state.as_str(), file.channel.as_str());
        let by = (channel, &file.tracking);
        update.execute((id, state, identity, received, answered, ended, language, by.0, by.1))?;
        self.write_duties(id, &before.duties, &after.duties)?;
        self.write_event(id, at, actor, event)?;
        Ok(file)
    }

    fn is_put_off(&self, file: &CaseFile) -> Result<bool> {
        let history = self.case_history(&file.number)?;
        let events = history.iter().map(|entry| (entry.at, &entry.event));
        Ok(case::is_put_off((file.right, file.received), events))
    }

    /// Whether the last refusal of a case was recorded as sent.
    fn was_refusal_sent(&self, number: &CaseNumber) -> Result<bool> {
        let history = self.case_history(number)?;
        let last = history.iter().rev().find_map(|entry| match entry.event {
            CaseEvent::Answered { .. } => Some(true),
            CaseEvent::Refused { .. } => Some(false),
            _ => None,
        });
        Ok(last == Some(true))
    }

    /// Sets the dates of a case, as its events give them.
    ///
    /// # Errors
    /// Exit 3 if there is no such case.
    pub fn retime_case(&self, number: &CaseNumber, term: &Deadline) -> Result<()> {
        let id = self.case_row(number)?;
        let mut update = self.prepare(
            "UPDATE case_file SET due = ?2, due_at = ?3, target = ?4, provisional = ?5 WHERE id = ?1",
        )?;
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let (due, target) = (day(term.due), day(term.target));
        update.execute((id, due, term.due_at.map(Moment::unix), target, term.provisional))?;
        Ok(())
    }

    /// Names the person of a case, once they were recognised.
    ///
    /// # Errors
    /// Exit 3 if there is no such case; exit 2 if it names somebody else already.
    pub fn name_case_subject(&self, number: &CaseNumber, subject: SubjectId) -> Result<()> {
        let id = self.case_row(number)?;
        let mut update =
            self.prepare("UPDATE case_file SET subject = ?2 WHERE id = ?1 AND ifnull(subject, ?2) = ?2")?;
        match update.execute((id, subject.as_bytes()))? {
            1 => Ok(()),
            _ => {
                Err(Error::usage(format!("case {number} is of another person"))
                    .hint("open a case of its own"))
            }
        }
    }

    fn write_event(&self, id: i64, at: Moment, actor: &str, event: &CaseEvent) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO case_event (case_id, at, actor, kind, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        insert.execute((id, at.unix(), actor, event.as_str(), event::payload(event)))?;
        Ok(())
    }
}

/// What the case itself forbids by now is a refusal; what never is possible in it, wrong usage.
fn refused(case: &Case, event: &CaseEvent, illegal: &IllegalMove, number: &CaseNumber) -> Error {
    let says = format!("case {number}: {illegal}");
    let open = case.barring().find(|duty| illegal.bar == Bar::OpenStep(duty.step));
    match (illegal.bar, open) {
        (Bar::OpenStep(_), Some(duty)) => {
            Error::new(Kind::Refused, says).hint(by_hand::ended_by(number.as_str(), duty, event))
        }
        (Bar::NotCarriedOut, _) => {
            Error::new(Kind::Refused, says).hint(format!("see its history: dsr request show {number}"))
        }
        _ => Error::usage(says).hint(format!("see its history: dsr request show {number}")),
    }
}

fn no_case(number: &CaseNumber) -> Error {
    Error::new(Kind::NotFound, format!("there is no case `{number}`"))
        .hint("see them all: dsr request list --all")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        domain::Channel,
        store::cast::{self, new_case, uid},
    };

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn numbers_run_by_year_without_gaps() {
        let mut store = cast::dealership();
        let open = |recorded: &'static str| move |tx: &Tx<'_>| tx.open_case(&new_case(recorded));
        assert_eq!(store.transact(open("2026-12-30T10:00")).unwrap().as_str(), "2026-000001");
        let undone: Result<()> = store.transact(|tx| {
            tx.open_case(&new_case("2026-12-30T11:00"))?;
            Err(Error::usage("changed my mind"))
        });
        assert!(undone.is_err());
        assert_eq!(store.transact(open("2026-12-31T23:59")).unwrap().as_str(), "2026-000002");
        assert_eq!(store.transact(open("2027-01-01T00:00")).unwrap().as_str(), "2027-000001");
    }

    #[test]
    fn a_case_reads_as_it_was_registered() {
        let mut store = cast::dealership();
        let new =
            NewCase { subject: Some(uid(1)), tracking: Some("RR-1".into()), ..new_case("2026-03-20T15:00") };
        let number = store.transact(|tx| tx.open_case(&new)).unwrap();
        store
            .read(|view| {
                let file = view.case(&number)?;
                assert_eq!(file.subject, Some(uid(1)));
                assert_eq!((file.right, file.channel, file.received), (new.right, new.channel, new.received));
                assert_eq!((file.due, file.target, file.provisional), (new.due, new.target, new.provisional));
                assert_eq!((file.state, file.ended, file.identity), (CaseState::Received, None, None));
                assert_eq!(view.cases_by_tracking("mycar", "RR-1")?, [file]);
                assert_eq!(view.cases_by_tracking("automaster", "RR-1")?, []);
                assert_eq!(view.case(&CaseNumber::new(2026, 9)).unwrap_err().kind(), Kind::NotFound);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn the_state_is_what_the_events_give() {
        let mut store = cast::dealership();
        let number = store.transact(|tx| tx.open_case(&new_case("2026-03-20T15:00"))).unwrap();
        let verified = CaseEvent::Verified { method: IdentityMethod::InPerson };
        let executed =
            CaseEvent::Executed { command: "access".into(), waiting: false, ask: None, outcome: None };
        let (channel, sent) = (Some(Channel::Email), Some("7".into()));
        let answered =
            CaseEvent::Answered { channel, number: sent, at: None, although: None, waits: Vec::new() };
        for (day, event) in
            [("2026-03-21", verified), ("2026-03-22", executed), ("2026-03-23", answered.clone())]
        {
            store.transact(|tx| tx.move_case(&number, &event, moment(day), "officer")).unwrap();
        }
        let again = store.transact(|tx| tx.move_case(&number, &answered, moment("2026-03-24"), "officer"));
        let again = again.unwrap_err();
        assert_eq!(again.kind(), Kind::Usage);
        assert_eq!(again.message(), "case 2026-000001: a case that is answered cannot be answered");

        let (file, history) = store.read(|v| Ok((v.case(&number)?, v.case_history(&number)?))).unwrap();
        assert_eq!(history.len(), 4, "the illegal move left no trace");
        let events = history.iter().map(|entry| (entry.at, &entry.event));
        let replayed = Case::replay(file.right, file.received, events).unwrap();
        assert_eq!(
            (file.state, file.identity, file.ended),
            (replayed.state, replayed.identity, replayed.ended)
        );
        assert_eq!(file.ended, Some(moment("2026-03-23")));
    }

    #[test]
    fn a_case_is_of_one_person() {
        let mut store = cast::dealership();
        let number = store.transact(|tx| tx.open_case(&new_case("2026-03-20T15:00"))).unwrap();
        store.transact(|tx| tx.name_case_subject(&number, uid(1))).unwrap();
        store.transact(|tx| tx.name_case_subject(&number, uid(1))).unwrap();
        let other = store.transact(|tx| tx.name_case_subject(&number, uid(2)));
        assert_eq!(other.unwrap_err().kind(), Kind::Usage);
    }
}

//! A case as the register keeps it: what is registered, how it stands, one line of its history.

use chrono::NaiveDate;
use rusqlite::Row;

use super::column as at;
use crate::domain::{
    CaseEvent, CaseNumber, CaseState, Channel, IdentityMethod, Moment, Remark, Result, Right, SubjectId,
    case::{self, Demand},
    facts::CaseSummary,
};

/// A request to be registered.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The controller that was asked.
    pub controller: String,
    /// The person, where one was recognised.
    pub subject: Option<SubjectId>,
    /// What is asked.
    pub right: Right,
    /// When it came: terms run from here.
    pub received: Moment,
    /// When it is written down: numbers run by the year of this.
    pub recorded: Moment,
    /// How it came.
    pub channel: Channel,
    /// Number of the envelope or courier.
    pub tracking: Option<String>,
    /// Language of the answer: `ru`, `kk`, `en`.
    pub language: Option<String>,
    /// Who asks for the person.
    pub representative: Option<String>,
    /// The document the representative acts by.
    pub authority: Option<String>,
    /// The binding last day.
    pub due: Option<NaiveDate>,
    /// The binding instant, for terms in hours.
    pub due_at: Option<Moment>,
    /// The careful day.
    pub target: Option<NaiveDate>,
    /// Whether the calendar ended before the date.
    pub provisional: bool,
    /// Who registers it.
    pub actor: String,
    /// Why it is registered late.
    pub late: Option<Remark>,
    /// What an authority demands it by.
    pub demand: Option<Demand>,
    /// The first case of its letter, where that asked several things.
    pub letter: Option<CaseNumber>,
}

/// A case as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Its number.
    pub number: CaseNumber,
    /// The controller.
    pub controller: String,
    /// The person.
    pub subject: Option<SubjectId>,
    /// What is asked.
    pub right: Right,
    /// When it came.
    pub received: Moment,
    /// When it was written down.
    pub recorded: Moment,
    /// How it came.
    pub channel: Channel,
    /// Number of the envelope or courier.
    pub tracking: Option<String>,
    /// Language of the answer.
    pub language: Option<String>,
    /// Who asks for the person.
    pub representative: Option<String>,
    /// The document the representative acts by.
    pub authority: Option<String>,
    /// How the identity was confirmed.
    pub identity: Option<IdentityMethod>,
    /// The binding last day.
    pub due: Option<NaiveDate>,
    /// The binding instant.
    pub due_at: Option<Moment>,
    /// The careful day.
    pub target: Option<NaiveDate>,
    /// Whether the calendar ended before the date.
    pub provisional: bool,
    /// Where it stands.
    pub state: CaseState,
    /// When it ended.
    pub ended: Option<Moment>,
    /// When the answer of the present round was sent.
    pub answered: Option<Moment>,
}

impl CaseFile {
    /// Whether it still owes something.
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Registered so long after it came that a reason is owed.
    pub fn registered_late(&self) -> bool {
        case::is_registered_late(self.received, self.recorded)
    }

    /// Whether the person was told and the case goes on waiting: no answer is owed until it opens again.
    pub fn is_told(&self) -> bool {
        self.state == CaseState::Waiting && self.answered.is_some()
    }

    /// The last day on which an answer is owed; `None`: none is owed any more, or no term is known. Of a case whose
    /// clock may stand it is asked after `timing::present`.
    pub fn owed_by(&self) -> Option<NaiveDate> {
        self.due.filter(|_| self.ended.is_none() && !self.is_told())
    }

    /// Whether an answer is owed and its last day is over. What is due, late or to be complained of goes by this alone;
    /// [`CaseFile::is_late`] is of the books: it also knows what was answered too late.
    pub fn is_overdue(&self, now: Moment) -> bool {
        self.owed_by().is_some() && self.is_past(now)
    }

    /// A term in hours ends at its hour, one in days with its last day; what is due at once is late the day after.
    fn is_past(&self, at: Moment) -> bool {
        match self.due_at.filter(|due| *due > self.received) {
            Some(due) => at > due,
            None => self.due.is_some_and(|due| at.day() > due),
        }
    }

    /// Past its due date and not answered, or answered after it.
    pub fn is_late(&self, now: Moment) -> bool {
        self.is_past(self.answered.or(self.ended).unwrap_or(now))
    }

    /// The short form that decisions and answers need.
    pub fn summary(&self) -> CaseSummary {
        CaseSummary {
            number: self.number.clone(),
            right: self.right,
            received: self.received,
            state: self.state.to_string(),
            due: self.due,
            open: self.is_open(),
        }
    }
}

/// One line of a case's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEntry {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What.
    pub event: CaseEvent,
}

/// The columns of a case, in the order that [`case_of`] reads them.
pub(super) const CASE: &str = "f.number, c.code, f.subject, f.asked, f.received_at, f.recorded_at, f.channel,
    f.tracking, f.language, f.representative, f.authority, f.identity, f.due, f.due_at, f.target, f.provisional,
    f.state, f.ended_at, f.answered_at, f.id AS case_row FROM case_file f JOIN controller c ON c.id = f.controller";

/// A case from the columns [`CASE`].
pub(super) fn case_of(row: &Row<'_>) -> Result<CaseFile> {
    Ok(CaseFile {
        number: at::word(row, 0)?,
        controller: row.get(1)?,
        subject: row.get::<_, Option<[u8; 16]>>(2)?.map(SubjectId::from_bytes),
        right: at::word(row, 3)?,
        received: at::moment(row, 4)?,
        recorded: at::moment(row, 5)?,
        channel: at::word(row, 6)?,
        tracking: row.get(7)?,
        language: row.get(8)?,
        representative: row.get(9)?,
        authority: row.get(10)?,
        identity: at::word_or_none(row, 11)?,
        due: at::day(row, 12)?,
        due_at: at::moment_or_none(row, 13)?,
        target: at::day(row, 14)?,
        provisional: row.get(15)?,
        state: at::word(row, 16)?,
        ended: at::moment_or_none(row, 17)?,
        answered: at::moment_or_none(row, 18)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_and_what_was_late() {
        use CaseState::{Answered, Executed, Refused, Waiting};
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let at = |text: &str| Moment::parse(text).ok();
        for (about, state, answered, ended, owed, overdue, late) in [
            ("on its last day", Executed, "", "", "2026-11-25", [false, true], [false, true]),
            ("told in time, waits", Waiting, "2026-11-24", "", "", [false, false], [false, false]),
            ("told late, waits", Waiting, "2026-11-26", "", "", [false, false], [true, true]),
            ("waits and was not told", Waiting, "", "", "2026-11-25", [false, true], [false, true]),
            ("a refusal on the desk", Refused, "", "", "2026-11-25", [false, true], [false, true]),
            ("answered", Answered, "2026-11-25", "2026-11-25", "", [false, false], [false, false]),
            ("answered late", Answered, "2026-11-26", "2026-11-26", "", [false, false], [true, true]),
        ] {
            let case =
                CaseFile { state, answered: at(answered), ended: at(ended), ..case(day("2026-11-25")) };
            let days = ["2026-11-25", "2026-11-26"].map(|text| at(text).unwrap_or(Moment::from_unix(0)));
            assert_eq!(case.owed_by(), day(owed), "{about}");
            assert_eq!(days.map(|now| case.is_overdue(now)), overdue, "{about}");
            assert_eq!(days.map(|now| case.is_late(now)), late, "{about}");
        }
        let hours = CaseFile { due_at: at("2026-11-25T17:00+05:00"), ..case(day("2026-11-25")) };
        let late = ["T16:59", "T17:00", "T17:01"].map(|hour| {
            hours.is_overdue(at(&format!("2026-11-25{hour}+05:00")).unwrap_or(Moment::from_unix(0)))
        });
        assert_eq!(late, [false, false, true], "a term in hours");
    }

    fn case(due: Option<NaiveDate>) -> CaseFile {
        let received = Moment::from_unix(1_764_000_000);
        CaseFile {
            number: CaseNumber::new(2026, 1),
            controller: "mycar".into(),
            subject: None,
            right: Right::Access,
            received,
            recorded: received,
            channel: Channel::Email,
            tracking: None,
            language: None,
            representative: None,
            authority: None,
            identity: None,
            due,
            due_at: None,
            target: None,
            provisional: false,
            state: CaseState::Received,
            ended: None,
            answered: None,
        }
    }
}

//! The arithmetic of the compliance report: months, counts, the median and the worst of the answers.
//!
//! A request belongs to the month in which it was received, whatever month it ended in, so that each month's
//! requests add up; an act, a stop and a transfer belong to the month in which they happened. Only sums
//! are kept: as many as there are months, however many requests there were.

use std::{collections::BTreeMap, fmt};

use chrono::{Datelike, NaiveDate};

use crate::{
    calendar::Calendar,
    domain::{CaseState, Right},
};

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// The month after it.
    pub fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year.saturating_add(1), month: 1 },
            month => Self { month: month + 1, ..self },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// What is counted of one request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What was asked.
    pub right: Right,
    /// When it came.
    pub received: NaiveDate,
    /// The binding last day.
    pub due: Option<NaiveDate>,
    /// Where it stands.
    pub state: CaseState,
    /// When it ended.
    pub ended: Option<NaiveDate>,
    /// The ground, where it was refused.
    pub ground: Option<&'a str>,
    /// A term in hours that ended before it was answered.
    pub is_past_hour: bool,
}

/// What happened in one month at one controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests received, by right.
    pub received: BTreeMap<Right, u64>,
    /// Of these, answered by their last day; a refusal counts when it was sent.
    pub in_time: u64,
    /// Answered or refused after it.
    pub late: u64,
    /// Not ended yet.
    pub open: u64,
    /// Of the open ones, past their last day.
    pub overdue: u64,
    /// Withdrawn, or registered by mistake.
    pub cancelled: u64,
    /// Refused, by ground.
    pub refused: BTreeMap<String, u64>,
    /// Answers by the working days they took.
    days: BTreeMap<u32, u64>,
    /// Records destroyed by nightly runs.
    pub purged: u64,
    /// Records destroyed, or values replaced, on request.
    pub destroyed: u64,
    /// Acts of destruction.
    pub acts: u64,
    /// Due records that the month's last nightly run left alone, because something protects them.
    pub held: Option<u64>,
    /// Records on which no rule spoke in the month's last nightly run.
    pub gaps: Option<u64>,
    /// Purposes that people stopped.
    pub suppressed: u64,
    /// Transfers to recipients.
    pub disclosures: u64,
}

impl Tally {
    /// Requests received.
    pub fn requests(&self) -> u64 {
        self.received.values().sum()
    }

    /// The working days within which half of the answers were sent; `None` without an answer.
    pub fn median(&self) -> Option<u32> {
        let half = self.days.values().sum::<u64>().div_ceil(2);
        let mut sent = 0;
        self.days.iter().find_map(|(days, n)| {
            sent += n;
            (sent >= half).then_some(*days)
        })
    }

    /// The working days that the slowest answer took.
    pub fn worst(&self) -> Option<u32> {
        self.days.last_key_value().map(|(days, _)| *days)
    }

    fn add(&mut self, request: &Request<'_>, today: NaiveDate, calendar: &Calendar) {
        *self.received.entry(request.right).or_default() += 1;
        if let Some(ground) = request.ground.filter(|_| request.state == CaseState::Refused) {
            *self.refused.entry(ground.to_owned()).or_default() += 1;
        }
        let late =
            request.is_past_hour || request.due.is_some_and(|due| request.ended.unwrap_or(today) > due);
        match (request.state, request.ended) {
            (CaseState::Cancelled, _) => self.cancelled += 1,
            (_, None) => {
                self.open += 1;
                self.overdue += u64::from(late);
            }
            (_, Some(ended)) => {
                *(if late { &mut self.late } else { &mut self.in_time }) += 1;
                *self.days.entry(calendar.working_days(request.received, ended)).or_default() += 1;
            }
        }
    }
}

/// All months of all controllers.
#[derive(Clone, Debug, Default)]
pub struct Compliance {
    by_controller: BTreeMap<String, BTreeMap<Month, Tally>>,
}

impl Compliance {
    /// The sums of the month of a day.
    pub fn month(&mut self, controller: &str, day: NaiveDate) -> &mut Tally {
        self.by_controller.entry(controller.to_owned()).or_default().entry(Month::of(day)).or_default()
    }

    /// Counts one request, as it stands today.
    pub fn request(
        &mut self,
        controller: &str,
        request: &Request<'_>,
        today: NaiveDate,
        calendar: &Calendar,
    ) {
        self.month(controller, request.received).add(request, today, calendar);
    }

    /// Every controller with its months, the empty ones between the first and the last month of all included,
    /// so that two controllers can be laid side by side.
    pub fn finish(mut self) -> BTreeMap<String, BTreeMap<Month, Tally>> {
        let months = self.by_controller.values().flat_map(BTreeMap::keys);
        let (Some(first), Some(last)) = (months.clone().min().copied(), months.max().copied()) else {
            return self.by_controller;
        };
        for months in self.by_controller.values_mut() {
            let all = std::iter::successors(Some(first), |month| Some(month.next()));
            all.take_while(|month| *month <= last).for_each(|month| {
                months.entry(month).or_default();
            });
        }
        self.by_controller
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::calendar::sample::{calendar, date};

    static CALENDAR: LazyLock<Calendar> = LazyLock::new(calendar);

    fn request(received: &str, due: &str, state: CaseState, ended: &str) -> Request<'static> {
        let ground = (state == CaseState::Refused).then_some("RF-ID");
        Request {
            right: Right::Access,
            received: date(received),
            due: due.parse().ok(),
            state,
            ended: ended.parse().ok(),
            ground,
            is_past_hour: false,
        }
    }

    fn tally(requests: &[Request<'_>], today: &str) -> Tally {
        let mut all = Compliance::default();
        requests.iter().for_each(|request| all.request("any", request, date(today), &CALENDAR));
        all.finish()
            .remove("any")
            .and_then(|mut months| months.pop_first())
            .map(|(_, sum)| sum)
            .unwrap_or_default()
    }

    #[test]
    fn where_a_request_is_counted() {
        use CaseState::{Answered, Cancelled, Executed, Refused, Waiting};
        for (about, request, expected) in [
            ("on the last day", request("2026-03-02", "2026-03-05", Answered, "2026-03-05"), (1, 0, 0, 0, 0)),
            (
                "on the last day, after its hour",
                Request { is_past_hour: true, ..request("2026-03-02", "2026-03-05", Answered, "2026-03-05") },
                (0, 1, 0, 0, 0),
            ),
            ("a day after", request("2026-03-02", "2026-03-05", Answered, "2026-03-06"), (0, 1, 0, 0, 0)),
            ("refused in time", request("2026-03-02", "2026-03-05", Refused, "2026-03-03"), (1, 0, 0, 0, 0)),
            ("no term", request("2026-03-02", "", Answered, "2027-03-02"), (1, 0, 0, 0, 0)),
            ("not due yet", request("2026-03-02", "2026-03-10", Executed, ""), (0, 0, 1, 0, 0)),
            ("past its day", request("2026-03-02", "2026-03-09", Waiting, ""), (0, 0, 1, 1, 0)),
            ("by mistake", request("2026-03-02", "2026-03-05", Cancelled, "2026-03-09"), (0, 0, 0, 0, 1)),
        ] {
            let sum = tally(&[request], "2026-03-10");
            let found = (sum.in_time, sum.late, sum.open, sum.overdue, sum.cancelled);
            assert_eq!(found, expected, "{about}");
            assert_eq!(sum.requests(), 1, "{about}");
            assert_eq!(sum.refused.get("RF-ID").copied(), (request.state == Refused).then_some(1), "{about}");
        }
    }

    #[test]
    fn median_and_worst() {
        let day = |n: u32| format!("2026-06-{n:02}"); // a month of five-day weeks from Monday the first
        for (ends, median, worst) in [
            (&[][..], None, None),
            (&[1], Some(0), Some(0)),
            (&[2, 4], Some(1), Some(3)),
            (&[2, 4, 5], Some(3), Some(4)),
            (&[8, 2, 2, 2], Some(1), Some(5)), // two days of rest
        ] {
            let requests: Vec<_> = ends
                .iter()
                .map(|end| request("2026-06-01", "2026-06-30", CaseState::Answered, &day(*end)))
                .collect();
            let sum = tally(&requests, "2026-07-01");
            assert_eq!((sum.median(), sum.worst()), (median, worst), "{ends:?}");
        }
    }

    #[test]
    fn months_without_anything_stand_between() {
        let mut all = Compliance::default();
        all.month("a", date("2025-11-30")).acts += 1;
        all.month("b", date("2026-02-01")).acts += 1;
        let said: Vec<String> = all
            .finish()
            .into_iter()
            .flat_map(|(id, months)| months.into_iter().map(move |(m, sum)| format!("{id} {m} {}", sum.acts)))
            .collect();
        let expected = ["2025-11 1", "2025-12 0", "2026-01 0", "2026-02 0"].map(|line| format!("a {line}"));
        assert_eq!(said[..4], expected);
        assert_eq!(said[4..], ["b 2025-11 0", "b 2025-12 0", "b 2026-01 0", "b 2026-02 1"]);
        assert!(Compliance::default().finish().is_empty());
    }

    proptest! {
        #[test]
        fn a_month_adds_up(lines in prop::collection::vec((0..31_u64, 0..40_u64, 0..7_usize, prop::option::of(0..60_u64)), 0..40)) {
            let first = date("2026-05-01");
            let day = |n| first + chrono::Days::new(n);
            let mut all = Compliance::default();
            let mut took = Vec::new();
            for (received, term, state, ended) in &lines {
                let state = CaseState::ALL[*state];
                let ended = (!state.is_open()).then(|| day(received + ended.unwrap_or(0)));
                let due = Some(day(received + term));
                let request = Request { right: Right::Erase, received: day(*received), due, state, ended, ground: None, is_past_hour: false };
                all.request("any", &request, day(60), &CALENDAR);
                if let Some(ended) = ended.filter(|_| state != CaseState::Cancelled) {
                    took.push(CALENDAR.working_days(request.received, ended));
                }
            }
            took.sort_unstable();
            let sum = all.finish().remove("any").and_then(|mut months| months.pop_first()).unwrap_or((Month::of(first), Tally::default())).1;
            prop_assert_eq!(sum.in_time + sum.late + sum.open + sum.cancelled, lines.len() as u64);
            prop_assert_eq!(sum.requests(), lines.len() as u64);
            prop_assert!(sum.overdue <= sum.open);
            prop_assert_eq!(sum.worst(), took.last().copied());
            prop_assert_eq!(sum.median(), took.get(took.len().div_ceil(2).saturating_sub(1)).copied());
        }
    }
}

//! `dsr/status/v1`: the officer's day, the most urgent first, with the command to type next.

use chrono::NaiveDate;
use serde::Serialize;

use super::duty::{awaited, closing};
use crate::{
    decide::by_hand::is_block_first,
    domain::{Duty, DutyKind, Moment, Pause, channel::words},
    render::{Answer, Block, Lang, Sheet, Words},
};

words! {
    /// How urgent a line is, the most urgent first.
    Urgency, "urgency" {
        /// Its day is over.
        Overdue = "overdue",
        /// Today.
        Today = "today",
        /// Within seven days.
        ThisWeek = "this_week",
        /// Waits for something else than the company.
        Waiting = "waiting",
        /// Later.
        Later = "later",
        /// No term was in force.
        NoTerm = "no_term",
        /// Of no day: the house itself.
        House = "house",
    }
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The answer of a case.
    Answer,
    /// A step by hand, a task, a recipient.
    Duty(Duty),
    /// A check that keeps data out of use.
    Block(Moment),
    /// What a person was asked for.
    Asked(Vec<Pause>),
    /// An act of destruction whose bytes may remain.
    Act(String),
    /// The nightly run only reports.
    PurgeOff,
    /// The nightly run was cut off.
    PurgeCutOff,
    /// The last night came to no end in other systems.
    PurgeElsewhere,
    /// Records that the next nightly run destroys or archives.
    PurgeDue(u64),
    /// The nightly run did not run lately.
    PurgeOld(NaiveDate),
    /// The calendar ends.
    Calendar(NaiveDate),
    /// Fields of the officer's file that are empty.
    Fields(Vec<String>),
    /// A notice of a new version of the policy: where, and the rule that promises it.
    Notice(String, String),
    /// A purpose that a new version named, and how many people have not consented to it.
    NewPurpose(String, u64),
    /// It was registered long after it came, and nobody said why.
    Registered,
    /// A deputy's last day is over, and nobody goes on with it: who, and the day.
    Deputy(String, NaiveDate),
    /// A backup was cut off, and its draft lies here.
    CutOff(String),
    /// A backup into this directory was cut off, and its disk is away.
    CutOffAway(String),
}

impl About {
    /// The word of it in machine formats.
    fn kind(&self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Duty(duty) => duty.what.kind.as_str(),
            Self::Block(_) => "block",
            Self::Asked(_) => "asked_for",
            Self::Act(_) => "act",
            Self::PurgeOff | Self::PurgeCutOff | Self::PurgeElsewhere | Self::PurgeOld(_) => "purge",
            Self::PurgeDue(_) => "purge_due",
            Self::Calendar(_) => "calendar",
            Self::Fields(_) => "fields",
            Self::Notice(..) => "notice",
            Self::NewPurpose(..) => "new_purpose",
            Self::Registered => "late_reason",
            Self::Deputy(..) => "deputy",
            Self::CutOff(_) | Self::CutOffAway(_) => "copy",
        }
    }

    fn say(&self, line: &Line, words: &Words) -> String {
        let with = |key: &str, name: &str, value: String| words.say_with(key, &[(name, value.into())]);
        match self {
            Self::Answer if line.state == Some("refused") => {
                with("status-refusal", "right", words.term("right", line.right.unwrap_or_default()))
            }
            Self::Answer => {
                let right = words.term("right", line.right.unwrap_or_default());
                format!("{right}: {}", words.term("state", line.state.unwrap_or_default()))
            }
            Self::Duty(duty) if duty.what.kind == DutyKind::Tell => {
                with("status-tell", "recipient", duty.what.place.clone())
            }
            Self::Duty(duty) if duty.what.place.is_empty() => words.phrase(&duty.what.task),
            Self::Duty(duty) => {
                let waits = Some(awaited(duty, words)).filter(|on| !on.is_empty());
                let waits = waits.map(|on| format!("; {on}")).unwrap_or_default();
                format!("{}: {}{waits}", duty.what.place, words.phrase(&duty.what.task))
            }
            Self::Block(since) => with("status-block", "since", words.day(since.day())),
            Self::Asked(what) => {
                let what = what.iter().map(|what| words.say(&format!("asked-{what}")));
                with("status-asked", "what", what.collect::<Vec<_>>().join(", "))
            }
            Self::Act(number) => with("status-act", "number", number.clone()),
            Self::PurgeOff => words.say("status-purge-off"),
            Self::PurgeCutOff => words.say("status-purge-cut-off"),
            Self::PurgeElsewhere => words.say("status-purge-elsewhere"),
            Self::PurgeDue(records) => words.say_with("status-purge-due", &[("n", (*records).into())]),
            Self::PurgeOld(day) => with("status-purge-old", "day", words.day(*day)),
            Self::Calendar(day) => with("status-calendar", "day", words.day(*day)),
            Self::Fields(fields) => with("status-field", "field", fields.join(", ")),
            Self::Notice(place, rule) => {
                let place = words.term("vocabulary", place);
                words.say_with("status-notice", &[("place", place.into()), ("rule", rule.clone().into())])
            }
            Self::NewPurpose(purpose, people) => {
                let purpose = words.code("purpose", purpose);
                words.say_with("status-new-purpose", &[("purpose", purpose.into()), ("n", (*people).into())])
            }
            Self::Registered => words.say("status-late-reason"),
            Self::CutOff(draft) => with("status-cut-off", "file", draft.clone()),
            Self::CutOffAway(directory) => with("status-cut-off-away", "directory", directory.clone()),
            Self::Deputy(name, until) => {
                let until = words.day(*until);
                words.say_with("status-deputy", &[("name", name.clone().into()), ("until", until.into())])
            }
        }
    }
}

/// One line of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How urgent.
    pub urgency: Urgency,
    /// The case.
    pub number: Option<String>,
    /// The controller.
    pub controller: Option<String>,
    /// The right.
    pub right: Option<&'static str>,
    /// Where the case stands.
    pub state: Option<&'static str>,
    /// The last day.
    pub due: Option<NaiveDate>,
    /// The careful day.
    pub target: Option<NaiveDate>,
    /// What it is about.
    pub about: About,
    /// What to type next.
    pub next: Option<String>,
}

/// The whole day.
pub struct StatusAnswer {
    /// The day.
    pub as_of: NaiveDate,
    /// The lines, in any order.
    pub lines: Vec<Line>,
    /// Acts of destruction that are not finished.
    pub destruction_pending: usize,
    /// Systems of which it is not known what is due for destruction: the next nightly run asks them.
    pub not_counted: Vec<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    as_of: String,
    overdue: usize,
    today: usize,
    this_week: usize,
    later: usize,
    waiting: usize,
    blocked: usize,
    asked_for: usize,
    steps_open: usize,
    recipients_not_told: usize,
    destruction_pending: usize,
    due_for_destruction: u64,
    not_counted: &'a [String],
    cases: Vec<LineBody<'a>>,
    lines: Vec<LineBody<'a>>,
}

#[derive(Serialize)]
struct LineBody<'a> {
    urgency: &'a str,
    number: Option<&'a str>,
    controller: Option<&'a str>,
    right: Option<&'a str>,
    state: Option<&'a str>,
    due: Option<String>,
    target: Option<String>,
    next: Option<&'a str>,
    kind: &'a str,
    about: String,
}

fn next(case: &crate::store::CaseFile, duty: &Duty) -> String {
    match case.subject.filter(|_| is_block_first(&duty.what.task)) {
        Some(id) => format!("dsr restrict --subject id:{id} --reason …"),
        None => closing(case.number.as_str(), duty),
    }
}

impl Line {
    /// A duty of a case as a line. The block that a complaint asks for is nothing to tick off: it is to be made.
    pub fn of_duty(urgency: Urgency, case: &crate::store::CaseFile, duty: Duty) -> Self {
        Self {
            urgency,
            number: Some(case.number.to_string()),
            controller: Some(case.controller.clone()),
            right: Some(case.right.as_str()),
            state: Some(case.state.as_str()),
            due: duty.what.due,
            target: None,
            next: Some(next(case, &duty)),
            about: About::Duty(duty),
        }
    }

    /// A line of no case.
    pub fn house(controller: Option<&str>, about: About, next: Option<&str>) -> Self {
        Self {
            urgency: Urgency::House,
            number: None,
            controller: controller.map(str::to_owned),
            right: None,
            state: None,
            due: None,
            target: None,
            about,
            next: next.map(str::to_owned),
        }
    }

    fn body(&self, english: &Words) -> LineBody<'_> {
        LineBody {
            urgency: self.urgency.as_str(),
            number: self.number.as_deref(),
            controller: self.controller.as_deref(),
            right: self.right,
            state: self.state,
            due: self.due.map(|day| day.to_string()),
            target: self.target.map(|day| day.to_string()),
            next: self.next.as_deref(),
            kind: self.about.kind(),
            about: self.about.say(self, english),
        }
    }
}

impl StatusAnswer {
    fn sorted(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by_key(|line| (line.urgency, line.due.is_none(), line.due, &line.number));
        lines
    }

    fn count(&self, fits: impl Fn(&Line) -> bool) -> usize {
        self.lines.iter().filter(|line| fits(line)).count()
    }

    fn cases(&self, urgency: Urgency) -> usize {
        self.count(|line| line.about == About::Answer && line.urgency == urgency)
    }

    fn due_for_destruction(&self) -> u64 {
        let due = self
            .lines
            .iter()
            .filter_map(|line| if let About::PurgeDue(n) = line.about { Some(n) } else { None });
        due.sum()
    }

    fn of_kind(&self, kind: &str) -> usize {
        self.count(|line| line.about.kind() == kind)
    }
}

impl Answer for StatusAnswer {
    fn schema(&self) -> &'static str {
        "dsr/status/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        let english = Words::new(Lang::En);
        let lines = self.sorted();
        let of_cases = lines.iter().filter(|line| line.about == About::Answer);
        serde_json::to_value(Body {
            as_of: self.as_of.to_string(),
            overdue: self.cases(Urgency::Overdue),
            today: self.cases(Urgency::Today),
            this_week: self.cases(Urgency::ThisWeek),
            later: self.cases(Urgency::Later),
            waiting: self.cases(Urgency::Waiting),
            blocked: self.of_kind("block"),
            asked_for: self.of_kind("asked_for"),
            steps_open: self.of_kind("manual") + self.of_kind("task"),
            recipients_not_told: self.of_kind("tell"),
            destruction_pending: self.destruction_pending,
            due_for_destruction: self.due_for_destruction(),
            not_counted: &self.not_counted,
            cases: of_cases.map(|line| line.body(&english)).collect(),
            lines: lines.iter().map(|line| line.body(&english)).collect(),
        })
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let day = words.day(self.as_of);
        let mut page = vec![Block::Heading(words.say_with("status-title", &[("day", day.into())]))];
        let lines = self.sorted();
        if lines.is_empty() {
            page.push(Block::Line(words.say("status-nothing")));
        }
        for urgency in Urgency::ALL {
            let group: Vec<&&Line> = lines.iter().filter(|line| line.urgency == *urgency).collect();
            if !group.is_empty() {
                let title = words.say(&format!("status-{}", urgency.as_str().replace('_', "-")));
                let title = format!("{title} ({})", group.len());
                page.push(match urgency {
                    Urgency::Overdue => Block::Alarm(title),
                    _ => Block::Heading(title),
                });
                page.push(Block::Table(table(&group, words)));
            }
        }
        if !self.not_counted.is_empty() {
            let systems = self.not_counted.join(", ");
            page.push(Block::Line(words.say_with("status-not-counted", &[("systems", systems.into())])));
        }
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let english = Words::new(Lang::En);
        let columns =
            ["urgency", "number", "controller", "right", "state", "due", "target", "next", "kind", "about"];
        let mut sheet = Sheet::new(columns);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        for line in self.sorted() {
            let body = line.body(&english);
            sheet.push([
                body.urgency.to_owned(),
                text(body.number),
                text(body.controller),
                text(body.right),
                text(body.state),
                body.due.unwrap_or_default(),
                body.target.unwrap_or_default(),
                text(body.next),
                body.kind.to_owned(),
                body.about,
            ]);
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("lines")
    }
}

/// The columns that hold anything in this group.
fn table(group: &[&&Line], words: &Words) -> Sheet {
    let titles = ["due", "case", "controller", "status-about", "status-next"].map(|key| words.say(key));
    let rows: Vec<[String; 5]> = group
        .iter()
        .map(|line| {
            [
                line.due.map(|day| words.day(day)).unwrap_or_default(),
                line.number.clone().unwrap_or_default(),
                line.controller.clone().unwrap_or_default(),
                line.about.say(line, words),
                line.next.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let full: Vec<usize> = (0..5).filter(|at| rows.iter().any(|row| !row[*at].is_empty())).collect();
    let mut sheet = Sheet::new(full.iter().map(|at| titles[*at].clone()));
    for row in rows {
        sheet.push(full.iter().map(|at| row[*at].clone()));
    }
    sheet
}

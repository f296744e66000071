//! `dsr/request/v1`: one request and everything that happened to it.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    awaited::{self, Awaited},
    duty::{self, DutyBody},
    event::detail,
    plan::{Part, systems},
};
use crate::{
    decide::{
        authority::{Authority, is_alone, standing},
        timeline::waits_for,
    },
    domain::{
        CaseEvent, CaseNumber, Duty, Moment, Remark,
        case::{Demand, Officer, officer},
    },
    render::{Answer, Block, Sheet, Words},
    store::{CaseEntry, CaseFile},
};

/// A case with its history.
pub struct CaseAnswer {
    /// The case.
    pub case: CaseFile,
    /// Its events, oldest first.
    pub history: Vec<CaseEntry>,
    /// What people have to do about it.
    pub duties: Vec<Duty>,
    /// Its steps in other systems, done or not, with what hindered them.
    pub systems: Vec<Part>,
    /// What it waits for.
    pub waits: Vec<Awaited>,
    /// The other cases of the same letter.
    pub together: Vec<CaseNumber>,
    /// The refusal, where it was refused.
    pub refusal: Option<Refusal>,
    /// Every date and verdict in words, where that was asked for.
    pub why: Option<Vec<String>>,
    /// The commands that are open, the one worth typing next first.
    pub next: Vec<String>,
    /// When it is answered.
    pub now: Moment,
}

/// A reasoned refusal as the person is told of it.
#[derive(Clone, Serialize)]
pub struct Refusal {
    /// The code.
    pub ground: String,
    /// Article and paragraph.
    pub law: Option<String>,
    /// The ground in words.
    pub says: String,
    /// The facts it rests on.
    pub facts: Option<String>,
    /// What the person can do.
    pub todo: String,
    /// Where the person can complain.
    pub appeal: Vec<String>,
    /// Who signed.
    pub signed_by: String,
}

#[derive(Serialize)]
struct Body<'a> {
    number: String,
    controller: &'a str,
    right: &'a str,
    subject: Option<String>,
    received: String,
    recorded: String,
    channel: &'a str,
    tracking: Option<&'a str>,
    representative: bool,
    authority: Option<&'a str>,
    authority_ended: Option<String>,
    language: Option<&'a str>,
    identity: Option<&'a str>,
    state: &'a str,
    open: bool,
    due: Option<String>,
    due_at: Option<String>,
    target: Option<String>,
    provisional: bool,
    late: bool,
    late_reason: Option<&'a str>,
    demand: Option<DemandBody<'a>>,
    officer: Option<&'a str>,
    asked_for: Vec<&'static str>,
    together: Vec<&'a str>,
    answered: Option<String>,
    ended: Option<String>,
    duties: Vec<DutyBody<'a>>,
    systems: &'a [Part],
    waits: &'a [Awaited],
    refusal: Option<&'a Refusal>,
    why: Option<&'a [String]>,
    events: Vec<EventBody<'a>>,
    next: Option<&'a str>,
    ways: &'a [String],
}

#[derive(Serialize)]
struct DemandBody<'a> {
    number: &'a str,
    basis: Option<&'a str>,
}

#[derive(Serialize)]
struct EventBody<'a> {
    at: String,
    actor: &'a str,
    event: &'a str,
    detail: Option<String>,
}

impl CaseAnswer {
    fn events(&self) -> Vec<EventBody<'_>> {
        let body = |entry: &'_ CaseEntry| (entry.at.rfc3339(), detail(&entry.event, None, &[]));
        let events = self.history.iter().map(|entry| {
            let (at, detail) = body(entry);
            EventBody { at, actor: &entry.actor, event: entry.event.as_str(), detail }
        });
        events.collect()
    }
}

impl Answer for CaseAnswer {
    fn schema(&self) -> &'static str {
        "dsr/request/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        let case = &self.case;
        serde_json::to_value(Body {
            number: case.number.to_string(),
            controller: &case.controller,
            right: case.right.as_str(),
            subject: case.subject.map(|id| id.to_string()),
            received: case.received.rfc3339(),
            recorded: case.recorded.rfc3339(),
            channel: case.channel.as_str(),
            tracking: case.tracking.as_deref(),
            representative: case.representative.is_some(),
            authority: case.authority.as_deref(),
            authority_ended: self.authority_ended().map(|day| day.to_string()),
            language: case.language.as_deref(),
            identity: case.identity.map(|method| method.as_str()),
            state: case.state.as_str(),
            open: case.is_open(),
            due: case.due.map(|day| day.to_string()),
            due_at: case.due_at.map(|at| at.rfc3339()),
            target: case.target.map(|day| day.to_string()),
            provisional: case.provisional,
            late: case.is_late(self.now),
            late_reason: self.late_reason(),
            demand: self.demand().map(|demand| DemandBody {
                number: &demand.number,
                basis: demand.basis.as_ref().map(Remark::as_str),
            }),
            officer: if let Officer::Named(name) = self.officer() { Some(name) } else { None },
            asked_for: waits_for(self.history.iter().map(|entry| &entry.event))
                .iter()
                .map(|what| what.as_str())
                .collect(),
            together: self.together.iter().map(CaseNumber::as_str).collect(),
            answered: case.answered.map(|at| at.rfc3339()),
            duties: self.duties.iter().map(DutyBody::of).collect(),
            systems: &self.systems,
            waits: &self.waits,
            refusal: self.refusal.as_ref(),
            why: self.why.as_deref(),
            ended: case.ended.map(|at| at.rfc3339()),
            events: self.events(),
            next: self.next.first().map(String::as_str),
            ways: &self.next,
        })
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let case = &self.case;
        let mut page = vec![Block::Heading(format!("{} {}", words.say("case"), case.number))];
        page.push(Block::Pairs(self.pairs(words)));
        if case.provisional {
            page.push(Block::Warning(words.say("provisional-due")));
        }
        // Of one that was told and waits nothing is owed now, however late it was told.
        if case.is_overdue(self.now) || case.ended.is_some() && case.is_late(self.now) {
            page.push(Block::Warning(words.say("late")));
        }
        if case.registered_late() && self.late_reason().is_none() {
            page.push(Block::Warning(words.say("registered-late")));
        }
        page.push(Block::Table(self.events_in_words(words)));
        if !self.waits.is_empty() {
            page.push(Block::Heading(words.say("waits-title")));
            page.push(Block::Table(awaited::sheet(&self.waits, words)));
        }
        if !self.duties.is_empty() {
            page.push(Block::Heading(words.say("duties")));
            page.push(Block::Table(duty::sheet(&self.duties, words)));
        }
        if !self.systems.is_empty() {
            page.push(Block::Heading(words.say("elsewhere-title")));
            page.push(Block::Table(systems(&self.systems, words)));
        }
        page.extend(self.refusal.iter().flat_map(|one| refusal(one, words)));
        if let Some(why) = &self.why {
            page.push(Block::Heading(words.say("why-title")));
            page.extend(why.iter().map(|line| Block::Line(words.dated(line))));
        }
        page.extend((!self.next.is_empty()).then(|| Block::Next(self.next.clone())));
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new(["at", "actor", "event", "detail"]);
        for event in self.events() {
            let (actor, kind) = (event.actor.to_owned(), event.event.to_owned());
            sheet.push([event.at, actor, kind, event.detail.unwrap_or_default()]);
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("events")
    }
}

impl CaseAnswer {
    fn pairs(&self, words: &Words) -> Vec<(String, String)> {
        let case = &self.case;
        let mut pairs = vec![
            (words.say("right"), words.term("right", case.right.as_str())),
            (words.say("controller"), case.controller.clone()),
            (words.say("received"), words.moment(case.received)),
            (words.say("state"), words.term("state", case.state.as_str())),
            (
                words.say("due"),
                case.due.map_or_else(|| words.say("no-term"), |day| words.due(day, case.due_at)),
            ),
        ];
        let more = [
            ("target", case.target.map(|day| words.day(day))),
            ("language", case.language.as_deref().map(|tag| words.code("language", tag))),
            ("identity", case.identity.map(|method| words.code("identity", method.as_str()))),
            ("column-representative", self.representative(words)),
            ("column-authority", case.authority.clone()),
            ("tracking", case.tracking.clone()),
            ("subject", case.subject.map(|id| format!("id:{id}"))),
            ("officer", self.officer_in_words(words)),
            ("answered", case.answered.map(|sent| words.moment(sent))),
            ("late-reason", self.late_reason().map(str::to_owned)),
            ("demand", self.demand().map(named)),
            ("together", Some(numbers(&self.together)).filter(|text| !text.is_empty())),
        ];
        pairs.extend(more.into_iter().filter_map(|(label, value)| Some((words.say(label), value?))));
        pairs
    }

    fn events_in_words(&self, words: &Words) -> Sheet {
        let titles = ["event-at", "event-actor", "event-event", "event-detail"].map(|key| words.say(key));
        let mut sheet = Sheet::new(titles);
        for entry in &self.history {
            let detail = detail(&entry.event, Some(words), &self.duties)
                .map(|text| words.dated(&text))
                .unwrap_or_default();
            let event = words.code("event", entry.event.as_str());
            sheet.push([words.moment(entry.at), entry.actor.clone(), event, detail]);
        }
        sheet
    }
}

impl CaseAnswer {
    fn late_reason(&self) -> Option<&str> {
        self.history.iter().find_map(|entry| match &entry.event {
            CaseEvent::Received { late, .. } => late.as_ref().map(Remark::as_str),
            _ => None,
        })
    }

    /// The last day of an authority that has ended.
    fn authority_ended(&self) -> Option<NaiveDate> {
        match standing(self.history.iter().map(|entry| &entry.event), self.now.day()) {
            Authority::Ended(until) => Some(until),
            Authority::Unchecked | Authority::InForce => None,
        }
    }

    /// That somebody acts for the person, and whether they may; who it is stays in the register.
    fn representative(&self, words: &Words) -> Option<String> {
        self.case.representative.as_ref()?;
        let events = self.history.iter().map(|entry| &entry.event);
        match standing(events.clone(), self.now.day()) {
            Authority::InForce if is_alone(events) => None,
            Authority::InForce => Some(words.code("event", "authorised")),
            Authority::Unchecked => Some(words.code("event", "unauthorised")),
            Authority::Ended(until) => {
                Some(words.say_with("authority-ended", &[("day", words.day(until).into())]))
            }
        }
    }

    fn demand(&self) -> Option<&Demand> {
        self.history.iter().rev().find_map(|entry| match &entry.event {
            CaseEvent::Received { demand, .. } => demand.as_ref(),
            _ => None,
        })
    }

    fn officer(&self) -> Officer<'_> {
        let events: Vec<&CaseEvent> = self.history.iter().map(|entry| &entry.event).collect();
        officer(&events, self.now.day())
    }

    /// Who goes on with it; a deputy whose last day is over with that day.
    fn officer_in_words(&self, words: &Words) -> Option<String> {
        match self.officer() {
            Officer::Anybody => None,
            Officer::Named(name) => Some(name.to_owned()),
            Officer::Gone(name, until) => {
                let until = words.day(until);
                Some(words.say_with("status-deputy", &[("name", name.into()), ("until", until.into())]))
            }
        }
    }
}

fn named(demand: &Demand) -> String {
    let basis = demand.basis.as_ref().map(|basis| format!(", {basis}"));
    format!("{}{}", demand.number, basis.unwrap_or_default())
}

fn numbers(all: &[CaseNumber]) -> String {
    all.iter().map(CaseNumber::as_str).collect::<Vec<_>>().join(", ")
}

fn refusal(refusal: &Refusal, words: &Words) -> Vec<Block> {
    let law = refusal.law.as_ref().map(|law| format!(" ({})", words.law(law))).unwrap_or_default();
    let says = words.reason(&refusal.ground, &refusal.says);
    let appeal: Vec<String> = refusal.appeal.iter().map(|line| words.phrase(line)).collect();
    let pairs = [
        ("refusal-ground", Some(format!("{}{law}: {says}", refusal.ground))),
        ("refusal-facts", refusal.facts.clone()),
        ("refusal-can", Some(words.phrase(&refusal.todo))),
        ("refusal-appeal", Some(appeal.join("; "))),
        ("refusal-signed", Some(refusal.signed_by.clone())),
    ];
    let pairs = pairs.into_iter().filter_map(|(label, value)| Some((words.say(label), value?)));
    vec![Block::Heading(words.say("refusal-title")), Block::Pairs(pairs.collect())]
}

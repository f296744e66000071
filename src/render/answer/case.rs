//! `dsr/request/v1`: one request and everything that happened to it.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    domain::{CaseEvent, Channel, Moment},
    render::{Answer, Block, Lang, Sheet, Words},
    store::{CaseEntry, CaseFile},
};

/// A case with its history.
pub struct CaseAnswer {
    /// The case.
    pub case: CaseFile,
    /// Its events, oldest first.
    pub history: Vec<CaseEntry>,
    /// The command worth typing next.
    pub next: Option<String>,
    /// The day of the answer.
    pub today: NaiveDate,
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
    identity: Option<&'a str>,
    state: &'a str,
    open: bool,
    due: Option<String>,
    due_at: Option<String>,
    target: Option<String>,
    provisional: bool,
    late: bool,
    ended: Option<String>,
    events: Vec<EventBody<'a>>,
    next: Option<&'a str>,
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
        let body = |entry: &'_ CaseEntry| (entry.at.rfc3339(), detail(&entry.event));
        let events = self.history.iter().map(|entry| {
            let (at, detail) = body(entry);
            EventBody { at, actor: &entry.actor, event: entry.event.as_str(), detail }
        });
        events.collect()
    }
}

fn detail(event: &CaseEvent) -> Option<String> {
    match event {
        CaseEvent::Received { channel, tracking } => {
            let parts = [Some(channel.to_string()), tracking.clone()];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        CaseEvent::Verified { method } => Some(method.to_string()),
        CaseEvent::Executed { command, waiting, ask, .. } => {
            let waits = waiting.then(|| "part waits".to_owned());
            let parts = [Some(command.clone()), ask.as_deref().and_then(grounds), waits];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        CaseEvent::Answered { channel, number, although } => {
            let although = although.as_ref().map(|although| format!("although {although}"));
            let parts = [channel.map(|channel| channel.to_string()), number.clone(), although];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
        }
        CaseEvent::Lettered { letter } => Some(format!("{} {}", letter.kind, letter.number)),
        CaseEvent::Refused { ground } => Some(ground.clone()),
        CaseEvent::Cancelled | CaseEvent::Reopened | CaseEvent::Noted => None,
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
            identity: case.identity.map(|method| method.as_str()),
            state: case.state.as_str(),
            open: case.is_open(),
            due: case.due.map(|day| day.to_string()),
            due_at: case.due_at.map(|at| at.rfc3339()),
            target: case.target.map(|day| day.to_string()),
            provisional: case.provisional,
            late: case.is_late(self.today),
            ended: case.ended.map(|at| at.rfc3339()),
            events: self.events(),
            next: self.next.as_deref(),
        })
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let case = &self.case;
        let mut page = vec![Block::Heading(format!("{} {}", words.say("case"), case.number))];
        page.push(Block::Pairs(self.pairs(words)));
        if case.provisional {
            page.push(Block::Warning(words.say("provisional-due")));
        }
        if case.is_late(self.today) {
            page.push(Block::Warning(words.say("late")));
        }
        page.push(Block::Table(self.events_in_words(words)));
        page.extend(self.next.clone().map(|next| Block::Next(vec![next])));
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
            (words.say("received"), at(case.received, words)),
            (words.say("state"), words.term("state", case.state.as_str())),
            (words.say("due"), case.due.map_or_else(|| words.say("no-term"), |day| words.day(day))),
        ];
        let more = [
            ("target", case.target.map(|day| words.day(day))),
            ("identity", case.identity.map(|method| words.code("identity", method.as_str()))),
            ("tracking", case.tracking.clone()),
            ("subject", case.subject.map(|id| format!("id:{id}"))),
        ];
        pairs.extend(more.into_iter().filter_map(|(label, value)| Some((words.say(label), value?))));
        pairs
    }

    fn events_in_words(&self, words: &Words) -> Sheet {
        let titles = ["event-at", "event-actor", "event-event", "event-detail"].map(|key| words.say(key));
        let mut sheet = Sheet::new(titles);
        for entry in &self.history {
            let (event, detail) = (entry.event.as_str(), detail_in_words(&entry.event, words));
            sheet.push([at(entry.at, words), entry.actor.clone(), words.code("event", event), detail]);
        }
        sheet
    }
}

/// A moment: as machines write it in English, as people do elsewhere.
fn at(at: Moment, words: &Words) -> String {
    if words.lang() == Lang::En { at.rfc3339() } else { words.moment(at) }
}

/// The same as [`detail`], with the words of closed lists in the language.
fn detail_in_words(event: &CaseEvent, words: &Words) -> String {
    let channel = |channel: Channel| words.code("channel", channel.as_str());
    let parts = match event {
        CaseEvent::Received { channel: by, tracking } => vec![Some(channel(*by)), tracking.clone()],
        CaseEvent::Verified { method } => vec![Some(words.code("identity", method.as_str()))],
        CaseEvent::Executed { command, waiting, ask, .. } => {
            let waits = waiting.then(|| words.say("part-waits"));
            let parts = [Some(words.code("right", command)), ask.as_deref().and_then(grounds), waits];
            return parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        }
        CaseEvent::Answered { channel: by, number, although } => {
            let although =
                although.as_ref().map(|why| words.say_with("although", &[("why", why.clone().into())]));
            vec![by.map(channel), number.clone(), although]
        }
        other => vec![detail(other)],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What the officer gave as the reason of a block, or as the document of a correction.
fn grounds(ask: &str) -> Option<String> {
    let ask: serde_json::Value = serde_json::from_str(ask).ok()?;
    let order = ask.as_object()?.values().next()?;
    let said = order.get("reason").or_else(|| order.get("document"))?.as_str()?;
    Some(format!("`{said}`"))
}

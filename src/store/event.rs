//! Case events as the register stores them: a word, and a payload of JSON without personal values (a
//! tracking number is the one exception). What an older program wrote reads as it was meant.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::fault::damaged;
use crate::domain::{
    CaseEvent, DutyKind, Moment, NewDuty, Remark, Result,
    case::{Demand, Part},
};

/// The payload of an event.
pub(super) fn payload(event: &CaseEvent) -> String {
    use CaseEvent as E;
    let at = |at: &Option<Moment>| at.map(Moment::unix);
    let day = |day: &Option<NaiveDate>| day.map(|day| day.to_string());
    let said = |remark: &Option<Remark>| remark.as_ref().map(|remark| remark.as_str().to_owned());
    let fields = match event {
        E::Received { channel, tracking, at: came, late, demand, letter } => {
            let demand =
                demand.as_ref().map(|demand| json!({"number": demand.number, "basis": said(&demand.basis)}));
            json!({"channel": channel.as_str(), "tracking": tracking, "at": at(came), "late": said(late), "demand": demand,
                   "letter": letter.as_ref().map(|number| number.as_str())})
        }
        E::Verified { method } => json!({"method": method.as_str(), "level": method.level()}),
        E::Unverified { method, why } => json!({"method": method.as_str(), "why": why.as_str()}),
        E::Authorised { kind, until } => json!({"kind": kind.as_str(), "until": day(until)}),
        E::Unauthorised { kind, why } => json!({"kind": kind.as_str(), "why": why.as_str()}),
        E::Documented { what, at } => json!({"what": what.as_str(), "at": at.unix()}),
        E::Blocked { since, categories } => json!({"since": since.unix(), "categories": categories}),
        E::Unblocked { finding } => json!({"finding": finding}),
        E::Decided { decision, duties, anew } => {
            let duties: Vec<Value> = duties.iter().map(duty).collect();
            json!({"decision": decision.as_str(), "duties": duties, "anew": anew})
        }
        E::Executed { command, waiting, ask, outcome } => {
            json!({"command": command, "waiting": waiting, "ask": ask, "outcome": outcome})
        }
        E::Proposed { user, plan, ask } => json!({"user": user, "plan": plan, "ask": ask}),
        E::Approved { user, plan } => json!({"user": user, "plan": plan}),
        E::Lettered { letter } => json!(letter),
        E::Done { step, evidence, found, part } => {
            let part = part.as_ref().map(|part| json!({"done": part.done, "left": part.left}));
            json!({"step": step, "evidence": evidence.as_str(), "found": found, "part": part})
        }
        E::Recalled { step, why } => json!({"step": step, "why": why.as_str()}),
        E::Told { step, at } => json!({"step": step, "at": at.unix()}),
        E::Asked { what } => json!({"what": what.as_str()}),
        E::Clarified => json!({}),
        E::Language { tag } => json!({"tag": tag}),
        E::Extended { told, why } => json!({"told": told, "why": why.as_str()}),
        E::HandedOver { to, until } => json!({"to": to, "until": day(until)}),
        E::Answered { channel, number, at: sent, although, waits } => {
            json!({"channel": channel.map(|c| c.as_str()), "number": number, "at": at(sent), "although": although,
                   "waits": waits})
        }
        E::Refused { ground, facts } => json!({"ground": ground, "facts": said(facts)}),
        E::Cancelled { why } => json!({"why": said(why)}),
        E::Reopened { since, why } => json!({"since": at(since), "why": said(why)}),
        E::Noted { text } => json!({"text": said(text)}),
    };
    fields.to_string()
}

fn duty(duty: &NewDuty) -> Value {
    json!({"kind": duty.kind.as_str(), "place": duty.place, "task": duty.task,
           "due": duty.due.map(|day| day.to_string())})
}

/// The event behind a word and its payload.
pub(super) fn read(word: &str, payload: &str) -> Result<CaseEvent> {
    let fields: Value = serde_json::from_str(payload).map_err(|_| unreadable())?;
    event(word, &Fields(&fields)).ok_or_else(unreadable)
}

/// The members of a payload, each of a type.
struct Fields<'v>(&'v Value);

impl Fields<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn word<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.as_str()?.parse().ok()
    }

    fn remark(&self, name: &str) -> Option<Remark> {
        self.0.get(name)?.as_str().map(Remark::kept)
    }

    fn moment(&self, name: &str) -> Option<Moment> {
        self.0.get(name)?.as_i64().map(Moment::from_unix)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    fn user(&self) -> Option<u32> {
        u32::try_from(self.number("user")?).ok()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// A member with a shape of its own; not there is nothing, unreadable is an error.
    fn whole<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<Option<T>> {
        match self.0.get(name).filter(|value| !value.is_null()) {
            Some(value) => serde_json::from_value(value.clone()).ok().map(Some),
            None => Some(None),
        }
    }

    fn list<T>(&self, name: &str, each: impl Fn(&Fields<'_>) -> Option<T>) -> Option<Vec<T>> {
        self.0.get(name)?.as_array()?.iter().map(|item| each(&Fields(item))).collect()
    }
}

fn event(word: &str, fields: &Fields<'_>) -> Option<CaseEvent> {
    use CaseEvent as E;
    Some(match word {
        "received" => received(fields)?,
        "verified" => E::Verified { method: fields.word("method")? },
        "unverified" => E::Unverified { method: fields.word("method")?, why: fields.remark("why")? },
        "authorised" => E::Authorised { kind: fields.word("kind")?, until: fields.word("until") },
        "unauthorised" => E::Unauthorised { kind: fields.word("kind")?, why: fields.remark("why")? },
        "documented" => E::Documented { what: fields.remark("what")?, at: fields.moment("at")? },
        "blocked" => {
            let categories = fields.list("categories", |item| item.0.as_str().map(str::to_owned))?;
            E::Blocked { since: fields.moment("since")?, categories }
        }
        "unblocked" => E::Unblocked { finding: fields.text("finding")? },
        "decided" => E::Decided {
            decision: fields.word("decision")?,
            duties: fields.list("duties", read_duty)?,
            anew: fields.flag("anew").unwrap_or(false),
        },
        "executed" => E::Executed {
            command: fields.text("command")?,
            waiting: fields.flag("waiting")?,
            ask: fields.text("ask"),
            outcome: fields.whole("outcome")?,
        },
        "proposed" => {
            E::Proposed { user: fields.user()?, plan: fields.text("plan")?, ask: fields.text("ask")? }
        }
        "approved" => E::Approved { user: fields.user()?, plan: fields.text("plan")? },
        "lettered" => E::Lettered { letter: serde_json::from_value(fields.0.clone()).ok()? },
        "done" => E::Done {
            step: u32::try_from(fields.number("step")?).ok()?,
            evidence: fields.remark("evidence")?,
            found: fields.flag("found"),
            part: part(fields)?,
        },
        "recalled" => {
            E::Recalled { step: u32::try_from(fields.number("step")?).ok()?, why: fields.remark("why")? }
        }
        "told" => E::Told { step: u32::try_from(fields.number("step")?).ok()?, at: fields.moment("at")? },
        "asked" => E::Asked { what: fields.word("what")? },
        "clarified" => E::Clarified,
        "language" => E::Language { tag: fields.text("tag")? },
        "extended" => E::Extended { told: fields.flag("told")?, why: fields.remark("why")? },
        "handed_over" => E::HandedOver { to: fields.text("to")?, until: fields.word("until") },
        "answered" => E::Answered {
            channel: fields.word("channel"),
            number: fields.text("number"),
            at: fields.moment("at"),
            although: fields.text("although"),
            // An older program let no step wait.
            waits: fields.whole("waits")?.unwrap_or_default(),
        },
        "refused" => E::Refused { ground: fields.text("ground")?, facts: fields.remark("facts") },
        "cancelled" => E::Cancelled { why: fields.remark("why") },
        "reopened" => E::Reopened { since: fields.moment("since"), why: fields.remark("why") },
        "noted" => E::Noted { text: fields.remark("text") },
        _ => return None,
    })
}

fn received(fields: &Fields<'_>) -> Option<CaseEvent> {
    let demand = |value: &Value| {
        let fields = Fields(value);
        Some(Demand { number: fields.text("number")?, basis: fields.remark("basis") })
    };
    Some(CaseEvent::Received {
        channel: fields.word("channel")?,
        tracking: fields.text("tracking"),
        at: fields.moment("at"),
        late: fields.remark("late"),
        demand: fields.0.get("demand").and_then(demand),
        letter: fields.word("letter"),
    })
}

fn part(fields: &Fields<'_>) -> Option<Option<Part>> {
    let Some(value) = fields.0.get("part").filter(|value| !value.is_null()) else { return Some(None) };
    let fields = Fields(value);
    Some(Some(Part { done: fields.text("done")?, left: fields.text("left")? }))
}

fn read_duty(fields: &Fields<'_>) -> Option<NewDuty> {
    let kind: DutyKind = fields.word("kind")?;
    Some(NewDuty { kind, place: fields.text("place")?, task: fields.text("task")?, due: fields.word("due") })
}

fn unreadable() -> crate::domain::Error {
    damaged("an event of the register cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Action, CaseNumber, Channel, Decision, IdentityMethod, Letter, Outcome, Pause, Plan, Reason, Step,
        Wait, Waiting, case::AuthorityKind, letter::Item,
    };

    fn outcome() -> Box<Outcome> {
        let why =
            Reason { rule: "MC-8.10".into(), clause: Some("8.10".into()), law: None, says: String::new() };
        let step = Step {
            about: vec!["promotion".into()],
            effect: Some(2),
            ..Step::new(Action::Suppress, "record", why)
        };
        let wait = Wait {
            on: Waiting::Obligation("O-1".into()),
            keys: Vec::new(),
            consents: Vec::new(),
            reopens: String::new(),
            statutory: None,
        };
        let (decision, steps, waits) = (Decision::Partial, vec![step], vec![wait]);
        let plan = Plan { decision, steps, kept: Vec::new(), gaps: Vec::new(), waits };
        Box::new(Outcome::of(&plan, Some("A-2026-000001".into()), Some("iin")))
    }

    fn letter() -> Box<Letter> {
        let item = Item { name: "purposes".into(), text: "service".into() };
        Box::new(Letter {
            kind: "access".into(),
            number: "2026-000001/1".into(),
            languages: vec!["ru".into(), "kk".into()],
            sha256: "00".into(),
            items: vec![item],
            faults: vec!["late".into()],
        })
    }

    fn every_event() -> Vec<CaseEvent> {
        use CaseEvent as E;
        let (at, day) = (Moment::from_unix(7), "2026-11-25".parse().ok());
        let why = Remark::kept("it came late");
        let demand = Demand { number: "7-12".into(), basis: Some(Remark::kept("art. 9")) };
        let duty = |kind, due| NewDuty { kind, place: "paper".into(), task: "destroy contact".into(), due };
        vec![
            E::Received {
                channel: Channel::Courier,
                tracking: Some("KZ-1".into()),
                at: Some(at),
                late: Some(why.clone()),
                demand: Some(demand),
                letter: Some(CaseNumber::new(2026, 1)),
            },
            E::Received {
                channel: Channel::Email,
                tracking: None,
                at: None,
                late: None,
                demand: None,
                letter: None,
            },
            E::Verified { method: IdentityMethod::Court },
            E::Unverified { method: IdentityMethod::Document, why: why.clone() },
            E::Authorised { kind: AuthorityKind::PowerOfAttorney, until: day },
            E::Unauthorised { kind: AuthorityKind::Parent, why: why.clone() },
            E::Documented { what: why.clone(), at },
            E::Blocked { since: at, categories: vec!["contact".into()] },
            E::Unblocked { finding: "accurate".into() },
            E::Decided {
                decision: Decision::Partial,
                duties: vec![duty(DutyKind::Manual, day), duty(DutyKind::Tell, None)],
                anew: true,
            },
            E::Executed { command: "erase".into(), waiting: true, ask: Some("{}".into()), outcome: None },
            E::Executed { command: "revoke".into(), waiting: false, ask: None, outcome: Some(outcome()) },
            E::Proposed { user: 1000, plan: "aa".into(), ask: "{}".into() },
            E::Approved { user: 1001, plan: "aa".into() },
            E::Lettered { letter: letter() },
            E::Done { step: 2, evidence: why.clone(), found: None, part: None },
            E::Done {
                step: 3,
                evidence: why.clone(),
                found: Some(true),
                part: Some(Part { done: "destroy a (B)".into(), left: "destroy c (B)".into() }),
            },
            E::Recalled { step: 4, why: why.clone() },
            E::Told { step: 1, at },
            E::Asked { what: Pause::Documents },
            E::Clarified,
            E::Language { tag: "kk".into() },
            E::Extended { told: true, why: why.clone() },
            E::HandedOver { to: "A. Deputy".into(), until: day },
            E::Answered {
                channel: Some(Channel::Email),
                number: Some("12/3".into()),
                at: Some(at),
                although: None,
                waits: vec![2, 5],
            },
            E::Answered {
                channel: None,
                number: None,
                at: None,
                although: Some("late".into()),
                waits: Vec::new(),
            },
            E::Refused { ground: "RF-ID".into(), facts: Some(why.clone()) },
            E::Cancelled { why: Some(why.clone()) },
            E::Reopened { since: Some(at), why: None },
            E::Noted { text: Some(why) },
        ]
    }

    #[test]
    fn every_event_reads_as_it_was_written() {
        for written in every_event() {
            assert_eq!(read(written.as_str(), &payload(&written)).ok(), Some(written));
        }
        assert!(
            read("executed", "{}").is_err() && read("eaten", "{}").is_err() && read("noted", "").is_err()
        );
    }

    #[test]
    fn what_the_first_version_wrote_is_read() {
        for (word, payload) in [
            ("received", r#"{"channel":"email","tracking":null}"#),
            ("verified", r#"{"method":"document"}"#),
            ("decided", r#"{"decision":"grant","duties":[]}"#),
            ("answered", r#"{"channel":null,"number":null}"#),
            ("refused", r#"{"ground":"RF-ID"}"#),
            ("cancelled", "{}"),
            ("reopened", "{}"),
            ("noted", "{}"),
            ("done", r#"{"step":1,"evidence":"act 12"}"#),
        ] {
            assert!(read(word, payload).is_ok(), "{word}");
        }
    }
}

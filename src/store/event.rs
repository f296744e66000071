//! Case events as the register stores them: a word, and a payload of JSON without personal values (a
//! tracking number is the one exception). What an older program wrote reads as it was meant.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::fault::damaged;
use crate::domain::{
    CaseEvent, DutyKind, Moment, NewDuty, Remark, Result,
    case::{Demand, VerdictLine},
};

/// The payload of an event.
pub(super) fn payload(event: &CaseEvent) -> String {
    use CaseEvent as E;
    let at = |at: &Option<Moment>| at.map(Moment::unix);
    let day = |day: &Option<NaiveDate>| day.map(|day| day.to_string());
    let said = |remark: &Option<Remark>| remark.as_ref().map(|remark| remark.as_str().to_owned());
    let fields = match event {
        E::Received { channel, tracking, at: came, late, demand } => {
            let demand = demand
                .as_ref()
                .map(|demand| json!({"number": demand.number, "basis": demand.basis.as_str()}));
            json!({"channel": channel.as_str(), "tracking": tracking, "at": at(came), "late": said(late), "demand": demand})
        }
        E::Verified { method } => json!({"method": method.as_str(), "level": method.level()}),
        E::Unverified { method, why } => json!({"method": method.as_str(), "why": why.as_str()}),
        E::Authorised { kind, until } => json!({"kind": kind.as_str(), "until": day(until)}),
        E::Unauthorised { kind, why } => json!({"kind": kind.as_str(), "why": why.as_str()}),
        E::Documented { what, at } => json!({"what": what.as_str(), "at": at.unix()}),
        E::Blocked { since, categories } => json!({"since": since.unix(), "categories": categories}),
        E::Unblocked { finding } => json!({"finding": finding}),
        E::Decided { decision, lines, duties } => {
            let lines: Vec<Value> = lines.iter().map(verdict).collect();
            let duties: Vec<Value> = duties.iter().map(duty).collect();
            json!({"decision": decision.as_str(), "lines": lines, "duties": duties})
        }
        E::Executed { command, waiting, ask } => json!({"command": command, "waiting": waiting, "ask": ask}),
        E::Done { step, evidence } => json!({"step": step, "evidence": evidence.as_str()}),
        E::Told { step, at } => json!({"step": step, "at": at.unix()}),
        E::Asked { what } => json!({"what": what.as_str()}),
        E::Clarified => json!({}),
        E::Extended { told, why } => json!({"told": told, "why": why.as_str()}),
        E::HandedOver { to, until } => json!({"to": to, "until": day(until)}),
        E::Answered { channel, number, at: sent } => {
            json!({"channel": channel.map(|c| c.as_str()), "number": number, "at": at(sent)})
        }
        E::Refused { ground, facts } => json!({"ground": ground, "facts": said(facts)}),
        E::Cancelled { why } => json!({"why": said(why)}),
        E::Reopened { since, why } => json!({"since": at(since), "why": said(why)}),
        E::Noted { text } => json!({"text": said(text)}),
    };
    fields.to_string()
}

fn verdict(line: &VerdictLine) -> Value {
    json!({"action": line.action, "kept": line.kept, "category": line.category, "count": line.count,
           "rule": line.rule, "until": line.until.map(|day| day.to_string())})
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

    fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
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
            lines: fields.list("lines", read_verdict)?,
            duties: fields.list("duties", read_duty)?,
        },
        "executed" => E::Executed {
            command: fields.text("command")?,
            waiting: fields.flag("waiting")?,
            ask: fields.text("ask"),
        },
        "done" => E::Done {
            step: u32::try_from(fields.number("step")?).ok()?,
            evidence: fields.remark("evidence")?,
        },
        "told" => E::Told { step: u32::try_from(fields.number("step")?).ok()?, at: fields.moment("at")? },
        "asked" => E::Asked { what: fields.word("what")? },
        "clarified" => E::Clarified,
        "extended" => E::Extended { told: fields.flag("told")?, why: fields.remark("why")? },
        "handed_over" => E::HandedOver { to: fields.text("to")?, until: fields.word("until") },
        "answered" => E::Answered {
            channel: fields.word("channel"),
            number: fields.text("number"),
            at: fields.moment("at"),
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
        Some(Demand { number: fields.text("number")?, basis: fields.remark("basis")? })
    };
    Some(CaseEvent::Received {
        channel: fields.word("channel")?,
        tracking: fields.text("tracking"),
        at: fields.moment("at"),
        late: fields.remark("late"),
        demand: fields.0.get("demand").and_then(demand),
    })
}

fn read_verdict(fields: &Fields<'_>) -> Option<VerdictLine> {
    Some(VerdictLine {
        action: fields.text("action")?,
        kept: fields.flag("kept")?,
        category: fields.text("category"),
        count: usize::try_from(fields.number("count")?).ok()?,
        rule: fields.text("rule")?,
        until: fields.word("until"),
    })
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
    use crate::domain::{Channel, Decision, IdentityMethod, Pause, case::AuthorityKind};

    fn every_event() -> Vec<CaseEvent> {
        use CaseEvent as E;
        let (at, day) = (Moment::from_unix(7), "2026-11-25".parse().ok());
        let why = Remark::kept("it came late");
        let demand = Demand { number: "7-12".into(), basis: Remark::kept("art. 9") };
        let duty = |kind, due| NewDuty { kind, place: "paper".into(), task: "destroy contact".into(), due };
        let line = |category: Option<&str>, kept| VerdictLine {
            action: "destroy".into(),
            kept,
            category: category.map(str::to_owned),
            count: 3,
            rule: "KZ-8.7".into(),
            until: day.filter(|_| kept),
        };
        vec![
            E::Received {
                channel: Channel::Courier,
                tracking: Some("KZ-1".into()),
                at: Some(at),
                late: Some(why.clone()),
                demand: Some(demand),
            },
            E::Received { channel: Channel::Email, tracking: None, at: None, late: None, demand: None },
            E::Verified { method: IdentityMethod::Court },
            E::Unverified { method: IdentityMethod::Document, why: why.clone() },
            E::Authorised { kind: AuthorityKind::PowerOfAttorney, until: day },
            E::Unauthorised { kind: AuthorityKind::Parent, why: why.clone() },
            E::Documented { what: why.clone(), at },
            E::Blocked { since: at, categories: vec!["contact".into()] },
            E::Unblocked { finding: "accurate".into() },
            E::Decided {
                decision: Decision::Partial,
                lines: vec![line(Some("contact"), false), line(None, true)],
                duties: vec![duty(DutyKind::Manual, day), duty(DutyKind::Tell, None)],
            },
            E::Executed { command: "erase".into(), waiting: true, ask: Some("{}".into()) },
            E::Done { step: 2, evidence: why.clone() },
            E::Told { step: 1, at },
            E::Asked { what: Pause::Documents },
            E::Clarified,
            E::Extended { told: true, why: why.clone() },
            E::HandedOver { to: "A. Deputy".into(), until: day },
            E::Answered { channel: Some(Channel::Email), number: Some("12/3".into()), at: Some(at) },
            E::Answered { channel: None, number: None, at: None },
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
            ("answered", r#"{"channel":null,"number":null}"#),
            ("refused", r#"{"ground":"RF-ID"}"#),
            ("cancelled", "{}"),
            ("reopened", "{}"),
            ("noted", "{}"),
        ] {
            assert!(read(word, payload).is_ok(), "{word}");
        }
    }
}

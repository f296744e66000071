//! Case events as the register stores them: a word, and a payload of JSON without personal values (a
//! tracking number is the one exception).

use serde_json::{Value, json};

use super::fault::damaged;
use crate::domain::{CaseEvent, Result};

/// The payload of an event.
pub(super) fn payload(event: &CaseEvent) -> String {
    let fields = match event {
        CaseEvent::Received { channel, tracking } => {
            json!({"channel": channel.as_str(), "tracking": tracking})
        }
        CaseEvent::Verified { method } => json!({"method": method.as_str()}),
        CaseEvent::Executed { command, waiting, ask, decision, outcome } => {
            let decision = decision.map(|d| d.as_str());
            json!({"command": command, "waiting": waiting, "ask": ask, "decision": decision, "outcome": outcome})
        }
        CaseEvent::Answered { channel, number, although } => {
            json!({"channel": channel.map(|c| c.as_str()), "number": number, "although": although})
        }
        CaseEvent::Lettered { letter } => json!(letter),
        CaseEvent::Refused { ground } => json!({"ground": ground}),
        CaseEvent::Cancelled | CaseEvent::Reopened | CaseEvent::Noted => json!({}),
    };
    fields.to_string()
}

/// The event behind a word and its payload.
pub(super) fn read(word: &str, payload: &str) -> Result<CaseEvent> {
    let fields: Value = serde_json::from_str(payload).map_err(|_| unreadable())?;
    event(word, &fields).ok_or_else(unreadable)
}

fn event(word: &str, fields: &Value) -> Option<CaseEvent> {
    let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
    Some(match word {
        "received" => {
            CaseEvent::Received { channel: text("channel")?.parse().ok()?, tracking: text("tracking") }
        }
        "verified" => CaseEvent::Verified { method: text("method")?.parse().ok()? },
        "executed" => {
            let waiting = fields.get("waiting")?.as_bool()?;
            let outcome = fields.get("outcome").filter(|outcome| !outcome.is_null());
            let outcome = outcome.map(|outcome| serde_json::from_value(outcome.clone())).transpose().ok()?;
            let decision = text("decision").map(|word| word.parse()).transpose().ok()?;
            CaseEvent::Executed { command: text("command")?, waiting, ask: text("ask"), decision, outcome }
        }
        "answered" => CaseEvent::Answered {
            channel: text("channel").and_then(|c| c.parse().ok()),
            number: text("number"),
            although: text("although"),
        },
        "lettered" => CaseEvent::Lettered { letter: serde_json::from_value(fields.clone()).ok()? },
        "refused" => CaseEvent::Refused { ground: text("ground")? },
        "cancelled" => CaseEvent::Cancelled,
        "reopened" => CaseEvent::Reopened,
        "noted" => CaseEvent::Noted,
        _ => return None,
    })
}

fn unreadable() -> crate::domain::Error {
    damaged("an event of the register cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Action, Channel, Decision, IdentityMethod, Letter, Outcome, Plan, Reason, Step, Wait, Waiting,
        letter::Item,
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

    #[test]
    fn every_event_reads_as_it_was_written() {
        for written in [
            CaseEvent::Received { channel: Channel::Courier, tracking: Some("KZ-1".into()) },
            CaseEvent::Received { channel: Channel::Email, tracking: None },
            CaseEvent::Verified { method: IdentityMethod::Court },
            CaseEvent::Executed {
                command: "erase".into(),
                waiting: true,
                ask: Some("{}".into()),
                decision: Some(Decision::Partial),
                outcome: None,
            },
            CaseEvent::Executed {
                command: "revoke".into(),
                waiting: false,
                ask: None,
                decision: None,
                outcome: Some(outcome()),
            },
            CaseEvent::Lettered { letter: letter() },
            CaseEvent::Answered {
                channel: Some(Channel::Email),
                number: Some("12/3".into()),
                although: Some("late: post office closed".into()),
            },
            CaseEvent::Answered { channel: None, number: None, although: None },
            CaseEvent::Refused { ground: "RF-ID".into() },
            CaseEvent::Cancelled,
            CaseEvent::Reopened,
            CaseEvent::Noted,
        ] {
            assert_eq!(read(written.as_str(), &payload(&written)).ok(), Some(written));
        }
        assert!(
            read("executed", "{}").is_err() && read("eaten", "{}").is_err() && read("noted", "").is_err()
        );
    }
}

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
        CaseEvent::Executed { command, waiting, ask, decision } => {
            json!({"command": command, "waiting": waiting, "ask": ask, "decision": decision.map(|d| d.as_str())})
        }
        CaseEvent::Answered { channel, number } => {
            json!({"channel": channel.map(|c| c.as_str()), "number": number})
        }
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
            let decision = text("decision").map(|word| word.parse()).transpose().ok()?;
            CaseEvent::Executed { command: text("command")?, waiting, ask: text("ask"), decision }
        }
        "answered" => CaseEvent::Answered {
            channel: text("channel").and_then(|c| c.parse().ok()),
            number: text("number"),
        },
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
    use crate::domain::{Channel, Decision, IdentityMethod};

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
            },
            CaseEvent::Executed { command: "access".into(), waiting: false, ask: None, decision: None },
            CaseEvent::Answered { channel: Some(Channel::Email), number: Some("12/3".into()) },
            CaseEvent::Answered { channel: None, number: None },
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

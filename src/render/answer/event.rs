//! One line about one event of a case: what stands beside its word.

use crate::domain::CaseEvent;

/// What an event says beside its word; a remark stands as it was written.
pub(super) fn detail(event: &CaseEvent) -> Option<String> {
    use CaseEvent as E;
    let text = |value: &dyn std::fmt::Display| Some(value.to_string());
    let parts: Vec<Option<String>> = match event {
        E::Received { channel, tracking, .. } => {
            return Some(joined(&[text(channel), tracking.clone()], " "));
        }
        E::Verified { method } => vec![text(method)],
        E::Unverified { method, why } => vec![text(method), text(why)],
        E::Authorised { kind, until } => vec![text(kind), until.map(|day| format!("until {day}"))],
        E::Unauthorised { kind, why } => vec![text(kind), text(why)],
        E::Documented { what, at } => vec![text(what), Some(format!("came {}", at.day()))],
        E::Blocked { since, categories } => {
            vec![Some(format!("since {}", since.rfc3339())), Some(categories.join(" "))]
        }
        E::Unblocked { finding } => vec![text(finding)],
        E::Decided { decision, duties } => {
            vec![text(decision), (!duties.is_empty()).then(|| format!("{} for people to do", duties.len()))]
        }
        E::Executed { command, waiting, ask, .. } => vec![
            Some(command.clone()),
            ask.as_deref().and_then(grounds),
            waiting.then(|| "part waits".to_owned()),
        ],
        E::Done { step, evidence } => vec![Some(format!("step {step}")), text(evidence)],
        E::Told { step, at } => vec![Some(format!("step {step}")), text(&at.day())],
        E::Asked { what } => vec![text(what)],
        E::Extended { told, why } => vec![text(why), told.then(|| "the person was told".to_owned())],
        E::HandedOver { to, until } => vec![Some(to.clone()), until.map(|day| format!("deputy until {day}"))],
        E::Lettered { letter } => return Some(format!("{} {}", letter.kind, letter.number)),
        E::Answered { channel, number, at, although } => {
            let sent = at.map(|at| format!("sent {}", at.day()));
            let although = although.as_ref().map(|although| format!("although {although}"));
            return Some(joined(&[channel.map(|way| way.to_string()), number.clone(), sent, although], " "))
                .filter(|text| !text.is_empty());
        }
        E::Refused { ground, facts } => {
            vec![Some(ground.clone()), facts.as_ref().and_then(|facts| text(facts))]
        }
        E::Cancelled { why } | E::Reopened { why, .. } => vec![why.as_ref().and_then(|why| text(why))],
        E::Noted { text: remark } => vec![remark.as_ref().and_then(|remark| text(remark))],
        E::Clarified => Vec::new(),
    };
    Some(joined(&parts, ", ")).filter(|text| !text.is_empty())
}

fn joined(parts: &[Option<String>], with: &str) -> String {
    let parts = parts.iter().flatten().filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join(with)
}

/// What the officer gave as the reason of a block, or as the document of a correction.
fn grounds(ask: &str) -> Option<String> {
    let ask: serde_json::Value = serde_json::from_str(ask).ok()?;
    let order = ask.as_object()?.values().next()?;
    let said = order.get("reason").or_else(|| order.get("document"))?.as_str()?;
    Some(format!("`{said}`"))
}

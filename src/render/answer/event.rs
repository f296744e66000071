//! One line about one event of a case: what stands beside its word.

use crate::{
    decide::by_hand,
    domain::{CaseEvent, Duty, outcome::Fee},
    render::Words,
};

/// What an event says beside its word; a remark stands as it was written. Without `words` as machines read it.
/// `duties`: the steps of the case, by whose words people read what came of them.
pub(super) fn detail(event: &CaseEvent, words: Option<&Words>, duties: &[Duty]) -> Option<String> {
    use CaseEvent as E;
    let text = |value: &dyn std::fmt::Display| Some(value.to_string());
    let code = |group: &str, word: &str| {
        Some(words.map_or_else(|| word.to_owned(), |words| words.code(group, word)))
    };
    let said = |english: String| Some(words.map_or_else(|| english.clone(), |words| words.phrase(&english)));
    let day = |day: chrono::NaiveDate| words.map_or_else(|| day.to_string(), |words| words.day(day));
    let parts: Vec<Option<String>> = match event {
        E::Received { channel, tracking, .. } => {
            return Some(joined(&[code("channel", channel.as_str()), tracking.clone()], " "));
        }
        E::Verified { method } => vec![code("identity", method.as_str())],
        E::Unverified { method, why } => vec![code("identity", method.as_str()), said(why.to_string())],
        E::Authorised { kind, until } => {
            let until = until.and_then(|last| said(format!("until {}", day(last))));
            vec![code("authority", kind.as_str()), until]
        }
        E::Unauthorised { kind, why } => vec![code("authority", kind.as_str()), text(why)],
        E::Documented { what, at } => vec![text(what), said(format!("came {}", day(at.day())))],
        E::Blocked { since, categories } => {
            let categories = categories.iter().filter_map(|word| code("category", word)).collect::<Vec<_>>();
            vec![said(format!("since {}", since.rfc3339())), Some(categories.join(" "))]
        }
        E::Unblocked { finding } => vec![code("finding", finding)],
        E::Decided { decision, duties, .. } => {
            let left = (!duties.is_empty()).then(|| format!("{} for people to do", duties.len()));
            // A complaint was not decided by asking for its block.
            let blocks = duties.iter().any(|duty| by_hand::is_block_first(&duty.task));
            let decided = if blocks { None } else { code("decided", decision.as_str()) };
            vec![decided, left.and_then(said)]
        }
        E::Executed { command, waiting, ask, outcome } => vec![
            code("right", command),
            ask.as_deref().and_then(grounds),
            // What is told of other systems comes with the event that says that they are done.
            waiting
                .then(|| if outcome.is_some() { "part waits" } else { "here; other systems follow" })
                .and_then(|says| said(says.to_owned())),
            event
                .is_before_identity()
                .then(|| said("the rest waits until it is known who asks".to_owned()))
                .flatten(),
            outcome.as_ref().and_then(|outcome| outcome.fee.as_ref()).map(free).and_then(said),
        ],
        E::Proposed { user, .. } | E::Approved { user, .. } => vec![said(format!("user {user}"))],
        E::Done { step, evidence, found, part } => {
            let found = found.map(|found| came(*step, found, words, duties));
            let part = part.as_ref().and_then(|part| said(part.done.clone()));
            vec![said(format!("step {step}")), part, found, said(evidence.to_string())]
        }
        E::Recalled { step, why } => vec![said(format!("step {step}")), text(why)],
        E::Told { step, at } => vec![said(format!("step {step}")), Some(day(at.day()))],
        E::Asked { what } => vec![code("pause", what.as_str())],
        E::Extended { told, why } => {
            vec![text(why), told.then(|| "the person was told".to_owned()).and_then(said)]
        }
        E::HandedOver { to, until } => {
            let until = until.and_then(|last| said(format!("deputy until {}", day(last))));
            vec![Some(to.clone()), until]
        }
        E::Lettered { letter } => {
            return Some(joined(&[code("letter", &letter.kind), Some(letter.number.clone())], " "));
        }
        E::Answered { channel, number, at, although, waits } => {
            let steps = waits.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            let waits = (!waits.is_empty()).then(|| said(format!("steps that wait: {steps}"))).flatten();
            let sent = at.and_then(|at| said(format!("sent {}", day(at.day()))));
            let although = although.as_ref().and_then(|although| said(format!("although {although}")));
            return Some(joined(
                &[
                    channel.and_then(|way| code("channel", way.as_str())),
                    number.clone(),
                    sent,
                    although,
                    waits,
                ],
                " ",
            ))
            .filter(|text| !text.is_empty());
        }
        E::Refused { ground, facts } => {
            vec![Some(ground.clone()), facts.as_ref().and_then(|facts| text(facts))]
        }
        E::Cancelled { why } | E::Reopened { why, .. } => vec![why.as_ref().and_then(|why| text(why))],
        E::Noted { text: remark } => vec![remark.as_ref().and_then(|remark| text(remark))],
        E::Clarified => Vec::new(),
        E::Language { tag } => vec![code("language", tag)],
    };
    Some(joined(&parts, ", ")).filter(|text| !text.is_empty())
}

/// What came of a step, by what it ordered; for machines whether anything was found.
fn came(step: u32, found: bool, words: Option<&Words>, duties: &[Duty]) -> String {
    let task = duties.iter().find(|duty| duty.step == step).map(|duty| duty.what.task.as_str());
    words.map_or_else(
        || by_hand::came(None, found).to_owned(),
        |words| words.term("look-up", by_hand::came(task, found)),
    )
}

/// That nothing was charged, where the policy would.
fn free(fee: &Fee) -> String {
    let Fee { charged, allowed_by, forbidden_by } = fee;
    format!("charged {charged}, although {allowed_by} allows a fee: {forbidden_by} forbids it")
}

fn joined(parts: &[Option<String>], with: &str) -> String {
    let parts = parts.iter().flatten().filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join(with)
}

/// Who was given something, or what the officer gave as the reason of a block or the document of a correction.
fn grounds(ask: &str) -> Option<String> {
    let ask: serde_json::Value = serde_json::from_str(ask).ok()?;
    let order = ask.as_object()?.values().next()?;
    let said = ["recipient", "reason", "document"].iter().find_map(|word| order.get(*word)?.as_str())?;
    Some(format!("`{said}`"))
}

//! Storage terms in words.

use super::T;
use crate::policy::until::{Event, Until, When};

/// The day of a retention rule in words, after "the day of" or "through".
pub fn until_words(until: &Until, t: T<'_>) -> String {
    let joined =
        |parts: &[Until]| parts.iter().map(|until| until_words(until, t)).collect::<Vec<_>>().join("; ");
    let said = match until {
        Until::EarliestOf(parts) => format!("the earliest of: {}", joined(parts)),
        Until::LatestOf(parts) => format!("the latest of: {}", joined(parts)),
        Until::ConsentWithdrawn(scope) => {
            format!("withdrawal of consent of scope {}", t.word("scope", scope.as_str()))
        }
        Until::PurposeReached => "reaching the purpose".into(),
        Until::Elapsed(elapsed) => {
            let after: Vec<String> = elapsed.after.iter().map(|event| t.say(event_words(*event))).collect();
            let after = after.join(&format!(" {} ", t.say("or, if later,")));
            let or = elapsed.or_after.map(|event| t.say(event_words(event)));
            let or = or.map(|event| t.say(&format!("or {event} where that is unknown")));
            let length = t.say(&elapsed.length.to_string());
            return t.say(&format!("{length} after {after}"))
                + &or.map(|or| format!(", {or}")).unwrap_or_default();
        }
        Until::TaxYears(tax) => {
            let event = t.say(event_words(tax.after));
            format!("31 December of year {} after the calendar year of {event}", tax.count)
        }
        Until::ConsentElapsed(life) => {
            let (length, scope) = (t.say(&life.length.to_string()), t.word("scope", life.scope.as_str()));
            format!("{length} after consent of scope {scope} was given or renewed")
        }
    };
    t.say(&said)
}

fn event_words(event: Event) -> &'static str {
    match event {
        Event::LastContactBySubject => "the last contact by the person",
        Event::Collected => "collection",
        Event::Document => "the document",
        Event::PurposeReached => "the purpose was reached",
        Event::ConsentGiven => "consent was given",
        Event::ObligationClosed => "the obligation ended",
    }
}

/// A condition of a retention rule in words, after "where".
pub fn condition_of_record(when: &When, t: T<'_>) -> String {
    match when {
        When::LinkedToObligation => t.say("it serves a deal"),
        When::NotLinkedToObligation => t.say("it serves no deal"),
        When::InDocument => t.say("it stands on a primary document"),
        When::NotInDocument => t.say("it stands on no primary document"),
        When::LinkedToConsent(scope) => {
            t.say(&format!("it rests on consent of scope {}", t.word("scope", scope.as_str())))
        }
    }
}

//! A rule in plain words.

use super::{
    Rulebook,
    body::{
        Body, Collects, Condition, DeadlineRule, Definition, DutyRule, Keep, Minors, Needs, PurposeRule,
        Recipient, RightRule, Terms,
    },
    model::Rule,
    until::{Event, Until, When},
    vocabulary::RefusalEffect,
    yaml,
};
use crate::domain::{ClockRule, Error, Result, Roll};

/// What a rule says, line by line: origin, gist, body, reading, law.
///
/// # Errors
/// Exit 2 for a rule that neither layer knows, with the nearest.
pub fn explain(rulebook: &Rulebook, id: &str) -> Result<Vec<String>> {
    let rule = rulebook.rule(id).ok_or_else(|| unknown(rulebook, id))?;
    let mut lines = vec![origin(rulebook, rule), sentence(&rule.says)];
    lines.extend(body(&rule.body));
    lines.extend(rule.note.as_deref().map(|note| format!("Read as: {note}.")));
    lines.extend(edition(rule));
    lines.extend(rule.law.iter().filter_map(|law| leans_on(rulebook, law)));
    Ok(lines)
}

fn unknown(rulebook: &Rulebook, id: &str) -> Error {
    let rules = rulebook.policy.rules.iter().chain(&rulebook.statute.rules);
    let known: Vec<&str> = rules.map(|rule| rule.id.as_str()).collect();
    let hint = match crate::domain::suggest::nearest(id, known.iter().copied()) {
        Some(_) => yaml::did_you_mean(id, &known),
        None => "`dsr policy coverage` lists every rule".into(),
    };
    Error::usage(format!("no rule is called `{id}`")).hint(hint)
}

fn origin(rulebook: &Rulebook, rule: &Rule) -> String {
    let (title, place) = match (&rule.clause, &rule.article) {
        (Some(clause), _) => (&rulebook.policy.title, format!("clause {clause}")),
        (None, article) => (&rulebook.statute.title, article.clone().unwrap_or_default()),
    };
    format!("{}: {} of {title}, {place}.", rule.id, rule.body.kind().replace('_', " "))
}

fn edition(rule: &Rule) -> Option<String> {
    let from = rule.valid_from.map(|day| format!("In force since {day}"));
    let to = rule.valid_to.map(|day| format!("in force until {day}"));
    let words = [from, to].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let read = if rule.confirmed { "confirmed by a lawyer" } else { "not confirmed by a lawyer" };
    match (&rule.article, words.is_empty()) {
        (Some(_), false) => Some(format!("{words}; {read}.")),
        (Some(_), true) => Some(format!("{}.", capital(read))),
        (None, _) => None,
    }
}

fn leans_on(rulebook: &Rulebook, id: &str) -> Option<String> {
    let law = rulebook.rule(id)?;
    let article = law.article.as_deref().unwrap_or_default();
    Some(format!("See {id}, {article}: {}.", law.says))
}

fn body(body: &Body) -> Vec<String> {
    match body {
        Body::Keep(keep) => keep_words(keep),
        Body::Right(right) => right_words(right),
        Body::Deadline(items) => items.iter().map(deadline).collect(),
        Body::Purpose(items) => items.iter().map(purpose).collect(),
        Body::Collects(collects) => collected(collects),
        Body::Source(sources) => vec![format!("Sources: {}.", sources.join(", "))],
        Body::Ban(ban) => {
            vec![format!("Forbidden: {}. Exceptions: {}.", spaced(ban.what), list(&ban.except))]
        }
        Body::Condition(condition) => condition_words(condition),
        Body::Minors(minors) => vec![minors_words(minors)],
        Body::Cookie(cookie) => {
            let term = cookie.falls_back_to.as_ref().map(|rule| format!(" The term is that of {rule}."));
            vec![format!("Rests on consent of scope {}.{}", cookie.scope, term.unwrap_or_default())]
        }
        Body::Basis(basis) => {
            let weak = if basis.weak { " Weak as evidence." } else { "" };
            vec![format!("Basis: {}; scopes: {}.{weak}", spaced(basis.on), list(&basis.scopes))]
        }
        Body::Recipient(recipient) => vec![recipient_words(recipient)],
        Body::Channel(channel) => {
            vec![format!("Named ways: {}; another way is never refused.", list(&channel.by))]
        }
        Body::Fee(fee) => {
            let allowed = if fee.allowed { "allows a fee" } else { "allows no fee" };
            vec![format!("The text {allowed}; charged: {} tenge.", fee.charged)]
        }
        Body::Notice(notice) => vec![format!("Tell of {}: {}.", notice.of, list(&notice.to))],
        Body::Change(change) => vec![format!("A new text is in force: {}.", change.effective)],
        Body::Duty(duty) => duty_words(duty),
        Body::Definition(definition) => definition_words(definition),
        Body::Refusal(effect) => vec![refusal(*effect).into()],
        Body::Silent(silence) => vec![format!("The policy is silent on: {}.", spaced(*silence))],
        Body::Register(terms) => {
            let one = |(what, length)| format!("Of the register, {what} stay {length} after their end.");
            terms.named().map(one).to_vec()
        }
        Body::NotOperational(_) => vec!["Carries nothing for a request.".into()],
    }
}

fn keep_words(keep: &Keep) -> Vec<String> {
    let what = if keep.categories.is_empty() { "every category".into() } else { list(&keep.categories) };
    let when: Vec<String> = keep.when.iter().map(condition_of_record).collect();
    let when = if when.is_empty() { String::new() } else { format!(", where {}", when.join(" and ")) };
    let mut lines = vec![format!("Covers {what}{when}.")];
    let most = keep.at_most.as_ref();
    lines.extend(most.map(|until| format!("Due for destruction on the day of {}.", until_words(until))));
    let least = keep.at_least.as_ref();
    lines.extend(
        least.map(|until| format!("Kept through {}; out of use once it is not needed.", until_words(until))),
    );
    lines
}

/// The day of a retention rule in words, after "the day of" or "through".
pub fn until_words(until: &Until) -> String {
    let joined = |parts: &[Until], word: &str| {
        let parts: Vec<String> = parts.iter().map(until_words).collect();
        format!("the {word} of: {}", parts.join("; "))
    };
    match until {
        Until::EarliestOf(parts) => joined(parts, "earliest"),
        Until::LatestOf(parts) => joined(parts, "latest"),
        Until::ConsentWithdrawn(scope) => format!("withdrawal of consent of scope {scope}"),
        Until::PurposeReached => "reaching the purpose".into(),
        Until::Elapsed(elapsed) => {
            let after: Vec<&str> = elapsed.after.iter().map(|event| event_words(*event)).collect();
            let or =
                elapsed.or_after.map(|event| format!(", or {} where that is unknown", event_words(event)));
            format!("{} after {}{}", elapsed.length, after.join(" or, if later, "), or.unwrap_or_default())
        }
        Until::TaxYears(tax) => {
            format!("31 December of year {} after the calendar year of {}", tax.count, event_words(tax.after))
        }
        Until::ConsentElapsed(life) => {
            format!("{} after consent of scope {} was given or renewed", life.length, life.scope)
        }
    }
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
pub fn condition_of_record(when: &When) -> String {
    match when {
        When::LinkedToObligation => "it serves a deal".into(),
        When::NotLinkedToObligation => "it serves no deal".into(),
        When::InDocument => "it stands on a primary document".into(),
        When::NotInDocument => "it stands on no primary document".into(),
        When::LinkedToConsent(scope) => format!("it rests on consent of scope {scope}"),
    }
}

fn right_words(right: &RightRule) -> Vec<String> {
    let mut lines = vec![format!("Grants {}{}.", list(&right.grants), terms(&right.terms))];
    if !right.stops.is_empty() {
        lines.push(format!("Stops {}.", list(&right.stops)));
    }
    if right.unless_open_obligation {
        lines.push("Waits, for the data an open obligation needs.".into());
    }
    if !right.always.is_empty() {
        lines.push(format!("At once in any case: {}.", list(&right.always)));
    }
    lines
}

fn deadline(item: &DeadlineRule) -> String {
    let what = item.duty.map_or_else(|| list(&item.rights), spaced);
    format!("{}{}.", capital(&what), terms(&item.terms))
}

fn terms(terms: &Terms) -> String {
    let mut words = String::new();
    if let Some(limit) = terms.limit {
        words.push_str(&format!(": limit {limit}"));
    }
    if let Some(target) = terms.target {
        words.push_str(if words.is_empty() { ": " } else { ", " });
        words.push_str(&format!("careful target {target}"));
    }
    if words.is_empty() {
        return words;
    }
    words.push_str(&format!(", counted from {}", spaced(terms.clock.from)));
    words.extend(terms.words.as_ref().map(|own| format!(", for what the text calls {own}")));
    words.push_str(&clock(&terms.clock));
    words
}

/// What other laws let a clock do; nothing for one that only runs.
fn clock(clock: &ClockRule) -> String {
    let mut words = String::new();
    if !clock.pauses.is_empty() {
        words.push_str(&format!("; it stands during the check of {}", list(&clock.pauses)));
    }
    if let Some(extension) = clock.extension {
        let notice = if extension.notice { ", told with reasons before the first due date" } else { "" };
        let times = if extension.times == 1 { "once".into() } else { format!("{} times", extension.times) };
        words.push_str(&format!("; it may be lengthened {times} by {}{notice}", extension.by));
    }
    if clock.roll == Roll::None {
        words.push_str("; a last day off stays the last day");
    }
    words
}

fn purpose(purpose: &PurposeRule) -> String {
    format!("Purpose {}: {}, on the basis of {}.", purpose.word, purpose.class, spaced(purpose.basis))
}

fn collected(collects: &Collects) -> Vec<String> {
    let fields = if collects.fields.is_empty() { "all fields".into() } else { collects.fields.join(", ") };
    let mut lines = vec![format!("Category {}: {fields}.", list(&collects.categories))];
    lines.extend(collects.on_withdrawal.map(|outcome| format!("On withdrawal: {}.", spaced(outcome))));
    lines
}

fn condition_words(condition: &Condition) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match condition {
        Condition::OpenObligation(needs) => needs.iter().map(needed).collect(),
        Condition::UnfulfilledObligation => one("Only where no obligation is unfulfilled."),
        Condition::LegalHold => one("Data under a hold is kept."),
        Condition::Identity => one("Only after the person or the authority is confirmed."),
        Condition::Documents => one("Only with documents that confirm it."),
        Condition::Violation => one("Only with information of a violation."),
        Condition::OwnContacts => one("The contacts given are the person's own."),
        Condition::MandatoryStorage => one("Kept out of use instead, while a law demands storage."),
        Condition::Age(years) => vec![format!("The person is {years} or older.")],
    }
}

fn definition_words(definition: &Definition) -> Vec<String> {
    let mut lines = vec![format!("Defines: {}.", definition.word)];
    if !definition.asks_for.is_empty() {
        lines.push(format!("What only the officer knows, in dsr.yaml: {}.", list(&definition.asks_for)));
    }
    lines
}

fn needed(needs: &Needs) -> String {
    let usual = needs.usual.map(|length| format!(" Stale after {length}.")).unwrap_or_default();
    format!("An open {} needs {}.{usual}", spaced(needs.kind), list(&needs.categories))
}

fn minors_words(minors: &Minors) -> String {
    format!(
        "Data a person under {} gave without a parent is destroyed{}; while the person is under age it is left to \
         the officer.",
        minors.under,
        terms(&minors.terms)
    )
}

fn recipient_words(recipient: &Recipient) -> String {
    let own = if recipient.own_controller { " A controller of its own: told, not ordered." } else { "" };
    let abroad = if recipient.abroad { " May lie abroad: the country is registered." } else { "" };
    format!(
        "Recipient: {}, on the ground of {}.{own}{abroad}",
        recipient.who,
        list(&recipient.exceptions).replace('_', " ")
    )
}

fn duty_words(duty: &DutyRule) -> Vec<String> {
    let mut lines = vec![format!("To do: {}.", duty.task)];
    let effects =
        duty.effects.iter().map(|effect| format!("Effect {}: {}.", effect.number(), spaced(*effect)));
    lines.extend(effects);
    lines
}

fn refusal(effect: RefusalEffect) -> &'static str {
    match effect {
        RefusalEffect::Refuse => "That part is refused, with reasons.",
        RefusalEffect::Restrict => "Kept out of use instead of destroyed.",
        RefusalEffect::Keep => "Kept.",
        RefusalEffect::Unblock => "The block ends.",
        RefusalEffect::Redact => "Left out of the answer.",
        RefusalEffect::Outside => "Outside the right.",
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".into();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn spaced(word: impl ToString) -> String {
    word.to_string().replace('_', " ")
}

fn sentence(gist: &str) -> String {
    format!("{}.", capital(gist))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{domain::Kind, policy::Library};

    #[test]
    fn a_retention_rule_in_words() {
        let rulebook = Library::embedded().rulebook("automaster").unwrap();
        let lines = explain(&rulebook, "AM-8-contact").unwrap();
        assert_eq!(lines[0], "AM-8-contact: retention of AutoMaster, clause 8.");
        assert_eq!(
            lines[3],
            "Due for destruction on the day of the earliest of: withdrawal of consent of scope processing; 3 years \
             after the last contact by the person, or collection where that is unknown."
        );
        let lines = explain(&rulebook, "KZ-8.7").unwrap();
        assert_eq!(lines[2], "Revoke: limit 15 working days, counted from receipt.");
        assert!(
            lines.contains(&"In force since 2026-01-18; not confirmed by a lawyer.".to_owned()),
            "{lines:?}"
        );
    }

    #[test]
    fn every_rule_has_words() {
        let library = Library::embedded();
        for controller in library.controllers() {
            let rulebook = library.rulebook(&controller).unwrap();
            for rule in rulebook.policy.rules.iter().chain(&rulebook.statute.rules) {
                let lines = explain(&rulebook, &rule.id).unwrap();
                assert!(lines.len() >= 3, "{}: {lines:?}", rule.id);
                assert!(lines.iter().all(|line| line.ends_with('.') && !line.contains("..")), "{lines:?}");
            }
        }
    }

    #[test]
    fn an_unknown_rule_has_a_neighbour() {
        let rulebook = Library::embedded().rulebook("mycar").unwrap();
        let error = explain(&rulebook, "MC-8.1-retenton").unwrap_err();
        assert_eq!(
            (error.kind(), error.hint_text()),
            (Kind::Usage, Some("did you mean `MC-8.1-retention`?"))
        );
    }
}

//! A rule in plain words.

mod storage;
mod tongue;

use chrono::NaiveDate;

use super::{
    Rulebook,
    body::{
        Body, Collects, Condition, DeadlineRule, Definition, DutyRule, Keep, Minors, Needs, PurposeRule,
        Recipient, RightRule, Terms,
    },
    model::Rule,
    vocabulary::RefusalEffect,
    yaml,
};
use crate::domain::{ClockRule, Error, Result, Roll};

pub use storage::{condition_of_record, until_words};
pub use tongue::{English, Tongue};

/// How it is said.
type T<'a> = &'a dyn Tongue;

/// What a rule says, line by line: origin, gist, body, reading, law.
///
/// # Errors
/// Exit 2 for a rule that neither layer knows, with the nearest.
pub fn explain(rulebook: &Rulebook, id: &str, t: T<'_>) -> Result<Vec<String>> {
    explain_on(rulebook, id, None, t)
}

/// The same as it reads on a day: the law that it leans on is named where it is in force then.
///
/// # Errors
/// As [`explain`].
pub fn explain_on(rulebook: &Rulebook, id: &str, day: Option<NaiveDate>, t: T<'_>) -> Result<Vec<String>> {
    let rule = rulebook.rule(id).ok_or_else(|| unknown(rulebook, id))?;
    let in_force = |law: &&String| {
        let found = rulebook.rule(law);
        day.is_none_or(|day| found.is_some_and(|law| law.in_force(day)))
    };
    let mut lines = vec![origin(rulebook, rule, t), format!("{}.", capital(&t.gist(rule)))];
    lines.extend(body(rule, t));
    lines.extend(t.note(rule).map(|note| t.say(&format!("Read as: {note}."))));
    lines.extend(edition(rule, t));
    lines.extend(rule.law.iter().filter(in_force).filter_map(|law| leans_on(rulebook, law, t)));
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

/// What stands for the clause of a rule of which the text says nothing.
const SILENT: &str = "silent";

fn origin(rulebook: &Rulebook, rule: &Rule, t: T<'_>) -> String {
    let kind = spaced(rule.body.kind(), t);
    let id = &rule.id;
    match (&rule.clause, &rule.article) {
        // No clause says what a policy is silent on.
        (Some(clause), _) if clause == SILENT => {
            t.say(&format!("{id}: {kind} of {}, in no clause.", rulebook.policy.title))
        }
        (Some(clause), _) => {
            let title = &rulebook.policy.title;
            t.say(&format!("{id}: {kind} of {title}, clause {clause}."))
        }
        (None, article) => {
            let place = t.say(article.as_deref().unwrap_or_default());
            let title = t.say(&rulebook.statute.title);
            t.say(&format!("{id}: {kind} of {title}, {place}."))
        }
    }
}

fn edition(rule: &Rule, t: T<'_>) -> Option<String> {
    let from = rule.valid_from.map(|day| t.say(&format!("In force since {day}")));
    let to = rule.valid_to.map(|day| t.say(&format!("in force until {day}")));
    let words = [from, to].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let read = t.say(if rule.confirmed { "confirmed by a lawyer" } else { "not confirmed by a lawyer" });
    match (&rule.article, words.is_empty()) {
        (Some(_), false) => Some(format!("{words}; {read}.")),
        (Some(_), true) => Some(format!("{}.", capital(&read))),
        (None, _) => None,
    }
}

fn leans_on(rulebook: &Rulebook, id: &str, t: T<'_>) -> Option<String> {
    let law = rulebook.rule(id)?;
    let article = t.say(law.article.as_deref().unwrap_or_default());
    let gist = t.gist(law);
    Some(t.say(&format!("See {id}, {article}: {gist}.")))
}

pub(in crate::policy) fn body(rule: &Rule, t: T<'_>) -> Vec<String> {
    let one = |english: String| vec![t.say(&english)];
    match &rule.body {
        Body::Keep(keep) => keep_words(keep, t),
        Body::Right(right) => right_words(rule, right, t),
        Body::Deadline(items) => items.iter().map(|item| deadline(rule, item, t)).collect(),
        Body::Purpose(items) => items.iter().map(|item| purpose(item, t)).collect(),
        Body::Collects(collects) => collected(collects, t),
        Body::Source(sources) => one(format!("Sources: {}.", words_of("source", sources, t))),
        Body::Ban(ban) => {
            one(format!("Forbidden: {}. Exceptions: {}.", spaced(ban.what, t), list(&ban.except, t)))
        }
        Body::Condition(condition) => condition_words(condition, t),
        Body::Minors(minors) => vec![minors_words(rule, minors, t)],
        Body::Cookie(cookie) => {
            let scope = t.word("scope", cookie.scope.as_str());
            let term =
                cookie.falls_back_to.as_ref().map(|rule| t.say(&format!("The term is that of {rule}.")));
            let term = term.map(|term| format!(" {term}")).unwrap_or_default();
            vec![t.say(&format!("Rests on consent of scope {scope}.")) + &term]
        }
        Body::Basis(basis) => {
            let weak = if basis.weak { format!(" {}", t.say("Weak as evidence.")) } else { String::new() };
            let scopes = words_of("scope", &basis.scopes, t);
            vec![t.say(&format!("Basis: {}; scopes: {scopes}.", spaced(basis.on, t))) + &weak]
        }
        Body::Recipient(recipient) => vec![recipient_words(rule, recipient, t)],
        Body::Channel(channel) => {
            one(format!("Named ways: {}; another way is never refused.", words_of("channel", &channel.by, t)))
        }
        Body::Fee(fee) => {
            let allowed = t.say(if fee.allowed { "allows a fee" } else { "allows no fee" });
            one(format!("The text {allowed}; charged: {} tenge.", fee.charged))
        }
        Body::Notice(notice) => {
            one(format!("Tell of {}: {}.", spaced(t.own(rule, &notice.of), t), list(&notice.to, t)))
        }
        Body::Change(change) => {
            one(format!("A new text is in force: {}.", t.own(rule, &change.effective.to_string())))
        }
        Body::Duty(duty) => duty_words(rule, duty, t),
        Body::Definition(definition) => definition_words(rule, definition, t),
        Body::Refusal(ground) => {
            vec![
                t.say(refusal(ground.effect)),
                t.say(&format!("Can refuse: {}.", words_of("right", &ground.rights, t))),
            ]
        }
        Body::Silent(silence) => one(format!("The policy is silent on: {}.", spaced(*silence, t))),
        Body::Register(terms) => {
            let one = |(what, length): (&'static str, _)| {
                let what = spaced(what, t);
                t.say(&format!("Of the register, {what} stay {length} after their end."))
            };
            terms.named().map(one).to_vec()
        }
        Body::NotOperational(_) => one("Carries nothing for a request.".into()),
    }
}

pub(in crate::policy) fn keep_words(keep: &Keep, t: T<'_>) -> Vec<String> {
    let all = keep.categories.is_empty();
    let what = if all { t.say("every category") } else { words_of("category", &keep.categories, t) };
    let when: Vec<String> = keep.when.iter().map(|when| condition_of_record(when, t)).collect();
    let mut lines = vec![match when.as_slice() {
        [] => t.say(&format!("Covers {what}.")),
        when => t.say(&format!("Covers {what}, where {}.", when.join(&format!(" {} ", t.say("and"))))),
    }];
    let most = keep.at_most.as_ref().map(|until| until_words(until, t));
    lines.extend(most.map(|until| t.say(&format!("Due for destruction on the day of {until}."))));
    let least = keep.at_least.as_ref().map(|until| until_words(until, t));
    lines.extend(
        least.map(|until| t.say(&format!("Kept through {until}; out of use once it is not needed."))),
    );
    lines
}

fn right_words(rule: &Rule, right: &RightRule, t: T<'_>) -> Vec<String> {
    let grants = words_of("right", &right.grants, t);
    let mut lines = vec![t.say(&format!("Grants {grants}")) + &terms(rule, &right.terms, t) + "."];
    if !right.gives.is_empty() {
        lines.push(t.say(&format!("An answer gives: {}.", words_of("gives", &right.gives, t))));
    }
    if !right.stops.is_empty() {
        lines.push(t.say(&format!("Stops {}.", words_of("purpose", &right.stops, t))));
    }
    if right.unless_open_obligation {
        lines.push(t.say("Waits, for the data an open obligation needs."));
    }
    if !right.always.is_empty() {
        let scopes = words_of("scope", &right.always, t).replace('_', " ");
        lines.push(t.say(&format!("At once in any case: {scopes}.")));
    }
    lines
}

fn deadline(rule: &Rule, item: &DeadlineRule, t: T<'_>) -> String {
    let what = item.duty.map_or_else(|| words_of("right", &item.rights, t), |duty| spaced(duty, t));
    format!("{}{}.", capital(&what), terms(rule, &item.terms, t))
}

fn terms(rule: &Rule, terms: &Terms, t: T<'_>) -> String {
    let limit = terms.limit.map(|limit| t.say(&limit.to_string()));
    let target = terms.target.map(|target| t.say(&target.to_string()));
    let limit = limit.map(|limit| format!("{} {limit}", t.say("limit")));
    let target = target.map(|target| t.say(&format!("careful target {target}")));
    let both: Vec<String> = limit.into_iter().chain(target).collect();
    if both.is_empty() {
        return String::new();
    }
    let from = t.say(&format!("counted from {}", spaced(terms.clock.from, t)));
    let own = terms.words.as_ref().map(|own| {
        let own = t.own(rule, own);
        format!(", {}", t.say(&format!("for what the text calls {own}")))
    });
    format!(": {}, {from}{}{}", both.join(", "), own.unwrap_or_default(), clock(&terms.clock, t))
}

/// What other laws let a clock do; nothing for one that only runs.
fn clock(clock: &ClockRule, t: T<'_>) -> String {
    let mut parts = Vec::new();
    if !clock.pauses.is_empty() {
        parts.push(t.say(&format!("it stands during the check of {}", list(&clock.pauses, t))));
    }
    if let Some(extension) = clock.extension {
        let by = t.say(&extension.by.to_string());
        parts.push(match extension.times {
            1 => t.say(&format!("it may be lengthened once by {by}")),
            times => t.say(&format!("it may be lengthened {times} times by {by}")),
        });
        if extension.notice {
            parts.push(t.say("that is told with reasons before the first due date"));
        }
    }
    if clock.roll == Roll::None {
        parts.push(t.say("a last day off stays the last day"));
    }
    parts.into_iter().map(|part| format!("; {part}")).collect()
}

fn purpose(purpose: &PurposeRule, t: T<'_>) -> String {
    let (word, class) = (t.word("purpose", purpose.word.as_str()), spaced(purpose.class, t));
    t.say(&format!("Purpose {word}: {class}, on the basis of {}.", spaced(purpose.basis, t)))
}

fn collected(collects: &Collects, t: T<'_>) -> Vec<String> {
    let all = collects.fields.is_empty();
    let fields = if all { t.say("all fields") } else { words_of("field", &collects.fields, t) };
    let categories = words_of("category", &collects.categories, t);
    let mut lines = vec![t.say(&format!("Category {categories}: {fields}."))];
    lines.extend(
        collects.on_withdrawal.map(|outcome| t.say(&format!("On withdrawal: {}.", spaced(outcome, t)))),
    );
    lines
}

fn condition_words(condition: &Condition, t: T<'_>) -> Vec<String> {
    let one = |text: &str| vec![t.say(text)];
    match condition {
        Condition::OpenObligation(needs) => needs.iter().map(|needs| needed(needs, t)).collect(),
        Condition::UnfulfilledObligation => one("Only where no obligation is unfulfilled."),
        Condition::LegalHold => one("Data under a hold is kept."),
        Condition::Identity => one("Only after the person or the authority is confirmed."),
        Condition::Documents => one("Only with documents that confirm it."),
        Condition::Violation => one("Only with information of a violation."),
        Condition::OwnContacts => one("The contacts given are the person's own."),
        Condition::MandatoryStorage => one("Kept out of use instead, while a law demands storage."),
        Condition::Age(years) => one(&format!("The person is {years} or older.")),
    }
}

fn definition_words(rule: &Rule, definition: &Definition, t: T<'_>) -> Vec<String> {
    let mut lines = vec![t.say(&format!("Defines: {}.", t.own(rule, &definition.word)))];
    if !definition.asks_for.is_empty() {
        let asks =
            definition.asks_for.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
        lines.push(t.say(&format!("What only the officer knows, in dsr.yaml: {asks}.")));
    }
    lines
}

fn needed(needs: &Needs, t: T<'_>) -> String {
    let usual = needs.usual.map(|length| t.say(&length.to_string()));
    let usual =
        usual.map(|length| format!(" {}", t.say(&format!("Stale after {length}.")))).unwrap_or_default();
    let (kind, needed) = (spaced(needs.kind, t), words_of("category", &needs.categories, t));
    t.say(&format!("An open {kind} needs {needed}.")) + &usual
}

fn minors_words(rule: &Rule, minors: &Minors, t: T<'_>) -> String {
    let young = t.say(&format!("Data a person under {} gave without a parent is destroyed", minors.under));
    let officer = t.say("while the person is under age it is left to the officer");
    format!("{young}{}; {officer}.", terms(rule, &minors.terms, t))
}

fn recipient_words(rule: &Rule, recipient: &Recipient, t: T<'_>) -> String {
    let own = recipient.own_controller.then_some("A controller of its own: told, not ordered.");
    let abroad = recipient.abroad.then_some("May lie abroad: the country is registered.");
    let more = own.into_iter().chain(abroad).map(|text| format!(" {}", t.say(text))).collect::<String>();
    let grounds = list(&recipient.exceptions, t);
    t.say(&format!("Recipient: {}, on the ground of {grounds}.", t.own(rule, &recipient.who))) + &more
}

fn duty_words(rule: &Rule, duty: &DutyRule, t: T<'_>) -> Vec<String> {
    let mut lines = vec![t.say(&format!("To do: {}.", t.say(&t.own(rule, &duty.task))))];
    let effects = duty
        .effects
        .iter()
        .map(|effect| t.say(&format!("Effect {}: {}.", effect.number(), spaced(*effect, t))));
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

/// Words of the vocabulary.
fn list<I: ToString>(items: &[I], t: T<'_>) -> String {
    if items.is_empty() {
        return t.say("none");
    }
    items.iter().map(|item| spaced(item.to_string(), t)).collect::<Vec<_>>().join(", ")
}

/// Words of one closed list.
fn words_of<I: ToString>(group: &str, items: &[I], t: T<'_>) -> String {
    if items.is_empty() {
        return t.say("none");
    }
    items.iter().map(|item| t.word(group, &item.to_string())).collect::<Vec<_>>().join(", ")
}

fn spaced(word: impl ToString, t: T<'_>) -> String {
    t.word("vocabulary", &word.to_string()).replace('_', " ")
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
        let lines = explain(&rulebook, "AM-8-contact", &English).unwrap();
        assert_eq!(lines[0], "AM-8-contact: retention of AutoMaster, clause 8.");
        assert_eq!(
            lines[3],
            "Due for destruction on the day of the earliest of: withdrawal of consent of scope processing; 3 years \
             after the last contact by the person, or collection where that is unknown."
        );
        let lines = explain(&rulebook, "KZ-8.7", &English).unwrap();
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
                let lines = explain(&rulebook, &rule.id, &English).unwrap();
                assert!(lines.len() >= 3, "{}: {lines:?}", rule.id);
                assert!(lines.iter().all(|line| line.ends_with('.') && !line.contains("..")), "{lines:?}");
            }
        }
    }

    #[test]
    fn an_unknown_rule_has_a_neighbour() {
        let rulebook = Library::embedded().rulebook("mycar").unwrap();
        let error = explain(&rulebook, "MC-8.1-retenton", &English).unwrap_err();
        assert_eq!(
            (error.kind(), error.hint_text()),
            (Kind::Usage, Some("did you mean `MC-8.1-retention`?"))
        );
    }
}

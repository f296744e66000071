//! One rule, raw → checked: exactly one body, every name defined.

use super::{
    body::{
        Body, Collects, Condition, Cookie, DeadlineRule, Definition, Ground, Keep, Minors, Needs,
        PurposeRule, RightRule, Terms,
    },
    check::File,
    model::Rule,
    raw::{
        RawCollects, RawCondition, RawCookie, RawDeadline, RawExtension, RawKeep, RawMinors, RawNeeds,
        RawPurpose, RawRight, RawRule, RawTerm, Then,
    },
    until::{Until, When},
    vocabulary::{RefusalEffect, StartEvent},
    word::{Name, Names, OneOrMany},
    yaml::{Place, Spanned},
};
use crate::domain::{Category, ClockRule, Extension, Pause, Result, Right, Roll, Term};

/// The kinds of body, for the complaint about a rule that has none.
const BODIES: &str = "keep, right, deadline, purpose, collects, source, ban, condition, minors, cookie, basis, \
                      recipient, channel, fee, notice, change, duty, definition, refusal, silent, register_data, not_operational";

/// Checks one rule.
pub(super) fn rule(file: &File<'_>, mut raw: RawRule) -> Result<Rule> {
    let at = raw.id.referenced;
    origin(file, &raw)?;
    let law = law(file, &raw.law)?;
    let valid_from = raw.valid_from.as_ref().map(|day| day.0.0);
    let valid_to = raw.valid_to.map(|day| day.0.0);
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && from > to
    {
        return Err(file.at(at, "`valid_to` lies before `valid_from`", "in this rule", "swap the two days"));
    }
    let body = body(file, &mut raw)?;
    let says = raw.says.or_else(|| match &body {
        Body::NotOperational(reason) => Some(reason.clone()),
        _ => None,
    });
    let Some(says) = says else {
        let message = format!("the rule `{}` does not say what it says", raw.id.value);
        return Err(file.at(at, &message, "this rule", "write `says:` with the gist in your own words"));
    };
    Ok(Rule {
        id: raw.id.value,
        clause: raw.clause,
        article: raw.article,
        says,
        note: raw.note,
        law,
        valid_from,
        valid_to,
        confirmed: raw.confirmed,
        mark: raw.mark,
        body,
        at,
    })
}

/// A policy's rule names its clause, a statute's its article.
fn origin(file: &File<'_>, raw: &RawRule) -> Result<()> {
    let (field, example, given) = match file.law {
        Some(_) => ("clause", "clause: \"8\"", &raw.clause),
        None => ("article", "article: 94-V art. 8(7)", &raw.article),
    };
    if given.as_deref().is_some_and(|text| !text.trim().is_empty()) {
        return Ok(());
    }
    let message = format!("the rule `{}` has no {field}", raw.id.value);
    Err(file.at(raw.id.referenced, &message, "this rule", &format!("write `{example}`")))
}

fn law(file: &File<'_>, names: &Names) -> Result<Vec<String>> {
    let Some(statute) = file.law else {
        return Ok(names.0.iter().map(|name| name.text.clone()).collect());
    };
    let known = |name: &Name| statute.rules.iter().any(|rule| rule.id == name.text);
    match names.0.iter().find(|name| !known(name)) {
        Some(name) => {
            Err(file.unknown("rule of the statute", name, statute.rules.iter().map(|r| r.id.as_str())))
        }
        None => Ok(names.0.iter().map(|name| name.text.clone()).collect()),
    }
}

/// Takes every body out of the raw rule; there must be exactly one.
fn body(file: &File<'_>, raw: &mut RawRule) -> Result<Body> {
    let at = raw.id.referenced;
    let categories = categories(file, &raw.category)?;
    let mut bodies: Vec<Body> = Vec::with_capacity(1);
    if let Some(body) = raw.keep.take() {
        bodies.push(Body::Keep(keep(file, *body, categories.clone(), raw.when.take(), raw.then.take())?));
    }
    if let Some(body) = raw.collects.take() {
        bodies.push(Body::Collects(collects(file, *body, categories, &raw.category)?));
    } else if !raw.category.0.is_empty() && !matches!(bodies.first(), Some(Body::Keep(_))) {
        return Err(file.at(at, "`category` belongs to `keep` or `collects`", "in this rule", "remove it"));
    }
    if let Some(body) = raw.right.take() {
        bodies.push(Body::Right(right(file, at, *body)?));
    }
    if let Some(body) = raw.deadline.take() {
        bodies.push(Body::Deadline(deadlines(file, at, *body)?));
    }
    if let Some(body) = raw.purpose.take() {
        bodies.push(Body::Purpose(purposes(file, *body)?));
    }
    if let Some(body) = raw.condition.take() {
        bodies.push(Body::Condition(condition(file, *body)?));
    }
    if let Some(effect) = raw.refusal.take() {
        bodies.push(Body::Refusal(ground(file, at, effect, std::mem::take(&mut raw.rights))?));
    }
    plain(raw, &mut bodies);
    if !raw.rights.is_empty() {
        return Err(file.at(at, "`rights` belongs to `refusal`", "in this rule", "remove it"));
    }
    if !raw.asks_for.is_empty() {
        return Err(file.at(at, "`asks_for` belongs to `definition`", "in this rule", "remove it"));
    }
    if raw.when.is_some() || raw.then.is_some() {
        return Err(file.at(at, "`when` and `then` belong to `keep`", "in this rule", "remove them"));
    }
    let kinds: Vec<&str> = bodies.iter().map(Body::kind).collect();
    match (bodies.len(), bodies.pop()) {
        (1, Some(body)) => Ok(body),
        (0, _) | (_, None) => {
            let message = format!("the rule `{}` says nothing", raw.id.value);
            Err(file.at(at, &message, "no body", &format!("give it one of {BODIES}")))
        }
        _ => {
            let message =
                format!("the rule `{}` says {} things: {}", raw.id.value, kinds.len(), kinds.join(", "));
            Err(file.at(at, &message, "this rule", "a rule says one thing: make two rules of it"))
        }
    }
}

/// The bodies that refer to nothing else in the file.
fn plain(raw: &mut RawRule, bodies: &mut Vec<Body>) {
    bodies.extend(raw.source.take().map(|sources| Body::Source(sources.0)));
    bodies.extend(raw.ban.take().map(|body| Body::Ban(*body)));
    bodies.extend(raw.minors.take().map(|body| Body::Minors(minors(*body))));
    bodies.extend(raw.cookie.take().map(|body| Body::Cookie(cookie(*body))));
    bodies.extend(raw.basis.take().map(|body| Body::Basis(*body)));
    bodies.extend(raw.recipient.take().map(|body| Body::Recipient(*body)));
    bodies.extend(raw.channel.take().map(|body| Body::Channel(*body)));
    bodies.extend(raw.fee.take().map(Body::Fee));
    bodies.extend(raw.notice.take().map(|body| Body::Notice(*body)));
    bodies.extend(raw.change.take().map(|body| Body::Change(*body)));
    bodies.extend(raw.duty.take().map(|body| Body::Duty(*body)));
    bodies.extend(
        raw.definition
            .take()
            .map(|word| Body::Definition(Definition { word, asks_for: std::mem::take(&mut raw.asks_for) })),
    );
    bodies.extend(raw.silent.take().map(Body::Silent));
    bodies.extend(raw.register_data.take().map(|body| Body::Register(*body)));
    bodies.extend(raw.not_operational.take().map(Body::NotOperational));
}

/// A ground that named no right would refuse none, or all; nobody may choose between the two.
fn ground(file: &File<'_>, at: Place, effect: RefusalEffect, rights: Vec<Right>) -> Result<Ground> {
    if rights.is_empty() {
        let help = "write `rights:` with those that its article is about";
        return Err(file.at(at, "a ground of refusal names no right", "in this rule", help));
    }
    if let Some(right) = rights.iter().find(|right| !right.is_refusable()) {
        let help = "a breach is told of, and an authority is answered: take it out";
        return Err(file.at(at, &format!("`{right}` cannot be refused"), "in this rule", help));
    }
    Ok(Ground { effect, rights })
}

fn categories(file: &File<'_>, names: &Names) -> Result<Vec<Category>> {
    names.0.iter().map(|name| file.category(name)).collect()
}

fn keep(
    file: &File<'_>,
    raw: Spanned<RawKeep>,
    categories: Vec<Category>,
    when: Option<OneOrMany<When>>,
    then: Option<Spanned<Then>>,
) -> Result<Keep> {
    let at = raw.referenced;
    let RawKeep { at_most, at_least } = raw.value;
    if at_most.is_none() && at_least.is_none() {
        let help = "write `at_most:`, the day of destruction, or `at_least:`, the last day kept";
        return Err(file.at(at, "a retention rule sets no day", "here", help));
    }
    if at_most.iter().chain(&at_least).any(has_empty_list) {
        let help = "name at least one event";
        return Err(file.at(at, "a list of events is empty", "in this rule", help));
    }
    if let Some(then) = then {
        let fits = if at_most.is_some() { Then::Destroy } else { Then::Archive };
        if then.value != fits {
            let help = "`at_most` ends in `destroy`, `at_least` alone in `archive`";
            return Err(file.at(then.referenced, "`then` contradicts the rule", "here", help));
        }
    }
    let when = when.map(|when| when.0).unwrap_or_default();
    Ok(Keep { categories, when, at_most, at_least })
}

fn has_empty_list(until: &Until) -> bool {
    match until {
        Until::EarliestOf(parts) | Until::LatestOf(parts) => {
            parts.is_empty() || parts.iter().any(has_empty_list)
        }
        Until::Elapsed(elapsed) => elapsed.after.is_empty(),
        _ => false,
    }
}

fn collects(file: &File<'_>, raw: RawCollects, categories: Vec<Category>, names: &Names) -> Result<Collects> {
    let defs: Vec<_> = file.categories.unwrap_or_default().iter().collect();
    let of_rule = |id: &Category| names.0.iter().any(|name| name.text == id.as_str());
    let known: Vec<&str> = defs
        .iter()
        .filter(|def| of_rule(&def.id))
        .flat_map(|def| def.fields.iter().map(|field| field.name.as_str()))
        .collect();
    if let Some(name) = raw.fields.0.iter().find(|name| !known.contains(&name.text.as_str())) {
        return Err(file.unknown("field", name, known));
    }
    let fields = raw.fields.0.into_iter().map(|name| name.text).collect();
    Ok(Collects { categories, fields, on_withdrawal: raw.on_withdrawal })
}

/// The terms of a rule, with how its clock runs. An extension counts in the unit of its limit: one month
/// and two are three, one month and ten days are nobody's number.
fn terms(file: &File<'_>, at: Place, raw: RawTerms) -> Result<Terms> {
    let limit = raw.limit.map(Term::from);
    let extension =
        raw.extend.map(|raw| Extension { by: raw.by.into(), times: raw.times, notice: raw.notice });
    if let Some(extension) = extension
        && limit.and_then(|limit| limit.and(extension.by)).is_none()
    {
        let help =
            "write `by:` in the unit of `limit:`, such as `limit: {months: 1}, extend: {by: {months: 2}}`";
        return Err(file.at(at, "an extension is not of its limit's unit", "in this rule", help));
    }
    let clock = ClockRule {
        from: raw.from.unwrap_or(StartEvent::Receipt),
        roll: raw.roll.unwrap_or(Roll::NextWorkingDay),
        pauses: raw.stops_for,
        extension,
    };
    Ok(Terms { limit, target: raw.target.map(Term::from), clock, words: None })
}

/// What `right` and `deadline` have in common.
struct RawTerms {
    limit: Option<RawTerm>,
    target: Option<RawTerm>,
    from: Option<StartEvent>,
    roll: Option<Roll>,
    stops_for: Vec<Pause>,
    extend: Option<RawExtension>,
}

fn right(file: &File<'_>, at: Place, raw: RawRight) -> Result<RightRule> {
    let stops = raw.stops.0.iter().map(|name| file.purpose(name)).collect::<Result<_>>()?;
    let RawRight { limit, target, from, roll, stops_for, extend, .. } = raw;
    Ok(RightRule {
        grants: raw.grants,
        terms: terms(file, at, RawTerms { limit, target, from, roll, stops_for, extend })?,
        gives: raw.gives.0,
        stops,
        always: raw.always,
        unless_open_obligation: raw.unless_open_obligation,
    })
}

fn deadlines(file: &File<'_>, at: Place, raw: OneOrMany<RawDeadline>) -> Result<Vec<DeadlineRule>> {
    let checked = |raw: RawDeadline| {
        let about_something = raw.duty.is_some() || !raw.right.is_empty();
        if !about_something || (raw.limit.is_none() && raw.target.is_none()) {
            let help = "write `right:` or `duty:`, and `limit:` or `target:`, such as `{working_days: 3}`";
            return Err(file.at(at, "a deadline names no right or no term", "in this rule", help));
        }
        let RawDeadline { limit, target, from, roll, stops_for, extend, .. } = raw;
        let terms = terms(file, at, RawTerms { limit, target, from, roll, stops_for, extend })?;
        Ok(DeadlineRule { rights: raw.right, duty: raw.duty, terms })
    };
    raw.0.into_iter().map(checked).collect()
}

fn purposes(file: &File<'_>, raw: OneOrMany<RawPurpose>) -> Result<Vec<PurposeRule>> {
    let checked = |raw: RawPurpose| {
        let word = file.purpose(&raw.word.into())?;
        Ok(PurposeRule { word, class: raw.class, basis: raw.basis })
    };
    raw.0.into_iter().map(checked).collect()
}

fn condition(file: &File<'_>, raw: RawCondition) -> Result<Condition> {
    let needs = |raw: RawNeeds| {
        let categories = categories(file, &raw.needs)?;
        Ok(Needs { kind: raw.kind, categories, usual: raw.usual })
    };
    Ok(match raw {
        RawCondition::OpenObligation(all) => {
            Condition::OpenObligation(all.into_iter().map(needs).collect::<Result<_>>()?)
        }
        RawCondition::UnfulfilledObligation => Condition::UnfulfilledObligation,
        RawCondition::LegalHold => Condition::LegalHold,
        RawCondition::Identity => Condition::Identity,
        RawCondition::Documents => Condition::Documents,
        RawCondition::Violation => Condition::Violation,
        RawCondition::OwnContacts => Condition::OwnContacts,
        RawCondition::MandatoryStorage => Condition::MandatoryStorage,
        RawCondition::Age(years) => Condition::Age(years),
    })
}

fn minors(raw: RawMinors) -> Minors {
    let clock = ClockRule { from: StartEvent::Detection, ..ClockRule::default() };
    let terms = Terms { limit: raw.limit.map(Term::from), target: None, clock, words: raw.words };
    Minors { under: raw.under, terms, deny_access: raw.deny_access }
}

fn cookie(raw: RawCookie) -> Cookie {
    Cookie { scope: raw.scope, falls_back_to: raw.falls_back_to.map(|rule| rule.value) }
}

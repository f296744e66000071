//! New values as typed, made what their field holds; and the payload they give.

use serde_json::{Map, Value};

use crate::{
    domain::{Category, Error, Identifier, Kind, Moment, Record, Result, SubjectFacts},
    execute::{
        import::{Dates, check::Checker},
        order::NewValue,
        vocabulary,
    },
    policy::{Rulebook, model::FieldDef, vocabulary::FieldType},
    store::{SearchKey, View},
};

/// Every new value, before a plan with it is shown: readable, said once, and nobody else's number.
///
/// # Errors
/// Usage (exit 2); ambiguous (exit 5): the number that names a person names another one already.
pub fn check(view: &View<'_>, facts: &SubjectFacts, changes: &[NewValue], rulebook: &Rulebook) -> Result<()> {
    for (n, new) in changes.iter().enumerate() {
        let name = format!("{}.{}", new.category, new.field);
        let same = |other: &NewValue| (&other.category, &other.field) == (&new.category, &new.field);
        if changes.iter().take(n).any(same) {
            return Err(Error::usage(format!("`{name}` is set twice")).hint("say each value once"));
        }
        if new.value.trim().is_empty() {
            return Err(Error::usage(format!("`{name}`: the new value is empty"))
                .hint("to have data removed use `dsr erase`"));
        }
        let field = rulebook.category(&Category::new(&new.category)).and_then(|held| held.field(&new.field));
        read(new, field)?;
        let kind = field.and_then(|field| field.identifier).filter(|kind| kind.names_a_person());
        if let Some(identifier) = kind.and_then(|kind| Identifier::parse(kind, &new.value).ok()) {
            let found = view.by_identifier(&facts.controller, &identifier)?;
            if let Some(other) = found.iter().find(|one| !one.hint && one.id != facts.subject) {
                let message = format!("`{name}`: another person has this number");
                let hint =
                    format!("nothing was done; look at that one first: dsr subject show id:{}", other.id);
                return Err(Error::new(Kind::Ambiguous, message).hint(hint));
            }
        }
    }
    Ok(())
}

/// A typed value as its field holds it; the store keeps what the person wrote, not the canonical form.
///
/// # Errors
/// Usage (exit 2), naming the field and never the value.
pub fn read(new: &NewValue, field: Option<&FieldDef>) -> Result<Value> {
    let wrong = |what: &str| {
        Error::usage(format!("`{}.{}`: {what}", new.category, new.field))
            .hint("correct the value; nothing was done")
    };
    let text = new.value.trim();
    if let Some(kind) = field.and_then(|field| field.identifier) {
        Identifier::parse(kind, text).map_err(|what| wrong(&what))?;
    }
    match field.map_or(FieldType::Text, |field| field.kind) {
        FieldType::Text => Ok(text.into()),
        FieldType::List => Ok(text.split('|').map(str::trim).collect::<Vec<_>>().into()),
        FieldType::Date => Moment::parse(text).map(|_| text.into()).map_err(|what| wrong(&what)),
        FieldType::Bool => text.parse::<bool>().map(Value::from).map_err(|_| wrong("is true or false")),
        FieldType::Number => {
            let number: serde_json::Number = text.parse().map_err(|_| wrong("is a number"))?;
            Ok(Value::Number(number))
        }
    }
}

/// The payload of a record with one field changed, as JSON.
pub fn changed(data: &str, field: &str, value: &Value) -> String {
    let mut fields: Map<String, Value> = serde_json::from_str(data).unwrap_or_default();
    fields.insert(field.to_owned(), value.clone());
    Value::Object(fields).to_string()
}

/// Every name a payload holds, as an import would read it.
pub fn names(record: &Record, data: &str, rulebook: &Rulebook, now: Moment) -> Vec<SearchKey> {
    let words = vocabulary::of(rulebook);
    let checker = Checker { vocabulary: &words, dates: Dates::Iso, now };
    checker.people_in(&record.category, data).1
}

//! The payload of a record: known fields, each of its kind, written down in one canonical form.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::{
    domain::{Identifier, Moment},
    store::SearchKey,
};

use super::{
    super::{
        complaint::quotable,
        encoding::is_mojibake,
        place::Place,
        value::{Data, Text, Value},
        vocabulary::{FieldKind, Fields},
        when::Dates,
    },
    Desk,
};

/// What was read from a payload.
#[derive(Default)]
pub(super) struct Payload {
    /// The canonical JSON object.
    pub json: String,
    /// The identifiers in it.
    pub identifiers: Vec<Identifier>,
    /// Those and the name as search keys.
    pub names: Vec<SearchKey>,
    /// The date of the document it speaks of.
    pub document: Option<Moment>,
    /// The date of a visit or an order.
    pub activity: Option<Moment>,
}

/// A value in its canonical form.
enum Clean<'a> {
    Text(Cow<'a, str>),
    Whole(i64),
    Real(f64),
    Flag(bool),
    List(Vec<&'a str>),
}

impl Desk<'_> {
    pub(super) fn payload(&mut self, fields: &Fields, data: &Data<'_>) -> Payload {
        let mut payload = Payload::default();
        let mut parts: [Option<&str>; 3] = [None; 3];
        let mut born = None;
        let mut clean: Vec<(&str, Clean<'_>)> = Vec::with_capacity(data.0.len());
        for (name, value) in &data.0 {
            if is_empty(value) {
                continue;
            }
            let Some(kind) = fields.find(name) else {
                self.unknown_field(fields, name);
                continue;
            };
            let Some(value) = self.value(name, kind, value) else { continue };
            match (&value, kind) {
                (Clean::Text(Cow::Borrowed(text)), FieldKind::FamilyName) => parts[0] = Some(text),
                (Clean::Text(Cow::Borrowed(text)), FieldKind::GivenName) => parts[1] = Some(text),
                (Clean::Text(Cow::Borrowed(text)), FieldKind::Patronymic) => parts[2] = Some(text),
                (Clean::Text(text), FieldKind::Identifier(kind)) => {
                    let read = self.read_identifier(Place::Data(name), kind, text);
                    payload.identifiers.extend(read);
                }
                (Clean::Text(text), FieldKind::Date) => {
                    // Judged above: what is not a date did not come here.
                    let at = Dates::Iso.parse(text).ok();
                    let named = |field: &Option<String>| field.as_deref() == Some(name);
                    payload.document = payload.document.or(at.filter(|_| named(&fields.document)));
                    payload.activity = payload.activity.or(at.filter(|_| named(&fields.activity)));
                    born = born.or(at.filter(|_| name == "birth_date").map(Moment::day));
                }
                _ => {}
            }
            clean.push((name, value));
        }
        self.same_birth_date(born, &payload.identifiers);
        payload.names = search_keys(&payload.identifiers, &parts);
        payload.json = object(clean);
        payload
    }

    fn unknown_field(&mut self, fields: &Fields, name: &str) {
        let known = fields.kinds.iter().map(|(name, _)| name.as_str());
        let place = if quotable(name).is_some() { Place::Data(name) } else { Place::Field("data") };
        self.unknown(place, "field", name, known, true);
    }

    fn value<'v>(&mut self, name: &str, kind: FieldKind, value: &'v Value<'_>) -> Option<Clean<'v>> {
        match (kind, value) {
            (_, Value::Object) => self.wrong_value(name, "an object cannot stand here"),
            (FieldKind::Any, value) => self.any(name, value),
            (FieldKind::Number, Value::Whole(number)) => Some(Clean::Whole(*number)),
            (FieldKind::Number, Value::Real(number)) => self.real(name, *number),
            (FieldKind::Number, Value::Text(text)) => self.number(name, text.get()),
            (FieldKind::Number, _) => self.wrong_value(name, "a number is expected here"),
            (FieldKind::Flag, Value::Flag(flag)) => Some(Clean::Flag(*flag)),
            (FieldKind::Flag, Value::Text(text)) => match super::super::line::flag(text.get()) {
                Some(flag) => Some(Clean::Flag(flag)),
                None => self.wrong_value(name, "true or false is expected here"),
            },
            (FieldKind::Flag, _) => self.wrong_value(name, "true or false is expected here"),
            (FieldKind::List, value) => self.list(name, value),
            (FieldKind::Date, Value::Text(text)) => self.date_value(name, text.get()),
            (_, Value::Text(text)) => Some(Clean::Text(self.readable(name, text))),
            (_, Value::Whole(_) | Value::Real(_)) => {
                self.wrong_value(name, "write it in quotation marks: a number loses its leading zeros")
            }
            _ => self.wrong_value(name, "a text in quotation marks is expected here"),
        }
    }

    fn wrong_value<'v>(&mut self, name: &str, message: &str) -> Option<Clean<'v>> {
        self.complain(Place::Data(name), message);
        None
    }

    fn any<'v>(&mut self, name: &str, value: &'v Value<'_>) -> Option<Clean<'v>> {
        match value {
            Value::Text(text) => Some(Clean::Text(self.readable(name, text))),
            Value::Whole(number) => Some(Clean::Whole(*number)),
            Value::Real(number) => self.real(name, *number),
            Value::Flag(flag) => Some(Clean::Flag(*flag)),
            Value::List(_) => self.list(name, value),
            Value::Null | Value::Object => None,
        }
    }

    fn readable<'v>(&mut self, name: &str, text: &'v Text<'_>) -> Cow<'v, str> {
        if is_mojibake(text.get()) {
            self.warn(Place::Data(name), "the text looks broken: UTF-8 that was read as windows-1251 before");
        }
        Cow::Borrowed(text.get())
    }

    fn real<'v>(&mut self, name: &str, number: f64) -> Option<Clean<'v>> {
        if number.is_finite() && number.abs() < 1e15 {
            return Some(Clean::Real(number));
        }
        self.wrong_value(name, "the number has more than 15 digits, which would be rounded: write it as text")
    }

    /// `1 250 000,50` as spreadsheets write it.
    fn number<'v>(&mut self, name: &str, text: &str) -> Option<Clean<'v>> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = plain.replace(',', ".");
        if let Ok(whole) = plain.parse() {
            return Some(Clean::Whole(whole));
        }
        match plain.parse::<f64>() {
            Ok(number) if number.is_finite() => self.real(name, number),
            _ => self.wrong_value(name, "a number is expected here"),
        }
    }

    fn list<'v>(&mut self, name: &str, value: &'v Value<'_>) -> Option<Clean<'v>> {
        let texts = |items: &'v [Value<'_>]| {
            let text = |item: &'v Value<'_>| match item {
                Value::Text(text) => Some(text.get()),
                _ => None,
            };
            items.iter().map(text).collect::<Option<Vec<_>>>()
        };
        match value {
            Value::Text(text) => Some(Clean::List(text.get().split('|').map(str::trim).collect())),
            Value::List(items) => match texts(items) {
                Some(texts) => Some(Clean::List(texts)),
                None => self.wrong_value(name, "a list of texts is expected here"),
            },
            _ => self.wrong_value(name, "a list of texts is expected here"),
        }
    }

    fn date_value<'v>(&mut self, name: &str, text: &'v str) -> Option<Clean<'v>> {
        self.date(Place::Data(name), text)?;
        let iso = self.checker.dates.to_iso(text);
        Some(Clean::Text(iso.map_or(Cow::Borrowed(text), Cow::Owned)))
    }

    fn same_birth_date(&mut self, born: Option<NaiveDate>, identifiers: &[Identifier]) {
        let told = identifiers.iter().find_map(Identifier::birth_date);
        if let (Some(born), Some(told)) = (born, told)
            && born != told
        {
            self.warn(Place::Data("birth_date"), "the IIN tells another birth date");
        }
    }
}

/// Whether no field says anything.
pub(super) fn is_blank(data: &Data<'_>) -> bool {
    data.0.iter().all(|(_, value)| is_empty(value))
}

/// Nothing is held where nothing is written.
fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.get().is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

/// Family name first, so that lists sort.
fn search_keys(identifiers: &[Identifier], parts: &[Option<&str>; 3]) -> Vec<SearchKey> {
    let mut keys: Vec<SearchKey> = identifiers.iter().map(SearchKey::of).collect();
    if parts.iter().any(Option::is_some) {
        let name = parts.iter().flatten().copied().collect::<Vec<_>>().join(" ");
        keys.extend(SearchKey::name(&name));
    }
    keys
}

/// A JSON object with its fields in the order of their names.
fn object(mut fields: Vec<(&str, Clean<'_>)>) -> String {
    fields.sort_unstable_by_key(|(name, _)| *name);
    let mut json = Vec::with_capacity(256);
    json.push(b'{');
    for (nth, (name, value)) in fields.iter().enumerate() {
        if nth > 0 {
            json.push(b',');
        }
        write(&mut json, name);
        json.push(b':');
        match value {
            Clean::Text(text) => write(&mut json, text),
            Clean::Whole(number) => write(&mut json, number),
            Clean::Real(number) => write(&mut json, number),
            Clean::Flag(flag) => write(&mut json, flag),
            Clean::List(items) => write(&mut json, items),
        }
    }
    json.push(b'}');
    String::from_utf8(json).unwrap_or_default()
}

/// Writing numbers and texts into memory cannot fail.
fn write(json: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    let done = serde_json::to_writer(json, value);
    debug_assert!(done.is_ok());
}

//! A record: its category, its dates, its payload.

use crate::{
    domain::{Category, Identifier},
    store::{SearchKey, load::row::RecordRow},
};

use super::{
    super::{
        line::RawRecord,
        place::{Locator, Place},
        value::Data,
        vocabulary::Fields,
    },
    Checker, Desk, Found, payload,
};

impl Checker<'_> {
    /// The identifiers and search keys in a stored payload.
    pub fn people_in(&self, category: &Category, json: &str) -> (Vec<Identifier>, Vec<SearchKey>) {
        let (fields, data) =
            (self.vocabulary.categories.get(category), serde_json::from_str::<Data<'_>>(json));
        let (Some(fields), Ok(data)) = (fields, data) else { return Default::default() };
        let (mut found, locator) = (Found::default(), Locator::Json(""));
        let mut desk = Desk { checker: *self, line: 0, locator: &locator, found: &mut found };
        let payload = desk.payload(fields, &data);
        (payload.identifiers, payload.names)
    }
}

impl<'a> Desk<'a> {
    pub(super) fn record(&mut self, raw: &RawRecord<'_>) -> Option<RecordRow> {
        let collected_at = self.required_past("collected_at", raw.collected_at.as_ref());
        let last_contact_at = self.past("last_contact_at", raw.last_contact_at.as_ref());
        let document_at = self.moment("document_at", raw.document_at.as_ref());
        let purpose_reached_at = self.moment("purpose_reached_at", raw.purpose_reached_at.as_ref());
        let purposes = self.purposes(raw.purposes.as_deref());
        let obligation = self.optional_reference("obligation", raw.obligation.as_ref());
        let consent = self.optional_reference("consent", raw.consent.as_ref());
        let source = self.source(raw);
        let (category, fields) = self.category(raw)?;
        let Some(data) = raw.data.as_ref() else {
            self.missing("data");
            return None;
        };
        let payload = self.payload(fields, data);
        if payload::is_blank(data) {
            self.complain(Place::Field("data"), "the payload is empty: there is nothing to keep");
        }
        Some(RecordRow {
            category,
            collected_at: collected_at?,
            last_contact_at,
            document_at: document_at.or(payload.document),
            purpose_reached_at,
            activity_at: payload.activity,
            source,
            given_by: self.text(raw.given_by.as_ref()).unwrap_or("self").to_owned(),
            purposes,
            obligation,
            consent,
            data: payload.json,
            identifiers: payload.identifiers,
            names: payload.names,
        })
    }

    fn source(&mut self, raw: &RawRecord<'_>) -> String {
        let source = self.text(raw.source.as_ref());
        if source.is_none() {
            self.warn(Place::Field("source"), "no source is named; an access answer has to name it");
        }
        source.unwrap_or("unknown").to_owned()
    }

    fn category(&mut self, raw: &RawRecord<'_>) -> Option<(Category, &'a Fields)> {
        let typed = self.required("category", raw.category.as_ref())?;
        self.known_category(Place::Field("category"), typed)
    }

    pub(super) fn known_category(&mut self, place: Place<'_>, typed: &str) -> Option<(Category, &'a Fields)> {
        let categories = &self.checker.vocabulary.categories;
        if let Some((category, fields)) = categories.get_key_value(typed) {
            return Some((category.clone(), fields));
        }
        self.unknown(place, "category", typed, categories.keys().map(Category::as_str), false);
        None
    }
}

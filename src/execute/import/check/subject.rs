//! A person: birth date and identifiers.

use crate::{
    domain::{Identifier, IdentifierType, Moment, identifier},
    store::{SearchKey, load::row::SubjectRow},
};

use super::{
    super::{
        line::{RawIdentifier, RawSubject},
        place::Place,
    },
    Desk,
};

impl Desk<'_> {
    pub(super) fn subject(&mut self, raw: &RawSubject<'_>) -> Option<SubjectRow> {
        let born = self.past("born", raw.born.as_ref()).map(Moment::day);
        let list = raw.identifiers.as_deref().unwrap_or_default().iter().enumerate();
        let identifiers: Vec<Identifier> = list.filter_map(|(nth, one)| self.identifier(nth, one)).collect();
        let by_number = identifiers.iter().find_map(Identifier::birth_date);
        if born.is_some_and(|born| by_number.is_some_and(|told| told != born)) {
            self.warn(Place::Field("born"), "the IIN tells another birth date");
        }
        if raw
            .reference
            .as_ref()
            .is_some_and(|text| Identifier::parse(IdentifierType::Iin, text.get()).is_ok())
        {
            self.warn(Place::Field("ref"), "the ref is an IIN: a customer number would be safer to show");
        }
        let names = identifiers.iter().map(SearchKey::of).collect();
        Some(SubjectRow { born: born.map(|day| day.to_string()), identifiers, names })
    }

    fn identifier(&mut self, nth: usize, raw: &RawIdentifier<'_>) -> Option<Identifier> {
        let Some(typed) = self.text(raw.kind.as_ref()) else {
            self.complain(Place::Identifier(nth, "", "type"), "the type is missing");
            return None;
        };
        let Ok(kind) = typed.parse::<IdentifierType>() else {
            let words = IdentifierType::ALL.iter().map(|kind| kind.as_str());
            self.unknown(Place::Identifier(nth, "", "type"), "identifier type", typed, words, true);
            return None;
        };
        let place = Place::Identifier(nth, kind.as_str(), "value");
        match self.text(raw.value.as_ref()) {
            Some(value) => self.read_identifier(place, kind, value),
            None => {
                self.complain(place, "the value is missing");
                None
            }
        }
    }

    /// An identifier in its canonical form.
    pub(super) fn read_identifier(
        &mut self,
        place: Place<'_>,
        kind: IdentifierType,
        value: &str,
    ) -> Option<Identifier> {
        if kind == IdentifierType::Vin {
            self.odd_vin(place, value);
        }
        match Identifier::parse(kind, value) {
            Ok(identifier) => Some(identifier),
            Err(why) => {
                let complaint = self.at(place, why);
                self.wrong(match is_power_of_ten(value) {
                    true => complaint.hint("a spreadsheet made a number of it: format the column as text"),
                    false => complaint,
                });
                None
            }
        }
    }

    /// Cyrillic look-alikes and the check digit: odd, never wrong (only North America binds it).
    fn odd_vin(&mut self, place: Place<'_>, value: &str) {
        if !value.is_ascii() {
            self.warn(place, "the VIN is written with Cyrillic letters; they were read as the Latin ones");
        }
        let vin = Identifier::parse(IdentifierType::Vin, value);
        if vin.is_ok_and(|vin| !identifier::vin_check_digit_fits(&vin)) {
            self.warn(place, "the check digit of the VIN does not fit (it need not outside North America)");
        }
    }
}

/// `9,00101E+11`: a long number after a visit to a spreadsheet.
fn is_power_of_ten(value: &str) -> bool {
    let upper = value.to_uppercase();
    let Some((mantissa, power)) = upper.split_once('E') else { return false };
    let digits =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || ".,+".contains(c));
    digits(mantissa) && digits(power)
}

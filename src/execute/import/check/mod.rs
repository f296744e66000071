//! Is a line right, and what does it say? Pure: the same line, words and day give the same row.
//!
//! All that is wrong with a line is said at once. Deliberately absent: whether what a line refers to
//! exists, which only the end of the file can tell.

mod ledger;
mod payload;
mod record;
mod subject;

use crate::{
    domain::{Moment, Purpose, suggest},
    store::load::row::{Content, Reference, Row},
};

use super::{
    complaint::{Complaint, Complaints, quotable},
    line::Raw,
    place::{Locator, Place, column_of},
    value::Text,
    vocabulary::Vocabulary,
    when::Dates,
};

/// What every line is held against.
#[derive(Clone, Copy)]
pub struct Checker<'v> {
    /// The words of the controller's policy.
    pub vocabulary: &'v Vocabulary,
    /// How dates are written.
    pub dates: Dates,
    /// Now: later dates are odd.
    pub now: Moment,
}

/// What was found wrong.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Wrong: the line cannot be taken.
    pub complaints: Complaints,
    /// Odd: the line is taken.
    pub warnings: Complaints,
}

impl Checker<'_> {
    /// One line as a row; `None` where `found` has a new complaint.
    pub fn check(&self, line: u64, raw: &Raw<'_>, locator: &Locator<'_>, found: &mut Found) -> Option<Row> {
        let before = found.complaints.total();
        let mut desk = Desk { checker: *self, line, locator, found };
        let (reference, subject, content) = match raw {
            Raw::Subject(raw) => {
                let reference = desk.reference("ref", raw.reference.as_ref());
                (reference.clone(), reference, desk.subject(raw).map(Content::Subject))
            }
            Raw::Record(raw) => {
                let content = desk.record(raw).map(|row| Content::Record(Box::new(row)));
                desk.named(raw.reference.as_ref(), raw.subject.as_ref(), content)
            }
            Raw::Consent(raw) => {
                let content = desk.consent(raw).map(Content::Consent);
                desk.named(raw.reference.as_ref(), raw.subject.as_ref(), content)
            }
            Raw::Obligation(raw) => {
                let content = desk.obligation(raw).map(Content::Obligation);
                desk.named(raw.reference.as_ref(), raw.subject.as_ref(), content)
            }
            Raw::Disclosure(raw) => {
                let content = desk.disclosure(raw).map(Content::Disclosure);
                desk.named(raw.reference.as_ref(), raw.subject.as_ref(), content)
            }
            Raw::Contact(raw) => {
                let content = desk.contact(raw).map(Content::Contact);
                desk.named(raw.reference.as_ref(), raw.subject.as_ref(), content)
            }
        };
        if found.complaints.total() > before {
            return None;
        }
        let (reference, subject, content) = (reference?, subject?, content?);
        let mut row = Row { line, reference, subject, content, digest: 0 };
        row.seal();
        Some(row)
    }
}

type Named = (Option<Reference>, Option<Reference>, Option<Content>);

/// One line on the desk.
struct Desk<'a> {
    checker: Checker<'a>,
    line: u64,
    locator: &'a Locator<'a>,
    found: &'a mut Found,
}

impl<'a> Desk<'a> {
    fn at(&self, place: Place<'_>, message: impl Into<String>) -> Complaint {
        at(self.line, self.locator, place, message)
    }

    fn wrong(&mut self, complaint: Complaint) {
        self.found.complaints.push(complaint);
    }

    /// Looked for only where it will be shown: a line of a thousand faults is walked a hundred times at most.
    fn complain(&mut self, place: Place<'_>, message: impl Into<String>) {
        let (line, locator) = (self.line, self.locator);
        self.found.complaints.push_with(|| at(line, locator, place, message));
    }

    fn warn(&mut self, place: Place<'_>, message: impl Into<String>) {
        let (line, locator) = (self.line, self.locator);
        self.found.warnings.push_with(|| at(line, locator, place, message));
    }

    fn missing(&mut self, field: &str) {
        self.wrong(Complaint::line(self.line, format!("`{field}` is missing")));
    }

    fn named(
        &mut self,
        reference: Option<&Text<'_>>,
        subject: Option<&Text<'_>>,
        content: Option<Content>,
    ) -> Named {
        (self.reference("ref", reference), self.reference("subject", subject), content)
    }

    /// A ref that must be there.
    fn reference(&mut self, field: &str, text: Option<&Text<'_>>) -> Option<Reference> {
        match self.optional_reference(field, text) {
            Some(reference) => Some(reference),
            None => {
                self.missing(field);
                None
            }
        }
    }

    /// A ref, with the column it stands in: what it points at is looked for later.
    fn optional_reference(&mut self, field: &str, text: Option<&Text<'_>>) -> Option<Reference> {
        let text = text.filter(|text| !text.get().is_empty())?;
        let column = match self.locator {
            // Where the text was borrowed from; the quotation mark stands one before.
            Locator::Json(line) => text.offset_in(line).map(|at| column_of(line, at.saturating_sub(1))),
            Locator::Csv(_) => None,
        };
        let column = column.unwrap_or_else(|| self.locator.column(Place::Field(field)));
        if text.get().len() > LONGEST_REF {
            self.complain(Place::Field(field), "a ref has at most 200 bytes");
        }
        Some(Reference { text: text.get().to_owned(), column })
    }

    /// A text; empty is the same as absent.
    fn text<'t>(&self, text: Option<&'t Text<'_>>) -> Option<&'t str> {
        text.map(Text::get).filter(|text| !text.is_empty())
    }

    fn required<'t>(&mut self, field: &str, text: Option<&'t Text<'_>>) -> Option<&'t str> {
        let text = self.text(text);
        if text.is_none() {
            self.missing(field);
        }
        text
    }

    fn moment(&mut self, field: &str, text: Option<&Text<'_>>) -> Option<Moment> {
        let text = self.text(text)?;
        self.date(Place::Field(field), text)
    }

    /// A date that has passed; a later one is only odd.
    fn past(&mut self, field: &str, text: Option<&Text<'_>>) -> Option<Moment> {
        let at = self.moment(field, text)?;
        if at > self.checker.now {
            self.warn(Place::Field(field), "this date is in the future");
        }
        Some(at)
    }

    fn required_past(&mut self, field: &str, text: Option<&Text<'_>>) -> Option<Moment> {
        self.required(field, text)?;
        self.past(field, text)
    }

    fn date(&mut self, place: Place<'_>, text: &str) -> Option<Moment> {
        match self.checker.dates.parse(text) {
            Ok(at) => Some(at),
            Err(why) => {
                let complaint = self.at(place, &*why);
                let day_first = why.starts_with("the day stands first");
                self.wrong(if day_first { complaint.hint("add `--dates dd.mm.yyyy`") } else { complaint });
                None
            }
        }
    }

    /// Something may not end before it began.
    fn in_order(&mut self, field: &str, start: Option<Moment>, end: Option<Moment>, before: &str) {
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            self.complain(Place::Field(field), format!("it stands before `{before}`"));
        }
    }

    /// A word of a short list.
    fn word<'w>(&mut self, field: &str, text: &str, known: &[&'w str]) -> Option<&'w str> {
        let found = known.iter().find(|word| **word == text.to_lowercase());
        if found.is_none() {
            self.unknown(Place::Field(field), field, text, known.iter().copied(), true);
        }
        found.copied()
    }

    /// "unknown …", with the nearest word, or the list where it is short.
    fn unknown<'w>(
        &mut self,
        place: Place<'_>,
        noun: &str,
        typed: &str,
        known: impl Iterator<Item = &'w str> + Clone,
        list: bool,
    ) {
        let (line, locator) = (self.line, self.locator);
        self.found.complaints.push_with(|| {
            let complaint = match quotable(typed) {
                Some(word) => at(line, locator, place, format!("unknown {noun} `{word}`")),
                None => at(line, locator, place, format!("unknown {noun}")),
            };
            match suggest::nearest(typed, known.clone()) {
                Some(near) => complaint.hint(format!("did you mean `{near}`?")),
                None if list => {
                    complaint.hint(format!("it is one of {}", known.collect::<Vec<_>>().join(", ")))
                }
                None => complaint,
            }
        });
    }

    fn purposes(&mut self, list: Option<&[Text<'_>]>) -> Vec<Purpose> {
        let list = list.unwrap_or_default().iter().enumerate();
        list.filter_map(|(nth, text)| self.purpose(Place::Item("purposes", nth), self.text(Some(text))?))
            .collect()
    }

    fn purpose(&mut self, place: Place<'_>, typed: &str) -> Option<Purpose> {
        let vocabulary = self.checker.vocabulary;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        if vocabulary.knows_purpose(typed) && typed.chars().all(plain) {
            let known = vocabulary.purposes.iter().find(|known| known.as_str() == typed);
            return Some(known.cloned().unwrap_or_else(|| Purpose::new(typed)));
        }
        self.unknown(place, "purpose", typed, vocabulary.purposes.iter().map(Purpose::as_str), true);
        None
    }
}

fn at(line: u64, locator: &Locator<'_>, place: Place<'_>, message: impl Into<String>) -> Complaint {
    Complaint::line(line, message).column(locator.column(place)).field(place.to_string())
}

const LONGEST_REF: usize = 200;

#[cfg(test)]
mod tests;

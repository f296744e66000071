//! What happens to the people: one agenda of days, drawn once from the seed and filled as life goes on.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate as Day};
use dsr::domain::{Identifier, IdentifierType};

use super::{
    model::{Company, Consent, Deal, Person, Rec},
    world::Dice,
};

#[derive(Clone, Debug)]
pub enum Event {
    Arrive,
    /// The person calls or comes by.
    Contact(usize),
    /// A new record of this category.
    Leave(usize, &'static str),
    Order(usize),
    Close(usize, usize),
    /// The purpose of a record is reached.
    Reach(usize, String),
    Withdraw(usize, usize),
    Renew(usize),
    Ask(usize, u64),
    Answer(usize, dsr::domain::CaseNumber),
    Resume(usize, dsr::domain::CaseNumber, String),
    Lift(usize),
    Hold(usize),
    Release(usize, String),
}

fn quoted(day: Option<Day>, clock: &str) -> String {
    day.map_or("null".into(), |day| format!("\"{day}T{clock}\""))
}

/// A number of somebody born on a day; `None`: that day has none with this serial.
pub fn iin(born: Day, n: usize) -> Option<String> {
    let century = if born.year() < 2000 { 3 } else { 5 };
    let all = (0..10).map(|check| format!("{}{century}99{:02}{check}", born.format("%y%m%d"), n % 100));
    all.into_iter().find(|digits| Identifier::parse(IdentifierType::Iin, digits).is_ok())
}

impl Person {
    pub fn arrives(n: usize, today: Day, dice: &mut Dice) -> Self {
        let company = Company::ALL[dice.roll(2) as usize];
        let age = if dice.chance(8) { 11 * 365 + dice.roll(7 * 365) } else { 20 * 365 + dice.roll(14_000) };
        let born = today - Days::new(age);
        let number = if dice.chance(50) { iin(born, n) } else { None };
        let known = number.is_some() || dice.chance(70);
        Self {
            company,
            reference: format!("C-{n}"),
            born: known.then_some(born),
            iin: number,
            phone: format!("8777{n:07}"),
            records: Vec::new(),
            consents: Vec::new(),
            deals: Vec::new(),
            seen: None,
            shields: Vec::new(),
            asking: 0,
            gone: false,
        }
    }

    pub fn line(&self) -> String {
        let born = self.born.filter(|_| self.iin.is_none());
        let born = born.map_or("null".into(), |day| format!("\"{day}\""));
        let iin =
            self.iin.as_ref().map_or(String::new(), |iin| format!(r#"{{"type":"iin","value":"{iin}"}},"#));
        let (reference, phone) = (&self.reference, &self.phone);
        format!(
            "{{\"kind\":\"subject\",\"ref\":\"{reference}\",\"born\":{born},\"identifiers\":[{iin}{{\"type\":\"phone\",\"value\":\"{phone}\"}}]}}\n"
        )
    }

    pub fn consent(&mut self, scope: &'static str, given: Day, by_parent: bool) -> String {
        let reference = format!("K-{}-{}", self.reference, self.consents.len());
        self.consents.push(Consent { reference, scope, given, expires: None, withdrawn: None, by_parent });
        self.consent_line(self.consents.len() - 1)
    }

    pub fn consent_line(&self, at: usize) -> String {
        let Consent { reference, scope, given, expires, withdrawn, by_parent } = &self.consents[at];
        let (end, out) = (quoted(*expires, "09:00"), quoted(*withdrawn, "15:00"));
        let by = if *by_parent { "parent" } else { "self" };
        format!(
            "{{\"kind\":\"consent\",\"ref\":\"{reference}\",\"subject\":\"{}\",\"scope\":\"{scope}\",\"given_at\":\"{given}T09:00\",\"given_by\":\"{by}\",\"expires_at\":{end},\"withdrawn_at\":{out}}}\n",
            self.reference
        )
    }

    pub fn deal_line(&self, at: usize) -> String {
        let Deal { reference, kind, opened, closed } = &self.deals[at];
        let closed = quoted(*closed, "17:00");
        format!(
            "{{\"kind\":\"obligation\",\"ref\":\"{reference}\",\"subject\":\"{}\",\"type\":\"{kind}\",\"opened_at\":\"{opened}T11:00\",\"closed_at\":{closed}}}\n",
            self.reference
        )
    }

    pub fn record(&mut self, nth: u64, category: &'static str, today: Day, deal: Option<usize>) -> &mut Rec {
        let dated = matches!(category, "service" | "contract");
        let cookie = self.consents.iter().rposition(|c| c.scope == "cookie" && c.withdrawn.is_none());
        self.records.push(Rec {
            reference: format!("R-{nth}"),
            category,
            collected: today,
            contact: None,
            document: dated.then_some(today),
            reached: None,
            deal,
            consent: cookie.filter(|_| category == "cookie"),
            by_self: true,
            archived: None,
        });
        if category == "service" {
            self.saw(today);
        }
        self.records.last_mut().unwrap()
    }

    pub fn record_line(&self, rec: &Rec) -> String {
        let data = match rec.category {
            "contact" => format!(r#"{{"given_name":"Асель","phone":"{}"}}"#, self.phone),
            "technical" => r#"{"ip":"192.0.2.7"}"#.into(),
            "usage" => r#"{"page":"/cars"}"#.into(),
            "cookie" => r#"{"cookie_id":"c-1"}"#.into(),
            "account" => format!(r#"{{"account":"ACC-{}"}}"#, self.reference),
            "correspondence" => r#"{"text":"a question"}"#.into(),
            "vehicle" => r#"{"make":"Tiva"}"#.into(),
            "service" => format!(r#"{{"order":"1","date":"{}"}}"#, rec.collected),
            "contract" => format!(r#"{{"number":"1","signed_at":"{}"}}"#, rec.collected),
            "payment" => r#"{"bank":"Bank"}"#.into(),
            _ => r#"{"given_name":"Асель"}"#.into(),
        };
        let named = |name: Option<&String>| name.map_or("null".into(), |name| format!("\"{name}\""));
        let deal = named(rec.deal.map(|at| &self.deals[at].reference));
        let consent = named(rec.consent.map(|at| &self.consents[at].reference));
        let (contact, reached) = (quoted(rec.contact, "10:00"), quoted(rec.reached, "16:00"));
        let given_by = if rec.by_self { "self" } else { "partner" };
        let mut text = String::new();
        let (reference, person, category) = (&rec.reference, &self.reference, rec.category);
        write!(
            text,
            r#"{{"kind":"record","ref":"{reference}","subject":"{person}","category":"{category}","#
        )
        .unwrap();
        write!(text, r#""collected_at":"{}T10:00","last_contact_at":{contact},"#, rec.collected).unwrap();
        write!(text, r#""purpose_reached_at":{reached},"obligation":{deal},"consent":{consent},"#).unwrap();
        writeln!(text, r#""source":"form","given_by":"{given_by}","purposes":["service"],"data":{data}}}"#)
            .unwrap();
        text
    }
}

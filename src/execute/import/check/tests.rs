//! Lines that are wrong or odd, with what is said about them.

use super::{
    super::{json, vocabulary::sample},
    *,
};

fn check(line: &str, dates: Dates) -> (Option<Row>, Found) {
    let vocabulary = sample::vocabulary();
    let now = Moment::from_unix(1_795_300_000); // 22 November 2026
    let checker = Checker { vocabulary: &vocabulary, dates, now };
    let mut found = Found::default();
    let row = match json::parse(1, line) {
        Ok(raw) => checker.check(1, &raw, &Locator::Json(line), &mut found),
        Err(complaint) => {
            found.complaints.push(complaint);
            None
        }
    };
    (row, found)
}

/// Without line and column: where a field stands is tested beside the locator.
fn said(complaints: &Complaints) -> Vec<String> {
    let bare = |one: &Complaint| Complaint { line: 1, column: 0, ..one.clone() }.to_string();
    complaints.shown().iter().map(|one| bare(one).trim_start_matches("1: ").to_owned()).collect()
}

/// A record of which only the end is given.
fn record(rest: &str) -> String {
    format!(
        r#"{{"kind":"record","ref":"R-1","subject":"C-1","source":"call","collected_at":"2024-05-01",{rest}}}"#
    )
}

#[test]
fn wrong_lines() {
    let subject = |rest: &str| format!(r#"{{"kind":"subject","ref":"C-1",{rest}}}"#);
    let iin = |value: &str| subject(&format!(r#""identifiers":[{{"type":"iin","value":"{value}"}}]"#));
    let contact = |data: &str| record(&format!(r#""category":"contact","data":{{{data}}}"#));
    for (line, complaints) in [
        (iin("900101399990"), &["identifier.iin: the check digit of the IIN is wrong"][..]),
        (iin("900101399750"), &["identifier.iin: the check digit of the IIN is wrong"]),
        (iin("900230399991"), &["identifier.iin: the first six digits of the IIN are not a date"]),
        (iin("900101899999"), &["identifier.iin: the seventh digit of the IIN is not assigned"]),
        (iin("90010139999"), &["identifier.iin: an IIN has 12 digits; this one has 11: a leading zero may have been lost by a spreadsheet"]),
        (iin("9001013999988"), &["identifier.iin: an IIN has exactly 12 digits"]),
        (iin("9,00101E+11"), &["identifier.iin: an IIN has exactly 12 digits (a spreadsheet made a number of it: format the column as text)"]),
        (iin(""), &["identifier.iin: the value is missing"]),
        (subject(r#""identifiers":[{"type":"passport","value":"N1"}]"#), &["identifiers.type: unknown identifier type `passport` (it is one of iin, account, phone, email, vin, plate)"]),
        (subject(r#""identifiers":[{"value":"N1"}]"#), &["identifiers.type: the type is missing"]),
        (subject(r#""born":"1990-02-30""#), &["born: no such date"]),
        (contact(r#""phone":"12345""#), &["data.phone: a phone number is +7 or 8 and ten digits, or + and a foreign number"]),
        (contact(r#""phone":87010000001"#), &["data.phone: write it in quotation marks: a number loses its leading zeros"]),
        (contact(r#""email":"nobody","phone":"x""#), &[
            "data.email: an e-mail address looks like name@example.kz",
            "data.phone: a phone number has digits, spaces, brackets and dashes only",
        ]),
        (contact(r#""fone":"8701""#), &["data.fone: unknown field `fone` (did you mean `phone`?)"]),
        (contact(r#""87010000001":"x""#), &["data: unknown field (it is one of given_name, family_name, patronymic, phone, email, address)", ]),
        (contact(r#""address":{"city":"x"}"#), &["data.address: an object cannot stand here"]),
        (contact(""), &["data: the payload is empty: there is nothing to keep"]),
        (record(r#""category":"contcat","data":{"phone":"87010000001"}"#), &["category: unknown category `contcat` (did you mean `contact`?)"]),
        (record(r#""category":"vehicle","data":{"year":"new","vin":"SHORT"}"#), &[
            "data.year: a number is expected here",
            "data.vin: a VIN has 17 letters and digits, without I, O and Q",
        ]),
        (record(r#""category":"service","data":{"date":"01.02.2024"}"#), &["data.date: the day stands first in this date (add `--dates dd.mm.yyyy`)"]),
        (record(r#""category":"service","data":{"amount":12345678901234567890}"#), &["data.amount: the number has more than 15 digits, which would be rounded: write it as text"]),
        (record(r#""category":"contact","purposes":["service","promotoin"],"data":{"phone":"87010000001"}"#), &["purposes: unknown purpose `promotoin` (did you mean `promotion`?)"]),
        (r#"{"kind":"record"}"#.to_owned(), &["`collected_at` is missing", "`category` is missing", "`ref` is missing", "`subject` is missing"]),
        (r#"{"kind":"consent","ref":"K-1","subject":"C-1","scope":"advert","given_at":"2024-01-01"}"#.to_owned(), &["scope: unknown scope `advert` (it is one of processing, promotion, cookie, biometric, third_party, cross_border, publication)"]),
        (r#"{"kind":"consent","ref":"K-1","subject":"C-1","scope":"cookie","given_at":"2024-01-01","withdrawn_at":"2023-01-01","given_by":"wife"}"#.to_owned(), &["withdrawn_at: it stands before `given_at`", "given_by: unknown given_by `wife` (it is one of self, parent, representative)"]),
        (r#"{"kind":"obligation","ref":"O-1","subject":"C-1","type":"workorder","opened_at":"2024-01-01","closed_at":"2023-01-01"}"#.to_owned(), &["type: unknown type `workorder` (did you mean `work_order`?)", "closed_at: it stands before `opened_at`"]),
        (r#"{"kind":"disclosure","ref":"D-1","subject":"C-1","recipient":"x","country":"Kazakhstan","purpose":"service","basis":"contract","at":"2024-01-01"}"#.to_owned(), &["country: no country has this code: it is two letters, such as KZ", "`categories` is missing"]),
        (r#"{"kind":"contact","ref":"T-1","subject":"C-1","at":"2024-01-01","direction":"inbound"}"#.to_owned(), &["direction: unknown direction `inbound` (did you mean `in`?)"]),
    ] {
        let (row, found) = check(&line, Dates::Iso);
        assert_eq!(said(&found.complaints), complaints, "{line}");
        assert!(row.is_none(), "{line}");
    }
}

#[test]
fn no_complaint_repeats_a_value() {
    let secret = "Zq7Жx";
    for field in
        ["ref", "subject", "category", "collected_at", "last_contact_at", "purposes", "source", "data"]
    {
        for value in [
            format!("\"{secret}\""),
            format!("[\"{secret}\"]"),
            format!("{{\"phone\":\"{secret}\"}}"),
            format!("{{\"{secret}\":1}}"),
        ] {
            let line = format!(r#"{{"kind":"record","{field}":{value}}}"#);
            let (_, found) = check(&line, Dates::Iso);
            let text = format!("{:?}", found);
            assert!(!text.contains(secret), "{line}: {text}");
            assert!(!found.complaints.is_empty());
        }
    }
}

#[test]
fn odd_lines() {
    let record = |rest: &str| record(rest);
    for (line, warnings) in [
        (r#"{"kind":"subject","ref":"C-1","born":"1991-01-01","identifiers":[{"type":"iin","value":"900101399998"}]}"#.to_owned(), &["born: the IIN tells another birth date"][..]),
        (r#"{"kind":"subject","ref":"900101399998"}"#.to_owned(), &["ref: the ref is an IIN: a customer number would be safer to show"]),
        (record(r#""category":"vehicle","data":{"vin":"LGWEF4A5ХНВ000017"}"#), &[
            "data.vin: the VIN is written with Cyrillic letters; they were read as the Latin ones",
            "data.vin: the check digit of the VIN does not fit (it need not outside North America)",
        ]),
        (record(r#""category":"contact","data":{"given_name":"РђСЃРµР»СЊ"}"#), &["data.given_name: the text looks broken: UTF-8 that was read as windows-1251 before"]),
        (record(r#""category":"contact","last_contact_at":"2027-01-01","data":{"address":"x"}"#), &["last_contact_at: this date is in the future"]),
        (record(r#""category":"identity","data":{"birth_date":"1990-01-02","iin":"900101399998"}"#), &["data.birth_date: the IIN tells another birth date"]),
        (r#"{"kind":"record","ref":"R-1","subject":"C-1","collected_at":"2024-05-01","category":"contact","data":{"address":"x"}}"#.to_owned(), &["source: no source is named; an access answer has to name it"]),
    ] {
        let (row, found) = check(&line, Dates::Iso);
        assert_eq!(said(&found.complaints), Vec::<String>::new(), "{line}");
        assert_eq!(said(&found.warnings), warnings, "{line}");
        assert!(row.is_some(), "{line}");
    }
}

#[test]
fn payloads_have_one_form() {
    for (category, data, json) in [
        (
            "contact",
            r#"{"phone":" 8 (701) 000-00-01 ","given_name":"Әсел","email":null,"address":""}"#,
            r#"{"given_name":"Әсел","phone":"8 (701) 000-00-01"}"#,
        ),
        ("vehicle", r#"{"year":"2 021","make":"A\u0042"}"#, r#"{"make":"AB","year":2021}"#),
        (
            "service",
            r#"{"works":"oil|filter","amount":"1 250 000,50","date":"05.02.2024"}"#,
            r#"{"amount":1250000.5,"date":"2024-02-05","works":["oil","filter"]}"#,
        ),
        (
            "service",
            r#"{"works":["oil","filter"],"amount":1250000.50,"date":"2024-02-05"}"#,
            r#"{"amount":1250000.5,"date":"2024-02-05","works":["oil","filter"]}"#,
        ),
        ("unlisted", r#"{"hobby":"x","n":5,"on":true}"#, r#"{"hobby":"x","n":5,"on":true}"#),
    ] {
        let (row, found) =
            check(&record(&format!(r#""category":"{category}","data":{data}"#)), Dates::DayFirst);
        assert_eq!(said(&found.complaints), Vec::<String>::new(), "{data}");
        let Some(Content::Record(row)) = row.map(|row| row.content) else {
            return assert_eq!(data, "a record");
        };
        assert_eq!(row.data, json);
    }
}

#[test]
fn dates_of_documents_and_people_in_payloads() {
    let line = record(r#""category":"service","data":{"date":"2024-02-05"}"#);
    let Some(Content::Record(row)) = check(&line, Dates::Iso).0.map(|row| row.content) else {
        return assert_eq!(line, "a record");
    };
    let visit = Moment::parse("2024-02-05").ok();
    assert_eq!((row.document_at, row.activity_at), (visit, visit));

    let line = record(r#""category":"service","document_at":"2024-03-01","data":{"date":"2024-02-05"}"#);
    let Some(Content::Record(row)) = check(&line, Dates::Iso).0.map(|row| row.content) else {
        return assert_eq!(line, "a record");
    };
    assert_eq!((row.document_at, row.activity_at), (Moment::parse("2024-03-01").ok(), visit));

    let line = record(
        r#""category":"contact","data":{"given_name":"Асель","phone":"87010000001","family_name":"Омарова"}"#,
    );
    let Some(Content::Record(row)) = check(&line, Dates::Iso).0.map(|row| row.content) else {
        return assert_eq!(line, "a record");
    };
    let keys: Vec<_> = row.names.iter().map(|name| (name.code, name.key.as_str())).collect();
    assert_eq!(keys, [(3, "+77010000001"), (7, "омарова асель")]);
}

#[test]
fn the_digest_sees_content_and_nothing_else() {
    let digest = |line: &str| check(line, Dates::Iso).0.map(|row| row.digest);
    let one = record(r#""category":"contact","data":{"phone":"87010000001","address":"x"}"#);
    let same = record(r#""data":{"address":"x","phone":"87010000001"},"category":"contact","purposes":[]"#);
    let other = record(r#""category":"contact","data":{"phone":"87010000002","address":"x"}"#);
    assert!(digest(&one).is_some());
    assert_eq!(digest(&one), digest(&same));
    assert_ne!(digest(&one), digest(&other));
}

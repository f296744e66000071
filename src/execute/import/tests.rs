//! Whole imports into a store on disk.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{io::Cursor, time::Duration};

use tempfile::TempDir;

use super::{vocabulary::sample, *};
use crate::{
    domain::{Identifier, IdentifierType, Kind},
    store::{CreateOptions, Mode, load::row::RowKind},
};

/// A store of its own, and what an import says.
struct Bench {
    _directory: TempDir,
    store: Store,
    options: Options,
    drawn: u8,
}

const NOW: i64 = 1_795_300_000; // 22 November 2026

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let now = Moment::from_unix(NOW);
        let create = CreateOptions { controller: None, drill_since: None, store_id: [1; 16], now };
        let path = directory.path().join("store.db");
        Store::create(&path, &create).unwrap();
        let store = Store::open(&path, Mode::ReadWrite, Duration::ZERO).unwrap();
        let options = Options {
            controller: "mycar".into(),
            encoding: Encoding::Utf8,
            dates: Dates::Iso,
            keep_going: false,
            dry_run: false,
            now,
        };
        Self { _directory: directory, store, options, drawn: 0 }
    }

    fn keep_going() -> Self {
        let mut bench = Self::new();
        bench.options.keep_going = true;
        bench
    }

    fn input(&mut self, input: Input) -> Result<ImportReport> {
        let drawn = &mut self.drawn;
        let mut ids = || {
            *drawn += 1;
            SubjectId::from_bytes([*drawn; 16])
        };
        let words = sample::vocabulary();
        import(input, &self.options, &words, (&mut self.store, None), &mut ids, &mut |_| (), |_, _| Ok(()))
    }

    fn lines(&mut self, lines: &[&str]) -> Result<ImportReport> {
        self.input(Input::stream("f", Cursor::new(lines.join("\n").into_bytes())))
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<ImportReport> {
        let path = self._directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        self.input(Input::open(&path)?)
    }

    /// Records, search keys and people in the store.
    fn held(&mut self) -> [usize; 3] {
        let mut held = [0; 3];
        self.store
            .read(|view| {
                for n in 1..=20 {
                    let id = SubjectId::from_bytes([n; 16]);
                    if view.by_id("mycar", id)?.is_some() {
                        let facts = view.facts("mycar", id)?;
                        held[0] += facts.records.len();
                        held[1] += facts.identifiers.len();
                        held[2] += 1;
                    }
                }
                Ok(())
            })
            .unwrap();
        held
    }

    fn finds(&mut self, phone: &str) -> usize {
        let phone = Identifier::parse(IdentifierType::Phone, phone).unwrap();
        self.store.read(|view| Ok(view.by_identifier("mycar", &phone)?.len())).unwrap()
    }
}

/// `added/updated/unchanged`.
fn counts(report: &ImportReport) -> String {
    format!("{}/{}/{}", report.added.total(), report.updated.total(), report.unchanged.total())
}

fn said(complaints: &Complaints) -> Vec<String> {
    complaints.shown().iter().map(ToString::to_string).collect()
}

fn picture(done: Result<ImportReport>) -> String {
    let error = done.unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    error.picture_text().unwrap_or_default().to_owned()
}

const SUBJECT: &str =
    r#"{"kind":"subject","ref":"C-1","identifiers":[{"type":"iin","value":"900101399998"}]}"#;
const RECORD: &str = r#"{"kind":"record","ref":"R-1","subject":"C-1","category":"contact","source":"call","collected_at":"2024-01-01","obligation":"O-1","consent":"K-1","data":{"phone":"8 701 000 00 01","given_name":"Әсел"}}"#;
const CONSENT: &str =
    r#"{"kind":"consent","ref":"K-1","subject":"C-1","scope":"processing","given_at":"2024-01-01"}"#;
const DEAL: &str = r#"{"kind":"obligation","ref":"O-1","subject":"C-1","type":"purchase","opened_at":"2024-01-01","closed_at":null}"#;
const DISCLOSURE: &str = r#"{"kind":"disclosure","ref":"D-1","subject":"C-1","recipient":"Bank","country":"kz","categories":["contact"],"purpose":"service","basis":"contract","at":"2024-02-01"}"#;
const CONTACT: &str = r#"{"kind":"contact","ref":"T-1","subject":"C-1","at":"2024-03-01","direction":"in"}"#;

#[test]
fn every_kind_twice() {
    let mut bench = Bench::new();
    // What is named comes after what names it: references are checked at the end of the file.
    let all = [RECORD, DISCLOSURE, CONTACT, CONSENT, DEAL, SUBJECT];
    let report = bench.lines(&all).unwrap();
    assert_eq!(counts(&report), "6/0/0");
    assert!(RowKind::ALL.iter().all(|kind| report.read.of(*kind) == 1));
    let again = bench.lines(&all).unwrap();
    assert_eq!(counts(&again), "0/0/6");
    assert_eq!((bench.drawn, bench.held(), bench.finds("87010000001")), (1, [1, 2, 1], 1));
    let id = SubjectId::from_bytes([1; 16]);
    let facts = bench.store.read(|view| view.facts("mycar", id)).unwrap();
    assert_eq!(facts.disclosures[0].country, "KZ");
    assert!(facts.contacts[0].inbound && facts.consents.len() == 1 && facts.open_obligations().count() == 1);
}

#[test]
fn new_content_updates() {
    let mut bench = Bench::new();
    bench.lines(&[SUBJECT, CONSENT, DEAL, RECORD]).unwrap();
    let moved = RECORD.replace("000 00 01", "000 00 02");
    let closed = DEAL.replace(r#""closed_at":null"#, r#""closed_at":"2024-06-01""#);
    let born = SUBJECT.replace(r#""ref":"C-1","#, r#""ref":"C-1","born":"1990-01-01","#);
    let report = bench.lines(&[&moved, &closed, &born, CONSENT]).unwrap();
    assert_eq!(counts(&report), "0/3/1");
    assert_eq!((bench.finds("87010000001"), bench.finds("87010000002")), (0, 1));
    let facts = bench.store.read(|view| view.facts("mycar", SubjectId::from_bytes([1; 16]))).unwrap();
    assert_eq!(facts.records[0].key.version, 2);
    assert_eq!(facts.open_obligations().count(), 0);
    assert_eq!(facts.born, "1990-01-01".parse().ok());
}

#[test]
fn a_changed_record_may_rest_on_what_comes_later() {
    let mut bench = Bench::new();
    bench.lines(&[SUBJECT, CONSENT, DEAL, RECORD]).unwrap();
    let moved = RECORD.replace("O-1", "O-2");
    let deal = DEAL.replace("O-1", "O-2");
    assert_eq!(counts(&bench.lines(&[&moved, &deal]).unwrap()), "1/1/0");
    let dangling = picture(bench.lines(&[&RECORD.replace("O-1", "O-3")]));
    assert_eq!(dangling, "f:1: the obligation or consent it names is neither in this file nor in the store");
}

#[test]
fn all_or_nothing() {
    let mut bench = Bench::new();
    let wrong = RECORD.replace("8 701", "12");
    let said = picture(bench.lines(&[SUBJECT, CONSENT, DEAL, &wrong]));
    assert_eq!(
        said,
        "f:4:162: data.phone: a phone number is +7 or 8 and ten digits, or + and a foreign number"
    );
    assert_eq!(bench.held(), [0, 0, 0]);
    bench.options.keep_going = true;
    let report = bench.lines(&[SUBJECT, CONSENT, DEAL, &wrong]).unwrap();
    assert_eq!((counts(&report), report.left_out.total()), ("3/0/0".into(), 1));
    assert_eq!(bench.held(), [0, 1, 1]);
}

#[test]
fn a_dry_run_says_the_same_and_leaves_nothing() {
    let mut bench = Bench::new();
    let all = [SUBJECT, CONSENT, DEAL, RECORD];
    bench.options.dry_run = true;
    let dry = bench.lines(&all).unwrap();
    assert_eq!(bench.held(), [0, 0, 0]);
    bench.options.dry_run = false;
    let real = bench.lines(&all).unwrap();
    assert_eq!(dry, ImportReport { dry_run: true, ..real });
}

#[test]
fn references_that_lead_nowhere() {
    let stranger = RECORD.replace("C-1", "C-9");
    let other = SUBJECT.replace("C-1", "C-2").replace("900101399998", "900101499994");
    let bad = SUBJECT.replace("900101399998", "900101399990").replace("C-1", "C-3");
    let of_bad = CONTACT.replace("C-1", "C-3").replace("T-1", "T-3");
    for (lines, said) in [
        (
            vec![SUBJECT, CONSENT, RECORD],
            vec!["3:124: obligation: the obligation it names is neither in this file nor in the store"],
        ),
        (
            vec![SUBJECT, CONTACT, &stranger],
            vec![
                "3:40: subject: the subject it names is neither in this file nor in the store",
                "3:124: obligation: the obligation it names is neither in this file nor in the store",
                "3:140: consent: the consent it names is neither in this file nor in the store",
            ],
        ),
        (
            vec![&bad, &of_bad],
            vec![
                "1:68: identifier.iin: the check digit of the IIN is wrong",
                "2:41: subject: the subject it names stands on line 1, which is wrong",
            ],
        ),
        (vec![SUBJECT, SUBJECT], vec!["2:25: ref: the same ref stands on an earlier line"]),
        (vec![SUBJECT, CONTACT, CONTACT], vec!["3:25: ref: the same ref stands on an earlier line"]),
        (
            vec![SUBJECT, &other, CONSENT, DEAL, RECORD, CONTACT, RECORD],
            vec!["7: ref: the same ref stands on an earlier line"],
        ),
        (
            vec![SUBJECT, &other, CONSENT, DEAL, &RECORD.replace("C-1", "C-2")],
            vec!["5: obligation: the obligation is another person's"],
        ),
    ] {
        let lines: Vec<&str> = lines.into_iter().collect();
        let mut bench = Bench::new();
        let expected: Vec<String> = said.iter().map(|line| format!("f:{line}")).collect();
        assert_eq!(picture(bench.lines(&lines)), expected.join("\n"));
        assert_eq!(bench.held(), [0, 0, 0]);
        let mut bench = Bench::keep_going();
        let report = bench.lines(&lines).unwrap();
        assert_eq!(self::said(&report.left_out), said);
        assert!(bench.store.quick_check().is_ok());
        let again = bench.lines(&lines).unwrap();
        assert_eq!(
            (again.added.total(), again.unchanged.total()),
            (0, report.added.total()),
            "left out for good"
        );
    }
}

#[test]
fn a_ref_does_not_change_hands() {
    let mut bench = Bench::new();
    bench.lines(&[SUBJECT, CONTACT]).unwrap();
    let other = SUBJECT.replace("C-1", "C-2").replace("900101399998", "900101499994");
    let said = picture(bench.lines(&[&other, &CONTACT.replace("C-1", "C-2")]));
    assert_eq!(said, "f:2:25: ref: in the store this ref belongs to another person");
    bench.options.controller = "automaster".into();
    assert_eq!(
        counts(&bench.lines(&[SUBJECT, CONTACT]).unwrap()),
        "2/0/0",
        "another controller is a stranger"
    );
}

#[test]
fn a_second_file_may_name_people_of_the_first() {
    let mut bench = Bench::new();
    bench.lines(&[SUBJECT, DEAL, CONSENT]).unwrap();
    assert_eq!(counts(&bench.lines(&[RECORD]).unwrap()), "1/0/0");
    let twice = picture(bench.lines(&[&RECORD.replace("R-1", "R-2"), &RECORD.replace("R-1", "R-2")]));
    assert_eq!(twice, "f:2:24: ref: the same ref stands on an earlier line");
    let twice = picture(bench.lines(&[RECORD, RECORD]));
    assert_eq!(twice, "f:2:24: ref: the same ref stands on an earlier line");
}

#[test]
fn sheets_of_spreadsheets() {
    let people = "\u{feff}ref;born;identifier.iin;identifier.phone\r\nC-1;01.01.1990;900101399998;8 (701) 000-00-01|8 701 000 00 02\r\n";
    let records = "ref;subject;category;collected_at;source;purposes;data.family_name;data.phone\r\nR-1;C-1;contact;05.02.2024 10:30;call;service|promotion;Омарова;87010000003\r\n";
    let mut bench = Bench::new();
    bench.options.dates = Dates::DayFirst;
    assert_eq!(counts(&bench.file("subjects.csv", people.as_bytes()).unwrap()), "1/0/0");
    let said = bench.file("mycar-records.csv", &encoding_rs::WINDOWS_1251.encode(records).0).unwrap_err();
    assert_eq!(said.hint_text(), Some("add `--encoding windows-1251`"));
    bench.options.encoding = Encoding::Windows1251;
    let report = bench.file("mycar-records.csv", &encoding_rs::WINDOWS_1251.encode(records).0).unwrap();
    assert_eq!(counts(&report), "1/0/0");
    assert_eq!(bench.held(), [1, 4, 1]);
    let found = bench.store.read(|view| view.by_name("mycar", "омарова")).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn a_sheet_names_row_and_cell() {
    let mut bench = Bench::new();
    let records = "ref,subject,category,collected_at,source,data.phone\nR-1,C-1,contact,2024-02-30,call,12\n";
    let said = picture(
        bench
            .input(Input::stream("x", Cursor::new(format!("kind,{}", records.replace("\nR", "\nrecord,R"))))),
    );
    assert_eq!(
        said,
        "x:2:5: collected_at: no such date\nx:2:7: data.phone: a phone number is +7 or 8 and ten digits, or + and a foreign number"
    );
}

#[test]
fn a_cut_file_is_noticed() {
    let mut bench = Bench::new();
    let said = picture(bench.lines(&[SUBJECT, &RECORD[..90]]));
    assert_eq!(said, "f:2:90: the line ends in the middle of a value (the file may be cut off here)");
}

#[test]
fn many_lines_keep_their_numbers_and_order() {
    let mut bench = Bench::new();
    let mut lines = vec![SUBJECT.to_owned()];
    for n in 0..6_000 {
        let data = "x".repeat(100);
        lines.push(format!(r#"{{"kind":"record","ref":"R-{n}","subject":"C-1","category":"contact","source":"call","collected_at":"2024-01-01","data":{{"address":"{data}"}}}}"#));
    }
    lines.push(lines[5_000].clone());
    let mut seen = Vec::new();
    let words = sample::vocabulary();
    let input = |lines: &[String]| Input::stream("f", Cursor::new(lines.join("\n").into_bytes()));
    let mut ids = || SubjectId::from_bytes([9; 16]);
    let done = import(
        input(&lines),
        &bench.options,
        &words,
        (&mut bench.store, None),
        &mut ids,
        &mut |_| (),
        |_, _| Ok(()),
    );
    assert_eq!(picture(done), "f:6002: ref: the same ref stands on an earlier line");
    lines.pop();
    let mut progress = |at: Progress| seen.push((at.bytes, at.rows));
    let report = import(
        input(&lines),
        &bench.options,
        &words,
        (&mut bench.store, None),
        &mut ids,
        &mut progress,
        |_, _| Ok(()),
    )
    .unwrap();
    assert_eq!(report.added.of(RowKind::Record), 6_000);
    assert!(seen.len() > 3 && seen.is_sorted() && seen.last().unwrap().1 == 6_001);
}

#[test]
fn the_seal_belongs_to_the_import() {
    let mut bench = Bench::new();
    let words = sample::vocabulary();
    let mut ids = || SubjectId::from_bytes([9; 16]);
    let input = Input::stream("f", Cursor::new(SUBJECT.as_bytes()));
    let refuse = |_: &Tx<'_>, report: &ImportReport| {
        assert_eq!(report.added.total(), 1);
        Err(Error::new(Kind::Failed, "no audit entry, no action"))
    };
    let done = import(input, &bench.options, &words, (&mut bench.store, None), &mut ids, &mut |_| (), refuse);
    assert_eq!(done.unwrap_err().kind(), Kind::Failed);
    assert_eq!(counts(&bench.lines(&[SUBJECT]).unwrap()), "1/0/0");
}

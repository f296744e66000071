//! Words: what an officer reads is in their language, whole and with nothing that nobody says.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "tidy/source.rs"]
#[expect(dead_code, reason = "the house rules use the rest")]
mod source;

use std::{collections::BTreeSet, path::Path};

use common::World;
use source::{Source, files, literals};

const PHRASES: &str = concat!(
    include_str!("../src/render/locales/phrases.en.ftl"),
    include_str!("../src/render/locales/errors.en.ftl")
);
const WORDS: &str = include_str!("../src/render/locales/en.ftl");
const STATUTE: &str = include_str!("../policies/kz.yaml");
const CALENDAR: &str = include_str!("../policies/kz.calendar.yaml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A sentence with its holes emptied: `{name}`, `{}` and `{ $name }` are one.
fn skeleton(text: &str) -> String {
    let (mut flat, mut depth) = (String::new(), 0);
    for c in text.replace("{{", "\u{1}").replace("}}", "\u{2}").chars() {
        match c {
            '{' => {
                depth += 1;
                flat.push('\u{0}');
            }
            '}' => depth -= 1,
            c if depth == 0 => flat.push(c),
            _ => {}
        }
    }
    flat
}

/// Every text in the source, lines that were broken with a backslash joined.
fn spoken() -> Vec<String> {
    let tree = Source::under(&root().join("src"));
    let texts =
        tree.iter().flat_map(|file| literals(&file.text, &file.code)).map(|(_, text)| text.to_owned());
    texts.map(|text| text.split("\\\n").map(str::trim_start).collect::<String>()).collect()
}

#[test]
fn every_sentence_is_said_somewhere() {
    // The statute's title is said from its file.
    let title = STATUTE.lines().find_map(|line| line.strip_prefix("title: ")).unwrap();
    let said: BTreeSet<String> = spoken().iter().map(String::as_str).chain([title]).map(skeleton).collect();
    let lost: Vec<&str> = PHRASES
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(key, _)| {
            !["fault-", "holiday-", "composed-length-"].iter().any(|kind| key.starts_with(kind))
        })
        .filter(|(_, text)| {
            // A step by hand is put together of its verb, what it is about, and who does it.
            let task = text.strip_suffix(" until { $last }").unwrap_or(text);
            let task = skeleton(task.strip_suffix(" ({ $owner })").unwrap_or(task));
            !said.contains(&skeleton(text))
                && !said.contains(task.trim_end_matches(" \0"))
                && !said.contains(&task)
        })
        .map(|(key, _)| key)
        .collect();
    assert_eq!(lost, [""; 0], "no source says these any more");
    let holidays = PHRASES.lines().filter_map(|line| line.strip_prefix("holiday-")?.split_once(" = "));
    for (key, name) in holidays.filter(|(_, name)| !name.contains('{')) {
        assert!(CALENDAR.contains(name), "{key}");
    }
}

/// What a check of a map says goes through a finding, a fault or a note: any text with a blank in it may be read.
#[test]
fn every_finding_of_a_map_has_its_words_in_three_languages() {
    let known: BTreeSet<String> =
        PHRASES.lines().filter_map(|line| Some(skeleton(line.split_once(" = ")?.1))).collect();
    let tree = Source::under(&root().join("src/system"));
    let is_said =
        |text: &str| text.trim_matches([',', ' ']).contains(' ') && !["dsr map check"].contains(&text);
    let mut lost = Vec::new();
    for place in ["check/", "map/"] {
        let files: Vec<&Source> = tree
            .iter()
            .filter(|file| {
                file.path.starts_with(place) && file.path != "map/raw.rs" && file.path != "map/mod.rs"
            })
            .collect();
        assert!(files.len() > 5, "{place}");
        for file in files {
            for (at, text) in literals(&file.text, &file.code) {
                let text = text.replace("\\\"", "\"");
                if is_said(&text) && !known.contains(&skeleton(&text)) {
                    lost.push(format!("{}: {text}", file.place(at)));
                }
            }
        }
    }
    assert_eq!(lost, [""; 0], "add these to src/render/locales/errors.*.ftl, in three languages");
}

/// Where a sentence goes that an officer reads as an error, a hint or a note.
const SAID_BY: [&str; 7] =
    ["Error::usage(", "Error::config(", "Error::new(", ".hint(", ".note(", "damaged(", "Complaint::line("];

/// Sentences for which nobody has found the words yet.
const LATER: &[&str] = &[];

/// What is said by one of these, by its place: the literal may stand in a `format!`, or behind a kind.
fn is_said(code: &str, quote: usize) -> bool {
    let before = code[..quote].trim_end();
    let before = before.strip_suffix("format!(").unwrap_or(before).trim_end().trim_end_matches('&');
    let behind_a_kind = before.strip_suffix(',').and_then(|rest| {
        let word = rest.trim_end_matches(|c: char| c.is_alphanumeric() || c == ':');
        (word.len() < rest.len()).then_some(word.trim_end())
    });
    [Some(before), behind_a_kind]
        .into_iter()
        .flatten()
        .any(|text| SAID_BY.iter().any(|way| text.ends_with(way)))
}

#[test]
fn every_error_has_its_words_in_three_languages() {
    let known: BTreeSet<String> =
        PHRASES.lines().filter_map(|line| Some(skeleton(line.split_once(" = ")?.1))).collect();
    let tree = Source::under(&root().join("src"));
    let mut checked = 0;
    let mut lost = Vec::new();
    for file in &tree {
        for (at, text) in
            literals(&file.text, &file.code).into_iter().filter(|(at, _)| is_said(&file.code, *at))
        {
            checked += 1;
            let text = text.split("\\\n").map(str::trim_start).collect::<String>().replace("\\\"", "\"");
            if !text.is_empty() && !known.contains(&skeleton(&text)) && !LATER.contains(&text.as_str()) {
                lost.push(format!("{}: {text}", file.place(at)));
            }
        }
    }
    assert!(checked > 500, "{checked}");
    assert_eq!(lost, [""; 0], "add these to src/render/locales/errors.*.ftl, in three languages");
}

/// Words of closed lists (`category-contact`, `action-destroy`) are used by their group.
#[test]
fn every_word_is_used_somewhere() {
    let groups = [
        "category",
        "purpose",
        "source",
        "scope",
        "right",
        "state",
        "clock",
        "field",
        "action",
        "decision",
        "destruction",
        "wait",
        "event",
        "channel",
        "identity",
        "binding",
        "kind",
        "urgency",
        "verdict",
        "column",
        "plan",
        "import",
        "weekday",
        "hold",
        "law",
        "question",
        "duty",
        "refusal",
        "authority",
        "finding",
        "decided",
        "letter",
        "not-reached",
        "compliance",
        "vocabulary",
        "company",
        "language",
        "elsewhere",
        "given-by",
        "lateness",
        "change",
        "method",
        "look-up",
        "clause",
        "pause",
        "item",
        "value",
        "way",
        "cause",
        "gives",
    ];
    let pages = files(&root().join("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "html"));
    let pages: Vec<String> = pages.map(|page| std::fs::read_to_string(page).unwrap()).collect();
    let said: BTreeSet<String> = spoken().into_iter().collect();
    let keys = WORDS.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let lost: Vec<&str> = keys
        .filter_map(|line| Some(line.split_once(" =")?.0))
        .filter(|key| !groups.iter().any(|group| key.starts_with(&format!("{group}-"))))
        .filter(|key| !said.contains(*key))
        .filter(|key| !pages.iter().any(|page| page.contains(&format!("say.{}", key.replace('-', "_")))))
        .collect();
    assert_eq!(lost, [""; 0], "nothing says these words");
}

fn in_language(lang: &str, line: &str) -> common::Run {
    let world = World::with_fixtures();
    let _ = world.dsr(["revoke", "--subject", "ref:C-2", "--identity", "document", "--yes"]).ok();
    world.dsr(line.split(' ').chain(["--lang", lang]))
}

#[test]
fn what_an_officer_reads_is_in_their_language() {
    for (lang, line, expected) in [
        ("ru", "erase --subject ref:C-2 --identity document --dry-run", "уничтожить"),
        ("ru", "erase --subject ref:C-2 --identity document --dry-run", "обязательство O-201 (покупка)"),
        ("kk", "erase --subject ref:C-2 --identity document --dry-run", "O-201 міндеттемесі"),
        ("ru", "erase --subject ref:C-2 --dry-run", "отказано, RF-ID: не подтверждены личность"),
        ("ru", "request show 2026-000001", "отзыв согласия"),
        ("kk", "request show 2026-000001", "күтеді"),
        ("ru", "request list", "Обращения"),
        ("kk", "status", "күнгі жағдай"),
        ("ru", "report inventory", "Перечень персональных данных"),
        ("kk", "hold list", "ештеңе жоқ"),
        ("ru", "deadline --right revoke --received 2026-03-20", "четверг"),
        ("ru", "deadline --right access --received 2026-03-20", "3 рабочих дня"),
        ("kk", "deadline --right revoke --received 2026-03-20", "Наурыз"),
    ] {
        let run = in_language(lang, line);
        let flat = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{lang} {line}: {expected} is not in\n{}", run.stdout);
    }
}

#[test]
fn errors_and_hints_too_and_machines_read_english() {
    let nobody = |lang: &str, format: &str| {
        let line = format!("rectify --subject ref:C-999 --set contact.phone=1 --format {format}");
        in_language(lang, &line).exits(3).stderr
    };
    for (lang, parts) in [
        ("ru", ["ошибка: такого субъекта в этой компании нет", "подсказка: `dsr find"]),
        ("kk", ["қате: бұл компанияда мұндай субъект жоқ", "кеңес: `dsr find"]),
        ("en", ["error: no such person at this controller", "hint: `dsr find"]),
    ] {
        let said = nobody(lang, "table");
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    assert!(nobody("ru", "json").contains("\"no such person at this controller\""));
    let list = in_language("ru", "request list --format json").stdout;
    assert!(list.contains("\"state\":\"waiting\""), "{list}");
}

#[test]
fn a_skeleton_keeps_words_and_empties_holes() {
    for (text, expected) in [("a {b} c", "a \u{0} c"), ("{ $a }x{}", "\u{0}x\u{0}"), ("{:?}!", "\u{0}!")] {
        assert_eq!(skeleton(text), expected);
    }
}

/// What stands between backticks in the rows of lists: their columns and members.
fn documented() -> BTreeSet<String> {
    let document = include_str!("../docs/output.md");
    let rows = document.lines().filter(|line| line.starts_with("| `dsr/"));
    let cells = rows.filter_map(|line| line.split('|').map(str::trim).nth(3));
    let words = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    words.filter(|word| !word.contains(['/', '[', ' '])).map(str::to_owned).collect()
}

#[test]
fn every_column_has_a_name() {
    let nameless: Vec<String> = documented()
        .into_iter()
        .filter(|column| !WORDS.contains(&format!("\ncolumn-{} =", column.replace('_', "-"))))
        .collect();
    assert_eq!(nameless, [""; 0]);
}

//! An order or a check that comes after people were told to destroy: what it keeps waits, the rest is done, the person
//! is told on time, and the case stays open until all is told.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World,
    line::flat,
    site::{rows, sql},
};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    legal_name: MyCar
    bin: \"191140031171\"
    address: Almaty
    responsible: {name: A. Officer, email: dpo@mycar.example}
    letters_reviewed: [ru, kk]
    systems:
      paper-archive: {kind: manual, owner: Archive, categories: [contract, identity_document, contact, correspondence]}
      call-recordings: {kind: manual, owner: Call centre, categories: [correspondence]}
";
const CASE: &str = "2026-000001";
const ACT: &str = "A-2026-000001";

/// An office that was asked to destroy and has told its people so.
fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let _ = world.types("erase --subject ref:C-1 --identity document --channel email --yes").ok();
    world
}

fn shown(world: &World) -> Value {
    world.asks_for(&format!("request show {CASE}"))
}

/// Each open step by hand: number, task, what it waits for, what of it is free.
fn steps(world: &World) -> Vec<(u64, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(" ");
    let duties = shown(world)["duties"].as_array().unwrap().clone();
    let open = duties.into_iter().filter(|duty| duty["kind"] == "manual" && duty["done"].is_null());
    open.map(|duty| {
        (duty["step"].as_u64().unwrap(), text(&duty["task"]), text(&duty["waits"]), list(&duty["free"]))
    })
    .collect()
}

fn done(world: &World, step: u64) -> Run {
    world.types(&format!("request done {CASE} --step {step} --evidence 'act 12'"))
}

/// Does what may be done by hand.
fn do_free(world: &World) {
    for (step, _, waits, _) in steps(world) {
        if waits.is_empty() {
            let _ = done(world, step).ok();
        }
    }
}

fn letter(world: &World) -> Run {
    world.types(&format!("request letter {CASE} --lang ru --format text"))
}

fn answer(world: &World) -> Run {
    world.types(&format!("request answer {CASE} --channel email"))
}

#[test]
fn what_is_kept_waits_and_the_rest_is_done_and_told() {
    let mut world = office();
    let said = world.types("hold add --subject ref:C-1 --category correspondence --basis 'order 7'").ok();
    let said = said.says("step 1 of case 2026-000001 (call-recordings) waits from now on");
    let _ = said.says("of step 2 of case 2026-000001 (paper-archive) correspondence stays from now on");
    let free = "contact identity_document";
    let before = steps(&world);
    assert_eq!((before[0].2.as_str(), before[1].3.as_str()), ("hold H-1", free), "{before:?}");
    let held = shown(&world)["duties"][1]["held"].clone();
    assert_eq!(held, serde_json::json!([{"category": "correspondence", "waits": "hold H-1"}]));

    // What is free keeps the letter from being made; what waits does not.
    let _ = letter(&world).exits(4).says("step 2");
    let _ = answer(&world).exits(4).says("request done 2026-000001 --step 2");
    let _ = done(&world, 1).exits(4).says("H-1");
    let _ = done(&world, 2).ok().says("that is step 4 now");
    let _ = done(&world, 3).ok();
    let left: Vec<_> = steps(&world).into_iter().map(|(step, task, waits, _)| (step, task, waits)).collect();
    let waits = || "hold H-1".to_owned();
    assert_eq!(
        left,
        [
            (1, "destroy correspondence (Call centre)".to_owned(), waits()),
            (4, "destroy correspondence (Archive)".to_owned(), waits())
        ]
    );
    let _ = world.types(&format!("request cancel {CASE}")).exits(4).says("dsr hold list");
    let _ = world.types(&format!("request answer {CASE} --channel email --number 1")).ok();
    assert_eq!(shown(&world)["state"], "waiting");
    assert_eq!(world.asks_for(&format!("report destruction --act {ACT}"))["state"], "pending");

    world.at("2027-02-10T10:00:00+05:00");
    let _ = world.types("report deadlines --check --quiet").ok();
    let _ = world.types("hold release H-1").ok();
    let _ = world.types("report deadlines --check --quiet").ok();
    do_free(&world);
    let case = shown(&world);
    assert_eq!(
        (&case["state"], &case["late"], &case["ended"]),
        (&"executed".into(), &false.into(), &Value::Null)
    );
    assert_eq!(world.asks_for(&format!("report destruction --act {ACT}"))["state"], "destroyed");
    let second = letter(&world).ok();
    assert!(second.stdout.contains(ACT) && second.stdout.contains("10.02.2027"), "{}", second.stdout);
    let _ = answer(&world).ok();
    assert_eq!(shown(&world)["state"], "answered");
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn the_letter_tells_what_waits_and_is_made_again_when_it_does_not() {
    for (comes, says, ends) in [
        ("hold add --subject ref:C-1 --category correspondence --basis 'order 7'", "H-1", "hold release H-1"),
        (
            "restrict --subject ref:C-1 --category correspondence --reason disputed --yes",
            "2026-000002",
            "restrict --subject ref:C-1 --lift --finding accurate --yes",
        ),
    ] {
        let world = office();
        let _ = world.types(comes).ok();
        do_free(&world);
        let told = letter(&world).ok().stdout;
        let waits = told.split("ЕЩЁ НЕ УНИЧТОЖЕНО").nth(1).unwrap_or_else(|| panic!("{told}"));
        assert!(
            waits.contains("Переписка и звонки (paper-archive)") && waits.contains(says),
            "{comes}: {told}"
        );
        assert!(told.contains("Контактные данные (paper-archive)"), "{comes}: {told}");
        assert!(!told.contains(ACT), "no act that is not finished: {told}");
        let next = shown(&world)["next"].clone();
        assert_eq!(next, format!("dsr request answer {CASE} --channel CHANNEL"), "{comes}");
        // It ends before the letter goes out: the letter would not be true.
        let _ = world.types(ends).ok();
        let _ = answer(&world).exits(4);
        do_free(&world);
        assert_eq!(shown(&world)["next"], format!("dsr request letter {CASE} --output FILE"), "{comes}");
        let _ = answer(&world).exits(4).says("make it again");
        let told = letter(&world).ok().stdout;
        assert!(told.contains(ACT) && !told.contains("ЕЩЁ НЕ УНИЧТОЖЕНО"), "{comes}: {told}");
        let _ = answer(&world).ok();
        assert_eq!(shown(&world)["state"], "answered", "{comes}");
    }
}

#[test]
fn what_a_step_waits_for_is_said_wherever_it_is_shown() {
    let world = office();
    let _ = world.types("hold add --subject ref:C-1 --basis 'order 7'").ok();
    let waits = "waits for hold H-1";
    let resumed = world.types(&format!("request resume {CASE} --yes")).ok();
    assert!(resumed.stdout.contains("hold H-1"), "{}", resumed.stdout);
    let resumed = world.asks_for(&format!("request resume {CASE} --yes"));
    let open = resumed["outcome"]["duties"].as_array().unwrap().clone();
    assert!(open.iter().any(|duty| duty["waits"] == "hold H-1"), "{resumed:#}");
    let _ = world.types("sanitize").ok().says("of case 2026-000001 is open");
    do_free(&world);
    let _ = world.types("sanitize").ok().says(waits);
    for (lang, says) in
        [("en", waits), ("ru", "ждёт снятия распоряжения H-1"), ("kk", "H-1 өкімінің алынуын күтеді")]
    {
        for line in
            [format!("report destruction --act {ACT}"), format!("request show {CASE}"), "status".into()]
        {
            let page = world.types(&format!("{line} --lang {lang} --format table")).ok().stdout;
            let told = flat(&page);
            assert!(told.contains(says), "{line} {lang}: {page}");
        }
    }
}

/// What an answer told as waiting is due by a term of its own, from the day on which nothing kept it any more.
#[test]
fn a_step_that_came_free_has_a_term_from_that_day() {
    let mut world = office();
    let _ = world.types("hold add --subject ref:C-1 --category correspondence --basis 'order 7'").ok();
    let _ = world.types("hold add --subject ref:C-1 --category correspondence --basis 'order 8'").ok();
    do_free(&world);
    let _ = world.types(&format!("request answer {CASE} --channel email --number 1")).ok();
    let due = |world: &World| -> Vec<Value> {
        let duties = shown(world)["duties"].as_array().unwrap().clone();
        let open = duties.into_iter().filter(|duty| duty["kind"] == "manual" && duty["done"].is_null());
        open.map(|duty| duty["due"].clone()).collect()
    };
    let listed = |world: &World, line: &str, list: &str| -> Vec<Value> {
        let rows = world.asks_for(line)[list].as_array().unwrap().clone();
        let steps = rows.into_iter().filter(|row| row["duty"] == "manual" || row["kind"] == "manual");
        steps.map(|row| row["due"].clone()).collect()
    };
    world.at("2027-02-01T10:00:00+05:00");
    let _ = world.types("hold release H-1").ok();
    assert_eq!(due(&world), [Value::Null, Value::Null], "the other order keeps it");
    world.at("2027-02-10T10:00:00+05:00");
    let _ = world.types("hold release H-2").ok();
    let expected =
        world.types("deadline --right erase --received 2027-02-10 --format json").ok().json()["due"].clone();
    assert_eq!(expected, "2027-03-03");
    let both = [expected.clone(), expected];
    assert_eq!(due(&world), both);
    assert_eq!(listed(&world, "report deadlines", "cases"), both);
    assert_eq!(listed(&world, "status", "lines"), both);
    let _ = world.types("report deadlines --check --quiet").ok();
    world.at("2027-03-04T10:00:00+05:00");
    let _ = world.types("report deadlines --check --quiet").exits(10);
    let _ = world.types("status --check --quiet").exits(10);
    // A second order that comes then keeps it again, and it has no day.
    let _ = world.types("hold add --subject ref:C-1 --category correspondence --basis 'order 9'").ok();
    assert_eq!(due(&world), [Value::Null, Value::Null]);
    let _ = world.types("report deadlines --check --quiet").ok();
}

/// While the clock of a case stands for what the person was asked for, the day of its steps moves with it; what was told
/// as waiting has none, and when it comes free one that no question moves.
#[test]
fn a_clock_that_stands_moves_no_step_that_waits() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-laws");
    let mut world = World::empty();
    let line = |words: &str| format!("--policies {policies} --controller shop {words}");
    let of = |world: &World, words: &str| world.types(&line(&format!("{words} --format json"))).ok().json();
    world.at("2026-01-31T10:00");
    let _ = world.types(&line("init")).ok();
    let all = "[contract, identity_document, contact, correspondence]";
    let office = OFFICE.replace("mycar:", "shop:").replace(all, "[contact]");
    world.write("dsr.yaml", office.replace("[correspondence]", "[contact]"));
    let person = r#"{"kind":"subject","ref":"S-1","born":null,"identifiers":[{"type":"email","value":"s1@people.example"}]}
{"kind":"record","ref":"R-1","subject":"S-1","category":"contact","collected_at":"2025-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"email":"s1@people.example"}}
{"kind":"obligation","ref":"O-1","subject":"S-1","type":"purchase","opened_at":"2025-05-01T10:00+05:00"}
"#;
    world.write("people.ndjson", person);
    let _ = world.types(&line("import people.ndjson")).ok();
    let _ = world.types(&line("request open --right erase --subject ref:S-1 --channel email")).ok();
    let _ = world
        .types(&line(&format!("erase --subject ref:S-1 --request {CASE} --identity document --yes")))
        .ok();
    let _ = world.types(&line(&format!("request note {CASE} --ask clarification"))).ok();
    let due = |world: &World| of(world, &format!("request show {CASE}"))["duties"][0]["due"].clone();
    let first = due(&world);
    world.at("2026-03-20T10:00");
    let moved = due(&world);
    assert!(moved.as_str() > first.as_str(), "{first} {moved}");
    let _ = world.types(&line("report deadlines --check --quiet")).ok();
    world.at("2026-03-21T10:00");
    assert!(due(&world).as_str() > moved.as_str(), "it moves on with every day");

    let _ = world.types(&line("hold add --subject ref:S-1 --basis 'order 7'")).ok();
    let before = due(&world);
    world.at("2026-03-27T10:00");
    assert!(due(&world).as_str() > before.as_str(), "it stands for a step that waits as well");
    let _ = world.types(&line("report deadlines --check --quiet")).ok();
    let _ = world.types(&line(&format!("request answer {CASE} --channel email --number 1"))).ok();
    let state = |world: &World| of(world, &format!("request show {CASE}"))["state"].clone();
    assert_eq!((due(&world), state(&world)), (Value::Null, "waiting".into()));
    world.at("2026-05-04T10:00");
    let _ = world.types(&line("hold release H-1")).ok();
    for day in ["2026-05-04", "2026-05-20"] {
        world.at(&format!("{day}T12:00"));
        assert_eq!(due(&world), "2026-06-04", "a month from the end of the hold, whenever it is asked");
    }
}

const SITE: &str = "\
controllers:
  automaster:
    legal_name: AutoMaster
    bin: \"191140031171\"
    address: Almaty
    responsible: {name: A. Officer, email: dpo@automaster.example}
    letters_reviewed: [ru, kk]
    systems:
      site: { kind: sqlite, owner: Web team, file: site.db, map: site.yaml }
";

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta:
          category: contact
          collected_at: at
          restriction: { column: blocked, blocked: '1', free: '0' }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: phone, dsr_meta: { category: contact } }
          - { name: blocked, dsr_meta: { not_personal: true } }
          - { name: at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: usage, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: page }
          - { name: at, data_categories: [system.operations] }
";

const TABLES: &str = "
    CREATE TABLE customer (id TEXT PRIMARY KEY, iin TEXT, phone TEXT, blocked INTEGER NOT NULL DEFAULT 0, at TEXT);
    CREATE TABLE visit (id INTEGER PRIMARY KEY, customer TEXT, page TEXT, at TEXT);
    INSERT INTO customer VALUES ('c1', '900101399998', '+77010000001', 0, '2026-01-01');
    INSERT INTO visit VALUES (1, 'c1', '/', '2026-05-01');
    CREATE TRIGGER stop BEFORE DELETE ON visit BEGIN SELECT RAISE(ABORT, 'locked'); END";

const HERE: &str = r#"{"kind":"subject","ref":"P-1","born":null,"identifiers":[{"type":"iin","value":"900101399998"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P1"}}
"#;

#[test]
fn what_is_kept_in_another_system_keeps_no_answer_back() {
    for (comes, seen, ends) in [
        (
            "hold add --subject ref:P-1 --category contact --basis 'order 7'",
            "dsr hold list",
            "hold release H-1",
        ),
        (
            "restrict --subject ref:P-1 --category contact --reason disputed --yes",
            "dsr request show 2026-000002",
            "restrict --subject ref:P-1 --lift --finding accurate --yes",
        ),
    ] {
        let mut world = World::with_store("automaster");
        world.write("dsr.yaml", SITE);
        world.write("site.yaml", MAP);
        sql(&world, TABLES);
        let file = world.write("here.ndjson", HERE);
        let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
        let erase = "erase --subject iin:900101399998 --identity document --channel email --yes";
        let _ = world.types(erase).exits(8);
        let _ = world.types(comes).ok();
        // What is open for another reason is tried first.
        let answered = format!("request answer {CASE} --channel email --number 1");
        let _ = world.types(&answered).exits(4).says("request resume");
        sql(&world, "DROP TRIGGER stop");
        let _ = world.types(&format!("request resume {CASE} --yes")).exits(8);
        assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"], "{comes}");
        assert_eq!(rows(&world, "SELECT id || '' FROM visit"), [""; 0], "{comes}");
        let _ = world.types(&format!("request letter {CASE}")).exits(4).says("request answer 2026-000001");
        let _ = world.types(&format!("request cancel {CASE}")).exits(4);
        assert_eq!(shown(&world)["next"], format!("dsr request answer {CASE} --channel CHANNEL --number NO"));
        let _ = world.types(&answered).ok();
        let case = shown(&world);
        assert_eq!(
            (&case["state"], &case["ended"], &case["next"]),
            (&"waiting".into(), &Value::Null, &seen.into())
        );

        world.at("2027-02-10T10:00:00+05:00");
        let _ = world.types(ends).ok();
        let _ = world.types(&format!("request resume {CASE} --yes")).ok();
        assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0], "{comes}");
        let case = shown(&world);
        assert_eq!(
            (&case["state"], &case["late"], &case["answered"]),
            (&"executed".into(), &false.into(), &Value::Null)
        );
        let told = world.types(&format!("request letter {CASE} --format text")).ok().stdout;
        assert!(told.contains("A-2026-000001"), "{comes}: {told}");
        let _ = world.types(&format!("request answer {CASE} --channel email")).ok();
        assert_eq!(shown(&world)["state"], "answered", "{comes}");
    }
}

/// Whatever is asked again of a case of which nothing changed leaves its history as it is, and says what it waits for.
#[test]
fn a_case_of_which_nothing_changed_is_resumed_without_a_trace() {
    for (before, order, waits) in [
        (None, "revoke --subject ref:C-2", "waits for obligation O-201"),
        (None, "erase --subject ref:C-2", "waits for obligation O-201"),
        (
            Some("hold add --subject ref:C-26 --basis order-7"),
            "erase --subject ref:C-26",
            "waits for hold H-1",
        ),
        (
            Some("restrict --subject ref:C-26 --reason disputed --yes"),
            "erase --subject ref:C-26",
            "waits for block 2026-000001",
        ),
    ] {
        let world = World::with_fixtures();
        world.write("dsr.yaml", OFFICE);
        before.map(|line| world.types(line).ok());
        let acts = world.types(&format!("{order} --identity document --yes --format json"));
        let acted = acts.json();
        assert_eq!(acted["outcome"]["state"], "waiting", "{order}: {acted:#}");
        let case = acted["outcome"]["case"].as_str().unwrap();
        let resume = format!("request resume {case} --yes");
        let written = || {
            let history = world.asks_for(&format!("request show {case}"));
            (history, world.asks_for("audit head")["size"].clone())
        };
        let before = written();
        for format in ["table", "json"] {
            let again = world.types(&format!("{resume} --format {format}")).exits(acts.code);
            let again = again.says("nothing changed; ").says(waits);
            assert!(format == "table" || again.json()["outcome"]["state"] == "waiting", "{order}");
        }
        assert_eq!(written(), before, "{order}");
        let said = world.types(&format!("{resume} --lang ru")).stderr;
        assert!(said.contains("ничего не изменилось; ждёт"), "{said}");
    }
}

/// What is new is decided and written down as before.
#[test]
fn a_case_of_which_something_changed_goes_on() {
    let world = World::with_fixtures();
    let _ = world.types("hold add --subject ref:C-26 --category contact --basis order-7").ok();
    let _ = world.types("erase --subject ref:C-26 --identity document --yes");
    let events = || shown(&world)["events"].as_array().unwrap().len();
    let before = events();
    let _ = world.types("hold add --subject ref:C-26 --category contact --basis order-8").ok();
    let _ = world.types("hold release H-1").ok();
    let _ = world.types(&format!("request resume {CASE} --yes"));
    assert!(events() > before, "{:#}", shown(&world));
    let at = events();
    let _ = world.types(&format!("request resume {CASE} --yes")).says("waits for hold H-2");
    assert_eq!(events(), at);
}

/// What a case waits for is said with the case itself: which one, until when, and how it goes on.
#[test]
fn a_case_says_what_it_waits_for() {
    for (before, order, on, name, dated) in [
        (None, "revoke --subject ref:C-2", "obligation", "O-201", false),
        (
            Some("hold add --subject ref:C-26 --basis order-7"),
            "erase --subject ref:C-26",
            "hold",
            "H-1",
            false,
        ),
        (
            Some("restrict --subject ref:C-26 --reason disputed --yes"),
            "erase --subject ref:C-26",
            "block",
            "2026-000001",
            true,
        ),
        (
            Some("request open --right access --subject ref:C-26 --identity document --channel email"),
            "erase --subject ref:C-26",
            "answer",
            "2026-000001",
            true,
        ),
    ] {
        let world = World::with_fixtures();
        before.map(|line| world.types(line).ok());
        let acted = world.types(&format!("{order} --identity document --yes --format json")).json();
        let case = acted["outcome"]["case"].as_str().unwrap();
        let case_shown = world.asks_for(&format!("request show {case}"));
        let first = &case_shown["waits"][0];
        // An answer is the office's to give: what gives it is named.
        let goes_on = match on {
            "answer" => {
                format!(
                    "dsr access --subject id:{} --request {name}",
                    case_shown["subject"].as_str().unwrap()
                )
            }
            // And a check to end.
            "block" => format!(
                "dsr restrict --subject id:{} --lift --finding accurate|inaccurate|unlawful",
                case_shown["subject"].as_str().unwrap()
            ),
            _ => format!("dsr request resume {case}"),
        };
        assert_eq!((&first["on"], &first["name"]), (&on.into(), &name.into()), "{case_shown:#}");
        assert_eq!((first["until"].is_string(), &first["next"]), (dated, &goes_on.as_str().into()));
        for (lang, heading) in
            [("en", "What it waits for"), ("ru", "Чего ждёт обращение"), ("kk", "Өтініш нені күтеді")]
        {
            let page = world.types(&format!("request show {case} --lang {lang}")).ok().stdout;
            assert!(flat(&page).contains(heading) && page.contains(name), "{page}");
            assert!(flat(&page).contains(&goes_on), "{page}");
        }
        if on == "block" {
            let ends = goes_on.trim_start_matches("dsr ").replace("|inaccurate|unlawful", " --yes");
            let _ = world.types(&ends).ok();
            let again = world.asks_for(&format!("request show {case}"));
            assert_eq!(again["next"], format!("dsr request resume {case}"), "{again:#}");
            let _ = world.types(&format!("request resume {case} --yes")).ok();
        }
    }
    // One that was asked for and is not begun is begun first.
    let world = World::with_fixtures();
    let _ = world.types("request open --right restrict --subject ref:C-26 --channel email").ok();
    let _ = world.types("erase --subject ref:C-26 --identity document --yes");
    let first = world.asks_for("request show 2026-000002")["waits"][0].clone();
    let begins = first["next"].as_str().unwrap();
    assert!(begins.ends_with("--request 2026-000001 --reason …"), "{first:#}");
    let begins = begins.trim_start_matches("dsr ").replace('…', "disputed --yes");
    let _ = world.types(&begins).ok();
    let first = world.asks_for("request show 2026-000002")["waits"][0].clone();
    assert!(first["next"].as_str().unwrap().contains("--lift"), "{first:#}");
    // What the person has to bring, and what was refused for a deal before anything was decided.
    let world = World::with_fixtures();
    let set = "--set identity.family_name=Иванов --identity document --yes";
    let _ = world.types(&format!("rectify --subject ref:C-1 {set}"));
    let _ = world.types("request open --right erase --subject ref:C-2 --identity document").ok();
    let signed = "--facts 'Сделка не окончена' --signed-by 'А. Нурланова'";
    let _ = world.types(&format!("request refuse 2026-000002 --ground RF-OBLIG {signed}")).ok();
    for (case, on, name, next) in [
        (CASE, "document", Value::Null, "dsr rectify"),
        ("2026-000002", "obligation", "O-201".into(), "dsr erase"),
    ] {
        let first = world.asks_for(&format!("request show {case}"))["waits"][0].clone();
        assert_eq!((&first["on"], &first["name"]), (&on.into(), &name), "{first:#}");
        assert!(first["next"].as_str().unwrap().starts_with(next), "{first:#}");
    }
    let mut world = office();
    let _ = world.types("hold add --subject ref:C-1 --category correspondence --basis 'order 7'").ok();
    let by_hand = shown(&world)["waits"][0].clone();
    assert_eq!((&by_hand["on"], &by_hand["name"]), (&"hold".into(), &"H-1".into()));
    let _ = world.at("2026-11-23T10:00").types("hold release H-1").ok();
    assert_eq!(shown(&world)["waits"], serde_json::json!([]));
}

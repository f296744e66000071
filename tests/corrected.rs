//! What became of a correction is one truth, wherever it is told: the plan, the case, the letter, the check of the answer.
//! What a database refused and nobody made is told as not made, and what was made is told in a refusal too.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, line::flat};
use serde_json::Value;

const OFFICE: &str = include_str!("letters/dsr.yaml");

const PLACES: &str = "    systems:
      site: {kind: sqlite, owner: Web team, file: site.db, map: site.yaml}
      archive: {kind: manual, owner: \"Archive, room 12\", categories: [contract, contact]}
";

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: vorname, dsr_meta: { category: contact, field: given_name } }
          - { name: at, data_categories: [system.operations] }
";

/// Somebody whom the store knows too, and somebody whom the site alone knows.
const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, vorname TEXT CHECK (vorname <> 'Nobody'), at TEXT);
    INSERT INTO customer VALUES (1, '900101499994', 'Assel', '2026-05-01'), (2, '991230599981', 'Dina', '2026-05-01');";

const CASE: &str = "2026-000001";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", format!("{OFFICE}{PLACES}"));
    world.write("site.yaml", MAP);
    let conn = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
    conn.execute_batch(TABLES).unwrap();
    drop(conn);
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn rectify(world: &World, who: &str, name: &str) -> Value {
    let line = format!(
        "rectify --subject {who} --set contact.given_name={name} --document passport --identity document --yes"
    );
    world.types(&format!("{line} --format json")).ok().json()
}

fn letter(world: &World, lang: &str) -> String {
    let letter = world.types(&format!("request letter {CASE} --lang {lang}")).ok().stdout;
    assert!(!letter.contains("letter-"), "a key without its word in\n{letter}");
    flat(&letter)
}

#[track_caller]
fn holds(letter: &str, parts: &[&str]) {
    for part in parts {
        assert!(letter.contains(part), "{part:?} is not in\n{letter}");
    }
}

/// The steps of a plan as `action system`, and the tasks of people.
fn steps(plan: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = plan["steps"].as_array().unwrap().iter();
    steps.map(|step| format!("{} {}", word(&step["action"]), word(&step["system"]))).collect()
}

#[test]
fn what_a_database_refused_and_nobody_made_is_told_as_not_made() {
    for (lang, parts) in [
        (
            "ru",
            [
                "МОТИВИРОВАННЫЙ ОТКАЗ В ЧАСТИ",
                "ИЗМЕНЕНО - Контактные данные; Поле: Имя; Новое значение: N••••y; Дата: 22.11.2026 - Контактные данные (archive); Поле: Имя;",
                "Прежние значения уничтожены: акт об уничтожении № A-2026-000001",
                "В ЧЁМ ОТКАЗАНО - Контактные данные (site); Поле: Имя; Основание: база данных не приняла новое значение, и вручную изменение никто не внёс",
            ],
        ),
        (
            "kk",
            [
                "ӨТІНІШТІҢ БІР БӨЛІГІНЕН",
                "ӨЗГЕРТІЛДІ - Байланыс деректері; Өріс: Аты; Жаңа мәні: N••••y; Күні: 22.11.2026 - Байланыс деректері (archive); Өріс: Аты;",
                "Бұрынғы мәндер жойылды: жою туралы акт № A-2026-000001",
                "Байланыс деректері (site); Өріс: Аты; Негіз: дерекқор жаңа мәнді қабылдамады, ал өзгерісті қолмен ешкім енгізген жоқ",
            ],
        ),
        (
            "en",
            [
                "REASONED REFUSAL OF PART",
                "CORRECTED - Contact data; Field: Given name; New value: N••••y; Date: 2026-11-22 - Contact data (archive); Field: Given name;",
                "The replaced values have been destroyed: act of destruction No. A-2026-000001",
                "WHAT IS REFUSED - Contact data (site); Field: Given name; Ground: the database did not take the new value, and nobody made the correction by hand",
            ],
        ),
    ] {
        let world = office();
        let put = rectify(&world, "ref:C-1", "Nobody");
        // The screen says what the case says, and no step as done that the database refused.
        assert_eq!(put["decision"], "partial", "{put:#}");
        assert_eq!(steps(&put), ["rectify own", "manual archive", "manual site"], "{put:#}");
        let shown = world.types(&format!("request show {CASE} --format json")).ok().json();
        let decided: Vec<&str> = shown["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["event"] == "decided")
            .map(|event| event["detail"].as_str().unwrap())
            .collect();
        assert!(decided.last().unwrap().starts_with("partial"), "{decided:?}");
        let _ = world.types(&format!("request done {CASE} --step 1 --evidence 'card 12'")).ok();
        let _ = world
            .types(&format!("request done {CASE} --step 2 --recall 'no way' --signed-by 'A. Officer'"))
            .ok();
        let signed = "--ground RF-SCOPE --facts 'no way' --signed-by 'A. Officer'";
        let _ = world.types(&format!("request refuse {CASE} {signed}")).ok();
        let text = letter(&world, lang);
        holds(&text, &parts);
        // One that leaves a correction out is not sent.
        let file = world
            .write("letter.txt", world.types(&format!("request letter {CASE} --lang {lang}")).ok().stdout);
        let whole = std::fs::read_to_string(&file).unwrap();
        for left_out in ["(archive)", "(site)"] {
            world.write("edited.txt", whole.replace(left_out, ""));
            let answer = format!("request answer {CASE} --channel email --letter edited.txt");
            let _ = world.types(&answer).exits(4).says("letter");
        }
        let _ = world.types(&format!("request answer {CASE} --channel email --letter letter.txt")).ok();
        let act = world.types("report destruction --format json").ok().json();
        let records: Vec<&Value> =
            act["acts"].as_array().unwrap().iter().map(|act| &act["records"]).collect();
        assert_eq!(records, [1], "the record of the store alone: {act:#}");
    }
}

#[test]
fn what_people_made_instead_is_told_with_its_day() {
    let mut world = office();
    let _ = rectify(&world, "ref:C-1", "Nobody");
    let _ = world.at("2026-11-23T10:00:00+05:00");
    let _ = world.types(&format!("request done {CASE} --step 1 --evidence 'card 12'")).ok();
    let _ = world.types(&format!("request letter {CASE}")).exits(4);
    let _ = world.types(&format!("request done {CASE} --step 2 --evidence 'typed in'")).ok();
    holds(
        &letter(&world, "en"),
        &[
            "Contact data; Field: Given name; New value: N••••y; Date: 2026-11-22",
            "Contact data (site); Field: Given name; New value: N••••y; Date: 2026-11-23",
        ],
    );
}

#[test]
fn columns_are_told_by_the_words_of_the_policy() {
    for (lang, field) in [("ru", "Поле: Имя; "), ("kk", "Өріс: Аты; "), ("en", "Field: Given name; ")]
    {
        for (who, value) in [("ref:C-1", "D••••a"), ("iin:991230599981", "")] {
            let world = office();
            let put = rectify(&world, who, "Dinara");
            assert_eq!(put["decision"], "grant", "{put:#}");
            let _ = world.types(&format!("request done {CASE} --step 1 --evidence 'card 12'")).ok();
            let text = letter(&world, lang);
            assert!(!text.contains("vorname"), "{text}");
            let site = text.split_once("(site); ").unwrap().1;
            assert!(site.starts_with(field) && site.contains(value), "{lang} {who}: {text}");
        }
    }
}

/// The same words bar a draft and the refusal itself, whatever it is to rest on.
#[test]
fn no_refusal_is_drafted_while_a_step_is_open_nor_on_a_ground_of_another_right() {
    let world = office();
    let _ = rectify(&world, "ref:C-1", "Nobody");
    let says = "cannot be refused while step 1 by hand is open";
    let hint = format!("close it: dsr request done {CASE} --step 1 --evidence TEXT; or take it back");
    for line in [
        format!("request letter {CASE} --ground RF-SCOPE"),
        format!("request letter {CASE} --kind refusal --ground RF-SCOPE"),
        format!("request refuse {CASE} --ground RF-SCOPE --facts 'no' --signed-by 'A. Officer'"),
    ] {
        let _ = world.types(&line).exits(4).says(says).says(&hint);
    }
    let _ = world.types(&format!("request answer {CASE} --channel email --number 1")).exits(4);
    for step in ["1", "2"] {
        let recall = format!("request done {CASE} --step {step} --recall 'no way' --signed-by 'A. Officer'");
        let _ = world.types(&recall).ok();
    }
    let _ = world.types(&format!("request letter {CASE} --ground RF-OTHERS")).exits(2).says("is no ground");
    let draft = world.types(&format!("request letter {CASE} --ground RF-SCOPE --lang en")).ok().stdout;
    holds(&draft, &["nobody has signed the refusal", "Contact data; Field: Given name"]);
}

/// Of a copy that is refused nothing was done: whoever looked for its sake looked, and the letter says that once.
#[test]
fn a_copy_that_is_refused_says_where_people_looked_and_nothing_of_what_was_done() {
    for (lang, looked, not) in [
        ("ru", "где проверено вручную, указано ниже", "СДЕЛАНО"),
        ("kk", "қайда қолмен тексерілгені төменде", "ЖАСАЛҒАН"),
        ("en", "people looked where it is stated below", "DONE BY HAND"),
    ] {
        for right in ["access", "export"] {
            let world = office();
            let _ = world.types(&format!("{right} --subject ref:C-1 --channel email")).ok();
            let done = format!("request done {CASE} --step 1 --nothing --evidence 'card 12'");
            let _ = world.types(&done).ok();
            let signed = "--ground RF-ID --facts 'no answer' --signed-by 'A. Officer'";
            let _ = world.types(&format!("request refuse {CASE} {signed}")).ok();
            let text = letter(&world, lang);
            holds(&text, &[looked, "archive: "]);
            assert!(!text.contains(not), "{right}: {text}");
            let _ = world.types(&format!("request answer {CASE} --channel email")).ok();
        }
    }
}

/// What an earlier plan of the case did before others changed a row elsewhere is told beside what the right did when it was
/// exercised again.
#[test]
fn what_was_done_before_the_right_was_exercised_again_is_told_too() {
    let exact = "--set contact.given_name=Dinara --document passport";
    for (right, asked, parts) in [
        (
            "rectify",
            exact,
            ["Contact data; Field: Given name; New value: D••••a", "Contact data (site); Field: Given name"],
        ),
        (
            "erase",
            "--category contact --category account",
            ["- Account; Records: 1;", "- Contact data; Records: 2;"],
        ),
    ] {
        let world = office();
        let site = |sql: &str| {
            let conn = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
            conn.execute_batch(sql).unwrap();
        };
        let fails = "BEGIN SELECT RAISE(ABORT, 'x'); END;";
        site(&format!(
            "CREATE TRIGGER t BEFORE UPDATE ON customer {fails} CREATE TRIGGER d BEFORE DELETE ON customer {fails}"
        ));
        let line = format!("{right} --subject ref:C-1 {asked} --identity document --lang en --yes");
        let _ = world.types(&line).exits(8);
        site("DROP TRIGGER t; DROP TRIGGER d; UPDATE customer SET at = '2026-05-02' WHERE id = 1");
        let _ = world.types(&format!("request resume {CASE} --yes")).exits(8).says("in part");
        let _ = world.types(&format!("{line} --request {CASE}")).ok();
        let shown = world.types(&format!("request show {CASE} --format json")).ok().json();
        for duty in shown["duties"].as_array().unwrap().iter().filter(|duty| duty["done"].is_null()) {
            let _ = world
                .types(&format!("request done {CASE} --step {} --evidence 'card 12'", duty["step"]))
                .ok();
        }
        holds(&letter(&world, "en"), &parts);
    }
}

/// A check that found the data inaccurate ends, and the block stands until it is corrected: the letter says so.
#[test]
fn a_check_that_ends_without_the_block_is_told_so() {
    for (lang, title) in
        [("ru", "БЛОКИРОВАНИЕ СОХРАНЯЕТСЯ"), ("kk", "БҰҒАТТАУ САҚТАЛАДЫ"), ("en", "THE DATA STAYS BLOCKED")]
    {
        let world = office();
        let _ = world.types("restrict --subject ref:C-1 --reason wrong --yes").ok();
        let _ = world.types("restrict --subject ref:C-1 --lift --finding inaccurate --yes").ok();
        let _ = world.types("request done 2026-000002 --step 1 --evidence 'card 12'").ok();
        let text = world.types(&format!("request letter 2026-000002 --lang {lang}")).ok().stdout;
        let text = flat(&text);
        holds(&text, &[title]);
        for untrue in ["снято", "алып тасталды.", "block ended"] {
            assert!(!text.contains(untrue), "{text}");
        }
    }
}

/// What is not changed is told for what it is: noted, so already, or nowhere held.
#[test]
fn a_correction_that_changes_nothing_is_told_for_what_it_is() {
    for (set, parts, not) in [
        (
            "contract.amount=5",
            &["Your statement was recorded beside the data"][..],
            &["CORRECTED", "cannot be carried out yet"][..],
        ),
        (
            "contact.patronymic=Маратовна",
            &["Everything you ask for had been done before"],
            &["cannot be carried out"],
        ),
        (
            "cookie.cookie_id=1",
            &["NOT CORRECTED - Cookies; Ground: nothing of this category is held"],
            &["had been done before", "cannot be carried out"],
        ),
    ] {
        let world = office();
        world.write("dsr.yaml", format!("{OFFICE}{PLACES}").replace("[contract, contact]", "[contract]"));
        let line =
            format!("rectify --subject ref:C-1 --set {set} --document passport --identity document --yes");
        let put = world.types(&format!("{line} --lang ru")).ok().stdout;
        assert!(!put.contains("contract.amount") && !put.contains("amount"), "a field by its words: {put}");
        let shown = world.types(&format!("request show {CASE} --format json")).ok().json();
        for duty in shown["duties"].as_array().unwrap() {
            assert_eq!(duty["task"], "add a note on contract.amount (Archive, room 12)");
            let _ = world
                .types(&format!("request done {CASE} --step {} --evidence 'card 12'", duty["step"]))
                .ok();
        }
        let text = letter(&world, "en");
        holds(&text, parts);
        not.iter().for_each(|part| assert!(!text.contains(part), "{part:?} is in\n{text}"));
    }
}

/// The same of what nobody destroyed: a refusal names what lies where it lay.
#[test]
fn what_nobody_destroyed_by_hand_is_named_in_the_refusal() {
    for (lang, left, rest) in [
        (
            "ru",
            "Контактные данные (archive); Основание: там это никто не уничтожил",
            "всё остальное, о чём просит",
        ),
        ("kk", "Байланыс деректері (archive); Негіз: ол жерде мұны ешкім жойған жоқ", "қалғанының бәрі"),
        (
            "en",
            "Contact data (archive); Ground: nobody destroyed it there",
            "all else that the request asks for",
        ),
    ] {
        let world = office();
        let _ = world.types("revoke --subject ref:C-1 --identity document --yes").ok();
        let shown = world.types(&format!("request show {CASE} --format json")).ok().json();
        for duty in shown["duties"].as_array().unwrap() {
            let destroys = duty["task"].as_str().unwrap().starts_with("destroy ");
            let how =
                if destroys { "--recall 'no key' --signed-by 'A. Officer'" } else { "--evidence 'card 12'" };
            let _ = world.types(&format!("request done {CASE} --step {} {how}", duty["step"])).ok();
        }
        let signed = "--ground RF-SCOPE --facts 'no way' --signed-by 'A. Officer'";
        let _ = world.types(&format!("request refuse {CASE} {signed}")).ok();
        holds(&letter(&world, lang), &[left, rest]);
    }
}

/// A recipient is asked to correct what was corrected, as shown: a value that the store does not hold is to be filled in,
/// and where nobody corrected anything nobody is asked.
#[test]
fn a_recipient_is_asked_to_correct_what_was_corrected() {
    let world = office();
    let conn = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
    conn.execute_batch("INSERT INTO customer VALUES (3, '890919499134', 'Zina', '2026-05-01')").unwrap();
    drop(conn);
    world.write("site.yaml", MAP.replace("given_name", "patronymic"));
    let _ = world.dsr(["map", "check"]).ok();
    let rectify = |value: &str| {
        let set = format!("rectify --subject ref:C-26 --set contact.patronymic={value} --document passport");
        world.types(&format!("{set} --identity document --lang en --yes")).ok()
    };
    let _ = rectify("Nobody");
    let told = format!("request letter {CASE} --kind recipient --recipient 'Банк «Пример»'");
    let _ = world.types(&told).exits(2).says("bears out no letter of `recipient`");
    let _ = rectify("Erlanovna");
    let blank = world.types(&told).ok();
    holds(&blank.stdout, &["Field: Patronymic", "[[to fill in: the new values"]);
    let noted = world.types(&format!("{told} --note 'Patronymic: Erlanovna'")).ok();
    assert!(!noted.stdout.contains("[["), "{}", noted.stdout);
}

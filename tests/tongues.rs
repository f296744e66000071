//! Tongues: what an officer reads in Russian or Kazakh holds no English that nobody asked for.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;

const OFFICE: &str = "\
controllers:
  mycar:
    systems:
      paper: {kind: manual, owner: Архив, categories: [contract, contact]}
";

/// Words that are the same everywhere: names, paths, formats, what people typed.
const SAME: &[&str] = &["cookie", "mycar", "automaster", "json", "csv", "paper", "unnamed"];

/// Lower-case English, and codes of the command line: what is left of a page without its ids, commands, quoted words
/// and field names.
fn english(page: &str) -> Vec<String> {
    // The version of a policy is its name, though it may look like a day.
    let page = page.replace("(2025-12-15)", "");
    let lines = page.lines().filter(|line| !line.contains("dsr ") && !line.trim_start().starts_with('→'));
    let plain: Vec<&str> = lines.flat_map(|line| line.split('`').step_by(2)).collect();
    let plain = plain.join("\n");
    let tokens = plain.split(|c: char| c.is_whitespace() || "()[]{},;:|".contains(c));
    let tokens = tokens.map(|token| token.trim_matches(|c: char| ".«»".contains(c)));
    let is_word = |token: &&str| {
        token.len() > 2 && token.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !SAME.contains(token)
    };
    // A day as machines write it; a case has four digits before its number, and no second hyphen.
    let is_day = |token: &&str| {
        let hyphens: Vec<usize> = token.match_indices('-').map(|(at, _)| at).collect();
        token.starts_with("20") && hyphens.starts_with(&[4, 7])
    };
    tokens.filter(|token| is_word(token) || is_day(token)).map(str::to_owned).collect()
}

/// A dealership in which something waits, is refused, was answered and has to be told.
fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let policy = include_str!("../policies/automaster.yaml");
    let old = policy
        .replace("word: promotion.news,", "word: promotion.letters,")
        .replace("for: 2y, after: collected", "for: 1y, after: collected")
        .replace("[consent, provider, state_demand, defence]", "[consent, provider, state_demand]")
        .replace("right: { grants: export, gives: [json, csv] }", "right: { grants: export, gives: [json] }")
        .replace("minors: { under: 18 }", "minors: { under: 16, deny_access: true }")
        .replace("title: contacts\n", "title: contacts\n    sensitivity: restricted\n    open: true\n")
        .replace("of: [work_order, purchase, claim, warranty]", "of: [work_order, purchase]")
        .replace("phone, email, in_person] }", "phone, email, in_person], for: access }")
        .replace("phone: +7 (708) 800-88-07", "phone: +7 (708) 800-88-08");
    world.write("old.yaml", old);
    for line in [
        "revoke --subject ref:C-1 --identity document --channel email --yes",
        "revoke --subject ref:C-2 --identity document --yes",
        "access --subject ref:C-3 --identity document --channel email",
        "request done 2026-000003 --step 1 --nothing --evidence Пусто",
        "request answer 2026-000003 --channel email --number 7",
        "request open --right rectify --subject ref:C-5 --identity document",
        "request refuse 2026-000004 --ground RF-SCOPE --facts Бумаги --signed-by А.Нурланова",
        "policy publish --controller automaster",
        "export --for third-party --subject ref:C-26 --demand 7/26",
    ] {
        let _ = world.dsr(line.split(' ')).ok();
    }
    world
}

#[test]
fn nothing_english_is_left_in_russian_and_kazakh() {
    let world = office();
    let mut left = Vec::new();
    for lang in ["ru", "kk"] {
        for line in [
            "request show 2026-000001",
            "request show 2026-000002 --why",
            "request show 2026-000004",
            "report destruction",
            "report register",
            "report deadlines",
            "report consents",
            "report disclosures",
            "request list",
            "suppress list",
            "consent list",
            "policy diff old.yaml automaster",
            "policy diff automaster old.yaml",
            "export --for third-party --subject ref:C-1 --recipient Страховщик --purpose service",
            "deadline --right erase --received 2026-03-20 --explain",
            "deadline --right revoke --received 2026-01-16 --controller automaster --explain",
        ] {
            let ran = world.dsr(line.split(' ').chain(["--lang", lang]));
            let words = english(&ran.stdout);
            assert!(!ran.stdout.is_empty(), "{line}: {}", ran.stderr);
            if !words.is_empty() {
                left.push(format!("{lang} {line}: {}\n{}", words.join(" "), ran.stdout));
            }
        }
        let published = world.dsr(["policy", "publish", "--controller", "mycar", "--lang", lang]).ok();
        let words = english(&published.stderr);
        assert!(words.is_empty(), "{}", published.stderr);
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// A clock that stands, by the law of another country: its days are told in words too.
#[test]
fn why_a_clock_stood_is_said_in_the_language() {
    const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-laws");
    let mut world = World::empty();
    let with = |world: &World, line: &str| {
        let policies = ["--policies", POLICIES, "--controller", "shop"];
        world.dsr(line.split(' ').chain(policies))
    };
    world.at("2026-11-02T10:00");
    let _ = with(&world, "init").ok();
    world.write("people.ndjson", "{\"kind\":\"subject\",\"ref\":\"C-1\",\"identifiers\":[{\"type\":\"email\",\"value\":\"a@shop.example\"}]}\n");
    let _ = with(&world, "import people.ndjson").ok();
    let _ = with(&world, "request open --right erase --subject ref:C-1 --channel email").ok();
    let asked = with(&world, "request note 2026-000001 --ask identity");
    let _ = asked.ok();
    for (now, line) in [
        ("2026-11-05T10:00", "status"),
        ("2026-11-06T10:00", "request verify 2026-000001 --identity document"),
    ] {
        world.at(now);
        for lang in ["ru", "kk"] {
            let shown = with(&world, &format!("request show 2026-000001 --why --lang {lang}")).ok().stdout;
            let words = english(&foreign(&shown));
            assert!(words.is_empty(), "{lang}: {words:?}\n{shown}");
        }
        let _ = with(&world, line);
    }
    let shown = with(&world, "request show 2026-000001 --why --lang ru").ok().stdout;
    assert!(
        shown.contains("срок стоял: подтверждение личности") && english(&foreign(&shown)).is_empty(),
        "{shown}"
    );
}

/// A page without the gists of rules that nobody translated, and the name of their company.
fn foreign(page: &str) -> String {
    page.lines()
        .filter(|line| !line.contains("EU-") && !line.ends_with(" shop"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whatever a check can find at once in one file, and what reading the map had to guess.
#[test]
fn a_check_of_a_map_speaks_the_language() {
    let world = World::with_store("mycar");
    world.write(
        "dsr.yaml",
        "controllers: {mycar: {systems: {till: {kind: sqlite, owner: Касса, file: till.db, map: till.yaml}}}}",
    );
    let conn = rusqlite::Connection::open(world.path().join("till.db")).unwrap();
    conn.execute_batch(
        "CREATE TABLE buyer (tenant INTEGER, id INTEGER, iin INTEGER, phone VARCHAR(10), login TEXT UNIQUE, name TEXT NOT NULL, what TEXT, extra TEXT, PRIMARY KEY (tenant, id));
         CREATE TABLE sale (id INTEGER PRIMARY KEY, tenant INTEGER, buyer INTEGER, login TEXT REFERENCES buyer (login), text TEXT, FOREIGN KEY (tenant, buyer) REFERENCES buyer (tenant, id));
         CREATE TABLE spy (id INTEGER PRIMARY KEY);
         CREATE TABLE loose (a TEXT, phone TEXT);
         CREATE TRIGGER kept BEFORE UPDATE ON buyer BEGIN SELECT 1; END;
         INSERT INTO buyer VALUES (1, 1, 7, 'x', 'l', 'n', 'w', 'e'), (1, 2, 8, 'y', 'm', 'o', 'v', 'f');
         INSERT INTO loose VALUES ('1', '8 701 000 00 01'), ('1', '2');",
    )
    .unwrap();
    let key = "fides_meta: { primary_key: true }";
    let hmac = "masking_strategy_override: { strategy: hmac }";
    world.write(
        "till.yaml",
        format!(
            "dataset: [{{ fides_key: till, collections: [
  {{ name: buyer, fields: [{{ name: tenant, {key} }}, {{ name: id, {key} }}, {{ name: iin, dsr_meta: {{ identity: iin }} }},
    {{ name: phone, fides_meta: {{ identity: phone_number, length: 20, data_type: integer }} }},
    {{ name: login, data_categories: [user.account.username], fides_meta: {{ {hmac} }} }}, {{ name: name, data_categories: [user.name] }}, {{ name: what }}, {{ name: gone }}] }},
  {{ name: sale, fields: [{{ name: id, {key} }}, {{ name: tenant, dsr_meta: {{ not_personal: true }} }}, {{ name: text, data_categories: [user.content] }},
    {{ name: login, data_categories: [user.account.username], fides_meta: {{ identity: pen_name }} }},
    {{ name: buyer, fides_meta: {{ references: [{{ dataset: till, field: buyer.id, direction: from }}] }} }}] }},
  {{ name: loose, fields: [{{ name: a, {key} }}, {{ name: phone, fides_meta: {{ identity: phone_number }}, dsr_meta: {{ exact: true }} }}] }},
  {{ name: nowhere, fields: [{{ name: id, {key} }}] }} ] }}]"
        ),
    );
    let english_run = world.dsr(["map", "check"]).exits(6);
    assert!(english_run.stderr.matches("hint:").count() > 14, "{}", english_run.stderr);
    for lang in ["ru", "kk"] {
        let run = world.dsr(["map", "check", "--lang", lang]).exits(6);
        let lines = run.stderr.replace("till.", "").replace("dsr_meta", "").replace("dsr.yaml", "");
        let known = [
            "till",
            "buyer",
            "sale",
            "loose",
            "nowhere",
            "spy",
            "text",
            "identity",
            "hmac",
            "string_rewrite",
        ];
        let words: Vec<String> =
            english(&lines).into_iter().filter(|word| !known.contains(&word.as_str())).collect();
        assert!(words.is_empty(), "{lang}: {words:?}\n{}", run.stderr);
    }
    let fault = std::fs::read_to_string(world.path().join("till.yaml")).unwrap();
    world.write("till.yaml", fault.replace("[user.name]", "[userx.name]").replace("buyer.id", "buyer.nr"));
    for (lang, says) in [
        ("ru", "не известно: категория данных `userx.name`"),
        ("kk", "белгісіз: деректер санаты `userx.name`"),
    ] {
        let run = world.dsr(["map", "check", "--lang", lang]).exits(6);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn what_is_english_is_seen() {
    assert_eq!(english("по 2026-000001 с 2026-11-22T10:00:00+05:00"), ["2026-11-22T10"]);
    assert_eq!(english("право grant: report_x\n→ dsr status\n`ok then` MC-8.10"), ["grant", "report_x"]);
}

/// RFC 3339 is for machines, in every language.
#[test]
fn no_table_writes_a_moment_as_machines_do() {
    let world = office();
    for line in [
        "request list",
        "request show 2026-000001 --why",
        "report register",
        "report deadlines",
        "report destruction",
        "report disclosures",
        "consent list",
        "audit list",
        "access --subject ref:C-1 --identity document",
        "deadline --right restrict --received 2026-11-22T14:35 --explain",
    ] {
        for lang in ["en", "ru", "kk"] {
            let page = world.dsr(line.split(' ').chain(["--lang", lang])).ok().stdout;
            let moment = page.split_whitespace().find(|word| word.contains("T1") && word.contains("+05:00"));
            assert_eq!(moment, None, "{line} {lang}\n{page}");
        }
    }
    let english = world.dsr(["request", "show", "2026-000001"]).ok().stdout;
    assert!(english.contains("2026-11-22 10:00"), "{english}");
    let json = world.dsr(["request", "show", "2026-000001", "--format", "json"]).ok().stdout;
    assert!(json.contains("\"2026-11-22T10:00:00+05:00\""), "{json}");
}

/// What a version shares with the policy built in is told in its words; what it says otherwise is quoted.
#[test]
fn a_change_of_policy_is_told_in_the_words_that_are_known() {
    let world = office();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/automaster.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("who: service providers,") && text.contains("says: from calls to support"));
    let old = text
        .replace("who: service providers,", "who: postmen,")
        .replace("says: from calls to support", "says: from calls and chats");
    world.write("older.yaml", old);
    let of = |lang: &str| {
        let page =
            world.dsr(["policy", "diff", "older.yaml", "automaster", "--lang", lang, "--format", "table"]);
        page.ok().stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let english = of("en");
    for part in ["service providers", "postmen", "from calls and chats", "from calls to support"] {
        assert!(english.contains(part), "{english}");
    }
    for lang in ["ru", "kk"] {
        let said = of(lang);
        assert!(said.contains("postmen") && said.contains("from calls and chats"), "quoted: {said}");
        for part in ["service providers", "from calls to support"] {
            assert!(!said.contains(part), "{lang} {part}: {said}");
        }
    }
}

#[test]
fn machines_read_what_they_always_read() {
    let world = office();
    let of = |line: &str| world.dsr(line.split(' ').chain(["--lang", "ru", "--format", "json"])).ok().stdout;
    for (line, parts) in [
        ("report register", &["\"decision\":\"partial\"", "\"answer_channel\":\"email\""][..]),
        ("report destruction", &["\"state\":", "contract 1 ("]),
        ("report deadlines", &["\"duty\":\"notice\"", "home_page: "]),
        ("policy diff old.yaml automaster", &["\"class\":\"new_purpose\"", "\"what\":\"promotion.news\""]),
    ] {
        let said = of(line);
        for part in parts {
            assert!(said.contains(part), "{line}: {part:?} is not in\n{said}");
        }
    }
}

#[test]
fn a_citation_is_in_the_language_too() {
    let world = office();
    for (lang, part) in [("ru", "Правила 395/НҚ п. 16"), ("kk", "Қағидалар 395/НҚ т. 16")]
    {
        let said = world.dsr(["policy", "explain", "KZ-R16", "--lang", lang]).ok().stdout;
        assert!(said.contains(part), "{said}");
    }
}

/// What a right gives is said, in words, where the rule is explained and where two versions differ in it; what no clause
/// says is said to stand in none.
#[test]
fn what_a_right_gives_is_said_in_words() {
    let world = World::with_fixtures();
    let policy = std::fs::read_to_string(format!("{}/policies/mycar.yaml", env!("CARGO_MANIFEST_DIR")));
    let less = policy.unwrap_or_default().replace("gives: [fact, list, copy]", "gives: [fact, list]");
    world.write("less.yaml", less);
    for (lang, gives, no_clause) in [
        ("en", "copy", "MyCar Group, in no clause"),
        ("ru", "копия", "MyCar Group, ни в одном пункте"),
        ("kk", "көшірме", "MyCar Group, бірде-бір тармақта жоқ"),
    ] {
        let says = |line: &str| {
            let args = line.split(' ').chain(["--controller", "mycar", "--lang", lang]);
            world.dsr(args).ok().stdout
        };
        assert!(says("policy explain MC-8.10-access").contains(gives), "{lang}");
        assert!(says("policy explain MC-silence-deadline").contains(no_clause), "{lang}");
        let diff = says("policy diff mycar less.yaml");
        assert!(diff.contains(gives), "{lang}: {diff}");
    }
}

/// Every rule of both policies and of the law, said in Russian and Kazakh.
#[test]
fn every_rule_is_explained_in_the_language() {
    let world = World::with_fixtures();
    for (controller, files) in [("mycar", &["mycar", "kz"][..]), ("automaster", &["automaster"])] {
        let read = |file: &&str| {
            std::fs::read_to_string(format!("{}/policies/{file}.yaml", env!("CARGO_MANIFEST_DIR")))
                .unwrap_or_default()
        };
        let text: String = files.iter().map(read).collect();
        let ids = text.lines().filter_map(|line| line.strip_prefix("  - id: "));
        let ids: Vec<&str> = ids.filter(|id| id.starts_with(|c: char| c.is_ascii_uppercase())).collect();
        assert!(ids.len() > 50, "{controller}: {}", ids.len());
        let mut left = Vec::new();
        for (id, lang) in ids.iter().flat_map(|id| [(id, "ru"), (id, "kk")]) {
            let said =
                world.dsr(["--lang", lang, "--controller", controller, "policy", "explain", id]).ok().stdout;
            let words = english(&said);
            let whole = said.lines().filter(|line| line.is_ascii()).collect::<Vec<_>>();
            if !words.is_empty() || !whole.is_empty() {
                left.push(format!("{id} {lang}: {words:?} {whole:?}"));
            }
        }
        assert_eq!(left, [""; 0], "say them in policies/words.*.ftl, beside the rule as `.own`");
    }
}

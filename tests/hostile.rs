//! Hostile input: what somebody typed into a form drives neither terminal nor spreadsheet, browser, path or SQL;
//! databases that are not what they should be are left as they are; nothing is so large that memory grows with it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "hostile/files.rs"]
mod files;
#[path = "hostile/limits.rs"]
mod limits;
#[path = "hostile/sheets.rs"]
mod sheets;

use common::World;

/// Whether the long form is asked for.
fn whole() -> bool {
    std::env::var("DSR_HOSTILE").as_deref() == Ok("all")
}

/// Texts that mean something to a program that should only show them.
const TEXTS: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}",
    "\u{9b}31m\u{85}\u{8}\u{7f}",
    "\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{202e}desrever\u{202c}\u{2066}\u{2069}\u{200f}",
    "two\u{2028}lines\u{2029}and\rmore\nof\tthem",
    "zero\u{200b}width\u{feff}\0nul",
    "=HYPERLINK(\"https://evil.example\";\"click\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "a;=1+1",
    "a,=1+1",
    "a\t=1+1",
    "a|=1+1",
    "\"\"=1+1",
    "\0=1+1",
    "\u{ff1d}1+1",
    " \u{a0}=1+1",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>' onmouseover='x",
    "javascript:alert(1)",
    "{{ 7*7 }}{% include '/etc/passwd' %}",
    "'); DROP TABLE subject; --",
    "\" OR 1=1 --",
    "%s%n%x ${HOME} $(id) `id`",
    "../../../etc/passwd",
    "\u{9b}31m \u{61c}\u{206b} \u{fff9}a\u{fffb} \u{e0041}\u{180e}",
    "blank\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}\u{1d159} \u{34f}\u{17b4}\u{180b}\u{fe00}\u{fe0f}\u{e0100}\u{1d173}\u{fff0}",
];

/// Commands whose answers repeat what is stored, or what was typed.
const SHOWING: &[&str] = &[
    "find name:Hostile",
    "find ref:H-1",
    "access --subject ref:H-1 --identity document",
    "export --subject ref:H-1 --identity document",
    "subject show ref:H-1",
    "request list --all",
    "request show 2026-000001",
    "hold list",
    "consent list",
    "suppress list",
    "status",
    "report register",
    "report disclosures",
    "report consents",
    "report inventory",
    "report deadlines",
    "audit list",
];

/// A person whose every field is one of the texts.
fn hostile() -> World {
    let world = World::with_store("mycar");
    let text = |nth: usize| serde_json::Value::from(TEXTS[nth % TEXTS.len()]).to_string();
    let mut lines = format!(
        "{{\"kind\":\"subject\",\"ref\":\"H-1\",\"identifiers\":[{{\"type\":\"account\",\"value\":{}}},\
         {{\"type\":\"phone\",\"value\":\"+7 701 000 00 77\"}}]}}\n",
        text(6)
    );
    for nth in 0..TEXTS.len() {
        let (one, two, three) = (text(nth), text(nth + 1), text(nth + 2));
        lines += &format!(
            "{{\"kind\":\"record\",\"ref\":\"HR-{nth}\",\"subject\":\"H-1\",\"category\":\"contact\",\"collected_at\":\"2026-07-20\",\"last_contact_at\":\"2026-07-20\",\"source\":{one},\"given_by\":\"self\",\"purposes\":[\"service\"],\"data\":{{\"given_name\":\"Hostile\",\"family_name\":{two},\"address\":{three}}}}}\n\
             {{\"kind\":\"record\",\"ref\":\"HC-{nth}\",\"subject\":\"H-1\",\"category\":\"correspondence\",\"collected_at\":\"2026-07-20\",\"source\":\"chat\",\"given_by\":\"self\",\"purposes\":[\"service\"],\"data\":{{\"channel\":\"chat\",\"text\":{one}}}}}\n\
             {{\"kind\":\"disclosure\",\"ref\":\"HD-{nth}\",\"subject\":\"H-1\",\"recipient\":{one},\"country\":\"KZ\",\"categories\":[\"contact\"],\"purpose\":\"service\",\"basis\":{two},\"at\":\"2026-07-21\"}}\n\
             {{\"kind\":\"consent\",\"ref\":\"HK-{nth}\",\"subject\":\"H-1\",\"scope\":\"promotion\",\"purposes\":[\"promotion\"],\"given_at\":\"2026-07-20\",\"given_by\":\"self\",\"method\":{one},\"evidence\":{two},\"policy_version\":{three},\"third_party\":false,\"cross_border\":false,\"publication\":false}}\n"
        );
    }
    let _ = world.write("h.ndjson", lines);
    let imported = world.dsr(["import", "h.ndjson", "--keep-going"]);
    assert!(imported.code == 0, "{}\n{}", imported.stdout, imported.stderr);
    let hostile = |nth: usize| TEXTS[nth].replace('\0', "");
    let open = ["request", "open", "--right", "access", "--subject", "ref:H-1", "--channel", "email"];
    let by = ["--representative", &hostile(0), "--authority", &hostile(3), "--tracking", &hostile(18)];
    let opened = world.dsr(open.iter().copied().chain(by));
    assert!(opened.code == 0 || world.dsr(open).code == 0, "{}", opened.stderr);
    for nth in [0, 2, 3, 6, 18, 22] {
        let text = hostile(nth);
        let _ = world.dsr(["request", "note", "2026-000001", &text]);
        let _ = world.dsr(["hold", "add", "--subject", "ref:H-1", "--basis", &text]);
        let _ = world.dsr(["restrict", "--subject", "ref:H-1", "--reason", &text, "--yes"]);
        let _ = world.dsr(["find", "ref:H-1", "--actor", &text]);
    }
    world
}

/// Neither control nor invisible: what a terminal only shows.
fn is_tame(c: char) -> bool {
    let hidden = matches!(
        c,
        '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{ad}' | '\u{34f}'
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
    );
    c == '\n' || (!c.is_control() && !hidden)
}

#[test]
fn no_text_drives_a_terminal() {
    let world = hostile();
    for command in SHOWING {
        for lang in ["en", "kk"] {
            let run = world.dsr(command.split(' ').chain(["--lang", lang])).ok();
            for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
                let wild: Vec<char> = text.chars().filter(|c| !is_tame(*c)).collect();
                assert!(wild.is_empty(), "{command} --lang {lang}: {stream} holds {wild:?}");
            }
        }
        for format in ["json", "ndjson"] {
            let lines = world.dsr(command.split(' ').chain(["--format", format])).ok().stdout;
            assert!(lines.chars().all(is_tame), "{command} --format {format}");
        }
    }
}

/// A letter repeats where data came from, and to whom it went.
#[test]
fn no_letter_drives_anything() {
    let world = hostile();
    let told =
        world.dsr(["access", "--subject", "ref:H-1", "--identity", "document", "--format", "json"]).ok();
    let number = told.json()["request"]["number"].as_str().unwrap().to_owned();
    for lang in ["en", "ru", "kk"] {
        for form in ["text", "html"] {
            let run = world.dsr(["request", "letter", &number, "--format", form, "--lang", lang]).ok();
            let wild: Vec<char> = run.stdout.chars().filter(|c| !is_tame(*c)).collect();
            assert!(wild.is_empty() && run.stdout.contains("u{202e}"), "{form} --lang {lang}: {wild:?}");
        }
    }
}

/// Errors repeat what was typed.
#[test]
fn no_argument_drives_a_terminal() {
    let world = World::with_fixtures();
    for text in TEXTS.iter().map(|text| text.replace('\0', "")) {
        for words in [
            vec!["find", &text],
            vec![&text],
            vec!["find", "--colour", &text],
            vec!["access", "--subject", &text],
            vec!["export", "--subject", "ref:C-1", "--output", &text, "--format", &text],
            vec!["report", "register", "--from", &text],
            vec!["request", "show", &text],
            vec!["deadline", "--right", &text, "--received", "2026-01-01"],
            vec!["policy", "explain", &text, "--controller", "mycar"],
            vec!["status", "--controller", &text],
            vec!["import", &text],
            vec!["audit", "verify", "--head", &text],
            vec!["status", "--store", &text],
        ] {
            let run = world.dsr(&words);
            let said = format!("{}{}", run.stdout, run.stderr);
            let wild: Vec<char> = said.chars().filter(|c| !is_tame(*c)).collect();
            assert!(wild.is_empty(), "{words:?}: {wild:?}");
            assert!(run.code != 1 && run.code != -1, "{words:?}: {}", run.stderr);
        }
    }
}

#[test]
fn no_text_drives_a_browser() {
    let world = hostile();
    for command in ["access --subject ref:H-1", "export --subject ref:H-1", "report compliance"] {
        for lang in ["en", "ru"] {
            let args = command.split(' ').chain(["--format", "html", "--lang", lang]);
            let page = world.dsr(args).ok().stdout;
            assert!(page.contains("default-src 'none'"), "{command}: a strict policy");
            let low = page.to_lowercase();
            for wild in [
                "<script",
                "<img",
                "<svg/",
                "<iframe",
                "href=\"javascript",
                "onerror=alert(1)>",
                "src=\"http",
            ] {
                assert!(!low.contains(wild), "{command}: {wild}");
            }
            let strange: Vec<char> = page.chars().filter(|c| !is_tame(*c)).collect();
            assert!(strange.is_empty(), "{command}: {strange:?}");
        }
    }
}

#[test]
fn no_text_is_sql() {
    let world = hostile();
    let before = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout.lines().count();
    let tables = |world: &World| -> i64 {
        let conn = rusqlite::Connection::open(world.store()).unwrap();
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
    };
    let had = tables(&world);
    for text in ["'); DROP TABLE subject; --", "\" OR 1=1 --", "%", "_", "*", "' UNION SELECT * FROM meta --"]
    {
        for kind in ["ref", "iin", "account", "name", "phone", "email", "vin", "id"] {
            let run = world.dsr(["find", &format!("{kind}:{text}"), "--format", "json"]);
            let found = run.stdout.contains("\"id\"") && !(kind == "name" && TEXTS.contains(&text));
            assert!([0, 2, 3].contains(&run.code) && !found, "{kind}:{text}: {}{}", run.stdout, run.stderr);
            let run = world.dsr([
                "erase",
                "--subject",
                &format!("{kind}:{text}"),
                "--identity",
                "document",
                "--yes",
            ]);
            assert!([0, 2, 3, 5].contains(&run.code), "{kind}:{text}: {}", run.stderr);
        }
    }
    assert_eq!(tables(&world), had);
    let _ = world.dsr(["subject", "show", "ref:H-1"]).ok();
    assert!(world.dsr(["audit", "list", "--format", "csv"]).ok().stdout.lines().count() >= before);
}

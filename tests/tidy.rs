//! House rules, read out of the source text: what no compiler and no linter checks here.
//!
//! Each rule is one function from a file to its violations, and each has planted violations below
//! that it must see, so that a rule that went blind fails too.
#![expect(clippy::panic, reason = "a test may panic")]

#[path = "tidy/source.rs"]
mod source;

use std::path::Path;

use source::{Source, files, literals, words};

type Rule = fn(&Source) -> Vec<String>;

/// Files that may be long, each with its reason.
const LONG: &[(&str, &str)] = &[];

/// Files other than `main.rs` that may ask for the time, each with its reason.
const CLOCKS: &[(&str, &str)] = &[("render/progress.rs", "a progress bar shows how long it takes")];

const RULES: &[(&str, Rule)] = &[
    ("only main.rs reads the time", clock),
    ("SQL only under store and system", sql),
    ("only render and main.rs print", printing),
    ("only store, system and render expose an identifier", expose),
    ("no unsafe", unsafe_code),
    ("a layer uses only what stands right of it", layers),
    ("nothing is left to do", leftovers),
    ("no file over 400 lines", length),
    ("no controller is known by name", controllers),
];

#[test]
fn the_tree_keeps_the_house_rules() {
    let tree = Source::under(&root().join("src"));
    assert!(tree.len() > 20, "the source tree was not found");
    let broken: Vec<String> = RULES
        .iter()
        .flat_map(|(name, rule)| tree.iter().flat_map(rule).map(move |place| format!("{place}: {name}")))
        .collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_exception_is_still_needed() {
    let src = root().join("src");
    for (path, reason) in LONG {
        let lines = std::fs::read_to_string(src.join(path)).map_or(0, |text| text.lines().count());
        assert!(lines > 400, "{path} is no longer long ({reason}): take it off the list");
    }
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    let places = ["src", "tests", "examples", "benches", "policies", "docs", "fixtures", "contrib"];
    let inside = places.iter().flat_map(|dir| files(&root().join(dir)));
    let top = ["README.md", "Cargo.toml"].map(|file| root().join(file));
    let broken: Vec<String> = inside
        .chain(top)
        .filter_map(|path| Some((std::fs::read_to_string(&path).ok()?, path)))
        .flat_map(|(text, path)| machine_paths(&path.display().to_string(), &text))
        .collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The places of these words in the code, except in files that `allowed` names.
fn forbid(file: &Source, list: &[&str], allowed: impl Fn(&Source) -> bool) -> Vec<String> {
    if allowed(file) {
        return Vec::new();
    }
    list.iter().flat_map(|word| words(&file.code, word)).map(|at| file.place(at)).collect()
}

fn clock(file: &Source) -> Vec<String> {
    forbid(file, &["Utc::now", "Local::now", "SystemTime::now", "Instant::now"], |file| {
        file.path == "main.rs" || CLOCKS.iter().any(|(path, _)| *path == file.path)
    })
}

fn sql(file: &Source) -> Vec<String> {
    let allowed = |file: &Source| ["store", "system"].contains(&file.layer());
    let mut broken = forbid(file, &["rusqlite"], allowed);
    if !allowed(file) {
        let starts = ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA "];
        let is_sql = |text: &str| starts.iter().any(|start| text.trim_start().starts_with(start));
        let found = literals(&file.text, &file.code).into_iter().filter(|(_, text)| is_sql(text));
        broken.extend(found.map(|(at, _)| file.place(at)));
    }
    broken
}

fn printing(file: &Source) -> Vec<String> {
    let printers = ["println!", "eprintln!", "print!", "eprint!", "stdout()", "stderr()"];
    forbid(file, &printers, |file| file.path == "main.rs" || file.layer() == "render")
}

fn expose(file: &Source) -> Vec<String> {
    forbid(file, &[".expose()", "Identifier::expose"], |file| {
        ["store", "system", "render"].contains(&file.layer()) || file.path == "domain/identifier.rs"
    })
}

fn unsafe_code(file: &Source) -> Vec<String> {
    forbid(file, &["unsafe"], |_| false)
}

fn leftovers(file: &Source) -> Vec<String> {
    forbid(file, &["todo!", "unimplemented!", "dbg!"], |_| false)
}

/// Rank of a layer: it may use lower ranks only, so layers of one rank are strangers.
fn rank(layer: &str) -> Option<u8> {
    Some(match layer {
        "command" => 7,
        "execute" | "render" => 6,
        "system" => 5,
        "store" => 4,
        "decide" => 3,
        "policy" | "calendar" | "audit" => 2,
        "domain" => 1,
        _ => return None,
    })
}

fn layers(file: &Source) -> Vec<String> {
    let Some(own) = rank(file.layer()) else { return Vec::new() };
    let may = |used: &str| used == file.layer() || rank(used).is_none_or(|rank| rank < own);
    let edges = uses(file).into_iter().filter(|(_, used)| !may(used));
    edges.map(|(at, used)| format!("{} uses {used}", file.place(at))).collect()
}

/// Every module of the crate root that the code names, grouped imports included.
fn uses(file: &Source) -> Vec<(usize, String)> {
    let is_root = file.path.ends_with("/mod.rs") && file.path.matches('/').count() == 1;
    let roots: &[&str] = if is_root { &["crate::", "super::"] } else { &["crate::"] };
    let starts = roots.iter().flat_map(|root| words(&file.code, root).into_iter().map(|at| at + root.len()));
    starts.flat_map(|at| first_names(&file.code[at..]).into_iter().map(move |name| (at, name))).collect()
}

/// `a::b` → a; `{a::{b, c}, d}` → a, d.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth, mut fresh) = (Vec::new(), 0_i32, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && !c.is_whitespace() => {
                names.push(name(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

fn length(file: &Source) -> Vec<String> {
    let lines = file.whole.lines().count();
    let listed = LONG.iter().any(|(path, _)| *path == file.path);
    if lines > 400 && !listed { vec![format!("src/{} has {lines} lines", file.path)] } else { Vec::new() }
}

/// A policy is a file; code that knows one by name would be a policy too.
fn controllers(file: &Source) -> Vec<String> {
    let named = |text: &str| ["mycar", "automaster"].contains(&text.to_lowercase().as_str());
    let found = literals(&file.text, &file.code).into_iter().filter(|(_, text)| named(text));
    found.map(|(at, _)| file.place(at)).collect()
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    // Written in halves, or this file would break its own rule.
    let homes = [["/wo", "rk/"], ["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["C:\\Us", "ers"]];
    let lines = (1..).zip(text.lines());
    let hit = |line: &str| homes.iter().any(|halves| line.contains(&halves.concat()));
    lines.filter(|(_, line)| hit(line)).map(|(n, _)| format!("{path}:{n}")).collect()
}

/// Each rule on small invented files: how many violations it must see.
#[test]
fn every_rule_sees_what_is_planted() {
    let long = "\n".repeat(401);
    let planted: &[(&str, Rule, &str, &str, usize)] = &[
        ("asks the time", clock, "decide/access.rs", "let now = Utc::now();", 1),
        ("main may", clock, "main.rs", "let now = Utc::now();", 0),
        ("in a comment", clock, "decide/access.rs", "// Utc::now() is not asked here", 0),
        ("in a test", clock, "decide/access.rs", "#[cfg(test)]\nmod tests { fn f() { Utc::now(); } }", 0),
        ("after a test", clock, "decide/a.rs", "#[test]\nfn t() { '{'; }\nfn f() { Instant::now(); }", 1),
        ("engine", sql, "command/find.rs", "use rusqlite::Connection;", 1),
        ("statement", sql, "command/find.rs", "let q = \"SELECT id FROM record\";", 1),
        ("raw statement", sql, "render/csv.rs", "let q = r#\"\n  DELETE FROM record\"#;", 1),
        ("the store may", sql, "store/open.rs", "use rusqlite::Connection; \"SELECT 1\"", 0),
        ("a word of it", sql, "command/find.rs", "//! no rusqlite here\nlet s = \"rusqlite\";", 0),
        ("prints", printing, "command/find.rs", "println!(\"{x}\"); eprint!(\"\");", 2),
        ("by hand", printing, "execute/run.rs", "writeln!(io::stdout(), \"\")", 1),
        ("render may", printing, "render/table.rs", "print!(\"\")", 0),
        ("shows", expose, "decide/access.rs", "iin.expose()", 1),
        ("shows by path", expose, "command/find.rs", ".map(Identifier::expose)", 1),
        ("its own file", expose, "domain/identifier.rs", "self.expose()", 0),
        ("unsafe", unsafe_code, "store/open.rs", "unsafe { f() }", 1),
        ("its lint", unsafe_code, "lib.rs", "#![forbid(unsafe_code)]", 0),
        ("upwards", layers, "domain/case.rs", "use crate::store::Store;", 1),
        ("grouped", layers, "decide/access.rs", "use crate::{domain::{Case, Right}, store, policy};", 1),
        ("in passing", layers, "policy/raw.rs", "fn f() -> crate::decide::Plan {}", 1),
        ("siblings", layers, "execute/run.rs", "use crate::render::Outcome;", 1),
        ("siblings below", layers, "calendar/due.rs", "use crate::policy::Policy;", 1),
        ("from mod.rs", layers, "audit/mod.rs", "use super::store::Store;", 1),
        ("downwards", layers, "command/find.rs", "use crate::{decide, domain, render, store};", 0),
        ("itself", layers, "store/facts.rs", "use crate::store::open;", 0),
        ("to do", leftovers, "store/open.rs", "todo!(); unimplemented!(); dbg!(x);", 3),
        ("too long", length, "store/open.rs", &long, 1),
        ("just right", length, "store/open.rs", &long[1..], 0),
        ("by name", controllers, "decide/revoke.rs", "if controller == \"mycar\" {}", 1),
        ("its file", controllers, "policy/mod.rs", "include_str!(\"../../policies/mycar.yaml\")", 0),
        (
            "in a test",
            controllers,
            "decide/a.rs",
            "#[cfg(test)]\nmod tests { const C: &str = \"mycar\"; }",
            0,
        ),
        ("a quote", controllers, "decide/a.rs", "let q = ['\"', '\\'', '\\u{22}']; f::<'a>(\"mycar\")", 1),
    ];
    for (about, rule, path, text, expected) in planted {
        let seen = rule(&Source::new(path, text));
        assert_eq!(seen.len(), *expected, "{about}: {text:?} saw {seen:?}");
    }
}

#[test]
fn a_planted_machine_path_is_seen() {
    let text = format!("fine\nsee {}rk/notes", "/wo");
    assert_eq!(machine_paths("README.md", &text), ["README.md:2"]);
}

#[test]
fn files_of_tests_are_known_by_their_declaration() {
    let text = "mod a;\n#[cfg(test)]\nmod sample;\n#[cfg(test)]\npub(super) mod more;\n#[cfg(test)]\nmod tests { mod x; }";
    for (path, expected) in [
        ("audit/mod.rs", ["audit/sample.rs", "audit/more.rs"]),
        ("audit/log.rs", ["audit/log/sample.rs", "audit/log/more.rs"]),
        ("lib.rs", ["sample.rs", "more.rs"]),
    ] {
        assert_eq!(Source::new(path, text).test_files(), expected, "{path}");
    }
}

#[test]
fn comments_strings_and_tests_are_told_apart() {
    let file = Source::new("x.rs", "a /* b /* c */ d */ e // f\n\"g // h\" r#\"i \" j\"# 'k' &'l m");
    let left: String = file.code.split_whitespace().collect();
    assert_eq!(left, "ae\"\"r#\"\"#&'lm");
    assert_eq!(literals(&file.text, &file.code).len(), 2);
    assert_eq!(file.whole.len(), file.code.len());
}

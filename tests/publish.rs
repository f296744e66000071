//! A new version of a policy: what it changes, what it opens, what was told.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;

const POLICY: &str = include_str!("../policies/automaster.yaml");

#[test]
fn a_new_version_is_classified_recorded_and_told() {
    let world = World::with_fixtures();
    let old = POLICY
        .replace("word: promotion.news,", "word: promotion.letters,")
        .replace("for: 2y, after: collected", "for: 1y, after: collected");
    let old = world.write("old.yaml", old);
    let old = old.to_str().unwrap();
    let diff = world.dsr(["policy", "diff", old, "automaster", "--format", "json"]).ok().json();
    let classes: Vec<&str> =
        diff["changes"].as_array().unwrap().iter().filter_map(|change| change["class"].as_str()).collect();
    assert_eq!(classes, ["new_purpose", "longer_retention", "purpose_gone"]);
    assert_eq!(diff["significant_count"], 2);

    let at = ["--controller", "automaster"];
    let dsr = |words: &[&str]| world.dsr(words.iter().chain(&at).copied());
    let email = ["policy", "told", "--place", "email"];
    assert_eq!(dsr(&[&email[..], &["--people", "12"]].concat()).code, 2, "nothing was published yet");
    let said = dsr(&["policy", "publish", "--was", old, "--effective", "2026-12-15"]);
    assert!(said.ok().stderr.contains("new purpose `promotion.news`"));
    let kinds = |world: &World| {
        let day = world.dsr(["status", "--controller", "automaster", "--format", "json"]).ok().json();
        let lines = day["lines"].as_array().cloned().unwrap();
        let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).cloned().collect::<Vec<_>>();
        (of("notice"), of("new_purpose"))
    };
    let (notices, purposes) = kinds(&world);
    assert_eq!((notices.len(), &notices[0]["due"]), (3, &"2026-12-15".into()), "{notices:?}");
    let about = purposes[0]["about"].as_str().unwrap();
    assert!(about.contains("promotion.news") && !about.ends_with(" 0"), "{about}");
    let due = dsr(&["report", "deadlines", "--format", "json"]).ok().json();
    let owed = due["cases"].as_array().unwrap().iter().filter(|row| row["duty"] == "notice").count();
    assert_eq!(owed, 3);
    let _ = dsr(&email).exits(2).says("to how many people");
    assert_eq!(kinds(&world).0.len(), 3, "a notice to nobody closes nothing");
    let _ = dsr(&["policy", "told", "--place", "email", "--people", "12"]).ok();
    assert_eq!(kinds(&world).0.len(), 2);
    let versions = dsr(&["policy", "versions", "--format", "json"]).ok().json();
    let last = &versions["versions"][0];
    assert_eq!(
        (last["effective"].as_str(), last["open"].to_string()),
        (Some("2026-12-15"), r#"["AM-11-date","AM-11-home"]"#.into())
    );
    assert_eq!(last["told"][0], "AM-11-email 2026-11-22 (12)");
    assert!(last["new_purposes"][0].as_str().unwrap().starts_with("promotion.news ("), "{last}");
    let _ = dsr(&["policy", "publish"]).ok();
    let open = || {
        let versions = dsr(&["policy", "versions", "--format", "json"]).ok().json();
        let of = |n: usize| versions["versions"][n]["open"].as_array().map_or(0, Vec::len);
        (of(0), of(1))
    };
    assert_eq!(open(), (2, 3), "another publication ends nothing that is owed");
    let _ = dsr(&["policy", "told", "--place", "home_page"]).ok();
    assert_eq!(open(), (1, 2), "what is told of the later text is told of both");
    let _ = world.dsr(["policy", "publish", "--controller", "mycar"]).ok();
    assert_eq!(open(), (1, 2), "another company's publication is another's");
    for command in [&["status"][..], &["report", "deadlines"]] {
        let all = world.dsr([command, &["--format", "json"]].concat()).ok().json();
        let lines = all[if command.len() == 1 { "lines" } else { "cases" }].as_array().cloned().unwrap();
        let notice = |line: &&serde_json::Value| line["kind"] == "notice" || line["duty"] == "notice";
        let of: Vec<&serde_json::Value> =
            lines.iter().filter(notice).map(|line| &line["controller"]).collect();
        assert_eq!(of, ["automaster", "automaster"], "{command:?}: {all}");
    }
    assert_eq!(dsr(&["audit", "verify"]).code, 0);
}

#[test]
fn without_a_promise_a_version_takes_effect_at_publication() {
    let world = World::with_fixtures();
    let at = ["--controller", "mycar"];
    let dsr = |words: &[&str]| world.dsr(words.iter().chain(&at).copied());
    let later = dsr(&["policy", "publish", "--effective", "2026-12-15"]);
    assert_eq!(later.code, 4);
    assert!(later.stderr.contains("clause"), "{}", later.stderr);
    let _ = dsr(&["policy", "publish"]).ok();
    let last = dsr(&["policy", "versions", "--format", "json"]).ok().json()["versions"][0].clone();
    assert_eq!((last["effective"].as_str(), last["open"].to_string()), (Some("2026-11-22"), "[]".into()));
    assert_eq!(dsr(&["policy", "told", "--place", "email"]).code, 2);
}

/// Of two versions that are open the one that takes effect first says when a notice is due, in whatever order they came.
#[test]
fn notices_are_due_by_the_earliest_day() {
    let mut world = World::with_fixtures();
    for (n, day) in ["2026-12-10", "2026-11-25"].into_iter().enumerate() {
        let text = POLICY.replace("for: 2y, after: collected", &format!("for: {}y, after: collected", n + 3));
        let was = world.write("was.yaml", text);
        let line = [
            "policy",
            "publish",
            "--controller",
            "automaster",
            "--effective",
            day,
            "--was",
            was.to_str().unwrap(),
        ];
        let _ = world.dsr(line).ok();
    }
    world.at("2026-11-26T10:00:00+05:00");
    let check = ["report", "deadlines", "--controller", "automaster", "--check", "--format", "json"];
    let due = world.dsr(check).exits(10).json();
    let notices = due["cases"].as_array().unwrap().iter().filter(|row| row["duty"] == "notice");
    let days: Vec<&str> = notices.filter_map(|row| row["due"].as_str()).collect();
    assert_eq!(days, ["2026-11-25"; 3]);
}

#[test]
fn a_changed_text_changes_its_date() {
    let world = World::with_fixtures();
    let old = world.write("old.yaml", POLICY.replace("sha256: 13886f", "sha256: 00886f"));
    let args = ["policy", "publish", "--controller", "automaster", "--was", old.to_str().unwrap()];
    let ran = world.dsr(args);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("date"), "{}", ran.stderr);
}

#[test]
fn a_day_that_is_past_is_not_taken_without_a_word() {
    let world = World::with_fixtures();
    let publish =
        |day: &str| world.dsr(["policy", "publish", "--controller", "mycar", "--effective", day]).ok();
    let past = publish("2026-01-01").stderr;
    assert!(past.contains("warning: 2026-01-01 is past"), "{past}");
    let today = publish("2026-11-22").stderr;
    assert!(!today.contains("warning"), "{today}");
}

//! Erasure from outside: who is meant, what protects, what is asked first, what the act says.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    World,
    plan::{kept, list, steps, text},
};

#[test]
fn erased_is_erased_and_twice_is_already_done() {
    let world = World::with_fixtures();
    let plan = world.does("erase --subject iin:930830499110").ok().json();
    assert_eq!((&plan["decision"], &plan["outcome"]["destruction"]), (&"grant".into(), &"destroyed".into()));
    assert!(world.holds("iin:930830499110", "mycar").is_empty());
    let again = world.does("erase --subject iin:930830499110").ok().json();
    assert_eq!((&again["already_done"], &again["subject"]), (&true.into(), &serde_json::Value::Null));
    let table = world.dsr("erase --subject iin:930830499110 --identity document --yes".split(' ')).ok();
    assert!(table.stdout.contains("nothing is held"), "{}", table.stdout);
    let _ = world.does("revoke --subject ref:C-1").ok();
    let table = world.dsr("revoke --subject ref:C-1 --identity document --yes".split(' ')).ok();
    assert!(table.stdout.contains("already done"), "{}", table.stdout);
}

#[test]
fn what_is_held_in_excess_goes_alone() {
    let world = World::with_fixtures();
    let before = world.holds("ref:C-28", "mycar");
    let plan = world.does("erase --subject ref:C-28 --category unlisted").ok().json();
    assert_eq!(steps(&plan), ["destroy unlisted x1 by KZ-7.8/9"]);
    assert_eq!(world.holds("ref:C-28", "mycar").len(), before.len() - 1);
}

#[test]
fn nothing_held_is_an_answer_and_unknown_is_none() {
    let world = World::with_fixtures();
    let who = "--subject iin:991231199991";
    for right in ["erase", "revoke", "object"] {
        let plan = world.does(&format!("{right} {who}")).ok().json();
        assert_eq!((&plan["subject"], list(&plan["steps"]).len()), (&serde_json::Value::Null, 0), "{right}");
    }
    let before = world.bytes();
    for command in [
        format!("rectify {who} --set contact.phone=+77010000077 --document d"),
        format!("restrict {who} --reason r"),
    ] {
        let _ = world.does(&command).exits(3);
    }
    let _ = world.dsr(format!("hold add {who} --basis b").split(' ')).exits(3);
    assert!(world.bytes() == before);
}

#[test]
fn a_searched_selector_names_nobody_who_can_be_changed() {
    let world = World::with_fixtures();
    let before = world.bytes();
    for selector in
        ["phone:+77010000001", "email:assel@omarova.example", "vin:LGWEF4A52NB990027", "name:Омарова"]
    {
        for command in [
            "erase",
            "revoke",
            "object",
            "restrict --reason r",
            "rectify --set contact.phone=+77010000077 --document d",
        ] {
            let run = world.does(&format!("{command} --subject {selector}")).exits(5);
            assert!(
                run.stdout.is_empty() && run.stderr.contains("id:"),
                "{command} {selector}: {}",
                run.stderr
            );
            assert!(!run.stderr.contains("Омарова") && !run.stderr.contains("77010000001"), "{}", run.stderr);
        }
        let _ = world.dsr(["hold", "add", "--subject", selector, "--basis", "b"]).exits(5);
    }
    assert!(world.bytes() == before, "nothing was written");
}

#[test]
fn nobody_to_ask_is_no_consent() {
    let world = World::with_fixtures();
    let before = world.bytes();
    for command in [
        "erase",
        "revoke",
        "object",
        "restrict --reason r",
        "rectify --set contact.phone=+77010000077 --document d",
    ] {
        let words = format!("{command} --subject ref:C-1 --identity document");
        let run = world.dsr(words.split(' ')).exits(2).says("--yes");
        assert!(run.stdout.is_empty());
        let plan = world.dsr(words.split(' ').chain(["--dry-run", "--format", "json"])).ok().json();
        assert_eq!(plan["done"], false, "{command}");
    }
    assert!(world.bytes() == before, "looking changes nothing");
}

#[test]
fn without_identity_what_destroys_is_refused_with_what_to_do() {
    let world = World::with_fixtures();
    let before = world.holds("ref:C-8", "mycar");
    for (command, by) in
        [("erase", "2026-12-11"), ("rectify --set contact.address=X --document d", "2026-11-23")]
    {
        let plan = world.asks(&format!("{command} --subject ref:C-8")).exits(4).json();
        assert_eq!(
            (&plan["refusal"]["by"], &plan["refusal"]["ground"]),
            (&by.into(), &"RF-ID".into()),
            "{command}"
        );
        assert!(text(&plan["refusal"]["todo"]).contains("dsr request verify"));
        assert_eq!(plan["outcome"]["state"], "received");
    }
    let plan = world.asks("revoke --subject ref:C-2").exits(4).json();
    assert!(
        steps(&plan).iter().all(|step| step.starts_with("suppress (") || step.starts_with("notify")),
        "{:?}",
        steps(&plan)
    );
    assert_eq!(world.stopped("mycar"), ["analytics.surveys", "promotion"]);
    let _ = world.asks("restrict --subject ref:C-8 --reason r").ok();
    assert_eq!(world.holds("ref:C-8", "mycar"), before);
}

#[test]
fn a_stale_plan_does_nothing() {
    let world = World::with_fixtures();
    let plan = |name: &str| {
        let words = format!("erase --subject ref:C-8 --identity document --plan-out {name}");
        let _ = world.dsr(words.split(' ')).ok();
    };
    plan("stale.json");
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-8", "--basis", "court order"]).ok();
    let before = world.bytes();
    let run = world.dsr(["apply", "stale.json", "--yes"]).exits(5).says("stale");
    assert!(run.stdout.is_empty() && world.bytes() == before);
    let _ = world.dsr(["hold", "release", "H-1"]).ok();
    plan("fresh.json");
    let done = world.dsr(["apply", "fresh.json", "--yes", "--format", "json"]).ok().json();
    assert_eq!(done["outcome"]["destruction"], "destroyed");
    let _ = world.dsr(["apply", "fresh.json", "--yes"]).exits(5);
}

/// The policy is read once: the entry names the one that was decided by, and a plan by another is stale.
#[test]
fn the_policy_of_a_decision_is_named_and_no_other_carries_its_plan_out() {
    let world = World::with_fixtures();
    std::fs::create_dir(world.path().join("own")).unwrap();
    let policies = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for file in std::fs::read_dir(policies).unwrap().map(|file| file.unwrap().path()) {
        if file.is_file() {
            std::fs::copy(&file, world.path().join("own").join(file.file_name().unwrap())).unwrap();
        }
    }
    let by = |words: &str| world.dsr(words.split(' ').chain(["--policies", "own"]));
    let digest = || {
        let copy = by("export --subject ref:C-1 --identity document --format json").ok().json();
        text(&copy["policy"]["sha256"]).to_owned()
    };
    let first = digest();
    let _ = by("erase --subject ref:C-8 --identity document --plan-out plan.json").ok();
    let policy = world.path().join("own/mycar.yaml");
    let before = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, format!("{before}# Another one.\n")).unwrap();
    let _ = by("apply plan.json --yes").exits(5).says("the policy changed");
    let _ = by("erase --subject ref:C-8 --identity document --yes").ok();
    let conn = rusqlite::Connection::open(world.store()).unwrap();
    let named = |digest: &str| -> i64 {
        let sql = "SELECT count(*) FROM audit_entry WHERE instr(bytes, CAST(?1 AS BLOB)) > 0
            AND instr(bytes, CAST('\"command\":\"erase\"' AS BLOB)) > 0";
        conn.query_row(sql, [format!("\"policy\":\"{digest}\"")], |row| row.get(0)).unwrap()
    };
    let second = digest();
    assert_ne!(first, second);
    assert_eq!((named(&first), named(&second)), (0, 1));
}

#[test]
fn deferred_destruction_is_pending_until_sanitize() {
    let world = World::with_fixtures();
    let plan = world.does("erase --subject ref:C-8 --defer-destruction").ok().json();
    let act = text(&plan["outcome"]["act"]).to_owned();
    assert_eq!(plan["outcome"]["destruction"], "pending");
    let acts = || world.dsr(["report", "destruction", "--format", "json"]).ok().json()["acts"][0].clone();
    assert_eq!((&acts()["state"], &acts()["number"]), (&"pending".into(), &act.as_str().into()));
    let doctor = world.dsr(["doctor"]).exits(6).stdout;
    assert!(doctor.contains("dsr sanitize"), "{doctor}");
    let done = world.dsr(["sanitize", "--format", "json"]).ok().json();
    assert_eq!(done["acts"][0]["number"], act.as_str());
    let _ = world.dsr(["doctor"]).ok();
    let report = acts();
    assert_eq!(report["state"], "destroyed");
    for (column, holds) in
        [("method", "byte scan"), ("categories", "contact 1"), ("not_reached", "SSD"), ("rules", "DC-41")]
    {
        assert!(report[column].to_string().contains(holds), "{column}: {}", report[column]);
    }
    let said = report.to_string();
    for value in ["951216499064", "7010000008", "ulpan", "Ұлпан"] {
        assert!(!said.contains(value), "an act never has a value: {said}");
    }
}

#[test]
fn without_the_key_file_nothing_is_destroyed_and_doctor_says_why() {
    let world = World::with_fixtures();
    let key = world.path().join("store.sqlite.key");
    let kept_aside = world.path().join("aside");
    std::fs::rename(&key, &kept_aside).unwrap_or_else(|error| panic!("{error}"));
    let before = world.bytes();
    let _ = world.does("erase --subject ref:C-8").exits(6).says("key file");
    assert!(world.bytes() == before);
    let doctor = world.dsr(["doctor"]).exits(6).stdout;
    assert!(doctor.contains("missing") && doctor.contains("restore it"), "{doctor}");
    std::fs::rename(&kept_aside, &key).unwrap_or_else(|error| panic!("{error}"));
    let _ = world.does("erase --subject ref:C-8").ok();
    assert_eq!(kept(&world.does("erase --subject ref:C-8").ok().json()), Vec::<String>::new());
}

//! The nightly run from outside: what expires, what protects it, what is told.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Run, World};
use serde_json::{Value, json};

const NOVEMBER: &str = "2026-11-22T02:00:00+05:00";

/// A store of one company with these lines.
fn world(controller: &str, lines: &[Value]) -> World {
    let world = World::with_store(controller);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let file = world.write("data.ndjson", text);
    let _ = world.dsr(["import", file.to_str().unwrap_or_default()]).ok();
    world
}

fn subject(reference: &str, iin: &str) -> Value {
    let phone = format!("+7 701 000 {} 01", &iin[8..10]);
    json!({"kind": "subject", "ref": reference, "born": null, "identifiers":
        [{"type": "iin", "value": iin}, {"type": "phone", "value": phone}]})
}

fn record(reference: &str, subject: &str, category: &str, collected: &str, more: Value) -> Value {
    let data = match category {
        "contact" => {
            json!({"given_name": "Aidana", "family_name": "Serikbaeva", "email": "aidana@purge.example"})
        }
        "technical" => json!({"ip": "203.0.113.7", "browser": "Firefox-of-Aidana"}),
        "service" => json!({"order": "ZN-77-Aidana", "date": collected, "amount": 12000}),
        "cookie" => json!({"cookie_id": "cookie-of-aidana"}),
        "shopping" => json!({"activity": "looked at Aidana's car"}),
        "usage" => json!({"page": "/aidana", "seconds": 60}),
        "portrait" => json!({"file": "aidana.jpg"}),
        _ => json!({"text": "about Aidana"}),
    };
    let mut line = json!({"kind": "record", "ref": reference, "subject": subject, "category": category,
        "collected_at": collected, "source": "web_form", "given_by": "self", "purposes": ["service"], "data": data});
    let fields = more.as_object().cloned().unwrap_or_default();
    if let Some(line) = line.as_object_mut() {
        line.extend(fields);
    }
    line
}

fn purge(world: &World, more: &[&str]) -> Run {
    world.dsr([&["purge-expired", "--format", "json"][..], more].concat())
}

/// The numbers of a run in one line, as `destroyed contact 1; held technical 1`.
fn told(run: &Run) -> String {
    let answer = run.json();
    let mut parts = Vec::new();
    for what in ["destroyed", "archived", "held", "gaps"] {
        for (category, count) in answer[what].as_object().into_iter().flatten() {
            parts.push(format!("{what} {category} {count}"));
        }
    }
    parts.join("; ")
}

/// Enabled, and everything else as usual.
fn tonight(world: &World) -> String {
    told(&purge(world, &["--enable", "--accept-clock", &world.today()]).ok())
}

#[test]
fn automaster_by_rule_and_day() {
    for (category, collected, more, now, expected) in [
        ("technical", "2024-11-23", json!({}), NOVEMBER, ""),
        ("technical", "2024-11-22", json!({}), NOVEMBER, "destroyed technical 1"),
        ("usage", "2024-02-29", json!({}), "2026-02-28T02:00:00+05:00", "destroyed usage 1"),
        ("contact", "2023-11-23", json!({}), NOVEMBER, ""),
        ("contact", "2023-11-22", json!({}), NOVEMBER, "destroyed contact 1"),
        ("contact", "2019-01-01", json!({"last_contact_at": "2024-02-29"}), "2027-02-27T02:00:00+05:00", ""),
        (
            "contact",
            "2019-01-01",
            json!({"last_contact_at": "2024-02-29"}),
            "2027-02-28T02:00:00+05:00",
            "destroyed contact 1",
        ),
        ("service", "2020-06-01", json!({"document_at": "2020-06-01"}), "2025-12-31T02:00:00+05:00", ""),
        (
            "service",
            "2020-06-01",
            json!({"document_at": "2020-06-01"}),
            "2026-01-01T02:00:00+05:00",
            "destroyed service 1",
        ),
        ("unlisted", "2026-01-01", json!({}), NOVEMBER, "gaps unlisted 1"),
    ] {
        let mut world = world(
            "automaster",
            &[subject("A-1", "900101399998"), record("R-1", "A-1", category, collected, more)],
        );
        world.at(now);
        assert_eq!(tonight(&world), expected, "{category} of {collected} on {now}");
    }
}

#[test]
fn mycar_cookies_last_thirteen_months_and_purposes_end() {
    let consent = json!({"kind": "consent", "ref": "K-1", "subject": "C-1", "scope": "cookie", "purposes": [],
        "given_at": "2025-01-31", "given_by": "self", "method": "web_form", "evidence": "form 7",
        "policy_version": "1", "third_party": false, "cross_border": false, "publication": false});
    let cookie = record("R-1", "C-1", "cookie", "2025-06-01", json!({"consent": "K-1"}));
    for (now, expected) in
        [("2026-02-27T02:00:00+05:00", ""), ("2026-02-28T02:00:00+05:00", "destroyed cookie 1")]
    {
        let mut world = world("mycar", &[subject("C-1", "900101399998"), consent.clone(), cookie.clone()]);
        world.at(now);
        assert_eq!(tonight(&world), expected, "{now}");
    }
    let reached = |day: &str| json!({"purpose_reached_at": day});
    for (day, expected) in [("2026-11-22", "destroyed shopping 1"), ("2026-11-23", "")] {
        let lines =
            [subject("C-1", "900101399998"), record("R-1", "C-1", "shopping", "2026-01-01", reached(day))];
        let mut world = world("mycar", &lines);
        world.at("2026-11-22T23:00:00+05:00");
        assert_eq!(tonight(&world), expected, "{day}");
    }
}

#[test]
fn a_withdrawal_of_processing_ends_contact_data_at_once() {
    let consent = |withdrawn: Value| {
        json!({"kind": "consent", "ref": "K-1", "subject": "A-1", "scope": "processing", "purposes": [],
        "given_at": "2026-01-31", "given_by": "self", "withdrawn_at": withdrawn, "method": "web_form", "evidence": "form 7",
        "policy_version": "1", "third_party": false, "cross_border": false, "publication": false})
    };
    for (withdrawn, expected) in [(Value::Null, ""), (json!("2026-11-20"), "destroyed contact 1")] {
        let lines = [
            subject("A-1", "900101399998"),
            consent(withdrawn),
            record("R-1", "A-1", "contact", "2026-02-01", json!({})),
        ];
        let mut world = world("automaster", &lines);
        world.at(NOVEMBER);
        assert_eq!(tonight(&world), expected);
    }
}

#[test]
fn what_a_child_gave_waits_for_the_officer_and_goes_with_the_birthday() {
    let child = [
        subject("C-1", "081123699996"),
        record("R-1", "C-1", "portrait", "2026-05-01", json!({})),
        record("R-2", "C-1", "contact", "2026-05-01", json!({"given_by": "parent"})),
    ];
    for (now, expected) in [
        ("2026-11-22T02:00:00+05:00", "held portrait 1"),
        ("2026-11-23T02:00:00+05:00", "destroyed portrait 1"),
    ] {
        let mut world = world("mycar", &child);
        world.at(now);
        assert_eq!(tonight(&world), expected, "{now}");
    }
}

#[test]
fn each_protection_keeps_its_own_records() {
    let due = [
        subject("A-1", "900101399998"),
        record("R-1", "A-1", "technical", "2020-01-01", json!({})),
        record("R-2", "A-1", "contact", "2020-01-01", json!({})),
    ];
    let deal = json!({"kind": "obligation", "ref": "O-1", "subject": "A-1", "type": "work_order",
        "opened_at": "2020-02-01", "closed_at": null});
    for (protect, expected) in [
        (
            vec!["hold", "add", "--subject", "ref:A-1", "--category", "technical", "--basis", "court order"],
            "destroyed contact 1; held technical 1",
        ),
        (
            vec!["hold", "add", "--subject", "ref:A-1", "--basis", "court order"],
            "held contact 1; held technical 1",
        ),
        (
            vec!["restrict", "--subject", "ref:A-1", "--reason", "wrong", "--yes"],
            "held contact 1; held technical 1",
        ),
        (
            vec!["request", "open", "--right", "access", "--subject", "ref:A-1"],
            "held contact 1; held technical 1",
        ),
    ] {
        let world = world("automaster", &due);
        let _ = world.dsr(&protect).ok();
        assert_eq!(tonight(&world), expected, "{protect:?}");
    }
    let world = world("automaster", &[&due[..], &[deal]].concat());
    assert_eq!(
        tonight(&world),
        "destroyed technical 1; held contact 1",
        "an open deal needs contact data only"
    );
}

/// A hold is about a person, whose rows in other systems are theirs by a number: while it stands that stays, and nothing
/// else, and once it is over it goes too. Whoever has other data by then keeps what that is found by.
#[test]
fn what_protects_somebody_keeps_the_numbers_that_name_them() {
    let found = |world: &World, by: &str| {
        let found = world.dsr(["find", by, "--format", "json"]).json();
        found["candidates"].as_array().is_some_and(|all| !all.is_empty())
    };
    let known = json!({"kind": "subject", "ref": "A-1", "born": null, "identifiers": [{"type": "iin", "value": "900101399998"},
        {"type": "account", "value": "Z-77"}, {"type": "phone", "value": "+7 701 000 99 01"}]});
    let gone = record("R-1", "A-1", "contact", "2020-01-01", json!({}));
    let stays = record("R-2", "A-1", "technical", "2026-11-01", json!({}));
    for (about, more, at_the_end) in
        [("nothing else", vec![], [false, false]), ("other data", vec![stays], [true, false])]
    {
        let mut world = world("automaster", &[&[known.clone(), gone.clone()][..], &more].concat());
        let _ = world
            .dsr(["hold", "add", "--subject", "ref:A-1", "--category", "vehicle", "--basis", "court"])
            .ok();
        assert_eq!(tonight(&world), "destroyed contact 1", "{about}");
        let all = ["900101399998", "account:Z-77", "+77010009901"].map(|by| found(&world, by));
        assert_eq!(all, [true, true, false], "{about}");
        let _ = world.dsr(["purge-expired"]).ok();
        assert!(found(&world, "account:Z-77"), "{about}: another night changes nothing");

        let _ = world.dsr(["hold", "release", "H-1"]).ok();
        world.at("2026-11-24T02:00:00+05:00");
        let _ = world.dsr(["purge-expired"]).ok();
        let left = ["900101399998", "account:Z-77"].map(|by| found(&world, by));
        assert_eq!(left, at_the_end, "{about}");
        let _ = world.dsr(["sanitize"]).ok();
        let bytes = std::fs::read(world.store()).unwrap();
        let is_there = |value: &[u8]| bytes.windows(value.len()).any(|window| window == value);
        assert!(!is_there(b"Z-77") && !is_there(b"z-77"), "{about}");
        let _ = world.dsr(["audit", "verify"]).ok();
    }
}

#[test]
fn the_person_goes_with_the_last_record_and_does_not_come_back() {
    let lines = [subject("A-1", "900101399998"), record("R-1", "A-1", "contact", "2020-01-01", json!({}))];
    let world = world("automaster", &lines);
    assert_eq!(tonight(&world), "destroyed contact 1");
    let found = world.dsr(["find", "900101399998", "--format", "json"]).json();
    assert_eq!(found["candidates"], json!([]));
    for value in ["Serikbaeva", "aidana@purge.example", "900101399998"] {
        for file in world.files().into_iter().filter(|file| file.to_string_lossy().contains("store")) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            assert!(
                !bytes.windows(value.len()).any(|window| window == value.as_bytes()),
                "{value} in {file:?}"
            );
        }
    }
    let again = world.dsr(["import", "data.ndjson", "--format", "json"]).ok().json();
    assert_eq!(again["left_out"]["count"], json!(2), "{again:#}");
    assert_eq!(tonight(&world), "");
}

#[test]
fn twice_is_once_and_the_log_holds() {
    let lines: Vec<Value> = (0..40)
        .flat_map(|n| {
            let person = format!("A-{n}");
            [
                json!({"kind": "subject", "ref": person, "born": null, "identifiers": []}),
                record(&format!("R-{n}"), &person, "technical", "2020-01-01", json!({})),
                record(&format!("S-{n}"), &person, "technical", "2026-01-01", json!({})),
            ]
        })
        .collect();
    let world = world("automaster", &lines);
    let first = purge(&world, &["--enable", "--batch", "7"]).ok().json();
    assert_eq!((&first["destroyed"]["technical"], &first["batches"]), (&json!(40), &json!(6)));
    let second = purge(&world, &[]).ok().json();
    assert_eq!((&second["destroyed"], &second["batches"]), (&json!({}), &json!(0)));
    let acts = world.dsr(["report", "destruction", "--format", "json"]).json();
    assert_eq!(acts["acts"].as_array().map(Vec::len), Some(1), "{acts:#}");
    assert_eq!(acts["acts"][0]["number"], first["acts"][0]);
    let _ = world.dsr(["audit", "verify"]).ok();
    let log = world.dsr(["audit", "list", "--format", "json"]).json();
    let entries = log["entries"].as_array().cloned().unwrap_or_default();
    let batches: Vec<&Value> = entries.iter().filter(|entry| !entry["leaves"].is_null()).collect();
    assert_eq!(batches.len(), 6, "{log:#}");
    let destroyed: u64 = batches.iter().filter_map(|entry| count(entry, "destroyed.AM-8-tech")).sum();
    assert_eq!(destroyed, 40);
}

#[test]
fn any_single_destruction_can_be_proved_later() {
    let lines = [
        subject("A-1", "900101399998"),
        record("R-1", "A-1", "technical", "2020-01-01", json!({})),
        record("R-2", "A-1", "usage", "2020-01-01", json!({})),
        record("R-3", "A-1", "usage", "2026-01-01", json!({})),
    ];
    let world = world("automaster", &lines);
    assert_eq!(tonight(&world), "destroyed technical 1; destroyed usage 1");
    let proved = world.dsr(["audit", "prove", "--record", "R-2", "--format", "json"]).ok().json();
    let one = &proved["destructions"][0];
    assert_eq!(
        (&one["category"], &one["rule"], &one["size"]),
        (&json!("usage"), &json!("AM-8-tech"), &json!(2))
    );
    for not_destroyed in ["R-3", "R-9", "A-1"] {
        let _ = world.dsr(["audit", "prove", "--record", not_destroyed]).exits(3);
    }
    let _ = world.dsr(["audit", "prove", "--record", "R-1", "--controller", "mycar"]).exits(3);
}

/// A count of an entry, where it has one.
fn count(entry: &Value, word: &str) -> Option<u64> {
    let counts = entry["counts"].as_array()?.iter().filter_map(Value::as_str);
    counts.filter_map(|count| count.strip_prefix(word)?.trim().parse().ok()).next()
}

#[test]
fn cron_hears_nothing_of_a_good_night() {
    let world = world(
        "automaster",
        &[subject("A-1", "900101399998"), record("R-1", "A-1", "technical", "2020-01-01", json!({}))],
    );
    let first = world.dsr(["purge-expired"]).exits(7);
    assert!(first.stdout.contains("technical"), "{}", first.stdout);
    let quiet = world.dsr(["purge-expired", "--quiet", "--enable"]).ok();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let usual = world.dsr(["purge-expired"]).ok();
    assert_eq!(usual.stdout, "");
}

#[test]
fn a_case_whose_deal_has_closed_is_told_and_left_to_an_officer() {
    let lines = [
        subject("C-1", "900101399998"),
        record("R-1", "C-1", "contact", "2026-02-01", json!({})),
        json!({"kind": "obligation", "ref": "O-1", "subject": "C-1", "type": "purchase", "opened_at": "2026-02-01", "closed_at": null}),
        json!({"kind": "consent", "ref": "K-1", "subject": "C-1", "scope": "processing", "purposes": [], "given_at": "2026-01-31",
            "given_by": "self", "method": "web_form", "evidence": "form 7", "policy_version": "1",
            "third_party": false, "cross_border": false, "publication": false}),
    ];
    let mut world = world("mycar", &lines);
    let plan = world
        .dsr(["revoke", "--subject", "ref:C-1", "--identity", "document", "--yes", "--format", "json"])
        .ok()
        .json();
    let case = plan["outcome"]["case"].clone();
    // The deal is closed behind the program's back, as a later import would do it before it learned to re-open.
    world.at("2026-12-01T02:00:00+05:00");
    let closed = json!({"kind": "obligation", "ref": "O-1", "subject": "C-1", "type": "purchase", "opened_at": "2026-02-01", "closed_at": "2026-11-30"});
    let file = world.write("closed.ndjson", format!("{}\n{closed}\n", subject("C-1", "900101399998")));
    let _ = world.dsr(["import", file.to_str().unwrap_or_default()]).ok();
    let night = purge(&world, &["--enable"]).ok().json();
    assert_eq!(night["reopened"], json!([case]), "{night:#}");
    assert_eq!(night["destroyed"], json!({}), "completing it is an officer's");
    let case = case.as_str().unwrap_or_default();
    let _ = world.dsr(["request", "resume", case, "--yes"]).ok();
    assert_eq!(purge(&world, &[]).ok().json()["reopened"], json!([]));
}

/// A variable that is left over hides no company from the night; what was typed is meant, also where both say the same.
#[test]
fn a_controller_that_was_typed_is_the_only_one() {
    let mut world = World::with_fixtures();
    world.at(NOVEMBER);
    for (args, expected) in [
        (&["purge-expired"][..], &["automaster", "mycar"][..]),
        (&["purge-expired", "--controller", "mycar"], &["mycar"]),
        (&["--controller", "mycar", "purge-expired"], &["mycar"]),
        (&["purge-expired", "--controller", "automaster"], &["automaster"]),
    ] {
        let mut night = world.command([args, &["--dry-run", "--format", "json"]].concat());
        let answer = Run::of(&night.env("DSR_CONTROLLER", "mycar").output().unwrap()).ok().json();
        let of = |line: &Value| line["controller"].as_str().map(str::to_owned);
        let found: std::collections::BTreeSet<String> =
            answer["lines"].as_array().into_iter().flatten().filter_map(of).collect();
        assert!(found.iter().eq(expected), "{args:?}: {found:?}");
    }
}

//! What protects a record from outside: a hold, a block, an open deal, mandatory storage; each by its clause.

mod common;

use common::{
    World,
    plan::{kept, list, steps, text},
};

fn hold(world: &World, who: &str, category: &[&str]) {
    let args = ["hold", "add", "--subject", who, "--basis", "court order 2-1234 of 2026-11-02"];
    let _ = world.dsr(args.iter().chain(category)).ok();
}

#[test]
fn each_protection_keeps_its_own_records_and_the_rest_goes() {
    let world = World::with_fixtures();
    hold(&world, "ref:C-1", &["--category", "account"]);
    let _ = world.asks("restrict --subject ref:C-1 --category shopping --reason r").ok();
    let plan = world.does("erase --subject ref:C-1").ok().json();
    assert_eq!(plan["decision"], "partial");
    let expected = [
        ("account", "DC-41.4", None, Some("Digital Code art. 41(4)"), "hold H-1"),
        ("shopping", "MC-4.2-block", Some("4.2"), Some("94-V art. 25(2)(8)"), "case 2026-"),
    ];
    for (category, rule, clause, law, says) in expected {
        let line = list(&plan["kept"]).iter().find(|line| line["category"] == category);
        let line = line.unwrap_or_else(|| panic!("{category}: {plan:#}"));
        assert_eq!((text(&line["rule"]), line["clause"].as_str(), line["law"].as_str()), (rule, clause, law));
        assert!(text(&line["reason"]).contains(says), "{line}");
    }
    let all = steps(&plan);
    assert!(all.iter().any(|step| step.starts_with("destroy contact x1")), "{all:#?}");
    let archived: Vec<&String> = all.iter().filter(|step| step.starts_with("archive")).collect();
    assert_eq!(archived.len(), 4, "{all:#?}");
    assert!(archived.iter().all(|step| step.ends_with("until 2029-12-31")));
    let again = world.does("erase --subject ref:C-1").ok().json();
    assert_eq!(again["already_done"], true);
    let stored = list(&again["kept"]).iter().filter(|line| line["rule"] == "RF-RETAIN").count();
    assert_eq!(stored, 4, "{again:#}");
}

/// After a whole erasure no name is left but the number in the case: the hint says so, and it works.
#[test]
fn whoever_was_erased_whole_is_held_by_the_number_of_their_case() {
    let world = World::with_fixtures();
    let _ = world.does("erase --subject ref:C-28").ok();
    let add = |who: &str| world.dsr(["hold", "add", "--subject", who, "--basis", "court order 2-1234"]);
    let refused = add("ref:C-28").exits(3);
    assert!(refused.stderr.contains("dsr request list --all"), "{}", refused.stderr);
    let listed = world.dsr(["request", "list", "--all", "--format", "json"]).ok().json();
    let id = format!("id:{}", text(&listed["cases"][0]["subject"]));
    assert!(add(&id).ok().stdout.contains("H-1"));
}

#[test]
fn an_open_deal_is_a_ground_to_refuse_with_its_clause() {
    let world = World::with_fixtures();
    let plan = world.does("erase --subject ref:A-2 --controller automaster").exits(4).json();
    assert_eq!(plan["decision"], "refuse");
    assert!(
        list(&plan["kept"]).iter().all(|line| line["rule"] == "RF-OBLIG" && line["clause"] == "5"),
        "{plan:#}"
    );
    assert_eq!(world.holds("ref:A-2", "automaster").len(), 3);
}

#[test]
fn a_hold_outranks_everything_until_it_is_released() {
    let world = World::with_fixtures();
    let before = world.holds("ref:C-17", "mycar");
    hold(&world, "ref:C-17", &[]);
    for command in ["erase --subject ref:C-17", "revoke --subject ref:C-17"] {
        let run = world.does(command);
        assert!(kept(&run.json()).iter().all(|line| line.contains("DC-41.4")), "{}", run.stdout);
        assert_eq!(world.holds("ref:C-17", "mycar"), before, "{command}");
    }
    let held = world.dsr(["hold", "list", "--format", "json"]).ok().json();
    assert_eq!((list(&held["holds"]).len(), &held["holds"][0]["number"]), (1, &"H-1".into()));
    let _ = world.dsr(["hold", "release", "H-1"]).ok();
    let _ = world.dsr(["hold", "release", "H-77"]).exits(3);
    let plan = world.does("erase --subject ref:C-17").ok().json();
    assert!(steps(&plan).iter().any(|step| step.starts_with("destroy")), "{plan:#}");
    assert_eq!(list(&world.dsr(["hold", "list", "--format", "json"]).ok().json()["holds"]).len(), 0);
}

#[test]
fn what_is_left_is_still_found_by_iin_and_by_nothing_else() {
    let world = World::with_fixtures();
    let _ = world.does("revoke --subject ref:C-1").ok();
    let found = |selector: &str| {
        let found = world.dsr(["find", selector, "--format", "json"]).json();
        found["candidates"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(
        (found("iin:900101499994"), found("phone:+77010000001"), found("email:assel@omarova.example")),
        (1, 0, 0)
    );
}

#[test]
fn quiet_means_that_all_went_well() {
    let world = World::with_fixtures();
    let run = |line: &str| world.dsr(line.split(' ')).ok().stdout;
    assert_eq!(run("hold add --subject ref:C-1 --basis order --quiet"), "");
    assert_eq!(run("hold release H-1 --quiet"), "");
    assert!(run("hold list --all").contains("H-1"));
}

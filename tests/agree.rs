//! Register, acts, compliance report, single acts and the log tell one story: the same numbers, on random histories.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use common::World;
use serde_json::{Value, json};

const CONTROLLERS: [&str; 2] = ["mycar", "automaster"];
const PEOPLE: u64 = 12;

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// A site whose people nobody here knows: only nights reach it.
const SITE: [(&str, &str); 2] = [
    (
        "dsr.yaml",
        "controllers: { automaster: { systems: { site: { kind: sqlite, owner: Web team, file: site.db, map: site.yaml } } } }",
    ),
    (
        "site.yaml",
        "
dataset:
  - fides_key: site
    collections:
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: usage } }
          - { name: at, data_categories: [system.operations] }
",
    ),
];

/// A history under way: a store, its dice and its day.
struct History {
    world: World,
    dice: Dice,
    day: NaiveDate,
    imported: u64,
    /// What the last run of each month held back and had no rule for.
    nights: BTreeMap<String, (u64, u64)>,
    purged: u64,
    /// Of these, in another system.
    elsewhere: u64,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut world = World::in_memory("mycar");
        let day = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        let _ = world.at("2026-09-01T10:00");
        for (name, text) in SITE {
            let _ = world.write(name, text);
        }
        let site = rusqlite::Connection::open(world.path().join("site.db")).unwrap();
        // Two people come past the term every day of the history.
        let visits = "CREATE TABLE visit (id INTEGER PRIMARY KEY, login TEXT, at TEXT);
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
              INSERT INTO visit SELECT i, 'W-' || i, date('2024-08-20', '+' || (i / 2) || ' days') FROM n";
        site.execute_batch(visits).unwrap();
        let _ = world.dsr(["map", "check", "--controller", "automaster"]).ok();
        Self { world, dice: Dice(seed), day, imported: 0, nights: BTreeMap::new(), purged: 0, elsewhere: 0 }
    }

    fn live(mut self, steps: usize) -> Self {
        CONTROLLERS.iter().for_each(|controller| self.import(controller));
        for _ in 0..steps {
            self.day = self.day + Days::new(self.dice.below(4));
            let _ = self.world.at(&format!("{}T10:00", self.day));
            self.step();
        }
        self.night();
        self
    }

    /// A night: what it destroys is what was forecast for it the day before.
    fn night(&mut self) {
        let forecast = rows(&self.world, "report retention --forecast 1", "nights");
        self.day = self.day + Days::new(1);
        let _ = self.world.at(&format!("{}T02:00", self.day));
        assert!(forecast.iter().all(|line| line["night"] == self.day.to_string()));
        let expected = by_month(&forecast, |line| {
            vec![(text(&line["category"]).to_owned(), line["records"].as_u64().unwrap())]
        });
        let night = self.world.dsr(["purge-expired", "--enable", "--format", "json"]).ok().json();
        let numbers = |of: &str| -> BTreeMap<String, u64> {
            let all = night[of].as_object().unwrap().iter();
            all.filter(|(word, _)| !word.starts_with("register."))
                .map(|(k, n)| (k.clone(), n.as_u64().unwrap()))
                .collect()
        };
        let mut expected = expected;
        for line in night["systems"].as_array().unwrap() {
            add(&mut expected, text(&line["category"]).to_owned(), line["count"].as_u64().unwrap());
            self.elsewhere += line["count"].as_u64().unwrap();
        }
        assert_eq!(numbers("destroyed"), expected, "{}", self.day);
        self.purged += expected.values().sum::<u64>();
        let sums = (numbers("held").values().sum(), numbers("gaps").values().sum());
        self.nights.insert(self.day.to_string()[..7].to_owned(), sums);
    }

    fn import(&mut self, controller: &str) {
        self.imported += 1;
        let lines: Vec<String> =
            (1..=PEOPLE).flat_map(|n| self.person(n)).map(|line| line.to_string()).collect();
        let file = self.world.write(&format!("{controller}-{}.ndjson", self.imported), lines.join("\n"));
        let _ = self.world.dsr(["import", file.to_str().unwrap(), "--controller", controller]).ok();
    }

    fn person(&mut self, n: u64) -> Vec<Value> {
        let mut lines = vec![json!({"kind": "subject", "ref": format!("C-{n}"),
            "identifiers": [{"type": "account", "value": format!("A-{n}")}]})];
        for nth in 0..=self.dice.below(4) {
            let (category, data) = self.dice.one_of(&[
                ("contact", "given_name"),
                ("technical", "browser"),
                ("correspondence", "text"),
                ("vehicle", "model"),
            ]);
            let days = self.dice.below(1_400);
            let purpose = self.dice.one_of(&["service", "promotion", "analytics"]);
            lines.push(json!({"kind": "record", "ref": format!("R-{}-{n}-{nth}", self.imported),
                "subject": format!("C-{n}"), "category": category, "source": "web_form", "given_by": "self",
                "collected_at": (self.day - Days::new(days)).to_string(), "purposes": [purpose],
                "data": {data: format!("value {n} {nth} {}", self.imported)}}));
        }
        if self.dice.below(2) == 0 {
            lines.push(json!({"kind": "consent", "ref": format!("K-{}-{n}", self.imported),
                "subject": format!("C-{n}"), "scope": "processing", "purposes": [], "given_by": "self",
                "given_at": (self.day - Days::new(30)).to_string(), "method": "web_form", "evidence": "form",
                "policy_version": "1", "third_party": false, "cross_border": false, "publication": false}));
        }
        if self.dice.below(3) == 0 {
            let days = self.dice.below(70);
            lines.push(json!({"kind": "disclosure", "ref": format!("D-{}-{n}", self.imported),
                "subject": format!("C-{n}"), "recipient": "Example Bank", "country": "KZ", "categories": ["contact"],
                "purpose": "service", "basis": "consent", "at": (self.day - Days::new(days)).to_string()}));
        }
        lines
    }

    /// One thing that an officer does; what is refused or not found is part of life.
    fn step(&mut self) {
        let who = format!("ref:C-{}", 1 + self.dice.below(PEOPLE));
        let received = (self.day - Days::new(self.dice.below(9))).to_string();
        let case = format!("2026-{:06}", 1 + self.dice.below(20));
        let right = self.dice.one_of(&["access", "erase", "rectify", "revoke", "complaint"]);
        let came = ["--received", &received, "--late-reason", "a backlog"];
        let act = |right: &'static str| [&[right, "--subject", &who][..], &came, &["--yes"]].concat();
        let id = ["--identity", "document"];
        let args: Vec<&str> = match self.dice.below(15) {
            0 => return self.import(CONTROLLERS[0]),
            13 | 14 => return self.night(),
            1 => [&["access", "--subject", &who][..], &came].concat(),
            2 => vec!["export", "--subject", &who, "--identity", "document"],
            3 => [act("erase"), id.to_vec()].concat(),
            4 => [act("erase"), vec!["--category", "contact"], id.to_vec()].concat(),
            5 => [act("revoke"), id.to_vec()].concat(),
            6 => [act("object"), vec!["--purpose", "promotion"]].concat(),
            7 => [act("restrict"), vec!["--reason", "disputed"]].concat(),
            8 => [act("rectify"), vec!["--set", "contact.given_name=New", "--document", "12"], id.to_vec()]
                .concat(),
            9 => [&["request", "open", "--right", right, "--subject", &who][..], &came].concat(),
            10 => vec!["request", "answer", &case, "--channel", "email", "--number", "01-17"],
            11 => vec![
                "request",
                "refuse",
                &case,
                "--ground",
                "RF-ID",
                "--facts",
                "asked",
                "--signed-by",
                "A. Officer",
            ],
            _ => vec!["request", "cancel", &case],
        };
        let controller = self.dice.one_of(&CONTROLLERS);
        let moves_a_case = matches!(args[..2], ["request", "answer" | "refuse" | "cancel"]);
        let of = if moves_a_case { vec![] } else { vec!["--controller", controller] };
        let run = self.world.dsr(args.iter().chain(&of));
        assert!(matches!(run.code, 0 | 2..=5), "{args:?}: {} {}", run.code, run.stderr);
    }
}

/// What every report says at the end of a history.
struct Reports {
    world: World,
    nights: BTreeMap<String, (u64, u64)>,
    purged: u64,
    elsewhere: u64,
    register: Vec<Value>,
    acts: Vec<Value>,
    months: Vec<Value>,
    log: Vec<Value>,
}

impl Reports {
    fn of(History { world, nights, purged, elsewhere, .. }: History) -> Self {
        let _ = world.dsr(["audit", "verify"]).ok();
        let register = rows(&world, "report register", "cases");
        let acts = rows(&world, "report destruction", "acts");
        let months = rows(&world, "report compliance", "months");
        let log = rows(&world, "audit list", "entries");
        Self { world, nights, purged, elsewhere, register, acts, months, log }
    }

    fn month(&self, month: &str, controller: &str) -> &Value {
        let of = |row: &&Value| row["month"] == month && row["controller"] == controller;
        self.months.iter().find(of).unwrap_or_else(|| panic!("no month {month} of {controller}"))
    }
}

fn rows(world: &World, command: &str, list: &str) -> Vec<Value> {
    let said = |format: &str| world.dsr(command.split(' ').chain(["--format", format])).ok();
    let all = said("json").json()[list].as_array().unwrap().clone();
    assert_eq!(said("csv").stdout.lines().count(), all.len() + 1, "{command}");
    assert_eq!(said("ndjson").stdout.lines().count(), all.len() + 1, "{command}");
    all
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `["contact 2"]` as numbers.
fn counts(words: &Value) -> BTreeMap<String, u64> {
    let pair =
        |word: &Value| text(word).split_once(' ').map(|(name, n)| (name.to_owned(), n.parse().unwrap()));
    words.as_array().unwrap().iter().filter_map(pair).collect()
}

fn add(sums: &mut BTreeMap<String, u64>, key: String, n: u64) {
    *sums.entry(key).or_default() += n;
}

/// Every number of a list of rows by month and controller, without the noughts.
fn by_month(rows: &[Value], numbers: impl Fn(&Value) -> Vec<(String, u64)>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        for (name, n) in numbers(row).into_iter().filter(|(_, n)| *n > 0) {
            add(&mut sums, name, n);
        }
    }
    sums
}

fn the_register_and_the_compliance_report_agree(reports: &Reports) {
    let counted = by_month(&reports.register, |case| {
        let at = format!("{} {}", &text(&case["received"])[..7], text(&case["controller"]));
        let (state, late) = (text(&case["state"]), case["overdue"] == true);
        let stands = match state {
            "cancelled" => vec!["cancelled"],
            _ if !case["answered"].is_null() && late => vec!["late"],
            _ if !case["answered"].is_null() => vec!["in_time"],
            _ if late => vec!["open", "overdue"],
            _ => vec!["open"],
        };
        let right = format!("by_right {}", text(&case["right"]));
        let ground =
            if state == "refused" { format!("refused {}", text(&case["refusal"])) } else { String::new() };
        let words = stands.into_iter().map(str::to_owned).chain([right, ground, "received".into()]);
        words.filter(|word| !word.is_empty()).map(|word| (format!("{at} {word}"), 1)).collect()
    });
    let told = by_month(&reports.months, |row| {
        let at = format!("{} {}", text(&row["month"]), text(&row["controller"]));
        let plain = ["received", "in_time", "late", "open", "overdue", "cancelled"];
        let plain = plain.iter().map(|word| (format!("{at} {word}"), row[*word].as_u64().unwrap()));
        let lists = ["by_right", "refused"].iter().flat_map(|list| {
            counts(&row[*list]).into_iter().map(move |(word, n)| (*list, word, n)).collect::<Vec<_>>()
        });
        plain.chain(lists.map(|(list, word, n)| (format!("{at} {list} {word}"), n))).collect()
    });
    assert_eq!(counted, told);
}

fn the_acts_and_the_compliance_report_agree(reports: &Reports) {
    let counted = by_month(&reports.acts, |act| {
        let at = format!("{} {}", &text(&act["started"])[..7], text(&act["controller"]));
        let how = if act["run"].is_null() { "destroyed" } else { "purged" };
        let own = |word: &String| word.starts_with("register.");
        let records = counts(&act["categories"]).iter().filter(|(word, _)| !own(word)).map(|(_, n)| n).sum();
        vec![(format!("{at} {how}"), records), (format!("{at} acts"), 1)]
    });
    let told = by_month(&reports.months, |row| {
        let at = format!("{} {}", text(&row["month"]), text(&row["controller"]));
        let words = ["destroyed", "purged", "acts"].iter();
        words.map(|word| (format!("{at} {word}"), row[*word].as_u64().unwrap())).collect()
    });
    assert_eq!(counted, told);
}

fn each_act_is_what_the_log_and_the_register_say(reports: &Reports) {
    for row in &reports.acts {
        let number = text(&row["number"]);
        let act =
            reports.world.dsr(["report", "destruction", "--act", number, "--format", "json"]).ok().json();
        let listed: BTreeMap<String, u64> = act["categories"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (text(&line["category"]).to_owned(), line["records"].as_u64().unwrap()))
            .collect();
        assert_eq!(listed, counts(&row["categories"]), "{number}");
        assert_eq!(act["records"].as_u64().unwrap(), listed.values().sum::<u64>(), "{number}");
        assert_eq!((&act["records"], &act["audit"]["effects"]), (&row["records"], &row["audit_effects"]));
        assert_eq!(act["kept"].as_array().unwrap().len(), row["kept"].as_array().unwrap().len());
        let basis: Vec<&str> =
            act["basis"].as_array().unwrap().iter().map(|line| text(&line["rule"])).collect();
        let rules: Vec<&str> = row["rules"].as_array().unwrap().iter().map(text).collect();
        assert_eq!(basis, rules, "{number}");
        if let Some(case) = act["case"].as_str() {
            let of = reports.register.iter().find(|row| row["number"] == case).unwrap();
            assert!(of["acts"].as_array().unwrap().contains(&row["number"]), "{number} {case}");
            assert_eq!(of["subject"], act["subject"], "{number} {case}");
            assert_eq!(destroyed_by(reports, &row["audit_effects"]), listed, "{number}");
        }
    }
    let named: usize = reports.register.iter().map(|case| case["acts"].as_array().unwrap().len()).sum();
    let on_request = reports.acts.iter().filter(|act| !act["case"].is_null()).count();
    assert_eq!(named, on_request, "an act that no request names");
}

/// What an entry of the log says was destroyed or replaced, by category.
fn destroyed_by(reports: &Reports, seq: &Value) -> BTreeMap<String, u64> {
    let entry = reports.log.iter().find(|entry| entry["seq"] == *seq).unwrap();
    ended(&counts(&entry["counts"]))
}

fn ended(counts: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (word, n) in counts {
        let category = ["destroy.", "rectify."].iter().find_map(|action| word.strip_prefix(action));
        category.into_iter().for_each(|category| add(&mut sums, category.to_owned(), *n));
    }
    sums
}

fn what_was_done_in_a_case_stands_in_the_log(reports: &Reports) {
    const DONE: [&str; 9] = [
        "disclosed",
        "destroyed_logically",
        "withdrawn",
        "suppressed",
        "unsuppressed",
        "blocked",
        "unblocked",
        "rectified",
        "archived",
    ];
    // Advertising stops at once, also where the rest waits for an identity and the request is not carried out yet.
    let told_apart = |command: &&Value| **command != "object";
    for case in &reports.register {
        let of_case =
            |entry: &&Value| entry["case"] == case["number"] && DONE.contains(&text(&entry["state"]));
        let logged = reports.log.iter().filter(of_case).map(|entry| &entry["command"]);
        let logged: Vec<&Value> = logged.filter(told_apart).collect();
        let told: Vec<&Value> = case["actions"].as_array().unwrap().iter().filter(told_apart).collect();
        assert_eq!(told, logged, "{}", case["number"]);
    }
    let in_log: u64 =
        reports.log.iter().flat_map(|entry| ended(&counts(&entry["counts"])).into_values()).sum();
    let in_acts: u64 = reports
        .acts
        .iter()
        .filter(|act| !act["case"].is_null())
        .map(|act| act["records"].as_u64().unwrap())
        .sum();
    assert_eq!(in_log, in_acts, "destroyed on request by the log and by the acts");
}

fn what_a_night_did_stands_in_the_log(reports: &Reports) {
    for act in reports.acts.iter().filter(|act| !act["run"].is_null()) {
        let of_run = |entry: &&Value| entry["run"] == act["run"] && entry["controller"] == act["controller"];
        let (mut by_rule, mut elsewhere) = (BTreeMap::new(), 0);
        for (word, n) in reports.log.iter().filter(of_run).flat_map(|entry| counts(&entry["counts"])) {
            word.strip_prefix("destroyed.")
                .into_iter()
                .for_each(|rule| add(&mut by_rule, rule.to_owned(), n));
            elsewhere += if word.starts_with("done.site.destroy.") { n } else { 0 };
        }
        assert_eq!(by_rule.values().sum::<u64>() + elsewhere, act["records"].as_u64().unwrap(), "{act}");
        let number = text(&act["number"]);
        let whole =
            reports.world.dsr(["report", "destruction", "--act", number, "--format", "json"]).ok().json();
        let rows = whole["elsewhere"].as_array().unwrap().iter().filter_map(|part| part["rows"].as_u64());
        assert_eq!(rows.sum::<u64>(), elsewhere, "{number}");
        let rules: Vec<&str> = act["rules"].as_array().unwrap().iter().map(text).collect();
        assert!(by_rule.keys().all(|rule| rules.contains(&rule.as_str())), "{rules:?} {by_rule:?}");
    }
    let sum = |column: &str| reports.months.iter().filter_map(|row| row[column].as_u64()).sum::<u64>();
    assert_eq!(sum("purged"), reports.purged);
    for (month, (held, gaps)) in &reports.nights {
        let of_month = || reports.months.iter().filter(|row| row["month"] == **month);
        let sum = |column: &str| of_month().filter_map(|row| row[column].as_u64()).sum::<u64>();
        assert_eq!((sum("held"), sum("gaps")), (*held, *gaps), "{month}");
    }
}

fn ledgers_and_holdings_agree(reports: &Reports) {
    let world = &reports.world;
    let transfers = rows(world, "report disclosures", "transfers");
    for row in &reports.months {
        let of = |line: &&Value| {
            line["controller"] == row["controller"] && text(&line["at"]).starts_with(text(&row["month"]))
        };
        assert_eq!(transfers.iter().filter(of).count() as u64, row["disclosures"].as_u64().unwrap(), "{row}");
    }
    let sum = |rows: &[Value], column: &str| rows.iter().filter_map(|row| row[column].as_u64()).sum::<u64>();
    let stopped = rows(world, "report suppression", "purposes");
    assert_eq!(sum(&stopped, "in_force") + sum(&stopped, "lifted"), sum(&reports.months, "suppressed"));
    assert_eq!(
        rows(world, "consent list --all", "consents").len(),
        rows(world, "report consents", "consents").len()
    );
    let (held, judged) =
        (rows(world, "report inventory", "categories"), rows(world, "report retention", "lines"));
    assert_eq!(sum(&held, "records"), sum(&judged, "records"));
}

#[test]
fn every_report_tells_the_same_story() {
    let (mut acts, mut purged, mut elsewhere) = (0, 0, 0);
    for seed in [0x5eed, 0xcafe_f00d, 0x1234_5678] {
        let reports = Reports::of(History::new(seed).live(70));
        the_register_and_the_compliance_report_agree(&reports);
        the_acts_and_the_compliance_report_agree(&reports);
        each_act_is_what_the_log_and_the_register_say(&reports);
        what_was_done_in_a_case_stands_in_the_log(&reports);
        what_a_night_did_stands_in_the_log(&reports);
        ledgers_and_holdings_agree(&reports);
        assert!(reports.register.len() > 20, "too little happened: {}", reports.register.len());
        acts += reports.acts.len();
        purged += reports.purged;
        elsewhere += reports.elsewhere;
    }
    assert!(elsewhere > 10, "the nights did too little elsewhere: {elsewhere}");
    assert!(purged > 10, "the nights did too little: {purged}");
    assert!(acts > 20, "too little was destroyed: {acts}");
}

#[test]
fn a_period_is_part_of_the_whole() {
    let reports = Reports::of(History::new(0xbeef).live(50));
    let whole: u64 = reports.months.iter().map(|row| row["received"].as_u64().unwrap()).sum();
    let span = |from: &str, to: &str| {
        let command = format!("report compliance --from {from} --to {to}");
        rows(&reports.world, &command, "months")
            .iter()
            .map(|row| row["received"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(span("2026-01-01", "2026-09-20") + span("2026-09-21", "2027-12-31"), whole);
    let one = reports.month("2026-09", "mycar");
    let alone = reports.world.dsr([
        "report",
        "compliance",
        "--controller",
        "mycar",
        "--from",
        "2026-09-01",
        "--to",
        "2026-09-30",
        "--format",
        "json",
    ]);
    assert_eq!(&alone.ok().json()["months"][0], one);
}

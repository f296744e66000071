//! The world of a number: a store, its other systems, and what people have said before the night.

use rusqlite::{Connection, types::ValueRef};
use serde_json::Value;

use super::{
    common::{
        Run, World,
        plan::{list, text},
    },
    dice::Dice,
    shape::{PEOPLE, Shape, shapes},
};

/// A world, and how it was made.
pub struct Office {
    pub world: World,
    pub seed: u64,
    pub systems: Vec<Shape>,
    /// Rows in one page and transaction of the night.
    pub batch: String,
}

/// The world of a number; the same each time.
pub fn office(seed: u64) -> (Office, Dice) {
    let mut dice = Dice::of(seed);
    let world = World::in_memory("automaster");
    let systems = shapes(&mut dice);
    let mut config = "controllers:\n  automaster:\n    systems:\n".to_owned();
    for one in &systems {
        let name = one.name;
        config +=
            &format!("      {name}: {{ kind: sqlite, owner: Office, file: {name}.db, map: {name}.yaml }}\n");
        let _ = world.write(&format!("{name}.yaml"), &one.map);
        Connection::open(world.path().join(format!("{name}.db"))).unwrap().execute_batch(&one.sql).unwrap();
    }
    let _ = world.write("dsr.yaml", config);
    let batch = dice.pick(&["1", "2", "3", "500"]).to_owned();
    let office = Office { world, seed, systems, batch };
    let _ = office.said(office.world.dsr(["map", "check"]), &[0]);
    if dice.one_in(3) {
        let file = world_of_its_own(&office.world, &mut dice);
        let _ = office.said(office.world.dsr(["import", &file]), &[0]);
    }
    for n in 1..=PEOPLE {
        let who = format!("account:Z-{n}");
        match dice.roll(14) {
            0 => drop(
                office.said(office.world.dsr(["hold", "add", "--subject", &who, "--basis", "court"]), &[0]),
            ),
            1 => drop(
                office.said(office.world.does(&format!("restrict --subject {who} --reason check")), &[0, 4]),
            ),
            2 => drop(office.said(office.world.does(&format!("object --subject {who}")), &[0, 4])),
            _ => {}
        }
    }
    (office, dice)
}

/// People whom the own store knows too, with records and deals.
fn world_of_its_own(world: &World, dice: &mut Dice) -> String {
    let mut text = String::new();
    for n in 1..=PEOPLE {
        if n > 1 && dice.one_in(3) {
            continue;
        }
        text += &format!(
            "{{\"kind\":\"subject\",\"ref\":\"C-{n}\",\"identifiers\":[{{\"type\":\"account\",\"value\":\"Z-{n}\"}}]}}\n"
        );
        let ((category, field), day) =
            (if dice.one_in(2) { ("usage", "page") } else { ("contact", "address") }, dice.day());
        if dice.one_in(2) {
            text += &format!(
                "{{\"kind\":\"record\",\"ref\":\"R-{n}\",\"subject\":\"C-{n}\",\"category\":\"{category}\",\"collected_at\":\"{}\",\"source\":\"site\",\"given_by\":\"self\",\"purposes\":[\"analytics\"],\"data\":{{\"{field}\":\"own {n}\"}}}}\n",
                &day[..10]
            );
        }
        if dice.one_in(5) {
            text += &format!(
                "{{\"kind\":\"obligation\",\"ref\":\"O-{n}\",\"subject\":\"C-{n}\",\"type\":\"work_order\",\"opened_at\":\"{}\",\"closed_at\":null}}\n",
                &day[..10]
            );
        }
    }
    world.write("own.ndjson", text).to_str().unwrap().to_owned()
}

impl Office {
    /// A run that ended as it may, or the whole world and what was said.
    #[track_caller]
    pub fn said(&self, run: Run, codes: &[i32]) -> Run {
        let told = || self.about(&format!("exit {}\n{}\n{}", run.code, run.stdout, run.stderr));
        assert!(codes.contains(&run.code), "{}", told());
        run
    }

    /// How to build it again, and what is wrong with it.
    pub fn about(&self, what: &str) -> String {
        let maps: String = self.systems.iter().map(|one| format!("{}{}", one.map, one.sql)).collect();
        format!("DSR_REACH={}: {what}\n{maps}", self.seed)
    }

    /// The answer of a night.
    #[track_caller]
    pub fn night(&self, more: &[&str]) -> Value {
        let args = ["purge-expired", "--max-share", "100", "--format", "json", "--batch", &self.batch];
        let run = self.world.dsr(args.into_iter().chain(more.iter().copied()));
        self.said(run, &[0]).json()
    }

    /// The numbers of all cases.
    pub fn cases(&self) -> Vec<String> {
        let all = self.world.dsr(["request", "list", "--all", "--format", "json"]);
        let all = self.said(all, &[0]).json();
        list(&all["cases"]).iter().map(|case| text(&case["number"]).to_owned()).collect()
    }

    /// Every row of every table.
    pub fn dump(&self) -> Vec<String> {
        let mut all = Vec::new();
        for one in &self.systems {
            let conn = Connection::open(self.world.path().join(format!("{}.db", one.name))).unwrap();
            let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1";
            let tables: Vec<String> = conn
                .prepare(tables)
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            for table in tables {
                let mut query = conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1")).unwrap();
                let columns = query.column_count();
                let mut rows = query.query([]).unwrap();
                while let Some(row) = rows.next().unwrap() {
                    let cells: Vec<String> = (0..columns).map(|n| cell(row.get_ref(n).unwrap())).collect();
                    all.push(format!("{} {table}: {}", one.name, cells.join(" | ")));
                }
            }
        }
        all
    }

    /// Whether a record hangs on a car that is this person's alone since everybody else has left it: a request does not
    /// follow a row of several (see the decision), and follows it now.
    pub fn is_new_of(&self, n: usize, record: &str) -> bool {
        let record: Value = serde_json::from_str(record).unwrap_or_default();
        let Some(trip) = record["id"].as_str().and_then(|id| id.strip_prefix("crm trip ")) else {
            return false;
        };
        let keepers = "SELECT group_concat(DISTINCT c.id) FROM trip t JOIN keeping k ON k.car = t.car
            JOIN customer c ON c.id = k.customer WHERE t.id = ?1 AND c.login IS NOT NULL";
        let conn = Connection::open(self.world.path().join("crm.db")).unwrap();
        let found: Option<String> = conn.query_row(keepers, [trip], |row| row.get(0)).unwrap();
        found == Some(n.to_string())
    }

    /// What somebody's copy says of them, without what the clock and the log say: a draft, since one for somebody confirmed
    /// is answered before anything of them goes.
    pub fn copy(&self, n: usize) -> Vec<String> {
        let who = format!("account:Z-{n}");
        let args = ["export", "--subject", &who, "--format", "json"];
        let run = self.said(self.world.dsr(args), &[0, 3]);
        if run.code == 3 {
            return Vec::new();
        }
        let copy = run.json();
        let records = list(&copy["records"]).iter().map(ToString::to_string);
        let more = ["consents", "obligations", "outside", "disclosures"].map(|key| copy[key].to_string());
        records.chain(more).collect()
    }
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".into(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

/// What is in one and not in the other.
pub fn difference(before: &[String], after: &[String]) -> String {
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}\n"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}\n"));
    gone.chain(new).collect()
}

//! The data and the operations of a role: the same for every engine, from one seed.

use dsr::audit::Hash;

/// Record `i` has value `i` modulo so many: purposes, objections, decisions, recipients, origins. Users are a tenth of
/// the records.
const OF: [u64; 5] = [25, 100, 2, 10, 10];

/// What a statement does. A parameter is text; `$1` is whom or what it is about.
pub struct Statement {
    /// As the log calls it.
    pub name: &'static str,
    /// The text, in words that both engines know.
    pub sql: &'static str,
}

const fn statement(name: &'static str, sql: &'static str) -> Statement {
    Statement { name, sql }
}

/// Every operation but the reading of the log, whose table is each engine's own.
pub const STATEMENTS: &[Statement] = &[
    statement("create", "INSERT INTO datum VALUES ($1, $2, $3, CAST($4 AS bigint), $5, $6, $7, $8, $9)"),
    statement("delete.key", "DELETE FROM datum WHERE key = $1"),
    statement("delete.purpose", "DELETE FROM datum WHERE pur = $1"),
    statement("delete.term", "DELETE FROM datum WHERE ttl < CAST($1 AS bigint)"),
    statement("delete.user", "DELETE FROM datum WHERE usr = $1"),
    statement("update.data", "UPDATE datum SET datum = $2 WHERE key = $1"),
    statement("update.key", "UPDATE datum SET obj = $2 WHERE key = $1"),
    statement("update.purpose", "UPDATE datum SET obj = $2 WHERE pur = $1"),
    statement("update.user", "UPDATE datum SET obj = $2 WHERE usr = $1"),
    statement("update.sharing", "UPDATE datum SET obj = $2 WHERE shr = $1"),
    statement("read.key", "SELECT key, datum FROM datum WHERE key = $1"),
    statement("read.user", "SELECT key, datum FROM datum WHERE usr = $1"),
    statement("read.purpose", "SELECT key, datum FROM datum WHERE pur = $1"),
    statement("read.objection", "SELECT key, datum FROM datum WHERE obj = $1"),
    statement("read.decision", "SELECT key, datum FROM datum WHERE dec = $1"),
    statement("meta.key", "SELECT pur, CAST(ttl AS text), usr, obj, dec, shr, src FROM datum WHERE key = $1"),
    statement(
        "meta.user",
        "SELECT pur, CAST(ttl AS text), usr, obj, dec, shr, src FROM datum WHERE usr = $1",
    ),
    statement("gone", "SELECT CAST(count(*) AS text) FROM datum WHERE key = $1"),
];

/// The name of the operation that reads the log: its last lines.
pub const LOGS: &str = "logs";

/// The table, and an index over every attribute.
pub const SCHEMA: &str = "
    CREATE TABLE datum (key text NOT NULL PRIMARY KEY, datum text NOT NULL, pur text NOT NULL, ttl bigint NOT NULL,
      usr text NOT NULL, obj text NOT NULL, dec text NOT NULL, shr text NOT NULL, src text NOT NULL);";

/// Made when the table is full.
pub const INDEXES: &str = "
    CREATE INDEX datum_pur ON datum (pur); CREATE INDEX datum_ttl ON datum (ttl); CREATE INDEX datum_usr ON datum (usr);
    CREATE INDEX datum_obj ON datum (obj); CREATE INDEX datum_dec ON datum (dec); CREATE INDEX datum_shr ON datum (shr);
    CREATE INDEX datum_src ON datum (src);";

/// One operation: the name of its statement, and the parameters.
pub struct Operation {
    /// Which.
    pub name: &'static str,
    /// With what.
    pub with: Vec<String>,
}

/// The cells of record `i`. A record ends in the order in which they were made.
pub fn record(i: u64, users: u64) -> [String; 9] {
    let [pur, obj, dec, shr, src] = OF.map(|many| i % many);
    [
        format!("key-{i}"),
        format!("+7799{:07}", i % 10_000_000),
        format!("purpose-{pur}"),
        i.to_string(),
        format!("user-{}", i % users),
        format!("objection-{obj}"),
        format!("decision-{dec}"),
        format!("recipient-{shr}"),
        format!("origin-{src}"),
    ]
}

/// A role's operations with their shares in percent, and whether what they are about is drawn evenly.
pub struct Role {
    /// Its name.
    pub name: &'static str,
    /// How many operations.
    pub count: u64,
    even: bool,
    mix: &'static [(&'static str, u64)],
}

/// The four of the published mix. A controller's operations are about a twenty-fifth of everything, so they are few.
pub const ROLES: &[Role] = &[
    Role {
        name: "customer",
        count: 1_000,
        even: false,
        mix: &[
            ("read.user", 20),
            ("meta.key", 20),
            ("update.data", 20),
            ("update.key", 20),
            ("delete.key", 20),
        ],
    },
    Role {
        name: "processor",
        count: 1_000,
        even: false,
        mix: &[("read.key", 80), ("read.purpose", 7), ("read.objection", 7), ("read.decision", 6)],
    },
    Role {
        name: "regulator",
        count: 1_000,
        even: false,
        mix: &[("meta.user", 46), (LOGS, 31), ("gone", 23)],
    },
    Role {
        name: "controller",
        count: 100,
        even: true,
        mix: &[
            ("create", 25),
            ("delete.purpose", 8),
            ("delete.term", 8),
            ("delete.user", 9),
            ("update.purpose", 17),
            ("update.user", 17),
            ("update.sharing", 16),
        ],
    },
];

impl Role {
    /// The operations over so many records.
    pub fn operations(&self, records: u64) -> Vec<Operation> {
        let users = (records / 10).max(1);
        let mut dice = Dice::new(self.name, records);
        (0..self.count)
            .map(|nth| {
                let name = self.choose(dice.below(100));
                let drawn = if self.even { dice.below(records) } else { dice.skewed() };
                Operation { name, with: with(name, (nth, drawn), records, users, &mut dice) }
            })
            .collect()
    }

    fn choose(&self, percent: u64) -> &'static str {
        let mut sum = 0;
        let fits = |(_, share): &&(&str, u64)| {
            sum += share;
            percent < sum
        };
        self.mix.iter().find(fits).map_or(LOGS, |(name, _)| name)
    }
}

fn with(name: &str, (nth, drawn): (u64, u64), records: u64, users: u64, dice: &mut Dice) -> Vec<String> {
    let [key, datum, pur, _, _, obj, dec, shr, _] = record(drawn, users);
    // People are a tenth, so that the often drawn ones are drawn among them.
    let usr = format!("user-{}", drawn % users);
    let other = format!("objection-{}", dice.below(OF[1]));
    match name {
        "create" => record(records + nth, users).to_vec(),
        // A thousandth has ended since the last time, more or less.
        "delete.term" => vec![(nth * records / 10_000).to_string()],
        LOGS => vec![(1 + dice.below(1_000)).to_string()],
        "update.data" => vec![key, format!("{datum}0")],
        _ => match name.split_once('.') {
            Some(("update", "purpose")) => vec![pur, other],
            Some(("update", "user")) => vec![usr, other],
            Some(("update", "sharing")) => vec![shr, other],
            Some(("update", _)) => vec![key, other],
            Some((_, "purpose")) => vec![pur],
            Some((_, "user")) => vec![usr],
            Some((_, "objection")) => vec![obj],
            Some((_, "decision")) => vec![dec],
            _ => vec![key],
        },
    }
}

/// Numbers that look random and are the same every time.
struct Dice {
    state: u64,
    records: u64,
    harmonic: f64,
}

/// How uneven: the usual value of such benchmarks.
const SKEW: f64 = 0.99;

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a distribution"
)]
impl Dice {
    fn new(seed: &str, records: u64) -> Self {
        let state = seed.bytes().fold(records, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
        let harmonic = (1..=records).map(|rank| (rank as f64).powf(-SKEW)).sum();
        Self { state, records, harmonic }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, many: u64) -> u64 {
        self.next() % many.max(1)
    }

    /// By the law of Zipf: the first is drawn most often. The sum of the shares is turned back as an integral.
    fn skewed(&mut self) -> u64 {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let flat = 1.0 - SKEW;
        let rank = (share * self.harmonic * flat + 1.0).powf(1.0 / flat);
        (rank as u64).saturating_sub(1) % self.records.max(1)
    }
}

/// What an operation answered: how many rows, and the sum of their digests, in whatever order they came.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Answer {
    /// Rows.
    pub rows: u64,
    sum: u64,
}

impl Answer {
    /// So many rows without a look at them.
    pub fn of(rows: u64) -> Self {
        Self { rows, sum: 0 }
    }

    /// One more row.
    pub fn add(&mut self, cells: &[String]) {
        self.rows += 1;
        let of_cell = |sum: u64, cell: &String| {
            let sum =
                cell.bytes().fold(sum, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
            sum.rotate_left(1)
        };
        self.sum = self.sum.wrapping_add(cells.iter().fold(0xCBF2_9CE4_8422_2325, of_cell));
    }

    /// All answers of a run in one.
    pub fn digest(all: &[Self]) -> Hash {
        let bytes: Vec<u8> =
            all.iter().flat_map(|one| [one.rows.to_be_bytes(), one.sum.to_be_bytes()].concat()).collect();
        Hash::of(&bytes)
    }
}

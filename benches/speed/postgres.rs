//! Work on a PostgreSQL of somebody else, beside the same SQL by hand through `psql` on the same socket.
//!
//! The server is started for this run from the installed binaries, on tmpfs, and stopped after it.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use dsr::domain::{Identifier, IdentifierType};

use super::data::Data;
use super::pair::{Row, Side, output, pair};
use super::pairs::with_policy;
use super::servers::{self, Server};

/// A tenth are customers, three tenths deals, the rest visits: one every two minutes, the last of them today.
const SCHEMA: &str = "
    CREATE TABLE customer (id bigint PRIMARY KEY, iin text UNIQUE, family_name text, given_name text, created_at timestamptz NOT NULL);
    CREATE TABLE deal (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer (id), number text, signed_on date,
      amount numeric(12, 2), opened_at timestamptz NOT NULL);
    CREATE TABLE visit (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer (id), ip text, page text, at timestamptz NOT NULL);";

const MAP: &str = "
dataset:
  - fides_key: crm
    collections:
      - name: customer
        dsr_meta: { category: contact, collected_at: created_at, last_contact_at: created_at, purposes: [service] }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: family_name }
          - { name: given_name }
          - { name: created_at, data_categories: [system.operations] }
      - name: deal
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: service, collected_at: opened_at, document_at: signed_on, purposes: [service] }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer_id, fides_meta: { references: [{ dataset: crm, field: customer.id, direction: from }] } }
          - { name: number }
          - { name: signed_on }
          - { name: amount }
          - { name: opened_at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: technical, collected_at: at, purposes: [analytics] }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer_id, fides_meta: { references: [{ dataset: crm, field: customer.id, direction: from }] } }
          - { name: ip }
          - { name: page }
          - { name: at, data_categories: [system.operations] }
";

/// The first day that is kept: two years before the drill's today.
const CUT: &str = "2024-11-23 00:00+05";

struct Base {
    server: Server,
    config: PathBuf,
    store: PathBuf,
    iin: String,
}

/// One person's rows in three tables, beside three statements; less the loading of a policy, as for the own store.
pub fn export(data: &Data) -> Result<Row> {
    let base = Base::new(data)?;
    let who = format!("(SELECT id FROM customer WHERE iin = '{}')", base.iin);
    let sql = format!(
        "SELECT id, iin, family_name, given_name, created_at FROM customer WHERE iin = '{}';
         SELECT id, customer_id, number, signed_on, amount, opened_at FROM deal WHERE customer_id = {who} ORDER BY id;
         SELECT id, customer_id, ip, page, at FROM visit WHERE customer_id = {who} ORDER BY id;",
        base.iin
    );
    let subject = format!("iin:{}", base.iin);
    let ours =
        Side::command(|| base.dsr(data, "base", &["export", "--subject", &subject, "--format", "json"]));
    let theirs = Side::command(|| base.psql("base", &sql));
    let rows = |said: &[u8], each: &str| ensure_count(said, each, 10);
    let row = pair(
        "postgres export (less load)",
        1.5,
        30,
        ours.check(|said| rows(said, "\"system\":")),
        theirs.check(|said| rows(said, "\n")),
    )?;
    Ok(row.less(with_policy(data)?.difference()?))
}

/// What is older than two years, beside one statement.
pub fn purge(data: &Data) -> Result<Row> {
    let base = Base::new(data)?;
    let delete = format!("DELETE FROM visit WHERE at < '{CUT}'");
    let fresh = |name: &str| {
        output(&mut base.psql("postgres", &format!("DROP DATABASE IF EXISTS {name}")))?;
        output(&mut base.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE base"))).map(|_| ())
    };
    let left = |name: &str| {
        let count = output(&mut base.psql(name, &format!("SELECT count(*) FROM visit WHERE at < '{CUT}'")))?;
        ensure!(String::from_utf8_lossy(&count).trim() == "0", "old visits are left");
        Ok(())
    };
    // In a database that nobody has checked nothing is destroyed.
    let check = ["map", "check", "--schema-only", "--accept", "--quiet"];
    let known = || output(&mut base.dsr(data, "ours", &check)).map(drop);
    let arguments = ["purge-expired", "--enable", "--max-share", "100", "--defer-destruction", "--quiet"];
    let ours = Side::command(|| base.dsr(data, "ours", &arguments))
        .before(|| fresh("ours").and_then(|()| known()))
        .check(|_| left("ours"));
    let theirs =
        Side::command(|| base.psql("theirs", &delete)).before(|| fresh("theirs")).check(|_| left("theirs"));
    pair("postgres purge / DELETE", 2.0, 3, ours, theirs)
}

fn ensure_count(said: &[u8], each: &str, least: usize) -> Result<()> {
    let found = String::from_utf8_lossy(said).matches(each).count();
    ensure!(found >= least, "{found} rows are too few");
    Ok(())
}

impl Base {
    fn new(data: &Data) -> Result<Self> {
        let Some(server) = servers::alone(servers::Kind::Postgres) else {
            bail!("PostgreSQL is not installed")
        };
        let people = data.people;
        let iins: Vec<String> = iins(usize::try_from(people)?);
        let iin = iins.get(iins.len() / 2).context("a person")?.clone();
        server.sql("", "CREATE DATABASE base");
        server.sql("base", &format!("{SCHEMA}{}", rows(data.records, people, &iins)));
        server.sql("base", "CREATE INDEX ON deal (customer_id); CREATE INDEX ON visit (customer_id); CREATE INDEX ON visit (at); VACUUM ANALYZE");
        let (config, store) = (data.file("systems.yaml"), data.file("systems.db"));
        std::fs::write(data.file("crm.yaml"), MAP)?;
        std::fs::write(
            &config,
            "controllers: {automaster: {systems: {crm: {kind: postgres, owner: IT, env: CRM_URL, map: crm.yaml}}}}",
        )?;
        data.init(&store)?;
        Ok(Self { server, config, store, iin })
    }

    fn dsr(&self, data: &Data, database: &str, arguments: &[&str]) -> Command {
        let mut dsr = data.dsr(&self.store, arguments);
        dsr.arg("--config").arg(&self.config).env("CRM_URL", self.server.url(database, None));
        dsr
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut psql = self.server.client(database);
        psql.args(["-c", sql]);
        psql
    }
}

/// Synthetic: the serials begin with 99, the check digits are right.
fn iins(count: usize) -> Vec<String> {
    let days = (1950..2005)
        .flat_map(|year| (1..=12).flat_map(move |month| (1..=28).map(move |day| (year, month, day))));
    let heads = days.flat_map(|(year, month, day)| {
        (9900..9999).map(move |serial| format!("{:02}{month:02}{day:02}3{serial}", year % 100))
    });
    let whole = heads.filter_map(|head| {
        (0..=9)
            .map(|digit| format!("{head}{digit}"))
            .find(|iin| Identifier::parse(IdentifierType::Iin, iin).is_ok())
    });
    whole.take(count).collect()
}

fn rows(records: u64, people: u64, iins: &[String]) -> String {
    let (deals, visits) = (records * 3 / 10, records * 6 / 10);
    let mut sql = "COPY customer FROM stdin;\n".to_owned();
    for (id, iin) in (1..).zip(iins) {
        let _ = writeln!(sql, "{id}\t{iin}\tФамилия{id}\tИмя\t2026-01-01 00:00:00+05");
    }
    sql.push_str("\\.\n");
    let _ = write!(
        sql,
        "INSERT INTO deal SELECT n, n % {people} + 1, 'D-' || n, '2024-01-01'::date + (n % 700)::int, n, '2024-01-01'::timestamptz + (n % 700) * interval '1 day'
           FROM generate_series(1, {deals}) n;
         INSERT INTO visit SELECT n, n % {people} + 1, '192.0.2.' || n % 255, '/page/' || n % 100,
           '2026-11-22 00:00+05'::timestamptz - n * (interval '875 days' / {visits}) FROM generate_series(1, {visits}) n;"
    );
    sql
}

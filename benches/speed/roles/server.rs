//! A role on a PostgreSQL through its socket: one prepared statement an operation, which writes its line of the log
//! too, so that there is one way there and back and one commit.

use std::collections::HashMap;

use anyhow::{Context, Result};
use postgres::{
    Client, NoTls, Statement,
    types::{ToSql, Type},
};

use super::work::{Answer, INDEXES, LOGS, Operation, SCHEMA, STATEMENTS, record};
use crate::servers::Server;

const LOG: &str = "CREATE TABLE audit_log (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(), command text NOT NULL, controller text NOT NULL);";

/// A connection.
pub struct Remote {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// A database with the table.
pub fn fill(server: &Server, name: &str, records: u64) {
    let mut sql = format!("{SCHEMA}{LOG}\nCOPY datum FROM stdin;\n");
    for i in 0..records {
        sql.push_str(&record(i, records / 10).join("\t"));
        sql.push('\n');
    }
    sql.push_str("\\.\n");
    server.sql("", &format!("CREATE DATABASE {name}"));
    server.sql(name, &format!("{sql}{INDEXES}VACUUM ANALYZE;"));
}

impl Remote {
    /// Connects and prepares everything.
    pub fn open(server: &Server, database: &str) -> Result<Self> {
        let mut client = Client::connect(&server.url(database, None), NoTls)?;
        let mut statements = HashMap::new();
        let logs =
            "SELECT at::text, command, controller FROM audit_log ORDER BY seq DESC LIMIT CAST($1 AS bigint)";
        for (name, sql) in STATEMENTS.iter().map(|one| (one.name, one.sql)).chain([(LOGS, logs)]) {
            let noted = format!(
                "WITH noted AS (INSERT INTO audit_log (command, controller) VALUES ('{name}', 'automaster')) {sql}"
            );
            let types = vec![Type::TEXT; sql.matches('$').count()];
            statements.insert(name, client.prepare_typed(&noted, &types)?);
        }
        Ok(Self { client, statements })
    }

    /// One operation and its line, committed.
    pub fn run(&mut self, operation: &Operation) -> Result<Answer> {
        let statement = self.statements.get(operation.name).context("a statement")?;
        let with: Vec<&(dyn ToSql + Sync)> =
            operation.with.iter().map(|text| text as &(dyn ToSql + Sync)).collect();
        if statement.columns().is_empty() {
            return Ok(Answer::of(self.client.execute(statement, &with)?));
        }
        let mut answer = Answer::default();
        for row in self.client.query(statement, &with)? {
            let cells =
                (0..row.len()).map(|column| row.try_get(column)).collect::<Result<Vec<String>, _>>()?;
            // Two logs have the same lines, and each says it in its own way.
            if operation.name == LOGS { answer.rows += 1 } else { answer.add(&cells) }
        }
        Ok(answer)
    }
}

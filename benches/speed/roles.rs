//! The four roles of a published benchmark of data protection, on the own store and on a PostgreSQL: the same data,
//! indexes and operations, an entry of the log for each, reads included. Written from its description alone.
//!
//! The own store has no server between, which is what it is for; the ratio is that of whole operations.

mod own;
mod server;
mod work;

use std::{cell::RefCell, path::Path};

use anyhow::{Context, Result, bail, ensure};

use self::{
    own::Own,
    server::Remote,
    work::{Answer, Operation, ROLES},
};
use super::{
    data::{Data, copy_store, forget_store},
    pair::{Row, Side, output, pair},
    servers,
};

const RUNS: usize = 3;

/// People who look at what is theirs, and change it.
pub fn customer(data: &Data) -> Result<Row> {
    role(data, "customer")
}

/// Who works with the data.
pub fn processor(data: &Data) -> Result<Row> {
    role(data, "processor")
}

/// Who looks whether all is as it should be.
pub fn regulator(data: &Data) -> Result<Row> {
    role(data, "regulator")
}

/// Who collects, regroups and deletes.
pub fn controller(data: &Data) -> Result<Row> {
    role(data, "controller")
}

fn role(data: &Data, name: &str) -> Result<Row> {
    let role = ROLES.iter().find(|role| role.name == name).context("a role")?;
    // It keeps what it commits as one in use does, and as the store here: by default it would not wait for the disk.
    let durable = ["fsync=on", "full_page_writes=on", "listen_addresses="];
    let options = |_: &Path| durable.map(|setting| format!("-c {setting}")).to_vec();
    let Some(server) = servers::with_options(servers::Kind::Postgres, &options) else {
        bail!("PostgreSQL is not installed")
    };
    let operations = role.operations(data.records);
    let (base, store) = (data.file("roles.db"), data.file("role.db"));
    data.init(&base)?;
    own::fill(&base, data.records)?;
    server::fill(&server, "base", data.records);
    let (mine, theirs) = (RefCell::new(None), RefCell::new(None));
    let first = RefCell::new(None);
    let ours = Side::new(|| run(&mine, &operations, Own::run))
        .before(|| {
            copy_store(&base, &store)?;
            mine.replace(Some(Own::open(&store)?));
            Ok(())
        })
        .check(|said| {
            same(&first, said)?;
            mine.take().context("a store")?.end()?;
            // The log that was written here is one that the program believes.
            output(&mut data.dsr(&store, &["audit", "verify"])).map(drop)
        });
    let remote = Side::new(|| run(&theirs, &operations, Remote::run))
        .before(|| {
            server.sql("", "DROP DATABASE IF EXISTS role");
            server.sql("", "CREATE DATABASE role TEMPLATE base");
            theirs.replace(Some(Remote::open(&server, "role")?));
            Ok(())
        })
        .check(|said| {
            theirs.take();
            same(&first, said)
        });
    let row = pair(&format!("{name} / PostgreSQL"), 0.8, RUNS, ours, remote);
    forget_store(&store)?;
    forget_store(&base)?;
    row
}

/// All operations in turn; gives the digest of all answers.
fn run<P>(
    place: &RefCell<Option<P>>,
    operations: &[Operation],
    each: fn(&mut P, &Operation) -> Result<Answer>,
) -> Result<Vec<u8>> {
    let mut place = place.borrow_mut();
    let place = place.as_mut().context("a connection")?;
    let answers = operations.iter().map(|one| each(place, one)).collect::<Result<Vec<Answer>>>()?;
    ensure!(answers.iter().any(|answer| answer.rows > 0), "nothing was found at all");
    Ok(Answer::digest(&answers).as_bytes().to_vec())
}

/// Whoever answers, the answers are the same.
fn same(first: &RefCell<Option<Vec<u8>>>, said: &[u8]) -> Result<()> {
    let mut first = first.borrow_mut();
    ensure!(first.get_or_insert_with(|| said.to_vec()) == said, "the two answer differently");
    Ok(())
}

//! One other system: a SQLite file `site.db` of AutoMaster with the map `site.yaml`.

use rusqlite::{Connection, types::FromSql};

use super::World;

/// The officer's file that names it.
pub const SYSTEMS: &str = "
controllers:
  automaster:
    systems:
      site: { kind: sqlite, owner: Web team, file: site.db, map: site.yaml }
";

/// Its file.
pub fn open(world: &World) -> Connection {
    Connection::open(world.path().join("site.db")).unwrap()
}

/// Runs statements in it.
pub fn sql(world: &World, sql: &str) {
    open(world).execute_batch(sql).unwrap();
}

/// What a query finds, one text a row.
pub fn rows(world: &World, query: &str) -> Vec<String> {
    column(world, query)
}

/// What a query finds, one number a row.
pub fn numbers(world: &World, query: &str) -> Vec<i64> {
    column(world, query)
}

fn column<T: FromSql>(world: &World, query: &str) -> Vec<T> {
    let conn = open(world);
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

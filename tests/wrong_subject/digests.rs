//! A digest of every row of every table, by the person it belongs to.

use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use rusqlite::{Connection, types::ValueRef};

/// Digests by the reference of the owner; `""`: rows of the register, log and machinery are left out, since
/// every command writes there, and a row that belongs to nobody is nobody else's.
pub type Digests = BTreeMap<String, u64>;

/// Reads all tables.
pub fn digests(conn: &Connection) -> rusqlite::Result<Digests> {
    let mut all = Digests::new();
    for (table, owner) in owned(conn)? {
        let sql = format!("SELECT coalesce({owner}, ''), t.* FROM \"{table}\" t");
        let mut query = conn.prepare(&sql)?;
        let columns = query.column_count();
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let mut hasher = DefaultHasher::new();
            table.hash(&mut hasher);
            for column in 1..columns {
                hash(row.get_ref(column)?, &mut hasher);
            }
            // Rows have no order among themselves: a sum of digests needs none.
            let sum = all.entry(row.get(0)?).or_default();
            *sum = sum.wrapping_add(hasher.finish());
        }
    }
    all.remove("");
    Ok(all)
}

/// Every table with how its rows name the person; a table that names nobody is not looked at.
fn owned(conn: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT m.name, group_concat(c.name, ' ') FROM sqlite_schema m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' GROUP BY m.name ORDER BY m.name";
    let mut query = conn.prepare(sql)?;
    let tables = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut owned = Vec::new();
    for table in tables {
        let (name, columns) = table?;
        let has = |column: &str| columns.split(' ').any(|one| one == column);
        let owner = match name.as_str() {
            "subject" => Some("t.ref"),
            "case_file" => Some("(SELECT s.ref FROM subject s WHERE s.uid = t.subject)"),
            _ if has("subject") => Some("(SELECT s.ref FROM subject s WHERE s.id = t.subject)"),
            _ if has("record") => {
                Some("(SELECT s.ref FROM record r JOIN subject s ON s.id = r.subject WHERE r.id = t.record)")
            }
            _ => None,
        };
        owned.extend(owner.map(|owner| (name, owner.to_owned())));
    }
    Ok(owned)
}

fn hash(value: ValueRef<'_>, hasher: &mut DefaultHasher) {
    match value {
        ValueRef::Null => 0_u8.hash(hasher),
        ValueRef::Integer(number) => number.hash(hasher),
        ValueRef::Real(number) => number.to_bits().hash(hasher),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.hash(hasher),
    }
}

//! The catalogue: what tables there are, which database this is, and what the role may.

use std::collections::BTreeMap;

use ::postgres::{
    Client, Row,
    types::{ToSql, Type},
};

use super::{
    super::{Beside, Column, Table, server},
    fault,
    names::Names,
    shape::{Kind, Shape, quote_table},
};
use crate::domain::Result;

/// One row a column, in the order of the table; also of tables that the role may not read, since nobody may forget them.
/// The type is a list of words where it is one; a statement casts to its name.
const COLUMNS: &str = "\
    SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END::text, \
           a.attname::text, \
           COALESCE((SELECT 'enum(' || string_agg('''' || replace(replace(e.enumlabel::text, chr(92), chr(92) || chr(92)), '''', '''''') || '''', ',' \
                       ORDER BY e.enumsortorder) || ')' \
                     FROM pg_catalog.pg_enum e WHERE e.enumtypid = a.atttypid), format_type(a.atttypid, -1)), \
           CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN a.atttypmod - 4 END, NOT a.attnotnull, \
           a.attgenerated::text <> '', (SELECT t.typname::text FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid), \
           c.oid::oid, a.attnum::int2, format_type(a.atttypid, -1) \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition \
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'crdb_internal', 'pg_extension') \
    ORDER BY 1, a.attnum";

/// One row a constraint: table, kind, its columns, the other table, its columns; all by their numbers. Names would have to
/// be looked for by a server that has just begun and knows none: three times as long as this, for what COLUMNS says.
const CONSTRAINTS: &str = "\
    SELECT conrelid::oid, contype::text, conkey::int2[], confrelid::oid, confkey::int2[] \
    FROM pg_catalog.pg_constraint WHERE contype IN ('p', 'u', 'f') ORDER BY contype, conname";

/// One row a trigger that runs when a row is updated (16) or deleted (8).
const TRIGGERS: &str = "\
    SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END::text, t.tgname::text \
    FROM pg_catalog.pg_trigger t \
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & 24) <> 0 AND NOT c.relispartition \
    ORDER BY 1, 2";

/// One row a table and materialized view that reads it, through whatever other views.
const COPIES: &str = "\
    WITH RECURSIVE needs (view, other) AS ( \
        SELECT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r \
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid \
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class), \
    reads (view, other) AS ( \
        SELECT v.oid, needs.other FROM needs JOIN pg_catalog.pg_class v ON v.oid = needs.view WHERE v.relkind = 'm' \
        UNION SELECT reads.view, needs.other FROM reads JOIN needs ON needs.view = reads.other) \
    SELECT DISTINCT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END::text, \
           CASE WHEN vn.nspname = current_schema() THEN v.relname ELSE vn.nspname || '.' || v.relname END::text \
    FROM reads \
    JOIN pg_catalog.pg_class c ON c.oid = reads.other \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_class v ON v.oid = reads.view \
    JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'f') ORDER BY 1, 2";

/// The columns of tables as statements need them, by table.
type Shapes = BTreeMap<String, Shape>;

/// Every table the role may see, sorted by name; and the columns of those that need no schema before their name.
pub fn all(client: &mut Client, system: &str) -> Result<(Vec<Table>, Shapes)> {
    let failed = |error: ::postgres::Error| fault::of(system, "", &error);
    let columns = client.query_typed(COLUMNS, &[]).map_err(failed)?;
    let mut tables = server::tables(columns.iter().map(|row| (row.get(0), column(row))));
    let names = Names::new(&columns);
    for row in client.query_typed(CONSTRAINTS, &[]).map_err(failed)? {
        let name = names.table(row.get(0));
        if let Some(table) = tables.iter_mut().find(|table| Some(&*table.name) == name) {
            constraint(table, &names, &row);
        }
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((tables, shapes(&columns)))
}

fn shapes(columns: &[Row]) -> Shapes {
    let mut kinds = BTreeMap::<String, BTreeMap<String, Kind>>::new();
    for row in columns {
        let (name, column, full): (String, String, String) = (row.get(0), row.get(1), row.get(9));
        let short: Option<String> = row.get(6);
        if !name.contains('.') {
            kinds.entry(name).or_default().insert(column, Kind::new(&short.unwrap_or_default(), &full));
        }
    }
    kinds.into_iter().map(|(name, columns)| (name.clone(), Shape::new(quote_table(&name), columns))).collect()
}

/// What becomes of rows of these tables beside, which is asked only where somebody looks at a map.
pub fn besides(client: &mut Client, system: &str, tables: &mut [Table]) -> Result<()> {
    let failed = |error: ::postgres::Error| fault::of(system, "", &error);
    for (sql, beside) in [(TRIGGERS, Beside::Trigger as fn(String) -> Beside), (COPIES, Beside::Copy)] {
        for row in client.query_typed(sql, &[]).map_err(failed)? {
            let name: String = row.get(0);
            let table = tables.iter_mut().find(|table| table.name == name);
            table.into_iter().for_each(|table| table.besides.push(beside(row.get(1))));
        }
    }
    Ok(())
}

fn column(row: &Row) -> Column {
    let length: Option<i32> = row.get(3);
    Column {
        name: row.get(1),
        kind: row.get(2),
        length: length.and_then(|length| u32::try_from(length).ok()),
        nullable: row.get(4),
        generated: row.get(5),
    }
}

/// A key, or what a row refers to; of a table that nobody is told of, what refers there is nothing here.
fn constraint(table: &mut Table, names: &Names, row: &Row) {
    let own = names.columns(row.get(0), row.get(2));
    match row.get(1) {
        "p" => table.key = own,
        "u" => table.unique.push(own),
        _ => {
            let other = names.table(row.get(3)).unwrap_or_default().to_owned();
            table.foreign.push((own, other, names.columns(row.get(3), row.get(4))));
        }
    }
}

/// The cluster's own number where the role may ask it, and the database's number and name.
pub fn identity(client: &mut Client, system: &str) -> Result<String> {
    const DATABASE: &str =
        "SELECT oid::text || '/' || datname FROM pg_catalog.pg_database WHERE datname = current_database()";
    const BOTH: &str = "\
        SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) || '/' || oid::text || '/' || datname \
        FROM pg_catalog.pg_database WHERE datname = current_database()";
    let failed = |error: ::postgres::Error| fault::of(system, "", &error);
    let said = |rows: Vec<Row>| -> Option<String> { rows.first()?.try_get(0).ok()? };
    // Outside a transaction, so that a refusal breaks nothing. Servers that only speak the protocol have no such number.
    if let Some(both) = client.query_typed(BOTH, &[]).ok().and_then(said) {
        return Ok(format!("postgres:{both}"));
    }
    let database = said(client.query_typed(DATABASE, &[]).map_err(failed)?).unwrap_or_default();
    Ok(format!("postgres:/{database}"))
}

/// Only an owner's VACUUM does anything; another's says so in a notice and succeeds.
pub fn may_vacuum(client: &mut Client, system: &str, table: &str) -> Result<bool> {
    const OWNER: &str = "\
        SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class c WHERE c.oid = to_regclass($1)";
    let quoted = quote_table(table);
    let parameter: &(dyn ToSql + Sync) = &quoted;
    let rows = client.query_typed(OWNER, &[(parameter, Type::TEXT)]);
    let rows = rows.map_err(|error| fault::of(system, table, &error))?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

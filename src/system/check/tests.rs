//! A database that changed since its map was written.

use super::{Finding, against};
use crate::system::{
    engine::{Column, Table},
    map::sample::{CRM, map},
};

fn column(name: &str, kind: &str, nullable: bool) -> Column {
    Column { name: name.into(), kind: kind.into(), length: None, nullable }
}

fn table(name: &str, columns: &[(&str, &str)]) -> Table {
    Table {
        name: name.into(),
        columns: columns.iter().map(|(name, kind)| column(name, kind, true)).collect(),
        key: vec!["id".into()],
        unique: Vec::new(),
        foreign: Vec::new(),
    }
}

/// As the map of the sample says.
fn live() -> Vec<Table> {
    let customer = ["id", "iin", "tel", "tel_2", "given_name"].map(|name| (name, "text"));
    let rest = [("home", "jsonb"), ("created_at", "timestamp with time zone"), ("stopped", "boolean")];
    let deal = ["id", "customer_id", "number", "opened_at", "closed_at"].map(|name| (name, "text"));
    let mut deal = table("sales.deal", &deal);
    deal.foreign = vec![(vec!["customer_id".into()], "sales.customer".into(), vec!["id".into()])];
    let call = table("call", &[("id", "text"), ("tel", "text"), ("text", "text")]);
    vec![call, table("sales.customer", &[&customer[..], &rest[..]].concat()), deal]
}

fn found(change: impl FnOnce(&mut Vec<Table>)) -> Vec<String> {
    let mut tables = live();
    change(&mut tables);
    shown(&against(&map(CRM), &tables))
}

fn shown(found: &[Finding]) -> Vec<String> {
    let field = |one: &Finding| one.field.clone().unwrap_or_default();
    found
        .iter()
        .map(|one| format!("{} {} {}", one.code, one.collection, field(one)).trim().to_owned())
        .collect()
}

#[test]
fn a_map_that_fits_has_no_findings() {
    assert_eq!(found(|_| {}), [""; 0]);
}

#[test]
fn whatever_changed_is_found() {
    let cases: Vec<(&str, Vec<String>, &str)> = vec![
        (
            "new column",
            found(|all| all[0].columns.push(column("mood", "text", true))),
            "unmapped-column call mood",
        ),
        ("new table", found(|all| all.push(table("spy", &[("id", "text")]))), "unmapped-table spy"),
        ("no table", found(|all| drop(all.remove(0))), "no-table call"),
        ("no column", found(|all| drop(all[0].columns.remove(2))), "no-column call text"),
        (
            "no JSON column",
            found(|all| all[1].columns[5].name = "house".into()),
            "unmapped-column sales.customer house",
        ),
        (
            "inside a number",
            found(|all| all[1].columns[5].kind = "integer".into()),
            "no-column sales.customer home.street",
        ),
        ("shorter", found(|all| all[1].columns[2].length = Some(11)), "length sales.customer tel"),
        ("another type", found(|all| all[1].columns[2].kind = "bigint".into()), "type sales.customer tel"),
        ("never empty", found(|all| all[2].columns[2].nullable = false), "masking sales.deal number"),
        ("emptied", found(|all| all[1].columns[4].nullable = false), "masking sales.customer given_name"),
        ("another key", found(|all| all[0].key = vec!["tel".into()]), "other-key call"),
    ];
    for (about, found, expected) in cases {
        assert!(found.iter().any(|one| one == expected), "{about}: {found:?}");
    }
}

#[test]
fn erasing_has_to_fit_what_is_there() {
    let text = CRM.replace(
        "- { name: number, data_categories: [user.account] }",
        "- { name: number, data_categories: [user.account], fides_meta: { masking_strategy_override: { strategy: hmac } } }",
    );
    let mut tables = live();
    assert_eq!(shown(&against(&map(&text), &tables)), [""; 0]);
    tables[2].columns[2].kind = "bigint".into();
    assert!(shown(&against(&map(&text), &tables)).contains(&"masking sales.deal number".to_owned()));
}

#[test]
fn what_refers_to_a_row_that_goes_is_named() {
    let text = CRM.replace(
        "- name: sales.customer\n",
        "- name: sales.customer\n        fides_meta: { masking_strategy_override: { strategy: delete } }\n",
    );
    let text = text + "      - { name: bonus, fides_meta: { skip_processing: true }, fields: [] }\n";
    let mut tables = live();
    let mut bonus = table("bonus", &[("id", "text"), ("customer", "text")]);
    bonus.foreign = vec![(vec!["customer".into()], "sales.customer".into(), vec!["id".into()])];
    tables.push(bonus);
    assert_eq!(shown(&against(&map(&text), &tables)), ["referred bonus customer"]);
    tables[0].foreign = vec![(vec!["tel".into()], "sales.customer".into(), vec!["tel".into()])];
    assert!(shown(&against(&map(&text), &tables)).contains(&"unmapped-reference call tel".to_owned()));
}

#[test]
fn a_column_that_nobody_explained_is_named() {
    let text = CRM.replace("        dsr_meta:\n          category: contact\n          collected_at: created_at\n          restriction: { column: stopped, blocked: 'true', free: 'false' }\n", "");
    let text =
        text.replace("- { name: tel_2, data_categories: [user.contact.phone_number] }", "- { name: tel_2 }");
    assert_eq!(shown(&against(&map(&text), &live())), ["unclassified sales.customer tel_2"]);
}

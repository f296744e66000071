//! A database that changed since its map was written.

use super::{Finding, against, both_ways};
use crate::system::{
    engine::{Beside, Column, Table},
    map::sample::{CRM, map},
};

fn column(name: &str, kind: &str, nullable: bool) -> Column {
    Column { name: name.into(), kind: kind.into(), length: None, nullable, generated: false }
}

fn table(name: &str, columns: &[(&str, &str)]) -> Table {
    Table {
        name: name.into(),
        columns: columns.iter().map(|(name, kind)| column(name, kind, true)).collect(),
        key: vec!["id".into()],
        ..Table::default()
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

/// A key of several columns, of which the map refers by each alone.
#[test]
fn one_column_of_a_key_is_no_reference() {
    let text = |refers: &str| {
        format!(
            "dataset: [{{ fides_key: shop, collections: [
  {{ name: buyer, fields: [{{ name: tenant, fides_meta: {{ primary_key: true }} }}, {{ name: id, fides_meta: {{ primary_key: true }} }}, {{ name: iin, dsr_meta: {{ identity: iin }} }}] }},
  {{ name: sale, fields: [{{ name: id, fides_meta: {{ primary_key: true }} }}, {{ name: tenant, dsr_meta: {{ not_personal: true }} }},
    {{ name: buyer_id, fides_meta: {{ references: [{{ dataset: shop, field: {refers}, direction: from }}] }} }}] }} ] }}]"
        )
    };
    let mut buyer = table("buyer", &[("tenant", "text"), ("id", "text"), ("iin", "text")]);
    buyer.key = vec!["tenant".into(), "id".into()];
    let mut sale = table("sale", &[("id", "text"), ("tenant", "text"), ("buyer_id", "text")]);
    let both = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
    sale.foreign = vec![(both("tenant", "buyer_id"), "buyer".into(), both("tenant", "id"))];
    let found = |text: &str, tables: &[Table]| shown(&against(&map(text), tables));
    let tables = [buyer.clone(), sale.clone()];
    assert_eq!(found(&text("buyer.id"), &tables), ["split-key sale buyer_id"]);
    // The other way round it is the same.
    let turned = text("buyer.iin").replace(
        "name: id, fides_meta: { primary_key: true } }, { name: iin",
        "name: id, fides_meta: { primary_key: true, references: [{ dataset: shop, field: sale.buyer_id, direction: to }] } }, { name: iin",
    );
    assert_eq!(found(&turned, &tables), ["split-key sale buyer_id"]);
    // Where it names one row alone, it is none of several.
    buyer.unique = vec![vec!["id".into()]];
    assert_eq!(found(&text("buyer.id"), &[buyer, sale]), [""; 0]);
}

#[test]
fn what_the_database_ties_is_not_masked() {
    let masked = |strategy: &str| {
        CRM.replace(
            "- { name: number, data_categories: [user.account] }",
            &format!("- {{ name: number, data_categories: [user.account], fides_meta: {{ masking_strategy_override: {{ strategy: {strategy} }} }} }}"),
        )
    };
    let of = |strategy: &str, change: fn(&mut Vec<Table>)| {
        let mut tables = live();
        change(&mut tables);
        let found = against(&map(&masked(strategy)), &tables);
        found.iter().filter(|one| one.is_error).map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    let own: fn(&mut Vec<Table>) =
        |all| all[2].foreign.push((vec!["number".into()], "call".into(), vec!["id".into()]));
    let others: fn(&mut Vec<Table>) =
        |all| all[0].foreign.push((vec!["text".into()], "sales.deal".into(), vec!["number".into()]));
    let said = |why: &str| vec![format!("erasure cannot write into `number` (text): {why}")];
    assert_eq!(of("hmac", own), said("by a foreign key it refers to `call`"));
    assert_eq!(of("null_rewrite", own), [""; 0], "nothing is referred to by nothing");
    assert_eq!(of("hmac", others), said("by a foreign key rows of `call` refer to it"));
    assert_eq!(of("null_rewrite", others), said("by a foreign key rows of `call` refer to it"));
    assert_eq!(of("preserve", others), [""; 0]);
    assert_eq!(
        of("hmac", |all| all[2].key = vec!["number".into()]),
        said("it is part of the key of the table")
    );
    assert_eq!(of("hmac", |all| all[2].columns[2].generated = true), said("the database computes it"));
    let mut tables = live();
    others(&mut tables);
    assert!(shown(&against(&map(CRM), &tables)).contains(&"masking sales.deal number".to_owned()));
}

#[test]
fn what_no_step_reaches_is_named() {
    let of = |beside: Beside| found(|all| all[1].besides.push(beside));
    assert_eq!(of(Beside::Trigger("t".into())), ["trigger sales.customer"]);
    assert_eq!(of(Beside::Copy("v".into())), ["copy sales.customer"]);
    assert_eq!(of(Beside::History), ["history sales.customer"]);
    assert_eq!(of(Beside::Loose("MyISAM".into())), ["no-transactions sales.customer"]);
}

#[test]
fn a_number_keeps_no_zeros() {
    let kind = |kind: &'static str| found(|all| all[1].columns[1].kind = kind.into());
    assert_eq!(kind("bigint"), ["number sales.customer iin"]);
    assert_eq!(kind("numeric"), ["number sales.customer iin"]);
    assert_eq!(kind("bigint(12) unsigned zerofill"), [""; 0]);
}

#[test]
fn a_table_is_mapped_once() {
    let call = &CRM[CRM.find("      - name: call").unwrap_or_default()..];
    let text = format!("{CRM}{}", call.replace("name: call", "name: public.call"));
    assert_eq!(shown(&against(&map(&text), &live())), ["mapped-twice public.call"]);
}

#[test]
fn what_is_computed_is_not_emptied() {
    let generated = |all: &mut Vec<Table>| {
        all[1].columns[4].nullable = false;
        all[1].columns[4].generated = true;
    };
    let mut tables = live();
    generated(&mut tables);
    let mut learnt = map(CRM);
    crate::system::learn::learn(&mut learnt, &tables);
    assert_eq!(shown(&against(&learnt, &tables)), [""; 0]);
}

/// Where no direction is said, people at both ends hold each other back, and so does a list of people without numbers.
#[test]
fn a_reference_that_is_walked_neither_way_is_named() {
    let text = |user: &str, customer: &str, link: &str| {
        format!(
            "dataset: [{{ fides_key: shop, collections: [
  {{ name: account, fields: [{{ name: login, fides_meta: {{ primary_key: true }}, dsr_meta: {{ identity: account }} }},
    {{ name: owner, fides_meta: {{ references: [{{ dataset: shop, field: customer.id, direction: to }}] }} }}] }},
  {{ name: customer, fields: [{{ name: id, fides_meta: {{ primary_key: true }} }}{customer}] }},
  {{ name: living, fields: [{{ name: id, fides_meta: {{ primary_key: true }} }}{user},
    {{ name: customer, fides_meta: {{ references: [{{ dataset: shop, field: customer.id{link} }}] }} }}] }} ] }}]"
        )
    };
    let (iin, mail) =
        (", { name: iin, dsr_meta: { identity: iin } }", ", { name: mail, dsr_meta: { identity: email } }");
    for (user, customer, link, named) in [
        ("", iin, "", false),
        ("", mail, "", false),
        ("", "", "", true),
        ("", "", ", direction: from", false),
        (mail, iin, "", true),
        (mail, "", "", false),
        (mail, iin, ", direction: from", false),
    ] {
        let maps = [("shop".to_owned(), map(&text(user, customer, link)))];
        let found: Vec<Finding> = both_ways(&maps).into_iter().map(|(_, one)| one).collect();
        let expected = if named { vec!["both-ways living customer".to_owned()] } else { Vec::new() };
        assert_eq!(shown(&found), expected, "{user} {customer} {link}");
    }
}

/// What a block and its end write is looked at like a mask.
#[test]
fn a_mark_has_to_fit_its_column() {
    let of = |kind: &'static str, blocked: &str, free: &str| {
        let said = format!("restriction: {{ column: stopped, blocked: {blocked}{free} }}");
        let text = CRM.replace("restriction: { column: stopped, blocked: 'true', free: 'false' }", &said);
        let mut tables = live();
        tables[1].columns[7].kind = kind.into();
        tables[1].columns[7].length = Some(5);
        tables[1].columns[7].nullable = false;
        let found = against(&map(&text), &tables);
        found
            .iter()
            .filter(|one| one.code == "restriction")
            .map(|one| one.message.clone())
            .collect::<Vec<_>>()
    };
    for (kind, blocked, free, refused) in [
        ("tinyint(1)", "'true'", ", free: '0'", 0),
        ("boolean", "'yes'", ", free: '0'", 1),
        ("integer", "'1'", ", free: 'false'", 1),
        ("numeric", "'1.5'", ", free: none", 1),
        ("enum('on','off')", "'on'", ", free: 'off'", 0),
        ("enum('on','off')", "'On'", ", free: ''", 2),
        ("date", "'2000-01-01'", ", free: '1999-01-01'", 0),
        ("date", "'0000-00-00'", ", free: '1'", 2),
        ("varchar(5)", "'stopped'", ", free: ''", 1),
        ("jsonb", "'{}'", ", free: '{'", 1),
        ("inet", "'any'", ", free: ''", 0),
        ("boolean", "'true'", "", 1),
    ] {
        assert_eq!(of(kind, blocked, free).len(), refused, "{kind} {blocked}{free}");
    }
    assert_eq!(
        of("date", "'soon'", ", free: '2000-01-01'"),
        ["a block cannot write into `stopped` (date): the text is no date"]
    );
    let mut tables = live();
    tables[1].columns[7].generated = true;
    assert_eq!(shown(&against(&map(CRM), &tables)), ["restriction sales.customer stopped"; 2]);
}

#[test]
fn a_mask_has_to_be_in_the_list_and_a_day() {
    let of = |kind: &'static str, strategy: &str| {
        let text = CRM.replace(
            "- { name: number, data_categories: [user.account] }",
            &format!("- {{ name: number, data_categories: [user.account], fides_meta: {{ masking_strategy_override: {{ strategy: {strategy} }} }} }}"),
        );
        let mut tables = live();
        tables[2].columns[2].kind = kind.into();
        let found = against(&map(&text), &tables);
        let why = |one: &Finding| one.message.rsplit(": ").next().unwrap_or_default().to_owned();
        found.iter().find(|one| one.is_error).map(why).unwrap_or_default()
    };
    let fixed = |text: &str| format!("string_rewrite, configuration: {{ rewrite_value: '{text}' }}");
    let (not_in, drawn) =
        ("the text is no member of the column's list", "what it writes is no member of the column's list");
    for (kind, strategy, why) in [
        ("enum('date','none')", fixed("none"), ""),
        ("enum('date','none')", fixed("other"), not_in),
        ("enum('date','none')", "hmac".into(), drawn),
        ("enum('date','none')", "random_string_rewrite".into(), drawn),
        ("enum('date','none')", "null_rewrite".into(), ""),
        ("set('a','b')", fixed("a,b"), ""),
        ("set('a','b')", fixed("b,a"), not_in),
        ("date", fixed("1900-01-01"), ""),
        ("date", fixed("0000-00-00"), "the text is no date"),
        ("date", fixed("none"), "the text is no date"),
        ("year(4)", fixed("1970"), ""),
        ("tinyint(1)", fixed("1"), ""),
        ("tinyint(1)", fixed("2"), "the text is neither true nor false"),
    ] {
        assert_eq!(of(kind, &strategy), why, "{kind} {strategy}");
    }
}

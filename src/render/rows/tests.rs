use super::*;
use crate::render::Lang;

fn written(format: Format, rows: &[[Cell; 2]]) -> String {
    let style = Style { format, lang: Lang::En, sheets: Lang::En, color: false, width: 80, drill: false };
    let head = Head {
        schema: "dsr/test/v1",
        list: "items",
        title: "Test".into(),
        columns: &["name", "n"],
        members: vec![("as_of", json!("2026-11-22"))],
    };
    let mut out = Vec::new();
    let mut list = match Rows::begin(&mut out, style, head) {
        Ok(list) => list,
        Err(error) => panic!("{error}"),
    };
    assert!(rows.iter().all(|row| list.row(row).is_ok()));
    assert!(list.finish(vec![]).is_ok());
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn one_list_in_every_format() {
    let rows = [[Cell::text("=a"), Cell::Int(1)], [Cell::text("b"), Cell::Nothing]];
    assert_eq!(written(Format::Csv, &rows), "\"name\",\"n\"\r\n\"'=a\",\"1\"\r\n\"b\",\"\"\r\n");
    for rows in [&rows[..], &[]] {
        let json: Value = serde_json::from_str(&written(Format::Json, rows)).unwrap_or_default();
        assert_eq!(json["items"].as_array().map(Vec::len), Some(rows.len()));
        assert_eq!(json["as_of"], "2026-11-22");
    }
    assert_eq!(
        written(Format::Ndjson, &rows[..1]),
        "{\"name\":\"=a\",\"n\":1}\n{\"type\":\"summary\",\"schema\":\"dsr/test/v1\",\"count\":1,\"as_of\":\"2026-11-22\"}\n"
    );
    assert!(written(Format::Table, &[]).contains("no items"));
}

#[test]
fn a_wide_list_is_shown_row_by_row() {
    let mut sheet = Sheet::new((0..20).map(|n| format!("column {n}")));
    sheet.push((0..20).map(|n| if n < 3 { format!("cell {n}") } else { String::new() }));
    let pair = |n: usize| (format!("column {n}"), format!("cell {n}"));
    let expected = [Block::Heading("cell 0".into()), Block::Pairs(vec![pair(1), pair(2)])];
    assert_eq!(cards(sheet).collect::<Vec<_>>(), expected);
}

#[test]
fn cells_in_every_format() {
    for (cell, json, csv, table) in [
        (Cell::text("a"), json!("a"), "a", "a"),
        (Cell::count(3_u64), json!(3), "3", "3"),
        (Cell::count(u64::MAX), json!(i64::MAX), "9223372036854775807", "9223372036854775807"),
        (Cell::Flag(true), json!(true), "true", "yes"),
        (Cell::Flag(false), json!(false), "false", ""),
        (Cell::option(None::<u8>), Value::Null, "", ""),
        (Cell::Words(vec!["a".into(), "b".into()]), json!(["a", "b"]), "a|b", "a, b"),
        (Cell::Words(vec![]), json!([]), "", ""),
    ] {
        let shown = cell.shown("name", &Words::new(Lang::En));
        assert_eq!((cell.json(), &*cell.plain(), &*shown), (json, csv, table));
    }
}

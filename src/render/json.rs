//! JSON: one envelope with `schema` first, UTF-8 unescaped but for what hides, stable key order.

use std::io::Write;

use serde_json::{Map, Value};

use super::{Answer, Style, guard};
use crate::domain::{Error, Kind, Result};

/// One indented object.
///
/// # Errors
/// What the stream says.
pub fn write(out: &mut dyn Write, answer: &dyn Answer, style: Style) -> Result<()> {
    let body = answer.body().map_err(unwritable)?;
    out.write_all(b"{\n  \"schema\": ")?;
    serde_json::to_writer(&mut *out, answer.schema()).map_err(unwritable)?;
    if style.drill {
        out.write_all(b",\n  \"drill\": true")?;
    }
    for (key, value) in members(body) {
        write!(out, ",\n  \"{key}\": ")?;
        let text = serde_json::to_string_pretty(&value).map_err(unwritable)?;
        out.write_all(guard::json(&text.replace('\n', "\n  ")).as_bytes())?;
    }
    out.write_all(b"\n}\n")?;
    Ok(())
}

/// One object a line: the members of the answer's list, then a `summary` with the rest.
///
/// # Errors
/// What the stream says; usage where the answer is no list.
pub fn write_lines(out: &mut dyn Write, answer: &dyn Answer, style: Style) -> Result<()> {
    let list = answer.lines_of().ok_or_else(|| super::no_form(answer, "ndjson"))?;
    let mut body: Map<String, Value> = members(answer.body().map_err(unwritable)?).collect();
    if let Some(Value::Array(items)) = body.remove(list) {
        for item in items {
            line(out, members(item))?;
        }
    }
    summary(out, answer.schema(), style, body.into_iter())
}

/// The last line of a list.
///
/// # Errors
/// What the stream says.
pub fn summary(
    out: &mut dyn Write,
    schema: &str,
    style: Style,
    members: impl Iterator<Item = (String, Value)>,
) -> Result<()> {
    let first = [("type".to_owned(), "summary".into()), ("schema".to_owned(), schema.into())];
    let drill = style.drill.then(|| ("drill".to_owned(), true.into()));
    line(out, first.into_iter().chain(drill).chain(members))
}

fn line(out: &mut dyn Write, members: impl Iterator<Item = (String, Value)>) -> Result<()> {
    for (at, (key, value)) in members.enumerate() {
        write!(out, "{}\"{key}\":", if at == 0 { '{' } else { ',' })?;
        let text = serde_json::to_string(&value).map_err(unwritable)?;
        out.write_all(guard::json(&text).as_bytes())?;
    }
    out.write_all(b"}\n")?;
    Ok(())
}

fn members(body: Value) -> Box<dyn Iterator<Item = (String, Value)>> {
    match body {
        Value::Object(map) => Box::new(map.into_iter()),
        other => Box::new(std::iter::once(("value".to_owned(), other))),
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    if error.is_io() {
        return Error::from(std::io::Error::from(error));
    }
    Error::new(Kind::Failed, "the answer could not be written as JSON").because(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::render::{Block, Format, Lang, Words};

    struct Orchard;

    impl Answer for Orchard {
        fn schema(&self) -> &'static str {
            "dsr/orchard/v1"
        }

        fn body(&self) -> serde_json::Result<Value> {
            Ok(json!({"trees": [{"name": "алма"}, {"name": null}], "size": 2}))
        }

        fn page(&self, _words: &Words) -> Vec<Block> {
            Vec::new()
        }

        fn lines_of(&self) -> Option<&'static str> {
            Some("trees")
        }
    }

    fn written(drill: bool, write: fn(&mut dyn Write, &dyn Answer, Style) -> Result<()>) -> String {
        let style =
            Style { format: Format::Json, lang: Lang::En, color: false, width: 80, drill, sheets: Lang::En };
        let mut out = Vec::new();
        assert!(write(&mut out, &Orchard, style).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn the_schema_stands_first_and_a_drill_says_so() {
        for (drill, start) in [
            (false, "{\n  \"schema\": \"dsr/orchard/v1\",\n  \"size\": 2,\n  \"trees\": [\n    {\n"),
            (true, "{\n  \"schema\": \"dsr/orchard/v1\",\n  \"drill\": true,\n  \"size\": 2,\n"),
        ] {
            let text = written(drill, write);
            assert!(text.starts_with(start), "{text}");
            let read: Value = serde_json::from_str(&text).unwrap_or_default();
            assert_eq!(read["trees"][0]["name"], "алма");
        }
    }

    #[test]
    fn one_line_an_item_and_one_for_the_rest() {
        let summary = "{\"type\":\"summary\",\"schema\":\"dsr/orchard/v1\",\"drill\":true,\"size\":2}\n";
        let expected = format!("{{\"name\":\"алма\"}}\n{{\"name\":null}}\n{summary}");
        assert_eq!(written(true, write_lines), expected);
    }
}

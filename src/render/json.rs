//! JSON: one envelope with `schema` first, UTF-8 unescaped, stable key order.

use std::io::Write;

use serde_json::{Map, Value};

use super::{Answer, Style};
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
        out.write_all(text.replace('\n', "\n  ").as_bytes())?;
    }
    out.write_all(b"\n}\n")?;
    Ok(())
}

/// One object a line: the members of the answer's list, then a `summary` with the rest.
///
/// # Errors
/// What the stream says; usage where the answer is no list.
pub fn write_lines(out: &mut dyn Write, answer: &dyn Answer, _style: Style) -> Result<()> {
    let list = answer.lines_of().ok_or_else(|| super::no_form(answer, "ndjson"))?;
    let mut body: Map<String, Value> = members(answer.body().map_err(unwritable)?).collect();
    if let Some(Value::Array(items)) = body.remove(list) {
        for item in items {
            line(out, "item", members(item))?;
        }
    }
    body.insert("schema".into(), answer.schema().into());
    line(out, "summary", body.into_iter())
}

fn line(out: &mut dyn Write, kind: &str, members: impl Iterator<Item = (String, Value)>) -> Result<()> {
    write!(out, "{{\"type\":\"{kind}\"")?;
    for (key, value) in members {
        write!(out, ",\"{key}\":")?;
        serde_json::to_writer(&mut *out, &value).map_err(unwritable)?;
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

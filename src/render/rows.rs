//! Lists in every format, one row at a time: a report of a million rows never lies in memory.
//!
//! The columns are the promise: they are the header in CSV and the keys in JSON.

mod members;

use std::{borrow::Cow, io::Write};

use serde_json::{Value, json};

use members::title;

use super::{Block, Format, Lang, Sheet, Style, Words, csv, guard, json, table};
use crate::domain::{Error, Moment, Result};

/// A table on a terminal ends here; the other formats go on.
const TABLE_ROWS: usize = 1_000;

/// Lists with more columns than this are shown row by row at a terminal: no screen is that wide.
const TABLE_COLUMNS: usize = 12;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text; empty is empty in every format.
    Text(String),
    /// A word of a closed list.
    Word(&'static str),
    /// Text, and the same as a person reads it.
    Said(String, String),
    /// A moment: RFC 3339 for machines, day and clock for a person.
    Moment(Moment),
    /// A number.
    Int(i64),
    /// Yes or no.
    Flag(bool),
    /// Nothing: `null` in JSON, empty elsewhere.
    Nothing,
    /// Words: an array in JSON, joined by `|` in CSV.
    Words(Vec<String>),
}

impl Cell {
    /// Text or nothing.
    pub fn option<T: ToString>(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, |value| Self::Text(value.to_string()))
    }

    /// Anything that reads as text.
    pub fn text(value: impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    /// A moment or nothing.
    pub fn moment(at: Option<Moment>) -> Self {
        at.map_or(Self::Nothing, Self::Moment)
    }

    /// A count.
    pub fn count(value: impl TryInto<i64>) -> Self {
        Self::Int(value.try_into().unwrap_or(i64::MAX))
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) | Self::Said(text, _) => json!(text),
            Self::Word(word) => json!(word),
            Self::Moment(at) => json!(at.rfc3339()),
            Self::Int(number) => json!(number),
            Self::Flag(flag) => json!(flag),
            Self::Nothing => Value::Null,
            Self::Words(words) => json!(words),
        }
    }

    /// As a spreadsheet keeps it.
    fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Said(text, _) => Cow::Borrowed(text),
            Self::Word(word) => Cow::Borrowed(word),
            Self::Moment(at) => Cow::Owned(at.rfc3339()),
            Self::Int(number) => Cow::Owned(number.to_string()),
            Self::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Nothing => Cow::Borrowed(""),
            Self::Words(words) => Cow::Owned(words.join("|")),
        }
    }

    /// As a person reads it: words of closed lists and days in the language of words.
    fn shown(&self, column: &str, words: &Words) -> String {
        match self {
            Self::Flag(flag) => {
                let yes = flag.then(|| words.say("yes"));
                yes.unwrap_or_default()
            }
            Self::Said(_, said) => said.clone(),
            Self::Moment(at) => words.moment(*at),
            Self::Words(all) => {
                all.iter().map(|word| in_words(column, word, words)).collect::<Vec<_>>().join(", ")
            }
            other => in_words(column, &other.plain(), words),
        }
    }
}

/// A code or a day in another language; English shows them as the command line takes them, and what no command takes
/// in words.
fn in_words(column: &str, text: &str, words: &Words) -> String {
    let is_typed = column != "categories" || !text.starts_with("register.");
    if words.lang() == Lang::En && is_typed || text.is_empty() {
        return text.to_owned();
    }
    let counted = text.rsplit_once(' ').filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
    match (column, counted) {
        ("law" | "refusal_basis", _) => return words.law(text),
        ("kept", _) if text.ends_with(')') || text.contains(") until ") => return kept(text, words),
        ("not_reached", _) if text.contains("): ") => return held(text, words),
        ("not_reached", _) if text.contains(": not confirmed (") => return unconfirmed(text, words),
        ("categories", Some((category, n))) => return format!("{} {n}", in_words(column, category, words)),
        _ => {}
    }
    let groups = groups(column);
    match groups.iter().find_map(|group| words.known(group, text)) {
        Some(word) => word,
        None if !groups.is_empty() && !text.contains(' ') => text.replace('_', " "),
        None => words.iso(&words.phrase(text)),
    }
}

/// A system that people keep and what it holds, `paper (Archive): contact, contract`, for a person.
fn held(text: &str, words: &Words) -> String {
    let Some((place, held)) = text.rsplit_once(": ") else { return text.to_owned() };
    let held: Vec<String> = held.split(", ").map(|word| words.code("category", word)).collect();
    format!("{place}: {}", held.join(", "))
}

/// A system that was given up and what a night began there, `site: not confirmed (contact 1, usage 4)`, for a person.
fn unconfirmed(text: &str, words: &Words) -> String {
    let Some((system, what)) = text.split_once(": not confirmed (") else { return text.to_owned() };
    let records: Vec<String> =
        what.trim_end_matches(')').split(", ").map(|one| in_words("categories", one, words)).collect();
    let parts = [("system", system.into()), ("what", records.join(", ").into())];
    words.say_with("act-unconfirmed", &parts)
}

/// The closed lists that the codes of a column are of; of several the first that has the code.
fn groups(column: &str) -> &'static [&'static str] {
    match column {
        "right" | "actions" => &["right"],
        "state" => &["state", "destruction"],
        "clock" => &["clock"],
        "urgency" => &["urgency"],
        "channel" | "answer_channel" => &["channel"],
        "method" => &["channel", "method"],
        "identity" => &["identity"],
        "verdict" => &["verdict"],
        "category" | "categories" => &["category"],
        "scope" => &["scope", "category", "purpose", "field"],
        "purpose" | "purposes" => &["purpose"],
        "sources" => &["source"],
        "sensitivity" | "bases" | "basis" | "start_event" => &["vocabulary"],
        "decision" => &["decided"],
        "duty" => &["duty"],
        "given_by" => &["given-by"],
        "not_reached" => &["not-reached"],
        "overdue_reason" => &["lateness"],
        "class" => &["change"],
        "way" => &["way"],
        "cause" => &["cause"],
        _ => &[],
    }
}

/// What an act kept, `contract 1 (RULE) until DAY`, for a person.
fn kept(text: &str, words: &Words) -> String {
    let (what, until) = text.split_once(" until ").map_or((text, None), |(what, day)| (what, Some(day)));
    let (category, rest) = what.split_once(' ').unwrap_or((what, ""));
    let until = until.map(|day| words.phrase(&format!("until {}", words.iso(day))));
    let parts = [Some(words.term("category", category)), Some(rest.to_owned()), until];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What a list is called and what stands above it.
#[derive(Clone, Debug)]
pub struct Head {
    /// `dsr/<name>/v1`.
    pub schema: &'static str,
    /// The key of the list in JSON.
    pub list: &'static str,
    /// The title at a terminal.
    pub title: String,
    /// The columns.
    pub columns: &'static [&'static str],
    /// Members of the JSON object beside the list, also said at a terminal.
    pub members: Vec<(&'static str, Value)>,
}

/// Writes a list.
pub struct Rows<'o> {
    sink: Sink<'o>,
    style: Style,
    head: Head,
    count: usize,
}

enum Sink<'o> {
    Csv(Box<csv::Writer<&'o mut dyn Write>>),
    Json(&'o mut dyn Write),
    Lines(&'o mut dyn Write),
    Table(&'o mut dyn Write, Sheet, Box<Words>),
}

impl<'o> Rows<'o> {
    /// Begins a list.
    ///
    /// # Errors
    /// What the stream says; usage (exit 2) for HTML, which no list has.
    pub fn begin(out: &'o mut dyn Write, style: Style, head: Head) -> Result<Self> {
        let sink = match style.format {
            Format::Csv => Sink::Csv(Box::new(csv::Writer::new(out, head.columns, style.sheets)?)),
            Format::Ndjson => Sink::Lines(out),
            Format::Table => {
                let words = Box::new(Words::new(style.lang));
                Sink::Table(
                    out,
                    Sheet::new(head.columns.iter().map(|key| title(head.schema, key, &words))),
                    words,
                )
            }
            Format::Json => {
                opening(out, style, &head)?;
                Sink::Json(out)
            }
            Format::Html => {
                return Err(Error::usage("this list has no html form").hint("use --format csv or json"));
            }
        };
        Ok(Self { sink, style, head, count: 0 })
    }

    /// One row, as wide as the columns.
    ///
    /// # Errors
    /// What the stream says.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        self.count += 1;
        match &mut self.sink {
            Sink::Csv(writer) => writer.row(cells.iter().map(Cell::plain)),
            Sink::Json(out) => {
                out.write_all(if self.count == 1 { b"\n    " } else { b",\n    " })?;
                object(out, self.head.columns, cells)
            }
            Sink::Lines(out) => {
                object(out, self.head.columns, cells)?;
                out.write_all(b"\n").map_err(Error::from)
            }
            Sink::Table(_, sheet, words) => {
                if sheet.rows.len() < TABLE_ROWS {
                    let columns = self.head.columns.iter();
                    sheet.push(columns.zip(cells).map(|(column, cell)| cell.shown(column, words)));
                }
                Ok(())
            }
        }
    }

    /// Ends the list; `next` are commands worth typing, shown at a terminal.
    ///
    /// # Errors
    /// What the stream says.
    pub fn finish(self, next: Vec<String>) -> Result<()> {
        match self.sink {
            Sink::Csv(writer) => writer.finish(),
            Sink::Json(out) => {
                out.write_all(if self.count == 0 { b"]\n}\n" } else { b"\n  ]\n}\n" })?;
                out.flush().map_err(Error::from)
            }
            Sink::Lines(out) => {
                let count = ("count".to_owned(), self.count.into());
                let members = self.head.members.into_iter().map(|(key, value)| (key.to_owned(), value));
                json::summary(out, self.head.schema, self.style, [count].into_iter().chain(members))
            }
            Sink::Table(out, sheet, words) => {
                table::write(out, &page(self.head, sheet, self.count, next, &words), self.style)?;
                out.flush().map_err(Error::from)
            }
        }
    }
}

fn page(head: Head, sheet: Sheet, count: usize, next: Vec<String>, words: &Words) -> Vec<Block> {
    let mut page = vec![Block::Heading(words.phrase(&head.title))];
    let pairs = members::said(&head, words);
    if !pairs.is_empty() {
        page.push(Block::Pairs(pairs));
    }
    let cut = count - sheet.rows.len();
    match count {
        0 => page.push(Block::Line(words.say_with("list-empty", &[("list", spaced(head.list).into())]))),
        _ if sheet.columns.len() > TABLE_COLUMNS => page.extend(cards(sheet)),
        _ => page.push(Block::Table(sheet)),
    }
    if cut > 0 {
        page.push(Block::Warning(words.say_with("list-cut", &[("n", cut.into())])));
    }
    if !next.is_empty() {
        page.push(Block::Next(next));
    }
    page
}

/// Each row under its first cell, without what is empty.
fn cards(sheet: Sheet) -> impl Iterator<Item = Block> {
    let Sheet { columns, rows } = sheet;
    rows.into_iter().flat_map(move |row| {
        let mut cells = columns.iter().cloned().zip(row);
        let title = cells.next().map(|(_, name)| name).unwrap_or_default();
        [Block::Heading(title), Block::Pairs(cells.filter(|(_, cell)| !cell.is_empty()).collect())]
    })
}

/// A key as words.
fn spaced(key: &str) -> String {
    key.replace('_', " ")
}

fn opening(out: &mut dyn Write, style: Style, head: &Head) -> Result<()> {
    write!(out, "{{\n  \"schema\": {}", Value::from(head.schema))?;
    if style.drill {
        out.write_all(b",\n  \"drill\": true")?;
    }
    for (key, value) in &head.members {
        write!(out, ",\n  \"{key}\": {}", guard::json(&value.to_string()))?;
    }
    write!(out, ",\n  \"{}\": [", head.list).map_err(Error::from)
}

fn object(out: &mut dyn Write, columns: &[&str], cells: &[Cell]) -> Result<()> {
    for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
        write!(out, "{}\"{column}\":", if at == 0 { '{' } else { ',' })?;
        out.write_all(guard::json(&cell.json().to_string()).as_bytes())?;
    }
    out.write_all(b"}").map_err(Error::from)
}

#[cfg(test)]
mod tests;

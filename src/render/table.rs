//! For a person at a terminal: short lines, aligned tables, colour only as an extra.

use std::io::Write;

use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};

use super::{Block, Sheet, Style, guard};
use crate::domain::Result;

const BOLD: Ansi = Ansi::new().bold();
const WARN: Ansi = AnsiColor::Yellow.on_default();
const ALARM: Ansi = AnsiColor::Red.on_default().bold();
const DIM: Ansi = Ansi::new().dimmed();

/// An id: the longest word that is kept whole.
const LONGEST_WORD: usize = 35;

/// No id, link or number is longer.
const ENDLESS: usize = 1_000;

/// One thin line under the header, and air.
const THIN: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Writes the blocks of a page.
///
/// # Errors
/// What the stream says.
pub fn write(out: &mut dyn Write, blocks: &[Block], style: Style) -> Result<()> {
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 && matches!(block, Block::Heading(_) | Block::Alarm(_) | Block::Next(_)) {
            writeln!(out)?;
        }
        one(out, block, style)?;
    }
    Ok(())
}

fn one(out: &mut dyn Write, block: &Block, style: Style) -> Result<()> {
    match block {
        Block::Heading(text) => painted(out, BOLD, text, style)?,
        Block::Line(text) => writeln!(out, "{}", guard::terminal(text))?,
        Block::Warning(text) => painted(out, WARN, text, style)?,
        Block::Alarm(text) => painted(out, ALARM, text, style)?,
        Block::Pairs(pairs) => pairs_of(out, pairs)?,
        Block::Table(sheet) => writeln!(out, "{}", grid(sheet, style))?,
        Block::Next(commands) => {
            for command in commands {
                painted(out, DIM, &format!("  → {command}"), style)?;
            }
        }
    }
    Ok(())
}

fn painted(out: &mut dyn Write, ansi: Ansi, text: &str, style: Style) -> Result<()> {
    let text = guard::terminal(text);
    if style.color {
        writeln!(out, "{ansi}{text}{ansi:#}")?;
    } else {
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn pairs_of(out: &mut dyn Write, pairs: &[(String, String)]) -> Result<()> {
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
    let widest = pairs.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    for (label, value) in pairs {
        let space = " ".repeat(widest - width(label) + 2);
        writeln!(out, "{}{space}{}", guard::terminal(label), guard::terminal(value))?;
    }
    Ok(())
}

fn grid(sheet: &Sheet, style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(THIN);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
    table.set_header(sheet.columns.iter().map(|cell| guard::terminal(cell)));
    table.add_rows(sheet.rows.iter().map(|row| row.iter().map(|cell| folded(guard::terminal(cell)))));
    for (at, width) in longest_words(sheet).into_iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + 2)));
        }
    }
    table
}

/// A text that no screen can hold in one piece is parted here: the grid counts widths in sixteen bits, and would look
/// for the place to break an endless word anew at each letter.
fn folded(cell: String) -> String {
    if cell.len() <= ENDLESS {
        return cell;
    }
    let mut lines = vec![String::new()];
    for word in cell.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        let width = if letters.len() > ENDLESS { LONGEST_WORD } else { ENDLESS };
        for part in letters.chunks(width).map(String::from_iter) {
            match lines.last_mut() {
                Some(line) if line.len() + part.len() < ENDLESS => {
                    line.extend((!line.is_empty()).then_some(' '));
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
    }
    lines.join("\n")
}

/// Ids and rule names are never broken: a column is at least as wide as its longest word, within reason.
fn longest_words(sheet: &Sheet) -> Vec<u16> {
    let longest =
        |cell: &String| cell.split(' ').map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0);
    let column = |at: usize| {
        let cells = sheet.rows.iter().filter_map(|row| row.get(at)).chain(sheet.columns.get(at));
        u16::try_from(cells.map(longest).max().unwrap_or(0).min(LONGEST_WORD)).unwrap_or_default()
    };
    (0..sheet.columns.len()).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_too_long_and_none_is_lost() {
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        for text in [
            "short and plain".to_owned(),
            "ә".repeat(100_000),
            "six words ".repeat(20_000),
            "x".repeat(1_001),
        ] {
            let parted = folded(text.clone());
            assert!(parted.lines().all(|line| line.len() <= 4 * ENDLESS));
            assert_eq!(plain(&parted), plain(&text));
        }
        let sheet = Sheet {
            columns: vec!["a".into(), "b".into()],
            rows: vec![vec!["x".repeat(900_000), "y".into()]],
        };
        let style = Style {
            format: crate::render::Format::Table,
            lang: crate::render::Lang::En,
            sheets: crate::render::Lang::En,
            color: false,
            width: 80,
            drill: false,
        };
        assert_eq!(grid(&sheet, style).to_string().matches('x').count(), 900_000);
    }
}

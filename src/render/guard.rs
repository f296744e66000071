//! Stored text made harmless for the program that will read it.
//!
//! What a person once typed into a form must not drive a terminal ([`terminal`]) or a spreadsheet
//! ([`cell`]). HTML is escaped by the template engine, JSON by its writer; what hides in a page or in JSON is shown
//! on the finished text ([`page`], [`json`]), so that no value can be forgotten.

use std::borrow::Cow;

use crate::domain::fold::is_invisible;

/// For a terminal: control characters, bidi controls and line separators become `\u{…}`.
pub fn terminal(text: &str) -> String {
    escape(text)
}

/// Many lines for a terminal, each made harmless, with an end of line.
pub fn lines(text: &str) -> String {
    text.lines().flat_map(|line| [escape(line), "\n".to_owned()]).collect()
}

/// For a browser, a whole page: the same but for ends of lines. Its own markup hides nothing.
pub fn page(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// For whatever shows JSON, on a finished text: the same as `\uXXXX`, which every reader reads back. Between values
/// there are no such characters but ends of lines.
pub fn json(text: &str) -> Cow<'_, str> {
    let wild = |c: char| is_hidden(c) && c != '\n';
    if !text.contains(wild) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if wild(c) {
            let mut units = [0; 2];
            shown.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// For a spreadsheet: hidden characters escaped, and an apostrophe before whatever a reader could
/// take for a formula, at the start or after an inner separator (the reader's separator is unknown).
/// What is handed back as it came has neither separator nor quote in it.
pub fn cell(text: &str) -> Cow<'_, str> {
    if is_plain(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut guarded = String::with_capacity(text.len() + 4);
    let mut at_start = true;
    for c in escape(text).chars() {
        if at_start && starts_formula(c) {
            guarded.push('\'');
        }
        at_start = is_separator(c) || (at_start && c == ' ');
        guarded.push(c);
    }
    Cow::Owned(guarded)
}

/// Most cells are plain words, dates and times: a harmless start, then printable ASCII without a
/// separator, after which a formula could begin again.
fn is_plain(text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else { return true };
    let starts = first.is_ascii_alphanumeric() || matches!(first, b'_' | b'.' | b':' | b'/');
    let inert = |byte: &u8| matches!(byte, b' '..=b'~') & !is_separator(char::from(*byte));
    // Without a way out in the middle, many bytes are looked at in one step.
    starts && rest.iter().fold(true, |all, byte| all & inert(byte))
}

fn starts_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

fn is_separator(c: char) -> bool {
    matches!(c, ';' | ',' | '|' | '"')
}

fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whatever does not show as itself, or turns what stands beside it around.
fn is_hidden(c: char) -> bool {
    !matches!(c, ' '..='~') && (c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused() {
        for (typed, safe) in [
            ("contact", "contact"),
            ("2026-03-20", "2026-03-20"),
            ("=1+1", "'=1+1"),
            ("  =1+1", "  '=1+1"),
            ("+77010000001", "'+77010000001"),
            ("-5", "'-5"),
            ("＝1", "'＝1"),
            ("a;=1", "a;'=1"),
            ("a, @x", "a, '@x"),
            ("a\t=1", "a\\u{9}=1"),
            ("a\n=1", "a\\u{a}=1"),
            ("\0=1", "\\u{0}=1"),
            ("a=b", "a=b"),
            ("2026-03-20T15:00:00+05:00", "2026-03-20T15:00:00+05:00"),
            ("a|-1", "a|'-1"),
            ("a\"+1", "a\"'+1"),
            ("aé;=1", "aé;'=1"),
            ("", ""),
        ] {
            assert_eq!(cell(typed), safe, "{typed:?}");
        }
    }

    #[test]
    fn json_loses_nothing_and_hides_nothing() {
        for typed in ["алма", "\u{9b}31m", "\u{7f}", "a\u{202e}b\u{2028}c", "\u{61c}\u{e0041}", "😀"] {
            let written = serde_json::to_string_pretty(&[typed]).unwrap_or_default();
            let shown = json(&written);
            assert!(shown.chars().all(|c| c == '\n' || !is_hidden(c)), "{typed:?}");
            assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap_or_default(), [typed]);
        }
    }

    #[test]
    fn a_terminal_sees_no_control_byte() {
        let shown = terminal("\u{1b}]8;;evil\u{7} \u{202e}abc\u{9b}31m");
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown}");
    }
}

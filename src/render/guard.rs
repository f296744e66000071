//! Stored text made harmless for the program that will read it.
//!
//! What a person once typed into a form must not drive a terminal ([`terminal`]) or a spreadsheet
//! ([`cell`]). HTML is escaped by the template engine, JSON by its writer.

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
        if c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
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
    fn a_terminal_sees_no_control_byte() {
        let shown = terminal("\u{1b}]8;;evil\u{7} \u{202e}abc\u{9b}31m");
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown}");
    }
}

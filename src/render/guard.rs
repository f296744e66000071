//! Stored text made harmless for the program that will read it.
//!
//! What a person once typed into a form must not drive a terminal ([`terminal`]) or a spreadsheet
//! ([`cell`]). HTML is escaped by the template engine, JSON by its writer; what hides in a page or in JSON is shown
//! on the finished text ([`page`], [`json`]), so that no value can be forgotten.

use std::borrow::Cow;

use crate::domain::unseen::{Place, is_unseen};

/// For a terminal: control characters, line separators and whatever prints as nothing become `\u{…}`, but for what
/// belongs where it stands ([`Place`]).
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
    if !text.contains(|c: char| is_hidden(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(made_seen(text, |c, shown| {
        let mut units = [0; 2];
        match c {
            '\n' => shown.push(c),
            _ => shown.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }))
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
        at_start = is_separator(c) || (at_start && c.is_whitespace());
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
    made_seen(text, |c, shown| shown.extend(c.escape_unicode()))
}

/// A text in which what would be hidden is written by `write`.
fn made_seen(text: &str, write: impl Fn(char, &mut String)) -> String {
    let (mut shown, mut place) = (String::with_capacity(text.len() + 16), Place::default());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_hidden(c) && !place.suits(c, chars.peek().copied()) {
            write(c, &mut shown);
        } else {
            shown.push(c);
        }
        place.pass(c);
    }
    shown
}

/// Whatever does not show as itself, or turns what stands beside it around.
fn is_hidden(c: char) -> bool {
    !matches!(c, ' '..='~') && (c.is_control() || is_unseen(c) || matches!(c, '\u{2028}' | '\u{2029}'))
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
            ("\u{a0}\u{3000}=1", "\u{a0}\u{3000}'=1"),
            ("\u{3164}=1", "\\u{3164}=1"),
            ("", ""),
        ] {
            assert_eq!(cell(typed), safe, "{typed:?}");
        }
    }

    #[test]
    fn json_loses_nothing_and_hides_nothing() {
        for (typed, hides) in [
            ("алма", false),
            ("\u{9b}31m", true),
            ("\u{7f}", true),
            ("a\u{202e}b\u{2028}c", true),
            ("\u{61c}\u{e0041}", true),
            ("\u{3164}\u{115f}\u{ffa0}\u{34f}\u{e0fff}\u{2800}", true),
            ("😀", false),
            ("👩\u{200d}❤\u{fe0f}\u{200d}👨", false),
        ] {
            let written = serde_json::to_string_pretty(&[typed]).unwrap_or_default();
            let shown = json(&written);
            assert_eq!(shown != written, hides, "{typed:?}");
            assert!(!hides || shown.chars().all(|c| c == '\n' || !is_hidden(c)), "{typed:?}");
            assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap_or_default(), [typed]);
        }
    }

    #[test]
    fn a_terminal_sees_no_control_byte() {
        let shown = terminal("\u{1b}]8;;evil\u{7} \u{202e}abc\u{9b}31m");
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown}");
        assert_eq!(terminal("Асан\u{3164}\u{fe0f} ❤\u{fe0f}"), "Асан\\u{3164}\\u{fe0f} ❤\u{fe0f}");
    }
}

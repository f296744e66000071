//! Days within a sentence: written for machines there, shown as people of the language write them.

use chrono::NaiveDate;

/// The length of `2026-11-22`.
const DAY: usize = 10;

/// The length of `T10:00:00+05:00`.
const CLOCK: usize = 15;

/// A text with every ISO day in it said by `say`, and the clock of a moment after it as hours and minutes.
pub(super) fn in_words(text: &str, say: impl Fn(NaiveDate) -> String) -> String {
    let (mut out, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
    while let Some(next) = rest.chars().next() {
        let step = match day(rest).filter(|_| before.is_none_or(|c: char| !is_of_a_code(c))) {
            Some(day) => {
                out.push_str(&say(day));
                let clock = rest.get(DAY..DAY + CLOCK).filter(|clock| is_clock(clock));
                out.extend(clock.into_iter().flat_map(|clock| [" ", &clock[1..6]]));
                DAY + clock.map_or(0, str::len)
            }
            None => {
                out.push(next);
                next.len_utf8()
            }
        };
        before = rest[..step].chars().next_back();
        rest = &rest[step..];
    }
    out
}

/// The day that a text starts with; `2026-11-220` is a number, not a day.
fn day(text: &str) -> Option<NaiveDate> {
    let ends = text.get(DAY..)?.chars().next().is_none_or(|c| c == 'T' || !is_of_a_code(c));
    text.get(..DAY).filter(|_| ends)?.parse().ok()
}

fn is_of_a_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '/'
}

fn is_clock(text: &str) -> bool {
    text.starts_with('T') && text.ends_with("+05:00") && text.is_ascii()
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_in_a_sentence() {
        for (text, said) in [
            ("срок 2026-11-23: раньше", "срок 23.11.2026: раньше"),
            ("2026-11-22T10:00:00+05:00, 2026-11-23", "22.11.2026 10:00, 23.11.2026"),
            (
                "дело 2026-000001, акт A-2026-11-22, 2026-11-220",
                "дело 2026-000001, акт A-2026-11-22, 2026-11-220",
            ),
            ("2026-13-40 и 2026-02-29", "2026-13-40 и 2026-02-29"),
            ("до 2026-11-23", "до 23.11.2026"),
            ("", ""),
        ] {
            assert_eq!(super::in_words(text, |day| day.format("%d.%m.%Y").to_string()), said);
        }
    }
}

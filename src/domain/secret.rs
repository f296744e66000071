//! Numbers that no letter prints whole: IIN, card, account.
//!
//! They are known by their own arithmetic (check digit, Luhn, mod 97), so that a number nobody marked as
//! such is found in any text, and a date or a case number is left alone.

use std::ops::Range;

use super::iin;

/// Where such numbers stand in a text, as byte ranges, in order.
pub fn find(text: &str) -> Vec<Range<usize>> {
    runs(text).iter().flat_map(|pieces| within(text, pieces)).collect()
}

/// The numbers in pieces that stand side by side: of several readings the longest counts, so that neither a date
/// before a number hides it nor a part of a card passes for something else.
fn within(text: &str, pieces: &[Range<usize>]) -> Vec<Range<usize>> {
    let (mut found, mut first) = (Vec::new(), 0);
    while let Some(start) = pieces.get(first) {
        let ends = (first..pieces.len()).rev().filter_map(|last| Some((last, pieces.get(last)?.end)));
        let hit = ends.into_iter().find(|(_, end)| is_secret(&text[start.start..*end]));
        first = hit.map_or(first, |(last, _)| last) + 1;
        found.extend(hit.map(|(_, end)| start.start..end));
    }
    found
}

/// The text with every such number cut down to its last four characters.
pub fn mask(text: &str) -> String {
    shortened(text, find(text))
}

/// The text with the numbers of cards cut down so; who is owed an IIN or an account gets them whole.
pub fn mask_cards(text: &str) -> String {
    let cards = find(text).into_iter().filter(|range| is_card(&solid(&text[range.clone()])));
    shortened(text, cards)
}

fn shortened(text: &str, numbers: impl IntoIterator<Item = Range<usize>>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in numbers {
        masked.push_str(&text[at..range.start]);
        let solid = solid(&text[range.clone()]);
        masked.push_str("•••• ");
        masked.push_str(solid.get(solid.len().saturating_sub(4)..).unwrap_or_default());
        at = range.end;
    }
    masked.push_str(&text[at..]);
    masked
}

/// Any value, so that its owner knows it again and nobody else learns it: the first two and last two characters.
pub fn partly(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let shown = if chars.len() > 6 { 2 } else { usize::from(chars.len() > 2) };
    let end = chars.len() - shown;
    let hide =
        |(n, c): (usize, &char)| if n < shown || n >= end || !c.is_alphanumeric() { *c } else { '•' };
    chars.iter().enumerate().map(hide).collect()
}

/// Pieces of digits and capital letters that only single spaces or dashes part.
fn runs(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut runs: Vec<Vec<Range<usize>>> = Vec::new();
    for piece in pieces(text) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| is_joint(&text[last.end..piece.start])) => {
                run.push(piece)
            }
            _ => runs.push(vec![piece]),
        }
    }
    runs
}

fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit() || c.is_ascii_uppercase()) {
        match pieces.last_mut() {
            Some(piece) if piece.end == at => piece.end = at + c.len_utf8(),
            _ => pieces.push(at..at + c.len_utf8()),
        }
    }
    pieces.retain(|piece| text[piece.clone()].bytes().any(|b| b.is_ascii_digit()));
    pieces
}

fn is_joint(between: &str) -> bool {
    matches!(between, " " | "-" | "\u{a0}" | "\u{2011}")
}

fn solid(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn is_secret(written: &str) -> bool {
    let text = solid(written);
    match text.len() {
        12 => iin::check(&text).is_ok(),
        13..=19 => is_card(&text),
        20 if text.starts_with("KZ") => mod97(&text),
        _ => false,
    }
}

/// 13 to 19 digits, and nothing else, of which the last is right: the number of a card.
pub fn is_card(text: &str) -> bool {
    (13..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && luhn(text)
}

fn luhn(digits: &str) -> bool {
    let doubled = |(n, digit): (usize, u32)| match (n % 2, digit * 2) {
        (0, _) => digit,
        (_, twice) => twice / 10 + twice % 10,
    };
    let sum: u32 = digits.chars().rev().filter_map(|c| c.to_digit(10)).enumerate().map(doubled).sum();
    sum.is_multiple_of(10) && digits.bytes().any(|b| b != b'0')
}

fn mod97(iban: &str) -> bool {
    let turned = iban.chars().skip(4).chain(iban.chars().take(4));
    let values = turned.filter_map(|c| c.to_digit(36));
    values.fold(0, |rest, value| (rest * if value > 9 { 100 } else { 10 } + value) % 97) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_cards_alone_the_others_stay() {
        for (text, masked) in [
            ("4111 1111 1111 1111", "•••• 1111"),
            ("IIN 900101399998, card 4111111111111111", "IIN 900101399998, card •••• 1111"),
            ("KZ86125KZT5004100100", "KZ86125KZT5004100100"),
        ] {
            assert_eq!(mask_cards(text), masked, "{text}");
        }
    }

    #[test]
    fn numbers_are_found_and_masked() {
        for (text, masked) in [
            ("IIN 900101399998.", "IIN •••• 9998."),
            ("9001 0139 9998", "•••• 9998"),
            ("BIN 191140031171 stays", "BIN 191140031171 stays"),
            ("card 4111 1111 1111 1111, ok", "card •••• 1111, ok"),
            ("4111-1111-1111-1111", "•••• 1111"),
            ("4111111111111112 is no card", "4111111111111112 is no card"),
            ("KZ86 125K ZT50 0410 0100!", "•••• 0100!"),
            ("KZ86125KZT5004100100", "•••• 0100"),
            ("+7 701 000 00 01", "+7 701 000 00 01"),
            ("No. 2026-000001 of 22.11.2026", "No. 2026-000001 of 22.11.2026"),
            ("of 22.11.2026 900101399998 KZT", "of 22.11.2026 •••• 9998 KZT"),
            ("2026 4111 1111 1111 1111", "2026 •••• 1111"),
            ("", ""),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn a_value_is_known_again_by_its_owner() {
        for (value, shown) in [
            ("+77010000077", "+7••••••••77"),
            ("Асель", "А•••ь"),
            ("new@mail.example", "ne•@••••.•••••le"),
            ("ab", "••"),
            ("", ""),
        ] {
            assert_eq!(partly(value), shown);
        }
    }
}

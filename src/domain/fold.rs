//! Text made comparable: the same person typed by two hands.
//!
//! [`key`] is safe for deciding that two texts are the same; [`hint`] is looser (ё/е, Latin letters
//! inside Cyrillic words) and may only ever *suggest* somebody. SQLite folds ASCII alone, so every
//! compared column is made here.

use unicode_normalization::UnicodeNormalization;

use super::unseen::is_unseen;

/// NFKC and full case fold, without spaces at the ends, runs of spaces made one, characters that print as nothing
/// dropped.
pub fn key(text: &str) -> String {
    if text.is_ascii() {
        return squeeze(&text.to_ascii_lowercase());
    }
    // An empty cell of Braille is its space.
    let visible: String =
        text.nfkc().map(|c| if c == '\u{2800}' { ' ' } else { c }).filter(|c| !is_unseen(*c)).collect();
    squeeze(&caseless::default_case_fold_str(&visible).nfkc().collect::<String>())
}

/// [`key`], with look-alikes made one: a search hint, never proof.
pub fn hint(text: &str) -> String {
    let key = key(text);
    if key.is_ascii() {
        return key.chars().filter_map(look_alike).collect();
    }
    key.nfd().filter_map(look_alike).nfc().collect()
}

/// Every dash, space and bracket dropped: for phones, plates and document numbers.
pub fn bare(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().filter(|c| !is_filler(*c)).collect();
    }
    text.nfkc().filter(|c| !is_unseen(*c) && !is_filler(*c)).collect()
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '(' | ')' | '.' | '/' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
        )
}

/// Latin and Kazakh letters to the Cyrillic letter they are mistaken for; marks and signs dropped.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        '\u{300}'..='\u{36f}' | 'ь' | 'ъ' => return None,
        'a' | 'ә' => 'а',
        'b' | 'v' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' | 'һ' => 'х',
        'k' | 'қ' => 'к',
        'm' => 'м',
        'ң' => 'н',
        'o' | 'ө' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' | 'ү' | 'ұ' => 'у',
        'i' | 'і' => 'и',
        'ғ' => 'г',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_typed_twice() {
        for (a, b) in [
            ("ҚАЙРАТ", "қайрат"),
            ("Семё\u{301}нов".trim(), "СЕМЁ\u{301}НОВ"),
            ("Се\u{435}\u{308}н", "Сеён"),
            ("Анна\u{a0}Ли", "анна ли"),
            ("ＡＢＣ１２３", "abc123"),
            ("Straße", "STRASSE"),
            ("Асель\u{200b}", "асель"),
            ("Ас\u{3164}ель\u{115f}\u{1160}\u{ffa0}", "асель"),
            ("Асе\u{34f}\u{308}ль", "асёль"),
            ("Асель\u{fe0f}\u{e0101}\u{17b4}", "асель"),
            ("Асель\u{2800}Омарова", "асель омарова"),
        ] {
            assert_eq!(key(a), key(b), "{a} / {b}");
        }
        assert_ne!(key("Семён"), key("Семен"), "ё and е differ in proof");
    }

    #[test]
    fn hints_are_looser() {
        for (a, b) in [("Семён", "Семен"), ("Aсан", "Асан"), ("Әсел", "Асель"), ("Қайрат", "Кайрат")]
        {
            assert_eq!(hint(a), hint(b), "{a} / {b}");
        }
    }

    #[test]
    fn every_dash_and_space_goes() {
        assert_eq!(bare("+7 (708)‒800‒88‒07"), "+77088008807");
        assert_eq!(bare("8\u{a0}701\u{2011}000-00 01"), "87010000001");
    }
}

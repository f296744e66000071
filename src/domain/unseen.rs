//! Characters that print as nothing: what only a machine reads, and what makes two names look like one.
//!
//! One table for comparing, showing and guarding, and it is the standard's own, so that it grows with it: what Unicode
//! calls ignorable (fillers, joiners, selectors, tags, and what it keeps free for more of them), every other control
//! of formatting, and the signs that are a blank. White space is not among them: people type it, and it is seen as room.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic,
        GeneralCategory, JoiningType,
    },
};

/// Makes a picture of the sign before it.
const PICTURE: char = '\u{fe0f}';

/// A Braille cell without a dot, and a note without a head: signs by their category, a blank to the eye.
const BLANKS: [char; 2] = ['\u{2800}', '\u{1d159}'];

/// Marks that stand before a number and are printed, though they are controls of formatting.
const PRINTED: [char; 13] = [
    '\u{600}',
    '\u{601}',
    '\u{602}',
    '\u{603}',
    '\u{604}',
    '\u{605}',
    '\u{6dd}',
    '\u{70f}',
    '\u{890}',
    '\u{891}',
    '\u{8e2}',
    '\u{110bd}',
    '\u{110cd}',
];

/// Whether a character prints as nothing wherever it stands.
pub fn is_unseen(c: char) -> bool {
    // The first of them is the soft hyphen; nobody's letters here are slowed down by the tables.
    if c < '\u{ad}' || ('\u{400}'..='\u{52f}').contains(&c) {
        return false;
    }
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) || BLANKS.contains(&c) || is_control(c)
}

fn is_control(c: char) -> bool {
    let is_format = CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::Format;
    is_format && !PRINTED.contains(&c)
}

/// Which of them are at their place in a text, where they change what is seen: the selector of a picture, the joiner
/// between two pictures, and joiners in scripts that need them in a word (RFC 5892, A.1 and A.2). No sign of a text
/// can carry more than one, so nothing is written with them that is not seen.
#[derive(Default)]
pub struct Place {
    /// The character before.
    before: Option<char>,
    /// The same, past the selector of a picture.
    base: Option<char>,
}

impl Place {
    /// Whether the next character, which prints as nothing by itself, belongs where it stands.
    pub fn suits(&self, c: char, after: Option<char>) -> bool {
        match c {
            PICTURE => self.before.is_some_and(is_picture) || after == Some('\u{20e3}'),
            '\u{200d}' => self.joins_pictures(after) || self.follows_virama(),
            '\u{200c}' => self.follows_virama() || self.parts_letters(after),
            _ => false,
        }
    }

    /// Goes past a character.
    pub fn pass(&mut self, c: char) {
        if c != PICTURE {
            self.base = Some(c);
        }
        self.before = Some(c);
    }

    fn joins_pictures(&self, after: Option<char>) -> bool {
        let shade = |c| CodePointSetData::new::<EmojiModifier>().contains(c);
        self.base.is_some_and(|c| is_picture(c) || shade(c)) && after.is_some_and(is_picture)
    }

    fn follows_virama(&self) -> bool {
        let class = CodePointMapData::<CanonicalCombiningClass>::new();
        self.before.is_some_and(|c| class.get(c) == CanonicalCombiningClass::Virama)
    }

    /// Between two letters that would be joined without it.
    fn parts_letters(&self, after: Option<char>) -> bool {
        let joining = |c: Option<char>| c.map(|c| CodePointMapData::<JoiningType>::new().get(c));
        let (both, left, right) =
            (JoiningType::DualJoining, JoiningType::LeftJoining, JoiningType::RightJoining);
        joining(self.before).is_some_and(|found| found == both || found == left)
            && joining(after).is_some_and(|found| found == both || found == right)
    }
}

fn is_picture(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prints_as_nothing() {
        let ranges = [
            '\u{ad}'..='\u{ad}',
            '\u{34f}'..='\u{34f}',
            '\u{61c}'..='\u{61c}',
            '\u{115f}'..='\u{1160}',
            '\u{17b4}'..='\u{17b5}',
            '\u{180b}'..='\u{180f}',
            '\u{200b}'..='\u{200f}',
            '\u{202a}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{2800}'..='\u{2800}',
            '\u{3164}'..='\u{3164}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{feff}'..='\u{feff}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{fff0}'..='\u{fffb}',
            '\u{1bca0}'..='\u{1bca3}',
            '\u{1d159}'..='\u{1d159}',
            '\u{1d173}'..='\u{1d17a}',
            '\u{13430}'..='\u{1343f}',
            '\u{e0000}'..='\u{e0fff}',
        ];
        let all: Vec<char> = ranges.into_iter().flatten().collect();
        let found: Vec<char> = ('\0'..=char::MAX).filter(|c| is_unseen(*c)).collect();
        let strange: Vec<&char> = found.iter().filter(|c| !all.contains(c)).collect();
        let missed: Vec<&char> = all.iter().filter(|c| !found.contains(c)).collect();
        assert!(strange.is_empty() && missed.is_empty(), "strange {strange:?}, missed {missed:?}");
    }

    #[test]
    fn what_belongs_where_it_stands() {
        for (text, hidden) in [
            ("❤\u{fe0f}", 0),
            ("1\u{fe0f}\u{20e3}", 0),
            ("👩🏽\u{200d}🚀", 0),
            ("👩\u{200d}❤\u{fe0f}\u{200d}👨", 0),
            ("می\u{200c}خواهم", 0),
            ("क्\u{200d}ष", 0),
            ("❤\u{fe0f}\u{fe0f}", 1),
            ("❤\u{fe00}", 1),
            ("Асан\u{fe0f}", 1),
            ("👩\u{200d}\u{200d}🚀", 2),
            ("👩\u{200d}", 1),
            ("Ас\u{200d}ан", 1),
            ("Ас\u{200c}ан", 1),
            ("🏴\u{e0067}\u{e007f}", 2),
        ] {
            let (mut place, mut chars, mut many) = (Place::default(), text.chars().peekable(), 0);
            while let Some(c) = chars.next() {
                many += usize::from(is_unseen(c) && !place.suits(c, chars.peek().copied()));
                place.pass(c);
            }
            assert_eq!(many, hidden, "{}", text.escape_unicode());
        }
    }
}

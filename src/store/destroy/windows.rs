//! Byte windows of destroyed values, in every form in which a database file could hold them, and a fast
//! search for them.
//!
//! A window is ten bytes of a value as UTF-8, UTF-16LE or UTF-16BE; shorter values are looked for whole. A
//! number of ten digits or more is also looked for as a big-endian integer. The search reads the last four
//! bytes of a place first and steps over as much as no window can begin in (Wu and Manber, 1994).

use zeroize::Zeroize;

use super::needles::{Needles, SHORTEST};

/// Bytes of a window.
pub const WINDOW: usize = 10;

/// The forms that are looked for, as the act of destruction names them.
pub const FORMS: [&str; 4] = ["utf-8", "utf-16le", "utf-16be", "integer"];

/// Bytes that are read at once.
const BLOCK: usize = 4;

/// One window: its bytes, and how many of them count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    bytes: [u8; WINDOW],
    length: u8,
}

impl Window {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// Windows of one least length.
struct Class {
    least: usize,
    windows: Vec<Window>,
    found: Vec<bool>,
    shift: Vec<u8>,
    bits: u32,
}

/// All windows, and which of them were met. Personal data: no `Debug`.
pub(super) struct Windows {
    long: Class,
    short: Class,
}

impl Windows {
    /// Cuts the needles up.
    pub fn of(needles: &Needles) -> Self {
        let mut all = Vec::new();
        for value in needles.values() {
            cut(value, 1, &mut all);
            let text = std::str::from_utf8(value).unwrap_or_default();
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let mut wide: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
                cut(&wide, 2, &mut all);
                wide.zeroize();
            }
            all.extend(integer(text));
        }
        let windows = Self::from(&all);
        all.iter_mut().for_each(|window| window.bytes.zeroize());
        windows
    }

    fn from(all: &[Window]) -> Self {
        let part =
            |long: bool| all.iter().copied().filter(move |w| (usize::from(w.length) == WINDOW) == long);
        Self { long: Class::new(WINDOW, part(true)), short: Class::new(SHORTEST, part(false)) }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        (self.long.windows.len() + self.short.windows.len()) as u64
    }

    /// How many of them were met.
    pub fn met(&self) -> u64 {
        [&self.long, &self.short].iter().flat_map(|class| &class.found).filter(|found| **found).count() as u64
    }

    /// Only those that were met, not met again yet.
    pub fn take_met(&self) -> Self {
        let met = |class: &Class| -> Vec<Window> {
            class.windows.iter().zip(&class.found).filter(|(_, found)| **found).map(|(w, _)| *w).collect()
        };
        let mut all = [met(&self.long), met(&self.short)].concat();
        let windows = Self::from(&all);
        all.iter_mut().for_each(|window| window.bytes.zeroize());
        windows
    }

    /// Looks through bytes; a window that begins at `until` or later is left for the next call.
    pub fn search(&mut self, bytes: &[u8], until: usize) {
        self.long.search(bytes, until);
        self.short.search(bytes, until);
    }
}

/// Every window of a value; `step` is the size of a code unit.
fn cut(value: &[u8], step: usize, all: &mut Vec<Window>) {
    if value.len() < WINDOW {
        all.extend((value.len() >= SHORTEST).then(|| window(value)));
    } else {
        all.extend(value.windows(WINDOW).step_by(step).map(window));
    }
}

fn window(value: &[u8]) -> Window {
    let mut bytes = [0; WINDOW];
    bytes.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
    Window { bytes, length: u8::try_from(value.len().min(WINDOW)).unwrap_or_default() }
}

/// A number as the file format stores integers: six bytes, or eight. Smaller ones are met by chance.
fn integer(text: &str) -> Option<Window> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let number = digits.parse::<i64>().ok().filter(|_| (10..=18).contains(&digits.len()))?;
    let bytes = number.to_be_bytes();
    Some(window(if number < 1 << 47 { bytes.get(2..)? } else { &bytes }))
}

impl Class {
    fn new(least: usize, windows: impl Iterator<Item = Window>) -> Self {
        let mut windows: Vec<Window> = windows.collect();
        windows.sort_unstable();
        windows.dedup();
        let bits = (windows.len() * 32).next_power_of_two().ilog2().clamp(14, 23);
        let mut class = Self { least, found: vec![false; windows.len()], windows, shift: Vec::new(), bits };
        let furthest = least - BLOCK + 1;
        class.shift = vec![u8::try_from(furthest).unwrap_or(1); 1 << bits];
        for nth in 0..class.windows.len() {
            let Some(bytes) = class.windows.get(nth).map(|window| window.bytes) else { continue };
            for (at, block) in bytes.windows(BLOCK).take(furthest).enumerate() {
                let place = slot(block, bits);
                let step = u8::try_from(furthest - 1 - at).unwrap_or(0);
                class.shift.iter_mut().skip(place).take(1).for_each(|shift| *shift = step.min(*shift));
            }
        }
        class
    }

    fn search(&mut self, bytes: &[u8], until: usize) {
        if self.windows.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(block) = bytes.get(at + self.least - BLOCK..at + self.least).filter(|_| at < until) {
            match self.shift.get(slot(block, self.bits)) {
                Some(0) | None => {
                    self.compare(bytes, at);
                    at += 1;
                }
                Some(step) => at += usize::from(*step),
            }
        }
    }

    fn compare(&mut self, bytes: &[u8], at: usize) {
        let Some(head) = bytes.get(at..at + self.least) else { return };
        let rest = bytes.get(at..).unwrap_or_default();
        let first = self.windows.partition_point(|w| w.bytes.get(..self.least).is_some_and(|h| h < head));
        let same = self.windows.iter().skip(first).take_while(|w| w.bytes.starts_with(head));
        for (window, found) in same.zip(self.found.iter_mut().skip(first)) {
            *found |= rest.starts_with(window.bytes());
        }
    }
}

fn slot(block: &[u8], bits: u32) -> usize {
    let word = block.first_chunk::<BLOCK>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    (word.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

impl Drop for Class {
    fn drop(&mut self) {
        self.windows.iter_mut().for_each(|window| window.bytes.zeroize());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn windows(values: &[&str]) -> Windows {
        let mut needles = Needles::new();
        values.iter().for_each(|value| needles.add(value));
        Windows::of(&needles)
    }

    fn met(values: &[&str], bytes: &[u8]) -> u64 {
        let mut windows = windows(values);
        windows.search(bytes, bytes.len());
        windows.met()
    }

    fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_form_is_met() {
        for (about, value, bytes, expected) in [
            ("whole", "Омарова", "xxОмароваxx".as_bytes().to_vec(), 5),
            ("a part of ten bytes", "asel.omarova@mail.example", b"__omarova@ma__".to_vec(), 1),
            ("a part of nine bytes", "asel.omarova@mail.example", b"__omarova@m__".to_vec(), 0),
            ("short, whole", "Camry70", b"a Camry70 b".to_vec(), 1),
            ("short, a part", "Camry70", b"a Camry7 b".to_vec(), 0),
            ("little-endian", "Омар", wide("Омар", u16::to_le_bytes), 1),
            ("big-endian", "Омарова", wide("Омарова", u16::to_be_bytes), 5),
            ("an IIN as a number", "900101399998", 900_101_399_998_i64.to_be_bytes().to_vec(), 1),
            ("a phone as a number", "+77010000001", 77_010_000_001_i64.to_be_bytes()[2..].to_vec(), 1),
            ("a card as a number", "4400430212345678", 4_400_430_212_345_678_i64.to_be_bytes().to_vec(), 1),
            ("at the end", "0123456789", b"..0123456789".to_vec(), 1),
            ("nothing", "0123456789", b"012345678".to_vec(), 0),
        ] {
            assert_eq!(met(&[value], &bytes), expected, "{about}");
        }
    }

    #[test]
    fn only_those_met_are_taken_on() {
        let mut all = windows(&["+77010000001", "Camry70", "somebody else"]);
        all.search(b"Camry70 +770100000..", 40);
        assert_eq!((all.count(), all.take_met().count(), all.take_met().met()), (47, 2, 0));
    }

    proptest! {
        #[test]
        fn as_a_slow_search_finds(
            values in prop::collection::vec("[ab]{6,14}", 1..20),
            bytes in "[abc]{0,400}",
            cut_at in 0..400_usize,
        ) {
            let expected: std::collections::BTreeSet<&[u8]> = values
                .iter()
                .flat_map(|value| value.as_bytes().windows(value.len().min(WINDOW)))
                .filter(|window| bytes.as_bytes().windows(window.len()).any(|place| place == *window))
                .collect();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let mut windows = windows(&values);
            windows.search(bytes.as_bytes(), cut_at);
            windows.search(bytes.as_bytes().get(cut_at..).unwrap_or_default(), bytes.len());
            prop_assert_eq!(windows.met(), expected.len() as u64);
        }
    }
}

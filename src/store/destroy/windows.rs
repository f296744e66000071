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

/// All windows, and which of them were met. Personal data: no `Debug`.
///
/// Whole windows and short values are searched for apart: the longer the shortest, the further each step,
/// and many values begin alike (`+7701…`) but few windows are equal.
pub(super) struct Windows {
    long: Class,
    short: Class,
}

/// Windows of at least some length.
struct Class {
    /// Sorted, each once.
    windows: Vec<Window>,
    found: Vec<bool>,
    /// Length of the shortest.
    least: usize,
    /// How far a search may step, by the last block of a place.
    shift: Vec<u8>,
    bits: u32,
    /// Places that were looked at closely since the steps were made, and how many are too many.
    looks: usize,
    patience: usize,
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
        Self::from(all)
    }

    fn from(mut all: Vec<Window>) -> Self {
        all.sort_unstable();
        all.dedup();
        let (long, short) = all.iter().copied().partition(|window| usize::from(window.length) == WINDOW);
        all.iter_mut().for_each(|window| window.bytes.zeroize());
        Self { long: Class::new(WINDOW, long), short: Class::new(SHORTEST, short) }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        (self.long.windows.len() + self.short.windows.len()) as u64
    }

    /// How many of them were met.
    pub fn met(&self) -> u64 {
        self.long.found.iter().chain(&self.short.found).filter(|found| **found).count() as u64
    }

    /// Only those that were met, to be looked for somewhere else.
    pub fn take_met(&self) -> Self {
        self.only(true)
    }

    /// Only those that were not met.
    pub fn take_left(&self) -> Self {
        self.only(false)
    }

    fn only(&self, met: bool) -> Self {
        let pairs =
            |class: &Class| class.windows.iter().copied().zip(class.found.clone()).collect::<Vec<_>>();
        let all = [pairs(&self.long), pairs(&self.short)].concat();
        Self::from(all.into_iter().filter(|(_, found)| *found == met).map(|(window, _)| window).collect())
    }

    /// Looks through bytes; a window that begins at `until` or later is left for the next call.
    pub fn search(&mut self, bytes: &[u8], until: usize) {
        self.long.search(bytes, until);
        self.short.search(bytes, until);
    }
}

impl Class {
    fn new(least: usize, windows: Vec<Window>) -> Self {
        let bits = (windows.len() * 32).next_power_of_two().ilog2().clamp(14, 23);
        let (found, patience) = (vec![false; windows.len()], 4096 + 4 * windows.len());
        let mut class = Self { windows, found, least, shift: Vec::new(), bits, looks: 0, patience };
        class.shift = class.steps();
        class
    }

    /// A place may be stepped over as far as no window begins there. One that was met need not be met again.
    fn steps(&self) -> Vec<u8> {
        let furthest = self.least - BLOCK + 1;
        let step = |blocks: usize| u8::try_from(blocks).unwrap_or(1);
        let mut steps = vec![step(furthest); 1 << self.bits];
        for (window, _) in self.windows.iter().zip(&self.found).filter(|(_, found)| !**found) {
            for (at, block) in window.bytes.array_windows::<BLOCK>().take(furthest).enumerate() {
                if let Some(known) = steps.get_mut(slot(*block, self.bits)) {
                    *known = step(furthest - 1 - at).min(*known);
                }
            }
        }
        steps
    }

    fn search(&mut self, bytes: &[u8], until: usize) {
        if self.windows.is_empty() {
            return;
        }
        let (mut at, last) = (0, self.least - BLOCK);
        while at < until {
            let Some(block) = bytes.get(at + last..).and_then(<[u8]>::first_chunk) else { return };
            match self.shift.get(slot(*block, self.bits)) {
                Some(0) | None => {
                    self.look(bytes.get(at..).unwrap_or_default());
                    at += 1;
                }
                Some(step) => at += usize::from(*step),
            }
        }
    }

    fn look(&mut self, place: &[u8]) {
        self.compare(place);
        self.looks += 1;
        if self.looks > self.patience {
            (self.looks, self.patience) = (0, 2 * self.patience);
            self.shift = self.steps();
        }
    }

    fn compare(&mut self, place: &[u8]) {
        let Some(head) = place.get(..self.least) else { return };
        let first = self.windows.partition_point(|w| w.bytes.get(..self.least).is_some_and(|h| h < head));
        let same = self.windows.iter().skip(first).take_while(|w| w.bytes.starts_with(head));
        for (window, found) in same.zip(self.found.iter_mut().skip(first)) {
            *found |= place.starts_with(window.bytes());
        }
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        self.windows.iter_mut().for_each(|window| window.bytes.zeroize());
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

fn slot(block: [u8; BLOCK], bits: u32) -> usize {
    (u32::from_le_bytes(block).wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
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
        assert_eq!((all.take_left().count(), all.take_left().met()), (45, 0));
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

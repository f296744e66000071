//! What was destroyed, kept in memory for the one scan that proves it gone.
//!
//! Wiped when dropped; there is no way to print or to store it. A run that destroys more than
//! [`MOST_BYTES`] remembers the first of it: the structural proof covers all.

use zeroize::Zeroize;

/// Shorter values are not looked for: three Cyrillic letters stand in every file.
pub const SHORTEST: usize = 6;

/// Most bytes of values that are remembered.
const MOST_BYTES: usize = 2 << 20;

/// Destroyed values. Personal data: no `Debug`.
#[derive(Default)]
pub struct Needles {
    text: Vec<u8>,
    ends: Vec<usize>,
    short: u64,
    beyond: u64,
}

impl Needles {
    /// Nothing destroyed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value that was destroyed.
    pub fn add(&mut self, value: &str) {
        if value.len() < SHORTEST {
            self.short += u64::from(!value.is_empty());
        } else if self.text.len() + value.len() > MOST_BYTES {
            self.beyond += 1;
        } else {
            self.reserve(value.len());
            self.text.extend_from_slice(value.as_bytes());
            self.ends.push(self.text.len());
        }
    }

    /// The same, where there is one.
    pub fn add_some(&mut self, value: Option<&str>) {
        value.into_iter().for_each(|value| self.add(value));
    }

    /// Every value of a JSON text, at any depth: names of fields are not personal.
    pub fn add_json(&mut self, json: &str) {
        let mut rest = json;
        while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
            rest = rest.get(at..).unwrap_or_default();
            rest = match rest.strip_prefix('"') {
                Some(inside) => self.add_string(inside),
                None => self.add_number(rest),
            };
        }
    }

    /// A string behind its opening quote; gives what follows it. The stored form is a needle, and the plain one
    /// where they differ.
    fn add_string<'t>(&mut self, inside: &'t str) -> &'t str {
        let mut escaped = false;
        let end = inside.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let (value, rest) = inside.split_at(end.unwrap_or(inside.len()));
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        if !rest.trim_start().starts_with(':') {
            self.add(value);
            if value.contains('\\')
                && let Ok(mut plain) = serde_json::from_str::<String>(&format!("\"{value}\""))
            {
                self.add(&plain);
                plain.zeroize();
            }
        }
        rest
    }

    fn add_number<'t>(&mut self, text: &'t str) -> &'t str {
        let inside = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let (number, rest) = text.split_at(text.find(|c| !inside(c)).unwrap_or(text.len()));
        self.add(number);
        rest
    }

    /// Takes over what another collected.
    pub fn append(&mut self, other: &Self) {
        other.values().filter_map(|value| std::str::from_utf8(value).ok()).for_each(|value| self.add(value));
        (self.short, self.beyond) = (self.short + other.short, self.beyond + other.beyond);
    }

    /// The values.
    pub(in crate::store) fn values(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(from, to)| self.text.get(from..*to))
    }

    /// How many values are looked for.
    pub fn len(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Whether there is hardly room for more.
    pub fn is_full(&self) -> bool {
        self.text.len() + 1024 > MOST_BYTES
    }

    /// Something was destroyed that is not remembered: the structural proof alone covers it.
    pub fn add_beyond(&mut self) {
        self.beyond += 1;
    }

    /// Whether nothing was destroyed, remembered or not.
    pub fn is_idle(&self) -> bool {
        self.ends.is_empty() && self.short == 0 && self.beyond == 0
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many were too short to be looked for, and how many did not fit in.
    pub fn left_out(&self) -> (u64, u64) {
        (self.short, self.beyond)
    }

    /// Grows without leaving a copy behind in freed memory.
    fn reserve(&mut self, more: usize) {
        if self.text.capacity() - self.text.len() < more {
            let mut larger = Vec::with_capacity((self.text.capacity() * 2).max(4096) + more);
            larger.extend_from_slice(&self.text);
            std::mem::replace(&mut self.text, larger).zeroize();
        }
    }
}

impl Drop for Needles {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Vec<String> {
        let mut needles = Needles::new();
        needles.add_json(json);
        needles.values().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }

    #[test]
    fn values_of_a_payload() {
        let json = r#"{"family_name":"Омарова","phone" : "+77010000001","amount":-1250000.5,
            "works":["oil change",{"deep_field":"brakes"}],"short":"Ян","flag":true,"said":"\"hello\" \u0410\u0411"}"#;
        let expected = [
            "Омарова",
            "+77010000001",
            "-1250000.5",
            "oil change",
            "brakes",
            r#"\"hello\" \u0410\u0411"#,
            "\"hello\" АБ",
        ];
        assert_eq!(of(json), expected);
        assert_eq!(of(r#"{"broken":"half a str"#), ["half a str"]);
        assert_eq!(of(r#"["ends with \\","second"]"#), [r"ends with \\", r"ends with \", "second"]);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut needles = Needles::new();
        let long = "x".repeat(1 << 20);
        for value in ["", "Ян", "Омарова", &long, &long] {
            needles.add(value);
        }
        assert_eq!((needles.len(), needles.left_out()), (2, (1, 1)));
        let mut all = Needles::new();
        all.append(&needles);
        assert_eq!((all.len(), all.left_out()), (2, (1, 1)));
    }
}

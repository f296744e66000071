//! Inputs from inputs: bytes changed, put in, taken out, doubled and mixed with those of another.

/// Bytes that mean something to one reader or another.
const TOKENS: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\"",
    b"'",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b": ",
    b",",
    b";",
    b"|",
    b"-",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!",
    b"---\n",
    b"...",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1e309",
    b"9223372036854775808",
    b"18446744073709551615",
    b"NaN",
    b"0x10",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\\u0000",
    b"\\ud800",
    b"2026-02-30",
    b"9999-12-31",
    b"0000-01-01",
    b"24:00",
    b"+99:99",
    b"{{",
    b"%n",
    b"../",
    b"900101399998",
    b"\t",
    b"    ",
    b"kind",
    b"#",
    b"~",
    b"\xe2\x80\x94 ",
];

pub struct Mutator<'c> {
    dice: u64,
    corpus: &'c [Vec<u8>],
}

impl<'c> Mutator<'c> {
    pub fn new(seed: u64, corpus: &'c [Vec<u8>]) -> Self {
        Self { dice: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, corpus }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % sides.max(1)
    }

    pub fn next(&mut self) -> Vec<u8> {
        let nth = self.roll(self.corpus.len());
        let mut bytes = self.corpus[nth].clone();
        for _ in 0..=self.roll(4) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.roll(bytes.len() + 1);
        let end = (at + self.roll(1 + bytes.len().min(64))).min(bytes.len());
        match self.roll(10) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
            2 if at < bytes.len() => bytes[at] = u8::try_from(self.roll(256)).unwrap(),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let part = bytes[at..end].to_vec();
                let to = self.roll(bytes.len() + 1);
                drop(bytes.splice(to..to, part));
            }
            5 => {
                let (part, times) = (bytes[at..end].to_vec(), 1 + self.roll(40));
                drop(bytes.splice(at..at, part.repeat(times)));
            }
            6 => bytes.truncate(at),
            7 => {
                let other = &self.corpus[self.roll(self.corpus.len())];
                let from = self.roll(other.len() + 1);
                let to = (from + self.roll(200)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                let token = TOKENS[self.roll(TOKENS.len())];
                let end = if self.roll(2) == 0 { at } else { end };
                drop(bytes.splice(at..end, token.iter().copied()));
            }
        }
    }
}

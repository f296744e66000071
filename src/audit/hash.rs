//! SHA-256 and the two ways in which RFC 6962 uses it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};
use sha2::{Digest, Sha256};

use crate::domain::hex;

/// A SHA-256 digest; in text, 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The root of a tree with no entries: the digest of nothing (RFC 6962 section 2.1).
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// From the 32 bytes that the store keeps.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The plain digest of a file or text.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// An entry as a leaf: the digest of `0x00` and its bytes.
    pub fn leaf(bytes: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
    }

    /// Two subtrees as one: the digest of `0x01`, left and right.
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut joined = [1; 65];
        joined[1..33].copy_from_slice(&left.0);
        joined[33..].copy_from_slice(&right.0);
        Self::of(&joined)
    }

    /// The text form as bytes.
    pub(super) fn hex(&self) -> [u8; 64] {
        hex::digits(&self.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "a SHA-256 digest is 64 lower-case hexadecimal digits".to_owned();
        let lower = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(lower) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (nth, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * nth..2 * nth + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[test]
fn text_and_bytes() {
    assert_eq!(Hash::of(b""), Hash::EMPTY);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Hash::of(b"abc").to_string(), abc);
    assert_eq!(abc.parse(), Ok(Hash::of(b"abc")));
    for wrong in [&abc[1..], &abc.to_uppercase(), &abc.replace('b', "g"), &format!("+{}", &abc[1..])] {
        assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
    }
}

//! Signed notes: the C2SP form `signed-note`, with Ed25519 keys.
//!
//! A note is text, an empty line, and signature lines over the text. Keys are written as in Go's
//! `sumdb/note`: `NAME+ID+BASE64`, where the id is made from name and key, so that a key under another name
//! is another key. Lines of unknown keys (witnesses) are passed over.

use std::fmt;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::Hash;

/// The kind of key: Ed25519.
const ED25519: u8 = 1;

/// What begins a signature line.
const DASH: &str = "— ";

/// More signatures than a log and its witnesses ever make.
const MOST_LINES: usize = 64;

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: VerifyingKey,
}

impl PublicKey {
    /// Reads `NAME+ID+BASE64`.
    ///
    /// # Errors
    /// A sentence; also for an id that does not fit name and key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "a public key is one line `name+id+base64`".to_owned();
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or_else(wrong);
        let (name, id, key) = (part()?, part()?, part()?);
        let bytes = Base64::decode_vec(key).map_err(|_| wrong())?;
        let (kind, key) = bytes.split_first().ok_or_else(wrong)?;
        let key: [u8; 32] = key.try_into().map_err(|_| wrong())?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong())?;
        let found = Self { name: name.to_owned(), key };
        let sound = *kind == ED25519 && !key.is_weak() && is_name(name) && found.to_string() == text;
        if sound && id.len() == 8 { Ok(found) } else { Err(wrong()) }
    }

    /// The name of the key: the origin of its log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest that the log's own entry about the key carries.
    pub fn digest(&self) -> Hash {
        Hash::of(self.to_string().as_bytes())
    }

    /// The first four bytes of SHA-256 over name, newline, kind and key.
    fn id(&self) -> [u8; 4] {
        let seen = [self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()].concat();
        let [a, b, c, d, ..] = *Hash::of(&seen).as_bytes();
        [a, b, c, d]
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        let id = u32::from_be_bytes(self.id());
        write!(f, "{}+{id:08x}+{}", self.name, Base64::encode_string(&key))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A private key with its name. Wiped when dropped; no `Debug`.
pub struct PrivateKey {
    name: String,
    key: SigningKey,
}

impl PrivateKey {
    /// From 32 random bytes.
    pub fn new(name: &str, seed: &[u8; 32]) -> Self {
        Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) }
    }

    /// Reads `PRIVATE+KEY+NAME+ID+BASE64`. `None` for anything else; it says nothing of what was there.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("PRIVATE+KEY+")?;
        let (name, rest) = rest.split_once('+')?;
        let (id, seed) = rest.split_once('+')?;
        let bytes = Zeroizing::new(Base64::decode_vec(seed).ok()?);
        let (kind, seed) = bytes.split_first()?;
        let found = Self { name: name.to_owned(), key: SigningKey::from_bytes(seed.try_into().ok()?) };
        let sound = *kind == ED25519 && is_name(name) && id == format!("{:08x}", found.id());
        sound.then_some(found)
    }

    /// The text to keep secret.
    pub fn text(&self) -> Zeroizing<String> {
        let mut key = Zeroizing::new([ED25519; 33]);
        key.iter_mut().skip(1).zip(self.key.as_bytes()).for_each(|(to, from)| *to = *from);
        let seed = Zeroizing::new(Base64::encode_string(key.as_slice()));
        Zeroizing::new(format!("PRIVATE+KEY+{}+{:08x}+{}", self.name, self.id(), seed.as_str()))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    fn id(&self) -> u32 {
        u32::from_be_bytes(self.public().id())
    }
}

/// A signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

/// A text with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<Line>,
}

/// What a key says of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Its signature is there and right.
    Yes,
    /// It has not signed.
    No,
    /// A line under its name and id is there, and it is wrong.
    Wrong,
}

impl Note {
    /// A text (its last character a newline) without signatures.
    pub fn new(text: String) -> Self {
        Self { text, lines: Vec::new() }
    }

    /// Adds the signature of a key.
    #[must_use]
    pub fn sign(mut self, key: &PrivateKey) -> Self {
        let signature = key.key.sign(self.text.as_bytes()).to_bytes().to_vec();
        self.lines.push(Line { name: key.name.clone(), id: key.public().id(), signature });
        self
    }

    /// Reads a note; one without any signature has no empty line.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(whole: &str) -> Result<Self, String> {
        if whole.chars().any(|c| c != '\n' && c.is_control()) || !whole.ends_with('\n') {
            return Err("it is no signed note: a control character, or cut off".into());
        }
        let Some((text, lines)) = whole.rsplit_once("\n\n") else { return Ok(Self::new(whole.to_owned())) };
        let lines: Vec<_> = lines
            .lines()
            .take(MOST_LINES + 1)
            .map(Line::parse)
            .collect::<Option<_>>()
            .ok_or("it is no signed note: a line below the empty one is no signature")?;
        match lines.len() {
            1..=MOST_LINES => Ok(Self { text: format!("{text}\n"), lines }),
            _ => Err("it is no signed note: no signature, or far too many".into()),
        }
    }

    /// What is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether anybody signed.
    pub fn is_signed(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Asks one key. Every line under its name and id must be right.
    pub fn signed_by(&self, key: &PublicKey) -> Signed {
        let own = self.lines.iter().filter(|line| line.name == key.name && line.id == key.id());
        let right = |line: &Line| {
            let signature = Signature::from_slice(&line.signature).ok();
            signature.is_some_and(|it| key.key.verify_strict(self.text.as_bytes(), &it).is_ok())
        };
        own.fold(Signed::No, |so_far, line| match (so_far, right(line)) {
            (Signed::Wrong, _) | (_, false) => Signed::Wrong,
            _ => Signed::Yes,
        })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if self.is_signed() {
            f.write_str("\n")?;
        }
        self.lines.iter().try_for_each(|line| {
            let bytes = [line.id.as_slice(), &line.signature].concat();
            writeln!(f, "{DASH}{} {}", line.name, Base64::encode_string(&bytes))
        })
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = Base64::decode_vec(bytes).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        is_name(name).then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

/// Not empty, no space, no plus.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

    /// The worked example of Go's `sumdb/note`, so that others' tools read our notes.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SIGNED: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn key(seed: u8, name: &str) -> PrivateKey {
        PrivateKey::new(name, &[seed; 32])
    }

    #[test]
    fn known_answer_of_another_implementation() {
        let key = PublicKey::parse(PETER).unwrap_or_else(|error| panic!("{error}"));
        let note = Note::parse(&format!("{TEXT}\n{SIGNED}")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((note.text(), note.signed_by(&key)), (TEXT, Signed::Yes));
        assert_eq!(key.to_string(), PETER);
    }

    #[test]
    fn what_is_signed_is_verified_and_nothing_else() {
        let (own, other) = (key(1, "dsr/log/a"), key(2, "dsr/log/a"));
        let note = Note::new("a\nb\n".into()).sign(&own);
        let read = Note::parse(&note.to_string());
        assert_eq!(read.as_ref(), Ok(&note));
        assert_eq!(note.signed_by(&own.public()), Signed::Yes);
        assert_eq!(note.signed_by(&other.public()), Signed::No);
        let both = note.clone().sign(&other);
        assert_eq!([own.public(), other.public()].map(|key| both.signed_by(&key)), [Signed::Yes; 2]);
        let whole = note.to_string();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let signed = String::from_utf8(bytes).ok().and_then(|text| Note::parse(&text).ok());
                let fooled = signed.is_some_and(|note| note.signed_by(&own.public()) == Signed::Yes);
                assert!(!fooled, "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_wrong_line_beside_a_right_one_is_wrong() {
        let own = key(1, "dsr/log/a");
        let (right, foreign) = (Note::new("a\n".into()).sign(&own), Note::new("b\n".into()).sign(&own));
        let mut both = right;
        both.lines.extend(foreign.lines);
        assert_eq!(both.signed_by(&own.public()), Signed::Wrong);
    }

    #[test]
    fn keys_are_read_in_their_one_form() {
        let own = key(7, "dsr/log/ab");
        let (public, private) = (own.public().to_string(), own.text());
        assert_eq!(PublicKey::parse(&public), Ok(own.public()));
        assert_eq!(PrivateKey::parse(&private).map(|key| key.public()), Some(own.public()));
        for wrong in [
            "",
            "a",
            "a+b",
            "a+00000000+AA==",
            &public.replace("ab+", "ac+"),
            &public[1..],
            &format!("{public}\n"),
        ] {
            assert!(PublicKey::parse(wrong).is_err(), "{wrong}");
            assert!(PrivateKey::parse(&format!("PRIVATE+KEY+{wrong}")).is_none(), "{wrong}");
        }
        assert!(PrivateKey::parse(&public).is_none());
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for wrong in
            ["", "a", "a\r\n", "a\n\nb\n", "a\n\n", "a\n\n— x\n", "a\n\n— x AAA\n", "a\n\n— x+y AAAAAAAA\n"]
        {
            assert!(Note::parse(wrong).is_err(), "{wrong:?}");
        }
        let many = format!("a\n\n{}", "— x AAAAAAAA\n".repeat(MOST_LINES + 1));
        assert!(Note::parse(&many).is_err());
        assert_eq!(Note::parse("a\nb\n").map(|note| note.is_signed()), Ok(false));
    }
}

//! The key file: what turns an identifier into a mark that means nothing without it.
//!
//! Suppressions and tombstones outlive the person, so they hold HMAC-SHA-256 of the identifier and never
//! the identifier. There are few enough IINs to try them all, so a plain digest would hide nothing. The key
//! lies outside the store: neither a copy of the store nor the audit log lets anybody test an IIN.
//! Deliberately absent: rotation (a mark can only be made again from the identifier, which is gone).

use std::{
    io::{ErrorKind, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::{beside, plain};
use crate::domain::{Error, Kind, Result, hex, quoted};

const HEADER: &str = "dsr key file, version 1: keep it secret, keep it apart from backups of the store";

/// The secret under which marks of people are made. Wiped when dropped; no `Debug`.
pub struct KeyFile(Zeroizing<[u8; 32]>);

impl KeyFile {
    /// Where the key of a store lies unless the officer says otherwise: `store.sqlite` → `store.sqlite.key`.
    pub fn default_path(store: &Path) -> PathBuf {
        let mut name = store.file_name().unwrap_or_default().to_owned();
        name.push(".key");
        store.with_file_name(name)
    }

    /// Writes a new key that only its owner can read. Never replaces one: its marks would be lost.
    ///
    /// # Errors
    /// Exit 2 if something is there already, 1 if it cannot be written.
    pub fn create(path: &Path, random: [u8; 32]) -> Result<Self> {
        let key = Self(Zeroizing::new(random));
        let mut digits = hex::digits(key.0.as_slice());
        let text = Zeroizing::new(format!("{HEADER}\n{}\n", str::from_utf8(&digits).unwrap_or_default()));
        digits.zeroize();
        beside::create(path, text.as_bytes()).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => {
                Error::usage(format!("the key file `{}` exists already", path.display()))
                    .hint("keep it: it belongs to another store, or to one that was lost")
            }
            _ => unwritten(path, cause),
        })?;
        Ok(key)
    }

    /// Reads the key.
    ///
    /// # Errors
    /// Exit 6: missing, readable by others, or no key.
    pub fn load(path: &Path) -> Result<Self> {
        let shown = path.display();
        let file = plain::open(path).map_err(|cause| match cause.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => missing(path),
            _ => Error::config(format!("the key file `{shown}` cannot be read"))
                .hint("check its owner and mode")
                .because(cause),
        })?;
        let mode = file.metadata()?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::config(format!("others may read the key file `{shown}` (mode {mode:04o})"))
                .hint(format!("run: chmod 600 {}", quoted(shown))));
        }
        let mut text = Zeroizing::new(String::with_capacity(256));
        file.take(256).read_to_string(&mut text).map_err(|_| wrong(path))?;
        read(&text).map(Self).ok_or_else(|| wrong(path))
    }

    /// The mark of a name at a controller: HMAC-SHA-256 over domain, controller, kind and canonical text,
    /// each with its length, so that no two inputs share their bytes.
    pub fn mac(&self, controller: &str, kind_code: i64, canonical: &str) -> [u8; 32] {
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = *from);
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        for part in
            [b"dsr-mark-v1".as_slice(), controller.as_bytes(), &kind_code.to_be_bytes(), canonical.as_bytes()]
        {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn read(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.strip_prefix(HEADER)?.strip_prefix('\n')?.strip_suffix('\n')?;
    let mut key = Zeroizing::new([0; 32]);
    if digits.len() != 64 || !digits.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c)) {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

fn missing(path: &Path) -> Error {
    Error::config(format!("no key file at `{}`", path.display())).hint(
        "without it nobody can tell who asked to be left alone or who was destroyed when data is imported again: \
         bring the file back from where it is kept; if it is lost for good, make a new one with dsr init --new-key, and \
         those marks are lost too",
    )
}

fn wrong(path: &Path) -> Error {
    Error::config(format!("`{}` is no key file", path.display()))
        .hint("name the right one, or bring it back from where it is kept")
}

fn unwritten(path: &Path, cause: std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("the key file `{}` cannot be written", path.display()))
        .hint("check the directory, its owner and its mode")
        .because(cause)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    fn mark(key: &KeyFile) -> [u8; 32] {
        key.mac("mycar", 1, "900101399998")
    }

    #[test]
    fn written_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = KeyFile::default_path(&directory.path().join("store.sqlite"));
        assert!(path.ends_with("store.sqlite.key"));
        let made = KeyFile::create(&path, [0x5a; 32]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(mark(&KeyFile::load(&path).unwrap()), mark(&made));
        let before = fs::read(&path).unwrap();
        assert_eq!(KeyFile::create(&path, [1; 32]).err().unwrap().kind(), Kind::Usage);
        assert_eq!(fs::read(&path).unwrap(), before, "never replaced");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("k");
        let refused = |about: &str| {
            let error = KeyFile::load(&path).err().unwrap();
            assert_eq!(error.kind(), Kind::Config, "{about}");
            error.hint_text().unwrap().to_owned()
        };
        assert!(refused("missing").contains("dsr init"));
        KeyFile::create(&path, [0xab; 32]).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        for wrong in [
            "",
            "x",
            &good[..good.len() - 2],
            &good.replace("ab", "zz"),
            &format!("{good}\n"),
            &good.to_uppercase(),
        ] {
            fs::write(&path, wrong).unwrap();
            refused(wrong);
        }
        fs::write(&path, &good).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(refused("wide").contains("chmod 600"));
    }

    /// RFC 4231 proves the primitive; this pins the message it is made over.
    #[test]
    fn no_two_inputs_share_a_mark() {
        let key = KeyFile(Zeroizing::new([7; 32]));
        let other = KeyFile(Zeroizing::new([8; 32]));
        let all = [
            key.mac("a", 1, "bc"),
            key.mac("ab", 1, "c"),
            key.mac("a", 2, "bc"),
            key.mac("a", 1, "bd"),
            key.mac("a", 1, ""),
            other.mac("a", 1, "bc"),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        let mut plain = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        plain.update(b"\0\0\0\0\0\0\0\x0bdsr-mark-v1\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02bc");
        assert_eq!(all[0].as_slice(), plain.finalize().into_bytes().as_slice());
    }
}

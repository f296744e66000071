//! Keys that sign heads, and the signed heads that were given out.
//!
//! The private key lies in a file of its own; the account that runs `dsr` day by day need not be able to read
//! it. The public keys are kept, oldest first, and so is every signed head, to be held against the log at each
//! verification. A crash may have cut off the last line or note: it was never given out, so it is passed over and
//! taken away before the next is added.

use std::path::Path;

use zeroize::Zeroizing;

use super::{AuditHead, Store, beside, plain};
use crate::{
    audit::{Checkpoint, Note, PrivateKey, PublicKey},
    domain::{Error, Kind, LogId, Result},
};

const HEADER: &str = "dsr signing key, version 1: keep it secret, best at another account than the store";

/// A place for keys and signed heads: beside the store.
pub struct Signing<'s> {
    store: &'s Path,
}

impl Store {
    /// Its keys and signed heads.
    pub fn signing(&self) -> Signing<'_> {
        Signing::beside(self.path())
    }

    /// The name of its log.
    pub fn log_id(&self) -> LogId {
        LogId::from_bytes(self.meta().store_id)
    }

    /// The newest head as it is printed in reports and acts: signed where the key can be read.
    ///
    /// # Errors
    /// As any read; exit 6 for a key file that cannot be used.
    pub fn head_note(&mut self) -> Result<Note> {
        let head = self.read(|view| view.audit_head())?;
        self.signed(head)
    }

    /// A head of this store as a note, signed where the key can be read.
    ///
    /// # Errors
    /// Exit 6 for a key file that cannot be used or belongs to another log.
    pub fn signed(&self, head: AuditHead) -> Result<Note> {
        let log = self.log_id();
        let note = Note::new(Checkpoint { log, size: head.size, root: head.root }.text());
        Ok(match self.signing().key_of(log)? {
            Some(key) => note.sign(&key),
            None => note,
        })
    }
}

impl<'s> Signing<'s> {
    /// Beside the store of this path.
    pub fn beside(store: &'s Path) -> Self {
        Self { store }
    }

    /// The key that signs this log; `None` where there is none.
    ///
    /// # Errors
    /// Exit 6: readable by others, no key, or the key of another log.
    pub fn key_of(&self, log: LogId) -> Result<Option<PrivateKey>> {
        match self.key()? {
            Some(key) if key.public().name() != Checkpoint::origin(log) => Err(another()),
            found => Ok(found),
        }
    }

    /// Whether the key could sign this log, as far as whoever asks may look at it: an auditor may not.
    ///
    /// # Errors
    /// As [`Self::key_of`].
    pub fn usable(&self, log: LogId) -> Result<()> {
        let closed = plain::open(&beside::path(self.store, "signing"));
        let closed = closed.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
        if closed { Ok(()) } else { self.key_of(log).map(drop) }
    }

    /// Refuses the key of another log. One that cannot be read or used is nobody's, as far as anybody knows.
    ///
    /// # Errors
    /// Exit 6: so it is.
    pub fn not_another(&self, log: LogId) -> Result<()> {
        match self.key() {
            Ok(Some(key)) if key.public().name() != Checkpoint::origin(log) => Err(another()),
            _ => Ok(()),
        }
    }

    /// The key, whatever log it signs.
    fn key(&self) -> Result<Option<PrivateKey>> {
        let path = beside::path(self.store, "signing");
        let Some(text) = beside::text(&path)?.map(Zeroizing::new) else { return Ok(None) };
        let key = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n')?.strip_suffix('\n'));
        let key = key.and_then(PrivateKey::parse).ok_or_else(|| {
            Error::config(format!("`{}` is no signing key", path.display()))
                .hint("bring the file back, or make a new key: dsr audit key rotate --lost")
        })?;
        Ok(Some(key))
    }

    /// Whether a file for the key is there, whatever is in it.
    pub fn has_key(&self) -> bool {
        beside::path(self.store, "signing").symlink_metadata().is_ok()
    }

    /// Keeps a first key. Never replaces one.
    ///
    /// # Errors
    /// Exit 2: one is there; 1: the disk.
    pub fn keep(&self, key: &PrivateKey) -> Result<()> {
        let path = beside::path(self.store, "signing");
        beside::create(&path, written(key).as_bytes()).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::usage(format!("the signing key `{}` exists already", path.display()))
                    .hint("to replace it, run: dsr audit key rotate")
            }
            _ => beside::unwritten(&path, cause),
        })?;
        self.publish(&key.public())
    }

    /// Puts another key in the place of the present one, whose bytes are overwritten.
    ///
    /// # Errors
    /// Exit 1: the disk.
    pub fn replace(&self, key: &PrivateKey) -> Result<()> {
        // A key that signs is known by everybody who checks.
        self.publish(&key.public())?;
        let path = beside::path(self.store, "signing");
        beside::replace(&path, written(key).as_bytes()).map_err(|cause| beside::unwritten(&path, cause))
    }

    fn publish(&self, key: &PublicKey) -> Result<()> {
        if self.keys()?.contains(key) {
            return Ok(());
        }
        self.add("vkeys", whole_lines, &format!("{key}\n"))
    }

    /// Adds to a file after its whole part.
    fn add(&self, ending: &str, whole: fn(&str) -> &str, content: &str) -> Result<()> {
        let path = beside::path(self.store, ending);
        let text = beside::text(&path)?.unwrap_or_default();
        let end = whole(&text).len();
        if end < text.len() {
            beside::cut(&path, end)?;
        }
        let gap =
            if end == 0 || text.get(..end).is_some_and(|kept| kept.ends_with('\n')) { "" } else { "\n" };
        beside::add(&path, format!("{gap}{content}").as_bytes())
    }

    /// Every public key, oldest first.
    ///
    /// # Errors
    /// Exit 6: the file cannot be read; 9: a line of it is no key.
    pub fn keys(&self) -> Result<Vec<PublicKey>> {
        let path = beside::path(self.store, "vkeys");
        let text = beside::text(&path)?.unwrap_or_default();
        whole_lines(&text)
            .lines()
            .map(PublicKey::parse)
            .collect::<Result<_, _>>()
            .map_err(|why| strange(&path, &why))
    }

    /// Keeps a signed head, to be held against the log at each verification.
    ///
    /// # Errors
    /// Exit 1: the disk.
    pub fn remember(&self, note: &Note) -> Result<()> {
        if self.heads()?.last() == Some(note) {
            return Ok(());
        }
        self.add("heads", whole_notes, &format!("{note}\n"))
    }

    /// Whether heads are kept at all.
    pub fn keeps_heads(&self) -> bool {
        beside::path(self.store, "heads").symlink_metadata().is_ok()
    }

    /// Every signed head that was kept, oldest first.
    ///
    /// # Errors
    /// Exit 6: the file cannot be read; 9: it holds something else.
    pub fn heads(&self) -> Result<Vec<Note>> {
        let path = beside::path(self.store, "heads");
        let text = beside::text(&path)?.unwrap_or_default();
        if !text.strip_prefix(whole_notes(&text)).is_some_and(is_begun) {
            return Err(strange_heads(&path, "what lies behind the last head is none"));
        }
        let parts: Vec<&str> = whole_notes(&text).split("\n\n").filter(|part| !part.is_empty()).collect();
        let pairs = parts.chunks(2).map(|pair| match pair {
            [text, lines] => Note::parse(&format!("{text}\n\n{}\n", lines.trim_end())),
            _ => Err("it ends within a note".into()),
        });
        pairs.collect::<Result<_, _>>().map_err(|why| strange_heads(&path, &why))
    }
}

/// The file of a key.
fn written(key: &PrivateKey) -> Zeroizing<String> {
    Zeroizing::new(format!("{HEADER}\n{}\n", key.text().as_str()))
}

/// As far as lines are ended, or are a key all the same: a file brought back by hand may lack its last line end.
fn whole_lines(text: &str) -> &str {
    let end = text.rfind('\n').map_or(0, |end| end + 1);
    if text.get(end..).is_some_and(|rest| PublicKey::parse(rest).is_ok()) {
        return text;
    }
    text.get(..end).unwrap_or_default()
}

/// As far as notes are ended: each has two parts, and an empty line after either.
fn whole_notes(text: &str) -> &str {
    let ends = text.match_indices("\n\n").map(|(at, mark)| at + mark.len());
    ends.skip(1).step_by(2).last().and_then(|end| text.get(..end)).unwrap_or_default()
}

/// What a power cut leaves of a note: its beginning, on some disks with zeros behind it.
fn is_begun(rest: &str) -> bool {
    const ORIGIN: &str = "dsr/log/";
    const SIGNED: &str = "— ";
    let all = |line: &str, which: fn(char) -> bool| line.chars().all(which);
    let mut lines = rest.trim_end_matches('\0').split('\n');
    let [origin, size, root, gap] = [(); 4].map(|()| lines.next().unwrap_or_default());
    let id = origin.strip_prefix(ORIGIN);
    (ORIGIN.starts_with(origin) || id.is_some_and(|id| all(id, |c| c.is_ascii_hexdigit())))
        && all(size, |c| c.is_ascii_digit())
        && all(root, |c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))
        && gap.is_empty()
        && lines.all(|line| SIGNED.starts_with(line) || line.starts_with(SIGNED))
}

fn another() -> Error {
    Error::config("the signing key beside the store is of another log").hint(
        "move it back to its own store and put the key of this one there; if that is lost: dsr audit key rotate --lost",
    )
}

/// Heads that were given out have other copies, but not always here.
fn strange_heads(path: &Path, why: &str) -> Error {
    strange(path, why).hint(
        "bring the file back from where its copies are kept; if it is lost for good, move it away, and begin it anew: \
         dsr audit head --out FILE",
    )
}

fn strange(path: &Path, why: &str) -> Error {
    Error::new(Kind::Integrity, format!("`{}` was changed by another hand: {why}", path.display()))
        .hint("bring the file back from where its copies are kept")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::fs;

    use super::*;
    use crate::audit::Signed;

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::new("dsr/log/07", &[seed; 32])
    }

    #[test]
    fn keys_are_kept_replaced_and_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s.db");
        let signing = Signing::beside(&store);
        assert!(signing.key().unwrap().is_none() && signing.keys().unwrap().is_empty());
        signing.keep(&key(1)).unwrap();
        assert_eq!(signing.keep(&key(2)).unwrap_err().kind(), Kind::Usage, "never replaced in passing");
        signing.replace(&key(2)).unwrap();
        assert_eq!(signing.key().unwrap().unwrap().public(), key(2).public());
        assert_eq!(signing.keys().unwrap(), [key(1).public(), key(2).public()]);
        let secret = fs::read_to_string(beside::path(&store, "signing")).unwrap();
        assert!(!secret.contains(key(1).text().as_str()) && secret.contains(key(2).text().as_str()));
    }

    /// The disk is full, say: who cannot write another key keeps the one there is.
    #[test]
    fn a_key_that_cannot_be_replaced_stays() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s.db");
        let signing = Signing::beside(&store);
        signing.keep(&key(1)).unwrap();
        let draft = directory.path().join(format!(".dsr-s.db.signing-{}.part", std::process::id()));
        fs::create_dir(&draft).unwrap();
        assert!(signing.replace(&key(2)).is_err());
        assert_eq!(signing.key().unwrap().unwrap().public(), key(1).public());
        fs::remove_dir(&draft).unwrap();
        signing.replace(&key(2)).unwrap();
        assert_eq!(signing.key().unwrap().unwrap().public(), key(2).public());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "the key and the public ones");
    }

    #[test]
    fn heads_are_only_added_to() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s.db");
        let signing = Signing::beside(&store);
        let notes =
            [1, 2, 3].map(|n| Note::new(format!("dsr/log/07\n{n}\nAA==\n")).sign(&key(1)).sign(&key(n)));
        for note in &notes {
            signing.remember(note).unwrap();
            signing.remember(note).unwrap();
        }
        assert_eq!(signing.heads().unwrap(), notes);
        assert_eq!(signing.heads().unwrap()[2].signed_by(&key(3).public()), Signed::Yes);
        let whole = fs::read(beside::path(&store, "heads")).unwrap();
        for rubbish in ["no\n\nnote\n\n", "rubbish", "dsr/log/07\nx", "dsr/log/07\n3\nAA==\n\nrubbish"] {
            fs::write(beside::path(&store, "heads"), [&whole[..], rubbish.as_bytes()].concat()).unwrap();
            let error = signing.heads().unwrap_err();
            assert_eq!(error.kind(), Kind::Integrity, "{rubbish:?}");
            assert!(error.hint_text().unwrap().contains("bring"), "{rubbish:?}");
        }
        fs::write(beside::path(&store, "heads"), [&whole[..], b"dsr/log/0\0\0\0"].concat()).unwrap();
        assert_eq!(signing.heads().unwrap(), notes, "a power cut");
    }

    /// Cut anywhere, the whole notes and keys before are read, and the next is added after them.
    #[test]
    fn what_a_crash_cut_off_was_never_given_out() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s.db");
        let signing = Signing::beside(&store);
        let [one, two] =
            [1, 2].map(|n| Note::new(format!("dsr/log/07\n{n}\nAA==\n")).sign(&key(1)).sign(&key(n)));
        let whole = [&one, &two].map(|note| format!("{note}\n"));
        let path = beside::path(&store, "heads");
        for cut in 0..whole[1].len() {
            fs::write(&path, [whole[0].as_bytes(), &whole[1].as_bytes()[..cut]].concat()).unwrap();
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            assert_eq!(signing.heads().unwrap(), std::slice::from_ref(&one), "cut at {cut}");
            signing.remember(&two).unwrap();
            assert_eq!(signing.heads().unwrap(), [one.clone(), two.clone()], "cut at {cut}");
        }
        signing.publish(&key(1).public()).unwrap();
        beside::add(&beside::path(&store, "vkeys"), b"dsr/log/07+1").unwrap();
        assert_eq!(signing.keys().unwrap(), [key(1).public()]);
        signing.publish(&key(2).public()).unwrap();
        assert_eq!(signing.keys().unwrap(), [key(1).public(), key(2).public()]);
        let path = beside::path(&store, "vkeys");
        let unended = fs::read_to_string(&path).unwrap().trim_end().to_owned();
        fs::write(&path, unended).unwrap();
        signing.publish(&key(3).public()).unwrap();
        assert_eq!(signing.keys().unwrap(), [1, 2, 3].map(|n| key(n).public()));
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("s.db");
        let signing = Signing::beside(&store);
        signing.keep(&key(1)).unwrap();
        let path = beside::path(&store, "signing");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = signing.key().err().unwrap();
        assert!(error.hint_text().unwrap().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "something").unwrap();
        assert_eq!(signing.key().err().unwrap().kind(), Kind::Config);
    }
}

//! The head of the log as it stands under every report and act: whoever keeps the paper can hold the log against
//! it later, and the key tells whose head it is.

use super::Store;
use crate::{
    audit::{Checkpoint, Note},
    domain::Result,
};

/// The head of the log, signed where the key can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The whole note, as `dsr audit head --out` writes it.
    pub note: String,
    /// Entries.
    pub size: u64,
    /// The root over them, in base64 as in the note.
    pub root: String,
    /// The newest public key of the log; `None`: there is none.
    pub key: Option<String>,
}

impl Seal {
    /// Reads the head. A key that this account may not read, as an auditor's, makes an unsigned one.
    ///
    /// # Errors
    /// As any read; exit 9: the public keys beside the store were changed by another hand.
    pub fn of(store: &mut Store) -> Result<Self> {
        let head = store.read(|view| view.audit_head())?;
        let text = Checkpoint { log: store.log_id(), size: head.size, root: head.root }.text();
        let root = text.lines().nth(2).unwrap_or_default().to_owned();
        let note = store.signed(head).unwrap_or_else(|_| Note::new(text));
        let key = store.signing().keys()?.last().map(ToString::to_string);
        Ok(Self { note: note.to_string(), size: head.size, root, key })
    }

    /// In a few words: number of entries and root.
    pub fn short(&self) -> String {
        format!("{} · {}", self.size, self.root)
    }
}

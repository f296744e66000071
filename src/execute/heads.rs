//! Heads, keys and proofs: what leaves the machine so that others can hold it against the log.

use super::context::{Context, Said};
use crate::{
    audit::{
        Checkpoint, Consistency, Hash, Inclusion, Note, PrivateKey, PublicKey, State,
        proof::{consistency, inclusion},
    },
    domain::{Error, Kind, Result},
    store::{AuditHead, Store, View},
};

/// The entry of this number with its proof.
///
/// # Errors
/// Exit 3: there is no such entry; 9: the log does not lead to its own head.
pub fn prove(store: &mut Store, seq: u64) -> Result<Inclusion> {
    let (head, entry, leaves) = store.read(|view| {
        let head = view.audit_head()?;
        let entry = view.audit_entries(seq.saturating_sub(1), 1)?.into_iter().next();
        let entry = entry.filter(|(found, _)| *found == seq).ok_or_else(|| no_entry(seq, head.size))?.1;
        Ok((head, entry, leaves(view, &head)?))
    })?;
    let index = seq.saturating_sub(1);
    let path = usize::try_from(index).ok().and_then(|leaf| inclusion(&leaves, leaf)).unwrap_or_default();
    Ok(Inclusion { entry, index, path, head: store.signed(head)? })
}

/// That the log goes on from an older head of it.
///
/// # Errors
/// Exit 2: a head of another log or over nothing; 9: the log is older than the head, or does not go on from it.
pub fn go_on(store: &mut Store, old: &Checkpoint) -> Result<Consistency> {
    if old.log != store.log_id() || old.size == 0 {
        return Err(Error::usage("the older head is of another log, or over no entries")
            .hint("name a head that `dsr audit head --out FILE` wrote for this store"));
    }
    let (head, leaves) = store.read(|view| {
        let head = view.audit_head()?;
        Ok((head, leaves(view, &head)?))
    })?;
    let path = usize::try_from(old.size).ok().and_then(|size| consistency(&leaves, size));
    let path = path.ok_or_else(|| does_not_go_on("the log is older than the head"))?;
    let proof = Consistency { old: old.size, path, head: store.signed(head)? };
    proof.check(old).map_err(|why| does_not_go_on(&why))?;
    Ok(proof)
}

fn leaves(view: &View<'_>, head: &AuditHead) -> Result<Vec<Hash>> {
    let mut leaves = Vec::new();
    view.for_each_entry(1, |_, bytes| {
        leaves.push(Hash::leaf(bytes));
        Ok(())
    })?;
    let tree: crate::audit::Frontier = leaves.iter().copied().collect();
    if (tree.size(), tree.root()) == (head.size, head.root) {
        Ok(leaves)
    } else {
        Err(does_not_go_on("its entries do not give its last head"))
    }
}

fn no_entry(seq: u64, size: u64) -> Error {
    Error::new(Kind::NotFound, format!("the log has no entry {seq}; the last is {size}"))
        .hint("see them: dsr audit list")
}

fn does_not_go_on(why: &str) -> Error {
    Error::new(Kind::Integrity, format!("nothing can be proved from this log: {why}"))
        .hint("find the place: dsr audit verify --head FILE")
}

/// A first signing key, or another where the file of the last is gone. The log speaks of it before it is used.
///
/// # Errors
/// Exit 2: there is one; 1: the disk.
pub fn new_key(store: &mut Store, context: &Context, seed: &[u8; 32]) -> Result<PublicKey> {
    if store.signing().has_key() {
        return Err(Error::usage("the store has a signing key").hint("to replace it: dsr audit key rotate"));
    }
    // There was one: the log says that it is lost, and not that this is the first.
    if !store.signing().keys()?.is_empty() {
        return rotate_key(store, context, seed, true).map(|(key, _)| key);
    }
    let key = PrivateKey::new(&Checkpoint::origin(store.log_id()), seed);
    speak(store, context, "audit.key.new", &key)?;
    store.signing().keep(&key).map_err(not_in_place)?;
    Ok(key.public())
}

/// Another signing key. The head that covers the entry of the change is signed by both keys and kept, so that
/// who trusts the old key can trust the new one. `lost`: the old key cannot sign any more. Gives the key, and whether all
/// heads that had to lie beside the store did so before.
///
/// # Errors
/// Exit 6: there is no key that could sign, and it is not said to be lost, or it is another log's; 1: the disk.
pub fn rotate_key(
    store: &mut Store,
    context: &Context,
    seed: &[u8; 32],
    lost: bool,
) -> Result<(PublicKey, bool)> {
    // Whatever lies there is overwritten: not somebody else's key.
    store.signing().not_another(store.log_id())?;
    let old = if lost { None } else { Some(store.signing().key_of(store.log_id())?.ok_or_else(no_key)?) };
    let new = PrivateKey::new(&Checkpoint::origin(store.log_id()), seed);
    let command = if lost { "audit.key.lost" } else { "audit.key.rotate" };
    let head = speak(store, context, command, &new)?;
    let note = Note::new(Checkpoint { log: store.log_id(), size: head.size, root: head.root }.text());
    let note = match &old {
        Some(old) => note.sign(old).sign(&new),
        None => note.sign(&new),
    };
    store.signing().remember(&note).and_then(|()| store.signing().replace(&new)).map_err(not_in_place)?;
    Ok((new.public(), store.know_heads(false).map_err(in_place)?))
}

/// The entry is in the log, and stays true of a key that nobody will use.
fn not_in_place(error: Error) -> Error {
    Error::new(error.kind(), "the log speaks of a new signing key that did not come into its place")
        .hint("mend what the cause says, and type the same command again: it makes another key")
        .because(error)
}

/// Typed again it would make one more key.
fn in_place(error: Error) -> Error {
    let what = "the new signing key is in its place; that its head has to lie beside the store could not be written down";
    Error::new(Kind::Partial, what)
        .hint("do not type it again: mend what the cause says, and the next head that is given out writes it down (dsr audit head)")
        .because(error)
}

/// The error of everything that must be signed.
pub fn no_key() -> Error {
    Error::config("there is no signing key beside the store")
        .hint("make one: dsr audit key new; if there was one and it is lost: dsr audit key rotate --lost")
}

fn speak(store: &mut Store, context: &Context, command: &str, key: &PrivateKey) -> Result<AuditHead> {
    let output = Some(key.public().digest());
    store.transact(|tx| context.log(tx, command, State::Keyed, Said { output, ..Said::default() }))
}

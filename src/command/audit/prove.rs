//! `dsr audit prove`: one entry, or the way from an older head, as a file that proves itself.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    super::{
        Exit, Outcome,
        world::{World, read_input},
    },
    head::remember,
    list, read_head, record,
};
use crate::{
    audit::{Checkpoint, Entry, Proof, PublicKey, Signed},
    domain::{Error, Kind, Result, quoted},
    execute::heads,
    render::{Format, Head, Rows, file},
    store::{Mode, Signing},
};

const EXAMPLES: &str = "\
Examples:
  dsr audit prove 42 --out receipt.tlog-proof
  dsr audit prove --since older.note --out goes-on.proof
  dsr audit prove --record R-1017 --controller automaster
";

/// Prove that an entry is in the log, that the log goes on from an older head, or that a record was destroyed
///
/// The receipt holds the entry, the way to the root and the signed head: a person can keep it of their own
/// erasure, and anybody with the public key can check it without the store: `dsr audit verify --proof`.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Prove {
    /// Number of the entry
    #[arg(value_name = "NO", required_unless_present_any = ["since", "record"], conflicts_with_all = ["since", "record"],
          value_parser = clap::value_parser!(u64).range(1..))]
    no: Option<u64>,
    /// Prove that the log goes on from this head
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Prove that a nightly run destroyed the record that its source system called so
    #[arg(long, value_name = "REF", conflicts_with_all = ["since", "out"])]
    record: Option<String>,
    /// Write it to a new file [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Prove {
    /// Reads the store; writes only beside it.
    ///
    /// # Errors
    /// Not found (exit 3), integrity (exit 9), configuration (exit 6): no key to sign the head.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if let Some(reference) = &self.record {
            return record::prove(reference, world);
        }
        self.out.as_deref().map_or(Ok(()), file::check)?;
        let since = self.since.as_deref().map(read_head).transpose()?;
        let mut store = world.open(Mode::ReadOnly)?;
        let (proof, text) = match (self.no, since) {
            (Some(no), _) => {
                let proof = heads::prove(&mut store, no)?;
                (Proof::Inclusion(proof.clone()), proof.to_string())
            }
            (None, Some((_, old))) => {
                let proof = heads::go_on(&mut store, &old)?;
                (Proof::Consistency(proof.clone()), proof.to_string())
            }
            (None, None) => {
                return Err(Error::usage("nothing to prove").hint("name an entry, or --since FILE"));
            }
        };
        if !proof.head().is_signed() {
            return Err(heads::no_key());
        }
        let Some(path) = &self.out else { return print(world, &proof, &text) };
        file::write(path, text.as_bytes(), (world.env.random)())?;
        remember(&store, proof.head(), world)?;
        let mut check = quoted(path.display());
        if let Some(older) = &self.since {
            check += &format!(" --head {}", quoted(older.display()));
        }
        let shown = path.display();
        world.note(&format!("proof written to {shown}; check it with: dsr audit verify --proof {check}"))?;
        Ok(Exit::Done)
    }
}

/// At a terminal and in a pipe the proof itself; in the other formats as a member.
fn print(world: &mut World<'_, '_>, proof: &Proof, text: &str) -> Outcome {
    if world.style().format == Format::Table {
        return world.deliver(text.as_bytes()).map(|()| Exit::Done);
    }
    show(world, "dsr/audit-prove/v1", proof, None, Some(text), None)
}

/// Checks a proof by itself: its hashes, and who signed its head.
///
/// # Errors
/// Integrity (exit 9): it proves nothing; usage (exit 2): files that are something else.
pub(super) fn check(path: &Path, heads: &[PathBuf], key: Option<&str>, world: &mut World<'_, '_>) -> Outcome {
    let shown = path.display();
    let wrong = |why: String| {
        Error::new(Kind::Integrity, format!("`{shown}` proves nothing: {why}"))
            .hint("ask for the proof again, and for the public key by another way")
    };
    let unread = |why: String| Error::usage(format!("`{shown}` is no proof: {why}"));
    let proof = Proof::parse(&read_input(path)?).map_err(unread)?;
    let keys = keys(key, world)?;
    let signer = keys.iter().find(|key| proof.head().signed_by(key) == Signed::Yes);
    let entry = match &proof {
        Proof::Inclusion(proof) => Some(proof.check().map_err(wrong)?.0),
        Proof::Consistency(proof) => {
            let [old] = heads else {
                return Err(Error::usage("this proof leads from an older head").hint("name it: --head FILE"));
            };
            proof.check(&read_head(old)?.1).map_err(wrong)?;
            None
        }
    };
    let signer = signer.ok_or_else(|| wrong("its head is not signed by this key".into()))?;
    let of = Checkpoint::parse(proof.head().text()).map(|head| Checkpoint::origin(head.log));
    if of.as_deref() != Ok(signer.name()) {
        return Err(wrong("its head is of another log than the key".into()));
    }
    show(world, "dsr/audit-proof/v1", &proof, entry, None, Some(signer))
}

/// The key of the command line, itself or in a file; else those beside the store.
fn keys(given: Option<&str>, world: &World<'_, '_>) -> Result<Vec<PublicKey>> {
    let none = || Error::usage("no public key to check the signature with").hint("name it: --key KEY");
    let Some(given) = given else {
        let keys = Signing::beside(&world.store_path().map_err(|_| none())?).keys()?;
        return if keys.is_empty() { Err(none()) } else { Ok(keys) };
    };
    if let Ok(key) = PublicKey::parse(given) {
        return Ok(vec![key]);
    }
    let text = read_input(Path::new(given))?;
    let read: Result<Vec<_>, _> = text.lines().map(PublicKey::parse).collect();
    read.map_err(|why| Error::usage(format!("`{given}` holds no public key: {why}")))
}

fn show(
    world: &mut World<'_, '_>,
    schema: &'static str,
    proof: &Proof,
    entry: Option<Entry>,
    text: Option<&str>,
    signer: Option<&PublicKey>,
) -> Outcome {
    let head = Checkpoint::parse(proof.head().text()).map_err(Error::usage)?;
    let old = if let Proof::Consistency(proof) = proof { Value::from(proof.old) } else { Value::Null };
    let kind = if old.is_null() { "inclusion" } else { "consistency" };
    let mut members = vec![
        ("kind", kind.into()),
        ("old_size", old),
        ("size", head.size.into()),
        ("root", head.root.to_string().into()),
    ];
    members.extend(signer.map(|key| ("key", key.to_string().into())));
    members.extend(text.map(|text| ("proof", text.into())));
    let title = "Proved".into();
    let head = Head { schema, list: "entries", title, columns: list::COLUMNS, members };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    let entry = match (entry, proof) {
        (None, Proof::Inclusion(proof)) => Entry::parse(&proof.entry).ok(),
        (entry, _) => entry,
    };
    entry.map_or(Ok(()), |entry| rows.row(&list::cells(entry.seq, entry)))?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

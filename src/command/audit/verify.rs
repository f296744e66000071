//! `dsr audit verify`: the log, and heads and proofs against it.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    super::{Exit, Outcome, world::World},
    prove, read_head,
};
use crate::{
    audit::{Claim, Kept},
    domain::{Error, Kind, Result},
    execute::verify::{self, Found, HEADLESS},
    render::{Cell, Format, Head, Rows},
    store::{Mode, Standing},
};

const EXAMPLES: &str = "\
Examples:
  dsr audit verify
  dsr audit verify --head head.note --head older.note
  dsr audit verify --proof erasure.proof --key vkey.txt   # without the store
";

/// Check every entry and every head; the first bad entry is named (exit 9)
///
/// An entry that was edited, deleted, added or swapped is found and named. That entries are missing at the
/// end, or that the whole log was rewritten, is found against heads: the last one and every signed one are
/// kept beside the store and always asked; one from outside this machine is asked with --head, and only that
/// one can convict somebody who may write here. Entries lost in a restore are named at each verification.
///
/// With --proof a receipt or a proof between two heads is checked, by itself and without the store.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Verify {
    /// A head kept elsewhere; may be repeated
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// Check a proof instead of the log; one between two heads needs the older with --head
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Public key of the log, or a file with it [default: those beside the store]
    #[arg(long, value_name = "KEY", requires = "proof")]
    key: Option<String>,
}

impl Verify {
    /// Reads only.
    ///
    /// # Errors
    /// Integrity (exit 9); usage (exit 2): a file that is no head or proof.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if let Some(proof) = &self.proof {
            return prove::check(proof, &self.head, self.key.as_deref(), world);
        }
        let claim = |path: &PathBuf| {
            read_head(path).map(|(note, _)| Claim {
                source: path.display().to_string(),
                note,
                kept: Kept::Elsewhere,
            })
        };
        let claims = self.head.iter().map(claim).collect::<Result<Vec<_>>>()?;
        let mut store = world.open_as_it_is(Mode::ReadOnly)?;
        let found = verify::verify(&mut store, claims)?;
        report(world, &found, store.standing())
    }
}

fn report(world: &mut World<'_, '_>, found: &Found, standing: &Standing) -> Outcome {
    let faults = found.faults();
    let intact = faults.is_empty();
    if !(world.global.quiet && intact) {
        show(world, found, &faults)?;
    }
    if intact && !found.known {
        world.note(
            "warning: no known head lies beside the store: only --head can show that entries were cut off",
        )?;
    }
    if intact && found.headless {
        world.note(&format!("warning: {HEADLESS}"))?;
    }
    if matches!(standing, Standing::CutOff { .. }) && found.verdict.first_bad.is_none() {
        standing.check()?;
    }
    if intact_but_subtrees(found) {
        return Err(verify::broken_subtrees());
    }
    let Some((_, fault)) = faults.into_iter().next() else { return Ok(Exit::Done) };
    Err(Error::new(Kind::Integrity, format!("the audit log does not verify: {fault}"))
        .hint("keep the file as it is and compare it with a backup and with heads kept elsewhere"))
}

fn intact_but_subtrees(found: &Found) -> bool {
    found.subtrees && found.but_for_subtrees().is_empty()
}

fn show(world: &mut World<'_, '_>, found: &Found, faults: &[(Option<u64>, String)]) -> Result<()> {
    let verdict = &found.verdict;
    let intact = faults.is_empty();
    let table = world.style().format == Format::Table;
    let gaps: Vec<Value> =
        found.gaps.iter().map(|gap| json!({"entry": gap.entry, "from": gap.from, "to": gap.to})).collect();
    let members = vec![
        ("intact", intact.into()),
        ("entries", verdict.entries.into()),
        ("root", verdict.root.to_string().into()),
        ("first_bad", faults.first().and_then(|fault| fault.0).into()),
        ("heads", found.heads.len().into()),
        // What is lost is said below, gap by gap.
        (
            "gaps",
            match gaps.len() {
                0 if table => Value::Null,
                many if table => many.into(),
                _ => gaps.into(),
            },
        ),
        (
            "without_ledger",
            match found.without_ledger.len() {
                0 if table => Value::Null,
                many if table => many.into(),
                _ => found.without_ledger.clone().into(),
            },
        ),
    ];
    let head = Head {
        schema: "dsr/audit-verify/v1",
        list: "faults",
        title: if intact { "The audit log is intact".into() } else { "The audit log does not verify".into() },
        columns: &["seq", "fault"],
        members,
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    for (seq, fault) in faults {
        rows.row(&[seq.map_or(Cell::Nothing, Cell::count), Cell::text(fault)])?;
    }
    rows.finish(Vec::new())?;
    found.without_ledger.iter().try_for_each(|entry| {
        world.note(&format!(
            "entry {entry} says: a backup was brought back without the ledger; whoever was destroyed before may be back"
        ))
    })?;
    found.gaps.iter().try_for_each(|gap| {
        let (entry, span) = (gap.entry, gap.span());
        world.note(&format!(
            "entry {entry} says: entries {span} were lost when a backup was brought back, and what they had entered"
        ))
    })
}

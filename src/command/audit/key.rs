//! `dsr audit key`: the key that signs heads.

use clap::Subcommand;

use super::super::{Exit, Outcome, world::World};
use crate::{
    audit::PublicKey,
    execute::{heads, verify::HEADLESS},
    render::{Cell, Format, Head, Rows},
    store::Mode,
};

/// Make, replace and show the key that signs heads
///
/// The private key lies in its own file beside the store, `….signing`. Best it belongs to another account than
/// the one that works with `dsr`: whoever can write the store and read the key could forge both. The log speaks
/// of every key, so a key that was slipped in is found out.
#[derive(Subcommand)]
#[command(before_help = "Examples:\n  dsr audit key show\n  dsr audit key rotate\n")]
pub enum Key {
    /// Make.
    New(New),
    /// Replace.
    Rotate(Rotate),
    /// Show.
    Show(Show),
}

/// Make a first key
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr audit key new\n")]
pub struct New {}

/// Replace the key; the head of the change is signed by both
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr audit key rotate\n  dsr audit key rotate --lost\n")]
pub struct Rotate {
    /// The old key is lost and cannot sign the change; the log says so
    #[arg(long)]
    lost: bool,
}

/// Show the public keys, oldest first
///
/// Give them to whoever is to check heads and receipts, by another way than the receipts themselves.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr audit key show --format json\n")]
pub struct Show {}

impl Key {
    /// Whether it only shows.
    pub fn is_show(&self) -> bool {
        matches!(self, Self::Show(_))
    }

    /// Runs one of them.
    ///
    /// # Errors
    /// Usage (exit 2): there is a key; configuration (exit 6): there is none; failed (exit 1): the disk.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::New(_) => {
                let mut store = world.open(Mode::ReadWrite)?;
                let (context, seed) = (world.plain_context(None)?, seed(world));
                let key = heads::new_key(&mut store, &context, &seed)?;
                show(world, &[key])
            }
            Self::Rotate(Rotate { lost }) => {
                let mut store = world.open(Mode::ReadWrite)?;
                let (context, seed) = (world.plain_context(None)?, seed(world));
                let (_, fits) = heads::rotate_key(&mut store, &context, &seed, *lost)?;
                world.note(
                    "the head of the change is kept beside the store; give the new key to whoever checks",
                )?;
                if !fits {
                    world.note(&format!("warning: {HEADLESS}"))?;
                }
                let keys = store.signing().keys()?;
                show(world, &keys)
            }
            Self::Show(_) => {
                let store = world.open(Mode::ReadOnly)?;
                let keys = store.signing().keys()?;
                show(world, &keys)
            }
        }
    }
}

/// 32 random bytes.
pub fn seed(world: &mut World<'_, '_>) -> zeroize::Zeroizing<[u8; 32]> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    for half in seed.chunks_exact_mut(16) {
        half.copy_from_slice(&(world.env.random)());
    }
    seed
}

/// At a terminal and in a pipe the keys alone, one a line, as `--key` reads them.
fn show(world: &mut World<'_, '_>, keys: &[PublicKey]) -> Outcome {
    if world.style().format == Format::Table {
        let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
        return world.deliver(lines.as_bytes()).map(|()| Exit::Done);
    }
    let head = Head {
        schema: "dsr/audit-keys/v1",
        list: "keys",
        title: "Public keys of the audit log".into(),
        columns: &["key", "sha256", "current"],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    let last = keys.len();
    for (nth, key) in (1..).zip(keys) {
        rows.row(&[Cell::text(key), Cell::text(key.digest()), Cell::Flag(nth == last)])?;
    }
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

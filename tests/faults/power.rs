//! Power cuts: the log of calls played up to any point, and then only what was synchronised is sure.
//!
//! A file is durable up to its last `fsync`. Of what was written to it since, any part may have reached the disk,
//! in units of a sector. A name that was made, changed or taken away is durable once its directory was
//! synchronised; of those since, any number of the first may be lost from the end on.

use std::collections::BTreeMap;

use crate::{shim::Op, state::Tree};

const SECTOR: usize = 512;

/// A small generator, so that a failure can be run again.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// How much of what was not synchronised survives.
#[derive(Clone, Copy, Debug)]
pub enum Survives {
    Nothing,
    All,
    /// Whatever the dice say.
    Some(u64),
}

/// What a file holds surely, and what was done to it since.
#[derive(Clone, Default)]
struct Inode {
    sure: Vec<u8>,
    since: Vec<Op>,
}

/// A disk that a power cut can hit.
#[derive(Clone)]
pub struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    /// Names that are sure, and what happened to names since.
    sure: BTreeMap<String, usize>,
    since: Vec<Op>,
}

impl Disk {
    pub fn new(base: &Tree) -> Self {
        let inodes = base.values().map(|bytes| Inode { sure: bytes.clone(), since: Vec::new() }).collect();
        let names: BTreeMap<String, usize> = base.keys().cloned().zip(0..).collect();
        Self { inodes, sure: names.clone(), names, since: Vec::new() }
    }

    /// One call. Files that have no name yet are nobody's: their name comes by a call that is not logged.
    pub fn write(&mut self, op: &Op) {
        match op.kind {
            'c' => {
                self.inodes.push(Inode::default());
                self.names.insert(op.path.clone(), self.inodes.len() - 1);
                self.since.push(Op { number: self.inodes.len() as u64 - 1, ..op.clone() });
            }
            'r' | 'l' | 'u' => {
                rename(&mut self.names, op);
                self.since.push(op.clone());
            }
            'w' | 't' => {
                if let Some(inode) = self.names.get(&op.path) {
                    self.inodes[*inode].since.push(op.clone());
                }
            }
            's' => self.sync(&op.path),
            _ => {}
        }
    }

    fn sync(&mut self, path: &str) {
        match self.names.get(path) {
            Some(inode) => {
                let inode = &mut self.inodes[*inode];
                let since = std::mem::take(&mut inode.since);
                since.iter().for_each(|op| apply(&mut inode.sure, op, None));
            }
            // A directory.
            None if !path.contains('#') => {
                self.sure = self.names.clone();
                self.since.clear();
            }
            None => {}
        }
    }

    /// Nothing is cut: what a kill would leave.
    pub fn now(&self) -> Tree {
        self.cut(Survives::All)
    }

    /// The power goes here.
    pub fn cut(&self, survives: Survives) -> Tree {
        let mut dice = match survives {
            Survives::Some(seed) => Some(Dice(seed)),
            _ => None,
        };
        let all = matches!(survives, Survives::All);
        let kept = match &mut dice {
            Some(dice) => usize::try_from(dice.roll(self.since.len() as u64 + 1)).unwrap(),
            None if all => self.since.len(),
            None => 0,
        };
        let mut names = self.sure.clone();
        self.since[..kept].iter().for_each(|op| rename(&mut names, op));
        let any = !matches!(survives, Survives::Nothing);
        let content = |dice: &mut Option<Dice>, inode: usize| {
            let inode = &self.inodes[inode];
            let mut bytes = inode.sure.clone();
            for op in inode.since.iter().filter(|_| any) {
                apply(&mut bytes, op, dice.as_mut());
            }
            bytes
        };
        names.into_iter().map(|(name, inode)| (name, content(&mut dice, inode))).collect()
    }
}

fn rename(names: &mut BTreeMap<String, usize>, op: &Op) {
    let other = String::from_utf8_lossy(&op.data).into_owned();
    let inode = if op.kind == 'l' { names.get(&op.path).copied() } else { names.remove(&op.path) };
    match op.kind {
        'c' => drop(names.insert(op.path.clone(), usize::try_from(op.number).unwrap())),
        'r' | 'l' => drop(inode.map(|inode| names.insert(other, inode))),
        _ => {}
    }
}

/// A write or a cut; with dice perhaps not, or of a write some sectors only.
fn apply(bytes: &mut Vec<u8>, op: &Op, dice: Option<&mut Dice>) {
    let at = usize::try_from(op.number).unwrap();
    let torn = match dice {
        None => None,
        Some(dice) => match dice.roll(4) {
            0 => return,
            1 if op.kind == 'w' => Some(dice),
            _ => None,
        },
    };
    if op.kind == 't' {
        return bytes.resize(at, 0);
    }
    let end = at + op.data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    let Some(dice) = torn else { return bytes[at..end].copy_from_slice(&op.data) };
    let mut from = at;
    while from < end {
        let to = ((from / SECTOR + 1) * SECTOR).min(end);
        if dice.roll(2) == 0 {
            bytes[from..to].copy_from_slice(&op.data[from - at..to - at]);
        }
        from = to;
    }
}

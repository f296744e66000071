//! The structural proof: no byte of the file that no living row uses is anything but zero.
//!
//! It needs to know nothing of what was destroyed, so it holds after a kill too, when nobody remembers the
//! values. Every page is accounted for exactly once: b-tree pages from the roots down, overflow chains to
//! their last byte, the freelist, pointer maps, the lock page. What is left over is unallocated.
//!
//! Deliberately absent: what living rows say. A value that a living row still holds is not unallocated.

use std::fs::File;

use super::{
    super::fault::damaged,
    cells::{Cell, Leaf, layout},
    pages::{Pages, part, u32_at},
};
use crate::domain::Result;

/// What the proof saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Pages, every one accounted for.
    pub pages: u64,
    /// Bytes that no row uses: gaps, freed cells, fragments, tails, free pages.
    pub unallocated: u64,
    /// Of those, bytes that are not zero. Proof means none.
    pub nonzero: u64,
}

/// Unallocated bytes of one place that are not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Stain {
    /// Offset in the file.
    pub from: u64,
    /// Bytes.
    pub length: usize,
}

/// Byte 2³⁰ of a file is where locks are taken: its page is never used.
const LOCK_BYTE: u64 = 0x4000_0000;

/// Walks the whole file. `roots` are the root pages of the schema; page 1 is always one.
///
/// # Errors
/// Exit 9 where the file does not hold together; exit 1 if it cannot be read.
pub(in crate::store) fn prove(file: &File, roots: &[u32]) -> Result<(Structure, Vec<Stain>)> {
    let mut walk = Walk::new(file)?;
    walk.specials()?;
    walk.tree(1)?;
    roots.iter().filter(|root| **root != 1).try_for_each(|root| walk.tree(*root))?;
    walk.freelist()?;
    walk.rest()?;
    Ok((walk.found, walk.stains))
}

/// Shows `look` every page that does not belong to the trees of these roots, whole: the rest of the file.
///
/// # Errors
/// As [`prove`].
pub(super) fn outside(file: &File, roots: &[u32], look: &mut dyn FnMut(&[u8])) -> Result<()> {
    let mut walk = Walk::new(file)?;
    walk.tree(1)?;
    roots.iter().filter(|root| **root != 1).try_for_each(|root| walk.tree(*root))?;
    let mut page = Vec::new();
    for number in walk.unseen() {
        walk.pages.read(number, &mut page)?;
        look(&page);
    }
    Ok(())
}

struct Walk<'f> {
    pages: Pages<'f>,
    /// One bit a page.
    seen: Vec<u64>,
    found: Structure,
    stains: Vec<Stain>,
}

impl<'f> Walk<'f> {
    fn new(file: &'f File) -> Result<Self> {
        let pages = Pages::open(file)?;
        let seen = vec![0; pages.count as usize / 64 + 1];
        Ok(Self { seen, pages, found: Structure::default(), stains: Vec::new() })
    }

    /// Pages that nothing pointed at so far.
    fn unseen(&self) -> Vec<u32> {
        let bits = |number: u32| self.seen.get((number / 64) as usize).copied().unwrap_or_default();
        (1..=self.pages.count).filter(|number| bits(*number) & (1 << (number % 64)) == 0).collect()
    }

    /// Marks a page; one page has one use.
    fn mark(&mut self, number: u32) -> Result<()> {
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        match self.seen.get_mut(word) {
            Some(bits) if *bits & bit == 0 && number <= self.pages.count => {
                *bits |= bit;
                self.found.pages += 1;
                Ok(())
            }
            _ => Err(damaged("a page of the store is used twice")),
        }
    }

    /// The bytes of page `number` from `from` to before `to` belong to nobody.
    fn nobody(&mut self, number: u32, page: &[u8], from: usize, to: usize) -> Result<()> {
        let bytes = part(page, from, to)?;
        self.found.unallocated += bytes.len() as u64;
        let Some(first) = bytes.iter().position(|byte| *byte != 0) else { return Ok(()) };
        let last = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(first);
        self.found.nonzero += bytes.iter().filter(|byte| **byte != 0).count() as u64;
        let start = u64::from(number - 1) * self.pages.size as u64 + (from + first) as u64;
        self.stains.push(Stain { from: start, length: last - first + 1 });
        Ok(())
    }

    /// The same of a whole page.
    fn whole(&mut self, number: u32, page: &mut Vec<u8>) -> Result<()> {
        self.pages.read(number, page)?;
        self.nobody(number, page, 0, page.len())
    }

    /// A b-tree from its root down, without recursion: depth × fan-out page numbers at most.
    fn tree(&mut self, root: u32) -> Result<()> {
        let mut todo = vec![root];
        let mut page = Vec::new();
        let mut chain = Vec::new();
        while let Some(number) = todo.pop() {
            self.mark(number)?;
            self.pages.read(number, &mut page)?;
            let leaf = layout(&page, self.pages.usable, number == 1)?;
            self.unused(number, &page, &leaf)?;
            for cell in &leaf.cells {
                self.overflow(cell, &mut chain)?;
            }
            todo.extend(leaf.children().rev());
        }
        Ok(())
    }

    /// The gap, the insides of free blocks, the fragments, and what the format reserves.
    fn unused(&mut self, number: u32, page: &[u8], leaf: &Leaf) -> Result<()> {
        let mut at = leaf.pointers_end;
        for (from, to) in &leaf.used {
            if *from < at {
                return Err(damaged("two cells of the store overlap"));
            }
            self.nobody(number, page, at, *from)?;
            at = *to;
        }
        self.nobody(number, page, at, page.len())
    }

    fn overflow(&mut self, cell: &Cell, page: &mut Vec<u8>) -> Result<()> {
        let (mut next, mut left) = (cell.overflow, cell.spilled);
        while left > 0 {
            self.mark(next)?;
            self.pages.read(next, page)?;
            let number = next;
            let room = self.pages.usable - 4;
            let here = usize::try_from(left).unwrap_or(room).min(room);
            self.nobody(number, page, 4 + here, page.len())?;
            (next, left) = (u32_at(page, 0)?, left - here as u64);
        }
        if next == 0 { Ok(()) } else { Err(damaged("an overflow chain of the store does not end")) }
    }

    fn freelist(&mut self) -> Result<()> {
        let (mut trunk, total) = self.pages.freelist;
        let (mut page, mut free) = (Vec::new(), 0_u32);
        while trunk != 0 {
            self.mark(trunk)?;
            self.pages.read(trunk, &mut page)?;
            let (next, leaves) = (u32_at(&page, 0)?, u32_at(&page, 4)?);
            let end = 8 + 4 * leaves as usize;
            self.nobody(trunk, &page, end, page.len())?;
            let numbers: Vec<u32> = (8..end).step_by(4).map(|at| u32_at(&page, at)).collect::<Result<_>>()?;
            for number in numbers {
                self.mark(number)?;
                self.whole(number, &mut page)?;
            }
            (trunk, free) = (next, free + 1 + leaves);
        }
        if free == total { Ok(()) } else { Err(damaged("the free pages of the store are miscounted")) }
    }

    /// The lock page and the pointer maps: bookkeeping of the format.
    fn specials(&mut self) -> Result<()> {
        let mut page = Vec::new();
        let lock = u32::try_from(LOCK_BYTE / self.pages.size as u64 + 1).unwrap_or(u32::MAX);
        if lock <= self.pages.count {
            self.mark(lock)?;
            self.whole(lock, &mut page)?;
        }
        let entries = u32::try_from(self.pages.usable / 5).unwrap_or(u32::MAX);
        let mut map = if self.pages.has_map { 2 } else { u32::MAX };
        while map <= self.pages.count {
            let place = if map == lock { map + 1 } else { map };
            self.mark(place)?;
            self.pages.read(place, &mut page)?;
            let used = entries.min(self.pages.count - place) as usize * 5;
            self.nobody(place, &page, used, page.len())?;
            map = map.saturating_add(entries + 1);
        }
        Ok(())
    }

    /// Pages that nothing points at, and bytes behind the last page.
    fn rest(&mut self) -> Result<()> {
        let mut page = Vec::new();
        for number in self.unseen() {
            self.whole(number, &mut page)?;
            self.found.pages += 1;
        }
        let beyond = self.pages.beyond()?;
        self.found.unallocated += beyond;
        self.found.nonzero += beyond;
        Ok(())
    }
}

//! Where the cells of a b-tree page lie, and which bytes they use.
//!
//! Names and formulas are those of section 1.6 of the SQLite file format document: `X` is the most that one
//! cell keeps on its page, `M` the least when it spills to overflow pages.

use super::{
    super::fault::damaged,
    pages::{part, u16_at, u32_at, varint_at},
};
use crate::domain::Result;

/// One cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// First page of its overflow chain; 0: none.
    pub overflow: u32,
    /// Bytes of payload in that chain.
    pub spilled: u64,
    child: u32,
}

/// A page taken apart.
pub(super) struct Leaf {
    /// Where the array of cell pointers ends.
    pub pointers_end: usize,
    /// What is in use behind it: cells, and the four bytes that head a free block. In order.
    pub used: Vec<(usize, usize)>,
    /// The cells.
    pub cells: Vec<Cell>,
    right: u32,
}

impl Leaf {
    /// Pages below this one, in the order of their keys.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.cells.iter().map(|cell| cell.child).chain([self.right]).filter(|child| *child != 0)
    }
}

/// Whether cells hold a child, a row id, a payload.
struct Kind {
    child: bool,
    rowid: bool,
    payload: bool,
}

fn kind(flag: u8) -> Result<Kind> {
    Ok(match flag {
        2 => Kind { child: true, rowid: false, payload: true },
        5 => Kind { child: true, rowid: true, payload: false },
        10 => Kind { child: false, rowid: false, payload: true },
        13 => Kind { child: false, rowid: true, payload: true },
        _ => return Err(damaged("a page of the store is of no known kind")),
    })
}

/// Takes a page apart. Page 1 begins with the header of the file.
pub(super) fn layout(page: &[u8], usable: usize, first: bool) -> Result<Leaf> {
    let start = if first { 100 } else { 0 };
    let kind = kind(part(page, start, start + 1)?.first().copied().unwrap_or_default())?;
    let count = usize::from(u16_at(page, start + 3)?);
    let pointers = start + if kind.child { 12 } else { 8 };
    let pointers_end = pointers + 2 * count;
    let right = if kind.child { u32_at(page, start + 8)? } else { 0 };
    let mut leaf = Leaf { pointers_end, used: Vec::with_capacity(count), cells: Vec::new(), right };
    for nth in 0..count {
        let at = usize::from(u16_at(page, pointers + 2 * nth)?);
        let (cell, end) = cell(page, at, usable, &kind)?;
        leaf.used.push((at, end));
        leaf.cells.push(cell);
    }
    free_blocks(page, usize::from(u16_at(page, start + 1)?), &mut leaf.used)?;
    leaf.used.sort_unstable();
    Ok(leaf)
}

/// The chain of freed cells: the first four bytes of each are structure, the rest should be zero.
fn free_blocks(page: &[u8], first: usize, used: &mut Vec<(usize, usize)>) -> Result<()> {
    let mut at = first;
    while at != 0 {
        used.push((at, at + 4));
        let next = usize::from(u16_at(page, at)?);
        if next != 0 && next < at + 4 {
            return Err(damaged("the free blocks of a page of the store are out of order"));
        }
        at = next;
    }
    Ok(())
}

fn cell(page: &[u8], at: usize, usable: usize, kind: &Kind) -> Result<(Cell, usize)> {
    let mut cell = Cell::default();
    let mut end = at;
    if kind.child {
        cell.child = u32_at(page, end)?;
        end += 4;
    }
    let mut payload = 0;
    if kind.payload {
        (payload, end) = varint_at(page, end)?;
    }
    if kind.rowid {
        end = varint_at(page, end)?.1;
    }
    let local = local(payload, usable, kind.rowid);
    end += usize::try_from(local).unwrap_or(usize::MAX / 2);
    if local < payload {
        (cell.overflow, cell.spilled) = (u32_at(page, end)?, payload - local);
        end += 4;
    }
    part(page, at, end)?;
    // No cell takes less than four bytes.
    Ok((cell, end.max(at + 4)))
}

/// How much of a payload lies on the page itself.
fn local(payload: u64, usable: usize, table: bool) -> u64 {
    let usable = usable as u64;
    let most = if table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if payload <= most {
        return payload;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitting = least + (payload - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

#[test]
fn how_much_stays_on_the_page() {
    for (payload, usable, table, expected) in [
        (4061, 4096, true, 4061),
        (4062, 4096, true, 489),
        (1002, 4096, false, 1002),
        (1003, 4096, false, 489),
        (9000, 4096, true, 816),
    ] {
        assert_eq!(local(payload, usable, table), expected, "{payload}");
    }
}

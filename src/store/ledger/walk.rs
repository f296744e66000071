//! Reading a ledger part by part.

use std::path::Path;

use super::{
    Gone, Group,
    header::{First, read_first},
    is_none, path_of,
};
use crate::{
    audit::Hash,
    domain::{Error, Kind, LogId, Result},
    store::{beside, log::AuditHead},
};

/// What the reading of a ledger told besides its parts.
pub(super) struct Read {
    /// It is complete from this size of the log on.
    pub from: u64,
    /// Of which log it is.
    pub log: Option<LogId>,
    /// So many bytes could be read: all, or up to what a power cut left.
    pub end: u64,
    /// The whole groups behind the bytes that the store vouches for, where it does. Before them a group may have a
    /// number that the log has not: of a store that was lost.
    pub behind: Vec<Link>,
}

/// A group without what went in it.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub head: AuditHead,
    pub prior: Option<Hash>,
    pub before: Option<u64>,
}

impl Group {
    pub(super) fn link(&self) -> Link {
        Link { head: self.head, prior: self.prior, before: self.before }
    }
}

/// Reads a ledger part by part, so that memory holds one at a time; `None` where there is none.
///
/// `solid`: so many bytes are what the store last committed with. A power cut may have left anything behind them, and
/// nobody was ever told of it: what cannot be read there ends the reading and is no damage.
pub(super) fn walk(
    store: &Path,
    solid: Option<u64>,
    mut each: impl FnMut(Found) -> Result<()>,
) -> Result<Option<Read>> {
    let path = path_of(store);
    let Some(mut file) = beside::reader(&path)?.filter(|_| !is_none(&path)) else { return Ok(None) };
    let mut line = String::new();
    let mut at = beside::line(&path, &mut file, &mut line)? as u64;
    let First { from, log, .. } = read_first(&line).ok_or_else(|| damaged(&path))?;
    let told = |end, behind| Ok(Some(Read { from, log, end, behind }));
    let (mut part, mut end, mut is_solid, mut behind) = (Part::default(), at, true, Vec::new());
    loop {
        if is_solid && solid == Some(at) {
            part.read(false).ok_or_else(|| damaged(&path))?.map_or(Ok(()), &mut each)?;
            (part, end, is_solid) = (Part::default(), at, false);
        }
        let length = match beside::line(&path, &mut file, &mut line) {
            Err(_) if !is_solid => return told(end, behind),
            length => length? as u64,
        };
        let head = line.strip_prefix("@ ");
        if length > 0 && head.is_none() {
            part.text.push_str(&line);
            at += length;
            continue;
        }
        match part.read(length > 0) {
            None if is_solid => return Err(damaged(&path)),
            None => return told(end, behind),
            Some(found) => {
                if let Some(Found::Whole(group)) = found.as_ref().filter(|_| !is_solid) {
                    behind.push(group.link());
                }
                found.map_or(Ok(()), &mut each)?;
            }
        }
        end = at;
        at += length;
        if length == 0 {
            return told(end, behind);
        }
        part = Part { text: head.unwrap_or_default().to_owned(), has_head: true };
    }
}

/// The lines from one head to the next; before the first there are none that say anything.
#[derive(Default)]
struct Part {
    text: String,
    has_head: bool,
}

impl Part {
    /// What it says, if anything; `None`: it is damaged. The end of the line before a head that follows belongs to that.
    fn read(mut self, is_followed: bool) -> Option<Option<Found>> {
        let ended = !is_followed || self.text.pop() == Some('\n');
        if self.has_head {
            return read_group(&self.text).map(Some);
        }
        (ended && self.text.lines().all(is_rest)).then_some(None)
    }
}
pub(super) fn damaged(path: &Path) -> Error {
    Error::new(
        Kind::Integrity,
        format!("`{}` is no ledger of what was destroyed, or was damaged", path.display()),
    )
    .hint(
        "nothing was done; bring the file back from where its copies are kept; if it is lost for good, move it away: \
         dsr backup begins a new one",
    )
}

/// A group as it lies in the file; of one that was cut off the head, if so much of it was written.
pub(super) enum Found {
    Whole(Group),
    Cut(Option<AuditHead>),
}

/// What may lie between groups: the beginning of one that was cut off before its head.
fn is_rest(line: &str) -> bool {
    line.is_empty() || line == "@"
}

/// `None` for one that no crash can leave: a crash cuts off the end and changes nothing before it.
fn read_group(text: &str) -> Option<Found> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let Some(Link { head, prior, before }) = read_head(first) else {
        return rest.is_empty().then_some(Found::Cut(None));
    };
    let mut gone = Vec::new();
    let mut lines = rest.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let (line, whole) = line.strip_suffix('\n').map_or((line, false), |line| (line, true));
        if line.strip_prefix(". ").is_some_and(|count| count.parse() == Ok(gone.len())) {
            let group = Group { head, prior, before, lines: gone };
            return lines.all(|line| is_rest(line.trim_end_matches('\n'))).then_some(Found::Whole(group));
        }
        match read_line(line) {
            Some(one) => gone.push(one),
            None if whole => return None,
            None => {}
        }
    }
    Some(Found::Cut(Some(head)))
}

/// An earlier version told no root before.
fn read_head(line: &str) -> Option<Link> {
    let mut parts = line.split(' ').peekable();
    let (size, root) = (parts.next()?.parse().ok()?, parts.next()?.parse::<Hash>().ok()?);
    let prior = parts.peek().and_then(|part| part.parse().ok());
    let mut rest = parts.skip(usize::from(prior.is_some()));
    let before = rest.next().map(str::parse).transpose().ok()?;
    rest.next().is_none().then_some(Link { head: AuditHead { size, root }, prior, before })
}

fn read_line(line: &str) -> Option<Gone> {
    let parts: Vec<&str> = line.split(' ').collect();
    let number = |text: &str| text.parse::<i64>().ok();
    Some(match parts.as_slice() {
        ["r", record, subject] => Gone::Record(number(record)?, number(subject)?),
        ["i", subject, code] => Gone::Stated(number(subject)?, number(code)?),
        ["p", id] => Gone::Person(id.parse().ok()?),
        ["w", id, at] => Gone::Consent(number(id)?, number(at)?),
        ["t", controller, code, mac, at] => {
            let mac = *mac.parse::<Hash>().ok()?.as_bytes();
            Gone::Mark((*controller).to_owned(), number(code)?, mac, number(at)?)
        }
        _ => return None,
    })
}

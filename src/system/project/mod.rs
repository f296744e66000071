//! Rows made facts: what a decision may know of another system.
//!
//! A record is what one row holds in one category. Its key is a negative number that means something only
//! within one reading: [`Rows`] leads back from it to system, collection and exact key, and stays in memory.

mod cell;
mod content;
mod deal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

pub use cell::value;
pub use content::columns_of;

use super::{
    engine::{Cell, Row, folded, instant},
    map::{ColumnOrWord, DataType, Ownership},
    traverse::{Connected, Found, LeftOut, Reached, graph::Graph},
};
use crate::domain::{Category, Consent, Identifier, Moment, Obligation, Record, RecordKey, facts::Caveats};

/// A row that facts were made of. Personal data.
#[derive(Clone)]
pub struct RowOf {
    /// As it was found.
    pub found: Found,
    /// Digest of what was read: another one at execution makes the plan stale.
    pub version: i64,
}

/// The way back from the numbers of facts to rows.
#[derive(Clone, Default)]
pub struct Rows {
    /// All rows, in order.
    pub rows: Vec<RowOf>,
    /// Row and category of each record; the last is −1, so that rising keys keep the order.
    records: Vec<(usize, Category)>,
    consents: Vec<usize>,
    /// Rows that are deals of the person which are open, with what the deal is called.
    pub open_deals: BTreeMap<usize, String>,
}

impl Rows {
    /// The row and category behind the key of a record; `None`: it is no key of another system.
    pub fn of_record(&self, key: RecordKey) -> Option<(usize, &Category)> {
        let back = usize::try_from(key.id.checked_neg()?).ok().filter(|back| *back > 0)?;
        let (row, category) = self.records.get(self.records.len().checked_sub(back)?)?;
        Some((*row, category))
    }

    /// The row behind a consent.
    pub fn of_consent(&self, id: i64) -> Option<usize> {
        self.consents.get(nth(id)?).copied()
    }
}

fn nth(id: i64) -> Option<usize> {
    usize::try_from(id.checked_neg()?.checked_sub(1)?).ok()
}

/// −1 for the first.
fn id(nth: usize) -> i64 {
    i64::try_from(nth).map_or(i64::MIN, |nth| -nth - 1)
}

/// What the other systems know of one person.
#[derive(Clone, Default)]
pub struct Facts {
    /// Records, by collection and key.
    pub records: Vec<Record>,
    /// Deals.
    pub obligations: Vec<Obligation>,
    /// Consents.
    pub consents: Vec<Consent>,
    /// The way back.
    pub rows: Rows,
    /// Rows that were left out.
    pub left_out: Vec<LeftOut>,
    /// The names the person goes by there.
    pub names: Vec<Identifier>,
}

/// Makes facts of what was reached.
pub fn project(systems: &[Connected], graph: &Graph, reached: Reached, now: Moment) -> Facts {
    made(systems, graph, reached, (now, true))
}

/// The same for verdicts alone, which never look at what a record holds: that is left empty.
pub fn project_bare(systems: &[Connected], graph: &Graph, reached: Reached, now: Moment) -> Facts {
    made(systems, graph, reached, (now, false))
}

fn made(systems: &[Connected], graph: &Graph, reached: Reached, (now, told): (Moment, bool)) -> Facts {
    let mut facts = Facts { left_out: reached.left_out, names: reached.names, ..Facts::default() };
    let rows = reached.rows.into_iter().map(|found| RowOf { version: version(&found.cells), found });
    facts.rows.rows = rows.collect();
    let seen = Seen { systems, graph, now };
    let owned = |row: &RowOf| row.found.ownership == Ownership::Owner;
    let (mut deals, mut proofs) = (Vec::new(), Vec::new());
    for (at, row) in facts.rows.rows.iter().enumerate().filter(|(_, row)| owned(row)) {
        if let Some(deal) = seen.obligation(row, id(facts.obligations.len())) {
            deals.push((at, deal.closed_at.is_some()));
            if deal.closed_at.is_none() {
                facts.rows.open_deals.insert(at, deal.reference.clone());
            }
            facts.obligations.push(deal);
        }
        if let Some(consent) = seen.consent(row, id(facts.rows.consents.len())) {
            proofs.push((at, consent.withdrawn_at.is_some()));
            facts.consents.push(consent);
            facts.rows.consents.push(at);
        }
    }
    // Where a key fits several, what is still in force protects.
    deals.sort_by_key(|(_, ended)| *ended);
    proofs.sort_by_key(|(_, ended)| *ended);
    for (at, row) in facts.rows.rows.iter().enumerate() {
        let meaning = &graph.nodes[row.found.node].collection.meaning;
        let deal = seen.linked(&facts.rows.rows, at, meaning.belongs_to_obligation.as_deref(), &deals);
        let proof = seen.linked(&facts.rows.rows, at, meaning.belongs_to_consent.as_deref(), &proofs);
        for (category, content) in content::contents(graph, &row.found, told) {
            let key = RecordKey { id: 0, version: row.version };
            facts.rows.records.push((at, category.clone()));
            let is_deal = facts.rows.open_deals.contains_key(&at) && deal::needs(graph, row, &category);
            let mut record = seen.record(row, key, category, content, (deal.clone(), proof.clone()));
            record.caveats.deal = is_deal;
            facts.records.push(record);
        }
    }
    let last = facts.records.len();
    (0..last).zip(&mut facts.records).for_each(|(nth, one)| one.key.id = id(last - nth - 1));
    facts
}

/// 63 bits over every cell with its length, so that no two rows run into one text.
pub fn version(cells: &Row) -> i64 {
    let mut digest = Sha256::new();
    for Cell(text) in cells {
        digest.update([u8::from(text.is_some())]);
        let text = text.as_deref().unwrap_or_default();
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    let first = bytes.first_chunk::<8>().copied().unwrap_or_default();
    i64::from_be_bytes(first) & i64::MAX
}

struct Seen<'a> {
    systems: &'a [Connected],
    graph: &'a Graph,
    now: Moment,
}

impl Seen<'_> {
    fn text<'r>(&self, row: &'r RowOf, column: &str) -> Option<&'r str> {
        let place = self.graph.nodes[row.found.node].place(column)?;
        row.found.cells[place].0.as_deref().filter(|text| !text.trim().is_empty())
    }

    fn at(&self, row: &RowOf, column: Option<&String>) -> Option<Moment> {
        instant(self.text(row, column?)?)
    }

    fn word(&self, row: &RowOf, of: &ColumnOrWord) -> String {
        match of {
            ColumnOrWord::Word(word) => word.clone(),
            ColumnOrWord::Column(column) => self.text(row, column).unwrap_or_default().trim().to_lowercase(),
        }
    }

    /// Whether the column that the map names for it says that the row is out of use.
    fn is_marked(&self, row: &RowOf) -> bool {
        let flag = self.graph.nodes[row.found.node].collection.meaning.restriction.as_ref();
        let truth = |text: &str| value(text, Some(DataType::Boolean)).as_bool();
        flag.and_then(|flag| Some((flag, self.text(row, &flag.column)?))).is_some_and(|(flag, held)| {
            held == flag.blocked || truth(held).is_some_and(|held| truth(&flag.blocked) == Some(held))
        })
    }

    fn system(&self, row: &RowOf) -> &str {
        let node = &self.graph.nodes[row.found.node];
        self.systems.get(node.system).map_or("", |system| system.name.as_str())
    }

    /// How a row is called before the person: system, collection, key. No two rows are called the same.
    fn name(&self, row: &RowOf) -> String {
        let collection = &self.graph.nodes[row.found.node].collection.name;
        format!("{} {collection} {}", self.system(row), key_text(&row.found.key))
    }

    fn obligation(&self, row: &RowOf, id: i64) -> Option<Obligation> {
        let source = self.graph.nodes[row.found.node].collection.meaning.obligation.as_ref()?;
        Some(Obligation {
            id,
            reference: self.name(row),
            kind: self.word(row, &source.kind),
            opened_at: self.at(row, Some(&source.opened_at)).unwrap_or(self.now),
            // A date that cannot be read leaves it open: nothing is destroyed for want of it.
            closed_at: self.at(row, source.closed_at.as_ref()),
        })
    }

    fn consent(&self, row: &RowOf, id: i64) -> Option<Consent> {
        let meaning = &self.graph.nodes[row.found.node].collection.meaning;
        let source = meaning.consent.as_ref()?;
        Some(Consent {
            id,
            reference: self.name(row),
            scope: self.word(row, &source.scope).parse().ok()?,
            purposes: meaning.purposes.iter().map(|word| word.as_str().into()).collect(),
            given_at: self.at(row, Some(&source.given_at))?,
            given_by: meaning.given_by.as_ref().and_then(|c| self.text(row, c)).unwrap_or("self").to_owned(),
            expires_at: self.at(row, source.expires_at.as_ref()),
            withdrawn_at: self.at(row, source.withdrawn_at.as_ref()),
            method: self.system(row).to_owned(),
            evidence: self.name(row),
            policy_version: String::new(),
            third_party: false,
            cross_border: false,
            publication: false,
        })
    }

    fn record(
        &self,
        row: &RowOf,
        key: RecordKey,
        category: Category,
        content: content::Content,
        (obligation, consent): (Option<String>, Option<String>),
    ) -> Record {
        let node = &self.graph.nodes[row.found.node];
        let meaning = &node.collection.meaning;
        let collected = self.at(row, meaning.collected_at.as_ref());
        // What hangs on what several have, or had, may tell of any of them.
        let told = |column: Option<&String>| self.at(row, column.filter(|_| !row.found.of_several));
        let given_by = meaning.given_by.as_ref().and_then(|column| self.text(row, column));
        Record {
            key,
            reference: self.name(row),
            category,
            system: self.system(row).to_owned(),
            source: self.system(row).to_owned(),
            given_by: given_by.unwrap_or_default().to_owned(),
            purposes: meaning.purposes.iter().map(|word| word.as_str().into()).collect(),
            collected_at: collected.unwrap_or(self.now),
            last_contact_at: told(meaning.last_contact_at.as_ref()),
            document_at: self.at(row, meaning.document_at.as_ref()),
            purpose_reached_at: self.at(row, meaning.purpose_reached_at.as_ref()),
            obligation,
            consent,
            archived_until: None,
            activity_at: told(meaning.activity_at.as_ref()),
            contact_since: None,
            data: content.data,
            annotations: Vec::new(),
            caveats: Caveats {
                masked: content.masked,
                free_text: content.free_text,
                undated: collected.is_none(),
                restricted: self.is_marked(row),
                shared: row.found.shared || row.found.ownership == Ownership::Accessor,
                deal: false,
            },
        }
    }

    /// The deal or consent a row belongs to: itself if it is one, else the one that its column refers to, else,
    /// where the map draws no reference, the one of that key in the same system. A name that leads nowhere is
    /// kept, so that it is not taken for none.
    fn linked(
        &self,
        rows: &[RowOf],
        at: usize,
        column: Option<&str>,
        known: &[(usize, bool)],
    ) -> Option<String> {
        let row = &rows[at];
        if known.iter().any(|(known, _)| *known == at) {
            return Some(self.name(row));
        }
        let (column, node) = (column?, &self.graph.nodes[row.found.node]);
        let key = self.text(row, column)?;
        let field = node.collection.fields.iter().find(|field| field.name == column);
        let drawn: Vec<(usize, usize)> = field
            .into_iter()
            .flat_map(|field| &field.references)
            .filter_map(|reference| {
                let node = self.graph.find(self.systems, &reference.to)?;
                Some((node, self.graph.nodes[node].place(&reference.to.field)?))
            })
            .collect();
        let fits = |other: &RowOf, is: fn(&str, &str) -> bool| match drawn.as_slice() {
            [] => {
                let own = matches!(other.found.key.as_slice(), [only] if is(only, key));
                self.graph.nodes[other.found.node].system == node.system && own
            }
            drawn => drawn.iter().any(|(node, place)| {
                let value = other.found.cells.get(*place).and_then(|cell| cell.0.as_deref());
                other.found.node == *node && value.is_some_and(|value| is(value, key))
            }),
        };
        let found = known.iter().map(|(known, _)| &rows[*known]).find(|other| fits(other, is_same));
        let like = || known.iter().map(|(known, _)| &rows[*known]).find(|other| fits(other, is_like));
        let found = found.or_else(like);
        Some(found.map_or_else(|| format!("{} {key}", self.system(row)), |other| self.name(other)))
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one == other
}

/// As a database might join them, where nothing is the same: what a deal may need is kept.
fn is_like(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// The values of a key as one text; of several, so that no two keys run into one.
fn key_text(key: &[String]) -> String {
    match key {
        [one] => one.clone(),
        several => {
            let parts = several.iter().map(|part| part.replace('\\', "\\\\").replace('/', "\\/"));
            parts.collect::<Vec<_>>().join("/")
        }
    }
}

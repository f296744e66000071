//! Who has a value at the near end of a reference: asked by value, told by the keys of the rows.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    Connected,
    ask::{Halt, too_many, unreachable_system},
    askers::Writings,
    graph::Graph,
};
use crate::{
    domain::Result,
    system::engine::{Fetch, Row, folded},
};

/// The values of a row; `None` where one is NULL.
fn texts(row: Row) -> Option<Vec<String>> {
    row.into_iter().map(|cell| cell.0).collect()
}

/// Values at the near end of references, by reference. Personal data.
pub(super) type Sought = BTreeMap<usize, BTreeSet<String>>;

/// The keys of rows. Several people may have one value: they look at one list.
type KeysOf = Rc<Vec<Vec<String>>>;

/// Who has each value, by reference. Nobody, where the list is empty.
pub(super) type Holders = HashMap<(usize, String), KeysOf>;

/// The systems, asked for keys, and how many may still be given.
pub(super) struct Register<'s> {
    /// The systems.
    pub systems: &'s mut [Connected],
    /// Their collections.
    pub graph: &'s Graph,
    /// So many keys.
    pub room: &'s mut usize,
}

impl Register<'_> {
    /// The holders of one person's values. Where the engine gave a row for another writing, the row has every value
    /// that could be meant by it; where none could, it may have any.
    ///
    /// # Errors
    /// There are too many; failed (exit 1), naming the system.
    pub fn holders(&mut self, nth: usize, values: &BTreeSet<String>, into: &mut Holders) -> Result<(), Halt> {
        let (mut like, all) = (HashMap::<String, Vec<&String>>::new(), values.iter().collect::<Vec<_>>());
        let mut held: HashMap<&String, Vec<Vec<String>>> = HashMap::new();
        for value in values {
            like.entry(folded(value)).or_default().push(value);
        }
        self.ask(nth, values, &mut |value, key| {
            let meant = like.get(&folded(&value)).unwrap_or(&all);
            meant.iter().for_each(|known| held.entry(known).or_default().push(key.clone()));
            meant.len()
        })?;
        let of = |value: &String| held.remove(value).unwrap_or_default();
        let mut of = of;
        into.extend(values.iter().map(|value| ((nth, value.clone()), Rc::new(of(value)))));
        Ok(())
    }

    /// The holders of values of several people, each by its very writing. `None`: values or a row could be meant by
    /// another.
    ///
    /// # Errors
    /// As [`Register::holders`].
    pub fn exact(
        &mut self,
        nth: usize,
        values: &BTreeSet<String>,
    ) -> Result<Option<HashMap<String, KeysOf>>, Halt> {
        if Writings::of(values.iter().map(String::as_str)).is_none() {
            return Ok(None);
        }
        let (mut held, mut unlike) = (HashMap::<String, Vec<Vec<String>>>::new(), false);
        self.ask(nth, values, &mut |value, key| {
            unlike |= !values.contains(&value);
            held.entry(value).or_default().push(key);
            1
        })?;
        let shared = held.into_iter().map(|(value, keys)| (value, Rc::new(keys)));
        Ok((!unlike).then(|| shared.collect()))
    }

    /// `each` says how many keys it kept.
    fn ask(
        &mut self,
        nth: usize,
        values: &BTreeSet<String>,
        each: &mut dyn FnMut(String, Vec<String>) -> usize,
    ) -> Result<(), Halt> {
        if values.is_empty() {
            return Ok(());
        }
        let (edge, mut full) = (&self.graph.edges[nth], false);
        let node = &self.graph.nodes[edge.from];
        let (column, order) = (node.columns[edge.out].as_str(), node.key_columns());
        let columns: Vec<&str> = node.telling().into_iter().chain([column]).collect();
        let values: Vec<String> = values.iter().cloned().collect();
        let any = [(column, values.as_slice())];
        let fetch = Fetch { table: &node.collection.name, columns: &columns, any: &any, order: &order };
        let (system, room) = (&mut self.systems[node.system], &mut *self.room);
        let asked = system.engine.fetch(&fetch, &mut |mut row| {
            let value = row.pop().and_then(|cell| cell.0).unwrap_or_default();
            let key = if node.is_keyless() { node.key_of(&row) } else { texts(row) };
            // A row without a key is nobody's that is known, so it could be another person's.
            let kept = each(value, key.unwrap_or_default());
            full = kept > *room;
            *room = room.saturating_sub(kept);
            if full { Err(too_many()) } else { Ok(()) }
        });
        match asked {
            Err(_) if full => Err(Halt::TooMany),
            asked => Ok(asked.map_err(|error| unreachable_system(&system.name, error))?),
        }
    }
}

//! What lies in the other systems, as a list of personal data says it: by the maps, and how many rows there are.

use std::collections::BTreeSet;

use super::Reach;
use crate::{
    domain::{Category, Result},
    policy::places::PlaceKind,
    system::{
        engine::Scan,
        set::{System, Systems},
        traverse::unreachable_system,
    },
};

/// More rows than this are not counted: an exact number of them costs a full read. A file is read whole before.
const MOST: u32 = 1_000_000;
const MOST_OF_FILE: u32 = 100_000;

/// One collection.
#[derive(Clone, Debug)]
pub struct Lies {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// The categories of which something lies in it.
    pub categories: BTreeSet<Category>,
    /// Its rows; `None`: not counted.
    pub rows: Option<u64>,
}

/// Every collection of the maps in which personal data lies.
pub fn lies(systems: &Systems) -> Vec<Lies> {
    systems.all.iter().flat_map(of_system).filter(|one| !one.categories.is_empty()).collect()
}

fn of_system(system: &System) -> impl Iterator<Item = Lies> {
    system.map.collections.iter().filter(|collection| !collection.skip).map(|collection| {
        let personal = collection.fields.iter().filter(|field| !field.not_personal);
        let categories = personal.filter_map(|field| field.category.clone()).collect();
        Lies { system: system.name.clone(), collection: collection.name.clone(), categories, rows: None }
    })
}

impl Reach {
    /// Counts the rows of these collections where that is not dear.
    ///
    /// # Errors
    /// Failed (exit 1), naming the system.
    pub fn count_rows(&mut self, lies: &mut [Lies]) -> Result<()> {
        for (system, kind) in self.systems.iter_mut().zip(&self.kinds) {
            let most = if *kind == PlaceKind::Csv { MOST_OF_FILE } else { MOST };
            for one in lies.iter_mut().filter(|one| one.system == system.name) {
                let found = system.map.collections.iter().find(|known| known.name == one.collection);
                let key = found.and_then(|known| known.fields.iter().find(|field| field.primary_key));
                let Some(column) = key.map(|field| field.column.as_str()) else { continue };
                let (table, limit) = (one.collection.as_str(), most + 1);
                let mut rows = 0;
                let scan = Scan { table, columns: &[column], ages: &[], key: &[], after: None, limit };
                let read = system.engine.scan(&scan, &mut |_| {
                    rows += 1;
                    Ok(())
                });
                read.map_err(|error| unreachable_system(&system.name, error))?;
                one.rows = (rows <= u64::from(most)).then_some(rows);
            }
        }
        Ok(())
    }
}

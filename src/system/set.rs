//! The systems of one controller with their maps, linked: what traversal and plans work on.

use std::path::Path;

use super::{
    engine::Engine,
    map::{Map, link, read},
    open::{self, Around},
};
use crate::{
    domain::{Error, Result},
    policy::{
        Rulebook,
        places::{Place, Places},
    },
};

/// One system: how it is reached, and what lies where in it.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name in `dsr.yaml`, in plans and in the register.
    pub name: String,
    /// How it is reached.
    pub place: Place,
    /// What lies where.
    pub map: Map,
}

/// All systems of one controller, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    /// The systems.
    pub all: Vec<System>,
    /// What the officer should know about the maps: sentences with their places.
    pub notes: Vec<String>,
    /// The texts of the maps, of which the log keeps one digest.
    pub texts: Vec<String>,
}

impl Systems {
    /// Reads the maps of all systems that a program reaches, and links them. `text_of` reads a file.
    ///
    /// # Errors
    /// Configuration (exit 6): a map that cannot be read or is wrong, or maps that do not fit together.
    pub fn load(
        places: &Places,
        directory: &Path,
        rulebook: &Rulebook,
        text_of: &dyn Fn(&Path) -> Result<String>,
    ) -> Result<Self> {
        let mut systems = Self::default();
        let (mut maps, mut faults) = (Vec::new(), Vec::new());
        for (name, place) in places {
            let path = place.map.as_deref().map(|path| directory.join(path));
            let path = path.ok_or_else(|| Error::config(format!("system `{name}` has no `map:`")))?;
            let shown = path.display().to_string();
            let text = text_of(&path).map_err(|error| match error.hint_text() {
                None => error.hint(format!("`dsr map scan {name} > {shown}` drafts one")),
                Some(_) => error,
            })?;
            match read::read(&shown, &text, place.dataset.as_deref(), rulebook) {
                Ok(read) => {
                    systems.notes.extend(read.notes);
                    systems.texts.push(text);
                    maps.push((name.clone(), read.map));
                }
                Err(error) => faults.push(error),
            }
        }
        all_of(faults)?;
        link::link(&mut maps)?;
        let with_map =
            |((name, map), place): ((String, Map), &Place)| System { name, place: place.clone(), map };
        systems.all = maps.into_iter().zip(places.values()).map(with_map).collect();
        Ok(systems)
    }

    /// A system by its name.
    pub fn get(&self, name: &str) -> Option<&System> {
        self.all.iter().find(|system| system.name == name)
    }

    /// The system whose map is this dataset.
    pub fn of_dataset(&self, key: &str) -> Option<&System> {
        self.all.iter().find(|system| system.map.key == key)
    }
}

/// What is wrong with several maps, as one error.
fn all_of(faults: Vec<Error>) -> Result<()> {
    let mut all = faults.into_iter().flat_map(|fault| {
        let (first, more) = fault.apart();
        std::iter::once(first).chain(more)
    });
    all.next().map_or(Ok(()), |first| Err(first.beside(all).told_by("dsr map check")))
}

impl System {
    /// Connects to it.
    ///
    /// # Errors
    /// As [`open::open`].
    pub fn open(&self, around: &Around<'_>) -> Result<Box<dyn Engine>> {
        open::open(&self.name, &self.place, around)
    }
}

//! Systems that the officer's file names: where personal data lies beside `dsr`'s own store.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, de::IgnoredAny};

use super::Rulebook;
use crate::domain::{Category, Error, Result, suggest};

/// One system of `dsr.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// How it is reached.
    pub kind: PlaceKind,
    /// Who does what has to be done there.
    pub owner: String,
    /// What lies there; none = anything. Of a system with a map, the map says it.
    #[serde(default)]
    pub categories: Vec<String>,
    /// The database file, or the folder of CSV files.
    pub file: Option<PathBuf>,
    /// The environment variable that holds the URL.
    pub env: Option<String>,
    /// A file with mode 0600 that holds the URL.
    pub url_file: Option<PathBuf>,
    /// The data map, relative to `dsr.yaml`.
    pub map: Option<PathBuf>,
    /// Which dataset of the map's file, where it has several.
    pub dataset: Option<String>,
    /// Seconds a statement may take; none = 60.
    pub timeout: Option<u32>,
    /// Certificates of authorities (PEM) to trust, where the machine's own are not meant.
    pub ca_file: Option<PathBuf>,
    /// Whether the connection has to be encrypted.
    #[serde(default)]
    pub tls: Tls,
    #[serde(default)]
    url: Option<IgnoredAny>,
    #[serde(default)]
    password: Option<IgnoredAny>,
}

/// How a system is reached.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// By people: a paper archive, recordings of calls, a manager's phone.
    Manual,
    /// `dsr`'s own store, which needs no map.
    Store,
    /// A SQLite file.
    Sqlite,
    /// PostgreSQL and what speaks its protocol.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// A folder of CSV files.
    Csv,
}

/// Whether a connection over a network is encrypted.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Always, but on a socket or the machine itself.
    #[default]
    Auto,
    /// Never: a tunnel or a closed network does it.
    Off,
}

impl PlaceKind {
    /// Its word in `dsr.yaml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Store => "store",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Csv => "csv",
        }
    }

    /// Whether a program reaches it, by a data map.
    pub fn is_mapped(self) -> bool {
        !matches!(self, Self::Manual | Self::Store)
    }
}

impl Place {
    /// A system that people keep.
    pub fn manual(owner: &str, categories: Vec<String>) -> Self {
        Self {
            kind: PlaceKind::Manual,
            owner: owner.to_owned(),
            categories,
            file: None,
            env: None,
            url_file: None,
            map: None,
            dataset: None,
            timeout: None,
            ca_file: None,
            tls: Tls::Auto,
            url: None,
            password: None,
        }
    }

    /// Whether data of a category may lie there.
    pub fn holds(&self, category: &Category) -> bool {
        let under = |word: &String| {
            let word = Category::new(word);
            category.is_under(&word) || word.is_under(category)
        };
        self.categories.is_empty() || self.categories.iter().any(under)
    }

    /// What is wrong with the way it is reached. Never with a value in it: it may be a password.
    fn check(&self) -> Result<(), &'static str> {
        let (file, url) =
            (self.file.is_some(), usize::from(self.env.is_some()) + usize::from(self.url_file.is_some()));
        let in_clear = |text: &str| text.contains("://");
        let variable = |name: &String| {
            let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
            name.chars().all(letter) && name.starts_with(|c: char| !c.is_ascii_digit())
        };
        let paths = [&self.file, &self.url_file, &self.ca_file];
        if self.url.is_some()
            || self.password.is_some()
            || paths.into_iter().flatten().any(|path| in_clear(&path.to_string_lossy()))
        {
            return Err(
                "a URL or a password does not belong into dsr.yaml: put the URL into a variable and name it with `env:`, or into a file of mode 0600 with `url_file:`",
            );
        }
        if !self.env.as_ref().is_none_or(variable) {
            return Err("`env:` is the name of a variable, such as CRM_URL, not what it holds");
        }
        match self.kind {
            PlaceKind::Manual | PlaceKind::Store
                if file || url > 0 || self.map.is_some() || self.dataset.is_some() =>
            {
                Err("a system of this kind has no connection and no map")
            }
            PlaceKind::Manual | PlaceKind::Store => Ok(()),
            _ if self.map.is_none() => Err("it has no `map:`, the file that says what lies where in it"),
            PlaceKind::Sqlite | PlaceKind::Csv if !file || url > 0 => {
                Err("it is reached by `file:`, and by nothing else")
            }
            PlaceKind::Postgres | PlaceKind::Mysql if file || url != 1 => {
                Err("it is reached by `env:` or by `url_file:`, one of the two")
            }
            _ if self.timeout.is_some_and(|seconds| !(1..=86_400).contains(&seconds)) => {
                Err("`timeout:` is seconds, from 1 to 86400")
            }
            _ => Ok(()),
        }
    }
}

/// Systems by name.
pub type Places = BTreeMap<String, Place>;

/// The systems that people keep, and those that a program reaches by a map.
pub fn apart(places: Places) -> (Places, Places) {
    let (mapped, rest): (Places, Places) = places.into_iter().partition(|(_, place)| place.kind.is_mapped());
    (rest.into_iter().filter(|(_, place)| place.kind == PlaceKind::Manual).collect(), mapped)
}

/// Names of systems are words of plans and of the register; `own` is `dsr`'s own store.
pub(super) fn check_names(places: &Places) -> Result<(), String> {
    for (name, place) in places {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        let is_own = place.kind == PlaceKind::Store;
        let sound = (1..=40).contains(&name.len()) && name.chars().all(word) && (name == "own") == is_own;
        if place.owner.trim().is_empty() {
            return Err(format!("systems: `{name}` has no owner: somebody must do what is to be done there"));
        }
        if is_own && !sound {
            return Err(format!("systems: `{name}`: the kind `store` is the own store, whose name is `own`"));
        }
        if !sound {
            return Err(format!(
                "systems: `{name}` is no name: small Latin letters, digits, - and _, and not `own`"
            ));
        }
        place.check().map_err(|wrong| format!("systems: `{name}`: {wrong}"))?;
    }
    Ok(())
}

/// A category that the policy does not know would never be matched, and its system be forgotten.
///
/// # Errors
/// Configuration (exit 6) with the nearest word.
pub fn check(places: &Places, rulebook: &Rulebook) -> Result<()> {
    for (name, place) in places {
        let unknown = |word: &&String| rulebook.category(&Category::new(word)).is_none();
        if let Some(word) = place.categories.iter().find(unknown) {
            let known: Vec<&str> = rulebook.categories().iter().map(|def| def.id.as_str()).collect();
            let error =
                Error::config(format!("dsr.yaml: system `{name}`: the policy knows no category `{word}`"));
            return Err(match suggest::nearest(word, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("it knows {}", known.join(", "))),
            });
        }
    }
    Ok(())
}

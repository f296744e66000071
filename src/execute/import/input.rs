//! Where the lines come from: a file or a stream, not yet read.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::domain::Error;

/// Where the lines come from.
pub struct Input {
    pub(super) name: String,
    pub(super) stem: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) reader: Box<dyn Read + Send>,
}

impl Input {
    /// A file.
    ///
    /// # Errors
    /// Bad usage, if it cannot be opened or is a directory.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let cannot = |error: io::Error| {
            Error::usage(format!("cannot read `{name}`"))
                .because(error)
                .hint("name an NDJSON or CSV file, or `-`")
        };
        let file = File::open(path).map_err(cannot)?;
        let about = file.metadata().map_err(cannot)?;
        if about.is_dir() {
            return Err(Error::usage(format!("`{name}` is a directory")).hint("import its files one by one"));
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
        Ok(Self { stem, size: about.is_file().then_some(about.len()), reader: Box::new(file), name })
    }

    /// A stream, such as the standard input.
    pub fn stream(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), stem: None, size: None, reader: Box::new(reader) }
    }

    /// What it is called in complaints.
    pub fn name(&self) -> &str {
        &self.name
    }
}

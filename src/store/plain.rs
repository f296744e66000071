//! Files that are read: regular ones. A pipe would be waited for by somebody who does not know of it, and a device read
//! without end.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::OFlags;

/// Opens one to be read, also where a link leads to it.
///
/// # Errors
/// As the operating system says; invalid input: it is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    opened(OpenOptions::new().read(true), OFlags::empty(), path)
}

/// The same as these options and flags say.
pub(super) fn opened(options: &mut OpenOptions, flags: OFlags, path: &Path) -> io::Result<File> {
    let flags = i32::try_from((flags | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = options.custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::fs;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    #[test]
    fn what_has_no_end_is_not_begun() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        mkfifoat(CWD, at("pipe"), Mode::RUSR | Mode::WUSR).unwrap();
        for (name, may) in [("file", true), ("link", true), ("zero", false), ("pipe", false), (".", false)] {
            assert_eq!(open(&at(name)).is_ok(), may, "{name}");
        }
        let no_links = opened(OpenOptions::new().read(true), OFlags::NOFOLLOW, &at("link"));
        assert!(no_links.is_err());
    }
}

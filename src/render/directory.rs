//! Several files as one answer: a private directory that appears whole or not at all.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest, Sha256};

use crate::{
    domain::{Error, Kind, Result, hex},
    store::stale::{self, Stale},
};

/// A directory that is being filled under another name. Dropped before it is finished, it is removed.
pub struct Directory {
    target: PathBuf,
    part: PathBuf,
    sums: String,
    /// Held while it is filled: a draft that nobody holds is taken away by `dsr sanitize` and by the next bundle.
    _held: File,
    done: bool,
}

impl Directory {
    /// Begins one beside its final place.
    ///
    /// # Errors
    /// Usage (exit 2) where the name is taken; failed (exit 1) for the disk.
    pub fn begin(target: &Path, random: [u8; 16]) -> Result<Self> {
        super::file::check(target)?;
        // A directory that cannot be listed may still take another.
        stale::directories(target).unwrap_or_default().into_iter().try_for_each(Stale::remove)?;
        let part = target.with_file_name(format!(".dsr-{}.part", hex::text(&random)));
        fs::DirBuilder::new().mode(0o700).create(&part).map_err(|error| unwritten(target, error))?;
        let held = File::open(&part).map_err(|error| unwritten(target, error))?;
        stale::hold(&held);
        Ok(Self { target: target.to_owned(), part, sums: String::new(), _held: held, done: false })
    }

    /// One file of it, mode 0600, filled by `fill`.
    ///
    /// # Errors
    /// Those of `fill`, and of the disk.
    pub fn file(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let failed = |error| unwritten(&self.target, error);
        let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.part.join(name));
        let mut file = Summing { to: BufWriter::new(made.map_err(failed)?), sum: Sha256::new() };
        fill(&mut file)?;
        let sum = hex::text(&file.sum.finalize());
        let file = file.to.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        self.sums.push_str(&format!("{sum}  {name}\n"));
        Ok(())
    }

    /// Adds the digests of all files (`sha256sum -c` reads them) and gives the directory its name.
    ///
    /// # Errors
    /// Usage (exit 2) where the name was taken meanwhile; failed (exit 1) for the disk.
    pub fn finish(mut self) -> Result<()> {
        let sums = std::mem::take(&mut self.sums);
        self.file("SHA256SUMS", |out| Ok(out.write_all(sums.as_bytes())?))?;
        let named = File::open(&self.part)
            .and_then(|directory| directory.sync_all())
            .and_then(|()| Ok(renameat_with(CWD, &self.part, CWD, &self.target, RenameFlags::NOREPLACE)?));
        named.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::usage(format!("`{}` exists and is not replaced", self.target.display()))
            }
            _ => unwritten(&self.target, error),
        })?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.part);
        }
    }
}

/// Hashes what passes through.
struct Summing {
    to: BufWriter<File>,
    sum: Sha256,
}

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

fn unwritten(path: &Path, cause: std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("`{}` could not be written", path.display())).because(cause)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn whole_or_absent() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("bundle");
        let mut cut_short = Directory::begin(&target, [1; 16]).unwrap();
        cut_short.file("a", |out| Ok(out.write_all(b"half")?)).unwrap();
        assert!(cut_short.file("b", |_| Err(Error::usage("no"))).is_err());
        // Another one meanwhile leaves what is being filled alone, and takes away what a kill left.
        fs::create_dir(home.path().join(".dsr-00.part")).unwrap();
        fs::write(home.path().join(".dsr-00.part/report.csv"), "x").unwrap();
        drop(Directory::begin(&home.path().join("other"), [3; 16]).unwrap());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        drop(cut_short);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        let mut whole = Directory::begin(&target, [1; 16]).unwrap();
        whole.file("a", |out| Ok(out.write_all(b"abc")?)).unwrap();
        whole.finish().unwrap();
        let sums = fs::read_to_string(target.join("SHA256SUMS")).unwrap();
        assert_eq!(sums, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n");
        assert_eq!(Directory::begin(&target, [2; 16]).err().unwrap().kind(), Kind::Usage);
    }
}

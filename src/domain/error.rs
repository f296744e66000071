//! An error has a kind, a sentence and a hint. The kind is the exit code.

use std::fmt;

/// Result of everything that can fail in `dsr`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command stopped. Each kind is one exit code of the published table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 1: an I/O or internal error; nothing is half-done.
    Failed,
    /// 2: wrong usage or bad input.
    Usage,
    /// 3: subject not found, where the command needs one.
    NotFound,
    /// 4: refused by policy or law, or identity missing.
    Refused,
    /// 5: ambiguous or only-searched subject, or a stale plan; nothing was done.
    Ambiguous,
    /// 6: policy, calendar, data map or configuration invalid; store missing or newer.
    Config,
    /// 7: a guard stopped the run; nothing deleted.
    Guard,
    /// 8: a planned step failed, or destroyed bytes may remain.
    Partial,
    /// 9: store foreign or corrupt, or the audit log does not verify.
    Integrity,
    /// 10: a check found something late.
    Late,
    /// 75: the store is busy.
    Busy,
    /// 130: interrupted.
    Interrupted,
    /// 141: the reader closed the pipe.
    ClosedPipe,
    /// 143: terminated.
    Terminated,
}

impl Kind {
    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Refused => 4,
            Self::Ambiguous => 5,
            Self::Config => 6,
            Self::Guard => 7,
            Self::Partial => 8,
            Self::Integrity => 9,
            Self::Late => 10,
            Self::Busy => 75,
            Self::Interrupted => 130,
            Self::ClosedPipe => 141,
            Self::Terminated => 143,
        }
    }
}

/// What went wrong, in the user's words, and what to type next.
///
/// The sentence is lower-case without a full stop, user input stands in backticks, and it never
/// holds an identifier or a value of a record.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    cause: Option<anyhow::Error>,
    lasting: Option<&'static str>,
    file: Box<InFile>,
}

/// What an error about a file knows besides; boxed, since every result carries its error's size.
#[derive(Debug, Default)]
struct InFile {
    picture: Option<String>,
    place: Option<(String, u64, u64)>,
    more: Vec<Error>,
    teller: Option<&'static str>,
}

impl Error {
    /// An error of this kind with its sentence.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, cause: None, lasting: None, file: Box::default() }
    }

    /// Wrong usage or bad input (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Invalid policy, calendar, configuration, or no store (exit 6).
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// What to type or do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same would be refused again, however often it is tried: why, in words of its own.
    #[must_use]
    pub fn lasting(mut self, why: &'static str) -> Self {
        self.lasting = Some(why);
        self
    }

    /// Why trying again is of no use; `None`: nobody knows that.
    pub fn lasts(&self) -> Option<&'static str> {
        self.lasting
    }

    /// What to do next, where nothing more exact was said.
    #[must_use]
    pub fn or_hint(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// A many-line picture of the place in a file, printed below the sentence as it is.
    #[must_use]
    pub fn picture(mut self, picture: impl Into<String>) -> Self {
        self.file.picture = Some(picture.into());
        self
    }

    /// The technical cause. It must not carry personal data: wrap only errors of files and engines.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The file as the user knows it, with line and column counted from 1.
    #[must_use]
    pub fn at(mut self, file: &str, line: u64, column: u64) -> Self {
        self.file.place = Some((file.to_owned(), line, column));
        self
    }

    /// Errors found beside this one, which alone would have stopped too.
    #[must_use]
    pub fn beside(mut self, more: impl IntoIterator<Item = Self>) -> Self {
        self.file.more.extend(more);
        self
    }

    /// The command that tells all that are beside this one.
    #[must_use]
    pub fn told_by(mut self, command: &'static str) -> Self {
        self.file.teller = Some(command);
        self
    }

    /// The command that tells all that are beside this one; of rules, where nothing else was said.
    pub fn teller(&self) -> &'static str {
        self.file.teller.unwrap_or("dsr policy check")
    }

    /// This one alone, and those beside it.
    pub fn apart(mut self) -> (Self, Vec<Self>) {
        let more = std::mem::take(&mut self.file.more);
        (self, more)
    }

    /// The errors beside this one.
    pub fn more(&self) -> &[Self] {
        &self.file.more
    }

    /// File, line and column, where the error is at a place in a file.
    pub fn place(&self) -> Option<(&str, u64, u64)> {
        self.file.place.as_ref().map(|(file, line, column)| (file.as_str(), *line, *column))
    }

    /// The kind, which is the exit code.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The hint, if there is one.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The picture, if there is one.
    pub fn picture_text(&self) -> Option<&str> {
        self.file.picture.as_deref()
    }

    /// The chain of technical causes, outermost first.
    pub fn causes(&self) -> impl Iterator<Item = String> + '_ {
        self.cause.iter().flat_map(|cause| cause.chain().map(ToString::to_string))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}

impl Error {
    /// Exit 1: a file may not grow further, by a limit that is inherited from whoever started the program.
    pub fn limited() -> Self {
        Self::new(Kind::Failed, "a write failed, and the size of files is limited here")
            .hint("raise the limit and repeat: ulimit -f unlimited")
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::new(Kind::ClosedPipe, "the reader closed the pipe"),
            std::io::ErrorKind::FileTooLarge => Self::limited().because(error),
            _ => Self::new(Kind::Failed, "reading or writing failed").because(error),
        }
    }
}

//! The nouns of the trade, each a type.
//!
//! Nothing here reads a clock, a file or a database, and nothing here can print an identifier by
//! accident: see [`identifier::Identifier`].

pub mod case;
pub mod channel;
pub mod clock;
pub mod country;
pub mod error;
pub mod facts;
pub mod fold;
pub mod hex;
pub mod id;
pub mod identifier;
pub mod iin;
pub mod letter;
pub mod moment;
pub mod outcome;
pub mod plan;
pub mod purpose;
pub mod right;
pub mod secret;
pub mod selector;
pub mod shell;
pub mod suggest;
pub mod term;
pub mod unseen;
pub mod verdict;

pub use case::{Case, CaseEvent, CaseState, Duty, DutyKind, Halt, Held, NewDuty, Part, Remark};
pub use channel::{Channel, IdentityMethod};
pub use clock::{ClockRule, Extension, Pause, Roll, StartEvent, Tick, Ticked};
pub use country::country;
pub use error::{Error, Kind, Result};
pub use facts::{
    Block, Consent, Contact, Disclosure, Hold, Obligation, OwedAnswer, Record, STATE_BODY, Scope,
    SubjectFacts, Suppression,
};
pub use id::{CaseNumber, LogId, RunId, SubjectId};
pub use identifier::{Identifier, IdentifierType};
pub use letter::{Letter, LetterKind};
pub use moment::Moment;
pub use outcome::Outcome;
pub use plan::{Action, Decision, Gap, Kept, Plan, RecordKey, Step, Wait, Waiting};
pub use purpose::{Category, Purpose};
pub use right::Right;
pub use selector::Selector;
pub use shell::quoted;
pub use term::{Term, TermRule};
pub use verdict::{Binding, Deadline, HeldBy, LayerTerm, Reason, Skipped, Verdict};

//! `dsr` carries out data-subject requests: decided by clause, timed by working days, provable afterwards.
//!
//! # The tree
//!
//! | module | what it is for | what it must not know |
//! |---|---|---|
//! | [`domain`] | the nouns, each a type: person, record, case, term, plan, verdict, error | everything below |
//! | [`policy`] | YAML → raw → checked rules; lint, explanation, clause coverage | files, dates of today |
//! | [`calendar`] | working days, terms, due dates | which right has which term |
//! | [`audit`] | an entry, its canonical bytes, the tree over them, its verification | where the bytes are kept |
//! | [`decide`] | one file a right or duty: (facts, policy, day) → a plan with reasons | how anything is done |
//! | [`store`] | `dsr`'s own SQLite file: facts, register, effects, log, the bytes of what was destroyed | why anything is done |
//! | [`system`] | other places where personal data lies | the register |
//! | [`execute`] | facts read, plan decided, effects and log entry committed as one | how an answer looks |
//! | [`render`] | answers as table, JSON, CSV, NDJSON, HTML; one file a format, one an answer | where an answer came from |
//! | [`command`] | one file a command: its arguments, whose doc comments are its help, then a few lines | SQL, rules |
//!
//! Each uses only what stands right of it, and layers of one rank do not know each other:
//!
//! ```text
//! command → execute, render → system → store → decide → policy, calendar, audit → domain
//! ```
//!
//! # One request, from left to right
//!
//! ```text
//!  argv ─ command ─┐                ┌─────────── one IMMEDIATE transaction ───────────┐
//!                  ├─ order ──────► │ facts ─► decide ─► Plan ─► effects ─► audit entry │ ─► answer ─ render ─► stdout
//!  policies ───────┤                │ read      pure     data     write      same commit│            notes ─► stderr
//!  now ────────────┘                └─────────────────────────────────────────────────┘             code ─► exit
//! ```
//!
//! To trace one: `command::access` reads the arguments, `execute::disclose` opens the transaction,
//! `store::facts` gathers what is known about one person, `decide::access` judges every record,
//! `render::answer::holdings` makes the bytes, `store::append` writes the entry with their digest, and
//! only after the commit are they shown. A command that changes something goes by `command::acting`: it
//! shows the plan, asks with no transaction open, and then decides again on fresh facts; another plan than
//! the one shown is exit 5.
//!
//! # Invariants
//!
//! What a test or a type holds is marked *held*; the rest is for the reader to keep.
//!
//! 1. Only `main.rs` asks the time, the randomness, the environment and the streams; everything else
//!    receives them. *Held: house rules.*
//! 2. SQL stands under [`store`] and [`system`] alone. It narrows; Rust decides; effects are by key.
//!    *Held: house rules.*
//! 3. A decision is pure: the same facts, rules and day give the same plan, byte for byte. *Held: house
//!    rules, laws as properties.*
//! 4. A verdict names its rule, or says that there is none. A gap is reported, never guessed; a broken
//!    rule stops the whole run.
//! 5. No entry in the log, no effect; and whatever shows a value commits its entry before the first byte.
//! 6. An identifier cannot be printed by accident: [`domain::Identifier`] has no `Display`, and
//!    `expose` is called in store, system and render only. Errors, logs and `Debug` hold no value of a
//!    person. *Held: types, house rules.*
//! 7. The log knows a person by a random number whose only link to them dies with them; nobody's erasure
//!    breaks the tree. *Held: [`audit::Word`] cannot carry an identifier.*
//! 8. Everything is keyed by controller: what one company holds, another never sees.
//! 9. Nothing fails open: an empty policy, an unreadable file or a failed read is an error, never "nothing
//!    to keep". Intake alone never stops: past the end of the calendar a due date is provisional.
//! 10. *Destroyed* is said only after the bytes were looked for in every file of the store.
//! 11. Nothing is `if controller == …`: what differs between companies is data. *Held: house rules.*
//!
//! The house rules are `tests/tidy.rs`; why things are as they are stands in `docs/decisions.md`.
//!
//! # Where things plug in
//!
//! | to add | touch | the compiler or a test then points to |
//! |---|---|---|
//! | a company | `policies/<id>.yaml` and cases beside it | `policy check`, `policy test` |
//! | a word or body of the rules' language | see the table in [`policy`]; `policies/schema.json` for editors | exhaustive matches; the tests of [`policy::schema`] |
//! | a year of the calendar | `policies/kz.calendar.yaml` | `calendar` refuses a year without holidays |
//! | an output format | a file in [`render`], a variant of [`render::Format`] | the matches in `render` |
//! | an answer | a file in [`render::answer`], a row in `docs/output.md` | `tests/output.rs` |
//! | a right | `decide/<right>.rs`, `command/<right>.rs`, a variant of [`domain::Right`] | exhaustive matches |
//! | a version of the store | `store/migrations/NNN_*.sql`, a dump of the old one in `fixtures/old/` | the fingerprint in `store/schema.rs` |

pub mod audit;
pub mod calendar;
pub mod command;
pub mod decide;
pub mod domain;
pub mod execute;
pub mod policy;
pub mod render;
pub mod store;
pub mod system;

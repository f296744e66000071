//! Policies as data: YAML → raw → checked.
//!
//! A policy is a flat list of rules. Each has the id of its row in the clause table, says one thing
//! out of a closed vocabulary ([`body::Body`]), and knows its place in the file. [`Library`] holds the
//! texts, [`Rulebook`] is one controller's checked policy over its checked statute. Nothing anywhere
//! asks for a controller's name: what differs between controllers is data.
//!
//! | to | look at |
//! |---|---|
//! | add a policy | one YAML file, see `policies/automaster.yaml` |
//! | add a word to a closed list | [`vocabulary`] |
//! | add a way to count storage | [`until`], then `decide::ends` |
//! | add a body | [`body`], `raw`, `check_rule`, then what the compiler finds |
//! | say a key or a word to editors | `policies/schema.json`, held by the tests of [`schema`] |

pub mod ask;
pub mod body;
pub mod cases;
mod check;
mod check_rule;
pub mod coverage;
pub mod diff;
pub mod explain;
pub mod library;
pub mod lint;
pub mod model;
pub mod officer;
pub mod places;
mod raw;
pub mod register;
pub mod roles;
pub mod rows;
pub mod rulebook;
pub mod schema;
pub mod until;
pub mod vocabulary;
pub mod word;
pub mod yaml;

pub use library::Library;
pub use rulebook::Rulebook;

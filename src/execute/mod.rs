//! What a command does to the world: facts read, plan decided, effects and audit entry committed as one.
//!
//! Deliberately absent: printing. Whoever shows something gets it from here after the commit.

pub mod act;
pub mod apply;
pub mod authority;
pub mod backup;
pub mod cases;
pub mod context;
pub mod decided;
pub mod disclose;
pub mod drafts;
mod freed;
pub mod halts;
pub mod hand_over;
pub mod heads;
pub mod import;
mod judge;
mod late;
pub mod letter;
pub mod opened;
pub mod order;
pub mod owed;
pub mod plan_file;
pub mod publish;
pub mod purge;
pub mod reach;
pub mod record;
pub mod resolve;
pub mod restore;
pub mod scrub;
pub mod statistics;
pub mod tasks;
pub mod timing;
pub mod unchanged;
mod values;
pub mod verify;
pub mod vocabulary;
pub mod waits;

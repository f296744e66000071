//! Reading other people's files into the store.

pub mod check;
pub mod complaint;
pub mod encoding;
pub mod json;
pub mod line;
pub mod place;
pub mod sheet;
pub mod source;
pub mod vocabulary;
pub mod when;

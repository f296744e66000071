//! Reading other people's files into the store.

pub mod complaint;
pub mod encoding;
pub mod source;
pub mod vocabulary;
pub mod when;

//! The other databases where personal data lies. `dsr`'s own is [`crate::store`]; no other yet.

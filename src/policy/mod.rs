//! Policies as data: YAML → raw → checked.

pub mod yaml;

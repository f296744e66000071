#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod aged_tests;
mod history_tests;
mod sanitise_tests;

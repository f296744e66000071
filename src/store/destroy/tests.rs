#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod aged;
mod sanitise;

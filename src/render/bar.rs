//! A progress bar, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a long command is, on standard error.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar, or nothing where nobody watches.
    pub fn new(watched: bool) -> Self {
        Self(watched.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
            let form = "{bar:32} {bytes} of {total_bytes}, {elapsed} so far, {eta} to go";
            bar.set_style(
                ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        }))
    }

    /// So many bytes of so many.
    pub fn at(&self, done: u64, total: Option<u64>) {
        if let Some(bar) = &self.0 {
            bar.set_length(total.unwrap_or(done));
            bar.set_position(done);
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// How many records of how many a long command has done, on standard error.
pub struct Counter(Option<ProgressBar>);

impl Counter {
    /// A counter, or nothing where nobody watches.
    pub fn new(watched: bool) -> Self {
        Self(watched.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
            let form = "{bar:32} {human_pos} of {human_len} records, {elapsed} so far, {eta} to go";
            bar.set_style(
                ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        }))
    }

    /// So many of so many.
    pub fn at(&self, done: u64, total: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    /// Takes the counter away.
    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

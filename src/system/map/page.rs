//! The file that is being read, and what is wrong with it so far: every fault is told, not the first alone.

use std::{cell::RefCell, collections::BTreeSet};

use crate::{
    domain::{Error, Result},
    policy::yaml::{self, Spanned},
};

/// A map's text with its faults.
pub struct Page<'a> {
    shown: &'a str,
    text: &'a str,
    faults: RefCell<Vec<Error>>,
    notes: RefCell<Vec<String>>,
}

impl<'a> Page<'a> {
    /// Nothing is wrong yet.
    pub fn new(shown: &'a str, text: &'a str) -> Self {
        Self { shown, text, faults: RefCell::default(), notes: RefCell::default() }
    }

    /// A fault at a word of the file.
    pub fn wrong(&self, at: &Spanned<String>, message: &str, help: &str) {
        self.faults.borrow_mut().push(yaml::point(
            self.shown,
            self.text,
            at.referenced,
            message,
            "here",
            help,
        ));
    }

    /// A fault at a word that is none of a list; with the nearest, or all of them.
    pub fn unknown(&self, at: &Spanned<String>, message: &str, known: &[&str]) {
        let known: BTreeSet<&str> = known.iter().copied().collect();
        self.wrong(at, message, &yaml::did_you_mean(&at.value, &known));
    }

    /// Something to know that does not stop.
    pub fn note(&self, at: &Spanned<String>, message: &str) {
        self.notes.borrow_mut().push(format!("{}: {message}", yaml::place_name(self.shown, at.referenced)));
    }

    /// The notes, or every fault.
    ///
    /// # Errors
    /// Configuration (exit 6): the first fault, the others beside it.
    pub fn close(self) -> Result<Vec<String>> {
        let mut faults = self.faults.into_inner().into_iter();
        match faults.next() {
            Some(first) => Err(first.beside(faults).told_by("dsr map check")),
            None => Ok(self.notes.into_inner()),
        }
    }
}

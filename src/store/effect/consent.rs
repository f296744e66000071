//! The consent ledger: a consent is added or withdrawn, never edited and never deleted.

use rusqlite::OptionalExtension;

use super::{Person, stale};
use crate::{
    domain::{Error, Moment, Purpose, Result, Scope},
    store::{Tx, ledger::Gone},
};

/// A consent to be written down.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// Reference of the source system.
    pub reference: Option<String>,
    /// What it covers.
    pub scope: Scope,
    /// For which purposes; empty = all of the scope.
    pub purposes: Vec<Purpose>,
    /// When it was given.
    pub given_at: Moment,
    /// By whom: `self`, `parent`, `representative`.
    pub given_by: String,
    /// Its own end, where one was named.
    pub expires_at: Option<Moment>,
    /// How it was given.
    pub method: String,
    /// Where the proof lies.
    pub evidence: String,
    /// Version of the policy that was shown.
    pub policy_version: String,
    /// Transfer to third parties allowed.
    pub third_party: bool,
    /// Transfer abroad allowed.
    pub cross_border: bool,
    /// Publication allowed.
    pub publication: bool,
}

impl Tx<'_> {
    /// Marks consents of a person withdrawn.
    ///
    /// # Errors
    /// Exit 5 if one is missing, withdrawn already or another person's.
    pub fn withdraw_consents(&self, person: &Person, ids: &[i64], at: Moment) -> Result<()> {
        let mut update = self.prepare(
            "UPDATE consent SET withdrawn_at = ?2 WHERE id = ?1 AND withdrawn_at IS NULL RETURNING subject",
        )?;
        for id in ids {
            let subject = update.query_row((id, at.unix()), |row| row.get(0)).optional()?;
            person.own(subject.ok_or_else(stale)?)?;
            self.gone(Gone::Consent(*id, at.unix()));
        }
        Ok(())
    }

    /// Writes down a consent; gives its row.
    ///
    /// # Errors
    /// Exit 2 if its reference stands already.
    pub fn add_consent(&self, person: &Person, new: &NewConsent) -> Result<i64> {
        let mut insert = self.prepare(
            "INSERT INTO consent (subject, controller, ref, scope, purposes, given_at, given_by, expires_at, method,
               evidence, policy_version, third_party, cross_border, publication)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
              WHERE NOT EXISTS (SELECT 1 FROM consent WHERE controller = ?2 AND ref = ?3) RETURNING id",
        )?;
        let purposes: Vec<&str> = new.purposes.iter().map(Purpose::as_str).collect();
        let values = rusqlite::params![
            person.root_row(),
            person.controller,
            new.reference,
            new.scope.as_str(),
            purposes.join(" "),
            new.given_at.unix(),
            new.given_by,
            new.expires_at.map(Moment::unix),
            new.method,
            new.evidence,
            new.policy_version,
            new.third_party,
            new.cross_border,
            new.publication,
        ];
        let id = insert.query_row(values, |row| row.get(0)).optional()?;
        id.ok_or_else(|| Error::usage("a consent of this reference stands in the ledger already"))
    }
}

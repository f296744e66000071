//! Who may do what, by the user id of the operating system: the part `roles` of `dsr.yaml`.
//!
//! Where it is missing everybody may do everything that the rights of the files let them. Where it
//! stands, whoever is named nowhere may do nothing with the store.

use serde::Deserialize;

use crate::domain::{Category, channel::words};

words! {
    /// What somebody is there for.
    Role, "role" {
        /// Works on requests.
        Officer = "officer",
        /// Agrees to what needs a second person.
        Approver = "approver",
        /// Looks, and sees no value of a person.
        Auditor = "auditor",
        /// Runs what is run every night.
        Cron = "cron",
    }
}

/// What a command needs of whoever runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it touches no store.
    Nothing,
    /// To look without seeing a value: every role may.
    Look,
    /// The nightly work.
    Night,
    /// To agree as the second person.
    Approve,
    /// To see values, to change, to destroy.
    Work,
}

/// The roles as written: user ids by role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Roles {
    /// Who works on requests.
    pub officer: Vec<u32>,
    /// Who agrees to what needs a second person.
    pub approver: Vec<u32>,
    /// Who only looks.
    pub auditor: Vec<u32>,
    /// Who runs the nightly work.
    pub cron: Vec<u32>,
    /// Categories whose erasure needs a second person; contract and payment where nothing is written.
    pub second_person: Option<Vec<String>>,
}

impl Roles {
    /// The roles of a user.
    pub fn of(&self, user: u32) -> Vec<Role> {
        let lists = [
            (Role::Officer, &self.officer),
            (Role::Approver, &self.approver),
            (Role::Auditor, &self.auditor),
            (Role::Cron, &self.cron),
        ];
        lists.into_iter().filter(|(_, users)| users.contains(&user)).map(|(role, _)| role).collect()
    }

    /// Whether a user may run what needs this.
    pub fn allow(&self, user: u32, need: Need) -> bool {
        let roles = self.of(user);
        match need {
            Need::Nothing => true,
            Need::Look => !roles.is_empty(),
            Need::Night => roles.contains(&Role::Officer) || roles.contains(&Role::Cron),
            Need::Approve => roles.contains(&Role::Approver),
            Need::Work => roles.contains(&Role::Officer),
        }
    }

    /// The categories whose erasure needs a second person.
    pub fn second_person(&self) -> Vec<Category> {
        let usual = || vec!["contract".to_owned(), "payment".to_owned()];
        let words = self.second_person.clone().unwrap_or_else(usual);
        words.iter().map(|word| Category::new(word)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_it_is_there_for() {
        let roles = Roles {
            officer: vec![1, 5],
            approver: vec![2, 5],
            auditor: vec![3],
            cron: vec![4],
            ..Roles::default()
        };
        let needs = [Need::Nothing, Need::Look, Need::Night, Need::Approve, Need::Work];
        for (user, expected) in [
            (1, [true, true, true, false, true]),
            (2, [true, true, false, true, false]),
            (3, [true, true, false, false, false]),
            (4, [true, true, true, false, false]),
            (5, [true, true, true, true, true]),
            (6, [true, false, false, false, false]),
        ] {
            assert_eq!(needs.map(|need| roles.allow(user, need)), expected, "user {user}");
        }
        let words = |roles: &Roles| roles.second_person().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(words(&roles), ["contract", "payment"]);
        assert_eq!(words(&Roles { second_person: Some(Vec::new()), ..roles }), [""; 0]);
    }
}

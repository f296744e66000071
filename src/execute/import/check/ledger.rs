//! Consents, deals, transfers and contacts.

use crate::{
    domain::{Scope, country},
    store::load::row::{ConsentRow, ContactRow, DisclosureRow, ObligationRow},
};

use super::{
    super::{
        line::{RawConsent, RawContact, RawDisclosure, RawObligation},
        place::Place,
    },
    Desk,
};

impl Desk<'_> {
    pub(super) fn consent(&mut self, raw: &RawConsent<'_>) -> Option<ConsentRow> {
        let scope = self.scope(raw);
        let purposes = self.purposes(raw.purposes.as_deref());
        let given_at = self.required_past("given_at", raw.given_at.as_ref());
        let expires_at = self.moment("expires_at", raw.expires_at.as_ref());
        let withdrawn_at = self.past("withdrawn_at", raw.withdrawn_at.as_ref());
        self.in_order("expires_at", given_at, expires_at, "given_at");
        self.in_order("withdrawn_at", given_at, withdrawn_at, "given_at");
        let given_by = match self.text(raw.given_by.as_ref()) {
            Some(text) => self.word("given_by", text, &["self", "parent", "representative"])?,
            None => "self",
        };
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let flag = |flag: Option<bool>| flag.unwrap_or_default();
        Some(ConsentRow {
            scope: scope?.as_str(),
            purposes,
            given_at: given_at?,
            given_by: given_by.to_owned(),
            expires_at,
            withdrawn_at,
            method: owned(self.text(raw.method.as_ref())),
            evidence: owned(self.text(raw.evidence.as_ref())),
            policy_version: owned(self.text(raw.policy_version.as_ref())),
            allows: [flag(raw.third_party), flag(raw.cross_border), flag(raw.publication)],
        })
    }

    fn scope(&mut self, raw: &RawConsent<'_>) -> Option<Scope> {
        let typed = self.required("scope", raw.scope.as_ref())?;
        let scope = typed.parse().ok();
        if scope.is_none() {
            let words = Scope::ALL.iter().map(|scope| scope.as_str());
            self.unknown(Place::Field("scope"), "scope", typed, words, true);
        }
        scope
    }

    pub(super) fn obligation(&mut self, raw: &RawObligation<'_>) -> Option<ObligationRow> {
        let known = &self.checker.vocabulary.obligations;
        let typed = self.required("type", raw.kind.as_ref());
        let kind = typed.filter(|typed| known.iter().any(|word| word == typed));
        if let (Some(typed), None) = (typed, kind) {
            self.unknown(Place::Field("type"), "type", typed, known.iter().map(String::as_str), true);
        }
        let opened_at = self.required_past("opened_at", raw.opened_at.as_ref());
        let closed_at = self.past("closed_at", raw.closed_at.as_ref());
        self.in_order("closed_at", opened_at, closed_at, "opened_at");
        // A day that has not come closes nothing: until an import of that day or later says so, it is open.
        let closed_at = closed_at.filter(|at| *at <= self.checker.now);
        Some(ObligationRow { kind: kind?.to_owned(), opened_at: opened_at?, closed_at })
    }

    pub(super) fn disclosure(&mut self, raw: &RawDisclosure<'_>) -> Option<DisclosureRow> {
        let recipient = self.required("recipient", raw.recipient.as_ref()).map(str::to_owned);
        let country = self.country(raw);
        let at = self.required_past("at", raw.at.as_ref());
        let basis = self.ground(raw);
        let purpose = self.required("purpose", raw.purpose.as_ref());
        let purpose = purpose.and_then(|typed| self.purpose(Place::Field("purpose"), typed));
        let list = raw.categories.as_deref().unwrap_or_default();
        if list.iter().all(|text| text.get().is_empty()) {
            self.missing("categories");
        }
        let mut categories = Vec::with_capacity(list.len());
        for (nth, text) in list.iter().enumerate().filter(|(_, text)| !text.get().is_empty()) {
            let known = self.known_category(Place::Item("categories", nth), text.get());
            categories.extend(known.map(|(category, _)| category));
        }
        let (recipient, country, basis) = (recipient?, country?, basis?);
        Some(DisclosureRow { recipient, country, categories, purpose: purpose?, basis, at: at? })
    }

    /// Where the policy bans transfers, each needs the code of one of its exceptions.
    fn ground(&mut self, raw: &RawDisclosure<'_>) -> Option<String> {
        let typed = self.required("basis", raw.basis.as_ref())?;
        let grounds = &self.checker.vocabulary.grounds;
        if grounds.is_empty() || grounds.contains(&typed) {
            return Some(typed.to_owned());
        }
        let words = grounds.clone().into_iter();
        self.unknown(Place::Field("basis"), "exception to the ban of transfers", typed, words, true);
        None
    }

    fn country(&mut self, raw: &RawDisclosure<'_>) -> Option<String> {
        let typed = self.required("country", raw.country.as_ref())?;
        let code = country(typed).map(str::to_owned);
        if code.is_none() {
            self.complain(Place::Field("country"), "no country has this code: it is two letters, such as KZ");
        }
        code
    }

    pub(super) fn contact(&mut self, raw: &RawContact<'_>) -> Option<ContactRow> {
        let at = self.required_past("at", raw.at.as_ref());
        let typed = self.required("direction", raw.direction.as_ref())?;
        let direction = self.word("direction", typed, &["in", "out"])?;
        Some(ContactRow { at: at?, inbound: direction == "in" })
    }
}

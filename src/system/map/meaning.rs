//! What a collection's rows mean: dates, deals, consents, blocks.

use super::{ColumnOrWord, ConsentSource, Flag, Meaning, ObligationSource, category::Words, page::Page, raw};
use crate::{
    domain::Scope,
    policy::{vocabulary::ObligationKind, yaml::Spanned},
};

/// Reads `dsr_meta` of a collection.
pub fn read(page: &Page<'_>, words: &Words<'_>, raw: &raw::Meaning) -> Meaning {
    Meaning {
        category: raw.category.as_ref().and_then(|word| words.category(page, word)),
        collected_at: text(&raw.collected_at),
        last_contact_at: text(&raw.last_contact_at),
        document_at: text(&raw.document_at),
        purpose_reached_at: text(&raw.purpose_reached_at),
        activity_at: text(&raw.activity_at),
        given_by: text(&raw.given_by),
        purposes: raw.purposes.clone(),
        restriction: raw.restriction.as_ref().map(flag),
        obligation: raw.obligation.as_ref().map(|raw| obligation(page, raw)),
        consent: raw.consent.as_ref().map(|raw| consent(page, raw)),
        belongs_to_obligation: text(&raw.belongs_to_obligation),
        belongs_to_consent: text(&raw.belongs_to_consent),
    }
}

impl Meaning {
    /// Every column that it names.
    pub fn columns(&self) -> Vec<&str> {
        let dates = [
            &self.collected_at,
            &self.last_contact_at,
            &self.document_at,
            &self.purpose_reached_at,
            &self.activity_at,
            &self.given_by,
            &self.belongs_to_obligation,
            &self.belongs_to_consent,
        ];
        let mut columns: Vec<&str> = dates.into_iter().flatten().map(String::as_str).collect();
        columns.extend(self.restriction.iter().map(|flag| flag.column.as_str()));
        if let Some(deal) = &self.obligation {
            columns.extend(deal.kind.column());
            columns.push(&deal.opened_at);
            columns.extend(deal.closed_at.as_deref());
        }
        if let Some(consent) = &self.consent {
            columns.extend(consent.scope.column());
            columns.push(&consent.given_at);
            columns.extend(
                [&consent.withdrawn_at, &consent.expires_at].into_iter().flatten().map(String::as_str),
            );
        }
        columns
    }
}

impl ColumnOrWord {
    /// The column, if it is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::Word(_) => None,
        }
    }
}

/// Every column that the file names, with its place.
pub fn columns(raw: &raw::Meaning) -> Vec<&Spanned<String>> {
    let dates = [
        &raw.collected_at,
        &raw.last_contact_at,
        &raw.document_at,
        &raw.purpose_reached_at,
        &raw.activity_at,
        &raw.given_by,
        &raw.belongs_to_obligation,
        &raw.belongs_to_consent,
    ];
    let mut columns: Vec<&Spanned<String>> = dates.into_iter().flatten().collect();
    columns.extend(raw.restriction.as_ref().map(|flag| &flag.column));
    if let Some(deal) = &raw.obligation {
        columns.extend(deal.kind.column());
        columns.push(&deal.opened_at);
        columns.extend(&deal.closed_at);
    }
    if let Some(consent) = &raw.consent {
        columns.extend(consent.scope.column());
        columns.push(&consent.given_at);
        columns.extend([&consent.withdrawn_at, &consent.expires_at].into_iter().flatten());
    }
    columns
}

fn text(word: &Option<Spanned<String>>) -> Option<String> {
    word.as_ref().map(|word| word.value.clone())
}

fn flag(raw: &raw::Flag) -> Flag {
    Flag { column: raw.column.value.clone(), blocked: raw.blocked.clone(), free: raw.free.clone() }
}

fn obligation(page: &Page<'_>, raw: &raw::Obligation) -> ObligationSource {
    let known: Vec<&str> = ObligationKind::ALL.iter().map(|kind| kind.as_str()).collect();
    ObligationSource {
        kind: column_or_word(
            page,
            &raw.kind,
            &|word| format!("the type of deal `{word}` is not known"),
            &known,
        ),
        opened_at: raw.opened_at.value.clone(),
        closed_at: text(&raw.closed_at),
    }
}

fn consent(page: &Page<'_>, raw: &raw::Consent) -> ConsentSource {
    let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    ConsentSource {
        scope: column_or_word(page, &raw.scope, &|word| format!("the scope `{word}` is not known"), &known),
        given_at: raw.given_at.value.clone(),
        withdrawn_at: text(&raw.withdrawn_at),
        expires_at: text(&raw.expires_at),
    }
}

fn column_or_word(
    page: &Page<'_>,
    raw: &raw::ColumnOrWord,
    says: &dyn Fn(&str) -> String,
    known: &[&str],
) -> ColumnOrWord {
    match raw {
        raw::ColumnOrWord::Column(name) => ColumnOrWord::Column(name.value.clone()),
        raw::ColumnOrWord::Word(word) => {
            if !known.contains(&word.value.as_str()) {
                page.unknown(word, &says(&word.value), known);
            }
            ColumnOrWord::Word(word.value.clone())
        }
    }
}

//! What an import may say, read off the policy of its controller.

use crate::{
    execute::import::{FieldKind, Fields, Vocabulary},
    policy::{
        Rulebook,
        body::Body,
        model::{CategoryDef, FieldDef},
        vocabulary::{Ban, FieldType},
    },
};

/// The closed lists of one controller.
pub fn of(rulebook: &Rulebook) -> Vocabulary {
    Vocabulary {
        categories: rulebook.categories().iter().map(|def| (def.id.clone(), fields(def))).collect(),
        purposes: rulebook.policy.purposes.iter().map(|def| def.word.clone()).collect(),
        obligations: Vocabulary::OBLIGATIONS.map(str::to_owned).to_vec(),
        grounds: grounds(rulebook),
    }
}

/// Where the policy bans transfers, the exceptions it leaves.
fn grounds(rulebook: &Rulebook) -> Vec<&'static str> {
    let bans = rulebook.policy.rules.iter().filter_map(|rule| match &rule.body {
        Body::Ban(ban) if ban.what == Ban::Transfer => Some(ban),
        _ => None,
    });
    bans.flat_map(|ban| &ban.except).map(|exception| exception.as_str()).collect()
}

fn fields(def: &CategoryDef) -> Fields {
    let dated = |name: &str| def.field(name).map(|field| field.name.clone());
    Fields {
        kinds: def.fields.iter().map(|field| (field.name.clone(), kind(field))).collect(),
        // Design section 6: the document is dated by service.date or contract.signed_at.
        document: def.is_document().then(|| dated("signed_at").or_else(|| dated("date"))).flatten(),
        // Design section 6: an order and a visit are contacts by the person.
        activity: def.is_document().then(|| dated("date")).flatten().or_else(|| dated("visited_at")),
        open: def.open,
    }
}

fn kind(field: &FieldDef) -> FieldKind {
    match (field.identifier, field.key.as_str(), field.kind) {
        (Some(identifier), ..) => FieldKind::Identifier(identifier),
        (_, "user.name.last", _) => FieldKind::FamilyName,
        (_, "user.name.first", _) => FieldKind::GivenName,
        _ if field.name == "patronymic" => FieldKind::Patronymic,
        (.., FieldType::Text) => FieldKind::Text,
        (.., FieldType::Number) => FieldKind::Number,
        (.., FieldType::Bool) => FieldKind::Flag,
        (.., FieldType::List) => FieldKind::List,
        (.., FieldType::Date) => FieldKind::Date,
    }
}

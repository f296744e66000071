//! What reads each shape: the types behind the names of `policies/schema.json`.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeOwned, Visitor},
    forward_to_deserialize_any,
};

use crate::{
    domain::{Channel, IdentifierType, Pause, Right, Roll, Scope, StartEvent},
    policy::{
        ask, body, cases, model, officer, places, raw, register, roles::Roles, until, vocabulary, yaml,
    },
};

/// A type that reads a shape.
pub struct Reader {
    /// The shape.
    pub shape: &'static str,
    /// Its keys or variants, as the type itself tells them.
    pub keys: &'static [&'static str],
    /// Reads a text; the complaint where it does not.
    pub read: fn(&str) -> Result<(), String>,
}

/// The reader of a shape.
pub fn reader<T: DeserializeOwned>(shape: &'static str) -> Reader {
    let keys = T::deserialize(Ask).err().map(|asked| asked.0).unwrap_or_default();
    let read = |text: &str| {
        let read = yaml::read::<T>("sample", text);
        read.map(drop).map_err(|error| error.message().to_owned())
    };
    Reader { shape, keys, read }
}

/// Every type with keys but those of the calendar, which is a layer of its own: see `dsr policy schema`.
pub fn readers() -> Vec<Reader> {
    vec![
        reader::<raw::PolicyFile>("policy"),
        reader::<raw::StatuteFile>("statute"),
        reader::<model::Source>("source"),
        reader::<model::Controller>("controller"),
        reader::<raw::RawIdentifier>("identifier"),
        reader::<raw::RawCategory>("category"),
        reader::<raw::RawDocument>("document"),
        reader::<raw::RawField>("field"),
        reader::<raw::RawPurpose>("purpose"),
        reader::<raw::RawRule>("rule"),
        reader::<raw::Then>("then"),
        reader::<raw::RawKeep>("keep"),
        reader::<until::Until>("until"),
        reader::<until::Elapsed>("elapsed"),
        reader::<until::TaxYears>("tax_years"),
        reader::<until::ConsentElapsed>("consent_elapsed"),
        reader::<until::When>("when"),
        reader::<raw::RawRight>("right_body"),
        reader::<raw::RawDeadline>("deadline"),
        reader::<raw::RawExtension>("extension"),
        reader::<raw::RawTerm>("term"),
        reader::<raw::RawCollects>("collects"),
        reader::<body::BanRule>("ban_body"),
        reader::<raw::RawCondition>("condition"),
        reader::<raw::RawNeeds>("needs"),
        reader::<raw::RawMinors>("minors"),
        reader::<raw::RawCookie>("cookie"),
        reader::<body::BasisRule>("basis_body"),
        reader::<body::Recipient>("recipient"),
        reader::<body::ChannelRule>("channel_body"),
        reader::<body::Fee>("fee"),
        reader::<body::Notice>("notice"),
        reader::<body::Change>("change"),
        reader::<body::DutyRule>("duty_body"),
        reader::<register::RegisterTerms>("register_data"),
        reader::<officer::Officer>("officer"),
        reader::<officer::OfficerController>("officer_controller"),
        reader::<officer::Responsible>("responsible"),
        reader::<officer::Recipient>("officer_recipient"),
        reader::<officer::SizeClass>("size_class"),
        reader::<Roles>("roles"),
        reader::<places::Place>("system"),
        reader::<places::PlaceKind>("system_kind"),
        reader::<places::Tls>("tls"),
        reader::<cases::read::RawCases>("cases"),
        reader::<cases::read::RawRetention>("retention_case"),
        reader::<cases::read::RawRecord>("case_record"),
        reader::<cases::read::RawConsent>("case_consent"),
        reader::<cases::read::RawObligation>("case_obligation"),
        reader::<cases::read::RawDeadlineCase>("deadline_case"),
        reader::<cases::read::RawTick>("tick"),
        reader::<cases::read::RawWhat>("tick_what"),
        reader::<cases::read::RawRuleCase>("rule_case"),
        reader::<cases::Expected>("expected"),
        reader::<ask::Ask>("ask"),
        reader::<ask::AskChannel>("ask_channel"),
        reader::<ask::AskStops>("ask_stops"),
        reader::<ask::AskGives>("ask_gives"),
        reader::<ask::AskHandOver>("ask_hand_over"),
        reader::<ask::AskIdentity>("ask_identity"),
        reader::<ask::AskArticle>("ask_article"),
        reader::<ask::AskGranted>("ask_granted"),
        reader::<ask::AskInForce>("ask_in_force"),
        reader::<ask::Quiet>("quiet"),
        reader::<ask::Need>("need"),
    ]
}

/// Every closed list of words.
pub fn lists() -> Vec<(&'static str, Vec<&'static str>)> {
    macro_rules! list {
        ($shape:literal, $words:ty) => {
            ($shape, <$words>::ALL.iter().map(|word| word.as_str()).collect())
        };
    }
    let refusable = Right::ALL.iter().filter(|right| right.is_refusable()).map(|right| right.as_str());
    vec![
        list!("class", vocabulary::Class),
        list!("basis", vocabulary::Basis),
        list!("sensitivity", vocabulary::Sensitivity),
        list!("field_type", vocabulary::FieldType),
        list!("on_withdrawal", vocabulary::OnWithdrawal),
        list!("mark", vocabulary::Mark),
        list!("duty", vocabulary::Duty),
        list!("effect", vocabulary::Effect),
        list!("refusal_effect", vocabulary::RefusalEffect),
        list!("ban", vocabulary::Ban),
        list!("exception", vocabulary::Exception),
        list!("silence", vocabulary::Silence),
        list!("officer_field", vocabulary::OfficerField),
        list!("notice_place", vocabulary::NoticeTo),
        list!("obligation_type", vocabulary::ObligationKind),
        list!("event", until::Event),
        list!("scope", Scope),
        list!("identifier_type", IdentifierType),
        list!("right", Right),
        ("refusable_right", refusable.collect()),
        list!("start_event", StartEvent),
        list!("pause", Pause),
        list!("roll", Roll),
        list!("channel", Channel),
        list!("layer", cases::Layer),
    ]
}

/// A reader without a text: a type that asks it for keys or variants is answered with its own list.
struct Ask;

#[derive(Debug)]
struct Asked(&'static [&'static str]);

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Asked {}

impl serde::de::Error for Asked {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }
}

impl<'de> Deserializer<'de> for Ask {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        Err(Asked(keys))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        Err(Asked(variants))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

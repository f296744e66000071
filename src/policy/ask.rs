//! Questions that a rule answers by itself, as a case beside a policy asks them.
//!
//! Each is one the program asks when it decides: what a purpose rests on, what becomes of a field at a
//! withdrawal, whether a recipient may have something. The answers are `decide::ask`'s; here are only the
//! words. Deliberately absent: dates of a record and due dates, which have cases of their own.

use serde::Deserialize;

use super::{
    vocabulary::{Ban, Basis, Duty, Exception, NoticeTo, Silence},
    word::{self, Day, OneOrMany, Word},
};
use crate::domain::{Channel, Right, Scope};

/// One question.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// What a purpose rests on: its class, or `unknown`.
    Purpose(String),
    /// What withdrawal does to `category.field`, or to a whole `category`: an outcome, `outside` for what
    /// is no personal data, `unlisted` for what no clause names.
    Field(String),
    /// Whether a clause names this source: `named` or `unnamed`.
    Source(String),
    /// What an act of the person is worth as consent: `consent`, `weak` or `none`.
    Event(String),
    /// Whether something needs a consent of its own: `consent` or `none`.
    Scope(#[serde(deserialize_with = "word::one")] Scope),
    /// What a basis can carry: `withdrawable`, `keeps` or `supports_nothing`.
    Basis(#[serde(deserialize_with = "word::one")] Basis),
    /// How a request may come: `named` by the policy, or `accepted` all the same.
    Channel(AskChannel),
    /// What an answer costs: `0`, or `0, conflict` where the policy would take a fee.
    Fee(#[serde(deserialize_with = "word::one")] Right),
    /// Whether a recipient may have something: `allow`, `without ip` or `deny`.
    HandOver(Box<AskHandOver>),
    /// Who grants a right: `policy`, `law` or `nobody`.
    Right(#[serde(deserialize_with = "word::one")] Right),
    /// Whether a right stops a purpose: `stops` or `goes_on`.
    Stops(AskStops),
    /// Whether an answer holds something: `given` or `not_owed`.
    Gives(AskGives),
    /// Whether the policy promises to tell of its changes: `told` or `untold`.
    Change(Quiet),
    /// When a text published on a day takes effect.
    Effective(#[serde(deserialize_with = "word::one")] Day),
    /// Whether a significant change is told there: `due` or `not_promised`.
    Notice(#[serde(deserialize_with = "word::one")] NoticeTo),
    /// The effects that carrying out a right has, in order.
    Effects(#[serde(deserialize_with = "word::one")] Right),
    /// What else has to be done when a right is carried out, or `always`: its task.
    Duty(Occasion),
    /// What a ground of refusal leads to, or `no_ground`.
    Ground(String),
    /// Whether a person of this age is an adult by the policy: `adult` or `minor`.
    Age(u32),
    /// What follows when contacts turn out to be another person's.
    Contacts(Quiet),
    /// What a defined word asks of the officer, or `defined`; `undefined` where no rule defines it.
    Term(String),
    /// The rules of the law that fill a silence.
    Silent(#[serde(deserialize_with = "word::one")] Silence),
    /// By which rule data of cookies ends.
    Cookie(Quiet),
    /// How carefully a person is recognised who asks for data of this category.
    Identity(AskIdentity),
    /// The same question under a policy that says nothing: what the law answers alone.
    Silently(Box<Ask>),
    /// What an article says of a right to a request of a day: its limit, `granted`, or `not in force`.
    Article(AskArticle),
    /// Who grants a right to a request of a day: `policy`, `law` or `nobody`.
    Granted(AskGranted),
    /// Whether a rule of the law speaks on a day: `in force` or `not in force`.
    InForce(AskInForce),
    /// Within what a duty of its own is done; `nothing` where nothing sets it.
    Within(#[serde(deserialize_with = "word::one")] Duty),
    /// Whether something is demanded of the company, by a word of its task: `demanded` or `not demanded`.
    Task(String),
    /// Whether something is banned: `forbidden` or `free`.
    Forbidden(#[serde(deserialize_with = "word::one")] Ban),
    /// What a right may hang on, by the word of the rules: `asked for` or `not asked for`.
    Needs(Need),
    /// How long what a basis carries lasts where it names no end: `as long as its purposes` or `unknown`.
    Lasts(#[serde(deserialize_with = "word::one")] Basis),
    /// How long a kind of the register's own data stays.
    Register(String),
}

/// What a request may hang on.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// No obligation is unfulfilled.
    UnfulfilledObligation,
    /// Documents confirm it.
    Documents,
    /// There is information of a violation.
    Violation,
    /// No law demands storage.
    MandatoryStorage,
}

/// An article, the right it is about, and the day of the request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskArticle {
    /// As the rule cites it, e.g. `94-V art. 24(4)`.
    pub article: String,
    /// The right.
    #[serde(deserialize_with = "word::one")]
    pub right: Right,
    /// The day of receipt.
    #[serde(deserialize_with = "word::one")]
    pub on: Day,
}

/// A right, and the day of the request.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskGranted {
    /// The right.
    #[serde(deserialize_with = "word::one")]
    pub right: Right,
    /// The day of receipt.
    #[serde(deserialize_with = "word::one")]
    pub on: Day,
}

/// A rule of the law, and a day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskInForce {
    /// Its id.
    pub law: String,
    /// The day.
    #[serde(deserialize_with = "word::one")]
    pub on: Day,
}

/// A question without a parameter is written with `any`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Quiet {
    /// The only word.
    Any,
}

/// When a duty is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion(pub Option<Right>);

impl<'de> Deserialize<'de> for Occasion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word == "always" {
            return Ok(Self(None));
        }
        word.parse().map(|right| Self(Some(right))).map_err(serde::de::Error::custom)
    }
}

/// A request that came somehow.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskChannel {
    /// What is asked.
    #[serde(deserialize_with = "word::one")]
    pub right: Right,
    /// How it came.
    #[serde(deserialize_with = "word::one")]
    pub by: Channel,
}

/// A right and a purpose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskStops {
    /// What is asked.
    #[serde(deserialize_with = "word::one")]
    pub right: Right,
    /// The purpose.
    pub purpose: String,
}

/// A right and something its answer may hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskGives {
    /// What is asked.
    #[serde(deserialize_with = "word::one")]
    pub right: Right,
    /// What the answer may hold, such as `copy` or `json`.
    pub what: String,
}

/// A disclosure of one record of one person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskHandOver {
    /// The recipient's role.
    #[serde(default)]
    pub role: String,
    /// The ground; the policy's purposes where none is named.
    #[serde(default, deserialize_with = "word::some")]
    pub ground: Option<Exception>,
    /// What for.
    #[serde(default)]
    pub purpose: Option<String>,
    /// Country of the recipient.
    #[serde(default)]
    pub country: String,
    /// Number of a lawful demand.
    #[serde(default)]
    pub demand: Option<String>,
    /// The lawyer who approved it.
    #[serde(default)]
    pub approved_by: Option<String>,
    /// The document by which staff needs it, or rights passed.
    #[serde(default)]
    pub document: Option<String>,
    /// Named as a service provider by the officer.
    #[serde(default)]
    pub provider: bool,
    /// The category of the record; contact where none is named.
    #[serde(default)]
    pub category: Option<String>,
    /// The one field asked for.
    #[serde(default)]
    pub field: Option<String>,
    /// What the record is held for; service where nothing is named.
    #[serde(default)]
    pub held_for: OneOrMany<String>,
    /// Consents that stand.
    #[serde(default, deserialize_with = "word::list")]
    pub consents: Vec<Scope>,
    /// Purposes the person has stopped.
    #[serde(default)]
    pub stopped: OneOrMany<String>,
    /// The person's data is blocked.
    #[serde(default)]
    pub blocked: bool,
    /// The day.
    #[serde(default)]
    pub today: Option<Word<Day>>,
}

/// Who asks, and what is known of their contacts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskIdentity {
    /// Category of the data asked for.
    pub category: String,
    /// Days since the contact on file was last changed before the request; `None` = never.
    #[serde(default)]
    pub contact_changed_days_ago: Option<u32>,
}

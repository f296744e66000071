//! What was asked, as data: to decide now, to decide again before acting, and to resume later.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cases;
use crate::{
    audit::State,
    decide::{
        by_place::{
            self, Scene, Sweep,
            corrects::{self, Field, Proof},
            seek::Seek,
        },
        erase::{self, Erasure, erase},
        lift::{Finding, Lifting, lift},
        object::{Objection, object},
        purposes,
        rectify::{Change, Rectification, rectify},
        restrict::{Restriction, restrict},
        revoke::{Withdrawal, revoke},
    },
    domain::{
        Action, CaseNumber, Category, Error, IdentityMethod, Moment, Plan, Purpose, Result, Right, Scope,
        Step, SubjectFacts, plan::Waiting,
    },
    policy::{Rulebook, places::Places},
    store::CaseEntry,
};

/// One right exercised, with its particulars. New values stand only in [`Order::Rectify`], which is
/// therefore never kept in a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// Withdraw consent.
    Revoke {
        /// Purposes; none = everything.
        purposes: Vec<String>,
        /// Scopes of consent.
        scopes: Vec<String>,
    },
    /// Erase.
    Erase {
        /// Categories; none = all.
        categories: Vec<String>,
    },
    /// Object, or take an objection back.
    Object {
        /// Purposes; none = every one that no contract and no law needs.
        purposes: Vec<String>,
        /// Take it back.
        lift: bool,
    },
    /// Block for a check.
    Restrict {
        /// Categories; none = all.
        categories: Vec<String>,
        /// What is disputed, as the officer wrote it: it stays in the case.
        reason: String,
    },
    /// End a check.
    Lift {
        /// `accurate`, `inaccurate` or `unlawful`.
        finding: String,
        /// The case that blocks; `None` = every block.
        case: Option<String>,
        /// The cases that blocked when it was asked; none = as `case` says. A block that comes later is not meant.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cases: Vec<String>,
    },
    /// Correct fields.
    Rectify {
        /// Category, field, new value.
        changes: Vec<NewValue>,
        /// The document that confirms them, by name, number and date.
        document: Option<String>,
    },
}

/// One correction. Personal data: `Debug` does not show the value.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewValue {
    /// Category.
    pub category: String,
    /// Field.
    pub field: String,
    /// The new value as typed.
    pub value: String,
}

impl std::fmt::Debug for NewValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewValue({}.{}, …)", self.category, self.field)
    }
}

/// What is known of the request beside the order itself.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The right, as [`Order::right_in`] gives it.
    pub right: Right,
    /// When it came.
    pub received: Moment,
    /// How identity was confirmed.
    pub identity: Option<IdentityMethod>,
    /// The last day the law leaves, for what waits.
    pub statutory: Option<chrono::NaiveDate>,
    /// Now.
    pub now: Moment,
}

impl Order {
    /// The right that is exercised.
    pub fn right(&self) -> Right {
        match self {
            Self::Revoke { .. } => Right::Revoke,
            Self::Erase { .. } => Right::Erase,
            Self::Object { .. } => Right::Object,
            Self::Restrict { .. } => Right::Restrict,
            Self::Lift { .. } => Right::Unblock,
            Self::Rectify { .. } => Right::Rectify,
        }
    }

    /// The new values of a correction; of anything else none.
    pub fn changes(&self) -> &[NewValue] {
        if let Self::Rectify { changes, .. } = self { changes } else { &[] }
    }

    /// Whether it waits for no other system: a block, and a stop of advertising.
    pub fn is_at_once(&self) -> bool {
        matches!(self, Self::Restrict { .. } | Self::Object { .. })
    }

    /// The right that is exercised in a case. One about messages stops them for anybody, and nothing more;
    /// what goes in a case about a minor is destroyed under the terms of any erasure, by the rule about minors.
    pub fn right_in(&self, case: Right) -> Right {
        match self {
            Self::Object { purposes, lift: false } if case == Right::OptOut && purposes.is_empty() => case,
            Self::Erase { .. } if case == Right::Minor => case,
            _ => self.right(),
        }
    }

    /// The word of the command in the log.
    pub fn command(&self) -> &'static str {
        match self {
            Self::Lift { .. } => "restrict.lift",
            Self::Object { lift: true, .. } => "object.lift",
            other => other.right().as_str(),
        }
    }

    /// What was done, as the log says it.
    pub fn state(&self) -> State {
        match self {
            Self::Revoke { .. } => State::Withdrawn,
            Self::Erase { .. } => State::DestroyedLogically,
            Self::Object { lift: false, .. } => State::Suppressed,
            Self::Object { lift: true, .. } => State::Unsuppressed,
            Self::Restrict { .. } => State::Blocked,
            Self::Lift { .. } => State::Unblocked,
            Self::Rectify { .. } => State::Rectified,
        }
    }

    /// As a case keeps it, to be asked again. A rectification holds values: only its fields and its document
    /// are kept, and it cannot be asked again.
    pub fn kept(&self) -> Option<String> {
        let Self::Rectify { changes, document } = self else { return serde_json::to_string(self).ok() };
        let fields: Vec<String> =
            changes.iter().map(|new| format!("{}.{}", new.category, new.field)).collect();
        Some(json!({ "rectified": { "fields": fields, "document": document } }).to_string())
    }

    /// The same with the cases whose check it ends, where it names none: what it is resumed with later.
    pub fn kept_of(&self, facts: Option<&SubjectFacts>) -> Option<String> {
        let Self::Lift { finding, case: None, cases } = self else { return self.kept() };
        let blocks = facts.into_iter().flat_map(|facts| &facts.blocks);
        let blocking: BTreeSet<&CaseNumber> = blocks.map(|block| &block.case).collect();
        let pinned = if cases.is_empty() {
            blocking.into_iter().map(ToString::to_string).collect()
        } else {
            cases.clone()
        };
        Self::Lift { finding: finding.clone(), case: None, cases: pinned }.kept()
    }

    /// Whether two orders as they were kept ask the same. One that names no cases is the command typed again once
    /// nothing is blocked any more, or an older store's.
    pub fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
        let named = |ask: Option<&str>| match serde_json::from_str(ask?) {
            Ok(Self::Lift { finding, case, cases }) => Some((finding, case, cases)),
            _ => None,
        };
        match (named(one), named(other)) {
            (Some((finding, case, cases)), Some((found, number, others))) => {
                let open = cases.is_empty() || others.is_empty();
                (finding, case) == (found, number) && (open || cases == others)
            }
            _ => one == other,
        }
    }

    /// What was asked last in a case, where it can be asked again as it was.
    pub fn last(history: &[CaseEntry]) -> Option<Self> {
        cases::last_ask(history).and_then(|ask| Self::read(&ask))
    }

    /// An order as a case keeps it; `None`: it cannot be asked again as it was.
    pub fn read(ask: &str) -> Option<Self> {
        serde_json::from_str(ask).ok()
    }

    /// The cases whose check it ends, where it is the end of one.
    pub fn lifted(&self) -> &[String] {
        match self {
            Self::Lift { cases, .. } => cases,
            _ => &[],
        }
    }

    /// Decides it for one person.
    ///
    /// # Errors
    /// Usage (exit 2): a category, field or purpose that the policy does not know.
    pub fn decide(&self, facts: &SubjectFacts, rulebook: &Rulebook, around: Circumstances) -> Result<Plan> {
        let Circumstances { right, received, statutory, now, identity } = around;
        let day = Some(received.day());
        match self {
            Self::Revoke { purposes, scopes } => {
                let purposes = checked(purposes, rulebook)?;
                let scopes = scopes.iter().map(|word| parsed::<Scope>(word)).collect::<Result<_>>()?;
                Ok(revoke(facts, rulebook, &Withdrawal { purposes, scopes, statutory, received: day }, now))
            }
            Self::Erase { categories } => {
                let categories = categories_of(categories);
                erase::check(rulebook, &categories)?;
                let minor = right == Right::Minor;
                Ok(erase(facts, rulebook, &Erasure { categories, statutory, received: day, minor }, now))
            }
            Self::Object { purposes, lift } => {
                // Whoever wants no more messages objects to nothing else.
                let purposes = match purposes.as_slice() {
                    [] if right == Right::OptOut => purposes::of_messages(rulebook),
                    named => checked(named, rulebook)?,
                };
                let ask = Objection { purposes, lift: *lift, statutory, received: day };
                Ok(object(facts, rulebook, &ask, now))
            }
            Self::Restrict { categories, .. } => {
                let categories = categories_of(categories);
                erase::check(rulebook, &categories)?;
                Ok(restrict(facts, rulebook, &Restriction { categories }, received, now))
            }
            Self::Lift { finding, case, cases } => {
                let cases = cases.iter().chain(case).map(|case| parsed::<CaseNumber>(case));
                let cases = cases.collect::<Result<_>>()?;
                Ok(lift(facts, rulebook, &Lifting { cases, finding: parsed::<Finding>(finding)? }, now))
            }
            Self::Rectify { changes, document } => {
                let changes = changes.iter().map(change).collect();
                let known_contact = identity == Some(IdentityMethod::KnownContact);
                rectify(
                    facts,
                    rulebook,
                    &Rectification { changes, document: document.is_some(), known_contact, received: day },
                    now,
                )
            }
        }
    }

    /// Adds what people have to do in systems of their own, so that the plan is whole. `cut`: it holds only what needs
    /// no identity; else `identity` is how it was confirmed.
    pub fn by_hand(
        &self,
        plan: &mut Plan,
        places: &Places,
        (cut, identity): (bool, Option<IdentityMethod>),
        scene: Scene<'_>,
    ) {
        let sweep = match self {
            _ if cut => Sweep::Stop,
            Self::Erase { .. } | Self::Revoke { .. } if is_put_off(plan) => Sweep::AsPlanned,
            Self::Erase { categories } => Sweep::Destroy(categories_of(categories)),
            Self::Revoke { purposes, scopes } if purposes.is_empty() && scopes.is_empty() => {
                Sweep::Destroy(Vec::new())
            }
            Self::Revoke { .. } | Self::Object { .. } => Sweep::AsPlanned,
            Self::Restrict { categories, .. } => Sweep::Block(categories_of(categories)),
            Self::Lift { finding, .. } if finding == Finding::Unlawful.as_str() => Sweep::AsPlanned,
            Self::Lift { .. } => Sweep::Unblock,
            Self::Rectify { changes, document } => {
                let field = |new: &NewValue| Field {
                    category: Category::new(&new.category),
                    name: new.field.clone(),
                };
                let fields: Vec<Field> = changes.iter().map(field).collect();
                let known_contact = identity == Some(IdentityMethod::KnownContact);
                let proof = Proof { document: document.is_some(), known_contact };
                return corrects::correct(plan, &fields, proof, places, scene);
            }
        };
        by_place::add(plan, &sweep, places, scene);
    }
}

impl Order {
    /// What people look for in their places where nothing is held here: what it stops for somebody without a record
    /// (`plan`), and what it has destroyed.
    pub fn seeks(&self, plan: &Plan, rulebook: &Rulebook) -> Seek {
        let whole = |scopes: &[String]| scopes.iter().any(|word| word == Scope::Processing.as_str());
        let destroys = match self {
            Self::Erase { categories } => Some(categories_of(categories)),
            Self::Revoke { purposes, scopes }
                if purposes.is_empty() && scopes.is_empty() || whole(scopes) =>
            {
                Some(Vec::new())
            }
            _ => None,
        };
        Seek::of(plan, rulebook, destroys)
    }
}

/// Whether all that would go waits for an answer: it is destroyed nowhere before that.
fn is_put_off(plan: &Plan) -> bool {
    let goes =
        |step: &Step| matches!(step.action, Action::Destroy | Action::Archive) && !step.keys.is_empty();
    let waits = plan.waits.iter().any(|wait| matches!(wait.on, Waiting::Answer(_)));
    waits && !plan.steps.iter().any(goes)
}

fn change(new: &NewValue) -> Change {
    Change { category: Category::new(&new.category), field: new.field.clone(), value: new.value.clone() }
}

fn categories_of(words: &[String]) -> Vec<Category> {
    words.iter().map(|word| Category::new(word)).collect()
}

fn checked(words: &[String], rulebook: &Rulebook) -> Result<Vec<Purpose>> {
    let all: Vec<Purpose> = words.iter().map(|word| Purpose::new(word)).collect();
    purposes::check(rulebook, &all)?;
    Ok(all)
}

fn parsed<T: std::str::FromStr<Err = String>>(word: &str) -> Result<T> {
    word.parse().map_err(Error::usage)
}

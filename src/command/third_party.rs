//! `dsr export --for third-party`: a disclosure with rules of its own.

use super::{
    Exit, Outcome, intake,
    world::{Rules, World},
};
use crate::{
    decide::{hand_over::HandOver, purposes},
    domain::{
        CaseNumber, Category, Error, Kind, Purpose, Remark, Result, STATE_BODY, Selector, country, suggest,
    },
    execute::{hand_over, reach::Remote},
    policy::{
        Rulebook,
        officer::{OfficerController, Recipient},
        vocabulary::Exception,
    },
    render::{self, answer::parcel::Disclosure},
    store::Mode,
};

/// For whom an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum For {
    /// The person: a copy of everything.
    Subject,
    /// Anybody else: a disclosure, by the rules of the policy.
    ThirdParty,
}

/// Who gets it, and on which ground.
#[derive(clap::Args, Clone)]
#[command(next_help_heading = "A third party")]
pub struct ThirdParty {
    /// For whom: subject, or third-party by the policy's rules of disclosure
    #[arg(
        long = "for",
        value_name = "WHOM",
        default_value = "subject",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub whom: For,
    /// The recipient, as the register will name it; one of dsr.yaml brings its country and role
    #[arg(long, value_name = "NAME")]
    recipient: Option<String>,
    /// Country of the recipient, two letters [default: that of dsr.yaml, else KZ]
    #[arg(long, value_name = "CC")]
    country: Option<String>,
    /// The ground: consent, provider, state_demand, defence, contract, staff, affiliate, purpose, assignment
    #[arg(long, value_name = "CODE")]
    ground: Option<Exception>,
    /// What for, by a purpose of the policy
    #[arg(long, value_name = "P")]
    purpose: Option<Purpose>,
    /// Number of the lawful demand of a state body or court
    #[arg(long, value_name = "NO")]
    demand: Option<String>,
    /// The law that the demand names
    #[arg(long, value_name = "TEXT", requires = "demand")]
    basis: Option<Remark>,
    /// The lawyer who approved a disclosure in defence of rights
    #[arg(long, value_name = "NAME")]
    approved_by: Option<Remark>,
    /// The document behind --ground staff or assignment: an order, a cession
    #[arg(long, value_name = "TEXT")]
    document: Option<Remark>,
    /// Only these categories
    #[arg(long, value_name = "C[.FIELD]")]
    category: Vec<String>,
}

impl ThirdParty {
    /// Refuses options that mean nothing for a copy to the person.
    ///
    /// # Errors
    /// Usage (exit 2).
    pub fn check(&self) -> Result<()> {
        let given = [
            ("--recipient", self.recipient.is_some()),
            ("--country", self.country.is_some()),
            ("--ground", self.ground.is_some()),
            ("--purpose", self.purpose.is_some()),
            ("--demand", self.demand.is_some()),
            ("--basis", self.basis.is_some()),
            ("--approved-by", self.approved_by.is_some()),
            ("--document", self.document.is_some()),
            ("--category", !self.category.is_empty()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) if self.whom == For::Subject => {
                Err(Error::usage(format!("`{option}` is about a third party")).hint("add --for third-party"))
            }
            _ => self.check_words(),
        }
    }

    /// Blanks are no word: nothing is handed to nobody, or by a demand without a number.
    fn check_words(&self) -> Result<()> {
        let words = [("--recipient", &self.recipient), ("--demand", &self.demand)];
        let blank = |word: &Option<String>| word.as_ref().is_some_and(|word| word.trim().is_empty());
        if let Some((option, _)) = words.into_iter().find(|(_, word)| blank(word)) {
            return Err(Error::usage(format!("`{option}` is empty")).hint("write it out, or leave it away"));
        }
        if self.whom == For::ThirdParty && self.recipient.is_none() && self.demand.is_none() {
            return Err(Error::usage("who is to get it is not named").hint("add --recipient NAME"));
        }
        if self.ground == Some(Exception::Purpose) && self.purpose.is_none() {
            return Err(Error::usage("`--ground purpose` names no purpose").hint("add --purpose P"));
        }
        Ok(())
    }

    /// Something must let it go: a policy that lists recipients gives nobody everything for the asking.
    fn is_grounded(&self) -> bool {
        self.ground.is_some() || self.purpose.is_some() || self.demand.is_some()
    }

    /// Decides, records, and hands the bytes to `show`.
    ///
    /// # Errors
    /// Not found (exit 3), ambiguous (exit 5), usage (exit 2); a refusal is exit 4 with its reasons shown.
    pub fn run(
        &self,
        world: &mut World<'_, '_>,
        who: &str,
        case: Option<&CaseNumber>,
        show: impl FnOnce(&mut World<'_, '_>, &[u8]) -> Result<()>,
    ) -> Outcome {
        let who: Selector = intake::subject(who, world.env)?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let mut rules = world.rules(&library, &controller)?;
        let order = self.order(&controller, &rules)?;
        let style = world.style();
        let mut context = world.context(&controller, &rules)?;
        let (_, _, remote) = world.reach_and_gather(&mut store, (&mut rules, &mut context), (&who, false))?;
        for task in remote.iter().flat_map(Remote::left_out) {
            world.note(&task)?;
        }
        let basis = self.basis.as_ref();
        let (asked, remote) = (hand_over::Ask { who: &who, order: &order, case, basis }, remote.as_ref());
        let handed = hand_over::disclose(&mut store, &context, rules.pair(), &asked, remote, |parcel| {
            if !self.is_grounded() && parcel.refused.is_none() {
                return Err(ungrounded());
            }
            let answer = Disclosure { controller: controller.clone(), order: &order, parcel };
            render::bytes(&answer, style)
        })?;
        store.leave();
        if let Some(number) = handed.case.as_ref().filter(|_| self.demand.is_some()) {
            world.note(&format!("the demand stands in case {number}"))?;
        }
        if handed.unfounded {
            world.note("nobody has said what law the demand names: give it with --basis TEXT")?;
        }
        if handed.given {
            show(world, &handed.bytes)?;
            return Ok(Exit::Done);
        }
        world.deliver(&handed.bytes)?;
        Ok(Exit::With(Kind::Refused))
    }

    fn order(&self, controller: &str, rules: &Rules) -> Result<HandOver> {
        let rulebook = &rules.rulebook;
        let officer = rules.officer.controllers.get(controller);
        let known = self.recipient.as_ref().and_then(|name| {
            officer.and_then(|officer| officer.recipients.iter().find(|one| one.name == *name))
        });
        if let Some(purpose) = &self.purpose {
            purposes::check(rulebook, std::slice::from_ref(purpose))?;
        }
        let Wanted { categories, fields } = self.wanted(rulebook)?;
        Ok(HandOver {
            recipient: self.recipient.clone().unwrap_or_else(|| STATE_BODY.to_owned()),
            country: self.country_of(known)?,
            role: self.role(officer, known),
            ground: self.ground,
            purpose: self.purpose.clone(),
            demand: self.demand.clone(),
            approved_by: self.approved_by.as_ref().map(Remark::to_string),
            document: self.document.as_ref().map(Remark::to_string),
            provider: known.is_some_and(|one| one.role == "processor"),
            categories,
            fields,
        })
    }

    /// An affiliate is one only where the officer's file names it.
    fn role(&self, officer: Option<&OfficerController>, known: Option<&Recipient>) -> String {
        let named = |officer: &OfficerController| {
            self.recipient.as_ref().is_some_and(|name| officer.affiliates.contains(name))
        };
        let affiliate = self.ground == Some(Exception::Affiliate) && officer.is_some_and(named);
        if affiliate { "affiliate".into() } else { known.map(|one| one.role.clone()).unwrap_or_default() }
    }

    fn country_of(&self, known: Option<&Recipient>) -> Result<String> {
        let typed = self.country.clone().or_else(|| known.map(|one| one.country.clone()));
        let code = country(typed.as_deref().unwrap_or("KZ")).map(str::to_owned);
        code.ok_or_else(|| {
            Error::usage("--country is no code of a country").hint("it is two letters, such as KZ")
        })
    }

    fn wanted(&self, rulebook: &Rulebook) -> Result<Wanted> {
        let mut wanted = Wanted::default();
        for typed in &self.category {
            let (of, field) = typed.split_once('.').map_or((typed.as_str(), None), |(of, f)| (of, Some(f)));
            let category = Category::new(of);
            let Some(def) = rulebook.category(&category) else {
                let known = rulebook.categories().iter().map(|def| def.id.as_str());
                return Err(unknown("category", of, known));
            };
            match field {
                None => wanted.categories.push(category),
                Some(field) if def.open || def.field(field).is_some() => {
                    wanted.fields.push((category, field.to_owned()));
                }
                Some(field) => {
                    return Err(unknown("field", field, def.fields.iter().map(|f| f.name.as_str())));
                }
            }
        }
        Ok(wanted)
    }
}

/// Whole categories and single fields that were asked for.
#[derive(Default)]
struct Wanted {
    categories: Vec<Category>,
    fields: Vec<(Category, String)>,
}

fn ungrounded() -> Error {
    Error::usage("nothing is said of why a third party may have it")
        .hint("add --purpose P, --ground CODE or --demand NO; nothing was handed over")
}

fn unknown<'a>(noun: &str, typed: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    let error = Error::usage(format!("unknown {noun} `{typed}` in --category"));
    match suggest::nearest(typed, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it is one of {}", known.join(", "))),
    }
}

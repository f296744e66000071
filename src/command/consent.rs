//! `dsr consent`: the ledger of art. 8(4).

use clap::Subcommand;

use super::{Exit, Outcome, intake, world::World};
use crate::{
    audit::State,
    decide::consents,
    domain::{Error, Moment, Purpose, Scope},
    execute::{context::Said, resolve},
    render::{Cell, Head, Rows},
    store::{Mode, Period, effect::NewConsent},
};

/// Keep the ledger of consents
///
/// What the law asks a consent to say (art. 8(4)), and the proof of it (art. 25(2)(5)). Withdrawal is `dsr revoke`.
#[derive(Subcommand)]
#[command(
    before_help = "Examples:\n  dsr consent add --subject ref:C-1 --scope promotion --method web_form\n  dsr consent list\n"
)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Consent {
    Add(Add),
    List(List),
}

/// Record a consent
#[derive(clap::Args)]
#[command(
    before_help = "Example:\n  dsr consent add --subject ref:C-1 --scope promotion --method web_form\n"
)]
pub struct Add {
    /// Who consents: iin:, account:, ref: or id:
    #[arg(long, value_name = "SEL")]
    subject: String,
    /// processing, promotion, cookie, biometric, third_party, cross_border, publication
    #[arg(long, value_name = "SCOPE")]
    scope: Scope,
    /// For this purpose; may be repeated [default: all of the scope]
    #[arg(long, value_name = "P")]
    purpose: Vec<String>,
    /// When it was given [default: now]
    #[arg(long, value_name = "T")]
    given: Option<String>,
    /// Its own end
    #[arg(long, value_name = "T")]
    expires: Option<String>,
    /// By whom: self, parent, representative
    #[arg(long, value_name = "WHO", default_value = "self", value_parser = ["self", "parent", "representative"])]
    given_by: String,
    /// How: web_form, paper, in_person, …
    #[arg(long, value_name = "TEXT")]
    method: String,
    /// Where the proof lies; without it the evidence is weak
    #[arg(long, value_name = "TEXT", default_value = "")]
    evidence: String,
    /// Transfer to third parties was allowed
    #[arg(long)]
    third_party: bool,
    /// Transfer abroad was allowed
    #[arg(long)]
    cross_border: bool,
    /// Publication was allowed
    #[arg(long)]
    publication: bool,
}

/// List consents
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr consent list --format csv\n")]
pub struct List {
    /// Withdrawn ones too
    #[arg(long)]
    all: bool,
}

impl Consent {
    /// Runs one of them.
    ///
    /// # Errors
    /// Not found (exit 3); ambiguous (exit 5); usage (exit 2).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Add(command) => command.run(world),
            Self::List(command) => command.run(world),
        }
    }
}

impl Add {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let who = intake::subject(&self.subject, world.env)?;
        let now = world.now();
        let given = self.given.as_deref().map_or(Ok(now), |typed| intake::moment("--given", typed))?;
        let expires = self.expires.as_deref().map(|typed| intake::moment("--expires", typed)).transpose()?;
        if given > now {
            return Err(
                Error::usage("--given lies in the future").hint("a consent counts from the day it was given")
            );
        }
        if expires.is_some_and(|end| end <= given) {
            return Err(
                Error::usage("--expires is not after --given").hint("check the dates; nothing was recorded")
            );
        }
        if self.method.trim().is_empty() {
            return Err(
                Error::usage("--method is empty").hint("say how it was given: web_form, paper, in_person")
            );
        }
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let rules = world.rules(&library, &controller)?;
        let purposes: Vec<Purpose> = self.purpose.iter().map(|word| Purpose::new(word)).collect();
        crate::decide::purposes::check(&rules.rulebook, &purposes)?;
        let context = world.context(&controller, &rules)?;
        let new = self.row(purposes, given, expires, rules.rulebook.policy.version.clone());
        store.transact(|tx| {
            let id = resolve::for_change(tx, &controller, &who)?;
            tx.add_consent(&tx.person(&controller, id)?, &new)?;
            let said = Said { subject: Some(id), ..Said::default() };
            context.log(tx, "consent.add", State::Consented, said).map(drop)
        })?;
        world.note("consent recorded; see `dsr consent list`")?;
        Ok(Exit::Done)
    }

    fn row(
        &self,
        purposes: Vec<Purpose>,
        given_at: Moment,
        expires_at: Option<Moment>,
        version: String,
    ) -> NewConsent {
        NewConsent {
            reference: None,
            scope: self.scope,
            purposes,
            given_at,
            given_by: self.given_by.clone(),
            expires_at,
            method: self.method.clone(),
            evidence: self.evidence.clone(),
            policy_version: version,
            third_party: self.third_party,
            cross_border: self.cross_border,
            publication: self.publication,
        }
    }
}

impl List {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let head = Head {
            schema: "dsr/consents/v1",
            list: "consents",
            title: "Consents".into(),
            columns: &[
                "controller",
                "subject",
                "scope",
                "purposes",
                "given_at",
                "given_by",
                "expires_at",
                "withdrawn_at",
                "method",
                "policy_version",
                "stopped",
            ],
            members: Vec::new(),
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        let period = Period { controller: controller.as_deref(), ..Period::default() };
        store.read(|view| {
            view.for_each_consent(&period, |controller, subject, consent| {
                if !self.all && consent.withdrawn_at.is_some() {
                    return Ok(());
                }
                let stopped = consents::stopped_parts(&consent, &view.stops_of(subject)?);
                rows.row(&[
                    Cell::text(controller),
                    Cell::text(subject),
                    Cell::text(consent.scope),
                    Cell::Words(consent.purposes.iter().map(ToString::to_string).collect()),
                    Cell::Moment(consent.given_at),
                    Cell::text(&consent.given_by),
                    Cell::moment(consent.expires_at),
                    Cell::moment(consent.withdrawn_at),
                    Cell::text(&consent.method),
                    Cell::text(&consent.policy_version),
                    Cell::Words(stopped.iter().map(|(purpose, _)| purpose.to_string()).collect()),
                ])
            })
        })?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

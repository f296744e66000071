//! `dsr access` and `dsr export`: what is held about a person, and a copy of it.

use std::path::PathBuf;

use super::{
    Exit, Outcome,
    intake::{self, Intake},
    third_party::{For, ThirdParty},
    world::{Rules, World},
};
use crate::{
    domain::{Reason, Result, Right, Selector},
    execute::{
        disclose::{Ask, Material, everywhere},
        reach::Remote,
    },
    render::{
        self, Format,
        answer::holdings::{Form, Found, Holdings, PolicyCard, Searched},
        file,
    },
    store::{Mode, facts::OWN},
};

const ACCESS: &str = "\
Examples:
  dsr access --subject iin:900101499994 --channel email --identity document
  dsr access --subject ref:C-1 --request 2026-000004 --format json
  dsr access --subject - --lang ru < subject.txt
";

const EXPORT: &str = "\
Examples:
  dsr export --subject ref:C-1 --for third-party \\
      --demand 7/26-114 --basis 'art. 9'
  dsr export --subject ref:C-1 --identity document --lang ru --output copy.html
  dsr export --subject account:A-17 --identity e_signature --format json
";

/// Answer what is held about a person, why, from where, how long, and who got it
///
/// The content of art. 24(1)(1) of the Personal Data Law, with the rule and clause behind every record.
/// The request gets a case of its own with its due date, or joins the open one of the same day.
/// Without confirmed identity the answer is marked a draft. The audit entry is committed before the first
/// byte is shown.
#[derive(clap::Args)]
#[command(before_help = ACCESS)]
pub struct Access {
    #[command(flatten)]
    args: AnswerArgs,
}

/// Give a person a copy of their data
///
/// The same answer with the values: json (also for portability), csv for a spreadsheet, html for a person
/// to read and print. Blocked and archived data is in it, marked; an organisation's details are not.
///
/// With --for third-party it is a disclosure instead: it needs a ground that the policy names, and stands in
/// the register of transfers. What no rule lets go stays; a refusal is exit 4 with its reasons. A demand stands in a
/// request of its own, found by its number or opened.
#[derive(clap::Args)]
#[command(before_help = EXPORT)]
pub struct Export {
    #[command(flatten)]
    args: AnswerArgs,
    #[command(flatten)]
    third: ThirdParty,
}

#[derive(clap::Args)]
struct AnswerArgs {
    /// Whose data: iin:, account:, ref:, id:, or a search that finds one person; `-` reads standard input
    #[arg(long, value_name = "SEL")]
    subject: String,
    /// Write to a new file (mode 0600) instead of standard output; .json, .csv and .html choose the format
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    #[command(flatten)]
    intake: Intake,
}

impl Access {
    /// Runs the right of access.
    ///
    /// # Errors
    /// Ambiguous (exit 5); usage (exit 2); the kinds of store and policy.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        self.args.run(world, Right::Access, Form::Access)
    }
}

impl Export {
    /// Runs the right to a copy.
    ///
    /// # Errors
    /// As [`Access::run`].
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        self.third.check()?;
        if self.third.whom == For::Subject {
            return self.args.run(world, Right::Export, Form::Export);
        }
        self.args.prepare(world)?;
        let case = self.args.intake.request.as_ref();
        self.third.run(world, &self.args.subject, case, |world, bytes| self.args.hand_out(world, bytes))
    }
}

impl AnswerArgs {
    fn run(&self, world: &mut World<'_, '_>, right: Right, form: Form) -> Outcome {
        self.prepare(world)?;
        let who = intake::subject(&self.subject, world.env)?;
        let bytes = self.answer(world, right, form, &who)?;
        self.hand_out(world, &bytes)?;
        Ok(Exit::Done)
    }

    /// Checks the file before anything is decided; its ending chooses the format.
    fn prepare(&self, world: &mut World<'_, '_>) -> Result<()> {
        if let Some(path) = &self.output {
            file::check(path)?;
            let end = path.extension().and_then(|end| end.to_str());
            world.prefer_format(end.and_then(Format::of_extension));
        }
        Ok(())
    }

    fn hand_out(&self, world: &mut World<'_, '_>, bytes: &[u8]) -> Result<()> {
        match &self.output {
            None => world.deliver(bytes),
            Some(path) => {
                file::write(path, bytes, (world.env.random)())?;
                world.note(&format!("written to {}", path.display()))
            }
        }
    }

    fn answer(&self, world: &mut World<'_, '_>, right: Right, form: Form, who: &Selector) -> Result<Vec<u8>> {
        let receipt = self.intake.receipt(world)?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let mut rules = world.rules(&library, &controller)?;
        let style = world.style();
        let mut context = world.context(&controller, &rules)?;
        let mut reach = world.reach(&mut rules, &mut context)?;
        let new = world.new_subject();
        let remote = reach.gather(&mut store, &controller, who, context.now, new)?;
        for task in remote.iter().flat_map(Remote::left_out) {
            world.note(&task)?;
        }
        let ask = Ask { right, who, receipt };
        let day = context.now.day();
        let pair = (&rules.rulebook, &rules.calendar);
        let bytes =
            everywhere(&mut store, &context, pair, &rules.places, &ask, remote.as_ref(), |material| {
                let systems = [OWN.to_owned()].into_iter().chain(material.systems.clone()).collect();
                // Where people have looked in this case, nothing is left to be searched.
                let looked = |name: &String| !material.searched_by_hand.contains(name);
                let by_people = remote.iter().flat_map(Remote::by_people);
                let by_hand = rules.places.keys().cloned().chain(by_people).filter(looked).collect();
                let found = material.found_by_hand.iter().cloned().map(Found::of).collect();
                let answer = holdings(form, &controller, &rules, day, material);
                let searched = Searched { by: who.kind(), systems, by_hand, found };
                render::bytes(&Holdings { drill: style.drill, searched, ..answer }, style)
            })?;
        store.leave();
        Ok(bytes)
    }
}

fn holdings(
    form: Form,
    controller: &str,
    rules: &Rules,
    day: chrono::NaiveDate,
    material: Material,
) -> Holdings {
    let held = material.dossier.iter().flat_map(|dossier| &dossier.held);
    let outside = material.dossier.iter().flat_map(|dossier| &dossier.outside).map(|one| &one.why);
    let why = held.filter_map(|held| held.verdict.reason()).chain(outside);
    let received = material.case.received.day();
    let cited = |why: &Reason| Some((why.rule.clone(), rules.rulebook.citation(&why.rule, received)?));
    let citations = why.filter_map(cited).collect();
    Holdings {
        form,
        controller: controller.to_owned(),
        policy: card(controller, rules),
        identity: material.case.identity.map(|method| method.as_str()),
        too_little: material.too_little,
        case: material.case.summary(),
        dossier: material.dossier,
        day,
        drill: false,
        head: material.head,
        searched: Searched::default(),
        citations,
    }
}

fn card(controller: &str, rules: &Rules) -> PolicyCard {
    let policy = &rules.rulebook.policy;
    let filled = rules.officer.controllers.get(controller);
    let published = &policy.controller;
    let contacts = [&published.address, &published.phone, &published.email];
    PolicyCard {
        id: policy.id.clone(),
        version: policy.version.clone(),
        sha256: rules.rulebook.policy_sha256().to_owned(),
        name: filled.and_then(|f| f.legal_name.clone()).unwrap_or_else(|| published.name.clone()),
        bin: filled.and_then(|f| f.bin.clone()).or_else(|| published.bin.clone()),
        contacts: contacts.into_iter().flatten().cloned().collect(),
        responsible: filled.and_then(|f| Some(f.responsible.as_ref()?.name.clone())),
    }
}

//! `dsr request letter`: what happened in a case, as a letter.

use std::path::PathBuf;

use super::{
    refuse::fits_right,
    sending,
    untold::{
        destroyed_since, not_borne_out, not_done_everywhere, not_refused, nothing_to_tell, told_by_hand,
    },
};
use crate::{
    command::{
        Exit, Outcome,
        reach::elsewhere::in_part,
        world::{Rules, World, read},
    },
    decide::{by_hand, complaints::Fault, letters::Story},
    domain::{CaseNumber, CaseState, Duty, Error, Kind, LetterKind, Result, Selector},
    execute::{
        context::Context,
        halts::{self, Elsewhere},
        letter::{self, Material},
        reach::Remote,
    },
    policy::officer::OfficerController,
    render::{
        self, Format, Lang, file,
        letter::{Brief, Form, Made, Templates, make},
    },
    store::{CaseFile, Mode, Store},
};

const EXAMPLES: &str = "\
Examples:
  dsr request letter 2026-000001 --output answer.html
  dsr request letter 2026-000001 --lang kk --format text
  dsr request letter 2026-000001 --kind recipient --recipient 'A Bank'
  dsr request letter 2026-000001 --kind refusal --ground RF-ID
  dsr request letter --kind policy_change --note 'Clause 8 changes.'
";

/// Write the letter that answers a request
///
/// Drawn from what the case recorded: what was done, destroyed, archived by which law until when, kept and why,
/// who is told. Without --kind the letter that the outcome calls for. In --lang, else in the language of the request,
/// else in those of `letter_languages` in dsr.yaml (Russian and Kazakh) on one sheet. The case keeps which letter was
/// made and the log its digest, before the first byte is shown; sending it is `dsr request answer`.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct LetterArgs {
    /// The case number
    #[arg(required_unless_present = "kind")]
    number: Option<CaseNumber>,
    /// access, nothing_held, withdrawal, erasure, objection, partial, refusal, rectification, block, unblock, minor,
    /// recipient, authority, policy_change
    #[arg(long, value_name = "KIND")]
    kind: Option<LetterKind>,
    /// The recipient that a notice goes to
    #[arg(long, value_name = "NAME")]
    recipient: Option<String>,
    /// The ground of a refusal that is not signed yet, such as RF-ID
    #[arg(long, value_name = "CODE")]
    ground: Option<String>,
    /// Outgoing number [default: the case number and a count]
    #[arg(long = "number", value_name = "NO")]
    outgoing: Option<String>,
    /// A paragraph of your own
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Write to a new file (mode 0600) instead of standard output; .html, .txt and .json choose the format
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Letter templates that replace the built-in ones of the same name [default: `letters` under --policies]
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

impl LetterArgs {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if let Some(path) = &self.output {
            file::check(path)?;
            let end = path.extension().and_then(|end| end.to_str());
            world.prefer_format(end.and_then(Format::of_extension));
        }
        if matches!(world.style().format, Format::Csv | Format::Ndjson) {
            return Err(Error::usage("a letter has no csv form").hint("use --format html, text or json"));
        }
        let templates = templates(self.templates.as_ref(), world)?;
        let (bytes, faults) = self.letter(world, &templates)?;
        match &self.output {
            None => world.deliver(&bytes)?,
            Some(path) => {
                file::write(path, &bytes, (world.env.random)())?;
                world.note(&format!("written to {}", path.display()))?;
            }
        }
        for fault in faults {
            world.note(&format!("warning: as it is the letter cannot be sent: {fault}"))?;
        }
        Ok(Exit::Done)
    }

    fn letter(&self, world: &mut World<'_, '_>, templates: &Templates) -> Result<(Vec<u8>, Vec<Fault>)> {
        let mut store = world.open(Mode::ReadWrite)?;
        let Some(number) = &self.number else { return self.to_everyone(world, &mut store, templates) };
        // Whose rules count is known from the case; another controller that was chosen is a mistake.
        let case = store.read(|view| view.case(number))?;
        let owner = case.controller.clone();
        let library = world.library()?;
        let chosen = world.named_controller()?.unwrap_or_else(|| owner.clone());
        let mut rules = world.rules(&library, &chosen)?;
        let mut context = world.context(&chosen, &rules)?;
        let remote = self.elsewhere(world, (&mut store, &case), &mut rules, &mut context)?;
        let mut faults = Vec::new();
        let is_open = store.read(|view| halts::elsewhere(view, &case))? == Elsewhere::Open;
        let mut carried_out =
            store.read(|view| Ok(sending::carried_out(view, &view.case(number)?, context.now.day())))?;
        let about = (number, remote.as_ref());
        let written = letter::write(&mut store, &context, rules.pair(), about, |material| {
            let kind = self
                .kind(material)
                .map_err(|error| if is_open { in_part(Kind::Refused, number) } else { error })?;
            self.ground.as_deref().map_or(Ok(()), |ground| fits_right(ground, &material.case, &rules))?;
            if self.tells_the_end(kind, material) {
                std::mem::replace(&mut carried_out, Ok(()))?;
            }
            let languages = languages(world, Some(&material.case), officer(&rules, &owner));
            let recipient = self.recipient(kind, &material.story)?;
            let number =
                self.outgoing.clone().unwrap_or_else(|| format!("{}/{}", material.case.number, material.nth));
            let brief = Brief {
                kind,
                number,
                case: Some(&material.case),
                story: &material.story,
                dossier: material.dossier.as_ref(),
                acts: &material.acts,
                duties: &material.duties,
                put_off: &material.put_off,
                rulebook: &rules.rulebook,
                officer: officer(&rules, &owner),
                languages: &languages,
                recipient: recipient.as_deref(),
                ground: self.ground.as_deref(),
                note: self.note.as_deref(),
                today: world.now().day(),
                drill: world.style().drill,
            };
            let made = make(&brief, templates, form(world))?;
            faults.clone_from(&made.faults);
            let letter = made.letter.clone();
            Ok((delivered(made, world)?, letter))
        })?;
        store.leave();
        Ok((written, faults))
    }

    /// What other systems hold today, where the letter tells what is held: it lists what the answer lists.
    fn elsewhere(
        &self,
        world: &mut World<'_, '_>,
        (store, case): (&mut Store, &CaseFile),
        rules: &mut Rules,
        context: &mut Context,
    ) -> Result<Option<Remote>> {
        let refuses = self.ground.is_some() || case.state == CaseState::Refused;
        let tells =
            case.right.tells_data() && self.kind.is_none_or(LetterKind::tells_what_is_held) && !refuses;
        let Some(subject) = case.subject.filter(|_| tells) else { return Ok(None) };
        let mut reach = world.reach(rules, context)?;
        reach.gather(store, &case.controller, &Selector::Id(subject), context.now, subject)
    }

    /// The letter that was named, or that the case calls for; either must have something to tell.
    fn kind(&self, material: &Material) -> Result<LetterKind> {
        let (case, story) = (&material.case, &material.story);
        if material.kept_elsewhere {
            return Err(told_by_hand(case));
        }
        let kind = self.kind.or_else(|| self.ground.as_ref().map(|_| LetterKind::Refusal));
        let kind = kind.or_else(|| story.calls_for(case.right)).ok_or_else(|| {
            let step = story.recalled.first();
            step.map_or_else(|| nothing_to_tell(case, false), |step| sending::taken_back(case, story, *step))
        })?;
        let fitting = story.bears_out(case.right, case.identity.is_some());
        if !fitting.contains(&kind) {
            return Err(not_borne_out(case, kind, &fitting));
        }
        if kind == LetterKind::Refusal && story.refused.is_none() {
            let barring = material.duties.iter().filter(|duty| duty.bars());
            barring
                .min_by_key(|duty| duty.is_halted())
                .map_or(Ok(()), |duty| Err(not_refused(case, duty)))?;
        }
        let can_tell = match kind {
            LetterKind::Authority | LetterKind::PolicyChange => true,
            LetterKind::Access => (material.dossier.is_some() || story.found) && story.outcome.is_some(),
            LetterKind::Refusal => self.ground.is_some() || story.ground().is_some(),
            _ => story.outcome.is_some(),
        };
        if !can_tell {
            return Err(nothing_to_tell(case, story.outcome.is_some()));
        }
        if kind == LetterKind::Access && material.gone_since {
            return Err(destroyed_since(case));
        }
        let tells = |duty: &&Duty| {
            let of_every_place = kind.tells_what_was_done() || kind.tells_what_is_held();
            // What something keeps is told as waiting.
            let waits = duty.is_halted() && kind.tells_what_waits();
            duty.bars() && of_every_place && !waits
                || duty.is_open() && by_hand::is_told_by(kind, &duty.what.task)
        };
        let open = material.duties.iter().filter(tells).min_by_key(|duty| duty.is_halted());
        open.map_or(Ok(kind), |duty| Err(not_done_everywhere(case, kind, duty)))
    }

    /// Whether it tells the person what came of the case, as it is now: one that was opened again has to be carried out
    /// again first. A refusal may lie ready to be signed, and a recipient is told of what was done before.
    fn tells_the_end(&self, kind: LetterKind, material: &Material) -> bool {
        let unsigned = kind == LetterKind::Refusal && material.story.refused.is_none();
        let undone = matches!(material.case.state, CaseState::Received | CaseState::Verified);
        kind.is_to_person() && undone && !unsigned
    }

    /// The recipient a notice goes to: the one named, or the only one there is.
    fn recipient(&self, kind: LetterKind, story: &Story) -> Result<Option<String>> {
        if kind != LetterKind::Recipient {
            return Ok(None);
        }
        let known: Vec<String> = story.recipients().iter().map(|(name, _)| (*name).to_owned()).collect();
        match (&self.recipient, known.as_slice()) {
            (Some(name), known) if known.contains(name) => Ok(Some(name.clone())),
            (None, [only]) => Ok(Some(only.clone())),
            (_, []) => Err(Error::usage("nobody has to be told of this case")
                .hint("see who received the data: dsr access --subject SEL")),
            (_, several) => Err(Error::usage("several recipients have to be told, one letter each")
                .hint(format!("name one with --recipient: {}", several.join("; ")))),
        }
    }

    fn to_everyone(
        &self,
        world: &mut World<'_, '_>,
        store: &mut Store,
        templates: &Templates,
    ) -> Result<(Vec<u8>, Vec<Fault>)> {
        if self.kind != Some(LetterKind::PolicyChange) {
            return Err(Error::usage("which case is the letter about?")
                .hint("name it: dsr request letter NO; see them with `dsr request list`"));
        }
        let library = world.library()?;
        let controller = world.controller(&library, Some(store))?;
        let rules = world.rules(&library, &controller)?;
        let context = world.context(&controller, &rules)?;
        let policy = &rules.rulebook.policy;
        let languages = languages(world, None, officer(&rules, &controller));
        let brief = Brief {
            kind: LetterKind::PolicyChange,
            number: self.outgoing.clone().unwrap_or_else(|| {
                format!("{}/{}", policy.id, policy.version.trim_start_matches("undated-"))
            }),
            case: None,
            story: &Story::default(),
            dossier: None,
            acts: &[],
            duties: &[],
            put_off: &[],
            rulebook: &rules.rulebook,
            officer: officer(&rules, &controller),
            languages: &languages,
            recipient: None,
            ground: None,
            note: self.note.as_deref(),
            today: world.now().day(),
            drill: world.style().drill,
        };
        let made = make(&brief, templates, form(world))?;
        let faults = made.faults.clone();
        let bytes = delivered(made, world)?;
        letter::to_everyone(store, &context, &bytes)?;
        Ok((bytes, faults))
    }
}

/// What the officer filled in about one controller.
pub(super) fn officer<'a>(rules: &'a Rules, controller: &str) -> &'a OfficerController {
    static EMPTY: std::sync::LazyLock<OfficerController> =
        std::sync::LazyLock::new(OfficerController::default);
    rules.officer.controllers.get(controller).unwrap_or(&EMPTY)
}

/// Asked for, else that of the request, else the office's: by default a bilingual sheet, which nobody can say
/// they could not read.
fn languages(world: &World<'_, '_>, case: Option<&CaseFile>, officer: &OfficerController) -> Vec<Lang> {
    let of_case = || case.and_then(|case| case.language.as_deref()).and_then(Lang::of_locale);
    if let Some(one) = world.global.lang.or_else(of_case) {
        return vec![one];
    }
    let own: Vec<Lang> = officer.letter_languages.iter().filter_map(|tag| Lang::of_locale(tag)).collect();
    if own.is_empty() { vec![Lang::Ru, Lang::Kk] } else { own }
}

fn form(world: &World<'_, '_>) -> Form {
    if world.style().format == Format::Html { Form::Html } else { Form::Text }
}

/// The letter itself, or its envelope for a program.
fn delivered(made: Made, world: &World<'_, '_>) -> Result<Vec<u8>> {
    if world.style().format != Format::Json {
        return Ok(made.bytes);
    }
    render::bytes(&made, world.style())
}

/// The templates built in, and those of `--templates`, else of `letters` under `--policies`, in their place.
fn templates(named: Option<&PathBuf>, world: &World<'_, '_>) -> Result<Templates> {
    let mut templates = Templates::embedded();
    let beside = || Some(world.global.policies.as_ref()?.join("letters")).filter(|path| path.is_dir());
    let Some(directory) = named.cloned().or_else(beside) else { return Ok(templates) };
    let unreadable = |error: std::io::Error| {
        Error::config(format!("the directory of letters `{}` cannot be read", directory.display()))
            .because(error)
            .hint("check --templates; without it the built-in letters are used")
    };
    for entry in std::fs::read_dir(&directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name != "README.md" && !name.starts_with('.') {
            templates.replace(&name, read(&path)?)?;
        }
    }
    Ok(templates)
}

//! How a request came: the options that every right shares.

use clap::Args;

use super::{Env, world::World};
use crate::{
    domain::{
        CaseNumber, Channel, Error, IdentityMethod, Moment, Remark, Result, Selector,
        case::is_registered_late,
    },
    execute::cases::Receipt,
    render::Lang,
};

/// Receipt, channel and identity of a request, new or opened before.
#[derive(Args, Clone)]
#[command(next_help_heading = "The request")]
pub struct Intake {
    /// What is said of its receipt.
    #[command(flatten)]
    pub arrival: Arrival,
    /// A case opened before, instead of a new one
    #[arg(long, value_name = "NO", conflicts_with_all = ["received", "channel", "tracking", "language"])]
    pub request: Option<CaseNumber>,
}

/// Receipt, channel and identity of a request.
#[derive(Args, Clone)]
#[command(next_help_heading = "The request")]
pub struct Arrival {
    /// When it was received: 2026-03-20, 2026-03-20T15:00 [default: now]
    #[arg(long, value_name = "T")]
    pub received: Option<String>,
    /// How it came: registered_letter, courier, email, web_form, in_person, phone, other [default: other]
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<Channel>,
    /// Number of the envelope or courier
    #[arg(long, value_name = "NO")]
    pub tracking: Option<String>,
    /// The language it was written in, and so of its answer: en, ru, kk [default: that of --lang]
    #[arg(long, value_name = "LANG", hide_possible_values = true)]
    pub language: Option<Lang>,
    /// Who asks for the person
    #[arg(long, value_name = "NAME", requires = "authority")]
    pub representative: Option<String>,
    /// The document the representative acts by
    #[arg(long, value_name = "DOC", requires = "representative")]
    pub authority: Option<String>,
    /// Why it is registered more than three days after it came
    #[arg(long, value_name = "TEXT", alias = "received-reason")]
    pub late_reason: Option<Remark>,
    /// How identity was confirmed: document, in_person, known_contact, e_signature, power_of_attorney, court
    #[arg(long, value_name = "METHOD")]
    pub identity: Option<IdentityMethod>,
}

impl Intake {
    /// The receipt as the register needs it.
    ///
    /// # Errors
    /// As [`Arrival::receipt`].
    pub fn receipt(&self, world: &World<'_, '_>) -> Result<Receipt> {
        Ok(Receipt { case: self.request.clone(), ..self.arrival.receipt(world)? })
    }
}

impl Arrival {
    /// The receipt as the register needs it.
    ///
    /// # Errors
    /// Usage (exit 2): an unreadable or future `--received`, or one long past without its reason.
    pub fn receipt(&self, world: &World<'_, '_>) -> Result<Receipt> {
        let now = world.now();
        let received = self.received.as_deref().map(|typed| received(typed, now)).transpose()?;
        if received.is_some_and(|at| is_registered_late(at, now)) && self.late_reason.is_none() {
            return Err(Error::usage("--received lies more than three days back")
                .hint("say why it is registered only now: --late-reason TEXT"));
        }
        Ok(Receipt {
            received,
            channel: self.channel,
            tracking: self.tracking.clone(),
            language: self.language.or(world.global.lang).map(|lang| lang.tag().to_owned()),
            written_in: self.language.map(|lang| lang.tag().to_owned()),
            representative: self.representative.clone(),
            authority: self.authority.clone(),
            identity: self.identity,
            case: None,
            late: self.late_reason.clone(),
            demand: None,
            letter: None,
        })
    }
}

/// A receipt as typed. A bare date is its first instant, so that of today is never in the future.
///
/// # Errors
/// Usage (exit 2).
pub fn received(typed: &str, now: Moment) -> Result<Moment> {
    let at = moment("--received", typed)?;
    if at > now {
        return Err(Error::usage("--received lies in the future")
            .hint("a request is counted from the day it came; check the date"));
    }
    Ok(at)
}

/// A time as typed after an option.
///
/// # Errors
/// Usage (exit 2) that names the option.
pub fn moment(option: &str, typed: &str) -> Result<Moment> {
    Moment::parse(typed).map_err(|message| Error::usage(format!("{option} is {message}")))
}

/// The subject as typed; `-` takes one line from standard input, out of the process list.
///
/// # Errors
/// Usage (exit 2), without echoing the text.
pub fn subject(typed: &str, env: &mut Env<'_>) -> Result<Selector> {
    Selector::parse(&text(typed, env)?)
}

/// The text as typed, or one line from standard input for `-`.
///
/// # Errors
/// Usage (exit 2), without echoing the text.
pub fn text(typed: &str, env: &mut Env<'_>) -> Result<String> {
    if typed != "-" {
        return Ok(typed.to_owned());
    }
    if env.stdin_is_terminal {
        writeln!(env.stderr, "type the subject and press Enter:")?;
    }
    let mut line = Vec::new();
    // Byte by byte, so that nothing behind the line is taken from whoever reads next.
    let mut byte = [0];
    while env.stdin.read(&mut byte)? == 1 && byte != *b"\n" {
        if line.len() > 1000 {
            return Err(Error::usage("the subject on standard input is too long"));
        }
        line.extend(byte);
    }
    let text =
        String::from_utf8(line).map_err(|_| Error::usage("the subject on standard input is not UTF-8"))?;
    match text.trim().trim_start_matches('\u{feff}') {
        "" => Err(Error::usage("no subject on standard input").hint("give it as one line")),
        line => Ok(line.to_owned()),
    }
}

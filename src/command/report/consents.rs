//! `dsr report consents`: the journal of consents (art. 8(4); proof: art. 25(2)(5)).

use super::{Span, books::Books, written};
use crate::{
    command::{Outcome, world::World},
    decide::consents,
    domain::{Consent, Moment, Purpose, SubjectId},
    render::{Cell, Head},
    store::Mode,
};

const COLUMNS: &[&str] = &[
    "id",
    "controller",
    "bin",
    "subject",
    "scope",
    "purposes",
    "given_at",
    "given_by",
    "method",
    "evidence",
    "expires_at",
    "withdrawn_at",
    "in_force",
    "third_party",
    "cross_border",
    "publication",
    "policy_version",
    "stopped",
];

/// Print the journal of consents
///
/// What art. 8(4) asks a consent to say, with the flags for third parties, for abroad and for publication.
/// Evidence is a flag here: where the proof lies may name a person, and stands in the answer to that person.
/// Consents that other systems keep stand there, and in that answer.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report consents --from 2026-01-01 --format csv\n")]
pub struct Consents {
    #[command(flatten)]
    span: Span,
}

impl Consents {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let books = Books::read(world)?;
        let now = world.now();
        let head = Head {
            schema: "dsr/report-consents/v1",
            list: "consents",
            title: "Journal of consents".into(),
            columns: COLUMNS,
            members: vec![super::not_counted(world, &mut store, controller.as_ref())?],
        };
        written(world, &mut store, head, |store, rows| {
            store.read(|view| {
                view.for_each_consent(&period, |controller, subject, consent| {
                    let stopped = consents::stopped_parts(&consent, &view.stops_of(subject)?);
                    rows.row(&cells((controller, subject), &consent, &stopped, &books, now))
                })
            })
        })
    }
}

fn cells(
    (controller, subject): (&str, SubjectId),
    consent: &Consent,
    stopped: &[(Purpose, Moment)],
    books: &Books,
    now: Moment,
) -> [Cell; 18] {
    let at = |moment: Option<Moment>| Cell::moment(moment);
    let in_force =
        consents::in_force(consent, books.of(controller), now) && !consents::is_stopped(consent, stopped);
    [
        Cell::Int(consent.id),
        Cell::text(controller),
        Cell::option(books.bin(controller)),
        Cell::text(subject),
        Cell::Word(consent.scope.as_str()),
        Cell::Words(consent.purposes.iter().map(ToString::to_string).collect()),
        at(Some(consent.given_at)),
        Cell::text(&consent.given_by),
        Cell::text(&consent.method),
        Cell::Flag(!consent.evidence.is_empty()),
        at(consent.expires_at),
        at(consent.withdrawn_at),
        Cell::Flag(in_force),
        Cell::Flag(consent.third_party),
        Cell::Flag(consent.cross_border),
        Cell::Flag(consent.publication),
        Cell::text(&consent.policy_version),
        Cell::Words(stopped.iter().map(|(purpose, _)| purpose.to_string()).collect()),
    ]
}

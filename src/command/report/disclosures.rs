//! `dsr report disclosures`: the register of transfers (arts. 16, 19, 22).

use chrono::NaiveDate;

use super::{Span, books::Books, written};
use crate::{
    command::{Outcome, world::World},
    domain::{Disclosure, SubjectId},
    policy::{
        body::Body,
        vocabulary::{Duty, Exception},
    },
    render::{Cell, Head, Words},
    store::Mode,
};

const COLUMNS: &[&str] = &[
    "controller",
    "subject",
    "at",
    "recipient",
    "bin",
    "role",
    "country",
    "cross_border",
    "categories",
    "purpose",
    "basis",
    "document",
    "notice_due",
];

/// Print the register of transfers to recipients
///
/// Recipient, country, categories, purpose and basis of every transfer, whether it left the country, and the
/// last day to tell the person of it where that was promised.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report disclosures --from 2026-01-01 --format csv\n")]
pub struct Disclosures {
    #[command(flatten)]
    span: Span,
}

impl Disclosures {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let (books, words) = (Books::read(world)?, world.spoken());
        let head = Head {
            schema: "dsr/report-disclosures/v1",
            list: "transfers",
            title: "Register of transfers".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, &mut store, head, |store, rows| {
            store.read(|view| {
                view.for_each_disclosure(&period, |controller, subject, transfer| {
                    rows.row(&cells(controller, subject, &transfer, (&books, &words)))
                })
            })
        })
    }
}

fn cells(
    controller: &str,
    subject: SubjectId,
    transfer: &Disclosure,
    (books, words): (&Books, &Words),
) -> [Cell; 13] {
    let known = books.recipient(controller, &transfer.recipient);
    [
        Cell::text(controller),
        Cell::text(subject),
        Cell::Moment(transfer.at),
        Cell::Said(transfer.recipient.clone(), words.recipient(&transfer.recipient)),
        Cell::option(known.and_then(|recipient| recipient.bin.as_ref())),
        Cell::option(known.map(|recipient| &recipient.role)),
        Cell::text(&transfer.country),
        Cell::Flag(!transfer.country.eq_ignore_ascii_case(HOME)),
        Cell::Words(transfer.categories.iter().map(ToString::to_string).collect()),
        Cell::text(&transfer.purpose),
        Cell::text(&transfer.basis),
        Cell::option(transfer.document.as_ref()),
        Cell::option(notice_due(controller, transfer, books)),
    ]
}

/// The country whose law this is: everything else lies abroad.
const HOME: &str = "KZ";

/// The last day of the statute's term for telling of a transfer (art. 19(1)). A state body that demands data is
/// no recipient of whom the person is told.
fn notice_due(controller: &str, transfer: &Disclosure, books: &Books) -> Option<NaiveDate> {
    if transfer.basis == Exception::StateDemand.as_str() {
        return None;
    }
    let at = transfer.at;
    let rules = books.of(controller)?.statute.rules.iter().filter(|rule| rule.in_force(at.day()));
    let terms = rules.flat_map(|rule| match &rule.body {
        Body::Deadline(items) => items.as_slice(),
        _ => &[],
    });
    let term =
        terms.filter(|item| item.duty == Some(Duty::NotifyTransfer)).find_map(|item| item.terms.limit)?;
    books.calendar.due_or_provisional(term, at).ok().map(|due| due.date)
}

//! The act on paper: what the commission signs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ActAnswer, people, tables};
use crate::{
    domain::Result,
    render::{Sheet, Words, answer::plan::systems, html},
};

const PAGE: &str = concat!(include_str!("../sheet.html"), include_str!("page.html"));

/// The values of `page.html`, by name.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    say: BTreeMap<String, String>,
    title: String,
    size: &'static str,
    drill: bool,
    pending: Option<String>,
    values: bool,
    by_hand: bool,
    number: &'a str,
    head: Vec<(String, String)>,
    basis: Sheet,
    categories: Sheet,
    kept: Sheet,
    duties: Sheet,
    elsewhere: Sheet,
    proof: Vec<(String, String)>,
    signatures: [String; 3],
}

pub(super) fn page(answer: &ActAnswer, words: &Words) -> Result<String> {
    // The place is a line of its own on paper, to be written on.
    let place = words.say("act-place");
    let head = tables::head(answer, words).into_iter().filter(|(label, _)| *label != place);
    html::page(
        PAGE,
        Page {
            lang: words.lang().tag(),
            say: words.all(),
            title: format!("{} {} {}", words.say("act-title"), words.say("act-no"), answer.act.number),
            size: "A4",
            drill: answer.drill,
            pending: answer.pending(words),
            values: answer.replaces_values(),
            by_hand: answer.is_by_hand(),
            number: &answer.act.number,
            head: head.collect(),
            basis: tables::basis(answer, words),
            categories: tables::categories(answer, words),
            kept: tables::kept(answer, words),
            duties: people::duties(answer, words),
            elsewhere: systems(&answer.elsewhere, words),
            proof: tables::proof(answer, words),
            signatures: tables::signatures(words),
        },
    )
}

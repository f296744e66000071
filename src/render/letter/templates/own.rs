//! Words that an office puts in place of those built in, held against them before a letter is made: what cannot be
//! read, is in no letter, or names a value that is not there would be a hole in what a person reads.

use std::collections::BTreeSet;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::{
    domain::{Error, Result, suggest},
    render::words::keys_of,
};

/// Holds a file of words against the built-in one of the same name.
///
/// # Errors
/// Configuration (exit 6), with the line.
pub(super) fn check(name: &str, built_in: &str, text: &str) -> Result<()> {
    let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, faults)| {
        let at = faults.first().map_or(0, |fault| fault.pos.start);
        at_line(name, line_of(text, at), "it cannot be read").hint("a sentence is written `key = words`")
    })?;
    let known: Vec<&str> = keys_of(built_in).collect();
    if let Some(key) = keys_of(text).find(|key| !known.contains(key)) {
        let error = at_line(name, line_of_key(text, key), "no letter says it");
        return Err(match suggest::nearest(key, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("the built-in file of the same name lists every sentence"),
        });
    }
    let mut bundle: FluentBundle<FluentResource> = FluentBundle::new_concurrent(Vec::new());
    if let Ok(built_in) = FluentResource::try_new(built_in.to_owned()) {
        bundle.add_resource_overriding(built_in);
    }
    bundle.add_resource_overriding(resource);
    keys_of(text).try_for_each(|key| filled(&bundle, (name, built_in, text), key))
}

/// Fills one sentence with the values that the letters have for it.
fn filled(
    bundle: &FluentBundle<FluentResource>,
    (name, built_in, text): (&str, &str, &str),
    key: &str,
) -> Result<()> {
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else { return Ok(()) };
    let known = variables(built_in, key);
    let args: FluentArgs<'_> = known.iter().map(|name| (*name, FluentValue::from(1))).collect();
    let mut faults = Vec::new();
    bundle.format_pattern(pattern, Some(&args), &mut faults);
    if faults.is_empty() {
        return Ok(());
    }
    let error = at_line(name, line_of_key(text, key), "it names what is not there");
    let values = known.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ");
    Err(match values.as_str() {
        "" => error.hint("this sentence has no values"),
        values => error.hint(format!("this sentence has {values}")),
    })
}

/// The values that a built-in sentence names.
fn variables<'a>(built_in: &'a str, key: &str) -> BTreeSet<&'a str> {
    let begins = |line: &&str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(" ="));
    let mut lines = built_in.lines().skip_while(|line| !begins(line));
    let first = lines.next().into_iter();
    let more = lines.take_while(|line| line.starts_with([' ', '}', '\t']) || line.is_empty());
    let values = first.chain(more).flat_map(|line| line.split('$').skip(1));
    let name = |rest: &'a str| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
    values.filter_map(name).filter(|name| !name.is_empty()).collect()
}

fn at_line(name: &str, line: usize, what: &str) -> Error {
    Error::config(format!("the words `{name}` of --templates do not work, line {line}: {what}"))
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn line_of_key(text: &str, key: &str) -> usize {
    let begins = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(" ="));
    text.lines().position(begins).map_or(1, |line| line + 1)
}

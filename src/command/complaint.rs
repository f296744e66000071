//! What the command line's parser has to complain of, in our words.
//!
//! Deliberately absent: the words that were typed. A selector in the wrong place would be repeated, and a
//! number of a person would stand in a log; only options and commands that we know the name of are named.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::domain::Error;

/// The parser's error as wrong usage (exit 2).
pub fn usage(error: &clap::Error) -> Error {
    let ours = ours(error);
    let sentence = match error.kind() {
        ErrorKind::UnknownArgument => match option(error) {
            Some(option) => format!("there is no option `{option}` here"),
            None => "an argument too many".to_owned(),
        },
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("missing: {ours}"),
        ErrorKind::MissingSubcommand => "a command is missing".to_owned(),
        ErrorKind::ArgumentConflict => match word(error, ContextKind::PriorArg) {
            Some(other) if other != ours => format!("`{ours}` and `{other}` do not go together"),
            _ => format!("`{ours}` is given twice"),
        },
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8 text".to_owned(),
        _ => refused(error, &ours),
    };
    Error::usage(sentence).hint(hint(error))
}

/// A value that its option does not take. Our own readers say why, without the value.
fn refused(error: &clap::Error, ours: &str) -> String {
    let typed = word(error, ContextKind::InvalidValue).unwrap_or_default();
    let why = std::error::Error::source(error).map(ToString::to_string);
    // The parser's own sentence about a number repeats it; ours may hold another number.
    let whole = |why: &str| {
        why.split(|c: char| !c.is_alphanumeric() && !"-+._@".contains(c)).any(|part| part == typed)
    };
    let repeats = |why: &String| {
        typed.contains(|c: char| c.is_ascii_digit())
            && (whole(why) || typed.len() > 4 && why.contains(&typed))
    };
    match why.filter(|why| !repeats(why)) {
        _ if typed.is_empty() => format!("`{ours}` needs a value"),
        // Without the name of the value, so that the sentence behind it is found and said in any language.
        Some(why) => {
            let ours = ours.split(' ').next().unwrap_or(ours);
            format!("`{ours}`: {why}")
        }
        None => format!("`{ours}` does not take this value"),
    }
}

fn hint(error: &clap::Error) -> String {
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let near = near.into_iter().find_map(|kind| word(error, kind)).filter(|word| !word.is_empty());
    match (near, word(error, ContextKind::ValidValue), word(error, ContextKind::Usage)) {
        (Some(near), ..) => format!("did you mean `{near}`?"),
        (None, Some(valid), _) if !valid.is_empty() => format!("it is one of {valid}"),
        (None, _, Some(usage)) => format!("usage: {}", usage.trim_start_matches("Usage: ")),
        (None, ..) => "add --help to see what can be said".to_owned(),
    }
}

/// The argument of ours that it is about.
fn ours(error: &clap::Error) -> String {
    word(error, ContextKind::InvalidArg).unwrap_or_default()
}

/// A misspelt option, as far as it cannot be anything else: small Latin letters and dashes.
fn option(error: &clap::Error) -> Option<String> {
    let typed = ours(error);
    let name = typed.split('=').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c == '-';
    (name.starts_with('-') && name.len() <= 24 && name.chars().all(plain)).then(|| name.to_owned())
}

fn word(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(all) => Some(all.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(all) => {
            Some(all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

//! The question before something is destroyed or changed: answered by what only a reader of the letter
//! knows, never by a mere `y`.

use std::io::{Read, Write};

use serde_json::Value;

use super::Words;
use crate::domain::{IdentifierType, Result, SubjectFacts, fold};

/// Asks on the terminal; `false`: the answer was another one, or none.
///
/// # Errors
/// What the terminal says.
pub fn ask(
    facts: &SubjectFacts,
    words: &Words,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> Result<bool> {
    let accepted = answers(facts);
    let what = words.say(if accepted.is_empty() { "question-id" } else { "question-iin" });
    write!(output, "{}", words.say_with("question", &[("what", what.into())]))?;
    output.flush()?;
    let typed = line(input)?;
    let id = facts.subject.to_string();
    let known = accepted.iter().any(|word| *word == fold::key(&typed));
    Ok(known || (accepted.is_empty() && id.ends_with(typed.trim()) && typed.trim().len() == 4))
}

/// Asks for a word to be typed; `false`: the answer was another one, or none.
///
/// # Errors
/// What the terminal says.
pub fn word(word: &str, input: &mut dyn Read, output: &mut dyn Write) -> Result<bool> {
    write!(output, "To go on, type {word}: ")?;
    output.flush()?;
    Ok(line(input)?.trim() == word)
}

/// What is accepted: the last four digits of each IIN, each surname.
fn answers(facts: &SubjectFacts) -> Vec<String> {
    let iins = facts.identifiers.iter().filter(|identifier| identifier.kind() == IdentifierType::Iin);
    let tails = iins.filter_map(|iin| iin.expose().get(8..).map(str::to_owned));
    let surname = |data: &String| {
        let fields: Value = serde_json::from_str(data).ok()?;
        Some(fold::key(fields.get("family_name")?.as_str()?))
    };
    let surnames = facts.records.iter().filter_map(|record| surname(&record.data));
    // An empty surname must not make a bare Enter the answer.
    tails.chain(surnames).filter(|word| !word.is_empty()).collect()
}

fn line(input: &mut dyn Read) -> Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while input.read(&mut byte)? == 1 && byte != *b"\n" && line.len() < 1000 {
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

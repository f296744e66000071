//! "did you mean": the nearest of the words that would have been right.

/// The nearest known word, if it is near enough to be a slip.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&typed, &word.to_lowercase()), word))
        .filter(|(near, _)| *near > 0.78)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// Reads one word of a closed list.
///
/// # Errors
/// A sentence with the nearest word, or the whole list where none is near.
pub fn one_of<T: Copy>(
    noun: &str,
    typed: &str,
    all: &[T],
    word: impl Fn(&T) -> &'static str,
) -> Result<T, String> {
    let wanted = typed.trim().to_lowercase().replace('-', "_");
    if let Some(found) = all.iter().find(|item| word(item) == wanted) {
        return Ok(*found);
    }
    let words: Vec<&str> = all.iter().map(&word).collect();
    Err(match nearest(&wanted, words.iter().copied()) {
        Some(near) => format!("unknown {noun}; did you mean `{near}`?"),
        None => format!("unknown {noun}; it is one of {}", words.join(", ")),
    })
}

#[test]
fn slips_are_recognised() {
    let known = ["contact", "technical", "vehicle"];
    assert_eq!(nearest("contcat", known), Some("contact"));
    assert_eq!(nearest("zzz", known), None);
}

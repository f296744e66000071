//! Plain text as mail programs show it, and a page read as text.

/// Widest line of a letter in plain text.
const WIDTH: usize = 76;

/// One empty line between paragraphs, long lines wrapped, items of a list hanging.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        let hang = if line.starts_with("- ") { "  " } else { "" };
        let options = textwrap::Options::new(WIDTH).subsequent_indent(hang).break_words(false);
        let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
        for wrapped in textwrap::wrap(line, options) {
            tidied.push_str(wrapped.trim_end());
            tidied.push('\n');
        }
        if empty && !tidied.ends_with("\n\n") {
            tidied.push('\n');
        }
    }
    let end = tidied.trim_end().len();
    tidied.truncate(end);
    tidied.push('\n');
    tidied
}

/// What a person reads in a page; text that is no page stays as it is.
pub fn readable(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let body = text.split_once("<body>").map_or(text, |(_, body)| body);
    let (mut plain, mut rest) = (String::with_capacity(body.len()), body);
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or(("", ""));
        // Words of one line stay words: only a block ends one.
        plain.push_str(if is_inline(tag) { "" } else { "\n" });
        rest = after;
    }
    plain.push_str(rest);
    entities(&plain)
}

fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default().to_lowercase();
    matches!(name.as_str(), "b" | "i" | "em" | "strong" | "span" | "a" | "u" | "font")
}

fn entities(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_tidied_and_wrapped() {
        let long = "слово ".repeat(30);
        let tidied = tidy(&format!("\n\n  Первая  \n\n\n\n- {long}\nконец\n\n"));
        assert!(tidied.starts_with("Первая\n\n- слово"), "{tidied}");
        assert!(tidied.ends_with("конец\n") && !tidied.contains("\n\n\n"));
        assert!(tidied.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(tidied.lines().any(|line| line.starts_with("  слово")), "an item hangs");
    }

    #[test]
    fn a_page_is_read_as_text() {
        let page = "<!doctype html><html><head><title>x</title></head><body><p>О&#x27;Хара &amp; <b>К</b>о</p><p>2</p>";
        let plain = readable(page);
        assert!(plain.contains("О'Хара & Ко") && plain.contains('2') && !plain.contains("title"), "{plain}");
        assert_eq!(readable("a < b"), "a < b");
    }
}

//! A source file with its comments, its strings and its tests told apart from its code.
//!
//! Not a parser: enough of Rust's lexical grammar to know what is code. Every byte that is taken out
//! becomes a space, so lines keep their numbers.

use std::path::{Path, PathBuf};

/// One file, in three depths.
pub struct Source {
    /// Path under the searched directory, with `/`.
    pub path: String,
    /// As written.
    pub whole: String,
    /// Without comments and tests.
    pub text: String,
    /// Without comments, tests and the insides of strings.
    pub code: String,
}

impl Source {
    /// Splits one file.
    pub fn new(path: &str, whole: &str) -> Self {
        let (mut text, mut code) = lex(whole);
        if path.ends_with("tests.rs") {
            (text, code) = (String::new(), String::new());
        }
        while let Some((from, to)) = test_item(&code) {
            blank(&mut text, from, to);
            blank(&mut code, from, to);
        }
        Self { path: path.into(), whole: whole.into(), text, code }
    }

    /// Every Rust file under a directory, without those that only tests compile.
    pub fn under(dir: &Path) -> Vec<Self> {
        let read = |path: PathBuf| {
            let whole = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let short = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            Self::new(&short, &whole)
        };
        let rust = files(dir).into_iter().filter(|path| path.extension().is_some_and(|x| x == "rs"));
        let all: Vec<Self> = rust.map(read).collect();
        let tests: Vec<String> = all.iter().flat_map(Self::test_files).collect();
        all.into_iter().filter(|file| !tests.contains(&file.path)).collect()
    }

    /// Files that this one declares by `#[cfg(test)] mod name;`.
    pub fn test_files(&self) -> Vec<String> {
        let home = match self.path.rsplit_once('/') {
            Some((dir, "mod.rs")) => format!("{dir}/"),
            None if self.path == "lib.rs" || self.path == "main.rs" => String::new(),
            _ => format!("{}/", self.path.trim_end_matches(".rs")),
        };
        let declared = self.whole.split("#[cfg(test)]").skip(1).filter_map(|rest| {
            let item = rest.split([';', '{']).next()?;
            let name = item.trim().rsplit_once("mod ").map(|(_, name)| name)?;
            rest[item.len()..].starts_with(';').then_some(name)
        });
        declared.map(|name| format!("{home}{name}.rs")).collect()
    }

    /// The layer: the first directory, or the file itself at the top.
    pub fn layer(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// `file:line` of a byte.
    pub fn place(&self, at: usize) -> String {
        let line = self.whole.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        format!("src/{}:{line}", self.path)
    }
}

/// Every file under a directory, sorted.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Where a word stands in code, not as a part of a longer word.
pub fn words(code: &str, word: &str) -> Vec<usize> {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let first = part(word.chars().next());
    let last = part(word.chars().last());
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| !(first && part(code[..*at].chars().next_back())))
        .filter(|at| !(last && part(code[at + word.len()..].chars().next())))
        .collect()
}

/// The string literals: place and text between the quotes.
pub fn literals<'a>(text: &'a str, code: &str) -> Vec<(usize, &'a str)> {
    let quotes: Vec<usize> = code.match_indices('"').map(|(at, _)| at).collect();
    quotes.chunks_exact(2).map(|pair| (pair[0], &text[pair[0] + 1..pair[1]])).collect()
}

fn blank(text: &mut String, from: usize, to: usize) {
    let kept: String = text[from..to].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(from..to, &kept);
}

/// The first item marked as a test, from its attribute to its closing brace.
fn test_item(code: &str) -> Option<(usize, usize)> {
    let marks = ["#[cfg(test)]", "#[cfg(any(test", "#[test]"];
    let from = marks.iter().filter_map(|mark| code.find(mark)).min()?;
    let open = from + code[from..].find(['{', ';'])?;
    if code[open..].starts_with(';') {
        return Some((from, open + 1));
    }
    let mut depth = 0_usize;
    for (at, c) in code[open..].char_indices() {
        depth = if c == '{' { depth + 1 } else { depth - usize::from(c == '}') };
        if depth == 0 {
            return Some((from, open + at + 1));
        }
    }
    Some((from, code.len()))
}

/// Without comments; and, beside it, without the insides of strings too. Both as long as the source.
fn lex(source: &str) -> (String, String) {
    let mut text = source.to_owned();
    let mut code = source.to_owned();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let step = rest.chars().next().map_or(1, char::len_utf8);
        if let Some(len) = comment(rest) {
            blank(&mut text, at, at + len);
            blank(&mut code, at, at + len);
            at += len;
        } else if let Some((before, inside, after)) = string(source, at) {
            blank(&mut code, at + before, at + before + inside);
            at += before + inside + after;
        } else if let Some(len) = character(rest) {
            blank(&mut text, at, at + len);
            blank(&mut code, at, at + len);
            at += len;
        } else {
            at += step;
        }
    }
    (text, code)
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    Some(rest.len())
}

/// Lengths of the opening up to and with the quote, the inside, and the quote that closes.
fn string(source: &str, at: usize) -> Option<(usize, usize, usize)> {
    let rest = &source[at..];
    let in_word = source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let hashes = rest.strip_prefix('r').map(|raw| raw.bytes().take_while(|byte| *byte == b'#').count());
    if let Some(hashes) = hashes.filter(|n| !in_word && rest[1 + n..].starts_with('"')) {
        let open = 2 + hashes;
        let close = format!("\"{}", "#".repeat(hashes));
        let inside = rest[open..].find(&close).unwrap_or(rest.len() - open);
        return Some((open, inside, 1));
    }
    if !rest.starts_with('"') {
        return None;
    }
    let mut escaped = false;
    for (inside, c) in rest[1..].char_indices() {
        match c {
            '"' if !escaped => return Some((1, inside, 1)),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Some((1, rest.len() - 1, 0))
}

/// A character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let skip = escape.chars().next()?.len_utf8();
        return Some(2 + skip + escape[skip..].find('\'')? + 1);
    }
    let c = inside.chars().next()?;
    inside[c.len_utf8()..].starts_with('\'').then(|| 1 + c.len_utf8() + 1)
}

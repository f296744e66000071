//! How a help page reads: what the command does, examples, the longer story, then its options.
//!
//! The doc comment of a command's arguments is its story and `before_help` its examples; here they
//! are put in order, once for all commands, so that `-h`, `--help` and `dsr help` say the same.

use clap::Command;

const TEMPLATE: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// The whole command line as it is shown.
pub fn dressed(command: Command) -> Command {
    let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    let story = story(&command).map(|story| format!("{story}\n\n")).unwrap_or_default();
    let command = command.help_template(TEMPLATE).before_help(format!("{examples}\n{story}"));
    command.long_about(None::<&str>).mut_subcommands(dressed)
}

/// The same as the pages of `man` want it: the story in its place, the examples at the end.
pub fn paged(command: Command) -> Command {
    let parts = [command.get_after_help(), command.get_before_help()].into_iter().flatten();
    let end: Vec<String> = parts.map(ToString::to_string).collect();
    command.after_help(end.join("\n")).mut_subcommands(paged)
}

/// What the doc comment says below its first line.
fn story(command: &Command) -> Option<String> {
    let whole = command.get_long_about()?.to_string();
    let first = command.get_about()?.to_string();
    Some(whole.strip_prefix(&first)?.trim().to_owned()).filter(|story| !story.is_empty())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::{
        command::cli::Cli,
        domain::{Channel, IdentityMethod, Right},
    };

    /// Every command, with the words that lead to it.
    fn all(command: &Command, path: &str) -> Vec<(String, Command)> {
        let path = format!("{path} {}", command.get_name()).trim().to_owned();
        let below = command.get_subcommands().flat_map(|sub| all(sub, &path));
        std::iter::once((path.clone(), command.clone())).chain(below).collect()
    }

    fn pages() -> Vec<(String, String)> {
        let pages = all(&dressed(Cli::command()), "");
        pages.into_iter().map(|(path, mut command)| (path, command.render_help().to_string())).collect()
    }

    /// The commands of a page, without their remarks; a line that ends in a backslash goes on.
    fn examples(page: &str) -> Vec<String> {
        let block = page.split("Example").nth(1).unwrap_or_default();
        let block = block.split("\n\n").next().unwrap_or_default().replace("\\\n", " ");
        let lines = block.lines().filter_map(|line| Some(&line[line.find("dsr ")?..]));
        lines.map(|line| line.split(['<', '>', '#', '|']).next().unwrap_or_default().to_owned()).collect()
    }

    /// Words as a shell makes them, single quotes honoured.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in line.trim().chars() {
            match (c, words.last_mut()) {
                ('\'', _) => quoted = !quoted,
                (c, _) if c.is_whitespace() && !quoted => words.push(String::new()),
                (c, Some(word)) => word.push(c),
                (_, None) => unreachable!("there is always a word"),
            }
        }
        words.into_iter().filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn every_page_has_examples_and_every_example_can_be_typed() {
        for (path, page) in pages().into_iter().filter(|(path, _)| !path.contains("help")) {
            let examples = examples(&page);
            assert!(!examples.is_empty(), "{path} has no example:\n{page}");
            for line in examples {
                let read = Cli::read(words(&line).into_iter().map(Into::into).collect());
                assert!(read.is_ok(), "{path}: `{line}`: {:?}", read.err().map(|error| error.to_string()));
            }
        }
    }

    #[test]
    fn no_example_is_broken_by_a_narrow_terminal() {
        for (path, page) in pages() {
            let block = page.split("Usage:").next().unwrap_or_default();
            let long = block.lines().find(|line| line.starts_with("  ") && line.chars().count() > 80);
            assert_eq!(long, None, "{path}");
        }
    }

    #[test]
    fn the_words_of_closed_lists_are_all_named() {
        let page = |path: &str| pages().into_iter().find(|(name, _)| name == path).unwrap().1;
        let (open, deadline) = (page("dsr request open"), page("dsr deadline"));
        for word in Channel::ALL.iter().map(|word| word.as_str()) {
            assert!(open.contains(word), "{word}");
        }
        for word in IdentityMethod::ALL.iter().map(|word| word.as_str()) {
            assert!(open.contains(word), "{word}");
        }
        for word in Right::ALL.map(Right::as_str) {
            assert!(open.contains(word) && deadline.contains(word), "{word}");
        }
    }

    #[test]
    fn short_long_and_asked_for_help_are_one_page() {
        let help = |args: [&str; 3]| Cli::read(args.map(Into::into).to_vec()).err().unwrap().to_string();
        let page = help(["dsr", "export", "--help"]);
        assert_eq!(page, help(["dsr", "export", "-h"]));
        assert_eq!(page, help(["dsr", "help", "export"]));
        insta::assert_snapshot!(page);
    }
}

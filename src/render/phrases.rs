//! Sentences that are made below the edge, said in another language.
//!
//! Decisions, errors and hints speak English where they arise, because that is where their sense is known. Here each
//! of their sentences is known by its form: `case { $case } is of another person` finds the key and the values, and
//! the key says it in the other languages. What has no form here stays English: seen, and no defect.

use fluent_bundle::FluentValue;

use super::Lang;

/// A form with fewer letters of its own would take any sentence for its own: there the first hole
/// holds one word, and where the sentence begins with it, none of plain letters.
const CLEAR: usize = 7;

/// One English sentence with holes.
struct Form {
    key: &'static str,
    /// Text before each hole, and the hole's name.
    holes: Vec<(&'static str, &'static str)>,
    /// Text behind the last hole.
    end: &'static str,
}

/// A sentence that was found: its key and its values.
pub(super) type Found<'a> = (&'static str, Vec<(&'static str, &'a str)>);

/// Every form, in the order of the file.
pub(super) struct Phrases {
    forms: Vec<Form>,
}

impl Phrases {
    /// The forms of the English file.
    pub(super) fn new() -> Self {
        let lines = Lang::En.phrases().lines();
        Self { forms: lines.filter(|line| !line.starts_with('#')).filter_map(form).collect() }
    }

    /// The form with most words of its own that a text has. Parts of sentences are looked for only where a
    /// sentence is being composed: `{ $length } after { $after }` would take many a gist for its own.
    pub(super) fn find<'a>(&self, text: &'a str, parts: bool) -> Option<Found<'a>> {
        let forms = self.forms.iter().filter(|form| parts || !form.key.starts_with("composed-"));
        let found = forms.filter_map(|form| Some((form, form.values(text)?)));
        let (form, values) = found.max_by_key(|(form, _)| form.weight())?;
        Some((form.key, values))
    }
}

fn form(line: &'static str) -> Option<Form> {
    let (key, mut rest) = line.split_once(" = ")?;
    let mut holes = Vec::new();
    while let Some((before, after)) = rest.split_once("{ $") {
        let (name, behind) = after.split_once(" }")?;
        holes.push((before, name));
        rest = behind;
    }
    Some(Form { key, holes, end: rest })
}

impl Form {
    fn weight(&self) -> usize {
        self.holes.iter().map(|(before, _)| before.len()).sum::<usize>() + self.end.len()
    }

    /// What stands in the holes, if the text has this form. A hole is never empty.
    fn values<'a>(&self, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut values = Vec::with_capacity(self.holes.len());
        let mut rest = match self.holes.first() {
            None => return (text == self.end).then_some(values),
            Some((before, _)) => text.strip_prefix(before)?,
        };
        for (at, (before, name)) in self.holes.iter().enumerate() {
            let behind = self.holes.get(at + 1).map_or(self.end, |(before, _)| *before);
            let last = at + 1 == self.holes.len();
            let length = if last { rest.strip_suffix(behind)?.len() } else { rest.find(behind)? };
            let (value, tail) = rest.split_at_checked(length)?;
            let word = before.is_empty() && value.chars().all(|c| c.is_ascii_alphabetic());
            let vague = at == 0 && self.weight() < CLEAR && (value.contains(' ') || word);
            // A case is one number: `case 2026-000001: … is open` is another sentence than `case … is open`.
            let several = *name == "case" && value.contains(' ');
            if value.is_empty() || vague || several {
                return None;
            }
            values.push((*name, value));
            rest = tail.get(behind.len()..)?;
        }
        Some(values)
    }
}

/// A value as Fluent takes it: a number may choose a plural.
pub(super) fn value(text: String) -> FluentValue<'static> {
    text.parse::<i64>().map_or_else(|_| text.into(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_known_by_its_form() {
        let phrases = Phrases::new();
        for (text, key, values) in [
            ("nothing was done", Some("hint-nothing-done"), vec![]),
            ("case 2026-000001 is of another person", Some("err-case-person"), vec![("case", "2026-000001")]),
            (
                "obligation O-2 (purchase) is open",
                Some("obligation-open"),
                vec![("name", "O-2"), ("deal", "purchase")],
            ),
            ("day off for Nauryz", Some("holiday-off-for"), vec![("name", "Nauryz")]),
            ("nothing was done at all", None, vec![]),
            ("--given is no day", Some("err-option-is"), vec![("option", "--given"), ("message", "no day")]),
            ("an obligation is no joke", None, vec![]),
            ("data is no joke", None, vec![]),
            ("documents stay 5 years after the tax period", None, vec![]),
            ("case  is of another person", None, vec![]),
            ("", None, vec![]),
        ] {
            let found = phrases.find(text, false);
            assert_eq!(found.as_ref().map(|(key, _)| *key), key, "{text}");
            assert_eq!(found.map(|(_, values)| values).unwrap_or_default(), values, "{text}");
        }
    }

    #[test]
    fn no_rule_is_taken_for_a_sentence_of_the_program() {
        let phrases = Phrases::new();
        for text in [
            include_str!("../../policies/kz.yaml"),
            include_str!("../../policies/mycar.yaml"),
            include_str!("../../policies/automaster.yaml"),
        ] {
            for says in text.lines().filter_map(|line| line.strip_prefix("    says: ")) {
                let says = says.trim_matches('"');
                let found = phrases.find(says, false);
                assert!(found.is_none_or(|(_, values)| values.is_empty()), "{says}");
            }
        }
    }
}

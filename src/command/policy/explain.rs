//! `dsr policy explain`: one rule in words.

use super::{Outcome, controllers, world::World};
use crate::{
    command::Exit,
    domain::{Error, Result, suggest},
    policy::{Library, Rulebook, coverage, explain},
    render::{Cell, Format, Head, guard},
};

/// Say one rule in words
///
/// Where it comes from, what it says, how it is read where the text is open, since when it is in force,
/// which rules of the law it leans on, and where it takes effect.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy explain AM-8-contact --controller automaster\n  dsr policy explain KZ-8.7 --controller mycar --format json\n"
)]
pub struct Explain {
    /// The rule's id
    rule: String,
}

impl Explain {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        for id in controllers(world, library)? {
            let rulebook = library.rulebook(&id)?;
            if rulebook.rule(&self.rule).is_some() {
                self.say(world, &rulebook)?;
                return Ok(Exit::Done);
            }
        }
        Err(self.unknown(world, library)?)
    }

    fn say(&self, world: &mut World<'_, '_>, rulebook: &Rulebook) -> Result<()> {
        let words = world.spoken();
        let lines = explain::explain(rulebook, &self.rule, &words)?;
        if world.style().format == Format::Table {
            return world.deliver(guard::lines(&words.dated(&lines.join("\n"))).as_bytes());
        }
        let Some(rule) = rulebook.rule(&self.rule) else { return Ok(()) };
        let head = Head {
            schema: "dsr/policy-explain/v1",
            list: "lines",
            title: rule.id.clone(),
            columns: &["line"],
            members: vec![
                ("rule", rule.id.clone().into()),
                ("layer", if rulebook.is_law(rule) { "law" } else { "policy" }.into()),
                ("kind", rule.body.kind().into()),
                ("clause", rule.clause.clone().into()),
                ("article", rule.article.clone().into()),
                ("says", rule.says.clone().into()),
                ("note", rule.note.clone().into()),
                ("law", rule.law.clone().into()),
                ("valid_from", rule.valid_from.map(|day| day.to_string()).into()),
                ("valid_to", rule.valid_to.map(|day| day.to_string()).into()),
                ("confirmed", rulebook.is_law(rule).then_some(rule.confirmed).into()),
                ("mark", rule.mark.map(|mark| mark.as_str()).into()),
                ("effect", coverage::effect(&rule.body).into()),
            ],
        };
        let mut rows = world.rows(head)?;
        lines.into_iter().try_for_each(|line| rows.row(&[Cell::Text(line)]))?;
        rows.finish(Vec::new())
    }

    fn unknown(&self, world: &World<'_, '_>, library: &Library) -> Result<Error> {
        let mut ids = Vec::new();
        for id in controllers(world, library)? {
            let rulebook = library.rulebook(&id)?;
            ids.extend(rulebook.policy.rules.into_iter().chain(rulebook.statute.rules).map(|rule| rule.id));
        }
        // A clause has several rules: whoever types it alone sees their names.
        let clause = format!("{}-", self.rule);
        let mut of_clause: Vec<&str> =
            ids.iter().map(String::as_str).filter(|id| id.starts_with(&clause)).collect();
        of_clause.dedup();
        let near = suggest::nearest(&self.rule, ids.iter().map(String::as_str));
        let hint = match (of_clause.as_slice(), near) {
            ([], None) => "`dsr policy show` lists the rules".into(),
            ([], Some(near)) => format!("did you mean `{near}`?"),
            (names, _) => format!("rules of that clause: {}", names.join(", ")),
        };
        Ok(Error::usage(format!("no rule is called `{}`", self.rule)).hint(hint))
    }
}

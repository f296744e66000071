//! `dsr report inventory`: the list of personal data (art. 25(2)(1)).

use std::collections::{BTreeMap, BTreeSet};

use super::{Span, books::Books, places::Places, written};
use crate::{
    command::{Outcome, world::World},
    domain::{Category, Moment, Purpose},
    policy::{
        Rulebook,
        body::Keep,
        explain::{condition_of_record, until_words},
        model::{CategoryDef, Document},
        until::When,
    },
    render::{Cell, Head, Lang, Words},
    store::{Holding, Mode, facts::OWN},
};

const COLUMNS: &[&str] = &[
    "controller",
    "category",
    "records",
    "archived",
    "oldest",
    "newest",
    "people",
    "title",
    "sensitivity",
    "personal",
    "excess",
    "purposes",
    "bases",
    "sources",
    "systems",
    "elsewhere",
    "storage",
    "rules",
    "clauses",
];

/// Print the list of personal data
///
/// Every category that the policy names or that is held: its purposes and their basis, where it came from and
/// lies, how long it may stay and by which rules, and how much of it is held. With --from and --to: of what
/// was collected then. What other systems hold is told by their maps, with the rows of each collection; without a
/// number where it was not counted: over a million rows, a system out of reach, or a period.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report inventory --controller mycar --format csv\n")]
pub struct Inventory {
    #[command(flatten)]
    span: Span,
}

impl Inventory {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let books = Books::read(world)?;
        let (held, controllers) = store.read(|view| Ok((view.holdings(&period)?, view.controllers()?)))?;
        let controllers = controller.as_ref().map_or(controllers, |one| vec![one.clone()]);
        let (today, t) = (world.now().day(), world.spoken());
        let whole = period.from.is_none() && period.to.is_none();
        let mut places = BTreeMap::new();
        for controller in &controllers {
            places.insert(controller.clone(), Places::read(world, controller, whole)?);
        }
        let head = Head {
            schema: "dsr/report-inventory/v1",
            list: "categories",
            title: "List of personal data".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, &mut store, head, |_, rows| {
            for controller in &controllers {
                let book = books.of(controller);
                let own = held.iter().filter(|sum| sum.controller == *controller);
                let empty = Places::default();
                let places = places.get(controller).unwrap_or(&empty);
                for (category, sum) in listed(own, book, places) {
                    let line = Line { controller, category: &category, sum, book, places, today, t: &t };
                    rows.row(&line.cells())?;
                }
            }
            Ok(())
        })
    }
}

/// What is held, what the policy names and what other systems hold, each category once, in the order of their words.
fn listed<'s>(
    held: impl Iterator<Item = &'s Holding>,
    book: Option<&Rulebook>,
    places: &Places,
) -> BTreeMap<Category, Option<&'s Holding>> {
    let named = book.map(Rulebook::categories).unwrap_or_default();
    let named = named.iter().map(|def| (def.id.clone(), None));
    let mut all: BTreeMap<Category, Option<&Holding>> = named.collect();
    all.extend(places.categories().map(|category| (category.clone(), None)));
    all.extend(held.map(|sum| (sum.category.clone(), Some(sum))));
    all
}

struct Line<'a> {
    controller: &'a str,
    category: &'a Category,
    sum: Option<&'a Holding>,
    book: Option<&'a Rulebook>,
    places: &'a Places,
    today: chrono::NaiveDate,
    t: &'a Words,
}

impl Line<'_> {
    /// The policy's own title, or the word of the language.
    fn title(&self, def: &CategoryDef) -> String {
        match self.t.lang() {
            Lang::En => def.title.clone(),
            _ => self.t.term("category", self.category.as_str()),
        }
    }

    fn cells(&self) -> [Cell; 19] {
        let (sum, def) = (self.sum, self.def());
        let words = |list: Option<&BTreeSet<String>>| {
            Cell::Words(list.into_iter().flatten().cloned().collect::<Vec<_>>())
        };
        let keeps = self.keeps();
        [
            Cell::text(self.controller),
            Cell::text(self.category),
            Cell::count(sum.map_or(0, |sum| sum.records)),
            Cell::count(sum.map_or(0, |sum| sum.archived)),
            Cell::option(sum.map(|sum| Moment::day(sum.oldest))),
            Cell::option(sum.map(|sum| Moment::day(sum.newest))),
            Cell::count(sum.map_or(0, |sum| sum.people)),
            Cell::option(def.map(|def| self.title(def))),
            def.map_or(Cell::Nothing, |def| Cell::Word(def.sensitivity.as_str())),
            Cell::Flag(def.is_none_or(|def| def.personal)),
            Cell::Flag(def.is_none_or(|def| def.excess)),
            words(sum.map(|sum| &sum.purposes)),
            Cell::Words(self.bases()),
            words(sum.map(|sum| &sum.sources)),
            Cell::Words(
                sum.map(|_| OWN.to_owned()).into_iter().chain(self.places.systems(self.category)).collect(),
            ),
            Cell::Words(self.places.rows(self.category)),
            Cell::Words(self.storage(&keeps)),
            Cell::Words(keeps.iter().map(|(rule, _)| rule.clone()).collect()),
            Cell::Words(self.clauses()),
        ]
    }

    fn def(&self) -> Option<&CategoryDef> {
        self.book?.category(self.category)
    }

    /// The basis of each purpose it is used for, and consent where it rests on that by its nature.
    fn bases(&self) -> Vec<String> {
        let purposes = self.sum.iter().flat_map(|sum| &sum.purposes);
        let of = |word: &String| Some(self.book?.purpose(&Purpose::new(word))?.basis.as_str());
        let by_nature = self.def().and_then(|def| def.consent).map(|_| "consent");
        let all: BTreeSet<&str> = purposes.filter_map(of).chain(by_nature).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// The retention rules in force today that speak of it.
    fn keeps(&self) -> Vec<(String, &Keep)> {
        let all = self.book.into_iter().flat_map(|book| book.keeps(self.today));
        let document = self.def().map(|def| &def.document);
        let possible = |when: &When| match when {
            When::InDocument => document != Some(&Document::Never),
            When::NotInDocument => document != Some(&Document::Always),
            _ => true,
        };
        let covers = |keep: &Keep| keep.categories.is_empty() || keep.categories.contains(self.category);
        let about = |keep: &Keep| covers(keep) && keep.when.iter().all(possible);
        let about = all.filter(|(_, keep)| about(keep));
        about.map(|(rule, keep)| (rule.id.clone(), keep)).collect()
    }

    /// The terms of the rules; what two of them demand alike is said once.
    fn storage(&self, keeps: &[(String, &Keep)]) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for term in keeps.iter().flat_map(|(_, keep)| terms(keep, self.t)) {
            if !said.contains(&term) {
                said.push(term);
            }
        }
        said
    }

    /// The clauses that list it among what is collected.
    fn clauses(&self) -> Vec<String> {
        let rules = self.book.into_iter().flat_map(|book| book.collects(self.category));
        let clauses: BTreeSet<String> = rules.filter_map(|rule| rule.clause.clone()).collect();
        clauses.into_iter().collect()
    }
}

fn terms(keep: &Keep, t: &Words) -> Vec<String> {
    let when: Vec<String> = keep.when.iter().map(|when| condition_of_record(when, t)).collect();
    let and = format!(" {} ", t.say_part("and"));
    let when = if when.is_empty() {
        String::new()
    } else {
        format!(", {} {}", t.say_part("where"), when.join(&and))
    };
    let most = keep.at_most.as_ref().map(|until| ("until", until));
    let least = keep.at_least.as_ref().map(|until| ("at least through", until));
    let term = |(how, until)| format!("{} {}{when}", t.say_part(how), until_words(until, t));
    most.into_iter().chain(least).map(term).collect()
}

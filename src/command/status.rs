//! `dsr status`: the officer's day, and what to type next.

use chrono::{Days, NaiveDate};

use super::{
    Exit, Outcome, request,
    world::{Rules, World},
};
use crate::{
    decide::timeline::waits_for,
    domain::{
        CaseEvent, CaseNumber, Duty, Kind, Moment, Result, Term,
        case::{Officer, officer},
    },
    execute::{
        halts,
        publish::{self, Version},
        purge::due_tonight,
        timing,
    },
    render::answer::status::{About, Line, StatusAnswer, Urgency},
    store::{
        CaseFile, Mode, Period, View,
        backup::begun::CutOff,
        health::{Left, leftovers},
    },
};

/// A calendar that ends sooner than this, in days, is named.
const HORIZON: u64 = 90;

/// Say what is overdue, due today, due this week
///
/// Answers, steps by hand and recipients to tell; what is blocked and until when; what people were asked
/// for; destruction that is pending; what calendar and dsr.yaml do not say. The most urgent first, with the
/// command to type next for each. With --check the command ends with exit 10 where something is late.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr status\n  dsr status --check --quiet   # from cron\n")]
pub struct Status {
    /// Exit 10 where something is overdue
    #[arg(long)]
    check: bool,
}

impl Status {
    /// Reads only.
    ///
    /// # Errors
    /// The kinds of store and policy.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let named = world.named_controller()?;
        let controllers = match &named {
            Some(one) => vec![one.clone()],
            None => store.read(|view| view.controllers())?,
        };
        let rules =
            controllers.iter().map(|id| world.rules(&world.library()?, id)).collect::<Result<Vec<_>>>()?;
        let today = world.now().day();
        let day = Day {
            now: world.now(),
            today,
            controller: named.as_deref(),
            rules: controllers.iter().zip(&rules).collect(),
        };
        let path = store.path().to_owned();
        let (mut lines, pending) = store.read(|view| day.lines(view))?;
        let (cut_off, backups) =
            store.read(|view| Ok((view.cut_off_backups(&path)?, view.backup_place()?)))?;
        lines.extend(of_copies(cut_off, leftovers(&path, backups.as_deref())));
        lines.extend(day.house(world.now()));
        let late = lines.iter().any(|line| line.urgency == Urgency::Overdue);
        if late || !world.global.quiet {
            let not_counted = world.other_systems(&controllers)?.into_iter().collect();
            world.answer(&StatusAnswer { as_of: today, lines, destruction_pending: pending, not_counted })?;
        }
        Ok(if self.check && late { Exit::With(Kind::Late) } else { Exit::Done })
    }
}

/// One day of one office.
struct Day<'a> {
    now: Moment,
    today: NaiveDate,
    controller: Option<&'a str>,
    rules: Vec<(&'a String, &'a Rules)>,
}

impl Day<'_> {
    fn urgency(&self, due: Option<NaiveDate>) -> Urgency {
        let today = self.today;
        // Seven days, whatever the weekday: on a Sunday tomorrow is not far off.
        let week = today + Days::new(7);
        match due {
            None => Urgency::NoTerm,
            Some(due) if due < today => Urgency::Overdue,
            Some(due) if due == today => Urgency::Today,
            Some(due) if due <= week => Urgency::ThisWeek,
            Some(_) => Urgency::Later,
        }
    }

    fn lines(&self, view: &View<'_>) -> Result<(Vec<Line>, usize)> {
        let mut lines = Vec::new();
        let period = Period { controller: self.controller, ..Period::default() };
        view.for_each_open_case(&period, |case| {
            let case = self.present(view, case)?;
            self.case(view, &case, &mut lines)
        })?;
        view.for_each_open_duty(self.controller, |case, duty| {
            let case = self.present(view, case)?;
            for duty in self.duties(view, &case, vec![duty])? {
                let waits = duty.waits.is_some();
                let urgency = if waits { Urgency::Waiting } else { self.urgency(duty.what.due) };
                lines.push(Line::of_duty(urgency, &case, duty));
            }
            Ok(())
        })?;
        view.for_each_standing_block(self.controller, |block| {
            lines.push(self.block(&view.case(&block.case)?, block.since));
            Ok(())
        })?;
        let mut published = publish::all_versions(view)?;
        for (id, rules) in &self.rules {
            let versions = published.remove(*id).unwrap_or_default();
            self.publications(view, (id, &versions), rules, &mut lines)?;
            let due = due_tonight(view, id, &rules.rulebook, self.today)?;
            if due > 0 {
                lines.push(Line::house(Some(id), About::PurgeDue(due), Some("dsr purge-expired --dry-run")));
            }
        }
        let pending = self.acts(view, &mut lines)?;
        self.purge(view, &mut lines)?;
        Ok((lines, pending))
    }

    /// A case with its last day as it is now.
    fn present(&self, view: &View<'_>, case: CaseFile) -> Result<CaseFile> {
        match self.rules(&case) {
            Some(rules) => timing::present(view, case, rules.pair(), self.now),
            None => Ok(case),
        }
    }

    fn rules(&self, case: &CaseFile) -> Option<&Rules> {
        self.rules.iter().find(|(id, _)| **id == case.controller).map(|(_, rules)| *rules)
    }

    /// Duties of a case as they are now: their last days, what keeps them, what their end has to say.
    fn duties(&self, view: &View<'_>, case: &CaseFile, duties: Vec<Duty>) -> Result<Vec<Duty>> {
        let rules = self.rules(case);
        let duties = timing::duties(view, case, rules.map(|rules| rules.pair()), duties)?;
        halts::shown_by(view, case, rules.map(|rules| &rules.rulebook), duties)
    }

    fn case(&self, view: &View<'_>, case: &CaseFile, lines: &mut Vec<Line>) -> Result<()> {
        let history = view.case_history(&case.number)?;
        let duties = self.duties(view, case, view.duties(&case.number)?)?;
        let urgency = match case.is_told() {
            true => Urgency::Waiting,
            // A term in hours is over at its hour, within its last day.
            false if case.is_overdue(self.now) => Urgency::Overdue,
            false => self.urgency(case.owed_by()),
        };
        let elsewhere = &halts::elsewhere(view, case)?;
        let (gone, idle) = (request::is_gone(view, case)?, request::is_about_nothing(view, case)?);
        let (history_is, duties_are, today) = (&history, &duties, self.today);
        let seen = request::Seen { history: history_is, duties: duties_are, elsewhere, gone, idle, today };
        let next = request::next(case, seen);
        let answer = of_case(case, urgency, About::Answer, next);
        lines.push(Line { due: case.owed_by(), ..answer });
        let asked = waits_for(history.iter().map(|entry| &entry.event));
        if !asked.is_empty() {
            let next = format!("dsr request show {}", case.number);
            lines.push(of_case(case, Urgency::Waiting, About::Asked(asked), Some(next)));
        }
        let events: Vec<&CaseEvent> = history.iter().map(|entry| &entry.event).collect();
        if let Officer::Gone(name, until) = officer(&events, self.today) {
            let next = format!("dsr request note {} --hand-to NAME", case.number);
            let about = About::Deputy(name.to_owned(), until);
            lines.push(without_term(of_case(case, Urgency::NoTerm, about, Some(next))));
        }
        let reason =
            history.iter().any(|entry| matches!(entry.event, CaseEvent::Received { late: Some(_), .. }));
        if case.registered_late() && !reason {
            let next = format!("dsr request note {} TEXT", case.number);
            lines.push(without_term(of_case(case, Urgency::NoTerm, About::Registered, Some(next))));
        }
        Ok(())
    }

    /// A block ends with a finding; the policy names no length, so the office's own number counts.
    fn block(&self, case: &CaseFile, since: Moment) -> Line {
        let rules = self.rules.iter().find(|(id, _)| **id == case.controller).map(|(_, rules)| *rules);
        let days = rules.and_then(|rules| rules.officer.controllers.get(&case.controller)?.max_check_days);
        let term = Term::WorkingDays(days.unwrap_or(3));
        let until = rules.and_then(|rules| rules.calendar.due_or_provisional(term, since).ok());
        let until = until.map(|due| due.date);
        let who = case.subject.map_or_else(|| "SEL".into(), |id| format!("id:{id}"));
        let next = format!("dsr restrict --subject {who} --lift --finding accurate|inaccurate|unlawful");
        let line = of_case(case, self.urgency(until), About::Block(since), Some(next));
        Line { due: until, target: None, ..line }
    }

    /// What published versions of the policy still owe.
    fn publications(
        &self,
        view: &View<'_>,
        (id, versions): (&str, &[Version]),
        rules: &Rules,
        lines: &mut Vec<Line>,
    ) -> Result<()> {
        for owed in publish::owed(&rules.rulebook, versions) {
            let next = format!("dsr policy told --controller {id} --place {}", owed.place);
            let about = About::Notice(owed.place.to_string(), owed.rule);
            let line = Line::house(Some(id), about, Some(&next));
            lines.push(Line { urgency: self.urgency(Some(owed.by)), due: Some(owed.by), ..line });
        }
        let open = publish::without_consent(view, &rules.rulebook, versions, self.now)?;
        for (purpose, people) in open {
            let about = About::NewPurpose(purpose.to_string(), people);
            let next = format!("dsr report consents --controller {id}");
            lines.push(Line::house(Some(id), about, Some(&next)));
        }
        Ok(())
    }

    fn acts(&self, view: &View<'_>, lines: &mut Vec<Line>) -> Result<usize> {
        let closable = view.closable_destructions()?;
        let mine = |controller: &str| self.controller.is_none_or(|chosen| chosen == controller);
        let pending = view.pending_destructions()?.into_iter().filter(|act| mine(&act.controller));
        let mut count = 0;
        for act in pending {
            count += 1;
            // One that waits for a step by hand is named by that step.
            if closable.contains(&act.number) {
                let about = About::Act(act.number);
                lines.push(Line::house(Some(&act.controller), about, Some("dsr sanitize")));
            }
        }
        Ok(count)
    }

    fn purge(&self, view: &View<'_>, lines: &mut Vec<Line>) -> Result<()> {
        let about = if view.unfinished_run()?.is_some() {
            Some((About::PurgeCutOff, "dsr purge-expired"))
        } else if view.purge_enabled()?.is_none() {
            Some((About::PurgeOff, "dsr purge-expired --dry-run"))
        } else {
            let last = view.last_run("purge-expired")?.map(Moment::day);
            let old = last.filter(|day| (self.today - *day).num_days() > 1);
            old.map(|day| (About::PurgeOld(day), "dsr purge-expired"))
        };
        lines.extend(about.map(|(about, next)| Line::house(None, about, Some(next))));
        let open = view.unfinished_nights()?;
        let mine = open.iter().filter(|id| self.controller.is_none_or(|chosen| chosen == *id));
        lines.extend(mine.map(|id| Line::house(Some(id), About::PurgeElsewhere, Some("dsr purge-expired"))));
        Ok(())
    }

    /// What calendar and officer's file do not say.
    fn house(&self, now: Moment) -> Vec<Line> {
        let mut lines = Vec::new();
        let known = self.rules.first().map(|(_, rules)| rules.calendar.known_until());
        let ends = known.filter(|end| *end < now.day() + Days::new(HORIZON));
        lines.extend(ends.map(|end| Line::house(None, About::Calendar(end), None)));
        for (id, rules) in &self.rules {
            let empty = rules.officer.unfilled(id);
            let names: Vec<String> =
                empty.iter().filter_map(|field| Some(field.split_once(':')?.0.to_owned())).collect();
            if !names.is_empty() {
                lines.push(Line::house(Some(id), About::Fields(names), Some("dsr policy check")));
            }
        }
        lines
    }
}

/// Copies of everybody's data that a kill left, whoever it is that asks: of backups, and of a restore beside the store.
fn of_copies(cut_off: Vec<CutOff>, left: Left) -> Vec<Line> {
    let (mut lines, mut lying) = (Vec::new(), Vec::new());
    for found in cut_off {
        match found {
            CutOff::Left(draft) => lying.push(draft),
            CutOff::Away(directory) => {
                let about = About::CutOffAway(directory.display().to_string());
                lines.push(Line::house(None, about, Some("dsr doctor")));
            }
        }
    }
    let drafts = left.and(lying).drafts;
    let named = drafts.iter().map(|draft| About::CutOff(draft.display().to_string()));
    lines.extend(named.map(|about| Line::house(None, about, Some("dsr sanitize"))));
    lines
}

/// The day of the answer is none of what has no term of its own.
fn without_term(line: Line) -> Line {
    Line { due: None, target: None, ..line }
}

fn of_case(case: &CaseFile, urgency: Urgency, about: About, next: Option<String>) -> Line {
    Line {
        urgency,
        number: Some(CaseNumber::to_string(&case.number)),
        controller: Some(case.controller.clone()),
        right: Some(case.right.as_str()),
        state: Some(case.state.as_str()),
        due: case.due,
        target: case.target,
        about,
        next,
    }
}

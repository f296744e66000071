//! A plan carried out in the own store, step by step, in the transaction that decided it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::{
    act::{Decided, Done, Request, Rules},
    cases,
    context::{Context, Said},
    opened::open_act,
    order::{NewValue, Order},
    reach::{Before, Remote, elsewhere, former::Correcting, void},
    record, tasks, timing, values, waits,
};
use crate::{
    audit::{Hash, State},
    calendar::Calendar,
    decide::{by_hand, sieve},
    domain::{
        Action, CaseEvent, CaseNumber, Category, Decision, Error, Kind, Plan, Purpose, Record, RecordKey,
        Result, Step, SubjectFacts,
    },
    policy::Rulebook,
    store::{
        CaseFile, KeyFile, Tx,
        destroy::{Needles, ScanReport},
        effect::{Correction, Leave, Person},
    },
};

/// Does everything a decision says: case, effects, act, audit entry.
///
/// # Errors
/// Stale (exit 5), the kinds of store and key file; the transaction is then undone.
pub fn apply(
    tx: &Tx<'_>,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    decided: Decided,
) -> Result<Done> {
    everywhere(tx, context, rules, request, None, decided)
}

/// The same, and what is to be done in other systems written down.
///
/// # Errors
/// As [`apply`]; configuration (exit 6): a system is another database than the one that was checked.
pub fn everywhere(
    tx: &Tx<'_>,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    remote: Option<&Remote>,
    decided: Decided,
) -> Result<Done> {
    let steps = elsewhere::steps(context, rules, request, remote, &decided)?;
    elsewhere::enrol_new(tx, context, remote, &decided)?;
    let pair = (rules.rulebook, rules.calendar);
    let right = request.order.right();
    let facts = decided.facts.as_ref();
    let ask = request.order.kept_of(facts);
    let case = cases::open_or_join(tx, context, pair, right, request.receipt, facts, ask.as_deref())?;
    void::goes_on_first(tx, &case, remote, (&decided, &steps))?;
    // What an earlier plan of the case left undone and untold was decided anew with this one.
    let idle = steps.is_empty() && decided.refusal.is_none();
    let before = elsewhere::replaced(tx, &case.number, idle)?;
    let mut needles = Needles::new();
    if let Some(facts) = &decided.facts {
        let contacts = remote.map(Remote::contacts).unwrap_or_default();
        let person = tx.person(&facts.controller, facts.subject)?.mailed_by(&contacts);
        let work = Work { tx, context, rules, request, facts, person, case: &case.number };
        work.steps(&decided.plan, &mut needles)?;
        work.names_replaced(&decided.plan, remote, &mut needles)?;
        let waits = !steps.is_empty() && elsewhere::destroys(&decided.plan);
        work.names_that_die(&decided.plan, waits, &mut needles)?;
        // What nobody could begin with waits for nothing: it is asked again once the person is confirmed.
        if decided.refusal.is_none() {
            tx.wait_for(&case.number, &waits::rows(tx, facts, &decided.plan)?)?;
        }
    }
    let mut act = open_act(tx, context, &decided, &case, &needles)?;
    if idle {
        act = before.tell(tx, context, &case, act)?;
    }
    let told = (!steps.is_empty()).then(|| before.with(elsewhere::told(request, &decided, act.as_deref())));
    let case =
        moved(tx, context, (pair, request), &decided, case, (act.as_deref(), told.is_some(), &before))?;
    if let Some(told) = &told {
        elsewhere::intend(tx, context, remote, &decided, (&case.number, &steps, told))?;
    }
    if decided.refusal.is_none() {
        tasks::close(tx, context, pair, &by_hand::resume(&case.number), &case.number)?;
    }
    record::blocks(tx, context, request, &decided, &case)?;
    void::lifts(tx, context, &decided)?;
    record::blocked_first(tx, context, pair, &decided, &case)?;
    context.log(tx, request.order.command(), state(&decided, request.order), said(&decided, &case))?;
    let reopened = cases::reopen(tx, context, pair)?;
    Ok(Done { decided, case, act, needles, reopened, elsewhere: told.is_some() })
}

/// One person's plan being carried out.
struct Work<'a, 't> {
    tx: &'a Tx<'t>,
    context: &'a Context,
    rules: Rules<'a>,
    request: &'a Request<'a>,
    facts: &'a SubjectFacts,
    person: Person,
    case: &'a CaseNumber,
}

impl Work<'_, '_> {
    fn key(&self) -> Result<&KeyFile> {
        let key = self.rules.key.ok_or_else(|| {
            Error::new(Kind::Config, "the key file of the store is missing")
                .hint("without it nobody can be kept from coming back: restore it; `dsr doctor` says more")
        })?;
        self.tx.bind_key(key).map(|()| key)
    }

    fn record(&self, key: RecordKey) -> Result<&Record> {
        let found = self.facts.records.iter().find(|record| record.key.id == key.id);
        found.ok_or_else(super::act::stale)
    }

    fn steps(&self, plan: &Plan, needles: &mut Needles) -> Result<()> {
        let mut changed = HashMap::new();
        for step in &plan.steps {
            self.step(step, needles, &mut changed)?;
        }
        Ok(())
    }

    fn step(
        &self,
        step: &Step,
        needles: &mut Needles,
        changed: &mut HashMap<i64, (RecordKey, String)>,
    ) -> Result<()> {
        let now = self.context.now;
        if !step.is_own() {
            return elsewhere::own_part(self.tx, &self.person, self.facts, step, || self.key());
        }
        match step.action {
            Action::Destroy => self.destroy(&step.keys, needles),
            Action::Archive => {
                let until = step.until.ok_or_else(super::act::stale)?;
                self.tx.archive_records(&self.person, &step.keys, until, &step.why.rule)
            }
            Action::Withdraw if step.collection == "consent" => {
                self.tx.withdraw_consents(&self.person, &ids(&step.keys), now)
            }
            Action::Suppress => {
                let purposes = purposes(step);
                self.tx.suppress(&self.person, &purposes, self.key()?, Some(self.case), now).map(drop)
            }
            Action::Unblock if step.collection == "suppression" => {
                self.tx.lift_suppressions(&self.person, &purposes(step), now).map(drop)
            }
            Action::Unblock => self.tx.lift_blocks(&self.person, &ids(&step.keys), self.finding(), now),
            Action::Block => {
                let since = step.since.unwrap_or(now);
                self.tx.block(&self.person, step.category.as_ref(), self.case, since).map(drop)
            }
            Action::Rectify | Action::Annotate => self.correct(step, needles, changed),
            // Shown to the officer, done by people: nothing of the store changes.
            Action::Notify | Action::Manual | Action::Withdraw | Action::Disclose | Action::Mask => Ok(()),
        }
    }

    fn destroy(&self, keys: &[RecordKey], needles: &mut Needles) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let seq = self.tx.audit_head()?.size + 1;
        self.tx.mark_records_destroyed(&self.person, keys, self.key()?, self.context.now, Some(seq))?;
        self.tx.destroy_records(&self.person, keys, needles)
    }

    /// What leads to the person's rows is corrected wherever it is stated, and not forgotten before every system has it.
    fn names_replaced(&self, plan: &Plan, remote: Option<&Remote>, needles: &mut Needles) -> Result<()> {
        let Order::Rectify { changes, .. } = self.request.order else { return Ok(()) };
        let correcting = Correcting { remote, plan, changes, before: &self.facts.identifiers };
        let whose = (self.facts.controller.as_str(), self.facts.subject, &self.person);
        correcting.carry_through(self.tx, self.case, whose, (self.rules.key, needles))
    }

    fn finding(&self) -> &str {
        match self.request.order {
            Order::Lift { finding, .. } => finding,
            _ => "accurate",
        }
    }

    fn correct(
        &self,
        step: &Step,
        needles: &mut Needles,
        changed: &mut HashMap<i64, (RecordKey, String)>,
    ) -> Result<()> {
        let Order::Rectify { changes, document } = self.request.order else { return Ok(()) };
        for key in &step.keys {
            let record = self.record(*key)?;
            for new in changes
                .iter()
                .filter(|new| new.category == record.category.as_str() && step.fields.contains(&new.field))
            {
                let before = changed.remove(&key.id).unwrap_or_else(|| (*key, record.data.clone()));
                let after = self.one(step.action, record, before, (new, document.as_deref()), needles)?;
                changed.insert(key.id, after);
            }
        }
        Ok(())
    }

    /// One field of one record; gives the key and payload to go on from.
    fn one(
        &self,
        action: Action,
        record: &Record,
        (key, data): (RecordKey, String),
        (new, document): (&NewValue, Option<&str>),
        needles: &mut Needles,
    ) -> Result<(RecordKey, String)> {
        let (rulebook, now) = (self.rules.rulebook, self.context.now);
        let field = rulebook.category(&record.category).and_then(|category| category.field(&new.field));
        let value = values::read(new, field)?;
        if action == Action::Annotate {
            let note = json!({ "says": value, "document": document });
            let key = self.tx.annotate(&self.person, key, &new.field, &note, now, Some(self.case))?;
            return Ok((key, data));
        }
        let after = values::changed(&data, &new.field, &value);
        let names = values::names(record, &after, rulebook, now);
        let fields = [(new.field.clone(), value)];
        let correction =
            Correction { key, fields: &fields, names: &names, document_at: None, activity_at: None };
        Ok((self.tx.rectify(&self.person, &correction, now, needles)?, after))
    }

    /// An identifier dies with the last record of its category; a person with the last of anything. Where rows
    /// elsewhere go too (`waits`), only with these: until then somebody has to be sought by them.
    fn names_that_die(&self, plan: &Plan, waits: bool, needles: &mut Needles) -> Result<()> {
        let gone = gone(plan);
        if gone.is_empty() {
            return Ok(());
        }
        let stays = self.facts.records.iter().filter(|record| !gone.contains(&record.key.id));
        let left: BTreeSet<Category> = stays.map(|record| record.category.clone()).collect();
        if sieve::counts_contacts(self.rules.rulebook, self.context.now.day()) {
            let last = self.facts.last_contact();
            last.map_or(Ok(()), |at| self.tx.keep_last_contact(&self.person, at))?;
        }
        if waits || self.tx.waits_elsewhere(&self.person)? {
            return Ok(());
        }
        let (waits, stays) = (!plan.waits.is_empty(), !left.is_empty());
        let leaves = (&self.person, Leave::Right { case: self.case, waits, stays });
        self.tx.let_names_die(leaves, self.rules.rulebook, &left, needles)?;
        let seq = self.tx.audit_head()?.size + 1;
        self.tx.empty_subject(leaves, self.key()?, self.context.now, Some(seq), needles).map(drop)
    }
}

fn ids(keys: &[RecordKey]) -> Vec<i64> {
    keys.iter().map(|key| key.id).collect()
}

fn purposes(step: &Step) -> Vec<Purpose> {
    step.about.iter().map(|word| Purpose::new(word)).collect()
}

pub(super) fn gone(plan: &Plan) -> BTreeSet<i64> {
    let destroyed = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Destroy && step.is_own() && step.collection == "record");
    destroyed.flat_map(|step| &step.keys).map(|key| key.id).collect()
}

/// Whatever is refused until it is known who asks leaves the case as it was received, with its term running: of
/// advertising that stopped it says so, with what people owe for it. Anything else was carried out, in part or whole.
fn moved(
    tx: &Tx<'_>,
    context: &Context,
    (pair, request): ((&Rulebook, &Calendar), &Request<'_>),
    decided: &Decided,
    case: CaseFile,
    (act, elsewhere, before): (Option<&str>, bool, &Before),
) -> Result<CaseFile> {
    if let (Some(second), Some(ask)) = (&decided.second, request.order.kept_of(decided.facts.as_ref())) {
        let (user, plan) = (context.actor.uid(), Hash::from_bytes(second.number).to_string());
        let event = CaseEvent::Proposed { user, plan, ask };
        return tx.move_case(&case.number, &event, context.now, context.actor.name());
    }
    if decided.refusal.is_none() {
        let case = timing::due_of_answer(tx, pair, case, context.now)?;
        return carried_out(tx, (context, pair), request, decided, case, (act, elsewhere, before));
    }
    let case = match decided.is_before_identity() {
        true => carried_out(tx, (context, pair), request, decided, case, (act, elsewhere, before))?,
        false => case,
    };
    decided.too_little.map_or(Ok(case.clone()), |why| cases::unverified(tx, context, pair, &case, why))
}

/// The events of what was done.
fn carried_out(
    tx: &Tx<'_>,
    (context, pair): (&Context, (&Rulebook, &Calendar)),
    request: &Request<'_>,
    decided: &Decided,
    case: CaseFile,
    (act, elsewhere, before): (Option<&str>, bool, &Before),
) -> Result<CaseFile> {
    let asked = cases::last_ask(&tx.case_history(&case.number)?);
    let decision = record::decided(&decided.plan, &case, request.order, asked.as_deref());
    let file = tx.move_case(&case.number, &decision, context.now, context.actor.name())?;
    // What needs no identity is told once, when it is done everywhere: the case waits for nothing here.
    if elsewhere && decided.is_before_identity() {
        return Ok(file);
    }
    let event = CaseEvent::Executed {
        command: request.order.command().to_owned(),
        // Nothing is told before it is done in every system.
        waiting: elsewhere || !decided.plan.waits.is_empty(),
        ask: request.order.kept_of(decided.facts.as_ref()),
        outcome: (!elsewhere).then(|| Box::new(before.and(decided.outcome(act, request.who.kind())))),
    };
    cases::advance(tx, (context.now, context.actor.name()), pair, &case.number, &event)
}

fn state(decided: &Decided, order: &Order) -> State {
    if decided.plan.decision == Decision::Refuse || decided.refusal.is_some() && decided.plan.steps.is_empty()
    {
        return State::Refused;
    }
    order.state()
}

/// Counts by action and category, and every rule that was applied.
fn said(decided: &Decided, case: &CaseFile) -> Said {
    let mut counts = BTreeMap::<String, u64>::new();
    let mut count = |action: &str, category: Option<&Category>, n: usize| {
        let word = category.map_or_else(|| action.to_owned(), |category| format!("{action}.{category}"));
        *counts.entry(word).or_default() += n.max(1) as u64;
    };
    // A destruction that met nothing destroyed nothing; a notice or a block has no records to count.
    let idle =
        |step: &&Step| step.action == Action::Destroy && step.category.is_some() && step.keys.is_empty();
    for step in decided.plan.steps.iter().filter(|step| !idle(step)) {
        count(step.action.as_str(), step.category.as_ref(), step.keys.len());
    }
    let counted = decided.plan.kept.iter().filter(|kept| !kept.keys.is_empty());
    counted.for_each(|kept| count("kept", Some(&kept.category), kept.keys.len()));
    let rules =
        decided.plan.steps.iter().map(|step| &step.why).chain(decided.plan.kept.iter().map(|kept| &kept.why));
    Said {
        case: Some(case.number.clone()),
        subject: decided.facts.as_ref().map(|facts| facts.subject),
        rules: rules.map(|why| why.rule.clone()).collect(),
        counts,
        output: None,
        ..Said::default()
    }
}

/// The entry that says *destroyed*: only after a clean scan.
///
/// # Errors
/// As any write.
pub fn destroyed(
    tx: &Tx<'_>,
    context: &Context,
    report: &ScanReport,
    acts: &[String],
) -> Result<Option<u64>> {
    if acts.is_empty() {
        return Ok(None);
    }
    let counts = [("acts", acts.len() as u64), ("scanned_bytes", report.bytes), ("residue", report.residue)];
    let counts = counts.map(|(word, n)| (word.to_owned(), n)).into();
    let head = context.log(tx, "sanitize", State::Destroyed, Said { counts, ..Said::default() })?;
    Ok(Some(head.size))
}

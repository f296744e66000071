//! Two ways to do one thing, run in turn, and the ratio of their medians.

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The heading over [`Row`]s.
pub const HEAD: &str = "pair                        ours ms  theirs ms   ratio    goal";

type Step<'a> = Box<dyn FnMut() -> Result<()> + 'a>;
type Run<'a> = Box<dyn FnMut() -> Result<Vec<u8>> + 'a>;
type Check<'a> = Box<dyn FnMut(&[u8]) -> Result<()> + 'a>;

/// One way: what is made ready before, what is timed, what is checked after.
pub struct Side<'a> {
    before: Step<'a>,
    run: Run<'a>,
    check: Check<'a>,
}

impl<'a> Side<'a> {
    /// What is timed; it hands out its answer.
    pub fn new(run: impl FnMut() -> Result<Vec<u8>> + 'a) -> Self {
        Self { before: Box::new(|| Ok(())), run: Box::new(run), check: Box::new(|_| Ok(())) }
    }

    /// A command, timed from its start to its exit.
    pub fn command(mut make: impl FnMut() -> Command + 'a) -> Self {
        Self::new(move || output(&mut make()))
    }

    /// What happens before each run, untimed.
    pub fn before(mut self, step: impl FnMut() -> Result<()> + 'a) -> Self {
        self.before = Box::new(step);
        self
    }

    /// Looks at each answer, untimed: an error voids the pair.
    pub fn check(mut self, check: impl FnMut(&[u8]) -> Result<()> + 'a) -> Self {
        self.check = Box::new(check);
        self
    }

    fn once(&mut self) -> Result<Duration> {
        (self.before)()?;
        let began = Instant::now();
        let answer = (self.run)()?;
        let took = began.elapsed();
        (self.check)(&answer)?;
        Ok(took)
    }
}

/// One line of the result.
pub struct Row {
    name: String,
    goal: f64,
    measured: Result<(Duration, Duration), String>,
}

impl Row {
    /// A pair that could not be measured.
    pub fn void(name: &str, why: &anyhow::Error) -> Self {
        Self { name: name.into(), goal: 0.0, measured: Err(format!("{why:#}")) }
    }

    /// Whether the answers were right.
    pub fn is_sound(&self) -> bool {
        self.measured.is_ok()
    }

    /// The same with a time that both sides know of taken off ours, such as loading a policy.
    pub fn less(mut self, allowance: Duration) -> Self {
        self.measured = self.measured.map(|(ours, theirs)| (ours.saturating_sub(allowance), theirs));
        self
    }

    /// Our median less theirs.
    pub fn difference(&self) -> Result<Duration> {
        match &self.measured {
            Ok((ours, theirs)) => Ok(ours.saturating_sub(*theirs)),
            Err(why) => bail!("{why}"),
        }
    }

    /// The difference, beside the time it may take.
    pub fn beside(mut self, allowed: Duration) -> Self {
        self.measured = self.measured.map(|(ours, theirs)| (ours.saturating_sub(theirs), allowed));
        self
    }
}

/// Runs A, B, A, B …, after one round that is thrown away.
pub fn pair(name: &str, goal: f64, runs: usize, mut ours: Side<'_>, mut theirs: Side<'_>) -> Result<Row> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..=runs {
        let took = (ours.once().context("ours")?, theirs.once().context("theirs")?);
        if round > 0 {
            a.push(took.0);
            b.push(took.1);
        }
    }
    Ok(Row { name: name.into(), goal, measured: Ok((median(a), median(b))) })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Runs a command to its end; anything but exit 0 is an error.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{:?}: {}: {}", command.get_program(), output.status, said.lines().next().unwrap_or_default());
    }
    Ok(output.stdout)
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, theirs) = match &self.measured {
            Ok(times) => *times,
            Err(why) => return write!(f, "{:<26} void: {why}", self.name),
        };
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let ratio = ms(ours) / ms(theirs).max(1e-6);
        let over = if ratio > self.goal { "  over" } else { "" };
        write!(
            f,
            "{:<26} {:>8.2} {:>10.2} {ratio:>7.2} {:>7.2}{over}",
            self.name,
            ms(ours),
            ms(theirs),
            self.goal
        )
    }
}

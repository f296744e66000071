//! Stacked bars by month, as numbers for an inline SVG: no script, no style attribute, nothing fetched.

use serde::Serialize;

/// Width of the picture, in its own units.
const WIDTH: u64 = 720;
/// Height of the plot, without the names of the months.
const PLOT: u64 = 160;
/// Room on the left for the numbers of the scale.
const LEFT: u64 = 44;
/// Room above the plot.
const TOP: u64 = 10;
/// The widest bar: two months are not two walls.
const WIDEST: u64 = 56;
/// Names of months that fit side by side.
const NAMES: usize = 12;

/// One kind of thing that is counted.
pub struct Series {
    /// What people call it.
    pub name: String,
    /// Its colour, as the page's style names it.
    pub class: &'static str,
    /// How many, month by month.
    pub counts: Vec<u64>,
}

/// A chart ready to be drawn.
#[derive(Serialize)]
pub struct Chart {
    title: String,
    width: u64,
    height: u64,
    left: u64,
    right: u64,
    base: u64,
    ticks: Vec<Tick>,
    bars: Vec<Bar>,
    legend: Vec<(String, &'static str)>,
    empty: bool,
}

/// One line of the scale.
#[derive(Serialize)]
struct Tick {
    y: u64,
    count: u64,
}

/// One month.
#[derive(Serialize)]
struct Bar {
    x: u64,
    width: u64,
    middle: u64,
    /// The month, where there is room for its name.
    name: Option<String>,
    parts: Vec<Part>,
}

/// One colour of a bar.
#[derive(Serialize)]
struct Part {
    y: u64,
    height: u64,
    class: &'static str,
    /// What the pointer says: month, name, count.
    says: String,
}

impl Chart {
    /// Lays the bars out; every series has as many counts as there are months.
    pub fn new(title: String, months: &[String], series: &[Series]) -> Self {
        let at = |list: &Series, nth: usize| list.counts.get(nth).copied().unwrap_or_default();
        let highest = (0..months.len()).map(|nth| series.iter().map(|list| at(list, nth)).sum()).max();
        let top = ceiling(highest.unwrap_or_default());
        let slot = (WIDTH - LEFT) / (months.len() as u64).max(1);
        let width = (slot * 7 / 10).clamp(1, WIDEST);
        let every = months.len().div_ceil(NAMES).max(1);
        let bar = |(nth, month): (usize, &String)| {
            let middle = LEFT + slot * nth as u64 + slot / 2;
            Bar {
                x: middle - width / 2,
                width,
                middle,
                name: (nth % every == 0).then(|| month.clone()),
                parts: parts(month, nth, series, top),
            }
        };
        Self {
            title,
            width: WIDTH,
            height: TOP + PLOT + 22,
            left: LEFT,
            right: WIDTH,
            base: TOP + PLOT,
            ticks: ticks(top),
            bars: months.iter().enumerate().map(bar).collect(),
            legend: series.iter().map(|list| (list.name.clone(), list.class)).collect(),
            empty: highest.is_none_or(|highest: u64| highest == 0),
        }
    }
}

/// The colours of one bar from the bottom up. Each edge is rounded once, so that no gap shows between two.
fn parts(month: &str, nth: usize, series: &[Series], top: u64) -> Vec<Part> {
    let mut below = 0;
    let mut all = Vec::new();
    for list in series {
        let count = list.counts.get(nth).copied().unwrap_or_default();
        let (low, high) = (edge(below, top), edge(below + count, top));
        below += count;
        if count > 0 {
            let says = format!("{month}: {} {count}", list.name);
            all.push(Part { y: high, height: low - high, class: list.class, says });
        }
    }
    all
}

/// Where a count stands, from the top of the picture.
fn edge(count: u64, top: u64) -> u64 {
    TOP + PLOT - (u128::from(count) * u128::from(PLOT) / u128::from(top.max(1))) as u64
}

/// The end of the scale: 4, 8, 20, 40, 80, 200 and so on, so that a quarter of it is a whole number.
fn ceiling(highest: u64) -> u64 {
    let mut top = 4_u64;
    let mut steps = [(2, 1), (5, 2), (2, 1)].into_iter().cycle();
    while top < highest {
        let (times, over) = steps.next().unwrap_or((2, 1));
        let Some(next) = top.checked_mul(times) else { return highest };
        top = next / over;
    }
    top
}

fn ticks(top: u64) -> Vec<Tick> {
    (0..=4).map(|quarter| top / 4 * quarter).map(|count| Tick { y: edge(count, top), count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(counts: &[[u64; 2]]) -> Chart {
        let months: Vec<String> = (1..=counts.len()).map(|n| format!("2026-{n:02}")).collect();
        let series = |nth: usize, class: &'static str| Series {
            name: class.to_owned(),
            class,
            counts: counts.iter().map(|pair| pair[nth]).collect(),
        };
        Chart::new("title".into(), &months, &[series(0, "good"), series(1, "bad")])
    }

    #[test]
    fn a_bar_is_as_high_as_its_count() {
        let chart = chart(&[[1, 3], [0, 2], [0, 0]]);
        let seen: Vec<Vec<(u64, u64)>> = chart
            .bars
            .iter()
            .map(|bar| bar.parts.iter().map(|part| (part.y, part.height)).collect())
            .collect();
        assert_eq!(seen, [vec![(130, 40), (10, 120)], vec![(90, 80)], vec![]]);
        assert_eq!(chart.bars[0].parts[1].says, "2026-01: bad 3");
        assert_eq!((chart.base, chart.empty), (170, false));
    }

    #[test]
    fn the_scale_ends_on_a_round_number() {
        for (highest, top) in
            [(0, 4), (4, 4), (5, 8), (9, 20), (21, 40), (41, 80), (99, 200), (1_000_001, 2_000_000)]
        {
            assert_eq!(ceiling(highest), top, "{highest}");
            assert_eq!(ticks(top).iter().map(|tick| tick.count).max(), Some(top));
        }
        assert_eq!(ceiling(u64::MAX), u64::MAX);
    }

    #[test]
    fn nothing_leaves_the_picture() {
        for months in [0, 1, 2, 12, 36, 120, 600] {
            let chart = chart(&vec![[7, 9]; months]);
            assert!(chart.bars.iter().all(|bar| bar.x >= LEFT && bar.x + bar.width <= WIDTH), "{months}");
            assert!(chart.bars.iter().filter(|bar| bar.name.is_some()).count() <= NAMES, "{months}");
            assert_eq!(chart.empty, months == 0);
        }
    }
}

//! A small generator of its own, so that a failure can be told by its number.

pub struct Dice(pub u64);

impl Dice {
    /// Begins with a number that says nothing of its neighbours.
    pub fn of(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let _ = dice.roll(2);
        dice
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).unwrap_or_default()
    }

    pub fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub fn pick<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.roll(all.len())]
    }

    /// Some time before the night: half of what it begins is past a term of two or three years.
    pub fn day(&mut self) -> String {
        format!("{}-{:02}-{:02} 10:00:00", 2020 + self.roll(7), 1 + self.roll(10), 1 + self.roll(28))
    }
}

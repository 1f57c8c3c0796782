//! A small random number generator: the same numbers from the same seed, a few nanoseconds each.

/// `SplitMix64`, after Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator whose numbers follow from `seed`.
    pub const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, any of the 2^64.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit - 1`, each as likely as the others; 0 where `limit` is 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        ((self.next() as u128 * limit as u128) >> 64) as u64
    }

    /// One of the choices, or the default where there are none.
    pub fn choose<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let place = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        choices.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut one, mut other) = (Random::from_seed(7), Random::from_seed(7));
        assert!((0..100).all(|_| one.next() == other.next()));
        assert_ne!(Random::from_seed(7).next(), Random::from_seed(8).next());
    }

    #[test]
    fn numbers_below_a_limit_reach_both_ends_and_stay_inside() {
        let mut random = Random::from_seed(1);
        let seen: std::collections::BTreeSet<u64> = (0..1_000).map(|_| random.below(10)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert_eq!(random.below(0), 0);
    }
}

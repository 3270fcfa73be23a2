//! Floats that were made integers to be compressed (section 10.2 of the FITS standard).
//!
//! `integer = round((float - zero) / scale + r - 0.5)` with a number r between 0 and 1 that is random but known, so that
//! rounding leaves no trend behind. The numbers are those of appendix I of the standard.

use std::sync::OnceLock;

use super::super::header::Header;
use super::codec::Pixels;
use crate::DataError;
use crate::budget::Budget;

/// Numbers in the sequence.
const RANDOM: usize = 10_000;
/// What stands for a zero in [`Dither::Zeros`].
const ZERO: i64 = -2_147_483_646;

/// How floats were made integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dither {
    /// They were not.
    None,
    /// By rounding.
    Rounded,
    /// With random numbers, which begin at this one for the first tile (from 0).
    Random(u64),
    /// The same, but zeros stay zeros.
    Zeros(u64),
}

/// How the floats of one tile were made integers.
pub(super) struct Quantised {
    pub(super) scale: f64,
    pub(super) zero: f64,
    /// What stands for a missing value.
    pub(super) blank: i64,
    /// The number of the tile, from 0.
    pub(super) tile: u64,
}

impl Dither {
    pub(super) fn of(header: &Header, budget: &Budget) -> Result<Self, DataError> {
        let seed = || header.size_or("ZDITHER0", 1, budget).map(|seed| seed.saturating_sub(1) % RANDOM as u64);
        match header.text("ZQUANTIZ").unwrap_or("NO_DITHER") {
            "NONE" => Ok(Self::None),
            "NO_DITHER" => Ok(Self::Rounded),
            "SUBTRACTIVE_DITHER_1" => seed().map(Self::Random),
            "SUBTRACTIVE_DITHER_2" => seed().map(Self::Zeros),
            _ => Err(header.lacks("ZQUANTIZ", budget)),
        }
    }

    /// The floats of a tile.
    pub(super) fn floats(self, integers: &[i64], tile: &Quantised, is_single: bool) -> Pixels {
        let mut random = match self {
            Self::Random(seed) | Self::Zeros(seed) => Some(Sequence::of_tile(seed, tile.tile)),
            Self::None | Self::Rounded => None,
        };
        let floats = integers.iter().map(|&integer| {
            let random = random.as_mut().map(Sequence::next);
            match (integer, random) {
                (integer, _) if integer == tile.blank => f64::NAN,
                (ZERO, _) if matches!(self, Self::Zeros(_)) => 0.0,
                (integer, Some(random)) => (integer as f64 - random + 0.5) * tile.scale + tile.zero,
                (integer, None) => integer as f64 * tile.scale + tile.zero,
            }
        });
        if is_single {
            Pixels::Single(floats.map(|value| value as f32).collect())
        } else {
            Pixels::Double(floats.collect())
        }
    }
}

/// Random numbers of a tile.
struct Sequence {
    start: usize,
    at: usize,
}

impl Sequence {
    fn of_tile(seed: u64, tile: u64) -> Self {
        let start = ((tile % RANDOM as u64 + seed) % RANDOM as u64) as usize;
        Self { start, at: first(start) }
    }

    fn next(&mut self) -> f64 {
        let random = f64::from(table()[self.at]);
        self.at += 1;
        if self.at == RANDOM {
            self.start = (self.start + 1) % RANDOM;
            self.at = first(self.start);
        }
        random
    }
}

/// Where the numbers of a tile begin.
fn first(start: usize) -> usize {
    (table()[start] * 500.0) as usize
}

/// The sequence of Park and Miller (1988), as appendix I of the standard gives it.
fn table() -> &'static [f32] {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut seed: u64 = 1;
        let next = || {
            seed = seed * 16_807 % 2_147_483_647;
            (seed as f64 / 2_147_483_647.0) as f32
        };
        std::iter::repeat_with(next).take(RANDOM).collect()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_random_number_is_that_of_the_standard() {
        let seed = (0..super::RANDOM).fold(1_u64, |seed, _| seed * 16_807 % 2_147_483_647);
        assert_eq!(seed, 1_043_618_065);
        assert_eq!(super::table()[9_999], (1_043_618_065.0 / 2_147_483_647.0) as f32);
    }
}

//! Exact quantiles of rows of any number, in little memory.
//!
//! A value of a given rank is found digit by digit: the bits of a float, once the sign is dealt with, are in the order of
//! the values, so one pass counts the values by the leading bits, the next those among them by the following bits, and
//! so on. What comes out is the very value that sorting would have put in that place.

use crate::DataError;
use crate::store::RowSource;

/// The most counts that are kept: 32 MiB.
const MOST_COUNTS: usize = 1 << 22;

/// The most bits that are counted by in one pass.
const MOST_BITS: u32 = 12;

/// For each feature and level, the value below which that share of the values `of(x)` lies, interpolated linearly
/// between the two nearest (Hyndman and Fan's type 7, the default of NumPy and R). At least one row; NaN is no value.
pub(super) fn quantiles(
    source: &impl RowSource<f64>,
    levels: &[f64],
    of: impl Fn(f64) -> f64,
) -> Result<Vec<Vec<f64>>, DataError> {
    let width = source.width();
    let mut counts = vec![0_u64; width];
    source.pass(|block| {
        for row in block.chunks_exact(width.max(1)) {
            counts.iter_mut().zip(row).for_each(|(count, value)| *count += u64::from(!value.is_nan()));
        }
        Ok::<_, DataError>(())
    })?;
    let places = |count: &u64| levels.iter().map(|level| (count.max(&1) - 1) as f64 * level).collect();
    let places: Vec<Vec<f64>> = counts.iter().map(places).collect();
    let rank =
        |places: &Vec<f64>| places.iter().flat_map(|place| [place.floor() as u64, place.ceil() as u64]).collect();
    let ranks: Vec<Vec<u64>> = places.iter().map(rank).collect();
    let values = values_of(source, &ranks, of, false)?;
    let quantile = |values: &[f64], place: f64| {
        let (below, above, fraction) = (values[0], values[1], place - place.floor());
        if below == above { below } else { below * (1.0 - fraction) + above * fraction }
    };
    let of_feature = |(values, places): (&Vec<f64>, &Vec<f64>)| {
        values.chunks(2).zip(places).map(|(values, place)| quantile(values, *place)).collect()
    };
    Ok(values.iter().zip(&places).map(of_feature).collect())
}

/// For each feature the values `of(x)` of some ranks, counted from 0 in ascending order: what sorting would put there, in
/// little memory. Each rank is below the number of rows.
///
/// # Errors
/// Those of reading the rows.
pub fn values_of_ranks(
    source: &impl RowSource<f64>,
    ranks: &[u64],
    of: impl Fn(f64) -> f64,
) -> Result<Vec<Vec<f64>>, DataError> {
    values_of(source, &vec![ranks.to_vec(); source.width()], of, true)
}

/// The same with ranks of its own for each feature, as many for each; where NaN does not count, among the other values.
fn values_of(
    source: &impl RowSource<f64>,
    ranks: &[Vec<u64>],
    of: impl Fn(f64) -> f64,
    with_nan: bool,
) -> Result<Vec<Vec<f64>>, DataError> {
    let (width, each) = (source.width(), ranks.first().map_or(0, Vec::len));
    let searches = width * each;
    let bits = (MOST_COUNTS / searches.max(1)).max(2).ilog2().clamp(1, MOST_BITS);
    // For each feature and rank: the leading bits that are known, and the rank among the values that have them.
    let mut known = vec![0_u64; searches];
    let mut left: Vec<u64> = ranks.concat();
    let mut counts = vec![0_u64; searches << bits];
    let mut unknown = u64::BITS;
    while unknown > 0 {
        let step = bits.min(unknown);
        let rest = unknown - step;
        counts.fill(0);
        source.pass(|block| {
            for row in block.chunks_exact(width.max(1)) {
                for (feature, value) in row.iter().enumerate().filter(|(_, value)| with_nan || !value.is_nan()) {
                    let key = key(of(*value));
                    let digit = (key >> rest) as usize & ((1 << step) - 1);
                    let leading = key.checked_shr(unknown).unwrap_or(0);
                    for search in feature * each..(feature + 1) * each {
                        counts[(search << bits) + digit] += u64::from(known[search] == leading);
                    }
                }
            }
            Ok::<_, DataError>(())
        })?;
        for search in 0..searches {
            let mut digit = 0;
            // The last digit is for features without a value, whose ranks nothing has.
            while digit + 1 < 1 << step && left[search] >= counts[(search << bits) + digit] {
                left[search] -= counts[(search << bits) + digit];
                digit += 1;
            }
            known[search] = known[search] << step | digit as u64;
        }
        unknown = rest;
    }
    Ok(known.chunks(each.max(1)).map(|keys| keys.iter().map(|key| value(*key)).collect()).collect())
}

/// The bits of a value in the order of [`f64::total_cmp`].
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The value of a [`key`].
fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key ^ 1 << 63 } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Slice;

    fn of(values: &[f64], level: f64) -> f64 {
        quantiles(&Slice { values, width: 1 }, &[level], |value| value).expect("in memory")[0][0]
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(of(&[4.0, 3.0, 1.0, 2.0], 0.5), 2.5);
        assert_eq!(of(&[5.0, 2.0, 3.0, 4.0, 1.0], 0.25), 2.0);
        assert_eq!(of(&[7.0], 0.75), 7.0);
    }

    #[test]
    fn ranks_are_those_of_sorting() {
        let mut state = 5_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Few different values of every size and sign, zeros of both signs among them.
            let size = 10.0_f64.powi((state >> 33) as i32 % 7 - 3);
            ((state >> 40) as i32 % 50 - 25) as f64 * size
        };
        let mut values: Vec<f64> = (0..3 * 501).map(|_| next()).collect();
        values[10] = -0.0;
        let ranks: Vec<u64> = (0..501).collect();
        let found = values_of_ranks(&Slice { values: &values, width: 3 }, &ranks, |value| value).expect("in memory");
        for (feature, found) in found.iter().enumerate() {
            let mut sorted: Vec<f64> = values.iter().skip(feature).step_by(3).copied().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(found), bits(&sorted));
        }
    }
}

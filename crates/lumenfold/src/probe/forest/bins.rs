//! Values cut into bins by rank.

use super::super::matrix::Matrix;

/// Bins of a feature at most: their numbers fit in a byte.
const MOST_BINS: usize = 256;

/// Where the features are cut.
pub(super) struct Bins {
    // Ascending cuts of each feature; a value is in the bin of as many cuts as are not above it.
    cuts: Vec<Vec<f64>>,
}

/// The bins of all values, feature by feature: `[features][rows]`.
pub(super) struct Codes {
    codes: Vec<u8>,
    rows: usize,
}

impl Bins {
    /// Every value a bin of its own where they are few, else bins of about equally many rows; cuts lie half-way between
    /// values.
    pub(super) fn of(rows: &Matrix) -> Self {
        let mut values = vec![0.0; rows.rows()];
        let cuts = (0..rows.width()).map(|feature| {
            values.iter_mut().zip(rows.each()).for_each(|(value, row)| *value = row[feature]);
            values.sort_unstable_by(f64::total_cmp);
            let steps = || values.windows(2).filter(|pair| pair[0] < pair[1]).map(|pair| halfway(pair[0], pair[1]));
            if steps().take(MOST_BINS).count() < MOST_BINS {
                return steps().collect();
            }
            let mut cuts: Vec<f64> = (1..MOST_BINS)
                .filter_map(|bin| {
                    let at = values[bin * values.len() / MOST_BINS];
                    let below = values[..values.partition_point(|value| *value < at)].last()?;
                    Some(halfway(*below, at))
                })
                .collect();
            cuts.dedup();
            cuts
        });
        Self { cuts: cuts.collect() }
    }

    pub(super) fn codes(&self, rows: &Matrix) -> Codes {
        let feature = |(feature, cuts): (usize, &Vec<f64>)| {
            let code = move |row: &[f64]| cuts.partition_point(|cut| *cut <= row[feature]) as u8;
            rows.each().map(code).collect::<Vec<u8>>()
        };
        Codes { codes: self.cuts.iter().enumerate().flat_map(feature).collect(), rows: rows.rows() }
    }
}

/// Above `low` and not above `high`, though their mean may round to either.
fn halfway(low: f64, high: f64) -> f64 {
    let middle = low + 0.5 * (high - low);
    if middle > low { middle } else { high }
}

impl Codes {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn features(&self) -> usize {
        self.codes.len() / self.rows.max(1)
    }

    pub(super) fn of_feature(&self, feature: usize) -> &[u8] {
        &self.codes[feature * self.rows..][..self.rows]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_bins_of_their_own_and_many_share_them_evenly() {
        let few = Matrix::new(vec![3.0, 1.0, 3.0, 2.0], 1);
        assert_eq!(Bins::of(&few).codes(&few).of_feature(0), [2, 0, 2, 1]);
        let many = Matrix::new((0..10_000).map(|row| f64::from(row * 7919 % 10_007)).collect(), 1);
        let bins = Bins::of(&many);
        let codes = bins.codes(&many);
        let mut counts = [0_usize; MOST_BINS];
        codes.of_feature(0).iter().for_each(|code| counts[*code as usize] += 1);
        assert!(counts.iter().all(|count| (38..=41).contains(count)), "{counts:?}");
        // Most rows in one value: the others still have bins.
        let lumpy = Matrix::new((0..3000).map(|row| if row < 2000 { 0.0 } else { f64::from(row) }).collect(), 1);
        let codes = Bins::of(&lumpy).codes(&lumpy);
        assert_eq!(codes.of_feature(0)[0], 0);
        assert!(codes.of_feature(0)[2999] > 80);
    }

    #[test]
    fn a_cut_tells_apart_values_that_have_no_number_between_them() {
        let (low, high) = (1.0_f64, 1.0_f64.next_up());
        let rows = Matrix::new(vec![low, high], 1);
        assert_eq!(Bins::of(&rows).codes(&rows).of_feature(0), [0, 1]);
    }
}

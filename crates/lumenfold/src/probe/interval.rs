//! Intervals of figures, and of differences between figures of the same rows.
//!
//! Of one split, the interval is that of 95 % of the resamples of its held-out rows. Of several splits, resamples would not do:
//! rows that are held out here are learnt from there, and intervals of 20 splits that treat what was said of them as
//! independent hold the truth in 85 % of the cases. There the interval is `mean ± t √(1/J + n₂/n₁) s` of J splits with
//! n₂ rows held out and n₁ to learn from, s being the deviation between splits (Nadeau and Bengio, *Inference for the
//! generalization error*, Machine Learning 52, 239, 2003, equation 9).

use serde::Serialize;

use super::bootstrap::Figures;
use crate::order_statistics::{quantile, sorted};

/// The share of cases in which an interval is to hold the truth.
const CONFIDENCE: f64 = 0.95;

/// A number and the interval that holds 95 % of the resamples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// On the rows themselves.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the whole interval is no farther from zero than this.
    #[must_use]
    pub fn within(&self, most: f64) -> bool {
        self.low >= -most && self.high <= most
    }

    /// Whether the interval is above (greater), below (less) or around zero (equal).
    #[must_use]
    pub fn sign(&self) -> std::cmp::Ordering {
        match () {
            () if self.low > 0.0 => std::cmp::Ordering::Greater,
            () if self.high < 0.0 => std::cmp::Ordering::Less,
            () => std::cmp::Ordering::Equal,
        }
    }
}

/// Figures of models, with what tells how certain they are.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Of one split.
    Resampled {
        /// On the rows themselves.
        figures: Figures,
        /// On resamples of them.
        resamples: Vec<Figures>,
    },
    /// Of several splits.
    Splits {
        /// Of each.
        figures: Vec<Figures>,
        /// Rows held out over rows to learn from.
        ratio: f64,
    },
}

impl Found {
    /// Figure 0 or 1 of a model.
    #[must_use]
    pub fn of(&self, model: usize, figure: usize) -> Interval {
        self.interval(|all| all[model][figure])
    }

    /// Figure 0 or 1 of a model less that of another, paired.
    #[must_use]
    pub fn difference(&self, model: usize, other: usize, figure: usize) -> Interval {
        self.interval(|all| all[model][figure] - all[other][figure])
    }

    fn interval(&self, figure: impl Fn(&Figures) -> f64) -> Interval {
        match self {
            Self::Resampled { figures, resamples } => {
                let value = figure(figures);
                // A resample in which all rows have one value tells nothing.
                let all = sorted(resamples.iter().map(figure).filter(|figure| figure.is_finite()));
                let beyond = 0.5 * (1.0 - CONFIDENCE);
                let end = |share| if all.is_empty() { value } else { quantile(&all, share) };
                let [low, high] = [beyond, 1.0 - beyond].map(end);
                Interval { value, low, high }
            }
            Self::Splits { figures, ratio } => {
                let all: Vec<f64> = figures.iter().map(figure).filter(|figure| figure.is_finite()).collect();
                let count = all.len() as f64;
                let value = all.iter().sum::<f64>() / count;
                let squares: f64 = all.iter().map(|figure| (figure - value) * (figure - value)).sum();
                let error = ((1.0 / count + ratio) * squares / (count - 1.0)).sqrt();
                let beyond = student_t(all.len().saturating_sub(1)) * error;
                Interval { value, low: value - beyond, high: value + beyond }
            }
        }
    }
}

/// What a number drawn from Student's t distribution with so many degrees of freedom stays within in 95 % of the cases, on
/// both sides of zero.
fn student_t(freedom: usize) -> f64 {
    if freedom == 0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if within(middle, freedom) < CONFIDENCE { low = middle } else { high = middle }
    }
    high
}

/// The share of draws that stay within `t`: Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.7.3 and 26.7.4.
fn within(t: f64, freedom: usize) -> f64 {
    let root = (freedom as f64).sqrt();
    let length = t.hypot(root);
    let (sine, cosine) = (t / length, root / length);
    let odd = freedom % 2;
    // 1 + cos²·1/2 + cos⁴·1·3/(2·4) + … for even, cos + cos³·2/3 + cos⁵·2·4/(3·5) + … for odd degrees.
    let mut term = if odd == 1 { cosine } else { 1.0 };
    let mut sum = 0.0;
    for power in (2 + odd..=freedom).step_by(2) {
        sum += term;
        term *= cosine * cosine * (power - 1) as f64 / power as f64;
    }
    if odd == 1 { (libm::atan2(t, root) + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;
    use std::num::NonZeroUsize;

    use super::super::bootstrap::Judged;
    use super::super::draws::{Draws, Purpose};
    use super::super::target::Target;
    use super::*;

    const THREADS: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");

    fn binomial(rows: usize, share: f64, seed: u64) -> Judged {
        let mut draws = Draws::new(seed, Purpose::Rows, 0);
        let right = |_| f64::from(u8::from((draws.bits() as f64) < share * 2_f64.powi(64)));
        let truth = Target::Classes { names: vec!["only".to_owned()], codes: vec![0; rows] };
        Judged { truth, said: (0..rows).map(right).collect(), models: 1 }
    }

    fn found(judged: &Judged, resamples: usize, seed: u64) -> Found {
        Found::Resampled { figures: judged.figures(), resamples: judged.resampled(resamples, seed, THREADS) }
    }

    #[test]
    fn intervals_of_a_binomial_hold_the_truth_as_often_as_they_say() {
        // Of 400 intervals, 95 % are 380; five standard deviations of that are 22, and percentile intervals of 150 rows are
        // a little narrow.
        let (share, trials) = (0.8, 400);
        let holds = (0..trials).filter(|seed| {
            let interval = found(&binomial(150, share, *seed), 300, *seed).of(0, 0);
            (interval.low..=interval.high).contains(&share)
        });
        let count = holds.count();
        assert!((355..=396).contains(&count), "{count} of {trials}");
    }

    #[test]
    fn an_interval_of_a_share_has_the_width_of_its_standard_error() {
        let interval = found(&binomial(1000, 0.7, 1), 2000, 0).of(0, 0);
        let error = (interval.value * (1.0 - interval.value) / 1000.0).sqrt();
        let width = (interval.high - interval.low) / (2.0 * 1.96 * error);
        assert!((0.92..1.08).contains(&width), "{width}");
    }

    #[test]
    fn differences_are_paired_and_threads_change_nothing() {
        // The second model is right where the first is, and in ten more of 500 rows.
        let mut judged = binomial(500, 0.6, 2);
        let mut more = 10;
        let both = |right: &f64| {
            let lucky = *right == 0.0 && more > 0;
            more -= i32::from(lucky);
            [*right, if lucky { 1.0 } else { *right }]
        };
        judged.said = judged.said.iter().flat_map(both).collect();
        judged.models = 2;
        let found = found(&judged, 1000, 3);
        let difference = found.difference(1, 0, 0);
        assert!((difference.value - 0.02).abs() < 1e-12 && difference.low > 0.005, "{difference:?}");
        assert!(found.of(0, 0).high > found.of(1, 0).low);
        assert_eq!(difference.sign(), Ordering::Greater);
        assert_eq!(judged.resampled(100, 3, THREADS), judged.resampled(100, 3, NonZeroUsize::MIN));
    }

    #[test]
    fn quantities_have_the_coefficient_of_determination() {
        // Truth 1, 2, 3, 6 with mean 3 and deviation 14; residuals 1, 0, 0, 1.
        let truth = Target::Quantity(vec![1.0, 2.0, 3.0, 6.0]);
        let figures = Judged { truth, said: vec![1.0, 0.0, 0.0, 1.0], models: 1 }.figures();
        assert!((figures[0][0] - (1.0 - 2.0 / 14.0)).abs() < 1e-15);
        assert!((figures[0][1] - 0.5_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn quantiles_of_student_are_those_of_the_tables() {
        // scipy.stats.t.ppf(0.975, freedom)
        for (freedom, expected) in [
            (1, 12.706_204_736_174_7),
            (2, 4.302_652_729_911_3),
            (3, 3.182_446_305_284_3),
            (4, 2.776_445_105_197_8),
            (19, 2.093_024_054_408_3),
            (100, 1.983_971_518_523_6),
            (999, 1.962_341_461_133_5),
        ] {
            assert!((student_t(freedom) - expected).abs() < 1e-9, "{freedom}: {}", student_t(freedom));
        }
    }

    #[test]
    fn splits_that_agree_are_certain_and_those_that_do_not_are_as_uncertain_as_their_deviation() {
        let splits = |values: &[f64]| Found::Splits {
            figures: values.iter().map(|value| vec![[*value, 0.0]]).collect(),
            ratio: 1.0 / 3.0,
        };
        assert_eq!(splits(&[0.5, 0.5, 0.5]).of(0, 0), Interval { value: 0.5, low: 0.5, high: 0.5 });
        // Deviation 1, three splits: t of two degrees times the root of 2/3.
        let interval = splits(&[1.0, 2.0, 3.0]).of(0, 0);
        assert!((interval.high - 2.0 - 4.302_652_729_911 * (2.0_f64 / 3.0).sqrt()).abs() < 1e-9, "{interval:?}");
    }
}

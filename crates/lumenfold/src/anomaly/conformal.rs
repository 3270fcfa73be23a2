//! p-values that hold whatever the scores are: split conformal calibration.
//!
//! Of n calibration rows that nothing was fitted on and a further row like them, every order of their n + 1 scores is as
//! likely as any other. So `p = (1 + rows with a score as high) / (n + 1)` is at most α for a share α of such rows at most
//! (Vovk, Gammerman, Shafer, *Algorithmic Learning in a Random World*, 2005, proposition 2.8).

use crate::Error;

/// The scores of calibration rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Conformal {
    sorted: Vec<f64>,
}

impl Conformal {
    /// From scores in any order, all finite.
    #[must_use]
    pub fn new(mut scores: Vec<f64>) -> Self {
        scores.sort_unstable_by(f64::total_cmp);
        Self { sorted: scores }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.sorted.len()
    }

    /// The share of rows like those of the calibration that score as high as this, the row itself counted.
    ///
    /// ```
    /// use lumenfold::anomaly::Conformal;
    /// let calibration = Conformal::new(vec![1.0, 2.0, 3.0, 4.0]);
    /// assert_eq!([5.0, 4.0, 2.5, 0.0].map(|score| calibration.p_value(score)), [0.2, 0.4, 0.6, 1.0]);
    /// ```
    #[must_use]
    pub fn p_value(&self, score: f64) -> f64 {
        let below = self.sorted.partition_point(|known| *known < score);
        (1 + self.rows() - below) as f64 / (self.rows() + 1) as f64
    }

    /// The smallest p-value there can be: that of a row that scores higher than all of these.
    #[must_use]
    pub fn smallest(&self) -> f64 {
        1.0 / (self.rows() + 1) as f64
    }

    /// Checks that p-values can be as small as a rate that is asked for.
    ///
    /// # Errors
    /// [`Error::TooFewToCalibrate`] says how many rows are needed.
    pub fn check_rate(&self, name: &'static str, rate: f64) -> Result<(), Error> {
        if !(rate > 0.0 && rate < 1.0) {
            let allowed = "between 0 and 1, such as 0.01".to_owned();
            return Err(Error::Setting { name, value: rate.to_string(), allowed });
        }
        if self.smallest() <= rate {
            return Ok(());
        }
        let needed = (1.0 / rate).ceil() - 1.0;
        Err(Error::TooFewToCalibrate { name, rate, rows: self.rows(), smallest: self.smallest(), needed })
    }
}

/// The largest of these p-values that is discovered if a share `rate` of the discoveries, on average, may be false; none if
/// nothing is (Benjamini and Hochberg, *J. R. Stat. Soc.* B 57, 289, 1995; that it holds for conformal p-values: Bates, Candès,
/// Lei, Romano, Sesia, *Ann. Stat.* 51, 149, 2023). NaN is no p-value and does not count.
#[must_use]
pub fn largest_discovered(p_values: &[f64], rate: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = p_values.iter().copied().filter(|p| !p.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let below = |(rank, p): &(usize, &f64)| **p <= rate * (rank + 1) as f64 / count;
    sorted.iter().enumerate().rfind(below).map(|(_, p)| *p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_are_flagged_as_asked_for() {
        // Each of n + 1 exchangeable scores takes the place of the new one in turn: exactly a share of them is flagged.
        let scores: Vec<f64> = (0..100).map(|index| f64::from((index * 37) % 100)).collect();
        for rate in [0.01, 0.05, 0.5] {
            let flagged = (0..scores.len()).filter(|&left_out| {
                let mut others = scores.clone();
                let score = others.remove(left_out);
                Conformal::new(others).p_value(score) <= rate
            });
            assert_eq!(flagged.count(), (rate * 100.0) as usize);
        }
    }

    #[test]
    fn a_rate_needs_as_many_rows() {
        let calibration = |rows: usize| Conformal::new(vec![0.0; rows]);
        assert!(calibration(99).check_rate("--false-alarms", 0.01).is_ok());
        let message = calibration(98).check_rate("--false-alarms", 0.01).expect_err("too few").to_string();
        assert!(message.contains("99"), "{message}");
        for rate in [0.0, 1.0, f64::NAN, -0.1] {
            assert!(calibration(99).check_rate("--false-alarms", rate).is_err());
        }
    }

    #[test]
    fn discoveries_are_those_of_benjamini_and_hochberg() {
        // The example of their paper, section 4.2: at a rate of 0.05, four of fifteen.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        assert_eq!(largest_discovered(&p, 0.05), Some(0.0095));
        assert_eq!(largest_discovered(&p[9..], 0.05), None);
        assert_eq!(largest_discovered(&[f64::NAN, 0.01], 0.05), Some(0.01));
        assert_eq!(largest_discovered(&[], 0.05), None);
    }
}

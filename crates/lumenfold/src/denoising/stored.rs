//! What a model fitted for denoising has beside its autoencoder, and how it is kept in the model file.

use serde::{Deserialize, Serialize};

/// How the residuals of a row are measured for its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Measured {
    /// By the standard errors of its values.
    Errors,
    /// By the roots of their estimated means: counts.
    Poisson,
    /// By what residuals of each feature usually are.
    Usual,
}

/// The other members, and what scores of rows are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Denoiser {
    /// The parameters of the members beside the model's own autoencoder, which is the first.
    pub(super) others: Vec<Vec<f32>>,
    pub(super) measured: Measured,
    /// The mean squared residual of each feature over the calibration rows, in original units.
    pub(super) usual: Vec<f64>,
    /// The scores of rows that nothing was fitted on and no epoch chosen by.
    pub(super) calibration: Vec<f64>,
}

impl Denoiser {
    /// Members, the model's own autoencoder among them.
    #[must_use]
    pub fn members(&self) -> usize {
        1 + self.others.len()
    }

    /// Rows that p-values are calibrated on.
    #[must_use]
    pub fn calibration_rows(&self) -> usize {
        self.calibration.len()
    }

    /// The score of a row: its mean squared residual over the noise.
    pub(super) fn score(&self, values: &[f64], estimates: &[f64], noise: &[f64]) -> f64 {
        let noise = if self.measured == Measured::Usual { &self.usual } else { noise };
        let squares = values.iter().zip(estimates).zip(noise).map(|((value, estimate), noise)| {
            let residual = value - estimate;
            residual * residual / noise
        });
        squares.sum::<f64>() / values.len().max(1) as f64
    }
}

/// A denoiser as the document of a model file has it. Long lists of it are tensors of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DenoiserDocument {
    /// The parameters of each further member, laid out as those of the model.
    pub members: Vec<Vec<f32>>,
    /// What squared residuals are divided by in scores: `errors`, `poisson` or `usual`.
    measured: Measured,
    /// The mean squared residual of each feature, in original units.
    pub usual: Vec<f64>,
    /// The scores of the calibration rows.
    pub calibration: Vec<f64>,
}

impl From<&Denoiser> for DenoiserDocument {
    fn from(denoiser: &Denoiser) -> Self {
        let Denoiser { others, measured, usual, calibration } = denoiser.clone();
        Self { members: others, measured, usual, calibration }
    }
}

impl DenoiserDocument {
    /// The denoiser, if its parts fit a network of so many features and parameters.
    pub(crate) fn denoiser(self, features: usize, parameters: usize) -> Result<Denoiser, String> {
        let wrong = |what: &str| Err(format!("its denoiser has {what}"));
        if self.members.iter().any(|member| member.len() != parameters) {
            return wrong("a member with other parameters than the model");
        }
        if self.members.iter().flatten().any(|weight| !weight.is_finite()) {
            return wrong("a weight that is no number");
        }
        if self.usual.len() != features || self.usual.iter().any(|value| !(value.is_finite() && *value > 0.0)) {
            return wrong("usual residuals that are not those of its features");
        }
        if self.calibration.is_empty() || self.calibration.iter().any(|score| !(score.is_finite() && *score >= 0.0)) {
            return wrong("no scores to compare with, or some that are no numbers");
        }
        let Self { members: others, measured, usual, calibration } = self;
        Ok(Denoiser { others, measured, usual, calibration })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denoisers_that_do_not_fit_their_model_are_refused() {
        let denoiser = Denoiser {
            others: vec![vec![0.5; 7]],
            measured: Measured::Poisson,
            usual: vec![1.0, 2.0],
            calibration: vec![0.0, 1.5],
        };
        let document = DenoiserDocument::from(&denoiser);
        assert_eq!(document.clone().denoiser(2, 7), Ok(denoiser));
        let spoil: [fn(&mut DenoiserDocument); 8] = [
            |document| document.members[0].truncate(6),
            |document| document.members[0][0] = f32::NAN,
            |document| document.usual.truncate(1),
            |document| document.usual[0] = 0.0,
            |document| document.usual[0] = f64::INFINITY,
            |document| document.calibration.clear(),
            |document| document.calibration[0] = -1.0,
            |document| document.calibration[0] = f64::NAN,
        ];
        for (at, spoil) in spoil.into_iter().enumerate() {
            let mut document = document.clone();
            spoil(&mut document);
            assert!(document.denoiser(2, 7).is_err(), "{at}");
        }
        assert!(document.clone().denoiser(3, 7).is_err() && document.denoiser(2, 8).is_err());
    }
}

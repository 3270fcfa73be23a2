//! Rows judged by a model with a detector.

use std::num::NonZeroUsize;

use super::component::Component;
use super::conformal::Conformal;
use super::detector::{Detector, Measures, measure, reconstruct, scaled};
use super::judge::Judge;
use crate::{Autoencoder, Error, Model};

/// How unlike ordinary rows a row is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Minus the logarithm of the share of ordinary rows that look so, the mean over components, in nats; beyond all
    /// ordinary rows it goes on with the logarithm of the distance.
    pub score: f64,
    /// The share of rows like those of the calibration that score as high.
    pub p_value: f64,
}

/// Why a row has its score, feature by feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The share of each feature in the score; they add up to 1. One that makes up for another may be below zero.
    pub shares: Vec<f64>,
    /// What the members expect of each feature, given the row, in its unit: the mean of their reconstructions.
    pub expected: Vec<f64>,
    /// The standard deviation of the feature about that: of usual residuals, and of the members about their mean.
    pub uncertainty: Vec<f64>,
}

/// A model at work on rows.
#[derive(Debug)]
pub struct Scoring<'a> {
    detector: &'a Detector,
    members: Vec<Autoencoder>,
    components: Vec<Component>,
    conformal: Conformal,
    threads: NonZeroUsize,
}

impl<'a> Scoring<'a> {
    /// Prepares a model to judge rows by some components, or by those that it was made for.
    ///
    /// # Errors
    /// [`Error::NoDetector`]: it was not fitted for anomalies. A component is named twice, or none is.
    pub fn new(model: &'a Model, components: Option<&[Component]>, threads: NonZeroUsize) -> Result<Self, Error> {
        let detector = model.detector.as_ref().ok_or(Error::NoDetector)?;
        let components = components.unwrap_or(&detector.chosen).to_vec();
        let twice = (1..components.len()).any(|at| components[..at].contains(&components[at]));
        if twice || components.is_empty() {
            let value = components.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let allowed = "one or more of residual, mahalanobis, density, each once".to_owned();
            return Err(Error::Setting { name: "--by", value, allowed });
        }
        let members = detector.autoencoders(&model.autoencoder);
        let scores = detector.calibration.iter().map(|measures| detector.score(measures, &components)).collect();
        Ok(Self { detector, members, components, conformal: Conformal::new(scores), threads })
    }

    /// The calibration of its p-values.
    #[must_use]
    pub fn conformal(&self) -> &Conformal {
        &self.conformal
    }

    /// The components that the score is made of.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The scores of rows in original units, `[rows][features]`, all finite.
    ///
    /// # Errors
    /// An instruction set that is not there.
    pub fn scores(&self, values: &[f64]) -> Result<Vec<Scored>, Error> {
        let measures = self.measures(values)?;
        let scored = |measures: &[f64; 3]| {
            let score = self.detector.score(measures, &self.components);
            Scored { score, p_value: self.conformal.p_value(score) }
        };
        Ok(measures.iter().map(scored).collect())
    }

    fn measures(&self, values: &[f64]) -> Result<Measures, Error> {
        let Detector { covariance, prototypes, .. } = self.detector;
        measure(covariance, prototypes, &self.members, values, &self.components, self.threads)
    }

    /// Why rows have their scores.
    ///
    /// # Errors
    /// An instruction set that is not there.
    pub fn explain(&self, values: &[f64]) -> Result<Vec<Explanation>, Error> {
        let Some(first) = self.members.first() else { return Ok(Vec::new()) };
        let width = first.features.len();
        let scaled = scaled(&first.scaling, values);
        let measures = self.measures(values)?;
        let mut outputs = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let mut output = vec![0.0; scaled.len()];
            reconstruct(member, &scaled, &mut output, self.threads)?;
            outputs.push(output);
        }
        let row = |(row, measures): (usize, &[f64; 3])| {
            let here = row * width..(row + 1) * width;
            let outputs: Vec<&[f32]> = outputs.iter().map(|output| &output[here.clone()]).collect();
            self.explained(&scaled[here], &outputs, measures)
        };
        Ok(measures.iter().enumerate().map(row).collect())
    }

    /// One row in scaled units, and what each member makes of it.
    fn explained(&self, scaled: &[f32], outputs: &[&[f32]], measures: &[f64; 3]) -> Explanation {
        let mut shares = vec![0.0; scaled.len()];
        for component in &self.components {
            let surprise = self.detector.usual[component.place()].surprise(measures[component.place()]);
            // Of a row that nothing is surprising about, all components tell alike.
            let weight = surprise.max(f64::MIN_POSITIVE);
            for (output, prototypes) in outputs.iter().zip(&self.detector.prototypes) {
                let judge = Judge { covariance: &self.detector.covariance, prototypes };
                judge.add_shares(*component, scaled, output, weight, &mut shares);
            }
        }
        let whole: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= if whole > 0.0 { whole } else { 1.0 });
        let count = outputs.len() as f64;
        let scalings = &self.members[0].scaling.features;
        let mut expected = Vec::with_capacity(scaled.len());
        let mut uncertainty = Vec::with_capacity(scaled.len());
        for (feature, scaling) in scalings.iter().enumerate() {
            let values = outputs.iter().map(|output| f64::from(output[feature]));
            let mean = values.clone().sum::<f64>() / count;
            let spread = values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
            let deviation = (self.detector.covariance.variances[feature] + spread).sqrt();
            expected.push(scaling.inverse(mean));
            // Half the way between one deviation below and one above, which a bent scaling makes unequal.
            uncertainty.push(0.5 * (scaling.inverse(mean + deviation) - scaling.inverse(mean - deviation)).abs());
        }
        Explanation { shares, expected, uncertainty }
    }
}

//! Rows judged by a model with a detector.

use std::num::NonZeroUsize;

use lumenfold_engine::Part;

use super::baseline::{BASELINES, Baselines};
use super::codes::{Codes, codes_of};
use super::component::{COMPONENTS, Component, Measures, USUAL};
use super::conformal::Conformal;
use super::detector::Detector;
use super::judge::Passed;
use super::panel::Panel;
use crate::apart::squared_errors;
use crate::bounded::{apply, scaled};
use crate::order_statistics::quantile;
use crate::{Autoencoder, Error, Model};

/// How unlike ordinary rows a row is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Minus the logarithm of the share of ordinary rows that look so, the harmonic mean over components, in nats; beyond
    /// all ordinary rows it goes on with the logarithm of the distance.
    pub score: f64,
    /// The share of rows like those of the calibration that score as high.
    pub p_value: f64,
}

/// Why a row has its score, feature by feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The share of each feature in the score; they add up to 1. One that makes up for another may be below zero.
    pub shares: Vec<f64>,
    /// What the members expect of each feature, given the row, in its unit: the median of their reconstructions.
    pub expected: Vec<f64>,
    /// The standard deviation of the feature about that: of usual residuals, and of the members about their median.
    pub uncertainty: Vec<f64>,
}

/// A model at work on rows.
#[derive(Debug)]
pub struct Scoring<'a> {
    detector: &'a Detector,
    members: Vec<Autoencoder>,
    codes: Vec<Codes>,
    seed: u64,
    components: Vec<Component>,
    conformal: Conformal,
    threads: NonZeroUsize,
}

impl<'a> Scoring<'a> {
    /// Prepares a model to judge rows by some components, or by those that it was made for.
    ///
    /// # Errors
    /// [`Error::NoDetector`]: it was not fitted for anomalies. A component is named twice, or none is, or one that needs errors that
    /// there were none of in the fit.
    pub fn new(model: &'a Model, components: Option<&[Component]>, threads: NonZeroUsize) -> Result<Self, Error> {
        let detector = model.detector.as_ref().ok_or(Error::NoDetector)?;
        let components = components.unwrap_or(&detector.chosen).to_vec();
        Self::of(model, detector, components, threads)
    }

    /// The same for rows whose errors are not known: by the components of the model that need none, or those that are usual.
    pub(crate) fn without_errors(model: &'a Model, threads: NonZeroUsize) -> Result<Self, Error> {
        let detector = model.detector.as_ref().ok_or(Error::NoDetector)?;
        let mut components = detector.chosen.clone();
        components.retain(|component| !component.needs_errors());
        if components.is_empty() {
            components = USUAL.to_vec();
        }
        Self::of(model, detector, components, threads)
    }

    fn of(
        model: &'a Model,
        detector: &'a Detector,
        components: Vec<Component>,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let twice = (1..components.len()).any(|at| components[..at].contains(&components[at]));
        if twice || components.is_empty() {
            let value = components.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let allowed = format!("one or more of {}, each once", COMPONENTS.map(Component::name).join(", "));
            return Err(Error::Setting { name: "--by", value, allowed });
        }
        if let Some(component) = components.iter().find(|component| !detector.measurable().contains(component)) {
            let allowed = "asked of a model whose data had errors: fit it with --errors".to_owned();
            return Err(Error::Setting { name: "--by", value: component.to_string(), allowed });
        }
        let members = detector.autoencoders(&model.autoencoder);
        let scores = detector.calibration.iter().map(|measures| detector.score(measures, &components)).collect();
        let codes = match components.contains(&Component::Latent) {
            true => codes_of(&members, &detector.reference, threads)?,
            false => Vec::new(),
        };
        let (conformal, seed) = (Conformal::new(scores), model.record.seed);
        Ok(Self { detector, members, codes, seed, components, conformal, threads })
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

    /// Whether the score is made of what only values with errors have.
    #[must_use]
    pub fn needs_errors(&self) -> bool {
        self.components.iter().any(|component| component.needs_errors())
    }

    /// The scores of rows in original units, `[rows][features]`, all finite. `errors` are the standard errors of their values, if they
    /// are needed.
    ///
    /// # Errors
    /// [`Error::NoErrors`]; an instruction set that is not there.
    pub fn scores(&self, values: &[f64], errors: Option<&[f64]>) -> Result<Vec<Scored>, Error> {
        let measures = self.measures(values, errors)?;
        let scored = |measures: &Measures| {
            let score = self.detector.score(measures, &self.components);
            Scored { score, p_value: self.conformal.p_value(score) }
        };
        Ok(measures.iter().map(scored).collect())
    }

    fn measures(&self, values: &[f64], errors: Option<&[f64]>) -> Result<Vec<Measures>, Error> {
        if self.needs_errors() && errors.is_none_or(|errors| errors.len() != values.len()) {
            return Err(Error::NoErrors);
        }
        self.panel().measure((values, errors), &self.components, self.threads)
    }

    fn panel(&self) -> Panel<'_> {
        Panel {
            members: &self.members,
            prototypes: &self.detector.prototypes,
            covariances: self.detector.covariances(),
            codes: &self.codes,
        }
    }

    /// What baselines say of held-out rows, in the order of [`BASELINES`], to have p-values of their own.
    #[must_use]
    pub fn baseline_calibrations(&self) -> [Conformal; BASELINES.len()] {
        let scores = |place: usize| self.detector.baselines.iter().map(|said| said[place]).collect();
        std::array::from_fn(|place| Conformal::new(scores(place)))
    }

    /// What simple methods learn from the reference rows of the detector, up to 2,048 of the rows that trained it.
    ///
    /// # Errors
    /// None but those of a broken model.
    pub fn baselines(&self) -> Result<Baselines, Error> {
        let own = self.members.first().ok_or(Error::NoDetector)?;
        Baselines::of(own, &self.detector.reference, self.seed, self.threads)
    }

    /// Why rows have their scores.
    ///
    /// # Errors
    /// As [`Scoring::scores`].
    pub fn explain(&self, values: &[f64], errors: Option<&[f64]>) -> Result<Vec<Explanation>, Error> {
        let Some(first) = self.members.first() else { return Ok(Vec::new()) };
        let width = first.features.len();
        let measures = self.measures(values, errors)?;
        let errors = errors.filter(|_| self.needs_errors());
        let mut passed = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let scaled = scaled(&member.scaling, values);
            let mut output = vec![0.0; scaled.len()];
            apply(member, Part::Whole, &scaled, &mut output, self.threads)?;
            let squared = errors.map_or_else(Vec::new, |errors| squared_errors(&member.scaling, values, errors));
            passed.push((scaled, output, squared));
        }
        let row = |(row, measures): (usize, &Measures)| {
            let here = row * width..(row + 1) * width;
            let passed = passed.iter().map(|(scaled, output, squared)| Passed {
                scaled: &scaled[here.clone()],
                output: &output[here.clone()],
                squared_errors: squared.get(here.clone()).unwrap_or_default(),
                code: &[],
            });
            self.explained(&passed.collect::<Vec<_>>(), measures)
        };
        Ok(measures.iter().enumerate().map(row).collect())
    }

    /// One row in the scaled units of each member, and what that makes of it.
    fn explained(&self, passed: &[Passed<'_>], measures: &Measures) -> Explanation {
        let width = passed.first().map_or(0, |passed| passed.scaled.len());
        let panel = self.panel();
        let score = self.detector.score(measures, &self.components);
        let mut shares = vec![0.0; width];
        for component in &self.components {
            let surprise = self.detector.usual[component.place()].surprise(measures[component.place()]);
            // What it adds to the harmonic mean.
            let weight = libm::exp(surprise - score).max(f64::MIN_POSITIVE);
            for (member, passed) in passed.iter().enumerate() {
                panel.judge(member).add_shares(*component, *passed, weight, &mut shares);
            }
        }
        let whole: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= if whole > 0.0 { whole } else { 1.0 });
        let expected = (0..width).map(|feature| {
            // What each member expects and how far from it values usually are, in the unit of the feature.
            let told = self.members.iter().zip(passed).enumerate().map(|(at, (member, passed))| {
                let scaling = &member.scaling.features[feature];
                let (value, covariance) = (f64::from(passed.output[feature]), panel.judge(at).covariance);
                // Of a value with an error, that and what errors do not tell.
                let known = passed.squared_errors.get(feature).copied().filter(|squared| squared.is_finite());
                let known = known.zip(covariance.misfit.get(feature)).map(|(squared, misfit)| squared + misfit);
                let usual = known.unwrap_or(covariance.variances[feature]).sqrt();
                // Half the way between one deviation below and one above, which a bent scaling makes unequal.
                let width = 0.5 * (scaling.inverse(value + usual) - scaling.inverse(value - usual)).abs();
                (scaling.inverse(value), width)
            });
            let (mut values, mut widths): (Vec<f64>, Vec<f64>) = told.unzip();
            // Medians, since a member may be far off about a row that is far out.
            let expected = median(&mut values);
            values.iter_mut().for_each(|value| *value = (*value - expected).abs());
            let (spread, usual) = (DEVIATION_OF_MEDIAN * median(&mut values), median(&mut widths));
            (expected, (usual * usual + spread * spread).sqrt())
        });
        let (expected, uncertainty) = expected.unzip();
        Explanation { shares, expected, uncertainty }
    }
}

/// The standard deviation of a normal distribution whose median distance from the median is 1.
const DEVIATION_OF_MEDIAN: f64 = 1.4826;

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    quantile(values, 0.5)
}

//! What a model knows beside its autoencoder to judge rows, and how it is kept in the model file.

use lumenfold_engine::Network;
use serde::{Deserialize, Serialize};

use super::baseline::BASELINES;
use super::component::{COMPONENTS, Component, Measures, measurable};
use super::covariance::Covariance;
use super::judge::Prototypes;
use super::usual::Usual;
use super::view::{View, ViewDocument};
use super::width::{factor_of, widened};
use crate::Autoencoder;

/// The other members, and what the scores of all are judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Detector {
    /// The parameters of the members beside the model's own autoencoder, which is the first.
    pub(super) others: Vec<Vec<f32>>,
    /// How many times as wide the hidden layers of members are that take turns with the model's own width.
    pub(super) widths: Vec<f64>,
    /// One for each member.
    pub(super) prototypes: Vec<Prototypes>,
    /// The covariance of residuals under the model's own scaling.
    pub(super) covariance: Covariance,
    /// Other scalings: members take turns with them and the model's own.
    pub(super) further: Vec<View>,
    /// One for each component.
    pub(super) usual: Vec<Usual>,
    /// The components of each calibration row.
    pub(super) calibration: Vec<Measures>,
    /// Training rows that stand for all of them: `[rows][features]` in the scaled units of the model.
    pub(super) reference: Vec<f32>,
    /// What baselines say of the first calibration rows.
    pub(super) baselines: Vec<[f64; BASELINES.len()]>,
    /// The components that the score is made of unless others are asked for.
    pub(super) chosen: Vec<Component>,
}

impl Detector {
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

    /// The components that the score is made of unless others are asked for.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.chosen
    }

    /// Whether it was made from values with errors, so that χ² can be measured.
    #[must_use]
    pub fn knows_errors(&self) -> bool {
        !self.covariance.misfit.is_empty()
    }

    /// The components that it can measure.
    pub(super) fn measurable(&self) -> &'static [Component] {
        measurable(self.knows_errors())
    }

    /// All members, the model's own autoencoder first.
    pub(super) fn autoencoders(&self, own: &Autoencoder) -> Vec<Autoencoder> {
        let other = |(before, parameters): (usize, &Vec<f32>)| {
            let view = (before + 1) % (1 + self.further.len());
            let scaling = if view == 0 { &own.scaling } else { &self.further[view - 1].scaling };
            let factor = factor_of(before + 1, 1 + self.further.len(), &self.widths);
            // That there is such a network was seen when the detector was made.
            let network = widened(&own.network, factor).unwrap_or_else(|| own.network.clone());
            Autoencoder { network, parameters: parameters.clone(), scaling: scaling.clone(), ..own.clone() }
        };
        std::iter::once(own.clone()).chain(self.others.iter().enumerate().map(other)).collect()
    }

    /// The covariance of residuals of each view; that of a member is at its number modulo theirs.
    pub(super) fn covariances(&self) -> Vec<&Covariance> {
        std::iter::once(&self.covariance).chain(self.further.iter().map(|view| &view.covariance)).collect()
    }

    /// One number of the components that are wanted, in nats: minus the logarithm of the harmonic mean of the shares of usual
    /// rows that look so (Wilson 2019, *PNAS* 116, 1195). What is very unusual by one of them is unusual.
    pub(super) fn score(&self, measures: &Measures, wanted: &[Component]) -> f64 {
        let surprise = |component: &Component| self.usual[component.place()].surprise(measures[component.place()]);
        let most = wanted.iter().map(surprise).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = wanted.iter().map(|component| libm::exp(surprise(component) - most)).sum();
        most + libm::log(sum / wanted.len() as f64)
    }
}

/// A detector as the document of a model file has it. Long lists of it are tensors of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectorDocument {
    /// The components that the score is made of unless others are asked for.
    pub components: Vec<Component>,
    /// The parameters of each further member, laid out as those of the model.
    pub members: Vec<Vec<f32>>,
    /// How many times as wide the hidden layers of members are that take turns with the model's own width.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub widths: Vec<f64>,
    /// Of each member, reconstructed training rows in scaled units: `[prototypes][features]`.
    pub prototypes: Vec<Vec<f32>>,
    /// The variance of the residual of each feature, in scaled units, shrunk.
    pub variances: Vec<f64>,
    /// The inverse of the Cholesky factor of their covariance by rows, the lower triangle alone; empty for many features.
    pub whitening: Vec<f64>,
    /// Of values with errors, the variance of each feature, in scaled units, that errors do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub misfit: Vec<f64>,
    /// Further scalings that members take turns with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ViewDocument>,
    /// For each component its distribution over training rows that members did not see, ascending. The last component, χ², is
    /// there if values have errors.
    pub usual: Vec<Vec<f64>>,
    /// For each component its value at each calibration row.
    pub calibration: Vec<Vec<f64>>,
    /// Training rows that stand for all of them: `[rows][features]` in scaled units.
    pub reference: Vec<f32>,
    /// For each baseline what it says of the first calibration rows.
    pub baselines: Vec<Vec<f64>>,
}

impl From<&Detector> for DetectorDocument {
    fn from(detector: &Detector) -> Self {
        let column = |place: usize| detector.calibration.iter().map(|row| row[place]).collect();
        let measured = detector.measurable().len();
        Self {
            components: detector.chosen.clone(),
            members: detector.others.clone(),
            widths: detector.widths.clone(),
            prototypes: detector.prototypes.iter().map(|prototypes| prototypes.rows.clone()).collect(),
            variances: detector.covariance.variances.clone(),
            whitening: detector.covariance.whitening.clone(),
            misfit: detector.covariance.misfit.clone(),
            views: detector.further.iter().map(ViewDocument::from).collect(),
            usual: detector.usual[..measured].iter().map(|usual| usual.values.clone()).collect(),
            calibration: (0..measured).map(column).collect(),
            reference: detector.reference.clone(),
            baselines: (0..BASELINES.len())
                .map(|place| detector.baselines.iter().map(|row| row[place]).collect())
                .collect(),
        }
    }
}

impl DetectorDocument {
    /// The detector, if its parts fit a network of so many features.
    pub(crate) fn detector(self, features: usize, network: &Network) -> Result<Detector, String> {
        let wrong = |what: &str| Err(format!("its detector has {what}"));
        let positive = |values: &[f64]| values.iter().all(|value| value.is_finite() && *value > 0.0);
        if self.components.is_empty()
            || (1..self.components.len()).any(|at| self.components[..at].contains(&self.components[at]))
        {
            return wrong("no measure, or one twice");
        }
        if self.widths.len() > self.members.len() {
            return wrong("more widths than members");
        }
        let networks: Vec<Option<Network>> =
            std::iter::once(&1.0).chain(&self.widths).map(|factor| widened(network, *factor)).collect();
        let views = 1 + self.views.len();
        let length = |member: usize| Some(networks[(member / views) % networks.len()].as_ref()?.parameter_length());
        if self.members.iter().enumerate().any(|(before, member)| length(before + 1) != Some(member.len())) {
            return wrong("a member with other parameters than its network");
        }
        if self.prototypes.len() != self.members.len() + 1
            || self.prototypes.iter().any(|rows| !Prototypes::fits(rows.len(), features))
        {
            return wrong("other prototypes than its members and features call for");
        }
        if self.members.iter().chain(&self.prototypes).flatten().any(|value| !value.is_finite()) {
            return wrong("a weight that is no number");
        }
        if self.views.len() > self.members.len() {
            return wrong("more scalings than members");
        }
        let covariance = Covariance { variances: self.variances, whitening: self.whitening, misfit: self.misfit };
        let further: Vec<View> = self.views.into_iter().map(View::from).collect();
        let mut covariances = std::iter::once(&covariance).chain(further.iter().map(|view| &view.covariance));
        if covariances.any(|covariance| !covariance.fits(features)) {
            return wrong("variances that are not those of its features");
        }
        for view in &further {
            view.check(features)?;
        }
        let knows_errors = !covariance.misfit.is_empty();
        if further.iter().any(|view| view.covariance.misfit.is_empty() == knows_errors)
            || !knows_errors && self.components.iter().any(|component| component.needs_errors())
        {
            return wrong("errors of values in one place, and none in another");
        }
        let measured = measurable(knows_errors).len();
        let [usual, calibration] = [&self.usual, &self.calibration];
        if [usual, calibration].iter().any(|lists| lists.len() != measured || !lists.iter().all(|list| positive(list)))
            || usual.iter().any(|list| !list.is_sorted())
            || calibration.iter().any(|list| list.is_empty() || list.len() != calibration[0].len())
        {
            return wrong("no scores to compare with, or some that are no numbers above zero");
        }
        if self.reference.is_empty()
            || !self.reference.len().is_multiple_of(features)
            || self.reference.iter().any(|value| !value.is_finite())
        {
            return wrong("reference rows that are not those of its features");
        }
        if self.baselines.len() != BASELINES.len()
            || self.baselines.iter().any(|list| {
                list.is_empty() || list.len() != self.baselines[0].len() || list.iter().any(|value| !value.is_finite())
            })
        {
            return wrong("baselines without scores to compare with");
        }
        let said = |at: usize| std::array::from_fn(|place| self.baselines[place][at]);
        // What is not measured is 1.
        let row = |at: usize| std::array::from_fn(|place| self.calibration.get(place).map_or(1.0, |list| list[at]));
        Ok(Detector {
            calibration: (0..self.calibration[0].len()).map(row).collect(),
            others: self.members,
            widths: self.widths,
            prototypes: self.prototypes.into_iter().map(|rows| Prototypes::new(rows, features)).collect(),
            covariance,
            further,
            usual: self
                .usual
                .into_iter()
                .chain(std::iter::repeat_n(vec![1.0], COMPONENTS.len() - measured))
                .map(|values| Usual { values })
                .collect(),
            chosen: self.components,
            baselines: (0..self.baselines[0].len()).map(said).collect(),
            reference: self.reference,
        })
    }
}

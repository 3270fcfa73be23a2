//! What belongs to one kind of autoencoder only: which settings go together, and the network.

use lumenfold_data::ScalingKind;
use lumenfold_data::axis::Stretching;
use lumenfold_engine::{Activation, Layer, Network};

use super::{Kind, LossUnits, Settings};
use crate::architecture;
use crate::blind_spots::BlindSpots;
use crate::{Cost, Error, Likelihood, Noise, Sparsity};

/// The most kinds of noise on one input.
const MOST_NOISES: usize = 16;

/// The weight of the second reconstruction unless something else is said. On digits with 512 latents, 1/32 left twice as
/// many latents dead.
const REVIVAL: f64 = 0.25;

/// The largest weight of a term of the loss.
const HEAVIEST_TERM: f64 = 1e6;

/// A setting that cannot be used.
fn refuse(name: &'static str, value: impl ToString, allowed: &str) -> Result<(), Error> {
    Err(Error::Setting { name, value: value.to_string(), allowed: allowed.to_owned() })
}

impl Settings {
    /// The peak of the learning rate where none is chosen. Sparse codes need a lower one: at 0.01 most latents die within an
    /// epoch.
    #[must_use]
    pub fn default_learning_rate(kind: Kind, is_dense: bool) -> f64 {
        match (kind, is_dense) {
            (Kind::Sparse, _) => 1e-3,
            (_, true) => 1e-2,
            (_, false) => 3e-3,
        }
    }

    /// The weight of the second reconstruction that revives dead latents.
    #[must_use]
    pub fn revival_strength(&self) -> f64 {
        let revives = self.sparsity.is_some_and(Sparsity::revives);
        if revives { self.revival.unwrap_or(REVIVAL) } else { 0.0 }
    }

    /// The likelihood of a variational autoencoder.
    #[must_use]
    pub fn chosen_likelihood(&self) -> Option<Likelihood> {
        (self.kind == Kind::Variational).then(|| self.likelihood.unwrap_or_default())
    }

    /// The weight of the divergence.
    #[must_use]
    pub fn chosen_beta(&self) -> f64 {
        self.beta.unwrap_or(1.0)
    }

    /// The share of all steps in which that weight rises.
    #[must_use]
    pub fn chosen_warm_up(&self) -> f64 {
        self.beta_warm_up.unwrap_or(0.1)
    }

    /// Checks what belongs to one kind of autoencoder only.
    pub(crate) fn check_kind(&self) -> Result<(), Error> {
        self.check_denoising()?;
        self.check_sparse()?;
        self.check_variational()
    }

    /// Whether a part of the counts is told from the others.
    pub(crate) fn splits_counts(&self) -> bool {
        self.noise.iter().any(|noise| matches!(noise, Noise::Split(_)))
    }

    fn check_denoising(&self) -> Result<(), Error> {
        let noise = self.noise_in_words();
        if self.kind != Kind::Denoising {
            let only = "left out unless --kind is denoising";
            return match self.blind_spots {
                _ if !self.noise.is_empty() => refuse("--noise", noise, only),
                Some(share) => refuse("--blind-spots", share, only),
                None => Ok(()),
            };
        }
        if self.noise.is_empty() && self.blind_spots.is_none() {
            let allowed = "given with --noise (gaussian:0.3, masking:0.25, …) or, without clean data, --blind-spots 0.1 or --noise split:0.8";
            return refuse("--kind", self.kind, allowed);
        }
        if self.noise.len() > MOST_NOISES {
            return refuse("--noise", format!("a list of {}", self.noise.len()), "a list of at most 16");
        }
        if let Some((noise, allowed)) = self.noise.iter().find_map(|noise| Some((noise, noise.out_of_range()?))) {
            return refuse("--noise", noise, allowed);
        }
        let linear = !matches!(
            self.scaling,
            ScalingKind::Log | ScalingKind::Asinh | ScalingKind::RobustAsinh | ScalingKind::Anscombe
        );
        if let Some(counts) = self.noise.iter().find(|noise| noise.counts() && !linear) {
            let allowed = format!("left out with --scale {}: counts need a linear scaling", self.scaling);
            return refuse("--noise", counts, &allowed);
        }
        if self.splits_counts() {
            let alone =
                "alone with split: the other part of the counts is the target, and neither may have other noise";
            let others = [
                ("--noise", (self.noise.len() > 1).then(|| noise.clone())),
                ("--blind-spots", self.blind_spots.map(|share| share.to_string())),
                ("--jitter", (self.jitter > 0.0).then(|| self.jitter.to_string())),
                ("--stretch", (!self.stretch.is_empty()).then(|| super::listed(&self.stretch))),
            ];
            if let Some((name, Some(value))) = others.into_iter().find(|(_, value)| value.is_some()) {
                let allowed =
                    if name == "--noise" { alone } else { "left out with --noise split: counts must stay counts" };
                return refuse(name, value, allowed);
            }
        }
        match self.blind_spots {
            Some(share) if !BlindSpots::SHARES.contains(&share) => {
                refuse("--blind-spots", share, "a share from 0.01 to 0.5")
            }
            _ => Ok(()),
        }
    }

    fn check_sparse(&self) -> Result<(), Error> {
        let only = "left out unless --kind is sparse";
        match (self.kind == Kind::Sparse, self.sparsity) {
            (false, Some(sparsity)) => return refuse("--sparsity", sparsity, only),
            (true, None) => {
                let allowed = "given with --sparsity (topk:16, batch-topk:16, l1:0.1, kl:0.05 or jumprelu:0.1)";
                return refuse("--kind", self.kind, allowed);
            }
            _ => {}
        }
        if let Some(revival) = self.revival {
            if !self.sparsity.is_some_and(Sparsity::revives) {
                return refuse("--revival", revival, "left out unless --sparsity is topk or batch-topk");
            }
            if !(0.0..=HEAVIEST_TERM).contains(&revival) {
                return refuse("--revival", revival, "from 0 (for none) to 1e6, such as 0.25");
            }
        }
        let Some(sparsity) = self.sparsity else { return Ok(()) };
        match sparsity.out_of_range(Some(self.latent)) {
            Some(allowed) => refuse("--sparsity", sparsity, &allowed),
            None if self.ordered => {
                refuse("--ordered", self.ordered, "left out with --kind sparse: each sample uses latents of its own")
            }
            None => Ok(()),
        }
    }

    fn check_variational(&self) -> Result<(), Error> {
        if self.kind != Kind::Variational {
            let only = "left out unless --kind is variational";
            let numbers =
                [("--beta", self.beta), ("--beta-warm-up", self.beta_warm_up), ("--free-nats", self.free_nats)];
            return match (self.likelihood, numbers.iter().find_map(|(name, value)| Some((*name, (*value)?)))) {
                (Some(likelihood), _) => refuse("--likelihood", likelihood, only),
                (None, Some((name, value))) => refuse(name, value, only),
                _ if self.binarize => refuse("--binarize", self.binarize, only),
                _ => Ok(()),
            };
        }
        let (beta, warm_up, free) = (self.chosen_beta(), self.chosen_warm_up(), self.free_nats.unwrap_or(0.0));
        if !(0.0..=HEAVIEST_TERM).contains(&beta) {
            return refuse("--beta", beta, "from 0 to 1e6");
        }
        if !(0.0..=1.0).contains(&warm_up) {
            return refuse("--beta-warm-up", warm_up, "a share of the steps, from 0 to 1");
        }
        if !(0.0..=1e3).contains(&free) {
            return refuse("--free-nats", free, "from 0 to 1000");
        }
        let likelihood = self.likelihood.unwrap_or_default();
        if !self.stretch.is_empty() {
            let allowed = "left out with --kind variational: a likelihood counts every value, and some are not known";
            return refuse("--stretch", super::listed(&self.stretch), allowed);
        }
        if self.ordered {
            return refuse(
                "--ordered",
                self.ordered,
                "left out with --kind variational: its codes are drawn as a whole",
            );
        }
        if self.cost != Cost::Squared {
            return refuse(
                "--loss",
                self.cost,
                "left out with --kind variational: the likelihood says what errors cost",
            );
        }
        if self.loss_units != LossUnits::Scaled {
            let allowed = "left out with --kind variational: a likelihood has its own units";
            return refuse("--loss-units", self.loss_units, allowed);
        }
        if self.feature_weights.is_some() {
            let allowed = "left out with --kind variational: a likelihood counts every feature once";
            return refuse("--feature-weights", "given", allowed);
        }
        if self.binarize && likelihood != Likelihood::Bernoulli {
            return refuse("--binarize", self.binarize, "left out unless --likelihood is bernoulli");
        }
        if matches!(likelihood, Likelihood::Gaussian { .. }) {
            return Ok(());
        }
        if !matches!(self.scaling, ScalingKind::None | ScalingKind::Factor(_)) {
            let allowed = format!("none or factor:NUMBER with --likelihood {likelihood}: zero must stay zero");
            return refuse("--scale", self.scaling, &allowed);
        }
        if self.jitter > 0.0 {
            let allowed = format!("0 with --likelihood {likelihood}: values with noise are no longer its values");
            return refuse("--jitter", self.jitter, &allowed);
        }
        Ok(())
    }

    /// Checks the shares by which rows are stretched.
    pub(super) fn check_stretch(&self) -> Result<(), Error> {
        if self.stretch.is_empty() {
            return Ok(());
        }
        Stretching::check(&self.stretch).or_else(|allowed| refuse("--stretch", super::listed(&self.stretch), &allowed))
    }

    /// The network that these settings make for samples of a shape.
    pub(crate) fn network(&self, shape: &[usize]) -> Result<Network, Error> {
        let features: usize = shape.iter().product();
        let (mut encoder, mut decoder) =
            architecture::layers(self, shape).map_err(|reason| Error::Architecture { reason })?;
        let width = self.latent;
        match self.sparsity {
            None => {}
            Some(Sparsity::TopK(kept)) => encoder.push(Layer::TopK { width, kept }),
            Some(Sparsity::BatchTopK(_) | Sparsity::JumpRelu { .. }) => encoder.push(Layer::JumpRelu { width }),
            Some(Sparsity::L1(_)) => encoder.push(Layer::Activation(Activation::Relu)),
            Some(Sparsity::Kl { .. }) => encoder.push(Layer::Activation(Activation::Sigmoid)),
        }
        if let Some(likelihood) = self.chosen_likelihood() {
            match encoder.last_mut() {
                Some(Layer::Dense { outputs, .. }) => *outputs *= 2,
                _ => {
                    let reason = "the encoder of a variational autoencoder ends with a dense layer".to_owned();
                    return Err(Error::Architecture { reason });
                }
            }
            encoder.push(Layer::Gaussian { width });
            match likelihood {
                Likelihood::Gaussian { deviation: None } => decoder.push(Layer::Variance { width: features }),
                Likelihood::Gaussian { deviation: Some(_) } => {}
                Likelihood::Bernoulli => decoder.push(Layer::Activation(Activation::Sigmoid)),
                Likelihood::Poisson => decoder.push(Layer::Activation(Activation::Exp)),
            }
        }
        Ok(Network::new(encoder, decoder)?)
    }
}

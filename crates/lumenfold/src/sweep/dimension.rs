//! What a sweep finds out about one latent dimension.

use super::stability::Stability;
use super::suggestion::Candidate;
use crate::metrics::Errors;
use crate::order_statistics::median;

/// One fit of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The latent dimension.
    pub latent: usize,
    /// The seed of initial weights and order.
    pub seed: u64,
    /// Parameters of the network.
    pub parameters: usize,
    /// Epochs that were done.
    pub epochs: usize,
    /// The epoch whose weights were kept, counted from 1.
    pub best_epoch: usize,
    /// Errors on the held-out rows; of a denoising autoencoder, where they come in corrupted.
    pub errors: Errors,
    /// How much its code is like those of the other seeds.
    pub stability: Option<Stability>,
    /// The time of the fit, preparation included. It differs from run to run.
    pub seconds: f64,
}

/// The fits of one latent dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// The latent dimension.
    pub latent: usize,
    /// A fit for each seed, ascending; one at least.
    pub runs: Vec<Run>,
    /// PCA with as many components, on the same rows.
    pub pca: Errors,
    /// How many components PCA needs for the median loss.
    pub pca_needed: Option<PcaNeeded>,
    /// How much alike the codes of the seeds are.
    pub stability: Option<Stability>,
    // The loss of each row that codes are compared on, in the fit of median loss.
    pub(super) row_losses: Vec<f32>,
}

/// Principal components that do as well as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PcaNeeded {
    /// So many.
    Exactly(usize),
    /// More than were tried.
    MoreThan(usize),
}

/// Values of several seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Of these values, one at least.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { median: median(values), least, most }
    }
}

impl Dimension {
    fn each(&self, value: impl Fn(&Errors) -> f64) -> Vec<f64> {
        self.runs.iter().map(|run| value(&run.errors)).collect()
    }

    /// The held-out loss of each seed.
    #[must_use]
    pub fn losses(&self) -> Vec<f64> {
        self.each(|errors| errors.loss)
    }

    /// The held-out loss over the seeds.
    #[must_use]
    pub fn loss(&self) -> Spread {
        Spread::of(&self.losses())
    }

    /// The mean squared error over the seeds, in original units squared.
    #[must_use]
    pub fn mse(&self) -> Spread {
        Spread::of(&self.each(|errors| errors.mse))
    }

    /// Its root, in original units.
    #[must_use]
    pub fn rms(&self) -> Spread {
        Spread::of(&self.each(|errors| errors.mse.sqrt()))
    }

    /// The explained variance over the seeds.
    #[must_use]
    pub fn explained_variance(&self) -> Spread {
        Spread::of(&self.each(|errors| errors.explained_variance))
    }

    /// The fit of the lowest held-out loss.
    ///
    /// # Panics
    /// There is no fit, which no sweep gives.
    #[must_use]
    pub fn best(&self) -> &Run {
        let best = self.runs.iter().min_by(|a, b| a.errors.loss.total_cmp(&b.errors.loss));
        best.expect("a dimension has one fit at least")
    }

    /// The time of all its fits.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.runs.iter().map(|run| run.seconds).sum()
    }

    /// For the choice among dimensions; `losses` are its own.
    pub(super) fn candidate<'a>(&'a self, losses: &'a [f64]) -> Candidate<'a> {
        let explained = self.explained_variance().median;
        Candidate { latent: self.latent, losses, explained, row_losses: &self.row_losses }
    }
}

impl PcaNeeded {
    /// Of the losses with none, one, two, … components, for a loss to reach. None where no component was tried.
    pub(super) fn of(losses: &[f64], loss: f64) -> Option<Self> {
        let last = losses.len().checked_sub(1).filter(|last| *last > 0)?;
        Some(losses.iter().position(|other| *other <= loss).map_or(Self::MoreThan(last), Self::Exactly))
    }
}

//! Settings in words: what a checkpoint is compared by.

use super::{Settings, listed};
use crate::Noise;

impl Settings {
    pub(super) fn noise_in_words(&self) -> String {
        self.noise.iter().map(Noise::to_string).collect::<Vec<_>>().join(",")
    }

    /// Every setting that decides what a fit gives, as the program's options spell it, and its value in words. Equal
    /// words mean equal settings, to the last bit.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, String)> {
        let or_default = |value: Option<usize>| value.map_or_else(|| "default".to_owned(), |value| value.to_string());
        let or_none = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
        vec![
            ("--kind", self.kind.to_string()),
            ("--noise", if self.noise.is_empty() { "none".to_owned() } else { self.noise_in_words() }),
            ("--blind-spots", self.blind_spots.map_or_else(|| "none".to_owned(), |share| share.to_string())),
            ("--sparsity", self.sparsity.map_or_else(|| "none".to_owned(), |sparsity| sparsity.to_string())),
            ("--revival", or_none(self.revival)),
            ("--likelihood", self.likelihood.map_or_else(|| "none".to_owned(), |likelihood| likelihood.to_string())),
            ("--binarize", self.binarize.to_string()),
            ("--beta", or_none(self.beta)),
            ("--beta-warm-up", or_none(self.beta_warm_up)),
            ("--free-nats", or_none(self.free_nats)),
            ("--loss", self.cost.to_string()),
            ("--ordered", self.ordered.to_string()),
            ("--latent", self.latent.to_string()),
            ("--hidden", if self.hidden.is_empty() { "none".to_owned() } else { listed(&self.hidden) }),
            ("--activation", self.activation.to_string()),
            ("--norm", self.norm.to_string()),
            ("--net", self.net.to_string()),
            ("--channels", self.channels.as_ref().map_or_else(|| "default".to_owned(), |channels| listed(channels))),
            ("--kernel", or_default(self.kernel)),
            ("--scale", self.scaling.to_string()),
            ("--loss-units", self.loss_units.to_string()),
            (
                "--feature-weights",
                self.feature_weights.as_ref().map_or_else(|| "none".to_owned(), |weights| listed(weights)),
            ),
            ("--epochs", or_default(self.epochs)),
            ("--batch", or_default(self.batch)),
            ("--learning-rate", self.learning_rate.to_string()),
            ("--schedule", self.schedule.to_string()),
            ("--weight-decay", self.weight_decay.to_string()),
            ("--clip-norm", self.clip_norm.map_or_else(|| "none".to_owned(), |norm| norm.to_string())),
            ("--jitter", self.jitter.to_string()),
            ("--stretch", if self.stretch.is_empty() { "none".to_owned() } else { listed(&self.stretch) }),
            ("--components", self.components.map_or_else(|| "none".to_owned(), |count| count.to_string())),
            ("--copies", self.copies.to_string()),
            ("--starts", self.starts.to_string()),
            ("--patience", self.patience.map_or_else(|| "none".to_owned(), |patience| patience.to_string())),
            ("--validation", self.validation.to_string()),
            ("--seed", self.seed.to_string()),
            ("--split-seed", self.seed_of_split().to_string()),
            ("--allow-constant", self.allow_constant.to_string()),
        ]
    }
}

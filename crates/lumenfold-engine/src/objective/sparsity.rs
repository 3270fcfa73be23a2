//! What keeps most numbers of a code at zero.

/// The penalty of a sparse autoencoder, or the rule that chooses its latents. Penalties are added to the costs of a
/// sample's features, before the division by their number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Sparsity {
    /// None.
    #[default]
    None,
    /// `strength · Σ_j |z_j| ‖d_j‖`, where `d_j` is what latent `j` adds in the decoder's first layer: without its norm,
    /// codes would shrink and the decoder grow; Conerly et al. (2024), "Update on how we train SAEs".
    Absolute {
        /// Its weight λ.
        strength: f32,
    },
    /// `strength · Σ_j KL(ρ ‖ ρ_j)` of the mean activity `ρ_j` of each latent over the batch, a number between 0 and 1 as
    /// a sigmoid gives; Ng (2011), "Sparse autoencoder", CS294A lecture notes.
    Activity {
        /// The activity ρ that is wanted.
        target: f32,
        /// Its weight.
        strength: f32,
    },
    /// That of [`Layer::TopK`](crate::Layer::TopK).
    TopK {
        /// What brings latents back that are never used.
        revival: Option<Revival>,
    },
    /// Over a batch of `n` samples the `kept · n` largest values stay if they are positive; the encoder ends with
    /// [`Layer::JumpRelu`](crate::Layer::JumpRelu), whose thresholds follow the smallest value that stays, so that codes
    /// of single samples are much the same; Bussmann, Leask and Nanda (2024), arXiv:2412.06410.
    BatchTopK {
        /// Latents that a sample may use on average.
        kept: f32,
        /// What brings latents back that are never used.
        revival: Option<Revival>,
    },
    /// `strength` for each latent that is not zero, and thresholds that are learnt: derivatives of steps are estimated with
    /// a rectangle of width `bandwidth`; Rajamanoharan et al. (2024), arXiv:2407.14435, equations 10 to 12.
    JumpRelu {
        /// Its weight λ.
        strength: f32,
        /// The width ε.
        bandwidth: f32,
    },
}

/// A second reconstruction with latents that have not been used for long beside those that a sample uses. Its cost is
/// added, so that they learn what the others leave: as the auxiliary loss of Gao et al. (2024), arXiv:2406.04093,
/// section A.2, for decoders of any depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Revival {
    /// Samples without use after which a latent is dead.
    pub after: u32,
    /// The most dead latents that a sample uses.
    pub most: usize,
    /// The weight of the cost.
    pub strength: f32,
}

impl Sparsity {
    /// Whether codes cost something, beside being chosen by the last layer of the encoder.
    pub(crate) fn costs_codes(self) -> bool {
        matches!(self, Self::Absolute { .. } | Self::Activity { .. })
    }

    /// What brings dead latents back.
    #[must_use]
    pub fn revival(self) -> Option<Revival> {
        match self {
            Self::TopK { revival } | Self::BatchTopK { revival, .. } => revival,
            _ => None,
        }
    }
}

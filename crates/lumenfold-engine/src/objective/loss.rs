//! How far a reconstruction is from its target.

/// What an error costs; `y` is what the decoder gives, `t` the target. A sample's loss is `Σ_f w_f v_f cost_f / features`
/// with the weights of features and values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loss {
    /// `(y - t)²`.
    #[default]
    SquaredError,
    /// `(y - t)²` up to this distance, `2 δ |y - t| - δ²` beyond it; Huber (1964), Annals of Mathematical Statistics 35, 73.
    Huber {
        /// The distance δ.
        distance: f32,
    },
    /// Minus the logarithm of the normal density about `y` whose variances the network learns: for networks that end with
    /// [`Layer::Variance`](crate::Layer::Variance).
    Normal,
    /// Minus the logarithm of the chance of `t`, which is 0 or 1 (or a share between them), where the decoder ends with a
    /// sigmoid: `log(1 + exp(l)) - t l` of its logit `l`.
    Bernoulli,
    /// Minus the logarithm of the Poisson probability of `t`, without the term `log t!`, where the decoder ends with the
    /// exponential function: `exp(l) - t l` of the logarithm `l` of its rate.
    Poisson,
}

impl Loss {
    /// Whether it is computed from what comes in at the decoder's last activation.
    pub(crate) fn is_before_link(self) -> bool {
        matches!(self, Self::Bernoulli | Self::Poisson)
    }

    /// Whether targets cannot be negative.
    #[must_use]
    pub fn is_of_counts(self) -> bool {
        self.is_before_link()
    }

    /// What the gradient of the cost is to be multiplied by: the kernel of the squared error leaves out its two.
    pub(crate) fn slope_factor(self) -> f64 {
        if self == Self::SquaredError { 2.0 } else { 1.0 }
    }
}

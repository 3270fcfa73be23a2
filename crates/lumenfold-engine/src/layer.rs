//! The layers that a network is a chain of.

use std::fmt;
use std::str::FromStr;

/// An elementwise function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x σ(x)`, also called swish.
    Silu,
    /// `max(x, 0)`.
    Relu,
    /// `x` above zero, `0.01 x` below.
    LeakyRelu,
    /// `x Φ(x)` with the normal distribution function.
    Gelu,
    /// Hyperbolic tangent.
    Tanh,
    /// Sine.
    Sin,
    /// Logistic function.
    Sigmoid,
    /// No change: the network is then linear.
    Identity,
    /// `exp(x)`: what makes rates of the outputs of a decoder, and of no use in a hidden layer.
    Exp,
}

impl Activation {
    /// Every activation of hidden layers, in the order of the documentation.
    pub const ALL: [Self; 8] =
        [Self::Silu, Self::Relu, Self::LeakyRelu, Self::Gelu, Self::Tanh, Self::Sin, Self::Sigmoid, Self::Identity];

    /// The name used in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Silu => "silu",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky-relu",
            Self::Gelu => "gelu",
            Self::Tanh => "tanh",
            Self::Sin => "sin",
            Self::Sigmoid => "sigmoid",
            Self::Identity => "identity",
            Self::Exp => "exp",
        }
    }

    /// The standard deviation of initial weights into a layer with this activation, times `sqrt(fan)`: He et al.
    /// (2015), arXiv:1502.01852, for the rectifiers (fan is the number of inputs), Glorot and Bengio (2010) for the
    /// others (fan is the mean of inputs and outputs).
    pub(crate) fn gain(self) -> Initialisation {
        match self {
            Self::Silu | Self::Relu | Self::Gelu => Initialisation::He { gain: std::f64::consts::SQRT_2 },
            // sqrt(2 / (1 + slope²))
            Self::LeakyRelu => Initialisation::He { gain: 1.414_142_854_285_072_4 },
            Self::Tanh => Initialisation::Glorot { gain: 5.0 / 3.0 },
            Self::Sin | Self::Sigmoid | Self::Identity | Self::Exp => Initialisation::Glorot { gain: 1.0 },
        }
    }
}

/// The rule that sets the spread of initial weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Initialisation {
    He { gain: f64 },
    Glorot { gain: f64 },
}

impl Initialisation {
    /// Standard deviation of the weights of a dense layer.
    pub(crate) fn deviation(self, inputs: usize, outputs: usize) -> f64 {
        match self {
            Self::He { gain } => gain / (inputs as f64).sqrt(),
            Self::Glorot { gain } => gain * (2.0 / (inputs + outputs) as f64).sqrt(),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Activation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .chain([Self::Exp])
            .find(|activation| activation.name() == text || (text == "leaky_relu" && *activation == Self::LeakyRelu))
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.iter().map(|activation| activation.name()).collect();
                format!("unknown activation \"{text}\"; choose one of {}", names.join(", "))
            })
    }
}

/// One layer of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `y = W x + b`; parameters `weight` `[outputs][inputs]` and `bias` `[outputs]`.
    Dense {
        /// Features that come in.
        inputs: usize,
        /// Features that go out.
        outputs: usize,
    },
    /// An elementwise function.
    Activation(Activation),
    /// Normalisation over features; parameters `weight` and `bias`, `[width]` each.
    LayerNorm {
        /// Features.
        width: usize,
    },
    /// The end of an encoder: of each sample the `kept` largest values stay if they are positive, zero stands for the
    /// others; Makhzani and Frey (2014), arXiv:1312.5663.
    TopK {
        /// Latents.
        width: usize,
        /// Latents that a sample may use.
        kept: usize,
    },
    /// The end of an encoder: zero stands for values that are not above their threshold, whose logarithm is the parameter
    /// `log_threshold` `[width]`; Rajamanoharan et al. (2024), arXiv:2407.14435.
    JumpRelu {
        /// Latents.
        width: usize,
    },
    /// The end of an encoder that gives a normal distribution: `width` means and then the logarithms of as many variances
    /// come in. The means are the code; training draws from the distribution. Kingma and Welling (2014), arXiv:1312.6114.
    Gaussian {
        /// Latents.
        width: usize,
    },
    /// The end of a decoder: values pass as they are. The parameter `log_variance` `[width]` belongs to the likelihood: the
    /// logarithm of the variance about each feature's reconstruction.
    Variance {
        /// Features.
        width: usize,
    },
}

impl Layer {
    /// Features that come in and go out; none for a layer that takes any number and changes none.
    pub(crate) fn widths(self) -> Option<(usize, usize)> {
        match self {
            Self::Dense { inputs, outputs } => Some((inputs, outputs)),
            Self::Activation(_) => None,
            Self::LayerNorm { width }
            | Self::TopK { width, .. }
            | Self::JumpRelu { width }
            | Self::Variance { width } => Some((width, width)),
            Self::Gaussian { width } => Some((width.saturating_mul(2), width)),
        }
    }

    /// Whether it can only be the last layer of an encoder.
    pub(crate) fn ends_encoder(self) -> bool {
        matches!(self, Self::TopK { .. } | Self::JumpRelu { .. } | Self::Gaussian { .. })
    }
}

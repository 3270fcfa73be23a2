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
}

impl Activation {
    /// Every activation, in the order of the documentation.
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
            Self::Sin | Self::Sigmoid | Self::Identity => Initialisation::Glorot { gain: 1.0 },
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
}

//! The layers that a network is a chain of.

use std::fmt;
use std::str::FromStr;

use crate::field::{Extent, Window};

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

/// A convolution, or a transposed one: the same connections and the same layout of weights, the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// The window that moves over the fine field.
    pub window: Window,
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that go out.
    pub outputs: usize,
    /// Channels are divided into so many groups, each connected with its own; as many as channels for a depthwise
    /// convolution.
    pub groups: usize,
}

/// What a pooling window makes of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// Their mean; positions outside the field do not count.
    Average,
    /// The largest; of equal ones the first has the gradient.
    Max,
}

/// How a field is brought to more positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// The value of the position whose cell it lies in: `floor(index · from / to)`, which is what PyTorch means but for the
    /// rounding of its factors.
    Nearest,
    /// Linear along each dimension between the centres of cells, constant beyond the outermost: PyTorch's `linear`,
    /// `bilinear` and `trilinear` with `align_corners=False`.
    Linear,
}

/// One layer of the chain.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// A convolution from the fine field to the coarse one; parameters `weight` `[outputs][inputs / groups][kernel…]` and
    /// `bias` `[outputs]`. As in PyTorch, the window is not mirrored.
    Convolution(Convolution),
    /// Its adjoint, from the coarse field to the fine one; parameters `weight` `[inputs][outputs / groups][kernel…]` and
    /// `bias` `[outputs]`.
    TransposedConvolution(Convolution),
    /// Each window of each channel becomes one value.
    Pool {
        /// The window.
        window: Window,
        /// Channels.
        channels: usize,
        /// What becomes of its values.
        pooling: Pooling,
    },
    /// Each channel's field is brought to more positions.
    Upsample {
        /// Channels.
        channels: usize,
        /// The field that comes in.
        from: Extent,
        /// The field that goes out.
        to: Extent,
        /// How.
        interpolation: Interpolation,
    },
    /// Normalisation of each group of channels over all its channels and positions; parameters `weight` and `bias`,
    /// `[channels]` each. Wu and He (2018), arXiv:1803.08494.
    GroupNorm {
        /// Channels.
        channels: usize,
        /// Positions.
        positions: usize,
        /// Groups.
        groups: usize,
    },
    /// Normalisation over the channels of each position; parameters `weight` and `bias`, `[channels]` each.
    ChannelNorm {
        /// Channels.
        channels: usize,
        /// Positions.
        positions: usize,
    },
    /// In training each value becomes zero with the chance `share`, the others are divided by `1 - share`; elsewhere nothing
    /// is done. Srivastava et al. (2014), JMLR 15, 1929.
    Dropout {
        /// Features.
        width: usize,
        /// The chance, at least 0 and below 1.
        share: f32,
    },
    /// The beginning of a residual block: values pass as they are, and are kept for the next [`Layer::Join`] that is not the
    /// end of a block within this one. He et al. (2015), arXiv:1512.03385.
    Fork {
        /// Features.
        width: usize,
    },
    /// The end of a residual block: what was kept at its beginning is added.
    Join {
        /// Features.
        width: usize,
    },
    /// A field of low rank: of each channel, `rank` factors along each dimension come in, one after the other, all of the
    /// first dimension before those of the second, and `y[i][j][k] = Σ_r u_r[i] v_r[j] w_r[k]` goes out. No parameters.
    OuterProduct {
        /// Channels.
        channels: usize,
        /// Terms of the sum.
        rank: usize,
        /// The field that goes out.
        extent: Extent,
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
        let field = |channels: usize, extent: Extent| channels.saturating_mul(extent.positions());
        match self {
            Self::Dense { inputs, outputs } => Some((inputs, outputs)),
            Self::Activation(_) => None,
            Self::Convolution(Convolution { window, inputs, outputs, .. }) => {
                Some((field(inputs, window.fine()), field(outputs, window.coarse())))
            }
            Self::TransposedConvolution(Convolution { window, inputs, outputs, .. }) => {
                Some((field(inputs, window.coarse()), field(outputs, window.fine())))
            }
            Self::Pool { window, channels, .. } => {
                Some((field(channels, window.fine()), field(channels, window.coarse())))
            }
            Self::Upsample { channels, from, to, .. } => Some((field(channels, from), field(channels, to))),
            Self::GroupNorm { channels, positions, .. } | Self::ChannelNorm { channels, positions } => {
                let width = channels.saturating_mul(positions);
                Some((width, width))
            }
            Self::OuterProduct { channels, rank, extent } => {
                let factors: usize = extent.sizes().iter().sum();
                Some((channels.saturating_mul(rank).saturating_mul(factors), field(channels, extent)))
            }
            Self::LayerNorm { width }
            | Self::Dropout { width, .. }
            | Self::Fork { width }
            | Self::Join { width }
            | Self::TopK { width, .. }
            | Self::JumpRelu { width }
            | Self::Variance { width } => Some((width, width)),
            Self::Gaussian { width } => Some((width.saturating_mul(2), width)),
        }
    }

    /// Fused multiply-adds of one sample on the way forward, those of products of weights alone.
    #[must_use]
    pub fn multiply_adds(self) -> u64 {
        match self {
            Self::Dense { inputs, outputs } => inputs as u64 * outputs as u64,
            Self::Convolution(Convolution { window, inputs, outputs, groups })
            | Self::TransposedConvolution(Convolution { window, inputs, outputs, groups }) => {
                (inputs / groups * outputs) as u64 * window.connections()
            }
            _ => 0,
        }
    }

    /// Features that come in; none for a layer that takes any number.
    #[must_use]
    pub fn inputs(self) -> Option<usize> {
        self.widths().map(|(inputs, _)| inputs)
    }

    /// Features that go out; none for a layer that takes any number and changes none.
    #[must_use]
    pub fn outputs(self) -> Option<usize> {
        self.widths().map(|(_, outputs)| outputs)
    }

    /// Whether it can only be the last layer of an encoder.
    pub(crate) fn ends_encoder(self) -> bool {
        matches!(self, Self::TopK { .. } | Self::JumpRelu { .. } | Self::Gaussian { .. })
    }

    /// Whether encoder and decoder can begin with it: it makes new values of those that come in.
    #[must_use]
    pub fn begins(self) -> bool {
        matches!(
            self,
            Self::Dense { .. }
                | Self::Convolution(_)
                | Self::TransposedConvolution(_)
                | Self::Pool { .. }
                | Self::Upsample { .. }
                | Self::OuterProduct { .. }
        )
    }

    /// Whether it belongs to networks of fields, which have kernels and tiles of their own.
    pub(crate) fn is_of_fields(self) -> bool {
        matches!(
            self,
            Self::GroupNorm { .. }
                | Self::ChannelNorm { .. }
                | Self::Dropout { .. }
                | Self::Fork { .. }
                | Self::Join { .. }
        ) || (self.begins() && !matches!(self, Self::Dense { .. }))
    }

    /// What is wrong with it, whatever comes before and after.
    pub(crate) fn check(self) -> Result<(), String> {
        let groups_of = |groups: usize, sizes: &[usize]| {
            if groups == 0 || sizes.iter().any(|size| size % groups != 0) {
                return Err(format!("{groups} groups do not divide its channels"));
            }
            Ok(())
        };
        match self {
            Self::Dense { inputs, outputs } if inputs == 0 || outputs == 0 => {
                Err(format!("a dense layer from {inputs} to {outputs} features"))
            }
            Self::Convolution(Convolution { inputs, outputs, .. })
            | Self::TransposedConvolution(Convolution { inputs, outputs, .. })
                if inputs == 0 || outputs == 0 =>
            {
                Err(format!("a convolution from {inputs} to {outputs} channels"))
            }
            Self::Convolution(convolution) | Self::TransposedConvolution(convolution) => {
                groups_of(convolution.groups, &[convolution.inputs, convolution.outputs])
            }
            Self::Pool { channels: 0, .. }
            | Self::Upsample { channels: 0, .. }
            | Self::ChannelNorm { channels: 0, .. }
            | Self::OuterProduct { channels: 0, .. }
            | Self::GroupNorm { channels: 0, .. } => Err("it has no channels".into()),
            Self::Pool { window, .. } if window.has_empty_places() => {
                Err("some of its windows lie wholly outside the field".into())
            }
            Self::GroupNorm { positions: 0, .. } | Self::ChannelNorm { positions: 0, .. } => {
                Err("it has no positions".into())
            }
            Self::GroupNorm { channels, groups, .. } => groups_of(groups, &[channels]),
            Self::OuterProduct { rank: 0, .. } => Err("a field of rank 0".into()),
            Self::Upsample { from, to, .. } if from.dimensions() != to.dimensions() => {
                Err(format!("a field of {from} cannot be brought to {to}"))
            }
            Self::Dropout { share, .. } if !(0.0..1.0).contains(&share) => {
                Err(format!("a share of {share} is to be dropped, which is not from 0 to below 1"))
            }
            Self::TopK { width, kept } if kept == 0 || kept > width => {
                Err(format!("{kept} of {width} latents are to be kept"))
            }
            _ => Ok(()),
        }
    }
}

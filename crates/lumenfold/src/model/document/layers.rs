//! The layers of a network in the JSON document of a model file.

use lumenfold_engine::{Activation, Convolution, Extent, Interpolation, Layer, Pooling, Window};
use serde::{Deserialize, Serialize};

/// What the ε of every normalisation is, so that readers need not know.
const EPSILON: f64 = 1e-5;

/// The longest side of a window, and the most of its positions: more would take too long to go over.
const LONGEST_WINDOW: usize = 1 << 12;

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LayerDocument {
    /// `y = weight · x + bias`; `weight` is `[outputs][inputs]`.
    Dense {
        /// Features that come in.
        inputs: usize,
        /// Features that go out.
        outputs: usize,
    },
    /// An elementwise function.
    Activation {
        /// Its name.
        function: String,
    },
    /// `weight · (x - mean) / sqrt(variance + epsilon) + bias` over the features of a sample.
    LayerNorm {
        /// Features.
        width: usize,
        /// What is added to the variance.
        epsilon: f64,
    },
    /// A convolution; `weight` is `[outputs][inputs / groups][kernel…]`. It leads from the field `size` to one of
    /// `(size + 2 padding - dilation (kernel - 1) - 1) / stride + 1` positions along each dimension, rounded down.
    Convolution(WindowDocument),
    /// Its adjoint, to the field `size`; `weight` is `[inputs][outputs / groups][kernel…]`.
    TransposedConvolution(WindowDocument),
    /// A mean or the largest value of each window of each channel; `inputs` and `outputs` are equal.
    Pool {
        /// `average` (positions outside the field do not count) or `max`.
        mode: String,
        /// The window.
        #[serde(flatten)]
        window: WindowDocument,
    },
    /// Each channel's field brought to other sizes.
    Upsample {
        /// `nearest` or `linear`.
        mode: String,
        /// Channels.
        channels: usize,
        /// The sizes of the field that comes in.
        from: Vec<usize>,
        /// Those of the field that goes out.
        to: Vec<usize>,
    },
    /// `weight · (x - mean) / sqrt(variance + epsilon) + bias` over each group of channels and all positions.
    GroupNorm {
        /// Channels.
        channels: usize,
        /// Positions.
        positions: usize,
        /// Groups.
        groups: usize,
        /// What is added to the variance.
        epsilon: f64,
    },
    /// The same over the channels of each position.
    ChannelNorm {
        /// Channels.
        channels: usize,
        /// Positions.
        positions: usize,
        /// What is added to the variance.
        epsilon: f64,
    },
    /// In training, values were zero with this chance.
    Dropout {
        /// Features.
        width: usize,
        /// The chance.
        share: f32,
    },
    /// The beginning of a residual block.
    Fork {
        /// Features.
        width: usize,
    },
    /// Its end: what its beginning had is added.
    Join {
        /// Features.
        width: usize,
    },
    /// `y[i][j][k] = Σ_r u_r[i] v_r[j] w_r[k]` for each channel.
    OuterProduct {
        /// Channels.
        channels: usize,
        /// Terms of the sum.
        rank: usize,
        /// The sizes of the field.
        size: Vec<usize>,
    },
    /// The end of an encoder: the largest values of a sample stay if they are positive, the others become zero.
    TopK {
        /// Latents.
        width: usize,
        /// How many stay.
        kept: usize,
    },
    /// The end of an encoder: values above `exp(log_threshold)` stay, the others become zero; `log_threshold` is `[width]`.
    JumpRelu {
        /// Latents.
        width: usize,
    },
    /// The end of an encoder that gives means and then logarithms of variances; the means are the code.
    Gaussian {
        /// Latents.
        width: usize,
    },
    /// The end of a decoder: values stay. `log_variance`, `[width]`, is that of scaled values about them.
    Variance {
        /// Features.
        width: usize,
    },
}

/// A window that moves over a field, and the channels on its two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowDocument {
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that go out.
    pub outputs: usize,
    /// The sizes of the field that the window moves over.
    pub size: Vec<usize>,
    /// Its positions along each dimension.
    pub kernel: Vec<usize>,
    /// Its step.
    pub stride: Vec<usize>,
    /// Positions outside the field on either side, which count as zero.
    pub padding: Vec<usize>,
    /// The distance of neighbouring positions of the window.
    pub dilation: Vec<usize>,
    /// Groups of channels.
    pub groups: usize,
}

impl From<&Layer> for LayerDocument {
    fn from(layer: &Layer) -> Self {
        match *layer {
            Layer::Dense { inputs, outputs } => Self::Dense { inputs, outputs },
            Layer::Activation(activation) => Self::Activation { function: activation.name().to_owned() },
            Layer::LayerNorm { width } => Self::LayerNorm { width, epsilon: EPSILON },
            Layer::Convolution(convolution) => Self::Convolution((&convolution).into()),
            Layer::TransposedConvolution(convolution) => Self::TransposedConvolution((&convolution).into()),
            Layer::Pool { window, channels, pooling } => {
                let mode = match pooling {
                    Pooling::Average => "average",
                    Pooling::Max => "max",
                };
                let window = Convolution { window, inputs: channels, outputs: channels, groups: 1 };
                Self::Pool { mode: mode.to_owned(), window: (&window).into() }
            }
            Layer::Upsample { channels, from, to, interpolation } => {
                let mode = match interpolation {
                    Interpolation::Nearest => "nearest",
                    Interpolation::Linear => "linear",
                };
                let (from, to) = (from.sizes().to_vec(), to.sizes().to_vec());
                Self::Upsample { mode: mode.to_owned(), channels, from, to }
            }
            Layer::GroupNorm { channels, positions, groups } => {
                Self::GroupNorm { channels, positions, groups, epsilon: EPSILON }
            }
            Layer::ChannelNorm { channels, positions } => Self::ChannelNorm { channels, positions, epsilon: EPSILON },
            Layer::Dropout { width, share } => Self::Dropout { width, share },
            Layer::Fork { width } => Self::Fork { width },
            Layer::Join { width } => Self::Join { width },
            Layer::OuterProduct { channels, rank, extent } => {
                Self::OuterProduct { channels, rank, size: extent.sizes().to_vec() }
            }
            Layer::TopK { width, kept } => Self::TopK { width, kept },
            Layer::JumpRelu { width } => Self::JumpRelu { width },
            Layer::Gaussian { width } => Self::Gaussian { width },
            Layer::Variance { width } => Self::Variance { width },
        }
    }
}

impl LayerDocument {
    /// Weights that it needs.
    pub(super) fn weights(&self) -> usize {
        match self {
            Self::Dense { inputs, outputs } => inputs.saturating_mul(*outputs),
            Self::Convolution(window) | Self::TransposedConvolution(window) => {
                let taps = window.kernel.iter().fold(1_usize, |product, size| product.saturating_mul(*size));
                let pairs = (window.inputs / window.groups.max(1)).saturating_mul(window.outputs);
                pairs.saturating_mul(taps)
            }
            Self::LayerNorm { width, .. } | Self::JumpRelu { width } | Self::Variance { width } => *width,
            Self::GroupNorm { channels, .. } | Self::ChannelNorm { channels, .. } => *channels,
            Self::Activation { .. }
            | Self::Pool { .. }
            | Self::Upsample { .. }
            | Self::Dropout { .. }
            | Self::Fork { .. }
            | Self::Join { .. }
            | Self::OuterProduct { .. }
            | Self::TopK { .. }
            | Self::Gaussian { .. } => 0,
        }
    }

    /// The layer that it is.
    pub(super) fn layer(&self) -> Result<Layer, String> {
        Ok(match self {
            Self::Dense { inputs, outputs } => Layer::Dense { inputs: *inputs, outputs: *outputs },
            Self::Activation { function } => Layer::Activation(function.parse::<Activation>()?),
            Self::LayerNorm { width, epsilon } if *epsilon == EPSILON => Layer::LayerNorm { width: *width },
            Self::LayerNorm { epsilon, .. } => return Err(format!("a layer normalisation with epsilon {epsilon}")),
            Self::Convolution(window) => Layer::Convolution(window.convolution()?),
            Self::TransposedConvolution(window) => Layer::TransposedConvolution(window.convolution()?),
            Self::Pool { mode, window } => {
                let pooling = match mode.as_str() {
                    "average" => Pooling::Average,
                    "max" => Pooling::Max,
                    other => return Err(format!("a pooling of mode \"{other}\"")),
                };
                let Convolution { window, inputs: channels, .. } = window.convolution()?;
                Layer::Pool { window, channels, pooling }
            }
            Self::Upsample { mode, channels, from, to } => {
                let interpolation = match mode.as_str() {
                    "nearest" => Interpolation::Nearest,
                    "linear" => Interpolation::Linear,
                    other => return Err(format!("an upsampling of mode \"{other}\"")),
                };
                let (from, to) = (Extent::new(from)?, Extent::new(to)?);
                Layer::Upsample { channels: *channels, from, to, interpolation }
            }
            Self::GroupNorm { channels, positions, groups, epsilon } if *epsilon == EPSILON => {
                Layer::GroupNorm { channels: *channels, positions: *positions, groups: *groups }
            }
            Self::ChannelNorm { channels, positions, epsilon } if *epsilon == EPSILON => {
                Layer::ChannelNorm { channels: *channels, positions: *positions }
            }
            Self::GroupNorm { epsilon, .. } | Self::ChannelNorm { epsilon, .. } => {
                return Err(format!("a normalisation with epsilon {epsilon}"));
            }
            Self::Dropout { width, share } => Layer::Dropout { width: *width, share: *share },
            Self::Fork { width } => Layer::Fork { width: *width },
            Self::Join { width } => Layer::Join { width: *width },
            Self::OuterProduct { channels, rank, size } => {
                Layer::OuterProduct { channels: *channels, rank: *rank, extent: Extent::new(size)? }
            }
            Self::TopK { width, kept } => Layer::TopK { width: *width, kept: *kept },
            Self::JumpRelu { width } => Layer::JumpRelu { width: *width },
            Self::Gaussian { width } => Layer::Gaussian { width: *width },
            Self::Variance { width } => Layer::Variance { width: *width },
        })
    }
}

impl From<&Convolution> for WindowDocument {
    fn from(convolution: &Convolution) -> Self {
        let Convolution { window, inputs, outputs, groups } = convolution;
        Self {
            inputs: *inputs,
            outputs: *outputs,
            size: window.fine().sizes().to_vec(),
            kernel: window.kernel().to_vec(),
            stride: window.stride().to_vec(),
            padding: window.padding().to_vec(),
            dilation: window.dilation().to_vec(),
            groups: *groups,
        }
    }
}

impl WindowDocument {
    fn convolution(&self) -> Result<Convolution, String> {
        if self.kernel.iter().any(|size| *size > LONGEST_WINDOW) {
            return Err(format!("a window of more than {LONGEST_WINDOW} positions along a dimension"));
        }
        let field = Extent::new(&self.size)?;
        let window = Window::new(field, &self.kernel, &self.stride, &self.padding, &self.dilation)?;
        Ok(Convolution { window, inputs: self.inputs, outputs: self.outputs, groups: self.groups })
    }
}

//! A network as users describe it, in TOML.
//!
//! ```toml
//! decoder = "mirror"                      # or layers, as for the encoder
//!
//! [[encoder]]
//! layer = "convolution"
//! channels = 16
//! kernel = 3                              # one number for all dimensions, or a list
//! stride = 2
//!
//! [[encoder]]
//! layer = "activation"
//! function = "silu"
//!
//! [[encoder]]
//! layer = "dense"                         # without outputs: the latent code, or at the end of a decoder the features
//! ```

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest file of a description.
const LONGEST: u64 = 1 << 20;

/// Encoder and decoder, layer by layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The layers of the encoder.
    pub encoder: Vec<Item>,
    /// Those of the decoder.
    #[serde(default)]
    pub decoder: Chain,
}

/// The layers of a decoder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chain {
    /// The mirror of the encoder.
    #[default]
    Mirror,
    /// These.
    #[serde(untagged)]
    Layers(Vec<Item>),
}

/// One number for every dimension, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sizes {
    /// The same for all dimensions.
    All(usize),
    /// The slowest dimension first.
    Each(Vec<usize>),
}

/// Positions outside the field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// Half the spread of the window on either side: with stride 1 and an odd kernel the field keeps its size.
    #[default]
    Same,
    /// So many.
    #[serde(untagged)]
    Sizes(Sizes),
}

/// What a pooling window makes of its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The largest of a window.
    Max,
    /// Its mean.
    #[default]
    Average,
    /// The nearest position's value.
    Nearest,
    /// Linear between positions.
    Linear,
}

/// One layer of a description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Item {
    /// A dense layer; a field is flattened before it.
    Dense {
        /// Features that go out; none for the latent code, or at the end of a decoder for the features of a sample.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outputs: Option<usize>,
    },
    /// A function of every value.
    Activation {
        /// Its name.
        function: String,
    },
    /// Normalisation over all features of a sample.
    LayerNorm {},
    /// Normalisation over the channels of each position.
    ChannelNorm {},
    /// Normalisation over groups of channels and all positions.
    GroupNorm {
        /// How many groups.
        groups: usize,
    },
    /// A convolution.
    Convolution {
        /// Channels that go out; none for as many as come in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channels: Option<usize>,
        /// Positions of its window.
        kernel: Sizes,
        /// The step of the window.
        #[serde(default = "one")]
        stride: Sizes,
        /// Positions outside the field.
        #[serde(default)]
        padding: Padding,
        /// The distance of neighbouring positions of the window.
        #[serde(default = "one")]
        dilation: Sizes,
        /// Groups of channels; as many as channels for a depthwise convolution.
        #[serde(default = "one_group")]
        groups: usize,
    },
    /// The adjoint of a convolution.
    TransposedConvolution {
        /// Channels that go out; none for as many as come in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channels: Option<usize>,
        /// The field that goes out; none for stride times the field that comes in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<Vec<usize>>,
        /// Positions of its window.
        kernel: Sizes,
        /// The step of the window.
        #[serde(default = "one")]
        stride: Sizes,
        /// Positions outside the field.
        #[serde(default)]
        padding: Padding,
        /// The distance of neighbouring positions of the window.
        #[serde(default = "one")]
        dilation: Sizes,
        /// Groups of channels.
        #[serde(default = "one_group")]
        groups: usize,
    },
    /// Each window becomes one value.
    Pool {
        /// `average` or `max`.
        #[serde(default)]
        mode: Mode,
        /// Positions of the window.
        kernel: Sizes,
        /// Its step; none for the kernel.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stride: Option<Sizes>,
        /// Positions outside the field.
        #[serde(default = "no_padding")]
        padding: Padding,
    },
    /// More positions, or fewer.
    Upsample {
        /// `nearest` or `linear`.
        #[serde(default = "nearest")]
        mode: Mode,
        /// The field that goes out.
        size: Vec<usize>,
    },
    /// Values that are zero by chance in training.
    Dropout {
        /// The chance.
        share: f32,
    },
    /// Layers whose values are added to what came in.
    Residual {
        /// The layers; the last gives as many values as come in.
        layers: Vec<Item>,
    },
    /// Features taken as a field, channels first.
    Reshape {
        /// Channels.
        channels: usize,
        /// The field.
        size: Vec<usize>,
    },
    /// A field of low rank, of its factors along each dimension: a dense layer without outputs before it gives as many as it
    /// needs.
    OuterProduct {
        /// Channels.
        channels: usize,
        /// Terms of the sum.
        rank: usize,
        /// The field.
        size: Vec<usize>,
    },
}

fn one() -> Sizes {
    Sizes::All(1)
}

fn one_group() -> usize {
    1
}

fn no_padding() -> Padding {
    Padding::Sizes(Sizes::All(0))
}

fn nearest() -> Mode {
    Mode::Nearest
}

impl Description {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Description`] names the file and the line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Description { path: path.display().to_string(), reason };
        let length = std::fs::metadata(path).map_err(|error| refuse(format!("cannot be read: {error}")))?.len();
        if length > LONGEST {
            return Err(refuse(format!("is no description of a network: it has more than {LONGEST} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        Self::of_text(&text).map_err(refuse)
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// The line and what is wrong there.
    ///
    /// ```
    /// use lumenfold::architecture::Description;
    /// let text = "[[encoder]]\nlayer = 'dense'\noutputs = 9\n[[encoder]]\nlayer = 'dense'";
    /// assert_eq!(Description::of_text(text)?.encoder.len(), 2);
    /// assert!(Description::of_text("[[encoder]]\nlayer = 'dens'").unwrap_err().contains("line"));
    /// # Ok::<(), String>(())
    /// ```
    pub fn of_text(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            format!("line {line}: {}", error.message())
        })
    }

    /// The description in one line: equal for equal descriptions only.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

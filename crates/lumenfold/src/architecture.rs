//! What a network looks like: dense, convolutional, or as a description says.
//!
//! A convolutional autoencoder halves the field of a sample again and again while it has more and more channels, and a dense
//! layer makes the code of what is left; the decoder is its mirror, so that its output has exactly the sample's shape, odd
//! sizes included. Whatever else is wanted a [`Description`] says, layer by layer, in TOML. [`Plan`] tells what becomes of
//! it: shapes, parameters, multiply-adds and memory, before anything is trained.
//!
//! - `flow`: layers put together one after the other, with the shape that values have between them;
//! - `mirror`: the decoder that leads back through an encoder;
//! - `convolutional`: what is built where nothing but the sample's shape is known;
//! - `description`: what users write, and `described`: the layers that it stands for.

mod convolutional;
mod described;
mod description;
mod flow;
mod mirror;
mod plan;

use std::fmt;
use std::str::FromStr;

use lumenfold_engine::Layer;
use serde::{Deserialize, Serialize};

use crate::Settings;
pub use description::{Chain, Description, Item, Mode, Padding, Sizes};
pub use plan::{Plan, PlannedLayer, shapes};

/// The network of an autoencoder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Net {
    /// Dense layers.
    #[default]
    Dense,
    /// Convolutions, as many as the shape of a sample calls for.
    #[serde(rename = "conv")]
    Convolutional,
    /// What a description says.
    Described(Box<Description>),
}

impl Net {
    /// Widths of hidden layers where none are chosen: between the features and the code, or between what the convolutions
    /// leave and the code.
    #[must_use]
    pub fn default_hidden(&self) -> Vec<usize> {
        match self {
            Self::Dense => vec![40, 40, 40, 40],
            Self::Convolutional | Self::Described(_) => Vec::new(),
        }
    }

    /// The normalisation where none is chosen.
    #[must_use]
    pub fn default_norm(&self) -> Norm {
        match self {
            Self::Dense => Norm::Layer,
            Self::Convolutional | Self::Described(_) => Norm::None,
        }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dense => formatter.pad("dense"),
            Self::Convolutional => formatter.pad("conv"),
            Self::Described(description) => formatter.pad(&description.to_text()),
        }
    }
}

/// What is normalised after each hidden layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// Nothing.
    None,
    /// The features of a hidden layer; of a field, the channels of each position.
    #[default]
    Layer,
    /// Of a field, groups of channels over all positions.
    Group,
}

impl fmt::Display for Norm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::None => "none",
            Self::Layer => "layer",
            Self::Group => "group",
        })
    }
}

impl FromStr for Norm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "layer" => Ok(Self::Layer),
            "group" => Ok(Self::Group),
            _ => Err(format!("unknown normalisation \"{text}\"; choose layer, group or none")),
        }
    }
}

/// The layers of encoder and decoder, without what the kind of autoencoder puts at their ends, for samples of a shape.
pub(crate) fn layers(settings: &Settings, shape: &[usize]) -> Result<(Vec<Layer>, Vec<Layer>), String> {
    match &settings.net {
        Net::Dense => Ok(dense(settings, shape.iter().product())),
        Net::Convolutional => convolutional::layers(settings, shape),
        Net::Described(description) => described::layers(description, settings, shape),
    }
}

fn dense(settings: &Settings, features: usize) -> (Vec<Layer>, Vec<Layer>) {
    let mut flow = flow::Flow::of_features(features);
    for width in &settings.hidden {
        flow.dense(*width);
        flow.after(settings.activation, settings.norm);
    }
    flow.dense(settings.latent);
    let decoder = mirror::decoder(&flow);
    (flow.layers(), decoder)
}

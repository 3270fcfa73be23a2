//! What a network comes to, before anything is trained.

use lumenfold_engine::{Convolution, Layer, Network, Part};

use crate::fit::memory;
use crate::{Error, Settings};

/// The layers of a network with what they cost, and what its training takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The encoder's layers, then the decoder's.
    pub layers: Vec<PlannedLayer>,
    /// How many of them are the encoder's.
    pub encoder_layers: usize,
    /// All parameters.
    pub parameters: usize,
    /// Fused multiply-adds of one sample on the way forward; training takes three times as many.
    pub multiply_adds: u64,
    /// Rows in a step.
    pub batch: usize,
    /// Bytes that training takes for parameters, their moments and copies.
    pub parameter_bytes: u64,
    /// Bytes that it takes for a batch.
    pub batch_bytes: u64,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedLayer {
    /// What it is.
    pub name: String,
    /// The shape of what it gives, features or channels × positions; empty if it keeps that of what comes in.
    pub shape: String,
    /// Its parameters.
    pub parameters: usize,
    /// Its fused multiply-adds.
    pub multiply_adds: u64,
}

impl Plan {
    /// The plan of what these settings make for samples of a shape, in batches of so many rows.
    ///
    /// # Errors
    /// The settings make no network for this shape.
    pub fn new(settings: &Settings, shape: &[usize], batch: usize) -> Result<Self, Error> {
        let network = settings.network(shape)?;
        settings.check_size(&network)?;
        Ok(Self::of(&network, settings, batch))
    }

    /// The plan of a network.
    #[must_use]
    pub fn of(network: &Network, settings: &Settings, batch: usize) -> Self {
        let encoder_layers = network.part(Part::Encoder).len();
        let mut width = network.features();
        let layers = network.layers().iter().enumerate().map(|(index, layer)| {
            let prefix = if index < encoder_layers {
                format!("encoder.{index}.")
            } else {
                format!("decoder.{}.", index - encoder_layers)
            };
            let own = network.tensors().iter().filter(|tensor| tensor.name.starts_with(&prefix));
            let (name, shape) = in_words(*layer, &mut width);
            let parameters = own.map(|tensor| tensor.range.len()).sum();
            PlannedLayer { name, shape, parameters, multiply_adds: layer.multiply_adds() }
        });
        let layers: Vec<PlannedLayer> = layers.collect();
        let all = memory::of_network(network, settings, batch);
        let parameter_bytes = memory::of_parameters(network);
        Self {
            encoder_layers,
            parameters: network.parameter_count(),
            multiply_adds: layers.iter().map(|layer| layer.multiply_adds).sum(),
            layers,
            batch,
            parameter_bytes,
            batch_bytes: all.saturating_sub(parameter_bytes),
        }
    }
}

/// The shapes of what comes into a part of a network and of what each layer makes of it, as long as it makes new values:
/// features, or channels × positions.
#[must_use]
pub fn shapes(network: &Network, part: Part) -> Vec<String> {
    let mut width = network.width(part).0;
    let mut shapes = Vec::new();
    for layer in network.part(part) {
        if shapes.is_empty() {
            shapes.push(match layer {
                Layer::Convolution(convolution) => format!("{} × {}", convolution.inputs, convolution.window.fine()),
                _ => width.to_string(),
            });
        }
        let (_, shape) = in_words(*layer, &mut width);
        if layer.begins() {
            shapes.push(shape);
        }
    }
    shapes
}

/// A layer's name and the shape of what it gives; `width` is that of what comes in, and then of what goes out.
fn in_words(layer: Layer, width: &mut usize) -> (String, String) {
    let by = |sizes: &[usize]| sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
    let of_window = |convolution: &Convolution| {
        let Convolution { window, groups, .. } = convolution;
        let mut text = by(window.kernel());
        for (what, sizes, usual) in [("stride", window.stride(), 1), ("dilation", window.dilation(), 1)] {
            if sizes.iter().any(|size| *size != usual) {
                let sizes = if sizes.iter().all(|size| *size == sizes[0]) { sizes[0].to_string() } else { by(sizes) };
                text = format!("{text}, {what} {sizes}");
            }
        }
        if *groups > 1 { format!("{text}, {groups} groups") } else { text }
    };
    let field = |channels: usize, extent: lumenfold_engine::Extent| format!("{channels} × {extent}");
    let (name, shape) = match layer {
        Layer::Dense { outputs, .. } => ("dense".to_owned(), outputs.to_string()),
        Layer::Activation(activation) => (activation.to_string(), String::new()),
        Layer::LayerNorm { .. } => ("layer norm".to_owned(), String::new()),
        Layer::Convolution(convolution) => (
            format!("convolution {}", of_window(&convolution)),
            field(convolution.outputs, convolution.window.coarse()),
        ),
        Layer::TransposedConvolution(convolution) => (
            format!("transposed convolution {}", of_window(&convolution)),
            field(convolution.outputs, convolution.window.fine()),
        ),
        Layer::Pool { window, channels, pooling } => {
            let mode = match pooling {
                lumenfold_engine::Pooling::Average => "mean",
                lumenfold_engine::Pooling::Max => "largest",
            };
            (format!("{mode} of {}", by(window.kernel())), field(channels, window.coarse()))
        }
        Layer::Upsample { channels, to, interpolation, .. } => {
            let mode = match interpolation {
                lumenfold_engine::Interpolation::Nearest => "nearest",
                lumenfold_engine::Interpolation::Linear => "linear",
            };
            (format!("upsampling, {mode}"), field(channels, to))
        }
        Layer::GroupNorm { groups, .. } => (format!("group norm, {groups} groups"), String::new()),
        Layer::ChannelNorm { .. } => ("layer norm of channels".to_owned(), String::new()),
        Layer::Dropout { share, .. } => (format!("dropout {share}"), String::new()),
        Layer::Fork { .. } => ("residual block {".to_owned(), String::new()),
        Layer::Join { .. } => ("}".to_owned(), String::new()),
        Layer::OuterProduct { channels, rank, extent } => {
            (format!("outer products, rank {rank}"), field(channels, extent))
        }
        Layer::TopK { kept, .. } => (format!("the {kept} largest"), String::new()),
        Layer::JumpRelu { .. } => ("values above thresholds".to_owned(), String::new()),
        Layer::Gaussian { width } => ("normal distribution".to_owned(), width.to_string()),
        Layer::Variance { .. } => ("variances".to_owned(), String::new()),
    };
    if let Some(outputs) = layer.outputs() {
        *width = outputs;
    }
    (name, shape)
}

//! A network: an encoder and a decoder, each a chain of layers, and the layout of their parameters.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::error::EngineError;
use crate::layer::{Activation, Convolution, Layer};
use crate::memory::LINE;

/// The number of the random stream that initial weights are drawn from.
const INITIAL_WEIGHTS_STREAM: u64 = 1;

/// The logarithm of the thresholds that training begins with: 0.1, in units of the values that a code is made of.
const INITIAL_LOG_THRESHOLD: f32 = -std::f32::consts::LN_10;

/// The longest flat parameters that can be addressed as bytes, with room for the moments.
const MOST_PARAMETERS: usize = isize::MAX as usize / 64;

/// Which half of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// From features to the latent code.
    Encoder,
    /// From the latent code to features.
    Decoder,
    /// From features to their reconstruction.
    Whole,
    /// From features to the parameters of the code's distribution: means, then logarithms of variances, where the encoder
    /// ends with [`Layer::Gaussian`]; elsewhere what comes in at the encoder's last layer if that is one for codes only, or
    /// else the code.
    Posterior,
    /// From the latent code to what the link makes features of: the decoder without an activation at its end, so logits of
    /// chances and logarithms of rates.
    Likelihood,
}

/// One tensor of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name, as PyTorch's `nn.Sequential` would call it: `encoder.0.weight`.
    pub name: String,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// Where it lies in the flat parameters.
    pub range: Range<usize>,
    /// Whether weight decay applies: to dense weights, not to biases and normalisation.
    pub decays: bool,
}

/// An encoder and a decoder, and where each parameter lies in one flat allocation.
///
/// Every tensor starts on a multiple of sixteen values; the values between tensors are zero and stay zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    layers: Vec<Layer>,
    encoder_layers: usize,
    tensors: Vec<Tensor>,
    // For each layer the index of its first tensor.
    first_tensor: Vec<usize>,
    parameter_length: usize,
}

impl Network {
    /// Puts the two chains together and lays out their parameters.
    ///
    /// # Errors
    /// [`EngineError::Architecture`] if a chain is empty, begins with a layer that makes no new values, has a width of zero
    /// or a residual block that does not end, or if two layers do not fit together.
    ///
    /// ```
    /// use lumenfold_engine::{Activation, Network};
    /// let network = Network::dense(5, &[40, 40, 40, 40], 2, Activation::Silu, true)?;
    /// assert_eq!(network.parameter_count(), 11_127);
    /// # Ok::<(), lumenfold_engine::EngineError>(())
    /// ```
    pub fn new(encoder: Vec<Layer>, decoder: Vec<Layer>) -> Result<Self, EngineError> {
        let encoder_layers = encoder.len();
        let layers: Vec<Layer> = encoder.into_iter().chain(decoder).collect();
        let error = |layer, reason: String| EngineError::Architecture { layer, reason };
        if encoder_layers == 0 || encoder_layers == layers.len() {
            return Err(error(encoder_layers, "encoder and decoder need a layer each".into()));
        }
        let mut tensors = Vec::new();
        let mut first_tensor = Vec::new();
        let mut length = 0_usize;
        let mut width = None;
        let mut forks = 0_usize;
        for (index, layer) in layers.iter().enumerate() {
            let prefix = if index < encoder_layers {
                format!("encoder.{index}")
            } else {
                format!("decoder.{}", index - encoder_layers)
            };
            first_tensor.push(tensors.len());
            let too_large = || error(index, "it has more parameters than memory can address".into());
            let mut add = |name: &str, shape: Vec<usize>, decays: bool| {
                let count = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
                let end = count.and_then(|count| length.checked_add(count)).filter(|end| *end <= MOST_PARAMETERS);
                let end = end.ok_or_else(too_large)?;
                tensors.push(Tensor { name: format!("{prefix}.{name}"), shape, range: length..end, decays });
                length = end.next_multiple_of(LINE);
                Ok::<(), EngineError>(())
            };
            if index == 0 || index == encoder_layers {
                if !layer.begins() {
                    let reason = "encoder and decoder must begin with a layer that makes new values: dense, a convolution, \
                                  pooling, upsampling or an outer product";
                    return Err(error(index, reason.into()));
                }
                if forks > 0 {
                    return Err(error(index - 1, "a residual block does not end with its encoder".into()));
                }
            }
            layer.check().map_err(|reason| error(index, reason))?;
            if let Some((takes, gives)) = layer.widths() {
                if width.is_some_and(|width| width != takes) {
                    return Err(error(index, format!("it takes {takes} features and gets {}", width.unwrap_or(0))));
                }
                width = Some(gives);
            }
            if layer.ends_encoder() && index + 1 != encoder_layers {
                return Err(error(index, "it belongs at the end of the encoder".into()));
            }
            match *layer {
                Layer::Dense { inputs, outputs } => {
                    add("weight", vec![outputs, inputs], true)?;
                    add("bias", vec![outputs], false)?;
                }
                Layer::LayerNorm { width } => {
                    add("weight", vec![width], false)?;
                    add("bias", vec![width], false)?;
                }
                Layer::Convolution(Convolution { window, inputs, outputs, groups })
                | Layer::TransposedConvolution(Convolution { window, inputs, outputs, groups }) => {
                    let transposed = matches!(layer, Layer::TransposedConvolution(_));
                    let (rows, columns) = if transposed { (inputs, outputs) } else { (outputs, inputs) };
                    let shape = [rows, columns / groups].into_iter().chain(window.kernel().iter().copied());
                    add("weight", shape.collect(), true)?;
                    add("bias", vec![outputs], false)?;
                }
                Layer::GroupNorm { channels, .. } | Layer::ChannelNorm { channels, .. } => {
                    add("weight", vec![channels], false)?;
                    add("bias", vec![channels], false)?;
                }
                Layer::Fork { .. } => forks += 1,
                Layer::Join { .. } => {
                    let end = || error(index, "it ends a residual block that has no beginning".into());
                    forks = forks.checked_sub(1).ok_or_else(end)?;
                }
                Layer::JumpRelu { width } => add("log_threshold", vec![width], false)?,
                Layer::Variance { .. } if index + 1 != layers.len() => {
                    return Err(error(index, "it belongs at the end of the decoder".into()));
                }
                Layer::Variance { width } => add("log_variance", vec![width], false)?,
                Layer::Activation(_)
                | Layer::Pool { .. }
                | Layer::Upsample { .. }
                | Layer::Dropout { .. }
                | Layer::OuterProduct { .. }
                | Layer::TopK { .. }
                | Layer::Gaussian { .. } => {}
            }
        }
        if forks > 0 {
            return Err(error(layers.len() - 1, "a residual block does not end with its decoder".into()));
        }
        let network = Self { layers, encoder_layers, tensors, first_tensor, parameter_length: length };
        if network.width(Part::Encoder).0 != network.width(Part::Decoder).1 {
            let (inputs, outputs) = (network.width(Part::Encoder).0, network.width(Part::Decoder).1);
            return Err(error(
                network.layers.len() - 1,
                format!("the decoder ends with {outputs} features, the encoder begins with {inputs}"),
            ));
        }
        Ok(network)
    }

    /// The usual dense autoencoder: `features - hidden… - latent` and its mirror, with the activation (and, if
    /// `layer_norm`, the normalisation) after every hidden layer.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn dense(
        features: usize,
        hidden: &[usize],
        latent: usize,
        activation: Activation,
        layer_norm: bool,
    ) -> Result<Self, EngineError> {
        let chain = |widths: &[usize]| {
            let mut layers = Vec::new();
            for (index, pair) in widths.windows(2).enumerate() {
                layers.push(Layer::Dense { inputs: pair[0], outputs: pair[1] });
                if index + 2 < widths.len() {
                    if activation != Activation::Identity {
                        layers.push(Layer::Activation(activation));
                    }
                    if layer_norm {
                        layers.push(Layer::LayerNorm { width: pair[1] });
                    }
                }
            }
            layers
        };
        let mut widths: Vec<usize> = std::iter::once(features).chain(hidden.iter().copied()).collect();
        widths.push(latent);
        let encoder = chain(&widths);
        widths.reverse();
        Self::new(encoder, chain(&widths))
    }

    /// All layers, the encoder's first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The layers of one part.
    #[must_use]
    pub fn part(&self, part: Part) -> &[Layer] {
        &self.layers[self.layer_range(part)]
    }

    /// Features that enter and leave a part.
    #[must_use]
    pub fn width(&self, part: Part) -> (usize, usize) {
        let mut widths = self.part(part).iter().filter_map(|layer| layer.widths());
        // `new` made sure that each part begins with a layer that has widths and that all layers fit.
        let (entrance, first_exit) = widths.next().unwrap_or_default();
        (entrance, widths.next_back().map_or(first_exit, |(_, exit)| exit))
    }

    /// Widths between the layers of a part that make new values, entrance and exit included: 5, 40, 40, 40, 40, 2.
    #[must_use]
    pub fn widths(&self, part: Part) -> Vec<usize> {
        let (entrance, exit) = self.width(part);
        let mut widths = vec![entrance];
        widths.extend(self.part(part).iter().filter_map(|layer| match layer {
            layer if layer.begins() => layer.widths().map(|(_, outputs)| outputs),
            _ => None,
        }));
        // What ends an encoder can make a code of more numbers.
        widths.pop();
        widths.push(exit);
        widths
    }

    /// Features of a sample.
    #[must_use]
    pub fn features(&self) -> usize {
        self.width(Part::Encoder).0
    }

    /// Numbers in the latent code.
    #[must_use]
    pub fn latent_dimension(&self) -> usize {
        self.width(Part::Encoder).1
    }

    /// The parameters that are learnt.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.tensors.iter().map(|tensor| tensor.range.len()).sum()
    }

    /// The tensors, in the order of the layers.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Values in the flat parameters, with the zeros between tensors.
    #[must_use]
    pub fn parameter_length(&self) -> usize {
        self.parameter_length
    }

    /// Initial parameters: uniform weights with the deviation that He or Glorot give for the activation that follows,
    /// biases zero, normalisation the identity. Each tensor has its own random stream, so the same seed and width give
    /// the same weights whatever the other layers are.
    #[must_use]
    pub fn initial_parameters(&self, seed: u64) -> Vec<f32> {
        self.initial_parameters_of_start(seed, 0)
    }

    /// As [`Network::initial_parameters`] for one of several starts with the same seed, counted from 0; start 0 has the
    /// parameters that `initial_parameters` gives.
    #[must_use]
    pub fn initial_parameters_of_start(&self, seed: u64, start: u16) -> Vec<f32> {
        let mut parameters = vec![0.0; self.parameter_length];
        for (index, layer) in self.layers.iter().enumerate() {
            let Some(tensor) = self.tensors.get(self.first_tensor[index]) else { continue };
            match *layer {
                Layer::Dense { .. } | Layer::Convolution(_) | Layer::TransposedConvolution(_) => {
                    let (inputs, outputs) = fans(*layer);
                    let limit = self.activation_after(index).gain().deviation(inputs, outputs) * 3.0_f64.sqrt();
                    let mut random = ChaCha8Rng::seed_from_u64(seed);
                    random.set_stream(INITIAL_WEIGHTS_STREAM + u64::from(start) + ((index as u64) << 32));
                    for value in &mut parameters[tensor.range.clone()] {
                        let unit = f64::from(random.next_u32()) / 4_294_967_296.0;
                        *value = ((2.0 * unit - 1.0) * limit) as f32;
                    }
                }
                Layer::LayerNorm { .. } | Layer::GroupNorm { .. } | Layer::ChannelNorm { .. } => {
                    parameters[tensor.range.clone()].fill(1.0);
                }
                Layer::JumpRelu { .. } => parameters[tensor.range.clone()].fill(INITIAL_LOG_THRESHOLD),
                Layer::Activation(_)
                | Layer::Pool { .. }
                | Layer::Upsample { .. }
                | Layer::Dropout { .. }
                | Layer::Fork { .. }
                | Layer::Join { .. }
                | Layer::OuterProduct { .. }
                | Layer::TopK { .. }
                | Layer::Gaussian { .. }
                | Layer::Variance { .. } => {}
            }
        }
        parameters
    }

    /// The activation that a layer's values come to in the same part, perhaps after a normalisation of fields; the identity
    /// if there is none.
    fn activation_after(&self, layer: usize) -> Activation {
        let end = if layer < self.encoder_layers { self.encoder_layers } else { self.layers.len() };
        let mut rest = self.layers[layer + 1..end].iter();
        match rest.find(|layer| !matches!(layer, Layer::GroupNorm { .. } | Layer::ChannelNorm { .. })) {
            Some(Layer::Activation(activation)) => *activation,
            _ => Activation::Identity,
        }
    }

    /// Whether it has layers of fields, or others that only the kernels of these networks know.
    #[must_use]
    pub fn has_fields(&self) -> bool {
        self.layers.iter().any(|layer| layer.is_of_fields())
    }

    /// Which layers belong to a part.
    pub(crate) fn layer_range(&self, part: Part) -> Range<usize> {
        match part {
            Part::Encoder => 0..self.encoder_layers,
            Part::Decoder => self.encoder_layers..self.layers.len(),
            Part::Whole => 0..self.layers.len(),
            Part::Posterior => {
                let codes = self.layers[self.encoder_layers - 1].ends_encoder();
                0..self.encoder_layers - usize::from(codes)
            }
            Part::Likelihood => {
                let mut end = self.layers.len();
                if matches!(self.layers[end - 1], Layer::Variance { .. }) {
                    end -= 1;
                }
                self.encoder_layers..end - usize::from(matches!(self.layers[end - 1], Layer::Activation(_)))
            }
        }
    }

    /// The ranges of a layer's only tensor.
    pub(crate) fn only_tensor(&self, layer: usize) -> Range<usize> {
        self.tensors[self.first_tensor[layer]].range.clone()
    }

    /// The lowest logarithm of a variance that a likelihood has; parameters below it count as this.
    pub const LOWEST_LOG_VARIANCE: f32 = crate::kernel::loss::LOWEST_LOG_VARIANCE;

    /// The parameters of the likelihood's variances, if it has any.
    pub(crate) fn log_variance(&self) -> Option<Range<usize>> {
        let last = self.layers.len() - 1;
        matches!(self.layers[last], Layer::Variance { .. }).then(|| self.only_tensor(last))
    }

    /// The ranges of a layer's two tensors, weight and bias.
    pub(crate) fn weight_and_bias(&self, layer: usize) -> (Range<usize>, Range<usize>) {
        let first = self.first_tensor[layer];
        (self.tensors[first].range.clone(), self.tensors[first + 1].range.clone())
    }
}

/// The values that each value of a layer with weights is made of, and those that it goes to, on average over a field.
fn fans(layer: Layer) -> (usize, usize) {
    match layer {
        Layer::Convolution(Convolution { window, inputs, outputs, groups })
        | Layer::TransposedConvolution(Convolution { window, inputs, outputs, groups }) => {
            let stride: usize = window.stride().iter().product();
            // Along the coarse side a window has all its taps, along the fine side a share of them.
            let (coarse, fine) = (window.taps(), window.taps().div_ceil(stride));
            let transposed = matches!(layer, Layer::TransposedConvolution(_));
            let (taps_in, taps_out) = if transposed { (fine, coarse) } else { (coarse, fine) };
            (inputs / groups * taps_in, outputs / groups * taps_out)
        }
        layer => layer.widths().unwrap_or((1, 1)),
    }
}

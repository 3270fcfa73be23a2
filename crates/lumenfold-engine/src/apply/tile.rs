//! One tile of samples after another, for callers whose samples lie in columns.

use crate::error::EngineError;
use crate::inference::{Inference, Tile};
use crate::kernel::TILE;
use crate::network::{Network, Part};
use crate::simd::InstructionSet;

/// Tiles of samples through a part of a network, in memory that one thread owns. The results of a sample are those of
/// [`apply`](super::apply()), bit for bit.
///
/// ```
/// use lumenfold_engine::{Activation, InstructionSet, Network, Part, TilePass};
///
/// let network = Network::dense(2, &[4], 1, Activation::Silu, true)?;
/// let parameters = network.initial_parameters(0);
/// let mut pass = TilePass::new(&network, &parameters, Part::Encoder, InstructionSet::best())?;
/// // The second feature of the first sample.
/// pass.input()[TilePass::SAMPLES] = 0.5;
/// assert!(pass.run()[0].is_finite());
/// # Ok::<(), lumenfold_engine::EngineError>(())
/// ```
pub struct TilePass {
    inference: Inference,
    tile: Tile,
    inputs: usize,
    outputs: usize,
}

impl TilePass {
    /// Samples in a tile.
    pub const SAMPLES: usize = TILE;

    /// Memory for a tile on its way through a part of a network.
    ///
    /// # Errors
    /// [`EngineError::Length`] if the parameters are not those of the network; [`EngineError::Architecture`] for a network of
    /// fields.
    pub fn new(network: &Network, parameters: &[f32], part: Part, set: InstructionSet) -> Result<Self, EngineError> {
        if network.has_fields() {
            let reason = "networks of fields are applied by layers".to_owned();
            return Err(EngineError::Architecture { layer: 0, reason });
        }
        let (inputs, outputs) = network.width(part);
        super::check_length("the flat parameters", network.parameter_length(), parameters.len())?;
        let inference = Inference::new(network, parameters, network.layer_range(part), set);
        let tile = inference.tile();
        Ok(Self { inference, tile, inputs: inputs * TILE, outputs: outputs * TILE })
    }

    /// The input tile, `[features of the part's entrance][SAMPLES]`: what was put there last, zero at first.
    pub fn input(&mut self) -> &mut [f32] {
        &mut self.tile.input()[..self.inputs]
    }

    /// Computes the output tile, `[features of the part's exit][SAMPLES]`.
    pub fn run(&mut self) -> &[f32] {
        self.inference.forward(&mut self.tile);
        &self.tile.output()[..self.outputs]
    }
}

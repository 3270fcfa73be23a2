//! The network as rows of a block pass through it, with the memory for it.
//!
//! Columns go straight into the tiles of a small network and come straight out of them. A wide network takes all rows of
//! a piece at once, so that its weights are read once for all of them, and shares them between the engine's threads.

use std::num::NonZeroUsize;

use lumenfold_engine::{InstructionSet, Part, TilePass, applies_by_layers};

use crate::blind_spots::BlindSpots;
use crate::{Autoencoder, Error};

/// Samples on their way into a network or out of it: feature `f` of sample `s` is at `f * feature + s * sample`.
pub(super) struct Strided<V> {
    pub(super) values: V,
    pub(super) feature: usize,
    pub(super) sample: usize,
}

/// A part of a network for the rows of one thread.
pub(super) enum Network<'a> {
    Tiles(TilePass),
    /// With blind spots: the tile is filled here and passes several times.
    Hidden(Hidden),
    Rows(Wide<'a>),
}

/// A small network with blind spots, and the tiles that come in and go out: `[features][SAMPLES]`.
pub(super) struct Hidden {
    tiles: TilePass,
    blind_spots: BlindSpots,
    inputs: Vec<f32>,
    outputs: Vec<f32>,
}

/// A wide network and its rows: `[rows][features]`.
pub(super) struct Wide<'a> {
    autoencoder: &'a Autoencoder,
    part: Part,
    threads: NonZeroUsize,
    inputs: Vec<f32>,
    outputs: Vec<f32>,
}

/// Whether threads share each layer of a model instead of taking rows of their own.
pub(crate) fn is_wide(autoencoder: &Autoencoder) -> bool {
    applies_by_layers(&autoencoder.network)
}

impl<'a> Network<'a> {
    /// `threads` are those of the engine, for a wide network.
    pub(super) fn new(
        autoencoder: &'a Autoencoder,
        part: Part,
        set: InstructionSet,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        if is_wide(autoencoder) {
            let (inputs, outputs) = (Vec::new(), Vec::new());
            return Ok(Self::Rows(Wide { autoencoder, part, threads, inputs, outputs }));
        }
        let tiles = TilePass::new(&autoencoder.network, &autoencoder.parameters, part, set)?;
        Ok(match autoencoder.blind_spots.filter(|_| part == Part::Whole) {
            None => Self::Tiles(tiles),
            Some(blind_spots) => {
                let [inputs, outputs] = [(); 2].map(|()| vec![0.0; autoencoder.features.len() * TilePass::SAMPLES]);
                Self::Hidden(Hidden { tiles, blind_spots, inputs, outputs })
            }
        })
    }

    /// Rows that can pass together.
    pub(super) fn most_rows(&self) -> usize {
        match self {
            Self::Tiles(_) | Self::Hidden(_) => TilePass::SAMPLES,
            Self::Rows(_) => usize::MAX,
        }
    }

    /// Where so many rows are to be put.
    pub(super) fn inputs(&mut self, rows: usize) -> Strided<&mut [f32]> {
        match self {
            Self::Tiles(tiles) => Strided { values: tiles.input(), feature: TilePass::SAMPLES, sample: 1 },
            Self::Hidden(hidden) => Strided { values: &mut hidden.inputs, feature: TilePass::SAMPLES, sample: 1 },
            Self::Rows(wide) => {
                let (width, exit) = wide.autoencoder.network.width(wide.part);
                wide.inputs.resize(rows * width, 0.0);
                wide.outputs.resize(rows * exit, 0.0);
                Strided { values: &mut wide.inputs, feature: 1, sample: width }
            }
        }
    }

    /// What becomes of them.
    pub(super) fn run(&mut self) -> Result<Strided<&[f32]>, Error> {
        match self {
            Self::Tiles(tiles) => Ok(Strided { values: tiles.run(), feature: TilePass::SAMPLES, sample: 1 }),
            Self::Hidden(hidden) => Ok(Strided { values: hidden.run(), feature: TilePass::SAMPLES, sample: 1 }),
            Self::Rows(Wide { autoencoder, part, threads, inputs, outputs }) => {
                autoencoder.apply(*part, inputs, outputs, *threads)?;
                Ok(Strided { values: outputs, feature: 1, sample: autoencoder.network.width(*part).1 })
            }
        }
    }
}

impl Hidden {
    fn run(&mut self) -> &[f32] {
        const TILE: usize = TilePass::SAMPLES;
        for hidden in self.blind_spots.passes(self.inputs.len() / TILE) {
            let seen = self.tiles.input();
            seen.copy_from_slice(&self.inputs);
            hidden.clone().for_each(|feature| seen[feature * TILE..(feature + 1) * TILE].fill(0.0));
            let result = self.tiles.run();
            for feature in hidden {
                let place = feature * TILE..(feature + 1) * TILE;
                self.outputs[place.clone()].copy_from_slice(&result[place]);
            }
        }
        &self.outputs
    }
}

//! The way forward.

use std::ops::Range;

use super::{KeptShared, Layers, Member, OUTPUT_BLOCK, samples_of};
use crate::barrier::Broken;
use crate::codes::Codes;
use crate::kernel::dense::{Begin, End, Matrix, product};
use crate::kernel::gather::clear_lanes;
use crate::kernel::{activation, normalised, selection};
use crate::memory::Shared;
use crate::pass::tile_length;
use crate::stage::Stage;

/// Columns of the weights that are taken at a time: their part of a tile stays in the first cache while all tiles and
/// a block of rows meet it.
const COLUMN_PANEL: usize = 128;

impl<const TILE: usize> Layers<'_, TILE> {
    /// Through some stages, `samples` in all. All threads call it and leave it together. `codes` is what training draws for
    /// them; which latents of sparse codes it chooses is not decided here.
    pub(crate) fn forward(
        &self,
        member: Member<'_>,
        parameters: &Shared<'_, f32>,
        samples: usize,
        codes: Option<Codes>,
        range: Range<usize>,
    ) -> Result<(), Broken> {
        // SAFETY: parameters are written in phases that barriers keep apart.
        let parameters = unsafe { parameters.read(0..parameters.len()) };
        let tiles = samples.div_ceil(TILE);
        let mut current = self.values_before(range.start);
        for index in range {
            let (stage, kept) = (&self.stages[index], &self.kept[index]);
            match stage {
                Stage::Dense { inputs, outputs, weight, bias } => {
                    let layer = Dense {
                        layers: self,
                        inputs: *inputs,
                        outputs: *outputs,
                        weight: &parameters[weight.clone()],
                        bias: &parameters[bias.clone()],
                        current,
                        samples,
                    };
                    layer.forward(member);
                    current += 1;
                }
                Stage::Code { width } => {
                    if let Some(ordered) = codes.and_then(|codes| codes.ordered) {
                        for tile in member.share(tiles) {
                            // SAFETY: a tile belongs to one thread in this phase.
                            ordered.truncate::<TILE>(tile * TILE, *width, unsafe { self.tile(current, *width, tile) });
                        }
                    }
                }
                Stage::TopK { width, kept } => {
                    for tile in member.share(if self.learns { 0 } else { tiles }) {
                        // SAFETY: as above.
                        selection::keep_largest::<TILE>(
                            *width,
                            *kept,
                            unsafe { self.tile(current, *width, tile) },
                            None,
                        );
                    }
                }
                Stage::JumpRelu { width, log_threshold } => {
                    let thresholds = selection::thresholds(&parameters[log_threshold.clone()]);
                    for tile in member.share(if self.learns { 0 } else { tiles }) {
                        // SAFETY: as above.
                        selection::keep_above::<TILE>(&thresholds, unsafe { self.tile(current, *width, tile) });
                    }
                }
                Stage::Gaussian { width } => {
                    for tile in member.share(tiles) {
                        let place = (tile * TILE, samples_of::<TILE>(tile, samples));
                        let range = tile * width * TILE..(tile + 1) * width * TILE;
                        // SAFETY: as above.
                        unsafe {
                            let distribution = &*self.tile(current, 2 * width, tile);
                            let code = self.tile(current + 1, *width, tile);
                            match codes.and_then(|codes| codes.posterior) {
                                Some(posterior) => {
                                    let slope = kept.slope.write(range);
                                    let divergence = posterior.draw::<TILE>(place, *width, distribution, code, slope);
                                    self.divergences.set(tile, divergence);
                                }
                                None => code[..width * TILE].copy_from_slice(&distribution[..width * TILE]),
                            }
                        }
                    }
                    current += 1;
                }
                Stage::Activation { kind, width } => {
                    for tile in member.share(tiles) {
                        let range = tile * width * TILE..(tile + 1) * width * TILE;
                        // SAFETY: a tile belongs to one thread in this phase.
                        unsafe {
                            let values = self.tile(current, *width, tile);
                            let slope = if self.learns { Some(kept.slope.write(range)) } else { None };
                            activation::forward(self.set, *kind, &mut values[..width * TILE], slope);
                        }
                    }
                }
                Stage::Convolution { plan, weight, bias } => {
                    let of_layer = (&parameters[weight.clone()], &parameters[bias.clone()]);
                    self.convolve(member, plan, of_layer, (current, index), tiles);
                    current += 1;
                }
                Stage::Positions { channels, map } => {
                    self.map_forward(member, &map.forward, *channels, current, tiles);
                    current += 1;
                }
                Stage::MaxPool { channels, window } => {
                    self.pool_forward(member, &window[0], *channels, (current, index), tiles);
                    current += 1;
                }
                Stage::OuterProduct { channels, rank, extent } => {
                    self.outer_forward(member, (*channels, *rank, *extent), current, tiles);
                    current += 1;
                }
                Stage::FieldNorm { norm, scale, shift } => {
                    let affine = (&parameters[scale.clone()], &parameters[shift.clone()]);
                    self.field_norm(member, *norm, affine, (current, index), tiles);
                }
                Stage::Dropout { width, share, number } => {
                    if let Some(codes) = codes {
                        let how = (*width, *share, *number);
                        self.dropout(member, (current, index), how, codes.drops, tiles);
                    }
                }
                Stage::Fork { width, depth } => self.fork(member, current, (*width, *depth), tiles),
                Stage::Join { width, depth } => self.join(member, current, (*width, *depth), tiles),
                Stage::Normalised { activation, width, scale, shift } => {
                    let affine = (&parameters[scale.clone()], &parameters[shift.clone()]);
                    for tile in member.share(tiles) {
                        // SAFETY: as above.
                        unsafe {
                            let values = self.tile(current, *width, tile);
                            let kept = if self.learns { Some(kept.of_tile::<TILE>(tile, *width)) } else { None };
                            normalised::forward::<TILE>(self.set, *activation, affine, values, kept);
                        }
                    }
                }
            }
            member.meet()?;
        }
        Ok(())
    }

    /// A tile of the values after so many dense layers.
    ///
    /// # Safety
    /// No other thread touches it while the result lives.
    #[expect(clippy::mut_from_ref, reason = "the phases of a step hand out each tile to one thread")]
    pub(super) unsafe fn tile(&self, values: usize, width: usize, tile: usize) -> &mut [f32] {
        let length = tile_length::<TILE>(width);
        // SAFETY: the caller's promise.
        unsafe { self.values[values].write(tile * length..(tile + 1) * length) }
    }
}

impl KeptShared<'_> {
    /// # Safety
    /// No other thread touches this tile while the result lives.
    unsafe fn of_tile<const TILE: usize>(&self, tile: usize, width: usize) -> normalised::Kept<'_> {
        let range = tile * width * TILE..(tile + 1) * width * TILE;
        // SAFETY: the caller's promise.
        unsafe {
            normalised::Kept {
                activated: self.activated.write(range.clone()),
                slope: self.slope.write(range),
                statistics: self.statistics.write(2 * tile * TILE..2 * (tile + 1) * TILE),
            }
        }
    }
}

/// One dense layer on all tiles.
struct Dense<'a, const TILE: usize> {
    layers: &'a Layers<'a, TILE>,
    inputs: usize,
    outputs: usize,
    weight: &'a [f32],
    bias: &'a [f32],
    current: usize,
    samples: usize,
}

impl<const TILE: usize> Dense<'_, TILE> {
    /// Tasks are blocks of outputs; where these are too few for the threads, blocks of outputs of single tiles.
    fn forward(&self, member: Member<'_>) {
        let tiles = self.samples.div_ceil(TILE);
        let blocks = self.outputs.div_ceil(OUTPUT_BLOCK);
        let parts = if blocks >= 4 * member.threads { 1 } else { tiles };
        for task in member.share(blocks * parts) {
            let (block, part) = (task / parts, task % parts);
            let outputs = block * OUTPUT_BLOCK..self.outputs.min((block + 1) * OUTPUT_BLOCK);
            self.block(outputs, tiles * part / parts..tiles * (part + 1) / parts);
        }
    }

    fn block(&self, outputs: Range<usize>, tiles: Range<usize>) {
        let (length_in, length_out) = (tile_length::<TILE>(self.inputs), tile_length::<TILE>(self.outputs));
        for start in (0..self.inputs).step_by(COLUMN_PANEL) {
            let columns = COLUMN_PANEL.min(self.inputs - start);
            let weights = Matrix {
                values: &self.weight[outputs.start * self.inputs + start..],
                row_stride: self.inputs,
                column_stride: 1,
                rows: outputs.len(),
                columns,
            };
            let begin = if start == 0 { Begin::Zero } else { Begin::Continue };
            let is_last = start + columns == self.inputs;
            let end = if is_last { End::Bias(&self.bias[outputs.clone()]) } else { End::Nothing };
            for tile in tiles.clone() {
                let first = tile * length_in + start * TILE;
                let target = tile * length_out;
                let samples = samples_of::<TILE>(tile, self.samples);
                // SAFETY: inputs are only read in this phase; these outputs of this tile belong to one thread.
                unsafe {
                    let x = self.layers.values[self.current].read(first..first + columns * TILE);
                    let range = target + outputs.start * TILE..target + outputs.end * TILE;
                    let y = self.layers.values[self.current + 1].write(range);
                    product::<TILE>(self.layers.set, weights, begin, end, x, y, samples);
                    clear_lanes::<TILE>(samples, y);
                }
            }
        }
    }
}

//! The way back.

use std::ops::Range;

use super::{Layers, Member, OUTPUT_BLOCK, RunningSums, samples_of};
use crate::kernel::code::Code;
use crate::kernel::dense::{Begin, End, Matrix, product};
use crate::kernel::gather::clear_lanes;
use crate::kernel::posterior::Posterior;
use crate::kernel::transpose::transpose;
use crate::kernel::weight_gradient::{PANEL, panel_gradient};
use crate::kernel::{activation, normalised, sums};
use crate::memory::Buffer;
use crate::pass::tile_length;
use crate::stage::Stage;

/// Inputs in a task of the input gradient, and outputs whose weights it takes at a time: the block is packed, so that
/// its rows, which are far apart in the matrix, become neighbours.
const INPUT_BLOCK: usize = 128;
const PACKED_ROWS: usize = 64;

/// The most panels of inputs in a task of the weight gradient, and the transposed values that may lie ready for it.
const MOST_PANELS: usize = 4;
const READY_VALUES: usize = 1 << 17;

/// The memory of one thread for gradients.
pub(crate) struct GradientScratch {
    // [PACKED_ROWS][INPUT_BLOCK]
    packed: Buffer,
    // [tiles][panels][TILE][PANEL] of the block of inputs that `ready` names
    transposed: Buffer,
    ready: Option<(usize, usize)>,
    // [OUTPUT_BLOCK][panels * PANEL]
    block: Buffer,
    bias: [f32; OUTPUT_BLOCK],
    // Of a convolution.
    pub(crate) running: RunningSums,
}

impl Default for GradientScratch {
    fn default() -> Self {
        Self {
            packed: Buffer::zeroed(PACKED_ROWS * INPUT_BLOCK),
            transposed: Buffer::default(),
            ready: None,
            block: Buffer::zeroed(OUTPUT_BLOCK * MOST_PANELS * PANEL),
            bias: [0.0; OUTPUT_BLOCK],
            running: RunningSums::default(),
        }
    }
}

impl<const TILE: usize> Layers<'_, TILE> {
    /// The gradient of a dense layer's input, for all tiles, from that of its output. `from` says which of the two
    /// gradients holds the latter.
    pub(crate) fn input_gradient(
        &self,
        member: Member<'_>,
        (outputs, inputs): (usize, usize),
        weight: &[f32],
        from: usize,
        samples: usize,
        scratch: &mut GradientScratch,
    ) {
        let tiles = samples.div_ceil(TILE);
        let blocks = inputs.div_ceil(INPUT_BLOCK);
        let parts = if blocks >= 4 * member.threads { 1 } else { tiles };
        let (length_in, length_out) = (tile_length::<TILE>(inputs), tile_length::<TILE>(outputs));
        for task in member.share(blocks * parts) {
            let (block, part) = (task / parts, task % parts);
            let range = block * INPUT_BLOCK..inputs.min((block + 1) * INPUT_BLOCK);
            for start in (0..outputs).step_by(PACKED_ROWS) {
                let rows = PACKED_ROWS.min(outputs - start);
                for row in 0..rows {
                    let source = (start + row) * inputs;
                    scratch.packed[row * INPUT_BLOCK..][..range.len()]
                        .copy_from_slice(&weight[source + range.start..source + range.end]);
                }
                let weights = Matrix {
                    values: &scratch.packed,
                    row_stride: 1,
                    column_stride: INPUT_BLOCK,
                    rows: range.len(),
                    columns: rows,
                };
                let begin = if start == 0 { Begin::Zero } else { Begin::Continue };
                for tile in tiles * part / parts..tiles * (part + 1) / parts {
                    let first = tile * length_out + start * TILE;
                    let target = tile * length_in;
                    let samples = samples_of::<TILE>(tile, samples);
                    // SAFETY: the output's gradient is only read in this phase; these inputs of this tile belong to one
                    // thread.
                    unsafe {
                        let dy = self.gradients[from].read(first..first + rows * TILE);
                        let dx = target + range.start * TILE..target + range.end * TILE;
                        let dx = self.gradients[1 - from].write(dx);
                        product::<TILE>(self.set, weights, begin, End::Nothing, dy, dx, samples);
                        clear_lanes::<TILE>(samples, dx);
                    }
                }
            }
        }
    }

    /// Back through what was done to the codes, in place.
    pub(crate) fn code_backward(&self, member: Member<'_>, code: Code, width: usize, at: usize, samples: usize) {
        for tile in member.share(samples.div_ceil(TILE)) {
            // SAFETY: a tile belongs to one thread in this phase.
            code.truncate::<TILE>(tile * TILE, width, unsafe { self.gradient(at, width, tile) });
        }
    }

    /// Back through the draw of the codes: from the gradient of the code to that of its distribution, which goes to the
    /// other of the two gradients. `at` are the values that the distribution is in.
    pub(crate) fn posterior_backward(
        &self,
        member: Member<'_>,
        (stage, at): (usize, usize),
        (posterior, factor): (Posterior, f32),
        (width, from): (usize, usize),
        samples: usize,
    ) {
        for tile in member.share(samples.div_ceil(TILE)) {
            // SAFETY: a tile belongs to one thread in this phase.
            unsafe {
                let slope = self.kept[stage].slope.read(tile * width * TILE..(tile + 1) * width * TILE);
                let drawn = (&*self.tile(at, 2 * width, tile), slope);
                let (of_code, gradient) = (self.gradient(from, width, tile), self.gradient(1 - from, 2 * width, tile));
                posterior.backward::<TILE>(samples_of::<TILE>(tile, samples), width, drawn, of_code, gradient, factor);
            }
        }
    }

    /// Back through an activation, in place.
    pub(crate) fn activation_backward(
        &self,
        member: Member<'_>,
        stage: usize,
        width: usize,
        at: usize,
        samples: usize,
    ) {
        for tile in member.share(samples.div_ceil(TILE)) {
            // SAFETY: a tile belongs to one thread in this phase.
            unsafe {
                let slope = self.kept[stage].slope.read(tile * width * TILE..(tile + 1) * width * TILE);
                activation::backward(self.set, slope, &mut self.gradient(at, width, tile)[..width * TILE]);
            }
        }
    }

    /// Back through a normalisation and the activation before it, in place; leaves the gradients of scale and shift of
    /// each tile for [`Layers::affine_parts`].
    pub(crate) fn normalised_backward(
        &self,
        member: Member<'_>,
        stage: usize,
        scale: &[f32],
        at: usize,
        samples: usize,
    ) {
        let width = scale.len();
        let padded = width.next_multiple_of(16);
        for tile in member.share(samples.div_ceil(TILE)) {
            let range = tile * width * TILE..(tile + 1) * width * TILE;
            let kept = &self.kept[stage];
            // SAFETY: a tile belongs to one thread in this phase, and so do its gradients of scale and shift.
            unsafe {
                let left = normalised::Left {
                    activated: kept.activated.read(range.clone()),
                    slope: kept.slope.read(range),
                    statistics: kept.statistics.read(2 * tile * TILE..2 * (tile + 1) * TILE),
                };
                let affine = self.affine.write(tile * 2 * padded..(tile + 1) * 2 * padded);
                let (scale_gradient, shift_gradient) = affine.split_at_mut(padded);
                let gradients = (&mut scale_gradient[..width], &mut shift_gradient[..width]);
                normalised::backward::<TILE>(self.set, scale, left, self.gradient(at, width, tile), gradients, false);
            }
        }
    }

    /// The gradients of scale (or shift) that the tiles left: `[tiles][stride]`, with the stride.
    ///
    /// # Safety
    /// No thread goes back through a normalisation while the result lives.
    pub(crate) unsafe fn affine_parts(&self, width: usize, shift: bool, samples: usize) -> (&[f32], usize) {
        let padded = width.next_multiple_of(16);
        let offset = if shift { padded } else { 0 };
        // SAFETY: the caller's promise.
        (unsafe { self.affine.read(offset..samples.div_ceil(TILE) * 2 * padded) }, 2 * padded)
    }

    /// # Safety
    /// No other thread touches the tile while the result lives.
    #[expect(clippy::mut_from_ref, reason = "the phases of a step hand out each tile to one thread")]
    pub(super) unsafe fn gradient(&self, at: usize, width: usize, tile: usize) -> &mut [f32] {
        let length = tile_length::<TILE>(width);
        // SAFETY: the caller's promise.
        unsafe { self.gradients[at].write(tile * length..(tile + 1) * length) }
    }
}

/// The gradients of a dense layer's weights and biases, block by block: tasks for threads.
pub(crate) struct WeightTasks<'a, const TILE: usize> {
    layers: &'a Layers<'a, TILE>,
    outputs: usize,
    inputs: usize,
    // Which values are the layer's input, and which of the two gradients is that of its output.
    current: usize,
    from: usize,
    samples: usize,
    panels: usize,
}

impl<'a, const TILE: usize> WeightTasks<'a, TILE> {
    pub(crate) fn new(
        layers: &'a Layers<'a, TILE>,
        stage: &Stage,
        current: usize,
        from: usize,
        samples: usize,
    ) -> Option<Self> {
        let Stage::Dense { inputs, outputs, .. } = *stage else { return None };
        let panels = (READY_VALUES / (samples.div_ceil(TILE) * TILE * PANEL)).clamp(1, MOST_PANELS);
        Some(Self { layers, outputs, inputs, current, from, samples, panels })
    }

    fn output_blocks(&self) -> usize {
        self.outputs.div_ceil(OUTPUT_BLOCK)
    }

    /// How many tasks there are. Neighbours share their inputs.
    pub(crate) fn count(&self) -> usize {
        self.output_blocks() * self.inputs.div_ceil(self.panels * PANEL)
    }

    /// One task: for each row of the block `take` is told where the gradient of its weights belongs, as an offset within
    /// the layer's weights, and what it is; and once for the biases of a block of outputs.
    pub(crate) fn run(
        &self,
        task: usize,
        scratch: &mut GradientScratch,
        mut take_weights: impl FnMut(usize, &mut [f32]),
        mut take_biases: impl FnMut(usize, &[f32]),
    ) {
        let (input_block, output_block) = (task / self.output_blocks(), task % self.output_blocks());
        let width = self.panels * PANEL;
        let inputs = input_block * width..self.inputs.min((input_block + 1) * width);
        let outputs = output_block * OUTPUT_BLOCK..self.outputs.min((output_block + 1) * OUTPUT_BLOCK);
        self.make_ready(input_block, inputs.clone(), scratch);
        let tiles = self.samples.div_ceil(TILE);
        for tile in 0..tiles {
            let dy = self.output_gradient(tile, outputs.clone());
            for (panel, start) in inputs.clone().step_by(PANEL).enumerate() {
                let at = (tile * self.panels + panel) * TILE * PANEL;
                panel_gradient::<TILE>(
                    self.layers.set,
                    (outputs.len(), PANEL.min(inputs.end - start)),
                    dy,
                    &scratch.transposed[at..at + TILE * PANEL],
                    samples_of::<TILE>(tile, self.samples),
                    &mut scratch.block[panel * PANEL..],
                    width,
                    tile > 0,
                );
            }
        }
        for (row, output) in outputs.clone().enumerate() {
            take_weights(output * self.inputs + inputs.start, &mut scratch.block[row * width..][..inputs.len()]);
        }
        if input_block == 0 {
            let bias = &mut scratch.bias[..outputs.len()];
            for tile in 0..tiles {
                sums::sum_over_samples::<TILE>(
                    self.layers.set,
                    self.output_gradient(tile, outputs.clone()),
                    bias,
                    tile > 0,
                );
            }
            take_biases(outputs.start, bias);
        }
    }

    fn output_gradient(&self, tile: usize, outputs: Range<usize>) -> &[f32] {
        let start = tile * tile_length::<TILE>(self.outputs);
        let range = start + outputs.start * TILE..start + outputs.end * TILE;
        // SAFETY: the output's gradient is only read in this phase.
        unsafe { self.layers.gradients[self.from].read(range) }
    }

    /// Transposes a block of inputs, unless it lies ready from the task before.
    fn make_ready(&self, block: usize, inputs: Range<usize>, scratch: &mut GradientScratch) {
        let tiles = self.samples.div_ceil(TILE);
        let length = tiles * self.panels * TILE * PANEL;
        if scratch.transposed.len() < length {
            scratch.transposed = Buffer::zeroed(length);
        }
        if scratch.ready == Some((self.current, block)) {
            return;
        }
        for tile in 0..tiles {
            let first = tile * tile_length::<TILE>(self.inputs);
            for (panel, start) in inputs.clone().step_by(PANEL).enumerate() {
                let rows = PANEL.min(inputs.end - start).next_multiple_of(16);
                // SAFETY: the layer's input is only read in this phase.
                let x = unsafe {
                    self.layers.values[self.current].read(first + start * TILE..first + (start + rows) * TILE)
                };
                let at = (tile * self.panels + panel) * TILE * PANEL;
                transpose::<TILE>(self.layers.set, rows, x, &mut scratch.transposed[at..at + TILE * PANEL], PANEL);
            }
        }
        scratch.ready = Some((self.current, block));
    }
}

impl GradientScratch {
    /// The values of the batch have changed: nothing lies ready any more.
    pub(crate) fn forget(&mut self) {
        self.ready = None;
    }
}

//! Convolutions and their adjoints.

use std::ops::Range;

use super::super::{Layers, Member};
use crate::kernel::activation;
use crate::kernel::field::places::activate;
use crate::kernel::field::product::{Weights, product};
use crate::kernel::field::weights::{Sides, add_products, fold};
use crate::kernel::sums::sum_of_values;
use crate::memory::Buffer;
use crate::pass::tile_length;
use crate::stage::{ConvolutionPlan, Pieces};

/// Values in a task of the activation's derivative.
const SLOPES: usize = 1 << 14;

/// The running sums of one thread for a block of weights: `[rows][columns][taps][TILE]`.
#[derive(Default)]
pub(crate) struct RunningSums(Buffer);

impl RunningSums {
    fn zeroed(&mut self, length: usize) -> &mut [f32] {
        if self.0.len() < length {
            self.0 = Buffer::zeroed(length);
        }
        let sums = &mut self.0[..length];
        sums.fill(0.0);
        sums
    }
}

/// Which way a product of fields leads.
#[derive(Clone, Copy)]
struct Way<'a> {
    pieces: &'a Pieces,
    // Channels that come in and go out.
    inputs: usize,
    outputs: usize,
    // Whether from the fine field to the coarse one.
    down: bool,
}

impl<const TILE: usize> Layers<'_, TILE> {
    /// From values to those after the convolution and its activation.
    pub(crate) fn convolve(
        &self,
        member: Member<'_>,
        plan: &ConvolutionPlan,
        (weight, bias): (&[f32], &[f32]),
        (current, stage): (usize, usize),
        tiles: usize,
    ) {
        let way = Way { pieces: &plan.forward, inputs: plan.inputs, outputs: plan.outputs, down: !plan.transposed };
        let connections = &way.pieces.connections;
        let (channel_in, channel_out) = (connections.sources * TILE, connections.targets * TILE);
        let (length_in, length_out) = (tile_length::<TILE>(plan.width_in()), tile_length::<TILE>(plan.width_out()));
        for task in way.pieces.share(tiles, member.thread, member.threads) {
            let (tile, piece) = (task / way.pieces.pieces.len(), task % way.pieces.pieces.len());
            let piece = &way.pieces.pieces[piece];
            // SAFETY: inputs are only read in this phase; these places of this tile belong to one thread.
            unsafe {
                let x = self.values[current].read(tile * length_in..tile * length_in + plan.inputs * channel_in);
                let y = tile * length_out..tile * length_out + plan.outputs * channel_out;
                let y = self.values[current + 1].pointer(y);
                for group in 0..plan.groups {
                    let inputs = plan.inputs / plan.groups;
                    let outputs = plan.outputs / plan.groups;
                    let x = &x[group * inputs * channel_in..(group + 1) * inputs * channel_in];
                    let bias = &bias[group * outputs..(group + 1) * outputs];
                    let y = y.add(group * outputs * channel_out);
                    product(self.set, connections, piece, of_group(plan, way, weight, group), Some(bias), x, y);
                }
                if let Some(activation) = plan.activation {
                    let places = &connections.classes[piece.class].places[piece.places.clone()];
                    let slope = self.learns.then(|| {
                        let width = plan.outputs * channel_out;
                        self.kept[stage].slope.pointer(tile * width..(tile + 1) * width)
                    });
                    activate(self.set, activation, places, (plan.outputs, channel_out), y, slope);
                }
            }
        }
    }

    /// Back through the activation of a convolution, in place.
    pub(crate) fn convolution_slopes(&self, member: Member<'_>, width: usize, stage: usize, from: usize, tiles: usize) {
        let length = width * TILE;
        let blocks = length.div_ceil(SLOPES);
        for task in member.share(tiles * blocks) {
            let (tile, block) = (task / blocks, task % blocks);
            let range = block * SLOPES..length.min((block + 1) * SLOPES);
            let at = |start: usize| start + range.start..start + range.end;
            // SAFETY: these values of this tile belong to one thread.
            unsafe {
                let slope = self.kept[stage].slope.read(at(tile * length));
                let gradient = self.gradients[from].write(at(tile * tile_length::<TILE>(width)));
                activation::backward(self.set, slope, gradient);
            }
        }
    }

    /// The gradient of a convolution's input from that of its output.
    pub(crate) fn convolve_backward(
        &self,
        member: Member<'_>,
        plan: &ConvolutionPlan,
        weight: &[f32],
        from: usize,
        tiles: usize,
    ) {
        let way = Way { pieces: &plan.backward, inputs: plan.outputs, outputs: plan.inputs, down: plan.transposed };
        let connections = &way.pieces.connections;
        let (channel_in, channel_out) = (connections.sources * TILE, connections.targets * TILE);
        let (length_in, length_out) = (tile_length::<TILE>(plan.width_out()), tile_length::<TILE>(plan.width_in()));
        for task in way.pieces.share(tiles, member.thread, member.threads) {
            let (tile, piece) = (task / way.pieces.pieces.len(), task % way.pieces.pieces.len());
            let piece = &way.pieces.pieces[piece];
            // SAFETY: the output's gradient is only read in this phase; these places of this tile belong to one thread.
            unsafe {
                let dy = self.gradients[from].read(tile * length_in..tile * length_in + way.inputs * channel_in);
                let dx = tile * length_out..tile * length_out + way.outputs * channel_out;
                let dx = self.gradients[1 - from].pointer(dx);
                for group in 0..plan.groups {
                    let (inputs, outputs) = (way.inputs / plan.groups, way.outputs / plan.groups);
                    let dy = &dy[group * inputs * channel_in..(group + 1) * inputs * channel_in];
                    let dx = dx.add(group * outputs * channel_out);
                    product(self.set, connections, piece, of_group(plan, way, weight, group), None, dy, dx);
                }
            }
        }
    }

    /// The gradient of a convolution's weights, in parts: `[parts][weights]`, and that of its biases, `[outputs]`, behind
    /// them.
    pub(crate) fn convolution_gradients(
        &self,
        member: Member<'_>,
        plan: &ConvolutionPlan,
        (current, from): (usize, usize),
        tiles: usize,
        running: &mut RunningSums,
    ) {
        let (parts, blocks) = (plan.parts(tiles), plan.blocks(tiles, member.threads));
        let down = plan.down();
        let (rows, columns) = plan.rows_and_columns();
        let taps = down.connections.taps;
        let (channel_coarse, channel_fine) = (down.connections.targets * TILE, down.connections.sources * TILE);
        for task in member.share(parts.count() * plan.groups * blocks.count()) {
            let (part, group) = (task / (plan.groups * blocks.count()), task / blocks.count() % plan.groups);
            let (of_rows, of_columns) = blocks.block(task % blocks.count());
            let sums = running.zeroed(of_rows.len() * of_columns.len() * taps * TILE);
            for tile in parts.tiles_of(part) {
                // SAFETY: values and the output's gradient are only read in this phase.
                let (output, input) = unsafe {
                    let (length_in, length_out) =
                        (tile_length::<TILE>(plan.width_in()), tile_length::<TILE>(plan.width_out()));
                    let output = tile * length_out..(tile + 1) * length_out;
                    let input = tile * length_in..(tile + 1) * length_in;
                    (self.gradients[from].read(output), self.values[current].read(input))
                };
                let (coarse, fine) = if plan.transposed { (input, output) } else { (output, input) };
                let sides = Sides {
                    coarse: &coarse[(group * rows + of_rows.start) * channel_coarse..],
                    fine: &fine[(group * columns + of_columns.start) * channel_fine..],
                    rows: of_rows.len(),
                    columns: of_columns.len(),
                };
                for piece in &down.pieces[parts.pieces_of(part, down.pieces.len())] {
                    add_products(self.set, &down.connections, piece, sides, sums);
                }
            }
            let length = of_columns.len() * taps;
            for (index, row) in of_rows.enumerate() {
                let start = ((group * rows + row) * columns + of_columns.start) * taps + part * plan.weights();
                // SAFETY: every weight of a part belongs to one task.
                let gradient = unsafe { self.partials.write(start..start + length) };
                fold(self.set, &sums[index * length * TILE..(index + 1) * length * TILE], gradient);
            }
        }
        self.bias_gradients(member, plan, from, tiles, parts.count() * plan.weights());
    }

    fn bias_gradients(&self, member: Member<'_>, plan: &ConvolutionPlan, from: usize, tiles: usize, start: usize) {
        let channel = plan.forward.connections.targets * TILE;
        let length = tile_length::<TILE>(plan.width_out());
        for output in member.share(plan.outputs) {
            let mut sum = 0.0;
            for tile in 0..tiles {
                let range = tile * length + output * channel..tile * length + (output + 1) * channel;
                // SAFETY: the output's gradient is only read in this phase.
                sum += sum_of_values(self.set, unsafe { self.gradients[from].read(range) });
            }
            // SAFETY: every channel belongs to one task.
            unsafe { self.partials.set(start + output, sum) };
        }
    }

    /// What [`Layers::convolution_gradients`] left: parts of the weights' gradient, and that of the biases.
    ///
    /// # Safety
    /// No thread computes gradients of a convolution while the results live.
    pub(crate) unsafe fn convolution_parts(&self, plan: &ConvolutionPlan, tiles: usize) -> (&[f32], usize, &[f32]) {
        let parts = plan.parts(tiles).count();
        let end = parts * plan.weights();
        // SAFETY: the caller's promise.
        unsafe { (self.partials.read(0..end), parts, self.partials.read(end..end + plan.outputs)) }
    }
}

/// The weights between the channels of a group.
fn of_group<'a>(plan: &ConvolutionPlan, way: Way<'_>, weight: &'a [f32], group: usize) -> Weights<'a> {
    let (rows, columns) = plan.rows_and_columns();
    let taps = plan.forward.connections.taps;
    let values: Range<usize> = group * rows * columns * taps..(group + 1) * rows * columns * taps;
    let values = &weight[values];
    if way.down {
        Weights { values, row_stride: columns * taps, column_stride: taps, rows, columns }
    } else {
        Weights { values, row_stride: taps, column_stride: columns * taps, rows: columns, columns: rows }
    }
}

//! Inference: rows through the encoder, the decoder or both.

mod tile;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::barrier::{Barrier, Broken};
use crate::error::EngineError;
use crate::inference::Inference;
use crate::kernel::{FIELD_TILE, TILE, gather};
use crate::layers::{LayerMemory, Layers, Member, samples_of};
use crate::memory::{Buffer, Shared};
use crate::network::{Network, Part};
use crate::pass::tile_length;
use crate::simd::InstructionSet;
use crate::stage::stages;
use crate::train::Division;

pub use tile::TilePass;

/// Samples that go through a wide network together, so that its weights are read once for all of them.
const BATCH: usize = 512;

/// Values of the widest layer of a network of fields that are held at a time, if a tile has no more.
const FIELD_VALUES: usize = 1 << 22;

/// Features in a task of loading and unloading.
const FEATURE_BLOCK: usize = 1024;

/// Rows through a part of the network. Each row's result depends on that row alone, bit for bit.
///
/// inputs: `[rows][features of the part's entrance]`, outputs: `[rows][features of its exit]`.
///
/// # Errors
/// [`EngineError::Length`] if a slice does not have the length that the shapes call for.
pub fn apply(
    network: &Network,
    parameters: &[f32],
    part: Part,
    inputs: &[f32],
    outputs: &mut [f32],
    set: InstructionSet,
    threads: NonZeroUsize,
) -> Result<(), EngineError> {
    let (width_in, width_out) = network.width(part);
    check_length("the flat parameters", network.parameter_length(), parameters.len())?;
    let rows = inputs.len() / width_in;
    check_length("the input rows", rows * width_in, inputs.len())?;
    check_length("the output rows", rows * width_out, outputs.len())?;
    if rows == 0 {
        return Ok(());
    }
    let work = Work { network, parameters, part, inputs, outputs: Shared::new(outputs), rows, set };
    if network.has_fields() {
        work.by_layers::<FIELD_TILE>(threads.get(), batch_of_fields(network));
    } else if applies_by_layers(network) {
        work.by_layers::<TILE>(threads.get(), BATCH);
    } else {
        work.by_tiles(threads.get());
    }
    Ok(())
}

/// Whether [`apply`] shares each layer among its threads, so that it wants many rows at a time; other networks can as well
/// be applied by [`TilePass`].
#[must_use]
pub fn applies_by_layers(network: &Network) -> bool {
    network.has_fields() || Division::Automatic.by_layers(network.parameter_length())
}

/// Bytes that [`apply`] takes for a network whose layers are shared, beside rows and results; little for others.
#[must_use]
pub fn apply_memory(network: &Network) -> u64 {
    let values = if network.has_fields() {
        LayerMemory::<FIELD_TILE>::values_of_inference(network, batch_of_fields(network))
    } else if applies_by_layers(network) {
        LayerMemory::<TILE>::values_of_inference(network, BATCH)
    } else {
        0
    };
    4 * (values + network.parameter_length() as u64)
}

/// Samples that go through a network of fields together: some tiles for the threads, and not too much memory.
fn batch_of_fields(network: &Network) -> usize {
    let widest = network.layers().iter().filter_map(|layer| layer.widths()).map(|(a, b)| a.max(b)).max().unwrap_or(1);
    (FIELD_VALUES / widest).clamp(FIELD_TILE, BATCH) / FIELD_TILE * FIELD_TILE
}

fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), EngineError> {
    if expected == found { Ok(()) } else { Err(EngineError::Length { what, expected, found }) }
}

struct Work<'a> {
    network: &'a Network,
    parameters: &'a [f32],
    part: Part,
    inputs: &'a [f32],
    outputs: Shared<'a, f32>,
    rows: usize,
    set: InstructionSet,
}

impl Work<'_> {
    /// Each thread takes the next tile through all layers.
    fn by_tiles(&self, threads: usize) {
        let (width_in, width_out) = self.network.width(self.part);
        let tiles = self.rows.div_ceil(TILE);
        let next = AtomicUsize::new(0);
        let layers = self.network.layer_range(self.part);
        let inference = Inference::new(self.network, self.parameters, layers, self.set);
        let work = || {
            let mut memory = inference.tile();
            loop {
                let tile = next.fetch_add(1, Ordering::Relaxed);
                if tile >= tiles {
                    break;
                }
                let range = tile * TILE..self.rows.min((tile + 1) * TILE);
                let rows = &self.inputs[range.start * width_in..range.end * width_in];
                let indices = &gather::CONSECUTIVE[..range.len()];
                gather::gather::<TILE>(self.set, rows, width_in, indices, 0..width_in, memory.input());
                inference.forward(&mut memory);
                let target = self.outputs.pointer(range.start * width_out..range.end * width_out);
                // SAFETY: each tile is taken by one thread, and tiles do not overlap.
                unsafe {
                    gather::unload::<TILE>(self.set, memory.output(), width_out, 0..width_out, target, range.len())
                };
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.min(tiles) {
                scope.spawn(work);
            }
            work();
        });
    }

    /// All threads share each layer of many tiles.
    fn by_layers<const TILE: usize>(&self, threads: usize, batch: usize) {
        let mut memory = LayerMemory::<TILE>::new(
            stages(self.network, self.network.layer_range(self.part)),
            self.set,
            batch.min(self.rows),
            false,
        );
        let layers = memory.share();
        let barrier = Barrier::new(threads);
        let mut parameters = Buffer::copy_of(self.parameters);
        let parameters = Shared::new(&mut parameters);
        let work = |thread| {
            let _guard = barrier.guard();
            self.batches(&layers, &parameters, Member { thread, threads, barrier: &barrier }, batch)
        };
        std::thread::scope(|scope| {
            for thread in 1..threads {
                let work = &work;
                scope.spawn(move || work(thread));
            }
            // Broken only if another thread panicked, which the scope hands on.
            let _ = work(0);
        });
    }

    fn batches<const TILE: usize>(
        &self,
        layers: &Layers<'_, TILE>,
        parameters: &Shared<'_, f32>,
        member: Member<'_>,
        batch: usize,
    ) -> Result<(), Broken> {
        let (width_in, width_out) = self.network.width(self.part);
        for start in (0..self.rows).step_by(batch) {
            let samples = batch.min(self.rows - start);
            let blocks = width_in.div_ceil(FEATURE_BLOCK);
            for task in member.share(samples.div_ceil(TILE) * blocks) {
                let (tile, block) = (task / blocks, task % blocks);
                let range = block * FEATURE_BLOCK..width_in.min((block + 1) * FEATURE_BLOCK);
                let (count, first) = (samples_of::<TILE>(tile, samples), start + tile * TILE);
                let rows = &self.inputs[first * width_in..(first + count) * width_in];
                let target = tile * tile_length::<TILE>(width_in);
                // SAFETY: these features of this tile belong to one thread.
                let x = unsafe { layers.values[0].write(target + range.start * TILE..target + range.end * TILE) };
                gather::gather::<TILE>(self.set, rows, width_in, &gather::CONSECUTIVE[..count], range, x);
            }
            member.meet()?;
            layers.forward(member, parameters, samples, None, 0..layers.stages.len())?;
            let last = layers.values.len() - 1;
            let blocks = width_out.div_ceil(FEATURE_BLOCK);
            for task in member.share(samples.div_ceil(TILE) * blocks) {
                let (tile, block) = (task / blocks, task % blocks);
                let range = block * FEATURE_BLOCK..width_out.min((block + 1) * FEATURE_BLOCK);
                let (count, first) = (samples_of::<TILE>(tile, samples), start + tile * TILE);
                let source = tile * tile_length::<TILE>(width_out);
                let target = self.outputs.pointer(first * width_out..(first + count) * width_out);
                // SAFETY: outputs of the layers are only read in this phase; these features of these rows belong to one
                // thread.
                unsafe {
                    let y = layers.values[last].read(source + range.start * TILE..source + range.end * TILE);
                    gather::unload::<TILE>(self.set, y, width_out, range, target, count);
                }
            }
            // The input of the next batch goes to other memory than this output, but its layers do not.
            member.meet()?;
        }
        Ok(())
    }
}

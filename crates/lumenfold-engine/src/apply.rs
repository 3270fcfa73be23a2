//! Inference: rows through the encoder, the decoder or both, a tile at a time.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::EngineError;
use crate::kernel::{TILE, gather};
use crate::memory::Shared;
use crate::network::{Network, Part};
use crate::pass::Pass;
use crate::simd::InstructionSet;

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
    let check = |what, expected, found| {
        if expected == found { Ok(()) } else { Err(EngineError::Length { what, expected, found }) }
    };
    check("the flat parameters", network.parameter_length(), parameters.len())?;
    let rows = inputs.len() / width_in;
    check("the input rows", rows * width_in, inputs.len())?;
    check("the output rows", rows * width_out, outputs.len())?;

    let tiles = rows.div_ceil(TILE);
    let next = AtomicUsize::new(0);
    let shared = Shared::new(outputs);
    let work = || {
        let mut pass = Pass::new(network, network.layer_range(part), set, false);
        loop {
            let tile = next.fetch_add(1, Ordering::Relaxed);
            if tile >= tiles {
                break;
            }
            let range = tile * TILE..rows.min((tile + 1) * TILE);
            gather::load(&inputs[range.start * width_in..range.end * width_in], width_in, pass.input());
            pass.forward(parameters);
            // SAFETY: each tile is taken by one thread, and tiles do not overlap.
            let target = unsafe { shared.write(range.start * width_out..range.end * width_out) };
            gather::unload(pass.output(), width_out, target);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.get().min(tiles.max(1)) {
            scope.spawn(work);
        }
        work();
    });
    Ok(())
}

//! The largest value of each window of a channel.

use super::TILE;
use crate::field::Connections;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Sets `y` to the largest value of each window, and `chosen`, if it is wanted, to the tap that it comes from, the first of
/// equal ones.
///
/// x: `[sources][TILE]`; y, chosen: `[targets][TILE]`. `down` leads from the fine field to the coarse one.
pub(crate) fn largest(set: InstructionSet, down: &Connections, x: &[f32], y: &mut [f32], chosen: Option<&mut [f32]>) {
    let targets = down.targets * TILE;
    assert!(x.len() >= down.sources * TILE && y.len() >= targets);
    assert!(chosen.as_ref().is_none_or(|chosen| chosen.len() >= targets));
    set.dispatch(Largest { down, x, y, chosen: chosen.map(<[f32]>::as_mut_ptr) });
}

/// The gradient of `x` from that of `y`. `up` leads from the coarse field to the fine one.
///
/// y_gradient, chosen: `[sources of up][TILE]`; x_gradient: `[targets of up][TILE]`.
pub(crate) fn backward(
    set: InstructionSet,
    up: &Connections,
    y_gradient: &[f32],
    chosen: &[f32],
    x_gradient: &mut [f32],
) {
    let sources = up.sources * TILE;
    assert!(y_gradient.len() >= sources && chosen.len() >= sources && x_gradient.len() >= up.targets * TILE);
    set.dispatch(Backward { up, y_gradient, chosen, x_gradient });
}

struct Largest<'a> {
    down: &'a Connections,
    x: &'a [f32],
    y: &'a mut [f32],
    chosen: Option<*mut f32>,
}

impl Kernel for Largest<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for class in &self.down.classes {
            let Some((first, others)) = class.taps.split_first() else { continue };
            for place in &class.places {
                for lane in (0..TILE).step_by(S::Vector::LANES) {
                    // SAFETY: connections stay within their fields; lengths were checked at the entry.
                    unsafe {
                        let source = self.x.as_ptr().add(place.source as usize * TILE + lane);
                        let (mut value, mut tap) = (simd.load(source), simd.splat(first.index as f32));
                        for other in others {
                            let next = simd.load(source.offset(other.offset as isize * TILE as isize));
                            let is_larger = value.less_than(next);
                            tap = S::Vector::select(is_larger, simd.splat(other.index as f32), tap);
                            value = S::Vector::select(is_larger, next, value);
                        }
                        let at = place.target as usize * TILE + lane;
                        value.store(self.y.as_mut_ptr().add(at));
                        if let Some(chosen) = self.chosen {
                            tap.store(chosen.add(at));
                        }
                    }
                }
            }
        }
    }
}

struct Backward<'a> {
    up: &'a Connections,
    y_gradient: &'a [f32],
    chosen: &'a [f32],
    x_gradient: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (half, zero) = (simd.splat(0.5), simd.splat(0.0));
        for class in &self.up.classes {
            for place in &class.places {
                for lane in (0..TILE).step_by(S::Vector::LANES) {
                    let mut sum = zero;
                    // SAFETY: as above.
                    unsafe {
                        for tap in &class.taps {
                            let source = (place.source as isize + tap.offset as isize) as usize * TILE + lane;
                            let distance =
                                (simd.load(self.chosen.as_ptr().add(source)) - simd.splat(tap.index as f32)).abs();
                            let gradient = simd.load(self.y_gradient.as_ptr().add(source));
                            sum = sum + S::Vector::select(distance.less_than(half), gradient, zero);
                        }
                        sum.store(self.x_gradient.as_mut_ptr().add(place.target as usize * TILE + lane));
                    }
                }
            }
        }
    }
}

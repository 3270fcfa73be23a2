//! Fields of low rank: `y[i][j][k] = Σ_r u_r[i] v_r[j] w_r[k]` of one channel.

use super::TILE;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// The sizes of the field along those dimensions that have factors, and how many terms the sum has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LowRank<'a> {
    pub(crate) sizes: &'a [usize],
    pub(crate) rank: usize,
}

impl LowRank<'_> {
    fn positions(&self) -> usize {
        self.sizes.iter().product()
    }

    fn factors(&self) -> usize {
        self.rank * self.sizes.iter().sum::<usize>()
    }

    /// The row of the factor of a term along a dimension.
    fn factor(&self, dimension: usize, term: usize) -> usize {
        self.rank * self.sizes[..dimension].iter().sum::<usize>() + term * self.sizes[dimension]
    }
}

/// x: `[factors][TILE]`; y: `[positions][TILE]`.
pub(crate) fn forward(set: InstructionSet, low_rank: LowRank<'_>, x: &[f32], y: &mut [f32]) {
    assert!(x.len() >= low_rank.factors() * TILE && y.len() >= low_rank.positions() * TILE);
    set.dispatch(Forward { low_rank, x, y });
}

/// x, x_gradient: `[factors][TILE]`; y_gradient: `[positions][TILE]`.
pub(crate) fn backward(
    set: InstructionSet,
    low_rank: LowRank<'_>,
    x: &[f32],
    y_gradient: &[f32],
    x_gradient: &mut [f32],
) {
    let factors = low_rank.factors() * TILE;
    assert!(x.len() >= factors && x_gradient.len() >= factors && y_gradient.len() >= low_rank.positions() * TILE);
    x_gradient[..factors].fill(0.0);
    set.dispatch(Backward { low_rank, x, y_gradient, x_gradient });
}

struct Forward<'a> {
    low_rank: LowRank<'a>,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let low_rank = self.low_rank;
        let last = low_rank.sizes.len() - 1;
        let (rest, count) = (low_rank.sizes[..last].iter().product::<usize>(), low_rank.sizes[last]);
        for lane in (0..TILE).step_by(S::Vector::LANES) {
            // SAFETY: rows are those of factors and positions; lengths were checked at the entry.
            let load = |row: usize| unsafe { simd.load(self.x.as_ptr().add(row * TILE + lane)) };
            for line in 0..rest {
                for term in 0..low_rank.rank {
                    let head = head(simd, low_rank, line, term, load);
                    for index in 0..count {
                        let at = (line * count + index) * TILE + lane;
                        let factor = load(low_rank.factor(last, term) + index);
                        // SAFETY: as above.
                        unsafe {
                            let y = self.y.as_mut_ptr().add(at);
                            let before = if term == 0 { simd.splat(0.0) } else { simd.load(y) };
                            factor.mul_add(head, before).store(y);
                        }
                    }
                }
            }
        }
    }
}

/// The product of a term's factors along all dimensions but the last, on one line of the field.
#[inline(always)]
fn head<S: Simd>(
    simd: S,
    low_rank: LowRank<'_>,
    line: usize,
    term: usize,
    load: impl Fn(usize) -> S::Vector,
) -> S::Vector {
    match low_rank.sizes {
        [_] => simd.splat(1.0),
        [_, _] => load(low_rank.factor(0, term) + line),
        [_, second, ..] => {
            load(low_rank.factor(0, term) + line / second) * load(low_rank.factor(1, term) + line % second)
        }
        [] => simd.splat(0.0),
    }
}

struct Backward<'a> {
    low_rank: LowRank<'a>,
    x: &'a [f32],
    y_gradient: &'a [f32],
    x_gradient: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let low_rank = self.low_rank;
        let last = low_rank.sizes.len() - 1;
        let (rest, count) = (low_rank.sizes[..last].iter().product::<usize>(), low_rank.sizes[last]);
        let gradient = self.x_gradient.as_mut_ptr();
        for lane in (0..TILE).step_by(S::Vector::LANES) {
            // SAFETY: rows are those of factors and positions; lengths were checked at the entry.
            let load = |row: usize| unsafe { simd.load(self.x.as_ptr().add(row * TILE + lane)) };
            let add = |row: usize, slope: S::Vector, factor: S::Vector| {
                // SAFETY: as above.
                unsafe {
                    let gradient = gradient.add(row * TILE + lane);
                    slope.mul_add(factor, simd.load(gradient)).store(gradient);
                }
            };
            for line in 0..rest {
                for term in 0..low_rank.rank {
                    let head = head(simd, low_rank, line, term, load);
                    let mut slope = simd.splat(0.0);
                    for index in 0..count {
                        let at = (line * count + index) * TILE + lane;
                        // SAFETY: as above.
                        let dy = unsafe { simd.load(self.y_gradient.as_ptr().add(at)) };
                        let row = low_rank.factor(last, term) + index;
                        slope = dy.mul_add(load(row), slope);
                        add(row, dy, head);
                    }
                    match low_rank.sizes {
                        [_, _] => add(low_rank.factor(0, term) + line, slope, simd.splat(1.0)),
                        [_, second, _] => {
                            let first = low_rank.factor(0, term) + line / second;
                            let second = low_rank.factor(1, term) + line % second;
                            add(first, slope, load(second));
                            add(second, slope, load(first));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

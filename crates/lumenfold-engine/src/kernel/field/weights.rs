//! The gradient of the weights of a convolution, `g[r][c][t] = Σ_p Σ_s coarse[r][p][s] fine[c][p + t][s]`: it contracts over
//! positions and samples. Sixteen running sums, one for each sample of a tile, wait for the end, so that positions need no
//! sum across lanes.

use super::TILE;
use crate::field::{Class, Connections, Piece, Place, Tap};
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Positions that all blocks of weights pass before the next positions come: both operands stay near.
pub(crate) const PLACES: usize = 32;

/// The operands: some channels of either side, `[rows][coarse positions][TILE]` and `[columns][fine positions][TILE]`.
#[derive(Clone, Copy)]
pub(crate) struct Sides<'a> {
    pub(crate) coarse: &'a [f32],
    pub(crate) fine: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// Adds the products of a piece of places to the running sums, `[rows][columns][taps][TILE]`. `connections` are those from
/// the fine field to the coarse one.
pub(crate) fn add_products(
    set: InstructionSet,
    connections: &Connections,
    piece: &Piece,
    sides: Sides<'_>,
    sums: &mut [f32],
) {
    let Sides { coarse, fine, rows, columns } = sides;
    assert!(coarse.len() >= rows * connections.targets * TILE && fine.len() >= columns * connections.sources * TILE);
    assert!(sums.len() >= rows * columns * connections.taps * TILE);
    let class = &connections.classes[piece.class];
    if class.taps.is_empty() {
        return;
    }
    set.dispatch(Products {
        class,
        places: &class.places[piece.places.clone()],
        channel_coarse: connections.targets * TILE,
        channel_fine: connections.sources * TILE,
        taps: connections.taps,
        sides,
        sums: sums.as_mut_ptr(),
    });
}

/// The sums of the lanes of running sums: `gradient[i] = Σ_s sums[i][s]`, in the order that is fixed for sixteen lanes.
pub(crate) fn fold(set: InstructionSet, sums: &[f32], gradient: &mut [f32]) {
    assert!(sums.len() >= gradient.len() * TILE);
    set.dispatch(Fold { sums, gradient });
}

struct Products<'a> {
    class: &'a Class,
    places: &'a [Place],
    channel_coarse: usize,
    channel_fine: usize,
    taps: usize,
    sides: Sides<'a>,
    sums: *mut f32,
}

impl Kernel for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for places in self.places.chunks(PLACES) {
            for lane in (0..TILE).step_by(S::Vector::LANES) {
                // Vectors of eight lanes come with sixteen registers.
                if S::Vector::LANES == 8 {
                    self.blocks::<S, 3, 3>(simd, places, lane)
                } else {
                    self.blocks::<S, 5, 5>(simd, places, lane)
                }
            }
        }
    }
}

impl Products<'_> {
    #[inline(always)]
    fn blocks<S: Simd, const R: usize, const C: usize>(&self, simd: S, places: &[Place], lane: usize) {
        let pairs = self.sides.columns * self.class.taps.len();
        let mut pair = 0;
        while pair < pairs {
            let left = pairs - pair;
            pair += match left.div_ceil(left.div_ceil(C)) {
                5 if C >= 5 => self.column::<S, R, 5>(simd, places, lane, pair),
                4 if C >= 4 => self.column::<S, R, 4>(simd, places, lane, pair),
                3 if C >= 3 => self.column::<S, R, 3>(simd, places, lane, pair),
                2 => self.column::<S, R, 2>(simd, places, lane, pair),
                _ => self.column::<S, R, 1>(simd, places, lane, pair),
            };
        }
    }

    /// All rows for `C` pairs of a column and a tap, in blocks of at most `R` rows that are as equal as can be; returns `C`.
    #[inline(always)]
    fn column<S: Simd, const R: usize, const C: usize>(
        &self,
        simd: S,
        places: &[Place],
        lane: usize,
        pair: usize,
    ) -> usize {
        let mut row = 0;
        while row < self.sides.rows {
            let left = self.sides.rows - row;
            // SAFETY: so many rows and pairs are left.
            unsafe {
                row += match left.div_ceil(left.div_ceil(R)) {
                    5 if R >= 5 => self.block::<S, 5, C>(simd, places, lane, row, pair),
                    4 if R >= 4 => self.block::<S, 4, C>(simd, places, lane, row, pair),
                    3 if R >= 3 => self.block::<S, 3, C>(simd, places, lane, row, pair),
                    2 => self.block::<S, 2, C>(simd, places, lane, row, pair),
                    _ => self.block::<S, 1, C>(simd, places, lane, row, pair),
                };
            }
        }
        C
    }

    /// # Safety
    /// `row + R` rows and `pair + C` pairs exist.
    #[inline(always)]
    unsafe fn block<S: Simd, const R: usize, const C: usize>(
        &self,
        simd: S,
        places: &[Place],
        lane: usize,
        row: usize,
        pair: usize,
    ) -> usize {
        let zero = simd.splat(0.0);
        let taps = self.class.taps.len();
        let mut totals = [[zero; C]; R];
        // SAFETY: lengths were checked at the entry, connections stay within their fields.
        unsafe {
            let coarse = self.sides.coarse.as_ptr().add(row * self.channel_coarse + lane);
            let mut fine = [self.sides.fine.as_ptr(); C];
            let mut sums = [self.sums; C];
            for c in 0..C {
                let (column, tap) = ((pair + c) / taps, (pair + c) % taps);
                let Tap { index, offset } = *self.class.taps.get_unchecked(tap);
                // The offset alone may lie before the field; with a place's it is inside.
                fine[c] = fine[c]
                    .wrapping_add(column * self.channel_fine + lane)
                    .wrapping_offset(offset as isize * TILE as isize);
                sums[c] = sums[c].add(((row * self.sides.columns + column) * self.taps + index as usize) * TILE + lane);
            }
            for (r, totals) in totals.iter_mut().enumerate() {
                for (total, sums) in totals.iter_mut().zip(sums) {
                    *total = simd.load(sums.add(r * self.sides.columns * self.taps * TILE));
                }
            }
            for place in places {
                let mut columns = [zero; C];
                for (columns, fine) in columns.iter_mut().zip(fine) {
                    *columns = simd.load(fine.wrapping_add(place.source as usize * TILE));
                }
                let coarse = coarse.add(place.target as usize * TILE);
                for (r, totals) in totals.iter_mut().enumerate() {
                    let row = simd.load(coarse.add(r * self.channel_coarse));
                    for (total, column) in totals.iter_mut().zip(columns) {
                        *total = row.mul_add(column, *total);
                    }
                }
            }
            for (r, totals) in totals.into_iter().enumerate() {
                for (total, sums) in totals.into_iter().zip(sums) {
                    total.store(sums.add(r * self.sides.columns * self.taps * TILE));
                }
            }
        }
        R
    }
}

struct Fold<'a> {
    sums: &'a [f32],
    gradient: &'a mut [f32],
}

impl Kernel for Fold<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (index, gradient) in self.gradient.iter_mut().enumerate() {
            // SAFETY: the length was checked at the entry.
            *gradient = unsafe { simd.sum_of_rows(self.sums.as_ptr().add(index * TILE), TILE) };
        }
    }
}

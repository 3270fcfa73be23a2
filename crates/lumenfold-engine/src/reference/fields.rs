//! Layers of fields without parameters: pooling, upsampling, fields of low rank. Values are `[channel][position]`.

use crate::field::{Extent, Window};
use crate::layer::{Interpolation, Pooling};
use crate::reference::connection::{row_major, taps_inside};

/// Each window of each channel becomes one value; zero where a window has no position inside the field.
pub(super) fn pool(window: Window, channels: usize, pooling: Pooling, x: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; channels * window.coarse().positions()];
    for Share { from, to, share } in pool_shares(window, channels, pooling, x) {
        y[to] += share * x[from];
    }
    y
}

/// From the gradient by the pooled values to that by the values.
pub(super) fn pool_back(window: Window, channels: usize, pooling: Pooling, x: &[f64], flow: &[f64]) -> Vec<f64> {
    let mut before = vec![0.0; x.len()];
    for Share { from, to, share } in pool_shares(window, channels, pooling, x) {
        before[from] += share * flow[to];
    }
    before
}

/// Each channel's field is brought to other positions.
pub(super) fn upsample(channels: usize, from: Extent, to: Extent, interpolation: Interpolation, x: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; channels * to.positions()];
    for Share { from, to, share } in upsample_shares(channels, from, to, interpolation) {
        y[to] += share * x[from];
    }
    y
}

/// From the gradient by the field that went out to that by the field that came in.
pub(super) fn upsample_back(
    channels: usize,
    from: Extent,
    to: Extent,
    interpolation: Interpolation,
    flow: &[f64],
) -> Vec<f64> {
    let mut before = vec![0.0; channels * from.positions()];
    for Share { from, to, share } in upsample_shares(channels, from, to, interpolation) {
        before[from] += share * flow[to];
    }
    before
}

/// What value `to` has of value `from`.
struct Share {
    from: usize,
    to: usize,
    share: f64,
}

/// Which values the pooled ones are made of: all inside for a mean, the first of the largest for a maximum.
fn pool_shares(window: Window, channels: usize, pooling: Pooling, x: &[f64]) -> Vec<Share> {
    let (places, positions) = (window.coarse().positions(), window.fine().positions());
    let mut of_places = vec![Vec::new(); places];
    for (place, _, position) in taps_inside(window) {
        of_places[place].push(position);
    }
    let mut shares = Vec::new();
    for channel in 0..channels {
        for (place, inside) in of_places.iter().enumerate() {
            let (to, field) = (channel * places + place, channel * positions);
            match pooling {
                Pooling::Average => {
                    let share = 1.0 / inside.len() as f64;
                    shares.extend(inside.iter().map(|position| Share { from: field + position, to, share }));
                }
                Pooling::Max => {
                    let first_largest = inside.iter().copied().reduce(|largest, position| {
                        if x[field + position] > x[field + largest] { position } else { largest }
                    });
                    shares.extend(first_largest.map(|position| Share { from: field + position, to, share: 1.0 }));
                }
            }
        }
    }
    shares
}

/// Which values the upsampled ones are made of: the product of the shares along all dimensions.
fn upsample_shares(channels: usize, from: Extent, to: Extent, interpolation: Interpolation) -> Vec<Share> {
    let (sizes, ends) = (from.all(), to.all());
    let mut shares = Vec::new();
    for (position, at) in row_major(ends).into_iter().enumerate() {
        let along = |dimension: usize| line_shares(sizes[dimension], ends[dimension], at[dimension], interpolation);
        for (i, first) in along(0) {
            for (j, second) in along(1) {
                for (k, third) in along(2) {
                    let source = (i * sizes[1] + j) * sizes[2] + k;
                    for channel in 0..channels {
                        let (from, to) = (channel * from.positions() + source, channel * to.positions() + position);
                        shares.push(Share { from, to, share: first * second * third });
                    }
                }
            }
        }
    }
    shares
}

/// Along one dimension: the positions of `from` that position `index` of `to` is made of, and their shares.
fn line_shares(from: usize, to: usize, index: usize, interpolation: Interpolation) -> Vec<(usize, f64)> {
    match interpolation {
        Interpolation::Nearest => vec![(index * from / to, 1.0)],
        Interpolation::Linear => {
            // The centre of its cell, in cells of `from` and counted from the centre of the first one, is
            // ((2 index + 1) from - to) / (2 to).
            let centre = ((2 * index + 1) * from).saturating_sub(to);
            let below = centre / (2 * to);
            let rest = (centre % (2 * to)) as f64 / (2 * to) as f64;
            if below + 1 >= from { vec![(from - 1, 1.0)] } else { vec![(below, 1.0 - rest), (below + 1, rest)] }
        }
    }
}

/// `y[channel][i, j, k] = Σ_r u_r[i] v_r[j] w_r[k]`.
pub(super) fn outer_product(channels: usize, rank: usize, extent: Extent, x: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; channels * extent.positions()];
    each_term(channels, rank, extent, |to, factors| y[to] += factors.iter().map(|factor| x[*factor]).product::<f64>());
    y
}

/// From the gradient by the field to that by its factors.
pub(super) fn outer_product_back(channels: usize, rank: usize, extent: Extent, x: &[f64], flow: &[f64]) -> Vec<f64> {
    let mut before = vec![0.0; x.len()];
    each_term(channels, rank, extent, |to, factors| {
        for (dimension, factor) in factors.iter().enumerate() {
            let others = factors.iter().enumerate().filter(|(other, _)| *other != dimension);
            before[*factor] += flow[to] * others.map(|(_, other)| x[*other]).product::<f64>();
        }
    });
    before
}

/// Goes through all terms of all values: the index of the value, and those of the factors, one for each dimension.
fn each_term(channels: usize, rank: usize, extent: Extent, mut visit: impl FnMut(usize, &[usize])) {
    let sizes = extent.sizes();
    let of_channel = rank * sizes.iter().sum::<usize>();
    let unused = 3 - sizes.len();
    for channel in 0..channels {
        for (position, at) in row_major(extent.all()).into_iter().enumerate() {
            for term in 0..rank {
                // The factors of a dimension come after those of the dimensions before it.
                let mut start = channel * of_channel;
                let mut factors = Vec::with_capacity(3);
                for (size, index) in sizes.iter().zip(&at[unused..]) {
                    factors.push(start + term * size + index);
                    start += rank * size;
                }
                visit(channel * extent.positions() + position, &factors);
            }
        }
    }
}

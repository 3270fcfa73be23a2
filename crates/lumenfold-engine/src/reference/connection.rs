//! Convolutions and their adjoints. Both connect the values of a fine field with those of a coarse one by the same weights,
//! `[coarse channel][fine channel of the group][tap]`; they differ in the way that values go.

use crate::field::Window;
use crate::layer::{Convolution, Layer};

/// Which way values go along the connections.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// A convolution.
    ToCoarse,
    /// A transposed one.
    ToFine,
}

impl Way {
    pub(super) fn of(layer: Layer) -> Self {
        if matches!(layer, Layer::TransposedConvolution(_)) { Self::ToFine } else { Self::ToCoarse }
    }
}

/// `y[to] = bias[channel of to] + Σ weight · x[from]` over all connections.
pub(super) fn forward(convolution: Convolution, way: Way, weight: &[f64], bias: &[f64], x: &[f64]) -> Vec<f64> {
    let mut y: Vec<f64> = bias.iter().flat_map(|bias| vec![*bias; positions(convolution, way)]).collect();
    each_connection(convolution, way, |at, from, to| y[to] += weight[at] * x[from]);
    y
}

/// From the gradient by `y` to that by `x`; those of weight and bias are added to `gradients`.
pub(super) fn back(
    convolution: Convolution,
    way: Way,
    weight: &[f64],
    x: &[f64],
    flow: &[f64],
    gradients: (&mut [f64], &mut [f64]),
) -> Vec<f64> {
    let (of_weight, of_bias) = gradients;
    for (of_bias, flow) in of_bias.iter_mut().zip(flow.chunks_exact(positions(convolution, way))) {
        *of_bias += flow.iter().sum::<f64>();
    }
    let mut before = vec![0.0; x.len()];
    each_connection(convolution, way, |at, from, to| {
        of_weight[at] += flow[to] * x[from];
        before[from] += flow[to] * weight[at];
    });
    before
}

/// Positions of the field that goes out.
fn positions(convolution: Convolution, way: Way) -> usize {
    match way {
        Way::ToCoarse => convolution.window.coarse().positions(),
        Way::ToFine => convolution.window.fine().positions(),
    }
}

/// Goes through all connections: the index of the weight, of the value that comes in and of the value that goes out.
fn each_connection(convolution: Convolution, way: Way, mut visit: impl FnMut(usize, usize, usize)) {
    let Convolution { window, inputs, outputs, groups } = convolution;
    let (coarse_channels, fine_channels) = match way {
        Way::ToCoarse => (outputs, inputs),
        Way::ToFine => (inputs, outputs),
    };
    let (coarse_of_group, fine_of_group) = (coarse_channels / groups, fine_channels / groups);
    let (places, positions) = (window.coarse().positions(), window.fine().positions());
    let inside = taps_inside(window);
    for coarse_channel in 0..coarse_channels {
        let group = coarse_channel / coarse_of_group;
        for channel in 0..fine_of_group {
            let fine_channel = group * fine_of_group + channel;
            for &(place, tap, position) in &inside {
                let weight = (coarse_channel * fine_of_group + channel) * window.taps() + tap;
                let (coarse, fine) = (coarse_channel * places + place, fine_channel * positions + position);
                match way {
                    Way::ToCoarse => visit(weight, fine, coarse),
                    Way::ToFine => visit(weight, coarse, fine),
                }
            }
        }
    }
}

/// The taps that lie inside the fine field: place, tap, position. Places in row-major order, and the taps of each as well.
pub(super) fn taps_inside(window: Window) -> Vec<(usize, usize, usize)> {
    let (coarse, fine, kernel) = (window.coarse().all(), window.fine().all(), window.kernel_of_all());
    let mut inside = Vec::new();
    for (place, at) in row_major(coarse).into_iter().enumerate() {
        for (tap, of_tap) in row_major(kernel).into_iter().enumerate() {
            let index = |dimension: usize| window.fine_index(dimension, at[dimension], of_tap[dimension]);
            if let (Some(i), Some(j), Some(k)) = (index(0), index(1), index(2)) {
                inside.push((place, tap, (i * fine[1] + j) * fine[2] + k));
            }
        }
    }
    inside
}

/// All positions of a grid, the last dimension fastest.
pub(super) fn row_major([first, second, third]: [usize; 3]) -> Vec<[usize; 3]> {
    let lines = (0..first).flat_map(|i| (0..second).map(move |j| (i, j)));
    lines.flat_map(|(i, j)| (0..third).map(move |k| [i, j, k])).collect()
}

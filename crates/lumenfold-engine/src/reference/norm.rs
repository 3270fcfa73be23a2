//! Normalisation over all features, over groups of channels, and over the channels of each position.

use crate::kernel::normalised::EPSILON;
use crate::layer::Layer;

/// Values that are normalised together, as indices, and for how many neighbours one pair of parameters stands.
struct Sets {
    sets: Vec<Vec<usize>>,
    positions: usize,
}

impl Sets {
    fn of(layer: Layer) -> Self {
        match layer {
            Layer::LayerNorm { width } => Self { sets: vec![(0..width).collect()], positions: 1 },
            Layer::GroupNorm { channels, positions, groups } => {
                let size = channels / groups * positions;
                let sets = (0..groups).map(|group| (group * size..(group + 1) * size).collect()).collect();
                Self { sets, positions }
            }
            Layer::ChannelNorm { channels, positions } => {
                let of_position = |position| (0..channels).map(|channel| channel * positions + position).collect();
                Self { sets: (0..positions).map(of_position).collect(), positions }
            }
            layer => unreachable!("{layer:?} does not normalise"),
        }
    }
}

/// `y = scale · (x - mean) / deviation + shift`, with the mean and the deviation of the set that `x` is in.
pub(super) fn forward(layer: Layer, scale: &[f64], shift: &[f64], x: &[f64]) -> Vec<f64> {
    let Sets { sets, positions } = Sets::of(layer);
    let mut y = vec![0.0; x.len()];
    for set in sets {
        let (normalised, _) = normalise(&set, x);
        for (index, normalised) in set.into_iter().zip(normalised) {
            y[index] = normalised * scale[index / positions] + shift[index / positions];
        }
    }
    y
}

/// From the gradient by `y` to that by `x`; those of scale and shift are added to `gradients`.
pub(super) fn back(
    layer: Layer,
    scale: &[f64],
    x: &[f64],
    flow: &[f64],
    gradients: (&mut [f64], &mut [f64]),
) -> Vec<f64> {
    let Sets { sets, positions } = Sets::of(layer);
    let (of_scale, of_shift) = gradients;
    let mut before = vec![0.0; x.len()];
    for set in sets {
        let (normalised, inverse) = normalise(&set, x);
        let count = set.len() as f64;
        let (mut mean, mut mean_product) = (0.0, 0.0);
        for (index, normalised) in set.iter().zip(&normalised) {
            of_scale[index / positions] += flow[*index] * normalised;
            of_shift[index / positions] += flow[*index];
            let scaled = flow[*index] * scale[index / positions];
            mean += scaled / count;
            mean_product += scaled * normalised / count;
        }
        for (index, normalised) in set.into_iter().zip(normalised) {
            let scaled = flow[index] * scale[index / positions];
            before[index] = (scaled - mean - normalised * mean_product) * inverse;
        }
    }
    before
}

/// The normalised values of a set and one over their deviation.
fn normalise(set: &[usize], x: &[f64]) -> (Vec<f64>, f64) {
    let values = || set.iter().map(|index| x[*index]);
    let count = set.len() as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    let inverse = 1.0 / (variance + f64::from(EPSILON)).sqrt();
    (values().map(|x| (x - mean) * inverse).collect(), inverse)
}

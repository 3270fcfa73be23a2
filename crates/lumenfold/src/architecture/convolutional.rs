//! The convolutional network for a shape.

use lumenfold_engine::{Extent, Layer, Window};

use super::flow::{Flow, Form};
use super::mirror;
use crate::Settings;

/// Fields are halved until no side is longer than this, and sides until they are no longer than that.
const LONGEST_SIDE: usize = 8;
const SHORTEST_SIDE: usize = 4;

/// The most convolutions.
const MOST_LAYERS: usize = 6;

/// Channels of the first convolution, by the dimensions of the field, and the most channels.
const FIRST_CHANNELS: [usize; 3] = [16, 16, 8];
const MOST_CHANNELS: usize = 64;

/// Positions of a window along each dimension, by the dimensions of the field.
const KERNELS: [usize; 3] = [5, 3, 3];

/// The encoder's layers and those of its mirror.
pub(super) fn layers(settings: &Settings, shape: &[usize]) -> Result<(Vec<Layer>, Vec<Layer>), String> {
    let extent = Extent::new(shape).map_err(|reason| {
        format!("--net conv needs samples with one, two or three axes, and these have {}: {reason}", shape.len())
    })?;
    let dimensions = extent.dimensions();
    let kernel = settings.kernel.unwrap_or(KERNELS[dimensions - 1]);
    let channels = settings.channels.clone().unwrap_or_else(|| default_channels(extent));
    let mut flow = Flow::new(Form::Field { channels: 1, extent });
    for outputs in channels {
        let (inputs, field) = flow.field()?;
        let kernels: Vec<usize> = field.sizes().iter().map(|size| kernel.min(2 * size - 1)).collect();
        let strides: Vec<usize> = field.sizes().iter().map(|size| stride(*size)).collect();
        let padding: Vec<usize> = kernels.iter().map(|kernel| kernel / 2).collect();
        let window = Window::new(field, &kernels, &strides, &padding, &vec![1; dimensions])?;
        flow.convolution(window, inputs, outputs, 1);
        flow.after(settings.activation, settings.norm);
    }
    for width in &settings.hidden {
        flow.dense(*width);
        flow.after(settings.activation, settings.norm);
    }
    flow.dense(settings.latent);
    let decoder = mirror::decoder(&flow);
    Ok((flow.layers(), decoder))
}

/// Short sides are not halved any more.
fn stride(size: usize) -> usize {
    if size > SHORTEST_SIDE { 2 } else { 1 }
}

/// As many convolutions as bring every side down, with twice the channels after each.
fn default_channels(extent: Extent) -> Vec<usize> {
    let mut sizes = extent.sizes().to_vec();
    let mut channels = vec![FIRST_CHANNELS[sizes.len() - 1]];
    loop {
        sizes.iter_mut().for_each(|size| *size = size.div_ceil(stride(*size)));
        let next = channels[channels.len() - 1] * 2;
        if sizes.iter().all(|size| *size <= LONGEST_SIDE) || channels.len() == MOST_LAYERS {
            return channels;
        }
        channels.push(next.min(MOST_CHANNELS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(shape: &[usize]) -> Vec<usize> {
        default_channels(Extent::new(shape).expect("a shape"))
    }

    #[test]
    fn fields_are_halved_until_they_are_small() {
        assert_eq!(channels(&[28, 28]), [16, 32]);
        assert_eq!(channels(&[66]), [16, 32, 64, 64]);
        assert_eq!(channels(&[100, 100]), [16, 32, 64, 64]);
        assert_eq!(channels(&[48, 48, 48]), [8, 16, 32]);
        assert_eq!(channels(&[300, 300]), [16, 32, 64, 64, 64, 64]);
        assert_eq!(channels(&[3, 500]), [16, 32, 64, 64, 64, 64]);
        assert_eq!(channels(&[1]), [16]);
    }

    #[test]
    fn the_decoder_gives_the_shape_that_the_encoder_takes() {
        let settings = Settings { net: super::super::Net::Convolutional, hidden: vec![7], ..Settings::default() };
        for shape in [&[1][..], &[2], &[7], &[66], &[5, 9], &[29, 31], &[3, 4, 5], &[9, 1, 17], &[101, 2]] {
            let (encoder, decoder) = layers(&settings, shape).expect("a network");
            let network = lumenfold_engine::Network::new(encoder, decoder).expect("layers that fit");
            assert_eq!(network.features(), shape.iter().product::<usize>(), "{shape:?}");
        }
    }
}

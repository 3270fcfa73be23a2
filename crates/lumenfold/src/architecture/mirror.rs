//! The decoder that leads back through an encoder: every layer's counterpart in reverse order, each followed by what follows
//! the layer before it in the encoder, where values have the same shape.

use lumenfold_engine::{Convolution, Interpolation, Layer};

use super::flow::Flow;

/// The layers of the mirror.
pub(super) fn decoder(encoder: &Flow) -> Vec<Layer> {
    let parts = encoder.parts();
    let mut layers = Vec::new();
    for (before, part) in parts.iter().zip(&parts[1..]).rev() {
        layers.extend(part.layer.map(counterpart));
        if before.layer.is_some() {
            layers.extend(before.then.iter().copied());
        }
    }
    layers
}

/// The layer that leads back from what a layer gives to what it takes.
fn counterpart(layer: Layer) -> Layer {
    let swapped = |convolution: Convolution| Convolution {
        inputs: convolution.outputs,
        outputs: convolution.inputs,
        ..convolution
    };
    match layer {
        Layer::Dense { inputs, outputs } => Layer::Dense { inputs: outputs, outputs: inputs },
        Layer::Convolution(convolution) => Layer::TransposedConvolution(swapped(convolution)),
        Layer::TransposedConvolution(convolution) => Layer::Convolution(swapped(convolution)),
        Layer::Pool { window, channels, .. } => Layer::Upsample {
            channels,
            from: window.coarse(),
            to: window.fine(),
            interpolation: Interpolation::Nearest,
        },
        Layer::Upsample { channels, from, to, interpolation } => {
            Layer::Upsample { channels, from: to, to: from, interpolation }
        }
        // An outer product has no inverse: a dense layer takes its place.
        Layer::OuterProduct { channels, rank, extent } => Layer::Dense {
            inputs: channels * extent.positions(),
            outputs: channels * rank * extent.sizes().iter().sum::<usize>(),
        },
        other => other,
    }
}

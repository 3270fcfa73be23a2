//! Members of other widths.

use lumenfold_engine::{Layer, Network, Part};

/// A hidden layer that is so many times as wide.
pub(super) fn hidden(width: usize, factor: f64) -> usize {
    ((width as f64 * factor).round() as usize).max(1)
}

/// By which factor the hidden layers of a member are wider than those of the first, whose is 1. Members that see rows alike take turns
/// with the widths.
pub(super) fn factor_of(member: usize, views: usize, widths: &[f64]) -> f64 {
    match (member / views) % (widths.len() + 1) {
        0 => 1.0,
        turn => widths[turn - 1],
    }
}

/// The network with hidden layers so many times as wide; none if it is not made of dense layers alone.
pub(super) fn widened(network: &Network, factor: f64) -> Option<Network> {
    if factor == 1.0 {
        return Some(network.clone());
    }
    let [encoder, decoder] = [Part::Encoder, Part::Decoder].map(|part| chain(network.part(part), factor));
    Network::new(encoder?, decoder?).ok()
}

fn chain(layers: &[Layer], factor: f64) -> Option<Vec<Layer>> {
    let last = layers.iter().rposition(|layer| matches!(layer, Layer::Dense { .. }))?;
    let mut width = None;
    let layer = |(at, layer): (usize, &Layer)| match layer {
        Layer::Dense { inputs, outputs } => {
            let inputs = width.unwrap_or(*inputs);
            let outputs = if at == last { *outputs } else { hidden(*outputs, factor) };
            width = Some(outputs);
            Some(Layer::Dense { inputs, outputs })
        }
        Layer::LayerNorm { width: own } => Some(Layer::LayerNorm { width: width.unwrap_or(*own) }),
        Layer::Activation(activation) => Some(Layer::Activation(*activation)),
        _ => None,
    };
    layers.iter().enumerate().map(layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lumenfold_engine::Activation;

    #[test]
    fn hidden_layers_alone_are_wider() {
        let of = |widths: &[usize]| Network::dense(5, widths, 2, Activation::Silu, true).expect("a network");
        let network = of(&[8, 3]);
        for (factor, widths) in [(2.0, [16, 6]), (0.5, [4, 2]), (1.0, [8, 3]), (1e-9, [1, 1])] {
            assert_eq!(widened(&network, factor), Some(of(&widths)));
        }
        assert_eq!(widened(&network, 1e18), None);
        assert_eq!(widened(&of(&[]), 2.0), Some(of(&[])));
        let encoder = vec![Layer::Dense { inputs: 3, outputs: 2 }, Layer::TopK { width: 2, kept: 1 }];
        let sparse = Network::new(encoder, vec![Layer::Dense { inputs: 2, outputs: 3 }]).expect("a network");
        assert_eq!((widened(&sparse, 2.0), widened(&sparse, 1.0).is_some()), (None, true));
    }

    #[test]
    fn members_of_a_view_take_turns() {
        let of = |views| (0..6).map(|member| factor_of(member, views, &[0.5, 2.0])).collect::<Vec<_>>();
        assert_eq!(of(1), [1.0, 0.5, 2.0, 1.0, 0.5, 2.0]);
        assert_eq!(of(2), [1.0, 1.0, 0.5, 0.5, 2.0, 2.0]);
        assert_eq!(factor_of(7, 2, &[]), 1.0);
    }
}

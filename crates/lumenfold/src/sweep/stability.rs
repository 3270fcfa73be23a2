//! Whether different seeds come to the same code.

use crate::alignment::Alignment;
use crate::order_statistics::median;

/// How much alike the codes of some pairs of seeds are: medians over the pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// The share that an affine map explains; see [`Alignment::affine_r2`].
    pub affine_r2: f64,
    /// Linear centred kernel alignment; see [`Alignment::cka`].
    pub cka: f64,
    /// Pairs that were compared.
    pub pairs: usize,
}

impl Stability {
    /// Of these pairs; none of none.
    pub(super) fn of<'a>(pairs: impl IntoIterator<Item = &'a Alignment>) -> Option<Self> {
        let pairs: Vec<&Alignment> = pairs.into_iter().collect();
        let of = |value: fn(&Alignment) -> f64| median(&pairs.iter().map(|pair| value(pair)).collect::<Vec<_>>());
        let (affine_r2, cka) = (of(|pair| pair.affine_r2), of(|pair| pair.cka));
        (!pairs.is_empty()).then_some(Self { affine_r2, cka, pairs: pairs.len() })
    }
}

/// Every pair of codes `[rows][latent]`, by their places. Codes that do not vary have no pair.
pub(super) fn pairs(codes: &[Vec<f32>], latent: usize) -> Vec<(usize, usize, Alignment)> {
    let mut pairs = Vec::new();
    for (first, code) in codes.iter().enumerate() {
        for (second, other) in codes.iter().enumerate().skip(first + 1) {
            if let Some(alignment) = Alignment::of(code, latent, other, latent) {
                pairs.push((first, second, alignment));
            }
        }
    }
    pairs
}

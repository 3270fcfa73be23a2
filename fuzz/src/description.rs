//! Descriptions of networks, for samples of several shapes.

use lumenfold::architecture::{Description, Plan};
use lumenfold::{Net, Norm, Settings};

/// The shapes of samples, chosen by the first byte.
const SHAPES: [&[usize]; 6] = [&[5], &[64], &[12, 9], &[1, 1], &[6, 5, 7], &[2, 3, 2, 3]];
/// Rows of a batch.
const BATCH: usize = 32;

/// Plans a network; the first byte chooses the shape of a sample, the others are TOML.
///
/// # Panics
///
/// A demand on the description is not met.
pub fn check(bytes: &[u8]) {
    let Some((shape, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let description = match Description::of_text(text) {
        Ok(description) => description,
        Err(reason) => {
            assert!(reason.starts_with("line "), "{reason}");
            return;
        }
    };
    let net = Net::Described(Box::new(description));
    let settings = Settings { net, norm: Norm::None, hidden: Vec::new(), ..Settings::default() };
    let shape = SHAPES[usize::from(*shape) % SHAPES.len()];
    match Plan::new(&settings, shape, BATCH) {
        Ok(plan) => assert!(plan.encoder_layers <= plan.layers.len()),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains('\n'), "{message:?}");
        }
    }
}

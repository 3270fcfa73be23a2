//! How sparse the codes of rows are, and what they cost.

use std::num::NonZeroUsize;

use lumenfold_data::RowSource;
use lumenfold_engine::Part;

use super::grouped::grouped;
use crate::record::Usage;
use crate::{Autoencoder, Error, Sparsity};

/// What comes of judging rows.
pub(super) struct Judged {
    pub(super) usage: Usage,
    /// The mean loss with its penalty.
    pub(super) loss: f64,
    /// The mean squared residual in original units.
    pub(super) mse: f64,
}

/// Judges the codes and reconstructions of rows in original units.
pub(super) fn judge(
    autoencoder: &Autoencoder,
    sparsity: Sparsity,
    rows: &impl RowSource<f64>,
    threads: NonZeroUsize,
) -> Result<Judged, Error> {
    let (latent, features) = (autoencoder.network.latent_dimension(), autoencoder.features.len());
    let mut sums = autoencoder.error_sums();
    let mut used = vec![0_usize; latent];
    let mut activity = vec![0.0; latent];
    let mut values = vec![0.0; features];
    let threshold = sparsity.used_above();
    grouped(rows, |_, block| {
        let apart = autoencoder.apart(block, rows.width());
        let block = &apart.values[..];
        let mut scaled = vec![0.0; block.len()];
        autoencoder.scaling.forward_block(block, &mut scaled);
        let mut codes = vec![0.0; block.len() / features * latent];
        autoencoder.apply_once(Part::Encoder, &scaled, &mut codes, threads)?;
        let mut outputs = vec![0.0; block.len()];
        autoencoder.apply_once(Part::Decoder, &codes, &mut outputs, threads)?;
        for code in codes.chunks_exact(latent) {
            for (index, value) in code.iter().enumerate() {
                used[index] += usize::from(*value > threshold);
                activity[index] += f64::from(*value);
            }
        }
        let rows = block.chunks_exact(features).zip(scaled.chunks_exact(features));
        for (row, ((original, scaled), output)) in rows.zip(outputs.chunks_exact(features)).enumerate() {
            autoencoder.scaling.inverse_block(output, &mut values);
            sums.add((original, &values), (scaled, output), apart.weights_of(row));
        }
        Ok(())
    })?;
    let errors = sums.finish();
    let count = errors.rows.max(1) as f64;
    let activity: Vec<f64> = activity.into_iter().map(|sum| sum / count).collect();
    let penalty = match sparsity {
        Sparsity::TopK(_) | Sparsity::BatchTopK(_) => 0.0,
        Sparsity::JumpRelu { strength, .. } => strength * used.iter().sum::<usize>() as f64 / count,
        Sparsity::L1(strength) => {
            strength * autoencoder.decoder_norms().iter().zip(&activity).map(|(norm, mean)| norm * mean).sum::<f64>()
        }
        Sparsity::Kl { target, strength } => {
            let of_latent = |mean: &f64| {
                let mean = mean.clamp(1e-6, 1.0 - 1e-6);
                target * libm::log(target / mean) + (1.0 - target) * libm::log((1.0 - target) / (1.0 - mean))
            };
            strength * activity.iter().map(of_latent).sum::<f64>()
        }
    };
    let usage = Usage {
        rows: errors.rows,
        active: used.iter().sum::<usize>() as f64 / count,
        dead: used.iter().filter(|count| **count == 0).count(),
        shares: used.iter().map(|used| *used as f64 / count).collect(),
        activity,
    };
    Ok(Judged { usage, loss: errors.loss + penalty / features as f64, mse: errors.mse })
}

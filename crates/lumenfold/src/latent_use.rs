//! What each latent of a sparse code is used for: by how many rows, and what it adds to their reconstructions.

use std::num::NonZeroUsize;

use crate::{Autoencoder, Error};

/// Rows that use a latent, with the largest values of it, whose reconstructions tell what it adds.
const MOST_ROWS: usize = 32;

/// The use of one latent.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentUse {
    /// The latent, from 0.
    pub latent: usize,
    /// The share of the rows that use it.
    pub share: f64,
    /// Its mean value in the rows that use it.
    pub typical: f64,
    /// What it adds to each feature, in original units: the reconstruction with it less that without it, the mean over rows
    /// that use it most.
    pub adds: Vec<f64>,
    /// The same in units of each feature's scale.
    pub adds_scaled: Vec<f64>,
}

/// The use of every latent that any of the rows uses, the one that most rows use first. `codes` are `[rows][latent]`;
/// values above `threshold` are uses.
///
/// # Errors
/// A code that overflows; an instruction set that is not there.
pub fn latent_use(
    autoencoder: &Autoencoder,
    codes: &[f32],
    threshold: f32,
    threads: NonZeroUsize,
) -> Result<Vec<LatentUse>, Error> {
    let latent = autoencoder.network.latent_dimension();
    let rows = codes.len() / latent;
    let mut all = Vec::new();
    for index in 0..latent {
        let value = |row: usize| codes[row * latent + index];
        let mut users: Vec<usize> = (0..rows).filter(|row| value(*row) > threshold).collect();
        if users.is_empty() {
            continue;
        }
        let sum: f64 = users.iter().map(|row| f64::from(value(*row))).sum();
        let (share, typical) = (users.len() as f64 / rows as f64, sum / users.len() as f64);
        users.sort_by(|one, two| value(*two).total_cmp(&value(*one)).then(one.cmp(two)));
        users.truncate(MOST_ROWS);
        let with: Vec<f32> = users.iter().flat_map(|row| &codes[row * latent..(row + 1) * latent]).copied().collect();
        let mut without = with.clone();
        without.iter_mut().skip(index).step_by(latent).for_each(|value| *value = 0.0);
        let (with, without) = (autoencoder.decode(&with, threads)?, autoencoder.decode(&without, threads)?);
        let features = autoencoder.features.len();
        let mut adds = vec![0.0; features];
        for (place, (with, without)) in with.iter().zip(&without).enumerate() {
            adds[place % features] += (with - without) / users.len() as f64;
        }
        let scales = autoencoder.scaling.features.iter().zip(&autoencoder.scaled_mean);
        // What a step of one in scaled units is, about the mean.
        let adds_scaled =
            adds.iter().zip(scales).map(|(adds, (scaling, mean))| adds / scaling.inverse_slope(*mean).abs());
        all.push(LatentUse { latent: index, share, typical, adds_scaled: adds_scaled.collect(), adds });
    }
    all.sort_by(|one, two| two.share.total_cmp(&one.share).then(one.latent.cmp(&two.latent)));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};

    use super::*;
    use crate::settings::Kind;
    use crate::{Settings, Sparsity, fit};

    #[test]
    fn a_linear_decoder_adds_its_column_times_the_value() {
        let column =
            |name: &str, of: fn(usize) -> f64| Column::new(name, Values::Float64((0..200).map(of).collect::<Vec<_>>()));
        let columns = vec![
            column("a", |row| (row % 7) as f64),
            column("b", |row| (row % 5) as f64 * 2.0),
            column("c", |row| (row % 7) as f64 - (row % 5) as f64),
        ];
        let table = Table::new("table", columns).expect("columns");
        let data = Dataset::from_table(table, &DatasetOptions::default()).expect("numbers");
        let settings = Settings {
            kind: Kind::Sparse,
            sparsity: Some(Sparsity::TopK(2)),
            latent: 6,
            hidden: Vec::new(),
            norm: crate::Norm::None,
            epochs: Some(30),
            ..Settings::default()
        };
        let autoencoder = fit(&data, &settings, &AtomicBool::new(false), |_| {}).expect("fitted").autoencoder;
        let codes = autoencoder.encode(&data, NonZeroUsize::MIN).expect("codes");
        let found = latent_use(&autoencoder, &codes, 0.0, NonZeroUsize::MIN).expect("used");
        assert!(!found.is_empty() && found.windows(2).all(|pair| pair[0].share >= pair[1].share));
        let weight =
            autoencoder.network.tensors().iter().find(|tensor| tensor.name == "decoder.0.weight").expect("one");
        let weight = &autoencoder.parameters[weight.range.clone()];
        for found in found {
            let mut values: Vec<f32> =
                codes.iter().skip(found.latent).step_by(6).copied().filter(|v| *v > 0.0).collect();
            assert!((found.share - values.len() as f64 / 200.0).abs() < 1e-12);
            values.sort_by(|one, two| two.total_cmp(one));
            values.truncate(MOST_ROWS);
            let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
            for feature in 0..3 {
                let scaled = f64::from(weight[feature * 6 + found.latent]) * mean;
                assert!((found.adds_scaled[feature] - scaled).abs() < 1e-4, "{:?} {scaled}", found.adds_scaled);
                let original = scaled * autoencoder.scaling.features[feature].scale;
                assert!((found.adds[feature] - original).abs() < 1e-3);
            }
        }
    }
}

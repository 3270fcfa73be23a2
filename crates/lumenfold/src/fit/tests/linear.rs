//! A linear autoencoder finds what principal component analysis finds; Baldi and Hornik (1989), Neural Networks 2, 53.

use std::sync::atomic::AtomicBool;

use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};
use lumenfold_engine::Activation;

use super::prepare;
use crate::{Pca, Settings};

/// The largest principal angle between the two subspaces, in radians.
const SAME_SUBSPACE: f64 = 0.02;

/// How much larger the error may be, as a share.
const SAME_ERROR: f64 = 0.01;

/// Rows of correlated features whose spreads fall off by this factor from one to the next direction.
fn data(rows: usize, features: usize, factor: f64) -> Dataset {
    let mut state = 3_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let mixing: Vec<f64> = (0..features * features).map(|_| uniform()).collect();
    let mut columns = vec![Vec::new(); features];
    for _ in 0..rows {
        let sources: Vec<f64> = (0..features).map(|index| factor.powi(index as i32) * uniform()).collect();
        for (feature, column) in columns.iter_mut().enumerate() {
            let mixed = sources.iter().zip(&mixing[feature * features..]).map(|(source, factor)| source * factor);
            column.push(100.0 * feature as f64 + mixed.sum::<f64>());
        }
    }
    let column = |(index, values)| Column::new(format!("x{index}"), Values::Float64(values));
    let columns = columns.into_iter().enumerate().map(column).collect();
    Dataset::from_table(Table::new("mixed", columns).unwrap(), &DatasetOptions::default()).unwrap()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// The part of a vector that is outside the span of orthonormal ones.
fn outside(vector: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut rest = vector.to_vec();
    for direction in basis {
        let overlap = dot(&rest, direction);
        rest.iter_mut().zip(direction).for_each(|(rest, value)| *rest -= overlap * value);
    }
    rest
}

#[test]
fn a_linear_autoencoder_spans_the_principal_components() {
    for (rows, features, factor, latent) in [(600, 5, 0.5, 2), (900, 12, 0.8, 4), (500, 30, 0.85, 3)] {
        let data = data(rows, features, factor);
        let settings = Settings {
            latent,
            hidden: Vec::new(),
            activation: Activation::Identity,
            norm: crate::Norm::None,
            epochs: Some(600),
            batch: Some(64),
            validation: 0.0,
            ..Settings::default()
        };
        let prepared = prepare(&data, &settings).unwrap();
        let weights = prepared.loss_weights.clone();
        let pca = Pca::fit(&prepared.material.training, &weights, latent, settings.threads).unwrap();
        let fitted = prepared.train(&AtomicBool::new(false), |_| {}).unwrap();
        let what = format!("{rows} rows, {features} features");
        let rival = fitted.record.pca_with(latent).unwrap();
        assert!(fitted.record.train.loss < (1.0 + SAME_ERROR) * rival.loss, "{what}: {:?}", fitted.record.train.loss);
        // The decoder's weights are [features][latent]: their columns span its outputs.
        let network = fitted.autoencoder.network();
        let decoder = network.tensors().iter().find(|tensor| tensor.name == "decoder.0.weight").unwrap();
        let decoder = &fitted.autoencoder.parameters()[decoder.range.clone()];
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for coordinate in 0..latent {
            let column: Vec<f64> =
                decoder.iter().skip(coordinate).step_by(latent).map(|value| (*value).into()).collect();
            let rest = outside(&outside(&column, &basis), &basis);
            let length = dot(&rest, &rest).sqrt();
            basis.push(rest.iter().map(|value| value / length).collect());
        }
        // The sine of the largest angle is at most the root of the sum of all squares.
        let squares: f64 =
            pca.directions().map(|direction| outside(direction, &basis)).map(|rest| dot(&rest, &rest)).sum();
        assert!(squares.sqrt() < SAME_SUBSPACE, "{what}: {} rad", squares.sqrt());
    }
}

//! Codes whose coordinates are ordered.

use std::num::NonZeroUsize;

use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};
use lumenfold_engine::Activation;

use super::{fitted, settings};
use crate::{Settings, fit};

/// Six features, mixtures of three independent uniform numbers of clearly different spread.
fn mixtures() -> Dataset {
    let mut state = 11_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let mut columns = vec![Vec::new(); 6];
    for _ in 0..1500 {
        let (a, b, c) = (4.0 * uniform(), 2.0 * uniform(), uniform());
        for (feature, column) in columns.iter_mut().enumerate() {
            let angle = feature as f64;
            column.push(a * angle.sin() + b * (2.0 * angle).cos() + c * (3.0 * angle + 1.0).sin() + 0.05 * uniform());
        }
    }
    let column = |(index, values)| Column::new(format!("x{index}"), Values::Float64(values));
    let columns = columns.into_iter().enumerate().map(column).collect();
    Dataset::from_table(Table::new("mixtures", columns).unwrap(), &DatasetOptions::default()).unwrap()
}

/// How much less of the variance than PCA a linear ordered code may explain, with any number of coordinates.
const AS_GOOD_AS_PCA: f64 = 0.001;

#[test]
fn the_coordinates_of_a_linear_ordered_code_are_principal_components() {
    let data = mixtures();
    let settings = Settings {
        latent: 3,
        hidden: Vec::new(),
        norm: crate::Norm::None,
        activation: Activation::Identity,
        ordered: true,
        epochs: Some(400),
        batch: Some(100),
        ..Settings::default()
    };
    let fitted = fit(&data, &settings, &std::sync::atomic::AtomicBool::new(false), |_| {}).unwrap();
    let record = &fitted.record;
    assert_eq!(record.ordered.len(), 3);
    for (index, errors) in record.ordered.iter().enumerate() {
        let pca = record.pca_with(index + 1).unwrap();
        let less = pca.explained_variance - errors.explained_variance;
        assert!(less < AS_GOOD_AS_PCA, "{} coordinates: {} {}", index + 1, errors.loss, pca.loss);
    }
    // All of them are the whole.
    assert!((record.ordered[2].loss / record.judged().loss - 1.0).abs() < 1e-6);
    // Without the order, the first coordinate is some mixture.
    let unordered =
        fit(&data, &Settings { ordered: false, ..settings }, &std::sync::atomic::AtomicBool::new(false), |_| {});
    assert!(unordered.unwrap().record.ordered.is_empty());
}

#[test]
fn ordered_codes_give_the_same_bits_on_any_threads() {
    let chosen = Settings { latent: 2, ordered: true, starts: 2, ..settings() };
    for chosen in [Settings { validation: 0.0, starts: 1, ..chosen.clone() }, chosen] {
        let one = fitted(&chosen);
        let three = fitted(&Settings { threads: NonZeroUsize::new(3).unwrap(), ..chosen.clone() });
        assert_eq!(one.autoencoder, three.autoencoder);
        assert_eq!(one.record, three.record);
        assert_ne!(one.record.losses, fitted(&Settings { ordered: false, ..chosen }).record.losses);
    }
}

//! Denoising autoencoders.

use std::num::NonZeroUsize;

use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};

use super::{denoising, fitted, settings};
use crate::fit::prepare;
use crate::settings::Kind;
use crate::{Fitted, Noise, Settings, fit};

/// Eight features that a point on a circle decides, and the same with independent normal noise (a sum of twelve uniform
/// numbers) of this deviation: the truth and what is measured.
fn circle(deviation: f64) -> [Vec<Vec<f64>>; 2] {
    let mut state = 5_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut both = [Vec::new(), Vec::new()];
    for _ in 0..2000 {
        let angle = std::f64::consts::TAU * uniform();
        let clean: Vec<f64> = (0..8).map(|feature| (angle + 0.8 * f64::from(feature)).cos()).collect();
        let mut noise = || deviation * ((0..12).map(|_| uniform()).sum::<f64>() - 6.0);
        both[1].push(clean.iter().map(|value| value + noise()).collect());
        both[0].push(clean);
    }
    both
}

fn dataset(rows: &[Vec<f64>]) -> Dataset {
    let column = |index: usize| rows.iter().map(|row| row[index]).collect();
    let columns = (0..8).map(|index| Column::new(format!("x{index}"), Values::Float64(column(index)))).collect();
    Dataset::from_table(Table::new("circle", columns).unwrap(), &DatasetOptions::default()).unwrap()
}

fn mean_square(left: &[f64], right: &[Vec<f64>]) -> f64 {
    let squares = left.iter().zip(right.iter().flatten()).map(|(left, right)| (left - right).powi(2));
    squares.sum::<f64>() / left.len() as f64
}

fn fitted_to(data: &Dataset, settings: &Settings) -> Fitted {
    fit(data, settings, &std::sync::atomic::AtomicBool::new(false), |_| {}).unwrap()
}

fn chosen() -> Settings {
    Settings { latent: 2, hidden: vec![32, 32], epochs: Some(120), kind: Kind::Denoising, ..Settings::default() }
}

/// Squared error that is left of noise of 0.3 (0.09): three quarters of it lie across the plane of the circle, and most
/// of a half of the rest along its radius.
const LEFT_OF_NOISE: f64 = 0.022;

#[test]
fn noise_on_clean_data_is_removed_better_than_by_pca() {
    let [clean, noisy] = circle(0.3);
    // The features have a deviation of 0.71.
    let settings = Settings { noise: vec![Noise::Gaussian(0.3 / 0.71)], ..chosen() };
    let fitted = fitted_to(&dataset(&clean), &settings);
    let errors = fitted.record.denoising.clone().unwrap();
    assert!((errors.corrupted.mse / 0.09 - 1.0).abs() < 0.1, "{}", errors.corrupted.mse);
    assert!(errors.reconstructed.mse < LEFT_OF_NOISE, "{}", errors.reconstructed.mse);
    let pca = errors.pca.unwrap();
    assert!(errors.reconstructed.mse < 0.95 * pca.mse, "{} beside PCA's {}", errors.reconstructed.mse, pca.mse);
    assert_eq!(errors.corrupted.rows, fitted.record.validation_rows);
    // Noise that was never seen, drawn by another generator.
    let threads = NonZeroUsize::MIN;
    let found = fitted.autoencoder.reconstruct(&dataset(&noisy), threads).unwrap();
    assert!(mean_square(&found, &clean) < LEFT_OF_NOISE, "{}", mean_square(&found, &clean));
    // What the epochs are judged by is the error of corrupted rows.
    let best = &fitted.record.losses[fitted.record.best_epoch - 1];
    assert_eq!(best.validation, Some(errors.reconstructed.loss));
}

#[test]
fn blind_spots_remove_noise_without_clean_data() {
    let [clean, noisy] = circle(0.3);
    let settings = Settings { blind_spots: Some(0.2), ..chosen() };
    let fitted = fitted_to(&dataset(&noisy), &settings);
    let found = fitted.autoencoder.reconstruct(&dataset(&noisy), NonZeroUsize::MIN).unwrap();
    assert!(mean_square(&found, &clean) < 1.5 * LEFT_OF_NOISE, "{}", mean_square(&found, &clean));
    // A hidden value cannot be told better than its noise allows.
    let errors = fitted.record.denoising.unwrap();
    assert!(errors.reconstructed.mse > 0.09 && errors.reconstructed.mse < 0.15, "{}", errors.reconstructed.mse);
    // Nothing is told of it: the mean stands there.
    assert!((errors.corrupted.mse / 0.59 - 1.0).abs() < 0.1, "{}", errors.corrupted.mse);
}

/// Counts of the Poisson distribution with these means, by Knuth's product of uniform numbers.
fn counted(means: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut state = 11_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let mut count = |mean: &f64| {
        let (mut count, mut left) = (0.0, *mean);
        loop {
            left += uniform().ln();
            if left < 0.0 {
                return count;
            }
            count += 1.0;
        }
    };
    means.iter().map(|row| row.iter().map(&mut count).collect()).collect()
}

#[test]
fn split_counts_remove_noise_without_clean_data() {
    let [circle, _] = circle(0.0);
    let means: Vec<Vec<f64>> = circle.iter().map(|row| row.iter().map(|x| 60.0 * (1.5 + x)).collect()).collect();
    let counts = dataset(&counted(&means));
    let settings = Settings { noise: vec![Noise::Split(0.7)], ..chosen() };
    let fitted = fitted_to(&counts, &settings);
    let found = fitted.autoencoder.reconstruct(&counts, NonZeroUsize::MIN).unwrap();
    // The noise of the counts is their mean, 90; it lies in eight dimensions, and the rates in one.
    assert!(mean_square(&found, &means) < 0.3 * 90.0, "{}", mean_square(&found, &means));
    // Errors are differences from the other part of the counts, with its noise.
    let errors = fitted.record.denoising.unwrap();
    let of_both = 90.0 / 0.7 + 90.0 / 0.3;
    assert!((errors.corrupted.mse / of_both - 1.0).abs() < 0.1, "{} {of_both}", errors.corrupted.mse);
    let found = errors.reconstructed.mse;
    assert!(found > 0.9 * 90.0 / 0.3 && found < 1.15 * 90.0 / 0.3, "{found}");
    let best = &fitted.record.losses[fitted.record.best_epoch - 1];
    assert_eq!(best.validation, Some(errors.reconstructed.loss));
}

#[test]
fn split_counts_stay_counts() {
    let refused = |settings: Settings| settings.check().unwrap_err().to_string();
    let split = Settings { noise: vec![Noise::Split(0.7)], ..chosen() };
    assert!(split.check().is_ok());
    let two = vec![Noise::Split(0.7), Noise::Gaussian(0.1)];
    assert!(refused(Settings { noise: two, ..split.clone() }).starts_with("--noise"));
    assert!(refused(Settings { blind_spots: Some(0.1), ..split.clone() }).starts_with("--blind-spots"));
    assert!(refused(Settings { jitter: 0.1, ..split.clone() }).starts_with("--jitter"));
    assert!(refused(Settings { stretch: vec![0.1], ..split.clone() }).starts_with("--stretch"));
    assert!(refused(Settings { scaling: "anscombe".parse().unwrap(), ..split.clone() }).contains("linear"));
    // Of values that are no counts the fit says so.
    let data = super::parabola();
    let remarks = prepare(&data, &Settings { hidden: vec![8], latent: 1, ..split }).unwrap().remarks();
    assert!(remarks.iter().any(|remark| remark.starts_with("noise split: 5")), "{remarks:?}");
}

#[test]
fn every_noise_can_be_fitted_on_any_threads_with_and_without_held_out_rows() {
    let noises: [&[&str]; 6] = [
        &["gaussian:0.3"],
        &["masking:0.3"],
        &["salt-pepper:0.2"],
        &["poisson:40"],
        &["split:0.4"],
        &["masking:0.1", "gaussian:0.1", "gaussian:0.1"],
    ];
    for noise in noises {
        for (validation, blind_spots) in [(0.2, None), (0.0, None), (0.2, Some(0.5))] {
            if blind_spots.is_some() && noise[0].starts_with("split") {
                continue;
            }
            let noise = noise.iter().map(|noise| noise.parse().unwrap()).collect();
            let chosen = Settings { noise, validation, blind_spots, kind: Kind::Denoising, ..settings() };
            let one = fitted(&chosen);
            let three = fitted(&Settings { threads: NonZeroUsize::new(3).unwrap(), ..chosen.clone() });
            assert_eq!(one.autoencoder, three.autoencoder);
            assert_eq!(one.record, three.record);
            let errors = one.record.denoising.unwrap();
            assert!(errors.corrupted.mse > 0.0 && errors.reconstructed.mse.is_finite(), "{chosen:?}");
            assert_ne!(fitted(&settings()).autoencoder, one.autoencoder);
        }
    }
}

#[test]
fn noise_is_drawn_anew_for_each_start_and_seed() {
    let losses = |settings: &Settings| fitted(settings).record.losses;
    let two = losses(&Settings { starts: 2, ..denoising() });
    assert_eq!(two[..6], losses(&denoising()));
    assert_ne!(two[6].train, two[0].train);
    assert_ne!(losses(&Settings { seed: 1, ..denoising() }), two[..6]);
}

#[test]
fn counts_of_negative_values_are_remarked_on() {
    let [clean, _] = circle(0.3);
    let remarks = |rows: &[Vec<f64>], noise: &str| {
        let chosen = Settings { noise: vec![noise.parse().unwrap()], ..chosen() };
        prepare(&dataset(rows), &chosen).unwrap().remarks()
    };
    let positive: Vec<Vec<f64>> = clean.iter().map(|row| row.iter().map(|value| value + 1.0).collect()).collect();
    assert!(remarks(&clean, "poisson:20")[0].contains("\"x0\" and 7 more has values below zero"));
    assert!(remarks(&positive, "poisson:20").is_empty() && remarks(&clean, "gaussian:0.1").is_empty());
}

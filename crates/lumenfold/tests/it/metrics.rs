//! Errors, against the same numbers computed from the reconstruction.

use lumenfold::Settings;
use lumenfold::data::split;
use lumenfold::settings::LossUnits;

use crate::made::{dataset, fitted, rows, small, threads};

/// Relative differences that rounding in another order explains.
const SUMMATION: f64 = 1e-12;
/// Relative differences that the 32-bit floats of the network explain.
const SINGLE: f64 = 1e-4;

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1e-300)
}

#[test]
fn errors_are_those_of_the_reconstruction() {
    let rows = rows(150);
    let data = dataset(&rows);
    for loss_units in [LossUnits::Scaled, LossUnits::Original] {
        let fitted = fitted(&data, &Settings { loss_units, ..small() });
        let output = fitted.autoencoder.reconstruct(&data, threads(2)).unwrap();
        let parts = split(150, 0.2, 0).unwrap();
        for (errors, chosen) in [(&fitted.record.train, &parts.train), (fitted.record.judged(), &parts.validation)] {
            let mut squares = [0.0; 4];
            let mut residuals = [0.0; 4];
            for row in chosen.iter().map(|row| *row as usize) {
                for feature in 0..4 {
                    let residual = output[4 * row + feature] - rows[row][feature];
                    squares[feature] += residual * residual;
                    residuals[feature] += residual;
                }
            }
            let count = chosen.len() as f64;
            assert_eq!(errors.rows, chosen.len());
            assert!(close(errors.mse, squares.iter().sum::<f64>() / (4.0 * count), SUMMATION));
            for feature in 0..4 {
                assert!(close(errors.rmse[feature], (squares[feature] / count).sqrt(), SUMMATION));
                assert!(close(errors.bias[feature], residuals[feature] / count, SUMMATION));
            }
            // The loss weighs squared residuals: by the scale of each feature, or all alike in original units.
            let scales = fitted.autoencoder.scaling().features.iter().map(|feature| feature.scale);
            let scales: Vec<f64> = scales.collect();
            let mean = scales.iter().map(|scale| scale * scale).sum::<f64>() / 4.0;
            let loss: f64 = match loss_units {
                LossUnits::Scaled => squares.iter().zip(&scales).map(|(sum, scale)| sum / (scale * scale)).sum(),
                LossUnits::Original => squares.iter().sum::<f64>() / mean,
            };
            assert!(close(errors.loss, loss / (4.0 * count), SINGLE), "{} {}", errors.loss, loss / (4.0 * count));
        }
    }
}

#[test]
fn the_mean_alone_explains_nothing_and_pca_never_less() {
    let fitted = fitted(&dataset(&rows(150)), &Settings { validation: 0.0, ..small() });
    let explained: Vec<f64> = fitted.record.pca.iter().map(|pca| pca.errors.explained_variance).collect();
    assert_eq!(fitted.record.pca.iter().map(|pca| pca.components).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(explained[0] > 0.0 && explained.is_sorted() && explained[2] <= 1.0, "{explained:?}");
}

#[test]
fn as_many_components_as_features_reconstruct_everything() {
    let fitted = fitted(&dataset(&rows(150)), &Settings { latent: 4, ..small() });
    let all = fitted.record.pca_with(4).unwrap();
    assert!(1.0 - all.explained_variance < 1e-10, "{}", all.explained_variance);
}

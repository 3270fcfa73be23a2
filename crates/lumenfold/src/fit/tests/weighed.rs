//! Features that weigh differently.

use super::{fitted, parabola, settings};
use crate::settings::LossUnits;
use crate::{Error, Settings, fit};

#[test]
fn what_weighs_more_is_reconstructed_better_and_zero_does_not_count() {
    let with = |weights: [f64; 2]| {
        let chosen = Settings { feature_weights: Some(weights.to_vec()), epochs: Some(600), ..settings() };
        // A linear map cannot have both.
        fitted(&Settings { hidden: Vec::new(), norm: crate::Norm::None, ..chosen }).record
    };
    let [first, second] = [with([100.0, 1.0]), with([1.0, 100.0])];
    assert!(first.train.rmse[0] < 0.2 * second.train.rmse[0], "{:?} {:?}", first.train.rmse, second.train.rmse);
    assert!(second.train.rmse[1] < 0.2 * first.train.rmse[1], "{:?} {:?}", first.train.rmse, second.train.rmse);
    // PCA minimises the same: neither is far from it.
    for record in [first, second] {
        assert!(record.train.loss < 1.1 * record.pca_with(1).unwrap().loss + 1e-6);
    }
    let only = with([0.0, 1.0]);
    assert!(only.train.loss < 1e-4 && only.train.rmse[0] > 0.0, "{:?}", only.train);
}

#[test]
fn weights_are_relative_and_one_changes_nothing() {
    let chosen =
        |weights: Option<Vec<f64>>, loss_units| Settings { feature_weights: weights, loss_units, ..settings() };
    for units in [LossUnits::Scaled, LossUnits::Original] {
        let plain = fitted(&chosen(None, units)).autoencoder;
        assert_eq!(plain, fitted(&chosen(Some(vec![1.0, 1.0]), units)).autoencoder);
        assert_eq!(plain, fitted(&chosen(Some(vec![4.0, 4.0]), units)).autoencoder);
        assert_ne!(plain, fitted(&chosen(Some(vec![1.0, 2.0]), units)).autoencoder);
    }
}

#[test]
fn there_must_be_a_weight_for_each_feature() {
    let chosen = Settings { feature_weights: Some(vec![1.0; 3]), ..settings() };
    let error = fit(&parabola(), &chosen, &std::sync::atomic::AtomicBool::new(false), |_| {}).unwrap_err();
    assert!(matches!(&error, Error::Setting { name: "--feature-weights", .. }), "{error}");
    assert!(error.to_string().contains("2 features"), "{error}");
}

//! What a fit may depend on, and what it must not.

use std::sync::atomic::{AtomicBool, Ordering};

use lumenfold::data::{ScalingKind, split};
use lumenfold::fit::prepare;
use lumenfold::record::Stopped;
use lumenfold::settings::ScheduleKind;
use lumenfold::{Error, Settings, fit};

use crate::made::{bits, dataset, fitted, rows, small, threads, try_fit};

#[test]
fn held_out_rows_change_neither_scaling_nor_training() {
    let rows = rows(200);
    let parts = split(200, 0.2, 0).unwrap();
    let mut changed = rows.clone();
    for row in &parts.validation {
        changed[*row as usize] = changed[*row as usize].map(|value| value * 1.7 + 3.0);
    }
    for scaling in
        [ScalingKind::Standard, ScalingKind::Robust, ScalingKind::Log, ScalingKind::Asinh, ScalingKind::RobustAsinh]
    {
        let settings = Settings { scaling, ..small() };
        let (a, b) = (fitted(&dataset(&rows), &settings), fitted(&dataset(&changed), &settings));
        assert_eq!(a.autoencoder.scaling(), b.autoencoder.scaling());
        let train = |losses: &[lumenfold::record::EpochLoss]| -> Vec<u64> {
            losses.iter().map(|loss| loss.train.to_bits()).collect()
        };
        assert_eq!(train(&a.record.losses), train(&b.record.losses));
        assert_ne!(a.record.validation, b.record.validation);
        assert_ne!(a.record.fingerprint, b.record.fingerprint);
    }
}

#[test]
fn training_rows_change_both() {
    let rows = rows(200);
    let parts = split(200, 0.2, 0).unwrap();
    let mut changed = rows.clone();
    changed[parts.train[0] as usize][1] += 1.0;
    let (a, b) = (fitted(&dataset(&rows), &small()), fitted(&dataset(&changed), &small()));
    assert_ne!(a.autoencoder.scaling(), b.autoencoder.scaling());
    assert_ne!(a.record.losses[0].train, b.record.losses[0].train);
}

#[test]
fn threads_change_no_bit() {
    let data = dataset(&rows(700));
    let settings = Settings { batch: Some(256), ..small() };
    let one = fitted(&data, &settings);
    for count in [2, 3, 8] {
        let many = fitted(&data, &Settings { threads: threads(count), ..settings.clone() });
        assert_eq!(bits(one.autoencoder.parameters()), bits(many.autoencoder.parameters()));
        assert_eq!(one.record, many.record);
    }
}

#[test]
fn the_observer_sees_every_epoch_and_the_best_one_is_kept() {
    let data = dataset(&rows(120));
    let settings = Settings { epochs: Some(40), learning_rate: 0.05, ..small() };
    let mut seen = Vec::new();
    let fitted = fit(&data, &settings, &AtomicBool::new(false), |progress| seen.push(*progress)).unwrap();
    assert_eq!(seen.iter().map(|progress| progress.epoch).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    let losses = seen.iter().map(|progress| progress.validation_loss.unwrap());
    let least = losses.fold(f64::INFINITY, f64::min);
    let best = seen.iter().rfind(|progress| progress.best).unwrap();
    assert_eq!(best.epoch, fitted.record.best_epoch);
    assert_eq!(best.validation_loss, Some(least));
    // The record measures the weights that were kept.
    assert_eq!(fitted.record.validation.as_ref().unwrap().loss, least);
    assert_eq!(Some(fitted.record.validation.as_ref().unwrap().mse), best.validation_mse);
}

#[test]
fn a_fit_that_is_stopped_keeps_what_it_has() {
    let data = dataset(&rows(120));
    let stop = AtomicBool::new(false);
    let observe = |progress: &lumenfold::Progress| stop.store(progress.epoch == 4, Ordering::Relaxed);
    let stopped = fit(&data, &small(), &stop, observe).unwrap();
    assert_eq!((stopped.record.stopped, stopped.record.epochs), (Stopped::Interrupted, 4));
    assert_eq!(stopped.record.epochs_planned, 10);
    // Stopping changes nothing in the epochs before.
    let whole = fitted(&data, &small());
    assert_eq!(stopped.record.losses, whole.record.losses[..4]);
    let never = fit(&data, &small(), &AtomicBool::new(true), |_| {}).unwrap();
    assert_eq!((never.record.best_epoch, never.record.epochs), (0, 0));
}

#[test]
fn without_held_out_rows_the_last_weights_are_kept() {
    let data = dataset(&rows(100));
    let settings = Settings { validation: 0.0, schedule: ScheduleKind::Constant, ..small() };
    let fitted = fitted(&data, &settings);
    assert_eq!(fitted.record.best_epoch, 10);
    assert!(fitted.record.validation.is_none() && fitted.record.validation_rows == 0);
    assert_eq!(fitted.record.judged(), &fitted.record.train);
}

#[test]
fn what_cannot_be_fitted_is_refused_before_training() {
    let data = dataset(&rows(50));
    let refused = |settings: Settings| prepare(&data, &settings).err().expect("refused").to_string();
    assert!(refused(Settings { latent: 0, ..small() }).starts_with("--latent is 0"));
    assert!(refused(Settings { batch: Some(41), ..small() }).contains("larger than the 40 rows to train on"));
    assert!(refused(Settings { hidden: vec![1 << 20, 1 << 20], ..small() }).contains("parameters"));
    assert!(refused(Settings { validation: 0.99, ..small() }).starts_with("--validation is 0.99"));
    let flat: Vec<_> = rows(50).into_iter().map(|[a, b, _, d]| [a, b, 2.5, d]).collect();
    let error = prepare(&dataset(&flat), &small()).err().expect("constant");
    assert!(matches!(&error, Error::ConstantFeature { column, others: 0, .. } if column == "c"), "{error}");
    assert!(prepare(&dataset(&flat), &Settings { allow_constant: true, ..small() }).is_ok());
}

#[test]
fn weights_that_are_no_numbers_are_never_a_model() {
    let data = dataset(&rows(120));
    // The first step spoils the weights, the loss before it was fine.
    for (epochs, validation) in [(1, 0.2), (1, 0.0), (5, 0.2)] {
        let settings = Settings { epochs: Some(epochs), batch: None, learning_rate: 1e38, validation, ..small() };
        let error = try_fit(&data, &settings).expect_err("it breaks down");
        assert!(matches!(error, Error::Diverged { epoch: 1, .. }), "{error}");
        assert!(!error.is_usage());
    }
}

//! Fits in the principal components of the rows.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use lumenfold_data::{Dataset, OrderSizes, ScalingKind};

use super::super::{Checkpoint, Checkpointing, Event, Every, prepare};
use super::settings;
use super::stretched::{read, spectra};
use super::windows::fitted;
use crate::settings::Kind;
use crate::{Cost, Error, Noise, Norm, Settings};

/// Of the loss, in single precision, through the folded layers.
const NEAR: f64 = 1e-3;

fn lines() -> Dataset {
    let directory = tempfile::tempdir().unwrap();
    read(&spectra(directory.path(), 40))
}

/// 24 bins, 32 rows to train on.
fn chosen(components: usize, copies: usize) -> Settings {
    Settings {
        latent: 2,
        hidden: vec![24, 16],
        norm: Norm::None,
        scaling: ScalingKind::Common,
        components: Some(components),
        copies,
        stretch: if copies > 0 { vec![0.1] } else { Vec::new() },
        batch: Some(8),
        epochs: Some(60),
        learning_rate: 0.005,
        ..settings()
    }
}

#[test]
fn what_was_learnt_is_what_the_model_does() {
    let data = lines();
    let weights: Vec<f64> =
        (0..24).map(|feature| if feature == 3 { 0.0 } else { 1.0 + f64::from(feature % 4) }).collect();
    for settings in [
        chosen(24, 0),
        chosen(12, 5),
        Settings { hidden: vec![], epochs: Some(5), ..chosen(12, 2) },
        Settings { feature_weights: Some(weights), ..chosen(12, 2) },
        Settings { scaling: ScalingKind::Standard, starts: 2, ..chosen(10, 0) },
        Settings { ordered: true, norm: Norm::Layer, ..chosen(10, 0) },
    ] {
        let record = fitted((&data).into(), &settings, OrderSizes::default(), true).record;
        let best = record.losses[record.best_epoch - 1].validation.unwrap();
        let measured = record.validation.as_ref().unwrap().loss;
        // The first coordinates of an ordered code are judged by themselves.
        if !settings.ordered {
            assert!((measured / best - 1.0).abs() < NEAR, "{measured} is not {best}");
        }
        assert!(record.losses[record.losses.len() - 1].train < record.losses[0].train);
    }
}

#[test]
fn threads_change_no_bit() {
    let data = lines();
    let one = fitted((&data).into(), &chosen(12, 3), OrderSizes::default(), true);
    let threads = NonZeroUsize::new(3).unwrap();
    let three = fitted((&data).into(), &Settings { threads, ..chosen(12, 3) }, OrderSizes::default(), true);
    assert_eq!(one.autoencoder, three.autoencoder);
    assert_eq!(one.record, three.record);
}

#[test]
fn copies_are_enough_to_learn_where_other_lines_may_be() {
    let directory = tempfile::tempdir().unwrap();
    let data = read(&spectra(directory.path(), 13));
    let error = |copies: usize| {
        let epochs = Some(4000 / (1 + copies));
        let settings = Settings { hidden: vec![32, 32], epochs, ..chosen(24, copies) };
        fitted((&data).into(), &settings, OrderSizes::default(), true).record.judged().mse
    };
    let (without, with) = (error(0), error(9));
    assert!(with < 0.7 * without, "{with} beside {without}");
}

#[test]
fn rows_of_fewer_directions_than_components_do() {
    // Twelve rows: eleven directions about their mean.
    let directory = tempfile::tempdir().unwrap();
    let data = read(&spectra(directory.path(), 12));
    let settings = Settings { validation: 0.0, batch: Some(4), ..chosen(24, 0) };
    let record = fitted((&data).into(), &settings, OrderSizes::default(), true).record;
    assert!(record.train.mse.is_finite() && record.validation.is_none());
}

#[test]
fn it_goes_on_from_a_checkpoint() {
    let (data, settings) = (lines(), chosen(12, 3));
    let whole = prepare(&data, &settings).unwrap().train(&AtomicBool::new(false), |_| {}).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.checkpoint");
    let checkpointing = Checkpointing { path: path.clone(), every: Every::Epochs(NonZeroUsize::MIN) };
    let stop = AtomicBool::new(false);
    let cut = prepare(&data, &settings).unwrap();
    let cut = cut.train_with(&stop, Some(&checkpointing), None, |event| {
        if matches!(event, Event::Epoch(progress) if progress.epoch == 7) {
            stop.store(true, Ordering::Relaxed);
        }
    });
    assert!(cut.unwrap().record.epochs < 60);
    let other = chosen(11, 3);
    let refused = prepare(&data, &other).unwrap().check(&Checkpoint::load(&path).unwrap());
    assert!(refused.unwrap_err().to_string().contains("--components"));
    let again = prepare(&data, &settings).unwrap();
    let again =
        again.train_with(&AtomicBool::new(false), None, Some(Checkpoint::load(&path).unwrap()), |_| {}).unwrap();
    assert_eq!(again.autoencoder, whole.autoencoder);
    assert_eq!(again.record, whole.record);
}

#[test]
fn what_does_not_go_with_components_is_refused() {
    let plain = Settings { components: None, copies: 0, stretch: Vec::new(), ..chosen(12, 0) };
    let noise = vec![Noise::Gaussian(0.1)];
    for (name, settings) in [
        ("--components", chosen(1, 0)),
        ("--components", Settings { latent: 13, ..chosen(12, 0) }),
        ("--copies", Settings { copies: 2, ..plain.clone() }),
        ("--copies", Settings { stretch: Vec::new(), ..chosen(12, 2) }),
        ("--copies", Settings { copies: 0, ..chosen(12, 2) }),
        ("--kind", Settings { kind: Kind::Denoising, noise, ..chosen(12, 0) }),
        ("--net", Settings { net: crate::Net::Convolutional, hidden: vec![], ..chosen(12, 0) }),
        ("--jitter", Settings { jitter: 0.1, ..chosen(12, 0) }),
        ("--loss", Settings { cost: Cost::Huber(1.0), ..chosen(12, 0) }),
    ] {
        match prepare(&lines(), &settings).err() {
            Some(error @ Error::Setting { .. }) => assert!(error.to_string().starts_with(name), "{error}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut gap = lines();
    (gap.masks, gap.values[5]) = (true, f64::NAN);
    let errors = Dataset { errors: Some(vec![0.1; lines().values.len()]), ..lines() };
    for data in [gap, errors] {
        let error = prepare(&data, &chosen(12, 0)).err().map(|error| error.to_string());
        assert!(error.as_deref().is_some_and(|words| words.starts_with("--components")), "{error:?}");
    }
}

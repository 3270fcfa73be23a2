#![allow(clippy::unwrap_used)]

mod absent;
mod components;
mod cut;
mod denoised;
mod linear;
mod ordered;
mod resumed;
mod stretched;
mod weighed;
mod windows;

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};
use lumenfold_engine::Activation;

use super::{Event, Fitted, fit, prepare};
use crate::record::Stopped;
use crate::settings::{Kind, ScheduleKind};
use crate::{Error, Noise, Settings};

/// Points on a parabola.
fn parabola() -> Dataset {
    let x: Vec<f64> = (0..300).map(|index| f64::from(index) * 0.01).collect();
    let y = x.iter().map(|x| x * x).collect();
    let columns = vec![Column::new("x", Values::Float64(x)), Column::new("y", Values::Float64(y))];
    Dataset::from_table(Table::new("parabola", columns).unwrap(), &DatasetOptions::default()).unwrap()
}

fn settings() -> Settings {
    Settings { latent: 1, hidden: vec![8], epochs: Some(6), ..Settings::default() }
}

/// Two kinds of noise, and blind spots.
fn denoising() -> Settings {
    let noise = vec![Noise::Gaussian(0.2), Noise::SaltAndPepper(0.05)];
    Settings { kind: Kind::Denoising, noise, blind_spots: Some(0.3), ..settings() }
}

fn fitted(settings: &Settings) -> Fitted {
    fit(&parabola(), settings, &AtomicBool::new(false), |_| {}).unwrap()
}

#[test]
fn the_first_start_is_the_whole_fit_and_more_starts_never_make_it_worse() {
    let one = fitted(&settings()).record;
    let three = fitted(&Settings { starts: 3, ..settings() }).record;
    assert_eq!(three.losses[..6], one.losses);
    assert_eq!((three.epochs_planned, three.epochs, three.losses.len()), (18, 18, 18));
    assert_eq!(three.steps, 3 * one.steps);
    assert_ne!(three.losses[6].validation, one.losses[0].validation);
    assert!(three.judged().loss <= one.judged().loss);
    let lowest = three.losses.iter().min_by(|a, b| a.validation.partial_cmp(&b.validation).unwrap()).unwrap();
    assert_eq!(three.best_epoch, lowest.epoch);
    assert_eq!(three.losses.iter().map(|loss| loss.epoch).collect::<Vec<_>>(), (1..=18).collect::<Vec<_>>());
}

#[test]
fn jitter_and_starts_give_the_same_bits_on_any_threads() {
    let chosen = Settings { jitter: 0.1, starts: 2, ..settings() };
    let one = fitted(&chosen);
    let three = fitted(&Settings { threads: NonZeroUsize::new(3).unwrap(), ..chosen });
    assert_eq!(one.autoencoder, three.autoencoder);
    assert_eq!(one.record, three.record);
    assert_ne!(one.record.losses[..6], fitted(&settings()).record.losses);
}

#[test]
fn patience_ends_a_start_and_the_next_begins() {
    // At such a rate no epoch changes the weights by as much as a rounding: the first is never beaten.
    let frozen = Settings { learning_rate: 1e-30, patience: Some(2), starts: 2, ..settings() };
    let record = fitted(&frozen).record;
    assert_eq!((record.epochs, record.epochs_planned, record.stopped), (6, 12, Stopped::Patience));
}

/// A rate at which this network breaks down, and a tenth of which it bears.
fn too_fast() -> Settings {
    let (activation, schedule) = (Activation::Relu, ScheduleKind::Constant);
    Settings { learning_rate: 300.0, activation, norm: crate::Norm::None, schedule, hidden: vec![8, 8], ..settings() }
}

#[test]
fn a_training_that_breaks_down_goes_on_more_slowly_and_says_so() {
    let (data, settings) = (parabola(), too_fast());
    let mut told = Vec::new();
    let fitted = prepare(&data, &settings)
        .unwrap()
        .train_with(&AtomicBool::new(false), None, None, |event| {
            if let Event::Recovered { recovery, loss } = event {
                assert!(loss.is_nan() || *loss > 1e3, "{loss}");
                told.push(*recovery);
            }
        })
        .unwrap();
    assert!(!told.is_empty());
    assert_eq!(fitted.record.recoveries, told);
    for (count, recovery) in (1..).zip(&told) {
        assert!((recovery.learning_rate / (300.0 * 0.1_f64.powi(count)) - 1.0).abs() < 1e-12);
    }
    assert_eq!((fitted.record.epochs, fitted.record.losses.len()), (6, 6));
    assert!(fitted.record.losses.iter().all(|loss| loss.train < 1e3));
    // Many threads, the same story.
    let threads = NonZeroUsize::new(3).unwrap();
    assert_eq!(self::fitted(&Settings { threads, ..settings }).record, fitted.record);
}

#[test]
fn a_training_that_breaks_down_again_and_again_is_given_up() {
    let hopeless = Settings { learning_rate: 1e38, ..too_fast() };
    let error = fit(&parabola(), &hopeless, &AtomicBool::new(false), |_| {}).unwrap_err();
    assert!(matches!(&error, Error::Diverged { epoch: 1, .. }), "{error}");
    for word in ["inspect", "--scale", "--clip-norm", "--learning-rate"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}

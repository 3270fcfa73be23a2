//! What holds for every detector.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};

use super::*;
use crate::settings::{Kind, Settings};
use crate::{Error, Model};

const THREADS: NonZeroUsize = NonZeroUsize::new(2).expect("two");

/// Points about a bent line in three dimensions, with the numbers of a table of `rows` rows from `first` on.
fn points(first: usize, rows: usize) -> Vec<f64> {
    let noise = |index: usize, step: f64| (((index as f64 + 1.0) * step).sin() * 43758.5453).rem_euclid(1.0) - 0.5;
    let point = |index: usize| {
        let t = 3.0 * noise(index, 12.9898);
        [100.0 + 10.0 * t, t * t + 0.1 * noise(index, 78.233), 0.01 * (t + 0.1 * noise(index, 39.425))]
    };
    (first..first + rows).flat_map(point).collect()
}

fn table(values: &[f64]) -> Dataset {
    let column = |at: usize| Values::Float64(values.iter().skip(at).step_by(3).copied().collect());
    let columns = ["a", "b", "c"].iter().enumerate().map(|(at, name)| Column::new(*name, column(at))).collect();
    Dataset::from_table(Table::new("points", columns).expect("a table"), &DatasetOptions::default()).expect("rows")
}

fn settings() -> Settings {
    Settings {
        epochs: Some(10),
        hidden: vec![16],
        latent: 1,
        validation: 0.25,
        threads: THREADS,
        ..Settings::default()
    }
}

fn options() -> DetectorOptions {
    DetectorOptions { members: 3, ..DetectorOptions::default() }
}

fn model(values: &[f64], settings: &Settings) -> Model {
    train((&table(values)).into(), settings, &options(), &AtomicBool::new(false), |_, _| {}).expect("a model")
}

#[test]
fn rows_off_the_line_are_flagged_and_others_as_often_as_asked_for() {
    let model = model(&points(0, 800), &settings());
    let fresh = points(10_000, 4000);
    for components in
        [None, Some(&COMPONENTS[..1]), Some(&COMPONENTS[1..2]), Some(&COMPONENTS[2..]), Some(&COMPONENTS[..])]
    {
        let scoring = Scoring::new(&model, components, THREADS).expect("a detector");
        assert_eq!(scoring.conformal().rows(), 200);
        let p_values: Vec<f64> = scoring.scores(&fresh).expect("scores").iter().map(|row| row.p_value).collect();
        for rate in [0.05, 0.3] {
            let share = p_values.iter().filter(|p| **p <= rate).count() as f64 / p_values.len() as f64;
            // The share is that of a beta distribution of 200 rows: four of its deviations.
            let deviation = (rate * (1.0 - rate) / 200.0_f64).sqrt();
            assert!((share - rate).abs() < 4.0 * deviation + 0.005, "{components:?} {rate} {share}");
        }
        for anomaly in [[100.0, 3.0, 0.0], [130.0, 0.0, -0.03], [1e30, 0.0, 0.0]] {
            assert_eq!(
                scoring.scores(&anomaly).expect("a score")[0].p_value,
                1.0 / 201.0,
                "{components:?} {anomaly:?}"
            );
        }
    }
}

#[test]
fn reasons_name_the_feature_that_is_off() {
    let model = model(&points(0, 800), &settings());
    let scoring = Scoring::new(&model, None, THREADS).expect("a detector");
    // The line at t = 1, with the second feature far from its 1.
    let explanation = &scoring.explain(&[110.0, 9.0, 0.01]).expect("reasons")[0];
    assert!((explanation.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(explanation.shares[1] > 0.5, "{explanation:?}");
    assert!(explanation.uncertainty.iter().all(|value| value.is_finite() && *value > 0.0));
    let ordinary = &scoring.explain(&[110.0, 1.0, 0.01]).expect("reasons")[0];
    for (feature, value) in [110.0, 1.0, 0.01].into_iter().enumerate() {
        let distance = (ordinary.expected[feature] - value).abs() / ordinary.uncertainty[feature];
        assert!(distance < 4.0, "{feature} {ordinary:?}");
    }
}

#[test]
fn threads_cuts_and_the_file_change_no_bit() {
    let values = points(0, 300);
    let one = model(&values, &Settings { threads: NonZeroUsize::MIN, ..settings() });
    assert!(one == model(&values, &settings()));
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("m.model");
    one.save(&path).expect("saved");
    let loaded = Model::load(&path).expect("loaded");
    assert!(loaded == one);
    let score = |model: &Model, threads| {
        let scoring = Scoring::new(model, None, threads).expect("a detector");
        let whole = scoring.scores(&values).expect("scores");
        let cut: Vec<Scored> = values.chunks(3 * 7).flat_map(|rows| scoring.scores(rows).expect("scores")).collect();
        assert_eq!(whole, cut);
        whole
    };
    assert_eq!(score(&one, NonZeroUsize::MIN), score(&loaded, THREADS));
}

#[test]
fn units_change_nothing() {
    let values = points(0, 300);
    let other: Vec<f64> =
        values.iter().enumerate().map(|(at, value)| if at % 3 == 1 { value * 1024.0 } else { *value }).collect();
    let [plain, scaled] = [&values, &other].map(|values| {
        let model = model(values, &settings());
        Scoring::new(&model, None, THREADS).expect("a detector").scores(values).expect("scores")
    });
    assert_eq!(plain, scaled);
}

#[test]
fn anomalies_among_the_training_rows_are_found_all_the_same() {
    let mut values = points(0, 800);
    // One row in twenty lies off the line, all of these near one another.
    for row in (0..800).step_by(20) {
        values[3 * row + 1] = 6.0 + 0.001 * row as f64;
    }
    let model = model(&values, &settings());
    let scoring = Scoring::new(&model, None, THREADS).expect("a detector");
    let scores = scoring.scores(&values).expect("scores");
    let rank = |off: &Scored| scores.iter().filter(|other| other.score < off.score).count() as f64 / 800.0;
    let off = scores.iter().step_by(20);
    let mean = off.clone().map(rank).sum::<f64>() / off.count() as f64;
    assert!(mean > 0.93, "{mean}");
}

#[test]
fn what_has_no_meaning_is_refused_by_name() {
    let dataset = table(&points(0, 100));
    let good = settings();
    for (name, settings) in [
        ("--validation", Settings { validation: 0.0, ..good.clone() }),
        ("--kind", Settings { kind: Kind::Variational, ..good.clone() }),
        ("--starts", Settings { starts: 2, ..good.clone() }),
        ("--patience", Settings { patience: Some(3), ..good.clone() }),
        ("--loss-units", Settings { loss_units: crate::settings::LossUnits::Original, ..good.clone() }),
    ] {
        let error =
            train((&dataset).into(), &settings, &options(), &AtomicBool::new(false), |_, _| {}).expect_err(name);
        assert!(error.to_string().starts_with(name), "{error}");
    }
    for (name, options) in [
        ("--members", DetectorOptions { members: 0, ..options() }),
        ("--trim", DetectorOptions { trim: 1.0, ..options() }),
        ("--trim", DetectorOptions { trim: f64::NAN, ..options() }),
    ] {
        let error = train((&dataset).into(), &good, &options, &AtomicBool::new(false), |_, _| {}).expect_err(name);
        assert!(error.to_string().starts_with(name), "{error}");
    }
    let few = train((&table(&points(0, 9))).into(), &good, &options(), &AtomicBool::new(false), |_, _| {});
    assert!(matches!(few, Err(Error::TooFewToDetect { .. })), "{few:?}");
    let stopped = train((&dataset).into(), &good, &options(), &AtomicBool::new(true), |_, _| {});
    assert!(matches!(stopped, Err(Error::Stopped)), "{stopped:?}");
}

#[test]
fn detectors_that_do_not_fit_their_model_are_refused() {
    let model = model(&points(0, 100), &settings());
    let detector = model.detector.as_ref().expect("a detector");
    let parameters = model.autoencoder.network().parameter_length();
    let document = DetectorDocument::from(detector);
    assert_eq!(document.clone().detector(3, parameters).as_ref(), Ok(detector));
    let spoil: [fn(&mut DetectorDocument); 19] = [
        |document| document.components.clear(),
        |document| document.components.push(document.components[0]),
        |document| document.members[0].truncate(1),
        |document| document.members[0][0] = f32::NAN,
        |document| document.prototypes.truncate(1),
        |document| document.prototypes[0].truncate(4),
        |document| document.variances[0] = 0.0,
        |document| document.whitening.truncate(2),
        |document| document.usual[0].reverse(),
        |document| document.calibration.truncate(2),
        |document| document.calibration[0].truncate(1),
        |document| document.calibration.iter_mut().for_each(Vec::clear),
        |document| document.views.extend(vec![document.views[0].clone(); 2]),
        |document| document.views[0].variances[0] = f64::NAN,
        |document| document.views[0].scaling.features.truncate(2),
        |document| document.views[0].scaling.features[0].scale = 0.0,
        |document| document.reference.truncate(4),
        |document| document.reference[0] = f32::INFINITY,
        |document| document.baselines[1].truncate(1),
    ];
    for (at, spoil) in spoil.into_iter().enumerate() {
        let mut document = document.clone();
        spoil(&mut document);
        assert!(document.detector(3, parameters).is_err(), "{at}");
    }
    assert!(document.detector(4, parameters).is_err());
}

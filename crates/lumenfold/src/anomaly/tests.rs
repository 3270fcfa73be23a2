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

fn detecting(values: &[f64], settings: &Settings) -> Model {
    train((&table(values)).into(), settings, &options(), &AtomicBool::new(false), |_, _| {}).expect("a model")
}

#[test]
fn rows_off_the_line_are_flagged_and_others_as_often_as_asked_for() {
    let model = detecting(&points(0, 800), &settings());
    let fresh = points(10_000, 4000);
    for components in
        [None, Some(&COMPONENTS[..1]), Some(&COMPONENTS[1..2]), Some(&COMPONENTS[2..4]), Some(&COMPONENTS[..4])]
    {
        let scoring = Scoring::new(&model, components, THREADS).expect("a detector");
        assert_eq!(scoring.conformal().rows(), 200);
        let p_values: Vec<f64> = scoring.scores(&fresh, None).expect("scores").iter().map(|row| row.p_value).collect();
        for rate in [0.05, 0.3] {
            let share = p_values.iter().filter(|p| **p <= rate).count() as f64 / p_values.len() as f64;
            // The share is that of a beta distribution of 200 rows: four of its deviations.
            let deviation = (rate * (1.0 - rate) / 200.0_f64).sqrt();
            assert!((share - rate).abs() < 4.0 * deviation + 0.005, "{components:?} {rate} {share}");
        }
        for anomaly in [[100.0, 3.0, 0.0], [130.0, 0.0, -0.03], [1e30, 0.0, 0.0]] {
            assert_eq!(
                scoring.scores(&anomaly, None).expect("a score")[0].p_value,
                1.0 / 201.0,
                "{components:?} {anomaly:?}"
            );
        }
    }
}

#[test]
fn reasons_name_the_feature_that_is_off() {
    let model = detecting(&points(0, 800), &settings());
    let scoring = Scoring::new(&model, None, THREADS).expect("a detector");
    // The line at t = 1, with the second feature far from its 1.
    let explanation = &scoring.explain(&[110.0, 9.0, 0.01], None).expect("reasons")[0];
    assert!((explanation.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(explanation.shares[1] > 0.5, "{explanation:?}");
    assert!(explanation.uncertainty.iter().all(|value| value.is_finite() && *value > 0.0));
    let ordinary = &scoring.explain(&[110.0, 1.0, 0.01], None).expect("reasons")[0];
    for (feature, value) in [110.0, 1.0, 0.01].into_iter().enumerate() {
        let distance = (ordinary.expected[feature] - value).abs() / ordinary.uncertainty[feature];
        assert!(distance < 4.0, "{feature} {ordinary:?}");
    }
}

#[test]
fn threads_cuts_and_the_file_change_no_bit() {
    let values = points(0, 300);
    let one = detecting(&values, &Settings { threads: NonZeroUsize::MIN, ..settings() });
    assert!(one == detecting(&values, &settings()));
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("m.model");
    one.save(&path).expect("saved");
    let loaded = Model::load(&path).expect("loaded");
    assert!(loaded == one);
    let score = |model: &Model, threads| {
        let scoring = Scoring::new(model, None, threads).expect("a detector");
        let whole = scoring.scores(&values, None).expect("scores");
        let cut: Vec<Scored> =
            values.chunks(3 * 7).flat_map(|rows| scoring.scores(rows, None).expect("scores")).collect();
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
        let model = detecting(values, &settings());
        Scoring::new(&model, None, THREADS).expect("a detector").scores(values, None).expect("scores")
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
    let model = detecting(&values, &settings());
    let scoring = Scoring::new(&model, None, THREADS).expect("a detector");
    let scores = scoring.scores(&values, None).expect("scores");
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
        ("--widths", DetectorOptions { widths: vec![0.0], ..options() }),
        ("--widths", DetectorOptions { widths: vec![0.5; 3], ..options() }),
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
    let model = detecting(&points(0, 100), &settings());
    let detector = model.detector.as_ref().expect("a detector");
    let network = model.autoencoder.network();
    let document = DetectorDocument::from(detector);
    assert_eq!(document.clone().detector(3, network).as_ref(), Ok(detector));
    let spoil: [fn(&mut DetectorDocument); 25] = [
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
        |document| document.components.push(Component::Chi2),
        |document| document.misfit = vec![1.0; 3],
        |document| document.widths = vec![2.0],
        |document| document.widths = vec![1.0; 3],
        |document| document.widths = vec![f64::NAN, 1e300],
        |document| document.views[0].misfit = vec![1.0; 3],
    ];
    for (at, spoil) in spoil.into_iter().enumerate() {
        let mut document = document.clone();
        spoil(&mut document);
        assert!(document.detector(3, network).is_err(), "{at}");
    }
    assert!(document.detector(4, network).is_err());
}

/// The points with noise of errors that differ from row to row, and these errors.
fn measured(first: usize, rows: usize) -> (Vec<f64>, Vec<f64>) {
    let noise = |at: usize| (((at as f64 + 1.0) * 3.7717).sin() * 24634.6345).rem_euclid(1.0) - 0.5;
    let errors: Vec<f64> = (0..3 * rows)
        .map(|at| [1.0, 0.1, 0.001][at % 3] * if noise((first + at / 3) * 17) > 0.0 { 10.0 } else { 0.3 })
        .collect();
    let values = points(first, rows);
    let moved = |at: usize| values[at] + 12.0_f64.sqrt() * errors[at] * noise(3 * first + at + 1_000_000);
    ((0..3 * rows).map(moved).collect(), errors)
}

fn with_errors(rows: usize) -> Dataset {
    let (values, errors) = measured(0, rows);
    Dataset { errors: Some(errors), ..table(&values) }
}

#[test]
fn chi2_weighs_residuals_by_the_errors_of_their_values() {
    let dataset = with_errors(800);
    let settings = Settings { epochs: Some(60), ..settings() };
    let model = train((&dataset).into(), &settings, &options(), &AtomicBool::new(false), |_, _| {}).expect("a model");
    let detector = model.detector.as_ref().expect("a detector");
    assert!(detector.knows_errors());
    assert_eq!(detector.components(), [Component::Chi2]);
    let scoring = Scoring::new(&model, None, THREADS).expect("a detector");
    let (values, errors) = measured(10_000, 4000);
    let scored = scoring.scores(&values, Some(&errors)).expect("scores");
    for rate in [0.05, 0.3] {
        let share = scored.iter().filter(|row| row.p_value <= rate).count() as f64 / scored.len() as f64;
        let deviation = (rate * (1.0 - rate) / 200.0_f64).sqrt();
        assert!((share - rate).abs() < 4.0 * deviation + 0.005, "{rate} {share}");
    }
    // Without errors it is nearly always the noisy half that is flagged.
    let noisy = |errors: &[f64]| errors[0] > 1.0;
    let of_noisy = |scored: &[Scored]| {
        let flagged = scored.iter().zip(errors.chunks_exact(3)).filter(|(row, _)| row.p_value <= 0.1);
        flagged.clone().filter(|(_, errors)| noisy(errors)).count() as f64 / flagged.count().max(1) as f64
    };
    let blind = Scoring::new(&model, Some(&[Component::Residual]), THREADS).expect("a detector");
    let (seeing, blind) = (of_noisy(&scored), of_noisy(&blind.scores(&values, None).expect("scores")));
    assert!(seeing < 0.65 && blind > 0.85, "{seeing} {blind}");
    // The same distance is much for a value with a small error, and nothing for one with a large error.
    let row = [110.0, 5.0, 0.01];
    let p_value = |error: f64| scoring.scores(&row, Some(&[1.0, error, 0.001])).expect("a score")[0].p_value;
    assert!(p_value(0.03) < 0.02 && p_value(10.0) > 0.2, "{} {}", p_value(0.03), p_value(10.0));
    let explanation = &scoring.explain(&row, Some(&[1.0, 0.03, 0.001])).expect("reasons")[0];
    assert!(explanation.shares[1] > 0.8 && (explanation.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    // What is expected is known no better than the value itself.
    let vague = &scoring.explain(&row, Some(&[1.0, 10.0, 0.001])).expect("reasons")[0];
    assert!(vague.uncertainty[1] >= 10.0 && explanation.uncertainty[1] < 3.0);
}

#[test]
fn chi2_needs_errors_and_is_kept_in_the_file() {
    let dataset = with_errors(300);
    let model = train((&dataset).into(), &settings(), &options(), &AtomicBool::new(false), |_, _| {}).expect("a model");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("m.model");
    model.save(&path).expect("saved");
    assert!(Model::load(&path).expect("loaded") == model);
    let scoring = Scoring::new(&model, None, THREADS).expect("a detector");
    for errors in [None, Some(&dataset.values[..3])] {
        assert!(matches!(scoring.scores(&dataset.values, errors), Err(Error::NoErrors)));
        assert!(matches!(scoring.explain(&dataset.values, errors), Err(Error::NoErrors)));
    }
    assert!(Scoring::without_errors(&model, THREADS).expect("a detector").scores(&dataset.values, None).is_ok());

    let blind = detecting(&dataset.values, &settings());
    let error = Scoring::new(&blind, Some(&[Component::Chi2]), THREADS).expect_err("no errors were there");
    assert!(error.to_string().starts_with("--by") && error.to_string().contains("--errors"), "{error}");
    let options = DetectorOptions { components: Some(vec![Component::Chi2]), ..options() };
    let none = Dataset { errors: None, ..dataset };
    let error =
        train((&none).into(), &settings(), &options, &AtomicBool::new(false), |_, _| {}).expect_err("no errors");
    assert!(error.to_string().starts_with("--by") && error.to_string().contains("--errors"), "{error}");
}

#[test]
fn members_of_several_widths_are_kept_and_judge_together() {
    let values = points(0, 400);
    let options = DetectorOptions { members: 6, widths: vec![0.5, 2.0], ..DetectorOptions::default() };
    let model =
        train((&table(&values)).into(), &settings(), &options, &AtomicBool::new(false), |_, _| {}).expect("a model");
    let detector = model.detector.as_ref().expect("a detector");
    let widths = |member: &crate::Autoencoder| member.network().widths(lumenfold_engine::Part::Encoder);
    let found: Vec<Vec<usize>> = detector.autoencoders(&model.autoencoder).iter().map(widths).collect();
    // Two scalings, each of which is seen by all widths.
    assert_eq!(found, [16, 16, 8, 8, 32, 32].map(|width| vec![3, width, 1]));
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("m.model");
    model.save(&path).expect("saved");
    let loaded = Model::load(&path).expect("loaded");
    assert!(loaded == model);
    let scores = |model: &Model| {
        Scoring::new(model, None, THREADS).expect("a detector").scores(&points(5000, 50), None).expect("scores")
    };
    assert_eq!(scores(&model), scores(&loaded));
    let off = Scoring::new(&model, None, THREADS).expect("a detector").scores(&[130.0, 0.0, -0.03], None);
    assert_eq!(off.expect("a score")[0].p_value, 1.0 / 101.0);
}

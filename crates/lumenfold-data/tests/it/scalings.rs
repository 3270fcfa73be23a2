//! Scalings: their definition, their inverse, and what they refuse.

use lumenfold_data::{
    Column, DataError, Dataset, DatasetOptions, FeatureScaling, Missing, Scaling, ScalingKind, Table, Transform, Values,
};
use proptest::prelude::*;

/// Error of a round trip, relative to the size of the value and of the spread of its feature.
const ROUND_TRIP: f64 = 1e-12;

fn dataset(columns: Vec<Vec<f64>>) -> Dataset {
    let column = |(index, values)| Column::new(format!("x{}", index + 1), Values::Float64(values));
    let table = Table::new("t.csv", columns.into_iter().enumerate().map(column).collect()).unwrap();
    Dataset::from_table(table, &DatasetOptions::default()).unwrap()
}

fn fit(kind: ScalingKind, values: Vec<f64>) -> FeatureScaling {
    let rows: Vec<u32> = (0..values.len() as u32).collect();
    Scaling::fit(kind, &dataset(vec![values]), &rows).unwrap().features[0]
}

#[test]
fn standard_is_mean_and_deviation() {
    let scaling = fit(ScalingKind::Standard, vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
    assert_eq!((scaling.center, scaling.scale), (5.0, 2.0));
    assert_eq!(scaling.forward(9.0), 2.0);
}

#[test]
fn robust_is_median_and_interquartile_range() {
    let scaling = fit(ScalingKind::Robust, vec![1.0, 2.0, 3.0, 4.0, 1e9]);
    assert_eq!((scaling.center, scaling.scale), (3.0, 2.0 / 1.349));
    // Three of four values are equal: the range is 0, the deviation is not.
    let scaling = fit(ScalingKind::Robust, vec![1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 9.0]);
    assert!((scaling.scale - 7.0_f64.sqrt()).abs() < 1e-12, "{scaling:?}");
}

#[test]
fn common_is_mean_and_deviation_of_all_values() {
    let data = dataset(vec![vec![2.0, 4.0, 4.0, 4.0], vec![5.0, 5.0, 7.0, 9.0], vec![5.0, 5.0, 5.0, 5.0]]);
    let rows = [0, 1, 2, 3];
    let scaling = Scaling::fit(ScalingKind::Common, &data, &rows).unwrap();
    let deviation = (32.0_f64 / 12.0).sqrt();
    for feature in &scaling.features {
        assert_eq!((feature.transform, feature.center), (Transform::Identity, 5.0));
        assert!((feature.scale - deviation).abs() < 1e-15, "{feature:?}");
    }
    // What stays the same is scaled like the rest, and nothing is said of it.
    assert!(scaling.constant.is_empty());
    // It is what the values one below the other would get, and what is absent counts nowhere.
    let together = fit(ScalingKind::Standard, data.values.clone());
    assert_eq!(scaling.features[0], together);
    let options = DatasetOptions { missing: Missing::Mask, ..DatasetOptions::default() };
    let columns = vec![vec![2.0, 4.0, f64::NAN, 4.0], vec![5.0, 5.0, 7.0, 9.0], vec![f64::NAN, 5.0, 5.0, 5.0]];
    let column = |(index, values)| Column::new(format!("x{index}"), Values::Float64(values));
    let table = Table::new("gaps", columns.into_iter().enumerate().map(column).collect()).unwrap();
    let gaps = Scaling::fit(ScalingKind::Common, &Dataset::from_table(table, &options).unwrap(), &rows).unwrap();
    assert!((gaps.features[2].center - 51.0 / 10.0).abs() < 1e-15, "{:?}", gaps.features[2]);
    // Nothing varies: nothing is divided by.
    let same = Scaling::fit(ScalingKind::Common, &dataset(vec![vec![3.0; 2], vec![3.0; 2]]), &[0, 1]).unwrap();
    assert_eq!((same.features[1].center, same.features[1].scale), (3.0, 1.0));
}

#[test]
fn log_and_asinh_bend() {
    let scaling = fit(ScalingKind::Log, vec![1.0, std::f64::consts::E]);
    assert!((scaling.center - 0.5).abs() < 1e-15 && (scaling.scale - 0.5).abs() < 1e-15, "{scaling:?}");
    let scaling = fit(ScalingKind::Asinh, vec![-2.0, 1.0, 3.0]);
    assert_eq!(scaling.transform, Transform::Asinh { softening: 2.0 });
    let scaling = fit(ScalingKind::RobustAsinh, vec![1.0, 2.0, 3.0, 4.0, 100.0]);
    assert_eq!(scaling.transform, Transform::AsinhAbout { center: 3.0, softening: 2.0 / 1.349 });
    let scaling = fit(ScalingKind::Asinh, vec![0.0, 0.0, 3.0]);
    assert_eq!(scaling.transform, Transform::Asinh { softening: 1.0 });
}

#[test]
fn the_logarithm_names_what_it_cannot_take() {
    let data = dataset(vec![vec![1.0, 2.0, 3.0], vec![1.0, 2.0, -9999.0]]);
    let error = Scaling::fit(ScalingKind::Log, &data, &[0, 1]).unwrap_err();
    assert!(matches!(error, DataError::LogOfNonPositive { row: 3, value: -9999.0, .. }), "{error}");
    // The same for new data under a scaling that was fitted on others.
    let fitted = Scaling::fit(ScalingKind::Log, &dataset(vec![vec![1.0, 2.0]]), &[0, 1]).unwrap();
    let error = fitted.scaled(&dataset(vec![vec![1.0, 0.0]])).unwrap_err();
    assert!(matches!(error, DataError::LogOfNonPositive { row: 2, .. }), "{error}");
}

#[test]
fn values_beyond_the_engine_are_named() {
    let scaling = Scaling::identity(1);
    let error = scaling.scaled(&dataset(vec![vec![1.0, 1e300]])).unwrap_err();
    assert!(matches!(error, DataError::ScaledOutOfRange { row: 2, .. }), "{error}");
    let error = scaling.scaled(&dataset(vec![vec![1.0], vec![2.0]])).unwrap_err();
    assert!(matches!(error, DataError::FeatureCount { expected: 1, found: 2, .. }), "{error}");
}

#[test]
fn constant_features_map_to_zero_and_are_reported() {
    let data = dataset(vec![vec![7.25; 3], vec![1.0, 2.0, 3.0], vec![0.1; 3]]);
    for kind in
        [ScalingKind::Standard, ScalingKind::Robust, ScalingKind::Log, ScalingKind::Asinh, ScalingKind::RobustAsinh]
    {
        let scaling = Scaling::fit(kind, &data, &[0, 1, 2]).unwrap();
        assert_eq!(scaling.constant, [0, 2], "{kind}");
        assert_eq!((scaling.features[0].scale, scaling.features[2].scale), (1.0, 1.0), "{kind}");
        assert_eq!((scaling.features[0].forward(7.25), scaling.features[2].forward(0.1)), (0.0, 0.0), "{kind}");
    }
}

#[test]
fn only_the_given_rows_count() {
    let data = dataset(vec![vec![1.0, 1000.0, 3.0]]);
    assert_eq!(Scaling::fit(ScalingKind::Standard, &data, &[0, 2]).unwrap().features[0].center, 2.0);
}

#[test]
fn kinds_as_text() {
    for text in ["standard", "robust", "common", "log", "asinh", "robust-asinh", "none", "factor:20", "factor:0.05"] {
        assert_eq!(text.parse::<ScalingKind>().unwrap().to_string(), text);
    }
    for text in
        ["", "Standard", "factor", "factor:", "factor:0", "factor:-1", "factor:inf", "factor:nan", "factor:1e-320"]
    {
        let error = text.parse::<ScalingKind>().unwrap_err().to_string();
        assert!(error.contains("standard, robust, common, log, asinh, robust-asinh, none or factor:NUMBER"), "{error}");
    }
}

#[test]
fn blocks_are_scaled_like_values() {
    let data = dataset(vec![vec![1.0, 2.0, 4.0], vec![-5.0, 0.0, 50.0]]);
    let scaling = Scaling::fit(ScalingKind::Asinh, &data, &[0, 1, 2]).unwrap();
    let block = scaling.scaled(&data).unwrap();
    for (index, &value) in block.iter().enumerate() {
        assert_eq!(value, scaling.features[index % 2].forward(data.values[index]) as f32);
    }
    let mut back = vec![0.0; 6];
    scaling.inverse_block(&block, &mut back);
    for (value, original) in back.iter().zip(&data.values) {
        assert!((value - original).abs() <= 1e-5 * original.abs().max(1.0), "{value} {original}");
    }
}

fn kinds() -> impl Strategy<Value = ScalingKind> {
    prop_oneof![
        Just(ScalingKind::Standard),
        Just(ScalingKind::Robust),
        Just(ScalingKind::Log),
        Just(ScalingKind::Asinh),
        Just(ScalingKind::RobustAsinh),
        Just(ScalingKind::None),
        (1e-6..1e6).prop_map(ScalingKind::Factor),
    ]
}

proptest! {
    #[test]
    fn inverse_undoes_forward(kind in kinds(), values in prop::collection::vec(1e-3..1e6_f64, 1..40), negate in any::<bool>()) {
        let sign = if negate && kind != ScalingKind::Log { -1.0 } else { 1.0 };
        let values: Vec<f64> = values.into_iter().map(|value| sign * value).collect();
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let scaling = fit(kind, values.clone());
        for value in values {
            let back = scaling.inverse(scaling.forward(value));
            prop_assert!((back - value).abs() <= ROUND_TRIP * largest, "{kind}: {value} {back}");
        }
    }

    #[test]
    fn standardised_features_have_mean_0_and_deviation_1(values in prop::collection::vec(-1e6..1e6_f64, 2..60)) {
        let scaling = fit(ScalingKind::Standard, values.clone());
        let scaled: Vec<f64> = values.iter().map(|&value| scaling.forward(value)).collect();
        let count = scaled.len() as f64;
        let mean = scaled.iter().sum::<f64>() / count;
        let deviation = (scaled.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        prop_assert!(mean.abs() < 1e-9);
        prop_assert!((deviation - 1.0).abs() < 1e-9 || deviation == 0.0);
    }

    /// Changing the unit of a feature changes nothing that the network sees.
    #[test]
    fn units_do_not_matter(values in prop::collection::vec(-1e3..1e3_f64, 2..40), power in -20..20_i32) {
        let factor = 2.0_f64.powi(power);
        for kind in [ScalingKind::Standard, ScalingKind::Robust] {
            let (one, other) = (fit(kind, values.clone()), fit(kind, values.iter().map(|value| value * factor).collect()));
            for &value in &values {
                prop_assert_eq!(one.forward(value).to_bits(), other.forward(value * factor).to_bits());
            }
        }
    }
}

#[test]
fn anscombe_takes_counts_and_has_one_pair_for_all() {
    let data = dataset(vec![vec![0.0, 3.0, 10.0, 2.0], vec![100.0, 120.0, 90.0, 80.0], vec![0.0, 0.0, 0.0, 0.0]]);
    let scaling = Scaling::fit("anscombe".parse().unwrap(), &data, &[0, 1, 2, 3]).unwrap();
    assert!(scaling.constant.is_empty() && scaling.features.iter().all(|feature| *feature == scaling.features[0]));
    let scaled: Vec<f64> = data.values.iter().map(|value| scaling.features[0].forward(*value)).collect();
    let mean = scaled.iter().sum::<f64>() / 12.0;
    let square = scaled.iter().map(|value| value * value).sum::<f64>() / 12.0;
    assert!(mean.abs() < 1e-14 && (square - 1.0).abs() < 1e-14, "{mean} {square}");
    let error = Scaling::fit(ScalingKind::Anscombe, &dataset(vec![vec![1.0, -0.375, -0.5]]), &[0]).unwrap_err();
    assert!(matches!(error, DataError::CountBelowZero { row: 3, value: -0.5, .. }), "{error}");
    assert_eq!(ScalingKind::Anscombe.to_string(), "anscombe");
}

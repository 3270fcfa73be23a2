//! Rank correlation and mutual information, beside SciPy, scikit-learn and mathematics.

use lumenfold::association::{
    Association, AssociationOptions, associate, information, information_of_categories, rank_correlation,
};
use lumenfold::data::{Column, Values};
use serde_json::Value;

use crate::made::threads;
use crate::understanding::{Normal, numbers, reference};

/// Rounding of sums of a few hundred terms, in nats or as a correlation.
const ROUNDING: f64 = 1e-12;

/// How far an estimate of the information of 5000 rows may be from the truth, in nats: five deviations of the estimate.
const ESTIMATE: f64 = 0.06;

fn columns(reference: &Value, name: &Value) -> (Vec<f64>, Vec<f64>) {
    let pair = reference["correlations"].as_array().unwrap().iter().find(|pair| &pair["name"] == name).unwrap();
    (numbers(&pair["x"]), numbers(&pair["y"]))
}

#[test]
fn rank_correlations_are_those_of_scipy() {
    for pair in reference()["correlations"].as_array().unwrap() {
        let found = rank_correlation(&numbers(&pair["x"]), &numbers(&pair["y"])).unwrap();
        let expected = pair["expected"].as_f64().unwrap();
        assert!((found - expected).abs() < ROUNDING, "{}: {found}, not {expected}", pair["name"]);
    }
}

#[test]
fn information_is_that_of_scikit_learn() {
    let reference = reference();
    for case in reference["informations"].as_array().unwrap() {
        let (x, y) = columns(&reference, &case["name"]);
        let found = information(&x, &y, case["neighbours"].as_u64().unwrap() as usize).unwrap();
        let expected = case["expected"].as_f64().unwrap();
        // scikit-learn gives zero for what is below.
        assert!((found.max(0.0) - expected).abs() < ROUNDING, "{}: {found}, not {expected}", case["name"]);
    }
}

#[test]
fn information_of_categories_is_that_of_scikit_learn() {
    let reference = reference();
    for case in reference["categories"].as_array().unwrap() {
        let (x, _) = columns(&reference, &case["name"]);
        let labels: Vec<u32> = numbers(&case["labels"]).into_iter().map(|label| label as u32).collect();
        let neighbours = case["neighbours"].as_u64().unwrap() as usize;
        let found = information_of_categories(&x, &labels, neighbours).unwrap();
        let expected = case["expected"].as_f64().unwrap();
        assert!((found.max(0.0) - expected).abs() < ROUNDING, "{}: {found}, not {expected}", case["name"]);
    }
}

/// Two coordinates of 5000 rows, and columns that are correlated with the first one by so much.
fn normal(correlations: &[f64]) -> (Vec<f32>, Vec<Column>) {
    let mut normal = Normal::new(4);
    let codes: Vec<f32> = (0..10_000).map(|_| normal.next() as f32).collect();
    let column = |correlation: &f64| {
        let rest = (1.0 - correlation * correlation).sqrt();
        let own = codes.iter().step_by(2).map(|code| correlation * f64::from(*code) + rest * normal.next());
        Column::new(format!("{correlation}"), Values::Float64(own.collect()))
    };
    let columns = correlations.iter().map(column).collect();
    (codes, columns)
}

fn of<'a>(found: &'a [Association], columns: &[Column], (latent, column): (usize, usize)) -> &'a Association {
    let found = &found[latent * columns.len() + column];
    assert_eq!((found.latent, found.column), (latent, column));
    found
}

#[test]
fn normal_columns_have_the_information_that_mathematics_says() {
    let correlations = [0.0, 0.3, -0.6, 0.9, -0.99];
    let (codes, columns) = normal(&correlations);
    let found = associate(&codes, 2, &columns, &AssociationOptions::default());
    for (column, correlation) in correlations.iter().enumerate() {
        let own = of(&found, &columns, (0, column));
        let truth = -0.5 * (1.0 - correlation * correlation).ln();
        let estimate = own.information.unwrap();
        assert!((estimate - truth).abs() < ESTIMATE, "{correlation}: {estimate} nats, not {truth}");
        assert_eq!(own.significant(), *correlation != 0.0, "{correlation}: {own:?}");
        assert_eq!(own.monotonic(), *correlation != 0.0, "{correlation}: {own:?}");
        // Pearson, On further methods of determining correlation (1907): of normal columns.
        let rank = 6.0 / std::f64::consts::PI * (correlation / 2.0).asin();
        assert!((own.rank_correlation.unwrap() - rank).abs() < 0.06, "{correlation}: {own:?}");
        let other = of(&found, &columns, (1, column));
        assert!(!other.significant() && !other.monotonic(), "{other:?}");
    }
}

#[test]
fn bent_columns_say_the_same_to_the_last_bit() {
    let (codes, columns) = normal(&[0.5, 0.95]);
    let options = AssociationOptions::default();
    let found = associate(&codes, 2, &columns, &options);
    let bent: Vec<Column> = columns
        .iter()
        .map(|column| {
            let values = (0..column.len()).map(|row| column.value(row).unwrap());
            Column::new("bent", Values::Float64(values.map(|value| 1e6 + (3.0 * value).exp()).collect()))
        })
        .collect();
    assert_eq!(associate(&codes, 2, &bent, &options), found);
    // Turned round: only the sign changes, and the draws for ties.
    let turned: Vec<f32> = codes.iter().map(|code| -code).collect();
    for (found, turned) in found.iter().zip(associate(&turned, 2, &columns, &options)) {
        assert!((found.rank_correlation.unwrap() + turned.rank_correlation.unwrap()).abs() < ROUNDING);
        assert!((found.information.unwrap() - turned.information.unwrap()).abs() < ESTIMATE);
    }
}

#[test]
fn threads_change_no_bit() {
    let (codes, mut columns) = normal(&[0.0, 0.5, 0.9]);
    columns.push(Column::new("third", Values::text((0..5000).map(|row| ["a", "b", "c"][row % 3]))));
    let options = AssociationOptions::default();
    let one = associate(&codes, 2, &columns, &options);
    for count in [2, 5] {
        let options = AssociationOptions { threads: threads(count), ..options };
        assert_eq!(associate(&codes, 2, &columns, &options), one);
    }
    let other = associate(&codes, 2, &columns, &AssociationOptions { seed: 1, ..options });
    assert_ne!(other, one, "the seed counts");
}

#[test]
fn ties_and_stripes_are_not_read_as_structure() {
    let mut normal = Normal::new(8);
    let codes: Vec<f32> = (0..2000).map(|_| normal.next() as f32).collect();
    let mut column = |name: &str, of: &dyn Fn(f64) -> f64| {
        Column::new(name, Values::Float64((0..2000).map(|_| of(normal.next())).collect()))
    };
    let mut columns = vec![
        column("mostly zero", &|value| (value - 1.5).max(0.0)),
        column("rounded", &|value| (5.0 * value).round()),
        column("two values", &|value| f64::from(u8::from(value > 0.0))),
    ];
    columns.push(Column::new("labels", Values::text((0..2000).map(|row| (row * 7919 % 40).to_string()))));
    columns.push(Column::new("pairs", Values::text((0..2000).map(|row| (row * 7919 % 1000).to_string()))));
    for own in associate(&codes, 1, &columns, &AssociationOptions::default()) {
        assert!(own.information.is_some() && !own.significant(), "{}: {own:?}", columns[own.column].name);
    }
}

#[test]
fn what_does_not_vary_says_nothing() {
    let rows = 300;
    let mut normal = Normal::new(2);
    // The second coordinate is a constant.
    let codes: Vec<f32> = (0..rows).flat_map(|_| [normal.next() as f32, 0.5]).collect();
    let missing = |row: usize| if row < 20 { row as f64 } else { f64::NAN };
    let columns = [
        Column::new("constant", Values::Float64(vec![3.0; rows])),
        Column::new("nothing", Values::Float64(vec![f64::NAN; rows])),
        Column::new("few", Values::Float64((0..rows).map(missing).collect())),
        Column::new("names", Values::text((0..rows).map(|row| format!("star {row}")))),
        Column::new("same", Values::text(vec!["x"; rows])),
        Column::new("varies", Values::Float64((0..rows).map(|row| row as f64).collect())),
    ];
    let found = associate(&codes, 2, &columns, &AssociationOptions::default());
    for own in &found {
        assert!(!own.significant(), "{own:?}");
        let nothing = own.latent == 1 || !["few", "varies"].contains(&&*columns[own.column].name);
        assert_eq!(own.information.is_none(), nothing, "{}: {own:?}", columns[own.column].name);
    }
    assert_eq!(of(&found, &columns, (0, 2)).rows, 20);
    assert!(
        associate(&[], 2, &[Column::new("none", Values::Float64(Vec::new()))], &AssociationOptions::default())[0]
            .information
            .is_none()
    );
    assert!(
        associate(&[1.0], 1, &[Column::new("one", Values::Float64(vec![2.0]))], &AssociationOptions::default())[0]
            .information
            .is_none()
    );
}

#[test]
fn categories_tell_as_much_as_they_have() {
    // The sign of the coordinate as a category: ln 2 nats, all of its entropy.
    let mut normal = Normal::new(3);
    let codes: Vec<f32> = (0..4000).map(|_| normal.next() as f32).collect();
    let signs = Column::new("sign", Values::text(codes.iter().map(|code| if *code > 0.0 { "+" } else { "-" })));
    let truths = Column::new("positive", Values::booleans(codes.iter().map(|code| *code > 0.0).collect()));
    let found = associate(&codes, 1, &[signs, truths], &AssociationOptions::default());
    for own in &found {
        assert!((own.entropy.unwrap() - std::f64::consts::LN_2).abs() < 1e-3, "{own:?}");
        assert!((own.information.unwrap() - std::f64::consts::LN_2).abs() < 0.01 && own.significant(), "{own:?}");
    }
    assert_eq!(found[0].rank_correlation, None);
    assert!(found[1].rank_correlation.unwrap() > 0.8);
}

//! What forests must do whatever the draws.

use super::*;

fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut draws = Draws::new(seed, Purpose::Rows, 0);
    (0..count).map(|_| (draws.bits() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0).collect()
}

/// A ring in a square: no straight line tells it.
fn ring(count: usize, seed: u64) -> (Matrix, Target) {
    let rows = Matrix::new(noise(2 * count, seed), 2);
    let code = |row: &[f64]| u32::from((0.3..0.7).contains(&row[0].hypot(row[1])));
    let codes = rows.each().map(code).collect();
    (rows, Target::Classes { names: ["out", "in"].map(str::to_owned).to_vec(), codes })
}

fn usual(target: &Target) -> ForestOptions {
    ForestOptions::usual(target, 2, 1)
}

#[test]
fn a_ring_is_learnt_and_nothing_is_learnt_from_noise() {
    let (train, target) = ring(2000, 1);
    let (queries, truth) = ring(1000, 2);
    assert!(truth.loss(&predict(&train, &target, &queries, &usual(&target))) < 0.04);
    let shuffled = target.chosen(&(0..2000).map(|row| row * 777 % 2000).collect::<Vec<u32>>());
    let Target::Classes { codes, .. } = &truth else { unreachable!() };
    let share = codes.iter().sum::<u32>() as f64 / 1000.0;
    assert!(truth.loss(&predict(&train, &shuffled, &queries, &usual(&target))) > share.min(1.0 - share) - 0.05);
}

#[test]
fn a_smooth_function_is_learnt_and_means_stay_within_the_values() {
    let train = Matrix::new(noise(4000, 3), 2);
    let value = |row: &[f64]| 50.0 + 3.0 * row[0] + row[1] * row[1];
    let target = Target::Quantity(train.each().map(value).collect());
    let queries = Matrix::new(noise(1000, 4), 2);
    let truth = Target::Quantity(queries.each().map(value).collect());
    let predicted = predict(&train, &target, &queries, &usual(&target));
    assert!(truth.loss(&predicted) < 0.02, "{}", truth.loss(&predicted));
    assert!(predicted.iter().all(|value| (47.0..54.0).contains(value)));
}

#[test]
fn units_of_features_change_nothing_and_constants_do_no_harm() {
    let (train, target) = ring(300, 5);
    let (queries, _) = ring(100, 6);
    let odd = |rows: &Matrix| Matrix::new(rows.each().flat_map(|row| [row[0] * 8.0 + 3.0, row[1] * 0.5]).collect(), 2);
    let options = usual(&target);
    assert_eq!(predict(&train, &target, &queries, &options), predict(&odd(&train), &target, &odd(&queries), &options));
    let constant = Matrix::new(vec![1.0; 30], 1);
    let quantity = Target::Quantity((0..30).map(f64::from).collect());
    let predicted = predict(&constant, &quantity, &constant, &ForestOptions::usual(&quantity, 1, 0));
    assert!((predicted[0] - 14.5).abs() < 1.5 && predicted.iter().all(|value| *value == predicted[0]));
}

#[test]
fn seeds_decide_the_forest() {
    let (train, target) = ring(300, 7);
    let (queries, _) = ring(400, 8);
    let of_seed = |seed| predict(&train, &target, &queries, &ForestOptions { seed, ..usual(&target) });
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
}

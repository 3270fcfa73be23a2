//! Classical filters beside SciPy's: `fixtures/make_filter_reference.py`.

use lumenfold::denoising::Filter;
use serde::Deserialize;

/// SciPy and we add in other orders.
const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Reference {
    noise: f64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    shape: Vec<usize>,
    window: usize,
    values: Vec<f64>,
    savitzky_golay: Vec<f64>,
    median: Vec<f64>,
    wiener: Vec<f64>,
    /// The places whose window has no end of an axis in it.
    within: Vec<bool>,
}

#[test]
fn filters_are_those_of_scipy() {
    let reference: Reference =
        serde_json::from_str(include_str!("../fixtures/filter_reference.json")).expect("a reference");
    for case in &reference.cases {
        let noise = vec![reference.noise; case.values.len()];
        let check = |filter: Filter, expected: &[f64], everywhere: bool| {
            let found = filter.apply(&case.values, &noise, &case.shape);
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                let same = (found - expected).abs() <= TOLERANCE;
                assert!(same || !(everywhere || case.within[at]), "{filter} {:?} {at}: {found} {expected}", case.shape);
            }
        };
        check(Filter::SavitzkyGolay(case.window), &case.savitzky_golay, true);
        check(Filter::Median(case.window), &case.median, true);
        check(Filter::Wiener(case.window), &case.wiener, false);
    }
    // Two rows at once are each row by itself.
    let case = &reference.cases[0];
    let twice = [&case.values[..], &case.values].concat();
    let found = Filter::Median(case.window).apply(&twice, &vec![1.0; twice.len()], &case.shape);
    assert_eq!(found, [&case.median[..], &case.median].concat());
}

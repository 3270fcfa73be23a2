//! Counting noise.

use super::super::counting::poisson;
use super::*;
use crate::synthetic::random::RowStreams;

/// Draws of one mean.
fn draws(mean: f64, count: usize) -> Vec<f64> {
    let mut random = RowStreams::new(9, b"test of Poisson numbers.").row(mean.to_bits());
    (0..count).map(|_| poisson(mean, &mut random)).collect()
}

#[test]
fn counts_are_as_frequent_as_poisson_says() {
    const STANDARD_DEVIATIONS: f64 = 5.0;
    let count = 200_000;
    // On both sides of where the method changes.
    for mean in [0.05, 1.0, 9.9, 10.1, 40.0] {
        let draws = draws(mean, count);
        let mut probability = libm::exp(-mean);
        for number in 0..(mean + 12.0 * mean.sqrt() + 5.0) as usize {
            let expected = probability * count as f64;
            let found = draws.iter().filter(|draw| **draw == number as f64).count() as f64;
            let deviation = (expected * (1.0 - probability)).sqrt().max(1.0);
            assert!((found - expected).abs() < STANDARD_DEVIATIONS * deviation, "{mean} {number}: {found} {expected}");
            probability *= mean / (number + 1) as f64;
        }
    }
}

#[test]
fn moments_are_those_of_poisson_for_large_means() {
    let count = 100_000;
    for mean in [12.0, 64.0, 1e3, 1e6] {
        let draws = draws(mean, count);
        let moment = |power: i32| draws.iter().map(|draw| (draw - mean).powi(power)).sum::<f64>() / count as f64;
        let within = |found: f64, expected: f64, variance: f64| {
            assert!((found - expected).abs() < 5.0 * (variance / count as f64).sqrt(), "{mean}: {found} {expected}");
        };
        within(moment(1), 0.0, mean);
        within(moment(2), mean, mean * (1.0 + 2.0 * mean));
        // The third central moment is the mean; its variance is about 15 mean³ (and 45 mean² for small means).
        within(moment(3), mean, 15.0 * mean.powi(3) + 100.0 * mean.powi(2));
    }
}

#[test]
fn nothing_is_counted_where_nothing_is_expected() {
    assert!(draws(0.0, 1000).iter().all(|count| *count == 0.0));
    assert_eq!(Counts::Mean(10.0).scale(&[0.0, 0.0]), 0.0);
    assert_eq!(CountingNoise::new(0).counts(0, &[0.0; 8]), [0.0; 8]);
}

#[test]
fn counts_are_scaled_to_a_mean_or_a_maximum() {
    let spectrum = [1.0, 2.0, 5.0, 0.0];
    assert_eq!(Counts::Mean(100.0).scale(&spectrum), 50.0);
    assert_eq!(Counts::Maximum(100.0).scale(&spectrum), 20.0);
    for (text, counts) in
        [("100", Counts::Mean(100.0)), ("mean:0.5", Counts::Mean(0.5)), ("max:1e3", Counts::Maximum(1e3))]
    {
        assert_eq!(text.parse::<Counts>().expect("counts"), counts);
        assert_eq!(counts.to_string().parse::<Counts>().expect("counts"), counts);
    }
    for text in ["", "0", "-5", "nan", "inf", "1e9", "max:", "most:5", "max:max:5"] {
        assert!(text.parse::<Counts>().is_err(), "{text}");
    }
}

#[test]
fn noise_depends_on_seed_and_number() {
    let expected = [30.0; 50];
    let counts = CountingNoise::new(1).counts(2, &expected);
    assert_eq!(counts, CountingNoise::new(1).counts(2, &expected));
    assert_ne!(counts, CountingNoise::new(1).counts(3, &expected));
    assert_ne!(counts, CountingNoise::new(2).counts(2, &expected));
}

//! Rows drawn at random: the same everywhere, each exactly once.

use lumenfold_data::{DataError, permutation, split};
use proptest::prelude::*;

/// Draws computed by a second implementation, from the definitions of ChaCha8 and of the shuffle. A change here changes
/// every result that a seed stands for.
#[test]
fn draws_are_those_of_the_definition() {
    assert_eq!(permutation(10, 0, 0), [5, 3, 0, 2, 9, 6, 4, 8, 7, 1]);
    assert_eq!(permutation(10, 1, 7), [0, 7, 3, 6, 5, 9, 1, 4, 2, 8]);
    assert_eq!(permutation(100, (1 << 63) + 5, 1 << 40)[..10], [38, 68, 42, 32, 58, 84, 98, 52, 74, 75]);
    assert_eq!(split(10, 0.3, 42).unwrap().validation, [6, 7, 8]);
}

#[test]
fn fractions() {
    assert!(split(10, 0.0, 0).unwrap().validation.is_empty());
    assert_eq!(split(0, 0.2, 0).unwrap().train.len(), 0);
    assert_eq!((split(1, 0.5, 0).unwrap().train.len(), split(1, 0.5, 0).unwrap().validation.len()), (1, 0));
    assert_eq!(split(2, 1e-9, 0).unwrap().validation.len(), 1);
    assert_eq!(split(2, 0.999, 0).unwrap().train.len(), 1);
    assert_eq!(split(21_593, 0.2, 0).unwrap().validation.len(), 4319);
    for fraction in [1.0, -0.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(split(10, fraction, 0), Err(DataError::BadFraction { .. })), "{fraction}");
    }
}

#[test]
fn seeds_and_streams_differ() {
    assert_ne!(permutation(100, 0, 0), permutation(100, 1, 0));
    assert_ne!(permutation(100, 0, 0), permutation(100, 0, 1));
}

proptest! {
    #[test]
    fn every_row_is_in_one_part(rows in 0..500_usize, fraction in 0.0..1.0_f64, seed in any::<u64>()) {
        let parts = split(rows, fraction, seed).unwrap();
        prop_assert!(parts.train.is_sorted() && parts.validation.is_sorted());
        let mut all = [parts.train, parts.validation].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..rows as u32).collect::<Vec<_>>());
    }

    #[test]
    fn a_permutation_holds_every_row_once(rows in 0..300_usize, seed in any::<u64>(), stream in any::<u64>()) {
        let mut order = permutation(rows, seed, stream);
        order.sort_unstable();
        prop_assert_eq!(order, (0..rows as u32).collect::<Vec<_>>());
    }
}

//! The largest values of each sample stay, zero stands for the others.

/// Of each sample of a tile the `kept` largest values stay if they are positive; of equal ones the first.
///
/// values: `[width][TILE]`; `allowed` tells which latents take part, all of them if there is none.
pub(crate) fn keep_largest<const TILE: usize>(width: usize, kept: usize, values: &mut [f32], allowed: Option<&[bool]>) {
    let mut candidates: Vec<(f32, usize)> = Vec::with_capacity(width);
    for sample in 0..TILE {
        let column = (0..width).map(|latent| (values[latent * TILE + sample], latent));
        candidates.clear();
        candidates
            .extend(column.filter(|(value, latent)| *value > 0.0 && allowed.is_none_or(|allowed| allowed[*latent])));
        if candidates.len() > kept {
            candidates.select_nth_unstable_by(kept, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            candidates.truncate(kept);
        }
        (0..width).for_each(|latent| values[latent * TILE + sample] = 0.0);
        for (value, latent) in &candidates {
            values[latent * TILE + sample] = *value;
        }
    }
}

/// Values that are not above the threshold of their latent become zero.
///
/// values: `[width][TILE]`; thresholds: `[width]`.
pub(crate) fn keep_above<const TILE: usize>(thresholds: &[f32], values: &mut [f32]) {
    for (values, threshold) in values.chunks_exact_mut(TILE).zip(thresholds) {
        for value in values {
            *value = if *value > *threshold { *value } else { 0.0 };
        }
    }
}

/// Thresholds of their logarithms.
pub(crate) fn thresholds(logarithms: &[f32]) -> Vec<f32> {
    logarithms.iter().map(|logarithm| libm::exp(f64::from(*logarithm)) as f32).collect()
}

/// The largest number that at most `count` of the values exceed, zero at least: values above it are the `count` largest
/// positive ones (fewer where some are equal). The smallest value above it comes along, if there is one.
///
/// The values are put in another order.
pub(crate) fn threshold_of_largest(values: &mut Vec<f32>, count: usize) -> (f32, Option<f32>) {
    values.retain(|value| *value > 0.0);
    let mut threshold = 0.0;
    if values.len() > count {
        let (_, next, _) = values.select_nth_unstable_by(count, |a, b| b.total_cmp(a));
        threshold = *next;
    }
    let least = values.iter().copied().filter(|value| *value > threshold).min_by(f32::total_cmp);
    (threshold, least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::TILE;

    #[test]
    fn the_largest_values_stay_and_the_first_of_equal_ones() {
        let column = [3.0, -1.0, 5.0, 5.0, 5.0, 0.5];
        let mut values: Vec<f32> = column.iter().flat_map(|value| [*value; TILE]).collect();
        let of_sample = |values: &[f32]| values.iter().step_by(TILE).copied().collect::<Vec<_>>();
        let mut few = values.clone();
        keep_largest::<TILE>(6, 2, &mut few, None);
        assert_eq!(of_sample(&few[63..]), [0.0, 0.0, 5.0, 5.0, 0.0, 0.0]);
        keep_largest::<TILE>(6, 9, &mut values, Some(&[true, true, false, true, false, true]));
        assert_eq!(of_sample(&values), [3.0, 0.0, 0.0, 5.0, 0.0, 0.5]);
        keep_above::<TILE>(&[2.0, 0.0, 0.0, 5.0, 0.0, 0.5], &mut values);
        assert_eq!(of_sample(&values), [3.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_threshold_leaves_as_many_values_as_were_asked_for() {
        let all = vec![0.1, -3.0, 0.7, 0.4, 0.0, 0.9];
        assert_eq!(threshold_of_largest(&mut all.clone(), 2), (0.4, Some(0.7)));
        assert_eq!(threshold_of_largest(&mut all.clone(), 9), (0.0, Some(0.1)));
        assert_eq!(threshold_of_largest(&mut vec![1.0, 1.0, 1.0], 2), (1.0, None));
        assert_eq!(threshold_of_largest(&mut vec![-1.0], 2), (0.0, None));
    }
}

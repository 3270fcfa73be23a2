//! Mutual information of two columns of numbers.

/// Euler and Mascheroni's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// The digamma function of 1, 2, … `count`, at these places: ψ(n) = 1 + 1/2 + … + 1/(n - 1) - γ.
pub(super) fn digamma(count: usize) -> Vec<f64> {
    let mut values = vec![f64::NAN];
    let mut sum = -EULER;
    for n in 1..=count {
        values.push(sum);
        sum += 1.0 / n as f64;
    }
    values
}

/// Mutual information in nats of two columns of numbers, from the distances of each row to its nearest neighbours in the
/// plane: Kraskov, Stögbauer and Grassberger, *Estimating mutual information*, Phys. Rev. E 69, 066138 (2004), equation 8.
///
/// No value of a column should occur twice ([`Ranked`](super::Ranked) sees to that). The estimate may be a little below zero. None
/// if there are no more rows than `neighbours`.
///
/// Rows are gone through outwards from each one in the order of `x`, until `x` alone is further away than the neighbours
/// found: some times the square root of the number of rows where the columns are ranks.
#[must_use]
pub fn information(x: &[f64], y: &[f64], neighbours: usize) -> Option<f64> {
    let rows = x.len().min(y.len());
    if neighbours == 0 || rows <= neighbours {
        return None;
    }
    let mut points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    points.sort_unstable_by(|one, two| one.0.total_cmp(&two.0).then(one.1.total_cmp(&two.1)));
    let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    let mut sorted_y = y.clone();
    sorted_y.sort_unstable_by(f64::total_cmp);
    let digamma = digamma(rows);
    let mut nearest = vec![f64::INFINITY; neighbours];
    let mut sum = 0.0;
    for at in 0..rows {
        let distance = neighbour_distance(&x, &y, at, &mut nearest);
        sum += digamma[within(&x, x[at], distance)] + digamma[within(&sorted_y, y[at], distance)];
    }
    Some(digamma[neighbours] + digamma[rows] - sum / rows as f64)
}

/// The distance, the larger of the two coordinates', to the last of the nearest neighbours of a point. `x` is sorted.
fn neighbour_distance(x: &[f64], y: &[f64], at: usize, nearest: &mut [f64]) -> f64 {
    let (x_here, y_here) = (x[at], y[at]);
    let last = nearest.len() - 1;
    nearest.fill(f64::INFINITY);
    let mut furthest = f64::INFINITY;
    let mut look = |x: f64, y: f64| {
        let along = (x - x_here).abs();
        let aside = (y - y_here).abs();
        if along >= furthest {
            return false;
        }
        // Few points come this near, hence one comparison for most of them.
        if aside < furthest {
            let mut distance = along.max(aside);
            for place in nearest.iter_mut() {
                if distance < *place {
                    std::mem::swap(place, &mut distance);
                }
            }
            furthest = nearest[last];
        }
        true
    };
    for (x, y) in x[..at].iter().zip(&y[..at]).rev() {
        if !look(*x, *y) {
            break;
        }
    }
    for (x, y) in x[at + 1..].iter().zip(&y[at + 1..]) {
        if !look(*x, *y) {
            break;
        }
    }
    furthest
}

/// How many of the sorted values are nearer to one of them than a distance, itself included.
pub(super) fn within(sorted: &[f64], value: f64, distance: f64) -> usize {
    let from = sorted.partition_point(|other| value - other >= distance);
    let to = sorted.partition_point(|other| other - value < distance);
    // A distance of zero, between equal values, leaves not even the value itself.
    to.saturating_sub(from).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_of_whole_numbers() {
        let values = digamma(10);
        assert_eq!(values[1], -EULER);
        // Abramowitz and Stegun, table 6.1.
        assert!((values[10] - 2.251_752_589_066_721).abs() < 1e-14);
    }

    #[test]
    fn neighbours_are_found_as_by_looking_at_all() {
        let mut state = 3_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / 1e4
        };
        let mut points: Vec<(f64, f64)> = (0..200).map(|_| (next(), next())).collect();
        points.sort_unstable_by(|one, two| one.0.total_cmp(&two.0));
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        for at in 0..points.len() {
            let distance = |other: &(f64, f64)| (other.0 - points[at].0).abs().max((other.1 - points[at].1).abs());
            let mut all: Vec<f64> = points.iter().map(distance).collect();
            all.sort_unstable_by(f64::total_cmp);
            assert_eq!(neighbour_distance(&x, &y, at, &mut [0.0; 3]), all[3]);
        }
    }
}

//! Mutual information of a column of numbers and one of categories.

use super::information::{digamma, within};

/// Mutual information in nats of numbers and categories, from the distance of each number to its nearest neighbours in its
/// own category: Ross, *Mutual information between discrete and continuous data sets*, PLoS ONE 9, e87357 (2014),
/// equation 2. Categories of one row say nothing about it and are left out; in one of fewer rows than `neighbours`, all
/// others are neighbours.
///
/// No number should occur twice. None if every category has one row only.
#[must_use]
pub fn information_of_categories(values: &[f64], categories: &[u32], neighbours: usize) -> Option<f64> {
    let mut groups: Vec<(u32, f64)> = categories.iter().copied().zip(values.iter().copied()).collect();
    groups.sort_unstable_by(|one, two| one.0.cmp(&two.0).then(one.1.total_cmp(&two.1)));
    let groups: Vec<&[(u32, f64)]> =
        groups.chunk_by(|one, two| one.0 == two.0).filter(|group| group.len() > 1).collect();
    let mut all: Vec<f64> = groups.iter().flat_map(|group| group.iter().map(|(_, value)| *value)).collect();
    if all.is_empty() || neighbours == 0 {
        return None;
    }
    all.sort_unstable_by(f64::total_cmp);
    let digamma = digamma(all.len());
    let mut sum = 0.0;
    for group in groups {
        let nearest = neighbours.min(group.len() - 1);
        for at in 0..group.len() {
            let distance = neighbour_distance(group, at, nearest);
            sum += digamma[nearest] - digamma[group.len()] - digamma[within(&all, group[at].1, distance)];
        }
    }
    Some(digamma[all.len()] + sum / all.len() as f64)
}

/// The distance to the last of the nearest neighbours of a value in sorted values.
fn neighbour_distance(sorted: &[(u32, f64)], at: usize, nearest: usize) -> f64 {
    let value = sorted[at].1;
    let (mut below, mut above) = (at, at + 1);
    let mut distance = 0.0;
    for _ in 0..nearest {
        let left = if below > 0 { value - sorted[below - 1].1 } else { f64::INFINITY };
        let right = if above < sorted.len() { sorted[above].1 - value } else { f64::INFINITY };
        distance = left.min(right);
        if left <= right {
            below -= 1;
        } else {
            above += 1;
        }
    }
    distance
}

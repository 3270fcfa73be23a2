//! What a cluster is like, and what sets it apart.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use lumenfold_data::{Column, Values};

use super::Clustering;
use crate::order_statistics::{quantile, sorted, spread};
use crate::parallel::in_order;

/// Rows of a cluster among which its medoid is looked for, and those that distances are summed over.
const MOST_CANDIDATES: usize = 2000;

/// A column of text with more different labels than this, or with fewer rows for each than that, is taken for identifiers,
/// which set nothing apart.
const MOST_LABELS: usize = 1000;
const LEAST_ROWS: usize = 5;

/// A cluster in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSummary {
    /// Rows of the cluster.
    pub rows: usize,
    /// Their share of all rows that were clustered.
    pub share: f64,
    /// The row (from 0, among those that were clustered) with the least sum of distances to the others.
    pub medoid: usize,
    /// What columns of numbers set apart, the largest difference first.
    pub differences: Vec<Difference>,
    /// What labels set apart, the most frequent in the cluster first.
    pub lifts: Vec<Lift>,
}

/// How a column of numbers differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The column, from 0.
    pub column: usize,
    /// Median of the cluster.
    pub median: f64,
    /// Median of all other rows.
    pub elsewhere: f64,
    /// The difference of the two over the spread of all rows: the range of their middle four fifths over 2.563, which is a
    /// standard deviation of normal values; the standard deviation itself where that is zero.
    pub standardised: f64,
}

/// How frequent a label is.
#[derive(Clone, Debug, PartialEq)]
pub struct Lift {
    /// The column, from 0.
    pub column: usize,
    /// The label.
    pub label: String,
    /// Its share of the cluster's rows that have a label.
    pub share: f64,
    /// How many times as frequent it is there as among all rows.
    pub lift: f64,
}

/// All clusters. `columns` have a row for each code that was clustered.
#[must_use]
pub fn summaries(clustering: &Clustering, columns: &[Column], threads: NonZeroUsize) -> Vec<ClusterSummary> {
    let clusters = clustering.sizes.len();
    let mut members: Vec<Vec<u64>> = vec![Vec::new(); clusters];
    for (row, membership) in clustering.memberships.iter().enumerate() {
        if let Some(cluster) = membership.cluster {
            members[cluster].push(row as u64);
        }
    }
    let mut summaries: Vec<ClusterSummary> = in_order(clusters, threads, |cluster| ClusterSummary {
        rows: members[cluster].len(),
        share: members[cluster].len() as f64 / clustering.memberships.len() as f64,
        medoid: medoid(clustering, &members[cluster]),
        differences: Vec::new(),
        lifts: Vec::new(),
    });
    let found = in_order(columns.len(), threads, |column| of_column(clustering, columns, column));
    for (differences, lifts) in found {
        for (summary, difference) in summaries.iter_mut().zip(differences) {
            summary.differences.extend(difference);
        }
        for (summary, lifts) in summaries.iter_mut().zip(lifts) {
            summary.lifts.extend(lifts);
        }
    }
    for summary in &mut summaries {
        // Stable: of equal ones the first column.
        summary.differences.sort_by(|one, two| two.standardised.abs().total_cmp(&one.standardised.abs()));
        summary.lifts.sort_by(|one, two| two.share.total_cmp(&one.share));
    }
    summaries
}

/// Of a large cluster, rows at equal steps stand for all.
fn medoid(clustering: &Clustering, members: &[u64]) -> usize {
    let step = members.len().div_ceil(MOST_CANDIDATES).max(1);
    let candidates: Vec<usize> = members.iter().step_by(step).map(|row| *row as usize).collect();
    let points = &clustering.neighbours;
    let sum = |row: usize| candidates.iter().map(|other| points.squared(points.point(row), *other).sqrt()).sum::<f64>();
    let sums = candidates.iter().map(|row| (sum(*row), *row));
    sums.min_by(|one, two| one.0.total_cmp(&two.0)).map_or(0, |(_, row)| row)
}

/// For each cluster its difference, if the column holds numbers that vary, and the lifts of its labels.
fn of_column(clustering: &Clustering, columns: &[Column], at: usize) -> (Vec<Option<Difference>>, Vec<Vec<Lift>>) {
    let (column, clusters) = (&columns[at], clustering.sizes.len());
    let none = (vec![None; clusters], vec![Vec::new(); clusters]);
    if matches!(column.values, Values::Text(_) | Values::Boolean(_)) {
        return (none.0, lifts(clustering, column, at).unwrap_or(none.1));
    }
    let value = |row: usize| column.value(row).unwrap_or(f64::NAN);
    let rows = || 0..clustering.memberships.len();
    let all = sorted(rows().map(value).filter(|value| value.is_finite()));
    let spread = spread(&all);
    if spread <= 0.0 || !spread.is_finite() {
        return none;
    }
    let median = |of: &dyn Fn(Option<usize>) -> bool| {
        let chosen = rows().filter(|row| of(clustering.memberships[*row].cluster));
        quantile(&sorted(chosen.map(value).filter(|value| value.is_finite())), 0.5)
    };
    let difference = |cluster: usize| {
        let (own, elsewhere) = (median(&|of| of == Some(cluster)), median(&|of| of != Some(cluster)));
        let standardised = (own - elsewhere) / spread;
        standardised.is_finite().then_some(Difference { column: at, median: own, elsewhere, standardised })
    };
    ((0..clusters).map(difference).collect(), none.1)
}

/// None if there are too many labels.
fn lifts(clustering: &Clustering, column: &Column, at: usize) -> Option<Vec<Vec<Lift>>> {
    let clusters = clustering.sizes.len();
    // For each label its count among all rows and in each cluster.
    let mut counts: BTreeMap<String, (usize, Vec<usize>)> = BTreeMap::new();
    let (mut all, mut within) = (0, vec![0; clusters]);
    for (row, membership) in clustering.memberships.iter().enumerate().filter(|(row, _)| !column.is_missing(*row)) {
        let (everywhere, inside) = counts.entry(column.text(row)).or_insert_with(|| (0, vec![0; clusters]));
        *everywhere += 1;
        all += 1;
        if let Some(cluster) = membership.cluster {
            inside[cluster] += 1;
            within[cluster] += 1;
        }
        if counts.len() > MOST_LABELS {
            return None;
        }
    }
    if all < LEAST_ROWS * counts.len() {
        return None;
    }
    let lift = |cluster: usize, label: &String, (everywhere, inside): &(usize, Vec<usize>)| {
        let share = inside[cluster] as f64 / within[cluster].max(1) as f64;
        let lift = share / (*everywhere as f64 / all as f64);
        (inside[cluster] > 0).then(|| Lift { column: at, label: label.clone(), share, lift })
    };
    let of = |cluster| counts.iter().filter_map(|(label, counts)| lift(cluster, label, counts)).collect();
    Some((0..clusters).map(of).collect())
}

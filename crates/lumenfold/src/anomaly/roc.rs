//! How well scores part anomalies that are known from other rows.

/// The area under the ROC curve: the share of pairs of an anomaly and another row in which the anomaly scores higher, pairs of
/// equal scores counted by half (Mann and Whitney 1947). None where one of the two is missing.
///
/// ```
/// use lumenfold::anomaly::roc_area;
/// let rows = vec![(0.1, false), (0.4, true), (0.4, false), (0.9, true)];
/// assert_eq!(roc_area(rows), Some(0.875));
/// assert_eq!(roc_area(vec![(0.1, false)]), None);
/// ```
#[must_use]
pub fn roc_area(mut rows: Vec<(f64, bool)>) -> Option<f64> {
    rows.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let anomalies = rows.iter().filter(|row| row.1).count();
    let others = rows.len() - anomalies;
    let (mut below, mut won) = (0.0, 0.0);
    for tied in rows.chunk_by(|left, right| left.0 == right.0) {
        let found = tied.iter().filter(|row| row.1).count() as f64;
        let rest = tied.len() as f64 - found;
        won += found * (below + 0.5 * rest);
        below += rest;
    }
    let pairs = anomalies as f64 * others as f64;
    (pairs > 0.0).then(|| won / pairs)
}

//! Every query meets every point.

use super::{Near, squared_distance};
use crate::linear::dot;

/// Queries that meet a point while it is near the processor.
const TOGETHER: usize = 32;

/// From so many dimensions on, squared distances are taken apart into products, which are faster to sum.
const WIDE: usize = 24;

/// Points in many dimensions.
#[derive(Debug)]
pub(crate) struct Blocks<'a> {
    /// `[rows][width]`
    points: &'a [f64],
    width: usize,
    /// The squares of their lengths, where they are wide.
    squares: Vec<f64>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(points: &'a [f64], width: usize) -> Self {
        Self { points, width, squares: squares(points, width) }
    }

    /// See [`Search::each_nearest`](super::Search::each_nearest).
    pub(super) fn each_nearest(&self, queries: &[f64], count: usize, mut visit: impl FnMut(&[Near])) {
        let (width, wide) = (self.width, self.width >= WIDE);
        let mut nearest: Vec<Vec<Near>> = vec![Vec::new(); TOGETHER];
        for queries in queries.chunks(TOGETHER * width) {
            nearest.iter_mut().for_each(Vec::clear);
            let query_squares = squares(queries, width);
            for (index, (point, point_square)) in self.points.chunks_exact(width).zip(&self.squares).enumerate() {
                let queries = queries.chunks_exact(width).zip(&query_squares);
                for ((query, query_square), nearest) in queries.zip(&mut nearest) {
                    let distance = if wide {
                        query_square + point_square - 2.0 * dot(query, point)
                    } else {
                        squared_distance(query, point)
                    };
                    if nearest.len() < count || nearest.last().is_none_or(|(last, _)| distance < *last) {
                        let place = nearest.partition_point(|(other, _)| *other <= distance);
                        nearest.insert(place, (distance, index as u32));
                        nearest.truncate(count);
                    }
                }
            }
            nearest.iter().take(query_squares.len()).for_each(|nearest| visit(nearest));
        }
    }
}

/// The squares of the lengths of wide rows; zeros for others, which need none.
fn squares(rows: &[f64], width: usize) -> Vec<f64> {
    rows.chunks_exact(width).map(|row| if width >= WIDE { dot(row, row) } else { 0.0 }).collect()
}

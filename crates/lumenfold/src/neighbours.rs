//! Nearest neighbours in Euclidean distance: one search for clusters, probes and the intrinsic dimension.
//!
//! * `tree`: a k-d tree, for points in few dimensions and for one query at a time;
//! * `blocks`: every query meets every point, some queries together while they are near the processor. In many dimensions a
//!   tree leaves out next to nothing, and this is faster.
//!
//! [`Search`] takes the one that suits the width.

mod blocks;
mod tree;

pub(crate) use tree::Neighbours;

use blocks::Blocks;

/// The square of a distance, and the row that is so far away.
pub(crate) type Near = (f64, u32);

/// Up to so many dimensions the tree is faster, as measured with 15,000 points, 5,000 queries and 100 neighbours.
const MOST_OF_TREE: usize = 6;

/// Points in which the neighbours of many others are looked for.
#[derive(Debug)]
pub(crate) enum Search<'a> {
    Tree(Neighbours),
    Blocks(Blocks<'a>),
}

impl<'a> Search<'a> {
    /// Among points `[rows][width]`, all finite.
    pub(crate) fn among(points: &'a [f64], width: usize) -> Self {
        if width <= MOST_OF_TREE {
            Self::Tree(Neighbours::new(points.to_vec(), width))
        } else {
            Self::Blocks(Blocks::new(points, width))
        }
    }

    /// Calls `visit` with the `count` nearest points (one at least) of each query, `[queries][width]`: the nearest first, of
    /// equally near ones the first. In many dimensions the squares are rounded by more than their last digits, which is
    /// enough to tell who is near.
    pub(crate) fn each_nearest(&self, queries: &[f64], count: usize, mut visit: impl FnMut(&[Near])) {
        match self {
            Self::Tree(tree) => {
                queries.chunks_exact(tree.width()).for_each(|query| visit(&tree.nearest(query, count)));
            }
            Self::Blocks(blocks) => blocks.each_nearest(queries, count, visit),
        }
    }
}

/// The square of the distance of two points.
pub(crate) fn squared_distance(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| (left - right) * (left - right)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(search: &Search<'_>, queries: &[f64], count: usize) -> Vec<Vec<u32>> {
        let mut found = Vec::new();
        search.each_nearest(queries, count, |near| found.push(near.iter().map(|(_, row)| *row).collect()));
        found
    }

    #[test]
    fn tree_and_blocks_find_the_same_neighbours() {
        // Few different values: many points are equally near.
        let value = |index: usize| ((index * 7919 + index * index) % 7) as f64;
        for width in [1, 3, 8] {
            let points: Vec<f64> = (0..300 * width).map(value).collect();
            let queries: Vec<f64> = (5000..5000 + 70 * width).map(value).collect();
            let tree = found(&Search::Tree(Neighbours::new(points.clone(), width)), &queries, 9);
            assert_eq!(tree, found(&Search::Blocks(Blocks::new(&points, width)), &queries, 9));
            // Features that are always zero change nothing, however many they are.
            let padded = |rows: &[f64]| -> Vec<f64> {
                rows.chunks(width).flat_map(|row| row.iter().copied().chain([0.0; 40])).collect()
            };
            let (points, queries) = (padded(&points), padded(&queries));
            assert_eq!(tree, found(&Search::among(&points, width + 40), &queries, 9));
        }
    }
}

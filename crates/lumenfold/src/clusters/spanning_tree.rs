//! The minimum spanning tree of rows, by Prim's algorithm.

use crate::neighbours::Neighbours;

/// Two rows and their distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) rows: [u32; 2],
    pub(super) distance: f64,
}

/// The edges in ascending order of their mutual reachability distance: the largest of the distance of two rows and the
/// core distances of both. Time goes with the square of the rows, memory with the rows.
pub(super) fn spanning_tree(points: &Neighbours, core: &[f64]) -> Vec<Edge> {
    let rows = points.rows();
    let mut edges = Vec::with_capacity(rows.saturating_sub(1));
    // Rows that are not in the tree, the distance of each to it, and the row of the tree at that distance.
    let mut left: Vec<(u32, f64, u32)> = (1..rows as u32).map(|row| (row, f64::INFINITY, 0)).collect();
    let mut last = 0_u32;
    while !left.is_empty() {
        let (point, own) = (points.point(last as usize), core[last as usize]);
        let mut best = 0;
        for at in 0..left.len() {
            let (row, distance, from) = &mut left[at];
            // Where the core distances alone are no improvement, the points need not be looked at.
            let least = own.max(core[*row as usize]);
            if least < *distance {
                let reach = points.squared(point, *row as usize).sqrt().max(least);
                if reach < *distance {
                    (*distance, *from) = (reach, last);
                }
            }
            if left[at].1 < left[best].1 {
                best = at;
            }
        }
        let (row, distance, from) = left.swap_remove(best);
        edges.push(Edge { rows: [from, row], distance });
        last = row;
    }
    edges.sort_by(|one, two| one.distance.total_cmp(&two.distance));
    edges
}

//! Rows that were not clustered, assigned to the clusters of others.

use std::num::NonZeroUsize;

use super::{Clustering, Membership};
use crate::parallel::in_order;

/// Codes that a thread takes at a time.
const PIECE: usize = 64;

impl Clustering {
    /// What a further code belongs to, by the rule of the clustered rows: among its nearest neighbours it comes to the one at
    /// the least mutual reachability distance, and belongs to whatever that one belongs to at the density of this
    /// distance. It is noise where the cluster has fallen apart or not begun at that density. The clusters themselves
    /// do not change. This is the rule of `approximate_predict` in *hdbscan* (McInnes, Healy and Astels, JOSS 2, 205, 2017), to the
    /// number of neighbours.
    #[must_use]
    pub fn assign(&self, code: &[f32]) -> Membership {
        let point: Vec<f64> = code.iter().copied().map(f64::from).collect();
        let size = self.min_cluster_size;
        // Those beyond the one that measures the density count where they lie more densely than the nearer ones.
        let near = self.neighbours.nearest(&point, (2 * (size - 1)).max(size));
        let Some((furthest, _)) = near.get(size - 1) else { return Membership::default() };
        let core = furthest.sqrt();
        let reach = |(squared, row): &(f64, u32)| squared.sqrt().max(core).max(self.core[*row as usize]);
        let nearest = near.iter().min_by(|one, two| reach(one).total_cmp(&reach(two)));
        nearest.map_or_else(Membership::default, |near| self.hierarchy.membership_near(near.1 as usize, reach(near)))
    }

    /// The same for many codes, `[rows][latent]`. The result does not depend on the threads.
    #[must_use]
    pub fn assign_all(&self, codes: &[f32], threads: NonZeroUsize) -> Vec<Membership> {
        let width = self.neighbours.width();
        let pieces: Vec<&[f32]> = codes.chunks(PIECE * width).collect();
        let assign = |piece: usize| pieces[piece].chunks_exact(width).map(|code| self.assign(code)).collect::<Vec<_>>();
        in_order(pieces.len(), threads, assign).into_iter().flatten().collect()
    }
}

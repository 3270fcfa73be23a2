//! Clusters in latent space: HDBSCAN of Campello, Moulavi and Sander, *Density-based clustering based on hierarchical
//! density estimates* (PAKDD 2013), with the clusters of most excess of mass, as in scikit-learn.
//!
//! ```text
//! codes ─▶ neighbours: distance to the k-th nearest ─▶ spanning_tree of the mutual reachability distances
//!                                                        │
//! labels, memberships ◀─ hierarchy: which groups last longest while the distance shrinks
//!        └─▶ assignment of further codes           └─▶ summary: what sets a cluster apart
//! ```
//!
//! It is our own: the crates that were looked at (petal-clustering 0.14, hdbscan 0.12) give labels without memberships and
//! without the tree that further rows are assigned by, and the distances of the former depend on the processor's
//! instructions. scikit-learn is the reference of the tests.
//!
//! Distances are Euclidean in the latent coordinates as they are: those that the decoder sees.

mod assignment;
mod hierarchy;
mod spanning_tree;
mod summary;

use std::num::NonZeroUsize;

use hierarchy::Hierarchy;
pub use summary::{ClusterSummary, Difference, Lift, summaries};

use crate::Error;
use crate::neighbours::Neighbours;
use crate::parallel::in_order;

/// The smallest cluster by default: a share of the rows, but no fewer than a few.
const LEAST_SHARE: f64 = 0.005;
const LEAST_ROWS: usize = 25;

/// How clusters are found.
#[derive(Clone, Copy, Debug)]
pub struct ClusterOptions {
    /// The fewest rows that make a cluster; also the neighbour whose distance measures the density. See
    /// [`ClusterOptions::default_size`].
    pub min_cluster_size: usize,
    /// Threads; the result does not depend on it.
    pub threads: NonZeroUsize,
}

impl ClusterOptions {
    /// The fewest rows of a cluster by default: 25, or half a per cent of the rows.
    #[must_use]
    pub fn default_size(rows: usize) -> usize {
        LEAST_ROWS.max((LEAST_SHARE * rows as f64).round() as usize)
    }
}

/// What a row belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Membership {
    /// The cluster, from 0 (the largest) on; none for noise.
    pub cluster: Option<usize>,
    /// How near the row is to the core of its cluster, from 0 to 1: the density at which it leaves the cluster, over the
    /// highest at which any row does. 0 for noise.
    pub probability: f64,
}

/// The clusters of some codes.
#[derive(Debug)]
pub struct Clustering {
    neighbours: Neighbours,
    core: Vec<f64>,
    hierarchy: Hierarchy,
    memberships: Vec<Membership>,
    sizes: Vec<usize>,
    min_cluster_size: usize,
}

impl Clustering {
    /// Finds the clusters of codes `[rows][latent]`, finite. Time goes with the square of the rows: 20,000 rows of two
    /// coordinates take about a second.
    ///
    /// # Errors
    /// A cluster size below 2, or more than half of the rows: then no two clusters can be told apart.
    pub fn of(codes: &[f32], latent: usize, options: &ClusterOptions) -> Result<Self, Error> {
        let rows = codes.len() / latent.max(1);
        let size = options.min_cluster_size;
        if size < 2 || size > rows / 2 {
            let allowed = format!("from 2 to {}, half of the {rows} rows that are clustered", (rows / 2).max(2));
            return Err(Error::Setting { name: "--min-cluster-size", value: size.to_string(), allowed });
        }
        let points: Vec<f64> = codes.iter().copied().map(f64::from).collect();
        let neighbours = Neighbours::new(points, latent);
        // As scikit-learn counts, a row is its own first neighbour.
        let core = in_order(rows, options.threads, |row| neighbours.distance(neighbours.point(row), size));
        let edges = spanning_tree::spanning_tree(&neighbours, &core);
        let mut hierarchy = Hierarchy::of(rows, edges, size);
        let mut memberships: Vec<Membership> = (0..rows).map(|row| hierarchy.membership(row)).collect();
        let sizes = hierarchy.order_by_size(&mut memberships);
        Ok(Self { neighbours, core, hierarchy, memberships, sizes, min_cluster_size: size })
    }

    /// Rows of each cluster, the largest first.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// What each row belongs to.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The fewest rows of a cluster.
    #[must_use]
    pub fn min_cluster_size(&self) -> usize {
        self.min_cluster_size
    }
}

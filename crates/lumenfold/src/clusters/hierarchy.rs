//! Which groups of rows stay together while the distance shrinks, and which of these are the clusters.
//!
//! Cutting the spanning tree at ever shorter distances splits the rows into groups. Splinters of fewer rows than a cluster
//! must have fall off; where both halves are large enough, two new groups begin. Densities are λ = 1 / distance. A group's
//! stability is the sum over its rows of λ at which the row leaves less λ at which the group began; of a group and those that
//! came from it, whichever has more stability in all is chosen.

use super::Membership;
use super::spanning_tree::Edge;

/// Equal rows have no distance, hence no finite density; this share of the largest distance is as near as two rows get.
const NEAREST: f64 = 1e-12;

/// Groups of rows.
#[derive(Debug)]
pub(super) struct Hierarchy {
    groups: Vec<Group>,
    /// For each row the group that it falls out of, and the density at which it does.
    fallen: Vec<(u32, f64)>,
    /// Distances below this one count as this one.
    nearest: f64,
}

#[derive(Clone, Debug)]
struct Group {
    parent: Option<u32>,
    /// The density at which it began.
    birth: f64,
    /// The highest density at which a row or two new groups left it.
    death: f64,
    stability: f64,
    /// The number of the cluster, if it is one.
    cluster: Option<usize>,
}

/// A node of the tree of merges: a row, or the merge with this number less the rows.
struct Merge {
    parts: [u32; 2],
    distance: f64,
    rows: u32,
}

impl Hierarchy {
    /// From the edges of the spanning tree in ascending order.
    pub(super) fn of(rows: usize, edges: Vec<Edge>, least: usize) -> Self {
        let nearest = edges.last().map_or(0.0, |edge| edge.distance) * NEAREST;
        let merges = merges(rows, edges);
        let root = Group { parent: None, birth: 0.0, death: 0.0, stability: 0.0, cluster: None };
        let mut tree = Self { groups: vec![root], fallen: vec![(0, 0.0); rows], nearest };
        tree.split(&merges, rows, least);
        tree.choose();
        tree
    }

    fn density(&self, distance: f64) -> f64 {
        let distance = distance.max(self.nearest);
        // All rows are equal: one density for all.
        if distance > 0.0 { 1.0 / distance } else { 1.0 }
    }

    /// Goes down the tree of merges, from the last one.
    fn split(&mut self, merges: &[Merge], rows: usize, least: usize) {
        let size = |node: u32| (node as usize).checked_sub(rows).map_or(1, |merge| merges[merge].rows as usize);
        let Some(top) = merges.len().checked_sub(1) else { return };
        let mut left = vec![((rows + top) as u32, 0_u32)];
        while let Some((node, group)) = left.pop() {
            let merge = &merges[node as usize - rows];
            let density = self.density(merge.distance);
            let parts = merge.parts.map(|part| (part, size(part)));
            let both = parts.iter().all(|(_, rows)| *rows >= least);
            for (part, part_rows) in parts {
                if part_rows < least {
                    self.fall(part, (group, density), merges);
                } else if both {
                    self.leave(group, density, part_rows);
                    let begun =
                        Group { parent: Some(group), birth: density, death: density, stability: 0.0, cluster: None };
                    self.groups.push(begun);
                    left.push((part, self.groups.len() as u32 - 1));
                } else {
                    left.push((part, group));
                }
            }
        }
    }

    /// Some rows leave a group.
    fn leave(&mut self, group: u32, density: f64, rows: usize) {
        let group = &mut self.groups[group as usize];
        group.stability += (density - group.birth) * rows as f64;
        group.death = group.death.max(density);
    }

    /// All rows of a node fall out of a group.
    fn fall(&mut self, node: u32, fallen: (u32, f64), merges: &[Merge]) {
        let rows = self.fallen.len();
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            match (node as usize).checked_sub(rows) {
                Some(merge) => left.extend(merges[merge].parts),
                None => {
                    self.fallen[node as usize] = fallen;
                    self.leave(fallen.0, fallen.1, 1);
                }
            }
        }
    }

    /// Chooses the clusters; the whole is none.
    fn choose(&mut self) {
        let mut below = vec![0.0; self.groups.len()];
        let mut chosen = vec![false; self.groups.len()];
        // Those that came from a group have larger numbers.
        for at in (1..self.groups.len()).rev() {
            let own = self.groups[at].stability;
            chosen[at] = below[at] <= own;
            if let Some(parent) = self.groups[at].parent {
                below[parent as usize] += own.max(below[at]);
            }
        }
        let mut clusters = 0;
        let mut within = vec![false; self.groups.len()];
        for at in 1..self.groups.len() {
            let inside = self.groups[at].parent.is_some_and(|parent| within[parent as usize]);
            within[at] = inside || chosen[at];
            if chosen[at] && !inside {
                self.groups[at].cluster = Some(clusters);
                clusters += 1;
            }
        }
    }

    /// What a row belongs to.
    pub(super) fn membership(&self, row: usize) -> Membership {
        let (group, density) = self.fallen[row];
        self.within(group, density)
    }

    /// What a point belongs to that comes to a row at some distance.
    pub(super) fn membership_near(&self, row: usize, distance: f64) -> Membership {
        let (mut group, fallen) = self.fallen[row];
        let density = self.density(distance);
        if density < fallen {
            // It leaves where its neighbour still is in a group further up.
            while let Some(parent) =
                self.groups[group as usize].parent.filter(|_| self.groups[group as usize].birth >= density)
            {
                group = parent;
            }
        }
        self.within(group, density)
    }

    fn within(&self, group: u32, density: f64) -> Membership {
        let mut at = Some(group);
        while let Some(group) = at.map(|at| &self.groups[at as usize]) {
            if group.cluster.is_some() {
                let probability = if group.death > 0.0 { density.min(group.death) / group.death } else { 1.0 };
                return Membership { cluster: group.cluster, probability };
            }
            at = group.parent;
        }
        Membership::default()
    }

    /// Gives the clusters their numbers, the largest first, of equally large ones that with the first row; and their sizes.
    pub(super) fn order_by_size(&mut self, memberships: &mut [Membership]) -> Vec<usize> {
        let clusters = self.groups.iter().filter(|group| group.cluster.is_some()).count();
        // Size and first row of each.
        let mut found = vec![(0_usize, usize::MAX); clusters];
        for (row, cluster) in memberships.iter().enumerate().filter_map(|(row, own)| Some((row, own.cluster?))) {
            found[cluster] = (found[cluster].0 + 1, found[cluster].1.min(row));
        }
        let mut order: Vec<usize> = (0..clusters).collect();
        order.sort_unstable_by_key(|cluster| (usize::MAX - found[*cluster].0, found[*cluster].1));
        let mut places = vec![0; clusters];
        order.iter().enumerate().for_each(|(place, cluster)| places[*cluster] = place);
        let own = memberships.iter_mut().map(|membership| &mut membership.cluster);
        for cluster in own.chain(self.groups.iter_mut().map(|group| &mut group.cluster)) {
            *cluster = cluster.map(|cluster| places[cluster]);
        }
        order.into_iter().map(|cluster| found[cluster].0).collect()
    }
}

/// Single linkage: the shortest edges merge first.
fn merges(rows: usize, edges: Vec<Edge>) -> Vec<Merge> {
    // The node that each row or node has become part of, and for each the one that stands for its group.
    let mut above: Vec<u32> = (0..(2 * rows) as u32).collect();
    let mut merges: Vec<Merge> = Vec::with_capacity(edges.len());
    for edge in edges {
        let parts = edge.rows.map(|row| top(&mut above, row));
        let size = |node: u32| (node as usize).checked_sub(rows).map_or(1, |merge| merges[merge].rows);
        let node = (rows + merges.len()) as u32;
        let merged = Merge { parts, distance: edge.distance, rows: size(parts[0]) + size(parts[1]) };
        merges.push(merged);
        parts.iter().for_each(|part| above[*part as usize] = node);
    }
    merges
}

/// The node that a row has become part of last, with the way there made shorter.
fn top(above: &mut [u32], node: u32) -> u32 {
    let mut top = node;
    while above[top as usize] != top {
        top = above[top as usize];
    }
    let mut at = node;
    while at != top {
        at = std::mem::replace(&mut above[at as usize], top);
    }
    top
}

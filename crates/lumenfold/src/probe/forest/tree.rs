//! One tree: grown from rows drawn with replacement until leaves are pure.

use super::super::draws::Draws;
use super::super::target::Target;
use super::ForestOptions;
use super::bins::Codes;
use super::division::{Counts, Division, Sorted, Total, best};
use crate::order_statistics::mean;

/// A tree; the first node is the root.
pub(super) struct Tree {
    nodes: Vec<Node>,
    // Shares of classes in the leaves, one leaf after the other.
    shares: Vec<(u32, f64)>,
}

enum Node {
    /// Rows up to bin `last` go to the next node, the others to node `other`.
    Division {
        feature: u32,
        last: u8,
        other: u32,
    },
    Mean(f64),
    Shares {
        first: u32,
        count: u32,
    },
}

/// What a leaf says.
pub(super) enum Leaf<'a> {
    Mean(f64),
    Shares(&'a [(u32, f64)]),
}

impl Tree {
    /// The leaf of a row whose bins `code` tells.
    pub(super) fn leaf(&self, code: impl Fn(usize) -> u8) -> Leaf<'_> {
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                Node::Division { feature, last, other } => {
                    at = if code(*feature as usize) <= *last { at + 1 } else { *other as usize };
                }
                Node::Mean(mean) => return Leaf::Mean(*mean),
                Node::Shares { first, count } => {
                    return Leaf::Shares(&self.shares[*first as usize..][..*count as usize]);
                }
            }
        }
    }
}

/// Grows trees from the same rows.
pub(super) struct Grower<'a> {
    codes: &'a Codes,
    target: &'a Target,
    options: &'a ForestOptions,
    // Sums of squares of values near zero round least.
    centre: f64,
    features: Vec<u32>,
    classes: Sorted<u32>,
    values: Sorted<f64>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(codes: &'a Codes, target: &'a Target, options: &'a ForestOptions) -> Self {
        let centre = match target {
            Target::Classes { .. } => 0.0,
            Target::Quantity(values) => mean(values),
        };
        let features = (0..codes.features() as u32).collect();
        Self { codes, target, options, centre, features, classes: Sorted::new(), values: Sorted::new() }
    }

    pub(super) fn grow(&mut self, draws: &mut Draws) -> Tree {
        let count = self.codes.rows();
        let mut rows: Vec<u32> = (0..count).map(|_| draws.below(count) as u32).collect();
        // In the order of the rows, values of a feature lie nearer to one another.
        rows.sort_unstable();
        let mut tree = Tree { nodes: Vec::new(), shares: Vec::new() };
        // Rows of nodes to come, and the division that waits to learn where its other side begins.
        let mut left: Vec<(std::ops::Range<usize>, Option<usize>)> = vec![(0..count, None)];
        let mut room = Vec::new();
        while let Some((range, parent)) = left.pop() {
            let node = tree.nodes.len();
            if let Some(Node::Division { other, .. }) = parent.map(|parent| &mut tree.nodes[parent]) {
                *other = node as u32;
            }
            let own = &mut rows[range.clone()];
            let Some(division) = self.divide(own, &mut tree, draws) else { continue };
            let codes = self.codes.of_feature(division.feature);
            let middle = range.start + part(own, &mut room, |row| codes[row as usize] <= division.last);
            tree.nodes.push(Node::Division { feature: division.feature as u32, last: division.last, other: 0 });
            left.push((middle..range.end, Some(node)));
            left.push((range.start..middle, None));
        }
        tree
    }

    /// The division of some rows, or none after a leaf was made of them.
    fn divide(&mut self, rows: &[u32], tree: &mut Tree, draws: &mut Draws) -> Option<Division> {
        let Self { codes, target, options, centre, .. } = *self;
        match target {
            Target::Classes { names, codes: classes } => {
                let empty = Counts::empty(names.len());
                let mut all = empty.clone();
                rows.iter().for_each(|row| all.add(classes[*row as usize]));
                let pure = all.counts[classes[rows[0] as usize] as usize] as usize == rows.len();
                let divisible = !pure && rows.len() >= 2 * options.least_leaf;
                let sorted = &mut self.classes;
                let division = divisible.then(|| {
                    search(&mut self.features, options.features, draws, |feature| {
                        let pairs = sorted.sort(rows, codes.of_feature(feature), |row| classes[row as usize]);
                        best(pairs, feature, (&empty, &all), options.least_leaf)
                    })
                });
                division.flatten().or_else(|| {
                    let shares = (0..).zip(&all.counts).filter(|(_, count)| **count > 0);
                    let first = tree.shares.len();
                    tree.shares.extend(shares.map(|(class, count)| (class, f64::from(*count) / rows.len() as f64)));
                    let count = (tree.shares.len() - first) as u32;
                    tree.nodes.push(Node::Shares { first: first as u32, count });
                    None
                })
            }
            Target::Quantity(values) => {
                let value = |row: u32| values[row as usize] - centre;
                let mut all = Total::EMPTY;
                rows.iter().for_each(|row| all.add(value(*row)));
                let pure = rows.iter().all(|row| values[*row as usize] == values[rows[0] as usize]);
                let divisible = !pure && rows.len() >= 2 * options.least_leaf;
                let sorted = &mut self.values;
                let division = divisible.then(|| {
                    search(&mut self.features, options.features, draws, |feature| {
                        let pairs = sorted.sort(rows, codes.of_feature(feature), value);
                        best(pairs, feature, (&Total::EMPTY, &all), options.least_leaf)
                    })
                });
                division.flatten().or_else(|| {
                    let mean = if pure { values[rows[0] as usize] } else { centre + all.sum / rows.len() as f64 };
                    tree.nodes.push(Node::Mean(mean));
                    None
                })
            }
        }
    }
}

/// The best division by some features drawn at random; as many more are drawn as it takes to find one.
fn search(
    features: &mut [u32],
    wanted: usize,
    draws: &mut Draws,
    mut by: impl FnMut(usize) -> Option<Division>,
) -> Option<Division> {
    let mut found: Option<Division> = None;
    for drawn in 0..features.len() {
        if drawn >= wanted && found.is_some() {
            break;
        }
        let other = drawn + draws.below(features.len() - drawn);
        features.swap(drawn, other);
        if let Some(division) = by(features[drawn] as usize)
            && found.is_none_or(|found| division.gain > found.gain)
        {
            found = Some(division);
        }
    }
    found
}

/// Brings the rows that go one way before the others, each in their order; how many they are.
fn part(rows: &mut [u32], room: &mut Vec<u32>, one_way: impl Fn(u32) -> bool) -> usize {
    room.clear();
    let mut count = 0;
    for index in 0..rows.len() {
        let row = rows[index];
        if one_way(row) {
            rows[count] = row;
            count += 1;
        } else {
            room.push(row);
        }
    }
    rows[count..].copy_from_slice(room);
    count
}

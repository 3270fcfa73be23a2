//! Isolation forest: anomalies are parted from other rows by few random cuts (Liu, Ting, Zhou 2008, *ICDM*).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const TREES: usize = 100;

/// Rows of a tree.
const ROWS: usize = 256;

/// Trees, each a list of nodes whose first is the root.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Forest {
    trees: Vec<Vec<Node>>,
    /// The mean depth at which as many rows as a tree has are parted.
    usual_depth: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Node {
    /// Rows whose feature is below the cut go to one node, others to the next.
    Cut { feature: usize, below: f32, left: usize, right: usize },
    /// What it takes to part so many rows further.
    Leaf { rest: f64 },
}

impl Forest {
    /// Of rows `[rows][width]`, all finite.
    pub(super) fn of(rows: &[f32], width: usize, seed: u64) -> Self {
        let count = rows.len() / width;
        let size = count.min(ROWS);
        let tree = |number: u64| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(number);
            // The first places of a shuffle.
            let mut drawn: Vec<usize> = (0..count).collect();
            for place in 0..size {
                drawn.swap(place, place + below(&mut random, count - place));
            }
            drawn.truncate(size);
            let mut nodes = Vec::new();
            let most = size.max(2).ilog2() + u32::from(!size.is_power_of_two());
            grow(&mut nodes, rows, width, drawn, most, &mut random);
            nodes
        };
        Self { trees: (0..TREES as u64).map(tree).collect(), usual_depth: depth_of(size).max(1.0) }
    }

    /// From 0 to 1, higher for rows that fewer cuts part from the others.
    pub(super) fn score(&self, row: &[f32]) -> f64 {
        let depth = self.trees.iter().map(|tree| depth(tree, row)).sum::<f64>() / self.trees.len() as f64;
        libm::exp2(-depth / self.usual_depth)
    }
}

/// Adds the node of some rows and all below it; gives its place.
fn grow(
    nodes: &mut Vec<Node>,
    rows: &[f32],
    width: usize,
    mut here: Vec<usize>,
    most: u32,
    random: &mut ChaCha8Rng,
) -> usize {
    let place = nodes.len();
    nodes.push(Node::Leaf { rest: depth_of(here.len()) });
    if most == 0 || here.len() < 2 {
        return place;
    }
    let range = |feature: usize| {
        let values = here.iter().map(|row| rows[row * width + feature]);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let varying: Vec<usize> = (0..width).filter(|feature| range(*feature).0 < range(*feature).1).collect();
    if varying.is_empty() {
        return place;
    }
    let feature = varying[below(random, varying.len())];
    let (low, high) = range(feature);
    let cut = (f64::from(low) + (f64::from(high) - f64::from(low)) * uniform(random)) as f32;
    // Rounding must not leave one side without rows.
    let cut = if cut > low { cut } else { high };
    let others = here.extract_if(.., |row| rows[*row * width + feature] >= cut).collect();
    let left = grow(nodes, rows, width, here, most - 1, random);
    let right = grow(nodes, rows, width, others, most - 1, random);
    nodes[place] = Node::Cut { feature, below: cut, left, right };
    place
}

fn depth(tree: &[Node], row: &[f32]) -> f64 {
    let (mut place, mut depth) = (0, 0.0);
    loop {
        match tree[place] {
            Node::Leaf { rest } => return depth + rest,
            Node::Cut { feature, below, left, right } => place = if row[feature] < below { left } else { right },
        }
        depth += 1.0;
    }
}

/// The mean depth at which a random tree parts so many rows (equation 1 there).
fn depth_of(rows: usize) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        rows => {
            let rows = rows as f64;
            2.0 * (libm::log(rows - 1.0) + EULER) - 2.0 * (rows - 1.0) / rows
        }
    }
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number below `count`.
fn below(random: &mut ChaCha8Rng, count: usize) -> usize {
    ((uniform(random) * count as f64) as usize).min(count - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_apart_are_isolated_early() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut rows: Vec<f32> = (0..1000).map(|_| uniform(&mut random) as f32).collect();
        rows[..2].copy_from_slice(&[3.0, -2.0]);
        let forest = Forest::of(&rows, 2, 7);
        let [apart, inside] = [[3.0, -2.0], [0.5, 0.5]].map(|row| forest.score(&row));
        assert!(apart > 0.7 && inside < 0.55, "{apart} {inside}");
        assert_eq!(forest, Forest::of(&rows, 2, 7));
        assert!(forest != Forest::of(&rows, 2, 8));
    }

    #[test]
    fn rows_that_are_equal_make_a_leaf() {
        for rows in [&[1.0_f32; 600][..], &[2.0, 3.0]] {
            assert!(Forest::of(rows, 2, 0).score(&[1.0, 1.0]).is_finite());
        }
    }
}

//! A k-d tree: Bentley (1975), *Communications of the ACM* 18, 509.

use super::{Near, squared_distance};

/// Points of a leaf.
const LEAF: usize = 16;

/// Points in which neighbours are looked for.
#[derive(Debug)]
pub(crate) struct Neighbours {
    /// `[rows][width]`
    points: Vec<f64>,
    width: usize,
    /// Rows in the order of the leaves.
    order: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Leaf {
        from: u32,
        to: u32,
    },
    /// Rows at most `value` in a coordinate are in the next node and those below it, the others in `above`.
    Split {
        coordinate: u32,
        value: f64,
        above: u32,
    },
}

impl Neighbours {
    /// Of points `[rows][width]`, all finite.
    pub(crate) fn new(points: Vec<f64>, width: usize) -> Self {
        let order = (0..(points.len() / width) as u32).collect();
        let mut tree = Self { points, width, order, nodes: Vec::new() };
        let mut order = std::mem::take(&mut tree.order);
        let rows = order.len();
        tree.build(&mut order, 0, rows);
        tree.order = order;
        tree
    }

    pub(crate) fn point(&self, row: usize) -> &[f64] {
        &self.points[row * self.width..(row + 1) * self.width]
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn rows(&self) -> usize {
        self.order.len()
    }

    /// The square of the distance of a point to a row.
    pub(crate) fn squared(&self, point: &[f64], row: usize) -> f64 {
        squared_distance(point, self.point(row))
    }

    /// The distance to the `count`-th nearest row, or to the last where there are fewer.
    pub(crate) fn distance(&self, point: &[f64], count: usize) -> f64 {
        self.nearest(point, count).last().map_or(0.0, |(squared, _)| squared.sqrt())
    }

    /// The `count` nearest rows, the nearest first; of equally near ones those with the lower number.
    pub(crate) fn nearest(&self, point: &[f64], count: usize) -> Vec<Near> {
        let mut found: Vec<Near> = Vec::with_capacity(count + 1);
        if count > 0 {
            self.search(point, count, &mut found);
        }
        found.sort_unstable_by(|one, two| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1)));
        found
    }

    /// Adds the nodes of some rows.
    fn build(&mut self, order: &mut [u32], from: usize, to: usize) {
        let (rows, count) = (&mut order[from..to], to - from);
        let value = |row: u32, coordinate: usize| self.points[row as usize * self.width + coordinate];
        // The widest coordinate.
        let width = |coordinate: usize| {
            let (low, high) = rows
                .iter()
                .map(|row| value(*row, coordinate))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
            high - low
        };
        let widest = (0..self.width).max_by(|one, two| width(*one).total_cmp(&width(*two))).unwrap_or(0);
        if count <= LEAF || width(widest) == 0.0 {
            return self.nodes.push(Node::Leaf { from: from as u32, to: to as u32 });
        }
        let middle = (count - 1) / 2;
        rows.select_nth_unstable_by(middle, |one, two| {
            value(*one, widest).total_cmp(&value(*two, widest)).then(one.cmp(two))
        });
        let split = value(rows[middle], widest);
        let node = self.nodes.len();
        self.nodes.push(Node::Split { coordinate: widest as u32, value: split, above: 0 });
        self.build(order, from, from + middle + 1);
        let first_above = self.nodes.len() as u32;
        if let Node::Split { above, .. } = &mut self.nodes[node] {
            *above = first_above;
        }
        self.build(order, from + middle + 1, to);
    }

    fn search(&self, point: &[f64], count: usize, found: &mut Vec<Near>) {
        // Nodes to look into, with the square of the least distance that anything in them can have by the last split.
        let mut left = vec![(0_u32, 0.0_f64)];
        while let Some((node, least)) = left.pop() {
            // As near as the furthest is near enough: the lower number may win.
            if found.len() == count && least > found[0].0 {
                continue;
            }
            match self.nodes[node as usize] {
                Node::Split { coordinate, value, above } => {
                    let distance = point[coordinate as usize] - value;
                    let (near, far) = if distance <= 0.0 { (node + 1, above) } else { (above, node + 1) };
                    left.push((far, least.max(distance * distance)));
                    left.push((near, least));
                }
                Node::Leaf { from, to } => {
                    for row in &self.order[from as usize..to as usize] {
                        push(found, count, (self.squared(point, *row as usize), *row));
                    }
                }
            }
        }
    }
}

/// Adds a row to the nearest so far: a heap with the furthest at its head.
fn push(heap: &mut Vec<Near>, count: usize, near: Near) {
    let further = |one: &Near, two: &Near| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1)).is_gt();
    if heap.len() < count {
        heap.push(near);
        let mut at = heap.len() - 1;
        while at > 0 && further(&heap[at], &heap[(at - 1) / 2]) {
            heap.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        return;
    }
    if !further(&heap[0], &near) {
        return;
    }
    heap[0] = near;
    let mut at = 0;
    loop {
        let mut furthest = at;
        for child in [2 * at + 1, 2 * at + 2] {
            if child < heap.len() && further(&heap[child], &heap[furthest]) {
                furthest = child;
            }
        }
        if furthest == at {
            return;
        }
        heap.swap(at, furthest);
        at = furthest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_as_by_looking_at_all() {
        let mut state = 5_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Few different values: many are equally near.
            (state >> 60) as f64
        };
        for width in [1, 2, 5] {
            let points: Vec<f64> = (0..300 * width).map(|_| next()).collect();
            let tree = Neighbours::new(points, width);
            for row in 0..300 {
                let mut all: Vec<Near> =
                    (0..300).map(|other| (tree.squared(tree.point(row), other), other as u32)).collect();
                all.sort_unstable_by(|one, two| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1)));
                for count in [1, 7, 300] {
                    assert_eq!(tree.nearest(tree.point(row), count), all[..count]);
                }
            }
        }
        assert_eq!(Neighbours::new(vec![1.0; 100], 1).nearest(&[1.0], 2), [(0.0, 0), (0.0, 1)]);
    }
}

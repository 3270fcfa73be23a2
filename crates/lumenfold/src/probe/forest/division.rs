//! The best division of some rows by one feature.

/// Beyond so many rows, bins are counted; fewer rows are sorted.
const COUNTED: usize = 192;

/// A division: rows up to bin `last` of a feature go one way, the others the other way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Division {
    pub(super) gain: f64,
    pub(super) feature: usize,
    pub(super) last: u8,
}

/// What is summed of the rows on one side, to see how alike they are.
pub(super) trait Sums: Clone {
    /// Of one row: the code of its class, or its value.
    type Value: Copy + Default;

    /// Takes a row from the other side.
    fn take(&mut self, value: Self::Value, other: &mut Self);

    /// Rows on this side.
    fn rows(&self) -> usize;

    /// Large where rows are alike: the sum over the sides is what a division makes large.
    fn purity(&self) -> f64;
}

/// Rows in the order of their bins, and room to bring them into it.
pub(super) struct Sorted<V> {
    pairs: Vec<(u8, V)>,
    room: Vec<(u8, V)>,
}

impl<V: Copy + Default> Sorted<V> {
    pub(super) fn new() -> Self {
        Self { pairs: Vec::new(), room: Vec::new() }
    }

    /// The given rows by their bins; rows of one bin keep their order.
    pub(super) fn sort(&mut self, rows: &[u32], codes: &[u8], value: impl Fn(u32) -> V) -> &[(u8, V)] {
        let pairs = rows.iter().map(|row| (codes[*row as usize], value(*row)));
        self.pairs.clear();
        self.pairs.extend(pairs);
        if rows.len() <= COUNTED {
            self.pairs.sort_by_key(|(code, _)| *code);
            return &self.pairs;
        }
        let mut places = [0_u32; 257];
        self.pairs.iter().for_each(|(code, _)| places[*code as usize + 1] += 1);
        (1..257).for_each(|code| places[code] += places[code - 1]);
        self.room.resize(self.pairs.len(), (0, V::default()));
        for pair in &self.pairs {
            let place = &mut places[pair.0 as usize];
            self.room[*place as usize] = *pair;
            *place += 1;
        }
        std::mem::swap(&mut self.pairs, &mut self.room);
        &self.pairs
    }
}

/// The best division of sorted rows with so many on each side at least; none if they are all in one bin. `empty` and `all`
/// are the sums of no row and of all rows.
pub(super) fn best<S: Sums>(
    pairs: &[(u8, S::Value)],
    feature: usize,
    (empty, all): (&S, &S),
    least: usize,
) -> Option<Division> {
    let (first, last) = (pairs.first()?.0, pairs.last()?.0);
    if first == last {
        return None;
    }
    let (mut left, mut right) = (empty.clone(), all.clone());
    let mut best: Option<Division> = None;
    for (index, (code, value)) in pairs.iter().enumerate() {
        left.take(*value, &mut right);
        if right.rows() < least {
            break;
        }
        let next = pairs[index + 1].0;
        if left.rows() < least || next == *code {
            continue;
        }
        let gain = left.purity() + right.purity();
        if best.is_none_or(|best| gain > best.gain) {
            // Half-way through the bins between, where none of these rows are: at their edge, others would more often go
            // one way than the other.
            best = Some(Division { gain, feature, last: *code + (next - *code - 1) / 2 });
        }
    }
    best
}

/// Classes of rows: Gini's impurity is one minus the sum of squared shares.
#[derive(Clone)]
pub(super) struct Counts {
    pub(super) counts: Vec<u32>,
    rows: usize,
    // Σ counts²
    squares: u64,
}

impl Counts {
    pub(super) fn empty(classes: usize) -> Self {
        Self { counts: vec![0; classes], rows: 0, squares: 0 }
    }

    pub(super) fn add(&mut self, class: u32) {
        let count = &mut self.counts[class as usize];
        self.squares += 2 * u64::from(*count) + 1;
        *count += 1;
        self.rows += 1;
    }
}

impl Sums for Counts {
    type Value = u32;

    fn take(&mut self, class: u32, other: &mut Self) {
        self.add(class);
        let count = &mut other.counts[class as usize];
        other.squares -= 2 * u64::from(*count) - 1;
        *count -= 1;
        other.rows -= 1;
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn purity(&self) -> f64 {
        self.squares as f64 / self.rows as f64
    }
}

/// Values of rows: what a division takes from the squared deviations from the mean.
#[derive(Clone)]
pub(super) struct Total {
    pub(super) sum: f64,
    rows: usize,
}

impl Total {
    pub(super) const EMPTY: Self = Self { sum: 0.0, rows: 0 };

    pub(super) fn add(&mut self, value: f64) {
        self.sum += value;
        self.rows += 1;
    }
}

impl Sums for Total {
    type Value = f64;

    fn take(&mut self, value: f64, other: &mut Self) {
        self.add(value);
        other.sum -= value;
        other.rows -= 1;
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn purity(&self) -> f64 {
        self.sum * self.sum / self.rows as f64
    }
}

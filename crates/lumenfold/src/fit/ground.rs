//! What fits of one split have in common, for a sweep to compare them by.

use lumenfold_data::{BlockSplit, DataError, RowSource, Store};

use super::Prepared;
use crate::{Error, Pca};

/// Held-out rows that codes are compared on, at most, and values of them.
const MOST_ROWS: usize = 20_000;
const MOST_VALUES: usize = 1 << 22;

/// However wide they are.
const FEWEST_ROWS: usize = 256;

/// Sets the draw of these rows apart from that of the split.
const DRAW: u64 = 0x7377_6565_7000_0000;

/// Held-out rows and what PCA makes of them.
pub(crate) struct Ground {
    /// A choice of the held-out rows, scaled: `[rows][features]`.
    pub(crate) rows: Vec<f32>,
    /// The same in the metric of the loss: each value times the root of its feature's weight.
    pub(crate) weighed: Vec<f32>,
    /// The held-out loss of PCA with none, one, two, … components.
    pub(crate) pca_losses: Vec<f64>,
}

impl Prepared<'_> {
    /// Measures the held-out rows, with PCA of so many components at most.
    pub(crate) fn ground(&self, components: usize) -> Result<Ground, Error> {
        let held_out = &self.material.held_out;
        let pca = Pca::fit(&self.material.training, &self.loss_weights, components, self.settings.threads)?;
        let scaled = Scaled { prepared: self };
        let pca_losses = pca.losses(&scaled)?;
        let width = self.network.features();
        let values = drawn(held_out, width, self.settings.seed_of_split())?;
        let mut rows = vec![0.0; values.len()];
        self.scaling.forward_block(&values, &mut rows);
        let weighed = rows.iter().zip(self.loss_weights.iter().cycle()).map(|(value, weight)| value * weight.sqrt());
        Ok(Ground { weighed: weighed.collect(), rows, pca_losses })
    }

    /// Rows that are held out.
    pub(crate) fn held_out(&self) -> usize {
        self.split.held_out()
    }
}

/// Some of the rows of a store, in their order.
fn drawn(store: &Store<f64>, width: usize, seed: u64) -> Result<Vec<f64>, Error> {
    let most = (MOST_VALUES / width.max(1)).clamp(FEWEST_ROWS, MOST_ROWS);
    let mut values = Vec::new();
    if store.rows() <= most {
        store.read(0..store.rows(), &mut values)?;
        return Ok(values);
    }
    // A draw without replacement, block by block: what a split holds out.
    let draw = BlockSplit::new(store.rows(), most as f64 / store.rows() as f64, seed ^ DRAW)?;
    for block in 0..draw.blocks() {
        let (range, flags) = draw.block(block);
        for (row, _) in range.zip(flags).filter(|(_, drawn)| *drawn) {
            store.read(row..row + 1, &mut values)?;
        }
    }
    Ok(values)
}

/// The held-out rows, scaled.
struct Scaled<'p> {
    prepared: &'p Prepared<'p>,
}

impl RowSource<f32> for Scaled<'_> {
    fn width(&self) -> usize {
        self.prepared.network.features()
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f32]) -> Result<(), E>) -> Result<(), E> {
        let mut scaled = Vec::new();
        self.prepared.material.held_out.pass(|block: &[f64]| {
            scaled.resize(block.len(), 0.0);
            self.prepared.scaling.forward_block(block, &mut scaled);
            visit(&scaled)
        })
    }
}

//! The rows of an epoch, window by window, in the order of its steps.
//!
//! The order is that of [`EpochOrder`]. Rows that are left over at the end of a window, fewer than a batch, go to the
//! front of the next one: every batch of an epoch but the last is full, and where an epoch is divided changes nothing.
//! With several windows a thread reads the next one while the current one is trained on, so two are in memory; where
//! there is room for one only, they are read in turn.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;

use lumenfold_data::axis::Stretching;
use lumenfold_data::{DataError, EpochOrder, RowSource, Store, jitter};

use super::fresh::Fresh;
use crate::parallel::each_chunk;

/// Rows that a thread stretches at a time.
const STRETCHED: usize = 16;

/// The noise on the rows of an epoch.
#[derive(Clone, Copy)]
pub(super) struct Jitter {
    pub(super) deviation: f32,
    pub(super) seed: u64,
    pub(super) stream: u64,
}

impl Jitter {
    fn add(&self, values: &mut [f32], first: u64) {
        jitter(values, self.deviation, self.seed, self.stream, first);
    }
}

/// How the rows of an epoch are stretched.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'a> {
    pub(super) stretching: &'a Stretching,
    pub(super) seed: u64,
    pub(super) stream: u64,
    pub(super) threads: NonZeroUsize,
}

impl Stretch<'_> {
    /// Makes rows of `[values][inside]` of plain ones, which have `width` values and begin with the row `first` of all.
    fn all(&self, rows: &mut [f32], plain: &[f32], (width, first): (usize, u64), noise: Option<Jitter>) {
        each_chunk(rows, STRETCHED * 2 * width, self.threads, |piece, rows| {
            let plain = plain[piece * STRETCHED * width..].chunks_exact(width);
            let numbers = first + (piece * STRETCHED) as u64..;
            for (number, (row, plain)) in numbers.zip(rows.chunks_exact_mut(2 * width).zip(plain)) {
                let (values, inside) = row.split_at_mut(width);
                values.copy_from_slice(plain);
                self.stretching.apply(values, inside, self.seed, self.stream, number);
                if let Some(noise) = noise {
                    noise.add(values, number * width as u64);
                }
            }
        });
    }
}

/// Rows that have been loaded, and the order of those of them that are to be trained on.
pub(super) struct Loaded<'a> {
    /// `[rows][features]`, scaled.
    pub(super) rows: Cow<'a, [f32]>,
    /// Whole batches, but for the last window.
    pub(super) order: Vec<u32>,
}

/// Loads the windows of an epoch one after the other.
pub(super) struct Loader<'a> {
    rows: &'a Store<f32>,
    order: EpochOrder,
    batch: usize,
    stretch: Option<Stretch<'a>>,
    jitter: Option<Jitter>,
    fresh: Option<Fresh<'a>>,
    next: usize,
    // Rows at the beginning of the next window's order that were trained on before.
    skip: usize,
    // What is left over from the last window: positions of rows in memory, or the rows themselves.
    left_order: Vec<u32>,
    left_rows: Vec<f32>,
}

impl<'a> Loader<'a> {
    /// Begins after `done` rows, which are whole batches.
    pub(super) fn new(
        rows: &'a Store<f32>,
        order: EpochOrder,
        batch: usize,
        jitter: Option<Jitter>,
        done: usize,
    ) -> Self {
        let mut next = 0;
        while next < order.windows() && order.rows_before(next + 1) <= done {
            next += 1;
        }
        let skip = done - order.rows_before(next);
        let (left_order, left_rows) = (Vec::new(), Vec::new());
        Self { rows, order, batch, stretch: None, jitter, fresh: None, next, skip, left_order, left_rows }
    }

    /// Stretches the rows, before there is noise on them.
    pub(super) fn stretching(mut self, stretch: Option<Stretch<'a>>) -> Self {
        self.stretch = stretch;
        self
    }

    /// Draws the rows anew, as many as there are.
    pub(super) fn drawing(mut self, fresh: Option<Fresh<'a>>) -> Self {
        self.fresh = fresh;
        self
    }

    /// The next window that has anything to train on; none at the end of the epoch.
    fn load(&mut self) -> Result<Option<Loaded<'a>>, DataError> {
        while self.next < self.order.windows() {
            let loaded = match (
                self.rows.in_memory(),
                self.jitter.is_none() && self.stretch.is_none() && self.fresh.is_none(),
            ) {
                (Some(rows), true) => Loaded { rows: Cow::Borrowed(rows), order: self.positions() },
                _ => self.copied()?,
            };
            self.next += 1;
            if !loaded.order.is_empty() {
                return Ok(Some(loaded));
            }
        }
        Ok(None)
    }

    /// The order of the next window as positions among all rows.
    fn positions(&mut self) -> Vec<u32> {
        let window = self.order.window(self.next);
        let skip = std::mem::take(&mut self.skip);
        if self.order.windows() == 1 && skip == 0 {
            return window.order;
        }
        let all: Vec<u32> = window.chunks.into_iter().flat_map(|chunk| chunk.start as u32..chunk.end as u32).collect();
        let mut order = std::mem::take(&mut self.left_order);
        order.extend(window.order[skip..].iter().map(|row| all[*row as usize]));
        self.left_order = order.split_off(self.whole(order.len()));
        order
    }

    /// The next window with its rows. Behind the values of each stretched row stands which of them came from inside its
    /// grids: as weights.
    fn copied(&mut self) -> Result<Loaded<'a>, DataError> {
        let stored = self.rows.width();
        let width = if self.stretch.is_some() { 2 * stored } else { stored };
        let window = self.order.window(self.next);
        let mut rows = std::mem::take(&mut self.left_rows);
        let (left, mut plain) = (rows.len() / width, Vec::new());
        rows.reserve_exact(window.rows() * width);
        for chunk in window.chunks {
            let (at, first) = (rows.len(), chunk.start as u64);
            if let Some(stretch) = self.stretch {
                plain.clear();
                self.rows.read(chunk.clone(), &mut plain)?;
                rows.resize(at + chunk.len() * width, 0.0);
                stretch.all(&mut rows[at..], &plain, (stored, first), self.jitter);
                continue;
            }
            match &self.fresh {
                Some(fresh) => fresh.read(chunk, &mut rows)?,
                None => self.rows.read(chunk, &mut rows)?,
            }
            if let Some(noise) = self.jitter {
                noise.add(&mut rows[at..], first * width as u64);
            }
        }
        let skip = std::mem::take(&mut self.skip);
        let mut order: Vec<u32> = (0..left as u32).collect();
        order.extend(window.order[skip..].iter().map(|row| row + left as u32));
        for row in order.split_off(self.whole(order.len())) {
            self.left_rows.extend_from_slice(&rows[row as usize * width..][..width]);
        }
        Ok(Loaded { rows: Cow::Owned(rows), order })
    }

    /// How many of so many rows make whole batches; all of them in the last window.
    fn whole(&self, rows: usize) -> usize {
        if self.next + 1 == self.order.windows() { rows } else { rows / self.batch * self.batch }
    }

    /// Calls `visit` with each window until it breaks; with `ahead`, the next one is loaded meanwhile.
    pub(super) fn each<B, E: From<DataError>>(
        mut self,
        ahead: bool,
        mut visit: impl FnMut(&[f32], &[u32]) -> Result<ControlFlow<B>, E>,
    ) -> Result<ControlFlow<B>, E> {
        if self.order.windows() == 1 || !ahead {
            while let Some(loaded) = self.load()? {
                if let ControlFlow::Break(value) = visit(&loaded.rows, &loaded.order)? {
                    return Ok(ControlFlow::Break(value));
                }
            }
            return Ok(ControlFlow::Continue(()));
        }
        std::thread::scope(|scope| {
            // Without room in between: one window waits to be handed over while another is trained on.
            let (hand_over, windows) = sync_channel(0);
            scope.spawn(move || {
                loop {
                    let loaded = self.load();
                    let ends = !matches!(loaded, Ok(Some(_)));
                    if hand_over.send(loaded).is_err() || ends {
                        break;
                    }
                }
            });
            for loaded in windows {
                let Some(loaded) = loaded? else { break };
                if let ControlFlow::Break(value) = visit(&loaded.rows, &loaded.order)? {
                    return Ok(ControlFlow::Break(value));
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

#[cfg(test)]
mod tests {
    use lumenfold_data::OrderSizes;

    use super::*;

    const WIDTH: usize = 3;
    const NOISE: Option<Jitter> = Some(Jitter { deviation: 0.1, seed: 4, stream: 9 });

    fn store(rows: usize, directory: Option<&std::path::Path>) -> Store<f32> {
        let mut store = Store::new(WIDTH, rows, directory).expect("made");
        let values: Vec<f32> = (0..rows * WIDTH).map(|value| value as f32).collect();
        store.append(&values).expect("appended");
        store.finish().expect("finished");
        store
    }

    /// The rows in the order of the steps, and the lengths of the windows.
    fn visited(
        store: &Store<f32>,
        sizes: OrderSizes,
        batch: usize,
        noise: Option<Jitter>,
        done: usize,
    ) -> (Vec<Vec<f32>>, Vec<usize>) {
        let order = EpochOrder::new(store.rows(), WIDTH, 1, 2, sizes);
        let (mut rows, mut lengths) = (Vec::new(), Vec::new());
        let result = Loader::new(store, order, batch, noise, done).each(batch != 32, |values, order| {
            rows.extend(order.iter().map(|row| values[*row as usize * WIDTH..][..WIDTH].to_vec()));
            lengths.push(order.len());
            Ok::<_, DataError>(ControlFlow::<()>::Continue(()))
        });
        assert!(result.expect("read").is_continue());
        (rows, lengths)
    }

    #[test]
    fn memory_and_scratch_give_the_same_rows_and_every_row_comes_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let (memory, scratch) = (store(1000, None), store(1000, Some(directory.path())));
        for sizes in [(30, 300), (3, 3), (7, 1500), (30, 100_000)] {
            let sizes = OrderSizes { chunk_values: sizes.0, window_values: sizes.1 };
            for batch in [1, 32, 1000] {
                let (rows, lengths) = visited(&memory, sizes, batch, None, 0);
                assert_eq!((&rows, &lengths), (&visited(&scratch, sizes, batch, None, 0).0, &lengths));
                assert!(lengths[..lengths.len() - 1].iter().all(|length| length % batch == 0), "{lengths:?}");
                let mut sorted: Vec<f32> = rows.iter().map(|row| row[0]).collect();
                sorted.sort_by(f32::total_cmp);
                assert_eq!(sorted, (0..1000).map(|row| (row * WIDTH) as f32).collect::<Vec<_>>());
                let (noisy, _) = visited(&memory, sizes, batch, NOISE, 0);
                assert_eq!(noisy, visited(&scratch, sizes, batch, NOISE, 0).0);
                // The noise of a row is its own, wherever it comes.
                let mut all = visited(&memory, OrderSizes::default(), batch, NOISE, 0).0;
                let mut noisy = noisy;
                all.sort_by(|a, b| a[0].total_cmp(&b[0]));
                noisy.sort_by(|a, b| a[0].total_cmp(&b[0]));
                assert_eq!(noisy, all);
            }
        }
    }

    #[test]
    fn an_epoch_goes_on_from_any_batch() {
        let memory = store(1000, None);
        for (noise, batch) in [(None, 32), (NOISE, 7), (NOISE, 300)] {
            let sizes = OrderSizes { chunk_values: 30, window_values: 300 };
            let (rows, _) = visited(&memory, sizes, batch, noise, 0);
            for done in (0..=1000).step_by(batch).chain([1000]) {
                assert_eq!(visited(&memory, sizes, batch, noise, done).0, rows[done..], "{done}");
            }
        }
    }
}

//! What one thread does with consecutive rows of a block.

use std::num::NonZeroUsize;

use lumenfold_data::{LARGEST_SCALED, Table, Unusable};
use lumenfold_engine::{EngineError, apply};

use super::numbers::Inputs;
use super::results::{Cells, Piece};
use super::trouble::{Fault, Trouble, why_unusable};
use super::{Passage, Skipped, Way};

/// Rows in a piece: little enough for the caches, enough that starting on it costs nothing.
pub(super) const ROWS: usize = 2048;

/// Rows that are scaled at a time, down a column.
const STRIP: usize = 256;

/// What all threads see.
pub(super) struct Shared<'a> {
    passage: &'a Passage<'a>,
    inputs: &'a Inputs<'a>,
    /// Threads of the engine, for each piece.
    threads: NonZeroUsize,
}

/// What the threads found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) trouble: Option<Trouble>,
    pub(super) engine: Option<EngineError>,
    skipped: usize,
    first_skipped: Option<usize>,
}

/// A thread with its memory.
pub(super) struct Worker<'a> {
    shared: &'a Shared<'a>,
    pub(super) found: Found,
    scaled: Vec<f32>,
    output: Vec<f32>,
    /// Rows of the piece that lack a value.
    lacking: Vec<usize>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(passage: &'a Passage<'a>, inputs: &'a Inputs<'a>, threads: NonZeroUsize) -> Self {
        Self { passage, inputs, threads }
    }

    pub(super) fn worker(&'a self) -> Worker<'a> {
        let (scaled, output, lacking) = (Vec::new(), Vec::new(), Vec::new());
        Worker { shared: self, found: Found::default(), scaled, output, lacking }
    }
}

impl Worker<'_> {
    /// Fills the cells of a piece.
    pub(super) fn pass(&mut self, mut piece: Piece<'_>) {
        let Shared { passage, threads, .. } = *self.shared;
        let (width_in, width_out) = passage.autoencoder.network.width(passage.part);
        self.scaled.resize(piece.rows * width_in, 0.0);
        self.output.resize(piece.rows * width_out, 0.0);
        self.load(&piece);
        let (network, parameters) = (&passage.autoencoder.network, &passage.autoencoder.parameters);
        let (scaled, output) = (&self.scaled, &mut self.output);
        if let Err(error) = apply(network, parameters, passage.part, scaled, output, passage.set, threads) {
            self.found.engine.get_or_insert(error);
            return;
        }
        self.unload(&mut piece);
        for row in &self.lacking {
            piece.cells.iter_mut().for_each(|cells| cells.clear(*row));
        }
    }

    /// Scales the rows of a piece: `[rows][features]`.
    fn load(&mut self, piece: &Piece<'_>) {
        let Shared { passage, inputs, .. } = *self.shared;
        let width = inputs.0.len();
        let mut strip = [0.0; STRIP];
        for start in (0..piece.rows).step_by(STRIP) {
            let count = STRIP.min(piece.rows - start);
            let rows = piece.first + start..piece.first + start + count;
            let target = &mut self.scaled[start * width..(start + count) * width];
            for (index, (column, scaling)) in inputs.0.iter().zip(&passage.entrance).enumerate() {
                let strip = &mut strip[..count];
                column.scale(rows.clone(), scaling, strip);
                target.chunks_exact_mut(width).zip(strip).for_each(|(row, value)| row[index] = *value);
            }
        }
        self.lacking.clear();
        if !self.scaled.iter().fold(true, |fine, value| fine & can_be_taken(*value)) {
            self.look_closer(piece);
        }
    }

    /// Finds the rows of a piece that cannot pass, and lets zeros pass in their stead.
    fn look_closer(&mut self, piece: &Piece<'_>) {
        let Shared { passage, inputs, .. } = *self.shared;
        for (row, scaled) in self.scaled.chunks_exact_mut(inputs.0.len()).enumerate() {
            let Some(column) = scaled.iter().position(|value| !can_be_taken(*value)) else { continue };
            let place = piece.first + row;
            let fault = match inputs.lacking(place) {
                Some(column) => {
                    self.lacking.push(row);
                    self.found.skipped += 1;
                    self.found.first_skipped = Some(self.found.first_skipped.map_or(place, |first| first.min(place)));
                    passage.fault_of_missing(column)
                }
                None => Some(Fault::OutOfRange { column }),
            };
            scaled.fill(0.0);
            self.found.tell(fault.map(|fault| Trouble { row: place, fault }));
        }
    }

    /// Turns the network's output, `[rows][results]`, into the columns of the result.
    fn unload(&mut self, piece: &mut Piece<'_>) {
        let Shared { passage, .. } = *self.shared;
        let width = piece.cells.len();
        let (mut strip, mut values) = ([0.0_f32; STRIP], [0.0_f64; STRIP]);
        let mut finite = true;
        for start in (0..piece.rows).step_by(STRIP) {
            let count = STRIP.min(piece.rows - start);
            let output = &self.output[start * width..(start + count) * width];
            for (index, cells) in piece.cells.iter_mut().enumerate() {
                let column = output.chunks_exact(width).map(|row| row[index]);
                if let (Way::Encode, Cells::Single(cells)) = (passage.options.way, &mut *cells) {
                    let cells = &mut cells[start..start + count];
                    cells.iter_mut().zip(column).for_each(|(cell, value)| *cell = value);
                    finite &= all_finite(cells);
                    continue;
                }
                let (strip, values) = (&mut strip[..count], &mut values[..count]);
                strip.iter_mut().zip(column).for_each(|(cell, value)| *cell = value);
                passage.autoencoder.scaling.features[index].inverse_values(strip, values);
                match cells {
                    Cells::Single(cells) => {
                        let cells = &mut cells[start..start + count];
                        cells.iter_mut().zip(values).for_each(|(cell, value)| *cell = *value as f32);
                        finite &= all_finite(cells);
                    }
                    Cells::Double(cells) => {
                        finite &= values.iter().fold(true, |finite, value| finite & value.is_finite());
                        cells[start..start + count].copy_from_slice(values);
                    }
                }
            }
        }
        if !finite {
            let first = (0..piece.rows).find(|row| piece.cells.iter().any(|cells| !cells.is_finite(*row)));
            self.found.tell(first.map(|row| Trouble { row: piece.first + row, fault: Fault::Overflow }));
        }
    }
}

/// Whether the engine can take a scaled value; it cannot take what is no number.
fn can_be_taken(value: f32) -> bool {
    value.abs() <= LARGEST_SCALED
}

fn all_finite(values: &[f32]) -> bool {
    values.iter().fold(true, |finite, value| finite & value.is_finite())
}

impl Found {
    /// Keeps the first trouble.
    fn tell(&mut self, trouble: Option<Trouble>) {
        self.trouble = self.trouble.into_iter().chain(trouble).min();
    }

    /// What another thread found.
    pub(super) fn join(&mut self, other: Self) {
        self.tell(other.trouble);
        self.engine = self.engine.take().or(other.engine);
        self.skipped += other.skipped;
        self.first_skipped = self.first_skipped.into_iter().chain(other.first_skipped).min();
    }

    /// The rows that lack a value.
    pub(super) fn skipped(&self, passage: &Passage<'_>, block: &Table, inputs: &Inputs<'_>) -> Skipped {
        let first = self.first_skipped.and_then(|row| {
            let column = inputs.lacking(row)?;
            let (name, value) = (passage.options.columns[column].clone(), why_unusable(inputs.0[column].value(row)));
            Some(Unusable { row: block.first_row() + row as u64 + 1, column: name, value })
        });
        Skipped { count: self.skipped, first }
    }
}

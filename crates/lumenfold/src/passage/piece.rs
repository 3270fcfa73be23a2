//! What one thread does with consecutive rows of a block.

use std::num::NonZeroUsize;
use std::ops::Range;

use lumenfold_data::{LARGEST_SCALED, Missing, Table, Unusable};

use super::network::{Network, Strided};
use super::numbers::Inputs;
use super::results::{Cells, Piece};
use super::trouble::{Fault, Trouble, why_unusable};
use super::{Passage, Skipped, Way};
use crate::Error;

/// Rows in a piece: little enough for the caches, enough that starting on it costs nothing.
pub(super) const ROWS: usize = 512;

/// Rows that are scaled at a time, down a column, where samples lie apart.
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
    pub(super) engine: Option<Error>,
    skipped: usize,
    first_skipped: Option<usize>,
}

/// A thread with its memory.
pub(super) struct Worker<'a> {
    passage: &'a Passage<'a>,
    inputs: &'a Inputs<'a>,
    network: Network<'a>,
    found: Found,
    /// Rows of the piece that lack a value.
    lacking: Vec<usize>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(passage: &'a Passage<'a>, inputs: &'a Inputs<'a>, threads: NonZeroUsize) -> Self {
        Self { passage, inputs, threads }
    }

    /// Passes all pieces that `next` gives, and tells what was found.
    pub(super) fn work<'p>(&self, mut next: impl FnMut() -> Option<Piece<'p>>) -> Found {
        let Self { passage, inputs, threads } = *self;
        let network = match Network::new(passage.autoencoder, passage.part, passage.set, threads) {
            Ok(network) => network,
            Err(error) => return Found { engine: Some(error), ..Found::default() },
        };
        let mut worker = Worker { passage, inputs, network, found: Found::default(), lacking: Vec::new() };
        while let Some(piece) = next() {
            if let Err(error) = worker.pass(piece) {
                worker.found.engine = Some(error);
                break;
            }
        }
        worker.found
    }
}

impl Worker<'_> {
    /// Fills the cells of a piece.
    fn pass(&mut self, mut piece: Piece<'_>) -> Result<(), Error> {
        self.lacking.clear();
        let together = self.network.most_rows().min(piece.rows).max(1);
        for start in (0..piece.rows).step_by(together) {
            let rows = start..piece.rows.min(start + together);
            self.load(piece.first, rows.clone());
            let outputs = self.network.run()?;
            let overflow = unload(self.passage, &outputs, &mut piece.cells, rows);
            self.found.tell(overflow.map(|row| Trouble { row: piece.first + row, fault: Fault::Overflow }));
        }
        for row in &self.lacking {
            piece.cells.iter_mut().for_each(|cells| cells.clear(*row));
        }
        Ok(())
    }

    /// Scales some rows of the piece that begins at row `first` of its block, and puts them into the network.
    fn load(&mut self, first: usize, rows: Range<usize>) {
        let target = self.network.inputs(rows.len());
        let mut strip = [0.0; STRIP];
        let mut fine = true;
        for start in rows.clone().step_by(STRIP) {
            let strip = &mut strip[..STRIP.min(rows.end - start)];
            let place = first + start..first + start + strip.len();
            for (index, (column, scaling)) in self.inputs.0.iter().zip(&self.passage.entrance).enumerate() {
                let cells = &mut target.values[index * target.feature + (start - rows.start) * target.sample..];
                if target.sample == 1 {
                    let cells = &mut cells[..strip.len()];
                    column.scale(place.clone(), scaling, cells);
                    fine &= all_can_be_taken(cells);
                } else {
                    column.scale(place.clone(), scaling, strip);
                    fine &= all_can_be_taken(strip);
                    cells.iter_mut().step_by(target.sample).zip(&*strip).for_each(|(cell, value)| *cell = *value);
                }
            }
        }
        if !fine {
            self.look_closer(first, rows);
        }
    }

    /// Finds the rows that cannot pass, and lets zeros pass in their stead.
    fn look_closer(&mut self, first: usize, rows: Range<usize>) {
        let Self { passage, inputs, .. } = *self;
        let width = inputs.0.len();
        let target = self.network.inputs(rows.len());
        for row in rows.clone() {
            let cell = |feature: usize| feature * target.feature + (row - rows.start) * target.sample;
            let place = first + row;
            if passage.options.missing == Missing::Mask && inputs.has_any(place) {
                // Zero stands for what is absent, as in training.
                for feature in (0..width).filter(|feature| !inputs.has(place, *feature)) {
                    target.values[cell(feature)] = 0.0;
                }
            }
            let Some(column) = (0..width).find(|feature| !can_be_taken(target.values[cell(*feature)])) else {
                continue;
            };
            let masks = passage.options.missing == Missing::Mask && inputs.has_any(place);
            let fault = match inputs.lacking(place) {
                Some(column) if !masks => {
                    self.lacking.push(row);
                    self.found.skipped += 1;
                    self.found.first_skipped = Some(self.found.first_skipped.map_or(place, |first| first.min(place)));
                    passage.fault_of_missing(column)
                }
                _ => Some(Fault::OutOfRange { column }),
            };
            (0..width).for_each(|feature| target.values[cell(feature)] = 0.0);
            self.found.tell(fault.map(|fault| Trouble { row: place, fault }));
        }
    }
}

/// Turns the network's output into some rows of the columns of the result, in original units. Gives the first of these
/// rows in which a result is not a number.
fn unload(
    passage: &Passage<'_>,
    outputs: &Strided<&[f32]>,
    cells: &mut [Cells<'_>],
    mut rows: Range<usize>,
) -> Option<usize> {
    let (mut strip, mut values) = ([0.0_f32; STRIP], [0.0_f64; STRIP]);
    let mut finite = true;
    for start in rows.clone().step_by(STRIP) {
        let range = start..rows.end.min(start + STRIP);
        let (strip, values) = (&mut strip[..range.len()], &mut values[..range.len()]);
        for (index, cells) in cells.iter_mut().enumerate() {
            let column = &outputs.values[index * outputs.feature + (start - rows.start) * outputs.sample..];
            strip.iter_mut().zip(column.iter().step_by(outputs.sample)).for_each(|(cell, value)| *cell = *value);
            if let (Way::Encode, Cells::Single(cells)) = (passage.options.way, &mut *cells) {
                cells[range.clone()].copy_from_slice(strip);
                finite &= all_finite(strip);
                continue;
            }
            passage.autoencoder.scaling.features[index].inverse_values(strip, values);
            match cells {
                Cells::Single(cells) => {
                    let cells = &mut cells[range.clone()];
                    cells.iter_mut().zip(&*values).for_each(|(cell, value)| *cell = *value as f32);
                    finite &= all_finite(cells);
                }
                Cells::Double(cells) => {
                    finite &= values.iter().fold(true, |finite, value| finite & value.is_finite());
                    cells[range.clone()].copy_from_slice(values);
                }
            }
        }
    }
    if finite { None } else { rows.find(|row| cells.iter().any(|cells| !cells.is_finite(*row))) }
}

/// Whether the engine can take a scaled value; it cannot take what is no number.
fn can_be_taken(value: f32) -> bool {
    value.abs() <= LARGEST_SCALED
}

fn all_can_be_taken(values: &[f32]) -> bool {
    values.iter().fold(true, |fine, value| fine & can_be_taken(*value))
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

//! Rows of a table of any length with their codes: a seeded choice of them, and those at the ends of each coordinate.
//!
//! A table goes through the encoder once, block by block. Each row draws a random number that depends on seed and row
//! alone, and the rows with the least numbers are kept, so that the choice is the same however the table is cut. Where there
//! are no more rows than are wanted, all are kept.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lumenfold_data::{BlockReader, Column, Table, Values};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::Error;
use crate::choice::Choice;
use crate::neighbours::Search;
use crate::order_statistics::{quantile, sorted, standard_deviation};
use crate::passage::Passage;

/// Rows that are told at each end of a coordinate.
const AT_AN_END: usize = 5;

/// Rows whose distances to their neighbours say what is far, at most.
const MEASURED: usize = 2000;

/// The share of the rows that are no further from their neighbours than what counts as near.
const NEAR: f64 = 0.99;

/// What to keep of the rows that pass.
#[derive(Clone, Debug)]
pub struct CodedOptions {
    /// Rows to keep at most.
    pub most: usize,
    /// Seed of the choice.
    pub seed: u64,
    /// Columns to keep beside the codes.
    pub columns: Vec<String>,
    /// Rows (from 0) whose codes are wanted in any case.
    pub wanted: Vec<u64>,
}

/// Rows with their codes.
#[derive(Clone, Debug, Default)]
pub struct CodedRows {
    /// Rows of the table.
    pub rows: u64,
    /// Those of them without a code, since they lack a value.
    pub skipped: usize,
    /// The rows that were kept, from 0, ascending.
    pub numbers: Vec<u64>,
    /// Their codes: `[kept][latent]`.
    pub codes: Vec<f32>,
    /// Latent coordinates.
    pub latent: usize,
    /// The columns of the rows that were kept.
    pub columns: Vec<Column>,
    /// For each coordinate the rows at its ends, of all rows.
    pub ends: Vec<Ends>,
    /// The codes of the rows that were wanted, where the table has them and they lack no value.
    pub wanted: BTreeMap<u64, Vec<f32>>,
    /// The random number of each row that was kept.
    draws: Vec<u64>,
}

/// Rows (from 0) at the ends of a coordinate, with its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ends {
    /// The lowest first.
    pub lowest: Vec<(u64, f32)>,
    /// The highest first.
    pub highest: Vec<(u64, f32)>,
}

impl CodedRows {
    /// Passes all rows of a reader through an encoder ([`Way::Encode`](crate::passage::Way)).
    ///
    /// # Errors
    /// Those of [`Passage::run`]; a column that is not there.
    pub fn gather(
        passage: &Passage<'_>,
        latent: usize,
        reader: &mut BlockReader,
        options: &CodedOptions,
    ) -> Result<Self, Error> {
        let mut coded = Self { latent, ends: vec![Ends::default(); latent], ..Self::default() };
        let mut choice = Choice::of(options.most);
        let passed = passage.run(reader, |block, results| coded.take(&block, &results, options, &mut choice))?;
        coded.prune(&mut choice);
        coded.draws = choice.into_drawn();
        (coded.rows, coded.skipped) = (passed.rows as u64, passed.skipped);
        Ok(coded)
    }

    /// The standard deviation of each column over the rows that were kept, without those that lack it.
    #[must_use]
    pub fn deviations(&self) -> Vec<f64> {
        let values = |column: &Column| -> Vec<f64> {
            let values = (0..column.len()).filter_map(|row| column.value(row));
            values.filter(|value| value.is_finite()).collect()
        };
        self.columns.iter().map(|column| standard_deviation(&values(column))).collect()
    }

    /// The values of one coordinate in the rows that were kept, ascending.
    #[must_use]
    pub fn sorted_coordinate(&self, coordinate: usize) -> Vec<f64> {
        sorted(self.codes.iter().skip(coordinate).step_by(self.latent).copied().map(f64::from))
    }

    /// The values of one coordinate below which these shares of the rows that were kept lie, interpolated linearly.
    #[must_use]
    pub fn quantiles(&self, coordinate: usize, shares: &[f64]) -> Vec<f64> {
        let values = self.sorted_coordinate(coordinate);
        shares.iter().map(|share| quantile(&values, *share)).collect()
    }

    /// Which of some codes, `[codes][latent]`, lie further from every row that was kept than 99 % of the rows lie from their
    /// nearest neighbour: what the decoder makes of them, no row says.
    #[must_use]
    pub fn far(&self, codes: &[f32]) -> Vec<bool> {
        let numbers = |codes: &[f32]| codes.iter().copied().map(f64::from).collect::<Vec<_>>();
        let points = numbers(&self.codes);
        let search = Search::among(&points, self.latent);
        let distances = |queries: &[f64], neighbour: usize| -> Vec<f64> {
            let mut distances = Vec::new();
            search.each_nearest(queries, neighbour, |near| {
                distances.push(near.last().map_or(f64::INFINITY, |(square, _)| square.max(0.0).sqrt()));
            });
            distances
        };
        let rows = points.chunks_exact(self.latent);
        let every = rows.len().div_ceil(MEASURED).max(1);
        let measured: Vec<f64> = rows.step_by(every).flatten().copied().collect();
        // A row is its own nearest neighbour.
        let near = quantile(&sorted(distances(&measured, 2).into_iter()), NEAR);
        distances(&numbers(codes), 1).into_iter().map(|distance| distance > near).collect()
    }

    /// The rows that would have been kept if fewer had been wanted.
    #[must_use]
    pub fn fewer(&self, most: usize) -> Cow<'_, Self> {
        if self.numbers.len() <= most {
            return Cow::Borrowed(self);
        }
        let mut fewer = self.clone();
        let mut choice = Choice::among(most, self.draws.clone());
        fewer.prune(&mut choice);
        fewer.draws = choice.into_drawn();
        Cow::Owned(fewer)
    }

    fn take(
        &mut self,
        block: &Table,
        results: &[Column],
        options: &CodedOptions,
        choice: &mut Choice,
    ) -> Result<(), Error> {
        let coordinates: Vec<&[f32]> = results
            .iter()
            .filter_map(|column| match &column.values {
                Values::Float32(values) => Some(&values[..]),
                _ => None,
            })
            .collect();
        let usable = |row: usize| coordinates.iter().all(|values| values[row].is_finite());
        let code = |row: usize| coordinates.iter().map(move |values| values[row]);
        let first = block.position();
        for (ends, values) in self.ends.iter_mut().zip(&coordinates) {
            for (row, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
                ends.add(first + row as u64, *value);
            }
        }
        for wanted in &options.wanted {
            if let Some(row) = wanted.checked_sub(first).map(|row| row as usize).filter(|row| *row < block.rows())
                && usable(row)
            {
                self.wanted.insert(*wanted, code(row).collect());
            }
        }
        let mut draws = draws(options.seed, first);
        let keeps = |row: &u64| {
            let drawn = draws.next_u64();
            usable(*row as usize) && choice.keeps(drawn)
        };
        let picked: Vec<u64> = (0..block.rows() as u64).filter(keeps).collect();
        for row in &picked {
            self.numbers.push(first + row);
            self.codes.extend(code(*row as usize));
        }
        for (at, position) in block.positions(&options.columns)?.into_iter().enumerate() {
            let column = block.columns()[position].select(&picked);
            match self.columns.get_mut(at) {
                // All blocks have the same columns of the same types.
                Some(all) => {
                    all.append(column);
                }
                None => self.columns.push(column),
            }
        }
        if choice.is_overfull() {
            self.prune(choice);
        }
        Ok(())
    }

    /// Leaves no more rows than are wanted.
    fn prune(&mut self, choice: &mut Choice) {
        let Some(places) = choice.prune() else { return };
        let latent = self.latent;
        self.numbers = places.iter().map(|place| self.numbers[*place as usize]).collect();
        let code = |place: &u64| self.codes[*place as usize * latent..][..latent].iter().copied();
        self.codes = places.iter().flat_map(code).collect();
        self.columns.iter_mut().for_each(|column| *column = column.select(&places));
    }
}

/// The random numbers of the rows from row `first` on.
fn draws(seed: u64, first: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    // A draw of 64 bits takes two words.
    generator.set_word_pos(2 * u128::from(first));
    generator
}

impl Ends {
    fn add(&mut self, row: u64, value: f32) {
        insert(&mut self.lowest, (row, value), |one, two| one < two);
        insert(&mut self.highest, (row, value), |one, two| one > two);
    }
}

/// Adds a row where it belongs among few; of equal values, the first row comes first.
fn insert(few: &mut Vec<(u64, f32)>, new: (u64, f32), before: impl Fn(f32, f32) -> bool) {
    if few.len() == AT_AN_END && few.last().is_some_and(|last| !before(new.1, last.1)) {
        return;
    }
    let place = few.iter().position(|other| before(new.1, other.1)).unwrap_or(few.len());
    few.insert(place, new);
    few.truncate(AT_AN_END);
}

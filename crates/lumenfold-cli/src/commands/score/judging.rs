//! Rows on their way from the table to their results.

use lumenfold::anomaly::{BASELINES, Baselines, Explanation, Scored, Scoring, largest_discovered};
use lumenfold::data::{
    BlockReader, Column, DataError, Dataset, DatasetOptions, Missing, Table, Target, Values, each_block,
};
use lumenfold::{Error, Model};

use super::Threshold;
use super::labels::Known;
use crate::failure::Failure;
use crate::names::Names;
use crate::outlet::{Stop, write_blocks};
use crate::passage::beside;
use crate::printer::Printer;

/// Columns that every output has.
const COLUMNS: [&str; 3] = ["score", "p_value", "outlier"];

/// Rows and how they are judged.
pub(super) struct Judging<'a> {
    pub(super) model: &'a Model,
    pub(super) scoring: Scoring<'a>,
    pub(super) columns: Names,
    /// The columns of the errors of values, if the score is made of them.
    pub(super) errors: Option<Names>,
    pub(super) keep: Names,
    pub(super) explain: bool,
    pub(super) baselines: Option<Baselines>,
    pub(super) missing: Missing,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) rows: usize,
    pub(super) skipped: usize,
    pub(super) outliers: usize,
}

impl Judging<'_> {
    /// Judges all rows and writes them: block after block as they come, or, where the threshold depends on all of them, at
    /// the end.
    pub(super) fn write(
        &self,
        mut reader: BlockReader,
        threshold: Threshold,
        known: &mut Option<Known>,
        target: &Target,
        printer: &Printer,
    ) -> Result<Judged, Failure> {
        let mut judged = Judged::default();
        write_blocks(target, printer, |give| {
            let mut give = |table: Table, scored: &[Option<Scored>], limit: f64| {
                let outlier = |scored: &Option<Scored>| scored.map(|scored| scored.p_value <= limit);
                judged.outliers += scored.iter().filter(|scored| outlier(scored) == Some(true)).count();
                give(flagged(table, scored.iter().map(outlier))?)
            };
            let gone = match threshold {
                Threshold::FalseAlarms(rate) => {
                    self.each(&mut reader, known, |table, scored| give(table, &scored, rate))?
                }
                Threshold::FalseDiscoveries(rate) => {
                    let mut blocks = Vec::new();
                    let gone = self.each(&mut reader, known, |table, scored| {
                        blocks.push((table, scored));
                        Ok(())
                    })?;
                    let scored = blocks.iter().flat_map(|(_, scored)| scored).flatten();
                    let p_values: Vec<f64> = scored.map(|scored| scored.p_value).collect();
                    // None is discovered at a limit below all p-values.
                    let limit = largest_discovered(&p_values, rate).unwrap_or(-1.0);
                    blocks.drain(..).try_for_each(|(table, scored)| give(table, &scored, limit))?;
                    gone
                }
            };
            (judged.rows, judged.skipped) = gone;
            Ok(())
        })?;
        Ok(judged)
    }

    /// Judges block after block. `take` gets the results but for what is an outlier, and the scores. Gives the numbers of rows
    /// that were judged and that were not.
    fn each(
        &self,
        reader: &mut BlockReader,
        known: &mut Option<Known>,
        mut take: impl FnMut(Table, Vec<Option<Scored>>) -> Result<(), Stop>,
    ) -> Result<(usize, usize), Stop> {
        let gone = each_block::<Stop>(reader, &self.options(), |table, block| {
            let (table, scored) = self.block(&table, &block, known)?;
            take(table, scored)
        })?;
        Ok((gone.rows, gone.skipped))
    }

    /// How rows are taken from tables.
    pub(super) fn options(&self) -> DatasetOptions {
        DatasetOptions {
            columns: Some(self.columns.clone()),
            axes: Some(Vec::new()),
            errors: self.errors.clone(),
            missing: self.missing,
            ..DatasetOptions::default()
        }
    }

    /// The result of one block at a rate of false alarms, and how many of its rows are outliers.
    pub(super) fn judged(
        &self,
        table: &Table,
        block: &Dataset,
        rate: f64,
        known: &mut Option<Known>,
    ) -> Result<(Table, usize), Stop> {
        let (table, scored) = self.block(table, block, known)?;
        let outlier = |scored: &Option<Scored>| scored.map(|scored| scored.p_value <= rate);
        let outliers = scored.iter().filter(|scored| outlier(scored) == Some(true)).count();
        Ok((flagged(table, scored.iter().map(outlier))?, outliers))
    }

    /// The result of one block but for what is an outlier, and the scores.
    fn block(
        &self,
        table: &Table,
        block: &Dataset,
        known: &mut Option<Known>,
    ) -> Result<(Table, Vec<Option<Scored>>), Stop> {
        let (results, scored) = self.results(table, block)?;
        if let Some(known) = known {
            let baselines = results[COLUMNS.len()..].iter().filter(|column| BASELINES.contains(&&*column.name));
            let told: Vec<&Column> = results.first().into_iter().chain(baselines).collect();
            known.take(table, &told).map_err(Stop::Failed)?;
        }
        Ok((beside(table, results, &self.keep, &[])?, scored))
    }

    /// The columns of one block.
    fn results(&self, table: &Table, block: &Dataset) -> Result<(Vec<Column>, Vec<Option<Scored>>), Error> {
        let places: Vec<usize> = block.used_rows.iter().map(|row| (row - table.position()) as usize).collect();
        let mut scored = vec![None; table.rows()];
        for (place, row) in places.iter().zip(self.scoring.scores(&block.values, block.errors.as_deref())?) {
            scored[*place] = Some(row);
        }
        let column = |name: &str, of: &dyn Fn(&Scored) -> f64| {
            let values = scored.iter().map(|scored| scored.as_ref().map_or(f64::NAN, of));
            Column::new(name, Values::Float64(values.collect()))
        };
        let undecided = Column::new(COLUMNS[2], Values::Boolean(scored.iter().map(|_| None).collect()));
        let [score, p_value] =
            [column(COLUMNS[0], &|scored| scored.score), column(COLUMNS[1], &|scored| scored.p_value)];
        let mut columns = vec![score, p_value, undecided];
        if let Some(baselines) = &self.baselines {
            let said = baselines.scores(&block.values);
            for (at, name) in BASELINES.into_iter().enumerate() {
                let mut values = vec![f64::NAN; table.rows()];
                places.iter().zip(&said).for_each(|(place, said)| values[*place] = said[at]);
                columns.push(Column::new(name, Values::Float64(values)));
            }
        }
        if self.explain {
            let explained = self.scoring.explain(&block.values, block.errors.as_deref())?;
            self.add_reasons(&mut columns, &explained, &places, table.rows());
        }
        Ok((columns, scored))
    }

    fn add_reasons(&self, columns: &mut Vec<Column>, explained: &[Explanation], places: &[usize], rows: usize) {
        for (index, feature) in self.model.autoencoder.features().iter().enumerate() {
            let unit = feature.unit.clone();
            let parts: [(&str, Option<String>, Part); 3] = [
                ("share", None, |explanation| &explanation.shares),
                ("expected", unit.clone(), |explanation| &explanation.expected),
                ("uncertainty", unit, |explanation| &explanation.uncertainty),
            ];
            for (what, unit, of) in parts {
                let mut values = vec![f64::NAN; rows];
                places.iter().zip(explained).for_each(|(place, explanation)| values[*place] = of(explanation)[index]);
                let name = format!("{}_{what}", feature.name);
                columns.push(Column { name, unit, values: Values::Float64(values) });
            }
        }
    }
}

/// A part of the reasons, for each feature.
type Part = fn(&Explanation) -> &[f64];

/// Says what is an outlier, behind score and p-value.
fn flagged(table: Table, outliers: impl Iterator<Item = Option<bool>>) -> Result<Table, DataError> {
    let (source, first) = (table.source().to_owned(), table.first_row());
    let mut columns = table.into_columns();
    columns[2].values = Values::Boolean(outliers.collect());
    Ok(Table::new(source, columns)?.with_first_row(first))
}

//! Rows judged as they come through a pipe, each as soon as it is there.

use lumenfold::data::{
    BlockReader, BlockWriter, Column, DataError, Dataset, LiveText, Source, Table, Target, TextColumn, Values,
    WriteOptions,
};

use super::judging::{Judged, Judging};
use super::labels::Known;
use crate::failure::Failure;

/// Text from a pipe on its way to standard output.
pub(super) struct Live {
    text: LiveText,
}

impl Live {
    /// Standard input, and its first rows. None if it is no plain text, or has no rows: it is then read like a file.
    pub(super) fn stdin() -> Result<Option<(Self, Source)>, Failure> {
        let Some(mut text) = LiveText::stdin()? else { return Ok(None) };
        let first = text.next_rows()?;
        Ok(first.map(|first| (Self { text }, first)))
    }

    /// Judges all rows; `first` are those that came first, `open` opens the others. What is an outlier depends on its row alone.
    pub(super) fn write(
        mut self,
        judging: &Judging<'_>,
        rate: f64,
        known: &mut Option<Known>,
        first: BlockReader,
        mut open: impl FnMut(Source) -> Result<BlockReader, Failure>,
    ) -> Result<Judged, Failure> {
        let mut writer = BlockWriter::create(&Target::Stdout, &WriteOptions::default())?;
        let mut judged = Judged::default();
        let mut reader = Some(first);
        while let Some(mut rows) = reader {
            let before = (judged.rows + judged.skipped) as u64;
            while let Some(table) = rows.next_block().map_err(|error| later(error, before))? {
                let first_row = before + table.first_row();
                let table = table.with_first_row(first_row);
                let block = Dataset::from_table(&table, &judging.options())?;
                let (counted, outliers) = judging.judged(&table, &block, rate, known)?;
                judged.rows += block.rows;
                judged.skipped += block.skipped;
                judged.outliers += outliers;
                writer.write(&kept_as_text(counted, judging.keep.len())?)?;
            }
            writer.flush()?;
            if writer.is_unheard() {
                return Ok(judged);
            }
            reader = self.text.next_rows()?.map(&mut open).transpose()?;
        }
        if judged.rows + judged.skipped == 0 {
            return Err(DataError::NoRows { path: Source::Stdin.to_string() }.into());
        }
        writer.finish()?;
        Ok(judged)
    }
}

/// An error about a row, of which so many came before.
fn later(mut error: DataError, before: u64) -> DataError {
    if let DataError::NotANumber { row, rows, .. } = &mut error {
        *row += before;
        *rows += before as usize;
    }
    error
}

/// The table with its last columns as text: which type they have is not known before all rows are there.
fn kept_as_text(table: Table, kept: usize) -> Result<Table, DataError> {
    let (source, first) = (table.source().to_owned(), table.first_row());
    let mut columns = table.into_columns();
    let results = columns.len().saturating_sub(kept);
    for column in &mut columns[results..] {
        column.values = Values::Text(text_of(column));
    }
    Ok(Table::new(source, columns)?.with_first_row(first))
}

fn text_of(column: &Column) -> TextColumn {
    let mut text = TextColumn::new();
    for row in 0..column.len() {
        if column.is_missing(row) { text.push_missing() } else { text.push(&column.text(row)) }
    }
    text
}

//! A file or stream read batch by batch.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{read_dictionary, read_record_batch};
use arrow_schema::{ArrowError, SchemaRef};

use super::columns::{Pick, values};
use super::messages::{Kind, Place, places};
use super::schema::{Leaf, Plan};
use super::{FORMAT, quietly};
use crate::DataError;
use crate::axis::Gridded;
use crate::budget::Budget;
use crate::formats::reader::{OpenFile, Request};
use crate::formats::rows::Rows;
use crate::input::SharedFile;
use crate::table::{ColumnHead, ValueType, Values};

/// Bytes that a cell of text is taken to have when pieces are planned.
const TEXT_BYTES: u64 = 16;

/// A file or stream whose messages are where they say.
pub(super) struct ArrowFile {
    content: Arc<Content>,
    gridded: Option<Arc<Gridded>>,
    notes: Vec<String>,
    rows: u64,
}

/// What rows are made of.
struct Content {
    file: SharedFile,
    schema: SchemaRef,
    places: Vec<Place>,
    leaves: Vec<Leaf>,
    /// The fields that are decoded, ascending.
    projection: Vec<usize>,
    path: String,
    memory_limit: u64,
}

impl ArrowFile {
    /// Finds out the columns of a file of `length` bytes.
    pub(super) fn open(file: SharedFile, length: u64, request: &Request<'_>) -> Result<Self, DataError> {
        let mut budget = request.budget();
        let (places, ended) = places(&file, length, &budget)?;
        let Some(first) = places.first() else {
            return Err(budget.malformed(FORMAT, "has no schema: it was cut short; get it again"));
        };
        let message = first.load(&file, &mut budget)?;
        let schema = quietly(request.path, || {
            let schema = message.message()?.header_as_schema();
            let schema = schema.ok_or_else(|| ArrowError::ParseError("no schema".to_owned()))?;
            if !schema.endianness().equals_to_target_endianness() {
                return Err(ArrowError::IpcError("it was written with the bytes of numbers the other way".to_owned()));
            }
            try_fb_to_schema(schema)
        })?;
        let Plan { leaves, gridded, mut notes } = Plan::of(&schema, request)?;
        if !ended {
            notes.push(format!("{}: the end of the stream is not marked; rows may be missing", request.path));
        }
        let total = |sum: u64, place: &Place| sum.checked_add(place.rows);
        let rows = places.iter().filter(|place| place.kind == Kind::Batch).try_fold(0, total);
        let rows = rows.ok_or_else(|| budget.malformed(FORMAT, "claims more rows than can be counted"))?;
        let mut projection: Vec<usize> = leaves.iter().map(|leaf| leaf.field).collect();
        projection.sort_unstable();
        projection.dedup();
        let (path, memory_limit) = (request.path.to_owned(), request.memory_limit);
        let schema = Arc::new(schema);
        let content = Content { file, schema, places, leaves, projection, path, memory_limit };
        Ok(Self { content: Arc::new(content), gridded, notes, rows })
    }
}

impl OpenFile for ArrowFile {
    fn columns(&self) -> Vec<ColumnHead> {
        self.content.leaves.iter().map(|leaf| leaf.head.clone()).collect()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn gridded(&self) -> Option<Arc<Gridded>> {
        self.gridded.clone()
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        let text = |leaf: &Leaf| if leaf.head.value_type == ValueType::Text { TEXT_BYTES } else { 0 };
        let row: u64 = self.content.leaves.iter().map(|leaf| leaf.head.value_type.least_bytes() + text(leaf)).sum();
        Ok(Box::new(ArrowRows {
            content: Arc::clone(&self.content),
            dictionaries: HashMap::new(),
            kept: 0,
            next: 1,
            batch: None,
            step: (piece_bytes as u64 / row.max(1)).max(1) as usize,
        }))
    }
}

/// The rows of a file.
struct ArrowRows {
    content: Arc<Content>,
    dictionaries: HashMap<i64, ArrayRef>,
    /// Bytes that the dictionaries take.
    kept: u64,
    /// The next message.
    next: usize,
    /// The current batch, the rows of it that were given out, and the bytes that it takes.
    batch: Option<(RecordBatch, usize, u64)>,
    step: usize,
}

impl ArrowRows {
    /// Decodes messages up to the next batch; false after the last.
    fn advance(&mut self) -> Result<bool, DataError> {
        let content = Arc::clone(&self.content);
        while let Some(place) = content.places.get(self.next) {
            self.next += 1;
            let mut budget = Budget::new(content.path.clone(), content.memory_limit);
            budget.take(self.kept)?;
            let before = budget.left();
            let loaded = place.load(&content.file, &mut budget)?;
            let bytes = before - budget.left();
            let missing = || ArrowError::ParseError("a message without its content".to_owned());
            if place.kind == Kind::Dictionary {
                // Dictionaries that grow are put together anew.
                self.kept = self.kept.saturating_add(bytes.saturating_mul(2));
                let dictionaries = &mut self.dictionaries;
                quietly(&content.path, || {
                    let message = loaded.message()?;
                    let dictionary = message.header_as_dictionary_batch().ok_or_else(missing)?;
                    let version = message.version();
                    read_dictionary(&loaded.body, dictionary, &content.schema, dictionaries, &version)
                })?;
                continue;
            }
            let batch = quietly(&content.path, || {
                let message = loaded.message()?;
                let batch = message.header_as_record_batch().ok_or_else(missing)?;
                let (schema, projection) = (Arc::clone(&content.schema), Some(content.projection.as_slice()));
                let version = message.version();
                read_record_batch(&loaded.body, batch, schema, &self.dictionaries, projection, &version)
            })?;
            if batch.num_rows() as u64 != place.rows || batch.num_columns() != content.projection.len() {
                return Err(budget.malformed(FORMAT, "has a batch of other rows than it claims; get it again"));
            }
            self.batch = Some((batch, 0, bytes));
            return Ok(true);
        }
        Ok(false)
    }
}

impl Rows for ArrowRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        loop {
            if let Some((batch, given, bytes)) = &mut self.batch {
                let rows = *given..batch.num_rows().min(given.saturating_add(self.step));
                if !rows.is_empty() {
                    *given = rows.end;
                    let mut budget = Budget::new(self.content.path.clone(), self.content.memory_limit);
                    budget.take(self.kept.saturating_add(*bytes))?;
                    return self.content.piece(batch, &rows, &mut budget).map(Some);
                }
            }
            self.batch = None;
            if !self.advance()? {
                return Ok(None);
            }
        }
    }
}

impl Content {
    /// The values of some rows of a batch.
    fn piece(
        &self,
        batch: &RecordBatch,
        rows: &std::ops::Range<usize>,
        budget: &mut Budget,
    ) -> Result<Vec<Values>, DataError> {
        let mut columns = Vec::with_capacity(self.leaves.len());
        for leaf in &self.leaves {
            budget.take_values(rows.len() as u64, leaf.head.value_type.least_bytes() + 1)?;
            let place = self.projection.binary_search(&leaf.field).unwrap_or(usize::MAX);
            let pick = Pick { rows: rows.clone(), width: leaf.width, offset: leaf.offset, most_text: budget.left() };
            let values = quietly(&self.path, || {
                let none = || ArrowError::SchemaError("its batches contradict its schema".to_owned());
                let array = batch.columns().get(place).ok_or_else(none)?;
                if !leaf.of_list {
                    return values(array, leaf.head.value_type, &pick);
                }
                let list = array.as_fixed_size_list_opt().ok_or_else(none)?;
                let mut found = values(list.values(), leaf.head.value_type, &pick)?;
                if list.null_count() > 0 {
                    let nulls: Vec<bool> = pick.rows.clone().map(|row| list.is_null(row)).collect();
                    blank(&mut found, &nulls);
                }
                Ok(found)
            })?;
            if let Values::Text(column) = &values {
                budget.take(column.text_bytes() as u64)?;
            }
            columns.push(values);
        }
        Ok(columns)
    }
}

/// Makes the values of lists that are null missing.
fn blank(values: &mut Values, nulls: &[bool]) {
    let rows = nulls.iter().enumerate().filter(|(_, null)| **null).map(|(row, _)| row);
    match values {
        Values::Float64(column) => rows.for_each(|row| column[row] = f64::NAN),
        Values::Float32(column) => rows.for_each(|row| column[row] = f32::NAN),
        Values::Integer(column) => {
            *column = nulls.iter().enumerate().map(|(row, null)| column.get(row).filter(|_| !null)).collect();
        }
        // Lists hold numbers.
        Values::Boolean(_) | Values::Text(_) => {}
    }
}

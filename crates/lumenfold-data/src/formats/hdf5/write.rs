//! Files written: superblock of version 2, groups whose links say in which order they were made, contiguous datasets.
//!
//! | column | dataset |
//! |---|---|
//! | floats | of the same width; NaN is missing |
//! | integers | 64 bits; where some are missing, the attribute `_FillValue` names the integer that stands for them |
//! | truth values | h5py's enumeration of FALSE and TRUE; where some are missing, with a third member MISSING |
//! | text | UTF-8 of the width of the longest cell, padded with zeros; `_FillValue` where some are missing |
//!
//! A file holds one dataset after the other, while rows come with all columns at once: values go to a temporary file first, and memory is
//! bounded. Everything stands in an order that follows from the table alone, and nothing tells the time, so that a table always
//! gives the same bytes.

mod kept;
mod messages;

use std::fs::File;
use std::io::{self, Write};

use kept::Kept;
use messages::{Attribute, dataset_header, group_header, superblock};

use super::FORMAT;
use super::plan::COLUMN_NAME;
use crate::axis::{Axis, Gridded};
use crate::suggest::excerpt;
use crate::table::ColumnHead;
use crate::{DataError, Table};

/// The dataset of samples with axes, and of their errors.
const DATA: &str = "data";
const DATA_ERRORS: &str = "data_errors";
/// Longest name in bytes: an attribute has room for less than 64 KiB.
const LONGEST_NAME: usize = 1 << 12;

/// Can the format hold this table?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    let refused = |reason: String| Err(DataError::Unwritable { path: name.to_owned(), reason });
    if table.columns().is_empty() {
        return refused(format!("a table without columns cannot be written as {FORMAT}"));
    }
    let gridded = table.gridded().filter(|gridded| !gridded.axes.is_empty());
    let is_inside = |at: usize| {
        gridded.is_some_and(|gridded| {
            gridded.columns.contains(&at) || gridded.errors.as_ref().is_some_and(|errors| errors.contains(&at))
        })
    };
    for (at, column) in table.columns().iter().enumerate().filter(|(at, _)| !is_inside(*at)) {
        let shown = excerpt(&column.name);
        let is_taken = |gridded: &Gridded| {
            [DATA, DATA_ERRORS].contains(&column.name.as_str())
                || gridded.axes.iter().any(|axis| axis.name == column.name)
        };
        if gridded.is_some_and(is_taken) {
            return refused(format!(
                "column \"{shown}\" has the name of the samples or of one of their axes; leave it out"
            ));
        }
        if column.name.len() > LONGEST_NAME || column.name.contains('\0') || column.name.is_empty() {
            return refused(format!("column {} (\"{shown}\") has a name that no {FORMAT} file can have", at + 1));
        }
    }
    Ok(())
}

/// Writes one dataset per column, or samples with axes as NXdata.
pub(crate) struct Hdf5Encoder<W: Write> {
    output: W,
    values: File,
    /// Bytes in `values`.
    length: u64,
    columns: Vec<Kept>,
    axes: Vec<Axis>,
    rows: u64,
}

impl<W: Write> Hdf5Encoder<W> {
    /// `columns` are those of every block, `values` is empty.
    pub(crate) fn new(output: W, values: File, columns: &[ColumnHead], gridded: Option<&Gridded>) -> Self {
        let gridded = gridded.filter(|gridded| !gridded.axes.is_empty());
        let samples = gridded.map_or(0..0, |gridded| gridded.columns.clone());
        let errors = gridded.and_then(|gridded| gridded.errors.clone()).unwrap_or(0..0);
        let others = columns.iter().enumerate().filter(|(at, _)| !samples.contains(at) && !errors.contains(at));
        let mut kept = Vec::new();
        let mut axes = Vec::new();
        if let Some(gridded) = gridded {
            axes.clone_from(&gridded.axes);
            kept.push(Kept::of_samples(DATA, samples.clone(), columns, &axes));
            if !errors.is_empty() {
                kept.push(Kept::of_samples(DATA_ERRORS, errors.clone(), columns, &axes));
            }
        }
        kept.extend(others.map(|(at, column)| Kept::of_column(at, column)));
        Self { output, values, length: 0, columns: kept, axes, rows: 0 }
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        for kept in &mut self.columns {
            kept.keep(block, &mut self.values, &mut self.length)?;
        }
        self.rows += block.rows() as u64;
        Ok(())
    }

    /// Writes the file, and gives back the output.
    pub(crate) fn finish(self) -> io::Result<W> {
        let Self { output: mut sink, mut values, columns, axes, rows, .. } = self;
        let mut datasets: Vec<Written> = Vec::new();
        let samples = columns.iter().take_while(|kept| kept.is_samples()).count();
        for kept in &columns[..samples] {
            datasets.push(Written::of_kept(kept, rows));
        }
        datasets.extend(axes.iter().map(Written::of_axis));
        for (at, kept) in columns[samples..].iter().enumerate() {
            datasets.push(Written { name: link_name(&kept.name, at), ..Written::of_kept(kept, rows) });
        }

        // What refers to what: the root, perhaps an entry and its data, then the datasets. Sizes do not depend on addresses.
        let mut groups: Vec<(Vec<Attribute>, Option<&str>)> = vec![(Vec::new(), None)];
        if !axes.is_empty() {
            let names: Vec<&str> = std::iter::once(".").chain(axes.iter().map(|axis| axis.name.as_str())).collect();
            groups[0] =
                (vec![Attribute::text("NX_class", "NXroot"), Attribute::text("default", "entry")], Some("entry"));
            groups.push((vec![Attribute::text("NX_class", "NXentry"), Attribute::text("default", DATA)], Some(DATA)));
            let signal = Attribute::text("signal", DATA);
            groups.push((vec![Attribute::text("NX_class", "NXdata"), signal, Attribute::texts("axes", &names)], None));
        }
        let headers = |places: &[u64], data: &[u64]| {
            let (group_places, dataset_places) = places.split_at(groups.len());
            let mut headers = Vec::new();
            for (at, (attributes, child)) in groups.iter().enumerate() {
                let links: Vec<(&str, u64)> = match child {
                    Some(child) => vec![(*child, group_places[at + 1])],
                    None => datasets
                        .iter()
                        .zip(dataset_places)
                        .map(|(dataset, place)| (dataset.name.as_str(), *place))
                        .collect(),
                };
                headers.push(group_header(attributes, &links));
            }
            headers.extend(datasets.iter().zip(data).map(|(dataset, address)| {
                dataset_header(&dataset.datatype, &dataset.shape, dataset.bytes, *address, &dataset.attributes)
            }));
            headers
        };
        let unplaced = headers(&vec![0; groups.len() + datasets.len()], &vec![0; datasets.len()]);
        let mut end = superblock(0, 0).len() as u64;
        let mut place = |bytes: u64| {
            let start = end;
            // Everything begins at a multiple of eight.
            end = (end + bytes).next_multiple_of(8);
            start
        };
        let places: Vec<u64> = unplaced.iter().map(|header| place(header.len() as u64)).collect();
        let data: Vec<u64> = datasets.iter().map(|dataset| place(dataset.bytes)).collect();

        let mut output = Counted { output: &mut sink, written: 0 };
        output.write_all(&superblock(places[0], end))?;
        for (header, place) in headers(&places, &data).iter().zip(&places) {
            output.pad(*place)?;
            output.write_all(header)?;
        }
        for (dataset, place) in datasets.iter().zip(&data) {
            output.pad(*place)?;
            match &dataset.values {
                From::Axis(grid) => grid.iter().try_for_each(|centre| output.write_all(&centre.to_le_bytes()))?,
                From::Kept(kept) => kept.copy(&mut values, &mut output)?,
            }
        }
        output.pad(end)?;
        Ok(sink)
    }
}

/// The name of a dataset for a column, of which some cannot be names of links.
fn link_name(column: &str, at: usize) -> String {
    if column.contains('/') || [".", ".."].contains(&column) { format!("column{}", at + 1) } else { column.to_owned() }
}

/// A dataset to be written.
struct Written<'a> {
    name: String,
    datatype: Vec<u8>,
    shape: Vec<u64>,
    bytes: u64,
    attributes: Vec<Attribute>,
    values: From<'a>,
}

/// Where values come from.
enum From<'a> {
    Axis(&'a [f64]),
    Kept(&'a Kept),
}

impl<'a> Written<'a> {
    fn of_axis(axis: &'a Axis) -> Self {
        let attributes = axis.unit.iter().map(|unit| Attribute::text("units", unit)).collect();
        Self {
            name: axis.name.clone(),
            datatype: messages::float(8),
            shape: vec![axis.size() as u64],
            bytes: 8 * axis.size() as u64,
            attributes,
            values: From::Axis(&axis.grid),
        }
    }

    fn of_kept(kept: &'a Kept, rows: u64) -> Self {
        let (datatype, size) = kept.datatype();
        let mut attributes: Vec<Attribute> = kept.unit.iter().map(|unit| Attribute::text("units", unit)).collect();
        attributes.extend(kept.fill());
        if link_name(&kept.name, 0) != kept.name {
            attributes.push(Attribute::text(COLUMN_NAME, &kept.name));
        }
        let shape: Vec<u64> = std::iter::once(rows).chain(kept.shape.iter().map(|size| *size as u64)).collect();
        let bytes = shape.iter().product::<u64>() * size;
        Self { name: kept.name.clone(), datatype, shape, bytes, attributes, values: From::Kept(kept) }
    }
}

/// An output that knows how far it is.
struct Counted<'a, W: Write> {
    output: &'a mut W,
    written: u64,
}

impl<W: Write> Counted<'_, W> {
    /// Writes zeros up to a place.
    fn pad(&mut self, place: u64) -> io::Result<()> {
        let zeros = vec![0; place.saturating_sub(self.written) as usize];
        self.write_all(&zeros)
    }
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.output.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

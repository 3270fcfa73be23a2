//! Images opened: arrays of one to nine dimensions.
//!
//! The slowest dimension, the last in the header, is that of the rows, as in [`npy`](crate::formats::npy): an image
//! of two dimensions is a matrix, and one of k + 1 dimensions holds samples with k axes. An array of one dimension is a
//! column, or, if its header says where its elements lie, one spectrum. Dimensions of size 1 are none.

use std::sync::Arc;

use super::FORMAT;
use super::decode::Place;
use super::element::Element;
use super::header::Header;
use super::records::{Origin, Output, Records};
use super::selection::Offer;
use super::unit::Unit;
use super::wcs;
use crate::DataError;
use crate::axis::{Axis, MOST_AXES, MOST_VALUES, values};
use crate::budget::Budget;
use crate::formats::reader::Request;
use crate::input::SharedFile;

/// How an array is cut into rows.
pub(super) struct Layout {
    pub(super) rows: u64,
    /// Values of a row.
    pub(super) width: usize,
    /// The axes of a row; none if it is a plain one.
    pub(super) axes: Vec<Axis>,
}

impl Layout {
    /// Of an array of `shape`, the fastest dimension first, none of them 0.
    pub(super) fn of(header: &Header, shape: &[u64], budget: &Budget) -> Result<Self, DataError> {
        let sizes: Vec<String> = shape.iter().rev().take(8).map(u64::to_string).collect();
        let words = format!("holds an image of {} dimensions ({})", shape.len(), sizes.join(" × "));
        let (&slowest, others) = shape.split_last().ok_or_else(|| budget.unusable("holds an empty image"))?;
        if others.is_empty() {
            let axis = usize::try_from(slowest).ok().filter(|size| *size <= MOST_VALUES);
            let axis = axis.and_then(|size| wcs::axis(header, 1, 1, size));
            return Ok(match axis {
                Some(axis) => Self { rows: 1, width: axis.size(), axes: vec![axis] },
                None => Self { rows: slowest, width: 1, axes: Vec::new() },
            });
        }
        let width = super::unit::product(others).filter(|width| *width <= MOST_VALUES as u64);
        let Some(width) = width else {
            return Err(
                budget.unusable(format!("{words}: a row would have more than {MOST_VALUES} values; cut it first"))
            );
        };
        budget.check_columns(width)?;
        let is_one = others.iter().all(|size| *size == 1);
        // The last of the dimensions of a sample, the fastest, is the first of the file.
        let kept = others.iter().enumerate().rev().filter(|(at, size)| **size > 1 || (is_one && *at == 0));
        let kept: Vec<(usize, usize)> = kept.map(|(at, size)| (at + 1, *size as usize)).collect();
        if kept.len() > MOST_AXES {
            return Err(budget.unusable(format!("{words}; at most {MOST_AXES} beside that of the rows are read")));
        }
        let mut axes: Vec<Axis> = Vec::new();
        let mut known = false;
        for (at, &(number, size)) in kept.iter().enumerate() {
            let found = wcs::axis(header, number, shape.len(), size);
            let found = found.filter(|axis| axes.iter().all(|other| other.name != axis.name));
            known |= found.is_some();
            axes.push(found.unwrap_or_else(|| Axis::counted(at + 1, size)));
        }
        if axes.len() == 1 && !known {
            axes.clear();
        }
        debug_assert!(axes.is_empty() || values(&axes) == Some(width as usize));
        Ok(Self { rows: slowest, width: width as usize, axes })
    }

    /// The names of its values.
    pub(super) fn names(&self) -> Vec<String> {
        (1..=self.width).map(|number| format!("x{number}")).collect()
    }

    /// All of its columns, to choose from.
    pub(super) fn offer(&self, unit: &Unit) -> Offer {
        let (names, array, axes) = (self.names(), unit.name.clone(), self.axes.clone());
        Offer { names, array, samples: 0..self.width, axes, has_errors: false }
    }
}

/// The element of an array, by the keywords of its type and scale.
pub(super) fn element(header: &Header, bitpix: &str, budget: &Budget) -> Result<Element, DataError> {
    let stored = header.integer(bitpix).and_then(Element::of_bitpix).ok_or_else(|| header.lacks(bitpix, budget))?;
    Ok(Element::new(stored, header.number("BSCALE"), header.number("BZERO"), header.integer("BLANK")))
}

/// Opens an image that is not compressed.
pub(super) fn open(file: &SharedFile, unit: &Unit, request: &Request<'_>) -> Result<Records, DataError> {
    let budget = request.budget();
    let shape = unit.image_shape().ok_or_else(|| budget.malformed(FORMAT, "has an empty image"))?;
    let layout = Layout::of(&unit.header, &shape, &budget)?;
    let element = element(&unit.header, "BITPIX", &budget)?;
    let offer = layout.offer(unit);
    let selection = offer.select(request)?;
    let physical = unit.header.text("BUNIT").map(str::to_owned);
    let output = |&at: &usize| Output {
        name: offer.names[at].clone(),
        unit: physical.clone(),
        element: element.clone(),
        origin: Origin::Record,
        place: Place { offset: at * element.size(), bit: 0 },
    };
    Ok(Records {
        file: file.at(0),
        path: request.path.to_owned(),
        memory_limit: request.memory_limit,
        data: unit.data,
        rows: layout.rows,
        record_bytes: (layout.width * element.size()) as u64,
        outputs: Arc::new(selection.columns.iter().map(output).collect()),
        gridded: selection.gridded.map(Arc::new),
        grids: offer.axes,
        notes: Vec::new(),
    })
}

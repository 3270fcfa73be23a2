//! The header of an array: what it claims, checked before it is believed.

use std::io::Read;

use super::FORMAT;
use super::element::{Element, Field, Kind, Refusal, parse_fields};
use super::literal::{Literal, parse};
use crate::DataError;
use crate::axis::{Axis, Gridded, MOST_AXES, MOST_VALUES};
use crate::budget::Budget;

/// Longest header in bytes.
const LONGEST_HEADER: u64 = 1 << 22;
/// Most columns.
const MOST_COLUMNS: u64 = MOST_VALUES as u64;

/// What a header says, well formed but not yet believed.
pub(super) struct Claims {
    descr: Literal,
    pub(super) fortran_order: bool,
    /// The size of every dimension.
    pub(super) shape: Vec<u64>,
    /// Bytes of the header: where the elements begin.
    pub(super) bytes: u64,
}

impl Claims {
    /// Reads the header of an array of `length` bytes in all, and leaves the reader at its first element.
    pub(super) fn read(reader: &mut dyn Read, length: u64, budget: &Budget) -> Result<Self, DataError> {
        let malformed = |reason: &str| budget.malformed(FORMAT, reason);
        let mut fixed = [0; 8];
        read_header_bytes(reader, &mut fixed, budget)?;
        if !fixed.starts_with(b"\x93NUMPY") {
            return Err(malformed("is not an NPY file (its first bytes are wrong)"));
        }
        let text_length = match fixed[6] {
            1 => {
                let mut bytes = [0; 2];
                read_header_bytes(reader, &mut bytes, budget)?;
                u64::from(u16::from_le_bytes(bytes))
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                read_header_bytes(reader, &mut bytes, budget)?;
                u64::from(u32::from_le_bytes(bytes))
            }
            version => return Err(malformed(&format!("has NPY version {version}; versions 1 to 3 are read"))),
        };
        let before = if fixed[6] == 1 { 10 } else { 12 };
        if text_length > LONGEST_HEADER || before + text_length > length {
            return Err(malformed(&format!("claims a header of {text_length} bytes, which it does not have")));
        }
        let mut text = vec![0; text_length as usize];
        read_header_bytes(reader, &mut text, budget)?;
        // Versions 1 and 2 are in Latin-1, version 3 in UTF-8.
        let text = match String::from_utf8(text) {
            Ok(text) => text,
            Err(error) if fixed[6] < 3 => error.into_bytes().into_iter().map(char::from).collect(),
            Err(_) => return Err(malformed("its header is not UTF-8")),
        };
        Self::parse(&text, before + text_length, budget)
    }

    fn parse(text: &str, bytes: u64, budget: &Budget) -> Result<Self, DataError> {
        let malformed = |reason: String| budget.malformed(FORMAT, reason);
        let literal = parse(text).map_err(malformed)?;
        let Literal::Dictionary(entries) = literal else {
            return Err(malformed("its header is not a dictionary".to_owned()));
        };
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        for (key, value) in entries {
            match (key.as_str(), value) {
                ("descr", value @ (Literal::Text(_) | Literal::Sequence(_))) if descr.is_none() => descr = Some(value),
                ("fortran_order", Literal::Boolean(value)) if fortran.is_none() => fortran = Some(value),
                ("shape", Literal::Sequence(value)) if shape.is_none() => shape = Some(value),
                _ => {
                    return Err(malformed(format!(
                        "its header has an unexpected entry {:?}",
                        crate::suggest::excerpt(&key)
                    )));
                }
            }
        }
        let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran, shape) else {
            return Err(malformed("its header lacks descr, fortran_order or shape".to_owned()));
        };
        let shape: Vec<u64> = shape
            .into_iter()
            .map(|size| match size {
                Literal::Integer(size) => Ok(size),
                _ => Err(malformed("its shape is not made of numbers".to_owned())),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { descr, fortran_order, shape, bytes })
    }

    /// The type of the elements, where they have no fields.
    pub(super) fn element(&self, budget: &Budget) -> Result<Element, DataError> {
        match &self.descr {
            Literal::Text(text) => Element::parse(text).map_err(|refusal| refused(refusal, budget)),
            _ => Err(budget.unusable("holds records with named fields, not numbers")),
        }
    }
}

fn refused(refusal: Refusal, budget: &Budget) -> DataError {
    match refusal {
        Refusal::Malformed(reason) => budget.malformed(FORMAT, reason),
        Refusal::Unusable(reason) => budget.unusable(reason),
    }
}

/// An array that can become columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Number of rows.
    pub(crate) rows: u64,
    /// Where the elements of a row are; in Fortran order, `offset` is 0 and each field is a block of its own.
    pub(crate) fields: Vec<Field>,
    /// Bytes of one row, all fields.
    pub(crate) row_bytes: u64,
    /// Columns one after another, not rows.
    pub(crate) fortran_order: bool,
    /// The sizes of all dimensions but the first, which is the rows: none for a list, one for a matrix.
    pub(crate) shape: Vec<usize>,
    /// The fields have names of their own.
    structured: bool,
}

impl Header {
    /// Reads the header of an array of `length` bytes in all, and leaves the reader at its first element.
    pub(crate) fn read(reader: &mut dyn Read, length: u64, budget: &Budget) -> Result<Self, DataError> {
        let claims = Claims::read(reader, length, budget)?;
        let header = Self::believe(&claims, budget)?;
        header.check_length(length - claims.bytes, budget)?;
        Ok(header)
    }

    /// The header of an array of such elements in C order, of which `data` bytes are there. For formats that say the same
    /// in other words.
    pub(crate) fn of_elements(element: Element, shape: &[u64], data: u64, budget: &Budget) -> Result<Self, DataError> {
        let header = Self::plain(element, false, shape, budget)?;
        header.check_length(data, budget)?;
        Ok(header)
    }

    fn believe(claims: &Claims, budget: &Budget) -> Result<Self, DataError> {
        match &claims.descr {
            Literal::Text(_) => Self::plain(claims.element(budget)?, claims.fortran_order, &claims.shape, budget),
            Literal::Sequence(items) => {
                let (fields, row_bytes) = parse_fields(items).map_err(|refusal| refused(refusal, budget))?;
                let [rows] = claims.shape[..] else {
                    return Err(budget.unusable(format!("{}; expected one dimension", dimensions(&claims.shape))));
                };
                Ok(Self { rows, fields, row_bytes, fortran_order: false, shape: Vec::new(), structured: true })
            }
            _ => Err(budget.malformed(FORMAT, "its element type is not text".to_owned())),
        }
    }

    fn plain(element: Element, fortran_order: bool, shape: &[u64], budget: &Budget) -> Result<Self, DataError> {
        if element.kind == Kind::Padding {
            return Err(budget.unusable("holds raw bytes (void), not numbers"));
        }
        let Some((&rows, sizes)) = shape.split_first() else {
            return Err(budget.unusable("holds a single number (0 dimensions); expected rows, or rows × columns"));
        };
        if sizes.len() > MOST_AXES {
            let reason = format!("{}; at most {MOST_AXES} beside that of the rows are read", dimensions(shape));
            return Err(budget.unusable(reason));
        }
        // Sizes may be such that their product cannot be counted, though one of them is 0.
        let width = if sizes.contains(&0) { 0 } else { sizes.iter().copied().fold(1, u64::saturating_mul) };
        if width == 0 {
            return Err(budget.unusable(format!("{}: it has no columns", dimensions(shape))));
        }
        if width > MOST_COLUMNS {
            return Err(
                budget.malformed(FORMAT, format!("{}; at most {MOST_COLUMNS} columns are read", dimensions(shape)))
            );
        }
        budget.check_columns(width)?;
        let fortran_order = fortran_order && width > 1;
        let offset = |column: u64| if fortran_order { 0 } else { column * element.size };
        let field = |column: u64| Field { name: (column + 1).to_string(), offset: offset(column), element };
        Ok(Self {
            rows,
            fields: (0..width).map(field).collect(),
            row_bytes: width * element.size,
            fortran_order,
            shape: sizes.iter().map(|&size| size as usize).collect(),
            structured: false,
        })
    }

    /// The block of a column (from 0) in an array in Fortran order, where the first of its axes runs fastest.
    pub(super) fn block(&self, column: usize) -> usize {
        let (mut left, mut block) = (column, 0);
        // Of the last axis, which runs fastest among columns, blocks are farthest apart.
        let mut apart = self.shape.iter().product::<usize>();
        for size in self.shape.iter().rev() {
            apart /= size;
            block += left % size * apart;
            left /= size;
        }
        block
    }

    /// Whether its elements are numbers, truth values not included.
    pub(crate) fn is_numeric(&self) -> bool {
        !self.structured && self.fields.first().is_some_and(|field| field.element.value_type().numeric())
    }

    /// Whether it is of one dimension, without fields of its own.
    pub(crate) fn is_list(&self) -> bool {
        self.shape.is_empty() && !self.structured
    }

    /// The columns as samples with axes, if there are several axes and all columns are selected; `array` is the name of the
    /// array, and the columns are the only ones of their table.
    pub(crate) fn gridded(&self, path: &str, array: &str, selected: &[usize]) -> Result<Option<Gridded>, DataError> {
        if self.shape.len() < 2 || selected.len() != self.fields.len() {
            return Ok(None);
        }
        let axes = self.shape.iter().enumerate().map(|(at, &size)| Axis::counted(at + 1, size)).collect();
        Gridded::new(path, array, 0..self.fields.len(), axes).map(Some)
    }

    /// Names of the columns; `member` is the name of the array in an archive.
    pub(crate) fn column_names(&self, member: Option<&str>) -> Vec<String> {
        let name = |field: &Field| match (self.structured, self.shape.len(), member) {
            (true, _, _) => field.name.clone(),
            (false, 0, Some(member)) => member.to_owned(),
            (false, _, Some(member)) => format!("{member}{}", field.name),
            (false, _, None) => format!("x{}", field.name),
        };
        self.fields.iter().map(name).collect()
    }

    fn check_length(&self, data: u64, budget: &Budget) -> Result<(), DataError> {
        let claimed = self.rows.checked_mul(self.row_bytes);
        if claimed == Some(data) {
            return Ok(());
        }
        let bytes = claimed.map_or("more bytes than can be counted".to_owned(), |claimed| format!("{claimed} bytes"));
        let end = match claimed {
            Some(claimed) if claimed < data => "something follows the array",
            _ => "it was cut short or its header is wrong",
        };
        let reason = format!(
            "its header claims {} rows of {} bytes ({bytes}), {data} bytes of data are there: {end}",
            self.rows, self.row_bytes
        );
        Err(budget.malformed(FORMAT, reason))
    }
}

pub(super) fn dimensions(shape: &[u64]) -> String {
    let sizes: Vec<String> = shape.iter().take(8).map(u64::to_string).collect();
    format!("holds an array of {} dimensions ({})", shape.len(), sizes.join(" × "))
}

fn read_header_bytes(reader: &mut dyn Read, bytes: &mut [u8], budget: &Budget) -> Result<(), DataError> {
    reader.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => budget.malformed(FORMAT, "ends within its header; get it again"),
        _ => read_failed(error, budget),
    })
}

/// The error for a failed read: of a damaged archive if the bytes themselves are wrong.
pub(super) fn read_failed(error: std::io::Error, budget: &Budget) -> DataError {
    match error.kind() {
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput | std::io::ErrorKind::Other => {
            budget.malformed(FORMAT, format!("is damaged ({error}); get it again"))
        }
        std::io::ErrorKind::UnexpectedEof => budget.malformed(FORMAT, "was cut short; get it again"),
        _ => DataError::Read { path: budget.path().to_owned(), source: error },
    }
}

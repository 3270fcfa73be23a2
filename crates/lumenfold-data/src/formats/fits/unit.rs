//! Header and data units (HDUs): what a file is made of, one after the other.

use super::FORMAT;
use super::header::{BLOCK, Header};
use crate::DataError;
use crate::budget::Budget;
use crate::input::SharedFile;
use crate::suggest::excerpt;

/// Most dimensions of an array (section 4.4.1 of the standard).
const MOST_DIMENSIONS: u64 = 999;

/// What the data of a unit are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An array, or nothing.
    Image,
    /// A table of bytes: `BINTABLE`.
    Table,
    /// A table of letters: `TABLE`.
    Letters,
    /// An array in compressed tiles, in a table (section 10.1).
    Tiles,
    /// Random groups (section 6), an old form of radio interferometry.
    Groups,
    /// An extension of another kind.
    Other,
}

/// One unit.
#[derive(Debug)]
pub(super) struct Unit {
    /// Its place in the file, from 0.
    pub(super) number: usize,
    /// Its name, empty if it has none.
    pub(super) name: String,
    /// Its number among units of the same name.
    pub(super) version: i64,
    pub(super) kind: Kind,
    pub(super) header: Header,
    /// The sizes of its array as it is stored, the fastest dimension first.
    pub(super) shape: Vec<u64>,
    /// Where its data begin.
    pub(super) data: u64,
    /// Bytes of its data, the heap behind a table included.
    pub(super) length: u64,
}

impl Unit {
    /// Every unit of a file of `length` bytes, all of which lie within it.
    pub(super) fn all(file: &SharedFile, length: u64, budget: &mut Budget) -> Result<Vec<Self>, DataError> {
        let mut units: Vec<Self> = Vec::new();
        let mut place = 0;
        while place < length {
            if !units.is_empty() && !begins_extension(file, place, budget)? {
                break;
            }
            let header = Header::read(file, place, budget)?;
            let unit = Self::of(header, units.len(), place, length, budget)?;
            // The last block may lack what fills it up.
            place = (unit.data + unit.length).div_ceil(BLOCK).saturating_mul(BLOCK);
            units.push(unit);
        }
        Ok(units)
    }

    fn of(header: Header, number: usize, place: u64, length: u64, budget: &Budget) -> Result<Self, DataError> {
        if number == 0 && !header.says("SIMPLE") {
            return Err(budget.malformed(FORMAT, "does not begin with SIMPLE = T, as FITS does; is its name right?"));
        }
        let dimensions = header.size("NAXIS", budget)?;
        if dimensions > MOST_DIMENSIONS {
            return Err(header.lacks("NAXIS", budget));
        }
        let shape = (1..=dimensions).map(|axis| header.size(&format!("NAXIS{axis}"), budget));
        let shape = shape.collect::<Result<Vec<u64>, DataError>>()?;
        let width = element_bytes(&header, budget)?;
        let is_groups = header.says("GROUPS") && shape.first() == Some(&0);
        let (behind, groups) = (header.size_or("PCOUNT", 0, budget)?, header.size_or("GCOUNT", 1, budget)?);
        let sizes = if is_groups { &shape[1..] } else { &shape[..] };
        let elements = if sizes.is_empty() { Some(0) } else { product(sizes) };
        let bytes = elements.and_then(|elements| elements.checked_add(behind)?.checked_mul(groups)?.checked_mul(width));
        let data = place + header.length;
        let there = length.saturating_sub(data);
        let Some(bytes) = bytes.filter(|bytes| *bytes <= there) else {
            let bytes = bytes.map_or("more bytes than can be counted".to_owned(), |bytes| format!("{bytes} bytes"));
            let reason = format!(
                "the header of HDU {number} claims {bytes} of data, {there} are there: it was cut short or its header is wrong"
            );
            return Err(budget.malformed(FORMAT, reason));
        };
        let kind = match header.text("XTENSION").unwrap_or_default() {
            _ if is_groups => Kind::Groups,
            _ if number == 0 => Kind::Image,
            "IMAGE" | "IUEIMAGE" => Kind::Image,
            "BINTABLE" | "A3DTABLE" if header.says("ZIMAGE") => Kind::Tiles,
            "BINTABLE" | "A3DTABLE" => Kind::Table,
            "TABLE" => Kind::Letters,
            _ => Kind::Other,
        };
        let name = header.text("EXTNAME").unwrap_or_default().to_owned();
        let version = header.integer("EXTVER").unwrap_or(1);
        Ok(Self { number, name, version, kind, header, shape, data, length: bytes })
    }

    /// Bytes of an element of its array.
    pub(super) fn element(&self, budget: &Budget) -> Result<u64, DataError> {
        element_bytes(&self.header, budget)
    }

    /// The sizes of its image, the fastest dimension first; none if it is no image, or an empty one.
    pub(super) fn image_shape(&self) -> Option<Vec<u64>> {
        let shape = match self.kind {
            Kind::Image => self.shape.clone(),
            Kind::Tiles => {
                let dimensions = self.header.integer("ZNAXIS").filter(|count| (1..=999).contains(count))?;
                let size =
                    |axis| self.header.integer(&format!("ZNAXIS{axis}")).and_then(|size| u64::try_from(size).ok());
                (1..=dimensions).map(size).collect::<Option<_>>()?
            }
            _ => return None,
        };
        (!shape.is_empty() && !shape.contains(&0)).then_some(shape)
    }

    /// What it is, in a list of what there is: `2 SPECOBJ (table, 1 row)`.
    pub(super) fn in_words(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" {}", excerpt(&self.name)) };
        let what = match (self.kind, self.image_shape()) {
            (Kind::Table | Kind::Letters, _) => match self.shape.get(1) {
                Some(1) => "table, 1 row".to_owned(),
                rows => format!("table, {} rows", rows.unwrap_or(&0)),
            },
            (_, Some(shape)) => {
                let sizes: Vec<String> = shape.iter().rev().take(8).map(u64::to_string).collect();
                format!("image, {}", sizes.join(" × "))
            }
            (Kind::Groups, _) => "random groups".to_owned(),
            _ => "no data".to_owned(),
        };
        format!("{}{name} ({what})", self.number)
    }
}

/// Bytes of an element: `BITPIX`, which is negative for floats, in bits.
fn element_bytes(header: &Header, budget: &Budget) -> Result<u64, DataError> {
    match header.integer("BITPIX") {
        Some(bits @ (8 | 16 | 32 | 64 | -32 | -64)) => Ok(bits.unsigned_abs() / 8),
        _ => Err(header.lacks("BITPIX", budget)),
    }
}

/// The product of sizes, if it can be counted: 0 if one of them is.
pub(super) fn product(sizes: &[u64]) -> Option<u64> {
    if sizes.contains(&0) {
        return Some(0);
    }
    sizes.iter().try_fold(1_u64, |product, size| product.checked_mul(*size))
}

/// Whether an extension begins here; anything else may follow the last unit (section 3.5 of the standard).
fn begins_extension(file: &SharedFile, place: u64, budget: &Budget) -> Result<bool, DataError> {
    use std::io::Read;
    let mut start = Vec::new();
    let read = file.at(place).take(8).read_to_end(&mut start);
    read.map_err(|source| DataError::Read { path: budget.path().to_owned(), source })?;
    // Also what was cut off within the first word.
    Ok(!start.is_empty() && b"XTENSION".starts_with(&start[..]))
}

//! Images in compressed tiles (section 10 of the FITS standard).
//!
//! Each row of a table holds one tile, compressed. What `RICE_1`, `PLIO_1` and `HCOMPRESS_1` made of it is undone by a
//! library, `codec`; floats that were made integers are made floats again by `dither`. An image is put together whole,
//! within the memory that may be used.

mod codec;
mod dither;

use std::io::Read;

use super::FORMAT;
use super::element::{Element, Scale};
use super::field::{Field, Form};
use super::header::Header;
use super::heap::descriptor;
use super::image::Layout;
use super::records::failed;
use super::table::fields;
use super::unit::{Unit, product};
use crate::axis::MOST_VALUES;
use crate::budget::Budget;
use crate::formats::reader::Request;
use crate::input::SharedFile;
use crate::table::{Column, IntegerColumn, Values};
use crate::{DataError, Table};
use codec::{Codec, Pixels};
use dither::{Dither, Quantised};

/// Most bytes that one compressed tile may have.
const LARGEST_TILE: u64 = 1 << 30;

/// How an image is divided.
struct Division {
    /// Sizes of the image, the fastest dimension first.
    shape: Vec<u64>,
    /// Sizes of a tile; the last of a dimension may be smaller.
    tile: Vec<u64>,
}

impl Division {
    fn of(header: &Header, shape: Vec<u64>, rows: u64, budget: &Budget) -> Result<Self, DataError> {
        let default = |axis: usize| if axis == 0 { shape[0] } else { 1 };
        let tile = (0..shape.len()).map(|axis| header.size_or(&format!("ZTILE{}", axis + 1), default(axis), budget));
        let tile = tile.collect::<Result<Vec<u64>, DataError>>()?;
        let counts =
            tile.iter().zip(&shape).map(|(tile, size)| if *tile == 0 { None } else { Some(size.div_ceil(*tile)) });
        let counts: Option<Vec<u64>> = counts.collect();
        if counts.and_then(|counts| product(&counts)) != Some(rows) {
            let reason = format!("its image does not divide into {rows} tiles: its header is wrong");
            return Err(budget.malformed(FORMAT, reason));
        }
        Ok(Self { shape, tile })
    }

    /// Where tile `number` begins and how large it is, in each dimension.
    fn place(&self, number: u64) -> Vec<(u64, u64)> {
        let mut left = number;
        let dimension = |(size, tile): (&u64, &u64)| {
            let count = size.div_ceil(*tile);
            let start = left % count * tile;
            left /= count;
            (start, (*tile).min(size - start))
        };
        self.shape.iter().zip(&self.tile).map(dimension).collect()
    }

    /// Calls `put` with the place in the image of the first element of each line of a tile, and that in the tile.
    fn lines(&self, place: &[(u64, u64)], mut put: impl FnMut(usize, usize)) {
        let Some(((start, length), others)) = place.split_first() else { return };
        let lines: u64 = others.iter().map(|(_, size)| size).product();
        for line in 0..lines {
            let (mut left, mut at, mut stride) = (line, *start, self.shape[0]);
            for ((first, size), whole) in others.iter().zip(&self.shape[1..]) {
                at += (first + left % size) * stride;
                left /= size;
                stride *= whole;
            }
            put(at as usize, (line * length) as usize);
        }
    }
}

/// The columns of the table of tiles.
struct Fields {
    compressed: Option<Field>,
    gzipped: Option<Field>,
    plain: Option<Field>,
    scale: Option<Field>,
    zero: Option<Field>,
    blank: Option<Field>,
}

impl Fields {
    fn of(unit: &Unit, budget: &Budget) -> Result<Self, DataError> {
        let all = fields(unit, budget)?;
        let find = |name: &str| all.iter().find(|field| field.name.eq_ignore_ascii_case(name)).cloned();
        Ok(Self {
            compressed: find("COMPRESSED_DATA"),
            gzipped: find("GZIP_COMPRESSED_DATA"),
            plain: find("UNCOMPRESSED_DATA"),
            scale: find("ZSCALE"),
            zero: find("ZZERO"),
            blank: find("ZBLANK"),
        })
    }
}

/// Reads an image in tiles.
pub(super) fn read(file: &SharedFile, unit: &Unit, request: &Request<'_>) -> Result<Table, DataError> {
    let mut budget = request.budget();
    let header = &unit.header;
    let shape = unit.image_shape().ok_or_else(|| header.lacks("ZNAXIS", &budget))?;
    let layout = Layout::of(header, &shape, &budget)?;
    let mut element = super::image::element(header, "ZBITPIX", &budget)?;
    if element.null.is_none() && matches!(element.value_type(), crate::table::ValueType::Integer) {
        element.null = header.integer("ZBLANK");
    }
    let offer = layout.offer(unit);
    let selection = offer.select(request)?;
    let rows = unit.shape.get(1).copied().unwrap_or(0);
    let elements = product(&shape).ok_or_else(|| header.lacks("ZNAXIS", &budget))?;
    let division = Division::of(header, shape, rows, &budget)?;
    // The image, and the columns that are made of it.
    budget.take_values(elements, 8)?;
    budget.take_values(layout.rows.saturating_mul(selection.columns.len() as u64), 8)?;
    let mut image = Pixels::zeros(&element, elements as usize);
    Tiles::new(file, unit, &element, &mut budget)?.all(&division, rows, &mut image)?;
    let physical = header.text("BUNIT").map(str::to_owned);
    let column = |&at: &usize| Column {
        name: offer.names[at].clone(),
        unit: physical.clone(),
        values: image.column(at, layout.width, &element),
    };
    let columns = selection.columns.iter().map(column).collect();
    let table = Table::new(request.path, columns)?;
    Ok(table.with_gridded(selection.gridded.map(std::sync::Arc::new)).with_grids(offer.axes))
}

/// The tiles of one image.
struct Tiles<'a> {
    file: &'a SharedFile,
    unit: &'a Unit,
    fields: Fields,
    codec: Codec,
    dither: Dither,
    is_float: bool,
    /// Bytes of a stored number.
    width: usize,
    heap: u64,
    budget: &'a mut Budget,
}

impl<'a> Tiles<'a> {
    fn new(file: &'a SharedFile, unit: &'a Unit, element: &Element, budget: &'a mut Budget) -> Result<Self, DataError> {
        let header = &unit.header;
        let fields = Fields::of(unit, budget)?;
        let codec = Codec::of(header, element.size(), budget)?;
        let dither = Dither::of(header, budget)?;
        let table = unit.shape.iter().product();
        let heap = header.size_or("THEAP", table, budget)?;
        if heap < table || heap > unit.length {
            return Err(header.lacks("THEAP", budget));
        }
        let is_float = header.number("ZBITPIX").is_some_and(|bits| bits < 0.0);
        Ok(Self { file, unit, fields, codec, dither, is_float, width: element.size(), heap, budget })
    }

    fn all(&mut self, division: &Division, count: u64, image: &mut Pixels) -> Result<(), DataError> {
        let row_bytes = self.unit.shape[0];
        let mut row = vec![0; usize::try_from(row_bytes).unwrap_or(0)];
        let mut rows = std::io::BufReader::new(self.file.at(self.unit.data));
        for number in 0..count {
            rows.read_exact(&mut row).map_err(|error| failed(error, self.budget.path()))?;
            let place = division.place(number);
            let elements: u64 = place.iter().map(|(_, size)| size).product();
            let tile = self.tile(&row, number, elements as usize, &place)?;
            if tile.len() != elements as usize {
                return Err(self.wrong(number, "does not have as many numbers as it should"));
            }
            let line = place.first().map_or(0, |(_, size)| *size as usize);
            division.lines(&place, |to, from| image.put(to, &tile, from, line));
        }
        Ok(())
    }

    /// The numbers of a tile.
    fn tile(&mut self, row: &[u8], number: u64, count: usize, place: &[(u64, u64)]) -> Result<Pixels, DataError> {
        if count > MOST_VALUES << 6 {
            return Err(self.wrong(number, "is too large"));
        }
        let wrong = |what: String| (number, what);
        if let Some(bytes) = self.array(row, &self.fields.compressed.clone(), number)? {
            let scale = self.number(row, self.fields.scale.as_ref(), "ZSCALE");
            let zero = self.number(row, self.fields.zero.as_ref(), "ZZERO");
            let quantised = match (scale, self.is_float && self.dither != Dither::None) {
                (Some(scale), true) => Some(Quantised {
                    scale,
                    zero: zero.unwrap_or(0.0),
                    blank: self.integer(row, self.fields.blank.as_ref(), "ZBLANK").unwrap_or(i64::from(i32::MIN)),
                    tile: number,
                }),
                _ => None,
            };
            let result = match quantised {
                Some(quantised) => {
                    let integers = self.codec.integers(&bytes, count, 4, place);
                    integers.map(|integers| self.dither.floats(&integers, &quantised, self.width == 4))
                }
                None if self.is_float => self.codec.floats(&bytes, count, self.width),
                None => self.codec.integers(&bytes, count, self.width, place).map(Pixels::Integer),
            };
            return result.map_err(wrong).map_err(|(number, what)| self.wrong(number, &what));
        }
        let gzipped = self.array(row, &self.fields.gzipped.clone(), number)?;
        if let Some(bytes) = gzipped {
            let plain = codec::gunzip(&bytes, count * self.width);
            return plain.and_then(|plain| self.stored(&plain, count)).map_err(|what| self.wrong(number, &what));
        }
        match self.array(row, &self.fields.plain.clone(), number)? {
            Some(plain) => self.stored(&plain, count).map_err(|what| self.wrong(number, &what)),
            None => Err(self.wrong(number, "has no data")),
        }
    }

    /// Numbers that are not compressed.
    fn stored(&self, bytes: &[u8], count: usize) -> Result<Pixels, String> {
        if bytes.len() != count * self.width {
            return Err("does not have as many numbers as it should".to_owned());
        }
        match self.is_float {
            true => Ok(codec::floats_of(bytes, self.width)),
            false => Ok(Pixels::Integer(codec::integers_of(bytes, self.width))),
        }
    }

    /// The bytes that a descriptor in a row points to; none for no bytes.
    fn array(&mut self, row: &[u8], field: &Option<Field>, number: u64) -> Result<Option<Vec<u8>>, DataError> {
        let Some(field) = field else { return Ok(None) };
        let Form::Variable { element, wide } = &field.form else { return Ok(None) };
        let (length, offset) = descriptor(row.get(field.offset..).unwrap_or_default(), *wide);
        let bytes = length.saturating_mul(element.size() as u64);
        if bytes == 0 {
            return Ok(None);
        }
        let end = self.heap.saturating_add(offset).saturating_add(bytes);
        if end > self.unit.length || bytes > LARGEST_TILE {
            return Err(self.wrong(number, "lies outside the file"));
        }
        if bytes > self.budget.left() {
            return Err(self.budget.exceeded(bytes));
        }
        let mut array = vec![0; bytes as usize];
        let mut file = self.file.at(self.unit.data + self.heap + offset);
        file.read_exact(&mut array).map_err(|error| failed(error, self.budget.path()))?;
        Ok(Some(array))
    }

    /// A number of a tile: from its row, or from the header.
    fn number(&self, row: &[u8], field: Option<&Field>, keyword: &str) -> Option<f64> {
        let Some(field) = field else { return self.unit.header.number(keyword) };
        let Form::Array { element, .. } = &field.form else { return None };
        let mut values = element.value_type().empty(1);
        let place = super::decode::Place { offset: field.offset, bit: 0 };
        super::decode::extend(&mut values, row, row.len(), place, element).ok()?;
        Column::new("", values).value(0)
    }

    fn integer(&self, row: &[u8], field: Option<&Field>, keyword: &str) -> Option<i64> {
        self.number(row, field, keyword).filter(|value| value.fract() == 0.0).map(|value| value as i64)
    }

    fn wrong(&self, number: u64, what: &str) -> DataError {
        let what: String =
            what.chars().take(120).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        self.budget.malformed(FORMAT, format!("tile {} of its image {what}; get it again", number + 1))
    }
}

impl Pixels {
    /// Zeros of the kind of an element.
    fn zeros(element: &Element, count: usize) -> Self {
        use super::element::Stored;
        match element.stored {
            Stored::Single => Self::Single(vec![0.0; count]),
            Stored::Double => Self::Double(vec![0.0; count]),
            _ => Self::Integer(vec![0; count]),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Integer(values) => values.len(),
            Self::Single(values) => values.len(),
            Self::Double(values) => values.len(),
        }
    }

    /// Copies a line of a tile.
    fn put(&mut self, to: usize, tile: &Self, from: usize, length: usize) {
        match (self, tile) {
            (Self::Integer(image), Self::Integer(tile)) => copy(image, to, tile, from, length),
            (Self::Single(image), Self::Single(tile)) => copy(image, to, tile, from, length),
            (Self::Double(image), Self::Double(tile)) => copy(image, to, tile, from, length),
            _ => {}
        }
    }

    /// Every `width`-th number from `first` on, as the element says.
    fn column(&self, first: usize, width: usize, element: &Element) -> Values {
        let scaled = |value: f64| match element.scale {
            Scale::Linear { scale, zero } => value * scale + zero,
            _ => value,
        };
        let is_linear = matches!(element.scale, Scale::Linear { .. });
        match self {
            Self::Single(all) if !is_linear => {
                Values::Float32(all.iter().skip(first).step_by(width).copied().collect())
            }
            Self::Single(all) => {
                Values::Float64(all.iter().skip(first).step_by(width).map(|value| scaled(f64::from(*value))).collect())
            }
            Self::Double(all) => {
                Values::Float64(all.iter().skip(first).step_by(width).map(|value| scaled(*value)).collect())
            }
            Self::Integer(all) => {
                let stored = all.iter().skip(first).step_by(width).copied();
                let is_missing = |value: i64| element.null == Some(value);
                match element.scale {
                    Scale::Linear { .. } => Values::Float64(
                        stored.map(|value| if is_missing(value) { f64::NAN } else { scaled(value as f64) }).collect(),
                    ),
                    scale => {
                        let offset = if let Scale::Offset(offset) = scale { offset } else { 0 };
                        let value = |value: i64| (!is_missing(value)).then(|| value.wrapping_add(offset));
                        Values::Integer(stored.map(value).collect::<IntegerColumn>())
                    }
                }
            }
        }
    }
}

fn copy<T: Copy>(image: &mut [T], to: usize, tile: &[T], from: usize, length: usize) {
    if let (Some(to), Some(from)) = (image.get_mut(to..to + length), tile.get(from..from + length)) {
        to.copy_from_slice(from);
    }
}

//! What is noted at an object: names with text or numbers (attribute messages of versions 1 to 3; specification, section
//! IV.A.2.m).

use super::btree2;
use super::datatype::{Class, Datatype};
use super::disk::{Bytes, Disk, UNDEFINED, text};
use super::fault::Fault;
use super::fractal_heap::FractalHeap;
use super::header::{Header, shared_message, types};
use super::heap::Heap;
use super::space::{self, elements};
use crate::formats::npy::{Kind, number};

/// Most values of an attribute that are looked at.
const MOST_VALUES: u64 = 1 << 16;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Attribute {
    Text(Vec<String>),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    /// Addresses of objects; of lists of them the first.
    Places(Vec<Option<u64>>),
    /// Neither text nor numbers, or too many of them.
    Other,
}

/// The attributes of an object.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Attributes(Vec<(String, Attribute)>);

impl Attributes {
    pub(super) fn read(disk: &Disk, header: &Header) -> Result<Self, Fault> {
        let (mut found, mut heap) = (Vec::new(), Heap::default());
        for message in header.messages.iter().filter(|message| message.kind == types::ATTRIBUTE) {
            found.push(parse(disk, &message.data, &mut heap)?);
        }
        if let Some(message) = header.first(types::ATTRIBUTE_INFO) {
            let mut bytes = Bytes(message);
            bytes.skip(1)?;
            let flags = bytes.u8()?;
            bytes.skip(if flags & 1 == 0 { 0 } else { 2 })?;
            let (dense, names) = (disk.offset(&mut bytes)?, disk.offset(&mut bytes)?);
            if dense != UNDEFINED && names != UNDEFINED {
                let dense = FractalHeap::read(disk, dense)?;
                for record in btree2::records(disk, names)?.1 {
                    let mut record = Bytes(&record);
                    found.push(parse(disk, &dense.object(disk, record.take(8)?)?, &mut heap)?);
                }
            }
        }
        Ok(Self(found))
    }

    fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The text of an attribute that has one.
    pub(in super::super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Attribute::Text(texts) => texts.first().map(|text| text.trim()),
            _ => None,
        }
    }

    /// All texts of an attribute.
    pub(in super::super) fn texts(&self, name: &str) -> Option<&[String]> {
        match self.get(name)? {
            Attribute::Text(texts) => Some(texts),
            _ => None,
        }
    }

    /// The integer of an attribute, also where it is kept as text.
    pub(in super::super) fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Attribute::Integers(values) => values.first().copied(),
            Attribute::Text(texts) => texts.first()?.trim().parse().ok(),
            Attribute::Floats(_) | Attribute::Places(_) | Attribute::Other => None,
        }
    }

    /// The integers of an attribute, also where they are kept as floats, or one as text.
    pub(in super::super) fn integers(&self, name: &str) -> Vec<i64> {
        match self.get(name) {
            Some(Attribute::Integers(values)) => values.clone(),
            // Those beyond 64 bits are none that a column has.
            Some(Attribute::Floats(values)) => {
                values.iter().filter(|value| value.fract() == 0.0).map(|value| *value as i64).collect()
            }
            _ => self.integer(name).into_iter().collect(),
        }
    }

    /// The numbers of an attribute.
    pub(in super::super) fn numbers(&self, name: &str) -> Vec<f64> {
        match self.get(name) {
            Some(Attribute::Floats(values)) => values.clone(),
            Some(Attribute::Integers(values)) => values.iter().map(|value| *value as f64).collect(),
            _ => Vec::new(),
        }
    }

    /// The number of an attribute that is there, if it is a single one.
    pub(in super::super) fn single(&self, name: &str) -> Option<Option<f64>> {
        self.get(name)?;
        let numbers = self.numbers(name);
        Some(if let [number] = numbers[..] { Some(number) } else { None })
    }

    /// The addresses of the objects that an attribute refers to.
    pub(in super::super) fn places(&self, name: &str) -> Option<&[Option<u64>]> {
        match self.get(name)? {
            Attribute::Places(places) => Some(places),
            _ => None,
        }
    }
}

/// An attribute.
fn parse(disk: &Disk, message: &[u8], heap: &mut Heap) -> Result<(String, Attribute), Fault> {
    let mut bytes = Bytes(message);
    let (version, flags) = (bytes.u8()?, bytes.u8()?);
    if !(1..=3).contains(&version) {
        return Fault::damaged(format!("an attribute of version {version}"));
    }
    let (name_size, type_size, space_size) = (bytes.u16()?, bytes.u16()?, bytes.u16()?);
    bytes.skip(if version == 3 { 1 } else { 0 })?;
    let padded = |size: u16| if version == 1 { usize::from(size).next_multiple_of(8) } else { usize::from(size) };
    let name = bytes.take(padded(name_size))?;
    let name = text(name.split(|byte| *byte == 0).next().unwrap_or_default());
    let (datatype, shape) = (bytes.take(padded(type_size))?, bytes.take(padded(space_size))?);
    let shared = |kind, data: &[u8], bit: u8| match version > 1 && flags & bit != 0 {
        true => shared_message(disk, kind, data),
        false => Ok(data.to_vec()),
    };
    let datatype = Datatype::parse(&shared(types::DATATYPE, datatype, 1)?)?;
    let shape = space::parse(disk, &shared(types::DATASPACE, shape, 2)?)?;
    let Some(count) = shape.and_then(|shape| elements(&shape)).filter(|count| *count <= MOST_VALUES) else {
        return Ok((name, Attribute::Other));
    };
    let bytes = count.checked_mul(datatype.size).and_then(|size| bytes.0.get(..usize::try_from(size).ok()?));
    let Some(bytes) = bytes else { return Fault::damaged(format!("the attribute {name} is longer than its bytes")) };
    let cells = bytes.chunks_exact(datatype.size as usize);
    let value = match datatype.class {
        Class::Text { blanks } => Attribute::Text(cells.map(|cell| text(trimmed(cell, blanks))).collect()),
        Class::VariableText => {
            let mut texts = Vec::new();
            for cell in cells {
                texts.push(text(heap.get(disk, cell)?.unwrap_or_default()));
            }
            Attribute::Text(texts)
        }
        Class::Number { kind: Kind::Float, big_endian } => {
            Attribute::Floats(cells.map(|cell| number(Kind::Float, cell, big_endian)).collect())
        }
        Class::Number { kind, big_endian } => {
            let integer = |cell| {
                let bits = crate::formats::npy::bits(cell, big_endian);
                let unused = 64 - 8 * datatype.size as u32;
                match kind {
                    Kind::Signed => ((bits << unused) as i64) >> unused,
                    _ => i64::try_from(bits).unwrap_or(i64::MAX),
                }
            };
            Attribute::Integers(cells.map(integer).collect())
        }
        Class::Reference => Attribute::Places(cells.map(|cell| place(disk, cell)).collect()),
        Class::References => {
            let mut places = Vec::new();
            for cell in cells {
                let size = usize::from(disk.offset_size);
                // What leads nowhere is no reason to leave a dataset out.
                let found = heap.elements(disk, cell, size).ok().flatten();
                places.push(found.and_then(|cell| place(disk, cell)));
            }
            Attribute::Places(places)
        }
        _ => Attribute::Other,
    };
    Ok((name, value))
}

/// The address in a reference.
fn place(disk: &Disk, cell: &[u8]) -> Option<u64> {
    disk.offset(&mut Bytes(cell)).ok().filter(|address| *address != UNDEFINED)
}

/// Text without what it is padded with: everything from the first zero on, or the blanks at its end.
pub(super) fn trimmed(cell: &[u8], blanks: bool) -> &[u8] {
    let end = cell.iter().position(|byte| *byte == 0).unwrap_or(cell.len());
    if blanks { cell[..end].trim_ascii_end() } else { &cell[..end] }
}

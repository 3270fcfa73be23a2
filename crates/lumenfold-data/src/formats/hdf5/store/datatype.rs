//! Types of elements (datatype messages of versions 1 to 5; specification, section IV.A.2.d).

use super::disk::{Bytes, text};
use super::fault::Fault;
use crate::formats::npy::Kind;

/// Types within types, no deeper.
const DEEPEST: u8 = 8;
/// Most members of a record.
const MOST_MEMBERS: usize = 1 << 14;

/// The type of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Datatype {
    /// In bytes.
    pub(in super::super) size: u64,
    pub(in super::super) class: Class,
}

/// What an element is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Class {
    /// A number, or a truth value, in a form that columns take.
    Number {
        kind: Kind,
        big_endian: bool,
    },
    /// Text of a fixed number of bytes, padded with zeros or with blanks.
    Text {
        blanks: bool,
    },
    /// Text of any length, kept in a heap.
    VariableText,
    /// Named members: each with its place in bytes.
    Record(Vec<(String, u64, Datatype)>),
    /// So many elements of one type.
    Array(Box<Datatype>, u64),
    /// Where an object is (an address), or lists of such: these are read of attributes only.
    Reference,
    References,
    /// What no column takes, in words.
    Other(&'static str),
}

impl Datatype {
    /// Parses a datatype message.
    pub(super) fn parse(message: &[u8]) -> Result<Self, Fault> {
        Self::parse_within(&mut Bytes(message), DEEPEST)
    }

    fn parse_within(bytes: &mut Bytes<'_>, depth: u8) -> Result<Self, Fault> {
        let Some(depth) = depth.checked_sub(1) else { return Fault::damaged("types are nested too deeply") };
        let first = bytes.u8()?;
        let (class, version) = (first & 15, first >> 4);
        let flags = bytes.unsigned(3)?;
        let size = u64::from(bytes.u32()?);
        if size == 0 || !(1..=5).contains(&version) {
            return Fault::damaged(format!("a type of {size} bytes and version {version}"));
        }
        let class = match class {
            0 => integer(bytes, flags, size)?,
            1 => float(bytes, flags, size)?,
            2 => {
                bytes.skip(2)?;
                Class::Other("times")
            }
            3 => Class::Text { blanks: flags & 15 == 2 },
            4 => {
                bytes.skip(4)?;
                // PyTables keeps truth values so.
                if size == 1 {
                    Class::Number { kind: Kind::Boolean, big_endian: false }
                } else {
                    Class::Other("bit fields")
                }
            }
            5 => {
                bytes.skip((flags & 255) as usize)?;
                Class::Other("raw bytes")
            }
            6 => record(bytes, flags, size, version, depth)?,
            7 if flags & 15 == 0 => Class::Reference,
            7 => Class::Other("references"),
            8 => enumeration(bytes, flags, version, depth)?,
            9 => {
                let element = Self::parse_within(bytes, depth)?;
                match (flags & 15, element.class) {
                    (1, _) => Class::VariableText,
                    (_, Class::Reference) => Class::References,
                    _ => Class::Other("lists of different lengths"),
                }
            }
            10 => array(bytes, version, depth)?,
            11 => {
                Self::parse_within(bytes, depth)?;
                Class::Other("complex numbers")
            }
            _ => return Fault::damaged(format!("a type of class {class}")),
        };
        Ok(Self { size, class })
    }
}

fn integer(bytes: &mut Bytes<'_>, flags: u64, size: u64) -> Result<Class, Fault> {
    let (first_bit, bits) = (bytes.u16()?, bytes.u16()?);
    let kind = if flags & 8 == 0 { Kind::Unsigned } else { Kind::Signed };
    Ok(match (size, first_bit) {
        (1 | 2 | 4 | 8, 0) if u64::from(bits) == 8 * size => Class::Number { kind, big_endian: flags & 1 == 1 },
        _ => Class::Other("integers of an unusual width"),
    })
}

fn float(bytes: &mut Bytes<'_>, flags: u64, size: u64) -> Result<Class, Fault> {
    let (first_bit, bits) = (bytes.u16()?, bytes.u16()?);
    let (exponent, exponent_bits) = (bytes.u8()?, bytes.u8()?);
    let (mantissa, mantissa_bits) = (bytes.u8()?, bytes.u8()?);
    let bias = bytes.u32()?;
    let ieee = match size {
        2 => (16, 10, 5, 10, 15),
        4 => (32, 23, 8, 23, 127),
        8 => (64, 52, 11, 52, 1023),
        _ => return Ok(Class::Other("floats of an unusual width")),
    };
    let found = (bits, exponent, exponent_bits, mantissa_bits, bias);
    // Bit 6 of the flags is set for the byte order of the VAX.
    let plain = found == ieee
        && (first_bit, mantissa) == (0, 0)
        && flags & 0x40 == 0
        && (flags >> 8) & 255 == u64::from(bits) - 1;
    Ok(match plain {
        true => Class::Number { kind: Kind::Float, big_endian: flags & 1 == 1 },
        false => Class::Other("floats that are not those of IEEE 754"),
    })
}

fn record(bytes: &mut Bytes<'_>, flags: u64, size: u64, version: u8, depth: u8) -> Result<Class, Fault> {
    let count = (flags & 0xffff) as usize;
    if count > MOST_MEMBERS {
        return Fault::unsupported(format!("has records of {count} members; at most {MOST_MEMBERS} are read"));
    }
    let mut members = Vec::new();
    for _ in 0..count {
        let name = text(bytes.until_zero(version < 3)?);
        let (offset, copies) = match version {
            1 | 2 => {
                let offset = u64::from(bytes.u32()?);
                let mut copies = 1_u64;
                if version == 1 {
                    let dimensions = bytes.u8()?;
                    bytes.skip(11)?;
                    for dimension in 0..4 {
                        let length = u64::from(bytes.u32()?);
                        copies = copies.saturating_mul(if dimension < dimensions { length } else { 1 });
                    }
                }
                (offset, copies)
            }
            // As few bytes as the size of the record needs.
            _ => (bytes.unsigned(size.ilog2() as usize / 8 + 1)?, 1),
        };
        let mut member = Datatype::parse_within(bytes, depth)?;
        if copies != 1 {
            member =
                Datatype { size: member.size.saturating_mul(copies), class: Class::Array(Box::new(member), copies) };
        }
        if offset.checked_add(member.size).is_none_or(|end| end > size) {
            return Fault::damaged("a member lies outside its record");
        }
        members.push((name, offset, member));
    }
    Ok(Class::Record(members))
}

/// Enumerations are the integers that they are made of, but for truth values as h5py keeps them.
fn enumeration(bytes: &mut Bytes<'_>, flags: u64, version: u8, depth: u8) -> Result<Class, Fault> {
    let base = Datatype::parse_within(bytes, depth)?;
    let count = (flags & 0xffff) as usize;
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(bytes.until_zero(version < 3)?);
    }
    let values = bytes.take(count.saturating_mul(base.size as usize))?;
    let truth = base.size == 1
        && matches!(
            (&names[..], values),
            ([b"FALSE", b"TRUE"], [0, 1]) | ([b"FALSE", b"TRUE", b"MISSING"], [0, 1, 255])
        );
    Ok(match truth {
        true => Class::Number { kind: Kind::Boolean, big_endian: false },
        false => base.class,
    })
}

fn array(bytes: &mut Bytes<'_>, version: u8, depth: u8) -> Result<Class, Fault> {
    let dimensions = bytes.u8()?;
    bytes.skip(if version < 3 { 3 } else { 0 })?;
    let mut count = 1_u64;
    for _ in 0..dimensions {
        count = count.saturating_mul(bytes.u32()?.into());
    }
    bytes.skip(if version < 3 { 4 * usize::from(dimensions) } else { 0 })?;
    let element = Datatype::parse_within(bytes, depth)?;
    Ok(Class::Array(Box::new(element), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_without_end_are_refused() {
        // A list of lists of lists ….
        let list = [0x19, 0, 0, 0, 16, 0, 0, 0];
        assert!(matches!(Datatype::parse(&list.repeat(8000)), Err(Fault::Damaged(_))));
        // Records that claim more members than their bytes hold.
        let record = [0x36, 0xff, 0x3f, 0, 8, 0, 0, 0, 0, 0];
        assert!(Datatype::parse(&record.repeat(8000)).is_err());
    }
}

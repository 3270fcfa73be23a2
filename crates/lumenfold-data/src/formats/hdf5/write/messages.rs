//! The bytes of superblock, headers and messages (File Format Specification 3.0, sections II and IV).

use crate::formats::hdf5::store::{SIGNATURE, checksum};

/// What stands for no address.
const UNDEFINED: u64 = u64::MAX;

/// An attribute: text, or an integer.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    name: &'static str,
    datatype: Vec<u8>,
    /// None for a single value.
    shape: Vec<u64>,
    value: Vec<u8>,
}

impl Attribute {
    pub(super) fn text(name: &'static str, text: &str) -> Self {
        // No type has a width of 0.
        let width = text.len().max(1);
        let mut value = text.as_bytes().to_vec();
        value.resize(width, 0);
        Self { name, datatype: text_type(width as u64), shape: Vec::new(), value }
    }

    pub(super) fn texts(name: &'static str, texts: &[&str]) -> Self {
        let width = texts.iter().map(|text| text.len()).max().unwrap_or(0).max(1);
        let cell = |text: &&str| {
            let mut cell = text.as_bytes().to_vec();
            cell.resize(width, 0);
            cell
        };
        let value = texts.iter().flat_map(cell).collect();
        Self { name, datatype: text_type(width as u64), shape: vec![texts.len() as u64], value }
    }

    pub(super) fn integer(name: &'static str, value: i64) -> Self {
        Self { name, datatype: integer(8), shape: Vec::new(), value: value.to_le_bytes().to_vec() }
    }

    fn message(&self) -> Vec<u8> {
        let space = dataspace(&self.shape);
        let mut bytes = vec![3, 0];
        for size in [self.name.len() + 1, self.datatype.len(), space.len()] {
            bytes.extend((size as u16).to_le_bytes());
        }
        // The name is UTF-8.
        bytes.push(1);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.push(0);
        [bytes, self.datatype.clone(), space, self.value.clone()].concat()
    }
}

/// The superblock of a file of `end` bytes whose root group has its header at an address.
pub(super) fn superblock(root: u64, end: u64) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend([2, 8, 8, 0]);
    for value in [0, UNDEFINED, end, root] {
        bytes.extend(value.to_le_bytes());
    }
    summed(bytes)
}

/// The header of a group with these members.
pub(super) fn group_header(attributes: &[Attribute], links: &[(&str, u64)]) -> Vec<u8> {
    // The order of the links is kept; no heap and no tree has them.
    let mut info = vec![0, 1];
    info.extend((links.len() as u64).to_le_bytes());
    info.extend(UNDEFINED.to_le_bytes());
    info.extend(UNDEFINED.to_le_bytes());
    let mut messages = vec![(0x02, info), (0x0a, vec![0, 0])];
    for (order, (name, address)) in links.iter().enumerate() {
        // With an order and a set of letters (UTF-8), the length of the name in two bytes.
        let mut link = vec![1, 0b1_0101];
        link.extend((order as u64).to_le_bytes());
        link.push(1);
        link.extend((name.len() as u16).to_le_bytes());
        link.extend_from_slice(name.as_bytes());
        link.extend(address.to_le_bytes());
        messages.push((0x06, link));
    }
    messages.extend(attributes.iter().map(|attribute| (0x0c, attribute.message())));
    header(&messages)
}

/// The header of a contiguous dataset.
pub(super) fn dataset_header(
    datatype: &[u8],
    shape: &[u64],
    bytes: u64,
    address: u64,
    attributes: &[Attribute],
) -> Vec<u8> {
    let mut layout = vec![3, 1];
    layout.extend(if bytes == 0 { UNDEFINED } else { address }.to_le_bytes());
    layout.extend(bytes.to_le_bytes());
    let mut messages = vec![
        (0x01, dataspace(shape)),
        (0x03, datatype.to_vec()),
        // Room is made late, and filled with zeros if at all.
        (0x05, vec![3, 0x0a]),
        (0x08, layout),
    ];
    messages.extend(attributes.iter().map(|attribute| (0x0c, attribute.message())));
    header(&messages)
}

fn header(messages: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let size: usize = messages.iter().map(|(_, data)| 4 + data.len()).sum();
    // The size of the messages takes four bytes.
    let mut bytes = b"OHDR\x02\x02".to_vec();
    bytes.extend((size as u32).to_le_bytes());
    for (kind, data) in messages {
        bytes.push(*kind);
        bytes.extend((data.len() as u16).to_le_bytes());
        bytes.push(0);
        bytes.extend_from_slice(data);
    }
    summed(bytes)
}

fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend(checksum(&bytes).to_le_bytes());
    bytes
}

fn dataspace(shape: &[u64]) -> Vec<u8> {
    let mut bytes = vec![2, shape.len() as u8, 0, u8::from(!shape.is_empty())];
    shape.iter().for_each(|size| bytes.extend(size.to_le_bytes()));
    bytes
}

/// A type message: class, flags and size, then its properties.
fn datatype(class: u8, flags: [u8; 3], size: u64, properties: &[u8]) -> Vec<u8> {
    let mut bytes = vec![class | 3 << 4];
    bytes.extend(flags);
    bytes.extend((size as u32).to_le_bytes());
    bytes.extend_from_slice(properties);
    bytes
}

/// Little-endian IEEE 754 floats of 4 or 8 bytes.
pub(super) fn float(size: u8) -> Vec<u8> {
    let (exponent, exponent_bits, bias) = if size == 4 { (23, 8, 127_u32) } else { (52, 11, 1023) };
    let mut properties = vec![0, 0, 8 * size, 0, exponent, exponent_bits, 0, exponent];
    properties.extend(bias.to_le_bytes());
    // The mantissa has a leading one that is not kept; then the place of the sign.
    datatype(1, [0x20, 8 * size - 1, 0], size.into(), &properties)
}

/// Little-endian signed integers.
pub(super) fn integer(size: u8) -> Vec<u8> {
    datatype(0, [8, 0, 0], size.into(), &[0, 0, 8 * size, 0])
}

/// Truth values as h5py has them: an enumeration of bytes.
pub(super) fn boolean(with_missing: bool) -> Vec<u8> {
    let mut properties = integer(1);
    properties.extend_from_slice(b"FALSE\0TRUE\0");
    properties.extend_from_slice(if with_missing { b"MISSING\0\x00\x01\xff" } else { b"\x00\x01" });
    datatype(8, [if with_missing { 3 } else { 2 }, 0, 0], 1, &properties)
}

/// UTF-8 of a fixed width, padded with zeros.
pub(super) fn text_type(width: u64) -> Vec<u8> {
    datatype(3, [0x11, 0, 0], width, &[])
}

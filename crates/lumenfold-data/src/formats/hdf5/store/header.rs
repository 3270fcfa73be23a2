//! Object headers: the messages that say what a group or a dataset is (versions 1 and 2; specification, section IV.A).

use super::checksum::checksum;
use super::disk::{Bytes, Disk};
use super::fault::Fault;

/// Types of messages.
pub(super) mod types {
    pub(in super::super) const DATASPACE: u16 = 0x01;
    pub(in super::super) const LINK_INFO: u16 = 0x02;
    pub(in super::super) const DATATYPE: u16 = 0x03;
    pub(in super::super) const OLD_FILL_VALUE: u16 = 0x04;
    pub(in super::super) const FILL_VALUE: u16 = 0x05;
    pub(in super::super) const LINK: u16 = 0x06;
    pub(in super::super) const EXTERNAL_FILES: u16 = 0x07;
    pub(in super::super) const LAYOUT: u16 = 0x08;
    pub(in super::super) const FILTERS: u16 = 0x0b;
    pub(in super::super) const ATTRIBUTE: u16 = 0x0c;
    pub(in super::super) const CONTINUATION: u16 = 0x10;
    pub(in super::super) const SYMBOL_TABLE: u16 = 0x11;
    pub(in super::super) const ATTRIBUTE_INFO: u16 = 0x15;
}

/// Most parts that a header continues in, and most messages of all of them.
const MOST_PARTS: usize = 1 << 12;
const MOST_MESSAGES: usize = 1 << 18;
/// Most bytes of all parts.
const MOST_BYTES: u64 = 1 << 27;
/// Messages may be kept in another header, which may not pass them on again.
const DEEPEST: u8 = 2;

/// One thing that is said about an object.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) data: Vec<u8>,
}

/// The messages of the object at an address.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) messages: Vec<Message>,
}

impl Header {
    pub(super) fn read(disk: &Disk, address: u64) -> Result<Self, Fault> {
        Self::read_within(disk, address, DEEPEST)
    }

    /// The data of the first message of a kind.
    pub(super) fn first(&self, kind: u16) -> Option<&[u8]> {
        self.messages.iter().find(|message| message.kind == kind).map(|message| message.data.as_slice())
    }

    fn read_within(disk: &Disk, address: u64, depth: u8) -> Result<Self, Fault> {
        let start = disk.up_to(address, 32)?;
        let mut header = Self { messages: Vec::new() };
        let mut parts = Parts { left: MOST_BYTES, waiting: Vec::new(), count: 0 };
        if start.starts_with(b"OHDR") {
            let mut bytes = Bytes(&start);
            bytes.skip(4)?;
            let (version, flags) = (bytes.u8()?, bytes.u8()?);
            if version != 2 {
                return Fault::unsupported(format!("has an object header of version {version}; 1 and 2 are read"));
            }
            // Four times, then two numbers of attributes.
            bytes.skip(if flags & 0x20 == 0 { 0 } else { 16 } + if flags & 0x10 == 0 { 0 } else { 4 })?;
            let size = bytes.unsigned(1 << (flags & 3))?;
            let before = (start.len() - bytes.0.len()) as u64;
            let all = parts.read(disk, address, before.checked_add(size).and_then(|size| size.checked_add(4)))?;
            let own = checked(&all)?;
            header.messages_of_version_2(disk, &own[before as usize..], flags, depth, &mut parts)?;
            while let Some((address, size)) = parts.next()? {
                let all = parts.read(disk, address, Some(size))?;
                let mut bytes = Bytes(checked(&all)?);
                bytes.signature(b"OCHK")?;
                header.messages_of_version_2(disk, bytes.0, flags, depth, &mut parts)?;
            }
        } else {
            let mut bytes = Bytes(&start);
            let version = bytes.u8()?;
            if version != 1 {
                return Fault::damaged(format!("has no object header at {address}"));
            }
            bytes.skip(7)?;
            let size = u64::from(bytes.u32()?);
            let mut next = Some((address.saturating_add(16), size));
            while let Some((address, size)) = next {
                let all = parts.read(disk, address, Some(size))?;
                header.messages_of_version_1(disk, &all, depth, &mut parts)?;
                next = parts.next()?;
            }
        }
        Ok(header)
    }

    fn messages_of_version_1(&mut self, disk: &Disk, bytes: &[u8], depth: u8, parts: &mut Parts) -> Result<(), Fault> {
        let mut bytes = Bytes(bytes);
        while bytes.0.len() >= 8 {
            let (kind, size, flags) = (bytes.u16()?, bytes.u16()?, bytes.u8()?);
            bytes.skip(3)?;
            let data = bytes.take(size.into())?;
            self.push(disk, kind, flags, data, depth, parts)?;
        }
        Ok(())
    }

    fn messages_of_version_2(
        &mut self,
        disk: &Disk,
        bytes: &[u8],
        header_flags: u8,
        depth: u8,
        parts: &mut Parts,
    ) -> Result<(), Fault> {
        let mut bytes = Bytes(bytes);
        let ordered = if header_flags & 4 == 0 { 0 } else { 2 };
        // What is left at the end is a gap.
        while bytes.0.len() >= 4 + ordered {
            let (kind, size, flags) = (bytes.u8()?, bytes.u16()?, bytes.u8()?);
            bytes.skip(ordered)?;
            let data = bytes.take(size.into())?;
            self.push(disk, kind.into(), flags, data, depth, parts)?;
        }
        Ok(())
    }

    fn push(
        &mut self,
        disk: &Disk,
        kind: u16,
        flags: u8,
        data: &[u8],
        depth: u8,
        parts: &mut Parts,
    ) -> Result<(), Fault> {
        if self.messages.len() >= MOST_MESSAGES {
            return Fault::damaged("an object has too many messages");
        }
        if kind == types::CONTINUATION {
            let mut bytes = Bytes(data);
            let (address, size) = (disk.offset(&mut bytes)?, disk.size(&mut bytes)?);
            parts.waiting.push((address, size));
        } else if flags & 2 == 0 {
            self.messages.push(Message { kind, data: data.to_vec() });
        } else if let Some(data) = shared(disk, kind, data, depth)? {
            self.messages.push(Message { kind, data });
        }
        Ok(())
    }
}

/// A message that another header holds; `None` for one in a heap of its own, where no usual writer keeps any.
fn shared(disk: &Disk, kind: u16, data: &[u8], depth: u8) -> Result<Option<Vec<u8>>, Fault> {
    let mut bytes = Bytes(data);
    let (version, place) = (bytes.u8()?, bytes.u8()?);
    match (version, place) {
        (1, _) => bytes.skip(6)?,
        (2, _) | (3, 2) => {}
        _ => return Ok(None),
    }
    let Some(depth) = depth.checked_sub(1) else { return Fault::damaged("messages refer to each other without end") };
    let header = Header::read_within(disk, disk.offset(&mut bytes)?, depth)?;
    match header.first(kind) {
        Some(data) => Ok(Some(data.to_vec())),
        None => Fault::damaged("a message that another object should hold is not there"),
    }
}

/// A datatype that a committed type holds, for attributes that refer to one.
pub(super) fn shared_message(disk: &Disk, kind: u16, data: &[u8]) -> Result<Vec<u8>, Fault> {
    match shared(disk, kind, data, DEEPEST)? {
        Some(data) => Ok(data),
        None => Fault::unsupported("keeps messages in a shared heap, which is not read; rewrite it with h5repack"),
    }
}

/// What comes before the check sum.
fn checked(bytes: &[u8]) -> Result<&[u8], Fault> {
    match bytes.split_last_chunk::<4>() {
        Some((own, sum)) if u32::from_le_bytes(*sum) == checksum(own) => Ok(own),
        _ => Fault::damaged("an object header does not match its check sum"),
    }
}

/// The parts of a header that are still to be read.
struct Parts {
    /// Bytes that may still be read.
    left: u64,
    waiting: Vec<(u64, u64)>,
    count: usize,
}

impl Parts {
    fn read(&mut self, disk: &Disk, address: u64, size: Option<u64>) -> Result<Vec<u8>, Fault> {
        let left = size.and_then(|size| self.left.checked_sub(size));
        let (Some(left), Some(size)) = (left, size) else { return Fault::damaged("an object header is too long") };
        self.left = left;
        disk.bytes(address, size)
    }

    fn next(&mut self) -> Result<Option<(u64, u64)>, Fault> {
        self.count += 1;
        if self.count > MOST_PARTS {
            return Fault::damaged("an object header continues without end");
        }
        // In the order in which they were named.
        Ok(if self.waiting.is_empty() { None } else { Some(self.waiting.remove(0)) })
    }
}

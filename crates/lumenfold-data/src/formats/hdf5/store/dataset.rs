//! A dataset: its shape, its type, and its rows as bytes.

use super::attributes::Attributes;
use super::chunks::{BYTES_OF_A_PLACE, Grid, Place, places};
use super::datatype::Datatype;
use super::disk::{Bytes, Disk, UNDEFINED};
use super::fault::Fault;
use super::filters;
use super::header::{Header, types};
use super::layout::{Filter, Layout, filters as filter_list};
use super::space::{self, elements};

/// A dataset may be as many times as long as its file: what compresses better, or was never written, is refused before time and
/// memory go to it.
const LARGEST_RATIO: u64 = 1 << 13;
/// Bytes of a dataset that are allowed in any case.
const ALWAYS_ALLOWED: u64 = 1 << 22;

/// A dataset whose messages are sound.
#[derive(Clone, Debug)]
pub(in super::super) struct Dataset {
    /// The size of every dimension; none for a single value.
    pub(in super::super) shape: Vec<u64>,
    pub(in super::super) datatype: Datatype,
    pub(in super::super) attributes: Attributes,
    layout: Layout,
    filters: Vec<Filter>,
    /// The bytes of a value that was never written; none for zeros.
    fill: Option<Vec<u8>>,
}

impl Dataset {
    /// Takes a dataset from its messages; `None` if they are those of something else.
    pub(super) fn parse(disk: &Disk, header: &Header) -> Result<Option<Self>, Fault> {
        let (Some(layout), Some(space), Some(datatype)) =
            (header.first(types::LAYOUT), header.first(types::DATASPACE), header.first(types::DATATYPE))
        else {
            return Ok(None);
        };
        // A dataset without values has no rows.
        let shape = space::parse(disk, space)?.unwrap_or_else(|| vec![0]);
        let datatype = Datatype::parse(datatype)?;
        if header.first(types::EXTERNAL_FILES).is_some() {
            return Fault::unsupported("keeps its values in other files, which are not read; copy it into one");
        }
        let layout = Layout::parse(disk, layout)?;
        let filters = header.first(types::FILTERS).map_or(Ok(Vec::new()), filter_list)?;
        filters::check(&filters)?;
        let fill = fill_value(header)?.filter(|fill| fill.len() as u64 == datatype.size);
        let dataset = Self { shape, datatype, attributes: Attributes::read(disk, header)?, layout, filters, fill };
        dataset.check(disk)?;
        Ok(Some(dataset))
    }

    /// Compares what is claimed with the file.
    fn check(&self, disk: &Disk) -> Result<(), Fault> {
        let claimed = elements(&self.shape).and_then(|count| count.checked_mul(self.datatype.size));
        let most = match &self.layout {
            Layout::Compact(bytes) => bytes.len() as u64,
            Layout::Contiguous(address) if *address != UNDEFINED => disk.length(),
            _ => disk.length().saturating_mul(LARGEST_RATIO).max(ALWAYS_ALLOWED),
        };
        match claimed.is_some_and(|claimed| claimed <= most) {
            true => Ok(()),
            false => {
                let bytes =
                    claimed.map_or("more bytes than can be counted".to_owned(), |bytes| format!("{bytes} bytes"));
                Fault::damaged(format!("claims {bytes} in a file of {}", disk.length()))
            }
        }
    }

    /// The number of rows: the size of its first dimension, 1 for a single value.
    pub(in super::super) fn rows(&self) -> u64 {
        self.shape.first().copied().unwrap_or(1)
    }

    /// The number of elements of a row.
    pub(in super::super) fn width(&self) -> u64 {
        self.shape.get(1..).and_then(elements).unwrap_or(1)
    }

    /// The number of elements.
    pub(in super::super) fn elements(&self) -> u64 {
        elements(&self.shape).unwrap_or(u64::MAX)
    }

    /// The bytes of a row, as `check` has found them to be countable.
    pub(in super::super) fn row_bytes(&self) -> u64 {
        self.width().saturating_mul(self.datatype.size)
    }

    /// Its rows, of which `most` bytes may be in memory beside those that are asked for.
    pub(in super::super) fn rows_of(&self, disk: &Disk, most: u64) -> Result<RawRows, Fault> {
        let mut chunks = None;
        if let Layout::Chunked(chunked) = &self.layout {
            let grid = Grid::new(&self.shape, &chunked.shape, self.datatype.size)?;
            let band = chunked.shape[0].min(self.rows()).saturating_mul(self.row_bytes());
            let needed = band.saturating_add(grid.chunk_bytes.saturating_mul(2));
            let Some(left) = most.checked_sub(needed) else { return Err(Fault::TooLarge(needed)) };
            let places = places(disk, &grid, chunked, !self.filters.is_empty(), left / BYTES_OF_A_PLACE)?;
            chunks = Some(Chunks { grid, shape: chunked.shape.clone(), places, band: None });
        }
        Ok(RawRows { dataset: self.clone(), chunks })
    }

    /// So many bytes of values that were never written.
    fn unwritten(&self, count: usize) -> Vec<u8> {
        match &self.fill {
            Some(fill) => fill.iter().copied().cycle().take(count).collect(),
            None => vec![0; count],
        }
    }
}

/// The value of elements that were never written (messages of the types 4 and 5).
fn fill_value(header: &Header) -> Result<Option<Vec<u8>>, Fault> {
    let (message, is_new) = match (header.first(types::FILL_VALUE), header.first(types::OLD_FILL_VALUE)) {
        (Some(message), _) => (message, true),
        (None, Some(message)) => (message, false),
        (None, None) => return Ok(None),
    };
    let mut bytes = Bytes(message);
    if is_new {
        let version = bytes.u8()?;
        let defined = match version {
            1 | 2 => {
                bytes.skip(2)?;
                bytes.u8()? != 0
            }
            _ => bytes.u8()? & 0x20 != 0,
        };
        if !defined {
            return Ok(None);
        }
    }
    let size = bytes.u32()?;
    Ok(bytes.0.get(..size as usize).map(<[u8]>::to_vec))
}

/// The rows of a dataset.
pub(in super::super) struct RawRows {
    dataset: Dataset,
    chunks: Option<Chunks>,
}

struct Chunks {
    grid: Grid,
    /// The sizes of a chunk.
    shape: Vec<u64>,
    places: Vec<Place>,
    /// The rows that a line of chunks has, with the number of that line: rows come in order, and each chunk is decompressed
    /// once.
    band: Option<(u64, Vec<u8>)>,
}

impl RawRows {
    /// The bytes of `count` rows from `first` on, which are there.
    pub(in super::super) fn read(&mut self, disk: &Disk, first: u64, count: u64) -> Result<Vec<u8>, Fault> {
        let row = self.dataset.row_bytes();
        let (start, length) = (first.saturating_mul(row), count.saturating_mul(row));
        match (&self.dataset.layout, &mut self.chunks) {
            (Layout::Compact(bytes), _) => match bytes.get(start as usize..start.saturating_add(length) as usize) {
                Some(bytes) => Ok(bytes.to_vec()),
                None => Fault::damaged("has fewer values than its shape says"),
            },
            (Layout::Contiguous(UNDEFINED), _) => Ok(self.dataset.unwritten(length as usize)),
            (Layout::Contiguous(address), _) => disk.bytes(address.saturating_add(start), length),
            (Layout::Chunked(_), Some(chunks)) => {
                let mut bytes = Vec::with_capacity(length as usize);
                let (mut next, end) = (first, first.saturating_add(count).min(self.dataset.rows()));
                while next < end {
                    let line = next / chunks.shape[0];
                    let begin = line * chunks.shape[0];
                    let stop = end.min(begin.saturating_add(chunks.shape[0]));
                    let band = chunks.band(disk, &self.dataset, line)?;
                    bytes.extend_from_slice(&band[((next - begin) * row) as usize..((stop - begin) * row) as usize]);
                    next = stop;
                }
                Ok(bytes)
            }
            (Layout::Chunked(_), None) => Fault::damaged("has no chunks"),
        }
    }
}

impl Chunks {
    /// The rows of a line of chunks.
    fn band(&mut self, disk: &Disk, dataset: &Dataset, line: u64) -> Result<&[u8], Fault> {
        if self.band.as_ref().is_none_or(|(own, _)| *own != line) {
            let former = self.band.take();
            drop(former);
            let rows = self.shape[0].min(dataset.rows() - line * self.shape[0]);
            let mut band = dataset.unwritten((rows * dataset.row_bytes()) as usize);
            let across: u64 = self.grid.counts[1..].iter().product();
            let own = line * across..(line + 1) * across;
            let from = self.places.partition_point(|place| place.number < own.start);
            for place in self.places[from..].iter().take_while(|place| place.number < own.end) {
                let bytes = disk.bytes(place.address, place.size)?;
                let bytes =
                    filters::undo(&dataset.filters, place.mask, bytes, self.grid.chunk_bytes, dataset.datatype.size)?;
                self.copy(dataset, place.number - own.start, rows, &bytes, &mut band);
            }
            self.band = Some((line, band));
        }
        Ok(self.band.as_ref().map_or(&[], |(_, band)| band))
    }

    /// Copies what a chunk has of the dataset into the rows of its line; `number` counts from the first chunk of the line.
    fn copy(&self, dataset: &Dataset, number: u64, rows: u64, chunk: &[u8], band: &mut [u8]) {
        let dimensions = self.shape.len();
        let element = dataset.datatype.size;
        // Where the chunk begins in the line, and how much of it lies within the dataset.
        let (mut starts, mut counts) = (vec![0; dimensions], vec![rows; dimensions]);
        let mut left = number;
        for at in (1..dimensions).rev() {
            starts[at] = left % self.grid.counts[at] * self.shape[at];
            left /= self.grid.counts[at];
            counts[at] = self.shape[at].min(dataset.shape[at] - starts[at]);
        }
        let run = (counts[dimensions - 1] * element) as usize;
        let lines: u64 = counts[..dimensions - 1].iter().product();
        let mut place = vec![0; dimensions];
        for _ in 0..lines {
            let (mut from, mut to) = (0, 0);
            for at in 0..dimensions {
                from = from * self.shape[at] + place[at];
                to = to * if at == 0 { rows } else { dataset.shape[at] } + starts[at] + place[at];
            }
            let (from, to) = ((from * element) as usize, (to * element) as usize);
            band[to..to + run].copy_from_slice(&chunk[from..from + run]);
            for at in (0..dimensions.saturating_sub(1)).rev() {
                place[at] += 1;
                if place[at] < counts[at] {
                    break;
                }
                place[at] = 0;
            }
        }
    }
}

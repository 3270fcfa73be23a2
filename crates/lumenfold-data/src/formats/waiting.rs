//! Values that wait in a temporary file until their array can be written.
//!
//! Rows come with all columns at once, while archives hold one array after the other: the values of an array lie in pieces.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};

/// Bytes gathered before they are passed on. What a compressor is given at a time decides its bytes, so it is as much for any
/// pieces.
const BUFFER_BYTES: usize = 1 << 16;

/// Values of a piece that are still to come.
pub(crate) type Kept<'a> = Take<BufReader<&'a mut File>>;

/// Copies the values in the pieces of a file (offset and length), in order; `one` takes a value and appends what is to be
/// written of it.
pub(crate) fn copy_pieces(
    pieces: &[(u64, u64)],
    values: &mut File,
    output: &mut impl Write,
    mut one: impl FnMut(&mut Kept<'_>, &mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(2 * BUFFER_BYTES);
    for &(offset, length) in pieces {
        values.seek(SeekFrom::Start(offset))?;
        let mut kept = BufReader::with_capacity(BUFFER_BYTES, &mut *values).take(length);
        while kept.limit() > 0 {
            one(&mut kept, &mut buffer)?;
            if buffer.len() >= BUFFER_BYTES {
                output.write_all(&buffer)?;
                buffer.clear();
            }
        }
    }
    output.write_all(&buffer)
}

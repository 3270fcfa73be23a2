//! Data as a stream: `BINARY` and `BINARY2` (sections 5.3 and 5.4 of the recommendation). Numbers are big-endian.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Sink;
use super::cells::Cell;
use super::field::{Primitive, Shape};
use crate::DataError;
use crate::budget::Budget;
use crate::table::Values;

/// Rows after which the memory of the columns is looked at.
const ROWS_BETWEEN: u64 = 1024;

/// Reads the rows of a stream. The inner error is what is wrong with them; the outer one is about memory.
pub(super) fn read(
    text: &str,
    flags: bool,
    sinks: &[Sink<'_>],
    values: &mut [Values],
    budget: &mut Budget,
) -> Result<Result<(), String>, DataError> {
    // Without blanks, and decoded.
    budget.take_values(text.len() as u64, 2)?;
    let bytes = match decoded(text) {
        Ok(bytes) => bytes,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut rest = bytes.as_slice();
    let (mut row, mut taken) = (0_u64, 0);
    let mut nothing = true;
    while !rest.is_empty() {
        row += 1;
        let before = rest.len();
        if let Err(reason) = read_row(&mut rest, flags, sinks, values) {
            return Ok(Err(format!("row {row}: {reason}")));
        }
        nothing = nothing && rest.len() == before;
        if nothing {
            return Ok(Err("has rows of no bytes; get it again".to_owned()));
        }
        if row % ROWS_BETWEEN == 0 || rest.is_empty() {
            let grown: u64 = values.iter().map(Values::bytes).sum();
            budget.take(grown.saturating_sub(taken))?;
            taken = grown;
        }
    }
    Ok(Ok(()))
}

/// Appends one cell of a table of elements that is in base64.
pub(super) fn push_encoded(sink: &Sink<'_>, text: &str, values: &mut [Values]) -> Result<(), String> {
    let bytes = decoded(text)?;
    let shape = sink.field.shape.clone()?;
    push(sink, shape, &mut bytes.as_slice(), false, values)
}

fn decoded(text: &str) -> Result<Vec<u8>, String> {
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).map_err(|_| "its stream is no base64: it was cut short or damaged; get it again".to_owned())
}

fn read_row(rest: &mut &[u8], flags: bool, sinks: &[Sink<'_>], values: &mut [Values]) -> Result<(), String> {
    let missing = if flags { take(rest, sinks.len().div_ceil(8))? } else { &[] };
    for (at, sink) in sinks.iter().enumerate() {
        let is_missing = missing.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
        let shape = sink.field.shape.clone()?;
        push(sink, shape, rest, is_missing, values)?;
    }
    Ok(())
}

/// Takes the bytes of a cell and appends its values.
fn push(
    sink: &Sink<'_>,
    shape: Shape,
    rest: &mut &[u8],
    is_missing: bool,
    values: &mut [Values],
) -> Result<(), String> {
    let primitive = sink.field.primitive;
    if primitive == Primitive::Unknown {
        return Err("has a field of unknown type, so that nobody knows where the next one begins".to_owned());
    }
    let items = match shape.variable {
        true => {
            let count = take(rest, 4)?;
            count.iter().fold(0_usize, |count, &byte| (count << 8) | usize::from(byte))
        }
        false => 1,
    };
    let elements = items.checked_mul(shape.elements).ok_or("has a cell that is too long")?;
    let bytes = match primitive {
        Primitive::Bit => elements.div_ceil(8),
        _ => elements.checked_mul(primitive.size()).ok_or("has a cell that is too long")?,
    };
    let cell = take(rest, bytes)?;
    if !sink.is_wanted() {
        return Ok(());
    }
    if is_missing {
        sink.push_missing(values);
        return Ok(());
    }
    if primitive.is_text() {
        sink.push(0, Cell::Text(&text_of(primitive, cell)), values);
        return Ok(());
    }
    if primitive == Primitive::Bit {
        for element in 0..elements {
            let bit = cell.get(element / 8).is_some_and(|byte| byte & (0x80 >> (element % 8)) != 0);
            sink.push(element, Cell::Boolean(bit), values);
        }
        return Ok(());
    }
    for (element, bytes) in cell.chunks_exact(primitive.size()).enumerate() {
        sink.push(element, number(primitive, bytes), values);
    }
    Ok(())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, behind) = rest.split_at_checked(count).ok_or("the stream ends within it; get it again")?;
    *rest = behind;
    Ok(taken)
}

/// A number or truth value of as many bytes as its type has.
fn number(primitive: Primitive, bytes: &[u8]) -> Cell<'static> {
    let unsigned = bytes.iter().fold(0_u64, |bits, &byte| (bits << 8) | u64::from(byte));
    match primitive {
        Primitive::UnsignedByte => Cell::Integer(unsigned as i64),
        Primitive::Short => Cell::Integer(i64::from(unsigned as u16 as i16)),
        Primitive::Int => Cell::Integer(i64::from(unsigned as u32 as i32)),
        Primitive::Long => Cell::Integer(unsigned as i64),
        Primitive::Float => Cell::Single(f32::from_bits(unsigned as u32)),
        Primitive::Double => Cell::Float(f64::from_bits(unsigned)),
        Primitive::Boolean => match bytes {
            b"T" | b"t" | b"1" => Cell::Boolean(true),
            b"F" | b"f" | b"0" => Cell::Boolean(false),
            _ => Cell::Missing,
        },
        _ => Cell::Missing,
    }
}

/// Text up to the first NUL: UTF-8, or Latin-1, or units of 16 bits.
fn text_of(primitive: Primitive, bytes: &[u8]) -> String {
    if primitive == Primitive::UnicodeChar {
        let units = bytes.chunks_exact(2).map(|pair| pair.iter().fold(0, |unit, &byte| (unit << 8) | u16::from(byte)));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        return String::from_utf16_lossy(&units);
    }
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    match str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().map(|&byte| char::from(byte)).collect(),
    }
}

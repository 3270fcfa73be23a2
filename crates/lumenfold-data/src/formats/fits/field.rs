//! The fields of tables: what their cards say of each (sections 7.2 and 7.3 of the FITS standard).

use super::FORMAT;
use super::element::{Element, Stored};
use super::header::Header;
use super::unit::{Unit, product};
use crate::DataError;
use crate::axis::MOST_VALUES;
use crate::budget::Budget;
use crate::suggest::excerpt;

/// Most fields of a table (section 7.2.1).
const MOST_FIELDS: u64 = 999;

/// A field of a table.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    /// Where it begins in a row.
    pub(super) offset: usize,
    pub(super) form: Form,
}

/// What is in a field.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// An array of elements, the last dimension the fastest; a single element has no dimensions.
    Array { element: Element, shape: Vec<usize> },
    /// A descriptor of an array of variable length.
    Variable { element: Element, wide: bool },
    /// Nothing that is read, and why.
    LeftOut(&'static str),
}

impl Field {
    /// The elements of an array.
    pub(super) fn count(&self) -> usize {
        match &self.form {
            Form::Array { shape, .. } => shape.iter().product(),
            _ => 0,
        }
    }

    /// The sizes of an array of numbers.
    pub(super) fn numbers(&self) -> Option<&[usize]> {
        match &self.form {
            Form::Array { element, shape } if element.value_type().numeric() => Some(shape),
            _ => None,
        }
    }

    /// The fields of a table of bytes.
    pub(super) fn of_bytes(unit: &Unit, budget: &Budget) -> Result<Vec<Self>, DataError> {
        let header = &unit.header;
        let row = unit.shape.first().copied().unwrap_or(0);
        let mut fields = Vec::new();
        let mut offset = 0_u64;
        for number in 1..=count(header, budget)? {
            let keyword = format!("TFORM{number}");
            let text = header.text(&keyword).ok_or_else(|| header.lacks(&keyword, budget))?;
            let (form, bytes) = form_of(header, number, text).ok_or_else(|| header.lacks(&keyword, budget))?;
            let end = offset.checked_add(bytes).filter(|end| *end <= row);
            let Some(end) = end else {
                let reason =
                    format!("its {number} first columns need more than the {row} bytes of a row: its header is wrong");
                return Err(budget.malformed(FORMAT, reason));
            };
            let (name, physical) = about(header, number);
            // A row that is in the file can be counted.
            fields.push(Self { name, unit: physical, offset: offset as usize, form });
            offset = end;
        }
        Ok(fields)
    }

    /// The fields of a table of letters.
    pub(super) fn of_letters(unit: &Unit, budget: &Budget) -> Result<Vec<Self>, DataError> {
        let header = &unit.header;
        let row = unit.shape.first().copied().unwrap_or(0);
        let mut fields = Vec::new();
        for number in 1..=count(header, budget)? {
            let keyword = format!("TFORM{number}");
            let text = header.text(&keyword).ok_or_else(|| header.lacks(&keyword, budget))?;
            let (stored, width) = written(text).ok_or_else(|| header.lacks(&keyword, budget))?;
            let start = header.size(&format!("TBCOL{number}"), budget)?;
            let offset = start.checked_sub(1).filter(|offset| offset.saturating_add(width) <= row);
            let Some(offset) = offset else { return Err(header.lacks(&format!("TBCOL{number}"), budget)) };
            let (name, physical) = about(header, number);
            let scale = |word: &str| header.number(&format!("{word}{number}"));
            let mut element = Element::new(stored, scale("TSCAL"), scale("TZERO"), None);
            element.blank = header.text(&format!("TNULL{number}")).map(str::to_owned);
            let form = Form::Array { element, shape: Vec::new() };
            fields.push(Self { name, unit: physical, offset: offset as usize, form });
        }
        Ok(fields)
    }
}

/// The number of fields.
fn count(header: &Header, budget: &Budget) -> Result<u64, DataError> {
    let count = header.size("TFIELDS", budget)?;
    if count > MOST_FIELDS { Err(header.lacks("TFIELDS", budget)) } else { Ok(count) }
}

/// Name and unit of a field.
fn about(header: &Header, number: u64) -> (String, Option<String>) {
    let name = header.text(&format!("TTYPE{number}")).map_or_else(|| format!("col{number}"), str::to_owned);
    (name, header.text(&format!("TUNIT{number}")).map(str::to_owned))
}

/// What `TFORM` of a table of bytes says (`5E`, `16A`, `1PJ(7)`), and the bytes of the field.
fn form_of(header: &Header, number: u64, text: &str) -> Option<(Form, u64)> {
    let letter = text.find(|letter: char| !letter.is_ascii_digit())?;
    let repeat: u64 = if letter == 0 { 1 } else { text[..letter].parse().ok()? };
    let (code, rest) = (text[letter..].chars().next()?, text.get(letter + 1..)?);
    let scale = |word: &str| header.number(&format!("{word}{number}"));
    let null = header.integer(&format!("TNULL{number}"));
    let element = |stored| Element::new(stored, scale("TSCAL"), scale("TZERO"), null);
    let sizes = header.text(&format!("TDIM{number}")).and_then(dimensions);
    if matches!(code, 'P' | 'Q') {
        let wide = code == 'Q';
        let bytes = if wide { 16 } else { 8 };
        return match (repeat, stored(rest.chars().next()?)) {
            (0, _) => Some((Form::LeftOut("it is empty"), 0)),
            (1, Some(stored)) => Some((Form::Variable { element: element(stored), wide }, bytes)),
            (1, None) if "AXCM".contains(rest.chars().next()?) => {
                Some((Form::LeftOut("it has text, bits or complex numbers of variable length"), bytes))
            }
            _ => None,
        };
    }
    let size = match code {
        'A' => return text_form(repeat, rest, sizes).map(|form| (form, repeat)),
        'X' => return array_form(repeat, sizes, element(Stored::Bit)).map(|form| (form, repeat.div_ceil(8))),
        'C' => 8,
        'M' => 16,
        _ => element(stored(code)?).size() as u64,
    };
    let bytes = repeat.checked_mul(size)?;
    let form = match stored(code) {
        None => Form::LeftOut("it has complex numbers; save their parts as columns"),
        Some(stored) => array_form(repeat, sizes, element(stored))?,
    };
    Some((form, bytes))
}

/// The elements of one letter.
fn stored(code: char) -> Option<Stored> {
    Some(match code {
        'L' => Stored::Logical,
        'B' => Stored::Byte,
        'I' => Stored::Short,
        'J' => Stored::Int,
        'K' => Stored::Long,
        'E' => Stored::Single,
        'D' => Stored::Double,
        _ => return None,
    })
}

fn array_form(repeat: u64, sizes: Option<Vec<u64>>, element: Element) -> Option<Form> {
    if repeat == 0 {
        return Some(Form::LeftOut("it is empty"));
    }
    if repeat > MOST_VALUES as u64 {
        return Some(Form::LeftOut("it has more than 1048576 values in a row"));
    }
    // Sizes that say another number do not count.
    let sizes = sizes.filter(|sizes| product(sizes) == Some(repeat));
    let shape: Vec<usize> = match sizes {
        Some(sizes) => sizes.iter().rev().map(|size| *size as usize).collect(),
        None if repeat == 1 => Vec::new(),
        None => vec![repeat as usize],
    };
    let shape = if repeat == 1 { Vec::new() } else { shape };
    Some(Form::Array { element, shape })
}

/// Text: one, or several of one width (`60A12`, or a `TDIM` of which the first is the width).
fn text_form(bytes: u64, rest: &str, sizes: Option<Vec<u64>>) -> Option<Form> {
    if bytes == 0 {
        return Some(Form::LeftOut("it is empty"));
    }
    let sizes = sizes.filter(|sizes| product(sizes) == Some(bytes) && sizes.len() > 1);
    let width = match &sizes {
        Some(sizes) => sizes[0],
        None => rest.parse().ok().filter(|width| *width > 0 && *width <= bytes).unwrap_or(bytes),
    };
    let count = bytes / width;
    if count > MOST_VALUES as u64 {
        return Some(Form::LeftOut("it has more than 1048576 values in a row"));
    }
    let shape = if count == 1 { Vec::new() } else { vec![count as usize] };
    let element = Element::new(Stored::Text(usize::try_from(width).ok()?), None, None, None);
    Some(Form::Array { element, shape })
}

/// The sizes of `TDIM`: `(5,3)`.
fn dimensions(text: &str) -> Option<Vec<u64>> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let sizes: Option<Vec<u64>> =
        inner.split(',').map(|size| size.trim().parse().ok().filter(|size| *size > 0)).collect();
    sizes.filter(|sizes| sizes.len() <= 64)
}

/// What `TFORM` of a table of letters says (`I6`, `F12.6`), and the width of the field.
fn written(text: &str) -> Option<(Stored, u64)> {
    let code = text.chars().next()?;
    let (width, decimals) = text.get(1..)?.split_once('.').unwrap_or((text.get(1..)?, "0"));
    let width: u16 = width.trim().parse().ok().filter(|width| *width > 0)?;
    let decimals: u32 = decimals.split(['E', 'e']).next()?.trim().parse().ok()?;
    let stored = match code {
        'A' => Stored::Text(width.into()),
        'I' => Stored::WrittenInteger(width.into()),
        'F' | 'E' | 'D' => Stored::WrittenReal(width.into(), decimals),
        _ => return None,
    };
    Some((stored, width.into()))
}

/// The note on a field that is not read.
pub(super) fn left_out(path: &str, name: &str, reason: &str) -> String {
    format!("{path}: column {} is left out: {reason}", excerpt(name))
}

//! Lists of one length, which are samples.
//!
//! After the format's "Logical Types", section "Lists". A schema does not say how long lists are: their levels are looked at when a
//! file is opened, without their values. The repetition level of a value is 0 where a row begins and 1 within its list; the
//! definition level says whether there is a list, a value in it, and a number.

use parquet::basic::{ConvertedType, Encoding, LogicalType, Repetition};
use parquet::column::page::{Page, PageReader};
use parquet::schema::types::{ColumnDescriptor, Type};

use super::FORMAT;
use super::levels::Levels;
use super::read::damaged;
use crate::DataError;
use crate::axis::MOST_VALUES;
use crate::budget::Budget;
use crate::table::{IntegerColumn, Values};

/// How the levels of a column of lists are to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListLevels {
    /// The definition level from which on there is a value, null or not.
    pub(super) element: i16,
    /// The definition level of a number.
    pub(super) number: i16,
}

impl ListLevels {
    /// Those of a column in a field `root` of the schema, if that is a list of plain values.
    pub(super) fn of(root: &Type, column: &ColumnDescriptor) -> Option<Self> {
        if column.max_rep_level() != 1 || !is_list(root) {
            return None;
        }
        let optional = |field: &Type| i16::from(field.get_basic_info().repetition() == Repetition::OPTIONAL);
        // A list that is not there has level 0, an empty one the level below its elements.
        let element = if root.is_group() { 1 + optional(root) } else { 1 };
        Some(Self { element, number: column.max_def_level() })
    }
}

/// Whether a field is a list of plain values: a repeated one, or a group with one. What is repeated may itself be a group of one
/// value, unless its name says that the values are structures.
fn is_list(root: &Type) -> bool {
    let repeated = |field: &Type| {
        let information = field.get_basic_info();
        information.has_repetition() && information.repetition() == Repetition::REPEATED
    };
    if root.is_primitive() {
        return repeated(root);
    }
    let information = root.get_basic_info();
    let listed = information.logical_type_ref() == Some(&LogicalType::List)
        || information.converted_type() == ConvertedType::LIST;
    let [inner] = root.get_fields() else { return false };
    if !listed || repeated(root) || !repeated(inner) {
        return false;
    }
    if inner.is_primitive() {
        return true;
    }
    let structures = inner.name() == "array" || inner.name() == format!("{}_tuple", root.name());
    let [value] = inner.get_fields() else { return false };
    !structures && value.is_primitive() && !repeated(value)
}

/// The length that the lists of a column have so far.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    common: Option<u64>,
    /// Values of the row that is not at its end; none before the first.
    current: Option<Row>,
    rows: u64,
}

#[derive(Clone, Copy, Debug)]
enum Row {
    /// There is no list.
    Null,
    Length(u64),
}

/// Why there is no common length.
pub(super) enum Uneven {
    /// What is to be said of the column.
    Lists(String),
    /// Levels that make no sense.
    Damaged,
}

impl Lengths {
    /// Goes through the pages of a column chunk of so many rows.
    pub(super) fn add(
        &mut self,
        mut pages: Box<dyn PageReader>,
        levels: ListLevels,
        rows: u64,
        budget: &Budget,
    ) -> Result<Result<(), String>, DataError> {
        let wrong = || budget.malformed(FORMAT, "the levels of a list contradict themselves; get it again");
        self.rows = 0;
        while let Some(page) = pages.get_next_page().map_err(|error| damaged(&error, budget))? {
            match self.page(&page, levels) {
                Ok(()) => {}
                Err(Uneven::Lists(reason)) => return Ok(Err(reason)),
                Err(Uneven::Damaged) => return Err(wrong()),
            }
        }
        if let Err(Uneven::Lists(reason)) = self.finish(1) {
            return Ok(Err(reason));
        }
        if self.rows == rows { Ok(Ok(())) } else { Err(wrong()) }
    }

    /// The length of all lists, or what is to be said of them.
    pub(super) fn common(&self) -> Result<usize, String> {
        let common = self.common.ok_or("it holds no list; save its values as columns")?;
        let common = usize::try_from(common).ok().filter(|length| (1..=MOST_VALUES).contains(length));
        common.ok_or_else(|| format!("its lists are empty, or longer than {MOST_VALUES}"))
    }

    fn page(&mut self, page: &Page, levels: ListLevels) -> Result<(), Uneven> {
        let (repetition, definition, mut left) = levels_of(page)?;
        let number = u8::try_from(levels.number).map_err(|_| Uneven::Damaged)?;
        let mut repetition = Levels::new(repetition, 1);
        let mut definition = Levels::new(definition, number);
        while left > 0 {
            let (repeated, many) = repetition.next_run().ok_or(Uneven::Damaged)?;
            let (defined, some) = definition.next_run().ok_or(Uneven::Damaged)?;
            if repeated > 1 || defined > number {
                return Err(Uneven::Damaged);
            }
            let count = many.min(some).min(left);
            self.run(repeated == 1, i16::from(defined), count, levels)?;
            repetition.skip(count);
            definition.skip(count);
            left -= count;
        }
        Ok(())
    }

    /// `count` values, each in the list of the one before, or each in a row of its own.
    fn run(&mut self, within: bool, defined: i16, count: u64, levels: ListLevels) -> Result<(), Uneven> {
        if within {
            let Some(Row::Length(length @ 1..)) = &mut self.current else { return Err(Uneven::Damaged) };
            *length = length.saturating_add(count);
            return if defined >= levels.element { Ok(()) } else { Err(Uneven::Damaged) };
        }
        self.finish(1)?;
        self.current = Some(match defined {
            _ if defined >= levels.element => Row::Length(1),
            _ if defined + 1 == levels.element => Row::Length(0),
            _ => Row::Null,
        });
        if count > 1 {
            let current = self.current;
            self.finish(count - 1)?;
            self.current = current;
        }
        Ok(())
    }

    /// The end of so many rows like the current one.
    fn finish(&mut self, rows: u64) -> Result<(), Uneven> {
        let Some(row) = self.current.take() else { return Ok(()) };
        self.rows = self.rows.saturating_add(rows);
        let Row::Length(length) = row else { return Ok(()) };
        let common = *self.common.get_or_insert(length);
        if common != length {
            let (less, more) = (common.min(length), common.max(length));
            let reason = format!("it holds lists of {less} and of {more} values; save lists of one length");
            return Err(Uneven::Lists(reason));
        }
        Ok(())
    }
}

/// The encoded repetition and definition levels of a page, and how many there are.
fn levels_of(page: &Page) -> Result<(&[u8], &[u8], u64), Uneven> {
    match page {
        Page::DataPage { def_level_encoding, rep_level_encoding, .. }
            if (*def_level_encoding, *rep_level_encoding) != (Encoding::RLE, Encoding::RLE) =>
        {
            Err(Uneven::Lists("its lists are encoded in an old way; write the file anew".to_owned()))
        }
        Page::DataPage { buf, num_values, .. } => {
            let (repetition, rest) = counted(buf).ok_or(Uneven::Damaged)?;
            let (definition, _) = counted(rest).ok_or(Uneven::Damaged)?;
            Ok((repetition, definition, u64::from(*num_values)))
        }
        Page::DataPageV2 { buf, num_values, def_levels_byte_len, rep_levels_byte_len, .. } => {
            let (repetition, rest) = buf.split_at_checked(*rep_levels_byte_len as usize).ok_or(Uneven::Damaged)?;
            let definition = rest.get(..*def_levels_byte_len as usize).ok_or(Uneven::Damaged)?;
            Ok((repetition, definition, u64::from(*num_values)))
        }
        Page::DictionaryPage { .. } => Ok((&[], &[], 0)),
    }
}

/// Levels behind their length in four bytes, and what follows.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// Makes the levels of whole lists, each of `width` values or not there, into one flag for each value: 1 for a number. Returns the
/// rows; `None` if a list has another length.
pub(super) fn flags(
    repetition: &[i16],
    definition: &[i16],
    levels: ListLevels,
    width: usize,
    flags: &mut Vec<i16>,
) -> Option<usize> {
    let (mut at, mut rows) = (0, 0);
    while let Some(&first) = definition.get(at) {
        let length = if first < levels.element { 1 } else { width };
        let (own, of_list) = (definition.get(at..at.checked_add(length)?)?, repetition.get(at..at + length)?);
        if of_list[0] != 0 || of_list[1..].iter().any(|&level| level != 1) {
            return None;
        }
        if first >= levels.element {
            flags.extend(own.iter().map(|&level| i16::from(level == levels.number)));
        } else {
            flags.resize(flags.len() + width, 0);
        }
        at += length;
        rows += 1;
    }
    (repetition.len() == definition.len()).then_some(rows)
}

/// The values at one place of all lists, given those of each row together.
pub(super) fn element(values: &Values, width: usize, place: usize) -> Values {
    let rows = values.len() / width.max(1);
    match values {
        Values::Float64(all) => Values::Float64(all.iter().skip(place).step_by(width).copied().collect()),
        Values::Float32(all) => Values::Float32(all.iter().skip(place).step_by(width).copied().collect()),
        Values::Integer(all) => {
            let cells = (0..rows).map(|row| all.get(row * width + place));
            Values::Integer(cells.collect::<IntegerColumn>())
        }
        // Lists hold numbers.
        Values::Boolean(_) | Values::Text(_) => values.value_type().empty(0),
    }
}

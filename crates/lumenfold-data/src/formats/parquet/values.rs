//! What a page holds, found out before the library decodes it.
//!
//! The library believes the counts and lengths within pages of DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY: it makes room for as many
//! values as they claim, takes lengths below zero for large ones, and repeats a value where there are fewer suffixes than prefixes.
//! Other encodings are read value by value into a buffer of ours; of them no more is looked at than how long their texts are, since
//! few bytes of a page may stand for much text, and whether there are as many indices as values.

use parquet::basic::{Encoding, Type};
use parquet::column::page::Page;
use parquet::schema::types::ColumnDescriptor;

use super::delta::Header;
use super::indices::hold;
use super::levels::Levels;

/// Bytes for a value of a page whose lengths the library keeps: two lengths there, and a third while the page is looked at.
const LENGTHS: u64 = 12;

/// Bytes that are needed beside a page to decode it.
pub(super) fn beside(page: &Page) -> u64 {
    match page.encoding() {
        Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY => u64::from(page.num_values()) * LENGTHS,
        _ => 0,
    }
}

/// The length of the longest text of a page with data; `entry` is that of the dictionary, and `most` what the column takes. `None` if
/// the values contradict themselves.
pub(super) fn longest(page: &Page, column: &ColumnDescriptor, entry: u64, most: u64) -> Option<u64> {
    match (page.encoding(), column.physical_type()) {
        (Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY, _) => {
            // Levels that are not understood here are left to the library.
            let Some((present, values)) = sections(page, column) else { return Some(entry) };
            let sound = match values.split_first() {
                Some((width, indices)) => hold(indices, *width, present),
                None => present == 0,
            };
            (sound && present <= claimed(page)).then_some(entry)
        }
        (Encoding::RLE, Type::BOOLEAN) => {
            let (present, values) = sections(page, column)?;
            let (length, values) = values.split_first_chunk()?;
            hold(values.get(..u32::from_le_bytes(*length) as usize)?, 1, present).then_some(0)
        }
        (Encoding::PLAIN, Type::BYTE_ARRAY) => Some(match sections(page, column) {
            Some((_, values)) => longest_plain(values, u64::from(page.num_values())),
            // Levels that are not understood here.
            None => page.buffer().len() as u64,
        }),
        (Encoding::DELTA_BINARY_PACKED, Type::INT32 | Type::INT64) => {
            let (present, mut values) = sections(page, column)?;
            if present > 0 || !values.is_empty() {
                Header::read(&mut values).filter(|header| header.count == present)?;
            }
            Some(0)
        }
        (Encoding::DELTA_LENGTH_BYTE_ARRAY, Type::BYTE_ARRAY) | (Encoding::DELTA_BYTE_ARRAY, _) => {
            let (present, values) = sections(page, column)?;
            let is_fixed = column.physical_type() != Type::BYTE_ARRAY;
            let fixed = is_fixed.then(|| u64::try_from(column.type_length()).unwrap_or(0));
            let longest = match page.encoding() {
                _ if present == 0 && values.is_empty() => 0,
                Encoding::DELTA_BYTE_ARRAY => longest_of_prefixed(values, present, fixed)?,
                _ => longest_of_lengths(values, present)?,
            };
            (longest <= most).then_some(longest)
        }
        _ => Some(0),
    }
}

/// The length of the longest of some texts in PLAIN, each behind its length in four bytes. The library finds out if they end too early.
pub(super) fn longest_plain(mut bytes: &[u8], count: u64) -> u64 {
    let mut longest = 0;
    for _ in 0..count {
        let Some((length, rest)) = bytes.split_first_chunk() else { break };
        let length = u32::from_le_bytes(*length);
        let Some(rest) = rest.get(length as usize..) else { break };
        longest = longest.max(u64::from(length));
        bytes = rest;
    }
    longest
}

/// The length of the longest of so many texts in DELTA_LENGTH_BYTE_ARRAY.
fn longest_of_lengths(mut bytes: &[u8], count: u64) -> Option<u64> {
    let (mut longest, mut sum) = (0, 0_u64);
    let header = Header::read(&mut bytes).filter(|header| header.count == count)?;
    header.values(&mut bytes, |length| {
        let length = u64::try_from(length).ok()?;
        longest = longest.max(length);
        sum = sum.checked_add(length)?;
        Some(())
    })?;
    (sum <= bytes.len() as u64).then_some(longest)
}

/// The length of the longest of so many texts in DELTA_BYTE_ARRAY, which share their beginning with the one before. If `fixed`, all
/// have that length.
fn longest_of_prefixed(mut bytes: &[u8], count: u64, fixed: Option<u64>) -> Option<u64> {
    let mut prefixes = Vec::new();
    let header = Header::read(&mut bytes).filter(|header| header.count == count)?;
    header.values(&mut bytes, |prefix| {
        prefixes.push(u32::try_from(prefix).ok()?);
        Some(())
    })?;
    let (mut longest, mut before, mut sum) = (0, 0_u64, 0_u64);
    let mut prefixes = prefixes.into_iter();
    let header = Header::read(&mut bytes).filter(|header| header.count == count)?;
    header.values(&mut bytes, |suffix| {
        let (prefix, suffix) = (u64::from(prefixes.next()?), u64::try_from(suffix).ok()?);
        let length = prefix + suffix;
        if prefix > before || fixed.is_some_and(|fixed| fixed != length) {
            return None;
        }
        (before, longest) = (length, longest.max(length));
        sum = sum.checked_add(suffix)?;
        Some(())
    })?;
    (sum <= bytes.len() as u64).then_some(longest)
}

/// The most values of a page that are no nulls by its header. The library reads the padding behind the last group of indices where
/// there are more, if it is asked for few at a time.
fn claimed(page: &Page) -> u64 {
    match page {
        Page::DataPageV2 { num_values, num_nulls, .. } => u64::from(num_values.saturating_sub(*num_nulls)),
        _ => u64::from(page.num_values()),
    }
}

/// The number of values of a page that are no nulls, and their bytes.
fn sections<'a>(page: &'a Page, column: &ColumnDescriptor) -> Option<(u64, &'a [u8])> {
    let (count, repeated, defined) = (u64::from(page.num_values()), column.max_rep_level(), column.max_def_level());
    let (definition, values) = match page {
        Page::DataPage { buf, rep_level_encoding, def_level_encoding, .. } => {
            let (_, rest) = leveled(buf, *rep_level_encoding, repeated, count)?;
            leveled(rest, *def_level_encoding, defined, count)?
        }
        Page::DataPageV2 { buf, rep_levels_byte_len, def_levels_byte_len, .. } => {
            let (_, rest) = buf.split_at_checked(*rep_levels_byte_len as usize)?;
            rest.split_at_checked(*def_levels_byte_len as usize)?
        }
        Page::DictionaryPage { buf, .. } => (&[][..], &buf[..]),
    };
    let Some(most) = u8::try_from(defined).ok().filter(|most| *most > 0) else { return Some((count, values)) };
    let (mut levels, mut left, mut present) = (Levels::new(definition, most), count, 0);
    while left > 0 {
        let (level, many) = levels.next_run()?;
        let many = many.min(left);
        present += if level == most { many } else { 0 };
        levels.skip(many);
        left -= many;
    }
    Some((present, values))
}

/// The levels at the start of a page of the first version, and what follows. Levels in the way of before 2013 are not read.
fn leveled(bytes: &[u8], encoding: Encoding, most: i16, count: u64) -> Option<(&[u8], &[u8])> {
    if most == 0 || count == 0 && bytes.is_empty() {
        return Some((&[], bytes));
    }
    let (length, rest) = bytes.split_first_chunk().filter(|_| encoding == Encoding::RLE)?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of up to 33 small numbers in one block of 128: the differences, of which the least is -128, in eight bits.
    fn list(numbers: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x80, 1, 4, numbers.len() as u8, numbers.first().map_or(0, |first| 2 * first)];
        if numbers.len() > 1 {
            bytes.extend([0xff, 1, 8, 0, 0, 0]);
            let differences = numbers.windows(2).map(|pair| pair[1] + 128 - pair[0]);
            bytes.extend(differences.chain(std::iter::repeat(0)).take(32));
        }
        bytes
    }

    #[test]
    fn lengths_are_compared_with_the_bytes() {
        let page = |lengths: &[u8], bytes: &[u8]| [&list(lengths), bytes].concat();
        assert_eq!(longest_of_lengths(&page(&[1, 2, 3], b"abbccc"), 3), Some(3));
        assert_eq!(longest_of_lengths(&page(&[1, 2, 3], b"abbcc"), 3), None);
        assert_eq!(longest_of_lengths(&page(&[1, 2, 3], b"abbccc"), 2), None);
        assert_eq!(longest_of_lengths(&page(&[], b""), 0), Some(0));
        // The first is -1.
        let mut negative = page(&[0], b"");
        negative[4] = 1;
        assert_eq!(longest_of_lengths(&negative, 1), None);
    }

    #[test]
    fn prefixes_are_those_of_the_value_before() {
        let page = |prefixes: &[u8], suffixes: &[u8], bytes: &[u8]| [&list(prefixes), &list(suffixes), bytes].concat();
        // abc, abd, abdef.
        let sound = page(&[0, 2, 3], &[3, 1, 2], b"abcdef");
        assert_eq!(longest_of_prefixed(&sound, 3, None), Some(5));
        assert_eq!(longest_of_prefixed(&sound, 3, Some(5)), None);
        assert_eq!(longest_of_prefixed(&sound, 4, None), None);
        for (prefixes, suffixes, bytes) in [
            (&[0, 2, 4][..], &[3, 1, 2][..], &b"abcdef"[..]),
            (&[1, 2, 3], &[3, 1, 2], b"abcdef"),
            (&[0, 2, 3], &[3, 1], b"abcd"),
            (&[0, 2], &[3, 1, 2], b"abcdef"),
            (&[0, 2, 3], &[3, 1, 2], b"abcde"),
        ] {
            let bytes = page(prefixes, suffixes, bytes);
            assert_eq!(longest_of_prefixed(&bytes, 3, None), None, "{prefixes:?} {suffixes:?}");
        }
        assert_eq!(longest_of_prefixed(&page(&[0, 1], &[2, 1], b"abc"), 2, Some(2)), Some(2));
    }

    #[test]
    fn plain_texts_are_measured_as_far_as_they_go() {
        let bytes = [&[1, 0, 0, 0, b'a'][..], &[3, 0, 0, 0, b'b', b'b', b'b'], &[9, 0, 0, 0]].concat();
        assert_eq!(longest_plain(&bytes, 1), 1);
        assert_eq!(longest_plain(&bytes, 3), 3);
    }
}

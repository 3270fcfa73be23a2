//! Types of array elements.

use super::literal::Literal;
use crate::table::ValueType;

/// Widest text cell in characters.
const WIDEST_TEXT: u64 = 1 << 24;
/// Most fields of a structured type.
const MOST_FIELDS: usize = 1 << 16;

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Float,
    Signed,
    Unsigned,
    Boolean,
    /// UTF-32, padded with zeros.
    Unicode,
    /// Bytes, padded with zeros.
    Ascii,
    /// Padding of a structured type.
    Padding,
}

/// An element: what it is, how wide, and in which byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) kind: Kind,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) big_endian: bool,
}

/// A named element of a structured type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// From the start of the row, in bytes.
    pub(crate) offset: u64,
    pub(crate) element: Element,
}

/// Why a type is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such type.
    Malformed(String),
    /// There is, but it holds no numbers that can be used.
    Unusable(String),
}

impl Element {
    /// The element that a type string such as `<f8` stands for.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let unknown =
            || Refusal::Malformed(format!("its element type {:?} is not known", crate::suggest::excerpt(text)));
        let (big_endian, rest) = match text.chars().next().ok_or_else(unknown)? {
            '>' => (true, &text[1..]),
            '<' | '|' | '=' => (false, &text[1..]),
            _ => (false, text),
        };
        let kind = rest.chars().next().ok_or_else(unknown)?;
        let digits = &rest[kind.len_utf8()..];
        let unusable = |why: &str| Err(Refusal::Unusable(why.to_owned()));
        match kind {
            'O' => {
                return unusable("holds Python objects (pickle), which can run code; save it as plain numbers or text");
            }
            'c' => return unusable("holds complex numbers; save real and imaginary part as columns"),
            'M' | 'm' => return unusable("holds dates or times (datetime64); save them as numbers"),
            _ => {}
        }
        let size: u64 = if kind == '?' && digits.is_empty() { 1 } else { digits.parse().map_err(|_| unknown())? };
        let (kind, size) = match (kind, size) {
            ('f', 2 | 4 | 8) => (Kind::Float, size),
            ('f', 12 | 16) => return unusable("holds floats of more than 64 bits; save it as float64"),
            ('i', 1 | 2 | 4 | 8) => (Kind::Signed, size),
            ('u', 1 | 2 | 4 | 8) => (Kind::Unsigned, size),
            ('b' | '?', 1) => (Kind::Boolean, size),
            ('U', width) if width <= WIDEST_TEXT => (Kind::Unicode, 4 * width),
            ('S' | 'a', width) if width <= WIDEST_TEXT => (Kind::Ascii, width),
            ('V', width) if width <= WIDEST_TEXT => (Kind::Padding, width),
            _ => return Err(unknown()),
        };
        Ok(Self { kind, size, big_endian })
    }

    /// The type of a column of such elements.
    pub(crate) fn value_type(self) -> ValueType {
        match self.kind {
            Kind::Float if self.size == 8 => ValueType::Float64,
            Kind::Float => ValueType::Float32,
            Kind::Signed | Kind::Unsigned => ValueType::Integer,
            Kind::Boolean => ValueType::Boolean,
            Kind::Unicode | Kind::Ascii | Kind::Padding => ValueType::Text,
        }
    }

    /// Bytes that one value takes in a column.
    pub(crate) fn memory(self) -> u64 {
        match self.kind {
            Kind::Float if self.size < 8 => 4,
            Kind::Boolean | Kind::Padding => 1,
            Kind::Unicode | Kind::Ascii => 8 + self.size,
            Kind::Float | Kind::Signed | Kind::Unsigned => 8,
        }
    }
}

/// The fields of a structured type and its size in bytes: `[('ra', '<f8'), ('', '|V4'), …]`.
pub(crate) fn parse_fields(items: &[Literal]) -> Result<(Vec<Field>, u64), Refusal> {
    let odd =
        || Refusal::Unusable("has fields that are arrays, titled or nested; save it with plain fields".to_owned());
    if items.len() > MOST_FIELDS {
        return Err(Refusal::Malformed(format!("its structured type has more than {MOST_FIELDS} fields")));
    }
    let (mut fields, mut offset) = (Vec::new(), 0);
    for item in items {
        let Literal::Sequence(parts) = item else { return Err(odd()) };
        let [Literal::Text(name), Literal::Text(descr)] = parts.as_slice() else { return Err(odd()) };
        let element = Element::parse(descr)?;
        if element.kind != Kind::Padding {
            fields.push(Field { name: name.clone(), offset, element });
        }
        offset += element.size;
    }
    if fields.is_empty() {
        return Err(Refusal::Unusable("has no fields".to_owned()));
    }
    Ok((fields, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_strings() {
        let element = |text| Element::parse(text);
        assert_eq!(element("<f8"), Ok(Element { kind: Kind::Float, size: 8, big_endian: false }));
        assert_eq!(element(">i2"), Ok(Element { kind: Kind::Signed, size: 2, big_endian: true }));
        assert_eq!(element("<U7"), Ok(Element { kind: Kind::Unicode, size: 28, big_endian: false }));
        assert_eq!(element("|b1"), element("?"));
        for unusable in ["|O", "<c16", "<M8[ns]", "<f16"] {
            assert!(matches!(element(unusable), Err(Refusal::Unusable(_))), "{unusable}");
        }
        for malformed in ["", "<", "<q9", "<f3", "<f", "é", "<U99999999999", "f-8"] {
            assert!(matches!(element(malformed), Err(Refusal::Malformed(_))), "{malformed}");
        }
    }
}

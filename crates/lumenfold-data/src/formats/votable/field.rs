//! Fields: what the columns of a table hold.

use crate::axis::MOST_VALUES;
use crate::table::ValueType;

/// The type of an element (section 2.1 of the recommendation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Bit,
    UnsignedByte,
    Short,
    Int,
    Long,
    Char,
    UnicodeChar,
    Float,
    Double,
    FloatComplex,
    DoubleComplex,
    Unknown,
}

impl Primitive {
    fn of(name: &str) -> Self {
        match name {
            "boolean" => Self::Boolean,
            "bit" => Self::Bit,
            "unsignedByte" => Self::UnsignedByte,
            "short" => Self::Short,
            "int" => Self::Int,
            "long" => Self::Long,
            // The longer names are no standard, but are met.
            "char" | "string" => Self::Char,
            "unicodeChar" | "unicodeString" => Self::UnicodeChar,
            "float" => Self::Float,
            "double" => Self::Double,
            "floatComplex" => Self::FloatComplex,
            "doubleComplex" => Self::DoubleComplex,
            _ => Self::Unknown,
        }
    }

    /// Bytes of an element in a stream; bits are packed.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Bit | Self::Unknown => 0,
            Self::Boolean | Self::UnsignedByte | Self::Char => 1,
            Self::Short | Self::UnicodeChar => 2,
            Self::Int | Self::Float => 4,
            Self::Long | Self::Double | Self::FloatComplex => 8,
            Self::DoubleComplex => 16,
        }
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Char | Self::UnicodeChar)
    }
}

/// How many elements a cell has: `arraysize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Elements, or those of one item where the number of items varies.
    pub(super) elements: usize,
    pub(super) dimensions: usize,
    pub(super) variable: bool,
}

impl Shape {
    /// The error says what is wrong.
    fn parse(text: Option<&str>) -> Result<Self, String> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Self { elements: 1, dimensions: 0, variable: false });
        };
        let variable = text.ends_with('*');
        let mut sizes: Vec<&str> = text.trim_end_matches('*').split('x').collect();
        let dimensions = sizes.len();
        if variable {
            // `10*` is at most ten: it bounds what varies.
            sizes.pop();
        }
        let product = |product: usize, size: &str| product.checked_mul(size.trim().parse().ok()?);
        match sizes.into_iter().try_fold(1, product).filter(|elements| *elements <= MOST_VALUES) {
            Some(elements) => Ok(Self { elements, dimensions, variable }),
            None => Err(format!("its arraysize \"{}\" is no size", crate::suggest::excerpt(text))),
        }
    }
}

/// A field of a table.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) primitive: Primitive,
    pub(super) shape: Result<Shape, String>,
    /// The integer that stands for a missing value.
    pub(super) null: Option<i64>,
    /// The same as it is written, which need be no number.
    pub(super) null_text: Option<String>,
    datatype: String,
}

impl Field {
    /// A field of these attributes.
    pub(super) fn new(attribute: impl Fn(&str) -> Option<String>, number: usize) -> Self {
        let id = attribute("ID");
        let name = attribute("name").filter(|name| !name.is_empty()).or_else(|| id.clone());
        let datatype = attribute("datatype").unwrap_or_default();
        Self {
            name: name.unwrap_or_else(|| format!("column{number}")),
            id,
            unit: attribute("unit").filter(|unit| !unit.trim().is_empty()),
            primitive: Primitive::of(&datatype),
            shape: Shape::parse(attribute("arraysize").as_deref()),
            null: None,
            null_text: None,
            datatype,
        }
    }

    /// The number of columns that it becomes, or why it cannot be read.
    pub(super) fn columns(&self) -> Result<usize, String> {
        let shape = self.shape.clone()?;
        match self.primitive {
            Primitive::Unknown => Err(format!("its type \"{}\" is not known", crate::suggest::excerpt(&self.datatype))),
            Primitive::FloatComplex | Primitive::DoubleComplex => {
                Err("it holds complex numbers; save real and imaginary part as columns".to_owned())
            }
            primitive if primitive.is_text() && shape.dimensions < 2 => Ok(1),
            primitive if primitive.is_text() => Err("it holds several texts in a cell".to_owned()),
            _ if shape.variable => Err("it holds arrays of variable length; save its parts as columns".to_owned()),
            _ if shape.elements == 0 => Err("it holds arrays of no elements".to_owned()),
            _ => Ok(shape.elements),
        }
    }

    /// Whether it becomes several columns, though it may be of one element.
    pub(super) fn is_array(&self) -> bool {
        !self.primitive.is_text() && self.shape.as_ref().is_ok_and(|shape| shape.dimensions > 0)
    }

    /// The type of its columns.
    pub(super) fn value_type(&self) -> ValueType {
        match self.primitive {
            Primitive::Boolean | Primitive::Bit => ValueType::Boolean,
            Primitive::UnsignedByte | Primitive::Short | Primitive::Int | Primitive::Long => ValueType::Integer,
            Primitive::Float => ValueType::Float32,
            Primitive::Double => ValueType::Float64,
            _ => ValueType::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_arrays() {
        for (text, elements, dimensions, variable) in [
            (None, 1, 0, false),
            (Some("1"), 1, 1, false),
            (Some("12"), 12, 1, false),
            (Some("2x3"), 6, 2, false),
            (Some("*"), 1, 1, true),
            (Some("10*"), 1, 1, true),
            (Some("2x3x*"), 6, 3, true),
        ] {
            assert_eq!(Shape::parse(text), Ok(Shape { elements, dimensions, variable }), "{text:?}");
        }
        for text in ["x", "-1", "3xx2", "99999999999999999999", "1000000x1000000x1000000", "a"] {
            assert!(Shape::parse(Some(text)).is_err(), "{text}");
        }
    }
}

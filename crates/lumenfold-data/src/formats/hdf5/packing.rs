//! Packed numbers (netCDF User's Guide, appendix A, "Attribute Conventions"; CF Conventions, section 8.1): what is stored becomes
//! `stored · scale_factor + add_offset`. Missing values are told by what is stored.

use super::store::{Class, Dataset, Datatype};
use crate::formats::npy::Kind;

const SCALE: &str = "scale_factor";
const OFFSET: &str = "add_offset";

/// How stored numbers become those that they stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packing {
    scale: f64,
    offset: f64,
}

impl Packing {
    /// That of a dataset; none if its numbers are what is stored. The error says in words why they cannot be unpacked.
    pub(super) fn of(dataset: &Dataset) -> Result<Option<Self>, String> {
        let number = |name: &str, otherwise: f64| match dataset.attributes.single(name) {
            None => Ok(otherwise),
            Some(Some(number)) if number.is_finite() => Ok(number),
            Some(_) => Err(format!("its attribute {name} is not one finite number")),
        };
        let is_packed = [SCALE, OFFSET].iter().any(|name| dataset.attributes.single(name).is_some());
        if !is_packed || is_text(&dataset.datatype) {
            return Ok(None);
        }
        if !is_numeric(&dataset.datatype) {
            return Err(format!("it has {SCALE} or {OFFSET}, and holds something else than numbers"));
        }
        let packing = Self { scale: number(SCALE, 1.0)?, offset: number(OFFSET, 0.0)? };
        if packing.scale == 0.0 {
            return Err(format!("its attribute {SCALE} is 0"));
        }
        Ok((packing != Self { scale: 1.0, offset: 0.0 }).then_some(packing))
    }

    pub(super) fn unpack(self, stored: f64) -> f64 {
        stored * self.scale + self.offset
    }
}

fn is_text(datatype: &Datatype) -> bool {
    matches!(datatype.class, Class::Text { .. } | Class::VariableText)
}

fn is_numeric(datatype: &Datatype) -> bool {
    match &datatype.class {
        Class::Number { kind, .. } => *kind != Kind::Boolean,
        Class::Array(element, _) => is_numeric(element),
        _ => false,
    }
}

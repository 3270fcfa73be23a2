//! What is seen of each crystal: axes, resolutions and temperature from the options.

use lumenfold::synthetic::phonons::{Axis, DensityOfStates, PhononError, Picture, PowderMap, Resolution, Volume};

use super::{Kind, Phonons};
use crate::failure::Failure;

/// The most values of a sample.
const MOST_VALUES: usize = 1 << 27;

/// Points of the axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape(Vec<usize>);

/// From `100x100`.
pub(super) fn shape(text: &str) -> Result<Shape, String> {
    let sizes: Option<Vec<usize>> = text.split('x').map(|size| size.parse().ok()).collect();
    sizes.map(Shape).ok_or_else(|| format!("\"{text}\" is no shape; write for example 66, 100x100 or 48x48x48"))
}

/// The first and the last value of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    low: f64,
    high: f64,
}

/// From `2..65`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let wrong = || format!("\"{text}\" is no range; write the first and the last value, for example 2..65");
    let (low, high) = text.split_once("..").ok_or_else(wrong)?;
    match (low.parse(), high.parse()) {
        (Ok(low), Ok(high)) if low < high => Ok(Span { low, high }),
        _ => Err(wrong()),
    }
}

impl Phonons {
    /// What the options ask to see.
    pub(super) fn picture(&self) -> Result<Picture, Failure> {
        self.refuse_foreign()?;
        let sizes = self.sizes()?;
        let of_energy = Resolution { at_zero: self.resolution, slope: self.resolution_slope };
        let temperature = self.temperature();
        let width = self.momentum_resolution.unwrap_or(0.15);
        let energy = |low: f64| {
            let Span { low, high } = self.energy.unwrap_or(Span { low, high: 65.0 });
            Axis::between("--energy", low, high, sizes[sizes.len() - 1])
        };
        let momentum = |low: f64, high: f64, points: usize| {
            let Span { low, high } = self.momentum.unwrap_or(Span { low, high });
            Axis::between("--momentum", low, high, points)
        };
        let made = || -> Result<Picture, PhononError> {
            Ok(match self.kind {
                Kind::Dos => Picture::Density(DensityOfStates::new(energy(0.0)?, of_energy)?),
                Kind::Map => {
                    let axes = [momentum(0.5, 8.0, sizes[0])?, energy(2.0)?];
                    Picture::Powder(PowderMap::new(axes, [Resolution::constant(width), of_energy], temperature)?)
                }
                Kind::Volume => {
                    let plane = [momentum(-4.0, 4.0, sizes[0])?, momentum(-4.0, 4.0, sizes[1])?];
                    Picture::Volume(Volume::new(plane, energy(2.0)?, self.qz(), width, of_energy, temperature)?)
                }
            })
        };
        made().map_err(|error| lumenfold::Error::from(error).into())
    }

    /// In K.
    pub(super) fn temperature(&self) -> f64 {
        self.temperature.unwrap_or(100.0)
    }

    /// In 1/Å.
    pub(super) fn qz(&self) -> f64 {
        self.qz.unwrap_or(0.0)
    }

    /// Points of the axes, as many as the kind has.
    fn sizes(&self) -> Result<Vec<usize>, Failure> {
        let usual: &[usize] = match self.kind {
            Kind::Dos => &[66],
            Kind::Map => &[100, 100],
            Kind::Volume => &[48, 48, 48],
        };
        let sizes = self.shape.as_ref().map_or(usual, |shape| &shape.0);
        if sizes.len() != usual.len() {
            let example = usual.iter().map(ToString::to_string).collect::<Vec<_>>().join("x");
            let (found, needed) = (sizes.len(), usual.len());
            return Err(Failure::usage(format!(
                "--shape: {found} sizes for the {needed} axes of this kind; write for example {example}"
            )));
        }
        let values = sizes.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        if values.is_none_or(|values| values > MOST_VALUES) {
            return Err(Failure::usage(format!("--shape: a sample has at most {MOST_VALUES} values")));
        }
        Ok(sizes.to_vec())
    }

    /// Refuses options that mean nothing for the kind.
    fn refuse_foreign(&self) -> Result<(), Failure> {
        let of_maps = [
            ("--momentum", self.momentum.is_some()),
            ("--temperature", self.temperature.is_some()),
            ("--momentum-resolution", self.momentum_resolution.is_some()),
        ];
        let given = match self.kind {
            Kind::Dos => of_maps.iter().find(|(_, given)| *given).map(|(name, _)| (*name, "map and volume")),
            Kind::Map | Kind::Volume => None,
        };
        let given = given.or((self.kind != Kind::Volume && self.qz.is_some()).then_some(("--qz", "volume")));
        match given {
            Some((name, kinds)) => Err(Failure::usage(format!("{name}: belongs to --kind {kinds}; leave it out"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_ranges_are_read() {
        assert_eq!(shape("66"), Ok(Shape(vec![66])));
        assert_eq!(shape("4x5x6"), Ok(Shape(vec![4, 5, 6])));
        for text in ["", "x", "4x", "4 x 5", "-4x5", "4,5", "99999999999999999999999"] {
            assert!(shape(text).is_err(), "{text}");
        }
        assert_eq!(span("-4..4.5"), Ok(Span { low: -4.0, high: 4.5 }));
        for text in ["", "..", "4", "4..", "5..4", "4..4", "nan..4", "a..b"] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}

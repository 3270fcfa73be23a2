//! From channels to energies.

use super::sections::Section;
use crate::axis::Axis;
use crate::formats::text::parse_number;

/// Most coefficients of a polynomial.
const MOST_COEFFICIENTS: usize = 16;

/// A polynomial in the number of the channel that gives its energy in keV; the constant comes first.
#[derive(Debug, PartialEq)]
pub(super) struct Calibration<'a> {
    section: &'a str,
    coefficients: Vec<f64>,
}

impl<'a> Calibration<'a> {
    /// The number of coefficients, then the coefficients: `$MCA_CAL:`. A unit may follow.
    pub(super) fn of_count(section: &Section<'a>) -> Result<Self, String> {
        let mut words = section.words();
        let count = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        Self::new(section.name, words.take(count), count)
    }

    /// Two coefficients or three: `$ENER_FIT:`. A unit may follow.
    pub(super) fn of_fit(section: &Section<'a>) -> Result<Self, String> {
        let count = section.words().take_while(|word| parse_number(word).is_some()).take(3).count();
        Self::new(section.name, section.words().take(count), count)
    }

    fn new<'w>(section: &'a str, words: impl Iterator<Item = &'w str>, count: usize) -> Result<Self, String> {
        let odd = || format!("its section ${section}: holds no coefficients of a polynomial");
        if !(2..=MOST_COEFFICIENTS).contains(&count) {
            return Err(odd());
        }
        let coefficients: Option<Vec<f64>> = words.map(parse_number).collect();
        match coefficients {
            Some(coefficients) if coefficients.len() == count => Ok(Self { section, coefficients }),
            _ => Err(odd()),
        }
    }

    /// The energies of so many channels from `first` on.
    pub(super) fn axis(&self, first: u64, channels: usize) -> Result<Axis, String> {
        // From the highest power down, as Horner.
        let energy = |channel: f64| self.coefficients.iter().rev().fold(0.0, |sum, factor| sum * channel + factor);
        let grid = (0..channels).map(|bin| energy(first as f64 + bin as f64)).collect();
        let axis = Axis::new("energy", Some("keV".to_owned()), grid);
        axis.map_err(|error| format!("the calibration of its section ${}: is no grid ({error})", self.section))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sections::sections;
    use super::*;

    #[test]
    fn polynomials_of_any_degree() {
        let text = "$MCA_CAL:\n3\n-1.0E+000 5.0E-001 2.5E-001 keV\n$ENER_FIT:\n-1 0.5\n$OFF:\n0 0\n$X:\n9\n";
        let found = sections(text);
        let quadratic = Calibration::of_count(&found[0]).expect("sound");
        // -1 + n/2 + n²/4
        assert_eq!(quadratic.axis(1, 3).expect("sound").grid, [-0.25, 1.0, 2.75]);
        let linear = Calibration::of_fit(&found[1]).expect("sound");
        assert_eq!(linear.axis(0, 2).expect("sound").grid, [-1.0, -0.5]);
        // All channels at 0 keV: there is no calibration.
        assert!(Calibration::of_fit(&found[2]).expect("numbers").axis(0, 2).is_err());
        assert!(Calibration::of_count(&found[3]).is_err() && Calibration::of_fit(&found[3]).is_err());
    }
}

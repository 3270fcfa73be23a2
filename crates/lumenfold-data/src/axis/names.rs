//! The grid that stands in the names of columns: `1100, 1102, …`, `1100nm, 1102nm, …` or `wavelength_1100_nm, …`.

use super::Axis;
use super::unit;

/// Fewest columns that are taken for a spectrum.
const FEWEST: usize = 3;

/// What a name is made of.
#[derive(Clone, Copy, PartialEq)]
struct Parts<'a> {
    before: &'a str,
    number: f64,
    unit: Option<&'static str>,
}

/// The axis of which these are the values, if their names are numbers that rise or fall, three at least, each with the same
/// unit behind it, or none.
///
/// A common word before the numbers is the name of the axis, but only where there is a unit, so that `mag1, mag2` stay
/// columns of their own. Numbers that merely count (0, 1, 2, … or 1, 2, 3, …) say nothing without a unit.
pub(crate) fn axis_of<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Option<Axis> {
    if names.len() < FEWEST {
        return None;
    }
    let mut first: Option<Parts<'a>> = None;
    let mut grid = Vec::with_capacity(names.len());
    for name in names {
        let parts = parts(name)?;
        let first = *first.get_or_insert(parts);
        if (parts.before, parts.unit) != (first.before, first.unit) {
            return None;
        }
        grid.push(parts.number);
    }
    let first = first?;
    let word = first.before.trim_matches(|letter: char| !letter.is_alphanumeric());
    let (name, unit_before) = unit::split(word);
    let unit = first.unit.or(unit_before);
    let counts = |from: f64| grid.iter().zip(0..).all(|(number, index)| *number == from + f64::from(index));
    if unit.is_none() && (!word.is_empty() || counts(0.0) || counts(1.0)) {
        return None;
    }
    let name = if name.is_empty() { "axis1" } else { name };
    Axis::new(name, unit.map(str::to_owned), grid).ok()
}

/// The parts of a name that has one number, with nothing but a unit behind it.
fn parts(name: &str) -> Option<Parts<'_>> {
    let digit = name.find(|letter: char| letter.is_ascii_digit())?;
    // A dot or sign belongs to the number, a hyphen behind a word does not.
    let head = &name[..digit];
    let head = head.strip_suffix('.').unwrap_or(head);
    let start = if head == "-" || head == "+" { 0 } else { head.len() };
    let rest = &name[start..];
    let end = number_end(rest);
    let number = rest[..end].parse::<f64>().ok().filter(|number| number.is_finite())?;
    let ending = rest[end..].trim_matches(|letter: char| letter == '_' || letter == ' ');
    let ending = ending.strip_prefix('[').and_then(|ending| ending.strip_suffix(']')).unwrap_or(ending);
    let unit = if ending.is_empty() { None } else { Some(unit::known(ending)?) };
    Some(Parts { before: &name[..start], number, unit })
}

/// Where the number at the beginning of a text ends.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    // `1e-3`, but not the beginning of `1eV`.
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(names: &[&str]) -> Option<Axis> {
        axis_of(names.iter().copied())
    }

    #[test]
    fn numbers_with_and_without_words_and_units() {
        for (names, name, unit, grid) in [
            (["1100", "1102", "1104.5"], "axis1", None, [1100.0, 1102.0, 1104.5]),
            (["-1", "0", "1e1"], "axis1", None, [-1.0, 0.0, 10.0]),
            (["3", "2", "1.5"], "axis1", None, [3.0, 2.0, 1.5]),
            (["1nm", "2nm", "3nm"], "axis1", Some("nm"), [1.0, 2.0, 3.0]),
            (["1 eV", "2 eV", "4 eV"], "axis1", Some("eV"), [1.0, 2.0, 4.0]),
            (
                ["wavelength_1100_nm", "wavelength_1200_nm", "wavelength_1300_nm"],
                "wavelength",
                Some("nm"),
                [1100.0, 1200.0, 1300.0],
            ),
            (["energy_meV_.5", "energy_meV_1.5", "energy_meV_2.5"], "energy", Some("meV"), [0.5, 1.5, 2.5]),
            (["R-400nm", "R-500nm", "R-600nm"], "R", Some("nm"), [400.0, 500.0, 600.0]),
        ] {
            let expected = Axis::new(name, unit.map(str::to_owned), grid.to_vec()).expect("sound");
            assert_eq!(axis(&names), Some(expected), "{names:?}");
        }
    }

    #[test]
    fn other_names_are_those_of_columns() {
        for names in [
            &["u", "g", "r"][..],
            &["x1", "x2", "x3"],
            &["mag2", "mag5", "mag9"],
            &["0", "1", "2"],
            &["1", "2", "3"],
            &["1100", "1102"],
            &["1100", "1104", "1102"],
            &["1100", "1100", "1102"],
            &["1100nm", "1102", "1104"],
            &["1100nm", "1102um", "1104nm"],
            &["a1nm", "b2nm", "c3nm"],
            &["1100x", "1102x", "1104x"],
            &["1e999", "2e999", "3e999"],
            &["", "1", "2"],
            &["é1", "é2", "é3"],
            &["1.2.3", "1.2.4", "1.2.5"],
        ] {
            assert_eq!(axis(names), None, "{names:?}");
        }
    }
}

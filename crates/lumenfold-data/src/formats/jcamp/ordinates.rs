//! Ordinates at equal steps: lines of an abscissa and the ordinates from there on.

use super::asdf::{Item, Letters, items};
use super::records::Record;

/// The ordinates of a record, and the abscissas that its lines begin with.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ordinates {
    /// NaN where missing.
    pub(super) values: Vec<f64>,
    /// Of each line: its number in the file, its abscissa, and the number of the value (from 0) that stands there.
    pub(super) lines: Vec<(usize, f64, usize)>,
}

/// What a count repeats.
#[derive(Clone, Copy)]
enum Last {
    Number(f64),
    Difference(f64),
    Missing,
}

impl Ordinates {
    /// Reads the lines of `(X++(Y..Y))`, of which at most so many values are expected.
    pub(super) fn read(record: &Record<'_>, most: usize) -> Result<Self, String> {
        let mut ordinates = Self::default();
        // The last value, if it came as a difference: the next line begins with it again, as a check.
        let mut to_check = None;
        for &(number, line) in &record.lines {
            ordinates.line(number, line, &mut to_check, most)?;
        }
        Ok(ordinates)
    }

    fn line(&mut self, number: usize, line: &str, to_check: &mut Option<f64>, most: usize) -> Result<(), String> {
        let odd = |what: String| format!("line {number}: \"{what}\" is not understood; get it again");
        let mut items = items(line, Letters::Compressed);
        let abscissa = match items.next() {
            Some(Ok(Item::Number(abscissa))) => abscissa,
            Some(Err(what)) => return Err(odd(what)),
            _ => return Err(format!("line {number}: does not begin with an abscissa; get it again")),
        };
        let mut last: Option<Last> = None;
        let mut start = self.values.len();
        for item in items {
            let (next, times) = match (item.map_err(odd)?, last) {
                (Item::Number(value), _) => (Last::Number(value), 1),
                (Item::Difference(step), _) => (Last::Difference(step), 1),
                (Item::Missing, _) => (Last::Missing, 1),
                // The item itself is there already.
                (Item::Times(count @ 1..), Some(last)) => (last, count - 1),
                (Item::Times(_), _) => return Err(format!("line {number}: a count repeats nothing; get it again")),
            };
            if let (None, Some(expected)) = (last, to_check.take()) {
                // The first ordinate after differences is the last one of the line before.
                let Last::Number(found) = next else {
                    return Err(format!("line {number}: has no check value; get it again"));
                };
                if found != expected {
                    return Err(format!(
                        "line {number}: its check value is {found}, the line before ends with {expected}; get it again"
                    ));
                }
                self.values.pop();
                start = self.values.len();
            }
            last = Some(next);
            if times > (most - self.values.len().min(most)) as u64 {
                return Err(format!("line {number}: more than the {most} points that ##NPOINTS= says; get it again"));
            }
            for _ in 0..times {
                let value = match next {
                    Last::Number(value) => value,
                    Last::Missing => f64::NAN,
                    Last::Difference(step) => match self.values.last() {
                        Some(before) if self.values.len() > start && !before.is_nan() => before + step,
                        _ => return Err(format!("line {number}: a difference to no value; get it again")),
                    },
                };
                self.values.push(value);
            }
        }
        if last.is_none() {
            return Err(format!("line {number}: has no ordinates; get it again"));
        }
        *to_check = match last {
            Some(Last::Difference(_)) => self.values.last().copied(),
            _ => None,
        };
        self.lines.push((number, abscissa, start));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], most: usize) -> Result<Ordinates, String> {
        let record = Record {
            label: "XYDATA".to_owned(),
            value: "(X++(Y..Y))",
            lines: (11..).zip(lines.iter().copied()).collect(),
            line: 10,
        };
        Ordinates::read(&record, most)
    }

    /// One sequence in all forms, after the table of the standard.
    #[test]
    fn all_forms_of_one_sequence() {
        let expected = [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0];
        for line in [
            "7 1 2 3 3 2 1 0 -1 -2 -3",
            "7+1+2+3+3+2+1+0-1-2-3",
            "7ABCCBA@abc",
            "7AJJ%jjjjjj",
            "7AJJ%jX",
            "7AJT%jX",
            "7 1,2,3,3,2.0,1E+00,0,-1,-2,-3",
        ] {
            let found = read(&[line], 10).expect(line);
            assert_eq!(
                (found.values.as_slice(), found.lines.as_slice()),
                (&expected[..], &[(11, 7.0, 0)][..]),
                "{line}"
            );
        }
    }

    #[test]
    fn check_values_are_compared_and_dropped() {
        let found = read(&["0A0J1J2", "2C3a%", "4ab8"], 6).expect("sound");
        assert_eq!(found.values, [10.0, 21.0, 33.0, -1.0, -1.0, -28.0]);
        let found = read(&["0A0J1J2", "2C3J", "3C4"], 4).expect("sound");
        assert_eq!((found.values, found.lines[2]), (vec![10.0, 21.0, 33.0, 34.0], (13, 3.0, 3)));
        let error = read(&["0A0J1J2", "2C4J"], 9).expect_err("other value");
        assert!(error.contains("line 12") && error.contains("34") && error.contains("33"), "{error}");
        assert!(read(&["0A0J1J2", "2J"], 9).is_err());
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (lines, words) in [
            (&["0 1 2 3"][..], "more than the 2"),
            (&["0A9s99999999999"], "more than the 2"),
            (&["0 1 x"], "\"x\""),
            (&["", "A1"], "abscissa"),
            (&["0"], "no ordinates"),
            (&["0T"], "repeats nothing"),
            (&["0J1"], "difference to no value"),
            (&["0?J1"], "difference to no value"),
        ] {
            let error = read(lines, 2).expect_err("refused");
            assert!(error.contains(words), "{error}");
        }
        assert!(read(&["0 ? 1"], 2).expect("sound").values[0].is_nan());
    }
}

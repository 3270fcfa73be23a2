//! The forms in which numbers are written (McDonald and Wilks 1988, section "ASDF").
//!
//! In the plain form (AFFN) numbers stand between blanks, commas or semicolons; a sign begins a number too (PAC). In the
//! compressed ones a letter is the first digit of a number, its sign, and what it is:
//!
//! | letters | meaning |
//! |---|---|
//! | `@`, `A`–`I`, `a`–`i` | a number that begins with 0, 1 to 9, −1 to −9 (SQZ) |
//! | `%`, `J`–`R`, `j`–`r` | a difference to the number before that begins so (DIF) |
//! | `S`–`Z`, `s` | a count that begins with 1 to 8, 9: how often the item before stands there, itself included (DUP) |
//! | `?` | a number that is missing |

/// An item of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item {
    Number(f64),
    Difference(f64),
    /// Of the item before.
    Times(u64),
    Missing,
}

/// Which letters mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// All of them. An exponent needs its sign, since `1E5` is the number 1 and behind it 55.
    Compressed,
    /// Only that of an exponent.
    Exponent,
}

/// The items of a line. The error is what cannot be understood.
pub(super) fn items(line: &str, letters: Letters) -> impl Iterator<Item = Result<Item, String>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';'));
        let first = rest.chars().next()?;
        let (lead, sign, make): (Option<char>, &str, fn(f64) -> Item) = match (first, letters) {
            ('?', _) => {
                rest = &rest[1..];
                return Some(Ok(Item::Missing));
            }
            ('+' | '-' | '.' | '0'..='9', _) => (None, "", Item::Number),
            ('@'..='I', Letters::Compressed) => (digit(first, '@'), "", Item::Number),
            ('a'..='i', Letters::Compressed) => (digit(first, '`'), "-", Item::Number),
            ('%', Letters::Compressed) => (Some('0'), "", Item::Difference),
            ('J'..='R', Letters::Compressed) => (digit(first, 'I'), "", Item::Difference),
            ('j'..='r', Letters::Compressed) => (digit(first, 'i'), "-", Item::Difference),
            ('S'..='Z', Letters::Compressed) => (digit(first, 'R'), "", |count| Item::Times(count as u64)),
            ('s', Letters::Compressed) => (Some('9'), "", |count| Item::Times(count as u64)),
            _ => {
                let reason = crate::suggest::excerpt(rest);
                rest = "";
                return Some(Err(reason));
            }
        };
        let body = if lead.is_some() { &rest[1..] } else { rest };
        let end = number_end(body, lead.is_none(), letters);
        let (text, behind) = body.split_at(end);
        rest = behind;
        let number: String = sign.chars().chain(lead).chain(text.chars()).collect();
        let parsed = number.replace(['E', 'e'], "e").parse::<f64>().ok().filter(|number| number.is_finite());
        if parsed.is_none() {
            rest = "";
        }
        Some(parsed.map(make).ok_or_else(|| crate::suggest::excerpt(&number)))
    })
}

/// The digit that a letter is the `n`th of behind `before`.
fn digit(letter: char, before: char) -> Option<char> {
    char::from_digit((letter as u32).checked_sub(before as u32)?, 10)
}

/// Where the number at the beginning of a text ends; `signed` if it may begin with a sign.
fn number_end(text: &str, signed: bool, letters: Letters) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = usize::from(signed && matches!(bytes.first(), Some(b'+' | b'-')));
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'E' | b'e')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 && (sign == 1 || letters == Letters::Exponent) {
            end += 1 + sign + exponent;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use Item::{Difference, Missing, Number, Times};

    fn all(line: &str, letters: Letters) -> Vec<Item> {
        items(line, letters).collect::<Result<_, _>>().expect("sound")
    }

    #[test]
    fn letters_are_digits_with_signs() {
        for (letters, digits) in
            [("@ABCDEFGHI", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), ("@abcdefghi", [0, -1, -2, -3, -4, -5, -6, -7, -8, -9])]
        {
            let expected: Vec<Item> = digits.iter().map(|digit| Number(f64::from(*digit))).collect();
            assert_eq!(all(letters, Letters::Compressed), expected);
        }
        for (letters, digits) in
            [("%JKLMNOPQR", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), ("%jklmnopqr", [0, -1, -2, -3, -4, -5, -6, -7, -8, -9])]
        {
            let expected: Vec<Item> = digits.iter().map(|digit| Difference(f64::from(*digit))).collect();
            assert_eq!(all(letters, Letters::Compressed), expected);
        }
        let counts: Vec<Item> = (1..=9).map(Times).collect();
        assert_eq!(all("STUVWXYZs", Letters::Compressed), counts);
    }

    #[test]
    fn numbers_end_where_the_next_begins() {
        let found = all("450.5E23a07?J1%2T0 +1-2.5,3;.5E+02", Letters::Compressed);
        let expected = [
            Number(450.5),
            Number(523.0),
            Number(-107.0),
            Missing,
            Difference(11.0),
            Difference(2.0),
            Times(20),
            Number(1.0),
            Number(-2.5),
            Number(3.0),
            Number(50.0),
        ];
        assert_eq!(found, expected);
        assert_eq!(all("1E5,2e-1", Letters::Exponent), [Number(1e5), Number(0.2)]);
        assert_eq!(all("1E5", Letters::Compressed), [Number(1.0), Number(55.0)]);
        for line in ["1 x", "-", "1e999 2", "A1 &", "."] {
            assert!(items(line, Letters::Exponent).any(|item| item.is_err()), "{line}");
        }
    }
}

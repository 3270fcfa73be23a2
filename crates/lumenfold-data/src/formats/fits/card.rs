//! One card of a header: 80 letters, a keyword and its value (section 4 of the FITS standard, version 4.0).

/// Letters of a card.
pub(super) const CARD: usize = 80;
/// Letters of a keyword.
const KEYWORD: usize = 8;

/// What a card says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CardValue {
    Text(String),
    Logical(bool),
    Integer(i64),
    /// Also integers beyond 64 bits.
    Real(f64),
}

/// The keyword of a card, and the rest of it.
pub(super) fn split(card: &[u8]) -> (String, &[u8]) {
    let (keyword, rest) = card.split_at(KEYWORD.min(card.len()));
    (letters(keyword).trim_end().to_owned(), rest)
}

/// The value of a card, of which `rest` is what follows the keyword; none for comments and for complex numbers.
pub(super) fn value(rest: &[u8]) -> Option<CardValue> {
    let field = letters(rest.strip_prefix(b"= ")?);
    let field = field.trim_start();
    if field.starts_with('\'') {
        return text(field).map(CardValue::Text);
    }
    match field.split('/').next().unwrap_or_default().trim() {
        "T" => Some(CardValue::Logical(true)),
        "F" => Some(CardValue::Logical(false)),
        number => match number.parse() {
            Ok(integer) => Some(CardValue::Integer(integer)),
            Err(_) => real(number).map(CardValue::Real),
        },
    }
}

/// The text of a `CONTINUE` card, which goes on with that of the card before (section 4.2.1.2).
pub(super) fn continued(rest: &[u8]) -> Option<String> {
    text(letters(rest).trim_start())
}

/// A number with a point or an exponent, which may be Fortran's `D`.
fn real(number: &str) -> Option<f64> {
    let plain = |letter: char| letter.is_ascii_digit() || "+-.eEdD".contains(letter);
    let number = number.chars().all(plain).then(|| number.replace(['d', 'D'], "e"))?;
    number.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Text between quotes, a doubled one of which stands for one; blanks at its end do not count.
fn text(field: &str) -> Option<String> {
    let mut letters = field.strip_prefix('\'')?.chars().peekable();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        if letter == '\'' && letters.next_if_eq(&'\'').is_none() {
            return Some(text.trim_end().to_owned());
        }
        text.push(letter);
    }
    None
}

/// Bytes as letters: those that are no ASCII are no letters of FITS, and stand for themselves in Latin-1.
pub(super) fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind() {
        let cases: [(&str, Option<CardValue>); 11] = [
            ("=                    T / conforms", Some(CardValue::Logical(true))),
            ("= F", Some(CardValue::Logical(false))),
            ("=                  -32", Some(CardValue::Integer(-32))),
            ("=  9223372036854775808", Some(CardValue::Real(9_223_372_036_854_775_808.0))),
            ("= 1.5D+01 / Fortran", Some(CardValue::Real(15.0))),
            ("= 'it''s / a text  '  / comment", Some(CardValue::Text("it's / a text".to_owned()))),
            ("= ''", Some(CardValue::Text(String::new()))),
            ("= 'no end", None),
            ("= NaN", None),
            ("= (1.0, 2.0)", None),
            ("  a comment", None),
        ];
        for (rest, expected) in cases {
            assert_eq!(value(rest.as_bytes()), expected, "{rest}");
        }
    }
}

//! SHA-256 (FIPS 180-4) of files.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use ring::digest::{Context, SHA256};

/// Bytes that are read at once.
const PIECE: usize = 1 << 18;

/// 32 bytes that two files have in common only if they are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checksum([u8; 32]);

impl Checksum {
    /// Of all that is read.
    pub(super) fn of(mut bytes: impl Read) -> io::Result<Self> {
        let mut context = Context::new(&SHA256);
        let mut piece = vec![0; PIECE];
        loop {
            match bytes.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => context.update(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let mut sum = [0; 32];
        sum.copy_from_slice(context.finish().as_ref());
        Ok(Self(sum))
    }
}

impl FromStr for Checksum {
    type Err = String;

    /// From 64 hexadecimal digits, as `sha256sum` prints them.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no SHA-256 checksum; write its 64 hexadecimal digits");
        let digits = text.trim().strip_prefix("sha256:").unwrap_or(text.trim()).as_bytes();
        let mut sum = [0; 32];
        if digits.len() != 2 * sum.len() {
            return Err(wrong());
        }
        let value = |digit: u8| char::from(digit).to_digit(16);
        for (byte, pair) in sum.iter_mut().zip(digits.chunks_exact(2)) {
            let (Some(high), Some(low)) = (value(pair[0]), value(pair[1])) else { return Err(wrong()) };
            *byte = (high * 16 + low) as u8;
        }
        Ok(Self(sum))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of FIPS 180-4 (its appendix of examples): "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_sum_of_the_standards_example() {
        assert_eq!(Checksum::of(&b"abc"[..]).map(|sum| sum.to_string()).ok().as_deref(), Some(ABC));
        assert_eq!(ABC.to_uppercase().parse::<Checksum>().map(|sum| sum.to_string()).as_deref(), Ok(ABC));
        assert!(format!("sha256:{ABC}").parse::<Checksum>().is_ok());
        let wrong_digit = ABC.replace('b', "g");
        let not_ascii = format!("é{}", &ABC[2..]);
        for text in ["", "abc", &ABC[1..], &format!("{ABC}0"), &wrong_digit, &not_ascii] {
            assert!(text.parse::<Checksum>().is_err(), "{text}");
        }
    }
}

//! `--latent`: one dimension of the latent code, or those of a sweep.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::failure::Failure;

/// The most dimensions of a sweep.
const MOST: usize = 256;

/// Latent dimensions, ascending: `2`, `1..6` (both ends belong to it) or `1,2,4..8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Latents(Vec<usize>);

impl Latents {
    /// The only one, for a fit.
    pub(crate) fn only(&self) -> Result<usize, Failure> {
        match self.0[..] {
            [only] => Ok(only),
            _ => Err(Failure::usage("--latent: a fit has one latent dimension; lumenfold sweep compares several")),
        }
    }

    /// All of them: one at least.
    pub(crate) fn all(&self) -> &[usize] {
        &self.0
    }
}

impl From<usize> for Latents {
    fn from(latent: usize) -> Self {
        Self(vec![latent])
    }
}

impl FromStr for Latents {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write whole numbers: 2, a range such as 1..6, or an ascending list such as 1,2,4..8".to_owned();
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        let mut latents: Vec<usize> = Vec::new();
        for part in text.split(',') {
            let (first, last) = match part.split_once("..") {
                Some((first, last)) => (number(first)?, number(last.strip_prefix('=').unwrap_or(last))?),
                None => (number(part)?, number(part)?),
            };
            if last < first {
                return Err(format!("{part} goes down; write {last}..{first}"));
            }
            if latents.last().is_some_and(|before| first <= *before) {
                return Err(format!("{first} does not come after what is before it; each dimension once, ascending"));
            }
            // Counted before they are listed: a range can be of any length.
            if last - first >= MOST - latents.len() {
                return Err(format!("{text} are more than {MOST} dimensions"));
            }
            latents.extend(first..=last);
        }
        Ok(Self(latents))
    }
}

impl<'de> Deserialize<'de> for Latents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a whole number, a list of them, or a range such as \"1..6\"")]
        enum Written {
            One(usize),
            Many(Vec<usize>),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::One(latent) => return Ok(latent.into()),
            Written::Many(latents) => latents.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            Written::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges() {
        let read = |text: &str| text.parse::<Latents>().map(|latents| latents.0);
        assert_eq!(read("2"), Ok(vec![2]));
        assert_eq!(read("1..4"), Ok(vec![1, 2, 3, 4]));
        assert_eq!(read("1..=3"), Ok(vec![1, 2, 3]));
        assert_eq!(read("1, 2,4..5,32"), Ok(vec![1, 2, 4, 5, 32]));
        assert_eq!(read("0"), Ok(vec![0]));
        for text in ["", ",", "1,", "x", "1..", "..3", "1..x", "-2", "1.5", "1...3"] {
            assert!(read(text).is_err_and(|error| error.contains("whole numbers")), "{text}");
        }
        assert!(read("5..2").is_err_and(|error| error.contains("write 2..5")));
        for text in ["3,2", "2,2", "1..4,3"] {
            assert!(read(text).is_err_and(|error| error.contains("ascending")), "{text}");
        }
        for text in ["1..1000000000000", "0..18446744073709551615", "1..256,300"] {
            assert!(read(text).is_err_and(|error| error.contains("more than 256")), "{text}");
        }
        assert_eq!(read("1..256").map(|latents| latents.len()), Ok(256));
    }
}

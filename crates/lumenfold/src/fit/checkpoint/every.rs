//! How often checkpoints are written.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

/// How often a checkpoint is written. As text: `30s`, `5m`, `2h`, `100epochs`.
///
/// ```
/// use std::time::Duration;
/// use lumenfold::fit::Every;
/// assert_eq!("5m".parse(), Ok(Every::Time(Duration::from_secs(300))));
/// assert_eq!("0.5s".parse::<Every>().unwrap().to_string(), "0.5s");
/// assert!("5".parse::<Every>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// When so much time has passed since the last one.
    Time(Duration),
    /// After so many epochs.
    Epochs(NonZeroUsize),
}

/// The longest time: a hundred years.
const LONGEST: f64 = 100.0 * 365.25 * 86_400.0;

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is neither a time (30s, 5m, 2h) nor a number of epochs (100epochs)");
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let (number, unit) = text.split_at(digits);
        let factor = match unit {
            "epoch" | "epochs" => return number.parse().map(Self::Epochs).map_err(|_| wrong()),
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        match number.parse::<f64>() {
            Ok(number) if number > 0.0 && number * factor <= LONGEST => {
                Ok(Self::Time(Duration::from_secs_f64(number * factor)))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Every {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => write!(formatter, "{}s", time.as_secs_f64()),
            Self::Epochs(epochs) => write!(formatter, "{epochs}epochs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_interval_is_refused() {
        for text in ["", "5", "m", "0s", "-5s", "1e400h", "0epochs", "1.5epochs", "5 m", "5min", "1e9h", "...s"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
        assert_eq!("2h".parse(), Ok(Every::Time(Duration::from_secs(7200))));
        assert_eq!("1epoch".parse::<Every>().map(|every| every.to_string()), Ok("1epochs".to_owned()));
    }
}

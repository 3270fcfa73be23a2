//! Ranges, places and sizes as the command line takes them.

use crate::names::names;

/// How far to go along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Range {
    /// Quantiles, as shares from 0 to 1.
    Shares(f64, f64),
    /// Values of the coordinate.
    Values(f64, f64),
}

/// Values of named coordinates. One value in the eyes of clap, hence not a plain `Vec`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At(pub(crate) Vec<(String, f64)>);

/// Of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

pub(super) fn range(text: &str) -> Result<Range, String> {
    let wrong = || format!("\"{text}\" is no range; write for example 1%,99% or --range=-2,2");
    let (low, high) = text.split_once(',').ok_or_else(wrong)?;
    let shares = (low.trim().strip_suffix('%'), high.trim().strip_suffix('%'));
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(wrong);
    let (low, high, range): (f64, f64, fn(f64, f64) -> Range) = match shares {
        (Some(low), Some(high)) => (number(low)? / 100.0, number(high)? / 100.0, Range::Shares),
        (None, None) => (number(low)?, number(high)?, Range::Values),
        _ => return Err(wrong()),
    };
    if low >= high {
        return Err(format!("the range \"{text}\" ends before it begins"));
    }
    if let Range::Shares(low, high) = range(low, high)
        && !(0.0..=1.0).contains(&low.min(1.0 - high))
    {
        return Err(format!("\"{text}\": quantiles go from 0% to 100%"));
    }
    Ok(range(low, high))
}

pub(super) fn at(text: &str) -> Result<At, String> {
    let pair = |item: String| {
        let wrong = || format!("\"{item}\" is no place; write for example z1=0.3,z2=-1");
        let (name, value) = item.split_once('=').ok_or_else(wrong)?;
        let value = value.trim().parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(wrong)?;
        Ok((name.trim().to_owned(), value))
    };
    names(text)?.into_iter().map(pair).collect::<Result<_, String>>().map(At)
}

pub(super) fn image(text: &str) -> Result<Size, String> {
    let wrong = || format!("\"{text}\" is no size of a picture; write height and width as in 28x28");
    let (height, width) = text.split_once(['x', 'X', '×']).ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<usize>().ok().filter(|number| *number > 0).ok_or_else(wrong);
    Ok(Size { height: number(height)?, width: number(width)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_quantiles_or_values() {
        assert_eq!(range("1%,99%"), Ok(Range::Shares(0.01, 0.99)));
        assert_eq!(range("-2, 2.5"), Ok(Range::Values(-2.0, 2.5)));
        for text in ["", "1%", "1%,2", "2,1", "5%,5%", "-1%,50%", "1%,101%", "nan,1", "0,inf", "a,b", "1,2,3"] {
            assert!(range(text).is_err(), "{text}");
        }
    }

    #[test]
    fn places_name_coordinates() {
        assert_eq!(at("z1=0.3,z2=-1"), Ok(At(vec![("z1".to_owned(), 0.3), ("z2".to_owned(), -1.0)])));
        for text in ["", "z1", "z1=", "z1=a", "z1=inf", "z1=1,"] {
            assert!(at(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_have_height_and_width() {
        assert_eq!(image("28x14"), Ok(Size { height: 28, width: 14 }));
        for text in ["", "28", "0x5", "5x", "-1x2", "1x2x3", "99999999999999999999x1"] {
            assert!(image(text).is_err(), "{text}");
        }
    }
}

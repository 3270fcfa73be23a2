//! Which rows train and which are held out.

use crate::DataError;
use crate::random::{SPLIT_STREAM, permutation};

/// Row numbers (from 0) of the two parts, ascending in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from.
    pub train: Vec<u32>,
    /// Rows held out, to judge by.
    pub validation: Vec<u32>,
}

/// Divides rows 0 to `rows` - 1 at random into those that train and those that are held out.
///
/// `validation_fraction` of the rows, rounded, are held out; with a fraction above 0 and at least two rows, each part
/// has at least one. The parts depend on the arguments alone (see [`permutation`]; stream 0).
///
/// ```
/// use lumenfold_data::split;
/// let parts = split(10, 0.2, 0)?;
/// assert_eq!((parts.train.len(), parts.validation.len()), (8, 2));
/// assert_eq!(parts, split(10, 0.2, 0)?);
/// assert_eq!(split(10, 0.0, 0)?.train.len(), 10);
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
///
/// # Errors
///
/// The fraction is not in [0, 1), or `rows` does not fit in 32 bits.
pub fn split(rows: usize, validation_fraction: f64, seed: u64) -> Result<Split, DataError> {
    if !(0.0..1.0).contains(&validation_fraction) {
        return Err(DataError::BadFraction { fraction: validation_fraction });
    }
    if u32::try_from(rows).is_err() {
        return Err(DataError::TooManyRows { path: "split".to_owned(), rows, limit: u32::MAX });
    }
    let held_out = if validation_fraction == 0.0 || rows < 2 {
        0
    } else {
        ((rows as f64 * validation_fraction).round() as usize).clamp(1, rows - 1)
    };
    let mut order = permutation(rows, seed, SPLIT_STREAM);
    let mut train = order.split_off(held_out);
    let mut validation = order;
    train.sort_unstable();
    validation.sort_unstable();
    Ok(Split { train, validation })
}

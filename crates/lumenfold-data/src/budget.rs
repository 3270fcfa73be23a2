//! The memory that reading one input may use.

use crate::DataError;

/// Bytes that a column takes beside its values: its name, its unit, and what a reader knows of it.
const COLUMN_BYTES: u64 = 256;

/// Counts the bytes that reading has asked for and refuses what would pass the limit.
///
/// Nothing is ever given back: the limit bounds the sum of the decompressed input and of the columns made from it,
/// which is what is alive at the end of reading.
#[derive(Debug)]
pub(crate) struct Budget {
    path: String,
    limit: u64,
    used: u64,
}

impl Budget {
    pub(crate) fn new(path: impl Into<String>, limit: u64) -> Self {
        Self { path: path.into(), limit, used: 0 }
    }

    /// Name of the input, for messages.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Gives the input another name for messages, for example that of a part of it; returns the former one.
    pub(crate) fn rename(&mut self, path: impl Into<String>) -> String {
        std::mem::replace(&mut self.path, path.into())
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> u64 {
        self.limit - self.used
    }

    /// Asks for `bytes`.
    pub(crate) fn take(&mut self, bytes: u64) -> Result<(), DataError> {
        if bytes > self.left() {
            return Err(self.exceeded(bytes));
        }
        self.used += bytes;
        Ok(())
    }

    /// Asks for `count` values of `size` bytes each.
    pub(crate) fn take_values(&mut self, count: u64, size: u64) -> Result<(), DataError> {
        self.take(count.saturating_mul(size))
    }

    /// Refuses so many columns if what is known of them alone needs more than is left: a header claims any number of them in
    /// a few bytes, without a row.
    pub(crate) fn check_columns(&self, count: u64) -> Result<(), DataError> {
        let needed = count.saturating_mul(COLUMN_BYTES);
        if needed > self.left() { Err(self.exceeded(needed)) } else { Ok(()) }
    }

    /// The error for a request of `bytes` that is too large.
    pub(crate) fn exceeded(&self, bytes: u64) -> DataError {
        DataError::TooLarge { path: self.path.clone(), needed: self.used.saturating_add(bytes), limit: self.limit }
    }

    /// An error about the input's own form.
    pub(crate) fn malformed(&self, format: &'static str, reason: impl Into<String>) -> DataError {
        DataError::Malformed { path: self.path.clone(), format, reason: reason.into() }
    }

    /// An error about an input that is valid but holds no table.
    pub(crate) fn unusable(&self, reason: impl Into<String>) -> DataError {
        DataError::Unusable { path: self.path.clone(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_on_the_sum() {
        let mut budget = Budget::new("x.csv", 100);
        assert!(budget.take(60).is_ok());
        assert!(budget.take_values(5, 8).is_ok());
        let error = budget.take(1).expect_err("nothing is left");
        assert!(matches!(error, DataError::TooLarge { needed: 101, limit: 100, .. }));
        assert!(budget.take_values(u64::MAX, 8).is_err());
    }

    #[test]
    fn columns_cost_memory_without_rows() {
        let budget = Budget::new("x.csv", 10 * COLUMN_BYTES);
        assert!(budget.check_columns(10).is_ok());
        assert!(budget.check_columns(11).is_err());
        assert!(budget.check_columns(u64::MAX).is_err());
    }
}

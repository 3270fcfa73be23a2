//! Rows of one file, a piece at a time.

use crate::DataError;
use crate::table::Values;

/// A file whose rows come in pieces.
pub(crate) trait Rows {
    /// The next rows: one `Values` for each selected column, all of one length and with a row at least; `None` after
    /// the last.
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError>;
}

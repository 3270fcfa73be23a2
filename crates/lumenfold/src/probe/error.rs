//! Why rows cannot be probed.

/// Errors of a probe. Each message is one line that says what is wrong, where, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// Too few rows with a label.
    #[error("{path}: {rows} rows with a \"{column}\" can be used; a probe needs at least {needed}")]
    TooFewRows {
        /// Name of the input.
        path: String,
        /// The target.
        column: String,
        /// Rows that can be used.
        rows: usize,
        /// Rows that are needed.
        needed: usize,
    },
    /// Labels that are no classes.
    #[error(
        "{path}: column \"{column}\" has more than {most} different labels; name a column of classes with --target, or take numbers as a quantity with --task regress"
    )]
    TooManyClasses {
        /// Name of the input.
        path: String,
        /// The target.
        column: String,
        /// The most that there may be.
        most: usize,
    },
    /// A target with nothing to tell.
    #[error("{path}: column \"{column}\" is {value} in every row that can be used: there is nothing to tell")]
    ConstantTarget {
        /// Name of the input.
        path: String,
        /// The target.
        column: String,
        /// Its value.
        value: String,
    },
    /// Text that is wanted as a quantity.
    #[error("{path}: column \"{column}\" holds {found}, which is no quantity; leave out --task regress")]
    NotAQuantity {
        /// Name of the input.
        path: String,
        /// The target.
        column: String,
        /// The type of its values.
        found: &'static str,
    },
    /// Rows whose models do not fit in memory.
    #[error(
        "{path}: probing {rows} rows of {features} features takes {} MB of memory, but only {} MB may be used; use --rows {fewer} or fewer",
        .needed / 1_000_000, .limit / 1_000_000
    )]
    TooMuchMemory {
        /// Name of the input.
        path: String,
        /// Rows to be probed.
        rows: usize,
        /// Their features.
        features: usize,
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that may be used.
        limit: u64,
        /// Rows for which there is room.
        fewer: u64,
    },
    /// Which rows a fit held out is known of its own data only.
    #[error(
        "{path}: the features of these rows are not those that the model was trained on, so which of them it held out is not known; leave out --only-held-out"
    )]
    OtherData {
        /// Name of the input.
        path: String,
    },
    /// A fit that held out no rows.
    #[error("the model was fitted without held-out rows (--validation 0); leave out --only-held-out")]
    NothingHeldOut,
}

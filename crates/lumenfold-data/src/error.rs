//! The one error type of this crate.
//!
//! Each message is one line that says what is wrong, where, and what to do next. `path` is the name a person knows
//! the input or output by: the path as it was given, or `stdin` and `stdout`.

use std::io;

use crate::formats::{Format, names_in_words};
use crate::suggest::{excerpt, one_of, plural, shortened};

/// What can go wrong between a file and a data set.
///
/// Row numbers in this type count from 1 and do not count a header line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// An axis that is none.
    #[error("axis \"{axis}\": {reason}")]
    Axis {
        /// Its name.
        axis: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Axes that were chosen and do not go with the data.
    #[error("{path}: {reason}")]
    AxesChoice {
        /// Name of the input.
        path: String,
        /// What does not fit, and what to do.
        reason: String,
    },
    /// An image that patches cannot be cut from.
    #[error("{path}: {reason}")]
    Image {
        /// Name of the input.
        path: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Data whose axes are not those of a model.
    #[error("{path}: {reason}")]
    OtherAxes {
        /// Name of the data.
        path: String,
        /// The axis, and both grids.
        reason: String,
    },
    /// Axes whose sizes do not multiply to the number of features.
    #[error("{path}: axes of {shape} bins do not go with {features} features; the sizes must multiply to that")]
    AxesCount {
        /// Name of the input.
        path: String,
        /// Their sizes.
        shape: String,
        /// Features.
        features: usize,
    },
    /// Errors that are not one for each feature.
    #[error("{path}: there {} {found} {} of errors for {expected} features; --errors names one for each, in the order of the features", if *.found == 1 { "is" } else { "are" }, if *.found == 1 { "column" } else { "columns" })]
    ErrorCount {
        /// Name of the input.
        path: String,
        /// Features.
        expected: usize,
        /// Columns of errors.
        found: usize,
    },
    /// A table of errors with fewer rows than the values.
    #[error("{other}: has {found} rows of errors, {path} has more rows; each needs its errors")]
    FewerErrors {
        /// The table.
        path: String,
        /// The table of errors.
        other: String,
        /// Its rows.
        found: u64,
    },
    /// A table of errors with more rows than the values.
    #[error("{other}: has more rows of errors than the {rows} of {path}")]
    MoreErrors {
        /// The table.
        path: String,
        /// The table of errors.
        other: String,
        /// The rows of the table.
        rows: u64,
    },
    /// A standard error that is none.
    #[error(
        "{path}: row {row}, column \"{column}\": {value} is no standard error; errors must be above 0: give it one, or leave the value out (empty, with --missing mask)", column = excerpt(.column))]
    ErrorNotPositive {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// The input does not exist or may not be opened.
    #[error("{path}: cannot be opened: {source}")]
    Open {
        /// Name of the input.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The input is a directory.
    #[error("{path}: is a directory; name a file in it")]
    InputIsDirectory {
        /// Name of the input.
        path: String,
    },
    /// The input could be opened, but reading failed.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// Name of the input.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The input is not what it was when it was looked at first.
    #[error("{path}: has changed while it was read; read it again when nothing writes to it")]
    Changed {
        /// Name of the input.
        path: String,
    },
    /// Files that are to be read as one table have different columns.
    #[error("{path}: {difference}; only files with the same columns make one table")]
    DifferentColumns {
        /// Name of the second input.
        path: String,
        /// How its columns differ from those of the first, which is named.
        difference: String,
    },
    /// Nothing is in the input.
    #[error("{path}: is empty (0 bytes); expected a table")]
    Empty {
        /// Name of the input.
        path: String,
    },
    /// Neither the content nor the name says what the input is.
    #[error("{path}: is in no format that is read ({what}); formats that are read: {}", names_in_words(|_| true, Format::name, "and"))]
    UnknownFormat {
        /// Name of the input.
        path: String,
        /// What was seen instead.
        what: String,
    },
    /// A format that was recognised but is not read.
    #[error("{path}: {format} is not read; convert it to CSV, Parquet, FITS, HDF5 or NPY")]
    UnsupportedFormat {
        /// Name of the input.
        path: String,
        /// Name of the format.
        format: String,
    },
    /// The input breaks the rules of its own format.
    #[error("{path}: {reason}")]
    Malformed {
        /// Name of the input.
        path: String,
        /// The format it was read as.
        format: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A valid file that holds something that is not a table of numbers and text.
    #[error("{path}: {reason}")]
    Unusable {
        /// Name of the input.
        path: String,
        /// What it holds and what to do.
        reason: String,
    },
    /// Reading would need more memory than was allowed.
    #[error(
        "{path}: needs at least {needed} bytes of memory, the limit is {limit}; read fewer columns, or a part of the rows"
    )]
    TooLarge {
        /// Name of the input.
        path: String,
        /// Bytes that would be needed at least.
        needed: u64,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// A row of a text table has the wrong number of fields.
    #[error(
        "{path}: row {row} (line {line}) has {found} {}, expected {expected}; correct or remove that line",
        plural(*.found, "field", "fields")
    )]
    RaggedRow {
        /// Name of the input.
        path: String,
        /// Data row, counted from 1, the header not counted.
        row: u64,
        /// Line of the file, counted from 1.
        line: u64,
        /// Fields that the header or the first row has.
        expected: usize,
        /// Fields that this row has.
        found: usize,
    },
    /// Two columns have the same name.
    #[error("{path}: columns {first} and {second} are both named \"{name}\"; rename one of them", name = excerpt(.name))]
    DuplicateColumn {
        /// Name of the input.
        path: String,
        /// The name.
        name: String,
        /// Position of the first, counted from 1.
        first: usize,
        /// Position of the second, counted from 1.
        second: usize,
    },
    /// Columns of one table have different lengths.
    #[error("{path}: column \"{name}\" has {found} rows, the columns before it have {expected}", name = excerpt(.name))]
    UnequalColumns {
        /// Name of the table.
        path: String,
        /// The column that differs.
        name: String,
        /// Rows of the first column.
        expected: usize,
        /// Rows of this column.
        found: usize,
    },
    /// A column was asked for that is not there.
    #[error("{path}: no column named \"{name}\"{}", one_of(.suggestion.as_deref(), .available), name = excerpt(.name))]
    UnknownColumn {
        /// Name of the input.
        path: String,
        /// The name that was asked for.
        name: String,
        /// The nearest name that is there.
        suggestion: Option<String>,
        /// Every name that is there.
        available: Vec<String>,
    },
    /// A column was asked for whose type cannot be read.
    #[error("{path}: column \"{name}\" cannot be read: {reason}", name = excerpt(.name))]
    UnreadableColumn {
        /// Name of the input.
        path: String,
        /// The column.
        name: String,
        /// Its type and what to do.
        reason: String,
    },
    /// The same feature was asked for twice.
    #[error("{path}: column \"{name}\" is asked for twice; name each feature once", name = excerpt(.name))]
    DuplicateFeature {
        /// Name of the input.
        path: String,
        /// The column.
        name: String,
    },
    /// A table with columns but without rows.
    #[error("{path}: has no rows (header only); expected at least one row of numbers")]
    NoRows {
        /// Name of the input.
        path: String,
    },
    /// More rows than row numbers of 32 bits can count.
    #[error("{path}: has {rows} rows, at most {limit} can be learnt from; use a part of them")]
    TooManyRows {
        /// Name of the input.
        path: String,
        /// Rows that are there.
        rows: usize,
        /// Rows that are allowed.
        limit: u32,
    },
    /// No column holds numbers.
    #[error("{path}: no column of numbers to learn from; its columns: {}", shortened(.available))]
    NoNumericColumns {
        /// Name of the input.
        path: String,
        /// Every column that is there.
        available: Vec<String>,
    },
    /// Text where a number is needed.
    #[error(
        "{path}: row {row}, column \"{column}\": \"{text}\" is not a number ({count} of {rows} cells of this column are not); correct it, or leave the column out with --columns", column = excerpt(.column))]
    NotANumber {
        /// Name of the input.
        path: String,
        /// First such row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The offending text, shortened.
        text: String,
        /// Cells of the column that are not numbers.
        count: usize,
        /// Cells of the column.
        rows: usize,
    },
    /// Rows with missing or infinite values, when these are refused.
    #[error(
        "{path}: row {row}, column \"{column}\": value is {value}; {count} of {rows} rows cannot be used; leave them out with --missing skip", column = excerpt(.column))]
    MissingValues {
        /// Name of the input.
        path: String,
        /// First such row, counted from 1.
        row: u64,
        /// First such column in that row.
        column: String,
        /// `missing`, `inf` or `-inf`.
        value: &'static str,
        /// Rows that cannot be used.
        count: usize,
        /// Rows in all.
        rows: usize,
    },
    /// Every row has a missing or infinite value.
    #[error(
        "{path}: none of its {rows} rows can be used: each has a missing or infinite value (first: row 1, column \"{column}\"); choose other columns with --columns", column = excerpt(.column))]
    NoUsableRows {
        /// Name of the input.
        path: String,
        /// Rows in all.
        rows: usize,
        /// First column of the first row without a usable value.
        column: String,
    },
    /// The logarithm of a number that has none.
    #[error(
        "{path}: row {row}, column \"{column}\": log scaling needs values above 0, this one is {value}; use --scale asinh, or leave the row or column out", column = excerpt(.column))]
    LogOfNonPositive {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// A negative number where counts are expected.
    #[error(
        "{path}: row {row}, column \"{column}\": anscombe scaling is for counts, this one is {value}; use --scale asinh or common, or leave the row or column out", column = excerpt(.column))]
    CountBelowZero {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// A value that leaves the range of 32-bit floats when scaled.
    #[error(
        "{path}: row {row}, column \"{column}\": {value:e} is {scaled:e} after scaling, too large for the network; correct it or choose another --scale", column = excerpt(.column))]
    ScaledOutOfRange {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
        /// What it is scaled to.
        scaled: f64,
    },
    /// The data set has other features than the scaling was fitted on.
    #[error("{path}: has {found} features, the scaling has {expected}")]
    FeatureCount {
        /// Name of the input.
        path: String,
        /// Features of the scaling.
        expected: usize,
        /// Features of the data.
        found: usize,
    },
    /// A scaling that is not known.
    #[error(
        "\"{text}\" is not a scaling; choose standard, robust, common, log, asinh, robust-asinh, none or factor:NUMBER (finite, above 0; for example factor:20)"
    )]
    BadScaling {
        /// The text that was given.
        text: String,
    },
    /// A fraction of rows outside the possible.
    #[error("{fraction} is not a fraction of rows to hold out; choose a number from 0 up to, but not including, 1")]
    BadFraction {
        /// The number that was given.
        fraction: f64,
    },
    /// A format name that is not known.
    #[error("\"{text}\" is not a format; choose {}", names_in_words(|_| true, Format::extension, "or"))]
    BadFormat {
        /// The text that was given.
        text: String,
    },
    /// An output whose name does not say which format to write.
    #[error(
        "{path}: {}; known endings: .csv .tsv (also with .gz or .zst), .parquet, .arrow, .npy, .npz, .fits, .h5, .vot",
        if .extension.is_empty() { "its name has no ending that says which format to write".to_owned() }
        else { format!("cannot tell which format to write from the ending \".{extension}\"") }
    )]
    UnknownExtension {
        /// Name of the output.
        path: String,
        /// Its ending, may be empty.
        extension: String,
    },
    /// The directory of an output does not exist.
    #[error("{path}: the directory {directory} does not exist; create it or choose another")]
    MissingDirectory {
        /// Name of the output.
        path: String,
        /// The directory.
        directory: String,
    },
    /// An output may not be written where it should go.
    #[error("{path}: cannot write in {directory}: {source}; choose another place or change its permissions")]
    NotWritable {
        /// Name of the output.
        path: String,
        /// The directory.
        directory: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The output is a directory.
    #[error("{path}: is a directory; name a file in it")]
    OutputIsDirectory {
        /// Name of the output.
        path: String,
    },
    /// Writing failed; nothing was left behind.
    #[error("{path}: cannot be written: {source}; nothing was changed")]
    Write {
        /// Name of the output.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A temporary file cannot be made, written or read.
    #[error("{directory}: temporary data cannot be kept there: {source}; name another directory with --scratch")]
    Scratch {
        /// The directory of the temporary file.
        directory: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no room for a temporary file.
    #[error(
        "{directory}: the disk is full after {} MB of temporary data; this file needs {} MB or more; name another directory with --scratch",
        .written / 1_000_000, .needed.div_ceil(1_000_000)
    )]
    ScratchFull {
        /// The directory of the temporary file.
        directory: String,
        /// Bytes of it that were written.
        written: u64,
        /// Bytes that it needs, as far as is known.
        needed: u64,
    },
    /// Writing to a stream failed after a part may have been written.
    #[error("{path}: cannot be written: {source}; what came out is not complete")]
    WriteStream {
        /// Name of the output.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Text columns that an array of numbers cannot hold.
    #[error(
        "{path}: .npy holds numbers only, but {} text: {}; leave {} out, or write .npz, .parquet or .csv",
        plural(.columns.len(), "this column holds", "these columns hold"),
        shortened(.columns),
        plural(.columns.len(), "it", "them")
    )]
    TextInArray {
        /// Name of the output.
        path: String,
        /// The text columns.
        columns: Vec<String>,
    },
    /// Integers that a 64-bit float cannot hold exactly.
    #[error(
        "{path}: column \"{column}\" holds {value}, which {format} would round; write .parquet or .csv, or leave the column out", column = excerpt(.column))]
    InexactInteger {
        /// Name of the output.
        path: String,
        /// The column.
        column: String,
        /// The first such integer.
        value: i64,
        /// What the output would store.
        format: &'static str,
    },
    /// A table that a format has no way to hold.
    #[error("{path}: {reason}")]
    Unwritable {
        /// Name of the output.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl DataError {
    /// True when the input or the request is at fault rather than the machine: the program ends with status 2.
    ///
    /// ```
    /// use lumenfold_data::DataError;
    /// assert!(DataError::BadFraction { fraction: 1.5 }.is_usage());
    /// ```
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(
            self,
            Self::Read { .. }
                | Self::Write { .. }
                | Self::WriteStream { .. }
                | Self::Scratch { .. }
                | Self::ScratchFull { .. }
        )
    }
}

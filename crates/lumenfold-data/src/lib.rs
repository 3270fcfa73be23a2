//! Tables, data sets, scaling, splits and file formats of lumenfold.
//!
//! Everything between a file that somebody has and the block of numbers that a network learns from lives here, and
//! the way back. The steps are small and each is a type of its own:
//!
//! ```text
//! Source ──read_table──▶ Table ──Dataset::from_table──▶ Dataset ──Scaling::fit──▶ Scaling
//!   file, stdin          named columns                  rows × features           invertible, per feature
//!                        of any type                    of finite f64             f64 ◀──▶ f32 of the engine
//!
//! Table ──write_table──▶ Target                         split, permutation: which rows train, in which order
//!
//! Source … ──BlockReader──▶ Table, Table, … ──BlockWriter──▶ Target             the same for what memory does not hold
//! ```
//!
//! * [`Table`] is what a file holds: columns with names, units and types. Integers stay integers (an identifier of 19
//!   digits survives), text stays verbatim, 32-bit floats stay 32-bit.
//! * [`read_table`] looks at the content before it believes a file's name, and reads CSV and its relatives, Parquet,
//!   Arrow, FITS, HDF5 and NeXus, VOTable, NPY, NPZ and others. See [`formats`] for what each reader accepts.
//! * [`BlockReader`] and [`BlockWriter`] do the same a block of rows at a time, in bounded memory: all blocks together
//!   are, bit for bit, the table that [`read_table`] gives, or the file that [`write_table`] writes.
//! * [`Axis`] is a dimension of spectra, maps and volumes: name, unit and grid.
//! * [`Images`] are arrays too large to be rows of a table; [`Crops`] are pieces of them, drawn at seeded places.
//! * [`Dataset`] is what is learnt from: chosen columns as row-major `f64`, every value finite, beside the columns
//!   that are carried along (identifier, class, redshift).
//! * [`Scaling`] brings features to a common size and back. It is part of a model, so it can be serialised.
//! * [`split`] and [`permutation`] draw rows from an explicit seed; the result depends on nothing else.
//! * [`atomic`] writes a file whole or not at all.
//!
//! # Three promises
//!
//! **Hostile input is an error message.** No reader panics, hangs, runs code from a file or allocates what a header
//! claims before the claim is checked against the file's length and [`ReadOptions::memory_limit`].
//!
//! **Errors help.** Each [`DataError`] says in one line what is wrong, where (file, row, column) and what to do next.
//! Rows are counted from 1 in messages and do not count the header; they are counted from 0 in the interface.
//!
//! **The same bits everywhere.** Sums run in a fixed order, transcendental functions come from `libm`, and random
//! draws from one counter-based generator, so no result depends on the platform or on the number of threads.
//!
//! # Example
//!
//! ```
//! use lumenfold_data::{Column, Dataset, DatasetOptions, Scaling, ScalingKind, Table, Values, split};
//!
//! let table = Table::new(
//!     "stars",
//!     vec![
//!         Column::new("g", Values::Float64(vec![19.5, 21.25, 20.0, 18.75])),
//!         Column::new("objid", Values::integers(vec![1237648720693755918, 2, 3, 4])),
//!     ],
//! )?;
//! let options = DatasetOptions { keep: vec!["objid".to_owned()], ..DatasetOptions::default() };
//! let dataset = Dataset::from_table(&table, &options)?;
//! let parts = split(dataset.rows, 0.25, 0)?;
//! let scaling = Scaling::fit(ScalingKind::Standard, &dataset, &parts.train)?;
//!
//! assert_eq!((parts.train.len(), parts.validation.len()), (3, 1));
//! let scaled = scaling.features[0].forward(21.25);
//! assert!((scaling.features[0].inverse(scaled) - 21.25).abs() < 1e-12);
//! assert_eq!(dataset.carried[0].text(0), "1237648720693755918");
//! # Ok::<(), lumenfold_data::DataError>(())
//! ```

pub mod atomic;
pub mod axis;
mod blocks;
mod budget;
mod dataset;
mod error;
pub mod formats;
pub mod images;
mod input;
mod order;
mod ordered;
mod random;
mod read;
mod scaling;
mod scratch;
mod source;
mod split;
mod store;
mod suggest;
mod table;
mod write;

pub use atomic::{check_writable, write_whole};
pub use axis::Axis;
pub use blocks::{BlockOptions, BlockReader, DEFAULT_BLOCK_BYTES};
pub use dataset::{
    Chosen, Dataset, DatasetOptions, Feature, Fingerprint, Gone, Missing, Part, Rows, Samples, Stored, StoredPart,
    Unusable, divide, each_block, each_dataset,
};
pub use error::DataError;
pub use formats::{Compression, Format, LiveText, OutputFormat};
pub use images::{CropOptions, Crops, ImageOptions, Images};
pub use order::{EpochOrder, OrderSizes, Window};
pub use random::{jitter, permutation};
pub use read::{DEFAULT_MEMORY_LIMIT, ReadOptions, read_table};
pub use scaling::{FeatureScaling, LARGEST_SCALED, Scaling, ScalingKind, Transform, values_of_ranks};
pub use scratch::{Number, Scratch};
pub use source::{Source, Target};
pub use split::{BlockSplit, SPLIT_BLOCK, Split, Walk, split};
pub use store::{RowSource, Slice, Store};
pub use table::{BooleanColumn, Column, ColumnHead, IntegerColumn, Table, TextColumn, ValueType, Values};
pub use write::{ArrayValues, ArrayWriter, BlockWriter, ImageWriter, WriteOptions, check_target, lost, write_table};

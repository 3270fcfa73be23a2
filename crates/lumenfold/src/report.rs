//! The report: one self-contained HTML page about a model and some rows.
//!
//! The page itself is built from `web/` and embedded; this module fills in a JSON document. The shape of the document is
//! described in `web/src/document.ts`, field by field, and in [`mod@document`] with the same names.

mod anomalies;
mod columns;
pub mod document;
mod histogram;
mod judgement;
mod samples;
mod shown;
mod summary;

use std::num::NonZeroUsize;

use lumenfold_data::{Column, Dataset, Rows};

use crate::{Error, Model};
use document::ReportDocument;
pub use shown::Shown;

/// The page with a place for the document.
const PAGE: &str = include_str!("../assets/report.html");

/// What the page has where the document goes.
const PLACE: &str = "__LUMENFOLD_REPORT_DATA__";

/// Rows that the latent map shows at most; a seeded choice beyond.
pub const MOST_ROWS_SHOWN: usize = 60_000;

/// What a report is made of besides model and rows.
#[derive(Clone, Debug, Default)]
pub struct ReportOptions {
    /// The heading; by default the name of the data.
    pub title: Option<String>,
    /// The data were made up, not measured.
    pub synthetic: bool,
    /// Remarks to print under the heading.
    pub notes: Vec<String>,
}

/// Rows of any number, and what the map shows of them.
#[derive(Clone, Copy, Debug)]
pub struct ReportRows<'a> {
    /// The rows, wherever they are.
    pub rows: Rows<'a>,
    /// Which of them the map shows.
    pub shown: &'a Shown,
    /// Columns that colour the map, for the rows that are shown.
    pub carried: &'a [Column],
}

/// The page about a model and a data set: `dataset.carried` are the columns that colour the map.
///
/// # Errors
/// A value that the model's scaling cannot take.
pub fn html(model: &Model, dataset: &Dataset, options: &ReportOptions, threads: NonZeroUsize) -> Result<String, Error> {
    page(&dataset.source, &document(model, dataset, options, threads)?)
}

/// The page about a model and rows that need not be in memory.
///
/// # Errors
/// As [`html`]; those of reading the rows.
pub fn html_of(
    model: &Model,
    rows: ReportRows<'_>,
    options: &ReportOptions,
    threads: NonZeroUsize,
) -> Result<String, Error> {
    page(&rows.rows.source(), &summary::summarise(model, rows, options, threads)?)
}

fn page(source: &str, document: &ReportDocument) -> Result<String, Error> {
    let json = serde_json::to_string(document)
        .map_err(|error| Error::NotAModel { path: source.to_owned(), reason: error.to_string() })?;
    // Inside a script element nothing may look like a tag.
    Ok(PAGE.replacen(PLACE, &json.replace('<', "\\u003c"), 1))
}

/// The document alone.
///
/// # Errors
/// As [`html`].
pub fn document(
    model: &Model,
    dataset: &Dataset,
    options: &ReportOptions,
    threads: NonZeroUsize,
) -> Result<ReportDocument, Error> {
    let shown = Shown::of(dataset.rows)?;
    let picked = shown.picker().pick(0, dataset.rows);
    let carried: Vec<Column> = dataset.carried.iter().map(|column| column.select(&picked)).collect();
    summary::summarise(model, ReportRows { rows: dataset.into(), shown: &shown, carried: &carried }, options, threads)
}

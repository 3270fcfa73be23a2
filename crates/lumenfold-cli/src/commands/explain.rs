//! `explain`: what latent coordinates have to do with columns, and which clusters there are.

mod clusters;
mod document;
mod table;
mod words;

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::association::{Association, AssociationOptions, associate};
use lumenfold::coded::{CodedOptions, CodedRows};
use lumenfold::data::{Column, Target};
use lumenfold::latent_use::{LatentUse, latent_use};

use crate::coded::{Beside, Rows};
use crate::failure::Failure;
use crate::inputs;
use crate::names::{Names, names};
use crate::outlet::write_table;
use crate::printer::Printer;
use crate::words::{counted, thousands};
use clusters::Clusters;

/// Rows that are looked at by default: for mutual information, and for clusters.
const ROWS: usize = 5000;
const CLUSTERED_ROWS: usize = 20_000;

/// Values that are held by default at most, all columns together.
const MOST_VALUES: usize = 1 << 24;

/// Tell what each latent coordinate has to do with the features and other columns, and find clusters.
///
/// For each coordinate and column: Spearman's rank correlation, and the mutual information in nats, which sees any kind of
/// dependence. Of a sparse code, what each latent adds to the features is told too. What shuffled columns give is the bar that an association has to pass. With --clusters, HDBSCAN groups the
/// codes, and each cluster is described by what sets it apart.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold explain stars.model stars.csv\n  \
    lumenfold explain stars.model stars.csv -o associations.csv --keep redshift,class --json > explained.json\n  \
    lumenfold explain stars.model stars.csv --clusters --labels clusters.csv --keep class")]
pub(crate) struct Explain {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The data; `-` for standard input. Several files are read one after another as one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Where to write the table of all associations: .csv .tsv (also .gz .zst) .parquet .arrow .fits .h5 .vot .npz, or
    /// `-` for CSV on standard output.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Print one JSON object: the strongest associations, the rows at the ends of each coordinate, the clusters.
    #[arg(long)]
    json: bool,
    /// Columns to look at beside the features, and to copy to --labels [default: all others; none to --labels].
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    keep: Option<Names>,
    /// Rows that are looked at, a seeded choice [default: 5000, and 20000 for --clusters; fewer where there are thousands of
    /// columns].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rows: Option<u32>,
    /// Seed of the choice of rows, of shuffles and of the order of equal values.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Find clusters of codes.
    #[arg(long)]
    clusters: bool,
    /// The fewest rows of a cluster, among those that are clustered [default: 25, or half a per cent of them].
    #[arg(long, value_name = "N", requires = "clusters")]
    min_cluster_size: Option<usize>,
    /// Where to write the cluster of every row and how firmly it belongs there: a table as for -o.
    #[arg(long, value_name = "FILE", requires = "clusters")]
    labels: Option<PathBuf>,
    #[command(flatten)]
    reading: Rows,
}

/// What was looked at, and what was found.
struct Explained<'a> {
    model: &'a Model,
    source: &'a str,
    coded: &'a CodedRows,
    /// The rows that associations were measured on.
    rows: usize,
    seed: u64,
    features: usize,
    columns: &'a [Column],
    /// The first column that associations are with.
    first: usize,
    associations: &'a [Association],
    /// Of a sparse code: what its latents are used for.
    uses: &'a [LatentUse],
    clusters: Option<&'a Clusters>,
}

pub(crate) fn run(verb: Explain, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let inputs: Vec<PathBuf> = verb.data.iter().chain([&verb.model]).cloned().collect();
    let output = verb.output.map(|path| inputs::output_with_text(path, &inputs)).transpose()?;
    let labels = verb.labels.map(|path| inputs::output(path, &inputs)).transpose()?;
    refuse_same_place(verb.json, output.as_ref(), labels.as_ref())?;
    let threads = verb.reading.threads.count();
    let beside = verb.keep.clone().map_or(Beside::Others, Beside::These);
    let mut open = verb.reading.open(&model, verb.data, beside, printer)?;
    let columns: Names = open.features.iter().chain(&open.beside).cloned().collect();
    let limit = (MOST_VALUES / columns.len().max(1)).max(1);
    let most = |default: usize| verb.rows.map_or(default.min(limit), |rows| rows as usize);
    let options = CodedOptions {
        most: if verb.clusters { most(CLUSTERED_ROWS) } else { most(ROWS) },
        seed: verb.seed,
        columns,
        wanted: Vec::new(),
    };
    let coded = open.gather(&options, printer)?;
    let fewer = coded.fewer(most(ROWS));
    if verb.rows.is_none() && limit < ROWS && coded.numbers.len() == limit {
        let (rows, columns) = (thousands(limit), counted(options.columns.len(), "column"));
        printer.warn(format!("{}: of {columns}, {rows} rows are looked at, to save memory; --rows decides", open.name));
    }
    let associating = AssociationOptions { seed: verb.seed, threads, ..AssociationOptions::default() };
    // What latents of a sparse code, of which there are many, have to do with features is told by what they add.
    let first = if model.record.settings.sparsity.is_some() { open.features.len() } else { 0 };
    let mut associations = associate(&fewer.codes, fewer.latent, &fewer.columns[first..], &associating);
    associations.iter_mut().for_each(|association| association.column += first);
    let clusters =
        if verb.clusters { Some(Clusters::find(&model, &coded, verb.min_cluster_size, threads)?) } else { None };
    let uses = match model.record.settings.used_above() {
        Some(threshold) => latent_use(&model.autoencoder, &fewer.codes, threshold, threads)?,
        None => Vec::new(),
    };
    let explained = Explained {
        model: &model,
        source: &open.name,
        coded: &coded,
        rows: fewer.numbers.len(),
        seed: verb.seed,
        features: open.features.len(),
        columns: &fewer.columns,
        first,
        associations: &associations,
        uses: &uses,
        clusters: clusters.as_ref(),
    };
    words::say(&explained, printer);
    if let Some(target) = &output {
        write_table(&table::table(&explained)?, target, printer)?;
    }
    let document = verb.json.then(|| document::document(&explained));
    if let (Some(target), Some(clusters)) = (&labels, &clusters) {
        let numbers = coded.numbers.as_slice();
        clusters.write_labels(&mut open, numbers, target, &verb.keep.unwrap_or_default(), printer)?;
    }
    match document {
        Some(document) => printer.document(&document),
        None => Ok(()),
    }
}

/// Standard output holds one thing, and so does a file.
fn refuse_same_place(json: bool, output: Option<&Target>, labels: Option<&Target>) -> Result<(), Failure> {
    let to_stdout = [output, labels].into_iter().flatten().filter(|target| **target == Target::Stdout).count();
    if to_stdout + usize::from(json) > 1 {
        return Err(Failure::usage("-: standard output can hold one result only; name a file for the others"));
    }
    match (output, labels) {
        (Some(one), Some(two)) if one == two => {
            Err(Failure::usage(format!("{one}: is named for two results; name another file with --labels")))
        }
        _ => Ok(()),
    }
}

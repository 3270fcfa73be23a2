//! `traverse`: what the decoder makes of codes along latent axes, or between two samples.

mod base;
mod parse;

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::Target;
use lumenfold::traverse::{FigureOptions, MOST_LINES, Traversal};

use crate::coded::Rows;
use crate::failure::Failure;
use crate::inputs;
use crate::names::{Names, names};
use crate::outlet::write_table;
use crate::pages::{Figure, write_text};
use crate::printer::Printer;
use crate::words::{counted, listed, thousands};
use base::Start;
use parse::{At, Range, Size, at, image, range};

/// Decode along latent axes, or on the way between two samples.
///
/// With DATA, the axes cross at the median code of the rows and go from its 1 % to its 99 % quantile. The output is a table
/// (axis, step, latent coordinates, features in the units of the data) or, with the ending .html or .svg, a figure: lines
/// for up to 12 features, a fan of lines for spectra, strips of pictures with --image.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold traverse stars.model stars.csv -o axes.html\n  \
    lumenfold traverse stars.model stars.csv -o axes.csv --axis z2 --steps 25 --row 17\n  \
    lumenfold traverse digits.model digits.npy -o way.svg --from 3 --to 8 --image 28x28\n  \
    lumenfold traverse stars.model -o axes.csv --range=-2,2 --at z1=0.5")]
pub(crate) struct Traverse {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The rows that say where the axes cross and how far they go; `-` for standard input. Several files are read one
    /// after another as one table.
    data: Vec<PathBuf>,
    /// Where to write: a table (.csv .tsv .parquet .arrow .fits .h5 .vot .npz, `-` for CSV on standard output) or a figure
    /// (.html .svg).
    #[arg(long, short)]
    output: PathBuf,
    /// The axes [default: all up to 16, of more those with the largest spread].
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    axis: Option<Names>,
    /// Steps along each axis, both ends counted [default: 9; 49 for a figure of lines].
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// How far to go: quantiles of DATA, as in 1%,99%, or values of the coordinates, as in -2,2 [default: 1%,99%].
    #[arg(long, value_name = "LOW,HIGH", value_parser = range, allow_hyphen_values = true)]
    range: Option<Range>,
    /// Where the axes cross, as in z1=0.3,z2=-1; coordinates that are not named stay at their median (0 without DATA).
    #[arg(long, value_name = "NAME=VALUE,…", value_parser = at, allow_hyphen_values = true, conflicts_with = "row")]
    at: Option<At>,
    /// The row of DATA, counted from 1, at whose code the axes cross.
    #[arg(long, value_name = "ROW")]
    row: Option<u64>,
    /// Walk from the code of this row of DATA, counted from 1, straight to that of another.
    #[arg(long, value_name = "ROW", requires = "to", conflicts_with_all = ["axis", "range", "at", "row"])]
    from: Option<u64>,
    /// The row to walk to.
    #[arg(long, value_name = "ROW", requires = "from")]
    to: Option<u64>,
    /// Draw each sample as a picture of so many pixels [default: the shape of the model, if it has two axes].
    #[arg(long, value_name = "HEIGHTxWIDTH", value_parser = image)]
    image: Option<Size>,
    #[command(flatten)]
    rows: Rows,
}

/// Steps by default, and those of a figure in which they are joined by lines.
const STEPS: usize = 9;
const STEPS_OF_LINES: usize = 49;

pub(crate) fn run(verb: Traverse, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let inputs: Vec<&PathBuf> = verb.data.iter().chain([&verb.model]).collect();
    let figure = Figure::of(&verb.output);
    if figure.is_some() {
        inputs::output_file(&verb.output, &inputs.iter().map(|path| path.as_path()).collect::<Vec<_>>())?;
    } else {
        if verb.image.is_some() {
            return Err(Failure::usage("--image draws a figure; name an output with the ending .html or .svg"));
        }
        inputs::output_with_text(verb.output.clone(), inputs)?;
    }
    let (output, image) = (verb.output.clone(), verb.image.or_else(|| figure.as_ref().and(shape_of(&model))));
    let lines = figure.is_some() && image.is_none() && model.autoencoder.features().len() <= MOST_LINES;
    let steps = verb.steps.unwrap_or(if lines { STEPS_OF_LINES } else { STEPS });
    let (start, threads) = (Start::of(&model, &verb, printer)?, verb.rows.threads.count());
    let autoencoder = &model.autoencoder;
    let traversal = match &start.to {
        Some(to) => Traversal::between(autoencoder, &start.base, to, steps, threads)?,
        None => Traversal::along(autoencoder, &start.base, &start.ranges, steps, threads)?,
    };
    let far: Vec<Vec<bool>> = match &start.coded {
        Some(coded) => traversal.walks.iter().map(|walk| coded.far(&walk.codes)).collect(),
        None => Vec::new(),
    };
    match figure {
        Some(figure) => {
            let options = FigureOptions {
                title: start.title,
                caption: start.caption,
                way: start.way,
                spreads: start.spreads,
                spread_name: start.spread_name.to_owned(),
                far: far.clone(),
                image: image.map(|size| (size.height, size.width)),
            };
            let text = match figure {
                Figure::Page => traversal.html(&options)?,
                Figure::Svg => traversal.svg(&options)?,
            };
            write_text(&output, &text)?;
            let walks: Vec<&str> = traversal.walks.iter().map(|walk| walk.name.as_str()).collect();
            let steps = counted(steps, "step");
            printer.say(format!("wrote {}: {steps} along {}", output.display(), listed(&walks)));
        }
        None => write_table(&traversal.table()?, &Target::from(output), printer)?,
    }
    say_far(&far, printer);
    Ok(())
}

/// The picture that a sample is: that of a model with two axes.
fn shape_of(model: &Model) -> Option<Size> {
    match model.axes() {
        [rows, columns] => Some(Size { height: rows.size(), width: columns.size() }),
        _ => None,
    }
}

/// What no row vouches for is no finding.
fn say_far(far: &[Vec<bool>], printer: &Printer) {
    let (steps, all) = (far.iter().flatten().filter(|far| **far).count(), far.iter().map(Vec::len).sum());
    if steps > 0 {
        printer.say(format!(
            "{} of {} lie further from any row than 99 % of the rows from their nearest neighbour: no data say whether samples \
            are like that there",
            thousands(steps),
            counted(all, "step")
        ));
    }
}

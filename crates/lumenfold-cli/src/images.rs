//! Whole images through a patch model: what `encode` and `reconstruct` do with one.

use std::path::Path;
use std::sync::atomic::Ordering;

use clap::Args;
use lumenfold::data::axis::Shape;
use lumenfold::data::{Format, ImageOptions, ImageWriter, Images, OutputFormat, Source, Target};
use lumenfold::{Model, Tiling, TilingOptions};

use crate::failure::Failure;
use crate::inputs::{MissingRows, Reading, Threads};
use crate::interruption;
use crate::memory::Memory;
use crate::outlet::{Stop, write_blocks};
use crate::printer::Printer;
use crate::words::{counted, thousands};

/// Bytes of images that are kept in memory; larger ones are read as they are needed.
const KEPT_BYTES: u64 = 64 << 20;

/// How the windows of a patch model lie.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Windows {
    /// Bins by which the windows of a patch model overlap along each axis, as in 16x32 [default: half of the patch].
    #[arg(long, value_name = "NxN…")]
    pub(crate) overlap: Option<String>,
}

impl Windows {
    fn sizes(&self) -> Result<Option<Vec<usize>>, Failure> {
        let Some(text) = &self.overlap else { return Ok(None) };
        let sizes = text.split(['x', '×']).map(|size| size.trim().parse::<usize>().ok()).collect::<Option<Vec<_>>>();
        match sizes {
            Some(sizes) => Ok(Some(sizes)),
            None => Err(Failure::usage(format!(
                "--overlap: \"{text}\" is no list of bins; write 16x32, or 8 for each axis"
            ))),
        }
    }
}

/// The bins of a patch along each axis: `32x64`.
pub(crate) fn patch(text: &str) -> Result<Vec<usize>, Failure> {
    text.parse::<Shape>().map(|shape| shape.0).map_err(|error| Failure::usage(format!("--patch: {error}")))
}

/// A patch model, images and where the result goes.
pub(crate) struct Passing<'a> {
    pub(crate) model: &'a Model,
    pub(crate) sources: &'a [Source],
    pub(crate) target: &'a Target,
    pub(crate) windows: &'a Windows,
    pub(crate) reading: &'a Reading,
    pub(crate) threads: Threads,
    pub(crate) memory: Memory,
}

impl Passing<'_> {
    fn open(&self, impute: bool, printer: &Printer) -> Result<(Images, Tiling<'_>), Failure> {
        let masks = match self.reading.missing {
            MissingRows::Refuse => false,
            MissingRows::Mask => true,
            MissingRows::Skip => return Err(Failure::usage(NO_SKIP)),
        };
        let overlap = self.windows.sizes()?;
        let options = TilingOptions { overlap, masks, impute, threads: self.threads.count() };
        let tiling = Tiling::new(self.model, options)?;
        let [source] = self.sources else {
            return Err(Failure::usage("a patch model takes one file of images at a time"));
        };
        let options = ImageOptions {
            format: self.reading.format,
            temporary_directory: directory(self.target),
            ..ImageOptions::default()
        };
        let mut images = Images::open(source, self.model.axes().len(), &options)?;
        images.keep_within(self.memory.memory.map_or(KEPT_BYTES, |memory| memory / 4).min(KEPT_BYTES))?;
        images.notes().iter().for_each(|note| printer.warn(note));
        tiling.remarks(&images).into_iter().for_each(|remark| printer.warn(remark));
        Ok((images, tiling))
    }

    /// Writes images as the model reconstructs them. With `impute`, values that are there stay as they are.
    pub(crate) fn reconstruct(&self, impute: bool, printer: &Printer) -> Result<(), Failure> {
        let format = match self.target {
            Target::Path(path) => OutputFormat::from_path(path)?.format,
            Target::Stdout => Format::Csv,
        };
        if !matches!(format, Format::Npy | Format::Npz) {
            let target = self.target;
            return Err(Failure::usage(format!("{target}: images are written as .npy, or as .npz with their axes")));
        }
        let (images, tiling) = self.open(impute, printer)?;
        let singles = self.model.autoencoder.scaling().features.iter().all(|scaling| scaling.fits_single());
        let mut writer = ImageWriter::create(self.target, &images, singles)?;
        let interrupted = interruption::flag().unwrap_or_default();
        let without = tiling.reconstruct(&images, |values| {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Stop::Interrupted);
            }
            Ok(writer.write(values)?)
        });
        let without = without.map_err(|stop| match stop {
            Stop::Failed(failure) => failure,
            _ => Failure::failed(format!("interrupted: {} was not written", self.target)),
        })?;
        writer.finish()?;
        if without > 0 {
            let (path, without) = (images.path(), thousands(without as usize));
            printer.warn(format!("{path}: {without} values lie where no window has any value; they stay absent (NaN)"));
        }
        let sizes = images.sizes().iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
        printer.say(format!("wrote {}: {} of {sizes}", self.target, counted(images.count(), "image")));
        Ok(())
    }

    /// Writes the code of every window, with the place of its middle.
    pub(crate) fn encode(&self, printer: &Printer) -> Result<(), Failure> {
        let (images, tiling) = self.open(false, printer)?;
        write_blocks(self.target, printer, |give| tiling.encode(&images, give))
    }
}

/// What is said of images whose values may be absent.
pub(crate) const NO_SKIP: &str =
    "--missing skip: leaves out rows, and images are not rows; --missing mask leaves absent values out of what is seen";

/// Where copies of compressed images go: beside the output, as far as that is a file.
pub(crate) fn directory(target: &Target) -> Option<std::path::PathBuf> {
    let Target::Path(path) = target else { return None };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    parent.is_dir().then(|| parent.to_path_buf())
}

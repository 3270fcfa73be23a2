//! What `data phonons` writes: samples as they are made, then axes and the parameters of the crystals.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use lumenfold::data::{ArrayValues, ArrayWriter, DataError, Format};
use lumenfold::synthetic::phonons::{Axis, Collection, Crystal, Sample, Spring};

use super::progress::Progress;
use super::{Kind, Phonons};
use crate::failure::Failure;
use crate::printer::Printer;

/// Values of the samples that are made at a time.
const BLOCK_VALUES: usize = 1 << 21;
/// The most samples that are made at a time.
const MOST_SAMPLES: usize = 256;

/// The files that are written.
pub(super) struct Outputs {
    main: Output,
    clean: Option<Output>,
}

struct Output {
    writer: ArrayWriter,
    /// Whether it has room for more than one array.
    archive: bool,
}

/// What is kept of the samples that were written.
#[derive(Default)]
struct Kept {
    crystals: Vec<Crystal>,
    /// Counts that make 1/meV.
    scales: Vec<f64>,
}

/// Why writing ended.
enum Stop {
    Interrupted,
    Unwritable,
}

impl Outputs {
    /// Opens the files. Nothing is to be seen of them until all is written.
    pub(super) fn create(main: &Path, clean: Option<&Path>) -> Result<Self, Failure> {
        // A name may be spelled in two ways, and neither file is there yet: their directories are.
        let place = |path: &Path| {
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            (directory.canonicalize().ok(), path.file_name().map(ToOwned::to_owned))
        };
        if clean.is_some_and(|clean| place(clean) == place(main)) {
            return Err(Failure::usage(format!("{}: is named with -o and with --clean", main.display())));
        }
        let open = |path: &Path| -> Result<Output, DataError> {
            let archive = ArrayWriter::check(path)? == Format::Npz;
            Ok(Output { writer: ArrayWriter::create(path)?, archive })
        };
        Ok(Self { main: open(main)?, clean: clean.map(open).transpose()? })
    }

    /// Makes and writes all samples; the time that it took in seconds.
    pub(super) fn write(
        mut self,
        verb: &Phonons,
        collection: &Collection,
        stop: &AtomicBool,
        printer: &Printer,
    ) -> Result<f64, Failure> {
        let shape = collection.picture().shape();
        let all: Vec<usize> = std::iter::once(verb.crystals as usize).chain(shape.iter().copied()).collect();
        for output in std::iter::once(&mut self.main).chain(&mut self.clean) {
            output.writer.begin("intensity", &all)?;
        }
        let threads = verb.threads.count();
        let values: usize = shape.iter().product();
        // Threads that are ready wait for the others at the end of a block: some samples for each of them.
        let block = (BLOCK_VALUES / values).clamp(1, MOST_SAMPLES).max(2 * threads.get()) as u64;
        let mut progress = Progress::new(printer, verb.crystals);
        // Blocks are written, and compressed, while the next is made.
        let (sender, blocks) = sync_channel::<Vec<Sample>>(1);
        let (made, written) = thread::scope(|scope| {
            let writing = scope.spawn(move || {
                let mut kept = Kept::default();
                for block in blocks {
                    self.append(&block, &mut kept)?;
                }
                Ok::<_, DataError>((self, kept))
            });
            let made = (0..verb.crystals).step_by(block as usize).try_for_each(|first| {
                if stop.load(Ordering::Relaxed) {
                    return Err(Stop::Interrupted);
                }
                let end = verb.crystals.min(first + block);
                let samples = collection.samples(first..end, threads);
                progress.done(end);
                sender.send(samples).map_err(|_| Stop::Unwritable)
            });
            drop(sender);
            (made, writing.join())
        });
        let written = written.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if matches!(made, Err(Stop::Interrupted)) {
            return Err(Failure::failed(format!("interrupted: {} was not written", verb.output.display())));
        }
        let (outputs, kept) = written?;
        let Self { main, clean } = outputs;
        // The files appear one after the other, when all of them are complete.
        let main = main.completed(verb, collection, &kept)?;
        if let Some(clean) = clean {
            clean.completed(verb, collection, &kept)?.finish()?;
        }
        main.finish()?;
        Ok(progress.finish())
    }

    fn append(&mut self, samples: &[Sample], kept: &mut Kept) -> Result<(), DataError> {
        for sample in samples {
            kept.crystals.push(sample.crystal);
            let values = match &sample.counted {
                Some((counts, scale)) => {
                    kept.scales.push(*scale);
                    counts
                }
                None => &sample.clean,
            };
            self.main.writer.write(values)?;
            if let Some(clean) = &mut self.clean {
                clean.writer.write(&sample.clean)?;
            }
        }
        Ok(())
    }
}

impl Output {
    /// Writes what stands beside the intensity, where there is room for it.
    fn completed(mut self, verb: &Phonons, collection: &Collection, kept: &Kept) -> Result<ArrayWriter, DataError> {
        if !self.archive {
            return Ok(self.writer);
        }
        let writer = &mut self.writer;
        let names: &[&str] = match verb.kind {
            Kind::Dos => &["energy_meV"],
            Kind::Map => &["momentum_transfer_per_angstrom", "energy_meV"],
            Kind::Volume => &["qx_per_angstrom", "qy_per_angstrom", "energy_meV"],
        };
        for (name, axis) in names.iter().zip(collection.picture().axes()) {
            writer.array(name, &[axis.len()], ArrayValues::Float64(Axis::values(axis)))?;
        }
        if verb.kind != Kind::Dos {
            writer.array("temperature_K", &[], ArrayValues::Float64(&[verb.temperature()]))?;
        }
        if verb.kind == Kind::Volume {
            writer.array("qz_per_angstrom", &[], ArrayValues::Float64(&[verb.qz()]))?;
        }
        let count = [kept.crystals.len()];
        let lattices: Vec<&str> = kept.crystals.iter().map(|crystal| crystal.lattice().symbol()).collect();
        writer.array("lattice", &count, ArrayValues::Text(&lattices))?;
        for (name, of_crystal) in PARAMETERS {
            let values: Vec<f64> = kept.crystals.iter().map(of_crystal).collect();
            writer.array(name, &count, ArrayValues::Float64(&values))?;
        }
        if !kept.scales.is_empty() {
            writer.array("counts_per_unit", &count, ArrayValues::Float64(&kept.scales))?;
        }
        Ok(self.writer)
    }
}

/// A number that belongs to a crystal.
type Parameter = (&'static str, fn(&Crystal) -> f64);

/// The numbers that are written of each crystal.
const PARAMETERS: [Parameter; 8] = [
    ("lattice_constant_angstrom", Crystal::lattice_constant),
    ("mass_u", Crystal::mass),
    ("spring1_longitudinal_N_per_m", |crystal| first(crystal).longitudinal),
    ("spring1_transverse_N_per_m", |crystal| first(crystal).transverse),
    ("spring2_longitudinal_N_per_m", |crystal| second(crystal).longitudinal),
    ("spring2_transverse_N_per_m", |crystal| second(crystal).transverse),
    ("cutoff_meV", Crystal::cutoff),
    ("mean_square_displacement_300K_angstrom2", |crystal| crystal.mean_square_displacement(300.0)),
];

fn first(crystal: &Crystal) -> Spring {
    crystal.springs()[0]
}

fn second(crystal: &Crystal) -> Spring {
    crystal.springs()[1]
}

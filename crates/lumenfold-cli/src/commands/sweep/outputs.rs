//! What a sweep writes: tables and figures, by the endings of their names.

use std::path::{Path, PathBuf};

use lumenfold::data::{Target, WriteOptions, write_table};
use lumenfold::sweep::Sweep;

use crate::failure::Failure;
use crate::inputs;
use crate::pages::{Figure, write_text};
use crate::printer::Printer;

/// Outputs that can be written.
pub(super) struct Outputs(Vec<Output>);

enum Output {
    Figure(Figure, PathBuf),
    Table(Target),
}

impl Outputs {
    /// Checks, before the work begins, that all of them can be written.
    pub(super) fn check(paths: &[PathBuf], data: &[&Path], json: bool) -> Result<Self, Failure> {
        let data_files: Vec<PathBuf> = data.iter().map(|path| path.to_path_buf()).collect();
        let mut outputs = Vec::new();
        for (at, path) in paths.iter().enumerate() {
            if paths[..at].contains(path) {
                return Err(Failure::usage(format!("{}: is named twice with -o", path.display())));
            }
            if json && path.as_os_str() == "-" {
                return Err(Failure::usage("-: standard output is for --json; name a file with -o"));
            }
            outputs.push(match Figure::of(path) {
                Some(figure) => {
                    inputs::output_file(path, data)?;
                    Output::Figure(figure, path.clone())
                }
                None => Output::Table(inputs::output(path.clone(), &data_files)?),
            });
        }
        Ok(Self(outputs))
    }

    pub(super) fn write(&self, sweep: &Sweep, printer: &Printer) -> Result<(), Failure> {
        for output in &self.0 {
            match output {
                Output::Figure(figure, path) => {
                    let text = match figure {
                        Figure::Page => sweep.html(),
                        Figure::Svg => sweep.svg(),
                    };
                    write_text(path, &text)?;
                    printer.say(format!("wrote {}", path.display()));
                }
                Output::Table(target) => {
                    write_table(&sweep.table()?, target, &WriteOptions::default())?;
                    if let Target::Path(path) = target {
                        printer.say(format!("wrote {}", path.display()));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Makes a directory for models, unless it is there.
pub(super) fn make_directory(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)
        .map_err(|error| Failure::usage(format!("{}: cannot be made: {error}", directory.display())))?;
    Ok(lumenfold::data::check_writable(&directory.join("latent-1-seed-0.model"))?)
}

//! What a sweep writes: tables and figures, by the endings of their names.

use std::path::{Path, PathBuf};

use lumenfold::data::{Target, WriteOptions, write_table, write_whole};
use lumenfold::sweep::Sweep;

use crate::failure::Failure;
use crate::inputs;
use crate::printer::Printer;

/// Outputs that can be written.
pub(super) struct Outputs(Vec<Output>);

enum Output {
    Svg(PathBuf),
    Html(PathBuf),
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
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
            outputs.push(match ending.as_deref() {
                Some("svg") => {
                    inputs::output_file(path, data)?;
                    Output::Svg(path.clone())
                }
                Some("html" | "htm") => {
                    inputs::output_file(path, data)?;
                    Output::Html(path.clone())
                }
                _ => Output::Table(inputs::output(path.clone(), &data_files)?),
            });
        }
        Ok(Self(outputs))
    }

    pub(super) fn write(&self, sweep: &Sweep, printer: &Printer) -> Result<(), Failure> {
        for output in &self.0 {
            match output {
                Output::Svg(path) => write_text(path, &sweep.svg(), printer)?,
                Output::Html(path) => write_text(path, &sweep.html(), printer)?,
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

fn write_text(path: &Path, text: &str, printer: &Printer) -> Result<(), Failure> {
    write_whole(path, |file| file.write_all(text.as_bytes()))?;
    printer.say(format!("wrote {}", path.display()));
    Ok(())
}

/// Makes a directory for models, unless it is there.
pub(super) fn make_directory(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)
        .map_err(|error| Failure::usage(format!("{}: cannot be made: {error}", directory.display())))?;
    Ok(lumenfold::data::check_writable(&directory.join("latent-1-seed-0.model"))?)
}

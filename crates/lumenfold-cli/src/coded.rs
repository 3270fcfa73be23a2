//! Rows of tables with their codes: what `traverse` and `explain` begin with.

use std::path::PathBuf;

use clap::Args;
use lumenfold::coded::{CodedOptions, CodedRows};
use lumenfold::data::{BlockOptions, BlockReader, Source};
use lumenfold::passage::{Passage, PassageOptions, Way};
use lumenfold::{Error, Model};

use crate::failure::Failure;
use crate::inputs::{self, Needed, Reading, Threads};
use crate::memory::Memory;
use crate::names::{Names, names};
use crate::printer::Printer;
use crate::words::thousands;

/// Which columns are the features, and how the rows are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Rows {
    /// The columns that hold the model's features, in its order, where their names differ.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    columns: Option<Names>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    pub(crate) threads: Threads,
    #[command(flatten)]
    memory: Memory,
}

/// Which columns are read beside the features.
pub(crate) enum Beside {
    Nothing,
    These(Names),
    /// All there are.
    Others,
}

/// Tables that are open, to be encoded.
pub(crate) struct Open<'a> {
    pub(crate) model: &'a Model,
    pub(crate) name: String,
    pub(crate) reader: BlockReader,
    /// The columns that are the features, and those beside them.
    pub(crate) features: Names,
    pub(crate) beside: Names,
    options: PassageOptions,
}

impl Rows {
    /// Opens tables.
    pub(crate) fn open<'a>(
        &self,
        model: &'a Model,
        paths: Vec<PathBuf>,
        beside: Beside,
        printer: &Printer,
    ) -> Result<Open<'a>, Failure> {
        let sources = inputs::sources(paths)?;
        let name = inputs::name_of(&sources);
        let features = self.features(model, &sources, &name)?;
        inputs::refuse_twice(&name, &features)?;
        let kept: &[String] = match &beside {
            Beside::These(kept) => kept,
            Beside::Nothing | Beside::Others => &[],
        };
        inputs::refuse_twice(&name, kept)?;
        let options = BlockOptions {
            columns: match beside {
                Beside::Others => None,
                _ => Some(features.iter().chain(kept).cloned().collect()),
            },
            // What is kept is kept as it was read.
            numbers: features.iter().filter(|name| !kept.contains(name)).cloned().collect(),
            format: self.reading.format,
            block_bytes: self.memory.block_bytes(1, 0),
            memory_limit: self.memory.limit(),
            threads: Some(self.threads.count()),
            ..BlockOptions::default()
        };
        let reader = inputs::open(&sources, &options, printer)?;
        let beside = match beside {
            Beside::Others => reader.names().iter().filter(|name| !features.contains(name)).cloned().collect(),
            Beside::These(kept) => kept.into_iter().filter(|name| !features.contains(name)).collect(),
            Beside::Nothing => Vec::new(),
        };
        let options = PassageOptions {
            way: Way::Encode,
            columns: features.clone(),
            missing: self.reading.whole_rows()?,
            threads: self.threads.count(),
        };
        Ok(Open { model, name, reader, features, beside, options })
    }

    fn features(&self, model: &Model, sources: &[Source], name: &str) -> Result<Names, Error> {
        let needed = inputs::feature_names(model);
        match &self.columns {
            None => Ok(inputs::without_names(sources, &needed).unwrap_or(needed)),
            chosen => Needed { names: &needed, what: "features" }.columns(name, chosen.clone()),
        }
    }
}

impl Open<'_> {
    /// The encoder, and the reader to pass through it.
    pub(crate) fn split(&mut self) -> Result<(Passage<'_>, &mut BlockReader), Error> {
        Ok((Passage::new(&self.model.autoencoder, self.options.clone())?, &mut self.reader))
    }

    /// Encodes all rows, with a remark about those that lack a value.
    pub(crate) fn gather(&mut self, options: &CodedOptions, printer: &Printer) -> Result<CodedRows, Failure> {
        let latent = self.model.autoencoder.network().latent_dimension();
        let (passage, reader) = self.split()?;
        let coded = CodedRows::gather(&passage, latent, reader, options)?;
        if coded.skipped > 0 {
            let (skipped, rows) = (thousands(coded.skipped), thousands(coded.rows as usize));
            printer.warn(format!("{}: {skipped} of {rows} rows lack a value and are left out", self.name));
        }
        Ok(coded)
    }
}

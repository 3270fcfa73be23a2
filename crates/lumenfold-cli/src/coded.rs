//! Rows of tables with their codes: what `traverse` and `explain` begin with; and the options that `probe` shares with them.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;
use lumenfold::coded::{CodedOptions, CodedRows};
use lumenfold::data::{BlockOptions, BlockReader};
use lumenfold::passage::{Passage, PassageOptions, Way};
use lumenfold::{Error, Model};

use crate::axes::{Finding, Samples};
use crate::failure::Failure;
use crate::inputs::{self, Grid, Reading, Threads};
use crate::memory::Memory;
use crate::names::{Names, names};
use crate::printer::Printer;

/// Which columns are the features, and how the rows are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Rows {
    /// The columns that hold the model's features, in its order, where their names differ.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    pub(crate) columns: Option<Names>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) grid: Grid,
    #[command(flatten)]
    pub(crate) threads: Threads,
    #[command(flatten)]
    pub(crate) memory: Memory,
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
    /// How their blocks are read; which columns is for the verb to say.
    pub(crate) fn blocks(&self) -> BlockOptions {
        self.reading.blocks(self.memory, self.threads)
    }

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
        let kept: &[String] = match &beside {
            Beside::These(kept) => kept,
            Beside::Nothing | Beside::Others => &[],
        };
        inputs::refuse_twice(&name, kept)?;
        let finding = Finding {
            model,
            columns: self.columns.clone(),
            beside: if matches!(beside, Beside::Others) { None } else { Some(kept) },
            resample: self.grid.resample,
            masks: false,
        };
        let Samples { reader, columns: features } = finding.open(&sources, &self.blocks(), printer)?;
        let own: HashSet<&String> = features.iter().collect();
        let beside = match beside {
            Beside::Others => reader.names().iter().filter(|name| !own.contains(name)).cloned().collect(),
            Beside::These(kept) => kept.into_iter().filter(|name| !own.contains(name)).collect(),
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
        inputs::warn_of_skipped(&self.name, coded.skipped, coded.rows as usize, printer);
        Ok(coded)
    }
}

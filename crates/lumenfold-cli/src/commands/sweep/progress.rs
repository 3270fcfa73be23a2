//! What is told while a sweep goes on, and the models that are kept.

use std::path::Path;

use lumenfold::data::Rows;
use lumenfold::sweep::{Broken, Dimension, Observer, Run};
use lumenfold::{Error, Event, Fitted, Model};

use crate::printer::Printer;
use crate::progress::FitProgress;
use crate::words::{self, counted, listed, number, percent};

/// The file of a model that is kept.
pub(super) fn file_name(run: &Run) -> String {
    format!("latent-{}-seed-{}.model", run.latent, run.seed)
}

/// A line for each dimension, and the progress of each fit.
pub(super) struct Told<'a> {
    printer: &'a Printer,
    rows: Rows<'a>,
    models: Option<&'a Path>,
    fit: Option<FitProgress<'a>>,
}

impl<'a> Told<'a> {
    /// `models` is the directory where models are kept.
    pub(super) fn new(printer: &'a Printer, rows: Rows<'a>, models: Option<&'a Path>) -> Self {
        Self { printer, rows, models, fit: None }
    }

    /// Clears what is drawn.
    pub(super) fn finish(&mut self) {
        if let Some(fit) = self.fit.take() {
            fit.finish();
        }
    }
}

impl Observer for Told<'_> {
    fn begins(&mut self, latent: usize, seed: u64, number: usize, of: usize) {
        if number == 1 {
            let names: Vec<&str> = self.rows.features().iter().map(|feature| feature.name.as_str()).collect();
            let (rows, features) = (counted(self.rows.rows(), "row"), counted(names.len(), "feature"));
            let fits = counted(of, "fit");
            self.printer.head(format!("{}: {rows}, {features} ({}); {fits}", self.rows.source(), listed(&names)));
        }
        self.fit =
            Some(FitProgress::labelled(self.printer, format!("fit {number}/{of}, latent {latent}, seed {seed}: ")));
    }

    fn event(&mut self, event: &Event) {
        let Some(progress) = &mut self.fit else { return };
        match event {
            Event::Epoch(epoch) => progress.epoch(epoch),
            Event::Recovered { recovery, loss } => progress.recovered(recovery, *loss),
            _ => {}
        }
    }

    fn fitted(&mut self, run: &Run, fitted: Fitted) -> Result<(), Error> {
        self.finish();
        match self.models {
            Some(directory) => Model::from(fitted).save(&directory.join(file_name(run))),
            None => Ok(()),
        }
    }

    fn broke_down(&mut self, broken: &Broken) {
        self.finish();
        let Broken { latent, seed, reason } = broken;
        self.printer.warn(format!("latent {latent}, seed {seed} is left out: {reason}"));
    }

    fn measured(&mut self, dimension: &Dimension) {
        self.finish();
        let rms = dimension.rms();
        let range = match dimension.runs.len() {
            1 => String::new(),
            _ => format!(" ({} to {})", number(rms.least), number(rms.most)),
        };
        let stability = dimension.stability.map(|it| format!(", stability {:.3}", it.affine_r2)).unwrap_or_default();
        self.printer.say(format!(
            "latent {}: held-out rms {}{range}, PCA {}, explained variance {}{stability}; {}",
            dimension.latent,
            number(rms.median),
            number(dimension.pca.mse.sqrt()),
            percent(dimension.explained_variance().median),
            words::seconds(dimension.seconds())
        ));
    }
}

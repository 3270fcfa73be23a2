//! A sweep as a table: one row for each dimension and seed.

use lumenfold_data::{Column, Table, Values};

use super::{Run, Sweep};
use crate::Error;
use crate::metrics::Errors;

impl Sweep {
    /// One row for each fit. It holds no times, so that the same sweep gives the same table.
    ///
    /// # Errors
    /// None in practice: the columns have names of their own and one length.
    pub fn table(&self) -> Result<Table, Error> {
        let runs: Vec<_> = self
            .dimensions
            .iter()
            .flat_map(|dimension| dimension.runs.iter().map(move |run| (dimension, run)))
            .collect();
        let whole = |name: &str, value: fn(&Run) -> u64| {
            let values = runs.iter().map(|(_, run)| i64::try_from(value(run)).unwrap_or(i64::MAX)).collect();
            Column::new(name, Values::integers(values))
        };
        let own = |name: &str, value: &dyn Fn(&Run) -> f64| {
            Column::new(name, Values::Float64(runs.iter().map(|(_, run)| value(run)).collect()))
        };
        let pca = |name: &str, value: fn(&Errors) -> f64| {
            Column::new(name, Values::Float64(runs.iter().map(|(dimension, _)| value(&dimension.pca)).collect()))
        };
        let suggested = runs.iter().map(|(dimension, _)| Some(dimension.latent) == self.suggestion.map(|it| it.latent));
        let columns = vec![
            whole("latent", |run| run.latent as u64),
            whole("seed", |run| run.seed),
            whole("parameters", |run| run.parameters as u64),
            whole("epochs", |run| run.epochs as u64),
            whole("best_epoch", |run| run.best_epoch as u64),
            own("loss", &|run| run.errors.loss),
            own("mse", &|run| run.errors.mse),
            own("rms", &|run| run.errors.mse.sqrt()),
            own("explained_variance", &|run| run.errors.explained_variance),
            pca("pca_loss", |errors| errors.loss),
            pca("pca_mse", |errors| errors.mse),
            pca("pca_rms", |errors| errors.mse.sqrt()),
            pca("pca_explained_variance", |errors| errors.explained_variance),
            own("affine_r2", &|run| run.stability.map_or(f64::NAN, |stability| stability.affine_r2)),
            own("cka", &|run| run.stability.map_or(f64::NAN, |stability| stability.cka)),
            Column::new("suggested", Values::booleans(suggested.collect())),
        ];
        Ok(Table::new("sweep", columns)?)
    }
}

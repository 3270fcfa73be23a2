//! All associations as a table.

use lumenfold::association::Association;
use lumenfold::data::{Column, Table, Values};

use super::Explained;
use crate::failure::Failure;

/// A row for each latent coordinate and each column; a number that does not exist is a missing value.
pub(super) fn table(explained: &Explained<'_>) -> Result<Table, Failure> {
    let names = explained.model.autoencoder.latent_names();
    let all = explained.associations;
    let numbers = |name: &str, of: &dyn Fn(&Association) -> Option<f64>| {
        Column::new(name, Values::Float64(all.iter().map(|own| of(own).unwrap_or(f64::NAN)).collect()))
    };
    let columns = vec![
        Column::new("latent", Values::text(all.iter().map(|own| &names[own.latent]))),
        Column::new("column", Values::text(all.iter().map(|own| &explained.columns[own.column].name))),
        Column::new("kind", Values::text(all.iter().map(|own| explained.kind(own)))),
        Column::new("rows", Values::integers(all.iter().map(|own| own.rows as i64).collect())),
        numbers("rank_correlation", &|own| own.rank_correlation),
        numbers("information", &|own| own.information),
        numbers("null_mean", &|own| own.null.map(|null| null.mean)),
        numbers("null_deviation", &|own| own.null.map(|null| null.deviation)),
        numbers("entropy", &|own| own.entropy),
        Column::new("significant", Values::booleans(all.iter().map(Association::significant).collect())),
    ];
    Ok(Table::new("associations", columns).map_err(lumenfold::Error::from)?)
}

impl Explained<'_> {
    /// What a column is to the model.
    pub(super) fn kind(&self, own: &Association) -> &'static str {
        if own.column < self.features { "feature" } else { "carried" }
    }
}

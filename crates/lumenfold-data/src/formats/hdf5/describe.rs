//! Samples as a file describes them, whatever its convention.

use super::Content;
use super::store::{Class, Dataset};
use crate::axis::Axis;
use crate::formats::arrays::is_companion;

/// Names of axes that count samples.
const INDICES: [&str; 22] = [
    "sample",
    "samples",
    "index",
    "indices",
    "row",
    "rows",
    "spectrum",
    "spectra",
    "spectrum_index",
    "spectrum_number",
    "scan",
    "scans",
    "detector",
    "detectors",
    "detector_number",
    "detector_index",
    "pixel_id",
    "record",
    "event",
    "object",
    "frame",
    "id",
];

/// A dataset of samples and what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Described {
    /// The group in which columns stand beside it.
    pub(super) group: String,
    /// The path of the dataset.
    pub(super) signal: String,
    /// What each of its dimensions is, as far as it is known.
    pub(super) axes: Vec<Option<Axis>>,
    /// The paths of the grids, of the errors and of the mask: none of these is a column.
    pub(super) used: Vec<String>,
    pub(super) errors: Option<Errors>,
    pub(super) mask: Option<String>,
    /// Whether its first dimension counts samples.
    pub(super) rows: bool,
    pub(super) notes: Vec<String>,
}

/// Where the errors of samples are.
#[derive(Clone, Debug)]
pub(super) struct Errors {
    pub(super) path: String,
    /// They are given as 1/σ².
    pub(super) inverse: bool,
}

impl Described {
    /// Decides what is a sample.
    pub(super) fn new(content: &Content, group: &str, signal: &str, axes: Vec<Option<Axis>>) -> Self {
        let rows = match axes.first() {
            Some(Some(axis)) => axes.len() > 1 && INDICES.contains(&axis.name.to_ascii_lowercase().as_str()),
            _ => true,
        };
        let mut described = Self {
            group: group.to_owned(),
            signal: signal.to_owned(),
            axes,
            used: vec![signal.to_owned()],
            errors: None,
            mask: None,
            rows,
            notes: Vec::new(),
        };
        described.find_companions(content);
        described
    }

    /// Finds the errors and the mask by their names.
    fn find_companions(&mut self, content: &Content) {
        let Some(signal) = content.tree.datasets.get(&self.signal) else { return };
        let name = self.signal.rsplit('/').next().unwrap_or_default();
        let of_shape = |name: &str| {
            let path = format!("{}/{name}", self.group);
            let same =
                |other: &&Dataset| other.shape == signal.shape && matches!(other.datatype.class, Class::Number { .. });
            content.tree.datasets.get(&path).filter(same).map(|_| path)
        };
        let errors = [format!("{name}_errors"), format!("{name}_error"), "errors".to_owned(), "error".to_owned()];
        let others = ["uncs", "uncertainties", "uncertainty", "sigma"].map(str::to_owned);
        let errors = errors.iter().chain(&others).find_map(|name| of_shape(name));
        let inverse = ["ivar", "inverse_variance", "inverse_variances"].iter().find_map(|name| of_shape(name));
        self.mask = [format!("{name}_mask"), "mask".to_owned()].iter().find_map(|name| of_shape(name));
        self.errors = match (errors, inverse) {
            (Some(path), _) => Some(Errors { path, inverse: false }),
            (None, Some(path)) => Some(Errors { path, inverse: true }),
            (None, None) => None,
        };
        self.used.extend(self.errors.iter().map(|errors| errors.path.clone()));
        self.used.extend(self.mask.clone());
    }

    /// The same with the first dimension counting samples.
    pub(super) fn with_rows(mut self) -> Self {
        self.rows = true;
        if self.axes.len() > 1
            && let Some(axis) = self.axes.first_mut()
        {
            *axis = None;
        }
        self
    }

    /// The errors as samples of their own.
    pub(super) fn of_errors(mut self) -> Option<Self> {
        self.signal = self.errors.as_ref()?.path.clone();
        Some(self)
    }

    /// Whether a dataset is one that says something about samples.
    pub(super) fn is_companion(name: &str) -> bool {
        is_companion(name) || ["uncs", "ivar"].contains(&name)
    }
}

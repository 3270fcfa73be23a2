//! Samples as a file describes them, whatever its convention.

use super::Content;
use super::store::Class;
use crate::axis::Axis;
use crate::formats::npy::Kind;

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

/// Names of standard errors, and of inverse variances, which end so.
const ERRORS: [&str; 9] = [
    "errors",
    "error",
    "uncs",
    "uncertainties",
    "uncertainty",
    "sigma",
    "ivar",
    "inverse_variance",
    "inverse_variances",
];
const INVERSE: [&str; 3] = ["ivar", "inverse_variance", "inverse_variances"];

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
        let name = self.signal.rsplit('/').next().unwrap_or_default();
        let masks = [format!("{name}_mask"), "mask".to_owned()];
        self.mask = masks.iter().find_map(|name| content.beside(&self.signal, name));
        self.errors = content.errors_of(&self.signal);
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
}

impl Content {
    /// The standard errors of a dataset of samples, by their name.
    pub(super) fn errors_of(&self, signal: &str) -> Option<Errors> {
        let name = signal.rsplit('/').next().unwrap_or_default();
        let own = ["errors", "error", "ivar"].map(|word| format!("{name}_{word}"));
        let names = own.iter().map(String::as_str).chain(ERRORS);
        names.filter(|other| *other != name).find_map(|other| {
            let inverse = INVERSE.iter().any(|word| other.ends_with(word));
            // A flag for each value is called so as well.
            let path = self.beside(signal, other).filter(|path| !self.is_boolean(path))?;
            Some(Errors { path, inverse })
        })
    }

    fn is_boolean(&self, path: &str) -> bool {
        let class = self.tree.datasets.get(path).map(|dataset| &dataset.datatype.class);
        matches!(class, Some(Class::Number { kind: Kind::Boolean, .. }))
    }

    /// The path of a dataset of numbers in the group of another, if it has its shape.
    fn beside(&self, dataset: &str, name: &str) -> Option<String> {
        let own = self.tree.datasets.get(dataset)?;
        let group = dataset.rsplit_once('/').map_or("", |(group, _)| group);
        let path = format!("{group}/{name}");
        let other = self.tree.datasets.get(&path)?;
        let fits = other.shape == own.shape && matches!(other.datatype.class, Class::Number { .. });
        fits.then_some(path)
    }
}

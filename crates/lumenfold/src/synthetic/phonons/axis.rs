//! The grid of an axis, and what lies between its points.

use super::error::PhononError;

/// The most points of an axis.
const MOST_POINTS: usize = 1 << 14;

/// Ascending grid points, each the middle of a bin: bins end halfway between neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    values: Vec<f64>,
    edges: Vec<f64>,
}

impl Axis {
    /// An axis of these points.
    ///
    /// # Errors
    ///
    /// There are fewer than 2, more than 16,384, or they do not ascend. `name` is that of the axis.
    pub fn new(name: &'static str, values: Vec<f64>) -> Result<Self, PhononError> {
        let points = (2..=MOST_POINTS).contains(&values.len());
        PhononError::check(points, name, format!("{} points", values.len()), "of 2 to 16384 points")?;
        let ascending = values.windows(2).all(|pair| pair[0] < pair[1]) && values.iter().all(|value| value.is_finite());
        let ends = format!("{} … {}", values[0], values[values.len() - 1]);
        PhononError::check(ascending, name, ends, "finite and ascending")?;
        let mut edges: Vec<f64> = values.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
        edges.insert(0, 1.5 * values[0] - 0.5 * values[1]);
        edges.push(1.5 * values[values.len() - 1] - 0.5 * values[values.len() - 2]);
        Ok(Self { values, edges })
    }

    /// `points` equally spaced points from `low` to `high`, ends included.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn between(name: &'static str, low: f64, high: f64, points: usize) -> Result<Self, PhononError> {
        PhononError::check(
            (2..=MOST_POINTS).contains(&points),
            name,
            format!("{points} points"),
            "of 2 to 16384 points",
        )?;
        let step = (high - low) / (points - 1) as f64;
        Self::new(name, (0..points).map(|point| low + point as f64 * step).collect())
    }

    /// The points.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The ends of the bins: one more than points.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// How many points there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an axis has two points at least")]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The same axis whose first bin begins no lower than this.
    pub(super) fn clipped(mut self, lowest: f64) -> Self {
        self.edges[0] = self.edges[0].max(lowest.min(self.edges[1]));
        self
    }

    /// From the beginning of the first bin to the end of the last.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.edges[0], self.edges[self.values.len()])
    }
}

//! Scalings applied to many values of one feature: loops that a compiler turns into vectors.

use super::{FeatureScaling, Transform};

impl FeatureScaling {
    /// Scales values of this feature for the engine: each as [`FeatureScaling::forward`] would, rounded to 32 bits.
    ///
    /// # Panics
    ///
    /// The slices differ in length.
    pub fn forward_values<T: Copy + Into<f64>>(&self, values: &[T], scaled: &mut [f32]) {
        assert_eq!(values.len(), scaled.len(), "as many scaled values as values");
        let (center, scale) = (self.center, self.scale);
        let pairs = scaled.iter_mut().zip(values);
        match self.transform {
            // The transform is chosen once, not for every value.
            Transform::Identity => {
                pairs.for_each(|(scaled, &value)| *scaled = ((value.into() - center) / scale) as f32)
            }
            transform => {
                pairs.for_each(|(scaled, &value)| {
                    *scaled = ((transform.forward(value.into()) - center) / scale) as f32;
                });
            }
        }
    }

    /// Turns values of the engine back into the user's units, each as [`FeatureScaling::inverse`] would.
    ///
    /// # Panics
    ///
    /// The slices differ in length.
    pub fn inverse_values(&self, scaled: &[f32], values: &mut [f64]) {
        assert_eq!(values.len(), scaled.len(), "as many values as scaled values");
        let (center, scale) = (self.center, self.scale);
        let pairs = values.iter_mut().zip(scaled);
        match self.transform {
            Transform::Identity => pairs.for_each(|(value, &scaled)| *value = f64::from(scaled) * scale + center),
            transform => {
                pairs.for_each(|(value, &scaled)| *value = transform.inverse(f64::from(scaled) * scale + center));
            }
        }
    }

    /// Whether 32-bit floats can hold what a network says about this feature.
    ///
    /// They cannot where values lie so far from zero, for their spread, that they would be rounded visibly, and where
    /// values within 40 scales of the center leave their range. It is a matter of the scaling alone: the
    /// type of a column does not depend on the rows that are in it.
    #[must_use]
    pub fn fits_single(&self) -> bool {
        let (center, spread) = (self.inverse(0.0), self.inverse_slope(0.0).abs());
        let near = center.abs() <= FARTHEST * spread;
        let in_range = |scaled: f64| {
            let value = self.inverse(scaled).abs();
            value < f64::from(f32::MAX) && (self.transform != Transform::Log || value >= f64::from(f32::MIN_POSITIVE))
        };
        near && spread >= LEAST_SPREAD && in_range(-DEVIATIONS) && in_range(DEVIATIONS)
    }
}

/// How many scales from its center a value of a feature is expected at most.
const DEVIATIONS: f64 = 40.0;

/// How many times its spread the center of a feature may lie from zero to be told well in 32 bits, which have a
/// precision of 6e-8: then the rounding is below a ten-thousandth of the spread.
const FARTHEST: f64 = 1000.0;

/// The least spread whose fractions are still normal 32-bit floats.
const LEAST_SPREAD: f64 = 1e-30;

#[cfg(test)]
mod tests {
    use super::*;

    fn scaling(transform: Transform, center: f64, scale: f64) -> FeatureScaling {
        FeatureScaling { transform, center, scale }
    }

    #[test]
    fn many_values_are_scaled_as_one_is() {
        for transform in [
            Transform::Identity,
            Transform::Log,
            Transform::Asinh { softening: 0.3 },
            Transform::AsinhAbout { center: 2.0, softening: 0.3 },
        ] {
            let scaling = scaling(transform, 0.7, 3.0);
            let values: Vec<f64> = (1..100).map(|value| f64::from(value) * 0.37).collect();
            let (mut scaled, mut back) = (vec![0.0; 99], vec![0.0; 99]);
            scaling.forward_values(&values, &mut scaled);
            scaling.inverse_values(&scaled, &mut back);
            for ((value, scaled), back) in values.iter().zip(&scaled).zip(&back) {
                assert_eq!(*scaled, scaling.forward(*value) as f32);
                assert_eq!(*back, scaling.inverse(f64::from(*scaled)));
            }
        }
    }

    #[test]
    fn single_precision_is_for_values_that_it_can_tell_apart() {
        for (fits, scaling) in [
            (true, scaling(Transform::Identity, 20.0, 1.5)),
            (true, scaling(Transform::Identity, 0.0, 1.0)),
            (true, scaling(Transform::Identity, 0.0, -20.0)),
            (false, scaling(Transform::Identity, 2_459_000.5, 0.3)),
            (false, scaling(Transform::Identity, 0.0, 1e37)),
            (false, scaling(Transform::Identity, 0.0, 1e-35)),
            (true, scaling(Transform::Log, 4.6, 1.0)),
            (false, scaling(Transform::Log, 4.6, 1e-4)),
            (false, scaling(Transform::Log, 70.0, 3.0)),
            (false, scaling(Transform::Log, -70.0, 3.0)),
            (true, scaling(Transform::Asinh { softening: 1e-3 }, 0.0, 1.0)),
            (false, scaling(Transform::Asinh { softening: 1.0 }, 0.0, 5.0)),
        ] {
            assert_eq!(scaling.fits_single(), fits, "{scaling:?}");
        }
    }
}

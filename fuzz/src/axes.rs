//! Axes and shapes as they are typed.

use lumenfold_data::axis::{ChosenAxes, ChosenAxis, Shape};

/// Reads text as axes and as a shape.
///
/// # Panics
///
/// A demand on the parser is not met.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<ChosenAxes>() {
        Ok(axes) => {
            for axis in &axes.0 {
                if let ChosenAxis::Given(axis) = axis {
                    axis.check().expect("axes that are taken are sound");
                    assert!(!axis.to_string().contains('\n'));
                }
            }
        }
        Err(reason) => assert!(!reason.contains('\n'), "{reason:?}"),
    }
    match text.parse::<Shape>() {
        Ok(shape) => assert!(shape.0.iter().all(|size| *size > 0)),
        Err(reason) => assert!(!reason.contains('\n'), "{reason:?}"),
    }
}

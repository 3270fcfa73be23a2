//! Why a crystal or a picture of it cannot be made.

/// Errors of synthetic phonons. Each message is one line that says what is wrong, where, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhononError {
    /// A parameter that is out of range.
    #[error("{name} is {value}, but must be {allowed}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would be accepted.
        allowed: String,
    },
    /// Springs that do not hold the crystal together.
    #[error(
        "the springs do not hold a {lattice} crystal together: at q = ({:.3}, {:.3}, {:.3}) 2π/a a mode has ω² ≤ 0; choose stiffer ones, or second neighbours",
        .wave_vector[0], .wave_vector[1], .wave_vector[2]
    )]
    Unstable {
        /// The lattice.
        lattice: String,
        /// The first wave vector with an unstable mode (2π/a).
        wave_vector: [f64; 3],
    },
}

impl PhononError {
    /// `Ok` if `good`.
    pub(super) fn check(good: bool, name: &'static str, value: impl ToString, allowed: &str) -> Result<(), Self> {
        if good { Ok(()) } else { Err(Self::Parameter { name, value: value.to_string(), allowed: allowed.to_owned() }) }
    }
}

//! Units: angstrom, atomic mass unit, newton per metre, meV, kelvin; constants of CODATA 2018.

/// Atomic mass unit (kg).
const ATOMIC_MASS: f64 = 1.660_539_066_60e-27;
/// ħ (J s), exact.
const HBAR: f64 = 1.054_571_817_646_156_4e-34;
/// The charge of an electron (C), exact.
const CHARGE: f64 = 1.602_176_634e-19;
/// Joules in one meV.
const MILLI_ELECTRON_VOLT: f64 = 1e-3 * CHARGE;

/// Boltzmann's constant (meV/K), exact.
pub(super) const BOLTZMANN: f64 = 1.380_649e-23 / MILLI_ELECTRON_VOLT;

/// ħ²/(2 u) (meV Å²): the recoil energy of 1 u at 1/Å.
pub(super) const RECOIL: f64 = HBAR * HBAR / (2.0 * ATOMIC_MASS) / MILLI_ELECTRON_VOLT * 1e20;

/// (ħ ω)² (meV²) of an oscillator of 1 u on a spring of 1 N/m.
pub(super) const SQUARED_ENERGY: f64 = HBAR * HBAR / ATOMIC_MASS / (MILLI_ELECTRON_VOLT * MILLI_ELECTRON_VOLT);

/// m/s in one Å √(N/m) / √u: velocity² = spring · length² / mass.
pub(super) const SQUARED_VELOCITY: f64 = 1e-20 / ATOMIC_MASS;

/// GPa in one N/m / Å.
pub(super) const GIGAPASCAL: f64 = 10.0;

/// ħ (meV s).
pub(super) const HBAR_IN_MILLI_ELECTRON_VOLTS: f64 = HBAR / MILLI_ELECTRON_VOLT;

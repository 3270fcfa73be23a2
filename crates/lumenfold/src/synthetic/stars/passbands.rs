//! The five bands, and how a spectrum becomes magnitudes.

/// Effective wavelengths of u, g, r, i, z (Å; SDSS Data Release 7, "Camera").
const WAVELENGTHS: [f64; 5] = [3551.0, 4686.0, 6166.0, 7480.0, 8932.0];

/// Widths at half maximum (Å; Fukugita et al. 1996, table 2a). The bands are taken as rectangles of these widths.
const WIDTHS: [f64; 5] = [599.0, 1379.0, 1382.0, 1535.0, 1370.0];

/// Wavelengths at which a band samples a spectrum: 60 to 150 Å apart, finer than any broad line it has to see.
const NODES: usize = 10;

/// AB magnitudes of the spectrum `flux_density(wavelength in Å)`, given in units of 3631 Jy.
///
/// m = −2.5 lg (∫ f_ν dν/ν / ∫ dν/ν), the photon-counting mean of Fukugita et al. 1996, eq. 7; in wavelength
/// dν/ν = dλ/λ.
pub(super) fn ab_magnitudes(mut flux_density: impl FnMut(f64) -> f64) -> [f64; 5] {
    std::array::from_fn(|band| {
        let (mut flux, mut norm) = (0.0, 0.0);
        for node in 0..NODES {
            let offset = (node as f64 + 0.5) / NODES as f64 - 0.5;
            let wavelength = WAVELENGTHS[band] + WIDTHS[band] * offset;
            flux += flux_density(wavelength) / wavelength;
            norm += 1.0 / wavelength;
        }
        -2.5 * libm::log10(flux / norm)
    })
}

/// hc/k in Å K (CODATA 2018).
const SECOND_RADIATION_CONSTANT: f64 = 1.438_776_877e8;

/// Planck's law, the shape of B_ν at `wavelength` (Å) and `temperature` (K): 1 / (λ³ (exp(hc/λkT) − 1)), λ in units of
/// 5000 Å.
pub(super) fn planck(wavelength: f64, temperature: f64) -> f64 {
    let scaled = wavelength / 5000.0;
    1.0 / (scaled * scaled * scaled * libm::expm1(SECOND_RADIATION_CONSTANT / (wavelength * temperature)))
}

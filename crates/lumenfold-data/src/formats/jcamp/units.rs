//! What the standard calls quantities and units, and what axes and columns are called.

/// Units of abscissas by the standard: the name of the axis and its unit.
const ABSCISSAS: &[(&str, &str, Option<&str>)] = &[
    ("1/CM", "wavenumber", Some("1/cm")),
    ("CM-1", "wavenumber", Some("1/cm")),
    ("CM^-1", "wavenumber", Some("1/cm")),
    ("NANOMETERS", "wavelength", Some("nm")),
    ("NANOMETRES", "wavelength", Some("nm")),
    ("NM", "wavelength", Some("nm")),
    ("MICROMETERS", "wavelength", Some("um")),
    ("MICROMETRES", "wavelength", Some("um")),
    ("ANGSTROMS", "wavelength", Some("angstrom")),
    ("ELECTRON VOLTS", "energy", Some("eV")),
    ("EV", "energy", Some("eV")),
    ("HZ", "frequency", Some("Hz")),
    ("KHZ", "frequency", Some("kHz")),
    ("MHZ", "frequency", Some("MHz")),
    ("PPM", "chemical_shift", Some("ppm")),
    ("SECONDS", "time", Some("s")),
    ("MILLISECONDS", "time", Some("ms")),
    ("MICROSECONDS", "time", Some("us")),
    ("MINUTES", "time", Some("min")),
    ("M/Z", "mass_to_charge", None),
];

/// The name and the unit of the axis of these units (`##XUNITS=`) in data of this type (`##DATA TYPE=`).
pub(super) fn abscissa(units: Option<&str>, data_type: &str) -> (String, Option<String>) {
    let Some(units) = units.map(str::trim) else { return ("x".to_owned(), None) };
    let known = ABSCISSAS.iter().find(|(written, _, _)| written.eq_ignore_ascii_case(units));
    let is_raman = data_type.to_ascii_uppercase().contains("RAMAN");
    match known {
        Some((_, "wavenumber", unit)) if is_raman => ("raman_shift".to_owned(), unit.map(str::to_owned)),
        Some((_, name, unit)) => ((*name).to_owned(), unit.map(str::to_owned)),
        None if units.eq_ignore_ascii_case("ARBITRARY UNITS") => ("x".to_owned(), None),
        None => ("x".to_owned(), Some(units.to_owned())),
    }
}

/// What the values of these units (`##YUNITS=`) are called, and their unit: `absorbance`, or `transmittance` in %.
pub(super) fn ordinate(units: Option<&str>) -> (String, Option<String>) {
    let units = units.unwrap_or_default();
    let percent = units.contains('%') || units.to_ascii_uppercase().contains("PERCENT");
    let words = units.to_lowercase().replace("percent", "");
    let words: Vec<&str> =
        words.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = match words.join("_") {
        name if name.is_empty() || name.starts_with("arbitrary") || name.len() > 40 => "intensity".to_owned(),
        // A digit at the end would run into the number of the bin.
        name if name.ends_with(|letter: char| letter.is_ascii_digit()) => format!("{name}_"),
        name => name,
    };
    (name, percent.then(|| "%".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_the_standard() {
        let axis = |units, data_type| {
            let (name, unit) = abscissa(Some(units), data_type);
            (name, unit.unwrap_or_default())
        };
        assert_eq!(axis("1/CM", "INFRARED SPECTRUM"), ("wavenumber".to_owned(), "1/cm".to_owned()));
        assert_eq!(axis("1/cm", "Raman Spectrum"), ("raman_shift".to_owned(), "1/cm".to_owned()));
        assert_eq!(axis("NANOMETERS", ""), ("wavelength".to_owned(), "nm".to_owned()));
        assert_eq!(axis("FURLONGS", ""), ("x".to_owned(), "FURLONGS".to_owned()));
        assert_eq!(abscissa(None, ""), ("x".to_owned(), None));
        for (units, name, unit) in [
            ("ABSORBANCE", "absorbance", None),
            ("% TRANSMITTANCE", "transmittance", Some("%")),
            ("Percent Reflectance", "reflectance", Some("%")),
            ("KUBELKA-MUNK", "kubelka_munk", None),
            ("ARBITRARY UNITS", "intensity", None),
            ("", "intensity", None),
        ] {
            assert_eq!(ordinate(Some(units)), (name.to_owned(), unit.map(str::to_owned)), "{units}");
        }
    }
}

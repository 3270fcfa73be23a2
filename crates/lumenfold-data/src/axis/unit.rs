//! Units at the end of names: `energy_meV` is an energy in meV.

use std::borrow::Cow;

/// What a name may end with behind `_`, and the unit that it stands for. Of several endings of one unit the first is
/// written. Capital letters count, since `meV` and `MeV` are not the same.
const ENDINGS: &[(&str, &str)] = &[
    ("eV", "eV"),
    ("ev", "eV"),
    ("meV", "meV"),
    ("mev", "meV"),
    ("keV", "keV"),
    ("kev", "keV"),
    ("MeV", "MeV"),
    ("GeV", "GeV"),
    ("cm1", "1/cm"),
    ("per_cm", "1/cm"),
    ("invcm", "1/cm"),
    ("per_angstrom", "1/angstrom"),
    ("angstrom1", "1/angstrom"),
    ("inv_angstrom", "1/angstrom"),
    ("per_nm", "1/nm"),
    ("nm1", "1/nm"),
    ("angstrom", "angstrom"),
    ("ang", "angstrom"),
    ("pm", "pm"),
    ("nm", "nm"),
    ("um", "um"),
    ("mm", "mm"),
    ("cm", "cm"),
    ("m", "m"),
    ("km", "km"),
    ("fs", "fs"),
    ("ps", "ps"),
    ("ns", "ns"),
    ("us", "us"),
    ("ms", "ms"),
    ("s", "s"),
    ("Hz", "Hz"),
    ("hz", "Hz"),
    ("kHz", "kHz"),
    ("khz", "kHz"),
    ("MHz", "MHz"),
    ("GHz", "GHz"),
    ("THz", "THz"),
    ("thz", "THz"),
    ("deg", "deg"),
    ("rad", "rad"),
    ("mrad", "mrad"),
    ("K", "K"),
    ("mK", "mK"),
    ("degC", "degC"),
    ("GPa", "GPa"),
    ("kPa", "kPa"),
    ("ppm", "ppm"),
    ("pixel", "pixel"),
    ("px", "pixel"),
];

/// A name and its unit, from a name that may end with one: `energy_meV`, or `energy[meV]` for any unit at all.
pub(super) fn split(array: &str) -> (&str, Option<&str>) {
    if let Some((name, unit)) = array.strip_suffix(']').and_then(|array| array.rsplit_once('[')) {
        return (name.trim_end(), Some(unit.trim()).filter(|unit| !unit.is_empty()));
    }
    let found = ENDINGS.iter().filter_map(|(ending, unit)| {
        let name = array.strip_suffix(ending)?.strip_suffix('_')?;
        (!name.is_empty()).then_some((name, *unit))
    });
    // `_per_nm` ends with `_nm` too: the longest ending counts.
    match found.min_by_key(|(name, _)| name.len()) {
        Some((name, unit)) => (name, Some(unit)),
        None => (array, None),
    }
}

/// The name that [`split`] reads.
pub(super) fn joined(name: &str, unit: Option<&str>) -> String {
    let ending = unit.and_then(|unit| ENDINGS.iter().find(|(_, other)| *other == unit));
    let written: Cow<'_, str> = match (unit, ending) {
        (_, Some((ending, _))) => format!("{name}_{ending}").into(),
        (Some(unit), None) => format!("{name}[{unit}]").into(),
        (None, None) => name.into(),
    };
    // A name may end like a unit without having one.
    if split(&written) == (name, unit) { written.into_owned() } else { format!("{name}[{}]", unit.unwrap_or_default()) }
}

/// Units as files spell them, in lower case, and as they are spelled here.
const SPELLINGS: &[(&str, &str)] = &[
    ("microsecond", "us"),
    ("microseconds", "us"),
    ("micro.second", "us"),
    ("usec", "us"),
    ("\u{b5}s", "us"),
    ("\u{3bc}s", "us"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("nanosecond", "ns"),
    ("nanoseconds", "ns"),
    ("second", "s"),
    ("seconds", "s"),
    ("sec", "s"),
    ("degree", "deg"),
    ("degrees", "deg"),
    ("\u{b0}", "deg"),
    ("radian", "rad"),
    ("radians", "rad"),
    ("angstroms", "angstrom"),
    ("angstroem", "angstrom"),
    ("\u{e5}", "angstrom"),
    ("\u{212b}", "angstrom"),
    ("1/angstroms", "1/angstrom"),
    ("1/angstroem", "1/angstrom"),
    ("1/\u{e5}", "1/angstrom"),
    ("angstrom-1", "1/angstrom"),
    ("angstrom^-1", "1/angstrom"),
    ("\u{e5}-1", "1/angstrom"),
    ("\u{e5}^-1", "1/angstrom"),
    ("1e+10*m**-1", "1/angstrom"),
    ("1.60218e-22*m**2*kg*s**-2", "meV"),
    ("cm-1", "1/cm"),
    ("cm^-1", "1/cm"),
    ("nm-1", "1/nm"),
    ("nm^-1", "1/nm"),
    ("kelvin", "K"),
    ("metre", "m"),
    ("meter", "m"),
    ("metres", "m"),
    ("meters", "m"),
    ("nanometer", "nm"),
    ("nanometers", "nm"),
    ("micron", "um"),
    ("microns", "um"),
];

/// A unit as it is spelled here, if it is known; else verbatim. Nothing for a unit that says that there is none.
pub(crate) fn spelled(unit: &str) -> Option<String> {
    let unit = unit.trim();
    let lowered = unit.to_lowercase();
    if ["", "1", "none", "dimensionless", "unitless"].contains(&lowered.as_str()) {
        return None;
    }
    let found = SPELLINGS.iter().find(|(spelling, _)| *spelling == lowered).map(|(_, unit)| *unit);
    let known = || ENDINGS.iter().map(|(_, unit)| *unit).find(|known| *known == unit);
    Some(found.or_else(known).unwrap_or(unit).to_owned())
}

/// The unit at the end of a text that begins with a number: `nm` of `1100nm`.
pub(super) fn known(ending: &str) -> Option<&'static str> {
    let found = ENDINGS.iter().find(|(known, unit)| *known == ending || *unit == ending);
    found.map(|(_, unit)| *unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_read_and_every_unit_comes_back() {
        for (ending, unit) in ENDINGS {
            let array = format!("along_this_{ending}");
            assert_eq!(split(&array), ("along_this", Some(*unit)), "{array}");
            let again = joined("along_this", Some(unit));
            assert_eq!(split(&again), ("along_this", Some(*unit)), "{again}");
        }
    }

    #[test]
    fn the_units_are_those_that_people_mean() {
        for (array, name, unit) in [
            ("wavelength_nm", "wavelength", "nm"),
            ("wavelength_angstrom", "wavelength", "angstrom"),
            ("raman_shift_cm1", "raman_shift", "1/cm"),
            ("energy_mev", "energy", "meV"),
            ("energy_meV", "energy", "meV"),
            ("energy_MeV", "energy", "MeV"),
            ("energy_cm1", "energy", "1/cm"),
            ("q_per_angstrom", "q", "1/angstrom"),
            ("q_per_nm", "q", "1/nm"),
            ("time_us", "time", "us"),
            ("angle_deg", "angle", "deg"),
            ("temperature_K", "temperature", "K"),
            ("q[1/furlong]", "q", "1/furlong"),
            ("q [1/furlong]", "q", "1/furlong"),
        ] {
            assert_eq!(split(array), (name, Some(unit)), "{array}");
        }
        for array in ["wavelength", "nm", "_nm", "time_of_day", "temperature_k", "flux", "energy[]"] {
            assert_eq!(split(array).1, None, "{array}");
        }
    }

    #[test]
    fn any_name_and_unit_come_back() {
        for (name, unit) in [
            ("energy", Some("meV")),
            ("energy", Some("furlong")),
            ("time_s", None),
            ("time_s", Some("K")),
            ("q[1]", None),
            ("q[1]", Some("nm")),
            ("plain", None),
        ] {
            let array = joined(name, unit);
            assert_eq!(split(&array), (name, unit), "{array}");
        }
    }
}

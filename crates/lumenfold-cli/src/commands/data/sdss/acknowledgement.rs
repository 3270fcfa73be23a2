//! What the survey asks those who use its data to print.

/// Where the survey says how to cite it.
pub(super) const PAGE: &str = "https://www.sdss.org/collaboration/citing-sdss/";

/// The first sentences of the acknowledgement that belongs to a data release.
pub(super) fn acknowledgement(release: u32) -> &'static str {
    match release {
        18.. => {
            "Funding for the Sloan Digital Sky Survey V has been provided by the Alfred P. Sloan Foundation, the Heising-Simons \
             Foundation, the National Science Foundation, and the Participating Institutions. SDSS acknowledges support and \
             resources from the Center for High-Performance Computing at the University of Utah. The SDSS web site is \
             www.sdss.org."
        }
        13..=17 => {
            "Funding for the Sloan Digital Sky Survey IV has been provided by the Alfred P. Sloan Foundation, the U.S. \
             Department of Energy Office of Science, and the Participating Institutions. SDSS acknowledges support and \
             resources from the Center for High-Performance Computing at the University of Utah. The SDSS web site is \
             www.sdss.org."
        }
        _ => {
            "Funding for SDSS-III has been provided by the Alfred P. Sloan Foundation, the Participating Institutions, the \
             National Science Foundation, and the U.S. Department of Energy Office of Science. The SDSS-III web site is \
             www.sdss3.org."
        }
    }
}

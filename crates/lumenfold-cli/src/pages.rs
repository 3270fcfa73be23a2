//! Files of text that people look at: pages and drawings.

use std::path::Path;

use lumenfold::data::write_whole;

use crate::failure::Failure;

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// A page that a browser opens.
    Page,
    /// A drawing of its own.
    Svg,
}

impl Figure {
    /// The figure that the ending of a name asks for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_ascii_lowercase();
        match ending.to_str()? {
            "html" | "htm" => Some(Self::Page),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Writes a text, whole or not at all.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(write_whole(path, |file| file.write_all(text.as_bytes()))?)
}

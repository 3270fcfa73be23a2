//! What the name of an output says about how to write it.

use std::path::Path;

use super::{Compression, Format};
use crate::DataError;

/// A format to write, and how the text formats are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutputFormat {
    /// The format.
    pub format: Format,
    /// Compression around it; only for CSV and TSV.
    pub compression: Compression,
}

impl OutputFormat {
    /// The format that a path's ending asks for.
    ///
    /// ```
    /// use std::path::Path;
    /// use lumenfold_data::{Compression, Format, OutputFormat};
    /// let output = OutputFormat::from_path(Path::new("stars.CSV.gz"))?;
    /// assert_eq!((output.format, output.compression), (Format::Csv, Compression::Gzip));
    /// assert!(OutputFormat::from_path(Path::new("stars.docx")).is_err());
    /// # Ok::<(), lumenfold_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The ending is not known; the error lists those that are.
    pub fn from_path(path: &Path) -> Result<Self, DataError> {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let (stem, compression) = Compression::strip(&name);
        let extension = Path::new(stem).extension().map(|text| text.to_string_lossy().into_owned());
        let format = extension.as_deref().and_then(Format::of_ending).filter(|format| format.is_written());
        match (format, compression) {
            (Some(format), Compression::None) => Ok(Self { format, compression }),
            (Some(format @ (Format::Csv | Format::Tsv)), _) => Ok(Self { format, compression }),
            _ => {
                let mut extension = extension.unwrap_or_default();
                if compression != Compression::None {
                    let dot = if extension.is_empty() { "" } else { "." };
                    extension = format!("{extension}{dot}{}", compression.extension());
                }
                Err(DataError::UnknownExtension { path: path.display().to_string(), extension })
            }
        }
    }
}

impl From<Format> for OutputFormat {
    /// The format, not compressed.
    fn from(format: Format) -> Self {
        Self { format, compression: Compression::None }
    }
}

//! What an input is: its first bytes say so, or else its name.

use std::path::Path;

use super::reader::READERS;
use super::{Compression, Format};

/// What an input turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detected {
    /// A format that is read.
    Format(Format),
    /// A format that is known but not read.
    Unsupported(&'static str),
    /// Something else; what it looks like.
    Unknown(String),
}

/// First bytes of formats that are known but not read.
const UNSUPPORTED_BYTES: [(&[u8], &str); 13] = [
    (b"\x0e\x03\x13\x01", "HDF4"),
    (b"CDF\x01", "NetCDF"),
    (b"CDF\x02", "NetCDF"),
    (b"CDF\x05", "NetCDF"),
    (b"FEA1", "Feather"),
    (b"ORC", "ORC"),
    (b"PARE", "encrypted Parquet"),
    (b"MATLAB 5.0 MAT-file", "MATLAB"),
    (b"SQLite format 3\0", "SQLite"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Microsoft Office file"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
];

/// Endings of formats that are known but not read.
const UNSUPPORTED_ENDINGS: [(&[&str], &str); 9] = [
    (&["pkl", "pickle", "joblib", "pt", "pth"], "a Python pickle"),
    (&["xlsx", "xls", "ods"], "a spreadsheet"),
    (&["mat"], "MATLAB"),
    (&["rda", "rds", "rdata"], "R data"),
    (&["json", "jsonl", "ndjson"], "JSON"),
    (&["safetensors"], "Safetensors (a model file?)"),
    (&["bz2", "xz", "7z", "rar", "tar"], "this kind of archive"),
    (&["cif", "mcif"], CIF),
    (&["vasp", "poscar", "contcar"], POSCAR),
];

/// Crystal structures are no tables, though their files are text that may look like one.
const CIF: &str = "a crystal structure (CIF)";
const POSCAR: &str = "a crystal structure (POSCAR)";
/// What the names of crystal structures without an ending begin with.
const POSCAR_NAMES: [&str; 2] = ["poscar", "contcar"];
/// The first line of the phonon files of CASTEP.
const CASTEP: &str = "BEGIN header";

/// The compression around a file whose first bytes are `bytes` is dealt with elsewhere; what is within?
///
/// `name` is the file's name if it has one.
pub(crate) fn detect(bytes: &[u8], name: Option<&Path>) -> Detected {
    let name = name.and_then(Path::file_name).map(|name| name.to_string_lossy().to_ascii_lowercase());
    let stem = name.as_deref().map(|name| Compression::strip(name).0);
    let ending = stem.and_then(|stem| Path::new(stem).extension()).and_then(|ending| ending.to_str()).unwrap_or("");

    let recognised = READERS.iter().find(|reader| reader.recognises(bytes)).map(|reader| reader.format());
    let by_name = UNSUPPORTED_ENDINGS.iter().find(|(endings, _)| endings.contains(&ending)).map(|&(_, name)| name);
    let is_poscar = |stem: &str| ending.is_empty() && POSCAR_NAMES.iter().any(|start| stem.starts_with(start));
    let by_name = by_name.or_else(|| stem.filter(|stem| is_poscar(stem)).map(|_| POSCAR));
    match recognised {
        // A spreadsheet is a zip archive too.
        Some(Format::Npz) => return by_name.map_or(Detected::Format(Format::Npz), Detected::Unsupported),
        Some(format) => return Detected::Format(format),
        None => {}
    }
    if let Some(&(_, format)) = UNSUPPORTED_BYTES.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Detected::Unsupported(format);
    }
    if let Some(format) = by_name {
        return Detected::Unsupported(format);
    }
    if let Some(format) = of_first_line(bytes) {
        return Detected::Unsupported(format);
    }
    if looks_like_xml(bytes) {
        return Detected::Unsupported("XML that is no VOTable");
    }
    if let Some(format) = Format::of_ending(ending) {
        return Detected::Format(format);
    }
    match text_or_not(bytes) {
        None => Detected::Format(Format::Csv),
        Some(what) => Detected::Unknown(what),
    }
}

/// What the first line with anything but a comment says of a text that is no table.
fn of_first_line(bytes: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let is_block = || {
        // A block of a CIF has a name, and its first item one that begins with an underscore.
        let is_name = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data_"));
        is_name && text.split_whitespace().any(|word| word.starts_with("_cell_") || word.starts_with("_atom_site_"))
    };
    match line {
        CASTEP => Some("a CASTEP phonon file"),
        _ => is_block().then_some(CIF),
    }
}

fn looks_like_xml(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"<?xml")
}

/// What speaks against text, if anything does.
fn text_or_not(bytes: &[u8]) -> Option<String> {
    let binary = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    match bytes.iter().take(4096).find(binary) {
        Some(_) => {
            let start: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            Some(format!("binary data that starts with {}", start.join(" ")))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_before_the_name() {
        let named = |bytes: &[u8], name: &str| detect(bytes, Some(Path::new(name)));
        assert_eq!(named(b"PAR1....", "a.csv"), Detected::Format(Format::Parquet));
        assert_eq!(named(b"\x93NUMPY", "a.npz"), Detected::Format(Format::Npy));
        assert_eq!(named(b"PK\x03\x04", "a.npz"), Detected::Format(Format::Npz));
        assert_eq!(named(b"PK\x03\x04", "a.xlsx"), Detected::Unsupported("a spreadsheet"));
        assert_eq!(named(b"SIMPLE  =   T", "a.csv"), Detected::Format(Format::Csv));
        assert_eq!(named(b"u,g\n1,2\n", "A.TSV.gz"), Detected::Format(Format::Tsv));
        assert_eq!(named(b"", "run.nxs"), Detected::Format(Format::Hdf5));
        assert_eq!(named(b"CDF\x01", "run.nc"), Detected::Unsupported("NetCDF"));
        assert_eq!(detect(b"u,g\n1,2\n", None), Detected::Format(Format::Csv));
        assert_eq!(named(b"Li\n1.0\n3 0 0\n", "POSCAR_Li"), Detected::Unsupported(POSCAR));
        assert_eq!(detect(b"# made\ndata_Li\n_cell_length_a 3\n", None), Detected::Unsupported(CIF));
        assert_eq!(detect(b"data_x,data_y\n1,2\n", None), Detected::Format(Format::Csv));
        assert_eq!(detect(b" BEGIN header\n", None), Detected::Unsupported("a CASTEP phonon file"));
        assert!(matches!(detect(b"\x00\x01\x02", None), Detected::Unknown(_)));
    }
}

//! The question to SkyServer, in its dialect of SQL.

use std::fmt::Write;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The bands of the survey.
const BANDS: [char; 5] = ['u', 'g', 'r', 'i', 'z'];

/// Which magnitudes stand in the columns u, g, r, i, z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Magnitudes {
    /// Of the better of two models of the image; what the table PhotoObj calls u, g, r, i, z.
    Model,
    /// Of a point source: best for stars.
    Psf,
    /// Petrosian: of extended sources at any distance.
    Petro,
    /// Model magnitudes without the extinction by dust of the Milky Way.
    Dereddened,
}

impl Magnitudes {
    /// The column of a band in the view SpecPhoto.
    fn column(self, band: char) -> String {
        let kind = match self {
            Self::Model => "modelMag",
            Self::Psf => "psfMag",
            Self::Petro => "petroMag",
            Self::Dereddened => "dered",
        };
        format!("{kind}_{band}")
    }
}

/// Classes of spectra.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Class {
    Star,
    Galaxy,
    Qso,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Star => "STAR",
            Self::Galaxy => "GALAXY",
            Self::Qso => "QSO",
        }
    }
}

/// Objects with spectra, photometry and classes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) classes: Vec<Class>,
    pub(super) magnitudes: Magnitudes,
    pub(super) brightest: f64,
    pub(super) faintest: f64,
}

/// The place of a row in the order of a query: SDSS numbers its spectra with up to 64 bits without sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Key(pub(super) u64);

impl Query {
    /// The columns of an answer with their units.
    pub(super) const COLUMNS: [(&'static str, Option<&'static str>); 10] = [
        ("specObjID", None),
        ("ra", Some("deg")),
        ("dec", Some("deg")),
        ("redshift", None),
        ("class", None),
        ("u", Some("mag")),
        ("g", Some("mag")),
        ("r", Some("mag")),
        ("i", Some("mag")),
        ("z", Some("mag")),
    ];

    /// The first so many rows behind a place in the order of their keys.
    ///
    /// In SpecPhoto, `z` is the redshift and `dered_z` a magnitude; only in the answer do `redshift` and `z` mean what they say.
    pub(super) fn sql(&self, rows: u64, behind: Option<Key>) -> String {
        let mut sql = format!("SELECT TOP {rows} specObjID, ra, dec, z AS redshift, class");
        for band in BANDS {
            let _ = write!(sql, ", {} AS {band}", self.magnitudes.column(band));
        }
        let mut classes = self.classes.clone();
        classes.sort_unstable();
        classes.dedup();
        let classes: Vec<String> = classes.iter().map(|class| format!("'{}'", class.name())).collect();
        let _ = write!(sql, " FROM SpecPhoto WHERE class IN ({})", classes.join(", "));
        for band in BANDS {
            let (column, low, high) = (self.magnitudes.column(band), self.brightest, self.faintest);
            let _ = write!(sql, " AND {column} BETWEEN {low} AND {high}");
        }
        if let Some(Key(key)) = behind {
            let _ = write!(sql, " AND specObjID > {key}");
        }
        sql + " ORDER BY specObjID"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_in_full() {
        let query = Query {
            classes: vec![Class::Qso, Class::Star, Class::Qso],
            magnitudes: Magnitudes::Dereddened,
            brightest: 0.0,
            faintest: 22.5,
        };
        assert_eq!(
            query.sql(1000, Some(Key(18_446_744_073_709_551_615))),
            "SELECT TOP 1000 specObjID, ra, dec, z AS redshift, class, dered_u AS u, dered_g AS g, dered_r AS r, dered_i AS i, \
             dered_z AS z FROM SpecPhoto WHERE class IN ('STAR', 'QSO') AND dered_u BETWEEN 0 AND 22.5 AND dered_g BETWEEN 0 \
             AND 22.5 AND dered_r BETWEEN 0 AND 22.5 AND dered_i BETWEEN 0 AND 22.5 AND dered_z BETWEEN 0 AND 22.5 AND \
             specObjID > 18446744073709551615 ORDER BY specObjID"
        );
        for (magnitudes, column) in [
            (Magnitudes::Model, "modelMag_u AS u"),
            (Magnitudes::Psf, "psfMag_u AS u"),
            (Magnitudes::Petro, "petroMag_u AS u"),
        ] {
            assert!(Query { magnitudes, ..query.clone() }.sql(1, None).contains(column));
        }
    }
}

//! Observed data, where they are at hand.

use std::path::{Path, PathBuf};

use crate::support::{Cells, Space};

/// A shared file, or `None` after saying that the test is skipped.
fn shared(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("LUMENFOLD_TEST_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: there is no {}; set LUMENFOLD_TEST_DATA to the folder of shared data", path.display());
    None
}

#[test]
fn observed_stars_from_every_format() {
    let Some(csv) = shared("stars/sdss_dr17_stars.csv.gz") else { return };
    let space = Space::new();
    let options = ["--columns", "u,g,r,i,z", "--hidden", "16,16", "--epochs", "12", "--json"];
    let fit = |data: &Path, model: &str| {
        let data = data.to_str().unwrap();
        space.done(&[&["fit", data, "-o", model][..], &options].concat()).json()
    };
    let json = fit(&csv, "csv.model");
    assert!(json["rows"].as_u64().unwrap() > 10_000, "{json}");
    // Magnitudes have a few directions that matter: two of five explain nearly all.
    assert!(json["validation"]["explained_variance"].as_f64().unwrap() > 0.9, "{json}");
    assert!(json["pca"]["explained_variance"].as_f64().unwrap() > 0.95, "{json}");
    space.done(&["encode", "csv.model", csv.to_str().unwrap(), "-o", "z.csv", "--keep", "redshift"]);
    let latent = Cells::of(&space.text("z.csv"));
    assert_eq!(latent.names, ["z1", "z2", "redshift"]);
    assert_eq!(latent.rows.len() as u64, json["rows"].as_u64().unwrap());
    space.done(&["convert", csv.to_str().unwrap(), "-o", "stars.parquet"]);
    fit(&space.path("stars.parquet"), "parquet.model");
    assert!(space.read("csv.model") == space.read("parquet.model"));
}

#[test]
fn the_same_stars_give_the_same_model_whatever_the_format() {
    let Some(folder) = shared("stars") else { return };
    let space = Space::new();
    let stars = |ending: &str| folder.join(format!("sdss_dr17_stars.{ending}")).to_str().unwrap().to_owned();
    let options = ["--columns", "u,g,r,i,z", "--hidden", "16,16", "--epochs", "2"];
    // An array has no names; with these it is the same table.
    let names = ["--names", "ra,dec,u,g,r,i,z,redshift,mjd"];
    let fit = |ending: &str, more: &[&str]| {
        let (data, model) = (stars(ending), format!("{ending}.model"));
        space.done(&[&["fit", data.as_str(), "-o", model.as_str()][..], &options, more].concat());
        space.read(&model)
    };
    let expected = fit("csv.gz", &[]);
    assert!(fit("parquet", &[]) == expected, "Parquet");
    assert!(fit("fits", &[]) == expected, "FITS");
    assert!(fit("npy", &names) == expected, "NPY");
    // And so are the codes.
    let encode = |ending: &str, more: &[&str]| {
        let (data, codes) = (stars(ending), format!("{ending}.csv"));
        space.done(&[&["encode", "csv.gz.model", data.as_str(), "-o", codes.as_str()][..], more].concat());
        space.read(&codes)
    };
    let expected = encode("csv.gz", &[]);
    assert!(encode("fits", &[]) == expected && encode("npy", &names) == expected);
}

#[test]
fn galaxies_stars_and_quasars_are_explained() {
    let Some(objects) = shared("stars/sdss_dr17_objects.csv.gz") else { return };
    let (space, objects) = (Space::new(), objects.to_str().unwrap());
    let options = ["--columns", "u,g,r,i,z", "--hidden", "16,16", "--epochs", "4"];
    space.done(&[&["fit", objects, "-o", "objects.model"][..], &options].concat());
    let keep = ["--keep", "class,redshift", "--clusters", "--labels", "labels.csv", "--json"];
    let json = space.done(&[&["explain", "objects.model", objects][..], &keep].concat()).json();
    assert_eq!((&json["rows"], &json["rows_looked_at"]), (&99_999.into(), &5000.into()));
    assert_eq!(json["clusters"]["rows"], 20_000);
    let labels = Cells::of(&space.text("labels.csv"));
    assert_eq!((labels.names.join(","), labels.rows.len()), ("cluster,membership,class,redshift".to_owned(), 99_999));
    // Magnitudes tell something of what an object is, and of its redshift.
    for column in ["class", "redshift"] {
        let tells = |latent: usize| {
            let all = json["latent"][latent]["associations"].as_array().unwrap();
            all.iter().any(|own| own["column"] == column && own["significant"] == true)
        };
        assert!((0..2).any(tells), "{column}: {json}");
    }
    space.done(&["traverse", "objects.model", objects, "-o", "axes.html"]);
    assert!(space.text("axes.html").contains("median code of 99,999 rows"));
}

#[test]
fn spectra_and_outliers_can_be_inspected_and_fitted() {
    let Some(glass) = shared("outliers/glass.npz") else { return };
    let space = Space::new();
    let glass = glass.to_str().unwrap();
    let run = space.run(&["inspect", glass]);
    assert!(matches!(run.status, Some(0 | 2)), "{run}");
    let data = format!("{glass}:X");
    let json = space.fit(&data, "glass.model", &["--json"]).json();
    assert!(json["features"].as_u64().unwrap() > 5, "{json}");
    space.done(&["report", "glass.model", &data, "-o", "glass.html"]);
}

#[test]
fn observed_stars_need_two_to_four_latents() {
    let Some(stars) = shared("stars/sdss_dr17_stars.parquet") else { return };
    let space = Space::new();
    let options = ["--columns", "u,g,r,i,z", "--loss-units", "original", "--epochs", "40", "--seeds", "2", "--json"];
    let json = space.done(&[&["sweep", stars.to_str().unwrap(), "-o", "s.svg"][..], &options].concat()).json();
    assert!(json["suggestion"]["latent"].as_u64().is_some_and(|latent| (2..=4).contains(&latent)), "{json}");
    for key in ["two_nn", "maximum_likelihood"] {
        let estimate = json["intrinsic_dimension"][key]["value"].as_f64().unwrap();
        assert!((2.0..5.0).contains(&estimate), "{key} {estimate}");
    }
}

#[test]
fn hostile_files_are_error_messages() {
    let Some(folder) = shared("formats/hostile") else { return };
    let space = Space::new();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut refused = 0;
    for file in &files {
        let name = file.to_str().unwrap();
        for arguments in [
            vec!["fit", name, "-o", "a.model", "--hidden", "3", "--epochs", "1", "--batch", "1"],
            vec!["inspect", name],
            vec!["convert", name, "-o", "a.csv"],
            vec!["encode", name, name, "-o", "z.csv"],
        ] {
            let run = space.run(&arguments);
            match run.status {
                Some(0) => {}
                _ => {
                    let last = run.stderr.lines().last().unwrap_or_default();
                    assert_eq!(run.status, Some(2), "{run}");
                    assert!(last.starts_with("error: ") && !run.stderr.contains("panicked"), "{run}");
                    assert!(last.contains(file.file_name().unwrap().to_str().unwrap()), "{run}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 2 * files.len(), "{refused} refusals for {} files", files.len());
}

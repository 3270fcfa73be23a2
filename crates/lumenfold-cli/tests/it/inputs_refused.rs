//! Data that cannot be used: one line that says where, status 2, nothing written.

use crate::made_tables::stars;
use crate::support::{SMALL, Space, fit_arguments};

/// A table under the name `bad.csv` is refused by a fit with these words.
#[track_caller]
fn refused(table: impl AsRef<[u8]>, more: &[&str], words: &[&str]) {
    let space = Space::new();
    space.write("bad.csv", table);
    let words: Vec<&str> = ["bad.csv"].iter().chain(words).copied().collect();
    space.refuses(&fit_arguments("bad.csv", "bad.model", more), &words);
}

#[test]
fn a_missing_file() {
    let space = Space::with_model();
    space.refuses(&fit_arguments("no/such.csv", "a.model", &[]), &["no/such.csv", "cannot be opened"]);
    space.refuses(&["encode", "no.model", "stars.csv", "-o", "z.csv"], &["no.model", "cannot be read"]);
    space.refuses(&["encode", "stars.model", "no.csv", "-o", "z.csv"], &["no.csv", "cannot be opened"]);
    space.refuses(&["inspect", "no.csv"], &["no.csv", "cannot be opened"]);
    space.refuses(&["convert", "no.csv", "-o", "a.tsv"], &["no.csv", "cannot be opened"]);
}

#[test]
fn a_directory() {
    let space = Space::with_model();
    std::fs::create_dir(space.path("folder")).unwrap();
    space.refuses(&fit_arguments("folder", "a.model", &[]), &["folder", "no data file is in this folder"]);
    space.refuses(&["inspect", "folder"], &["folder", "no data file is in this folder"]);
    space.refuses(&["inspect", "fold*.csv"], &["fold*.csv", "no file has such a name"]);
    space.refuses(&["encode", "folder", "stars.csv", "-o", "z.csv"], &["folder", "is a directory"]);
}

#[test]
fn an_unknown_column_with_the_nearest_name() {
    let space = Space::with_model();
    let unknown = ["stars.csv", "no column named \"clas\"", "did you mean \"class\"?"];
    space.refuses(&fit_arguments("stars.csv", "a.model", &["--columns", "u,g,clas"]), &unknown);
    space.refuses(&["encode", "stars.model", "stars.csv", "-o", "z.csv", "--keep", "clas"], &unknown);
    space.refuses(&["reconstruct", "stars.model", "stars.csv", "-o", "z.csv", "--keep", "clas"], &unknown);
    space.refuses(&["report", "stars.model", "stars.csv", "-o", "z.html", "--keep", "clas"], &unknown);
    space.refuses(&["convert", "stars.csv", "-o", "z.csv", "--columns", "clas"], &unknown);
    space.write("latent.csv", "z1,other\n1,2\n");
    let decode = ["decode", "stars.model", "latent.csv", "-o", "x.csv"];
    space.refuses(&decode, &["latent.csv", "no column named \"z2\"", "did you mean \"z1\"?"]);
}

#[test]
fn a_feature_asked_for_twice() {
    refused(stars(50).text(), &["--columns", "u,g,u"], &["column \"u\" is asked for twice"]);
}

#[test]
fn a_column_kept_twice() {
    let space = Space::with_model();
    space.refuses(&["encode", "stars.model", "stars.csv", "-o", "z.csv", "--keep", "id,id"], &["\"id\""]);
}

#[test]
fn too_few_columns_for_a_model() {
    let space = Space::with_model();
    for verb in ["encode", "reconstruct"] {
        let arguments = [verb, "stars.model", "stars.csv", "-o", "z.csv", "--columns", "u,g,r"];
        space.refuses(&arguments, &["stars.csv", "3 columns for a model of 5", "u, g, r, i, z", "--columns"]);
    }
    let arguments = ["decode", "stars.model", "stars.csv", "-o", "x.csv", "--columns", "u"];
    space.refuses(&arguments, &["stars.csv", "1 column for a model of 2", "z1, z2"]);
    let arguments = ["report", "stars.model", "stars.csv", "-o", "r.html", "--columns", "u,g,r"];
    space.refuses(&arguments, &["stars.csv", "3", "5"]);
}

#[test]
fn values_too_large_to_square() {
    let rows =
        (0..60).map(|row| format!("{row},{}\n", if row == 2 { "1e300".to_owned() } else { (row % 7).to_string() }));
    let table: String = std::iter::once("a,b\n".to_owned()).chain(rows).collect();
    refused(table, &["--columns", "a,b"], &["row 3", "column \"b\"", "1e300", "another unit"]);
}

#[test]
fn values_too_small_to_square() {
    let table: String =
        std::iter::once("a,b\n".to_owned()).chain((0..60).map(|row| format!("{row},{}e-300\n", row % 7))).collect();
    refused(table, &["--columns", "a,b"], &["column \"b\"", "too little to square", "another unit"]);
}

#[test]
fn values_that_vanish_in_single_precision() {
    let words = ["column \"u\"", "no longer varies", "factor:1e300", "another --scale"];
    refused(stars(80).text(), &["--columns", "u,g", "--scale", "factor:1e300"], &words);
}

#[test]
fn a_row_for_which_the_network_overflows() {
    let space = Space::with_model();
    space.write("wild.csv", "u,g,r,i,z\n20,19,18,17,16\n-1e38,0,0,0,1e38\n");
    space.write("codes.csv", "z1,z2\n0,0\n,\n1e38,-1e38\n");
    for verb in ["encode", "reconstruct", "report"] {
        space.refuses(
            &[verb, "stars.model", "wild.csv", "-o", "out.csv"],
            &["wild.csv", "row 2", "column \"u\"", "too large for the network"],
        );
    }
    let codes = ["decode", "stars.model", "codes.csv", "--missing", "skip", "-o", "out.csv"];
    let run = space.run(&codes);
    assert_eq!(run.status, Some(2), "{run}");
    assert!(run.stderr.contains("error: codes.csv: row 3 ") && run.stderr.contains("overflows"), "{run}");
    assert!(!space.path("out.csv").exists());
}

#[test]
fn an_endless_file_that_is_no_table() {
    if std::path::Path::new("/dev/zero").exists() {
        Space::new().refuses(&["inspect", "/dev/zero"], &["/dev/zero", "no format that is read"]);
    }
}

#[test]
fn an_empty_file() {
    refused("", &[], &["is empty (0 bytes)"]);
    let space = Space::new();
    space.write("empty.csv", "");
    space.refuses(&["inspect", "empty.csv"], &["empty.csv: is empty"]);
    space.refuses(&["convert", "empty.csv", "-o", "a.parquet"], &["empty.csv: is empty"]);
}

#[test]
fn a_header_only() {
    refused("u,g,r\n", &[], &["has no rows (header only)"]);
}

#[test]
fn ragged_rows() {
    refused("u,g,r\n1,2,3\n4,5,6\n7,8\n9,9,9\n", &[], &["row 3 (line 4)", "2 fields, expected 3"]);
    refused("u,g\n1,2\n4,5,6\n", &[], &["row 2 (line 3)", "3 fields, expected 2"]);
}

#[test]
fn two_columns_of_one_name() {
    refused("u,g,u\n1,2,3\n4,5,6\n", &[], &["columns 1 and 3 are both named \"u\""]);
}

#[test]
fn text_in_a_numeric_column() {
    let table = stars(50).with(17, "g", "bright").with(30, "g", "dim").text();
    refused(table, &["--columns", "u,g"], &["row 18", "column \"g\"", "\"bright\" is not a number", "2 of 50"]);
    refused(stars(50).text(), &["--columns", "u,class"], &["row 1", "column \"class\"", "\"STAR\" is not a number"]);
}

#[test]
fn no_column_of_numbers() {
    refused("name,kind\nVega,star\nM31,galaxy\n", &[], &["no column of numbers", "name, kind"]);
}

#[test]
fn nan_among_numbers() {
    let table = stars(50).with(4, "r", "NaN").with(9, "u", "nan").text();
    refused(table, &["--columns", "u,g,r"], &["row 5", "column \"r\"", "missing", "2 of 50 rows", "--missing skip"]);
}

#[test]
fn infinite_values() {
    let table = stars(50).with(6, "i", "inf").text();
    refused(table, &["--columns", "u,i"], &["row 7", "column \"i\"", "value is inf", "1 of 50 rows"]);
    let table = stars(50).with(6, "i", "-inf").text();
    refused(table, &["--columns", "u,i"], &["row 7", "column \"i\"", "value is -inf"]);
}

#[test]
fn empty_cells() {
    let table = stars(50).with(0, "z", "").text();
    refused(table, &["--columns", "u,z"], &["row 1", "column \"z\"", "missing", "1 of 50 rows", "--missing skip"]);
}

#[test]
fn missing_values_are_refused_by_every_verb_that_computes() {
    let space = Space::with_model();
    space.write("gaps.csv", stars(50).with(11, "g", "").text());
    let words = ["gaps.csv", "row 12", "column \"g\"", "missing"];
    space.refuses(&["encode", "stars.model", "gaps.csv", "-o", "z.csv"], &words);
    space.refuses(&["reconstruct", "stars.model", "gaps.csv", "-o", "z.csv"], &words);
    space.refuses(&["report", "stars.model", "gaps.csv", "-o", "r.html"], &words);
    space.write("latent.csv", "z1,z2\n0,0\n0,\n");
    let words = ["latent.csv", "row 2", "column \"z2\"", "missing"];
    space.refuses(&["decode", "stars.model", "latent.csv", "-o", "x.csv"], &words);
}

#[test]
fn no_usable_row_at_all() {
    let table = stars(20).with_column("g", |_| String::new()).text();
    refused(&table, &["--columns", "u,g", "--missing", "skip"], &["none of its 20 rows can be used", "column \"g\""]);
}

#[test]
fn a_constant_column_unless_it_is_allowed() {
    let space = Space::new();
    space.write("flat.csv", stars(80).with_column("g", |_| "19.5".to_owned()).text());
    let arguments = fit_arguments("flat.csv", "flat.model", &["--columns", "u,g,r"]);
    space.refuses(&arguments, &["flat.csv", "column \"g\" is 19.5 in every row", "--columns", "--allow-constant"]);
    space.fit("flat.csv", "flat.model", &["--columns", "u,g,r", "--allow-constant"]);
    space.done(&["encode", "flat.model", "flat.csv", "-o", "z.csv"]);
    let words = ["column \"u\" is 1 in every row", "1 more"];
    refused("u,g\n1,2\n1,2\n1,2\n1,2\n1,2\n", &["--batch", "1"], &words);
}

#[test]
fn one_row_or_two() {
    refused("u,g\n1,2\n", &["--batch", "1"], &["1 usable row", "needs at least 3"]);
    refused("u,g\n1,2\n3,4\n", &["--batch", "1"], &["2 usable rows", "needs at least 3"]);
}

#[test]
fn one_row_left_to_train_on() {
    let words = ["--validation is 0.9", "2 of the 5 rows"];
    let space = Space::new();
    space.write("few.csv", "u,g\n1,2\n3,4\n5,6\n7,9\n9,8\n");
    space.refuses(&fit_arguments("few.csv", "few.model", &["--batch", "1", "--validation", "0.9"]), &words);
}

#[test]
fn fewer_rows_than_the_batch() {
    let words = ["a batch of 64 rows is larger than the 40 rows to train on", "--batch 40"];
    refused(stars(50).text(), &["--columns", "u,g,r", "--batch", "64"], &words);
}

#[test]
fn a_latent_dimension_without_a_bottleneck_is_allowed_with_a_warning() {
    let space = Space::with_stars();
    for latent in ["3", "5"] {
        let run = space.fit("stars.csv", "wide.model", &["--columns", "u,g,r", "--latent", latent]);
        assert!(run.warnings().iter().any(|line| line.contains("no bottleneck for 3 features")), "{run}");
        space.done(&["encode", "wide.model", "stars.csv", "-o", "z.csv"]);
    }
}

#[test]
fn logarithms_of_what_has_none() {
    let table = stars(50).with(21, "u", "-3.5").text();
    let words = ["row 22", "column \"u\"", "log scaling needs values above 0", "-3.5", "asinh"];
    refused(table, &["--columns", "u,g", "--scale", "log"], &words);
}

#[test]
fn values_that_leave_the_range_of_the_network() {
    let space = Space::with_model();
    space.write("far.csv", stars(50).with(2, "r", "1e200").text());
    let words = ["far.csv", "row 3", "column \"r\"", "too large"];
    space.refuses(&["encode", "stars.model", "far.csv", "-o", "z.csv"], &words);
}

#[test]
fn binary_files_and_files_of_other_kinds() {
    let space = Space::new();
    for (name, content) in [
        ("picture.png", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"[..]),
        ("page.csv", b"<!DOCTYPE html><html><body>404</body></html>\n"),
        ("bytes.bin", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ("nul.csv", b"u,g\n1,2\n\x003,4\n"),
        ("latin.csv", b"u,g\n1,2\n3,\xe9\n"),
        ("cut.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0"),
        ("cut.parquet", b"PAR1\0\0"),
        ("cut.npy", b"\x93NUMPY\x01\x00\x76\x00{'descr'"),
        ("cut.npz", b"PK\x03\x04\0\0"),
        (
            "object.npy",
            b"\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (3,), }           \n",
        ),
    ] {
        space.write(name, content);
        space.refuses(&fit_arguments(name, "a.model", &[]), &[name]);
        space.refuses(&["inspect", name], &[name]);
        space.refuses(&["convert", name, "-o", "a.csv"], &[name]);
    }
}

#[test]
fn names_with_control_characters_stay_on_one_line() {
    let space = Space::new();
    space.write("ansi.csv", "u,g\n1,2\n\x1b[31mred,4\n");
    let arguments = fit_arguments("ansi.csv", "a.model", &["--columns", "u"]);
    space.refuses(&arguments, &["row 2", "column \"u\"", "\"\\u{1b}[31mred\""]);
    let arguments = fit_arguments("ansi.csv", "a.model", &["--columns", "\x1b[31mred"]);
    space.refuses(&arguments, &["no column named \"\\u{1b}[31mred\""]);
    space.refuses(&["fit", "no\nsuch.csv", "-o", "a.model", SMALL[0], SMALL[1]], &["no\\nsuch.csv"]);
}

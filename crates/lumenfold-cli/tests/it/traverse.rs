//! Codes along axes and between samples, decoded, as tables and as figures.

use crate::support::{Cells, Space, fit_arguments};

const FEATURES: [&str; 5] = ["u", "g", "r", "i", "z"];

/// With codes and reconstructions of the stars.
fn space() -> Space {
    let space = Space::with_model();
    space.done(&["encode", "stars.model", "stars.csv", "-o", "latent.csv"]);
    space
}

/// The quantile of numbers, interpolated linearly.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = share * (values.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    values[below] + part * (values[(below + 1).min(values.len() - 1)] - values[below])
}

#[test]
fn samples_are_those_that_decode_gives_to_the_last_bit() {
    let space = space();
    let ways: [&[&str]; 3] =
        [&[], &["--row", "7", "--range", "5%,95%", "--steps", "4"], &["--from", "3", "--to", "150"]];
    for options in ways {
        let arguments = [&["traverse", "stars.model", "stars.csv", "-o", "walk.csv"], options].concat();
        space.done(&arguments);
        space.done(&["decode", "stars.model", "walk.csv", "-o", "decoded.csv"]);
        let (walk, decoded) = (Cells::of(&space.text("walk.csv")), Cells::of(&space.text("decoded.csv")));
        assert_eq!(walk.names, ["axis", "step", "z1", "z2", "u", "g", "r", "i", "z"]);
        for feature in FEATURES {
            assert_eq!(walk.column(feature), decoded.column(feature), "{options:?}");
        }
    }
}

#[test]
fn axes_cross_at_the_median_and_end_at_quantiles() {
    let space = space();
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "walk.csv"]);
    let (walk, latent) = (Cells::of(&space.text("walk.csv")), Cells::of(&space.text("latent.csv")));
    assert_eq!(walk.column("axis"), [["z1"; 9], ["z2"; 9]].concat());
    assert_eq!(walk.numbers("step"), (1..=9).chain(1..=9).map(f64::from).collect::<Vec<_>>());
    for (axis, other, rows) in [("z1", "z2", 0..9), ("z2", "z1", 9..18)] {
        let (values, still) = (&walk.numbers(axis)[rows.clone()], &walk.numbers(other)[rows]);
        let (codes, others) = (latent.numbers(axis), latent.numbers(other));
        let near = |one: f64, two: f64| (one - two).abs() < 1e-6;
        assert!(near(values[0], quantile(&codes, 0.01)) && near(values[8], quantile(&codes, 0.99)), "{values:?}");
        assert!(still.iter().all(|value| near(*value, quantile(&others, 0.5))), "{still:?}");
        assert!(values.windows(2).all(|pair| near(pair[1] - pair[0], (values[8] - values[0]) / 8.0)), "{values:?}");
    }
}

#[test]
fn a_line_ends_at_the_reconstructions_of_its_rows() {
    let space = space();
    space.done(&["reconstruct", "stars.model", "stars.csv", "-o", "back.csv"]);
    space.done(&[
        "traverse",
        "stars.model",
        "stars.csv",
        "-o",
        "line.csv",
        "--from",
        "12",
        "--to",
        "200",
        "--steps",
        "5",
    ]);
    let (line, back) = (Cells::of(&space.text("line.csv")), Cells::of(&space.text("back.csv")));
    let latent = Cells::of(&space.text("latent.csv"));
    assert_eq!(line.column("axis"), ["line"; 5]);
    for feature in FEATURES {
        let (line, back) = (line.column(feature), back.column(feature));
        assert_eq!([line[0], line[4]], [back[11], back[199]], "{feature}");
    }
    for axis in ["z1", "z2"] {
        let (line, codes) = (line.column(axis), latent.column(axis));
        assert_eq!([line[0], line[4]], [codes[11], codes[199]], "{axis}");
    }
    // A way to itself stays there.
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "line.csv", "--from", "12", "--to", "12"]);
    let line = Cells::of(&space.text("line.csv"));
    assert!(line.column("u").windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn places_and_ranges_that_are_told() {
    let space = space();
    let told = ["--axis", "z2", "--range=-1.5,0.5", "--at", "z1=0.25", "--steps", "3"];
    space.done(&[&["traverse", "stars.model", "-o", "told.csv"][..], &told].concat());
    let walk = Cells::of(&space.text("told.csv"));
    assert_eq!(walk.matrix(&["z1", "z2"]), [[0.25, -1.5], [0.25, -0.5], [0.25, 0.5]]);
    // The median of the others where there are data.
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "told.csv", "--axis", "z1", "--at", "z1=9,z2=-1"]);
    let walk = Cells::of(&space.text("told.csv"));
    assert!(walk.column("z2").iter().all(|value| *value == "-1.0"), "{:?}", walk.column("z2"));
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "row.csv", "--axis", "z1", "--row", "5"]);
    let (walk, latent) = (Cells::of(&space.text("row.csv")), Cells::of(&space.text("latent.csv")));
    assert!(walk.column("z2").iter().all(|value| *value == latent.column("z2")[4]));
}

#[test]
fn every_table_format_and_standard_output() {
    let space = space();
    let run = space.done(&["traverse", "stars.model", "stars.csv", "-o", "-"]);
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "walk.csv"]);
    assert_eq!(run.text(), space.text("walk.csv"));
    for file in ["walk.parquet", "walk.npz", "walk.tsv.gz"] {
        space.done(&["traverse", "stars.model", "stars.csv", "-o", file]);
        space.done(&["convert", file, "-o", "again.csv"]);
        assert_eq!(space.text("again.csv"), space.text("walk.csv"), "{file}");
    }
}

/// Elements of a figure, which stands alone: no scripts, nothing from elsewhere.
#[track_caller]
fn elements(text: &str, name: &str) -> usize {
    assert!(!text.contains("<script") && !text.contains("@import") && !text.contains("url("));
    let addresses = text.matches("http").count();
    assert_eq!(addresses, text.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    text.matches(&format!("<{name} ")).count()
}

#[test]
fn few_features_are_lines() {
    let space = space();
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "axes.svg"]);
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "axes.html"]);
    let (svg, page) = (space.text("axes.svg"), space.text("axes.html"));
    for text in [&svg, &page] {
        // Lines, in parts where they lead far from the data, and those to their labels, of five features along two axes.
        let leaders = text.matches("class=\"leader ").count();
        assert_eq!(leaders, 5 * 2);
        assert!(elements(text, "polyline") >= 2 * leaders && (elements(text, "polyline") - leaders).is_multiple_of(5));
        assert!(FEATURES.iter().all(|feature| text.contains(&format!(">{feature}</text>"))));
        assert!(text.contains("median code of 200 rows") && text.contains("1\u{a0}% to the 99\u{a0}% quantile"));
    }
    assert!(svg.starts_with("<svg xmlns") && svg.ends_with("</svg>\n"));
    assert!(page.starts_with("<!doctype html>") && page.contains("prefers-color-scheme: dark"));
}

#[test]
fn steps_far_from_all_rows_are_pale() {
    let space = space();
    let pale = |range: &str, file: &str| {
        let run =
            space.done(&["traverse", "stars.model", "stars.csv", "-o", file, "--row", "9", range, "--image", "1x5"]);
        (space.text(file).matches("picture pale\"").count(), run.stderr.contains("further from any row"))
    };
    // Nothing is out there; zero, half way, may be among the rows.
    let (found, said) = pale("--range=-1000,1000", "far.svg");
    assert!(found >= 16 && said, "{found}");
    let code = Cells::of(&space.text("latent.csv"));
    let at = |axis: &str| code.numbers(axis)[8];
    let near = format!("--range={},{}", at("z1").min(at("z2")) - 1e-6, at("z1").min(at("z2")));
    let axis = if at("z1") < at("z2") { "z1" } else { "z2" };
    space.done(&["traverse", "stars.model", "stars.csv", "-o", "near.svg", "--row", "9", "--axis", axis, &near]);
    assert_eq!(space.text("near.svg").matches(" pale\"").count(), 0);
    // Without rows, nobody knows.
    space.done(&["traverse", "stars.model", "-o", "bare.svg", "--range=-1000,1000"]);
    assert_eq!(space.text("bare.svg").matches(" pale\"").count(), 0);
}

#[test]
fn spectra_are_fans_and_pictures_strips() {
    let space = Space::new();
    // Numbers alone would be taken for a row.
    let names = (0..24).map(|index| format!("{}", 400 + 5 * index)).chain(["id".to_owned()]).collect();
    let value = |row: usize, x: usize| format!("{}", ((x + row) as f64 * 0.3).sin() + row as f64 * 0.01);
    let row = |row: usize| (0..24).map(|x| value(row, x)).chain([format!("n{row}")]).collect();
    let cells = Cells { names, rows: (0..90).map(row).collect() };
    space.write("spectra.csv", cells.text());
    space.fit("spectra.csv", "spectra.model", &["--latent", "3"]);
    space.done(&["traverse", "spectra.model", "spectra.csv", "-o", "fan.svg", "--steps", "7"]);
    let fan = space.text("fan.svg");
    assert_eq!(elements(&fan, "polyline"), 3 * 7);
    assert!(fan.contains(">400</text>") && fan.contains("feature, by its name"));
    space.done(&["traverse", "spectra.model", "spectra.csv", "-o", "strip.html", "--steps", "7", "--image", "4x6"]);
    let strip = space.text("strip.html");
    assert_eq!(elements(&strip, "image"), 3 * 7);
    assert_eq!(strip.matches("href=\"data:image/png;base64,iVBOR").count(), 3 * 7);
    space.done(&[
        "traverse",
        "spectra.model",
        "spectra.csv",
        "-o",
        "way.svg",
        "--from",
        "1",
        "--to",
        "90",
        "--image",
        "6x4",
    ]);
    assert!(space.text("way.svg").contains("from row 1 to row 90"));
    space.refuses(
        &["traverse", "spectra.model", "spectra.csv", "-o", "a.svg", "--image", "5x5"],
        &["--image", "5x5", "24"],
    );
    let long = ["traverse", "spectra.model", "spectra.csv", "-o", "a.svg", "--steps", "101"];
    space.refuses(&long, &["--steps is 101", "at most 100"]);
}

#[test]
fn names_are_words_in_a_figure_and_nothing_else() {
    let space = Space::new();
    let text = crate::made_tables::stars(60).text();
    space.write("odd.csv", text.replacen("id,u,g,", "id,<b>&x,</svg>\"',", 1));
    space.fit("odd.csv", "odd.model", &["--columns", "<b>&x,</svg>\"',r"]);
    for file in ["odd.svg", "odd.html"] {
        space.done(&["traverse", "odd.model", "odd.csv", "-o", file]);
        let text = space.text(file);
        assert!(text.contains("&lt;b&gt;&amp;x") && text.contains("&lt;/svg&gt;&quot;&#39;"), "{text}");
        assert_eq!((text.matches("<b>").count(), text.matches("</svg>").count()), (0, 1));
    }
}

#[test]
fn a_feature_with_the_name_of_another_column() {
    let space = Space::new();
    space.write("odd.csv", crate::made_tables::stars(60).text().replacen("id,u,g,r", "id,axis,z1,r", 1));
    space.fit("odd.csv", "odd.model", &["--columns", "axis,z1,r"]);
    space.done(&["traverse", "odd.model", "odd.csv", "-o", "walk.csv"]);
    let names = Cells::of(&space.text("walk.csv")).names;
    assert_eq!(names, ["axis", "step", "z1", "z2", "axis_decoded", "z1_decoded", "r"]);
}

#[test]
fn threads_and_files_change_no_byte() {
    let space = space();
    let text = space.text("stars.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let half = rows.match_indices('\n').nth(80).unwrap().0 + 1;
    space.write("one.csv", format!("{head}\n{}", &rows[..half]));
    space.write("two.csv", format!("{head}\n{}", &rows[half..]));
    for file in ["walk.csv", "walk.svg"] {
        let run = |data: &[&str], threads: &str| {
            let to = ["-o", file, "--row", "150", "--threads", threads];
            space.done(&[&["traverse", "stars.model"][..], data, &to].concat());
            space.read(file)
        };
        let one = run(&["stars.csv"], "1");
        assert!(one == run(&["stars.csv"], "5"));
        if file == "walk.csv" {
            assert!(one == run(&["one.csv", "two.csv"], "2"));
        }
    }
}

#[test]
fn models_with_blind_spots_decode_as_others() {
    let space = Space::with_stars();
    let options = ["--columns", "u,g,r,i,z", "--kind", "denoising", "--blind-spots", "0.2"];
    space.fit("stars.csv", "blind.model", &options);
    space.done(&["traverse", "blind.model", "stars.csv", "-o", "walk.csv"]);
    space.done(&["decode", "blind.model", "walk.csv", "-o", "decoded.csv"]);
    let (walk, decoded) = (Cells::of(&space.text("walk.csv")), Cells::of(&space.text("decoded.csv")));
    assert!(FEATURES.iter().all(|feature| walk.column(feature) == decoded.column(feature)));
}

#[test]
fn what_cannot_be_walked_is_refused() {
    let space = space();
    let refuses = |options: &[&str], words: &[&str]| {
        let arguments = [&["traverse", "stars.model", "stars.csv", "-o", "out.csv"], options].concat();
        space.refuses(&arguments, words);
    };
    refuses(&["--steps", "1"], &["--steps is 1", "from 2"]);
    refuses(&["--steps", "1000000000000"], &["--steps is 1000000000000", "from 2 to"]);
    refuses(&["--steps", "0"], &["--steps is 0"]);
    refuses(&["--row", "0"], &["--row 0", "counted from 1"]);
    refuses(&["--row", "201"], &["--row 201", "stars.csv has 200 rows"]);
    refuses(&["--from", "1", "--to", "18446744073709551615"], &["--to", "200 rows"]);
    refuses(&["--from", "1"], &["--to"]);
    refuses(&["--from", "1", "--to", "2", "--axis", "z1"], &["--axis", "--from"]);
    refuses(&["--row", "1", "--at", "z1=1"], &["--row", "--at"]);
    refuses(&["--axis", "z3"], &["z3", "z1, z2"]);
    refuses(&["--axis", "z1,z1"], &["--axis", "twice"]);
    refuses(&["--at", "q=1"], &["q is no latent coordinate"]);
    refuses(&["--at", "z1=1,z1=2"], &["twice"]);
    refuses(&["--range=-1,x"], &["-1,x", "no range"]);
    refuses(&["--range=1,-1"], &["ends before it begins"]);
    refuses(&["--range=-1e38,1e38"], &["far"]);
    refuses(&["--image", "1x5"], &["--image", ".html or .svg"]);
    space.refuses(&["traverse", "stars.model", "-o", "out.csv"], &["without DATA", "--range"]);
    space.refuses(&["traverse", "stars.model", "-o", "out.csv", "--range", "1%,9%"], &["--range", "table"]);
    space.refuses(&["traverse", "stars.model", "-o", "out.csv", "--row", "3", "--range=0,1"], &["--row needs rows"]);
    space.refuses(&["traverse", "stars.model", "stars.csv", "-o", "stars.csv"], &["is an input"]);
    space.refuses(&["traverse", "stars.model", "stars.csv", "-o", "out.docx"], &["out.docx"]);
    space.refuses(&["traverse", "stars.model", "stars.csv", "-o", "no/such/out.svg"], &["no/such"]);
}

#[test]
fn rows_without_spread_or_without_values() {
    let space = Space::with_model();
    let first: Vec<String> = space.text("stars.csv").lines().take(2).map(str::to_owned).collect();
    space.write("one.csv", first.join("\n") + "\n");
    space.refuses(&["traverse", "stars.model", "one.csv", "-o", "out.csv"], &["no latent coordinate varies"]);
    // A place and a range can be told all the same.
    space.done(&["traverse", "stars.model", "one.csv", "-o", "out.svg", "--row", "1", "--range=-1,1"]);
    let line = ["traverse", "stars.model", "one.csv", "-o", "out.svg", "--from", "1", "--to", "1"];
    space.done(&line);
    space.write("holes.csv", crate::made_tables::stars(50).with(9, "g", "").text());
    let arguments = ["traverse", "stars.model", "holes.csv", "-o", "out.csv", "--row", "10"];
    space.refuses(&arguments, &["row 10", "\"g\""]);
    let skip = [&arguments[..], &["--missing", "skip"]].concat();
    let run = space.run(&skip);
    assert!(run.status == Some(2) && run.stderr.contains("--row 10: this row of holes.csv lacks a value"), "{run}");
    let run = space.done(&[&arguments[..5], &["--row", "11", "--missing", "skip"]].concat());
    assert_eq!(run.warnings().len(), 1, "{run}");
}

#[test]
fn more_axes_than_are_walked_by_default() {
    let space = Space::with_stars();
    let arguments = fit_arguments("stars.csv", "wide.model", &["--columns", "u,g,r,i,z", "--latent", "20"]);
    space.done(&arguments);
    let run = space.done(&["traverse", "wide.model", "stars.csv", "-o", "walk.csv", "--steps", "2"]);
    assert!(run.stderr.contains("the 16 axes with the largest spread of 20"), "{run}");
    assert_eq!(Cells::of(&space.text("walk.csv")).rows.len(), 32);
}

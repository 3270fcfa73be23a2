//! `report`: one page that needs nothing else.

use serde_json::Value;

use crate::support::{Cells, Space};

/// The document between the tags of the page's data element.
fn island(page: &str) -> Value {
    let start = page.find("id=\"report-data\"").expect("the page has an element for the data");
    let text = &page[start..];
    let text = &text[text.find('>').unwrap() + 1..];
    serde_json::from_str(&text[..text.find("</script>").unwrap()]).unwrap()
}

/// The values of all `src` and `href` attributes of tags, those that scripts write excepted.
fn links(page: &str) -> Vec<&str> {
    let mut links = Vec::new();
    for attribute in [" src=", " href="] {
        for (position, _) in page.match_indices(attribute) {
            let value = &page[position + attribute.len()..];
            if let Some(quote) = value.chars().next().filter(|quote| ['"', '\''].contains(quote)) {
                links.push(value[1..].split(quote).next().unwrap());
            }
        }
    }
    links
}

#[test]
fn the_page_is_self_contained() {
    let space = Space::with_model();
    let run = space.done(&["report", "stars.model", "stars.csv", "-o", "report.html"]);
    assert!(run.stderr.contains("wrote report.html"), "{run}");
    let page = space.text("report.html");
    assert!(page.to_ascii_lowercase().starts_with("<!doctype html>"));
    assert!(!page.contains("__LUMENFOLD_REPORT_DATA__"), "the placeholder is still there");
    for link in links(&page) {
        assert!(!link.contains("//"), "the page loads {link}");
    }
    for loading in ["@import", "url(http", "url(\"http", "url('http", "import(\"http"] {
        assert!(!page.contains(loading), "the page has {loading}");
    }
}

#[test]
fn the_document_tells_what_the_fit_told() {
    let space = Space::with_stars();
    let fitted = space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--json"]).json();
    space.done(&["report", "a.model", "stars.csv", "-o", "report.html"]);
    let document = island(&space.text("report.html"));
    assert_eq!(document["schema"], 1);
    assert_eq!(document["title"], "stars.csv");
    assert_eq!(document["synthetic"], false);
    assert_eq!(document["data"]["same_as_trained"], true);
    assert_eq!(document["errors"]["autoencoder"]["mse"], fitted["validation"]["mse"]);
    assert_eq!(document["errors"]["pca"][1]["mse"], fitted["pca"]["mse"]);
    assert_eq!(document["data"]["validation_rows"], 40);
    let columns: Vec<_> =
        document["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
    for name in ["class", "objid", "u", "z", "reconstruction error"] {
        assert!(columns.contains(&name), "{name} is not in {columns:?}");
    }
}

#[test]
fn other_data_are_called_other_data() {
    let space = Space::with_model();
    space.write("other.csv", crate::made_tables::stars(150).text());
    space.done(&[
        "report",
        "stars.model",
        "other.csv",
        "-o",
        "report.html",
        "--title",
        "Other stars",
        "--keep",
        "class",
    ]);
    let document = island(&space.text("report.html"));
    assert_eq!(document["title"], "Other stars");
    assert_eq!(document["data"]["same_as_trained"], false);
    assert_eq!(document["data"]["rows"], 150);
    assert!(document["notes"][0].as_str().unwrap().contains("not those that the model was trained on"));
}

#[test]
fn names_and_labels_cannot_leave_their_place() {
    let space = Space::new();
    let evil = "</script><b>";
    let mut cells: Cells = crate::made_tables::stars(100).with_column("class", |row| {
        ["</script><b>", "<!--<script>", "__LUMENFOLD_REPORT_DATA__", "&lt;"][row % 4].to_owned()
    });
    cells.names =
        ["id", "u", evil, "r", "i", "z", "<img src=http://x onerror=alert(1)>", "objid"].map(str::to_owned).to_vec();
    space.write("evil.csv", cells.text());
    space.fit("evil.csv", "evil.model", &["--columns", "u,</script><b>,r"]);
    space.done(&[
        "report",
        "evil.model",
        "evil.csv",
        "-o",
        "evil.html",
        "--title",
        "</title></script><script>alert(1)",
    ]);
    space.fit("evil.csv", "plain.model", &["--columns", "u,r"]);
    space.write("plain.csv", crate::made_tables::stars(100).text());
    space.done(&["report", "plain.model", "plain.csv", "-o", "plain.html"]);
    let (page, plain) = (space.text("evil.html"), space.text("plain.html"));
    // No tag came with the names: the page has as many of each as one with harmless names.
    for tag in ["</script", "<script", "<b>", "<img", "<!--", "</title"] {
        assert_eq!(page.matches(tag).count(), plain.matches(tag).count(), "{tag}");
    }
    let document = island(&page);
    assert_eq!(document["features"][1]["name"], evil);
    let classes = document["columns"]
        .as_array()
        .unwrap()
        .iter()
        .find(|column| column["labels"].as_array().is_some_and(|labels| labels.len() == 4))
        .unwrap();
    assert!(classes["labels"].as_array().unwrap().contains(&Value::from(evil)), "{classes}");
    assert_eq!(document["title"], "</title></script><script>alert(1)");
}

#[test]
fn skipped_rows_are_counted() {
    let space = Space::with_model();
    space.write("gaps.csv", crate::made_tables::stars(100).with(3, "u", "").text());
    for keep in [&["--keep", "class"][..], &[]] {
        let arguments = ["report", "stars.model", "gaps.csv", "-o", "r.html", "--missing", "skip"];
        let run = space.done(&[&arguments[..], keep].concat());
        assert!(run.warnings()[0].contains("gaps.csv: 1 of 100 rows lack a value and are left out"), "{run}");
        let document = island(&space.text("r.html"));
        assert_eq!((document["data"]["rows"].as_u64(), document["data"]["skipped_rows"].as_u64()), (Some(99), Some(1)));
    }
}

#[test]
fn a_page_without_its_ending_is_told() {
    let space = Space::with_model();
    let run = space.done(&["report", "stars.model", "stars.csv", "-o", "page.txt"]);
    assert!(run.warnings()[0].contains("page.txt") && run.warnings()[0].contains(".html"), "{run}");
}

/// An NPY file of 90 images of 6 × 8 doubles, with a spot that moves.
fn images() -> Vec<u8> {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (90, 6, 8), }";
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{header:<117}\n").bytes());
    for row in 0..90_i32 {
        let (across, up) = (f64::from(row * 7 % 31) / 4.0, f64::from(row * 11 % 23) / 4.0);
        for at in 0..48 {
            let distance = (f64::from(at % 8) - across).powi(2) + (f64::from(at / 8) - up).powi(2);
            file.extend((-distance / 2.0).exp().to_le_bytes());
        }
    }
    file
}

#[test]
fn images_are_drawn_with_their_axes() {
    let space = Space::new();
    space.write("images.npy", images());
    space.fit("images.npy", "images.model", &[]);
    space.done(&["report", "images.model", "images.npy", "-o", "report.html"]);
    let document = island(&space.text("report.html"));
    assert_eq!(document["data"]["same_as_trained"], true);
    let samples = &document["samples"];
    assert_eq!((&samples["values"], &samples["axes"][1]["name"]), (&Value::from(48), &Value::from("axis2")));
    assert_eq!(samples["views"][0]["down"], true);
    assert_eq!(samples["triplets"].as_array().unwrap().len(), 9);
    // The same page whatever the memory: rows in scratch files are the same rows.
    space.done(&["report", "images.model", "images.npy", "-o", "small.html", "--memory", "10kB"]);
    assert!(space.text("report.html") == space.text("small.html"));
}

#[test]
fn flat_rows_of_the_same_values_have_the_same_pictures() {
    let space = Space::new();
    space.write("images.npy", images());
    space.fit("images.npy", "images.model", &[]);
    space.done(&["convert", "images.npy", "-o", "flat.csv"]);
    for data in ["images.npy", "flat.csv"] {
        space.done(&["report", "images.model", data, "-o", &format!("{data}.html"), "--title", "t"]);
    }
    let pictures = |data: &str| island(&space.text(&format!("{data}.html")))["samples"]["error_along"].clone();
    assert_eq!(pictures("images.npy"), pictures("flat.csv"));
}

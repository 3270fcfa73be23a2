//! What latent coordinates have to do with columns, and the clusters of codes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::made_tables::Noise;
use crate::support::{Cells, Space};

const FEATURES: [&str; 5] = ["u", "g", "r", "i", "z"];

/// A table of three clouds, one after the other, with their names and a number that rises with the first feature.
fn clouds(rows: usize) -> Cells {
    let mut noise = Noise::new(5);
    let places = [[0.0, 0.0, 0.0], [9.0, 0.0, 4.0], [0.0, 9.0, -4.0]];
    let names = ["a", "b", "c", "cloud", "bent", "id"].map(str::to_owned).to_vec();
    let row = |row: usize| {
        let cloud = row * 3 / rows;
        let near = places[cloud].map(|x| x + 0.5 * (noise.next() + noise.next()));
        let mut cells: Vec<String> = near.iter().map(|x| format!("{x:.5}")).collect();
        cells.extend([["left", "right", "top"][cloud].to_owned(), format!("{:.6}", near[0].exp()), format!("n{row}")]);
        cells
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}

/// With `clouds.csv` of so many rows and a model of them.
fn space(rows: usize) -> Space {
    let space = Space::new();
    space.write("clouds.csv", clouds(rows).text());
    space.fit("clouds.csv", "clouds.model", &["--columns", "a,b,c", "--epochs", "30"]);
    space
}

fn association<'a>(json: &'a Value, latent: usize, column: &str) -> &'a Value {
    let all = json["latent"][latent]["associations"].as_array().unwrap();
    all.iter().find(|own| own["column"] == column).unwrap_or_else(|| panic!("{column} is not in {json}"))
}

#[test]
fn every_coordinate_and_column_is_in_the_table() {
    let space = Space::with_model();
    let run = space.done(&["explain", "stars.model", "stars.csv", "-o", "all.csv", "--json"]);
    let (table, json) = (Cells::of(&space.text("all.csv")), run.json());
    let columns = ["u", "g", "r", "i", "z", "id", "class", "objid"];
    let expected: Vec<&str> = columns.into_iter().cycle().take(16).collect();
    assert_eq!(table.column("column"), expected);
    assert_eq!(table.column("latent"), [["z1"; 8], ["z2"; 8]].concat());
    assert_eq!(table.column("kind")[..8], [["feature"; 5].as_slice(), &["carried"; 3]].concat());
    assert_eq!((&json["rows"], &json["rows_looked_at"]), (&200.into(), &200.into()));
    for (row, column) in expected.iter().enumerate() {
        let own = association(&json, row / 8, column);
        let cell = table.column("rank_correlation")[row];
        match own["rank_correlation"].as_f64() {
            Some(value) => assert_eq!(cell.parse::<f64>().unwrap(), value),
            None => assert!(["", "\"\""].contains(&cell), "{cell}"),
        }
        // What was made with no regard to the magnitudes has nothing to do with them.
        let significant = own["significant"].as_bool().unwrap();
        assert!(!significant || FEATURES.contains(column), "{own}");
    }
    for feature in FEATURES {
        assert!((0..2).any(|latent| association(&json, latent, feature)["significant"] == true), "{feature}");
    }
    let words = &run.stderr;
    assert!(words.contains("z1: ") && words.contains("rank correlation") && words.contains("nats"), "{words}");
}

#[test]
fn ends_are_the_rows_of_the_least_and_largest_codes() {
    let space = Space::with_model();
    space.done(&["encode", "stars.model", "stars.csv", "-o", "latent.csv"]);
    let latent = Cells::of(&space.text("latent.csv"));
    // Of all rows, however few are looked at.
    let json = space.done(&["explain", "stars.model", "stars.csv", "--json", "--rows", "50"]).json();
    assert_eq!(json["rows_looked_at"], 50);
    for (at, axis) in ["z1", "z2"].into_iter().enumerate() {
        let codes = latent.numbers(axis);
        let mut order: Vec<usize> = (0..200).collect();
        order.sort_by(|one, two| codes[*one].total_cmp(&codes[*two]));
        let rows = |end: &str| -> Vec<u64> {
            json["latent"][at][end].as_array().unwrap().iter().map(|own| own["row"].as_u64().unwrap()).collect()
        };
        let numbers = |rows: &[usize]| rows.iter().map(|row| *row as u64 + 1).collect::<Vec<_>>();
        assert_eq!(rows("lowest"), numbers(&order[..5]));
        assert_eq!(rows("highest"), order[195..].iter().rev().map(|row| *row as u64 + 1).collect::<Vec<_>>());
        let value = json["latent"][at]["lowest"][0]["value"].as_f64().unwrap();
        assert!((value - codes[order[0]]).abs() < 1e-6);
    }
}

#[test]
fn clusters_are_found_and_say_what_sets_them_apart() {
    let space = space(600);
    let run = space.done(&[
        "explain",
        "clouds.model",
        "clouds.csv",
        "--clusters",
        "--json",
        "--labels",
        "labels.csv",
        "--keep",
        "cloud",
    ]);
    let (json, table) = (run.json(), Cells::of(&space.text("labels.csv")));
    let found = json["clusters"]["found"].as_array().unwrap();
    assert_eq!(found.len(), 3, "{json}");
    assert_eq!(json["clusters"]["min_cluster_size"], 25);
    let mut clouds = Vec::new();
    for cluster in found {
        let label = &cluster["labels"][0];
        assert!(label["share"].as_f64().unwrap() > 0.99 && label["lift"].as_f64().unwrap() > 2.9, "{cluster}");
        clouds.push(label["label"].as_str().unwrap());
        let row = cluster["typical_row"].as_u64().unwrap() as usize - 1;
        assert_eq!(table.column("cloud")[row], label["label"].as_str().unwrap());
        assert_eq!(cluster["typical_sample"].as_object().unwrap().len(), 3);
        assert!(!cluster["differences"].as_array().unwrap().is_empty());
    }
    assert!(run.stderr.contains("cluster 1: ") && run.stderr.contains("typical sample, row "), "{run}");
    // Rows keep their order and number; a label says which cloud it is.
    assert_eq!((table.names.join(","), table.rows.len()), ("cluster,membership,cloud".to_owned(), 600));
    let mut noise = 0;
    for ((cluster, membership), cloud) in
        table.column("cluster").iter().zip(table.numbers("membership")).zip(table.column("cloud"))
    {
        match cluster.parse::<usize>() {
            Ok(cluster) => assert!(clouds[cluster - 1] == cloud && membership > 0.0 && membership <= 1.0),
            Err(_) => {
                assert!(["", "\"\""].contains(cluster) && membership == 0.0, "{cluster}");
                noise += 1;
            }
        }
    }
    assert_eq!(json["clusters"]["noise"], noise);
    assert!(noise < 90, "{noise}");
}

#[test]
fn rows_that_were_not_clustered_are_assigned() {
    let space = space(900);
    let clusters = ["explain", "clouds.model", "clouds.csv", "--clusters"];
    space.done(&[&clusters[..], &["--rows", "300", "--labels", "some.csv", "--keep", "cloud"]].concat());
    let some = Cells::of(&space.text("some.csv"));
    assert_eq!(some.rows.len(), 900);
    // Each cloud has a cluster of its own, in which most of its rows are.
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (cluster, cloud) in some.column("cluster").into_iter().zip(some.column("cloud")) {
        *counts.entry((cloud, cluster.trim_matches('"'))).or_default() += 1;
    }
    let largest: BTreeMap<&str, (&str, usize)> =
        counts.iter().fold(BTreeMap::new(), |mut largest, ((cloud, cluster), count)| {
            let entry = largest.entry(*cloud).or_insert((*cluster, *count));
            if *count > entry.1 {
                *entry = (*cluster, *count);
            }
            largest
        });
    assert_eq!(largest.len(), 3);
    for (cloud, (cluster, count)) in &largest {
        assert!(!cluster.is_empty() && *count > 230, "{cloud}: {counts:?}");
        assert!(largest.iter().all(|(other, (own, _))| other == cloud || own != cluster), "{counts:?}");
    }
}

#[test]
fn threads_and_files_change_no_byte() {
    let space = space(700);
    let text = space.text("clouds.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let half = rows.match_indices('\n').nth(250).unwrap().0 + 1;
    space.write("one.csv", format!("{head}\n{}", &rows[..half]));
    space.write("two.csv", format!("{head}\n{}", &rows[half..]));
    let run = |data: &[&str], more: &[&str]| {
        let options = ["--rows", "400", "-o", "all.csv", "--clusters", "--labels", "labels.csv", "--json"];
        let run = space.done(&[&["explain", "clouds.model"][..], data, &options, more].concat());
        let mut json = run.json();
        json["data"] = Value::Null;
        (json, space.read("all.csv"), space.read("labels.csv"))
    };
    let one = run(&["clouds.csv"], &["--threads", "1"]);
    assert!(one == run(&["clouds.csv"], &["--threads", "5"]));
    assert!(one == run(&["one.csv", "two.csv"], &["--memory", "16MB"]));
    assert!(one != run(&["clouds.csv"], &["--seed", "1"]), "the seed counts");
}

#[test]
fn rows_without_a_value_keep_their_place() {
    let space = space(600);
    space.write("holes.csv", clouds(600).with(3, "b", "").with(599, "a", "").text());
    space.refuses(&["explain", "clouds.model", "holes.csv"], &["holes.csv", "row 4", "\"b\""]);
    let run = space.done(&[
        "explain",
        "clouds.model",
        "holes.csv",
        "--missing",
        "skip",
        "--clusters",
        "--labels",
        "labels.csv",
        "--json",
    ]);
    assert_eq!((&run.json()["rows"], &run.json()["skipped"]), (&600.into(), &2.into()));
    let table = Cells::of(&space.text("labels.csv"));
    assert_eq!(table.rows.len(), 600);
    for row in [3, 599] {
        assert!(table.rows[row].iter().all(|cell| ["", "\"\""].contains(&cell.as_str())), "{:?}", table.rows[row]);
    }
    assert!(run.warnings().iter().any(|line| line.contains("2 of 600 rows lack a value")), "{run}");
}

#[test]
fn columns_with_holes_and_identifiers() {
    let space = space(600);
    let table = clouds(600)
        .with_column("bent", |row| if row % 3 == 0 { String::new() } else { format!("{}", 600 - row) })
        .with_column("id", |row| format!("n{}", row * 7919 % 100_003));
    space.write("holes.csv", table.text());
    let json = space.done(&["explain", "clouds.model", "holes.csv", "--json"]).json();
    for latent in 0..2 {
        assert_eq!(association(&json, latent, "bent")["rows"], 400);
        let id = association(&json, latent, "id");
        assert!(id["significant"] == false && id["information"].is_null(), "{id}");
        let cloud = association(&json, latent, "cloud");
        assert!((cloud["entropy"].as_f64().unwrap() - 3_f64.ln()).abs() < 1e-9, "{cloud}");
    }
    assert!((0..2).any(|latent| association(&json, latent, "cloud")["significant"] == true));
}

#[test]
fn a_hundred_thousand_categories() {
    let space = space(600);
    let mut table = clouds(600);
    let rows: Vec<Vec<String>> = (0..100_000)
        .map(|row| {
            let mut cells = table.rows[row * 600 / 100_000].clone();
            cells[5] = format!("star {row}");
            cells
        })
        .collect();
    table.rows = rows;
    space.write("many.csv", table.text());
    let run = space.done(&["explain", "clouds.model", "many.csv", "--rows", "30000", "--json"]);
    assert_eq!(run.json()["rows_looked_at"], 30_000);
    assert_eq!(association(&run.json(), 0, "id")["significant"], false);
}

#[test]
fn little_to_explain() {
    let space = space(600);
    let text = space.text("clouds.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let first = rows.lines().next().unwrap();
    space.write("one.csv", format!("{head}\n{first}\n"));
    space.write("same.csv", format!("{head}\n{}", format!("{first}\n").repeat(100)));
    for file in ["one.csv", "same.csv"] {
        let run = space.done(&["explain", "clouds.model", file, "-o", "all.csv", "--json"]);
        assert!(run.stderr.contains("z1: nothing more than chance gives"), "{run}");
        for row in 0..2 {
            let all = run.json()["latent"][row]["associations"].clone();
            assert!(all.as_array().unwrap().iter().all(|own| own["significant"] == false));
        }
    }
    space.refuses(&["explain", "clouds.model", "one.csv", "--clusters"], &["--min-cluster-size"]);
    space.done(&["explain", "clouds.model", "same.csv", "--clusters"]);
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let space = space(600);
    let refuses = |options: &[&str], words: &[&str]| {
        space.refuses(&[&["explain", "clouds.model", "clouds.csv"], options].concat(), words);
    };
    refuses(&["--min-cluster-size", "30"], &["--clusters"]);
    refuses(&["--labels", "labels.csv"], &["--clusters"]);
    refuses(&["--clusters", "--min-cluster-size", "1"], &["--min-cluster-size is 1", "from 2 to 300"]);
    refuses(&["--clusters", "--min-cluster-size", "301"], &["--min-cluster-size is 301"]);
    refuses(&["--rows", "0"], &["--rows"]);
    refuses(&["--keep", "cluod"], &["cluod", "cloud"]);
    refuses(&["--keep", "cloud,cloud"], &["cloud", "twice"]);
    refuses(&["--json", "-o", "-"], &["standard output"]);
    refuses(&["-o", "-", "--clusters", "--labels", "-"], &["standard output"]);
    refuses(&["-o", "a.csv", "--clusters", "--labels", "a.csv"], &["a.csv", "two results"]);
    refuses(&["-o", "clouds.csv"], &["is an input"]);
    refuses(&["-o", "a.docx"], &["a.docx"]);
    refuses(&["-o", "a.npy"], &["npy", "text"]);
    space.refuses(&["explain", "clouds.csv", "clouds.csv"], &["clouds.csv"]);
}

#[test]
fn of_a_sparse_code_it_tells_what_each_latent_adds() {
    let space = Space::with_stars();
    let sparse =
        ["--columns", "u,g,r,i,z", "--kind", "sparse", "--sparsity", "topk:2", "--latent", "12", "--epochs", "40"];
    space.fit("stars.csv", "sparse.model", &sparse);
    let run = space.done(&["explain", "sparse.model", "stars.csv", "--keep", "class", "--json"]);
    assert!(run.stderr.contains("of 12 latents add, where they are used"), "{run}");
    assert!(run.stderr.contains("have to do with 1 column"), "{run}");
    let json = run.json();
    let uses: Vec<_> = json["latent"].as_array().unwrap().iter().map(|latent| &latent["use"]).collect();
    let shares: f64 = uses.iter().filter_map(|used| used["share"].as_f64()).sum();
    // Two latents of every row, at most.
    assert!(shares > 1.0 && shares <= 2.0 + 1e-9, "{shares}");
    let used = uses.iter().find(|used| used["share"].as_f64().is_some()).unwrap();
    assert_eq!(used["adds"].as_object().unwrap().len(), 5);
    // Associations are with what is carried alone.
    let columns = json["latent"][0]["associations"].as_array().unwrap().iter().map(|own| own["column"].clone());
    assert!(columns.into_iter().all(|column| column == "class"));
}

//! `--net`: convolutional networks, descriptions, and plans of them.

use crate::support::Space;

/// Images of 6×7 with a bar that moves, as CSV without axes.
fn space() -> Space {
    let space = Space::new();
    let mut text = (0..42).map(|at| format!("p{at}")).collect::<Vec<_>>().join(",");
    for row in 0..80 {
        let cells = (0..42).map(|at| {
            let distance = (at % 7) as f64 - 6.0 * (row * 17 % 80) as f64 / 80.0;
            format!("{:.4}", (-distance * distance).exp() * (1.0 + (at / 7) as f64 * 0.1))
        });
        text = format!("{text}\n{}", cells.collect::<Vec<_>>().join(","));
    }
    std::fs::write(space.path("bars.csv"), text + "\n").unwrap();
    space
}

#[test]
fn a_convolutional_fit_goes_through_all_verbs() {
    let space = space();
    let shape =
        ["--shape", "6x7", "--net", "conv", "--channels", "4,8", "--hidden", "none", "--epochs", "30", "--batch", "8"];
    let told = space.fit("bars.csv", "bars.model", &shape).stderr;
    assert!(told.contains("1 × 6×7 → 4 × 3×4 → 8 × 3×4 → 2"), "{told}");
    space.done(&["encode", "bars.model", "bars.csv", "-o", "z.csv"]);
    space.done(&["decode", "bars.model", "z.csv", "-o", "x.npy"]);
    space.done(&["reconstruct", "bars.model", "bars.csv", "-o", "r.npy"]);
    let (decoded, reconstructed) = (space.read("x.npy"), space.read("r.npy"));
    assert_eq!(decoded.len(), reconstructed.len());
    let about = space.done(&["inspect", "bars.model"]).text();
    assert!(about.contains("axis1") && about.contains("network"), "{about}");
    // One thread or two, the same file.
    let again = [&shape[..], &["--threads", "1"]].concat();
    space.fit("bars.csv", "again.model", &again);
    assert!(space.read("bars.model") == space.read("again.model"));
}

#[test]
fn a_file_describes_the_network() {
    let space = space();
    let text = "[[encoder]]\nlayer = \"convolution\"\nchannels = 3\nkernel = 3\n[[encoder]]\nlayer = \"dense\"\n";
    std::fs::write(space.path("net.toml"), text).unwrap();
    let net = ["--shape", "6x7", "--hidden", "none", "--epochs", "2", "--net", "net.toml"];
    let told = space.fit("bars.csv", "bars.model", &net).stderr;
    assert!(told.contains("1 × 6×7 → 3 × 6×7 → 2"), "{told}");
    for (more, expected) in
        [(&["--norm", "layer"][..], "--norm"), (&["--channels", "4"], "--channels"), (&["--kernel", "3"], "--kernel")]
    {
        space.refuses(&[&["fit", "bars.csv", "-o", "x.model"], &net[..], more].concat(), &[expected]);
    }
    let hidden = ["fit", "bars.csv", "-o", "x.model", "--shape", "6x7", "--net", "net.toml", "--hidden", "4"];
    space.refuses(&hidden, &["--hidden", "describes the network"]);
    std::fs::write(space.path("bad.toml"), "[[encoder]]\nlayer = \"dens\"\n").unwrap();
    for name in ["bad.toml", "missing.toml", "convv"] {
        space.refuses(&["fit", "bars.csv", "--net", name, "-o", "x.model"], &["--net", name]);
    }
    let batch = ["fit", "bars.csv", "--net", "conv", "--norm", "batch", "-o", "x.model"];
    space.refuses(&batch, &["layer, group or none"]);
}

#[test]
fn a_plan_tells_layers_and_memory_and_trains_nothing() {
    let space = space();
    let plan = ["inspect", "--plan", "--shape", "300x300", "--net", "conv", "--latent", "16", "--batch", "32"];
    let plan = space.done(&plan).text();
    for part in ["16 × 150×150", "64 × 5×5", "1 × 300×300", "320,913", "memory of training"] {
        assert!(plan.contains(part), "{part} is not in\n{plan}");
    }
    let json = space.done(&["inspect", "bars.csv", "--plan", "--shape", "6x7", "--net", "conv", "--json"]).json();
    assert_eq!(json["rows"], 80);
    assert_eq!(json["shape"], serde_json::json!([6, 7]));
    let sum: u64 = ["encoder", "decoder"]
        .iter()
        .flat_map(|part| json[part].as_array().unwrap().iter().map(|layer| layer["parameters"].as_u64().unwrap()))
        .sum();
    assert_eq!(json["parameters"], sum);
    space.refuses(&["inspect", "--plan"], &["--shape"]);
    space.refuses(&["inspect", "bars.csv", "--net", "conv"], &["--plan"]);
}

//! Data that do not fit in the memory that a fit may take.

use std::io::Write;

use crate::made_tables::Noise;
use crate::support::Space;

/// What a fit may take beside its limit: the program, blocks of the reader, an order of a block of rows.
const OVERHEAD: u64 = 60_000_000;

/// What the rows of other blocks may add by accident of timing.
const FLAT: u64 = 10_000_000;

/// An NPY file of `rows` rows of six features.
fn write_array(space: &Space, name: &str, rows: usize) {
    let mut noise = Noise::new(3);
    let some: Vec<u8> = (0..50_000)
        .flat_map(|_| {
            let (s, t) = (noise.next(), noise.next());
            [s + t, s * t, 3.0 - t, t * t, 10.0 + s, s - 2.0 * t * s]
                .map(|value| value as f32 + noise.next() as f32 * 0.01)
        })
        .flat_map(f32::to_le_bytes)
        .collect();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 6), }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    let mut file = std::io::BufWriter::new(std::fs::File::create(space.path(name)).unwrap());
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16 + 1).to_le_bytes()).unwrap();
    writeln!(file, "{header}").unwrap();
    let mut left = rows * 24;
    while left > 0 {
        let piece = left.min(some.len());
        file.write_all(&some[..piece]).unwrap();
        left -= piece;
    }
    file.flush().unwrap();
}

fn arguments<'a>(data: &'a [&'a str], model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let small = ["-o", model, "--epochs", "1", "--hidden", "4", "--threads", "2", "--checkpoint", "none"];
    [&["fit"], data, &small, more].concat()
}

#[test]
#[cfg(target_os = "linux")]
fn memory_changes_no_bit_and_stays_flat() {
    let space = Space::new();
    write_array(&space, "one.npy", 1_000_000);
    write_array(&space, "four.npy", 4_000_000);
    write_array(&space, "eight.npy", 8_000_000);
    let limit = ["--memory", "100MB"];
    let most = ["one", "four", "eight"].map(|name| {
        let (data, model) = (format!("{name}.npy"), format!("{name}.model"));
        space.most_memory(&arguments(&[&data], &model, &limit))
    });
    assert!(most.iter().all(|most| *most < 100_000_000 + OVERHEAD), "{most:?} bytes for 1, 4 and 8 M rows");
    // One million rows do not fill a window.
    assert!(most[2] < most[1] + FLAT, "{most:?} bytes for 1, 4 and 8 M rows");
    // Four million rows are several blocks of the split and more than one window.
    space.done(&arguments(&["four.npy"], "memory.model", &["--memory", "8GB"]));
    assert!(space.read("four.model") == space.read("memory.model"), "the model depends on the memory");
    // Windows read ahead; several files are one table.
    let parts = ["one.npy", "one.npy", "one.npy", "one.npy"];
    space.done(&arguments(&parts, "ahead.model", &["--memory", "200MB", "--scratch", "."]));
    assert!(space.read("four.model") == space.read("ahead.model"), "the model depends on reading ahead or on files");
}

#[test]
fn a_limit_that_cannot_be_kept_says_what_can() {
    let space = Space::with_stars();
    let words = ["--memory is 20 MB", "needs", "MB at least"];
    space.refuses(&["fit", "stars.csv", "--columns", "u,g", "-o", "a.model", "--memory", "20MB"], &words);
    for amount in ["much", "0", "5 apples"] {
        space.refuses(&["fit", "stars.csv", "-o", "a.model", "--memory", amount], &["--memory"]);
    }
    let place = ["fit", "stars.csv", "--columns", "u,g", "-o", "a.model", "--scratch", "nowhere"];
    space.refuses(&place, &["nowhere"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_network_that_does_not_fit_is_refused_before_it_is_tried() {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap();
    let kilobytes = text.lines().find_map(|line| line.strip_prefix("MemAvailable:")).unwrap();
    if kilobytes.split_whitespace().next().unwrap().parse::<u64>().unwrap() > 35_000_000 {
        eprintln!("SKIPPED: this machine has memory for the largest network that is allowed");
        return;
    }
    let space = Space::with_stars();
    let wide = ["fit", "stars.csv", "--columns", "u,g", "-o", "a.model", "--hidden", "22000,22000", "--epochs", "1"];
    space.refuses(&wide, &["parameters", "MB of memory", "available", "--hidden"]);
}

#[test]
fn files_of_different_columns_are_no_table() {
    let space = Space::with_stars();
    space.write("other.csv", "a,b\n1,2\n");
    space.refuses(&["fit", "stars.csv", "other.csv", "-o", "a.model"], &["other.csv"]);
    // An error names the file and its own row.
    let bad = crate::made_tables::stars(50).with(9, "g", "");
    space.write("bad.csv", bad.text());
    let both = ["fit", "stars.csv", "bad.csv", "--columns", "u,g,r,i,z", "-o", "a.model"];
    space.refuses(&both, &["bad.csv", "row 10", "\"g\"", "250 rows"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_sweep_reads_from_disk_what_does_not_fit() {
    let space = Space::new();
    write_array(&space, "four.npy", 4_000_000);
    let arguments = |output: &'static str, more: &[&'static str]| {
        let small =
            ["--epochs", "1", "--hidden", "4", "--threads", "2", "--latent", "1,2", "--seeds", "1", "-o", output];
        [&["sweep", "four.npy"][..], &small, more].concat()
    };
    let most = space.most_memory(&arguments("disk.csv", &["--memory", "100MB"]));
    // Codes and rows that are compared are a few megabytes.
    assert!(most < 100_000_000 + OVERHEAD, "{most} bytes");
    space.done(&arguments("memory.csv", &["--memory", "4GB"]));
    assert!(space.read("disk.csv") == space.read("memory.csv"));
}

//! Verbs go through tables block by block: blocks change nothing, and memory stays flat.

use std::io::Write;

use crate::made_tables::{Noise, stars};
use crate::support::{Cells, Space};

/// Rows of the table that is cut into many blocks of the least size.
const ROWS: usize = 3000;

/// An array of `rows` rows of five magnitudes.
fn write_array(space: &Space, name: &str, rows: usize) {
    let mut noise = Noise::new(5);
    let some: Vec<u8> = (0..50_000).flat_map(|_| (18.0 + 3.0 * noise.next() as f32).to_le_bytes()).collect();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 5), }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    let mut file = std::fs::File::create(space.path(name)).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16 + 1).to_le_bytes()).unwrap();
    writeln!(file, "{header}").unwrap();
    let mut left = rows * 20;
    while left > 0 {
        let piece = left.min(some.len());
        file.write_all(&some[..piece]).unwrap();
        left -= piece;
    }
}

/// A table of many blocks: `wide` is 0.1 in the first row and needs 64 bits in the last, `odd` is a number but in one row.
fn long_table() -> Cells {
    stars(ROWS).with_column("id", |row| if row == 7 { "x7".to_owned() } else { row.to_string() })
}

#[test]
fn neither_blocks_nor_threads_change_a_byte() {
    let space = Space::with_model();
    space.write("long.csv", long_table().with(1234, "g", "").with(2999, "u", "inf").text());
    space.done(&["convert", "long.csv", "-o", "long.parquet"]);
    space.done(&["encode", "stars.model", "long.csv", "-o", "latent.csv", "--missing", "skip"]);
    for (verb, data) in
        [("encode", "long.csv"), ("encode", "long.parquet"), ("reconstruct", "long.csv"), ("decode", "latent.csv")]
    {
        for output in ["csv", "parquet", "npz", "tsv.gz"] {
            let keep: &[&str] = if verb == "decode" { &[] } else { &["--keep", "id,objid,u"] };
            let run = |name: &str, more: &[&str]| {
                let output = format!("{name}.{output}");
                let arguments = [verb, "stars.model", data, "-o", &output, "--missing", "skip"];
                let run = space.done(&[&arguments[..], keep, more].concat());
                assert!(run.warnings()[0].contains("2 of 3,000 rows lack a value"), "{run}");
                space.read(&output)
            };
            let whole = run("whole", &["--threads", "1"]);
            for more in [&["--memory", "1kB"][..], &["--threads", "3"], &["--memory", "1MB", "--threads", "2"]] {
                assert!(run("cut", more) == whole, "{verb} {data} to {output} with {more:?}");
            }
        }
    }
}

#[test]
fn types_are_those_of_the_whole_table() {
    let space = Space::new();
    space.write("long.csv", long_table().text());
    for output in ["csv", "parquet", "npz"] {
        let (whole, cut) = (format!("whole.{output}"), format!("cut.{output}"));
        space.done(&["convert", "long.csv", "-o", &whole]);
        space.done(&["convert", "long.csv", "-o", &cut, "--memory", "1kB"]);
        assert!(space.read(&whole) == space.read(&cut), "{output}");
    }
    // The one cell that is no number makes its column text, in the first block too.
    assert_eq!(Cells::of(&space.text("cut.csv")).column("id")[0], "0");
    assert_eq!(
        space.done(&["inspect", "long.csv", "--memory", "1kB"]).text(),
        space.done(&["inspect", "long.csv"]).text()
    );
}

#[test]
fn reports_do_not_depend_on_blocks() {
    let space = Space::with_model();
    space.write("long.csv", long_table().with(1234, "g", "").text());
    let report = |name: &str, more: &[&str]| {
        space.done(&[&["report", "stars.model", "long.csv", "-o", name, "--missing", "skip"][..], more].concat());
        space.read(name)
    };
    // With so little memory the rows go to scratch files.
    assert!(report("whole.html", &[]) == report("cut.html", &["--memory", "1kB", "--threads", "3"]));
}

#[test]
fn errors_in_late_blocks_count_over_the_whole_input() {
    let space = Space::with_model();
    space.write("gaps.csv", long_table().with(2001, "g", "").with(2500, "u", "").text());
    for memory in ["1kB", "1GB"] {
        let arguments = ["encode", "stars.model", "gaps.csv", "-o", "z.csv", "--memory", memory];
        space.refuses(&arguments, &["gaps.csv: row 2002, column \"g\"", "2 of 3000 rows"]);
    }
    space.write("far.csv", long_table().with(2001, "g", "1e30").text());
    for memory in ["1kB", "1GB"] {
        let arguments = ["reconstruct", "stars.model", "far.csv", "-o", "z.npy", "--memory", memory];
        space.refuses(&arguments, &["far.csv: row 2002, column \"g\""]);
    }
    space.write("none.csv", long_table().with_column("g", |_| String::new()).text());
    let arguments = ["encode", "stars.model", "none.csv", "-o", "z.csv", "--missing", "skip", "--memory", "1kB"];
    space.refuses(&arguments, &["none.csv", "none of its 3000 rows"]);
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_flat() {
    /// How much more memory eight times as many rows may take.
    const FLAT: f64 = 1.2;
    let space = Space::with_model();
    let columns = ["--columns", "column1,column2,column3,column4,column5"];
    let names = Cells::of(&{
        write_array(&space, "two.npy", 2);
        space.done(&["convert", "two.npy", "-o", "two.csv"]);
        space.text("two.csv")
    })
    .names
    .join(",");
    let columns = [columns[0], &names];
    write_array(&space, "few.npy", 500_000);
    write_array(&space, "many.npy", 4_000_000);
    for verb in ["encode", "reconstruct"] {
        let most = [("few.npy", "16MB"), ("many.npy", "16MB"), ("many.npy", "40MB")].map(|(data, memory)| {
            let arguments = [verb, "stars.model", data, "-o", "out.npy", "--threads", "2", "--memory", memory];
            space.most_memory(&[&arguments[..], &columns].concat())
        });
        assert!(most[1] as f64 <= FLAT * most[0] as f64, "{verb}: {most:?} bytes");
        assert!(most[2] < 40_000_000, "{verb}: {most:?} bytes");
    }
    let most = space.most_memory(&["convert", "many.npy", "-o", "out.npz", "--memory", "40MB"]);
    assert!(most < 40_000_000, "convert: {most} bytes");
}

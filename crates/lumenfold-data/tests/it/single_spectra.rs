//! Formats of single arrays and spectra: IDX, SPE, JCAMP-DX.

use std::fs;

use lumenfold_data::{DataError, Dataset, DatasetOptions, ReadOptions, Source, Table, Values, read_table};
use proptest::prelude::*;

use crate::shared::{folder, read, read_bytes};

/// A gamma spectrum with a calibration of three coefficients.
const SPE: &str = "$SPEC_ID:\nA stone\n$DATE_MEA:\n04/26/2017 11:05:11\n$MEAS_TIM:\n100 101.5\n$DATA:\n2 5\n 7\n 0\n 12\n 3\n$ROI:\n0\n$ENER_FIT:\n1.0 2.0\n$MCA_CAL:\n3\n1.0E+000 2.0E+000 0.5E+000 keV\n";

/// A block with eight points from 4000 to 3986 1/cm in the form that is given.
fn infrared(title: &str, data: &str) -> String {
    format!(
        "##TITLE= {title}\n##JCAMP-DX= 4.24 $$ made for a test\n##DATA TYPE= INFRARED SPECTRUM\n##XUNITS= 1/CM\n##YUNITS= ABSORBANCE\n\
         ##FIRSTX= 4000\n##LASTX= 3986\n##XFACTOR= 2.0\n##YFACTOR= 0.25\n##NPOINTS= 8\n##FIRSTY= 2.5\n##DELTAX= -2\n{data}\n##END=\n"
    )
}

const AFFN: &str = "##XYDATA= (X++(Y..Y))\n2000 10 11 13 13\n1996 12 12 12 -4";
const COMPRESSED: &str = "##XYDATA=(X++(Y..Y))\n2000A0JK%\n1997A3j%T\n1994A2j6";
/// What both hold, times the factor.
const ABSORBANCE: [f64; 8] = [2.5, 2.75, 3.25, 3.25, 3.0, 3.0, 3.0, -1.0];

fn idx(code: u8, sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn row(table: &Table, row: usize) -> Vec<f64> {
    let own = table.gridded().map_or(0..table.columns().len(), |gridded| gridded.columns.clone());
    table.columns()[own].iter().map(|column| column.value(row).unwrap()).collect()
}

#[test]
fn digits_are_samples_with_two_axes() {
    let Some(folder) = folder() else { return };
    let images = read_table(&Source::from(folder.join("digits/t10k-images-idx3-ubyte.gz")), &ReadOptions::default());
    let images = images.unwrap();
    assert_eq!((images.rows(), images.columns().len()), (10_000, 784));
    let axes = &images.gridded().unwrap().axes;
    assert_eq!(axes.iter().map(|axis| axis.size()).collect::<Vec<_>>(), [28, 28]);
    // The same bytes as the file has behind its sixteen.
    let mut bytes = Vec::new();
    let file = fs::File::open(folder.join("digits/t10k-images-idx3-ubyte.gz")).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
    for at in [0, 1, 4_999, 9_999] {
        let expected: Vec<f64> = bytes[16 + 784 * at..][..784].iter().map(|&byte| f64::from(byte)).collect();
        assert_eq!(row(&images, at), expected);
    }
    let labels = read(folder.join("digits/t10k-labels-idx1-ubyte.gz")).unwrap();
    assert_eq!((labels.rows(), labels.names()), (10_000, vec!["x1".to_owned()]));
    assert_eq!((0..5).map(|at| labels.columns()[0].value(at).unwrap()).collect::<Vec<_>>(), [7.0, 2.0, 1.0, 0.0, 4.0]);
}

#[test]
fn floats_are_those_of_the_truth() {
    let Some(folder) = folder() else { return };
    let truth = read(folder.join("formats/stars300/truth.csv")).unwrap();
    for (name, single) in [("float.idx", true), ("double.idx.gz", false)] {
        let found = read(folder.join("formats/stars300").join(name)).unwrap();
        assert_eq!((found.rows(), found.columns().len()), (300, 5), "{name}");
        for (column, band) in found.columns().iter().zip(["u", "g", "r", "i", "z"]) {
            assert_eq!(column.values.type_name(), if single { "float32" } else { "float64" });
            for at in 0..300 {
                let expected = truth.column(band).unwrap().value(at).unwrap();
                let expected = if single { f64::from(expected as f32) } else { expected };
                assert_eq!(column.value(at), Some(expected), "{name}, row {at} of {band}");
            }
        }
    }
}

#[test]
fn every_type_of_element_is_read() {
    for (code, data, expected) in [
        (0x08, vec![0, 255], [0.0, 255.0]),
        (0x09, vec![0x80, 0x7f], [-128.0, 127.0]),
        (0x0b, vec![0x80, 0, 1, 2], [-32768.0, 258.0]),
        (0x0c, vec![0xff, 0xff, 0xff, 0xfe, 0, 1, 0, 0], [-2.0, 65536.0]),
        (0x0d, [0.5_f32.to_be_bytes(), (-3.0_f32).to_be_bytes()].concat(), [0.5, -3.0]),
        (0x0e, [0.1_f64.to_be_bytes(), f64::MAX.to_be_bytes()].concat(), [0.1, f64::MAX]),
    ] {
        // The content says what it is, whatever the name.
        let list = read_bytes("t.bin", &idx(code, &[2], &data)).unwrap();
        assert_eq!((list.rows(), row(&list, 0)[0], row(&list, 1)[0]), (2, expected[0], expected[1]), "{code:x}");
        let matrix = read_bytes("t.bin", &idx(code, &[1, 2], &data)).unwrap();
        assert_eq!((row(&matrix, 0), matrix.gridded()), (expected.to_vec(), None));
        let maps = read_bytes("t.bin", &idx(code, &[1, 2, 1], &data)).unwrap();
        assert_eq!((row(&maps, 0), maps.gridded().unwrap().axes.len()), (expected.to_vec(), 2));
    }
}

#[test]
fn sizes_that_do_not_go_with_the_file_are_refused() {
    for (bytes, words) in [
        (idx(8, &[3, 2], &[0; 5]), "cut short"),
        (idx(8, &[3, 2], &[0; 7]), "follows the array"),
        (idx(8, &[u32::MAX, u32::MAX, u32::MAX], &[0; 9]), "columns"),
        (idx(14, &[u32::MAX, 1 << 20], &[0; 9]), "cut short"),
        (idx(8, &[1; 10], &[0]), "10 dimensions"),
        (idx(7, &[1], &[0]), "0x07"),
    ] {
        let error = read_bytes("t.idx", &bytes).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    // Binary data that begins with zeros is not taken for an array.
    let error = read_bytes("t.bin", &[0; 100]).unwrap_err();
    assert!(matches!(error, DataError::UnknownFormat { .. }), "{error}");
}

#[test]
fn gamma_spectra_are_calibrated_samples() {
    let table = read_bytes("t.txt", SPE.as_bytes()).unwrap();
    assert_eq!((table.rows(), table.names().len()), (1, 8));
    assert_eq!(table.column("description").unwrap().text(0), "A stone");
    assert_eq!(table.column("date").unwrap().text(0), "04/26/2017 11:05:11");
    let live = table.column("live_time").unwrap();
    assert_eq!((live.value(0), live.unit.as_deref()), (Some(100.0), Some("s")));
    assert_eq!(table.column("real_time").unwrap().value(0), Some(101.5));
    let gridded = table.gridded().unwrap();
    // 1 + 2n + n²/2 at the channels 2 to 5.
    assert_eq!(gridded.axes[0].to_string(), "energy: 4 bins, 7 to 23.5 keV");
    assert_eq!(gridded.axes[0].grid, [7.0, 11.5, 17.0, 23.5]);
    assert_eq!(row(&table, 0), [7.0, 0.0, 12.0, 3.0]);
    assert_eq!(table.column("counts1").unwrap().values.type_name(), "integer");

    // Without a calibration, or with one that says nothing, channels are counted.
    let plain = SPE.replace("MCA_CAL", "OTHER").replace("1.0 2.0\n", "0 0\n");
    let table = read_bytes("t.spe", plain.as_bytes()).unwrap();
    assert_eq!(table.gridded().unwrap().axes[0].to_string(), "channel: 4 bins, 2 to 5");
    assert!(table.notes().len() == 1 && table.notes()[0].contains("$ENER_FIT"), "{:?}", table.notes());
    let rates = read_bytes("t.spe", SPE.replace(" 12\n", " 12.5\n").as_bytes()).unwrap();
    assert_eq!(row(&rates, 0), [7.0, 0.0, 12.5, 3.0]);
    for (from, to, words) in [
        ("2 5\n", "2 6\n", "5 channels (2 to 6), 4 counts"),
        ("2 5\n", "2 4\n", "3 counts and more"),
        ("2 5\n", "5 2\n", "back to 2"),
        ("2 5\n", "0 99999999999\n", "100000000000 values"),
        (" 12\n", " twelve\n", "channel 4: \"twelve\""),
        ("$DATA:", "$DATE:", "no section $DATA"),
    ] {
        let error = read_bytes("t.spe", SPE.replace(from, to).as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let camera = read_bytes("t.spe", &[&[0, 0, 3, 4][..], &[0; 5000]].concat()).unwrap_err().to_string();
    assert!(camera.contains("camera"), "{camera}");
}

#[test]
fn gamma_spectra_of_other_programs() {
    let Some(folder) = folder() else { return };
    let background = read(folder.join("formats/gamma/1110C_NAA_cave_background.spe")).unwrap();
    let axis = &background.gridded().unwrap().axes[0];
    assert_eq!((axis.name.as_str(), axis.unit.as_deref(), axis.size()), ("energy", Some("keV"), 16_384));
    assert_eq!(axis.grid[0], -0.035_087);
    let energy = -3.508700e-2 + 1.828039e-1 * 1000.0 - 6.866130e-10 * 1e6;
    assert!((axis.grid[1000] - energy).abs() < 1e-9);
    assert_eq!(background.column("live_time").unwrap().value(0), Some(437_817.0));
    let simulated = read(folder.join("formats/gamma/sim_spec.spe")).unwrap();
    assert_eq!(simulated.gridded().unwrap().axes[0].to_string(), "channel: 1024 bins, 0 to 1023");
    assert_eq!(row(&simulated, 0)[..8], [0.0, 5.0, 1.0, 3.0, 6.0, 14.0, 21.0, 25.0]);
    // What is learnt from are the counts.
    let data = Dataset::from_table(simulated, &DatasetOptions::default()).unwrap();
    assert_eq!((data.rows, data.features.len(), data.axes.len()), (1, 1024, 1));
}

#[test]
fn infrared_spectra_in_every_form() {
    for data in
        [AFFN, COMPRESSED, "##XYPOINTS=(XY..XY)\n2000,10; 1999,11; 1998,13; 1997 13\n1996 12\n1995 12 1994 12\n1993 -4"]
    {
        let table = read_bytes("t.txt", infrared("Ethanol", data).as_bytes()).unwrap();
        assert_eq!((table.rows(), table.column("title").unwrap().text(0)), (1, "Ethanol".to_owned()));
        assert_eq!(table.names()[1], "absorbance1");
        let axis = &table.gridded().unwrap().axes[0];
        assert_eq!((axis.name.as_str(), axis.unit.as_deref()), ("wavenumber", Some("1/cm")));
        assert_eq!(axis.grid, [4000.0, 3998.0, 3996.0, 3994.0, 3992.0, 3990.0, 3988.0, 3986.0]);
        assert_eq!((row(&table, 0), table.notes().len()), (ABSORBANCE.to_vec(), 0), "{data}");
    }
    let gaps = infrared("gaps", &AFFN.replace("13 13", "? 13"));
    assert!(row(&read_bytes("t.jdx", gaps.as_bytes()).unwrap(), 0)[2].is_nan());
    let steps = infrared("steps", AFFN).replace("DELTAX= -2", "DELTAX= 3").replace("FIRSTY= 2.5", "FIRSTY= 9");
    assert_eq!(read_bytes("t.dx", steps.as_bytes()).unwrap().notes().len(), 2);
}

#[test]
fn several_blocks_are_several_samples_on_one_grid() {
    let (one, two) = (infrared("one", AFFN), infrared("two", &COMPRESSED.replace("A0JK", "A1%K")));
    let linked = format!("##TITLE= all\n##DATA TYPE= LINK\n##BLOCKS= 3\n{one}{two}##END=\n");
    let table = read_bytes("t.jdx", linked.as_bytes()).unwrap();
    assert_eq!((table.rows(), table.column("title").unwrap().text(1)), (2, "two".to_owned()));
    assert_eq!((row(&table, 0), row(&table, 1)[..2].to_vec()), (ABSORBANCE.to_vec(), vec![2.75, 2.75]));
    let elsewhere = two.replace("FIRSTX= 4000", "FIRSTX= 4001");
    let linked = format!("##TITLE= all\n##BLOCKS= 3\n{one}{elsewhere}##END=\n");
    let table = read_bytes("t.jdx", linked.as_bytes()).unwrap();
    assert!(table.rows() == 1 && table.notes()[0].contains("two"), "{:?}", table.notes());
}

#[test]
fn records_that_contradict_the_data_are_told() {
    for (from, to, words) in [
        ("NPOINTS= 8", "NPOINTS= 9", "says 9 points, 8 are there"),
        ("NPOINTS= 8", "NPOINTS= 7", "more than the 7"),
        ("NPOINTS= 8", "NPOINTS= 1e300", "values"),
        ("NPOINTS= 8", "NPOINTS= -1", "NPOINTS"),
        ("NPOINTS= 8", "NPOINTS= many", "##NPOINTS= is no number"),
        ("FIRSTX= 4000", "FIRSTX=", "no ##FIRSTX="),
        ("LASTX= 3986", "LASTX= 4000", "begins at 3994"),
        ("1994A2", "1983A2", "begins at 3966"),
        ("1994A2", "1993A3", "check value is 13"),
        ("XYDATA", "PEAK TABLE", "list of peaks"),
        ("XYDATA", "NTUPLES", "NTUPLES"),
        ("(Y..Y)", "(R..R)", "(X++(R..R))"),
        ("##END=", "", "cut short"),
        ("YFACTOR= 0.25", "YFACTOR= 0", "##YFACTOR= is 0"),
    ] {
        let text = infrared("t", COMPRESSED).replace(from, to);
        let error = read_bytes("t.jdx", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{to}: {error}");
    }
}

/// The number in one of the compressed forms, whose first digit is a letter.
fn pseudo_digit(value: i64, positive: &str, negative: &str) -> String {
    let digits = value.abs().to_string();
    let letters = if value < 0 { negative } else { positive };
    let first: usize = digits[..1].parse().unwrap();
    format!("{}{}", &letters[first..=first], &digits[1..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any integers in lines of any length, as differences with counts and check values.
    #[test]
    fn differences_give_the_ordinates_back(
        values in prop::collection::vec(prop_oneof![-3..3_i64, -100_000..100_000_i64], 2..80),
        line in 1..12_usize,
    ) {
        let mut data = "##XYDATA= (X++(Y..Y))\n".to_owned();
        let mut start = 0;
        while start < values.len() {
            let end = values.len().min(start + line + 1);
            // From the check value on.
            data += &format!("{start}{}", pseudo_digit(values[start], "@ABCDEFGHI", "@abcdefghi"));
            let steps: Vec<i64> = values[start..end].windows(2).map(|pair| pair[1] - pair[0]).collect();
            for run in steps.chunk_by(|one, two| one == two) {
                data += &pseudo_digit(run[0], "%JKLMNOPQR", "%jklmnopqr");
                if run.len() > 1 {
                    data += &pseudo_digit(run.len() as i64, " STUVWXYZs", "");
                }
            }
            data += "\n";
            start = if end == values.len() { end } else { end - 1 };
        }
        let count = values.len();
        let text = format!("##TITLE=t\n##FIRSTX=0\n##LASTX={}\n##NPOINTS={count}\n{data}##END=\n", count - 1);
        let table = read_bytes("t.jdx", text.as_bytes()).unwrap();
        let expected: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        prop_assert_eq!(row(&table, 0), expected);
    }

    #[test]
    fn damaged_spectra_never_panic(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let infrared = infrared("t", COMPRESSED);
        for (name, sound) in [("t.spe", SPE), ("t.jdx", infrared.as_str())] {
            let mut bytes = sound.as_bytes().to_vec();
            for (place, byte) in &places {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            let _ = read_bytes(name, &bytes);
        }
    }
}

#[test]
fn spectra_cut_short_anywhere_are_refused_or_whole() {
    let infrared = infrared("t", COMPRESSED);
    for (name, sound) in [("t.spe", SPE), ("t.jdx", infrared.as_str())] {
        let whole = row(&read_bytes(name, sound.as_bytes()).unwrap(), 0);
        for length in 0..sound.len() {
            if let Ok(table) = read_bytes(name, &sound.as_bytes()[..length]) {
                // The last number may have lost digits, which nothing tells.
                assert_eq!(row(&table, 0)[..whole.len() - 1], whole[..whole.len() - 1], "{length} bytes of {name}");
            }
        }
    }
    let sound = idx(0x0d, &[2, 2], &[7; 16]);
    for length in 1..sound.len() {
        assert!(read_bytes("t.idx", &sound[..length]).is_err());
    }
}

#[test]
fn chosen_columns_are_read_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.spe");
    fs::write(&path, SPE).unwrap();
    let options =
        ReadOptions { columns: Some(vec!["counts3".to_owned(), "real_time".to_owned()]), ..Default::default() };
    let table = read_table(&Source::from(path), &options).unwrap();
    assert_eq!((table.names(), table.gridded()), (vec!["real_time".to_owned(), "counts3".to_owned()], None));
    assert_eq!(table.columns()[1].values, Values::integers(vec![12]));
}

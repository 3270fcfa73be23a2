//! Images in files of every kind, read by position, and written again.

use std::path::Path;

use lumenfold_data::axis::{AxesChoice, shape};
use lumenfold_data::{ArrayValues, ArrayWriter, Axis, DataError, ImageOptions, ImageWriter, Images, Source, Target};

fn write(path: &Path, arrays: &[(&str, &[usize], &[f64])]) {
    let mut writer = ArrayWriter::create(path).unwrap();
    for (name, shape, values) in arrays {
        writer.array(name, shape, ArrayValues::Float64(values)).unwrap();
    }
    writer.finish().unwrap();
}

fn counted(count: usize) -> Vec<f64> {
    (0..count).map(|value| value as f64).collect()
}

fn open(path: &Path, dimensions: usize, axes: Option<&str>) -> Result<Images, DataError> {
    let choice = AxesChoice { axes: axes.map(|axes| axes.parse().unwrap()), shape: None };
    Images::open(&Source::from(path), dimensions, &ImageOptions { choice, ..ImageOptions::default() })
}

fn all(images: &Images) -> Vec<f64> {
    let mut values = Vec::new();
    images.read(0..images.values() * images.count() as u64, &mut values).unwrap();
    values
}

#[test]
fn arrays_are_one_image_or_several_and_find_their_grids() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    let (angle, late) = ([3.0, 2.0, 1.0], [10.0, 20.0, 30.0, 45.0]);
    write(
        &path,
        &[
            ("errors", &[2, 3, 4], &[1.0; 24]),
            ("counts", &[2, 3, 4], &counted(24)),
            ("angle_deg", &[3], &angle),
            ("time_us", &[4], &late),
            ("energy_meV", &[4], &counted(4)),
        ],
    );
    let images = open(&path, 2, None).unwrap();
    assert_eq!((images.count(), images.sizes(), images.has_dimension_of_images()), (2, vec![3, 4], true));
    assert_eq!(images.axes()[0], Axis::of_array("angle_deg", angle.to_vec()).unwrap());
    assert_eq!(images.axes()[1].array_name(), "time_us");
    assert!(images.notes()[0].contains("time_us or energy_meV could be the grid of axis 2"), "{:?}", images.notes());
    // What is called like errors is not the data, unless it is named.
    assert_eq!(all(&images), counted(24));
    assert_eq!(all(&open(&directory.path().join("a.npz:errors"), 2, None).unwrap()), [1.0; 24]);
    let chosen = open(&path, 2, Some("angle_deg,energy_meV")).unwrap();
    assert_eq!(chosen.axes()[1].grid, counted(4));
    assert!(open(&path, 2, Some("angle_deg,energy_mV")).unwrap_err().to_string().contains("did you mean energy_meV?"));
    // The same array as one volume.
    let volume = open(&path, 3, None).unwrap();
    assert_eq!((volume.count(), volume.sizes(), volume.has_dimension_of_images()), (1, vec![2, 3, 4], false));
    let error = open(&path, 4, None).unwrap_err().to_string();
    assert!(error.contains("no array of 4 or 5 dimensions") && error.contains("counts (2 × 3 × 4)"), "{error}");
}

#[test]
fn any_piece_is_read_and_memory_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    write(&path, &[("data", &[2, 5, 6, 7], &counted(420))]);
    let mut images = open(&path, 3, None).unwrap();
    for keep in [0, u64::MAX] {
        images.keep_within(keep).unwrap();
        for (image, start, shape) in [(0, [0, 0, 0], [5, 6, 7]), (1, [1, 2, 3], [2, 3, 4]), (1, [4, 5, 6], [1, 1, 1])] {
            let mut values = vec![-1.0];
            images.read_piece(image, &start, &shape, &mut values).unwrap();
            let mut expected = vec![-1.0];
            for first in 0..shape[0] {
                for second in 0..shape[1] {
                    for third in 0..shape[2] {
                        let line = (image * 5 + start[0] + first) * 6 + start[1] + second;
                        expected.push((line * 7 + start[2] + third) as f64);
                    }
                }
            }
            assert_eq!(values, expected);
        }
    }
}

#[test]
fn images_are_written_as_they_were_in_pieces_of_any_size() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    let values: Vec<f64> = (0..3 * 70 * 90).map(|index| f64::from(index) * 0.1).collect();
    let grid: Vec<f64> = (0..70).map(|bin| f64::from(bin).sqrt()).collect();
    write(&path, &[("data", &[3, 70, 90], &values), ("depth_um", &[70], &grid)]);
    let images = open(&path, 2, None).unwrap();
    let written = |name: &str, piece: usize, singles: bool| {
        let target = directory.path().join(name);
        let _ = std::fs::remove_file(&target);
        let mut writer = ImageWriter::create(&Target::from(target.clone()), &images, singles).unwrap();
        values.chunks(piece).for_each(|values| writer.write(values).unwrap());
        assert!(!target.exists());
        writer.finish().unwrap();
        std::fs::read(target).unwrap()
    };
    for name in ["out.npy", "out.npz"] {
        let expected = written(name, values.len(), false);
        assert!(written(name, 1, false) == expected && written(name, 1013, false) == expected);
        let again = open(&directory.path().join(name), 2, None).unwrap();
        assert_eq!((all(&again), shape(again.axes())), (values.clone(), vec![70, 90]));
        if name == "out.npz" {
            assert_eq!(again.axes(), images.axes());
        }
        written(name, 77, true);
        let rounded: Vec<f64> = values.iter().map(|value| f64::from(*value as f32)).collect();
        assert_eq!(all(&open(&directory.path().join(name), 2, None).unwrap()), rounded);
    }
    let target = Target::from(directory.path().join("out.csv"));
    assert!(ImageWriter::create(&target, &images, true).is_err());
    // Given up, nothing is left of it.
    let target = directory.path().join("gone.npz");
    drop(ImageWriter::create(&Target::from(target.clone()), &images, true).unwrap());
    assert!(!target.exists());
}

#[test]
fn damaged_arrays_are_errors() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["a.npy", "a.npz"] {
        let path = directory.path().join(name);
        write(&path, &[("data", &[20, 30], &counted(600))]);
        let whole = std::fs::read(&path).unwrap();
        for length in (0..whole.len()).step_by(whole.len() / 97 + 1) {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(open(&path, 2, None).is_err(), "{name} {length}");
        }
        // A changed byte is an error or other numbers, never a panic.
        for place in (0..whole.len()).step_by(whole.len() / 211 + 1) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x5a;
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(images) = open(&path, 2, None) {
                assert_eq!(all(&images).len() as u64, images.values() * images.count() as u64);
            }
        }
    }
}

#[test]
fn fortran_order_is_refused_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    write(&path, &[("data", &[3, 4], &counted(12))]);
    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()[..128]).replace("False", "True ");
    let mut bytes = std::fs::read(&path).unwrap();
    // The magic number is no text.
    bytes[10..128].copy_from_slice(&text.as_bytes()[text.len() - 118..]);
    std::fs::write(&path, bytes).unwrap();
    assert!(open(&path, 2, None).unwrap_err().to_string().contains("ascontiguousarray"));
}

//! Files appear whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use lumenfold_data::{DataError, Target, WriteOptions, check_target, check_writable, write_whole};

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.csv");
    let fail = |file: &mut dyn Write| {
        file.write_all(&[b'x'; 1 << 20])?;
        Err(io::Error::other("the dog ate it"))
    };
    let error = write_whole(&path, fail).unwrap_err();
    assert!(matches!(error, DataError::Write { .. }), "{error}");
    assert_eq!(entries(directory.path()), 0);

    fs::write(&path, "former").unwrap();
    write_whole(&path, fail).unwrap_err();
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), entries(directory.path())), ("former", 1));
}

#[test]
fn a_panic_while_writing_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.csv");
    let result = std::panic::catch_unwind(|| write_whole(&path, |_| panic!("expected in this test")));
    assert!(result.is_err());
    assert_eq!(entries(directory.path()), 0);
}

#[test]
fn a_file_is_replaced_in_one_step() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.csv");
    fs::write(&path, "former").unwrap();
    write_whole(&path, |file| {
        assert_eq!(fs::read_to_string(&path)?, "former");
        file.write_all(b"new")
    })
    .unwrap();
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), entries(directory.path())), ("new", 1));
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("no/out.csv");
    for outcome in [check_writable(&missing), write_whole(&missing, |_| Ok(()))] {
        let error = outcome.unwrap_err();
        assert!(matches!(error, DataError::MissingDirectory { .. }), "{error}");
        assert!(error.to_string().contains("create it"), "{error}");
    }
    let error = check_writable(directory.path()).unwrap_err();
    assert!(matches!(error, DataError::OutputIsDirectory { .. }), "{error}");
    let error = check_writable(Path::new("/proc/out.csv")).unwrap_err();
    assert!(cfg!(not(target_os = "linux")) || matches!(error, DataError::NotWritable { .. }), "{error}");
}

#[test]
fn asking_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.parquet");
    check_writable(&path).unwrap();
    check_target(&Target::from(path), &WriteOptions::default()).unwrap();
    assert!(check_target(&Target::from(directory.path().join("out.doc")), &WriteOptions::default()).is_err());
    assert_eq!(entries(directory.path()), 0);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn permissions_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.csv");
        fs::write(&path, "former").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write_whole(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_protected_file_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.csv");
        fs::write(&path, "former").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let error = write_whole(&path, |file| file.write_all(b"new")).unwrap_err();
        assert!(matches!(error, DataError::NotWritable { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "former");
    }

    #[test]
    fn links_are_followed_and_devices_are_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("real.csv"), directory.path().join("link.csv"));
        fs::write(&file, "former").unwrap();
        symlink(&file, &link).unwrap();
        write_whole(&link, |output| output.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        let null = Path::new("/dev/null");
        check_writable(null).unwrap();
        write_whole(null, |output| output.write_all(b"gone")).unwrap();
        assert!(!fs::metadata(null).unwrap().is_file());
    }
}

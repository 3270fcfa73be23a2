//! A directory of its own for each test, runs of the binary in it, and what is expected of them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::made_tables::stars;

/// Options of a fit that takes milliseconds.
pub(crate) const SMALL: [&str; 6] = ["--hidden", "8", "--epochs", "6", "--batch", "32"];

/// The environment that decides what the program prints or computes with; tests set it themselves.
const VARIABLES: [&str; 7] =
    ["SSL_CERT_FILE", "LUMENFOLD_SIMD", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE", "COLUMNS"];

/// The binary, with an environment that is the same everywhere.
pub(crate) fn lumenfold(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lumenfold"));
    command.current_dir(directory).stdin(Stdio::null());
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// A temporary directory to run in.
pub(crate) struct Space {
    directory: TempDir,
}

impl Space {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// With `stars.csv`: 200 rows of the columns id, u, g, r, i, z, class, objid.
    pub(crate) fn with_stars() -> Self {
        let space = Self::new();
        space.write("stars.csv", stars(200).text());
        space
    }

    /// With `stars.csv` and `stars.model`, a small model of its five magnitudes.
    pub(crate) fn with_model() -> Self {
        let space = Self::with_stars();
        space.write("stars.model", small_model());
        space
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lumenfold(self.directory.path());
        command.args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments), arguments)
    }

    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Run::of(command, arguments)
    }

    /// Runs with bytes on standard input.
    pub(crate) fn run_fed(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                // A program that refuses its input does not read it to the end.
                let _ = stdin.write_all(input);
            });
            child.wait_with_output().unwrap()
        });
        Run::from_output(&output, arguments)
    }

    /// A run that must succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        run.succeeded();
        run
    }

    /// `fit` with the small options.
    pub(crate) fn fit(&self, data: &str, model: &str, more: &[&str]) -> Run {
        self.done(&fit_arguments(data, model, more))
    }

    /// A run that must be refused with one line that holds all of `words`, and leave every file as it was.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str], words: &[&str]) {
        self.refuses_with(arguments, &[], words);
    }

    #[track_caller]
    pub(crate) fn refuses_with(&self, arguments: &[&str], variables: &[(&str, &str)], words: &[&str]) {
        let before = self.files();
        let run = self.run_with(arguments, variables);
        run.refused(words);
        assert!(before == self.files(), "{run}changed the directory");
    }

    /// Every file below the directory with its bytes; directories end with a slash.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut left = vec![self.directory.path().to_path_buf()];
        while let Some(directory) = left.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    files.insert(path.join(""), Vec::new());
                    left.push(path);
                } else {
                    files.insert(path.clone(), std::fs::read(&path).unwrap());
                }
            }
        }
        files
    }
}

/// `fit DATA -o MODEL` with the small options and more; an option that is given takes the place of the small one.
pub(crate) fn fit_arguments<'a>(data: &'a str, model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["fit", data, "-o", model];
    for pair in SMALL.chunks(2) {
        if !more.contains(&pair[0]) {
            arguments.extend(pair);
        }
    }
    arguments.extend(more);
    arguments
}

/// The bytes of a small model of `stars(200)`, fitted once for all tests.
pub(crate) fn small_model() -> &'static [u8] {
    static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
    MODEL.get_or_init(|| {
        let space = Space::with_stars();
        space.fit("stars.csv", "stars.model", &["--columns", "u,g,r,i,z"]);
        space.read("stars.model")
    })
}

/// What a run printed and how it ended.
pub(crate) struct Run {
    pub(crate) arguments: String,
    pub(crate) status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    fn of(mut command: Command, arguments: &[&str]) -> Self {
        Self::from_output(&command.output().unwrap(), arguments)
    }

    pub(crate) fn from_output(output: &Output, arguments: &[impl AsRef<OsStr>]) -> Self {
        let words: Vec<_> = arguments.iter().map(|word| word.as_ref().to_string_lossy()).collect();
        Self {
            arguments: words.join(" "),
            status: output.status.code(),
            stdout: output.stdout.clone(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn succeeded(&self) {
        assert_eq!(self.status, Some(0), "{self}");
        assert!(!self.stderr.lines().any(|line| line.starts_with("error")), "{self}");
    }

    /// Status 2, nothing on standard output, one line on standard error that holds all of `words`.
    #[track_caller]
    pub(crate) fn refused(&self, words: &[&str]) {
        assert_eq!(self.status, Some(2), "{self}");
        assert!(self.stdout.is_empty(), "{self}");
        assert!(self.stderr.starts_with("error: ") && self.stderr.ends_with('\n'), "{self}");
        assert_eq!(self.stderr.lines().count(), 1, "{self}");
        for word in words {
            assert!(self.stderr.contains(word), "{self}does not say {word:?}");
        }
    }

    /// The lines that begin with `warning:`.
    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("warning: ")).collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    /// The one JSON object on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{self}{error}"));
        assert!(value.is_object(), "{self}");
        value
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "\nlumenfold {}", self.arguments)?;
        writeln!(formatter, "status {:?}, {} bytes on standard output", self.status, self.stdout.len())?;
        writeln!(formatter, "standard error:\n{}", self.stderr)
    }
}

/// A comma-separated table without quotes: names and cells.
pub(crate) struct Cells {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Cells {
    pub(crate) fn of(text: &str) -> Self {
        let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines().map(split);
        Self { names: lines.next().unwrap(), rows: lines.collect() }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = self.names.join(",") + "\n";
        for row in &self.rows {
            text += &(row.join(",") + "\n");
        }
        text
    }

    fn position(&self, name: &str) -> usize {
        self.names.iter().position(|other| other == name).unwrap_or_else(|| panic!("{name} is not in {:?}", self.names))
    }

    pub(crate) fn column(&self, name: &str) -> Vec<&str> {
        let position = self.position(name);
        self.rows.iter().map(|row| row[position].as_str()).collect()
    }

    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        self.column(name).into_iter().map(|cell| cell.parse().unwrap()).collect()
    }

    /// The rows of some columns as numbers.
    pub(crate) fn matrix(&self, names: &[&str]) -> Vec<Vec<f64>> {
        let columns: Vec<Vec<f64>> = names.iter().map(|name| self.numbers(name)).collect();
        (0..self.rows.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
    }

    /// The same table with one cell changed (rows from 0).
    pub(crate) fn with(mut self, row: usize, name: &str, cell: &str) -> Self {
        let position = self.position(name);
        self.rows[row][position] = cell.to_owned();
        self
    }

    /// The same table with all cells of a column changed.
    pub(crate) fn with_column(mut self, name: &str, cell: impl Fn(usize) -> String) -> Self {
        let position = self.position(name);
        for (index, row) in self.rows.iter_mut().enumerate() {
            row[position] = cell(index);
        }
        self
    }
}

#[cfg(target_os = "linux")]
impl Space {
    /// Runs the program and returns the most memory that was resident, in bytes.
    pub(crate) fn most_memory(&self, arguments: &[&str]) -> u64 {
        let mut child = self.command(arguments).stderr(Stdio::null()).spawn().unwrap();
        let path = format!("/proc/{}/status", child.id());
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            if let Some(kilobytes) = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()) {
                most = most.max(kilobytes * 1024);
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert!(child.wait().unwrap().success());
        most
    }
}

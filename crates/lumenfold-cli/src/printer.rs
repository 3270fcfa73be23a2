//! The one place that prints. Standard output is data; words go to standard error.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::failure::Failure;
use crate::words;

const BOLD: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Words for the user. Colour appears on a terminal only, and not where NO_COLOR is set.
pub(crate) struct Printer {
    quiet: bool,
    /// No warnings either.
    silent: bool,
}

impl Printer {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, silent: false }
    }

    /// For what has been said before.
    pub(crate) fn silent(&self) -> Self {
        Self { quiet: true, silent: true }
    }

    /// A line of words; none under `--quiet`.
    pub(crate) fn say(&self, line: impl Display) {
        if !self.quiet {
            anstream::eprintln!("{}", words::visible(&line.to_string()));
        }
    }

    /// A line that heads others.
    pub(crate) fn head(&self, line: impl Display) {
        if !self.quiet {
            anstream::eprintln!("{BOLD}{}{BOLD:#}", words::visible(&line.to_string()));
        }
    }

    /// Something that the user should know, under `--quiet` too.
    pub(crate) fn warn(&self, line: impl Display) {
        if !self.silent {
            anstream::eprintln!("{WARNING}warning{WARNING:#}: {}", words::one_line(&line.to_string()));
        }
    }

    pub(crate) fn error(&self, failure: &Failure) {
        anstream::eprintln!("{ERROR}error{ERROR:#}: {}", words::one_line(&failure.to_string()));
    }

    /// Data for standard output. A reader that has gone away is no error.
    pub(crate) fn data(&self, text: impl Display) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("standard output: cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// One JSON object on a line of standard output.
    pub(crate) fn object(&self, object: &impl Serialize) -> Result<(), Failure> {
        self.json(serde_json::to_string(object))
    }

    /// A JSON object over several lines, for people too.
    pub(crate) fn document(&self, object: &impl Serialize) -> Result<(), Failure> {
        self.json(serde_json::to_string_pretty(object))
    }

    fn json(&self, text: Result<String, serde_json::Error>) -> Result<(), Failure> {
        self.data(text.map_err(|error| Failure::failed(format!("the JSON object: {error}")))?)
    }

    /// Whether progress may be drawn over and over on one line.
    pub(crate) fn draws(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }
}

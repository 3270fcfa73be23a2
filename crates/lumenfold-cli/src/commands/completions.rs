//! `completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::printer::Printer;

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold completions bash > ~/.local/share/bash-completion/completions/lumenfold")]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(verb: Completions, printer: &Printer) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(verb.shell, &mut Arguments::command(), "lumenfold", &mut script);
    printer.data(String::from_utf8_lossy(&script).trim_end())
}

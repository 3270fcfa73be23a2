//! `man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use lumenfold::data::write_whole;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::printer::Printer;

/// Write a manual page for the program and for each verb.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold man -o ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The directory that gets lumenfold.1, lumenfold-fit.1, …; made if it is not there.
    #[arg(long, short)]
    output: PathBuf,
}

pub(crate) fn run(verb: Man, printer: &Printer) -> Result<(), Failure> {
    std::fs::create_dir_all(&verb.output)
        .map_err(|error| Failure::usage(format!("{}: cannot be made: {error}", verb.output.display())))?;
    let mut command = Arguments::command();
    command.build();
    let mut pages = 0;
    for (name, command) in pages_of("lumenfold".to_owned(), &command) {
        let page = clap_mangen::Man::new(command.name(name.clone()));
        let mut text = Vec::new();
        page.render(&mut text).map_err(|error| Failure::failed(error.to_string()))?;
        // What stands after the options are examples, which the renderer cannot know.
        let text = String::from_utf8_lossy(&text).replace(".SH EXTRA\n", ".SH EXAMPLES\n");
        write_whole(&verb.output.join(format!("{name}.1")), |file| file.write_all(text.as_bytes()))?;
        pages += 1;
    }
    printer.say(format!("wrote {pages} pages to {}", verb.output.display()));
    Ok(())
}

/// The page of a command and those of its verbs, with their names.
fn pages_of(name: String, command: &clap::Command) -> Vec<(String, clap::Command)> {
    let verbs = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    let mut pages = vec![(name.clone(), command.clone())];
    pages.extend(verbs.flat_map(|verb| pages_of(format!("{name}-{}", verb.get_name()), verb)));
    pages
}

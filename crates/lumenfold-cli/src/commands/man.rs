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
    let verbs: Vec<clap::Command> =
        command.get_subcommands().filter(|verb| verb.get_name() != "help").cloned().collect();
    let named = verbs.into_iter().map(|verb| (format!("lumenfold-{}", verb.get_name()), verb));
    for (name, command) in std::iter::once(("lumenfold".to_owned(), command.clone())).chain(named) {
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

//! The lumenfold program: one file per command, one place that prints.

mod arguments;
mod axes;
mod coded;
mod commands;
mod config;
mod errors;
mod failure;
mod gathering;
mod http;
mod images;
mod inputs;
mod interruption;
mod latents;
mod memory;
mod names;
mod outlet;
mod pages;
mod passage;
mod printer;
mod progress;
mod sizes;
mod words;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use arguments::{Arguments, Verb};
use failure::Failure;
use printer::Printer;

/// What clap answers to a call without arguments.
const HELP: ErrorKind = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and the version are answers, not errors.
        Err(answer) if !answer.use_stderr() || answer.kind() == HELP => answer.exit(),
        Err(error) => {
            let failure = Failure::from(error);
            Printer::new(false).error(&failure);
            return ExitCode::from(failure.status());
        }
    };
    let printer = Printer::new(arguments.quiet);
    let result = match arguments.verb {
        Verb::Demo(verb) => commands::demo::run(verb, &printer),
        Verb::Fit(verb) => commands::fit::run(*verb, &printer),
        Verb::Encode(verb) => commands::encode::run(verb, &printer),
        Verb::Decode(verb) => commands::decode::run(verb, &printer),
        Verb::Reconstruct(verb) => commands::reconstruct::run(verb, &printer),
        Verb::Denoise(verb) => commands::denoise::run(*verb, &printer),
        Verb::Score(verb) => commands::score::run(verb, &printer),
        Verb::Sample(verb) => commands::sample::run(verb, &printer),
        Verb::Inspect(verb) => commands::inspect::run(*verb, &printer),
        Verb::Sweep(verb) => commands::sweep::run(*verb, &printer),
        Verb::Report(verb) => commands::report::run(verb, &printer),
        Verb::Traverse(verb) => commands::traverse::run(*verb, &printer),
        Verb::Explain(verb) => commands::explain::run(*verb, &printer),
        Verb::Probe(verb) => commands::probe::run(verb, &printer),
        Verb::Convert(verb) => commands::convert::run(verb, &printer),
        Verb::Data(verb) => commands::data::run(verb, &printer),
        Verb::Completions(verb) => commands::completions::run(verb, &printer),
        Verb::Man(verb) => commands::man::run(verb, &printer),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer.error(&failure);
            ExitCode::from(failure.status())
        }
    }
}

//! `data fetch`: any file by its address, checked against its checksum.

mod checksum;
mod partial;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::network::Network;
use super::partial::{Partial, how_to_go_on};
use super::progress::{Progress, Unit};
use crate::failure::Failure;
use crate::http::{Address, Client, Continued, Head, Request, Trouble};
use crate::inputs;
use crate::interruption;
use crate::printer::Printer;
use crate::sizes;
use crate::words;
use checksum::Checksum;
use partial::Bytes;

/// Servers of files answer at once, or not at all.
const SILENCE: Duration = Duration::from_secs(60);

/// Bytes that a try has to bring for the next one to count as the first again.
const ADVANCE: u64 = 1 << 20;

/// Bytes between two notes of how far a download has come.
const BETWEEN_NOTES: u64 = 64 << 20;

/// Download a file, and check it against its checksum.
///
/// The file appears whole and checked, or not at all. An interrupted download goes on when the same command is given again, if the server can
/// send the rest of a file and the file there has not changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold data fetch https://example.org/spectra.fits -o spectra.fits --sha256 \
    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n  \
    lumenfold data fetch https://example.org/spectra.fits -o spectra.fits    prints the checksum that it found")]
pub(crate) struct Fetch {
    /// An http or https address. From https, redirects lead to https only.
    #[arg(value_name = "URL")]
    address: Address,
    /// The file to write.
    #[arg(long, short)]
    output: PathBuf,
    /// The SHA-256 checksum that the file must have; without it, the one that was found is printed.
    #[arg(long, value_name = "HEX")]
    sha256: Option<Checksum>,
    /// Refuse files that are larger.
    #[arg(long, value_name = "SIZE", value_parser = sizes::bytes, default_value = "64GB")]
    largest: u64,
    /// Begin anew, and throw away what an interrupted download left.
    #[arg(long)]
    anew: bool,
    /// Print one JSON object about the download on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

/// What `--json` tells.
#[derive(Serialize)]
struct Told<'a> {
    bytes: u64,
    sha256: String,
    /// Whether that is the checksum that was asked for.
    checked: bool,
    seconds: f64,
    address: &'a str,
    output: &'a PathBuf,
}

pub(crate) fn run(verb: Fetch, printer: &Printer) -> Result<(), Failure> {
    inputs::output_file(&verb.output, &[])?;
    if verb.output.exists() && !verb.output.is_file() {
        let path = verb.output.display();
        return Err(Failure::usage(format!("{path}: is no plain file, and only such are written whole or not at all")));
    }
    // A link keeps pointing to the file that is replaced.
    let place = std::fs::canonicalize(&verb.output).unwrap_or_else(|_| verb.output.clone());
    let client = verb.network.client(SILENCE)?;
    let mut partial = Partial::open(&place, Bytes::new(verb.address.to_string()), verb.anew)?;
    if partial.found {
        printer.say(format!("going on behind the {} that an earlier run left", Unit::Bytes.of(partial.state.bytes)));
    }
    let stop = interruption::flag().unwrap_or_default();
    let progress = Progress::new(printer, Unit::Bytes, None);
    let say = |line: &str| progress.say(line);
    let downloaded = match partial.state.complete {
        true => Ok(()),
        false => verb.network.tries().persist(&stop, &say, || verb.attempt(&client, &mut partial, &stop, &progress)),
    };
    let seconds = progress.finish();
    if let Err(trouble) = downloaded {
        return Err(given_up(trouble, partial, verb.sha256.is_some()));
    }
    let sum = Checksum::of(partial.bytes()?).map_err(|error| partial.failed(&error))?;
    if verb.sha256.is_some_and(|expected| expected != sum) {
        let (address, expected) = (&verb.address, verb.sha256.map(|sum| sum.to_string()).unwrap_or_default());
        partial.remove();
        return Err(Failure::failed(format!(
            "{address}: has the SHA-256 checksum {sum}, not {expected}; nothing was written: the file has changed, or the checksum \
             belongs to another"
        )));
    }
    let (bytes, unbounded) = (partial.state.bytes, partial.state.unbounded);
    partial.become_whole(&place)?;
    let path = verb.output.display();
    printer.say(format!("wrote {path}: {} in {}", Unit::Bytes.of(bytes), words::seconds(seconds)));
    match verb.sha256 {
        Some(_) => printer.say("its SHA-256 checksum is the one that was asked for"),
        None if unbounded => printer.warn(format!(
            "the server did not say how long {path} is, so a broken line could not be told from its end; SHA-256 {sum}"
        )),
        None => printer.say(format!("not checked against anything; to have the same file again: --sha256 {sum}")),
    }
    if verb.json {
        let (sha256, checked, address, output) =
            (sum.to_string(), verb.sha256.is_some(), verb.address.as_str(), &verb.output);
        printer.object(&Told { bytes, sha256, checked, seconds, address, output })?;
    }
    Ok(())
}

impl Fetch {
    /// Asks for the rest of the file, or for all of it.
    fn attempt(
        &self,
        client: &Client,
        partial: &mut Partial<Bytes>,
        stop: &AtomicBool,
        progress: &Progress<'_>,
    ) -> Result<(), Trouble> {
        let validator = partial.state.validator.clone();
        // Without either, the rest of another file could follow the beginning of this one unnoticed.
        let goes_on = partial.state.bytes > 0 && (validator.is_some() || self.sha256.is_some());
        let continued = goes_on.then_some(Continued { from: partial.state.bytes, validator: validator.as_deref() });
        let before = partial.state.bytes;
        let request = Request { address: &self.address, continued, most_bytes: self.largest, longest: None };
        let mut begun = false;
        let mut noted = 0;
        let outcome = client.get(&request, stop, &mut |head, piece| {
            if !begun {
                self.begin(head, partial, continued, progress)?;
                begun = true;
            }
            partial.append(piece).map_err(Trouble::Lasting)?;
            partial.state.bytes += piece.len() as u64;
            if partial.state.bytes > self.largest {
                return Err(self.too_large(partial));
            }
            noted += piece.len() as u64;
            if noted >= BETWEEN_NOTES {
                noted = 0;
                partial.save().map_err(Trouble::Lasting)?;
            }
            progress.at(partial.state.bytes, "");
            Ok(())
        });
        let outcome = outcome.and_then(|head| {
            if !begun {
                // A file without bytes, or without more of them.
                self.begin(&head, partial, continued, progress)?;
            }
            self.end(&head, partial)
        });
        partial.save().map_err(Trouble::Lasting)?;
        outcome.map_err(|trouble| match trouble {
            Trouble::Elsewhere => {
                // The next try asks for all of it.
                partial.state.bytes = 0;
                Trouble::passing(format!("{}: the file has changed; it is downloaded anew", self.address))
            }
            Trouble::Passing { words, wait, .. } => {
                let advanced = partial.state.bytes >= before.saturating_add(ADVANCE);
                Trouble::Passing { words, wait, advanced }
            }
            other => other,
        })
    }

    /// Makes sure that what comes belongs behind what is there; otherwise all of it comes.
    fn begin(
        &self,
        head: &Head,
        partial: &mut Partial<Bytes>,
        continued: Option<Continued<'_>>,
        progress: &Progress<'_>,
    ) -> Result<(), Trouble> {
        let from = continued.map_or(0, |continued| continued.from);
        match head.part {
            Some((first, _)) if first != from || continued.is_none() => {
                return Err(Trouble::lasting(format!(
                    "{}: sends the bytes from {first} on, and those from {from} on were asked for",
                    self.address
                )));
            }
            Some(_) => {}
            // All of it comes: the server cannot send parts, or the file has changed.
            None => {
                partial.state.bytes = 0;
                partial.save().and_then(|()| partial.clear()).map_err(Trouble::Lasting)?;
            }
        }
        partial.state.validator.clone_from(&head.validator);
        let whole = match head.part {
            Some((_, whole)) => whole,
            None => head.length,
        };
        if whole.is_some_and(|whole| whole > self.largest) {
            return Err(self.too_large(partial));
        }
        if let Some(whole) = whole {
            progress.all(whole);
        }
        Ok(())
    }

    /// Makes sure that all of it is there, as far as can be known without the checksum.
    fn end(&self, head: &Head, partial: &mut Partial<Bytes>) -> Result<(), Trouble> {
        let found = partial.state.bytes;
        let whole = head.part.map_or(head.length, |(_, whole)| whole);
        if whole.is_some_and(|whole| whole > found) {
            return Err(Trouble::passing(format!("{}: the answer broke off after {found} bytes", self.address)));
        }
        partial.state.unbounded = !head.delimited;
        partial.state.complete = true;
        Ok(())
    }

    /// Nobody wants to go on with such a file.
    fn too_large(&self, partial: &mut Partial<Bytes>) -> Trouble {
        partial.state.bytes = 0;
        let (address, largest) = (&self.address, Unit::Bytes.of(self.largest));
        Trouble::lasting(format!("{address}: is larger than the {largest} of --largest"))
    }
}

/// Says what is left of a download that did not come to its end.
fn given_up(trouble: Trouble, partial: Partial<Bytes>, has_checksum: bool) -> Failure {
    let (bytes, path) = (partial.state.bytes, partial.path().display().to_string());
    let hint = if bytes > 0 && (has_checksum || partial.state.validator.is_some()) {
        format!("; {} are kept in {path}; {}", Unit::Bytes.of(bytes), how_to_go_on())
    } else {
        partial.remove();
        String::new()
    };
    trouble.into_failure(&hint)
}

//! `data sdss`: stars, galaxies and quasars from SkyServer, the database of the Sloan Digital Sky Survey.
//!
//! The rows are asked for in pages: the first so many behind a key, in its order. A page that fails can be asked for again without
//! another row being lost or coming twice, and an interrupted download goes on behind the last row that came. When all pages
//! are there, they are one text table, which is read and written like any other.

mod acknowledgement;
mod page;
mod partial;
mod query;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use lumenfold::data::{BlockOptions, BlockReader, Column, DataError, Format, Source, Table, Target, Values};
use serde::Serialize;

use super::network::Network;
use super::partial::{Partial, beside, how_to_go_on};
use super::progress::{Progress, Unit};
use crate::failure::Failure;
use crate::http::{Address, Client, Request, Trouble};
use crate::inputs;
use crate::interruption;
use crate::outlet::{Stop, write_blocks};
use crate::printer::Printer;
use crate::words;
use page::{Expected, Page, is_wrong_query};
use partial::Rows;
use query::{Class, Magnitudes, Query};

/// The most rows that SkyServer gives in one answer.
const MOST_ROWS_OF_AN_ANSWER: u64 = 500_000;

/// Bytes of a row of our own query at most, with room to spare.
const MOST_BYTES_OF_A_ROW: u64 = 1024;

/// Bytes of the answer to a query of the user's own at most.
const MOST_BYTES_OF_AN_ANSWER: u64 = 1 << 30;

/// The database may think for minutes before it answers.
const SILENCE: Duration = Duration::from_secs(300);

/// The longest time for one answer.
const LONGEST: Duration = Duration::from_secs(3600);

/// The longest file with a query.
const MOST_BYTES_OF_A_QUERY: u64 = 1 << 16;

/// Download stars, galaxies or quasars with spectra from SkyServer, the database of the Sloan Digital Sky Survey.
///
/// Each row is an object of the view SpecPhoto: specObjID, ra and dec in degrees, redshift, class, and the magnitudes u, g, r, i, z, all
/// of them within limits. Rows come in the order of specObjID, in pages; one that fails is asked for again. An interrupted download goes on when the
/// same command is given again.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "Examples:\n  \
    lumenfold data sdss -o stars.csv\n  \
    lumenfold data sdss --classes star,galaxy,qso --magnitudes psf --faintest 22 --rows all -o objects.parquet\n  \
    lumenfold data sdss --print-query > query.sql\n  \
    lumenfold data sdss --sql query.sql -o mine.csv.gz\n\n\
    Who publishes what was learnt from these data is asked to acknowledge SDSS:\n  \
    https://www.sdss.org/collaboration/citing-sdss/"
)]
pub(crate) struct Sdss {
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .arrow .fits .h5 .vot .npz, or `-` for CSV on standard
    /// output.
    #[arg(long, short, required_unless_present = "print_query")]
    output: Option<PathBuf>,
    /// Rows at most, or `all`.
    #[arg(long, short = 'n', value_name = "N", default_value = "100000", value_parser = most_rows)]
    rows: Wanted,
    /// Classes of objects.
    #[arg(long, value_name = "CLASS,…", value_enum, value_delimiter = ',', default_value = "star")]
    classes: Vec<Class>,
    /// Which magnitudes stand in the columns u, g, r, i, z.
    #[arg(long, value_enum, default_value_t = Magnitudes::Model)]
    magnitudes: Magnitudes,
    /// The faintest magnitude of an object in any band.
    #[arg(long, value_name = "MAG", default_value = "30", value_parser = magnitude)]
    faintest: f64,
    /// The brightest magnitude of an object in any band; failed measurements are -9999.
    #[arg(long, value_name = "MAG", default_value = "0", value_parser = magnitude)]
    brightest: f64,
    /// A query of your own, or a file with one: it is asked once, as it is, and its answer (500,000 rows at most) is written.
    #[arg(long, value_name = "SQL", conflicts_with_all = ["rows", "classes", "magnitudes", "faintest", "brightest", "page_rows"])]
    sql: Option<String>,
    /// The data release.
    #[arg(long, value_name = "DR", default_value = "dr18", value_parser = release)]
    release: u32,
    /// Another address than SkyServer's that answers `?cmd=SQL&format=csv`.
    #[arg(long, value_name = "URL", conflicts_with = "release")]
    server: Option<Address>,
    /// Rows that are asked for at once.
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(1..=MOST_ROWS_OF_AN_ANSWER))]
    page_rows: u64,
    /// Print the query and end; for a look, or to change it for --sql.
    #[arg(long, conflicts_with = "sql")]
    print_query: bool,
    /// Begin anew, and throw away what an interrupted download left.
    #[arg(long)]
    anew: bool,
    /// Print one JSON object about the download on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

/// How many rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    AtMost(u64),
    All,
}

/// What is asked.
enum Question {
    /// Our own query, in pages.
    Pages(Query),
    /// Whatever the user asks, once.
    Own(String),
}

/// What `--json` tells.
#[derive(Serialize)]
struct Told<'a> {
    rows: u64,
    pages: u64,
    seconds: f64,
    server: &'a str,
    query: &'a str,
    output: &'a str,
}

pub(crate) fn run(verb: Sdss, printer: &Printer) -> Result<(), Failure> {
    let question = verb.question()?;
    let query = match &question {
        Question::Pages(query) => query.sql(verb.first_page(), None),
        Question::Own(sql) => sql.clone(),
    };
    if verb.print_query {
        return printer.data(query);
    }
    let path = verb.output.clone().unwrap_or_default();
    let target = match question {
        Question::Pages(_) => inputs::output_with_text(path, [])?,
        Question::Own(_) => inputs::output(path, [])?,
    };
    if verb.json && target == Target::Stdout {
        return Err(Failure::usage("--json: standard output has the table; name a file with -o"));
    }
    // Nobody can go on with what went to standard output.
    let passing = tempfile::tempdir().map_err(|error| Failure::failed(format!("no temporary directory: {error}")))?;
    let place = match &target {
        Target::Path(path) => std::fs::canonicalize(path).unwrap_or_else(|_| path.clone()),
        Target::Stdout => passing.path().join("sdss"),
    };
    let kept = matches!(target, Target::Path(_));
    let server = verb.server()?;
    let state = Rows::new(server.to_string(), query.clone(), verb.wanted());
    let client = verb.network.client(SILENCE)?;
    let mut partial = Partial::open(&place, state, verb.anew)?;
    if partial.found {
        let rows = Unit::Rows.of(partial.state.rows);
        printer.say(format!("going on behind the {rows} that an earlier run left"));
    }

    let stop = interruption::flag().unwrap_or_default();
    let progress = Progress::new(printer, Unit::Rows, verb.wanted());
    let download = Download { verb: &verb, client, server: &server, stop: &stop, progress: &progress };
    let downloaded = match &question {
        Question::Pages(query) => download.pages(query, &mut partial, &beside(&place, ".partial.page")),
        Question::Own(sql) => download.own(sql, &mut partial, &beside(&place, ".partial.page")),
    };
    let seconds = progress.finish();
    if let Err(trouble) = downloaded {
        return Err(given_up(trouble, partial, kept));
    }
    if partial.state.rows == 0 {
        partial.remove();
        return Err(Failure::usage(match question {
            Question::Pages(_) => "SkyServer has no object within these limits; widen them",
            Question::Own(_) => "the answer to the query has no rows",
        }));
    }
    if partial.state.rows >= MOST_ROWS_OF_AN_ANSWER && matches!(question, Question::Own(_)) {
        printer.warn(format!(
            "the answer has {}, the most that SkyServer gives at once; there may be more",
            Unit::Rows.of(partial.state.rows)
        ));
    }
    let written = write(&partial, &target, &question, printer);
    if written.is_err() && kept {
        printer.say(format!("what was downloaded is kept in {}; {}", partial.path().display(), how_to_go_on()));
        return written;
    }
    let (rows, pages) = (partial.state.rows, partial.state.pages);
    partial.remove();
    written?;
    printer.say(format!("{} in {}", words::counted(pages as usize, "answer"), words::seconds(seconds)));
    printer.say("If you publish what you learn from these data, please acknowledge SDSS; in full at");
    printer.say(format!("{}\n{}", acknowledgement::PAGE, acknowledgement::acknowledgement(verb.release)));
    if verb.json {
        let (server, output) = (server.as_str(), &target.to_string());
        printer.object(&Told { rows, pages, seconds, server, query: &query, output })?;
    }
    Ok(())
}

/// One download.
struct Download<'a> {
    verb: &'a Sdss,
    client: Client,
    server: &'a Address,
    stop: &'a AtomicBool,
    progress: &'a Progress<'a>,
}

impl Download<'_> {
    /// Asks for page after page, until one is empty or all rows are there.
    ///
    /// A page of fewer rows than were asked for is no end: a server that cuts its answers would cut the table.
    fn pages(&self, query: &Query, partial: &mut Partial<Rows>, path: &Path) -> Result<(), Trouble> {
        while !partial.state.complete {
            let most = partial.state.left().unwrap_or(u64::MAX).min(self.verb.page_rows);
            let behind = partial.state.last;
            let come = match most {
                0 => 0,
                most => self.page(&query.sql(most, behind), Expected::Page { most, behind }, partial, path)?,
            };
            partial.state.complete = come == 0;
            partial.save().map_err(Trouble::Lasting)?;
        }
        Ok(())
    }

    /// Asks once.
    fn own(&self, sql: &str, partial: &mut Partial<Rows>, path: &Path) -> Result<(), Trouble> {
        if !partial.state.complete {
            self.page(sql, Expected::Table, partial, path)?;
            partial.state.complete = true;
            partial.save().map_err(Trouble::Lasting)?;
        }
        Ok(())
    }

    /// The rows of an answer, which are written behind the others.
    fn page(&self, sql: &str, expected: Expected, partial: &mut Partial<Rows>, path: &Path) -> Result<u64, Trouble> {
        let address = self.server.with(&[("cmd", sql), ("format", "csv")]);
        let address = address.map_err(|words| Trouble::Lasting(Failure::usage(format!("the query {words}"))))?;
        let most_bytes = match expected {
            Expected::Page { most, .. } => most * MOST_BYTES_OF_A_ROW + (64 << 10),
            Expected::Table => MOST_BYTES_OF_AN_ANSWER,
        };
        let request = Request { address: &address, continued: None, most_bytes, longest: Some(LONGEST) };
        let tries = self.verb.network.tries();
        let say = |line: &str| self.progress.say(line);
        tries.persist(self.stop, &say, || {
            let rows = partial.state.rows;
            self.progress.at(rows, ", SkyServer is asked for more");
            let mut body = Vec::new();
            let answer = self.client.get(&request, self.stop, &mut |_, piece| {
                body.extend_from_slice(piece);
                self.progress.at(rows, &format!(", and {} of more", Unit::Bytes.of(body.len() as u64)));
                Ok(())
            });
            let answer = answer.map_err(without_hope)?;
            let page = Page::of(&body, &answer, expected, path)?;
            // The table that all pages make has one head.
            let head = if partial.state.pages == 0 { page.head } else { &[] };
            let rows_end = if page.rows_text.is_empty() || page.rows_text.ends_with(b"\n") { &b""[..] } else { b"\n" };
            let parts = [head, page.rows_text, rows_end];
            if page.rows > 0 || matches!(expected, Expected::Table) {
                for part in parts {
                    partial.append(part).map_err(Trouble::Lasting)?;
                }
                partial.state.add(&page, parts.iter().map(|part| part.len() as u64).sum());
            }
            self.progress.at(partial.state.rows, "");
            Ok(page.rows)
        })
    }
}

/// A server in trouble may be asked again; a query that is wrong stays wrong.
fn without_hope(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Passing { words, .. } if is_wrong_query(&words) => Trouble::lasting(words),
        other => other,
    }
}

/// Writes the rows that have come in the format that is wanted.
fn write(partial: &Partial<Rows>, target: &Target, question: &Question, printer: &Printer) -> Result<(), Failure> {
    let options = BlockOptions { format: Some(Format::Csv), ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[Source::Path(partial.path().to_owned())], &options)?;
    let own = matches!(question, Question::Own(_));
    if own {
        reader.notes().iter().for_each(|note| printer.warn(note));
    }
    let expected = partial.state.rows;
    write_blocks(target, printer, |give| {
        let mut rows = 0;
        while let Some(block) = reader.next_block()? {
            rows += block.rows() as u64;
            give(if own { block } else { with_types(block)? })?;
        }
        if rows != expected {
            let path = partial.path().display();
            let words = format!("{path}: has {rows} rows, and {expected} had come; throw it away with --anew");
            return Err(Stop::Failed(Failure::failed(words)));
        }
        Ok(())
    })
}

/// The columns of our own query by their names, with their units, and of types that do not depend on which rows have come.
fn with_types(block: Table) -> Result<Table, DataError> {
    let columns = block.columns().iter().zip(Query::COLUMNS).map(|(column, (name, unit))| {
        let rows = 0..column.len();
        let values = match name {
            // Up to 64 bits without sign: text keeps them all, and is the same for few rows and many.
            "specObjID" | "class" => Values::text(rows.map(|row| column.text(row))),
            _ => Values::Float64(rows.map(|row| column.value(row).unwrap_or(f64::NAN)).collect()),
        };
        Column { name: name.to_owned(), unit: unit.map(str::to_owned), values }
    });
    Table::new(block.source(), columns.collect())
}

/// Says what is left of a download that did not come to its end.
fn given_up(trouble: Trouble, partial: Partial<Rows>, kept: bool) -> Failure {
    let (rows, path) = (partial.state.rows, partial.path().display().to_string());
    let hint = if kept && rows > 0 {
        format!("; {} are kept in {path}; {}", Unit::Rows.of(rows), how_to_go_on())
    } else {
        partial.remove();
        String::new()
    };
    trouble.into_failure(&hint)
}

impl Sdss {
    fn question(&self) -> Result<Question, Failure> {
        if let Some(text) = &self.sql {
            return own_query(text).map(Question::Own);
        }
        if self.brightest >= self.faintest {
            return Err(Failure::usage(format!(
                "--brightest {} --faintest {}: there is nothing in between; brighter magnitudes are smaller",
                self.brightest, self.faintest
            )));
        }
        let (classes, magnitudes) = (self.classes.clone(), self.magnitudes);
        Ok(Question::Pages(Query { classes, magnitudes, brightest: self.brightest, faintest: self.faintest }))
    }

    fn wanted(&self) -> Option<u64> {
        match (self.rows, &self.sql) {
            (Wanted::AtMost(rows), None) => Some(rows),
            _ => None,
        }
    }

    fn first_page(&self) -> u64 {
        self.wanted().map_or(self.page_rows, |rows| rows.min(self.page_rows))
    }

    fn server(&self) -> Result<Address, Failure> {
        let address = match &self.server {
            Some(server) => return Ok(server.clone()),
            None => format!("https://skyserver.sdss.org/dr{}/SkyServerWS/SearchTools/SqlSearch", self.release),
        };
        address.parse().map_err(Failure::usage)
    }
}

/// The query in a file, or the text itself.
fn own_query(text: &str) -> Result<String, Failure> {
    let path = Path::new(text);
    let query = if path.is_file() {
        let length = path.metadata().map_or(0, |metadata| metadata.len());
        if length > MOST_BYTES_OF_A_QUERY {
            return Err(Failure::usage(format!("{text}: is too long for a query, {length} bytes")));
        }
        std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{text}: cannot be read: {error}")))?
    } else {
        text.to_owned()
    };
    let query = query.trim().trim_end_matches(';').trim_end();
    if !query.contains(char::is_whitespace) {
        return Err(Failure::usage(format!("--sql {text}: is neither a file nor a query; write \"SELECT …\"")));
    }
    Ok(query.to_owned())
}

/// From `1000` or `all`.
fn most_rows(text: &str) -> Result<Wanted, String> {
    match text.parse() {
        _ if text == "all" => Ok(Wanted::All),
        Ok(rows @ 1..=1_000_000_000) => Ok(Wanted::AtMost(rows)),
        _ => Err(format!("\"{text}\" is no number of rows; write 1 to 1000000000, or all")),
    }
}

/// From `dr17`.
fn release(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix("dr").or_else(|| text.strip_prefix("DR")).unwrap_or(text);
    match number.parse() {
        Ok(release @ 12..=99) => Ok(release),
        _ => Err(format!("\"{text}\" is no release of this server; write dr12 or later, for example dr17")),
    }
}

fn magnitude(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(magnitude) if (-100.0..=100.0).contains(&magnitude) => Ok(magnitude),
        _ => Err(format!("\"{text}\" is no magnitude; write for example 22.5")),
    }
}

//! One request and its answer, in pieces.

use std::io::{ErrorKind, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ureq::http::Response;
use ureq::http::header::{
    CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, IF_RANGE, LAST_MODIFIED, RANGE, RETRY_AFTER,
    TRANSFER_ENCODING,
};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body, Error};

use super::error_page::words_of;
use super::retry_after::retry_after;
use super::roots::roots;
use super::trouble::GLANCE;
use super::{Address, Trouble};
use crate::failure::Failure;
use crate::words;

/// Redirects that are followed.
const MOST_REDIRECTS: u32 = 5;

/// Bytes of a piece.
const PIECE: usize = 1 << 16;

/// Pieces that wait to be taken.
const WAITING: usize = 8;

/// Bytes of an error page that are read.
const MOST_OF_AN_ERROR_PAGE: usize = 1 << 16;

/// Asks servers.
pub(crate) struct Client {
    agent: Agent,
    /// The longest time in which nothing comes.
    silence: Duration,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) address: &'a Address,
    /// The bytes of an earlier answer that need not come again.
    pub(crate) continued: Option<Continued<'a>>,
    /// The most bytes of an answer.
    pub(crate) most_bytes: u64,
    /// The longest time for all of it.
    pub(crate) longest: Option<Duration>,
}

/// An answer that is there in part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Continued<'a> {
    pub(crate) from: u64,
    /// What the server called the state of the file; a file that has changed since comes whole.
    pub(crate) validator: Option<&'a str>,
}

/// What a server says of its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    status: u16,
    /// Bytes that follow, if that is said.
    pub(crate) length: Option<u64>,
    /// The place of the first byte that follows, and the length of the whole, if only a part follows.
    pub(crate) part: Option<(u64, Option<u64>)>,
    /// What the server calls the state of the file: an entity tag, or else the time of its last change.
    pub(crate) validator: Option<String>,
    /// Whether it can be seen that an answer was broken off.
    pub(crate) delimited: bool,
    pub(crate) media_type: Option<String>,
    encoding: Option<String>,
    retry_after: Option<Duration>,
}

/// What becomes of the pieces of an answer.
pub(crate) type Take<'a> = dyn FnMut(&Head, &[u8]) -> Result<(), Trouble> + 'a;

/// From the thread of a request.
enum Message {
    Head(Box<Head>),
    Piece(Vec<u8>),
    End,
    Broken(Broken),
}

/// Why nothing more comes.
struct Broken {
    words: String,
    lasting: bool,
}

impl Client {
    /// `silence` is the longest time in which nothing comes.
    ///
    /// Errors: the certificates that the environment names cannot be read.
    pub(crate) fn new(silence: Duration) -> Result<Self, Failure> {
        // These end threads that nobody waits for any more; `Client::get` keeps time itself.
        let limit = Some(silence + Duration::from_secs(1));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots()?).build())
            .max_redirects(MOST_REDIRECTS)
            .max_redirects_will_error(true)
            .user_agent(concat!("lumenfold/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(limit)
            .timeout_connect(limit)
            .timeout_per_read(limit)
            .timeout_per_write(limit)
            .build();
        Ok(Self { agent: config.into(), silence })
    }

    /// Gives the pieces of an answer to `take` as they come, each with what was said of the whole.
    ///
    /// Errors: every status but 200 and 206, with the words of the server; silence, a broken line, too many bytes or redirects; and
    /// what `take` returns.
    pub(crate) fn get(&self, request: &Request<'_>, stop: &AtomicBool, take: &mut Take<'_>) -> Result<Head, Trouble> {
        let messages = self.start(request)?;
        let begin = Instant::now();
        let mut heard = begin;
        let mut head: Option<Box<Head>> = None;
        let mut page = Vec::new();
        let mut bytes = 0_u64;
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            if request.longest.is_some_and(|longest| begin.elapsed() > longest) {
                let longest = words::clock(begin.elapsed());
                return Err(Trouble::passing(format!(
                    "{}: the answer is not complete after {longest}",
                    request.host()
                )));
            }
            match messages.recv_timeout(GLANCE.min(self.silence)) {
                Err(RecvTimeoutError::Timeout) if heard.elapsed() < self.silence => continue,
                Err(RecvTimeoutError::Timeout) => {
                    let silence = words::seconds(self.silence.as_secs_f64());
                    return Err(Trouble::passing(format!("{}: nothing came for {silence}", request.host())));
                }
                Ok(Message::Head(found)) => {
                    refuse_length(request, &found)?;
                    head = Some(found);
                }
                Ok(Message::Piece(piece)) => match &head {
                    Some(head) if head.is_answer() => {
                        bytes += piece.len() as u64;
                        if bytes > request.most_bytes {
                            return Err(too_long(request));
                        }
                        take(head, &piece)?;
                    }
                    _ => {
                        let room = MOST_OF_AN_ERROR_PAGE - page.len().min(MOST_OF_AN_ERROR_PAGE);
                        page.extend_from_slice(&piece[..piece.len().min(room)]);
                        if room == 0 {
                            return Err(refused(request, head.as_deref(), &page));
                        }
                    }
                },
                Ok(Message::End) => match head {
                    Some(head) if head.is_answer() => return Ok(*head),
                    head => return Err(refused(request, head.as_deref(), &page)),
                },
                Ok(Message::Broken(broken)) => {
                    // A page that says what is wrong says it, whole or not.
                    if head.as_ref().is_some_and(|head| !head.is_answer()) {
                        return Err(refused(request, head.as_deref(), &page));
                    }
                    let words = format!("{}: {}", request.host(), broken.words);
                    return Err(if broken.lasting { Trouble::lasting(words) } else { Trouble::passing(words) });
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Trouble::passing(format!("{}: the answer broke off", request.host())));
                }
            }
            heard = Instant::now();
        }
    }

    /// Starts the thread of a request.
    fn start(&self, request: &Request<'_>) -> Result<Receiver<Message>, Trouble> {
        let (sender, messages) = sync_channel(WAITING);
        let agent = self.agent.clone();
        let address = request.address.clone();
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        if let Some(Continued { from, validator }) = request.continued {
            headers.push((RANGE, format!("bytes={from}-")));
            headers.extend(validator.map(|validator| (IF_RANGE, validator.to_owned())));
        }
        let run = move || ask(&agent, &address, headers, &sender);
        let started = thread::Builder::new().name("lumenfold-http".to_owned()).spawn(run);
        started.map_err(|error| Trouble::lasting(format!("a thread cannot be started: {error}")))?;
        Ok(messages)
    }
}

/// Sends what comes. If nobody listens any more, the connection is given up.
fn ask(agent: &Agent, address: &Address, headers: Vec<(HeaderName, String)>, sender: &SyncSender<Message>) {
    let mut question = agent.get(address.as_str()).config().https_only(address.is_secure()).build();
    for (name, value) in headers {
        question = question.header(name, value);
    }
    let answer = match question.call() {
        Ok(answer) => answer,
        Err(error) => {
            let _ = sender.send(Message::Broken(Broken::of(&error)));
            return;
        }
    };
    if sender.send(Message::Head(Box::new(Head::of(&answer)))).is_err() {
        return;
    }
    let mut body = answer.into_body().into_reader();
    let mut piece = vec![0; PIECE];
    loop {
        let message = match body.read(&mut piece) {
            Ok(0) => Message::End,
            Ok(count) => Message::Piece(piece[..count].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Message::Broken(Broken::in_the_middle(&error)),
        };
        let last = !matches!(message, Message::Piece(_));
        if sender.send(message).is_err() || last {
            return;
        }
    }
}

impl Request<'_> {
    /// Who is asked, for messages: addresses with a query in them are long.
    fn host(&self) -> &str {
        let text = self.address.as_str();
        let host = text.split_once("://").map_or(text, |(_, rest)| rest);
        host.split(['/', '?']).next().unwrap_or(host)
    }
}

impl Head {
    fn of(answer: &Response<Body>) -> Self {
        let text = |name: HeaderName| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.trim().to_owned())
        };
        let length = answer.body().content_length();
        // Weak tags do not promise the same bytes (RFC 9110, section 13.1.5).
        let tag = text(ETAG).filter(|tag| tag.starts_with('"'));
        Self {
            status: answer.status().as_u16(),
            length,
            part: text(CONTENT_RANGE).and_then(|range| part_of(&range)),
            validator: tag.or_else(|| text(LAST_MODIFIED)).filter(|validator| validator.len() < 256),
            delimited: length.is_some() || text(TRANSFER_ENCODING).is_some_and(|encoding| encoding.contains("chunked")),
            media_type: text(CONTENT_TYPE),
            encoding: text(CONTENT_ENCODING).filter(|encoding| encoding != "identity"),
            retry_after: text(RETRY_AFTER).and_then(|wait| retry_after(&wait, SystemTime::now())),
        }
    }

    /// Whether what follows is what was asked for, as far as the server knows.
    fn is_answer(&self) -> bool {
        matches!(self.status, 200 | 206)
    }

    /// The compression that was not asked for.
    pub(crate) fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }
}

/// The first byte and the length of the whole from `bytes 100-199/300`, or `bytes 100-199/*`.
fn part_of(range: &str) -> Option<(u64, Option<u64>)> {
    let (place, whole) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = place.split_once('-')?;
    Some((first.trim().parse().ok()?, whole.trim().parse().ok()))
}

/// Refuses an answer that says that it is too long.
fn refuse_length(request: &Request<'_>, head: &Head) -> Result<(), Trouble> {
    let long = head.is_answer() && head.length.is_some_and(|length| length > request.most_bytes);
    if long { Err(too_long(request)) } else { Ok(()) }
}

fn too_long(request: &Request<'_>) -> Trouble {
    let (host, most) = (request.host(), words::thousands(usize::try_from(request.most_bytes).unwrap_or(usize::MAX)));
    Trouble::lasting(format!("{host}: the answer is longer than the {most} bytes that are taken"))
}

/// The trouble with an answer of another status than 200, whose words are in `page`.
fn refused(request: &Request<'_>, head: Option<&Head>, page: &[u8]) -> Trouble {
    let status = head.map_or(0, |head| head.status);
    let said = words_of(page).map_or_else(|| ", without a word".to_owned(), |words| format!(": {words}"));
    let words = format!("{}: answered {}{said}", request.host(), status_in_words(status));
    match status {
        416 if request.continued.is_some() => Trouble::Elsewhere,
        // Request timeout, too early, too many requests.
        408 | 425 | 429 | 500..=599 => {
            Trouble::Passing { words, wait: head.and_then(|head| head.retry_after), advanced: false }
        }
        _ => Trouble::Lasting(Failure::failed(words)),
    }
}

/// 404 (Not Found).
fn status_in_words(status: u16) -> String {
    let known = ureq::http::StatusCode::from_u16(status).ok();
    match known.and_then(|status| status.canonical_reason()) {
        Some(reason) => format!("{status} ({reason})"),
        None => status.to_string(),
    }
}

impl Broken {
    /// Before the answer began.
    fn of(error: &Error) -> Self {
        let (words, lasting) = match error {
            Error::Io(error) => return Self::in_the_middle(error),
            Error::Timeout(_) => ("did not answer in time".to_owned(), false),
            Error::HostNotFound => ("there is no host of this name, or no network".to_owned(), false),
            Error::ConnectionFailed => ("cannot be reached".to_owned(), false),
            Error::TooManyRedirects => {
                (format!("sends from address to address, more than {MOST_REDIRECTS} times"), true)
            }
            Error::RequireHttpsOnly(_) => {
                ("sends from https to an address that is not; that is not followed".to_owned(), true)
            }
            Error::Protocol(error) => (format!("does not speak HTTP as expected: {error}"), false),
            Error::BodyStalled => ("the answer broke off".to_owned(), false),
            Error::LargeResponseHeader(..) => ("the answer has too long a head".to_owned(), true),
            error => (error.to_string(), true),
        };
        Self { words, lasting }
    }

    /// Anywhere.
    fn in_the_middle(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                Self { words: "the answer broke off".to_owned(), lasting: false }
            }
            ErrorKind::ConnectionRefused => Self { words: "refuses to be connected".to_owned(), lasting: false },
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                Self { words: "did not answer in time".to_owned(), lasting: false }
            }
            // So are certificates refused.
            kind => Self { words: error.to_string(), lasting: kind == ErrorKind::InvalidData },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_answers() {
        assert_eq!(part_of("bytes 100-199/300"), Some((100, Some(300))));
        assert_eq!(part_of("bytes 0-0/*"), Some((0, None)));
        for range in ["", "bytes", "bytes */300", "lines 1-2/3", "bytes -5/7", "bytes 99999999999999999999999-/7"] {
            assert_eq!(part_of(range), None, "{range}");
        }
    }

    #[test]
    fn statuses_in_words() {
        assert_eq!(status_in_words(404), "404 (Not Found)");
        assert_eq!(status_in_words(799), "799");
    }
}

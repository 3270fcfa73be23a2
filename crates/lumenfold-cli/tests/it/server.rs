//! A server on the loopback interface that answers as a test wants it to, badly above all.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What a client asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// From the first slash, as it was sent.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        let mut bytes = Vec::new();
        let mut rest = value.as_bytes();
        while let Some((first, left)) = rest.split_first() {
            rest = left;
            if *first == b'%' {
                let digits = std::str::from_utf8(&left[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &left[2..];
            } else {
                bytes.push(*first);
            }
        }
        Some(String::from_utf8(bytes).unwrap())
    }
}

/// What a client gets.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status with further lines of the head, and a body of known length.
    Whole(u16, Vec<String>, Vec<u8>),
    /// The same, but the line breaks after so many bytes of the body.
    Broken(Vec<String>, Vec<u8>, usize),
    /// The body in chunks, the last of which does not come.
    BrokenChunks(Vec<u8>),
    /// A body that ends with the connection.
    Unbounded(Vec<u8>),
    /// Nothing but the end of the connection.
    Nothing,
    /// Bytes that are no HTTP.
    Raw(Vec<u8>),
    /// The head, so many bytes of the body, and then silence.
    Stalled(Vec<String>, Vec<u8>, usize),
    /// Nothing, and the connection stays.
    Silence,
    /// A body without end.
    Endless,
}

impl Answer {
    pub(crate) fn text(body: impl Into<Vec<u8>>) -> Self {
        Self::Whole(200, vec!["Content-Type: text/plain".to_owned()], body.into())
    }

    pub(crate) fn redirect(address: &str) -> Self {
        Self::Whole(302, vec![format!("Location: {address}")], Vec::new())
    }
}

/// How a server answers its n-th question, counted from 0.
type Answers = dyn Fn(usize, &Asked) -> Answer + Send + Sync;

/// Listens until the tests end.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) fn new(answers: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answers): (_, Arc<Answers>) = (Arc::clone(&asked), Arc::new(answers));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
                // Clients go away in the middle; that is what is tested.
                thread::spawn(move || stream.and_then(|stream| serve(stream, &log, &answers)));
            }
        });
        Self { address, asked }
    }

    /// All that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Waits until so many questions were asked.
    pub(crate) fn wait_for(&self, count: usize) {
        for _ in 0..2000 {
            if self.asked().len() >= count {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{count} questions were expected, and these came: {:?}", self.asked());
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answers: &Arc<Answers>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let asked = Asked { path, headers: headers.collect() };
    let count = {
        let mut log = log.lock().unwrap();
        log.push(asked.clone());
        log.len() - 1
    };
    send(&mut stream, answers(count, &asked))?;
    stream.flush()?;
    stream.shutdown(Shutdown::Write)?;
    // The client reads to the end before the connection goes.
    let _ = stream.read(&mut [0; 1024]);
    Ok(())
}

fn send(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    let mut head = |status: u16, lines: &[String]| {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\n{lines}\r\n")
    };
    let with_length =
        |lines: Vec<String>, body: &[u8]| [lines, vec![format!("Content-Length: {}", body.len())]].concat();
    match answer {
        Answer::Whole(status, lines, body) => {
            head(status, &with_length(lines, &body))?;
            stream.write_all(&body)
        }
        Answer::Broken(lines, body, sent) => {
            let status = if lines.iter().any(|line| line.starts_with("Content-Range")) { 206 } else { 200 };
            head(status, &with_length(lines, &body))?;
            stream.write_all(&body[..sent])
        }
        Answer::BrokenChunks(body) => {
            head(200, &["Transfer-Encoding: chunked".to_owned()])?;
            write!(stream, "{:x}\r\n", body.len())?;
            stream.write_all(&body)?;
            stream.write_all(b"\r\n")
        }
        Answer::Unbounded(body) => {
            head(200, &[])?;
            stream.write_all(&body)
        }
        Answer::Nothing => Ok(()),
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Stalled(lines, body, sent) => {
            head(200, &with_length(lines, &body))?;
            stream.write_all(&body[..sent])?;
            stream.flush()?;
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        Answer::Silence => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        Answer::Endless => {
            head(200, &["Content-Type: text/plain".to_owned()])?;
            loop {
                stream.write_all(&[b'1'; 1 << 16])?;
            }
        }
    }
}

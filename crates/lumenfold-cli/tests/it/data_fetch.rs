//! `data fetch`, against a server of our own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ring::digest::{SHA256, digest};

use crate::server::{Answer, Asked, Server};
use crate::support::{Run, Space};

/// Loopback addresses are asked directly, whatever proxies the environment names.
const DIRECTLY: [(&str, &str); 2] = [("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")];

/// A file of some length, no part of which looks like another.
fn bytes(count: usize) -> Vec<u8> {
    (0..count as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn sum(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn tagged(tag: &str) -> Vec<String> {
    vec![format!("ETag: {tag}")]
}

/// The rest of a file, as a server that can send parts sends it.
fn rest_of(file: &[u8], tag: &str, asked: &Asked) -> Answer {
    let same = asked.header("if-range").is_none_or(|known| known == tag);
    match asked.header("range").filter(|_| same) {
        None => Answer::Whole(200, tagged(tag), file.to_vec()),
        Some(range) => {
            let from: usize = range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap();
            if from >= file.len() {
                return Answer::Whole(416, vec![], vec![]);
            }
            let (last, all) = (file.len() - 1, file.len());
            let lines = [tagged(tag), vec![format!("Content-Range: bytes {from}-{last}/{all}")]].concat();
            Answer::Whole(206, lines, file[from..].to_vec())
        }
    }
}

fn arguments<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["data", "fetch", url, "-o", "a.bin", "--first-wait", "0.01"], more].concat()
}

fn run(space: &Space, server: &Server, more: &[&str]) -> Run {
    space.run_with(&arguments(&server.url("/files/a.bin?x=1"), more), &DIRECTLY)
}

#[track_caller]
fn failed(run: &Run, words: &[&str]) {
    assert_eq!(run.status, Some(1), "{run}");
    let error = run.stderr.lines().last().unwrap();
    assert!(error.starts_with("error: ") && !run.stderr.contains("panicked"), "{run}");
    for word in words {
        assert!(error.contains(word), "{run}does not say {word:?}");
    }
}

/// The whole file is there, and nothing else.
#[track_caller]
fn only(space: &Space, file: &[u8]) {
    assert!(space.read("a.bin") == file);
    assert_eq!(space.files().len(), 1, "something was left behind");
}

#[test]
fn a_file_with_its_checksum() {
    let file = bytes(300_000);
    let sent = file.clone();
    let server = Server::new(move |_, _| Answer::text(sent.clone()));
    let space = Space::new();
    let run = run(&space, &server, &["--sha256", &sum(&file).to_uppercase(), "--json"]);
    run.succeeded();
    only(&space, &file);
    assert_eq!(server.asked()[0].path, "/files/a.bin?x=1");
    let told = run.json();
    assert_eq!((&told["bytes"], &told["sha256"]), (&300_000.into(), &sum(&file).into()), "{run}");
    assert_eq!(told["checked"], true, "{run}");
    // Without one, it is told.
    space.write("a.bin", "what was there before");
    let run = self::run(&space, &server, &[]);
    run.succeeded();
    assert!(run.stderr.contains(&format!("--sha256 {}", sum(&file))), "{run}");
    only(&space, &file);
}

#[test]
fn another_file_than_the_one_of_the_checksum_is_not_written() {
    let server = Server::new(move |_, _| Answer::text(bytes(1000)));
    let space = Space::new();
    space.write("a.bin", "what was there before");
    failed(
        &run(&space, &server, &["--sha256", &sum(b"other")]),
        &[&sum(&bytes(1000)), &sum(b"other"), "nothing was written"],
    );
    only(&space, b"what was there before");
}

#[test]
fn a_broken_line_costs_only_what_did_not_come() {
    let file = Arc::new(bytes(3_000_000));
    let sent = Arc::clone(&file);
    let server = Server::new(move |at, asked| match (at, rest_of(&sent, "\"one\"", asked)) {
        (0..4, Answer::Whole(_, lines, body)) => Answer::Broken(lines, body, 500_000),
        (_, answer) => answer,
    });
    let space = Space::new();
    let run = run(&space, &server, &["--sha256", &sum(&file)]);
    run.succeeded();
    only(&space, &file);
    let asked = server.asked();
    let ranges: Vec<Option<&str>> = asked.iter().map(|asked| asked.header("range")).collect();
    assert!(ranges[0].is_none() && ranges[4] == Some("bytes=2000000-"), "{ranges:?}");
    assert!(asked[1..].iter().all(|asked| asked.header("if-range") == Some("\"one\"")), "{asked:?}");
}

#[test]
fn where_parts_are_not_to_be_had_all_of_it_comes_again() {
    let file = bytes(100_000);
    let sent = file.clone();
    // Neither a tag nor ranges; then a server that ignores the range.
    for lines in [vec![], tagged("\"one\"")] {
        let sent = sent.clone();
        let server = Server::new(move |at, _| match at {
            0 => Answer::Broken(lines.clone(), sent.clone(), 40_000),
            _ => Answer::Whole(200, lines.clone(), sent.clone()),
        });
        let space = Space::new();
        run(&space, &server, &[]).succeeded();
        only(&space, &file);
        assert_eq!(server.asked().len(), 2);
    }
}

#[test]
fn a_file_that_has_changed_in_between_comes_whole() {
    let (old, new) = (bytes(100_000), bytes(120_000).into_iter().rev().collect::<Vec<u8>>());
    let sent = new.clone();
    let server = Server::new(move |at, asked| match at {
        0 => Answer::Broken(tagged("\"old\""), old.clone(), 40_000),
        _ => rest_of(&sent, "\"new\"", asked),
    });
    let space = Space::new();
    run(&space, &server, &["--sha256", &sum(&new)]).succeeded();
    only(&space, &new);
    // It has become shorter than what is there.
    let (old, new) = (bytes(100_000), bytes(10_000));
    let sent = new.clone();
    let server = Server::new(move |at, asked| match at {
        0 => Answer::Broken(vec![], old.clone(), 40_000),
        _ => rest_of(&sent, "\"new\"", asked),
    });
    run(&space, &server, &["--sha256", &sum(&new)]).succeeded();
    only(&space, &new);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn weak_tags_promise_nothing() {
    let file = bytes(100_000);
    let sent = file.clone();
    let server = Server::new(move |at, _| match at {
        0 => Answer::Broken(tagged("W/\"one\""), sent.clone(), 40_000),
        _ => Answer::Whole(200, vec![], sent.clone()),
    });
    let space = Space::new();
    run(&space, &server, &[]).succeeded();
    only(&space, &file);
    assert!(server.asked()[1].header("range").is_none());
}

#[test]
fn a_part_that_was_not_asked_for_is_refused() {
    let file = bytes(1000);
    for range in ["bytes 10-999/1000", "bytes 500-999/1000"] {
        let sent = file.clone();
        let server = Server::new(move |at, asked| match at {
            0 if range.contains("500") => Answer::Broken(tagged("\"one\""), sent.clone(), 400),
            _ => {
                assert!(range.contains("10-") || asked.header("range") == Some("bytes=400-"));
                Answer::Whole(206, vec![format!("Content-Range: {range}")], sent[10..].to_vec())
            }
        });
        let space = Space::new();
        failed(&run(&space, &server, &[]), &["were asked for"]);
        assert!(!space.path("a.bin").exists());
    }
}

#[test]
fn files_without_end_are_given_up() {
    let space = Space::new();
    let endless = Server::new(|_, _| Answer::Endless);
    failed(&run(&space, &endless, &["--largest", "1MB"]), &["longer than the 1,000,000 bytes"]);
    let long = Server::new(|_, _| Answer::Broken(vec![], vec![0; 2_000_000], 10));
    failed(&run(&space, &long, &["--largest", "1MB"]), &["longer than"]);
    assert_eq!((endless.asked().len(), long.asked().len()), (1, 1));
    // Who does not say how long a file is, and breaks off, cannot be caught without a checksum; that is said.
    let unbounded = Server::new(|_, _| Answer::Unbounded(b"abc".to_vec()));
    let run = run(&space, &unbounded, &[]);
    run.succeeded();
    assert!(run.warnings()[0].contains("did not say how long"), "{run}");
    only(&space, b"abc");
}

#[test]
fn trouble_is_told() {
    let space = Space::new();
    let status = |status, words: &'static str| Server::new(move |_, _| Answer::Whole(status, vec![], words.into()));
    failed(&run(&space, &status(404, "<h1>No such file</h1>"), &[]), &["404 (Not Found): No such file"]);
    failed(&run(&space, &status(502, ""), &["--retries", "2"]), &["502 (Bad Gateway)", "given up after 3 tries"]);
    let circle = Server::new(|_, asked| Answer::redirect(&asked.path));
    failed(&run(&space, &circle, &[]), &["more than 5 times"]);
    let silent = Server::new(|_, _| Answer::Stalled(vec![], vec![0; 10], 0));
    failed(
        &run(&space, &silent, &["--timeout", "0.2", "--retries", "0"]),
        &["nothing came for 0.2 s; given up after 1 try"],
    );
    assert!(space.files().is_empty());
    space.refuses(&arguments("a.org/x", &[]), &["is no address"]);
    space.refuses(&arguments("file:///etc/passwd", &[]), &["only http and https"]);
    space.refuses(&arguments("https://a:b@a.org/x", &[]), &["a name or a password"]);
    space.refuses(&arguments("https://a.org/x", &["--sha256", "abc"]), &["64 hexadecimal digits"]);
    space.refuses(&["data", "fetch", "https://a.org/x", "-o", "-"], &["name a file with -o"]);
    space.refuses(&["data", "fetch", "https://a.org/x", "-o", "/dev/null"], &["is no plain file"]);
    space.refuses(&["data", "fetch", "https://a.org/x", "-o", "nowhere/a"], &["nowhere"]);
}

#[test]
fn an_empty_file_is_a_file() {
    let space = Space::new();
    let server = Server::new(|_, _| Answer::text(""));
    run(&space, &server, &["--sha256", &sum(b"")]).succeeded();
    only(&space, b"");
}

#[cfg(unix)]
#[test]
fn a_download_that_is_killed_or_interrupted_goes_on() {
    // What has come is written down every 64 MB, and at every end but that of a kill.
    for (signal, kept) in [("-INT", true), ("-KILL", false)] {
        let file = Arc::new(bytes(200_000));
        let sent = Arc::clone(&file);
        let server = Server::new(move |at, asked| match at {
            0 => Answer::Stalled(tagged("\"one\""), sent.to_vec(), 150_000),
            _ => rest_of(&sent, "\"one\"", asked),
        });
        let space = Space::new();
        let (url, sum) = (server.url("/a"), sum(&file));
        let arguments = arguments(&url, &["--sha256", &sum]);
        let mut command = space.command(&arguments);
        let child = command.envs(DIRECTLY).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let begin = Instant::now();
        let length = || space.path("a.bin.partial").metadata().map_or(0, |metadata| metadata.len());
        while length() < 150_000 && begin.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(100));
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let ended = Run::from_output(&child.wait_with_output().unwrap(), &arguments);
        if kept {
            failed(&ended, &["interrupted; 0.1 MB are kept in ", "to go on: lumenfold data fetch"]);
            space.refuses_with(&self::arguments(&server.url("/b"), &[]), &DIRECTLY, &["belongs to another download"]);
        }
        assert!(!space.path("a.bin").exists(), "{ended}");
        let run = space.run_with(&arguments, &DIRECTLY);
        run.succeeded();
        only(&space, &file);
        assert_eq!(server.asked()[1].header("range").is_some(), kept, "{run}");
    }
}

#[test]
fn certificates_that_cannot_be_read_are_told_before_anything_is_asked() {
    let space = Space::new();
    space.write("roots.pem", "no certificate");
    for (file, words) in [("roots.pem", "has no certificate in PEM"), ("nowhere.pem", "cannot be read")] {
        let run = space.run_with(&arguments("https://127.0.0.1:9/a", &[]), &[("SSL_CERT_FILE", file)]);
        run.refused(&["SSL_CERT_FILE", file, words]);
    }
    assert!(!space.path("a.bin.partial").exists());
}

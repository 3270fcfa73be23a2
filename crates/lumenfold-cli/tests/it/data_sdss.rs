//! `data sdss`, against a server of our own that knows a few dozen stars. No test asks a server on a network.

use std::time::{Duration, Instant};

use crate::server::{Answer, Asked, Server};
use crate::support::{Run, Space};

/// What every question must hold beside its number of rows and its place.
const QUERY: [&str; 2] = [
    "specObjID, ra, dec, z AS redshift, class, modelMag_u AS u, modelMag_g AS g, modelMag_r AS r, modelMag_i AS i, \
     modelMag_z AS z FROM SpecPhoto WHERE class IN ('STAR') AND modelMag_u BETWEEN 0 AND 30 AND modelMag_g BETWEEN 0 AND 30 \
     AND modelMag_r BETWEEN 0 AND 30 AND modelMag_i BETWEEN 0 AND 30 AND modelMag_z BETWEEN 0 AND 30",
    "ORDER BY specObjID",
];

const HEAD: &str = "#Table1\nspecObjID,ra,dec,redshift,class,u,g,r,i,z\n";

/// Loopback addresses are asked directly, whatever proxies the environment names.
const DIRECTLY: [(&str, &str); 2] = [("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")];

/// The key of a star; from the 20th on beyond 63 bits.
fn key(star: u64) -> u64 {
    if star < 20 { 299_489_952_322_840_576 + star * 4096 } else { 10_000_000_000_000_000_000 + star }
}

/// A line of the table.
fn star(star: u64) -> String {
    let redshift = if star.is_multiple_of(3) { "-8.96E-06".to_owned() } else { format!("0.000{star}") };
    let u = if star == 4 { "null".to_owned() } else { format!("{}.{star}", 15 + star % 9) };
    format!("{},{}.25,-1.04,{redshift},STAR,{u},18.2,17.9,17,16.{star}\n", key(star), 100 + star)
}

/// Answers the program's query from `count` stars, at most `most` of them at once.
fn sky(count: u64, most: usize, asked: &Asked) -> Answer {
    let sql = asked.parameter("cmd").unwrap();
    assert_eq!(asked.parameter("format").as_deref(), Some("csv"), "{asked:?}");
    let rest = sql.strip_prefix("SELECT TOP ").unwrap_or_else(|| panic!("{sql}"));
    let (rows, rest) = rest.split_once(' ').unwrap();
    let rest = rest.strip_prefix(QUERY[0]).unwrap_or_else(|| panic!("{sql}"));
    let rest = rest.trim().strip_suffix(QUERY[1]).unwrap_or_else(|| panic!("{sql}")).trim();
    let behind: u64 = rest.strip_prefix("AND specObjID > ").map_or(0, |key| key.parse().unwrap());
    let rows: usize = rows.parse().unwrap();
    let stars = (0..count).filter(|&star| key(star) > behind).take(rows.min(most)).map(star);
    Answer::text(HEAD.to_owned() + &stars.collect::<String>())
}

/// A server that knows `count` stars and fails as `trouble` says.
fn server(count: u64, trouble: impl Fn(usize, &Asked) -> Option<Answer> + Send + Sync + 'static) -> Server {
    Server::new(move |at, asked| trouble(at, asked).unwrap_or_else(|| sky(count, 1000, asked)))
}

fn arguments<'a>(server: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["data", "sdss", "--server", server, "--first-wait", "0.01", "--page-rows", "10", "--rows", "all"];
    let is_given = |name: &str| more.contains(&name);
    let fixed = fixed.chunks(2).filter(|pair| !is_given(pair[0])).flatten().copied();
    fixed.chain(more.iter().copied()).collect()
}

fn run(space: &Space, server: &Server, more: &[&str]) -> Run {
    space.run_with(&arguments(&server.address, more), &DIRECTLY)
}

fn done(space: &Space, server: &Server, more: &[&str]) -> Run {
    let run = run(space, server, more);
    run.succeeded();
    run
}

/// Status 1, one line of error that holds all of `words`, after lines about what was tried.
#[track_caller]
fn failed(run: &Run, words: &[&str]) {
    assert_eq!(run.status, Some(1), "{run}");
    let error = run.stderr.lines().last().unwrap();
    assert!(error.starts_with("error: ") && !run.stderr.contains("panicked"), "{run}");
    for word in words {
        assert!(error.contains(word), "{run}does not say {word:?}");
    }
}

/// What is expected of `count` stars.
fn table(count: u64) -> String {
    let line = |at: u64| {
        let cells: Vec<String> = star(at).trim().split(',').map(str::to_owned).collect();
        let text = |at: usize| cells[at].clone();
        let number = |at: usize| cells[at].parse::<f64>().map_or(String::new(), |value| format!("{value:?}"));
        let cells: Vec<String> = (0..10).map(|at| if at == 0 || at == 4 { text(at) } else { number(at) }).collect();
        cells.join(",") + "\n"
    };
    HEAD.lines().nth(1).unwrap().to_owned() + "\n" + &(0..count).map(line).collect::<String>()
}

/// The numbers of a written table, whatever their form.
fn same_table(found: &str, expected: &str) {
    let cells = |text: &str| -> Vec<Vec<String>> {
        let plain = |cell: &str| match cell.parse::<f64>() {
            // Keys are compared as they are.
            Ok(value) if cell.len() < 17 => format!("{value:?}"),
            _ => cell.trim_matches('"').to_owned(),
        };
        text.lines().map(|line| line.split(',').map(plain).collect()).collect()
    };
    assert_eq!(cells(found), cells(expected));
}

#[test]
fn all_pages_are_one_table_in_any_format() {
    let space = Space::new();
    let server = server(25, |_, _| None);
    let run = done(&space, &server, &["-o", "a.csv", "--json"]);
    same_table(&space.text("a.csv"), &table(25));
    // Three pages, and one without rows: only that is an end.
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert_eq!(asked[0].parameter("cmd").unwrap(), format!("SELECT TOP 10 {} {}", QUERY[0], QUERY[1]));
    let third = format!("SELECT TOP 10 {} AND specObjID > {} {}", QUERY[0], key(19), QUERY[1]);
    assert_eq!(asked[2].parameter("cmd").unwrap(), third);
    assert!(asked[0].header("user-agent").unwrap().starts_with("lumenfold/"), "{asked:?}");
    assert!(asked[0].header("cookie").is_none() && asked[0].header("authorization").is_none(), "{asked:?}");
    let told = run.json();
    assert_eq!((&told["rows"], &told["pages"], &told["output"]), (&25.into(), &3.into(), &"a.csv".into()), "{run}");
    for words in ["wrote a.csv: 25 rows", "acknowledge SDSS", "Sloan Digital Sky Survey V ", "citing-sdss"] {
        assert!(run.stderr.contains(words), "{run}");
    }
    // The same bytes, by way of any other format.
    for name in ["a.parquet", "a.npz", "a.tsv.gz"] {
        done(&space, &server, &["-o", name]);
        space.done(&["convert", name, "-o", "back.csv"]);
        assert_eq!(space.text("back.csv"), space.text("a.csv"), "{name}");
    }
    let to_stdout = done(&space, &server, &["-o", "-"]);
    assert_eq!(to_stdout.text(), space.text("a.csv"));
    let names: Vec<_> = space.files().into_keys().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 5, "something was left behind: {names:?}");
    // What comes of it can be learnt from.
    space.done(&["inspect", "a.parquet"]);
}

#[test]
fn only_as_many_rows_as_are_wanted() {
    let space = Space::new();
    let server = server(40, |_, _| None);
    done(&space, &server, &["-o", "a.csv", "--rows", "15"]);
    same_table(&space.text("a.csv"), &table(15));
    let tops: Vec<String> =
        server.asked().iter().map(|asked| asked.parameter("cmd").unwrap()[..14].to_owned()).collect();
    assert_eq!(tops, ["SELECT TOP 10 ", "SELECT TOP 5 s"]);
}

#[test]
fn a_server_that_cuts_its_answers_does_not_cut_the_table() {
    let space = Space::new();
    let server = Server::new(|_, asked| sky(25, 3, asked));
    done(&space, &server, &["-o", "a.csv"]);
    same_table(&space.text("a.csv"), &table(25));
}

#[test]
fn no_trouble_that_passes_is_to_be_seen_in_the_table() {
    let body = HEAD.to_owned() + &(10..20).map(star).collect::<String>();
    let page = |status, text: &str| Answer::Whole(status, vec!["Content-Type: text/html".to_owned()], text.into());
    let error_page = "<html><title>Skyserver Error</title><h2>An error occured</h2></html>";
    let troubles: Vec<(&str, Answer, &str)> = vec![
        ("500", page(500, "<h1>Server Error</h1>"), "answered 500 (Internal Server Error): Server Error"),
        ("503", Answer::Whole(503, vec![], vec![]), "answered 503 (Service Unavailable), without a word"),
        ("429", Answer::Whole(429, vec!["Retry-After: 0".to_owned()], b"60 queries".to_vec()), "60 queries"),
        ("an error with 200", page(200, error_page), "SkyServer says: Skyserver Error An error occured"),
        ("JSON with 200", Answer::text("{\"Error Message\":\"Timeout expired\"}"), "SkyServer says: Timeout expired"),
        ("a broken line", Answer::Broken(vec![], body.clone().into(), 300), "broke off"),
        ("broken chunks", Answer::BrokenChunks(body[..300].into()), "broke off"),
        ("an end within a line", Answer::Unbounded(body[..body.len() - 3].into()), "may have been broken off"),
        ("no answer", Answer::Nothing, "127.0.0.1"),
        ("no HTTP", Answer::Raw(b"\x00\x01\x02 hello\r\n\r\n".to_vec()), "127.0.0.1"),
        ("silence", Answer::Silence, "nothing came for 2.0 s"),
        ("silence in the middle", Answer::Stalled(vec![], body.clone().into(), 200), "nothing came for 2.0 s"),
        ("garbage", Answer::text(b"\xff\xfe\x00\x01\x02".to_vec()), "not the table that was asked for"),
        ("nothing in it", Answer::text(""), "empty"),
        ("half a row", Answer::text(body[..body.len() - 8].to_owned() + "\n"), "not the table that was asked for"),
    ];
    for (name, answer, words) in troubles {
        let space = Space::new();
        let server = server(25, move |at, _| (at == 1).then(|| answer.clone()));
        let run =
            done(&space, &server, &["-o", "a.csv", "--timeout", if name.starts_with("silence") { "2" } else { "60" }]);
        same_table(&space.text("a.csv"), &table(25));
        assert_eq!(server.asked().len(), 5, "{name}: {run}");
        assert_eq!(server.asked()[1], server.asked()[2], "{name}: {run}");
        assert!(run.stderr.contains(words) && run.stderr.contains("asking again in"), "{name}: {run}");
    }
}

#[test]
fn trouble_that_does_not_pass_is_told_with_the_words_of_the_server() {
    let space = Space::new();
    space.write("a.csv", "what was there before");
    let before = space.files();
    let silent = |answer: Answer| server(25, move |_, _| Some(answer.clone()));
    let status = |status, words: &str| silent(Answer::Whole(status, vec![], words.into()));
    for (server, asked, words) in [
        (
            status(500, "<p>out of &lt;memory&gt;</p>"),
            3,
            "answered 500 (Internal Server Error): out of <memory>; given up after 3",
        ),
        (status(500, "Invalid column name 'modelMag_u'."), 1, "Invalid column name"),
        (status(400, "{\"Error Message\":\"Incorrect syntax near 'TOP'.\"}"), 1, "Incorrect syntax near 'TOP'."),
        (status(404, ""), 1, "404 (Not Found)"),
        (status(403, "\u{1b}[2Jno"), 1, "\\u{1b}[2Jno"),
        (silent(Answer::Silence), 3, "nothing came for 1.0 s; given up after 3 tries"),
        (silent(Answer::Endless), 1, "longer than"),
        (silent(Answer::Broken(vec![], vec![b'x'; 1 << 20], 5)), 1, "longer than"),
        (silent(Answer::redirect("/")), 6, "more than 5 times"),
        (silent(Answer::redirect("ftp://127.0.0.1/")), 1, "127.0.0.1"),
    ] {
        let begin = Instant::now();
        let run = run(
            &space,
            &server,
            &["-o", "a.csv", "--timeout", if words.contains("nothing came") { "1" } else { "60" }, "--retries", "2"],
        );
        failed(&run, &[words]);
        assert_eq!(server.asked().len(), asked, "{run}");
        assert!(begin.elapsed() < Duration::from_secs(20), "{run}");
        assert!(before == space.files(), "{run}changed the directory");
    }
    // Nobody listens.
    let nobody = "http://127.0.0.1:9";
    let run = space.run_with(&arguments(nobody, &["-o", "a.csv", "--retries", "1"]), &DIRECTLY);
    failed(&run, &["127.0.0.1:9", "given up after 2 tries"]);
    assert!(before == space.files(), "{run}changed the directory");
}

#[test]
fn an_address_that_leads_to_another_is_followed() {
    let space = Space::new();
    let other = std::sync::Arc::new(server(5, |_, _| None));
    let address = other.address.clone();
    let server = Server::new(move |_, asked| Answer::redirect(&format!("{address}{}", asked.path)));
    done(&space, &server, &["-o", "a.csv"]);
    same_table(&space.text("a.csv"), &table(5));
    assert_eq!(other.asked().len(), 2);
}

#[test]
fn a_server_is_left_alone_as_long_as_it_asks() {
    let space = Space::new();
    let busy = |wait: &'static str| {
        server(5, move |at, _| {
            (at == 0).then(|| Answer::Whole(429, vec![format!("Retry-After: {wait}")], b"too many queries".to_vec()))
        })
    };
    let begin = Instant::now();
    let run = done(&space, &busy("1"), &["-o", "a.csv"]);
    assert!(begin.elapsed() >= Duration::from_secs(1) && run.stderr.contains("asking again in 1.0 s"), "{run}");
    let run = self::run(&space, &busy("7200"), &["-o", "b.csv"]);
    failed(&run, &["too many queries", "2:00:00"]);
    // A date that is over.
    let begin = Instant::now();
    done(&space, &busy("Sun, 06 Nov 1994 08:49:37 GMT"), &["-o", "b.csv"]);
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn an_interrupted_download_goes_on_behind_its_last_row() {
    let space = Space::new();
    let broken = server(45, |at, _| (at >= 2).then(|| Answer::Whole(500, vec![], b"gone".to_vec())));
    let run = run(&space, &broken, &["-o", "a.csv", "--retries", "1"]);
    failed(
        &run,
        &[
            "gone; given up after 2 tries; 20 rows are kept in ",
            "a.csv.partial; to go on: lumenfold data sdss --server",
        ],
    );
    assert!(!space.path("a.csv").exists() && space.path("a.csv.partial.json").exists());
    // Who asks something else is refused, and nothing is lost.
    for more in [
        &["--classes", "qso"][..],
        &["--faintest", "22"],
        &["--rows", "30"],
        &["--page-rows", "7"],
        &["--sql", "SELECT 1 AS x"],
    ] {
        let arguments: Vec<&str> = arguments(&broken.address, &[more, &["-o", "a.csv"]].concat());
        let arguments: Vec<&str> = if more[0] == "--sql" {
            vec!["data", "sdss", "--server", &broken.address, "--sql", "SELECT 1 AS x", "-o", "a.csv"]
        } else {
            arguments
        };
        space.refuses_with(&arguments, &DIRECTLY, &["belongs to another download", "SELECT TOP 10", "--anew"]);
    }
    let elsewhere = server(45, |_, _| None);
    space.refuses_with(&arguments(&elsewhere.address, &["-o", "a.csv"]), &DIRECTLY, &["belongs to another download"]);
    assert!(elsewhere.asked().is_empty());

    // The same command, at a server that has recovered, and with bytes behind those that are spoken of.
    let mended = Server::new(|_, asked| sky(45, 1000, asked));
    let state = space.text("a.csv.partial.json").replace(&broken.address, &mended.address);
    space.write("a.csv.partial.json", state);
    space.write("a.csv.partial", space.text("a.csv.partial") + "299489952322");
    let run = done(&space, &mended, &["-o", "a.csv"]);
    assert!(run.stderr.contains("going on behind the 20 rows"), "{run}");
    assert!(mended.asked()[0].parameter("cmd").unwrap().contains(&format!("specObjID > {} ", key(19))), "{run}");
    assert_eq!(mended.asked().len(), 4);
    same_table(&space.text("a.csv"), &table(45));
    assert_eq!(space.files().len(), 1, "{run}something was left behind");
}

#[test]
fn what_is_kept_is_not_believed_blindly() {
    let space = Space::new();
    let server = server(45, |at, _| (at == 2).then(|| Answer::Whole(404, vec![], vec![])));
    failed(&run(&space, &server, &["-o", "a.csv"]), &["20 rows are kept"]);
    let (rows, state) = (space.text("a.csv.partial"), space.text("a.csv.partial.json"));
    let again = arguments(&server.address, &["-o", "a.csv"]);
    space.write("a.csv.partial", &rows[..100]);
    space.refuses_with(&again, &DIRECTLY, &["a.csv.partial: has 100 bytes of the ", "--anew"]);
    space.write("a.csv.partial", &rows);
    for text in ["", "{", "[]", "{\"version\":1}", &state.replace("\"rows\"", "\"lines\"")] {
        space.write("a.csv.partial.json", text);
        space.refuses_with(&again, &DIRECTLY, &["a.csv.partial.json: does not describe", "--anew"]);
    }
    // A row that was lost in between is noticed when the table is written.
    let short = rows.lines().filter(|line| !line.starts_with(&key(7).to_string())).map(|line| format!("{line}\n"));
    let short: String = short.collect();
    let lost = rows.len() - short.len();
    space.write("a.csv.partial", short.clone() + &" ".repeat(lost - 1) + "\n");
    space.write("a.csv.partial.json", &state);
    let run = space.run_with(&again, &DIRECTLY);
    assert!(run.status == Some(1) && run.stderr.contains("and 45 had come"), "{run}");
    assert!(!space.path("a.csv").exists(), "{run}");
    // Anew, all is well.
    done(&space, &server, &["-o", "a.csv", "--anew"]);
    same_table(&space.text("a.csv"), &table(45));
    assert_eq!(space.files().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_part_leads_nowhere() {
    let space = Space::new();
    let server = server(5, |_, _| None);
    space.write("precious", "bytes");
    std::os::unix::fs::symlink("precious", space.path("a.csv.partial")).unwrap();
    space.refuses_with(&arguments(&server.address, &["-o", "a.csv"]), &DIRECTLY, &["a.csv.partial: is no plain file"]);
    assert!(server.asked().is_empty());
}

#[cfg(unix)]
#[test]
fn a_download_that_is_killed_or_interrupted_goes_on() {
    for signal in ["-KILL", "-INT"] {
        let space = Space::new();
        let server = server(35, |at, _| (at == 2).then(|| Answer::Stalled(vec![], vec![b'x'; 100], 50)));
        let arguments = arguments(&server.address, &["-o", "a.csv", "--timeout", "60"]);
        let mut command = space.command(&arguments);
        command.envs(DIRECTLY).stderr(std::process::Stdio::piped());
        let child = command.spawn().unwrap();
        server.wait_for(3);
        std::thread::sleep(Duration::from_millis(200));
        let begin = Instant::now();
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let ended = Run::from_output(&child.wait_with_output().unwrap(), &arguments);
        assert!(begin.elapsed() < Duration::from_secs(5), "{ended}");
        if signal == "-INT" {
            failed(&ended, &["interrupted; 20 rows are kept in ", "to go on: lumenfold data sdss"]);
        }
        assert!(!space.path("a.csv").exists(), "{ended}");
        let run = space.run_with(&arguments, &DIRECTLY);
        run.succeeded();
        assert!(run.stderr.contains("going on behind the 20 rows"), "{run}");
        same_table(&space.text("a.csv"), &table(35));
        assert_eq!(space.files().len(), 1, "{run}something was left behind");
    }
}

#[cfg(unix)]
#[test]
fn two_runs_do_not_write_one_file() {
    let space = Space::new();
    let server = server(35, |at, _| (at == 1).then(|| Answer::Stalled(vec![], vec![b'x'; 100], 50)));
    let arguments = arguments(&server.address, &["-o", "a.csv", "--timeout", "60"]);
    let mut command = space.command(&arguments);
    let mut child = command.envs(DIRECTLY).stderr(std::process::Stdio::null()).spawn().unwrap();
    server.wait_for(2);
    space.refuses_with(&arguments, &DIRECTLY, &["a.csv.partial: is being written by another run"]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_query_of_ones_own_is_asked_once_and_as_it_is() {
    let space = Space::new();
    let own = |body: &'static str| Server::new(move |_, _| Answer::text(body));
    let server = own("#Table1\nplate,fiberID,snr\n266,1,10.5\n266,2,null\n");
    let sql = "SELECT plate, fiberID, 'é;%+&' AS snr\nFROM SpecObj WHERE snr > 3";
    space.write("query.sql", format!("  {sql} ;\n"));
    let ask = |more: &[&str], server: &Server| {
        space.run_with(
            &[&["data", "sdss", "--server", &server.address, "--first-wait", "0.01"], more].concat(),
            &DIRECTLY,
        )
    };
    for (given, output) in [(sql, "a.csv"), ("query.sql", "b.csv"), (sql, "c.npy")] {
        let run = ask(&["--sql", given, "-o", output], &server);
        run.succeeded();
        assert_eq!(server.asked().last().unwrap().parameter("cmd").unwrap(), sql, "{run}");
    }
    assert_eq!(server.asked().len(), 3);
    assert_eq!(space.text("a.csv"), "plate,fiberID,snr\n266,1,10.5\n266,2,\n");
    assert_eq!(space.text("b.csv"), space.text("a.csv"));
    let files = space.files();
    for body in ["#Table1\na,b\n", "No objects have been found"] {
        ask(&["--sql", sql, "-o", "z.csv"], &own(body)).refused(&["no rows"]);
    }
    failed(
        &ask(&["--sql", sql, "-o", "z.csv"], &own("#Table1\nerror_message\n\"Must declare @x\"\n")),
        &["Must declare @x"],
    );
    let wrong = ask(&["--sql", sql, "-o", "z.csv", "--retries", "1"], &own("a,b\n1,2\n3\n"));
    failed(&wrong, &["not the table that was asked for: row 2", "given up after 2 tries"]);
    assert!(files == space.files());
}

#[test]
fn answers_to_another_question_are_refused() {
    let row = |key: u64| format!("{key},1.5,2.5,0.1,STAR,1,2,3,4,5\n");
    for (body, words) in [
        (HEAD.to_owned() + &row(7) + &row(6), "row 2: the rows are not in the order of specObjID"),
        (HEAD.to_owned() + &row(7) + &row(7), "row 2: the rows are not in the order of specObjID"),
        (HEAD.to_owned() + &row(7).replace('7', "7.5"), "no specObjID"),
        (HEAD.to_owned() + &row(7).replace("1.5", "north"), "the column ra is not of numbers"),
        (
            HEAD.replace(",r,", ",R2,") + &row(7),
            "it has the columns specObjID, ra, dec, redshift, class, u, g, R2, i, z",
        ),
        (HEAD.to_owned() + &(1..=11).map(row).collect::<String>(), "it has 11 rows, and at most 10 were asked for"),
    ] {
        let space = Space::new();
        let server = Server::new(move |_, _| Answer::text(body.clone()));
        failed(&run(&space, &server, &["-o", "a.csv"]), &[words]);
        assert_eq!(server.asked().len(), 1);
        assert!(space.files().is_empty());
    }
    // The same page again and again would be a table without end.
    let space = Space::new();
    let server = Server::new(move |_, _| Answer::text(HEAD.to_owned() + &star(0)));
    failed(&run(&space, &server, &["-o", "a.csv"]), &["not in the order"]);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let space = Space::new();
    let none = server(0, |_, _| None);
    space.refuses_with(&arguments(&none.address, &["-o", "a.csv"]), &DIRECTLY, &["no object within these limits"]);
    let refuses = |more: &[&str], words: &[&str]| space.refuses(&[&["data", "sdss"], more].concat(), words);
    refuses(&[], &["--output"]);
    refuses(&["-o", "a.npy"], &["a.npy", "numbers only"]);
    refuses(&["-o", "a.docx"], &["docx"]);
    refuses(&["-o", "nowhere/a.csv"], &["nowhere"]);
    refuses(&["-o", "-", "--json"], &["--json"]);
    refuses(&["-o", "a.csv", "--rows", "0"], &["is no number of rows"]);
    refuses(&["-o", "a.csv", "--classes", "planet"], &["planet"]);
    refuses(&["-o", "a.csv", "--magnitudes", "fibre"], &["fibre"]);
    refuses(&["-o", "a.csv", "--faintest", "10", "--brightest", "20"], &["nothing in between"]);
    refuses(&["-o", "a.csv", "--faintest", "nan"], &["is no magnitude"]);
    refuses(&["-o", "a.csv", "--release", "dr7"], &["dr12 or later"]);
    refuses(&["-o", "a.csv", "--server", "ftp://a.org/"], &["only http and https"]);
    refuses(&["-o", "a.csv", "--server", "https://me:secret@a.org/"], &["a name or a password"]);
    refuses(&["-o", "a.csv", "--sql", "stars.sql"], &["neither a file nor a query"]);
    refuses(&["-o", "a.csv", "--sql", "SELECT 1", "--rows", "5"], &["--rows"]);
    refuses(&["-o", "a.csv", "--page-rows", "500001"], &["500000"]);
    refuses(&["-o", "a.csv", "--timeout", "0"], &["is no time"]);
    let long = format!("SELECT {}", "x, ".repeat(10_000));
    refuses(&["-o", "a.csv", "--sql", &long], &["shorten the query"]);
}

#[test]
fn the_query_can_be_seen_without_asking_anybody() {
    let space = Space::new();
    let run = space.done(&[
        "data",
        "sdss",
        "--print-query",
        "--classes",
        "qso,star",
        "--magnitudes",
        "psf",
        "--faintest",
        "21.5",
    ]);
    let text = run.text();
    for words in [
        "SELECT TOP 50000 specObjID",
        "psfMag_u AS u",
        "('STAR', 'QSO')",
        "psfMag_z BETWEEN 0 AND 21.5 ORDER BY specObjID\n",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert!(space.files().is_empty());
}

//! `fit --for anomalies` and `score`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, Stdio};

use crate::support::Space;

const FIT: [&str; 9] = ["fit", "stars.csv", "--columns", "u,g,r,i,z", "--for", "anomalies", "--members", "2", "-o"];

/// Stars, and a model of two members that judges them.
fn with_detector() -> Space {
    let space = Space::with_stars();
    let mut arguments = FIT.to_vec();
    arguments.extend(["odd.model", "--epochs", "5"]);
    space.done(&arguments);
    space
}

#[test]
fn rows_are_judged_in_their_order_from_files_and_pipes() {
    let space = with_detector();
    let run = space.done(&["score", "odd.model", "stars.csv", "-o", "s.csv", "--keep", "id", "--false-alarms", "0.2"]);
    assert!(run.stderr.contains("are outliers") && run.stderr.contains("20.00 %"), "{run}");
    let text = space.text("s.csv");
    assert_eq!(text.lines().next(), Some("score,p_value,outlier,id"));
    assert_eq!(text.lines().count(), space.text("stars.csv").lines().count());
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let p_value: f64 = cells[1].parse().expect("a p-value");
        assert!(p_value > 0.0 && p_value <= 1.0 && cells[2] == (p_value <= 0.2).to_string(), "{line}");
    }
    let arguments = ["score", "odd.model", "-", "-o", "-", "--keep", "id", "--false-alarms", "0.2", "--threads", "1"];
    let piped = space.run_fed(&arguments, &space.read("stars.csv"));
    piped.succeeded();
    assert!(piped.text() == text);
    space.done(&["convert", "stars.csv", "-o", "stars.parquet"]);
    space.done(&["score", "odd.model", "stars.parquet", "-o", "p.csv", "--keep", "id", "--false-alarms", "0.2"]);
    assert!(space.text("p.csv") == text);
}

#[test]
fn reasons_stand_beside_the_scores() {
    let space = with_detector();
    space.done(&["score", "odd.model", "stars.csv", "-o", "s.csv", "--explain", "--false-alarms", "0.2"]);
    let text = space.text("s.csv");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    assert_eq!(&header[3..6], ["u_share", "u_expected", "u_uncertainty"]);
    assert_eq!(header.len(), 3 + 3 * 5);
    for line in lines {
        let cells: Vec<f64> = line.split(',').skip(3).map(|cell| cell.parse().expect("a number")).collect();
        let shares: f64 = cells.iter().step_by(3).sum();
        assert!((shares - 1.0).abs() < 1e-6, "{line}");
    }
}

#[test]
fn discoveries_are_fewer_than_alarms() {
    let space = with_detector();
    let outliers = |option: &str| {
        space.done(&["score", "odd.model", "stars.csv", "-o", "s.csv", option, "0.5"]);
        space.text("s.csv").lines().filter(|line| line.ends_with(",true")).count()
    };
    let alarms = outliers("--false-alarms");
    assert!(alarms > 0 && outliers("--false-discoveries") <= alarms);
}

#[test]
fn known_anomalies_tell_how_well_they_are_found_beside_baselines() {
    let space = with_detector();
    // Every tenth row is moved far from what stars look like, and says so in words and numbers.
    let text = space.text("stars.csv");
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    let g = header.split(',').position(|name| name == "g").expect("a column");
    let mut made = format!("{header},odd,kind\n");
    for (row, line) in lines.enumerate() {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        let odd = row % 10 == 0;
        if odd {
            cells[g] = (cells[g].parse::<f64>().expect("a number") + 8.0).to_string();
        }
        made += &format!("{},{},{}\n", cells.join(","), u8::from(odd), if odd { "odd" } else { "star" });
    }
    space.write("known.csv", made);
    for label in ["odd", "kind=odd,strange"] {
        let run = space.done(&["score", "odd.model", "known.csv", "-o", "s.csv", "--baselines", "--label", label]);
        assert!(run.stderr.contains("area under the ROC curve") && run.stderr.contains("isolation_forest 0."), "{run}");
        let area = run.stderr.split("score ").nth(1).and_then(|rest| rest.split(',').next()).expect("an area");
        assert!(area.parse::<f64>().is_ok_and(|area| area > 0.9), "{run}");
        let header = space.text("s.csv").lines().next().map(str::to_owned);
        assert_eq!(header.as_deref(), Some("score,p_value,outlier,pca,isolation_forest,nearest_neighbours"));
    }
    let label = |label: &'static str| ["score", "odd.model", "known.csv", "-o", "s.csv", "--label", label];
    space.refuses(&label("kind"), &["--label kind", "kind=VALUE"]);
    space.refuses(&label("nothing"), &["nothing"]);
    let run = space.done(&label("kind=unheard of"));
    assert!(run.stderr.contains("it takes both"), "{run}");
    space.done(&["report", "odd.model", "known.csv", "-o", "r.html"]);
    let page = space.text("r.html");
    assert!(page.contains("\"anomalies\":{\"measures\"") && page.contains("\"expected\""));
}

#[test]
fn rows_that_lack_a_value_keep_their_place() {
    let space = with_detector();
    let mut lines: Vec<String> = space.text("stars.csv").lines().map(str::to_owned).collect();
    let at = lines[0].split(',').position(|name| name == "g").expect("a column");
    let mut cells: Vec<&str> = lines[3].split(',').collect();
    cells[at] = "";
    lines[3] = cells.join(",");
    space.write("gaps.csv", lines.join("\n") + "\n");
    space.refuses(&["score", "odd.model", "gaps.csv", "-o", "s.csv"], &["gaps.csv", "row 3", "column \"g\""]);
    let run =
        space.done(&["score", "odd.model", "gaps.csv", "-o", "s.csv", "--missing", "skip", "--false-alarms", "0.2"]);
    assert!(run.stderr.contains("keep their place"), "{run}");
    assert_eq!(space.text("s.csv").lines().nth(3), Some(",,"));
}

#[test]
fn what_cannot_be_judged_is_refused_with_what_to_do() {
    let space = with_detector();
    space.fit("stars.csv", "plain.model", &["--columns", "u,g,r,i,z"]);
    space.refuses(&["score", "plain.model", "stars.csv", "-o", "s.csv"], &["plain.model", "--for anomalies"]);
    let rate = |option, rate| ["score", "odd.model", "stars.csv", "-o", "s.csv", option, rate];
    space.refuses(&rate("--false-alarms", "1e-5"), &["--false-alarms", "99999 rows", "larger"]);
    space.refuses(&rate("--false-discoveries", "1e-5"), &["--false-discoveries", "99999 rows"]);
    for wrong in ["0", "1", "nan"] {
        space.refuses(&rate("--false-alarms", wrong), &["--false-alarms", "between 0 and 1"]);
    }
    space.refuses(&rate("--by", "isolation"), &["--by", "residual, mahalanobis, density, latent, chi2"]);
    space.refuses(&rate("--by", "density,density"), &["--by", "twice"]);
    space.refuses(&rate("--columns", "u,g"), &["stars.csv", "2"]);
    space.refuses(&rate("--columns", "u,g,r,i,nothing"), &["stars.csv", "nothing"]);
    space.refuses(&rate("--missing", "mask"), &["--missing mask"]);
    space.write("other.csv", "a,b\n1,2\n");
    space.refuses(&["score", "odd.model", "other.csv", "-o", "s.csv"], &["other.csv", "\"u\""]);
    space.write(
        "net.toml",
        "encoder = [{ layer = \"dense\", outputs = 8 }, { layer = \"dense\", outputs = 2 }]\ndecoder = [{ layer = \"dense\", outputs = 5 }]\n",
    );
    let fit = |more: &[&'static str]| [&FIT[..], &["new.model"], more].concat();
    for (more, words) in [
        (&["--resume"][..], &["--resume"][..]),
        (&["--kind", "variational"], &["--kind"]),
        (&["--validation", "0"], &["--validation", "calibrate"]),
        (&["--trim", "1"], &["--trim"]),
        (&["--members", "0"], &["--members"]),
        (&["--widths", "0.5,2"], &["--widths", "members"]),
        (&["--widths", "100"], &["--widths", "10"]),
        (&["--widths", "0.5", "--net", "net.toml", "--latent", "2"], &["--widths", "--net"]),
    ] {
        space.refuses(&fit(more), words);
    }
    space.refuses(&["fit", "stars.csv", "--members", "3", "-o", "new.model"], &["--members", "--for anomalies"]);
    space.refuses(&["fit", "stars.csv", "--for", "fun", "-o", "new.model"], &["--for", "anomalies"]);
    space.refuses(&["fit", "stars.csv", "--widths", "2", "-o", "new.model"], &["--widths", "--for anomalies"]);
}

/// Stars with the columns `eu` to `ez` behind them: the standard error of each magnitude, 0.01 to 0.3.
fn stars_with_errors(space: &Space) -> String {
    let text = space.text("stars.csv");
    let mut lines = text.lines();
    let mut made = format!("{},eu,eg,er,ei,ez\n", lines.next().expect("a header"));
    for (row, line) in lines.enumerate() {
        let errors = (0..5).map(|band| format!("{}", 0.01 + 0.01 * ((7 * row + 3 * band) % 30) as f64));
        made += &format!("{line},{}\n", errors.collect::<Vec<_>>().join(","));
    }
    made
}

#[test]
fn chi2_takes_errors_from_columns_and_files() {
    let space = Space::with_stars();
    space.write("measured.csv", stars_with_errors(&space));
    let errors = ["--errors", "eu,eg,er,ei,ez"];
    let fit =
        ["fit", "measured.csv", "--columns", "u,g,r,i,z", "--for", "anomalies", "--members", "2", "--epochs", "5"];
    let run = space.done(&[&fit[..], &errors[..], &["-o", "odd.model"]].concat());
    assert!(run.stderr.contains("by chi2") && run.stderr.contains("--errors eu,eg,er,ei,ez --explain"), "{run}");
    let score = ["score", "odd.model", "measured.csv", "--false-alarms", "0.2", "-o", "s.csv"];
    space.done(&[&score[..], &errors, &["--explain"]].concat());
    let text = space.text("s.csv");
    assert_eq!(text.lines().next().map(|header| header.starts_with("score,p_value,outlier,u_share")), Some(true));

    // A file of the errors alone, of as many rows.
    let table = space.text("measured.csv");
    let alone =
        |line: &str| line.rsplitn(6, ',').take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(",");
    space.write("errors.csv", table.lines().map(|line| alone(line) + "\n").collect::<String>());
    space.done(&[&score[..], &["--errors", "errors.csv", "--explain"]].concat());
    assert!(space.text("s.csv") == text);

    // Where all is known less well, less is unusual.
    let outliers = |errors: &str| {
        space.done(&[&score[..], &["--errors", errors]].concat());
        space.text("s.csv").lines().filter(|line| line.ends_with(",true")).count()
    };
    let vague: String =
        table.lines().enumerate().map(|(at, _)| if at == 0 { "a,b,c,d,e\n" } else { "9,9,9,9,9\n" }).collect();
    space.write("vague.csv", vague);
    assert_eq!(outliers("vague.csv"), 0);
    assert!(outliers("eu,eg,er,ei,ez") > 0);

    // Other measures need none, and a report of rows without errors tells those.
    space.done(&[&score[..], &["--by", "mahalanobis,density"]].concat());
    space.done(&["report", "odd.model", "measured.csv", "-o", "r.html"]);
    assert!(space.text("r.html").contains("\"anomalies\":{\"measures\":[\"mahalanobis\",\"density\"]"));
}

#[test]
fn chi2_without_errors_is_refused_with_what_to_do() {
    let space = with_detector();
    space.write("measured.csv", stars_with_errors(&space));
    let errors = ["--errors", "eu,eg,er,ei,ez"];
    let mut fit = FIT.to_vec();
    fit[1] = "measured.csv";
    space.done(&[&fit[..], &["chi2.model", "--epochs", "2"], &errors].concat());
    let score = ["score", "chi2.model", "measured.csv", "-o", "s.csv", "--false-alarms", "0.2"];
    space.refuses(&score, &["measured.csv", "chi2", "--errors", "--by"]);
    space.refuses(&[&score[..], &["--errors", "eu,eg"]].concat(), &["measured.csv", "5", "2"]);
    space.refuses(&[&score[..], &["--errors", "eu,eg,er,ei,nothing"]].concat(), &["nothing"]);
    space.refuses(&[&score[..], &errors, &["--by", "density"]].concat(), &["--errors", "density", "--by chi2"]);
    space.write("zero.csv", space.text("measured.csv").replace(",0.01,", ",0,"));
    let zero = ["score", "chi2.model", "zero.csv", "-o", "s.csv", "--errors", "eu,eg,er,ei,ez"];
    space.refuses(&zero, &["zero.csv", "row", "column"]);
    let blind = ["score", "odd.model", "measured.csv", "-o", "s.csv"];
    space.refuses(&[&blind[..], &["--by", "chi2"]].concat(), &["--by", "chi2", "--errors"]);
    space.refuses(&[&blind[..], &errors].concat(), &["--errors", "--by chi2"]);
    space.refuses(&[&FIT[..], &["new.model", "--by", "chi2"]].concat(), &["--by", "chi2", "--errors"]);
}

#[test]
fn each_row_of_a_pipe_is_judged_when_it_comes() {
    let space = with_detector();
    let score = ["score", "odd.model", "-", "-o", "-", "--keep", "id", "--false-alarms", "0.2"];
    let text = space.text("stars.csv");
    let expected = {
        let mut file = score;
        file[2] = "stars.csv";
        space.done(&file).text()
    };
    let mut child = space
        .command(&score)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = text.lines();
    let mut next = |input: &mut ChildStdin| {
        let line = lines.next().expect("a line");
        input.write_all(format!("{line}\n").as_bytes()).expect("written");
    };
    let mut found = String::new();
    next(&mut input);
    next(&mut input);
    // The header and the first row, and then a row for each: nothing comes before it is asked for.
    output.read_line(&mut found).expect("a header");
    output.read_line(&mut found).expect("a row");
    for _ in 0..5 {
        next(&mut input);
        output.read_line(&mut found).expect("a row");
    }
    assert!(expected.starts_with(&found) && found.lines().count() == 7, "{found}");
    // A line in two halves.
    let line = lines.next().expect("a line");
    let (half, rest) = line.split_at(line.len() / 2);
    for part in [half, rest, "\n"] {
        input.write_all(part.as_bytes()).expect("written");
    }
    output.read_line(&mut found).expect("a row");
    for line in lines {
        input.write_all(format!("{line}\n").as_bytes()).expect("written");
    }
    drop(input);
    output.read_to_string(&mut found).expect("the rest");
    assert!(found == expected);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn rows_of_a_pipe_are_refused_with_their_number() {
    let space = with_detector();
    let score = ["score", "odd.model", "-", "-o", "-", "--false-alarms", "0.2"];
    let text = space.text("stars.csv");
    let mut lines: Vec<&str> = text.lines().collect();
    let words: Vec<&str> = lines[190].split(',').map(|_| "one").collect();
    let (before, words) = (lines[190], words.join(","));
    lines[190] = &words;
    // The rows before it have been judged.
    let ends = |text: &str, words: &[&str]| {
        let run = space.run_fed(&score, text.as_bytes());
        assert!(run.status == Some(2) && words.iter().all(|word| run.stderr.contains(word)), "{run}");
        assert!(run.text().starts_with("score,p_value,outlier\n") && !run.text().contains(",,"), "{run}");
    };
    ends(&(lines.join("\n") + "\n"), &["row 190", "one"]);
    lines[190] = before;
    // A value that lacks, refused and skipped.
    let gap: Vec<String> = lines[190].split(',').map(|_| String::new()).collect();
    let gap = gap.join(",");
    lines[190] = &gap;
    let gaps = lines.join("\n") + "\n";
    ends(&gaps, &["row 190"]);
    let run = space.run_fed(&[&score[..], &["--missing", "skip"]].concat(), gaps.as_bytes());
    run.succeeded();
    assert_eq!(run.text().lines().nth(190), Some(",,"));
    assert_eq!(run.text().lines().count(), lines.len());
    space.run_fed(&score, b"").refused(&["stdin"]);
    space.run_fed(&score, b"u,g,r,i,z\n").refused(&["stdin", "rows"]);
    space.run_fed(&score, b"a,b\n1,2\n").refused(&["stdin", "\"u\""]);
    space.run_fed(&score, b"u,g,r,i,z\n1,2,3,4,5\n1,2\n").refused(&["stdin", "fields"]);
    space.done(&["convert", "stars.csv", "-o", "stars.parquet"]);
    space.run_fed(&score, &space.read("stars.parquet")).succeeded();
}

#[test]
fn members_may_have_several_widths() {
    let space = Space::with_stars();
    let mut fit = FIT.to_vec();
    fit[7] = "3";
    space.done(&[&fit[..], &["wide.model", "--widths", "0.5,2", "--scale", "standard", "--epochs", "3"]].concat());
    space.done(&["score", "wide.model", "stars.csv", "-o", "s.csv", "--false-alarms", "0.2"]);
    space.write(
        "choices.toml",
        "for = \"anomalies\"\nmembers = 3\nwidths = [0.5, 2.0]\nscale = \"standard\"\nepochs = 3\n",
    );
    let configured = ["fit", "stars.csv", "--columns", "u,g,r,i,z", "--config", "choices.toml", "-o", "again.model"];
    space.done(&configured);
    assert!(space.read("again.model") == space.read("wide.model"));
}

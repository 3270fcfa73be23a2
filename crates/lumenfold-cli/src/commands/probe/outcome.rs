//! What is said about a probe: the table of figures, the conclusion, the JSON object, the file.

use lumenfold::data::{Column, Table, Values};
use lumenfold::probe::{Asked, Input, Interval, Method, ProbeRows, Probed, Target, rounded, signed};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::printer::Printer;
use crate::words::{counted, number, thousands};

/// Widths of the columns of the table.
const LABEL: usize = 22;
const CELL: usize = 27;

/// Classes that are listed one by one.
const MOST_LISTED: usize = 6;

/// The tables and the conclusion. `seen` says what the encoder has seen of the rows.
pub(super) fn tell(probed: &Probed, rows: &ProbeRows, (target, seen): (&str, &str), printer: &Printer) {
    let (used, usable) = (thousands(rows.target.rows()), thousands(rows.usable));
    let of = if rows.target.rows() + rows.lonely < rows.usable {
        format!("{used} of {usable} rows")
    } else {
        format!("{used} rows")
    };
    let (train, held_out) = (thousands(probed.train_rows), thousands(probed.held_out_rows));
    let splits = if probed.repeats > 1 { format!(", {} times", probed.repeats) } else { String::new() };
    printer.head(format!("{}: {target}, {}", rows.source, what(rows)));
    printer.say(format!("{of}: {train} to learn from, {held_out} held out{splits}"));
    printer.say(seen);
    for (index, name) in probed.figure_names.iter().enumerate() {
        printer.head(figures_head(probed, rows, name));
        printer.say(format!("  {:<LABEL$}{:>CELL$}", baseline(probed), cell(name, &probed.baseline[index], false)));
        for method in Method::ALL {
            let cells = Input::ALL.map(|input| match asked(probed, input, method) {
                Some(asked) => cell(name, &asked.figures[index], probed.best[input as usize] == method),
                None => "left out ".to_owned(),
            });
            printer.say(format!("  {:<LABEL$}{}", method.name(probed.classes), aligned(&cells)));
        }
    }
    if !probed.left_out.is_empty() {
        printer
            .warn("logistic regression was left out where classes, features and rows are too many; use fewer --rows");
    }
    let heads = [Input::Pca, Input::Raw].map(|input| format!("less {} ", probed.called(input)));
    printer.head(format!("{:<width$}{}", format!("{} of code", probed.figure()), aligned(&heads), width = LABEL + 2));
    for method in Method::ALL.into_iter().map(Some).chain([None]) {
        let cells = [Input::Pca, Input::Raw].map(|than| {
            let found =
                probed.differences.iter().find(|difference| difference.than == than && difference.method == method);
            found.map_or_else(|| "left out ".to_owned(), |found| signed(&found.figures[0]) + " ")
        });
        let name = method.map_or("* best of each", |method| method.name(probed.classes));
        printer.say(format!("  {name:<LABEL$}{}", aligned(&cells)));
    }
    printer.say("* by cross-validation on the rows to learn from; [95 % intervals], differences paired");
    probed.conclusion(&format!("\"{target}\"")).into_iter().for_each(|sentence| printer.say(sentence));
}

/// The target in a few words.
fn what(rows: &ProbeRows) -> String {
    match &rows.target {
        Target::Quantity(_) => {
            rows.unit.as_ref().map_or("a quantity".to_owned(), |unit| format!("a quantity in {unit}"))
        }
        Target::Classes { names, .. } if names.len() <= MOST_LISTED => {
            let counts = class_counts(&rows.target);
            let listed: Vec<String> = counts.map(|(name, count)| format!("{name} {}", thousands(count))).collect();
            format!("{} ({})", classes(names.len()), listed.join(", "))
        }
        Target::Classes { names, .. } => classes(names.len()),
    }
}

fn classes(count: usize) -> String {
    counted(count, "class").replace("classs", "classes")
}

fn class_counts(target: &Target) -> impl Iterator<Item = (&str, usize)> {
    let (names, codes) = match target {
        Target::Classes { names, codes } => (&names[..], &codes[..]),
        Target::Quantity(_) => (&[][..], &[][..]),
    };
    let mut counts = vec![0; names.len()];
    codes.iter().for_each(|code| counts[*code as usize] += 1);
    names.iter().map(String::as_str).zip(counts)
}

fn figures_head(probed: &Probed, rows: &ProbeRows, name: &str) -> String {
    let title = match (name, &rows.unit) {
        ("r2", _) => "R²".to_owned(),
        ("rmse", Some(unit)) => format!("rms error [{unit}]"),
        ("rmse", None) => "rms error".to_owned(),
        (name, _) => name.replace('_', " "),
    };
    let heads = Input::ALL.map(|input| probed.called(input) + " ");
    format!("{title:<width$}{}", aligned(&heads), width = LABEL + 2)
}

fn baseline(probed: &Probed) -> &'static str {
    if probed.classes { "most frequent class" } else { "mean" }
}

fn asked(probed: &Probed, input: Input, method: Method) -> Option<&Asked> {
    probed.asked.iter().find(|asked| (asked.input, asked.method) == (input, method))
}

/// A figure with its interval, and a star beside what cross-validation prefers.
fn cell(name: &str, interval: &Interval, best: bool) -> String {
    let in_words = |value: f64| if name == "rmse" { number(value) } else { format!("{:.3}", rounded(value)) };
    let [value, low, high] = [interval.value, interval.low, interval.high].map(in_words);
    format!("{value} [{low}, {high}]{}", if best { "*" } else { " " })
}

fn aligned(cells: &[String]) -> String {
    cells.iter().map(|cell| format!("{cell:>CELL$}")).collect()
}

/// The object of `--json`.
pub(super) fn json(probed: &Probed, rows: &ProbeRows, target: &str, seed: u64) -> Value {
    let figures = |figures: &[Interval; 2]| -> Map<String, Value> {
        probed.figure_names.iter().zip(figures).map(|(name, figure)| ((*name).to_owned(), json!(figure))).collect()
    };
    let asked = probed.asked.iter().map(|asked| {
        let mut object = figures(&asked.figures);
        object.insert("input".to_owned(), json!(asked.input));
        object.insert("model".to_owned(), json!(asked.method.name(probed.classes)));
        object.insert("settings".to_owned(), json!(asked.settings));
        object.insert("cross_validated_loss".to_owned(), json!(asked.cross_validated_loss));
        object.insert("best_of_input".to_owned(), json!(probed.best[asked.input as usize] == asked.method));
        if let Some(macro_f1) = asked.macro_f1 {
            object.insert("macro_f1".to_owned(), json!(macro_f1));
        }
        object
    });
    let differences = probed.differences.iter().map(|difference| {
        let mut object = figures(&difference.figures);
        object.insert("code_less".to_owned(), json!(difference.than));
        let model = difference.method.map_or("best of each", |method| method.name(probed.classes));
        object.insert("model".to_owned(), json!(model));
        object
    });
    json!({
        "target": target,
        "task": if probed.classes { "classify" } else { "regress" },
        "unit": rows.unit,
        "classes": class_counts(&rows.target).map(|(name, rows)| json!({"name": name, "rows": rows})).collect::<Vec<_>>(),
        "rows": rows.target.rows(),
        "usable_rows": rows.usable,
        "unlabelled_rows": rows.unlabelled,
        "skipped_rows": rows.skipped,
        "lonely_rows": rows.lonely,
        "rows_the_encoder_was_trained_on": rows.trained_on,
        "train_rows": probed.train_rows,
        "held_out_rows": probed.held_out_rows,
        "repeats": probed.repeats,
        "pca_components": probed.components,
        "baseline": figures(&probed.baseline),
        "figures": asked.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
        "beyond_baseline": probed.beyond_baseline,
        "left_out": probed.left_out.iter().map(|(input, method)| {
            json!({"input": input, "model": method.name(probed.classes)})
        }).collect::<Vec<_>>(),
        "conclusion": probed.conclusion(&format!("\"{target}\"")),
        "seed": seed,
    })
}

/// The figures as a table: the trivial prediction first, then a row for each input and model.
pub(super) fn table(probed: &Probed) -> Result<Table, Failure> {
    let all = &probed.asked;
    let text = |first: &'static str, of: &dyn Fn(&Asked) -> &'static str| {
        Values::text([first].into_iter().chain(all.iter().map(of)))
    };
    let numbers = |first: f64, of: &dyn Fn(&Asked) -> f64| {
        Values::Float64([first].into_iter().chain(all.iter().map(of)).collect())
    };
    let middle = |asked: &Asked| {
        let mut settings = asked.settings.clone();
        settings.sort_unstable_by(f64::total_cmp);
        settings.get(settings.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let mut columns = vec![
        Column::new("input", text("none", &|asked| asked.input.name())),
        Column::new("model", text(baseline(probed), &|asked| asked.method.name(probed.classes))),
        Column::new("setting", numbers(f64::NAN, &middle)),
    ];
    for (index, name) in probed.figure_names.iter().enumerate() {
        let baseline = probed.baseline[index];
        columns.push(Column::new(*name, numbers(baseline.value, &|asked| asked.figures[index].value)));
        columns.push(Column::new(format!("{name}_low"), numbers(baseline.low, &|asked| asked.figures[index].low)));
        columns.push(Column::new(format!("{name}_high"), numbers(baseline.high, &|asked| asked.figures[index].high)));
    }
    if probed.classes {
        let macro_f1 = numbers(f64::NAN, &|asked| asked.macro_f1.unwrap_or(f64::NAN));
        columns.push(Column::new("macro_f1", macro_f1));
    }
    Ok(Table::new("the figures", columns)?)
}

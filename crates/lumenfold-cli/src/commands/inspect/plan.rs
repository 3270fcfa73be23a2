//! What a fit would train: its layers, and what they cost.

use std::fmt::Write;

use lumenfold::Settings;
use lumenfold::architecture::{Plan, PlannedLayer};
use lumenfold::data::{Axis, BlockReader, Dataset, DatasetOptions, axis};
use lumenfold::fit::memory;
use serde_json::{Value, json};

use crate::config::Choices;
use crate::failure::Failure;
use crate::words::{listed, thousands};

/// The columns of the table of layers.
const HEADS: [&str; 4] = ["layer", "gives", "parameters", "multiply-adds"];

/// What a plan is made for.
pub(super) struct Subject {
    /// The sizes of a sample.
    pub(super) shape: Vec<usize>,
    /// Samples, if there are data.
    pub(super) rows: Option<usize>,
}

impl Subject {
    /// The samples of a file, as `fit` would take them.
    pub(super) fn of(reader: &BlockReader, choices: &Choices) -> Result<Self, Failure> {
        let options = DatasetOptions { columns: choices.columns.clone(), ..DatasetOptions::default() };
        let axes = Dataset::chosen_axes(reader, &options, &choices.axes()?)?;
        let options = DatasetOptions { axes, ..options };
        let axes: Vec<Axis> = Dataset::axes_of(reader, &options)?;
        let shape = match &axes[..] {
            [] => vec![Dataset::features_of(reader, &options)?],
            axes => axis::shape(axes),
        };
        Ok(Self { shape, rows: reader.total_rows().and_then(|rows| usize::try_from(rows).ok()) })
    }
}

/// The plan of these choices, with all that is said of it.
pub(super) struct Planned {
    plan: Plan,
    subject: Subject,
    settings: Settings,
}

impl Planned {
    pub(super) fn new(subject: Subject, settings: Settings) -> Result<Self, Failure> {
        let training = subject.rows.map(|rows| ((rows as f64) * (1.0 - settings.validation)).round() as usize);
        let batch = training
            .map_or(settings.batch.unwrap_or(Settings::LARGEST_DEFAULT_BATCH), |rows| settings.batch_for(rows.max(1)));
        let plan = Plan::new(&settings, &subject.shape, batch)?;
        Ok(Self { plan, subject, settings })
    }

    /// Bytes of all, the rows included where they are known.
    fn bytes(&self) -> u64 {
        let network = self.plan.parameter_bytes + self.plan.batch_bytes;
        let features: usize = self.subject.shape.iter().product();
        let rows = self.subject.rows.map_or(0, |rows| memory::of_rows(rows, features, &self.settings));
        network + rows
    }

    pub(super) fn document(&self) -> Value {
        let plan = &self.plan;
        let layer = |layer: &PlannedLayer| {
            json!({
                "layer": layer.name,
                "gives": layer.shape,
                "parameters": layer.parameters,
                "multiply_adds": layer.multiply_adds,
            })
        };
        let (encoder, decoder) = plan.layers.split_at(plan.encoder_layers);
        json!({
            "shape": self.subject.shape,
            "rows": self.subject.rows,
            "encoder": encoder.iter().map(layer).collect::<Vec<_>>(),
            "decoder": decoder.iter().map(layer).collect::<Vec<_>>(),
            "parameters": plan.parameters,
            "multiply_adds": plan.multiply_adds,
            "batch": plan.batch,
            "memory": {
                "parameters": plan.parameter_bytes,
                "batch": plan.batch_bytes,
                "rows": self.bytes() - plan.parameter_bytes - plan.batch_bytes,
                "all": self.bytes(),
            },
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text.trim_end().to_owned()
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let plan = &self.plan;
        let shape = self.subject.shape.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rows = self.subject.rows.map(|rows| format!("{} ", thousands(rows))).unwrap_or_default();
        writeln!(text, "network for {rows}samples of {}, latent {}", shape.join("×"), self.settings.latent)?;
        let cells: Vec<[String; 4]> = plan
            .layers
            .iter()
            .map(|layer| {
                let some = |number: u64| if number == 0 { String::new() } else { thousands(number as usize) };
                let parameters = some(layer.parameters as u64);
                [layer.name.clone(), layer.shape.clone(), parameters, some(layer.multiply_adds)]
            })
            .collect();
        let width = |column: usize| {
            let longest = cells.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
            longest.max(HEADS[column].len()) + if column == 0 { 2 } else { 0 }
        };
        let widths = [0, 1, 2, 3].map(width);
        let mut line = |cells: [&str; 4]| {
            let [name, shape, parameters, products] = cells;
            let text_line = format!(
                "  {name:<a$}  {shape:<b$}  {parameters:>c$}  {products:>d$}",
                a = widths[0],
                b = widths[1],
                c = widths[2],
                d = widths[3]
            );
            writeln!(text, "{}", text_line.trim_end())
        };
        line(HEADS)?;
        for (index, cells) in cells.iter().enumerate() {
            if index == 0 {
                line(["encoder", "", "", ""])?;
            }
            if index == plan.encoder_layers {
                line(["decoder", "", "", ""])?;
            }
            let name = format!("  {}", cells[0]);
            line([&name, &cells[1], &cells[2], &cells[3]])?;
        }
        line(["all", "", &thousands(plan.parameters), &thousands(plan.multiply_adds as usize)])?;
        let parts = [
            format!("{} for parameters, moments and copies", bytes(plan.parameter_bytes)),
            format!("{} for a batch of {}", bytes(plan.batch_bytes), plan.batch),
        ];
        let rows = self.bytes() - plan.parameter_bytes - plan.batch_bytes;
        let rows = (rows > 0).then(|| format!("{} for the rows", bytes(rows)));
        let parts: Vec<String> = parts.into_iter().chain(rows).collect();
        writeln!(text, "memory of training: {} ({})", bytes(self.bytes()), listed(&parts))
    }
}

/// Bytes in the unit that suits them.
fn bytes(bytes: u64) -> String {
    let number = bytes as f64;
    match bytes {
        0..1_000_000 => format!("{:.0} kB", number / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0} MB", number / 1e6),
        _ => format!("{:.2} GB", number / 1e9),
    }
}

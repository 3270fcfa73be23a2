//! What speaks for the result, in words: the residuals, and what is made of rows whose truth is known.

use lumenfold::denoising::{Invented, ResidualReport};
use serde_json::{Value, json};

use crate::printer::Printer;
use crate::words::percent;

/// What was tested.
pub(super) struct Proof {
    pub(super) residuals: ResidualReport,
    pub(super) invented: Vec<Invented>,
}

impl Proof {
    /// Whether nothing is made up beyond what is told: where there are axes, of the rows at hand with a stretch bridged; else of the
    /// mean. The other rows are stranger than what a model is for.
    fn passes(&self) -> bool {
        self.invented.last().is_none_or(|invented| invented.passes)
    }

    pub(super) fn say(&self, printer: &Printer) {
        let residuals = &self.residuals;
        printer.head("residuals, in deviations of the noise");
        let (distance, p) = residuals.distance;
        printer.say(format!(
            "  mean {:+.3}   variance {:.3}   excess {:+.2}   beyond three {}   distance from normal {distance:.4} (p {p:.2})",
            residuals.mean,
            residuals.variance,
            residuals.excess,
            percent(residuals.beyond_three)
        ));
        for (name, lags) in &residuals.correlations {
            let lags: Vec<String> = lags.iter().map(|lag| format!("{lag:+.3}")).collect();
            printer.say(format!(
                "  along {name}: correlations {} at lags from 1 on (± {:.3} by chance)",
                lags.join(", "),
                residuals.correlation_error
            ));
        }
        let worst: Vec<String> = residuals.worst.iter().map(|(place, mean)| format!("{place} ({mean:+.2})")).collect();
        printer.say(format!(
            "  structure {:.2} (1 without any); largest means: {}",
            residuals.structure,
            worst.join(", ")
        ));
        if residuals.findings.is_empty() {
            printer.say("  the residuals are noise, as it was stated");
        }
        residuals.findings.iter().for_each(|finding| printer.warn(finding));
        printer.head("invented structure: noise about known rows went in");
        for invented in &self.invented {
            let recognised = invented.recognised.map_or(String::new(), |share| {
                format!("; {} of such rows are told apart by their p-values", percent(share))
            });
            printer.say(format!(
                "  {:<8} {:.2} deviations of the noise, {:.2} uncertainties, at {}: {}{recognised}",
                invented.rows,
                invented.over_noise,
                invented.over_uncertainty,
                invented.place,
                if invented.passes { "passes" } else { "FAILS" }
            ));
        }
        if !self.passes() {
            printer.warn(
                "the model invents structure: what it says of features that rows of its training did not have cannot be relied on",
            );
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({ "passes": self.passes(), "rows": self.invented })
    }
}

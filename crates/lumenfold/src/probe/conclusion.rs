//! Who wins, in sentences that say no more than the intervals do.

use std::cmp::Ordering;

use super::{Difference, Input, Interval, Probed};

/// A difference of accuracies or of R² that is as good as none.
const LITTLE: f64 = 0.02;

impl Probed {
    /// What was found, in a sentence each: the code beside the trivial prediction, PCA and the raw features. Each input has
    /// the model that the cross-validation of the training rows prefers. `target` is what is told.
    #[must_use]
    pub fn conclusion(&self, target: &str) -> Vec<String> {
        let mut sentences = Vec::new();
        let trivial = if self.classes { "always saying the most frequent class" } else { "always saying the mean" };
        if self.beyond_baseline.sign() != Ordering::Greater {
            let difference = signed(&self.beyond_baseline);
            sentences.push(format!(
                "The code is not seen to tell anything about {target}: {} {difference} beside {trivial}.",
                self.figure()
            ));
        }
        let best = self.differences.iter().filter(|difference| difference.method.is_none());
        sentences.extend(best.map(|difference| self.compare(difference, target)));
        sentences
    }

    /// The first figure in words.
    #[must_use]
    pub fn figure(&self) -> &'static str {
        if self.classes { "accuracy" } else { "R²" }
    }

    /// What an input is called in sentences and tables.
    #[must_use]
    pub fn called(&self, input: Input) -> String {
        match input {
            Input::Code => "code".to_owned(),
            Input::Pca => format!("PCA-{}", self.components),
            Input::Raw => "raw".to_owned(),
        }
    }

    fn compare(&self, difference: &Difference, target: &str) -> String {
        let other = match difference.than {
            Input::Raw => "the raw features".to_owned(),
            than => self.called(than),
        };
        let tells = if difference.than == Input::Raw { "tell" } else { "tells" };
        let interval = signed(&difference.figures[0]);
        let methods = [Input::Code, difference.than].map(|input| self.best[input as usize].name(self.classes));
        let of = if methods[0] == methods[1] {
            format!("{} of {}", self.figure(), plural(methods[0]))
        } else {
            format!("{} of {} less that of {}", self.figure(), plural(methods[0]), plural(methods[1]))
        };
        match difference.figures[0].sign() {
            Ordering::Greater => format!("The code tells more about {target} than {other}: {of} {interval}."),
            Ordering::Less => {
                format!("{} {tells} more about {target} than the code: {of} {interval}.", capital(&other))
            }
            Ordering::Equal if difference.figures[0].within(LITTLE) => {
                format!("The code keeps as much of {target} as {other}: {of} {interval}.")
            }
            Ordering::Equal => format!(
                "Whether the code or {other} {tells} more about {target}, these rows do not say: {of} {interval}, which \
                 holds zero."
            ),
        }
    }
}

/// A difference with its sign and its interval.
#[must_use]
pub fn signed(interval: &Interval) -> String {
    let [value, low, high] = [interval.value, interval.low, interval.high].map(rounded);
    format!("{value:+.3} [{low:+.3}, {high:+.3}]")
}

/// Rounded to three decimals, and never to minus zero.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3 + 0.0
}

/// What several fits of a model are called.
fn plural(method: &str) -> &str {
    if method == "random forest" { "random forests" } else { method }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

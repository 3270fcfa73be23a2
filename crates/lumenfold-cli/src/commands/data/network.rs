//! Options of what asks servers.

use std::time::Duration;

use clap::Args;

use crate::failure::Failure;
use crate::http::{Client, Tries};

/// How long and how often servers are asked.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Network {
    /// Seconds without a byte after which a server is asked again.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// How often in a row a question is asked again after a broken line, silence, or an answer that the server is busy.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=1000))]
    retries: u32,
    /// Seconds before a question is asked again the first time; they double from then on.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "1", hide = true)]
    first_wait: Duration,
}

impl Network {
    /// A client; how long it bears silence, if the user does not say.
    pub(super) fn client(self, silence: Duration) -> Result<Client, Failure> {
        Client::new(self.timeout.unwrap_or(silence))
    }

    pub(super) fn tries(self) -> Tries {
        Tries { again: self.retries, first_wait: self.first_wait }
    }
}

/// A time from `0.5` or `300`.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("\"{text}\" is no time; write seconds, from 0.001 to 86400")),
    }
}

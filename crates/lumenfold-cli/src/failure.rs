//! Why a command ended without its result, and the exit status that says so.

use std::fmt;

use lumenfold::Error;
use lumenfold::data::DataError;
use lumenfold::engine::EngineError;

/// 1: the machine or the computation failed; 2: the request or its input cannot be used.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    status: u8,
}

impl Failure {
    /// The request or its input is at fault.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: 2 }
    }

    /// Something else went wrong.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: 1 }
    }

    /// The same with more to say.
    pub(crate) fn with(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    pub(crate) fn status(&self) -> u8 {
        self.status
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = if error.is_usage() { 2 } else { 1 };
        let message = match error {
            Error::Engine(error @ EngineError::InstructionSet { .. }) => format!("LUMENFOLD_SIMD: {error}"),
            error => error.to_string(),
        };
        Self { message, status }
    }
}

impl From<clap::Error> for Failure {
    /// Clap explains over several lines; here an error is one.
    fn from(error: clap::Error) -> Self {
        let text = error.to_string();
        let mut message = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with("Usage:") || line.starts_with("For more information") {
                break;
            }
            if !message.is_empty() {
                message.push_str(if message.ends_with(':') || line.starts_with('[') { " " } else { "; " });
            }
            message.push_str(line.trim_start_matches("error: ").trim_start_matches("tip: "));
        }
        Self::usage(message + "; --help lists what can be asked for")
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Error::from(error).into()
    }
}

//! What belongs to one sort of network only: which settings go together.

use super::Settings;
use crate::Error;
use crate::architecture::{Net, Norm};

/// The most convolutions, their channels and the positions of their windows.
const MOST_CONVOLUTIONS: usize = 32;
const WIDEST_FIELD: usize = 1 << 16;
const LARGEST_KERNEL: usize = 255;

impl Settings {
    /// Checks what belongs to one sort of network only.
    pub(super) fn check_net(&self) -> Result<(), Error> {
        let refuse = |name: &'static str, value: String, allowed: &str| {
            Err(Error::Setting { name, value, allowed: allowed.to_owned() })
        };
        let channels = self.channels.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(",");
        if self.net != Net::Convolutional && self.channels.is_some() {
            return refuse("--channels", channels, "left out unless --net is conv");
        }
        if let (false, Some(kernel)) = (self.net == Net::Convolutional, self.kernel) {
            return refuse("--kernel", kernel.to_string(), "left out unless --net is conv");
        }
        let counted = self.channels.as_ref().is_none_or(|channels| (1..=MOST_CONVOLUTIONS).contains(&channels.len()));
        let wide = self.channels.iter().flatten().all(|channels| (1..=WIDEST_FIELD).contains(channels));
        if !(counted && wide) {
            return refuse("--channels", channels, "up to 32 numbers from 1 to 65536");
        }
        if self.kernel.is_some_and(|kernel| !(1..=LARGEST_KERNEL).contains(&kernel)) {
            return refuse("--kernel", self.kernel.unwrap_or(0).to_string(), "from 1 to 255");
        }
        if matches!(self.net, Net::Described(_)) && !self.hidden.is_empty() {
            let hidden = self.hidden.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            return refuse("--hidden", hidden, "left out where a file describes the network");
        }
        if matches!(self.net, Net::Described(_)) && self.norm != Norm::None {
            return refuse("--norm", self.norm.to_string(), "left out where a file describes the network");
        }
        if self.net == Net::Dense && self.norm == Norm::Group {
            return refuse(
                "--norm",
                self.norm.to_string(),
                "layer or none unless --net is conv: features have no groups",
            );
        }
        Ok(())
    }
}

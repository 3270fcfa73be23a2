//! Answers of servers: the one place that speaks to a network.
//!
//! ```text
//! Address ──Client::get──▶ pieces of the answer, given out as they come ──▶ Head
//!  checked    own thread     at most so many bytes                          what was said of it
//!                │
//!                └─▶ Trouble: lasting, or passing and worth another try ──▶ Tries::persist
//! ```
//!
//! * [`Address`] is http or https, without credentials; from https, redirects lead to https only.
//! * A request runs in a thread of its own, so that Ctrl-C is heard while a server is silent.
//! * `roots` are the certificates that servers are checked against.
//! * `error_page` finds the words of a server in its HTML, XML or JSON.
//! * `retry_after` reads how long a server asks to be left alone.

mod address;
mod client;
mod error_page;
mod retry_after;
mod roots;
mod trouble;

pub(crate) use address::Address;
pub(crate) use client::{Client, Continued, Head, Request};
pub(crate) use error_page::words_of;
pub(crate) use trouble::{Tries, Trouble};

//! Numbers as people write them.

use std::time::Duration;

pub(crate) use lumenfold::words::{counted, number, percent, thousands};

/// 2.83 million rows per second.
pub(crate) fn rate(rows_per_second: f64) -> String {
    if rows_per_second >= 1e6 {
        format!("{:.2} M rows/s", rows_per_second / 1e6)
    } else if rows_per_second >= 1e3 {
        format!("{:.0} k rows/s", rows_per_second / 1e3)
    } else {
        format!("{rows_per_second:.0} rows/s")
    }
}

/// 7.3 s, and minutes as 1:15.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 60.0 { format!("{seconds:.1} s") } else { clock(Duration::from_secs_f64(seconds)) }
}

/// 75 s as 1:15.
pub(crate) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 3600 {
        format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    } else {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// Names that are listed of many.
const MOST_NAMES: usize = 12;

/// Names one after the other; the first of them where they are many.
pub(crate) fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(AsRef::as_ref).collect();
    let more = if names.len() > MOST_NAMES { ", …" } else { "" };
    shown.join(", ") + more
}

/// 5-40-40-2.
pub(crate) fn chain(widths: &[usize]) -> String {
    widths.iter().map(ToString::to_string).collect::<Vec<_>>().join("-")
}

/// Text with its control characters spelled out, line ends excepted: what a file calls its columns must not command the
/// terminal.
pub(crate) fn visible(text: &str) -> String {
    spelled_out(text, |c| c.is_control() && c != '\n')
}

/// The same on one line.
pub(crate) fn one_line(text: &str) -> String {
    spelled_out(text, char::is_control)
}

fn spelled_out(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut spelled = String::with_capacity(text.len());
    for character in text.chars() {
        if which(character) {
            spelled.extend(character.escape_default());
        } else {
            spelled.push(character);
        }
    }
    spelled
}

/// A word as a shell takes it: quoted where it holds anything but plain characters.
pub(crate) fn shell(word: impl AsRef<std::ffi::OsStr>) -> String {
    let text = word.as_ref().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A path as a shell takes it, and a program that takes options too.
pub(crate) fn shell_path(path: impl AsRef<std::path::Path>) -> String {
    let path = path.as_ref();
    let text = path.to_string_lossy();
    if text.starts_with('-') && text != "-" { shell(std::path::Path::new(".").join(path)) } else { shell(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(visible("a\u{1b}[2J\nb"), "a\\u{1b}[2J\nb");
        assert_eq!(one_line("a\nb é"), "a\\nb é");
    }

    #[test]
    fn paths_with_blanks_are_quoted() {
        assert_eq!(shell("a/b.csv"), "a/b.csv");
        assert_eq!(shell_path("-v.csv"), "./-v.csv");
        assert_eq!(shell("-v"), "-v");
        assert_eq!(shell("my stars.csv"), "'my stars.csv'");
        assert_eq!(shell("it's"), "'it'\\''s'");
    }
}

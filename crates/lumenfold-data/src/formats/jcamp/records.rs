//! Labelled records: `##LABEL= value`, whose value goes on until the next.

/// Most records of a file.
const MOST_RECORDS: usize = 1 << 20;

/// A record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// In capitals, without blanks, hyphens, slashes and underscores, which do not count in labels.
    pub(super) label: String,
    /// What stands behind the label.
    pub(super) value: &'a str,
    /// The lines below it with their numbers in the file (from 1), comments taken off.
    pub(super) lines: Vec<(usize, &'a str)>,
    /// The line of the file (from 1) in which it begins.
    pub(super) line: usize,
}

/// The label in a line that begins a record, and what stands behind it.
pub(super) fn label_of(line: &str) -> Option<(String, &str)> {
    let (label, value) = line.trim_start().strip_prefix("##")?.split_once('=')?;
    let counts = |letter: &char| !matches!(letter, ' ' | '\t' | '-' | '/' | '_');
    let label = label.chars().filter(counts).flat_map(char::to_uppercase).collect();
    Some((label, value.trim()))
}

/// All records; what stands before the first is none.
pub(super) fn records(text: &str) -> Result<Vec<Record<'_>>, String> {
    let mut records: Vec<Record<'_>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split_once("$$").map_or(line, |(before, _)| before);
        match (label_of(line), records.last_mut()) {
            // `##=` is a comment by the standard, as a record.
            (Some((label, value)), _) => {
                if records.len() == MOST_RECORDS {
                    return Err(format!("has more than {MOST_RECORDS} records; this is no spectrum"));
                }
                records.push(Record { label, value, lines: Vec::new(), line: number });
            }
            (None, Some(record)) if !line.trim().is_empty() => record.lines.push((number, line.trim())),
            (None, _) => {}
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_comments() {
        let text =
            "junk\n##Data-Type = INFRARED $$ not this\r\n$$ nor this\n##x_y/data=(X++(Y..Y))\n 1 2\n\n3 4$$5\n##=\n";
        let found = records(text).expect("sound");
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].label.as_str(), found[0].value), ("DATATYPE", "INFRARED"));
        assert_eq!((found[1].label.as_str(), &found[1].lines[..]), ("XYDATA", &[(5, "1 2"), (7, "3 4")][..]));
        assert_eq!((found[1].line, found[2].label.as_str()), (4, ""));
        assert_eq!(label_of("# TITLE= x"), None);
    }
}

//! Blocks: the records from `##TITLE=` to `##END=`, which may stand within a block that links them.

use super::records::Record;
use crate::formats::text::parse_number;

/// Labels of records that are data.
const DATA: [&str; 5] = ["XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENTS", "NTUPLES"];
/// Most blocks that stand within one another.
const DEEPEST: usize = 16;
/// Most blocks of a file.
const MOST_BLOCKS: usize = 1 << 16;

/// The records of a block, those of blocks within it left out.
#[derive(Debug, Default)]
pub(super) struct Block<'r, 'a> {
    records: Vec<&'r Record<'a>>,
}

/// All blocks, in the order in which they begin.
pub(super) fn blocks<'r, 'a>(records: &'r [Record<'a>]) -> Result<Vec<Block<'r, 'a>>, String> {
    let mut blocks: Vec<Block<'r, 'a>> = Vec::new();
    // The blocks that have begun and not ended, the innermost last.
    let mut open: Vec<usize> = Vec::new();
    for record in records {
        if record.label == "TITLE" {
            if open.len() == DEEPEST || blocks.len() == MOST_BLOCKS {
                let reason = format!("has more than {MOST_BLOCKS} blocks, or {DEEPEST} within one another");
                return Err(format!("{reason} (line {}); this is no spectrum", record.line));
            }
            open.push(blocks.len());
            blocks.push(Block::default());
        }
        let Some(block) = open.last().and_then(|&at| blocks.get_mut(at)) else { continue };
        block.records.push(record);
        if record.label == "END" {
            open.pop();
        }
    }
    match open.is_empty() {
        true => Ok(blocks),
        false => Err("ends before ##END=: it was cut short; get it again".to_owned()),
    }
}

impl<'r, 'a> Block<'r, 'a> {
    /// The first record of this label.
    pub(super) fn record(&self, label: &str) -> Option<&'r Record<'a>> {
        self.records.iter().copied().find(|record| record.label == label)
    }

    /// The first of its records that are data.
    pub(super) fn data(&self) -> Option<&'r Record<'a>> {
        self.records.iter().copied().find(|record| DATA.contains(&record.label.as_str()))
    }

    pub(super) fn has_data(&self) -> bool {
        self.data().is_some()
    }

    pub(super) fn title(&self) -> String {
        self.words("TITLE").unwrap_or_default().to_owned()
    }

    /// What stands behind a label, if anything does.
    pub(super) fn words(&self, label: &str) -> Option<&'a str> {
        self.record(label).map(|record| record.value).filter(|value| !value.is_empty())
    }

    /// The number behind a label. The error says what stands there instead.
    pub(super) fn number(&self, label: &str) -> Result<Option<f64>, String> {
        let Some(record) = self.record(label).filter(|record| !record.value.is_empty()) else { return Ok(None) };
        match parse_number(record.value).filter(|number| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(format!("line {}: ##{label}= is no number; correct it", record.line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::records;
    use super::*;

    #[test]
    fn blocks_within_a_block() {
        let text = "##TITLE=all\n##BLOCKS=3\n##TITLE=a\n##NPOINTS=1\n##END=\n##TITLE=b\n##NPOINTS=x\n##END=\n##OWNER=me\n##END=\n";
        let records = records(text).expect("sound");
        let found = blocks(&records).expect("sound");
        assert_eq!(found.iter().map(Block::title).collect::<Vec<_>>(), ["all", "a", "b"]);
        assert_eq!(found[0].words("OWNER"), Some("me"));
        assert_eq!((found[1].number("NPOINTS"), found[0].number("NPOINTS")), (Ok(Some(1.0)), Ok(None)));
        assert!(found[2].number("NPOINTS").expect_err("x").contains("line 7"));
        assert!(blocks(&records[..4]).expect_err("cut short").contains("END"));
        let nested = super::super::records::records("##TITLE=\n".repeat(99).leak()).expect("sound");
        assert!(blocks(&nested).is_err());
    }
}

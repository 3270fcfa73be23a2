//! A file's sections: lines below a line `$NAME:`.

/// Most sections that are looked at.
const MOST_SECTIONS: usize = 1 << 12;
/// Longest name of a section.
const LONGEST_NAME: usize = 40;

/// A section and its lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section<'a> {
    /// Without `$` and colon, as it is written.
    pub(super) name: &'a str,
    pub(super) lines: Vec<&'a str>,
}

impl<'a> Section<'a> {
    /// What stands between blanks and commas in all lines.
    pub(super) fn words(&self) -> impl Iterator<Item = &'a str> {
        let words = |line: &&'a str| line.split(|letter: char| letter.is_whitespace() || letter == ',');
        self.lines.iter().flat_map(words).filter(|word| !word.is_empty())
    }
}

/// The name in a line that begins a section.
pub(super) fn name_of(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('$')?.strip_suffix(':')?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ' ';
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.chars().all(fits);
    (is_name && name.len() <= LONGEST_NAME).then_some(name)
}

/// All sections, in the order of the file; what stands before the first is none.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines() {
        match name_of(line) {
            Some(name) if sections.len() < MOST_SECTIONS => sections.push(Section { name, lines: Vec::new() }),
            _ => {
                if let Some(section) = sections.last_mut() {
                    section.lines.push(line);
                }
            }
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_begin_with_their_names() {
        let found = sections("before\r\n$A_1:\r\n 1, 2\r\n3\r\n$B:\n$5.00 was paid:\n");
        assert_eq!(found[0], Section { name: "A_1", lines: vec![" 1, 2", "3"] });
        assert_eq!(found[0].words().collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(found[1], Section { name: "B", lines: vec!["$5.00 was paid:"] });
        assert_eq!(found.len(), 2);
    }
}

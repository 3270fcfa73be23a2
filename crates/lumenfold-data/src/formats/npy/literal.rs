//! The few Python literals that a header may hold, parsed as data.

/// Deepest nesting of brackets: a header needs three.
const DEEPEST: usize = 8;

/// A Python literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Boolean(bool),
    Integer(u64),
    /// A tuple or a list.
    Sequence(Vec<Literal>),
    Dictionary(Vec<(String, Literal)>),
}

/// Parses one literal with nothing but blanks after it. The error says what is wrong.
pub(super) fn parse(text: &str) -> Result<Literal, String> {
    let mut parser = Parser { rest: text };
    let literal = parser.value(0)?;
    parser.skip_blanks();
    if parser.rest.is_empty() { Ok(literal) } else { Err(parser.unexpected()) }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Skips blanks, then `wanted` if it is there.
    fn accept(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn unexpected(&self) -> String {
        let start: String = self.rest.chars().take(24).collect();
        format!("its header has something other than plain data at `{}`", crate::suggest::excerpt(&start))
    }

    fn value(&mut self, depth: usize) -> Result<Literal, String> {
        if depth > DEEPEST {
            return Err("its header is nested too deeply".to_owned());
        }
        self.skip_blanks();
        match self.rest.chars().next() {
            Some('{') => self.dictionary(depth),
            Some('(') => self.sequence('(', ')', depth),
            Some('[') => self.sequence('[', ']', depth),
            Some(quote @ ('\'' | '"')) => self.text(quote).map(Literal::Text),
            Some('0'..='9') => self.integer(),
            _ => {
                for (word, value) in [("True", true), ("False", false)] {
                    if let Some(rest) = self.rest.strip_prefix(word) {
                        self.rest = rest;
                        return Ok(Literal::Boolean(value));
                    }
                }
                Err(self.unexpected())
            }
        }
    }

    fn integer(&mut self) -> Result<Literal, String> {
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let value = digits.parse().map_err(|_| format!("its header has a number that is too large: {digits:.40}"))?;
        // Python 2 wrote long integers as 300L.
        self.rest = rest.strip_prefix('L').unwrap_or(rest);
        Ok(Literal::Integer(value))
    }

    fn text(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                _ if letter == quote => {
                    self.rest = &self.rest[at + letter.len_utf8()..];
                    return Ok(text);
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('\\' | '\'' | '"'))) => text.push(escaped),
                    _ => return Err("its header has an escape sequence in a name".to_owned()),
                },
                _ => text.push(letter),
            }
        }
        Err("its header has a quote that is never closed".to_owned())
    }

    fn sequence(&mut self, open: char, close: char, depth: usize) -> Result<Literal, String> {
        self.accept(open);
        let mut items = Vec::new();
        while !self.accept(close) {
            items.push(self.value(depth + 1)?);
            if !self.accept(',') && !self.rest.starts_with(close) {
                return Err(self.unexpected());
            }
        }
        Ok(Literal::Sequence(items))
    }

    fn dictionary(&mut self, depth: usize) -> Result<Literal, String> {
        self.accept('{');
        let mut entries = Vec::new();
        while !self.accept('}') {
            let Literal::Text(key) = self.value(depth + 1)? else { return Err(self.unexpected()) };
            if !self.accept(':') {
                return Err(self.unexpected());
            }
            entries.push((key, self.value(depth + 1)?));
            if !self.accept(',') && !self.rest.starts_with('}') {
                return Err(self.unexpected());
            }
        }
        Ok(Literal::Dictionary(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_parsed_and_expressions_are_not() {
        let parsed = parse("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }  \n");
        let shape = Literal::Sequence(vec![Literal::Integer(3), Literal::Integer(4)]);
        let expected = vec![
            ("descr".to_owned(), Literal::Text("<f8".to_owned())),
            ("fortran_order".to_owned(), Literal::Boolean(false)),
            ("shape".to_owned(), shape),
        ];
        assert_eq!(parsed, Ok(Literal::Dictionary(expected)));
        for bad in ["", "{", "{'a'}", "(__import__('sys').exit(3),)", "(1, -2)", "1 + 1", "'a", "'\\x41'", "(1 2)"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&"(".repeat(100_000)).is_err());
        assert!(parse("99999999999999999999999").is_err());
    }
}

//! A text cut into pieces of whole rows, without holding all of it.

use std::io::{self, Read};

use super::records::{Delimiter, MOST_RECORD_BYTES};

/// Whole rows of a text.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// No row ended in more bytes than a row may have: what there is of it.
    pub(super) torn: bool,
}

/// Cuts a stream where rows end.
pub(super) struct Cutter {
    stream: Box<dyn Read + Send>,
    delimiter: Delimiter,
    piece_bytes: usize,
    /// What was read of the next piece.
    rest: Vec<u8>,
    ended: bool,
    spare: Vec<Vec<u8>>,
}

impl Cutter {
    /// `stream` stands at the start of a line.
    pub(super) fn new(stream: Box<dyn Read + Send>, delimiter: Delimiter, piece_bytes: usize) -> Self {
        Self { stream, delimiter, piece_bytes: piece_bytes.max(1), rest: Vec::new(), ended: false, spare: Vec::new() }
    }

    /// The next piece; `None` at the end. Where it is cut depends on the text and the size of pieces alone.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        let mut wanted = self.piece_bytes;
        loop {
            self.fill(wanted)?;
            if self.ended {
                let bytes = std::mem::take(&mut self.rest);
                return Ok((!bytes.is_empty()).then_some(Piece { bytes, torn: false }));
            }
            if let Some(end) = last_row_end(&self.rest, self.delimiter) {
                let mut rest = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(self.piece_bytes));
                rest.clear();
                rest.extend_from_slice(&self.rest[end..]);
                let mut bytes = std::mem::replace(&mut self.rest, rest);
                bytes.truncate(end);
                return Ok(Some(Piece { bytes, torn: false }));
            }
            if self.rest.len() > MOST_RECORD_BYTES + 1 {
                self.ended = true;
                return Ok(Some(Piece { bytes: std::mem::take(&mut self.rest), torn: true }));
            }
            wanted = 2 * self.rest.len().max(self.piece_bytes);
        }
    }

    /// Takes back the memory of a piece.
    pub(super) fn recycle(&mut self, bytes: Vec<u8>) {
        if bytes.capacity() <= 2 * self.piece_bytes {
            self.spare.push(bytes);
        }
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let missing = wanted.saturating_sub(self.rest.len());
        if self.ended || missing == 0 {
            return Ok(());
        }
        self.rest.reserve_exact(missing);
        let read = self.stream.by_ref().take(missing as u64).read_to_end(&mut self.rest)?;
        self.ended = read < missing;
        Ok(())
    }
}

/// Where the last row ends that ends for certain, after its line end. `bytes` start with a row.
pub(super) fn last_row_end(bytes: &[u8], delimiter: Delimiter) -> Option<usize> {
    if memchr::memchr(b'"', bytes).is_none() {
        return match memchr::memrchr(b'\n', bytes) {
            Some(at) => Some(at + 1),
            // Lines that end with a carriage return alone; the last byte may be half of a pair.
            None => memchr::memrchr(b'\r', &bytes[..bytes.len().saturating_sub(1)]).map(|at| at + 1),
        };
    }
    let mut scan = Scan { bytes, delimiter, at: 0 };
    let mut last = None;
    while let Some(end) = scan.row() {
        last = Some(end);
    }
    last
}

/// Finds the ends of rows by the rules of [`Records`](super::records::Records), without keeping their fields.
struct Scan<'a> {
    bytes: &'a [u8],
    delimiter: Delimiter,
    at: usize,
}

impl Scan<'_> {
    /// Passes one line, with all lines of its quoted fields; where it ends, if it does.
    fn row(&mut self) -> Option<usize> {
        if self.bytes.get(self.at) == Some(&b'#') {
            self.at = self.line_end(self.at);
            return self.end_line();
        }
        loop {
            self.field()?;
            match (*self.bytes.get(self.at)?, self.delimiter) {
                (b'\n' | b'\r', _) => return self.end_line(),
                _ => self.at += 1,
            }
        }
    }

    /// Passes one field, up to its delimiter or the end of the line.
    fn field(&mut self) -> Option<()> {
        let mut at = self.at;
        let blank = |byte: u8| byte == b' ' || (byte == b'\t' && self.delimiter == Delimiter::Blanks);
        while self.bytes.get(at).copied().is_some_and(blank) {
            at += 1;
        }
        if self.bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                at += memchr::memchr(b'"', &self.bytes[at..])? + 1;
                match self.bytes.get(at) {
                    Some(b'"') => at += 1,
                    _ => break,
                }
            }
        }
        self.at = match self.delimiter {
            Delimiter::Byte(delimiter) => {
                at + memchr::memchr3(delimiter, b'\n', b'\r', &self.bytes[at..]).unwrap_or(self.bytes.len() - at)
            }
            Delimiter::Blanks => {
                let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
                at + self.bytes[at..].iter().position(ends).unwrap_or(self.bytes.len() - at)
            }
        };
        Some(())
    }

    fn line_end(&self, at: usize) -> usize {
        at + memchr::memchr2(b'\n', b'\r', &self.bytes[at..]).unwrap_or(self.bytes.len() - at)
    }

    /// Passes the line end; `None` if it may not be whole.
    fn end_line(&mut self) -> Option<usize> {
        self.at += match (self.bytes.get(self.at)?, self.bytes.get(self.at + 1)) {
            (b'\r', None) => return None,
            (b'\r', Some(b'\n')) => 2,
            _ => 1,
        };
        Some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Delimiter = Delimiter::Byte(b',');

    #[test]
    fn rows_end_where_their_quotes_do() {
        for (text, delimiter, expected) in [
            ("1,2\n3", COMMA, Some(4)),
            ("1,2\r3,4\r", COMMA, Some(4)),
            ("1,2\r\n3", COMMA, Some(5)),
            ("1,2", COMMA, None),
            ("\"a\nb\",1\n2", COMMA, Some(8)),
            ("1,\"a\nb", COMMA, None),
            ("1,\"a\"\"\nb\"\n\"c\n", COMMA, Some(10)),
            ("# it's 5\" wide\n\"a\nb\"", COMMA, Some(15)),
            ("5\" wide,1\n2\n", COMMA, Some(12)),
            ("1 \"a\nb\"\n", Delimiter::Blanks, Some(8)),
            ("1  \"a\nb", Delimiter::Blanks, None),
            ("\"a\"\r", COMMA, None),
        ] {
            assert_eq!(last_row_end(text.as_bytes(), delimiter), expected, "{text:?}");
        }
    }

    #[test]
    fn pieces_of_any_size_make_the_whole() {
        let text = "a,b\n\"x\n\ny\",\"\"\"\"\r\n# \"\r1,2\n\n3,4";
        for piece_bytes in 1..40 {
            let mut cutter = Cutter::new(Box::new(text.as_bytes()), COMMA, piece_bytes);
            let mut whole = Vec::new();
            while let Ok(Some(piece)) = cutter.next() {
                assert!(!piece.torn);
                whole.extend(piece.bytes);
            }
            assert_eq!(whole, text.as_bytes(), "{piece_bytes}");
        }
    }
}

//! Cards of a header, written.

use super::super::card::CARD;
use super::super::header::BLOCK;

/// Letters of text that a card has room for between its quotes.
const TEXT: usize = CARD - 12;

/// Cards one after the other.
pub(super) struct Cards(Vec<u8>);

impl Cards {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    fn card(&mut self, text: &str) {
        self.0.extend(text.bytes().take(CARD));
        self.0.resize(self.0.len().next_multiple_of(CARD), b' ');
    }

    pub(super) fn logical(&mut self, keyword: &str, value: bool) {
        self.card(&format!("{keyword:<8}= {:>20}", if value { 'T' } else { 'F' }));
    }

    pub(super) fn integer(&mut self, keyword: &str, value: i64) {
        self.card(&format!("{keyword:<8}= {value:>20}"));
    }

    /// A card that says nothing.
    pub(super) fn blank(&mut self) {
        self.0.extend([b' '; CARD]);
    }

    /// Text, on as many cards as it needs (section 4.2.1.2 of the standard).
    pub(super) fn text(&mut self, keyword: &str, text: &str) {
        // A quote is written twice, and the two stay together.
        let letters: Vec<&str> = text
            .split("")
            .filter(|letter| !letter.is_empty())
            .map(|letter| if letter == "'" { "''" } else { letter })
            .collect();
        let mut pieces: Vec<String> = vec![String::new()];
        for letter in letters {
            match pieces.last_mut() {
                Some(piece) if piece.len() + letter.len() < TEXT => piece.push_str(letter),
                _ => pieces.push(letter.to_owned()),
            }
        }
        let last = pieces.len() - 1;
        for (at, piece) in pieces.iter().enumerate() {
            let start = if at == 0 { format!("{keyword:<8}= ") } else { "CONTINUE  ".to_owned() };
            let more = if at < last { "&" } else { "" };
            // Eight letters at least, which old programs expect.
            self.card(&format!("{start}'{:<8}'", format!("{piece}{more}")));
        }
    }

    /// The whole header.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.card("END");
        self.0.resize(self.0.len().next_multiple_of(BLOCK as usize), b' ');
        self.0
    }
}

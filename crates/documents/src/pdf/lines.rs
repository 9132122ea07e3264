//! Text that is broken into lines.

use super::{faces::Faces, shape::Shaped, style::Style};

/// Lines of one style, each no wider than asked for.
pub(super) struct Lines {
    pub(super) style: Style,
    pub(super) lines: Vec<Shaped>,
}

impl Lines {
    /// The height of all lines, in points.
    pub(super) fn height(&self) -> f32 {
        self.lines.iter().map(|_| self.style.leading()).sum()
    }
}

impl Faces {
    /// The text broken between words, and within what has no blanks and is wider than a line.
    pub(super) fn wrap(&self, text: &str, style: Style, width: f32) -> Lines {
        let blank = self.width(" ", style);
        let mut lines = vec![String::new()];
        let mut taken = 0.0;
        for piece in text.split_whitespace().flat_map(|word| self.pieces(word, style, width)) {
            let gap = if piece.continues || taken == 0.0 { 0.0 } else { blank };
            if taken > 0.0 && taken + gap + piece.width > width {
                lines.push(String::new());
                taken = 0.0;
            } else {
                taken += gap;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(if gap > 0.0 && !line.is_empty() { " " } else { "" });
                line.push_str(&piece.text);
            }
            taken += piece.width;
        }
        Lines { style, lines: lines.iter().map(|line| self.shape(line, style.weight)).collect() }
    }

    /// The word, cut where it does not fit a line of its own.
    fn pieces(&self, word: &str, style: Style, width: f32) -> Vec<Piece> {
        let whole = Piece { text: word.to_owned(), width: self.width(word, style), continues: false };
        if whole.width <= width {
            return vec![whole];
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for c in word.chars() {
            let text = c.to_string();
            let wide = self.width(&text, style);
            match pieces.last_mut() {
                Some(piece) if piece.width + wide <= width => {
                    piece.text.push(c);
                    piece.width += wide;
                }
                last => {
                    let continues = last.is_some();
                    pieces.push(Piece { text, width: wide, continues });
                }
            }
        }
        pieces
    }

    fn width(&self, text: &str, style: Style) -> f32 {
        self.shape(text, style.weight).width(style.size)
    }
}

/// A word, or a part of one.
struct Piece {
    text: String,
    width: f32,
    /// Whether it stands right after the piece before it.
    continues: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pdf::style::BODY;

    fn texts(lines: &Lines) -> Vec<String> {
        lines.lines.iter().map(|line| line.runs.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_break_between_words_or_else_within() {
        let faces = Faces::load().unwrap();
        assert_eq!(texts(&faces.wrap("one two  three", BODY, 45.0)), ["one two", "three"]);
        let broken = faces.wrap("a WWWWWWWWWWWWWWWWWWWW b", BODY, 60.0);
        assert_eq!(texts(&broken).concat().replace(' ', ""), format!("a{}b", "W".repeat(20)));
        assert!(broken.lines.len() > 2);
        assert_eq!(faces.wrap("", BODY, 60.0).lines.len(), 1);
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        let faces = Faces::load().unwrap();
        proptest!(|(text in "[a-zA-Z0-9 ,.-]{0,80}")| {
            for line in faces.wrap(&text, BODY, 50.0).lines {
                prop_assert!(line.width(BODY.size) <= 50.5);
            }
        });
    }
}

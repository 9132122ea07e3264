//! Text that is broken into lines.

use std::mem;

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
    ///
    /// Lines are measured as they are drawn: letters side by side are not as wide as each alone, because they are kerned
    /// and joined.
    pub(super) fn wrap(&self, text: &str, style: Style, width: f32) -> Lines {
        let words: Vec<&str> = text.split_whitespace().collect();
        let whole = words.join(" ");
        if self.width(&whole, style) <= width {
            return Lines { style, lines: vec![self.shape(&whole, style.weight)] };
        }
        let (mut lines, mut line) = (Vec::new(), String::new());
        for piece in words.into_iter().flat_map(|word| self.pieces(word, style, width)) {
            let longer = format!("{line}{}{}", if piece.continues { "" } else { " " }, piece.text);
            if line.is_empty() {
                line = piece.text;
            } else if self.width(&longer, style) <= width {
                line = longer;
            } else {
                lines.push(mem::replace(&mut line, piece.text));
            }
        }
        lines.push(line);
        Lines { style, lines: lines.iter().map(|line| self.shape(line, style.weight)).collect() }
    }

    /// The word, cut where it does not fit a line of its own.
    fn pieces(&self, word: &str, style: Style, width: f32) -> Vec<Piece> {
        if self.width(word, style) <= width {
            return vec![Piece { text: word.to_owned(), continues: false }];
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for c in word.chars() {
            match pieces.last_mut() {
                Some(piece) if self.width(&format!("{}{c}", piece.text), style) <= width => {
                    piece.text.push(c)
                }
                last => {
                    let continues = last.is_some();
                    pieces.push(Piece { text: c.to_string(), continues });
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
                prop_assert!(line.width(BODY.size) <= 50.0);
            }
        });
    }

    #[test]
    fn letters_that_are_wider_side_by_side_are_measured_so() {
        let faces = Faces::load().unwrap();
        let (text, apart) = (",c0vEJ0EYM", |c: char| faces.width(&c.to_string(), BODY));
        let width = text.chars().map(apart).sum();
        assert!(faces.width(text, BODY) > width, "the faces kern no letter of this apart");
        assert_eq!(faces.wrap(text, BODY, width).lines.len(), 2);
    }
}

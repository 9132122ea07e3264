//! The parts that papers share, from top to bottom.

use super::{
    sheet::{LEFT, Mark, RIGHT, Sheet},
    style::{
        Align, BAND, BODY, HAIRLINE, LABEL, NAME, SMALL, STRONG, STRONG_LINE, SUBTITLE, SUM, Style, TITLE,
    },
};
use crate::{Amount, Line, Party, paper::short_day};

/// Where the right half of the page begins.
const MIDDLE: f32 = LEFT + 260.0;
/// Where descriptions begin, and how wide they are.
const WHAT: f32 = LEFT + 78.0;
const WHAT_WIDTH: f32 = 300.0;
const HALF: f32 = RIGHT - MIDDLE;
/// Lines higher than this may begin on one page and end on the next.
const LONG_LINE: f32 = 300.0;
/// Above and below the text of a line.
const PADDING: f32 = 4.5;

impl Sheet {
    /// The title, with what identifies the paper to its right.
    pub(super) fn head(&mut self, title: &str, subtitle: Option<&str>, facts: &[(&str, String)]) {
        let top = self.y;
        let lines = self.faces.wrap(title, TITLE, MIDDLE - LEFT - 16.0);
        let mut left = self.put_lines((LEFT, top - 4.0), Align::Left, lines);
        if let Some(subtitle) = subtitle {
            let lines = self.faces.wrap(subtitle, SUBTITLE, MIDDLE - LEFT - 16.0);
            left = self.put_lines((LEFT, left), Align::Left, lines);
        }
        let mut right = top;
        for (label, value) in facts {
            self.put_text((MIDDLE, right + 1.2), Align::Left, LABEL, label);
            let lines = self.faces.wrap(value, BODY, HALF - 50.0);
            right = self.put_lines((MIDDLE + 50.0, right), Align::Left, lines);
        }
        self.y = left.max(right) + 16.0;
        self.rule(self.y, 0.8, STRONG_LINE);
        self.y += 16.0;
    }

    /// Both sides, beside each other.
    pub(super) fn parties(&mut self, left: (&str, &Party), right: (&str, &Party)) {
        let top = self.y;
        let ends = [(LEFT, left), (MIDDLE, right)].map(|(x, (label, party))| {
            self.put_text((x, top), Align::Left, LABEL, label);
            let name = self.faces.wrap(&party.name, NAME, HALF - 12.0);
            let mut y = self.put_lines((x, top + LABEL.leading() + 2.0), Align::Left, name);
            for line in party.address.iter().chain(&party.tax_id) {
                let lines = self.faces.wrap(line, BODY, HALF - 12.0);
                y = self.put_lines((x, y), Align::Left, lines);
            }
            y
        });
        self.y = ends.into_iter().fold(top, f32::max) + 22.0;
    }

    /// A band of amounts beside each other, the last of which matters most.
    pub(super) fn band(&mut self, cells: &[(&str, Amount)]) {
        const HEIGHT: f32 = 46.0;
        let top = self.y;
        self.mark(Mark::Box { x: LEFT, y: top, width: RIGHT - LEFT, height: HEIGHT, grey: BAND });
        let columns = (0_u16..).zip(cells.iter().rev());
        for (place, (label, amount)) in columns {
            let right = RIGHT - 12.0 - f32::from(place) * 118.0;
            let style = if place == 0 { SUM } else { BODY };
            self.put_text((right, top + 9.0), Align::Right, LABEL, label);
            let y = top + 36.0 - style.ascent();
            self.put_text((right, y), Align::Right, style, &amount.grouped());
        }
        self.y = top + HEIGHT + 24.0;
    }

    /// The lines of the paper. The names of the columns stand on each page.
    pub(super) fn table<'a>(&mut self, amount: &str, lines: impl IntoIterator<Item = &'a Line>) {
        self.table_head(amount);
        for line in lines {
            self.table_line(amount, line);
        }
    }

    fn table_head(&mut self, amount: &str) {
        self.make_room(60.0);
        let y = self.y;
        self.put_text((LEFT, y), Align::Left, LABEL, "Date");
        self.put_text((WHAT, y), Align::Left, LABEL, "Description");
        self.put_text((RIGHT, y), Align::Right, LABEL, amount);
        self.y = y + LABEL.leading() + 4.0;
        self.rule(self.y, 0.8, STRONG_LINE);
    }

    fn table_line(&mut self, amount: &str, line: &Line) {
        let what = self.faces.wrap(&line.what, BODY, WHAT_WIDTH);
        let detail = line.detail.as_deref().map(|detail| self.faces.wrap(detail, SMALL, WHAT_WIDTH));
        let height = what.height() + detail.as_ref().map_or(0.0, |detail| detail.height()) + 2.0 * PADDING;
        // A line moves to the next page as a whole, unless it is so long that much of a page would stay empty.
        if self.make_room(height.min(LONG_LINE)) {
            self.table_head(amount);
        }
        let top = self.y + PADDING;
        self.put_text((LEFT, top), Align::Left, BODY, &short_day(line.on));
        self.put_text((RIGHT, top), Align::Right, BODY, &line.amount.grouped());
        self.y = top;
        for text in [Some(what), detail].into_iter().flatten() {
            for shaped in text.lines {
                if self.make_room(text.style.leading()) {
                    self.table_head(amount);
                    self.y += PADDING;
                }
                self.put((WHAT, self.y), Align::Left, text.style, shaped);
                self.y += text.style.leading();
            }
        }
        self.y += PADDING;
        self.rule(self.y, 0.4, HAIRLINE);
    }

    /// Sums below the table, the last of which matters most.
    pub(super) fn sums(&mut self, sums: &[(String, String)]) {
        self.make_room(24.0 + 17.0 * sums.len() as f32);
        self.y += 8.0;
        let last = sums.len().saturating_sub(1);
        for (place, (label, amount)) in sums.iter().enumerate() {
            let style = if place == last { STRONG } else { BODY };
            if place == last {
                self.y += 2.0;
                let (x, y) = (MIDDLE, self.y);
                self.mark(Mark::Box { x, y, width: RIGHT - x, height: 0.8, grey: STRONG_LINE });
                self.y += 4.0;
            }
            let amount = self.faces.shape(amount, style.weight);
            let room = RIGHT - MIDDLE - amount.width(style.size) - 16.0;
            let lines = self.faces.wrap(label, style, room.max(60.0));
            let top = self.y;
            self.y = self.put_lines((MIDDLE, top), Align::Left, lines) + 2.5;
            self.put((RIGHT, top), Align::Right, style, amount);
        }
        self.y += 14.0;
    }

    /// Paragraphs below everything.
    pub(super) fn notes(&mut self, notes: &[String]) {
        self.y += 10.0;
        for note in notes.iter().flat_map(|note| note.lines()) {
            self.paragraph(note, SMALL);
            self.y += 3.0;
        }
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        for shaped in self.faces.wrap(text, style, RIGHT - LEFT).lines {
            self.make_room(style.leading());
            self.put((LEFT, self.y), Align::Left, style, shaped);
            self.y += style.leading();
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use money::{Currency, Money};

    use super::*;
    use crate::pdf::{faces::Faces, sheet::PAGE_HEIGHT};

    #[test]
    fn nothing_is_placed_off_a_page_however_long_a_line_is() {
        let line = |words: usize| Line {
            on: NaiveDate::default(),
            what: "word ".repeat(words),
            detail: Some("more ".repeat(words)),
            amount: Money::new(1, Currency::EUR).into(),
        };
        let mut sheet = Sheet::new(Faces::load().unwrap());
        sheet.table("Amount", &[line(100), line(700), line(1)]);
        sheet.sums(&[("Total".to_owned(), "0.03".to_owned())]);
        sheet.notes(&["note ".repeat(700)]);
        let pages = sheet.finish("A paper");
        assert!(pages.len() > 3, "{}", pages.len());
        for mark in pages.iter().flatten() {
            let (left, right, foot) = match mark {
                Mark::Text { x, baseline, style, shaped } => (*x, x + shaped.width(style.size), *baseline),
                Mark::Box { x, y, width, height, .. } => (*x, x + width, y + height),
            };
            assert!(
                left >= LEFT - 0.1 && right <= RIGHT + 0.1 && foot <= PAGE_HEIGHT - 39.0,
                "{left} {right} {foot}"
            );
        }
    }
}

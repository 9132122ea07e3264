//! Pages, and what is placed on them. Distances are in points, from the upper left corner.

use super::{
    faces::Faces,
    lines::Lines,
    shape::Shaped,
    style::{Align, LABEL, Style},
};

/// A4.
pub(super) const PAGE_WIDTH: f32 = 595.28;
pub(super) const PAGE_HEIGHT: f32 = 841.89;
/// Where text begins and ends, 20 mm from the edge.
pub(super) const LEFT: f32 = 56.7;
pub(super) const RIGHT: f32 = PAGE_WIDTH - LEFT;
const TOP: f32 = 56.7;
const BOTTOM: f32 = PAGE_HEIGHT - 68.0;
const FOOT: f32 = PAGE_HEIGHT - 40.0;

/// Something on a page.
pub(super) enum Mark {
    /// A text whose letters stand on `baseline`.
    Text { x: f32, baseline: f32, style: Style, shaped: Shaped },
    /// A filled rectangle.
    Box { x: f32, y: f32, width: f32, height: f32, grey: u8 },
}

/// Pages that are filled from top to bottom.
pub(super) struct Sheet {
    pub(super) faces: Faces,
    pub(super) pages: Vec<Vec<Mark>>,
    /// Where on the last page the next thing goes.
    pub(super) y: f32,
}

impl Sheet {
    /// An empty page.
    pub(super) fn new(faces: Faces) -> Self {
        Self { faces, pages: vec![Vec::new()], y: TOP }
    }

    /// Begins a page unless there is room for so much. Says whether it did.
    pub(super) fn make_room(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM && self.y > TOP;
        if is_full {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        is_full
    }

    /// Puts a line of text at `x`, its top at `y`.
    pub(super) fn put(&mut self, (x, y): (f32, f32), align: Align, style: Style, shaped: Shaped) {
        let x = match align {
            Align::Left => x,
            Align::Right => x - shaped.width(style.size),
        };
        self.mark(Mark::Text { x, baseline: y + style.ascent(), style, shaped });
    }

    /// Puts a text that is known to be short.
    pub(super) fn put_text(&mut self, at: (f32, f32), align: Align, style: Style, text: &str) {
        let shaped = self.faces.shape(text, style.weight);
        self.put(at, align, style, shaped);
    }

    /// Puts lines below each other, and says where they end.
    pub(super) fn put_lines(&mut self, (x, y): (f32, f32), align: Align, lines: Lines) -> f32 {
        let end = y + lines.height();
        for (place, shaped) in (0_u16..).zip(lines.lines) {
            self.put((x, y + f32::from(place) * lines.style.leading()), align, lines.style, shaped);
        }
        end
    }

    /// Draws a line across the text.
    pub(super) fn rule(&mut self, y: f32, thickness: f32, grey: u8) {
        self.mark(Mark::Box { x: LEFT, y, width: RIGHT - LEFT, height: thickness, grey });
    }

    /// Places a mark on the last page.
    pub(super) fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Writes `what` and the number of the page below each page.
    pub(super) fn finish(mut self, what: &str) -> Vec<Vec<Mark>> {
        let count = self.pages.len();
        let room = RIGHT - LEFT - 70.0;
        let what = self.faces.wrap(what, LABEL, room).lines.into_iter().next().unwrap_or_default();
        for (place, page) in (1..).zip(&mut self.pages) {
            let number = self.faces.shape(&format!("Page {place} of {count}"), LABEL.weight);
            let right = RIGHT - number.width(LABEL.size);
            page.push(Mark::Text { x: LEFT, baseline: FOOT, style: LABEL, shaped: what.clone() });
            page.push(Mark::Text { x: right, baseline: FOOT, style: LABEL, shaped: number });
        }
        self.pages
    }
}

//! How papers look: few sizes, two weights, three greys.

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// The look of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    pub(super) weight: Weight,
    /// From 0, black, to 255, white.
    pub(super) grey: u8,
}

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

const INK: u8 = 26;
const PALE_INK: u8 = 110;
/// The grey of lines.
pub(super) const HAIRLINE: u8 = 208;
/// The grey of a strong line.
pub(super) const STRONG_LINE: u8 = 90;
/// The grey behind what matters most.
pub(super) const BAND: u8 = 245;

pub(super) const TITLE: Style = Style { size: 21.0, weight: Weight::Bold, grey: INK };
pub(super) const SUBTITLE: Style = Style { size: 10.5, weight: Weight::Regular, grey: PALE_INK };
pub(super) const NAME: Style = Style { size: 10.5, weight: Weight::Bold, grey: INK };
pub(super) const BODY: Style = Style { size: 9.5, weight: Weight::Regular, grey: INK };
pub(super) const STRONG: Style = Style { size: 9.5, weight: Weight::Bold, grey: INK };
pub(super) const SUM: Style = Style { size: 12.0, weight: Weight::Bold, grey: INK };
pub(super) const SMALL: Style = Style { size: 8.5, weight: Weight::Regular, grey: PALE_INK };
pub(super) const LABEL: Style = Style { size: 8.0, weight: Weight::Regular, grey: PALE_INK };

impl Style {
    /// From one line of text to the next, in points.
    pub(super) fn leading(self) -> f32 {
        self.size * 1.42
    }

    /// From the top of a line to the feet of its letters, in points.
    pub(super) fn ascent(self) -> f32 {
        self.size * 1.08
    }
}

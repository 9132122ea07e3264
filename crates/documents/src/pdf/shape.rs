//! From text to glyphs: fonts that stand in, both reading directions, ligatures.

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

use super::{
    faces::{FaceId, Faces},
    style::Weight,
};

/// What stands for a character that no font has.
const REPLACEMENT: char = '\u{fffd}';

/// A line of text as it is drawn, from left to right.
#[derive(Debug, Clone, Default)]
pub(super) struct Shaped {
    pub(super) runs: Vec<Run>,
}

/// Neighbouring glyphs of one font.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) face: FaceId,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Its width at one point.
    width: f32,
}

impl Run {
    /// Its width in points.
    pub(super) fn width(&self, size: f32) -> f32 {
        self.width * size
    }
}

impl Shaped {
    /// Its width in points.
    pub(super) fn width(&self, size: f32) -> f32 {
        self.runs.iter().map(|run| run.width(size)).sum()
    }
}

/// The text without characters that control: blanks for those that part words, nothing for those that turn the reading
/// direction, with which a name could turn an amount.
pub(super) fn clean(text: &str) -> String {
    let keep = |c: char| match c {
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => None,
        c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => Some(' '),
        c => Some(c),
    };
    text.chars().filter_map(keep).collect()
}

impl Faces {
    /// The text in one line, read from left to right unless its letters are of scripts that are not.
    pub(super) fn shape(&self, text: &str, weight: Weight) -> Shaped {
        let text: String = clean(text).chars().map(|c| self.present(c, weight)).collect();
        let bidi = BidiInfo::new(&text, Some(Level::ltr()));
        let mut runs = Vec::new();
        for paragraph in &bidi.paragraphs {
            let (levels, ranges) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in ranges {
                let is_rtl = levels.get(range.start).is_some_and(Level::is_rtl);
                let mut parts = self.split_by_face(text.get(range).unwrap_or_default(), weight);
                if is_rtl {
                    parts.reverse();
                }
                runs.extend(parts.into_iter().map(|(face, part)| self.run(face, part, is_rtl)));
            }
        }
        Shaped { runs }
    }

    fn present(&self, c: char, weight: Weight) -> char {
        if is_joiner(c) || self.with(c, FaceId::of(weight)).is_some() { c } else { REPLACEMENT }
    }

    /// The text cut where another font is needed. Blanks and joiners stay with what is before them.
    fn split_by_face<'a>(&self, text: &'a str, weight: Weight) -> Vec<(FaceId, &'a str)> {
        let usual = FaceId::of(weight);
        let mut parts = Vec::new();
        let (mut start, mut current) = (0, None);
        for (at, c) in text.char_indices() {
            let stays = current.is_some_and(|face| {
                is_joiner(c) || ((c.is_whitespace() || !is_plain(c)) && self.with(c, face) == Some(face))
            });
            let wanted = if stays { current } else { self.with(c, usual) };
            if current.is_some() && wanted != current {
                parts.push((current.unwrap_or(usual), text.get(start..at).unwrap_or_default()));
                start = at;
            }
            current = wanted.or(current).or(Some(usual));
        }
        let rest = text.get(start..).unwrap_or_default();
        parts.extend(current.filter(|_| !rest.is_empty()).map(|face| (face, rest)));
        parts
    }

    fn run(&self, id: FaceId, text: &str, is_rtl: bool) -> Run {
        let Some(face) = self.face(id) else {
            return Run { face: id, text: text.to_owned(), glyphs: Vec::new(), width: 0.0 };
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let starts: std::collections::BTreeSet<usize> =
            shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        let per_em = face.units_per_em() as f32;
        let glyphs: Vec<_> = std::iter::zip(shaped.glyph_infos(), shaped.glyph_positions())
            .map(|(info, place)| {
                let start = info.cluster as usize;
                let end = starts.range(start + 1..).next().copied().unwrap_or(text.len());
                let em = |units: i32| units as f32 / per_em;
                let (id, cluster) = (GlyphId::new(info.glyph_id), start..end);
                let [x, y, right, up] =
                    [place.x_advance, place.x_offset, place.y_offset, place.y_advance].map(em);
                KrillaGlyph::new(id, x, y, right, up, cluster, None)
            })
            .collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Run { face: id, text: text.to_owned(), glyphs, width }
    }
}

/// Whether it joins or parts letters and is not seen itself.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{ad}' | '\u{34f}')
}

/// Whether it belongs to the usual font wherever it stands: a digit among foreign letters looks like all the others.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(shaped: &Shaped) -> Vec<(&'static str, &str)> {
        shaped.runs.iter().map(|run| (run.face.file().0, run.text.as_str())).collect()
    }

    #[test]
    fn fonts_stand_in_where_they_must() {
        let faces = Faces::load().unwrap();
        let shaped = faces.shape("Sakura さくら 3", Weight::Bold);
        let expected =
            [("NotoSans-Bold", "Sakura "), ("DroidSansFallback", "さくら "), ("NotoSans-Bold", "3")];
        assert_eq!(names(&shaped), expected);
    }

    #[test]
    fn hebrew_runs_from_right_to_left_within_a_line() {
        let faces = Faces::load().unwrap();
        let shaped = faces.shape("to שלום!", Weight::Regular);
        let hebrew = shaped.runs.iter().find(|run| run.face.file().0 == "NotoSansHebrew-Regular").unwrap();
        let starts: Vec<_> = hebrew.glyphs.iter().map(|glyph| glyph.text_range.start).collect();
        assert!(starts.is_sorted_by(|left, right| left > right), "{starts:?}");
        assert_eq!(names(&shaped)[0].1, "to ");
    }

    #[test]
    fn arabic_letters_are_joined() {
        let faces = Faces::load().unwrap();
        let glyphs = |text: &str| -> Vec<GlyphId> {
            faces
                .shape(text, Weight::Regular)
                .runs
                .iter()
                .flat_map(|run| &run.glyphs)
                .map(|glyph| glyph.glyph_id)
                .collect()
        };
        let alone: Vec<_> = "محمد".chars().rev().flat_map(|c| glyphs(&c.to_string())).collect();
        let joined = glyphs("محمد");
        assert_eq!(joined.len(), alone.len());
        assert!(std::iter::zip(&joined, &alone).filter(|(joined, alone)| joined != alone).count() >= 3);
    }

    #[test]
    fn nothing_turns_the_reading_direction_or_breaks_the_line() {
        assert_eq!(clean("a\u{202e}b\u{2066}c\nd\te\u{7}"), "abc d e ");
        let faces = Faces::load().unwrap();
        let shaped = faces.shape("\u{202e}12.00 EUR", Weight::Regular);
        assert_eq!(names(&shaped), [("NotoSans-Regular", "12.00 EUR")]);
    }

    #[test]
    fn no_text_lacks_a_glyph() {
        let faces = Faces::load().unwrap();
        proptest!(|(text in "\\PC{0,40}")| {
            for run in faces.shape(&text, Weight::Bold).runs {
                for glyph in &run.glyphs {
                    let shown = run.text.get(glyph.text_range.clone()).unwrap();
                    prop_assert!(glyph.glyph_id.to_u32() != 0, "{shown:?} in {:?}", run.face.file().0);
                }
            }
        });
    }
}

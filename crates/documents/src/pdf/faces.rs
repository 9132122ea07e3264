//! The embedded fonts.

use rustybuzz::Face;

use super::{RenderError, style::Weight};

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        /// Every font: the first two are the text's, the others stand in for scripts that these do not have.
        const FILES: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("../../fonts/", $name, ".ttf")))),+];
    };
}

embedded!(
    "NotoSans-Regular",
    "NotoSans-Bold",
    "NotoSansArabic-Regular",
    "NotoSansArmenian-Regular",
    "NotoSansBengali-Regular",
    "NotoSansDevanagari-Regular",
    "NotoSansEthiopic-Regular",
    "NotoSansGeorgian-Regular",
    "NotoSansGujarati-Regular",
    "NotoSansGurmukhi-Regular",
    "NotoSansHebrew-Regular",
    "NotoSansKannada-Regular",
    "NotoSansKhmer-Regular",
    "NotoSansLao-Regular",
    "NotoSansMalayalam-Regular",
    "NotoSansMyanmar-Regular",
    "NotoSansSinhala-Regular",
    "NotoSansTamil-Regular",
    "NotoSansTelugu-Regular",
    "NotoSansThai-Regular",
    "DroidSansFallback",
);

/// Which of the embedded fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FaceId(usize);

/// The fonts, ready to measure text.
pub(super) struct Faces(Vec<Face<'static>>);

impl FaceId {
    /// The name and the bytes of the font.
    pub(super) fn file(self) -> (&'static str, &'static [u8]) {
        FILES.get(self.0).copied().unwrap_or_default()
    }

    /// The font of most text.
    pub(super) fn of(weight: Weight) -> Self {
        match weight {
            Weight::Regular => Self(0),
            Weight::Bold => Self(1),
        }
    }
}

impl Faces {
    /// All fonts.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn load() -> Result<Self, RenderError> {
        let face = |(name, bytes): &(&'static str, &'static [u8])| {
            Face::from_slice(bytes, 0).ok_or(RenderError::Font { name })
        };
        FILES.iter().map(face).collect::<Result<_, _>>().map(Self)
    }

    /// The font.
    pub(super) fn face(&self, id: FaceId) -> Option<&Face<'static>> {
        self.0.get(id.0)
    }

    /// The font that has the character, `preferred` if it does.
    pub(super) fn with(&self, c: char, preferred: FaceId) -> Option<FaceId> {
        let has = |id: &FaceId| self.face(*id).is_some_and(|face| face.glyph_index(c).is_some());
        std::iter::once(preferred).chain((0..self.0.len()).map(FaceId)).find(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_the_world_have_glyphs() {
        let faces = Faces::load().unwrap();
        let regular = FaceId::of(Weight::Regular);
        for name in [
            "Łukasz Żółć, Þórunn Ægisdóttir, Nguyễn Văn Đức, İbrahim Şahin",
            "Ελένη Παπαδοπούλου",
            "Юлія Ґалаґан",
            "שרה כהן",
            "محمد بن عبد الله",
            "Արմեն Պետրոսյան",
            "ნინო ბერიძე",
            "अनन्या शर्मा",
            "রবীন্দ্রনাথ",
            "தமிழ் செல்வன்",
            "สมชาย ใจดี",
            "አበበ ቢቂላ",
            "山田太郎 さくら カタカナ",
            "김민준",
            "王小明 龍馬",
        ] {
            for c in name.chars() {
                assert!(faces.with(c, regular).is_some(), "{c} of {name}");
            }
        }
        assert_eq!(faces.with('A', FaceId::of(Weight::Bold)), Some(FaceId(1)));
        assert_eq!(faces.with('\u{10ffff}', regular), None);
    }
}

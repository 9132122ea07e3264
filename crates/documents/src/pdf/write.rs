//! From marks to the bytes of a file.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use krilla::{
    Document, SerializeSettings,
    color::luma,
    configure::{Archival, ConfigurationBuilder},
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    text::Font,
};

use super::{
    RenderError,
    faces::FaceId,
    sheet::{Mark, PAGE_HEIGHT, PAGE_WIDTH},
};

/// The file. It says that it was made at the start of the day on which the paper was issued.
///
/// # Errors
/// When a font cannot be embedded, or the file would be no PDF/A-2b.
pub(super) fn write(title: &str, issued_on: NaiveDate, pages: &[Vec<Mark>]) -> Result<Vec<u8>, RenderError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|_| RenderError::NoArchive)?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..Default::default() });
    let mut fonts = BTreeMap::new();
    for marks in pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).unwrap_or_default();
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, &mut fonts, mark)?;
        }
        surface.finish();
        page.finish();
    }
    document.set_metadata(metadata(title, issued_on));
    Ok(document.finish()?)
}

fn metadata(title: &str, issued_on: NaiveDate) -> Metadata {
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let made = DateTime::new(u16::try_from(issued_on.year()).unwrap_or_default())
        .month(part(issued_on.month()))
        .day(part(issued_on.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(title.to_owned())
        .creator("Refero".to_owned())
        .language("en".to_owned())
        .creation_date(made)
}

fn draw(surface: &mut Surface, fonts: &mut BTreeMap<FaceId, Font>, mark: &Mark) -> Result<(), RenderError> {
    match mark {
        Mark::Box { x, y, width, height, grey } => {
            surface.set_fill(Some(fill(*grey)));
            let mut path = PathBuilder::new();
            Rect::from_xywh(*x, *y, *width, *height).into_iter().for_each(|rect| path.push_rect(rect));
            path.finish().iter().for_each(|path| surface.draw_path(path));
        }
        Mark::Text { x, baseline, style, shaped } => {
            surface.set_fill(Some(fill(style.grey)));
            let mut x = *x;
            for run in &shaped.runs {
                let font = font(fonts, run.face)?;
                let start = Point::from_xy(x, *baseline);
                surface.draw_glyphs(start, &run.glyphs, font, &run.text, style.size, false);
                x += run.width(style.size);
            }
        }
    }
    Ok(())
}

fn fill(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), ..Default::default() }
}

fn font(fonts: &mut BTreeMap<FaceId, Font>, face: FaceId) -> Result<Font, RenderError> {
    if let Some(font) = fonts.get(&face) {
        return Ok(font.clone());
    }
    let (name, bytes) = face.file();
    let font = Font::new(bytes.into(), 0).ok_or(RenderError::Font { name })?;
    fonts.insert(face, font.clone());
    Ok(font)
}

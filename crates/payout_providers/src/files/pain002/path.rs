use quick_xml::{Reader, events::Event};

use super::NotAStatusReport;

/// The end of an element: where it stands, and its text if it has one.
pub(super) struct Leaf {
    /// The names from the root, without prefixes: `Document/CstmrPmtStsRpt/GrpHdr/MsgId`.
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) text: String,
}

/// Every element of a document, in the order in which they end. Entities are those of XML alone: a document type is
/// refused.
pub(super) fn leaves(document: &str) -> Result<Vec<Leaf>, NotAStatusReport> {
    let mut reader = Reader::from_str(document);
    let (mut path, mut text, mut found): (Vec<String>, String, Vec<Leaf>) = Default::default();
    loop {
        let event = reader.read_event();
        let line = line_at(document, reader.buffer_position());
        let broken = || NotAStatusReport::NotWellFormed { line };
        match event.map_err(|_| broken())? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) => {
                let known = quick_xml::escape::resolve_xml_entity(&entity).map(str::to_owned);
                let character = || entity.resolve_char_ref().ok().flatten().map(String::from);
                text.push_str(&known.or_else(character).ok_or_else(broken)?);
            }
            Event::End(_) => {
                found.push(Leaf { path: path.join("/"), line, text: text.trim().to_owned() });
                text.clear();
                path.pop();
            }
            Event::DocType(_) => return Err(broken()),
            Event::Eof if path.is_empty() => return Ok(found),
            Event::Eof => return Err(broken()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn line_at(document: &str, position: u64) -> u64 {
    let end = usize::try_from(position).unwrap_or(usize::MAX).min(document.len());
    1 + document.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() as u64
}

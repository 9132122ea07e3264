use quick_xml::{Reader, events::Event};

use super::NotAStatusReport;

/// ISO 20022 has shorter names, and nests less. Whoever has more brings something else, perhaps to fill the memory.
const MOST_NAME: usize = 100;
const MOST_DEPTH: usize = 32;

/// The end of an element: where it stands, and its text if it has one.
pub(super) struct Leaf<'d> {
    /// The names from the root, without prefixes: `Document/CstmrPmtStsRpt/GrpHdr/MsgId`.
    pub(super) path: &'d str,
    pub(super) line: u64,
    pub(super) text: &'d str,
}

/// Hands on every element of a document, in the order in which they end. Entities are those of XML alone: a document type is
/// refused.
pub(super) fn each_leaf(document: &str, mut take: impl FnMut(Leaf<'_>)) -> Result<(), NotAStatusReport> {
    let mut reader = Reader::from_str(document);
    let (mut path, mut text, mut lines) = (Path::default(), String::new(), Lines::of(document));
    loop {
        let event = reader.read_event();
        let line = lines.at(reader.buffer_position());
        let broken = || NotAStatusReport::NotWellFormed { line };
        match event.map_err(|_| broken())? {
            Event::Start(start) => {
                path.enter(start.local_name().as_ref()).ok_or(NotAStatusReport::Other)?;
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
                take(Leaf { path: &path.names, line, text: text.trim() });
                text.clear();
                path.leave();
            }
            Event::DocType(_) => return Err(broken()),
            Event::Eof if path.depth == 0 => return Ok(()),
            Event::Eof => return Err(broken()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// Where the reader stands.
#[derive(Default)]
struct Path {
    names: String,
    depth: usize,
}

impl Path {
    /// Nothing if no report has such a name there.
    fn enter(&mut self, name: &str) -> Option<()> {
        if name.len() > MOST_NAME || self.depth == MOST_DEPTH {
            return None;
        }
        if self.depth > 0 {
            self.names.push('/');
        }
        self.names.push_str(name);
        self.depth += 1;
        Some(())
    }

    fn leave(&mut self) {
        self.names.truncate(self.names.rfind('/').unwrap_or(0));
        self.depth -= 1;
    }
}

/// Counts the lines of a document as it is read.
struct Lines<'d> {
    rest: &'d [u8],
    read: u64,
    line: u64,
}

impl<'d> Lines<'d> {
    fn of(document: &'d str) -> Self {
        Self { rest: document.as_bytes(), read: 0, line: 1 }
    }

    /// The line of a position that is not before the last one that was asked about.
    fn at(&mut self, position: u64) -> u64 {
        let further = usize::try_from(position.saturating_sub(self.read)).unwrap_or(usize::MAX);
        let (passed, rest) = self.rest.split_at(further.min(self.rest.len()));
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.read += passed.len() as u64;
        self.rest = rest;
        self.line
    }
}

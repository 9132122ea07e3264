use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

/// An element of a document, as it is written.
pub(super) struct Element {
    name: &'static str,
    attribute: Option<(&'static str, String)>,
    content: Content,
}

enum Content {
    Text(String),
    Elements(Vec<Element>),
}

/// An element with a text.
pub(super) fn text(name: &'static str, text: impl Into<String>) -> Element {
    Element { name, attribute: None, content: Content::Text(text.into()) }
}

/// An element with elements.
pub(super) fn element(name: &'static str, elements: impl IntoIterator<Item = Element>) -> Element {
    Element { name, attribute: None, content: Content::Elements(elements.into_iter().collect()) }
}

impl Element {
    pub(super) fn with(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.attribute = Some((attribute, value.into()));
        self
    }

    /// The document whose root this is.
    pub(super) fn to_text(&self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        let declaration = Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None));
        // Writing to memory does not fail.
        let _ = writer.write_event(declaration).and_then(|()| self.write(&mut writer));
        let mut bytes = writer.into_inner();
        bytes.push(b'\n');
        String::from_utf8(bytes).unwrap_or_default()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let mut start = BytesStart::new(self.name);
        if let Some((name, value)) = &self.attribute {
            start.push_attribute((*name, value.as_str()));
        }
        writer.write_event(Event::Start(start))?;
        match &self.content {
            Content::Text(text) => writer.write_event(Event::Text(BytesText::new(text)))?,
            Content::Elements(elements) => elements.iter().try_for_each(|element| element.write(writer))?,
        }
        writer.write_event(Event::End(BytesEnd::new(self.name)))
    }
}

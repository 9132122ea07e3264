use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{Feed, FeedDay, FeedError, day};

/// `<Cube time="..">` is a day, and `<Cube currency=".." rate=".."/>` a rate of the day that came last; the rest is dressing.
pub(super) fn read(text: &str) -> Result<Feed, FeedError> {
    let unreadable = |error: &dyn std::fmt::Display| FeedError::Unreadable(error.to_string());
    let (mut feed, mut reader, mut open) = (Feed::default(), Reader::from_str(text), 0_u32);
    loop {
        match reader.read_event().map_err(|error| unreadable(&error))? {
            Event::Start(element) => {
                open += 1;
                add(&mut feed, &element)?;
            }
            Event::Empty(element) => add(&mut feed, &element)?,
            Event::End(_) => open = open.saturating_sub(1),
            Event::Eof if open > 0 => return Err(unreadable(&"it ends in the middle")),
            Event::Eof => return Ok(feed),
            _ => {}
        }
    }
}

fn add(feed: &mut Feed, element: &BytesStart<'_>) -> Result<(), FeedError> {
    if element.local_name().as_ref() != "Cube" {
        return Ok(());
    }
    let (mut time, mut currency, mut rate) = (None, None, None);
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| FeedError::Unreadable(error.to_string()))?;
        let value = attribute.value.into_owned();
        match attribute.key.as_ref() {
            "time" => time = Some(value),
            "currency" => currency = Some(value),
            "rate" => rate = Some(value),
            _ => {}
        }
    }
    if let Some(time) = time {
        feed.days.push(FeedDay { date: day(&time)?, rates: Vec::new() });
    }
    match (currency, rate) {
        (Some(currency), Some(rate)) => feed.add(&currency, &rate),
        _ => Ok(()),
    }
}

use super::{Feed, FeedDay, FeedError, day};

/// A line of codes behind `Date`, then a line per day. Days before a currency came, or after it went, have `N/A` there; each
/// line ends with a comma.
pub(super) fn read(text: &str) -> Result<Feed, FeedError> {
    let unreadable = |error: csv::Error| FeedError::Unreadable(error.to_string());
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let codes = reader.headers().map_err(unreadable)?.clone();
    match codes.get(0) {
        Some("Date") => {}
        None | Some("") => return Err(FeedError::Empty),
        Some(_) => return Err(FeedError::Unreadable("the first line does not begin with Date".to_owned())),
    }
    let mut feed = Feed::default();
    for line in reader.records() {
        let line = line.map_err(unreadable)?;
        let date = day(line.get(0).unwrap_or_default())?;
        feed.days.push(FeedDay { date, rates: Vec::new() });
        for (code, rate) in codes.iter().zip(&line).skip(1) {
            if !matches!(rate, "" | "N/A") {
                feed.add(code, rate)?;
            }
        }
    }
    Ok(feed)
}

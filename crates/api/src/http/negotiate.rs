use axum::http::{HeaderMap, StatusCode, header};

use super::refusal::Refusal;

/// What an answer is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: also when Accept is missing or takes anything.
    Json,
    /// `application/graphql-response+json`: its status tells request errors apart.
    GraphqlResponse,
    /// `text/html`, for GET from a browser only.
    Html,
}

impl Media {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn of_range(range: &str, pages: bool) -> Option<Self> {
        match range {
            "application/graphql-response+json" => Some(Self::GraphqlResponse),
            "application/json" | "application/*" | "*/*" => Some(Self::Json),
            "text/html" if pages => Some(Self::Html),
            _ => None,
        }
    }
}

/// The media type that Accept likes most; the first of equals. `pages` says whether HTML is on offer.
///
/// # Errors
/// 406 when none on offer is acceptable.
pub(crate) fn accepted(headers: &HeaderMap, pages: bool) -> Result<Media, Refusal> {
    let mut best: Option<(u16, Media)> = None;
    let mut ranges = 0;
    for value in headers.get_all(header::ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',').filter(|range| !range.trim().is_empty()) {
            ranges += 1;
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().and_then(|range| Media::of_range(&range.to_ascii_lowercase(), pages));
            let quality = parts.find_map(quality).unwrap_or(1000);
            if let Some(media) = media.filter(|_| quality > 0 && best.is_none_or(|(most, _)| quality > most))
            {
                best = Some((quality, media));
            }
        }
    }
    match best {
        Some((_, media)) => Ok(media),
        None if ranges == 0 => Ok(Media::Json),
        None => Err(Refusal::transport(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Accept application/graphql-response+json or application/json.",
        )),
    }
}

/// # Errors
/// 406 when Accept is there and takes no event stream.
pub(crate) fn accept_stream(headers: &HeaderMap) -> Result<(), Refusal> {
    let values = headers.get_all(header::ACCEPT).iter().map(|value| value.to_str().unwrap_or_default());
    let mut ranges =
        values.flat_map(|value| value.split(',')).map(media_range).filter(|range| !range.is_empty());
    let is_stream = |range: String| ["text/event-stream", "text/*", "*/*"].contains(&range.as_str());
    if !headers.contains_key(header::ACCEPT) || ranges.any(is_stream) {
        return Ok(());
    }
    let message = "Accept text/event-stream.";
    Err(Refusal::transport(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message))
}

fn media_range(range: &str) -> String {
    range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `q=0.8` in thousandths. What cannot be read counts as no wish at all.
fn quality(parameter: &str) -> Option<u16> {
    let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
    let quality: f32 = value.trim().parse().ok()?;
    Some((quality.clamp(0.0, 1.0) * 1000.0) as u16)
}

/// # Errors
/// 415 unless the body is declared as JSON in UTF-8. Anything that a form or a script can send across origins without
/// asking first (text/plain, form data) is refused by this.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_json = parts.next().as_deref() == Some("application/json");
    let is_utf8 = parts
        .filter_map(|part| part.strip_prefix("charset=").map(|charset| charset.trim_matches('"').to_owned()))
        .all(|charset| matches!(charset.as_str(), "utf-8" | "utf8"));
    if is_json && is_utf8 && headers.get_all(header::CONTENT_TYPE).iter().count() == 1 {
        return Ok(());
    }
    Err(Refusal::transport(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "Send the request as content-type: application/json, in UTF-8.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str, pages: bool) -> Option<Media> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, value.parse().unwrap())]);
        accepted(&headers, pages).ok()
    }

    #[test]
    fn the_most_liked_of_what_we_have() {
        use Media::{GraphqlResponse, Html, Json};
        for (value, media) in [
            ("application/json", Some(Json)),
            ("*/*", Some(Json)),
            ("", Some(Json)),
            ("APPLICATION/GraphQL-Response+JSON", Some(GraphqlResponse)),
            (
                "application/graphql-response+json; charset=utf-8, application/json;q=0.9",
                Some(GraphqlResponse),
            ),
            ("application/graphql-response+json;q=0.1, application/json; q=0.9", Some(Json)),
            ("application/json;q=0, */*;q=0", None),
            ("text/html", None),
            ("image/png, application/xml", None),
        ] {
            assert_eq!(accept(value, false), media, "{value}");
        }
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!((accept(browser, true), accept(browser, false)), (Some(Html), Some(Json)));
        assert_eq!(accepted(&HeaderMap::new(), true).unwrap(), Json);
    }

    #[test]
    fn only_json_in_utf8_is_read() {
        let judge = |value: &str| {
            require_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())])).is_ok()
        };
        for good in
            ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
        {
            assert!(judge(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/json; charset=latin1",
            "application/graphql",
            "multipart/form-data",
        ] {
            assert!(!judge(bad), "{bad}");
        }
        assert!(require_json(&HeaderMap::new()).is_err());
    }
}

/// What stands for a secret.
const MASK: &str = "•••";

/// Shorter path segments are words and names; tokens of 128 bits have at least 22 characters.
const SECRET_SEGMENT_CHARS: usize = 20;

/// Hides whatever could open a door in the links of `text` (plain or HTML), for display to operators: log-in
/// parts, every query value, fragments, and path segments that look like tokens. Host and words stay readable.
///
/// It hides too much rather than too little: an id in a path may be masked as well.
pub fn mask_links(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_link(rest) {
        let (before, from_link) = rest.split_at(start);
        masked.push_str(before);
        let end = from_link.find(ends_link).unwrap_or(from_link.len());
        let (link, after) = from_link.split_at(end);
        masked.push_str(&mask_link(link));
        rest = after;
    }
    masked.push_str(rest);
    masked
}

fn next_link(text: &str) -> Option<usize> {
    text.match_indices("://").find_map(|(at, _)| {
        let scheme = text.get(..at)?.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
        (scheme > 0).then_some(at - scheme)
    })
}

fn ends_link(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`')
}

fn mask_link(link: &str) -> String {
    let (scheme, address) = link.split_once("://").unwrap_or(("", link));
    let (address, fragment) = split_at(address, '#');
    let (address, query) = split_at(address, '?');
    let (authority, path) = split_at(address, '/');
    let host = authority.rsplit_once('@').map_or(authority.to_owned(), |(_, host)| format!("{MASK}@{host}"));
    let mut masked = format!("{scheme}://{host}");
    if let Some(path) = path {
        let segments: Vec<_> =
            path.split('/').map(|part| if is_secret(part) { MASK } else { part }).collect();
        masked.push('/');
        masked.push_str(&segments.join("/"));
    }
    if let Some(query) = query {
        let pairs: Vec<_> = query.split('&').map(mask_pair).collect();
        masked.push('?');
        masked.push_str(&pairs.join("&"));
    }
    if fragment.is_some() {
        masked.push('#');
        masked.push_str(MASK);
    }
    masked
}

fn split_at(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn mask_pair(pair: &str) -> String {
    pair.split_once('=').map_or(MASK.to_owned(), |(name, _)| format!("{name}={MASK}"))
}

fn is_secret(segment: &str) -> bool {
    let is_wordy = segment.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_' | '.'));
    segment.chars().count() >= SECRET_SEGMENT_CHARS && !is_wordy
}

#[cfg(test)]
mod tests {
    use super::mask_links;

    #[test]
    fn secrets_of_links_are_hidden_and_the_rest_stays() {
        for (text, masked) in [
            ("no link here: 1/2 ://", "no link here: 1/2 ://"),
            ("see https://refero.example/programs", "see https://refero.example/programs"),
            ("https://refero.example/verify?token=abc.def", "https://refero.example/verify?token=•••"),
            ("https://refero.example/?abc", "https://refero.example/?•••"),
            (
                "<a href=\"https://refero.example/v?a=1&amp;token=s3cret\">go</a>",
                "<a href=\"https://refero.example/v?a=•••&amp;token=•••\">go</a>",
            ),
            ("http://a.example/i/Zm9vYmFyYmF6cXV4MTIzNA/accept", "http://a.example/i/•••/accept"),
            ("https://a.example/how-to-get-started-today", "https://a.example/how-to-get-started-today"),
            ("HTTPS://user:pass@a.example/#tok", "HTTPS://•••@a.example/#•••"),
            ("(https://a.example/?t=1), then", "(https://a.example/?t=••• then"),
            (
                "é https://a.example?t=ü b http://b.example?x",
                "é https://a.example?t=••• b http://b.example?•••",
            ),
        ] {
            assert_eq!(mask_links(text), masked);
        }
    }

    #[test]
    fn a_masked_text_is_left_as_it_is() {
        let once = mask_links("https://a.example/v?token=abc#x and https://a.example/Zm9vYmFyYmF6cXV4MTIzNA");
        assert_eq!(mask_links(&once), once);
    }
}

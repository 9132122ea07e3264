use url::Url;

use super::Link;
use crate::{
    programs::{LinkStyle, Program},
    text::{self, TextProblem},
};

/// Where a link leads: an `http` or `https` address as browsers read it.
pub(super) fn destination(text: &str) -> Result<String, TextProblem> {
    let address = text::web_address(text)?;
    Url::parse(&address).map_err(|_| TextProblem::Malformed)?;
    Ok(address)
}

impl Link {
    /// The address to spread: the destination with the slug in it, the way its program wants links to look.
    pub fn url(&self, program: &Program) -> String {
        // Destinations are checked before they are stored.
        let Ok(mut url) = Url::parse(&self.destination) else { return self.destination.clone() };
        match program.link_style {
            LinkStyle::Query => set_parameter(&mut url, &program.link_parameter, &self.slug),
            LinkStyle::Path => {
                if let Ok(mut segments) = url.path_segments_mut() {
                    segments.pop_if_empty().push(&self.slug);
                }
            }
        }
        url.into()
    }
}

/// Appends the parameter. One of that name that is there would leave open which counts, and goes; all else keeps its
/// encoding unless there is such a one.
fn set_parameter(url: &mut Url, name: &str, value: &str) {
    if url.query_pairs().any(|(other, _)| other == name) {
        let others: Vec<_> = url.query_pairs().into_owned().filter(|(other, _)| other != name).collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_parameter(address: &str) -> String {
        let mut url = Url::parse(address).unwrap();
        set_parameter(&mut url, "via", "jane");
        url.into()
    }

    #[test]
    fn the_parameter_stands_once_and_nothing_else_changes() {
        for (address, expected) in [
            ("https://example.com", "https://example.com/?via=jane"),
            ("https://example.com/a%20b?x=%20y&z", "https://example.com/a%20b?x=%20y&z&via=jane"),
            ("https://example.com/?via=mallory#top", "https://example.com/?via=jane#top"),
            ("https://example.com/?a=1&via=m&b=2&via=n", "https://example.com/?a=1&b=2&via=jane"),
            ("https://münchen.de/ü", "https://xn--mnchen-3ya.de/%C3%BC?via=jane"),
        ] {
            assert_eq!(with_parameter(address), expected, "{address}");
        }
    }

    #[test]
    fn destinations_are_addresses_that_browsers_can_read() {
        assert_eq!(destination(" https://example.com/a "), Ok("https://example.com/a".to_owned()));
        for bad in ["ftp://example.com", "https://[::1", "https://example.com:99999/", "javascript:alert(1)"]
        {
            assert_eq!(destination(bad), Err(TextProblem::Malformed), "{bad}");
        }
    }
}

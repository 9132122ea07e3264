use std::{fmt, str::FromStr};

use url::{Host, Url};

/// Where a provider's API begins: `https://api-m.paypal.com`. In clear only to this machine, for the fakes.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// A text at which no API may begin: credentials would go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an https address without user, query and fragment")]
pub struct NotABaseUrl;

impl BaseUrl {
    pub(crate) fn join(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.0)
    }

    /// Whether it is on this machine: no provider is, a fake is.
    pub fn is_here(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_here(&url))
    }

    #[cfg(feature = "fakes")]
    pub(crate) fn of_socket(address: std::net::SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }
}

impl FromStr for BaseUrl {
    type Err = NotABaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(|_| NotABaseUrl)?;
        url.host().ok_or(NotABaseUrl)?;
        let guarded = url.scheme() == "https" || (url.scheme() == "http" && is_here(&url));
        let bare = url.username().is_empty() && url.password().is_none();
        match guarded && bare && url.query().is_none() && url.fragment().is_none() {
            true => Ok(Self(url.as_str().trim_end_matches('/').to_owned())),
            false => Err(NotABaseUrl),
        }
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_here() {
        for text in ["https://api-m.paypal.com/", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost"]
        {
            let base = text.parse::<BaseUrl>();
            assert_eq!(base.map(|base| base.is_here()), Ok(!text.starts_with("https")), "{text}");
        }
        for text in ["http://api-m.paypal.com", "ftp://x", "https://a:b@c", "https://a?b", "https://a#b", "x"]
        {
            assert_eq!(text.parse::<BaseUrl>(), Err(NotABaseUrl), "{text}");
        }
        assert_eq!("https://a.b/".parse::<BaseUrl>().unwrap().join("/v1"), "https://a.b/v1");
    }
}

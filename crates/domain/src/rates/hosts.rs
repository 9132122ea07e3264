use std::sync::Arc;

use anyhow::ensure;
use url::Url;

/// `RATES_HOSTS`: the hosts that rates may be imported from by address, with their ports where those are not the usual ones.
/// Whoever stores rates could have us call anything in our own network otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateHosts(Arc<[String]>);

/// Why nothing is imported from an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// It is no address that begins with `http://` or `https://`, or it carries a log-in.
    #[error("no http or https address")]
    Malformed,
    /// Its host is not one of those that the instance imports from.
    #[error("{host} is none of the hosts in RATES_HOSTS")]
    Host {
        /// The host, with its port if that is not the usual one.
        host: String,
    },
}

impl Default for RateHosts {
    /// The European Central Bank's.
    fn default() -> Self {
        Self(Arc::from(["www.ecb.europa.eu".to_owned()]))
    }
}

impl RateHosts {
    /// These hosts, as `host` or `host:port`, separated by commas; none if there are none.
    ///
    /// # Errors
    /// When one of them is more or less than a host.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let host = |name: &str| {
            let url = Url::parse(&format!("https://{name}/")).ok().filter(|url| url.path() == "/");
            let found = url.as_ref().and_then(authority).filter(|found| found == &name.to_lowercase());
            ensure!(found.is_some(), "RATES_HOSTS: {name:?} is no host such as www.ecb.europa.eu");
            Ok(name.to_lowercase())
        };
        Ok(Self(names.map(host).collect::<anyhow::Result<_>>()?))
    }

    /// Reads `RATES_HOSTS`.
    ///
    /// # Errors
    /// When one of them is no host.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(env::var("RATES_HOSTS")?.map(|text| Self::parse(&text)).transpose()?.unwrap_or_default())
    }

    /// The address, if rates may be imported from it.
    ///
    /// # Errors
    /// [`UrlRefused`].
    pub fn admit(&self, url: &str) -> Result<Url, UrlRefused> {
        let parsed = Url::parse(url.trim()).map_err(|_| UrlRefused::Malformed)?;
        let has_log_in = !parsed.username().is_empty() || parsed.password().is_some();
        if !matches!(parsed.scheme(), "http" | "https") || has_log_in || url.len() > 2_000 {
            return Err(UrlRefused::Malformed);
        }
        let host = authority(&parsed).ok_or(UrlRefused::Malformed)?;
        if self.0.contains(&host) { Ok(parsed) } else { Err(UrlRefused::Host { host }) }
    }
}

/// Host, and the port if it is not the usual one.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?.to_owned();
    Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_listed_hosts_are_called() {
        let hosts = RateHosts::parse(" www.ecb.europa.eu, Rates.example:8443 ,127.0.0.1:9000").unwrap();
        for good in [
            "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
            "http://WWW.ECB.europa.eu:80/a",
            "https://rates.example:8443/?a=b",
            "http://127.0.0.1:9000/",
        ] {
            assert!(hosts.admit(good).is_ok(), "{good}");
        }
        for bad in ["https://rates.example/", "http://127.0.0.1/", "https://evil.example/www.ecb.europa.eu"] {
            assert!(matches!(hosts.admit(bad), Err(UrlRefused::Host { .. })), "{bad}");
        }
        for bad in
            ["", "ftp://www.ecb.europa.eu/", "https://a@www.ecb.europa.eu/", "/a", "file:///etc/passwd"]
        {
            assert_eq!(hosts.admit(bad), Err(UrlRefused::Malformed), "{bad}");
        }
        assert!(RateHosts::parse("").unwrap().admit("https://www.ecb.europa.eu/").is_err());
        for bad in ["https://a.example", "a.example/path", "a b", "user@a.example"] {
            assert!(RateHosts::parse(bad).is_err(), "{bad}");
        }
    }
}

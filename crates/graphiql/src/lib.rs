#![doc = include_str!("../README.md")]

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// A file that the page names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its file name, with a hash of its contents in it.
    pub name: &'static str,
    /// Its contents, compressed by gzip.
    pub gzip: &'static [u8],
}

/// The page, in HTML; `None` when the bundle was not there at the build.
pub fn page() -> Option<&'static str> {
    PAGE
}

/// The asset of this name.
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_assets_that_are_there() {
        let named: Vec<_> = page().unwrap_or_default().split("/graphql/assets/").skip(1).collect();
        assert_eq!(named.is_empty(), page().is_none(), "a page without script would be blank");
        for rest in named {
            let name = rest.split('"').next().unwrap_or_default();
            let found = asset(name).is_some_and(|asset| asset.gzip.starts_with(&[0x1f, 0x8b]));
            assert!(found, "{name} is not among the assets, or not compressed");
        }
        assert_eq!(asset("../index.html"), None);
    }
}

use std::borrow::Cow;

/// An amount as spreadsheets and banks write it, as a decimal with a point: `0,25`, `1,000.50`, `1.000,50`; of a currency of which
/// so many minor units are a major one. A comma alone is taken for the decimal sign only where cells are separated otherwise. `None`
/// of `1,000` and `1.000`, which are one or a thousand, unless the currency has three digits.
pub(super) fn decimal(text: &str, delimiter: u8, minor_per_major: i64) -> Option<Cow<'_, str>> {
    let (sign, group) = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) if comma > point => (',', '.'),
        (Some(_), Some(_)) | (None, Some(_)) => ('.', ','),
        (Some(_), None) if delimiter != b',' => (',', '.'),
        (Some(_), None) => return None,
        (None, None) => return Some(Cow::Borrowed(text)),
    };
    let (whole, fraction) = text.rsplit_once(sign)?;
    let is_thousands = |digits: &str| digits.len() == 3;
    if whole.contains(sign) || !whole.split(group).skip(1).all(is_thousands) {
        return None;
    }
    let is_grouped = whole.contains(group);
    let begins_a_thousand = !whole.trim_start_matches(['-', '+']).starts_with('0');
    if is_thousands(fraction) && begins_a_thousand && !is_grouped && minor_per_major != 1_000 {
        return None;
    }
    Some(Cow::Owned(format!("{}.{fraction}", whole.replace(group, ""))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, delimiter, expected) in [
            ("10.50", b',', "10.50"),
            ("10,50", b';', "10.50"),
            ("1,000.50", b',', "1000.50"),
            ("1.000,50", b';', "1000.50"),
            ("-1.234.567,80", b'\t', "-1234567.80"),
            ("0.250", b',', "0.250"),
            ("1000", b',', "1000"),
        ] {
            assert_eq!(decimal(text, delimiter, 100).as_deref(), Some(expected));
        }
        assert_eq!(decimal("1.000", b',', 1_000).as_deref(), Some("1.000"), "a dinar");
        assert_eq!(decimal("1,000", b';', 1_000).as_deref(), Some("1.000"), "a dinar");
    }

    #[test]
    fn what_could_be_two_amounts_is_none() {
        for (text, delimiter) in [
            ("10,50", b','),
            ("1,000", b','),
            ("1,000", b';'),
            ("1.000", b';'),
            ("-1.000", b','),
            ("10,00.50", b','),
            ("1.00,50", b';'),
            ("1,2,3", b';'),
            ("1.2.3", b','),
            (",", b','),
        ] {
            assert_eq!(decimal(text, delimiter, 100), None, "{text}");
        }
    }
}

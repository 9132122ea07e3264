use std::borrow::Cow;

/// An amount as spreadsheets and banks write it, as a decimal with a point: `0,25`, `1,000.50`, `1.000,50`. A comma alone is taken
/// for the decimal sign only where cells are separated otherwise; whatever could be read in two ways stays as it is.
pub(super) fn decimal(text: &str, delimiter: u8) -> Cow<'_, str> {
    let (sign, group) = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) if comma > point => (',', '.'),
        (Some(_), Some(_)) => ('.', ','),
        (Some(_), None) if delimiter != b',' => (',', '.'),
        _ => return Cow::Borrowed(text),
    };
    let Some((whole, fraction)) = text.rsplit_once(sign) else { return Cow::Borrowed(text) };
    let are_thousands = whole.split(group).skip(1).all(|digits| digits.len() == 3);
    match are_thousands && !whole.contains(sign) {
        true => Cow::Owned(format!("{}.{fraction}", whole.replace(group, ""))),
        false => Cow::Borrowed(text),
    }
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
            ("1000", b',', "1000"),
        ] {
            assert_eq!(decimal(text, delimiter), expected);
        }
    }

    #[test]
    fn what_could_be_two_amounts_stays() {
        for (text, delimiter) in [
            ("10,50", b','),
            ("1,000", b','),
            ("10,00.50", b','),
            ("1.00,50", b';'),
            ("1,2,3", b';'),
            (",", b','),
        ] {
            assert_eq!(decimal(text, delimiter), text);
        }
    }
}

use std::{fmt, str::FromStr};

use ids::JobId;

/// One entry of a list: a job's id, and a mark if it must run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub id: JobId,
    pub alone: bool,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id, if self.alone { "!" } else { "" })
    }
}

/// It is no entry of ours: an old dump, another program. It is dropped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoEntry;

impl FromStr for Entry {
    type Err = NoEntry;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, alone) = text.strip_suffix('!').map_or((text, false), |id| (id, true));
        Ok(Self { id: id.parse().map_err(|_| NoEntry)?, alone })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use ids::IdSource;

    use super::*;

    #[test]
    fn entries_go_there_and_back_and_rubbish_is_none() {
        let id = IdSource::seeded(1).next(DateTime::UNIX_EPOCH);
        for alone in [false, true] {
            let entry = Entry { id, alone };
            assert_eq!(entry.to_string().parse(), Ok(entry));
        }
        assert_eq!("prg_01h455vb4pex5vsknk084sn02q".parse::<Entry>(), Err(NoEntry));
    }
}

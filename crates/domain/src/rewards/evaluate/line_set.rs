use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Lines of a sale, numbered from 0, ascending. Written as what they are in a row: `[0, [2, 999]]`, so that a rule that saw
/// a thousand lines is as short as one that saw two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineSet(Vec<Run>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Run {
    One(usize),
    /// The first and the last.
    Many(usize, usize),
}

impl Run {
    fn range(self) -> RangeInclusive<usize> {
        match self {
            Self::One(line) => line..=line,
            Self::Many(first, last) => first..=last,
        }
    }
}

impl LineSet {
    /// The first so many lines.
    pub fn first(count: usize) -> Self {
        match count {
            0 => Self::default(),
            1 => Self(vec![Run::One(0)]),
            _ => Self(vec![Run::Many(0, count - 1)]),
        }
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.0.iter().map(|run| run.range().count()).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each line.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().flat_map(|run| run.range())
    }
}

/// The lines must ascend.
impl FromIterator<usize> for LineSet {
    fn from_iter<T: IntoIterator<Item = usize>>(lines: T) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for line in lines {
            match runs.last_mut() {
                Some(run) if run.range().end() + 1 == line => *run = Run::Many(*run.range().start(), line),
                _ => runs.push(Run::One(line)),
            }
        }
        Self(runs)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_in_a_row_are_written_as_one() {
        let table = [
            (vec![], json!([])),
            (vec![0], json!([0])),
            (vec![0, 2, 3, 4, 6, 7], json!([0, [2, 4], [6, 7]])),
            ((0..1_000).collect(), json!([[0, 999]])),
        ];
        for (lines, written) in table {
            let set: LineSet = lines.iter().copied().collect();
            assert_eq!(serde_json::to_value(&set).unwrap(), written);
            assert_eq!(serde_json::from_value::<LineSet>(written).unwrap(), set);
            assert_eq!((set.len(), set.is_empty()), (lines.len(), lines.is_empty()));
            assert_eq!(set.iter().collect::<Vec<_>>(), lines);
        }
        for count in 0..4 {
            assert_eq!(LineSet::first(count), (0..count).collect());
        }
    }
}

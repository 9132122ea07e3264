use crate::figures::{median, range};

/// What was measured of a workload.
pub struct Table {
    title: String,
    lines: Vec<Line>,
}

/// One figure, of all rounds.
struct Line {
    what: String,
    values: Vec<f64>,
    digits: usize,
    target: &'static str,
}

impl Table {
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), lines: Vec::new() }
    }

    /// A figure that is read for itself.
    pub fn line(&mut self, what: impl Into<String>, values: Vec<f64>, digits: usize) {
        self.lines.push(Line { what: what.into(), values, digits, target: "" });
    }

    /// A figure that is held against a target.
    pub fn target(&mut self, what: &str, values: Vec<f64>, digits: usize, target: &'static str) {
        self.lines.push(Line { what: format!("**{what}**"), values, digits, target });
    }

    /// How one relates to another, round by round.
    pub fn ratio(&mut self, what: &str, (ours, theirs): (&[f64], &[f64]), target: &'static str) {
        let values = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        match target {
            "" => self.line(what, values, 2),
            target => self.target(what, values, 2, target),
        }
    }

    /// As Markdown.
    pub fn markdown(&self) -> Vec<String> {
        let titles = format!("| {} | median (range) | target |", self.title);
        let mut lines = vec![String::new(), titles, "| --- | --- | --- |".to_owned()];
        lines.extend(
            self.lines.iter().map(|line| format!("| {} | {} | {} |", line.what, line.figure(), line.target)),
        );
        lines
    }
}

impl Line {
    fn figure(&self) -> String {
        let (digits, values) = (self.digits, &self.values);
        match values.len() {
            0 => "not measured".to_owned(),
            1 => format!("{:.digits$}", median(values)),
            _ => {
                let (least, greatest) = range(values);
                format!("{:.digits$} ({least:.digits$} - {greatest:.digits$})", median(values))
            }
        }
    }
}

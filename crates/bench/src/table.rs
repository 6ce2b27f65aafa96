//! The table that is printed, in Markdown.

use std::time::Duration;

use std::fmt::Write as _;

/// Rows of what, how much, and the goal.
#[derive(Default)]
pub(crate) struct Table(Vec<(String, String, String)>);

impl Table {
    /// Adds a row, and says it at once.
    pub(crate) fn row(&mut self, what: &str, value: String, goal: &str) {
        println!("{what}: {value} {goal}");
        self.0.push((what.to_owned(), value, goal.to_owned()));
    }
    /// The table as Markdown.
    pub(crate) fn render(&self) -> String {
        let mut text = "\n| Figure | Measured | Goal |\n|---|---|---|\n".to_owned();
        for (what, value, goal) in &self.0 {
            let _ = writeln!(text, "| {what} | {value} | {goal} |");
        }
        text
    }
}

/// The time below which a share (0 to 1) of these times lies; 0 where there are none.
pub(crate) fn quantile(times: &[Duration], share: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

/// The middle value; of an even number, the upper of the two.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

//! A run as its user sees it: a bar with the time left, and a line for each measurement.

use indicatif::{ProgressBar, ProgressStyle};

use super::run::Progress;

/// A progress bar on the terminal; where there is none, only the lines.
pub struct Bar {
    bar: ProgressBar,
}

impl Default for Bar {
    fn default() -> Bar {
        // The template is a constant of the style's own language; were it wrong, the plain bar would do.
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {msg}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Bar { bar: ProgressBar::no_length().with_style(style) }
    }
}

impl Bar {
    /// Shows where the run stands.
    pub fn show(&self, progress: &Progress<'_>) {
        if self.bar.length() != Some(progress.of as u64) {
            self.bar.set_length(progress.of as u64);
            // Updates of a run that was taken up were not made at this speed.
            self.bar.set_position(progress.update as u64);
            self.bar.reset_eta();
        }
        self.bar.set_position(progress.update as u64);
        self.bar.set_message(format!("loss {:.3}", progress.loss));
        if let Some((point, measured, better)) = &progress.measured {
            let also = measured.also.as_ref().map(|also| format!(", {also}")).unwrap_or_default();
            let best = if *better { "" } else { ", no better" };
            self.line(&format!(
                "update {} of {}: learning {:.4} nats per event, held out {:.4} nats per note{also}{best}",
                progress.update, progress.of, point.train, point.valid
            ));
        }
    }

    /// Prints a line above the bar.
    pub fn line(&self, line: &str) {
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

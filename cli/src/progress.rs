//! Progress bars on stderr for what can take more than a second; none where stderr is no terminal.

use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};
use seg::run::{Progress, Stage};

/// A bar that follows a run. Dropping it clears the line.
pub struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    /// A bar, or none where nobody would see it.
    pub fn new(quiet: bool) -> Bar {
        use std::io::IsTerminal;
        let shown = !quiet && std::io::stderr().is_terminal();
        Bar { bar: shown.then(|| ProgressBar::new_spinner().with_style(style(false))) }
    }

    /// What a run reports to.
    pub fn listener(&self) -> Option<Arc<dyn Fn(Progress) + Send + Sync>> {
        let bar = self.bar.clone()?;
        let last: Mutex<Option<(Stage, String)>> = Mutex::new(None);
        Some(Arc::new(move |progress: Progress| {
            let Ok(mut last) = last.lock() else { return };
            let now = Some((progress.stage, progress.table.clone()));
            if *last != now {
                bar.reset();
                bar.set_style(style(progress.of.is_some()));
                *last = now;
            }
            if let Some(of) = progress.of {
                bar.set_length(of);
            }
            bar.set_position(progress.rows);
            bar.set_message(match progress.stage {
                Stage::Read => format!("reading {}", progress.table),
                Stage::Evaluate => format!("deciding {}", progress.table),
            });
        }))
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(known: bool) -> ProgressStyle {
    let template = if known {
        "{msg:<28} {bar:30} {human_pos}/{human_len} rows, {eta} left"
    } else {
        "{msg:<28} {spinner} {human_pos} rows"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

//! Where a command's words go: results to stdout, everything else to stderr; colour only where it is wanted.

use std::io::{BufWriter, IsTerminal, Stdout, Write};

use crate::args::Color;

pub struct Output {
    pub out: BufWriter<Stdout>,
    pub quiet: bool,
    pub verbose: bool,
    /// Whether stdout takes colour.
    pub color: bool,
    /// Whether stderr takes colour.
    pub error_color: bool,
}

/// A colour of the terminal.
#[derive(Debug, Clone, Copy)]
pub enum Tint {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Output {
    pub fn new(color: Color, quiet: bool, verbose: bool) -> Output {
        let wanted = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        Output {
            color: wanted(std::io::stdout().is_terminal()),
            error_color: wanted(std::io::stderr().is_terminal()),
            out: BufWriter::new(std::io::stdout()),
            quiet,
            verbose,
        }
    }

    /// A line of the result.
    pub fn line(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// A remark beside the result.
    pub fn note(&mut self, text: &str) {
        if !self.quiet {
            self.beside(text);
        }
    }

    pub fn error(&mut self, text: &str) {
        let lead = paint("error", Tint::Red, self.error_color);
        self.beside(&format!("{lead}: {text}"));
    }

    /// Text for stderr; what has been printed comes before it, and a closed stderr is not worth failing for.
    pub fn beside(&mut self, text: &str) {
        let _ = self.out.flush();
        let mut stderr = std::io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = stderr.write_all(b"\n");
        }
    }

    pub fn paint(&self, text: &str, tint: Tint) -> String {
        paint(text, tint, self.color)
    }
}

/// Text in a colour, or as it is.
pub fn paint(text: &str, tint: Tint, color: bool) -> String {
    if !color {
        return text.to_string();
    }
    let code = match tint {
        Tint::Bold => "1",
        Tint::Dim => "2",
        Tint::Red => "31",
        Tint::Green => "32",
        Tint::Yellow => "33",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

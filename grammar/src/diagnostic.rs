//! What the compiler has to say, as plain data: rendered, serialised or turned into edits only at the edges.

use crate::codes::Code;
use crate::source::Span;

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; never changes the exit status.
    Note,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A place with a few words about it; it may lie in another file than the diagnostic's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One replacement of bytes by text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

/// A way to repair the source, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What applying it does, in the imperative: "write `=`".
    pub title: String,
    pub edits: Vec<Edit>,
    /// True when it cannot change what the author meant, so that `--fix` may apply it unasked.
    pub safe: bool,
}

/// One finding: what, where, why, and how to repair it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    /// The first label is the place that the finding is about.
    pub labels: Vec<Label>,
    pub help: Option<String>,
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error, with its place and what to say beside it.
    pub fn error(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, span, message, label)
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Warning, span, message, label)
    }

    fn new(code: Code, severity: Severity, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        let labels = vec![Label { span, text: label.into() }];
        Diagnostic { code, severity, message: message.into(), labels, help: None, fixes: Vec::new() }
    }

    /// Where the finding is.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::new(crate::FileId(0), 0, 0), |label| label.span)
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// Adds a repair that replaces one span and keeps the author's meaning.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        self.with_fix(title, span, replacement, true)
    }

    /// Adds a repair that replaces one span, one of several readings: it is offered, never applied unasked.
    #[must_use]
    pub fn suggest(self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        self.with_fix(title, span, replacement, false)
    }

    fn with_fix(
        mut self,
        title: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
        safe: bool,
    ) -> Diagnostic {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fixes.push(Fix { title: title.into(), edits, safe });
        self
    }
}

//! What parses and is no Seg all the same: `card = null`, `in Gold`, `count(orders in last 30 days and ...)`. Said here,
//! where the habit behind it is still visible. Knows no names: only words that can hardly be one.

use super::Builder;
use crate::ast::*;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

impl Builder<'_> {
    /// `card = null`, `card != NULL`
    pub(super) fn compared_with_null(&mut self, op: CompareOp, op_span: Span, right: &Expr) {
        let state = match op {
            CompareOp::Equal => "is missing",
            CompareOp::NotEqual => "is known",
            _ => return,
        };
        if is_null(right) {
            let span = op_span.to(right.span);
            let name = self.text_of(right.span);
            self.diagnostics.push(
                Diagnostic::error(
                    codes::SYNTAX_KEYWORD,
                    span,
                    format!("`{name}` is no value; a missing value is asked for by name"),
                    "nothing equals a value that is not there",
                )
                .fix(format!("write `{state}`"), span, state),
            );
        }
    }

    /// `card is null`, `name is empty`
    pub(super) fn is_null(&mut self, state: &Expr) {
        let blank = matches!(single_name(state), Some("empty" | "blank" | "none" | "nothing"));
        if blank || is_null(state) {
            let name = self.text_of(state.span);
            self.diagnostics.push(
                Diagnostic::error(
                    codes::SYNTAX_KEYWORD,
                    state.span,
                    format!("`{name}` is said otherwise"),
                    "said otherwise in Seg",
                )
                .fix("write `missing`", state.span, "missing")
                .help("`card is missing` and `card is known` ask whether there is a value"),
            );
        }
    }

    /// `card in Gold`: a member is no list of members.
    pub(super) fn in_member(&mut self, path: &Path) {
        let [name] = path.parts.as_slice() else { return };
        if name.text.starts_with(|c: char| c.is_ascii_uppercase()) {
            let fixed = format!("[{}]", name.text);
            self.diagnostics.push(
                Diagnostic::error(
                    codes::SYNTAX,
                    path.span,
                    "`in` is followed by a list or a window of time",
                    "this is one value",
                )
                .fix(format!("write `{fixed}`"), path.span, fixed.clone())
                .help("for one value write `=`: `card = Gold`"),
            );
        }
    }

    /// `count(orders in last 30 days and total > £5)`: a condition on the rows stands behind `where`.
    pub(super) fn condition_without_where(&mut self, argument: &Expr) {
        let ExprKind::And(operands) = &argument.kind else { return };
        let [first, second, ..] = operands.as_slice() else { return };
        let ExprKind::In { value, negated: None, set: InSet::Window(_), .. } = &first.kind else { return };
        if !matches!(value.kind, ExprKind::Path(_)) {
            return;
        }
        let gap = Span::new(first.span.file, first.span.end as usize, second.span.start as usize);
        let text = self.text_of(gap);
        let Some(at) = text.find("and") else { return };
        let start = gap.range().start + at;
        let and = Span::new(first.span.file, start, start + "and".len());
        self.diagnostics.push(
            Diagnostic::error(
                codes::SYNTAX,
                and,
                "a condition on the rows stands behind `where`",
                "expected `where` here",
            )
            .suggest("write `where`", and, "where")
            .label(first.span, "these are rows and their window"),
        );
    }

    /// `count(orders yesterday)`: read as a name for the rows.
    pub(super) fn window_for_alias(&mut self, alias: &Ident) {
        let right = match alias.text.as_str() {
            "yesterday" => "in last calendar day",
            "recently" | "lately" => "in last 30 days",
            "weekly" => "in last 1 week",
            "monthly" => "in last 1 month",
            "yearly" | "annually" => "in last 1 year",
            _ => return,
        };
        self.diagnostics.push(
            Diagnostic::error(
                codes::SYNTAX_KEYWORD,
                alias.span,
                format!("`{}` is no window of time", alias.text),
                "it would be read as a name for the rows",
            )
            .suggest(format!("write `{right}`"), alias.span, right),
        );
    }

    fn text_of(&self, span: Span) -> String {
        self.source.get(span.range()).unwrap_or("").to_string()
    }
}

fn single_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(Path { parts, .. }) => match parts.as_slice() {
            [name] => Some(&name.text),
            _ => None,
        },
        _ => None,
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(single_name(expr), Some("null" | "NULL" | "Null" | "nil" | "undefined"))
}

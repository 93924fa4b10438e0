//! Pairs of calls to tree nodes: arguments, and the rows, windows and follow-ups that an argument may name.

use pest::iterators::Pair;

use super::declarations::words_out;
use super::{Builder, Rule, child, first};
use crate::ast::*;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

impl Builder<'_> {
    pub(super) fn call(&mut self, pair: Pair<Rule>, span: Span) -> Expr {
        let mut parts = pair.into_inner();
        let callee = self.ident(child(&mut parts));
        let arguments = parts.map(|p| self.argument(p)).collect();
        Expr { span, kind: ExprKind::Call { callee, arguments } }
    }

    /// A path with a window is rows when it stands as an argument; with more than that behind it, it is a condition.
    fn argument(&mut self, pair: Pair<Rule>) -> Argument {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let expr = self.expr(child(&mut parts));
        let clauses = parts.next();
        let (path, window) = match expr.kind {
            ExprKind::Path(path) if clauses.is_some() => (path, None),
            ExprKind::In { value, negated: None, set: InSet::Window(window), ignoring_case: false }
                if matches!(value.kind, ExprKind::Path(_)) =>
            {
                (path_of(*value), Some(window))
            }
            ExprKind::Between { value, low, high } if matches!(value.kind, ExprKind::Path(_)) => {
                let kind = WindowKind::Between(low, high);
                let start = value.span.end as usize;
                let skipped = self.source.get(start..span.end as usize).and_then(|rest| rest.find("between"));
                let span = Span::new(span.file, start + skipped.unwrap_or(0), expr.span.end as usize);
                (path_of(*value), Some(Window { span, kind, with_in: false }))
            }
            kind => {
                let expr = Expr { span: expr.span, kind };
                match clauses {
                    Some(clauses) => self.clauses_without_rows(&clauses, expr.span),
                    None => self.condition_without_where(&expr),
                }
                return Argument::Expr(expr);
            }
        };
        let mut rows = Rows { span, path, alias: None, window, filter: None, then_no: None };
        if let Some(clauses) = clauses {
            self.row_clauses(clauses, &mut rows);
        }
        Argument::Rows(rows)
    }

    fn row_clauses(&mut self, pair: Pair<Rule>, rows: &mut Rows) {
        match pair.as_rule() {
            Rule::alias => {
                let alias = self.ident(first(pair));
                self.window_for_alias(&alias);
                rows.alias = Some(alias);
            }
            Rule::rows_window => rows.window = Some(self.rows_window(pair)),
            Rule::where_clause => rows.filter = Some(Box::new(self.expr(words_out(pair).remove(0)))),
            Rule::then_no => rows.then_no = Some(self.then_no(pair)),
            _ => pair.into_inner().for_each(|part| self.row_clauses(part, rows)),
        }
    }

    /// `sum(orders.total - orders.cost where ...)`: only the rows of one table can be named, filtered or followed.
    fn clauses_without_rows(&mut self, clauses: &Pair<Rule>, value: Span) {
        let span = self.span(clauses);
        let text = self.source.get(span.range()).unwrap_or("");
        let word = text.split_whitespace().next().unwrap_or("");
        self.diagnostics.push(
            Diagnostic::error(
                codes::SYNTAX,
                Span::new(span.file, span.start as usize, span.start as usize + word.len()),
                format!("`{word}` does not fit here"),
                "this belongs behind an event table and its window",
            )
            .label(value, "this is a value, not a table")
            .help("rows are written `sum(orders.total in last 90 days where not returned)`"),
        );
    }

    fn rows_window(&mut self, pair: Pair<Rule>) -> Window {
        let with_in = pair.clone().into_inner().next().is_some_and(|p| p.as_rule() == Rule::k_in);
        let mut inner = words_out(pair).remove(0);
        if inner.as_rule() == Rule::window {
            inner = first(inner);
        }
        Window { span: self.span(&inner), kind: self.window_kind(inner), with_in }
    }

    fn then_no(&mut self, pair: Pair<Rule>) -> ThenNo {
        let span = self.span(&pair);
        let mut parts = words_out(pair).into_iter();
        let path = parts.next().map(|p| self.path(p));
        let mut then = ThenNo {
            span,
            path: path.unwrap_or(Path { parts: Vec::new(), span }),
            filter: None,
            within: Quantity { count: 0, unit: Unit::Day },
            within_span: span,
            of: Ident { text: String::new(), span },
        };
        for part in parts {
            match part.as_rule() {
                Rule::where_clause => then.filter = Some(Box::new(self.expr(words_out(part).remove(0)))),
                Rule::quantity => {
                    then.within_span = self.span(&part);
                    then.within = self.quantity(part);
                }
                _ => then.of = self.ident(part),
            }
        }
        then
    }
}

/// The path of an expression that is known to be one.
fn path_of(expr: Expr) -> Path {
    match expr.kind {
        ExprKind::Path(path) => path,
        _ => Path { parts: Vec::new(), span: expr.span },
    }
}

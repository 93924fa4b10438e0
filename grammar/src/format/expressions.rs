//! Where the lines of an expression may end.

use crate::ast::*;
use crate::format::layout::Layout;

/// A choice with more branches is easier to read one a line, even where it would fit.
const BRANCHES_ON_ONE_LINE: usize = 2;

impl Layout<'_> {
    /// Writes what stands before the expression and the expression.
    pub fn expr(&mut self, expr: &Expr) {
        self.up_to(expr.span);
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Path(_) => {}
            ExprKind::Field(inner, _) | ExprKind::Ago(inner) | ExprKind::Anniversary(inner) => self.expr(inner),
            ExprKind::Not(_, inner) | ExprKind::Part(_, inner) | ExprKind::Elapsed { of: inner, .. } => {
                self.expr(inner)
            }
            ExprKind::Negate(inner) => {
                self.token();
                self.glue();
                self.expr(inner);
            }
            ExprKind::Paren(inner) => self.group(|l| {
                l.token();
                l.indented(1, |l| {
                    l.expr(inner);
                    l.comments();
                });
                l.token();
            }),
            ExprKind::Call { arguments, .. } => self.call(arguments),
            ExprKind::List(items) => self.list(items),
            ExprKind::And(operands) | ExprKind::Or(operands) => self.connected(operands),
            ExprKind::Compare { left, right, .. } | ExprKind::Of(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Else(left, right) | ExprKind::Arithmetic { left, right, .. } => self.group(|l| {
                l.expr(left);
                l.indented(2, |l| {
                    l.line();
                    l.expr(right);
                });
            }),
            ExprKind::Matches { value, .. } => self.expr(value),
            ExprKind::Between { value, low, high } => {
                self.expr(value);
                self.expr(low);
                self.expr(high);
            }
            ExprKind::In { value, set, .. } => {
                self.expr(value);
                self.in_set(set);
            }
            ExprKind::Is { value, state, .. } => {
                self.expr(value);
                if let IsState::Value(value) = state {
                    self.expr(value);
                }
            }
            ExprKind::Choose { arms, otherwise } => self.choose(arms, otherwise.as_deref()),
            ExprKind::Match { subject, arms } => self.match_arms(subject, arms),
        }
        self.through(expr.span);
    }

    /// Operands with their `and` or `or` in front, each on a line of its own where they do not fit.
    fn connected(&mut self, operands: &[Expr]) {
        self.group(|l| {
            for (n, operand) in operands.iter().enumerate() {
                if n == 0 {
                    l.expr(operand);
                    continue;
                }
                l.indented(2, |l| {
                    l.line();
                    l.expr(operand);
                });
            }
        });
    }

    fn call(&mut self, arguments: &[Argument]) {
        self.token();
        self.glued();
        if let [Argument::Rows(rows)] = arguments {
            self.group(|l| {
                l.indented(2, |l| {
                    l.rows(rows);
                    l.comma();
                    l.comments();
                });
            });
        } else {
            self.group(|l| {
                l.indented(2, |l| {
                    for (n, argument) in arguments.iter().enumerate() {
                        if n > 0 {
                            l.line();
                        } else if arguments.len() > 1 {
                            l.soft();
                        }
                        match argument {
                            Argument::Expr(expr) => l.expr(expr),
                            Argument::Rows(rows) => l.rows(rows),
                        }
                        l.comma();
                    }
                    l.comments();
                });
                if arguments.len() > 1 {
                    l.soft();
                }
            });
        }
    }

    fn rows(&mut self, rows: &Rows) {
        self.up_to(rows.span);
        self.group(|l| {
            l.group(|l| {
                l.through(rows.alias.as_ref().map_or(rows.path.span, |alias| alias.span));
                if let Some(window) = &rows.window {
                    l.line();
                    l.window(window);
                }
            });
            if let Some(filter) = &rows.filter {
                l.line();
                l.expr(filter);
            }
            if let Some(then) = &rows.then_no {
                l.line();
                l.then_no(then);
            }
        });
        self.through(rows.span);
    }

    fn then_no(&mut self, then: &ThenNo) {
        self.up_to(then.span);
        self.group(|l| {
            l.through(then.path.span);
            if let Some(filter) = &then.filter {
                l.expr(filter);
                l.line();
            }
            l.through(then.span);
        });
    }

    fn in_set(&mut self, set: &InSet) {
        match set {
            InSet::List(items, span) => {
                self.up_to(*span);
                self.list(items);
            }
            InSet::Path(path) => self.through(path.span),
            InSet::Window(window) => self.window(window),
        }
    }

    fn window(&mut self, window: &Window) {
        match &window.kind {
            WindowKind::Last { before: Some(before), .. } => self.expr(before),
            WindowKind::Since(since) => self.expr(since),
            WindowKind::Between(low, high) => {
                self.expr(low);
                self.expr(high);
            }
            WindowKind::Last { before: None, .. }
            | WindowKind::Next { .. }
            | WindowKind::Calendar { .. }
            | WindowKind::This(_)
            | WindowKind::Today => {}
        }
        self.through(window.span);
    }

    /// `[`, items that fill their lines, `]`.
    fn list(&mut self, items: &[Expr]) {
        self.group(|l| {
            l.token();
            l.indented(2, |l| {
                for (n, item) in items.iter().enumerate() {
                    if n == 0 {
                        l.soft();
                    } else {
                        l.fill();
                    }
                    l.expr(item);
                    l.comma();
                }
                l.comments();
            });
            l.soft();
            l.token();
        });
    }

    fn choose(&mut self, arms: &[ChooseArm], otherwise: Option<&Expr>) {
        enum Arm<'a> {
            When(&'a ChooseArm),
            Otherwise(&'a Expr),
        }
        let arms: Vec<Arm> = arms.iter().map(Arm::When).chain(otherwise.map(Arm::Otherwise)).collect();
        self.group(|l| {
            l.token();
            if arms.len() > BRANCHES_ON_ONE_LINE {
                l.force();
            }
            l.braces(&arms, false, |l, arm| {
                let value = match arm {
                    Arm::When(arm) => {
                        l.up_to(arm.when.span);
                        l.indented(5, |l| l.expr(&arm.when));
                        &arm.value
                    }
                    Arm::Otherwise(value) => {
                        l.token();
                        value
                    }
                };
                l.arrow(value);
            });
        });
    }

    fn match_arms(&mut self, subject: &Expr, arms: &[MatchArm]) {
        self.group(|l| {
            l.expr(subject);
            l.braces(arms, false, |l, arm| {
                for pattern in &arm.patterns {
                    match pattern {
                        Pattern::Value(value) => l.expr(value),
                        Pattern::Any(span) | Pattern::Missing(span) | Pattern::Otherwise(span) => l.through(*span),
                    }
                }
                l.arrow(&arm.value);
            });
        });
    }

    fn arrow(&mut self, value: &Expr) {
        self.indented(2, |l| {
            l.tab();
            l.up_to(value.span);
        });
        match value.kind {
            // These close with a bracket on the indent of the branch.
            ExprKind::Choose { .. } | ExprKind::Match { .. } | ExprKind::Call { .. } | ExprKind::List(_) => {
                self.expr(value)
            }
            _ => self.indented(2, |l| l.expr(value)),
        }
        self.end_of_part();
    }
}

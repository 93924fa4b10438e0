//! Calls: aggregates, builtins and decision tables.

use seg_grammar::ast::{Argument, Expr, ExprKind, Ident, InSet};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::builtin::{Builtin, Shape};

use super::{Checker, Env};
use crate::declare::{AGGREGATES, is_aggregate};
use crate::hir::{DecisionId, ExprId, Kind, Ty};
use crate::suggest::nearest;

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        span: Span,
        callee: &Ident,
        arguments: &[Argument],
        env: &Env,
        want: Option<&Type>,
    ) -> ExprId {
        if is_aggregate(&callee.text) {
            return self.aggregate_call(span, callee, arguments, env);
        }
        let Some(expressions) = self.plain_arguments(callee, arguments) else { return self.poison(span) };
        if callee.text == "date_of" {
            return self.date_of(span, callee, &expressions, env);
        }
        if let Some((index, builtin)) = seg_stdlib::VOCABULARY.find(&callee.text) {
            return self.builtin(span, callee, (index, builtin), &expressions, env, want);
        }
        if let Some((id, _)) = self.names().callables.get(&callee.text).copied() {
            return self.decide(span, callee, id, &expressions, env);
        }
        self.unknown_function(callee)
    }

    fn aggregate_call(&mut self, span: Span, callee: &Ident, arguments: &[Argument], env: &Env) -> ExprId {
        let [argument] = arguments else {
            return self.fail(
                Diagnostic::error(
                    codes::WRONG_ARGUMENTS,
                    callee.span,
                    format!("`{}` takes one thing: events", callee.text),
                    format!("given {}", arguments.len()),
                )
                .help(match callee.text.as_str() {
                    "min" | "max" => {
                        "the smaller or larger of two values is `smaller_of(a, b)` or `larger_of(a, b)`".to_string()
                    }
                    _ => format!("write `{}(orders where ...)`", callee.text),
                }),
            );
        };
        if callee.text == "count" && !self.is_collection(argument) {
            if let Argument::Expr(expr) = argument {
                let list = self.expression(expr, env, None);
                match self.ty(list) {
                    Ty::Of(Type::List(_)) => return self.add(span, Type::Int, Kind::ListCount(list)),
                    Ty::Error => return self.poison(span),
                    _ => {}
                }
            }
        }
        self.aggregate(span, callee, argument, env)
    }

    /// Arguments as expressions. Rows with a window alone are the test `date in window`.
    fn plain_arguments(&mut self, callee: &Ident, arguments: &[Argument]) -> Option<Vec<Expr>> {
        let mut expressions = Vec::new();
        for argument in arguments {
            match argument {
                Argument::Expr(expr) => expressions.push(expr.clone()),
                Argument::Rows(rows) => {
                    let plain = rows.alias.is_none() && rows.filter.is_none() && rows.then_no.is_none();
                    match (&rows.window, plain) {
                        (Some(window), true) => {
                            let value = Expr { span: rows.path.span, kind: ExprKind::Path(rows.path.clone()) };
                            let kind = ExprKind::In {
                                value: Box::new(value),
                                negated: None,
                                set: InSet::Window(window.clone()),
                                ignoring_case: false,
                            };
                            expressions.push(Expr { span: rows.span, kind });
                        }
                        _ => {
                            self.error(
                                Diagnostic::error(
                                    codes::UNKNOWN_FUNCTION,
                                    callee.span,
                                    format!("`{}` does not go over events", callee.text),
                                    "its argument has clauses of events",
                                )
                                .help(format!("over events go {}", AGGREGATES.join(", "))),
                            );
                            return None;
                        }
                    }
                }
            }
        }
        Some(expressions)
    }

    fn date_of(&mut self, span: Span, callee: &Ident, arguments: &[Expr], env: &Env) -> ExprId {
        let [argument] = arguments else { return self.wrong_count(callee, 1, arguments.len()) };
        let id = self.value(argument, env, Some(&Type::Timestamp));
        match self.ty(id).clone() {
            Ty::Of(Type::Timestamp) => self.add(span, Type::Date, Kind::CivilDate(id)),
            Ty::Error => id,
            ty => {
                let shown = self.show(&ty);
                self.fail(
                    Diagnostic::error(
                        codes::ARGUMENT_TYPE,
                        argument.span,
                        "`date_of` takes a Timestamp",
                        format!("this is {shown}"),
                    )
                    .help("a Date is its own day"),
                )
            }
        }
    }

    fn wrong_count(&mut self, callee: &Ident, wanted: usize, given: usize) -> ExprId {
        let plural = if wanted == 1 { "" } else { "s" };
        self.fail(
            Diagnostic::error(
                codes::WRONG_ARGUMENTS,
                callee.span,
                format!("`{}` takes {wanted} value{plural}", callee.text),
                format!("given {given}"),
            )
            .help("see `docs/reference/functions.md` for what it takes"),
        )
    }

    fn builtin(
        &mut self,
        span: Span,
        callee: &Ident,
        (index, builtin): (u32, &'static Builtin),
        arguments: &[Expr],
        env: &Env,
        want: Option<&Type>,
    ) -> ExprId {
        if builtin.parameters.len() != arguments.len() {
            return self.wrong_count(callee, builtin.parameters.len(), arguments.len());
        }
        let mut generic: Option<Type> = match builtin.result {
            Shape::AnyNumeric => want.filter(|w| w.is_numeric()).cloned(),
            Shape::Is(_) => None,
        };
        let first_generic = builtin.parameters.iter().position(|p| p.shape == Shape::AnyNumeric);
        let mut ids = Vec::new();
        for (n, (parameter, argument)) in builtin.parameters.iter().zip(arguments).enumerate() {
            let hint = match &parameter.shape {
                Shape::Is(ty) => Some(ty.clone()),
                Shape::AnyNumeric => generic.clone(),
            };
            let mut id = self.value(argument, env, hint.as_ref());
            let Ty::Of(given) = self.ty(id).clone() else { return self.poison(span) };
            let fits = match &parameter.shape {
                Shape::Is(Type::Number) if given == Type::Int => {
                    id = self.to_number(id);
                    true
                }
                Shape::Is(ty) => given == *ty,
                Shape::AnyNumeric if Some(n) == first_generic => {
                    generic = Some(given.clone());
                    given.is_numeric()
                }
                Shape::AnyNumeric if generic == Some(Type::Number) && given == Type::Int => {
                    id = self.to_number(id);
                    true
                }
                Shape::AnyNumeric => generic.as_ref() == Some(&given),
            };
            if !fits {
                let wanted = match &parameter.shape {
                    Shape::Is(ty) => self.schemas.show(ty),
                    Shape::AnyNumeric => {
                        generic.as_ref().filter(|_| Some(n) != first_generic).map_or("number".to_string(), |g| self.schemas.show(g))
                    }
                };
                let shown = self.schemas.show(&given);
                return self.fail(
                    Diagnostic::error(
                        codes::ARGUMENT_TYPE,
                        argument.span,
                        format!("`{}` takes a {wanted} as its `{}`", callee.text, parameter.name),
                        format!("this is {shown}"),
                    )
                    .help(builtin.doc),
                );
            }
            ids.push(id);
        }
        let ty = match (&builtin.result, generic) {
            (Shape::Is(ty), _) => ty.clone(),
            (Shape::AnyNumeric, Some(ty)) => ty,
            (Shape::AnyNumeric, None) => return self.poison(span),
        };
        self.add(span, ty, Kind::Call { builtin: index, arguments: ids })
    }

    fn decide(&mut self, span: Span, callee: &Ident, id: DecisionId, arguments: &[Expr], env: &Env) -> ExprId {
        if !self.decision_used(id, callee.span) {
            return self.poison(span);
        }
        let Some(decision) = self.done_decisions.get(&id) else { return self.poison(span) };
        let parameters = decision.parameters.clone();
        let result = decision.result.clone();
        if decision.rows.is_empty() {
            return self.poison(span);
        }
        if parameters.len() != arguments.len() {
            return self.wrong_count(callee, parameters.len(), arguments.len());
        }
        let mut ids = Vec::new();
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let mut given = self.expression(argument, env, Some(&parameter.ty));
            match self.ty(given).clone() {
                Ty::Of(ty) if ty == parameter.ty => {}
                Ty::Of(Type::Int) if parameter.ty == Type::Number => given = self.to_number(given),
                Ty::Missing => {
                    given = self.add(argument.span, parameter.ty.clone(), Kind::Constant(super::literal::missing()));
                }
                Ty::Error => return self.poison(span),
                ty => {
                    let (wanted, shown) = (self.schemas.show(&parameter.ty), self.show(&ty));
                    return self.fail(
                        Diagnostic::error(
                            codes::ARGUMENT_TYPE,
                            argument.span,
                            format!("the table `{}` takes a {wanted} as its `{}`", callee.text, parameter.name),
                            format!("this is {shown}"),
                        )
                        .help("give it a value of that type"),
                    );
                }
            }
            ids.push(given);
        }
        self.add(span, result, Kind::Decide { decision: id, arguments: ids })
    }

    fn unknown_function(&mut self, callee: &Ident) -> ExprId {
        if self.names().is_broken(&callee.text) {
            return self.poison(callee.span);
        }
        let foreign = match callee.text.to_ascii_lowercase().as_str() {
            "avg" | "average" => Some("mean"),
            "last" => Some("latest"),
            "first" => Some("earliest"),
            "total" => Some("sum"),
            "exists" | "has" => Some("any"),
            "all" => Some("every"),
            "unique" | "count_distinct" => Some("distinct"),
            "mode" => Some("most_frequent"),
            "len" | "strlen" => Some("length"),
            "percentage" | "ratio" => Some("share"),
            "coalesce" | "ifnull" | "nvl" | "isnull" => {
                return self.fail(
                    Diagnostic::error(codes::UNKNOWN_FUNCTION, callee.span, format!("there is no function `{}`", callee.text), "said otherwise in Seg")
                        .help("write `card else Blue`"),
                );
            }
            "if" | "iif" | "case" => {
                return self.fail(
                    Diagnostic::error(codes::UNKNOWN_FUNCTION, callee.span, format!("there is no function `{}`", callee.text), "said otherwise in Seg")
                        .help("write `choose { when CONDITION => VALUE otherwise => VALUE }`"),
                );
            }
            _ => None,
        };
        let mut known: Vec<String> = seg_stdlib::VOCABULARY.0.iter().map(|b| b.name.to_string()).collect();
        known.extend(AGGREGATES.iter().map(|a| (*a).to_string()));
        known.push("date_of".to_string());
        known.extend(self.names().callables.keys().cloned());
        known.sort();
        let near = foreign.map(String::from).or_else(|| nearest(&callee.text, known.iter().map(String::as_str)).map(String::from));
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_FUNCTION,
            callee.span,
            format!("there is no function or table `{}`", callee.text),
            "called here",
        );
        self.fail(match near {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), callee.span, near),
            None => diagnostic.help("functions are listed in `docs/reference/functions.md`; a `table` is called by its name"),
        })
    }
}

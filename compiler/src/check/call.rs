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
        let is_known = callee.text == "date_of"
            || seg_stdlib::VOCABULARY.find(&callee.text).is_some()
            || self.names().callables.contains_key(&callee.text);
        if !is_known {
            return self.unknown_function(span, callee, arguments);
        }
        let Some(expressions) = self.plain_arguments(callee, arguments) else { return self.poison(span) };
        if callee.text == "date_of" {
            return self.date_of(span, callee, &expressions, env);
        }
        if let Some((index, builtin)) = seg_stdlib::VOCABULARY.find(&callee.text) {
            return self.builtin(span, callee, (index, builtin), &expressions, env, want);
        }
        match self.names().callables.get(&callee.text).copied() {
            Some((id, _)) => self.decide(span, callee, id, &expressions, env),
            None => self.unknown_function(span, callee, arguments),
        }
    }

    fn aggregate_call(&mut self, span: Span, callee: &Ident, arguments: &[Argument], env: &Env) -> ExprId {
        let [argument] = arguments else {
            return self.fail(
                Diagnostic::error(
                    codes::WRONG_ARGUMENTS,
                    callee.span,
                    format!("`{}` goes over one field of events", callee.text),
                    format!("given {} values", arguments.len()),
                )
                .help(match callee.text.as_str() {
                    "min" => "the smaller of two values is `smaller_of(a, b)`".to_string(),
                    "max" => "the larger of two values is `larger_of(a, b)`".to_string(),
                    _ => format!("write `{}(orders where ...)`, with more conditions joined by `and`", callee.text),
                }),
            );
        };
        if let Argument::Expr(expr) = argument
            && callee.text == "count"
            && !self.is_collection(argument)
        {
            let list = self.expression(expr, env, None);
            match self.ty(list) {
                Ty::Of(Type::List(_)) => return self.add(span, Type::Int, Kind::ListCount(list)),
                Ty::Error => return self.poison(span),
                _ => {}
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
                                    "a window or a `where` belongs to events",
                                )
                                .help(format!("over events go `{}`", AGGREGATES.join("`, `"))),
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
        let [argument] = arguments else {
            return self.wrong_count(callee, 1, arguments.len(), "date_of(timestamp)");
        };
        let id = self.value(argument, env, Some(&Type::Timestamp));
        match self.ty(id).clone() {
            Ty::Of(Type::Timestamp) => self.add(span, Type::Date, Kind::CivilDate(id)),
            Ty::Error => id,
            ty => {
                let shown = self.words(&ty);
                let diagnostic = Diagnostic::error(
                    codes::ARGUMENT_TYPE,
                    argument.span,
                    "`date_of` takes a timestamp",
                    format!("this is {shown}"),
                );
                self.fail(match ty {
                    Ty::Of(Type::Date) => {
                        let text = self.text(argument.span).to_string();
                        diagnostic.suggest(format!("write `{text}`: it is a date already"), span, text)
                    }
                    _ => diagnostic.help("write a field of type `Timestamp` in the parentheses"),
                })
            }
        }
    }

    fn wrong_count(&mut self, callee: &Ident, wanted: usize, given: usize, call: &str) -> ExprId {
        let plural = if wanted == 1 { "" } else { "s" };
        self.fail(
            Diagnostic::error(
                codes::WRONG_ARGUMENTS,
                callee.span,
                format!("`{}` takes {wanted} value{plural}", callee.text),
                format!("given {given}"),
            )
            .help(format!("call it as `{call}`")),
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
            let call = self.signature(builtin);
            return self.wrong_count(callee, builtin.parameters.len(), arguments.len(), &call);
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
                    id = self.as_number(id);
                    true
                }
                Shape::Is(ty) => given == *ty,
                Shape::AnyNumeric if Some(n) == first_generic => {
                    generic = Some(given.clone());
                    given.is_numeric()
                }
                Shape::AnyNumeric if generic == Some(Type::Number) && given == Type::Int => {
                    id = self.as_number(id);
                    true
                }
                Shape::AnyNumeric => generic.as_ref() == Some(&given),
            };
            if !fits {
                let wanted = match &parameter.shape {
                    Shape::Is(ty) => Some(ty.clone()),
                    Shape::AnyNumeric => generic.clone().filter(|_| Some(n) != first_generic),
                };
                let shown = self.schemas.words(&given);
                let words = wanted.as_ref().map_or("a number or an amount".to_string(), |ty| self.schemas.words(ty));
                let diagnostic = Diagnostic::error(
                    codes::ARGUMENT_TYPE,
                    argument.span,
                    format!("`{}` takes {words} as its `{}`", callee.text, parameter.name),
                    format!("this is {shown}"),
                );
                return self.fail(match wanted.and_then(|wanted| self.as_wanted(argument.span, &wanted)) {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), argument.span, fixed),
                    None => diagnostic.help(format!("call it as `{}`", self.signature(builtin))),
                });
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
            let names: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
            let call = format!("{}({})", callee.text, names.join(", "));
            return self.wrong_count(callee, parameters.len(), arguments.len(), &call);
        }
        let mut ids = Vec::new();
        for (parameter, argument) in parameters.iter().zip(arguments) {
            let mut given = self.expression(argument, env, Some(&parameter.ty));
            match self.ty(given).clone() {
                Ty::Of(ty) if ty == parameter.ty => {}
                Ty::Of(Type::Int) if parameter.ty == Type::Number => given = self.as_number(given),
                Ty::Missing => {
                    given = self.add(argument.span, parameter.ty.clone(), Kind::Constant(super::literal::missing()));
                }
                Ty::Error => return self.poison(span),
                ty => {
                    let (wanted, shown) = (self.schemas.words(&parameter.ty), self.words(&ty));
                    let diagnostic = Diagnostic::error(
                        codes::ARGUMENT_TYPE,
                        argument.span,
                        format!("the table `{}` takes {wanted} as its `{}`", callee.text, parameter.name),
                        format!("this is {shown}"),
                    );
                    return self.fail(match self.as_wanted(argument.span, &parameter.ty) {
                        Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), argument.span, fixed),
                        None => diagnostic
                            .help(format!("give it {wanted}, or declare another type for `{}`", parameter.name)),
                    });
                }
            }
            ids.push(given);
        }
        self.add(span, result, Kind::Decide { decision: id, arguments: ids })
    }

    /// A function as it is called, with what it takes: `left(text: Text, count: Int)`.
    fn signature(&self, builtin: &Builtin) -> String {
        let parameters: Vec<String> = builtin
            .parameters
            .iter()
            .map(|p| match &p.shape {
                Shape::Is(ty) => format!("{}: {}", p.name, self.schemas.show(ty)),
                Shape::AnyNumeric => format!("{}: number or amount", p.name),
            })
            .collect();
        format!("{}({})", builtin.name, parameters.join(", "))
    }

    fn unknown_function(&mut self, span: Span, callee: &Ident, arguments: &[Argument]) -> ExprId {
        if self.names().is_broken(&callee.text) {
            return self.poison(callee.span);
        }
        let name = callee.text.to_ascii_lowercase();
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_FUNCTION,
            callee.span,
            format!("there is no function or table `{}`", callee.text),
            "called here",
        );
        let texts: Vec<String> = arguments.iter().map(|a| self.argument_text(a)).collect();
        if let Some(fixed) = said_otherwise(&name, &texts) {
            return self.fail(diagnostic.suggest(format!("write `{fixed}`"), span, fixed));
        }
        if let Some(help) = help_instead(&name) {
            return self.fail(diagnostic.help(help));
        }
        let mut known: Vec<String> = seg_stdlib::VOCABULARY.0.iter().map(|b| b.name.to_string()).collect();
        known.extend(AGGREGATES.iter().map(|a| (*a).to_string()));
        known.push("date_of".to_string());
        known.extend(self.names().callables.keys().cloned());
        known.sort();
        let near = other_name(&name).or_else(|| nearest(&callee.text, known.iter().map(String::as_str)));
        self.fail(match near {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), callee.span, near),
            None => diagnostic.help(
                "functions are listed in `docs/reference/functions.md`; a `table` of the playbook is called by its name",
            ),
        })
    }

    fn argument_text(&self, argument: &Argument) -> String {
        let span = match argument {
            Argument::Expr(expr) => expr.span,
            Argument::Rows(rows) => rows.span,
        };
        self.text(span).to_string()
    }
}

/// What a function of SQL or of a spreadsheet is called here.
fn other_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "avg" | "average" => "mean",
        "last" => "latest",
        "first" => "earliest",
        "total" => "sum",
        "exists" | "has" | "some" => "any",
        "all" => "every",
        "unique" | "count_distinct" | "countunique" => "distinct",
        "mode" => "most_frequent",
        "len" | "strlen" | "char_length" => "length",
        "percentage" | "ratio" => "share",
        "ucase" | "toupper" | "uppercase" => "upper",
        "lcase" | "tolower" | "lowercase" => "lower",
        "proper" | "initcap" => "title_case",
        "concat" | "concatenate" => "join",
        "substitute" => "replace",
        "ceil" | "roundup" => "ceiling",
        "rounddown" => "floor",
        "int" | "trunc" => "whole",
        "mod" => "remainder",
        "greatest" => "larger_of",
        "least" => "smaller_of",
        "eomonth" | "last_day" => "end_of_month",
        "date" | "datefromparts" => "make_date",
        "to_date" | "todate" => "date_of",
        _ => return None,
    })
}

/// What is a function elsewhere and said in words here.
fn said_otherwise(name: &str, arguments: &[String]) -> Option<String> {
    Some(match (name, arguments) {
        ("today" | "current_date" | "curdate", []) => "today".to_string(),
        ("now" | "getdate" | "current_timestamp", []) => "now".to_string(),
        ("coalesce" | "ifnull" | "nvl" | "isnull" | "iferror", [value, other]) => format!("({value} else {other})"),
        ("isnull" | "isblank" | "isempty" | "is_null" | "is_missing", [value]) => format!("{value} is missing"),
        ("year" | "month" | "day" | "hour" | "quarter" | "weekday", [value]) => format!("{name} of {value}"),
        ("dayofweek", [value]) => format!("weekday of {value}"),
        ("contains", [value, part]) => format!("{value} contains {part}"),
        ("startswith" | "starts_with", [value, part]) => format!("{value} starts with {part}"),
        ("endswith" | "ends_with", [value, part]) => format!("{value} ends with {part}"),
        _ => return None,
    })
}

fn help_instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "coalesce" | "ifnull" | "nvl" | "isnull" | "iferror" => {
            "write `VALUE else OTHER` for a value that may be missing"
        }
        "if" | "iif" | "ifs" | "case" | "switch" => "write `choose { when CONDITION => VALUE otherwise => VALUE }`",
        "countif" | "countifs" | "count_if" => "write `count(orders where CONDITION)`",
        "sumif" | "sumifs" | "sum_if" => "write `sum(orders.total where CONDITION)`",
        "averageif" | "averageifs" | "avg_if" => "write `mean(orders.total where CONDITION)`",
        "datediff" | "date_diff" | "datedif" => {
            "write `days since DATE` or `days until DATE`; between two other dates, `days_between(EARLIER, LATER)`"
        }
        "dateadd" | "date_add" | "date_sub" | "edate" | "adddate" => "add a length of time: `DATE + 30 days`",
        "vlookup" | "xlookup" | "lookup" => "declare a `table`, or a `reference` that a field points to",
        _ => return None,
    })
}

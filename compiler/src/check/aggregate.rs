//! Folds over a customer's events.

use seg_grammar::ast::{self, Argument, Expr, ExprKind, Ident, Path, Rows};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::node::{AggregateKind, Scope};
use seg_ir::schema::{CollectionId, TableId};
use seg_ir::verify::aggregate_type;

use super::literal::{list_of, period_of, span_of};
use super::{Checker, Env};
use crate::hir::{Aggregate, ExprId, Kind, ThenNo, Ty, Window};

/// What an aggregate's rows are: their table, and the path from a row to what is folded.
struct Over {
    collection: CollectionId,
    table: TableId,
    scope: Scope,
    fields: Vec<Ident>,
    span: Span,
}

impl Checker<'_> {
    /// `count(orders in last 30 days where ...)` and its like.
    pub(super) fn aggregate(&mut self, span: Span, callee: &Ident, argument: &Argument, env: &Env) -> ExprId {
        let Some((over, rows)) = self.over(callee, argument, env) else { return self.poison(span) };
        let Some(parts) = self.rows(&over, rows, env) else { return self.poison(span) };
        let takes_test = matches!(callee.text.as_str(), "count" | "share" | "any" | "none" | "every");
        let kind = kind(&callee.text);
        if takes_test {
            return self.fold_of_tests(span, callee, over, parts, kind);
        }
        if over.fields.is_empty() {
            if matches!(callee.text.as_str(), "latest" | "earliest") {
                return self.row_of(span, callee, over, parts);
            }
            return self.nothing_to_fold(callee, &over);
        }
        let value = self.row_value(over.table, over.scope, &over.fields, over.span);
        self.fold_of_values(span, callee, over, parts, kind, value)
    }

    /// `latest(orders where ...).item.department`
    pub(super) fn end_row(
        &mut self,
        span: Span,
        callee: &Ident,
        argument: &Argument,
        fields: &[Ident],
        env: &Env,
    ) -> ExprId {
        let Some((over, rows)) = self.over(callee, argument, env) else { return self.poison(span) };
        if !over.fields.is_empty() {
            // `latest(orders.item).department`: the fold gives a pointer, the fields follow it.
            let Some(parts) = self.rows(&over, rows, env) else { return self.poison(span) };
            let mut path = over.fields.clone();
            path.extend(fields.iter().cloned());
            let value = self.row_value(over.table, over.scope, &path, span);
            return self.fold_of_values(span, callee, over, parts, kind(&callee.text), value);
        }
        let Some(parts) = self.rows(&over, rows, env) else { return self.poison(span) };
        let value = self.row_value(over.table, over.scope, fields, span);
        let kind = match callee.text.as_str() {
            "latest" => AggregateKind::LatestRow,
            _ => AggregateKind::EarliestRow,
        };
        self.fold_of_values(span, callee, over, parts, kind, value)
    }

    fn over<'r>(&mut self, callee: &Ident, argument: &'r Argument, env: &Env) -> Option<(Over, Option<&'r Rows>)> {
        let (path, rows): (&Path, Option<&Rows>) = match argument {
            Argument::Rows(rows) => (&rows.path, Some(rows)),
            Argument::Expr(Expr { kind: ExprKind::Path(path), .. }) => (path, None),
            Argument::Expr(expr) => {
                let text = self.text(expr.span).to_string();
                self.error(
                    not_events(callee, expr.span, &text).help("write the name of a field that is declared with `many`"),
                );
                return None;
            }
        };
        let found = self.collection_of(path);
        let Some((collection, fields)) = found else {
            if !self.is_known_broken(path) {
                let diagnostic = self.no_collection(callee, path);
                self.error(diagnostic);
            }
            return None;
        };
        let explicit = path.head().text == "customer";
        if !env.rows.is_empty() && !explicit {
            let name = &self.schemas.schema.collection(collection).name;
            let fixed = format!("customer.{name}");
            let head = path.head().span;
            self.error(
                Diagnostic::error(
                    codes::UNKNOWN_FIELD,
                    head,
                    format!("an event has no `{name}`"),
                    "behind `where`, a name is a field of the event",
                )
                .fix(format!("write `{fixed}`, the customer's"), head, fixed.clone()),
            );
            return None;
        }
        if env.rows.len() >= 2 {
            self.error(
                Diagnostic::error(
                    codes::NESTED_EVENTS,
                    path.span,
                    "events within events within events",
                    "one level too deep",
                )
                .help("give this part a name of its own with `attribute`, and use that here"),
            );
            return None;
        }
        let table = self.schemas.schema.collection(collection).table;
        let scope = if env.rows.is_empty() { Scope::Row } else { Scope::InnerRow };
        Some((Over { collection, table, scope, fields, span: path.span }, rows))
    }

    fn is_known_broken(&self, path: &Path) -> bool {
        let head = &path.head().text;
        self.names().profile_is_broken || self.schemas.broken_fields.contains(head) || self.names().is_broken(head)
    }

    fn no_collection(&self, callee: &Ident, path: &Path) -> Diagnostic {
        let head = path.head();
        let schema = &self.schemas.schema;
        let diagnostic = not_events(callee, path.span, &path.text());
        let by_table = schema.collections.iter().find(|c| schema.table(c.table).name == head.text);
        if let Some(collection) = by_table {
            let name = collection.name.clone();
            return diagnostic.suggest(format!("write `{name}`"), head.span, name);
        }
        let known: Vec<String> = schema.collections.iter().map(|c| c.name.clone()).collect();
        match crate::suggest::nearest(&head.text, known.iter().map(String::as_str)) {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), head.span, near),
            None if known.is_empty() => diagnostic
                .help("declare events in the profile, such as `orders many Order`, and what an `event Order` is"),
            None => diagnostic.help(format!("the customer's events are {}", list_of(known.iter().map(String::as_str)))),
        }
    }

    /// The window, the test and the sequence of some rows.
    fn rows(&mut self, over: &Over, rows: Option<&Rows>, env: &Env) -> Option<Parts> {
        let mut parts = Parts::default();
        let Some(rows) = rows else { return Some(parts) };
        if let Some(alias) = &rows.alias {
            self.alias_hides(alias, over.table)?;
        }
        let alias = rows.alias.as_ref().map(|a| a.text.clone());
        let inner = env.with(over.table, over.scope, alias.clone());
        if let Some(window) = &rows.window {
            let ty = self.time_type(over, window.span)?;
            parts.window = Some(self.window(window, &ty, env, true)?);
        }
        if let Some(filter) = &rows.filter {
            parts.filter = Some(self.condition(filter, &inner));
        }
        if let Some(then) = &rows.then_no {
            parts.then_no = Some(self.then_no(over, then, alias.as_deref(), &inner)?);
        }
        Some(parts)
    }

    fn alias_hides(&mut self, alias: &Ident, table: TableId) -> Option<()> {
        if self.schemas.schema.table(table).find(&alias.text).is_none() {
            return Some(());
        }
        let owner = self.schemas.schema.table(table).name.clone();
        self.error(
            Diagnostic::error(
                codes::DUPLICATE_NAME,
                alias.span,
                format!("`{}` is a field of `{owner}`", alias.text),
                "this name would hide it",
            )
            .help("choose another name, such as its first letter"),
        );
        None
    }

    fn time_type(&mut self, over: &Over, span: Span) -> Option<Type> {
        let table = self.schemas.schema.table(over.table);
        match table.at {
            Some(at) => Some(self.schemas.schema.field(over.table, at).ty.clone()),
            None => {
                let name = table.name.clone();
                self.error(
                    Diagnostic::error(
                        codes::WINDOW_WITHOUT_TIME,
                        span,
                        format!("the events of `{name}` have no time"),
                        "a window of time needs one",
                    )
                    .help(format!("declare which field it is, `event {name} by ... at ...`, or leave the window out")),
                );
                None
            }
        }
    }

    fn then_no(&mut self, over: &Over, then: &ast::ThenNo, alias: Option<&str>, env: &Env) -> Option<ThenNo> {
        if alias != Some(then.of.text.as_str()) {
            let diagnostic = Diagnostic::error(
                codes::SEQUENCE_NAME,
                then.of.span,
                format!("no event is called `{}` here", then.of.text),
                "within that time of which event?",
            );
            self.error(match alias {
                Some(alias) => diagnostic.suggest(format!("write `{alias}`"), then.of.span, alias),
                None => {
                    let table = self.schemas.schema.collection(over.collection).name.clone();
                    let letter = table.chars().next().unwrap_or('e');
                    diagnostic.help(format!("give the event a name, such as `{letter}`: `any({table} {letter} where ... then no ... of {letter})`"))
                }
            });
            return None;
        }
        let Some((collection, _)) = self.collection_of(&then.path).filter(|(_, f)| f.is_empty()) else {
            let callee = Ident { text: "then no".into(), span: then.path.span };
            let diagnostic = self.no_collection(&callee, &then.path);
            self.error(diagnostic);
            return None;
        };
        let at = self.time_type(over, then.span)?;
        let inner_table = self.schemas.schema.collection(collection).table;
        let inner =
            Over { collection, table: inner_table, scope: Scope::InnerRow, fields: Vec::new(), span: then.path.span };
        let inner_at = self.time_type(&inner, then.span)?;
        if at != inner_at {
            let (a, b) = (self.schemas.words(&at), self.schemas.words(&inner_at));
            self.error(
                Diagnostic::error(
                    codes::SEQUENCE_TIMES,
                    then.span,
                    "the two kinds of events do not tell time alike",
                    format!("one has {a}, the other {b}"),
                )
                .help("declare the times of both as `Timestamp`, or both as `Date`"),
            );
            return None;
        }
        let filter = then.filter.as_ref().map(|f| {
            let env = env.with(inner_table, Scope::InnerRow, None);
            self.condition(f, &env)
        });
        let by = match then.within.unit.is_exact() {
            true => span_of(then.within).map(|c| (Type::Span, c)),
            false => period_of(then.within).map(|c| (Type::Period, c)),
        };
        let fits = by.is_some() && !(then.within.unit.is_exact() && at == Type::Date);
        let (Some((by_ty, by)), true) = (by, fits) else {
            self.error(
                Diagnostic::error(
                    codes::WINDOW_LENGTH,
                    then.within_span,
                    "events that have a date are not parted by hours",
                    "write days or longer",
                )
                .help("write the length in days, or declare the events' times as `Timestamp`"),
            );
            return None;
        };
        let field = self.schemas.schema.table(over.table).at?;
        let from = self.add(then.of.span, at.clone(), Kind::Field { scope: over.scope, table: over.table, field });
        let by = self.made(then.within_span, by_ty, by);
        let until = self.add(then.within_span, at, Kind::Shift { value: from, by, back: false });
        Some(ThenNo { span: then.span, collection, filter, from, until, within: then.within })
    }

    fn fold_of_tests(&mut self, span: Span, callee: &Ident, over: Over, parts: Parts, kind: AggregateKind) -> ExprId {
        if let Some(extra) = over.fields.first() {
            let plain = parts.window.is_none() && parts.filter.is_none() && parts.then_no.is_none();
            let value = self.row_value(over.table, over.scope, &over.fields, over.span);
            if self.ty(value) == &Ty::Error {
                return value;
            }
            let is_condition = self.ty(value).is(&Type::Bool);
            let name = self.schemas.schema.collection(over.collection).name.clone();
            let path = over.fields.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join(".");
            let diagnostic = Diagnostic::error(
                codes::FOLD_OF_FIELD,
                extra.span,
                format!("`{}` goes over events, not over one of their fields", callee.text),
                "a field of the events",
            );
            return self.fail(if callee.text == "count" {
                diagnostic.suggest(format!("count the events: `count({name})`"), over.span, name.clone()).suggest(
                    format!("count different values: `distinct({name}.{path})`"),
                    callee.span,
                    "distinct",
                )
            } else if is_condition && plain {
                let fixed = format!("{name} where {path}");
                diagnostic.suggest(format!("write `{}({fixed})`", callee.text), over.span, fixed)
            } else {
                diagnostic
                    .help(format!("say behind `where` what must hold: `{}({name} where {path} = ...)`", callee.text))
            });
        }
        if parts.then_no.is_some() && !matches!(callee.text.as_str(), "any" | "none" | "count") {
            let at = parts.then_no.as_ref().map_or(span, |t| t.span);
            return self.fail(
                Diagnostic::error(
                    codes::SEQUENCE_PLACE,
                    at,
                    "`then no` goes with `any`, `none` and `count`",
                    format!("this is within `{}`", callee.text),
                )
                .help("ask `any(visits v where ... then no orders within 2 days of v)`"),
            );
        }
        if matches!(callee.text.as_str(), "share" | "every") && parts.filter.is_none() {
            let name = self.schemas.schema.collection(over.collection).name.clone();
            return self.fail(
                Diagnostic::error(
                    codes::FOLD_WITHOUT_TEST,
                    span,
                    format!("`{}` does not say what the events must be like", callee.text),
                    "there is no `where`",
                )
                .help(format!("say it behind `where`: `{}({name} where ...)`", callee.text)),
            );
        }
        let ty = match kind {
            AggregateKind::Count => Type::Int,
            AggregateKind::Share => Type::Percent,
            _ => Type::Bool,
        };
        let none = callee.text == "none";
        self.fold(span, callee, over, parts, kind, None, ty, none)
    }

    fn fold_of_values(
        &mut self,
        span: Span,
        callee: &Ident,
        over: Over,
        parts: Parts,
        kind: AggregateKind,
        value: ExprId,
    ) -> ExprId {
        let Ty::Of(value_ty) = self.ty(value).clone() else { return self.poison(span) };
        if let Some(then) = &parts.then_no {
            let at = then.span;
            return self.fail(
                Diagnostic::error(
                    codes::SEQUENCE_PLACE,
                    at,
                    "`then no` goes with `any`, `none` and `count`",
                    format!("this is within `{}`", callee.text),
                )
                .help("ask `any(visits v where ... then no orders within 2 days of v)`"),
            );
        }
        let unordered = matches!(kind, AggregateKind::Min | AggregateKind::Max)
            && matches!(&value_ty, Type::Enum(id) if !self.schemas.schema.enum_type(*id).ordered);
        match aggregate_type(kind, Some(&value_ty)).filter(|_| !unordered) {
            Some(ty) => self.fold(span, callee, over, parts, kind, Some(value), ty, false),
            None => {
                let shown = self.schemas.words(&value_ty);
                let needs = match callee.text.as_str() {
                    "sum" | "mean" => "numbers, amounts or percentages",
                    "min" | "max" => "values with an order, such as numbers, amounts and dates",
                    _ => "single values",
                };
                self.fail(
                    Diagnostic::error(
                        codes::FOLD_TYPE,
                        over.span,
                        format!("`{}` takes {needs}", callee.text),
                        format!("this is {shown}"),
                    )
                    .help(match callee.text.as_str() {
                        "sum" | "mean" => "name a field with numbers; to count events, write `count(...)`",
                        "min" | "max" => {
                            "for the last one in time write `latest(...)`, for the commonest `most_frequent(...)`"
                        }
                        _ => "name a field that has one value",
                    }),
                )
            }
        }
    }

    /// `latest(orders)`: a row, of which only presence and fields can be asked.
    fn row_of(&mut self, span: Span, callee: &Ident, over: Over, parts: Parts) -> ExprId {
        let kind = match callee.text.as_str() {
            "latest" => AggregateKind::LatestRow,
            _ => AggregateKind::EarliestRow,
        };
        let table = over.table;
        let value = self.made(over.span, Type::Bool, seg_ir::Const::Bool(true));
        let id = self.fold(span, callee, over, parts, kind, Some(value), Type::Bool, false);
        if let Some(expr) = self.hir.exprs.get_mut(id.0 as usize) {
            expr.ty = Ty::Row(table);
        }
        id
    }

    fn nothing_to_fold(&mut self, callee: &Ident, over: &Over) -> ExprId {
        let name = self.schemas.schema.collection(over.collection).name.clone();
        let schema = &self.schemas.schema;
        let number = schema.table(over.table).fields.iter().find(|f| f.ty.is_numeric()).map(|f| f.name.clone());
        let callee_text = &callee.text;
        let diagnostic = Diagnostic::error(
            codes::FOLD_WITHOUT_FIELD,
            over.span,
            format!("`{callee_text}` does not say of which field of `{name}`"),
            "these are whole events",
        );
        self.fail(match number {
            Some(field) => {
                let fixed = format!("{name}.{field}");
                diagnostic.suggest(format!("write `{callee_text}({fixed})`"), over.span, fixed)
            }
            None => diagnostic.help(format!(
                "name one of their fields, `{callee_text}({name}.FIELD)`; to count them, write `count({name})`"
            )),
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a fold, each of another type")]
    fn fold(
        &mut self,
        span: Span,
        callee: &Ident,
        over: Over,
        parts: Parts,
        kind: AggregateKind,
        value: Option<ExprId>,
        ty: Type,
        none: bool,
    ) -> ExprId {
        let aggregate = Aggregate {
            kind,
            none,
            collection: over.collection,
            scope: over.scope,
            window: parts.window,
            filter: parts.filter,
            value,
            then_no: parts.then_no,
            callee: callee.span,
        };
        self.add(span, ty, Kind::Aggregate(Box::new(aggregate)))
    }
}

#[derive(Default)]
struct Parts {
    window: Option<Window>,
    filter: Option<ExprId>,
    then_no: Option<ThenNo>,
}

fn kind(callee: &str) -> AggregateKind {
    match callee {
        "count" => AggregateKind::Count,
        "share" => AggregateKind::Share,
        "every" => AggregateKind::Every,
        "sum" => AggregateKind::Sum,
        "mean" => AggregateKind::Mean,
        "min" => AggregateKind::Min,
        "max" => AggregateKind::Max,
        "latest" => AggregateKind::Latest,
        "earliest" => AggregateKind::Earliest,
        "distinct" => AggregateKind::Distinct,
        "most_frequent" => AggregateKind::MostFrequent,
        "list" => AggregateKind::List,
        _ => AggregateKind::Any,
    }
}

fn not_events(callee: &Ident, span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        codes::NOT_EVENTS,
        span,
        format!("`{}` goes over events, and `{text}` is something else", callee.text),
        "not declared with `many`",
    )
}

//! Folds over a customer's events.

use seg_grammar::ast::{self, Argument, Expr, ExprKind, Ident, Path, Rows};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::node::{AggregateKind, Scope};
use seg_ir::schema::{CollectionId, TableId};
use seg_ir::verify::aggregate_type;

use super::literal::{period_of, span_of};
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
                self.error(not_events(callee, expr.span, &text));
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
                    "a name in here is the event's own",
                )
                .fix(format!("write `{fixed}`, the customer's"), head, fixed.clone()),
            );
            return None;
        }
        if env.rows.len() >= 2 {
            self.error(
                Diagnostic::error(codes::NESTED_EVENTS, path.span, "events inside events inside events", "one level too deep")
                    .help("give the inner part a name of its own with `attribute`"),
            );
            return None;
        }
        let table = self.schemas.schema.collection(collection).table;
        let scope = if env.rows.is_empty() { Scope::Row } else { Scope::InnerRow };
        Some((Over { collection, table, scope, fields, span: path.span }, rows))
    }

    fn is_known_broken(&self, path: &Path) -> bool {
        let head = &path.head().text;
        self.schemas.broken_fields.contains(head) || self.names().is_broken(head)
    }

    fn no_collection(&self, callee: &Ident, path: &Path) -> Diagnostic {
        let head = path.head();
        let schema = &self.schemas.schema;
        let by_table = schema.collections.iter().find(|c| schema.table(c.table).name == head.text);
        if let Some(collection) = by_table {
            let name = collection.name.clone();
            return not_events(callee, path.span, &path.text()).suggest(format!("write `{name}`"), head.span, name);
        }
        let known: Vec<&str> = schema.collections.iter().map(|c| c.name.as_str()).collect();
        match crate::suggest::nearest(&head.text, known.iter().copied()) {
            Some(near) => not_events(callee, path.span, &path.text()).suggest(format!("write `{near}`"), head.span, near),
            None => not_events(callee, path.span, &path.text()),
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
                format!("`{}` is a field of {owner}", alias.text),
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
                        "a window needs one",
                    )
                    .help(format!("declare it, `event {name} by ... at ...`, or leave the window out")),
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
                format!("`{}` names no event here", then.of.text),
                "of which event?",
            );
            self.error(match alias {
                Some(alias) => diagnostic.suggest(format!("write `{alias}`"), then.of.span, alias),
                None => {
                    let table = self.schemas.schema.collection(over.collection).name.clone();
                    let letter = table.chars().next().unwrap_or('e');
                    diagnostic.help(format!("name the first event: `any({table} {letter} ... then no ... of {letter})`"))
                }
            });
            return None;
        }
        let Some((collection, fields)) = self.collection_of(&then.path).filter(|(_, f)| f.is_empty()) else {
            let callee = Ident { text: "then no".into(), span: then.path.span };
            let diagnostic = self.no_collection(&callee, &then.path);
            self.error(diagnostic);
            return None;
        };
        let _ = fields;
        let at = self.time_type(over, then.span)?;
        let inner_table = self.schemas.schema.collection(collection).table;
        let inner = Over { collection, table: inner_table, scope: Scope::InnerRow, fields: Vec::new(), span: then.path.span };
        let inner_at = self.time_type(&inner, then.span)?;
        if at != inner_at {
            let (a, b) = (self.schemas.show(&at), self.schemas.show(&inner_at));
            self.error(
                Diagnostic::error(
                    codes::SEQUENCE_TIMES,
                    then.span,
                    "the two kinds of events do not tell time alike",
                    format!("one has a {a}, the other a {b}"),
                )
                .help("a sequence needs two Timestamps or two Dates"),
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
                Diagnostic::error(codes::WINDOW_LENGTH, then.within_span, "events by day are not parted by hours", "write days or longer")
                    .help("these events have a Date, not a Timestamp"),
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
            let name = self.schemas.schema.collection(over.collection).name.clone();
            let path = over.fields.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join(".");
            let diagnostic = Diagnostic::error(
                codes::FOLD_OF_FIELD,
                extra.span,
                format!("`{}` is about events, not about one of their fields", callee.text),
                "a field of them",
            );
            return self.fail(if callee.text == "count" {
                diagnostic
                    .suggest(format!("count the events: `count({name})`"), over.span, name.clone())
                    .suggest(
                        format!("count different values: `distinct({name}.{path})`"),
                        callee.span,
                        "distinct",
                    )
            } else {
                diagnostic.help(format!("say what must hold behind `where`: `{}({name} where {path} = ...)`", callee.text))
            });
        }
        if parts.then_no.is_some() && !matches!(callee.text.as_str(), "any" | "none" | "count") {
            let at = parts.then_no.as_ref().map_or(span, |t| t.span);
            return self.fail(
                Diagnostic::error(codes::SEQUENCE_PLACE, at, "`then no` belongs into `any`, `none` or `count`", format!("this is `{}`", callee.text))
                    .help("write `any(visits v where ... then no orders within 2 days of v)`"),
            );
        }
        if matches!(callee.text.as_str(), "share" | "every") && parts.filter.is_none() {
            return self.fail(
                Diagnostic::error(codes::FOLD_WITHOUT_TEST, span, format!("`{}` of which events?", callee.text), "there is no `where`")
                    .help(format!("write `{}(orders where ...)`", callee.text)),
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
                Diagnostic::error(codes::SEQUENCE_PLACE, at, "`then no` belongs into `any`, `none` or `count`", format!("this is `{}`", callee.text))
                    .help("write `any(visits v where ... then no orders within 2 days of v)`"),
            );
        }
        let unordered = matches!(kind, AggregateKind::Min | AggregateKind::Max)
            && matches!(&value_ty, Type::Enum(id) if !self.schemas.schema.enum_type(*id).ordered);
        match aggregate_type(kind, Some(&value_ty)).filter(|_| !unordered) {
            Some(ty) => self.fold(span, callee, over, parts, kind, Some(value), ty, false),
            None => {
                let shown = self.schemas.show(&value_ty);
                self.fail(
                    Diagnostic::error(
                        codes::FOLD_TYPE,
                        over.span,
                        format!("`{}` does not take values of type {shown}", callee.text),
                        format!("this is {shown}"),
                    )
                    .help(match callee.text.as_str() {
                        "sum" | "mean" => "it takes numbers, amounts and percentages; to count, write `count(...)`",
                        "min" | "max" => "it takes what has an order: numbers, amounts, dates, ordered enums",
                        _ => "it takes single values",
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
        let field = number.unwrap_or_else(|| "amount".to_string());
        let callee_text = &callee.text;
        self.fail(
            Diagnostic::error(
                codes::FOLD_WITHOUT_FIELD,
                over.span,
                format!("`{callee_text}` of which field of the {name}?"),
                "these are whole events",
            )
            .suggest(format!("write `{callee_text}({name}.{field})`"), over.span, format!("{name}.{field}")),
        )
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
        format!("`{}` goes over events, and `{text}` is none", callee.text),
        "not a `many` field of the profile",
    )
    .help("name a field that is declared with `many`, such as `orders`")
}

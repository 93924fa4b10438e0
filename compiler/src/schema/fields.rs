//! Fields of profiles, events and references; the collections of a profile.

use seg_grammar::ast::{self, FieldKind, Ident, ItemKind, TypeRef};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::schema::{Collection, Field, TableId, TableKind};
use seg_ir::{Const, Type};

use super::{Builder, default_constant};
use crate::hir::ItemRef;
use crate::suggest::nearest;

impl Builder<'_> {
    pub(super) fn table_item(&mut self, at: ItemRef) {
        let item = self.modules.item(at).1;
        let (table, kind) = match &item.kind {
            ItemKind::Profile(t) => (t, TableKind::Profile),
            ItemKind::Event(t) => (t, TableKind::Event),
            ItemKind::Reference(t) => (t, TableKind::Reference),
            _ => return,
        };
        let Some(&id) = self.out.tables.get(&table.name.text) else { return };
        if !self.out.schema.table(id).fields.is_empty() {
            return;
        }
        for field in &table.fields {
            self.field(id, "", field, kind);
        }
        self.key(id, table, kind);
        if let Some(at) = &table.at {
            self.time(id, at);
        }
    }

    fn field(&mut self, table: TableId, prefix: &str, field: &ast::Field, kind: TableKind) {
        let name = format!("{prefix}{}", field.name.text);
        match &field.kind {
            FieldKind::Record(fields) => {
                if fields.is_empty() {
                    self.error(
                        Diagnostic::error(
                            codes::EMPTY_RECORD,
                            field.span,
                            format!("the group `{name}` has no fields"),
                            "an empty group",
                        )
                        .help("give it fields, or remove it"),
                    );
                }
                for inner in fields {
                    self.field(table, &format!("{name}."), inner, kind);
                }
            }
            FieldKind::Value { many: Some(many), ty, max, .. } => {
                self.collection(&name, field, *many, ty, *max, kind);
            }
            FieldKind::Value { many: None, ty, max, default, labels } => {
                let Some(resolved) = self.types().resolve(ty) else {
                    self.out.broken_fields.push(name);
                    return;
                };
                let default = default.as_ref().and_then(|d| self.default(&name, d, ty, &resolved));
                let max = max.and_then(|(count, span)| self.field_max(&resolved, count, span));
                let out = Field {
                    name,
                    ty: resolved,
                    optional: ty.optional && default.is_none(),
                    default,
                    max,
                    labels: labels.iter().map(|l| l.text.clone()).collect(),
                    doc: field.doc.clone(),
                };
                self.push_field(table, out, field.name.span);
            }
        }
    }

    fn push_field(&mut self, table: TableId, field: Field, span: Span) {
        let twice = self.out.field(table, &field.name);
        if let Some(first) = twice {
            let first = self.out.field_spans.get(&(table, first)).copied().unwrap_or(span);
            self.error(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    span,
                    format!("the field `{}` is there twice", field.name),
                    "the second one",
                )
                .label(first, "the first one")
                .help("remove one of the two, or give it another name"),
            );
            return;
        }
        self.out.push_field(table, field, span);
    }

    fn default(&mut self, name: &str, value: &ast::Expr, ty: &TypeRef, resolved: &Type) -> Option<Const> {
        if ty.optional {
            self.error(
                Diagnostic::error(
                    codes::DEFAULT_OF_OPTIONAL,
                    value.span,
                    format!("`{name}` has a default, so it is never missing"),
                    "with this, the `?` says nothing",
                )
                .label(ty.span, "declared as possibly missing here")
                .help("remove the `?` or the default"),
            );
        }
        let found = default_constant(&self.out, value, resolved);
        if found.is_none() {
            let shown = self.out.show(resolved);
            self.error(
                Diagnostic::error(
                    codes::DEFAULT_TYPE,
                    value.span,
                    format!("the default of `{name}` is not of its type, `{shown}`"),
                    format!("{} belongs here", self.out.words(resolved)),
                )
                .label(ty.span, "the type is declared here")
                .help("write the default as a plain value of that type, or declare another type"),
            );
        }
        found
    }

    fn field_max(&mut self, ty: &Type, count: i64, span: Span) -> Option<u64> {
        if !matches!(ty, Type::Text | Type::List(_)) || count < 1 {
            let shown = self.out.words(ty);
            let why = if count < 1 { "it must be at least 1".to_string() } else { format!("this field is {shown}") };
            self.error(
                Diagnostic::error(codes::MAX_TYPE, span, "`max` bounds a text, a list or an event table", why).suggest(
                    "remove it",
                    span,
                    "",
                ),
            );
            return None;
        }
        u64::try_from(count).ok()
    }

    fn collection(
        &mut self,
        name: &str,
        field: &ast::Field,
        many: Span,
        ty: &TypeRef,
        max: Option<(i64, Span)>,
        kind: TableKind,
    ) {
        let target = self.out.tables.get(&ty.name.text).copied();
        let is_event = target.is_some_and(|t| self.out.schema.table(t).kind == TableKind::Event);
        if kind != TableKind::Profile || name.contains('.') {
            self.error(
                Diagnostic::error(codes::MANY_OUTSIDE_PROFILE, many, "only a profile has `many` events, outside of its groups", "not in a profile")
                    .help("declare the events in the profile itself; to point from one table to another, use a `reference` table"),
            );
            return;
        }
        let Some(table) = target.filter(|_| is_event) else {
            if self.is_broken(&ty.name.text) {
                self.out.broken_fields.push(name.to_string());
                return;
            }
            let events: Vec<String> =
                self.out.schema.tables.iter().filter(|t| t.kind == TableKind::Event).map(|t| t.name.clone()).collect();
            let diagnostic = Diagnostic::error(
                codes::MANY_OF_NO_EVENT,
                ty.name.span,
                format!("`{}` is not an `event` declaration", ty.name.text),
                "`many` takes the name of an event table",
            );
            self.out.broken_fields.push(name.to_string());
            self.error(match nearest(&ty.name.text, events.iter().map(String::as_str)) {
                Some(near) => diagnostic.suggest(format!("write `{near}`"), ty.name.span, near),
                None => {
                    diagnostic.help("declare it: `event Order by customer_id at placed_at { placed_at Timestamp }`")
                }
            });
            return;
        };
        if self.out.schema.collections.iter().any(|c| c.name == name || c.table == table) {
            self.error(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    field.span,
                    format!("the events of `{}` are there already", ty.name.text),
                    "an event table belongs to one field",
                )
                .help("remove this field, and use the one that is there"),
            );
            return;
        }
        let max = max.and_then(|(count, span)| {
            if count < 1 {
                self.error(
                    Diagnostic::error(codes::MAX_TYPE, span, "`max` must be at least 1", "this allows nothing")
                        .suggest("remove it", span, ""),
                );
            }
            u64::try_from(count).ok().filter(|c| *c > 0)
        });
        self.out.schema.collections.push(Collection { name: name.to_string(), table, optional: ty.optional, max });
        self.out.collection_spans.push(field.name.span);
    }

    fn key(&mut self, id: TableId, table: &ast::Table, kind: TableKind) {
        let name = &table.key.text;
        if kind == TableKind::Event {
            self.out.schema.tables[id.0 as usize].by = Some(name.clone());
            return;
        }
        if name == "row" && self.out.schema.table(id).find("row").is_none() && kind == TableKind::Profile {
            return;
        }
        let Some(field) = self.out.schema.table(id).find(name) else {
            if !self.out.broken_fields.contains(name) {
                self.no_such_field(id, &table.key, "the key");
            }
            return;
        };
        let declared = self.out.schema.field(id, field);
        let fits = matches!(declared.ty, Type::Text | Type::Int) && !declared.optional && declared.default.is_none();
        if !fits {
            let span = self.out.field_spans.get(&(id, field)).copied().unwrap_or(table.key.span);
            self.error(
                Diagnostic::error(
                    codes::KEY_TYPE,
                    table.key.span,
                    format!("`{name}` cannot be the key"),
                    "a key is a text or a whole number that every row has",
                )
                .label(span, "declared here")
                .help("declare the key as `Text` or `Int`, without `?` and without a default"),
            );
        }
        self.out.schema.tables[id.0 as usize].key = Some(field);
    }

    fn time(&mut self, id: TableId, at: &Ident) {
        let Some(field) = self.out.schema.table(id).find(&at.text) else {
            if !self.out.broken_fields.contains(&at.text) {
                self.no_such_field(id, at, "the time");
            }
            return;
        };
        let declared = self.out.schema.field(id, field);
        let fits = matches!(declared.ty, Type::Timestamp | Type::Date) && !declared.optional;
        if !fits {
            let span = self.out.field_spans.get(&(id, field)).copied().unwrap_or(at.span);
            self.error(
                Diagnostic::error(
                    codes::TIME_TYPE,
                    at.span,
                    format!("`{}` cannot be the time of an event", at.text),
                    "a time is a timestamp or a date that every event has",
                )
                .label(span, "declared here")
                .help("declare it as `Timestamp` or `Date`, without `?`"),
            );
            return;
        }
        self.out.schema.tables[id.0 as usize].at = Some(field);
    }

    fn no_such_field(&mut self, id: TableId, name: &Ident, role: &str) {
        let fields: Vec<String> = self.out.schema.table(id).fields.iter().map(|f| f.name.clone()).collect();
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_FIELD,
            name.span,
            format!("there is no field `{}` to be {role}", name.text),
            "not among the fields below",
        );
        self.error(match nearest(&name.text, fields.iter().map(String::as_str)) {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), name.span, near),
            None => diagnostic.help(format!("add a field `{}`, or name another one here", name.text)),
        });
    }
}

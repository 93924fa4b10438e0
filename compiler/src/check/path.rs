//! Names in expressions: fields, attributes, segments, members, through groups and references.

use seg_grammar::ast::{Argument, Expr, ExprKind, Ident, Path};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::node::Scope;
use seg_ir::schema::{CollectionId, PROFILE, TableId};
use seg_ir::types::EnumId;

use super::literal::list_of;
use super::{Checker, Env};
use crate::declare::Global;
use crate::hir::{ExprId, Kind, Ty};
use crate::suggest::nearest;

impl Checker<'_> {
    pub(super) fn path(&mut self, path: &Path, env: &Env, want: Option<&Type>) -> ExprId {
        let head = path.head();
        if head.text.starts_with(|c: char| c.is_ascii_uppercase()) {
            return self.upper_path(path, want);
        }
        // A row's own fields come first, then its alias, then the words that reach out.
        if let Some(row) = env.rows.last() {
            let (table, scope) = (row.table, row.scope);
            if self.has_field(table, &head.text) {
                return self.fields(table, scope, &path.parts, path.span);
            }
        }
        for row in env.rows.iter().rev() {
            if row.alias.as_deref() == Some(head.text.as_str()) {
                let (table, scope) = (row.table, row.scope);
                return match path.parts.get(1..) {
                    Some([]) | None => self.make(path.span, Ty::Row(table), Kind::Error),
                    Some(rest) => self.fields(table, scope, rest, path.span),
                };
            }
        }
        if head.text == "customer" && !self.has_field(PROFILE, "customer") {
            return match path.parts.get(1..) {
                Some([]) | None => self.fail(
                    Diagnostic::error(
                        codes::UNKNOWN_NAME,
                        path.span,
                        "`customer` alone is not a value",
                        "which of the customer's fields?",
                    )
                    .help("write `customer.` and the name of a field or attribute"),
                ),
                Some(rest) => self.customer_path(rest, path.span, want),
            };
        }
        if let Some(id) = self.today_or_now(head, path) {
            return id;
        }
        if env.rows.is_empty() {
            return self.customer_path(&path.parts, path.span, want);
        }
        self.not_of_the_row(path, env)
    }

    /// `today` and `now`, unless the profile has fields of these names.
    fn today_or_now(&mut self, head: &Ident, path: &Path) -> Option<ExprId> {
        if path.parts.len() != 1 || self.has_field(PROFILE, &head.text) {
            return None;
        }
        if self.names().attributes.contains_key(&head.text) {
            return None;
        }
        let span = path.span;
        match head.text.as_str() {
            "now" => Some(self.add(span, Type::Timestamp, Kind::AsOf)),
            "today" => {
                let now = self.add(span, Type::Timestamp, Kind::AsOf);
                Some(self.add(span, Type::Date, Kind::CivilDate(now)))
            }
            _ => None,
        }
    }

    /// Whether a table has a field, or a group of fields, of that name.
    fn has_field(&self, table: TableId, name: &str) -> bool {
        self.schemas.has_field(table, name)
    }

    /// A path from the customer: a field, an attribute, or a collection.
    fn customer_path(&mut self, parts: &[Ident], span: Span, want: Option<&Type>) -> ExprId {
        let Some(head) = parts.first() else { return self.poison(span) };
        if head.text.starts_with(|c: char| c.is_ascii_uppercase()) {
            let path = Path { parts: parts.to_vec(), span };
            return self.upper_path(&path, want);
        }
        if self.has_field(PROFILE, &head.text) {
            return self.fields(PROFILE, Scope::Customer, parts, span);
        }
        if let Some((id, _)) = self.names().attributes.get(&head.text).copied() {
            let ty = self.attribute_type(id, head.span);
            // What is wrong, or leads back to itself, is followed no further.
            let kind = if ty == Ty::Error { Kind::Error } else { Kind::Attribute(id) };
            let value = self.make(head.span, ty, kind);
            return self.through(value, parts.get(1..).unwrap_or_default(), span);
        }
        if let Some(collection) = self.collection(&head.text) {
            return self.events_as_value(collection, parts, span);
        }
        self.unknown_name(head, want)
    }

    pub(super) fn collection(&self, name: &str) -> Option<CollectionId> {
        self.schemas.schema.collection_ids().find(|(_, c)| c.name == name).map(|(id, _)| id)
    }

    /// A field of a table by its (dotted) name, then on through references.
    fn fields(&mut self, table: TableId, scope: Scope, parts: &[Ident], span: Span) -> ExprId {
        match self.longest_field(table, parts) {
            Ok((field, used)) => {
                let ty = self.schemas.schema.field(table, field).ty.clone();
                let value = self.add(span, ty, Kind::Field { scope, table, field });
                self.through(value, parts.get(used..).unwrap_or_default(), span)
            }
            Err(diagnostic) => self.fail_unless_broken(diagnostic, parts),
        }
    }

    /// The fields behind a pointer.
    fn through(&mut self, value: ExprId, rest: &[Ident], span: Span) -> ExprId {
        let Some(next) = rest.first() else { return value };
        let table = match self.ty(value) {
            Ty::Of(Type::Reference(table)) => *table,
            Ty::Error => return self.poison(span),
            ty => {
                let shown = self.words(ty);
                return self.fail(
                    Diagnostic::error(
                        codes::UNKNOWN_FIELD,
                        next.span,
                        format!("{shown} has no field `{}`", next.text),
                        format!("what stands before the dot is {shown}"),
                    )
                    .help("leave it out: only events, groups and rows of reference tables have fields"),
                );
            }
        };
        match self.longest_field(table, rest) {
            Ok((field, used)) => {
                let ty = self.schemas.schema.field(table, field).ty.clone();
                let found = self.add(span, ty, Kind::Lookup { pointer: value, table, field });
                self.through(found, rest.get(used..).unwrap_or_default(), span)
            }
            Err(diagnostic) => self.fail_unless_broken(diagnostic, rest),
        }
    }

    fn fail_unless_broken(&mut self, diagnostic: Diagnostic, parts: &[Ident]) -> ExprId {
        let span = diagnostic.span();
        let name = parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".");
        let broken = self.schemas.broken_fields.iter().any(|b| *b == name || name.starts_with(&format!("{b}.")));
        if broken { self.poison(span) } else { self.fail(diagnostic) }
    }

    /// The field whose dotted name is the longest prefix of the parts, and how many parts it takes.
    fn longest_field(&self, table: TableId, parts: &[Ident]) -> Result<(seg_ir::FieldId, usize), Diagnostic> {
        let schema = &self.schemas.schema;
        let mut name = String::new();
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                name.push('.');
            }
            name.push_str(&part.text);
            if let Some(field) = self.schemas.field(table, &name) {
                return Ok((field, n + 1));
            }
        }
        let Some(head) = parts.first() else {
            return Err(Diagnostic::error(
                codes::UNKNOWN_FIELD,
                Span::new(seg_grammar::FileId(0), 0, 0),
                "no field",
                "",
            ));
        };
        let owner = &schema.table(table).name;
        let group = format!("{}.", head.text);
        let inside: Vec<String> =
            schema.table(table).fields.iter().filter_map(|f| f.name.strip_prefix(&group)).map(String::from).collect();
        if !inside.is_empty() {
            let Some(next) = parts.get(1) else {
                return Err(Diagnostic::error(
                    codes::GROUP_AS_VALUE,
                    head.span,
                    format!("`{}` is a group of fields, not a value", head.text),
                    "which of them is meant?",
                )
                .help(format!(
                    "write `{}.` and one of {}",
                    head.text,
                    list_of(inside.iter().map(String::as_str))
                )));
            };
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_FIELD,
                next.span,
                format!("the group `{}` has no field `{}`", head.text, next.text),
                "not one of its fields",
            );
            return Err(match nearest(&next.text, inside.iter().map(String::as_str)) {
                Some(near) => diagnostic.suggest(format!("write `{near}`"), next.span, near),
                None => diagnostic.help(format!("it has {}", list_of(inside.iter().map(String::as_str)))),
            });
        }
        let fields = self.names_to_suggest(schema.table(table).fields.iter().map(|f| f.name.as_str()));
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_FIELD,
            head.span,
            format!("`{owner}` has no field `{}`", head.text),
            format!("not a field of `{owner}`"),
        );
        Err(match nearest(&head.text, fields.iter().map(String::as_str)) {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), head.span, near),
            None => {
                let all = schema.table(table).fields.iter().map(|f| f.name.as_str());
                diagnostic.help(format!("its fields are {}", list_of(all)))
            }
        })
    }

    /// A lower-case name inside `where` that is none of the event's own.
    fn not_of_the_row(&mut self, path: &Path, env: &Env) -> ExprId {
        let head = path.head();
        let Some(row) = env.rows.last() else { return self.poison(path.span) };
        let owner = self.schemas.schema.table(row.table).name.clone();
        if self.schemas.broken_fields.contains(&head.text) {
            return self.poison(path.span);
        }
        let of_customer = self.has_field(PROFILE, &head.text)
            || self.names().attributes.contains_key(&head.text)
            || self.collection(&head.text).is_some();
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_FIELD,
            head.span,
            format!("`{owner}` has no field `{}`", head.text),
            "behind `where`, a name is a field of the event",
        );
        if of_customer {
            let fixed = format!("customer.{}", head.text);
            return self.fail(diagnostic.fix(format!("write `{fixed}`, the customer's"), head.span, fixed.clone()));
        }
        let fields = self.names_to_suggest(self.schemas.schema.table(row.table).fields.iter().map(|f| f.name.as_str()));
        self.fail(match nearest(&head.text, fields.iter().map(String::as_str)) {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), head.span, near),
            None => {
                let all = self.schemas.schema.table(row.table).fields.iter().map(|f| f.name.as_str());
                let all = list_of(all);
                diagnostic.help(format!("its fields are {all}; write `customer.` before a field of the customer"))
            }
        })
    }

    /// `GoldHolders`, `Gold` where a card is wanted, `Card.Gold`.
    fn upper_path(&mut self, path: &Path, want: Option<&Type>) -> ExprId {
        let head = path.head();
        if let (Some(Type::Enum(id)), [member]) = (want, path.parts.as_slice())
            && let Some(found) = self.schemas.member(*id, &member.text)
        {
            return self.add(path.span, Type::Enum(*id), Kind::Constant(seg_ir::Const::Enum(found)));
        }
        if let (Some(id), Some(member)) = (self.schemas.enum_named(&head.text), path.parts.get(1)) {
            return self.member(id, member, path.span);
        }
        match self.names().globals.get(&head.text).copied() {
            Some((Global::Segment(id), _)) if path.parts.len() == 1 => {
                if !self.segment_used(id, path.span) {
                    return self.poison(path.span);
                }
                return self.bool(path.span, Kind::Segment(id));
            }
            Some((Global::Broken, _)) => return self.poison(path.span),
            Some((Global::Segment(_), _)) => {
                return self.fail(
                    Diagnostic::error(
                        codes::UNKNOWN_FIELD,
                        path.span,
                        format!("the segment `{}` has no fields", head.text),
                        "a segment is a condition",
                    )
                    .help("write the name of the segment, or that of the field, each by itself, joined by `and`"),
                );
            }
            Some((Global::Enum, _)) => {
                let diagnostic = Diagnostic::error(
                    codes::UNKNOWN_NAME,
                    path.span,
                    format!("`{}` is an enum, not a value", head.text),
                    "the list of all members",
                );
                let id = self.schemas.enum_named(&head.text);
                let profile = self.schemas.schema.profile();
                let field = profile.fields.iter().find(|f| id.is_some_and(|id| f.ty == Type::Enum(id)));
                return self.fail(match field {
                    Some(field) => {
                        let name = field.name.clone();
                        diagnostic.suggest(format!("write `{name}`, the customer's"), path.span, name)
                    }
                    None => {
                        diagnostic.help(format!("write the name of a field, or a member such as `{}.First`", head.text))
                    }
                });
            }
            Some((Global::Profile | Global::Event | Global::Reference, _)) => {
                let many = self
                    .schemas
                    .schema
                    .collections
                    .iter()
                    .find(|c| self.schemas.schema.table(c.table).name == head.text);
                let diagnostic = Diagnostic::error(
                    codes::UNKNOWN_NAME,
                    path.span,
                    format!("`{}` is a table, not a value", head.text),
                    "the name of a declaration",
                );
                return self.fail(match many {
                    Some(c) => {
                        let name = c.name.clone();
                        diagnostic.suggest(format!("write `{name}`, the customer's events"), head.span, name)
                    }
                    None => diagnostic.help("name one of its fields, in lower case"),
                });
            }
            None => {}
        }
        if let Some(Type::Enum(id)) = want
            && path.parts.len() == 1
        {
            return self.member(*id, head, path.span);
        }
        self.unknown_upper(path)
    }

    /// A member of an enum by its name.
    pub(super) fn member(&mut self, id: EnumId, member: &Ident, span: Span) -> ExprId {
        let declared = self.schemas.schema.enum_type(id);
        if let Some(found) = self.schemas.member(id, &member.text) {
            return self.add(span, Type::Enum(id), Kind::Constant(seg_ir::Const::Enum(found)));
        }
        if declared.members.is_empty() {
            // Its members could not be read, and that is told.
            return self.poison(span);
        }
        let name = declared.name.clone();
        let members = self.names_to_suggest(declared.members.iter().map(|m| m.name.as_str()));
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_MEMBER,
            member.span,
            format!("`{name}` has no member `{}`", member.text),
            format!("a member of `{name}` belongs here"),
        );
        self.fail(match nearest(&member.text, members.iter().map(String::as_str)) {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), member.span, near),
            None => {
                let all = self.schemas.schema.enum_type(id).members.iter().map(|m| m.name.as_str());
                diagnostic.help(format!("its members are {}", list_of(all)))
            }
        })
    }

    /// An upper-case name that is nothing: perhaps a member whose enum is not clear here, perhaps a typo.
    fn unknown_upper(&mut self, path: &Path) -> ExprId {
        let head = path.head();
        let owners: Vec<String> = self
            .schemas
            .schema
            .enums
            .iter()
            .enumerate()
            .filter(|(n, _)| self.schemas.member(EnumId(*n as u32), &head.text).is_some())
            .map(|(_, e)| e.name.clone())
            .collect();
        if let [owner, ..] = owners.as_slice() {
            let fixed = format!("{owner}.{}", head.text);
            return self.fail(
                Diagnostic::error(
                    codes::UNKNOWN_NAME,
                    head.span,
                    format!("`{}` is a member, and nothing here says of which enum", head.text),
                    format!("a member of {}", list_of(owners.iter().map(String::as_str))),
                )
                .suggest(format!("write `{fixed}`"), head.span, fixed.clone()),
            );
        }
        self.unknown_name(head, None)
    }

    fn unknown_name(&mut self, name: &Ident, want: Option<&Type>) -> ExprId {
        let may_be_field = self.names().profile_is_broken && !name.text.starts_with(|c: char| c.is_ascii_uppercase());
        let group = format!("{}.", name.text);
        let field_is_broken = self.schemas.broken_fields.iter().any(|b| *b == name.text || b.starts_with(&group));
        if may_be_field || field_is_broken || self.names().is_broken(&name.text) {
            return self.poison(name.span);
        }
        let (names, schema) = (self.names(), &self.schemas.schema);
        let fields = schema.profile().fields.iter().map(|f| &f.name);
        let all = fields.chain(names.attributes.keys()).chain(names.globals.keys());
        let all = all.chain(schema.collections.iter().map(|c| &c.name));
        let mut known = self.names_to_suggest(all.map(String::as_str));
        known.sort();
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            name.span,
            format!("nothing is called `{}`", name.text),
            "not a field, attribute or segment",
        );
        if matches!(name.text.as_str(), "null" | "none" | "nil" | "empty") {
            return self.fail(diagnostic.help("to ask whether there is a value, write `is missing` or `is known`"));
        }
        let member = match want {
            Some(Type::Enum(id)) => {
                let members = self.schemas.schema.enum_type(*id).members.iter().map(|m| m.name.as_str());
                let members = self.names_to_suggest(members);
                nearest(&name.text, members.iter().map(String::as_str)).map(String::from)
            }
            _ => None,
        };
        if let Some(member) = member {
            return self.fail(diagnostic.suggest(format!("write the member `{member}`"), name.span, member));
        }
        let near = nearest(&name.text, known.iter().map(String::as_str)).map(String::from);
        let of_events = self.field_of_events(&name.text);
        self.fail(match (near, of_events, want) {
            (Some(near), _, _) => diagnostic.suggest(format!("write `{near}`"), name.span, near),
            (None, Some(path), _) => diagnostic.help(format!(
                "it is a field of events: take one value from them, such as `latest({path})`, or ask `any({} where {} = ...)`",
                path.split('.').next().unwrap_or(""),
                name.text
            )),
            (None, None, Some(Type::Text)) => {
                let text = format!("\"{}\"", name.text);
                diagnostic.suggest(format!("write the text in quotes: `{text}`"), name.span, text)
            }
            (None, None, _) if self.schemas.schema.profile().fields.is_empty() => diagnostic
                .help("declare the customers' fields first, in a `profile` such as `profile Customer key customer_id { ... }`"),
            (None, None, _) => diagnostic.help("declare it as a field of the profile, as an `attribute` or as a `segment`"),
        })
    }

    /// The names that a misspelt one is compared with; none, once too many were compared.
    pub(crate) fn names_to_suggest<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> Vec<String> {
        match self.may_suggest(names.clone().count()) {
            true => names.map(String::from).collect(),
            false => Vec::new(),
        }
    }

    /// `orders.total` for a name that is a field of an event table.
    fn field_of_events(&self, name: &str) -> Option<String> {
        let schema = &self.schemas.schema;
        schema.collections.iter().find_map(|c| schema.table(c.table).find(name).map(|_| format!("{}.{name}", c.name)))
    }

    fn events_as_value(&mut self, collection: CollectionId, parts: &[Ident], span: Span) -> ExprId {
        let name = self.schemas.schema.collection(collection).name.clone();
        let text = parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".");
        let diagnostic = Diagnostic::error(
            codes::EVENTS_AS_VALUE,
            span,
            match parts.len() {
                1 => format!("`{text}` are all of the customer's events, not one value"),
                _ => format!("`{text}` has a value for each event, not one"),
            },
            format!("a customer can have any number of `{name}`"),
        );
        self.fail(match parts.len() {
            1 => diagnostic.suggest(format!("count them: `count({text})`"), span, format!("count({text})")).suggest(
                format!("ask whether there are any: `any({text})`"),
                span,
                format!("any({text})"),
            ),
            _ => diagnostic
                .suggest(format!("take the last one: `latest({text})`"), span, format!("latest({text})"))
                .help(format!(
                    "or ask about all of them, such as `any({name} where {} = ...)`",
                    parts.get(1..).map_or(String::new(), |p| p
                        .iter()
                        .map(|p| p.text.as_str())
                        .collect::<Vec<_>>()
                        .join("."))
                )),
        })
    }

    /// `latest(orders).placed_at`: a field of the event that `latest` or `earliest` finds.
    pub(super) fn field_of(&mut self, base: &Expr, name: &Ident, span: Span, env: &Env, want: Option<&Type>) -> ExprId {
        let mut fields = vec![name.clone()];
        let mut base = base;
        loop {
            match &base.kind {
                ExprKind::Field(inner, name) => {
                    fields.insert(0, name.clone());
                    base = inner;
                }
                ExprKind::Paren(inner) => base = inner,
                _ => break,
            }
        }
        if let ExprKind::Call { callee, arguments } = &base.kind
            && matches!(callee.text.as_str(), "latest" | "earliest")
            && let [argument] = arguments.as_slice()
            && self.is_collection(argument)
        {
            return self.end_row(span, callee, argument, &fields, env);
        }
        let value = self.expression(base, env, want);
        if self.ty(value) == &Ty::Error {
            return value;
        }
        self.through(value, &fields, span)
    }

    /// Whether an argument names a collection of events, perhaps with a path into them.
    pub(super) fn is_collection(&self, argument: &Argument) -> bool {
        let path = match argument {
            Argument::Rows(rows) => &rows.path,
            Argument::Expr(Expr { kind: ExprKind::Path(path), .. }) => path,
            Argument::Expr(_) => return false,
        };
        self.collection_of(path).is_some()
    }

    /// The collection at the head of a path, and the path into its rows.
    pub(super) fn collection_of(&self, path: &Path) -> Option<(CollectionId, Vec<Ident>)> {
        let parts = path.parts.as_slice();
        let parts = match parts.first() {
            Some(head) if head.text == "customer" && parts.len() > 1 => parts.get(1..)?,
            _ => parts,
        };
        let collection = self.collection(&parts.first()?.text)?;
        Some((collection, parts.get(1..)?.to_vec()))
    }

    /// A path into the rows of a table, as a value of the row.
    pub(super) fn row_value(&mut self, table: TableId, scope: Scope, parts: &[Ident], span: Span) -> ExprId {
        self.fields(table, scope, parts, span)
    }
}

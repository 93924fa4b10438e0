//! `test` blocks: the given customer as a record, the expectations as conditions.

use seg_grammar::ast::{self, ExpectKind, ExprKind, Given, GivenValue, ItemKind, Literal, Path};
use seg_grammar::{Diagnostic, codes};
use seg_ir::schema::{FieldId, PROFILE, TableId};
use seg_ir::value::{Const, Reason};
use seg_ir::{Record, Type};

use crate::check::{Checker, Env, list_of, literal_as};
use crate::declare::Global;
use crate::hir::{Expect, ExprId, ItemRef, Kind, Test};
use crate::suggest::nearest;

/// Checks one `test` block into the tree.
pub(crate) fn test(checker: &mut Checker, at: ItemRef) {
    let ItemKind::Test(test) = checker.item_kind(at).clone() else { return };
    let Some(as_of) = as_of(checker, &test.as_of) else { return };
    let schemas = checker.schemas;
    let schema = &schemas.schema;
    let nothing = vec![Const::Missing(Reason::NotGiven); schema.profile().fields.len()];
    let mut record = Record::new(schema, nothing);
    let profile = fields(checker, PROFILE, &test.given, &mut record);
    for (id, _) in schema.profile().field_ids() {
        let value = profile.get(id.0 as usize).cloned().unwrap_or(Const::Missing(Reason::NotGiven));
        record.set(id, value);
    }
    record.seal(schema, &checker.schemas.zone, as_of);
    let expects = test.expects.iter().filter_map(|e| expect(checker, e)).collect();
    if test.expects.is_empty() {
        checker.error(
            Diagnostic::error(codes::EMPTY_TEST, test.name.span, "this test expects nothing", "it can never fail")
                .help("add what must hold below `as of`, such as `expect in GoldHolders`"),
        );
    }
    let span = test.name.span;
    checker.hir.tests.push(Test { name: test.name.value, span, as_of, record, expects });
}

fn as_of(checker: &mut Checker, expr: &ast::Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Timestamp(t)) => Some(crate::check::instant(*t)),
        ExprKind::Literal(Literal::Date(d)) => checker.schemas.zone.start_of_day(crate::check::days(*d)),
        _ => None,
    }
}

fn expect(checker: &mut Checker, expect: &ast::Expect) -> Option<Expect> {
    let (condition, not_in) = match &expect.kind {
        ExpectKind::True(expr) => (checker.condition(expr, &Env::default()), false),
        ExpectKind::Member { negated, segment } => (member(checker, segment), *negated),
    };
    Some(Expect { span: expect.span, condition, not_in })
}

fn member(checker: &mut Checker, segment: &ast::Ident) -> ExprId {
    match checker.names().globals.get(&segment.text).copied() {
        Some((Global::Segment(id), _)) => {
            checker.segment_used(id, segment.span);
            checker.bool(segment.span, Kind::Segment(id))
        }
        Some((Global::Broken, _)) => checker.poison(segment.span),
        _ => {
            let segments = checker.names().globals.iter().filter(|(_, (g, _))| matches!(g, Global::Segment(_)));
            let known = checker.names_to_suggest(segments.map(|(name, _)| name.as_str()));
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_NAME,
                segment.span,
                format!("there is no segment `{}`", segment.text),
                "the name of a segment belongs here",
            );
            let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
            known.sort_unstable();
            checker.fail(match nearest(&segment.text, known) {
                Some(near) => diagnostic.suggest(format!("write `{near}`"), segment.span, near),
                None => diagnostic.help(
                    "`in` and `not in` take the name of a segment; another condition is written `expect CONDITION`",
                ),
            })
        }
    }
}

/// The values of a row of a table; what is left out is missing, or has its default. Rows that it points to, and events,
/// are added to the record.
fn fields(checker: &mut Checker, table: TableId, given: &[Given], record: &mut Record) -> Vec<Const> {
    let schemas = checker.schemas;
    let schema = &schemas.schema;
    let declared = schema.table(table);
    let mut row: Vec<Const> =
        declared.fields.iter().map(|f| f.default.clone().unwrap_or(Const::Missing(Reason::NotGiven))).collect();
    for given in given {
        one(checker, table, "", given, &mut row, record);
    }
    row
}

fn one(checker: &mut Checker, table: TableId, prefix: &str, given: &Given, row: &mut [Const], record: &mut Record) {
    let name = format!("{prefix}{}", given.path.text());
    let schemas = checker.schemas;
    let schema = &schemas.schema;
    if let Some(field) = schemas.field(table, &name) {
        let value = value(checker, table, field, &given.value, record);
        if let Some(slot) = row.get_mut(field.0 as usize) {
            *slot = value;
        }
        return;
    }
    let collection = schema.collection_ids().find(|(_, c)| table == PROFILE && c.name == name);
    if let Some((_, collection)) = collection {
        events(checker, collection.table, &given.value, record);
        return;
    }
    let group = format!("{name}.");
    if let (GivenValue::Record(inner, _), true) =
        (&given.value, schema.table(table).fields.iter().any(|f| f.name.starts_with(&group)))
    {
        for given in inner {
            one(checker, table, &group, given, row, record);
        }
        return;
    }
    unknown(checker, table, &given.path, &name);
}

fn events(checker: &mut Checker, table: TableId, value: &GivenValue, record: &mut Record) {
    match value {
        GivenValue::Rows(rows, _) => {
            for row in rows {
                if let GivenValue::Record(given, _) = row {
                    let row = fields(checker, table, given, record);
                    record.push(table, row);
                }
            }
        }
        GivenValue::Value(ast::Expr { kind: ExprKind::List(items), .. }) if items.is_empty() => {}
        other => {
            let declared = checker.schemas.schema.table(table);
            let name = declared.name.clone();
            let field = declared.fields.first().map_or("field".to_string(), |f| f.name.clone());
            let text = checker.text(other.span()).to_string();
            let diagnostic = Diagnostic::error(
                codes::GIVEN_TYPE,
                other.span(),
                format!("events of `{name}` are given in brackets"),
                "this is not a list of events",
            );
            checker.error(match other {
                GivenValue::Record(..) => diagnostic.suggest(
                    "write the one event in brackets: `[{ ... }]`",
                    other.span(),
                    format!("[{text}]"),
                ),
                _ => diagnostic
                    .help(format!("write `[{{ {field}: ... }}]` with braces around each event, or `[]` for none")),
            });
        }
    }
}

fn value(checker: &mut Checker, table: TableId, field: FieldId, given: &GivenValue, record: &mut Record) -> Const {
    let ty = checker.schemas.schema.field(table, field).ty.clone();
    let missing = Const::Missing(Reason::NotGiven);
    match (given, &ty) {
        (GivenValue::Value(ast::Expr { kind: ExprKind::Literal(Literal::Missing), .. }), _) => missing,
        (GivenValue::Record(inner, _), Type::Reference(target)) => {
            let row = fields(checker, *target, inner, record);
            Const::Reference(record.push(*target, row))
        }
        (GivenValue::Value(expr), ty) if !matches!(ty, Type::Reference(_)) => {
            if let ExprKind::List(items) = &expr.kind
                && items.is_empty()
                && matches!(ty, Type::List(_))
            {
                return Const::List(Vec::new());
            }
            match literal_as(checker.schemas, expr, ty) {
                Ok(value) => value,
                Err(()) => {
                    checker.pattern_misfit(expr, ty);
                    missing
                }
            }
        }
        _ => {
            let schema = &checker.schemas.schema;
            let name = schema.field(table, field).name.clone();
            let shown = checker.schemas.words(&ty);
            let help = match &ty {
                Type::Reference(target) => {
                    let first = schema.table(*target).fields.first().map_or("field", |f| f.name.as_str());
                    format!("write the fields that matter of that row in braces: `{name}: {{ {first}: ... }}`")
                }
                _ => format!("write {shown}, without braces or brackets of its own"),
            };
            checker.error(
                Diagnostic::error(
                    codes::GIVEN_TYPE,
                    given.span(),
                    format!("`{name}` takes {shown}"),
                    format!("{shown} belongs here"),
                )
                .help(help),
            );
            missing
        }
    }
}

fn unknown(checker: &mut Checker, table: TableId, path: &Path, name: &str) {
    let profile_is_broken = table == PROFILE && checker.names().profile_is_broken;
    if profile_is_broken || checker.schemas.broken_fields.iter().any(|b| b == name) {
        return;
    }
    let schema = &checker.schemas.schema;
    let mut known: Vec<String> = schema.table(table).fields.iter().map(|f| f.name.clone()).collect();
    if table == PROFILE {
        known.extend(schema.collections.iter().map(|c| c.name.clone()));
    }
    let owner = schema.table(table).name.clone();
    let near = nearest(name, known.iter().map(String::as_str)).map(String::from);
    let is_attribute = table == PROFILE && checker.names().attributes.contains_key(name);
    if is_attribute {
        let message = format!("`{name}` is an attribute, and attributes are computed");
        checker.error(
            Diagnostic::error(codes::UNKNOWN_GIVEN, path.span, message, "cannot be given")
                .help("give the fields that it is computed from; what it comes to can be expected"),
        );
        return;
    }
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_GIVEN,
        path.span,
        format!("`{owner}` has no field `{name}`"),
        "cannot be given",
    );
    checker.error(match near {
        Some(near) => diagnostic.suggest(format!("write `{near}`"), path.span, near),
        None if known.is_empty() => diagnostic.help(format!("declare the field in `{owner}`")),
        None => diagnostic.help(format!("it has {}", list_of(known.iter().map(String::as_str)))),
    });
}

//! Pairs of declarations to tree nodes.

use pest::iterators::Pair;

use super::{Builder, Rule, child, doc_above, first, inner};
use crate::ast::*;

impl Builder<'_> {
    pub(super) fn declaration(&mut self, pair: Pair<Rule>) -> (Vec<Allow>, ItemKind) {
        let mut allows = Vec::new();
        let mut kind = ItemKind::Broken(None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::allow => allows.push(self.allow(part)),
                Rule::EOI => {}
                _ => kind = self.item(part),
            }
        }
        (allows, kind)
    }

    fn allow(&mut self, pair: Pair<Rule>) -> Allow {
        let mut parts = words_out(pair);
        let lint = self.ident(parts.remove(0));
        Allow { lint, reason: self.text(&parts.remove(0)) }
    }

    fn item(&mut self, pair: Pair<Rule>) -> ItemKind {
        match pair.as_rule() {
            Rule::use_decl => ItemKind::Use(self.path(words_out(pair).remove(0))),
            Rule::playbook => ItemKind::Playbook(self.playbook(pair)),
            Rule::enum_decl => ItemKind::Enum(self.enum_decl(pair)),
            Rule::profile => ItemKind::Profile(self.table(pair)),
            Rule::event => ItemKind::Event(self.table(pair)),
            Rule::reference => ItemKind::Reference(self.table(pair)),
            Rule::attribute => ItemKind::Attribute(self.attribute(pair)),
            Rule::segment => ItemKind::Segment(self.segment(pair)),
            Rule::table => ItemKind::DecisionTable(self.decision_table(pair)),
            Rule::test_decl => ItemKind::Test(self.test(pair)),
            _ => ItemKind::Broken(None),
        }
    }

    fn playbook(&mut self, pair: Pair<Rule>) -> Playbook {
        let mut parts = words_out(pair).into_iter();
        let title = parts.next().map(|p| self.title(&p));
        let properties = parts
            .map(|p| {
                let mut words = words_out(p);
                let name = self.ident(words.remove(0));
                let value = words.remove(0);
                let span = self.span(&value);
                let text = match value.as_rule() {
                    Rule::title => self.text(&value).value,
                    _ => value.as_str().to_string(),
                };
                Property { name, value: Ident { text, span } }
            })
            .collect();
        Playbook { title: title.unwrap_or_else(|| self.no_text()), properties }
    }

    fn enum_decl(&mut self, pair: Pair<Rule>) -> Enum {
        let mut parts = words_out(pair);
        let ordered = parts.first().is_some_and(|p| p.as_rule() == Rule::ordered);
        if ordered {
            parts.remove(0);
        }
        let name = self.ident(parts.remove(0));
        let from_csv = parts.first().is_some_and(|p| p.as_rule() == Rule::title);
        let members = if from_csv {
            EnumMembers::FromCsv { file: self.text(&parts.remove(0)), column: self.ident(parts.remove(0)) }
        } else {
            EnumMembers::Inline(parts.into_iter().map(|p| self.member(p)).collect())
        };
        Enum { name, ordered, members }
    }

    fn member(&mut self, pair: Pair<Rule>) -> Member {
        let mut parts = inner(pair);
        let name = self.ident(child(&mut parts));
        Member { name, value: parts.next().map(|p| self.text(&p)) }
    }

    fn table(&mut self, pair: Pair<Rule>) -> Table {
        let mut parts = words_out(pair).into_iter();
        let (mut name, mut key, mut at, mut fields) = (None, None, None, Vec::new());
        for part in &mut parts {
            match part.as_rule() {
                Rule::upper => name = Some(self.ident(part)),
                Rule::lower => key = Some(self.ident(part)),
                Rule::at_clause => at = Some(self.ident(words_out(part).remove(0))),
                _ => fields = self.fields(part),
            }
        }
        let none = || Ident { text: String::new(), span: Span::new(self.file, self.offset, self.offset) };
        Table { name: name.unwrap_or_else(none), key: key.unwrap_or_else(none), at, fields }
    }

    fn fields(&mut self, pair: Pair<Rule>) -> Vec<Field> {
        inner(pair).map(|p| self.field(p)).collect()
    }

    fn field(&mut self, pair: Pair<Rule>) -> Field {
        let span = self.span(&pair);
        let doc = doc_above(self.source, self.tokens, span.range().start);
        let mut parts = pair.into_inner();
        let name = self.ident(child(&mut parts));
        let mut many = None;
        let mut ty = None;
        let mut max = None;
        let mut default = None;
        let mut labels = Vec::new();
        for part in parts {
            match part.as_rule() {
                Rule::fields => return Field { doc, name, kind: FieldKind::Record(self.fields(part)), span },
                Rule::many => many = Some(self.span(&part)),
                Rule::type_ref => ty = Some(self.type_ref(part)),
                _ => {
                    let option = first(part);
                    match option.as_rule() {
                        Rule::max_clause => max = self.max(option),
                        Rule::default_clause => {
                            default = words_out(option).into_iter().next().map(|p| self.expr(p));
                        }
                        _ => labels.push(self.ident(first(option))),
                    }
                }
            }
        }
        let none = Ident { text: String::new(), span };
        let ty = ty.unwrap_or(TypeRef { name: none, argument: None, optional: false, span });
        Field { doc, name, kind: FieldKind::Value { many, ty, max, default, labels }, span }
    }

    fn max(&mut self, pair: Pair<Rule>) -> Option<(i64, Span)> {
        let span = self.span(&pair);
        let digits = words_out(pair).remove(0);
        Some((self.int(&digits), span))
    }

    pub(super) fn type_ref(&mut self, pair: Pair<Rule>) -> TypeRef {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let name = self.ident(child(&mut parts));
        let (mut argument, mut optional) = (None, false);
        for part in parts {
            match part.as_rule() {
                Rule::question => optional = true,
                _ => argument = Some(self.ident(part)),
            }
        }
        TypeRef { name, argument, optional, span }
    }

    fn attribute(&mut self, pair: Pair<Rule>) -> Attribute {
        let mut parts = words_out(pair);
        let name = self.ident(parts.remove(0));
        let ty = (parts.len() == 2).then(|| self.type_ref(parts.remove(0)));
        Attribute { name, ty, value: self.expr(parts.remove(0)) }
    }

    fn segment(&mut self, pair: Pair<Rule>) -> Segment {
        let mut parts = words_out(pair).into_iter();
        let name = parts.next().map(|p| self.ident(p));
        let mut segment =
            Segment { name: name.unwrap_or_else(|| self.no_name()), title: None, when: None, except: Vec::new() };
        for part in parts {
            match part.as_rule() {
                Rule::title => segment.title = Some(self.title(&part)),
                Rule::when_clause => segment.when = Some(self.expr(words_out(part).remove(0))),
                _ => segment.except.push(self.expr(words_out(part).remove(0))),
            }
        }
        segment
    }

    fn decision_table(&mut self, pair: Pair<Rule>) -> DecisionTable {
        let mut parts = words_out(pair).into_iter();
        let name = parts.next().map_or_else(|| self.no_name(), |p| self.ident(p));
        let mut parameters = Vec::new();
        let mut result = None;
        let mut body = TableBody::Inline { unique: None, columns: Vec::new(), result: name.clone(), rows: Vec::new() };
        for part in parts {
            match part.as_rule() {
                Rule::parameter => {
                    let mut words = part.into_inner();
                    let name = self.ident(child(&mut words));
                    parameters.push(Parameter { name, ty: words.next().map(|p| self.type_ref(p)) });
                }
                Rule::type_ref => result = Some(self.type_ref(part)),
                Rule::csv_table => {
                    let mut words = words_out(part);
                    let unique = (words.len() == 2).then(|| self.span(&words.remove(0)));
                    body = TableBody::FromCsv { unique, file: self.text(&words.remove(0)) };
                }
                _ => body = self.inline_table(part),
            }
        }
        let span = name.span;
        let result = result.unwrap_or(TypeRef { name: name.clone(), argument: None, optional: false, span });
        DecisionTable { name, parameters, result, body }
    }

    fn inline_table(&mut self, pair: Pair<Rule>) -> TableBody {
        let mut parts = inner(pair);
        let mut unique = None;
        let mut columns = Vec::new();
        for part in words_out(child(&mut parts)) {
            match part.as_rule() {
                Rule::unique => unique = Some(self.span(&part)),
                _ => columns.push(self.ident(part)),
            }
        }
        let result = columns.pop().unwrap_or_else(|| self.no_name());
        let rows = parts.map(|p| self.row(p)).collect();
        TableBody::Inline { unique, columns, result, rows }
    }

    fn row(&mut self, pair: Pair<Rule>) -> Row {
        let span = self.span(&pair);
        let mut cells = Vec::new();
        let mut result = None;
        for part in inner(pair) {
            match part.as_rule() {
                Rule::cell => cells.push(self.cell(part)),
                _ => result = Some(self.expr(part)),
            }
        }
        let result = result.unwrap_or(Expr { span, kind: ExprKind::Literal(Literal::Missing) });
        Row { cells, result, span }
    }

    pub(super) fn cell(&mut self, pair: Pair<Rule>) -> Cell {
        let span = self.span(&pair);
        let content = first(pair);
        let rule = content.as_rule();
        let mut parts = words_out(content);
        let kind = match rule {
            Rule::missing_cell => CellKind::Missing,
            Rule::any_cell => CellKind::Any,
            Rule::between_cell => {
                let low = self.expr(parts.remove(0));
                CellKind::Between(low, self.expr(parts.remove(0)))
            }
            Rule::list_cell => match self.expr(parts.remove(0)).kind {
                ExprKind::List(values) => CellKind::OneOf(values),
                _ => CellKind::Any,
            },
            Rule::compare_cell => {
                let op = compare_op(parts.remove(0));
                CellKind::Compare(op, self.expr(parts.remove(0)))
            }
            _ => CellKind::OneOf(parts.into_iter().map(|p| self.expr(p)).collect()),
        };
        Cell { kind, span }
    }

    fn test(&mut self, pair: Pair<Rule>) -> Test {
        let span = self.span(&pair);
        let mut test = Test {
            name: self.no_text(),
            given: Vec::new(),
            as_of: Expr { span, kind: ExprKind::Literal(Literal::Missing) },
            expects: Vec::new(),
        };
        for part in words_out(pair) {
            match part.as_rule() {
                Rule::title => test.name = self.title(&part),
                Rule::given => test.given = self.given_record(words_out(part).remove(0)),
                Rule::expect => test.expects.push(self.expect(part)),
                _ => {
                    let span = self.span(&part);
                    test.as_of = Expr { span, kind: ExprKind::Literal(self.literal_of(&part)) };
                }
            }
        }
        test
    }

    fn given_record(&mut self, pair: Pair<Rule>) -> Vec<Given> {
        inner(pair)
            .map(|p| {
                let mut parts = inner(p);
                let path = self.path(child(&mut parts));
                Given { path, value: self.given_value(child(&mut parts)) }
            })
            .collect()
    }

    fn given_value(&mut self, pair: Pair<Rule>) -> GivenValue {
        let value = first(pair);
        let span = self.span(&value);
        match value.as_rule() {
            Rule::given_record => GivenValue::Record(self.given_record(value), span),
            Rule::given_rows => {
                let rows = value.into_inner().map(|p| {
                    let span = self.span(&p);
                    GivenValue::Record(self.given_record(p), span)
                });
                GivenValue::Rows(rows.collect(), span)
            }
            _ => GivenValue::Value(self.expr(value)),
        }
    }

    fn expect(&mut self, pair: Pair<Rule>) -> Expect {
        let span = self.span(&pair);
        let what = words_out(pair).remove(0);
        let kind = match what.as_rule() {
            Rule::expect_member => {
                let mut parts = words_out(what);
                let negated = parts.len() == 2;
                ExpectKind::Member { negated, segment: self.ident(parts.remove(usize::from(negated))) }
            }
            _ => ExpectKind::True(self.expr(what)),
        };
        Expect { span, kind }
    }

    fn no_text(&self) -> Text {
        Text { value: String::new(), span: Span::new(self.file, self.offset, self.offset) }
    }

    fn no_name(&self) -> Ident {
        Ident { text: String::new(), span: Span::new(self.file, self.offset, self.offset) }
    }
}

use crate::source::Span;

/// The children of a pair without its keywords.
pub(super) fn words_out(pair: Pair<Rule>) -> Vec<Pair<Rule>> {
    inner(pair).collect()
}

pub(super) fn compare_op(pair: Pair<Rule>) -> CompareOp {
    let text = pair.as_str();
    let words: Vec<Rule> = pair.into_inner().map(|p| p.as_rule()).collect();
    match words.as_slice() {
        [Rule::k_before] => CompareOp::Before,
        [Rule::k_after] => CompareOp::After,
        [Rule::k_starts, ..] => CompareOp::StartsWith,
        [Rule::k_ends, ..] => CompareOp::EndsWith,
        [Rule::k_contains, Rule::k_any, ..] => CompareOp::ContainsAny,
        [Rule::k_contains, Rule::k_all, ..] => CompareOp::ContainsAll,
        [Rule::k_contains, ..] => CompareOp::Contains,
        _ => match text {
            "!=" | "<>" => CompareOp::NotEqual,
            "<" => CompareOp::Less,
            "<=" => CompareOp::LessEqual,
            ">" => CompareOp::Greater,
            ">=" => CompareOp::GreaterEqual,
            _ => CompareOp::Equal,
        },
    }
}

//! Where the lines of a declaration end.

use crate::ast::*;
use crate::format::layout::Layout;
use crate::lex::Token;

/// One declaration without the comments around it; `tokens` are its own.
pub(super) fn item(source: &str, tokens: &[Token], item: &Item) -> String {
    let mut layout = Layout::new(source, tokens);
    layout.item(item);
    layout.finish()
}

impl Layout<'_> {
    fn item(&mut self, item: &Item) {
        for allow in &item.allows {
            // `@` and `allow(`, then the lint, whose dashes are tokens, then `)`.
            self.token();
            self.glued();
            self.glued();
            self.glue();
            self.tight(allow.lint.span);
            self.through(allow.reason.span);
            self.hard();
            self.margin();
        }
        match &item.kind {
            ItemKind::Use(_) | ItemKind::Broken(_) => {}
            ItemKind::Playbook(playbook) => self.playbook(playbook),
            ItemKind::Enum(decl) => self.enum_decl(decl),
            ItemKind::Profile(table) | ItemKind::Event(table) | ItemKind::Reference(table) => self.table(table),
            ItemKind::Attribute(attribute) => self.attribute(attribute),
            ItemKind::Segment(segment) => self.segment(segment),
            ItemKind::DecisionTable(table) => self.decision_table(table),
            ItemKind::Test(test) => self.test(test),
        }
    }

    fn playbook(&mut self, playbook: &Playbook) {
        self.through(playbook.title.span);
        self.group(|l| {
            if !playbook.properties.is_empty() {
                l.force();
            }
            l.braces(&playbook.properties, true, |l, property| {
                l.keep_blank();
                l.through(property.name.span);
                l.indented(2, |l| {
                    l.tab();
                    l.up_to(property.value.span);
                    l.tight(property.value.span);
                });
            });
        });
    }

    fn enum_decl(&mut self, decl: &Enum) {
        let EnumMembers::Inline(members) = &decl.members else { return };
        self.through(decl.name.span);
        self.group(|l| {
            l.braces(members, false, |l, member| {
                l.through(member.name.span);
                if let Some(value) = &member.value {
                    l.indented(2, |l| {
                        l.tab();
                        l.through(value.span);
                    });
                }
                l.end_of_part();
            });
        });
    }

    fn table(&mut self, table: &Table) {
        self.through(table.at.as_ref().unwrap_or(&table.key).span);
        self.group(|l| {
            if !table.fields.is_empty() {
                l.force();
            }
            l.braces(&table.fields, true, Layout::field);
        });
    }

    fn field(&mut self, field: &Field) {
        self.keep_blank();
        self.through(field.name.span);
        match &field.kind {
            FieldKind::Record(fields) => {
                self.tab();
                self.group(|l| l.braces(fields, true, Layout::field));
            }
            FieldKind::Value { ty, default, .. } => self.indented(2, |l| {
                l.tab();
                l.type_ref(ty);
                if l.next_starts_before(field.span.range().end) {
                    l.tab();
                }
                if let Some(default) = default {
                    l.expr(default);
                }
                l.through(field.span);
            }),
        }
        self.through(field.span);
        self.end_of_part();
    }

    fn type_ref(&mut self, ty: &TypeRef) {
        self.up_to(ty.span);
        self.tight(ty.span);
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.through(attribute.name.span);
        if let Some(ty) = &attribute.ty {
            self.type_ref(ty);
        }
        self.expr(&attribute.value);
    }

    fn segment(&mut self, segment: &Segment) {
        self.through(segment.title.as_ref().map_or(segment.name.span, |title| title.span));
        for clause in segment.when.iter().chain(&segment.except) {
            self.indented(2, |l| {
                l.comments();
                l.hard();
            });
            self.clause(clause);
        }
    }

    /// `when a`, with `and b` below it so that the conditions stand below each other.
    fn clause(&mut self, condition: &Expr) {
        let content = 2 + self.next_text().len() + 1;
        self.indented(2, Layout::token);
        let (operands, word) = match &condition.kind {
            ExprKind::And(operands) => (operands.as_slice(), "and "),
            ExprKind::Or(operands) => (operands.as_slice(), "or "),
            _ => (std::slice::from_ref(condition), ""),
        };
        for (n, operand) in operands.iter().enumerate() {
            if n > 0 {
                self.indented(content - word.len(), |l| {
                    l.comments();
                    l.hard();
                    l.token();
                });
            }
            self.indented(content, |l| l.expr(operand));
        }
        self.indented(content, |l| l.through(condition.span));
    }

    fn decision_table(&mut self, table: &DecisionTable) {
        self.through(table.name.span);
        self.glued();
        self.group(|l| {
            l.indented(2, |l| {
                for (n, parameter) in table.parameters.iter().enumerate() {
                    if n == 0 {
                        l.soft();
                    } else {
                        l.line();
                    }
                    l.through(parameter.name.span);
                    if let Some(ty) = &parameter.ty {
                        l.type_ref(ty);
                    }
                    l.comma();
                }
                l.comments();
            });
            l.soft();
            l.token();
        });
        self.type_ref(&table.result);
        match &table.body {
            TableBody::FromCsv { file, .. } => self.group(|l| {
                l.indented(2, |l| {
                    l.line();
                    l.through(file.span);
                });
            }),
            TableBody::Inline { unique, columns, result, rows } => {
                self.token();
                self.indented(2, |l| {
                    if let Some(unique) = unique {
                        l.hard();
                        l.through(*unique);
                    }
                    l.block(true, |l| {
                        l.hard();
                        l.row();
                        for column in columns {
                            l.through(column.span);
                            l.tab();
                        }
                        l.indented(2, |l| l.through(result.span));
                        for row in rows {
                            l.hard();
                            l.keep_blank();
                            l.row();
                            l.table_row(row);
                        }
                    });
                    l.comments();
                });
                self.hard();
                self.token();
            }
        }
    }

    fn table_row(&mut self, row: &Row) {
        for (n, cell) in row.cells.iter().enumerate() {
            self.indented(2 * n.min(1), |l| {
                l.up_to(cell.span);
                l.cell(cell);
            });
            self.tab();
        }
        self.indented(2, |l| l.expr(&row.result));
    }

    fn cell(&mut self, cell: &Cell) {
        match &cell.kind {
            CellKind::Any | CellKind::Missing => {}
            CellKind::Compare(_, value) => self.expr(value),
            CellKind::Between(low, high) => {
                self.expr(low);
                self.expr(high);
            }
            CellKind::OneOf(values) => {
                let in_list = self.next_text() == "in";
                if in_list {
                    self.token();
                    self.token();
                }
                for value in values {
                    self.expr(value);
                    self.comma();
                }
            }
        }
        self.through(cell.span);
    }

    fn test(&mut self, test: &Test) {
        self.through(test.name.span);
        self.token();
        self.indented(2, |l| {
            l.comments();
            l.hard();
            l.token();
            l.group(|l| l.braces(&test.given, true, Layout::given));
            l.comments();
            l.hard();
            l.keep_blank();
            l.through(test.as_of.span);
            for expect in &test.expects {
                l.hard();
                l.keep_blank();
                l.up_to(expect.span);
                l.token();
                l.indented(2, |l| {
                    if let ExpectKind::True(condition) = &expect.kind {
                        l.expr(condition);
                    }
                    l.through(expect.span);
                });
            }
            l.comments();
        });
        self.hard();
        self.token();
    }

    fn given(&mut self, given: &Given) {
        self.through(given.path.span);
        self.indented(2, |l| l.token());
        self.given_value(&given.value);
        self.end_of_part();
    }

    fn given_value(&mut self, value: &GivenValue) {
        match value {
            GivenValue::Value(expr) => self.expr(expr),
            GivenValue::Record(fields, _) => self.group(|l| l.braces(fields, true, Layout::given)),
            GivenValue::Rows(rows, _) => self.group(|l| {
                l.token();
                l.indented(2, |l| {
                    for (n, row) in rows.iter().enumerate() {
                        if n == 0 {
                            l.soft();
                        } else {
                            l.line();
                        }
                        l.given_value(row);
                        l.end_of_part();
                    }
                    l.comments();
                });
                l.soft();
                l.token();
            }),
        }
    }
}

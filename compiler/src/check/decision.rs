//! Decision tables, inline and from CSV, to typed rows.

use seg_grammar::ast::{self, CellKind, CompareOp, Ident, ItemKind, TableBody};
use seg_grammar::{Diagnostic, FileId, Span, codes};
use seg_ir::Type;
use seg_ir::node::Comparison;
use seg_ir::schema::PROFILE;

use super::{Checker, Env, Progress, literal_as};
use crate::hir::{Cell, Decision, DecisionId, ExprId, ItemRef, Kind, Optional, Parameter, Row, Ty};
use crate::schema::missing_file;
use crate::suggest::nearest;

/// The parts of a table, wherever they came from.
struct Body {
    unique: Option<Span>,
    columns: Vec<Ident>,
    rows: Vec<ast::Row>,
    /// The file that it came from, and in which of its lines each row is.
    file: Option<(String, Vec<u64>)>,
}

impl Checker<'_> {
    /// Checks a table that is asked for, unless that is under way: then its parameters lead back to it.
    pub(super) fn decision_used(&mut self, id: DecisionId, asked: Span) -> bool {
        match self.decisions.get(id.0 as usize) {
            Some(Progress::UnderWay) => {
                let name = self.names.decision_items.get(id.0 as usize).map(|at| self.item_name(*at));
                self.circle(&name.unwrap_or_default(), asked);
                return false;
            }
            Some(Progress::Waiting) => {
                if !self.may_go_deeper(asked) {
                    return false;
                }
                self.decision(id);
            }
            _ => {}
        }
        if let Some(Progress::Done(depth)) = self.decisions.get(id.0 as usize) {
            self.uses_depth(*depth);
        }
        true
    }

    pub(super) fn decision(&mut self, id: DecisionId) {
        let index = id.0 as usize;
        if self.decisions.get(index) != Some(&Progress::Waiting) {
            return;
        }
        let Some(&at) = self.names.decision_items.get(index) else { return };
        let modules = self.modules;
        let ItemKind::DecisionTable(table) = &modules.item(at).1.kind else { return };
        self.decisions[index] = Progress::UnderWay;
        self.begin(&table.name);
        let decision = self.checked_decision(at, table);
        let depth = self.end();
        self.decisions[index] = Progress::Done(depth);
        self.done_decisions.insert(id, decision);
    }

    fn checked_decision(&mut self, at: ItemRef, table: &ast::DecisionTable) -> Decision {
        let parameters: Option<Vec<Parameter>> = table.parameters.iter().map(|p| self.parameter(p)).collect();
        let result = self.declared_type(&table.result);
        let body = match &table.body {
            TableBody::Inline { unique, columns, rows, .. } => {
                Some(Body { unique: *unique, columns: columns.clone(), rows: rows.clone(), file: None })
            }
            TableBody::FromCsv { unique, file } => self.csv_body(*unique, file),
        };
        let (parameters, result, body) = match (parameters, result, body) {
            (Some(parameters), Some(result), Some(body)) => (parameters, result, body),
            (_, _, body) => (
                Vec::new(),
                Type::Bool,
                Body { unique: body.and_then(|b| b.unique), columns: Vec::new(), rows: Vec::new(), file: None },
            ),
        };
        let mut rows = Vec::new();
        if self.columns_fit(&table.name, &parameters, &body) {
            for (n, row) in body.rows.iter().enumerate() {
                let before = self.diagnostics.len();
                rows.push(self.row(row, &parameters, &result, &body.columns));
                if let Some((file, line)) = body.file.as_ref().and_then(|(file, lines)| Some((file, lines.get(n)?))) {
                    self.of_line(before, file, *line);
                }
            }
        }
        let doc = self.modules.item(at).1.doc.clone();
        Decision { name: table.name.clone(), doc, parameters, result, unique: body.unique, rows, item: at }
    }

    /// A parameter with the name of a field has its type; others are declared.
    fn parameter(&mut self, parameter: &ast::Parameter) -> Option<Parameter> {
        let name = parameter.name.text.clone();
        if let Some(ty) = &parameter.ty {
            let optional = Optional::Stated(ty.optional);
            return self.declared_type(ty).map(|ty| Parameter { name, ty, optional });
        }
        let schema = &self.schemas.schema;
        if let Some(field) = schema.profile().find(&name) {
            let field = schema.field(PROFILE, field);
            return Some(Parameter { name, ty: field.ty.clone(), optional: Optional::Stated(field.optional) });
        }
        if let Some((id, _)) = self.names().attributes.get(&name).copied() {
            return match self.attribute_type(id, parameter.name.span) {
                Ty::Of(ty) => Some(Parameter { name, ty, optional: Optional::AsAttribute(id) }),
                _ => None,
            };
        }
        self.untyped_parameter(parameter, "no field or attribute has that name")
    }

    fn untyped_parameter(&mut self, parameter: &ast::Parameter, why: &str) -> Option<Parameter> {
        let name = &parameter.name.text;
        if self.names().profile_is_broken || self.names().is_broken(name) || self.schemas.broken_fields.contains(name) {
            return None;
        }
        let fields: Vec<&str> = self.schemas.schema.profile().fields.iter().map(|f| f.name.as_str()).collect();
        let diagnostic = Diagnostic::error(
            codes::PARAMETER_TYPE,
            parameter.name.span,
            format!("nothing says of which type `{name}` is"),
            why.to_string(),
        );
        let diagnostic = match nearest(name, fields) {
            Some(near) => {
                let near = near.to_string();
                diagnostic.suggest(format!("write `{near}`"), parameter.name.span, near)
            }
            None => diagnostic.help(format!("declare its type, such as `{name}: Int`, or use the name of a field")),
        };
        self.error(diagnostic);
        None
    }

    fn columns_fit(&mut self, name: &Ident, parameters: &[Parameter], body: &Body) -> bool {
        if parameters.is_empty() {
            return false;
        }
        if body.rows.is_empty() {
            self.error(
                Diagnostic::error(
                    codes::TABLE_COLUMNS,
                    name.span,
                    format!("the table `{}` has no rows", name.text),
                    "it decides nothing",
                )
                .help("add a row for each case"),
            );
            return false;
        }
        let declared: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
        let written: Vec<&str> = body.columns.iter().map(|c| c.text.as_str()).collect();
        if declared == written {
            return true;
        }
        let span = match (body.columns.first(), body.columns.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => name.span,
        };
        self.error(
            Diagnostic::error(
                codes::TABLE_COLUMNS,
                span,
                format!("the columns of `{}` are not what it takes", name.text),
                format!("the columns are `{}`", written.join("`, `")),
            )
            .label(name.span, format!("it takes `{}`", declared.join("`, `")))
            .help("give the table one column for each of them, in their order, then the result"),
        );
        false
    }

    /// What was told of a row in a file names the line; a repair would change the name of the file.
    fn of_line(&mut self, before: usize, file: &str, line: u64) {
        for diagnostic in self.diagnostics.iter_mut().skip(before) {
            diagnostic.message = format!("line {line} of `{file}`: {}", diagnostic.message);
            let repairs: Vec<&str> = diagnostic.fixes.iter().map(|f| f.title.as_str()).collect();
            if !repairs.is_empty() {
                diagnostic.help = Some(format!("{} in that line", repairs.join(", or ")));
            }
            diagnostic.fixes.clear();
        }
    }

    fn row(&mut self, row: &ast::Row, parameters: &[Parameter], result: &Type, columns: &[Ident]) -> Row {
        if row.cells.len() != parameters.len() {
            let wanted: Vec<&str> = columns.iter().map(|c| c.text.as_str()).collect();
            self.error(
                Diagnostic::error(
                    codes::TABLE_COLUMNS,
                    row.span,
                    format!(
                        "this row has {}, and the table has {}",
                        counted(row.cells.len(), "cell"),
                        counted(parameters.len(), "column")
                    ),
                    format!("one cell each for `{}`", wanted.join("`, `")),
                )
                .help("write `any` where a column does not matter"),
            );
            return Row { cells: vec![Cell::Error], result: self.poison(row.result.span), span: row.span };
        }
        let cells = row.cells.iter().zip(parameters).map(|(cell, parameter)| self.cell(cell, parameter)).collect();
        let result = self.row_result(&row.result, result);
        Row { cells, result, span: row.span }
    }

    fn row_result(&mut self, expr: &ast::Expr, ty: &Type) -> ExprId {
        let id = self.expression(expr, &Env::default(), Some(ty));
        let given = self.ty(id).clone();
        let id = match given {
            Ty::Missing => self.add(expr.span, ty.clone(), Kind::Constant(super::literal::missing())),
            Ty::Of(Type::Int) if *ty == Type::Number => self.as_number(id),
            Ty::Error => return id,
            Ty::Of(given) if given == *ty => id,
            given => {
                let (shown, wanted) = (self.words(&given), self.schemas.words(ty));
                let diagnostic = Diagnostic::error(
                    codes::TABLE_RESULT,
                    expr.span,
                    format!("each result of this table is {wanted}"),
                    format!("this is {shown}"),
                );
                return self.fail(match self.as_wanted(expr.span, ty) {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), expr.span, fixed),
                    None => diagnostic.help(format!("write {wanted}, or `missing`")),
                });
            }
        };
        if !matches!(self.expr(id).kind, Kind::Constant(_)) {
            return self.fail(
                Diagnostic::error(
                    codes::TABLE_RESULT,
                    expr.span,
                    "a table's results are plain values",
                    "this has to be worked out",
                )
                .help("let the table give the percentage or the number, and reckon with it where the table is used"),
            );
        }
        id
    }

    fn cell(&mut self, cell: &ast::Cell, parameter: &Parameter) -> Cell {
        let ty = &parameter.ty;
        match &cell.kind {
            CellKind::Any => Cell::Any,
            CellKind::Missing => Cell::Missing,
            CellKind::Compare(op, expr) => {
                let Some(comparison) = self.cell_comparison(*op, ty, cell.span) else { return Cell::Error };
                self.cell_value(expr, ty).map_or(Cell::Error, |value| Cell::Compare(comparison, value))
            }
            CellKind::Between(low, high) => {
                if self.cell_comparison(CompareOp::Less, ty, cell.span).is_none() {
                    return Cell::Error;
                }
                match (self.cell_value(low, ty), self.cell_value(high, ty)) {
                    (Some(low), Some(high)) => Cell::Between(low, high),
                    _ => Cell::Error,
                }
            }
            CellKind::OneOf(values) => {
                let values: Option<Vec<_>> = values.iter().map(|v| self.cell_value(v, ty)).collect();
                values.map_or(Cell::Error, Cell::OneOf)
            }
        }
    }

    fn cell_value(&mut self, expr: &ast::Expr, ty: &Type) -> Option<seg_ir::Const> {
        let found = literal_as(self.schemas, expr, ty).ok();
        if found.is_none() {
            self.pattern_misfit(expr, ty);
        }
        found
    }

    fn cell_comparison(&mut self, op: CompareOp, ty: &Type, span: Span) -> Option<Comparison> {
        let comparison = match op {
            CompareOp::Equal => Comparison::Equal,
            CompareOp::NotEqual => Comparison::NotEqual,
            CompareOp::Less | CompareOp::Before => Comparison::Less,
            CompareOp::LessEqual => Comparison::LessEqual,
            CompareOp::Greater | CompareOp::After => Comparison::Greater,
            _ => Comparison::GreaterEqual,
        };
        let ordered = match ty {
            Type::Enum(id) => self.schemas.schema.enum_type(*id).ordered,
            ty => ty.is_ordered(),
        };
        if ordered || matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            return Some(comparison);
        }
        let message = match ty {
            Type::Enum(_) => format!("the members of `{}` have no order", self.schemas.show(ty)),
            ty => format!("{} has no order", self.schemas.words(ty)),
        };
        self.error(
            Diagnostic::error(codes::TABLE_CELL, span, message, "this needs an order")
                .help("list the values instead, joined by `or`"),
        );
        None
    }

    /// A table in a CSV file: the first line names the parameters and `result`, cells are written as in an inline table.
    fn csv_body(&mut self, unique: Option<Span>, file: &ast::Text) -> Option<Body> {
        let sources = self.sources;
        let Some(text) = sources.csv.get(&file.value) else {
            let diagnostic = missing_file(file, sources);
            self.error(diagnostic);
            return None;
        };
        let id = self.modules.map.files().find(|(_, f)| *f.path == *file.value).map(|(id, _)| id);
        let id = id.unwrap_or(FileId(u32::MAX));
        let lines = match csv_cells(text) {
            Ok(lines) => lines,
            Err(line) => {
                self.error(
                    Diagnostic::error(
                        codes::CSV_MALFORMED,
                        file.span,
                        format!("line {line} of `{}` has another number of cells than its first line", file.value),
                        "in this file",
                    )
                    .help("give every line a cell for each column; put a text with commas between quotes"),
                );
                return None;
            }
        };
        let mut lines = lines.into_iter();
        let (_, header) = lines.next().unwrap_or_default();
        let mut columns: Vec<Ident> =
            header.iter().map(|cell| Ident { text: cell.text.clone(), span: file.span }).collect();
        if columns.pop().is_none_or(|last| last.text != "result") {
            self.error(
                Diagnostic::error(
                    codes::TABLE_COLUMNS,
                    file.span,
                    format!("the last column of `{}` is not `result`", file.value),
                    "in this file",
                )
                .help("name the columns in the first line after what the table takes, the last one `result`"),
            );
            return None;
        }
        let mut rows = Vec::new();
        let mut fine = true;
        let mut numbers = Vec::new();
        for (number, mut line) in lines {
            let Some(result) = line.pop() else { continue };
            let cells: Result<Vec<_>, _> = line
                .iter()
                .map(|c| seg_grammar::parse::parse_cell(id, &c.text, 0..c.text.len()).map_err(|e| (c, e)))
                .collect();
            let found =
                seg_grammar::parse::parse_result(id, &result.text, 0..result.text.len()).map_err(|e| (&result, e));
            match (cells, found) {
                (Ok(cells), Ok(result)) => {
                    let mut row = ast::Row { cells, result, span: file.span };
                    point_to(&mut row, file.span);
                    rows.push(row);
                    numbers.push(number);
                }
                (Err((cell, found)), _) | (_, Err((cell, found))) => {
                    fine = false;
                    let why = found.first().map_or(String::new(), |d| format!(": {}", d.message));
                    self.error(
                        Diagnostic::error(
                            codes::TABLE_CELL,
                            file.span,
                            format!("line {number} of `{}`: the cell `{}` cannot be read{why}", file.value, cell.text),
                            "in this file",
                        )
                        .help("a cell is a value, `any`, `missing`, a comparison such as `>= 5`, or `between 1 and 5`"),
                    );
                }
            }
        }
        fine.then(|| Body { unique, columns, rows, file: Some((file.value.clone(), numbers)) })
    }
}

/// A cell of a CSV file.
struct CsvCell {
    text: String,
}

/// The lines of a CSV text with their numbers; the number of the first line that has another number of cells than the
/// first.
fn csv_cells(text: &str) -> Result<Vec<(u64, Vec<CsvCell>)>, u64> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.position().map_or(0, csv::Position::line))?;
        let number = record.position().map_or(0, csv::Position::line);
        lines.push((number, record.iter().map(|cell| CsvCell { text: cell.to_string() }).collect()));
    }
    Ok(lines)
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Cells of a CSV file have no span of their own in the source map: all of a row points to the file's name.
fn point_to(row: &mut ast::Row, span: Span) {
    fn expr(e: &mut ast::Expr, span: Span) {
        e.span = span;
        if let ast::ExprKind::Negate(inner) | ast::ExprKind::Paren(inner) = &mut e.kind {
            expr(inner, span);
        }
        if let ast::ExprKind::Path(path) = &mut e.kind {
            path.span = span;
            path.parts.iter_mut().for_each(|p| p.span = span);
        }
    }
    for cell in &mut row.cells {
        cell.span = span;
        match &mut cell.kind {
            CellKind::Compare(_, e) => expr(e, span),
            CellKind::Between(a, b) => {
                expr(a, span);
                expr(b, span);
            }
            CellKind::OneOf(values) => values.iter_mut().for_each(|v| expr(v, span)),
            CellKind::Any | CellKind::Missing => {}
        }
    }
    expr(&mut row.result, span);
}

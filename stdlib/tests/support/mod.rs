//! What the tests of the standard library share: calls by name, and the small part of the language that examples use.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it does not expect")]
#![allow(dead_code, reason = "each test binary uses a part of it")]

use seg_grammar::ast::{self, Argument, ExprKind, ItemKind, Literal};
use seg_grammar::{FileId, parse};
use seg_ir::builtin::{Builtin, Example};
use seg_ir::operation;
use seg_ir::time;
use seg_ir::value::{Const, Reason, Value};
use seg_stdlib::VOCABULARY;

pub fn text(value: &str) -> Const {
    Const::text(value)
}

/// A call with known arguments, as the interpreter makes it: a missing one makes the call missing.
pub fn call(name: &str, arguments: &[Const]) -> Const {
    let (_, builtin) = VOCABULARY.find(name).unwrap_or_else(|| panic!("no function `{name}`"));
    if let Some(missing) = arguments.iter().find(|a| a.is_missing()) {
        return missing.clone();
    }
    let values: Vec<Value> = arguments.iter().map(Const::value).collect();
    (builtin.call)(&values).to_const()
}

/// Every example with its function.
pub fn examples() -> impl Iterator<Item = (&'static Builtin, &'static Example)> {
    VOCABULARY.0.iter().flat_map(|builtin| builtin.examples.iter().map(move |example| (*builtin, example)))
}

/// The tree of an expression; panics when it is none.
pub fn expression(source: &str) -> ast::Expr {
    let file = format!("attribute example = {source}\n");
    let (tree, diagnostics) = parse(FileId(0), &file);
    assert!(diagnostics.is_empty(), "`{source}`: {diagnostics:?}");
    match tree.items.into_iter().map(|item| item.kind).collect::<Vec<_>>().as_slice() {
        [ItemKind::Attribute(attribute)] => attribute.value.clone(),
        other => panic!("`{source}` is {other:?}"),
    }
}

/// The value of an expression that is made of literals, calls and `-`.
pub fn evaluate(source: &str) -> Const {
    // A missing value stands only where a result does.
    if source == "missing" { Const::Missing(Reason::NotGiven) } else { value(&expression(source)) }
}

fn value(expr: &ast::Expr) -> Const {
    match &expr.kind {
        ExprKind::Literal(literal) => literal_value(literal),
        ExprKind::Negate(inner) => operation::negate(&value(inner).value()).to_const(),
        ExprKind::Call { callee, arguments } => {
            let arguments: Vec<Const> = arguments
                .iter()
                .map(|argument| match argument {
                    Argument::Expr(expr) => value(expr),
                    Argument::Rows(rows) => panic!("{rows:?} in an example"),
                })
                .collect();
            call(&callee.text, &arguments)
        }
        other => panic!("an example uses {other:?}"),
    }
}

fn literal_value(literal: &Literal) -> Const {
    match literal {
        Literal::Bool(v) => Const::Bool(*v),
        Literal::Int(v) => Const::Int(*v),
        Literal::Number(v) => Const::number(*v),
        Literal::Percent(v) => Const::Percent(*v),
        // Every example is in a currency of two decimals.
        Literal::Money(v) => Const::Money(v.digits * 10_i64.pow(2 - v.decimals)),
        Literal::Text(v) => Const::text(v),
        Literal::Date(d) => Const::Date(time::date(d.year, d.month as i8, d.day as i8).unwrap()),
        Literal::Missing => Const::Missing(Reason::NotGiven),
        Literal::Timestamp(_) | Literal::TimeOfDay(_) | Literal::Quantity(_) => panic!("an example uses {literal:?}"),
    }
}

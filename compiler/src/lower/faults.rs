//! Faults planted into lowering: each makes another operation of the one that was meant. In a build without the feature
//! `faults` every operation stays as it is.

use seg_ir::node::{Aggregate, AggregateKind as Fold, Arithmetic, Bound, Comparison, Op, Scope, TextTest, Window};
use seg_ir::schema::Schema;
use seg_ir::time::{Part, Unit};
use seg_ir::value::{Const, Period};
use seg_ir::{FieldId, Ir, NodeId, TableId, Type, fault};

/// The operation that lowering adds in place of the one that was meant.
#[inline(always)]
pub(super) fn planted(ir: &mut Ir, schema: &Schema, op: Op, ty: &Type) -> Op {
    let Some(id) = fault::of("lower") else { return op };
    let wrong = match op.clone() {
        Op::Aggregate(fold) => Op::Aggregate(Box::new(fold_of(id, ir, *fold))),
        Op::Constant(value) => Op::Constant(constant(id, schema, value, ty)),
        op => operation(id, ir, schema, op, ty),
    };
    if wrong != op {
        fault::reached();
    }
    wrong
}

/// The value as it is, as an operation.
fn same(a: NodeId) -> Op {
    Op::Else(a, a)
}

fn without(mut operands: Vec<NodeId>, at: usize) -> Vec<NodeId> {
    if operands.len() > 1 {
        operands.remove(at.min(operands.len() - 1));
    }
    operands
}

fn operation(id: &str, ir: &mut Ir, schema: &Schema, op: Op, ty: &Type) -> Op {
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    match (id, op) {
        ("less-takes-equal", Op::Compare(Less, a, b)) => Op::Compare(LessEqual, a, b),
        ("less-equal-leaves-equal", Op::Compare(LessEqual, a, b)) => Op::Compare(Less, a, b),
        ("greater-takes-equal", Op::Compare(Greater, a, b)) => Op::Compare(GreaterEqual, a, b),
        ("greater-equal-leaves-equal", Op::Compare(GreaterEqual, a, b)) => Op::Compare(Greater, a, b),
        ("equal-becomes-not-equal", Op::Compare(Equal, a, b)) => Op::Compare(NotEqual, a, b),
        ("not-equal-becomes-equal", Op::Compare(NotEqual, a, b)) => Op::Compare(Equal, a, b),
        ("less-is-reversed", Op::Compare(Less, a, b)) => Op::Compare(Greater, a, b),
        ("less-equal-is-reversed", Op::Compare(LessEqual, a, b)) => Op::Compare(GreaterEqual, a, b),
        ("greater-is-reversed", Op::Compare(Greater, a, b)) => Op::Compare(Less, a, b),
        ("greater-equal-is-reversed", Op::Compare(GreaterEqual, a, b)) => Op::Compare(LessEqual, a, b),
        ("equal-becomes-less-equal", Op::Compare(Equal, a, b)) => Op::Compare(LessEqual, a, b),
        ("not-equal-becomes-less", Op::Compare(NotEqual, a, b)) => Op::Compare(Less, a, b),

        ("and-becomes-or", Op::And(operands)) => Op::Or(operands),
        ("or-becomes-and", Op::Or(operands)) => Op::And(operands),
        ("and-loses-its-first", Op::And(operands)) => Op::And(without(operands, 0)),
        ("and-loses-its-last", Op::And(operands)) => Op::And(without(operands, usize::MAX)),
        ("or-loses-its-first", Op::Or(operands)) => Op::Or(without(operands, 0)),
        ("or-loses-its-last", Op::Or(operands)) => Op::Or(without(operands, usize::MAX)),
        ("and-takes-unknown-for-false", Op::And(operands)) => {
            Op::And(operands.into_iter().map(|a| ir.add(Op::IsTrue(a), Type::Bool)).collect())
        }
        ("or-takes-unknown-for-false", Op::Or(operands)) => {
            Op::Or(operands.into_iter().map(|a| ir.add(Op::IsTrue(a), Type::Bool)).collect())
        }
        ("not-is-lost", Op::Not(a)) => same(a),
        ("not-of-unknown-is-false", Op::Not(a)) => Op::IsFalse(a),
        ("everything-is-known", Op::IsKnown(_)) => Op::Constant(Const::Bool(true)),
        ("nothing-is-known", Op::IsKnown(_)) => Op::Constant(Const::Bool(false)),
        ("is-true-keeps-unknown", Op::IsTrue(a)) => same(a),
        ("is-false-keeps-unknown", Op::IsFalse(a)) => Op::Not(a),
        ("is-true-becomes-is-false", Op::IsTrue(a)) => Op::IsFalse(a),
        ("is-false-becomes-is-true", Op::IsFalse(a)) => Op::IsTrue(a),
        ("is-true-becomes-is-known", Op::IsTrue(a)) => Op::IsKnown(a),
        ("else-is-swapped", Op::Else(a, b)) => Op::Else(b, a),
        ("else-is-lost", Op::Else(a, _)) => same(a),
        ("else-is-all", Op::Else(_, b)) => same(b),

        ("text-equal-becomes-contains", Op::TextTest { test: TextTest::Equal, value, with, ignoring_case }) => {
            Op::TextTest { test: TextTest::Contains, value, with, ignoring_case }
        }
        ("starts-becomes-ends", Op::TextTest { test: TextTest::StartsWith, value, with, ignoring_case }) => {
            Op::TextTest { test: TextTest::EndsWith, value, with, ignoring_case }
        }
        ("ends-becomes-starts", Op::TextTest { test: TextTest::EndsWith, value, with, ignoring_case }) => {
            Op::TextTest { test: TextTest::StartsWith, value, with, ignoring_case }
        }
        ("contains-becomes-starts", Op::TextTest { test: TextTest::Contains, value, with, ignoring_case }) => {
            Op::TextTest { test: TextTest::StartsWith, value, with, ignoring_case }
        }
        ("starts-becomes-contains", Op::TextTest { test: TextTest::StartsWith, value, with, ignoring_case }) => {
            Op::TextTest { test: TextTest::Contains, value, with, ignoring_case }
        }
        ("text-test-is-swapped", Op::TextTest { test, value, with, ignoring_case }) => {
            Op::TextTest { test, value: with, with: value, ignoring_case }
        }
        ("case-is-never-ignored", Op::TextTest { test, value, with, .. }) => {
            Op::TextTest { test, value, with, ignoring_case: false }
        }
        ("case-is-always-ignored", Op::TextTest { test, value, with, .. }) => {
            Op::TextTest { test, value, with, ignoring_case: true }
        }
        ("pattern-is-not-anchored", Op::Matches { value, pattern, ignoring_case }) => {
            Op::Matches { value, pattern: format!(".*(?:{pattern}).*"), ignoring_case }
        }
        ("pattern-ignores-case", Op::Matches { value, pattern, .. }) => {
            Op::Matches { value, pattern, ignoring_case: true }
        }
        ("pattern-minds-case", Op::Matches { value, pattern, .. }) => {
            Op::Matches { value, pattern, ignoring_case: false }
        }
        ("set-loses-its-first", Op::InSet { value, set }) => {
            Op::InSet { value, set: set.into_iter().skip(1).collect() }
        }
        ("set-loses-its-last", Op::InSet { value, mut set }) => {
            set.pop();
            Op::InSet { value, set }
        }
        ("any-of-a-list-becomes-all", Op::ListTest { list, all: false, items }) => {
            Op::ListTest { list, all: true, items }
        }
        ("all-of-a-list-becomes-any", Op::ListTest { list, all: true, items }) => {
            Op::ListTest { list, all: false, items }
        }
        ("list-test-loses-an-item", Op::ListTest { list, all, items }) => {
            Op::ListTest { list, all, items: without(items, 0) }
        }

        ("plus-becomes-minus", Op::Arithmetic(Arithmetic::Add, a, b)) => Op::Arithmetic(Arithmetic::Subtract, a, b),
        ("minus-becomes-plus", Op::Arithmetic(Arithmetic::Subtract, a, b)) if ir.ty(a) != &Type::Timestamp => {
            Op::Arithmetic(Arithmetic::Add, a, b)
        }
        ("minus-is-swapped", Op::Arithmetic(Arithmetic::Subtract, a, b)) if ir.ty(a) == ir.ty(b) => {
            Op::Arithmetic(Arithmetic::Subtract, b, a)
        }
        ("times-becomes-plus", Op::Arithmetic(Arithmetic::Multiply, a, b)) if ir.ty(a) == ir.ty(b) => {
            Op::Arithmetic(Arithmetic::Add, a, b)
        }
        ("division-is-swapped", Op::Arithmetic(Arithmetic::Divide, a, b)) if ir.ty(a) == ir.ty(b) => {
            Op::Arithmetic(Arithmetic::Divide, b, a)
        }
        ("negation-is-lost", Op::Negate(a)) => same(a),
        ("percentage-is-lost", Op::PercentOf(_, b)) if ir.ty(b) == ty => same(b),

        ("start-of-month-becomes-year", Op::StartOf(Unit::Month, a)) => Op::StartOf(Unit::Year, a),
        ("start-of-week-becomes-month", Op::StartOf(Unit::Week, a)) => Op::StartOf(Unit::Month, a),
        ("start-of-quarter-becomes-month", Op::StartOf(Unit::Quarter, a)) => Op::StartOf(Unit::Month, a),
        ("start-of-year-becomes-quarter", Op::StartOf(Unit::Year, a)) => Op::StartOf(Unit::Quarter, a),
        ("before-becomes-after", Op::Shift { value, by, back: true }) => Op::Shift { value, by, back: false },
        ("after-becomes-before", Op::Shift { value, by, back: false }) => Op::Shift { value, by, back: true },
        ("shift-is-lost", Op::Shift { value, .. }) => same(value),
        ("hour-becomes-day", Op::Part(Part::Hour, a)) => Op::Part(Part::Day, a),
        ("day-becomes-quarter", Op::Part(Part::Day, a)) => Op::Part(Part::Quarter, a),
        ("quarter-becomes-day", Op::Part(Part::Quarter, a)) => Op::Part(Part::Day, a),
        ("year-becomes-quarter", Op::Part(Part::Year, a)) => Op::Part(Part::Quarter, a),
        ("since-becomes-until", Op::Elapsed(unit, a, b)) => Op::Elapsed(unit, b, a),
        ("years-become-months", Op::Elapsed(Unit::Year, a, b)) => Op::Elapsed(Unit::Month, a, b),
        ("months-become-weeks", Op::Elapsed(Unit::Month, a, b)) => Op::Elapsed(Unit::Week, a, b),
        ("quarters-become-months", Op::Elapsed(Unit::Quarter, a, b)) => Op::Elapsed(Unit::Month, a, b),
        ("weeks-become-days", Op::Elapsed(Unit::Week, a, b)) => Op::Elapsed(Unit::Day, a, b),
        ("days-become-weeks", Op::Elapsed(Unit::Day, a, b)) => Op::Elapsed(Unit::Week, a, b),
        ("hours-become-days", Op::Elapsed(Unit::Hour, a, b)) => Op::Elapsed(Unit::Day, a, b),
        ("minutes-become-hours", Op::Elapsed(Unit::Minute, a, b)) => Op::Elapsed(Unit::Hour, a, b),
        ("seconds-become-minutes", Op::Elapsed(Unit::Second, a, b)) => Op::Elapsed(Unit::Minute, a, b),
        ("anniversary-is-swapped", Op::NextAnniversary { date, from }) => {
            Op::NextAnniversary { date: from, from: date }
        }
        ("anniversary-is-the-date", Op::NextAnniversary { date, .. }) => same(date),

        ("choice-loses-its-first", Op::Choose { arms, otherwise }) if !arms.is_empty() => {
            Op::Choose { arms: arms.into_iter().skip(1).collect(), otherwise }
        }
        ("choice-loses-its-last", Op::Choose { mut arms, otherwise }) => {
            arms.pop();
            Op::Choose { arms, otherwise }
        }
        ("choice-begins-with-its-second", Op::Choose { mut arms, otherwise }) if arms.len() > 1 => {
            arms.swap(0, 1);
            Op::Choose { arms, otherwise }
        }
        ("choice-is-reversed", Op::Choose { mut arms, otherwise }) => {
            arms.reverse();
            Op::Choose { arms, otherwise }
        }
        ("otherwise-is-the-last-arm", Op::Choose { arms, otherwise }) => {
            let otherwise = arms.last().map_or(otherwise, |(_, value)| *value);
            Op::Choose { arms, otherwise }
        }
        ("choice-takes-unknown-for-true", Op::Choose { arms, otherwise }) => {
            let mut open = |when| {
                let no = ir.add(Op::IsFalse(when), Type::Bool);
                ir.add(Op::Not(no), Type::Bool)
            };
            Op::Choose { arms: arms.into_iter().map(|(when, value)| (open(when), value)).collect(), otherwise }
        }
        ("call-is-swapped", Op::Call { builtin, mut arguments }) => {
            if arguments.len() > 1 && ir.ty(arguments[0]) == ir.ty(arguments[1]) {
                arguments.swap(0, 1);
            }
            Op::Call { builtin, arguments }
        }
        ("call-is-lost", Op::Call { builtin, arguments }) => match arguments.first() {
            Some(first) if ir.ty(*first) == ty => same(*first),
            _ => Op::Call { builtin, arguments },
        },
        ("field-is-its-neighbour", Op::Field { scope, table, field }) => {
            Op::Field { scope, table, field: neighbour(schema, table, field) }
        }
        ("lookup-is-its-neighbour", Op::Lookup { pointer, table, field }) => {
            Op::Lookup { pointer, table, field: neighbour(schema, table, field) }
        }
        ("inner-row-becomes-row", Op::Field { scope: Scope::InnerRow, table, field }) => {
            Op::Field { scope: Scope::Row, table, field }
        }
        (_, op) => op,
    }
}

/// The next field of the same type, around.
fn neighbour(schema: &Schema, table: TableId, field: FieldId) -> FieldId {
    let fields = &schema.table(table).fields;
    let at = field.0 as usize;
    let next = (at + 1..fields.len()).chain(0..at).find(|n| fields[*n].ty == fields[at].ty);
    next.map_or(field, |n| FieldId(n as u32))
}

fn constant(id: &str, schema: &Schema, value: Const, ty: &Type) -> Const {
    match (id, value) {
        ("int-is-one-more", Const::Int(v)) => Const::Int(v.saturating_add(1)),
        ("int-is-negated", Const::Int(v)) => Const::Int(v.saturating_neg()),
        ("number-is-a-hair-more", Const::Number(bits)) => Const::number(f64::from_bits(bits).next_up()),
        ("number-is-cut", Const::Number(bits)) => Const::number(f64::from_bits(bits).trunc()),
        ("money-is-a-penny-more", Const::Money(v)) => Const::Money(v.saturating_add(1)),
        ("money-has-another-exponent", Const::Money(v)) => Const::Money(v.saturating_mul(10)),
        ("percent-is-a-millionth-more", Const::Percent(v)) => Const::Percent(v.saturating_add(1)),
        ("percent-is-not-of-a-hundred", Const::Percent(v)) => Const::Percent(v.saturating_mul(100)),
        ("text-has-one-letter-more", Const::Text(v)) => Const::text(&format!("{v}x")),
        ("text-is-small", Const::Text(v)) => Const::text(&v.to_lowercase()),
        ("date-is-a-day-later", Const::Date(v)) => Const::Date(v + 1),
        ("instant-is-a-microsecond-later", Const::Timestamp(v)) => Const::Timestamp(v.saturating_add(1)),
        ("clock-is-a-second-later", Const::TimeOfDay(v)) => Const::TimeOfDay((v + 1) % 86_400),
        ("span-is-a-microsecond-longer", Const::Span(v)) => Const::Span(v.saturating_add(1)),
        ("period-is-a-day-longer", Const::Period(p)) if p.months == 0 => {
            Const::Period(Period { days: p.days.saturating_add(1), ..p })
        }
        ("period-is-a-month-longer", Const::Period(p)) if p.days == 0 => {
            Const::Period(Period { months: p.months.saturating_add(1), ..p })
        }
        ("month-is-thirty-days", Const::Period(p)) => {
            Const::Period(Period { months: 0, days: p.days.saturating_add(p.months.saturating_mul(30)) })
        }
        ("member-is-the-next", Const::Enum(v)) => match ty {
            Type::Enum(id) => Const::Enum((v + 1) % schema.enum_type(*id).members.len().max(1) as u32),
            _ => Const::Enum(v),
        },
        ("truth-is-denied", Const::Bool(v)) => Const::Bool(!v),
        ("missing-is-a-value", Const::Missing(_)) if *ty == Type::Bool => Const::Bool(false),
        (_, value) => value,
    }
}

fn fold_of(id: &str, ir: &mut Ir, fold: Aggregate) -> Aggregate {
    let kind = kind(id, ir, &fold);
    let mut fold = Aggregate { kind, ..fold };
    if fold.kind == Fold::Count {
        fold.value = None;
    }
    if let Some(window) = &mut fold.window {
        *window = bounds(id, *window);
        if *window == (Window { low: None, high: None }) || id == "window-is-lost" {
            fold.window = None;
        }
    }
    match id {
        "filter-is-lost" => fold.filter = None,
        "filter-is-denied" => fold.filter = fold.filter.map(|f| ir.add(Op::Not(f), Type::Bool)),
        "filter-takes-unknown" => {
            fold.filter = fold.filter.map(|f| {
                let no = ir.add(Op::IsFalse(f), Type::Bool);
                ir.add(Op::Not(no), Type::Bool)
            });
        }
        _ => {}
    }
    fold
}

fn kind(id: &str, ir: &Ir, fold: &Aggregate) -> Fold {
    let value = fold.value.map(|v| ir.ty(v).clone());
    match (id, fold.kind) {
        ("any-becomes-every", Fold::Any) => Fold::Every,
        ("every-becomes-any", Fold::Every) => Fold::Any,
        ("min-becomes-max", Fold::Min) => Fold::Max,
        ("max-becomes-min", Fold::Max) => Fold::Min,
        ("sum-becomes-max", Fold::Sum) => Fold::Max,
        ("mean-becomes-max", Fold::Mean) if value != Some(Type::Int) => Fold::Max,
        ("latest-becomes-earliest", Fold::Latest) => Fold::Earliest,
        ("earliest-becomes-latest", Fold::Earliest) => Fold::Latest,
        ("latest-minds-missing", Fold::Latest) => Fold::LatestRow,
        ("earliest-minds-missing", Fold::Earliest) => Fold::EarliestRow,
        ("latest-row-skips-missing", Fold::LatestRow) => Fold::Latest,
        ("earliest-row-skips-missing", Fold::EarliestRow) => Fold::Earliest,
        ("latest-row-becomes-earliest", Fold::LatestRow) => Fold::EarliestRow,
        ("distinct-becomes-count", Fold::Distinct) => Fold::Count,
        ("most-frequent-becomes-latest", Fold::MostFrequent) => Fold::Latest,
        (_, kind) => kind,
    }
}

fn bounds(id: &str, window: Window) -> Window {
    let Window { low, high } = window;
    let flip = |bound: Option<Bound>, from: bool| {
        bound.map(|b| if b.inclusive == from { Bound { inclusive: !from, ..b } } else { b })
    };
    match id {
        "window-has-no-start" => Window { low: None, high },
        "window-has-no-end" => Window { low, high: None },
        "window-leaves-its-start" => Window { low: flip(low, true), high },
        "window-takes-what-is-before-its-start" => Window { low: flip(low, false), high },
        "window-leaves-its-end" => Window { low, high: flip(high, true) },
        "window-takes-its-end" => Window { low, high: flip(high, false) },
        "window-is-swapped" => match (low, high) {
            (Some(a), Some(b)) => Window { low: Some(b), high: Some(a) },
            _ => window,
        },
        _ => window,
    }
}

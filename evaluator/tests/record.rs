//! Arithmetic and comparisons of compiled records at the edges of their types, over IR built by hand: what the interpreter
//! gives, with its reasons.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_evaluator::record::{Buffer, Compiled, Scratch};
use seg_ir::interpret::{Context, Interpreter};
use seg_ir::node::{Arithmetic, Comparison, Scope};
use seg_ir::schema::{Field, PROFILE, Table, TableKind};
use seg_ir::time::{DATE_MAX, DATE_MIN, DAY_US};
use seg_ir::value::Period;
use seg_ir::verify::{arithmetic_type, percent_of_type, verify};
use seg_ir::{Const, Currency, FieldId, Ir, NodeId, Op, Reason, Record, Schema, Type, Vocabulary, Zone};

const ARITHMETIC: [Arithmetic; 4] = [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide];
const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessEqual,
    Comparison::Greater,
    Comparison::GreaterEqual,
];

const SAME_OR_NOT: [Comparison; 2] = [Comparison::Equal, Comparison::NotEqual];

fn types() -> Vec<Type> {
    let money = Type::Money(Currency::from_code("GBP").unwrap());
    vec![Type::Int, Type::Number, Type::Percent, money, Type::Span, Type::Period, Type::Timestamp, Type::Bool]
}

/// Values at the edges of a type, and a missing one.
fn edges(ty: &Type) -> Vec<Const> {
    let whole = [i64::MIN, i64::MIN + 1, -1_000_001, -3, -1, 0, 1, 2, 5, 1_500_000, 1 << 53, i64::MAX - 1, i64::MAX];
    let make = |make: fn(i64) -> Const| whole.iter().map(|v| make(*v)).collect::<Vec<_>>();
    let mut values = match ty {
        Type::Int => make(Const::Int),
        Type::Percent => make(Const::Percent),
        Type::Money(_) => make(Const::Money),
        Type::Span => make(Const::Span),
        // The ends of the years 1 to 9999.
        Type::Timestamp => whole
            .iter()
            .map(|v| Const::Timestamp((*v).clamp(i64::from(DATE_MIN) * DAY_US, i64::from(DATE_MAX) * DAY_US)))
            .collect(),
        Type::Number => [f64::MIN, -2.5, -1.0, 0.0, f64::MIN_POSITIVE, 0.1, 3.0, 9_007_199_254_740_992.0, f64::MAX]
            .map(Const::number)
            .to_vec(),
        Type::Period => [(0, 0), (1, -1), (-5, 7), (i32::MIN, 0), (0, i32::MIN), (i32::MAX, i32::MAX)]
            .map(|(months, days)| Const::Period(Period { months, days }))
            .to_vec(),
        _ => vec![Const::Bool(false), Const::Bool(true)],
    };
    values.push(Const::Missing(Reason::Empty));
    values
}

/// A profile of two fields of every type.
fn schema() -> Schema {
    let field = |ty: &Type, n: usize| Field {
        name: format!("{ty:?}{n}"),
        ty: ty.clone(),
        optional: true,
        default: None,
        max: None,
        labels: Vec::new(),
        doc: None,
    };
    let fields = types().iter().flat_map(|ty| [field(ty, 1), field(ty, 2)]).collect();
    let profile = Table { name: "C".into(), kind: TableKind::Profile, key: None, by: None, at: None, fields };
    Schema { tables: vec![profile], ..Schema::new() }
}

/// Every operation that there is over those fields, and over a field and a constant.
fn operations(ir: &mut Ir) -> Vec<NodeId> {
    let mut fields = Vec::new();
    for (index, ty) in types().iter().enumerate() {
        let mut add = |n: usize| {
            let field = FieldId((index * 2 + n) as u32);
            ir.add(Op::Field { scope: Scope::Customer, table: PROFILE, field }, ty.clone())
        };
        fields.push((ty.clone(), add(0), add(1)));
    }
    let mut nodes = Vec::new();
    for (a_ty, a, _) in &fields {
        if !matches!(a_ty, Type::Timestamp | Type::Bool) {
            nodes.push(ir.add(Op::Negate(*a), a_ty.clone()));
        }
        for (b_ty, _, b) in &fields {
            let mut others = vec![*b];
            if !matches!(b_ty, Type::Bool) {
                others.extend(edges(b_ty).into_iter().map(|value| ir.add(Op::Constant(value), b_ty.clone())));
            }
            for b in others {
                for op in ARITHMETIC {
                    if let Some(ty) = arithmetic_type(op, a_ty, b_ty) {
                        nodes.push(ir.add(Op::Arithmetic(op, *a, b), ty));
                    }
                }
                if let (Type::Percent, Some(ty)) = (a_ty, percent_of_type(b_ty)) {
                    nodes.push(ir.add(Op::PercentOf(*a, b), ty));
                }
                let numbers = |t: &Type| matches!(t, Type::Int | Type::Number);
                if a_ty == b_ty || (numbers(a_ty) && numbers(b_ty)) {
                    // Without an order there is only the same and another.
                    let fit = COMPARISONS.into_iter().filter(|op| a_ty.is_ordered() || SAME_OR_NOT.contains(op));
                    for op in fit {
                        nodes.push(ir.add(Op::Compare(op, *a, b), Type::Bool));
                        nodes.push(ir.add(Op::Compare(op, b, *a), Type::Bool));
                    }
                }
            }
        }
        for size in [1, 3, 9] {
            let mut set: Vec<Const> = edges(a_ty).into_iter().filter(|c| !c.is_missing()).take(size).collect();
            set.sort();
            set.dedup();
            nodes.push(ir.add(Op::InSet { value: *a, set }, Type::Bool));
        }
    }
    nodes
}

#[test]
fn at_the_edges_of_every_type_values_and_reasons_are_the_interpreters() {
    let schema = schema();
    let mut ir = Ir::default();
    let nodes = operations(&mut ir);
    verify(&ir, &schema, Vocabulary(&[])).unwrap();
    let zone = Zone::utc();
    let context = Context { ir: &ir, schema: &schema, zone: &zone, vocabulary: Vocabulary(&[]), as_of: 0 };
    let compiled = Compiled::new(context, &nodes).unwrap();
    let mut compared = 0;
    // Every pair of edges of every pair of types is met: the two fields of a type run through them at different speeds.
    let longest = types().iter().map(|ty| edges(ty).len()).max().unwrap();
    for (first, second) in (0..longest).flat_map(|a| (0..longest).map(move |b| (a, b))) {
        let pick = |ty: &Type, at: usize| {
            let values = edges(ty);
            values[at % values.len()].clone()
        };
        let profile = types().iter().flat_map(|ty| [pick(ty, first), pick(ty, second)]).collect();
        let record = Record::new(&schema, profile);
        let found = compiled.over_source(&record, 0, 0).unwrap();
        let mut interpreter = Interpreter::new(context, &record);
        interpreter.customer(0);
        for (id, found) in nodes.iter().zip(found) {
            let want = interpreter.value(*id).to_const();
            assert_eq!(found, want, "{:?} over {first} and {second}", ir.node(*id));
            compared += 1;
        }
    }
    assert!(compared > 100_000, "{compared}");
}

#[test]
fn cells_made_for_other_code_give_missing_values_and_no_harm() {
    let schema = schema();
    let mut ir = Ir::default();
    let nodes = operations(&mut ir);
    let zone = Zone::utc();
    let context = Context { ir: &ir, schema: &schema, zone: &zone, vocabulary: Vocabulary(&[]), as_of: 0 };
    let (one, other) = (Compiled::new(context, &nodes[..1]).unwrap(), Compiled::new(context, &nodes[..9]).unwrap());
    let record = Record::new(&schema, vec![Const::Int(1); types().len() * 2]);
    let (mut buffer, mut scratch) = (Buffer::default(), Scratch::default());
    let input = one.input(&mut buffer);
    let references = one.references(&record, |_| 0);
    let outputs = other.evaluate(&input, &references, 0, &mut scratch).unwrap();
    assert!((0..9).all(|at| outputs.value(at).is_missing()));
}

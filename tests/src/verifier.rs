//! Programs made wrong in one place: what the verifier must refuse. Each wrong node is the last of its IR, so that only its
//! own checks can refuse it.

use seg_ir::node::{AggregateKind, Node, Op, Scope};
use seg_ir::value::{Const, Reason};
use seg_ir::{FieldId, Ir, NodeId, Program, TableId, Type};

/// A wrong IR, and what is wrong with it.
pub struct Wrong {
    pub ir: Ir,
    pub op: &'static str,
    pub what: &'static str,
}

/// The type of no operand of any operation but `is known` and `count`.
fn odd() -> Type {
    Type::List(Box::new(Type::Period))
}

/// All ways to make each node of a program wrong.
pub fn wrong(program: &Program) -> Vec<Wrong> {
    let mut all = Vec::new();
    for (at, node) in program.ir.nodes.iter().enumerate() {
        let mut case = |what, node: Option<Node>, odd_first| {
            if let Some(node) = node {
                all.push(Wrong { ir: up_to(program, at, odd_first, node), op: program.ir.nodes[at].op.name(), what });
            }
        };
        case("another type", retyped(node, if node.ty == Type::Text { Type::Bool } else { Type::Text }), false);
        case("a type of no table", retyped(node, Type::Reference(TableId(99))), false);
        case("another scope", Some(Node { scope: other(node.scope), ..node.clone() }), false);
        let mut operands = 0;
        node.op.for_each_operand(|_| operands += 1);
        for n in 0..operands {
            case("an operand that is itself", Some(with_operand(node, n, NodeId(at as u32))), false);
            let takes_any = matches!(node.op, Op::IsKnown(_) | Op::ListCount(_));
            case("an operand of another type", (!takes_any).then(|| shifted(node, n)), true);
        }
        let scope = node.scope;
        for (what, op) in special(&node.op) {
            case(what, Some(Node { op, ty: node.ty.clone(), scope }), false);
        }
    }
    all
}

/// The nodes below `at`, after an odd one if asked for, and a wrong one in the place of that at `at`.
fn up_to(program: &Program, at: usize, odd_first: bool, wrong: Node) -> Ir {
    let mut ir = Ir::default();
    if odd_first {
        ir.add_apart(Op::Constant(Const::Missing(Reason::NotGiven)), odd());
    }
    let shift = u32::from(odd_first);
    for node in program.ir.nodes.iter().take(at) {
        ir.add_apart(node.op.map_operands(|id| NodeId(id.0 + shift)), node.ty.clone());
    }
    // Its scope is right again, unless the scope is what is wrong.
    let refers_on = |op: &Op| {
        let mut on = false;
        op.for_each_operand(|id| on |= id.0 as usize >= ir.len());
        on
    };
    let is_of_scope = at < program.ir.len() && program.ir.nodes[at].scope != wrong.scope;
    let scope = if is_of_scope || refers_on(&wrong.op) { wrong.scope } else { ir.scope_of(&wrong.op) };
    ir.nodes.push(Node { scope, ..wrong });
    ir
}

fn retyped(node: &Node, ty: Type) -> Option<Node> {
    // A missing constant may be of any type.
    let any = matches!(node.op, Op::Constant(Const::Missing(_)));
    (!any).then(|| Node { ty, ..node.clone() })
}

fn other(scope: Scope) -> Scope {
    if scope >= Scope::Row { Scope::Customer } else { Scope::Row }
}

fn with_operand(node: &Node, n: usize, with: NodeId) -> Node {
    let mut at = 0;
    let op = node.op.map_operands(|id| {
        at += 1;
        if at == n + 1 { with } else { id }
    });
    Node { op, ..node.clone() }
}

/// All operands one further, but one that is the odd node.
fn shifted(node: &Node, n: usize) -> Node {
    let on = Node { op: node.op.map_operands(|id| NodeId(id.0 + 1)), ..node.clone() };
    with_operand(&on, n, NodeId(0))
}

/// What else may be wrong with one operation.
fn special(op: &Op) -> Vec<(&'static str, Op)> {
    let far = TableId(99);
    match op.clone() {
        Op::Constant(Const::Enum(_)) => vec![("a member beyond the last", Op::Constant(Const::Enum(9_999)))],
        Op::Constant(Const::Number(_)) => {
            vec![("an infinite number", Op::Constant(Const::Number(f64::INFINITY.to_bits())))]
        }
        Op::Field { scope, table, field } => vec![
            ("a field of no table", Op::Field { scope, table: far, field }),
            ("a field beyond the last", Op::Field { scope, table, field: FieldId(9_999) }),
            ("a field of another scope", Op::Field { scope: other(scope), table, field }),
            ("a field of the run", Op::Field { scope: Scope::Run, table, field }),
        ],
        Op::Lookup { pointer, field, .. } => vec![("a lookup in no table", Op::Lookup { pointer, table: far, field })],
        Op::Matches { value, ignoring_case, .. } => {
            vec![("a pattern that is none", Op::Matches { value, pattern: "(".into(), ignoring_case })]
        }
        Op::InSet { value, set } => {
            let mut odd = set.clone();
            odd.push(Const::List(Vec::new()));
            let mut wrong = vec![("a set of another type", Op::InSet { value, set: odd })];
            if set.len() > 1 {
                wrong.push(("a set out of order", Op::InSet { value, set: set.into_iter().rev().collect() }));
            }
            wrong
        }
        Op::Call { builtin, arguments } => vec![
            ("a call of nothing", Op::Call { builtin: 9_999, arguments: arguments.clone() }),
            ("a call without arguments", Op::Call { builtin, arguments: Vec::new() }),
        ],
        Op::Aggregate(fold) => {
            let with = |change: &dyn Fn(&mut seg_ir::node::Aggregate)| {
                let mut fold = fold.clone();
                change(&mut fold);
                Op::Aggregate(fold)
            };
            vec![
                ("rows of no collection", with(&|f| f.collection = seg_ir::CollectionId(99))),
                ("rows of no scope", with(&|f| f.scope = Scope::Customer)),
                (
                    "a fold of another kind",
                    with(&|f| {
                        f.kind = if f.kind == AggregateKind::List { AggregateKind::Any } else { AggregateKind::List }
                    }),
                ),
            ]
        }
        _ => Vec::new(),
    }
}

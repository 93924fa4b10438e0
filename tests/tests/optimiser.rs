//! Every rule of the optimiser does what it is for, and no program gives or counts anything else for it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use seg_ir::node::{Aggregate, AggregateKind, Arithmetic, Comparison, Op, Scope};
use seg_ir::schema::PROFILE;
use seg_ir::value::{Const, Reason};
use seg_ir::{CollectionId, EnumId, FieldId, Ir, NodeId, Program, Record, TableId, Type};
use seg_tests::fixture::checked;
use seg_tests::optimiser::{changes_nothing, outcome};
use seg_tests::random::Random;

const LEVEL: Type = Type::Enum(EnumId(2));
const AS_OF: i64 = 1_772_323_200_000_000;

/// A program whose only output is a node that the test makes.
fn program(make: impl FnOnce(&mut Maker) -> NodeId) -> Program {
    let mut program = checked(
        r#"playbook "p" { timezone "UTC" currency GBP }
enum Level { Low Mid High }
profile C key id {
  id Text  a Bool?  b Bool?  c Bool?  r Bool  n Int?  m Int  e Level?  f Level  orders many O
}
event O by id at t { t Timestamp  v Int?  w Int }
segment S when r
"#,
    )
    .unwrap();
    let mut maker = Maker { ir: Ir::default() };
    let root = make(&mut maker);
    program.segments[0].node = root;
    program.ir = maker.ir;
    program
}

type Arms = Vec<(NodeId, NodeId)>;

struct Maker {
    ir: Ir,
}

impl Maker {
    fn field(&mut self, n: u32, ty: Type) -> NodeId {
        self.ir.add(Op::Field { scope: Scope::Customer, table: PROFILE, field: FieldId(n) }, ty)
    }

    fn of_row(&mut self, n: u32) -> NodeId {
        self.ir.add(Op::Field { scope: Scope::Row, table: TableId(1), field: FieldId(n) }, Type::Int)
    }

    /// The conditions `a`, `b`, `c`, which may be unknown, and `r`, which may not.
    fn abcr(&mut self) -> [NodeId; 4] {
        [1, 2, 3, 4].map(|n| self.field(n, Type::Bool))
    }

    fn n(&mut self) -> NodeId {
        self.field(5, Type::Int)
    }

    fn m(&mut self) -> NodeId {
        self.field(6, Type::Int)
    }

    fn bool(&mut self, op: Op) -> NodeId {
        self.ir.add(op, Type::Bool)
    }

    fn constant(&mut self, value: Const, ty: Type) -> NodeId {
        self.ir.add(Op::Constant(value), ty)
    }

    fn truth(&mut self, value: bool) -> NodeId {
        self.constant(Const::Bool(value), Type::Bool)
    }

    fn test(&mut self, op: Comparison, value: NodeId, limit: i64) -> NodeId {
        let limit = self.constant(Const::Int(limit), Type::Int);
        self.bool(Op::Compare(op, value, limit))
    }

    /// `n / m > 1`, which counts a division by zero.
    fn noisy(&mut self) -> NodeId {
        let (n, m) = (self.n(), self.m());
        let ratio = self.ir.add(Op::Arithmetic(Arithmetic::Divide, n, m), Type::Number);
        let one = self.constant(Const::number(1.0), Type::Number);
        self.bool(Op::Compare(Comparison::Greater, ratio, one))
    }

    fn fold(&mut self, kind: AggregateKind, filter: Option<NodeId>, value: Option<NodeId>, ty: Type) -> NodeId {
        let fold = Aggregate { kind, collection: CollectionId(0), scope: Scope::Row, window: None, filter, value };
        self.ir.add(Op::Aggregate(Box::new(fold)), ty)
    }
}

/// Customers with every truth of the conditions, and numbers and events that the seed chooses.
fn customers(program: &Program, seed: u64) -> Vec<Record> {
    let mut random = Random::new(seed);
    let truths = [Const::Missing(Reason::NotGiven), Const::Bool(false), Const::Bool(true)];
    let mut some = |missing: bool, make: fn(usize) -> Const| match missing && random.once_in(4) {
        true => Const::Missing(Reason::NotGiven),
        false => make(random.below(6)),
    };
    let int = |n: usize| Const::Int(n as i64 - 1);
    let level = |n: usize| Const::Enum(n as u32 % 3);
    let mut records = Vec::new();
    for n in 0..54 {
        let truth = |by: usize| truths[n / by % 3].clone();
        let mut row = vec![Const::text("k"), truth(1), truth(3), truth(9), Const::Bool(n / 27 == 1)];
        row.extend([some(true, int), some(false, int), some(true, level), some(false, level)]);
        let mut record = Record::new(&program.schema, row);
        for order in 0..n % 4 {
            record.push(TableId(1), vec![Const::Timestamp(order as i64), some(true, int), some(false, int)]);
        }
        record.seal(&program.schema, &program.zone, AS_OF);
        records.push(record);
    }
    records
}

/// Optimises, compares over all customers, and gives the output's operation and the IR that it stands in.
fn optimised(make: impl FnOnce(&mut Maker) -> NodeId) -> (Op, Ir) {
    let program = program(make);
    let small = same(&program, 1);
    (small.ir.node(small.segments[0]).op.clone(), small.ir)
}

fn same(program: &Program, seed: u64) -> seg_ir::program::Optimised {
    let (plain, small) = (program.plain(), seg_compiler::optimise(program));
    for record in customers(program, seed) {
        let (want, have) = (outcome(program, &plain, &record, AS_OF), outcome(program, &small, &record, AS_OF));
        assert_eq!(have, want, "{record:?}\nwritten {:#?}\noptimised {:#?}", program.ir.nodes, small.ir.nodes);
    }
    small
}

/// The operation that a rule leaves, by name, and how many nodes.
fn shape(make: impl FnOnce(&mut Maker) -> NodeId) -> (&'static str, usize) {
    let (op, ir) = optimised(make);
    (op.name(), ir.len())
}

#[test]
fn what_no_output_needs_is_gone() {
    let made = shape(|m| {
        m.noisy();
        m.abcr()[0]
    });
    assert_eq!(made, ("field", 1));
}

#[test]
fn denials_sink_into_comparisons() {
    let not = |m: &mut Maker, id| m.bool(Op::Not(id));
    assert_eq!(
        shape(|m| {
            let [a, ..] = m.abcr();
            let n = not(m, a);
            not(m, n)
        }),
        ("field", 1)
    );
    assert_eq!(
        shape(|m| {
            let n = m.n();
            let t = m.test(Comparison::Less, n, 2);
            not(m, t)
        }),
        ("compare", 3)
    );
    let both = |m: &mut Maker| {
        let [a, ..] = m.abcr();
        let n = m.n();
        let test = m.test(Comparison::Less, n, 2);
        let na = not(m, a);
        let all = m.bool(Op::And(vec![test, na]));
        not(m, all)
    };
    assert_eq!(shape(both), ("or", 5));
    // A comparison that something else needs stays one.
    let shared = |m: &mut Maker| {
        let [a, ..] = m.abcr();
        let n = m.n();
        let test = m.test(Comparison::Less, n, 2);
        let denied = not(m, test);
        m.bool(Op::Choose { arms: vec![(a, test)], otherwise: denied })
    };
    let (_, ir) = optimised(shared);
    assert_eq!(ir.nodes.iter().filter(|n| n.op.name() == "compare").count(), 1);
}

#[test]
fn connectives_are_flat_and_without_constants() {
    let made = |m: &mut Maker| {
        let [a, b, c, _] = m.abcr();
        let (yes, inner) = (m.truth(true), m.bool(Op::And(vec![b, c])));
        m.bool(Op::And(vec![a, yes, inner, a]))
    };
    assert!(matches!(optimised(made).0, Op::And(operands) if operands.len() == 3));
    let decided = |m: &mut Maker| {
        let [a, ..] = m.abcr();
        let no = m.truth(false);
        m.bool(Op::And(vec![a, no]))
    };
    assert_eq!(shape(decided), ("constant", 1));
    let noisy = |m: &mut Maker| {
        let x = m.noisy();
        let no = m.truth(false);
        m.bool(Op::And(vec![x, no]))
    };
    assert_eq!(shape(noisy).0, "and", "the division by zero is counted still");
    let unknown = |m: &mut Maker| {
        let [a, ..] = m.abcr();
        let first = m.constant(Const::Missing(Reason::StillOpen), Type::Bool);
        let second = m.constant(Const::Missing(Reason::NoBranch), Type::Bool);
        m.bool(Op::Or(vec![first, a, second]))
    };
    assert_eq!(shape(unknown), ("or", 3));
}

#[test]
fn what_implies_takes_in_what_is_implied() {
    let absorbed = |and: bool| {
        move |m: &mut Maker| {
            let [a, b, ..] = m.abcr();
            let inner = m.bool(if and { Op::Or(vec![b, a]) } else { Op::And(vec![b, a]) });
            m.bool(if and { Op::And(vec![a, inner]) } else { Op::Or(vec![a, inner]) })
        }
    };
    assert_eq!(shape(absorbed(true)), ("field", 1));
    assert_eq!(shape(absorbed(false)), ("field", 1));
    let noisy = |m: &mut Maker| {
        let [a, ..] = m.abcr();
        let x = m.noisy();
        let inner = m.bool(Op::Or(vec![x, a]));
        m.bool(Op::And(vec![a, inner]))
    };
    assert_eq!(shape(noisy).0, "and");
    let never = |m: &mut Maker| {
        let r = m.abcr()[3];
        let n = m.bool(Op::Not(r));
        m.bool(Op::And(vec![r, n]))
    };
    assert_eq!(shape(never), ("constant", 1));
    let unknown = |m: &mut Maker| {
        let a = m.abcr()[0];
        let n = m.bool(Op::Not(a));
        m.bool(Op::And(vec![a, n]))
    };
    assert_eq!(shape(unknown).0, "and");
}

#[test]
fn presence_of_what_is_never_missing_is_known() {
    assert_eq!(
        shape(|m| {
            let x = m.m();
            m.bool(Op::IsKnown(x))
        }),
        ("constant", 1)
    );
    assert_eq!(
        shape(|m| {
            let x = m.n();
            m.bool(Op::IsKnown(x))
        }),
        ("is known", 2)
    );
    assert_eq!(
        shape(|m| {
            let n = m.n();
            let t = m.test(Comparison::Less, n, 3);
            m.bool(Op::IsKnown(t))
        })
        .1,
        2
    );
    assert_eq!(
        shape(|m| {
            let x = m.noisy();
            m.bool(Op::IsKnown(x))
        })
        .0,
        "is known"
    );
    assert_eq!(
        shape(|m| {
            let [a, _, _, r] = m.abcr();
            m.bool(Op::Else(r, a))
        }),
        ("field", 1)
    );
    assert_eq!(
        shape(|m| {
            let [a, _, _, r] = m.abcr();
            m.bool(Op::Else(a, r))
        }),
        ("else", 3)
    );
    assert_eq!(
        shape(|m| {
            let r = m.abcr()[3];
            m.bool(Op::IsTrue(r))
        }),
        ("field", 1)
    );
    assert_eq!(
        shape(|m| {
            let r = m.abcr()[3];
            m.bool(Op::IsFalse(r))
        }),
        ("not", 2)
    );
    assert_eq!(
        shape(|m| {
            let a = m.abcr()[0];
            let n = m.bool(Op::Not(a));
            m.bool(Op::IsTrue(n))
        }),
        ("is false", 2)
    );
    assert_eq!(
        shape(|m| {
            let c = m.fold(AggregateKind::Count, None, None, Type::Int);
            m.bool(Op::IsKnown(c))
        })
        .1,
        1
    );
}

#[test]
fn tests_of_one_value_become_one() {
    let tests = |and: bool, tests: &'static [(Comparison, i64)]| {
        move |m: &mut Maker| {
            let n = m.n();
            let tests = tests.iter().map(|(op, limit)| m.test(*op, n, *limit)).collect();
            m.bool(if and { Op::And(tests) } else { Op::Or(tests) })
        }
    };
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    let set = |values: &[i64]| values.iter().map(|v| Const::Int(*v)).collect::<Vec<_>>();
    let in_set = |op: Op| match op {
        Op::InSet { set, .. } => set,
        other => panic!("{other:?}"),
    };
    assert_eq!(in_set(optimised(tests(false, &[(Equal, 2), (Equal, 0), (Equal, 2)])).0), set(&[0, 2]));
    assert_eq!(in_set(optimised(tests(true, &[(Less, 1), (Greater, 3)])).0), set(&[]));
    assert_eq!(shape(tests(true, &[(NotEqual, 1), (NotEqual, 3)])), ("not", 3));
    assert_eq!(shape(tests(true, &[(Greater, 1), (GreaterEqual, 3)])), ("compare", 3));
    assert_eq!(shape(tests(false, &[(Greater, 1), (GreaterEqual, 1)])), ("compare", 3));
    assert_eq!(shape(tests(true, &[(LessEqual, 2), (GreaterEqual, 2)])), ("compare", 3));
    assert_eq!(shape(tests(true, &[(Greater, 1), (NotEqual, 0)])), ("compare", 3));
    assert_eq!(shape(tests(true, &[(Greater, 1), (Less, 4)])).0, "and", "a range stays two comparisons");
    assert_eq!(shape(tests(true, &[(Greater, 1), (Less, 4), (Greater, 2), (Less, 3)])).1, 6);
    let noisy_between = |m: &mut Maker| {
        let n = m.n();
        let (first, x, last) = (m.test(Equal, n, 2), m.noisy(), m.test(Equal, n, 0));
        m.bool(Op::Or(vec![first, x, last]))
    };
    assert!(matches!(optimised(noisy_between).0, Op::Or(operands) if operands.len() == 3));
    let members = |field: u32| {
        move |m: &mut Maker| {
            let e = m.field(field, LEVEL);
            m.bool(Op::InSet { value: e, set: (0..3).map(Const::Enum).collect() })
        }
    };
    assert_eq!(shape(members(8)), ("constant", 1), "every member is in the set of all");
    assert_eq!(shape(members(7)).0, "not", "unless it may be missing");
    let mirrored = |m: &mut Maker| {
        let n = m.n();
        let two = m.constant(Const::Int(2), Type::Int);
        m.bool(Op::Compare(Less, two, n))
    };
    assert!(matches!(optimised(mirrored).0, Op::Compare(Greater, ..)));
}

#[test]
fn choices_lose_arms_and_become_connectives() {
    let choose = |pick: fn(&mut Maker) -> (Arms, NodeId)| {
        move |m: &mut Maker| {
            let (arms, otherwise) = pick(m);
            let ty = m.ir.ty(otherwise).clone();
            m.ir.add(Op::Choose { arms, otherwise }, ty)
        }
    };
    let constants = choose(|m| {
        let (n, k, yes, no) = (m.n(), m.m(), m.truth(true), m.truth(false));
        (vec![(no, k), (yes, n), (no, n)], k)
    });
    assert_eq!(shape(constants), ("field", 1));
    let alike = choose(|m| {
        let [a, b, ..] = m.abcr();
        let n = m.n();
        (vec![(a, n), (b, n)], n)
    });
    assert_eq!(shape(alike), ("field", 1));
    let adjacent = choose(|m| {
        let [a, b, ..] = m.abcr();
        let (n, k) = (m.n(), m.m());
        (vec![(a, n), (b, n)], k)
    });
    assert!(matches!(optimised(adjacent).0, Op::Choose { arms, .. } if arms.len() == 1));
    let noisy = choose(|m| {
        let x = m.noisy();
        let n = m.n();
        (vec![(x, n)], n)
    });
    assert_eq!(shape(noisy).0, "choose");
    let truths = choose(|m| {
        let [a, b, c, _] = m.abcr();
        let (yes, no) = (m.truth(true), m.truth(false));
        (vec![(a, yes), (b, no), (c, yes)], no)
    });
    assert_eq!(shape(truths).0, "or");
    let both = choose(|m| {
        let [a, b, ..] = m.abcr();
        let no = m.truth(false);
        (vec![(a, b)], no)
    });
    assert_eq!(shape(both), ("and", 4));
    let either = choose(|m| {
        let [a, b, ..] = m.abcr();
        let yes = m.truth(true);
        (vec![(a, b)], yes)
    });
    assert_eq!(shape(either).0, "or");
}

#[test]
fn filters_that_take_all_are_gone() {
    let all = |m: &mut Maker| {
        let yes = m.truth(true);
        m.fold(AggregateKind::Any, Some(yes), None, Type::Bool)
    };
    assert_eq!(shape(all), ("aggregate", 1));
    let truth = |kind: AggregateKind| {
        move |m: &mut Maker| {
            let v = m.of_row(1);
            let test = m.test(Comparison::Greater, v, 0);
            let test = m.bool(Op::IsTrue(test));
            let ty = if kind == AggregateKind::Count { Type::Int } else { Type::Bool };
            m.fold(kind, Some(test), None, ty)
        }
    };
    assert_eq!(shape(truth(AggregateKind::Count)).1, 4);
    assert_eq!(shape(truth(AggregateKind::Any)).1, 5);
}

#[test]
fn equal_nodes_that_count_stay_two() {
    let (_, ir) = optimised(|m| {
        let [a, ..] = m.abcr();
        let (n, k) = (m.n(), m.m());
        let yes = m.truth(true);
        let same = m.ir.add(Op::Choose { arms: vec![(yes, n)], otherwise: k }, Type::Int);
        let tests = [n, same].map(|of| {
            let ratio = m.ir.add(Op::Arithmetic(Arithmetic::Divide, of, k), Type::Number);
            let one = m.constant(Const::number(1.0), Type::Number);
            m.bool(Op::Compare(Comparison::Greater, ratio, one))
        });
        m.bool(Op::Or(vec![tests[0], a, tests[1]]))
    });
    assert_eq!(ir.nodes.iter().filter(|n| n.op.name() == "arithmetic").count(), 2);
}

/// Random conditions over everything that the rules know, with divisions by zero among them.
fn grown(m: &mut Maker, random: &mut Random, more: &mut Vec<NodeId>) -> NodeId {
    let mut bools: Vec<NodeId> = m.abcr().to_vec();
    let (n, k) = (m.n(), m.m());
    let mut ints = vec![n, k];
    let (v, w) = (m.of_row(1), m.of_row(2));
    bools.extend([m.truth(true), m.truth(false), m.noisy()]);
    bools.push(m.constant(Const::Missing(Reason::StillOpen), Type::Bool));
    for _ in 0..4 + random.below(14) {
        let pick = |random: &mut Random, from: &[NodeId]| from[random.below(from.len())];
        let comparisons = [
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::LessEqual,
            Comparison::Greater,
            Comparison::GreaterEqual,
        ];
        let comparison = comparisons[random.below(6)];
        let few = 2 + random.below(3);
        let [x, y, z] = [0, 1, 2].map(|_| pick(random, &bools));
        let [i, j] = [0, 1].map(|_| pick(random, &ints));
        let limit = random.below(4) as i64 - 1;
        match random.below(16) {
            0 | 1 => bools.push(m.bool(Op::Not(x))),
            2 | 3 => {
                let operands = (0..few).map(|_| pick(random, &bools)).collect();
                bools.push(m.bool(Op::And(operands)));
            }
            4 | 5 => {
                let operands = (0..few).map(|_| pick(random, &bools)).collect();
                bools.push(m.bool(Op::Or(operands)));
            }
            6 => bools.push(m.bool(Op::IsKnown(x))),
            7 => bools.push(m.bool(Op::IsTrue(x))),
            8 => bools.push(m.bool(Op::IsFalse(x))),
            9 => bools.push(m.bool(Op::Else(x, y))),
            10 | 11 => bools.push(m.test(comparison, i, limit)),
            12 => {
                let set = (0..3).filter(|_| random.once_in(2)).map(|member| Const::Enum(member as u32)).collect();
                let value = m.field(7 + random.below(2) as u32, LEVEL);
                bools.push(m.bool(Op::InSet { value, set }));
            }
            13 => bools.push(m.bool(Op::Choose { arms: vec![(x, y), (z, x)], otherwise: z })),
            14 => ints.push(m.ir.add(Op::Choose { arms: vec![(x, i), (y, j)], otherwise: i }, Type::Int)),
            _ => {
                let ratio = m.ir.add(Op::Arithmetic(Arithmetic::Divide, v, w), Type::Number);
                let one = m.constant(Const::number(1.0), Type::Number);
                let counts = m.bool(Op::Compare(Comparison::Less, ratio, one));
                let test = m.test(comparison, v, limit);
                let test = m.bool(if random.once_in(2) { Op::IsTrue(test) } else { Op::Or(vec![test, counts]) });
                if random.once_in(2) {
                    bools.push(m.fold(AggregateKind::Any, Some(test), None, Type::Bool));
                } else {
                    ints.push(m.fold(AggregateKind::Sum, Some(test), Some(v), Type::Int));
                }
            }
        }
    }
    more.extend(bools.iter().rev().skip(1).take(3));
    bools.last().copied().unwrap()
}

#[test]
fn random_programs_give_and_count_the_same() {
    let (mut before, mut after, mut faults) = (0, 0, 0);
    for seed in 0..3_000 {
        let mut random = Random::new(seed);
        let mut last = Vec::new();
        let mut program = program(|m| grown(m, &mut random, &mut last));
        for node in last {
            let segment = seg_ir::program::Segment { node, ..program.segments[0].clone() };
            program.segments.push(segment);
        }
        let small = same(&program, seed);
        before += program.ir.len();
        after += small.ir.len();
        let records = customers(&program, seed);
        faults += records.iter().filter(|r| !outcome(&program, &small, *r, AS_OF).faults.is_empty()).count();
    }
    assert!(faults > 8_000, "{faults} customers with faults");
    assert!(after * 4 < before * 3, "{before} nodes became {after}");
}

#[test]
fn the_example_is_smaller_and_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/complete-journey");
    let folder = seg::Folder::open(Some(&folder)).unwrap();
    let checked = seg::check(&folder);
    let program = checked.program.unwrap();
    changes_nothing(&program).unwrap();
    let (before, after) = (program.ir.len(), program.optimised.ir.len());
    println!("{before} nodes, {after} of them run");
    assert!(after < before);
}

//! Tests of one value against constants: equalities become a set, sets and limits under one connective become one test.

use std::collections::{BTreeSet, HashMap};

use seg_ir::node::Comparison;
use seg_ir::value::Const;
use seg_ir::{NodeId, Op, Type, fault, operation};

use super::connectives::opposite;
use super::{Rewrite, Rewriter};

/// The known values for which a test is true. The test of a missing value is unknown, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    In(BTreeSet<Const>),
    NotIn(BTreeSet<Const>),
    /// By `<`, `<=`, `>` or `>=`.
    Side(Comparison, Const),
}

use Allowed::{In, NotIn, Side};

impl Allowed {
    fn denied(self) -> Allowed {
        match self {
            In(set) => NotIn(set),
            NotIn(set) => In(set),
            Side(op, limit) => Side(opposite(op), limit),
        }
    }

    fn holds(&self, value: &Const) -> bool {
        match self {
            In(set) => set.contains(value),
            NotIn(set) => !set.contains(value),
            Side(op, limit) => operation::compare(*op, &value.value(), &limit.value()).as_bool() == Some(true),
        }
    }

    /// What both allow, where that is one test.
    fn both(&self, other: &Allowed) -> Option<Allowed> {
        Some(match (self, other) {
            (In(a), In(b)) if fault::is("optimise.sets-are-united") => In(a | b),
            (In(set), rest) | (rest, In(set)) => In(set.iter().filter(|v| rest.holds(v)).cloned().collect()),
            (NotIn(a), NotIn(b)) if fault::is("optimise.exclusions-are-intersected") => NotIn(a & b),
            (NotIn(a), NotIn(b)) => NotIn(a | b),
            (NotIn(set), side) | (side, NotIn(set)) => {
                // An exclusion beyond the limit says nothing.
                return (!set.iter().any(|v| side.holds(v)) || fault::is("optimise.exclusions-within-limits-are-lost"))
                    .then(|| side.clone());
            }
            (Side(a, x), Side(b, y)) => return sides((*a, x), (*b, y)),
        })
    }
}

/// What two limits allow, where that is one test.
fn sides((a, x): (Comparison, &Const), (b, y): (Comparison, &Const)) -> Option<Allowed> {
    let is_upper = |op| matches!(op, Comparison::Less | Comparison::LessEqual);
    let is_strict = |op| matches!(op, Comparison::Less | Comparison::Greater);
    let order = operation::order(&x.value(), &y.value())?;
    if is_upper(a) == is_upper(b) {
        let first_is_tighter = match order.is_eq() {
            true => is_strict(a) != fault::is("optimise.of-equal-limits-the-looser"),
            false => (order.is_lt() == is_upper(a)) != fault::is("optimise.of-two-limits-the-looser"),
        };
        return Some(if first_is_tighter { Side(a, x.clone()) } else { Side(b, y.clone()) });
    }
    // One from below and one from above: nothing between them, one value, or a range.
    let crossed = if is_upper(a) { order.is_lt() } else { order.is_gt() };
    match order.is_eq() {
        true if (is_strict(a) || is_strict(b)) && !fault::is("optimise.touching-limits-hold-one-value") => {
            Some(In(BTreeSet::new()))
        }
        true => Some(In(BTreeSet::from([x.clone()]))),
        false => (crossed || fault::is("optimise.ranges-are-empty")).then(|| In(BTreeSet::new())),
    }
}

/// A test under a connective.
struct Test {
    value: NodeId,
    /// Where it stands among the operands that are kept.
    at: usize,
    /// Under `and`; `or` is the dual.
    allowed: Allowed,
    is_changed: bool,
}

impl Rewriter<'_> {
    /// The tests of one value that stand under one connective, as one in the place of the first, wherever nothing noisy
    /// stands between.
    pub(super) fn merged_tests(&mut self, operands: Vec<NodeId>, and: bool) -> Vec<NodeId> {
        let mut kept: Vec<NodeId> = Vec::new();
        let mut tests: Vec<Test> = Vec::new();
        let mut of_value: HashMap<NodeId, Vec<usize>> = HashMap::new();
        let mut last_noisy = 0;
        for id in operands {
            if let Some((value, allowed)) = self.allowed(&self.ir.node(id).op) {
                let allowed = if and { allowed } else { allowed.denied() };
                let known = of_value.entry(value).or_default();
                let is_quiet = self.is_quiet(value);
                let deaf = fault::is("optimise.tests-move-over-noise");
                let near = |at: usize| {
                    if deaf {
                        true
                    } else if is_quiet {
                        last_noisy <= at
                    } else {
                        at + 1 == kept.len()
                    }
                };
                // Exclusions are gathered in place: each of very many would else copy those before it.
                let excluding = known.iter().find(|n| {
                    tests.get(**n).is_some_and(|t| near(t.at) && matches!((&t.allowed, &allowed), (NotIn(_), NotIn(_))))
                });
                let alone = known.len() == 1 && !fault::is("optimise.exclusions-are-intersected");
                if let (Some(n), true, NotIn(more)) = (excluding, alone, &allowed)
                    && let Some(Test { allowed: NotIn(set), is_changed, .. }) = tests.get_mut(*n)
                {
                    more.iter().for_each(|value| *is_changed |= set.insert(value.clone()));
                    continue;
                }
                let merged = known.iter().find_map(|n| {
                    let test = tests.get(*n).filter(|test| near(test.at))?;
                    Some((*n, test.allowed.both(&allowed)?))
                });
                if let Some((n, merged)) = merged {
                    tests[n].is_changed |= merged != tests[n].allowed;
                    tests[n].allowed = merged;
                    continue;
                }
                known.push(tests.len());
                tests.push(Test { value, at: kept.len(), allowed, is_changed: false });
            }
            if !self.is_quiet(id) {
                last_noisy = kept.len();
            }
            kept.push(id);
        }
        for test in tests.into_iter().filter(|test| test.is_changed) {
            let allowed = match and || fault::is("optimise.or-of-tests-is-not-denied-back") {
                true => test.allowed,
                false => test.allowed.denied(),
            };
            kept[test.at] = self.test(test.value, allowed);
        }
        kept
    }

    /// A test in its one form: the constant on the right, one constant as an equality, a set of everything as such.
    pub(super) fn test_of_constants(&mut self, op: &Op) -> Option<Rewrite> {
        if let Op::Compare(comparison, a, b) = op
            && self.ir.constant(*a).is_some_and(|c| !c.is_missing())
            && self.ir.constant(*b).is_none()
        {
            let mirrored =
                if fault::is("optimise.mirrored-keeps-its-sign") { *comparison } else { mirrored(*comparison) };
            return Some(Rewrite::Op(Op::Compare(mirrored, *b, *a)));
        }
        let (value, allowed) = self.allowed(op)?;
        let node = self.test(value, allowed);
        (self.ir.node(node).op != *op).then_some(Rewrite::Node(node))
    }

    fn allowed(&self, op: &Op) -> Option<(NodeId, Allowed)> {
        let (value, allowed) = match op {
            Op::InSet { value, set } => (*value, In(set.iter().cloned().collect())),
            Op::Not(inner) => match &self.ir.node(*inner).op {
                Op::InSet { value, set } => (*value, NotIn(set.iter().cloned().collect())),
                _ => return None,
            },
            Op::Compare(op, value, with) => {
                let with = self.ir.constant(*with)?.clone();
                match op {
                    Comparison::Equal => (*value, In(BTreeSet::from([with]))),
                    Comparison::NotEqual => (*value, NotIn(BTreeSet::from([with]))),
                    op => (*value, Side(*op, with)),
                }
            }
            _ => return None,
        };
        let ty = self.ir.ty(value);
        let fits = match &allowed {
            In(set) | NotIn(set) => set.iter().all(|c| is_plain(c, ty)),
            Side(_, limit) => is_plain(limit, ty),
        };
        (fits && self.ir.constant(value).is_none()).then_some((value, allowed))
    }

    /// The node that tests a value.
    fn test(&mut self, value: NodeId, allowed: Allowed) -> NodeId {
        let ty = self.ir.ty(value).clone();
        let (set, wanted) = match allowed {
            Side(op, limit) => {
                let with = self.make(Op::Constant(limit), &ty);
                return self.add(Op::Compare(op, value, with), &Type::Bool);
            }
            In(set) => (set, true),
            NotIn(set) => (set, false),
        };
        // A set of all members leaves nothing out, as the empty one takes nothing in.
        let members = match &ty {
            Type::Bool => 2,
            Type::Enum(id) => {
                self.schema.enum_type(*id).members.len() - usize::from(fault::is("optimise.all-but-one-are-all"))
            }
            _ => usize::MAX,
        };
        let (set, wanted) = if set.len() == members { (BTreeSet::new(), !wanted) } else { (set, wanted) };
        if set.is_empty() && (self.is_known_quietly(value) || fault::is("optimise.empty-sets-forget-missing")) {
            return self.truth(!wanted);
        }
        if set.len() == 1
            && let Some(one) = set.first()
        {
            if let Const::Bool(one) = one {
                return if (*one == wanted) != fault::is("optimise.equal-false-is-true") {
                    value
                } else {
                    self.bool(Op::Not(value))
                };
            }
            let with = self.make(Op::Constant(one.clone()), &ty);
            let op = if wanted { Comparison::Equal } else { Comparison::NotEqual };
            return self.add(Op::Compare(op, value, with), &Type::Bool);
        }
        let node = self.add(Op::InSet { value, set: set.into_iter().collect() }, &Type::Bool);
        if wanted { node } else { self.bool(Op::Not(node)) }
    }
}

/// Whether equal constants of the type are the same constant, so that sets of them can be reckoned with.
fn is_plain(value: &Const, ty: &Type) -> bool {
    match (value, ty) {
        (Const::Missing(_) | Const::List(_), _) => false,
        (Const::Int(_), ty) => *ty == Type::Int,
        (Const::Number(_), ty) => *ty == Type::Number,
        _ => true,
    }
}

/// The comparison with its sides exchanged.
fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal | Comparison::NotEqual => op,
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
    }
}

//! The expression tree that FEEL and CEL are both read into, and what kind of value a tree has.
//! It knows nothing of either notation, of Seg's, or of the cases it came from.

use std::collections::BTreeMap;

/// Why something of a foreign language has no counterpart in Seg.
pub type Reason = &'static str;

/// An expression of a suite.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Their null.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without sign, in plain decimals.
    Number(String),
    /// A text, its escapes resolved.
    Text(String),
    /// A civil date, `2021-01-02`; it may be one that no calendar has.
    Date(String),
    /// A time of day without zone, `10:30:00`.
    Time(String),
    /// A date with a time.
    Stamp(Stamp),
    /// A duration.
    Span(Span),
    /// A list literal.
    List(Vec<Expr>),
    /// An input of the case.
    Name(String),
    /// Arithmetic negation.
    Neg(Box<Expr>),
    /// Logical negation.
    Not(Box<Expr>),
    /// Two operands.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// `x between low and high`, both included.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x in ...`: any of the tests.
    In(Box<Expr>, Vec<Test>),
    /// `condition ? yes : no`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `weekday of x` and the like: the unit as Seg writes it.
    Part(&'static str, Box<Expr>),
    /// The civil date of a date-time.
    DateOf(Box<Expr>),
    /// Complete months from the first to the second.
    Months(Box<Expr>, Box<Expr>),
    /// A value as text.
    TextOf(Box<Expr>),
    /// A text against a pattern for the whole of it.
    Matches(Box<Expr>, String),
    /// What Seg has no form for.
    Foreign(Reason),
}

/// One alternative on the right of `in`.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal to a value.
    Equals(Expr),
    /// Compared with a value.
    Compare(Op, Expr),
    /// Within two ends; `open` means that the end is left out.
    Range {
        /// The lower end.
        low: Expr,
        /// The lower end is left out.
        low_open: bool,
        /// The upper end.
        high: Expr,
        /// The upper end is left out.
        high_open: bool,
    },
    /// Equal to one of the values of a list.
    OneOf(Vec<Expr>),
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Contains,
}

impl Op {
    /// How Seg writes it.
    pub fn seg(self) -> &'static str {
        match self {
            Op::And => "and",
            Op::Or => "or",
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div => "/",
            Op::Contains => "contains",
        }
    }

    /// Whether its result is a number, a date or a duration rather than a truth value.
    pub fn is_arithmetic(self) -> bool {
        matches!(self, Op::Add | Op::Sub | Op::Mul | Op::Div)
    }
}

/// A date with a time and the zone that it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    /// `2021-01-02T10:30:00`.
    pub civil: String,
    /// The zone.
    pub zone: Zone,
}

/// The zone of a date-time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// None was written.
    Local,
    /// `Z`, `+11:00`.
    Offset(String),
    /// `Europe/Paris`.
    Named(String),
}

/// A duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Years and months, as months.
    Months(i64),
    /// Whole days, written as days.
    Days(i64),
    /// Seconds, where hours, minutes or seconds were written.
    Seconds(i64),
}

/// The kind of value that an expression has, as far as its form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    Number,
    Text,
    Date,
    Time,
    Stamp,
    Months,
    Exact,
    List,
}

/// The kinds of the names of a case.
pub type Names = BTreeMap<String, Kind>;

impl Expr {
    /// The kind of its value; none where the form does not tell.
    pub fn kind(&self, names: &Names) -> Option<Kind> {
        Some(match self {
            Expr::Null | Expr::Foreign(_) => return None,
            Expr::Bool(_) | Expr::Not(_) | Expr::Between(..) | Expr::In(..) | Expr::Matches(..) => Kind::Bool,
            Expr::Number(_) | Expr::Months(..) => Kind::Number,
            Expr::Text(_) | Expr::TextOf(_) => Kind::Text,
            Expr::Date(_) | Expr::DateOf(_) => Kind::Date,
            Expr::Time(_) => Kind::Time,
            Expr::Stamp(_) => Kind::Stamp,
            Expr::Span(Span::Months(_)) => Kind::Months,
            Expr::Span(_) => Kind::Exact,
            Expr::List(_) => Kind::List,
            Expr::Name(name) => return names.get(name).copied(),
            Expr::Neg(of) => return of.kind(names),
            Expr::If(_, yes, no) => return yes.kind(names).or_else(|| no.kind(names)),
            Expr::Part("weekday of" | "month of", _) => Kind::Text,
            Expr::Part(..) => Kind::Number,
            Expr::Binary(op, left, right) if op.is_arithmetic() => {
                return arithmetic_kind(*op, left.kind(names), right.kind(names));
            }
            Expr::Binary(..) => Kind::Bool,
        })
    }

    /// Whether it is one value written out, with nothing computed.
    pub fn is_literal(&self) -> bool {
        matches!(
            self,
            Expr::Null
                | Expr::Bool(_)
                | Expr::Number(_)
                | Expr::Text(_)
                | Expr::Date(_)
                | Expr::Time(_)
                | Expr::Stamp(_)
                | Expr::Span(_)
        )
    }

    /// Calls `see` with this expression and everything below it.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        match self {
            Expr::Neg(of) | Expr::Not(of) | Expr::Part(_, of) => of.visit(see),
            Expr::DateOf(of) | Expr::TextOf(of) | Expr::Matches(of, _) => of.visit(see),
            Expr::Binary(_, left, right) | Expr::Months(left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Expr::Between(of, low, high) | Expr::If(of, low, high) => {
                of.visit(see);
                low.visit(see);
                high.visit(see);
            }
            Expr::In(of, tests) => {
                of.visit(see);
                for test in tests {
                    test.visit(see);
                }
            }
            Expr::List(items) => items.iter().for_each(|item| item.visit(see)),
            _ => {}
        }
    }
}

impl Test {
    fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        match self {
            Test::Equals(value) | Test::Compare(_, value) => value.visit(see),
            Test::Range { low, high, .. } => {
                low.visit(see);
                high.visit(see);
            }
            Test::OneOf(values) => values.iter().for_each(|value| value.visit(see)),
        }
    }
}

fn arithmetic_kind(op: Op, left: Option<Kind>, right: Option<Kind>) -> Option<Kind> {
    use Kind::{Date, Exact, Months, Stamp, Time};
    match (op, left, right) {
        (Op::Sub, Some(Date | Stamp), Some(Date | Stamp)) | (Op::Sub, Some(Time), Some(Time)) => Some(Exact),
        (Op::Add | Op::Sub, Some(Date | Stamp | Time), _) => left,
        (Op::Add, _, Some(Date | Stamp | Time)) => right,
        (Op::Div, Some(Months), Some(Months)) | (Op::Div, Some(Exact), Some(Exact)) => Some(Kind::Number),
        (_, Some(Months | Exact), _) => left,
        (_, _, Some(Months | Exact)) => right,
        (_, None, _) => right,
        _ => left,
    }
}

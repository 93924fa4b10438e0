//! Operations as SQL, for a frame: a relation whose columns are at hand. NULL is missing or unknown, and DuckDB's logic over it
//! is Kleene's; what DuckDB would raise an error for gives NULL.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use seg_ir::node::{Aggregate, AggregateKind, Arithmetic, Comparison, Op, Scope, TextTest};
use seg_ir::time::{DATE_MAX, DATE_MIN, DAY_US, Part, Unit};
use seg_ir::value::Period;
use seg_ir::{Const, FieldId, NodeId, Program, TableId, Type, fault};

use super::literal::{self, EXACT_MAX, ident};
use super::macros::Macro;
use super::pattern;
use super::say::Sayer;

/// A piece of SQL and how tightly its outermost operator binds.
#[derive(Debug, Clone)]
pub struct Sql {
    pub text: String,
    level: Level,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Atom,
}

impl Sql {
    pub fn atom(text: impl Into<String>) -> Sql {
        Sql { text: text.into(), level: Level::Atom }
    }

    pub fn new(text: String, level: Level) -> Sql {
        Sql { text, level }
    }

    /// As an operand of an operator that binds so tightly; in parentheses where it must be.
    pub fn within(&self, level: Level) -> String {
        if self.level > level || (self.level == level && matches!(level, Level::And | Level::Or | Level::Atom)) {
            self.text.clone()
        } else {
            format!("({})", self.text)
        }
    }

    fn operand(&self) -> String {
        self.within(Level::Atom)
    }
}

/// The columns of a relation: those that nodes were given, and from which layer on.
#[derive(Debug, Clone, Default)]
pub struct Columns(pub HashMap<NodeId, (String, u32)>);

/// A relation that an expression stands in.
#[derive(Clone, Copy)]
pub struct Frame<'f> {
    pub columns: &'f Columns,
    pub alias: &'f str,
    /// Columns of this layer and the ones before it are there.
    pub layer: u32,
    /// Whose fields the relation has under their own names.
    pub owns: &'f [Scope],
    pub outer: Option<&'f Frame<'f>>,
}

impl Frame<'_> {
    fn column(&self, id: NodeId) -> Option<String> {
        match self.columns.0.get(&id) {
            Some((name, layer)) if *layer <= self.layer => Some(format!("{}.{}", self.alias, ident(name))),
            _ => self.outer.and_then(|outer| outer.column(id)),
        }
    }

    fn owner(&self, scope: Scope) -> Option<&str> {
        if self.owns.contains(&scope) { Some(self.alias) } else { self.outer?.owner(scope) }
    }
}

/// Writes expressions; remembers which functions of its own the SQL needs.
pub struct Writer<'a> {
    pub program: &'a Program,
    pub sayer: RefCell<Sayer<'a>>,
    pub used: RefCell<BTreeSet<Macro>>,
    /// The relation that holds the rows of each reference table and event table.
    pub sources: HashMap<TableId, String>,
}

pub type Said = Result<Sql, String>;

impl Writer<'_> {
    /// A node's value: its column where it has one, otherwise its operation.
    pub fn node(&self, id: NodeId, frame: &Frame) -> Said {
        if self.sayer.borrow().constant(id).is_none()
            && let Some(column) = frame.column(id)
        {
            return Ok(Sql::atom(column));
        }
        self.operation(id, frame)
    }

    /// A node's operation, whether or not the node has a column.
    pub fn operation(&self, id: NodeId, frame: &Frame) -> Said {
        let node = self.program.ir.node(id);
        let ty = &node.ty;
        let value = self.sayer.borrow().constant(id);
        if let Some(value) = value {
            let text = literal::explained(&self.program.schema, ty, &value)?;
            // A minus binds less tightly than it looks.
            return Ok(if text.starts_with('-') { Sql::new(text, Level::Sum) } else { Sql::atom(text) });
        }
        let text = |id: NodeId| self.node(id, frame).map(|sql| sql.text);
        let operand = |id: NodeId| self.node(id, frame).map(|sql| sql.operand());
        Ok(match &node.op {
            Op::Constant(_) | Op::AsOf => return Err("a constant without a value".into()),
            Op::Field { scope, table, field } => {
                let alias = frame.owner(*scope).ok_or("a field out of reach")?;
                let name = &self.program.schema.field(*table, *field).name;
                Sql::atom(format!("{alias}.{}", ident(name)))
            }
            Op::Lookup { pointer, table, field } => return self.lookup(*pointer, *table, *field, frame),
            Op::Not(a) => return self.not(*a, frame),
            Op::And(operands) if fault::is("sql.and-is-or") => {
                return self.connective(operands, " OR ", Level::Or, frame);
            }
            Op::And(operands) => return self.connective(operands, " AND ", Level::And, frame),
            Op::Or(operands) => return self.connective(operands, " OR ", Level::Or, frame),
            Op::IsKnown(a) => Sql::new(format!("{} IS NOT NULL", operand(*a)?), Level::Compare),
            Op::IsTrue(a) if fault::is("sql.is-true-is-unknown-too") => self.node(*a, frame)?,
            Op::IsTrue(a) => Sql::new(format!("{} IS TRUE", operand(*a)?), Level::Compare),
            Op::IsFalse(a) => Sql::new(format!("{} IS FALSE", operand(*a)?), Level::Compare),
            Op::Else(a, _) if fault::is("sql.else-is-its-first") => self.node(*a, frame)?,
            Op::Else(a, b) => Sql::atom(format!("coalesce({}, {})", text(*a)?, text(*b)?)),
            Op::Compare(comparison, a, b) => return self.compare(*comparison, *a, *b, frame),
            Op::TextTest { test, value, with, ignoring_case } => {
                let (mut value, mut with) = (self.node(*value, frame)?, self.node(*with, frame)?);
                if *ignoring_case {
                    (value, with) = (self.apply(Macro::Folded, &[&value]), self.apply(Macro::Folded, &[&with]));
                }
                match test {
                    TextTest::Equal => {
                        let text = format!("{} = {}", value.within(Level::Compare), with.within(Level::Compare));
                        Sql::new(text, Level::Compare)
                    }
                    TextTest::StartsWith => Sql::atom(format!("starts_with({}, {})", value.text, with.text)),
                    TextTest::EndsWith => Sql::atom(format!("ends_with({}, {})", value.text, with.text)),
                    TextTest::Contains => Sql::atom(format!("contains({}, {})", value.text, with.text)),
                }
            }
            Op::Matches { value, pattern, ignoring_case } => {
                let pattern = literal::text(&pattern::translate(pattern, *ignoring_case)?);
                Sql::atom(format!("regexp_full_match({}, {pattern})", text(*value)?))
            }
            Op::InSet { value, set } => return self.in_set(*value, set, frame),
            Op::ListTest { list, all, items } => return self.list_test(*list, *all, items, frame),
            Op::ListCount(a) => Sql::atom(format!("len({})", text(*a)?)),
            Op::Arithmetic(op, a, b) => return self.arithmetic(*op, *a, *b, ty, frame),
            Op::Negate(a) if *ty == Type::Number => Sql::new(format!("0e0 - {}", operand(*a)?), Level::Sum),
            Op::Negate(a) => {
                let a = Sql::new(format!("-CAST({} AS HUGEINT)", text(*a)?), Level::Sum);
                self.apply(Macro::Whole, &[&a])
            }
            Op::PercentOf(percent, of) => return self.percent_of(*percent, *of, ty, frame),
            Op::CivilDate(a) if *self.program.ir.ty(*a) == Type::Date => self.node(*a, frame)?,
            Op::CivilDate(a) => {
                let local = self.local(*a, frame)?;
                Sql::atom(format!("CAST({} AS DATE)", local.text))
            }
            Op::StartOfDay(a) => self.instant_of(&format!("CAST({} AS TIMESTAMP)", text(*a)?)),
            Op::StartOf(unit, a) => match unit {
                Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => self.node(*a, frame)?,
                unit => Sql::atom(format!("CAST(date_trunc('{}', {}) AS DATE)", unit.name(), text(*a)?)),
            },
            Op::Shift { value, by, back } => return self.shift(*value, *by, *back, frame),
            Op::Part(part, a) => return self.part(*part, *a, frame),
            Op::Elapsed(unit, a, b) => return self.elapsed(*unit, *a, *b, frame),
            Op::NextAnniversary { date, from } => {
                let (date, from) = (self.node(*date, frame)?, self.node(*from, frame)?);
                self.apply(Macro::NextAnniversary, &[&date, &from])
            }
            Op::Choose { arms, otherwise } => return self.choose(arms, *otherwise, ty, frame),
            Op::Call { builtin, arguments } => return self.call(*builtin, arguments, ty, frame),
            Op::Aggregate(aggregate) => return self.inner(aggregate, frame),
        })
    }

    pub fn apply(&self, one: Macro, arguments: &[&Sql]) -> Sql {
        self.used.borrow_mut().insert(one);
        let arguments: Vec<&str> = arguments.iter().map(|a| a.text.as_str()).collect();
        Sql::atom(format!("{}({})", ident(&one.name(&self.program.schema)), arguments.join(", ")))
    }

    fn ty(&self, id: NodeId) -> &Type {
        self.program.ir.ty(id)
    }

    fn lookup(&self, pointer: NodeId, table: TableId, field: FieldId, frame: &Frame) -> Said {
        let schema = &self.program.schema;
        if let Op::Field { scope, table: from, field: through } = &self.program.ir.node(pointer).op
            && let Some(alias) = frame.owner(*scope)
        {
            let name = joined(schema, *from, *through, table, field);
            return Ok(Sql::atom(format!("{alias}.{}", ident(&name))));
        }
        let target = schema.table(table);
        let key =
            target.key.and_then(|k| target.fields.get(k.0 as usize)).ok_or("a pointer into a table without key")?;
        let source = self.sources.get(&table).ok_or("a reference table out of reach")?;
        let pointer = self.node(pointer, frame)?;
        let depth = {
            let mut n = 0;
            let mut at = Some(frame);
            while let Some(f) = at {
                n += 1;
                at = f.outer;
            }
            n
        };
        Ok(Sql::atom(format!(
            "(SELECT t{depth}.{} FROM {source} t{depth} WHERE t{depth}.{} = {})",
            ident(&schema.field(table, field).name),
            ident(&key.name),
            pointer.within(Level::Compare)
        )))
    }

    fn not(&self, a: NodeId, frame: &Frame) -> Said {
        let has_column = frame.column(a).is_some();
        let inner = &self.program.ir.node(a).op;
        Ok(match inner {
            Op::IsKnown(b) if !has_column => {
                Sql::new(format!("{} IS NULL", self.node(*b, frame)?.operand()), Level::Compare)
            }
            Op::IsTrue(b) if !has_column => {
                Sql::new(format!("{} IS NOT TRUE", self.node(*b, frame)?.operand()), Level::Compare)
            }
            Op::IsFalse(b) if !has_column => {
                Sql::new(format!("{} IS NOT FALSE", self.node(*b, frame)?.operand()), Level::Compare)
            }
            _ => Sql::new(format!("NOT {}", self.node(a, frame)?.operand()), Level::Not),
        })
    }

    fn connective(&self, operands: &[NodeId], word: &str, level: Level, frame: &Frame) -> Said {
        let parts: Vec<String> =
            operands.iter().map(|o| self.node(*o, frame).map(|p| p.within(level))).collect::<Result<_, _>>()?;
        Ok(match parts.as_slice() {
            [] => Sql::atom((level == Level::And).to_string()),
            _ => Sql::new(parts.join(word), level),
        })
    }

    fn compare(&self, comparison: Comparison, a: NodeId, b: NodeId, frame: &Frame) -> Said {
        let sign = match comparison {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessEqual if fault::is("sql.at-most-is-less") => "<",
            Comparison::LessEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
        };
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let (mut left, mut right) = (self.node(a, frame)?, self.node(b, frame)?);
        match (self.ty(a), self.ty(b)) {
            (Type::Enum(id), Type::Enum(_)) if !is_equality => {
                (left, right) = (self.rank(id.0, a, &left), self.rank(id.0, b, &right));
            }
            (Type::Int, Type::Number) if !self.is_exact(a) => {
                (left, right) = (self.apply(Macro::CompareExactly, &[&left, &right]), Sql::atom("0"));
            }
            (Type::Number, Type::Int) if !self.is_exact(b) => {
                (left, right) = (Sql::atom("0"), self.apply(Macro::CompareExactly, &[&right, &left]));
            }
            _ => {}
        }
        let text = format!("{} {sign} {}", left.within(Level::Compare), right.within(Level::Compare));
        Ok(Sql::new(text, Level::Compare))
    }

    /// A member's place in its enum.
    pub fn rank(&self, of: u32, id: NodeId, sql: &Sql) -> Sql {
        let value = self.sayer.borrow().constant(id);
        match value {
            Some(Const::Enum(member)) => Sql::atom((member + 1).to_string()),
            _ => self.apply(Macro::Rank(of), &[sql]),
        }
    }

    /// Whether a whole number is surely one that a float can be.
    fn is_exact(&self, id: NodeId) -> bool {
        if let Some(value) = self.sayer.borrow().constant(id) {
            return matches!(value, Const::Int(v) if v.unsigned_abs() <= EXACT_MAX);
        }
        match &self.program.ir.node(id).op {
            Op::Part(..) | Op::ListCount(_) => true,
            Op::Elapsed(unit, ..) => unit.exact_us().is_none(),
            Op::Aggregate(aggregate) => {
                matches!(aggregate.kind, AggregateKind::Count | AggregateKind::Distinct)
            }
            _ => false,
        }
    }

    fn in_set(&self, value: NodeId, set: &[Const], frame: &Frame) -> Said {
        let sql = self.node(value, frame)?;
        let mut items = Vec::new();
        for item in set {
            let item = match (self.ty(value), item) {
                (Type::Int, Const::Number(bits)) => {
                    let float = f64::from_bits(*bits);
                    let whole = float as i64;
                    // A float that no whole number equals is in no set of them.
                    if whole as f64 != float || whole == i64::MAX {
                        continue;
                    }
                    Const::Int(whole)
                }
                (Type::Number, Const::Int(v)) => {
                    if *v as f64 as i128 != i128::from(*v) {
                        continue;
                    }
                    Const::number(*v as f64)
                }
                _ => item.clone(),
            };
            items.push(literal::constant(&self.program.schema, self.ty(value), &item)?);
        }
        Ok(match items.as_slice() {
            [] => Sql::atom(format!("CASE WHEN {} IS NOT NULL THEN false END", sql.operand())),
            [one] => Sql::new(format!("{} = {one}", sql.within(Level::Compare)), Level::Compare),
            _ => Sql::new(format!("{} IN ({})", sql.within(Level::Compare), items.join(", ")), Level::Compare),
        })
    }

    fn list_test(&self, list: NodeId, all: bool, items: &[NodeId], frame: &Frame) -> Said {
        let list = self.node(list, frame)?;
        let mut parts = Vec::new();
        for item in items {
            let item = self.node(*item, frame)?;
            parts.push(format!("list_contains({}, {})", list.text, item.text));
        }
        Ok(match parts.as_slice() {
            [] => Sql::atom(format!("CASE WHEN {} IS NOT NULL THEN {all} END", list.operand())),
            [one] => Sql::atom(one.clone()),
            _ if all => Sql::new(parts.join(" AND "), Level::And),
            _ => Sql::new(parts.join(" OR "), Level::Or),
        })
    }

    fn finite(&self, text: String) -> Sql {
        self.apply(Macro::Finite, &[&Sql::atom(text)])
    }

    fn arithmetic(&self, op: Arithmetic, a: NodeId, b: NodeId, ty: &Type, frame: &Frame) -> Said {
        let (left, right) = (self.node(a, frame)?, self.node(b, frame)?);
        if (self.ty(a), self.ty(b)) == (&Type::Timestamp, &Type::Timestamp) {
            return Ok(Sql::new(format!("epoch_us({}) - epoch_us({})", left.text, right.text), Level::Sum));
        }
        if matches!(ty, Type::Number) {
            return Ok(self.float_arithmetic(op, (a, &left), (b, &right)));
        }
        if op == Arithmetic::Divide {
            return Ok(self.apply(Macro::HalfEven, &[&left, &right]));
        }
        let (sign, level) = match op {
            Arithmetic::Add => ("+", Level::Sum),
            Arithmetic::Subtract => ("-", Level::Sum),
            Arithmetic::Multiply | Arithmetic::Divide => ("*", Level::Product),
        };
        let exact = format!("CAST({} AS HUGEINT) {sign} {}", left.text, right.within(level));
        Ok(self.apply(Macro::Whole, &[&Sql::new(exact, level)]))
    }

    /// A whole number counts as the float next to it.
    fn float_arithmetic(&self, op: Arithmetic, a: (NodeId, &Sql), b: (NodeId, &Sql)) -> Sql {
        let float = |(id, sql): (NodeId, &Sql), level: Level| {
            if *self.ty(id) == Type::Number { sql.within(level) } else { format!("CAST({} AS DOUBLE)", sql.text) }
        };
        let is_whole = |id: NodeId| *self.ty(id) != Type::Number;
        if op == Arithmetic::Divide && is_whole(a.0) && self.sayer.borrow().constant(b.0) == Some(Const::Int(1)) {
            return Sql::atom(format!("CAST({} AS DOUBLE)", a.1.text));
        }
        let (sign, level) = match op {
            Arithmetic::Add => ("+", Level::Sum),
            Arithmetic::Subtract => ("-", Level::Sum),
            Arithmetic::Multiply => ("*", Level::Product),
            Arithmetic::Divide => ("/", Level::Product),
        };
        // DuckDB's `/` makes floats of both sides by itself.
        let text = if op == Arithmetic::Divide && is_whole(a.0) == is_whole(b.0) {
            format!("{} / {}", a.1.within(level), b.1.within(level))
        } else {
            format!("{} {sign} {}", float(a, level), float(b, level))
        };
        self.finite(text)
    }

    fn percent_of(&self, percent: NodeId, of: NodeId, ty: &Type, frame: &Frame) -> Said {
        let (percent, of) = (self.node(percent, frame)?, self.node(of, frame)?);
        if *ty == Type::Number {
            return Ok(self.finite(format!("CAST({} AS DOUBLE) * CAST({} AS DOUBLE) / 1e6", percent.text, of.text)));
        }
        let product =
            Sql::new(format!("CAST({} AS HUGEINT) * {}", percent.text, of.within(Level::Product)), Level::Product);
        Ok(self.apply(Macro::HalfEven, &[&product, &Sql::atom("1000000")]))
    }

    /// The clock's time of an instant.
    fn local(&self, id: NodeId, frame: &Frame) -> Said {
        let instant = self.node(id, frame)?;
        Ok(self.apply(Macro::LocalTime, &[&instant]))
    }

    fn instant_of(&self, civil: &str) -> Sql {
        if self.program.zone.name() == "UTC" {
            return Sql::atom(civil);
        }
        self.apply(Macro::InstantOf, &[&Sql::atom(civil)])
    }

    fn shift(&self, value: NodeId, by: NodeId, back: bool, frame: &Frame) -> Said {
        let period = self.sayer.borrow().constant(by);
        let is_instant = *self.ty(value) == Type::Timestamp;
        match period {
            Some(Const::Period(period)) => {
                let negated = (period.months.checked_neg(), period.days.checked_neg());
                let period = match (back, negated) {
                    (false, _) => period,
                    (true, (Some(months), Some(days))) => Period { months, days },
                    (true, _) => return self.nothing(value),
                };
                let date = if is_instant {
                    format!("CAST({} AS DATE)", self.local(value, frame)?.text)
                } else {
                    self.node(value, frame)?.operand()
                };
                let Some(date) = self.moved(&date, period) else { return self.nothing(value) };
                if !is_instant {
                    return Ok(date);
                }
                let time = format!("CAST({} AS TIME)", self.local(value, frame)?.text);
                Ok(self.instant_of(&format!("{} + {time}", date.text)))
            }
            Some(Const::Missing(_)) => self.nothing(value),
            _ => {
                let (value, span) = (self.node(value, frame)?, self.node(by, frame)?);
                let sign = if back { "-" } else { "+" };
                let zone = &self.program.zone;
                let (low, high) = (zone.start_of_day(DATE_MIN), zone.instant(DATE_MAX, DAY_US - 1).map(|(t, _)| t));
                let (low, high) = (low.unwrap_or(i64::MIN), high.unwrap_or(i64::MAX));
                let moved = format!("CAST(epoch_us({}) AS HUGEINT) {sign} {}", value.text, span.within(Level::Sum));
                Ok(Sql::atom(format!(
                    "CASE WHEN {moved} BETWEEN {low} AND {high} THEN make_timestamp(TRY_CAST({moved} AS BIGINT)) END"
                )))
            }
        }
    }

    fn nothing(&self, like: NodeId) -> Said {
        Ok(Sql::atom(format!("CAST(NULL AS {})", literal::sql_type(self.ty(like), &self.program.schema))))
    }

    /// A date some months, then days away; `None` where every date would leave the calendar. No interval of days is made:
    /// DuckDB takes one for an interval of months that it thinks equally long.
    fn moved(&self, date: &str, period: Period) -> Option<Sql> {
        let span = DATE_MAX - DATE_MIN;
        if period.days.unsigned_abs() > 2 * span as u32 || period.months.unsigned_abs() > 24 * 9_999 {
            return None;
        }
        let months = match period.months {
            0 => date.to_string(),
            months => format!("CAST({date} + to_months({months}) AS DATE)"),
        };
        let days = period.days.unsigned_abs();
        let text = match period.days {
            0 => months,
            1.. => format!("{months} + {days}"),
            _ => format!("{months} - {days}"),
        };
        let moved = self.apply(Macro::InCalendar, &[&Sql::atom(text)]);
        if period.months > 0 && period.days < 0 {
            // The months by themselves may already be too many.
            let first = self.moved(date, Period { months: period.months, days: 0 })?;
            return Some(Sql::atom(format!("CASE WHEN {} IS NOT NULL THEN {} END", first.text, moved.text)));
        }
        Some(moved)
    }

    fn part(&self, part: Part, of: NodeId, frame: &Frame) -> Said {
        let is_instant = *self.ty(of) == Type::Timestamp;
        let civil = if is_instant { self.local(of, frame)? } else { self.node(of, frame)? };
        let function = match part {
            Part::Weekday => "dayname",
            Part::Month => "monthname",
            Part::Hour if !is_instant => return Ok(Sql::atom("CAST(NULL AS BIGINT)")),
            Part::Hour => "hour",
            Part::Day => "day",
            Part::Quarter => "quarter",
            Part::Year => "year",
        };
        Ok(Sql::atom(format!("{function}({})", civil.text)))
    }

    fn elapsed(&self, unit: Unit, from: NodeId, to: NodeId, frame: &Frame) -> Said {
        let is_instant = *self.ty(from) == Type::Timestamp;
        let (from, to) = match (is_instant, unit.exact_us()) {
            (true, Some(length)) => {
                let (from, to) = (self.node(from, frame)?, self.node(to, frame)?);
                let text = format!("(epoch_us({}) - epoch_us({})) // {length}", to.text, from.text);
                return Ok(Sql::new(text, Level::Product));
            }
            (false, Some(_)) => return Ok(Sql::atom("CAST(NULL AS BIGINT)")),
            (true, None) => (self.local(from, frame)?, self.local(to, frame)?),
            (false, None) => (self.node(from, frame)?, self.node(to, frame)?),
        };
        let (whole, parts) = match unit {
            Unit::Week => ("day", 7),
            Unit::Quarter => ("month", 3),
            Unit::Year => ("month", 12),
            Unit::Month => ("month", 1),
            _ => ("day", 1),
        };
        let text = format!("date_sub('{whole}', {}, {})", from.text, to.text);
        Ok(if parts == 1 { Sql::atom(text) } else { Sql::new(format!("{text} // {parts}"), Level::Product) })
    }

    fn choose(&self, arms: &[(NodeId, NodeId)], otherwise: NodeId, ty: &Type, frame: &Frame) -> Said {
        let mut text = "CASE".to_string();
        for (when, then) in arms {
            text += &format!(" WHEN {} THEN {}", self.node(*when, frame)?.text, self.node(*then, frame)?.text);
        }
        let is_nothing = self.sayer.borrow().constant(otherwise).is_some_and(|c| c.is_missing());
        if !is_nothing {
            text += &format!(" ELSE {}", self.node(otherwise, frame)?.text);
        }
        text += " END";
        // Literals alone would make it a smaller integer.
        let is_whole = matches!(ty, Type::Int | Type::Percent | Type::Money(_) | Type::Span);
        let sayer = self.sayer.borrow();
        let all_literal = arms.iter().map(|(_, v)| *v).chain([otherwise]).all(|v| sayer.constant(v).is_some());
        Ok(Sql::atom(if is_whole && all_literal { format!("CAST({text} AS BIGINT)") } else { text }))
    }

    fn call(&self, builtin: u32, arguments: &[NodeId], ty: &Type, frame: &Frame) -> Said {
        let builtin = self.program.vocabulary.get(builtin).ok_or("a function that is not there")?;
        let mut text = builtin.sql.to_string();
        for (n, argument) in arguments.iter().enumerate() {
            let sql = self.node(*argument, frame)?;
            let is_literal = self.sayer.borrow().constant(*argument).is_some();
            // A literal alone would be a smaller integer, whose functions overflow earlier.
            let wide = matches!(self.ty(*argument), Type::Int | Type::Percent | Type::Money(_)) && is_literal;
            let sql = if wide { format!("CAST({} AS BIGINT)", sql.text) } else { sql.operand() };
            text = text.replace(&format!("{{{n}}}"), &sql);
        }
        Ok(match ty {
            Type::Number => self.finite(text),
            _ => Sql::new(text, Level::Or),
        })
    }

    /// A fold over the rows of a customer, for one row of another fold.
    fn inner(&self, aggregate: &Aggregate, outer: &Frame) -> Said {
        let table = self.program.schema.collection(aggregate.collection).table;
        let source = self.sources.get(&table).ok_or("an event table out of reach")?;
        let outer_by = format!("{}.{}", outer.alias, ident(super::CUSTOMER));
        let none = Columns::default();
        let frame = Frame { columns: &none, alias: "i", layer: 0, owns: &[Scope::InnerRow], outer: Some(outer) };
        let mut conditions = vec![format!("i.{} = {outer_by}", super::CUSTOMER)];
        conditions.extend(self.window(aggregate, &frame)?.iter().map(|w| w.within(Level::And)));
        // What can be told of the rows by themselves is told there, where it keeps the rows few.
        let mut rest = Aggregate { window: None, ..aggregate.clone() };
        if let Some(filter) = aggregate.filter
            && !matches!(aggregate.kind, AggregateKind::Every | AggregateKind::Share)
        {
            let sql = self.node(filter, &frame)?;
            if aggregate.kind == AggregateKind::Any && self.sayer.borrow_mut().may_be_missing(filter) {
                conditions.push(format!("{} IS NOT FALSE", sql.within(Level::Atom)));
            } else {
                conditions.push(sql.within(Level::And));
                rest.filter = None;
            }
        }
        let fold = self.fold(&rest, &frame)?;
        let rows = format!("SELECT {} FROM {source} i WHERE {}", fold.text, conditions.join(" AND "));
        let value = self.finish(fold.finish, format!("({rows})"), None);
        let guarded = self.guard_bounds(aggregate, outer, value)?;
        Ok(Sql::atom(guarded))
    }
}

/// The column of a relation that holds a field of the row that one of its own fields points to: the path, which no field's
/// name can be.
pub fn joined(schema: &seg_ir::Schema, from: TableId, through: FieldId, target: TableId, field: FieldId) -> String {
    format!("{}.{}", schema.field(from, through).name, schema.field(target, field).name)
}

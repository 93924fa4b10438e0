//! The types of the matrix, how a field of each is declared and written, and the values that each is tried with.

use seg_ir::Const;
use seg_ir::value::Period;

use super::calendar::{DAY_US, day, instant};
use super::cell::AS_OF;

/// A type, by the letter that the tables use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Bool,
    Int,
    Number,
    Percent,
    Money,
    /// Money of another currency.
    Euro,
    Text,
    Date,
    Stamp,
    Clock,
    /// An exact span: the time between two instants.
    Span,
    /// A calendar period: only ever a literal.
    Period,
    Member,
    /// A member of an ordered enum.
    Ordered,
    List,
    /// A row of a reference table.
    Row,
}

pub const KINDS: [Kind; 16] = [
    Kind::Bool,
    Kind::Int,
    Kind::Number,
    Kind::Percent,
    Kind::Money,
    Kind::Euro,
    Kind::Text,
    Kind::Date,
    Kind::Stamp,
    Kind::Clock,
    Kind::Span,
    Kind::Period,
    Kind::Member,
    Kind::Ordered,
    Kind::List,
    Kind::Row,
];

/// A value of the model. Money and percentages in their smallest unit, moments since 1970 in days or microseconds.
#[derive(Debug, Clone, PartialEq)]
pub enum V {
    Missing,
    Bool(bool),
    Int(i64),
    Number(f64),
    Percent(i64),
    Money(i64),
    Text(String),
    Date(i64),
    Stamp(i64),
    Clock(i64),
    Span(i64),
    Period(i64, i64),
    Member(u32),
    List(Vec<V>),
    Row(u32),
}

impl V {
    /// The value as a record holds it.
    pub fn to_const(&self) -> Const {
        match self {
            V::Missing => Const::Missing(seg_ir::Reason::NotGiven),
            V::Bool(v) => Const::Bool(*v),
            V::Int(v) => Const::Int(*v),
            V::Number(v) => Const::number(*v),
            V::Percent(v) => Const::Percent(*v),
            V::Money(v) => Const::Money(*v),
            V::Text(v) => Const::text(v),
            V::Date(v) => Const::Date(*v as i32),
            V::Stamp(v) => Const::Timestamp(*v),
            V::Clock(v) => Const::TimeOfDay(*v as i32),
            V::Span(v) => Const::Span(*v),
            V::Period(months, days) => Const::Period(Period { months: *months as i32, days: *days as i32 }),
            V::Member(v) => Const::Enum(*v),
            V::List(items) => Const::List(items.iter().map(V::to_const).collect()),
            V::Row(v) => Const::Reference(*v),
        }
    }

    /// Whether an evaluator gave this value; why something is missing is not asked.
    pub fn is(&self, found: &Const) -> bool {
        match self {
            V::Missing => found.is_missing(),
            known => known.to_const() == *found,
        }
    }
}

/// The text of a sample's literal, and the sample.
pub type Literal = (&'static str, V);

impl Kind {
    pub fn letter(self) -> char {
        match self {
            Kind::Bool => 'B',
            Kind::Int => 'I',
            Kind::Number => 'N',
            Kind::Percent => 'P',
            Kind::Money => 'M',
            Kind::Euro => 'E',
            Kind::Text => 'X',
            Kind::Date => 'D',
            Kind::Stamp => 'S',
            Kind::Clock => 'C',
            Kind::Span => 'L',
            Kind::Period => 'K',
            Kind::Member => 'U',
            Kind::Ordered => 'O',
            Kind::List => 'T',
            Kind::Row => 'R',
        }
    }

    /// The type of a field; the time between two fields stands for a span, and a period has none.
    pub fn field(self) -> Option<&'static str> {
        Some(match self {
            Kind::Bool => "Bool",
            Kind::Int => "Int",
            Kind::Number => "Number",
            Kind::Percent => "Percent",
            Kind::Money => "Money(GBP)",
            Kind::Euro => "Money(EUR)",
            Kind::Text => "Text",
            Kind::Date => "Date",
            Kind::Stamp | Kind::Span => "Timestamp",
            Kind::Clock => "TimeOfDay",
            Kind::Period => return None,
            Kind::Member => "Card",
            Kind::Ordered => "Tier",
            Kind::List => "List(Text)",
            Kind::Row => "Item",
        })
    }

    /// How an operand of the name `name` is written.
    pub fn operand(self, name: &str) -> String {
        match self {
            Kind::Span => format!("({name} - {name}_from)"),
            Kind::Period => "1 month".to_string(),
            _ => name.to_string(),
        }
    }

    /// Values to try: ordinary ones, ends, and what lies beside a border. Missing is tried beside all of them.
    pub fn samples(self) -> Vec<V> {
        let texts = |texts: &[&str]| V::List(texts.iter().map(|t| V::Text((*t).to_string())).collect());
        let ends = [0, 1, -1, 5, 15, 25, 50_000, 1_000_000, i64::MAX, i64::MIN];
        match self {
            Kind::Bool => vec![V::Bool(false), V::Bool(true)],
            Kind::Int => [0, 1, -1, 2, 7, 9_007_199_254_740_993, i64::MAX, i64::MIN].into_iter().map(V::Int).collect(),
            Kind::Number => {
                [0.0, 1.0, -1.0, 0.5, 7.25, 1e308, -1e308, 5e-324, 9_007_199_254_740_992.0, 9_223_372_036_854_775_808.0]
                    .into_iter()
                    .map(V::Number)
                    .collect()
            }
            Kind::Percent => ends.into_iter().map(V::Percent).collect(),
            Kind::Money | Kind::Euro => ends.into_iter().map(V::Money).collect(),
            Kind::Text => ["", "a", "abc", "ABC", "straße", "STRASSE", "b", "é"]
                .into_iter()
                .map(|t| V::Text(t.to_string()))
                .collect(),
            Kind::Date => [
                "0001-01-01",
                "9999-12-31",
                "2026-03-31",
                "2026-02-28",
                "2024-02-29",
                "2026-01-31",
                "1969-12-31",
                "2026-05-30",
            ]
            .into_iter()
            .map(|d| V::Date(day(d)))
            .collect(),
            Kind::Stamp => vec![
                V::Stamp(instant("0001-01-01", 0)),
                V::Stamp(instant("9999-12-31", DAY_US - 1)),
                V::Stamp(AS_OF),
                V::Stamp(AS_OF - 1),
                V::Stamp(AS_OF + 1),
                V::Stamp(instant("2024-02-29", DAY_US - 1)),
                V::Stamp(instant("2026-01-31", 36_000_000_000)),
                V::Stamp(instant("2026-01-31", 36_000_000_001)),
                V::Stamp(instant("2026-03-31", 0)),
            ],
            Kind::Clock => [0, 32_400, 86_399].into_iter().map(V::Clock).collect(),
            Kind::Span => {
                let most = instant("9999-12-31", DAY_US - 1) - instant("0001-01-01", 0);
                [0, 1, -1, 3_600_000_000, 86_400_000_000, most, -most].into_iter().map(V::Span).collect()
            }
            Kind::Period => self.literals().into_iter().map(|(_, v)| v).collect(),
            Kind::Member | Kind::Ordered => (0..3).map(V::Member).collect(),
            Kind::List => vec![texts(&[]), texts(&["a"]), texts(&["b", "a"]), texts(&["abc", "ABC"])],
            Kind::Row => vec![V::Row(0), V::Row(1)],
        }
    }

    /// Values that can be written, from low to high where they have an order.
    pub fn literals(self) -> Vec<Literal> {
        let text = |t: &'static str, v: &str| (t, V::Text(v.to_string()));
        match self {
            Kind::Bool => vec![("false", V::Bool(false)), ("true", V::Bool(true))],
            Kind::Int => vec![("-1", V::Int(-1)), ("1", V::Int(1)), ("9_223_372_036_854_775_807", V::Int(i64::MAX))],
            Kind::Number => vec![
                ("-0.5", V::Number(-0.5)),
                ("0.5", V::Number(0.5)),
                ("9007199254740992.0", V::Number(9_007_199_254_740_992.0)),
            ],
            Kind::Percent => vec![("0%", V::Percent(0)), ("0.0005%", V::Percent(5)), ("100%", V::Percent(1_000_000))],
            Kind::Money => vec![("-£0.01", V::Money(-1)), ("£0.05", V::Money(5)), ("£500", V::Money(50_000))],
            Kind::Euro => vec![("-€0.01", V::Money(-1)), ("€0.05", V::Money(5)), ("€500", V::Money(50_000))],
            Kind::Text => vec![text("\"a\"", "a"), text("\"abc\"", "abc"), text("\"straße\"", "straße")],
            Kind::Date => vec![
                ("2024-02-29", V::Date(day("2024-02-29"))),
                ("2026-02-28", V::Date(day("2026-02-28"))),
                ("2026-03-31", V::Date(day("2026-03-31"))),
            ],
            Kind::Stamp => vec![
                ("2026-01-31T10:00Z", V::Stamp(instant("2026-01-31", 36_000_000_000))),
                ("2026-03-31T00:00Z", V::Stamp(instant("2026-03-31", 0))),
                ("2026-03-31T10:00Z", V::Stamp(AS_OF)),
            ],
            Kind::Clock => vec![("00:00", V::Clock(0)), ("09:00", V::Clock(32_400)), ("23:59:59", V::Clock(86_399))],
            Kind::Span => vec![
                ("0 hours", V::Span(0)),
                ("60 minutes", V::Span(3_600_000_000)),
                ("24 hours", V::Span(86_400_000_000)),
            ],
            Kind::Period => vec![
                ("1 month", V::Period(1, 0)),
                ("30 days", V::Period(0, 30)),
                ("2 weeks", V::Period(0, 14)),
                ("1 year", V::Period(12, 0)),
                ("12 months", V::Period(12, 0)),
                ("9998 years", V::Period(119_976, 0)),
            ],
            Kind::Member => vec![("Card.Blue", V::Member(0)), ("Card.Gold", V::Member(1))],
            Kind::Ordered => vec![("Tier.Low", V::Member(0)), ("Tier.Middle", V::Member(1))],
            Kind::List | Kind::Row => Vec::new(),
        }
    }
}

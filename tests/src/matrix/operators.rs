//! Operators between two operands, and on one: which types they take, by the reference, and what they give.

use super::calendar::{DAY_US, elapsed, instant, moved, to_civil};
use super::cell::{AS_OF, Asked, Cell, Customer, Question};
use super::model;
use super::types::{KINDS, Kind, V};

/// An operator between two operands.
struct Binary {
    name: &'static str,
    /// Pairs of letters.
    legal: &'static str,
    condition: bool,
    gives: fn(&str, &V, &V) -> V,
}

const EQUAL: &str = "BB II IN NI NN PP MM EE XX DD SS CC LL KK UU OO RR";
const ORDERED: &str = "II IN NI NN PP MM EE DD SS DS SD CC LL OO";
const MOMENTS: &str = "DD SS DS SD CC";

const BINARY: &[Binary] = &[
    Binary { name: "=", legal: EQUAL, condition: true, gives: model::compare },
    Binary { name: "!=", legal: EQUAL, condition: true, gives: model::compare },
    Binary { name: "<", legal: ORDERED, condition: true, gives: model::compare },
    Binary { name: "<=", legal: ORDERED, condition: true, gives: model::compare },
    Binary { name: ">", legal: ORDERED, condition: true, gives: model::compare },
    Binary { name: ">=", legal: ORDERED, condition: true, gives: model::compare },
    Binary { name: "before", legal: MOMENTS, condition: true, gives: model::compare },
    Binary { name: "after", legal: MOMENTS, condition: true, gives: model::compare },
    Binary {
        name: "+",
        legal: "II IN NI NN PP MM EE LL KK DK KD SK KS SL LS",
        condition: false,
        gives: model::arithmetic,
    },
    Binary { name: "-", legal: "II IN NI NN PP MM EE LL KK DK SK SL SS", condition: false, gives: model::arithmetic },
    Binary { name: "*", legal: "II IN NI NN MI IM EI IE PI IP LI IL", condition: false, gives: model::arithmetic },
    Binary { name: "/", legal: "II IN NI NN MI EI PI LI MM EE PP LL", condition: false, gives: model::arithmetic },
    Binary { name: "of", legal: "PI PN PP PM PE", condition: false, gives: |_, a, b| model::percent_of(a, b) },
    Binary {
        name: "else",
        legal: "BB II NI NN PP MM EE XX DD SS CC LL KK UU OO TT RR",
        condition: false,
        gives: |_, a, b| match (a, b) {
            (V::Missing, V::Int(b)) => V::Int(*b),
            _ => model::or_else(a, b),
        },
    },
    Binary { name: "and", legal: "BB", condition: true, gives: |_, a, b| model::and(a, b) },
    Binary { name: "or", legal: "BB", condition: true, gives: |_, a, b| model::or(a, b) },
    Binary { name: "starts with", legal: "XX", condition: true, gives: model::text_test },
    Binary { name: "ends with", legal: "XX", condition: true, gives: model::text_test },
    Binary { name: "contains", legal: "XX TX", condition: true, gives: model::text_test },
];

/// An operator whose right side is written in the playbook: literals, one or two.
struct Listed {
    name: &'static str,
    legal: &'static str,
    /// How it is written, from the operand and two literals, the lower first.
    text: fn(&str, &str, &str) -> String,
    gives: fn(&V, &V, &V) -> V,
}

const LISTED: &[Listed] = &[
    Listed {
        name: "in [..]",
        legal: EQUAL,
        text: |l, a, b| format!("{l} in [{a}, {b}]"),
        gives: |l, a, b| any_of(l, [a, b]),
    },
    Listed {
        name: "not in [..]",
        legal: EQUAL,
        text: |l, a, b| format!("{l} not in [{a}, {b}]"),
        gives: |l, a, b| model::not(&any_of(l, [a, b])),
    },
    Listed {
        name: "between",
        legal: ORDERED,
        text: |l, a, b| format!("{l} between {a} and {b}"),
        gives: |l, a, b| model::and(&model::compare(">=", l, a), &model::compare("<=", l, b)),
    },
    Listed {
        name: "contains any of",
        legal: "TX",
        text: |l, a, b| format!("{l} contains any of [{a}, {b}]"),
        gives: |l, a, b| model::or(&model::text_test("contains", l, a), &model::text_test("contains", l, b)),
    },
    Listed {
        name: "contains all of",
        legal: "TX",
        text: |l, a, b| format!("{l} contains all of [{a}, {b}]"),
        gives: |l, a, b| model::and(&model::text_test("contains", l, a), &model::text_test("contains", l, b)),
    },
];

fn any_of(l: &V, set: [&V; 2]) -> V {
    model::or(&model::compare("=", l, set[0]), &model::compare("=", l, set[1]))
}

/// An operator on one operand.
struct Unary {
    name: &'static str,
    /// Letters.
    legal: &'static str,
    condition: bool,
    /// With `{}` for the operand.
    text: &'static str,
    gives: fn(&V) -> V,
}

const ALL: &str = "BINPMEXDSCLKUOTR";

macro_rules! elapsed {
    ($($unit:literal $legal:literal),*) => {
        [$(
            Unary { name: concat!($unit, " since"), legal: $legal, condition: false, text: concat!($unit, " since {}"), gives: |v| passed($unit, v, false) },
            Unary { name: concat!($unit, " until"), legal: $legal, condition: false, text: concat!($unit, " until {}"), gives: |v| passed($unit, v, true) },
        )*]
    };
}

const ELAPSED: [Unary; 16] = elapsed!(
    "seconds" "S", "minutes" "S", "hours" "S", "days" "DS", "weeks" "DS", "months" "DS", "quarters" "DS", "years" "DS"
);

const UNARY: &[Unary] = &[
    Unary { name: "not", legal: "B", condition: true, text: "not {}", gives: model::not },
    Unary { name: "is known", legal: ALL, condition: true, text: "{} is known", gives: |v| V::Bool(*v != V::Missing) },
    Unary {
        name: "is missing",
        legal: ALL,
        condition: true,
        text: "{} is missing",
        gives: |v| V::Bool(*v == V::Missing),
    },
    Unary {
        name: "is unknown",
        legal: "B",
        condition: true,
        text: "{} is unknown",
        gives: |v| V::Bool(*v == V::Missing),
    },
    Unary { name: "is true", legal: "B", condition: true, text: "{} is true", gives: |v| V::Bool(*v == V::Bool(true)) },
    Unary {
        name: "is not true",
        legal: "B",
        condition: true,
        text: "{} is not true",
        gives: |v| V::Bool(*v != V::Bool(true)),
    },
    Unary {
        name: "is false",
        legal: "B",
        condition: true,
        text: "{} is false",
        gives: |v| V::Bool(*v == V::Bool(false)),
    },
    Unary {
        name: "is not false",
        legal: "B",
        condition: true,
        text: "{} is not false",
        gives: |v| V::Bool(*v != V::Bool(false)),
    },
    Unary { name: "minus", legal: "INPMELK", condition: false, text: "-{}", gives: model::negated },
    Unary { name: "matches", legal: "X", condition: true, text: "{} matches /a.*/", gives: starts_with_a },
    Unary { name: "count", legal: "T", condition: false, text: "count({})", gives: length },
    Unary {
        name: "choose",
        legal: "B",
        condition: false,
        text: "choose { when {} => 1 otherwise => 2 }",
        gives: |v| V::Int(if *v == V::Bool(true) { 1 } else { 2 }),
    },
    Unary {
        name: "match",
        legal: "BIXUO",
        condition: false,
        text: "match {} { missing => 2, any => 1 }",
        gives: |v| V::Int(if *v == V::Missing { 2 } else { 1 }),
    },
    Unary {
        name: "weekday of",
        legal: "DS",
        condition: false,
        text: "weekday of {}",
        gives: |v| part(v, |d| V::Member((d + 3).rem_euclid(7) as u32)),
    },
    Unary {
        name: "month of",
        legal: "DS",
        condition: false,
        text: "month of {}",
        gives: |v| part(v, |d| V::Member(to_civil(d).1 as u32 - 1)),
    },
    Unary {
        name: "day of",
        legal: "DS",
        condition: false,
        text: "day of {}",
        gives: |v| part(v, |d| V::Int(to_civil(d).2)),
    },
    Unary {
        name: "quarter of",
        legal: "DS",
        condition: false,
        text: "quarter of {}",
        gives: |v| part(v, |d| V::Int((to_civil(d).1 + 2) / 3)),
    },
    Unary {
        name: "year of",
        legal: "DS",
        condition: false,
        text: "year of {}",
        gives: |v| part(v, |d| V::Int(to_civil(d).0)),
    },
    Unary { name: "hour of", legal: "S", condition: false, text: "hour of {}", gives: hour },
    Unary { name: "date_of", legal: "S", condition: false, text: "date_of({})", gives: |v| part(v, V::Date) },
    Unary { name: "ago", legal: "LK", condition: false, text: "{} ago", gives: ago },
    Unary {
        name: "anniversary",
        legal: "DS",
        condition: false,
        text: "{} anniversary",
        gives: |v| part(v, |d| anniversary(d).map_or(V::Missing, V::Date)),
    },
    Unary {
        name: "anniversary in next",
        legal: "DS",
        condition: true,
        text: "{} anniversary in next 40 days",
        gives: anniversary_soon,
    },
];

fn starts_with_a(value: &V) -> V {
    match value {
        V::Text(text) => V::Bool(text.starts_with('a')),
        _ => V::Missing,
    }
}

fn length(value: &V) -> V {
    match value {
        V::List(items) => V::Int(items.len() as i64),
        _ => V::Missing,
    }
}

fn today() -> i64 {
    AS_OF.div_euclid(DAY_US)
}

/// Something of the day that a date is, or that an instant lies in.
fn part(value: &V, of: impl Fn(i64) -> V) -> V {
    match value {
        V::Date(day) => of(*day),
        V::Stamp(at) => of(at.div_euclid(DAY_US)),
        _ => V::Missing,
    }
}

fn hour(value: &V) -> V {
    match value {
        V::Stamp(at) => V::Int(at.rem_euclid(DAY_US) / 3_600_000_000),
        _ => V::Missing,
    }
}

fn passed(unit: &str, value: &V, until: bool) -> V {
    let (at, now) = match value {
        V::Date(day) => ((*day, 0), (today(), 0)),
        V::Stamp(at) => ((at.div_euclid(DAY_US), at.rem_euclid(DAY_US)), (today(), AS_OF.rem_euclid(DAY_US))),
        _ => return V::Missing,
    };
    V::Int(if until { elapsed(unit, now, at) } else { elapsed(unit, at, now) })
}

fn ago(value: &V) -> V {
    match value {
        V::Span(_) => model::arithmetic("-", &V::Stamp(AS_OF), value),
        V::Period(..) => model::arithmetic("-", &V::Date(today()), value),
        _ => V::Missing,
    }
}

/// The first anniversary from today on; the day itself is none.
fn anniversary(day: i64) -> Option<i64> {
    (1..10_000).filter_map(|years| moved(day, years * 12, 0)).find(|found| *found >= today())
}

fn anniversary_soon(value: &V) -> V {
    part(value, |day| anniversary(day).map_or(V::Missing, |found| V::Bool(found <= today() + 40)))
}

fn has(legal: &str, left: Kind, right: Kind) -> bool {
    legal.split(' ').any(|pair| pair.chars().eq([left.letter(), right.letter()]))
}

/// A field of a kind, as declared; two for a span.
pub fn declared(kind: Kind, name: &str) -> String {
    match (kind, kind.field()) {
        (Kind::Span, _) => format!("  {name} Timestamp?\n  {name}_from Timestamp?\n"),
        (_, Some(ty)) => format!("  {name} {ty}?\n"),
        (_, None) => String::new(),
    }
}

/// The values of the fields that give a value of a kind.
fn field_values(kind: Kind, value: &V) -> Vec<V> {
    let first = instant("0001-01-01", 0);
    match (kind, value) {
        (Kind::Period, _) => Vec::new(),
        (Kind::Span, V::Span(span)) => {
            let from = if *span < 0 { first - span } else { first };
            vec![V::Stamp(from + span), V::Stamp(from)]
        }
        (Kind::Span, _) => vec![V::Missing, V::Stamp(first)],
        (_, value) => vec![value.clone()],
    }
}

/// Ways to write an operand: a field for all samples, or a literal for one.
fn spellings(kind: Kind, name: &str) -> Vec<(String, Vec<V>)> {
    if kind == Kind::Period {
        return kind.literals().into_iter().map(|(text, value)| (text.to_string(), vec![value])).collect();
    }
    let mut samples = kind.samples();
    samples.push(V::Missing);
    vec![(kind.operand(name), samples)]
}

/// Every operator between two operands, with every pair of types.
pub fn binary_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for left in KINDS {
        for right in KINDS {
            cells.extend(BINARY.iter().map(|operator| binary(operator, left, right)));
            cells.extend(LISTED.iter().map(|operator| listed(operator, left, right)));
        }
    }
    cells
}

fn binary(operator: &Binary, left: Kind, right: Kind) -> Cell {
    let name = format!("{left:?} {} {right:?}", operator.name);
    let fields = declared(left, "l") + &declared(right, "r");
    if !has(operator.legal, left, right) {
        let expression = format!("{} {} {}", left.operand("l"), operator.name, right.operand("r"));
        return Cell { name, question: Question::Refused { fields, event: None, expression } };
    }
    let mut asked = Vec::new();
    for (l, l_samples) in spellings(left, "l") {
        for (r, r_samples) in spellings(right, "r") {
            let pairs = l_samples.iter().flat_map(|a| r_samples.iter().map(move |b| (a, b)));
            let customers = pairs.map(|(a, b)| {
                let values = [field_values(left, a), field_values(right, b)].concat();
                let b = match (operator.name, left, b) {
                    // A whole number stands in for a Number.
                    ("else", Kind::Number, V::Int(b)) => V::Number(*b as f64),
                    (_, _, b) => b.clone(),
                };
                Customer { values, events: Vec::new(), gives: (operator.gives)(operator.name, a, &b) }
            });
            let expression = format!("{l} {} {r}", operator.name);
            let customers = customers.collect();
            asked.push(Asked {
                fields: fields.clone(),
                event: None,
                expression,
                condition: operator.condition,
                customers,
            });
        }
    }
    Cell { name, question: Question::Gives(asked) }
}

fn listed(operator: &Listed, left: Kind, right: Kind) -> Cell {
    let name = format!("{left:?} {} {right:?}", operator.name);
    let literals = right.literals();
    // What has no literal cannot stand in a list; a field in its place is refused for that.
    if !has(operator.legal, left, right) || literals.is_empty() {
        let literal = literals.first().map_or(right.operand("r"), |(text, _)| (*text).to_string());
        let expression = (operator.text)(&left.operand("l"), &literal, &literal);
        let fields = declared(left, "l") + &declared(right, "r");
        return Cell { name, question: Question::Refused { fields, event: None, expression } };
    }
    let mut asked = Vec::new();
    for (l, samples) in spellings(left, "l") {
        for (n, (low_text, low)) in literals.iter().enumerate() {
            for (high_text, high) in literals.iter().skip(n) {
                let customers = samples.iter().map(|a| Customer {
                    values: field_values(left, a),
                    events: Vec::new(),
                    gives: (operator.gives)(a, low, high),
                });
                asked.push(Asked {
                    fields: declared(left, "l"),
                    event: None,
                    expression: (operator.text)(&l, low_text, high_text),
                    condition: true,
                    customers: customers.collect(),
                });
            }
        }
    }
    Cell { name, question: Question::Gives(asked) }
}

/// Every operator on one operand, with every type.
pub fn unary_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for kind in KINDS {
        for operator in UNARY.iter().chain(&ELAPSED) {
            cells.push(unary(operator, kind));
        }
    }
    cells
}

fn unary(operator: &Unary, kind: Kind) -> Cell {
    let name = format!("{} {kind:?}", operator.name);
    let fields = declared(kind, "l");
    if !operator.legal.contains(kind.letter()) {
        let expression = operator.text.replacen("{}", &kind.operand("l"), 1);
        return Cell { name, question: Question::Refused { fields, event: None, expression } };
    }
    let asked = spellings(kind, "l").into_iter().map(|(l, samples)| {
        let customers = samples.iter().map(|value| Customer {
            values: field_values(kind, value),
            events: Vec::new(),
            gives: (operator.gives)(value),
        });
        let expression = operator.text.replacen("{}", &l, 1);
        let customers = customers.collect();
        Asked { fields: fields.clone(), event: None, expression, condition: operator.condition, customers }
    });
    Cell { name, question: Question::Gives(asked.collect()) }
}

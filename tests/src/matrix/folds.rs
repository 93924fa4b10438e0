//! Folds of each kind over events with a field of each type: none, one, many, missing values, ties of time.

use std::cmp::Ordering;

use super::calendar::{DAY_US, day};
use super::cell::{Asked, Cell, Customer, Question};
use super::model::{half_even, order};
use super::types::{KINDS, Kind, V};

/// A fold: its name, how it is written, the types of the field that it takes, and what it gives for the values of the rows in
/// their order.
struct Fold {
    name: &'static str,
    text: &'static str,
    legal: &'static str,
    condition: bool,
    gives: fn(Kind, &[V]) -> V,
}

const FIELDS: &str = "BINPMEXDSCUOTR";

const FOLDS: &[Fold] = &[
    Fold { name: "sum", text: "sum(orders.x)", legal: "INPME", condition: false, gives: sum },
    Fold { name: "mean", text: "mean(orders.x)", legal: "INPME", condition: false, gives: mean },
    Fold {
        name: "min",
        text: "min(orders.x)",
        legal: "INPMEDSCO",
        condition: false,
        gives: |_, v| extreme(v, Ordering::Less),
    },
    Fold {
        name: "max",
        text: "max(orders.x)",
        legal: "INPMEDSCO",
        condition: false,
        gives: |_, v| extreme(v, Ordering::Greater),
    },
    Fold {
        name: "latest of a field",
        text: "latest(orders.x)",
        legal: FIELDS,
        condition: false,
        gives: |_, v| known(v).last().cloned().unwrap_or(V::Missing),
    },
    Fold {
        name: "earliest of a field",
        text: "earliest(orders.x)",
        legal: FIELDS,
        condition: false,
        gives: |_, v| known(v).first().cloned().unwrap_or(V::Missing),
    },
    Fold {
        name: "field of the latest",
        text: "latest(orders).x",
        legal: FIELDS,
        condition: false,
        gives: |_, v| v.last().cloned().unwrap_or(V::Missing),
    },
    Fold {
        name: "field of the earliest",
        text: "earliest(orders).x",
        legal: FIELDS,
        condition: false,
        gives: |_, v| v.first().cloned().unwrap_or(V::Missing),
    },
    Fold {
        name: "distinct",
        text: "distinct(orders.x)",
        legal: "BINPMEXDSCUOR",
        condition: false,
        gives: |_, v| V::Int(distinct(v).len() as i64),
    },
    Fold {
        name: "most_frequent",
        text: "most_frequent(orders.x)",
        legal: "BINPMEXDSCUOR",
        condition: false,
        gives: |_, v| most_frequent(v),
    },
    Fold {
        name: "list",
        text: "list(orders.x)",
        legal: "BINPMEXDSCUO",
        condition: false,
        gives: |_, v| V::List(distinct(v)),
    },
    Fold {
        name: "count where",
        text: "count(orders where x)",
        legal: "B",
        condition: false,
        gives: |_, v| V::Int(trues(v) as i64),
    },
    Fold { name: "share where", text: "share(orders where x)", legal: "B", condition: false, gives: |_, v| share(v) },
    Fold { name: "any where", text: "any(orders where x)", legal: "B", condition: true, gives: |_, v| any(v) },
    Fold {
        name: "none where",
        text: "none(orders where x)",
        legal: "B",
        condition: true,
        gives: |_, v| super::model::not(&any(v)),
    },
    Fold { name: "every where", text: "every(orders where x)", legal: "B", condition: true, gives: |_, v| every(v) },
    Fold {
        name: "count known",
        text: "count(orders where x is known)",
        legal: FIELDS,
        condition: false,
        gives: |_, v| V::Int(known(v).len() as i64),
    },
    Fold {
        name: "count missing",
        text: "count(orders where x is missing)",
        legal: FIELDS,
        condition: false,
        gives: |_, v| V::Int((v.len() - known(v).len()) as i64),
    },
    Fold {
        name: "count of all",
        text: "count(orders)",
        legal: FIELDS,
        condition: false,
        gives: |_, v| V::Int(v.len() as i64),
    },
];

fn known(values: &[V]) -> Vec<V> {
    values.iter().filter(|v| **v != V::Missing).cloned().collect()
}

fn distinct(values: &[V]) -> Vec<V> {
    let mut seen: Vec<V> = Vec::new();
    for value in known(values) {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

fn whole(value: &V) -> i128 {
    match value {
        V::Int(v) | V::Percent(v) | V::Money(v) => i128::from(*v),
        _ => 0,
    }
}

fn float(value: &V) -> f64 {
    match value {
        V::Number(v) => *v,
        _ => 0.0,
    }
}

fn of(kind: Kind, value: i128) -> V {
    let Ok(value) = i64::try_from(value) else { return V::Missing };
    match kind {
        Kind::Int => V::Int(value),
        Kind::Percent => V::Percent(value),
        _ => V::Money(value),
    }
}

fn finite(value: f64) -> V {
    if value.is_finite() { V::Number(value) } else { V::Missing }
}

fn sum(kind: Kind, values: &[V]) -> V {
    let known = known(values);
    match kind {
        Kind::Number => finite(known.iter().fold(0.0, |sum, v| sum + float(v))),
        _ => of(kind, known.iter().map(whole).sum()),
    }
}

fn mean(kind: Kind, values: &[V]) -> V {
    let known = known(values);
    if known.is_empty() {
        return V::Missing;
    }
    let total: i128 = known.iter().map(whole).sum();
    match kind {
        Kind::Number => finite(known.iter().fold(0.0, |sum, v| sum + float(v)) / known.len() as f64),
        Kind::Int => finite(total as f64 / known.len() as f64),
        _ => of(kind, half_even(total, known.len() as i128)),
    }
}

fn extreme(values: &[V], wanted: Ordering) -> V {
    let best = known(values).into_iter().reduce(|best, v| if order(&v, &best) == Some(wanted) { v } else { best });
    best.unwrap_or(V::Missing)
}

/// Ties go to the value that occurred last.
fn most_frequent(values: &[V]) -> V {
    let known = known(values);
    let count = |v: &V| known.iter().filter(|w| *w == v).count();
    let most = known.iter().map(count).max().unwrap_or(0);
    known.iter().rev().find(|v| count(v) == most).cloned().unwrap_or(V::Missing)
}

fn trues(values: &[V]) -> usize {
    values.iter().filter(|v| **v == V::Bool(true)).count()
}

fn share(values: &[V]) -> V {
    match values.len() {
        0 => V::Missing,
        n => of(Kind::Percent, half_even(trues(values) as i128 * 1_000_000, n as i128)),
    }
}

fn any(values: &[V]) -> V {
    match (trues(values), values.contains(&V::Missing)) {
        (1.., _) => V::Bool(true),
        (0, true) => V::Missing,
        (0, false) => V::Bool(false),
    }
}

fn every(values: &[V]) -> V {
    if values.is_empty() {
        return V::Missing;
    }
    match (values.contains(&V::Bool(false)), values.contains(&V::Missing)) {
        (true, _) => V::Bool(false),
        (false, true) => V::Missing,
        (false, false) => V::Bool(true),
    }
}

/// Every fold with every type that a field can have.
pub fn fold_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for kind in KINDS.into_iter().filter(|k| FIELDS.contains(k.letter())) {
        for fold in FOLDS {
            cells.push(cell(fold, kind));
        }
    }
    cells
}

fn cell(fold: &Fold, kind: Kind) -> Cell {
    let name = format!("{} {kind:?}", fold.name);
    let field = format!("x {}?", kind.field().unwrap_or("Bool"));
    let expression = fold.text.to_string();
    if !fold.legal.contains(kind.letter()) {
        return Cell {
            name,
            question: Question::Refused { fields: String::new(), event: Some((field, "Timestamp")), expression },
        };
    }
    let customers = streams(kind).into_iter().map(|events| {
        let values: Vec<V> = in_order(events.clone()).into_iter().map(|[_, value]| value).collect();
        Customer { values: Vec::new(), events, gives: (fold.gives)(kind, &values) }
    });
    let event = Some((field, "Timestamp"));
    let customers = customers.collect();
    let asked = Asked { fields: String::new(), event, expression, condition: fold.condition, customers };
    Cell { name, question: Question::Gives(vec![asked]) }
}

/// Events to fold: none, each value alone, with a missing one, twice, all of them, all at one instant.
fn streams(kind: Kind) -> Vec<Vec<[V; 2]>> {
    let at = |n: usize| V::Stamp(day("2026-03-01") * DAY_US + n as i64 * 1_000_000);
    let samples = kind.samples();
    let timed = |values: &[V]| values.iter().enumerate().map(|(n, v)| [at(n), v.clone()]).collect::<Vec<_>>();
    let mut streams = vec![Vec::new(), timed(&[V::Missing]), timed(&[V::Missing, V::Missing])];
    for (n, value) in samples.iter().enumerate() {
        let other = samples.get((n + 1) % samples.len()).cloned().unwrap_or(V::Missing);
        streams.push(timed(std::slice::from_ref(value)));
        streams.push(timed(&[value.clone(), V::Missing]));
        streams.push(timed(&[value.clone(), other.clone()]));
        streams.push(timed(&[other.clone(), value.clone(), other.clone(), value.clone()]));
        streams.push(vec![[at(1), value.clone()], [at(0), other.clone()], [at(1), V::Missing], [at(1), other]]);
    }
    streams.push(timed(&samples));
    streams.push(samples.iter().rev().map(|v| [at(0), v.clone()]).chain([[at(0), V::Missing]]).collect());
    streams
}

/// By time, then by value, missing first.
fn in_order(mut events: Vec<[V; 2]>) -> Vec<[V; 2]> {
    events.sort_by(|a, b| cells_order(&a[0], &b[0]).then_with(|| cells_order(&a[1], &b[1])));
    events
}

fn cells_order(a: &V, b: &V) -> Ordering {
    match (a, b) {
        (V::Missing, V::Missing) => Ordering::Equal,
        (V::Missing, _) => Ordering::Less,
        (_, V::Missing) => Ordering::Greater,
        (V::List(a), V::List(b)) => {
            let first = a.iter().zip(b).map(|(a, b)| cells_order(a, b)).find(|o| o.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (a, b) => order(a, b).unwrap_or(Ordering::Equal),
    }
}

//! A node's values for the lanes of a space: two masks for conditions, whole numbers, floats, or whatever else. Every lane
//! has a value or none; why it has none is not kept.

use std::borrow::Cow;

use seg_ir::value::Period;
use seg_ir::{Reason, Type, Value, fault};

use crate::mask::{self, Words};

/// Values of all lanes. A lane that is not `known` holds anything.
#[derive(Debug, Clone)]
pub(crate) enum Vector<'b> {
    /// The same in every lane: what depends on nothing but the run.
    Same(Value<'b>),
    /// Where it is true and where it is false; unknown is neither.
    Truth {
        yes: Words,
        no: Words,
    },
    /// Every type that one 64-bit number holds, in its own unit.
    Whole {
        values: Cow<'b, [i64]>,
        known: Words,
    },
    Float {
        values: Cow<'b, [f64]>,
        known: Words,
    },
    /// Texts and lists.
    Other {
        values: Vec<Value<'b>>,
        known: Words,
    },
}

/// Which [`Vector`] holds the values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Truth,
    Whole,
    Float,
    Other,
}

impl Form {
    pub fn of(ty: &Type) -> Form {
        match ty {
            Type::Bool => Form::Truth,
            Type::Number => Form::Float,
            Type::Text | Type::List(_) => Form::Other,
            _ => Form::Whole,
        }
    }
}

/// A value of one of the types of [`Form::Whole`] as a number that orders as its values do.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    Some(match value {
        Value::Int(v) | Value::Percent(v) | Value::Money(v) | Value::Timestamp(v) | Value::Span(v) => *v,
        Value::Date(v) | Value::TimeOfDay(v) => i64::from(*v),
        Value::Enum(v) | Value::Reference(v) => i64::from(*v),
        // The days' sign is turned, so that periods of equal months order by their days.
        Value::Period(p) if fault::is("masks.days-of-periods-order-unsigned") => {
            i64::from(p.months) << 32 | i64::from(p.days as u32)
        }
        Value::Period(p) => i64::from(p.months) << 32 | i64::from(p.days as u32 ^ 0x8000_0000),
        _ => return None,
    })
}

/// The value that such a number stands for.
pub(crate) fn unwhole(number: i64, ty: &Type) -> Value<'static> {
    match ty {
        Type::Int => Value::Int(number),
        Type::Percent => Value::Percent(number),
        Type::Money(_) => Value::Money(number),
        Type::Timestamp => Value::Timestamp(number),
        Type::Span => Value::Span(number),
        Type::Date => Value::Date(number as i32),
        Type::TimeOfDay => Value::TimeOfDay(number as i32),
        Type::Enum(_) => Value::Enum(number as u32),
        Type::Reference(_) => Value::Reference(number as u32),
        Type::Period => {
            Value::Period(Period { months: (number >> 32) as i32, days: (number as u32 ^ 0x8000_0000) as i32 })
        }
        Type::Bool | Type::Number | Type::Text | Type::List(_) => Value::Missing(Reason::NotGiven),
    }
}

impl<'b> Vector<'b> {
    /// Nothing in any lane.
    pub fn missing() -> Vector<'b> {
        Vector::Same(Value::Missing(Reason::NotGiven))
    }

    /// The value of a lane.
    pub fn value(&self, lane: usize, ty: &Type) -> Value<'b> {
        let missing = Value::Missing(Reason::NotGiven);
        match self {
            Vector::Same(value) => value.clone(),
            Vector::Truth { yes, no } => match (mask::has(yes, lane), mask::has(no, lane)) {
                (true, _) => Value::Bool(true),
                (_, true) => Value::Bool(false),
                _ => missing,
            },
            Vector::Whole { values, known } if mask::has(known, lane) => unwhole(values[lane], ty),
            Vector::Float { values, known } if mask::has(known, lane) => Value::Number(values[lane]),
            Vector::Other { values, known } if mask::has(known, lane) => values[lane].clone(),
            _ => missing,
        }
    }

    /// The lanes that have a value.
    pub fn known(&self, lanes: usize) -> Words {
        match self {
            Vector::Same(Value::Missing(_)) => mask::none(lanes),
            Vector::Same(_) => mask::all(lanes),
            Vector::Truth { yes, no } => mask::or(yes, no),
            Vector::Whole { known, .. } | Vector::Float { known, .. } | Vector::Other { known, .. } => known.clone(),
        }
    }

    /// The same, borrowed where they are kept.
    pub fn known_lanes(&self, lanes: usize) -> Cow<'_, [u64]> {
        match self {
            Vector::Whole { known, .. } | Vector::Float { known, .. } | Vector::Other { known, .. } => known.into(),
            _ => self.known(lanes).into(),
        }
    }

    /// The lanes where a condition is true.
    pub fn yes(&self, lanes: usize) -> Cow<'_, [u64]> {
        match self {
            Vector::Truth { yes, .. } => Cow::Borrowed(yes),
            Vector::Same(Value::Bool(true)) => mask::all(lanes).into(),
            _ => mask::none(lanes).into(),
        }
    }

    /// The lanes where a condition is false.
    pub fn no(&self, lanes: usize) -> Cow<'_, [u64]> {
        match self {
            Vector::Truth { no, .. } => Cow::Borrowed(no),
            Vector::Same(Value::Bool(false)) => mask::all(lanes).into(),
            _ => mask::none(lanes).into(),
        }
    }

    /// The values of other lanes: lane `i` of the result is lane `from[i]` of this.
    pub fn gather(&self, from: &[u32]) -> Vector<'b> {
        let bits = |source: &[u64]| {
            let mut out = mask::none(from.len());
            for (lane, from) in from.iter().enumerate() {
                out[lane / 64] |= u64::from(mask::has(source, *from as usize)) << (lane % 64);
            }
            out
        };
        match self {
            Vector::Same(value) => Vector::Same(value.clone()),
            Vector::Truth { yes, no } => Vector::Truth { yes: bits(yes), no: bits(no) },
            Vector::Whole { values, known } => {
                Vector::Whole { values: from.iter().map(|i| values[*i as usize]).collect(), known: bits(known) }
            }
            Vector::Float { values, known } => {
                Vector::Float { values: from.iter().map(|i| values[*i as usize]).collect(), known: bits(known) }
            }
            Vector::Other { values, known } => {
                Vector::Other { values: from.iter().map(|i| values[*i as usize].clone()).collect(), known: bits(known) }
            }
        }
    }
}

/// A vector made lane by lane; lanes that nobody sets are missing.
pub(crate) struct Filling<'b> {
    vector: Vector<'b>,
}

impl<'b> Filling<'b> {
    pub fn new(ty: &Type, lanes: usize) -> Filling<'b> {
        let known = mask::none(lanes);
        Filling {
            vector: match Form::of(ty) {
                Form::Truth => Vector::Truth { yes: known.clone(), no: known },
                Form::Whole => Vector::Whole { values: vec![0; lanes].into(), known },
                Form::Float => Vector::Float { values: vec![0.0; lanes].into(), known },
                Form::Other => Vector::Other { values: vec![Value::Bool(false); lanes], known },
            },
        }
    }

    pub fn set(&mut self, lane: usize, value: Value<'b>) {
        if value.is_missing() {
            return;
        }
        match &mut self.vector {
            Vector::Truth { yes, no } => mask::set(if value.as_bool() == Some(true) { yes } else { no }, lane),
            Vector::Whole { values, known } => {
                if let Some(number) = whole(&value) {
                    values.to_mut()[lane] = number;
                    mask::set(known, lane);
                }
            }
            Vector::Float { values, known } => {
                values.to_mut()[lane] = match value {
                    Value::Number(v) => v,
                    Value::Int(v) => v as f64,
                    _ => return,
                };
                mask::set(known, lane);
            }
            Vector::Other { values, known } => {
                values[lane] = value;
                mask::set(known, lane);
            }
            Vector::Same(_) => {}
        }
    }

    /// Sets lanes of conditions: true in some, false in others.
    pub fn set_truths(&mut self, truths: &[u64], refuted: &[u64]) {
        if let Vector::Truth { yes, no } = &mut self.vector {
            mask::or_into(yes, truths);
            mask::or_into(no, refuted);
        }
    }

    /// Sets the lanes of a mask to whole numbers, of which there is one for every lane.
    pub fn set_wholes(&mut self, lanes: &[u64], numbers: Vec<i64>) {
        if let Vector::Whole { values, known } = &mut self.vector {
            if mask::any(known) {
                let values = values.to_mut();
                mask::ones(lanes).for_each(|lane| values[lane] = numbers[lane]);
                mask::or_into(known, lanes);
            } else {
                *values = numbers.into();
                known.copy_from_slice(lanes);
            }
        }
    }

    /// Takes the values of the lanes of a mask from a vector of the same type.
    pub fn take(&mut self, lanes: &[u64], from: &Vector<'b>, ty: &Type) {
        match (&mut self.vector, from) {
            (Vector::Truth { yes, no }, Vector::Truth { yes: from_yes, no: from_no }) => {
                mask::or_into(yes, &mask::and(lanes, from_yes));
                mask::or_into(no, &mask::and(lanes, from_no));
            }
            (Vector::Whole { values, known }, Vector::Whole { values: from, known: from_known }) => {
                let values = values.to_mut();
                mask::ones(lanes).for_each(|lane| values[lane] = from[lane]);
                mask::or_into(known, &mask::and(lanes, from_known));
            }
            (Vector::Float { values, known }, Vector::Float { values: from, known: from_known }) => {
                let values = values.to_mut();
                mask::ones(lanes).for_each(|lane| values[lane] = from[lane]);
                mask::or_into(known, &mask::and(lanes, from_known));
            }
            _ => mask::ones(lanes).for_each(|lane| self.set(lane, from.value(lane, ty))),
        }
    }

    pub fn finish(self) -> Vector<'b> {
        self.vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_order_as_their_numbers_do() {
        let periods = [(-1, 5), (0, -40), (0, 0), (0, 3), (1, -7), (1, 0), (12, i32::MAX), (13, i32::MIN)];
        let numbers: Vec<i64> = periods
            .iter()
            .filter_map(|(months, days)| whole(&Value::Period(Period { months: *months, days: *days })))
            .collect();
        assert!(numbers.is_sorted());
        for ((months, days), number) in periods.iter().zip(&numbers) {
            assert!(
                matches!(unwhole(*number, &Type::Period), Value::Period(p) if (p.months, p.days) == (*months, *days))
            );
        }
    }
}

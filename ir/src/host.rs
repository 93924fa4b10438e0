//! The shape in which compiled code hands values to its host and takes them back: one cell, one signature. Knows no code
//! and no addresses but those that a cell carries; whoever follows one answers for it.

use std::ffi::c_void;

use crate::types::Type;
use crate::value::{Period, Reason, Value};

/// A value of a type that both sides know.
///
/// **Shape**: `bits` holds a whole number, a date, an enum's index or a row as a signed number; a float's bits; 0 or 1;
/// months above days; or the address of a text's bytes or of a list's cells, of which there are `len`. Where the value is
/// missing, `bits` and `len` are zero, so that a Bool is known to be true exactly if its bits are 1.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub bits: u64,
    /// Bytes of a text, items of a list.
    pub len: u32,
    /// Zero where the value is known, else the [`code`] of the reason.
    pub missing: u32,
}

/// A call out of compiled code: what is to be computed is known by its site; `cells` holds the operands, and the result
/// in place of the first of them. It must not unwind.
pub type Thunk = unsafe extern "C" fn(host: *mut c_void, site: u32, cells: *mut Cell);

/// All reasons, by their code less one.
const REASONS: [Reason; 8] = [
    Reason::NotGiven,
    Reason::Empty,
    Reason::NotBound,
    Reason::NoBranch,
    Reason::StillOpen,
    Reason::Overflow,
    Reason::DivisionByZero,
    Reason::NotFinite,
];

/// The code of a reason: one or more.
pub fn code(reason: Reason) -> u32 {
    REASONS.iter().position(|r| *r == reason).map_or(1, |at| at as u32 + 1)
}

/// Months above days.
pub fn pack(period: Period) -> u64 {
    u64::from(period.months.cast_unsigned()) << 32 | u64::from(period.days.cast_unsigned())
}

fn unpack(bits: u64) -> Period {
    Period { months: ((bits >> 32) as u32).cast_signed(), days: (bits as u32).cast_signed() }
}

impl Cell {
    pub const fn known(bits: u64) -> Cell {
        Cell { bits, len: 0, missing: 0 }
    }

    pub fn missing(reason: Reason) -> Cell {
        Cell { bits: 0, len: 0, missing: code(reason) }
    }

    /// The cell of a text, which must outlive every use of the cell. A text of 2^32 bytes or more is missing.
    pub fn text(text: &str) -> Cell {
        u32::try_from(text.len()).map_or(Cell::missing(Reason::Overflow), |len| Cell {
            bits: text.as_ptr().expose_provenance() as u64,
            len,
            missing: 0,
        })
    }

    /// The cell of a list, which must outlive every use of the cell.
    pub fn list(items: &[Cell]) -> Cell {
        u32::try_from(items.len()).map_or(Cell::missing(Reason::Overflow), |len| Cell {
            bits: items.as_ptr().expose_provenance() as u64,
            len,
            missing: 0,
        })
    }

    /// The cell of a value that is neither text nor list; `None` for those.
    pub fn scalar(value: &Value) -> Option<Cell> {
        Some(match value {
            Value::Missing(reason) => Cell::missing(*reason),
            Value::Bool(v) => Cell::known(u64::from(*v)),
            Value::Int(v) | Value::Percent(v) | Value::Money(v) | Value::Timestamp(v) | Value::Span(v) => {
                Cell::known(v.cast_unsigned())
            }
            Value::Number(v) => Cell::known(v.to_bits()),
            Value::Date(v) | Value::TimeOfDay(v) => Cell::known(i64::from(*v).cast_unsigned()),
            Value::Period(v) => Cell::known(pack(*v)),
            Value::Enum(v) | Value::Reference(v) => Cell::known(u64::from(*v)),
            Value::Text(_) | Value::Made(_) | Value::List(_) => return None,
        })
    }

    /// Why the value is missing, if it is.
    pub fn reason(&self) -> Option<Reason> {
        let at = (self.missing as usize).checked_sub(1)?;
        Some(REASONS.get(at).copied().unwrap_or(Reason::NotGiven))
    }

    /// The value of a cell of a type that is neither Text nor List; `None` for those.
    pub fn to_scalar(self, ty: &Type) -> Option<Value<'static>> {
        if let Some(reason) = self.reason() {
            return Some(Value::Missing(reason));
        }
        let whole = self.bits.cast_signed();
        Some(match ty {
            Type::Bool => Value::Bool(self.bits == 1),
            Type::Int => Value::Int(whole),
            Type::Number => Value::Number(f64::from_bits(self.bits)),
            Type::Percent => Value::Percent(whole),
            Type::Money(_) => Value::Money(whole),
            Type::Date => Value::Date(whole as i32),
            Type::Timestamp => Value::Timestamp(whole),
            Type::TimeOfDay => Value::TimeOfDay(whole as i32),
            Type::Span => Value::Span(whole),
            Type::Period => Value::Period(unpack(self.bits)),
            Type::Enum(_) => Value::Enum(self.bits as u32),
            Type::Reference(_) => Value::Reference(self.bits as u32),
            Type::Text | Type::List(_) => return None,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::types::EnumId;

    #[test]
    fn every_scalar_goes_there_and_back() {
        let period = Period { months: -3, days: i32::MIN };
        let values = [
            (Value::Bool(true), Type::Bool),
            (Value::Int(-1), Type::Int),
            (Value::Number(-2.5), Type::Number),
            (Value::Percent(i64::MIN), Type::Percent),
            (Value::Date(-5), Type::Date),
            (Value::Timestamp(i64::MAX), Type::Timestamp),
            (Value::TimeOfDay(86_399), Type::TimeOfDay),
            (Value::Span(-7), Type::Span),
            (Value::Period(period), Type::Period),
            (Value::Enum(u32::MAX), Type::Enum(EnumId(0))),
        ];
        for (value, ty) in values {
            let back = Cell::scalar(&value).unwrap().to_scalar(&ty).unwrap();
            assert_eq!(back.to_const(), value.to_const());
        }
        for reason in REASONS {
            let cell = Cell::missing(reason);
            assert_eq!((cell.bits, cell.reason()), (0, Some(reason)));
        }
    }
}

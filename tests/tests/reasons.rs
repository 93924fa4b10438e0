//! What cannot be computed says why: runs count these reasons by line.

use seg_ir::node::Arithmetic::{Add, Divide, Multiply};
use seg_ir::operation::arithmetic;
use seg_ir::value::{Reason, Value};

#[test]
fn a_fault_of_computing_has_its_own_reason() {
    let cases = [
        (Divide, Value::Int(1), Value::Int(0), Reason::DivisionByZero),
        (Divide, Value::Number(0.0), Value::Number(0.0), Reason::DivisionByZero),
        (Divide, Value::Money(1), Value::Int(0), Reason::DivisionByZero),
        (Multiply, Value::Number(f64::MAX), Value::Int(2), Reason::NotFinite),
        (Add, Value::Number(f64::MAX), Value::Number(f64::MAX), Reason::NotFinite),
        (Add, Value::Int(i64::MAX), Value::Int(1), Reason::Overflow),
        (Add, Value::Money(i64::MIN), Value::Money(-1), Reason::Overflow),
    ];
    for (op, a, b, reason) in cases {
        assert_eq!(arithmetic(op, &a, &b).reason(), Some(reason), "{op:?} {a:?} {b:?}");
    }
}

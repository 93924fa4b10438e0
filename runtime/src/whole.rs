//! Columns that are right as they are: typed files mostly hold what their fields ask, and a look at the whole column shows
//! it. Says nothing of a column that may hold anything else; its cells are then judged one by one.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal64Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, Int64Array, PrimitiveArray, UInt32Array};
use arrow_schema::{DataType, TimeUnit};
use seg_evaluator::Column;
use seg_ir::fault;
use seg_ir::time::{DATE_MAX, DATE_MIN};

use crate::cell;
use crate::rule::{Kind, Members, Rule};

/// The field's column, if every cell is what its rule asks and nothing is done to any. `None` says nothing.
pub(crate) fn column(array: &ArrayRef, rule: &Rule) -> Option<Column> {
    let may_be_missing = rule.optional && rule.default.is_none();
    if array.null_count() > 0 && !may_be_missing && !fault::is("ingest.missing-cells-are-overlooked") {
        return None;
    }
    Some(match (&rule.kind, array.data_type()) {
        (Kind::Bool, DataType::Boolean) => Column::Bool(array.as_boolean().clone()),
        (Kind::Int, DataType::Int64) => Column::Int(array.as_primitive().clone()),
        (Kind::Number, DataType::Float64) => {
            let numbers = array.as_primitive::<Float64Type>();
            let plain = |v: &f64| v.is_finite() && v.to_bits() != (-0.0_f64).to_bits();
            let plain = |v: &f64| plain(v) || fault::is("ingest.columns-may-hold-infinity");
            every(numbers.values(), plain).then(|| Column::Number(numbers.clone()))?
        }
        (Kind::Money(exponent), DataType::Decimal128(_, scale)) if u32::try_from(*scale) == Ok(*exponent) => {
            Column::Money(narrowed(array.as_primitive())?)
        }
        (Kind::Money(exponent), DataType::Decimal64(_, scale)) if u32::try_from(*scale) == Ok(*exponent) => {
            Column::Money(array.as_primitive::<Decimal64Type>().reinterpret_cast::<Int64Type>())
        }
        (Kind::Date, DataType::Date32) => {
            let days = array.as_primitive::<Date32Type>();
            let is_day = |v: &i32| (DATE_MIN..=DATE_MAX).contains(v) || fault::is("ingest.columns-may-hold-any-day");
            every(days.values(), is_day).then(|| Column::Date(days.reinterpret_cast::<Int32Type>()))?
        }
        (Kind::Timestamp, DataType::Timestamp(TimeUnit::Microsecond, Some(_))) => {
            let instants = array.as_primitive::<TimestampMicrosecondType>();
            let is_instant = |v: &i64| cell::INSTANTS.contains(v) || fault::is("ingest.columns-may-hold-any-instant");
            let cast = || Column::Timestamp(instants.reinterpret_cast::<Int64Type>());
            every(instants.values(), is_instant).then(cast)?
        }
        (Kind::Text, DataType::LargeUtf8) if rule.max.is_none() => {
            let texts = array.as_string::<i64>();
            let (first, last) = (texts.value_offsets().first()?, texts.value_offsets().last()?);
            let bytes = texts.value_data().get(usize::try_from(*first).ok()?..usize::try_from(*last).ok()?)?;
            // Such text is in normal form.
            (bytes.is_ascii() || fault::is("ingest.columns-are-in-normal-form")).then(|| Column::Text(texts.clone()))?
        }
        (Kind::Enum(members), DataType::Dictionary(..)) => Column::Enum(codes(array, members)?),
        _ => return None,
    })
}

/// Whether something holds of every value. It looks at all of them, many at a time, for hardly any column has one of which it
/// does not hold.
#[inline(always)]
fn every<T>(values: &[T], holds: impl Fn(&T) -> bool) -> bool {
    values.iter().fold(true, |all, value| all & holds(value))
}

/// Amounts in minor units, if all fit.
fn narrowed(amounts: &PrimitiveArray<Decimal128Type>) -> Option<Int64Array> {
    let fits = |v: &i128| i128::from(*v as i64) == *v || fault::is("ingest.wide-amounts-wrap");
    let fitting = amounts.values().iter().all(fits);
    let values = || amounts.values().iter().map(|v| *v as i64).collect();
    fitting.then(|| Int64Array::new(values(), amounts.nulls().cloned()))
}

/// The members that a dictionary's texts stand for, if all that occur stand for one: each text is looked up once.
fn codes(array: &ArrayRef, members: &Members) -> Option<UInt32Array> {
    let dictionary = array.as_dictionary_opt::<Int32Type>()?;
    let texts = dictionary.values().as_string_opt::<i64>()?;
    if texts.null_count() > 0 {
        return None;
    }
    const NONE: u32 = u32::MAX;
    let member = |text: &str| cell::member(&cell::Raw::Text(text), members).unwrap_or(NONE);
    let found: Vec<u32> = texts.iter().flatten().map(member).collect();
    let keys = dictionary.keys();
    let code = |key: &i32| usize::try_from(*key).ok().and_then(|key| found.get(key)).copied().unwrap_or(NONE);
    let mut codes: Vec<u32> = keys.values().iter().map(code).collect();
    if let Some(nulls) = keys.nulls() {
        // What stands where nothing is may lead anywhere.
        codes.iter_mut().zip(nulls.iter()).filter(|(_, valid)| !valid).for_each(|(code, _)| *code = 0);
    }
    let known = every(&codes, |code| *code != NONE);
    known.then(|| UInt32Array::new(codes.into(), keys.nulls().cloned()))
}

/// A text column as a dictionary keeps its texts once. For columns of enums, which have few.
pub(crate) fn dictionary_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::LargeUtf8))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use arrow_array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, LargeStringArray,
        TimestampMicrosecondArray,
    };
    use seg_ir::Const;

    fn rule(kind: Kind, optional: bool) -> Rule {
        let (name, type_name) = (String::new(), String::new());
        Rule { name, kind, type_name, optional, default: None, max: None, secret: false }
    }

    fn taken(array: impl Array + 'static, kind: Kind) -> Option<Column> {
        column(&(Arc::new(array) as ArrayRef), &rule(kind, true))
    }

    #[test]
    fn what_is_right_is_taken_as_it_is() {
        let whole = taken(Int64Array::from(vec![1, i64::MIN]), Kind::Int).unwrap();
        assert_eq!(whole.value(1).to_const(), Const::Int(i64::MIN));
        let missing = taken(BooleanArray::from(vec![Some(true), None]), Kind::Bool).unwrap();
        assert!(missing.value(1).is_missing());
        let day = taken(Date32Array::from(vec![DATE_MIN, DATE_MAX]), Kind::Date).unwrap();
        assert_eq!(day.value(1).to_const(), Const::Date(DATE_MAX));
        let at = TimestampMicrosecondArray::from(vec![0, 5]).with_timezone("UTC");
        assert_eq!(taken(at, Kind::Timestamp).unwrap().value(1).to_const(), Const::Timestamp(5));
        let money = Decimal128Array::from(vec![Some(-123), None]).with_precision_and_scale(18, 2).unwrap();
        let money = taken(money, Kind::Money(2)).unwrap();
        assert_eq!((money.value(0).to_const(), money.value(1).is_missing()), (Const::Money(-123), true));
        let text = taken(LargeStringArray::from(vec!["a", ""]).slice(0, 1), Kind::Text).unwrap();
        assert_eq!(text.value(0).to_const(), Const::text("a"));
    }

    #[test]
    fn what_may_be_wrong_is_left_to_judgement() {
        assert!(taken(Float64Array::from(vec![1.0, f64::NAN]), Kind::Number).is_none());
        assert!(taken(Float64Array::from(vec![-0.0]), Kind::Number).is_none());
        assert!(taken(Date32Array::from(vec![DATE_MAX + 1]), Kind::Date).is_none());
        assert!(taken(TimestampMicrosecondArray::from(vec![0]), Kind::Timestamp).is_none(), "civil times need a zone");
        let late = TimestampMicrosecondArray::from(vec![i64::MAX]).with_timezone("UTC");
        assert!(taken(late, Kind::Timestamp).is_none());
        let wide = Decimal128Array::from(vec![i128::from(i64::MAX) + 1]).with_precision_and_scale(38, 2).unwrap();
        assert!(taken(wide, Kind::Money(2)).is_none());
        let fine = Decimal128Array::from(vec![1]).with_precision_and_scale(38, 3).unwrap();
        assert!(taken(fine, Kind::Money(2)).is_none(), "it has more decimals than the currency");
        assert!(taken(LargeStringArray::from(vec!["e\u{301}"]), Kind::Text).is_none());
        let required = Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef;
        assert!(column(&required, &rule(Kind::Int, false)).is_none());
    }

    #[test]
    fn the_texts_of_a_dictionary_are_looked_up_once() {
        let members = || Kind::Enum(Arc::new(Members::of(["shop", "web"].map(String::from).to_vec())));
        let dictionary = |keys: Vec<Option<i32>>, texts: Vec<&str>| {
            DictionaryArray::<Int32Type>::new(keys.into(), Arc::new(LargeStringArray::from(texts)))
        };
        let found = taken(dictionary(vec![Some(1), None, Some(0)], vec!["web", "shop", "phone"]), members()).unwrap();
        let values: Vec<Const> = (0..3).map(|row| found.value(row).to_const()).collect();
        assert!(matches!(values.as_slice(), [Const::Enum(0), Const::Missing(_), Const::Enum(1)]), "{values:?}");
        assert!(taken(dictionary(vec![Some(2)], vec!["shop", "web", "phone"]), members()).is_none());
    }
}

//! Constants as the language writes them, and as a sentence says them.

use seg_ir::schema::Schema;
use seg_ir::{Const, Type, number, time};

/// A constant as the language writes it.
pub fn literal(schema: &Schema, ty: &Type, value: &Const) -> String {
    match (value, ty) {
        (Const::Missing(_), _) => "missing".into(),
        (Const::Bool(v), _) => v.to_string(),
        (Const::Int(v), _) => v.to_string(),
        (Const::Number(bits), _) => format!("{:?}", f64::from_bits(*bits)),
        (Const::Percent(v), _) => percent(*v),
        (Const::Money(v), Type::Money(currency)) => currency.show(*v).replace(',', "_"),
        (Const::Money(v), _) => v.to_string(),
        (Const::Text(v), _) => format!("\"{}\"", v.replace('\\', "\\\\").replace('"', "\\\"")),
        (Const::Date(v), _) => time::show_date(*v),
        (Const::Timestamp(v), _) => time::show_instant(*v),
        (Const::TimeOfDay(v), _) => time::show_time(i64::from(*v) * 1_000_000),
        (Const::Span(v), _) => span(*v),
        (Const::Period(p), _) => period(p.months, p.days),
        (Const::Enum(v), Type::Enum(id)) => {
            schema.enum_type(*id).members.get(*v as usize).map_or("?".into(), |m| m.name.clone())
        }
        (Const::Enum(v) | Const::Reference(v), _) => v.to_string(),
        (Const::List(items), Type::List(item)) => {
            let items: Vec<String> = items.iter().map(|i| literal(schema, item, i)).collect();
            format!("[{}]", items.join(", "))
        }
        (Const::List(_), _) => "[..]".into(),
    }
}

/// A constant as a sentence says it: `£1,000`, `10,000`, `Gold`. Dates are a moment's, not its.
pub fn spoken(schema: &Schema, ty: &Type, value: &Const) -> String {
    match (value, ty) {
        (Const::Int(v), _) => {
            let minus = if *v < 0 { "-" } else { "" };
            format!("{minus}{}", number::group_thousands(&v.unsigned_abs().to_string()))
        }
        (Const::Number(bits), _) => f64::from_bits(*bits).to_string(),
        (Const::Money(v), Type::Money(currency)) => {
            let shown = currency.show(*v);
            let zeros = format!(".{}", "0".repeat(currency.exponent() as usize));
            shown.replacen(&zeros, "", usize::from(currency.exponent() > 0))
        }
        (Const::List(items), Type::List(item)) => {
            let items: Vec<String> = items.iter().map(|i| spoken(schema, item, i)).collect();
            format!("the list of {}", items.join(", "))
        }
        _ => literal(schema, ty, value),
    }
}

/// `1 day`, `2 days`
pub fn counted(count: i64, unit: &str) -> String {
    let plural = if count.abs() == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn percent(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let (whole, rest) = (millionths.unsigned_abs() / 10_000, millionths.unsigned_abs() % 10_000);
    let fraction = format!("{rest:04}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}%")
}

fn span(micros: i64) -> String {
    for (unit, length) in [("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000)] {
        if micros % length == 0 {
            return counted(micros / length, unit);
        }
    }
    format!("{micros} microseconds")
}

fn period(months: i32, days: i32) -> String {
    let months_text = match months {
        0 => None,
        m if m % 12 == 0 => Some(counted(i64::from(m / 12), "year")),
        m => Some(counted(i64::from(m), "month")),
    };
    let days_text = match days {
        0 if months != 0 => None,
        d if d != 0 && d % 7 == 0 => Some(counted(i64::from(d / 7), "week")),
        d => Some(counted(i64::from(d), "day")),
    };
    [months_text, days_text].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

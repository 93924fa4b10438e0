//! Names, types and constants as DuckDB writes them. Knows no operation.

use seg_ir::schema::Schema;
use seg_ir::{Const, Type, time};

/// Whole numbers up to here are floats as well, exactly.
pub const EXACT_MAX: u64 = 1 << 53;

/// Words that cannot stand for a column or a table without quotes. **Source**: DuckDB's `duckdb_keywords()`, reserved, and
/// the words that are types or functions.
const RESERVED: &str = " all analyse analyze and any array as asc asymmetric at both case cast check collate column constraint create \
default deferrable desc describe distinct do else end except false fetch for foreign from grant group having in \
initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing \
primary qualify references returning select show some summarize symmetric table then to trailing true union unique \
unpivot using variadic when where window with position row rows values left right inner outer full cross join natural \
semi anti asof positional interval map struct authorization binary collation columns concurrently freeze generated glob \
ilike is isnull like notnull overlaps similar tablesample try_cast unpack verbose date time timestamp ";

/// A name, in quotes where it needs them.
pub fn ident(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&format!(" {} ", name.to_ascii_lowercase()));
    if plain { name.to_string() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A text in quotes.
pub fn text(value: &str) -> String {
    let plain = format!("'{}'", value.replace('\'', "''"));
    if value.contains('\0') { format!("({})", plain.replace('\0', "' || chr(0) || '")) } else { plain }
}

/// A float; without an exponent DuckDB would read a decimal.
pub fn float(value: f64) -> String {
    let shown = format!("{value:?}");
    if shown.contains('e') { shown } else { format!("{shown}e0") }
}

/// The type in which values of a type stand in columns.
pub fn sql_type(ty: &Type, schema: &Schema) -> String {
    match ty {
        Type::Bool => "BOOLEAN".into(),
        Type::Int | Type::Percent | Type::Money(_) | Type::Span => "BIGINT".into(),
        Type::Number => "DOUBLE".into(),
        Type::Text | Type::Enum(_) => "VARCHAR".into(),
        Type::Date => "DATE".into(),
        Type::Timestamp => "TIMESTAMP".into(),
        Type::TimeOfDay => "TIME".into(),
        Type::Period => "INTERVAL".into(),
        Type::List(item) => format!("{}[]", sql_type(item, schema)),
        Type::Reference(id) => {
            let table = schema.table(*id);
            let key = table.key.and_then(|key| table.fields.get(key.0 as usize));
            key.map_or_else(|| "VARCHAR".into(), |key| sql_type(&key.ty, schema))
        }
    }
}

/// A constant of a type. **Errors**: why it cannot be written.
pub fn constant(schema: &Schema, ty: &Type, value: &Const) -> Result<String, String> {
    Ok(match (value, ty) {
        (Const::Missing(_), _) => format!("CAST(NULL AS {})", sql_type(ty, schema)),
        (Const::Bool(v), _) => v.to_string(),
        (Const::Int(v), Type::Number) if v.unsigned_abs() <= EXACT_MAX => float(*v as f64),
        (Const::Int(_), Type::Number) => return Err("a whole number beyond 2^53 among plain numbers".into()),
        (Const::Int(v) | Const::Percent(v) | Const::Money(v) | Const::Span(v), _) => v.to_string(),
        (Const::Number(bits), _) => float(f64::from_bits(*bits)),
        (Const::Text(v), _) => text(v),
        (Const::Date(v), _) => format!("DATE '{}'", time::show_date(*v)),
        (Const::Timestamp(v), _) => format!("TIMESTAMP '{}'", instant(*v)),
        (Const::TimeOfDay(v), _) => format!("TIME '{}'", with_seconds(i64::from(*v) * 1_000_000)),
        (Const::Enum(v), Type::Enum(id)) => {
            let member = schema.enum_type(*id).members.get(*v as usize);
            text(&member.ok_or("an enum without that member")?.value)
        }
        (Const::List(items), Type::List(item)) => {
            let items: Vec<String> = items.iter().map(|i| constant(schema, item, i)).collect::<Result<_, _>>()?;
            format!("CAST([{}] AS {})", items.join(", "), sql_type(ty, schema))
        }
        (Const::Period(_), _) => return Err("a calendar period as a value".into()),
        (Const::Enum(_) | Const::List(_) | Const::Reference(_), _) => return Err("a constant of another type".into()),
    })
}

/// A constant with a remark where its unit hides what it is.
pub fn explained(schema: &Schema, ty: &Type, value: &Const) -> Result<String, String> {
    let text = constant(schema, ty, value)?;
    Ok(match value {
        Const::Money(_) | Const::Percent(_) | Const::Span(_) if text != "0" => {
            format!("{text} /* {} */", crate::english::literal(schema, ty, value))
        }
        _ => text,
    })
}

/// `2026-03-01 09:00:00`, in UTC.
fn instant(micros: i64) -> String {
    let date = time::show_date(i32::try_from(micros.div_euclid(time::DAY_US)).unwrap_or(i32::MAX));
    format!("{date} {}", with_seconds(micros.rem_euclid(time::DAY_US)))
}

fn with_seconds(micros: i64) -> String {
    let shown = time::show_time(micros);
    if shown.len() == "09:00".len() { format!("{shown}:00") } else { shown }
}

/// A comment of one or more lines, at an indent.
pub fn comment(indent: &str, words: &str) -> String {
    let lines = words.trim().lines().map(|line| format!("{indent}-- {}", line.trim()).trim_end().to_string() + "\n");
    lines.collect()
}

/// A name that no other column or table of its kind has, whatever the case; and it is taken from then on.
pub fn unique(taken: &mut std::collections::HashSet<String>, wanted: &str) -> String {
    let mut name = wanted.to_string();
    let mut n = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{wanted}_{n}");
        n += 1;
    }
    name
}

//! Records of any schema, made up: missing values, extremes, ties, empty collections. They keep to the schema and to nothing
//! else.

use seg_ir::record::Record;
use seg_ir::schema::{PROFILE, Schema, TableKind};
use seg_ir::time::{DATE_MAX, DATE_MIN, DAY_US};
use seg_ir::value::{Period, Reason};
use seg_ir::{Const, Program, TableId, Type};

use crate::random::Random;

/// Rows of each reference table.
const REFERENCE_ROWS: u32 = 3;
const EVENTS_MAX: usize = 6;

/// A record for a program at an instant.
pub fn record(program: &Program, as_of: i64, random: &mut Random) -> Record {
    let schema = &program.schema;
    let mut record = Record::new(schema, row(schema, PROFILE, as_of, random));
    for (id, table) in schema.table_ids() {
        let rows = match table.kind {
            TableKind::Profile => 0,
            TableKind::Event => random.below(EVENTS_MAX),
            TableKind::Reference => REFERENCE_ROWS as usize,
        };
        for _ in 0..rows {
            record.push(id, row(schema, id, as_of, random));
        }
    }
    for (id, collection) in schema.collection_ids() {
        if collection.optional && random.once_in(4) {
            record.not_sent(id);
        }
    }
    record.seal(schema, &program.zone, as_of);
    record
}

fn row(schema: &Schema, table: TableId, as_of: i64, random: &mut Random) -> Vec<Const> {
    let fields = &schema.table(table).fields;
    let cell = |field: &seg_ir::schema::Field| match field.optional && random.once_in(4) {
        true => Const::Missing(Reason::NotGiven),
        false => value(schema, &field.ty, as_of, random),
    };
    fields.iter().map(cell).collect()
}

/// A value of a type: small and near the as-of instant mostly, at the ends of its range now and then.
fn value(schema: &Schema, ty: &Type, as_of: i64, random: &mut Random) -> Const {
    let small = random.below(400) as i64 - 100;
    let whole = match random.below(8) {
        0 => i64::MAX - random.below(3) as i64,
        1 => i64::MIN + random.below(3) as i64,
        2 => 0,
        _ => small,
    };
    let today = (as_of / DAY_US) as i32;
    match ty {
        Type::Bool => Const::Bool(random.once_in(2)),
        Type::Int => Const::Int(whole),
        Type::Number => Const::number([0.5, -1.25, 0.0, 1e300, -1e300, 5e-324][random.below(6)]),
        Type::Percent => Const::Percent(whole),
        Type::Money(_) => Const::Money(whole),
        Type::Text => Const::text(["", "a", "boots", "Ann Archer", "ÄÖ ß", "shoes"][random.below(6)]),
        Type::Date => Const::Date([today, today + small as i32, 11_016, DATE_MIN, DATE_MAX][random.below(5)]),
        Type::Timestamp => {
            let first = i64::from(DATE_MIN + 2) * DAY_US;
            Const::Timestamp(
                [as_of, as_of - small.abs() * DAY_US, as_of - small.abs() * 3_600_000_000, first][random.below(4)],
            )
        }
        Type::TimeOfDay => Const::TimeOfDay(random.below(86_400) as i32),
        Type::Span => Const::Span(whole),
        Type::Period => Const::Period(Period { months: small as i32, days: random.below(40) as i32 }),
        Type::Enum(id) => Const::Enum(random.below(schema.enum_type(*id).members.len()) as u32),
        Type::List(item) => Const::List((0..random.below(4)).map(|_| value(schema, item, as_of, random)).collect()),
        Type::Reference(_) => Const::Reference(random.below(REFERENCE_ROWS as usize) as u32),
    }
}

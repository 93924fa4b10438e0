//! The comment above a script: what it is, which tables it needs with which columns, and what it leaves out.

use seg_ir::schema::{Table, TableKind};
use seg_ir::{Program, Type, time};

use super::literal::{ident, sql_type};
use super::{Options, Unsaid};

pub fn header(program: &Program, options: &Options, unsaid: &[Unsaid]) -> String {
    let as_of = time::show_instant(options.as_of);
    let mut out =
        format!("-- The playbook \"{}\" as of {as_of}, for DuckDB 2.0. Written by `seg sql`.\n--\n", program.name);
    out += "-- NULL is missing or unknown. Money is in smallest coins, percentages are in millionths, spans in microseconds,\n";
    out +=
        "-- timestamps in UTC, enum members are their texts. The tables, their rows as `seg run` would accept them:\n";
    for table in &program.schema.tables {
        out += &table_line(program, table);
    }
    if !unsaid.is_empty() {
        out += "--\n-- Not said in SQL:\n";
        for one in unsaid {
            out += &format!("--   {}: {}\n", one.name, one.reason.replace('\n', " "));
        }
    }
    out
}

fn table_line(program: &Program, table: &Table) -> String {
    let mut columns = Vec::new();
    let by = table.by.as_deref().filter(|by| !table.fields.iter().any(|f| f.name == *by));
    if let Some(by) = by {
        let key = program.schema.profile().key.and_then(|k| program.schema.profile().fields.get(k.0 as usize));
        columns.push(format!("{} {}", ident(by), key.map_or("BIGINT".into(), |k| sql_type(&k.ty, &program.schema))));
    }
    for field in &table.fields {
        let of = match &field.ty {
            Type::Reference(to) => format!(" (of {})", program.schema.table(*to).name),
            _ => String::new(),
        };
        let null = if field.optional { "" } else { " NOT NULL" };
        columns.push(format!("{} {}{of}{null}", ident(&field.name), sql_type(&field.ty, &program.schema)));
    }
    let kind = match table.kind {
        TableKind::Profile => "one row a customer",
        TableKind::Event => "one row an event",
        TableKind::Reference => "one row a key",
    };
    let mut out = format!("--   {}, {kind}:\n", ident(&table.name));
    let mut line = String::from("--    ");
    for (n, column) in columns.iter().enumerate() {
        let comma = if n + 1 < columns.len() { "," } else { "" };
        if line.len() + column.len() > 116 {
            out += &format!("{line}\n");
            line = String::from("--    ");
        }
        line += &format!(" {column}{comma}");
    }
    out + &line + "\n"
}

//! A case as a fixture: the playbook, and the customer as a `test` block that expects what the interpreter decides. What a
//! literal cannot say (parts of a second, some floats) is told beside it.

use std::path::{Path, PathBuf};

use seg_ir::schema::{Field, Schema};
use seg_ir::time;
use seg_ir::{Const, Program, Type};

use super::compare::{Disagreement, outputs};
use super::data::{Data, Row};
use super::literal::{quoted, written_instant};
use super::shrink::Case;

/// The text of a fixture.
pub fn write(case: &Case, disagreement: &Disagreement, again: &str) -> String {
    let Disagreement { way, output, says, .. } = disagreement;
    let mut out = format!("# {way}: {}: {}\n", output.as_deref().unwrap_or("everything"), says.replace('\n', " "));
    out += &format!("# Found by: {again}\n");
    let as_of = case.playbook.world.as_of;
    out += &case.playbook.text();
    let Ok(program) = case.playbook.program() else { return out };
    for customer in 0..case.data.customers.len().min(4) {
        out += &test(&program, as_of, &case.data, customer);
    }
    out
}

fn test(program: &Program, as_of: i64, data: &Data, customer: usize) -> String {
    let schema = &program.schema;
    let mut inexact = false;
    let mut cells = |fields: &[Field], row: &Row| -> Vec<String> {
        let known = fields.iter().zip(row).filter(|(_, v)| !v.is_missing());
        let cell = known
            .map(|(field, value)| format!("{}: {}", field.name, shown(schema, data, &field.ty, value, &mut inexact)));
        cell.collect()
    };
    let of = &data.customers[customer];
    let mut given = cells(&schema.profile().fields, &of.profile);
    for (id, collection) in schema.collection_ids().filter(|(id, _)| data.bound[id.0 as usize]) {
        let fields = &schema.table(collection.table).fields;
        let rows: Vec<String> =
            of.events[id.0 as usize].iter().map(|row| format!("{{ {} }}", cells(fields, row).join(", "))).collect();
        if !rows.is_empty() {
            given.push(format!("{}: [\n      {}\n    ]", collection.name, rows.join("\n      ")));
        }
    }
    let record = super::adapters::record(program, as_of, data, customer);
    let mut interpreter = seg_ir::interpret::Interpreter::new(program.context(as_of), &record);
    interpreter.customer(0);
    let (names, nodes) = outputs(program);
    let expects = names.iter().zip(&nodes).map(|(name, node)| {
        let value = interpreter.value(*node).to_const();
        match (&value, program.ir.ty(*node)) {
            (Const::Bool(true), _) => format!("  expect {name} is true\n"),
            (Const::Bool(false), _) => format!("  expect {name} is false\n"),
            (Const::Missing(_), _) => format!("  expect {name} is missing\n"),
            (_, Type::List(_) | Type::Reference(_)) => format!("  expect {name} is known\n"),
            (value, ty) => format!("  expect {name} = {}\n", shown(schema, data, ty, value, &mut false)),
        }
    });
    let expects: String = expects.collect();
    let remark = if inexact { "  # Some values are not what was given: a literal cannot say them.\n" } else { "" };
    let exact = format!("# {:?}\n", of).replace("Missing(NotGiven)", "-");
    format!(
        "\n{exact}test \"customer {customer}\" {{\n{remark}  given {{\n    {}\n  }}\n  as of {}\n{expects}}}\n",
        given.join("\n    "),
        written_instant(as_of)
    )
}

/// A value as a literal.
fn shown(schema: &Schema, data: &Data, ty: &Type, value: &Const, inexact: &mut bool) -> String {
    match value {
        Const::Bool(v) => v.to_string(),
        Const::Int(v) => v.to_string(),
        Const::Number(bits) => {
            let value = f64::from_bits(*bits);
            let text = format!("{value:?}");
            *inexact |= text.contains('e');
            if text.contains('e') { format!("{value:.6}") } else { text }
        }
        Const::Percent(v) => decimal(*v, 4) + "%",
        Const::Money(v) => match ty {
            Type::Money(currency) => format!("{} {currency}", decimal(*v, currency.exponent())),
            _ => v.to_string(),
        },
        Const::Text(v) => quoted(v),
        Const::Date(v) => time::show_date(*v),
        Const::Timestamp(v) => {
            *inexact |= v.rem_euclid(1_000_000) != 0;
            written_instant(*v)
        }
        Const::TimeOfDay(v) => format!("{:02}:{:02}:{:02}", v / 3600, v / 60 % 60, v % 60),
        Const::Span(v) => format!("{} seconds", v / 1_000_000),
        Const::Period(p) => format!("{} days", i64::from(p.days) + i64::from(p.months) * 30),
        Const::Enum(v) => match ty {
            Type::Enum(id) => {
                let declared = schema.enum_type(*id);
                format!("{}.{}", declared.name, declared.members[*v as usize].name)
            }
            _ => v.to_string(),
        },
        Const::List(items) => {
            let Type::List(item) = ty else { return "[]".into() };
            let items: Vec<String> = items.iter().map(|v| shown(schema, data, item, v, inexact)).collect();
            format!("[{}]", items.join(", "))
        }
        Const::Reference(row) => {
            let Type::Reference(table) = ty else { return "missing".into() };
            let declared = schema.table(*table);
            let row = &data.references[table.0 as usize][*row as usize];
            let known = declared.fields.iter().zip(row).filter(|(_, v)| !v.is_missing());
            let cells = known.map(|(f, v)| format!("{}: {}", f.name, shown(schema, data, &f.ty, v, inexact)));
            format!("{{ {} }}", cells.collect::<Vec<_>>().join(", "))
        }
        Const::Missing(_) => "missing".into(),
    }
}

/// A fixed number of decimals.
pub fn decimal(value: i64, decimals: u32) -> String {
    let one = 10_i128.pow(decimals);
    let (sign, value) = (if value < 0 { "-" } else { "" }, i128::from(value).abs());
    match decimals {
        0 => format!("{sign}{value}"),
        _ => format!("{sign}{}.{:0width$}", value / one, value % one, width = decimals as usize),
    }
}

/// Writes a fixture. `None` where the folder cannot be written.
pub fn save(folder: Option<&Path>, number: u64, text: &str) -> Option<PathBuf> {
    let folder = folder.map_or_else(|| std::env::temp_dir().join("seg-differential"), Path::to_path_buf);
    std::fs::create_dir_all(&folder).ok()?;
    let path = folder.join(format!("program_{number}.seg"));
    std::fs::write(&path, text).ok()?;
    Some(path)
}

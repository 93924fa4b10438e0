//! Views that read a playbook's files into the columns that the query expects: names, types and units. They convert; they do not
//! judge rows as a run does.

use std::collections::{BTreeMap, BTreeSet};

use seg_ir::schema::{Field, Table};
use seg_ir::{Program, Type};

use super::literal::{ident, sql_type, text};
use super::macros::Macro;

/// The files of a table, and which field has a column of another name.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// Paths, globs allowed.
    pub paths: Vec<String>,
    pub rename: BTreeMap<String, String>,
}

/// What a file's ending says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    Parquet,
    Csv,
    Json,
}

impl FileFormat {
    /// The format of a path; `None` where DuckDB reads no such file by itself.
    pub fn of(path: &str) -> Option<FileFormat> {
        let ending = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        Some(match ending.as_str() {
            "parquet" => FileFormat::Parquet,
            "csv" => FileFormat::Csv,
            "ndjson" | "jsonl" => FileFormat::Json,
            _ => return None,
        })
    }
}

/// A view for every table that has files which DuckDB reads.
pub fn views(program: &Program, files: &BTreeMap<String, Files>, used: &mut BTreeSet<Macro>) -> String {
    let mut out = String::new();
    for table in &program.schema.tables {
        let Some(bound) = files.get(&table.name).filter(|f| !f.paths.is_empty()) else { continue };
        let Some(format) = bound.paths.first().and_then(|p| FileFormat::of(p)) else {
            out += &format!("-- {} has files that DuckDB does not read.\n", ident(&table.name));
            continue;
        };
        let has_times = table.fields.iter().any(|f| f.ty == Type::Timestamp);
        if has_times && program.zone.name() != "UTC" {
            used.insert(Macro::InstantOf);
        }
        out += &view(program, table, bound, format);
    }
    out
}

fn view(program: &Program, table: &Table, files: &Files, format: FileFormat) -> String {
    let paths: Vec<String> = files.paths.iter().map(|p| text(p)).collect();
    let paths = if let [one] = paths.as_slice() { one.clone() } else { format!("[{}]", paths.join(", ")) };
    let source = match format {
        FileFormat::Parquet => format!("read_parquet({paths})"),
        FileFormat::Csv => format!("read_csv({paths}, header = true, all_varchar = true)"),
        FileFormat::Json => {
            let columns = json_columns(program, table, files);
            format!("read_json({paths}, format = 'newline_delimited', columns = {{{columns}}})")
        }
    };
    let column_of = |name: &str| renamed(files, name);
    let mut columns = Vec::new();
    let by = table.by.as_deref().filter(|by| !table.fields.iter().any(|f| f.name == *by));
    if let Some(by) = by {
        let profile = program.schema.profile();
        let key = profile.key.and_then(|k| profile.fields.get(k.0 as usize));
        let ty = key.map_or("BIGINT".into(), |k| sql_type(&k.ty, &program.schema));
        let value = format!("CAST({} AS {ty})", ident(&column_of(by)));
        let value = if ty == "VARCHAR" { format!("nfc_normalize({value})") } else { value };
        columns.push(format!("{value} AS {}", ident(by)));
    }
    for field in &table.fields {
        columns.push(column(program, field, &column_of(&field.name), format));
    }
    format!(
        "CREATE OR REPLACE TEMP VIEW {} AS\nSELECT {}\nFROM {source};\n",
        ident(&table.name),
        columns.join(",\n       ")
    )
}

fn renamed(files: &Files, name: &str) -> String {
    files.rename.get(name).cloned().unwrap_or_else(|| name.to_string())
}

/// The type in which each column of JSON is read; a group is a struct. What is converted further is read as it is written.
fn json_columns(program: &Program, table: &Table, files: &Files) -> String {
    let read_as = |ty: &Type| match ty {
        Type::Money(_) | Type::Percent | Type::Timestamp => "VARCHAR".to_string(),
        other => sql_type(other, &program.schema),
    };
    let mut columns: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let by = table.by.as_deref().filter(|by| !table.fields.iter().any(|f| f.name == *by));
    if let Some(by) = by {
        columns.insert(renamed(files, by), vec![(String::new(), "VARCHAR".into())]);
    }
    for field in &table.fields {
        let column = renamed(files, &field.name);
        let (column, inner) = column.split_once('.').unwrap_or((&column, ""));
        columns.entry(column.to_string()).or_default().push((inner.to_string(), read_as(&field.ty)));
    }
    let shown = columns.iter().map(|(column, fields)| {
        let ty = match fields.as_slice() {
            [(inner, ty)] if inner.is_empty() => ty.clone(),
            fields => {
                let fields: Vec<String> = fields.iter().map(|(name, ty)| format!("{} {ty}", ident(name))).collect();
                format!("STRUCT({})", fields.join(", "))
            }
        };
        format!("{}: {}", text(column), text(&ty))
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// A field from its column. Decimals stand for themselves: they are scaled as decimals and rounded once.
fn column(program: &Program, field: &Field, from: &str, format: FileFormat) -> String {
    let source = match (format, from.split_once('.')) {
        (FileFormat::Parquet | FileFormat::Json, Some((group, inner))) => format!("{}.{}", ident(group), ident(inner)),
        _ => ident(from),
    };
    let ty = sql_type(&field.ty, &program.schema);
    let scaled = |decimals: u32| {
        let scale = 10_i64.pow(decimals);
        let slow =
            format!("CAST(round_even(CAST(CAST({source} AS VARCHAR) AS DECIMAL(38, 15)) * {scale}, 0) AS BIGINT)");
        let fast = format!("TRY_CAST({source} AS DECIMAL(18, {decimals}))");
        match format {
            // Most amounts have no more decimals than their unit, and need no rounding.
            FileFormat::Parquet => format!(
                "CASE WHEN CAST({fast} AS DOUBLE) = CAST({source} AS DOUBLE) THEN CAST({fast} * {scale} AS BIGINT) ELSE {slow} END"
            ),
            FileFormat::Csv | FileFormat::Json => slow,
        }
    };
    let value = match &field.ty {
        Type::Money(currency) => scaled(currency.exponent()),
        Type::Percent => scaled(6),
        Type::Timestamp => instant(program, &source, format),
        Type::Number => format!("CAST({source} AS DOUBLE) + 0e0"),
        Type::Text | Type::Reference(_) if ty == "VARCHAR" => format!("nfc_normalize(CAST({source} AS VARCHAR))"),
        Type::List(_) if format == FileFormat::Csv => format!("CAST(CAST({source} AS JSON) AS {ty})"),
        _ => format!("CAST({source} AS {ty})"),
    };
    let value = match &field.default {
        None => value,
        Some(default) => match super::literal::constant(&program.schema, &field.ty, default) {
            Ok(default) => format!("coalesce({value}, {default})"),
            Err(_) => value,
        },
    };
    format!("{value} AS {}", ident(&field.name))
}

/// A civil time is placed in the zone; a time with an offset is that instant.
fn instant(program: &Program, source: &str, format: FileFormat) -> String {
    let civil = format!("CAST({source} AS TIMESTAMP)");
    let civil = if program.zone.name() == "UTC" { civil } else { format!("instant_of({civil})") };
    let has_offset = match format {
        FileFormat::Parquet => format!("typeof({source}) = 'TIMESTAMP WITH TIME ZONE'"),
        FileFormat::Csv | FileFormat::Json => {
            format!("regexp_matches({source}, ':[0-9.]+ ?([Zz]|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')")
        }
    };
    format!("CASE WHEN {has_offset} THEN timezone('UTC', CAST({source} AS TIMESTAMPTZ)) ELSE {civil} END")
}

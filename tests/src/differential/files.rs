//! The same customers as files and as requests, some rows of them broken: both refuse the same rows for the same reasons,
//! and decide the others alike. What was not broken is decided as the rows were that the files were written from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field as ArrowField, Schema as ArrowSchema};
use arrow_select::concat::concat_batches;
use parquet::arrow::ArrowWriter;
use seg_evaluator::{Method, Table, Tables, export};
use seg_ir::interpret::{Interpreter, Source};
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::{Field, PROFILE, TableKind};
use seg_ir::time::{DAY_US, show_date};
use seg_ir::{CollectionId, Const, Program, Reason, TableId, Type};
use seg_runtime::{Bindings, Collected, Decoder, Options, References, RejectMax, RequestOptions};

use super::adapters::column;
use super::compare::{Cell, Disagreement, outputs};
use super::data::{Data, Row};
use crate::random::Random;

/// One program in so many is read from files.
pub const ONCE_IN: u64 = 8;

/// What was judged.
#[derive(Default)]
pub struct Judged {
    /// Rows of files and records.
    pub rows: u64,
    /// Those that were refused, in both.
    pub rejected: u64,
    pub compared: u64,
}

/// Customers with faults put in.
struct Broken<'a> {
    program: &'a Program,
    data: Data,
    /// What stands in the place of a cell, in JSON: the customer, the table, the row, the field.
    raw: BTreeMap<(usize, TableId, usize, usize), String>,
    /// Customers whose line is cut.
    cut: BTreeSet<usize>,
    /// Customers with any fault.
    touched: BTreeSet<usize>,
}

/// A refusal, as files and requests both tell it: the table, the key, the field, why.
type Refusal = (String, Option<String>, String, RejectCode);

/// Writes the customers, reads them in both ways and compares. **Errors**: what differs, or panics.
pub fn compare(
    program: &Program,
    as_of: i64,
    data: &Data,
    decided: &[Vec<Const>],
    random: &mut Random,
    number: u64,
) -> Result<Judged, Box<Disagreement>> {
    let all = std::panic::AssertUnwindSafe(|| judge(program, as_of, data, decided, random, number));
    std::panic::catch_unwind(all).unwrap_or_else(|panic| {
        let says = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        Err(Box::new(Disagreement { way: "a panic over files".into(), output: None, customer: None, says }))
    })
}

fn judge(
    program: &Program,
    as_of: i64,
    data: &Data,
    decided: &[Vec<Const>],
    random: &mut Random,
    number: u64,
) -> Result<Judged, Box<Disagreement>> {
    let parquet = (number / ONCE_IN).is_multiple_of(2);
    let broken = Broken::new(program, data, parquet, random);
    let way = if parquet { "Parquet files and requests" } else { "NDJSON files and requests" };
    let differs = |customer: Option<usize>, output: Option<String>, says: String| {
        Box::new(Disagreement { way: way.into(), output, customer, says })
    };
    let failed = |e: &dyn std::fmt::Display| differs(None, None, e.to_string());
    let folder = tempfile::tempdir().map_err(|e| failed(&e))?;
    let bindings = broken.write(folder.path(), parquet, random).map_err(|e| failed(&e))?;
    let options = Options {
        threads: Some(1 + number as usize / 2 % 2),
        batch_rows: random.pick(&[1, 7, 64, 8192]),
        method: Method::ALL[number as usize / 16 % Method::ALL.len()],
        reject_max: RejectMax::Fraction(1.0),
        // Events in memory, through disk block by block, and some of each.
        memory_max_bytes: match number / ONCE_IN % 3 {
            0 => None,
            1 => Some(0),
            _ => Some(4_000),
        },
        ..Options::new(as_of, bindings)
    };
    let mut sink = Collected::default();
    seg_runtime::run(program, &options, &mut sink).map_err(|e| failed(&e))?;
    let bulk = Answers::new(&sink).map_err(|e| failed(&e))?;

    let references = References::load(program, &options).map_err(|e| failed(&e))?;
    let decoder = Decoder::new(program, &references, RequestOptions::default()).map_err(|e| failed(&e))?;
    let (names, nodes) = outputs(program);
    let mut judged = Judged::default();
    let (mut refusals, mut refused_customers) = (Vec::new(), BTreeSet::new());
    let mut row = 0;
    for (customer, original) in decided.iter().enumerate() {
        judged.rows += 1;
        let line = broken.request(customer);
        let decoded = match decoder.decode(&line, customer as u64 + 1, as_of) {
            Err(reject) => {
                refused_customers.insert(broken.key(customer));
                refusals.push(refusal(&reject));
                continue;
            }
            Ok(decoded) => decoded,
        };
        refusals.extend(decoded.rejects.iter().map(refusal));
        let key = bulk.keys.get(row).cloned();
        if key != decoded.key_text {
            return Err(differs(
                Some(customer),
                None,
                format!("row {row} has the key {key:?}, not {:?}", decoded.key_text),
            ));
        }
        let joined = references.join(&decoded.record);
        let mut interpreter = Interpreter::new(program.context(as_of), &joined);
        interpreter.customer(0);
        let of_files = |table: TableId, row: u32| match program.schema.table(table).key {
            Some(key) => references.tables().field(table, key, row).to_const(),
            None => Const::Missing(Reason::NotGiven),
        };
        let of_data = |table: TableId, row: u32| match program.schema.table(table).key {
            Some(key) => data.references[table.0 as usize][row as usize][key.0 as usize].clone(),
            None => Const::Missing(Reason::NotGiven),
        };
        for (output, node) in nodes.iter().enumerate() {
            let ty = program.ir.ty(*node);
            let (value, column) = (interpreter.value(*node).to_const(), &bulk.columns[output]);
            let told = |value: &Const, from: &str| {
                let says = format!("{:?} in bulk, and {value:?} by {from}", column.slice(row, 1));
                differs(Some(customer), names.get(output).cloned(), says)
            };
            if !(Cell { schema: &program.schema, key: &of_files }).holds(column, row, ty, &value) {
                return Err(told(&value, "request"));
            }
            let original = &original[output];
            let whole = !broken.touched.contains(&customer);
            if whole && !(Cell { schema: &program.schema, key: &of_data }).holds(column, row, ty, original) {
                return Err(told(original, "the rows that were written"));
            }
            judged.compared += 1 + u64::from(whole);
        }
        row += 1;
    }
    if row != bulk.keys.len() {
        return Err(differs(None, None, format!("{} customers decided in bulk, {row} by request", bulk.keys.len())));
    }
    // A refused customer's events are judged in files, and nobody asks about them in a request.
    let of_files = sink.rejects.iter().map(refusal);
    let mut of_files: Vec<Refusal> =
        of_files.filter(|r| r.0 == program.schema.profile().name || !refused_customers.contains(&r.1)).collect();
    of_files.sort();
    refusals.sort();
    judged.rejected += refusals.len() as u64;
    match of_files == refusals {
        true => Ok(judged),
        false => {
            let only = |a: &[Refusal], b: &[Refusal]| a.iter().find(|r| !b.contains(r)).cloned();
            let says = format!(
                "refused in files alone: {:?}; in requests alone: {:?}; {} and {}",
                only(&of_files, &refusals),
                only(&refusals, &of_files),
                of_files.len(),
                refusals.len()
            );
            Err(differs(None, None, says))
        }
    }
}

/// A refusal without the row's number; an event's field without its place in the record.
fn refusal(reject: &Reject) -> Refusal {
    let field = reject.field.rsplit_once("].").map_or(reject.field.as_str(), |(_, field)| field);
    let malformed = reject.code == RejectCode::Malformed;
    let (key, field) = if malformed { (None, "") } else { (reject.key.clone(), field) };
    (reject.source.clone(), key, field.to_string(), reject.code)
}

/// What a run gave, in one piece.
pub(crate) struct Answers {
    pub keys: Vec<String>,
    /// Segments, then attributes.
    pub columns: Vec<ArrayRef>,
}

impl Answers {
    pub fn new(sink: &Collected) -> Result<Answers, String> {
        let whole = |batches: &[RecordBatch]| match batches.first() {
            Some(first) => concat_batches(&first.schema(), batches).map(Some).map_err(|e| e.to_string()),
            None => Ok(None),
        };
        let (segments, attributes) = (whole(&sink.segments)?, whole(&sink.attributes)?);
        let Some(segments) = segments else { return Ok(Answers { keys: Vec::new(), columns: Vec::new() }) };
        let key = segments.column(0);
        let keys = match arrow_array::cast::AsArray::as_string_opt::<i32>(key) {
            Some(texts) => texts.iter().flatten().map(str::to_string).collect(),
            None => {
                let numbers = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(key);
                numbers.iter().flatten().map(|n| n.to_string()).collect()
            }
        };
        let columns = segments.columns().iter().skip(1);
        let columns = columns.chain(attributes.iter().flat_map(|a| a.columns().iter().skip(1)));
        Ok(Answers { keys, columns: columns.cloned().collect() })
    }
}

/// What is put in the place of a cell: wrong for most fields, and right for some.
const FAULTS: [&str; 16] = [
    "null",
    "\"x\"",
    "1e400",
    "99999999999999999999",
    "1.5",
    "-0.0",
    "true",
    "{}",
    "[null]",
    "[1, \"a\"]",
    "\"2026-02-30\"",
    "\"10000-01-01\"",
    "\"0001-01-01T00:00:00+14:00\"",
    "\"25:00\"",
    "\"NaN\"",
    "0.12345678901",
];

impl<'a> Broken<'a> {
    fn new(program: &'a Program, data: &Data, parquet: bool, random: &mut Random) -> Broken<'a> {
        let schema = &program.schema;
        let (raw, cut, touched) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let mut broken = Broken { program, data: data.clone(), raw, cut, touched };
        for customer in 0..data.customers.len() {
            if !parquet && random.once_in(60) {
                broken.cut.insert(customer);
                broken.touched.insert(customer);
            }
            if random.once_in(12) {
                broken.fault(customer, PROFILE, 0, 0, parquet, random);
            }
            for (id, collection) in schema.collection_ids() {
                for row in 0..data.customers[customer].events[id.0 as usize].len() {
                    if random.once_in(40) {
                        broken.fault(customer, collection.table, id.0 as usize, row, parquet, random);
                    }
                }
            }
        }
        broken
    }

    /// Puts a fault into a field of a row; never into a key.
    fn fault(
        &mut self,
        customer: usize,
        table: TableId,
        collection: usize,
        row: usize,
        parquet: bool,
        random: &mut Random,
    ) {
        let fields = &self.program.schema.table(table).fields;
        let field = random.below(fields.len());
        if table == PROFILE && self.program.schema.profile().key.is_some_and(|key| key.0 as usize == field) {
            return;
        }
        self.touched.insert(customer);
        if !parquet {
            self.raw.insert((customer, table, row, field), random.pick(&FAULTS).to_string());
            return;
        }
        let customer = &mut self.data.customers[customer];
        let row = if table == PROFILE { &mut customer.profile } else { &mut customer.events[collection][row] };
        row[field] = match fields[field].ty {
            Type::Text if fields[field].max.is_some() => Const::text(&"long ".repeat(40)),
            _ => Const::Missing(Reason::NotGiven),
        };
    }

    fn key(&self, customer: usize) -> Option<String> {
        let key = self.program.schema.profile().key?;
        match self.data.customers[customer].profile.get(key.0 as usize)? {
            Const::Text(text) => Some(text.to_string()),
            Const::Int(key) => Some(key.to_string()),
            _ => None,
        }
    }

    /// The members of a row's object.
    fn cells(&self, customer: usize, table: TableId, number: usize, row: &Row) -> Vec<String> {
        let fields = &self.program.schema.table(table).fields;
        let cell = |(n, (field, value)): (usize, (&Field, &Const))| {
            let raw = self.raw.get(&(customer, table, number, n)).cloned();
            let text = raw.unwrap_or_else(|| self.json(&field.ty, value));
            // What is missing is left out half of the time.
            let left_out = text == "null" && (customer + n).is_multiple_of(2);
            (!left_out).then(|| format!("\"{}\": {text}", field.name))
        };
        fields.iter().zip(row).enumerate().filter_map(cell).collect()
    }

    fn json(&self, ty: &Type, value: &Const) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match value {
            Const::Missing(_) | Const::Span(_) | Const::Period(_) => "null".into(),
            Const::Bool(v) => v.to_string(),
            Const::Int(v) => v.to_string(),
            Const::Number(bits) => format!("{:?}", f64::from_bits(*bits)),
            Const::Percent(v) => super::fixture::decimal(*v, 6),
            Const::Money(v) => match ty {
                Type::Money(currency) => super::fixture::decimal(*v, currency.exponent()),
                _ => v.to_string(),
            },
            Const::Text(text) => quoted(text),
            Const::Date(v) => quoted(&show_date(*v)),
            Const::Timestamp(at) => {
                let (day, us) = (at.div_euclid(DAY_US), at.rem_euclid(DAY_US));
                let (seconds, micros) = (us / 1_000_000, us % 1_000_000);
                let clock = format!("{:02}:{:02}:{:02}.{micros:06}", seconds / 3600, seconds / 60 % 60, seconds % 60);
                quoted(&format!("{}T{clock}Z", show_date(day as i32)))
            }
            Const::TimeOfDay(v) => quoted(&format!("{:02}:{:02}:{:02}", v / 3600, v / 60 % 60, v % 60)),
            Const::Enum(v) => match ty {
                Type::Enum(id) => quoted(&self.program.schema.enum_type(*id).members[*v as usize].value),
                _ => v.to_string(),
            },
            Const::List(items) => {
                let Type::List(item) = ty else { return "null".into() };
                let items: Vec<String> = items.iter().map(|value| self.json(item, value)).collect();
                format!("[{}]", items.join(", "))
            }
            Const::Reference(row) => match ty {
                Type::Reference(table) => {
                    let declared = self.program.schema.table(*table);
                    let key = declared.key.map_or(0, |k| k.0 as usize);
                    self.json(&declared.fields[key].ty, &self.data.references[table.0 as usize][*row as usize][key])
                }
                _ => row.to_string(),
            },
        }
    }

    fn events(&self, customer: usize, collection: CollectionId) -> Vec<String> {
        let table = self.program.schema.collection(collection).table;
        let rows = self.data.customers[customer].events[collection.0 as usize].iter().enumerate();
        rows.map(|(n, row)| self.cells(customer, table, n, row).join(", ")).collect()
    }

    /// A customer as a line of JSON with its events.
    fn request(&self, customer: usize) -> String {
        let mut members = self.cells(customer, PROFILE, 0, &self.data.customers[customer].profile);
        for (id, collection) in self.program.schema.collection_ids().filter(|(id, _)| self.data.bound[id.0 as usize]) {
            let events: Vec<String> = self.events(customer, id).iter().map(|cells| format!("{{{cells}}}")).collect();
            members.push(format!("\"{}\": [{}]", collection.name, events.join(", ")));
        }
        let end = if self.cut.contains(&customer) { "" } else { "}" };
        format!("{{{}{end}", members.join(", "))
    }

    /// Writes a file a table and binds it.
    fn write(&self, folder: &Path, parquet: bool, random: &mut Random) -> Result<Bindings, String> {
        let schema = &self.program.schema;
        let mut bindings = Bindings { base: folder.to_path_buf(), ..Bindings::default() };
        for (id, table) in schema.table_ids() {
            let collection = schema.collection_ids().find(|(_, c)| c.table == id);
            if collection.is_some_and(|(id, _)| !self.data.bound[id.0 as usize]) {
                continue;
            }
            let mut rows: Vec<(usize, usize, &Row)> = match table.kind {
                TableKind::Profile => self.data.customers.iter().enumerate().map(|(n, c)| (n, 0, &c.profile)).collect(),
                TableKind::Reference => self.data.references[id.0 as usize].iter().map(|row| (0, 0, row)).collect(),
                TableKind::Event => {
                    let of =
                        |c: &'_ super::data::Customer| c.events[collection.map_or(0, |(id, _)| id.0 as usize)].len();
                    let customers = self.data.customers.iter().enumerate();
                    let all = customers.flat_map(|(n, c)| (0..of(c)).map(move |row| (n, row)));
                    let events = |n: usize, row: usize| {
                        &self.data.customers[n].events[collection.map_or(0, |(id, _)| id.0 as usize)][row]
                    };
                    all.map(|(n, row)| (n, row, events(n, row))).collect()
                }
            };
            if table.kind != TableKind::Profile {
                random.shuffle(&mut rows);
            }
            let name = format!("{}.{}", table.name, if parquet { "parquet" } else { "ndjson" });
            let path = folder.join(&name);
            match parquet {
                true => self.parquet(&path, id, &rows)?,
                false => self.ndjson(&path, id, &rows)?,
            }
            bindings = bindings.bind(&table.name, name);
        }
        Ok(bindings)
    }

    fn ndjson(&self, path: &Path, table: TableId, rows: &[(usize, usize, &Row)]) -> Result<(), String> {
        let declared = self.program.schema.table(table);
        let key_type = self.program.schema.profile().key.map(|k| &self.program.schema.field(PROFILE, k).ty);
        let mut out = String::new();
        for (customer, number, row) in rows {
            let mut cells = self.cells(*customer, table, *number, row);
            if let (Some(by), Some(ty)) = (&declared.by, key_type) {
                let key = self.program.schema.profile().key.map_or(0, |k| k.0 as usize);
                let value = self.json(ty, &self.data.customers[*customer].profile[key]);
                cells.push(format!("\"{by}\": {value}"));
            }
            let end = if table == PROFILE && self.cut.contains(customer) { "" } else { "}" };
            out += &format!("{{{}{end}\n", cells.join(", "));
        }
        std::fs::write(path, out).map_err(|e| e.to_string())
    }

    fn parquet(&self, path: &Path, table: TableId, rows: &[(usize, usize, &Row)]) -> Result<(), String> {
        let schema = &self.program.schema;
        let declared = schema.table(table);
        let references = self.tables();
        let array = |ty: &Type, values: &[&Const]| export(&column(ty, values), ty, schema, &references);
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        for (n, field) in declared.fields.iter().enumerate() {
            let values: Vec<&Const> = rows.iter().map(|(_, _, row)| &row[n]).collect();
            columns.push((field.name.clone(), array(&field.ty, &values)));
        }
        if let (Some(by), Some(key)) = (&declared.by, schema.profile().key) {
            let keys: Vec<&Const> =
                rows.iter().map(|(n, _, _)| &self.data.customers[*n].profile[key.0 as usize]).collect();
            columns.push((by.clone(), array(&schema.field(PROFILE, key).ty, &keys)));
        }
        let fields: Vec<ArrowField> =
            columns.iter().map(|(name, array)| ArrowField::new(name, array.data_type().clone(), true)).collect();
        let arrow = Arc::new(ArrowSchema::new(fields));
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let batch = RecordBatch::try_new(Arc::clone(&arrow), arrays).map_err(|e| e.to_string())?;
        let file = File::create(path).map_err(|e| e.to_string())?;
        let mut writer = ArrowWriter::try_new(file, arrow, None).map_err(|e| e.to_string())?;
        writer.write(&batch).and_then(|()| writer.close()).map(drop).map_err(|e| e.to_string())
    }

    /// The reference tables, for their keys.
    fn tables(&self) -> Tables {
        let schema = &self.program.schema;
        let tables = schema.table_ids().map(|(id, declared)| {
            let rows = &self.data.references[id.0 as usize];
            let columns = declared.fields.iter().enumerate().map(|(n, field)| {
                let values: Vec<&Const> = rows.iter().map(|row| &row[n]).collect();
                column(&field.ty, &values)
            });
            (!rows.is_empty()).then(|| Table { columns: columns.collect(), rows: rows.len() })
        });
        Tables::new(schema, tables.collect()).unwrap_or_default()
    }
}

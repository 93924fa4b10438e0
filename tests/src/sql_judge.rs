//! The SQL judge: what `seg sql` writes, run by DuckDB, against the interpreter, value by value. The judge shares the front end
//! with the interpreter, so it judges what operations mean and not how a playbook is read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use seg_compiler::sql::{self, Options, Required};
use seg_ir::interpret::{Interpreter, Source};
use seg_ir::schema::{PROFILE, Schema, TableKind};
use seg_ir::value::Reason;
use seg_ir::{CollectionId, Const, NodeId, Program, Record, TableId, Type};
use serde_json::{Value as Json, json};

/// Rows of one INSERT.
const INSERT_ROWS: usize = 500;
/// Disagreements that a report tells in full.
const TOLD_MAX: usize = 40;

/// A program with the customers over whom it is judged.
pub struct Case<'a> {
    pub name: String,
    pub program: &'a Program,
    pub as_of: i64,
    pub records: Vec<Record>,
    /// Conditions that are judged beside attributes and segments.
    pub conditions: Vec<(String, NodeId)>,
    /// What the SQL may take of required fields, where the records have them all. Where they do not, nothing.
    pub required: &'a [Required],
}

/// The SQL for runs and the SQL for tests.
pub const BOTH: &[Required] = &[Required::Present, Required::MayBeMissing];

/// What judging gave.
#[derive(Debug, Default)]
pub struct Report {
    pub cases: usize,
    /// Outputs that SQL said, and how often each reason kept one from being said.
    pub said: usize,
    pub unsaid: BTreeMap<String, usize>,
    /// Values compared.
    pub compared: usize,
    pub disagreements: usize,
    /// Those of them where DuckDB refused to run the script.
    pub refused: usize,
    /// The first of them, and whatever DuckDB refused to run.
    pub told: Vec<String>,
}

impl Report {
    fn tell(&mut self, what: String) {
        self.disagreements += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push(what);
        }
    }

    pub fn add(&mut self, other: Report) {
        self.cases += other.cases;
        self.said += other.said;
        self.compared += other.compared;
        self.disagreements += other.disagreements;
        self.refused += other.refused;
        other.unsaid.into_iter().for_each(|(reason, n)| *self.unsaid.entry(reason).or_default() += n);
        let room = TOLD_MAX.saturating_sub(self.told.len());
        self.told.extend(other.told.into_iter().take(room));
    }

    /// One line: counts, and the reasons for what was not said.
    pub fn line(&self) -> String {
        let unsaid: usize = self.unsaid.values().sum();
        format!(
            "sql: {} cases, {} outputs said, {unsaid} not, {} values compared, {} disagreements",
            self.cases, self.said, self.compared, self.disagreements
        )
    }
}

/// What becomes of a piece of SQL.
pub type Fault = Box<dyn Fn(&str) -> String + Send>;

/// DuckDB behind a Python that has it.
pub struct Judge {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// A fault planted to see that it is found. Scripts that it leaves alone are not run.
    pub fault: Option<Fault>,
}

impl Judge {
    /// Seats the judge; `None` where no Python has the package `duckdb`.
    pub fn seat() -> Option<Judge> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let python = python(&root)?;
        let mut child = Command::new(python)
            .arg(root.join("tests/duckdb/run_sql.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let (input, output) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Judge { child, input, output, fault: None })
    }

    /// The rows of a query after a setup. **Errors**: what DuckDB or the connection to it says.
    pub fn run(&mut self, setup: &str, query: &str) -> Result<Vec<Vec<Json>>, String> {
        let job = json!({ "setup": setup, "query": query });
        writeln!(self.input, "{job}").and_then(|()| self.input.flush()).map_err(|e| e.to_string())?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|e| e.to_string())?;
        let mut answer: Json = serde_json::from_str(&line).map_err(|e| format!("{e}: `{line}`"))?;
        if let Some(error) = answer.get("error") {
            return Err(error.as_str().unwrap_or("?").to_string());
        }
        serde_json::from_value(answer["rows"].take()).map_err(|e| e.to_string())
    }

    /// Judges one case into the report.
    pub fn judge(&mut self, case: &Case, report: &mut Report) {
        report.cases += 1;
        let program = case.program;
        let mut batches: Vec<(Vec<CollectionId>, Batch)> = Vec::new();
        for record in &case.records {
            let unbound = unbound(program, record);
            let fits = batches.iter_mut().filter(|(u, _)| *u == unbound);
            let added = fits.into_iter().any(|(_, batch)| batch.add(program, record, case.as_of));
            if !added {
                let mut batch = Batch::default();
                batch.add(program, record, case.as_of);
                batches.push((unbound, batch));
            }
        }
        for (n, (unbound, batch)) in batches.iter().enumerate() {
            let complete = batch.records.iter().all(|(_, r)| is_complete(program, r));
            let kinds = if complete { case.required } else { &[Required::MayBeMissing] };
            for (kind, required) in kinds.iter().enumerate() {
                let options = Options {
                    as_of: case.as_of,
                    only: &[],
                    conditions: &case.conditions,
                    unbound,
                    required: *required,
                    files: None,
                };
                let script = sql::duckdb(program, &options);
                if n == 0 && kind == 0 {
                    report.said += script.columns.len();
                    for unsaid in &script.unsaid {
                        *report.unsaid.entry(unsaid.reason.clone()).or_default() += 1;
                    }
                }
                self.judge_script(case, batch, &script, report);
            }
        }
    }

    fn judge_script(&mut self, case: &Case, batch: &Batch, script: &sql::Script, report: &mut Report) {
        let program = case.program;
        let setup = format!("{}{}", script.functions, batch.tables(program));
        let query = exported(program, script);
        let answer = match &self.fault {
            None => self.run(&setup, &query),
            Some(fault) => {
                let (functions, wrong) = (fault(&script.functions), fault(&query));
                if functions == script.functions && wrong == query {
                    return;
                }
                self.run(&format!("{functions}{}", batch.tables(program)), &wrong)
            }
        };
        let rows = match answer {
            Ok(rows) => rows,
            Err(error) => {
                report.refused += 1;
                return report.tell(format!("{}: {error}\n{}", case.name, script.query));
            }
        };
        if rows.len() != batch.records.len() {
            let told =
                format!("{}: {} rows for {} customers\n{}", case.name, rows.len(), batch.records.len(), script.query);
            return report.tell(told);
        }
        let by_key: HashMap<String, &Vec<Json>> =
            rows.iter().filter_map(|row| Some((row.first()?.to_string(), row))).collect();
        for (n, (key, record)) in batch.records.iter().enumerate() {
            let key = shown(
                program,
                &program.schema.profile().key.map_or(Type::Int, |k| program.schema.field(PROFILE, k).ty.clone()),
                key,
                batch,
            );
            let row = match program.schema.profile().key {
                Some(_) => by_key.get(&key.to_string()).copied(),
                None => rows.get(n),
            };
            let Some(row) = row else {
                report.tell(format!("{}: no row for {key}", case.name));
                continue;
            };
            let mut interpreter = Interpreter::new(program.context(case.as_of), record);
            interpreter.customer(0);
            for ((name, node), found) in script.columns.iter().zip(row.iter().skip(1)) {
                let value = interpreter.value(*node).to_const();
                let want = shown(program, program.ir.ty(*node), &value, batch);
                report.compared += 1;
                if !same(&want, found) {
                    let told =
                        format!("{}: `{name}` is {want} and in SQL {found}, for {key}\n{}", case.name, script.query);
                    report.tell(told);
                }
            }
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Compares programs over their records, on every thread that there is. `None` where no judge can be seated.
pub fn compare(cases: &[Case]) -> Option<Report> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let judges: Option<Vec<Judge>> = (0..threads).map(|_| Judge::seat()).collect();
    let next = AtomicUsize::new(0);
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let sitting = judges?.into_iter().map(|mut judge| {
            let next = &next;
            scope.spawn(move || {
                let mut report = Report::default();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    judge.judge(case, &mut report);
                }
                report
            })
        });
        let sitting: Vec<_> = sitting.collect();
        sitting.into_iter().try_for_each(|judge| judge.join().map(|one| report.add(one)).ok())
    })?;
    Some(report)
}

/// The first Python at hand that has DuckDB.
fn python(root: &Path) -> Option<PathBuf> {
    let named = std::env::var_os("SEG_JUDGE_PYTHON").map(PathBuf::from);
    let candidates = named.into_iter().chain([root.join(".venv/bin/python"), PathBuf::from("python3")]);
    candidates.into_iter().find(|python| {
        let probe = Command::new(python).args(["-c", "import duckdb"]).output();
        probe.is_ok_and(|output| output.status.success())
    })
}

fn unbound(program: &Program, record: &Record) -> Vec<CollectionId> {
    let ids = program.schema.collection_ids().map(|(id, _)| id);
    ids.filter(|id| record.events(*id, 0).is_none()).collect()
}

/// Whether every required field is there, as it is in what a run accepts.
fn is_complete(program: &Program, record: &Record) -> bool {
    program.schema.table_ids().all(|(id, table)| {
        record
            .rows(id)
            .iter()
            .all(|row| table.fields.iter().zip(row).all(|(field, value)| field.optional || !value.is_missing()))
    })
}

/// Customers whose rows stand in one set of tables: their keys differ, and equal keys of reference rows name equal rows.
#[derive(Default)]
struct Batch {
    /// Each with its key.
    records: Vec<(Const, Record)>,
    keys: HashSet<Const>,
    /// Rows of reference tables by their key.
    references: BTreeMap<TableId, BTreeMap<Const, Vec<Const>>>,
}

impl Batch {
    /// Adds a customer; false where it does not go with the others.
    fn add(&mut self, program: &Program, record: &Record, as_of: i64) -> bool {
        let schema = &program.schema;
        let number = self.records.len();
        let Some((record, references)) = with_keys(program, record, number, as_of) else { return false };
        let key = match schema.profile().key {
            Some(key) => record.rows(PROFILE).first().and_then(|row| row.get(key.0 as usize)).cloned(),
            None => Some(Const::Int(number as i64)),
        };
        let Some(key) = key else { return false };
        let clash = |(table, rows): (&TableId, &BTreeMap<Const, Vec<Const>>)| {
            let known = self.references.get(table);
            rows.iter().any(|(key, row)| known.and_then(|k| k.get(key)).is_some_and(|known| known != row))
        };
        if self.keys.contains(&key) || references.iter().any(clash) {
            return false;
        }
        for (table, rows) in references {
            self.references.entry(table).or_default().extend(rows);
        }
        self.keys.insert(key.clone());
        self.records.push((key, record));
        true
    }

    /// All tables with their rows.
    fn tables(&self, program: &Program) -> String {
        let schema = &program.schema;
        let mut out = String::new();
        for (id, table) in schema.table_ids() {
            let by = table.by.as_deref().filter(|by| !table.fields.iter().any(|f| f.name == *by));
            let key_ty = schema.profile().key.map_or(Type::Int, |k| schema.field(PROFILE, k).ty.clone());
            let mut columns: Vec<String> = by.iter().map(|by| column(schema, by, &key_ty)).collect();
            columns.extend(table.fields.iter().map(|f| column(schema, &f.name, &f.ty)));
            out += &format!("CREATE TABLE {} ({});\n", sql::ident(&table.name), columns.join(", "));
            let mut rows = Vec::new();
            let mut push = |key: Option<&Const>, row: &[Const], record: Option<&Record>| {
                let mut cells: Vec<String> =
                    key.map(|k| self.literal(schema, &key_ty, k, record)).into_iter().collect();
                cells.extend(table.fields.iter().zip(row).map(|(f, v)| self.literal(schema, &f.ty, v, record)));
                rows.push(format!("({})", cells.join(", ")));
            };
            match table.kind {
                TableKind::Reference => {
                    for row in self.references.get(&id).into_iter().flat_map(BTreeMap::values) {
                        push(None, row, None);
                    }
                }
                TableKind::Profile | TableKind::Event => {
                    for (key, record) in &self.records {
                        for row in record.rows(id) {
                            push(by.map(|_| key), row, Some(record));
                        }
                    }
                }
            }
            for chunk in rows.chunks(INSERT_ROWS) {
                out += &format!("INSERT INTO {} VALUES {};\n", sql::ident(&table.name), chunk.join(", "));
            }
        }
        out
    }

    /// A cell. A pointer is the key of its row: in a record by number, in the references by that key already.
    fn literal(&self, schema: &Schema, ty: &Type, value: &Const, record: Option<&Record>) -> String {
        let (ty, value) = match (ty, value) {
            (Type::Reference(to), Const::Reference(row)) => {
                let (ty, key) = key_of(schema, *to, *row, record);
                (ty, key)
            }
            (Type::Reference(to), value) => (key_type(schema, *to), value.clone()),
            _ => (ty.clone(), value.clone()),
        };
        sql::constant(schema, &ty, &value).unwrap_or_else(|_| "NULL".into())
    }
}

fn column(schema: &Schema, name: &str, ty: &Type) -> String {
    format!("{} {}", sql::ident(name), sql::sql_type(ty, schema))
}

fn key_type(schema: &Schema, table: TableId) -> Type {
    schema.table(table).key.map_or(Type::Text, |k| schema.field(table, k).ty.clone())
}

fn key_of(schema: &Schema, table: TableId, row: u32, record: Option<&Record>) -> (Type, Const) {
    let key = schema.table(table).key.and_then(|k| record?.rows(table).get(row as usize)?.get(k.0 as usize).cloned());
    (key_type(schema, table), key.unwrap_or(Const::Missing(Reason::NotGiven)))
}

type References = BTreeMap<TableId, BTreeMap<Const, Vec<Const>>>;

/// The record with a key in every row that needs one, reference rows in the order of their keys as a run has them, and the
/// customer's key in the events' own column of it. With it the reference rows, their pointers as keys. `None` where a key is of
/// a type that cannot be made up.
fn with_keys(program: &Program, record: &Record, number: usize, as_of: i64) -> Option<(Record, References)> {
    let schema = &program.schema;
    let mut profile = record.rows(PROFILE).first()?.clone();
    let mut own_key = None;
    if let Some(key) = schema.profile().key {
        let slot = profile.get_mut(key.0 as usize)?;
        if slot.is_missing() {
            *slot = made_key(&schema.field(PROFILE, key).ty, number)?;
        }
        own_key = Some(slot.clone());
    }
    // New numbers of reference rows, by table.
    let mut moved: HashMap<(TableId, u32), u32> = HashMap::new();
    let mut sorted: HashMap<TableId, Vec<Vec<Const>>> = HashMap::new();
    for (id, table) in schema.table_ids().filter(|(_, t)| t.kind == TableKind::Reference) {
        let Some(key) = table.key.map(|k| k.0 as usize) else { continue };
        let mut seen = HashSet::new();
        let mut rows: Vec<(u32, Vec<Const>)> = Vec::new();
        for (n, row) in record.rows(id).iter().enumerate() {
            let mut row = row.clone();
            if row.get(key)?.is_missing() || !seen.insert(row.get(key)?.clone()) {
                let made = made_key(&table.fields.get(key)?.ty, 1_000_000 * (number + 1) + n)?;
                seen.insert(made.clone());
                *row.get_mut(key)? = made;
            }
            rows.push((n as u32, row));
        }
        rows.sort_by(|a, b| a.1.get(key).cmp(&b.1.get(key)));
        moved.extend(rows.iter().enumerate().map(|(new, (old, _))| ((id, *old), new as u32)));
        sorted.insert(id, rows.into_iter().map(|(_, row)| row).collect());
    }
    let repoint = |table: TableId, row: &mut Vec<Const>| {
        for (field, value) in schema.table(table).fields.iter().zip(row.iter_mut()) {
            if let (Type::Reference(to), Const::Reference(n)) = (&field.ty, &*value) {
                *value = moved.get(&(*to, *n)).map_or(Const::Missing(Reason::NotGiven), |n| Const::Reference(*n));
            }
        }
    };
    repoint(PROFILE, &mut profile);
    let mut out = Record::new(schema, profile);
    for (id, table) in schema.table_ids() {
        match table.kind {
            TableKind::Profile => {}
            TableKind::Reference => {
                for row in sorted.get(&id).into_iter().flatten() {
                    let mut row = row.clone();
                    repoint(id, &mut row);
                    out.push(id, row);
                }
            }
            TableKind::Event => {
                let by = table.by.as_deref().and_then(|by| table.find(by));
                for row in record.rows(id) {
                    let mut row = row.clone();
                    repoint(id, &mut row);
                    if let (Some(by), Some(key)) = (by, &own_key) {
                        *row.get_mut(by.0 as usize)? = key.clone();
                    }
                    out.push(id, row);
                }
            }
        }
    }
    for (id, _) in schema.collection_ids().filter(|(id, _)| record.events(*id, 0).is_none()) {
        out.not_sent(id);
    }
    out.seal(schema, &program.zone, as_of);
    let mut references = References::new();
    for (id, table) in schema.table_ids().filter(|(_, t)| t.kind == TableKind::Reference) {
        let Some(key) = table.key.map(|k| k.0 as usize) else { continue };
        for row in out.rows(id) {
            let by_key = table.fields.iter().zip(row).map(|(field, value)| match (&field.ty, value) {
                (Type::Reference(to), Const::Reference(n)) => key_of(schema, *to, *n, Some(&out)).1,
                _ => value.clone(),
            });
            references.entry(id).or_default().insert(row.get(key)?.clone(), by_key.collect());
        }
    }
    Some((out, references))
}

fn made_key(ty: &Type, number: usize) -> Option<Const> {
    match ty {
        Type::Text => Some(Const::text(&format!("~{number:09}"))),
        Type::Int => Some(Const::Int(number as i64)),
        _ => None,
    }
}

/// The query with every column as plain JSON has it.
fn exported(program: &Program, script: &sql::Script) -> String {
    let names: Vec<String> = (0..script.columns.len()).map(|n| format!("v{n}")).collect();
    let columns = script.columns.iter().zip(&names).map(|((_, node), name)| export(program.ir.ty(*node), name));
    let columns: Vec<String> = std::iter::once("k".to_string()).chain(columns).collect();
    let key_ty = program.schema.profile().key.map(|k| program.schema.field(PROFILE, k).ty.clone());
    let key = key_ty.map_or("k".to_string(), |ty| export(&ty, "k"));
    let named: Vec<String> = std::iter::once("k".to_string()).chain(names).collect();
    format!("SELECT {key}, {} FROM ({}) AS answer({})", columns[1..].join(", "), script.query, named.join(", "))
        .replace(",  FROM (", " FROM (")
}

fn export(ty: &Type, name: &str) -> String {
    match ty {
        Type::Date => format!("{name} - DATE '1970-01-01'"),
        Type::Timestamp => format!("epoch_us({name})"),
        Type::TimeOfDay => format!("CAST(date_part('epoch', {name}) AS BIGINT)"),
        Type::List(item) => match export(item, "x").as_str() {
            "x" => name.to_string(),
            item => format!("list_transform({name}, lambda x: {item})"),
        },
        _ => name.to_string(),
    }
}

/// A value as the query's export shows it.
fn shown(program: &Program, ty: &Type, value: &Const, batch: &Batch) -> Json {
    let schema = &program.schema;
    match (value, ty) {
        (Const::Missing(_), _) => Json::Null,
        (Const::Bool(v), _) => json!(v),
        (Const::Int(v), Type::Number) => json!(*v as f64),
        (Const::Int(v) | Const::Percent(v) | Const::Money(v) | Const::Span(v) | Const::Timestamp(v), _) => json!(v),
        (Const::Number(bits), _) => json!(f64::from_bits(*bits)),
        (Const::Text(v), _) => json!(v.as_ref()),
        (Const::Date(v) | Const::TimeOfDay(v), _) => json!(v),
        (Const::Enum(v), Type::Enum(id)) => {
            schema.enum_type(*id).members.get(*v as usize).map_or(Json::Null, |m| json!(m.value))
        }
        (Const::List(items), Type::List(item)) => {
            Json::Array(items.iter().map(|i| shown(program, item, i, batch)).collect())
        }
        (Const::Reference(row), Type::Reference(to)) => {
            let keys = batch.references.get(to);
            keys.and_then(|k| k.keys().nth(*row as usize))
                .map_or(Json::Null, |k| shown(program, &key_type(schema, *to), k, batch))
        }
        _ => json!(format!("{value:?}")),
    }
}

/// Exact equality; a float is equal where its bits are.
fn same(want: &Json, found: &Json) -> bool {
    match (want, found) {
        (Json::Number(a), Json::Number(b)) => {
            let (a, b) = (a.to_string(), b.to_string());
            a == b || (is_float(&a) || is_float(&b)) && a.parse::<f64>() == b.parse::<f64>()
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => want == found,
    }
}

fn is_float(number: &str) -> bool {
    number.contains(['.', 'e', 'E'])
}

//! Customer data in text: CSV and NDJSON files, and JSON records. A file and a record get the same verdict on the same line,
//! and so do the two ways in which a record is read.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use seg_evaluator::Method;
use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::{Const, NodeId, Program, Type};
use seg_runtime::{
    Bindings, Collected, Decider, Options, References, RejectMax, RequestOptions, Summary, UnknownFields,
};

use super::mutate::{self, JSON_WORDS, ROW_WORDS};
use super::{Bound, Target, Verdict};
use crate::differential::compare::{Cell, outputs};
use crate::differential::files::Answers;
use crate::fixture;

pub const CSV: Target = Target {
    name: "csv",
    check: csv,
    seeds: |_| Ok([CUSTOMERS_CSV, ORDERS_CSV, ITEMS_CSV].map(|text| text.as_bytes().to_vec()).to_vec()),
    change: |seeds, random| mutate::text(seeds, ROW_WORDS, random),
    verdicts: &["read", "some rows refused", "not read"],
    memory: Bound { fixed: 8 << 20, per_byte: 1_000 },
    steps: Bound { fixed: 10_000, per_byte: 100 },
};

pub const NDJSON: Target = Target {
    name: "ndjson",
    check: ndjson,
    seeds: |_| Ok([CUSTOMERS_NDJSON, ORDERS_NDJSON].map(|text| text.as_bytes().to_vec()).to_vec()),
    change: |seeds, random| mutate::text(seeds, JSON_WORDS, random),
    verdicts: &["read", "some rows refused"],
    memory: Bound { fixed: 8 << 20, per_byte: 1_000 },
    steps: Bound { fixed: 10_000, per_byte: 100 },
};

pub const JSON: Target = Target {
    name: "json",
    check: json,
    seeds: |_| Ok(REQUESTS.iter().map(|text| text.as_bytes().to_vec()).collect()),
    change: |seeds, random| mutate::text(seeds, JSON_WORDS, random),
    verdicts: &["decided", "decided without some events", "refused"],
    memory: Bound { fixed: 64 << 10, per_byte: 200 },
    steps: Bound { fixed: 500, per_byte: 60 },
};

const AS_OF: i64 = 1_772_323_200_000_000; // 2026-03-01T00:00Z

const PLAYBOOK: &str = include_str!("shop.seg");
const ORDERS: (&str, &str) = ("# orders: many", "orders many");

const CUSTOMERS_CSV: &str = "id,name,card,tenure,visits,score,rate,premium,birthday,joined,tags,consent.email
a,Ann,gold card,3,1,0.5,0.1,100.50,1990-02-28,2020-01-01T00:00:00Z,\"[\"\"x\"\",\"\"y\"\"]\",true
b,,,,,,,,,,,
c,\"C,y\",Blue,1,2,-1.5e3,0.12,-7,2000-02-29,2026-03-29T01:30:00,[],false
";
const ORDERS_CSV: &str = "id,placed_at,total,rating,note,item
a,2026-01-01T10:00:00Z,60,5,first,shoe
a,2026-02-01T10:00:00+01:00,45.5,,\"sec
ond\",hat
c,2027-02-03,5,1,,
";
const ITEMS_CSV: &str = "item_id,department,own_label\nshoe,footwear,true\nhat,,false\n";
const CUSTOMERS_NDJSON: &str = r#"{"id": "a", "name": "Ann", "card": "gold card", "tenure": 3, "score": 0.5, "rate": 0.1, "premium": 100.50, "birthday": "1990-02-28", "joined": "2020-01-01T00:00:00Z", "tags": ["x", "y"], "consent": {"email": true}}
{"id": "b"}

{"id": "c", "card": null, "visits": 2, "premium": "7.5", "consent.email": false, "joined": "2026-03-29T01:30:00", "extra": [1, {"a": 2}]}
"#;
const ORDERS_NDJSON: &str = r#"{"id": "a", "placed_at": "2026-01-01T10:00:00Z", "total": 60, "rating": 5, "note": "first", "item": "shoe"}
{"id": "c", "placed_at": "2027-02-03", "total": "5.00"}
"#;
const REQUESTS: [&str; 4] = [
    r#"{"id": "a", "name": "Ann \u00e9", "card": "gold card", "tenure": 3, "visits": 1, "score": 0.5, "rate": 0.1, "premium": 100.50, "birthday": "1990-02-28", "joined": "2020-01-01T00:00:00Z", "tags": ["x", "y"], "consent": {"email": true}, "orders": []}"#,
    r#"{"id": "b", "orders": [{"placed_at": "2026-01-01T10:00:00Z", "total": 60, "rating": 5, "note": "first", "item": "shoe"}, {"placed_at": "2027-01-01T10:00:00Z", "total": 1}]}"#,
    r#"{"orders": [{"total": "45.5", "placed_at": "2026-02-01T10:00:00+01:00"}], "consent.email": false, "id": "c"}"#,
    r#"{"id": "d", "card": null, "tags": [], "consent": null, "orders": [{"placed_at": "2026-02-01T10:00:00Z", "total": 1.005, "rating": null}]}"#,
];

/// The playbook with orders and without, and the files that stand beside the one under test.
pub(super) struct Shop {
    folder: tempfile::TempDir,
    full: Program,
    flat: Program,
    flat_references: References,
    references: References,
}

/// The shop of this process. **Errors**: it cannot be set up.
pub(super) fn shop() -> Result<&'static Shop, String> {
    static SHOP: OnceLock<Result<Shop, String>> = OnceLock::new();
    SHOP.get_or_init(Shop::new).as_ref().map_err(String::clone)
}

impl Shop {
    fn new() -> Result<Shop, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let (full, flat) = (fixture::checked(&PLAYBOOK.replace(ORDERS.0, ORDERS.1))?, fixture::checked(PLAYBOOK)?);
        for (name, text) in [("customers.csv", CUSTOMERS_CSV), ("orders.csv", ORDERS_CSV), ("items.csv", ITEMS_CSV)] {
            std::fs::write(folder.path().join(name), text).map_err(|e| e.to_string())?;
        }
        let bindings = Bindings { base: folder.path().to_path_buf(), ..Bindings::default() };
        let options = Options::new(AS_OF, bindings.bind("Item", "items.csv"));
        let load = |program| References::load(program, &options).map_err(|e| e.to_string());
        let (references, flat_references) = (load(&full)?, load(&flat)?);
        Ok(Shop { references, flat_references, folder, full, flat })
    }

    /// Writes the file under test, over the one before: a file that was emptied first is put on disk at once by some file
    /// systems, which takes longer than all that is done with it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let told = |e: std::io::Error| e.to_string();
        let path = self.folder.path().join(name);
        let mut file = File::options().write(true).create(true).truncate(false).open(&path).map_err(told)?;
        file.write_all(bytes).map_err(told)?;
        file.set_len(bytes.len() as u64).map_err(told)?;
        Ok(path)
    }

    /// The playbook that reads a table: the one without orders, unless they are under test.
    pub fn program(&self, table: &str) -> &Program {
        if table == "Order" { &self.full } else { &self.flat }
    }

    /// A run over good files, with others in the place of one table's; orders only where they are under test.
    pub fn options(&self, table: &str, files: &[&str]) -> Options {
        let mut bindings = Bindings { base: self.folder.path().to_path_buf(), ..Bindings::default() };
        for (name, good) in [("Customer", "customers.csv"), ("Order", "orders.csv"), ("Item", "items.csv")] {
            if name == "Order" && table != name {
                continue;
            }
            let files = if name == table { files } else { &[good] };
            bindings = files.iter().fold(bindings, |bindings, file| bindings.bind(name, *file));
        }
        let reject_max = RejectMax::Fraction(1.0);
        Options { threads: Some(1), method: Method::Masks, reject_max, ..Options::new(AS_OF, bindings) }
    }
}

/// The table that a file is of, by what it says of its columns.
pub(super) fn table_of(bytes: &[u8]) -> &'static str {
    let says = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    match (says(b"placed_at"), says(b"item_id")) {
        (true, _) => "Order",
        (false, true) => "Item",
        (false, false) => "Customer",
    }
}

/// What a run gave.
pub(super) struct Ran {
    pub summary: Summary,
    pub rejects: Vec<Reject>,
    answers: Answers,
}

/// Runs, and holds what is told against itself. `Ok(None)`: the run ends with an error that names the file under test.
/// **Errors**: what does not add up.
pub(super) fn run(program: &Program, options: &Options, file: &Path) -> Result<Option<Ran>, String> {
    let mut sink = Collected::default();
    let summary = match seg_runtime::run(program, options, &mut sink) {
        Ok(summary) => summary,
        Err(error) => {
            let (told, name) = (error.to_string(), file.display().to_string());
            return if told.contains(&name) {
                Ok(None)
            } else {
                Err(format!("an error that does not name the file: {told}"))
            };
        }
    };
    let answers = Answers::new(&sink)?;
    let mut customers = 0;
    for source in &summary.sources {
        let rejects: Vec<&Reject> = sink.rejects.iter().filter(|r| r.source == source.table).collect();
        let left_out = source.rejected + source.later_than_as_of + source.outside_sample;
        if rejects.len() as u64 != source.rejected || left_out > source.rows {
            return Err(format!("{source:?}, and {} rejects", rejects.len()));
        }
        if let Some(odd) = rejects.iter().find(|r| r.row == 0 || r.file.is_none() || r.reason.is_empty()) {
            return Err(format!("a reject that says too little: {odd:?}"));
        }
        if source.table == program.schema.profile().name {
            customers = source.rows - source.rejected;
        }
    }
    if summary.customers != customers || answers.keys.len() as u64 != customers {
        let (told, decided) = (summary.customers, answers.keys.len());
        return Err(format!("{customers} rows of customers were kept, {told} are told, {decided} decided"));
    }
    Ok(Some(Ran { summary, rejects: sink.rejects, answers }))
}

/// The same; and for some of the inputs in small batches too, which give what large ones give.
fn in_any_batches(program: &Program, options: &Options, file: &Path, bytes: &[u8]) -> Result<Option<Ran>, String> {
    let whole = run(program, options, file)?;
    if !bytes.len().is_multiple_of(4) {
        return Ok(whole);
    }
    let small = run(program, &Options { batch_rows: 2, ..options.clone() }, file)?;
    match (&whole, &small) {
        (Some(whole), Some(small)) => {
            let same = whole.rejects == small.rejects
                && whole.summary.sources == small.summary.sources
                && whole.summary.segments == small.summary.segments
                && whole.answers.keys == small.answers.keys
                && whole.answers.columns == small.answers.columns;
            same.then_some(()).ok_or("a run depends on the size of its batches")?;
        }
        (None, None) => {}
        _ => return Err("whether a run ends well depends on the size of its batches".to_string()),
    }
    Ok(whole)
}

fn word_for(ran: &Option<Ran>) -> &'static str {
    match ran {
        None => "not read",
        Some(ran) if ran.rejects.is_empty() => "read",
        Some(_) => "some rows refused",
    }
}

/// Any bytes as a CSV file are a table with rows that are kept and rows that are refused, or one error that names the file.
fn csv(bytes: &[u8]) -> Verdict {
    let shop = shop()?;
    let path = shop.write("rows.csv", bytes)?;
    let table = table_of(bytes);
    Ok(word_for(&in_any_batches(shop.program(table), &shop.options(table, &["rows.csv"]), &path, bytes)?))
}

/// The same of NDJSON; and each line is judged and decided as a record of its own is.
fn ndjson(bytes: &[u8]) -> Verdict {
    let shop = shop()?;
    let path = shop.write("rows.ndjson", bytes)?;
    let table = table_of(bytes);
    let options = shop.options(table, &["rows.ndjson"]);
    if table != "Customer" {
        return Ok(word_for(&in_any_batches(shop.program(table), &options, &path, bytes)?));
    }
    let ran = in_any_batches(&shop.flat, &options, &path, bytes)?;
    let Some(Ran { rejects, answers, .. }) = &ran else { return Ok(word_for(&ran)) };
    let lenient = RequestOptions { unknown_fields: UnknownFields::Ignore, ..RequestOptions::default() };
    let deciders = deciders(&shop.flat, &shop.flat_references, lenient)?;
    let mut rejects = rejects.iter().peekable();
    let mut kept = 0;
    for (number, line) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let refused = rejects.next_if(|reject| reject.row == number);
        let Ok(text) = std::str::from_utf8(line) else {
            let malformed = refused.is_some_and(|reject| reject.code == RejectCode::Malformed);
            malformed.then_some(()).ok_or(format!("line {number} is no text, and was read"))?;
            continue;
        };
        let text = if number == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        for (decider, _) in deciders.each() {
            let told = |says: String| format!("line {number}: {says}");
            match (decided(decider, &shop.flat, text), refused) {
                (Err(record), Some(file)) => same_refusal(&record, file).map_err(told)?,
                (Ok(_), Some(file)) if file.code == RejectCode::DuplicateKey => {}
                (Ok(values), None) => same_values(&shop.flat, &values, answers, kept).map_err(told)?,
                (Ok(_), Some(file)) => return Err(told(format!("a file refuses it, and a record does not: {file:?}"))),
                (Err(record), None) => {
                    return Err(told(format!("a record refuses it, and a file does not: {record:?}")));
                }
            }
        }
        kept += usize::from(refused.is_none());
    }
    match rejects.next() {
        Some(reject) => Err(format!("a reject of no line: {reject:?}")),
        None => Ok(word_for(&ran)),
    }
}

/// Any text as a record is refused with its path, or decided; both readers of records say the same.
fn json(bytes: &[u8]) -> Verdict {
    let shop = shop()?;
    let text = String::from_utf8_lossy(bytes);
    let mut verdict = "refused";
    for unknown_fields in [UnknownFields::Ignore, UnknownFields::Reject] {
        let options = RequestOptions { unknown_fields, ..RequestOptions::default() };
        let deciders = deciders(&shop.full, &shop.references, options)?;
        let by: Vec<_> = deciders.each().map(|(decider, _)| decided(decider, &shop.full, &text)).collect();
        let ([first, second], Some(at)) = (by.as_slice(), by.first()) else { return Err("two readers".to_string()) };
        if first != second {
            return Err(format!("{unknown_fields:?}: {first:?}, and {second:?} by machine code"));
        }
        match at {
            Ok(decided) if serde_json::from_str::<serde_json::Value>(&text).is_err() => {
                return Err(format!("it is no JSON, and was read as {:?}", decided.key));
            }
            Ok(decided) if decided.rejects.is_empty() => verdict = "decided",
            Ok(_) => verdict = "decided without some events",
            Err(reject) if reject.reason.is_empty() => return Err(format!("{reject:?} says too little")),
            Err(_) => {}
        }
    }
    Ok(verdict)
}

/// What decides records: the interpreter behind the general reader, and machine code behind the quick one.
struct Deciders([(Decider<'static>, Method); 2]);

impl Deciders {
    fn each(&self) -> impl Iterator<Item = &(Decider<'static>, Method)> {
        self.0.iter()
    }
}

/// The deciders of a program of the shop, made once.
fn deciders(
    program: &'static Program,
    references: &References,
    options: RequestOptions,
) -> Result<&'static Deciders, String> {
    static MADE: [OnceLock<Result<Deciders, String>>; 4] = [const { OnceLock::new() }; 4];
    let is_full = !program.schema.collections.is_empty();
    let at = usize::from(is_full) * 2 + usize::from(options.unknown_fields == UnknownFields::Reject);
    let make = |method| {
        let nodes: Vec<NodeId> = outputs_of(program);
        let decider = Decider::new(program, references.clone(), options, method, nodes);
        decider.map(|decider| (decider, method)).map_err(|e| e.to_string())
    };
    let made = MADE.get(at).ok_or("four kinds")?;
    made.get_or_init(|| Ok(Deciders([make(Method::Interp)?, make(Method::Jit)?]))).as_ref().map_err(String::clone)
}

/// The nodes that a run gives, in its order.
fn outputs_of(program: &Program) -> Vec<NodeId> {
    program.optimised.segments.iter().chain(&program.optimised.attributes).copied().collect()
}

#[derive(Debug, PartialEq)]
struct Decided {
    key: Const,
    values: Vec<Const>,
    rejects: Vec<Reject>,
}

fn decided(decider: &Decider<'_>, program: &Program, text: &str) -> Result<Decided, Box<Reject>> {
    decider.decide(text, 1, AS_OF, |decision| Decided {
        key: decision.key.to_const(),
        values: (0..outputs_of(program).len()).map(|at| decision.value(at).to_const()).collect(),
        rejects: decision.rejects.to_vec(),
    })
}

/// A malformed line has no field in a file, and its path in a record.
fn same_refusal(record: &Reject, file: &Reject) -> Result<(), String> {
    let same = record.code == file.code
        && (record.code == RejectCode::Malformed
            || (&record.field, &record.reason, &record.key) == (&file.field, &file.reason, &file.key));
    same.then_some(()).ok_or_else(|| format!("a file says {file:?}, and a record {record:?}"))
}

fn same_values(program: &Program, decided: &Decided, answers: &Answers, row: usize) -> Result<(), String> {
    let key = match &decided.key {
        Const::Text(key) => key.to_string(),
        other => format!("{other:?}"),
    };
    if answers.keys.get(row) != Some(&key) {
        return Err(format!("a file has the key {:?}, and a record {key:?}", answers.keys.get(row)));
    }
    let cell = Cell { schema: &program.schema, key: &|_, row| Const::Reference(row) };
    let (names, nodes) = outputs(program);
    for ((name, node), (column, value)) in names.iter().zip(nodes).zip(answers.columns.iter().zip(&decided.values)) {
        let ty: &Type = program.ir.ty(node);
        if !cell.holds(column, row, ty, value) {
            return Err(format!("`{name}` is {:?} in a file, and {value:?} in a record", column.slice(row, 1)));
        }
    }
    Ok(())
}

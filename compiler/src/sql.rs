//! A checked playbook as SQL that reads well: one query whose columns are the attributes and segments, over tables as the schema
//! declares them. What SQL cannot say is told, never said wrongly. Runs nothing; where data is comes in as plain data.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use seg_ir::{CollectionId, NodeId, Program};

mod expression;
mod fold;
mod header;
mod literal;
mod load;
mod macros;
mod pattern;
mod plan;
mod query;
mod say;

pub use literal::{constant, ident, sql_type};
pub use load::{FileFormat, Files};

use expression::Writer;
use plan::Wanted;
use say::Sayer;

/// The column of an event's customer, and of its place among that customer's events. No field can be called so.
const CUSTOMER: &str = "_customer";
const ORDER: &str = "_order";

/// What the SQL is to be for.
pub struct Options<'a> {
    /// Microseconds since 1970-01-01T00:00Z: the instant whose dates are written.
    pub as_of: i64,
    /// These attributes and segments; all of the playbook's own when there are none.
    pub only: &'a [String],
    /// Conditions that are to be columns as well, by name.
    pub conditions: &'a [(String, NodeId)],
    /// Collections without a table: what is computed from them is missing.
    pub unbound: &'a [CollectionId],
    pub required: Required,
    /// The files of the tables, to be read by the script itself.
    pub files: Option<&'a BTreeMap<String, Files>>,
}

/// Whether a field that the schema requires is surely there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Rows without it were refused, as a run refuses them.
    Present,
    /// As in `test` blocks, whose customers are given in part.
    MayBeMissing,
}

/// A script: `header`, `functions`, `tables` and `query` one after the other.
pub struct Script {
    /// What it is and which tables it needs, as comments.
    pub header: String,
    /// Definitions that the query uses.
    pub functions: String,
    /// Views over files, where they were given.
    pub tables: String,
    /// One SELECT, without a semicolon. Its first column is the customer's key.
    pub query: String,
    /// The names of its columns behind the key, in order, and the nodes that they are.
    pub columns: Vec<(String, NodeId)>,
    pub unsaid: Vec<Unsaid>,
}

/// An attribute or a segment that SQL cannot say, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    pub name: String,
    pub reason: String,
}

impl Script {
    pub fn text(&self) -> String {
        let parts = [self.header.as_str(), &self.functions, &self.tables, &format!("{};\n", self.query)];
        parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join("\n")
    }
}

/// An output under its name.
pub(crate) struct Output<'a> {
    pub name: String,
    pub node: NodeId,
    pub words: Option<&'a str>,
}

/// Writes a playbook as a script for DuckDB.
pub fn duckdb(program: &Program, options: &Options) -> Script {
    let mut sayer = Sayer::new(program, options);
    let (mut said, mut unsaid) = (Vec::new(), Vec::new());
    for output in outputs(program, options) {
        match sayer.unsaid(output.node).or_else(|| unfit(program)) {
            None => said.push(output),
            Some(reason) => unsaid.push(Unsaid { name: output.name, reason }),
        }
    }
    let wanted: Vec<Wanted> = said.iter().map(|o| Wanted { node: o.node, name: o.name.clone() }).collect();
    let plan = plan::plan(program, &sayer, &wanted);
    let mut writer =
        Writer { program, sayer: RefCell::new(sayer), used: RefCell::new(BTreeSet::new()), sources: HashMap::new() };
    let query = match query::query(&mut writer, &plan, &said) {
        Ok(query) => query,
        // Each output was judged by itself, so this is a rule that the judgement lacks: say nothing rather than half.
        Err(reason) => {
            unsaid.extend(said.drain(..).map(|o| Unsaid { name: o.name, reason: reason.clone() }));
            query::keys_only(program)
        }
    };
    let mut used = writer.used.into_inner();
    let tables = options.files.map_or_else(String::new, |files| load::views(program, files, &mut used));
    let functions = macros::definitions(&used, &program.schema, &program.zone);
    let columns = said.iter().map(|o| (o.name.clone(), o.node)).collect();
    let header = header::header(program, options, &unsaid);
    Script { header, functions, tables, query, columns, unsaid }
}

/// Why a schema's tables cannot be tables of a database as they are.
fn unfit(program: &Program) -> Option<String> {
    let schema = &program.schema;
    if schema.profile().key.is_none() && !schema.collections.is_empty() {
        return Some("events of customers that have no key".into());
    }
    let tables = differs_in_case(schema.tables.iter().map(|t| t.name.as_str()));
    let enums = differs_in_case(schema.enums.iter().map(|e| e.name.as_str()));
    let mut fields = schema.tables.iter().filter_map(|t| differs_in_case(t.fields.iter().map(|f| f.name.as_str())));
    let name = tables.or(enums).or_else(|| fields.next())?;
    Some(format!("the name `{name}` differs from another one in case only"))
}

fn differs_in_case<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut seen = std::collections::HashSet::new();
    names.find(|name| !seen.insert(name.to_lowercase()))
}

fn outputs<'a>(program: &'a Program, options: &Options) -> Vec<Output<'a>> {
    let wanted = |name: &str, own: bool| match options.only {
        [] => own,
        only => only.iter().any(|o| o == name),
    };
    let attributes = program.attributes.iter().filter(|a| wanted(&a.name, a.own));
    let attributes = attributes.map(|a| Output { name: a.name.clone(), node: a.node, words: a.doc.as_deref() });
    let segments = program.segments.iter().filter(|s| wanted(&s.name, s.own));
    let segments =
        segments.map(|s| Output { name: s.name.clone(), node: s.node, words: s.title.as_deref().or(s.doc.as_deref()) });
    let conditions =
        options.conditions.iter().map(|(name, node)| Output { name: name.clone(), node: *node, words: None });
    let mut all: Vec<Output> = attributes.chain(segments).chain(conditions).collect();
    // DuckDB does not tell `Active` from `active`.
    let fields = program.schema.profile().fields.iter();
    let mut taken: std::collections::HashSet<String> = fields.map(|f| f.name.to_lowercase()).collect();
    for output in &mut all {
        output.name = literal::unique(&mut taken, &output.name);
    }
    all
}

//! What a compiled playbook says of itself: what it was built with, whose it is, what it declares and what it costs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::files::Error;
use crate::ir::cost::Cost;
use crate::ir::playbook::{self, PublicKey, Versions};
use crate::ir::schema::{Schema, TableKind};
use crate::ir::{Op, Program};
use crate::playbook::Playbook;

/// All that `seg inspect` shows.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    pub name: String,
    /// The version of the format.
    pub format: u16,
    pub bytes: usize,
    /// The SHA-256 of the file, signature included.
    pub digest: String,
    /// The SHA-256 of the sources, which summaries tell as `digest`.
    pub sources: String,
    pub versions: Versions,
    /// The functions that are used, with their versions.
    pub functions: BTreeMap<String, u32>,
    /// The signer's key: `ed25519:...`.
    pub signer: Option<String>,
    pub timezone: String,
    pub tables: Vec<Table>,
    pub enums: Vec<Enum>,
    pub attributes: Vec<Site>,
    pub segments: Vec<Site>,
    pub tests: Vec<Site>,
    /// Distinct operations of the IR, and of the optimised one.
    pub operations: usize,
    pub operations_optimised: usize,
    /// The worst case of one customer.
    pub cost: Cost,
}

#[derive(Debug, Clone, Serialize)]
pub struct Table {
    pub name: String,
    /// `profile`, `event`, `reference`
    pub kind: &'static str,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Field {
    pub name: String,
    /// In the words of the language: `Money(GBP)?`, `many Order`.
    #[serde(rename = "type")]
    pub ty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Enum {
    pub name: String,
    pub members: Vec<String>,
}

/// A declaration, where it stands in the sources.
#[derive(Debug, Clone, Serialize)]
pub struct Site {
    pub name: String,
    /// `file.seg:12`
    pub place: String,
    /// As its author wrote it; of a test, its expectations.
    pub clause: String,
}

/// Reads a compiled playbook. **Errors**: those of loading it.
pub fn inspect(path: &Path, key: Option<&PublicKey>) -> Result<Inspection, Error> {
    let unreadable = |e: seg_runtime::Error| Error::Unreadable { path: path.to_path_buf(), reason: e.to_string() };
    let refused = |reason| Error::Refused { path: path.to_path_buf(), reason };
    let playbook = Playbook::load(path, key)?;
    let bytes = seg_runtime::bytes(path).map_err(unreadable)?;
    let header = playbook::header(&bytes).map_err(refused)?;
    let program = &playbook.program;
    Ok(Inspection {
        name: program.name.clone(),
        format: header.format,
        bytes: bytes.len(),
        digest: playbook::hex(&playbook::digest(&bytes)),
        sources: playbook::hex(&playbook.sources),
        versions: playbook.versions.clone(),
        functions: functions(program),
        signer: playbook::signer(&bytes).map(|signer| signer.to_string()),
        timezone: program.schema.timezone.clone(),
        tables: tables(&program.schema),
        enums: enums(&program.schema),
        attributes: program.attributes.iter().map(|a| site(&a.name, &a.place, &a.clause.text)).collect(),
        segments: program.segments.iter().map(|s| site(&s.name, &s.place, &definition(&s.clause))).collect(),
        tests: program
            .tests
            .iter()
            .map(|t| {
                let expects: Vec<&str> = t.expects.iter().map(|e| e.text.as_str()).collect();
                site(&t.name, &t.place, &expects.join(", "))
            })
            .collect(),
        operations: program.ir.len(),
        operations_optimised: program.optimised.ir.len(),
        cost: program.cost(),
    })
}

fn site(name: &str, place: &crate::ir::program::Place, clause: &str) -> Site {
    Site { name: name.to_string(), place: place.to_string(), clause: clause.to_string() }
}

/// A segment's clauses as written. One of several clauses bears its name alone.
fn definition(clause: &crate::ir::program::Clause) -> String {
    use crate::ir::program::ClauseKind;
    match clause.kind {
        ClauseKind::All if clause.operands.is_empty() && !clause.parts.is_empty() => {
            clause.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" and ")
        }
        _ => clause.text.clone(),
    }
}

fn functions(program: &Program) -> BTreeMap<String, u32> {
    let called = program.ir.nodes.iter().filter_map(|node| match node.op {
        Op::Call { builtin, .. } => program.vocabulary.get(builtin),
        _ => None,
    });
    called.map(|builtin| (builtin.name.to_string(), builtin.version)).collect()
}

fn tables(schema: &Schema) -> Vec<Table> {
    let one = |table: &crate::ir::schema::Table| {
        let kind = match table.kind {
            TableKind::Profile => "profile",
            TableKind::Event => "event",
            TableKind::Reference => "reference",
        };
        let fields = table.fields.iter().map(|field| {
            let mark = if field.optional { "?" } else { "" };
            Field { name: field.name.clone(), ty: format!("{}{mark}", schema.show_type(&field.ty)), max: field.max }
        });
        let collections = schema.collections.iter().filter(|_| table.kind == TableKind::Profile).map(|c| {
            let mark = if c.optional { "?" } else { "" };
            let ty = format!("many {}{mark}", schema.table(c.table).name);
            Field { name: c.name.clone(), ty, max: c.max }
        });
        Table { name: table.name.clone(), kind, fields: fields.chain(collections).collect() }
    };
    schema.tables.iter().map(one).collect()
}

/// The declared enums; Weekday and Month are everybody's.
fn enums(schema: &Schema) -> Vec<Enum> {
    let built_in = Schema::new().enums.len();
    let one = |e: &crate::ir::schema::EnumType| Enum {
        name: e.name.clone(),
        members: e.members.iter().map(|m| m.name.clone()).collect(),
    };
    schema.enums.iter().skip(built_in).map(one).collect()
}

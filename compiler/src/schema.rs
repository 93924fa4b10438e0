//! Enums, profile, events and references to the schema that the runtime validates data against.

use std::collections::{HashMap, HashSet};

use seg_grammar::ast::{self, EnumMembers, Ident, ItemKind};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::schema::{EnumType, Field, FieldId, Member, Schema, Table, TableId, TableKind};
use seg_ir::types::EnumId;
use seg_ir::{Const, Type, Zone};

use crate::declare::Names;
use crate::modules::{Modules, Sources};
use crate::suggest::nearest;

mod fields;
mod playbook;
mod types;

pub use types::TypeNames;

/// The schema with what later passes need of its making.
pub struct Schemas {
    pub schema: Schema,
    pub zone: Zone,
    pub name: String,
    pub enums: HashMap<String, EnumId>,
    pub tables: HashMap<String, TableId>,
    /// Where each field was declared.
    pub field_spans: HashMap<(TableId, FieldId), Span>,
    /// Where each collection was declared.
    pub collection_spans: Vec<Span>,
    /// Fields that could not be read; uses of them raise nothing more.
    pub broken_fields: Vec<String>,
    index: Index,
}

/// What stands where in the schema, by name.
#[derive(Default)]
struct Index {
    fields: HashMap<TableId, HashMap<String, FieldId>>,
    /// Groups of fields: every part of a field's name before a dot.
    groups: HashSet<(TableId, String)>,
    /// By enum: its members by name and by text.
    members: Vec<Members>,
}

#[derive(Default)]
struct Members {
    names: HashMap<String, u32>,
    texts: HashMap<String, u32>,
}

impl Schemas {
    pub fn field(&self, table: TableId, name: &str) -> Option<FieldId> {
        self.index.fields.get(&table)?.get(name).copied()
    }

    /// Whether a table has a field, or a group of fields, of that name.
    pub fn has_field(&self, table: TableId, name: &str) -> bool {
        self.field(table, name).is_some() || self.index.groups.contains(&(table, name.to_string()))
    }

    /// A member of an enum, by its name.
    pub fn member(&self, of: EnumId, name: &str) -> Option<u32> {
        self.index.members.get(of.0 as usize)?.names.get(name).copied()
    }

    /// A member of an enum, by its text.
    pub fn member_of_text(&self, of: EnumId, text: &str) -> Option<u32> {
        self.index.members.get(of.0 as usize)?.texts.get(text).copied()
    }

    fn push_enum(&mut self, declared: EnumType) {
        self.enums.insert(declared.name.clone(), EnumId(self.schema.enums.len() as u32));
        self.index.members.push(members(&declared));
        self.schema.enums.push(declared);
    }

    fn push_field(&mut self, table: TableId, field: Field, span: Span) {
        let fields = &mut self.schema.tables[table.0 as usize].fields;
        let id = FieldId(fields.len() as u32);
        for (dot, _) in field.name.match_indices('.') {
            self.index.groups.insert((table, field.name.get(..dot).unwrap_or("").to_string()));
        }
        self.index.fields.entry(table).or_default().insert(field.name.clone(), id);
        self.field_spans.insert((table, id), span);
        fields.push(field);
    }

    pub fn enum_named(&self, name: &str) -> Option<EnumId> {
        self.enums.get(name).copied()
    }

    /// The type as it is declared: `Int`, `Money(GBP)`.
    pub fn show(&self, ty: &Type) -> String {
        self.schema.show_type(ty)
    }

    /// A value of the type, in words that ask for no knowledge of types: "a whole number".
    pub fn words(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "a yes-or-no value".into(),
            Type::Int => "a whole number".into(),
            Type::Number => "a number".into(),
            Type::Percent => "a percentage".into(),
            Type::Money(currency) => format!("an amount in {currency}"),
            Type::Text => "a text".into(),
            Type::Date => "a date".into(),
            Type::Timestamp => "a timestamp".into(),
            Type::TimeOfDay => "a time of day".into(),
            Type::Span | Type::Period => "a length of time".into(),
            Type::Enum(id) => format!("a `{}`", self.schema.enum_type(*id).name),
            Type::List(_) => "a list".into(),
            Type::Reference(id) => format!("a row of `{}`", self.schema.table(*id).name),
        }
    }
}

fn members(declared: &EnumType) -> Members {
    let mut index = Members::default();
    for (n, member) in declared.members.iter().enumerate() {
        index.names.entry(member.name.clone()).or_insert(n as u32);
        index.texts.entry(member.value.clone()).or_insert(n as u32);
    }
    index
}

pub fn build(modules: &Modules, names: &Names, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Schemas {
    let mut builder = Builder {
        modules,
        sources,
        diagnostics,
        out: Schemas {
            schema: Schema::new(),
            zone: Zone::utc(),
            name: modules.name.clone(),
            enums: HashMap::new(),
            tables: HashMap::new(),
            field_spans: HashMap::new(),
            collection_spans: Vec::new(),
            broken_fields: Vec::new(),
            index: Index::default(),
        },
    };
    builder.playbook(names);
    builder.built_in_enums();
    for at in &names.enum_items {
        builder.enum_item(*at);
    }
    builder.table_names(names);
    for at in &names.table_items {
        builder.table_item(*at);
    }
    builder.out
}

struct Builder<'a> {
    modules: &'a Modules,
    sources: &'a Sources,
    diagnostics: &'a mut Vec<Diagnostic>,
    out: Schemas,
}

impl Builder<'_> {
    fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn built_in_enums(&mut self) {
        for declared in std::mem::take(&mut self.out.schema.enums) {
            self.out.push_enum(declared);
        }
    }

    fn enum_item(&mut self, at: crate::hir::ItemRef) {
        let ItemKind::Enum(declared) = &self.modules.item(at).1.kind else { return };
        let members = match &declared.members {
            EnumMembers::Inline(members) => self.inline_members(&declared.name, members),
            EnumMembers::FromCsv { file, column } => self.csv_members(file, column),
        };
        if self.out.enums.contains_key(&declared.name.text) {
            if matches!(declared.name.text.as_str(), "Weekday" | "Month") {
                self.error(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        declared.name.span,
                        format!("`{}` is an enum of the language", declared.name.text),
                        "its members are there already",
                    )
                    .help("remove this declaration, or give it another name"),
                );
            }
            return;
        }
        let name = declared.name.text.clone();
        self.out.push_enum(EnumType { name, ordered: declared.ordered, members });
    }

    fn inline_members(&mut self, name: &Ident, declared: &[ast::Member]) -> Vec<Member> {
        if declared.is_empty() {
            self.error(
                Diagnostic::error(
                    codes::EMPTY_ENUM,
                    name.span,
                    format!("`{}` has no members", name.text),
                    "an enum needs one",
                )
                .help(format!("list them: `enum {} {{ First, Second }}`", name.text)),
            );
        }
        let mut members: Vec<Member> = Vec::new();
        let mut names: HashMap<String, usize> = HashMap::new();
        let mut values: HashMap<String, usize> = HashMap::new();
        let mut spans: Vec<Span> = Vec::new();
        for member in declared {
            let value = member.value.as_ref().map_or_else(|| member.name.text.clone(), |v| v.value.clone());
            let value = seg_ir::text::normalise(&value).into_owned();
            let twice = [names.get(&member.name.text), values.get(&value)];
            if let Some(first) = twice.into_iter().flatten().copied().min() {
                self.error(
                    Diagnostic::error(
                        codes::DUPLICATE_MEMBER,
                        member.name.span,
                        format!("`{}` is a member twice", member.name.text),
                        "the second one",
                    )
                    .label(spans[first], "the first one")
                    .help("remove one of the two; a member's text in quotes must be its own too"),
                );
                continue;
            }
            names.insert(member.name.text.clone(), members.len());
            values.insert(value.clone(), members.len());
            members.push(Member { name: member.name.text.clone(), value });
            spans.push(member.name.span);
        }
        members
    }

    fn csv_members(&mut self, file: &ast::Text, column: &Ident) -> Vec<Member> {
        let Some(text) = self.csv(file) else { return Vec::new() };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(|h| h.trim_start_matches('\u{feff}').to_string()).collect(),
            Err(_) => Vec::new(),
        };
        let Some(index) = headers.iter().position(|h| *h == column.text) else {
            let found = headers.join("`, `");
            let diagnostic = Diagnostic::error(
                codes::CSV_COLUMN,
                column.span,
                format!("`{}` has no column `{}`", file.value, column.text),
                format!("its columns are `{found}`"),
            );
            self.error(match nearest(&column.text, headers.iter().map(String::as_str)) {
                Some(near) => diagnostic.suggest(format!("write `{near}`"), column.span, near),
                None => diagnostic.help("name a column of the file's first line, as it is written there"),
            });
            return Vec::new();
        };
        let mut members: Vec<Member> = Vec::new();
        let mut values: HashSet<String> = HashSet::new();
        for record in reader.records() {
            let place = match &record {
                Ok(record) => record.position(),
                Err(error) => error.position(),
            };
            let line = place.map_or(0, csv::Position::line);
            let Ok(record) = record else {
                self.error(
                    Diagnostic::error(
                        codes::CSV_MALFORMED,
                        file.span,
                        format!("line {line} of `{}` has another number of cells than its first line", file.value),
                        "in this file",
                    )
                    .help("give every line a cell for each column; put a text with commas between quotes"),
                );
                return members;
            };
            let value = seg_ir::text::normalise(record.get(index).unwrap_or("")).into_owned();
            if value.is_empty() || !values.insert(value.clone()) {
                let what = if value.is_empty() { "an empty member".to_string() } else { format!("`{value}` twice") };
                self.error(
                    Diagnostic::error(
                        codes::DUPLICATE_MEMBER,
                        file.span,
                        format!("`{}` has {what} in column `{}`", file.value, column.text),
                        format!("line {line} of this file"),
                    )
                    .help("each line of the file is one member: remove this line, or correct it"),
                );
                continue;
            }
            members.push(Member { name: member_name(&value), value });
        }
        members
    }

    /// A CSV file of the playbook.
    fn csv(&mut self, file: &ast::Text) -> Option<String> {
        if let Some(text) = self.sources.csv.get(&file.value) {
            return Some(text.clone());
        }
        let diagnostic = missing_file(file, self.sources);
        self.error(diagnostic);
        None
    }

    /// Ids of all tables, so that fields can point to tables declared later.
    fn table_names(&mut self, names: &Names) {
        for at in &names.table_items {
            let (table, kind) = match &self.modules.item(*at).1.kind {
                ItemKind::Profile(t) => (t, TableKind::Profile),
                ItemKind::Event(t) => (t, TableKind::Event),
                ItemKind::Reference(t) => (t, TableKind::Reference),
                _ => continue,
            };
            let id = TableId(self.out.schema.tables.len() as u32);
            self.out.tables.entry(table.name.text.clone()).or_insert(id);
            self.out.schema.tables.push(Table {
                name: table.name.text.clone(),
                kind,
                key: None,
                by: None,
                at: None,
                fields: Vec::new(),
            });
        }
        let has_profile = self.out.schema.tables.first().is_some_and(|t| t.kind == TableKind::Profile);
        if !has_profile {
            self.profile_of_nothing();
        }
    }

    /// A playbook of tables and tests alone has a profile without fields.
    fn profile_of_nothing(&mut self) {
        let profile = Table {
            name: "Customer".to_string(),
            kind: TableKind::Profile,
            key: None,
            by: None,
            at: None,
            fields: Vec::new(),
        };
        self.out.schema.tables.insert(0, profile);
        for id in self.out.tables.values_mut() {
            id.0 += 1;
        }
    }

    fn types(&mut self) -> TypeNames<'_> {
        TypeNames { modules: self.modules, schemas: &self.out, diagnostics: self.diagnostics }
    }

    /// Whether a declaration of that name exists but could not be read, so that nothing more is to be said.
    fn is_broken(&self, name: &str) -> bool {
        types::is_broken(self.modules, name)
    }
}

/// The error of a CSV file that is not beside the playbook, or may not be read.
pub fn missing_file(file: &ast::Text, sources: &Sources) -> Diagnostic {
    let out = || Sources::leads_out(&file.value).then_some("the path leads out of the playbook's folder");
    if let Some(why) = sources.refused.get(&file.value).map(String::as_str).or_else(out) {
        let message = format!("`{}` is no part of the playbook", file.value);
        return Diagnostic::error(codes::REFUSED_FILE, file.span, message, why)
            .help("put the file itself into the playbook's folder, as UTF-8 text, and name it by its path from there");
    }
    let diagnostic = Diagnostic::error(
        codes::MISSING_FILE,
        file.span,
        format!("there is no file `{}` in the playbook's folder", file.value),
        "not among the playbook's files",
    );
    match nearest(&file.value, sources.csv.keys().chain(&sources.unread).map(String::as_str)) {
        Some(near) => diagnostic.suggest(format!("write `{near}`"), file.span, format!("\"{near}\"")),
        None => diagnostic.help("paths go from the folder of seg.toml; nothing outside it is read"),
    }
}

/// A member's name from its text: the text itself where it may be a name, else its letters and digits.
fn member_name(value: &str) -> String {
    let mut name = String::new();
    let mut upper = true;
    for c in value.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            name.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        } else {
            upper = true;
        }
    }
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name,
        _ => format!("M{name}"),
    }
}

/// The value of a literal that stands where a constant of a type belongs; `None` when it does not fit.
pub fn default_constant(schema: &Schemas, value: &ast::Expr, ty: &Type) -> Option<Const> {
    crate::check::literal_as(schema, value, ty).ok()
}

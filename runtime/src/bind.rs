//! Finds the files of each table and, in each file, the column of each field; what is not there is one clear error before
//! any row is read.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{DataType, Schema as ArrowSchema};
use arrow_select::nullif::nullif;
use seg_ir::Schema;

use crate::cells::{CsvCells, JsonCells, can_hold};
use crate::error::{ColumnType, Error, MissingColumn, did_you_mean};
use crate::file;
use crate::fill::RawColumn;
use crate::options::{Binding, Bindings};
use crate::read::{self, Chunk, Columns, Data};
use crate::rule::{Kind, Rule};

/// The most columns that an error lists.
const LISTED_MAX: usize = 24;

/// A file with the place of each field in it.
#[derive(Debug, Clone)]
pub(crate) struct BoundFile {
    pub path: PathBuf,
    /// The name that rejects show.
    pub label: String,
    pub places: Vec<Place>,
    /// The column of customers' keys, for event tables.
    pub by: Option<Place>,
    /// The columns to read, in rising order.
    pub projection: Vec<usize>,
    /// Those of them that hold members of enums.
    pub named: Vec<usize>,
    /// Whether the file keeps each column by itself, with a type.
    pub typed: bool,
    pub rows: Option<u64>,
    pub bytes: u64,
}

/// Where a field is in a file's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A column of the projection and the names of groups within it.
    Column(usize, Vec<String>),
    Path(Vec<String>),
}

/// The declared tables that are bound. **Errors**: a name that is no table; a rename of no field.
pub(crate) fn check_names(schema: &Schema, bindings: &Bindings) -> Result<(), Error> {
    for (name, binding) in &bindings.tables {
        let Some(table) = schema.tables.iter().find(|t| t.name == *name) else {
            let hint = did_you_mean(name, schema.tables.iter().map(|t| t.name.as_str()));
            return Err(Error::UnknownTable { name: name.clone(), hint });
        };
        let known: Vec<&str> = table.fields.iter().map(|f| f.name.as_str()).chain(table.by.as_deref()).collect();
        if let Some(field) = binding.rename.keys().find(|f| !known.contains(&f.as_str())) {
            let hint = did_you_mean(field, known.iter().copied());
            return Err(Error::UnknownRename { table: name.clone(), field: field.clone(), hint });
        }
    }
    Ok(())
}

/// The files of a binding in the order of their names, each once. **Errors**: a pattern that matches none.
/// Opens none of them.
pub(crate) fn files(table: &str, bindings: &Bindings) -> Result<Vec<PathBuf>, Error> {
    let Some(binding) = bindings.tables.get(table) else { return Ok(Vec::new()) };
    let base = &bindings.base;
    let within = bindings.within.as_deref().filter(|_| !binding.is_trusted);
    let mut found = Vec::new();
    for pattern in &binding.files {
        let absent = || Error::NoFile { table: table.to_string(), pattern: pattern.clone() };
        let outside = || Error::Outside { table: table.to_string(), pattern: pattern.clone() };
        let plain = base.join(pattern);
        if within.is_some_and(|folders| !may_be_within(&plain, folders)) {
            return Err(outside());
        }
        let mut matches: Vec<PathBuf> = if plain.exists() {
            vec![plain]
        } else {
            let text = glob::Pattern::escape(&base.to_string_lossy());
            let full = if base.as_os_str().is_empty() || Path::new(pattern).is_absolute() {
                pattern.clone()
            } else {
                format!("{text}/{pattern}")
            };
            glob::glob(&full).map_err(|_| absent())?.filter_map(Result::ok).filter(|p| !p.is_dir()).collect()
        };
        matches.sort();
        if matches.is_empty() {
            return Err(absent());
        }
        if within.is_some_and(|folders| !matches.iter().all(|file| file::is_within(file, folders))) {
            return Err(outside());
        }
        found.extend(matches);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    if let Some(file) = found.iter().find(|f| !read::is_known(f)) {
        return Err(Error::UnknownFormat { table: table.to_string(), file: file.clone() });
    }
    Ok(found)
}

/// Whether what a pattern matches can lie in one of the folders: judged by its beginning without wildcards, so that nothing
/// outside is even listed.
fn may_be_within(pattern: &Path, folders: &[PathBuf]) -> bool {
    let is_plain = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let mut start: PathBuf = pattern.components().take_while(is_plain).collect();
    let climbs = pattern.components().skip_while(is_plain).any(|part| part == Component::ParentDir);
    // What is not there yet is judged by the nearest folder that is.
    while !start.exists() && start.pop() {}
    if start.as_os_str().is_empty() {
        start.push(".");
    }
    !climbs && file::is_within(&start, folders)
}

/// Opens the files of a table and finds its fields in them; `by` is the column of customers' keys and its rule.
pub(crate) fn bind(
    table: &str,
    bindings: &Bindings,
    rules: &[Rule],
    by: Option<&Rule>,
) -> Result<Vec<BoundFile>, Error> {
    let Some(binding) = bindings.tables.get(table) else { return Ok(Vec::new()) };
    let found = files(table, bindings)?.into_iter();
    found.map(|path| bind_file(table, binding, &bindings.base, path, rules, by)).collect()
}

fn bind_file(
    table: &str,
    binding: &Binding,
    base: &Path,
    path: PathBuf,
    rules: &[Rule],
    by: Option<&Rule>,
) -> Result<BoundFile, Error> {
    let opened = read::open(&path)?;
    let mut finder = Finder {
        table,
        path: &path,
        columns: &opened.columns,
        rename: &binding.rename,
        is_shown: rules.iter().chain(by).all(|rule| !rule.secret),
        found: Vec::new(),
    };
    finder.is_shown |= rules.iter().chain(by).any(|rule| finder.has(rule));
    finder.check_unique()?;
    let by = by.map(|rule| finder.find(rule)).transpose()?;
    let mut places: Vec<Place> = rules.iter().map(|rule| finder.find(rule)).collect::<Result<_, _>>()?;
    let mut projection = finder.found;
    projection.sort_unstable();
    projection.dedup();
    let is_named = |(rule, place): (&Rule, &Place)| match place {
        Place::Column(index, groups) if groups.is_empty() && matches!(rule.kind, Kind::Enum(_)) => Some(*index),
        _ => None,
    };
    let named = rules.iter().zip(&places).filter_map(is_named).collect();
    let mut by = by;
    for place in places.iter_mut().chain(&mut by) {
        if let Place::Column(index, _) = place {
            *index = projection.binary_search(index).unwrap_or(0);
        }
    }
    let label = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
    let label = if Path::new(&label).is_absolute() {
        path.file_name().map_or(label, |name| name.to_string_lossy().into_owned())
    } else {
        label
    };
    let (typed, rows, bytes) = (matches!(opened.columns, Columns::Typed(_)), opened.rows, opened.bytes);
    Ok(BoundFile { path, label, places, by, projection, named, typed, rows, bytes })
}

struct Finder<'a> {
    table: &'a str,
    path: &'a Path,
    columns: &'a Columns,
    rename: &'a BTreeMap<String, String>,
    /// Whether the names of its columns may be told. A first line of CSV that names no field may be a row without a header
    /// before it, and then its names are somebody's data.
    is_shown: bool,
    /// The columns that fields were found in.
    found: Vec<usize>,
}

impl Finder<'_> {
    fn check_unique(&self) -> Result<(), Error> {
        let names: Vec<&str> = match self.columns {
            Columns::Typed(schema) => schema.fields().iter().map(|f| f.name().as_str()).collect(),
            Columns::Named(names) => names.iter().map(String::as_str).filter(|n| !n.is_empty()).collect(),
            Columns::Open => Vec::new(),
        };
        let mut seen = std::collections::HashSet::new();
        match names.into_iter().filter(|_| self.is_shown).find(|name| !seen.insert(*name)) {
            Some(twice) => Err(Error::DuplicateColumn { file: self.path.to_path_buf(), column: twice.to_string() }),
            None => Ok(()),
        }
    }

    fn has(&self, rule: &Rule) -> bool {
        match self.columns {
            Columns::Named(names) => names.contains(self.column(rule)),
            Columns::Typed(_) | Columns::Open => true,
        }
    }

    fn column<'c>(&'c self, rule: &'c Rule) -> &'c String {
        self.rename.get(&rule.name).unwrap_or(&rule.name)
    }

    fn find(&mut self, rule: &Rule) -> Result<Place, Error> {
        let column = self.rename.get(&rule.name).unwrap_or(&rule.name);
        match self.columns {
            Columns::Open => Ok(Place::Path(column.split('.').map(str::to_string).collect())),
            Columns::Named(names) => match names.iter().position(|name| name == column) {
                Some(index) => {
                    self.found.push(index);
                    Ok(Place::Column(index, Vec::new()))
                }
                None => Err(self.missing(rule, column, names)),
            },
            Columns::Typed(schema) => {
                let Some((index, groups, ty)) = find_typed(schema, column) else {
                    return Err(self.missing(rule, column, &names_of(schema)));
                };
                if !can_hold(ty, &rule.kind) {
                    return Err(Error::ColumnType(Box::new(ColumnType {
                        file: self.path.to_path_buf(),
                        table: self.table.to_string(),
                        field: rule.name.clone(),
                        column: column.clone(),
                        has: ty.to_string(),
                        wants: rule.type_name.clone(),
                    })));
                }
                self.found.push(index);
                Ok(Place::Column(index, groups))
            }
        }
    }

    fn missing(&self, rule: &Rule, column: &str, names: &[String]) -> Error {
        let listed: Vec<String> = names.iter().take(LISTED_MAX).map(|n| format!("`{n}`")).collect();
        let more =
            if names.len() > LISTED_MAX { format!(" and {} more", names.len() - LISTED_MAX) } else { String::new() };
        let found = match self.is_shown {
            true => format!("{}{more}", listed.join(", ")),
            false => "a first line that names no field of it, and is not shown since it may be data; \
                      begin the file with a line of its columns' names"
                .to_string(),
        };
        Error::MissingColumn(Box::new(MissingColumn {
            file: self.path.to_path_buf(),
            table: self.table.to_string(),
            field: rule.name.clone(),
            column: column.to_string(),
            hint: did_you_mean(column, names.iter().filter(|_| self.is_shown).map(String::as_str)),
            found,
        }))
    }
}

/// A column by its name, or by the groups that its dotted name goes through.
fn find_typed<'s>(schema: &'s ArrowSchema, column: &str) -> Option<(usize, Vec<String>, &'s DataType)> {
    if let Some((index, field)) = schema.fields().find(column) {
        return Some((index, Vec::new(), field.data_type()));
    }
    let mut parts = column.split('.');
    let (index, field) = schema.fields().find(parts.next()?)?;
    let mut ty = field.data_type();
    let mut groups = Vec::new();
    for part in parts {
        let DataType::Struct(fields) = ty else { return None };
        ty = fields.find(part)?.1.data_type();
        groups.push(part.to_string());
    }
    (!groups.is_empty()).then_some((index, groups, ty))
}

fn names_of(schema: &ArrowSchema) -> Vec<String> {
    let mut names = Vec::new();
    for field in schema.fields() {
        match field.data_type() {
            DataType::Struct(inner) => names.extend(inner.iter().map(|i| format!("{}.{}", field.name(), i.name()))),
            _ => names.push(field.name().clone()),
        }
    }
    names
}

/// The cells of a field in a chunk of its file. **Errors**: what the column's format cannot give.
pub(crate) fn column<'c>(file: &BoundFile, chunk: &'c Chunk, place: &'c Place) -> Result<RawColumn<'c>, Error> {
    Ok(match (&chunk.data, place) {
        (Data::Arrow(batch), Place::Column(index, groups)) => {
            let array =
                typed_column(batch, *index, groups).ok_or_else(|| Error::read(&file.path, "its columns changed"))?;
            RawColumn::Arrow(array)
        }
        (Data::Csv(columns), Place::Column(index, _)) => {
            columns.get(*index).map_or(RawColumn::Absent, |column| RawColumn::Csv(CsvCells { column }))
        }
        (Data::Json(rows), Place::Path(path)) => RawColumn::Json(JsonCells { rows, path }),
        _ => RawColumn::Absent,
    })
}

/// A column of a batch; within a group, what the group lacks is missing.
fn typed_column(batch: &RecordBatch, index: usize, groups: &[String]) -> Option<ArrayRef> {
    let mut array: ArrayRef = Arc::clone(batch.columns().get(index)?);
    for name in groups {
        let group = array.as_struct_opt()?;
        let inner = group.column_by_name(name)?;
        array = match group.nulls() {
            Some(nulls) => nullif(inner, &BooleanArray::new(!nulls.inner(), None)).ok()?,
            None => Arc::clone(inner),
        };
    }
    Some(array)
}

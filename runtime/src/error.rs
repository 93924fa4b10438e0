//! What can go wrong with the world outside: files, columns, memory. What is wrong with single rows is a reject instead.

use std::path::{Path, PathBuf};

use seg_evaluator::Invalid;

/// A run that cannot go on. Every message says what, where, why and how to repair.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}; choose another evaluator: `--evaluator interp` works everywhere")]
    NoCode(String),

    #[error("no data is bound to `{table}`{because}; bind it under [data]: {table} = \"path/to/file.parquet\"")]
    NotBound { table: String, because: String },

    #[error("[data] binds `{name}`, but the playbook declares no such profile, event or reference table{hint}")]
    UnknownTable { name: String, hint: String },

    #[error("`{pattern}`, bound to `{table}`, matches no file; check the path, which is relative to seg.toml")]
    NoFile { table: String, pattern: String },

    #[error(
        "`{pattern}`, bound to `{table}` in seg.toml, leads out of the playbook's folder, and a playbook does not choose \
         what else of the machine is read; say so yourself, with `--data-root FOLDER` or `--data {table}=FILE`, or move the \
         file into the folder"
    )]
    Outside { table: String, pattern: String },

    #[error(
        "`{}`, bound to `{table}`, has no known ending; use .parquet, .arrow, .ipc, .feather, .csv, .ndjson or .jsonl",
        file.display()
    )]
    UnknownFormat { table: String, file: PathBuf },

    #[error("`{}` cannot be read: {what}", file.display())]
    Read { file: PathBuf, what: String },

    #[error("`{}`: {what}", file.display())]
    Playbook { file: PathBuf, what: seg_ir::playbook::Error },

    #[error(transparent)]
    MissingColumn(Box<MissingColumn>),

    #[error(transparent)]
    ColumnType(Box<ColumnType>),

    #[error("`{}` has the column `{column}` twice; give each column of the file its own name", file.display())]
    DuplicateColumn { file: PathBuf, column: String },

    #[error("seg.toml renames `{field}` of `{table}`, but `{table}` has no such field{hint}")]
    UnknownRename { table: String, field: String, hint: String },

    #[error(
        "the events of `{table}` are larger than `memory_max` allows in memory, and cannot {what} in `{}`: {source}; make \
         room there, name a folder with more in the environment variable TMPDIR, or raise `memory_max`",
        folder.display()
    )]
    Spill { table: String, folder: PathBuf, what: &'static str, source: std::io::Error },

    #[error("reference tables point to each other in a circle: {0}; make one of the pointers a plain key")]
    ReferenceCycle(String),

    #[error("`{field}` of `{table}` is {ty}, which cannot be read from data{hint}")]
    Unsupported { table: String, field: String, ty: String, hint: String },

    #[error("there is no segment or attribute `{name}`{hint}")]
    UnknownName { name: String, hint: String },

    #[error(
        "`{}` holds `{entry}`, which no run wrote, so it is left as it is; choose an empty or new folder for the output",
        folder.display()
    )]
    Foreign { folder: PathBuf, entry: String },

    #[error("`{}`: {what}: {source}", path.display())]
    Io { path: PathBuf, what: &'static str, source: std::io::Error },

    #[error("`{}` cannot be written: {what}", path.display())]
    Write { path: PathBuf, what: String },

    #[error("the program `{name}` is not in a state to run: {what}")]
    Program { name: String, what: String },

    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// A field whose column a file lacks.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{}` has no column `{column}` for the field `{field}` of `{table}`{hint}; it has {found}. Rename it in seg.toml \
     (rename = {{ {field} = \"...\" }}) or mend the file",
    file.display()
)]
pub struct MissingColumn {
    pub file: PathBuf,
    pub table: String,
    pub field: String,
    pub column: String,
    pub hint: String,
    pub found: String,
}

/// A column none of whose values could be its field's.
#[derive(Debug, thiserror::Error)]
#[error(
    "column `{column}` of `{}` is of type {has}, which can never hold `{field}` of `{table}`: that is {wants}",
    file.display()
)]
pub struct ColumnType {
    pub file: PathBuf,
    pub table: String,
    pub field: String,
    pub column: String,
    pub has: String,
    pub wants: String,
}

impl Error {
    pub(crate) fn io(path: &Path, what: &'static str) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.to_path_buf();
        move |source| Error::Io { path, what, source }
    }

    pub(crate) fn read(file: &Path, what: impl std::fmt::Display) -> Error {
        Error::Read { file: file.to_path_buf(), what: what.to_string() }
    }
}

/// `; did you mean `x`?` when one of the names is near, else nothing.
pub(crate) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let lower = name.to_lowercase();
    let limit = (name.chars().count() / 3).max(1);
    let near = known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), k))
        .filter(|(distance, _)| *distance <= limit)
        .min();
    near.map_or(String::new(), |(_, k)| format!("; did you mean `{k}`?"))
}

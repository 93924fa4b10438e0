//! The command line, as clap reads it. Help, completions and the manual page derive from it.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use seg::Method;

/// The language for the segment of one: check, test, run and explain customer segments.
#[derive(Debug, Parser)]
#[command(name = "seg", version, max_term_width = 100)]
pub struct Args {
    /// When to colour: on a terminal by itself, always or never (NO_COLOR is heeded)
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Say nothing but results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true)]
    pub verbose: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Parse, type-check and lint a playbook
    Check(Check),
    /// Format `.seg` files
    Fmt(Fmt),
    /// Run the `test` blocks of a playbook
    Test(Test),
    /// Compile a playbook into one file that runs anywhere, without its sources
    Build(Build),
    /// Show what a compiled playbook holds: versions, signer, schema, declarations, cost
    Inspect(Inspect),
    /// Evaluate a playbook over all customers
    Run(Run),
    /// Decide single JSON records: one a line in, one a line out
    Eval(Eval),
    /// Say why one customer is in or out
    Why(Why),
    /// Audience sizes, overlaps, and which missing field leaves how many undecided
    Stats(Stats),
    /// Print the segments and attributes as SQL
    Sql(Sql),
    /// Show the page of an error or lint, or read a segment or attribute back in plain words
    Explain(Explain),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

#[derive(Debug, clap::Args)]
pub struct Check {
    /// A folder with `seg.toml`, or a `.seg` file; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub format: CheckFormat,
    /// Apply the repairs that cannot change what was meant, then check again
    #[arg(long)]
    pub fix: bool,
    /// Count these as errors
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    Human,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    Warnings,
}

#[derive(Debug, clap::Args)]
pub struct Fmt {
    /// Files and folders; the folder at hand by default; `-` formats standard input
    pub paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 when a file is not formatted
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, clap::Args)]
pub struct Test {
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    /// Tell which clauses and branches no test has decided both ways
    #[arg(long)]
    pub coverage: bool,
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub format: TestFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    Human,
    Json,
    Junit,
}

/// Whose compiled playbooks to take.
#[derive(Debug, clap::Args)]
pub struct Trust {
    /// Take only a compiled playbook that this key signed: a public Ed25519 key in a PEM file
    #[arg(long, value_name = "KEY")]
    pub verify_key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Build {
    /// A folder with `seg.toml`, or a `.seg` file; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    /// The file to write
    #[arg(long, short, value_name = "FILE.segb")]
    pub output: PathBuf,
    /// Sign it: a secret Ed25519 key in a PEM file, as `openssl genpkey -algorithm ed25519` writes it
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// The compiled playbook
    #[arg(value_name = "FILE.segb")]
    pub file: PathBuf,
    #[command(flatten)]
    pub trust: Trust,
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    pub format: TextFormat,
}

/// Where the data is and at which instant to look at it.
#[derive(Debug, clap::Args)]
pub struct Data {
    /// The instant of evaluation: RFC 3339, or a date for its first instant in the playbook's zone
    #[arg(long, value_name = "T")]
    pub as_of: Option<String>,
    /// The environment of `seg.toml` whose bindings to use
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Read a table from another file
    #[arg(long, value_name = "NAME=FILE")]
    pub data: Vec<String>,
    /// Let seg.toml bind files of this folder too, besides those of the playbook's own
    #[arg(long, value_name = "FOLDER")]
    pub data_root: Vec<PathBuf>,
}

/// Who may see personal data.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Sight {
    /// Show the values of labelled fields in rejects, errors and explanations, which withhold them otherwise
    #[arg(long)]
    pub show_labelled: bool,
}

impl Evaluator {
    pub fn method(self) -> Method {
        match self {
            Evaluator::Auto => Method::Auto,
            Evaluator::Interp => Method::Interp,
            Evaluator::Masks => Method::Masks,
            Evaluator::Gates => Method::Gates,
            Evaluator::Jit => Method::Jit,
        }
    }
}

impl Data {
    pub fn request(&self, only: &[String], sample: Option<u64>) -> seg::run::Request {
        seg::run::Request {
            as_of: self.as_of.clone(),
            env: self.env.clone(),
            data: self.data.clone(),
            data_roots: self.data_root.clone(),
            only: only.to_vec(),
            sample,
            memory_max: None,
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct Run {
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub sight: Sight,
    /// So many customers only: always the same ones, spread over all
    #[arg(long, value_name = "N")]
    pub sample: Option<u64>,
    /// These segments and attributes only
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// How to evaluate; the answers do not depend on it
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Evaluator::Auto)]
    pub evaluator: Evaluator,
    /// How many threads group events and evaluate; by default one for each core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// The most memory for events, such as `4 GB`; what is beyond goes to disk. By default half of what is available
    #[arg(long, value_name = "SIZE")]
    pub memory_max: Option<String>,
    /// The folder to write into; without it the summary is printed
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The format of the files, with -o
    #[arg(long, value_enum, default_value_t = FileFormat::Parquet)]
    pub format: FileFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Evaluator {
    /// What suits the amount of work
    Auto,
    /// The reference interpreter
    Interp,
    /// Masks of 64 customers, condition by condition
    Masks,
    /// Masks, and all conditions as one program of gates over a thousand customers
    Gates,
    /// Masks, and the conditions as machine code
    Jit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    Parquet,
    Arrow,
    Ndjson,
    Csv,
}

#[derive(Debug, clap::Args)]
pub struct Eval {
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    /// The records, one JSON object a line; standard input by default
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub sight: Sight,
    /// These segments and attributes only
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Pass over fields that the playbook does not declare, rather than refuse the record
    #[arg(long)]
    pub ignore_unknown_fields: bool,
    /// How to evaluate; the answers do not depend on it
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Evaluator::Auto)]
    pub evaluator: Evaluator,
}

#[derive(Debug, clap::Args)]
pub struct Why {
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    /// The customer's key
    #[arg(long, value_name = "ID")]
    pub key: String,
    /// These segments and attributes; all segments by default
    #[arg(long = "of", value_name = "NAME", value_delimiter = ',')]
    pub names: Vec<String>,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub sight: Sight,
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    pub format: TextFormat,
}

#[derive(Debug, clap::Args)]
pub struct Stats {
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    #[command(flatten)]
    pub data: Data,
    /// These segments only
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// So many customers only
    #[arg(long, value_name = "N")]
    pub sample: Option<u64>,
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    pub format: TextFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    Human,
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Sql {
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    /// The database that is to run it
    #[arg(long, value_enum, default_value_t = Dialect::Duckdb)]
    pub dialect: Dialect,
    #[command(flatten)]
    pub data: Data,
    /// These segments and attributes only
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Read the files that `seg.toml` binds, so that the script runs as it is
    #[arg(long)]
    pub bind: bool,
    /// The file to write; standard output by default
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    Duckdb,
}

#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The code of an error or lint, or the name of a segment or attribute; all codes when none is given
    pub what: Option<String>,
    /// A folder with `seg.toml`, a `.seg` file, or a compiled `.segb`; by default the folder at hand or the nearest above it
    #[arg(long, value_name = "PLAYBOOK")]
    pub playbook: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
    /// The instant whose dates to tell
    #[arg(long, value_name = "T")]
    pub as_of: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Completions {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

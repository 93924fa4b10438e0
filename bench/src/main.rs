//! Seg as a contestant of the benchmark: its evaluators over columns in memory, over files and over records, within one
//! process that answers what bench/contestants.py asks.
//!
//!     seg-bench memory PLAYBOOK THREADS TABLE=FILE...    segments over columns in memory
//!     seg-bench file PLAYBOOK THREADS TABLE=FILE...      segments over files
//!     seg-bench record PLAYBOOK FILE                     the records of an NDJSON file, one at a time
//!     seg-bench compile PLAYBOOK ROUNDS                  how long its sources and its machine code take

mod compile;
mod file;
mod memory;
mod playbook;
mod record;
mod serve;

use serve::Failure;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["memory", path, threads, ..] => memory::run(path, threads.parse()?, arguments.get(3..).unwrap_or(&[])),
        ["file", path, threads, ..] => file::run(path, threads.parse()?, arguments.get(3..).unwrap_or(&[])),
        ["record", path, records] => record::run(path, records),
        ["compile", path, rounds] => compile::run(path, rounds.parse()?),
        _ => Err("see the head of bench/src/main.rs".into()),
    }
}

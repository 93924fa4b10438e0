//! How long a playbook takes from its sources to machine code: the first time in this process, and again when warm.

use std::path::Path;
use std::time::Instant;

use seg::Folder;
use seg_evaluator::record::Compiled;
use seg_evaluator::{Bulk, Method};
use serde_json::{Value as Json, json};

use crate::playbook::Bound;
use crate::serve::Failure;

pub fn run(path: &str, rounds: usize) -> Result<(), Failure> {
    let started = Instant::now();
    let folder = Folder::open(Some(Path::new(path)))?;
    let checked = seg::check(&folder);
    let check_s = started.elapsed().as_secs_f64();
    drop(checked);
    let bound = Bound::open(path, 1, &[])?;
    let cold = once(&bound)?;
    let warm = (0..rounds).map(|_| once(&bound)).collect::<Result<Vec<_>, _>>()?;
    println!("{}", json!({ "segments": bound.nodes().len(), "check_s": check_s, "cold": cold, "warm": warm }));
    Ok(())
}

/// Seconds until masks can decide, until gates can, until machine code for many customers is ready, and until that for one record is.
fn once(bound: &Bound) -> Result<Json, Failure> {
    let context = bound.program.running(bound.options.as_of);
    let started = Instant::now();
    let masks = Bulk::new(context, bound.nodes(), Method::Masks);
    let masks_s = started.elapsed().as_secs_f64();
    drop(masks);
    let started = Instant::now();
    let gates = Bulk::new(context, bound.nodes(), Method::Gates);
    let gates_s = started.elapsed().as_secs_f64();
    drop(gates);
    let started = Instant::now();
    let jit = Bulk::new(context, bound.nodes(), Method::Jit);
    if !jit.is_compiled() {
        return Err("this machine makes no code".into());
    }
    let jit_s = started.elapsed().as_secs_f64();
    drop(jit);
    let started = Instant::now();
    let record = Compiled::new(context, bound.nodes())?;
    let record_s = started.elapsed().as_secs_f64();
    Ok(
        json!({ "masks_s": masks_s, "gates_s": gates_s, "jit_s": jit_s, "record_s": record_s, "record_code_bytes": record.bytes() }),
    )
}

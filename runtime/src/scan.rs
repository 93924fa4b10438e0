//! Every customer of the bound data, batch by batch, for questions that a run does not answer. Rejects are left out; a run
//! reports them.

use std::ops::ControlFlow;

use seg_evaluator::Batch;
use seg_ir::Program;

use crate::bind;
use crate::error::Error;
use crate::load::pipeline;
use crate::options::Options;
use crate::profile::{self, Customers, Reader, Selection};
use crate::references::References;

/// Calls `visit` with every batch, in the order of the profile, until it breaks. **Errors**: what a run has.
pub fn scan(
    program: &Program,
    options: &Options,
    mut visit: impl FnMut(&Batch) -> ControlFlow<()>,
) -> Result<(), Error> {
    bind::check_names(&program.schema, &options.bindings)?;
    let references = References::load(program, options)?;
    let select = |key: &_, rules: &_, files: &[bind::BoundFile]| match options.sample {
        Some(count) => profile::sample(count, key, rules, files, options),
        None => Ok(Selection::All),
    };
    let loaded = profile::load(program, options, &references, select, &mut |_| Ok(()))?;
    let mut reader = Reader::new(&loaded);
    let mut going = true;
    for file in &loaded.files {
        pipeline(file, options, |chunk| {
            going = reader.cut(chunk, file, &mut |keyed, _| {
                let Customers { batch, rows: (first, rows), .. } = keyed.judge(program, &loaded)?;
                let going = visit(&batch).is_continue();
                loaded.parts.decided(first, rows);
                Ok(going)
            })?;
            Ok(going)
        })?;
        if !going {
            break;
        }
    }
    Ok(())
}

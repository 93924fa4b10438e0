//! One customer out of the bound data, for explanations.

use seg_evaluator::Batch;
use seg_ir::Program;
use seg_ir::outcome::Reject;

use crate::bind;
use crate::error::Error;
use crate::load::pipeline;
use crate::options::Options;
use crate::profile::{self, Customers, Reader, Selection};
use crate::references::References;

/// What looking for a customer finds.
#[derive(Debug, Clone)]
pub enum Found {
    /// A batch of one row.
    Customer(Box<Batch>),
    /// The customer is in the data, but its row is refused.
    Rejected(Reject),
    Absent,
}

/// Looks for the customer of a key, as people write it, and gathers its events. **Errors**: what a run has.
pub fn customer(program: &Program, options: &Options, key: &str) -> Result<Found, Error> {
    bind::check_names(&program.schema, &options.bindings)?;
    let references = References::load(program, options)?;
    // What no key can be written as is nobody's: an empty sample.
    let select = |rule: &crate::rule::Rule, _: &_, _: &_| {
        Ok(Selection::key(key, rule, program).unwrap_or(Selection::Text(String::from("\0"))))
    };
    let loaded = profile::load(program, options, &references, select, &mut |_| Ok(()))?;
    let mut reader = Reader::new(&loaded);
    let mut found = Found::Absent;
    for file in &loaded.files {
        pipeline(file, options, |chunk| {
            reader.cut(chunk, file, &mut |keyed, _| {
                let Customers { batch, rejects, rows: (first, rows), .. } = keyed.judge(program, &loaded)?;
                loaded.parts.decided(first, rows);
                if !batch.is_empty() {
                    found = Found::Customer(Box::new(batch));
                    return Ok(false);
                }
                // Rows whose key cannot be read are nobody's, and must not end the search.
                if let Some(reject) = rejects.into_iter().find(|r| r.key.as_deref() == Some(key)) {
                    found = Found::Rejected(reject);
                }
                Ok(true)
            })
        })?;
        if matches!(found, Found::Customer(_)) {
            break;
        }
    }
    Ok(found)
}

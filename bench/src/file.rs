//! Segments over files, as `seg run` decides them but in a process that is warm: counted, and written as Parquet.

use std::path::PathBuf;

use seg_runtime::{Folder, Format, Nothing, Sink, Summary};
use serde_json::json;

use crate::playbook::Bound;
use crate::serve::{self, Answers, Failure, Form, Work};

pub fn run(path: &str, threads: usize, data: &[String]) -> Result<(), Failure> {
    let bound = Bound::open(path, threads, data)?;
    let out = std::env::temp_dir().join(format!("seg-bench-{}", std::process::id()));
    let files = |out| Files { bound: &bound, out, made: None };
    let forms = vec![
        Form { name: "auto-counts", kind: "file-counts", work: Box::new(files(None)) },
        Form { name: "auto-parquet", kind: "file", work: Box::new(files(Some(out.clone()))) },
    ];
    let served = serve::serve(forms, &json!({}), 0.0);
    if out.exists() {
        std::fs::remove_dir_all(out)?;
    }
    served
}

struct Files<'b> {
    bound: &'b Bound,
    /// Where answers are written; none to count only.
    out: Option<PathBuf>,
    made: Option<Summary>,
}

impl Files<'_> {
    fn decide(&self, sink: &mut dyn Sink) -> Result<Summary, Failure> {
        Ok(seg_runtime::run(&self.bound.program, &self.bound.options, sink)?)
    }
}

impl Work for Files<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        let summary = match &self.out {
            None => self.decide(&mut Nothing)?,
            Some(out) => self.decide(&mut Folder::create(out, Format::Parquet)?)?,
        };
        self.made = Some(summary);
        Ok(())
    }

    fn answers(&self) -> Answers {
        let counts = self.made.iter().flat_map(|summary| &summary.segments);
        Answers::Counts(counts.map(|segment| (segment.counts.inside, segment.counts.unknown)).collect())
    }

    fn forget(&mut self) {
        self.made = None;
    }
}

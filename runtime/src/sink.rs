//! Where answers go as they are made, in the order of the profile. Knows no formats.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use seg_ir::outcome::Reject;

use crate::error::Error;
use crate::summary::Summary;

/// Takes what a run gives.
pub trait Sink: Send {
    /// Whether the answers of each customer are wanted: otherwise they are only counted, and there are no batches.
    fn wants_answers(&self) -> bool {
        true
    }
    /// Called once, before anything else, with the columns to come: the key, then one a segment or attribute.
    fn begin(&mut self, segments: &SchemaRef, attributes: &SchemaRef) -> Result<(), Error>;
    fn segments(&mut self, batch: &RecordBatch) -> Result<(), Error>;
    fn attributes(&mut self, batch: &RecordBatch) -> Result<(), Error>;
    fn reject(&mut self, reject: &Reject) -> Result<(), Error>;
    /// Called once, when all went well.
    fn finish(&mut self, summary: &Summary) -> Result<(), Error>;
}

/// Keeps nothing, for when only the summary is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Sink for Nothing {
    fn wants_answers(&self) -> bool {
        false
    }

    fn begin(&mut self, _: &SchemaRef, _: &SchemaRef) -> Result<(), Error> {
        Ok(())
    }

    fn segments(&mut self, _: &RecordBatch) -> Result<(), Error> {
        Ok(())
    }

    fn attributes(&mut self, _: &RecordBatch) -> Result<(), Error> {
        Ok(())
    }

    fn reject(&mut self, _: &Reject) -> Result<(), Error> {
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> Result<(), Error> {
        Ok(())
    }
}

/// Keeps everything in memory.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    pub segments: Vec<RecordBatch>,
    pub attributes: Vec<RecordBatch>,
    pub rejects: Vec<Reject>,
}

impl Sink for Collected {
    fn begin(&mut self, _: &SchemaRef, _: &SchemaRef) -> Result<(), Error> {
        Ok(())
    }

    fn segments(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.segments.push(batch.clone());
        Ok(())
    }

    fn attributes(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.attributes.push(batch.clone());
        Ok(())
    }

    fn reject(&mut self, reject: &Reject) -> Result<(), Error> {
        self.rejects.push(reject.clone());
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> Result<(), Error> {
        Ok(())
    }
}

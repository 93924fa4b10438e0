//! Data in, decisions out: reads customer data, validates every cell against the schema, groups events by customer,
//! evaluates in bulk or per request, writes what was decided and what was refused. Never sees source text of a playbook.

mod artefact;
mod bind;
mod build;
mod cell;
mod cells;
mod clock;
mod customer;
mod decide;
mod decimal;
mod error;
mod events;
pub mod file;
mod fill;
mod json;
mod key;
mod load;
mod memory;
mod options;
mod order;
mod ordered;
mod parts;
mod profile;
mod read;
mod reason;
mod references;
mod request;
mod rule;
mod run;
mod scan;
mod sink;
mod spill;
mod store;
mod summary;
mod whole;
mod write;

pub use artefact::{bytes, load};
pub use customer::{Found, customer};
pub use decide::{Decider, Decision};
pub use error::{ColumnType, Error, MissingColumn};
pub use options::{Binding, Bindings, Format, Options, Progress, RejectMax, Stage};
pub use read::is_reading;
pub use references::References;
pub use request::{Decoded, Decoder, RequestOptions, UnknownFields};
pub use run::run;
pub use scan::scan;
pub use seg_evaluator::{Batch, Joined, Method, Overlay};
pub use sink::{Collected, Nothing, Sink};
pub use summary::{
    Civil, DefaultSummary, Digest, Elapsed, FaultSummary, SegmentSummary, SkippedSummary, SourceSummary, Summary,
};
pub use write::Folder;

/// The words that the runtime and its callers share.
pub use seg_ir as ir;

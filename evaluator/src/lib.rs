//! Evaluates the IR over columns: a [`Batch`] is a validated view of Arrow arrays, [`interpret`] turns its customers into
//! Arrow columns of answers. Knows no files, no formats and no raw data: whoever builds a batch has validated its cells.

mod ahead;
mod atom;
mod batch;
mod bulk;
mod code;
mod column;
mod conditions;
mod counting;
#[cfg(not(feature = "guard-pages"))]
mod guard;
#[cfg(feature = "guard-pages")]
pub mod guard;
mod kernel;
mod machine;
mod mask;
mod masks;
mod output;
mod overlay;
mod plan;
pub mod record;
mod texts;
mod vector;

pub use batch::{Batch, Invalid, Ranges, Table, Tables};
pub use bulk::{Bulk, Method};
pub use code::{Builder, Code, Function, NoCode, Optimise};
pub use column::{Column, ListColumn};
pub use counting::{Counting, Spent, allocations, measured};
pub use output::{Answers, Counts, arrow_type, export, interpret};
pub use overlay::{Joined, Overlay};

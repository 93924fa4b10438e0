//! The words that both halves share: types, values, schemas, the typed IR, its verifier, its cost, and the reference
//! interpreter, which is the one home of what an operation means; and the compiled playbook. Plain data; no input or
//! output, no source text.

mod bounded;
pub mod builtin;
pub mod cost;
pub mod currency;
pub mod fault;
pub mod fold;
pub mod host;
pub mod interpret;
pub mod limits;
pub mod node;
pub mod number;
pub mod operation;
pub mod outcome;
pub mod personal;
pub mod playbook;
pub mod program;
pub mod record;
pub mod schema;
pub mod text;
pub mod time;
pub mod types;
pub mod value;
pub mod verify;

pub use builtin::{Builtin, Vocabulary};
pub use currency::Currency;
pub use node::{Ir, NodeId, Op};
pub use program::Program;
pub use record::Record;
pub use schema::{CollectionId, FieldId, Schema, TableId};
pub use time::Zone;
pub use types::{EnumId, Type};
pub use value::{Const, Reason, Value};

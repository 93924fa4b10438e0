//! The bounds that keep the compiler's work, and the stack of whoever walks its results, in proportion to the text. No
//! playbook written by people meets one of them. What lies beyond is refused where it is first seen, so that later passes,
//! evaluators and readers of compiled playbooks need no bounds of their own. docs/reference/limits.md lists them all.

/// How many definitions may build on each other.
pub const DEFINITIONS_MAX: usize = 200;

/// How many expressions may hang from one another, through names. An expression becomes at most four nodes on top of each
/// other, so this keeps the IR within [`seg_ir::limits::DEPTH_MAX`], which holds for every evaluator.
pub const DEPTH_MAX: u32 = 500;

/// The bytes of all `.seg` files of a playbook together.
pub const PLAYBOOK_BYTES_MAX: usize = 64 << 20;

/// Steps after which the analysis of missing values gives up: so many, and so many more for each expression. It needs about
/// ten an expression.
pub const MISSING_STEPS_MIN: u64 = 2_000_000;
pub const MISSING_STEPS_EACH: u64 = 100;

/// Steps after which the proof of a decision table gives up: rows looked at, over all the combinations of its cells.
pub const TABLE_STEPS_MAX: u64 = 10_000_000;

/// Names compared with misspelt ones. Beyond that, unknown names are told without a "did you mean".
pub const SPELLINGS_MAX: u64 = 400_000;

/// Modules that an unknown one is compared with.
pub const SUGGESTED_MODULES_MAX: usize = 1_000;

/// Expressions of the segments that a definition uses which an explanation of it repeats, a segment's as a whole or not at all.
pub const REPEATED_EXPRESSIONS_MAX: usize = 500;

/// How deep within its clauses those of a segment are still repeated: a compiled playbook holds clauses of 256 levels, and
/// a segment's own have fewer than 190.
pub const REPEATED_LEVELS_MAX: usize = 24;

/// Expressions that the reading of a definition looks at, through names, for what can be unknown.
pub const READ_MAX: usize = 1_000;

/// The stack that compiling runs on, whoever calls.
pub const STACK_BYTES: usize = 32 << 20;

pub use seg_ir::limits::{FLAT_MAX, NODES_MAX, OPERANDS_MAX};

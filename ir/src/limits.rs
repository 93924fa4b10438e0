//! What every holder of an IR may rely on: how deep its nodes hang, how many there are. The compiler makes none beyond these
//! bounds, and a compiled playbook beyond them is refused; so whoever walks an IR may do so on its stack.

/// How many nodes may hang from one another. The deepest walk takes less than a quarter of the stack that Rust gives a
/// thread.
pub const DEPTH_MAX: u32 = 2_000;

/// How many nodes a playbook may have.
pub const NODES_MAX: usize = 1 << 20;

/// How many operands the nodes of a playbook may have together.
pub const OPERANDS_MAX: usize = 1 << 23;

/// How many operands of a conjunction, or of a disjunction, are taken into the one around it. Otherwise what many
/// definitions have in common would be written out in each of them.
pub const FLAT_MAX: usize = 32;

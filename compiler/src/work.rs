//! What the compiler did, counted: so that a test can hold its growth to that of the text, without a clock.

/// What each pass did, in its own steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Expressions that were typed.
    pub expressions: u64,
    /// Names that misspelt ones were compared with.
    pub names_compared: u64,
    /// Nodes of the IR and their operands.
    pub operands: u64,
    /// Questions that the analysis of missing values asked, and facts that it looked at for them.
    pub missing: u64,
    /// Rows that the proofs of decision tables looked at, over all cases.
    pub proofs: u64,
    /// Clauses that explanations were given, and pieces of their sentences.
    pub explained: u64,
    /// Nodes and operands that the optimiser looked at, over all rounds.
    pub optimised: u64,
}

impl Work {
    pub fn total(&self) -> u64 {
        let Work { expressions, names_compared, operands, missing, proofs, explained, optimised } = *self;
        [expressions, names_compared, operands, missing, proofs, explained, optimised].into_iter().sum()
    }
}

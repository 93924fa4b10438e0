//! Variants of conditions that say the same: reordered, nested, negated twice, by De Morgan, through names, in the `where` of
//! a fold, in the branches of a choice. What the compiler accepts, and what customers answer, must not depend on which of
//! them an author wrote. Knows how conditions are written, not how they are judged.

mod condition;
mod frame;

pub use condition::{Condition, Style, all, any, fact, known, missing, test};
pub use frame::{FRAMES, Frame, Reach, playbook};

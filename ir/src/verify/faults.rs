//! Faults planted into the verifier: the checks of one operation are left out.

use crate::fault;
use crate::node::Op;

/// Whether the checks of an operation are left out.
#[inline(always)]
pub(super) fn skips(op: &Op) -> bool {
    let Some(id) = fault::of("verify") else { return false };
    let skips = matches!(
        (id, op),
        ("skips-constant", Op::Constant(_))
            | ("skips-as-of", Op::AsOf)
            | ("skips-field", Op::Field { .. })
            | ("skips-lookup", Op::Lookup { .. })
            | ("skips-not", Op::Not(_))
            | ("skips-and", Op::And(_))
            | ("skips-or", Op::Or(_))
            | ("skips-is-known", Op::IsKnown(_))
            | ("skips-is-true", Op::IsTrue(_))
            | ("skips-is-false", Op::IsFalse(_))
            | ("skips-else", Op::Else(..))
            | ("skips-compare", Op::Compare(..))
            | ("skips-text-test", Op::TextTest { .. })
            | ("skips-matches", Op::Matches { .. })
            | ("skips-in-set", Op::InSet { .. })
            | ("skips-list-test", Op::ListTest { .. })
            | ("skips-list-count", Op::ListCount(_))
            | ("skips-arithmetic", Op::Arithmetic(..))
            | ("skips-negate", Op::Negate(_))
            | ("skips-percent-of", Op::PercentOf(..))
            | ("skips-civil-date", Op::CivilDate(_))
            | ("skips-start-of-day", Op::StartOfDay(_))
            | ("skips-start-of", Op::StartOf(..))
            | ("skips-shift", Op::Shift { .. })
            | ("skips-part", Op::Part(..))
            | ("skips-elapsed", Op::Elapsed(..))
            | ("skips-anniversary", Op::NextAnniversary { .. })
            | ("skips-choose", Op::Choose { .. })
            | ("skips-call", Op::Call { .. })
            | ("skips-aggregate", Op::Aggregate(_))
    );
    if skips {
        fault::reached();
    }
    skips
}

//! The standard library: the builtin functions of the language, and the modules that are written in Seg itself.
//! Knows no syntax tree, no customer data and no time zone: what needs one of these is an operator of the compiler.

use seg_ir::builtin::Vocabulary;

mod arguments;
mod case;
mod reference;

pub use reference::reference_markdown;

/// Declares the module of every function and puts them all into the vocabulary. A function's index is its place here,
/// and compiled playbooks hold it; within a family the names are sorted.
macro_rules! vocabulary {
    ($($family:ident { $($name:ident)* })*) => {
        mod functions {
            $(pub mod $family { $(pub mod $name;)* })*
        }

        /// All builtin functions.
        pub const VOCABULARY: Vocabulary = Vocabulary(&[$($(&functions::$family::$name::BUILTIN,)*)*]);
    };
}

vocabulary! {
    dates {
        age_on
        days_between
        end_of_month
        is_weekend
        make_date
        months_between
        start_of_month
        start_of_quarter
        start_of_week
        start_of_year
        years_between
    }
    numbers {
        abs
        band_start
        ceiling
        clamp
        floor
        larger_of
        remainder
        round
        round_to
        smaller_of
        whole
    }
    text {
        digits_only
        domain_of
        first_word
        join
        left
        length
        lower
        replace
        right
        title_case
        trim
        upper
    }
}

/// The modules that `use` finds in the standard library: their names and their source.
pub const MODULES: &[(&str, &str)] = &[
    ("std.age", include_str!("../prelude/age.seg")),
    ("std.dates", include_str!("../prelude/dates.seg")),
    ("std.email", include_str!("../prelude/email.seg")),
    ("std.lifecycle", include_str!("../prelude/lifecycle.seg")),
    ("std.rfm", include_str!("../prelude/rfm.seg")),
];

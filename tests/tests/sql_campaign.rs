//! DuckDB judges the SQL of generated playbooks over generated customers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_tests::differential::sql::{Options, run};

/// Fewer values than this compared, or a greater part of outputs not said, and the SQL has lost something.
const COMPARED_MIN: usize = 30_000;
const UNSAID_MAX: f64 = 0.1;

#[test]
fn generated_playbooks_mean_the_same_in_sql() {
    let options = Options::default();
    let Some(report) = run(&options) else {
        println!(
            "the SQL judge did not sit: no Python with the package `duckdb`; name one in SEG_JUDGE_PYTHON to seat it"
        );
        return;
    };
    println!("{}", report.text(&options));
    assert!(report.found.is_empty(), "{}", report.text(&options));
    assert_eq!((report.programs, report.refused), (options.programs, 0));
    let unsaid: usize = report.judged.unsaid.values().sum();
    assert!((unsaid as f64) < UNSAID_MAX * (report.judged.said + unsaid) as f64, "{unsaid} outputs are not said");
    assert!(report.judged.compared >= COMPARED_MIN, "{} values", report.judged.compared);
}

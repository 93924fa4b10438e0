//! DuckDB judges the SQL of every fixture: what `seg sql` writes gives what the interpreter gives, value by value.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use seg_ir::Program;
use seg_tests::fixture;
use seg_tests::sql_judge::{BOTH, Case, Judge, Report, compare};

/// Fewer outputs than this said, and the SQL has lost something.
const SAID_MIN: usize = 1_000;

#[test]
fn every_fixture_means_the_same_in_sql() {
    let programs = programs();
    let cases = cases(&programs);
    let Some(report) = compare(&cases) else {
        println!("{NOT_SEATED}");
        return;
    };
    println!("{}", report.line());
    for (reason, count) in &report.unsaid {
        println!("  {count} not said: {reason}");
    }
    assert!(report.disagreements == 0, "{}\n{}", report.told.join("\n\n"), report.line());
    assert!(report.said >= SAID_MIN, "{}", report.line());
}

/// Faults that someone who writes SQL makes. Each leaves SQL that runs; that it does not run is not taken for a find.
const FAULTS: &[(&str, &str)] = &[
    (" > ", " >= "),
    (" <= ", " < "),
    (" <> ", " = "),
    (" AND ", " OR "),
    ("NULLS FIRST", "NULLS LAST"),
    ("count(DISTINCT ", "count("),
    ("arg_max(", "arg_min("),
    ("arg_max_null(", "arg_max("),
    ("coalesce(", "greatest("),
    (" IS NOT TRUE", " IS FALSE"),
    ("LEFT JOIN", "JOIN"),
    ("HUGEINT", "BIGINT"),
    (", 0)) % 2 <> 0)", ", 0)) % 2 = 0)"),
    ("THEN NULL ELSE false END", "THEN false ELSE false END"),
    ("THEN x + 0e0 END", "THEN x ELSE x END"),
    ("list_position([", "-list_position(["),
    ("starts_with(", "contains("),
    (" // 12", " // 13"),
    ("max(r._order) AS latest", "min(r._order) AS latest"),
    ("ORDER BY earliest", "ORDER BY value"),
    ("epoch_us(t) + 86400000000", "epoch_us(t) - 86400000000"),
    ("dayname(", "monthname("),
    ("'[^\\x00-\\x7F]'", "'^$'"),
    ("i._customer = r._customer", "true"),
];

#[test]
fn faults_in_the_sql_are_found() {
    let programs = programs();
    let cases = cases(&programs);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let Some(judges) = (0..threads).map(|_| Judge::seat()).collect::<Option<Vec<Judge>>>() else {
        println!("{NOT_SEATED}");
        return;
    };
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for mut judge in judges {
            let (next, missed, cases) = (&next, &missed, &cases);
            scope.spawn(move || {
                while let Some((right, wrong)) = FAULTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    judge.fault = Some(Box::new(move |sql| sql.replace(right, wrong)));
                    let mut report = Report::default();
                    // A wrong value finds a fault; that DuckDB refuses the script does not.
                    let found = cases.iter().any(|case| {
                        judge.judge(case, &mut report);
                        report.disagreements > report.refused
                    });
                    if !found {
                        let Report { compared, refused, .. } = report;
                        let told =
                            format!("`{right}` as `{wrong}`: {compared} values compared, {refused} scripts refused");
                        missed.lock().unwrap().push(told);
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not found: {}", missed.join("\n"));
}

const NOT_SEATED: &str =
    "the SQL judge did not sit: no Python with the package `duckdb`; name one in SEG_JUDGE_PYTHON to seat it";

fn programs() -> Vec<(String, Program)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/eval");
    let all = fixture::all(&folder).unwrap().into_iter();
    all.map(|f| (f.name, fixture::checked(&f.text).unwrap())).collect()
}

/// The customers of all tests of one instant are judged together.
fn cases(programs: &[(String, Program)]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for (name, program) in programs {
        let mut instants: BTreeMap<i64, Vec<&seg_ir::program::Test>> = BTreeMap::new();
        for test in &program.tests {
            instants.entry(test.as_of).or_default().push(test);
        }
        for (as_of, tests) in instants {
            let expects = tests.iter().flat_map(|t| &t.expects).enumerate();
            let conditions = expects.map(|(n, e)| (format!("expectation_{}", n + 1), e.node)).collect();
            let records = tests.iter().map(|t| t.record.clone()).collect();
            cases.push(Case { name: name.clone(), program, as_of, records, conditions, required: BOTH });
        }
    }
    cases
}

//! The suites of other languages: every case answers as its committed counts and differences state.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_tests::judge::Interpreted;
use seg_tests::suites::{self, Judge};

/// With `BLESS=1` in the environment, `counts.txt` and the rows of `differences.md` are written anew; what they then argue
/// with `?` still fails.
#[test]
fn the_suites_answer_as_stated() {
    let directory = suites::directory();
    let report = suites::run_all(&directory, &Interpreted);
    if std::env::var_os("BLESS").is_some() {
        report.bless(&directory).unwrap();
    }
    let wrong = report.check(&directory);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The codes that say that types do not go together; none of them speaks of how a source is written.
const CODES_OF_TYPES: [&str; 2] = ["arithmetic-types", "date-arithmetic"];

#[test]
fn each_error_expression_of_dmn_is_refused_for_its_types() {
    let cases = suites::all_cases(&suites::directory(), &mut Vec::new());
    let mut refused = 0;
    for case in cases.iter().filter(|case| case.suite == "dmn-tck/0100-arithmetic errors") {
        let Ok(question) = &case.question else { continue };
        if question.want != suites::Want::Refusal {
            continue;
        }
        let outcome = Interpreted.run(&question.source, question.result, &question.record, &question.as_of);
        let suites::Outcome::Refused { codes } = outcome else { panic!("{}: {outcome:?}", case.id) };
        assert!(!codes.is_empty(), "{}", case.id);
        assert!(codes.iter().all(|code| CODES_OF_TYPES.contains(&code.as_str())), "{}: {codes:?}", case.id);
        refused += 1;
    }
    assert_eq!(refused, 287);
}

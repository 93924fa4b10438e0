//! Holds Seg against the conformance suites of other languages: each case that maps is translated,
//! asked, and counted as agree, rejected, differ or not mapped.
//! It does not know how Seg compiles or evaluates: a [`Judge`] does.

mod case;
mod cel;
mod cel_cases;
mod cel_lex;
mod dmn;
mod expr;
mod feel;
mod feel_call;
mod feel_lex;
mod moments;
mod playbook;
mod report;
mod seg;
mod table;
mod textproto;

use std::fmt;
use std::path::{Path, PathBuf};

pub use case::{Case, Expected, Outcome, Question, Verdict, Want};
pub use report::{COUNTS_FILE, Counts, DIFFERENCES_FILE, Difference, Report};
use serde_json::Value;

/// Answers questions: compiles a playbook, and evaluates it for a record.
pub trait Judge {
    /// The value of `result_name` (an attribute where it begins with a small letter, a segment
    /// otherwise) of a playbook's source text, for one record, as of an instant (RFC 3339).
    fn run(&self, source: &str, result_name: &str, record: &Value, as_of: &str) -> Outcome;
}

/// A file that cannot be read or written, or does not read as what it should be.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl Fault {
    fn new(path: &Path, what: impl fmt::Display) -> Self {
        Fault { path: path.to_owned(), what: what.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl std::error::Error for Fault {}

/// Where the cases are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suites")
}

/// Asks everything that the suites under `dir` have.
pub fn run_all(dir: &Path, judge: &dyn Judge) -> Report {
    let mut report = Report::default();
    for case in all_cases(dir, &mut report.faults) {
        let verdict = match &case.question {
            Err(reason) => Verdict::NotMapped(reason),
            Ok(asked) => asked.want.judge(&judge.run(&asked.source, asked.result, &asked.record, &asked.as_of)),
        };
        report.add(&case, &verdict);
    }
    report
}

/// Every case of the suites under `dir`, in the order of their names; what cannot be read is a fault.
pub fn all_cases(dir: &Path, faults: &mut Vec<Fault>) -> Vec<Case> {
    let mut cases = Vec::new();
    for path in entries(&dir.join("cel"), faults) {
        if path.extension().is_some_and(|ending| ending == "textproto") {
            take(cel_cases::cases(&path), &mut cases, faults);
        }
    }
    for path in entries(&dir.join("dmn-tck"), faults) {
        if path.is_dir() {
            take(dmn::cases(&path), &mut cases, faults);
        }
    }
    cases
}

fn take(read: Result<Vec<Case>, Fault>, cases: &mut Vec<Case>, faults: &mut Vec<Fault>) {
    match read {
        Ok(found) => cases.extend(found),
        Err(fault) => faults.push(fault),
    }
}

fn entries(dir: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    match std::fs::read_dir(dir) {
        Ok(list) => {
            let mut paths: Vec<PathBuf> = list.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            faults.push(Fault::new(dir, error));
            Vec::new()
        }
    }
}

fn read(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|error| Fault::new(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refuses everything for its types.
    struct Refusing;

    impl Judge for Refusing {
        fn run(&self, _: &str, _: &str, _: &Value, _: &str) -> Outcome {
            Outcome::Refused { codes: vec!["type-mismatch".to_owned()] }
        }
    }

    #[test]
    fn every_file_is_read_and_every_expression_is_understood() {
        let report = run_all(&directory(), &Refusing);
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        assert_eq!(report.not_mapped.get("an expression that this tool does not read"), None);
    }

    #[test]
    fn of_the_807_error_expressions_287_must_be_refused() {
        let cases = all_cases(&directory(), &mut Vec::new());
        let errors: Vec<&Case> = cases.iter().filter(|case| case.suite.ends_with(" errors")).collect();
        let wanted =
            |want: Want| errors.iter().filter(|case| case.question.as_ref().is_ok_and(|q| q.want == want)).count();
        assert_eq!((errors.len(), wanted(Want::Refusal), wanted(Want::Missing)), (807, 287, 76));
    }

    #[test]
    fn a_refusal_for_the_way_a_file_is_written_never_counts_as_one_for_its_types() {
        let refused = |code: &str| Want::Refusal.judge(&Outcome::Refused { codes: vec![code.to_owned()] });
        assert_eq!(refused("syntax-operator"), Verdict::Differ("refused: syntax-operator".to_owned()));
        assert_eq!(refused("type-mismatch"), Verdict::Rejected(vec!["type-mismatch".to_owned()]));
        assert_eq!(Want::Refusal.judge(&Outcome::Value(Value::Null)), Verdict::Differ("missing".to_owned()));
    }
}

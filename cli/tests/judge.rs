//! The DuckDB judge: SQL written by hand against what `seg run` gives, household by household, on the example's data as it
//! is and on copies that are resampled, shifted in time and full of holes; what `seg sql` writes, and
//! what other programs read in the files, on the data as it is. Says so when it cannot sit.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Some(python) = python(&root) else {
        println!(
            "the DuckDB judge did not sit: no Python with the package `duckdb`; name one in SEG_JUDGE_PYTHON to seat it"
        );
        return ExitCode::SUCCESS;
    };
    let mut fine = true;
    for example in ["complete-journey", "hillstrom"] {
        for judge in [&["judge.py", "--copies", "5"][..], &["judge_sql.py"], &["judge_files.py"]] {
            let status = Command::new(&python)
                .arg(root.join("tests/duckdb").join(judge[0]))
                .arg(env!("CARGO_BIN_EXE_seg"))
                .arg(root.join("examples").join(example))
                .args(&judge[1..])
                .current_dir(&root)
                .status();
            match status {
                Ok(status) if status.success() => {}
                Ok(status) => {
                    println!("the DuckDB judge disagrees on {example} ({}: {status})", judge[0]);
                    fine = false;
                }
                Err(error) => {
                    println!("the DuckDB judge could not be run: {error}");
                    fine = false;
                }
            }
        }
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The first Python at hand that has DuckDB.
fn python(root: &Path) -> Option<PathBuf> {
    let named = std::env::var_os("SEG_JUDGE_PYTHON").map(PathBuf::from);
    let candidates = named.into_iter().chain([root.join(".venv/bin/python"), PathBuf::from("python3")]);
    candidates.into_iter().find(|python| {
        let probe = Command::new(python).args(["-c", "import duckdb"]).output();
        probe.is_ok_and(|output| output.status.success())
    })
}

//! The embedding example does what its page says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::path::Path;
use std::process::Command;

#[test]
fn a_rust_program_decides_explains_and_runs() {
    let playbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../complete-journey");
    let output = Command::new(env!("CARGO_BIN_EXE_seg-embed")).arg(playbook).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "9001 in FamiliesWithKids: true",
        "9001 in AskAboutKids: false",
        "9001 in MarriedAndSettled: null",
        "1: kids >= OneKid is Some(false)",
        "859 of 2469 customers are Champions",
    ] {
        assert!(printed.lines().any(|l| l == line), "{line}\n{printed}");
    }
}

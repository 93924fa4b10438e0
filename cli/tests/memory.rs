//! Runs whose events are larger than the memory for them: the same files as in memory, within a cap under which the whole
//! would not fit, and a clear end where the disk is full.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Output};

const SEG: &str = env!("CARGO_BIN_EXE_seg");

/// The files of a run, and how many bytes of events went through disk; its times are taken out of its summary.
fn files(folder: &Path) -> (BTreeMap<String, Vec<u8>>, u64) {
    let mut spilled = 0;
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    let mut files: BTreeMap<String, Vec<u8>> = fs::read_dir(folder).unwrap().map(read).collect();
    if let Some(summary) = files.get_mut("summary.json") {
        let mut value: serde_json::Value = serde_json::from_slice(summary).unwrap();
        let elapsed = value.as_object_mut().unwrap().remove("elapsed").unwrap();
        spilled = elapsed.get("spilled_bytes").map_or(0, |bytes| bytes.as_u64().unwrap());
        *summary = value.to_string().into_bytes();
    }
    (files, spilled)
}

#[test]
fn the_example_is_decided_alike_through_disk() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/complete-journey");
    let folder = tempfile::tempdir().unwrap();
    let run = |format: &str, threads: &str, memory: &str| {
        let out = folder.path().join("out");
        let mut command = Command::new(SEG);
        command.env_clear().arg("run").arg(&example).arg("-o").arg(&out).args(["--format", format]);
        let output = command.args(["--threads", threads, "--memory-max", memory]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        files(&out)
    };
    let (expected, spilled) = run("parquet", "2", "8 GB");
    assert_eq!((spilled, expected.len()), (0, 4));
    for (threads, memory) in [("1", "30 MB"), ("2", "8 MB")] {
        let (found, spilled) = run("parquet", threads, memory);
        assert!(spilled > 10 << 20, "{spilled} bytes through disk");
        for (name, bytes) in &expected {
            assert!(found.get(name) == Some(bytes), "{name} differs with {memory}");
        }
    }
}

/// Customers with notes that are 130 MB of text together, and a playbook that reads them.
fn notes(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "seg.toml",
        "[data]\nCustomer = \"customers.csv\"\nNote = \"notes.csv\"\n[run]\nas_of = \"2026-03-15T00:00Z\"\n",
    );
    write(
        "notes.seg",
        "playbook \"Notes\" { timezone \"UTC\" }\n\n\
         profile Customer key id {\n  id Int\n  notes many Note max 1_000\n}\n\n\
         event Note by id at written_at {\n  written_at Timestamp\n  words Text\n}\n\n\
         ## Wrote of seven last\nsegment Sevens when latest(notes.words) ends with \"7\"\n",
    );
    let mut customers = BufWriter::new(File::create(folder.join("customers.csv")).unwrap());
    let mut notes = BufWriter::new(File::create(folder.join("notes.csv")).unwrap());
    writeln!(customers, "id").unwrap();
    writeln!(notes, "id,written_at,words").unwrap();
    (0..20_000).for_each(|id| writeln!(customers, "{id}").unwrap());
    let words = "many words of a long letter; ".repeat(2);
    for note in 0..2_000_000_u64 {
        let (id, minute) = (note * 7919 % 20_000, note * 31 % 60);
        writeln!(notes, "{id},2026-01-01T{:02}:{minute:02}:00Z,{words}{note}", note % 24).unwrap();
    }
}

/// Runs the notes under a limit of the shell's `ulimit`.
fn limited(limit: &str, folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new("/bin/sh");
    command.env_clear().arg("-c").arg(format!("trap '' XFSZ; ulimit {limit}; exec \"$@\"")).args(["sh", SEG, "run"]);
    command.arg(folder).args(["--threads", "2"]).args(more).output().unwrap()
}

#[test]
fn a_run_keeps_within_the_memory_that_it_may_have() {
    let folder = tempfile::tempdir().unwrap();
    notes(folder.path());
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let whole = limited("-d unlimited", folder.path(), &["--memory-max", "8 GB"]);
    assert!(whole.status.success() && !said(&whole).contains("on disk"), "{}", said(&whole));
    // KiB of data: all that a process may write to, but for its stacks.
    let cap = "-d 140000";
    let dies = limited(cap, folder.path(), &["--memory-max", "8 GB"]);
    assert!(!dies.status.success() && said(&dies).contains("memory"), "{}", said(&dies));
    for more in [&["--memory-max", "30 MB"][..], &[]] {
        let output = limited(cap, folder.path(), more);
        assert!(output.status.success() && said(&output).contains("on disk"), "{more:?}: {}", said(&output));
        assert_eq!(output.stdout, whole.stdout, "{more:?}");
    }
    full_disk(folder.path());
}

/// A file may have no more than a few hundred blocks: writing fails as on a full disk.
fn full_disk(folder: &Path) {
    let spill = tempfile::tempdir().unwrap();
    let out = spill.path().join("out");
    let output = limited("-f 9000", folder, &["--memory-max", "30 MB", "-o", out.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the events of `Note` are larger than `memory_max` allows in memory"), "{said}");
    assert!(said.contains("cannot be put on disk in `") && said.contains("File too large"), "{said}");
    assert_eq!(fs::read_dir(spill.path()).unwrap().count(), 0, "nothing is left");
}

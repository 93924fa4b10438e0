//! What a run that is killed, or that the disk fails, leaves under the name of its output: the old results or the new, whole,
//! and nothing beside them once the next run is done.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::{Files, not_done, pipe, seg, text, traced};

const PLAYBOOK: &str = "\
profile Customer key id {
  id    Int
  spent Int?
}

attribute twice = spent * 2

@allow(untested-segment) \"a test\"
@allow(missing-doc) \"a test\"
segment Spenders
  when spent >= 10
";

/// Runs that are killed at a random moment.
const KILLS: usize = 100;

/// A playbook with two versions of its data, so that old and new results differ in every file.
fn shop(customers: usize) -> Files {
    let shop =
        Files::new(&[("shop.seg", PLAYBOOK), ("seg.toml", "[run]\nas_of = \"2026-03-15\"\nreject_max = \"100%\"\n")]);
    for (name, step) in [("a", 7), ("b", 11)] {
        let rows = (0..customers).map(|id| match id % 1000 {
            999 => format!("{id},many {name}\n"),
            _ => format!("{id},{}\n", id * step % 23),
        });
        shop.write(&format!("data/{name}.csv"), format!("id,spent\n{}", rows.collect::<String>()));
    }
    shop
}

fn arguments(version: &str) -> Vec<String> {
    ["run", "--quiet", "--format", "csv", "--data", &format!("Customer=data/{version}.csv"), "-o", "out"]
        .map(String::from)
        .to_vec()
}

fn run(shop: &Files, version: &str) -> Output {
    seg().current_dir(shop.0.path()).args(arguments(version)).output().unwrap()
}

type Results = BTreeMap<String, String>;

/// The files of a folder of results; of the summary what does not depend on the clock.
fn results(folder: &Path) -> Results {
    let entries = fs::read_dir(folder).unwrap();
    let read = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        if !path.ends_with("summary.json") {
            return text;
        }
        let mut summary: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(summary.as_object_mut().unwrap().remove("elapsed").is_some());
        summary.to_string()
    };
    entries
        .map(|e| e.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(&path)))
        .collect()
}

/// The results of both versions.
fn both(shop: &Files) -> [Results; 2] {
    let both = ["b", "a"].map(|version| {
        let output = run(shop, version);
        assert!(output.status.success(), "{}", text(&output.stderr));
        results(&shop.path("out"))
    });
    assert_eq!(both[0].len(), 4);
    assert!(both[0].iter().all(|(name, text)| both[1][name] != *text), "every file tells the versions apart");
    both
}

/// Which of the results are there, whole.
fn which(shop: &Files, both: &[Results; 2], when: &str) -> usize {
    let found = results(&shop.path("out"));
    let which = both.iter().position(|results| *results == found);
    which.unwrap_or_else(|| panic!("neither the old results nor the new {when}: {:?}", found.keys()))
}

fn after_a_last_run(shop: &Files, both: &[Results; 2]) {
    let output = run(shop, "b");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(which(shop, both, "after a last run"), 0);
    assert_eq!(shop.names("."), ["data", "out", "seg.toml", "shop.seg"]);
}

/// Numbers that are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
fn a_run_killed_at_a_hundred_moments_leaves_the_old_results_or_the_new() {
    let shop = shop(20_000);
    let both = both(&shop);
    let started = Instant::now();
    run(&shop, "a");
    let whole = u64::try_from(started.elapsed().as_micros()).unwrap();
    let mut random = Random(4);
    let mut left = [0, 0];
    let mut now = 1;
    for kill in 0..KILLS {
        let (version, before) = (["b", "a"][1 - now], now);
        let mut child = seg()
            .current_dir(shop.0.path())
            .args(arguments(version))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Every other time towards the end, where results come under their name.
        let from = if kill % 2 == 0 { 0 } else { whole * 7 / 10 };
        std::thread::sleep(Duration::from_micros(from + random.below(whole * 12 / 10 - from)));
        child.kill().unwrap();
        child.wait().unwrap();
        now = which(&shop, &both, &format!("after kill {kill}"));
        left[usize::from(now != before)] += 1;
    }
    println!("{} runs killed: {} left the old results, {} the new", KILLS, left[0], left[1]);
    after_a_last_run(&shop, &both);
}

/// System calls by which a run changes what is on disk, or begins to.
const CHANGES: [&str; 13] = [
    "mkdir",
    "openat",
    "flock",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "ftruncate",
];

/// Calls are counted by thread: of all threads, and of the first alone, which else may never come to its own.
const THREADS: [&str; 2] = ["-f", "-q"];

/// More calls of one name than a run makes.
const CALLS_MAX: usize = 400;

#[test]
fn a_run_killed_at_each_of_its_system_calls_leaves_the_old_results_or_the_new() {
    let shop = shop(2_000);
    let both = both(&shop);
    let mut left = [0, 0];
    let mut now = 1;
    for (name, threads) in CHANGES.iter().flat_map(|name| THREADS.map(|threads| (name, threads))) {
        // The thread that comes first to its n-th call of that name ends the run.
        for call in 1..=CALLS_MAX {
            let (trace, inject) = (format!("trace={name}"), format!("inject={name}:signal=KILL:when={call}"));
            let Some(mut command) = traced(&[threads, "-e", &trace, "-e", &inject], Path::new("/dev/null")) else {
                return not_done("runs killed at each system call, for want of strace");
            };
            let (version, before) = (["b", "a"][1 - now], now);
            let output = command.current_dir(shop.0.path()).args(arguments(version)).output().unwrap();
            now = which(&shop, &both, &format!("after call {call} of {name}"));
            if output.status.success() {
                break;
            }
            left[usize::from(now != before)] += 1;
            assert!(call < CALLS_MAX, "a run makes more calls of {name}");
        }
    }
    println!("killed at {} system calls: {} left the old results, {} the new", left[0] + left[1], left[0], left[1]);
    assert!(left[0] > 20 && left[1] > 3, "the calls were before and after the one that counts: {left:?}");
    after_a_last_run(&shop, &both);
}

#[test]
fn a_call_that_fails_ends_the_run_with_a_clear_error_and_the_old_results() {
    let shop = shop(2_000);
    let both = both(&shop);
    let cases = [
        ("write,pwrite64,writev", "ENOSPC", "No space left on device"),
        ("write,pwrite64,writev", "EDQUOT", "Disk quota exceeded"),
        ("fsync,fdatasync", "EIO", "Input/output error"),
        ("mkdir,mkdirat", "EROFS", "Read-only file system"),
        ("rename,renameat,renameat2", "EBUSY", "Device or resource busy"),
    ];
    for ((calls, error, words), threads) in cases.iter().flat_map(|case| THREADS.map(|threads| (*case, threads))) {
        let (mut refused, mut unsaid) = (0, 0);
        for call in 1..CALLS_MAX {
            let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:error={error}:when={call}"));
            let Some(mut command) = traced(&[threads, "-e", &trace, "-e", &inject], Path::new("/dev/null")) else {
                return not_done("calls that fail, for want of strace");
            };
            let now = which(&shop, &both, "before");
            let output = command.current_dir(shop.0.path()).args(arguments(["b", "a"][1 - now])).output().unwrap();
            let after = which(&shop, &both, &format!("after {error} of call {call}"));
            if output.status.success() {
                assert_ne!(now, after, "a run that succeeds gives its results");
                break;
            }
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{told}");
            // What is told is written too, by a thread that may be at its own call of that number.
            if calls.starts_with("write") && told.trim().is_empty() {
                unsaid += 1;
            } else {
                assert!(told.contains(words) && told.contains("out") && told.starts_with("error: `"), "{told}");
            }
            assert_eq!(shop.names("."), ["data", "out", "seg.toml", "shop.seg"], "{error} of call {call}");
            // Once the results are in place, only the last flush of the folder around them can fail.
            assert!(now == after || told.contains("cannot be flushed"), "{told}");
            refused += 1;
            assert!(call + 1 < CALLS_MAX && unsaid <= 1, "{error}: {unsaid} of {refused} are not told");
        }
        assert!(refused > unsaid, "{error}");
        println!("{error}: {refused} calls of {calls} failed, one a run");
    }
    after_a_last_run(&shop, &both);
}

/// A small disk of its own, where the system lets one be made: everything is done in the shell that sees it.
#[test]
fn a_full_disk_is_a_clear_error_and_the_old_results_stay() {
    let shop = shop(20_000);
    let script = "mkdir small && mount -t tmpfs -o size=1m none small && cp -r out small/out && cd small && \
                  head -c 1m /dev/zero > filler; rm -rf ../left; \"$@\" 2> ../told; echo $? > ../status; rm -f filler; \
                  cp -r . ../left";
    let both = both(&shop);
    let done = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(env!("CARGO_BIN_EXE_seg"))
        .args(["run", "..", "--quiet", "--format", "csv", "--data", "Customer=../data/b.csv", "-o", "out"])
        .current_dir(shop.0.path())
        .output();
    if !shop.path("status").exists() {
        return not_done(&format!(
            "a disk that is full, for want of the right to mount one ({:?})",
            done.map(|d| text(&d.stderr))
        ));
    }
    let told = fs::read_to_string(shop.path("told")).unwrap();
    assert_eq!(fs::read_to_string(shop.path("status")).unwrap(), "2\n", "{told}");
    assert!(told.starts_with("error: `") && told.contains("No space left on device"), "{told}");
    assert_eq!(shop.names("left"), ["out"]);
    assert!(results(&shop.path("left/out")) == both[1], "the old results are there");
}

#[test]
fn what_cannot_be_written_is_a_clear_error() {
    let shop = shop(10);
    let refused = |output: &Output, words: &str| {
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words), "{told}");
    };
    let run = |target: &str| {
        seg()
            .current_dir(shop.0.path())
            .args(["run", "--quiet", "--data", "Customer=data/a.csv", "-o", target])
            .output()
            .unwrap()
    };
    shop.write("file", "mine");
    fs::create_dir(shop.path("real")).unwrap();
    symlink("real", shop.path("link")).unwrap();
    symlink("nowhere", shop.path("dangling")).unwrap();
    pipe(&shop.path("pipe"));
    refused(&run("file"), "`file` cannot be written: it is a file, not a folder");
    refused(&run("file/out"), "`file`: the folder cannot be made");
    refused(&run("pipe"), "it is a pipe, not a folder");
    refused(&run("/dev/null"), "it is a device, not a folder");
    refused(&run("link"), "it is a symbolic link; name the folder that it leads to");
    refused(&run("dangling"), "it is a symbolic link");
    assert_eq!(fs::read_to_string(shop.path("file")).unwrap(), "mine");
    assert_eq!(shop.names("real"), Vec::<String>::new());
    for target in ["file.segb/x.segb", "real.segb", "link.segb", "null.segb"] {
        match target {
            "real.segb" => fs::create_dir(shop.path(target)).unwrap(),
            "link.segb" => symlink("file", shop.path(target)).unwrap(),
            "null.segb" => symlink("/dev/null", shop.path(target)).unwrap(),
            _ => {}
        }
        let output = shop.seg(&["build", "-o", target]);
        refused(&output, "cannot be written: ");
    }
    assert_eq!(fs::read_to_string(shop.path("file")).unwrap(), "mine");
    assert!(run("real").status.success(), "an empty folder takes results");
}

/// Rights are asked of somebody who has not all of them.
#[test]
fn a_folder_without_the_right_to_write_is_a_clear_error() {
    let shop = shop(10);
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(shop.0.path(), 0o555);
    fs::copy(env!("CARGO_BIN_EXE_seg"), shop.path("data/seg")).unwrap();
    let arguments = ["run", "--quiet", "--data", "Customer=data/a.csv", "-o", "out"];
    let is_root = fs::write(shop.path("probe"), "").is_ok();
    let mut command = match is_root {
        false => Command::new(shop.path("data/seg")),
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(shop.path("data/seg"));
            command
        }
    };
    let output = command.args(arguments).current_dir(shop.0.path()).output();
    open(shop.0.path(), 0o755);
    let Ok(output) = output else { return not_done("a folder without rights, for want of setpriv") };
    let told = text(&output.stderr);
    if told.contains("setpriv:") {
        return not_done(&format!("a folder without rights: {told}"));
    }
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("no folder can be made beside it: Permission denied"), "{told}");
}

/// Results that stepped aside, where a file system cannot exchange two folders, come back if the run was killed just then.
#[test]
fn the_next_run_brings_back_what_stepped_aside_and_removes_what_was_left() {
    let shop = shop(1_000);
    let both = both(&shop);
    fs::rename(shop.path("out"), shop.path(".out.123-0.old")).unwrap();
    shop.write(".out.123-0.part/segments.csv", "half");
    shop.write(".out.77.part/rejects.ndjson", "half");
    shop.write(".out.notes.part/mine.txt", "somebody's own");
    shop.write(".outer.123-0.part/segments.csv", "of another output");
    // A run that fails after it has cleared: the old results are under their name again.
    let output = shop.seg(&["run", "--quiet", "--data", "Customer=data/none.csv", "-o", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(which(&shop, &both, "after clearing"), 1);
    let names = [".out.notes.part", ".outer.123-0.part", "data", "out", "seg.toml", "shop.seg"];
    assert_eq!(shop.names("."), names);
    let aside = shop.path(".out.9-0.old");
    fs::create_dir(&aside).unwrap();
    assert!(run(&shop, "b").status.success());
    assert_eq!((which(&shop, &both, "at the end"), shop.names(".").len()), (0, names.len()));
}

/// Two runs into one folder at a time: neither takes the other's work for remains.
#[test]
fn runs_into_the_same_folder_do_not_disturb_each_other() {
    let shop = shop(20_000);
    let both = both(&shop);
    let start = |version: &str| {
        let mut command = seg();
        command.current_dir(shop.0.path()).args(arguments(version)).stderr(Stdio::piped()).spawn().unwrap()
    };
    for _ in 0..5 {
        let children: Vec<_> = ["a", "b", "a", "b"].map(start).into_iter().collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
        which(&shop, &both, "after four runs");
    }
    after_a_last_run(&shop, &both);
}

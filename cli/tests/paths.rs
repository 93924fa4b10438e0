//! What a playbook may have read: its folder, the data that is bound, and nothing else of the machine. Paths out of the folder,
//! links, devices and pipes are refused, and never waited for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Component, Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use support::{Files, not_done, pipe, seg, text, traced};

const PLAYBOOK: &str = "\
enum State from \"states.csv\" column code

profile Customer key id {
  id    Int
  state State?
  visits many Visit
}

event Visit by id at seen_at {
  seen_at Timestamp
  shop    Shop?
}

reference Shop key shop_id {
  shop_id Text
}

@allow(untested-segment) \"a test\"
@allow(missing-doc) \"a test\"
segment Californians
  when state = CA and count(visits) > 0
";

const SETTINGS: &str = "\
[data]
Customer = \"data/customers.csv\"
Visit = \"data/visits-*.ndjson\"
Shop = \"data/shops.csv\"

[run]
as_of = \"2026-03-15\"
";

fn shop() -> Files {
    Files::new(&[
        ("shop/shop.seg", PLAYBOOK),
        ("shop/seg.toml", SETTINGS),
        ("shop/states.csv", "code\nCA\nNY\n"),
        ("shop/unnamed.csv", "code\nXX\n"),
        ("shop/data/customers.csv", "id,state\n1,CA\n2,NY\n"),
        ("shop/data/visits-1.ndjson", "{\"id\": 1, \"seen_at\": \"2026-03-01\", \"shop\": \"s\"}\n"),
        ("shop/data/shops.csv", "shop_id\ns\n"),
        ("elsewhere/secret.csv", "code\nSECRET\n"),
        ("elsewhere/secret.seg", "enum Secret { Told }\n"),
        ("elsewhere/customers.csv", "id,state\n3,CA\n"),
        ("records.ndjson", "{\"id\": 1, \"visits\": []}\n"),
    ])
}

/// Runs the command; what waits for ever fails the test instead of hanging it.
fn done(files: &Files, arguments: &[&str]) -> Output {
    let mut child = seg()
        .current_dir(files.0.path())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{arguments:?} waits for ever");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn refused(files: &Files, arguments: &[&str], status: i32, words: &str) {
    let output = done(files, arguments);
    let (out, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{told}{out}");
    assert!(told.contains(words), "{arguments:?} does not say `{words}`\n{told}");
    assert!(!told.contains("SECRET") && !out.contains("SECRET"), "{told}{out}");
}

fn fine(files: &Files, arguments: &[&str]) -> String {
    let output = done(files, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}\n{}", text(&output.stderr));
    text(&output.stdout)
}

/// Puts something that is no file of the playbook in place of each of its files, in turn.
fn in_place_of(files: &Files, name: &str, commands: &[(&[&str], i32)]) {
    let path = files.path(name);
    let good = fs::read(&path).unwrap();
    let ending = path.extension().unwrap().to_string_lossy().into_owned();
    let outside = files.path(&format!("elsewhere/secret.{}", if ending == "seg" { "seg" } else { "csv" }));
    type Put<'p> = &'p dyn Fn(&Path);
    let put: [(Put<'_>, &str); 6] = [
        (&|at| symlink(&outside, at).unwrap(), "out of the playbook's folder"),
        (&|at| symlink("/dev/zero", at).unwrap(), "out of the playbook's folder"),
        (&|at| pipe(at), "it is a pipe, not a file"),
        (&|at| drop(UnixListener::bind(at).unwrap()), "it is a socket, not a file"),
        (&|at| symlink(at, at).unwrap(), "symbolic link"),
        (&|at| fs::create_dir(at).unwrap(), "it is a folder"),
    ];
    for (put, words) in put {
        fs::remove_file(&path).unwrap();
        put(&path);
        for (arguments, status) in commands {
            // A folder of that name is a folder of the playbook, in which there is nothing.
            if words != "it is a folder" || ending == "toml" {
                refused(files, arguments, *status, words);
            } else {
                let output = done(files, arguments);
                assert_ne!(output.status.code(), Some(0), "{arguments:?}");
            }
        }
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        fs::write(&path, &good).unwrap();
    }
    // Within the folder links are followed: that is how some systems lay out what they mount.
    fs::create_dir_all(files.path("shop/.mount")).unwrap();
    let real = files.path("shop/.mount").join(path.file_name().unwrap());
    fs::rename(&path, &real).unwrap();
    symlink(&real, &path).unwrap();
    commands.iter().for_each(|(arguments, _)| drop(fine(files, arguments)));
    fs::remove_file(&path).unwrap();
    fs::rename(&real, &path).unwrap();
}

#[test]
fn what_is_no_file_of_the_folder_is_refused_as_source() {
    let files = shop();
    let all: [(&[&str], i32); 4] = [
        (&["check", "shop"], 2),
        (&["run", "shop", "--quiet"], 2),
        (&["build", "shop", "-o", "x.segb"], 2),
        (&["test", "shop"], 2),
    ];
    all.iter().for_each(|(arguments, _)| drop(fine(&files, arguments)));
    in_place_of(&files, "shop/shop.seg", &all);
    in_place_of(&files, "shop/seg.toml", &all);
    // A file that a declaration names is told at that name, and the run says that the playbook has errors.
    let named: [(&[&str], i32); 2] = [(&["check", "shop"], 1), (&["run", "shop", "--quiet"], 2)];
    in_place_of(&files, "shop/states.csv", &named);
    refused(&files, &["check", "elsewhere/none.seg"], 2, "there is no playbook");
    pipe(&files.path("p.seg"));
    symlink(files.path("elsewhere/secret.seg"), files.path("shop/link.txt")).unwrap();
    refused(&files, &["check", "p.seg"], 2, "it is a pipe, not a playbook");
    refused(&files, &["check", "/dev/zero"], 2, "it is a device, not a playbook");
    refused(&files, &["check", "/dev/null"], 2, "it is a device, not a playbook");
    refused(&files, &["fmt", "p.seg"], 2, "it is a pipe, not a file");
    fs::create_dir(files.path("pipes")).unwrap();
    pipe(&files.path("pipes/a.seg"));
    refused(&files, &["fmt", "pipes"], 2, "it is a pipe, not a file");
    symlink("/dev/zero", files.path("zero.segb")).unwrap();
    refused(&files, &["inspect", "zero.segb"], 2, "it is a device, not a file");
    refused(&files, &["build", "shop", "-o", "x.segb", "--sign", "/dev/zero"], 2, "it is a device, not a file");
    refused(&files, &["run", "x.segb", "--verify-key", "p.seg"], 2, "it is a pipe, not a file");
    refused(&files, &["eval", "shop", "/dev/zero"], 2, "it is a device, not a file");
}

#[test]
fn paths_out_of_the_folder_are_told_where_they_are_written() {
    let files = shop();
    for (path, is_there) in [
        ("../elsewhere/secret.csv", true),
        ("../elsewhere/none.csv", false),
        ("data/../../elsewhere/secret.csv", true),
        ("/etc/passwd.csv", false),
    ] {
        files.write("shop/shop.seg", PLAYBOOK.replace("states.csv", path));
        refused(&files, &["check", "shop"], 1, "[refused-file]");
        refused(&files, &["check", "shop/shop.seg"], 1, "the path leads out of the playbook's folder");
        assert_eq!(files.path("shop").join(path).exists(), is_there);
    }
}

#[test]
fn a_playbook_binds_what_lies_in_its_folder_and_who_runs_it_may_say_more() {
    let files = shop();
    let outside = files.path("elsewhere/customers.csv").to_string_lossy().into_owned();
    symlink("../../elsewhere", files.path("shop/data/link")).unwrap();
    symlink("../../elsewhere/customers.csv", files.path("shop/data/link.csv")).unwrap();
    let bind = |path: &str| files.write("shop/seg.toml", SETTINGS.replace("data/customers.csv", path));
    let commands: [&[&str]; 4] = [
        &["run", "shop"],
        &["stats", "shop"],
        &["why", "shop", "--key", "3"],
        &["run", "shop", "--data-root", "shop/data"],
    ];
    for path in [
        "../elsewhere/customers.csv",
        &outside,
        "../elsewhere/*.csv",
        "../*/customers.csv",
        "*/../../elsewhere/customers.csv",
        "data/link/customers.csv",
        "data/link/*.csv",
        "data/link.csv",
        "data/lin*.csv",
        "/etc/none.csv",
    ] {
        bind(path);
        fine(&files, &["check", "shop"]);
        for command in commands {
            refused(&files, command, 2, "leads out of the playbook's folder");
        }
        // The compiled playbook binds what its folder holds, as its sources do.
        fine(&files, &["build", "shop", "--quiet", "-o", "shop/shop.segb"]);
        refused(&files, &["run", "shop/shop.segb"], 2, "leads out of the playbook's folder");
        if path.contains("customers.csv") && !path.starts_with('*') {
            let told = fine(&files, &["run", "shop", "--quiet", "--data-root", "elsewhere", "--data-root", "."]);
            assert!(told.contains("1 customers"), "{path}: {told}");
        }
        assert!(
            fine(&files, &["run", "shop", "--quiet", "--data", "Customer=elsewhere/customers.csv"])
                .contains("1 customers")
        );
    }
    for (path, words) in
        [("data/none.csv", "matches no file"), ("data/no*.csv", "matches no file"), ("none/x.csv", "matches no file")]
    {
        bind(path);
        refused(&files, &["run", "shop"], 2, words);
    }
}

#[test]
fn data_that_is_no_regular_file_is_refused_and_not_waited_for() {
    let files = shop();
    for (ending, good) in [("csv", "id,state\n1,CA\n"), ("ndjson", "{\"id\": 1}\n"), ("parquet", ""), ("arrow", "")] {
        let name = format!("odd.{ending}");
        let path = files.path(&name);
        let bound = format!("Customer={name}");
        for (what, words) in [
            ("pipe", "it is a pipe, not a file"),
            ("zero", "it is a device, not a file"),
            ("folder", "it is a folder, not a file"),
        ] {
            match what {
                "pipe" => pipe(&path),
                "zero" => symlink("/dev/zero", &path).unwrap(),
                _ => fs::create_dir(&path).unwrap(),
            }
            refused(&files, &["run", "shop", "--data", &bound], 2, words);
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
        if !good.is_empty() {
            files.write(&name, good);
            fine(&files, &["run", "shop", "--quiet", "--data", &bound]);
        }
    }
    // Records may come through a pipe, which is how programs hand them over.
    let records = files.path("records.pipe");
    pipe(&records);
    let fill = std::thread::spawn(move || fs::write(records, "{\"id\": 1, \"visits\": []}\n").unwrap());
    assert!(fine(&files, &["eval", "shop", "records.pipe"]).contains("\"Californians\":false"));
    fill.join().unwrap();
}

/// A record without end is told and passed over, in bounded memory; bytes that are no text are that record's fault.
#[test]
fn records_without_end_or_without_text_are_refused_one_by_one() {
    let files = shop();
    let long = [b"{\"id\": 1, \"visits\": [], \"x\": \"".to_vec(), vec![b'x'; 3 << 20], b"\"}\n".to_vec()].concat();
    let good = b"{\"id\": 2, \"visits\": []}\n".to_vec();
    files.write(
        "records.ndjson",
        [
            long,
            good.clone(),
            b"{\"id\": \"\xff\"}\n".to_vec(),
            good.clone(),
            b"{\"id\": 2, \"visits\": []}\xc3\n".to_vec(),
        ]
        .concat(),
    );
    let output = done(&files, &["eval", "shop", "records.ndjson"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let lines: Vec<String> = text(&output.stdout).lines().map(String::from).collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert!(lines[0].contains("more than 1048576 bytes") && lines[0].contains("\"row\":1"), "{}", lines[0]);
    assert!(lines[2].contains("not UTF-8") && lines[2].contains("\"row\":3"), "{}", lines[2]);
    assert!(lines[4].contains("malformed"), "{}", lines[4]);
    assert_eq!(lines[1], lines[3]);
}

/// What a program opens that has nothing to do with what it is asked: its own libraries, and what the system says of the
/// machine. Every name is written out but for the version and the folder of a library.
fn is_of_the_system(path: &str) -> bool {
    let libraries = [
        "libc.so.6",
        "libm.so.6",
        "libgcc_s.so.1",
        "libpthread.so.0",
        "libdl.so.2",
        "librt.so.1",
        "ld-linux-x86-64.so.2",
    ];
    let is_library = Path::new(path).file_name().is_some_and(|name| libraries.iter().any(|l| name == *l))
        && ["/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"].iter().any(|folder| path.starts_with(folder));
    let of_the_machine = [
        "/etc/ld.so.cache",
        // The main thread's stack.
        "/proc/self/maps",
        // How many cores there are, and how many of them a container may use.
        "/proc/self/cgroup",
        "/proc/self/mountinfo",
        "/sys/devices/system/cpu/online",
        "/proc/stat",
        // How much memory there is, and whether it is promised beyond that.
        "/proc/meminfo",
        "/proc/self/limits",
        "/proc/self/status",
        "/proc/sys/vm/overcommit_memory",
    ];
    let shares = ["/cpu.max", "/cpu.cfs_quota_us", "/cpu.cfs_period_us"];
    let is_share = path.starts_with("/sys/fs/cgroup/") && shares.iter().any(|share| path.ends_with(share));
    // How much memory a container may use, and does.
    let of_memory = ["max", "current", "stat", "limit_in_bytes", "usage_in_bytes"];
    let is_memory = path.starts_with("/sys/fs/cgroup/")
        && Path::new(path)
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix("memory."))
            .is_some_and(|name| of_memory.contains(&name));
    is_library || is_share || is_memory || of_the_machine.contains(&path)
}

/// Every path that a command opens, as it stands to the folder at hand, and whether to write. `None` without strace.
fn opened(files: &Files, arguments: &[&str]) -> Option<BTreeSet<(String, bool)>> {
    let trace = files.path("trace.txt");
    let calls = "trace=open,openat,openat2,creat,execve,execveat,connect,socket,fork,vfork";
    let output = traced(&["-f", "-y", "-s", "4096", "-e", calls], &trace)?
        .current_dir(files.0.path())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.code().is_some_and(|c| c < 2), "{arguments:?}\n{}", text(&output.stderr));
    let mut found = BTreeSet::new();
    let folder = files.0.path().canonicalize().unwrap();
    for (n, line) in fs::read_to_string(&trace).unwrap().lines().enumerate() {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        // A call that another thread interrupted is told in two lines, of which the first has its arguments.
        if call.starts_with("<...") || call.starts_with("+++") || call.starts_with("---") {
            continue;
        }
        assert!(call.starts_with("open") || (n == 0 && call.starts_with("execve(")), "{arguments:?}: {line}");
        if call.starts_with("execve(") {
            continue;
        }
        let path = call.split('"').nth(1).unwrap_or_else(|| panic!("no path in {line}"));
        let at = call.split_once('<').map_or("", |(_, rest)| rest.split_once('>').unwrap().0);
        let base = if call.starts_with("openat") { PathBuf::from(at) } else { folder.clone() };
        let mut full = PathBuf::new();
        for part in base.join(path).components() {
            match part {
                Component::ParentDir => drop(full.pop()),
                Component::CurDir => {}
                other => full.push(other),
            }
        }
        let shown = full.strip_prefix(&folder).unwrap_or(&full).to_string_lossy().into_owned();
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag));
        found.insert((shown, writes));
    }
    Some(found)
}

/// What was opened beyond what the system itself has opened, temporary names without their numbers.
fn of_ours(opened: &BTreeSet<(String, bool)>) -> BTreeSet<String> {
    let ours = opened.iter().filter(|(path, writes)| *writes || !is_of_the_system(path));
    ours.map(|(path, writes)| {
        let parts = path.split('/').map(|part| {
            let numbered = part.starts_with('.') && (part.ends_with(".part") || part.ends_with(".tmp"));
            if numbered {
                part.split(|c: char| c.is_ascii_digit() || c == '-')
                    .filter(|p| !p.is_empty())
                    .collect::<Vec<_>>()
                    .join("N")
            } else {
                part.to_string()
            }
        });
        format!("{}{}", if *writes { "writes " } else { "" }, parts.collect::<Vec<_>>().join("/"))
    })
    .collect()
}

#[test]
fn commands_open_the_playbook_its_data_and_its_output_and_nothing_else() {
    let files = shop();
    let Some(_) = traced(&[], Path::new("/dev/null")) else {
        return not_done("which files are opened, for want of strace");
    };
    fs::create_dir(files.path("shop/tables")).unwrap();
    let set = |paths: &[&str]| paths.iter().map(|p| (*p).to_string()).collect::<BTreeSet<String>>();
    let sources = ["shop", "shop/data", "shop/tables", "shop/seg.toml", "shop/shop.seg", "shop/states.csv"];
    let of = |paths: &[&str]| set(&[&sources, paths].concat());
    let references = ["shop/data/shops.csv"];
    let data = ["shop/data/customers.csv", "shop/data/visits-1.ndjson", "shop/data/shops.csv"];
    let check = |arguments: &[&str], expected: BTreeSet<String>| {
        assert_eq!(of_ours(&opened(&files, arguments).unwrap()), expected, "{arguments:?}");
    };
    check(&["check", "shop"], of(&[]));
    check(&["check", "shop", "--format", "json", "--verbose"], of(&[]));
    check(&["test", "shop", "--coverage"], of(&[]));
    check(&["explain", "Californians", "--playbook", "shop"], of(&[]));
    check(&["explain", "unknown-name"], set(&[]));
    check(&["sql", "shop", "--bind"], of(&[]));
    check(&["run", "shop"], of(&data));
    check(&["stats", "shop"], of(&data));
    check(&["why", "shop", "--key", "1"], of(&data));
    check(&["eval", "shop", "records.ndjson"], of(&[&references[..], &["records.ndjson"]].concat()));
    check(
        &["run", "shop", "--data", "Customer=elsewhere/customers.csv"],
        of(&["elsewhere/customers.csv", data[1], data[2]]),
    );
    let made = [
        // The folder that holds the output is looked through for what killed runs have left, and flushed.
        "",
        ".out.N.part",
        "writes .out.N.part/segments.parquet",
        "writes .out.N.part/rejects.ndjson",
        "writes .out.N.part/summary.json",
    ];
    check(&["run", "shop", "-o", "out"], of(&[&data[..], &made].concat()));
    // Results that are there are looked at before they are replaced.
    check(&["run", "shop", "-o", "out"], of(&[&data[..], &made, &["out"]].concat()));
    check(&["build", "shop", "-o", "shop.segb"], of(&["writes .shop.segb.N.tmp"]));
    check(&["inspect", "shop.segb"], set(&["shop.segb"]));
    fs::rename(files.path("shop.segb"), files.path("shop/shop.segb")).unwrap();
    check(&["run", "shop/shop.segb"], set(&[&["shop/shop.segb", "shop/data"][..], &data].concat()));
    check(
        &["eval", "shop/shop.segb", "records.ndjson"],
        set(&["shop/shop.segb", "shop/data/shops.csv", "records.ndjson"]),
    );
}

/// The list of what the system opens is tight: what else a program could read of a machine is not on it.
#[test]
fn what_the_system_opens_is_a_short_list() {
    for path in [
        "/etc/passwd",
        "/etc/localtime",
        "/usr/share/zoneinfo/Europe/London",
        "/etc/timezone",
        "/usr/lib/locale/locale-archive",
        "/root/.config/seg.toml",
        "/proc/self/environ",
        "/proc/1/maps",
        "/lib/x86_64-linux-gnu/libssl.so.3",
        "/dev/urandom",
        "elsewhere/secret.csv",
        "/sys/fs/cgroup/io.max",
        "/sys/fs/cgroup/memory.events",
    ] {
        assert!(!is_of_the_system(path), "{path}");
    }
    for path in ["/lib/x86_64-linux-gnu/libc.so.6", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/a/memory.max"] {
        assert!(is_of_the_system(path), "{path}");
    }
}

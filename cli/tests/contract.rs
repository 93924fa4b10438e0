//! The command's contract as its users meet it: exit status, streams, formats, files written, records decided.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn seg() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seg"));
    command.env_clear().env("LANG", "ja_JP.UTF-8");
    command
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

fn done(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The in, out and unknown of a segment in the audience table.
fn counts(table: &str, segment: &str) -> Vec<String> {
    let line = table.lines().find(|l| l.starts_with(segment)).unwrap();
    line.split_whitespace().skip(1).take(3).map(String::from).collect()
}

/// A small playbook with data: four customers, of whom one breaks the schema.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "seg.toml",
        "[playbook]\nname = \"shop\"\n\n[data]\nCustomer = \"customers.csv\"\nOrder = { file = \"orders.csv\", rename = { placed_at = \"at\" } }\n\n\
         [env.small.data]\nOrder = { file = \"few.csv\", rename = { placed_at = \"at\" } }\n\n\
         [run]\nas_of = \"2026-03-15T00:00Z\"\nreject_max = \"30%\"\n",
    );
    write(
        "shop.seg",
        "playbook \"Shop\" { timezone \"Europe/London\" currency GBP }\n\n\
         enum Card { Blue, Gold }\n\n\
         profile Customer key id {\n  id Text\n  card Card?\n  email Text? @pii\n  orders many Order max 100\n}\n\n\
         event Order by id at placed_at {\n  placed_at Timestamp\n  total Money(GBP)\n}\n\n\
         ## What they spent\nattribute spend = sum(orders.total)\n\n\
         ## Gold\nsegment GoldHolders \"Gold\" when card = Gold\n\n\
         ## Spenders\nsegment BigSpenders \"Big\" when spend >= £100\n\n\
         test \"gold\" { given { card: Gold } as of 2026-03-01 expect in GoldHolders expect not in BigSpenders }\n",
    );
    write("customers.csv", "id,card,email\na,Gold,ann@x.example\nb,,bob@x.example\nc,Blue,\nd,Silver,dora@x.example\n");
    write(
        "orders.csv",
        "id,at,total\na,2026-03-01T10:00:00Z,60.00\na,2026-02-01T10:00:00Z,60.00\nb,2026-03-29T01:30:00,5\nz,2026-01-01T00:00:00Z,1\n",
    );
    write("few.csv", "id,at,total\nc,2026-03-01T10:00:00Z,500\n");
    folder
}

#[test]
fn no_planted_fault_is_in_the_command() {
    let bytes = fs::read(env!("CARGO_BIN_EXE_seg")).unwrap();
    let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
    assert!(holds(b"nothing to complain about"), "the command's own words are found");
    assert!(!holds(b"SEG_FAULT") && !holds(b"less-takes-equal"));
}

#[test]
fn a_run_prints_the_audience_table_on_stdout_and_remarks_on_stderr() {
    let shop = shop();
    let output = done(seg().arg("run").arg(shop.path()));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(out.starts_with("Shop: 3 customers as of 2026-03-15T00:00Z\n"), "{out}");
    assert_eq!(counts(&out, "GoldHolders"), ["1", "1", "1"]);
    assert_eq!(counts(&out, "BigSpenders"), ["1", "2", "0"]);
    for remark in ["Customer: 1 row rejected", "Order: 1 event after the as-of", "Order: 1 event of customers"] {
        assert!(err.contains(remark), "{err}");
    }
}

#[test]
fn a_run_writes_every_format_and_the_rejects_without_personal_data() {
    let shop = shop();
    for format in ["parquet", "arrow", "ndjson", "csv"] {
        let target = shop.path().join(format!("out-{format}"));
        for _ in 0..2 {
            let output = done(seg().arg("run").arg(shop.path()).args(["--format", format, "-o"]).arg(&target));
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        }
        for file in [
            format!("segments.{format}"),
            format!("attributes.{format}"),
            "rejects.ndjson".into(),
            "summary.json".into(),
        ] {
            assert!(target.join(&file).is_file(), "{file}");
        }
    }
    let segments = fs::read_to_string(shop.path().join("out-csv/segments.csv")).unwrap();
    assert_eq!(segments, "id,GoldHolders,BigSpenders\na,true,true\nb,,false\nc,false,false\n");
    let attributes = fs::read_to_string(shop.path().join("out-ndjson/attributes.ndjson")).unwrap();
    assert!(attributes.contains("\"spend\":120.00"), "{attributes}");
    let rejects = fs::read_to_string(shop.path().join("out-csv/rejects.ndjson")).unwrap();
    assert!(rejects.contains("\"no-such-member\"") && rejects.contains("\"key\":\"d\""), "{rejects}");
    assert!(!rejects.contains("dora"), "{rejects}");
    let leftovers: Vec<String> = fs::read_dir(shop.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.contains("part") || n.contains("tmp"))
        .collect();
    assert_eq!(leftovers, Vec::<String>::new());
}

#[test]
fn a_run_refuses_a_folder_that_holds_something_else() {
    let shop = shop();
    let target = shop.path().join("mine");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("notes.txt"), "keep me").unwrap();
    let output = done(seg().arg("run").arg(shop.path()).arg("-o").arg(&target));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(target.join("notes.txt")).unwrap(), "keep me");
}

#[test]
fn environments_overrides_and_names_choose_what_is_run() {
    let shop = shop();
    let small = done(seg().arg("run").arg(shop.path()).args(["--env", "small", "--only", "BigSpenders"]));
    let out = text(&small.stdout);
    assert_eq!(counts(&out, "BigSpenders"), ["1", "2", "0"]);
    assert!(!out.contains("GoldHolders"));
    let wrong = done(seg().arg("run").arg(shop.path()).args(["--env", "nowhere"]));
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("it has small"));
    let file = shop.path().join("few.csv");
    let over = done(seg().arg("run").arg(shop.path()).arg("--data").arg(format!("Order={}", file.display())));
    assert_eq!(counts(&text(&over.stdout), "BigSpenders"), ["1", "2", "0"], "{}", text(&over.stderr));
    let name = done(seg().arg("run").arg(shop.path()).args(["--only", "BigSpender"]));
    assert_eq!(name.status.code(), Some(2));
    assert!(text(&name.stderr).contains("BigSpenders"));
}

#[test]
fn too_many_rejects_are_findings() {
    let shop = shop();
    let toml = fs::read_to_string(shop.path().join("seg.toml")).unwrap().replace("30%", "10%");
    fs::write(shop.path().join("seg.toml"), toml).unwrap();
    assert_eq!(done(seg().arg("run").arg(shop.path())).status.code(), Some(1));
}

#[test]
fn records_are_decided_one_a_line_as_they_come() {
    let shop = shop();
    let mut child = seg().arg("eval").arg(shop.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut ask = |record: &str| {
        writeln!(input, "{record}").unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line.trim_end().to_string()
    };
    let decided = ask(r#"{"id":"a","card":"Gold","orders":[{"placed_at":"2026-03-01T10:00:00Z","total":100}]}"#);
    assert_eq!(
        decided,
        r#"{"id":"a","segments":{"GoldHolders":true,"BigSpenders":true},"attributes":{"spend":100.00}}"#
    );
    let unknown = ask(r#"{"id":"b","orders":[]}"#);
    assert_eq!(
        unknown,
        r#"{"id":"b","segments":{"GoldHolders":null,"BigSpenders":false},"attributes":{"spend":0.00}}"#
    );
    let refused = ask(r#"{"id":"c","card":"Silver","orders":[]}"#);
    assert!(refused.starts_with(r#"{"id":"c","error":{"code":"no-such-member","path":"card""#), "{refused}");
    for (record, code) in [
        ("not json", "malformed"),
        (r#"{"id":"a","id":"b","orders":[]}"#, "malformed"),
        (r#"{"id":"a","orders":[],"colour":1}"#, "unknown-field"),
        (r#"{"id":"a"}"#, "not-sent"),
        (r#"{"orders":[]}"#, "missing-value"),
    ] {
        let refused = ask(record);
        assert!(refused.contains(&format!("\"code\":\"{code}\"")), "{record}: {refused}");
    }
    let without = ask(
        r#"{"id":"a","orders":[{"placed_at":"yesterday","total":1},{"placed_at":"2026-03-01T10:00:00Z","total":7}]}"#,
    );
    assert!(
        without.contains(r#""attributes":{"spend":7.00},"rejects":[{"code":"wrong-type","path":"orders[0].placed_at""#),
        "{without}"
    );
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn bulk_and_request_decide_alike() {
    let shop = shop();
    let target = shop.path().join("out");
    done(seg().arg("run").arg(shop.path()).args(["--format", "ndjson", "-o"]).arg(&target));
    let bulk = fs::read_to_string(target.join("segments.ndjson")).unwrap();
    let records = concat!(
        r#"{"id":"a","card":"Gold","email":"ann@x.example","orders":[{"placed_at":"2026-02-01T10:00:00Z","total":"60.00"},{"placed_at":"2026-03-01T10:00:00Z","total":60.0}]}"#,
        "\n",
        r#"{"id":"b","email":"bob@x.example","orders":[{"placed_at":"2026-03-29T01:30:00","total":5}]}"#,
        "\n",
        r#"{"id":"c","card":"Blue","orders":[]}"#,
        "\n"
    );
    let file = shop.path().join("records.json");
    fs::write(&file, records).unwrap();
    let single = text(&done(seg().arg("eval").arg(shop.path()).arg(&file)).stdout);
    for (bulk, single) in bulk.lines().zip(single.lines()) {
        for name in ["GoldHolders", "BigSpenders"] {
            let of = |line: &str| {
                line.split(&format!("\"{name}\":")).nth(1).map(|r| r[..4].to_string()).unwrap_or("null".into())
            };
            assert_eq!(of(bulk), of(single), "{name}: {bulk} {single}");
        }
    }
    assert_eq!(single.lines().count(), 3);
}

#[test]
fn why_shows_each_clause_with_its_value() {
    let shop = shop();
    let output =
        text(&done(seg().arg("why").arg(shop.path()).args(["--key", "b", "--of", "GoldHolders,spend"])).stdout);
    assert!(output.contains("b is unknown for GoldHolders"), "{output}");
    assert!(output.contains("unknown  card = Gold  # card is missing"), "{output}");
    assert!(output.contains("spend is £0.00"), "{output}");
    let rejected = done(seg().arg("why").arg(shop.path()).args(["--key", "d"]));
    assert_eq!(rejected.status.code(), Some(2));
    assert!(text(&rejected.stderr).contains("no-such-member"), "{}", text(&rejected.stderr));
    assert_eq!(done(seg().arg("why").arg(shop.path()).args(["--key", "nobody"])).status.code(), Some(2));
}

#[test]
fn blame_is_what_filling_the_field_would_decide() {
    let shop = shop();
    let output = text(&done(seg().arg("stats").arg(shop.path()).args(["--format", "json"])).stdout);
    assert!(output.contains("\"field\": \"card\",\n          \"lacking\": 1,\n          \"decided\": 1"), "{output}");
    // Fill it in the data, with either member: the unknown customer is decided, and no other answer changes.
    for (member, counts) in [("Gold", ["2", "1", "0"]), ("Blue", ["1", "2", "0"])] {
        let filled =
            fs::read_to_string(shop.path().join("customers.csv")).unwrap().replace("b,,", &format!("b,{member},"));
        let file = shop.path().join("filled.csv");
        fs::write(&file, filled).unwrap();
        let run = done(seg().arg("run").arg(shop.path()).arg("--data").arg(format!("Customer={}", file.display())));
        assert_eq!(self::counts(&text(&run.stdout), "GoldHolders"), counts);
    }
}

#[test]
fn exit_statuses_tell_findings_from_failures() {
    let shop = shop();
    let file = shop.path().join("shop.seg");
    assert_eq!(done(seg().arg("check").arg(shop.path())).status.code(), Some(0));
    assert_eq!(done(seg().arg("test").arg(shop.path())).status.code(), Some(0));
    let sound = fs::read_to_string(&file).unwrap();
    fs::write(&file, sound.replace("expect in GoldHolders", "expect not in GoldHolders")).unwrap();
    assert_eq!(done(seg().arg("test").arg(shop.path())).status.code(), Some(1));
    fs::write(&file, sound.replace("card = Gold", "card != Gold")).unwrap();
    let check = done(seg().arg("check").arg(shop.path()));
    assert_eq!(check.status.code(), Some(1));
    assert!(text(&check.stderr).contains("unstated-missing"));
    assert_eq!(done(seg().arg("run").arg(shop.path())).status.code(), Some(2));
    assert_eq!(done(seg().arg("check").arg(shop.path().join("nothing"))).status.code(), Some(2));
    assert_eq!(done(seg().arg("frobnicate")).status.code(), Some(2));
}

#[test]
fn findings_are_told_to_programs() {
    let shop = shop();
    let file = shop.path().join("shop.seg");
    let broken = fs::read_to_string(&file).unwrap().replace("card = Gold", "card = Golden");
    fs::write(&file, broken).unwrap();
    let json = text(&done(seg().arg("check").arg(shop.path()).args(["--format", "json"])).stdout);
    for part in ["\"code\": \"unknown-member\"", "\"file\": \"shop.seg\"", "\"replacement\": \"Gold\"", "\"errors\": 1"]
    {
        assert!(json.contains(part), "{part}: {json}");
    }
    let sarif = text(&done(seg().arg("check").arg(shop.path()).args(["--format", "sarif"])).stdout);
    assert!(sarif.contains("\"ruleId\": \"unknown-member\"") && sarif.contains("\"startLine\""), "{sarif}");
    let github = text(&done(seg().arg("check").arg(shop.path()).args(["--format", "github"])).stdout);
    assert!(github.starts_with("::error file=shop.seg,line="), "{github}");
}

#[test]
fn safe_repairs_are_applied_and_the_rest_is_left() {
    let shop = shop();
    let file = shop.path().join("shop.seg");
    let sloppy = fs::read_to_string(&file)
        .unwrap()
        .replace("spend >= £100", "spend >= £1,000")
        .replace("when card = Gold", "when card is Gold");
    fs::write(&file, &sloppy).unwrap();
    let output = done(seg().arg("check").arg(shop.path()).arg("--fix"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let fixed = fs::read_to_string(&file).unwrap();
    assert!(fixed.contains("spend >= £1_000") && fixed.contains("when card = Gold"), "{fixed}");
}

#[test]
fn formatting_writes_only_what_differs() {
    let shop = shop();
    let file = shop.path().join("shop.seg");
    assert_eq!(done(seg().arg("fmt").arg(&file).arg("--check")).status.code(), Some(1));
    assert_eq!(done(seg().arg("fmt").arg(&file)).status.code(), Some(0));
    assert_eq!(done(seg().arg("fmt").arg(&file).arg("--check")).status.code(), Some(0));
    fs::write(&file, "segment Broken when (").unwrap();
    assert_eq!(done(seg().arg("fmt").arg(&file)).status.code(), Some(1));
    assert_eq!(fs::read_to_string(&file).unwrap(), "segment Broken when (");
}

#[test]
fn codes_and_names_are_explained() {
    let shop = shop();
    let page = text(&done(seg().args(["explain", "unstated-missing"])).stdout);
    assert!(page.starts_with("# unstated-missing"), "{page}");
    let sentence = text(&done(seg().args(["explain", "BigSpenders", "--playbook"]).arg(shop.path())).stdout);
    assert!(sentence.contains("£100"), "{sentence}");
    assert_eq!(done(seg().args(["explain", "Nobody", "--playbook"]).arg(shop.path())).status.code(), Some(2));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = seg().arg("man").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn completions_and_the_manual_derive_from_the_command() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&done(seg().args(["completions", shell])).stdout).contains("stats"));
    }
    assert!(text(&done(seg().arg("man")).stdout).contains(".TH seg"));
}

#[test]
fn the_hillstrom_example_runs_over_all_its_customers() {
    let output = done(seg().arg("run").arg(example("hillstrom")));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("64,000 customers"));
}

#[test]
fn a_missing_column_is_one_clear_error() {
    let shop = shop();
    fs::write(shop.path().join("customers.csv"), "id,crad,email\na,Gold,x\n").unwrap();
    let output = done(seg().arg("run").arg(shop.path()));
    assert_eq!(output.status.code(), Some(2));
    let err = text(&output.stderr);
    for part in ["customers.csv", "`card`", "`Customer`", "did you mean `crad`", "rename"] {
        assert!(err.contains(part), "{part}: {err}");
    }
}

//! Compiled playbooks as the command's users meet them: built, signed, inspected, and run without their sources.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The first test key of RFC 8032 and the public key of its second, in the files that openssl writes.
const SECRET: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";
const ANOTHER: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=
-----END PUBLIC KEY-----
";

const RECORDS: &str = r#"{"id": "7", "card": "Gold", "orders": [{"placed_at": "2026-03-01T10:00:00Z", "total": 120}]}
{"id": "8", "orders": []}
{"id": "9", "card": "Silver", "orders": []}
"#;

/// A folder with a playbook of two files, a decision table in CSV, data with renamed columns, and settings.
struct Shop(tempfile::TempDir);

impl Shop {
    fn new() -> Shop {
        let shop = Shop(tempfile::tempdir().unwrap());
        shop.write(
            "seg.toml",
            "[playbook]\nname = \"shop\"\n\n[data]\nCustomer = \"data/customers.csv\"\n\
             Order = { file = \"data/orders.csv\", rename = { placed_at = \"at\" } }\n\n\
             [env.small.data]\nOrder = { file = \"data/few.csv\", rename = { placed_at = \"at\" } }\n\n\
             [run]\nas_of = \"2026-03-15\"\nreject_max = \"30%\"\nmemory_max = \"1 GB\"\n",
        );
        shop.write(
            "shop.seg",
            "playbook \"Shop\" { timezone \"Europe/London\" currency GBP }\n\n\
             enum Card { Blue, Gold }\n\n\
             profile Customer key id {\n  id Text\n  card Card?\n  email Text? @pii\n  orders many Order max 100\n}\n\n\
             event Order by id at placed_at {\n  placed_at Timestamp\n  total Money(GBP)\n}\n\n\
             table rebate(card) -> Percent from \"tables/rebate.csv\"\n",
        );
        shop.write("tables/rebate.csv", "card,result\nGold,10%\nany,1%\nmissing,0%\n");
        shop.write(
            "segments.seg",
            "## What they spent\nattribute spend = sum(orders.total)\nattribute back = rebate(card) of spend\n\n\
             ## Gold\nsegment GoldHolders \"Gold\" when card = Gold\n\n\
             ## Spenders\nsegment BigSpenders \"Big\"\n  when spend / 2 >= £50\n   and count(orders in last 30 days) > 0\n\n\
             test \"gold\" { given { card: Gold } as of 2026-03-01 expect in GoldHolders expect not in BigSpenders }\n",
        );
        shop.write(
            "data/customers.csv",
            "id,card,email\na,Gold,ann@x.example\nb,,bob@x.example\nc,Blue,\nd,Silver,dora@x.example\n",
        );
        shop.write(
            "data/orders.csv",
            "id,at,total\na,2026-03-01T10:00:00Z,60.00\na,2026-02-01T10:00:00Z,60.00\nb,2026-03-29T01:30:00,5\nz,2026-01-01T00:00:00Z,1\n",
        );
        shop.write("data/few.csv", "id,at,total\nc,2026-03-01T10:00:00Z,500\n");
        shop.write("secret.pem", SECRET);
        shop.write("public.pem", PUBLIC);
        shop.write("another.pem", ANOTHER);
        shop
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command in the folder.
    fn seg(&self, arguments: &[&str]) -> Output {
        seg(self.0.path(), arguments, "")
    }

    fn remove_sources(&self) {
        for name in ["seg.toml", "shop.seg", "segments.seg", "tables/rebate.csv"] {
            fs::remove_file(self.path(name)).unwrap();
        }
    }
}

fn seg(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seg"));
    command.env_clear().current_dir(folder).args(arguments);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a command that cannot do its work says.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    text(&output.stderr)
}

fn built(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// Everything that the commands say about a playbook, named so: status, stdout, and the files that runs write.
fn answers(shop: &Shop, playbook: &str) -> Vec<(String, Vec<u8>)> {
    let runs: [&[&str]; 9] = [
        &["run", playbook, "--quiet"],
        &["run", playbook, "--quiet", "--env", "small", "--only", "BigSpenders,back"],
        &["run", playbook, "--quiet", "--as-of", "2026-03-30", "--sample", "2"],
        &["why", playbook, "--quiet", "--key", "a"],
        &["why", playbook, "--quiet", "--key", "b", "--of", "GoldHolders,back", "--format", "json"],
        &["stats", playbook, "--quiet", "--format", "json"],
        &["test", playbook, "--coverage"],
        &["explain", "BigSpenders", "--playbook", playbook],
        &["explain", "back", "--playbook", playbook, "--as-of", "2026-07-01"],
    ];
    let mut out = Vec::new();
    for arguments in runs {
        let output = shop.seg(arguments);
        built(&output);
        out.push((arguments.join(" ").replace(playbook, "PLAYBOOK"), output.stdout));
    }
    let eval = seg(shop.0.path(), &["eval", playbook], RECORDS);
    assert_eq!(eval.status.code(), Some(1), "{}", text(&eval.stderr));
    out.push(("eval".to_string(), eval.stdout));
    for format in ["parquet", "arrow", "ndjson", "csv"] {
        built(&shop.seg(&["run", playbook, "--quiet", "--format", format, "-o", "out"]));
        for name in [format!("segments.{format}"), format!("attributes.{format}"), "rejects.ndjson".to_string()] {
            out.push((format!("{format} {name}"), fs::read(shop.path("out").join(name)).unwrap()));
        }
        let summary = fs::read_to_string(shop.path("out/summary.json")).unwrap();
        let mut summary: Value = serde_json::from_str(&summary).unwrap();
        assert_ne!(summary["digest"], "");
        summary.as_object_mut().unwrap().remove("elapsed").unwrap();
        out.push((format!("{format} summary"), summary.to_string().into_bytes()));
        fs::remove_dir_all(shop.path("out")).unwrap();
    }
    out
}

#[test]
fn a_compiled_playbook_gives_the_same_bytes_after_its_sources_are_deleted() {
    let shop = Shop::new();
    let from_sources = answers(&shop, ".");
    built(&shop.seg(&["build", ".", "-o", "shop.segb"]));
    shop.remove_sources();
    let from_artefact = answers(&shop, "shop.segb");
    for ((name, sources), (_, artefact)) in from_sources.iter().zip(&from_artefact) {
        assert!(
            sources == artefact,
            "{name}:\n{}\n{}",
            String::from_utf8_lossy(sources),
            String::from_utf8_lossy(artefact)
        );
    }
    assert_eq!(from_sources.len(), from_artefact.len());
}

#[test]
fn an_example_over_real_data_is_the_same_from_its_compiled_playbook() {
    let folder = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/hillstrom").canonicalize().unwrap();
    let example = example.to_str().unwrap();
    built(&seg(folder.path(), &["build", example, "-o", "hillstrom.segb"], ""));
    let data = format!("Customer={}", hillstrom(Path::new(example)));
    let run = |playbook: &str| {
        built(&seg(folder.path(), &["run", playbook, "-q", "--data", &data, "-o", "out", "--format", "csv"], ""));
        (
            fs::read(folder.path().join("out/segments.csv")).unwrap(),
            fs::read(folder.path().join("out/attributes.csv")).unwrap(),
        )
    };
    let sources = run(example);
    assert!(sources.0.len() > 1_000_000 && sources == run("hillstrom.segb"));
}

/// The example's file of customers.
fn hillstrom(example: &Path) -> String {
    let settings = fs::read_to_string(example.join("seg.toml")).unwrap();
    let line = settings.lines().find(|l| l.starts_with("Customer")).unwrap();
    let file = line.split('"').nth(1).unwrap();
    example.join(file).to_str().unwrap().to_string()
}

#[test]
fn building_gives_the_same_bytes_wherever_and_whenever() {
    let (here, there) = (Shop::new(), Shop::new());
    built(&here.seg(&["build", ".", "-o", "one.segb"]));
    let one = fs::read(here.path("one.segb")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = there.0.path().to_str().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_seg"));
    command.env("LANG", "tr_TR.UTF-8").env("TZ", "Asia/Kathmandu").current_dir(elsewhere.path());
    built(&command.args(["build", &path, "-o", "two.segb"]).output().unwrap());
    assert!(one == fs::read(elsewhere.path().join("two.segb")).unwrap());
    // Built again in its place: replaced in one step, with nothing left beside it.
    built(&here.seg(&["build", "-o", "one.segb", "--sign", "secret.pem"]));
    let signed = fs::read(here.path("one.segb")).unwrap();
    assert!(signed.starts_with(&one) && signed.len() == one.len() + 96);
    let names = fs::read_dir(here.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|n| n.contains("one") || n.contains("tmp")).collect::<Vec<_>>(), ["one.segb"]);
}

#[test]
fn what_cannot_be_built_leaves_no_file() {
    let shop = Shop::new();
    assert!(refused(&shop.seg(&["build", "-o", "shop.bin"])).contains("`shop.bin` does not end in `.segb`"));
    assert!(refused(&shop.seg(&["build", "-o", "x.segb", "--sign", "public.pem"])).contains("takes the secret one"));
    assert!(refused(&shop.seg(&["build", "-o", "x.segb", "--sign", "none.pem"])).contains("`none.pem` cannot be read"));
    assert!(refused(&shop.seg(&["build", "-o", "none/x.segb"])).contains("`none/x.segb` cannot be written"));
    shop.write("seg.toml", "[run]\nreject_max = \"many\"\n");
    assert!(refused(&shop.seg(&["build", "-o", "x.segb"])).contains("seg.toml`, line 2: `many` is neither"));
    shop.write("segments.seg", "segment S when nonsense\n");
    assert!(refused(&shop.seg(&["build", "-o", "x.segb"])).contains("the playbook has errors"));
    assert!(!shop.path("x.segb").exists());
}

#[test]
fn with_a_key_to_verify_only_what_it_signed_is_taken() {
    let shop = Shop::new();
    built(&shop.seg(&["build", "-o", "plain.segb"]));
    built(&shop.seg(&["build", "-o", "signed.segb", "--sign", "secret.pem"]));
    let mut damaged = fs::read(shop.path("signed.segb")).unwrap();
    damaged[200] ^= 1;
    fs::write(shop.path("damaged.segb"), damaged).unwrap();
    let commands: [(&[&str], &[&str]); 7] = [
        (&["run"], &["--quiet"]),
        (&["eval"], &[]),
        (&["why"], &["--key", "a"]),
        (&["stats"], &[]),
        (&["test"], &[]),
        (&["explain", "GoldHolders", "--playbook"], &[]),
        (&["inspect"], &[]),
    ];
    for (before, after) in commands {
        let with = |playbook: &str, key: &str| {
            let arguments = [before, &[playbook, "--verify-key", key], after].concat();
            shop.seg(&arguments)
        };
        built(&with("signed.segb", "public.pem"));
        assert!(refused(&with("plain.segb", "public.pem")).contains("it is not signed"), "{before:?}");
        assert!(refused(&with("signed.segb", "another.pem")).contains("signed with another key, ed25519:d75a98"));
        assert!(refused(&with("damaged.segb", "public.pem")).contains("its checksum does not fit"));
        assert!(refused(&with("signed.segb", "secret.pem")).contains("openssl pkey -in KEY -pubout"));
        if before != ["inspect"] {
            assert!(refused(&with(".", "public.pem")).contains("sources bear no signature"), "{before:?}");
        }
    }
}

#[test]
fn what_is_no_compiled_playbook_is_refused_by_name() {
    let shop = Shop::new();
    shop.write("text.segb", "playbook \"Shop\" {}\n");
    assert!(refused(&shop.seg(&["run", "text.segb"])).contains("`text.segb`: it is no compiled playbook"));
    assert!(refused(&shop.seg(&["run", "none.segb"])).contains("`none.segb` cannot be read"));
    built(&shop.seg(&["build", "-o", "shop.segb"]));
    assert!(
        refused(&shop.seg(&["check", "shop.segb"])).contains("`shop.segb` is a compiled playbook; name its sources")
    );
    assert!(
        refused(&shop.seg(&["run", "shop.segb", "--env", "large"])).contains("no environment `large`; it has small")
    );
}

#[test]
fn inspecting_tells_versions_signer_schema_sites_and_cost() {
    let shop = Shop::new();
    built(&shop.seg(&["build", "-o", "shop.segb", "--sign", "secret.pem"]));
    shop.remove_sources();
    let human = text(&shop.seg(&["inspect", "shop.segb"]).stdout);
    for part in [
        "Shop: a compiled playbook, ",
        "signed by   ed25519:d75a9801",
        "time zones  20",
        "event Order\nplaced_at  Timestamp\ntotal      Money(GBP)",
        "orders  many Order max 100",
        "spend / 2 >= £50 and count(orders in last 30 days) > 0",
        "worst case of one customer",
    ] {
        assert!(human.contains(part), "`{part}` in\n{human}");
    }
    let json: Value = serde_json::from_slice(&shop.seg(&["inspect", "shop.segb", "--format", "json"]).stdout).unwrap();
    assert_eq!((json["format"].as_u64(), json["versions"]["language"].as_u64()), (Some(1), Some(1)));
    assert_eq!(json["segments"][0]["place"], "segments.seg:6");
    assert_eq!(json["cost"]["events"].as_u64(), Some(200));
    assert_eq!(json["tables"][0]["fields"][2]["type"], "Text?");
}

//! Every fixture of `cases/eval` holds in every evaluator, as written and as formatted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use seg_tests::fixture;

/// Fewer than this, and a folder was lost.
const FIXTURES_MIN: usize = 300;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/eval")
}

#[test]
fn every_fixture_holds() {
    let fixtures = fixture::all(&folder()).unwrap();
    let failures: Vec<String> =
        fixtures.iter().filter_map(|f| f.run().err().map(|e| format!("---- {}\n{e}", f.name))).collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), fixtures.len(), failures.join("\n"));
    assert!(fixtures.len() >= FIXTURES_MIN, "{} fixtures", fixtures.len());
}

#[test]
fn no_claim_is_made_twice() {
    let mut seen = BTreeMap::new();
    for fixture in fixture::all(&folder()).unwrap() {
        let body: String = fixture.text.lines().filter(|l| !l.starts_with('#')).collect();
        if let Some(other) = seen.insert(body, fixture.name.clone()) {
            panic!("{} and {other} hold the same text", fixture.name);
        }
    }
}

#[test]
fn a_fixture_that_expects_nothing_or_something_false_fails() {
    let with = |name: &str, text: &str| fixture::Fixture {
        path: format!("{name}.seg").into(),
        name: name.to_string(),
        text: text.to_string(),
    };
    let head = "playbook \"p\" { timezone \"UTC\" currency GBP }\nprofile C key id { id Text  n Int? }\n";
    let claim = |body: &str| with("area/a_claim", &format!("{head}{body}")).run();
    assert_eq!(claim("test \"t\" { given { n: 1 } as of 2026-01-01 expect n = 1 }"), Ok(()));
    assert!(claim("test \"t\" { given { n: 1 } as of 2026-01-01 expect n = 2 }").is_err());
    assert!(claim("test \"t\" { given {} as of 2026-01-01 expect n = 1 }").is_err(), "unknown is not true");
    assert!(claim("segment S when n = 1").is_err(), "it expects nothing");
    assert!(claim("test \"t\" { given { n: 1 } as of 2026-01-01 expect m = 1 }").is_err(), "it does not compile");
    let body = format!("{head}test \"t\" {{ given {{ n: 1 }} as of 2026-01-01 expect n = 1 }}");
    assert!(with("area/A claim", &body).run().is_err(), "its name is no claim");
}

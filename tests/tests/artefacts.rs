//! Compiled playbooks: golden ones load for ever and decide what they decided; changed ones never crash; what is built
//! twice is the same bytes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use seg_ir::playbook::{BYTES_MAX, Playbook, Settings};
use seg_ir::playbook::{Error, FORMAT, FORMATS_READ, PublicKey, SecretKey, reseal, sign};
use seg_tests::{fixture, golden, mutate};

/// The first test key of RFC 8032, in the files that openssl writes; `ANOTHER` is its second.
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn load(bytes: &[u8]) -> Result<Playbook, Error> {
    Playbook::decode(bytes, seg_stdlib::VOCABULARY)
}

fn everything() -> Vec<u8> {
    golden::build(&root().join("tests/golden/sources/everything.seg")).unwrap().1
}

#[test]
fn golden_playbooks_of_every_format_that_is_read_decide_what_they_decided() {
    for format in FORMATS_READ {
        for (name, _) in golden::SOURCES {
            let path = golden::folder(&root(), format).join(name);
            let playbook = load(&fs::read(path.with_extension("segb")).unwrap()).unwrap();
            let decided = fs::read_to_string(path.with_extension("decisions.txt")).unwrap();
            assert!(golden::decisions(&playbook.program) == decided, "{name} of format {format} decides otherwise");
            assert!(decided.contains("= true") && decided.contains("Some(false)"), "{name} decides nothing");
        }
    }
}

#[test]
fn what_is_loaded_decides_as_what_was_built_and_is_built_again_as_the_same_bytes() {
    for (name, path) in golden::SOURCES {
        let (playbook, bytes) = golden::build(&root().join(path)).unwrap();
        let loaded = load(&bytes).unwrap();
        assert_eq!(golden::decisions(&loaded.program), golden::decisions(&playbook.program), "{name}");
        assert!(loaded.encode().unwrap() == bytes && golden::build(&root().join(path)).unwrap().1 == bytes, "{name}");
        assert_eq!((loaded.settings, loaded.sources), (playbook.settings, playbook.sources), "{name}");
    }
}

#[test]
fn every_fixture_passes_its_tests_from_its_compiled_playbook() {
    for fixture in fixture::all(&root().join("tests/cases/eval")).unwrap() {
        let program = fixture::checked(&fixture.text).unwrap();
        let decided = golden::decisions(&program);
        let bytes = Playbook::new(program, Settings::default(), [0; 32]).encode().unwrap();
        let loaded = load(&bytes).unwrap();
        assert_eq!(golden::decisions(&loaded.program), decided, "{}", fixture.name);
        let failed: Vec<_> = seg::testing::run(&loaded.program).into_iter().filter(|o| !o.passed).collect();
        assert!(failed.is_empty(), "{}: {failed:?}", fixture.name);
    }
}

/// So many in every test run; `cargo xtask mutate` does more of the same.
const CHANGES: u64 = 20_000;

#[test]
fn a_changed_byte_is_refused_or_gives_a_verified_program() {
    let bases = mutate::bases(&root()).unwrap();
    let tally = mutate::run(&bases, CHANGES, 1, 2);
    assert_eq!(tally.crashes, Vec::<String>::new());
    assert_eq!(tally.tried, CHANGES);
    // All three outcomes occur, or the changes reach nothing.
    let verifier = tally.refused.get("verifier").copied().unwrap_or(0);
    assert!(tally.same > 100 && tally.other > 100 && verifier > 100, "{tally:?}");
}

#[test]
fn the_container_is_checked_part_by_part() {
    let good = everything();
    let told = |bytes: &[u8]| load(bytes).map(|_| ()).unwrap_err().to_string();
    let changed = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        reseal(&mut bytes);
        bytes
    };
    assert!(told(b"segment").starts_with("it is no compiled playbook"));
    assert!(told(&good[..40]).contains("cut off in its header"));
    assert!(told(&good[..good.len() - 1]).contains("cut off, or its length is wrong"));
    assert!(told(&[&good[..], b"x"].concat()).contains("more behind its end than a signature"));
    assert!(told(&changed(12, 1)).contains("its header is not as the format has it"));
    let mut unsealed = good.clone();
    *unsealed.last_mut().unwrap() ^= 1;
    assert!(told(&unsealed).contains("checksum does not fit"));
    assert_eq!(load(&vec![0; BYTES_MAX + 1]).map(|_| ()), Err(Error::TooLarge(BYTES_MAX + 1)));
    let newer = told(&changed(8, (FORMAT + 1) as u8));
    let expected =
        format!("it is of format version {}, and this seg reads {FORMAT}; use a newer seg, or build", FORMAT + 1);
    assert!(newer.starts_with(&expected), "{newer}");
    assert!(told(&changed(8, 0)).contains("format version 0"));
    // Contents that go on behind their end, in a container that holds them.
    let mut longer = good.clone();
    longer.push(0);
    longer[16..24].copy_from_slice(&((good.len() - 56 + 1) as u64).to_le_bytes());
    reseal(&mut longer);
    assert!(told(&longer).contains("more behind its contents"));
}

#[test]
fn a_signature_is_of_one_key_and_of_these_bytes() {
    let (secret, public) = (SecretKey::from_pem(SECRET).unwrap(), PublicKey::from_pem(PUBLIC).unwrap());
    let another = PublicKey::from_pem(ANOTHER).unwrap();
    let open = |bytes: &[u8], key| Playbook::open(bytes, key, seg_stdlib::VOCABULARY).map(|_| ());
    let plain = everything();
    let signed = sign(&plain, &secret).unwrap();
    assert_eq!(open(&plain, None), Ok(()));
    assert_eq!(open(&plain, Some(&public)), Err(Error::Unsigned));
    assert_eq!(open(&signed, Some(&public)), Ok(()));
    assert_eq!(open(&signed, None), Ok(()));
    assert_eq!(open(&signed, Some(&another)), Err(Error::AnotherSigner(public.to_string())));
    assert!(sign(&signed, &secret).unwrap() == signed, "signing again is signing in its place");
    // Every byte of the signature counts, with and without a key at hand; so does every byte that is signed.
    for at in plain.len()..signed.len() {
        let mut bytes = signed.clone();
        bytes[at] ^= 1;
        assert!(open(&bytes, None).is_err() && open(&bytes, Some(&public)).is_err(), "byte {at}");
    }
    let mut renamed = signed.clone();
    let at = renamed.windows(10).position(|w| w == b"Everything").unwrap();
    renamed[at] = b'e';
    reseal(&mut renamed);
    assert_eq!(open(&renamed, Some(&public)), Err(Error::Forged));
    assert_eq!(open(&renamed, None), Err(Error::Forged));
}

#[test]
fn keys_are_told_apart() {
    let told = |e: Error| e.to_string();
    assert!(told(SecretKey::from_pem(PUBLIC).unwrap_err()).contains("public key, and signing takes the secret one"));
    assert!(told(PublicKey::from_pem(SECRET).unwrap_err()).contains("openssl pkey -in KEY -pubout"));
    assert!(told(PublicKey::from_pem("").unwrap_err()).contains("no public Ed25519 key"));
    assert!(told(SecretKey::from_pem("x").unwrap_err()).contains("openssl genpkey"));
}

#[test]
fn functions_are_known_by_name_and_version() {
    let bytes = everything();
    let at = bytes.windows(5).position(|w| w == b"upper").unwrap();
    let changed = |offset: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at + offset] = to;
        reseal(&mut bytes);
        load(&bytes).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(
        changed(5, 9),
        "it uses the function `upper` in version 9, and this seg has version 1; build it again from its sources"
    );
    assert_eq!(
        changed(0, b'U'),
        "it uses the function `Upper` in version 1, which this seg does not have; use a newer seg"
    );
    // Another vocabulary has them in another order, and the same playbook means the same.
    let mut turned = seg_stdlib::VOCABULARY.0.to_vec();
    turned.reverse();
    let turned = seg_ir::Vocabulary(Box::leak(turned.into_boxed_slice()));
    let there = Playbook::decode(&bytes, turned).unwrap();
    assert_eq!(golden::decisions(&there.program), golden::decisions(&load(&bytes).unwrap().program));
}

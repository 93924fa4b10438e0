//! `seg eval` gives the same bytes whatever evaluates: over households of the example, some in order, some broken.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// **Source**: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

fn transaction(random: &mut Random) -> String {
    let (month, day, hour) = (random.below(12) + 1, random.below(28) + 1, random.below(24));
    // Once in a while a basket without an id, which is refused, and a product that nobody sells.
    let basket = if random.below(60) == 0 { "null".into() } else { format!("\"{}\"", random.below(40)) };
    let product = random.pick(&["995242", "1002032", "1031190", "1074612", "8090541", "none"]);
    format!(
        r#"{{"bought_at": "2017-{month:02}-{day:02}T{hour:02}:30:00Z", "basket_id": {basket}, "store_id": "{}",
            "product": "{product}", "quantity": {}, "paid": {}.{:02}, "card_discount": 0.{:02}, "coupon_discount": 0,
            "match_discount": 0.0}}"#,
        random.below(5),
        random.below(4),
        random.below(30),
        random.below(100),
        random.below(100),
    )
    .replace('\n', " ")
}

fn household(n: usize, random: &mut Random) -> String {
    let times = random.below(60);
    let transactions: Vec<String> = (0..times).map(|_| transaction(random)).collect();
    let mailings: Vec<String> =
        (0..random.below(4)).map(|_| format!(r#"{{"campaign": "{}"}}"#, random.below(28))).collect();
    let redemptions: Vec<String> = (0..random.below(3))
        .map(|_| {
            let (month, day, campaign) = (random.below(12) + 1, random.below(28) + 1, random.below(27) + 1);
            format!(r#"{{"redeemed_on": "2017-{month:02}-{day:02}", "coupon": "c{day}", "campaign": "{campaign}"}}"#)
        })
        .collect();
    let age = random.pick(&["\"45-54\"", "\"65+\"", "null", "\"very\""]);
    format!(
        r#"{{"household_id": "{n}", "age": {age}, "transactions": [{}], "mailings": [{}], "redemptions": [{}]}}"#,
        transactions.join(", "),
        mailings.join(", "),
        redemptions.join(", ")
    )
}

#[test]
fn decisions_are_the_same_bytes_whatever_evaluates() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records.ndjson");
    let mut random = Random(17);
    let lines: Vec<String> = (0..200).map(|n| household(n, &mut random)).collect();
    fs::write(&records, lines.join("\n")).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/complete-journey");
    let decide = |evaluator: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seg"));
        command.env_clear().arg("eval").arg(&example).arg(&records).args(["--evaluator", evaluator]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let interpreted = decide("interp");
    assert_eq!(interpreted.lines().count(), lines.len());
    let refused = interpreted.lines().filter(|line| line.contains("\"error\"")).count();
    assert!((10..150).contains(&refused), "{refused} of {} are refused", lines.len());
    for evaluator in ["jit", "auto", "masks", "gates"] {
        for (line, (have, want)) in decide(evaluator).lines().zip(interpreted.lines()).enumerate() {
            assert_eq!(have, want, "{evaluator}, line {}", line + 1);
        }
        assert_eq!(decide(evaluator), interpreted, "{evaluator}");
    }
}

//! Many changed inputs for one target, the same ones for the same seed on every machine. Knows no clock and no processes:
//! whoever runs it at length has those.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Target, judge, saved};
use crate::random::Random;

/// How many kinds of failure are kept with their inputs.
const KEPT_MAX: usize = 40;

/// An input that breaks a property.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Which of the inputs.
    pub number: u64,
    pub what: String,
    /// The input, made shorter as long as it fails alike.
    pub input: Vec<u8>,
}

/// What became of inputs.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub tried: u64,
    pub verdicts: BTreeMap<String, u64>,
    /// How many failed, of which the first of each kind is kept.
    pub failed: u64,
    pub failures: Vec<Failure>,
    /// The most memory that one took, and the most steps, in thousandths of their bounds.
    pub memory: u64,
    pub steps: u64,
}

/// The good inputs of a target: its seeds and what was saved. **Errors**: those that cannot be read.
pub fn inputs(root: &Path, target: &Target) -> Result<Vec<Vec<u8>>, String> {
    let mut inputs = (target.seeds)(root)?;
    inputs.extend(saved(root, target)?.into_iter().map(|(_, bytes)| bytes));
    if inputs.is_empty() { Err(format!("`{}` has nothing to start from", target.name)) } else { Ok(inputs) }
}

/// The n-th changed input.
pub fn changed(target: &Target, inputs: &[Vec<u8>], seed: u64, n: u64) -> Vec<u8> {
    (target.change)(inputs, &mut Random::new((seed << 40) ^ n))
}

/// Judges changed inputs, each announced before.
pub fn run(
    target: &Target,
    inputs: &[Vec<u8>],
    seed: u64,
    numbers: impl Iterator<Item = u64>,
    mut announce: impl FnMut(u64),
) -> Tally {
    let mut tally = Tally::default();
    // What is made once for all is made before anything is measured.
    inputs.iter().take(3).for_each(|input| drop((target.check)(input)));
    for number in numbers {
        announce(number);
        let input = changed(target, inputs, seed, number);
        tally.take(target, number, input);
    }
    tally
}

impl Tally {
    fn take(&mut self, target: &Target, number: u64, input: Vec<u8>) {
        let (verdict, spent) = judge(target, &input);
        self.tried += 1;
        self.memory = self.memory.max(spent.peak_bytes * 1000 / target.memory.of(input.len()));
        self.steps = self.steps.max(spent.calls * 1000 / target.steps.of(input.len()));
        match verdict {
            Ok(word) => *self.verdicts.entry(word.to_string()).or_default() += 1,
            Err(what) => {
                self.failed += 1;
                let known = self.failures.iter().any(|failure| alike(&failure.what, &what));
                if self.failures.len() < KEPT_MAX && !known {
                    let input = shorter(target, input, &what);
                    self.failures.push(Failure { number, what, input });
                }
            }
        }
    }
}

/// Whether two failures say the same but for numbers, and for what they quote.
pub fn alike(one: &str, other: &str) -> bool {
    let kind = |what: &str| {
        let said = what.lines().next().unwrap_or("").split('`').step_by(2);
        said.flat_map(str::chars).filter(|c| !c.is_ascii_digit()).take(120).collect::<String>()
    };
    kind(one) == kind(other)
}

/// Leaves out pieces, halves first, as long as what is left fails alike.
fn shorter(target: &Target, input: Vec<u8>, wanted: &str) -> Vec<u8> {
    let mut best = input;
    let mut piece = best.len() / 2;
    let mut tries = 2_000;
    while piece > 0 && tries > 0 {
        let mut at = 0;
        while at < best.len() && tries > 0 {
            tries -= 1;
            let mut less = best.clone();
            less.drain(at..(at + piece).min(best.len()));
            match judge(target, &less).0 {
                Err(what) if alike(&what, wanted) => best = less,
                _ => at += piece,
            }
        }
        piece /= 2;
    }
    best
}

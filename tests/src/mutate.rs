//! Compiled playbooks with one byte changed and their checksums repaired: each is refused, or loads as a program that
//! keeps to the rules and decides records without going out of bounds. Nothing may panic.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use seg_evaluator::{Bulk, Method};
use seg_ir::playbook::{Error, Playbook, Settings, reseal};
use seg_ir::{Const, NodeId, Program};

use crate::random::Random;
use crate::{batches, fixture, golden, records};

/// A compiled playbook to be changed.
pub struct Base {
    pub name: String,
    pub bytes: Vec<u8>,
    decisions: String,
}

/// What became of changed playbooks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub tried: u64,
    /// By the check that failed.
    pub refused: BTreeMap<&'static str, u64>,
    /// Loaded, and decides everything as before.
    pub same: u64,
    /// Loaded as another verified program.
    pub other: u64,
    /// A panic, with what was changed.
    pub crashes: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.tried += other.tried;
        self.same += other.same;
        self.other += other.other;
        for (check, count) in other.refused {
            *self.refused.entry(check).or_default() += count;
        }
        self.crashes.extend(other.crashes);
    }

    pub fn refused(&self) -> u64 {
        self.refused.values().sum()
    }
}

/// The golden files of every format, the smaller example, and every fixture of the language, compiled. **Errors**: one that
/// cannot be had.
pub fn bases(root: &Path) -> Result<Vec<Base>, String> {
    let mut bases = Vec::new();
    let mut take = |name: String, bytes: Vec<u8>| {
        let playbook = Playbook::decode(&bytes, seg_stdlib::VOCABULARY).map_err(|e| format!("{name}: {e}"))?;
        bases.push(Base { name, decisions: golden::decisions(&playbook.program), bytes });
        Ok::<(), String>(())
    };
    for format in seg_ir::playbook::FORMATS_READ {
        for (name, _) in golden::SOURCES {
            let path = golden::folder(root, format).join(format!("{name}.segb"));
            let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            take(format!("golden v{format}/{name}"), bytes)?;
        }
    }
    take("hillstrom".to_string(), golden::build(&root.join("examples/hillstrom"))?.1)?;
    for fixture in fixture::all(&root.join("tests/cases/eval"))? {
        let program = fixture::checked(&fixture.text)?;
        let playbook = Playbook::new(program, Settings::default(), [7; 32]);
        take(fixture.name, playbook.encode().map_err(|e| e.to_string())?)?;
    }
    Ok(bases)
}

/// So many changes, spread over every byte of every base: the same ones for the same numbers, on any number of threads.
pub fn run(bases: &[Base], count: u64, seed: u64, threads: u64) -> Tally {
    let threads = threads.max(1);
    let part = |share: u64| {
        let mut tally = Tally::default();
        (share..count).step_by(threads as usize).for_each(|n| one(bases, n, count, seed, &mut tally));
        tally
    };
    std::thread::scope(|scope| {
        let part = &part;
        let parts: Vec<_> = (0..threads).map(|share| scope.spawn(move || part(share))).collect();
        let mut all = Tally::default();
        for part in parts {
            match part.join() {
                Ok(tally) => all.add(tally),
                Err(_) => all.crashes.push("outside of what was tried".to_string()),
            }
        }
        all
    })
}

/// The n-th of `count` changes.
fn one(bases: &[Base], n: u64, count: u64, seed: u64, tally: &mut Tally) {
    let all: u64 = bases.iter().map(|base| base.bytes.len() as u64).sum();
    // Whole rounds over all bytes, or, where there are fewer changes than bytes, every so many-th byte.
    let position = n * (all / count.max(1)).max(1);
    let (mut at, round) = (position % all.max(1), position / all.max(1));
    for base in bases {
        let len = base.bytes.len() as u64;
        if at < len {
            return change(base, at as usize, round, &mut Random::new(seed ^ n), tally);
        }
        at -= len;
    }
}

/// Changes one byte, repairs the checksum unless it is the checksum that was changed, and sees what becomes of it.
fn change(base: &Base, at: usize, round: u64, random: &mut Random, tally: &mut Tally) {
    let mut bytes = base.bytes.clone();
    let Some(byte) = bytes.get_mut(at) else { return };
    let old = *byte;
    let new = match round % 8 {
        0 => old ^ 1,
        1 => old.wrapping_add(1),
        2 => old ^ 0x80,
        3 => 0,
        4 => 0xff,
        5 => old.wrapping_sub(1),
        6 => old ^ 0x10,
        _ => random.next_u64() as u8,
    };
    *byte = if new == old { old ^ 0x55 } else { new };
    let new = *byte;
    if !(24..56).contains(&at) {
        reseal(&mut bytes);
    }
    tally.tried += 1;
    let outcome = catch_unwind(AssertUnwindSafe(|| match Playbook::decode(&bytes, seg_stdlib::VOCABULARY) {
        Err(error) => Outcome::Refused(check_of(&error)),
        Ok(playbook) => decide(&playbook, base, random),
    }));
    match outcome {
        Ok(Outcome::Refused(check)) => *tally.refused.entry(check).or_default() += 1,
        Ok(Outcome::Same) => tally.same += 1,
        Ok(Outcome::Other) => tally.other += 1,
        Err(_) => tally.crashes.push(format!("{}: byte {at} from {old} to {new}", base.name)),
    }
}

enum Outcome {
    Refused(&'static str),
    Same,
    Other,
}

/// Decides the tests' records and two made up, explains, and compares with what the base decided.
fn decide(playbook: &Playbook, base: &Base, random: &mut Random) -> Outcome {
    let program = &playbook.program;
    let same = golden::decisions(program) == base.decisions;
    decides(program, random);
    if same { Outcome::Same } else { Outcome::Other }
}

/// Decides two records that are made up, explains, and holds the evaluators against each other. **Panics**: they disagree.
pub fn decides(program: &Program, random: &mut Random) {
    let as_of = program.tests.first().map_or(1_773_532_800_000_000, |t| t.as_of);
    for _ in 0..2 {
        let record = records::record(program, as_of, random);
        seg::why::why(program, &record, as_of, &[]);
        let mut interpreter = seg_ir::interpret::Interpreter::new(program.running(as_of), &record);
        interpreter.customer(0);
        let run = &program.optimised;
        let nodes: Vec<NodeId> = run.attributes.iter().chain(&run.segments).copied().collect();
        let values: Vec<_> = nodes.iter().map(|node| interpreter.value(*node).to_const()).collect();
        // Machine code takes a while to make, so that only some are decided by it.
        let method = if random.once_in(50) { Method::Jit } else { Method::Masks };
        let batch = batches::of_record(&program.schema, &record);
        let masks = batch.map(|batch| Bulk::new(program.running(as_of), &nodes, method).values(&batch));
        let alike = |(value, mask): (&Const, &Const)| value == mask || (value.is_missing() && mask.is_missing());
        let agree = masks.is_ok_and(|masks| values.iter().zip(masks.iter().flatten()).all(alike));
        assert!(agree, "masks disagree with the interpreter");
    }
}

/// The check that refused, in a few words.
pub fn check_of(error: &Error) -> &'static str {
    match error {
        Error::NoPlaybook => "no playbook",
        Error::Format(_) => "format",
        Error::TooLarge(_) | Error::Unfit(_) => "size",
        Error::Damaged(_) => "container and decoding",
        Error::Unsigned | Error::AnotherSigner(_) | Error::Forged | Error::Key(_) => "signature",
        Error::Version(..) => "versions",
        Error::Unsound(_) => "verifier",
    }
}

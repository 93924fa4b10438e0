//! Conditions as a program of steps, each of which decides 1,024 lanes: `a and b`, either of them turned before. It is made in
//! a pass over the gates, without machine code, and done with the widest vectors that the machine has. What a step makes is
//! forgotten after its last use, so that all that is at hand stays in the nearest cache.

use std::ops::Range;
use std::sync::OnceLock;

use seg_ir::fault;

use super::sheet::Sheet;
use super::{PIECE, PIECE_WORDS, Written};
use crate::conditions::{Conditions, Gate, GateId};
use crate::mask;

/// One mask of a piece.
pub(super) type Mask = [u64; PIECE_WORDS];

/// Masks that are written before their places are used again.
const WRITTEN_AT_ONCE: usize = 64;

/// A place of the slab in the upper bits; in the lowest, whether what lies there is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operand(u32);

impl Operand {
    fn of(place: usize, turned: bool) -> Operand {
        Operand((place as u32) << 1 | u32::from(turned))
    }

    fn turned(self) -> Operand {
        Operand(self.0 ^ 1)
    }

    fn turned_if(self, turned: bool) -> Operand {
        Operand(self.0 ^ u32::from(turned))
    }

    fn place(self) -> usize {
        self.0 as usize >> 1
    }

    fn is_turned(self) -> bool {
        self.0 & 1 == 1
    }

    /// All ones where it is turned.
    #[inline(always)]
    fn flip(self) -> u64 {
        u64::from(self.0 & 1).wrapping_neg()
    }
}

/// Where both operands are true.
#[derive(Debug, Clone, Copy)]
struct Step {
    operands: [Operand; 2],
    out: u32,
}

/// A mask of a sheet.
#[derive(Debug, Clone, Copy)]
struct Writing {
    from: Operand,
    to: usize,
}

/// Some steps, and what is written after them.
#[derive(Debug)]
struct Part {
    steps: Range<usize>,
    written: Range<usize>,
}

/// The program.
#[derive(Debug)]
pub(super) struct Steps {
    steps: Vec<Step>,
    written: Vec<Writing>,
    parts: Vec<Part>,
    /// How many places the slab has; the leaves come first, then one that is never true.
    pub slab: usize,
}

/// Whether this machine has vectors that make steps faster than machine code, which has none of more than two words.
pub(super) fn are_fast() -> bool {
    width() != Width::Portable
}

impl Steps {
    pub fn of(conditions: &Conditions, written: &Written) -> Steps {
        let mut drafted = Draft::of(conditions, written);
        drafted.plan();
        drafted.placed(conditions.leaves.len() + 1)
    }

    /// Decides the lanes of a piece, which go to the words of a sheet from `first` on.
    pub fn run(&self, slab: &mut [u64], sheet: &mut Sheet, first: usize, lanes: usize) {
        let (slab, _) = slab.as_chunks_mut();
        self.run_to(slab, Piece { to: To::Sheet(sheet, first), lanes });
    }

    /// Decides the lanes of a piece, and adds how many are set to the count of each mask; nothing is written.
    pub fn count(&self, slab: &mut [u64], counts: &mut [u64], lanes: usize) {
        let (slab, _) = slab.as_chunks_mut();
        self.run_to(slab, Piece { to: To::Counts(counts), lanes });
    }

    fn run_to(&self, slab: &mut [Mask], piece: Piece) {
        match width() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the machine has AVX-512 and counts the bits of its words: `width` has asked it.
            Width::Wide => unsafe { x86::wide(self, slab, piece) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the machine has AVX2: `width` has asked it.
            Width::Narrow => unsafe { x86::narrow(self, slab, piece) },
            _ => run(self, slab, piece),
        }
    }
}

/// Lanes that are decided, and what becomes of it.
struct Piece<'p> {
    to: To<'p>,
    lanes: usize,
}

enum To<'p> {
    /// The words of a sheet from one on.
    Sheet(&'p mut Sheet, usize),
    /// By mask.
    Counts(&'p mut [u64]),
}

/// The vectors of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Wide,
    Narrow,
    Portable,
}

fn width() -> Width {
    static WIDTH: OnceLock<Width> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vpopcntdq") {
                return Width::Wide;
            }
            if is_x86_feature_detected!("avx2") {
                return Width::Narrow;
            }
        }
        Width::Portable
    })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Mask, Piece, Steps, run};

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub fn wide(program: &Steps, slab: &mut [Mask], piece: Piece) {
        run(program, slab, piece);
    }

    #[target_feature(enable = "avx2,popcnt")]
    pub fn narrow(program: &Steps, slab: &mut [Mask], piece: Piece) {
        run(program, slab, piece);
    }
}

/// The same for all vectors: the compiler makes the loops over a mask's words as wide as the caller's features.
#[inline(always)]
fn run(program: &Steps, slab: &mut [Mask], piece: Piece) {
    let Piece { mut to, lanes } = piece;
    let cleared = lanes < PIECE && !fault::is("steps.tail-is-not-cleared");
    for part in &program.parts {
        for Step { operands: [a, b], out } in &program.steps[part.steps.clone()] {
            let (x, y) = (slab[a.place()], slab[b.place()]);
            let (flip_x, flip_y) = (a.flip(), b.flip());
            let out = &mut slab[*out as usize];
            for at in 0..PIECE_WORDS {
                out[at] = (x[at] ^ flip_x) & (y[at] ^ flip_y);
            }
        }
        for Writing { from, to: at } in &program.written[part.written.clone()] {
            let (mask, flip) = (&slab[from.place()], from.flip());
            match &mut to {
                To::Sheet(sheet, first) => {
                    let (words, count) = sheet.room(*at, *first, mask::words(lanes));
                    words.iter_mut().zip(mask).for_each(|(to, word)| *to = word ^ flip);
                    if cleared {
                        mask::clear_tail(words, lanes);
                    }
                    *count += mask::count(words);
                }
                To::Counts(counts) => {
                    let mut words = mask.map(|word| word ^ flip);
                    if cleared {
                        mask::clear_tail(&mut words, lanes);
                    }
                    counts[*at] += mask::count(&words);
                }
            }
        }
    }
}

/// A program whose operands are still numbers of what makes them: the leaves', that of what is never true, then the steps'.
struct Draft {
    /// Leaves, and what is never true.
    given: usize,
    steps: Vec<[Operand; 2]>,
    written: Vec<Writing>,
    parts: Vec<Part>,
}

impl Draft {
    fn of(conditions: &Conditions, written: &Written) -> Draft {
        let given = conditions.leaves.len() + 1;
        let never = Operand::of(given - 1, false);
        let mut draft = Draft { given, steps: Vec::new(), written: Vec::new(), parts: Vec::new() };
        let mut of_gates: Vec<Operand> = Vec::with_capacity(conditions.gates.len());
        for gate in &conditions.gates {
            let of = |gate: GateId| of_gates[gate.0 as usize];
            let made = match *gate {
                Gate::False => never,
                Gate::True => never.turned_if(!fault::is("steps.true-is-false")),
                Gate::Leaf(leaf) => Operand::of(leaf as usize, false),
                Gate::Not(a) if fault::is("steps.not-is-lost") => of(a),
                Gate::Not(a) => of(a).turned(),
                Gate::And(a, b) => draft.step([of(a), of(b)]),
                Gate::Or(a, b) if fault::is("steps.or-is-and") => draft.step([of(a), of(b)]),
                Gate::Or(a, b) => draft.step([of(a).turned(), of(b).turned()]).turned(),
            };
            of_gates.push(made);
        }
        draft.written = written.iter().map(|(gate, to)| Writing { from: of_gates[gate.0 as usize], to }).collect();
        draft.written.sort_by_key(|writing| (writing.from.place(), writing.to));
        draft
    }

    fn step(&mut self, operands: [Operand; 2]) -> Operand {
        self.steps.push(operands);
        Operand::of(self.given + self.steps.len() - 1, false)
    }

    /// The parts: so many steps that all that a part writes is made.
    fn plan(&mut self) {
        let mut begun = 0;
        for (at, written) in self.written.chunks(WRITTEN_AT_ONCE).enumerate() {
            let made = written.iter().map(|writing| (writing.from.place() + 1).saturating_sub(self.given)).max();
            let end = made.unwrap_or(0).max(begun);
            let first = at * WRITTEN_AT_ONCE;
            self.parts.push(Part { steps: begun..end, written: first..first + written.len() });
            begun = end;
        }
    }

    /// When each is needed for the last time; none for what is never needed. Time goes on with each step, and with what a part
    /// writes after its last one.
    fn last_uses(&self) -> Vec<Option<usize>> {
        let mut last = vec![None; self.given + self.steps.len()];
        for (at, part) in self.parts.iter().enumerate().rev() {
            for writing in &self.written[part.written.clone()] {
                last[writing.from.place()].get_or_insert(part.steps.end + at);
            }
            for step in part.steps.clone().rev() {
                if last[self.given + step].is_some() {
                    self.steps[step].iter().for_each(|operand| {
                        last[operand.place()].get_or_insert(step + at);
                    });
                }
            }
        }
        last
    }

    /// The program with places for what is made; a place is used again when what lies there is needed no more.
    fn placed(self, given: usize) -> Steps {
        let last = self.last_uses();
        let (mut free, mut slab) = (Vec::new(), given);
        let mut places: Vec<usize> = (0..given).collect();
        places.resize(last.len(), 0);
        let mut steps = Vec::with_capacity(self.steps.len());
        let (mut written, mut parts) = (self.written, self.parts);
        for (at, part) in parts.iter_mut().enumerate() {
            let first = steps.len();
            for step in part.steps.clone() {
                let made = given + step;
                if last[made].is_none() {
                    // Nobody needs it.
                    continue;
                }
                let operands = self.steps[step];
                let placed = operands.map(|operand| Operand::of(places[operand.place()], operand.is_turned()));
                for (nth, operand) in operands.iter().enumerate() {
                    let of = operand.place();
                    let again = nth == 1 && operands[0].place() == of;
                    let over = last[of] == Some(step + at) || fault::is("steps.places-are-freed-early");
                    if of >= given && over && !again {
                        free.push(places[of]);
                    }
                }
                places[made] = free.pop().unwrap_or_else(|| {
                    slab += 1;
                    slab - 1
                });
                steps.push(Step { operands: placed, out: places[made] as u32 });
            }
            let after = part.steps.end + at;
            let mut before = None;
            for writing in &mut written[part.written.clone()] {
                let of = writing.from.place();
                writing.from = Operand::of(places[of], writing.from.is_turned());
                if of >= given && last[of] == Some(after) && before != Some(of) {
                    free.push(places[of]);
                }
                before = Some(of);
            }
            let end = steps.len() - usize::from(steps.len() > first && fault::is("steps.last-step-is-dropped"));
            part.steps = first..end;
        }
        Steps { steps, written, parts, slab }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{Leaf, Root, TRUE};
    use crate::machine::Spare;
    use seg_ir::NodeId;

    /// Numbers without an order that anybody would see.
    fn numbers() -> impl FnMut() -> u64 {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        }
    }

    /// So many gates over a few leaves, near ones and far ones, and roots among them: of constants, of leaves, of gates and of
    /// their opposites.
    fn conditions(leaves: u32, gates: u32, next: &mut impl FnMut() -> u64) -> Conditions {
        let mut made = Conditions { gates: vec![Gate::False, Gate::True], ..Conditions::default() };
        for leaf in 0..leaves {
            made.leaves.push(Leaf::Yes(NodeId(leaf)));
            made.gates.push(Gate::Leaf(leaf));
        }
        for _ in 0..gates {
            let many = made.gates.len() as u64;
            let mut any = || {
                GateId((if next().is_multiple_of(2) { next() % many } else { many - 1 - next() % many.min(9) }) as u32)
            };
            let (a, b) = (any(), any());
            made.gates.push([Gate::Not(a), Gate::And(a, b), Gate::Or(a, b)][next() as usize % 3]);
        }
        for at in 0..made.gates.len() as u32 {
            if at < 6 || next().is_multiple_of(5) {
                let known = if next().is_multiple_of(2) { TRUE } else { GateId((next() % u64::from(at + 1)) as u32) };
                made.roots.push(Root { node: NodeId(at), yes: GateId(at), known });
            }
        }
        made
    }

    /// What every gate is for 64 lanes.
    fn expected(conditions: &Conditions, leaves: &[u64]) -> Vec<u64> {
        let mut made: Vec<u64> = Vec::new();
        for gate in &conditions.gates {
            let of = |gate: GateId| made[gate.0 as usize];
            made.push(match *gate {
                Gate::False => 0,
                Gate::True => u64::MAX,
                Gate::Leaf(leaf) => leaves[leaf as usize],
                Gate::Not(a) => !of(a),
                Gate::And(a, b) => of(a) & of(b),
                Gate::Or(a, b) => of(a) | of(b),
            });
        }
        made
    }

    #[test]
    fn steps_decide_what_the_gates_say_and_count_it() {
        let mut next = numbers();
        for (leaves, gates) in [(1, 0), (3, 10), (20, 300), (70, 3000)] {
            let conditions = conditions(leaves, gates, &mut next);
            let written = Written::of(&conditions.roots);
            let steps = Steps::of(&conditions, &written);
            assert!(steps.slab < leaves as usize + gates as usize / 2 + 200, "places are used again");
            for lanes in [PIECE, 1000, 64, 1] {
                let words = mask::words(lanes);
                let masks: Vec<Vec<u64>> = (0..leaves).map(|_| (0..PIECE_WORDS).map(|_| next()).collect()).collect();
                let mut slab = vec![0; steps.slab * PIECE_WORDS];
                masks
                    .iter()
                    .enumerate()
                    .for_each(|(at, mask)| slab[at * PIECE_WORDS..][..PIECE_WORDS].copy_from_slice(mask));
                let (mut sheet, mut counts) =
                    (Sheet::new(written.len(), lanes, &Spare::default()), vec![7; written.len()]);
                steps.run(&mut slab, &mut sheet, 0, lanes);
                run(&steps, slab.as_chunks_mut().0, Piece { to: To::Sheet(&mut sheet, 0), lanes });
                steps.count(&mut slab, &mut counts, lanes);
                for word in 0..words {
                    let of_leaves: Vec<u64> = masks.iter().map(|mask| mask[word]).collect();
                    let made = expected(&conditions, &of_leaves);
                    let mut has = vec![u64::MAX; words];
                    mask::clear_tail(&mut has, lanes);
                    for (gate, at) in written.iter() {
                        assert_eq!(
                            sheet.mask(at, 0..words)[word],
                            made[gate.0 as usize] & has[word],
                            "{gate:?} of {lanes}"
                        );
                    }
                }
                for (at, count) in counts.iter().enumerate() {
                    assert_eq!(count - 7, mask::count(sheet.mask(at, 0..words)));
                    assert_eq!(sheet.counts()[at], 2 * (count - 7), "written twice, by both ways");
                }
            }
        }
    }
}

//! Conditions of one space, decided all at once: leaves are tested piece by piece into a slab, from which a program makes every
//! condition and writes it to a sheet. The program is one of two: machine code, or steps that need no compiling. Knows which
//! conditions there are and where their leaves come from, not how a program does its work.

mod emit;
mod sheet;
mod steps;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use seg_ir::node::Scope;
use seg_ir::{CollectionId, FieldId, NodeId, Op, TableId, fault};

use crate::ahead::Share;
use crate::atom::Atom;
use crate::batch::Batch;
use crate::code::NoCode;
use crate::column::Column;
use crate::conditions::{Conditions, GateId, Ground as _, Leaf, Root, TRUE};
use crate::mask::{self, Words};
use crate::masks::{Evaluation, SpaceId};
use crate::plan::Plan;
use crate::texts::Cut;
use crate::vector::Vector;
pub(crate) use sheet::{Bits, Sheet, Spare};

/// The most lanes that a program is run for at once: what one mask of them takes has a fixed place in the slab.
const PIECE: usize = 1024;
const PIECE_WORDS: usize = PIECE / 64;

/// How conditions are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Code,
    Steps,
}

impl Kind {
    /// The one that decides faster on this machine.
    pub fn faster() -> Kind {
        if steps::are_fast() { Kind::Steps } else { Kind::Code }
    }
}

/// The programs of a playbook's conditions: those of its customers, and those by which folds choose rows.
#[derive(Debug)]
pub(crate) struct Machines {
    pub customers: Machine,
    pub rows: HashMap<CollectionId, Machine>,
}

/// The conditions of a playbook, by the space that they are of.
pub(crate) struct Sources {
    customers: Source,
    rows: Vec<(CollectionId, Source)>,
    /// Nodes that something else than conditions uses.
    used: HashSet<NodeId>,
}

/// The conditions of one space.
struct Source {
    conditions: Conditions,
    /// Of the leaves that are tests.
    atoms: HashMap<NodeId, Arc<Atom>>,
    /// Fields that are taken to have a value in every row.
    complete: Vec<(TableId, FieldId)>,
}

impl Source {
    /// The conditions among `nodes` that are made of others or of tests.
    fn of(plan: &Plan, nodes: &[NodeId]) -> Source {
        let ours = |id: &NodeId| plan.is_logic(*id) || plan.atoms[id.0 as usize].is_some();
        let conditions = Conditions::of(plan, nodes.iter().copied().filter(ours));
        let atom = |leaf: &Leaf| match leaf {
            Leaf::Found(id) => plan.atoms[id.0 as usize].clone().map(|atom| (*id, atom)),
            _ => None,
        };
        let atoms = conditions.leaves.iter().filter_map(atom).collect();
        let field = |id: &NodeId| match plan.context.ir.node(*id).op {
            Op::Field { table, field, .. } => Some((table, field)),
            _ => None,
        };
        let complete = conditions.complete.iter().filter_map(field).collect();
        Source { conditions, atoms, complete }
    }
}

impl Sources {
    pub fn of(plan: &Plan) -> Sources {
        let ir = plan.context.ir;
        let mut filters: BTreeMap<CollectionId, Vec<NodeId>> = BTreeMap::new();
        let mut used = HashSet::new();
        for id in &plan.reachable {
            let node = ir.node(*id);
            if let Op::Aggregate(aggregate) = &node.op
                && let (Scope::Row, Some(filter)) = (aggregate.scope, aggregate.filter)
                && ir.node(filter).scope == Scope::Row
                && !plan.within_rows[filter.0 as usize]
            {
                filters.entry(aggregate.collection).or_default().push(filter);
            }
            if !plan.is_logic(*id) {
                node.op.for_each_operand(|operand| {
                    used.insert(operand);
                });
            }
        }
        Sources {
            customers: Source::of(plan, &plan.outputs),
            rows: filters.into_iter().map(|(id, filters)| (id, Source::of(plan, &filters))).collect(),
            used,
        }
    }
}

impl Machines {
    /// **Errors**: those of code generation.
    pub fn new(sources: Sources, kind: Kind) -> Result<Machines, NoCode> {
        let rows = sources.rows.into_iter().filter(|(_, source)| !source.conditions.roots.is_empty());
        let rows = rows.map(|(id, source)| Ok((id, Machine::new(source, &sources.used, kind)?)));
        let rows = rows.collect::<Result<_, NoCode>>()?;
        Ok(Machines { customers: Machine::new(sources.customers, &sources.used, kind)?, rows })
    }

    pub fn are_code(&self) -> bool {
        matches!(self.customers.program, Program::Code(_))
    }

    /// Whether the programs may decide the customers of a batch: no value is missing in a column that they take to be complete. A
    /// batch says so by its schema, and a test may leave out what the schema requires.
    pub fn fit(&self, batch: &Batch) -> bool {
        let machines = std::iter::once(&self.customers).chain(self.rows.values());
        let lacks = |column: &Column| {
            matches!(column, Column::Unread(_)) || column.nulls().is_some_and(|nulls| nulls.null_count() > 0)
        };
        let mut fields = machines.flat_map(|machine| &machine.complete);
        fields.all(|(table, field)| !batch.column(*table, *field).is_some_and(lacks))
            || fault::is("machine.what-is-left-out-is-complete")
    }
}

/// The conditions of one space with their program.
#[derive(Debug)]
pub(crate) struct Machine {
    conditions: Conditions,
    /// Fields that are taken to have a value in every row.
    complete: Vec<(TableId, FieldId)>,
    /// The leaves, those that are tests of one column beside each other.
    order: Vec<Placed>,
    written: Written,
    /// The roots that something else than conditions uses.
    used: Vec<Root>,
    program: Program,
}

#[derive(Debug)]
enum Program {
    Code(emit::Compiled),
    Steps(steps::Steps),
}

/// The gates of the roots, by their place in a sheet.
#[derive(Debug)]
struct Written(HashMap<GateId, usize>);

impl Written {
    fn of(roots: &[Root]) -> Written {
        let mut places = HashMap::new();
        for root in roots {
            for gate in [Some(root.yes), Some(root.known).filter(|known| *known != TRUE)].into_iter().flatten() {
                let next = places.len();
                places.entry(gate).or_insert(next);
            }
        }
        Written(places)
    }

    fn get(&self, gate: GateId) -> Option<usize> {
        self.0.get(&gate).copied()
    }

    fn iter(&self) -> impl Iterator<Item = (GateId, usize)> + '_ {
        self.0.iter().map(|(gate, place)| (*gate, *place))
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// What is used again from block to block.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    slab: Words,
    cut: Cut,
}

/// A leaf, and the test that it is made by, if it is.
#[derive(Debug)]
struct Placed {
    leaf: usize,
    atom: Option<Arc<Atom>>,
    /// Its share in asking for the column's next rows.
    share: Share,
}

impl Placed {
    /// All leaves, by column.
    fn of(conditions: &Conditions, atoms: &HashMap<NodeId, Arc<Atom>>) -> Vec<Placed> {
        let atom = |leaf: &Leaf| match leaf {
            Leaf::Found(id) => atoms.get(id).cloned(),
            _ => None,
        };
        let column = |atom: &Option<Arc<Atom>>| atom.as_ref().map(|atom| (atom.field.table, atom.field.field));
        let mut order: Vec<_> = conditions.leaves.iter().map(atom).enumerate().collect();
        order.sort_by_key(|(_, atom)| column(atom));
        let of_columns = order.chunk_by(|(_, a), (_, b)| column(a) == column(b));
        let share = |tests: &[(usize, Option<Arc<Atom>>)]| {
            let of = tests.len();
            let placed = |(part, (leaf, atom)): (usize, &(usize, Option<Arc<Atom>>))| Placed {
                leaf: *leaf,
                atom: atom.clone(),
                share: Share { part, of },
            };
            tests.iter().enumerate().map(placed).collect::<Vec<_>>()
        };
        of_columns.flat_map(share).collect()
    }
}

impl Machine {
    /// **Errors**: those of code generation.
    fn new(source: Source, used: &HashSet<NodeId>, kind: Kind) -> Result<Machine, NoCode> {
        let Source { conditions, atoms, complete } = source;
        let written = Written::of(&conditions.roots);
        let program = match kind {
            Kind::Code => Program::Code(emit::Compiled::of(&conditions, &written)?),
            Kind::Steps => Program::Steps(steps::Steps::of(&conditions, &written)),
        };
        let order = Placed::of(&conditions, &atoms);
        let used = conditions.roots.iter().filter(|root| used.contains(&root.node)).copied().collect();
        Ok(Machine { conditions, complete, order, written, used, program })
    }

    /// Each root, and which masks of a sheet are its own; it is known everywhere where none tells.
    pub fn roots(&self) -> impl Iterator<Item = (NodeId, Option<usize>, Option<usize>)> {
        let place = |gate| self.written.get(gate);
        self.conditions.roots.iter().map(move |root| (root.node, place(root.yes), place(root.known)))
    }

    /// A sheet for so many lanes.
    pub fn sheet(&self, lanes: usize, spare: &Spare) -> Sheet {
        Sheet::new(self.written.len(), lanes, spare)
    }

    /// Decides all roots for the lanes of a space, and hands them to its evaluation.
    pub fn run(&self, evaluation: &mut Evaluation, space: SpaceId) {
        let mut sheet = self.sheet(evaluation.len(space), &Spare::default());
        self.decide(evaluation, space, &mut sheet, 0, &mut Desk::default());
        self.supply(evaluation, space, &sheet, 0, &self.conditions.roots);
    }

    /// Decides all roots for the lanes of a space, from a word of a sheet on. Only those that something else than conditions
    /// uses are handed to the evaluation.
    pub fn run_to(
        &self,
        evaluation: &mut Evaluation,
        space: SpaceId,
        sheet: &mut Sheet,
        first: usize,
        desk: &mut Desk,
    ) {
        self.decide(evaluation, space, sheet, first, desk);
        self.supply(evaluation, space, sheet, first, &self.used);
    }

    /// Decides all roots for the lanes of a space, and adds how many are set to the count of each mask. What something else than
    /// conditions uses is handed to the evaluation.
    pub fn count(
        &self,
        evaluation: &mut Evaluation,
        space: SpaceId,
        counts: &mut [u64],
        spare: &Spare,
        desk: &mut Desk,
    ) {
        let lanes = evaluation.len(space);
        if let (Program::Steps(steps), true) = (&self.program, self.used.is_empty()) {
            let held = self.all_held(evaluation, space);
            let Desk { slab, cut } = self.laid(desk);
            for piece in pieces(lanes) {
                self.test(evaluation, space, &held, piece.clone(), slab, cut);
                steps.count(slab, counts, piece.len());
            }
            return;
        }
        let mut sheet = self.sheet(lanes, spare);
        self.run_to(evaluation, space, &mut sheet, 0, desk);
        counts.iter_mut().zip(sheet.counts()).for_each(|(sum, count)| *sum += count);
        sheet.give_back(spare);
    }

    /// How many masks a sheet has.
    pub fn masks(&self) -> usize {
        self.written.len()
    }

    fn supply(&self, evaluation: &mut Evaluation, space: SpaceId, sheet: &Sheet, first: usize, roots: &[Root]) {
        let lanes = evaluation.len(space);
        let words = first..first + mask::words(lanes);
        let of = |gate| self.written.get(gate).map(|at| sheet.mask(at, words.clone()));
        for root in roots {
            let yes = of(root.yes).map_or_else(|| mask::none(lanes), <[u64]>::to_vec);
            let known = of(root.known).map_or_else(|| mask::all(lanes), <[u64]>::to_vec);
            let no = mask::without(&known, &yes);
            evaluation.supply(space, root.node, Vector::Truth { yes, no });
        }
    }

    /// Computes the leaves, and runs the program over them, some lanes at a time.
    fn decide(&self, evaluation: &mut Evaluation, space: SpaceId, sheet: &mut Sheet, first: usize, desk: &mut Desk) {
        let lanes = evaluation.len(space);
        let held = self.all_held(evaluation, space);
        let Desk { slab, cut } = self.laid(desk);
        match &self.program {
            Program::Code(code) => {
                code.over(sheet, |code| {
                    for piece in pieces(lanes) {
                        self.test(evaluation, space, &held, piece.clone(), slab, cut);
                        code.run(slab, first + piece.start / 64, piece.len());
                    }
                });
                sheet.settle(first, lanes);
            }
            Program::Steps(steps) => {
                for piece in pieces(lanes) {
                    self.test(evaluation, space, &held, piece.clone(), slab, cut);
                    steps.run(slab, sheet, first + piece.start / 64, piece.len());
                }
            }
        }
    }

    /// The desk with room for the slab of this program.
    fn laid<'d>(&self, desk: &'d mut Desk) -> &'d mut Desk {
        let places = match &self.program {
            Program::Code(code) => code.slab,
            Program::Steps(steps) => steps.slab,
        };
        desk.slab.resize(places * PIECE_WORDS, 0);
        desk
    }

    fn all_held<'b>(&self, evaluation: &mut Evaluation<'b>, space: SpaceId) -> Vec<Option<Held<'b>>> {
        self.order.iter().map(|placed| self.held(evaluation, space, placed)).collect()
    }

    /// Puts the leaves of some lanes into the slab.
    fn test(
        &self,
        evaluation: &Evaluation,
        space: SpaceId,
        held: &[Option<Held>],
        piece: Range<usize>,
        slab: &mut [u64],
        cut: &mut Cut,
    ) {
        let words = mask::words(piece.len());
        for (Placed { leaf, atom, share }, held) in self.order.iter().zip(held) {
            let place = &mut slab[leaf * PIECE_WORDS..][..words];
            match (held, atom, self.conditions.leaves[*leaf]) {
                (Some(held), ..) => place.copy_from_slice(&held.words()[piece.start / 64..][..words]),
                (None, Some(atom), _) => {
                    evaluation.ask_ahead(space, atom, piece.end..piece.end + PIECE, *share);
                    evaluation.test_part(space, atom, piece.clone(), cut, place);
                }
                (None, None, Leaf::Known(id)) => {
                    evaluation.known_part(space, id, piece.clone(), place);
                }
                (None, None, Leaf::Found(_) | Leaf::Yes(_) | Leaf::No(_)) => {}
            }
        }
    }

    /// A leaf that is not tested piece by piece: what is no test of a column nor of its having values, or of one whose rows do not
    /// lie together.
    fn held<'b>(&self, evaluation: &mut Evaluation<'b>, space: SpaceId, placed: &Placed) -> Option<Held<'b>> {
        let leaf = self.conditions.leaves[placed.leaf];
        match &placed.atom {
            Some(atom) if evaluation.test_part(space, atom, 0..0, &mut Cut::default(), &mut []) => None,
            Some(atom) => Some(Held::of(evaluation, space, leaf, atom.negated)),
            None if matches!(leaf, Leaf::Known(id) if evaluation.known_part(space, id, 0..0, &mut [])) => None,
            None => Some(Held::of(evaluation, space, leaf, false)),
        }
    }
}

/// So many lanes, as a program takes them.
fn pieces(lanes: usize) -> impl Iterator<Item = Range<usize>> {
    (0..lanes).step_by(PIECE).map(move |start| start..lanes.min(start + PIECE))
}

/// A leaf's mask, held for as long as it is read.
enum Held<'b> {
    Yes(Rc<Vector<'b>>),
    No(Rc<Vector<'b>>),
    Made(Words),
}

impl<'b> Held<'b> {
    fn of(evaluation: &mut Evaluation<'b>, space: SpaceId, leaf: Leaf, negated: bool) -> Self {
        let lanes = evaluation.len(space);
        let (id, yes) = match leaf {
            Leaf::Yes(id) => (id, true),
            Leaf::No(id) => (id, false),
            Leaf::Known(id) => return Held::Made(evaluation.known(space, id)),
            Leaf::Found(id) => (id, !negated),
        };
        let vector = evaluation.value(space, id);
        match (&*vector, yes) {
            (Vector::Truth { .. }, true) => Held::Yes(vector),
            (Vector::Truth { .. }, false) if fault::is("machine.false-is-read-as-true") => Held::Yes(vector),
            (Vector::Truth { .. }, false) => Held::No(vector),
            (_, true) => Held::Made(vector.yes(lanes).into_owned()),
            (_, false) => Held::Made(vector.no(lanes).into_owned()),
        }
    }

    fn words(&self) -> &[u64] {
        match self {
            Held::Made(words) => words,
            Held::Yes(vector) | Held::No(vector) => match (&**vector, self) {
                (Vector::Truth { yes, .. }, Held::Yes(_)) => yes,
                (Vector::Truth { no, .. }, _) => no,
                _ => &[],
            },
        }
    }
}

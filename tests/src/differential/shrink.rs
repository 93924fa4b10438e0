//! Makes what disagrees small: fewer customers, declarations, expressions, events, values and fields, as long as something
//! still disagrees in the same way.

use std::time::{Duration, Instant};

use seg_ir::{Const, Program, Reason};

use super::compare::{Disagreement, Ways, compare};
use super::data::Data;
use super::literal;
use super::playbook::{Declaration, Playbook};
use super::tree::{Tree, Ty};
use super::world::Kind;
use crate::random::Random;

/// A playbook with customers over which evaluators disagree.
#[derive(Clone)]
pub struct Case {
    pub playbook: Playbook,
    pub data: Data,
    pub ways: Ways,
    /// Which layouts.
    pub turn: usize,
}

pub struct Small {
    pub case: Case,
    pub disagreement: Disagreement,
}

/// How long to try.
const PATIENCE: Duration = Duration::from_secs(20);

impl Case {
    /// What it compiles to, and how it disagrees, if it does.
    fn disagrees(&self) -> Option<(Program, Disagreement)> {
        let compiled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.playbook.program().ok()));
        let program = compiled.ok().flatten()?;
        let found = compare(&program, self.playbook.world.as_of, &self.data, self.ways, self.turn).err()?;
        Some((program, *found))
    }
}

/// The smallest case that can be found in the time.
pub fn shrink(case: Case, disagreement: Disagreement) -> Small {
    let kind = kind_of(&disagreement);
    let mut small = Shrinker { best: Small { case, disagreement }, kind, until: Instant::now() + PATIENCE };
    small.customers();
    loop {
        let before = small.size();
        small.declarations();
        small.expressions();
        small.events();
        small.values();
        small.fields();
        if small.size() == before || small.is_late() {
            return small.best;
        }
    }
}

/// What kind of disagreement it is: the evaluator, not the layout.
fn kind_of(disagreement: &Disagreement) -> String {
    disagreement.way.split(" by ").next().unwrap_or_default().to_string()
}

struct Shrinker {
    best: Small,
    kind: String,
    until: Instant,
}

impl Shrinker {
    fn is_late(&self) -> bool {
        Instant::now() > self.until
    }

    fn size(&self) -> usize {
        let Case { playbook, data, .. } = &self.best.case;
        let trees: usize = playbook.declarations.iter().flat_map(Declaration::trees).map(Tree::len).sum();
        let events: usize = data.customers.iter().flat_map(|c| &c.events).map(Vec::len).sum();
        let fields: usize = playbook.world.tables.iter().map(|t| t.fields.len()).sum();
        let known = data.customers.iter().flat_map(|c| &c.profile).filter(|v| !v.is_missing()).count();
        playbook.declarations.len() + trees + events + fields + known + data.customers.len()
    }

    /// Takes a smaller case if it still disagrees.
    fn take(&mut self, case: Case) -> bool {
        if self.is_late() {
            return false;
        }
        match case.disagrees() {
            Some((_, disagreement)) if kind_of(&disagreement) == self.kind => {
                self.best = Small { case, disagreement };
                true
            }
            _ => false,
        }
    }

    fn customers(&mut self) {
        if let Some(n) = self.best.disagreement.customer {
            let mut case = self.best.case.clone();
            case.data.customers = vec![case.data.customers[n].clone()];
            if self.take(case) {
                return;
            }
        }
        let mut size = self.best.case.data.customers.len() / 2;
        while size > 0 {
            let mut at = 0;
            while at < self.best.case.data.customers.len() && self.best.case.data.customers.len() > 1 {
                let mut case = self.best.case.clone();
                let end = (at + size).min(case.data.customers.len());
                case.data.customers.drain(at..end);
                if case.data.customers.is_empty() || !self.take(case) {
                    at += size;
                }
            }
            size /= 2;
        }
    }

    fn declarations(&mut self) {
        let mut n = self.best.case.playbook.declarations.len();
        while n > 0 {
            n -= 1;
            let mut case = self.best.case.clone();
            case.playbook.declarations.remove(n);
            self.take(case);
        }
    }

    fn expressions(&mut self) {
        let mut random = Random::new(7);
        for d in 0..self.best.case.playbook.declarations.len() {
            let trees = self.best.case.playbook.declarations[d].trees().len();
            for t in 0..trees {
                let mut place = 0;
                while let Some(at) = self.tree(d, t).and_then(|tree| tree.at(place).cloned()) {
                    if self.is_late() {
                        return;
                    }
                    let smaller = self.replacements(&at, &mut random);
                    let taken = smaller.iter().any(|new| self.replace(d, t, place, new));
                    if !taken {
                        place += 1;
                    }
                }
            }
        }
    }

    fn tree(&self, declaration: usize, tree: usize) -> Option<&Tree> {
        self.best.case.playbook.declarations.get(declaration)?.trees().get(tree).copied()
    }

    /// Smaller expressions of the same type: a literal, and what it has in it.
    fn replacements(&self, at: &Tree, random: &mut Random) -> Vec<Tree> {
        let mut all = Vec::new();
        if at.is_leaf() {
            return all;
        }
        if !matches!(at.ty, Ty::List(_) | Ty::Ref(_)) {
            let text = literal::of(&at.ty, &self.best.case.playbook.world, random);
            all.push(Tree { atom: !text.starts_with('-'), ..Tree::leaf(at.ty.clone(), false, text) });
        }
        let inside = (1..at.len()).filter_map(|n| at.at(n)).filter(|inner| inner.ty == at.ty).cloned();
        all.extend(inside.take(30));
        all
    }

    fn replace(&mut self, declaration: usize, tree: usize, place: usize, new: &Tree) -> bool {
        let mut case = self.best.case.clone();
        let Some(old) = self.tree(declaration, tree) else { return false };
        let changed = case.playbook.declarations[declaration].with_tree(tree, old.with(place, new));
        case.playbook.declarations[declaration] = changed;
        self.take(case)
    }

    fn events(&mut self) {
        for customer in 0..self.best.case.data.customers.len() {
            for collection in 0..self.best.case.data.customers[customer].events.len() {
                let mut size = self.best.case.data.customers[customer].events[collection].len();
                while size > 0 {
                    let mut at = 0;
                    while at < self.best.case.data.customers[customer].events[collection].len() {
                        let mut case = self.best.case.clone();
                        let rows = &mut case.data.customers[customer].events[collection];
                        rows.drain(at..(at + size).min(rows.len()));
                        if !self.take(case) {
                            at += size;
                        }
                        if self.is_late() {
                            return;
                        }
                    }
                    size /= 2;
                }
            }
        }
    }

    /// Makes optional values missing.
    fn values(&mut self) {
        let Ok(program) = self.best.case.playbook.program() else { return };
        let schema = program.schema;
        for customer in 0..self.best.case.data.customers.len().min(4) {
            for (n, _) in schema.profile().fields.iter().enumerate().filter(|(_, f)| f.optional) {
                let mut case = self.best.case.clone();
                let slot = &mut case.data.customers[customer].profile[n];
                if !slot.is_missing() {
                    *slot = Const::Missing(Reason::NotGiven);
                    self.take(case);
                }
            }
            for (id, collection) in schema.collection_ids() {
                let fields = &schema.table(collection.table).fields;
                for row in 0..self.best.case.data.customers[customer].events[id.0 as usize].len().min(6) {
                    for (n, _) in fields.iter().enumerate().filter(|(_, f)| f.optional) {
                        let mut case = self.best.case.clone();
                        let slot = &mut case.data.customers[customer].events[id.0 as usize][row][n];
                        if !slot.is_missing() {
                            *slot = Const::Missing(Reason::NotGiven);
                            self.take(case);
                        }
                    }
                }
            }
        }
    }

    /// Leaves out fields that nothing names; their values go with them.
    fn fields(&mut self) {
        for table in 0..self.best.case.playbook.world.tables.len() {
            let mut n = self.best.case.playbook.world.tables[table].fields.len();
            while n > 0 {
                n -= 1;
                let mut case = self.best.case.clone();
                let declared = &mut case.playbook.world.tables[table];
                if matches!(declared.fields[n].name.as_str(), "id" | "key" | "time") {
                    continue;
                }
                declared.fields.remove(n);
                let text = case.playbook.text();
                let name = declared_name(&case, table);
                if !text.is_empty() && case.data.without(&self.best.case, &name, n).is_some() {
                    self.take(case);
                }
                if self.is_late() {
                    return;
                }
            }
        }
    }
}

fn declared_name(case: &Case, table: usize) -> String {
    case.playbook.world.tables[table].name.clone()
}

impl Data {
    /// Leaves out a column. Tables stand in the order of the whole playbook's schema.
    fn without(&mut self, case: &Case, table: &str, field: usize) -> Option<()> {
        let schema = case.playbook.program().ok()?.schema;
        let (id, declared) = schema.table_ids().find(|(_, t)| t.name == table)?;
        match declared.kind {
            seg_ir::schema::TableKind::Profile => {
                self.customers.iter_mut().for_each(|c| drop(c.profile.remove(field)));
            }
            seg_ir::schema::TableKind::Event => {
                let (collection, _) = schema.collection_ids().find(|(_, c)| c.table == id)?;
                let rows = self.customers.iter_mut().flat_map(|c| &mut c.events[collection.0 as usize]);
                rows.for_each(|row| drop(row.remove(field)));
            }
            seg_ir::schema::TableKind::Reference => {
                self.references[id.0 as usize].iter_mut().for_each(|row| drop(row.remove(field)));
            }
        }
        Some(())
    }
}

impl Kind {
    pub fn is_event(&self) -> bool {
        matches!(self, Kind::Event { .. })
    }
}

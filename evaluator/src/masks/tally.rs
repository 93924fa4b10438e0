//! What the interpreter would have counted. Masks compute more than the interpreter looks at (it stops at the first operand
//! that decides, at the first row that answers), so a failure counts only in the lanes in which it would have looked. That
//! is worked out from the top down, over the nodes that something failed below, in blocks where something failed.

use std::collections::{BTreeMap, HashMap};

use seg_ir::interpret::Tally;
use seg_ir::node::{Aggregate, AggregateKind, Scope};
use seg_ir::{NodeId, Op, Value, fault, operation};

use super::Evaluation;
use super::space::{CUSTOMERS, SpaceId};
use crate::mask::{self, Words};

/// Adds what failed where the interpreter would have looked.
pub(super) fn count(evaluation: &mut Evaluation, tally: &mut Tally) {
    let plan = evaluation.plan;
    if evaluation.raw.is_empty() && evaluation.failed_within.is_empty() && plan.failed.is_empty() {
        return;
    }
    let ir = plan.context.ir;
    let mut failed_below = vec![false; ir.len()];
    evaluation.raw.keys().for_each(|(_, id)| failed_below[id.0 as usize] = true);
    evaluation.failed_within.iter().for_each(|id| failed_below[id.0 as usize] = true);
    plan.failed.iter().for_each(|(id, _)| failed_below[id.0 as usize] = true);
    for id in &plan.reachable {
        let mut below = failed_below[id.0 as usize];
        ir.node(*id).op.for_each_operand(|operand| below |= failed_below[operand.0 as usize]);
        failed_below[id.0 as usize] = below;
    }
    let events = evaluation.events;
    let mut walk = Walk { failed_below, asked: HashMap::new(), tally };
    let everyone = mask::all(evaluation.len(CUSTOMERS));
    plan.outputs.iter().for_each(|output| walk.ask(evaluation, CUSTOMERS, *output, &everyone));
    walk.down(evaluation, CUSTOMERS);
    evaluation.events = events;
}

struct Walk<'w> {
    /// By node: whether something failed in it or in what it uses.
    failed_below: Vec<bool>,
    /// The lanes in which nodes of a space were looked at. Taken from the last node to the first, so that all that use a
    /// node have asked before it answers.
    asked: HashMap<SpaceId, BTreeMap<NodeId, Words>>,
    tally: &'w mut Tally,
}

impl Walk<'_> {
    /// Notes that a node is looked at from lanes of a space.
    fn ask(&mut self, evaluation: &Evaluation, space: SpaceId, id: NodeId, lanes: &[u64]) {
        if !self.failed_below[id.0 as usize] || !mask::any(lanes) {
            return;
        }
        let home = evaluation.home(space, evaluation.plan.context.ir.node(id).scope);
        let asked = self.asked.entry(home).or_default().entry(id);
        let asked = asked.or_insert_with(|| mask::none(evaluation.len(home)));
        if home == space {
            return mask::or_into(asked, lanes);
        }
        let outer = evaluation.lanes_in(space, home);
        mask::ones(lanes).for_each(|lane| mask::set(asked, outer[lane] as usize));
    }

    /// Goes through all nodes that were asked for in a space, and counts.
    fn down(&mut self, evaluation: &mut Evaluation, space: SpaceId) {
        while let Some((id, lanes)) = self.asked.get_mut(&space).and_then(BTreeMap::pop_last) {
            self.count(evaluation, space, id, &lanes);
            self.operands(evaluation, space, id, lanes);
        }
    }

    fn count(&mut self, evaluation: &Evaluation, space: SpaceId, id: NodeId, lanes: &[u64]) {
        for (_, reason) in evaluation
            .plan
            .failed
            .iter()
            .filter(|(failed, _)| *failed == id && !fault::is("masks.fault-of-the-run-is-not-counted"))
        {
            *self.tally.faults.entry((id, *reason)).or_default() += mask::count(lanes);
        }
        let Some(raw) = evaluation.raw.get(&(space, id)) else { return };
        for (reason, failed) in &raw.faults {
            let count = mask::count(&mask::and(failed, lanes));
            if count > 0 {
                *self.tally.faults.entry((id, *reason)).or_default() += count;
            }
        }
        let skipped: u64 = raw.skipped.iter().filter(|(lane, _)| mask::has(lanes, *lane)).map(|(_, count)| count).sum();
        if skipped > 0 {
            *self.tally.skipped.entry(id).or_default() += skipped;
        }
    }

    /// Asks for the operands of a node in the lanes in which the interpreter would: the mirror of its order.
    fn operands(&mut self, evaluation: &mut Evaluation, space: SpaceId, id: NodeId, mut lanes: Words) {
        let plan = evaluation.plan;
        let len = evaluation.len(space);
        match &plan.context.ir.node(id).op {
            Op::And(operands) => {
                for operand in operands {
                    self.ask(evaluation, space, *operand, &lanes);
                    let seen = evaluation.value_for(space, *operand, &lanes);
                    if !fault::is("masks.tally-goes-on-after-false") {
                        mask::without_into(&mut lanes, &seen.no(len));
                    }
                }
            }
            Op::Or(operands) => {
                for operand in operands {
                    self.ask(evaluation, space, *operand, &lanes);
                    let seen = evaluation.value_for(space, *operand, &lanes);
                    if !fault::is("masks.tally-goes-on-after-true") {
                        mask::without_into(&mut lanes, &seen.yes(len));
                    }
                }
            }
            Op::Else(a, b) => {
                self.ask(evaluation, space, *a, &lanes);
                let seen = evaluation.value_for(space, *a, &lanes);
                if !fault::is("masks.tally-asks-the-second-always") {
                    mask::without_into(&mut lanes, &seen.known(len));
                }
                self.ask(evaluation, space, *b, &lanes);
            }
            Op::Choose { arms, otherwise } => {
                for (when, value) in arms {
                    self.ask(evaluation, space, *when, &lanes);
                    let taken = mask::and(&lanes, &evaluation.value_for(space, *when, &lanes).yes(len));
                    self.ask(evaluation, space, *value, &taken);
                    if !fault::is("masks.tally-takes-every-arm") {
                        mask::without_into(&mut lanes, &taken);
                    }
                }
                self.ask(evaluation, space, *otherwise, &lanes);
            }
            Op::ListTest { list, all, items } => self.list_test(evaluation, space, *list, *all, items, lanes),
            Op::Aggregate(aggregate) => self.aggregate(evaluation, space, aggregate, lanes),
            Op::IsKnown(a) | Op::IsTrue(a) | Op::IsFalse(a) => self.ask(evaluation, space, *a, &lanes),
            op => op.for_each_operand(|operand| {
                if mask::any(&lanes) {
                    self.ask(evaluation, space, operand, &lanes);
                    let seen = evaluation.value_for(space, operand, &lanes);
                    if !fault::is("masks.tally-goes-on-after-missing") {
                        mask::and_into(&mut lanes, &seen.known(len));
                    }
                }
            }),
        }
    }

    fn list_test(
        &mut self,
        evaluation: &mut Evaluation,
        space: SpaceId,
        list: NodeId,
        all: bool,
        items: &[NodeId],
        mut lanes: Words,
    ) {
        let (ir, len) = (evaluation.plan.context.ir, evaluation.len(space));
        self.ask(evaluation, space, list, &lanes);
        let held = evaluation.value_for(space, list, &lanes);
        mask::and_into(&mut lanes, &held.known(len));
        for item in items {
            self.ask(evaluation, space, *item, &lanes);
            let asked = evaluation.value_for(space, *item, &lanes);
            for lane in mask::ones(&lanes.clone()) {
                let Value::List(held) = held.value(lane, ir.ty(list)) else { continue };
                let decides = operation::list_test(&held, all, [asked.value(lane, ir.ty(*item))]);
                if decides.as_bool() == Some(!all) && !fault::is("masks.tally-asks-every-item") {
                    lanes[lane / 64] &= !(1 << (lane % 64));
                }
            }
        }
    }

    fn aggregate(&mut self, evaluation: &mut Evaluation, space: SpaceId, aggregate: &Aggregate, mut lanes: Words) {
        if evaluation.batch.is_none_or(|batch| batch.ranges(aggregate.collection).is_none()) {
            return;
        }
        let len = evaluation.len(space);
        for bound in aggregate.window.iter().flat_map(|window| [window.low, window.high]).flatten() {
            if !fault::is("masks.tally-forgets-bounds") {
                self.ask(evaluation, space, bound.at, &lanes);
            }
            let seen = evaluation.value_for(space, bound.at, &lanes);
            mask::and_into(&mut lanes, &seen.known(len));
        }
        if space == CUSTOMERS && aggregate.scope == Scope::Row {
            let rows = evaluation.rows_of_customers(aggregate.collection);
            let within = evaluation.window(rows, aggregate.window).0.clone();
            self.rows(evaluation, rows, aggregate, &within, &lanes);
        } else if mask::any(&lanes) {
            evaluation.each_layout(space, aggregate, Some(&lanes), |evaluation, frame| {
                let within = mask::all(evaluation.len(frame.rows));
                self.rows(evaluation, frame.rows, aggregate, &within, &lanes);
            });
        }
    }

    /// Asks for what a fold looks at in its rows, row by row as the interpreter goes, and counts it.
    fn rows(
        &mut self,
        evaluation: &mut Evaluation,
        rows: SpaceId,
        aggregate: &Aggregate,
        within: &[u64],
        parents: &[u64],
    ) {
        let len = evaluation.len(rows);
        let mut visited = mask::none(len);
        for parent in mask::ones(parents) {
            mask::fill(&mut visited, evaluation.spaces[rows.0].lanes_of(parent));
        }
        if !fault::is("masks.tally-looks-beyond-windows") {
            mask::and_into(&mut visited, within);
        }
        let filter = aggregate.filter.map(|filter| (filter, evaluation.value_for(rows, filter, &visited)));
        let mut kept = visited.clone();
        if let Some((_, filter)) = &filter {
            mask::and_into(&mut kept, &filter.yes(len));
        }
        let value = aggregate.value.map(|value| (value, evaluation.value_for(rows, value, &kept)));
        let ends = |stops: &[u64], visited: &mut Words, backwards: bool| {
            for parent in mask::ones(parents) {
                let lanes = evaluation.spaces[rows.0].lanes_of(parent);
                let mut stops = mask::ones_in(stops, lanes.clone());
                match if backwards { stops.next_back() } else { stops.next() } {
                    Some(stop) if backwards => mask::clear(visited, lanes.start..stop),
                    Some(stop) => mask::clear(visited, stop + 1..lanes.end),
                    None => {}
                }
            }
        };
        let has_value = |kept: &[u64]| match &value {
            Some((_, value)) => mask::and(kept, &value.known(len)),
            None => kept.to_vec(),
        };
        match aggregate.kind {
            AggregateKind::Any if fault::is("masks.tally-goes-beyond-any") => {}
            AggregateKind::Every if fault::is("masks.tally-goes-beyond-every") => {}
            AggregateKind::Latest if fault::is("masks.tally-goes-beyond-latest") => {}
            AggregateKind::EarliestRow if fault::is("masks.tally-goes-backwards") => ends(&kept, &mut visited, true),
            AggregateKind::Any => ends(&kept, &mut visited, false),
            AggregateKind::Every => {
                let no = filter.as_ref().map_or_else(|| mask::none(len), |(_, f)| mask::and(&visited, &f.no(len)));
                ends(&no, &mut visited, false);
            }
            AggregateKind::Latest => ends(&has_value(&kept), &mut visited, true),
            AggregateKind::Earliest => ends(&has_value(&kept), &mut visited, false),
            AggregateKind::LatestRow => ends(&kept, &mut visited, true),
            AggregateKind::EarliestRow => ends(&kept, &mut visited, false),
            _ => {}
        }
        mask::and_into(&mut kept, &visited);
        if let Some((filter, _)) = filter {
            self.ask(evaluation, rows, filter, &visited);
        }
        if let Some((value, _)) = value {
            self.ask(evaluation, rows, value, &kept);
        }
        self.down(evaluation, rows);
    }
}

//! One operation for all lanes of a space. Logic is done on masks, comparisons by kernels, whole numbers in loops; all
//! else goes lane by lane through the functions of `seg_ir::operation`.

use std::borrow::Cow;
use std::rc::Rc;

use seg_ir::interpret::Source;
use seg_ir::node::Arithmetic;
use seg_ir::{FieldId, NodeId, Op, Reason, TableId, Type, Value, fault, operation};

use super::Evaluation;
use super::space::{Rows, Space, SpaceId};
use crate::column::Column;
use crate::mask::{self, Words};
use crate::vector::{Filling, Form, Vector};

impl<'b> Evaluation<'b> {
    /// A node's values for the lanes of the space that it belongs to.
    pub(super) fn compute(&mut self, space: SpaceId, id: NodeId) -> Vector<'b> {
        let plan = self.plan;
        let node = plan.context.ir.node(id);
        let lanes = self.len(space);
        if let Some(vector) = self.by_targets(space, id).or_else(|| self.by_column(space, id)) {
            return vector;
        }
        match &node.op {
            Op::Constant(value) => Vector::Same(value.value()),
            Op::AsOf => Vector::Same(Value::Timestamp(plan.context.as_of)),
            Op::Field { table, field, .. } => self.field(space, *table, *field),
            Op::Lookup { pointer, table, field } => self.lookup(space, *pointer, *table, *field, &node.ty),
            Op::Not(a) if fault::is("masks.not-is-lost") => (*self.value(space, *a)).clone(),
            Op::Not(a) => {
                let a = self.value(space, *a);
                Vector::Truth { yes: a.no(lanes).into_owned(), no: a.yes(lanes).into_owned() }
            }
            Op::And(operands) => self.all(space, id, operands, lanes),
            Op::Or(operands) => self.any(space, id, operands, lanes),
            Op::IsKnown(_) if fault::is("masks.all-is-known") => decided(mask::all(lanes), lanes),
            Op::IsTrue(a) if fault::is("masks.is-true-is-unknown-too") => (*self.value(space, *a)).clone(),
            Op::IsFalse(a) if fault::is("masks.unknown-is-false") => {
                decided(mask::without(&mask::all(lanes), &self.value(space, *a).yes(lanes)), lanes)
            }
            Op::IsKnown(a) => decided(self.known(space, *a), lanes),
            Op::IsTrue(a) => decided(self.value(space, *a).yes(lanes).into_owned(), lanes),
            Op::IsFalse(a) => decided(self.value(space, *a).no(lanes).into_owned(), lanes),
            Op::Else(a, b) => {
                let first = self.value(space, *a);
                let known =
                    if fault::is("masks.else-takes-the-second") { mask::none(lanes) } else { first.known(lanes) };
                let open = mask::without(&self.looked_at(space, id), &known);
                let mut filling = Filling::new(&node.ty, lanes);
                filling.take(&known, &first, &node.ty);
                if mask::any(&open) {
                    filling.take(&open, &self.value_for(space, *b, &open), &node.ty);
                }
                filling.finish()
            }
            Op::Choose { arms, otherwise } => self.choose(space, id, arms, *otherwise),
            Op::Compare(comparison, a, b) => {
                let folded = self.compare_fold(space, *comparison, *a, *b);
                match folded.or_else(|| self.compare(space, *comparison, *a, *b)) {
                    Some(vector) => vector,
                    None => self.lane_by_lane(space, id),
                }
            }
            Op::TextTest { test, value, with, ignoring_case } => {
                match self.text_test(space, *test, *value, *with, *ignoring_case) {
                    Some(vector) => vector,
                    None => self.lane_by_lane(space, id),
                }
            }
            Op::InSet { value, set } => match self.in_set(space, *value, set) {
                Some(vector) => vector,
                None => self.lane_by_lane(space, id),
            },
            Op::Matches { value, .. } => self.matches(space, id, *value),
            Op::ListTest { list, all, items } => self.list_test(space, *list, *all, items),
            Op::Arithmetic(arithmetic, a, b) => match self.arithmetic(space, id, *arithmetic, *a, *b) {
                Some(vector) => vector,
                None => self.lane_by_lane(space, id),
            },
            Op::Aggregate(aggregate) => self.aggregate(space, id, aggregate),
            _ => self.lane_by_lane(space, id),
        }
    }

    /// The lanes in which a node has a value. Of a field, without looking at its values.
    pub fn known(&mut self, space: SpaceId, id: NodeId) -> Words {
        match self.known_of_field(space, id) {
            Some(known) => known,
            None => self.value(space, id).known(self.len(space)),
        }
    }

    /// The same of a field whose rows lie together.
    pub(super) fn known_of_field(&self, space: SpaceId, id: NodeId) -> Option<Words> {
        let (column, Rows::From(first)) = (self.column(space, id)?, &self.spaces[space.0].rows) else { return None };
        Some(known_of(column, *first as usize, self.len(space)))
    }

    fn all(&mut self, space: SpaceId, id: NodeId, operands: &[NodeId], lanes: usize) -> Vector<'b> {
        let (mut yes, mut no, mut open) = (mask::all(lanes), mask::none(lanes), self.looked_at(space, id));
        for operand in operands {
            let operand = self.value_for(space, *operand, &open);
            mask::and_into(&mut yes, &operand.yes(lanes));
            if !fault::is("masks.and-is-never-false") {
                mask::or_into(&mut no, &operand.no(lanes));
            }
            mask::without_into(&mut open, &no);
        }
        Vector::Truth { yes, no }
    }

    fn any(&mut self, space: SpaceId, id: NodeId, operands: &[NodeId], lanes: usize) -> Vector<'b> {
        let (mut yes, mut no, mut open) = (mask::none(lanes), mask::all(lanes), self.looked_at(space, id));
        for operand in operands {
            let operand = self.value_for(space, *operand, &open);
            mask::or_into(&mut yes, &operand.yes(lanes));
            match fault::is("masks.unknown-of-or-is-false") {
                true => mask::without_into(&mut no, &operand.yes(lanes)),
                false => mask::and_into(&mut no, &operand.no(lanes)),
            }
            mask::without_into(&mut open, &yes);
        }
        Vector::Truth { yes, no }
    }

    /// The lanes in which a node is to be computed: those looked at just now for folds of rows within rows, all for others.
    fn looked_at(&self, space: SpaceId, id: NodeId) -> Words {
        let wanted = self.wanted.get(&space).filter(|_| self.plan.within_rows[id.0 as usize]);
        wanted.cloned().unwrap_or_else(|| mask::all(self.len(space)))
    }

    fn choose(&mut self, space: SpaceId, id: NodeId, arms: &[(NodeId, NodeId)], otherwise: NodeId) -> Vector<'b> {
        let (lanes, ty) = (self.len(space), self.plan.context.ir.ty(id));
        let (mut filling, mut open) = (Filling::new(ty, lanes), self.looked_at(space, id));
        for (when, value) in arms {
            let when = self.value_for(space, *when, &open);
            let taken = mask::and(&open, &when.yes(lanes));
            if mask::any(&taken) {
                filling.take(&taken, &self.value_for(space, *value, &taken), ty);
                if fault::is("masks.choose-stays-open") {
                    continue;
                }
                mask::without_into(&mut open, &taken);
            }
        }
        if mask::any(&open) && !fault::is("masks.otherwise-is-left-out") {
            filling.take(&open, &self.value_for(space, otherwise, &open), ty);
        }
        filling.finish()
    }

    /// The column of a node that is a field of the space's own rows.
    pub(super) fn column(&self, space: SpaceId, id: NodeId) -> Option<&'b Column> {
        let node = self.plan.context.ir.node(id);
        let Op::Field { table, field, scope } = node.op else { return None };
        (scope == self.spaces[space.0].scope).then(|| self.column_of(table, field)).flatten()
    }

    fn column_of(&self, table: TableId, field: FieldId) -> Option<&'b Column> {
        self.batch?.column(table, field)
    }

    pub(super) fn field(&self, space: SpaceId, table: TableId, field: FieldId) -> Vector<'b> {
        let at = &self.spaces[space.0];
        self.column_of(table, field).map_or_else(Vector::missing, |column| column_vector(column, at))
    }

    /// A condition on the row that a pointer leads to, decided for all rows of its table before.
    fn by_targets(&mut self, space: SpaceId, id: NodeId) -> Option<Vector<'b>> {
        let (plan, lanes) = (self.plan, self.len(space));
        let pointer = plan.through[id.0 as usize].filter(|_| *plan.context.ir.ty(id) == Type::Bool)?;
        let (batch, decided) = (self.batch?, self.decided?);
        let decided = decided.of(plan, batch, pointer, id);
        let pointers = self.value(space, pointer);
        let Vector::Whole { values, known } = &*pointers else { return None };
        let (mut yes, mut no) = (mask::none(lanes), mask::none(lanes));
        for lane in mask::ones(known) {
            let row = values[lane] as usize;
            let row = if fault::is("masks.targets-are-shifted") { row.saturating_sub(1) } else { row };
            yes[lane / 64] |= u64::from(mask::has(&decided.yes, row)) << (lane % 64);
            no[lane / 64] |= u64::from(mask::has(&decided.no, row)) << (lane % 64);
        }
        if let Some(truth) = decided.without.filter(|_| !fault::is("masks.missing-pointer-is-unknown")) {
            let truth = truth && !fault::is("masks.missing-pointer-is-false");
            let nowhere = mask::without(&mask::all(lanes), known);
            mask::or_into(if truth { &mut yes } else { &mut no }, &nowhere);
        }
        Some(Vector::Truth { yes, no })
    }

    fn lookup(&mut self, space: SpaceId, pointer: NodeId, table: TableId, field: FieldId, ty: &Type) -> Vector<'b> {
        if self.target_of == Some(pointer) {
            return self.field(space, table, field);
        }
        let (lanes, of) = (self.len(space), self.plan.context.ir.ty(pointer));
        let pointer = self.value(space, pointer);
        let mut filling = Filling::new(ty, lanes);
        if let Some(batch) = self.batch {
            for lane in mask::ones(&pointer.known(lanes)) {
                if let Value::Reference(row) = pointer.value(lane, of) {
                    let row = if fault::is("masks.lookup-takes-the-first-row") { 0 } else { row };
                    filling.set(lane, batch.tables().field(table, field, row));
                }
            }
        }
        filling.finish()
    }

    /// Whole numbers in loops; `None` for pairs of types that go lane by lane.
    fn arithmetic(&mut self, space: SpaceId, id: NodeId, op: Arithmetic, a: NodeId, b: NodeId) -> Option<Vector<'b>> {
        let ir = self.plan.context.ir;
        let (ty_a, ty_b) = (ir.ty(a), ir.ty(b));
        let like = ty_a == ty_b || (op == Arithmetic::Multiply && (*ty_a == Type::Int || *ty_b == Type::Int));
        if !like || op == Arithmetic::Divide || Form::of(ir.ty(id)) != Form::Whole || Form::of(ty_a) != Form::Whole {
            return None;
        }
        let lanes = self.len(space);
        let (left, right) = (self.value(space, a), self.value(space, b));
        let known = mask::and(&left.known(lanes), &right.known(lanes));
        let (left, right) = (wholes(&left, lanes)?, wholes(&right, lanes)?);
        let compute = match op {
            Arithmetic::Add => i64::overflowing_add,
            Arithmetic::Subtract => i64::overflowing_sub,
            _ => i64::overflowing_mul,
        };
        let (mut values, mut over) = (Vec::with_capacity(lanes), mask::none(lanes));
        for (lane, (x, y)) in left.iter().zip(right.iter()).enumerate() {
            let (value, overflows) = compute(*x, *y);
            values.push(value);
            over[lane / 64] |= u64::from(overflows) << (lane % 64);
        }
        mask::and_into(&mut over, &known);
        if fault::is("masks.overflow-wraps") {
            over.fill(0);
        }
        mask::ones(&over).for_each(|lane| self.fault(space, id, Reason::Overflow, lane));
        Some(Vector::Whole { values: values.into(), known: mask::without(&known, &over) })
    }

    fn matches(&mut self, space: SpaceId, id: NodeId, value: NodeId) -> Vector<'b> {
        let plan = self.plan;
        let Some(regex) = plan.patterns.get(&id) else { return Vector::missing() };
        self.test_each(space, value, |value| value.as_text().map(|text| regex.is_match(text)))
    }

    /// A condition over one node, value by value.
    pub(super) fn test_each(
        &mut self,
        space: SpaceId,
        of: NodeId,
        test: impl Fn(&Value) -> Option<bool>,
    ) -> Vector<'b> {
        let (lanes, ty) = (self.len(space), self.plan.context.ir.ty(of));
        let vector = self.value(space, of);
        if let Vector::Same(value) = &*vector {
            return Vector::Same(test(value).map_or(Value::Missing(Reason::NotGiven), Value::Bool));
        }
        let (mut yes, mut no) = (mask::none(lanes), mask::none(lanes));
        for lane in mask::ones(&vector.known(lanes)) {
            match test(&vector.value(lane, ty)) {
                Some(true) => mask::set(&mut yes, lane),
                Some(false) if fault::is("masks.test-is-true-or-unknown") => {}
                Some(false) => mask::set(&mut no, lane),
                None => {}
            }
        }
        Vector::Truth { yes, no }
    }

    fn list_test(&mut self, space: SpaceId, list: NodeId, all: bool, items: &[NodeId]) -> Vector<'b> {
        let (lanes, ir) = (self.len(space), self.plan.context.ir);
        let held = self.value(space, list);
        let asked: Vec<Rc<Vector>> = items.iter().map(|item| self.value(space, *item)).collect();
        let mut filling = Filling::new(&Type::Bool, lanes);
        for lane in mask::ones(&held.known(lanes)) {
            if let Value::List(held) = held.value(lane, ir.ty(list)) {
                let items = asked.iter().zip(items).map(|(item, id)| item.value(lane, ir.ty(*id)));
                let all = all != fault::is("masks.all-of-a-list-is-any");
                filling.set(lane, operation::list_test(&held, all, items));
            }
        }
        filling.finish()
    }

    /// A strict operation, by its scalar function, in every lane whose operands are known.
    fn lane_by_lane(&mut self, space: SpaceId, id: NodeId) -> Vector<'b> {
        let plan = self.plan;
        let (ir, lanes) = (plan.context.ir, self.len(space));
        let node = ir.node(id);
        let mut operands: Vec<(Rc<Vector>, &Type)> = Vec::new();
        node.op.for_each_operand(|operand| operands.push((self.value(space, operand), ir.ty(operand))));
        let mut known = mask::all(lanes);
        operands.iter().for_each(|(vector, _)| mask::and_into(&mut known, &vector.known(lanes)));
        let mut filling = Filling::new(&node.ty, lanes);
        let mut values: Vec<Value> = Vec::with_capacity(operands.len());
        for lane in mask::ones(&known) {
            values.clear();
            values.extend(operands.iter().map(|(vector, ty)| vector.value(lane, ty)));
            let value = match &node.op {
                Op::Call { builtin, .. } => operation::call(*builtin, &values, plan.context.vocabulary),
                op => operation::apply(op, &values, plan.context.zone),
            };
            match value {
                Value::Missing(_) if fault::is("masks.fault-is-not-noted") => {}
                Value::Missing(reason) if reason.is_fault() => self.fault(space, id, reason, lane),
                value => filling.set(lane, value),
            }
        }
        filling.finish()
    }
}

/// A condition that is known in every lane.
pub(super) fn decided(yes: Words, lanes: usize) -> Vector<'static> {
    let no = mask::without(&mask::all(lanes), &yes);
    Vector::Truth { yes, no }
}

/// The whole numbers of a vector.
pub(super) fn wholes<'v>(vector: &'v Vector, lanes: usize) -> Option<Cow<'v, [i64]>> {
    match vector {
        Vector::Whole { values, .. } => Some(Cow::Borrowed(values)),
        Vector::Same(Value::Missing(_)) => Some(Cow::Owned(vec![0; lanes])),
        Vector::Same(value) => crate::vector::whole(value).map(|number| Cow::Owned(vec![number; lanes])),
        _ => None,
    }
}

/// Which of a column's rows have a value.
pub(super) fn known_of(column: &Column, first: usize, lanes: usize) -> Words {
    let mut known = mask::none(lanes);
    known_in(column, first, lanes, &mut known);
    known
}

/// The same, written to where it is wanted.
pub(super) fn known_in(column: &Column, first: usize, lanes: usize, out: &mut [u64]) {
    match column.nulls() {
        _ if matches!(column, Column::Unread(_)) => out.fill(0),
        Some(nulls) if !fault::is("masks.null-mask-is-ignored") => {
            let first = if fault::is("masks.null-mask-is-of-the-first-rows") { 0 } else { first };
            mask::copy_buffer(nulls.inner(), first, lanes, out);
        }
        _ => {
            out.fill(u64::MAX);
            mask::clear_tail(out, lanes);
        }
    }
}

/// The values of a column for the rows of a space.
fn column_vector<'b>(column: &'b Column, space: &Space) -> Vector<'b> {
    let lanes = space.len;
    let known = match &space.rows {
        Rows::From(first) => known_of(column, *first as usize, lanes),
        Rows::Listed(rows) => {
            let mut known = mask::none(lanes);
            for (lane, row) in rows.iter().enumerate() {
                let has = column.nulls().is_none_or(|n| n.is_valid(*row as usize))
                    || fault::is("masks.listed-nulls-are-ignored");
                known[lane / 64] |= u64::from(has && !matches!(column, Column::Unread(_))) << (lane % 64);
            }
            known
        }
    };
    /// The numbers of the space's rows, of another width.
    fn widened<T: Copy>(values: &[T], rows: &Rows, lanes: usize, make: impl Fn(T) -> i64) -> Cow<'static, [i64]> {
        match rows {
            Rows::From(_) if fault::is("masks.values-are-of-the-first-rows") => {
                values[..lanes].iter().map(|v| make(*v)).collect()
            }
            Rows::From(first) => values[*first as usize..][..lanes].iter().map(|v| make(*v)).collect(),
            Rows::Listed(rows) => rows.iter().map(|row| make(values[*row as usize])).collect(),
        }
    }
    /// The numbers of the space's rows, where they lie if they lie together.
    fn rows_of<'b, T: Copy>(values: &'b [T], rows: &Rows, lanes: usize) -> Cow<'b, [T]> {
        match rows {
            Rows::From(_) if fault::is("masks.numbers-are-of-the-first-rows") => Cow::Borrowed(&values[..lanes]),
            Rows::From(first) => Cow::Borrowed(&values[*first as usize..][..lanes]),
            Rows::Listed(rows) => rows.iter().map(|row| values[*row as usize]).collect(),
        }
    }
    let rows = &space.rows;
    match column {
        Column::Bool(a) => {
            let mut yes = known.clone();
            match rows {
                Rows::From(first) => mask::and_into(&mut yes, &mask::of_buffer(a.values(), *first as usize, lanes)),
                Rows::Listed(rows) => {
                    for (lane, row) in rows.iter().enumerate() {
                        yes[lane / 64] &= !(u64::from(!a.value(*row as usize)) << (lane % 64));
                    }
                }
            }
            let no = mask::without(&known, &yes);
            Vector::Truth { yes, no }
        }
        Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => {
            Vector::Whole { values: rows_of(a.values(), rows, lanes), known }
        }
        Column::Date(a) | Column::TimeOfDay(a) => {
            Vector::Whole { values: widened(a.values(), rows, lanes, i64::from), known }
        }
        Column::Enum(a) | Column::Reference(a) => {
            Vector::Whole { values: widened(a.values(), rows, lanes, i64::from), known }
        }
        Column::Number(a) => Vector::Float { values: rows_of(a.values(), rows, lanes), known },
        Column::Text(_) | Column::List(_) => {
            Vector::Other { values: (0..lanes).map(|lane| column.value(rows.row(lane) as usize)).collect(), known }
        }
        Column::Unread(_) => Vector::missing(),
    }
}

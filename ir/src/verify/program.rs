//! The verifier of a whole program: what it declares, its clauses, its readings and its tests, each beside the node that
//! it speaks of.

use std::collections::HashSet;

use super::value::{Checked, constant, ensure, is_instant, one_line, prose};
use super::{depth, schema, verify};
use crate::limits::DEPTH_MAX;
use crate::node::{Ir, NodeId, Op, Scope};
use crate::program::{Attribute, Clause, ClauseKind, Expect, Piece, Place, Program, Segment, Sentence, Test};
use crate::record::Record;
use crate::schema::{FieldId, PROFILE, Schema, TableId};
use crate::types::Type;
use crate::value::Const;

/// Bounds on the work of verifying: folds times nodes, and patterns, which are compiled to be checked.
const WORK_MAX: u64 = 1 << 30;
const PATTERNS_MAX: usize = 4_096;

/// Checks a program, trusting nothing of it but its vocabulary, its zone and that operands stand before their users.
/// **Errors**: the first fault, in words.
pub fn program(program: &Program) -> Checked {
    one_line(&program.name)?;
    schema::schema(&program.schema).map_err(|reason| format!("the schema: {reason}"))?;
    nodes(&program.ir, program)?;
    ensure(program.places.len() == program.ir.len(), || "as many places as nodes belong to it".into())?;
    program.places.iter().flatten().try_for_each(place)?;
    let verifier = Verifier { program };
    let mut names = HashSet::new();
    for declared in &program.attributes {
        let unique = !declared.own || names.insert(declared.name.as_str());
        ensure(unique, || format!("`{}` is declared twice", declared.name))?;
        verifier.attribute(declared).map_err(|reason| format!("the attribute `{}`: {reason}", declared.name))?;
    }
    for declared in &program.segments {
        let unique = !declared.own || names.insert(declared.name.as_str());
        ensure(unique, || format!("`{}` is declared twice", declared.name))?;
        verifier.segment(declared).map_err(|reason| format!("the segment `{}`: {reason}", declared.name))?;
    }
    running(program).map_err(|reason| format!("what runs: {reason}"))?;
    for test in &program.tests {
        verifier.test(test).map_err(|reason| format!("the test `{}`: {reason}", test.name))?;
    }
    Ok(())
}

/// What runs has a node of the right type for everything that is declared, and knows where each node comes from.
fn running(program: &Program) -> Checked {
    let run = &program.optimised;
    nodes(&run.ir, program)?;
    let declared = program.attributes.iter().map(|a| a.node).chain(program.segments.iter().map(|s| s.node));
    let (attributes, segments) = (program.attributes.len(), program.segments.len());
    let as_many = (run.attributes.len(), run.segments.len()) == (attributes, segments);
    ensure(as_many, || "it declares something else".into())?;
    for (own, stand_in) in declared.zip(run.attributes.iter().chain(&run.segments)) {
        let same = root(&run.ir, *stand_in, Scope::Customer)? == root(&program.ir, own, Scope::Customer)?;
        ensure(same, || "a node of another type".into())?;
    }
    let known = run.origin.len() == run.ir.len() && run.origin.iter().all(|id| (id.0 as usize) < program.ir.len());
    ensure(known, || "it does not know where its nodes come from".into())
}

/// Checks an IR of a program, its own or one that stands for it.
fn nodes(ir: &Ir, program: &Program) -> Checked {
    let patterns = ir.nodes.iter().filter(|n| matches!(n.op, Op::Matches { .. })).count();
    ensure(patterns <= PATTERNS_MAX, || format!("it has {patterns} patterns, and {PATTERNS_MAX} are allowed"))?;
    verify(ir, &program.schema, program.vocabulary).map_err(|f| format!("node {}: {}", f.node.0, f.reason))?;
    let depth = depth(ir);
    ensure(depth <= DEPTH_MAX, || {
        format!("its definitions hang {depth} deep from one another, and {DEPTH_MAX} are allowed")
    })?;
    let folds = ir.nodes.iter().filter(|n| matches!(n.op, Op::Aggregate(_))).count() as u64;
    ensure(folds.saturating_mul(ir.len() as u64) <= WORK_MAX, || "it is too large to be verified".into())
}

/// A node that an outsider names: it is there and depends on no row.
fn root(ir: &Ir, id: NodeId, scope_max: Scope) -> Result<&Type, String> {
    let node = ir.nodes.get(id.0 as usize).ok_or("no such node")?;
    ensure(node.scope <= scope_max, || format!("a node of scope {:?}, where {scope_max:?} belongs", node.scope))?;
    Ok(&node.ty)
}

fn place(place: &Place) -> Checked {
    one_line(&place.path)
}

struct Verifier<'a> {
    program: &'a Program,
}

impl Verifier<'_> {
    fn root(&self, id: NodeId) -> Result<&Type, String> {
        root(&self.program.ir, id, Scope::Customer)
    }

    fn bool(&self, id: NodeId) -> Checked {
        ensure(*self.root(id)? == Type::Bool, || "it is no condition".into())
    }

    fn attribute(&self, attribute: &Attribute) -> Checked {
        one_line(&attribute.name)?;
        attribute.doc.as_deref().map_or(Ok(()), prose)?;
        place(&attribute.place)?;
        ensure(*self.root(attribute.node)? == attribute.ty, || "it is not of its node's type".into())?;
        self.clause(&attribute.clause)?;
        self.sentence(&attribute.reading)
    }

    fn segment(&self, segment: &Segment) -> Checked {
        one_line(&segment.name)?;
        segment.title.as_deref().map_or(Ok(()), one_line)?;
        segment.doc.as_deref().map_or(Ok(()), prose)?;
        place(&segment.place)?;
        self.bool(segment.node)?;
        self.clause(&segment.clause)?;
        self.sentence(&segment.reading)
    }

    /// A clause and all below it. A clause's parts are conditions; by itself it may be a value.
    fn clause(&self, clause: &Clause) -> Checked {
        let mut open = vec![clause];
        while let Some(clause) = open.pop() {
            one_line(&clause.text)?;
            place(&clause.place)?;
            self.root(clause.node)?;
            self.operands(&clause.operands)?;
            let parts = clause.parts.len();
            let fits = match clause.kind {
                ClauseKind::All | ClauseKind::AnyOf | ClauseKind::Choice => parts > 0,
                ClauseKind::Not => parts == 1,
                ClauseKind::Leaf => parts <= 1,
            };
            ensure(fits, || "a clause with a wrong number of parts".into())?;
            for part in &clause.parts {
                self.bool(part.node)?;
            }
            open.extend(&clause.parts);
        }
        Ok(())
    }

    fn operands(&self, operands: &[(String, NodeId)]) -> Checked {
        operands.iter().try_for_each(|(text, node)| {
            one_line(text)?;
            self.root(*node).map(|_| ())
        })
    }

    fn sentence(&self, sentence: &Sentence) -> Checked {
        sentence.needs.iter().try_for_each(|need| one_line(need))?;
        sentence.pieces.iter().try_for_each(|piece| match piece {
            Piece::Words(words) => prose(words),
            Piece::Moment(at) | Piece::From { at, .. } | Piece::Until { at, .. } => {
                root(&self.program.ir, *at, Scope::Run).map(|_| ())
            }
        })
    }

    fn test(&self, test: &Test) -> Checked {
        one_line(&test.name)?;
        place(&test.place)?;
        ensure(is_instant(test.as_of), || "its instant is beyond the years 1 to 9999".into())?;
        self.record(&test.record, test.as_of)?;
        test.expects.iter().try_for_each(|expect| self.expect(expect))
    }

    fn expect(&self, expect: &Expect) -> Checked {
        one_line(&expect.text)?;
        place(&expect.place)?;
        self.bool(expect.node)?;
        self.operands(&expect.operands)
    }

    /// A test's record: of the schema's shape, its pointers to rows that it has, its events as the rules of time ask.
    fn record(&self, record: &Record, as_of: i64) -> Checked {
        let schema = &self.program.schema;
        let (tables, collections) = record.parts();
        ensure(tables.len() == schema.tables.len(), || "its record has other tables".into())?;
        let same = collections.iter().map(|(table, _)| *table).eq(schema.collections.iter().map(|c| c.table));
        ensure(same, || "its record has other collections".into())?;
        let rows = |id: TableId| tables.get(id.0 as usize).map_or(0, Vec::len);
        ensure(rows(PROFILE) == 1, || "its record is not one customer".into())?;
        for (id, declared) in schema.table_ids() {
            for row in tables.get(id.0 as usize).into_iter().flatten() {
                ensure(row.len() == declared.fields.len(), || {
                    format!("a row of `{}` of another length", declared.name)
                })?;
                for (value, (field, _)) in row.iter().zip(declared.field_ids()) {
                    cell(schema, id, field, value, &rows)?;
                }
            }
        }
        let mut sealed = record.clone();
        sealed.seal(schema, &self.program.zone, as_of);
        ensure(sealed == *record, || "its events are not in their order, or later than its instant".into())
    }
}

fn cell(schema: &Schema, table: TableId, field: FieldId, value: &Const, rows: &impl Fn(TableId) -> usize) -> Checked {
    match (value, &schema.field(table, field).ty) {
        (Const::Reference(row), Type::Reference(to)) => {
            ensure((*row as usize) < rows(*to), || "its record points to a row that it does not have".into())
        }
        (value, ty) => constant(schema, value, ty),
    }
}

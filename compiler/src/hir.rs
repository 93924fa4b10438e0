//! The typed tree: every name resolved to an id, every expression typed. Spans remain, so that everything that is said
//! about it points to the author's text. Built by `check`, read by all later passes.

use seg_grammar::Span;
use seg_grammar::ast;
use seg_ir::node::{AggregateKind, Arithmetic, Comparison, Scope, TextTest};
use seg_ir::schema::{CollectionId, FieldId, TableId};
use seg_ir::time::{Part, Unit};
use seg_ir::{Const, Type};

/// Names an expression of a [`Hir`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionId(pub u32);

/// Everything that the playbook computes.
#[derive(Debug, Default)]
pub struct Hir {
    pub exprs: Vec<Expr>,
    /// By expression: how many hang from one another below it, through names.
    pub depths: Vec<u32>,
    pub attributes: Vec<Attribute>,
    pub segments: Vec<Segment>,
    pub decisions: Vec<Decision>,
    pub tests: Vec<Test>,
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub span: Span,
    pub ty: Ty,
    pub kind: Kind,
}

/// A type, or the mark of an error that was already told, which fits everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    Of(Type),
    /// The word `missing` as a result: fits every type.
    Missing,
    /// A row of a collection: only its fields and its presence can be asked.
    Row(TableId),
    Error,
}

impl Ty {
    pub fn get(&self) -> Option<&Type> {
        match self {
            Ty::Of(ty) => Some(ty),
            Ty::Missing | Ty::Row(_) | Ty::Error => None,
        }
    }

    pub fn is(&self, ty: &Type) -> bool {
        self.get() == Some(ty)
    }
}

#[derive(Debug, Clone)]
pub enum Kind {
    Error,
    Constant(Const),
    AsOf,
    Field {
        scope: Scope,
        table: TableId,
        field: FieldId,
    },
    Lookup {
        pointer: ExprId,
        table: TableId,
        field: FieldId,
    },
    Attribute(AttributeId),
    Segment(SegmentId),

    Not(ExprId),
    And(Vec<ExprId>),
    Or(Vec<ExprId>),
    Is {
        value: ExprId,
        state: State,
        negated: bool,
    },
    Else(ExprId, ExprId),
    Compare {
        op: Comparison,
        left: ExprId,
        right: ExprId,
    },
    TextTest {
        test: TextTest,
        value: ExprId,
        with: ExprId,
        ignoring_case: bool,
        negated: bool,
    },
    Matches {
        value: ExprId,
        pattern: String,
        ignoring_case: bool,
    },
    InSet {
        value: ExprId,
        set: Vec<Const>,
        ignoring_case: bool,
        negated: Option<Span>,
    },
    /// Whether a list holds any, or all, of the items.
    ListTest {
        list: ExprId,
        all: bool,
        items: Vec<ExprId>,
        negated: Option<Span>,
    },
    ListCount(ExprId),
    Between {
        value: ExprId,
        low: ExprId,
        high: ExprId,
    },
    InWindow {
        value: ExprId,
        window: Window,
        negated: Option<Span>,
    },
    /// Whether an anniversary of the date falls into a window of dates.
    AnniversaryIn {
        date: ExprId,
        window: Window,
        negated: Option<Span>,
    },

    Arithmetic {
        op: Arithmetic,
        left: ExprId,
        right: ExprId,
    },
    Negate(ExprId),
    PercentOf(ExprId, ExprId),
    /// A whole number where a Number is wanted.
    ToNumber(ExprId),
    CivilDate(ExprId),
    StartOfDay(ExprId),
    StartOf(Unit, ExprId),
    Shift {
        value: ExprId,
        by: ExprId,
        back: bool,
    },
    Part(Part, ExprId),
    Elapsed {
        unit: Unit,
        direction: ast::Direction,
        of: ExprId,
    },
    NextAnniversary(ExprId),

    Choose {
        arms: Vec<(ExprId, ExprId)>,
        otherwise: Option<ExprId>,
    },
    Match {
        subject: ExprId,
        arms: Vec<MatchArm>,
    },
    Decide {
        decision: DecisionId,
        arguments: Vec<ExprId>,
    },
    Call {
        builtin: u32,
        arguments: Vec<ExprId>,
    },
    Aggregate(Box<Aggregate>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Known,
    Missing,
    Unknown,
    True,
    False,
}

#[derive(Debug, Clone)]
pub struct MatchArm {
    pub patterns: Vec<Pattern>,
    pub value: ExprId,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    Value(Const),
    /// The members that no other arm names.
    Any,
    Missing,
    Otherwise,
}

#[derive(Debug, Clone)]
pub struct Aggregate {
    pub kind: AggregateKind,
    /// `none` is `any`, negated.
    pub none: bool,
    pub collection: CollectionId,
    pub scope: Scope,
    pub window: Option<Window>,
    pub filter: Option<ExprId>,
    pub value: Option<ExprId>,
    pub then_no: Option<ThenNo>,
    /// The name as called: `count`, `most_frequent`.
    pub callee: Span,
}

/// `then no orders where ... within 2 days of v`
#[derive(Debug, Clone)]
pub struct ThenNo {
    pub span: Span,
    pub collection: CollectionId,
    pub filter: Option<ExprId>,
    /// The outer row's time, and that time plus the length: the window of what must not follow.
    pub from: ExprId,
    pub until: ExprId,
    pub within: ast::Quantity,
}

/// The bounds of a window and the words they were made from.
#[derive(Debug, Clone)]
pub struct Window {
    pub span: Span,
    pub low: Option<(ExprId, bool)>,
    pub high: Option<(ExprId, bool)>,
    pub words: ast::WindowKind,
}

#[derive(Debug)]
pub struct Attribute {
    pub name: ast::Ident,
    pub doc: Option<String>,
    pub value: ExprId,
    pub ty: Ty,
    pub item: ItemRef,
}

#[derive(Debug)]
pub struct Segment {
    pub name: ast::Ident,
    pub title: Option<String>,
    pub doc: Option<String>,
    /// `when` and every negated `except`, all of which must be true.
    pub clauses: Vec<ExprId>,
    /// How many of them, at the end, were written as `except`.
    pub excepts: usize,
    /// The conjunction of the clauses.
    pub condition: ExprId,
    pub item: ItemRef,
}

/// A decision table, read from the top.
#[derive(Debug)]
pub struct Decision {
    pub name: ast::Ident,
    pub doc: Option<String>,
    pub parameters: Vec<Parameter>,
    pub result: Type,
    pub unique: Option<Span>,
    pub rows: Vec<Row>,
    pub item: ItemRef,
}

#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub ty: Type,
    pub optional: Optional,
}

/// Whether a parameter may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    Stated(bool),
    /// As the attribute whose name it has.
    AsAttribute(AttributeId),
}

#[derive(Debug)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub result: ExprId,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Matches known values.
    Any,
    Missing,
    Compare(Comparison, Const),
    Between(Const, Const),
    OneOf(Vec<Const>),
    /// Already told; matches nothing.
    Error,
}

#[derive(Debug)]
pub struct Test {
    pub name: String,
    pub span: Span,
    pub as_of: i64,
    pub record: seg_ir::Record,
    pub expects: Vec<Expect>,
}

#[derive(Debug)]
pub struct Expect {
    pub span: Span,
    pub condition: ExprId,
    /// `expect not in`: false or unknown will do.
    pub not_in: bool,
}

/// Which item of which file a declaration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemRef {
    pub module: u32,
    pub item: u32,
}

impl Hir {
    pub fn expr(&self, id: ExprId) -> &Expr {
        // INVARIANT: ids are made by `add` of the same tree.
        &self.exprs[id.0 as usize]
    }

    /// Adds an expression; `below` is the depth of the definition that it names, if it names one.
    pub fn add(&mut self, span: Span, ty: Ty, kind: Kind, below: u32) -> ExprId {
        let mut depth = below;
        kind.each_child(|id| depth = depth.max(self.depth(id)));
        self.exprs.push(Expr { span, ty, kind });
        self.depths.push(depth + 1);
        ExprId(self.exprs.len() as u32 - 1)
    }

    pub fn depth(&self, id: ExprId) -> u32 {
        self.depths.get(id.0 as usize).copied().unwrap_or(0)
    }

    pub fn attribute(&self, id: AttributeId) -> &Attribute {
        &self.attributes[id.0 as usize]
    }

    pub fn segment(&self, id: SegmentId) -> &Segment {
        &self.segments[id.0 as usize]
    }

    pub fn decision(&self, id: DecisionId) -> &Decision {
        &self.decisions[id.0 as usize]
    }
}

impl Kind {
    /// Calls `visit` with every expression right below.
    pub fn each_child(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            Kind::Error
            | Kind::Constant(_)
            | Kind::AsOf
            | Kind::Field { .. }
            | Kind::Attribute(_)
            | Kind::Segment(_) => {}
            Kind::Lookup { pointer: a, .. }
            | Kind::Not(a)
            | Kind::Is { value: a, .. }
            | Kind::Matches { value: a, .. }
            | Kind::InSet { value: a, .. }
            | Kind::ListCount(a)
            | Kind::Negate(a)
            | Kind::ToNumber(a)
            | Kind::CivilDate(a)
            | Kind::StartOfDay(a)
            | Kind::StartOf(_, a)
            | Kind::Part(_, a)
            | Kind::Elapsed { of: a, .. }
            | Kind::NextAnniversary(a) => visit(*a),
            Kind::Else(a, b)
            | Kind::Compare { left: a, right: b, .. }
            | Kind::TextTest { value: a, with: b, .. }
            | Kind::Arithmetic { left: a, right: b, .. }
            | Kind::PercentOf(a, b)
            | Kind::Shift { value: a, by: b, .. } => [*a, *b].into_iter().for_each(visit),
            Kind::And(parts) | Kind::Or(parts) => parts.iter().copied().for_each(visit),
            Kind::ListTest { list, items, .. } => [*list].iter().chain(items).copied().for_each(visit),
            Kind::Between { value, low, high } => [*value, *low, *high].into_iter().for_each(visit),
            Kind::InWindow { value, window, .. } | Kind::AnniversaryIn { date: value, window, .. } => {
                visit(*value);
                window.bounds().for_each(visit);
            }
            Kind::Choose { arms, otherwise } => {
                arms.iter().flat_map(|(when, value)| [*when, *value]).chain(*otherwise).for_each(visit);
            }
            Kind::Match { subject, arms } => {
                visit(*subject);
                arms.iter().map(|arm| arm.value).for_each(visit);
            }
            Kind::Decide { arguments, .. } | Kind::Call { arguments, .. } => {
                arguments.iter().copied().for_each(visit);
            }
            Kind::Aggregate(aggregate) => {
                aggregate.window.iter().flat_map(Window::bounds).for_each(&mut visit);
                aggregate.filter.into_iter().chain(aggregate.value).for_each(&mut visit);
                let then = aggregate.then_no.iter().flat_map(|t| [Some(t.from), Some(t.until), t.filter]);
                then.flatten().for_each(visit);
            }
        }
    }

    /// The expressions right below.
    pub fn children(&self) -> Vec<ExprId> {
        let mut children = Vec::new();
        self.each_child(|id| children.push(id));
        children
    }
}

impl Window {
    pub fn bounds(&self) -> impl Iterator<Item = ExprId> {
        [self.low, self.high].into_iter().flatten().map(|(at, _)| at)
    }
}

//! Names and types: from the syntax tree to the typed tree. Says nothing of missing values: that is the pass after it.

use std::cell::Cell;
use std::collections::HashMap;

use seg_grammar::ast::{self, ItemKind};
use seg_grammar::{Code, Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::node::Scope;
use seg_ir::schema::TableId;

use crate::declare::Names;
use crate::hir::{
    Attribute, AttributeId, Decision, DecisionId, Expr, ExprId, Hir, ItemRef, Kind, Segment, SegmentId, Ty,
};
use crate::limits::{DEFINITIONS_MAX, DEPTH_MAX, SPELLINGS_MAX};
use crate::modules::{Modules, Sources};
use crate::schema::{Schemas, TypeNames};

mod aggregate;
mod arithmetic;
mod call;
mod choice;
mod compare;
mod decision;
mod expression;
mod literal;
mod path;
mod window;

pub use literal::{days, instant, list_of, literal_as};

/// The typed tree, and how many names misspelt ones were compared with.
pub fn check(
    modules: &Modules,
    names: &Names,
    schemas: &Schemas,
    sources: &Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Hir, u64) {
    let mut checker = Checker {
        modules,
        names,
        schemas,
        sources,
        diagnostics,
        hir: Hir::default(),
        attributes: names.attribute_items.iter().map(|_| Progress::Waiting).collect(),
        segments: names.segment_items.iter().map(|_| Progress::Waiting).collect(),
        decisions: names.decision_items.iter().map(|_| Progress::Waiting).collect(),
        done_attributes: HashMap::new(),
        done_segments: HashMap::new(),
        done_decisions: HashMap::new(),
        path: Vec::new(),
        depth_below: Vec::new(),
        nesting: 0,
        spellings: Cell::new(0),
    };
    for n in 0..names.decision_items.len() {
        checker.decision(DecisionId(n as u32));
    }
    for n in 0..names.attribute_items.len() {
        checker.attribute(AttributeId(n as u32));
    }
    for n in 0..names.segment_items.len() {
        checker.segment(SegmentId(n as u32));
    }
    checker.finish()
}

/// How far a definition has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Waiting,
    UnderWay,
    /// Checked; how many definitions deep it is.
    Done(usize),
}

pub(crate) struct Checker<'a> {
    modules: &'a Modules,
    names: &'a Names,
    pub(crate) schemas: &'a Schemas,
    sources: &'a Sources,
    diagnostics: &'a mut Vec<Diagnostic>,
    pub(crate) hir: Hir,
    attributes: Vec<Progress>,
    segments: Vec<Progress>,
    decisions: Vec<Progress>,
    done_attributes: HashMap<AttributeId, Attribute>,
    done_segments: HashMap<SegmentId, Segment>,
    done_decisions: HashMap<DecisionId, Decision>,
    /// The definitions under way, with where each was asked for.
    path: Vec<(String, Span)>,
    /// For each definition under way, the depth of the deepest it uses.
    depth_below: Vec<usize>,
    /// How many expressions are under way, one within the other, through names.
    nesting: u32,
    /// Names that were compared with misspelt ones.
    spellings: Cell<u64>,
}

/// Which names an expression can see besides the playbook's.
#[derive(Clone, Default)]
pub(crate) struct Env {
    /// The rows at hand, the outer one first.
    rows: Vec<RowEnv>,
}

#[derive(Clone)]
struct RowEnv {
    table: TableId,
    scope: Scope,
    alias: Option<String>,
}

impl Env {
    fn with(&self, table: TableId, scope: Scope, alias: Option<String>) -> Env {
        let mut env = self.clone();
        env.rows.push(RowEnv { table, scope, alias });
        env
    }
}

impl Checker<'_> {
    fn finish(mut self) -> (Hir, u64) {
        for at in &self.names.test_items {
            crate::tests_block::test(&mut self, *at);
        }
        self.hir.attributes = in_order(&mut self.done_attributes);
        self.hir.segments = in_order(&mut self.done_segments);
        self.hir.decisions = in_order(&mut self.done_decisions);
        (self.hir, self.spellings.get())
    }

    pub(crate) fn names(&self) -> &Names {
        self.names
    }

    pub(crate) fn item_kind(&self, at: ItemRef) -> &ItemKind {
        // The tree outlives the pass; the borrow is of the modules, not of the checker.
        &self.modules.item(at).1.kind
    }

    pub(crate) fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn add(&mut self, span: Span, ty: Type, kind: Kind) -> ExprId {
        self.make(span, Ty::Of(ty), kind)
    }

    /// Adds an expression, unless it would hang too deep; `DEPTH_MAX` is held here and nowhere else.
    pub(crate) fn make(&mut self, span: Span, ty: Ty, kind: Kind) -> ExprId {
        let below = match &kind {
            Kind::Attribute(id) => self.done_attributes.get(id).map(|a| a.value),
            Kind::Segment(id) => self.done_segments.get(id).map(|s| s.condition),
            _ => None,
        };
        let below = below.map_or(0, |id| self.hir.depth(id));
        let id = self.hir.add(span, ty, kind, below);
        if self.hir.depth(id) <= DEPTH_MAX {
            return id;
        }
        self.too_nested(span)
    }

    fn too_nested(&mut self, span: Span) -> ExprId {
        self.fail(
            Diagnostic::error(
                codes::TOO_DEEP,
                span,
                format!("more than {DEPTH_MAX} operations hang from one another"),
                "one too many here, counting through names",
            )
            .help("compute it in fewer steps; a long chain can often be a table, or one operation over a list"),
        )
    }

    /// Checks what stands within an expression. Where that goes too deep, the author is told, and the stack is spared.
    pub(crate) fn nested(&mut self, span: Span, check: impl FnOnce(&mut Self) -> ExprId) -> ExprId {
        // A little beyond the bound on what is made, so that this one is met only where nothing is made yet.
        if self.nesting > DEPTH_MAX + 100 {
            return self.too_nested(span);
        }
        self.nesting += 1;
        let id = check(self);
        self.nesting -= 1;
        id
    }

    /// Whether a misspelt name may still be compared with so many others.
    pub(crate) fn may_suggest(&self, names: usize) -> bool {
        let compared = self.spellings.get().saturating_add(names as u64);
        if compared <= SPELLINGS_MAX {
            self.spellings.set(compared);
        }
        compared <= SPELLINGS_MAX
    }

    pub(crate) fn bool(&mut self, span: Span, kind: Kind) -> ExprId {
        self.add(span, Type::Bool, kind)
    }

    /// An expression about which an error was told.
    pub(crate) fn poison(&mut self, span: Span) -> ExprId {
        self.hir.add(span, Ty::Error, Kind::Error, 0)
    }

    /// Tells an error and gives the expression that stands for it.
    pub(crate) fn fail(&mut self, diagnostic: Diagnostic) -> ExprId {
        let span = diagnostic.span();
        self.error(diagnostic);
        self.poison(span)
    }

    pub(crate) fn ty(&self, id: ExprId) -> &Ty {
        &self.hir.expr(id).ty
    }

    pub(crate) fn expr(&self, id: ExprId) -> &Expr {
        self.hir.expr(id)
    }

    pub(crate) fn text(&self, span: Span) -> &str {
        self.modules.map.text(span)
    }

    /// A value of the type, in words that ask for no knowledge of types.
    pub(crate) fn words(&self, ty: &Ty) -> String {
        match ty {
            Ty::Of(ty) => self.schemas.words(ty),
            Ty::Missing => "`missing`".to_string(),
            Ty::Row(table) => format!("an event of `{}`", self.schemas.schema.table(*table).name),
            Ty::Error => "?".to_string(),
        }
    }

    /// An expression that must be a condition.
    pub(crate) fn condition(&mut self, expr: &ast::Expr, env: &Env) -> ExprId {
        let id = self.expression(expr, env, Some(&Type::Bool));
        match self.ty(id) {
            Ty::Of(Type::Bool) | Ty::Error => id,
            ty => {
                let (ty, shown) = (ty.clone(), self.words(ty));
                let diagnostic = not_a_condition(expr.span, self.text(expr.span), &ty, &shown);
                self.fail(diagnostic)
            }
        }
    }

    /// The type of an attribute, checked first if need be.
    pub(crate) fn attribute_type(&mut self, id: AttributeId, asked: Span) -> Ty {
        match self.attributes.get(id.0 as usize) {
            Some(Progress::UnderWay) => {
                let name = self.names.attribute_items.get(id.0 as usize).map(|at| self.item_name(*at));
                self.circle(&name.unwrap_or_default(), asked);
                return Ty::Error;
            }
            Some(Progress::Waiting) => {
                if !self.may_go_deeper(asked) {
                    return Ty::Error;
                }
                self.attribute(id);
            }
            _ => {}
        }
        if let Some(Progress::Done(depth)) = self.attributes.get(id.0 as usize) {
            self.uses_depth(*depth);
        }
        self.done_attributes.get(&id).map_or(Ty::Error, |a| a.ty.clone())
    }

    /// Makes sure that a segment is checked; false when it leads back to itself.
    pub(crate) fn segment_used(&mut self, id: SegmentId, asked: Span) -> bool {
        match self.segments.get(id.0 as usize) {
            Some(Progress::UnderWay) => {
                let name = self.names.segment_items.get(id.0 as usize).map(|at| self.item_name(*at));
                self.circle(&name.unwrap_or_default(), asked);
                return false;
            }
            Some(Progress::Waiting) => {
                if !self.may_go_deeper(asked) {
                    return false;
                }
                self.segment(id);
            }
            _ => {}
        }
        if let Some(Progress::Done(depth)) = self.segments.get(id.0 as usize) {
            self.uses_depth(*depth);
        }
        true
    }

    fn uses_depth(&mut self, depth: usize) {
        if let Some(below) = self.depth_below.last_mut() {
            *below = (*below).max(depth);
        }
    }

    fn may_go_deeper(&mut self, asked: Span) -> bool {
        let fine = self.path.len() < DEFINITIONS_MAX;
        if !fine {
            self.too_deep(asked);
        }
        fine
    }

    fn too_deep(&mut self, span: Span) {
        self.error(
            Diagnostic::error(
                codes::TOO_DEEP,
                span,
                format!("more than {DEFINITIONS_MAX} definitions build on each other"),
                "the chain is too long here",
            )
            .help("define some of them directly from the fields"),
        );
    }

    fn item_name(&self, at: ItemRef) -> String {
        match self.item_kind(at) {
            ItemKind::Attribute(a) => a.name.text.clone(),
            ItemKind::Segment(s) => s.name.text.clone(),
            ItemKind::DecisionTable(t) => t.name.text.clone(),
            _ => String::new(),
        }
    }

    fn circle(&mut self, name: &str, asked: Span) {
        let start = self.path.iter().position(|(n, _)| n == name).unwrap_or(0);
        let chain: Vec<String> = self.path.iter().skip(start).map(|(n, _)| format!("`{n}`")).collect();
        let mut diagnostic = Diagnostic::error(
            codes::CIRCULAR_DEFINITION,
            asked,
            match chain.len() {
                0 | 1 => format!("`{name}` is defined by itself"),
                _ => {
                    format!("`{name}` is defined by itself, through {}", chain.get(1..).unwrap_or_default().join(", "))
                }
            },
            format!("this leads back to `{name}`"),
        );
        for (n, span) in self.path.iter().skip(start) {
            diagnostic = diagnostic.label(*span, format!("`{n}` is defined here"));
        }
        self.error(match chain.len() {
            0 | 1 => diagnostic.help("define it from fields, or from other names"),
            _ => diagnostic.help("define one of them without the others"),
        });
    }

    fn begin(&mut self, name: &ast::Ident) {
        self.path.push((name.text.clone(), name.span));
        self.depth_below.push(0);
    }

    fn end(&mut self) -> usize {
        let span = self.path.pop().map(|(_, span)| span);
        let depth = self.depth_below.pop().unwrap_or(0) + 1;
        if let (true, Some(span)) = (depth == DEFINITIONS_MAX + 1, span) {
            self.too_deep(span);
        }
        depth
    }

    fn attribute(&mut self, id: AttributeId) {
        let index = id.0 as usize;
        if self.attributes.get(index) != Some(&Progress::Waiting) {
            return;
        }
        let Some(&item) = self.names.attribute_items.get(index) else { return };
        let modules = self.modules;
        let ItemKind::Attribute(declared) = &modules.item(item).1.kind else { return };
        self.attributes[index] = Progress::UnderWay;
        self.begin(&declared.name);
        self.not_hiding(&declared.name);
        let wanted = declared.ty.as_ref().map(|ty| (self.declared_type(ty), ty));
        let want = wanted.as_ref().and_then(|(ty, _)| ty.clone());
        let value = self.expression(&declared.value, &Env::default(), want.as_ref());
        let value = match (&want, &wanted) {
            (Some(want), Some((_, ty_ref))) => self.attribute_fits(value, want, ty_ref, declared),
            _ => value,
        };
        let ty = match self.ty(value).clone() {
            Ty::Row(_) => {
                let diagnostic = self.rows_as_value(value, declared.value.span);
                self.error(diagnostic);
                Ty::Error
            }
            Ty::Missing => {
                self.error(
                    Diagnostic::error(
                        codes::ATTRIBUTE_TYPE,
                        declared.value.span,
                        format!("`{}` is always missing", declared.name.text),
                        "nothing else is said of it",
                    )
                    .help("give it a value, or leave it out"),
                );
                Ty::Error
            }
            ty => ty,
        };
        let depth = self.end();
        let (value, ty) = match depth > DEFINITIONS_MAX {
            true => (self.poison(declared.value.span), Ty::Error),
            false => (value, ty),
        };
        self.attributes[index] = Progress::Done(depth);
        let doc = modules.item(item).1.doc.clone();
        self.done_attributes.insert(id, Attribute { name: declared.name.clone(), doc, value, ty, item });
    }

    fn attribute_fits(&mut self, value: ExprId, want: &Type, ty: &ast::TypeRef, declared: &ast::Attribute) -> ExprId {
        let given = self.ty(value).clone();
        match &given {
            Ty::Error => value,
            Ty::Of(given) if given == want => value,
            Ty::Of(Type::Int) if *want == Type::Number => self.as_number(value),
            _ => {
                let (shown, wanted) = (self.words(&given), self.schemas.words(want));
                let diagnostic = Diagnostic::error(
                    codes::ATTRIBUTE_TYPE,
                    declared.value.span,
                    format!("`{}` is declared as {wanted}, but its value is {shown}", declared.name.text),
                    format!("this is {shown}"),
                )
                .label(ty.span, format!("declared as {wanted} here"));
                self.fail(match self.as_wanted(declared.value.span, want) {
                    Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), declared.value.span, fixed),
                    None => diagnostic.help("change the type, or the value"),
                })
            }
        }
    }

    /// A whole number as a Number: a literal at once, anything else by conversion.
    pub(crate) fn as_number(&mut self, value: ExprId) -> ExprId {
        let span = self.expr(value).span;
        let kind = match self.expr(value).kind {
            Kind::Constant(seg_ir::Const::Int(int)) => Kind::Constant(seg_ir::Const::number(int as f64)),
            _ => Kind::ToNumber(value),
        };
        self.add(span, Type::Number, kind)
    }

    fn segment(&mut self, id: SegmentId) {
        let index = id.0 as usize;
        if self.segments.get(index) != Some(&Progress::Waiting) {
            return;
        }
        let Some(&item) = self.names.segment_items.get(index) else { return };
        let modules = self.modules;
        let ItemKind::Segment(declared) = &modules.item(item).1.kind else { return };
        self.segments[index] = Progress::UnderWay;
        self.begin(&declared.name);
        if declared.when.is_none() && declared.except.is_empty() {
            self.error(
                Diagnostic::error(
                    codes::EMPTY_SEGMENT,
                    declared.name.span,
                    format!("`{}` does not say who is in it", declared.name.text),
                    "expected `when` behind the name",
                )
                .help("write `when` and a condition, or `except` for everyone but some"),
            );
        }
        let env = Env::default();
        let mut clauses: Vec<ExprId> = declared.when.iter().map(|when| self.condition(when, &env)).collect();
        for except in &declared.except {
            let condition = self.condition(except, &env);
            clauses.push(self.bool(except.span, Kind::Not(condition)));
        }
        let span = declared.name.span;
        let condition = match clauses.as_slice() {
            [one] => *one,
            _ => self.bool(span, Kind::And(clauses.clone())),
        };
        let depth = self.end();
        let (clauses, condition) = match depth > DEFINITIONS_MAX || self.ty(condition) == &Ty::Error {
            true => (vec![self.poison(span)], self.poison(span)),
            false => (clauses, condition),
        };
        self.segments[index] = Progress::Done(depth);
        let title = declared.title.as_ref().map(|t| t.value.clone());
        let doc = modules.item(item).1.doc.clone();
        let excepts = declared.except.len();
        let segment = Segment { name: declared.name.clone(), title, doc, clauses, excepts, condition, item };
        self.done_segments.insert(id, segment);
    }

    /// An attribute may not have the name of a field or of a collection.
    fn not_hiding(&mut self, name: &ast::Ident) {
        let schema = &self.schemas.schema;
        let field = schema.profile().find(&name.text);
        let field = field.and_then(|f| self.schemas.field_spans.get(&(seg_ir::schema::PROFILE, f)).copied());
        let collection = schema.collections.iter().position(|c| c.name == name.text);
        let collection = collection.and_then(|c| self.schemas.collection_spans.get(c).copied());
        if let Some(first) = field.or(collection) {
            self.error(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    name.span,
                    format!("`{}` is a field of the profile", name.text),
                    "an attribute cannot have its name",
                )
                .label(first, "the field is declared here")
                .help("give the attribute another name"),
            );
        }
    }

    /// A whole event where one value belongs: of which field?
    pub(crate) fn rows_as_value(&self, id: ExprId, span: Span) -> Diagnostic {
        let text = self.text(span);
        let diagnostic = Diagnostic::error(
            codes::EVENTS_AS_VALUE,
            span,
            format!("`{text}` is an event, not a value"),
            "which of its fields is meant?",
        );
        let Ty::Row(table) = self.ty(id) else { return diagnostic.help("name one of its fields") };
        let table = self.schemas.schema.table(*table);
        let at = table.at.and_then(|at| table.fields.get(at.0 as usize));
        match at.or(table.fields.first()) {
            Some(field) => {
                let fixed = format!("{text}.{}", field.name);
                let diagnostic = diagnostic.suggest(format!("write `{fixed}`"), span, fixed);
                // An event that was found may be none at all; one that has a name is there.
                match self.expr(id).kind {
                    Kind::Error => diagnostic.help("name any field of the event in this way"),
                    _ => diagnostic.help(format!("name any field of the event in this way, or ask `{text} is known`")),
                }
            }
            None => diagnostic.help("name a field of the event"),
        }
    }

    /// The type that a type reference names.
    pub(crate) fn declared_type(&mut self, ty: &ast::TypeRef) -> Option<Type> {
        TypeNames { modules: self.modules, schemas: self.schemas, diagnostics: self.diagnostics }.resolve(ty)
    }
}

/// What was collected by id, in the order of the ids.
fn in_order<I: Ord + Copy, T>(done: &mut HashMap<I, T>) -> Vec<T> {
    let mut list: Vec<(I, T)> = done.drain().collect();
    list.sort_by_key(|(id, _)| *id);
    list.into_iter().map(|(_, item)| item).collect()
}

pub(crate) fn not_a_condition(span: Span, text: &str, ty: &Ty, shown: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::NOT_A_CONDITION,
        span,
        format!("`{text}` is a value, not a condition"),
        format!("this is {shown}"),
    );
    diagnostic.help(match ty {
        Ty::Of(Type::Int | Type::Number | Type::Money(_) | Type::Percent) => {
            format!("compare it with something, such as `{text} >= ...`")
        }
        Ty::Of(Type::Date | Type::Timestamp) => {
            format!("compare it with something, such as `{text} in last 30 days`, or ask `{text} is known`")
        }
        Ty::Of(Type::List(_)) => format!("look into it, such as `{text} contains ...`"),
        Ty::Of(_) | Ty::Missing | Ty::Row(_) | Ty::Error => {
            format!("compare it with something, such as `{text} = ...`, or ask `{text} is known`")
        }
    })
}

/// A mismatch with the two types in its labels.
pub(crate) fn mismatch(
    code: Code,
    span: Span,
    message: String,
    left: (Span, String),
    right: (Span, String),
) -> Diagnostic {
    Diagnostic::error(code, span, message, "")
        .label(left.0, format!("this is {}", left.1))
        .label(right.0, format!("this is {}", right.1))
}

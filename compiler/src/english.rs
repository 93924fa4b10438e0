//! The typed tree read back in plain English: one sentence that says who is in, with gaps for the real dates of its
//! windows, and one that says who is left out because something is not known. Reads names, not what stands behind them.

use seg_grammar::ast;
use seg_ir::node::Scope;
use seg_ir::program::Sentence;
use seg_ir::schema::{FieldId, Schema, TableId};
use seg_ir::{NodeId, Type};

use crate::hir::{Attribute, Expr, ExprId, Hir, Kind, Segment};
use crate::lower::Lowered;
use crate::schema::Schemas;

mod choice;
mod clause;
mod compare;
mod condition;
mod literal;
mod moment;
mod names;
mod rows;
mod text;
mod unknown;
mod value;

pub use literal::literal;
pub use moment::{first_moment, last_moment, moment};

use clause::{PEOPLE, Pronouns, THINGS};
use text::say;

/// A segment: who is in, and who is left out because it is not known.
pub fn segment(reader: &Reader, segment: &Segment) -> Sentence {
    let view = View::customer();
    let kept = segment.clauses.len() - segment.excepts;
    let (whens, excepts) = segment.clauses.split_at(kept);
    let people = reader.people();
    let mut out = say![&segment.name.text, " holds "];
    if whens.is_empty() {
        out.push(say!["all ", &people]);
    } else {
        let who = reader.all_of(&view, whens);
        out.push(say![&people, " ", who.relative(&reader.pronouns())]);
    }
    for (n, except) in excepts.iter().enumerate() {
        let who = reader.excepted(&view, *except);
        out.push(match (n, whens.is_empty()) {
            (0, true) => " except those ",
            (0, false) => ", except those ",
            _ => ", and except those ",
        });
        out.push(who.relative(&reader.pronouns()));
    }
    out.push(".");
    let unknown = reader.unknown(&segment.clauses);
    out.push(unknown.left_out(reader));
    for except in excepts.iter().filter_map(|id| reader.keeps_unknown(*id)) {
        out.push(reader.unknown(&[except]).stays_in(reader));
    }
    Sentence { pieces: out.into_pieces(), needs: unknown.needs() }
}

/// An attribute: what it is, and for whom it is missing.
pub fn attribute(reader: &Reader, attribute: &Attribute) -> Sentence {
    let view = View::customer();
    let name = &attribute.name.text;
    let mut out = match &reader.expr(attribute.value).kind {
        Kind::Choose { arms, otherwise } => {
            say![name, " is ", reader.chosen(&view, arms, *otherwise)]
        }
        Kind::Match { subject, arms } => say![name, " is ", reader.matched(&view, *subject, arms)],
        _ if attribute.ty.is(&Type::Bool) => {
            let who = reader.condition(&view, attribute.value, false);
            say![name, " is true for ", reader.people(), " ", who.relative(&reader.pronouns())]
        }
        _ => {
            let thing = reader.thing(&view, attribute.value);
            let each = names::singular(&reader.people());
            if thing.owned {
                say![name, " is each ", each, "'s ", thing.text]
            } else {
                say![name, " is, for each ", each, ", ", thing.text]
            }
        }
    };
    out.push(".");
    let unknown = reader.unknown(&[attribute.value]);
    out.push(unknown.missing_for(reader));
    Sentence { pieces: out.into_pieces(), needs: unknown.needs() }
}

/// From where an expression is read: what "their" means.
#[derive(Debug, Clone)]
struct View {
    scope: Scope,
    /// What the row is called whose fields an inner row's test can read.
    row: Option<String>,
}

impl View {
    fn customer() -> View {
        View { scope: Scope::Customer, row: None }
    }
}

pub struct Reader<'a> {
    hir: &'a Hir,
    schemas: &'a Schemas,
    lowered: &'a Lowered,
}

impl<'a> Reader<'a> {
    pub fn new(hir: &'a Hir, schemas: &'a Schemas, lowered: &'a Lowered) -> Reader<'a> {
        Reader { hir, schemas, lowered }
    }

    fn expr(&self, id: ExprId) -> &'a Expr {
        self.hir.expr(id)
    }

    fn schema(&self) -> &'a Schema {
        &self.schemas.schema
    }

    fn node(&self, id: ExprId) -> NodeId {
        self.lowered.node(id)
    }

    /// Whether it is a date or an instant that depends on nothing but the as-of instant.
    fn is_moment(&self, id: ExprId) -> bool {
        let timely = matches!(self.expr(id).ty.get(), Some(Type::Date | Type::Timestamp));
        timely && self.lowered.ir.node(self.node(id)).scope <= Scope::Run
    }

    /// What the profile's rows are called: `customers`.
    fn people(&self) -> String {
        let name = self.schema().tables.first().map_or("customer", |profile| &profile.name);
        names::plural(&names::words(name))
    }

    fn person(&self) -> String {
        names::singular(&self.people())
    }

    fn pronouns(&self) -> Pronouns {
        const NO_PEOPLE: [&str; 8] =
            ["accounts", "companies", "businesses", "organisations", "organizations", "stores", "sites", "devices"];
        if NO_PEOPLE.contains(&self.people().as_str()) { THINGS } else { PEOPLE }
    }

    /// The expression below conversions that nobody writes.
    fn bare(&self, id: ExprId) -> ExprId {
        match &self.expr(id).kind {
            Kind::ToNumber(inner) | Kind::StartOfDay(inner) => self.bare(*inner),
            Kind::CivilDate(inner) if !self.is_moment(id) => self.bare(*inner),
            _ => id,
        }
    }

    /// A field's name as a noun: `time placed` for `placed_at`, `email consent` for `consent.email`.
    fn field_words(&self, table: TableId, field: FieldId) -> String {
        let name = &self.schema().field(table, field).name;
        let words = names::words(name);
        if let Some(of) = words.strip_prefix("consent ") {
            return format!("{of} consent");
        }
        for (end, noun) in [(" at", "time"), (" on", "date")] {
            if let Some(stem) = words.strip_suffix(end)
                && names::is_participle(stem)
            {
                return format!("{noun} {stem}");
            }
        }
        words
    }

    /// Whether a field is the time of the events at hand.
    fn is_own_time(&self, view: &View, id: ExprId) -> bool {
        match self.expr(self.bare(id)).kind {
            Kind::Field { scope, table, field } => {
                scope >= Scope::Row && scope == view.scope && self.schema().table(table).at == Some(field)
            }
            _ => false,
        }
    }
}

/// `3 days`
fn quantity(length: ast::Quantity) -> String {
    literal::counted(length.count, length.unit.name())
}

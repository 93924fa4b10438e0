//! Values as nouns: `lifetime value`, `days since latest order`, `150% of their spend before`.

use seg_grammar::ast::Direction;
use seg_ir::node::{Arithmetic, Scope};
use seg_ir::time::Part;
use seg_ir::{Const, Type};

use super::literal::spoken;
use super::text::{Text, list, say};
use super::{Reader, View, names};
use crate::hir::{ExprId, Kind};

/// A value as a noun.
#[derive(Debug, Clone)]
pub struct Thing {
    /// Whether it is theirs: "their" or "whose" stands before it.
    pub owned: bool,
    pub text: Text,
    pub plural: bool,
}

impl Thing {
    pub fn own(text: impl Into<Text>, plural: bool) -> Thing {
        Thing { owned: true, text: text.into(), plural }
    }

    pub fn other(text: impl Into<Text>) -> Thing {
        Thing { owned: false, text: text.into(), plural: false }
    }

    /// The noun with its "their".
    pub fn full(&self) -> Text {
        if self.owned { say!["their ", &self.text] } else { self.text.clone() }
    }

    pub fn be(&self) -> &'static str {
        if self.plural { "are" } else { "is" }
    }

    /// A verb in the present: `contains`, `contain`.
    pub fn verb(&self, singular: &'static str, plural: &'static str) -> &'static str {
        if self.plural { plural } else { singular }
    }
}

impl Reader<'_> {
    /// A value with its "their", as the second part of a sentence.
    pub(super) fn value(&self, view: &View, id: ExprId) -> Text {
        self.thing(view, id).full()
    }

    pub(super) fn thing(&self, view: &View, id: ExprId) -> Thing {
        let expr = self.expr(id);
        if self.is_moment(id) {
            return Thing::other(Text::moment(self.node(id)));
        }
        match &expr.kind {
            Kind::Constant(value) => Thing::other(self.constant(expr.ty.get(), value)),
            Kind::AsOf => Thing::other(Text::moment(self.node(id))),
            Kind::Field { scope, table, field } => {
                let words = self.field_words(*table, *field);
                let numeric = expr.ty.get().is_some_and(Type::is_numeric);
                let words = if numeric { names::amount(&words) } else { words };
                self.owned_by(view, *scope, &words)
            }
            Kind::Lookup { pointer, table, field } => {
                let base = self.thing(view, *pointer);
                let words = self.field_words(*table, *field);
                let plural = names::is_plural_noun(&words);
                Thing { text: base.text.compound(&words), plural, ..base }
            }
            Kind::Attribute(attribute) => {
                self.owned_by(view, Scope::Customer, &names::words(&self.hir.attribute(*attribute).name.text))
            }
            Kind::Else(value, fallback) => {
                let thing = self.thing(view, *value);
                let fallback = self.value(view, *fallback);
                Thing { text: say![thing.text, ", taken as ", fallback, " where not known,"], ..thing }
            }
            Kind::ToNumber(inner) | Kind::CivilDate(inner) | Kind::StartOfDay(inner) => self.thing(view, *inner),
            Kind::StartOf(unit, inner) => {
                Thing::other(say!["the start of the ", unit.name(), " of ", self.value(view, *inner)])
            }
            Kind::Shift { value, by, back } => {
                let way = if *back { " before " } else { " after " };
                Thing::other(say![self.value(view, *by), way, self.value(view, *value)])
            }
            Kind::Arithmetic { op, left, right } => self.arithmetic(view, *op, *left, *right),
            Kind::Negate(inner) => Thing::other(say!["the negative of ", self.value(view, *inner)]),
            Kind::PercentOf(part, whole) => {
                Thing::other(say![self.value(view, *part), " of ", self.value(view, *whole)])
            }
            Kind::Part(part, of) => self.part(view, *part, *of),
            Kind::Elapsed { unit, direction, of } => {
                let of = self.time_thing(view, *of);
                let way = match direction {
                    Direction::Since => "since",
                    Direction::Until => "until",
                };
                Thing {
                    text: say![format!("complete {}s {way} ", unit.name()), of.text],
                    owned: of.owned,
                    plural: true,
                }
            }
            Kind::NextAnniversary(date) => {
                let of = self.thing(view, *date);
                if of.text == Text::from("birthday") {
                    Thing::own("next birthday", false)
                } else {
                    Thing { text: say!["next anniversary of ", of.text], ..of }
                }
            }
            Kind::ListCount(of) => {
                let of = self.thing(view, *of);
                Thing { text: say!["number of ", of.text], plural: false, ..of }
            }
            Kind::Choose { arms, otherwise } => Thing::other(self.choose_thing(view, arms, *otherwise)),
            Kind::Match { subject, arms } => Thing::other(self.match_thing(view, *subject, arms)),
            Kind::Decide { decision, arguments } => {
                let table = &self.hir.decision(*decision).name.text;
                Thing::own(say![format!("result in the table {table} for "), self.arguments(view, arguments)], false)
            }
            Kind::Call { builtin, arguments } => self.call(view, *builtin, arguments),
            Kind::Aggregate(aggregate) => self.fold(view, aggregate),
            Kind::Not(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Is { .. }
            | Kind::Segment(_)
            | Kind::Compare { .. }
            | Kind::TextTest { .. }
            | Kind::Matches { .. }
            | Kind::InSet { .. }
            | Kind::ListTest { .. }
            | Kind::Between { .. }
            | Kind::InWindow { .. }
            | Kind::AnniversaryIn { .. } => Thing::other(say!["whether ", self.condition(view, id, false).plain()]),
            Kind::Error => Thing::other("what is in error"),
        }
    }

    /// A noun of the customer or of a row, seen from the row or the customer at hand.
    fn owned_by(&self, view: &View, scope: Scope, words: &str) -> Thing {
        let plural = names::is_plural_noun(words);
        if scope == view.scope {
            return Thing::own(words, plural);
        }
        let owner = match (scope, &view.row) {
            (Scope::Row, Some(row)) => row.clone(),
            _ => self.person(),
        };
        Thing { owned: false, text: Text::from(format!("the {owner}'s {words}")), plural }
    }

    pub(super) fn constant(&self, ty: Option<&Type>, value: &Const) -> Text {
        Text::from(spoken(self.schema(), ty.unwrap_or(&Type::Text), value))
    }

    fn arguments(&self, view: &View, arguments: &[ExprId]) -> Text {
        let things: Vec<Thing> = arguments.iter().map(|a| self.thing(view, *a)).collect();
        if things.iter().all(|t| t.owned) {
            let texts = things.into_iter().map(|t| t.text).collect();
            return say!["their ", list(texts, "and")];
        }
        list(things.iter().map(Thing::full).collect(), "and")
    }

    fn arithmetic(&self, view: &View, op: Arithmetic, left: ExprId, right: ExprId) -> Thing {
        let (sign, tight) = match op {
            Arithmetic::Add => (" plus ", false),
            Arithmetic::Subtract => (" minus ", false),
            Arithmetic::Multiply => (" times ", true),
            Arithmetic::Divide => (" divided by ", true),
        };
        let first = self.operand(view, left, tight, false);
        let second = self.operand(view, right, tight, op == Arithmetic::Divide || op == Arithmetic::Subtract);
        // A comma keeps a percentage, or a sum, together.
        let whole =
            matches!(self.expr(self.bare(left)).kind, Kind::PercentOf(..)) || (first.text.is_wrapped() && tight);
        let sign = if whole { format!(",{sign}") } else { sign.to_string() };
        let plural = first.plural && !tight;
        match (first.owned, second.owned) {
            (true, true) => Thing::own(say![first.text, sign, second.text], plural),
            (true, false) => Thing::own(say![first.text, sign, second.full()], plural),
            (false, _) => Thing { owned: false, text: say![first.full(), sign, second.full()], plural },
        }
    }

    /// An operand; a sum or a product within another operation says so, where parentheses would stand.
    fn operand(&self, view: &View, id: ExprId, tight: bool, last: bool) -> Thing {
        let id = self.bare(id);
        let Kind::Arithmetic { op, left, right } = &self.expr(id).kind else { return self.thing(view, id) };
        let loose = matches!(op, Arithmetic::Add | Arithmetic::Subtract);
        if !(loose && tight || last) {
            return self.thing(view, id);
        }
        let name = match op {
            Arithmetic::Add => "the sum of ",
            Arithmetic::Subtract => "the difference of ",
            Arithmetic::Multiply => "the product of ",
            Arithmetic::Divide => "the quotient of ",
        };
        Thing::other(say![name, self.value(view, *left), " and ", self.value(view, *right)])
    }

    fn part(&self, view: &View, part: Part, of: ExprId) -> Thing {
        let word = match part {
            Part::Weekday => "weekday",
            Part::Month => "month",
            Part::Hour => "hour",
            Part::Day => "day of the month",
            Part::Quarter => "quarter",
            Part::Year => "year",
        };
        if self.is_own_time(view, of) {
            return Thing::own(word, false);
        }
        let of = self.time_thing(view, of);
        if of.owned {
            Thing::own(say![word, " of ", of.text], false)
        } else {
            Thing::other(say!["the ", word, " of ", of.text])
        }
    }

    /// The subject of a sentence; the present is called by its name, so that it is seen to move.
    pub(super) fn subject(&self, view: &View, id: ExprId) -> Thing {
        let present = match &self.expr(id).kind {
            Kind::AsOf => Some("now, "),
            Kind::CivilDate(of) if matches!(self.expr(*of).kind, Kind::AsOf) => Some("today, "),
            _ => None,
        };
        match present {
            Some(word) => Thing::other(say![word, Text::moment(self.node(id)), ","]),
            None => self.thing(view, id),
        }
    }

    /// A moment as what happened then: `latest order` for its time.
    pub(super) fn time_thing(&self, view: &View, id: ExprId) -> Thing {
        let id = self.bare(id);
        self.event_of_time(view, id).unwrap_or_else(|| self.thing(view, id))
    }

    fn call(&self, view: &View, builtin: u32, arguments: &[ExprId]) -> Thing {
        let name = seg_stdlib::VOCABULARY.get(builtin).map_or("a function", |b| b.name);
        let words = names::words(name);
        let stem = [" of", " between", " on"].iter().find_map(|end| words.strip_suffix(end).map(|stem| (stem, *end)));
        match (arguments, stem) {
            ([one], _) => {
                let of = self.thing(view, *one);
                let noun = stem.map_or(words.clone(), |(stem, _)| stem.to_string());
                if of.owned {
                    Thing::own(say![noun, " of ", of.text], false)
                } else {
                    Thing::other(say!["the ", noun, " of ", of.text])
                }
            }
            (_, Some((stem, end))) => Thing {
                plural: names::is_plural_noun(stem),
                ..Thing::other(say!["the ", stem, end, " ", self.arguments(view, arguments)])
            },
            _ => Thing::other(say!["the ", words, " of ", self.arguments(view, arguments)]),
        }
    }
}

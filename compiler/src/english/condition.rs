//! Conditions as clauses. A negation is pushed down to the tests, where English says it best; that is exact, as the logic
//! is Kleene's: what is unknown stays unknown.

use seg_ir::node::{AggregateKind, Scope, TextTest};
use seg_ir::{Const, Type};

use super::clause::{Clause, Said};
use super::text::{Text, list, say, short_list};
use super::value::Thing;
use super::{Reader, View, names};
use crate::hir::{ExprId, Kind, State, Ty};

/// Values of a set that are named one by one.
const SHOWN_MAX: usize = 12;

impl Reader<'_> {
    /// All of several conditions.
    pub(super) fn all_of(&self, view: &View, ids: &[ExprId]) -> Clause {
        match ids {
            [one] => self.condition(view, *one, false),
            ids => Clause::All(ids.iter().map(|id| self.condition(view, *id, false)).collect()),
        }
    }

    /// Who an `except` takes out. To take out those of whom something is known to be true says no more than the thing.
    pub(super) fn excepted(&self, view: &View, id: ExprId) -> Clause {
        let Kind::Not(inner) = self.expr(id).kind else { return self.condition(view, id, true) };
        self.condition(view, self.keeps_unknown(id).unwrap_or(inner), false)
    }

    /// The condition of an `except` that takes out none of the unknown.
    pub(super) fn keeps_unknown(&self, id: ExprId) -> Option<ExprId> {
        let Kind::Not(inner) = self.expr(id).kind else { return None };
        match self.expr(inner).kind {
            Kind::Is { value, state: State::True, negated: false } => Some(value),
            _ => None,
        }
    }

    pub(super) fn condition(&self, view: &View, id: ExprId, negated: bool) -> Clause {
        let is = |thing: &Thing, rest: Text| say![thing.be(), if negated { " not " } else { " " }, rest];
        match &self.expr(id).kind {
            Kind::Not(inner) => self.condition(view, *inner, !negated),
            Kind::And(parts) | Kind::Or(parts) => {
                let all = matches!(self.expr(id).kind, Kind::And(_)) != negated;
                let parts = parts.iter().map(|p| self.condition(view, *p, negated)).collect();
                if all { Clause::All(parts) } else { Clause::Any(parts) }
            }
            Kind::Is { value, state, negated: not } => self.is(view, *value, *state, *not != negated),
            Kind::Segment(segment) => {
                let name = &self.hir.segment(*segment).name.text;
                let not = if negated { "not " } else { "" };
                match view.scope {
                    Scope::Row | Scope::InnerRow => Clause::For(say!["the ", self.person(), " is ", not, "in ", name]),
                    _ => Clause::Who(say!["are ", not, "in ", name]),
                }
            }
            Kind::Compare { op, left, right } => self.comparison(view, *op, *left, *right, negated),
            Kind::TextTest { test, value, with, ignoring_case, negated: not } => {
                let thing = self.thing(view, *value);
                let with = self.value(view, *with);
                let verb = text_verb(*test, &thing, *not != negated);
                let case = if *ignoring_case { " in upper or lower case" } else { "" };
                said(&thing, say![verb, " ", with, case], *not != negated)
            }
            Kind::Matches { value, pattern, ignoring_case } => {
                let thing = self.thing(view, *value);
                let verb = match negated {
                    false => thing.verb("matches", "match"),
                    true => thing.verb("does not match", "do not match"),
                };
                let case = if *ignoring_case { " in upper or lower case" } else { "" };
                said(&thing, say![verb, format!(" the pattern /{pattern}/{case}")], negated)
            }
            Kind::InSet { value, set, ignoring_case, negated: not } => {
                self.in_set(view, *value, set, *ignoring_case, not.is_some() != negated)
            }
            Kind::ListTest { list: of, all, items, negated: not } => {
                let thing = self.thing(view, *of);
                let verb = match not.is_some() != negated {
                    false => thing.verb("includes", "include"),
                    true => thing.verb("does not include", "do not include"),
                };
                let texts: Vec<Text> = items.iter().map(|i| self.value(view, *i)).collect();
                let both = match (texts.len(), all) {
                    (2, true) => " both ",
                    (0..=2, _) => " ",
                    (_, true) => " all of ",
                    (_, false) => " any of ",
                };
                said(&thing, say![verb, both, list(texts, if *all { "and" } else { "or" })], not.is_some() != negated)
            }
            Kind::Between { value, low, high } => self.between(view, *value, *low, *high, negated),
            Kind::InWindow { value, window, negated: not } => {
                self.in_window(view, *value, window, not.is_some() != negated)
            }
            Kind::AnniversaryIn { date, window, negated: not } => {
                let thing = self.thing(view, *date);
                let noun = if thing.text == Text::from("birthday") { "" } else { " anniversary" };
                let thing = Thing { text: say![thing.text, noun], plural: false, ..thing };
                let verb = if not.is_some() != negated { "does not fall " } else { "falls " };
                said(&thing, say![verb, self.within(view, window)], not.is_some() != negated)
            }
            Kind::Aggregate(aggregate) if matches!(aggregate.kind, AggregateKind::Any | AggregateKind::Every) => {
                self.fold_test(view, aggregate, negated)
            }
            Kind::Else(value, fallback) => match self.expr(*fallback).kind {
                Kind::Constant(Const::Bool(true)) => self.known_not(view, *value, negated),
                Kind::Constant(Const::Bool(false)) => self.is(view, *value, State::True, negated),
                _ => {
                    let thing = self.thing(view, id);
                    let rest = is(&thing, "true".into());
                    said(&thing, rest, negated)
                }
            },
            Kind::Field { .. } | Kind::Lookup { .. } | Kind::Attribute(_) => self.flag(view, id, negated),
            Kind::Constant(Const::Bool(value)) => Clause::For(Text::from(if *value != negated {
                "nothing more is asked"
            } else {
                "nothing can be enough"
            })),
            _ => {
                let thing = self.thing(view, id);
                let rest = is(&thing, "true".into());
                said(&thing, rest, negated)
            }
        }
    }

    fn is(&self, view: &View, value: ExprId, state: State, negated: bool) -> Clause {
        match state {
            State::Known => self.presence(view, value, !negated),
            State::Missing => self.presence(view, value, negated),
            State::Unknown if self.is_condition(value) => {
                let plain = self.condition(view, value, false).plain();
                let not = if negated { "" } else { "not " };
                Clause::Of(say!["it is ", not, "known whether ", plain])
            }
            State::Unknown => self.presence(view, value, negated),
            State::True if negated => {
                Clause::Of(say!["it is not known that ", self.condition(view, value, false).plain()])
            }
            State::True => self.condition(view, value, false),
            State::False => self.known_not(view, value, !negated),
        }
    }

    /// Whether it is not known to be false, or that it is.
    fn known_not(&self, view: &View, value: ExprId, known: bool) -> Clause {
        let not = self.condition(view, value, true);
        if known { not } else { Clause::Of(say!["it is not known that ", not.plain()]) }
    }

    fn is_condition(&self, id: ExprId) -> bool {
        self.expr(id).ty.is(&Type::Bool) && !matches!(self.expr(id).kind, Kind::Field { .. } | Kind::Lookup { .. })
    }

    fn presence(&self, view: &View, value: ExprId, known: bool) -> Clause {
        if let (Ty::Row(_), Kind::Aggregate(aggregate)) = (&self.expr(value).ty, &self.expr(value).kind) {
            let rows = self.rows(view, aggregate);
            let verb = if known { "have one or more " } else { "have no " };
            return self.having(view, say![verb, rows]);
        }
        if let Some(what) = self.flag_words(view, value) {
            return Clause::Of(say!["it is ", if known { "" } else { "not " }, "known whether ", what]);
        }
        let thing = self.time_thing(view, value);
        let not = if known { " known" } else { " not known" };
        let what = if known { Said::Known } else { Said::Other };
        match thing.owned {
            true => Clause::Whose { verb: say![thing.be(), not], thing: thing.text, what },
            false => Clause::For(say![&thing.text, " ", thing.be(), not]),
        }
    }

    /// What the customer has, seen from the customer or from a row.
    pub(super) fn having(&self, view: &View, verb: Text) -> Clause {
        match view.scope {
            Scope::Row | Scope::InnerRow => Clause::For(say!["the ", self.people(), " behind them ", verb]),
            _ => Clause::Who(verb),
        }
    }

    fn in_set(&self, view: &View, value: ExprId, set: &[Const], ignoring_case: bool, negated: bool) -> Clause {
        let ty = self.expr(value).ty.get();
        let case = if ignoring_case { " in upper or lower case" } else { "" };
        let mut shown: Vec<String> = set
            .iter()
            .take(SHOWN_MAX)
            .map(|item| super::literal::spoken(self.schema(), ty.unwrap_or(&Type::Text), item))
            .collect();
        if set.len() > SHOWN_MAX {
            shown.push(format!("one of {} others", set.len() - SHOWN_MAX));
        }
        if let Some(clause) = self.calendar(view, value, &shown, negated) {
            return clause;
        }
        let thing = self.thing(view, value);
        let rest = match (negated, shown.len()) {
            (false, _) => say![thing.be(), " ", short_list(shown, "or"), case],
            (true, 1) => say![thing.be(), " not ", short_list(shown, "or"), case],
            (true, _) => say![thing.be(), " neither ", short_list(shown, "nor"), case],
        };
        said(&thing, rest, negated)
    }

    /// A field or an attribute whose name is a verb of theirs: `they have children` for `has_children`.
    pub(super) fn flag_words(&self, view: &View, id: ExprId) -> Option<Text> {
        let named = matches!(self.expr(id).kind, Kind::Field { .. } | Kind::Attribute(_));
        let flag = named && self.expr(id).ty.is(&Type::Bool);
        let clause = flag.then(|| self.flag(view, id, false))?;
        matches!(clause, Clause::Who(_)).then(|| clause.plain())
    }

    /// A field or an attribute that is true or false by itself.
    fn flag(&self, view: &View, id: ExprId, negated: bool) -> Clause {
        let thing = self.thing(view, id);
        let name = match &self.expr(id).kind {
            Kind::Field { table, field, .. } => self.schema().field(*table, *field).name.as_str(),
            Kind::Attribute(attribute) => self.hir.attribute(*attribute).name.text.as_str(),
            _ => "",
        };
        let words = names::words(name);
        let not = if negated { "not " } else { "" };
        let do_not = if negated { "do not " } else { "" };
        if thing.owned {
            if let Some(to) = name.strip_prefix("consent.") {
                return Clause::Who(say![do_not, "consent to ", names::words(to)]);
            }
            if let Some(what) = words.strip_prefix("is ") {
                return Clause::Who(say!["are ", not, "marked as ", what]);
            }
            if let Some(what) = words.strip_prefix("has ") {
                return Clause::Who(say![do_not, "have ", what]);
            }
            if names::is_participle(&words) {
                let were = if view.scope >= Scope::Row { "were " } else { "are " };
                return Clause::Who(say![were, not, words]);
            }
        }
        let rest = say![thing.be(), if negated { " false" } else { " true" }];
        said(&thing, rest, negated)
    }
}

/// A verb behind its noun.
pub fn said(thing: &Thing, verb: Text, negated: bool) -> Clause {
    let what = if negated { Said::Other } else { Said::Positive };
    match thing.owned {
        true => Clause::Whose { thing: thing.text.clone(), verb, what },
        false => Clause::For(say![&thing.text, " ", verb]),
    }
}

fn text_verb(test: TextTest, thing: &Thing, negated: bool) -> &'static str {
    match (test, negated) {
        (TextTest::Equal, false) => thing.be(),
        (TextTest::Equal, true) => thing.verb("is not", "are not"),
        (TextTest::StartsWith, false) => thing.verb("starts with", "start with"),
        (TextTest::StartsWith, true) => thing.verb("does not start with", "do not start with"),
        (TextTest::EndsWith, false) => thing.verb("ends with", "end with"),
        (TextTest::EndsWith, true) => thing.verb("does not end with", "do not end with"),
        (TextTest::Contains, false) => thing.verb("contains", "contain"),
        (TextTest::Contains, true) => thing.verb("does not contain", "do not contain"),
    }
}
